/*
 * Entry points of the engine that -Os stubs call and ndr_types does not go over: one kind of type each, or
 * none. SDK: the functions' pages in "rpcndr.h"; rpcndr.h itself for those that have none; MIDL reference,
 * "Type Format Strings"; C706 14.2, 14.3 for the octets.
 */
#define COBJMACROS
#include "ndr_side.h"
#include <objbase.h>

/* In no header of the SDK. Their prototypes are those of their kin: unverified on Windows. */
void RPC_ENTRY NdrUnmarshallBasetypeInline(PMIDL_STUB_MESSAGE msg, unsigned char *memory, unsigned char code);
void RPC_ENTRY NdrTypeSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
unsigned char *RPC_ENTRY NdrTypeMarshall(PMIDL_STUB_MESSAGE msg, unsigned char *memory,
                                         PFORMAT_STRING format);
unsigned char *RPC_ENTRY NdrTypeUnmarshall(PMIDL_STUB_MESSAGE msg, unsigned char **memory,
                                           PFORMAT_STRING format, unsigned char must_alloc);
void RPC_ENTRY NdrTypeFree(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
void RPC_ENTRY NdrOutInit(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format, unsigned char **memory);

static const unsigned char unique_long[] = {FC_UP, SIMPLE_POINTER, FC_LONG, FC_PAD};
static const unsigned char ref_long[] = {FC_RP, SIMPLE_POINTER, FC_LONG, FC_PAD};

/* C706 14.2.2: every base type is aligned to its size. */
static void test_base_types(void)
{
    static const unsigned char octets[] = {'x', 0, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 0};
    unsigned char c = 'x', c_got = 0;
    short s = 2, s_got = 0;
    LONG l = 3, l_got = 0, e = 5, e_got = -1, wide = 0x8000;
    LONGLONG h = 4, h_got = 0;
    struct side side;

    side_begin(&side, NULL, NULL, NULL, sizeof(octets));
    NdrSimpleTypeMarshall(&side.msg, &c, FC_CHAR);
    *side.msg.Buffer = 0; /* what a gap holds is not said */
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&s, FC_SHORT);
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&l, FC_LONG);
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&h, FC_HYPER);
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&e, FC_ENUM16);
    side_is(&side, octets, sizeof(octets), "base types");
    ok_status(CAUGHT(NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&wide, FC_ENUM16)),
              RPC_X_ENUM_VALUE_OUT_OF_RANGE, "an enumeration's value beyond 15 bits");

    side_begin(&side, NULL, NULL, octets, sizeof(octets));
    NdrSimpleTypeUnmarshall(&side.msg, &c_got, FC_CHAR);
    NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&s_got, FC_SHORT);
    NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&l_got, FC_LONG);
    NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&h_got, FC_HYPER);
    NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&e_got, FC_ENUM16);
    ok(c_got == 'x' && s_got == 2 && l_got == 3 && h_got == 4 && e_got == 5, "got %d %d %ld %lld %ld\n",
       c_got, s_got, (long)l_got, h_got, (long)e_got);
    ok_status(CAUGHT(NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&l_got, FC_LONG)),
              RPC_X_BAD_STUB_DATA, "a value beyond the end");
}

static void test_base_type_inline(void)
{
    static const unsigned char octets[] = {2, 0, 0, 0, 3, 0, 0, 0};
    short s = 0;
    LONG l = 0;
    struct side side;

    side_begin(&side, NULL, NULL, octets, sizeof(octets));
    NdrUnmarshallBasetypeInline(&side.msg, (unsigned char *)&s, FC_SHORT);
    NdrUnmarshallBasetypeInline(&side.msg, (unsigned char *)&l, FC_LONG);
    ok(s == 2 && l == 3 && side.msg.Buffer == side.msg.BufferEnd, "got %d %ld\n", s, (long)l);
    ok_status(CAUGHT(NdrUnmarshallBasetypeInline(&side.msg, (unsigned char *)&l, FC_LONG)),
              RPC_X_BAD_STUB_DATA, "a value beyond the end");
}

