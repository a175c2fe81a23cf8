/*
 * What a handle given to the API stands for: a client's binding, or a server's call.
 */
#ifndef RPCRT4_API_HANDLE_H
#define RPCRT4_API_HANDLE_H

#include "../runtime/binding.h"
#include "../runtime/call.h"

/* RPC_S_OK with a client's binding, RPC_S_WRONG_KIND_OF_BINDING for a server's, RPC_S_INVALID_BINDING. */
RPC_STATUS handle_binding(RPC_BINDING_HANDLE handle, struct binding **binding);

/* The server call a handle stands for; NULL stands for the one that the calling thread serves. RPC_S_OK,
 * RPC_S_NO_CALL_ACTIVE, RPC_S_WRONG_KIND_OF_BINDING for a client's, RPC_S_INVALID_BINDING. */
RPC_STATUS handle_server_call(RPC_BINDING_HANDLE handle, struct call **call);

#endif
