/*
 * Procedure format strings: the header in its three generations (-Oi, -Oif, -Oicf with extensions) and the
 * parameters, old style and new, brought into one form. Pure functions of the format string, which is the
 * program's own and trusted as code is; no lock.
 *
 * Decoding costs a few nanoseconds a parameter, less than finding it in a cache that would have to notice
 * when a DLL with stubs is unloaded; so nothing is cached.
 */
#include "proc.h"

/* How a type that is not a base type is passed, where -Oif's attributes do not say or leave it open. */
static enum ndr_passing type_passing(const struct ndr_param *param)
{
    PFORMAT_STRING format = param->format;

    if (param->attributes & PARAM_IS_PIPE || format[0] == FC_PIPE)
        return PASS_PIPE;
    switch (format[0]) {
    case FC_BIND_CONTEXT:
        return PASS_CONTEXT;
    case FC_BIND_PRIMITIVE:
    case FC_AUTO_HANDLE:
    case FC_CALLBACK_HANDLE:
    case FC_IGNORE:
        return PASS_IGNORE;
    case FC_RP:
        if (!(format[1] & FC_SIMPLE_POINTER) && *ndr_fc_target(format + 2) == FC_BIND_CONTEXT)
            return PASS_CONTEXT;
        return PASS_POINTER;
    case FC_STRUCT:
    case FC_PSTRUCT:
    case FC_CSTRUCT:
    case FC_CPSTRUCT:
    case FC_CVSTRUCT:
    case FC_BOGUS_STRUCT:
    case FC_HARD_STRUCT:
    case FC_ENCAPSULATED_UNION:
    case FC_NON_ENCAPSULATED_UNION:
    case FC_TRANSMIT_AS:
    case FC_TRANSMIT_AS_PTR:
    case FC_REPRESENT_AS:
    case FC_REPRESENT_AS_PTR:
    case FC_USER_MARSHAL:
    case FC_RANGE:
        return param->attributes & PARAM_IS_SIMPLE_REF ? PASS_POINTER : PASS_VALUE;
    default:
        return PASS_POINTER;
    }
}

#ifdef _WIN64
/* Whether the calling convention passes a structure of this size by reference.
 * Source: "x64 calling convention" (learn.microsoft.com, C++ documentation). */
static BOOL passed_by_reference(PFORMAT_STRING format)
{
    unsigned int size;

    switch (format[0]) {
    case FC_STRUCT:
    case FC_PSTRUCT:
    case FC_BOGUS_STRUCT:
    case FC_HARD_STRUCT:
        size = ndr_fc_ushort(format + 2);
        return size > 8 || (size & (size - 1));
    default:
        return FALSE;
    }
}
#endif

/* For a reference to a string's pointer widl describes the latter alone, and says that the server has to
 * supply memory, which it never has for a string's pointer itself. MIDL says so of unique pointers to
 * pointers alone. */
static BOOL is_behind_reference(const struct ndr_param *param)
{
    PFORMAT_STRING format = param->format;

    return param->attributes >> PARAM_ALLOC_SHIFT && !(param->attributes & PARAM_IS_SIMPLE_REF) &&
           (format[0] == FC_UP || format[0] == FC_OP || format[0] == FC_FP) &&
           format[1] & FC_SIMPLE_POINTER && (format[2] == FC_C_WSTRING || format[2] == FC_C_CSTRING);
}

static enum ndr_passing passing_of(const struct ndr_param *param)
{
    enum ndr_passing passing;

    if (param->attributes & PARAM_IS_BASETYPE) {
        if (param->format[0] == FC_IGNORE)
            return PASS_IGNORE;
        return param->attributes & PARAM_IS_SIMPLE_REF ? PASS_BASE_REF : PASS_BASE;
    }
    passing = type_passing(param);
    if (passing == PASS_POINTER && is_behind_reference(param))
        return PASS_POINTER_TO;
#ifdef _WIN64
    if (passing == PASS_VALUE && passed_by_reference(param->format))
        passing = PASS_POINTER;
#endif
    return passing;
}

/* Reads a context handle's parameter through the reference pointer that may stand before it. */
static void settle_context(struct ndr_param *param)
{
    if (param->passing == PASS_CONTEXT && param->format[0] == FC_RP)
        param->format = ndr_fc_target(param->format + 2);
}

static void decode_new_param(struct ndr_param *param, const MIDL_STUB_DESC *desc, PFORMAT_STRING format)
{
    param->attributes = ndr_fc_ushort(format);
    param->offset = ndr_fc_ushort(format + 2);
    if (param->attributes & PARAM_IS_BASETYPE)
        param->format = format + 4;
    else
        param->format = desc->pFormatTypes + ndr_fc_ushort(format + 4);
    param->passing = passing_of(param);
    settle_context(param);
}

