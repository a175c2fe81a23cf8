/*
 * Type pickling: NdrMesType*, NdrMesSimpleType*. One common header a stream, then each object: a constructed
 * type behind a header of its own, a primitive type without; everything in multiples of 8. Source:
 * [MS-RPCE] 2.2.6 (type serialization version 1). No lock.
 */
#include "pickle.h"

struct common_header { /* [MS-RPCE] 2.2.6.1 */
    unsigned char version;
    unsigned char endianness;
    unsigned short length;
    ULONG filler;
};

struct private_header { /* [MS-RPCE] 2.2.6.2 */
    ULONG length;
    ULONG filler;
};

static ULONG up8(ULONG size)
{
    return (size + 7) & ~7u;
}

static ULONG common_size(const struct pickle *pickle)
{
    return pickle->begun ? 0 : sizeof(struct common_header);
}

/* Writes the common header if it is not there yet; gives what follows it. */
static char *write_common(struct pickle *pickle, char *octets)
{
    static const struct common_header header = {1, 0x10, sizeof(header), 0xcccccccc};

    if (pickle->begun)
        return octets;
    pickle->begun = TRUE;
    memcpy(octets, &header, sizeof(header));
    return octets + sizeof(header);
}

static void read_common(struct pickle *pickle)
{
    struct common_header header;
    void *copy;

    if (pickle->begun)
        return;
    memcpy(&header, pickle_take(pickle, sizeof(header), &copy), sizeof(header));
    os_free(copy);
    if (header.version != 1 || (header.endianness != 0x10 && header.endianness))
        os_raise(RPC_X_BAD_STUB_DATA);
    pickle->representation = header.endianness ? NDR_LITTLE_ENDIAN : NDR_BIG_ENDIAN;
    pickle->begun = TRUE;
}

static ULONG swap(const struct pickle *pickle, ULONG value)
{
    if ((pickle->representation & NDR_INT_REP_MASK) == NDR_LOCAL_ENDIAN)
        return value;
    return __builtin_bswap32(value);
}

/* ---- constructed types */

struct work {
    struct pickle *pickle;
    MIDL_STUB_MESSAGE msg;
    RPC_MESSAGE rpc;
    PFORMAT_STRING format;
    unsigned char *object; /* as the type routines want it */
    void *copy;
    ULONG length;
};

/* A stub message for one object. It is a client's, so that nothing decoded points into the buffer. */
static void begin(struct work *work, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                  const MIDL_TYPE_PICKLING_INFO *info)
{
    enum { NEW_CORR_DESC = 2 }; /* as MIDL writes it, "Oicf NewCorrDesc" being 3 */

    NdrClientInitializeNew(&work->rpc, &work->msg, desc, 0);
    work->format = format;
    if (info && info->Flags & NEW_CORR_DESC)
        work->msg.fHasNewCorrDesc = TRUE;
    work->msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, XLAT_CLIENT);
}

static void end(struct work *work)
{
    NdrFullPointerXlatFree(work->msg.FullPtrXlatTables);
    work->msg.FullPtrXlatTables = NULL;
}

static BOOL is_pointer(PFORMAT_STRING format)
{
    return format[0] >= FC_RP && format[0] <= FC_FP;
}

static unsigned char *value_of(const void *object, PFORMAT_STRING format)
{
    return is_pointer(format) ? *(unsigned char *const *)object : (unsigned char *)object;
}

static void size_body(void *context)
{
    struct work *work = context;

    work->msg.BufferLength = 0;
    ndr_size(&work->msg, work->object, work->format);
    work->length = up8(work->msg.BufferLength);
}

static void encode_body(void *context)
{
    struct work *work = context;
    struct pickle *pickle = work->pickle;
    struct private_header header = {0};
    ULONG total;
    char *room, *octets;

    size_body(work);
    total = common_size(pickle) + sizeof(header) + work->length;
    room = pickle_room(pickle, work->msg.StubDesc, total);
    octets = write_common(pickle, room);
    header.length = work->length;
    memcpy(octets, &header, sizeof(header));
    octets += sizeof(header);
    work->rpc.Buffer = work->msg.Buffer = work->msg.BufferStart = (unsigned char *)octets;
    work->msg.BufferEnd = work->msg.Buffer + work->length;
    work->msg.BufferLength = work->rpc.BufferLength = work->length;
    /* Marshalling numbers full pointers afresh. */
    NdrFullPointerXlatFree(work->msg.FullPtrXlatTables);
    work->msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, XLAT_CLIENT);
    ndr_marshal(&work->msg, work->object, work->format);
    pickle_fill(work->msg.Buffer, work->msg.BufferEnd);
    pickle_put(pickle, room, total);
}

