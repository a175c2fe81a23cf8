/*
 * The channel functions that stubs, and ndr/ for them, stand on: SDK headers rpcdcep.h, rpcasync.h.
 *
 * A message's Handle is a client's binding, or the server call that a dispatch routine was given. That
 * routine's own message, or a copy, holds the same call in ReservedForRuntime, and what is marshalled there
 * is the reply; any other message with that handle is of a call back to the client. On the calling side
 * ReservedForRuntime holds the call from I_RpcGetBuffer (I_RpcAsyncSetHandle) to I_RpcFreeBuffer.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "../runtime/binding.h"
#include "../runtime/callback.h"
#include "../runtime/client.h"
#include "../runtime/server.h"
#include "../runtime/thread.h"
#include "message.h"

enum { LITTLE_ENDIAN_ASCII_IEEE = 0x10 };

/* The call that the message replies to. */
static struct call *server_call(const RPC_MESSAGE *message)
{
    return message->ReservedForRuntime == message->Handle
               ? call_from_handle(message->Handle, CALL_SERVER_MAGIC)
               : NULL;
}

/* The call whose client the message calls back. */
static struct call *served_call(const RPC_MESSAGE *message)
{
    return call_from_handle(message->Handle, CALL_SERVER_MAGIC);
}

static struct call *client_call(const RPC_MESSAGE *message)
{
    return call_from_handle(message->ReservedForRuntime, CALL_CLIENT_MAGIC);
}

/* The call is over, as far as the message goes. */
static void end_client_call(RPC_MESSAGE *message)
{
    struct call *call = client_call(message);

    message->ReservedForRuntime = NULL;
    message->Buffer = NULL;
    if (call)
        call_release(call);
}

RPC_STATUS message_find_endpoint(struct binding *binding, RPC_CLIENT_INTERFACE *interface)
{
    if (binding->endpoint || binding_endpoint_from_interface(binding, interface))
        return RPC_S_OK;
    return RpcEpResolveBinding(binding, interface);
}

static RPC_STATUS make_callback(RPC_MESSAGE *message)
{
    struct call *call;
    RPC_STATUS status = callback_create(served_call(message), message->RpcInterfaceInformation,
                                        message->ProcNum & ~RPC_FLAGS_VALID_BIT, &call);

    if (status == RPC_S_OK)
        message->ReservedForRuntime = call;
    return status;
}

