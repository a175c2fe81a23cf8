/*
 * Finding the binding of an automatic handle (autobind.c).
 */
#ifndef RPCRT4_NDR_BUFFER_H
#define RPCRT4_NDR_BUFFER_H

#include "ndr.h"

/* A new binding to a server of the interface: from the name service, else to this machine, by the endpoints
 * that the interface was compiled with or by the endpoint mapper. The caller frees it. Raises
 * RPC_S_OUT_OF_MEMORY, RPC_S_NO_MORE_BINDINGS, or what composing the binding gives. */
RPC_BINDING_HANDLE ndr_find_server(RPC_CLIENT_INTERFACE *spec);

/* The automatic handle of a stub, found on first use and then kept for the program, which may free it with
 * RpcBindingFree. Raises as ndr_find_server does. */
RPC_BINDING_HANDLE ndr_automatic_handle(const MIDL_STUB_DESC *desc);

#endif
