/*
 * Connections: life, the table of calls, sending. Receiving is in receive.c.
 *
 * The send queue has one pump at a time: the thread that finds nobody pumping, or the worker that gets the
 * completion of a send. Stub data leaves in batches of fragments, straight from the call's buffer.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "../os/pcap.h"
#include "association.h"
#include "connection.h"
#include "server.h"

enum { TABLE_MIN = 8 };

const struct wire_syntax connection_share_syntax = {
    {0x6d0f3c1e, 0x95a2, 0x4b57, {0x8e, 0x41, 0x2f, 0x07, 0xc9, 0xd3, 0x1a, 0x60}}, 1, 0};

static void send_done(struct os_io *io, DWORD error, DWORD bytes);

struct connection *connection_create(const struct connection_role *role, struct transport_conn *transport)
{
    static volatile LONG last_number;
    struct connection *conn = os_alloc_zero(sizeof *conn);

    if (conn && !(conn->table = os_alloc_zero(TABLE_MIN * sizeof *conn->table))) {
        os_free(conn);
        conn = NULL;
    }
    if (!conn) {
        transport->ops->close(transport);
        return NULL;
    }
    conn->table_size = TABLE_MIN;
    conn->refs = 1;
    InitializeSRWLock(&conn->lock);
    conn->role = role;
    conn->transport = transport;
    conn->number = (uint64_t)GetCurrentProcessId() << 32 | (ULONG)InterlockedIncrement(&last_number);
    conn->max_xmit = conn->max_recv = transport->ops->max_frag;
    conn->queue_tail = &conn->queue;
    conn->ready_tail = &conn->ready;
    conn->send_io.done = send_done;
    conn->next_call_id = 2;
    return conn;
}

struct connection *connection_ref(struct connection *conn)
{
    InterlockedIncrement(&conn->refs);
    return conn;
}

void connection_release(struct connection *conn)
{
    if (InterlockedDecrement(&conn->refs))
        return;
    TRACE("connection %p closes\n", conn);
    conn->transport->ops->close(conn->transport);
    if (conn->association)
        association_release(conn->association);
    if (conn->server_association)
        server_association_leave(conn->server_association);
    if (conn->address)
        server_address_release(conn->address);
    if (conn->direct_call)
        call_release(conn->direct_call);
    os_free(conn->presentations);
    os_free(conn->table);
    os_free(conn->in);
    os_free(conn);
}

/* ---- the table of calls */

static void table_grow(struct connection *conn)
{
    unsigned size = conn->table_size * 2;
    struct call **table = os_alloc_zero(size * sizeof *table);

    if (!table)
        return; /* longer chains do as well */
    for (unsigned i = 0; i < conn->table_size; i++) {
        struct call *call, *next;

        for (call = conn->table[i]; call; call = next) {
            struct call **slot = &table[call->call_id & (size - 1)];

            next = call->hash_next;
            call->hash_next = NULL;
            while (*slot)
                slot = &(*slot)->hash_next;
            *slot = call;
        }
    }
    os_free(conn->table);
    conn->table = table;
    conn->table_size = size;
}

BOOL connection_remember(struct connection *conn, struct call *call)
{
    BOOL alive;

    AcquireSRWLockExclusive(&conn->lock);
    alive = !conn->ended;
    if (alive) {
        struct call **slot;

        if (conn->table_count >= conn->table_size)
            table_grow(conn);
        slot = &conn->table[call->call_id & (conn->table_size - 1)];
        call->hash_next = *slot;
        *slot = call_ref(call);
        conn->table_count++;
    }
    ReleaseSRWLockExclusive(&conn->lock);
    return alive;
}

uint32_t connection_next_id(struct connection *conn)
{
    return conn->multiplexed ? conn->next_call_id++ : 1;
}

static struct call **table_slot(struct connection *conn, uint32_t call_id)
{
    struct call **slot = &conn->table[call_id & (conn->table_size - 1)];

    while (*slot && (*slot)->call_id != call_id)
        slot = &(*slot)->hash_next;
    return slot;
}

struct call *connection_find(struct connection *conn, uint32_t call_id)
{
    struct call *call;

    AcquireSRWLockShared(&conn->lock);
    call = *table_slot(conn, call_id);
    if (call)
        call_ref(call);
    ReleaseSRWLockShared(&conn->lock);
    return call;
}

static struct call *unlink_slot(struct connection *conn, struct call **slot)
{
    struct call *call = *slot;

