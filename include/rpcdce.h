/* mingw-w64 declares this function without its calling convention, which on i686 is another function. */
#ifndef RPCRT4_RPCDCE_H
#define RPCRT4_RPCDCE_H

#define RpcServerInqBindingHandle RpcServerInqBindingHandle_without_convention
#include_next <rpcdce.h>
#undef RpcServerInqBindingHandle

#ifdef __cplusplus
extern "C" {
#endif
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInqBindingHandle(RPC_BINDING_HANDLE *Binding);
#ifdef __cplusplus
}
#endif

#endif
