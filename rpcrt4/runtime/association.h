/*
 * A client association: the connections to one server, and its association group.
 *
 * A synchronous call takes an idle connection for itself; asynchronous calls share one connection where both
 * sides multiplex. Its lock guards the list of connections and their busy and idle_since.
 */
#ifndef RPCRT4_ASSOCIATION_H
#define RPCRT4_ASSOCIATION_H

#include "win.h"
#include "../os/os.h"
#include "../transport/transport.h"
#include "../wire/wire.h"

struct binding;
struct call;
struct connection;
struct presentation;

struct association {
    LONG refs;     /* bindings, connections, calls in the making */
    LONG bindings; /* at 0 it lingers, then closes; list's lock */
    LONG contexts; /* context handles of the client's: with the last connection the server runs them down */
    LONG cleanup;  /* the next look closes all that is idle, for however short a time */
    struct association *next;
    SRWLOCK lock;
    const struct transport_ops *ops;
    WCHAR *network, *endpoint, *options;
    BOOL unique, dont_linger;
    BOOL fixed; /* a fast binding's: with its last connection it is lost, which thus is never idle too long */
    BOOL no_share; /* shared memory was tried and failed */
    BOOL no_alter; /* the peer hangs up on alter_context, as Wine's own does: a connection for each interface
                    */
    uint32_t group;
    BOOL multiplexes; /* the server does: known from the first bind_ack on */
    BOOL bound_once;
    struct connection *connections, *shared;
    struct os_timer reaper;
};

/* The association that a binding's calls use: an existing one to the same place, or a new one. Counted once
 * as attached. The caller holds the binding's lock. NULL: no memory. */
struct association *association_open(struct binding *binding);
struct association *association_attach(struct association *association);
void association_detach(struct association *association);
/* Has whatever is idle now closed soon, on a worker. */
void association_cleanup(void);
struct association *association_ref(struct association *association);
void association_release(struct association *association);

enum association_use { ASSOCIATION_EXCLUSIVE, ASSOCIATION_ASYNC, ASSOCIATION_PARTS };

/* A connection with a presentation context for an interface: wanted tells its abstract syntax and the
 * transfer syntax it names (wire_nil takes NDR 2.0 too), and becomes the context that was agreed on. For
 * ASSOCIATION_EXCLUSIVE the caller does its I/O and gives it back with association_give; for
 * ASSOCIATION_ASYNC receives run on the port, and *shared tells whether other calls use it too (if not,
 * association_give when the call is over); for ASSOCIATION_PARTS they run on the port too, but no other call
 * uses it: one that is slow to take what comes holds up nobody. The connection is counted for the caller.
 * timeout: milliseconds. call: who looks for it, see client_start.h, or NULL. RPC_S_SERVER_UNAVAILABLE,
 * RPC_S_UNKNOWN_IF, RPC_S_CALL_CANCELLED where that was abandoned, ... */
RPC_STATUS association_take(struct association *association, enum association_use use,
                            struct presentation *wanted, DWORD timeout, struct call *call,
                            struct connection **conn, BOOL *shared);
void association_give(struct association *association, struct connection *conn);
/* Takes this connection again if it is idle still. */
BOOL association_retake(struct association *association, struct connection *conn);

/* connection_negotiate's own status: the connection is no good, another one may be. */
enum { NEGOTIATE_AGAIN = MAXLONG };

/* Makes sure that the connection has the presentation context that is wanted, by bind or alter_context.
 * wanted, call: as for association_take. */
RPC_STATUS connection_negotiate(struct connection *conn, struct presentation *wanted, DWORD timeout,
                                const struct call *call);
/* Whether it has one already, which wanted then becomes. */
BOOL connection_speaks(struct connection *conn, struct presentation *wanted);
/* The connection is dead: the association forgets it. */
void association_drop(struct association *association, struct connection *conn);

extern const struct connection_role client_role;

#endif
