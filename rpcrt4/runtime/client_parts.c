/*
 * A client's calls with pipes: the request goes, and the reply may come, in parts.
 *
 * Such a call has a connection to itself, synchronous or not, which the port reads: a server that answers
 * early, with a fault, is heard while the request still goes out. Nothing else would be ordered behind it
 * anyway: the server dispatches it at its first fragment. The call is over when its owner has taken the last
 * of the reply; the connection is given back when that has come.
 */
#include "../os/os.h"
#include "association.h"
#include "binding.h"
#include "client.h"
#include "connection.h"
#include "outflow.h"
#include "thread.h"

RPC_STATUS client_call_open_parts(struct call *call, BOOL reply_too)
{
    if (call->outer)
        return RPC_S_CANNOT_SUPPORT; /* a callback has its call's connection, on which that one's thread waits
                                      */
    return outflow_open(call) && (!reply_too || inflow_open(call)) ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
}

static RPC_STATUS take_connection(struct call *call)
{
    struct association *association;
    RPC_STATUS status = binding_association(call->binding, &association);
    BOOL shared;

    if (status)
        return status;
    status = association_take(association, ASSOCIATION_PARTS, &call->abstract,
                              binding_connect_timeout(call->binding), NULL, &call->connection,
                              &call->context_id, &shared);
    association_release(association);
    return status;
}

/* The call finds its place on a connection; nothing has gone out yet. On an error it is over, and its owner
 * is not notified. */
static RPC_STATUS begin(struct call *call)
{
    RPC_STATUS status;

    client_call_arm_timeout(call);
    status = take_connection(call);
    if (status == RPC_S_OK) {
        call->state = CALL_BOUND;
        if (!client_call_enrol(call)) {
            client_call_give_back(call);
            status = RPC_S_CALL_FAILED_DNE;
        }
    }
    if (status && os_timer_cancel(&call->timer))
        call_release(call);
    if (status == RPC_S_OK)
        client_call_set_request(call);
    return status;
}

/* What could not be sent. The connection has ended, or is about to, unless the server has answered before it
 * had all of the request. */
static void settle(struct call *call, RPC_STATUS status)
{
    struct call *known;

    if (status == RPC_S_OUT_OF_MEMORY) {
        if ((known = connection_forget(call->connection, call)))
            call_release(known);
        client_call_finish(call, status);
    } else if (!call->inflow || !call->assembly.done) {
        call_wait(call);
    }
}

RPC_STATUS client_call_send_part(struct call *call, size_t length, unsigned how)
{
    BOOL wait = (how & OUTFLOW_WAIT) != 0;
    RPC_STATUS status = call->connection ? RPC_S_OK : begin(call);
    struct call *before = NULL;

    if (status)
        return status;
    if (wait)
        before = thread_begin_call(call);
    if (!call_is_final(call))
        status = outflow_add(call, length, how);
    /* A cancel that came before anything was on its way */
    if (call->cancelled)
        client_call_cancel(call);
    if (status)
        settle(call, status);
    if (wait)
        thread_end_call(before);
    return call_is_final(call) ? call->status : RPC_S_OK;
}

RPC_STATUS client_call_place_part(struct call *call, size_t length, BOOL wait, uint8_t **to)
{
    RPC_STATUS status = call_is_final(call) ? call->status : RPC_S_OK;

    if (status)
        return status;
    status = outflow_place(call, length, wait && call->connection, to);
    if (status == RPC_S_OK)
        return status;
    settle(call, status);
    return call_is_final(call) && call->status ? call->status : status;
}

/* For a reply that comes whole: as client_call_run. */
static RPC_STATUS await_whole(struct call *call, enum inflow_how how, struct inview *view)
{
    if (how == INFLOW_WAIT)
        call_wait(call);
    if (!call_is_final(call))
        return RPC_S_ASYNC_CALL_PENDING;
    view->data = call->in;
    view->length = call->assembly.length;
    view->complete = TRUE;
    return call->status;
}

RPC_STATUS client_call_take_part(struct call *call, size_t kept, size_t wanted, enum inflow_how how,
                                 struct inview *view)
{
    struct call *before = NULL;
    RPC_STATUS status;

    if (how == INFLOW_WAIT)
        before = thread_begin_call(call);
    status = call->inflow ? inflow_take(call, kept, wanted, how, view) : await_whole(call, how, view);
    if (how == INFLOW_WAIT)
        thread_end_call(before);
    if (status && status != RPC_S_ASYNC_CALL_PENDING)
        return call->status ? call->status : status;
    if (status == RPC_S_OK && view->complete && how == INFLOW_WAIT)
        client_call_finish(call, RPC_S_OK);
    return status;
}

void client_call_complete_parts(struct call *call, size_t kept)
{
    if (inflow_finish(call, kept))
        client_call_finish(call, RPC_S_OK);
}
