/*
 * Calls in the course of a call, the other way: [callback] procedures (SDK, "callback attribute"; [MS-RPCE]
 * 2.2.4.2, 3.3.1.5.9).
 *
 * On the wire a callback is a request by the server and a response by the client, on the connection of the
 * call that is served and with its call_id and presentation context. In its course the client may call the
 * server again, likewise, and so on. Each runs on the thread that waits for the one around it. A client's
 * thread receives by itself, so it finds the request; on the server, where the port receives, the thread is
 * handed it (call_hand). The runtime's calls lie in each other by call->outer, and a connection knows the
 * innermost of a call_id first.
 *
 * No lock of its own: outer, depth and spec are set before the connection knows the call.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "binding.h"
#include "callback.h"
#include "client.h"
#include "connection.h"
#include "server.h"
#include "subscription.h"
#include "thread.h"

static void bind_inside(struct call *call, struct call *outer)
{
    call->outer = call_ref(outer);
    call->depth = outer->depth + 1;
    call->connection = connection_ref(outer->connection);
    call->context = outer->context;
    call->call_id = outer->call_id;
    call->exclusive = TRUE;
    call->given = TRUE; /* the connection is the outermost call's to give back */
    call->state = CALL_BOUND;
}

/* [MS-RPCE] 3.3.1.5.9: no callbacks before the request is here, nor, by the same token, when the response has
 * begun. Both hold octets back that would be in the way of the callback's. unverified on Windows: the status.
 */
static BOOL is_in_parts(const struct call *served)
{
    return (served->inflow && !served->assembly.done) || served->outflow;
}

RPC_STATUS callback_create(struct call *served, void *interface, unsigned opnum, struct call **call)
{
    if (served->replied)
        return RPC_S_NO_CALL_ACTIVE;
    if (is_in_parts(served))
        return RPC_S_CALL_FAILED_DNE;
    if (served->depth >= CALLBACK_DEPTH_MAX)
        return RPC_S_OUT_OF_RESOURCES;
    if (!(*call = call_create(CALL_CLIENT_MAGIC)))
        return RPC_S_OUT_OF_MEMORY;
    (*call)->spec = interface;
    (*call)->opnum = opnum;
    (*call)->assembly.limit = served->assembly.limit;
    bind_inside(*call, served);
    return RPC_S_OK;
}

/* One that is not answered could still be running when the callback's response comes. */
BOOL callback_nest(struct call *call)
{
    struct call *served = thread_server_call(), *outer = served ? served->outer : NULL;

    if (!outer || !connection_is_threads(served->connection) || outer->binding != call->binding ||
        served->replied || call->wire_flags & WIRE_MAYBE ||
        !wire_syntax_equal(&outer->context.abstract, &call->context.abstract))
        return FALSE;
    bind_inside(call, served);
    return TRUE;
}

/* On a server's connection: the port receives, and hands over what the client calls meanwhile. */
static void run_on_port(struct call *call)
{
    struct call *before, *request;

    if (!client_call_enrol(call)) {
        call_finish(call, CALL_FAILED, RPC_S_CALL_FAILED_DNE);
        return;
    }
    before = thread_begin_call(call);
    client_call_transmit(call, FALSE);
    while ((request = call_wait(call)))
        dispatch_call(request);
    thread_end_call(before);
}

RPC_STATUS callback_run(struct call *call)
{
    if (call->depth > CALLBACK_DEPTH_MAX)
        return RPC_S_OUT_OF_RESOURCES;
    if (connection_is_threads(call->connection))
        return client_call_run_bound(call);
    run_on_port(call);
    return call->status;
}

/* [MS-RPCE] 3.3.1.5.9: a client takes callbacks while it waits for a response, and at no other time. One
 * whose call is asynchronous has no thread to run them on. unverified on Windows: the status. */
RPC_STATUS callback_allowed(const struct connection *conn, const struct call *outer)
{
    if (!outer || outer->magic != CALL_CLIENT_MAGIC || !outer->exclusive || outer->state >= CALL_RECEIVING ||
        (conn->association && !connection_is_threads(conn)))
        return RPC_S_CALL_FAILED_DNE;
    return outer->depth < CALLBACK_DEPTH_MAX ? RPC_S_OK : RPC_S_OUT_OF_RESOURCES;
}

struct call *callback_accept(struct connection *conn, const struct wire_pdu *pdu, struct call *outer)
{
    RPC_STATUS status = callback_allowed(conn, outer);
    struct call *call;

    if (status) {
        server_refuse(conn, pdu, status);
        return NULL;
    }
    if (!(call = server_call_begin(conn, pdu, outer)))
        return NULL;
    call->spec = outer->spec;
    call->context = outer->context;
    call->context.id = pdu->u.call.context_id;
    call->assembly.limit = MAXLONG;
    if (connection_remember(conn, call))
        return call;
    call_release(call);
    return NULL;
}

void callback_lost(struct connection *conn)
{
    struct call *call;

    while ((call = connection_forget_any(conn))) {
        if (call->magic == CALL_CLIENT_MAGIC) {
            client_call_finish(call, call->sending.begun ? RPC_S_CALL_FAILED : RPC_S_CALL_FAILED_DNE);
        } else {
            call->lost = call->cancelled = TRUE;
            server_call_fail_parts(call, RPC_S_CALL_FAILED);
            subscriptions_tell(call, RpcNotificationClientDisconnect);
        }
        call_release(call);
    }
}
