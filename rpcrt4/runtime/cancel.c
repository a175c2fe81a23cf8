/*
 * Cancelling a client's call, from any thread ([MS-RPCE] 3.3.2.4: co_cancel and orphaned;
 * C706 12.6.4.6, 12.6.4.8).
 */
#include "../os/os.h"
#include "client.h"
#include "client_start.h"
#include "connection.h"
#include "serial.h"

static void send_bare(struct call *call, enum wire_ptype ptype)
{
    uint8_t pdu[WIRE_HEADER_SIZE];
    size_t length = wire_encode_bare(pdu, sizeof pdu, ptype, WIRE_FIRST_FRAG | WIRE_LAST_FRAG, call->call_id);

    connection_send_pdu(call->connection, pdu, length, FALSE);
}

void client_call_cancel(struct call *call)
{
    BOOL tell;

    InterlockedExchange(&call->cancelled, TRUE);
    /* Before its request is on its way the transmitting thread sends the cancel after it. */
    AcquireSRWLockShared(&call->lock);
    tell = call->state >= CALL_SENDING && !call_is_final(call) && call->sending.begun;
    ReleaseSRWLockShared(&call->lock);
    if (tell && !InterlockedExchange(&call->cancel_sent, TRUE))
        send_bare(call, WIRE_CO_CANCEL);
}

BOOL client_call_abandon(struct call *call)
{
    struct connection *conn;
    struct call *known;
    BOOL orphaned = FALSE, cut;

    InterlockedExchange(&call->cancelled, TRUE);
    InterlockedExchange(&call->abandoned, TRUE);
    if (client_start_abandon(call))
        return TRUE;
    conn = call->connection;
    if (call_is_final(call) || !conn)
        return FALSE;
    if (serial_withdraw(call)) {
        call->given = TRUE; /* it had never got the connection */
        known = call;
    } else if ((known = connection_forget(conn, call))) {
        orphaned = connection_abandon(conn, &call->sending);
        if (orphaned)
            send_bare(call, WIRE_ORPHANED);
    } else if (call->inflow && call->assembly.done) {
        known = call_ref(call); /* the reply is in, but was not taken */
    } else {
        return FALSE; /* the reply is in */
    }
    /* A server that knows no multiplexing may take no further request before the orphaned call has ended; and
     * a thread that does its own I/O is to wake up. */
    cut = call->exclusive || call->outflow || (orphaned && !conn->multiplexed);
    if (cut)
        conn->dead = TRUE;
    client_call_finish(call, RPC_S_CALL_CANCELLED);
    if (cut)
        connection_end(conn, ERROR_CANCELLED);
    call_release(known);
    return TRUE;
}
