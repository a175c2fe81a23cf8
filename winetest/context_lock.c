/*
 * Strict context handles, and the locks of context handles. SDK: "strict_context_handle",
 * "context_handle_noserialize", RpcSsContextLockExclusive, RpcSsContextLockShared.
 */
#include "ndr.h"
#include "test_context.h"

/* entered, locked: semaphores that managers release; proceed, leave: what they wait for. */
static HANDLE entered, locked, proceed, leave;

/* ---- manager routines */

void __RPC_USER strict_handle_rundown(strict_handle context)
{
    free(context);
}

void __RPC_USER strict_shared_rundown(strict_shared context)
{
    free(context);
}

/* For an [out] handle locking does nothing. */
ULONG s_strict_open(handle_t h, LONG value, strict_handle *context)
{
    LONG *number = malloc(sizeof(*number));
    RPC_STATUS status = RpcSsContextLockExclusive(h, context);

    *number = value;
    *context = number;
    return status ? status : RpcSsContextLockShared(NULL, context);
}

LONG s_strict_use(strict_handle context)
{
    return *(LONG *)context;
}

void s_strict_close(strict_handle *context)
{
    free(*context);
    *context = NULL;
}

static RPC_STATUS lock(lock_what what, void *user)
{
    RPC_STATUS status = 0;
    int stranger;

    ReleaseSemaphore(entered, 1, NULL);
    if (what == LOCK_EXCLUSIVE_WAIT || what == LOCK_SHARED_WAIT)
        WaitForSingleObject(proceed, HANG_GUARD);
    if (what == LOCK_EXCLUSIVE || what == LOCK_EXCLUSIVE_WAIT)
        status = RpcSsContextLockExclusive(NULL, user);
    else if (what == LOCK_SHARED || what == LOCK_SHARED_WAIT)
        status = RpcSsContextLockShared(I_RpcGetCurrentCallHandle(), user);
    else if (what == LOCK_STRANGER)
        status = RpcSsContextLockExclusive(NULL, &stranger);
    ReleaseSemaphore(locked, 1, NULL);
    if (what == LOCK_WAIT || what == LOCK_SHARED_WAIT)
        WaitForSingleObject(leave, HANG_GUARD);
    return status;
}

ULONG s_strict_lock(strict_handle context, lock_what what)
{
    return lock(what, context);
}

ULONG s_shared_lock(strict_shared context, lock_what what)
{
    return lock(what, context);
}

ULONG s_shared_lock_twice(strict_shared one, strict_shared other, lock_what what)
{
    ok(one == other, "two contexts\n");
    return lock(what, one);
}

ULONG s_pointer_lock(strict_shared *context, lock_what what)
{
    return lock(what, context);
}

/* ---- tests */

/* "The methods in that interface will only accept context handles that were created by a method from the same
 * interface. Interfaces compiled without [strict_context_handle] cannot accept context handles created on
 * interfaces compiled with [strict_context_handle]." */
static void test_strict(handle_t h)
{
    strict_handle strict = NULL;
    ndr_context open = NULL;

    ok_status(strict_open(h, 11, &strict), RPC_S_OK, "locking an [out] handle");
    ndr_open(h, 12, &open);
    ok(strict_use(strict) == 11 && ndr_use(open) == 12, "wrong contexts\n");
    ok_status(CAUGHT(strict_use(open)), RPC_X_SS_CONTEXT_MISMATCH, "another interface's handle");
    ok_status(CAUGHT(strict_lock(open, LOCK_NOTHING)), RPC_X_SS_CONTEXT_MISMATCH,
              "another interface's handle");
    ok_status(CAUGHT(ndr_use(strict)), RPC_X_SS_CONTEXT_MISMATCH, "a strict handle elsewhere");
    ok(strict_use(strict) == 11 && ndr_use(open) == 12, "wrong contexts\n");
    strict_close(&strict);
    ok(!strict, "a closed handle is NULL\n");
    ndr_close(&open);
}

struct caller {
    strict_handle context;
    lock_what what;
    int serialized;
    ULONG status;
};

static DWORD WINAPI call_lock(void *argument)
{
    struct caller *caller = argument;

    caller->status = caller->serialized ? strict_lock(caller->context, caller->what)
                                        : shared_lock(caller->context, caller->what);
    return 0;
}

static HANDLE start(struct caller *caller, strict_handle context, lock_what what, int serialized)
{
    HANDLE thread;

    *caller = (struct caller){context, what, serialized, ~0u};
    thread = CreateThread(NULL, 0, call_lock, caller, 0, NULL);
    wait_for(entered, "the manager");
    return thread;
}

