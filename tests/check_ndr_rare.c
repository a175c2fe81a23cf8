/*
 * NDR types and attributes that few interfaces use: object pointers, dont_free, large varying arrays, strings
 * of structures and of bytes, represent_as and the forms for pointers, conformant varying structures, wide
 * filler, ranges on correlations, [ignore]. Octets after C706 14.3; format strings after the MIDL
 * format-string pages.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_pair.h"

/* SDK, "Pointers (RPC)": on return an object pointer's old referent is released before the new one is made.
 */
START_TEST(object_pointer)
{
    static const unsigned char format[] = {FC_OP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD};
    LONG value = 7, *got = NULL;

    expect_marshal(&client, &value, format, "00000200 07000000");
    expect_marshal(&client, NULL, format, "00000000");
    got = host_allocate(sizeof(*got));
    *got = 1;
    stub_receive_hex(&client, "00000200 08000000");
    ck_assert_uint_eq(stub_unmarshal(&client, &got, format, FALSE), 0);
    ck_assert_int_eq(*got, 8);
    stub_receive_hex(&client, "00000000");
    ck_assert_uint_eq(stub_unmarshal(&client, &got, format, FALSE), 0);
    ck_assert_ptr_null(got);
    expect_no_prefix(format, "00000200 08000000");
    end_both();
}
END_TEST

