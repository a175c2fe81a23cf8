/*
 * The process's completion port and its workers.
 *
 * One lock, below every other lock of the DLL: it guards the port's creation, the list of workers and the
 * counts. No other code runs under it but timers_next, whose lock is below it.
 *
 * A worker is active unless it is inside os_worker_leave/os_worker_return. As long as somebody uses the port
 * (attached handles, packets posted, timers armed), at least one worker is active, so packets are always
 * taken: the last active worker does not idle away, and one that leaves for foreign code makes its
 * replacement first. A worker that nobody needs goes after IDLE_TIME; it holds a reference to this DLL and
 * drops it while exiting.
 *
 * Timers have no thread: a waiting worker waits until the earliest timer is due at most. Only one has to, so
 * a timer that becomes the earliest wakes one worker, and only where none would awake in time.
 */
#include "port.h"
#include "debug.h"
#include "pcap.h"

/* ntdll's, in no header of mingw-w64. */
BOOLEAN NTAPI RtlDllShutdownInProgress(void);

enum { KEY_IO, KEY_POSTED, KEY_NUDGE };

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE port;
static DWORD self = TLS_OUT_OF_INDEXES; /* the thread's struct worker */
static struct worker *workers;
static unsigned worker_count, active_count, port_users;
static unsigned posted; /* packets of os_port_post that no worker has taken yet */

static volatile ULONG stack_size;

static DWORD WINAPI work(void *context);

/* ---- threads */

void os_worker_set_stack(ULONG octets)
{
    const BYTE *image = (const BYTE *)GetModuleHandleW(NULL);
    const IMAGE_NT_HEADERS *headers =
        (const IMAGE_NT_HEADERS *)(image + ((const IMAGE_DOS_HEADER *)image)->e_lfanew);

    stack_size = octets > headers->OptionalHeader.SizeOfStackReserve ? octets : 0;
}

static BOOL CALLBACK make_slot(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once, (void)parameter, (void)context;
    self = TlsAlloc();
    return self != TLS_OUT_OF_INDEXES;
}

DWORD worker_start(DWORD(WINAPI *routine)(void *worker), struct worker *worker)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    HMODULE module;
    HANDLE thread;
    DWORD error;

    if (!InitOnceExecuteOnce(&once, make_slot, NULL, NULL) ||
        !GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)work, &module))
        return GetLastError();
    worker->idle_since = GetTickCount64();
    thread = CreateThread(NULL, stack_size, routine, worker, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!thread) {
        error = GetLastError();
        ERR("no worker: %lu\n", error);
        FreeLibrary(module);
        return error;
    }
    CloseHandle(thread);
    return 0;
}

void worker_is_here(struct worker *worker)
{
    TlsSetValue(self, worker);
}

void worker_exit(struct worker *worker)
{
    HMODULE module = NULL;

    os_free(worker);
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       (const WCHAR *)work, &module);
    FreeLibraryAndExitThread(module, 0);
}

/* ---- the port */

static DWORD open_port(void)
{
    if (!port)
        port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    return port ? 0 : GetLastError();
}

/* Makes one more worker, counted as active from here on. Holds the lock. */
static DWORD hire(void)
{
    struct worker *worker = os_alloc_zero(sizeof(*worker));
    DWORD error = worker ? worker_start(work, worker) : ERROR_NOT_ENOUGH_MEMORY;

    if (error) {
        os_free(worker);
        return error;
    }
    worker->next = workers;
    workers = worker;
    worker_count++;
    active_count++;
    return 0;
}

/* Is there an active worker, or can one be made? Holds the lock. */
static DWORD staff(void)
{
    DWORD error = open_port();

    return error || active_count ? error : hire();
}

/* Will some active worker look at the timers by due? One that does not wait looks before it waits. */
static BOOL covered(ULONGLONG due)
{
    const struct worker *worker;

    for (worker = workers; worker; worker = worker->next)
        if (!worker->away && worker->awake <= due)
            return TRUE;
    return FALSE;
}

static DWORD nudge(void)
{
    return PostQueuedCompletionStatus(port, 0, KEY_NUDGE, NULL) ? 0 : GetLastError();
}

/* How long the worker may wait for a packet, from now on. */
static DWORD wait_time(struct worker *worker)
{
    ULONGLONG now = GetTickCount64(), due;

    AcquireSRWLockExclusive(&lock);
    due = timers_next();
    worker->awake = min(due, worker->idle_since + IDLE_TIME);
    ReleaseSRWLockExclusive(&lock);
    return worker->awake > now ? (DWORD)(worker->awake - now) : 0;
}

