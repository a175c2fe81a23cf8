/*
 * What a server's owner waits for: SDK pages RpcMgmtWaitServerListen, RpcMgmtStopServerListening,
 * RpcServerListen, RpcServerUnregisterIf. Calls that an asynchronous manager has yet to complete are active.
 */
#include "async_client.h"

static struct endpoint endpoints[TRANSPORT_COUNT];
static volatile LONG done;

static void *hold(struct echo *echo, handle_t h)
{
    echo_init_event(echo);
    ok_status(echo_call(echo, h, ASYNC_HOLD, 1, 5), 0, "the call raised");
    async_wait_held(1);
    return echo;
}

static void release(struct echo *echo)
{
    InterlockedIncrement(&done);
    async_end_held(-1);
    echo_finish(echo, RPC_S_OK);
    echo_free(echo);
}

struct waiter {
    RPC_STATUS status;
    LONG done; /* when the wait was over */
};

static DWORD WINAPI wait_for_end(void *context)
{
    struct waiter *waiter = context;

    waiter->status = RpcMgmtWaitServerListen();
    waiter->done = done;
    return 0;
}

/* "The RpcMgmtWaitServerListen function returns after the server application calls RpcMgmtStopServerListening
 * and all active remote procedure calls complete." */
static void test_listen(handle_t h)
{
    struct waiter waiters[2];
    HANDLE threads[2];
    struct echo echo;
    DWORD second;

    done = 0;
    hold(&echo, h);
    for (int i = 0; i < 2; i++)
        threads[i] = CreateThread(NULL, 0, wait_for_end, &waiters[i], 0, NULL);
    /* "Another thread has called RpcMgmtWaitServerListen and has not yet returned": one of the two is told.
     */
    second = WaitForMultipleObjects(2, threads, FALSE, HANG_GUARD);
    if (!ok(second < 2, "both wait\n"))
        second = 0;
    ok_status(waiters[second].status, RPC_S_ALREADY_LISTENING, "a second RpcMgmtWaitServerListen");
    ok_status(RpcMgmtStopServerListening(NULL), RPC_S_OK, "RpcMgmtStopServerListening");
    /* "the RPC run-time library stops accepting new remote procedure calls for all registered interfaces" */
    ok_status(CAUGHT(async_ping(h, 3)), RPC_S_SERVER_TOO_BUSY, "a new call");
    release(&echo);
    wait_for(threads[!second], "RpcMgmtWaitServerListen");
    ok_status(waiters[!second].status, RPC_S_OK, "RpcMgmtWaitServerListen");
    ok(waiters[!second].done == 1, "RpcMgmtWaitServerListen did not wait for the call\n");
    for (int i = 0; i < 2; i++)
        CloseHandle(threads[i]);
    ok_status(RpcMgmtWaitServerListen(), RPC_S_NOT_LISTENING, "after it");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
}

/* "This function will not affect auto-listen interfaces." That a call in one does not hold up the wait is
 * unverified on Windows. */
static void test_auto_listen(handle_t h)
{
    struct echo echo;

    ok_status(RpcServerUnregisterIf(test_async_v1_0_s_ifspec, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIfEx(test_async_v1_0_s_ifspec, NULL, NULL, RPC_IF_AUTOLISTEN,
                                    RPC_C_LISTEN_MAX_CALLS_DEFAULT, NULL),
              RPC_S_OK, "RpcServerRegisterIfEx");
    hold(&echo, h);
    stop_serving();
    ok(async_ping(h, 3) == 4, "an auto-listen interface still answers\n");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    /* "If the value of IfSpec is NULL, this function will leave auto-listen interfaces registered." */
    ok_status(RpcServerUnregisterIf(NULL, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf(NULL)");
    ok_status(CAUGHT(async_ping(h, 3)), RPC_S_OK, "the auto-listen interface");
    release(&echo);
    ok_status(RpcServerUnregisterIf(test_async_v1_0_s_ifspec, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(CAUGHT(async_ping(h, 3)), RPC_S_UNKNOWN_IF, "unregistered");
    ok_status(RpcServerRegisterIf(test_async_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
}

static UUID type;

static DWORD WINAPI unregister_type(void *context)
{
    (void)context;
    ok_status(RpcServerUnregisterIf(test_async_v1_0_s_ifspec, &type, TRUE), RPC_S_OK,
              "RpcServerUnregisterIf");
    ok(done == 1, "RpcServerUnregisterIf did not wait for the call\n");
    return 0;
}

/* One manager of several is taken away: the calls that are active are waited for, those that come meanwhile
 * for the others are not held up, and do not hold up. */
static void test_type(handle_t h)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    struct echo echo;
    RPC_STATUS status;
    HANDLE waiter;
    UUID object;

    UuidCreate(&type);
    UuidCreate(&object);
    ok_status(RpcServerRegisterIf(test_async_v1_0_s_ifspec, &type, NULL), RPC_S_OK, "a second manager");
    ok_status(RpcObjectSetType(&object, &type), RPC_S_OK, "RpcObjectSetType");
    ok_status(RpcBindingSetObject(h, &object), RPC_S_OK, "RpcBindingSetObject");
    done = 0;
    hold(&echo, h);
    waiter = CreateThread(NULL, 0, unregister_type, NULL, 0, NULL);
    /* From when on there is no manager nothing else tells. */
    do {
        status = CAUGHT(async_ping(h, 3));
    } while (status == RPC_S_OK && GetTickCount64() < end);
    ok_status(status, RPC_S_UNSUPPORTED_TYPE, "a type without a manager");
    ok_status(RpcBindingSetObject(h, NULL), RPC_S_OK, "RpcBindingSetObject");
    ok_status(CAUGHT(async_ping(h, 3)), RPC_S_OK, "the other manager");
    release(&echo);
    wait_for(waiter, "RpcServerUnregisterIf");
    CloseHandle(waiter);
    RpcObjectSetType(&object, NULL);
}

START_TEST(server_wait)
{
    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_listen(h);
        test_auto_listen(h);
        test_type(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