/* The same when the new one does not come: the caller is not left with what was released. */
START_TEST(object_pointer_of_bad_octets)
{
    static const unsigned char object[] = {FC_OP, FC_SIMPLE_POINTER, FC_LONG, FC_PAD};
    static const unsigned char interface[] = {
        FC_IP, FC_CONSTANT_IID, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
    struct host_object held = {2, "held"}, *reference = &held;
    LONG *got = host_allocate(sizeof(*got));

    stub_receive_hex(&client, "00000200 0800");
    ck_assert_uint_eq(stub_unmarshal(&client, &got, object, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    stub_receive_hex(&client, "00000200 04000000 05000000 6d656f77");
    ck_assert_uint_eq(stub_unmarshal(&client, &reference, interface, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(reference);
    ck_assert_int_eq(held.references, 1);
    /* What was never looked at stays. */
    reference = &held;
    stub_receive_hex(&client, "0000");
    ck_assert_uint_eq(stub_unmarshal(&client, &reference, interface, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_eq(reference, &held);
    ck_assert_int_eq(held.references, 1);
    end_both();
}
END_TEST

struct owner {
    LONG number;
    LONG *kept;
};

START_TEST(dont_free)
{
    static const unsigned char format[] = {FC_BOGUS_STRUCT,
                                           3,
                                           SHORT(2 * P),
                                           SHORT(0),
                                           SHORT(8),
                                           FC_LONG,
                                           ALIGN_POINTER,
                                           FC_POINTER,
                                           FC_PAD,
                                           FC_END,
                                           FC_PAD,
                                           FC_UP,
                                           FC_SIMPLE_POINTER | FC_DONT_FREE,
                                           FC_LONG,
                                           FC_PAD};
    struct owner value = {1, host_allocate(sizeof(LONG))};

    *value.kept = 2;
    expect_marshal(&client, &value, format, "01000000 00000200 02000000");
    ck_assert_uint_eq(stub_free(&client, &value, format), 0);
    ck_assert_int_eq(*value.kept, 2);
    host_free(value.kept);
    end_both();
}
END_TEST

START_TEST(large_varying_array)
{
    enum { COUNT = 40000 };
    static const unsigned char format[] = {FC_LGVARRAY,    1, LONG4(2 * COUNT), LONG4(COUNT), SHORT(2),
                                           0x20 | FC_LONG, 0, SHORT(0),         FC_SHORT,     FC_END};
    short *values = calloc(COUNT, sizeof(*values)), *got = NULL;
    LONG stack = 3;

    values[0] = 1, values[1] = 2, values[2] = 3;
    client.msg.StackTop = server.msg.StackTop = (unsigned char *)&stack;
    expect_marshal(&client, values, format, "00000000 03000000 0100 0200 0300");
    stub_receive_hex(&server, "00000000 03000000 0100 0200 0300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_mem_eq(got, values, 2 * COUNT);
    host_free(got);
    got = NULL;
    stub_receive_hex(&server, "00000000 419c0000 0100");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_BAD_STUB_DATA);
    expect_no_prefix(format, "00000000 03000000 0100 0200 0300");
    stack = COUNT + 1;
    ck_assert_uint_eq(stub_size(&client, values, format), RPC_X_INVALID_BOUND);
    free(values);
    end_both();
}
END_TEST

/* SDK, "Strings": a stringable structure has members of one octet only; one all zero ends the string. */
START_TEST(stringable_structure)
{
    static const unsigned char conformant[] = {FC_RP, 0, SHORT(2), FC_C_SSTRING, 3, FC_PAD, FC_PAD};
    static const unsigned char fixed[] = {FC_SSTRING, 3, SHORT(4)};
    static const char octets[] = "03000000 00000000 03000000 616263 640065 000000";
    char text[12] = "abcd\0e", *got = NULL;

    expect_marshal(&client, text, conformant, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, conformant, TRUE), 0);
    ck_assert_mem_eq(got, text, 9);
    host_free(got);
    expect_marshal(&client, text, fixed, "00000000 03000000 616263 640065 000000");
    got = NULL;
    stub_receive_hex(&server, "00000000 03000000 616263 640065 000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, fixed, FALSE), 0);
    ck_assert_mem_eq(got, text, 9);
    host_free(got);
    expect_no_prefix(conformant, octets);
    got = NULL;
    stub_receive_hex(&server, "03000000 00000000 03000000 616263 640065 000001");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, conformant, TRUE), RPC_X_BAD_STUB_DATA);
    end_both();
}
END_TEST

START_TEST(byte_strings)
{
    static const unsigned char conformant[] = {FC_UP, FC_SIMPLE_POINTER, FC_C_BSTRING, FC_PAD};
    static const unsigned char fixed[] = {FC_BSTRING, FC_PAD, SHORT(5)};
    char text[5] = "abc", *got = NULL;

    expect_marshal(&client, text, conformant, "00000200 04000000 00000000 04000000 61626300");
    expect_marshal(&client, text, fixed, "00000000 04000000 61626300");
    stub_receive_hex(&server, "00000200 04000000 00000000 04000000 61626300");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, conformant, TRUE), 0);
    ck_assert_str_eq(got, text);
    ck_assert_uint_eq(stub_free(&server, got, conformant), 0);
    /* Bytes are no characters: an EBCDIC sender's are left alone. */
    stub_receive_hex(&server, "00000000 04000000 81828300");
    ck_assert_uint_eq(stub_convert(&server, fixed, NDR_LITTLE_ENDIAN | NDR_EBCDIC_CHAR), 0);
    ck_assert_uint_eq(((unsigned char *)server.rpc.Buffer)[8], 0x81);
    expect_no_prefix(conformant, "00000200 04000000 00000000 04000000 61626300");
    end_both();
}
END_TEST

/* ---- represent_as: a LONG that goes as its complement */

static void to_wire(PMIDL_STUB_MESSAGE msg)
{
    LONG *wire = host_allocate(sizeof(*wire));

    *wire = ~*(LONG *)msg->pPresentedType;
    msg->pTransmitType = (unsigned char *)wire;
}

static void from_wire(PMIDL_STUB_MESSAGE msg)
{
    *(LONG *)msg->pPresentedType = ~*(LONG *)msg->pTransmitType;
}

static void free_wire(PMIDL_STUB_MESSAGE msg)
{
    host_free(msg->pTransmitType);
}

static unsigned instances_freed;

static void free_instance(PMIDL_STUB_MESSAGE msg)
{
    ck_assert_ptr_nonnull(msg->pPresentedType);
    instances_freed++;
}

static const XMIT_ROUTINE_QUINTUPLE complement[] = {{to_wire, from_wire, free_wire, free_instance}};

START_TEST(represent_as)
{
    static const unsigned char plain[] = {FC_LONG,  FC_PAD,   FC_REPRESENT_AS, 3,
                                          SHORT(0), SHORT(4), SHORT(4),        SHORT(-10)};
    static const unsigned char pointer[] = {FC_LONG,  FC_PAD,   FC_REPRESENT_AS_PTR, 3, SHORT(0),
                                            SHORT(P), SHORT(4), SHORT(-10)};
    LONG value = 5, *got = NULL, **behind = NULL, *where = &value;

    client.desc.aXmitQuintuple = server.desc.aXmitQuintuple = complement;
    instances_freed = 0;
    expect_marshal(&client, &value, plain + 2, "faffffff");
    stub_receive_hex(&server, "faffffff");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, plain + 2, FALSE), 0);
    ck_assert_int_eq(*got, 5);
    ck_assert_uint_eq(stub_free(&server, got, plain + 2), 0);
    ck_assert_uint_eq(instances_freed, 1);
    host_free(got);
    /* Where the presented type is behind a pointer, it is there already. */
    expect_marshal(&client, &where, pointer + 2, "faffffff");
    value = 0;
    behind = &where;
    stub_receive_hex(&client, "faffffff");
    ck_assert_uint_eq(stub_unmarshal(&client, &behind, pointer + 2, FALSE), 0);
    ck_assert_int_eq(value, 5);
    expect_no_prefix(plain + 2, "faffffff");
    end_both();
}
END_TEST

static unsigned users_freed;

static unsigned char *user_unmarshal(ULONG *flags, unsigned char *buffer, void *object)
{
    (void)flags;
    memcpy(object, buffer, 4);
    return buffer + 4;
}

static void user_free(ULONG *flags, void *object)
{
    (void)flags, (void)object;
    users_freed++;
}

/* What routines made of octets goes by their freeing routines when what follows is bad. */
START_TEST(routines_before_bad_octets)
{
    /* clang-format off */
    static const unsigned char format[] = {
        FC_LONG, FC_PAD, FC_REPRESENT_AS, 3, SHORT(0), SHORT(4), SHORT(4), SHORT(-10),
        FC_LONG, FC_PAD, FC_USER_MARSHAL, 3, SHORT(0), SHORT(4), SHORT(4), SHORT(-10),
        FC_BOGUS_STRUCT, 3, SHORT(12), SHORT(0), SHORT(0),
        FC_EMBEDDED_COMPLEX, 0, SHORT(-32), FC_EMBEDDED_COMPLEX, 0, SHORT(-24), FC_LONG, FC_END};
    /* clang-format on */
    static const USER_MARSHAL_ROUTINE_QUADRUPLE routines[] = {{NULL, NULL, user_unmarshal, user_free}};
    LONG *got = NULL;

    server.desc.aXmitQuintuple = complement;
    server.desc.aUserMarshalQuadruple = routines;
    instances_freed = users_freed = 0;
    stub_receive_hex(&server, "faffffff 05000000 0700");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format + 24, FALSE), RPC_X_BAD_STUB_DATA);
    ck_assert_ptr_null(got);
    ck_assert_uint_eq(instances_freed, 1);
    ck_assert_uint_eq(users_freed, 1);
    end_both();
}
END_TEST

