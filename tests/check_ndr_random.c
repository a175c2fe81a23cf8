/*
 * Random values of random types (host/model.c): what the engine marshals is what the model's own encoder
 * writes, the size computed is the size used, what comes back is equal, nothing stays allocated, and no
 * prefix is accepted.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/model.h"

enum { ROUNDS = 4000, PART = 8, ROOM = 1 << 18 };

static BOOLEAN all_freed; /* by the routine that is there for it */

static void end_side(struct stub *stub)
{
    if (all_freed)
        ck_assert_int_eq(model_made, 0);
    model_stub_end(stub);
    stub_end(stub);
}

/* What routines made is in memory of the test's own. */
static void end_own(struct stub *stub)
{
    model_made = 0;
    end_side(stub);
}

static void check_marshal(struct model *model, unsigned char *value, const unsigned char *octets, size_t size)
{
    struct stub stub;

    model_stub(model, &stub, TRUE);
    ck_assert_uint_eq(stub_size(&stub, value, model_format(model)), 0);
    ck_assert_uint_eq(stub.msg.BufferLength, size);
    ck_assert_uint_eq(stub_marshal(&stub, value, model_format(model)), 0);
    ck_assert_ptr_eq(stub.msg.Buffer, (unsigned char *)stub.rpc.Buffer + size);
    ck_assert_mem_eq(stub.rpc.Buffer, octets, size);
    end_side(&stub);
}

static void free_value(struct stub *stub, unsigned char *value, struct model *model)
{
    ck_assert_uint_eq(stub_free(stub, value, model_format(model)), 0);
    if (model->form != MODEL_BYTE_COUNT && (value < stub->msg.BufferStart || value >= stub->msg.BufferEnd))
        host_free(value);
}

/* On the side asked for, into new memory: equal, and all given back by one Free. */
static void check_unmarshal(struct model *model, const unsigned char *value, const unsigned char *octets,
                            size_t size, BOOLEAN is_client, BOOLEAN must_alloc)
{
    struct stub stub;
    unsigned char *got = NULL;

    model_stub(model, &stub, is_client);
    stub_receive(&stub, octets, size);
    ck_assert_uint_eq(stub_unmarshal(&stub, &got, model_format(model), must_alloc), 0);
    ck_assert_ptr_eq(stub.msg.Buffer, stub.msg.BufferEnd);
    ck_assert(model_equal(model, value, got));
    free_value(&stub, got, model);
    end_side(&stub);
}

/* A client's own memory takes an equal value without anything new. */
static void check_reuse(struct model *model, unsigned char *value, const unsigned char *octets, size_t size)
{
    struct stub stub;
    unsigned char *where = value;

    model_stub(model, &stub, TRUE);
    stub_receive(&stub, octets, size);
    host_fail_after = 0;
    ck_assert_uint_eq(stub_unmarshal(&stub, &where, model_format(model), FALSE), 0);
    ck_assert_ptr_eq(where, value);
    end_own(&stub);
}

/* The client's own block of so many octets takes the value, or the status given. */
static void check_room(struct model *model, const unsigned char *value, const unsigned char *octets,
                       size_t size, ULONG room, ULONG status)
{
    unsigned char *block = calloc(1, room), *where = block;
    struct stub stub;

    model->stack[4] = room;
    model_stub(model, &stub, TRUE);
    stub_receive(&stub, octets, size);
    host_fail_after = model_reuses(model) ? 0 : -1;
    ck_assert_uint_eq(stub_unmarshal(&stub, &where, model_format(model), FALSE), status);
    ck_assert_ptr_eq(where, block);
    ck_assert(status || model_equal(model, value, block));
    free(block);
    end_own(&stub);
}

/* A block of as many octets as its byte_count says takes the value whole; one octet less does not. */
static void check_byte_count(struct model *model, const unsigned char *value, const unsigned char *octets,
                             size_t size)
{
    struct stub stub;
    ULONG room;

    model_stub(model, &stub, TRUE);
    stub_receive(&stub, octets, size);
    ck_assert_uint_eq(stub_memory_size(&stub, model_format(model)), 0);
    room = stub.msg.MemorySize;
    end_side(&stub);
    check_room(model, value, octets, size, room, 0);
    check_room(model, value, octets, size, room - 1, RPC_X_BYTE_COUNT_TOO_SMALL);
}

