/*
 * Receiving on a connection: octets into PDUs, fragments into calls.
 *
 * Small PDUs pass through the connection's own buffer; the body of a large fragment is read straight to its
 * place in the call's buffer. One thread at a time is here for a connection, so nothing needs the lock but
 * what it shares with senders.
 *
 * A call that is received in parts (inflow.h) may ask for a rest: then no receive is under way on the
 * connection, and its reference is kept by `resting`, until the last such call resumes or the connection
 * ends.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "../os/pcap.h"
#include "connection.h"
#include "inflow.h"
#include "server.h"

enum {
    IN_SIZE = 4096,      /* what a connection reads into at first */
    DIRECT_MIN = 2048,   /* fragments with more than this to come are read in place */
    HINT_TRUST = 0x40000 /* how far beyond what has come an allocation hint is believed */
};

/* Where the next octets go. FALSE: no memory. */
static BOOL next_read(struct connection *conn, void **data, ULONG *length)
{
    if (conn->direct_left) {
        *data = conn->direct;
        *length = conn->direct_left < MAXLONG ? (ULONG)conn->direct_left : MAXLONG;
        return TRUE;
    }
    if (!conn->in) {
        if (!(conn->in = os_alloc(IN_SIZE)))
            return FALSE;
        conn->in_size = IN_SIZE;
    }
    if (conn->in_start) {
        memmove(conn->in, conn->in + conn->in_start, conn->in_end - conn->in_start);
        conn->in_end -= conn->in_start;
        conn->in_start = 0;
    }
    *data = conn->in + conn->in_end;
    *length = conn->in_size - conn->in_end;
    return TRUE;
}

/* Room for a PDU of the given length from in_start on. */
static BOOL reserve(struct connection *conn, ULONG frag_length)
{
    uint8_t *grown;

    if (conn->in_size >= frag_length)
        return TRUE;
    if (!(grown = os_realloc(conn->in, frag_length)))
        return FALSE;
    conn->in = grown;
    conn->in_size = frag_length;
    return TRUE;
}

/* The place of a fragment in its call's buffer. RPC_S_OK, or why the call cannot be put together. */
static RPC_STATUS place(struct call *call, const struct wire_pdu *pdu, uint8_t **to, BOOL *done)
{
    size_t offset, wanted;
    enum wire_assembly_result result;

    if (call->inflow)
        call->assembly.length = 0; /* parts have no end that could be known */
    result = wire_assemble(&call->assembly, pdu, &offset);

    if (result == WIRE_OUT_OF_ORDER)
        return RPC_S_PROTOCOL_ERROR;
    if (result == WIRE_TOO_LONG)
        return RPC_S_OUT_OF_RESOURCES;
    *done = result == WIRE_DONE;
    if (call->inflow)
        return inflow_place(call, pdu->u.call.stub_length, pdu->u.call.alloc_hint, call->assembly.limit, to);
    wanted = offset + pdu->u.call.stub_length;
    if (!*done && pdu->u.call.alloc_hint > pdu->u.call.stub_length) {
        size_t hint = offset + pdu->u.call.alloc_hint, trust = wanted * 16 + HINT_TRUST;

        wanted = hint < trust ? hint : trust;
    }
    if (!call_reserve_in(call, wanted ? wanted : 1))
        return RPC_S_OUT_OF_MEMORY;
    *to = call->in + offset;
    return RPC_S_OK;
}

void connection_ready(struct connection *conn, struct call *call)
{
    call->queue_next = NULL;
    *conn->ready_tail = call;
    conn->ready_tail = &call->queue_next;
}

/* What came since the last time: told to the role, and what that leaves moved to the end of *ready. TRUE:
 * there was something. */
static BOOL take_ready(struct connection *conn, struct call **ready)
{
    struct call *calls = conn->ready;

    if (!calls)
        return FALSE;
    conn->ready = NULL;
    conn->ready_tail = &conn->ready;
    while (*ready)
        ready = &(*ready)->queue_next;
    *ready = conn->role->arrived ? conn->role->arrived(calls) : calls;
    return TRUE;
}

/* The calls' owners are told that octets have come for which they wait. */
static void announce(struct call *calls)
{
    while (calls) {
        struct call *call = calls;

        calls = call->announced;
        InterlockedExchange(&call->announcing, FALSE);
        call_announce(call, RpcReceiveComplete);
        call_release(call);
    }
}

/* A server's call in parts is dispatched at its first fragment, a client's is over for the connection at its
 * last. */
