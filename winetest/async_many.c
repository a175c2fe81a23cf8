/* Many calls at the same time from one thread, on few threads of either side. */
#include "async_client.h"

#define MANY 1000

static struct echo *make_calls(handle_t h, int count)
{
    struct echo *echoes = calloc(count, sizeof(*echoes));

    for (int i = 0; i < count; i++) {
        echo_init_event(&echoes[i]);
        if (!ok(!echo_call(&echoes[i], h, ASYNC_HOLD, i, i), "call %d raised\n", i))
            break;
    }
    return echoes;
}

static void finish_calls(struct echo *echoes, int count)
{
    for (int i = 0; i < count; i++) {
        echo_finish(&echoes[i], RPC_S_OK);
        echo_free(&echoes[i]);
    }
    free(echoes);
}

/* Calls, waits until the server holds all of them, synchronous calls in between, then answers in reverse
 * order. The two sides live in this one process: what the issue allows is eight threads for each; the test
 * has its own. */
static void test_outstanding(handle_t h)
{
    struct echo *echoes = make_calls(h, MANY);
    LONG threads;

    async_wait_held(MANY);
    threads = count_threads();
    ok(threads <= 2 * 8 + 1 + ASYNC_FINISHERS, "%ld threads for %d outstanding calls\n", (long)threads, MANY);
    for (int i = 0; i < 10; i++)
        ok(async_ping(h, i) == i + 1, "wrong reply\n");
    for (int i = MANY - 1; i >= 0; i--)
        if (async_end_held(i) != 1)
            ok(0, "call %d was not held\n", i);
    finish_calls(echoes, MANY);
}

/* Big and small mixed, ended on several threads. */
static void test_mixed(handle_t h)
{
    enum { COUNT = 64, SIZE = 50000 };
    struct echo *echoes = calloc(COUNT, sizeof(*echoes));
    LONG *values = malloc(COUNT * SIZE * sizeof(*values));
    LONG n = 0, wrong = 0;

    for (int i = 0; i < COUNT; i++) {
        echo_init_event(&echoes[i]);
        for (int k = 0; k < SIZE; k++)
            values[i * SIZE + k] = i + k;
        if (i % 2)
            async_array(&echoes[i].state, h, ASYNC_OTHER, i, SIZE, values + i * SIZE);
        else
            ok_status(echo_call(&echoes[i], h, i % 4 ? ASYNC_NOW : ASYNC_OTHER, i, i), 0, "the call raised");
    }
    for (int i = 0; i < COUNT; i++) {
        if (i % 2) {
            wait_for(echoes[i].state.u.hEvent, "completion of the array");
            ok_status(RpcAsyncCompleteCall(&echoes[i].state, &n), RPC_S_OK, "async_array");
            for (int k = 0; k < SIZE; k++)
                wrong += values[i * SIZE + k] != 3 * (i + k);
        } else {
            echo_finish(&echoes[i], RPC_S_OK);
        }
        echo_free(&echoes[i]);
    }
    ok(!wrong, "%ld elements are wrong\n", (long)wrong);
    free(echoes);
    free(values);
}

struct worker {
    handle_t h;
    LONG first, failures;
};

static DWORD WINAPI call_many(void *context)
{
    struct worker *worker = context;
    struct echo echo;
    LONG reply;

    memset(&echo, 0, sizeof(echo));
    echo.state.u.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
    for (LONG i = 0; i < 200; i++) {
        HANDLE event = echo.state.u.hEvent;

        RpcAsyncInitializeHandle(&echo.state, sizeof(echo.state));
        echo.state.NotificationType = RpcNotificationTypeEvent;
        echo.state.u.hEvent = event;
        if (echo_call(&echo, worker->h, i % 3 ? ASYNC_NOW : ASYNC_OTHER, 0, worker->first + i) ||
            WaitForSingleObject(event, HANG_GUARD) || RpcAsyncCompleteCall(&echo.state, &reply) ||
            reply != worker->first + i + 1 || echo.doubled != 2 * (worker->first + i))
            worker->failures++;
        if (async_ping(worker->h, i) != i + 1)
            worker->failures++;
    }
    CloseHandle(echo.state.u.hEvent);
    return 0;
}

/* Several threads, one binding handle, asynchronous and synchronous calls mixed. */
static void test_threads(handle_t h)
{
    struct worker workers[8];
    HANDLE threads[8];

    for (int i = 0; i < 8; i++) {
        workers[i] = (struct worker){h, i * 1000, 0};
        threads[i] = CreateThread(NULL, 0, call_many, &workers[i], 0, NULL);
    }
    for (int i = 0; i < 8; i++) {
        wait_for(threads[i], "a calling thread");
        ok(!workers[i].failures, "thread %d: %ld calls failed\n", i, (long)workers[i].failures);
        CloseHandle(threads[i]);
    }
}

START_TEST(async_many)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_outstanding(h);
        async_server_reset();
        test_mixed(h);
        test_threads(h);
        async_server_reset();
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
