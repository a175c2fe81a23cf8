/*
 * One asynchronous call on the caller's side: Begin_X marshals and sends, Finish_X waits, receives and
 * unmarshals. The call object (async_object.c) owns at most one struct request at a time.
 *
 * The lock guards state, request, cancelled and cancelling; it is not held while the channel, the
 * synchronization object or the marshalling run. What the state says keeps others out meanwhile: CALL_BUSY
 * belongs to the thread that set it, and a Finish_X waits until a Cancel is through with the message.
 *
 * A channel without IAsyncRpcChannelBuffer, such as those of Wine's ole32, has the call made by SendReceive
 * within Begin_X ("This proxy will marshal the Begin_ method as a synchronous call, the server will process
 * the call synchronously, and the client can obtain the out parameters by calling the Finish_ method", SDK,
 * "Making and Processing Asynchronous Calls"): the program gets its results, and no thread is spent on it.
 */
#include "async_client.h"
#include "carrier.h"
#include "../ndr/client.h"

/* ---- the channel as the engine sees it */

static struct async_request *request_of(struct ndr_call *call)
{
    return CONTAINING_RECORD(call, struct async_request, call);
}

static void request_open(struct ndr_call *call)
{
    struct async_request *request = request_of(call);
    HRESULT result;

    NdrClientInitializeNew(call->rpc, &call->msg, (PMIDL_STUB_DESC)call->desc, call->proc.proc_num);
    call->rpc->ProcNum = call->proc.proc_num;
    call->rpc->RpcFlags = call->proc.rpc_flags;
    call->msg.dwStubPhase = PROXY_CALCSIZE;
    call->msg.pRpcChannelBuffer = async_call_channel(request->owner);
    if (!call->msg.pRpcChannelBuffer)
        os_raise(CO_E_OBJNOTCONNECTED);
    result = IRpcChannelBuffer_GetDestCtx(call->msg.pRpcChannelBuffer, &call->msg.dwDestContext,
                                          &call->msg.pvDestContext);
    if (FAILED(result))
        os_raise(result);
}

/* Under IFoo's identifier: the other side knows the object by that. */
static void request_get_buffer(struct ndr_call *call, ULONG length)
{
    call->msg.BufferLength = length;
    NdrProxyGetBuffer(&request_of(call)->owner->base->face, &call->msg);
}

static void request_free_buffer(struct ndr_call *call)
{
    NdrProxyFreeBuffer(NULL, &call->msg);
}

static const struct ndr_carrier request_carrier = {request_open, request_get_buffer, NULL,
                                                   request_free_buffer};

/* ---- a request */

/* proc is the request's afterwards; NULL when memory is short. */
static struct async_request *request_new(struct async_call *call, const MIDL_STUB_DESC *desc,
                                         const struct ndr_proc *proc)
{
    const SIZE_T header = (sizeof(struct async_request) + 15) & ~(SIZE_T)15;
    const SIZE_T stack = (proc->stack_size + 15) & ~(SIZE_T)15;
    struct async_request *request = os_alloc_zero(header + stack + proc->param_count * sizeof(ULONGLONG));

    if (!request)
        return NULL;
    request->references = 1;
    request->owner = call;
    request->call.proc = *proc;
    if (proc->params == proc->in_line)
        request->call.proc.params = request->call.proc.in_line;
    request->call.carrier = &request_carrier;
    request->call.results_later = TRUE;
    request->call.desc = desc;
    request->call.rpc = &request->rpc;
    request->call.stack = (unsigned char *)request + header;
    request->copies = (ULONGLONG *)(request->call.stack + stack);
    return request;
}

void async_request_release(struct async_request *request)
{
    if (InterlockedDecrement(&request->references))
        return;
    ndr_client_close(&request->call);
    if (request->channel)
        IAsyncRpcChannelBuffer_Release(request->channel);
    os_free(request);
}

/* Counts that [in] pointers lead to are wanted again by Finish_X, when the caller's memory may be gone. */
static void copy_simple_pointees(struct async_request *request)
{
    const struct ndr_proc *proc = &request->call.proc;
    unsigned int i;

    for (i = 0; i < proc->param_count; i++) {
        const struct ndr_param *param = &proc->params[i];
        void **slot = (void **)(request->call.stack + param->offset);

        if (param->passing != PASS_BASE_REF || !*slot || param->attributes & PARAM_IS_OUT ||
            !(param->attributes & PARAM_IS_IN))
            continue;
        memcpy(&request->copies[i], *slot, ndr_base_memory(param->format[0]));
        *slot = &request->copies[i];
    }
}

