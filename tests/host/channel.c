/*
 * The runtime's double; see channel.h. One thread.
 */
#include "channel.h"
#include "ndr/context.h"
#include "ndr/proc.h"
#include "ndr/buffer.h"
#include "com/carrier.h"
#include <stdlib.h>

void RPC_ENTRY NdrServerCall2(PRPC_MESSAGE rpc);

const unsigned char *channel_reply, *channel_request;
size_t channel_reply_size, channel_request_size;

static const MIDL_SERVER_INFO *server;
static RPC_SERVER_INTERFACE *interface;
static void *kept_reply, *kept_request;

enum { CLIENT_HANDLE = 1, SERVER_HANDLE = 2 };

/* Exactly as large as asked, so that the sanitizer sees a step too far. */
static void *exact(size_t size)
{
    return aligned_alloc(16, (size + 15) & ~(size_t)15);
}

void channel_open(const MIDL_SERVER_INFO *info, RPC_SERVER_INTERFACE *spec)
{
    server = info;
    interface = spec;
    spec->InterpreterInfo = info;
}

RPC_STATUS I_RpcGetBuffer(RPC_MESSAGE *message)
{
    message->Buffer = exact(message->BufferLength);
    return RPC_S_OK;
}

RPC_STATUS I_RpcReallocPipeBuffer(RPC_MESSAGE *message, UINT size)
{
    void *grown = exact(size);

    memcpy(grown, message->Buffer, message->BufferLength);
    free(message->Buffer);
    message->Buffer = grown;
    message->BufferLength = size;
    return RPC_S_OK;
}

RPC_STATUS I_RpcFreeBuffer(RPC_MESSAGE *message)
{
    free(message->Buffer);
    message->Buffer = NULL;
    return RPC_S_OK;
}

static void dispatch(void *context)
{
    NdrServerCall2(context);
}

void channel_message(RPC_MESSAGE *message, unsigned number, unsigned char *octets, size_t size)
{
    memset(message, 0, sizeof(*message));
    message->Handle = (void *)SERVER_HANDLE;
    message->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    message->Buffer = octets;
    message->BufferLength = (UINT)size;
    message->ProcNum = number;
    message->RpcInterfaceInformation = interface;
}

const MIDL_SERVER_INFO *channel_server(void)
{
    return server;
}

ULONG channel_dispatch(unsigned number, const unsigned char *octets, size_t size, ULONG representation)
{
    RPC_MESSAGE message;
    unsigned char *request = exact(size);
    ULONG code;

    memcpy(request, octets, size);
    channel_message(&message, number, request, size);
    message.DataRepresentation = representation;
    code = os_try(dispatch, &message);
    free(kept_reply);
    kept_reply = message.Buffer == request ? NULL : message.Buffer;
    channel_reply = kept_reply;
    channel_reply_size = code || !kept_reply ? 0 : message.BufferLength;
    free(request);
    return code;
}

RPC_STATUS I_RpcSendReceive(RPC_MESSAGE *message)
{
    ULONG code;

    free(kept_request);
    kept_request = message->Buffer;
    channel_request = kept_request;
    channel_request_size = message->BufferLength;
    message->Buffer = NULL;
    code = channel_dispatch(message->ProcNum & ~RPC_FLAGS_VALID_BIT, channel_request, channel_request_size,
                            NDR_LOCAL_DATA_REPRESENTATION);
    if (code)
        return code;
    message->Buffer = exact(channel_reply_size);
    memcpy(message->Buffer, channel_reply, channel_reply_size);
    message->BufferLength = (UINT)channel_reply_size;
    message->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    return RPC_S_OK;
}

struct client_call {
    unsigned number;
    void *stack;
    ULONGLONG result;
};

static void call(void *context)
{
    struct client_call *call = context;

    call->result = ndr_client_call(
        server->pStubDesc, server->ProcString + server->FmtStringOffset[call->number], call->stack, 0, NULL);
}

ULONG channel_call(unsigned number, void *stack, ULONGLONG *result)
{
    struct client_call data = {.number = number, .stack = stack};
    ULONG code = os_try(call, &data);

    if (result)
        *result = data.result;
    return code;
}

RPC_BINDING_HANDLE I_RpcGetCurrentCallHandle(void)
{
    return (void *)SERVER_HANDLE;
}

RPC_STATUS RpcBindingFree(RPC_BINDING_HANDLE *binding)
{
    *binding = NULL;
    return RPC_S_OK;
}

/* ---- what of the procedures half is not compiled here */

void ndr_invoke(void *function, const void *arguments, SIZE_T size, enum ndr_result kind, ULONGLONG *result)
{
    ULONGLONG (*routine)(ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG, ULONGLONG) = function;
    ULONGLONG values[6] = {0};

    (void)kind;
    memcpy(values, arguments, size < sizeof(values) ? size : sizeof(values));
    *result = routine(values[0], values[1], values[2], values[3], values[4], values[5]);
}

const struct ndr_carrier com_proxy_carrier;

HRESULT NdrProxyErrorHandler(DWORD code)
{
    return (HRESULT)code;
}

void runtime_call_entered(RPC_BINDING_HANDLE call)
{
    (void)call;
}

RPC_BINDING_HANDLE ndr_automatic_handle(const MIDL_STUB_DESC *desc)
{
    (void)desc;
    return (void *)CLIENT_HANDLE;
}

RPC_BINDING_HANDLE ndr_find_server(RPC_CLIENT_INTERFACE *spec)
{
    (void)spec;
    return (void *)CLIENT_HANDLE;
}

RPC_BINDING_HANDLE NDRCContextBinding(NDR_CCONTEXT context)
{
    (void)context;
    return (void *)CLIENT_HANDLE;
}

NDR_SCONTEXT NdrContextHandleInitialize(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    (void)msg, (void)format;
    os_raise(RPC_S_INTERNAL_ERROR);
}

RPC_STATUS NdrMapCommAndFaultStatus(PMIDL_STUB_MESSAGE msg, ULONG *comm_status, ULONG *fault_status,
                                    RPC_STATUS status)
{
    (void)msg, (void)comm_status, (void)fault_status;
    os_raise(status);
}

void NdrRpcSmSetClientToOsf(PMIDL_STUB_MESSAGE msg)
{
    (void)msg;
}

void NdrRpcSsEnableAllocate(PMIDL_STUB_MESSAGE msg)
{
    (void)msg;
}

void NdrRpcSsDisableAllocate(PMIDL_STUB_MESSAGE msg)
{
    (void)msg;
}

void *NdrAllocate(PMIDL_STUB_MESSAGE msg, size_t length)
{
    void *block = msg->pfnAllocate(length);

    if (!block)
        os_raise(RPC_S_OUT_OF_MEMORY);
    return block;
}
