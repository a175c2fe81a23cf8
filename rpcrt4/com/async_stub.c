/*
 * Asynchronous calls beside the object: a struct server_call has the object's own call object aggregated,
 * hands it Begin_X with the arguments that came, and when ISynchronize::Signal says that the results are
 * there asks for them with Finish_X and answers. The sync stub's ICallFactory makes one, which is a stub, for
 * a channel that can send the reply later (IAsyncRpcChannelBuffer); the sync stub's own Invoke uses one of
 * its own for one call and waits, which is what Wine's ole32 gets. "If a client makes a marshaled synchronous
 * call on an interface for which there is a call object on the server side, the server will always process
 * the call asynchronously" (SDK, "Making and Processing Asynchronous Calls").
 *
 * The lock guards state, signalled and leaves and is not held while the object, the channel or the
 * marshalling run: whoever moves the state out of SERVER_IDLE or SERVER_PENDING has the call, and the call
 * object, to himself. A Disconnect that comes meanwhile is his to carry out. A pending call keeps the stub.
 *
 * What no page tells, so unverified on Windows: that the message's buffer stays until the reply is sent, that
 * Begin_X's failure is answered as X's result, and which of the stub's interfaces there are.
 */
#include "async.h"
#include "carrier.h"

HRESULT RPC_ENTRY NdrStubErrorHandler(DWORD code);

enum server_state {
    SERVER_IDLE,
    SERVER_BEGINNING, /* Begin_X runs */
    SERVER_PENDING,
    SERVER_FINISHING,
};

struct server_call {
    IRpcStubBuffer stub; /* also the inner IUnknown */
    ISynchronize sync;   /* counts on outer */
    LONG references;
    IUnknown *outer;      /* not counted; stub when not aggregated */
    IRpcStubBuffer *base; /* IFoo's stub, counted */
    IUnknown *object;     /* the server's call object, aggregated: its inner IUnknown */
    void *async;          /* AsyncIFoo of it, which counts on outer and is not counted here */
    ISynchronize *event;
    SRWLOCK lock;
    enum server_state state;
    BOOL signalled; /* while Begin_X ran */
    BOOL leaves;    /* Disconnect was called */
    struct ndr_call *call;
    RPC_MESSAGE message;             /* a copy, of a call that is answered later */
    IAsyncRpcChannelBuffer *channel; /* of such a call, counted; NULL: Invoke waits */
};

static struct server_call *of_stub(IRpcStubBuffer *stub)
{
    return CONTAINING_RECORD(stub, struct server_call, stub);
}

static struct server_call *of_sync(ISynchronize *sync)
{
    return CONTAINING_RECORD(sync, struct server_call, sync);
}

/* Claims an idle stub for Begin_X. */
static BOOL claim(struct server_call *server)
{
    BOOL idle;

    AcquireSRWLockExclusive(&server->lock);
    idle = server->state == SERVER_IDLE;
    if (idle)
        server->state = SERVER_BEGINNING;
    ReleaseSRWLockExclusive(&server->lock);
    return idle;
}

static void disconnect(struct server_call *server)
{
    IUnknown *object = InterlockedExchangePointer((void **)&server->object, NULL);

    server->async = NULL;
    if (object)
        IUnknown_Release(object);
}

/* The stub is ready for another call, unless its object is to go. */
static void settle(struct server_call *server)
{
    BOOL leaves;

    AcquireSRWLockExclusive(&server->lock);
    leaves = server->leaves;
    if (!leaves)
        server->state = SERVER_IDLE;
    ReleaseSRWLockExclusive(&server->lock);
    if (!leaves)
        return;
    disconnect(server);
    AcquireSRWLockExclusive(&server->lock);
    server->state = SERVER_IDLE;
    ReleaseSRWLockExclusive(&server->lock);
}

/* ---- the two halves of X */

static STUB_THUNK thunk_of(const CInterfaceStubHeader *header, ULONG method)
{
    const STUB_THUNK *thunks = header && header->pServerInfo ? header->pServerInfo->ThunkTable : NULL;

    return thunks && method >= 3 && method < (ULONG)header->DispatchTableCount ? thunks[method] : NULL;
}

/* A [call_as]: the thunk takes the half's arguments off its stack and leaves the result behind them. Source:
 * MIDL's output. */
