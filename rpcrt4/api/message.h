/*
 * What message.c has for others of this folder.
 */
#ifndef RPCRT4_API_MESSAGE_H
#define RPCRT4_API_MESSAGE_H

#include "../runtime/binding.h"

/* Binds fully what is bound partially: by the interface's own endpoints, then by the endpoint mapper. */
RPC_STATUS message_find_endpoint(struct binding *binding, RPC_CLIENT_INTERFACE *interface);

#endif
