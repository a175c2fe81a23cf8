/*
 * Asynchronous calls: what the interpreters of client.c and server.c do when the caller, or the manager, does
 * not wait. api/async.c completes and aborts through ndr_async.h.
 *
 * Client: the state lives from NdrAsyncClientCall until the call is completed. The notification may come, and
 * the caller complete the call on another thread, before I_RpcSend has returned; nothing of the state is
 * touched after that. Server: the state has two owners, the dispatching thread while the manager runs and the
 * call itself until it is completed or aborted; whoever sets claimed first ends the call, once. No lock.
 */
#include "proc.h"
#include "pipe.h"
#include "client.h"
#include "context.h"
#include "ndr_async.h"
#include "ss.h"

static BOOL is_valid(const RPC_ASYNC_STATE *async)
{
    return async && async->Size == sizeof(*async) && async->Signature == RPC_ASYNC_SIGNATURE;
}

/* ---- client */

struct client_async {
    struct ndr_async base;
    RPC_ASYNC_STATE *async;
    RPC_MESSAGE rpc;
    struct ndr_call call; /* the copied arguments follow */
    BOOL received;        /* the call is final; status tells how it ended */
    RPC_STATUS status;
};

static unsigned int argument_size(const struct ndr_proc *proc)
{
    const struct ndr_param *last = proc->param_count ? &proc->params[proc->param_count - 1] : NULL;

    if (last && last->attributes & PARAM_IS_RETURN && last->offset < proc->stack_size)
        return last->offset;
    return proc->stack_size;
}

static struct client_async *client_new(const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                                       const unsigned char *stack)
{
    const SIZE_T header = (sizeof(struct client_async) + 15) & ~(SIZE_T)15;
    struct ndr_proc proc;
    struct client_async *state;

    ndr_proc_decode(&proc, desc, format, FALSE);
    state = os_alloc_zero(header + argument_size(&proc));
    if (!state) {
        ndr_proc_free(&proc);
        os_raise(RPC_S_OUT_OF_MEMORY);
    }
    state->base.magic = NDR_ASYNC_MAGIC;
    state->base.is_client = TRUE;
    state->call.proc = proc;
    if (proc.params == proc.in_line)
        state->call.proc.params = state->call.proc.in_line;
    state->call.desc = desc;
    state->call.rpc = &state->rpc;
    state->call.stack = (unsigned char *)state + header;
    memcpy(state->call.stack, stack, argument_size(&proc));
    state->async = *(RPC_ASYNC_STATE **)state->call.stack;
    return state;
}

/* Sends what was marshalled up to msg.Buffer. The call may be completed, and the state be gone, by the time
 * that this returns RPC_S_OK. */
static RPC_STATUS client_send(struct client_async *state)
{
    state->rpc.BufferLength = state->call.msg.Buffer - (unsigned char *)state->rpc.Buffer;
    /* The runtime owns the buffer from here on, whatever it answers. A call with pipes has one all the time.
     */
    state->call.msg.fBufferValid = state->call.pipes != NULL;
    return I_RpcSend(&state->rpc);
}

/* Of a reply with pipes the rest comes once they are drained. Before that the call is pending, unless it has
 * failed, or is over though nobody pulled. */
static RPC_STATUS pipes_receive(struct ndr_pipes *pipes)
{
    RPC_STATUS status;

    if (!ndr_pipes_read_any(pipes) || !ndr_pipes_undrained(pipes))
        return ndr_pipes_read_rest(pipes);
    status = ndr_pipes_look(pipes);
    return status == RPC_S_OK ? RPC_S_ASYNC_CALL_PENDING : status;
}

