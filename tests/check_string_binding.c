/*
 * String bindings: C706 3.1 and the SDK page "String Binding".
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/string_binding.h"

#define OBJECT "12345678-9abc-def0-1234-56789abcdef0"

static uint16_t *widen(const char *text)
{
    size_t i, length = strlen(text);
    uint16_t *wide = malloc((length + 1) * sizeof(*wide));

    for (i = 0; i <= length; i++)
        wide[i] = (uint8_t)text[i];
    return wide;
}

static void check_part(const char *binding, const struct binding_text *part, const char *expected)
{
    uint16_t *got, *wide;
    size_t length;

    if (!expected) {
        ck_assert_msg(!part->text, "%s: a part that is not there", binding);
        return;
    }
    ck_assert_msg(part->text != NULL, "%s: no %s", binding, expected);
    got = malloc((part->length + 1) * sizeof(*got));
    wide = widen(expected);
    length = wire_binding_plain(part, got);
    ck_assert_uint_eq(length, wire_binding_plain(part, NULL));
    ck_assert_msg(length == strlen(expected) && !memcmp(got, wide, (length + 1) * sizeof(*got)),
                  "%s: part %s differs", binding, expected);
    free(got);
    free(wide);
}

struct split_case {
    const char *binding, *parts[BINDING_PARTS];
};

static const struct split_case good[] = {
    {"ncacn_ip_tcp:", {NULL, "ncacn_ip_tcp", "", NULL, NULL}},
    {"ncacn_ip_tcp:host", {NULL, "ncacn_ip_tcp", "host", NULL, NULL}},
    {"ncacn_ip_tcp:host[135]", {NULL, "ncacn_ip_tcp", "host", "135", NULL}},
    {"ncacn_ip_tcp:[135]", {NULL, "ncacn_ip_tcp", "", "135", NULL}},
    {"ncacn_ip_tcp:h[]", {NULL, "ncacn_ip_tcp", "h", "", NULL}},
    {OBJECT "@ncalrpc:[name]", {OBJECT, "ncalrpc", "", "name", NULL}},
    {"ncacn_np:\\\\\\\\srv[\\\\pipe\\\\x]", {NULL, "ncacn_np", "\\\\srv", "\\pipe\\x", NULL}},
    {"ncacn_np:s[p,Security=a b,x=y]", {NULL, "ncacn_np", "s", "p", "Security=a b,x=y"}},
    {"ncacn_np:s[,x=y]", {NULL, "ncacn_np", "s", "", "x=y"}},
    {"ncacn_np:s[x=y]", {NULL, "ncacn_np", "s", NULL, "x=y"}},
    {"ncacn_np:s[endpoint=p]", {NULL, "ncacn_np", "s", "p", NULL}},
    {"ncacn_np:s[Endpoint=p,x=y]", {NULL, "ncacn_np", "s", "p", "x=y"}},
    {"ncacn_np:s[x=y,endpoint=p]", {NULL, "ncacn_np", "s", "p", "x=y"}},
    {"ncacn_ip_tcp:fe80::1[1]", {NULL, "ncacn_ip_tcp", "fe80::1", "1", NULL}},
    {"ncacn_ip_tcp:a\\:b\\[c\\][1]", {NULL, "ncacn_ip_tcp", "a:b[c]", "1", NULL}},
    {"ncacn_at_dsp:a@b", {NULL, "ncacn_at_dsp", "a@b", NULL, NULL}},
    {"ncalrpc:[a\\,b\\]c\\=d]", {NULL, "ncalrpc", "", "a,b]c=d", NULL}},
};

START_TEST(split)
{
    struct binding_text parts[BINDING_PARTS];
    uint16_t *wide = widen(good[_i].binding);
    int i;

    ck_assert_int_eq(wire_binding_split(wide, parts), BINDING_OK);
    for (i = 0; i < BINDING_PARTS; i++)
        check_part(good[_i].binding, &parts[i], good[_i].parts[i]);
    free(wide);
}
END_TEST

static const struct {
    const char *binding;
    enum binding_error error;
} bad[] = {
    {"", BINDING_BAD_STRING},
    {"ncacn_np", BINDING_BAD_STRING},
    {":host", BINDING_BAD_STRING},
    {"ncacn_np:s[", BINDING_BAD_STRING},
    {"ncacn_np:s[p", BINDING_BAD_STRING},
    {"ncacn_np:s[p]x", BINDING_BAD_STRING},
    {"ncacn_np:s[p\\]", BINDING_BAD_STRING},
    {"ncacn_np:s\\", BINDING_BAD_STRING},
    {"ncacn_np:s[p,endpoint=q]", BINDING_BAD_STRING},
    {"ncacn_np:s[a=b,endpoint=q,c=d]", BINDING_BAD_STRING},
    {"@ncacn_np:s", BINDING_BAD_UUID},
    {"bad@ncacn_np:s", BINDING_BAD_UUID},
    {"{" OBJECT "}@ncacn_np:s", BINDING_BAD_UUID},
};

START_TEST(refuse)
{
    struct binding_text parts[BINDING_PARTS];
    uint16_t *wide = widen(bad[_i].binding);

    ck_assert_int_eq(wire_binding_split(wide, parts), bad[_i].error);
    free(wide);
}
END_TEST

/* Whatever parts are joined, splitting gives the same parts; each size but the last is told to be too small.
 */
START_TEST(join_and_split)
{
    static const char *const wild[] = {"", "plain", "\\pipe\\x", "a,b=c[d]e@f:g\\", "\\\\srv", "[]"};
    enum { WILD = sizeof(wild) / sizeof(*wild) };
    const char *parts[BINDING_PARTS] = {_i & 1 ? OBJECT : "", "ncacn_np", wild[_i / 2 % WILD],
                                        wild[_i / 2 / WILD % WILD], _i & 1 ? "Security=x,y=z" : ""};
    uint16_t *wide[BINDING_PARTS], *joined;
    struct binding_text split[BINDING_PARTS];
    size_t size;
    int i;

    for (i = 0; i < BINDING_PARTS; i++)
        wide[i] = widen(parts[i]);
    size = wire_binding_join((const uint16_t *const *)wide, NULL, 0);
    joined = malloc(size * sizeof(*joined));
    ck_assert_uint_eq(wire_binding_join((const uint16_t *const *)wide, joined, size - 1), size);
    ck_assert_uint_eq(wire_binding_join((const uint16_t *const *)wide, joined, size), size);
    ck_assert_uint_eq(joined[size - 1], 0);
    ck_assert_int_eq(wire_binding_split(joined, split), BINDING_OK);
    for (i = 0; i < BINDING_PARTS; i++)
        if (*parts[i])
            check_part("joined", &split[i], parts[i]);
        else
            ck_assert_uint_eq(wire_binding_plain(&split[i], NULL), 0);
    for (i = 0; i < BINDING_PARTS; i++)
        free(wide[i]);
    free(joined);
}
END_TEST

Suite *suite_string_binding(void)
{
    Suite *suite = suite_create("string binding");
    TCase *tests = tcase_create("string binding");

    tcase_add_loop_test(tests, split, 0, sizeof(good) / sizeof(*good));
    tcase_add_loop_test(tests, refuse, 0, sizeof(bad) / sizeof(*bad));
    tcase_add_loop_test(tests, join_and_split, 0, 72);
    suite_add_tcase(suite, tests);
    return suite;
}
