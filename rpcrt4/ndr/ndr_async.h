/*
 * Asynchronous calls, as api/async.c completes them. RPC_ASYNC_STATE.StubInfo points to a struct ndr_async
 * from the making of the call (client) or the calling of the manager (server) until the call is completed or
 * aborted.
 */
#ifndef RPCRT4_NDR_ASYNC_H
#define RPCRT4_NDR_ASYNC_H

#include "ndr.h"
#include <rpcasync.h>

/* RPC_ASYNC_STATE.Signature, which rpcasync.h lacks. */
#ifndef RPC_ASYNC_SIGNATURE
#define RPC_ASYNC_SIGNATURE 0x43595341
#endif

#define NDR_ASYNC_MAGIC 0x6e79736e /* "nsyn" */

struct ndr_async {
    ULONG magic; /* NDR_ASYNC_MAGIC while the call is there */
    BOOL is_client;
};

/* The call an RPC_ASYNC_STATE stands for, or NULL. async->StubInfo must be readable or NULL. */
static inline struct ndr_async *ndr_async_of(const RPC_ASYNC_STATE *async)
{
    struct ndr_async *call = async->StubInfo;

    return call && call->magic == NDR_ASYNC_MAGIC ? call : NULL;
}

/* Client: RPC_S_ASYNC_CALL_PENDING and nothing has changed, or how the call ended; it is then over, StubInfo
 * is NULL and all memory given back. On success the [out] parameters and *reply (the return value, by its
 * type's size; reply may be NULL where there is none) have been set. */
RPC_STATUS ndr_async_complete_client(PRPC_ASYNC_STATE async, void *reply);

/* Server: sends the reply with the [out] parameters and *reply. The call and async itself, which this half
 * allocated, are gone afterwards, whatever is returned. */
RPC_STATUS ndr_async_complete_server(PRPC_ASYNC_STATE async, void *reply);

/* Server: has the client's call fail with code. The call and async are gone afterwards. */
RPC_STATUS ndr_async_abort_server(PRPC_ASYNC_STATE async, ULONG code);

#endif