static HRESULT call_thunk(const struct ndr_call *call, STUB_THUNK thunk, void **arguments, unsigned int size)
{
    MIDL_STUB_MESSAGE msg = call->msg;

    msg.StackTop = (unsigned char *)arguments;
    thunk(&msg);
    return *(const HRESULT *)(msg.StackTop + size);
}

/* Calls one half with the arguments of X's stack. What the method raises goes on. */
static HRESULT call_half(struct server_call *server, unsigned int direction)
{
    struct ndr_call *call = server->call;
    unsigned int size = async_stack_size(&call->proc, direction);
    unsigned int method = async_begin_method(call->proc.proc_num) + (direction == PARAM_IS_OUT);
    STUB_THUNK thunk = thunk_of(stub_of(server->base)->async, method);
    void **arguments = __builtin_alloca(size + sizeof(ULONGLONG));
    ULONGLONG result;

    arguments[0] = server->async;
    async_split(&call->proc, direction, call->stack, (unsigned char *)arguments);
    if (thunk)
        return call_thunk(call, thunk, arguments, size);
    ndr_invoke((void *)(*(const void *const *const *)server->async)[method], arguments, size, RESULT_INTEGER,
               &result);
    return (HRESULT)result;
}

struct step {
    struct server_call *server;
    HRESULT result;
};

static void run_begin(void *context)
{
    struct step *step = context;

    ndr_server_unmarshal(step->server->call);
    step->result = call_half(step->server, PARAM_IS_IN);
}

static void answer(struct step *step)
{
    ndr_server_set_result(step->server->call, &step->result);
    ndr_server_marshal(step->server->call);
}

static void run_finish(void *context)
{
    struct step *step = context;

    step->result = call_half(step->server, PARAM_IS_OUT);
    answer(step);
}

/* X's result is known without Finish_X: nothing that is [out] was set. */
static void run_answer(void *context)
{
    answer(context);
}

static void delete_call(void *context)
{
    struct server_call *server = context;

    ndr_server_delete(server->call);
    server->call = NULL;
}

/* ---- the end of a call */

/* No reply can be made: an empty one, which no proxy takes for a result. */
static void answer_nothing(struct server_call *server)
{
    server->message.BufferLength = 0;
    IAsyncRpcChannelBuffer_GetBuffer(server->channel, (RPCOLEMESSAGE *)&server->message,
                                     stub_header(server->base)->piid);
}

/* Lets go of a call that is SERVER_BEGINNING or SERVER_FINISHING, without a reply. */
static void give_up(struct server_call *server)
{
    if (server->call)
        os_try(delete_call, server);
    IAsyncRpcChannelBuffer_Release(server->channel);
    server->channel = NULL;
    settle(server);
    IRpcStubBuffer_Release(&server->stub);
}

/* Sends the reply of a call that is SERVER_FINISHING: Finish_X's, or result if that is a failure. Afterwards
 * the stub is ready for another, or gone. */
static void reply(struct server_call *server, HRESULT result)
{
    IAsyncRpcChannelBuffer *channel = server->channel;
    struct step step = {server, result};
    RPC_MESSAGE message;
    ULONG status = 0;
    ULONG code = os_try(FAILED(result) ? run_answer : run_finish, &step);

    if (code) {
        step.result = NdrStubErrorHandler(code);
        code = os_try(run_answer, &step);
    }
    if (code)
        answer_nothing(server);
    os_try(delete_call, server);
    message = server->message;
    server->channel = NULL;
    settle(server);
    IAsyncRpcChannelBuffer_Send(channel, (RPCOLEMESSAGE *)&message, NULL, &status);
    IAsyncRpcChannelBuffer_Release(channel);
    IRpcStubBuffer_Release(&server->stub);
}

/* ---- its beginning */

/* X comes as [call_as], its halves do not: nothing is known of the arguments that the object's own take. */
static BOOL lacks_thunks(IRpcStubBuffer *base, ULONG method)
{
    const CInterfaceStubHeader *async = stub_of(base)->async;
    ULONG half = async_begin_method(method);

    return thunk_of(stub_header(base), method) && !(thunk_of(async, half) && thunk_of(async, half + 1));
}

struct start {
    struct server_call *server;
    IRpcChannelBuffer *channel;
    RPC_MESSAGE *message;
};

static void new_call(void *context)
{
    const struct start *start = context;
    struct server_call *server = start->server;

    server->call = ndr_server_new(start->message, stub_header(server->base)->pServerInfo, FALSE);
    server->call->carrier = &com_stub_carrier;
    server->call->object = server->base;
    server->call->channel = start->channel;
}

