/*
 * NDR types in both directions, their octets written out from C706 chapter 14: base types, strings, pointers,
 * arrays, structures. Format strings in the shapes that MIDL gives them.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_pair.h"

/* ---- base types */

START_TEST(base_types)
{
    static const struct {
        unsigned char code;
        const char *octets;
        unsigned char memory[8];
        unsigned memory_size;
    } cases[] = {
        {FC_BYTE, "7f", {0x7f}, 1},
        {FC_CHAR, "41", {0x41}, 1},
        {FC_SMALL, "ff", {0xff}, 1},
        {FC_USMALL, "fe", {0xfe}, 1},
        {FC_WCHAR, "4100", {0x41, 0}, 2},
        {FC_SHORT, "feff", {0xfe, 0xff}, 2},
        {FC_USHORT, "3412", {0x34, 0x12}, 2},
        {FC_ENUM16, "3412", {0x34, 0x12, 0, 0}, 4},
        {FC_LONG, "78563412", {0x78, 0x56, 0x34, 0x12}, 4},
        {FC_ULONG, "ffffffff", {0xff, 0xff, 0xff, 0xff}, 4},
        {FC_FLOAT, "0000803f", {0, 0, 0x80, 0x3f}, 4},
        {FC_ENUM32, "01000080", {1, 0, 0, 0x80}, 4},
        {FC_ERROR_STATUS_T, "05000000", {5, 0, 0, 0}, 4},
        {FC_HYPER, "f0debc9a78563412", {0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12}, 8},
        {FC_DOUBLE, "000000000000f03f", {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 8},
    };
    unsigned char memory[8], *where;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        expect_marshal(&client, (void *)cases[i].memory, &cases[i].code, cases[i].octets);
        memset(memory, 0xaa, sizeof(memory));
        where = memory;
        stub_receive_hex(&client, cases[i].octets);
        ck_assert_uint_eq(stub_unmarshal(&client, &where, &cases[i].code, FALSE), 0);
        ck_assert_mem_eq(memory, cases[i].memory, cases[i].memory_size);
        ck_assert_ptr_eq(client.msg.Buffer, client.msg.BufferEnd);
        expect_no_prefix(&cases[i].code, cases[i].octets);
    }
    stub_end(&client);
}
END_TEST

START_TEST(int3264)
{
    static const unsigned char sign = FC_INT3264, plain = FC_UINT3264;
    LONG_PTR value = -2, got = 0, *where = &got;

    expect_marshal(&client, &value, &sign, "feffffff");
    stub_receive_hex(&client, "feffffff");
    ck_assert_uint_eq(stub_unmarshal(&client, &where, &sign, FALSE), 0);
    ck_assert_int_eq(got, -2);
    stub_receive_hex(&client, "feffffff");
    ck_assert_uint_eq(stub_unmarshal(&client, &where, &plain, FALSE), 0);
    ck_assert_uint_eq((ULONG_PTR)got, 0xfffffffe);
    if (sizeof(value) == 8) {
        value = (LONG_PTR)0x123456789;
        stub_size(&client, &value, &sign);
        ck_assert_uint_eq(stub_marshal(&client, &value, &sign), RPC_X_BAD_STUB_DATA);
    }
    stub_end(&client);
}
END_TEST

START_TEST(enum16_bounds)
{
    static const unsigned char format = FC_ENUM16;
    ULONG value = 0x8000, *where = &value;

    stub_size(&client, &value, &format);
    ck_assert_uint_eq(stub_marshal(&client, &value, &format), RPC_X_ENUM_VALUE_OUT_OF_RANGE);
    stub_receive_hex(&client, "0080");
    ck_assert_uint_eq(stub_unmarshal(&client, &where, &format, FALSE), RPC_X_ENUM_VALUE_OUT_OF_RANGE);
    stub_end(&client);
}
END_TEST

