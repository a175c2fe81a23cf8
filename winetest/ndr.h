/*
 * What the topics of test_ndr share with its manager routines.
 */
#ifndef RPCRT4_WINETEST_NDR_H
#define RPCRT4_WINETEST_NDR_H

#include "fixture.h"
#include "test_ndr.h"

enum { PIPE_WHOLE, PIPE_ABANDON, PIPE_OVER, PIPE_DISCIPLINE, PIPE_RAISE, PIPE_BULK, PIPE_HOLD, PIPE_RECORD };

/* What ndr_pipe_flow does: winetest/ndr_pipe_flow.c. */
enum { FLOW_WHOLE, FLOW_ABORT, FLOW_EARLY, FLOW_HOLD };

/* PIPE_HOLD pulls when this is signalled; PIPE_RECORD says how its pulling ended; both say when they begin.
 */
extern HANDLE ndr_pipe_go, ndr_pipe_begun, ndr_pipe_ended;
extern volatile RPC_STATUS ndr_pipe_end;

struct ndr_counts {
    volatile LONG rundowns, last_rundown;
    volatile LONG notified;
    volatile LONG manager_called;
};
extern struct ndr_counts ndr_counts;

#endif
