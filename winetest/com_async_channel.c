/*
 * A channel between a proxy and a stub of one process, with IAsyncRpcChannelBuffer and IRpcChannelBuffer3,
 * for topic com_async: ole32 of Wine has neither. The caller's end keeps one request; the stub gets it with
 * an end of its own, whose Send is the reply.
 */
#include "com_async_test.h"
#include <rpcproxy.h>

struct channel_state channel_state;

struct channel {
    IAsyncRpcChannelBuffer async;
    IRpcChannelBuffer3 third;
    LONG references;
    IRpcStubBuffer *stub;
    RPCOLEMESSAGE request, reply;
    ISynchronize *sync; /* of the request under way */
    HRESULT result;     /* the reply is there, or why there is none */
    BOOL held;          /* the request waits for channel_deliver */
};

struct server_end {
    IAsyncRpcChannelBuffer async;
    LONG references;
    struct channel *channel;
    BOOL done;
};

/* ---- buffers */

static void *buffer_new(ULONG size)
{
    InterlockedIncrement(&channel_state.buffers);
    return calloc(1, size + 8);
}

static void buffer_free(RPCOLEMESSAGE *message)
{
    if (!message->Buffer)
        return;
    free(message->Buffer);
    message->Buffer = NULL;
    InterlockedDecrement(&channel_state.buffers);
}

/* ---- the stub's end */

static struct server_end *of_end(IAsyncRpcChannelBuffer *async)
{
    return CONTAINING_RECORD(async, struct server_end, async);
}

static HRESULT WINAPI end_QueryInterface(IAsyncRpcChannelBuffer *async, REFIID iid, void **result)
{
    *result = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IRpcChannelBuffer) &&
        !IsEqualIID(iid, &IID_IAsyncRpcChannelBuffer))
        return E_NOINTERFACE;
    *result = async;
    IAsyncRpcChannelBuffer_AddRef(async);
    return S_OK;
}

static ULONG WINAPI end_AddRef(IAsyncRpcChannelBuffer *async)
{
    return InterlockedIncrement(&of_end(async)->references);
}

/* The call is over, with reply or without. */
static void complete(struct channel *channel, const RPCOLEMESSAGE *reply, HRESULT result)
{
    ISynchronize *sync = InterlockedExchangePointer((void **)&channel->sync, NULL);

    buffer_free(&channel->request);
    if (!sync) { /* nobody waits any more */
        RPCOLEMESSAGE unwanted = *reply;

        buffer_free(&unwanted);
        return;
    }
    channel->reply = *reply;
    channel->result = result;
    ISynchronize_Signal(sync);
    ISynchronize_Release(sync);
}

/* Without a reply, the caller is told that there will be none. */
static ULONG WINAPI end_Release(IAsyncRpcChannelBuffer *async)
{
    struct server_end *end = of_end(async);
    LONG references = InterlockedDecrement(&end->references);

    if (!references) {
        if (!end->done)
            complete(end->channel, &(RPCOLEMESSAGE){0}, RPC_E_SERVER_DIED);
        IAsyncRpcChannelBuffer_Release(&end->channel->async);
        free(end);
    }
    return references;
}

static HRESULT WINAPI end_GetBuffer(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, REFIID iid)
{
    (void)async, (void)iid;
    message->Buffer = buffer_new(message->cbBuffer);
    return S_OK;
}

static HRESULT WINAPI end_SendReceive(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, ULONG *status)
{
    (void)async, (void)message, (void)status;
    ok(0, "SendReceive by a stub\n");
    return E_NOTIMPL;
}

static HRESULT WINAPI end_FreeBuffer(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message)
{
    (void)async;
    buffer_free(message);
    return S_OK;
}

static HRESULT WINAPI any_GetDestCtx(IAsyncRpcChannelBuffer *async, DWORD *context, void **data)
{
    (void)async;
    *context = MSHCTX_INPROC;
    if (data)
        *data = NULL;
    return S_OK;
}

static HRESULT WINAPI any_IsConnected(IAsyncRpcChannelBuffer *async)
{
    (void)async;
    return S_OK;
}

static HRESULT WINAPI any_GetProtocolVersion(IAsyncRpcChannelBuffer *async, DWORD *version)
{
    (void)async;
    *version = 0x00050007;
    return S_OK;
}

static HRESULT WINAPI end_Send(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, ISynchronize *sync,
                               ULONG *status)
{
    ok(!sync, "a reply comes with something to signal\n");
    *status = 0;
    of_end(async)->done = TRUE;
    complete(of_end(async)->channel, message, S_OK);
    return S_OK;
}

static HRESULT WINAPI end_Receive(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, ULONG *status)
{
    (void)async, (void)message, (void)status;
    ok(0, "Receive by a stub\n");
    return E_NOTIMPL;
}

