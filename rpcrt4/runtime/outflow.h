/*
 * What goes out for a call in parts: a client's request with [in] pipes, a server's reply. Octets are
 * gathered and leave as fragments, while more is gathered in a second buffer; so a call needs no more than
 * that, unless its owner does not wait for what it gave before.
 *
 * All parts but the last are multiples of 16 octets, so that every fragment but the last holds a multiple of
 * 8 (C706 12.6.3.4) and addresses equal places in the stub data modulo 16. The call's lock guards it.
 */
#ifndef RPCRT4_OUTFLOW_H
#define RPCRT4_OUTFLOW_H

#include "win.h"
#include "../os/os.h"
#include <stdint.h>

struct call;

struct outflow {
    uint8_t *data; /* gathered; what goes out lies in call->out */
    size_t size, used;
    BOOL filling;  /* the owner writes behind data + used */
    BOOL sending;  /* call->sending is under way */
    BOOL begun;    /* the first fragment has been sent off */
    BOOL last;     /* nothing is to be added any more */
    BOOL whole;    /* and all has been sent off */
    BOOL eager;    /* nobody waits: what is gathered goes as soon as it can */
    BOOL announce; /* the owner is to get RpcSendComplete when all has gone */
    BOOL telling;
    volatile LONG signal; /* changes when a part has left */
    RPC_STATUS failed;
    struct os_io tell; /* has a worker announce, with a reference to the call */
    struct call *call;
};

/* The call's request or reply is to go in parts; FALSE: no memory. */
BOOL outflow_open(struct call *call);
void outflow_free(struct outflow *flow);

/* A place for length octets, behind what was added before, for outflow_add. wait: may wait until what was
 * gathered has left, so that memory stays bounded. */
RPC_STATUS outflow_place(struct call *call, size_t length, BOOL wait, uint8_t **to);
/* Moves the place's octets to one of length octets. */
RPC_STATUS outflow_grow(struct call *call, size_t length, uint8_t **to);
/* Where the place is now; NULL: nobody asked for one. */
uint8_t *outflow_at(struct call *call);

/* Has the last part been sent off? */
BOOL outflow_is_whole(struct call *call);

enum {
    OUTFLOW_LAST = 1, /* with these octets the request or reply is whole */
    OUTFLOW_WAIT = 2, /* this thread may send, and wait */
    OUTFLOW_QUIET = 4
}; /* no RpcSendComplete for them */
/* Adds length octets that were put at the place. Sends what makes a fragment; unless OUTFLOW_WAIT whatever
 * there is, as soon as what is under way has left, and then announces it. */
RPC_STATUS outflow_add(struct call *call, size_t length, unsigned how);

#endif
