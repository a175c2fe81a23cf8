/*
 * The server's interpreter: NdrServerCall2 and its kin, and the steps they share with asynchronous calls
 * (async.c). Called by the runtime's dispatch, on a thread of its own; a struct ndr_call belongs to one
 * thread at a time, so there is no lock.
 *
 * One block in the heap holds the call, the manager's argument stack and the small memory behind its
 * reference parameters. Every parameter that came whole is freed by its type, whether the call succeeded or
 * not. Exceptions go on to the runtime, which answers with a fault.
 */
#include "proc.h"
#include "pipe.h"
#include "context.h"

static const MIDL_SERVER_INFO *server_info(const RPC_MESSAGE *rpc)
{
    const RPC_SERVER_INTERFACE *spec = rpc->RpcInterfaceInformation;

    return spec->InterpreterInfo;
}

static unsigned int number_of(const RPC_MESSAGE *rpc)
{
    return rpc->ProcNum & ~RPC_FLAGS_VALID_BIT;
}

/* ---- the block */

static SIZE_T up16(SIZE_T size)
{
    return (size + 15) & ~(SIZE_T)15;
}

/* Octets of memory behind reference parameters that are known beforehand. */
static SIZE_T arena_size(const struct ndr_proc *proc)
{
    SIZE_T size = 16; /* an explicit handle's */
    unsigned int i;

    for (i = 0; i < proc->param_count; i++)
        size += sizeof(struct ndr_pipe_routines) + 8 * (proc->params[i].attributes >> PARAM_ALLOC_SHIFT);
    return size;
}

struct ndr_call *ndr_server_new(RPC_MESSAGE *rpc, const MIDL_SERVER_INFO *info, BOOL old_style)
{
    struct ndr_proc proc;
    struct ndr_call *call;
    SIZE_T stack, arena, contexts;

    if (!info->ProcString)
        os_raise(RPC_S_UNSUPPORTED_TRANS_SYN);
    ndr_proc_decode(&proc, info->pStubDesc, info->ProcString + info->FmtStringOffset[number_of(rpc)],
                    old_style);
    /* The return value may need more than its slot. */
    stack = up16(proc.stack_size + 8);
    arena = up16(arena_size(&proc));
    contexts = proc.param_count * sizeof(NDR_SCONTEXT);
    call = os_alloc_zero(up16(sizeof(*call)) + stack + arena + contexts);
    if (!call) {
        ndr_proc_free(&proc);
        os_raise(RPC_S_OUT_OF_MEMORY);
    }
    call->proc = proc;
    if (proc.params == proc.in_line)
        call->proc.params = call->proc.in_line;
    call->server = info;
    call->desc = info->pStubDesc;
    call->rpc = rpc;
    call->stack = (unsigned char *)call + up16(sizeof(*call));
    call->arena = call->arena_next = call->stack + stack;
    call->arena_end = call->arena + arena;
    call->contexts = (NDR_SCONTEXT *)call->arena_end;
    return call;
}

static unsigned char *arena_alloc(struct ndr_call *call, SIZE_T size)
{
    unsigned char *memory = call->arena_next;

    call->arena_next += (size + 7) & ~(SIZE_T)7;
    return memory;
}

static void **slot_of(struct ndr_call *call, const struct ndr_param *param)
{
    return (void **)(call->stack + param->offset);
}

/* ---- arguments in */

static void supply_handle(struct ndr_call *call)
{
    PFORMAT_STRING format = call->proc.handle_format;
    void **slot;

    if (!format || format[0] != FC_BIND_PRIMITIVE)
        return;
    slot = (void **)(call->stack + ndr_fc_ushort(format + 2));
    if (format[1]) {
        *slot = arena_alloc(call, sizeof(void *));
        slot = *slot;
    }
    *slot = call->rpc->Handle;
}

/* Puts a context handle where the manager finds it. */
static void supply_context(struct ndr_call *call, const struct ndr_param *param, NDR_SCONTEXT context)
{
    call->contexts[param - call->proc.params] = context;
    if (param->attributes & PARAM_IS_RETURN)
        return;
    if (param->format[1] & HANDLE_IS_VIA_PTR)
        *slot_of(call, param) = NDRSContextValue(context);
    else
        *slot_of(call, param) = *NDRSContextValue(context);
}

