/*
 * What a runtime that every process loads has to outlive: calls under the loader's lock, as in a DllMain;
 * threads that are terminated in a call; processes that exit with calls outstanding, and call in their last
 * moments; many processes at once. SDK, DllMain and TerminateThread, warn of all of it; that we bear it is
 * our own promise (unverified on Windows).
 */
#include "async_client.h"
#include "test_sync.h"

static struct endpoint endpoints[TRANSPORT_COUNT];

/* ---- the loader's lock */

START_CHILD(robust_server)
{
    HANDLE ready = shared_event(argv[2], FALSE);
    struct endpoint endpoint;

    name_endpoint(&endpoint, argv[0], argv[1]);
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    SetEvent(ready);
    ok_status(RpcMgmtWaitServerListen(), RPC_S_OK, "RpcMgmtWaitServerListen");
}

/* The first calls that this process makes at all, the loader's lock held: no thread can start. */
START_CHILD(robust_locked)
{
    LONG(NTAPI * lock)(ULONG, ULONG *, ULONG_PTR *);
    LONG(NTAPI * unlock)(ULONG, ULONG_PTR);
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    struct endpoint endpoint;
    ULONG_PTR cookie = 0;
    handle_t h;

    lock = (LONG(NTAPI *)(ULONG, ULONG *, ULONG_PTR *))(void *)GetProcAddress(ntdll, "LdrLockLoaderLock");
    unlock = (LONG(NTAPI *)(ULONG, ULONG_PTR))(void *)GetProcAddress(ntdll, "LdrUnlockLoaderLock");
    ok(!lock(0, NULL, &cookie), "LdrLockLoaderLock\n");
    name_endpoint(&endpoint, argv[0], argv[1]);
    h = bind_to(&endpoint);
    for (int i = 0; i < 3; i++)
        ok_status(CAUGHT(ok(sync_add(h, 3, 4) == 7, "wrong sum\n")), RPC_S_OK, "under the loader's lock");
    unbind(&h);
    ok(!unlock(0, cookie), "LdrUnlockLoaderLock\n");
}

static void test_loader_lock(const struct transport *transport)
{
    HANDLE ready = shared_event("robust_ready", FALSE), process, client;
    struct endpoint endpoint;

    make_endpoint(&endpoint, transport, "robust");
    process = child_start("robust_server", "%s %s robust_ready", transport->protseq, endpoint.name);
    wait_for(ready, "the server");
    client = child_start("robust_locked", "%s %s", transport->protseq, endpoint.name);
    child_wait(client, 0);
    TerminateProcess(process, 0);
    child_wait(process, 0);
    CloseHandle(ready);
}

/* ---- terminated threads */

static HANDLE entered, leave;

static void hold_hook(handle_t h, long what)
{
    (void)h, (void)what;
    SetEvent(entered);
    wait_for(leave, "leave");
}

static DWORD WINAPI call_hook(void *context)
{
    return CAUGHT(sync_hook(context, 0));
}

static DWORD WINAPI call_add(void *context)
{
    LONG sum = 0;
    RPC_STATUS status = CAUGHT(sum = sync_add(context, 1, 2));

    return status == RPC_S_OK && sum == 3 ? RPC_S_OK : 1;
}

/* Every thread that comes after it may have the number of the one that was terminated. */
static void test_terminated(handle_t h)
{
    HANDLE thread;
    DWORD code;

    sync_hook_routine = hold_hook;
    thread = CreateThread(NULL, 0, call_hook, h, 0, NULL);
    wait_for(entered, "the manager");
    TerminateThread(thread, 5);
    wait_for(thread, "the terminated thread");
    CloseHandle(thread);
    for (int i = 0; i < 20; i++) {
        thread = CreateThread(NULL, 0, call_add, h, 0, NULL);
        if (i == 10)
            SetEvent(leave);
        wait_for(thread, "the next thread");
        code = 77;
        GetExitCodeThread(thread, &code);
        ok(code == RPC_S_OK, "thread %d: %lu\n", i, code);
        CloseHandle(thread);
    }
    sync_hook_routine = NULL;
}

/* ---- processes that exit */

static handle_t last_binding;
static struct echo outstanding[20];

