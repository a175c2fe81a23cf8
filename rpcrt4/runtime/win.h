/*
 * Win32's RPC headers as the runtime uses them, and nothing of our own.
 */
#ifndef RPCRT4_WIN_H
#define RPCRT4_WIN_H

#include <stddef.h>
#include <stdint.h>
/* mingw-w64 declares it without its calling convention */
#define RpcServerInqBindingHandle without_convention
#include <windows.h>
#include <rpc.h>
#undef RpcServerInqBindingHandle
#include <rpcdcep.h>
#include <rpcasync.h>

#undef interface /* objbase.h makes it struct */

static const UUID uuid_nil;

#endif
