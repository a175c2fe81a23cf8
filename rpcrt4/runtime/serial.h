/*
 * Causal order where the server does not multiplex (SDK, "Causal Ordering of Asynchronous Calls"): the
 * asynchronous calls that one thread makes on one binding go over one connection, one after the other.
 */
#ifndef RPCRT4_SERIAL_H
#define RPCRT4_SERIAL_H

#include "call.h"

/* Sends the call on its binding's serial connection, or queues it there. FALSE: there is none that fits. */
BOOL serial_join(struct call *call);
/* The call has a connection of its own: later ones of its binding may join it there. */
void serial_lead(struct call *call);
/* A call on the connection is over: sends the next one. FALSE: none waits, the connection is free. */
BOOL serial_next(struct connection *conn);
/* Takes a call back that waits still; the reference of the queue goes to the caller. */
BOOL serial_withdraw(struct call *call);
/* The connection ended: calls that wait fail. */
void serial_ended(struct connection *conn);

#endif
