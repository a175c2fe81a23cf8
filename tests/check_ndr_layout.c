/*
 * Pointer layouts (FC_PP): pointers in structures and arrays that are copied as blocks, which only exist
 * where a pointer is as long as its identifier. Elsewhere such a format string is refused.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_pair.h"

/* struct named { long value; [string] char *name; } */
struct named {
    LONG value;
    char *name;
};

#define NAMED_INSTANCE(at) SHORT(at), SHORT(at), FC_UP, FC_SIMPLE_POINTER, FC_C_CSTRING, FC_PAD

static const unsigned char named[] = {
    FC_PSTRUCT,        3,      SHORT(8), FC_PP,   FC_PAD, FC_NO_REPEAT, FC_PAD,
    NAMED_INSTANCE(4), FC_END, FC_LONG,  FC_LONG, FC_END,
};

#if UINTPTR_MAX > 0xffffffff

START_TEST(refused)
{
    struct named value = {1, NULL};

    ck_assert_uint_eq(stub_size(&client, &value, named), RPC_S_INTERNAL_ERROR);
    stub_end(&client);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, refused);
}

#else

static const char one[] = "01000000 00000200 02000000 00000000 02000000 6100";

START_TEST(structure)
{
    struct named value = {1, "a"}, *got = NULL, *where = &value;
    char own[4] = "zz";
    unsigned cut;
    unsigned char octets[64];
    size_t size = hex(one, octets, sizeof(octets));

    expect_marshal(&client, &value, named, one);
    stub_receive_hex(&server, one);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, named, FALSE), 0);
    ck_assert_ptr_eq(got, server.rpc.Buffer); /* the structure in its place, and the string in its */
    ck_assert_ptr_eq(got->name, (char *)server.rpc.Buffer + 20);
    ck_assert_uint_eq(stub_free(&server, got, named), 0);
    value.name = own;
    stub_receive_hex(&client, one);
    ck_assert_uint_eq(stub_unmarshal(&client, &where, named, FALSE), 0);
    ck_assert_ptr_eq(value.name, own); /* the caller's string memory is used again */
    ck_assert_str_eq(own, "a");
    stub_receive_hex(&client, "01000000 00000000");
    ck_assert_uint_eq(stub_unmarshal(&client, &where, named, FALSE), 0);
    ck_assert_ptr_null(value.name);
    for (cut = 0; cut < size; cut++) {
        got = NULL;
        stub_receive(&client, octets, cut);
        ck_assert_uint_eq(stub_unmarshal(&client, &got, named, FALSE), RPC_X_BAD_STUB_DATA);
        ck_assert_ptr_null(got);
    }
    end_both();
}
END_TEST

static const char three[] = "01000000 00000200 02000000 00000000 03000000 04000200"
                            "02000000 00000000 02000000 6100 0000 02000000 00000000 02000000 6200";

static void check_three(struct named *got)
{
    ck_assert_int_eq(got[0].value, 1);
    ck_assert_str_eq(got[0].name, "a");
    ck_assert_ptr_null(got[1].name);
    ck_assert_int_eq(got[2].value, 3);
    ck_assert_str_eq(got[2].name, "b");
}

static void evaluate_second(PMIDL_STUB_MESSAGE msg)
{
    msg->Offset = 1;
    msg->MaxCount = 2;
}

static const EXPR_EVAL from_second[] = {evaluate_second};

START_TEST(fixed_array)
{
    static const unsigned char format[] = {
        FC_SMFARRAY, 3,        SHORT(24), FC_PP,    FC_PAD,   FC_FIXED_REPEAT,
        FC_PAD,      SHORT(3), SHORT(8),  SHORT(0), SHORT(1), NAMED_INSTANCE(4),
        FC_END,      FC_LONG,  FC_END,
    };
    struct named values[3] = {{1, "a"}, {2, NULL}, {3, "b"}}, *got = NULL;

    expect_marshal(&client, values, format, three);
    stub_receive_hex(&client, three);
    ck_assert_uint_eq(stub_unmarshal(&client, &got, format, TRUE), 0);
    check_three(got);
    ck_assert_uint_eq(stub_free(&client, got, format), 0);
    host_free(got);
    stub_end(&client);
}
END_TEST

START_TEST(conformant_array)
{
    static const unsigned char format[] = {
        FC_RP,
        0,
        SHORT(2),
        FC_CARRAY,
        3,
        SHORT(8),
        0x20 | FC_LONG,
        0,
        SHORT(0),
        FC_PP,
        FC_PAD,
        FC_VARIABLE_REPEAT,
        FC_FIXED_OFFSET,
        SHORT(8),
        SHORT(0),
        SHORT(1),
        NAMED_INSTANCE(4),
        FC_END,
        FC_LONG,
        FC_END,
    };
    struct named values[3] = {{1, "a"}, {2, NULL}, {3, "b"}}, *got = NULL;
    struct {
        LONG n;
    } stack = {3};
    char octets[200] = "03000000";

    strcat(octets, three);
    client.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, values, format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    check_three(got);
    server.msg.StackTop = (unsigned char *)&stack;
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    end_both();
}
END_TEST

/* Of four elements those from the second on come: their pointers are found from there (FC_VARIABLE_OFFSET).
 */