/* Runs as the process ends, when it has no other thread any more. */
static void WINAPI last_calls(void *value)
{
    RPC_CSTR text = NULL;
    UUID uuid;

    (void)value;
    UuidCreate(&uuid);
    RpcStringBindingComposeA(NULL, (RPC_CSTR) "ncalrpc", NULL, NULL, NULL, &text);
    RpcStringFreeA(&text);
    RpcAsyncCancelCall(&outstanding[0].state, TRUE);
    RpcServerUnregisterIf(test_sync_v1_2_s_ifspec, NULL, TRUE);
    RpcBindingFree(&last_binding);
}

static DWORD WINAPI call_and_wait(void *context)
{
    return CAUGHT(async_release(context, 1234));
}

/* It is a server too, which this very call keeps busy for ever. */
START_CHILD(robust_leaver)
{
    HANDLE ready = shared_event(argv[2], FALSE), called;
    struct endpoint endpoint, own;
    handle_t self;

    name_endpoint(&endpoint, argv[0], argv[1]);
    last_binding = bind_to(&endpoint);
    for (unsigned i = 0; i < ARRAYSIZE(outstanding); i++) {
        echo_init_event(&outstanding[i]);
        ok_status(echo_call(&outstanding[i], last_binding, ASYNC_HOLD, i, i), 0, "the call raised");
    }
    make_endpoint(&own, endpoint.transport, "leaver");
    use_endpoint(&own);
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, 20, TRUE), RPC_S_OK, "RpcServerListen");
    self = bind_to(&own);
    entered = CreateEventA(NULL, FALSE, FALSE, NULL);
    leave = CreateEventA(NULL, TRUE, FALSE, NULL);
    sync_hook_routine = hold_hook;
    called = CreateThread(NULL, 0, call_hook, self, 0, NULL);
    ok(called != NULL, "no thread\n");
    wait_for(entered, "the manager");
    CreateThread(NULL, 0, call_and_wait, last_binding, 0, NULL);
    FlsSetValue(FlsAlloc(last_calls), (void *)1);
    SetEvent(ready);
    ExitProcess(0);
}

static void test_exit(const struct endpoint *endpoint)
{
    HANDLE ready = shared_event("robust_leaves", FALSE);
    HANDLE process =
        child_start("robust_leaver", "%s %s robust_leaves", endpoint->transport->protseq, endpoint->name);
    handle_t h = bind_to(endpoint);

    wait_for(ready, "the process that leaves");
    child_wait(process, 0);
    async_end_held(-1);
    ok_status(CAUGHT(ok(async_ping(h, 3) == 4, "wrong reply\n")), RPC_S_OK, "the server lives");
    unbind(&h);
    CloseHandle(ready);
}

/* ---- many processes */

START_CHILD(robust_caller)
{
    HANDLE go = shared_event(argv[2], TRUE);
    struct endpoint endpoint;
    handle_t h;

    name_endpoint(&endpoint, argv[0], argv[1]);
    h = bind_to(&endpoint);
    wait_for(go, "the start");
    for (int i = 0; i < 50; i++)
        ok_status(CAUGHT(ok(sync_add(h, i, 1) == i + 1, "wrong sum\n")), RPC_S_OK, "a call among many");
    unbind(&h);
}

static void test_many(const struct endpoint *endpoint)
{
    HANDLE go = shared_event("robust_go", TRUE), processes[12];

    for (unsigned i = 0; i < ARRAYSIZE(processes); i++)
        processes[i] =
            child_start("robust_caller", "%s %s robust_go", endpoint->transport->protseq, endpoint->name);
    SetEvent(go);
    for (unsigned i = 0; i < ARRAYSIZE(processes); i++)
        child_wait(processes[i], 0);
    ResetEvent(go);
    CloseHandle(go);
}

START_TEST(robust)
{
    entered = CreateEventA(NULL, FALSE, FALSE, NULL);
    leave = CreateEventA(NULL, FALSE, FALSE, NULL);
    serve_async(endpoints);
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_loader_lock(&transports[i]);
        test_terminated(h);
        test_exit(&endpoints[i]);
        test_many(&endpoints[i]);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
