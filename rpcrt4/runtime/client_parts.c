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
#include "client_start.h"
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
    status = client_start(call, association, ASSOCIATION_PARTS, &shared);
    association_release(association);
    return status;
}

/* The call finds its place on a connection; nothing has gone out yet. On an error it is over, and, unless it
 * was abandoned, its owner is not notified. */
static RPC_STATUS begin(struct call *call)
{
    RPC_STATUS status = take_connection(call);

    if (status)
        return status;
    if (!client_call_enrol(call)) {
        client_call_give_back(call);
        return RPC_S_CALL_FAILED_DNE;
    }
    client_call_set_request(call);
    return RPC_S_OK;
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

/* Brackets what the thread of a synchronous call does, and may wait for; gives the call it waited for before.
 */
static struct call *begin_wait(struct call *call, BOOL waits)
{
    if (!waits)
        return NULL;
    client_watch(call);
    return thread_begin_call(call);
}

static void end_wait(struct call *call, BOOL waits, struct call *before)
{
    if (!waits)
        return;
    thread_end_call(before);
    client_unwatch(call);
}

RPC_STATUS client_call_send_part(struct call *call, size_t length, unsigned how)
{
    struct call *before = begin_wait(call, how & OUTFLOW_WAIT);
    RPC_STATUS status = call->connection ? RPC_S_OK : begin(call);
    BOOL begun = status == RPC_S_OK;

    if (begun && !call_is_final(call))
        status = outflow_add(call, length, how);
    /* A cancel that came before anything was on its way */
    if (begun && call->abandoned)
        client_call_abandon(call);
    else if (begun && call->cancelled)
        client_call_cancel(call);
    if (begun && status)
        settle(call, status);
    end_wait(call, how & OUTFLOW_WAIT, before);
    if (call_is_final(call))
        return call->status;
    return begun ? RPC_S_OK : status;
}

RPC_STATUS client_call_place_part(struct call *call, size_t length, BOOL wait, uint8_t **to)
{
    RPC_STATUS status = call_is_final(call) ? call->status : RPC_S_OK;
    struct call *before;

    if (status)
        return status;
    wait = wait && call->connection;
    before = begin_wait(call, wait);
    status = outflow_place(call, length, wait, to);
    if (status)
        settle(call, status);
    end_wait(call, wait, before);
    return status && call_is_final(call) && call->status ? call->status : status;
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
    struct call *before = begin_wait(call, how == INFLOW_WAIT);
    RPC_STATUS status;

    status = call->inflow ? inflow_take(call, kept, wanted, how, view) : await_whole(call, how, view);
    end_wait(call, how == INFLOW_WAIT, before);
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