static void waited(struct worker *worker, ULONG_PTR key, BOOL busy)
{
    AcquireSRWLockExclusive(&lock);
    worker->awake = 0;
    if (key == KEY_POSTED)
        posted--;
    if (busy)
        worker->idle_since = GetTickCount64();
    ReleaseSRWLockExclusive(&lock);
}

/* Takes the worker off the list if it was idle for long and nobody needs it. */
static BOOL dismiss(struct worker *worker)
{
    struct worker **link = &workers;
    ULONGLONG now = GetTickCount64();
    BOOL needed;

    if (now - worker->idle_since < IDLE_TIME)
        return FALSE;
    AcquireSRWLockExclusive(&lock);
    needed = active_count == 1 && (port_users || posted || timers_next() != MAXULONGLONG);
    if (needed) {
        worker->idle_since = now;
    } else {
        while (*link != worker)
            link = &(*link)->next;
        *link = worker->next;
        worker_count--;
        active_count--;
    }
    ReleaseSRWLockExclusive(&lock);
    return !needed;
}

static void serve(struct worker *worker)
{
    do {
        DWORD time = wait_time(worker), bytes = 0, error = 0;
        OVERLAPPED *overlapped = NULL;
        ULONG_PTR key = KEY_NUDGE;

        if (!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, time))
            error = GetLastError();
        waited(worker, key, overlapped != NULL);
        if (overlapped) {
            struct os_io *io = CONTAINING_RECORD(overlapped, struct os_io, overlapped);

            io->done(io, error, bytes);
        }
        timers_run();
    } while (!dismiss(worker));
}

static DWORD WINAPI work(void *context)
{
    struct worker *worker = context;

    worker_is_here(worker);
    serve(worker);
    worker_exit(worker);
}

DWORD os_port_attach(HANDLE file)
{
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    error = staff();
    if (!error && !CreateIoCompletionPort(file, port, 0, 0))
        error = GetLastError();
    if (!error)
        port_users++;
    ReleaseSRWLockExclusive(&lock);
    if (!error && !SetFileCompletionNotificationModes(file, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS |
                                                                FILE_SKIP_SET_EVENT_ON_HANDLE)) {
        error = GetLastError();
        os_port_detach();
    }
    return error;
}

void os_port_detach(void)
{
    AcquireSRWLockExclusive(&lock);
    port_users--;
    ReleaseSRWLockExclusive(&lock);
}

DWORD os_port_post(struct os_io *io, DWORD bytes)
{
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    error = staff();
    if (!error && !PostQueuedCompletionStatus(port, bytes, KEY_POSTED, &io->overlapped))
        error = GetLastError();
    if (!error)
        posted++;
    ReleaseSRWLockExclusive(&lock);
    return error;
}

DWORD port_awake_at(ULONGLONG due)
{
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    error = staff();
    if (!error && !covered(due))
        error = nudge();
    ReleaseSRWLockExclusive(&lock);
    return error;
}

static struct worker *this_worker(void)
{
    return self == TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(self);
}

void os_worker_leave(void)
{
    struct worker *worker = this_worker();
    ULONGLONG due;

    if (!worker || worker->away++)
        return;
    if (worker->watcher) {
        watcher_leaves(worker);
        return;
    }
    AcquireSRWLockExclusive(&lock);
    active_count--;
    due = timers_next();
    if (!active_count)
        hire();
    else if (due != MAXULONGLONG && !covered(due))
        nudge();
    ReleaseSRWLockExclusive(&lock);
}

void os_worker_return(void)
{
    struct worker *worker = this_worker();

    if (!worker || --worker->away)
        return;
    if (worker->watcher) {
        watcher_returns(worker);
        return;
    }
    AcquireSRWLockExclusive(&lock);
    active_count++;
    ReleaseSRWLockExclusive(&lock);
}

BOOL os_process_ends(void)
{
    return RtlDllShutdownInProgress();
}

void os_unload(void)
{
    if (port)
        CloseHandle(port);
    if (self != TLS_OUT_OF_INDEXES)
        TlsFree(self);
    bell_drop();
    pcap_close();
    os_scratch_drop();
}

unsigned os_worker_count(void)
{
    return worker_count + watcher_count();
}
