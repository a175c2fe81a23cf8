/*
 * One side goes away: the server is killed, the connection is cut, the client is killed, the thread that made
 * the call ends first. Calls complete with the status of a lost connection, nothing hangs, what lives goes
 * on. SDK, "RPC Return Values": RPC_S_CALL_FAILED is "the remote procedure call failed",
 * RPC_S_SERVER_UNAVAILABLE "the RPC server is unavailable".
 */
#include "async_client.h"
#include "raw.h"

START_CHILD(death_server)
{
    HANDLE ready = shared_event(argv[2], FALSE);
    struct endpoint endpoint;

    name_endpoint(&endpoint, argv[0], argv[1]);
    async_server_start();
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_async_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    SetEvent(ready);
    child_awaits_kill();
}

static HANDLE start_server(const struct endpoint *endpoint)
{
    HANDLE ready = shared_event("death_ready", FALSE);
    HANDLE process =
        child_start("death_server", "%s %s death_ready", endpoint->transport->protseq, endpoint->name);

    wait_for(ready, "the server process");
    CloseHandle(ready);
    return process;
}

static void test_server_dies(const struct endpoint *endpoint)
{
    enum { COUNT = 10 };
    HANDLE process = start_server(endpoint);
    handle_t h = bind_to(endpoint);
    struct echo echoes[COUNT];
    RPC_STATUS status;

    for (int i = 0; i < COUNT; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_HOLD, i, i), 0, "the call raised");
    }
    /* Calls of one thread are dispatched in order, so this one says that all have arrived. */
    ok(async_ping(h, 1) == 2, "wrong reply\n");
    child_kill(process);
    for (int i = 0; i < COUNT; i++) {
        echo_finish(&echoes[i], RPC_S_CALL_FAILED);
        ok(WaitForSingleObject(echoes[i].state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    }
    /* A connection that nobody knew to be dead may carry the request first. */
    status = CAUGHT(async_ping(h, 1));
    ok(status == RPC_S_SERVER_UNAVAILABLE || status == RPC_S_CALL_FAILED_DNE || status == RPC_S_CALL_FAILED,
       "call of a dead server: %ld\n", status);
    ok_status(echo_call(&echoes[0], h, ASYNC_NOW, 1, 1), RPC_S_SERVER_UNAVAILABLE, "call of a dead server");

    /* The binding handle finds the next server at the same place. */
    process = start_server(endpoint);
    ok_status(echo_call(&echoes[1], h, ASYNC_NOW, 1, 21), 0, "the call raised");
    echo_finish(&echoes[1], RPC_S_OK);
    ok(async_ping(h, 2) == 3, "wrong reply\n");
    child_kill(process);
    unbind(&h);
    for (int i = 0; i < COUNT; i++)
        echo_free(&echoes[i]);
}

/* A connection that breaks before the bind was answered, and one that breaks with the request under way. */
static void test_connection_cut(void)
{
    struct raw_server server;
    struct endpoint endpoint;
    struct echo echo;
    RPC_STATUS status;
    handle_t h;

    echo_init_event(&echo);
    raw_server_start(&server, RAW_BIND_THEN_CLOSE);
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 1), 0, "the call raised");
    echo_finish(&echo, RPC_S_CALL_FAILED);
    status = CAUGHT(async_ping(h, 1));
    ok_status(status, RPC_S_CALL_FAILED, "synchronous call, connection cut");
    unbind(&h);
    raw_server_stop(&server);

    raw_server_start(&server, RAW_CLOSE_ON_BIND);
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    /* Nothing was executed: the status says so (SDK, RPC_S_CALL_FAILED_DNE) or says that there is no such
     * server; which of them is unverified on Windows. */
    status = CAUGHT(async_ping(h, 1));
    ok(status == RPC_S_CALL_FAILED_DNE || status == RPC_S_SERVER_UNAVAILABLE, "cut while binding: %ld\n",
       status);
    unbind(&h);
    raw_server_stop(&server);
    echo_free(&echo);
}

START_CHILD(death_client)
{
    HANDLE ready = shared_event(argv[2], FALSE);
    struct endpoint endpoint;
    struct echo echoes[5];
    byte *data = calloc(1, 100000);
    struct echo bytes;
    handle_t h;

    name_endpoint(&endpoint, argv[0], argv[1]);
    h = bind_to(&endpoint);
    for (int i = 0; i < 5; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_HOLD, i, i), 0, "the call raised");
    }
    echo_init_event(&bytes);
    async_bytes(&bytes.state, h, ASYNC_HOLD, 5, 100000, data);
    ok(async_ping(h, 1) == 2, "wrong reply\n");
    SetEvent(ready);
    child_awaits_kill();
}

