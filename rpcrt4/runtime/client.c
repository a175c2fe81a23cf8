/*
 * The client's calls: from a marshalled buffer to a reply.
 *
 * A synchronous call has a connection to itself and does its own I/O. Asynchronous calls are sent on the
 * association's shared connection, or, where the server does not multiplex, each on one of its own; calls on
 * one binding then go one after the other (causal order), unless the binding is noncausal.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "association.h"
#include "binding.h"
#include "callback.h"
#include "client.h"
#include "client_start.h"
#include "connection.h"
#include "error_info.h"
#include "inflow.h"
#include "outflow.h"
#include "serial.h"
#include "server.h"
#include "thread.h"

struct call *client_call_create(struct binding *binding, RPC_CLIENT_INTERFACE *interface, unsigned opnum,
                                ULONG rpc_flags, const UUID *object)
{
    struct call *call = call_create(CALL_CLIENT_MAGIC);

    if (!call)
        return NULL;
    errors_clear(); /* SDK, RpcErrorClearInformation: when a call starts, the runtime clears them */
    call->binding = binding_ref(binding);
    memcpy(&call->context.abstract, &interface->InterfaceId, sizeof call->context.abstract);
    call->context.transfer = presentation_transfer(&interface->TransferSyntax);
    call->spec = interface;
    call->opnum = opnum;
    if (rpc_flags & RPC_NCA_FLAGS_MAYBE)
        call->wire_flags |= WIRE_MAYBE;
    call->object = object ? *object : binding->object;
    call->has_object = memcmp(&call->object, &uuid_nil, sizeof(UUID)) != 0;
    call->assembly.limit = MAXLONG;
    return call;
}

/* ---- what the connection does with what comes in */

void client_call_responds(struct call *call)
{
    AcquireSRWLockExclusive(&call->lock);
    call->heard = TRUE;
    if (call->state < CALL_RECEIVING)
        call->state = CALL_RECEIVING;
    ReleaseSRWLockExclusive(&call->lock);
}

BOOL client_call_fault(struct connection *conn, const struct wire_pdu *pdu)
{
    struct call *call = connection_find(conn, pdu->call_id), *known;

    if (call && call->magic != CALL_CLIENT_MAGIC) {
        call_release(call);
        call = NULL;
    }
    if (!call)
        return FALSE;
    if ((known = connection_forget(conn, call)))
        call_release(known);
    call->errors = errors_of_pdu(pdu);
    call->fault = wire_status_from_fault(pdu->u.call.status);
    if (!call->fault)
        call->fault = RPC_S_CALL_FAILED;
    if (pdu->flags & WIRE_DID_NOT_EXECUTE && call->fault == RPC_S_CALL_FAILED)
        call->fault = RPC_S_CALL_FAILED_DNE;
    connection_ready(conn, call);
    return TRUE;
}

static BOOL control(struct connection *conn, const struct wire_pdu *pdu)
{
    switch (pdu->ptype) {
    case WIRE_BIND_ACK:
    case WIRE_BIND_NAK:
    case WIRE_ALTER_CONTEXT_RESP:
        return client_bind_answer(conn, pdu);
    case WIRE_FAULT:
        return client_call_fault(conn, pdu) || !conn->exchange || client_bind_answer(conn, pdu);
    case WIRE_CO_CANCEL:
    case WIRE_ORPHANED:
        return server_cancel(conn, pdu);
    case WIRE_SHUTDOWN:
        conn->dead = TRUE; /* calls under way go on, new ones take another connection */
        return TRUE;
    default:
        return FALSE;
    }
}

/* A response's fragment, or one of a request by the server. */
static struct call *incoming_call(struct connection *conn, const struct wire_pdu *pdu, BOOL *fatal)
{
    struct call *call = connection_find(conn, pdu->call_id), *callback;

    if (pdu->ptype == WIRE_REQUEST && pdu->flags & WIRE_FIRST_FRAG) {
        callback = callback_accept(conn, pdu, call);
        if (call)
            call_release(call);
        return callback;
    }
    if (!call)
        return NULL;
    if (pdu->ptype == WIRE_RESPONSE && call->magic == CALL_CLIENT_MAGIC) {
        client_call_responds(call);
        return call;
    }
    if (pdu->ptype == WIRE_REQUEST && call->magic == CALL_SERVER_MAGIC && !call->assembly.done)
        return call;
    *fatal = pdu->ptype == WIRE_RESPONSE; /* the rest of a request that was refused passes */
    call_release(call);
    return NULL;
}

