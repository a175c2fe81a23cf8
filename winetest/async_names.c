/*
 * Asynchronous calls by the names that their functions had before Windows 2000, which 64-bit DLLs
 * export and no header declares: what they do is what the SDK's pages RpcAsync* tell of today's names.
 */
#include "async_client.h"

#ifdef _WIN64

RPCRTAPI RPC_STATUS RPC_ENTRY RpcInitializeAsyncHandle(PRPC_ASYNC_STATE, unsigned int);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcRegisterAsyncInfo(PRPC_ASYNC_STATE);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcGetAsyncCallStatus(PRPC_ASYNC_STATE);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcCompleteAsyncCall(PRPC_ASYNC_STATE, void *);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcAbortAsyncCall(PRPC_ASYNC_STATE, ULONG);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcCancelAsyncCall(PRPC_ASYNC_STATE, BOOL);

/* A call that the server holds. */
static void begin(struct echo *echo, handle_t h, LONG id)
{
    memset(echo, 0xee, sizeof(*echo));
    ok_status(RpcInitializeAsyncHandle(&echo->state, sizeof(echo->state)), RPC_S_OK,
              "RpcInitializeAsyncHandle");
    echo->state.NotificationType = RpcNotificationTypeEvent;
    echo->state.u.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    ok_status(echo_call(echo, h, ASYNC_HOLD, id, 5), 0, "the call raised");
    async_wait_held(1);
    ok_status(RpcGetAsyncCallStatus(&echo->state), RPC_S_ASYNC_CALL_PENDING, "status while held");
}

static void end(struct echo *echo, RPC_STATUS expected)
{
    LONG sum = 0;

    wait_for(echo->state.u.hEvent, "the end of the call");
    ok_status(RpcGetAsyncCallStatus(&echo->state), expected, "status at the end");
    ok_status(RpcCompleteAsyncCall(&echo->state, &sum), expected, "RpcCompleteAsyncCall");
    ok_status(RpcCompleteAsyncCall(&echo->state, &sum), RPC_S_INVALID_ASYNC_HANDLE, "completed twice");
    CloseHandle(echo->state.u.hEvent);
}

static void test_abort(handle_t h)
{
    PRPC_ASYNC_STATE held;
    struct echo echo;

    begin(&echo, h, 2);
    held = async_peek_held(2);
    if (ok(held != NULL, "the call is not held\n")) {
        async_forget_held(2);
        ok_status(RpcAbortAsyncCall(held, 1234), RPC_S_OK, "RpcAbortAsyncCall");
    }
    end(&echo, 1234);
}

static void test_arguments(handle_t h)
{
    RPC_ASYNC_STATE state;
    struct echo echo;

    ok_status(RpcInitializeAsyncHandle(&state, 3), ERROR_INVALID_PARAMETER, "a size of 3");
    ok_status(RpcInitializeAsyncHandle(&state, sizeof(state)), RPC_S_OK, "RpcInitializeAsyncHandle");
    begin(&echo, h, 4);
    /* Registering is for notifications that the call itself did not name: SDK, RpcAsyncRegisterInfo. */
    ok_status(RpcRegisterAsyncInfo(&echo.state), RPC_S_OK, "RpcRegisterAsyncInfo");
    ok(async_end_held(4) == 1, "the call was not held\n");
    end(&echo, RPC_S_OK);
}

START_TEST(async_names)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    struct echo echo;

    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        begin(&echo, h, 1);
        ok(async_end_held(1) == 1, "the call was not held\n");
        end(&echo, RPC_S_OK);
        test_abort(h);
        begin(&echo, h, 3);
        ok_status(RpcCancelAsyncCall(&echo.state, TRUE), RPC_S_OK, "RpcCancelAsyncCall");
        end(&echo, RPC_S_CALL_CANCELLED);
        async_end_held(3);
        test_arguments(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}

#endif
