/*
 * Pipes, synchronous and asynchronous. SDK: "Pipes", "Rules for Multiple Pipes", "Combining Pipe and Nonpipe
 * Parameters", "Asynchronous Pipes", "Client-side Asynchronous Pipe Handling".
 */
#include "ndr.h"

struct source_and_sink {
    LONG at, total;      /* pulled from here */
    LONG received, last; /* pushed to here */
    LONG wrong;
    LONG memory[257];
};

static void __RPC_API allocate(char *state, ULONG octets, void **memory, ULONG *given)
{
    struct source_and_sink *s = (struct source_and_sink *)state;

    *memory = s->memory;
    *given = octets < sizeof(s->memory) ? octets : sizeof(s->memory);
}

static void __RPC_API no_memory(char *state, ULONG octets, void **memory, ULONG *given)
{
    (void)state, (void)octets;
    *memory = NULL;
    *given = 0;
}

static void __RPC_API pull(char *state, LONG *elements, ULONG capacity, ULONG *count)
{
    struct source_and_sink *s = (struct source_and_sink *)state;

    for (*count = 0; *count < capacity && s->at < s->total; ++*count)
        elements[*count] = s->at++;
}

static void __RPC_API push(char *state, LONG *elements, ULONG count)
{
    struct source_and_sink *s = (struct source_and_sink *)state;
    ULONG i;

    s->wrong += s->last;
    s->last = !count;
    for (i = 0; i < count; i++)
        s->wrong += elements[i] != s->received++;
}

static void __RPC_API pull_pairs(char *state, ndr_pair *elements, ULONG capacity, ULONG *count)
{
    struct source_and_sink *s = (struct source_and_sink *)state;

    for (*count = 0; *count < capacity && s->at < s->total; ++*count) {
        elements[*count].a = s->at;
        elements[*count].b = (short)s->at++;
    }
}

static void __RPC_API push_pairs(char *state, ndr_pair *elements, ULONG count)
{
    struct source_and_sink *s = (struct source_and_sink *)state;
    ULONG i;

    s->wrong += s->last;
    s->last = !count;
    for (i = 0; i < count; i++, s->received++)
        s->wrong += elements[i].a != -s->received || elements[i].b != (short)s->received;
}

static void run_in(handle_t h, long mode, struct source_and_sink *s, hyper *sum)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)s};

    ndr_pipe_in(h, mode, pipe, sum);
}

static void run_out(handle_t h, long mode, long count, struct source_and_sink *s)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)s};

    ndr_pipe_out(h, mode, count, &pipe);
}

static void run_without_memory(handle_t h)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)no_memory, NULL};
    hyper sum;

    ndr_pipe_in(h, PIPE_WHOLE, pipe, &sum);
}

static long run_both(handle_t h, long mode, struct source_and_sink *s, struct source_and_sink *t)
{
    ndr_pairs pairs = {(void *)pull_pairs, (void *)push_pairs, (void *)allocate, (char *)s};
    ndr_longs longs = {(void *)pull, (void *)push, (void *)allocate, (char *)t};

    return ndr_pipe_both(h, mode, &pairs, &longs);
}

static void test_sizes(handle_t h)
{
    LONG n;

    for (n = 0; n < 300000; n = n * 9 + 1) {
        struct source_and_sink in = {.total = n}, out = {0}, both = {.total = n}, count = {.received = n};
        hyper sum = -1;

        run_in(h, PIPE_WHOLE, &in, &sum);
        ok(sum == (hyper)n * (n - 1) / 2, "%ld elements in: wrong sum\n", (long)n);
        run_out(h, PIPE_WHOLE, n, &out);
        ok(out.received == n && !out.wrong && out.last, "%ld elements out: %ld, %ld wrong, last %ld\n",
           (long)n, (long)out.received, (long)out.wrong, (long)out.last);
        ok(run_both(h, PIPE_WHOLE, &both, &count) == n, "%ld elements both ways: wrong result\n", (long)n);
        ok(both.received == n && !both.wrong && both.last, "%ld pairs back: %ld, %ld wrong\n", (long)n,
           (long)both.received, (long)both.wrong);
        ok(count.received == n + 1 && !count.wrong && count.last, "the second pipe is wrong\n");
    }
}

static void test_discipline(handle_t h)
{
    struct source_and_sink s = {.total = 50}, t = {0};
    hyper sum;

    ok_status(CAUGHT(run_in(h, PIPE_ABANDON, &s, &sum)), RPC_X_PIPE_DISCIPLINE_ERROR,
              "an [in] pipe abandoned");
    s.at = 0;
    ok_status(CAUGHT(run_in(h, PIPE_OVER, &s, &sum)), RPC_X_PIPE_EMPTY, "pulled after the end");
    s.at = 0;
    ok_status(CAUGHT(run_in(h, PIPE_RAISE, &s, &sum)), ERROR_CANCELLED, "a manager that raises");
    ok_status(CAUGHT(run_out(h, PIPE_ABANDON, 10, &t)), RPC_X_PIPE_DISCIPLINE_ERROR,
              "an [out] pipe left open");
    ok_status(CAUGHT(run_out(h, PIPE_OVER, 10, &t)), RPC_X_PIPE_CLOSED, "pushed after the end");
    s.at = 0;
    ok_status(CAUGHT(run_both(h, PIPE_DISCIPLINE, &s, &t)), RPC_X_WRONG_PIPE_ORDER, "pushed before pulled");
    ok_status(CAUGHT(run_without_memory(h)), RPC_X_PIPE_APP_MEMORY, "alloc gives nothing");
}

/* Pushes total numbers, then pulls what the server sends. */
static void test_async(handle_t h, LONG total, LONG back)
{
    RPC_ASYNC_STATE async;
    ASYNC_ndr_async_longs pipe = {0};
    long sum = 0, reply = 0;
    LONG i, received = 0, buffer[50];
    ULONG count = 0;
    RPC_STATUS status;

    RpcAsyncInitializeHandle(&async, sizeof(async));
    async.NotificationType = RpcNotificationTypeEvent;
    async.u.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    ndr_pipe_async(&async, h, back, &pipe, &sum);
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_ASYNC_CALL_PENDING, "completed before it was sent");
    for (i = 0; i < total; i++)
        ok_status(pipe.push(pipe.state, &i, 1), RPC_S_OK, "push");
    ok_status(pipe.push(pipe.state, NULL, 0), RPC_S_OK, "the last push");
    ok_status(pipe.push(pipe.state, &i, 1), RPC_X_PIPE_CLOSED, "a push after the last");
    for (;;) {
        status = pipe.pull(pipe.state, buffer, 50, &count);
        if (status == RPC_S_ASYNC_CALL_PENDING) {
            wait_for(async.u.hEvent, "something to pull");
            continue;
        }
        ok_status(status, RPC_S_OK, "pull");
        if (status || !count)
            break;
        for (i = 0; i < (LONG)count; i++, received++)
            ok(buffer[i] == received, "%ld at %ld\n", (long)buffer[i], (long)received);
    }
    ok(received == back, "%ld of %ld\n", (long)received, (long)back);
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_OK, "completion");
    ok(sum == total * (total - 1) / 2 && reply == 2 * back, "sum %ld, reply %ld\n", sum, reply);
    CloseHandle(async.u.hEvent);
}

START_TEST(ndr_pipe)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    int i;

    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_sizes(h);
        test_discipline(h);
        test_async(h, 0, 0);
        test_async(h, 100, 1000);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
