/*
 * Octets of a call that come in parts: see inflow.h. The connection's lock is taken after the call's was
 * given back, never inside.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "buffer.h"
#include "call.h"
#include "connection.h"
#include "inflow.h"

enum { BLOCK_SIZE = 0x20000, ALIGN = 16, HINT_TRUST = 0x100000, KEPT_MUCH = 0x1000 };

BOOL inflow_open(struct call *call)
{
    call->inflow = os_alloc_zero(sizeof *call->inflow);
    return call->inflow != NULL;
}

/* ---- blocks */

/* An empty block for capacity octets, the first of them at offset modulo 16. */
static struct inblock *block_new(size_t capacity, size_t offset)
{
    const size_t header = (sizeof(struct inblock) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct inblock *block;
    size_t size;

    if (capacity > SIZE_MAX / 2)
        return NULL;
    size = header + ALIGN + capacity;
    if (!(block = buffer_alloc(&size)))
        return NULL;
    block->next = NULL;
    block->size = size;
    block->data = (uint8_t *)block + header + (offset & (ALIGN - 1));
    block->capacity = size - header - (offset & (ALIGN - 1));
    block->end = block->taken = 0;
    return block;
}

static void block_free(struct inblock *block)
{
    if (block)
        buffer_free(block, block->size);
}

static void drop(struct inflow *flow, struct inblock *block)
{
    if (block != flow->lasting)
        block_free(block);
}

static void drop_first(struct inflow *flow)
{
    struct inblock *block = flow->first;

    flow->first = block->next;
    if (!flow->first)
        flow->last = NULL;
    flow->view_end = 0;
    drop(flow, block);
}

void inflow_free(struct inflow *flow)
{
    if (!flow)
        return;
    while (flow->first)
        drop_first(flow);
    block_free(flow->lasting);
    os_free(flow);
}

/* Moves octets that were not taken out of the first blocks into an empty one, at most length of them. The
 * block that is being read into stays. */
static void move_octets(struct inflow *flow, struct inblock *to, size_t length)
{
    while (length && flow->first) {
        struct inblock *from = flow->first;
        size_t here = from->end - from->taken, part = here < length ? here : length;

        memcpy(to->data + to->end, from->data + from->taken, part);
        to->end += part;
        from->taken += part;
        length -= part;
        if (from->taken < from->end || (flow->placed && from == flow->last))
            break;
        drop_first(flow);
    }
}

static void put_first(struct inflow *flow, struct inblock *block)
{
    block->next = flow->first;
    flow->first = block;
    if (!flow->last)
        flow->last = block;
    flow->view_end = 0;
}

/* ---- the receiving thread */

/* Puts all that is held into one block, with room for more. */
static BOOL gather(struct inflow *flow, size_t room)
{
    struct inblock *only = flow->first, *block;
    size_t start;

    if (only && only == flow->last && only != flow->lasting && only->capacity - only->end >= room)
        return TRUE;
    start = flow->offset - flow->held;
    room = flow->held + (room > flow->held ? room : flow->held);
    if (!(block = block_new(room, start)))
        return FALSE;
    move_octets(flow, block, flow->held);
    while (flow->first)
        drop_first(flow);
    put_first(flow, block);
    return TRUE;
}

static BOOL make_room(struct inflow *flow, size_t length, size_t hint)
{
    struct inblock *block = flow->last;

    if (flow->discard && block && block != flow->lasting)
        block->end = 0;
    if (flow->gather && !flow->discard)
        return gather(flow, hint > length ? (hint < HINT_TRUST ? hint : HINT_TRUST) : length);
    if (block && block->capacity - block->end >= length && !(flow->discard && block == flow->lasting))
        return TRUE;
    if (!(block = block_new(length > BLOCK_SIZE / 2 ? length : BLOCK_SIZE / 2, flow->offset)))
        return FALSE;
    if (flow->last)
        flow->last->next = block;
    else
        flow->first = block;
    flow->last = block;
    return TRUE;
}

RPC_STATUS inflow_place(struct call *call, size_t length, size_t hint, size_t limit, uint8_t **to)
{
    struct inflow *flow = call->inflow;
    RPC_STATUS status = RPC_S_OK;

    AcquireSRWLockExclusive(&call->lock);
    if (flow->gather && !flow->discard && (flow->held > limit || length > limit - flow->held))
        status = RPC_S_OUT_OF_RESOURCES;
    else if (!make_room(flow, length, hint))
        status = RPC_S_OUT_OF_MEMORY;
    if (status == RPC_S_OK) {
        flow->placed = TRUE;
        *to = flow->last->data + flow->last->end;
    }
    ReleaseSRWLockExclusive(&call->lock);
    return status;
}

/* Has a sleeping owner look again. The lock is held. */
static BOOL rouse(struct inflow *flow)
{
    flow->signal++;
    if (!flow->sleeping)
        return FALSE;
    flow->sleeping = FALSE;
    return TRUE;
}

static BOOL is_enough(const struct inflow *flow, size_t wanted)
{
    return flow->done || (wanted && flow->held >= wanted);
}

/* What follows from octets that came. The lock is held. */
static unsigned consider(struct inflow *flow, BOOL *resume)
{
    unsigned what = 0;

    if (flow->done && flow->paused) {
        flow->paused = FALSE;
        *resume = TRUE;
    } else if (!flow->done && !flow->gather && !flow->paused && flow->held >= INFLOW_WINDOW &&
               flow->held >= flow->wanted) {
        flow->paused = TRUE;
        what |= INFLOW_PAUSE;
    }
    if (flow->armed && is_enough(flow, flow->wanted)) {
        flow->armed = FALSE;
        what |= INFLOW_ANNOUNCE;
    }
    return what;
}

unsigned inflow_commit(struct call *call, size_t length, BOOL done)
{
    struct inflow *flow = call->inflow;
    BOOL resume = FALSE, wake = FALSE;
    unsigned what = 0;

    AcquireSRWLockExclusive(&call->lock);
    flow->placed = FALSE;
    flow->done = done;
    flow->offset += length;
    if (flow->discard) {
        what = done ? INFLOW_FORGET : 0;
    } else {
        flow->last->end += length;
        flow->held += length;
        what = consider(flow, &resume);
        if (is_enough(flow, flow->wanted))
            wake = rouse(flow);
    }
    ReleaseSRWLockExclusive(&call->lock);
    if (wake)
        WakeByAddressAll((void *)&flow->signal);
    if (resume)
        connection_resume(call->connection);
    return what;
}

/* ---- the owner */

/* The owner is past all that it was given but the last kept octets. */
static void pass(struct inflow *flow, size_t kept)
{
    struct inblock *block = flow->first;
    size_t before;

    if (!block || flow->view_end < block->taken + kept)
        return;
    before = block->taken;
    block->taken = flow->view_end - kept;
    flow->held -= block->taken - before;
}

/* Octets at the front that lie in one piece. */
static size_t in_front(struct inflow *flow)
{
    while (flow->first && flow->first->taken == flow->first->end &&
           !(flow->placed && flow->first == flow->last))
        drop_first(flow);
    return flow->first ? flow->first->end - flow->first->taken : 0;
}

/* Where much is kept, more will be: then all that is here goes with it. */
static RPC_STATUS hand_out(struct inflow *flow, size_t kept, size_t wanted, struct inview *view)
{
    size_t here = in_front(flow);
    struct inblock *block;

    if (wanted > flow->held || (here < wanted && kept > KEPT_MUCH))
        wanted = flow->held;
    if (here < wanted) {
        if (!(block = block_new(wanted, flow->offset - flow->held)))
            return RPC_S_OUT_OF_MEMORY;
        move_octets(flow, block, wanted);
        put_first(flow, block);
        here = wanted;
    }
    block = flow->first;
    view->data = block ? block->data + block->taken : NULL;
    view->length = here;
    view->complete = flow->done && here == flow->held;
    flow->view_end = block ? block->end : 0;
    return RPC_S_OK;
}

static BOOL may_resume(struct inflow *flow)
{
    if (!flow->paused || (!flow->gather && flow->held >= flow->wanted && flow->held > INFLOW_WINDOW / 2))
        return FALSE;
    flow->paused = FALSE;
    return TRUE;
}

/* Waits for a change. The lock is held, and given up meanwhile. */
static void await_change(struct call *call)
{
    struct inflow *flow = call->inflow;
    LONG before = flow->signal;
    struct os_spin spin = {0};

    flow->sleeping = FALSE;
    ReleaseSRWLockExclusive(&call->lock);
    while (flow->signal == before && os_spin(&spin))
        ;
    AcquireSRWLockExclusive(&call->lock);
    while (flow->signal == before) {
        flow->sleeping = TRUE;
        ReleaseSRWLockExclusive(&call->lock);
        WaitOnAddress(&flow->signal, &before, sizeof before, INFINITE);
        AcquireSRWLockExclusive(&call->lock);
    }
}

RPC_STATUS inflow_take(struct call *call, size_t kept, size_t wanted, enum inflow_how how,
                       struct inview *view)
{
    struct inflow *flow = call->inflow;
    RPC_STATUS status = RPC_S_OK;
    BOOL resume;

