/*
 * Messages of senders with another data representation (C706 14.2): integers big-endian, characters EBCDIC,
 * floating point VAX, Cray, IBM; NdrConvert2, NdrConvert and what _UserUnmarshal routines have.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_case.h"

enum { IEEE = 0x000, VAX = 0x100, CRAY = 0x200, IBM = 0x300, EBCDIC = 1, BIG = 0, LITTLE = 0x10 };

static struct stub server;

static void setup(void)
{
    stub_begin(&server, FALSE, NULL);
}

static void teardown(void)
{
    stub_end(&server);
}

static void expect(unsigned char code, ULONG representation, const char *from, const char *to)
{
    unsigned char octets[16];
    size_t size = hex(to, octets, sizeof(octets));

    stub_receive_hex(&server, from);
    ck_assert_uint_eq(stub_convert(&server, &code, representation), 0);
    ck_assert_msg(!memcmp(server.rpc.Buffer, octets, size), "%s (%x)", from, representation);
}

START_TEST(integers)
{
    expect(FC_SHORT, BIG, "0102", "0201");
    expect(FC_WCHAR, BIG, "0041", "4100");
    expect(FC_ENUM16, BIG, "0001", "0100");
    expect(FC_LONG, BIG, "01020304", "04030201");
    expect(FC_HYPER, BIG, "0102030405060708", "0807060504030201");
    expect(FC_BYTE, BIG | EBCDIC, "c1", "c1");
    expect(FC_LONG, LITTLE | EBCDIC, "01020304", "01020304");
}
END_TEST

START_TEST(characters)
{
    expect(FC_CHAR, LITTLE | EBCDIC, "c1", "41");
    expect(FC_CHAR, BIG | EBCDIC, "f0", "30");
    expect(FC_CHAR, LITTLE, "c1", "c1");
}
END_TEST

START_TEST(strings)
{
    static const unsigned char text[] = {FC_C_CSTRING, FC_PAD}, wide[] = {FC_C_WSTRING, FC_PAD};
    unsigned char expected[32];
    size_t size;

    stub_receive_hex(&server, "00000003 00000000 00000003 c18200");
    ck_assert_uint_eq(stub_convert(&server, text, BIG | EBCDIC), 0);
    size = hex("03000000 00000000 03000000 416200", expected, sizeof(expected));
    ck_assert_mem_eq(server.rpc.Buffer, expected, size);
    stub_receive_hex(&server, "00000002 00000000 00000002 00410000");
    ck_assert_uint_eq(stub_convert(&server, wide, BIG | EBCDIC), 0);
    size = hex("02000000 00000000 02000000 41000000", expected, sizeof(expected));
    ck_assert_mem_eq(server.rpc.Buffer, expected, size);
}
END_TEST

START_TEST(floats)
{
    expect(FC_FLOAT, BIG | IEEE, "3f800000", "0000803f");
    expect(FC_DOUBLE, BIG | IEEE, "3ff0000000000000", "000000000000f03f");
    /* 1, -2.5, 0, and what rounds or is out of reach */
    expect(FC_FLOAT, LITTLE | VAX, "80400000", "0000803f");
    expect(FC_FLOAT, LITTLE | VAX, "20c10000", "000020c0");
    expect(FC_FLOAT, LITTLE | VAX, "00000000", "00000000");
    expect(FC_DOUBLE, LITTLE | VAX, "1040000000000000", "000000000000f03f");
    expect(FC_FLOAT, BIG | IBM, "41100000", "0000803f");
    expect(FC_FLOAT, BIG | IBM, "c1280000", "000020c0");
    expect(FC_FLOAT, BIG | IBM, "7fffffff", "0000807f");
    expect(FC_FLOAT, BIG | IBM, "00100000", "00000000");
    expect(FC_DOUBLE, BIG | IBM, "4110000000000000", "000000000000f03f");
    expect(FC_DOUBLE, BIG | IBM, "41ffffffffffffff", "0000000000003040");
    expect(FC_FLOAT, BIG | CRAY, "40018000", "0000803f");
    expect(FC_DOUBLE, BIG | CRAY, "4001800000000000", "000000000000f03f");
    expect(FC_DOUBLE, BIG | CRAY, "c002a00000000000", "00000000000004c0");
    expect(FC_DOUBLE, BIG | CRAY, "6000800000000000", "000000000000f07f");
}
END_TEST

START_TEST(bad_floats)
{
    static const unsigned char format = FC_FLOAT;

    stub_receive_hex(&server, "00800000"); /* VAX: reserved */
    ck_assert_uint_eq(stub_convert(&server, &format, LITTLE | VAX), RPC_X_BAD_STUB_DATA);
    stub_receive_hex(&server, "00000000");
    ck_assert_uint_eq(stub_convert(&server, &format, LITTLE | 0x400), RPC_X_BAD_STUB_DATA);
}
END_TEST

static const unsigned char types[] = {0, 0, FC_RP, FC_SIMPLE_POINTER, FC_C_WSTRING, FC_PAD};

static const char call_big[] = "00000007 00000002 00000000 00000002 00410000 0009";
static const char call_local[] = "07000000 02000000 00000000 02000000 41000000 0900";