START_TEST(range)
{
    static const unsigned char format[] = {FC_RANGE, FC_LONG, LONG4(3), LONG4(5)};
    static const unsigned char negative[] = {FC_RANGE, FC_SHORT, LONG4(-3), LONG4(-1)};
    static const unsigned char large[] = {FC_RANGE, FC_ULONG, LONG4(1), LONG4(0xfffffffeu)};
    LONG value = 0, *where = &value;

    stub_receive_hex(&server, "03000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, format, FALSE), 0);
    ck_assert_int_eq(value, 3);
    stub_receive_hex(&server, "06000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, format, FALSE), RPC_X_INVALID_BOUND);
    stub_receive_hex(&server, "02000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, format, FALSE), RPC_X_INVALID_BOUND);
    stub_receive_hex(&server, "feff");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, negative, FALSE), 0);
    stub_receive_hex(&server, "0000");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, negative, FALSE), RPC_X_INVALID_BOUND);
    stub_receive_hex(&server, "fdffffff");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, large, FALSE), 0);
    stub_receive_hex(&server, "ffffffff");
    ck_assert_uint_eq(stub_unmarshal(&server, &where, large, FALSE), RPC_X_INVALID_BOUND);
    stub_end(&server);
}
END_TEST

/* ---- strings */

static const unsigned char c_string[] = {FC_RP, FC_SIMPLE_POINTER, FC_C_CSTRING, FC_PAD};
static const unsigned char w_string[] = {FC_UP, FC_SIMPLE_POINTER, FC_C_WSTRING, FC_PAD};

START_TEST(conformant_string)
{
    static const char octets[] = "04000000 00000000 04000000 61626300";
    char *got = NULL, own[8] = "zz", *where = own;

    expect_marshal(&client, "abc", c_string, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, c_string, FALSE), 0);
    ck_assert_str_eq(got, "abc");
    ck_assert_ptr_eq(got, (char *)server.rpc.Buffer + 12); /* the server needs no copy */
    ck_assert_uint_eq(stub_free(&server, got, c_string), 0);
    stub_receive_hex(&client, octets);
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&client, &got, c_string, FALSE), 0);
    ck_assert_str_eq(got, "abc");
    host_free(got);
    stub_receive_hex(&client, octets);
    ck_assert_uint_eq(stub_unmarshal(&client, &where, c_string, FALSE), 0);
    ck_assert_ptr_eq(where, own); /* the caller's memory is used where there is some */
    ck_assert_str_eq(own, "abc");
    expect_no_prefix(c_string, octets);
    end_both();
}
END_TEST

START_TEST(bad_strings)
{
    static const char *const bad[] = {
        "04000000 00000000 04000000 61626364", /* not terminated */
        "04000000 01000000 03000000 62630000", /* begins elsewhere */
        "03000000 00000000 04000000 61626300", /* longer than its maximum */
        "00000000 00000000 00000000",          /* no room for the terminator */
        "ffffffff 00000000 ffffffff 61626300", /* longer than the buffer */
        "04000000 00000000 00000080 61626300", /* and longer than may be multiplied */
    };
    char *got = NULL;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        stub_receive_hex(&server, bad[i]);
        ck_assert_msg(stub_unmarshal(&server, &got, c_string, TRUE) == RPC_X_BAD_STUB_DATA, "%s", bad[i]);
        ck_assert_ptr_null(got);
        stub_end(&server);
    }
    /* A maximum that nothing stands behind costs no memory. */
    stub_receive_hex(&server, "00000070 00000000 04000000 61626300");
    host_largest = 0;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, c_string, TRUE), 0);
    ck_assert_uint_le(host_largest, 16);
    host_free(got);
    stub_end(&server);
}
END_TEST

START_TEST(unique_wide_string)
{
    static const WCHAR text[] = {'h', 'i', 0};
    WCHAR *got = (WCHAR *)(ULONG_PTR)1;

    expect_marshal(&client, (void *)text, w_string, "00000200 03000000 00000000 03000000 680069000000");
    expect_marshal(&client, NULL, w_string, "00000000");
    stub_receive_hex(&client, "00000000");
    ck_assert_uint_eq(stub_unmarshal(&client, &got, w_string, FALSE), 0);
    ck_assert_ptr_null(got);
    expect_no_prefix(w_string, "00000200 03000000 00000000 03000000 680069000000");
    stub_end(&client);
}
END_TEST

