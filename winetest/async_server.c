/*
 * The manager routines of test_async. The client chooses with `mode` how and where its call ends; calls to be
 * held wait in one list. `lock` guards the list; `changed` wakes who waits for its length or for the number
 * of ended calls. Calls that end on another thread do so in a pool of few, for a test counts the threads.
 */
#include "fixture.h"
#include "test_async.h"

struct pending {
    struct pending *next;
    PRPC_ASYNC_STATE async;
    async_mode mode;
    LONG id, value;
    /* Parameters that are filled in when the call ends, not before: they must outlive the manager routine. */
    LONG *doubled, *negated;
    union {
        LONG l;
        ULONG u;
    } reply;
};

struct async_seen async_seen;

static CRITICAL_SECTION lock;
static CONDITION_VARIABLE changed;
static struct pending *held;
static LONG held_count;
static LONG inside;
static TP_CALLBACK_ENVIRON finishers;

void async_server_start(void)
{
    TP_POOL *pool = CreateThreadpool(NULL);

    InitializeCriticalSection(&lock);
    InitializeConditionVariable(&changed);
    SetThreadpoolThreadMaximum(pool, ASYNC_FINISHERS);
    TpInitializeCallbackEnviron(&finishers);
    TpSetCallbackThreadpool(&finishers, pool);
}

void async_server_reset(void)
{
    EnterCriticalSection(&lock);
    ok(!held, "calls are still held\n");
    memset((void *)&async_seen, 0, sizeof(async_seen));
    LeaveCriticalSection(&lock);
}

static int wait_counter(volatile LONG *counter, LONG count, const char *what)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    LONG seen;

    EnterCriticalSection(&lock);
    while (*counter < count && GetTickCount64() < end)
        SleepConditionVariableCS(&changed, &lock, HANG_GUARD);
    seen = *counter;
    LeaveCriticalSection(&lock);
    return ok(seen >= count, "%ld calls %s, expected %ld\n", (long)seen, what, (long)count);
}

int async_wait_held(LONG count)
{
    return wait_counter(&held_count, count, "held");
}

int async_wait_ended(LONG count)
{
    return wait_counter(&async_seen.ended, count, "ended");
}

static void hold(struct pending *pending)
{
    struct pending **at = &held;

    EnterCriticalSection(&lock);
    while (*at)
        at = &(*at)->next;
    pending->next = NULL;
    *at = pending;
    held_count++;
    LeaveCriticalSection(&lock);
    WakeAllConditionVariable(&changed);
}

static struct pending *take_held(LONG id)
{
    struct pending *found = NULL;

    EnterCriticalSection(&lock);
    for (struct pending **at = &held; *at; at = &(*at)->next) {
        if (id != -1 && (*at)->id != id)
            continue;
        found = *at;
        *at = found->next;
        held_count--;
        break;
    }
    LeaveCriticalSection(&lock);
    return found;
}

PRPC_ASYNC_STATE async_peek_held(LONG id)
{
    PRPC_ASYNC_STATE async = NULL;

    EnterCriticalSection(&lock);
    for (struct pending *pending = held; pending && !async; pending = pending->next)
        if (pending->id == id)
            async = pending->async;
    LeaveCriticalSection(&lock);
    return async;
}

void async_forget_held(LONG id)
{
    free(take_held(id));
}

/* Ends one call and says so. The handle is gone afterwards. */
static void finish(struct pending *pending)
{
    RPC_STATUS status;

    if (pending->doubled)
        *pending->doubled = 2 * pending->value;
    if (pending->negated)
        *pending->negated = -*pending->negated;
    if (pending->mode == ASYNC_ABORT_NOW || pending->mode == ASYNC_ABORT_OTHER)
        status = RpcAsyncAbortCall(pending->async, pending->value);
    else
        status = RpcAsyncCompleteCall(pending->async, &pending->reply);
    free(pending);
    EnterCriticalSection(&lock);
    async_seen.last = status;
    async_seen.ended++;
    LeaveCriticalSection(&lock);
    WakeAllConditionVariable(&changed);
}

LONG async_end_held(LONG id)
{
    struct pending *pending;
    LONG count = 0;

    while ((pending = take_held(id))) {
        finish(pending);
        count++;
    }
    return count;
}

/* There is no event for a cancel (SDK, RpcServerTestCancel: the server polls), so this polls. */
static void wait_cancel(struct pending *pending)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    RPC_STATUS status;

    do {
        status = RpcServerTestCancel(RpcAsyncGetCallHandle(pending->async));
        if (status == RPC_S_CALL_IN_PROGRESS)
            Sleep(2);
    } while (status == RPC_S_CALL_IN_PROGRESS && GetTickCount64() < end);
    ok_status(status, RPC_S_OK, "RpcServerTestCancel");
    if (!status)
        InterlockedIncrement(&async_seen.cancels);
}

