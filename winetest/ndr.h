/*
 * What the topics of test_ndr share with its manager routines.
 */
#ifndef RPCRT4_WINETEST_NDR_H
#define RPCRT4_WINETEST_NDR_H

#include "fixture.h"
#include "test_ndr.h"

enum { PIPE_WHOLE, PIPE_ABANDON, PIPE_OVER, PIPE_DISCIPLINE, PIPE_RAISE };

struct ndr_counts {
    volatile LONG rundowns, last_rundown;
    volatile LONG notified;
    volatile LONG manager_called;
};
extern struct ndr_counts ndr_counts;

#endif
