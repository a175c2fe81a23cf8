/*
 * Extended error information: octets written out from [MS-EERR] 2.2.1 in NDR, what comes back, and what is
 * refused.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/eerr.h"

#define WORD(value) value "\x00\x00\x00"

/* A record with a computer and two parameters that has a plain one for its cause. */
static const char chain[] =
    /* headers */
    "\x01\x10\x08\x00\xcc\xcc\xcc\xcc" WORD("\x88") WORD("\x00")
    /* conformance, padding, Next, ComputerName */
    WORD("\x02") WORD("\x00") "\x00\x00\x02\x00\x01\x00\x01\x00\x02\x00\x00\x00\x04\x00\x02\x00"
    /* ProcessID, padding, TimeStamp, GeneratingComponent, Status, DetectionLocation, Flags, nLen, padding */
    WORD("\x07") WORD("\x00") "\x08\x07\x06\x05\x04\x03\x02\x01" WORD("\x02")
        WORD("\x05") "\xb5\x00\x02\x00"
                     "\x02\x00\x00\x00"
                     /* two parameters: a long, and ANSI text */
                     "\x03\x00\x03\x00" WORD("\x09") "\x01\x00\x01\x00\x03\x00\x00\x00\x08\x00\x02\x00"
    /* the cause: conformance, Next, ComputerName, ProcessID, padding, ... */
    WORD("\x00") WORD("\x00") "\x02\x00\x02\x00" WORD("\x08")
        WORD("\x00") "\x01\x00\x00\x00\x00\x00\x00\x00" WORD("\x08")
            WORD("\x06") "\x3d\x01\x00\x00\x00\x00\x00\x00"
    /* the first one's name and text, padding */
    WORD("\x02") "C\x00\x00\x00" WORD("\x03") "ab\x00\x00";

static struct eerr_record two[2];

static void make_two(void)
{
    memset(two, 0, sizeof(two));
    two[0].has_computer = true;
    two[0].computer = (struct eerr_text){(const uint8_t *)"C\0\0", 2};
    two[0].process = 7;
    two[0].time = 0x0102030405060708;
    two[0].component = 2;
    two[0].status = 5;
    two[0].location = 181;
    two[0].flags = EERR_NEXT_MISSING;
    two[0].count = 2;
    two[0].params[0] = (struct eerr_param){.type = EERR_LONG, .value = 9};
    two[0].params[1] = (struct eerr_param){.type = EERR_ANSI, .text = {(const uint8_t *)"ab", 3}};
    two[1].process = 8;
    two[1].time = 1;
    two[1].component = 8;
    two[1].status = 6;
    two[1].location = 317;
}

START_TEST(octets)
{
    uint8_t out[512];
    size_t length;

    make_two();
    length = eerr_encode(NULL, 0, two, 2);
    ck_assert_uint_eq(length % 8, 0);
    ck_assert_uint_eq(eerr_encode(out, sizeof(out), two, 2), length);
    ck_assert_uint_eq(length, sizeof(chain) - 1);
    ck_assert_mem_eq(out, chain, length);
}
END_TEST

static void check_two(const struct eerr_record *records)
{
    ck_assert(records[0].has_computer);
    ck_assert_uint_eq(records[0].computer.count, 2);
    ck_assert_uint_eq(eerr_char(&records[0].computer, 0, false), 'C');
    ck_assert_uint_eq(records[0].process, 7);
    ck_assert(records[0].time == 0x0102030405060708);
    ck_assert_uint_eq(records[0].location, 181);
    ck_assert_uint_eq(records[0].flags, EERR_NEXT_MISSING);
    ck_assert_uint_eq(records[0].count, 2);
    ck_assert_uint_eq(records[0].params[0].value, 9);
    ck_assert_uint_eq(records[0].params[1].text.count, 3);
    ck_assert_mem_eq(records[0].params[1].text.octets, "ab", 3);
    ck_assert(!records[1].has_computer);
    ck_assert_uint_eq(records[1].component, 8);
    ck_assert_uint_eq(records[1].location, 317);
    ck_assert_uint_eq(records[1].count, 0);
}

START_TEST(back)
{
    struct eerr_record records[EERR_RECORDS];
    unsigned count;
    bool big;

    ck_assert(eerr_decode((const uint8_t *)chain, sizeof(chain) - 1, records, &count, &big));
    ck_assert_uint_eq(count, 2);
    ck_assert(!big);
    check_two(records);
}
END_TEST