static void unmarshal_value(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *slot = (unsigned char *)slot_of(call, param), *memory = slot;

    ndr_unmarshal(&call->msg, &memory, param->format, FALSE);
    if (memory != slot)
        memcpy(slot, memory, ndr_static_memory_size(param->format));
}

static void unmarshal_param(struct ndr_call *call, const struct ndr_param *param)
{
    void **slot = slot_of(call, param);
    unsigned int supplied = (param->attributes >> PARAM_ALLOC_SHIFT) * 8;

    call->msg.ParamNumber = param - call->proc.params;
    switch (param->passing) {
    case PASS_BASE:
        NdrSimpleTypeUnmarshall(&call->msg, (unsigned char *)slot, param->format[0]);
        break;
    case PASS_BASE_REF:
        *slot = arena_alloc(call, supplied ? supplied : 8);
        NdrSimpleTypeUnmarshall(&call->msg, *slot, param->format[0]);
        break;
    case PASS_VALUE:
        unmarshal_value(call, param);
        break;
    case PASS_CONTEXT:
        supply_context(call, param, NdrServerContextNewUnmarshall(&call->msg, param->format));
        break;
    case PASS_POINTER_TO:
        *slot = arena_alloc(call, supplied);
        ndr_unmarshal(&call->msg, *slot, param->format, FALSE);
        break;
    case PASS_POINTER:
        if (supplied)
            *slot = arena_alloc(call, supplied);
        ndr_unmarshal(&call->msg, (unsigned char **)slot, param->format, FALSE);
        break;
    default:
        break;
    }
}

/* ---- arguments out */

/* Memory for what the manager will give back through an [out] parameter, cleared. */
static void supply_out(struct ndr_call *call, const struct ndr_param *param)
{
    void **slot = slot_of(call, param);
    unsigned int supplied = (param->attributes >> PARAM_ALLOC_SHIFT) * 8;

    switch (param->passing) {
    case PASS_BASE_REF:
    case PASS_POINTER_TO:
        *slot = arena_alloc(call, supplied ? supplied : 8);
        break;
    case PASS_CONTEXT:
        supply_context(call, param, NdrContextHandleInitialize(&call->msg, param->format));
        break;
    case PASS_POINTER:
        if (supplied)
            *slot = arena_alloc(call, supplied);
        else if (param->attributes & PARAM_IS_SIMPLE_REF)
            ndr_out_memory(&call->msg, param->format, (unsigned char **)slot);
        else
            NdrOutInit(&call->msg, param->format, (unsigned char **)slot);
        break;
    default:
        break;
    }
}

static BOOL is_out_only(const struct ndr_param *param)
{
    return (param->attributes & (PARAM_IS_IN | PARAM_IS_OUT)) == PARAM_IS_OUT;
}

static void supply_outs(struct ndr_call *call)
{
    unsigned int i;

    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if (is_out_only(param) && (!(param->attributes & PARAM_IS_RETURN) || param->passing == PASS_CONTEXT))
            supply_out(call, param);
    }
}

void ndr_server_unmarshal(struct ndr_call *call)
{
    unsigned int i;

    if (call->carrier)
        call->carrier->open(call);
    else if (call->proc.opt_flags & OPT_HAS_PIPES)
        NdrServerInitializePartial(call->rpc, &call->msg, (PMIDL_STUB_DESC)call->desc, 0);
    else
        NdrServerInitializeNew(call->rpc, &call->msg, (PMIDL_STUB_DESC)call->desc);
    call->msg.SavedContextHandles = call->contexts;
    ndr_call_begin(call);
    if (call->pipes)
        ndr_pipes_await_arguments(call->pipes);
    if (call->proc.oi_flags & OI_RPCSS_ALLOC_USED)
        NdrRpcSsEnableAllocate(&call->msg);
    ndr_call_convert(call, PARAM_IS_IN);
    for (i = 0; i < call->proc.param_count; i++) {
        if (call->proc.params[i].attributes & PARAM_IS_IN)
            unmarshal_param(call, &call->proc.params[i]);
        call->unmarshalled = i + 1;
    }
    supply_handle(call);
    if (call->msg.pCorrInfo)
        NdrCorrelationPass(&call->msg);
    supply_outs(call);
    if (call->pipes)
        ndr_pipes_supply(call->pipes, arena_alloc);
    if (call->pipes && call->proc.opt_flags & OPT_HAS_ASYNC_HANDLE)
        ndr_pipes_open_async(call->pipes);
}