static void marshal(void *context)
{
    struct async_request *request = context;

    copy_simple_pointees(request);
    ndr_client_open(&request->call);
    ndr_client_marshal(&request->call);
    /* Only Finish_X knows what a failure would have to clear. */
    request->call.phase = PHASE_NEW;
    request->rpc.BufferLength = request->call.msg.Buffer - (unsigned char *)request->rpc.Buffer;
}

static HRESULT send_receive(struct async_call *call, struct async_request *request, ISynchronize *sync)
{
    ULONG status = 0;
    HRESULT result;

    result = IRpcChannelBuffer_SendReceive(request->call.msg.pRpcChannelBuffer,
                                           (RPCOLEMESSAGE *)&request->rpc, &status);
    if (FAILED(result))
        return result;
    request->received = TRUE;
    async_set_state(call, CALL_PENDING, request);
    return ISynchronize_Signal(sync);
}

/* Claims the call as long as it is at this request: Finish_X may have come meanwhile. */
static BOOL claim_request(struct async_call *call, const struct async_request *request)
{
    if (!async_claim(call, CALL_PENDING))
        return FALSE;
    if (call->request == request)
        return TRUE;
    async_set_state(call, CALL_PENDING, call->request);
    return FALSE;
}

/* Pending before the channel knows of it: the reply, and Finish_X on another thread, may be faster than Send.
 * Cancel and Finish_X may be, too: Send has its message still, and what it fails with then is no matter any
 * more. */
static HRESULT send(struct async_call *call, struct async_request *request, ISynchronize *sync)
{
    ULONG status = 0;
    HRESULT result;

    ISynchronize_Reset(sync);
    if (FAILED(IRpcChannelBuffer_QueryInterface(request->call.msg.pRpcChannelBuffer,
                                                &com_IID_IAsyncRpcChannelBuffer, (void **)&request->channel)))
        return send_receive(call, request, sync);
    InterlockedIncrement(&request->references);
    async_set_state(call, CALL_PENDING, request);
    result = IAsyncRpcChannelBuffer_Send(request->channel, (RPCOLEMESSAGE *)&request->rpc, sync, &status);
    if (FAILED(result) && !claim_request(call, request))
        result = S_OK;
    async_request_release(request);
    return result;
}

/* The request is the call object's when this succeeds. The reference to sync is not kept: the call object
 * lives by its user's alone, and with the last of those the call is abandoned. */
static HRESULT begin(struct async_call *call, struct async_request *request)
{
    ULONG code = os_try(marshal, request);
    ISynchronize *sync = async_call_synchronize(call);
    HRESULT result = code ? NdrProxyErrorHandler(code) : send(call, request, sync);

    if (FAILED(result)) {
        async_request_release(request);
        async_set_state(call, CALL_IDLE, NULL);
        ISynchronize_Signal(sync); /* nobody is to wait for what does not come */
    }
    ISynchronize_Release(sync);
    return result;
}

/* Takes over proc. Source: SDK, "Making an Asynchronous Call": RPC_E_CALL_PENDING, which winerror.h has as
 * RPC_S_CALLPENDING. */
static HRESULT begin_method(struct async_call *call, const MIDL_STUB_DESC *desc, struct ndr_proc *proc,
                            const struct async_arguments *arguments)
{
    struct async_request *request;

    if (!async_claim(call, CALL_IDLE)) {
        ndr_proc_free(proc);
        return RPC_S_CALLPENDING;
    }
    request = request_new(call, desc, proc);
    if (!request) {
        ndr_proc_free(proc);
        async_set_state(call, CALL_IDLE, NULL);
        return E_OUTOFMEMORY;
    }
    async_gather(proc, PARAM_IS_IN, request->call.stack, arguments->stack, arguments->varargs);
    *(void **)request->call.stack = &call->base->face;
    request->method = arguments->method;
    return begin(call, request);
}

/* ---- Finish_X */

static HRESULT receive(struct async_call *call, struct async_request *request)
{
    ULONG status = 0;
    HRESULT result;

    if (call->cancelled)
        return RPC_E_CALL_CANCELED;
    if (request->received)
        return S_OK;
    result = IAsyncRpcChannelBuffer_Receive(request->channel, (RPCOLEMESSAGE *)&request->rpc, &status);
    request->received = TRUE;
    return result;
}