/* The first record as the referent of a pointer. */
START_TEST(pointer)
{
    struct eerr_record records[EERR_RECORDS];
    uint8_t data[sizeof(chain) + 8];
    unsigned count;
    bool big;

    /* pointer, conformance: the padding before the record's second word is gone */
    memcpy(data, chain, 16);
    memcpy(data + 16, "\x00\x00\x02\x00", 4);
    memcpy(data + 20, chain + 16, 4);
    memcpy(data + 24, chain + 24, sizeof(chain) - 1 - 24);
    ck_assert(eerr_decode(data, sizeof(chain) - 1, records, &count, &big));
    ck_assert_uint_eq(count, 2);
    check_two(records);
}
END_TEST

START_TEST(every_type)
{
    struct eerr_record record = {.status = 1, .count = 4}, records[EERR_RECORDS];
    static const struct eerr_param all[] = {
        {.type = EERR_SHORT, .value = (uint64_t)-3},
        {.type = EERR_POINTER, .value = 0x123456789abcdef0},
        {.type = EERR_UNICODE, .text = {(const uint8_t *)"x\0y\0", 2}},
        {.type = EERR_BINARY, .text = {(const uint8_t *)"\1\2\3", 3}},
        {.type = EERR_NONE},
        {.type = EERR_LONG, .value = (uint64_t)-1},
        {.type = EERR_ANSI},
        {.type = EERR_NONE},
    };
    uint8_t out[512];
    unsigned count, first, i;
    size_t length;
    bool big;

    for (first = 0; first < 8; first += 4) {
        memcpy(record.params, all + first, sizeof(record.params));
        length = eerr_encode(out, sizeof(out), &record, 1);
        ck_assert(eerr_decode(out, length, records, &count, &big));
        ck_assert_uint_eq(count, 1);
        for (i = 0; i < 4; i++) {
            const struct eerr_param *got = &records[0].params[i], *put = &record.params[i];

            ck_assert_int_eq(got->type, put->type);
            ck_assert(got->value == put->value);
            ck_assert_uint_eq(got->text.count, put->text.count);
            if (put->text.count)
                ck_assert_mem_eq(got->text.octets, put->text.octets,
                                 put->text.count * (put->type == EERR_UNICODE ? 2u : 1u));
        }
    }
}
END_TEST

START_TEST(long_chain)
{
    struct eerr_record many[EERR_RECORDS + 1] = {{0}}, records[EERR_RECORDS];
    uint8_t out[4096];
    unsigned count, i;
    size_t length;
    bool big;

    for (i = 0; i <= EERR_RECORDS; i++)
        many[i].status = i;
    length = eerr_encode(out, sizeof(out), many, EERR_RECORDS);
    ck_assert_uint_le(length, sizeof(out));
    ck_assert(eerr_decode(out, length, records, &count, &big));
    ck_assert_uint_eq(count, EERR_RECORDS);
    ck_assert_uint_eq(records[EERR_RECORDS - 1].status, EERR_RECORDS - 1);
    length = eerr_encode(out, sizeof(out), many, EERR_RECORDS + 1);
    ck_assert(!eerr_decode(out, length, records, &count, &big));
}
END_TEST

/* Cut short, and with what may not be. */
START_TEST(refused)
{
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {
        {0, 2},     /* version */
        {2, 9},     /* length of the header */
        {16, 3},    /* conformance */
        {28, 3},    /* the computer name's presence */
        {30, 2},    /* its discriminant */
        {33, 0x80}, /* its length, negative */
        {68, 5},    /* number of parameters */
        {72, 8},    /* type of a parameter */
        {74, 4},    /* its discriminant */
    };
    struct eerr_record records[EERR_RECORDS];
    uint8_t *data;
    unsigned count;
    size_t i, length = sizeof(chain) - 1;
    bool big;

    for (i = 0; i < length - 1; i++) { /* the padding at the end is not missed */
        data = malloc(i ? i : 1);
        memcpy(data, chain, i);
        ck_assert(!eerr_decode(data, i, records, &count, &big));
        free(data);
    }
    data = malloc(length);
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        memcpy(data, chain, length);
        data[bad[i].at] = bad[i].value;
        ck_assert_msg(!eerr_decode(data, length, records, &count, &big), "octet %zu", bad[i].at);
    }
    free(data);
}
END_TEST

Suite *suite_eerr(void);

Suite *suite_eerr(void)
{
    Suite *suite = suite_create("eerr");
    TCase *tcase = tcase_create("eerr");

    tcase_add_test(tcase, octets);
    tcase_add_test(tcase, back);
    tcase_add_test(tcase, pointer);
    tcase_add_test(tcase, every_type);
    tcase_add_test(tcase, long_chain);
    tcase_add_test(tcase, refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
