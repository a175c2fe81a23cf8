/*
 * The client's interpreter: NdrClientCall2 and its kin, and the steps they share with asynchronous calls
 * (async.c). Called by stubs; a struct ndr_call lives on the caller's stack, so there is no lock.
 *
 * Exceptions go on to the caller when everything is given back, or into the parameters that
 * [comm_status] and [fault_status] name. [out] parameters of a call that failed are cleared: no memory that
 * is given back stays reachable through them.
 */
#include "proc.h"
#include "pipe.h"
#include "buffer.h"
#include "client.h"
#include "../com/carrier.h"

void ndr_client_demote_floats(struct ndr_call *call)
{
#ifdef _WIN64
    unsigned int i;

    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];
        unsigned char *slot = call->stack + param->offset;

        if (param->passing == PASS_BASE && param->format[0] == FC_FLOAT &&
            !(param->attributes & PARAM_IS_RETURN))
            *(float *)slot = *(double *)slot;
    }
#else
    (void)call;
#endif
}

void ndr_client_open(struct ndr_call *call)
{
    if (call->carrier) {
        call->carrier->open(call);
        ndr_call_begin(call);
        return;
    }
    NdrClientInitializeNew(call->rpc, &call->msg, call->desc, call->proc.proc_num);
    call->rpc->RpcFlags = call->proc.rpc_flags;
    ndr_call_begin(call);
    if (call->proc.oi_flags & OI_RPCSS_ALLOC_USED)
        NdrRpcSmSetClientToOsf(&call->msg);
    ndr_binding_get(&call->binding, call->desc, &call->proc, call->stack);
    call->msg.SavedHandle = call->rpc->Handle = call->binding.handle;
}

/* Clears what an [out] parameter leads to, as far as the caller made it. */
static void clear_out(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *memory = ndr_param_memory(call, param);

    if (param->passing == PASS_BASE_REF)
        memset(memory, 0, ndr_base_memory(param->format[0]));
    else if (param->passing == PASS_POINTER_TO)
        **(void ***)(call->stack + param->offset) = NULL;
    else if (param->passing == PASS_CONTEXT)
        *(void **)memory = NULL;
    else if (param->passing == PASS_POINTER && param->format[0] == FC_RP)
        memset(memory, 0, ndr_pointee_extent(&call->msg, param->format));
    else if (param->passing == PASS_POINTER)
        memset(memory, 0, ndr_type_extent(&call->msg, param->format));
}

static void prepare_result(struct ndr_call *call, const struct ndr_param *param)
{
    if (param->attributes & (PARAM_IS_IN | PARAM_IS_RETURN) || param->passing == PASS_IGNORE)
        return;
    ndr_param_memory(call, param);
    if (call->carrier)
        clear_out(call, param); /* a method's [out] memory holds nothing of the caller's */
}

void ndr_client_prepare_results(struct ndr_call *call)
{
    unsigned int i;

    for (i = 0; i < call->proc.param_count; i++)
        prepare_result(call, &call->proc.params[i]);
}

void ndr_client_marshal(struct ndr_call *call)
{
    const struct ndr_proc *proc = &call->proc;
    unsigned int i;

    call->msg.BufferLength = proc->client_size;
    for (i = 0; i < proc->param_count; i++) {
        const struct ndr_param *param = &proc->params[i];

        if (param->attributes & PARAM_IS_IN) {
            if (proc->old_style || param->attributes & PARAM_MUST_SIZE)
                ndr_param_size(call, param);
        } else if (!call->results_later) {
            prepare_result(call, param);
        }
    }
    call->phase = PHASE_MARSHALLED;
    if (call->pipes)
        ndr_pipes_flags(call->pipes,
                        RPC_BUFFER_PARTIAL | (ndr_pipes_read_any(call->pipes) ? RPC_BUFFER_EXTRA : 0));
    if (call->carrier)
        call->carrier->get_buffer(call, call->msg.BufferLength);
    else
        NdrGetBuffer(&call->msg, call->msg.BufferLength, call->binding.handle);
    for (i = 0; i < proc->param_count; i++) {
        if (proc->params[i].attributes & PARAM_IS_IN)
            ndr_param_marshal(call, &proc->params[i]);
    }
}

