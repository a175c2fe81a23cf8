/*
 * The server's side of a connection: bind and alter_context, requests, cancels (C706 12.6, [MS-RPCE] 3.3.3).
 *
 * All of it runs on the connection's receiving thread; what it shares with managers' threads is in the call.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "callback.h"
#include "client.h"
#include "connection.h"
#include "error_info.h"
#include "group.h"
#include "inflow.h"
#include "server.h"
#include "subscription.h"

enum {
    PROTO_ERROR = 0x1c01000b, /* nca_proto_error */
    CONTEXTS_MAX = 64,        /* presentation contexts a PDU, and a connection's */
    ACK_SIZE = 256 + CONTEXTS_MAX * 24
};

/* With the calling thread's extended error information, which is used up. */
static void send_fault_pdu(struct connection *conn, const struct wire_pdu *pdu, RPC_STATUS status)
{
    struct wire_call_params params = {
        .ptype = WIRE_FAULT,
        .flags = WIRE_FIRST_FRAG | WIRE_LAST_FRAG | WIRE_DID_NOT_EXECUTE,
        .call_id = pdu->call_id,
        .context_id = pdu->u.call.context_id,
    };
    uint8_t fault[WIRE_MIN_FRAG];
    size_t length = wire_encode_fault(fault, sizeof fault, &params, status);

    connection_send_pdu(conn, fault, errors_append(fault, length, sizeof fault), FALSE);
    errors_clear();
}

void server_refuse(struct connection *conn, const struct wire_pdu *pdu, RPC_STATUS status)
{
    send_fault_pdu(conn, pdu, wire_fault_from_status(status));
}

/* ---- bind */

/* The same. */
static void send_nak(struct connection *conn, uint32_t call_id, uint16_t reason)
{
    uint8_t nak[WIRE_MIN_FRAG];
    size_t length = wire_encode_bind_nak(nak, sizeof nak, call_id, reason);

    TRACE("connection %p: bind_nak, reason %u\n", conn, reason);
    connection_send_pdu(conn, nak, errors_append(nak, length, sizeof nak), FALSE);
    errors_clear();
}

static void reject(struct wire_context_result *result, enum wire_reason reason)
{
    memset(result, 0, sizeof *result);
    result->result = WIRE_PROVIDER_REJECTION;
    result->reason = reason;
}

/* A context that offers the features' pseudo syntax: which of them we have too. */
static BOOL acknowledge_features(const struct wire_pdu *pdu, const struct wire_context *context,
                                 struct wire_context_result *result)
{
    struct wire_syntax transfer;
    uint64_t mask;

    if (context->count != 1)
        return FALSE;
    wire_transfer(pdu, context, 0, &transfer);
    if (!wire_is_features(&transfer, &mask))
        return FALSE;
    memset(result, 0, sizeof *result);
    result->result = WIRE_NEGOTIATE_ACK;
    result->reason = mask & WIRE_FEATURE_KEEP_ON_ORPHAN;
    return TRUE;
}

/* A client that is another copy of this runtime offers shared memory; the answer is the result's transfer
 * syntax. */
static BOOL accept_share(struct connection *conn, const struct wire_pdu *pdu,
                         const struct wire_context *context, struct wire_context_result *result)
{
    const struct transport_ops *ops = conn->transport->ops;
    struct wire_syntax offer;

    if (pdu->ptype != WIRE_BIND || !ops->share_accept || context->count != 1 ||
        !wire_syntax_equal(&context->abstract, &connection_share_syntax))
        return FALSE;
    wire_transfer(pdu, context, 0, &offer);
    memset(result, 0, sizeof *result);
    result->transfer.major = 1;
    if (ops->share_accept(conn->transport, (const UCHAR *)&offer.uuid, (UCHAR *)&result->transfer.uuid))
        return FALSE;
    conn->offered_share = TRUE;
    return TRUE;
}

static BOOL offers(const struct wire_pdu *pdu, const struct wire_context *context,
                   const struct wire_syntax *wanted)
{
    struct wire_syntax transfer;

    for (unsigned i = 0; i < context->count; i++) {
        wire_transfer(pdu, context, i, &transfer);
        if (wire_syntax_equal(&transfer, wanted))
            return TRUE;
    }
    return FALSE;
}

