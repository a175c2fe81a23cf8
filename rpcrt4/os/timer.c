/*
 * Timers, fired by the workers of os/port.c.
 *
 * Armed timers hang on one list in order of their time; a new one is put in from the end, where most belong,
 * for nearly all timers of the runtime have one of few lengths. The lock guards the list and the members of
 * every timer on it; nothing is called under it. A fire routine may set or free its timer.
 */
#include "port.h"

static SRWLOCK lock = SRWLOCK_INIT;
static struct os_timer *first, *last;

static void take_out(struct os_timer *timer)
{
    *(timer->previous ? &timer->previous->next : &first) = timer->next;
    *(timer->next ? &timer->next->previous : &last) = timer->previous;
    timer->due = 0;
}

static void put_in(struct os_timer *timer, ULONGLONG due)
{
    struct os_timer *after = last;

    while (after && after->due > due)
        after = after->previous;
    timer->due = due;
    timer->previous = after;
    timer->next = after ? after->next : first;
    *(after ? &after->next : &first) = timer;
    *(timer->next ? &timer->next->previous : &last) = timer;
}

DWORD os_timer_set(struct os_timer *timer, DWORD milliseconds)
{
    ULONGLONG due = GetTickCount64() + milliseconds;
    BOOL earliest;
    DWORD error;

    AcquireSRWLockExclusive(&lock);
    if (timer->due)
        take_out(timer);
    put_in(timer, due);
    earliest = first == timer;
    ReleaseSRWLockExclusive(&lock);
    if (!earliest)
        return 0;
    /* From here on the timer may have fired and be gone: only where nobody can fire it is it still ours. */
    error = port_awake_at(due);
    if (error)
        os_timer_cancel(timer);
    return error;
}

BOOL os_timer_cancel(struct os_timer *timer)
{
    BOOL armed;

    AcquireSRWLockExclusive(&lock);
    armed = timer->due != 0;
    if (armed)
        take_out(timer);
    ReleaseSRWLockExclusive(&lock);
    return armed;
}

ULONGLONG timers_next(void)
{
    ULONGLONG due;

    AcquireSRWLockShared(&lock);
    due = first ? first->due : MAXULONGLONG;
    ReleaseSRWLockShared(&lock);
    return due;
}

void timers_run(void)
{
    struct os_timer *timer;

    for (;;) {
        ULONGLONG now = GetTickCount64();

        AcquireSRWLockExclusive(&lock);
        timer = first;
        if (timer && timer->due > now)
            timer = NULL;
        if (timer)
            take_out(timer);
        ReleaseSRWLockExclusive(&lock);
        if (!timer)
            return;
        timer->fire(timer);
    }
}
