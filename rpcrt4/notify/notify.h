/*
 * The ways to tell the owner of an asynchronous call. What is needed is copied out of the RPC_ASYNC_STATE
 * before the call can complete: once it is complete, its owner may free the state in that instant.
 */
#ifndef RPCRT4_NOTIFY_H
#define RPCRT4_NOTIFY_H

#include "../runtime/win.h"

struct notification {
    RPC_NOTIFICATION_TYPES type;
    ULONG flags;
    RPC_ASYNC_NOTIFICATION_INFO u;
    HANDLE thread; /* APC: our own handle of the thread */
};

/* Copies what async asks for; an APC without a thread goes to the calling one. RPC_S_INVALID_ARG for an
 * unknown type or missing handles. To be undone with notify_release. */
RPC_STATUS notify_prepare(struct notification *notify, const RPC_ASYNC_STATE *async);
void notify_release(struct notification *notify);

/* Tells the owner once. Runs foreign code for a callback: no lock may be held. async is only passed on. */
void notify_send(struct notification *notify, PRPC_ASYNC_STATE async, RPC_ASYNC_EVENT event);

#endif