static RPC_STATUS make_client_call(RPC_MESSAGE *message, UUID *object)
{
    struct binding *binding = binding_from_handle(message->Handle);
    RPC_CLIENT_INTERFACE *interface = message->RpcInterfaceInformation;
    ULONG flags = message->ProcNum & RPC_FLAGS_VALID_BIT ? message->RpcFlags : 0;
    struct call *call;

    if (served_call(message))
        return make_callback(message);
    if (!binding)
        return RPC_S_INVALID_BINDING;
    /* SDK, RpcBindingCreate: before any calls, RpcBindingBind. The status is unverified on Windows. */
    if (binding->fast && !binding->bound)
        return RPC_S_INVALID_BINDING;
    /* SDK, "broadcast attribute", "message attribute": for ncadg_ip_udp and ncadg_mq alone. unverified on
     * Windows: the status, which [MS-RPCE] 3.2 names for connectionless requests that are not supported. */
    if (flags & (RPC_NCA_FLAGS_BROADCAST | RPCFLG_MESSAGE))
        return RPC_S_CANNOT_SUPPORT;
    /* Never in the clear what was to be protected; what ncalrpc carries stays on this machine. */
    if (binding->authn_level > RPC_C_AUTHN_LEVEL_NONE && binding->ops != &transport_lrpc)
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    call = client_call_create(binding, interface, message->ProcNum & ~RPC_FLAGS_VALID_BIT, flags, object);
    if (!call)
        return RPC_S_OUT_OF_MEMORY;
    message->ReservedForRuntime = call;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcNegotiateTransferSyntax(RPC_MESSAGE *message)
{
    RPC_CLIENT_INTERFACE *interface = message->RpcInterfaceInformation;

    if (!served_call(message) && !binding_from_handle(message->Handle))
        return RPC_S_INVALID_BINDING;
    message->TransferSyntax = &interface->TransferSyntax;
    return RPC_S_OK;
}

static RPC_STATUS get_buffer(RPC_MESSAGE *message, UUID *object)
{
    struct call *call = server_call(message);
    RPC_STATUS status = RPC_S_OK;

    if (!call) {
        if (!(message->RpcFlags & RPC_BUFFER_ASYNC) || !client_call(message))
            status = make_client_call(message, object);
        if (status)
            return status;
        call = client_call(message);
        if (call->binding)
            status = message_find_endpoint(call->binding, message->RpcInterfaceInformation);
    }
    if (status == RPC_S_OK)
        status = call_reserve_out(call, message->BufferLength);
    if (status == RPC_S_OK) {
        message->Buffer = call->out;
        message->DataRepresentation = LITTLE_ENDIAN_ASCII_IEEE;
    } else if (!server_call(message)) {
        end_client_call(message);
    }
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcGetBuffer(RPC_MESSAGE *message)
{
    return get_buffer(message, NULL);
}

RPC_STATUS RPC_ENTRY I_RpcGetBufferWithObject(RPC_MESSAGE *message, UUID *object)
{
    return get_buffer(message, object);
}

RPC_STATUS RPC_ENTRY I_RpcFreeBuffer(RPC_MESSAGE *message)
{
    if (!server_call(message))
        end_client_call(message);
    return RPC_S_OK;
}

/* Gives a call's buffer, which has been got and not sent, at least size octets; what it holds stays. */
RPC_STATUS RPC_ENTRY I_RpcReallocPipeBuffer(PRPC_MESSAGE message, unsigned int size)
{
    struct call *call = server_call(message);
    RPC_STATUS status;

    if (!call && !(call = client_call(message)))
        return RPC_S_INVALID_BINDING;
    status = call_grow_out(call, size);
    if (status == RPC_S_OK) {
        message->Buffer = call->out;
        message->BufferLength = size;
    }
    return status;
}

/* The reply is in the message. */
static void take_reply(RPC_MESSAGE *message, struct call *call)
{
    const uint8_t *drep = call->assembly.drep;

    message->Buffer = call->in;
    message->BufferLength = call->assembly.length;
    message->DataRepresentation = drep[0] | drep[1] << 8 | drep[2] << 16 | (ULONG)drep[3] << 24;
}

RPC_STATUS RPC_ENTRY I_RpcSendReceive(RPC_MESSAGE *message)
{
    struct call *call = client_call(message);
    RPC_STATUS status;

    if (!call)
        return RPC_S_INVALID_BINDING;
    status = client_call_run(call, message->BufferLength);
    if (status == RPC_S_OK)
        take_reply(message, call);
    else
        end_client_call(message);
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcSend(RPC_MESSAGE *message)
{
    struct call *call = server_call(message);
    RPC_STATUS status;

    if (call) {
        /* The asynchronous call's own reference: nothing of the call is used after its reply. */
        status = server_call_reply(call, message->BufferLength) ? RPC_S_OK : RPC_S_CALL_FAILED;
        call_release(call);
        return status;
    }
    if (!(call = client_call(message)))
        return RPC_S_INVALID_BINDING;
    if (call->outer)
        return RPC_S_INVALID_BINDING; /* a call back has its thread wait */
    /* Its owner may be told, complete it and free the message before this returns. */
    call_ref(call);
    status = client_call_start(call, message->BufferLength);
    if (status)
        end_client_call(message);
    call_release(call);
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcReceive(RPC_MESSAGE *message, unsigned int size)
{
    struct call *call = client_call(message);

    (void)size;
    if (!call)
        return RPC_S_INVALID_BINDING;
    if (!call_is_final(call))
        return RPC_S_ASYNC_CALL_PENDING;
    if (call->status) {
        RPC_STATUS status = call->status;

        end_client_call(message);
        return status;
    }
    take_reply(message, call);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcAsyncSetHandle(RPC_MESSAGE *message, PRPC_ASYNC_STATE async)
{
    struct call *call = server_call(message);
    RPC_STATUS status;

    if (call) {
        call->async = async;
        async->RuntimeInfo = call_ref(call);
        return RPC_S_OK;
    }
    /* SDK, "Making the Asynchronous Call": every outstanding call has a handle of its own */
    if (async->StubInfo)
        return RPC_S_INVALID_ASYNC_HANDLE;
    if (served_call(message))
        return RPC_S_INVALID_BINDING; /* a call back has its thread wait */
    status = make_client_call(message, NULL);
    if (status)
        return status;
    message->RpcFlags |= RPC_BUFFER_ASYNC;
    status = client_call_set_async(client_call(message), async);
    if (status)
        end_client_call(message);
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcAsyncAbortCall(PRPC_ASYNC_STATE async, ULONG code)
{
    struct call *call = call_from_handle(async->RuntimeInfo, CALL_SERVER_MAGIC);

    if (!call)
        return RPC_S_INVALID_ASYNC_CALL;
    async->RuntimeInfo = NULL;
    server_call_fault(call, code, TRUE);
    call_release(call);
    return RPC_S_OK;
}

RPC_BINDING_HANDLE RPC_ENTRY I_RpcGetCurrentCallHandle(void)
{
    return thread_server_call();
}
