/*
 * The only floor that knows how to wait, spawn, time and catch.
 *
 * os.h is included by everything that runs inside the DLL; it depends on Win32 alone. ndr/ is also compiled
 * natively by tests/, where tests/host/ supplies os_alloc, os_free, os_raise and os_try.
 */
#ifndef RPCRT4_OS_H
#define RPCRT4_OS_H

#include <stdarg.h>
#include <stddef.h>
#include <windef.h>
#include <winbase.h>

/* ---- heap (os/heap.c): the process heap. os_alloc answers NULL when memory is short; os_free takes NULL. */
void *os_alloc(size_t size);
void *os_alloc_zero(size_t size);
void *os_realloc(void *memory, size_t size);
void os_free(void *memory);
/* Working memory for a moment, at least *size octets, which becomes how many there are; NULL: none. A block
 * given back is kept for the next taker of any thread, up to 512 KiB, so that the system's pages of a large
 * one are not given back and zeroed again each time. os_scratch_drop: for the DLL's end. */
void *os_scratch_take(size_t *size);
void os_scratch_give(void *memory);
void os_scratch_drop(void);

/* ---- structured exceptions (os/exception.c, os/try_*.S) */

/* Runs body(context). Gives 0 when it returned, else the code of the exception that it raised, with the stack
 * unwound to here. Every exception is caught, access violations included; nothing is printed. */
ULONG os_try(void (*body)(void *context), void *context);

/* Runs body(context), then, however body was left, cleanup(context); an exception goes on afterwards. */
void os_finally(void (*body)(void *context), void (*cleanup)(void *context), void *context);

/* Raises code as RpcRaiseException does. */
void DECLSPEC_NORETURN os_raise(ULONG code);

/* ---- completion port, workers and timers (os/port.c, os/timer.c)
 *
 * One completion port a process, made on first need, served by workers made on first need that leave again
 * when idle for long. A worker holds a reference to the DLL. */

struct os_io {
    OVERLAPPED overlapped; /* first; hEvent belongs to whoever started the operation */
    /* Called on a worker, once per completion packet: error is a Win32 error code (0: fine). */
    void (*done)(struct os_io *io, DWORD error, DWORD bytes);
};

/* Binds a handle opened for overlapped I/O to the port. Operations that finish at once post no packet
 * (FILE_SKIP_COMPLETION_PORT_ON_SUCCESS); one with the low bit of hEvent set never does. Win32 error. */
DWORD os_port_attach(HANDLE file);
/* Says that an attached handle was closed: with the last of them the workers may go. */
void os_port_detach(void);

/* Has a worker call io->done(io, 0, bytes). Win32 error; nothing is queued then. */
DWORD os_port_post(struct os_io *io, DWORD bytes);

/* Brackets foreign code that may block on a worker (a manager routine): while inside, another worker is
 * guaranteed to serve the port. No-ops on a thread that is no worker. They nest. */
void os_worker_leave(void);
void os_worker_return(void);

/* How many workers exist now (diagnostics, tests). */
unsigned os_worker_count(void);

/* The process ends, and no other thread runs: whoever waits for one waits for ever, and what one had locked
 * stays locked. */
BOOL os_process_ends(void);

/* DllMain's: the DLL goes, there is no worker any more. */
void os_unload(void);

/* Workers made from now on reserve this much stack, if it is more than the program's own default; 0: that. */
void os_worker_set_stack(ULONG octets);

/* ---- watching shared memory (os/watch.c)
 *
 * Memory that another process writes to is watched by workers of its own kind, again made on first need and
 * covered by os_worker_leave. A watcher looks (poll) again and again for some microseconds after there was
 * something to do; before it sleeps it has every watch armed, so that the other side rings this process's
 * bell. */

struct os_watch {
    struct os_watch *next, *previous; /* os/watch.c's, with busy and removed */
    unsigned busy;
    BOOL removed;
    /* Does what can be done and calls whom it concerns. TRUE: there was something. Several watchers may be
     * inside. */
    BOOL (*poll)(struct os_watch *watch);
    /* Asks for a ring of the bell from now on (or no more). TRUE: there is something to do already. */
    BOOL (*arm)(struct os_watch *watch, BOOL on);
    /* After os_watch_remove: no watcher is inside, or will be. May be called before os_watch_remove returns.
     */
    void (*gone)(struct os_watch *watch);
};

enum { OS_BELL_ID_SIZE = 16 };

/* What other processes find this process's bell by. Win32 error. */
DWORD os_bell_id(UCHAR id[OS_BELL_ID_SIZE]);
/* The bell of another process, to ring with SetEvent; NULL and the last error. */
HANDLE os_bell_open(const UCHAR id[OS_BELL_ID_SIZE]);
/* Win32 error. */
DWORD os_watch_add(struct os_watch *watch);
void os_watch_remove(struct os_watch *watch);
/* Are watches armed now? What becomes worth watching arms itself if so, and looks once more; else a watcher
 * will. */
BOOL os_watch_armed(void);

/* Octets that nobody can guess. Win32 error. */
DWORD os_random(void *data, ULONG size);

/* For a loop that looks whether another processor has done something: pauses a moment each time it is asked,
 * and answers FALSE when it has looked long enough. Starts zeroed. */
struct os_spin {
    LONGLONG end;
};
BOOL os_spin(struct os_spin *spin);

struct os_timer {
    struct os_timer *next, *previous; /* os/timer.c's */
    ULONGLONG due;                    /* GetTickCount64 time; 0: not set */
    void (*fire)(struct os_timer *timer);
};

/* Arms (or moves) a timer: fire(timer) runs once on a worker, milliseconds from now. Win32 error. */
DWORD os_timer_set(struct os_timer *timer, DWORD milliseconds);

/* TRUE: it was armed and will not fire. FALSE: it was not armed, or fire has begun. Never waits. */
BOOL os_timer_cancel(struct os_timer *timer);

#endif
