/*
 * Between os/port.c and os/timer.c only.
 */
#ifndef RPCRT4_PORT_H
#define RPCRT4_PORT_H

#include "os.h"

/* Fires what is due, one timer after the other, on the calling worker. */
void timers_run(void);
/* When the earliest timer is due (GetTickCount64 time); MAXULONGLONG when none is armed. */
ULONGLONG timers_next(void);
/* Sees to it that a worker awakes at due. Win32 error: there is no worker and none can be made. */
DWORD port_awake_at(ULONGLONG due);

#endif