/* The functions that go by the format string alone. */
static void test_any_type(void)
{
    LONG before = live_allocations(), value = 7, *got = NULL;
    struct side side;

    side_begin(&side, NULL, unique_long, NULL, 8);
    side.msg.BufferLength = 0;
    NdrTypeSize(&side.msg, (unsigned char *)&value, unique_long);
    ok(side.msg.BufferLength == 8, "%lu octets asked\n", (unsigned long)side.msg.BufferLength);
    NdrTypeMarshall(&side.msg, (unsigned char *)&value, unique_long);
    ok(side.msg.Buffer == side.msg.BufferEnd && *(LONG *)side.buffer && ((LONG *)side.buffer)[1] == 7,
       "wrong octets\n");
    side.msg.Buffer = side.buffer;
    NdrTypeUnmarshall(&side.msg, (unsigned char **)&got, unique_long, TRUE);
    ok(got && *got == 7 && live_allocations() == before + 1, "got %p\n", got);
    NdrTypeFree(&side.msg, (unsigned char *)got, unique_long);
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
    ok_status(CAUGHT(NdrTypeMarshall(&side.msg, NULL, ref_long)), RPC_X_NULL_REF_POINTER, "a NULL reference");
}

/* SDK, NdrPointerMarshall: RPC_X_NULL_REF_POINTER. A unique pointer may be NULL: C706 14.3.10. */
static void test_null_pointers(void)
{
    LONG *got = (LONG *)1;
    struct side side;

    side_begin(&side, NULL, ref_long, NULL, 8);
    ok_status(CAUGHT(NdrPointerBufferSize(&side.msg, NULL, ref_long)), RPC_X_NULL_REF_POINTER,
              "the size of a NULL reference");
    ok_status(CAUGHT(NdrPointerMarshall(&side.msg, NULL, ref_long)), RPC_X_NULL_REF_POINTER,
              "a NULL reference");
    NdrPointerMarshall(&side.msg, NULL, unique_long);
    side_is(&side, "\0\0\0", 4, "a NULL unique pointer");
    side.msg.Buffer = side.buffer;
    NdrPointerMemorySize(&side.msg, unique_long);
    ok(side.msg.Buffer == side.buffer + 4, "%d octets skipped\n", (int)(side.msg.Buffer - side.buffer));
    side.msg.Buffer = side.buffer;
    got = NULL;
    NdrPointerUnmarshall(&side.msg, (unsigned char **)&got, unique_long, TRUE);
    ok(!got, "NULL became %p\n", got);
    NdrPointerFree(&side.msg, NULL, unique_long);
}

enum { MARSHALLED = 1, SIZED = 2 }; /* query types, as MIDL's stubs have them marked: one bit each */

/* The tables by themselves: an identifier a pointer, a mark of each kind once. No page tells of them:
 * unverified on Windows. */
static void test_full_pointer_tables(void)
{
    PFULL_PTR_XLAT_TABLES tables = NdrFullPointerXlatInit(4, XLAT_CLIENT);
    LONG a, b, reference;
    ULONG id = 77, other = 77;
    void *pointer = &reference;

    ok(tables && tables->XlatSide == XLAT_CLIENT && tables->NextRefId == 1, "new tables\n");
    ok(NdrFullPointerQueryPointer(tables, NULL, MARSHALLED, &id) && !id, "NULL has the identifier %lu\n",
       (unsigned long)id);
    ok(!NdrFullPointerQueryPointer(tables, &a, MARSHALLED, &id) && id == 1, "the first has %lu\n",
       (unsigned long)id);
    ok(!NdrFullPointerQueryPointer(tables, &b, MARSHALLED, &other) && other == 2, "the second has %lu\n",
       (unsigned long)other);
    ok(NdrFullPointerQueryPointer(tables, &a, MARSHALLED, &other) && other == id, "asked again: %lu\n",
       (unsigned long)other);
    ok(!NdrFullPointerQueryPointer(tables, &a, SIZED, &other) && other == id, "another mark: %lu\n",
       (unsigned long)other);
    ok(NdrFullPointerQueryPointer(tables, &a, SIZED, &other), "the other mark is not kept\n");
    ok(NdrFullPointerQueryRefId(tables, 0, MARSHALLED, &pointer) && !pointer, "0 is %p\n", pointer);
    ok(!NdrFullPointerQueryRefId(tables, 9, MARSHALLED, &pointer) && !pointer, "unknown is %p\n", pointer);
    NdrFullPointerInsertRefId(tables, 9, &reference);
    ok(NdrFullPointerQueryRefId(tables, 9, MARSHALLED, &pointer) && pointer == &reference, "9 is %p\n",
       pointer);
    ok(NdrFullPointerQueryPointer(tables, &reference, MARSHALLED, &id) && id == 9, "it has %lu\n",
       (unsigned long)id);
    ok(NdrFullPointerFree(tables, &a) && !NdrFullPointerFree(tables, &a), "freed once, and once only\n");
    ok(!NdrFullPointerFree(tables, NULL), "NULL is to be freed\n");
    NdrFullPointerXlatFree(tables);
}

