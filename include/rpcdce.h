/*
 * mingw-w64 declares RpcServerInqBindingHandle without its calling convention, which on i686 is another
 * function, and lacks the interface groups (SDK pages RpcServerInterfaceGroupCreate, RPC_INTERFACE_TEMPLATE,
 * RPC_ENDPOINT_TEMPLATE, RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN).
 */
#ifndef RPCRT4_RPCDCE_H
#define RPCRT4_RPCDCE_H

#define RpcServerInqBindingHandle RpcServerInqBindingHandle_without_convention
#include_next <rpcdce.h>
#undef RpcServerInqBindingHandle

#ifdef __cplusplus
extern "C" {
#endif
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInqBindingHandle(RPC_BINDING_HANDLE *Binding);

typedef void *RPC_INTERFACE_GROUP, **PRPC_INTERFACE_GROUP;
typedef void(RPC_ENTRY *RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN)(RPC_INTERFACE_GROUP IfGroup,
                                                              void *IdleCallbackContext, ULONG IsGroupIdle);

#define RPC_TEMPLATES_(suffix, string)                                                                       \
    typedef struct {                                                                                         \
        ULONG Version;                                                                                       \
        string ProtSeq;                                                                                      \
        string Endpoint;                                                                                     \
        void *SecurityDescriptor;                                                                            \
        ULONG Backlog;                                                                                       \
    } RPC_ENDPOINT_TEMPLATE##suffix, *PRPC_ENDPOINT_TEMPLATE##suffix;                                        \
    typedef struct {                                                                                         \
        ULONG Version;                                                                                       \
        RPC_IF_HANDLE IfSpec;                                                                                \
        UUID *MgrTypeUuid;                                                                                   \
        RPC_MGR_EPV *MgrEpv;                                                                                 \
        unsigned int Flags;                                                                                  \
        unsigned int MaxCalls;                                                                               \
        unsigned int MaxRpcSize;                                                                             \
        RPC_IF_CALLBACK_FN *IfCallback;                                                                      \
        UUID_VECTOR *UuidVector;                                                                             \
        string Annotation;                                                                                   \
        void *SecurityDescriptor;                                                                            \
    } RPC_INTERFACE_TEMPLATE##suffix, *PRPC_INTERFACE_TEMPLATE##suffix;                                      \
    RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupCreate##suffix(                                     \
        RPC_INTERFACE_TEMPLATE##suffix *Interfaces, ULONG NumIfs, RPC_ENDPOINT_TEMPLATE##suffix *Endpoints,  \
        ULONG NumEndpoints, ULONG IdlePeriod, RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN IdleCallbackFn,           \
        void *IdleCallbackContext, PRPC_INTERFACE_GROUP IfGroup)
RPC_TEMPLATES_(A, RPC_CSTR);
RPC_TEMPLATES_(W, RPC_WSTR);
#undef RPC_TEMPLATES_
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupActivate(RPC_INTERFACE_GROUP IfGroup);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupDeactivate(RPC_INTERFACE_GROUP IfGroup,
                                                                ULONG ForceDeactivation);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupClose(RPC_INTERFACE_GROUP IfGroup);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupInqBindings(RPC_INTERFACE_GROUP IfGroup,
                                                                 RPC_BINDING_VECTOR **BindingVector);
#ifdef __cplusplus
}
#endif

#endif
