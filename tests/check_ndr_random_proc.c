/*
 * Calls of random procedures (host/model_proc.h) from the client's interpreter to the server's: the request
 * is what the model's own encoder writes, the manager is given equal values, the client has them afterwards,
 * nothing stays allocated; so it is for a big-endian client, and a request that is cut short never reaches
 * the manager.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/model_proc.h"

enum { ROUNDS = 2000, PART = 8, ROOM = 1 << 18, BLOCK = 1 << 16 };

static struct model model;
static struct model_proc proc;
static struct model_stack sent;
static unsigned calls;

static void must_equal(const void *value, const void *got)
{
    ck_assert(model_equal(&model, value, got));
}

/* The value of a parameter as a manager has it: context handles that only go in are the handles themselves.
 */
static void *as_given(void **argument, BOOLEAN behind_pointer)
{
    return model.form == MODEL_CONTEXT && !behind_pointer ? argument : *argument;
}

static void manager(void *h, void *a, void *b, void *c, LONGLONG room)
{
    (void)h;
    calls++;
    must_equal(sent.a, as_given(&a, FALSE));
    must_equal(sent.b, as_given(&b, proc.b_comes_back));
    if (!proc.c_comes_back)
        must_equal(sent.c, as_given(&c, FALSE));
    else
        model_copy(&model, c, sent.c);
    ck_assert_int_eq((int)room, (int)sent.room);
}

static void choose_values(void)
{
    sent.h = &sent;
    sent.a = model_value(&model);
    sent.b = model_value(&model);
    sent.c = model_value(&model);
    sent.room = BLOCK;
}

/* What comes back does so into blocks of the client's, as long as byte_count says. */
static void check_call(unsigned char *b, unsigned char *c, const unsigned char *octets, size_t size)
{
    struct model_stack stack = sent;
    long blocks = host_blocks;

    if (model.form == MODEL_CONTEXT)
        stack.a = *(void **)sent.a;
    if (proc.b_comes_back) {
        model_copy(&model, b, sent.b);
        stack.b = b;
    }
    if (proc.c_comes_back)
        stack.c = c;
    ck_assert_uint_eq(channel_call(0, &stack, NULL), 0);
    ck_assert_uint_eq(channel_request_size, size);
    ck_assert_mem_eq(channel_request, octets, size);
    ck_assert_int_eq(host_blocks, blocks);
    must_equal(sent.b, stack.b);
    if (proc.c_comes_back)
        must_equal(sent.c, c);
}

/* The server's side alone, with requests whole and cut short. */
static void check_dispatch(const unsigned char *octets, const unsigned char *big, size_t size)
{
    long blocks = host_blocks;
    unsigned before = calls;
    size_t cut;

    ck_assert_uint_eq(channel_dispatch(0, octets, size, NDR_LITTLE_ENDIAN), 0);
    ck_assert_uint_eq(channel_dispatch(0, big, size, NDR_BIG_ENDIAN), 0);
    ck_assert_uint_eq(calls, before + 2);
    for (cut = 0; cut < size; cut += 1 + size / 16) {
        ck_assert_uint_eq(channel_dispatch(0, octets, cut, NDR_LITTLE_ENDIAN), RPC_X_BAD_STUB_DATA);
        ck_assert_uint_eq(channel_dispatch(0, big, cut, NDR_BIG_ENDIAN), RPC_X_BAD_STUB_DATA);
    }
    ck_assert_uint_eq(calls, before + 2);
    ck_assert_int_eq(host_blocks, blocks);
}

static void check_one(ULONGLONG seed)
{
    unsigned char *octets = malloc(ROOM), *big = malloc(ROOM), *blocks = calloc(2, BLOCK);
    size_t size;

    model_begin(&model, seed, 1 + seed % 5);
    if (model_usable(&model)) {
        model_proc_open(&proc, &model, manager);
        choose_values();
        size = model_proc_encode(&proc, &sent, FALSE, octets, ROOM);
        ck_assert_uint_eq(model_proc_encode(&proc, &sent, TRUE, big, ROOM), size);
        if (size) {
            check_call(blocks, blocks + BLOCK, octets, size);
            check_dispatch(octets, big, size);
        }
    }
    model_end(&model);
    free(octets);
    free(big);
    free(blocks);
}

START_TEST(random_procedures)
{
    ULONGLONG seed;

    for (seed = _i * (ROUNDS / PART); seed < (_i + 1) * (ULONGLONG)(ROUNDS / PART); seed++)
        check_one(seed + 1);
}
END_TEST

Suite *suite_ndr_random_proc(void)
{
    Suite *suite = suite_create("NDR random procedures");
    TCase *tests = tcase_create("random procedures");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, random_procedures, 0, PART);
    suite_add_tcase(suite, tests);
    return suite;
}
