/*
 * What proxies and stubs made by MIDL call around the marshalling: NdrProxy* and NdrStub*. The buffer
 * comes from the channel. A MIDL_STUB_MESSAGE belongs to one thread; no lock.
 */
#include "com.h"
#include "carrier.h"

/* An exception as the HRESULT that a method fails with. Source: SDK, NdrProxyErrorHandler. */
HRESULT RPC_ENTRY NdrProxyErrorHandler(DWORD code)
{
    return (LONG)code < 0 ? (HRESULT)code : HRESULT_FROM_WIN32(code);
}

/* The same on the object's side. */
HRESULT RPC_ENTRY NdrStubErrorHandler(DWORD code)
{
    return NdrProxyErrorHandler(code);
}

static void must(HRESULT result)
{
    if (FAILED(result))
        os_raise(result);
}

/* ---- the caller's side */

static HRESULT initialize(void *object, RPC_MESSAGE *rpc, MIDL_STUB_MESSAGE *msg, const MIDL_STUB_DESC *desc,
                          unsigned int method)
{
    IRpcChannelBuffer *channel;
    HRESULT result;

    NdrClientInitializeNew(rpc, msg, desc, method);
    rpc->ProcNum = method;
    msg->dwStubPhase = PROXY_CALCSIZE;
    channel = proxy_channel(proxy_of(object));
    if (!channel)
        return CO_E_OBJNOTCONNECTED;
    result = IRpcChannelBuffer_GetDestCtx(channel, &msg->dwDestContext, &msg->pvDestContext);
    if (FAILED(result))
        IRpcChannelBuffer_Release(channel);
    else
        msg->pRpcChannelBuffer = channel;
    return result;
}

/* Raises CO_E_OBJNOTCONNECTED. The channel's reference goes back with NdrProxyFreeBuffer. */
void RPC_ENTRY NdrProxyInitialize(void *object, PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg,
                                  PMIDL_STUB_DESC desc, unsigned int method)
{
    must(initialize(object, rpc, msg, desc, method));
}

/* Room for msg->BufferLength octets. Raises what the channel fails with. */
void RPC_ENTRY NdrProxyGetBuffer(void *object, PMIDL_STUB_MESSAGE msg)
{
    RPC_MESSAGE *rpc = msg->RpcMsg;

    msg->dwStubPhase = PROXY_GETBUFFER;
    rpc->BufferLength = msg->BufferLength;
    rpc->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    must(IRpcChannelBuffer_GetBuffer(msg->pRpcChannelBuffer, (RPCOLEMESSAGE *)rpc, proxy_of(object)->iid));
    msg->Buffer = msg->BufferStart = rpc->Buffer;
    msg->BufferEnd = msg->BufferStart + msg->BufferLength;
    msg->fBufferValid = TRUE;
    msg->dwStubPhase = PROXY_MARSHAL;
}

/* Sends what lies before msg->Buffer and waits for the reply. The phase tells the proxy's exception filter
 * that what is raised inside is the server's. */
void RPC_ENTRY NdrProxySendReceive(void *object, MIDL_STUB_MESSAGE *msg)
{
    RPC_MESSAGE *rpc = msg->RpcMsg;
    SIZE_T length = msg->Buffer - (unsigned char *)rpc->Buffer;
    ULONG status = 0;
    HRESULT result;

    (void)object;
    if (!msg->fBufferValid || length > rpc->BufferLength)
        os_raise(RPC_X_BAD_STUB_DATA);
    rpc->BufferLength = length;
    msg->dwStubPhase = PROXY_SENDRECEIVE;
    result = IRpcChannelBuffer_SendReceive(msg->pRpcChannelBuffer, (RPCOLEMESSAGE *)rpc, &status);
    msg->dwStubPhase = PROXY_UNMARSHAL;
    must(
        result); /* the channel is to be told FreeBuffer all the same: ole32 keeps what it holds until then */
    msg->Buffer = msg->BufferStart = rpc->Buffer;
    msg->BufferLength = rpc->BufferLength;
    msg->BufferEnd = msg->BufferStart + rpc->BufferLength;
}

void RPC_ENTRY NdrProxyFreeBuffer(void *object, MIDL_STUB_MESSAGE *msg)
{
    (void)object;
    if (!msg->pRpcChannelBuffer)
        return;
    if (msg->fBufferValid) {
        msg->fBufferValid = FALSE;
        IRpcChannelBuffer_FreeBuffer(msg->pRpcChannelBuffer, (RPCOLEMESSAGE *)msg->RpcMsg);
    }
    IRpcChannelBuffer_Release(msg->pRpcChannelBuffer);
    msg->pRpcChannelBuffer = NULL;
}

static void proxy_open(struct ndr_call *call)
{
    HRESULT result = initialize(call->object, call->rpc, &call->msg, call->desc, call->proc.proc_num);

    call->rpc->RpcFlags = call->proc.rpc_flags;
    /* From here on a failure clears the [out] arguments, which for methods it always does. */
    call->msg.StackTop = call->stack;
    call->phase = PHASE_MARSHALLED;
    must(result);
}