static HRESULT WINAPI any_GetDestCtxEx(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, DWORD *context,
                                       void **data)
{
    (void)message;
    return any_GetDestCtx(async, context, data);
}

static IAsyncRpcChannelBufferVtbl end_vtable = {
    end_QueryInterface,     end_AddRef,     end_Release,    end_GetBuffer,
    end_SendReceive,        end_FreeBuffer, any_GetDestCtx, any_IsConnected,
    any_GetProtocolVersion, end_Send,       end_Receive,    any_GetDestCtxEx,
};

static IAsyncRpcChannelBuffer *end_new(struct channel *channel)
{
    struct server_end *end = calloc(1, sizeof(*end));

    end->async.lpVtbl = &end_vtable;
    end->references = 1;
    end->channel = channel;
    IAsyncRpcChannelBuffer_AddRef(&channel->async);
    return &end->async;
}

/* The asynchronous stub, or NULL where the object has no call objects. */
static IRpcStubBuffer *async_stub(IRpcStubBuffer *stub)
{
    const IID *iid = ((CStdStubBuffer *)stub)->pAsyncIID;
    IRpcStubBuffer *async = NULL;
    ICallFactory *calls;

    ok_status(IRpcStubBuffer_QueryInterface(stub, &IID_ICallFactory, (void **)&calls), S_OK,
              "ICallFactory of a stub");
    if (FAILED(ICallFactory_CreateCall(calls, iid, NULL, &IID_IRpcStubBuffer, (IUnknown **)&async)))
        ok(!async, "a stub after a failure\n");
    ICallFactory_Release(calls);
    return async;
}

static void deliver(struct channel *channel)
{
    RPCOLEMESSAGE message = channel->request;
    IAsyncRpcChannelBuffer *end = end_new(channel);
    IRpcStubBuffer *stub = channel_state.plain_stub ? NULL : async_stub(channel->stub);
    BOOL synchronous = !stub;
    DWORD phase = STUB_UNMARSHAL;
    HRESULT result;

    if (synchronous) {
        stub = channel->stub;
        IRpcStubBuffer_AddRef(stub);
    }
    if (channel_state.by_entry && !synchronous)
        result = NdrDcomAsyncStubCall(stub, (IRpcChannelBuffer *)end, (PRPC_MESSAGE)&message, &phase);
    else
        result = IRpcStubBuffer_Invoke(stub, &message, (IRpcChannelBuffer *)end);
    if (FAILED(result))
        message.Buffer = NULL;
    if (FAILED(result) || synchronous) {
        of_end(end)->done = TRUE;
        complete(channel, &message, result);
    }
    IRpcStubBuffer_Release(stub);
    IAsyncRpcChannelBuffer_Release(end);
}

/* ---- the caller's end */

static struct channel *of_channel(IAsyncRpcChannelBuffer *async)
{
    return CONTAINING_RECORD(async, struct channel, async);
}

static HRESULT WINAPI channel_QueryInterface(IAsyncRpcChannelBuffer *async, REFIID iid, void **result)
{
    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IRpcChannelBuffer) ||
        (IsEqualIID(iid, &IID_IAsyncRpcChannelBuffer) && !channel_state.plain))
        *result = async;
    else if (IsEqualIID(iid, &IID_IRpcChannelBuffer3) && !channel_state.no_cancel)
        *result = &of_channel(async)->third;
    else
        return E_NOINTERFACE;
    IAsyncRpcChannelBuffer_AddRef(async);
    return S_OK;
}

static ULONG WINAPI channel_AddRef(IAsyncRpcChannelBuffer *async)
{
    return InterlockedIncrement(&of_channel(async)->references);
}

static ULONG WINAPI channel_Release(IAsyncRpcChannelBuffer *async)
{
    struct channel *channel = of_channel(async);
    LONG references = InterlockedDecrement(&channel->references);

    if (!references) {
        ok(!channel->sync, "a channel goes with a call under way\n");
        if (channel->stub)
            IRpcStubBuffer_Release(channel->stub);
        free(channel);
        InterlockedDecrement(&channel_state.channels);
    }
    return references;
}

static HRESULT WINAPI channel_GetBuffer(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, REFIID iid)
{
    (void)async;
    message->Buffer = buffer_new(message->cbBuffer);
    channel_state.iid = *iid;
    channel_state.method = message->iMethod;
    return S_OK;
}

