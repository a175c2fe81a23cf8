/*
 * The client's side of bind and alter_context (C706 12.6.4, [MS-RPCE] 3.3.2.4.1).
 *
 * One negotiation at a time on a connection: its exchange, guarded by its lock. On an exclusive connection
 * the negotiating thread reads the answer itself; where receives run on the port it waits for the worker, and
 * whoever else wants to negotiate there waits for the same answer first. A waiter whose call is abandoned
 * leaves; the answer is taken all the same.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "association.h"
#include "client.h"
#include "client_start.h"
#include "connection.h"
#include "error_info.h"

/* What a negotiation waits for; the answer is filled in by whoever receives it. */
struct bind_exchange {
    LONG refs; /* the connection's, and of who waits */
    uint32_t call_id;
    struct presentation wanted;
    volatile LONG signal; /* changes when waiters are to look again */
    volatile LONG done;
    RPC_STATUS status;
    struct error_record *errors; /* what came with a refusal */
};

enum { PDU_MAX = 1024, FEATURES = WIRE_FEATURE_KEEP_ON_ORPHAN };

static RPC_STATUS status_of_nak(uint16_t reason)
{
    switch (reason) {
    case WIRE_NAK_TEMPORARY_CONGESTION:
    case WIRE_NAK_LOCAL_LIMIT:
        return RPC_S_SERVER_TOO_BUSY;
    case WIRE_NAK_PROTOCOL_VERSION:
        return RPC_S_PROTOCOL_ERROR;
    case WIRE_NAK_AUTH_TYPE:
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    default:
        return RPC_S_CALL_FAILED_DNE;
    }
}

static RPC_STATUS status_of_result(const struct wire_context_result *result)
{
    if (result->result == WIRE_ACCEPT)
        return RPC_S_OK;
    switch (result->reason) {
    case WIRE_REASON_ABSTRACT_NOT_SUPPORTED:
        return RPC_S_UNKNOWN_IF;
    case WIRE_REASON_TRANSFERS_NOT_SUPPORTED:
        return RPC_S_UNSUPPORTED_TRANS_SYN;
    case WIRE_REASON_LOCAL_LIMIT:
        return RPC_S_SERVER_TOO_BUSY;
    default:
        return RPC_S_CALL_FAILED_DNE;
    }
}

/* Takes over what a bind_ack says about the connection and its association; conn's lock is held. */
static void adopt_ack(struct connection *conn, const struct wire_pdu *pdu)
{
    struct association *association = conn->association;

    if (pdu->u.bind.max_recv >= WIRE_MIN_FRAG && pdu->u.bind.max_recv < conn->max_xmit)
        conn->max_xmit = pdu->u.bind.max_recv;
    conn->minor = pdu->minor;
    conn->multiplexed = (pdu->flags & WIRE_CONC_MPX) != 0;
    conn->bound = TRUE;
    AcquireSRWLockExclusive(&association->lock);
    if (association->group != pdu->u.bind.assoc_group)
        association->no_alter = FALSE; /* another server, perhaps */
    association->group = pdu->u.bind.assoc_group;
    association->multiplexes = conn->multiplexed;
    association->bound_once = TRUE;
    ReleaseSRWLockExclusive(&association->lock);
}

/* The server's answer to the offer of shared memory, if it took it. FALSE: it has moved there, and we cannot.
 */
static BOOL join_share(struct connection *conn, const struct wire_pdu *pdu, size_t cursor)
{
    struct wire_context_result result;

    if (pdu->ptype != WIRE_BIND_ACK || !conn->offered_share)
        return TRUE;
    if (!wire_next_result(pdu, &cursor, &result) || !wire_next_result(pdu, &cursor, &result) ||
        result.result != WIRE_ACCEPT)
        return TRUE;
    return !conn->transport->ops->share_join(conn->transport, (const UCHAR *)&result.transfer.uuid);
}

/* Wine's ole32 gives the interfaces of objects a nil transfer syntax, and Wine's own runtime then accepts
 * that one alone; objects are called on this machine. */