unsigned int ndr_result_size(const struct ndr_call *call)
{
    const struct ndr_param *last;

    if (!(call->proc.opt_flags & OPT_HAS_RETURN) || !call->proc.param_count)
        return 0;
    last = &call->proc.params[call->proc.param_count - 1];
    switch (last->passing) {
    case PASS_BASE:
        return ndr_base_memory(last->format[0]);
    case PASS_VALUE:
        return ndr_static_memory_size(last->format);
    default:
        return sizeof(void *);
    }
}

static void unmarshal_result(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *memory = (unsigned char *)&call->result;

    if (ndr_result_size(call) > sizeof(call->result))
        os_raise(RPC_X_BAD_STUB_DATA);
    switch (param->passing) {
    case PASS_BASE:
        NdrSimpleTypeUnmarshall(&call->msg, memory, param->format[0]);
        break;
    case PASS_VALUE:
    case PASS_CONTEXT:
        ndr_unmarshal(&call->msg, &memory, param->format, FALSE);
        break;
    default:
        ndr_unmarshal(&call->msg, (unsigned char **)memory, param->format, FALSE);
    }
}

static void unmarshal_param(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *memory;

    if (param->passing == PASS_IGNORE || param->passing == PASS_PIPE)
        return;
    call->msg.ParamNumber = param - call->proc.params;
    if (param->attributes & PARAM_IS_RETURN) {
        unmarshal_result(call, param);
    } else if (param->passing == PASS_POINTER_TO) {
        ndr_unmarshal(&call->msg, *(unsigned char ***)(call->stack + param->offset), param->format, FALSE);
    } else {
        memory = ndr_param_memory(call, param);
        if (param->attributes & PARAM_IS_BASETYPE)
            NdrSimpleTypeUnmarshall(&call->msg, memory, param->format[0]);
        else
            ndr_unmarshal(&call->msg, &memory, param->format, FALSE);
    }
}

void ndr_client_unmarshal(struct ndr_call *call)
{
    unsigned int i;

    ndr_call_convert(call, PARAM_IS_OUT);
    for (i = 0; i < call->proc.param_count; i++) {
        if (call->proc.params[i].attributes & PARAM_IS_OUT)
            unmarshal_param(call, &call->proc.params[i]);
        call->unmarshalled = i + 1;
    }
    call->result_size = ndr_result_size(call);
    call->phase = PHASE_DONE;
}

/* After a failure in the reply. What an [in,out] parameter has got from it stays, for the caller's structures
 * may lead there; the parameter that failed has nothing, and those behind it hold what the caller left in
 * them. */
static void undo_reply(void *context)
{
    struct ndr_call *call = context;
    unsigned int i;

    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if ((param->attributes & (PARAM_IS_IN | PARAM_IS_OUT | PARAM_IS_RETURN)) != PARAM_IS_OUT ||
            param->passing == PASS_IGNORE || param->passing == PASS_PIPE)
            continue;
        if (i < call->unmarshalled && param->passing == PASS_POINTER)
            NdrClearOutParameters(&call->msg, param->format, ndr_param_memory(call, param));
        else
            clear_out(call, param);
    }
}

void ndr_client_close(struct ndr_call *call)
{
    if (call->phase == PHASE_MARSHALLED)
        os_try(undo_reply, call);
    if (call->carrier)
        call->carrier->free_buffer(call);
    else
        NdrFreeBuffer(&call->msg);
    ndr_call_end(call);
    ndr_binding_release(&call->binding);
    ndr_proc_free(&call->proc);
}

static void run(void *context)
{
    struct ndr_call *call = context;

    ndr_client_open(call);
    ndr_client_marshal(call);
    if (call->carrier)
        call->carrier->send(call);
    else if (call->pipes)
        ndr_pipes_exchange(call->pipes);
    else if (call->proc.handle_type == FC_AUTO_HANDLE)
        NdrNsSendReceive(&call->msg, call->msg.Buffer, call->desc->IMPLICIT_HANDLE_INFO.pAutoHandle);
    else
        NdrSendReceive(&call->msg, call->msg.Buffer);
    ndr_client_unmarshal(call);
}

static void close(void *context)
{
    ndr_client_close(context);
}

void ndr_client_run(struct ndr_call *call)
{
    os_finally(run, close, call);
}

