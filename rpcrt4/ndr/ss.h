/*
 * The stub memory environment of a thread (RpcSs*, RpcSm*), for calls that go from thread to thread.
 */
#ifndef RPCRT4_NDR_SS_H
#define RPCRT4_NDR_SS_H

#include "ndr.h"

struct ss_heap;

/* Takes the environment off this thread, which then has none; NULL if it had none. */
struct ss_heap *ndr_ss_detach(void);

/* Makes heap this thread's environment, taking over the reference; gives what it replaced. */
struct ss_heap *ndr_ss_attach(struct ss_heap *heap);

/* DllMain's: the DLL goes, and with it the environments of all threads. */
void ndr_ss_unload(void);

#endif