static BOOL broken(struct connection *conn, struct call *call, RPC_STATUS status)
{
    if (call->magic == CALL_SERVER_MAGIC) {
        server_call_fault(call, status, FALSE);
        call_release(call);
        return FALSE;
    }
    call->fault = status;
    connection_ready(conn, call);
    return status != RPC_S_PROTOCOL_ERROR;
}

/* The call needs its connection no more. */
void client_call_give_back(struct call *call)
{
    struct connection *conn = call->connection;

    if (!conn || InterlockedExchange(&call->given, TRUE))
        return;
    /* The server would take what comes next for the rest of a request that it has answered already. */
    if (call->outflow && !outflow_is_whole(call)) {
        conn->dead = TRUE;
        connection_end(conn, ERROR_CANCELLED);
    }
    if (!serial_next(conn))
        association_give(conn->association, connection_ref(conn));
}

void client_call_finish(struct call *call, RPC_STATUS status)
{
    enum call_state state = status == RPC_S_OK               ? CALL_COMPLETE
                            : status == RPC_S_CALL_CANCELLED ? CALL_CANCELLED
                                                             : CALL_FAILED;

    if (!call->exclusive)
        client_call_give_back(call);
    if (call->inflow && status && inflow_fail(call, status))
        call->owed = call->async != NULL;
    call_finish(call, state, status);
}

void client_call_answered(struct call *call)
{
    struct call *known = connection_forget(call->connection, call);

    if (known)
        call_release(known);
    /* Of a reply in parts the last is not taken yet. */
    if (call->inflow && !call->fault && !call->inflow->finish)
        client_call_give_back(call);
    else
        client_call_finish(call, call->fault);
    call_release(call);
}

static void ready(struct call *calls)
{
    while (calls) {
        struct call *call = calls;

        calls = call->queue_next;
        if (call->magic == CALL_CLIENT_MAGIC)
            client_call_answered(call);
        else
            dispatch_call(call);
    }
}

static void ended(struct connection *conn)
{
    client_bind_lost(conn);
    association_drop(conn->association, conn);
    serial_ended(conn);
    callback_lost(conn);
}

const struct connection_role client_role = {
    .control = control,
    .call = incoming_call,
    .broken = broken,
    .ready = ready,
    .ended = ended,
};

/* ---- sending */

static void request_left(struct outgoing *out, DWORD error)
{
    struct call *call = CONTAINING_RECORD(out, struct call, sending);

    if (!error) {
        call_sent(call);
        if (call->wire_flags & WIRE_MAYBE) {
            struct call *known = connection_forget(call->connection, call);

            if (known)
                call_release(known);
            client_call_finish(call, RPC_S_OK);
        }
    }
    call_release(call);
}

void client_call_set_request(struct call *call)
{
    struct wire_call_params *params = &call->sending.params;

    params->ptype = WIRE_REQUEST;
    params->flags = call->wire_flags | (call->connection->multiplexed ? WIRE_CONC_MPX : 0);
    params->call_id = call->call_id;
    params->context_id = call->context.id;
    params->opnum = call->opnum;
    params->object = call->has_object ? (struct wire_uuid *)&call->object : NULL;
}

void client_call_transmit(struct call *call, BOOL wait)
{
    struct connection *conn = call->connection;
    struct outgoing *out = &call->sending;

    client_call_set_request(call);
    out->data = call->out;
    out->done = request_left;
    call_ref(call);
    connection_send(conn, out, wait);
    /* A cancel that came before the request was on its way */
    if (call->abandoned)
        client_call_abandon(call);
    else if (call->cancelled)
        client_call_cancel(call);
}

