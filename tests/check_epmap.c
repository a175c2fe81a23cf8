/*
 * The endpoint mapper's stub data: C706 appendix O, in NDR; and what Wine 8.0's own rpcrt4 and rpcss put on
 * the wire (captured).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/epmap.h"
#include "wire/tower.h"

static const struct wire_syntax interface = {{0x11111111, 0x2222, 0x3333, {4, 4, 4, 4, 4, 4, 4, 4}}, 5, 6};
static const struct wire_uuid object = {0xaaaaaaaa, 1, 2, {3}};

/* One entry, an ncalrpc endpoint "name", annotated "x": count, conformance; object, tower's referent,
 * annotation; tower, 69 octets. Wine leaves the referent out. */
#define TOWER                                                                                                \
    "\x04\x00\x13\x00\x0d\x11\x11\x11\x11\x22\x22\x33\x33\x04\x04\x04\x04\x04\x04\x04\x04\x05\x00\x02\x00"   \
    "\x06\x00\x13\x00\x0d\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60\x02\x00\x02\x00"   \
    "\x00\x00\x01\x00\x0c\x02\x00\x00\x00\x01\x00\x10\x05\x00name"                                           \
    "\x00"
#define COUNTED_TOWER "\x45\x00\x00\x00\x45\x00\x00\x00" TOWER "\x00\x00\x00"
#define OBJECT        "\xaa\xaa\xaa\xaa\x01\x00\x02\x00\x03\x00\x00\x00\x00\x00\x00\x00"
#define NO_HANDLE     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const char wine_insert[] =
    "\x01\x00\x00\x00\x01\x00\x00\x00" OBJECT "\x00\x00\x00\x00\x02\x00\x00\x00x\x00\x00\x00" COUNTED_TOWER
    "\x01\x00\x00\x00";
static const char insert[] =
    "\x01\x00\x00\x00\x01\x00\x00\x00" OBJECT
    "\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00x\x00\x00\x00" COUNTED_TOWER "\x01\x00\x00\x00";

/* RpcEpRegister of Wine 8.0, captured: three entries (named pipe, ncalrpc, TCP); the objects are Wine's. */
static const uint8_t captured[] = {
    0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x10, 0xfd, 0x21, 0x00, 0x00, 0x00, 0x00, 0x00, 0xaa,
    0xaa, 0xaa, 0xaa, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x10, 0xfd, 0x21, 0x00, 0x00, 0x00, 0x00, 0x00, 0xaa, 0xaa, 0xaa, 0xaa, 0x01, 0x00, 0x02,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0xfd, 0x21, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xaa, 0xaa, 0xaa, 0xaa, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x59, 0x00, 0x00, 0x00, 0x59, 0x00, 0x00, 0x00, 0x05, 0x00,
    0x13, 0x00, 0x0d, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04,
    0x04, 0x04, 0x05, 0x00, 0x02, 0x00, 0x06, 0x00, 0x13, 0x00, 0x0d, 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c,
    0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01,
    0x00, 0x0b, 0x00, 0x00, 0x01, 0x00, 0x0f, 0x15, 0x00, 0x5c, 0x5c, 0x70, 0x69, 0x70, 0x65, 0x5c, 0x5c,
    0x30, 0x30, 0x30, 0x30, 0x30, 0x31, 0x30, 0x38, 0x2e, 0x30, 0x30, 0x30, 0x00, 0x01, 0x00, 0x11, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x54, 0x00, 0x00, 0x00, 0x54, 0x00, 0x00, 0x00, 0x05, 0x00, 0x13, 0x00,
    0x0d, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04,
    0x05, 0x00, 0x02, 0x00, 0x06, 0x00, 0x13, 0x00, 0x0d, 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
    0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x0c,
    0x00, 0x00, 0x01, 0x00, 0x10, 0x16, 0x00, 0x4c, 0x52, 0x50, 0x43, 0x30, 0x30, 0x30, 0x30, 0x30, 0x31,
    0x30, 0x38, 0x2e, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x31, 0x00, 0x49, 0x00, 0x00, 0x00, 0x49,
    0x00, 0x00, 0x00, 0x05, 0x00, 0x13, 0x00, 0x0d, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x04,
    0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04, 0x05, 0x00, 0x02, 0x00, 0x06, 0x00, 0x13, 0x00, 0x0d, 0x04,
    0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 0x02, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x0b, 0x00, 0x00, 0x01, 0x00, 0x07, 0x02, 0x00, 0xa8, 0x87, 0x01,
    0x00, 0x09, 0x04, 0x00, 0x7f, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00};

static const struct epmap_tower tower = {(const uint8_t *)TOWER, sizeof(TOWER) - 1};