/* ---- the manager */

static const struct ndr_param *return_param(const struct ndr_call *call)
{
    if (!(call->proc.opt_flags & OPT_HAS_RETURN) || !call->proc.param_count)
        return NULL;
    return &call->proc.params[call->proc.param_count - 1];
}

enum ndr_result ndr_server_result_kind(const struct ndr_call *call)
{
    const struct ndr_param *param = return_param(call);

    if (!param || param->passing != PASS_BASE)
        return RESULT_INTEGER;
    if (param->format[0] == FC_FLOAT)
        return RESULT_FLOAT;
    return param->format[0] == FC_DOUBLE ? RESULT_DOUBLE : RESULT_INTEGER;
}

void ndr_server_set_result(struct ndr_call *call, const void *result)
{
    const struct ndr_param *param = return_param(call);

    if (!param)
        return;
    if (param->passing == PASS_CONTEXT)
        *NDRSContextValue(call->contexts[call->proc.param_count - 1]) = *(void *const *)result;
    else
        memcpy(slot_of(call, param), result, ndr_result_size(call));
}

BOOL ndr_server_invoke(struct ndr_call *call, ULONGLONG *result)
{
    const MIDL_SERVER_INFO *info = call->server;
    const SERVER_ROUTINE *table = info->DispatchTable;
    unsigned int number = number_of(call->rpc);

    runtime_call_entered(call->rpc->Handle);
    call->called = TRUE;
    if (call->rpc->ManagerEpv)
        table = (const SERVER_ROUTINE *)call->rpc->ManagerEpv;
    if (info->ThunkTable && info->ThunkTable[number]) {
        info->ThunkTable[number](&call->msg);
        return FALSE;
    }
    ndr_invoke((void *)table[number], call->stack, ndr_argument_size(&call->proc),
               ndr_server_result_kind(call), result);
    return TRUE;
}

/* ---- results */

static void size_results(struct ndr_call *call)
{
    const struct ndr_proc *proc = &call->proc;
    unsigned int i;

    call->msg.BufferLength = proc->server_size;
    for (i = 0; i < proc->param_count; i++) {
        const struct ndr_param *param = &proc->params[i];

        if (param->attributes & PARAM_IS_OUT && (proc->old_style || param->attributes & PARAM_MUST_SIZE)) {
            if (param->passing == PASS_CONTEXT)
                NdrContextHandleSize(&call->msg, NULL, param->format);
            else
                ndr_param_size(call, param);
        }
    }
}

static void marshal_context(struct ndr_call *call, const struct ndr_param *param)
{
    NDR_SCONTEXT context = call->contexts[param - call->proc.params];

    NdrServerContextNewMarshall(&call->msg, context, call->desc->apfnNdrRundownRoutines[param->format[2]],
                                param->format);
}

/* The other results follow what the manager pushed into its pipes. */
static void begin_results(struct ndr_call *call)
{
    if (call->carrier) {
        call->carrier->get_buffer(call, call->msg.BufferLength);
        return;
    }
    if (!call->pipes) {
        NdrGetBuffer(&call->msg, call->msg.BufferLength, call->rpc->Handle);
        return;
    }
    ndr_pipes_check_done(call->pipes);
    ndr_pipes_flags(call->pipes, 0);
    NdrGetBuffer(&call->msg, call->msg.BufferLength + 16, call->rpc->Handle);
}

void ndr_server_marshal(struct ndr_call *call)
{
    unsigned int i;

    size_results(call);
    begin_results(call);
    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if (!(param->attributes & PARAM_IS_OUT))
            continue;
        if (param->passing == PASS_CONTEXT)
            marshal_context(call, param);
        else
            ndr_param_marshal(call, param);
    }
    call->rpc->BufferLength = call->msg.Buffer - (unsigned char *)call->rpc->Buffer;
}

/* ---- the end */

/* Arguments' own memory and the received buffer, its end too: there an array of no elements lies when it
 * comes last, and no block of the heap begins there, for something of the heap's own lies in front of each.
 */
static BOOL is_supplied(const struct ndr_call *call, const unsigned char *memory)
{
    return (memory >= call->arena && memory < call->arena_end) ||
           (memory >= call->msg.BufferStart && memory <= call->msg.BufferEnd);
}

