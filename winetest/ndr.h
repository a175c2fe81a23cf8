/*
 * What the topics of test_ndr share with its manager routines.
 */
#ifndef RPCRT4_WINETEST_NDR_H
#define RPCRT4_WINETEST_NDR_H

#include "fixture.h"
#include "test_ndr.h"

enum {
    PIPE_WHOLE,
    PIPE_ABANDON,
    PIPE_OVER,
    PIPE_DISCIPLINE, /* pushes before all was pulled */
    PIPE_ORDER,      /* pushes into the second pipe first */
    PIPE_NOTHING,    /* pulls 0 elements */
    PIPE_RAISE,
    PIPE_BULK,
    PIPE_HOLD,
    PIPE_WATCH, /* pulls nothing until it is cancelled */
    PIPE_RECORD
};

/* What ndr_pipe_flow does: winetest/ndr_pipe_flow.c. */
enum { FLOW_WHOLE, FLOW_ABORT, FLOW_EARLY, FLOW_HOLD };

/* PIPE_HOLD goes on when this is signalled; PIPE_RECORD says how its pulling ended; both say when they begin.
 */
extern HANDLE ndr_pipe_go, ndr_pipe_begun, ndr_pipe_ended;
extern volatile RPC_STATUS ndr_pipe_end;
/* What RpcServerTestCancel told PIPE_HOLD when it had pulled all. */
extern volatile RPC_STATUS ndr_pipe_cancel;
/* Has ndr_pipe_many pull the last pipe first. */
extern volatile BOOL ndr_pipe_disorder;

struct ndr_counts {
    volatile LONG rundowns, last_rundown;
    volatile LONG notified;
    volatile LONG manager_called;
};
extern struct ndr_counts ndr_counts;

#endif