static BOOL may_be_nil(const struct connection *conn, const struct presentation *wanted)
{
    return wanted->transfer == &wire_nil && conn->transport->ops == &transport_lrpc;
}

/* The transfer syntax that the server chose has to be one it was offered; conn's lock is held. */
static RPC_STATUS agree(struct connection *conn, struct presentation *wanted,
                        const struct wire_syntax *chosen)
{
    struct association *association = conn->association;

    if (wire_syntax_equal(chosen, &wire_ndr20)) {
        wanted->transfer = &wire_ndr20;
        return RPC_S_OK;
    }
    if (!may_be_nil(conn, wanted) || !wire_syntax_equal(chosen, &wire_nil))
        return RPC_S_UNSUPPORTED_TRANS_SYN;
    AcquireSRWLockExclusive(&association->lock);
    association->no_alter = TRUE; /* nobody else takes it */
    ReleaseSRWLockExclusive(&association->lock);
    return RPC_S_OK;
}

static void exchange_release(struct bind_exchange *exchange)
{
    if (InterlockedDecrement(&exchange->refs))
        return;
    errors_free(exchange->errors);
    os_free(exchange);
}

/* Takes the connection's reference, which has forgotten the exchange. */
static void finish(struct bind_exchange *exchange, RPC_STATUS status)
{
    exchange->status = status;
    InterlockedExchange(&exchange->done, TRUE);
    InterlockedIncrement(&exchange->signal);
    WakeByAddressAll((void *)&exchange->signal);
    exchange_release(exchange);
}

BOOL client_bind_answer(struct connection *conn, const struct wire_pdu *pdu)
{
    struct wire_context_result result;
    struct bind_exchange *exchange;
    RPC_STATUS status = RPC_S_PROTOCOL_ERROR;
    size_t cursor = 0;

    AcquireSRWLockExclusive(&conn->lock);
    exchange = conn->exchange;
    if (!exchange || exchange->call_id != pdu->call_id) {
        ReleaseSRWLockExclusive(&conn->lock);
        return FALSE;
    }
    conn->exchange = NULL;
    exchange->errors = errors_of_pdu(pdu);
    if (pdu->ptype == WIRE_BIND_NAK) {
        status = status_of_nak(pdu->u.nak.reason);
    } else if (pdu->ptype == WIRE_FAULT) {
        status = wire_status_from_fault(pdu->u.call.status);
    } else if (wire_next_result(pdu, &cursor, &result)) {
        if (pdu->ptype == WIRE_BIND_ACK)
            adopt_ack(conn, pdu);
        status = status_of_result(&result);
        if (status == RPC_S_OK)
            status = agree(conn, &exchange->wanted, &result.transfer);
        if (status == RPC_S_OK && !connection_add_presentation(conn, &exchange->wanted))
            status = RPC_S_OUT_OF_MEMORY;
    }
    ReleaseSRWLockExclusive(&conn->lock);
    if (status == RPC_S_OK && !join_share(conn, pdu, cursor)) {
        conn->association->no_share = TRUE;
        status = NEGOTIATE_AGAIN;
    }
    finish(exchange, status);
    return TRUE;
}

void client_bind_lost(struct connection *conn)
{
    struct bind_exchange *exchange;

    AcquireSRWLockExclusive(&conn->lock);
    exchange = conn->exchange;
    conn->exchange = NULL;
    ReleaseSRWLockExclusive(&conn->lock);
    if (exchange)
        finish(exchange, RPC_S_CALL_FAILED_DNE);
}

/* Offers shared memory in a further context, where the transport can. */
static BOOL offer_share(struct connection *conn, struct wire_syntax *offer)
{
    const struct transport_ops *ops = conn->transport->ops;

    memset(offer, 0, sizeof *offer);
    offer->major = 1;
    conn->offered_share = !conn->association->no_share && ops->share_offer &&
                          !ops->share_offer(conn->transport, (UCHAR *)&offer->uuid);
    return conn->offered_share;
}