    AcquireSRWLockExclusive(&call->lock);
    pass(flow, kept);
    flow->gather |= !wanted && how == INFLOW_WAIT;
    flow->wanted = wanted;
    resume = may_resume(flow);
    while (status == RPC_S_OK && !is_enough(flow, wanted)) {
        if (resume) {
            ReleaseSRWLockExclusive(&call->lock);
            connection_resume(call->connection);
            AcquireSRWLockExclusive(&call->lock);
            resume = FALSE;
        } else if (flow->failed) {
            status = flow->failed;
        } else if (how == INFLOW_WAIT) {
            await_change(call);
        } else {
            flow->armed = how == INFLOW_ARM;
            status = RPC_S_ASYNC_CALL_PENDING;
        }
    }
    if (status == RPC_S_OK)
        status = hand_out(flow, kept, wanted ? wanted : flow->held, view);
    ReleaseSRWLockExclusive(&call->lock);
    if (resume)
        connection_resume(call->connection);
    return status;
}

BOOL inflow_finish(struct call *call, size_t kept)
{
    struct inflow *flow = call->inflow;
    BOOL resume, done;

    AcquireSRWLockExclusive(&call->lock);
    pass(flow, kept);
    flow->gather = flow->finish = TRUE;
    resume = may_resume(flow);
    done = flow->done;
    ReleaseSRWLockExclusive(&call->lock);
    if (resume)
        connection_resume(call->connection);
    return done;
}

void inflow_pass(struct call *call)
{
    BOOL resume;

    AcquireSRWLockExclusive(&call->lock);
    pass(call->inflow, 0);
    resume = may_resume(call->inflow);
    ReleaseSRWLockExclusive(&call->lock);
    if (resume)
        connection_resume(call->connection);
}

void inflow_keep(struct call *call)
{
    AcquireSRWLockExclusive(&call->lock);
    if (!call->inflow->lasting)
        call->inflow->lasting = call->inflow->first;
    ReleaseSRWLockExclusive(&call->lock);
}

BOOL inflow_fail(struct call *call, RPC_STATUS status)
{
    struct inflow *flow = call->inflow;
    BOOL armed, wake;

    AcquireSRWLockExclusive(&call->lock);
    if (!flow->failed && !flow->done)
        flow->failed = status;
    armed = flow->armed;
    flow->armed = FALSE;
    wake = rouse(flow);
    ReleaseSRWLockExclusive(&call->lock);
    if (wake)
        WakeByAddressAll((void *)&flow->signal);
    return armed;
}

BOOL inflow_discard(struct call *call)
{
    struct inflow *flow = call->inflow;
    BOOL more, resume;

    AcquireSRWLockExclusive(&call->lock);
    more = !flow->done;
    flow->discard = TRUE;
    flow->armed = FALSE;
    flow->held = 0;
    resume = flow->paused;
    flow->paused = FALSE;
    ReleaseSRWLockExclusive(&call->lock);
    if (resume)
        connection_resume(call->connection);
    return more;
}
