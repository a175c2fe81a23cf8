/*
 * The functions of the types, which -Os stubs call: for each kind of type NdrKINDBufferSize, Marshall,
 * Unmarshall, MemorySize and Free, on one value. SDK: the pages of those functions; the format
 * strings after "Type Format Strings", the octets after C706 14.3.
 */
#include "ndr_side.h"
#include <stddef.h>

#define LONGS(...)                                                                                           \
    (const unsigned char *)(const LONG[])                                                                    \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

typedef void(RPC_ENTRY *size_function)(PMIDL_STUB_MESSAGE, unsigned char *, PFORMAT_STRING);
typedef unsigned char *(RPC_ENTRY *marshal_function)(PMIDL_STUB_MESSAGE, unsigned char *, PFORMAT_STRING);
typedef unsigned char *(RPC_ENTRY *unmarshal_function)(PMIDL_STUB_MESSAGE, unsigned char **, PFORMAT_STRING,
                                                       unsigned char);
typedef ULONG(RPC_ENTRY *memory_function)(PMIDL_STUB_MESSAGE, PFORMAT_STRING);
typedef void(RPC_ENTRY *free_function)(PMIDL_STUB_MESSAGE, unsigned char *, PFORMAT_STRING);

struct kind {
    const char *name;
    size_function size;
    marshal_function marshal;
    unmarshal_function unmarshal;
    memory_function memory_size;
    free_function free_memory; /* NULL: there is no such function for this kind */
    const unsigned char *format;
    unsigned start;             /* of the type in format */
    const unsigned char *value; /* for a pointer its referent */
    unsigned memory;            /* octets of value */
    const char *octets;         /* on the wire, LONGs but for the last ones */
    unsigned wire;
};

static const unsigned char pointer[] = {FC_UP, SIMPLE_POINTER, FC_LONG, FC_PAD};
static const unsigned char simple[] = {FC_STRUCT, 3, SHORT(8), FC_LONG, FC_SHORT, FC_SHORT, FC_END};
static const unsigned char conformant[] = {FC_CARRAY, 3,          SHORT(4), FC_LONG,    0,
                                           SHORT(-4), FC_LONG,    FC_END,   FC_CSTRUCT, 3,
                                           SHORT(4),  SHORT(-14), FC_LONG,  FC_END};
static const unsigned char varying_tail[] = {
    FC_CVARRAY, 3,           SHORT(4), FC_LONG,  0,          SHORT(-8), FC_LONG, 0,      SHORT(-4), FC_LONG,
    FC_END,     FC_CVSTRUCT, 3,        SHORT(8), SHORT(-18), FC_LONG,   FC_LONG, FC_PAD, FC_END};
static const unsigned char complex[] = {FC_BOGUS_STRUCT, 3,         SHORT(8), SHORT(0), SHORT(0),
                                        FC_LONG,         FC_ENUM16, FC_END,   0};
static const unsigned char fixed[] = {FC_SMFARRAY, 3, SHORT(12), FC_LONG, FC_END};
static const unsigned char sized[] = {FC_CARRAY, 3,        SHORT(4), FROM_PARAMETER | FC_LONG,
                                      0,         SHORT(0), FC_LONG,  FC_END};
static const unsigned char both[] = {
    FC_CVARRAY, 3,       SHORT(4), FROM_PARAMETER | FC_LONG, 0, SHORT(0), FROM_PARAMETER | FC_LONG, 0,
    SHORT(4),   FC_LONG, FC_END};
static const unsigned char varying[] = {
    FC_SMVARRAY, 3, SHORT(12), SHORT(3), SHORT(4), FROM_PARAMETER | FC_LONG, 0, SHORT(4), FC_LONG, FC_END};
static const unsigned char enums[] = {FC_BOGUS_ARRAY,    1,         SHORT(3), LONG4(0xffffffff),
                                      LONG4(0xffffffff), FC_ENUM16, FC_END};
static const unsigned char text[] = {FC_C_CSTRING, FC_PAD};
static const unsigned char fixed_text[] = {FC_CSTRING, FC_PAD, SHORT(4)};
static const unsigned char capsule[] = {FC_ENCAPSULATED_UNION,   0x40 | FC_LONG, SHORT(4), SHORT(1), LONG4(1),
                                        SHORT(0x8000 | FC_LONG), SHORT(0)};