/* Writes the bind, or alter_context on a bound connection. A first bind asks for the features too. */
static size_t encode(struct connection *conn, const struct bind_exchange *exchange, uint8_t *pdu)
{
    struct wire_syntax features = wire_features(FEATURES), share;
    const struct wire_syntax transfers[] = {wire_ndr20, wire_nil};
    struct wire_out_context contexts[] = {
        {exchange->wanted.id, may_be_nil(conn, &exchange->wanted) ? 2 : 1, exchange->wanted.abstract,
         transfers},
        {exchange->wanted.id + 1, 1, exchange->wanted.abstract, &features},
        {exchange->wanted.id + 2, 1, connection_share_syntax, &share},
    };
    struct wire_bind_params params = {
        .ptype = conn->bound ? WIRE_ALTER_CONTEXT : WIRE_BIND,
        .flags = conn->bound ? 0 : WIRE_CONC_MPX,
        .call_id = exchange->call_id,
        .assoc_group = conn->association->group,
        .max_xmit = conn->max_xmit,
        .max_recv = conn->max_recv,
    };

    return wire_encode_bind(pdu, PDU_MAX, &params, contexts,
                            conn->bound                 ? 1
                            : offer_share(conn, &share) ? 3
                                                        : 2);
}

static BOOL exchange_is_done(void *context)
{
    return ((struct bind_exchange *)context)->done;
}

void client_bind_look(struct connection *conn)
{
    AcquireSRWLockExclusive(&conn->lock);
    if (conn->exchange) {
        InterlockedIncrement(&conn->exchange->signal);
        WakeByAddressAll((void *)&conn->exchange->signal);
    }
    ReleaseSRWLockExclusive(&conn->lock);
}

/* Waits for the answer on the port's thread's word: WAIT_TIMEOUT, ERROR_CANCELLED where the call is
 * abandoned.
 */
static DWORD wait_for_worker(struct bind_exchange *exchange, DWORD timeout, const struct call *call)
{
    DWORD error = 0;

    os_worker_leave();
    while (!error && !exchange->done) {
        LONG signal = exchange->signal;

        if (exchange->done)
            break;
        if (client_start_is_abandoned(call))
            error = ERROR_CANCELLED;
        else if (!WaitOnAddress(&exchange->signal, &signal, sizeof signal, timeout))
            error = WAIT_TIMEOUT;
    }
    os_worker_return();
    return exchange->done ? 0 : error;
}

static RPC_STATUS await_answer(struct connection *conn, struct bind_exchange *exchange, DWORD timeout,
                               const struct call *call)
{
    DWORD error = conn->port_mode ? wait_for_worker(exchange, timeout, call)
                                  : connection_receive_until(conn, exchange_is_done, exchange, timeout);

    if (!error)
        return exchange->status;
    TRACE("connection %p: no answer to bind: %lu\n", conn, error);
    if (conn->port_mode && error == ERROR_CANCELLED)
        return RPC_S_CALL_CANCELLED;
    connection_end(conn, error);
    return error == WAIT_TIMEOUT              ? RPC_S_SERVER_UNAVAILABLE
           : error == ERROR_NOT_ENOUGH_MEMORY ? RPC_S_OUT_OF_MEMORY
                                              : RPC_S_CALL_FAILED_DNE;
}

/* Where the bind cannot go out, it is as if it had been refused. */
static void send_bind(struct connection *conn, struct bind_exchange *exchange, const uint8_t *pdu,
                      size_t length)
{
    BOOL mine;

    if (connection_send_pdu(conn, pdu, length, !conn->port_mode))
        return;
    AcquireSRWLockExclusive(&conn->lock);
    mine = conn->exchange == exchange;
    if (mine)
        conn->exchange = NULL;
    ReleaseSRWLockExclusive(&conn->lock);
    if (mine)
        finish(exchange, RPC_S_OUT_OF_MEMORY);
}

/* The exchange under way on the connection, counted; or, where there is none, one for the interface, begun by
 * this thread: *mine. RPC_S_CALL_FAILED_DNE: the connection has ended. RPC_S_OUT_OF_MEMORY. */
