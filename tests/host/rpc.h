/* What rpc.h and rpcdcep.h define of a message, and the statuses that ndr/ raises (winerror.h). */
#ifndef HOST_RPC_H
#define HOST_RPC_H

#include <windef.h>

#define RPC_ENTRY
#define RPCRTAPI
#define __RPC_API
#define __RPC_USER
#define __RPC_STUB
#define __RPC_FAR

typedef void *RPC_BINDING_HANDLE, *handle_t, *RPC_IF_HANDLE;
typedef LONG RPC_STATUS;
typedef void RPC_MGR_EPV;
typedef struct _RPC_SERVER_INTERFACE RPC_SERVER_INTERFACE;
typedef struct _RPC_CLIENT_INTERFACE RPC_CLIENT_INTERFACE;
typedef struct _RPC_DISPATCH_TABLE RPC_DISPATCH_TABLE;

typedef struct _RPC_VERSION {
    USHORT MajorVersion, MinorVersion;
} RPC_VERSION;

typedef struct _RPC_SYNTAX_IDENTIFIER {
    GUID SyntaxGUID;
    RPC_VERSION SyntaxVersion;
} RPC_SYNTAX_IDENTIFIER, *PRPC_SYNTAX_IDENTIFIER;

typedef struct _RPC_MESSAGE {
    RPC_BINDING_HANDLE Handle;
    ULONG DataRepresentation;
    void *Buffer;
    UINT BufferLength, ProcNum;
    PRPC_SYNTAX_IDENTIFIER TransferSyntax;
    void *RpcInterfaceInformation, *ReservedForRuntime;
    RPC_MGR_EPV *ManagerEpv;
    void *ImportContext;
    ULONG RpcFlags;
} RPC_MESSAGE, *PRPC_MESSAGE;

enum {
    RPC_S_OK = 0,
    RPC_S_OUT_OF_MEMORY = 14,
    RPC_S_INVALID_ARG = 87,
    RPC_S_INVALID_TAG = 1733,
    RPC_S_INVALID_BOUND = 1734,
    RPC_S_INTERNAL_ERROR = 1766,
    RPC_X_NULL_REF_POINTER = 1780,
    RPC_X_ENUM_VALUE_OUT_OF_RANGE = 1781,
    RPC_X_BYTE_COUNT_TOO_SMALL = 1782,
    RPC_X_BAD_STUB_DATA = 1783,
    RPC_X_INVALID_BOUND = RPC_S_INVALID_BOUND,
};

#endif
