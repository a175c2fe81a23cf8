/*
 * Procedure pickling: NdrMesProcEncodeDecode*, MesInqProcEncodingId. Encoding takes the [in] parameters,
 * decoding gives the [out] ones. Sources: SDK "Procedure Serialization", "MesInqProcEncodingId"; the header,
 * which no specification tells, as Wine's own rpcrt4 writes it (unverified on Windows). No lock.
 */
#include "pickle.h"
#include "proc.h"

struct procedure_header {
    unsigned char version, one;
    unsigned short filler;
    RPC_SYNTAX_IDENTIFIER transfer, interface_id;
    ULONG proc_num;
    ULONG count; /* of procedures that follow: one */
    ULONG length;
};

static const RPC_SYNTAX_IDENTIFIER ndr20 = {
    {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, {2, 0}};

static void swap_syntax(RPC_SYNTAX_IDENTIFIER *syntax)
{
    syntax->SyntaxGUID.Data1 = __builtin_bswap32(syntax->SyntaxGUID.Data1);
    syntax->SyntaxGUID.Data2 = __builtin_bswap16(syntax->SyntaxGUID.Data2);
    syntax->SyntaxGUID.Data3 = __builtin_bswap16(syntax->SyntaxGUID.Data3);
    syntax->SyntaxVersion.MajorVersion = __builtin_bswap16(syntax->SyntaxVersion.MajorVersion);
    syntax->SyntaxVersion.MinorVersion = __builtin_bswap16(syntax->SyntaxVersion.MinorVersion);
}

/* Reads the header of the procedure that comes next, unless that was done. The count, always 1, tells the
 * order of octets. */
static void read_header(struct pickle *pickle)
{
    struct procedure_header header;
    void *copy;

    if (pickle->has_procedure)
        return;
    memcpy(&header, pickle_take(pickle, sizeof(header), &copy), sizeof(header));
    os_free(copy);
    pickle->representation = NDR_LITTLE_ENDIAN;
    if (header.count == __builtin_bswap32(1)) {
        pickle->representation = NDR_BIG_ENDIAN;
        swap_syntax(&header.transfer);
        swap_syntax(&header.interface_id);
        header.proc_num = __builtin_bswap32(header.proc_num);
        header.count = __builtin_bswap32(header.count);
        header.length = __builtin_bswap32(header.length);
    }
    if (header.version != 1 || header.count != 1 || memcmp(&header.transfer, &ndr20, sizeof(ndr20)))
        os_raise(RPC_X_WRONG_ES_VERSION);
    pickle->interface_id = header.interface_id;
    pickle->proc_num = header.proc_num;
    pickle->proc_length = header.length;
    pickle->has_procedure = TRUE;
}

static void inquire(void *context)
{
    read_header(context);
}

/* Tells, before it is decoded, which procedure of which interface comes next. Source: SDK,
 * MesInqProcEncodingId. */
RPC_STATUS RPC_ENTRY MesInqProcEncodingId(handle_t handle, PRPC_SYNTAX_IDENTIFIER interface_id,
                                          ULONG *proc_num)
{
    struct pickle *pickle = handle;
    RPC_STATUS status;

    if (!pickle || pickle->magic != PICKLE_MAGIC || pickle->operation != MES_DECODE || !interface_id ||
        !proc_num)
        return RPC_X_INVALID_ES_ACTION;
    status = os_try(inquire, pickle);
    if (status != RPC_S_OK)
        return status;
    *interface_id = pickle->interface_id;
    *proc_num = pickle->proc_num;
    return RPC_S_OK;
}

struct work {
    struct pickle *pickle;
    struct ndr_call call;
    RPC_MESSAGE rpc;
    void *copy;
};

static BOOL is_encoded(const struct ndr_param *param)
{
    return param->attributes & PARAM_IS_IN && param->passing != PASS_IGNORE;
}

static ULONG size_params(struct ndr_call *call)
{
    unsigned int i;

    call->msg.BufferLength = 0;
    for (i = 0; i < call->proc.param_count; i++) {
        if (is_encoded(&call->proc.params[i]))
            ndr_param_size(call, &call->proc.params[i]);
    }
    return (call->msg.BufferLength + 7) & ~7u;
}

static void encode(struct work *work)
{
    static const struct procedure_header empty = {.version = 1, .one = 1, .filler = 0xcccc, .count = 1};
    const RPC_CLIENT_INTERFACE *spec = work->call.desc->RpcInterfaceInformation;
    struct procedure_header header = empty;
    struct ndr_call *call = &work->call;
    ULONG total;
    unsigned int i;
    char *room;

    header.transfer = ndr20;
    header.interface_id = spec->InterfaceId;
    header.proc_num = call->proc.proc_num;
    header.length = size_params(call);
    total = sizeof(header) + header.length;
    room = pickle_room(work->pickle, call->desc, total);
    memcpy(room, &header, sizeof(header));
    work->rpc.Buffer = call->msg.Buffer = call->msg.BufferStart = (unsigned char *)room + sizeof(header);
    work->rpc.BufferLength = call->msg.BufferLength = header.length;
    call->msg.BufferEnd = call->msg.Buffer + header.length;
    for (i = 0; i < call->proc.param_count; i++) {
        if (is_encoded(&call->proc.params[i]))
            ndr_param_marshal(call, &call->proc.params[i]);
    }
    pickle_fill(call->msg.Buffer, call->msg.BufferEnd);
    pickle_put(work->pickle, room, total);
}

static void decode_param(struct ndr_call *call, const struct ndr_param *param)
{
    unsigned char *memory = ndr_param_memory(call, param);

    if (param->attributes & PARAM_IS_BASETYPE)
        NdrSimpleTypeUnmarshall(&call->msg, memory, param->format[0]);
    else
        ndr_unmarshal(&call->msg, &memory, param->format, FALSE);
}

static void decode(struct work *work)
{
    struct ndr_call *call = &work->call;
    struct pickle *pickle = work->pickle;
    unsigned int i;

    read_header(pickle);
    pickle->has_procedure = FALSE;
    work->rpc.DataRepresentation = pickle->representation;
    work->rpc.BufferLength = pickle->proc_length;
    work->rpc.Buffer = pickle_take(pickle, pickle->proc_length, &work->copy);
    call->msg.Buffer = call->msg.BufferStart = work->rpc.Buffer;
    call->msg.BufferEnd = call->msg.Buffer + pickle->proc_length;
    ndr_call_convert(call, PARAM_IS_OUT);
    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if ((param->attributes & (PARAM_IS_OUT | PARAM_IS_RETURN)) == PARAM_IS_OUT &&
            param->passing != PASS_IGNORE)
            decode_param(call, param);
    }
}

