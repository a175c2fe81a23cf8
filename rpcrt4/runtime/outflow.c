/*
 * Octets of a call that go in parts: see outflow.h. Sending is connection.c's; a part under way holds a
 * reference to its call.
 *
 * RpcSendComplete comes from a worker, never from inside the push that caused it: an owner who pushes from
 * its notification would go down the stack for ever.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "buffer.h"
#include "call.h"
#include "connection.h"
#include "outflow.h"

enum { GATHER = 0x20000, UNIT = 16, HEADERS = 40 };

static void part_left(struct outgoing *out, DWORD error);
static void tell(struct os_io *io, DWORD error, DWORD bytes);

BOOL outflow_open(struct call *call)
{
    call->outflow = os_alloc_zero(sizeof *call->outflow);
    if (!call->outflow)
        return FALSE;
    call->outflow->call = call;
    call->outflow->tell.done = tell;
    return TRUE;
}

void outflow_free(struct outflow *flow)
{
    if (!flow)
        return;
    buffer_free(flow->data, flow->size);
    os_free(flow);
}

/* ---- announcing */

static void tell(struct os_io *io, DWORD error, DWORD bytes)
{
    struct outflow *flow = CONTAINING_RECORD(io, struct outflow, tell);
    struct call *call = flow->call;

    (void)error, (void)bytes;
    AcquireSRWLockExclusive(&call->lock);
    flow->telling = FALSE;
    ReleaseSRWLockExclusive(&call->lock);
    call_announce(call, RpcSendComplete);
    call_release(call);
}

/* All that was added has gone, or waits for more. The lock is held; TRUE: announce_later. */
static BOOL is_due(struct outflow *flow)
{
    BOOL due = flow->announce && !flow->sending && !flow->failed;

    if (!due)
        return FALSE;
    flow->announce = FALSE;
    due = !flow->telling; /* what is announced already covers it */
    flow->telling = TRUE;
    return due;
}

static void announce_later(struct call *call)
{
    call_ref(call);
    if (os_port_post(&call->outflow->tell, 0))
        tell(&call->outflow->tell, 0, 0);
}

/* ---- parts */

/* A fragment's worth. */
static size_t fragment_room(const struct call *call)
{
    return call->connection->max_xmit - HEADERS;
}

/* Is there something to send off now? The lock is held. */
static BOOL is_ready(const struct call *call)
{
    const struct outflow *flow = call->outflow;

    if (flow->sending || flow->filling || flow->failed || flow->whole)
        return FALSE;
    return flow->last || flow->used >= (flow->eager ? UNIT : fragment_room(call));
}

/* Makes a part of what was gathered; what is left of it begins the other buffer. The lock is held. FALSE: no
 * memory. */
static BOOL make_part(struct call *call)
{
    struct outflow *flow = call->outflow;
    struct outgoing *out = &call->sending;
    size_t length = flow->last ? flow->used : flow->used & ~(size_t)(UNIT - 1), other_size = call->out_size;
    uint8_t *other = call->out;

    if (other == call->small) {
        other = NULL;
        other_size = 0;
    }
    if (!flow->last && !other) {
        other_size = flow->used - length > GATHER ? flow->used - length : GATHER;
        if (!(other = buffer_alloc(&other_size)))
            return FALSE;
    }
    if (!flow->last)
        memcpy(other, flow->data + length, flow->used - length);
    call->out = flow->data;
    call->out_size = flow->size;
    flow->data = other;
    flow->size = other_size;
    flow->used -= length;
    out->data = call->out;
    out->length = length;
    out->continued = flow->begun;
    out->unfinished = !flow->last;
    out->done = part_left;
    flow->begun = flow->sending = TRUE;
    flow->whole = flow->last;
    return TRUE;
}

static void send_part(struct call *call, BOOL wait)
{
    call_ref(call);
    connection_send(call->connection, &call->sending, wait);
}

static void part_left(struct outgoing *out, DWORD error)
{
    struct call *call = CONTAINING_RECORD(out, struct call, sending);
    struct outflow *flow = call->outflow;
    BOOL again, due;

    AcquireSRWLockExclusive(&call->lock);
    flow->sending = FALSE;
    if (error && !flow->failed)
        flow->failed = RPC_S_CALL_FAILED;
    again = !flow->whole && (flow->eager || flow->last) && is_ready(call);
    if (again && !make_part(call)) {
        flow->failed = RPC_S_OUT_OF_MEMORY;
        again = FALSE;
    }
    due = is_due(flow);
    flow->signal++;
    ReleaseSRWLockExclusive(&call->lock);
    WakeByAddressAll((void *)&flow->signal);
    if (again)
        send_part(call, FALSE);
    if (due)
        announce_later(call);
    call_release(call);
}