/* Whether a pointer parameter's description is that of the pointer, so that freeing it by type frees all. */
static BOOL is_pointer_format(const struct ndr_param *param)
{
    return !(param->attributes & PARAM_IS_SIMPLE_REF) &&
           ((param->format[0] >= FC_RP && param->format[0] <= FC_FP) ||
            param->format[0] == FC_BYTE_COUNT_POINTER);
}

static void free_pointer(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *memory = *slot_of(call, param);

    if (!memory)
        return;
    if (is_pointer_format(param)) {
        ndr_free(&call->msg, memory, param->format);
        if (param->format[0] == FC_RP && param->format[1] & FC_ALLOCED_ON_STACK && !is_supplied(call, memory))
            call->msg.pfnFree(memory);
        return;
    }
    if (param->attributes & PARAM_MUST_FREE)
        ndr_free(&call->msg, memory, param->format);
    if (param->format[0] != FC_IP && !is_supplied(call, memory))
        call->msg.pfnFree(memory);
}

static void free_param(struct ndr_call *call, const struct ndr_param *param)
{
    call->msg.ParamNumber = param - call->proc.params;
    call->msg.fDontCallFreeInst = !!(param->attributes & PARAM_DONT_CALL_FREE_INST);
    if (param->passing == PASS_VALUE && param->attributes & PARAM_MUST_FREE)
        ndr_free(&call->msg, (unsigned char *)slot_of(call, param), param->format);
    else if (param->passing == PASS_POINTER)
        free_pointer(call, param);
    else if (param->passing == PASS_POINTER_TO && *slot_of(call, param))
        ndr_free(&call->msg, *(unsigned char **)*slot_of(call, param), param->format);
}

static void free_params(struct ndr_call *call)
{
    unsigned int i;

    for (i = 0; i < call->proc.param_count; i++) {
        if (i < call->unmarshalled || !(call->proc.params[i].attributes & PARAM_IS_IN))
            free_param(call, &call->proc.params[i]);
    }
}

/* The flag tells whether the manager was called. Stubs declare the routines with either calling convention,
 * which ndr_invoke does not mind. Source: SDK "notify", "notify_flag". */
static void run_notify(const struct ndr_call *call)
{
    const NDR_NOTIFY_ROUTINE *table = call->desc->NotifyRoutineTable;
    ULONG_PTR flag = call->called;
    ULONGLONG nothing;

    if (call->proc.opt_flags2 & OPT2_HAS_NOTIFY2)
        ndr_invoke((void *)table[call->proc.notify_index], &flag, sizeof(flag), RESULT_INTEGER, &nothing);
    else if (call->proc.opt_flags2 & OPT2_HAS_NOTIFY)
        ndr_invoke((void *)table[call->proc.notify_index], NULL, 0, RESULT_INTEGER, &nothing);
}

void ndr_server_delete(struct ndr_call *call)
{
    free_params(call);
    if (call->proc.oi_flags & OI_RPCSS_ALLOC_USED)
        NdrRpcSsDisableAllocate(&call->msg);
    run_notify(call);
    ndr_call_end(call);
    ndr_proc_free(&call->proc);
    os_free(call);
}

static void run(void *context)
{
    struct ndr_call *call = context;
    ULONGLONG result;

    ndr_server_unmarshal(call);
    if (ndr_server_invoke(call, &result))
        ndr_server_set_result(call, &result);
    ndr_server_marshal(call);
    call->phase = PHASE_DONE;
}

static void finish(void *context)
{
    ndr_server_delete(context);
}

/* The dispatch routine of synchronous procedures. Source: SDK, NdrServerCall2. */
void RPC_ENTRY NdrServerCall2(PRPC_MESSAGE rpc)
{
    os_finally(run, finish, ndr_server_new(rpc, server_info(rpc), FALSE));
}

#ifdef _WIN64
/* As NdrServerCall2 for interfaces that know several transfer syntaxes; a request in NDR 2.0. */
void RPC_ENTRY NdrServerCallAll(PRPC_MESSAGE rpc)
{
    NdrServerCall2(rpc);
}
#else
/* As NdrServerCall2 for -Oi stubs. */
void RPC_ENTRY NdrServerCall(PRPC_MESSAGE rpc)
{
    os_finally(run, finish, ndr_server_new(rpc, server_info(rpc), TRUE));
}
#endif
