/*
 * A call's way to its connection, and its time-out: see client_start.h.
 *
 * Whoever abandons the call sets call->start, then wakes the maker where he waits: in connect by an event;
 * for the answer to a bind by cutting the connection, which is the call's alone, or, where others use it too,
 * by having him look at call->start again.
 */
#include "../os/os.h"
#include "binding.h"
#include "client.h"
#include "client_start.h"
#include "connection.h"

static void begin(struct call *call)
{
    AcquireSRWLockExclusive(&call->lock);
    call->start = START_UNDER_WAY;
    ReleaseSRWLockExclusive(&call->lock);
    if (call->abandoned)
        client_start_abandon(call);
}

/* The search has ended, with a connection or (NULL) without. FALSE: so has the call, meanwhile. */
static BOOL end(struct call *call, struct connection *conn, const struct presentation *context)
{
    BOOL go;

    AcquireSRWLockExclusive(&call->lock);
    go = call->start == START_UNDER_WAY;
    if (go) {
        call->start = START_NONE;
        call->connection = conn;
        call->context = *context;
        if (conn)
            call->state = CALL_BOUND;
    }
    ReleaseSRWLockExclusive(&call->lock);
    return go;
}

RPC_STATUS client_start(struct call *call, struct association *association, enum association_use use,
                        BOOL *shared)
{
    struct connection *conn = NULL;
    struct presentation context = call->context;
    RPC_STATUS status;

    begin(call);
    status = association_take(association, use, &context, binding_connect_timeout(call->binding), call, &conn,
                              shared);
    if (end(call, status ? NULL : conn, &context))
        return status;
    if (status == RPC_S_OK)
        association_give(association, conn);
    client_call_finish(call, RPC_S_CALL_CANCELLED); /* who abandoned it may not have come to that yet */
    return RPC_S_CALL_CANCELLED;
}

BOOL client_start_abandon(struct call *call)
{
    struct connection *conn = NULL;
    BOOL mine, shared;

    AcquireSRWLockExclusive(&call->lock);
    mine = call->start == START_UNDER_WAY;
    shared = call->negotiating_shared;
    if (mine) {
        call->start = START_ABANDONED;
        conn = call->negotiating;
        call->negotiating = NULL;
        if (call->connecting)
            SetEvent(call->connecting);
    }
    ReleaseSRWLockExclusive(&call->lock);
    if (mine)
        client_call_finish(call, RPC_S_CALL_CANCELLED);
    if (conn) {
        if (shared)
            client_bind_look(conn);
        else
            connection_end(conn, ERROR_CANCELLED);
        connection_release(conn);
    }
    return mine;
}

BOOL client_start_is_abandoned(const struct call *call)
{
    return call && call->start == START_ABANDONED;
}

BOOL client_start_connects(struct call *call, HANDLE event)
{
    BOOL go;

    AcquireSRWLockExclusive(&call->lock);
    go = call->start != START_ABANDONED;
    if (go)
        call->connecting = event;
    ReleaseSRWLockExclusive(&call->lock);
    return go;
}

void client_start_connected(struct call *call)
{
    AcquireSRWLockExclusive(&call->lock);
    call->connecting = NULL;
    ReleaseSRWLockExclusive(&call->lock);
}

BOOL client_start_negotiates(struct call *call, struct connection *conn, BOOL shared)
{
    BOOL go;

    if (!call)
        return TRUE;
    AcquireSRWLockExclusive(&call->lock);
    go = call->start != START_ABANDONED;
    if (go) {
        call->negotiating = connection_ref(conn);
        call->negotiating_shared = shared;
    }
    ReleaseSRWLockExclusive(&call->lock);
    return go;
}

BOOL client_start_negotiated(struct call *call)
{
    struct connection *conn;
    BOOL go;

    if (!call)
        return TRUE;
    AcquireSRWLockExclusive(&call->lock);
    go = call->start != START_ABANDONED;
    conn = call->negotiating;
    call->negotiating = NULL;
    ReleaseSRWLockExclusive(&call->lock);
    if (conn)
        connection_release(conn);
    return go;
}

/* ---- the time-out */

/* A timer that is armed again has fired for a wait before this one. The lock is held. */
static BOOL is_over(struct call *call)
{
    if (!call->watched || call->timer.due)
        return FALSE;
    if (!call->heard)
        return TRUE;
    call->heard = FALSE;
    if (!os_timer_set(&call->timer, binding_call_timeout(call->binding)))
        call_ref(call);
    return FALSE;
}

static void expired(struct os_timer *timer)
{
    struct call *call = CONTAINING_RECORD(timer, struct call, timer);
    BOOL over;

    AcquireSRWLockExclusive(&call->lock);
    over = is_over(call);
    ReleaseSRWLockExclusive(&call->lock);
    if (over)
        client_call_abandon(call);
    call_release(call);
}

/* SDK, RpcBindingSetOption: the time-out is for synchronous calls alone. */
void client_watch(struct call *call)
{
    DWORD timeout = call->async || !call->binding ? INFINITE : binding_call_timeout(call->binding);

    if (timeout == INFINITE)
        return;
    AcquireSRWLockExclusive(&call->lock);
    call->timer.fire = expired;
    call->watched = TRUE;
    call->heard = FALSE;
    if (!os_timer_set(&call->timer, timeout))
        call_ref(call);
    ReleaseSRWLockExclusive(&call->lock);
}

void client_unwatch(struct call *call)
{
    BOOL armed;

    if (!call->watched)
        return;
    AcquireSRWLockExclusive(&call->lock);
    call->watched = FALSE;
    armed = os_timer_cancel(&call->timer);
    ReleaseSRWLockExclusive(&call->lock);
    if (armed)
        call_release(call);
}