static void run(void *context)
{
    struct work *work = context;

    NdrClientInitializeNew(&work->rpc, &work->call.msg, work->call.desc, work->call.proc.proc_num);
    ndr_call_begin(&work->call);
    if (work->pickle->operation == MES_ENCODE)
        encode(work);
    else
        decode(work);
}

static void finish(void *context)
{
    struct work *work = context;

    ndr_call_end(&work->call);
    ndr_proc_free(&work->call.proc);
    os_free(work->copy);
}

static void encode_decode(handle_t handle, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                          unsigned char *stack, BOOL old_style)
{
    struct pickle *pickle = handle;
    struct work work = {0};

    if (!pickle || pickle->magic != PICKLE_MAGIC)
        os_raise(RPC_S_INVALID_BINDING);
    work.pickle = pickle;
    work.call.desc = desc;
    work.call.rpc = &work.rpc;
    work.call.stack = stack;
    ndr_proc_decode(&work.call.proc, desc, format, old_style);
#ifdef _WIN64
    ndr_client_demote_floats(&work.call);
#endif
    os_finally(run, finish, &work);
}

/* The arguments that follow the last named one: themselves on x86_64, on i686 their address. */
#ifdef _WIN64
#define ARGUMENTS(list) ((unsigned char *)(list))
#else
#define ARGUMENTS(list) va_arg(list, unsigned char *)
#endif

/* The procedure is described in the -Oi style. */
void RPC_VAR_ENTRY NdrMesProcEncodeDecode(handle_t handle, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                                          ...)
{
    va_list list;

    va_start(list, format);
    encode_decode(handle, desc, format, ARGUMENTS(list), TRUE);
    va_end(list);
}

/* The procedure is described in the -Oif style. */
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrMesProcEncodeDecode2(handle_t handle, const MIDL_STUB_DESC *desc,
                                                         PFORMAT_STRING format, ...)
{
    CLIENT_CALL_RETURN nothing = {0};
    va_list list;

    va_start(list, format);
    encode_decode(handle, desc, format, ARGUMENTS(list), FALSE);
    va_end(list);
    return nothing;
}

#ifdef _WIN64
/* For interfaces that know several transfer syntaxes: the NDR 2.0 description is used. */
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrMesProcEncodeDecode3(handle_t handle,
                                                         const MIDL_STUBLESS_PROXY_INFO *info, ULONG proc_num,
                                                         void *result, ...)
{
    CLIENT_CALL_RETURN nothing = {0};
    va_list list;

    if (!info->ProcFormatString)
        os_raise(RPC_S_UNSUPPORTED_TRANS_SYN);
    va_start(list, result);
    encode_decode(handle, info->pStubDesc, info->ProcFormatString + info->FormatStringOffset[proc_num],
                  ARGUMENTS(list), FALSE);
    va_end(list);
    return nothing;
}
#else
/* As NdrMesProcEncodeDecode2, the arguments themselves following (unverified on Windows). */
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrMesProcEncodeDecode4(handle_t handle, const MIDL_STUB_DESC *desc,
                                                         PFORMAT_STRING format, ...);
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrMesProcEncodeDecode4(handle_t handle, const MIDL_STUB_DESC *desc,
                                                         PFORMAT_STRING format, ...)
{
    CLIENT_CALL_RETURN nothing = {0};
    va_list list;

    va_start(list, format);
    encode_decode(handle, desc, format, (unsigned char *)list, FALSE);
    va_end(list);
    return nothing;
}
#endif