static void proxy_get_buffer(struct ndr_call *call, ULONG length)
{
    call->msg.BufferLength = length;
    NdrProxyGetBuffer(call->object, &call->msg);
}

static void proxy_send(struct ndr_call *call)
{
    NdrProxySendReceive(call->object, &call->msg);
}

static void proxy_free_buffer(struct ndr_call *call)
{
    NdrProxyFreeBuffer(call->object, &call->msg);
}

const struct ndr_carrier com_proxy_carrier = {proxy_open, proxy_get_buffer, proxy_send, proxy_free_buffer};

/* ---- the object's side */

void RPC_ENTRY NdrStubInitialize(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg, PMIDL_STUB_DESC desc,
                                 IRpcChannelBuffer *channel)
{
    NdrServerInitializeNew(rpc, msg, desc);
    msg->pRpcChannelBuffer = channel;
    must(IRpcChannelBuffer_GetDestCtx(channel, &msg->dwDestContext, &msg->pvDestContext));
}

/* The reply's buffer, of msg->BufferLength octets. BufferStart and BufferEnd go on to say where the request
 * lies, for arguments may point into it and are not to be freed then. */
void RPC_ENTRY NdrStubGetBuffer(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PMIDL_STUB_MESSAGE msg)
{
    RPC_MESSAGE *rpc = msg->RpcMsg;

    rpc->BufferLength = msg->BufferLength;
    rpc->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    must(IRpcChannelBuffer_GetBuffer(channel, (RPCOLEMESSAGE *)rpc, stub_header(stub)->piid));
    msg->Buffer = rpc->Buffer;
    msg->fBufferValid = TRUE;
}

static void stub_open(struct ndr_call *call)
{
    NdrStubInitialize(call->rpc, &call->msg, call->desc, call->channel);
}

static void stub_get_buffer(struct ndr_call *call, ULONG length)
{
    call->msg.BufferLength = length;
    NdrStubGetBuffer(call->object, call->channel, &call->msg);
}

const struct ndr_carrier com_stub_carrier = {stub_open, stub_get_buffer, NULL, NULL};

struct stub_call {
    struct ndr_call *call;
    IUnknown *server;
    DWORD *phase;
};

static void invoke(struct stub_call *stub)
{
    struct ndr_call *call = stub->call;
    const STUB_THUNK *thunks = call->server->ThunkTable;
    unsigned int method = call->rpc->ProcNum & ~RPC_FLAGS_VALID_BIT;
    ULONGLONG result;

    *(IUnknown **)call->stack = stub->server;
    if (thunks && thunks[method]) {
        thunks[method](&call->msg); /* leaves the return value on the stack */
    } else {
        ndr_invoke((void *)(*(const void *const *const *)stub->server)[method], call->stack,
                   ndr_argument_size(&call->proc), ndr_server_result_kind(call), &result);
        ndr_server_set_result(call, &result);
    }
}

static void run(void *context)
{
    struct stub_call *stub = context;

    *stub->phase = STUB_UNMARSHAL;
    ndr_server_unmarshal(stub->call);
    *stub->phase = STUB_CALL_SERVER;
    invoke(stub);
    *stub->phase = STUB_MARSHAL;
    ndr_server_marshal(stub->call);
    stub->call->phase = PHASE_DONE;
}

static void finish(void *context)
{
    ndr_server_delete(((struct stub_call *)context)->call);
}

static LONG stub_call(IRpcStubBuffer *iface, IRpcChannelBuffer *channel, RPC_MESSAGE *rpc, DWORD *phase,
                      BOOL old_style)
{
    struct stub_call stub = {NULL, stub_of(iface)->std.pvServerObject, phase};

    stub.call = ndr_server_new(rpc, stub_header(iface)->pServerInfo, old_style);
    stub.call->carrier = &com_stub_carrier;
    stub.call->object = iface;
    stub.call->channel = channel;
    os_finally(run, finish, &stub);
    return S_OK;
}

/* A method by its description. Raises. Source: SDK, NdrStubCall2. */
LONG RPC_ENTRY NdrStubCall2(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE rpc, ULONG *phase)
{
    return stub_call(stub, channel, rpc, phase, FALSE);
}

#ifdef _WIN64
/* As NdrStubCall2, for interfaces that know several transfer syntaxes; a request in NDR 2.0. */
LONG RPC_ENTRY NdrStubCall3(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE rpc, ULONG *phase)
{
    return stub_call(stub, channel, rpc, phase, FALSE);
}
#else
/* As NdrStubCall2 for -Oi stubs. */
LONG RPC_ENTRY NdrStubCall(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE rpc, ULONG *phase)
{
    return stub_call(stub, channel, rpc, phase, TRUE);
}
#endif
