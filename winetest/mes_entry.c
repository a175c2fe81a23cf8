/*
 * The entry points of serialization by themselves, with stubs of the older and the newer shapes: types
 * without MIDL_TYPE_PICKLING_INFO, procedures in the -Oi style, and, on x86_64, what MIDL emits with
 * "-protocol all". SDK: "Serialization Services", midles.h; [MS-RPCE] 2.2.6 for the octets of types.
 * ndr_pickle has the stubs of -Oicf.
 */
#include "ndr_side.h"
#include <midles.h>

struct leaf {
    LONG number;
    wchar_t *text;
};

/* MIDL reference, "Pointers": a structure with a unique pointer to a string. */
static const unsigned char types[] = {
    FC_UP,
    SIMPLE_POINTER,
    FC_C_WSTRING,
    FC_PAD, /* 0 */
#ifdef _WIN64
    FC_BOGUS_STRUCT,
    3,
    SHORT(16),
    SHORT(0),
    SHORT(6),
    FC_LONG,
    0x40,
    0x36,
    FC_END, /* 4, pad 4, FC_POINTER */
    FC_UP,
    SIMPLE_POINTER,
    FC_C_WSTRING,
    FC_PAD, /* 16 */
#else
    0x16,         3,
    SHORT(8),     0x4b,
    FC_PAD,       0x46,
    FC_PAD,       SHORT(4),
    SHORT(4), /* 4: FC_PSTRUCT, FC_PP, FC_NO_REPEAT */
    FC_UP,        SIMPLE_POINTER,
    FC_C_WSTRING, FC_PAD,
    FC_END,       FC_LONG,
    FC_LONG,      FC_END,
#endif
};
/* FC_RP simple FC_LONG, for parameters. */
static const unsigned char param_types[] = {0, 0, FC_RP, SIMPLE_POINTER, FC_LONG, FC_PAD};
enum { LEAF = 4, NUMBER = 2 };