/* C706 14.3.12.1: what two full pointers lead to is sent once, behind the first. */
static void test_full_pointers(void)
{
    static const unsigned char format[] = {FC_FP, SIMPLE_POINTER, FC_LONG, FC_PAD};
    static const LONG octets[] = {1, 7, 1};
    LONG before = live_allocations(), value = 7, *first = NULL, *second = NULL;
    struct side side;

    side_begin(&side, NULL, format, NULL, sizeof(octets));
    side.msg.BufferLength = 0;
    side.msg.FullPtrXlatTables = NdrFullPointerXlatInit(2, XLAT_CLIENT);
    NdrPointerBufferSize(&side.msg, (unsigned char *)&value, format);
    NdrPointerBufferSize(&side.msg, (unsigned char *)&value, format);
    ok(side.msg.BufferLength == sizeof(octets), "%lu octets asked\n", (unsigned long)side.msg.BufferLength);
    NdrPointerMarshall(&side.msg, (unsigned char *)&value, format);
    NdrPointerMarshall(&side.msg, (unsigned char *)&value, format);
    side_is(&side, octets, sizeof(octets), "two pointers to one value");
    NdrFullPointerXlatFree(side.msg.FullPtrXlatTables);

    side_begin(&side, NULL, format, octets, sizeof(octets));
    side.msg.FullPtrXlatTables = NdrFullPointerXlatInit(2, XLAT_CLIENT);
    NdrPointerUnmarshall(&side.msg, (unsigned char **)&first, format, FALSE);
    NdrPointerUnmarshall(&side.msg, (unsigned char **)&second, format, FALSE);
    ok(first && *first == 7 && second == first && live_allocations() == before + 1, "%p and %p\n", first,
       second);
    NdrPointerFree(&side.msg, (unsigned char *)first, format);
    NdrPointerFree(&side.msg, (unsigned char *)second, format);
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
    NdrFullPointerXlatFree(side.msg.FullPtrXlatTables);
}

