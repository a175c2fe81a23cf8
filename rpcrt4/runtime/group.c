/*
 * Interface groups. lock guards all but the list of addresses, which is the owner's (api/group.c); it is not
 * held while idle runs or a transport is asked for something.
 *
 * Whether a group is idle is told by one timer: it fires when the period is over, or at once when the first
 * client comes back, and then tells what is true if that was not told last.
 */
#include "group.h"
#include "../os/debug.h"
#include "../os/os.h"

struct server_group {
    LONG refs;
    SRWLOCK lock;
    CONDITION_VARIABLE told; /* idle has returned */
    DWORD idle_period;
    server_group_idle *idle;
    void *context;
    struct os_timer timer; /* holds a reference while armed */
    BOOL active, told_idle, telling;
    unsigned connections;
    struct server_address *addresses;
};

static void tell(struct os_timer *timer);

struct server_group *server_group_create(DWORD idle_period, server_group_idle *idle, void *context)
{
    struct server_group *group = os_alloc_zero(sizeof *group);

    if (!group)
        return NULL;
    group->refs = 1;
    InitializeSRWLock(&group->lock);
    InitializeConditionVariable(&group->told);
    group->idle_period = idle_period;
    group->idle = idle;
    group->context = context;
    group->timer.fire = tell;
    return group;
}

struct server_group *server_group_ref(struct server_group *group)
{
    InterlockedIncrement(&group->refs);
    return group;
}

void server_group_release(struct server_group *group)
{
    if (!InterlockedDecrement(&group->refs))
        os_free(group);
}

/* ---- idleness; lock is held by the callers of arm and disarm, who have a reference of their own */

static void disarm(struct server_group *group)
{
    if (os_timer_cancel(&group->timer))
        server_group_release(group);
}

static void arm(struct server_group *group, DWORD milliseconds)
{
    if (group->idle_period == INFINITE || !group->active)
        return;
    disarm(group);
    server_group_ref(group);
    if (os_timer_set(&group->timer, milliseconds))
        server_group_release(group);
}

/* Is there anything to tell, and nobody telling? */
static BOOL has_news(const struct server_group *group)
{
    return group->active && !group->telling && group->told_idle != !group->connections;
}

static void tell(struct os_timer *timer)
{
    struct server_group *group = CONTAINING_RECORD(timer, struct server_group, timer);

    AcquireSRWLockExclusive(&group->lock);
    if (has_news(group)) {
        BOOL idle = !group->connections;

        group->telling = TRUE;
        group->told_idle = idle;
        ReleaseSRWLockExclusive(&group->lock);
        os_worker_leave();
        group->idle(group->context, idle);
        os_worker_return();
        AcquireSRWLockExclusive(&group->lock);
        group->telling = FALSE;
        WakeAllConditionVariable(&group->told);
        /* what has changed meanwhile could not be told */
        if (has_news(group))
            arm(group, group->connections ? 0 : group->idle_period);
    }
    ReleaseSRWLockExclusive(&group->lock);
    server_group_release(group);
}

void server_group_enter(struct server_group *group)
{
    AcquireSRWLockExclusive(&group->lock);
    if (!group->connections++) {
        disarm(group);
        if (has_news(group))
            arm(group, 0);
    }
    ReleaseSRWLockExclusive(&group->lock);
}

void server_group_leave(struct server_group *group)
{
    AcquireSRWLockExclusive(&group->lock);
    if (!--group->connections) {
        disarm(group);
        if (has_news(group))
            arm(group, group->idle_period);
    }
    ReleaseSRWLockExclusive(&group->lock);
}

void server_group_start(struct server_group *group)
{
    AcquireSRWLockExclusive(&group->lock);
    group->active = TRUE;
    group->told_idle = FALSE;
    if (!group->connections)
        arm(group, group->idle_period);
    ReleaseSRWLockExclusive(&group->lock);
}

static void stop(struct server_group *group)
{
    AcquireSRWLockExclusive(&group->lock);
    group->active = FALSE;
    disarm(group);
    ReleaseSRWLockExclusive(&group->lock);
}

void server_group_finish(struct server_group *group)
{
    stop(group);
    AcquireSRWLockExclusive(&group->lock);
    while (group->telling)
        SleepConditionVariableSRW(&group->told, &group->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&group->lock);
}

/* ---- endpoints */

RPC_STATUS server_group_open(struct server_group *group, const WCHAR *protseq, const WCHAR *endpoint,
                             unsigned backlog, const void *security_descriptor)
{
    const struct transport_ops *ops = transport_find(protseq);
    struct server_address *address;
    RPC_STATUS status;

    if (!ops)
        return RPC_S_PROTSEQ_NOT_SUPPORTED;
    status =
        server_address_open(ops, endpoint ? endpoint : L"", backlog, 0, security_descriptor, group, &address);
    if (status == RPC_S_OK) {
        address->next = group->addresses;
        group->addresses = address;
    }
    return status;
}

static BOOL busy(struct server_group *group)
{
    BOOL any;

    AcquireSRWLockShared(&group->lock);
    any = group->connections != 0;
    ReleaseSRWLockShared(&group->lock);
    return any;
}

BOOL server_group_close(struct server_group *group, BOOL force)
{
    struct server_address *address;

    if (!force && busy(group))
        return FALSE;
    for (address = group->addresses; address; address = address->next)
        server_address_close(address);
    if (!force && busy(group)) { /* who came while they closed one by one */
        for (address = group->addresses; address; address = address->next)
            if (server_address_reopen(address))
                ERR("cannot listen again at %s[%s]\n", debug_w(address->ops->protseq),
                    debug_w(address->endpoint));
        return FALSE;
    }
    stop(group);
    while ((address = group->addresses)) {
        group->addresses = address->next;
        server_address_release(address);
    }
    return TRUE;
}

void server_group_networks(struct server_group *group, server_each_address *each, void *context)
{
    for (struct server_address *address = group->addresses; address; address = address->next)
        server_address_networks(address, each, context);
}