static const unsigned char arms[] = {FC_NON_ENCAPSULATED_UNION,
                                     FC_LONG,
                                     FROM_PARAMETER | FC_LONG,
                                     0,
                                     SHORT(0),
                                     SHORT(2),
                                     SHORT(4),
                                     SHORT(1),
                                     LONG4(3),
                                     SHORT(0x8000 | FC_LONG),
                                     SHORT(0xffff)};
static const unsigned char presented[] = {FC_LONG,  FC_PAD,   FC_TRANSMIT_AS, 3,
                                          SHORT(0), SHORT(4), SHORT(4),       SHORT(-10)};
static const unsigned char user[] = {FC_LONG,  FC_PAD,   FC_USER_MARSHAL, 3,
                                     SHORT(0), SHORT(4), SHORT(4),        SHORT(-10)};

#ifndef _WIN64 /* not exported there, and declared by no header */
void RPC_ENTRY NdrHardStructBufferSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
unsigned char *RPC_ENTRY NdrHardStructMarshall(PMIDL_STUB_MESSAGE msg, unsigned char *memory,
                                               PFORMAT_STRING format);
unsigned char *RPC_ENTRY NdrHardStructUnmarshall(PMIDL_STUB_MESSAGE msg, unsigned char **memory,
                                                 PFORMAT_STRING format, unsigned char must_alloc);
ULONG RPC_ENTRY NdrHardStructMemorySize(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format);
void RPC_ENTRY NdrHardStructFree(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);

static const unsigned char hard[] = {0xb1,     3,        SHORT(8), LONG4(0),  SHORT(4), SHORT(6),
                                     SHORT(8), SHORT(0), FC_LONG,  FC_ENUM16, FC_END};
#endif

/* Of a kind with a function that frees, and of one without. */
#define KIND_KEPT(name)                                                                                      \
#name, Ndr##name##BufferSize, Ndr##name##Marshall, Ndr##name##Unmarshall, Ndr##name##MemorySize, NULL
#define KIND(name)                                                                                           \
#name, Ndr##name##BufferSize, Ndr##name##Marshall, Ndr##name##Unmarshall, Ndr##name##MemorySize,         \
        Ndr##name##Free

static const struct kind kinds[] = {
    {KIND(Pointer), pointer, 0, LONGS(7), 4, "\0\0\2\0\7\0\0\0", 8},
    {KIND(SimpleStruct), simple, 0, LONGS(1, 0x30002), 8, "\1\0\0\0\2\0\3\0", 8},
    {KIND(ConformantStruct), conformant, 10, LONGS(2, 5, 6), 12, "\2\0\0\0\2\0\0\0\5\0\0\0\6\0\0\0", 16},
    {KIND(ConformantVaryingStruct), varying_tail, 14, LONGS(2, 1, 5, 0), 16,
     "\2\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\5\0\0\0", 24},
    {KIND(ComplexStruct), complex, 0, LONGS(1, 2), 8, "\1\0\0\0\2\0", 6},
#ifndef _WIN64
    {KIND(HardStruct), hard, 0, LONGS(7, 2), 8, "\7\0\0\0\2\0", 6},
#endif
    {KIND(FixedArray), fixed, 0, LONGS(1, 2, 3), 12, "\1\0\0\0\2\0\0\0\3\0\0\0", 12},
    {KIND(ConformantArray), sized, 0, LONGS(1, 2, 3), 12, "\3\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0", 16},
    {KIND(ConformantVaryingArray), both, 0, LONGS(1, 2, 0), 12, "\3\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0",
     20},
    {KIND(VaryingArray), varying, 0, LONGS(1, 2, 0), 12, "\0\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0", 16},
    {KIND(ComplexArray), enums, 0, LONGS(1, 2, 3), 12, "\1\0\2\0\3\0", 6},
    {KIND_KEPT(ConformantString), text, 0, (const unsigned char *)"abc", 4, "\4\0\0\0\0\0\0\0\4\0\0\0abc",
     16},
    {KIND_KEPT(NonConformantString), fixed_text, 0, (const unsigned char *)"abc", 4, "\0\0\0\0\4\0\0\0abc",
     12},
    {KIND(EncapsulatedUnion), capsule, 0, LONGS(1, 5), 8, "\1\0\0\0\5\0\0\0", 8},
    {KIND(NonEncapsulatedUnion), arms, 0, LONGS(9), 4, "\3\0\0\0\11\0\0\0", 8},
    {KIND(XmitOrRepAs), presented, 2, LONGS(5), 4, "\6\0\0\0", 4},
    {KIND(UserMarshal), user, 2, LONGS(5), 4, "\7\0\0\0", 4},
};