/* MIDL reference, "byte_count": so many octets are there for what comes [out]. */
static void test_byte_count(void)
{
    static const unsigned char format[] = {FC_BYTE_COUNT_POINTER, FC_LONG, FROM_PARAMETER | FC_LONG, 0,
                                           SHORT(0)};
    static const LONG octets[] = {7};
    LONG before = live_allocations(), value = 7, *room = midl_user_allocate(8), *got = room;
    struct side side;

    side_begin(&side, NULL, format, NULL, 4);
    side.stack.count = 8;
    side.msg.BufferLength = 0;
    NdrByteCountPointerBufferSize(&side.msg, (unsigned char *)&value, format);
    ok(side.msg.BufferLength >= 4 && side.msg.BufferLength < 16, "%lu octets asked\n",
       (unsigned long)side.msg.BufferLength);
    NdrByteCountPointerMarshall(&side.msg, (unsigned char *)&value, format);
    side_is(&side, octets, 4, "byte_count");
    side.msg.Buffer = side.buffer;
    NdrByteCountPointerUnmarshall(&side.msg, (unsigned char **)&got, format, FALSE);
    ok(got == room && room[0] == 7 && side.msg.Buffer == side.buffer + 4, "got %ld at %p\n", (long)room[0],
       got);

    side_begin(&side, NULL, format, octets, 4);
    side.stack.count = 3;
    ok_status(CAUGHT(NdrByteCountPointerUnmarshall(&side.msg, (unsigned char **)&got, format, FALSE)),
              RPC_X_BYTE_COUNT_TOO_SMALL, "three octets for a long");
    side_begin(&side, NULL, format, octets, 3);
    side.stack.count = 8;
    ok_status(CAUGHT(NdrByteCountPointerUnmarshall(&side.msg, (unsigned char **)&got, format, FALSE)),
              RPC_X_BAD_STUB_DATA, "too few octets");
    ok_status(CAUGHT(NdrByteCountPointerMarshall(&side.msg, NULL, format)), RPC_X_NULL_REF_POINTER,
              "a NULL pointer");
    NdrByteCountPointerFree(&side.msg, (unsigned char *)room, format);
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
}

/* MIDL reference, "partial_ignore": the server learns whether there is a pointer, no more, and has a new
 * referent. */
static void test_partial_ignore(void)
{
    LONG before = live_allocations(), value = 7;
    void *pointer = &value;
    struct side side;

    side_begin(&side, NULL, unique_long, NULL, 8);
    side.msg.BufferLength = 1;
    NdrPartialIgnoreClientBufferSize(&side.msg, &value);
    ok(side.msg.BufferLength == 8, "%lu octets asked\n", (unsigned long)side.msg.BufferLength);
    NdrPartialIgnoreClientMarshall(&side.msg, &value);
    NdrPartialIgnoreClientMarshall(&side.msg, NULL);
    ok(((LONG *)side.buffer)[0] && !((LONG *)side.buffer)[1] && side.msg.Buffer == side.buffer + 8,
       "wrong octets\n");
    side.msg.Buffer = side.buffer;
    NdrPartialIgnoreServerUnmarshall(&side.msg, &pointer);
    ok(pointer != NULL, "the pointer is NULL\n");
    NdrPartialIgnoreServerInitialize(&side.msg, &pointer, unique_long);
    ok(pointer && pointer != &value && !*(LONG *)pointer && live_allocations() == before + 1,
       "no new referent, but %p\n", pointer);
    midl_user_free(pointer);
    NdrPartialIgnoreServerUnmarshall(&side.msg, &pointer);
    NdrPartialIgnoreServerInitialize(&side.msg, &pointer, unique_long);
    ok(!pointer && live_allocations() == before, "NULL became %p\n", pointer);
    ok_status(CAUGHT(NdrPartialIgnoreServerUnmarshall(&side.msg, &pointer)), RPC_X_BAD_STUB_DATA,
              "too few octets");
}

/* Memory for an [out] parameter, cleared. unverified on Windows: no page has it. */
static void test_out_init(void)
{
    static const unsigned char pair[] = {FC_STRUCT, 3, SHORT(8), FC_LONG, FC_LONG, FC_PAD, FC_END};
    LONG before = live_allocations(), *number = NULL, *numbers = NULL;
    struct side side;

    side_begin(&side, NULL, ref_long, NULL, 0);
    NdrOutInit(&side.msg, ref_long, (unsigned char **)&number);
    NdrOutInit(&side.msg, pair, (unsigned char **)&numbers);
    ok(number && !*number && numbers && !numbers[0] && !numbers[1] && live_allocations() == before + 2,
       "%p, %p\n", number, numbers);
    midl_user_free(number);
    midl_user_free(numbers);
}