/* NDR 2.0 or, on this machine and for an interface that names the nil syntax (Wine's ole32 registers such),
 * that one, which Wine's own runtime offers alone then. NULL: neither was offered. */
static const struct wire_syntax *choose_transfer(struct connection *conn, const struct wire_pdu *pdu,
                                                 const struct wire_context *context,
                                                 const struct server_interface *interface)
{
    const struct wire_syntax *named = presentation_transfer(&interface->spec->TransferSyntax);

    if (offers(pdu, context, &wire_ndr20))
        return &wire_ndr20;
    if (named == &wire_nil && conn->transport->ops == &transport_lrpc && offers(pdu, context, named))
        return named;
    return NULL;
}

static void answer_context(struct connection *conn, const struct wire_pdu *pdu,
                           const struct wire_context *context, struct wire_context_result *result)
{
    struct presentation presentation = {context->id, context->abstract, NULL};
    struct server_interface *interface;
    BOOL known;

    if (acknowledge_features(pdu, context, result) || accept_share(conn, pdu, context, result))
        return;
    interface = server_interface_find(conn->address->group, &context->abstract);
    if (!interface) {
        reject(result, WIRE_REASON_ABSTRACT_NOT_SUPPORTED);
        return;
    }
    presentation.transfer = choose_transfer(conn, pdu, context, interface);
    server_interface_release(interface);
    if (!presentation.transfer) {
        reject(result, WIRE_REASON_TRANSFERS_NOT_SUPPORTED);
        return;
    }
    AcquireSRWLockExclusive(&conn->lock);
    known = connection_presentation(conn, context->id) != NULL;
    if (!known &&
        (conn->presentation_count >= CONTEXTS_MAX || !connection_add_presentation(conn, &presentation)))
        reject(result, WIRE_REASON_LOCAL_LIMIT);
    else
        *result = (struct wire_context_result){WIRE_ACCEPT, WIRE_REASON_NONE, *presentation.transfer};
    ReleaseSRWLockExclusive(&conn->lock);
}

