/*
 * Between os/port.c, os/timer.c and os/watch.c only.
 */
#ifndef RPCRT4_PORT_H
#define RPCRT4_PORT_H

#include "os.h"

struct worker {
    struct worker *next;
    BOOL watcher;         /* serves watches, not the port */
    ULONGLONG awake;      /* when its wait ends; 0 while it does not wait */
    ULONGLONG idle_since; /* when it last had something to do */
    unsigned away;        /* depth of os_worker_leave */
};

enum { IDLE_TIME = 30000 }; /* milliseconds until a worker that is not needed goes */

/* Starts work(worker) on a new thread that holds a reference to this DLL. Win32 error. */
DWORD worker_start(DWORD(WINAPI *work)(void *worker), struct worker *worker);
/* Tells os_worker_leave who runs on this thread. */
void worker_is_here(struct worker *worker);
/* Frees the worker, ends the thread and drops its reference. */
void DECLSPEC_NORETURN worker_exit(struct worker *worker);

/* os_worker_leave and os_worker_return on a watcher; how many there are. */
void watcher_leaves(struct worker *worker);
void watcher_returns(struct worker *worker);
unsigned watcher_count(void);
/* os_unload's: closes the bell. */
void bell_drop(void);

/* Fires what is due, one timer after the other, on the calling worker. */
void timers_run(void);
/* When the earliest timer is due (GetTickCount64 time); MAXULONGLONG when none is armed. */
ULONGLONG timers_next(void);
/* Sees to it that a worker awakes at due. Win32 error: there is no worker and none can be made. */
DWORD port_awake_at(ULONGLONG due);

#endif