/* rpcndr.h: the high half of the flags is the sender's data representation, [MS-RPCE] 2.2.2.2's. */
static void test_user_conversion(void)
{
    __attribute__((aligned(8))) unsigned char octets[] = {0, 0xc1, 0, 0, 0x12, 0x34, 0x56, 0x78};
    ULONG big = MSHCTX_DIFFERENTMACHINE | 1 << 16, local = MSHCTX_DIFFERENTMACHINE | 0x10 << 16;

    ok(NdrUserMarshalSimpleTypeConvert(&local, octets + 3, FC_LONG) == octets + 8, "not behind it\n");
    ok(octets[4] == 0x12 && octets[7] == 0x78, "a local value was converted\n");
    ok(NdrUserMarshalSimpleTypeConvert(&big, octets + 3, FC_LONG) == octets + 8, "not behind it\n");
    ok(*(LONG *)(octets + 4) == 0x12345678, "got %lx\n", *(LONG *)(octets + 4));
    ok(NdrUserMarshalSimpleTypeConvert(&big, octets + 1, FC_CHAR) == octets + 2 && octets[1] == 'A',
       "EBCDIC A became %x\n", octets[1]);
    ok_status(CAUGHT(NdrUserMarshalSimpleTypeConvert(&big, octets, FC_STRUCT)), RPC_X_BAD_STUB_DATA,
              "no base type");
}

/* MIDL reference, "Parameter Descriptors" of -Oi; a server's octets of a big-endian client. */
static void test_convert(void)
{
    enum { IN_PARAM = 0x4d, IN_PARAM_BASETYPE = 0x4e, RETURN_PARAM_BASETYPE = 0x53 };
    static const unsigned char types[] = {0, 0, FC_STRUCT, 3, SHORT(8), FC_LONG, FC_SHORT, FC_SHORT, FC_END};
    static const unsigned char params[] = {IN_PARAM_BASETYPE,     FC_SHORT, IN_PARAM, 2, SHORT(2),
                                           RETURN_PARAM_BASETYPE, FC_LONG};
    static const unsigned char octets[] = {0, 1, 0, 0, 0, 0, 0, 2, 0, 3, 0, 4};
    struct side side;
    unsigned char little[sizeof(octets)];

    side_begin(&side, NULL, types, octets, sizeof(octets));
    side.msg.IsClient = FALSE;
    NdrConvert(&side.msg, params);
    ok(!memcmp(side.buffer, octets, sizeof(octets)), "local octets were converted\n");
    side.rpc.DataRepresentation = NDR_BIG_ENDIAN;
    NdrConvert(&side.msg, params);
    memcpy(little, side.buffer, sizeof(little));
    ok(!memcmp(little, "\1\0\0\0\2\0\0\0\3\0\4", sizeof(octets)), "other octets\n");
    ok(side.msg.Buffer == side.buffer, "the position moved\n");
    side_begin(&side, NULL, types, octets, sizeof(octets) - 1);
    side.msg.IsClient = FALSE;
    side.rpc.DataRepresentation = NDR_BIG_ENDIAN;
    ok_status(CAUGHT(NdrConvert(&side.msg, params)), RPC_X_BAD_STUB_DATA, "too few octets");
}

/* SDK, NdrContextHandleSize; C706 14.2.17: 20 octets, aligned to 4. */
static void test_context_size(void)
{
    static const unsigned char format[] = {0x30, 0xe0, 0, 0}; /* FC_BIND_CONTEXT, via pointer, in, out */
    struct side side;

    side_begin(&side, NULL, format, NULL, 0);
    side.msg.BufferLength = 5;
    NdrContextHandleSize(&side.msg, NULL, format);
    ok(side.msg.BufferLength == 28, "%lu octets asked\n", (unsigned long)side.msg.BufferLength);
}

/* ---- interface pointers: [MS-DCOM] 2.2.14, MInterfacePointer, within a unique pointer */

static volatile LONG references;

static HRESULT WINAPI thing_query(IUnknown *self, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) ? self : NULL;
    if (*out)
        IUnknown_AddRef(self);
    return *out ? S_OK : E_NOINTERFACE;
}
static ULONG WINAPI thing_add(IUnknown *self)
{
    (void)self;
    return InterlockedIncrement(&references);
}
static ULONG WINAPI thing_release(IUnknown *self)
{
    (void)self;
    return InterlockedDecrement(&references);
}
static IUnknownVtbl thing_table = {thing_query, thing_add, thing_release};
static IUnknown thing = {&thing_table};

