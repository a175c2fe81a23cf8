/*
 * Call objects: memory, reference counts, and the one place where a call becomes final.
 *
 * A call owns its buffers until its last reference goes, so that a send or a receive that is still under way
 * when the call ends has nothing pulled from under it.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "binding.h"
#include "buffer.h"
#include "call.h"
#include "connection.h"
#include "error_info.h"
#include "inflow.h"
#include "outflow.h"
#include "server.h"
#include "subscription.h"

struct call *call_create(ULONG magic)
{
    struct call *call = os_alloc(sizeof *call);

    if (!call)
        return NULL;
    memset(call, 0, offsetof(struct call, small));
    call->magic = magic;
    call->refs = 1;
    InitializeSRWLock(&call->lock);
    return call;
}

struct call *call_ref(struct call *call)
{
    InterlockedIncrement(&call->refs);
    return call;
}

static void call_destroy(struct call *call)
{
    call->magic = 0;
    buffer_free(call->in, call->in_size);
    if (call->out != call->small)
        buffer_free(call->out, call->out_size);
    inflow_free(call->inflow);
    outflow_free(call->outflow);
    notify_release(&call->notify);
    subscriptions_free(call);
    errors_free(call->errors);
    if (call->connection)
        connection_release(call->connection);
    if (call->outer)
        call_release(call->outer);
    if (call->binding)
        binding_release(call->binding);
    if (call->interface)
        server_interface_release(call->interface);
    os_free(call);
}

void call_release(struct call *call)
{
    if (!InterlockedDecrement(&call->refs))
        call_destroy(call);
}

struct call *call_from_handle(void *handle, ULONG magic)
{
    struct call *call = handle;

    return call && call->magic == magic ? call : NULL;
}

RPC_STATUS call_reserve_out(struct call *call, size_t length)
{
    uint8_t *out;

    if (length <= sizeof call->small) {
        out = call->small;
        length = sizeof call->small;
    } else if (!(out = buffer_alloc(&length))) {
        return RPC_S_OUT_OF_MEMORY;
    }
    if (call->out != call->small)
        buffer_free(call->out, call->out_size);
    call->out = out;
    call->out_size = length;
    return RPC_S_OK;
}

RPC_STATUS call_grow_out(struct call *call, size_t length)
{
    uint8_t *out;

    if (length <= call->out_size)
        return RPC_S_OK;
    if (!(out = buffer_alloc(&length)))
        return RPC_S_OUT_OF_MEMORY;
    memcpy(out, call->out, call->out_size);
    if (call->out != call->small)
        buffer_free(call->out, call->out_size);
    call->out = out;
    call->out_size = length;
    return RPC_S_OK;
}

BOOL call_reserve_in(struct call *call, size_t size)
{
    uint8_t *in;

    if (size <= call->in_size)
        return TRUE;
    if (call->in_size && size < call->in_size * 2)
        size = call->in_size * 2;
    if (!(in = buffer_alloc(&size)))
        return FALSE;
    if (call->in)
        memcpy(in, call->in, call->assembly.length < call->in_size ? call->assembly.length : call->in_size);
    buffer_free(call->in, call->in_size);
    call->in = in;
    call->in_size = size;
    return TRUE;
}

/* A copy of what the owner asked for, whose thread handle is its own. The lock is held. */
static struct notification copy_notification(struct call *call)
{
    struct notification notify = call->notify;
    HANDLE process = GetCurrentProcess();

    notify.thread = NULL;
    if (call->notify.thread)
        DuplicateHandle(process, call->notify.thread, process, &notify.thread, 0, FALSE,
                        DUPLICATE_SAME_ACCESS);
    return notify;
}

BOOL call_finish(struct call *call, enum call_state state, RPC_STATUS status)
{
    struct notification notify;
    PRPC_ASYNC_STATE async;
    RPC_ASYNC_EVENT event;

    AcquireSRWLockExclusive(&call->lock);
    if (call_is_final(call)) {
        ReleaseSRWLockExclusive(&call->lock);
        return FALSE;
    }
    async = call->magic == CALL_CLIENT_MAGIC ? call->async : NULL;
    event = call->owed ? RpcReceiveComplete : RpcCallComplete;
    if (async)
        async->Event = event;
    notify = copy_notification(call);
    call->status = status;
    call->state = state;
    ReleaseSRWLockExclusive(&call->lock);
    if (call->exclusive || call->outflow)
        WakeByAddressAll((void *)&call->state);
    TRACE("call %p id %u: state %d status %lu\n", call, call->call_id, state, status);

    if (async)
        notify_send(&notify, async, event);
    notify_release(&notify);
    return TRUE;
}

BOOL call_hand(struct call *call, struct call *request)
{
    BOOL handed;

    AcquireSRWLockExclusive(&call->lock);
    handed = call->exclusive && !call->request && !call_is_final(call);
    if (handed) {
        call->request = request;
        call->state = CALL_CALLED_BACK;
    }
    ReleaseSRWLockExclusive(&call->lock);
    if (handed)
        WakeByAddressAll((void *)&call->state);
    return handed;
}

static struct call *take_request(struct call *call)
{
    struct call *request;

    AcquireSRWLockExclusive(&call->lock);
    request = call->request;
    call->request = NULL;
    if (call->state == CALL_CALLED_BACK)
        call->state = CALL_SENT;
    ReleaseSRWLockExclusive(&call->lock);
    return request;
}

struct call *call_wait(struct call *call)
{
    struct call *request;
    LONG state;

    while ((state = call->state) < CALL_CALLED_BACK || state == CALL_RECEIVING)
        WaitOnAddress(&call->state, &state, sizeof state, INFINITE);
    request = take_request(call);
    if (!request || state == CALL_CALLED_BACK)
        return request;
    call_release(request); /* the connection ended before it was taken */
    return NULL;
}

void call_announce(struct call *call, RPC_ASYNC_EVENT event)
{
    struct notification notify = {0};
    PRPC_ASYNC_STATE async = NULL;

    AcquireSRWLockExclusive(&call->lock);
    if (!call_is_final(call) && call->async &&
        (event != RpcSendComplete || call->notify.flags & RPC_C_NOTIFY_ON_SEND_COMPLETE)) {
        notify = copy_notification(call);
        async = call->async;
        async->Event = event;
    }
    ReleaseSRWLockExclusive(&call->lock);
    if (async)
        notify_send(&notify, async, event);
    notify_release(&notify);
}

void call_sent(struct call *call)
{
    AcquireSRWLockExclusive(&call->lock);
    if (call->state == CALL_SENDING)
        call->state = CALL_SENT;
    ReleaseSRWLockExclusive(&call->lock);
    call_announce(call, RpcSendComplete);
}

void call_pay(struct call *call)
{
    struct notification notify = {0};
    PRPC_ASYNC_STATE async = NULL;

    AcquireSRWLockExclusive(&call->lock);
    if (call_is_final(call) && call->owed) {
        call->owed = FALSE;
        notify = copy_notification(call);
        async = call->async;
        async->Event = RpcCallComplete;
    }
    ReleaseSRWLockExclusive(&call->lock);
    if (async)
        notify_send(&notify, async, RpcCallComplete);
    notify_release(&notify);
}
