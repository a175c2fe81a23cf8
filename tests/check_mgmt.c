/*
 * The management interface's stub data: octets written out from C706 appendix Q, in NDR.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/mgmt.h"

static const struct wire_syntax ids[] = {
    {{0x11111111, 0x2222, 0x3333, {4, 4, 4, 4, 4, 4, 4, 4}}, 5, 6},
    {{0xafa8bd80, 0x7d8a, 0x11c9, {0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0},
};

#define WORD(value) value "\x00\x00\x00"
static const char id_reply[] = WORD("\x01") WORD("\x02") WORD("\x02") WORD("\x02") WORD(
    "\x03") "\x11\x11\x11\x11\x22\x22\x33\x33\x04\x04\x04\x04\x04\x04\x04\x04\x05\x00\x06\x00"
            "\x80\xbd\xa8\xaf\x8a\x7d\xc9\x11\xbe\xf4\x08\x00\x2b\x10\x29\x89\x01\x00\x00\x00" WORD("\x00");
static const char stats_reply[] =
    WORD("\x04") WORD("\x04") WORD("\x0a") WORD("\x0b") WORD("\x0c") WORD("\x0d") WORD("\x00");
static const char name_reply[] = WORD("\x20") WORD("\x00") WORD("\x05") "user\x00\x00\x00\x00" WORD("\x00");

START_TEST(if_ids)
{
    uint8_t out[128];
    const uint8_t *first;
    struct wire_syntax id;
    uint32_t count, status, i;
    size_t length = sizeof(id_reply) - 1;

    ck_assert_uint_eq(mgmt_put_if_ids(NULL, 0, ids, 2, 0), length);
    ck_assert_uint_eq(mgmt_put_if_ids(out, length, ids, 2, 0), length);
    ck_assert_mem_eq(out, id_reply, length);
    ck_assert(mgmt_get_if_ids(out, length, false, &first, &count, &status));
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(status, 0);
    for (i = 0; i < count; i++) {
        mgmt_if_id(first, false, i, &id);
        ck_assert(wire_syntax_equal(&id, &ids[i]));
    }
    length = mgmt_put_if_ids(out, sizeof(out), NULL, 0, 5);
    ck_assert_uint_eq(length, 8);
    ck_assert(mgmt_get_if_ids(out, length, false, &first, &count, &status));
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(status, 5);
}
END_TEST

START_TEST(statistics)
{
    static const uint32_t values[] = {10, 11, 12, 13};
    uint32_t got[4], count, status;
    uint8_t out[64];
    size_t length = sizeof(stats_reply) - 1;

    ck_assert_uint_eq(mgmt_put_stats(out, sizeof(out), values, 4, 0), length);
    ck_assert_mem_eq(out, stats_reply, length);
    ck_assert(mgmt_get_stats(out, length, false, got, 4, &count, &status));
    ck_assert_mem_eq(got, values, sizeof(values));
    ck_assert(!mgmt_get_stats(out, length, false, got, 3, &count, &status));
    ck_assert_uint_eq(mgmt_put_stats_request(out, sizeof(out), 4), 4);
    ck_assert(mgmt_get_stats_request(out, 4, false, &count));
    ck_assert_uint_eq(count, 4);
    ck_assert(!mgmt_get_stats_request(out, 3, false, &count));
}
END_TEST

START_TEST(name)
{
    const char *got;
    uint32_t authn, size, status;
    uint8_t out[64];
    size_t length = sizeof(name_reply) - 1, name_length;

    ck_assert_uint_eq(mgmt_put_name(out, sizeof(out), 32, "user", 0), length);
    ck_assert_mem_eq(out, name_reply, length);
    ck_assert(mgmt_get_name(out, length, false, &got, &name_length, &status));
    ck_assert_uint_eq(name_length, 4);
    ck_assert_mem_eq(got, "user", 4);
    out[16] = 'x'; /* no NUL any more */
    ck_assert(!mgmt_get_name(out, length, false, &got, &name_length, &status));
    ck_assert_uint_eq(mgmt_put_name_request(out, sizeof(out), 10, 4096), 8);
    ck_assert(mgmt_get_name_request(out, 8, false, &authn, &size));
    ck_assert_uint_eq(authn, 10);
    ck_assert_uint_eq(size, 4096);
}
END_TEST

static bool decode(int which, const uint8_t *data, size_t length, bool big)
{
    const uint8_t *first;
    const char *got;
    struct wire_syntax id;
    uint32_t values[4], count, status;
    size_t name_length;
    bool good;

    switch (which) {
    case 0:
        good = mgmt_get_if_ids(data, length, big, &first, &count, &status);
        while (good && count)
            mgmt_if_id(first, big, --count, &id);
        return good;
    case 1:
        return mgmt_get_stats(data, length, big, values, 4, &count, &status);
    default:
        good = mgmt_get_name(data, length, big, &got, &name_length, &status);
        if (good)
            ck_assert((const uint8_t *)got + name_length <= data + length);
        return good;
    }
}

/* Every truncation is refused; every bit flip is survived, read in either representation. */
START_TEST(broken)
{
    static const struct {
        const char *octets;
        size_t length;
    } replies[] = {{id_reply, sizeof(id_reply) - 1},
                   {stats_reply, sizeof(stats_reply) - 1},
                   {name_reply, sizeof(name_reply) - 1}};
    size_t i;

    for (i = 0; i < 8 * replies[_i].length; i++) {
        size_t length = i < replies[_i].length ? i : replies[_i].length;
        uint8_t *copy = malloc(length ? length : 1);

        memcpy(copy, replies[_i].octets, length);
        if (length < replies[_i].length)
            ck_assert(!decode(_i, copy, length, false));
        free(copy);
        copy = malloc(replies[_i].length);
        memcpy(copy, replies[_i].octets, replies[_i].length);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        decode(_i, copy, replies[_i].length, false);
        decode(_i, copy, replies[_i].length, true);
        free(copy);
    }
}
END_TEST

Suite *suite_mgmt(void)
{
    Suite *suite = suite_create("mgmt");
    TCase *tests = tcase_create("mgmt");

    tcase_add_test(tests, if_ids);
    tcase_add_test(tests, statistics);
    tcase_add_test(tests, name);
    tcase_add_loop_test(tests, broken, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}
