/*
 * The service behind this machine's endpoint mapper.
 */
#ifndef RPCRT4_API_RPCSS_H
#define RPCRT4_API_RPCSS_H

#include "../os/os.h"

/* Starts the service RpcSs unless it runs, and waits until it does. FALSE: it does not. */
BOOL rpcss_start(void);

#endif