    if (call) {
        *slot = call->hash_next;
        conn->table_count--;
    }
    return call;
}

struct call *connection_forget(struct connection *conn, struct call *call)
{
    struct call **slot;

    AcquireSRWLockExclusive(&conn->lock);
    slot = table_slot(conn, call->call_id);
    while (*slot && *slot != call)
        slot = &(*slot)->hash_next;
    call = unlink_slot(conn, slot);
    ReleaseSRWLockExclusive(&conn->lock);
    return call;
}

struct call *connection_forget_any(struct connection *conn)
{
    struct call *call = NULL;

    AcquireSRWLockExclusive(&conn->lock);
    for (unsigned i = 0; i < conn->table_size && !call; i++)
        call = unlink_slot(conn, &conn->table[i]);
    ReleaseSRWLockExclusive(&conn->lock);
    return call;
}

/* ---- sending */

/* Writes the headers of the next fragments of out and lists what is to be sent. Gives the number of buffers.
 */
static ULONG make_batch(struct connection *conn, struct outgoing *out, struct transport_buf *bufs)
{
    size_t header_size = out->params.object ? 40 : 24;
    size_t room = (conn->max_xmit - header_size) & ~(size_t)7;
    size_t at = out->sent;
    ULONG count = 0;

    if (out->whole) {
        bufs[0].data = out->data;
        bufs[0].length = out->length;
        conn->batch_sent = out->length;
        InterlockedIncrement(&server_statistics[RPC_C_STATS_PKTS_OUT]);
        return 1;
    }
    for (unsigned i = 0; i < CONNECTION_BATCH && (at < out->length || (!at && !i)); i++) {
        struct wire_call_params params = out->params;
        size_t left = out->length - at, body = left < room ? left : room;

        /* C706 12.6.4.9: 0 gives no hint */
        params.alloc_hint = out->unfinished ? 0 : left;
        if (!at && !out->continued)
            params.flags |= WIRE_FIRST_FRAG;
        if (body == left && !out->unfinished)
            params.flags |= WIRE_LAST_FRAG;
        bufs[count].data = conn->headers[i];
        bufs[count++].length = wire_encode_call(conn->headers[i], sizeof conn->headers[i], &params, body);
        pcap_fragment(conn->number, 1, conn->headers[i], bufs[count - 1].length, out->data + at, body);
        if (body) {
            bufs[count].data = out->data + at;
            bufs[count++].length = body;
        }
        at += body;
        InterlockedIncrement(&server_statistics[RPC_C_STATS_PKTS_OUT]);
    }
    conn->batch_sent = at - out->sent;
    return count;
}

/* The head of the queue has left, or failed: takes it off and tells it. FALSE: that was the last. */
static BOOL next_outgoing(struct connection *conn, DWORD error)
{
    struct outgoing *out;
    BOOL more;

    AcquireSRWLockExclusive(&conn->lock);
    out = conn->queue;
    conn->queue = out->next;
    if (!conn->queue) {
        conn->queue_tail = &conn->queue;
        conn->pumping = FALSE;
    }
    more = conn->queue != NULL;
    ReleaseSRWLockExclusive(&conn->lock);
    out->done(out, error);
    return more;
}

/* A batch has left. FALSE: nothing more is queued. */
static BOOL batch_left(struct connection *conn)
{
    struct outgoing *out = conn->queue;

    out->sent += conn->batch_sent;
    return (out->sent < out->length && !out->abandoned) || next_outgoing(conn, 0);
}

static void fail_queue(struct connection *conn, DWORD error)
{
    connection_end(conn, error);
    while (next_outgoing(conn, error))
        ;
}

/* FALSE: it was abandoned before anything of it went out. */
static BOOL begin(struct connection *conn, struct outgoing *out)
{
    BOOL go;

    AcquireSRWLockExclusive(&conn->lock);
    go = out->begun || !out->abandoned;
    out->begun = go;
    ReleaseSRWLockExclusive(&conn->lock);
    return go;
}