static void decode_body(void *context)
{
    struct work *work = context;
    struct pickle *pickle = work->pickle;
    struct private_header header;

    read_common(pickle);
    memcpy(&header, pickle_take(pickle, sizeof(header), &work->copy), sizeof(header));
    os_free(work->copy);
    work->copy = NULL;
    header.length = swap(pickle, header.length);
    if (header.length & 7)
        os_raise(RPC_X_BAD_STUB_DATA);
    work->rpc.Buffer = pickle_take(pickle, header.length, &work->copy);
    work->rpc.BufferLength = header.length;
    work->rpc.DataRepresentation = pickle->representation;
    work->msg.Buffer = work->msg.BufferStart = work->rpc.Buffer;
    work->msg.BufferEnd = work->msg.Buffer + header.length;
    if (pickle->representation != NDR_LOCAL_DATA_REPRESENTATION) {
        ndr_convert_type(&work->msg, work->format);
        work->msg.Buffer = work->msg.BufferStart;
    }
    if (is_pointer(work->format))
        ndr_unmarshal(&work->msg, (unsigned char **)work->object, work->format, FALSE);
    else
        ndr_unmarshal(&work->msg, &work->object, work->format, FALSE);
}

static void cleanup(void *context)
{
    struct work *work = context;

    end(work);
    os_free(work->copy);
}

/* Octets that encoding object will take, headers included. Source: SDK, NdrMesTypeAlignSize2. */
size_t RPC_ENTRY NdrMesTypeAlignSize2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                      const MIDL_STUB_DESC *desc, PFORMAT_STRING format, const void *object)
{
    struct work work = {.pickle = pickle_of(handle, TRUE)};

    begin(&work, desc, format, info);
    work.object = value_of(object, format);
    os_finally(size_body, cleanup, &work);
    return common_size(work.pickle) + sizeof(struct private_header) + work.length;
}

/* object: the address of the value, of a pointer too. Source: SDK, NdrMesTypeEncode2. */
void RPC_ENTRY NdrMesTypeEncode2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                 const MIDL_STUB_DESC *desc, PFORMAT_STRING format, const void *object)
{
    struct work work = {.pickle = pickle_of(handle, TRUE)};

    begin(&work, desc, format, info);
    work.object = value_of(object, format);
    os_finally(encode_body, cleanup, &work);
}

/* What object's pointers lead to before is filled, as with an [in, out] parameter. Source: SDK,
 * NdrMesTypeDecode2. */
void RPC_ENTRY NdrMesTypeDecode2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                 const MIDL_STUB_DESC *desc, PFORMAT_STRING format, void *object)
{
    struct work work = {.pickle = pickle_of(handle, FALSE)};

    begin(&work, desc, format, info);
    work.object = object;
    os_finally(decode_body, cleanup, &work);
}

static void free_body(void *context)
{
    struct work *work = context;

    ndr_free(&work->msg, work->object, work->format);
}

/* Frees what decoding made, object itself excepted. Source: SDK, NdrMesTypeFree2. */
void RPC_ENTRY NdrMesTypeFree2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                               const MIDL_STUB_DESC *desc, PFORMAT_STRING format, void *object)
{
    struct work work = {.pickle = handle};

    begin(&work, desc, format, info);
    work.object = value_of(object, format);
    os_finally(free_body, cleanup, &work);
}

size_t RPC_ENTRY NdrMesTypeAlignSize(handle_t handle, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                                     const void *object)
{
    return NdrMesTypeAlignSize2(handle, NULL, desc, format, object);
}

void RPC_ENTRY NdrMesTypeEncode(handle_t handle, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                                const void *object)
{
    NdrMesTypeEncode2(handle, NULL, desc, format, object);
}

void RPC_ENTRY NdrMesTypeDecode(handle_t handle, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                                void *object)
{
    NdrMesTypeDecode2(handle, NULL, desc, format, object);
}

/* ---- primitive types: size octets of memory, in as many multiples of 8; [MS-RPCE] 2.2.6.3 */

size_t RPC_ENTRY NdrMesSimpleTypeAlignSize(handle_t handle)
{
    return common_size(pickle_of(handle, TRUE)) + 8;
}

