/*
 * The beginning of a call in a stub: NdrClientInitialize*, NdrServerInitialize*. They fill the two messages
 * that the stub owns and allocate nothing. No lock.
 */
#include "ndr.h"
#include <string.h>

static void initialize(RPC_MESSAGE *rpc, MIDL_STUB_MESSAGE *msg, const MIDL_STUB_DESC *desc)
{
    memset(msg, 0, sizeof(*msg));
    msg->RpcMsg = rpc;
    msg->StubDesc = desc;
    msg->pfnAllocate = desc->pfnAllocate;
    msg->pfnFree = desc->pfnFree;
    msg->dwDestContext = 2; /* MSHCTX_DIFFERENTMACHINE: nothing is known of the peer */
}

/* Source: SDK, NdrClientInitializeNew. proc_num gets the bit that says that rpc->RpcFlags is meant. */
void RPC_ENTRY NdrClientInitializeNew(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg, PMIDL_STUB_DESC desc,
                                      unsigned int proc_num)
{
    initialize(rpc, msg, desc);
    msg->IsClient = TRUE;
    memset(rpc, 0, sizeof(*rpc));
    rpc->RpcInterfaceInformation = desc->RpcInterfaceInformation;
    rpc->ProcNum = proc_num | RPC_FLAGS_VALID_BIT;
    rpc->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
}

/* For stubs of before Windows NT 3.5, which know no RpcFlags. */
void RPC_ENTRY NdrClientInitialize(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg, PMIDL_STUB_DESC desc,
                                   unsigned int proc_num)
{
    NdrClientInitializeNew(rpc, msg, desc, proc_num);
    rpc->ProcNum = proc_num;
}

/* Has at least size octets of a request that comes in parts be here, or (0) all of it. */
static void await_request(PRPC_MESSAGE rpc, ULONG size)
{
    RPC_STATUS status;

    if (!(rpc->RpcFlags & RPC_BUFFER_PARTIAL))
        return;
    rpc->RpcFlags = RPC_BUFFER_EXTRA | (size ? RPC_BUFFER_PARTIAL : 0);
    status = I_RpcReceive(rpc, size);
    if (status)
        ndr_raise(status);
    rpc->RpcFlags = rpc->RpcFlags & RPC_BUFFER_COMPLETE ? RPC_BUFFER_COMPLETE : RPC_BUFFER_PARTIAL;
}

/* For a server whose arguments are followed by pipes: the first size octets of the request are wanted, more
 * may come (mingw-w64 rpcndr.h has the prototype; what it does is unverified on Windows). */
void RPC_ENTRY NdrServerInitializePartial(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg, PMIDL_STUB_DESC desc,
                                          ULONG size)
{
    initialize(rpc, msg, desc);
    if (size > rpc->BufferLength)
        await_request(rpc, size);
    msg->Buffer = msg->BufferStart = rpc->Buffer;
    msg->BufferLength = rpc->BufferLength;
    msg->BufferEnd = msg->BufferStart + rpc->BufferLength;
}

/* Source: SDK, NdrServerInitializeNew. Gives where unmarshalling begins. A request that comes in parts, for
 * the interface has pipes in other procedures, is awaited whole. */
unsigned char *RPC_ENTRY NdrServerInitializeNew(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg,
                                                PMIDL_STUB_DESC desc)
{
    initialize(rpc, msg, desc);
    await_request(rpc, 0);
    msg->Buffer = msg->BufferStart = rpc->Buffer;
    msg->BufferLength = rpc->BufferLength;
    msg->BufferEnd = msg->BufferStart + rpc->BufferLength;
    return msg->Buffer;
}

unsigned char *RPC_ENTRY NdrServerInitialize(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg, PMIDL_STUB_DESC desc)
{
    return NdrServerInitializeNew(rpc, msg, desc);
}

unsigned char *RPC_ENTRY NdrServerInitializeUnmarshall(PMIDL_STUB_MESSAGE msg, PMIDL_STUB_DESC desc,
                                                       PRPC_MESSAGE rpc)
{
    return NdrServerInitializeNew(rpc, msg, desc);
}

void RPC_ENTRY NdrServerInitializeMarshall(PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg)
{
    msg->RpcMsg = rpc;
    msg->BufferLength = 0;
}