/* Sends until the queue is empty or a send is pending; the caller set conn->pumping. */
static void pump(struct connection *conn, BOOL wait)
{
    struct transport_buf bufs[2 * CONNECTION_BATCH];
    const struct transport_ops *ops = conn->transport->ops;
    DWORD error;
    BOOL more;

    do {
        struct outgoing *out = conn->queue;
        ULONG count;

        if (!begin(conn, out)) {
            more = next_outgoing(conn, ERROR_CANCELLED);
            continue;
        }
        if (out->whole)
            pcap_fragment(conn->number, 1, out->data, out->length, NULL, 0);
        count = make_batch(conn, out, bufs);
        if (conn->ended) {
            error = ERROR_BROKEN_PIPE;
        } else if (wait) {
            error = ops->send_wait(conn->transport, bufs, count, INFINITE, NULL);
        } else {
            connection_ref(conn);
            error = ops->send(conn->transport, &conn->send_io, bufs, count);
            if (error == ERROR_IO_PENDING)
                return;
            connection_release(conn);
        }
        if (error) {
            fail_queue(conn, error);
            return;
        }
        more = batch_left(conn);
    } while (more);
}

static void send_done(struct os_io *io, DWORD error, DWORD bytes)
{
    struct connection *conn = CONTAINING_RECORD(io, struct connection, send_io);

    (void)bytes;
    if (error)
        fail_queue(conn, error);
    else if (batch_left(conn))
        pump(conn, FALSE);
    connection_release(conn);
}

void connection_send(struct connection *conn, struct outgoing *out, BOOL wait)
{
    BOOL mine;

    out->next = NULL;
    out->sent = 0;
    out->begun = out->continued;
    out->abandoned = FALSE;
    connection_ref(conn);
    AcquireSRWLockExclusive(&conn->lock);
    *conn->queue_tail = out;
    conn->queue_tail = &out->next;
    mine = !conn->pumping;
    conn->pumping = TRUE;
    ReleaseSRWLockExclusive(&conn->lock);
    if (mine)
        pump(conn, wait);
    connection_release(conn);
}

BOOL connection_abandon(struct connection *conn, struct outgoing *out)
{
    BOOL begun;

    AcquireSRWLockExclusive(&conn->lock);
    out->abandoned = TRUE;
    begun = out->begun;
    ReleaseSRWLockExclusive(&conn->lock);
    return begun;
}

static void free_outgoing(struct outgoing *out, DWORD error)
{
    (void)error;
    os_free(out);
}

BOOL connection_send_pdu(struct connection *conn, const void *pdu, size_t length, BOOL wait)
{
    struct outgoing *out = os_alloc(sizeof *out + length);

    if (!out)
        return FALSE;
    memset(out, 0, sizeof *out);
    memcpy(out + 1, pdu, length);
    out->whole = TRUE;
    out->data = (uint8_t *)(out + 1);
    out->length = length;
    out->done = free_outgoing;
    connection_send(conn, out, wait);
    return TRUE;
}

/* ---- the end, and presentation contexts */

const struct wire_syntax *presentation_transfer(const RPC_SYNTAX_IDENTIFIER *named)
{
    return memcmp(named, &wire_nil, sizeof wire_nil) ? &wire_ndr20 : &wire_nil;
}

/* A resting receiver has to see that the connection ended. */
static void wake_receiver(struct connection *conn)
{
    BOOL wake;

    AcquireSRWLockExclusive(&conn->lock);
    wake = conn->resting;
    conn->resting = FALSE;
    ReleaseSRWLockExclusive(&conn->lock);
    if (wake)
        connection_go_on(conn);
}

void connection_end(struct connection *conn, DWORD error)
{
    BOOL first;

    AcquireSRWLockExclusive(&conn->lock);
    conn->dead = TRUE;
    first = !conn->ended;
    conn->ended = TRUE;
    ReleaseSRWLockExclusive(&conn->lock);
    if (!first)
        return;
    TRACE("connection %p ends: error %lu\n", conn, error);
    connection_ref(conn);
    conn->transport->ops->cut(conn->transport);
    wake_receiver(conn);
    conn->role->ended(conn);
    connection_release(conn);
}

const struct presentation *connection_presentation(struct connection *conn, uint16_t id)
{
    for (unsigned i = 0; i < conn->presentation_count; i++)
        if (conn->presentations[i].id == id)
            return &conn->presentations[i];
    return NULL;
}

BOOL connection_add_presentation(struct connection *conn, const struct presentation *presentation)
{
    struct presentation *grown =
        os_realloc(conn->presentations, (conn->presentation_count + 1) * sizeof *grown);

    if (!grown)
        return FALSE;
    conn->presentations = grown;
    grown[conn->presentation_count++] = *presentation;
    return TRUE;
}
