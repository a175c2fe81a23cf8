/* The server gives up an asynchronous call: RpcAsyncAbortCall on either thread, an exception in the manager
 * routine (SDK, RpcAsyncAbortCall, "Error Handling", "Asynchronous Call State"). */
#include "async_client.h"
#include "test_plain.h"

static const RPC_STATUS codes[] = {0x1234,
                                   RPC_S_SERVER_TOO_BUSY,
                                   ERROR_ACCESS_DENIED,
                                   RPC_S_PROCNUM_OUT_OF_RANGE,
                                   RPC_X_BAD_STUB_DATA,
                                   (RPC_STATUS)0xC0000017};

/* "The run-time environment propagates the exception code to the client as a fault." */
static void test_codes(handle_t h, async_mode mode)
{
    struct echo echo;

    echo_init_event(&echo);
    for (unsigned i = 0; i < ARRAYSIZE(codes); i++) {
        ok_status(echo_call(&echo, h, mode, 1, codes[i]), 0, "the call raised");
        echo_finish(&echo, codes[i]);
        ok(WaitForSingleObject(echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    }
    echo_free(&echo);
}

/* RpcAsyncGetCallStatus: "Other error codes: the call failed. The client application must call
 * RpcAsyncCompleteCall to receive the application-specific error code." */
static void test_status_of_failed(handle_t h)
{
    struct echo echo;
    RPC_STATUS status;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_ABORT_NOW, 1, 77), 0, "the call raised");
    wait_for(echo.state.u.hEvent, "the fault");
    status = RpcAsyncGetCallStatus(&echo.state);
    ok(status != RPC_S_OK && status != RPC_S_ASYNC_CALL_PENDING, "got %ld\n", status);
    echo_complete(&echo, 77);
    echo_free(&echo);
}

/* "No marshaling of the output arguments is performed, and all input arguments are freed by RPC." */
static void test_parameters_freed(handle_t h)
{
    static const async_mode modes[] = {ASYNC_ABORT_NOW, ASYNC_ABORT_OTHER, ASYNC_RAISE};
    LONG before = live_allocations();
    LONG *values = calloc(10000, sizeof(*values));
    byte *data = calloc(1, 100000);
    struct echo call;

    echo_init_event(&call);
    for (unsigned i = 0; i < ARRAYSIZE(modes); i++) {
        LONG n;

        values[0] = 1;
        ok_status(echo_call(&call, h, modes[i], 1, 5), 0, "the call raised");
        echo_finish(&call, 5);
        async_array(&call.state, h, ASYNC_HOLD, 2, 10000, values);
        async_wait_held(1);
        ok_status(RpcAsyncAbortCall(async_peek_held(2), 99), RPC_S_OK, "RpcAsyncAbortCall");
        async_forget_held(2);
        wait_for(call.state.u.hEvent, "the fault");
        ok_status(RpcAsyncCompleteCall(&call.state, &n), 99, "async_array");
        ok(values[0] == 1, "an [in, out] parameter was written by an aborted call\n");
        async_bytes(&call.state, h, ASYNC_HOLD, 3, 100000, data);
        async_wait_held(1);
        ok_status(RpcAsyncAbortCall(async_peek_held(3), 98), RPC_S_OK, "RpcAsyncAbortCall");
        async_forget_held(3);
        wait_for(call.state.u.hEvent, "the fault");
        ok_status(RpcAsyncCompleteCall(&call.state, &n), 98, "async_bytes");
    }
    ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
    echo_free(&call);
    free(values);
    free(data);
}

/* For the synchronous client the code is an exception. */
static void test_synchronous(handle_t h)
{
    LONG doubled = 1, negated = 2;

    ok_status(CAUGHT(plain_echo(h, PLAIN_ABORT_NOW, 1, 0x4321, &doubled, &negated)), 0x4321,
              "aborted at once");
    ok_status(CAUGHT(plain_echo(h, PLAIN_ABORT_OTHER, 1, 0x4322, &doubled, &negated)), 0x4322,
              "aborted later");
    ok_status(CAUGHT(plain_echo(h, PLAIN_RAISE, 1, 0x4323, &doubled, &negated)), 0x4323, "raised");
    ok(plain_ping(h, 5) == 6, "the binding is of no use after faults\n");
}

/* "A second call may crash the process or fail in other unexpected ways": only where we know that it does
 * not. */
static void test_second_use(handle_t h)
{
    PRPC_ASYNC_STATE state;
    struct echo echo;
    RPC_STATUS status;
    LONG reply = 0;

    if (!GetProcAddress(GetModuleHandleA("ntdll"), "wine_get_version")) {
        skip("the second use of a server's handle is undefined on Windows\n");
        return;
    }
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 5), 0, "the call raised");
    async_wait_held(1);
    state = async_peek_held(1);
    ok_status(RpcAsyncAbortCall(state, 55), RPC_S_OK, "RpcAsyncAbortCall");
    status = RpcAsyncAbortCall(state, 56);
    ok(status == RPC_S_INVALID_ASYNC_HANDLE || status == RPC_S_INVALID_ASYNC_CALL,
       "RpcAsyncAbortCall again: %ld\n", status);
    status = RpcAsyncCompleteCall(state, &reply);
    ok(status == RPC_S_INVALID_ASYNC_HANDLE || status == RPC_S_INVALID_ASYNC_CALL,
       "completed when aborted: %ld\n", status);
    async_forget_held(1);
    echo_finish(&echo, 55);
    echo_free(&echo);
}

START_TEST(async_abort)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_codes(h, ASYNC_ABORT_NOW);
        test_codes(h, ASYNC_ABORT_OTHER);
        test_codes(h, ASYNC_RAISE);
        test_status_of_failed(h);
        test_parameters_freed(h);
        test_synchronous(h);
        test_second_use(h);
        async_server_reset();
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