/* transmit_as: one more on the wire. */
static void __RPC_USER to_xmit(PMIDL_STUB_MESSAGE msg)
{
    LONG *wire = midl_user_allocate(sizeof(*wire));

    *wire = *(LONG *)msg->pPresentedType + 1;
    msg->pTransmitType = (unsigned char *)wire;
}
static void __RPC_USER from_xmit(PMIDL_STUB_MESSAGE msg)
{
    *(LONG *)msg->pPresentedType = *(LONG *)msg->pTransmitType - 1;
}
static void __RPC_USER free_xmit(PMIDL_STUB_MESSAGE msg)
{
    midl_user_free(msg->pTransmitType);
}
static void __RPC_USER free_instance(PMIDL_STUB_MESSAGE msg)
{
    (void)msg;
}

/* user_marshal: two more on the wire. */
static ULONG __RPC_USER user_size(ULONG *flags, ULONG start, void *object)
{
    (void)flags, (void)object;
    return ((start + 3) & ~3u) + 4;
}
static unsigned char *__RPC_USER user_marshal(ULONG *flags, unsigned char *buffer, void *object)
{
    (void)flags;
    *(LONG *)buffer = *(LONG *)object + 2;
    return buffer + 4;
}
static unsigned char *__RPC_USER user_unmarshal(ULONG *flags, unsigned char *buffer, void *object)
{
    (void)flags;
    *(LONG *)object = *(LONG *)buffer - 2;
    return buffer + 4;
}
static void __RPC_USER user_free(ULONG *flags, void *object)
{
    (void)flags, (void)object;
}

static const XMIT_ROUTINE_QUINTUPLE xmit_routines[] = {{to_xmit, from_xmit, free_xmit, free_instance}};
static const USER_MARSHAL_ROUTINE_QUADRUPLE user_routines[] = {
    {user_size, user_marshal, user_unmarshal, user_free}};

static const MIDL_STUB_DESC desc_like = {.aXmitQuintuple = xmit_routines,
                                         .aUserMarshalQuadruple = user_routines};

/* A client's stub with a buffer of so many octets. */
static void begin(struct side *side, const struct kind *kind)
{
    side_begin(side, &desc_like, kind->format, kind->octets, kind->wire);
    side->stack = (struct side_stack){3, 2};
}

static void test_out(const struct kind *kind)
{
    struct side side;

    begin(&side, kind);
    side.msg.BufferLength = 0;
    ok_status(CAUGHT(kind->size(&side.msg, (unsigned char *)kind->value, kind->format + kind->start)), 0,
              "BufferSize");
    ok(side.msg.BufferLength >= kind->wire && side.msg.BufferLength < kind->wire + 16u,
       "%lu octets asked, %u needed\n", (unsigned long)side.msg.BufferLength, kind->wire);
    memset(side.buffer, 0xee, sizeof(side.buffer));
    side.rpc.BufferLength = side.msg.BufferLength;
    side.msg.BufferEnd = side.buffer + side.msg.BufferLength;
    ok_status(CAUGHT(kind->marshal(&side.msg, (unsigned char *)kind->value, kind->format + kind->start)), 0,
              "Marshall");
    ok(side.msg.Buffer == side.buffer + kind->wire, "%u octets written, not %u\n",
       (unsigned)(side.msg.Buffer - side.buffer), kind->wire);
    /* An identifier may be any number but 0. */
    if (kind->format == pointer)
        memcpy(side.buffer, kind->octets, 4);
    ok(!memcmp(side.buffer, kind->octets, kind->wire), "other octets\n");
}

static void test_in(const struct kind *kind)
{
    LONG before = live_allocations();
    unsigned char *got = NULL;
    struct side side;

    begin(&side, kind);
    ok_status(CAUGHT(kind->memory_size(&side.msg, kind->format + kind->start)), 0, "MemorySize");
    ok(side.msg.MemorySize >= kind->memory, "MemorySize gave %lu\n", (unsigned long)side.msg.MemorySize);
    begin(&side, kind);
    ok_status(CAUGHT(kind->unmarshal(&side.msg, &got, kind->format + kind->start, TRUE)), 0, "Unmarshall");
    ok(side.msg.Buffer == side.msg.BufferEnd, "%u octets taken, not %u\n",
       (unsigned)(side.msg.Buffer - side.buffer), kind->wire);
    ok(got && !memcmp(got, kind->value, kind->memory), "another value\n");
    if (kind->free_memory)
        ok_status(CAUGHT(kind->free_memory(&side.msg, got, kind->format + kind->start)), 0, "Free");
    if (kind->format != pointer)
        midl_user_free(got);
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
}