static BOOL part_done(struct connection *conn, struct call *call, size_t length, BOOL done)
{
    BOOL first = !call->begun;
    unsigned what = inflow_commit(call, length, done);
    struct call *known = NULL;

    call->begun = TRUE;
    if (what & INFLOW_PAUSE)
        connection_pause(conn);
    if (what & INFLOW_FORGET)
        known = connection_forget(conn, call);
    if (known)
        call_release(known);
    /* An owner who does not wait to be told may want more before he was; once will do for both. */
    if (what & INFLOW_ANNOUNCE && !InterlockedExchange(&call->announcing, TRUE)) {
        call->announced = conn->announced;
        conn->announced = call_ref(call);
    }
    if (call->magic == CALL_SERVER_MAGIC ? first : done)
        connection_ready(conn, call);
    else
        call_release(call);
    return TRUE;
}

static BOOL call_fragment_done(struct connection *conn, struct call *call, size_t length, BOOL done)
{
    if (call->inflow)
        return part_done(conn, call, length, done);
    if (done)
        connection_ready(conn, call);
    else
        call_release(call);
    return TRUE;
}

/* A fragment that is here whole. */
static BOOL whole_fragment(struct connection *conn, const struct wire_pdu *pdu)
{
    BOOL fatal = FALSE, done;
    struct call *call = conn->role->call(conn, pdu, &fatal);
    RPC_STATUS status;
    uint8_t *to;

    if (!call)
        return !fatal;
    status = place(call, pdu, &to, &done);
    if (status)
        return conn->role->broken(conn, call, status);
    memcpy(to, pdu->u.call.stub, pdu->u.call.stub_length);
    return call_fragment_done(conn, call, pdu->u.call.stub_length, done);
}

/* A large fragment whose headers are here: what is here of its body is moved, the rest is read in place.
 * FALSE with *fatal unset: it cannot be done so, the whole fragment is awaited. */
static BOOL begin_direct(struct connection *conn, ULONG here, BOOL *fatal)
{
    struct wire_pdu pdu;
    struct call *call;
    size_t header;
    RPC_STATUS status;
    uint8_t *to;
    ULONG body;

    if (wire_decode_call_header(conn->in + conn->in_start, here, &pdu, &header) != WIRE_OK ||
        pdu.auth_length || (pdu.ptype != WIRE_REQUEST && pdu.ptype != WIRE_RESPONSE) || pcap_on())
        return FALSE;
    call = conn->role->call(conn, &pdu, fatal);
    if (!call)
        return FALSE;
    status = place(call, &pdu, &to, &conn->direct_done);
    if (status) {
        *fatal = !conn->role->broken(conn, call, status);
        return FALSE;
    }
    InterlockedIncrement(&server_statistics[RPC_C_STATS_PKTS_IN]);
    body = here - header;
    conn->direct_length = pdu.u.call.stub_length;
    memcpy(to, conn->in + conn->in_start + header, body);
    conn->in_start = conn->in_end = 0;
    conn->direct_call = call;
    conn->direct = to + body;
    conn->direct_left = conn->direct_length - body;
    return TRUE;
}

static BOOL is_call_pdu(const struct wire_pdu *pdu)
{
    return pdu->ptype == WIRE_REQUEST || pdu->ptype == WIRE_RESPONSE;
}

/* Takes one PDU out of the buffer. *more: there was a whole one. FALSE: the connection is to be ended. */
static BOOL take_pdu(struct connection *conn, BOOL *more)
{
    const uint8_t *data = conn->in + conn->in_start;
    ULONG here = conn->in_end - conn->in_start;
    enum wire_error error;
    struct wire_pdu pdu;
    uint16_t frag_length;

    *more = FALSE;
    error = wire_frag_length(data, here, &frag_length);
    if (error == WIRE_SHORT)
        return TRUE;
    if (error || (conn->bound && frag_length > conn->max_recv))
        return FALSE;
    if (here < frag_length) {
        BOOL fatal = FALSE;

        if (conn->bound && frag_length - here >= DIRECT_MIN && begin_direct(conn, here, &fatal))
            return TRUE;
        return !fatal && reserve(conn, frag_length);
    }
    *more = TRUE;
    conn->in_start += frag_length;
    InterlockedIncrement(&server_statistics[RPC_C_STATS_PKTS_IN]);
    pcap_fragment(conn->number, 0, data, frag_length, NULL, 0);
    error = wire_decode(data, frag_length, &pdu);
    if (error == WIRE_BAD_VERSION)
        pdu.ptype = 0xff;
    else if (error)
        return FALSE;
    return is_call_pdu(&pdu) ? whole_fragment(conn, &pdu) : conn->role->control(conn, &pdu);
}

/* Works on octets that have come. FALSE: the connection is to be ended. */
static BOOL received(struct connection *conn, ULONG got)
{
    BOOL more = TRUE;

    if (conn->direct_left) {
        struct call *call = conn->direct_call;

        conn->direct += got;
        conn->direct_left -= got;
        if (conn->direct_left)
            return TRUE;
        conn->direct_call = NULL;
        return call_fragment_done(conn, call, conn->direct_length, conn->direct_done);
    }
    conn->in_end += got;
    while (more)
        if (!take_pdu(conn, &more))
            return FALSE;
    return TRUE;
}