static HRESULT WINAPI channel_SendReceive(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message,
                                          ULONG *status)
{
    struct channel *channel = of_channel(async);
    IAsyncRpcChannelBuffer *end = end_new(channel);
    RPCOLEMESSAGE request = *message;
    HRESULT result;

    *status = 0;
    InterlockedIncrement(&channel_state.sent);
    result = channel_state.fail;
    if (SUCCEEDED(result)) {
        result = IRpcStubBuffer_Invoke(channel->stub, message, (IRpcChannelBuffer *)end);
        buffer_free(&request);
        if (FAILED(result))
            message->Buffer = NULL;
    }
    IAsyncRpcChannelBuffer_Release(end);
    return result;
}

/* Of a call under way: it is given up. */
static HRESULT WINAPI channel_FreeBuffer(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message)
{
    struct channel *channel = of_channel(async);
    ISynchronize *sync = InterlockedExchangePointer((void **)&channel->sync, NULL);

    if (sync) {
        ISynchronize_Release(sync);
        if (channel->held) /* else the stub has it, and complete frees it */
            buffer_free(&channel->request);
        channel->held = FALSE;
        return S_OK;
    }
    buffer_free(message);
    return S_OK;
}

static HRESULT WINAPI channel_Send(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, ISynchronize *sync,
                                   ULONG *status)
{
    struct channel *channel = of_channel(async);

    *status = 0;
    InterlockedIncrement(&channel_state.sent);
    if (channel_state.sending) {
        RPCOLEMESSAGE before = *message;

        channel_state.sending();
        ok(!memcmp(&before, message, sizeof(before)), "the message changed while it was sent\n");
    }
    if (FAILED(channel_state.fail))
        return channel_state.fail;
    ok(!channel->sync, "a second call on one channel\n");
    channel->request = *message;
    channel->result = E_PENDING;
    ISynchronize_AddRef(sync);
    InterlockedExchangePointer((void **)&channel->sync, sync);
    channel->held = channel_state.hold;
    if (!channel->held)
        deliver(channel);
    return S_OK;
}

static HRESULT WINAPI channel_Receive(IAsyncRpcChannelBuffer *async, RPCOLEMESSAGE *message, ULONG *status)
{
    struct channel *channel = of_channel(async);

    *status = 0;
    InterlockedIncrement(&channel_state.received);
    ok(channel->result != E_PENDING, "Receive before the reply\n");
    message->Buffer = channel->reply.Buffer;
    message->cbBuffer = channel->reply.cbBuffer;
    message->dataRepresentation = channel->reply.dataRepresentation;
    return channel->result;
}

static IAsyncRpcChannelBufferVtbl channel_vtable = {
    channel_QueryInterface, channel_AddRef,     channel_Release, channel_GetBuffer,
    channel_SendReceive,    channel_FreeBuffer, any_GetDestCtx,  any_IsConnected,
    any_GetProtocolVersion, channel_Send,       channel_Receive, any_GetDestCtxEx,
};

/* ---- IRpcChannelBuffer3, of which Cancel alone is asked for */

static struct channel *of_third(IRpcChannelBuffer3 *third)
{
    return CONTAINING_RECORD(third, struct channel, third);
}

static HRESULT WINAPI third_QueryInterface(IRpcChannelBuffer3 *third, REFIID iid, void **result)
{
    return channel_QueryInterface(&of_third(third)->async, iid, result);
}

static ULONG WINAPI third_AddRef(IRpcChannelBuffer3 *third)
{
    return channel_AddRef(&of_third(third)->async);
}

static ULONG WINAPI third_Release(IRpcChannelBuffer3 *third)
{
    return channel_Release(&of_third(third)->async);
}

static HRESULT WINAPI third_Cancel(IRpcChannelBuffer3 *third, RPCOLEMESSAGE *message)
{
    (void)third, (void)message;
    InterlockedIncrement(&channel_state.cancelled);
    return S_OK;
}

static IRpcChannelBuffer3Vtbl third_vtable = {
    .QueryInterface = third_QueryInterface,
    .AddRef = third_AddRef,
    .Release = third_Release,
    .Cancel = third_Cancel,
};

IRpcChannelBuffer *channel_new(IRpcStubBuffer *stub)
{
    struct channel *channel = calloc(1, sizeof(*channel));

    channel->async.lpVtbl = &channel_vtable;
    channel->third.lpVtbl = &third_vtable;
    channel->references = 1;
    channel->stub = stub;
    if (stub)
        IRpcStubBuffer_AddRef(stub);
    InterlockedIncrement(&channel_state.channels);
    return (IRpcChannelBuffer *)&channel->async;
}

void channel_deliver(IRpcChannelBuffer *channel)
{
    struct channel *to = of_channel((IAsyncRpcChannelBuffer *)channel);

    ok(to->held, "no request is held\n");
    if (to->held) {
        to->held = FALSE;
        deliver(to);
    }
}
