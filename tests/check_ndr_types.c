/*
 * Every format character that ndr/ knows, by a table: a format string, a value, its octets in both byte
 * orders written out from C706 chapter 14, octets that are refused. From each row: the value marshals to
 * those octets and takes the size computed; either side makes of them a value that marshals to them again,
 * and frees it; a big-endian sender's convert to them; no prefix of either is accepted; nothing stays
 * allocated.
 *
 * A row says which format characters it is the test of. What ndr/ names of them is listed from its sources
 * when this is built (ndr.mk, fc_names.h); one that has neither a row nor a test named in `elsewhere` fails
 * here.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/model.h"
#include "host/ndr_pair.h"

#define F(...)                                                                                               \
    (const unsigned char[])                                                                                  \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }
#define V(type, ...) (&(type){__VA_ARGS__})
/* Correlation with the arguments of `stack`: n is 2, m is 3, p points to 2. */
#define N              0x20 | FC_LONG, 0, SHORT(0)
#define M              0x20 | FC_LONG, 0, SHORT(P)
#define OF_N(operator) 0x20 | FC_LONG, operator, SHORT(0)
#define NONE           LONG4(-1)

#define ROW(covered, type, from, little_endian, big_endian, ...)                                             \
    {                                                                                                        \
        .covers = covered, .format = type, .value = from, .little = little_endian, .big = big_endian,        \
        __VA_ARGS__                                                                                          \
    }

struct refused {
    const char *octets;
    ULONG code;
};

struct row {
    const char *covers;
    PFORMAT_STRING format;
    void *value;
    const char *little, *big;
    struct refused refused[3];
    BOOLEAN kept; /* the value outlives its freeing */
};

static void evaluate(PMIDL_STUB_MESSAGE msg)
{
    msg->Offset = 0;
    msg->MaxCount = 2;
}

static const EXPR_EVAL expressions[] = {evaluate};

/* ---- values */

static struct {
    LONG_PTR n, m;
    LONG *p;
} stack = {2, 3, V(LONG, 2)};

struct named {
    short tag;
    WCHAR *name;
    LONGLONG when;
    LONG kind;
};
struct numbered {
    LONG number;
    void *pointer;
};
struct counted {
    LONG n;
    short a[3];
};
struct varying {
    LONG room, used;
    short a[4];
};
struct choice {
    LONG which, arm;
};
static const unsigned char padded[] = {1, 0, 2, 0, 0, 3, 0,        0,        4,        0,         0,       0,
                                       5, 0, 0, 0, 0, 6, [23] = 7, [30] = 8, [38] = 9, [48] = 10, [49] = 0};
#define LONG_ARRAY V(LONG[3], 1, 2, 3)

