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

/* A request that goes in parts is put together here. */
static unsigned char *gathered;
static size_t gathered_size;
static ULONG gathered_code;
static void *server_got; /* what a server got for its reply */

/* A request that comes in parts: what was handed out of it lasts until the dispatch is over. */
size_t channel_part;
struct view {
    struct view *next;
};
static struct view *views;
static const unsigned char *coming;
static size_t coming_size, coming_at;

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

/* Octets first to last of the request, at an address with their alignment. */
static void *hand_out(size_t first, size_t last)
{
    struct view *view = exact(16 + first % 16 + last - first);
    unsigned char *octets = (unsigned char *)view + 16 + first % 16;

    view->next = views;
    views = view;
    memcpy(octets, coming + first, last - first);
    coming_at = last;
    return octets;
}

static void forget_views(void)
{
    while (views) {
        struct view *view = views;

        views = view->next;
        free(view);
    }
}

RPC_STATUS I_RpcGetBuffer(RPC_MESSAGE *message)
{
    message->Buffer = exact(message->BufferLength + gathered_size % 16);
    message->Buffer = (unsigned char *)message->Buffer + gathered_size % 16;
    if (message->Handle == (void *)SERVER_HANDLE)
        server_got = message->Buffer;
    return RPC_S_OK;
}

RPC_STATUS I_RpcSend(RPC_MESSAGE *message)
{
    if (message->BufferLength) {
        gathered = realloc(gathered, gathered_size + message->BufferLength);
        memcpy(gathered + gathered_size, message->Buffer, message->BufferLength);
    }
    if (message->Buffer)
        free((unsigned char *)message->Buffer - gathered_size % 16);
    message->Buffer = NULL;
    gathered_size += message->BufferLength;
    if (message->RpcFlags & RPC_BUFFER_PARTIAL)
        return RPC_S_OK;
    free(kept_request);
    kept_request = gathered;
    channel_request = kept_request;
    channel_request_size = gathered_size;
    gathered = NULL;
    gathered_size = 0;
    gathered_code = channel_dispatch(message->ProcNum & ~RPC_FLAGS_VALID_BIT, channel_request,
                                     channel_request_size, NDR_LOCAL_DATA_REPRESENTATION);
    return RPC_S_OK;
}

static void take_reply(RPC_MESSAGE *message)
{
    message->Buffer = exact(channel_reply_size);
    memcpy(message->Buffer, channel_reply, channel_reply_size);
    message->BufferLength = (UINT)channel_reply_size;
    message->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
}

RPC_STATUS I_RpcReceive(RPC_MESSAGE *message, UINT size)
{
    size_t kept = message->RpcFlags & RPC_BUFFER_EXTRA ? message->BufferLength : 0, first, last;

    if (message->Handle != (void *)SERVER_HANDLE) {
        if (!gathered_code)
            take_reply(message);
        return (RPC_STATUS)gathered_code;
    }
    first = coming_at - kept;
    last = message->RpcFlags & RPC_BUFFER_PARTIAL ? coming_at + channel_part : coming_size;
    if (last < first + size)
        last = first + size;
    if (last > coming_size)
        last = coming_size;
    if (last == coming_at && message->RpcFlags & RPC_BUFFER_ASYNC)
        return RPC_S_ASYNC_CALL_PENDING;
    message->Buffer = hand_out(first, last);
    message->BufferLength = (UINT)(last - first);
    message->RpcFlags &= ~RPC_BUFFER_COMPLETE;
    if (last == coming_size)
        message->RpcFlags |= RPC_BUFFER_COMPLETE;
    return RPC_S_OK;
}

RPC_STATUS I_RpcFreeBuffer(RPC_MESSAGE *message)
{
    if (message->Buffer)
        free((unsigned char *)message->Buffer - gathered_size % 16);
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
    UINT first = (UINT)(channel_part && channel_part < size ? channel_part : size);
    ULONG code;

    server_got = NULL;
    coming = octets;
    coming_size = size;
    channel_message(&message, number, hand_out(0, first), first);
    message.DataRepresentation = representation;
    message.RpcFlags = first < size ? RPC_BUFFER_PARTIAL : RPC_BUFFER_COMPLETE;
    code = os_try(dispatch, &message);
    free(kept_reply);
    kept_reply = server_got;
    channel_reply = kept_reply;
    channel_reply_size = code || !kept_reply ? 0 : message.BufferLength;
    forget_views();
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