struct some {
    LONG room, used;
    short values[4];
};

START_TEST(conformant_varying_structure)
{
    static const unsigned char format[] = {
        FC_CVARRAY,  1, SHORT(2), FC_LONG,    0,       SHORT(-8), FC_LONG, 0,     SHORT(-4), FC_SHORT, FC_END,
        FC_CVSTRUCT, 3, SHORT(8), SHORT(-18), FC_LONG, FC_LONG,   FC_PAD,  FC_END};
    PFORMAT_STRING structure = format + 14;
    static const char octets[] = "04000000 04000000 02000000 00000000 02000000 0700 0800";
    struct some value = {4, 2, {7, 8}}, *got = NULL;

    ck_assert_uint_eq(*structure, FC_CVSTRUCT);
    expect_marshal(&client, &value, structure, octets);
    stub_receive_hex(&server, octets);
    ck_assert_uint_eq(stub_unmarshal(&server, &got, structure, FALSE), 0);
    ck_assert_int_eq(got->room, 4);
    ck_assert_int_eq(got->used, 2);
    ck_assert_mem_eq(got->values, value.values, 4);
    host_free(got);
    expect_no_prefix(structure, octets);
    got = NULL;
    /* More come than the structure says are used. */
    stub_receive_hex(&server, "04000000 04000000 02000000 00000000 03000000 0700 0800 0900");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, structure, FALSE), RPC_X_BAD_STUB_DATA);
    end_both();
}
END_TEST

START_TEST(wide_filler)
{
    static const unsigned char format[] = {FC_BOGUS_STRUCT, 1, SHORT(24), SHORT(0), SHORT(0), FC_SHORT,
                                           FC_STRUCTPADN,   0, SHORT(20), FC_SHORT, FC_PAD,   FC_END};
    struct {
        short first;
        char filler[20];
        short second;
    } value = {1, "", 2}, *got = NULL;

    expect_marshal(&client, &value, format, "0100 0200");
    stub_receive_hex(&server, "0100 0200");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_int_eq(got->first, 1);
    ck_assert_int_eq(got->second, 2);
    host_free(got);
    expect_no_prefix(format, "0100 0200");
    end_both();
}
END_TEST

