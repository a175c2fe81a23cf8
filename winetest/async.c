/*
 * Asynchronous calls that succeed: every mode of ending on the server, every kind of parameter, synchronous
 * programs on either side (shared/docs: "asynchronous RPC has no effect on the wire protocol"), handles named
 * by the ACF.
 */
#include "async_client.h"
#include "test_allasync.h"
#include "test_explicit.h"
#include "test_plain.h"

/* SDK, "Sending the Asynchronous Reply": complete on the receiving thread or on any other. */
static void test_echo(handle_t h)
{
    static const async_mode modes[] = {ASYNC_NOW, ASYNC_OTHER, ASYNC_HOLD};
    struct echo echo;

    for (unsigned i = 0; i < ARRAYSIZE(modes); i++) {
        echo_init_event(&echo);
        ok_status(echo_call(&echo, h, modes[i], 1, 1000 + i), 0, "the call raised");
        if (modes[i] == ASYNC_HOLD) {
            async_wait_held(1);
            ok_status(RpcAsyncGetCallStatus(&echo.state), RPC_S_ASYNC_CALL_PENDING, "status while held");
            ok(echo.doubled == -77, "an [out] parameter changed before the reply came\n");
            ok(async_end_held(1) == 1, "the call was not held\n");
        }
        echo_finish(&echo, RPC_S_OK);
        echo_free(&echo);
    }
}

/* SDK, RpcAsyncInitializeHandle: since Windows XP the structure is ready for use again after a completed
 * call. */
static void test_reuse(handle_t h)
{
    struct echo echo;

    echo_init_event(&echo);
    for (int i = 0; i < 5; i++) {
        ok_status(echo_call(&echo, h, ASYNC_NOW, 1, i), 0, "the call raised");
        echo_finish(&echo, RPC_S_OK);
    }
    echo_free(&echo);
}

/* The server's copies of [in] and [out] data are freed when the call is over (SDK, RpcAsyncCompleteCall). */
static void test_parameters(handle_t h)
{
    LONG before = live_allocations(), *values = calloc(100000, sizeof(LONG));
    byte *data = calloc(1, 1 << 20);
    wchar_t *reversed = NULL;
    struct echo call;
    LONG length = 0;
    ULONG sum = 0;
    double half = 0;
    LONG n = 0;

    echo_init_event(&call);
    async_text(&call.state, h, ASYNC_OTHER, 1, L"drawer", &reversed);
    wait_for(call.state.u.hEvent, "async_text");
    ok_status(RpcAsyncCompleteCall(&call.state, &length), RPC_S_OK, "async_text");
    ok(length == 6, "got %ld\n", (long)length);
    if (ok(reversed != NULL, "no string came back\n")) {
        ok(!wcscmp(reversed, L"reward"), "got %ls\n", reversed);
        midl_user_free(reversed);
    }
    for (LONG i = 0; i < 100000; i++)
        values[i] = i;
    async_array(&call.state, h, ASYNC_NOW, 1, 100000, values);
    wait_for(call.state.u.hEvent, "async_array");
    ok_status(RpcAsyncCompleteCall(&call.state, &n), RPC_S_OK, "async_array");
    ok(n == 100000 && values[1] == 3 && values[99999] == 299997, "got %ld %ld %ld\n", (long)n,
       (long)values[1], (long)values[99999]);
    async_bytes(&call.state, h, ASYNC_OTHER, 1, 1 << 20, data);
    wait_for(call.state.u.hEvent, "async_bytes");
    ok_status(RpcAsyncCompleteCall(&call.state, &sum), RPC_S_OK, "async_bytes");
    ok(sum != 0, "no checksum\n");
    async_double(&call.state, h, ASYNC_OTHER, 1, 3.0, &half);
    wait_for(call.state.u.hEvent, "async_double");
    ok_status(RpcAsyncCompleteCall(&call.state, NULL), RPC_S_OK, "async_double");
    ok(half == 1.5, "got %f\n", half);
    async_void(&call.state, h, ASYNC_OTHER, 1, 0);
    wait_for(call.state.u.hEvent, "async_void");
    ok_status(RpcAsyncCompleteCall(&call.state, NULL), RPC_S_OK, "async_void");
    echo_free(&call);
    free(values);
    free(data);
    async_wait_ended(5);
    ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
}