/* ---- the owner */

/* Waits until nothing is under way. */
static void await_part(struct call *call)
{
    struct outflow *flow = call->outflow;

    for (;;) {
        LONG before;
        BOOL sending;

        AcquireSRWLockExclusive(&call->lock);
        before = flow->signal;
        sending = flow->sending;
        ReleaseSRWLockExclusive(&call->lock);
        if (!sending)
            return;
        WaitOnAddress(&flow->signal, &before, sizeof before, INFINITE);
    }
}

/* Room for length octets behind what was gathered. The lock is held. */
static BOOL reserve(struct outflow *flow, size_t length)
{
    size_t size = flow->used + length;
    uint8_t *data;

    if (size < length)
        return FALSE;
    if (size <= flow->size)
        return TRUE;
    if (size < GATHER)
        size = GATHER;
    else if (size < flow->size * 2)
        size = flow->size * 2;
    if (!(data = buffer_alloc(&size)))
        return FALSE;
    if (flow->used)
        memcpy(data, flow->data, flow->used);
    buffer_free(flow->data, flow->size);
    flow->data = data;
    flow->size = size;
    return TRUE;
}

/* Sends off what was gathered, for the room it takes. */
static RPC_STATUS flush(struct call *call)
{
    struct outflow *flow = call->outflow;
    BOOL made = FALSE;

    await_part(call);
    AcquireSRWLockExclusive(&call->lock);
    if (!flow->failed && flow->used >= UNIT) {
        made = make_part(call);
        if (!made)
            flow->failed = RPC_S_OUT_OF_MEMORY;
    }
    ReleaseSRWLockExclusive(&call->lock);
    if (made)
        send_part(call, TRUE);
    return flow->failed;
}

RPC_STATUS outflow_place(struct call *call, size_t length, BOOL wait, uint8_t **to)
{
    struct outflow *flow = call->outflow;
    RPC_STATUS status = RPC_S_OK;

    if (wait && flow->used >= UNIT && flow->used + length > GATHER)
        status = flush(call);
    AcquireSRWLockExclusive(&call->lock);
    if (status == RPC_S_OK)
        status = flow->failed;
    if (status == RPC_S_OK && !reserve(flow, length))
        status = RPC_S_OUT_OF_MEMORY;
    if (status == RPC_S_OK) {
        flow->filling = TRUE;
        *to = flow->data + flow->used;
    }
    ReleaseSRWLockExclusive(&call->lock);
    return status;
}

RPC_STATUS outflow_grow(struct call *call, size_t length, uint8_t **to)
{
    struct outflow *flow = call->outflow;
    size_t used = flow->used;
    RPC_STATUS status = RPC_S_OK;

    AcquireSRWLockExclusive(&call->lock);
    flow->used = flow->size; /* the place is kept too */
    if (!reserve(flow, used + length > flow->size ? used + length - flow->size : 0))
        status = RPC_S_OUT_OF_MEMORY;
    flow->used = used;
    *to = flow->data + used;
    ReleaseSRWLockExclusive(&call->lock);
    return status;
}

BOOL outflow_is_whole(struct call *call)
{
    return call->outflow->whole && !call->outflow->failed;
}

uint8_t *outflow_at(struct call *call)
{
    struct outflow *flow = call->outflow;

    return flow && flow->filling ? flow->data + flow->used : NULL;
}

RPC_STATUS outflow_add(struct call *call, size_t length, unsigned how)
{
    struct outflow *flow = call->outflow;
    BOOL made = FALSE, due;
    RPC_STATUS status;

    /* A part that another thread sends still holds up the next. */
    if (how & OUTFLOW_WAIT && !(how & OUTFLOW_LAST) && flow->used + length >= fragment_room(call))
        await_part(call);
    AcquireSRWLockExclusive(&call->lock);
    flow->used += length;
    flow->filling = FALSE;
    flow->last = (how & OUTFLOW_LAST) != 0;
    flow->eager = !(how & OUTFLOW_WAIT);
    flow->announce |= flow->eager && !(how & OUTFLOW_QUIET);
    if (is_ready(call)) {
        made = make_part(call);
        if (!made)
            flow->failed = RPC_S_OUT_OF_MEMORY;
    }
    due = !made && is_due(flow);
    status = flow->failed;
    ReleaseSRWLockExclusive(&call->lock);
    if (made)
        send_part(call, (how & OUTFLOW_WAIT) != 0);
    if (due)
        announce_later(call);
    return status;
}
