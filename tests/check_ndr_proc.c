/*
 * The interpreters of both sides, a call at a time over a channel of memory: requests and replies octet by
 * octet (C706 chapter 14), values, failures of either side, and that nothing stays allocated.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "host/ndr_case.h"
#include "host/proc_case.h"
#include "ndr/pipe.h"

static long blocks;

static void setup(void)
{
    proc_case_open();
    host_fail_after = -1;
    blocks = host_blocks;
}

static void expect_octets(const unsigned char *got, size_t size, const char *text)
{
    unsigned char octets[256];

    ck_assert_uint_eq(size, hex(text, octets, sizeof(octets)));
    ck_assert_mem_eq(got, octets, size);
}

struct base_stack {
    void *h;
    LONGLONG a, b;
    int *c;
    LONGLONG *d;
};

START_TEST(base_types)
{
    int c = 41;
    LONGLONG d = 0;
    struct base_stack stack = {&c, 0xfe, -3, &c, &d};
    ULONGLONG result = 0;

    ck_assert_uint_eq(channel_call(PROC_BASE, &stack, &result), 0);
    ck_assert_int_eq((LONGLONG)result, 0xfe - 3);
    ck_assert_int_eq(c, 42);
    ck_assert_int_eq(d, 0x100000000);
    expect_octets(channel_request, channel_request_size, "fe00 fdff 29000000");
    expect_octets(channel_reply, channel_reply_size, "2a000000 00000000 0000000001000000 fb00000000000000");
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

START_TEST(null_arguments)
{
    int c = 1;
    LONGLONG d = 0;
    struct base_stack no_handle = {NULL, 1, 2, &c, &d}, no_in = {&c, 1, 2, NULL, &d},
                      no_out = {&c, 1, 2, &c, NULL};

    ck_assert_uint_eq(channel_call(PROC_BASE, &no_handle, NULL), RPC_S_INVALID_BINDING);
    ck_assert_uint_eq(channel_call(PROC_BASE, &no_in, NULL), RPC_X_NULL_REF_POINTER);
    ck_assert_uint_eq(channel_call(PROC_BASE, &no_out, NULL), RPC_X_NULL_REF_POINTER);
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

struct string_stack {
    void *h;
    const unsigned short *s;
    LONGLONG n;
    const int *v;
    int *sum;
};

START_TEST(string_and_array)
{
    static const unsigned short text[] = {'a', 'b', 0};
    static const int values[] = {1000, 2000};
    int sum = 7;
    struct string_stack stack = {&sum, text, 2, values, &sum};

    ck_assert_uint_eq(channel_call(PROC_STRING, &stack, NULL), 0);
    ck_assert_int_eq(sum, 'a' + 'b' + 3000);
    expect_octets(channel_request, channel_request_size,
                  "03000000 00000000 03000000 6100 6200 0000 0000 02000000 02000000 e8030000 d0070000");
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

/* The array's size on the wire is not what its parameter says. */
START_TEST(correlation)
{
    unsigned char octets[64];
    size_t size = hex("01000000 00000000 01000000 0000 0000 03000000 02000000 e8030000 d0070000", octets, 64);

    ck_assert_uint_ne(channel_dispatch(PROC_STRING, octets, size, NDR_LOCAL_DATA_REPRESENTATION), 0);
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

struct outs_stack {
    void *h;
    LONGLONG n;
    int *v;
    char **s;
};

START_TEST(outs)
{
    int v[4] = {9, 9, 9, 9};
    char *s = NULL;
    struct outs_stack stack = {&s, 4, v, &s};
    ULONGLONG result = 0;

    ck_assert_uint_eq(channel_call(PROC_OUTS, &stack, &result), 0);
    ck_assert_int_eq((int)result, 5);
    ck_assert_int_eq(v[3], 9);
    ck_assert_str_eq(s, "hello");
    ck_assert_int_eq(host_blocks, blocks + 1);
    host_free(s);
}
END_TEST

/* After a fault, and after memory was short at any point, nothing is left and [out] pointers are NULL. */
START_TEST(failures)
{
    int v[4];
    char *s = (char *)v;
    struct outs_stack stack = {&s, 4, v, &s};
    ULONG code = 1;
    long i;

    proc_raises = 0xe0001234;
    ck_assert_uint_eq(channel_call(PROC_OUTS, &stack, NULL), 0xe0001234);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(host_blocks, blocks);
    proc_raises = 0;
    for (i = 0; code; i++) {
        if (i == 1)
            continue; /* the manager's own */
        host_fail_after = i;
        s = NULL;
        code = channel_call(PROC_OUTS, &stack, NULL);
        if (code) {
            ck_assert_uint_eq(code, RPC_S_OUT_OF_MEMORY);
            ck_assert_ptr_null(s);
            ck_assert_int_eq(host_blocks, blocks);
        }
    }
    host_fail_after = -1;
    ck_assert_int_gt(i, 2);
    host_free(s);
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

START_TEST(linked_list)
{
    struct proc_node third = {3, NULL}, second = {2, &third}, head = {1, &second};
    struct {
        void *h;
        struct proc_node *head;
    } stack = {&head, &head};

    ck_assert_uint_eq(channel_call(PROC_LIST, &stack, NULL), 0);
    ck_assert_int_eq(head.value, -1);
    ck_assert_int_eq(second.value, -2);
    ck_assert_int_eq(third.value, -3);
    ck_assert_ptr_eq(second.next, &third);
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

struct source {
    int at, total, memory[4];
};

static void pull(char *state, void *elements, ULONG capacity, ULONG *count)
{
    struct source *source = (struct source *)state;

    for (*count = 0; *count < capacity && source->at < source->total; ++*count)
        ((int *)elements)[*count] = source->at++;
}

static void allocate(char *state, ULONG octets, void **memory, ULONG *given)
{
    struct source *source = (struct source *)state;

    (void)octets;
    *memory = source->memory;
    *given = sizeof(source->memory);
}

START_TEST(in_pipe)
{
    struct source source = {.total = 6};
    struct ndr_pipe_routines routines = {pull, NULL, allocate, (char *)&source};
    int sum = -1;
    struct {
        void *h;
        struct ndr_pipe_routines *p;
        int *sum;
    } stack = {&sum, &routines, &sum};

    ck_assert_uint_eq(channel_call(PROC_PIPE, &stack, NULL), 0);
    ck_assert_int_eq(sum, 15);
    expect_octets(channel_request, channel_request_size,
                  "04000000 00000000 01000000 02000000 03000000 02000000 04000000 05000000 00000000");
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

/* The same chunks in parts of every size, from either kind of sender; and every proper prefix is refused. */
START_TEST(in_pipe_in_parts)
{
    static const char *const requests[] = {
        "04000000 00000000 01000000 02000000 03000000 02000000 04000000 05000000 00000000",
        "00000004 00000000 00000001 00000002 00000003 00000002 00000004 00000005 00000000"};
    static const ULONG representations[] = {NDR_LOCAL_DATA_REPRESENTATION, NDR_BIG_ENDIAN};
    unsigned char octets[64];
    size_t size = hex(requests[_i & 1], octets, 64), i;

    channel_part = _i / 2;
    ck_assert_uint_eq(channel_dispatch(PROC_PIPE, octets, size, representations[_i & 1]), 0);
    expect_octets(channel_reply, channel_reply_size, "0f000000");
    for (i = 0; i < size; i++) {
        ck_assert_uint_eq(channel_dispatch(PROC_PIPE, octets, i, representations[_i & 1]),
                          RPC_X_BAD_STUB_DATA);
        ck_assert_int_eq(host_blocks, blocks);
    }
    channel_part = 0;
}
END_TEST

/* A chunk of more elements than there are. */
START_TEST(hostile_chunk)
{
    unsigned char octets[64];
    size_t size = hex("ffffffff 00000000 01000000 02000000", octets, 64);

    for (channel_part = 0; channel_part < 9; channel_part++) {
        ck_assert_uint_eq(channel_dispatch(PROC_PIPE, octets, size, NDR_LOCAL_DATA_REPRESENTATION),
                          RPC_X_BAD_STUB_DATA);
        ck_assert_int_eq(host_blocks, blocks);
    }
    channel_part = 0;
}
END_TEST

/* A big-endian sender; and every proper prefix of its request is refused. */
START_TEST(big_endian)
{
    unsigned char octets[64];
    size_t size = hex("00000003 00000000 00000003 0061 0062 0000 0000 00000002 00000002 000003e8 000007d0",
                      octets, 64),
           i;

    ck_assert_uint_eq(channel_dispatch(PROC_STRING, octets, size, NDR_BIG_ENDIAN), 0);
    expect_octets(channel_reply, channel_reply_size, "7b0c0000");
    for (i = 0; i < size; i++) {
        ck_assert_uint_eq(channel_dispatch(PROC_STRING, octets, i, NDR_BIG_ENDIAN), RPC_X_BAD_STUB_DATA);
        ck_assert_int_eq(host_blocks, blocks);
    }
}
END_TEST

/* The manager of an asynchronous procedure completes its call, and that is all freed, before it returns. */
static struct ndr_call *completed;

static void complete(void)
{
    ndr_server_delete(completed);
}

static void unmarshal(void *context)
{
    ndr_server_unmarshal(context);
}

START_TEST(completed_inside)
{
    unsigned char octets[64];
    RPC_MESSAGE message;
    ULONGLONG result = 0;

    channel_message(&message, PROC_BASE, octets, hex("fe00 fdff 29000000", octets, sizeof(octets)));
    completed = ndr_server_new(&message, channel_server(), FALSE);
    ck_assert_uint_eq(os_try(unmarshal, completed), 0);
    proc_ends = complete;
    ck_assert(ndr_server_invoke(completed, &result));
    ck_assert_int_eq((LONGLONG)result, 0xfe - 3);
    ck_assert_int_eq(host_blocks, blocks);
}
END_TEST

Suite *suite_ndr_proc(void);
Suite *suite_ndr_proc(void)
{
    Suite *suite = suite_create("ndr_proc");
    TCase *calls = tcase_create("calls");

    tcase_add_checked_fixture(calls, setup, NULL);
    tcase_add_test(calls, base_types);
    tcase_add_test(calls, null_arguments);
    tcase_add_test(calls, string_and_array);
    tcase_add_test(calls, correlation);
    tcase_add_test(calls, outs);
    tcase_add_test(calls, failures);
    tcase_add_test(calls, linked_list);
    tcase_add_test(calls, in_pipe);
    tcase_add_loop_test(calls, in_pipe_in_parts, 0, 2 * 20);
    tcase_add_test(calls, hostile_chunk);
    tcase_add_test(calls, big_endian);
    tcase_add_test(calls, completed_inside);
    suite_add_tcase(suite, calls);
    return suite;
}