static void CALLBACK pool_finish(TP_CALLBACK_INSTANCE *instance, void *context)
{
    (void)instance;
    finish(context);
}

static DWORD WINAPI cancel_and_finish(void *context)
{
    wait_cancel(context);
    finish(context);
    return 0;
}

static void enter(LONG id)
{
    LONG now = InterlockedIncrement(&inside);

    EnterCriticalSection(&lock);
    async_seen.order[async_seen.calls++ & 255] = id;
    if (now > async_seen.most_inside)
        async_seen.most_inside = now;
    LeaveCriticalSection(&lock);
}

static struct pending *new_pending(PRPC_ASYNC_STATE async, async_mode mode, LONG id, LONG value)
{
    struct pending *pending = calloc(1, sizeof(*pending));

    pending->async = async;
    pending->mode = mode;
    pending->id = id;
    pending->value = value;
    return pending;
}

/* The end of every manager routine: the call goes its way and the dispatch thread comes back. */
static void go(struct pending *pending)
{
    LONG value = pending->value;

    switch (pending->mode) {
    case ASYNC_NOW:
    case ASYNC_ABORT_NOW:
        finish(pending);
        break;
    case ASYNC_OTHER:
    case ASYNC_ABORT_OTHER:
        ok(TrySubmitThreadpoolCallback(pool_finish, pending, &finishers), "no thread to end the call on\n");
        break;
    case ASYNC_CANCEL:
        QueueUserWorkItem(cancel_and_finish, pending, WT_EXECUTELONGFUNCTION);
        break;
    case ASYNC_HOLD:
        hold(pending);
        break;
    case ASYNC_RAISE:
        free(pending);
        InterlockedDecrement(&inside);
        RpcRaiseException(value);
    }
    InterlockedDecrement(&inside);
}

void s_async_echo(PRPC_ASYNC_STATE async, handle_t h, async_mode mode, LONG id, LONG value, LONG *doubled,
                  LONG *negated)
{
    struct pending *pending = new_pending(async, mode, id, value);

    (void)h;
    enter(id);
    pending->doubled = doubled;
    pending->negated = negated;
    pending->reply.l = value + 1;
    go(pending);
}

void s_async_void(PRPC_ASYNC_STATE async, handle_t h, async_mode mode, LONG id, LONG value)
{
    (void)h;
    enter(id);
    go(new_pending(async, mode, id, value));
}

void s_async_text(PRPC_ASYNC_STATE async, handle_t h, async_mode mode, LONG id, const wchar_t *text,
                  wchar_t **reversed)
{
    struct pending *pending = new_pending(async, mode, id, 0);
    size_t length = wcslen(text);

    (void)h;
    enter(id);
    *reversed = midl_user_allocate((length + 1) * sizeof(wchar_t));
    for (size_t i = 0; i < length; i++)
        (*reversed)[i] = text[length - 1 - i];
    (*reversed)[length] = 0;
    pending->reply.l = (LONG)length;
    go(pending);
}

void s_async_array(PRPC_ASYNC_STATE async, handle_t h, async_mode mode, LONG id, LONG n, LONG *values)
{
    struct pending *pending = new_pending(async, mode, id, 0);

    (void)h;
    enter(id);
    for (LONG i = 0; i < n; i++)
        values[i] *= 3;
    pending->reply.l = n;
    go(pending);
}

void s_async_bytes(PRPC_ASYNC_STATE async, handle_t h, async_mode mode, LONG id, LONG n, byte *data)
{
    struct pending *pending = new_pending(async, mode, id, 0);

    (void)h;
    enter(id);
    pending->reply.u = 1;
    for (LONG i = 0; i < n; i++)
        pending->reply.u = pending->reply.u * 31 + data[i];
    go(pending);
}

void s_async_double(PRPC_ASYNC_STATE async, handle_t h, async_mode mode, LONG id, double value, double *half)
{
    struct pending *pending = new_pending(async, mode, id, 0);

    (void)h;
    enter(id);
    *half = value / 2;
    go(pending);
}

LONG s_async_held(handle_t h)
{
    (void)h;
    return held_count;
}

LONG s_async_release(handle_t h, LONG id)
{
    (void)h;
    return async_end_held(id);
}

LONG s_async_ping(handle_t h, LONG value)
{
    (void)h;
    return value + 1;
}
