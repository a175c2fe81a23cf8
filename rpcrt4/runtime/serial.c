/*
 * Serial connections. The connection's lock guards serial_active and serial_waiting (linked by queue_next,
 * each with a reference); a binding's lock guards its serial.
 */
#include "../os/os.h"
#include "association.h"
#include "binding.h"
#include "client.h"
#include "connection.h"
#include "serial.h"

static struct connection *serial_of(struct call *call)
{
    struct binding *binding = call->binding;
    struct connection *conn = NULL;

    AcquireSRWLockShared(&binding->lock);
    if (binding->serial && !binding->noncausal && !binding->serial->dead &&
        binding->serial->serial_thread == GetCurrentThreadId() &&
        connection_speaks(binding->serial, &call->context))
        conn = connection_ref(binding->serial);
    ReleaseSRWLockShared(&binding->lock);
    return conn;
}

static BOOL enqueue(struct connection *conn, struct call *call)
{
    struct call **at = &conn->serial_waiting;
    BOOL queued;

    AcquireSRWLockExclusive(&conn->lock);
    queued = conn->serial_active && !conn->ended;
    if (queued) {
        while (*at)
            at = &(*at)->queue_next;
        call->connection = conn;
        call->queue_next = NULL;
        call->state = CALL_BOUND;
        *at = call_ref(call);
    }
    ReleaseSRWLockExclusive(&conn->lock);
    return queued;
}

static void start(struct call *call)
{
    if (client_call_enrol(call))
        client_call_transmit(call, FALSE);
    else
        client_call_finish(call, RPC_S_CALL_FAILED_DNE);
}

BOOL serial_join(struct call *call)
{
    struct connection *conn = serial_of(call);

    if (!conn)
        return FALSE;
    if (enqueue(conn, call))
        return TRUE;
    if (!association_retake(conn->association, conn)) {
        connection_release(conn);
        return FALSE;
    }
    AcquireSRWLockExclusive(&conn->lock);
    conn->serial_active = TRUE;
    ReleaseSRWLockExclusive(&conn->lock);
    call->connection = conn;
    call->state = CALL_BOUND;
    start(call);
    return TRUE;
}

void serial_lead(struct call *call)
{
    struct binding *binding = call->binding;
    struct connection *conn = call->connection, *old;

    AcquireSRWLockExclusive(&binding->lock);
    if (binding->noncausal) {
        ReleaseSRWLockExclusive(&binding->lock);
        return;
    }
    old = binding->serial;
    binding->serial = connection_ref(conn);
    ReleaseSRWLockExclusive(&binding->lock);
    AcquireSRWLockExclusive(&conn->lock);
    conn->serial_active = TRUE;
    conn->serial_thread = GetCurrentThreadId();
    ReleaseSRWLockExclusive(&conn->lock);
    if (old)
        connection_release(old);
}

static struct call *pop(struct connection *conn)
{
    struct call *call;

    AcquireSRWLockExclusive(&conn->lock);
    call = conn->serial_waiting;
    if (call)
        conn->serial_waiting = call->queue_next;
    else
        conn->serial_active = FALSE;
    ReleaseSRWLockExclusive(&conn->lock);
    return call;
}

BOOL serial_next(struct connection *conn)
{
    struct call *call;

    if (!conn->serial_active || conn->ended || !(call = pop(conn)))
        return FALSE;
    start(call);
    call_release(call);
    return TRUE;
}

BOOL serial_withdraw(struct call *call)
{
    struct connection *conn = call->connection;
    struct call **at;
    BOOL found;

    AcquireSRWLockExclusive(&conn->lock);
    for (at = &conn->serial_waiting; *at && *at != call;)
        at = &(*at)->queue_next;
    found = *at != NULL;
    if (found)
        *at = call->queue_next;
    ReleaseSRWLockExclusive(&conn->lock);
    return found;
}

void serial_ended(struct connection *conn)
{
    struct call *call;

    while ((call = pop(conn))) {
        call->given = TRUE;
        client_call_finish(call, RPC_S_CALL_FAILED_DNE);
        call_release(call);
    }
}
