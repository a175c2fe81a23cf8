/*
 * A client's call whose maker looks for a connection, which may mean to connect and to wait for the answer to
 * a bind: what gets him out of there when the call is given up meanwhile; and the time-out of a synchronous
 * call. The call's lock guards all of it.
 */
#ifndef RPCRT4_CLIENT_START_H
#define RPCRT4_CLIENT_START_H

#include "association.h"
#include "call.h"

/* Finds the call a connection of the association, which is the call's then: association_take. Where the call
 * was abandoned meanwhile it is over, as any other, and the status is RPC_S_CALL_CANCELLED. Holds no lock. */
RPC_STATUS client_start(struct call *call, struct association *association, enum association_use use,
                        BOOL *shared);
/* Any thread: ends a call whose maker looks for a connection, and wakes him. FALSE: he does not. */
BOOL client_start_abandon(struct call *call);

/* ---- for who waits on the maker's behalf; the call may be NULL */

/* An event to be set when the call is abandoned, until the maker has connected. FALSE: it was already. */
BOOL client_start_connects(struct call *call, HANDLE event);
void client_start_connected(struct call *call);
/* He negotiates on this connection, which others use too if shared. FALSE, either: the call was abandoned,
 * and the connection, if it is not shared, is not to be used. */
BOOL client_start_negotiates(struct call *call, struct connection *conn, BOOL shared);
BOOL client_start_negotiated(struct call *call);
BOOL client_start_is_abandoned(const struct call *call);

/* Brackets what a synchronous call's thread waits for: RPC_C_OPT_CALL_TIMEOUT after it began, or after the
 * last packet of the server's, the call is abandoned. */
void client_watch(struct call *call);
void client_unwatch(struct call *call);

#endif