/* The rest of a large fragment will not come. Its call and the connection would keep each other. */
static void drop_direct(struct connection *conn)
{
    struct call *call = conn->direct_call;

    conn->direct_call = NULL;
    conn->direct_left = 0;
    if (call)
        call_release(call);
}

/* ---- on the port */

void connection_pause(struct connection *conn)
{
    AcquireSRWLockExclusive(&conn->lock);
    conn->pauses++;
    ReleaseSRWLockExclusive(&conn->lock);
}

void connection_resume(struct connection *conn)
{
    BOOL go;

    AcquireSRWLockExclusive(&conn->lock);
    conn->pauses--; /* below 0 where the receiving thread has yet to say that it pauses */
    go = conn->resting && conn->pauses <= 0;
    if (go)
        conn->resting = FALSE;
    ReleaseSRWLockExclusive(&conn->lock);
    if (go)
        connection_go_on(conn);
}

/* TRUE: nothing is to be read now, and somebody else may be here already. */
static BOOL rest(struct connection *conn)
{
    BOOL resting;

    if (conn->pauses <= 0)
        return FALSE;
    AcquireSRWLockExclusive(&conn->lock);
    conn->resting = resting = conn->pauses > 0 && !conn->ended;
    ReleaseSRWLockExclusive(&conn->lock);
    return resting;
}

/* Appends those to be told to *announced. */
static void take_announced(struct connection *conn, struct call **announced)
{
    while (*announced)
        announced = &(*announced)->announced;
    *announced = conn->announced;
    conn->announced = NULL;
}

/* What has come is given on only when the next receive is under way: from then on another worker may be here.
 */
static void receive_more(struct connection *conn)
{
    const struct connection_role *role = conn->role;
    struct call *ready = NULL, *announced = NULL;
    BOOL any = FALSE;
    DWORD error;
    void *data;
    ULONG length, got;

    do {
        any |= take_ready(conn, &ready);
        take_announced(conn, &announced);
        if (conn->ended) {
            error = ERROR_BROKEN_PIPE;
        } else if (rest(conn)) {
            error = ERROR_IO_PENDING;
        } else if (!next_read(conn, &data, &length)) {
            error = ERROR_NOT_ENOUGH_MEMORY;
        } else {
            error = conn->transport->ops->recv(conn->transport, &conn->recv_io, data, length, &got);
            if (!error && !received(conn, got))
                error = ERROR_INVALID_DATA;
        }
    } while (!error);
    if (error != ERROR_IO_PENDING) {
        any |= take_ready(conn, &ready);
        take_announced(conn, &announced);
        connection_end(conn, error);
        drop_direct(conn);
        connection_release(conn);
    }
    announce(announced);
    if (any)
        role->ready(ready);
}

static void recv_done(struct os_io *io, DWORD error, DWORD bytes)
{
    struct connection *conn = CONTAINING_RECORD(io, struct connection, recv_io);

    if (!error && !bytes)
        error = ERROR_BROKEN_PIPE;
    if (!error && !received(conn, bytes))
        error = ERROR_INVALID_DATA;
    if (error)
        connection_end(conn, error);
    receive_more(conn);
}

static void resumed(struct os_io *io, DWORD error, DWORD bytes)
{
    (void)error, (void)bytes;
    receive_more(CONTAINING_RECORD(io, struct connection, resume_io));
}

/* Whoever resumes is inside a manager or a stub, and must not come to run other calls. */
void connection_go_on(struct connection *conn)
{
    conn->resume_io.done = resumed;
    if (os_port_post(&conn->resume_io, 0))
        receive_more(conn);
}

void connection_receive(struct connection *conn)
{
    connection_ref(conn);
    conn->recv_io.done = recv_done;
    receive_more(conn);
}

/* ---- on the calling thread */

DWORD connection_receive_until(struct connection *conn, BOOL (*done)(void *context), void *context,
                               DWORD timeout)
{
    DWORD error = 0;

    while (!error && !done(context)) {
        struct call *ready = NULL;
        void *data;
        ULONG length, got;

        if (!next_read(conn, &data, &length)) {
            error = ERROR_NOT_ENOUGH_MEMORY;
            break;
        }
        error = conn->transport->ops->recv_wait(conn->transport, data, length, timeout, NULL, &got);
        if (!error && !received(conn, got))
            error = ERROR_INVALID_DATA;
        if (!error && take_ready(conn, &ready))
            conn->role->ready(ready);
    }
    if (error || conn->dead)
        drop_direct(conn);
    return error;
}