static void test_bad(const struct kind *kind)
{
    LONG before = live_allocations();
    unsigned char *got = NULL;
    struct side side;

    /* user_marshal's routine here does not look at the end. */
    if (kind->format == user)
        return;
    begin(&side, kind);
    side.msg.BufferEnd--;
    side.rpc.BufferLength = --side.msg.BufferLength;
    ok_status(CAUGHT(kind->unmarshal(&side.msg, &got, kind->format + kind->start, TRUE)), RPC_X_BAD_STUB_DATA,
              "too few octets");
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
}

/* Octets that a sender of the type would not send. The SDK's pages of Ndr*Unmarshall: "RPC_X_BAD_STUB_DATA or
 * RPC_X_INVALID_BOUND: the network buffer is incorrect", of unions RPC_S_INVALID_TAG. */
struct refusal {
    const char *what;
    unmarshal_function unmarshal;
    const unsigned char *format;
    unsigned start;
    const char *octets;
    unsigned wire;
    RPC_STATUS expected; /* 0: either of the two */
};

/* No default arm; capsule has an empty one. */
static const unsigned char closed_capsule[] = {
    FC_ENCAPSULATED_UNION,   0x40 | FC_LONG, SHORT(4), SHORT(1), LONG4(1),
    SHORT(0x8000 | FC_LONG), SHORT(0xffff)};

static const struct refusal refusals[] = {
    {"a conformance beyond all memory", NdrConformantArrayUnmarshall, sized, 0,
     "\xff\xff\xff\xff\1\0\0\0\2\0\0\0\3\0\0\0", 16, 0},
    {"more elements than the array has", NdrConformantVaryingArrayUnmarshall, both, 0,
     "\3\0\0\0\0\0\0\0\4\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", 28, 0},
    {"an offset beyond the array", NdrConformantVaryingArrayUnmarshall, both, 0,
     "\3\0\0\0\xff\xff\xff\xff\2\0\0\0\1\0\0\0\2\0\0\0", 20, 0},
    {"more elements than the fixed size", NdrVaryingArrayUnmarshall, varying, 0,
     "\0\0\0\0\4\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", 24, 0},
    {"a string longer than its maximum", NdrConformantStringUnmarshall, text, 0,
     "\3\0\0\0\0\0\0\0\4\0\0\0abc", 16, 0},
    {"a string without an end", NdrConformantStringUnmarshall, text, 0, "\4\0\0\0\0\0\0\0\4\0\0\0abcd", 16,
     0},
    {"a string of no characters, not even its end", NdrConformantStringUnmarshall, text, 0,
     "\0\0\0\0\0\0\0\0\0\0\0\0", 12, 0},
    {"a string longer than its array", NdrNonConformantStringUnmarshall, fixed_text, 0,
     "\0\0\0\0\5\0\0\0abcd", 13, 0},
    {"a structure's count that is not its array's", NdrConformantStructUnmarshall, conformant, 10,
     "\2\0\0\0\3\0\0\0\5\0\0\0\6\0\0\0", 16, 0},
    {"a structure with more elements than its array", NdrConformantVaryingStructUnmarshall, varying_tail, 14,
     "\2\0\0\0\2\0\0\0\3\0\0\0\0\0\0\0\3\0\0\0\5\0\0\0\6\0\0\0\7\0\0\0", 32, 0},
    {"a discriminant without an arm", NdrEncapsulatedUnionUnmarshall, closed_capsule, 0, "\2\0\0\0\5\0\0\0",
     8, RPC_S_INVALID_TAG},
    {"a discriminant that is not the parameter's", NdrNonEncapsulatedUnionUnmarshall, arms, 0,
     "\4\0\0\0\11\0\0\0", 8, 0},
};

static void test_refused(const struct refusal *refusal)
{
    const struct kind kind = {.format = refusal->format, .octets = refusal->octets, .wire = refusal->wire};
    LONG before = live_allocations();
    unsigned char *got = NULL;
    struct side side;
    RPC_STATUS status;

    begin(&side, &kind);
    status = CAUGHT(refusal->unmarshal(&side.msg, &got, refusal->format + refusal->start, TRUE));
    if (refusal->expected)
        ok(status == refusal->expected, "%s: %ld\n", refusal->what, status);
    else
        ok(status == RPC_X_BAD_STUB_DATA || status == RPC_X_INVALID_BOUND, "%s: %ld\n", refusal->what,
           status);
    ok(live_allocations() == before, "%s: %ld allocations\n", refusal->what,
       (long)(live_allocations() - before));
}

