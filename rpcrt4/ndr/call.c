/*
 * What both sides of an interpreted call do: sizing and marshalling a parameter where it lies on the argument
 * stack, conversion of a foreign representation, full pointers, correlation. Called by client.c, server.c,
 * async.c and pickle.c; a struct ndr_call belongs to one thread at a time, no lock.
 */
#include "pipe.h"

static void begin_correlation(struct ndr_call *call)
{
    const struct ndr_proc *proc = &call->proc;
    unsigned int check = call->msg.IsClient ? OPT2_CLIENT_CORR_CHECK : OPT2_SERVER_CORR_CHECK;

    call->msg.fHasNewCorrDesc = !!(proc->opt_flags2 & OPT2_NEW_CORR_DESC);
    if (proc->opt_flags2 & OPT2_RANGE_ON_CONFORMANCE)
        call->msg.uFlags2 |= NDR_CORRELATION_RANGE;
    if (proc->opt_flags2 & check)
        NdrCorrelationInitialize(&call->msg, call->correlation, sizeof(call->correlation), 0);
}

void ndr_call_begin(struct ndr_call *call)
{
    call->msg.fHasExtensions = !!(call->proc.opt_flags & OPT_HAS_EXTENSIONS);
    call->msg.fHasReturn = !!(call->proc.opt_flags & OPT_HAS_RETURN);
    call->msg.fIsOicfServer = !call->msg.IsClient && !call->proc.old_style;
    call->msg.StackTop = call->stack;
    if (call->proc.oi_flags & OI_FULL_PTR_USED)
        call->msg.FullPtrXlatTables =
            NdrFullPointerXlatInit(0, call->msg.IsClient ? XLAT_CLIENT : XLAT_SERVER);
    begin_correlation(call);
    call->pipes = ndr_pipes_new(call);
}

void ndr_call_end(struct ndr_call *call)
{
    if (call->msg.pCorrInfo)
        NdrCorrelationFree(&call->msg);
    if (call->msg.FullPtrXlatTables)
        NdrFullPointerXlatFree(call->msg.FullPtrXlatTables);
    call->msg.FullPtrXlatTables = NULL;
    os_free(call->pipes);
    call->pipes = NULL;
}

void ndr_call_convert(struct ndr_call *call, unsigned int attributes)
{
    const ULONG mask = NDR_CHAR_REP_MASK | NDR_INT_REP_MASK | NDR_FLOAT_REP_MASK;
    unsigned char *start = call->msg.Buffer;
    unsigned int i;

    if ((call->rpc->DataRepresentation & mask) == NDR_LOCAL_DATA_REPRESENTATION)
        return;
    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if (param->attributes & attributes && param->passing != PASS_IGNORE && param->passing != PASS_PIPE)
            ndr_convert_type(&call->msg, param->format);
    }
    call->msg.Buffer = start;
}

void ndr_param_size(struct ndr_call *call, const struct ndr_param *param)
{
    if (param->passing == PASS_IGNORE || param->passing == PASS_PIPE)
        return;
    call->msg.ParamNumber = param - call->proc.params;
    ndr_size(&call->msg, ndr_param_memory(call, param), param->format);
}

void ndr_param_marshal(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *memory;

    if (param->passing == PASS_IGNORE || param->passing == PASS_PIPE)
        return;
    memory = ndr_param_memory(call, param);
    call->msg.ParamNumber = param - call->proc.params;
    if (param->attributes & PARAM_IS_BASETYPE)
        NdrSimpleTypeMarshall(&call->msg, memory, param->format[0]);
    else
        ndr_marshal(&call->msg, memory, param->format);
}
