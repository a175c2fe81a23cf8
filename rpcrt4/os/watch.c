/*
 * Watching memory that other processes write to.
 *
 * A wait and a wake-up through the kernel (under Wine: through wineserver) cost far more than a short call,
 * so after every event one watcher, the hot one, looks on for SPIN_MICROSECONDS. Only then are the watches
 * armed, and the watchers sleep on the bell, an auto-reset event that other processes may open and ring.
 * Ringing too often does no harm; a watch that was not armed would be missed, hence the order everywhere:
 * arm, then look once more.
 *
 * The watchers are a pool as the port's workers are: one sleeps, or is about to look, whenever there is a
 * watch; one that goes into foreign code gives up the hot place, and makes another watcher if none is left.
 *
 * The lock guards the list, the counts and the hot place. A watch's arm is called under it (the watch's own
 * lock is below), its poll and gone are not.
 */
#include "port.h"
#include "debug.h"
#include <ntsecapi.h>

enum { SPIN_MICROSECONDS = 50, PAUSES = 24 };

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE bell;
static UCHAR bell_id[OS_BELL_ID_SIZE];
static struct os_watch *watches;
static struct worker *hot;
static unsigned count, active; /* watchers; those that are not away */
static LONG armed;

static DWORD WINAPI watch(void *context);

/* ---- looking */

DWORD os_random(void *data, ULONG size)
{
    return RtlGenRandom(data, size) ? 0 : ERROR_NO_SYSTEM_RESOURCES;
}

BOOL os_spin(struct os_spin *spin)
{
    static LONGLONG limit; /* ticks; negative: there is but one processor */
    LARGE_INTEGER now;
    unsigned i;

    if (!limit) {
        SYSTEM_INFO info;
        LARGE_INTEGER frequency;

        GetSystemInfo(&info);
        QueryPerformanceFrequency(&frequency);
        limit = info.dwNumberOfProcessors > 1 ? frequency.QuadPart * SPIN_MICROSECONDS / 1000000 : -1;
    }
    if (limit < 0)
        return FALSE;
    for (i = 0; i < PAUSES; i++)
        YieldProcessor();
    QueryPerformanceCounter(&now);
    if (!spin->end)
        spin->end = now.QuadPart + limit;
    else if (now.QuadPart >= spin->end)
        return FALSE;
    SwitchToThread();
    return TRUE;
}

/* ---- the bell */

static void bell_name(const UCHAR id[OS_BELL_ID_SIZE], WCHAR name[48])
{
    static const WCHAR prefix[] = L"rpcrt4-bell-", digits[] = L"0123456789abcdef";
    unsigned i;

    wcscpy(name, prefix);
    name += ARRAYSIZE(prefix) - 1;
    for (i = 0; i < OS_BELL_ID_SIZE; i++) {
        *name++ = digits[id[i] >> 4];
        *name++ = digits[id[i] & 15];
    }
    *name = 0;
}

/* Holds the lock. */
static DWORD make_bell(void)
{
    WCHAR name[48];
    DWORD error;

    if (bell)
        return 0;
    error = os_random(bell_id, sizeof(bell_id));
    if (error)
        return error;
    bell_name(bell_id, name);
    bell = CreateEventW(NULL, FALSE, FALSE, name);
    return bell ? 0 : GetLastError();
}

DWORD os_bell_id(UCHAR id[OS_BELL_ID_SIZE])
{
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    error = make_bell();
    if (!error)
        memcpy(id, bell_id, sizeof(bell_id));
    ReleaseSRWLockExclusive(&lock);
    return error;
}

void bell_drop(void)
{
    if (bell)
        CloseHandle(bell);
}

HANDLE os_bell_open(const UCHAR id[OS_BELL_ID_SIZE])
{
    WCHAR name[48];

    bell_name(id, name);
    return OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
}

/* ---- the list */

/* Arms all watches, or the reverse. TRUE: one has something to do. Holds the lock. */
static BOOL arm_all(BOOL on)
{
    struct os_watch *each;
    BOOL ready = FALSE;

    InterlockedExchange(&armed, on);
    for (each = watches; each; each = each->next)
        if (!each->removed)
            ready |= each->arm(each, on);
    return ready;
}

BOOL os_watch_armed(void)
{
    return __atomic_load_n(&armed, __ATOMIC_SEQ_CST);
}

