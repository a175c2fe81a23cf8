/*
 * Calls as the client makes them. api/message.c and api/async.c call this.
 */
#ifndef RPCRT4_CLIENT_H
#define RPCRT4_CLIENT_H

#include "call.h"
#include "inflow.h"

/* A call on the binding to an interface's operation, with no buffer yet; holds a reference to the binding. */
struct call *client_call_create(struct binding *binding, RPC_CLIENT_INTERFACE *interface, unsigned opnum,
                                ULONG rpc_flags, const UUID *object);

/* Sends the first length octets of call->out and waits for the reply, which is then call->in, assembly.length
 * octets. Gives the call's final status. */
RPC_STATUS client_call_run(struct call *call, size_t length);

/* The transfer syntax in which calls on the binding to the interface go, asking the server if need be.
 * RPC_S_SERVER_UNAVAILABLE, ... */
RPC_STATUS client_transfer(struct binding *binding, const RPC_CLIENT_INTERFACE *interface,
                           const struct wire_syntax **transfer);

/* Makes the call asynchronous: async is its owner's. RPC_S_INVALID_ARG (see notify_prepare). */
RPC_STATUS client_call_set_async(struct call *call, PRPC_ASYNC_STATE async);
/* Sends an asynchronous call and returns. On an error no notification follows. */
RPC_STATUS client_call_start(struct call *call, size_t length);

/* A call that goes in parts, or whose reply comes in parts: before it has a buffer. RPC_S_OUT_OF_MEMORY,
 * RPC_S_CANNOT_SUPPORT in a callback. */
RPC_STATUS client_call_open_parts(struct call *call, BOOL reply_too);
/* Sends a part of the request, with the first one the call itself, as outflow_add takes it. When it answers
 * an error the call is over. */
RPC_STATUS client_call_send_part(struct call *call, size_t length, unsigned how);
/* outflow_place for the request; the same. */
RPC_STATUS client_call_place_part(struct call *call, size_t length, BOOL wait, uint8_t **to);
/* inflow_take for the reply, which is the call's end when all was taken. */
RPC_STATUS client_call_take_part(struct call *call, size_t kept, size_t wanted, enum inflow_how how,
                                 struct inview *view);

/* Asynchronous: the owner has taken of the reply what comes in parts. The last kept octets of that, and the
 * rest, wait for INFLOW_LOOK when the call is over; its owner is notified then, perhaps before this returns.
 */
void client_call_complete_parts(struct call *call, size_t kept);

/* Asks the server to cancel (co_cancel); the call completes when it completes. */
void client_call_cancel(struct call *call);
/* Ends the call at once with RPC_S_CALL_CANCELLED; the server gets an orphaned PDU. FALSE: it was over. */
BOOL client_call_abandon(struct call *call);

/* Among the client's files: the call gets its id on its connection (FALSE: that has ended); its request's
 * headers; it needs its connection no more; its request is queued; it is over, with this status. */
BOOL client_call_enrol(struct call *call);
void client_call_set_request(struct call *call);
void client_call_give_back(struct call *call);
void client_call_transmit(struct call *call, BOOL wait);
void client_call_finish(struct call *call, RPC_STATUS status);

/* Sends a call that is bound to a connection whose I/O its thread does, and receives until it is final; its
 * status. */
RPC_STATUS client_call_run_bound(struct call *call);

/* What a connection of either side, for a server calls back, does with what comes in for a client's call: its
 * response begins; a fault (FALSE: there is no call for it); all is here (takes the reference). */
void client_call_responds(struct call *call);
BOOL client_call_fault(struct connection *conn, const struct wire_pdu *pdu);
void client_call_answered(struct call *call);

/* The connection's part in bind.c. */
BOOL client_bind_answer(struct connection *conn, const struct wire_pdu *pdu);
void client_bind_lost(struct connection *conn);
/* Has who waits for an answer see whether the call is wanted still. */
void client_bind_look(struct connection *conn);

#endif
