/*
 * The channel functions that stubs, and ndr/ for them, stand on: SDK headers rpcdcep.h, rpcasync.h.
 *
 * A message's Handle is a client's binding, or the server call that a dispatch routine was given. That
 * routine's own message, or a copy, holds the same call in ReservedForRuntime, and what is marshalled there
 * is the reply; any other message with that handle is of a call back to the client. On the calling side
 * ReservedForRuntime holds the call from I_RpcGetBuffer (I_RpcAsyncSetHandle) to I_RpcFreeBuffer.
 *
 * Requests and replies with pipes go in parts; no page of the SDK tells how, so this is an agreement with
 * ndr/ alone, in the flags' own words (rpcdcep.h; unverified on Windows):
 *   I_RpcGetBuffer  RPC_BUFFER_PARTIAL  a place for BufferLength octets behind those sent before; the first
 *                                       time, for a client with RPC_BUFFER_EXTRA: the reply comes in parts
 *   I_RpcSend       RPC_BUFFER_PARTIAL  BufferLength octets from there; more will follow
 *   I_RpcReceive    RPC_BUFFER_PARTIAL  size octets at least, else all that are to come; what was received
 *                                       before is gone
 *                   RPC_BUFFER_EXTRA    the BufferLength last of those are kept, in front
 *                   RPC_BUFFER_COMPLETE set or cleared: nothing follows
 *                   without either      all the rest
 *   any             RPC_BUFFER_ASYNC    never waits; receiving may answer RPC_S_ASYNC_CALL_PENDING, and
 *                                       unless RPC_BUFFER_NONOTIFY the caller will be notified: of octets,
 *                                       or, where all the rest is awaited, of the call's completion, after
 *                                       which alone that can be received; a call that has begun lasts,
 *                                       also when it fails, until I_RpcFreeBuffer
 * A dispatch routine that gets RPC_BUFFER_PARTIAL has the first part of its request alone.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "../runtime/binding.h"
#include "../runtime/callback.h"
#include "../runtime/client.h"
#include "../runtime/error_info.h"
#include "../runtime/outflow.h"
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
    if (!call)
        return;
    /* An exception in a pull or push routine leaves it in the middle. */
    if (call->outflow)
        client_call_abandon(call);
    call_release(call);
}