static const RPC_CLIENT_INTERFACE client_if = {
    sizeof(client_if),
    {{0x4c1f28d5, 0x7a11, 0x4b7e, {0x93, 0x40, 0x55, 0x1a, 0x0e, 0x62, 0x77, 0x3d}}, {3, 1}},
    {{0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, {2, 0}},
    NULL,
    0,
    NULL,
    0,
    NULL,
    0};
static const MIDL_STUB_DESC type_desc = {.RpcInterfaceInformation = (void *)&client_if,
                                         .pfnAllocate = MIDL_user_allocate,
                                         .pfnFree = MIDL_user_free,
                                         .pFormatTypes = types,
                                         .Version = 0x50002};
static const MIDL_STUB_DESC proc_desc = {.RpcInterfaceInformation = (void *)&client_if,
                                         .pfnAllocate = MIDL_user_allocate,
                                         .pfnFree = MIDL_user_free,
                                         .pFormatTypes = param_types,
                                         .Version = 0x50002};

static const unsigned char leaf_octets[] = {
    0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc, 0x18, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 'x',  0x00, 0x00, 0x00,
};

/* A family of functions for a type. */
struct family {
    const char *name;
    size_t (*align_size)(handle_t h, const void *object);
    void (*encode)(handle_t h, const void *object);
    void (*decode)(handle_t h, void *object);
};

static size_t plain_size(handle_t h, const void *object)
{
    return NdrMesTypeAlignSize(h, &type_desc, types + LEAF, object);
}
static void plain_encode(handle_t h, const void *object)
{
    NdrMesTypeEncode(h, &type_desc, types + LEAF, object);
}
static void plain_decode(handle_t h, void *object)
{
    NdrMesTypeDecode(h, &type_desc, types + LEAF, object);
}
static const struct family plain = {"NdrMesType", plain_size, plain_encode, plain_decode};

static void test_decoding(const struct family *family, unsigned size, unsigned char damage,
                          RPC_STATUS expected)
{
    __attribute__((aligned(16))) char copy[sizeof(leaf_octets)];
    LONG before = live_allocations();
    struct leaf leaf = {0, NULL};
    handle_t h = NULL;

    memcpy(copy, leaf_octets, sizeof(copy));
    copy[32] = (char)damage; /* the string's actual count; its maximum is 2 */
    ok_status(MesDecodeBufferHandleCreate(copy, size, &h), RPC_S_OK, "MesDecodeBufferHandleCreate");
    ok_status(CAUGHT(family->decode(h, &leaf)), expected, "decoding");
    if (!expected) {
        ok(leaf.number == 5 && leaf.text && !wcscmp(leaf.text, L"x"), "%s: another value\n", family->name);
        midl_user_free(leaf.text);
    }
    ok(live_allocations() == before, "%s: %ld allocations\n", family->name,
       (long)(live_allocations() - before));
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
}

static void test_family(const struct family *family)
{
    __attribute__((aligned(16))) char buffer[128], short_of_room[32];
    const struct leaf leaf = {5, (wchar_t *)L"x"};
    ULONG encoded = 0;
    handle_t h = NULL;

    winetest_context("%s", family->name);
    ok_status(MesEncodeFixedBufferHandleCreate(buffer, sizeof(buffer), &encoded, &h), RPC_S_OK,
              "MesEncodeFixedBufferHandleCreate");
    ok(family->align_size(h, &leaf) == sizeof(leaf_octets), "size %u\n",
       (unsigned)family->align_size(h, &leaf));
    family->encode(h, &leaf);
    ok(encoded == sizeof(leaf_octets) && !memcmp(buffer, leaf_octets, encoded), "other octets, %lu of them\n",
       (unsigned long)encoded);
    ok_status(CAUGHT(family->decode(h, buffer)), RPC_X_INVALID_ES_ACTION, "decoding while encoding");
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    ok_status(MesEncodeFixedBufferHandleCreate(short_of_room, sizeof(short_of_room), &encoded, &h), RPC_S_OK,
              "MesEncodeFixedBufferHandleCreate");
    ok_status(CAUGHT(family->encode(h, &leaf)), RPC_S_BUFFER_TOO_SMALL, "a buffer too short_of_room");
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    test_decoding(family, sizeof(leaf_octets), 2, RPC_S_OK);
    test_decoding(family, sizeof(leaf_octets) - 8, 2, RPC_X_BAD_STUB_DATA);
    test_decoding(family, sizeof(leaf_octets), 3, RPC_X_BAD_STUB_DATA);
    winetest_context("%s", "");
}

/* ---- a procedure: void f([in] handle_t h, [in, out] long *number) */

struct arguments {
    handle_t h;
    LONG *number;
};

static void test_procedure(void (*procedure)(handle_t h, LONG *number), const char *name, ULONG proc_num)
{
    LONG number = 42, got = 0;
    RPC_SYNTAX_IDENTIFIER id;
    ULONG encoded = 0, proc = 77;
    char *buffer = NULL;
    handle_t h = NULL;

    winetest_context("%s", name);
    ok_status(MesEncodeDynBufferHandleCreate(&buffer, &encoded, &h), RPC_S_OK,
              "MesEncodeDynBufferHandleCreate");
    procedure(h, &number);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    ok(buffer && encoded, "nothing encoded\n");
    ok_status(MesDecodeBufferHandleCreate(buffer, encoded, &h), RPC_S_OK, "MesDecodeBufferHandleCreate");
    ok_status(MesInqProcEncodingId(h, &id, &proc), RPC_S_OK, "MesInqProcEncodingId");
    ok(proc == proc_num && !memcmp(&id, &client_if.InterfaceId, sizeof(id)), "procedure %lu\n",
       (unsigned long)proc);
    procedure(h, &got);
    ok(got == 42, "got %ld\n", (long)got);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    ok_status(MesDecodeBufferHandleCreate(buffer, 16, &h), RPC_S_OK, "MesDecodeBufferHandleCreate");
    ok_status(CAUGHT(procedure(h, &got)), RPC_X_BAD_STUB_DATA, "too few octets");
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    ok_status(CAUGHT(procedure(NULL, &got)), RPC_S_INVALID_BINDING, "no handle");
    midl_user_free(buffer);
    winetest_context("%s", "");
}

/* MIDL reference, "Procedure Header Descriptor", "Parameter Descriptors" of -Oi. */
static const unsigned char oi_format[] = {
    0x00,
    0x48,
    LONG4(0),
    SHORT(3),
    SHORT(2 * sizeof(void *)), /* explicit handle; rpc flags, procedure 3 */
    0x32,
    0x00,
    SHORT(0), /* FC_BIND_PRIMITIVE */
    0x4e,
    0x0f, /* FC_IN_PARAM_BASETYPE FC_IGNORE */
    0x50,
    0x01,
    SHORT(NUMBER), /* FC_IN_OUT_PARAM, one slot */
    0x5b,          /* FC_END */
};

static void oi_procedure(handle_t h, LONG *number)
{
#ifdef _WIN64
    NdrMesProcEncodeDecode(h, &proc_desc, oi_format, h, number);
#else
    struct arguments arguments = {h, number};

    NdrMesProcEncodeDecode(h, &proc_desc, oi_format, &arguments);
#endif
}

/* The same of -Oicf: one parameter, must size, must free, in, out, simple reference. */
static const unsigned char oif_format[] = {
    0x00,
    0x48,
    LONG4(0),
    SHORT(4),
    SHORT(2 * sizeof(void *)),
    0x32,
    0x00,
    SHORT(0),
    SHORT(28),
    SHORT(28),
    0x40,
    1, /* has extensions, one parameter */
#ifdef _WIN64
    10,
    1,
    SHORT(0),
    SHORT(0),
    SHORT(0),
    SHORT(0),
#else
    8,
    1,
    SHORT(0),
    SHORT(0),
    SHORT(0),
#endif
    SHORT(0x158),
    SHORT(sizeof(void *)),
    FC_LONG,
    0, /* in, out, base type, simple reference */
};

#ifdef _WIN64

static const RPC_SYNTAX_IDENTIFIER ndr20 = {
    {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, {2, 0}};
static const unsigned short proc_offsets[] = {0, 0, 0, 0, 0};
static const MIDL_SYNTAX_INFO syntaxes[] = {{
    .TransferSyntax = {{0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},
                       {2, 0}},
    .ProcString = oif_format,
    .FmtStringOffset = proc_offsets,
    .TypeString = types,
}};
static const MIDL_STUBLESS_PROXY_INFO type_proxy = {
    (MIDL_STUB_DESC *)&type_desc,    oif_format, proc_offsets,
    (RPC_SYNTAX_IDENTIFIER *)&ndr20, 1,          (MIDL_SYNTAX_INFO *)syntaxes};
static const MIDL_STUBLESS_PROXY_INFO proc_proxy = {
    (MIDL_STUB_DESC *)&proc_desc,    oif_format, proc_offsets,
    (RPC_SYNTAX_IDENTIFIER *)&ndr20, 1,          (MIDL_SYNTAX_INFO *)syntaxes};
static const MIDL_TYPE_PICKLING_INFO pickling = {0x33205054, 3, {0, 0, 0}};
static const ULONG type_offsets[] = {LEAF};
static const ULONG *offsets_of_syntaxes[] = {type_offsets};

static size_t all_size(handle_t h, const void *object)
{
    return NdrMesTypeAlignSize3(h, &pickling, &type_proxy, offsets_of_syntaxes, 0, object);
}
static void all_encode(handle_t h, const void *object)
{
    NdrMesTypeEncode3(h, &pickling, &type_proxy, offsets_of_syntaxes, 0, object);
}
static void all_decode(handle_t h, void *object)
{
    NdrMesTypeDecode3(h, &pickling, &type_proxy, offsets_of_syntaxes, 0, object);
}
static const struct family all = {"NdrMesType3", all_size, all_encode, all_decode};

static void test_free(void)
{
    LONG before = live_allocations();
    struct leaf leaf = {5, midl_user_allocate(4)};
    char *buffer = NULL;
    ULONG encoded = 0;
    handle_t h = NULL;

    memcpy(leaf.text, L"x", 4);
    ok_status(MesEncodeDynBufferHandleCreate(&buffer, &encoded, &h), RPC_S_OK,
              "MesEncodeDynBufferHandleCreate");
    NdrMesTypeFree3(h, &pickling, &type_proxy, offsets_of_syntaxes, 0, &leaf);
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
}

/* [MS-RPCE] 2.2.6.3: eight octets a primitive. */
static void test_simple_types(void)
{
    static const unsigned char octets[] = {0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc, 7, 0, 0, 0};
    __attribute__((aligned(16))) char buffer[32];
    LONG value = 7, got = 0;
    ULONG encoded = 0;
    handle_t h = NULL;

    ok_status(MesEncodeFixedBufferHandleCreate(buffer, sizeof(buffer), &encoded, &h), RPC_S_OK,
              "MesEncodeFixedBufferHandleCreate");
    ok(NdrMesSimpleTypeAlignSizeAll(h, &type_proxy) == 16, "size %u\n",
       (unsigned)NdrMesSimpleTypeAlignSizeAll(h, &type_proxy));
    NdrMesSimpleTypeEncodeAll(h, &type_proxy, &value, 4);
    ok(encoded == 16 && !memcmp(buffer, octets, sizeof(octets)), "other octets\n");
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    ok_status(MesDecodeBufferHandleCreate(buffer, 16, &h), RPC_S_OK, "MesDecodeBufferHandleCreate");
    NdrMesSimpleTypeDecodeAll(h, &type_proxy, &got, 4);
    ok(got == 7, "got %ld\n", (long)got);
    ok_status(CAUGHT(NdrMesSimpleTypeDecodeAll(h, &type_proxy, &got, 4)), RPC_X_BAD_STUB_DATA,
              "a value beyond the end");
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
}

static void newest_procedure(handle_t h, LONG *number)
{
    NdrMesProcEncodeDecode3(h, &proc_proxy, 0, NULL, h, number);
}

#else

/* In no header: the arguments themselves follow, unverified on Windows. */
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrMesProcEncodeDecode4(handle_t handle, const MIDL_STUB_DESC *desc,
                                                         PFORMAT_STRING format, ...);

static void newest_procedure(handle_t h, LONG *number)
{
    NdrMesProcEncodeDecode4(h, &proc_desc, oif_format, h, number);
}

#endif

START_TEST(mes_entry)
{
    test_family(&plain);
    test_procedure(oi_procedure, "NdrMesProcEncodeDecode", 3);
#ifdef _WIN64
    test_family(&all);
    test_free();
    test_simple_types();
#endif
    test_procedure(newest_procedure, "the newest procedures", 4);
}
