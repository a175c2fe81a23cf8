/*
 * Vectors of server bindings.
 */
#ifndef RPCRT4_API_BINDINGS_H
#define RPCRT4_API_BINDINGS_H

#include "../runtime/server.h"

/* Calls each(address, network, all) for all addresses wanted; context is bindings_collect's. */
typedef void bindings_of(server_each_address *each, void *all, void *context);

/* A vector with a binding for each of them. RPC_S_NO_BINDINGS: there is none, *vector is NULL. */
RPC_STATUS bindings_collect(bindings_of *of, void *context, RPC_BINDING_VECTOR **vector);

#endif
