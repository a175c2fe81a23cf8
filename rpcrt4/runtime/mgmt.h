/*
 * The management interface's server side, which every server has without registering it.
 */
#ifndef RPCRT4_MGMT_H
#define RPCRT4_MGMT_H

#include "win.h"

struct server_interface;

extern struct server_interface mgmt_interface;

/* The function that decides who may call what; NULL: everybody may everything but stop the server. */
void mgmt_set_authorization(RPC_MGMT_AUTHORIZATION_FN function);

/* Gives the principal that this server registered for an authentication service: text of its own, os_alloc'd.
 * RPC_S_UNKNOWN_AUTHN_SERVICE. Set by who keeps them; NULL: nobody does. */
extern RPC_STATUS (*volatile mgmt_principal)(ULONG authn_service, char **name);

#endif