static const struct row rows[] = {
    ROW("FC_BYTE", F(FC_BYTE), "\x7f", "7f", "7f"), ROW("FC_CHAR", F(FC_CHAR), "A", "41", "41"),
    ROW("FC_SMALL", F(FC_SMALL), "\xff", "ff", "ff"), ROW("FC_USMALL", F(FC_USMALL), "\xfe", "fe", "fe"),
    ROW("FC_WCHAR", F(FC_WCHAR), V(WCHAR, 0x141), "4101", "0141"),
    ROW("FC_SHORT", F(FC_SHORT), V(short, -2), "feff", "fffe"),
    ROW("FC_USHORT", F(FC_USHORT), V(USHORT, 0x1234), "3412", "1234"),
    ROW("FC_LONG", F(FC_LONG), V(LONG, 0x12345678), "78563412", "12345678"),
    ROW("FC_ULONG", F(FC_ULONG), V(ULONG, 0xfffffffe), "feffffff", "fffffffe"),
    ROW("FC_FLOAT", F(FC_FLOAT), V(float, 1), "0000803f", "3f800000"),
    ROW("FC_HYPER", F(FC_HYPER), V(LONGLONG, 0x123456789abcdef0), "f0debc9a78563412", "123456789abcdef0"),
    ROW("FC_DOUBLE", F(FC_DOUBLE), V(double, 1), "000000000000f03f", "3ff0000000000000"),
    ROW("FC_ENUM16", F(FC_ENUM16), V(LONG, 0x1234), "3412", "1234",
        .refused = {{"0080", RPC_X_ENUM_VALUE_OUT_OF_RANGE}}),
    ROW("FC_ENUM32", F(FC_ENUM32), V(ULONG, 0x80000001), "01000080", "80000001"),
    ROW("FC_ERROR_STATUS_T", F(FC_ERROR_STATUS_T), V(ULONG, 5), "05000000", "00000005"),
    ROW("FC_INT3264", F(FC_INT3264), V(LONG_PTR, -2), "feffffff", "fffffffe"),
    ROW("FC_UINT3264", F(FC_UINT3264), V(ULONG_PTR, 0xfffffffe), "feffffff", "fffffffe"),
    ROW("FC_RANGE", F(FC_RANGE, FC_SHORT, LONG4(-3), LONG4(5)), V(short, -3), "fdff", "fffd",
        .refused = {{"fcff", RPC_X_INVALID_BOUND}, {"0600", RPC_X_INVALID_BOUND}}),

    /* Pointers: C706 14.3.11 at the top, 14.3.12 embedded. */
    ROW("FC_RP FC_SIMPLE_POINTER", F(FC_RP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD), V(LONG, 7), "07000000",
        "00000007"),
    ROW("FC_UP", F(FC_UP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD), V(LONG, 7), "00000200 07000000",
        "00020000 00000007"),
    ROW("FC_OP", F(FC_OP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD), V(LONG, 7), "00000200 07000000",
        "00020000 00000007"),
    ROW("FC_FP", F(FC_FP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD), V(LONG, 7), "01000000 07000000",
        "00000001 00000007"),
    ROW("FC_POINTER_DEREF FC_ALLOCED_ON_STACK",
        F(FC_RP, FC_ALLOCED_ON_STACK | FC_POINTER_DEREF, SHORT(2), FC_UP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD),
        V(LONG *, V(LONG, 7)), "00000200 07000000", "00020000 00000007"),
    ROW("FC_ALLOCATE_ALL_NODES", F(FC_UP, FC_ALLOCATE_ALL_NODES | FC_SIMPLE_POINTER, FC_LONG, FC_PAD),
        V(LONG, 7), "00000200 07000000", "00020000 00000007"),
    ROW("FC_DONT_FREE", F(FC_UP, FC_DONT_FREE | FC_SIMPLE_POINTER, FC_LONG, FC_PAD), V(LONG, 7),
        "00000200 07000000", "00020000 00000007", .kept = TRUE),
    ROW("FC_IGNORE FC_END",
        F(FC_BOGUS_STRUCT, 3, SHORT(2 * P), SHORT(0), SHORT(0), FC_LONG, ALIGN_POINTER, FC_IGNORE, FC_END),
        V(struct numbered, 1, NULL), "01000000 00000000", "00000001 00000000"),

    /* Structures: 14.3.6, 14.3.7. Members are aligned one by one (14.2.2, 14.3.2), conformance comes first.
     */
    ROW("FC_STRUCT FC_ALIGNM4", F(FC_STRUCT, 3, SHORT(8), FC_SHORT, FC_ALIGNM4, FC_LONG, FC_END),
        V(struct choice, 1, 2), "01000000 02000000", "00010000 00000002"),
    ROW("FC_CSTRUCT",
        F(FC_CARRAY, 1, SHORT(2), FC_LONG, 0, SHORT(-4), FC_SHORT, FC_END, FC_CSTRUCT, 3, SHORT(4),
          SHORT(-14), FC_LONG, FC_END) +
            10,
        V(struct counted, 3, {1, 2, 3}), "03000000 03000000 0100 0200 0300",
        "00000003 00000003 0001 0002 0003",
        .refused = {{"03000000 02000000 0100 0200 0300", RPC_X_BAD_STUB_DATA},
                    {"ffffffff ffffffff 0100 0200 0300", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_CVSTRUCT",
        F(FC_CVARRAY, 1, SHORT(2), FC_LONG, 0, SHORT(-8), FC_LONG, 0, SHORT(-4), FC_SHORT, FC_END,
          FC_CVSTRUCT, 3, SHORT(8), SHORT(-18), FC_LONG, FC_LONG, FC_PAD, FC_END) +
            14,
        V(struct varying, 4, 2, {7, 8}), "04000000 04000000 02000000 00000000 02000000 0700 0800",
        "00000004 00000004 00000002 00000000 00000002 0007 0008",
        .refused = {{"04000000 04000000 05000000 00000000 05000000 0700 0800 0700 0800 0700",
                     RPC_X_BAD_STUB_DATA},
                    {"04000000 04000000 02000000 03000000 02000000 0700 0800", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_BOGUS_STRUCT FC_POINTER FC_ALIGNM8 FC_PAD",
        F(FC_BOGUS_STRUCT, 7, SHORT(sizeof(struct named)), SHORT(0), SHORT(11), FC_SHORT, ALIGN_POINTER,
          FC_POINTER, FC_ALIGNM8, FC_HYPER, FC_ENUM16, FC_STRUCTPAD4, FC_PAD, FC_END, FC_UP,
          FC_SIMPLE_POINTER, FC_C_WSTRING, FC_PAD),
        V(struct named, 1, (WCHAR[]){'a', 0}, 0x0102030405060708, 3),
        "0100 0000 00000200 0807060504030201 0300 0000 02000000 00000000 02000000 61000000",
        "0001 0000 00020000 0102030405060708 0003 0000 00000002 00000000 00000002 00610000"),
    ROW("FC_ALIGNM2 FC_STRUCTPAD1 FC_STRUCTPAD7 FC_STRUCTPADN",
        F(FC_BOGUS_STRUCT, 1, SHORT(50), SHORT(0), SHORT(0), FC_CHAR, FC_ALIGNM2, FC_SHORT, FC_STRUCTPAD1,
          FC_CHAR, FC_STRUCTPAD2, FC_CHAR, FC_STRUCTPAD3, FC_CHAR, FC_STRUCTPAD4, FC_CHAR, FC_STRUCTPAD5,
          FC_CHAR, FC_STRUCTPAD6, FC_CHAR, FC_STRUCTPAD7, FC_CHAR, FC_STRUCTPADN, 0, SHORT(9), FC_CHAR,
          FC_STRUCTPAD1, FC_END),
        (void *)padded, "01 00 0200 03 04 05 06 07 08 09 0a", "01 00 0002 03 04 05 06 07 08 09 0a"),
    ROW("FC_HARD_STRUCT",
        F(FC_HARD_STRUCT, 3, SHORT(8), LONG4(0), SHORT(4), SHORT(6), SHORT(2), SHORT(-1), FC_LONG, FC_ENUM16,
          FC_END),
        V(struct choice, 7, 2), "07000000 0200", "00000007 0002",
        .refused = {{"07000000 0080", RPC_X_ENUM_VALUE_OUT_OF_RANGE}}),

    /* Arrays: 14.3.3. */
    ROW("FC_SMFARRAY", F(FC_SMFARRAY, 1, SHORT(4), FC_SHORT, FC_END), V(short[2], 1, 2), "0100 0200",
        "0001 0002"),
    ROW("FC_LGFARRAY", F(FC_LGFARRAY, 1, LONG4(4), FC_SHORT, FC_END), V(short[2], 1, 2), "0100 0200",
        "0001 0002"),
    ROW("FC_CARRAY", F(FC_CARRAY, 3, SHORT(4), N, FC_LONG, FC_END), LONG_ARRAY, "02000000 01000000 02000000",
        "00000002 00000001 00000002",
        .refused = {{"ffffffff 01000000 02000000", RPC_X_BAD_STUB_DATA},
                    {"00000040 01000000 02000000", RPC_X_BAD_STUB_DATA},
                    {"03000000 01000000 02000000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_CVARRAY", F(FC_CVARRAY, 3, SHORT(4), M, N, FC_LONG, FC_END), LONG_ARRAY,
        "03000000 00000000 02000000 01000000 02000000", "00000003 00000000 00000002 00000001 00000002",
        .refused = {{"03000000 00000000 04000000 01000000 02000000 01000000 02000000", RPC_X_BAD_STUB_DATA},
                    {"03000000 02000000 02000000 01000000 02000000", RPC_X_BAD_STUB_DATA},
                    {"03000000 ffffffff 02000000 01000000 02000000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_SMVARRAY", F(FC_SMVARRAY, 3, SHORT(12), SHORT(3), SHORT(4), N, FC_LONG, FC_END), LONG_ARRAY,
        "00000000 02000000 01000000 02000000", "00000000 00000002 00000001 00000002",
        .refused = {{"00000000 04000000 01000000 02000000 03000000 04000000", RPC_X_BAD_STUB_DATA},
                    {"02000000 02000000 01000000 02000000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_LGVARRAY", F(FC_LGVARRAY, 3, LONG4(12), LONG4(3), SHORT(4), N, FC_LONG, FC_END), LONG_ARRAY,
        "00000000 02000000 01000000 02000000", "00000000 00000002 00000001 00000002",
        .refused = {{"00000000 00000080 01000000 02000000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_BOGUS_ARRAY", F(FC_BOGUS_ARRAY, 1, SHORT(2), NONE, NONE, FC_ENUM16, FC_END), V(LONG[2], 1, 2),
        "0100 0200", "0001 0002", .refused = {{"0100 0080", RPC_X_ENUM_VALUE_OUT_OF_RANGE}}),
    ROW("FC_EMBEDDED_COMPLEX",
        F(FC_BOGUS_ARRAY, 3, SHORT(0), N, NONE, FC_EMBEDDED_COMPLEX, 0, SHORT(4), FC_PAD, FC_END,
          FC_BOGUS_ARRAY, 3, SHORT(0), M, NONE, FC_LONG, FC_END),
        V(LONG[2][3], {1, 2, 3}, {4, 5, 6}),
        "02000000 03000000 01000000 02000000 03000000 04000000 05000000 06000000",
        "00000002 00000003 00000001 00000002 00000003 00000004 00000005 00000006",
        .refused = {{"00000100 00000100 01000000", RPC_X_BAD_STUB_DATA},
                    {"ffffffff ffffffff 01000000", RPC_X_BAD_STUB_DATA}}),

    /* Strings: 14.3.4. */
    ROW("FC_C_CSTRING", F(FC_C_CSTRING, FC_PAD), "ab", "03000000 00000000 03000000 616200",
        "00000003 00000000 00000003 616200",
        .refused = {{"03000000 00000000 03000000 616263", RPC_X_BAD_STUB_DATA},
                    {"02000000 00000000 03000000 616200", RPC_X_BAD_STUB_DATA},
                    {"03000000 01000000 02000000 616200", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_C_WSTRING", F(FC_C_WSTRING, FC_PAD), V(WCHAR[2], 'a', 0), "02000000 00000000 02000000 6100 0000",
        "00000002 00000000 00000002 0061 0000",
        .refused = {{"02000000 00000000 02000000 6100 6100", RPC_X_BAD_STUB_DATA},
                    {"00000080 00000000 00000080 6100 0000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_C_BSTRING", F(FC_C_BSTRING, FC_PAD), "ab", "03000000 00000000 03000000 616200",
        "00000003 00000000 00000003 616200"),
    ROW("FC_C_SSTRING", F(FC_C_SSTRING, 3, FC_PAD, FC_PAD), "abcd\0e\0\0\0",
        "03000000 00000000 03000000 616263 640065 000000", "00000003 00000000 00000003 616263 640065 000000",
        .refused = {{"03000000 00000000 03000000 616263 640065 000001", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_STRING_SIZED", F(FC_C_CSTRING, FC_STRING_SIZED, M), "a", "03000000 00000000 02000000 6100",
        "00000003 00000000 00000002 6100",
        .refused = {{"03000000 00000000 04000000 61616100", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_CSTRING", F(FC_CSTRING, FC_PAD, SHORT(4)), "ab", "00000000 03000000 616200",
        "00000000 00000003 616200",
        .refused = {{"00000000 05000000 6161616100", RPC_X_BAD_STUB_DATA},
                    {"00000000 00000000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_WSTRING", F(FC_WSTRING, FC_PAD, SHORT(2)), V(WCHAR[2], 'a', 0), "00000000 02000000 6100 0000",
        "00000000 00000002 0061 0000",
        .refused = {{"00000000 03000000 6100 6100 0000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_BSTRING", F(FC_BSTRING, FC_PAD, SHORT(4)), "ab", "00000000 03000000 616200",
        "00000000 00000003 616200"),
    ROW("FC_SSTRING", F(FC_SSTRING, 2, SHORT(3)), "ab\0\0", "00000000 02000000 6162 0000",
        "00000000 00000002 6162 0000"),

    /* Unions: 14.3.8. */
    ROW("FC_ENCAPSULATED_UNION FC_MAGIC_UNION_BYTE",
        F(FC_ENCAPSULATED_UNION, 0x40 | FC_LONG, SHORT(4), SHORT(2), LONG4(1), SHORT(0x8000 | FC_LONG),
          LONG4(2), SHORT(0), SHORT(0xffff)),
        V(struct choice, 1, 5), "01000000 05000000", "00000001 00000005",
        .refused = {{"03000000 05000000", RPC_S_INVALID_TAG}}),
    ROW("FC_NON_ENCAPSULATED_UNION",
        F(FC_NON_ENCAPSULATED_UNION, FC_SHORT, FC_LONG, 0, SHORT(-4), SHORT(2), SHORT(4), SHORT(1), LONG4(1),
          SHORT(0x8000 | FC_LONG), SHORT(0xffff), FC_BOGUS_STRUCT, 3, SHORT(8), SHORT(0), SHORT(0), FC_LONG,
          FC_EMBEDDED_COMPLEX, 0, SHORT(-31), FC_END) +
            20,
        V(struct choice, 1, 5), "01000000 0100 0000 05000000", "00000001 0001 0000 00000005",
        .refused = {{"02000000 0200 0000 05000000", RPC_S_INVALID_TAG},
                    {"01000000 0200 0000 05000000", RPC_X_BAD_STUB_DATA}}),
    ROW("FC_NON_ENCAPSULATED_UNION", /* the default arm */
        F(FC_NON_ENCAPSULATED_UNION, FC_SHORT, FC_LONG, 0, SHORT(-4), SHORT(2), SHORT(4), SHORT(1), LONG4(1),
          SHORT(0x8000 | FC_LONG), SHORT(0x8000 | FC_USHORT), FC_BOGUS_STRUCT, 3, SHORT(8), SHORT(0),
          SHORT(0), FC_LONG, FC_EMBEDDED_COMPLEX, 0, SHORT(-31), FC_END) +
            20,
        V(struct choice, 9, 5), "09000000 0900 0500", "00000009 0009 0005"),

    /* SDK: byte_count, transmit_as, represent_as, user_marshal, iid_is; of a LONG its complement goes. */
    ROW("FC_BYTE_COUNT_POINTER", F(FC_BYTE_COUNT_POINTER, FC_PAD, M, FC_STRUCT, 3, SHORT(4), FC_LONG, FC_END),
        V(LONG, 7), "07000000", "00000007"),
    ROW("FC_TRANSMIT_AS",
        F(FC_LONG, FC_PAD, FC_TRANSMIT_AS, 3, SHORT(MODEL_OF_LONG), SHORT(4), SHORT(4), SHORT(-10)) + 2,
        V(LONG, 5), "faffffff", "fffffffa"),
    ROW("FC_REPRESENT_AS",
        F(FC_LONG, FC_PAD, FC_REPRESENT_AS, 3, SHORT(MODEL_OF_LONG), SHORT(4), SHORT(0), SHORT(-10)) + 2,
        V(LONG, 5), "faffffff", "fffffffa"),
    ROW("FC_USER_MARSHAL",
        F(FC_LONG, FC_PAD, FC_USER_MARSHAL, 3, SHORT(MODEL_OF_LONG), SHORT(4), SHORT(4), SHORT(-10)) + 2,
        V(LONG, 5), "faffffff", "fffffffa"),
    ROW("FC_IP FC_CONSTANT_IID", F(FC_IP, FC_CONSTANT_IID, LONG4(0), LONG4(0), 0xc0, 0, 0, 0, 0, 0, 0, 0x46),
        V(struct host_object, 100, "meow"), "00000200 04000000 04000000 6d656f77",
        "00020000 00000004 00000004 6d656f77",
        .refused = {{"00000200 04000000 05000000 6d656f77", RPC_X_BAD_STUB_DATA},
                    {"00000200 f0ffffff f0ffffff 6d656f77", RPC_X_BAD_STUB_DATA}}),
    /* A structure of a long and a UUID (C706 appendix N, ndr_context_handle). */
    ROW("FC_BIND_CONTEXT", F(FC_BIND_CONTEXT, 0x41, 0, 0), V(void *, (void *)5),
        "00000000 04030201 0403 0201 0000000000000005", "00000000 01020304 0304 0102 0000000000000005"),

    /* What a count is: SDK, "Correlation Descriptors". */
    ROW("FC_DIV_2", F(FC_CARRAY, 3, SHORT(4), 0x20 | FC_LONG, FC_DIV_2, SHORT(P), FC_LONG, FC_END),
        LONG_ARRAY, "01000000 01000000", "00000001 00000001"),
    ROW("FC_MULT_2", F(FC_CARRAY, 1, SHORT(2), OF_N(FC_MULT_2), FC_SHORT, FC_END), V(short[4], 1, 2, 3, 4),
        "04000000 0100 0200 0300 0400", "00000004 0001 0002 0003 0004"),
    ROW("FC_ADD_1", F(FC_CARRAY, 3, SHORT(4), OF_N(FC_ADD_1), FC_LONG, FC_END), LONG_ARRAY,
        "03000000 01000000 02000000 03000000", "00000003 00000001 00000002 00000003"),
    ROW("FC_SUB_1", F(FC_CARRAY, 3, SHORT(4), OF_N(FC_SUB_1), FC_LONG, FC_END), LONG_ARRAY,
        "01000000 01000000", "00000001 00000001"),
    ROW("FC_DEREFERENCE",
        F(FC_CARRAY, 3, SHORT(4), 0x20 | FC_LONG, FC_DEREFERENCE, SHORT(2 * P), FC_LONG, FC_END), LONG_ARRAY,
        "02000000 01000000 02000000", "00000002 00000001 00000002"),
    ROW("FC_CALLBACK", F(FC_CARRAY, 3, SHORT(4), OF_N(FC_CALLBACK), FC_LONG, FC_END), LONG_ARRAY,
        "02000000 01000000 02000000", "00000002 00000001 00000002"),
    ROW("FC_ZERO", F(FC_CARRAY, 3, SHORT(4), 0x40 | FC_ZERO, 0, SHORT(1), FC_LONG, FC_END), LONG_ARRAY,
        "01000000 01000000", "00000001 00000001"), /* a constant */
};

/* ---- running them */

static struct stub stub;

static void begin(BOOLEAN client)
{
    static const unsigned char none[1];

    stub_begin(&stub, client, none);
    model_routines(&stub.desc);
    stub.desc.apfnExprEval = expressions;
    stub.msg.StackTop = (unsigned char *)&stack;
    stub.msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, client ? XLAT_CLIENT : XLAT_SERVER);
}

static void end(void)
{
    NdrFullPointerXlatFree(stub.msg.FullPtrXlatTables);
    stub_end(&stub);
}

/* As expect_marshal, in the midst of another stub's life. */
static void expect_octets(const struct row *row, void *value)
{
    struct stub around = stub;

    begin(TRUE);
    expect_marshal(&stub, value, row->format, row->little);
    NdrFullPointerXlatFree(stub.msg.FullPtrXlatTables);
    stub_drop(&stub);
    stub = around;
}

static BOOLEAN in_buffer(const unsigned char *got)
{
    return got >= stub.msg.BufferStart && got < stub.msg.BufferEnd;
}

/* Whether freeing by its type gives back what the pointer to the value leads to. */
static BOOLEAN frees_itself(const struct row *row)
{
    if (*row->format >= FC_RP && *row->format <= FC_FP)
        return !(row->format[1] & (FC_ALLOCED_ON_STACK | FC_DONT_FREE));
    return *row->format == FC_IP || *row->format == FC_BYTE_COUNT_POINTER;
}

static void check_unmarshal(const struct row *row, BOOLEAN client, BOOLEAN must_alloc)
{
    unsigned char *got = NULL;

    begin(client);
    stub_receive_hex(&stub, row->little);
    ck_assert_msg(!stub_unmarshal(&stub, &got, row->format, must_alloc), "%s", row->covers);
    ck_assert_ptr_eq(stub.msg.Buffer, stub.msg.BufferEnd);
    expect_octets(row, got);
    ck_assert_uint_eq(stub_free(&stub, got, row->format), 0);
    if (!frees_itself(row) && !in_buffer(got))
        host_free(got);
    end();
}

static void check_skim(const struct row *row)
{
    begin(FALSE);
    stub_receive_hex(&stub, row->little);
    ck_assert_uint_eq(stub_memory_size(&stub, row->format), 0);
    ck_assert_ptr_eq(stub.msg.Buffer, stub.msg.BufferEnd);
    end();
}

static void check_big_endian(const struct row *row)
{
    unsigned char expected[256];
    size_t size = hex(row->little, expected, sizeof(expected));

    begin(FALSE);
    stub_receive_hex(&stub, row->big);
    ck_assert_uint_eq(stub.rpc.BufferLength, size);
    ck_assert_msg(!stub_convert(&stub, row->format, NDR_BIG_ENDIAN), "%s", row->covers);
    ck_assert_msg(!memcmp(stub.rpc.Buffer, expected, size), "%s", row->covers);
    end();
}

static void expect_refusal(const struct row *row, const unsigned char *octets, size_t size, ULONG code)
{
    unsigned char *got = NULL;
    ULONG raised;

    begin(FALSE);
    stub_receive(&stub, octets, size);
    raised = stub_unmarshal(&stub, &got, row->format, TRUE);
    ck_assert_msg(raised == code, "%s: %zu octets: %u", row->covers, size, raised);
    ck_assert_ptr_null(got);
    end();
}

static void check_prefixes(const struct row *row)
{
    unsigned char little[256], big[256];
    size_t size = hex(row->little, little, sizeof(little)), cut;

    hex(row->big, big, sizeof(big));
    for (cut = 0; cut < size; cut++) {
        expect_refusal(row, little, cut, RPC_X_BAD_STUB_DATA);
        begin(FALSE);
        stub_receive(&stub, big, cut);
        ck_assert_uint_eq(stub_convert(&stub, row->format, NDR_BIG_ENDIAN), RPC_X_BAD_STUB_DATA);
        end();
        begin(FALSE);
        stub_receive(&stub, little, cut);
        ck_assert_uint_eq(stub_memory_size(&stub, row->format), RPC_X_BAD_STUB_DATA);
        end();
    }
}

static void check_refused(const struct row *row)
{
    unsigned char octets[256];
    unsigned i;

    for (i = 0; i < sizeof(row->refused) / sizeof(*row->refused) && row->refused[i].octets; i++)
        expect_refusal(row, octets, hex(row->refused[i].octets, octets, sizeof(octets)),
                       row->refused[i].code);
}

START_TEST(each_type)
{
    const struct row *row = &rows[_i];

    begin(TRUE);
    expect_marshal(&stub, row->value, row->format, row->little);
    end();
    check_unmarshal(row, FALSE, FALSE);
    check_unmarshal(row, FALSE, TRUE);
    check_unmarshal(row, TRUE, FALSE);
    check_skim(row);
    check_big_endian(row);
    check_prefixes(row);
    check_refused(row);
}
END_TEST

/* ---- and that they are all */

static const struct {
    const char *name, *file, *test;
} elsewhere[] = {
    {"FC_PP FC_PSTRUCT FC_NO_REPEAT", "tests/check_ndr_layout.c", "structure"},
    {"FC_FIXED_REPEAT", "tests/check_ndr_layout.c", "fixed_array"},
    {"FC_VARIABLE_REPEAT", "tests/check_ndr_layout.c", "conformant_array"},
    {"FC_VARIABLE_OFFSET", "tests/check_ndr_layout.c", "varying_array"},
    {"FC_CPSTRUCT", "tests/check_ndr_layout.c", "conformant_structure"},
    {"FC_TRANSMIT_AS_PTR FC_REPRESENT_AS_PTR", "tests/check_ndr_rare.c", "represent_as"},
    {"FC_PIPE", "tests/check_ndr_proc.c", "in_pipe"},
    {"FC_BIND_PRIMITIVE", "tests/check_ndr_handles.c", "explicit_primitive"},
    {"FC_BIND_GENERIC", "tests/check_ndr_handles.c", "explicit_generic"},
    {"FC_AUTO_HANDLE FC_CALLBACK_HANDLE", "tests/check_ndr_handles.c", "implicit"},
    {"FC_IN_PARAM FC_IN_PARAM_BASETYPE FC_IN_PARAM_NO_FREE_INST FC_IN_OUT_PARAM FC_OUT_PARAM FC_RETURN_PARAM "
     "FC_RETURN_PARAM_BASETYPE",
     "tests/check_ndr_represent.c", "old_parameters"},
};

static BOOLEAN has_word(const char *words, const char *name)
{
    size_t length = strlen(name);
    const char *at = words;

    while ((at = strstr(at, name)) != NULL) {
        if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
            return TRUE;
        at += length;
    }
    return FALSE;
}

static BOOLEAN file_has(const char *name, const char *test)
{
    char line[512], start[128];
    FILE *file = fopen(name, "r");
    BOOLEAN found = FALSE;

    ck_assert_msg(file != NULL, "%s", name);
    snprintf(start, sizeof(start), "START_TEST(%s)", test);
    while (!found && fgets(line, sizeof(line), file))
        found = strstr(line, start) != NULL;
    fclose(file);
    return found;
}

static BOOLEAN is_tested(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (has_word(rows[i].covers, name))
            return TRUE;
    for (i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
        if (has_word(elsewhere[i].name, name))
            return file_has(elsewhere[i].file, elsewhere[i].test);
    return FALSE;
}

START_TEST(every_format_character)
{
    static const char *const names[] = {
#include "fc_names.h"
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        ck_assert_msg(is_tested(names[i]), "%s is in rpcrt4/ndr and in no row of this table", names[i]);
}
END_TEST

Suite *suite_ndr_types(void)
{
    Suite *suite = suite_create("NDR format characters");
    TCase *tests = tcase_create("format characters");

    tcase_add_loop_test(tests, each_type, 0, sizeof(rows) / sizeof(*rows));
    tcase_add_test(tests, every_format_character);
    suite_add_tcase(suite, tests);
    return suite;
}