/* All but the gap before an array of no elements is needed. */
static void check_prefix(struct model *model, const unsigned char *octets, size_t size, size_t cut)
{
    struct stub stub;
    unsigned char *got = NULL;
    ULONG code;

    model_stub(model, &stub, FALSE);
    stub_receive(&stub, octets, cut);
    code = stub_unmarshal(&stub, &got, model_format(model), FALSE);
    if (!code && cut + 8 > size)
        free_value(&stub, got, model);
    else
        ck_assert_uint_eq(code, RPC_X_BAD_STUB_DATA);
    end_side(&stub);
}

/* With less memory than it needs it fails, and gives back what it had. */
static void check_short(struct model *model, const unsigned char *octets, size_t size, long blocks)
{
    struct stub stub;
    unsigned char *got = NULL;
    ULONG code;

    model_stub(model, &stub, TRUE);
    stub_receive(&stub, octets, size);
    host_fail_after = blocks;
    code = stub_unmarshal(&stub, &got, model_format(model), FALSE);
    host_fail_after = -1;
    if (!code)
        free_value(&stub, got, model);
    else
        ck_assert_uint_eq(code, RPC_S_OUT_OF_MEMORY);
    end_side(&stub);
}

static void check_skim(struct model *model, const unsigned char *octets, size_t size)
{
    struct stub stub;

    model_stub(model, &stub, FALSE);
    stub_receive(&stub, octets, size);
    ck_assert_uint_eq(stub_memory_size(&stub, model_format(model)), 0);
    ck_assert_ptr_eq(stub.msg.Buffer, stub.msg.BufferEnd);
    end_side(&stub);
}

static void check_big_endian(struct model *model, const unsigned char *big, const unsigned char *octets,
                             size_t size)
{
    struct stub stub;

    model_stub(model, &stub, FALSE);
    stub_receive(&stub, big, size);
    ck_assert_uint_eq(stub_convert(&stub, model_format(model), NDR_BIG_ENDIAN), 0);
    ck_assert_mem_eq(stub.rpc.Buffer, octets, size);
    end_side(&stub);
}

static void check_big_endian_prefix(struct model *model, const unsigned char *big, size_t size, size_t cut)
{
    struct stub stub;
    ULONG code;

    model_stub(model, &stub, FALSE);
    stub_receive(&stub, big, cut);
    code = stub_convert(&stub, model_format(model), NDR_BIG_ENDIAN);
    if (code || cut + 8 <= size)
        ck_assert_uint_eq(code, RPC_X_BAD_STUB_DATA);
    end_side(&stub);
}

static void check_one(ULONGLONG seed)
{
    unsigned char *octets = malloc(ROOM), *big = malloc(ROOM), *value;
    struct model model;
    size_t size, cut;

    model_begin(&model, seed, 1 + seed % 5);
    all_freed = !model_takes_all_nodes(&model);
    model_made = 0;
    value = model_value(&model);
    size = model_encode(&model, value, FALSE, octets, ROOM);
    if (size && model_usable(&model)) {
        check_marshal(&model, value, octets, size);
        check_unmarshal(&model, value, octets, size, FALSE, FALSE);
        check_unmarshal(&model, value, octets, size, FALSE, TRUE);
        check_unmarshal(&model, value, octets, size, TRUE, FALSE);
        if (model.form == MODEL_BYTE_COUNT && model_holds(&model))
            check_byte_count(&model, value, octets, size);
        else if (model_reuses(&model))
            check_reuse(&model, value, octets, size);
        check_skim(&model, octets, size);
        ck_assert_uint_eq(model_encode(&model, value, TRUE, big, ROOM), size);
        check_big_endian(&model, big, octets, size);
        for (cut = 0; cut < size; cut += 1 + size / 16) {
            check_prefix(&model, octets, size, cut);
            check_big_endian_prefix(&model, big, size, cut);
        }
        check_short(&model, octets, size, (long)(seed % 7));
    }
    model_end(&model);
    free(octets);
    free(big);
}

START_TEST(random_types)
{
    ULONGLONG seed;

    for (seed = _i * (ROUNDS / PART); seed < (_i + 1) * (ULONGLONG)(ROUNDS / PART); seed++)
        check_one(seed + 1);
}
END_TEST

Suite *suite_ndr_random(void)
{
    Suite *suite = suite_create("NDR random");
    TCase *tests = tcase_create("random");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, random_types, 0, PART);
    suite_add_tcase(suite, tests);
    return suite;
}