RPC_STATUS message_find_endpoint(struct binding *binding, RPC_CLIENT_INTERFACE *interface)
{
    const RPC_EE_INFO_PARAM params[] = {
        {eeptUnicodeString, {.UnicodeString = (WCHAR *)binding->ops->protseq}},
        {eeptUnicodeString, {.UnicodeString = binding->network}},
        {eeptLongVal, {.LVal = (LONG)interface->InterfaceId.SyntaxGUID.Data1}},
    };
    RPC_STATUS status;

    if (binding->endpoint || binding_endpoint_from_interface(binding, interface))
        return RPC_S_OK;
    status = RpcEpResolveBinding(binding, interface);
    if (status)
        errors_add(ERROR_BY_RUNTIME, (ULONG)status, AT_RESOLVE_ENDPOINT, params, ARRAYSIZE(params));
    return status;
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

static void set_transfer(RPC_MESSAGE *message, const struct wire_syntax *transfer)
{
    message->TransferSyntax = (RPC_SYNTAX_IDENTIFIER *)transfer;
}

/* An interface that names the nil syntax is the only one about which there is a question: see bind.c. Of a
 * message that has its buffer the call tells the binding, for channels put something of their own in Handle.
 */
RPC_STATUS RPC_ENTRY I_RpcNegotiateTransferSyntax(RPC_MESSAGE *message)
{
    RPC_CLIENT_INTERFACE *interface = message->RpcInterfaceInformation;
    struct call *call = client_call(message);
    struct binding *binding = call ? call->binding : binding_from_handle(message->Handle);
    const struct wire_syntax *transfer;
    RPC_STATUS status;

    if (!call && !served_call(message) && !binding)
        return RPC_S_INVALID_BINDING;
    message->TransferSyntax = &interface->TransferSyntax;
    if (!binding || presentation_transfer(&interface->TransferSyntax) == &wire_ndr20)
        return RPC_S_OK;
    status = message_find_endpoint(binding, interface);
    if (status == RPC_S_OK)
        status = client_transfer(binding, interface, &transfer);
    if (status == RPC_S_OK)
        set_transfer(message, transfer);
    return status;
}

static BOOL waits(const RPC_MESSAGE *message)
{
    return !(message->RpcFlags & RPC_BUFFER_ASYNC);
}

/* A place in what goes in parts. */
static RPC_STATUS get_place(RPC_MESSAGE *message, struct call *call)
{
    RPC_STATUS status;
    uint8_t *place;

    if (call->magic == CALL_CLIENT_MAGIC)
        status = client_call_place_part(call, message->BufferLength, waits(message), &place);
    else
        status = outflow_place(call, message->BufferLength, waits(message), &place);
    if (status == RPC_S_OK)
        message->Buffer = place;
    return status;
}

static RPC_STATUS open_parts(const RPC_MESSAGE *message, struct call *call)
{
    if (!(message->RpcFlags & RPC_BUFFER_PARTIAL) || call->outflow)
        return RPC_S_OK;
    if (call->magic == CALL_CLIENT_MAGIC)
        return client_call_open_parts(call, (message->RpcFlags & RPC_BUFFER_EXTRA) != 0);
    return outflow_open(call) ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
}

static BOOL in_parts(const RPC_MESSAGE *message)
{
    const struct call *call = client_call(message);

    return call && call->outflow;
}

static RPC_STATUS get_buffer(RPC_MESSAGE *message, UUID *object)
{
    struct call *call = server_call(message);
    RPC_STATUS status = RPC_S_OK;

    if (!call && in_parts(message)) {
        call = client_call(message);
    } else if (!call) {
        if (!(message->RpcFlags & RPC_BUFFER_ASYNC) || !client_call(message))
            status = make_client_call(message, object);
        if (status)
            return status;
        call = client_call(message);
        if (call->binding)
            status = message_find_endpoint(call->binding, message->RpcInterfaceInformation);
    }
    if (status == RPC_S_OK)
        status = open_parts(message, call);
    if (status == RPC_S_OK && call->outflow) {
        status = get_place(message, call);
    } else if (status == RPC_S_OK) {
        status = call_reserve_out(call, message->BufferLength);
        message->Buffer = call->out;
    }
    if (status == RPC_S_OK) {
        message->DataRepresentation = LITTLE_ENDIAN_ASCII_IEEE;
    } else if (!server_call(message) && (waits(message) || !in_parts(message))) {
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
    uint8_t *place;

    if (!call && !(call = client_call(message)))
        return RPC_S_INVALID_BINDING;
    if (call->outflow) {
        status = outflow_grow(call, size, &place);
    } else {
        status = call_grow_out(call, size);
        place = call->out;
    }
    if (status == RPC_S_OK) {
        message->Buffer = place;
        message->BufferLength = size;
    }
    return status;
}

/* What I_RpcReceive gave is used no more: the sender may go on. */
RPC_STATUS RPC_ENTRY I_RpcFreePipeBuffer(RPC_MESSAGE *message)
{
    struct call *call = server_call(message);

    if (!call && !(call = client_call(message)))
        return RPC_S_INVALID_BINDING;
    if (call->inflow)
        inflow_pass(call);
    message->Buffer = NULL;
    message->BufferLength = 0;
    return RPC_S_OK;
}

static ULONG representation(const struct call *call)
{
    const uint8_t *drep = call->assembly.drep;

    return drep[0] | drep[1] << 8 | drep[2] << 16 | (ULONG)drep[3] << 24;
}

/* The reply is in the message. */
static void take_reply(RPC_MESSAGE *message, struct call *call)
{
    message->Buffer = call->in;
    message->BufferLength = call->assembly.length;
    message->DataRepresentation = representation(call);
    set_transfer(message, call->context.transfer);
}

RPC_STATUS RPC_ENTRY I_RpcSendReceive(RPC_MESSAGE *message)
{
    struct call *call = client_call(message);
    RPC_STATUS status;

    if (!call || call->outflow)
        return RPC_S_INVALID_BINDING;
    status = client_call_run(call, message->BufferLength);
    if (status == RPC_S_OK) {
        take_reply(message, call);
        return RPC_S_OK;
    }
    if (call_is_final(call)) /* else it came no further than to its connection, which has told */
        errors_take(call);
    end_client_call(message);
    return status;
}

static unsigned send_how(const RPC_MESSAGE *message)
{
    return (message->RpcFlags & RPC_BUFFER_PARTIAL ? 0 : OUTFLOW_LAST) |
           (message->RpcFlags & RPC_BUFFER_NONOTIFY ? OUTFLOW_QUIET : 0) |
           (waits(message) ? OUTFLOW_WAIT : 0);
}

/* A call that has begun ends by a notification, and its owner may have freed the message by now: only where
 * it has not begun is there an error. */
static RPC_STATUS send_part_async(RPC_MESSAGE *message, struct call *call)
{
    RPC_STATUS status = client_call_send_part(call, message->BufferLength, send_how(message));

    if (call_is_final(call) || !status)
        return RPC_S_OK;
    end_client_call(message);
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcSend(RPC_MESSAGE *message)
{
    struct call *call = server_call(message);
    RPC_STATUS status;

    if (call && call->outflow && message->RpcFlags & RPC_BUFFER_PARTIAL) {
        call_ref(call); /* its owner may be told, and complete it */
        status = server_call_reply_part(call, message->BufferLength, send_how(message));
        call_release(call);
        return status;
    }
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
    if (call->outflow && !waits(message)) {
        status = send_part_async(message, call);
        call_release(call);
        return status;
    }
    status = call->outflow ? client_call_send_part(call, message->BufferLength, send_how(message))
                           : client_call_start(call, message->BufferLength);
    if (status)
        end_client_call(message);
    call_release(call);
    return status;
}

static RPC_STATUS receive_part(RPC_MESSAGE *message, struct call *call, size_t size)
{
    const ULONG flags = message->RpcFlags;
    size_t kept = flags & RPC_BUFFER_EXTRA ? message->BufferLength : 0;
    size_t wanted = flags & RPC_BUFFER_PARTIAL ? (size ? size : 1) : 0;
    enum inflow_how how = waits(message)                ? INFLOW_WAIT
                          : flags & RPC_BUFFER_NONOTIFY ? INFLOW_LOOK
                                                        : INFLOW_ARM;
    struct inview view;
    RPC_STATUS status;

    if (!wanted && how == INFLOW_ARM && call->magic == CALL_CLIENT_MAGIC) {
        call_ref(call);
        client_call_complete_parts(call, kept);
        call_release(call);
        return RPC_S_ASYNC_CALL_PENDING; /* the message may be gone */
    }
    call_ref(call); /* once its owner may be told, he may complete it */
    if (call->magic == CALL_CLIENT_MAGIC)
        status = client_call_take_part(call, kept, wanted, how, &view);
    else
        status = inflow_take(call, kept, wanted, how, &view);
    call_release(call);
    if (status)
        return status;
    message->Buffer = view.data;
    message->BufferLength = (unsigned)view.length;
    message->DataRepresentation = representation(call);
    message->RpcFlags = (flags & ~RPC_BUFFER_COMPLETE) | (view.complete ? RPC_BUFFER_COMPLETE : 0);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcReceive(RPC_MESSAGE *message, unsigned int size)
{
    struct call *call = server_call(message);
    RPC_STATUS status;

    if (call)
        return call->inflow ? receive_part(message, call, size) : RPC_S_OK;
    if (!(call = client_call(message)))
        return RPC_S_INVALID_BINDING;
    if (call->outflow) {
        status = receive_part(message, call, size);
        if (status && status != RPC_S_ASYNC_CALL_PENDING && waits(message)) {
            if (call_is_final(call))
                errors_take(call);
            end_client_call(message);
        }
        return status;
    }
    if (!call_is_final(call))
        return RPC_S_ASYNC_CALL_PENDING;
    status = call->status;
    if (status) {
        errors_take(call);
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

RPC_STATUS RPC_ENTRY I_RpcAbortAsyncCall(PRPC_ASYNC_STATE async, ULONG code);

/* The name that Wine's export table has for it too. */
RPC_STATUS RPC_ENTRY I_RpcAbortAsyncCall(PRPC_ASYNC_STATE async, ULONG code)
{
    return I_RpcAsyncAbortCall(async, code);
}

RPC_BINDING_HANDLE RPC_ENTRY I_RpcGetCurrentCallHandle(void)
{
    return thread_server_call();
}
