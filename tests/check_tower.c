/*
 * Protocol towers: octets written out from C706 appendix L and I, [MS-RPCE] 2.2.1.2.4.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/tower.h"

static const struct wire_syntax object = {
    {0x11223344, 0x5566, 0x7788, {0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00}}, 5, 6};

/* Floors 1 and 2: interface 5.6 and NDR 2.0. */
#define SYNTAXES                                                                                             \
    "\x13\x00\x0d\x44\x33\x22\x11\x66\x55\x88\x77\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x05\x00\x02\x00\x06\x00"   \
    "\x13\x00\x0d\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60\x02\x00\x02\x00\x00\x00"
#define OCTETS(text) text, sizeof(text) - 1

static const struct {
    const char *protseq, *endpoint, *address, *octets;
    size_t length;
} towers[] = {
    {"ncacn_ip_tcp", "135", "1.2.3.4",
     OCTETS("\x05\x00" SYNTAXES "\x01\x00\x0b\x02\x00\x00\x00"
            "\x01\x00\x07\x02\x00\x00\x87\x01\x00\x09\x04\x00\x01\x02\x03\x04")},
    {"ncacn_np", "\\pipe\\x", "\\\\srv",
     OCTETS("\x05\x00" SYNTAXES "\x01\x00\x0b\x02\x00\x00\x00"
            "\x01\x00\x0f\x08\x00\\pipe\\x\x00\x01\x00\x11\x06\x00\\\\srv\x00")},
    {"ncalrpc", "name", "",
     OCTETS("\x04\x00" SYNTAXES "\x01\x00\x0c\x02\x00\x00\x00\x01\x00\x10\x05\x00name\x00")},
    {"ncacn_http", "593", "255.0.10.1",
     OCTETS("\x05\x00" SYNTAXES "\x01\x00\x0b\x02\x00\x00\x00"
            "\x01\x00\x1f\x02\x00\x02\x51\x01\x00\x09\x04\x00\xff\x00\x0a\x01")},
    {"ncadg_ip_udp", "65535", "0.0.0.0",
     OCTETS("\x05\x00" SYNTAXES "\x01\x00\x0a\x02\x00\x00\x00"
            "\x01\x00\x08\x02\x00\xff\xff\x01\x00\x09\x04\x00\x00\x00\x00\x00")},
};
enum { TOWERS = sizeof(towers) / sizeof(*towers) };

START_TEST(encode)
{
    uint8_t out[128];
    size_t length = wire_encode_tower(out, sizeof(out), &object, &wire_ndr20, towers[_i].protseq,
                                      towers[_i].endpoint, towers[_i].address);

    ck_assert_uint_eq(length, towers[_i].length);
    ck_assert_mem_eq(out, towers[_i].octets, length);
    memset(out, 0x55, sizeof(out));
    ck_assert_uint_eq(wire_encode_tower(out, length - 1, &object, &wire_ndr20, towers[_i].protseq,
                                        towers[_i].endpoint, towers[_i].address),
                      length);
    ck_assert_uint_eq(out[0], 0x55);
}
END_TEST

START_TEST(decode)
{
    struct tower tower;
    char text[64];

    ck_assert(wire_decode_tower((const uint8_t *)towers[_i].octets, towers[_i].length, &tower));
    ck_assert(wire_syntax_equal(&tower.object, &object));
    ck_assert(wire_syntax_equal(&tower.transfer, &wire_ndr20));
    ck_assert_str_eq(tower.protseq, towers[_i].protseq);
    ck_assert_uint_eq(wire_tower_endpoint(&tower, text), strlen(towers[_i].endpoint));
    ck_assert_str_eq(text, towers[_i].endpoint);
    ck_assert_uint_eq(wire_tower_address(&tower, text), strlen(towers[_i].address));
    ck_assert_str_eq(text, towers[_i].address);
}
END_TEST

/* A copy of exactly its length, so that ASan sees one octet too many. */
static bool decode_copy(const void *octets, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    struct tower tower;
    char *text;
    bool good;

    memcpy(copy, octets, length);
    good = wire_decode_tower(copy, length, &tower);
    if (good) {
        text = malloc(wire_tower_endpoint(&tower, NULL) + 1);
        wire_tower_endpoint(&tower, text);
        free(text);
        text = malloc(wire_tower_address(&tower, NULL) + 1);
        wire_tower_address(&tower, text);
        free(text);
    }
    free(copy);
    return good;
}

START_TEST(truncated)
{
    size_t length;

    for (length = 0; length < towers[_i].length; length++)
        ck_assert(!decode_copy(towers[_i].octets, length));
}
END_TEST

START_TEST(flipped)
{
    uint8_t octets[128];
    size_t bit;

    for (bit = 0; bit < 8 * towers[_i].length; bit++) {
        memcpy(octets, towers[_i].octets, towers[_i].length);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        decode_copy(octets, towers[_i].length);
    }
}
END_TEST

START_TEST(refuse)
{
    uint8_t out[128];

    ck_assert_uint_eq(wire_encode_tower(out, 128, &object, &wire_ndr20, "junk", "1", ""), 0);
    ck_assert_uint_eq(wire_encode_tower(out, 128, &object, &wire_ndr20, "ncacn_ip_tcp", "65536", ""), 0);
    ck_assert_uint_eq(wire_encode_tower(out, 128, &object, &wire_ndr20, "ncacn_ip_tcp", "1x", ""), 0);
    ck_assert_uint_eq(wire_encode_tower(out, 128, &object, &wire_ndr20, "ncacn_ip_tcp", "-1", ""), 0);
}
END_TEST

/* Wine counts five floors in a tower of ncalrpc that has four; the right side of its third is empty. */
START_TEST(wine_lrpc)
{
    static const char octets[] = "\x05\x00" SYNTAXES "\x01\x00\x0c\x00\x00\x01\x00\x10\x05\x00name";
    struct tower tower;
    char text[64];

    ck_assert(wire_decode_tower((const uint8_t *)octets, sizeof(octets), &tower));
    ck_assert_str_eq(tower.protseq, "ncalrpc");
    wire_tower_endpoint(&tower, text);
    ck_assert_str_eq(text, "name");
}
END_TEST

START_TEST(absent)
{
    struct tower tower;
    uint8_t out[128];
    char text[TOWER_NUMBER_TEXT];
    size_t length = wire_encode_tower(out, 128, &object, &wire_ndr20, "ncacn_ip_tcp", NULL, "no.quad");

    ck_assert(wire_decode_tower(out, length, &tower));
    wire_tower_endpoint(&tower, text);
    ck_assert_str_eq(text, "0");
    wire_tower_address(&tower, text);
    ck_assert_str_eq(text, "0.0.0.0");
}
END_TEST

Suite *suite_tower(void)
{
    Suite *suite = suite_create("tower");
    TCase *tests = tcase_create("tower");

    tcase_add_loop_test(tests, encode, 0, TOWERS);
    tcase_add_loop_test(tests, decode, 0, TOWERS);
    tcase_add_loop_test(tests, truncated, 0, TOWERS);
    tcase_add_loop_test(tests, flipped, 0, TOWERS);
    tcase_add_test(tests, refuse);
    tcase_add_test(tests, wine_lrpc);
    tcase_add_test(tests, absent);
    suite_add_tcase(suite, tests);
    return suite;
}
