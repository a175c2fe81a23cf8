/*
 * The order of calls on one binding handle (SDK, "Causal Ordering of Asynchronous Calls" and "Binding Option
 * Constants"): calls of one thread are dispatched in the order they were made; RPC_C_OPT_BINDING_NONCAUSAL
 * gives that up.
 */
#include "async_client.h"

enum { CALLS = 100, LATE_MAX = 2 };

/* Calls that were noted after later ones. A manager's thread may lose its processor between being entered and
 * noting it, and the next call then is entered and noted first: that is one call late, or two on a busy
 * machine. Calls that are dispatched out of order are late by the dozen. */
static int late_calls(int count)
{
    int late = 0;

    for (int i = 0; i < count; i++) {
        int overtaken = 0;

        for (int j = 0; j < i; j++)
            overtaken |= async_seen.order[j] > async_seen.order[i];
        late += overtaken;
    }
    return late;
}

/* Dispatched in order, although each is still held when the next one is made. */
static void test_causal(handle_t h)
{
    struct echo *echoes = calloc(CALLS, sizeof(*echoes));
    int late;

    for (int i = 0; i < CALLS; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_HOLD, i, i), 0, "the call raised");
    }
    async_wait_held(CALLS);
    late = late_calls(CALLS);
    ok(late <= LATE_MAX, "%d of %d calls were dispatched out of order\n", late, CALLS);
    async_end_held(-1);
    for (int i = 0; i < CALLS; i++) {
        echo_finish(&echoes[i], RPC_S_OK);
        echo_free(&echoes[i]);
    }
    free(echoes);
}

/* A big request followed by small ones: the small ones do not overtake. */
static void test_causal_big(handle_t h)
{
    enum { SIZE = 1 << 20, SMALL = 20 };
    struct echo big, little[SMALL];
    byte *data = calloc(1, SIZE);
    ULONG sum;

    echo_init_event(&big);
    async_bytes(&big.state, h, ASYNC_HOLD, 0, SIZE, data);
    for (int i = 0; i < SMALL; i++) {
        echo_init_event(&little[i]);
        ok_status(echo_call(&little[i], h, ASYNC_HOLD, i + 1, i), 0, "the call raised");
    }
    async_wait_held(SMALL + 1);
    ok(async_seen.order[0] == 0, "call %ld overtook the big one\n", async_seen.order[0]);
    ok(late_calls(SMALL + 1) <= LATE_MAX, "%d of %d calls were dispatched out of order\n",
       late_calls(SMALL + 1), SMALL + 1);
    async_end_held(-1);
    wait_for(big.state.u.hEvent, "the big call");
    ok_status(RpcAsyncCompleteCall(&big.state, &sum), RPC_S_OK, "the big call");
    for (int i = 0; i < SMALL; i++) {
        echo_finish(&little[i], RPC_S_OK);
        echo_free(&little[i]);
    }
    echo_free(&big);
    free(data);
}

/* All calls are served, in whatever order. */
static void test_noncausal(handle_t h)
{
    struct echo *echoes = calloc(CALLS, sizeof(*echoes));
    ULONG_PTR value = 0;
    char seen[CALLS] = {0};
    int missing = 0;

    ok_status(RpcBindingSetOption(h, RPC_C_OPT_BINDING_NONCAUSAL, TRUE), RPC_S_OK,
              "RPC_C_OPT_BINDING_NONCAUSAL");
    ok_status(RpcBindingInqOption(h, RPC_C_OPT_BINDING_NONCAUSAL, &value), RPC_S_OK, "RpcBindingInqOption");
    ok(value == TRUE, "the option is %d\n", (int)value);
    for (int i = 0; i < CALLS; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_HOLD, i, i), 0, "the call raised");
    }
    async_wait_held(CALLS);
    for (int i = 0; i < CALLS; i++)
        if (async_seen.order[i] >= 0 && async_seen.order[i] < CALLS)
            seen[async_seen.order[i]] = 1;
    for (int i = 0; i < CALLS; i++)
        missing += !seen[i];
    ok(!missing, "%d calls did not come\n", missing);
    async_end_held(-1);
    for (int i = 0; i < CALLS; i++) {
        echo_finish(&echoes[i], RPC_S_OK);
        echo_free(&echoes[i]);
    }
    free(echoes);
    RpcBindingSetOption(h, RPC_C_OPT_BINDING_NONCAUSAL, FALSE);
}

START_TEST(async_causal)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_causal(h);
        async_server_reset();
        test_causal_big(h);
        async_server_reset();
        test_noncausal(h);
        async_server_reset();
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