static void check_call(void)
{
    unsigned char expected[64];
    size_t size = hex(call_local, expected, sizeof(expected));

    ck_assert_mem_eq(server.rpc.Buffer, expected, size);
    ck_assert_ptr_eq(server.msg.Buffer, server.msg.BufferStart);
    ck_assert_uint_eq(server.rpc.DataRepresentation, NDR_LOCAL_DATA_REPRESENTATION);
}

START_TEST(parameters)
{
    /* [in] long, [out] long *, [in, string] wchar_t *, [in] short */
    static const unsigned char format[] = {
        SHORT(0x48), SHORT(0),  FC_LONG,  0,           SHORT(0x2150), SHORT(8), FC_LONG, 0,
        SHORT(0x0b), SHORT(16), SHORT(2), SHORT(0x48), SHORT(24),     FC_SHORT, 0,
    };

    server.desc.pFormatTypes = types;
    stub_receive_hex(&server, call_big);
    server.rpc.DataRepresentation = NDR_BIG_ENDIAN;
    NdrConvert2(&server.msg, format, 4);
    check_call();
    NdrConvert2(&server.msg, format, 4); /* once is enough */
    check_call();
}
END_TEST

START_TEST(old_parameters)
{
    static const unsigned char format[] = {
        FC_IN_PARAM_BASETYPE,
        FC_LONG,
        FC_OUT_PARAM,
        1,
        SHORT(2),
        FC_IN_PARAM,
        1,
        SHORT(2),
        FC_IN_PARAM_BASETYPE,
        FC_SHORT,
        FC_RETURN_PARAM_BASETYPE,
        FC_LONG,
    };

    server.desc.pFormatTypes = types;
    stub_receive_hex(&server, call_big);
    server.rpc.DataRepresentation = NDR_BIG_ENDIAN;
    NdrConvert(&server.msg, format);
    check_call();
}
END_TEST

START_TEST(user_values)
{
    ULONGLONG room[2];
    unsigned char *octets = (unsigned char *)room, *end;
    ULONG flags = (ULONG)NDR_BIG_ENDIAN << 16;

    memcpy(octets, "\0\0\0\0\1\2\3\4", 8);
    end = NdrUserMarshalSimpleTypeConvert(&flags, octets + 1, USER_MARSHAL_FC_ULONG);
    ck_assert_ptr_eq(end, octets + 8);
    ck_assert_mem_eq(octets + 4, "\4\3\2\1", 4);
}
END_TEST

/* A conformant structure of shorts, as what is sent for a member of user_marshal type and for a transmit_as
 * one: each brings its own conformance, and the array around keeps its own. */
START_TEST(wire_types)
{
    static const unsigned char format[] = {
        /* 0: the array, its count in the structure's last long */
        FC_CARRAY,
        1,
        SHORT(2),
        0x08,
        FC_PAD,
        SHORT(-4),
        FC_SHORT,
        FC_END,
        /* 10: the structure that is sent */
        FC_CSTRUCT,
        3,
        SHORT(4),
        SHORT(-14),
        FC_LONG,
        FC_END,
        /* 18 and 28: the types of the members */
        FC_USER_MARSHAL,
        3,
        SHORT(0),
        SHORT(8),
        SHORT(0),
        SHORT(-16),
        FC_TRANSMIT_AS,
        3,
        SHORT(0),
        SHORT(8),
        SHORT(0),
        SHORT(-26),
        /* 38: an array of longs, its count in the long before it */
        FC_CARRAY,
        3,
        SHORT(4),
        0x08,
        FC_PAD,
        SHORT(-4),
        FC_LONG,
        FC_END,
        /* 48: a structure of both members, a count and the array */
        FC_BOGUS_STRUCT,
        3,
        SHORT(20),
        SHORT(-14),
        SHORT(0),
        FC_EMBEDDED_COMPLEX,
        0,
        SHORT(-40),
        FC_EMBEDDED_COMPLEX,
        0,
        SHORT(-34),
        FC_LONG,
        FC_END,
    };
    unsigned char expected[64];
    size_t size;

    stub_receive_hex(&server,
                     "00000001 00000002 00000002 00010002 00000001 00000001 00030000 00000001 01020304");
    ck_assert_uint_eq(stub_convert(&server, format + 48, BIG), 0);
    size = hex("01000000 02000000 02000000 01000200 01000000 01000000 03000000 01000000 04030201", expected,
               sizeof(expected));
    ck_assert_mem_eq(server.rpc.Buffer, expected, size);
}
END_TEST

Suite *suite_ndr_represent(void)
{
    Suite *suite = suite_create("NDR representations");
    TCase *tests = tcase_create("representations");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, integers);
    tcase_add_test(tests, characters);
    tcase_add_test(tests, strings);
    tcase_add_test(tests, floats);
    tcase_add_test(tests, bad_floats);
    tcase_add_test(tests, parameters);
    tcase_add_test(tests, old_parameters);
    tcase_add_test(tests, user_values);
    tcase_add_test(tests, wire_types);
    suite_add_tcase(suite, tests);
    return suite;
}