static void finish(HANDLE thread)
{
    wait_for(thread, "a caller");
    CloseHandle(thread);
}

static void drain(void)
{
    while (!WaitForSingleObject(entered, 0))
        ;
    while (!WaitForSingleObject(locked, 0))
        ;
    ResetEvent(proceed);
    ResetEvent(leave);
}

/* One call alone: any change is granted; the handle is named by its value, or by its address where the
 * manager has that. */
static void test_alone(strict_handle context)
{
    ok_status(shared_lock(context, LOCK_EXCLUSIVE), RPC_S_OK, "shared to exclusive");
    ok_status(shared_lock(context, LOCK_SHARED), RPC_S_OK, "shared to shared");
    ok_status(strict_lock(context, LOCK_SHARED), RPC_S_OK, "exclusive to shared");
    ok_status(strict_lock(context, LOCK_EXCLUSIVE), RPC_S_OK, "exclusive to exclusive");
    ok_status(pointer_lock(&context, LOCK_EXCLUSIVE), RPC_S_OK, "by address");
    ok_status(shared_lock_twice(context, context, LOCK_EXCLUSIVE), RPC_S_OK, "given twice");
    /* unverified on Windows: the status */
    ok_status(shared_lock(context, LOCK_STRANGER), RPC_X_SS_CONTEXT_MISMATCH, "no context of the call's");
    ok(strict_use(context) == 5, "wrong context\n");
    drain();
}

/* Calls that do not serialize are in the manager together, and one that goes exclusive waits for the others.
 */
static void test_upgrade(strict_handle context)
{
    struct caller reader, writer;
    HANDLE threads[2];

    threads[0] = start(&reader, context, LOCK_WAIT, FALSE);
    wait_for(locked, "the reader");
    threads[1] = start(&writer, context, LOCK_EXCLUSIVE_WAIT, FALSE);
    SetEvent(proceed);
    ok(WaitForSingleObject(locked, 0) == WAIT_TIMEOUT, "exclusive beside a reader\n");
    SetEvent(leave);
    finish(threads[0]);
    finish(threads[1]);
    ok_status(writer.status, RPC_S_OK, "the one that went exclusive");
    drain();
}

/* "If two threads attempt to obtain an exclusive lock on the same context handle [...] at the same time, one
 * arbitrarily chosen thread is returned RPC_S_OK, and the other is returned ERROR_MORE_WRITES." */
static void test_two_upgrades(strict_handle context)
{
    struct caller callers[2];
    HANDLE threads[2];

    for (int i = 0; i < 2; i++)
        threads[i] = start(&callers[i], context, LOCK_EXCLUSIVE_WAIT, FALSE);
    SetEvent(proceed);
    finish(threads[0]);
    finish(threads[1]);
    ok((!callers[0].status && callers[1].status == ERROR_MORE_WRITES) ||
           (!callers[1].status && callers[0].status == ERROR_MORE_WRITES),
       "statuses %lu and %lu\n", callers[0].status, callers[1].status);
    ok(strict_use(context) == 5, "wrong context\n");
    drain();
}

/* A serialized call lets others in when it goes shared. */
static void test_downgrade(strict_handle context)
{
    struct caller caller;
    HANDLE thread = start(&caller, context, LOCK_SHARED_WAIT, TRUE);

    SetEvent(proceed);
    wait_for(locked, "the one that went shared");
    ok_status(shared_lock(context, LOCK_NOTHING), RPC_S_OK, "a reader beside it");
    SetEvent(leave);
    finish(thread);
    ok_status(caller.status, RPC_S_OK, "the one that went shared");
    drain();
}

START_TEST(context_lock)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    entered = CreateSemaphoreA(NULL, 0, 100, NULL);
    locked = CreateSemaphoreA(NULL, 0, 100, NULL);
    proceed = CreateEventA(NULL, TRUE, FALSE, NULL);
    leave = CreateEventA(NULL, TRUE, FALSE, NULL);
    serve(endpoints, test_context_v1_0_s_ifspec);
    ok_status(RpcServerRegisterIf(test_ndr_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "test_ndr");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        strict_handle context = NULL;

        winetest_context("%s", endpoints[i].transport->protseq);
        test_strict(h);
        strict_open(h, 5, &context);
        test_alone(context);
        test_upgrade(context);
        test_two_upgrades(context);
        test_downgrade(context);
        strict_close(&context);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
