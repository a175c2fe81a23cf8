/*
 * What the runtime knows of a thread: the call it waits for, whether somebody cancelled it, the call it
 * serves. Records are kept in a list under one lock, since a thread is cancelled by another.
 */
#ifndef RPCRT4_THREAD_H
#define RPCRT4_THREAD_H

#include "call.h"

/* Brackets the wait of a synchronous call: between them RpcCancelThread reaches it. A cancel that was pending
 * hits the call at once. begin gives the call in whose course this one is made, for end to go back to. */
struct call *thread_begin_call(struct call *call);
void thread_end_call(struct call *before);

/* Cancels what the thread waits for, or, if it waits for nothing, its next call. timeout: seconds until the
 * wait is given up, RPC_C_CANCEL_INFINITE_TIMEOUT for never; thread_default_timeout for what the thread had
 * set. */
RPC_STATUS thread_cancel(ULONG thread_id, LONG timeout);
enum { thread_default_timeout = -2 };
/* RpcMgmtSetCancelTimeout for the calling thread. */
RPC_STATUS thread_set_cancel_timeout(LONG timeout);
/* Was the calling thread cancelled? The cancel is used up. */
BOOL thread_test_cancel(void);

/* The server call that the calling thread dispatches, NULL for none; set gives the one before. */
struct call *thread_server_call(void);
struct call *thread_set_server_call(struct call *call);

/* Where the calling thread's extended error information is kept; NULL: nowhere yet, and with create for want
 * of memory. */
struct error_record **thread_errors(BOOL create);

/* DllMain's: the calling thread ends; the DLL goes, and with it what is known of every thread. */
void thread_detach(void);
void thread_unload(void);

#endif