START_TEST(entries)
{
    struct epmap_entry entry = {object, tower, "x", 1};
    uint8_t out[256];
    bool replace = true;
    size_t length = sizeof(insert) - 1;

    ck_assert_uint_eq(epmap_put_entries(out, length, EPMAP_STANDARD, &entry, 1, &replace), length);
    ck_assert_mem_eq(out, insert, length);
    ck_assert(!epmap_is_wine(out, length));
    memset(out, 0x55, sizeof(out));
    /* ept_delete ends with the tower: no padding, no replace. */
    ck_assert_uint_eq(epmap_put_entries(out, length - 7, EPMAP_STANDARD, &entry, 1, NULL), length - 7);
    ck_assert_mem_eq(out, insert, length - 7);
    ck_assert_uint_eq(out[length - 7], 0x55);
    ck_assert_uint_eq(epmap_put_entries(NULL, 0, EPMAP_STANDARD, &entry, 1, &replace), length);
    length = sizeof(wine_insert) - 1;
    ck_assert_uint_eq(epmap_put_entries(out, length, EPMAP_WINE, &entry, 1, &replace), length);
    ck_assert_mem_eq(out, wine_insert, length);
    ck_assert(epmap_is_wine(out, length));
}
END_TEST

START_TEST(long_annotation)
{
    static const char text[] = "1234567890123456789012345678901234567890123456789012345678901234567890";
    struct epmap_entry entry = {object, tower, text, sizeof(text) - 1};
    uint8_t out[256];

    epmap_put_entries(out, sizeof(out), EPMAP_STANDARD, &entry, 1, NULL);
    ck_assert_uint_eq(out[32], EPMAP_ANNOTATION_SIZE);
    ck_assert_uint_eq(out[36 + EPMAP_ANNOTATION_SIZE - 2], '3');
    ck_assert_uint_eq(out[36 + EPMAP_ANNOTATION_SIZE - 1], 0);
}
END_TEST

START_TEST(mend)
{
    uint8_t out[512];
    size_t length = sizeof(wine_insert) - 1, i;

    ck_assert_uint_eq(epmap_mend_wine(out, sizeof(out), (const uint8_t *)wine_insert, length),
                      sizeof(insert) - 1);
    ck_assert_mem_eq(out, insert, sizeof(insert) - 1);
    /* An entry without a tower, as the standard says it. */
    ck_assert(!epmap_is_wine((const uint8_t[40]){1, 0, 0, 0, 1, [32] = 1}, 40));
    ck_assert(epmap_is_wine(captured, sizeof(captured)));
    ck_assert_uint_eq(epmap_mend_wine(NULL, 0, captured, sizeof(captured)), sizeof(captured) + 12);
    ck_assert_uint_eq(epmap_mend_wine(out, sizeof(out), captured, sizeof(captured)), sizeof(captured) + 12);
    ck_assert(!epmap_is_wine(out, sizeof(captured) + 12));
    for (i = 0; i < length; i++) {
        uint8_t *copy = malloc(i ? i : 1);

        memcpy(copy, wine_insert, i);
        if (epmap_is_wine(copy, i))
            epmap_mend_wine(out, sizeof(out), copy, i);
        free(copy);
    }
}
END_TEST

/* What Wine's own client sends, its referents aside, is what we send. */
START_TEST(map)
{
    static const char expected[] =
        "\x01\x00\x00\x00" OBJECT "\x02\x00\x00\x00" COUNTED_TOWER NO_HANDLE "\x04\x00\x00\x00";
    static const struct epmap_handle none;
    uint8_t out[256];

    ck_assert_uint_eq(epmap_put_map(out, sizeof(out), &object, &tower, &none, 4), sizeof(expected) - 1);
    ck_assert_mem_eq(out, expected, sizeof(expected) - 1);
    ck_assert_uint_eq(epmap_put_map(out, sizeof(out), NULL, &tower, &none, 4), sizeof(expected) - 17);
}
END_TEST

/* The reply of Wine's rpcss: one tower of four asked for. */
static const char map_reply[] =
    NO_HANDLE "\x01\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00" COUNTED_TOWER
              "\x00\x00\x00\x00";

static bool get_map(const void *data, size_t length, uint32_t *count, struct epmap_tower towers[4])
{
    struct epmap_handle handle;
    uint32_t status;

    return epmap_get_map(data, length, false, &handle, towers, 4, count, &status) && !status;
}

START_TEST(map_answer)
{
    struct epmap_tower towers[4];
    struct tower decoded;
    uint32_t count;
    size_t length;

    ck_assert(get_map(map_reply, sizeof(map_reply) - 1, &count, towers));
    ck_assert_uint_eq(count, 1);
    ck_assert(wire_decode_tower(towers[0].octets, towers[0].length, &decoded));
    ck_assert(wire_syntax_equal(&decoded.object, &interface));
    for (length = 0; length < sizeof(map_reply) - 1; length++) {
        uint8_t *copy = malloc(length ? length : 1);

        memcpy(copy, map_reply, length);
        ck_assert(!get_map(copy, length, &count, towers));
        free(copy);
    }
}
END_TEST