static void unmarshal(void *context)
{
    struct async_request *request = context;
    MIDL_STUB_MESSAGE *msg = &request->call.msg;

    ndr_client_prepare_results(&request->call);
    if (FAILED(request->result))
        return;
    msg->dwStubPhase = PROXY_UNMARSHAL;
    msg->Buffer = msg->BufferStart = request->rpc.Buffer;
    msg->BufferLength = request->rpc.BufferLength;
    msg->BufferEnd = msg->BufferStart + request->rpc.BufferLength;
    ndr_client_unmarshal(&request->call);
}

static HRESULT finish(struct async_call *call, struct async_request *request,
                      const struct async_arguments *arguments)
{
    HRESULT result;
    ULONG code;

    request->result = receive(call, request);
    async_gather(&request->call.proc, PARAM_IS_OUT, request->call.stack, arguments->stack, FALSE);
    request->call.phase = PHASE_MARSHALLED;
    code = os_try(unmarshal, request);
    result = code                      ? NdrProxyErrorHandler(code)
             : FAILED(request->result) ? request->result
                                       : (HRESULT)request->call.result;
    async_request_release(request);
    async_set_state(call, CALL_IDLE, NULL);
    return result;
}

/* Source: SDK, "Making an Asynchronous Call": RPC_E_CALL_COMPLETE. A Finish_ of another method than was begun
 * changes nothing (unverified on Windows), and one that comes too early waits (unverified on Windows; the SDK
 * forbids it). */
static HRESULT finish_method(struct async_call *call, const struct async_arguments *arguments)
{
    struct async_request *request;
    ISynchronize *sync;
    HRESULT result = S_OK;

    if (!async_claim(call, CALL_PENDING))
        return RPC_E_CALL_COMPLETE;
    request = call->request;
    if (request->method + 1 != arguments->method) {
        async_set_state(call, CALL_PENDING, request);
        return E_UNEXPECTED;
    }
    if (!request->received && !call->cancelled) {
        /* Cancel must find the call while this waits. */
        sync = async_call_synchronize(call);
        async_set_state(call, CALL_PENDING, request);
        result = ISynchronize_Wait(sync, 0, INFINITE);
        ISynchronize_Release(sync);
        if (FAILED(result))
            return result;
        if (!claim_request(call, request))
            return RPC_E_CALL_COMPLETE;
    }
    return finish(call, request, arguments);
}

/* ---- methods, as they come from a stubless proxy or from a stub */

struct decoding {
    const MIDL_STUBLESS_PROXY_INFO *info;
    const struct async_arguments *arguments;
    struct ndr_proc proc;
    unsigned int size;
};

static void decode(void *context)
{
    struct decoding *decoding = context;
    const MIDL_STUBLESS_PROXY_INFO *info = decoding->info;
    unsigned int method = decoding->arguments->method;

    ndr_proc_decode(&decoding->proc, info->pStubDesc,
                    info->ProcFormatString + info->FormatStringOffset[async_sync_method(method)], FALSE);
    decoding->size = async_stack_size(&decoding->proc, async_is_finish(method) ? PARAM_IS_OUT : PARAM_IS_IN);
}

ULONGLONG async_call_method(struct proxy *proxy, const struct async_arguments *arguments,
                            const ULONGLONG *floats, unsigned int *argument_size)
{
    struct async_call *call = proxy->call;
    const CInterfaceProxyHeader *header = (const CInterfaceProxyHeader *)call->base->face.vtable - 1;
    struct decoding decoding = {.info = header->pStublessProxyInfo, .arguments = arguments};
    ULONG code = os_try(decode, &decoding);
    HRESULT result;

    *argument_size = decoding.size;
    if (code) {
        ndr_proc_free(&decoding.proc);
        return (ULONG)NdrProxyErrorHandler(code);
    }
    if (async_is_finish(arguments->method)) {
        result = finish_method(call, arguments);
        ndr_proc_free(&decoding.proc);
        return (ULONG)result;
    }
    if (floats)
        async_take_floats(&decoding.proc, PARAM_IS_IN, arguments->stack, floats);
    return (ULONG)begin_method(call, decoding.info->pStubDesc, &decoding.proc, arguments);
}
