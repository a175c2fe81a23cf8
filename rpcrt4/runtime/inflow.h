/*
 * What comes in for a call in parts: a server's request to an interface with pipes, a client's reply with
 * [out] pipes. The receiving thread puts fragments in; whoever runs the call takes the octets out in order,
 * as views that lie in one piece.
 *
 * A call holds INFLOW_WINDOW octets at most beside the fragments already on their way: then its connection is
 * read no further until half of them were taken, and the transport stops the sender. Where a foreign client
 * multiplexes, this holds up the other calls of its connection; our own clients give such a call a connection
 * to itself.
 *
 * Octets lie at addresses that equal their place in the stub data modulo 16, for NDR aligns by address.
 * The call's lock guards all of it, except that the receiving thread alone writes behind a block's end.
 */
#ifndef RPCRT4_INFLOW_H
#define RPCRT4_INFLOW_H

#include "win.h"
#include <stdint.h>

struct call;

enum { INFLOW_WINDOW = 0x40000 };

struct inblock {
    struct inblock *next;
    size_t size; /* of the allocation */
    uint8_t *data;
    size_t capacity, end, taken; /* octets from data on */
};

struct inflow {
    struct inblock *first, *last;
    struct inblock *lasting; /* in which a manager's arguments may lie: until the call ends */
    size_t held;             /* octets here that the owner is not past yet */
    size_t view_end;         /* how far the first block was handed out */
    size_t offset;           /* of the next octet to come, modulo 16 */
    size_t wanted;           /* armed: how many the owner wants */
    volatile LONG signal;    /* changes when a sleeper is to look again */
    BOOL sleeping;
    BOOL armed;   /* the owner is to be notified */
    BOOL placed;  /* octets are being read to the end of the last block */
    BOOL done;    /* the last fragment has come */
    BOOL gather;  /* wanted whole: no window, one block */
    BOOL finish;  /* client: the call is over when all is here */
    BOOL discard; /* nobody will take them */
    BOOL paused;  /* the connection is not read on this call's behalf */
    RPC_STATUS failed;
};

/* The call's reply or request is to come in parts; FALSE: no memory. Before its first fragment. */
BOOL inflow_open(struct call *call);
void inflow_free(struct inflow *flow);

/* ---- the receiving thread */

/* Where a fragment's octets go. limit: as many may be gathered. RPC_S_OUT_OF_MEMORY, RPC_S_OUT_OF_RESOURCES.
 */
RPC_STATUS inflow_place(struct call *call, size_t length, size_t hint, size_t limit, uint8_t **to);

enum {
    INFLOW_ANNOUNCE = 1, /* the owner is to get RpcReceiveComplete */
    INFLOW_FORGET = 2,   /* the end of something discarded */
    INFLOW_PAUSE = 4
}; /* connection_pause */
/* They are there. Gives a set of the above. */
unsigned inflow_commit(struct call *call, size_t length, BOOL done);

/* ---- the owner */

struct inview {
    void *data;
    size_t length;
    BOOL complete; /* nothing comes after it */
};

enum inflow_how { INFLOW_WAIT, INFLOW_ARM, INFLOW_LOOK };

/* Passes what was handed out before but for the last kept octets, and hands out these and what follows: at
 * least wanted octets (0: all there will be), fewer only where complete. Where they are not here: waits; or
 * arms the owner's notification and answers RPC_S_ASYNC_CALL_PENDING; or answers that alone. What came before
 * in a view is gone, except for a lasting one. RPC_S_OUT_OF_MEMORY, or why the rest will not come. */
RPC_STATUS inflow_take(struct call *call, size_t kept, size_t wanted, enum inflow_how how,
                       struct inview *view);
/* Client: keeps the last kept octets and all that follows, for the call is over when that is here. TRUE: it
 * is. */
BOOL inflow_finish(struct call *call, size_t kept);
/* Passes all that was handed out. */
void inflow_pass(struct call *call);
/* What was handed out last lasts until the call ends. */
void inflow_keep(struct call *call);

/* Nothing more will come. TRUE: the owner was armed, and is to be notified. */
BOOL inflow_fail(struct call *call, RPC_STATUS status);
/* Nothing more will be taken. TRUE: more is to come, which inflow_commit will end with INFLOW_FORGET. */
BOOL inflow_discard(struct call *call);

#endif
