/*
 * Callbacks in calls with pipes. [MS-RPCE] 3.3.1.5.9 wants the whole request at the server before it calls
 * back, and lets a client refuse callbacks unless it waits for a response; ours does so in calls with pipes,
 * whose thread may be in the application's routines. unverified on Windows. What must hold: the manager hears
 * of it, and the call is none the worse.
 */
#include "fixture.h"
#include "test_pipe_back.h"

enum { ELEMENTS = 100000 };

struct source {
    LONG next, buffer[1000];
};

static volatile LONG answers;

void pipe_back_answer(void)
{
    answers++;
}

ULONG s_pipe_back(handle_t h, LONG pulls, back_longs p, hyper *sum)
{
    LONG buffer[700];
    ULONG caught = ~0u;
    ULONG count;

    (void)h;
    *sum = 0;
    do {
        if (!pulls--)
            caught = CAUGHT(s_pipe_back_answer());
        p.pull(p.state, buffer, ARRAYSIZE(buffer), &count);
        for (ULONG i = 0; i < count; i++)
            *sum += buffer[i];
    } while (count);
    if (pulls >= 0)
        caught = CAUGHT(s_pipe_back_answer());
    return caught;
}

hyper s_pipe_back_bulk(handle_t h, LONG count, LONG *data)
{
    hyper sum = 0;

    (void)h;
    for (LONG i = 0; i < count; i++)
        sum += data[i];
    s_pipe_back_answer();
    for (LONG i = 0; i < count; i++)
        sum += data[i];
    return sum;
}

static void __RPC_API pull(char *state, LONG *buffer, ULONG capacity, ULONG *count)
{
    struct source *source = (struct source *)state;

    for (*count = 0; *count < capacity && source->next < ELEMENTS; ++*count)
        buffer[*count] = source->next++;
}

static void __RPC_API push(char *state, LONG *buffer, ULONG count)
{
    (void)state, (void)buffer, (void)count;
    ok(0, "pushed into an [in] pipe\n");
}

static void __RPC_API allocate(char *state, ULONG wanted, LONG **buffer, ULONG *got)
{
    struct source *source = (struct source *)state;

    (void)wanted;
    *buffer = source->buffer;
    *got = sizeof(source->buffer);
}

static void test_calls(handle_t h)
{
    static const LONG pulls[] = {0, 1, 20, ELEMENTS};

    for (unsigned i = 0; i < ARRAYSIZE(pulls); i++) {
        struct source source = {0};
        back_longs pipe = {pull, push, allocate, (char *)&source};
        hyper sum = 0;
        ULONG caught = 0;

        ok_status(CAUGHT(caught = pipe_back(h, pulls[i], pipe, &sum)), 0, "a call with a pipe");
        ok_status(caught, RPC_S_CALL_FAILED_DNE, "a callback beside a pipe");
        ok(sum == (hyper)ELEMENTS * (ELEMENTS - 1) / 2, "wrong sum\n");
    }
    ok(!answers, "%ld callbacks\n", (long)answers);
}

static void test_bulk(handle_t h)
{
    LONG *data = malloc(ELEMENTS * sizeof(*data));

    for (LONG i = 0; i < ELEMENTS; i++)
        data[i] = i;
    ok(pipe_back_bulk(h, ELEMENTS, data) == (hyper)ELEMENTS * (ELEMENTS - 1), "wrong sum\n");
    ok(answers == 1, "%ld callbacks\n", (long)answers);
    answers = 0;
    free(data);
}

START_TEST(callback_pipe)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, test_pipe_back_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_calls(h);
        test_bulk(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