/* FC_IP FC_CONSTANT_IID IID_IUnknown */
static const unsigned char interface_format[] = {
    FC_IP, FC_CONSTANT_IID, LONG4(0), SHORT(0), SHORT(0), 0xc0, 0, 0, 0, 0, 0, 0, 0x46};

static void test_null_interface(void)
{
    IUnknown *got = (IUnknown *)1;
    struct side side;

    side_begin(&side, NULL, interface_format, NULL, 4);
    side.msg.BufferLength = 0;
    NdrInterfacePointerBufferSize(&side.msg, NULL, interface_format);
    ok(side.msg.BufferLength >= 4, "%lu octets asked\n", (unsigned long)side.msg.BufferLength);
    NdrInterfacePointerMarshall(&side.msg, NULL, interface_format);
    side_is(&side, "\0\0\0", 4, "a NULL interface pointer");
    side.msg.Buffer = side.buffer;
    got = NULL;
    NdrInterfacePointerUnmarshall(&side.msg, (unsigned char **)&got, interface_format, TRUE);
    ok(!got, "NULL became %p\n", got);
    NdrInterfacePointerFree(&side.msg, NULL, interface_format);
}

static void test_interface(void)
{
    static const LONG lying[] = {0x20000, 64, 8, 0, 0};
    unsigned char room[1024];
    IUnknown *got = NULL;
    struct side side;
    ULONG size;

    ok(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED) == S_OK, "no apartment\n");
    side_begin(&side, NULL, interface_format, NULL, 0);
    NdrInterfacePointerBufferSize(&side.msg, (unsigned char *)&thing, interface_format);
    size = side.msg.BufferLength;
    ok(size > 12 && size <= sizeof(room), "%lu octets asked\n", (unsigned long)size);
    side.rpc.Buffer = side.msg.Buffer = side.msg.BufferStart = room;
    side.rpc.BufferLength = size;
    side.msg.BufferEnd = room + size;
    NdrInterfacePointerMarshall(&side.msg, (unsigned char *)&thing, interface_format);
    ok(((ULONG *)room)[0] && ((ULONG *)room)[1] == ((ULONG *)room)[2] && !memcmp(room + 12, "MEOW", 4),
       "no object reference\n");
    ok(side.msg.Buffer == room + 12 + ((ULONG *)room)[1], "%ld octets written\n",
       (long)(side.msg.Buffer - room));
    side.msg.BufferEnd = side.msg.Buffer;
    side.msg.Buffer = room;
    NdrInterfacePointerMemorySize(&side.msg, interface_format);
    ok(side.msg.Buffer == side.msg.BufferEnd, "%ld octets skipped\n", (long)(side.msg.Buffer - room));
    side.msg.Buffer = room;
    NdrInterfacePointerUnmarshall(&side.msg, (unsigned char **)&got, interface_format, TRUE);
    ok(got == &thing && references == 1, "got %p, %ld references\n", got, (long)references);
    NdrInterfacePointerFree(&side.msg, (unsigned char *)got, interface_format);
    ok(!references, "%ld references\n", (long)references);

    side_begin(&side, NULL, interface_format, lying, sizeof(lying));
    got = NULL;
    ok_status(
        CAUGHT(NdrInterfacePointerUnmarshall(&side.msg, (unsigned char **)&got, interface_format, TRUE)),
        RPC_X_BAD_STUB_DATA, "more octets than there are");
    ok(!got, "got %p\n", got);
    CoUninitialize();
}

START_TEST(ndr_entry)
{
    test_base_types();
    test_null_pointers();
    test_full_pointer_tables();
    test_full_pointers();
    test_user_conversion();
    test_convert();
    test_context_size();
    test_null_interface();
    test_interface();
    /* Wine's own has not all of these, and ends here. */
    test_byte_count();
    test_partial_ignore();
    test_out_init();
    test_any_type();
    test_base_type_inline();
}