/* Runs Begin_X. Gives an exception's code, else 0 and the method's result. The state is SERVER_BEGINNING. */
static ULONG begin(struct server_call *server, IRpcChannelBuffer *channel, RPC_MESSAGE *message,
                   HRESULT *result)
{
    const CInterfaceStubHeader *header = stub_header(server->base);
    ULONG method = message->ProcNum & ~RPC_FLAGS_VALID_BIT, code;
    struct start start = {server, channel, message};
    struct step step = {server, S_OK};

    if (method < 3 || method >= (ULONG)header->DispatchTableCount)
        return RPC_S_PROCNUM_OUT_OF_RANGE;
    if (lacks_thunks(server->base, method))
        return E_NOTIMPL;
    server->signalled = FALSE;
    ISynchronize_Reset(server->event);
    code = os_try(new_call, &start);
    if (code)
        return code;
    code = os_try(run_begin, &step);
    if (code)
        os_try(delete_call, server);
    *result = step.result;
    return code;
}

/* For a channel that takes the reply later. */
static ULONG invoke_async(struct server_call *server, const RPC_MESSAGE *message, IRpcChannelBuffer *channel)
{
    HRESULT result = S_OK;
    BOOL done, leaves;
    ULONG code = 0;

    if (!claim(server))
        return RPC_S_CALLPENDING;
    if (!server->async)
        code = CO_E_OBJNOTCONNECTED;
    else if (FAILED(IRpcChannelBuffer_QueryInterface(channel, &com_IID_IAsyncRpcChannelBuffer,
                                                     (void **)&server->channel)))
        code = E_NOINTERFACE;
    if (code) {
        settle(server);
        return code;
    }
    IRpcStubBuffer_AddRef(&server->stub);
    server->message = *message;
    code = begin(server, channel, &server->message, &result);
    if (code) {
        give_up(server);
        return code;
    }
    AcquireSRWLockExclusive(&server->lock);
    done = server->signalled || FAILED(result);
    leaves = server->leaves;
    server->state = done || leaves ? SERVER_FINISHING : SERVER_PENDING;
    ReleaseSRWLockExclusive(&server->lock);
    if (done)
        reply(server, result);
    else if (leaves)
        give_up(server);
    return 0;
}

/* For the sync stub: the reply is in message when this returns. */
static ULONG invoke_waiting(struct server_call *server, RPC_MESSAGE *message, IRpcChannelBuffer *channel)
{
    struct step step = {server, S_OK};
    HRESULT waited = S_OK;
    ULONG code;

    server->state = SERVER_BEGINNING;
    code = begin(server, channel, message, &step.result);
    if (code)
        return code;
    /* Lets the thread's apartment go on meanwhile. Source: SDK, ISynchronize::Wait. */
    if (SUCCEEDED(step.result))
        waited = ISynchronize_Wait(server->event, 0, INFINITE);
    if (FAILED(waited))
        code = waited;
    else
        code = os_try(FAILED(step.result) ? run_answer : run_finish, &step);
    os_try(delete_call, server);
    return code;
}

/* ---- ISynchronize: the server's call object finds it on the object that it is aggregated into */

static HRESULT WINAPI sync_QueryInterface(ISynchronize *sync, REFIID iid, void **object)
{
    return IUnknown_QueryInterface(of_sync(sync)->outer, iid, object);
}

static ULONG WINAPI sync_AddRef(ISynchronize *sync)
{
    return IUnknown_AddRef(of_sync(sync)->outer);
}

static ULONG WINAPI sync_Release(ISynchronize *sync)
{
    return IUnknown_Release(of_sync(sync)->outer);
}

static HRESULT WINAPI sync_Wait(ISynchronize *sync, DWORD flags, DWORD milliseconds)
{
    return ISynchronize_Wait(of_sync(sync)->event, flags, milliseconds);
}

static HRESULT WINAPI sync_Signal(ISynchronize *sync)
{
    struct server_call *server = of_sync(sync);
    HRESULT result;
    BOOL finish;

    result = ISynchronize_Signal(server->event);
    AcquireSRWLockExclusive(&server->lock);
    finish = server->state == SERVER_PENDING;
    if (finish)
        server->state = SERVER_FINISHING;
    else if (server->state == SERVER_BEGINNING)
        server->signalled = TRUE;
    ReleaseSRWLockExclusive(&server->lock);
    if (finish)
        reply(server, S_OK);
    return result;
}