/* Takes a removed watch that nobody is inside of off the list. Holds the lock. */
static BOOL take_out(struct os_watch *watch)
{
    if (!watch->removed || watch->busy)
        return FALSE;
    *(watch->previous ? &watch->previous->next : &watches) = watch->next;
    if (watch->next)
        watch->next->previous = watch->previous;
    return TRUE;
}

static BOOL poll_all(void)
{
    struct os_watch *each, *gone;
    BOOL any = FALSE;

    AcquireSRWLockExclusive(&lock);
    for (each = watches; each;) {
        BOOL removed = each->removed;

        each->busy++;
        ReleaseSRWLockExclusive(&lock);
        if (!removed)
            any |= each->poll(each);
        AcquireSRWLockExclusive(&lock);
        each->busy--;
        gone = each;
        each = each->next;
        if (take_out(gone)) {
            if (each)
                each->busy++; /* holds our place */
            ReleaseSRWLockExclusive(&lock);
            gone->gone(gone);
            AcquireSRWLockExclusive(&lock);
            if (each)
                each->busy--;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return any;
}

/* Makes one more watcher, counted as active from here on. Holds the lock. */
static DWORD hire(void)
{
    struct worker *worker = os_alloc_zero(sizeof(*worker));
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;

    if (worker) {
        worker->watcher = TRUE;
        error = worker_start(watch, worker);
    }
    if (error) {
        os_free(worker);
        return error;
    }
    count++;
    active++;
    return 0;
}

DWORD os_watch_add(struct os_watch *watch)
{
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    error = make_bell();
    if (!error && !active)
        error = hire();
    if (!error) {
        watch->removed = FALSE;
        watch->busy = 0;
        watch->previous = NULL;
        watch->next = watches;
        if (watches)
            watches->previous = watch;
        watches = watch;
    }
    ReleaseSRWLockExclusive(&lock);
    return error;
}

void os_watch_remove(struct os_watch *watch)
{
    BOOL out;

    AcquireSRWLockExclusive(&lock);
    watch->removed = TRUE;
    out = take_out(watch);
    ReleaseSRWLockExclusive(&lock);
    if (out)
        watch->gone(watch);
}

/* ---- watchers */

static BOOL is_hot(struct worker *worker)
{
    return __atomic_load_n(&hot, __ATOMIC_RELAXED) == worker;
}

/* Takes the hot place if it is free. */
static BOOL become_hot(struct worker *worker)
{
    AcquireSRWLockExclusive(&lock);
    if (!hot) {
        hot = worker;
        arm_all(FALSE);
    }
    ReleaseSRWLockExclusive(&lock);
    return is_hot(worker);
}

/* Gives up the hot place. TRUE: all watches are armed, or somebody else's care; FALSE: look again. */
static BOOL become_cold(struct worker *worker)
{
    BOOL ready = FALSE;

    AcquireSRWLockExclusive(&lock);
    if (hot == worker) {
        hot = NULL;
        ready = arm_all(TRUE);
    }
    ReleaseSRWLockExclusive(&lock);
    return !ready;
}

static void look(struct worker *worker)
{
    do {
        struct os_spin spin = {0};

        if (!become_hot(worker))
            return;
        do {
            if (poll_all())
                spin.end = 0;
        } while (is_hot(worker) && os_spin(&spin));
    } while (!become_cold(worker));
}

static BOOL dismiss(void)
{
    BOOL needed;

    AcquireSRWLockExclusive(&lock);
    needed = active == 1 && watches;
    if (!needed) {
        count--;
        active--;
    }
    ReleaseSRWLockExclusive(&lock);
    return !needed;
}

static DWORD WINAPI watch(void *context)
{
    struct worker *worker = context;

    worker_is_here(worker);
    do
        look(worker);
    while (WaitForSingleObject(bell, IDLE_TIME) != WAIT_TIMEOUT || !dismiss());
    worker_exit(worker);
}

void watcher_leaves(struct worker *worker)
{
    BOOL ready = FALSE;

    AcquireSRWLockExclusive(&lock);
    active--;
    if (hot == worker) {
        hot = NULL;
        ready = arm_all(TRUE);
    }
    if (!active)
        hire();
    else if (ready)
        SetEvent(bell);
    ReleaseSRWLockExclusive(&lock);
}

void watcher_returns(struct worker *worker)
{
    AcquireSRWLockExclusive(&lock);
    active++;
    if (!hot) {
        hot = worker;
        arm_all(FALSE);
    }
    ReleaseSRWLockExclusive(&lock);
}

unsigned watcher_count(void)
{
    return count;
}