static void run_and_close(void *context)
{
    ndr_client_run(context);
}

/* Where a status goes: -1 is the return value, -2 nowhere, else a parameter's place on the stack. */
static ULONG *status_place(struct ndr_call *call, short offset)
{
    if (offset == -1)
        return (ULONG *)&call->result;
    if (offset < 0)
        return NULL;
    return *(ULONG **)(call->stack + offset);
}

static void run_with_status(struct ndr_call *call)
{
    const COMM_FAULT_OFFSETS *offsets = &call->desc->CommFaultOffsets[call->proc.proc_num];
    RPC_STATUS status = os_try(run_and_close, call);

    if (status != RPC_S_OK)
        NdrMapCommAndFaultStatus(&call->msg, status_place(call, offsets->CommOffset),
                                 status_place(call, offsets->FaultOffset), status);
}

/* A method of an interface pointer: what it fails with is its HRESULT. */
static void run_method(struct ndr_call *call)
{
    RPC_STATUS status;

    call->carrier = &com_proxy_carrier;
    call->object = *(void **)call->stack;
    status = os_try(run_and_close, call);
    if (status != RPC_S_OK) {
        call->result = (ULONG)NdrProxyErrorHandler(status);
        call->result_size = sizeof(HRESULT);
    }
}

static void begin(struct ndr_call *call, RPC_MESSAGE *rpc, const MIDL_STUB_DESC *desc, unsigned char *stack)
{
    memset(call, 0, offsetof(struct ndr_call, msg));
    memset(&call->rpc, 0, sizeof(*call) - offsetof(struct ndr_call, rpc));
    call->desc = desc;
    call->rpc = rpc;
    call->stack = stack;
}

unsigned int ndr_argument_size(const struct ndr_proc *proc)
{
    const struct ndr_param *last = proc->param_count ? &proc->params[proc->param_count - 1] : NULL;

    return last && last->attributes & PARAM_IS_RETURN && last->offset < proc->stack_size ? last->offset
                                                                                         : proc->stack_size;
}

/* Floating-point arguments among the first four come in registers of their own. Source: "x64 calling
 * convention" (learn.microsoft.com, C++ documentation). */
static void take_floats(struct ndr_call *call, const ULONGLONG *floats)
{
    unsigned int i;

    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if (param->passing == PASS_BASE && param->offset < 32 && !(param->attributes & PARAM_IS_RETURN) &&
            (param->format[0] == FC_FLOAT || param->format[0] == FC_DOUBLE))
            *(ULONGLONG *)(call->stack + param->offset) = floats[param->offset / 8];
    }
}

struct decoding {
    struct ndr_call *call;
    PFORMAT_STRING format;
};

static void decode_method(void *context)
{
    const struct decoding *decoding = context;

    ndr_proc_decode(&decoding->call->proc, decoding->call->desc, decoding->format,
                    !(decoding->format[1] & OI_OBJECT_NEW_STYLE));
}

ULONGLONG ndr_client_call_method(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                                 const ULONGLONG *floats, unsigned int *argument_size)
{
    struct ndr_call call;
    RPC_MESSAGE rpc;
    struct decoding decoding = {&call, format};
    RPC_STATUS status;

    begin(&call, &rpc, desc, stack);
    status = os_try(decode_method, &decoding);
    *argument_size = ndr_argument_size(&call.proc);
    if (status != RPC_S_OK)
        return (ULONG)NdrProxyErrorHandler(status);
    if (floats)
        take_floats(&call, floats);
    run_method(&call);
    return call.result;
}

ULONGLONG ndr_client_call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                          unsigned int flags, void *result)
{
    struct ndr_call call;
    RPC_MESSAGE rpc;

    begin(&call, &rpc, desc, stack);
    ndr_proc_decode(&call.proc, desc, format, !!(flags & NDR_CALL_OLD_STYLE));
    if (flags & NDR_CALL_VARARGS)
        ndr_client_demote_floats(&call);
    if (call.proc.oi_flags & OI_OBJECT_PROC)
        run_method(&call);
    else if (call.proc.oi_flags & OI_HAS_COMM_OR_FAULT && desc->CommFaultOffsets)
        run_with_status(&call);
    else
        run_and_close(&call);
    if (result)
        memcpy(result, &call.result, call.result_size);
    return call.result;
}
