/*
 * What ndr/client.c knows of com/: the way a method's call takes through its proxy's channel.
 */
#ifndef RPCRT4_COM_CARRIER_H
#define RPCRT4_COM_CARRIER_H

#include "../ndr/proc.h"

/* struct ndr_call.object is the interface pointer. */
extern const struct ndr_carrier com_proxy_carrier;

/* struct ndr_call.object is the stub, channel its channel; for the object's side, so without send. */
extern const struct ndr_carrier com_stub_carrier;

HRESULT RPC_ENTRY NdrProxyErrorHandler(DWORD code);

#endif