static uint16_t lower(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

/* What the first bind settles for the connection. Gives 0, or the reason of a bind_nak. */
static uint16_t settle(struct connection *conn, const struct wire_pdu *pdu)
{
    conn->server_association = server_association_join(pdu->u.bind.assoc_group);
    if (!conn->server_association) {
        errors_note(ERROR_BY_RUNTIME, RPC_S_SERVER_TOO_BUSY, AT_ASSOCIATION_UNKNOWN, 1,
                    (ULONG)pdu->u.bind.assoc_group);
        return WIRE_NAK_LOCAL_LIMIT;
    }
    /* C706 12.6.3.1: neither side is to be made to take less than MustRecvFragSize */
    if (pdu->u.bind.max_recv >= WIRE_MIN_FRAG)
        conn->max_xmit = lower(conn->max_xmit, pdu->u.bind.max_recv);
    if (pdu->u.bind.max_xmit >= WIRE_MIN_FRAG)
        conn->max_recv = lower(conn->max_recv, pdu->u.bind.max_xmit);
    conn->minor = pdu->minor;
    conn->multiplexed = (pdu->flags & WIRE_CONC_MPX) != 0;
    return 0;
}

/* FALSE: the connection is to be ended. */
static BOOL send_ack(struct connection *conn, const struct wire_pdu *pdu)
{
    struct wire_context_result results[CONTEXTS_MAX];
    BOOL first = pdu->ptype == WIRE_BIND;
    struct wire_bind_params params = {
        .ptype = first ? WIRE_BIND_ACK : WIRE_ALTER_CONTEXT_RESP,
        .flags = conn->multiplexed ? WIRE_CONC_MPX : 0,
        .minor = conn->minor,
        .call_id = pdu->call_id,
        .assoc_group = conn->server_association->group,
        .max_xmit = conn->max_xmit,
        .max_recv = conn->max_recv,
    };
    struct wire_context context;
    uint8_t ack[ACK_SIZE];
    uint8_t count = 0;
    size_t cursor = 0, length;

    while (count < CONTEXTS_MAX && wire_next_context(pdu, &cursor, &context))
        answer_context(conn, pdu, &context, &results[count++]);
    length =
        wire_encode_bind_ack(ack, sizeof ack, &params, first ? conn->address->secondary : "", results, count);
    if (!first || !conn->offered_share) {
        connection_send_pdu(conn, ack, length, FALSE);
        return TRUE;
    }
    connection_send_pdu(conn, ack, length, TRUE); /* out, before the octets take another way */
    return !conn->transport->ops->share_start(conn->transport);
}

static BOOL bind(struct connection *conn, const struct wire_pdu *pdu)
{
    uint16_t reason = 0;

    if (conn->bound) {
        send_fault_pdu(conn, pdu, PROTO_ERROR);
        return FALSE;
    }
    if (pdu->auth.value) {
        errors_note(ERROR_BY_RUNTIME, RPC_S_UNKNOWN_AUTHN_SERVICE, AT_SERVER_CREDENTIALS, 2,
                    (ULONG)pdu->auth.type, (ULONG)pdu->auth.level);
        reason = WIRE_NAK_AUTH_TYPE;
    } else if (pdu->u.bind.count > CONTEXTS_MAX)
        reason = WIRE_NAK_LOCAL_LIMIT;
    else
        reason = settle(conn, pdu);
    if (reason) {
        send_nak(conn, pdu->call_id, reason);
        return FALSE;
    }
    conn->bound = TRUE;
    return send_ack(conn, pdu);
}

static BOOL alter_context(struct connection *conn, const struct wire_pdu *pdu)
{
    if (!conn->bound || pdu->auth.value || pdu->u.bind.count > CONTEXTS_MAX) {
        send_fault_pdu(conn, pdu, PROTO_ERROR);
        return FALSE;
    }
    return send_ack(conn, pdu);
}

/* ---- cancels */

/* A manager that pulls is to hear of it. */
void server_call_fail_parts(struct call *call, RPC_STATUS status)
{
    if (call->inflow && inflow_fail(call, status))
        call_announce(call, RpcReceiveComplete);
}

/* A connection that rests, for a manager does not pull, brings no cancel, and not its own end either: a
 * cancel goes behind what was sent before, and no looking ahead would reach the end of that. Where the
 * transport can tell that the client has gone, it is asked; TCP cannot while there is something to read. */
BOOL server_call_is_cancelled(struct call *call)
{
    struct transport_conn *transport = call->connection->transport;

    if (!call->cancelled && call->inflow && call->inflow->paused && !transport->ops->alive(transport))
        call->cancelled = TRUE;
    return call->cancelled;
}

/* A call and those in whose course it came. Whoever calls back waits in vain, and is told when the answer
 * that it gives then is lost already. */
static void orphan(struct connection *conn, struct call *call)
{
    struct call *at, *known;

    for (at = call; at; at = at->outer) {
        known = connection_forget(conn, at);
        if (at->magic == CALL_SERVER_MAGIC)
            at->lost = at->cancelled = TRUE;
        if (known)
            call_release(known);
    }
    for (at = call; at; at = at->outer) {
        if (at->magic == CALL_CLIENT_MAGIC)
            client_call_finish(at, RPC_S_CALL_CANCELLED);
        server_call_fail_parts(at, RPC_S_CALL_CANCELLED);
    }
}

BOOL server_cancel(struct connection *conn, const struct wire_pdu *pdu)
{
    struct call *call = connection_find(conn, pdu->call_id), *at;

    if (!call)
        return TRUE;
    TRACE("call %p id %u: %s\n", call, call->call_id, pdu->ptype == WIRE_ORPHANED ? "orphaned" : "cancel");
    if (pdu->ptype == WIRE_ORPHANED)
        orphan(conn, call);
    for (at = call; at; at = at->outer)
        if (at->magic == CALL_SERVER_MAGIC) {
            at->cancelled = TRUE;
            subscriptions_tell(at, RpcNotificationCallCancel);
        }
    call_release(call);
    return TRUE;
}

static BOOL control(struct connection *conn, const struct wire_pdu *pdu)
{
    switch (pdu->ptype) {
    case WIRE_BIND:
        return bind(conn, pdu);
    case WIRE_ALTER_CONTEXT:
        return alter_context(conn, pdu);
    case WIRE_AUTH3:
        return conn->bound; /* it has no answer; what it would finish was refused in bind */
    case WIRE_FAULT:
        if (client_call_fault(conn, pdu))
            return TRUE;
        send_fault_pdu(conn, pdu, PROTO_ERROR);
        return FALSE;
    case WIRE_CO_CANCEL:
    case WIRE_ORPHANED:
        return server_cancel(conn, pdu);
    case 0xff:
        if (!conn->bound)
            send_nak(conn, pdu->call_id, WIRE_NAK_PROTOCOL_VERSION);
        return FALSE;
    default:
        send_fault_pdu(conn, pdu, PROTO_ERROR);
        return FALSE;
    }
}

/* ---- requests */

/* The interface that a request is for, and its context; NULL: there is none (any more). */
static struct server_interface *request_interface(struct connection *conn, uint16_t context_id,
                                                  struct presentation *context)
{
    const struct presentation *presentation;

    AcquireSRWLockShared(&conn->lock);
    presentation = connection_presentation(conn, context_id);
    if (presentation)
        *context = *presentation;
    ReleaseSRWLockShared(&conn->lock);
    return presentation ? server_interface_find(conn->address->group, &context->abstract) : NULL;
}

/* The rest of a call that is refused will still come. */
static void discard(struct connection *conn, uint32_t call_id)
{
    conn->discards = TRUE;
    conn->discarded = call_id;
}

struct call *server_call_begin(struct connection *conn, const struct wire_pdu *pdu, struct call *outer)
{
    struct call *call = call_create(CALL_SERVER_MAGIC);

    if (!call) {
        server_refuse(conn, pdu, RPC_S_OUT_OF_MEMORY);
        return NULL;
    }
    call->outer = outer ? call_ref(outer) : NULL;
    call->depth = outer ? outer->depth + 1 : 0;
    call->connection = connection_ref(conn);
    call->state = CALL_RECEIVING;
    call->call_id = pdu->call_id;
    call->opnum = pdu->u.call.opnum;
    call->wire_flags = pdu->flags;
    call->has_object = pdu->u.call.has_object;
    if (call->has_object)
        memcpy(&call->object, &pdu->u.call.object, sizeof call->object);
    return call;
}

/* What an interface with pipes gets is dispatched before it is whole. */
static BOOL comes_in_parts(const struct server_interface *interface, const struct wire_pdu *pdu)
{
    const RPC_SERVER_INTERFACE *spec = interface->spec;

    return !(pdu->flags & WIRE_LAST_FRAG) &&
           spec->Length >= offsetof(RPC_SERVER_INTERFACE, Flags) + sizeof spec->Flags &&
           spec->Flags & RPC_INTERFACE_HAS_PIPES;
}

static struct call *first_fragment(struct connection *conn, const struct wire_pdu *pdu, struct call *outer)
{
    RPC_STATUS status = outer ? callback_allowed(conn, outer) : RPC_S_OK;
    struct presentation context;
    struct server_interface *interface =
        status ? NULL : request_interface(conn, pdu->u.call.context_id, &context);
    struct call *call;

    if (!interface) {
        if (!status)
            errors_note(ERROR_BY_RUNTIME, RPC_S_UNKNOWN_IF, AT_REQUEST_INTERFACE, 0);
        server_refuse(conn, pdu, status ? status : RPC_S_UNKNOWN_IF);
        discard(conn, pdu->call_id);
        return NULL;
    }
    call = server_call_begin(conn, pdu, outer);
    if (!call) {
        server_interface_release(interface);
        discard(conn, pdu->call_id);
        return NULL;
    }
    call->interface = interface;
    call->spec = interface->spec;
    call->context = context;
    /* SDK, RpcServerRegisterIf2: MaxRpcSize has no effect on ncalrpc */
    call->assembly.limit = conn->transport->ops == &transport_lrpc ? MAXUINT : interface->max_size;
    if (comes_in_parts(interface, pdu) && !outer && !inflow_open(call)) {
        server_refuse(conn, pdu, RPC_S_OUT_OF_MEMORY);
        discard(conn, pdu->call_id);
        call_release(call);
        return NULL;
    }
    if (!connection_remember(conn, call)) {
        call_release(call);
        return NULL;
    }
    return call;
}

/* A call that is not being received any more cannot get another fragment. */
static struct call *request_call(struct connection *conn, const struct wire_pdu *pdu, struct call *call,
                                 BOOL *fatal)
{
    *fatal = pdu->ptype != WIRE_REQUEST || !conn->bound;
    if (!*fatal && pdu->flags & WIRE_FIRST_FRAG) {
        if (!call && (conn->multiplexed || !conn->table_count))
            return first_fragment(conn, pdu, NULL);
        *fatal = TRUE;
    } else if (call ? call->assembly.done : !conn->discards || conn->discarded != pdu->call_id) {
        *fatal = TRUE;
    }
    if (*fatal) {
        send_fault_pdu(conn, pdu, PROTO_ERROR);
        if (call)
            call_release(call);
        return NULL;
    }
    return call;
}

/* A fragment in the course of a call, by which the server has called its client back. */
static struct call *fragment_inside(struct connection *conn, const struct wire_pdu *pdu, struct call *outer,
                                    BOOL *fatal)
{
    struct call *call = NULL;

    if (pdu->ptype == WIRE_RESPONSE) {
        client_call_responds(outer);
        return outer;
    }
    if (pdu->flags & WIRE_FIRST_FRAG)
        call = first_fragment(conn, pdu, outer);
    else
        call = request_call(conn, pdu, NULL, fatal);
    call_release(outer);
    return call;
}

static struct call *incoming_call(struct connection *conn, const struct wire_pdu *pdu, BOOL *fatal)
{
    struct call *call = connection_find(conn, pdu->call_id);

    if (call && call->magic == CALL_CLIENT_MAGIC)
        return fragment_inside(conn, pdu, call, fatal);
    return request_call(conn, pdu, call, fatal);
}

static BOOL broken(struct connection *conn, struct call *call, RPC_STATUS status)
{
    if (call->magic == CALL_CLIENT_MAGIC) {
        call->fault = status;
        connection_ready(conn, call);
        return status != RPC_S_PROTOCOL_ERROR;
    }
    /* A manager runs with it already: it fails, and answers. */
    if (call->begun) {
        inflow_discard(call);
        server_call_fail_parts(call, status == RPC_S_OUT_OF_RESOURCES ? RPC_S_ACCESS_DENIED : status);
        call_release(call);
        return status != RPC_S_PROTOCOL_ERROR;
    }
    discard(conn, call->call_id);
    /* SDK, RpcServerRegisterIf2: what is larger than MaxRpcSize is answered with RPC_S_ACCESS_DENIED */
    server_call_fault(call, status == RPC_S_OUT_OF_RESOURCES ? RPC_S_ACCESS_DENIED : status, FALSE);
    call_release(call);
    return status != RPC_S_PROTOCOL_ERROR;
}

/* Calls that lie in others go to the threads that wait, the rest into the queue. */
static struct call *arrived(struct call *calls)
{
    struct call *queue = NULL, **tail = &queue;

    while (calls) {
        struct call *call = calls;

        calls = call->queue_next;
        if (call->magic == CALL_CLIENT_MAGIC) {
            client_call_answered(call);
        } else if (!call->outer) {
            call->queue_next = NULL;
            *tail = call;
            tail = &call->queue_next;
        } else if (!call_hand(call->outer, call)) {
            server_call_fault(call, RPC_S_CALL_FAILED_DNE, FALSE);
            call_release(call);
        }
    }
    return queue ? dispatch_queue(queue) : NULL;
}

static void ended(struct connection *conn)
{
    callback_lost(conn);
    if (conn->address->group)
        server_group_leave(conn->address->group);
}

const struct connection_role server_role = {
    .control = control,
    .call = incoming_call,
    .broken = broken,
    .arrived = arrived,
    .ready = dispatch_run,
    .ended = ended,
};