/* What the server learns of it: RpcServerTestCancel answers RPC_S_OK (unverified on Windows), completing does
 * no harm. */
static void test_client_dies(const struct endpoint *endpoint)
{
    LONG before = live_allocations();
    HANDLE ready = shared_event("death_client_ready", FALSE);
    HANDLE process =
        child_start("death_client", "%s %s death_client_ready", endpoint->transport->protseq, endpoint->name);
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    handle_t h = bind_to(endpoint);
    RPC_STATUS status = RPC_S_CALL_IN_PROGRESS;
    PRPC_ASYNC_STATE state;
    struct echo echo;

    wait_for(ready, "the client process");
    async_wait_held(6);
    child_kill(process);
    state = async_peek_held(0);
    while (ok(state != NULL, "no held call\n") && status == RPC_S_CALL_IN_PROGRESS &&
           GetTickCount64() < end) {
        status = RpcServerTestCancel(RpcAsyncGetCallHandle(state));
        Sleep(2);
    }
    ok_status(status, RPC_S_OK, "RpcServerTestCancel when the client is gone");
    ok(async_end_held(-1) == 6, "not all calls were held\n");
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_OTHER, 1, 3), 0, "the call of another client raised");
    echo_finish(&echo, RPC_S_OK);
    ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
    echo_free(&echo);
    unbind(&h);
    CloseHandle(ready);
}

struct leaver {
    struct echo echo;
    handle_t h;
    RPC_STATUS raised;
};

static DWORD WINAPI call_and_leave(void *context)
{
    struct leaver *leaver = context;

    leaver->raised = echo_call(&leaver->echo, leaver->h, ASYNC_HOLD, 1, 11);
    return 0;
}

static void RPC_ENTRY never_called(RPC_ASYNC_STATE *state, void *context, RPC_ASYNC_EVENT event)
{
    (void)state, (void)context, (void)event;
    ok(0, "an APC of a thread that is gone ran\n");
}

/* SDK, "Waiting for the Asynchronous Reply": such a call "may fail"; we promise that it does not (unverified
 * on Windows). */
static void test_thread_leaves(handle_t h)
{
    struct leaver leaver = {.h = h};
    HANDLE thread;

    echo_init_event(&leaver.echo);
    thread = CreateThread(NULL, 0, call_and_leave, &leaver, 0, NULL);
    wait_for(thread, "the calling thread");
    CloseHandle(thread);
    ok_status(leaver.raised, 0, "the call raised");
    async_wait_held(1);
    ok_status(RpcAsyncGetCallStatus(&leaver.echo.state), RPC_S_ASYNC_CALL_PENDING,
              "after the thread has gone");
    async_end_held(1);
    echo_finish(&leaver.echo, RPC_S_OK);
    echo_free(&leaver.echo);

    /* Its APCs have nowhere to go; the call completes. */
    echo_init(&leaver.echo);
    leaver.echo.state.NotificationType = RpcNotificationTypeApc;
    leaver.echo.state.u.APC.NotificationRoutine = never_called;
    thread = CreateThread(NULL, 0, call_and_leave, &leaver, 0, NULL);
    wait_for(thread, "the calling thread");
    CloseHandle(thread);
    ok_status(leaver.raised, 0, "the call raised");
    async_wait_held(1);
    async_end_held(1);
    for (ULONGLONG end = GetTickCount64() + HANG_GUARD;
         RpcAsyncGetCallStatus(&leaver.echo.state) == RPC_S_ASYNC_CALL_PENDING && GetTickCount64() < end;)
        SwitchToThread();
    echo_complete(&leaver.echo, RPC_S_OK);
}

START_TEST(async_death)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        struct endpoint other;

        winetest_context("%s", endpoints[i].transport->protseq);
        make_endpoint(&other, endpoints[i].transport, "death");
        test_server_dies(&other);
        test_client_dies(&endpoints[i]);
        async_server_reset();
        test_thread_leaves(h);
        async_server_reset();
        unbind(&h);
    }
    winetest_context("%s", "raw server");
    test_connection_cut();
    winetest_context("%s", "");
    stop_serving();
}
