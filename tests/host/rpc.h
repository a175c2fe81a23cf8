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

/* Both kinds of interface: what ndr/ reads of them lies at the same place. */
typedef struct _RPC_SERVER_INTERFACE {
    UINT Length;
    RPC_SYNTAX_IDENTIFIER InterfaceId, TransferSyntax;
    RPC_DISPATCH_TABLE *DispatchTable;
    UINT RpcProtseqEndpointCount;
    void *RpcProtseqEndpoint;
    RPC_MGR_EPV *DefaultManagerEpv;
    const void *InterpreterInfo;
    UINT Flags;
} RPC_SERVER_INTERFACE, RPC_CLIENT_INTERFACE;

#define RPC_FLAGS_VALID_BIT 0x00008000
#define RPC_BUFFER_COMPLETE 0x00001000
#define RPC_BUFFER_PARTIAL  0x00002000
#define RPC_BUFFER_EXTRA    0x00004000
#define RPC_BUFFER_ASYNC    0x00008000
#define RPC_BUFFER_NONOTIFY 0x00010000

/* The runtime's functions that ndr/ stands on; doubles in channel.c. */
RPC_STATUS I_RpcNegotiateTransferSyntax(RPC_MESSAGE *message);
RPC_STATUS I_RpcGetBuffer(RPC_MESSAGE *message);
RPC_STATUS I_RpcSendReceive(RPC_MESSAGE *message);
RPC_STATUS I_RpcFreeBuffer(RPC_MESSAGE *message);
RPC_STATUS I_RpcSend(RPC_MESSAGE *message);
RPC_STATUS I_RpcReceive(RPC_MESSAGE *message, UINT size);
RPC_BINDING_HANDLE I_RpcGetCurrentCallHandle(void);
RPC_STATUS RpcBindingFree(RPC_BINDING_HANDLE *binding);

enum {
    RPC_S_OK = 0,
    RPC_S_OUT_OF_MEMORY = 14,
    RPC_S_INVALID_ARG = 87,
    RPC_S_INVALID_BINDING = 1702,
    RPC_S_ASYNC_CALL_PENDING = 997,
    RPC_S_UNSUPPORTED_TRANS_SYN = 1730,
    RPC_S_INVALID_TAG = 1733,
    RPC_S_INVALID_BOUND = 1734,
    RPC_S_INTERNAL_ERROR = 1766,
    RPC_X_NULL_REF_POINTER = 1780,
    RPC_X_ENUM_VALUE_OUT_OF_RANGE = 1781,
    RPC_X_BYTE_COUNT_TOO_SMALL = 1782,
    RPC_X_BAD_STUB_DATA = 1783,
    RPC_X_INVALID_BOUND = RPC_S_INVALID_BOUND,
    RPC_X_SS_IN_NULL_CONTEXT = 1775,
    RPC_X_PIPE_CLOSED = 1916,
    RPC_X_WRONG_PIPE_ORDER = 1831,
    RPC_X_PIPE_DISCIPLINE_ERROR = 1917,
    RPC_X_PIPE_EMPTY = 1918,
    RPC_X_PIPE_APP_MEMORY = RPC_S_OUT_OF_MEMORY,
};

#endif
