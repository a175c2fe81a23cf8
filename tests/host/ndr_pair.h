/*
 * A client's and a server's stub for a test case, and what the cases of ndr/ have in common beside.
 */
#ifndef NDR_PAIR_H
#define NDR_PAIR_H

#include "ndr_case.h"

/* Alignment and size of a pointer member. */
#if UINTPTR_MAX > 0xffffffff
#define ALIGN_POINTER FC_ALIGNM8
#else
#define ALIGN_POINTER FC_ALIGNM4
#endif
#define P sizeof(void *)

extern struct stub client, server;

/* Fixtures: both stubs anew; both ended, with nothing left allocated. */
void begin_both(void);
void end_both(void);

/* Every proper prefix of the octets is refused, and leaves nothing behind. */
void expect_no_prefix(PFORMAT_STRING format, const char *text);

#endif
