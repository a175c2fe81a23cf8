/*
 * Security callbacks that put their answer off: SDK page RpcServerCompleteSecurityCallback, header constant
 * RPC_IF_ASYNC_CALLBACK. "Completes an asynchronous security callback. This function can cause the call
 * either to be dispatched or fail." That a callback puts its answer off by RPC_S_ASYNC_CALL_PENDING no page
 * says: unverified on Windows, all of it.
 */
#include "async_client.h"

RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerCompleteSecurityCallback(RPC_BINDING_HANDLE, RPC_STATUS);

enum { IF_ASYNC_CALLBACK = 0x100, MANY = 200 };

static struct endpoint endpoints[TRANSPORT_COUNT];
static handle_t asked[MANY];
static volatile LONG asked_count;
static HANDLE was_asked; /* semaphore */
static volatile RPC_STATUS answer, inside, completed_inside;

/* What the callback does before it returns `answer`: inside is the verdict, 77 for none yet. */
static RPC_STATUS RPC_ENTRY callback(RPC_IF_HANDLE ifspec, void *context)
{
    (void)ifspec;
    asked[InterlockedIncrement(&asked_count) - 1] = context;
    if (inside != 77)
        completed_inside = RpcServerCompleteSecurityCallback(context, inside);
    ReleaseSemaphore(was_asked, 1, NULL);
    return answer;
}

static void start(RPC_STATUS returns, RPC_STATUS verdict_inside)
{
    asked_count = 0;
    answer = returns;
    inside = verdict_inside;
}

static void register_with(unsigned flags)
{
    ok_status(RpcServerUnregisterIf(test_async_v1_0_s_ifspec, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf2(test_async_v1_0_s_ifspec, NULL, NULL,
                                   flags | RPC_IF_ALLOW_CALLBACKS_WITH_NO_AUTH,
                                   RPC_C_LISTEN_MAX_CALLS_DEFAULT, ~0u, callback),
              RPC_S_OK, "RpcServerRegisterIf2");
}

/* One call that is put off, and gets this verdict from another thread than the callback's. */
static void put_off(handle_t h, RPC_STATUS verdict, RPC_STATUS expected)
{
    LONG before = async_seen.calls;
    struct echo echo;

    start(RPC_S_ASYNC_CALL_PENDING, 77);
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 7), 0, "the call raised");
    wait_for(was_asked, "the callback");
    ok_status(RpcAsyncGetCallStatus(&echo.state), RPC_S_ASYNC_CALL_PENDING, "put off");
    ok(async_seen.calls == before, "the manager ran without leave\n");
    ok_status(RpcServerCompleteSecurityCallback(asked[0], verdict), RPC_S_OK,
              "RpcServerCompleteSecurityCallback");
    echo_finish(&echo, expected);
    ok(async_seen.calls == before + !expected, "%ld managers ran\n", async_seen.calls - before);
    echo_free(&echo);
}

static void test_put_off(handle_t h)
{
    put_off(h, RPC_S_OK, RPC_S_OK);
    /* "If this value is not RPC_S_OK, the Server Call is failed with a value of RPC_S_ACCESS_DENIED." */
    put_off(h, RPC_S_ACCESS_DENIED, RPC_S_ACCESS_DENIED);
    put_off(h, 1234, RPC_S_ACCESS_DENIED);
    put_off(h, RPC_S_OK, RPC_S_OK);
}

static void at_once(handle_t h, RPC_STATUS returns, RPC_STATUS verdict, RPC_STATUS completed,
                    RPC_STATUS expected)
{
    struct echo echo;

    start(returns, verdict);
    completed_inside = 77;
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 7), 0, "the call raised");
    wait_for(was_asked, "the callback");
    echo_finish(&echo, expected);
    ok_status(completed_inside, completed, "RpcServerCompleteSecurityCallback in the callback");
    echo_free(&echo);
}