START_TEST(sized_string)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_C_CSTRING, FC_STRING_SIZED,
                                           0x20 | FC_LONG, 0, SHORT(0)};
    struct {
        LONG n;
    } stack = {6};
    char text[6] = "abc", *got = NULL;

    client.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, text, format, "06000000 00000000 04000000 61626300");
    memcpy(text, "abcdef", 6);
    ck_assert_uint_eq(stub_size(&client, text, format), RPC_X_INVALID_BOUND);
    stub_receive_hex(&server, "06000000 00000000 04000000 61626300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_str_eq(got, "abc");
    got[5] = 1; /* it is six long */
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    end_both();
}
END_TEST

START_TEST(string_in_fixed_array)
{
    static const unsigned char format[] = {FC_WSTRING, FC_PAD, SHORT(4)};
    WCHAR text[4] = {'a', 'b', 0, 'x'}, *got = NULL;

    expect_marshal(&client, text, format, "00000000 03000000 610062000000");
    stub_receive_hex(&server, "00000000 03000000 610062000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_mem_eq(got, text, 6);
    host_free(got);
    stub_receive_hex(&server, "00000000 05000000 61006200610062000000");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    expect_no_prefix(format, "00000000 03000000 610062000000");
    end_both();
}
END_TEST

/* ---- pointers */

static const unsigned char ref_long[] = {FC_RP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD};
static const unsigned char unique_long[] = {FC_UP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD};
/* [out] long **: a ref pointer, followed to a unique one. */
static const unsigned char ref_unique_long[] = {
    FC_RP, FC_ALLOCED_ON_STACK | FC_POINTER_DEREF, SHORT(2), FC_UP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD};

START_TEST(simple_pointers)
{
    LONG value = 7, *pointer = &value, **outer = &pointer, *got = NULL, **got_outer = NULL;

    expect_marshal(&client, &value, ref_long, "07000000");
    ck_assert_uint_eq(stub_size(&client, NULL, ref_long), RPC_X_NULL_REF_POINTER);
    client.msg.UniquePtrCount = 0;
    expect_marshal(&client, &value, unique_long, "00000200 07000000");
    client.msg.UniquePtrCount = 0;
    expect_marshal(&client, outer, ref_unique_long, "00000200 07000000");
    stub_receive_hex(&server, "07000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, ref_long, FALSE), 0);
    ck_assert_ptr_eq(got, server.rpc.Buffer);
    stub_receive_hex(&server, "00000200 07000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got_outer, ref_unique_long, FALSE), 0);
    ck_assert_int_eq(**got_outer, 7);
    host_free(got_outer);
    stub_receive_hex(&client, "00000200 08000000");
    ck_assert_uint_eq(stub_unmarshal(&client, &outer, ref_unique_long, FALSE), 0);
    ck_assert_ptr_eq(pointer, &value);
    ck_assert_int_eq(value, 8);
    expect_no_prefix(ref_unique_long, "00000200 07000000");
    expect_no_prefix(unique_long, "00000200 07000000");
    end_both();
}
END_TEST

START_TEST(out_of_memory)
{
    LONG *got = NULL;

    stub_receive_hex(&client, "00000200 07000000");
    host_fail_after = 0;
    ck_assert_uint_eq(stub_unmarshal(&client, &got, unique_long, FALSE), RPC_S_OUT_OF_MEMORY);
    ck_assert_ptr_null(got);
    stub_end(&client);
}
END_TEST

/* ---- arrays */

START_TEST(conformant_array)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_CARRAY, 3,     SHORT(4),
                                           0x20 | FC_LONG, 0, SHORT(0), FC_LONG,   FC_END};
    static const char octets[] = "03000000 01000000 02000000 03000000";
    LONG values[] = {1, 2, 3}, *got = NULL;
    struct {
        LONG n;
    } stack = {3};

    client.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, values, format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_ptr_eq(got, (LONG *)server.rpc.Buffer + 1);
    ck_assert_mem_eq(got, values, sizeof(values));
    stub_receive_hex(&server, octets);
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, TRUE), 0);
    ck_assert_mem_eq(got, values, sizeof(values));
    host_free(got);
    expect_no_prefix(format, octets);
    stack.n = -1;
    ck_assert_uint_eq(stub_size(&client, values, format), RPC_X_BAD_STUB_DATA);
    end_both();
}
END_TEST