static HRESULT WINAPI sync_Reset(ISynchronize *sync)
{
    return ISynchronize_Reset(of_sync(sync)->event);
}

static ISynchronizeVtbl sync_vtable = {
    sync_QueryInterface, sync_AddRef, sync_Release, sync_Wait, sync_Signal, sync_Reset,
};

/* ---- IRpcStubBuffer */

static HRESULT WINAPI stub_QueryInterface(IRpcStubBuffer *stub, REFIID iid, void **object)
{
    struct server_call *server = of_stub(stub);

    *object = NULL;
    if (same_iid(iid, &com_IID_IUnknown) || same_iid(iid, &com_IID_IRpcStubBuffer)) {
        *object = stub;
        IRpcStubBuffer_AddRef(stub);
    } else if (same_iid(iid, &com_IID_ISynchronize)) {
        *object = &server->sync;
        IUnknown_AddRef(server->outer);
    } else {
        return server->object ? IUnknown_QueryInterface(server->object, iid, object) : E_NOINTERFACE;
    }
    return S_OK;
}

static ULONG WINAPI stub_AddRef(IRpcStubBuffer *stub)
{
    return InterlockedIncrement(&of_stub(stub)->references);
}

static ULONG WINAPI stub_Release(IRpcStubBuffer *stub)
{
    struct server_call *server = of_stub(stub);
    LONG references = InterlockedDecrement(&server->references);

    if (references)
        return references;
    server->references = 1; /* the call object may come back to its outer object while it goes */
    disconnect(server);
    if (server->event)
        ISynchronize_Release(server->event);
    IRpcStubBuffer_Release(server->base);
    os_free(server);
    return 0;
}

/* It is bound to the object of the stub that made it. */
static HRESULT WINAPI stub_Connect(IRpcStubBuffer *stub, IUnknown *object)
{
    (void)stub, (void)object;
    return E_UNEXPECTED;
}

/* A pending call is given up: no reply is sent. */
static void WINAPI stub_Disconnect(IRpcStubBuffer *stub)
{
    struct server_call *server = of_stub(stub);
    enum server_state state;

    AcquireSRWLockExclusive(&server->lock);
    server->leaves = TRUE;
    state = server->state;
    if (state == SERVER_IDLE || state == SERVER_PENDING)
        server->state = SERVER_FINISHING;
    ReleaseSRWLockExclusive(&server->lock);
    if (state == SERVER_PENDING)
        give_up(server);
    else if (state == SERVER_IDLE)
        settle(server);
}

static HRESULT WINAPI stub_Invoke(IRpcStubBuffer *stub, RPCOLEMESSAGE *message, IRpcChannelBuffer *channel)
{
    ULONG code = invoke_async(of_stub(stub), (const RPC_MESSAGE *)message, channel);

    return code ? NdrStubErrorHandler(code) : S_OK;
}

static IRpcStubBuffer *WINAPI stub_IsIIDSupported(IRpcStubBuffer *stub, REFIID iid)
{
    return same_iid(iid, stub_of(of_stub(stub)->base)->std.pAsyncIID) ? stub : NULL;
}

static ULONG WINAPI stub_CountRefs(IRpcStubBuffer *stub)
{
    return !!of_stub(stub)->object;
}

static HRESULT WINAPI stub_DebugServerQueryInterface(IRpcStubBuffer *stub, void **object)
{
    *object = of_stub(stub)->async;
    return *object ? S_OK : CO_E_OBJNOTCONNECTED;
}

static void WINAPI stub_DebugServerRelease(IRpcStubBuffer *stub, void *object)
{
    (void)stub, (void)object;
}

static const IRpcStubBufferVtbl stub_vtable = {
    stub_QueryInterface,
    stub_AddRef,
    stub_Release,
    stub_Connect,
    stub_Disconnect,
    stub_Invoke,
    stub_IsIIDSupported,
    stub_CountRefs,
    stub_DebugServerQueryInterface,
    stub_DebugServerRelease,
};

/* A method of an asynchronous stub, as its dispatch table names it: the reply goes out when it is there.
 * Raises. Source: rpcndr.h. */
LONG RPC_ENTRY NdrDcomAsyncStubCall(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE message,
                                    ULONG *phase)
{
    ULONG code;

    (void)phase;
    if (stub->lpVtbl != &stub_vtable)
        os_raise(E_INVALIDARG);
    code = invoke_async(of_stub(stub), message, channel);
    if (code)
        os_raise(code);
    return S_OK;
}

