/*
 * Reassembly of fragments, C706 12.6.2 and 12.6.4: in order, out of order, too long, of another call.
 */
#include <check.h>
#include <string.h>

#include "wire/wire.h"

static struct wire_pdu fragment(uint8_t flags, size_t length)
{
    struct wire_pdu pdu;

    memset(&pdu, 0, sizeof(pdu));
    pdu.ptype = WIRE_REQUEST;
    pdu.flags = flags;
    pdu.drep[0] = 0x10;
    pdu.call_id = 7;
    pdu.u.call.context_id = 2;
    pdu.u.call.opnum = 5;
    pdu.u.call.alloc_hint = 1000;
    pdu.u.call.stub_length = length;
    return pdu;
}

START_TEST(one)
{
    struct wire_assembly assembly = {.limit = 10};
    struct wire_pdu pdu = fragment(WIRE_FIRST_FRAG | WIRE_LAST_FRAG, 10);
    size_t offset = 99;

    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_DONE);
    ck_assert_uint_eq(offset, 0);
    ck_assert_uint_eq(assembly.length, 10);
    ck_assert_uint_eq(assembly.call_id, 7);
    ck_assert_uint_eq(assembly.context_id, 2);
    ck_assert_uint_eq(assembly.opnum, 5);
    ck_assert_uint_eq(assembly.alloc_hint, 1000);
    ck_assert_uint_eq(assembly.drep[0], 0x10);
    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_OUT_OF_ORDER);
}
END_TEST

START_TEST(several)
{
    static const uint8_t flags[] = {WIRE_FIRST_FRAG, 0, 0, WIRE_LAST_FRAG};
    static const size_t lengths[] = {100, 0, 7, 1}, offsets[] = {0, 100, 100, 107};
    struct wire_assembly assembly = {.limit = 108};
    size_t offset, i;

    for (i = 0; i < 4; i++) {
        struct wire_pdu pdu = fragment(flags[i], lengths[i]);

        ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), i == 3 ? WIRE_DONE : WIRE_MORE);
        ck_assert_uint_eq(offset, offsets[i]);
    }
    ck_assert_uint_eq(assembly.length, 108);
}
END_TEST

START_TEST(too_long)
{
    struct wire_assembly assembly = {.limit = 107};
    struct wire_pdu pdu = fragment(WIRE_FIRST_FRAG, 100);
    size_t offset;

    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_MORE);
    pdu = fragment(WIRE_LAST_FRAG, 8);
    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_TOO_LONG);
    ck_assert_uint_eq(assembly.length, 100);
}
END_TEST

START_TEST(no_first)
{
    struct wire_assembly assembly = {.limit = 1000};
    struct wire_pdu pdu = fragment(_i ? WIRE_LAST_FRAG : 0, 1);
    size_t offset;

    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_OUT_OF_ORDER);
}
END_TEST

/* After a first fragment: another first, or one that differs in what must stay the same. */
START_TEST(strangers)
{
    struct wire_assembly assembly = {.limit = 1000};
    struct wire_pdu pdu = fragment(WIRE_FIRST_FRAG, 1);
    size_t offset;

    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_MORE);
    pdu = fragment(_i == 0 ? WIRE_FIRST_FRAG : 0, 1);
    pdu.call_id += _i == 1;
    pdu.u.call.context_id = (uint16_t)(pdu.u.call.context_id + (_i == 2));
    pdu.u.call.opnum = (uint16_t)(pdu.u.call.opnum + (_i == 3));
    pdu.drep[0] = _i == 4 ? 0 : 0x10;
    pdu.ptype = _i == 5 ? WIRE_RESPONSE : WIRE_REQUEST;
    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_OUT_OF_ORDER);
    pdu = fragment(WIRE_LAST_FRAG, 1);
    ck_assert_int_eq(wire_assemble(&assembly, &pdu, &offset), WIRE_DONE);
    ck_assert_uint_eq(assembly.length, 2);
}
END_TEST

Suite *suite_assembly(void)
{
    Suite *suite = suite_create("assembly");
    TCase *tests = tcase_create("assembly");

    tcase_add_test(tests, one);
    tcase_add_test(tests, several);
    tcase_add_test(tests, too_long);
    tcase_add_loop_test(tests, no_first, 0, 2);
    tcase_add_loop_test(tests, strangers, 0, 6);
    suite_add_tcase(suite, tests);
    return suite;
}