START_TEST(conformant_array_of_none)
{
    static const unsigned char format[] = {FC_RP,          0, SHORT(2), FC_CARRAY, 7,     SHORT(8),
                                           0x20 | FC_LONG, 0, SHORT(0), FC_HYPER,  FC_END};
    LONG *got = NULL;

    stub_receive_hex(&server, "00000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, TRUE), 0);
    ck_assert_ptr_nonnull(got);
    host_free(got);
    stub_end(&server);
}
END_TEST

START_TEST(conformant_varying_array)
{
    static const unsigned char format[] = {FC_RP,          0,     SHORT(2), FC_CVARRAY,     1, SHORT(2),
                                           0x20 | FC_LONG, 0,     SHORT(0), 0x20 | FC_LONG, 0, SHORT(4),
                                           FC_SHORT,       FC_END};
    static const char octets[] = "05000000 00000000 03000000 0100 0200 0300";
    short values[5] = {1, 2, 3, 4, 5}, *got = NULL;
    struct {
        LONG size, length;
    } stack = {5, 3};

    client.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, values, format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_mem_eq(got, values, 6);
    ck_assert_int_eq(got[4], 0);
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    expect_no_prefix(format, octets);
    stack.length = 6;
    ck_assert_uint_eq(stub_size(&client, values, format), RPC_X_INVALID_BOUND);
    stub_receive_hex(&server, "02000000 00000000 03000000 0100 0200 0300");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    stub_receive_hex(&server, "05000000 ffffffff 03000000 0100 0200 0300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    /* All of it sent: used where it is. */
    stub_receive_hex(&server, "03000000 00000000 03000000 0100 0200 0300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_ptr_eq(got, (char *)server.rpc.Buffer + 12);
    end_both();
}
END_TEST

START_TEST(fixed_arrays)
{
    static const unsigned char small[] = {FC_SMFARRAY, 1, SHORT(6), FC_SHORT, FC_END};
    static const unsigned char large[] = {FC_LGFARRAY, 1, LONG4(6), FC_SHORT, FC_END};
    short values[3] = {1, 2, 3}, *got = NULL;

    expect_marshal(&client, values, small, "0100 0200 0300");
    expect_marshal(&client, values, large, "0100 0200 0300");
    stub_receive_hex(&server, "0100 0200 0300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, large, FALSE), 0);
    ck_assert_mem_eq(got, values, 6);
    expect_no_prefix(small, "0100 0200 0300");
    expect_no_prefix(large, "0100 0200 0300");
    end_both();
}
END_TEST

/* long [][2], both dimensions conformant: the counts of all dimensions come first. */
START_TEST(two_dimensions)
{
    static const unsigned char format[] = {
        FC_RP,
        0,
        SHORT(2),
        FC_BOGUS_ARRAY,
        3,
        SHORT(0),
        0x20 | FC_LONG,
        0,
        SHORT(0),
        LONG4(-1),
        FC_EMBEDDED_COMPLEX,
        0,
        SHORT(4),
        FC_PAD,
        FC_END,
        FC_BOGUS_ARRAY,
        3,
        SHORT(0),
        0x20 | FC_LONG,
        0,
        SHORT(4),
        LONG4(-1),
        FC_LONG,
        FC_END,
    };
    static const char octets[] = "02000000 03000000 01000000 02000000 03000000 04000000 05000000 06000000";
    LONG values[2][3] = {{1, 2, 3}, {4, 5, 6}}, *got = NULL;
    struct {
        LONG rows, columns;
    } stack = {2, 3};

    client.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, values, format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_mem_eq(got, values, sizeof(values));
    host_free(got);
    expect_no_prefix(format, octets);
    stub_receive_hex(&server, "00000100 00000100 01000000");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    /* Rows of nothing are not gone through, however many they are said to be. */
    stub_receive_hex(&server, "00000010 00000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    host_free(got);
    end_both();
}
END_TEST

/* ---- structures */

START_TEST(simple_structure)
{
    static const unsigned char format[] = {FC_RP,    0,        SHORT(2),   FC_STRUCT, 3,
                                           SHORT(8), FC_SHORT, FC_ALIGNM4, FC_LONG,   FC_END};
    struct {
        short s, pad;
        LONG l;
    } value = {1, 0, 2}, *got = NULL;

    expect_marshal(&client, &value, format, "01000000 02000000");
    stub_receive_hex(&server, "01000000 02000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_ptr_eq(got, server.rpc.Buffer);
    expect_no_prefix(format, "01000000 02000000");
    end_both();
}
END_TEST

START_TEST(conformant_structure)
{
    static const unsigned char format[] = {
        FC_RP,    0,      SHORT(12),  FC_CARRAY, 1,        SHORT(2),   FC_LONG, 0,      SHORT(-4),
        FC_SHORT, FC_END, FC_CSTRUCT, 3,         SHORT(4), SHORT(-14), FC_LONG, FC_END,
    };
    static const char octets[] = "03000000 03000000 0100 0200 0300";
    struct {
        LONG n;
        short a[3];
    } value = {3, {1, 2, 3}}, *got = NULL;

    expect_marshal(&client, &value, format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_ptr_eq(got, (char *)server.rpc.Buffer + 4);
    ck_assert_mem_eq(got, &value, 10);
    expect_no_prefix(format, octets);
    /* The count before the structure and the one in it have to agree. */
    got = NULL;
    stub_receive_hex(&server, "03000000 02000000 0100 0200 0300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, TRUE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

/* struct { short tag; wchar_t *name; hyper when; enum e kind; }: its members keep their places, so one shape
 * serves the structure and arrays of it. */
struct record {
    short tag;
    WCHAR *name;
    LONGLONG when;
    LONG kind;
};
static const unsigned char record_format[] = {
    FC_BOGUS_STRUCT,
    7,
    SHORT(sizeof(struct record)),
    SHORT(0),
    SHORT(11),
    FC_SHORT,
    ALIGN_POINTER,
    FC_POINTER,
    FC_ALIGNM8,
    FC_HYPER,
    FC_ENUM16,
    FC_STRUCTPAD4,
    FC_PAD,
    FC_END,
    FC_UP,
    FC_SIMPLE_POINTER,
    FC_C_WSTRING,
    FC_PAD,
};

START_TEST(complex_structure)
{
    static const char octets[] =
        "0100 0000 00000200 0807060504030201 0300 0000 02000000 00000000 02000000 61000000";
    WCHAR name[] = {'a', 0};
    struct record value = {1, name, 0x0102030405060708, 3}, *got = NULL;

    expect_marshal(&client, &value, record_format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, record_format, FALSE), 0);
    ck_assert_int_eq(got->tag, 1);
    ck_assert_int_eq(got->name[0], 'a');
    ck_assert_int_eq(got->kind, 3);
    ck_assert(got->when == value.when);
    ck_assert_uint_eq(stub_free(&server, got, record_format), 0);
    host_free(got);
    expect_no_prefix(record_format, octets);
    end_both();
}
END_TEST

Suite *suite_ndr_basic(void)
{
    Suite *suite = suite_create("NDR types");
    TCase *tests = tcase_create("types");

    tcase_add_checked_fixture(tests, begin_both, end_both);
    tcase_add_test(tests, base_types);
    tcase_add_test(tests, int3264);
    tcase_add_test(tests, enum16_bounds);
    tcase_add_test(tests, range);
    tcase_add_test(tests, conformant_string);
    tcase_add_test(tests, bad_strings);
    tcase_add_test(tests, unique_wide_string);
    tcase_add_test(tests, sized_string);
    tcase_add_test(tests, string_in_fixed_array);
    tcase_add_test(tests, simple_pointers);
    tcase_add_test(tests, out_of_memory);
    tcase_add_test(tests, conformant_array);
    tcase_add_test(tests, conformant_array_of_none);
    tcase_add_test(tests, conformant_varying_array);
    tcase_add_test(tests, fixed_arrays);
    tcase_add_test(tests, two_dimensions);
    tcase_add_test(tests, simple_structure);
    tcase_add_test(tests, conformant_structure);
    tcase_add_test(tests, complex_structure);
    suite_add_tcase(suite, tests);
    return suite;
}