static RPC_STATUS join_exchange(struct connection *conn, const struct presentation *wanted,
                                struct bind_exchange **result, BOOL *mine)
{
    struct bind_exchange *fresh = os_alloc_zero(sizeof *fresh);
    RPC_STATUS status = fresh ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
    uint8_t pdu[PDU_MAX];
    size_t length = 0;

    AcquireSRWLockExclusive(&conn->lock);
    *mine = !conn->exchange;
    if (conn->ended) {
        status = RPC_S_CALL_FAILED_DNE;
    } else if (fresh && *mine) {
        fresh->wanted = *wanted;
        fresh->call_id = connection_next_id(conn);
        fresh->wanted.id = conn->next_context_id;
        conn->next_context_id += 3;
        fresh->refs = 2;
        *result = conn->exchange = fresh;
        length = encode(conn, fresh, pdu);
    } else if (fresh) {
        *result = conn->exchange;
        InterlockedIncrement(&conn->exchange->refs);
    }
    ReleaseSRWLockExclusive(&conn->lock);
    if (status || !*mine)
        os_free(fresh);
    else
        send_bind(conn, fresh, pdu, length);
    return status;
}

BOOL connection_speaks(struct connection *conn, struct presentation *wanted)
{
    BOOL found = FALSE;

    AcquireSRWLockShared(&conn->lock);
    for (unsigned i = 0; i < conn->presentation_count && !found; i++) {
        const struct presentation *have = &conn->presentations[i];

        found = wire_syntax_equal(&have->abstract, &wanted->abstract) &&
                (have->transfer == wanted->transfer || have->transfer == &wire_ndr20);
        if (found)
            *wanted = *have;
    }
    ReleaseSRWLockShared(&conn->lock);
    return found;
}

/* A bound connection that ended on alter_context: nothing was executed, and a new one may do. */
static RPC_STATUS lost_on_alter(struct connection *conn)
{
    struct association *association = conn->association;

    AcquireSRWLockExclusive(&association->lock);
    association->no_alter = TRUE;
    ReleaseSRWLockExclusive(&association->lock);
    return NEGOTIATE_AGAIN;
}

/* To the thread that wanted to bind. */
static void tell_errors(struct connection *conn, struct bind_exchange *exchange, RPC_STATUS status)
{
    if (status == RPC_S_OK || status == NEGOTIATE_AGAIN)
        return;
    if (exchange->done && exchange->errors) {
        errors_replace(exchange->errors);
        exchange->errors = NULL;
    }
    if (conn->transport->ops == &transport_lrpc)
        errors_note(ERROR_BY_RUNTIME, status, AT_LOCAL_BIND, 0);
    else
        errors_note(ERROR_BY_RUNTIME, status, AT_BIND_ACK_OR_NAK, 1, (ULONG)status);
}

/* One answer: to this thread's bind, or to what must come before it. */
static RPC_STATUS negotiate_once(struct connection *conn, const struct presentation *wanted, DWORD timeout,
                                 const struct call *call)
{
    struct bind_exchange *exchange;
    BOOL mine, bound = conn->bound;
    RPC_STATUS status = join_exchange(conn, wanted, &exchange, &mine);

    if (status == RPC_S_OK) {
        status = await_answer(conn, exchange, timeout, call);
        if (mine)
            tell_errors(conn, exchange, status);
        else if (exchange->done)
            status = RPC_S_OK; /* another's */
        exchange_release(exchange);
    }
    if (status == RPC_S_CALL_FAILED_DNE && bound && conn->ended && !client_start_is_abandoned(call))
        status = lost_on_alter(conn);
    return status;
}

RPC_STATUS connection_negotiate(struct connection *conn, struct presentation *wanted, DWORD timeout,
                                const struct call *call)
{
    RPC_STATUS status = RPC_S_OK;

    while (status == RPC_S_OK && !connection_speaks(conn, wanted))
        status = negotiate_once(conn, wanted, timeout, call);
    return status;
}