/* ---- making one */

/* The server's call object, aggregated. Source: SDK, ICallFactory::CreateCall. */
static HRESULT make_object(struct server_call *server, const IID *iid)
{
    IUnknown *object = stub_of(server->base)->std.pvServerObject;
    ICallFactory *calls;
    HRESULT result;

    if (!object)
        return CO_E_OBJNOTCONNECTED;
    result = IUnknown_QueryInterface(object, &com_IID_ICallFactory, (void **)&calls);
    if (FAILED(result))
        return result;
    result = ICallFactory_CreateCall(calls, iid, server->outer, &com_IID_IUnknown, &server->object);
    ICallFactory_Release(calls);
    if (FAILED(result)) {
        server->object = NULL;
        return result;
    }
    result = IUnknown_QueryInterface(server->object, iid, &server->async);
    if (SUCCEEDED(result))
        IUnknown_Release(server->outer); /* else it would keep itself for ever */
    return result;
}

static HRESULT server_new(IRpcStubBuffer *base, IUnknown *outer, struct server_call **result)
{
    struct server_call *server = os_alloc_zero(sizeof(*server));
    HRESULT status;

    *result = server;
    if (!server)
        return E_OUTOFMEMORY;
    server->stub.lpVtbl = (IRpcStubBufferVtbl *)&stub_vtable;
    server->sync.lpVtbl = &sync_vtable;
    server->references = 1;
    server->outer = outer ? outer : (IUnknown *)&server->stub;
    InitializeSRWLock(&server->lock);
    server->base = base;
    IRpcStubBuffer_AddRef(base);
    status = make_object(server, stub_of(base)->std.pAsyncIID);
    if (SUCCEEDED(status))
        status = com_event_create(&server->event);
    if (FAILED(status))
        IRpcStubBuffer_Release(&server->stub);
    return status;
}

BOOL async_stub_invoke(IRpcStubBuffer *stub, RPCOLEMESSAGE *message, IRpcChannelBuffer *channel,
                       HRESULT *result)
{
    struct server_call *server;
    ULONG code;

    if (lacks_thunks(stub, message->iMethod & ~RPC_FLAGS_VALID_BIT) ||
        FAILED(server_new(stub, NULL, &server)))
        return FALSE;
    code = invoke_waiting(server, (RPC_MESSAGE *)message, channel);
    *result = code ? NdrStubErrorHandler(code) : S_OK;
    IRpcStubBuffer_Release(&server->stub);
    return TRUE;
}

/* ---- ICallFactory of the sync stub */

static IRpcStubBuffer *stub_of_calls(ICallFactory *calls)
{
    return (IRpcStubBuffer *)CONTAINING_RECORD(calls, CStdStubBuffer, pCallFactoryVtbl);
}

static HRESULT WINAPI calls_QueryInterface(ICallFactory *calls, REFIID iid, void **object)
{
    return IRpcStubBuffer_QueryInterface(stub_of_calls(calls), iid, object);
}

static ULONG WINAPI calls_AddRef(ICallFactory *calls)
{
    return IRpcStubBuffer_AddRef(stub_of_calls(calls));
}

static ULONG WINAPI calls_Release(ICallFactory *calls)
{
    return IRpcStubBuffer_Release(stub_of_calls(calls));
}

/* Fails as the object's own ICallFactory does; the channel has Invoke of the sync stub then. */
static HRESULT WINAPI calls_CreateCall(ICallFactory *calls, REFIID iid, IUnknown *outer, REFIID wanted,
                                       IUnknown **object)
{
    IRpcStubBuffer *base = stub_of_calls(calls);
    struct server_call *server;
    HRESULT result;

    if (!object)
        return E_INVALIDARG;
    *object = NULL;
    if (outer && !same_iid(wanted, &com_IID_IUnknown))
        return E_INVALIDARG;
    if (!same_iid(iid, stub_of(base)->std.pAsyncIID))
        return E_NOINTERFACE;
    result = server_new(base, outer, &server);
    if (FAILED(result))
        return result;
    result = IRpcStubBuffer_QueryInterface(&server->stub, wanted, (void **)object);
    IRpcStubBuffer_Release(&server->stub);
    return result;
}

const ICallFactoryVtbl async_stub_factory_vtable = {
    calls_QueryInterface,
    calls_AddRef,
    calls_Release,
    calls_CreateCall,
};
