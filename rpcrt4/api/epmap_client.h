/*
 * Calls to an endpoint mapper: what epmap.c and epmap_inquiry.c share.
 */
#ifndef RPCRT4_API_EPMAP_CLIENT_H
#define RPCRT4_API_EPMAP_CLIENT_H

#include "../os/os.h"
#include "../runtime/binding.h"
#include "../wire/epmap.h"
#include "../wire/tower.h"

/* Writes a request's stub data: one of epmap_put_*, with the arguments that args holds. */
typedef size_t (*epmap_put)(uint8_t *out, size_t size, const void *args);

/* This machine's mapper, over ncalrpc; the caller releases it. */
RPC_STATUS epmap_local(struct binding **mapper);
/* The mapper of the machine that the binding names, over the same protocol sequence. */
RPC_STATUS epmap_remote(struct binding *binding, struct binding **mapper);

/* Calls an operation. On RPC_S_OK the reply is in message, until I_RpcFreeBuffer. Starts the service of this
 * machine's mapper when nobody answers there. */
RPC_STATUS epmap_call(struct binding *mapper, enum epmap_opnum opnum, epmap_put put, const void *args,
                      RPC_MESSAGE *message);
/* The same for operations that answer a status alone. */
RPC_STATUS epmap_call_status(struct binding *mapper, enum epmap_opnum opnum, epmap_put put, const void *args);
/* Gives a lookup's context back, if there is one. */
void epmap_free_handle(struct binding *mapper, const struct epmap_handle *handle);

/* Is the reply's data big-endian? */
static inline bool epmap_big(const RPC_MESSAGE *message)
{
    return !(message->DataRepresentation & 0xf0);
}

/* ept_s_* of C706 appendix O as Win32 status; Win32's own go through. */
RPC_STATUS epmap_status(uint32_t status);

/* A tower for an interface over the binding's protocol sequence. endpoint NULL: the binding's own endpoint
 * and address, else this and no address. octets are the caller's to os_free. */
RPC_STATUS epmap_tower(struct binding *binding, const RPC_SYNTAX_IDENTIFIER *interface_id,
                       const RPC_SYNTAX_IDENTIFIER *transfer, const char *endpoint,
                       struct epmap_tower *tower);

#endif