START_TEST(varying_array)
{
    static const unsigned char format[] = {
        FC_CVARRAY,
        3,
        SHORT(8),
        0x20 | FC_LONG,
        0,
        SHORT(0),
        0x20 | FC_LONG,
        FC_CALLBACK,
        SHORT(0),
        FC_PP,
        FC_PAD,
        FC_VARIABLE_REPEAT,
        FC_VARIABLE_OFFSET,
        SHORT(8),
        SHORT(0),
        SHORT(1),
        NAMED_INSTANCE(4),
        FC_END,
        FC_LONG,
        FC_END,
    };
    static const char octets[] = "04000000 01000000 02000000 01000000 00000200 02000000 04000200"
                                 "02000000 00000000 02000000 6100 0000 02000000 00000000 02000000 6200";
    struct named values[4] = {{9, "x"}, {1, "a"}, {2, "b"}, {9, "x"}}, *got = NULL;
    LONG stack = 4;

    client.msg.StackTop = server.msg.StackTop = (unsigned char *)&stack;
    client.desc.apfnExprEval = server.desc.apfnExprEval = from_second;
    expect_marshal(&client, values, format, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_str_eq(got[1].name, "a");
    ck_assert_str_eq(got[2].name, "b");
    ck_assert_ptr_null(got[0].name);
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    host_free(got);
    end_both();
}
END_TEST

/* struct { long n; char *title; [size_is(n)] struct named a[]; }, offsets as MIDL and widl count them. */
struct book {
    LONG n;
    char *title;
    struct named a[3];
};

static const char book_octets[] = "02000000 02000000 00000200 01000000 04000200 02000000 08000200"
                                  "02000000 00000000 02000000 7400 0000"
                                  "02000000 00000000 02000000 6100 0000 02000000 00000000 02000000 6200";

static void check_book(PFORMAT_STRING format)
{
    struct book value = {2, "t", {{1, "a"}, {2, "b"}}}, *got = NULL, *where = &value;
    char title[4] = "??", a[4] = "??", b[4] = "??";

    client.msg.UniquePtrCount = 0;
    expect_marshal(&client, &value, format, book_octets);
    stub_receive_hex(&server, book_octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_str_eq(got->title, "t");
    ck_assert_str_eq(got->a[1].name, "b");
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    stub_receive_hex(&client, book_octets);
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&client, &got, format, FALSE), 0);
    ck_assert_str_eq(got->a[0].name, "a");
    ck_assert_uint_eq(stub_free(&client, got, format), 0);
    host_free(got);
    value.title = title;
    value.a[0].name = a;
    value.a[1].name = b;
    stub_receive_hex(&client, book_octets);
    ck_assert_uint_eq(stub_unmarshal(&client, &where, format, FALSE), 0);
    ck_assert_str_eq(title, "t");
    ck_assert_str_eq(a, "a");
    ck_assert_str_eq(b, "b");
}

#define BOOK(title_at, name_at)                                                                              \
    {                                                                                                        \
        FC_CARRAY, 3, SHORT(8), FC_LONG, 0, SHORT(-8), FC_LONG, FC_END, FC_CPSTRUCT, 3, SHORT(8),            \
            SHORT(-14), FC_PP, FC_PAD, FC_NO_REPEAT, FC_PAD, NAMED_INSTANCE(title_at), FC_VARIABLE_REPEAT,   \
            FC_FIXED_OFFSET, SHORT(8), SHORT(8), SHORT(1), NAMED_INSTANCE(name_at), FC_END, FC_LONG,         \
            FC_LONG, FC_END,                                                                                 \
    }

START_TEST(conformant_structure)
{
    static const unsigned char from_start[] = BOOK(4, 12), from_end[] = BOOK(-4, 4);

    check_book(from_start + 10);
    check_book(from_end + 10);
    end_both();
}
END_TEST

/* A pointer sized by a member of the same element. */
START_TEST(correlation_in_element)
{
    static const unsigned char format[] = {
        FC_CARRAY, 3,           SHORT(2),   0x10 | FC_LONG, 0,        SHORT(0), FC_SHORT,
        FC_END,    FC_SMFARRAY, 3,          SHORT(16),      FC_PP,    FC_PAD,   FC_FIXED_REPEAT,
        FC_PAD,    SHORT(2),    SHORT(8),   SHORT(0),       SHORT(1), SHORT(4), SHORT(4),
        FC_UP,     0,           SHORT(-32), FC_END,         FC_LONG,  FC_END,
    };
    struct {
        LONG n;
        short *a;
    } values[2] = {{1, (short[]){7}}, {2, (short[]){8, 9}}}, *got = NULL;
    static const char octets[] = "01000000 00000200 02000000 04000200 01000000 0700 0000 02000000 0800 0900";

    expect_marshal(&client, values, format + 10, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 10, FALSE), 0);
    ck_assert_int_eq(got[1].a[1], 9);
    ck_assert_uint_eq(stub_free(&server, got, format + 10), 0);
    stub_receive_hex(&server, "01000000 00000200 01000000 04000200 01000000 0700 0000 02000000 0800 0900");
    got = NULL;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 10, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

START_TEST(big_endian)
{
    unsigned char expected[64];
    size_t size = hex(one, expected, sizeof(expected));

    stub_receive_hex(&server, "00000001 00020000 00000002 00000000 00000002 6100");
    ck_assert_uint_eq(stub_convert(&server, named, NDR_BIG_ENDIAN), 0);
    ck_assert_mem_eq(server.rpc.Buffer, expected, size);
    stub_end(&server);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, structure);
    tcase_add_test(tests, fixed_array);
    tcase_add_test(tests, conformant_array);
    tcase_add_test(tests, varying_array);
    tcase_add_test(tests, conformant_structure);
    tcase_add_test(tests, correlation_in_element);
    tcase_add_test(tests, big_endian);
}

#endif

Suite *suite_ndr_layout(void)
{
    Suite *suite = suite_create("NDR layouts");
    TCase *tests = tcase_create("layouts");

    tcase_add_checked_fixture(tests, begin_both, end_both);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    return suite;
}
