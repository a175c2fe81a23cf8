/*
 * A call's buffer between stub and runtime: NdrGetBuffer, NdrSendReceive, NdrFreeBuffer and their forms for
 * automatic handles. Called by -Os stubs and by the interpreters here. A MIDL_STUB_MESSAGE belongs to one
 * thread; no lock.
 *
 * The runtime's contract (I_RpcGetBuffer and the others): a call that failed is over and has no buffer.
 */
#include "ndr.h"
#include "buffer.h"

static void check(MIDL_STUB_MESSAGE *msg, RPC_STATUS status)
{
    if (status == RPC_S_OK)
        return;
    msg->fBufferValid = FALSE;
    os_raise(status);
}

/* Gets a buffer of length octets for marshalling. Source: SDK, NdrGetBuffer. A server's BufferStart and
 * BufferEnd go on to say where the request lies, for parameters may point into it and are not to be freed
 * then. */
unsigned char *RPC_ENTRY NdrGetBuffer(PMIDL_STUB_MESSAGE msg, ULONG length, RPC_BINDING_HANDLE handle)
{
    if (msg->IsClient)
        msg->RpcMsg->Handle = handle;
    msg->RpcMsg->BufferLength = length;
    check(msg, I_RpcGetBuffer(msg->RpcMsg));
    msg->Buffer = msg->RpcMsg->Buffer;
    msg->BufferLength = length;
    msg->fBufferValid = TRUE;
    if (msg->IsClient) {
        msg->BufferStart = msg->Buffer;
        msg->BufferEnd = msg->Buffer + length;
    }
    return msg->Buffer;
}

/* Source: SDK, NdrFreeBuffer. Does nothing without a buffer. */
void RPC_ENTRY NdrFreeBuffer(PMIDL_STUB_MESSAGE msg)
{
    if (!msg->fBufferValid)
        return;
    msg->fBufferValid = FALSE;
    I_RpcFreeBuffer(msg->RpcMsg);
}

/* Sends what lies before end and waits for the reply. Source: SDK, NdrSendReceive. */
unsigned char *RPC_ENTRY NdrSendReceive(PMIDL_STUB_MESSAGE msg, unsigned char *end)
{
    RPC_MESSAGE *rpc = msg->RpcMsg;
    SIZE_T length = end - (unsigned char *)rpc->Buffer;

    if (length > rpc->BufferLength) {
        NdrFreeBuffer(msg);
        os_raise(RPC_X_BAD_STUB_DATA);
    }
    rpc->BufferLength = length;
    check(msg, I_RpcSendReceive(rpc));
    msg->Buffer = msg->BufferStart = rpc->Buffer;
    msg->BufferLength = rpc->BufferLength;
    msg->BufferEnd = msg->BufferStart + rpc->BufferLength;
    msg->fBufferValid = TRUE;
    return msg->Buffer;
}

/* As NdrGetBuffer for an automatic handle: handle is the one in use, or NULL to have one found. */
unsigned char *RPC_ENTRY NdrNsGetBuffer(PMIDL_STUB_MESSAGE msg, ULONG length, RPC_BINDING_HANDLE handle)
{
    if (!handle)
        handle = ndr_find_server(msg->StubDesc->RpcInterfaceInformation);
    return NdrGetBuffer(msg, length, handle);
}

/* As NdrSendReceive; the handle that the call was made with is kept in *auto_handle for the next. */
unsigned char *RPC_ENTRY NdrNsSendReceive(PMIDL_STUB_MESSAGE msg, unsigned char *end,
                                          RPC_BINDING_HANDLE *auto_handle)
{
    RPC_BINDING_HANDLE handle = msg->RpcMsg->Handle;
    RPC_BINDING_HANDLE kept = InterlockedCompareExchangePointer(auto_handle, handle, NULL);
    unsigned char *buffer = NdrSendReceive(msg, end);

    if (kept && kept != handle)
        RpcBindingFree(&handle);
    return buffer;
}