/* Gets the reply if it is there; to be asked any number of times. */
static RPC_STATUS client_receive(struct client_async *state)
{
    MIDL_STUB_MESSAGE *msg = &state->call.msg;
    RPC_STATUS status;

    if (state->received)
        return state->status;
    status = state->call.pipes ? pipes_receive(state->call.pipes) : I_RpcReceive(&state->rpc, 0);
    if (status == RPC_S_ASYNC_CALL_PENDING)
        return status;
    state->received = TRUE;
    state->status = status;
    if (status != RPC_S_OK || state->call.pipes)
        return status;
    msg->Buffer = msg->BufferStart = state->rpc.Buffer;
    msg->BufferLength = state->rpc.BufferLength;
    msg->BufferEnd = msg->BufferStart + msg->BufferLength;
    msg->fBufferValid = TRUE;
    return status;
}

/* What is to be sent now is the whole request only where nothing is pushed into it (SDK, "Asynchronous Pipe
 * State": an [in] pipe's client waits for the send before it pushes, an [out] pipe's does not). */
static void client_open_pipes(struct ndr_pipes *pipes)
{
    ndr_pipes_open_async(pipes);
    ndr_pipes_flags(pipes, ndr_pipes_write_any(pipes) ? RPC_BUFFER_PARTIAL : RPC_BUFFER_NONOTIFY);
}

static void client_make(void *context)
{
    struct client_async *state = context;
    RPC_ASYNC_STATE *async = state->async;
    RPC_STATUS status;

    /* A handle serves one call at a time: StubInfo is that call's until it is completed. */
    if (!is_valid(async) || async->StubInfo)
        os_raise(RPC_S_INVALID_ASYNC_HANDLE);
    ndr_client_open(&state->call);
    status = I_RpcAsyncSetHandle(&state->rpc, async);
    if (status != RPC_S_OK)
        os_raise(status);
    /* From here on there is a call to be ended, though it has no buffer yet. */
    state->call.msg.fBufferValid = TRUE;
    ndr_client_marshal(&state->call);
    async->StubInfo = state;
    if (state->call.pipes)
        client_open_pipes(state->call.pipes);
    status = client_send(state);
    if (status == RPC_S_OK)
        return;
    async->StubInfo = NULL;
    os_raise(status);
}

static void client_delete(struct client_async *state)
{
    ndr_client_close(&state->call);
    state->base.magic = 0;
    os_free(state);
}

void ndr_async_client_call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                           unsigned int flags)
{
    struct client_async *state = client_new(desc, format, stack);
    RPC_STATUS status;

    if (flags & NDR_CALL_VARARGS)
        ndr_client_demote_floats(&state->call);
    status = os_try(client_make, state);
    if (status == RPC_S_OK)
        return;
    client_delete(state);
    os_raise(status);
}

static void client_unmarshal(void *context)
{
    struct client_async *state = context;
    struct ndr_pipes *pipes = state->call.pipes;

    if (pipes)
        ndr_pipes_check_done(pipes);
    ndr_client_unmarshal(&state->call);
}

RPC_STATUS ndr_async_complete_client(PRPC_ASYNC_STATE async, void *reply)
{
    struct client_async *state = async->StubInfo;
    RPC_STATUS status = client_receive(state);

    if (status == RPC_S_ASYNC_CALL_PENDING)
        return status;
    async->StubInfo = NULL;
    if (status == RPC_S_OK)
        status = os_try(client_unmarshal, state);
    if (status == RPC_S_OK && reply)
        memcpy(reply, &state->call.result, state->call.result_size);
    client_delete(state);
    return status;
}

/* ---- server */

struct server_async {
    struct ndr_async base;
    LONG references;
    LONG claimed;
    RPC_ASYNC_STATE *async;
    RPC_MESSAGE rpc;
    struct ndr_call *call;
    struct ss_heap *heap; /* the call's stub memory environment, with [enable_allocate] */
    const void *reply;
};

static void server_release(struct server_async *state)
{
    if (!InterlockedDecrement(&state->references))
        os_free(state);
}

static BOOL server_claim(struct server_async *state)
{
    return !InterlockedExchange(&state->claimed, TRUE);
}

static void server_delete_call(void *context)
{
    ndr_server_delete(context);
}