static void test_at_once(handle_t h)
{
    winetest_context("completed inside");
    at_once(h, RPC_S_ASYNC_CALL_PENDING, RPC_S_OK, RPC_S_OK, RPC_S_OK);
    at_once(h, RPC_S_ASYNC_CALL_PENDING, 5, RPC_S_OK, RPC_S_ACCESS_DENIED);
    winetest_context("not put off");
    at_once(h, RPC_S_OK, 77, 77, RPC_S_OK);
    at_once(h, 1234, 77, 77, RPC_S_ACCESS_DENIED);
    winetest_context("%s", "");
}

/* Without the flag that status is one like any other: the call is refused. */
static void test_without_flag(handle_t h)
{
    register_with(0);
    at_once(h, RPC_S_ASYNC_CALL_PENDING, 77, 77, RPC_S_ACCESS_DENIED);
    at_once(h, RPC_S_OK, RPC_S_OK, RPC_S_NO_CALL_ACTIVE, RPC_S_OK);
    register_with(IF_ASYNC_CALLBACK);
}

static void test_misuse(handle_t h)
{
    struct echo echo;

    ok_status(RpcServerCompleteSecurityCallback(h, RPC_S_OK), RPC_S_WRONG_KIND_OF_BINDING,
              "a client's binding");
    ok_status(RpcServerCompleteSecurityCallback(NULL, RPC_S_OK), RPC_S_NO_CALL_ACTIVE, "no call");
    start(RPC_S_ASYNC_CALL_PENDING, 77);
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 7), 0, "the call raised");
    wait_for(was_asked, "the callback");
    ok_status(RpcServerCompleteSecurityCallback(asked[0], RPC_S_OK), RPC_S_OK, "first");
    async_wait_held(1);
    ok_status(RpcServerCompleteSecurityCallback(asked[0], RPC_S_OK), RPC_S_NO_CALL_ACTIVE, "second");
    async_end_held(-1);
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
    start(RPC_S_OK, 77);
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 7), 0, "the call raised");
    wait_for(was_asked, "the callback");
    async_wait_held(1);
    ok_status(RpcServerCompleteSecurityCallback(asked[0], RPC_S_OK), RPC_S_NO_CALL_ACTIVE, "not put off");
    async_end_held(-1);
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
}

/* A call whose client cancels it while it is put off. */
static void test_cancelled(handle_t h)
{
    LONG before = async_seen.calls;
    struct echo echo;

    start(RPC_S_ASYNC_CALL_PENDING, 77);
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 7), 0, "the call raised");
    wait_for(was_asked, "the callback");
    ok_status(RpcAsyncCancelCall(&echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    echo_finish(&echo, RPC_S_CALL_CANCELLED);
    ok_status(RpcServerCompleteSecurityCallback(asked[0], RPC_S_ACCESS_DENIED), RPC_S_OK, "too late");
    ok(async_seen.calls == before, "the manager ran\n");
    echo_free(&echo);
    put_off(h, RPC_S_OK, RPC_S_OK);
}

/* Calls that are put off cost no thread. */
static void test_many(handle_t h)
{
    static struct echo echoes[MANY];
    LONG threads;

    start(RPC_S_ASYNC_CALL_PENDING, 77);
    threads = count_threads();
    for (int i = 0; i < MANY; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_NOW, i, i), 0, "the call raised");
    }
    for (int i = 0; i < MANY; i++)
        wait_for(was_asked, "the callback");
    ok(count_threads() < threads + 32, "%ld threads for %d calls, %ld before\n", count_threads(), MANY,
       threads);
    for (int i = MANY; i--;)
        ok_status(RpcServerCompleteSecurityCallback(asked[i], RPC_S_OK), RPC_S_OK,
                  "RpcServerCompleteSecurityCallback");
    for (int i = 0; i < MANY; i++) {
        echo_finish(&echoes[i], RPC_S_OK);
        echo_free(&echoes[i]);
    }
}

START_TEST(security_callback)
{
    was_asked = CreateSemaphoreA(NULL, 0, MANY, NULL);
    serve_async(endpoints);
    register_with(IF_ASYNC_CALLBACK);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_put_off(h);
        test_at_once(h);
        winetest_context("%s", endpoints[i].transport->protseq);
        test_without_flag(h);
        winetest_context("%s", endpoints[i].transport->protseq);
        test_misuse(h);
        test_cancelled(h);
        test_many(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
