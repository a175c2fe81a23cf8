/*
 * Cancelling asynchronous calls (SDK, RpcAsyncCancelCall, RpcServerTestCancel): abortive and not, before,
 * while and after the server works. A cancel only rushes the completion; the client completes every call.
 */
#include "async_client.h"
#include "raw.h"

/* Until RpcServerTestCancel says that the held call was cancelled: there is nothing else to wait for. */
static void wait_server_sees(LONG id)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    PRPC_ASYNC_STATE state = async_peek_held(id);
    RPC_STATUS status = RPC_S_CALL_IN_PROGRESS;

    if (!ok(state != NULL, "call %ld is not held\n", (long)id))
        return;
    while (GetTickCount64() < end) {
        status = RpcServerTestCancel(RpcAsyncGetCallHandle(state));
        if (status != RPC_S_CALL_IN_PROGRESS)
            break;
        Sleep(2);
    }
    ok_status(status, RPC_S_OK, "RpcServerTestCancel");
}

/* "In an abortive cancel [...] the asynchronous call is canceled immediately, without waiting for a
 * response." The peer gets an orphaned PDU (C706, 12.6.4.11), which the server sees as a cancel (unverified
 * on Windows). */
static void test_abortive(handle_t h)
{
    LONG before = live_allocations();
    struct echo echo;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 5), 0, "the call raised");
    async_wait_held(1);
    ok_status(RpcAsyncCancelCall(&echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    echo_finish(&echo, RPC_S_CALL_CANCELLED);
    ok(WaitForSingleObject(echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "the event was set twice\n");
    echo.doubled = -77;
    wait_server_sees(1);
    /* "The canceled call must still be completed or aborted by the RPC server." */
    ok(async_end_held(1) == 1, "the call was not held\n");
    ok(echo.doubled == -77, "an [out] parameter was written after the call was completed\n");
    ok(async_ping(h, 1) == 2, "the binding is of no use after a cancel\n");
    ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
    echo_free(&echo);
}

/* "In a nonabortive cancel [...] the client waits for the server to complete the call." */
static void test_seen_by_server(handle_t h)
{
    struct echo echo;
    LONG cancels = async_seen.cancels;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_CANCEL, 2, 6), 0, "the call raised");
    ok_status(RpcAsyncCancelCall(&echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall");
    echo_finish(&echo, RPC_S_OK);
    ok(async_seen.cancels == cancels + 1, "the server saw %ld cancels\n",
       (long)(async_seen.cancels - cancels));
    echo_free(&echo);
}

static void test_ignored_by_server(handle_t h)
{
    struct echo echo;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 3, 7), 0, "the call raised");
    async_wait_held(1);
    ok_status(RpcAsyncCancelCall(&echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall");
    wait_server_sees(3);
    ok_status(RpcAsyncGetCallStatus(&echo.state), RPC_S_ASYNC_CALL_PENDING, "after a cancel nobody heeds");
    ok(WaitForSingleObject(echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "completed without the server\n");
    async_end_held(3);
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
}

/* "If the call times out, then the client can issue an abortive cancel" after the nonabortive one. */
static void test_both_kinds(handle_t h)
{
    struct echo echo;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 4, 8), 0, "the call raised");
    async_wait_held(1);
    ok_status(RpcAsyncCancelCall(&echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall, not abortive");
    ok_status(RpcAsyncCancelCall(&echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall, again");
    ok_status(RpcAsyncCancelCall(&echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall, abortive");
    echo_finish(&echo, RPC_S_CALL_CANCELLED);
    wait_server_sees(4);
    async_end_held(4);
    echo_free(&echo);
}

/* A cancel that comes after the reply changes nothing. Unverified on Windows. */
static void test_after_reply(handle_t h)
{
    struct echo echo;

    echo_init_event(&echo);
    for (int abortive = 0; abortive < 2; abortive++) {
        ok_status(echo_call(&echo, h, ASYNC_NOW, 5, 9), 0, "the call raised");
        wait_for(echo.state.u.hEvent, "the reply");
        ok_status(RpcAsyncCancelCall(&echo.state, abortive), RPC_S_OK, "RpcAsyncCancelCall");
        echo_complete(&echo, RPC_S_OK);
        ok(WaitForSingleObject(echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    }
    echo_free(&echo);
}

static DWORD WINAPI cancel_abortive(void *context)
{
    return RpcAsyncCancelCall(context, TRUE);
}

static void test_other_thread(handle_t h)
{
    struct echo echo;
    DWORD status = ~0u;
    HANDLE thread;

    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 6, 10), 0, "the call raised");
    async_wait_held(1);
    thread = CreateThread(NULL, 0, cancel_abortive, &echo.state, 0, NULL);
    wait_for(thread, "the cancelling thread");
    GetExitCodeThread(thread, &status);
    ok_status(status, RPC_S_OK, "RpcAsyncCancelCall");
    echo_finish(&echo, RPC_S_CALL_CANCELLED);
    async_end_held(6);
    CloseHandle(thread);
    echo_free(&echo);
}

/* Cancel races with the reply: whichever wins, the call is told of once and completes once. */
static void test_race(handle_t h)
{
    LONG reply, cancelled = 0;
    struct echo echo;

    echo_init_event(&echo);
    for (int i = 0; i < 100; i++) {
        RPC_STATUS status;

        ok_status(echo_call(&echo, h, i % 2 ? ASYNC_OTHER : ASYNC_NOW, 7, i), 0, "the call raised");
        ok_status(RpcAsyncCancelCall(&echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
        wait_for(echo.state.u.hEvent, "the end of the call");
        status = RpcAsyncCompleteCall(&echo.state, &reply);
        ok(status == RPC_S_OK || status == RPC_S_CALL_CANCELLED, "got %ld\n", status);
        cancelled += status == RPC_S_CALL_CANCELLED;
        ok(WaitForSingleObject(echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    }
    trace("%ld of 100 were cancelled before the reply came\n", (long)cancelled);
    ok(async_ping(h, 3) == 4, "the binding is of no use after cancels\n");
    echo_free(&echo);
}

/* Among many outstanding calls only those cancelled end. */
static void test_some_of_many(handle_t h)
{
    enum { COUNT = 60 };
    struct echo *echoes = calloc(COUNT, sizeof(*echoes));

    for (int i = 0; i < COUNT; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_HOLD, i, i), 0, "the call raised");
    }
    async_wait_held(COUNT);
    for (int i = 0; i < COUNT; i += 3)
        ok_status(RpcAsyncCancelCall(&echoes[i].state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    for (int i = 0; i < COUNT; i += 3)
        echo_finish(&echoes[i], RPC_S_CALL_CANCELLED);
    for (int i = 0; i < COUNT; i++)
        if (i % 3)
            ok_status(RpcAsyncGetCallStatus(&echoes[i].state), RPC_S_ASYNC_CALL_PENDING, "not cancelled");
    async_end_held(-1);
    for (int i = 0; i < COUNT; i++) {
        if (i % 3)
            echo_finish(&echoes[i], RPC_S_OK);
        echo_free(&echoes[i]);
    }
    free(echoes);
}

/* The request cannot be sent because the peer reads nothing: the abortive cancel ends the call all the same.
 */
static void test_while_sending(void)
{
    struct raw_server server;
    struct endpoint endpoint;
    struct echo call;
    byte *data = calloc(1, 32 << 20);
    handle_t h;
    ULONG sum;

    raw_server_start(&server, RAW_BIND_THEN_STALL);
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    echo_init_event(&call);
    ok_status(CAUGHT(async_bytes(&call.state, h, ASYNC_NOW, 1, 32 << 20, data)), 0, "the call raised");
    ok_status(RpcAsyncGetCallStatus(&call.state), RPC_S_ASYNC_CALL_PENDING, "while sending");
    ok_status(RpcAsyncCancelCall(&call.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall, not abortive");
    ok_status(RpcAsyncGetCallStatus(&call.state), RPC_S_ASYNC_CALL_PENDING, "after a cancel that waits");
    ok_status(RpcAsyncCancelCall(&call.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    if (wait_for(call.state.u.hEvent, "the cancelled call"))
        ok_status(RpcAsyncCompleteCall(&call.state, &sum), RPC_S_CALL_CANCELLED, "RpcAsyncCompleteCall");
    ok(WaitForSingleObject(call.state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    unbind(&h);
    raw_server_stop(&server);
    echo_free(&call);
    free(data);
}

struct maker {
    struct echo echo;
    handle_t h;
};

static DWORD WINAPI make_void(void *context)
{
    struct maker *maker = context;

    return CAUGHT(async_void(&maker->echo.state, maker->h, ASYNC_NOW, 1, 1));
}

/* The bind is not answered, and the thread that makes the call waits for that (unverified on Windows). The
 * cancel that is not abortive waits too; the abortive one ends the call, tells of it once, and lets that
 * thread go. */
static void test_while_binding(void)
{
    struct raw_server server;
    struct endpoint endpoint;
    struct maker maker;
    DWORD code = ~0u;
    HANDLE thread;

    raw_server_start(&server, RAW_SWALLOW_BIND);
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    maker.h = bind_to(&endpoint);
    RpcMgmtSetComTimeout(maker.h, RPC_C_BINDING_INFINITE_TIMEOUT);
    echo_init_event(&maker.echo);
    thread = CreateThread(NULL, 0, make_void, &maker, 0, NULL);
    raw_server_wait(&server, RAW_BIND);
    ok_status(RpcAsyncCancelCall(&maker.echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall, not abortive");
    ok_status(RpcAsyncGetCallStatus(&maker.echo.state), RPC_S_ASYNC_CALL_PENDING, "while binding");
    ok(WaitForSingleObject(maker.echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "completed without the server\n");
    server.behaviour = RAW_BIND_THEN_RECORD;
    ok_status(RpcAsyncCancelCall(&maker.echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall, abortive");
    if (wait_for(maker.echo.state.u.hEvent, "the cancelled call"))
        ok_status(RpcAsyncCompleteCall(&maker.echo.state, NULL), RPC_S_CALL_CANCELLED,
                  "RpcAsyncCompleteCall");
    wait_for(thread, "the thread that made the call");
    GetExitCodeThread(thread, &code);
    ok_status(code, 0, "the call raised");
    ok(WaitForSingleObject(maker.echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    ok(WaitForSingleObject(server.seen[RAW_REQUEST], 0) == WAIT_TIMEOUT, "the request was sent\n");
    echo_free(&maker.echo);

    echo_init_event(&maker.echo);
    ok_status(make_void(&maker), 0, "another call on the binding");
    raw_server_wait(&server, RAW_REQUEST);
    ok_status(RpcAsyncCancelCall(&maker.echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    wait_for(maker.echo.state.u.hEvent, "the other call");
    ok_status(RpcAsyncCompleteCall(&maker.echo.state, NULL), RPC_S_CALL_CANCELLED, "RpcAsyncCompleteCall");
    echo_free(&maker.echo);
    CloseHandle(thread);
    unbind(&maker.h);
    raw_server_stop(&server);
}

/* The server accepted the request and says nothing. What goes over the wire: co_cancel (C706, 12.6.4.3) for
 * the nonabortive cancel, orphaned (12.6.4.11) for the abortive one, both with the call's call_id. */
static void test_pdus(void)
{
    struct raw_server server;
    struct endpoint endpoint;
    struct echo echo;
    handle_t h;

    raw_server_start(&server, RAW_BIND_THEN_RECORD);
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 1), 0, "the call raised");
    raw_server_wait(&server, RAW_REQUEST);
    ok_status(RpcAsyncCancelCall(&echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall");
    raw_server_wait(&server, RAW_CO_CANCEL);
    ok_status(RpcAsyncCancelCall(&echo.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    raw_server_wait(&server, RAW_ORPHANED);
    echo_finish(&echo, RPC_S_CALL_CANCELLED);
    ok(server.call_id[RAW_CO_CANCEL] == server.call_id[RAW_REQUEST],
       "co_cancel has call_id %lu, request %lu\n", server.call_id[RAW_CO_CANCEL],
       server.call_id[RAW_REQUEST]);
    ok(server.call_id[RAW_ORPHANED] == server.call_id[RAW_REQUEST], "orphaned has call_id %lu, request %lu\n",
       server.call_id[RAW_ORPHANED], server.call_id[RAW_REQUEST]);
    unbind(&h);
    raw_server_stop(&server);
    echo_free(&echo);
}

START_TEST(async_cancel)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_abortive(h);
        test_seen_by_server(h);
        test_ignored_by_server(h);
        test_both_kinds(h);
        test_after_reply(h);
        test_other_thread(h);
        test_race(h);
        test_some_of_many(h);
        async_server_reset();
        unbind(&h);
    }
    winetest_context("%s", "raw server");
    test_while_sending();
    test_while_binding();
    test_pdus();
    winetest_context("%s", "");
    stop_serving();
}