/* Values that the sender's own parameters forbid; SDK, "RPC Return Values": RPC_X_INVALID_BOUND, "the number
 * of elements is beyond the array's bounds", RPC_S_INVALID_TAG. */
static void test_refused_out(void)
{
    static const LONG longs[] = {1, 2, 3};
    const struct kind nothing = {.format = both, .octets = "", .wire = 0};
    unsigned char *value = (unsigned char *)longs;
    struct side side;
    RPC_STATUS status;

    begin(&side, &nothing);
    side.stack = (struct side_stack){-1, 0};
    /* Which of the two is unverified on Windows. */
    status = CAUGHT(NdrConformantArrayBufferSize(&side.msg, value, sized));
    ok(status == RPC_X_INVALID_BOUND || status == RPC_X_BAD_STUB_DATA, "a negative conformance: %ld\n",
       status);
    side.stack = (struct side_stack){3, 4};
    ok_status(CAUGHT(NdrConformantVaryingArrayBufferSize(&side.msg, value, both)), RPC_X_INVALID_BOUND,
              "more elements than the array has");
    ok_status(CAUGHT(NdrConformantVaryingArrayMarshall(&side.msg, value, both)), RPC_X_INVALID_BOUND,
              "more elements than the array has");
    ok_status(CAUGHT(NdrVaryingArrayBufferSize(&side.msg, value, varying)), RPC_X_INVALID_BOUND,
              "more elements than the fixed size");
    side.stack = (struct side_stack){5, 0};
    ok_status(CAUGHT(NdrNonEncapsulatedUnionBufferSize(&side.msg, value, arms)), RPC_S_INVALID_TAG,
              "a discriminant without an arm");
    ok_status(CAUGHT(NdrEncapsulatedUnionBufferSize(&side.msg, value + 4, closed_capsule)), RPC_S_INVALID_TAG,
              "a discriminant without an arm");
}

/* What comes for an [out] array that the caller has room for, by a server that says there is more. */
static void test_room(void)
{
    const struct kind more = {
        .format = sized, .octets = "\4\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", .wire = 20};
    LONG room[4] = {0, 0, 0, 77};
    unsigned char *got = (unsigned char *)room;
    struct side side;

    begin(&side, &more);
    ok_status(CAUGHT(NdrConformantArrayUnmarshall(&side.msg, &got, sized, FALSE)), RPC_X_BAD_STUB_DATA,
              "more");
    ok(room[3] == 77, "written beyond the array\n");
}

static void test_base(void)
{
    static const unsigned char range[] = {FC_RANGE, FC_LONG, LONG4(1), LONG4(9)};
    const struct kind number = {.format = range, .octets = "\5\0\0\0", .wire = 4};
    const struct kind beyond = {.format = range, .octets = "\12\0\0\0", .wire = 4};
    LONG value = 5, *got = &value;
    struct side side;

    begin(&side, &number);
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&value, FC_LONG);
    ok(side.msg.Buffer == side.buffer + 4 && !memcmp(side.buffer, number.octets, 4),
       "NdrSimpleTypeMarshall\n");
    begin(&side, &number);
    value = 0;
    NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&value, FC_LONG);
    ok(side.msg.Buffer == side.buffer + 4 && value == 5, "NdrSimpleTypeUnmarshall\n");
    begin(&side, &number);
    value = 0;
    ok_status(CAUGHT(NdrRangeUnmarshall(&side.msg, (unsigned char **)&got, range, FALSE)), 0,
              "NdrRangeUnmarshall");
    ok(value == 5, "NdrRangeUnmarshall gave %ld\n", (long)value);
    begin(&side, &beyond);
    ok_status(CAUGHT(NdrRangeUnmarshall(&side.msg, (unsigned char **)&got, range, FALSE)),
              RPC_X_INVALID_BOUND, "out of range");
}

START_TEST(ndr_types)
{
    unsigned i;

    for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        winetest_context("%s", kinds[i].name);
        test_out(&kinds[i]);
        test_in(&kinds[i]);
        test_bad(&kinds[i]);
    }
    winetest_context("%s", "");
    for (i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        test_refused(&refusals[i]);
    test_refused_out();
    test_room();
    test_base();
}