/* SDK, "Asynchronous RPC": both synchronous and asynchronous clients can talk to an asynchronous server. */
static void test_synchronous_client(handle_t h)
{
    LONG doubled = 0, negated = 8;
    double half = 0;
    wchar_t *reversed = NULL;

    ok(plain_echo(h, PLAIN_NOW, 1, 5, &doubled, &negated) == 6 && doubled == 10 && negated == -8,
       "got %ld %ld\n", (long)doubled, (long)negated);
    ok(plain_echo(h, PLAIN_OTHER, 1, 6, &doubled, &negated) == 7 && doubled == 12 && negated == 8,
       "got %ld %ld\n", (long)doubled, (long)negated);
    ok(plain_text(h, PLAIN_OTHER, 1, L"stressed", &reversed) == 8, "wrong length\n");
    if (ok(reversed != NULL, "no string came back\n")) {
        ok(!wcscmp(reversed, L"desserts"), "got %ls\n", reversed);
        midl_user_free(reversed);
    }
    plain_double(h, PLAIN_OTHER, 1, 9.0, &half);
    ok(half == 4.5, "wrong half\n");
    ok_status(CAUGHT(plain_void(h, PLAIN_ABORT_OTHER, 1, 4711)), 4711, "aborted");
    ok(plain_ping(h, 1) == 2, "wrong reply\n");
}

/* SDK, "Making the Asynchronous Call": a synchronous call while an asynchronous one is pending. */
static void test_synchronous_between(handle_t h)
{
    struct echo echo;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 3, 33), 0, "the call raised");
    async_wait_held(1);
    ok(async_ping(h, 41) == 42, "wrong reply\n");
    ok_status(RpcAsyncGetCallStatus(&echo.state), RPC_S_ASYNC_CALL_PENDING, "still pending");
    ok(async_held(h) == 1, "the call is not held\n");
    ok(async_release(h, 3) == 1, "the call was not held\n");
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
}

static void test_acf_forms(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint);
    LONG reply = 0, result = 0;
    struct echo call;

    echo_init_event(&call);
    ok(explicit_add(h, 1, 2) == 3, "wrong sum\n");
    explicit_async(&call.state, h, 20);
    wait_for(call.state.u.hEvent, "explicit_async");
    ok_status(RpcAsyncCompleteCall(&call.state, &reply), RPC_S_OK, "explicit_async");
    ok(reply == 40, "got %ld\n", (long)reply);
    allasync_one(&call.state, h, 7);
    wait_for(call.state.u.hEvent, "allasync_one");
    ok_status(RpcAsyncCompleteCall(&call.state, &reply), RPC_S_OK, "allasync_one");
    ok(reply == -7, "got %ld\n", (long)reply);
    allasync_two(&call.state, h, 8, &result);
    wait_for(call.state.u.hEvent, "allasync_two");
    ok_status(RpcAsyncCompleteCall(&call.state, NULL), RPC_S_OK, "allasync_two");
    ok(result == 64, "got %ld\n", (long)result);
    echo_free(&call);
    unbind(&h);
}

/* The last call of a binding handle does not need the handle any more (SDK, RpcBindingFree: calls in progress
 * are not disturbed is what a client that frees early relies on; unverified on Windows). */
static void test_free_while_pending(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint);
    struct echo echo;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 4, 44), 0, "the call raised");
    async_wait_held(1);
    unbind(&h);
    ok(async_end_held(4) == 1, "the call was not held\n");
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
}

LONG s_explicit_add(handle_t h, LONG a, LONG b)
{
    (void)h;
    return a + b;
}

void s_explicit_async(PRPC_ASYNC_STATE async, handle_t h, LONG value)
{
    LONG reply = 2 * value;

    (void)h;
    RpcAsyncCompleteCall(async, &reply);
}

void s_allasync_one(PRPC_ASYNC_STATE async, handle_t h, LONG value)
{
    LONG reply = -value;

    (void)h;
    RpcAsyncCompleteCall(async, &reply);
}

void s_allasync_two(PRPC_ASYNC_STATE async, handle_t h, LONG value, LONG *result)
{
    (void)h;
    *result = value * value;
    RpcAsyncCompleteCall(async, NULL);
}

START_TEST(async)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve_async(endpoints);
    ok_status(RpcServerRegisterIf(test_explicit_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "test_explicit");
    ok_status(RpcServerRegisterIf(test_allasync_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "test_allasync");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_echo(h);
        test_reuse(h);
        async_server_reset();
        test_parameters(h);
        test_synchronous_client(h);
        test_synchronous_between(h);
        test_acf_forms(&endpoints[i]);
        test_free_while_pending(&endpoints[i]);
        async_server_reset();
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
