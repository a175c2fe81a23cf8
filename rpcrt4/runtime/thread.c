/*
 * Thread records. lock guards the list and every record but server_call and errors, its thread's alone. A
 * record is made when a thread makes or serves its first call, or is cancelled before that.
 */
#include "../os/os.h"
#include "client.h"
#include "error_info.h"
#include "thread.h"

struct thread {
    struct thread *next;
    ULONG id;
    struct call *call; /* what it waits for, counted */
    struct call *server_call;
    struct error_record *errors;
    BOOL cancelled;
    LONG cancel_timeout, pending_timeout;
};

/* Gives up a cancelled call that does not end. */
struct abandonment {
    struct os_timer timer;
    struct call *call;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct thread *threads;
static volatile LONG tls = TLS_OUT_OF_INDEXES;

static DWORD slot(void)
{
    if (tls == (LONG)TLS_OUT_OF_INDEXES) {
        DWORD made = TlsAlloc();

        if (InterlockedCompareExchange(&tls, made, TLS_OUT_OF_INDEXES) != (LONG)TLS_OUT_OF_INDEXES)
            TlsFree(made);
    }
    return tls;
}

/* The record of a thread; lock is held. NULL: no memory. */
static struct thread *find_or_add(ULONG id)
{
    struct thread *thread;

    for (thread = threads; thread; thread = thread->next)
        if (thread->id == id)
            return thread;
    if (!(thread = os_alloc_zero(sizeof *thread)))
        return NULL;
    thread->id = id;
    thread->cancel_timeout = RPC_C_CANCEL_INFINITE_TIMEOUT;
    thread->next = threads;
    threads = thread;
    return thread;
}

static struct thread *current(void)
{
    struct thread *thread = tls == (LONG)TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(tls);

    if (thread)
        return thread;
    AcquireSRWLockExclusive(&lock);
    thread = find_or_add(GetCurrentThreadId());
    ReleaseSRWLockExclusive(&lock);
    if (thread)
        TlsSetValue(slot(), thread);
    return thread;
}

static void give_up(struct os_timer *timer)
{
    struct abandonment *abandonment = CONTAINING_RECORD(timer, struct abandonment, timer);
    struct call *call = abandonment->call;

    os_free(abandonment);
    client_call_abandon(call);
    call_release(call);
}

static void cancel_call(struct call *call, LONG timeout)
{
    struct abandonment *abandonment;

    client_call_cancel(call);
    if (timeout < 0 || !(abandonment = os_alloc_zero(sizeof *abandonment)))
        return;
    abandonment->timer.fire = give_up;
    abandonment->call = call_ref(call);
    if (os_timer_set(&abandonment->timer, (DWORD)timeout * 1000)) {
        call_release(call);
        os_free(abandonment);
    }
}

struct call *thread_begin_call(struct call *call)
{
    struct thread *thread = current();
    struct call *before;
    BOOL cancelled;
    LONG timeout;

    if (!thread)
        return NULL;
    AcquireSRWLockExclusive(&lock);
    before = thread->call;
    thread->call = call_ref(call);
    cancelled = thread->cancelled;
    timeout = thread->pending_timeout;
    thread->cancelled = FALSE;
    ReleaseSRWLockExclusive(&lock);
    if (cancelled)
        cancel_call(call, timeout);
    return before;
}

void thread_end_call(struct call *before)
{
    struct thread *thread = current();
    struct call *call;

    if (!thread)
        return;
    AcquireSRWLockExclusive(&lock);
    call = thread->call;
    thread->call = before;
    ReleaseSRWLockExclusive(&lock);
    if (call)
        call_release(call);
}

RPC_STATUS thread_cancel(ULONG thread_id, LONG timeout)
{
    struct thread *thread;
    struct call *call = NULL;

    AcquireSRWLockExclusive(&lock);
    thread = find_or_add(thread_id);
    if (thread) {
        if (timeout == thread_default_timeout)
            timeout = thread->cancel_timeout;
        thread->pending_timeout = timeout;
        if (thread->call)
            call = call_ref(thread->call);
        else
            thread->cancelled = TRUE;
    }
    ReleaseSRWLockExclusive(&lock);
    if (!thread)
        return RPC_S_OUT_OF_MEMORY;
    if (call) {
        cancel_call(call, timeout);
        call_release(call);
    }
    return RPC_S_OK;
}

RPC_STATUS thread_set_cancel_timeout(LONG timeout)
{
    struct thread *thread = current();

    if (!thread)
        return RPC_S_OUT_OF_MEMORY;
    thread->cancel_timeout = timeout;
    return RPC_S_OK;
}

BOOL thread_test_cancel(void)
{
    struct thread *thread = current();
    BOOL cancelled;

    if (!thread)
        return FALSE;
    AcquireSRWLockExclusive(&lock);
    cancelled = thread->cancelled;
    thread->cancelled = FALSE;
    ReleaseSRWLockExclusive(&lock);
    return cancelled;
}

struct call *thread_server_call(void)
{
    struct thread *thread = tls == (LONG)TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(tls);

    return thread ? thread->server_call : NULL;
}

struct call *thread_set_server_call(struct call *call)
{
    struct thread *thread = current();
    struct call *before = NULL;

    if (thread) {
        before = thread->server_call;
        thread->server_call = call;
    }
    return before;
}

struct error_record **thread_errors(BOOL create)
{
    struct thread *thread = create ? current() : tls == (LONG)TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(tls);

    return thread ? &thread->errors : NULL;
}

void thread_unload(void)
{
    struct thread *thread;

    while ((thread = threads)) {
        threads = thread->next;
        errors_free(thread->errors);
        os_free(thread);
    }
    if (tls != (LONG)TLS_OUT_OF_INDEXES)
        TlsFree(tls);
}

void thread_detach(void)
{
    struct thread *thread = tls == (LONG)TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(tls), **at;

    if (!thread)
        return;
    AcquireSRWLockExclusive(&lock);
    for (at = &threads; *at; at = &(*at)->next) {
        if (*at == thread) {
            *at = thread->next;
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    errors_free(thread->errors);
    os_free(thread);
}