/* Frees the parameters, which may lie in the request's buffer: that is the runtime's, which takes it back
 * when the call is answered. The caller has claimed the call. */
static void server_free(struct server_async *state)
{
    struct ss_heap *mine = state->heap ? ndr_ss_attach(state->heap) : NULL;

    if (state->call)
        os_try(server_delete_call, state->call);
    if (state->heap)
        ndr_ss_attach(mine);
}

/* The last of a call that was answered: its handle, and the caller's reference. */
static void server_finish(struct server_async *state)
{
    state->base.magic = 0;
    state->async->StubInfo = NULL;
    state->async->Signature = 0;
    os_free(state->async);
    server_release(state);
}

static void server_reply(void *context)
{
    struct server_async *state = context;

    ndr_server_set_result(state->call, state->reply);
    ndr_server_marshal(state->call);
    state->call->phase = PHASE_DONE;
}

RPC_STATUS ndr_async_complete_server(PRPC_ASYNC_STATE async, void *reply)
{
    struct server_async *state = async->StubInfo;
    static const ULONGLONG nothing;
    RPC_STATUS status;

    if (!server_claim(state))
        return RPC_S_INVALID_ASYNC_HANDLE;
    state->reply = reply ? reply : &nothing;
    status = os_try(server_reply, state);
    server_free(state);
    if (status == RPC_S_OK)
        status = I_RpcSend(&state->rpc);
    else
        I_RpcAsyncAbortCall(async, status);
    server_finish(state);
    return status;
}

static RPC_STATUS server_abort(struct server_async *state, ULONG code)
{
    RPC_STATUS status;

    server_free(state);
    status = I_RpcAsyncAbortCall(state->async, code);
    server_finish(state);
    return status;
}

RPC_STATUS ndr_async_abort_server(PRPC_ASYNC_STATE async, ULONG code)
{
    struct server_async *state = async->StubInfo;

    if (!server_claim(state))
        return RPC_S_INVALID_ASYNC_HANDLE;
    return server_abort(state, code);
}

static struct server_async *server_new(const RPC_MESSAGE *rpc)
{
    struct server_async *state = os_alloc_zero(sizeof(*state));
    RPC_ASYNC_STATE *async = os_alloc_zero(sizeof(*async));

    if (!state || !async) {
        os_free(state);
        os_free(async);
        os_raise(RPC_S_OUT_OF_MEMORY);
    }
    state->base.magic = NDR_ASYNC_MAGIC;
    state->references = 2;
    state->rpc = *rpc;
    state->async = async;
    async->Size = sizeof(*async);
    async->Signature = RPC_ASYNC_SIGNATURE;
    async->StubInfo = state;
    return state;
}

static void server_dispatch(void *context)
{
    struct server_async *state = context;
    RPC_STATUS status = I_RpcAsyncSetHandle(&state->rpc, state->async);
    ULONGLONG nothing;

    if (status != RPC_S_OK)
        os_raise(status);
    state->call = ndr_server_new(
        &state->rpc, ((RPC_SERVER_INTERFACE *)state->rpc.RpcInterfaceInformation)->InterpreterInfo, FALSE);
    ndr_server_unmarshal(state->call);
    if (state->call->proc.oi_flags & OI_RPCSS_ALLOC_USED) {
        RpcSsEnableAllocate();
        state->heap = RpcSsGetThreadHandle();
    }
    *(RPC_ASYNC_STATE **)state->call->stack = state->async;
    ndr_server_invoke(state->call, &nothing);
}

/* The dispatch routine of asynchronous procedures. Source: SDK, NdrAsyncServerCall. The manager may have
 * completed the call by the time it returns. */
void RPC_ENTRY NdrAsyncServerCall(PRPC_MESSAGE rpc)
{
    struct server_async *state = server_new(rpc);
    RPC_STATUS status = os_try(server_dispatch, state);

    if (state->heap)
        RpcSmDisableAllocate();
    if (status != RPC_S_OK && server_claim(state))
        server_abort(state, status);
    server_release(state);
}