/* Gives the call its id on its connection. FALSE: the connection has ended. */
BOOL client_call_enrol(struct call *call)
{
    struct connection *conn = call->connection;

    AcquireSRWLockExclusive(&conn->lock);
    if (!call->outer)
        call->call_id = connection_next_id(conn);
    InterlockedIncrement(&server_statistics[RPC_C_STATS_CALLS_OUT]);
    ReleaseSRWLockExclusive(&conn->lock);
    AcquireSRWLockExclusive(&call->lock);
    if (!call_is_final(call))
        call->state = CALL_SENDING;
    ReleaseSRWLockExclusive(&call->lock);
    return connection_remember(conn, call);
}

static BOOL is_final(void *context)
{
    return call_is_final(context);
}

RPC_STATUS client_call_run_bound(struct call *call)
{
    struct connection *conn = call->connection;
    DWORD timeout = binding_call_timeout(call->binding);
    struct call *before;
    DWORD error;

    if (!client_call_enrol(call)) {
        call_finish(call, CALL_FAILED, RPC_S_CALL_FAILED_DNE);
    } else {
        before = thread_begin_call(call);
        client_call_transmit(call, TRUE);
        client_unwatch(call);
        error = connection_receive_until(conn, is_final, call, timeout);
        thread_end_call(before);
        if (error == WAIT_TIMEOUT)
            client_call_abandon(call);
        if (error)
            connection_end(conn, error);
        call_wait(call); /* another thread may be ending the connection */
    }
    client_call_give_back(call);
    return call->status;
}

RPC_STATUS client_call_run(struct call *call, size_t length)
{
    struct association *association;
    struct call *before;
    RPC_STATUS status;
    BOOL shared;

    call->sending.length = length;
    if (call->outer || callback_nest(call))
        return callback_run(call);
    status = binding_association(call->binding, &association);
    if (status)
        return status;
    call->exclusive = TRUE;
    client_watch(call);
    before = thread_begin_call(call);
    status = client_start(call, association, ASSOCIATION_EXCLUSIVE, &shared);
    thread_end_call(before);
    if (status == RPC_S_OK)
        status = client_call_run_bound(call);
    client_unwatch(call);
    association_release(association);
    return status;
}

RPC_STATUS client_transfer(struct binding *binding, const RPC_CLIENT_INTERFACE *interface,
                           const struct wire_syntax **transfer)
{
    struct presentation context = {.transfer = presentation_transfer(&interface->TransferSyntax)};
    struct association *association;
    struct connection *conn;
    RPC_STATUS status;
    BOOL shared;

    *transfer = context.transfer;
    if (context.transfer == &wire_ndr20)
        return RPC_S_OK;
    status = binding_association(binding, &association);
    if (status)
        return status;
    memcpy(&context.abstract, &interface->InterfaceId, sizeof context.abstract);
    status = association_take(association, ASSOCIATION_EXCLUSIVE, &context, binding_connect_timeout(binding),
                              NULL, &conn, &shared);
    if (status == RPC_S_OK) {
        *transfer = context.transfer;
        association_give(association, conn);
    }
    association_release(association);
    return status;
}

RPC_STATUS client_call_set_async(struct call *call, PRPC_ASYNC_STATE async)
{
    RPC_STATUS status = notify_prepare(&call->notify, async);

    if (status == RPC_S_OK) {
        call->async = async;
        async->RuntimeInfo = call;
    }
    return status;
}

/* Takes a connection for an asynchronous call and sends it there. A call that is abandoned meanwhile has
 * ended as any other, with a notification. */
static RPC_STATUS start_on_new(struct call *call, struct association *association)
{
    BOOL shared;
    RPC_STATUS status = client_start(call, association, ASSOCIATION_ASYNC, &shared);

    if (status)
        return call_is_final(call) ? RPC_S_OK : status;
    if (!shared)
        serial_lead(call);
    if (client_call_enrol(call)) {
        client_call_transmit(call, FALSE);
        return RPC_S_OK;
    }
    client_call_give_back(call);
    return RPC_S_CALL_FAILED_DNE;
}

RPC_STATUS client_call_start(struct call *call, size_t length)
{
    struct association *association;
    RPC_STATUS status = binding_association(call->binding, &association);

    if (status)
        return status;
    call->sending.length = length;
    if (!serial_join(call))
        status = start_on_new(call, association);
    association_release(association);
    return status;
}
