/*
 * Fault status codes: the table of [MS-RPCE] 3.1.1.5.5 with the values of C706 appendix E and N.2.
 */
#include <check.h>

#include "wire/wire.h"

struct pair {
    uint32_t fault, status;
};

static const struct pair mapped[] = {
    {0x1c010001, 1820}, {0x1c010002, 1745}, {0x1c010003, 1717}, {0x1c010009, 1726}, {0x1c01000b, 1728},
    {0x1c010013, 1130}, {0x1c010014, 1723}, {0x1c010017, 1732}, {0x1c000001, 1767}, {0x1c000002, 1768},
    {0x1c000003, 1769}, {0x1c000004, 1770}, {0x1c000005, 1771}, {0x1c000006, 1733}, {0x1c000007, 1734},
    {0x1c000008, 1728}, {0x1c000009, 1726}, {0x1c00000a, 1727}, {0x1c00000b, 1726}, {0x1c00000c, 1727},
    {0x1c00000d, 1818}, {0x1c00000e, 1768}, {0x1c00000f, 1771}, {0x1c000010, 1768}, {0x1c000012, 1726},
    {0x1c000014, 1918}, {0x1c000015, 1916}, {0x1c000016, 1831}, {0x1c000017, 1917}, {0x1c000018, 1820},
    {0x1c00001a, 6},    {0x1c00001b, 1130},
};

START_TEST(client_sees_win32)
{
    ck_assert_uint_eq(wire_status_from_fault(mapped[_i].fault), mapped[_i].status);
}
END_TEST

START_TEST(unknown_goes_through)
{
    static const uint32_t values[] = {5, 1783, 0x1c010006, 0x1c000013, 0xdeadbeef, 0xe0001234};

    ck_assert_uint_eq(wire_status_from_fault(values[_i]), values[_i]);
    ck_assert_uint_eq(wire_fault_from_status(values[_i]), values[_i]);
}
END_TEST

/* What the client makes of what a server sent for a status is that status again. */
START_TEST(there_and_back)
{
    uint32_t status = mapped[_i].status;

    ck_assert_uint_eq(wire_status_from_fault(wire_fault_from_status(status)), status);
}
END_TEST

/* Status codes that servers must not send, [MS-RPCE] 3.3.3.5.1. */
START_TEST(forbidden_on_the_wire)
{
    static const uint32_t values[] = {0,          0x80000001, 0x80000002, 0x80000003, 0xc0000005,
                                      0xc0000006, 0xc000001d, 0xc0000096, 0xc00000aa, 0xc00000fd,
                                      0xc0000194, 0xc0000235, 0xc0000409, 0xc0000420};

    ck_assert_uint_eq(wire_fault_from_status(values[_i]) >> 16, 0x1c00);
}
END_TEST

Suite *suite_status(void)
{
    Suite *suite = suite_create("status");
    TCase *tests = tcase_create("fault status");

    tcase_add_loop_test(tests, client_sees_win32, 0, sizeof(mapped) / sizeof(*mapped));
    tcase_add_loop_test(tests, there_and_back, 0, sizeof(mapped) / sizeof(*mapped));
    tcase_add_loop_test(tests, unknown_goes_through, 0, 6);
    tcase_add_loop_test(tests, forbidden_on_the_wire, 0, 14);
    suite_add_tcase(suite, tests);
    return suite;
}