/* [range] on a size: the descriptor carries it, INTERPRETER_OPT_FLAGS2.HasRangeOnConformance says so. */
START_TEST(range_on_conformance)
{
    static const unsigned char format[] = {FC_CARRAY, 3, SHORT(4), 0x20 | FC_LONG, 0,        SHORT(0),
                                           SHORT(1),  1, 0,        LONG4(2),       LONG4(3), FC_LONG,
                                           FC_END};
    LONG stack = 2, *got = NULL;

    server.msg.StackTop = (unsigned char *)&stack;
    server.msg.fHasNewCorrDesc = TRUE;
    server.msg.uFlags2 |= NDR_CORRELATION_RANGE;
    stub_receive_hex(&server, "02000000 01000000 02000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_int_eq(got[1], 2);
    got = NULL;
    stack = 1;
    stub_receive_hex(&server, "01000000 01000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_INVALID_BOUND);
    stack = 4;
    stub_receive_hex(&server, "04000000 01000000 02000000 03000000 04000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), RPC_X_INVALID_BOUND);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

START_TEST(ignored_pointer)
{
    static const unsigned char format[] = {
        FC_BOGUS_STRUCT, 3, SHORT(2 * P), SHORT(0), SHORT(0), FC_LONG, ALIGN_POINTER, FC_IGNORE, FC_END};
    LONG other = 9;
    struct owner value = {1, &other}, *got = NULL;

    expect_marshal(&client, &value, format, "01000000 00000000");
    stub_receive_hex(&server, "02000000 77777777");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, format, FALSE), 0);
    ck_assert_int_eq(got->number, 2);
    ck_assert_ptr_null(got->kept);
    host_free(got);
    expect_no_prefix(format, "01000000 00000000");
    end_both();
}
END_TEST

/* Unions of more arms than a plan holds, in an array: they go the general way, with the same octets. */
START_TEST(union_of_many_arms)
{
    enum { ARMS = 20 };
    struct tagged {
        LONG kind, value;
    } values[2] = {{19, 5}, {3, 6}}, *got = NULL;
    unsigned char format[256] = {
        FC_NON_ENCAPSULATED_UNION, FC_LONG, FC_LONG, 0, SHORT(-4), SHORT(2), SHORT(4), SHORT(ARMS)};
    unsigned used = 12, i;
    PFORMAT_STRING array;

    for (i = 0; i < ARMS; i++) {
        const unsigned char arm[] = {LONG4(i), SHORT(0x8000 | FC_LONG)};

        memcpy(format + used, arm, sizeof(arm));
        used += sizeof(arm);
    }
    {
        const unsigned char rest[] = {SHORT(0xffff),
                                      FC_BOGUS_STRUCT,
                                      3,
                                      SHORT(8),
                                      SHORT(0),
                                      SHORT(0),
                                      FC_LONG,
                                      FC_EMBEDDED_COMPLEX,
                                      0,
                                      SHORT(-(int)(used + 2 + 11)),
                                      FC_END};
        const unsigned char elements[] = {
            FC_BOGUS_ARRAY, 3,      SHORT(2), LONG4(0xffffffff), LONG4(0xffffffff), FC_EMBEDDED_COMPLEX, 0,
            SHORT(-28),     FC_PAD, FC_END};

        memcpy(format + used, rest, sizeof(rest));
        used += sizeof(rest);
        array = format + used;
        memcpy(format + used, elements, sizeof(elements));
        ck_assert_uint_eq(*(array + 14 - 28), FC_BOGUS_STRUCT);
    }
    expect_marshal(&client, values, array, "13000000 13000000 05000000 03000000 03000000 06000000");
    stub_receive_hex(&server, "13000000 13000000 05000000 03000000 03000000 06000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, array, FALSE), 0);
    ck_assert_mem_eq(got, values, sizeof(values));
    host_free(got);
    got = NULL;
    stub_receive_hex(&server, "14000000 14000000 05000000 03000000 03000000 06000000");
    ck_assert_uint_eq(stub_unmarshal(&server, &got, array, FALSE), RPC_S_INVALID_TAG);
    ck_assert_ptr_null(got);
    end_both();
}
END_TEST

Suite *suite_ndr_rare(void)
{
    Suite *suite = suite_create("NDR rare");
    TCase *tests = tcase_create("rare");

    tcase_add_checked_fixture(tests, begin_both, end_both);
    tcase_add_test(tests, object_pointer);
    tcase_add_test(tests, object_pointer_of_bad_octets);
    tcase_add_test(tests, dont_free);
    tcase_add_test(tests, large_varying_array);
    tcase_add_test(tests, stringable_structure);
    tcase_add_test(tests, byte_strings);
    tcase_add_test(tests, represent_as);
    tcase_add_test(tests, routines_before_bad_octets);
    tcase_add_test(tests, conformant_varying_structure);
    tcase_add_test(tests, wide_filler);
    tcase_add_test(tests, range_on_conformance);
    tcase_add_test(tests, ignored_pointer);
    tcase_add_test(tests, union_of_many_arms);
    suite_add_tcase(suite, tests);
    return suite;
}
