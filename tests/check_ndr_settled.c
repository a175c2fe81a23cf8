/*
 * Octets that implementations disagree about, where C706 settles them: what tools/interop/types says of
 * Wine's own rpcrt4. The sections: 14.2.2 "Alignment of Primitive Types": any primitive of n octets is
 * aligned at an index that is a multiple of n. 14.3.2 "Alignment of Constructed Types": the size information
 * of a conformant array precedes the structure and any alignment gap of it, and is aligned independently of
 * the structure. 14.3.12.2 "Embedded Reference Pointers": four octets of unspecified value in the pointer's
 * place, aligned as a long integer.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_pair.h"

START_TEST(gaps)
{
    static const unsigned char format[] = {FC_BOGUS_STRUCT, 7,          SHORT(40),     SHORT(0), SHORT(0),
                                           FC_CHAR,         FC_ALIGNM8, FC_HYPER,      FC_SHORT, FC_ALIGNM8,
                                           FC_DOUBLE,       FC_SMALL,   FC_STRUCTPAD7, FC_END};
    static const char octets[] = "41 00000000000000 0200000000000000 0300 000000000000 000000000000f03f ff";
    static const char big[] = "41 00000000000000 0000000000000002 0003 000000000000 3ff0000000000000 ff";
    struct {
        char a;
        LONGLONG b;
        short c;
        double d;
        signed char e;
    } value = {'A', 2, 3, 1, -1}, *got = NULL;

    ck_assert_uint_eq(sizeof(value), 40);
    expect_marshal(&client, &value, format, octets);
    stub_receive_hex(&server, big);
    ck_assert_uint_eq(stub_convert(&server, format, NDR_BIG_ENDIAN), 0);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_int_eq(got->a, 'A');
    ck_assert_int_eq(got->b, 2);
    ck_assert_int_eq(got->c, 3);
    ck_assert(got->d == 1);
    ck_assert_int_eq(got->e, -1);
    host_free(got);
}
END_TEST

struct refs {
    char *a;
    LONG *b;
    LONG c;
};

START_TEST(refs)
{
    static const unsigned char format[] = {
        FC_BOGUS_STRUCT,
        3,
        SHORT(sizeof(struct refs)),
        SHORT(0),
        SHORT(7),
        FC_POINTER,
        FC_POINTER,
        FC_LONG,
        P == 8 ? FC_STRUCTPAD4 : FC_PAD,
        FC_END,
        FC_RP,
        FC_SIMPLE_POINTER,
        FC_CHAR,
        FC_PAD,
        FC_RP,
        FC_SIMPLE_POINTER,
        FC_LONG,
        FC_PAD,
    };
    static const char *const received[] = {
        "00000200 04000200 09000000 61 000000 07000000",
        "00000000 ffffffff 09000000 61 000000 07000000",
    };
    char a = 'a';
    LONG b = 7;
    struct refs value = {&a, &b, 9};
    unsigned i;

    expect_marshal(&client, &value, format, received[0]);
    for (i = 0; i < 2; i++) {
        struct refs *got = NULL;

        stub_receive_hex(&server, received[i]);
        ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
        ck_assert_int_eq(*got->a, 'a');
        ck_assert_int_eq(*got->b, 7);
        ck_assert_int_eq(got->c, 9);
        ck_assert_uint_eq(stub_free(&server, got, format), 0);
        host_free(got);
    }
}
END_TEST

struct tail {
    LONG n;
    LONG *p;
    LONGLONG a[2];
};

static const unsigned char tail_format[] = {
    FC_BOGUS_ARRAY,
    7,
    SHORT(0),
    FC_LONG,
    0,
    SHORT((int)-(2 * P)),
    LONG4(-1),
    FC_HYPER,
    FC_END,
    FC_BOGUS_STRUCT,
    7,
    SHORT(2 * P),
    SHORT(-18),
    SHORT(6),
    FC_LONG,
    ALIGN_POINTER,
    FC_POINTER,
    FC_END,
    FC_UP,
    FC_SIMPLE_POINTER,
    FC_LONG,
    FC_PAD,
};

/* Behind a long: the count follows at 4, the structure, which is aligned to 8, at 8. */
START_TEST(pointer_tail)
{
    static const char octets[] =
        "55555555 02000000 02000000 00000200 0100000000000000 0200000000000000 07000000";
    PFORMAT_STRING format = tail_format + 14;
    unsigned char expected[64];
    size_t size = hex(octets, expected, sizeof(expected));
    LONG pointed = 7;
    struct tail value = {2, &pointed, {1, 2}}, *got = NULL;

    ck_assert_uint_eq(*format, FC_BOGUS_STRUCT);
    client.msg.BufferLength = 4;
    ndr_size(&client.msg, (unsigned char *)&value, format);
    ck_assert_uint_eq(client.msg.BufferLength, size);
    client.rpc.Buffer = malloc(size);
    client.rpc.BufferLength = (UINT)size;
    memcpy(client.rpc.Buffer, expected, 4);
    client.msg.Buffer = (unsigned char *)client.rpc.Buffer + 4;
    ndr_marshal(&client.msg, (unsigned char *)&value, format);
    ck_assert_mem_eq(client.rpc.Buffer, expected, size);

    stub_receive(&server, expected, size);
    server.msg.Buffer += 4;
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_ptr_eq(server.msg.Buffer, server.msg.BufferEnd);
    ck_assert_int_eq(got->n, 2);
    ck_assert_int_eq(*got->p, 7);
    ck_assert_int_eq(got->a[1], 2);
    ck_assert_uint_eq(stub_free(&server, got, format), 0);
    host_free(got);
}
END_TEST

Suite *suite_ndr_settled(void)
{
    Suite *suite = suite_create("NDR settled");
    TCase *tests = tcase_create("settled");

    tcase_add_checked_fixture(tests, begin_both, end_both);
    tcase_add_test(tests, gaps);
    tcase_add_test(tests, refs);
    tcase_add_test(tests, pointer_tail);
    suite_add_tcase(suite, tests);
    return suite;
}
