/*
 * UUIDs: text, order, hash (C706 appendix A).
 */
#include <check.h>
#include <string.h>

#include "wire/uuid.h"

static const struct wire_uuid sample = {
    0x12345678, 0x9abc, 0xdef0, {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}};
static const char sample_text[] = "12345678-9abc-def0-1234-56789abcdef0";

static size_t widen(const char *text, uint16_t *out)
{
    size_t i;

    for (i = 0; text[i]; i++)
        out[i] = (uint8_t)text[i];
    out[i] = 0;
    return i;
}

static bool parse(const char *text, struct wire_uuid *uuid)
{
    uint16_t wide[64];

    return wire_uuid_from_text(wide, widen(text, wide), uuid);
}

START_TEST(text_both_ways)
{
    uint16_t expected[64], got[WIRE_UUID_TEXT + 1];
    struct wire_uuid uuid;

    ck_assert(parse(sample_text, &uuid));
    ck_assert(wire_uuid_equal(&uuid, &sample));
    ck_assert(parse("12345678-9ABC-DEF0-1234-56789ABCDEF0", &uuid));
    ck_assert(wire_uuid_equal(&uuid, &sample));
    widen(sample_text, expected);
    wire_uuid_to_text(&sample, got);
    ck_assert_mem_eq(got, expected, sizeof(got));
}
END_TEST

/* Every place with a character that does not belong there, and every shorter or longer text. */
START_TEST(bad_text)
{
    static const char wrong[] = "g/:@G`\x80{} -";
    struct wire_uuid uuid;
    char text[64];
    uint16_t wide[64];
    size_t i, j;

    for (i = 0; i < WIRE_UUID_TEXT; i++)
        for (j = 0; j < sizeof(wrong) - 1; j++) {
            memcpy(text, sample_text, sizeof(sample_text));
            if (text[i] == wrong[j])
                continue;
            text[i] = wrong[j];
            ck_assert_msg(!parse(text, &uuid), "%s", text);
        }
    for (i = 0; i < WIRE_UUID_TEXT; i++) {
        widen(sample_text, wide);
        ck_assert(!wire_uuid_from_text(wide, i, &uuid));
        wide[i] = (uint16_t)(wide[i] | 0x100);
        ck_assert(!wire_uuid_from_text(wide, WIRE_UUID_TEXT, &uuid));
    }
    ck_assert(!parse("{12345678-9abc-def0-1234-56789abcdef0}", &uuid));
    ck_assert(!parse("12345678-9abc-def0-1234-56789abcdef01", &uuid));
}
END_TEST

/* The fields are compared as unsigned integers, the eight octets one by one. */
START_TEST(order)
{
    static const struct wire_uuid rising[] = {
        {0, 0, 0, {0}},      {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 1}},
        {0, 0, 0, {0x80}},   {0, 0, 1, {0}},
        {0, 0, 0x8000, {0}}, {0, 1, 0, {0}},
        {0, 0x8000, 0, {0}}, {1, 0, 0, {0}},
        {0x100, 0, 0, {0}},  {0x80000000, 0, 0, {0}},
    };
    int i, j, count = sizeof(rising) / sizeof(*rising);

    for (i = 0; i < count; i++)
        for (j = 0; j < count; j++)
            ck_assert_int_eq(wire_uuid_compare(&rising[i], &rising[j]), (i > j) - (i < j));
}
END_TEST

/* The sums, worked out by hand for one octet: at place p (from 0) it counts 16 - p times in the second sum.
 */
START_TEST(hash)
{
    struct wire_uuid uuid;
    unsigned i;

    memset(&uuid, 0, sizeof(uuid));
    ck_assert(wire_uuid_is_nil(&uuid));
    ck_assert_uint_eq(wire_uuid_hash(&uuid), 0);
    for (i = 0; i < 16; i++) {
        memset(&uuid, 0, sizeof(uuid));
        ((uint8_t *)&uuid)[i] = 1;
        ck_assert(!wire_uuid_is_nil(&uuid));
        ck_assert_uint_eq(wire_uuid_hash(&uuid), (15 - i) << 8 | (255 - (16 - i)));
    }
}
END_TEST

Suite *suite_uuid(void)
{
    Suite *suite = suite_create("uuid");
    TCase *tests = tcase_create("uuid");

    tcase_add_test(tests, text_both_ways);
    tcase_add_test(tests, bad_text);
    tcase_add_test(tests, order);
    tcase_add_test(tests, hash);
    suite_add_tcase(suite, tests);
    return suite;
}