void RPC_ENTRY NdrMesSimpleTypeEncode(handle_t handle, const MIDL_STUB_DESC *desc, const void *object,
                                      short size)
{
    struct pickle *pickle = pickle_of(handle, TRUE);
    ULONG total = common_size(pickle) + 8;
    char *room, *octets;

    if (size != 1 && size != 2 && size != 4 && size != 8)
        os_raise(RPC_S_INVALID_ARG);
    room = pickle_room(pickle, desc, total);
    octets = write_common(pickle, room);
    memset(octets, 0, 8);
    memcpy(octets, object, size);
    pickle_put(pickle, room, total);
}

static void reverse(unsigned char *octets, unsigned int size)
{
    unsigned int i;

    for (i = 0; i < size / 2; i++) {
        unsigned char octet = octets[i];

        octets[i] = octets[size - 1 - i];
        octets[size - 1 - i] = octet;
    }
}

void RPC_ENTRY NdrMesSimpleTypeDecode(handle_t handle, void *object, short size)
{
    struct pickle *pickle = pickle_of(handle, FALSE);
    void *copy;

    if (size != 1 && size != 2 && size != 4 && size != 8)
        os_raise(RPC_S_INVALID_ARG);
    read_common(pickle);
    memcpy(object, pickle_take(pickle, 8, &copy), size);
    os_free(copy);
    if (pickle->representation != NDR_LITTLE_ENDIAN)
        reverse(object, size);
}

/* ---- interfaces that know several transfer syntaxes: their NDR 2.0 description is used */

#ifdef _WIN64
static PFORMAT_STRING type_at(const MIDL_STUBLESS_PROXY_INFO *info, const ULONG **offsets, ULONG index)
{
    ULONG_PTR i;

    for (i = 0; i < info->nCount; i++) {
        const MIDL_SYNTAX_INFO *syntax = &info->pSyntaxInfo[i];

        /* NDR 2.0, 8a885d04-1ceb-11c9-9fe8-08002b104860 */
        if (syntax->TransferSyntax.SyntaxGUID.Data1 == 0x8a885d04)
            return syntax->TypeString + offsets[i][index];
    }
    os_raise(RPC_S_UNSUPPORTED_TRANS_SYN);
}

size_t RPC_ENTRY NdrMesTypeAlignSize3(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                      const MIDL_STUBLESS_PROXY_INFO *proxy, const ULONG **offsets,
                                      ULONG index, const void *object)
{
    return NdrMesTypeAlignSize2(handle, info, proxy->pStubDesc, type_at(proxy, offsets, index), object);
}

void RPC_ENTRY NdrMesTypeEncode3(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                 const MIDL_STUBLESS_PROXY_INFO *proxy, const ULONG **offsets, ULONG index,
                                 const void *object)
{
    NdrMesTypeEncode2(handle, info, proxy->pStubDesc, type_at(proxy, offsets, index), object);
}

void RPC_ENTRY NdrMesTypeDecode3(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                 const MIDL_STUBLESS_PROXY_INFO *proxy, const ULONG **offsets, ULONG index,
                                 void *object)
{
    NdrMesTypeDecode2(handle, info, proxy->pStubDesc, type_at(proxy, offsets, index), object);
}

void RPC_ENTRY NdrMesTypeFree3(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                               const MIDL_STUBLESS_PROXY_INFO *proxy, const ULONG **offsets, ULONG index,
                               void *object)
{
    NdrMesTypeFree2(handle, info, proxy->pStubDesc, type_at(proxy, offsets, index), object);
}

size_t RPC_ENTRY NdrMesSimpleTypeAlignSizeAll(handle_t handle, const MIDL_STUBLESS_PROXY_INFO *proxy)
{
    (void)proxy;
    return NdrMesSimpleTypeAlignSize(handle);
}

void RPC_ENTRY NdrMesSimpleTypeEncodeAll(handle_t handle, const MIDL_STUBLESS_PROXY_INFO *proxy,
                                         const void *object, short size)
{
    NdrMesSimpleTypeEncode(handle, proxy->pStubDesc, object, size);
}

void RPC_ENTRY NdrMesSimpleTypeDecodeAll(handle_t handle, const MIDL_STUBLESS_PROXY_INFO *proxy, void *object,
                                         short size)
{
    (void)proxy;
    NdrMesSimpleTypeDecode(handle, object, size);
}
#endif
