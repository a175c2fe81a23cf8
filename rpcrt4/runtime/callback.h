/*
 * [callback] procedures: calls in the course of a call, the other way. See callback.c.
 */
#ifndef RPCRT4_CALLBACK_H
#define RPCRT4_CALLBACK_H

#include "call.h"

/* How deep calls may lie in each other; each takes its part of two threads' stacks. */
enum { CALLBACK_DEPTH_MAX = 64 };

/* A call back to the client whose call is served, with no buffer yet, bound already. RPC_S_NO_CALL_ACTIVE:
 * that call is over; RPC_S_CALL_FAILED_DNE: it is between its pipes; RPC_S_OUT_OF_RESOURCES: too deep;
 * RPC_S_OUT_OF_MEMORY. */
RPC_STATUS callback_create(struct call *served, void *interface, unsigned opnum, struct call **call);
/* Is a client's call one to the server that this thread is being called back by? Then it goes inside that
 * callback, and is bound. */
BOOL callback_nest(struct call *call);
/* Sends a call that is inside another (call->outer) and waits for the reply; its status. */
RPC_STATUS callback_run(struct call *call);

/* May the peer call in the course of this call, the innermost of the id that its request carries (or NULL)?
 * RPC_S_CALL_FAILED_DNE, RPC_S_OUT_OF_RESOURCES: that request's fault. */
RPC_STATUS callback_allowed(const struct connection *conn, const struct call *outer);
/* The first fragment of a request to a client: the call it begins, or NULL: it was answered with a fault. */
struct call *callback_accept(struct connection *conn, const struct wire_pdu *pdu, struct call *outer);

/* Ends all calls under way on a connection that ended. */
void callback_lost(struct connection *conn);

#endif