static unsigned int slots(unsigned int size)
{
    return (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
}

/* Gives where the next parameter's description begins; *stack moves past this one's slot. */
static PFORMAT_STRING decode_old_param(struct ndr_param *param, const MIDL_STUB_DESC *desc,
                                       PFORMAT_STRING format, unsigned int *stack)
{
    unsigned char code = format[0];

    param->offset = *stack;
    param->attributes = 0;
    if (code == FC_IN_PARAM_BASETYPE || code == FC_RETURN_PARAM_BASETYPE) {
        param->attributes = PARAM_IS_BASETYPE;
        param->attributes |= code == FC_IN_PARAM_BASETYPE ? PARAM_IS_IN : PARAM_IS_OUT | PARAM_IS_RETURN;
        param->format = format + 1;
        *stack += format[1] == FC_IGNORE ? sizeof(void *) : slots(ndr_base_memory(format[1]));
        format += 2;
    } else {
        if (code == FC_IN_PARAM || code == FC_IN_PARAM_NO_FREE_INST || code == FC_IN_OUT_PARAM)
            param->attributes |= PARAM_IS_IN;
        if (code == FC_OUT_PARAM || code == FC_IN_OUT_PARAM)
            param->attributes |= PARAM_IS_OUT;
        if (code == FC_RETURN_PARAM)
            param->attributes |= PARAM_IS_OUT | PARAM_IS_RETURN;
        if (code == FC_IN_PARAM_NO_FREE_INST)
            param->attributes |= PARAM_DONT_CALL_FREE_INST;
        param->attributes |= PARAM_MUST_SIZE | PARAM_MUST_FREE;
        param->format = desc->pFormatTypes + ndr_fc_ushort(format + 2);
        *stack += format[1] * sizeof(void *);
        format += 4;
    }
    param->passing = passing_of(param);
    settle_context(param);
    return format;
}

static BOOL is_old_param(unsigned char code)
{
    return code >= FC_IN_PARAM && code <= FC_RETURN_PARAM_BASETYPE;
}

/* Where the old style's parameters begin: behind a method's object, which is not described. */
static unsigned int first_slot(const struct ndr_proc *proc)
{
    return proc->oi_flags & OI_OBJECT_PROC ? sizeof(void *) : 0;
}

/* The old style does not tell how many parameters there are: they end where the stack is full, with the
 * return value, if any, as the last. */
static unsigned int count_old_params(const struct ndr_proc *proc, const MIDL_STUB_DESC *desc,
                                     PFORMAT_STRING format)
{
    struct ndr_param param;
    unsigned int stack = first_slot(proc), count = 0;

    while (stack < proc->stack_size && is_old_param(format[0])) {
        format = decode_old_param(&param, desc, format, &stack);
        count++;
        if (param.attributes & PARAM_IS_RETURN)
            break;
    }
    return count;
}

static PFORMAT_STRING decode_header(struct ndr_proc *proc, PFORMAT_STRING format)
{
    proc->handle_type = format[0];
    proc->oi_flags = format[1];
    format += 2;
    if (proc->oi_flags & OI_HAS_RPCFLAGS) {
        proc->rpc_flags = ndr_fc_ulong(format);
        format += 4;
    }
    proc->proc_num = ndr_fc_ushort(format);
    proc->stack_size = ndr_fc_ushort(format + 2);
    format += 4;
    if (!proc->handle_type) {
        proc->handle_format = format;
        format += format[0] == FC_BIND_PRIMITIVE ? 4 : 6;
    }
    return format;
}

static PFORMAT_STRING decode_extensions(struct ndr_proc *proc, PFORMAT_STRING format)
{
    PFORMAT_STRING extension;

    proc->client_size = ndr_fc_ushort(format);
    proc->server_size = ndr_fc_ushort(format + 2);
    proc->opt_flags = format[4];
    proc->param_count = format[5];
    format += 6;
    if (!(proc->opt_flags & OPT_HAS_EXTENSIONS))
        return format;
    extension = format;
    proc->opt_flags2 = extension[1];
    if (extension[0] >= 8)
        proc->notify_index = ndr_fc_ushort(extension + 6);
    return format + extension[0];
}

static void make_room(struct ndr_proc *proc)
{
    proc->params = proc->in_line;
    if (proc->param_count <= NDR_INLINE_PARAMS)
        return;
    proc->params = os_alloc(proc->param_count * sizeof(*proc->params));
    if (!proc->params)
        os_raise(RPC_S_OUT_OF_MEMORY);
}

/* widl describes an explicit primitive handle among the parameters, as a long, which is then transmitted, but
 * does not count it in client_size. */
static void count_handle(struct ndr_proc *proc)
{
    unsigned int i;

    if (!proc->handle_format || proc->handle_format[0] != FC_BIND_PRIMITIVE)
        return;
    for (i = 0; i < proc->param_count; i++) {
        if (proc->params[i].passing == PASS_BASE && !(proc->params[i].attributes & PARAM_IS_RETURN) &&
            proc->params[i].offset == ndr_fc_ushort(proc->handle_format + 2))
            proc->client_size += 8;
    }
}

void ndr_proc_decode(struct ndr_proc *proc, const MIDL_STUB_DESC *desc, PFORMAT_STRING format, BOOL old_style)
{
    unsigned int i, stack;

    memset(proc, 0, offsetof(struct ndr_proc, in_line));
    format = decode_header(proc, format);
    proc->old_style = old_style;
    if (old_style) {
        proc->param_count = count_old_params(proc, desc, format);
        make_room(proc);
        stack = first_slot(proc);
        for (i = 0; i < proc->param_count; i++)
            format = decode_old_param(&proc->params[i], desc, format, &stack);
        if (i && proc->params[i - 1].attributes & PARAM_IS_RETURN)
            proc->opt_flags |= OPT_HAS_RETURN;
        proc->opt_flags |= OPT_CLIENT_MUST_SIZE | OPT_SERVER_MUST_SIZE;
    } else {
        format = decode_extensions(proc, format);
        make_room(proc);
        for (i = 0; i < proc->param_count; i++, format += 6)
            decode_new_param(&proc->params[i], desc, format);
    }
    count_handle(proc);
}

void ndr_proc_free(struct ndr_proc *proc)
{
    if (proc->params != proc->in_line)
        os_free(proc->params);
    proc->params = NULL;
}

unsigned char *ndr_param_memory(const struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *slot = call->stack + param->offset;

    switch (param->passing) {
    case PASS_BASE_REF:
        slot = *(unsigned char **)slot;
        break;
    case PASS_POINTER:
        if (!(param->attributes & PARAM_IS_SIMPLE_REF))
            return *(unsigned char **)slot;
        slot = *(unsigned char **)slot;
        break;
    case PASS_POINTER_TO:
        slot = *(unsigned char **)slot;
        if (!slot)
            os_raise(RPC_X_NULL_REF_POINTER);
        return *(unsigned char **)slot;
    case PASS_CONTEXT:
        if (param->format[1] & HANDLE_IS_VIA_PTR && !(param->attributes & PARAM_IS_RETURN))
            slot = *(unsigned char **)slot;
        break;
    case PASS_PIPE:
        if (param->attributes & PARAM_IS_SIMPLE_REF)
            slot = *(unsigned char **)slot;
        break;
    default:
        break;
    }
    if (!slot)
        os_raise(RPC_X_NULL_REF_POINTER);
    return slot;
}

static SIZE_T multiply(SIZE_T count, SIZE_T size)
{
    if (size && count > 0x7fffffff / size)
        os_raise(RPC_S_OUT_OF_MEMORY);
    return count * size;
}

/* A sized string's bound: its descriptor follows FC_STRING_SIZED and a pad octet. */
static SIZE_T string_extent(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, SIZE_T size)
{
    if (format[1] != FC_STRING_SIZED)
        os_raise(RPC_X_INVALID_BOUND);
    return multiply(ndr_correlate(msg, NULL, format + 2), size);
}

/* An element of a complex array: its description follows the two correlation descriptors. */
static SIZE_T bogus_array_extent(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    unsigned int octets = ndr_correlation_octets(msg);
    PFORMAT_STRING element = format + 4 + 2 * octets;
    SIZE_T count = ndr_fc_ushort(format + 2);

    if (ndr_fc_ulong(format + 4) != 0xffffffff)
        count = ndr_correlate(msg, NULL, format + 4);
    if (*element == FC_EMBEDDED_COMPLEX)
        element = ndr_fc_target(element + 2);
    return multiply(count, ndr_type_extent(msg, element));
}

SIZE_T ndr_type_extent(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    switch (format[0]) {
    case FC_CARRAY:
    case FC_CVARRAY:
        return multiply(ndr_correlate(msg, NULL, format + 4), ndr_fc_ushort(format + 2));
    case FC_BOGUS_ARRAY:
        return bogus_array_extent(msg, format);
    case FC_C_CSTRING:
    case FC_C_BSTRING:
        return string_extent(msg, format, 1);
    case FC_C_WSTRING:
        return string_extent(msg, format, 2);
    case FC_C_SSTRING:
        if (format[2] != FC_STRING_SIZED)
            os_raise(RPC_X_INVALID_BOUND);
        return multiply(ndr_correlate(msg, NULL, format + 4), format[1]);
    case FC_RP:
    case FC_UP:
    case FC_FP:
    case FC_OP:
    case FC_IP:
        return sizeof(void *);
    case FC_BYTE_COUNT_POINTER: /* always a parameter: what it leads to; the client alone counts octets */
        return ndr_type_extent(msg,
                               format[1] == FC_PAD ? format + 2 + ndr_correlation_octets(msg) : format + 1);
    default:
        return ndr_static_memory_size(format);
    }
}