START_TEST(map_answer_flipped)
{
    uint8_t octets[sizeof(map_reply) - 1];
    struct epmap_tower towers[4];
    uint32_t count, i;
    size_t bit;

    for (bit = 0; bit < 8 * sizeof(octets); bit++) {
        memcpy(octets, map_reply, sizeof(octets));
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (!get_map(octets, sizeof(octets), &count, towers))
            continue;
        ck_assert_uint_le(count, 4);
        for (i = 0; i < count; i++)
            if (towers[i].octets)
                ck_assert(towers[i].octets + towers[i].length <= octets + sizeof(octets));
    }
}
END_TEST

START_TEST(lookup)
{
    static const char expected[] =
        "\x03\x00\x00\x00\x01\x00\x00\x00" OBJECT "\x02\x00\x00\x00"
        "\x11\x11\x11\x11\x22\x22\x33\x33\x04\x04\x04\x04\x04\x04\x04\x04\x05\x00\x06\x00"
        "\x01\x00\x00\x00" NO_HANDLE "\x0a\x00\x00\x00";
    static const struct epmap_handle none;
    uint8_t out[256];

    ck_assert_uint_eq(epmap_put_lookup(out, sizeof(out), 3, &object, &interface, 1, &none, 10),
                      sizeof(expected) - 1);
    ck_assert_mem_eq(out, expected, sizeof(expected) - 1);
    ck_assert_uint_eq(epmap_put_lookup(out, sizeof(out), 0, NULL, NULL, 1, &none, 10), sizeof(expected) - 37);
}
END_TEST

/* A context handle and two entries; the second's tower is NULL. */
START_TEST(lookup_answer)
{
    static const char reply[] =
        "\x00\x00\x00\x00" OBJECT "\x02\x00\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00" OBJECT
        "\x07\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00"
        "text\x00\x00\x00\x00" OBJECT
        "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00" COUNTED_TOWER "\x00\x00\x00\x00";
    struct epmap_entry entries[2];
    struct epmap_handle handle;
    uint32_t count, status;
    size_t length;

    ck_assert(epmap_get_lookup((const uint8_t *)reply, sizeof(reply) - 1, false, &handle, entries, 2, &count,
                               &status));
    ck_assert_uint_eq(count, 2);
    ck_assert(wire_uuid_equal(&handle.uuid, &object));
    ck_assert(wire_uuid_equal(&entries[1].object, &object));
    ck_assert_uint_eq(entries[0].annotation_length, 4);
    ck_assert_mem_eq(entries[0].annotation, "text", 4);
    ck_assert_uint_eq(entries[0].tower.length, tower.length);
    ck_assert_mem_eq(entries[0].tower.octets, tower.octets, tower.length);
    ck_assert(!entries[1].tower.octets);
    for (length = 0; length < sizeof(reply) - 1; length++) {
        uint8_t *copy = malloc(length ? length : 1);

        memcpy(copy, reply, length);
        ck_assert(!epmap_get_lookup(copy, length, false, &handle, entries, 2, &count, &status));
        free(copy);
    }
    ck_assert(!epmap_get_lookup((const uint8_t *)reply, sizeof(reply) - 1, false, &handle, entries, 1, &count,
                                &status));
}
END_TEST

START_TEST(mgmt_delete)
{
    static const char expected[] = "\x01\x00\x00\x00\x01\x00\x00\x00" OBJECT "\x02\x00\x00\x00"
                                   "\x45\x00\x00\x00\x45\x00\x00\x00" TOWER;
    uint8_t out[256];

    ck_assert_uint_eq(epmap_put_mgmt_delete(out, sizeof(out), &object, &tower), sizeof(expected) - 1);
    ck_assert_mem_eq(out, expected, sizeof(expected) - 1);
}
END_TEST

Suite *suite_epmap(void)
{
    Suite *suite = suite_create("epmap");
    TCase *tests = tcase_create("epmap");

    tcase_add_test(tests, entries);
    tcase_add_test(tests, long_annotation);
    tcase_add_test(tests, mend);
    tcase_add_test(tests, map);
    tcase_add_test(tests, map_answer);
    tcase_add_test(tests, map_answer_flipped);
    tcase_add_test(tests, lookup);
    tcase_add_test(tests, lookup_answer);
    tcase_add_test(tests, mgmt_delete);
    suite_add_tcase(suite, tests);
    return suite;
}
