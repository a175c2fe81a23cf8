/*
 * Binding handles: SDK header rpcdce.h, "RPC Binding". A handle is a client's binding or a server's call;
 * some functions take either.
 */
#include "../os/os.h"
#include "../runtime/association.h"
#include "../runtime/binding.h"
#include "../runtime/connection.h"
#include "../runtime/server.h"
#include "../runtime/thread.h"
#include "handle.h"
#include "text.h"

RPC_STATUS RPC_ENTRY RpcBindingFromStringBindingW(RPC_WSTR text, RPC_BINDING_HANDLE *handle)
{
    RPC_WSTR object = NULL, protseq = NULL, network = NULL, endpoint = NULL, options = NULL;
    RPC_STATUS status = RpcStringBindingParseW(text, &object, &protseq, &network, &endpoint, &options);
    struct binding *binding;
    UUID uuid = {0};

    if (status == RPC_S_OK && *object)
        status = UuidFromStringW(object, &uuid);
    if (status == RPC_S_OK)
        status = binding_check(protseq, endpoint, options);
    if (status == RPC_S_OK)
        status = binding_create(protseq, network, endpoint, options, &uuid, &binding);
    if (status == RPC_S_OK)
        *handle = binding;
    RpcStringFreeW(&object);
    RpcStringFreeW(&protseq);
    RpcStringFreeW(&network);
    RpcStringFreeW(&endpoint);
    RpcStringFreeW(&options);
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingFromStringBindingA(RPC_CSTR text, RPC_BINDING_HANDLE *handle)
{
    WCHAR *wide;
    RPC_STATUS status = text_widen(text, &wide);

    if (status == RPC_S_OK)
        status = RpcBindingFromStringBindingW(wide, handle);
    os_free(wide);
    return status;
}

static RPC_STATUS compose(const UUID *object, const WCHAR *protseq, const WCHAR *network,
                          const WCHAR *endpoint, const WCHAR *options, RPC_WSTR *text)
{
    RPC_WSTR uuid = NULL;
    RPC_STATUS status = RPC_S_OK;

    if (memcmp(object, &uuid_nil, sizeof *object))
        status = UuidToStringW((UUID *)object, &uuid);
    if (status == RPC_S_OK)
        status = RpcStringBindingComposeW(uuid, (RPC_WSTR)protseq, (RPC_WSTR)network, (RPC_WSTR)endpoint,
                                          (RPC_WSTR)options, text);
    if (uuid)
        RpcStringFreeW(&uuid);
    return status;
}

/* A server's handle gives the client's address without an endpoint, as on Windows. */
static RPC_STATUS server_to_string(struct call *call, RPC_WSTR *text)
{
    struct transport_conn *transport = call->connection->transport;
    WCHAR network[256];

    if (transport->ops->peer_address(transport, network, ARRAYSIZE(network)))
        *network = 0;
    return compose(&call->object, transport->ops->protseq, network, NULL, NULL, text);
}

RPC_STATUS RPC_ENTRY RpcBindingToStringBindingW(RPC_BINDING_HANDLE handle, RPC_WSTR *text)
{
    struct call *call = call_from_handle(handle, CALL_SERVER_MAGIC);
    struct binding *binding;
    RPC_STATUS status;

    if (text)
        *text = NULL;
    if (call)
        return server_to_string(call, text);
    status = handle_binding(handle, &binding);
    if (status)
        return status;
    AcquireSRWLockShared(&binding->lock);
    status = compose(&binding->object, binding->ops->protseq, binding->network, binding->endpoint,
                     binding->options, text);
    ReleaseSRWLockShared(&binding->lock);
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingToStringBindingA(RPC_BINDING_HANDLE handle, RPC_CSTR *text)
{
    RPC_WSTR wide;
    RPC_STATUS status = RpcBindingToStringBindingW(handle, text ? &wide : NULL);

    if (text)
        *text = NULL;
    return status || !text ? status : text_narrow(wide, text);
}

RPC_STATUS RPC_ENTRY RpcBindingCopy(RPC_BINDING_HANDLE source, RPC_BINDING_HANDLE *destination)
{
    struct binding *binding, *copy;
    RPC_STATUS status = handle_binding(source, &binding);

    if (status == RPC_S_OK)
        status = binding_copy(binding, &copy);
    if (status == RPC_S_OK)
        *destination = copy;
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcBindingCopy(RPC_BINDING_HANDLE source, RPC_BINDING_HANDLE *destination)
{
    return RpcBindingCopy(source, destination);
}

RPC_STATUS RPC_ENTRY RpcBindingFree(RPC_BINDING_HANDLE *handle)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(*handle, &binding);

    if (status)
        return status;
    *handle = NULL;
    /* Other DLLs do this in their last moments, where the locks of a connection may be nobody's any more. */
    if (!os_process_ends())
        binding_release(binding);
    return RPC_S_OK;
}

/* Frees what can be freed, and gives the status of the first handle that cannot. */
RPC_STATUS RPC_ENTRY RpcBindingVectorFree(RPC_BINDING_VECTOR **vector)
{
    RPC_STATUS status = RPC_S_OK, freed;

    if (!vector || !*vector)
        return RPC_S_INVALID_ARG;
    for (ULONG i = 0; i < (*vector)->Count; i++) {
        freed = (*vector)->BindingH[i] ? RpcBindingFree(&(*vector)->BindingH[i]) : RPC_S_OK;
        if (status == RPC_S_OK)
            status = freed;
    }
    os_free(*vector);
    *vector = NULL;
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingReset(RPC_BINDING_HANDLE handle)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status == RPC_S_OK)
        binding_reset(binding);
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingSetObject(RPC_BINDING_HANDLE handle, UUID *object)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status)
        return status;
    AcquireSRWLockExclusive(&binding->lock);
    binding->object = object ? *object : uuid_nil;
    ReleaseSRWLockExclusive(&binding->lock);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcBindingInqObject(RPC_BINDING_HANDLE handle, UUID *object)
{
    struct call *call = call_from_handle(handle, CALL_SERVER_MAGIC);
    struct binding *binding;
    RPC_STATUS status;

    if (call) {
        *object = call->object;
        return RPC_S_OK;
    }
    status = handle_binding(handle, &binding);
    if (status)
        return status;
    AcquireSRWLockShared(&binding->lock);
    *object = binding->object;
    ReleaseSRWLockShared(&binding->lock);
    return RPC_S_OK;
}

/* ---- options (SDK: "Binding Option Constants")
 *
 * RPC_C_OPT_COOKIE_AUTH and RPC_C_OPT_SESSION_ID are ncacn_http's (the first takes the cookies of an HTTP
 * session, the second is theirs); the RPC_C_OPT_MQ_* were ncadg_mq's; the others are Microsoft's own. All of
 * those get RPC_S_CANNOT_SUPPORT: "not supported for either the operating system or the transport". The page
 * of RpcBindingSetOption gives that to "any protocol sequence other than ncacn_*" too, where the table of the
 * options says that ncalrpc has them: the table holds here, unverified on Windows. */

static ULONG_PTR *option_of(struct binding *binding, ULONG option)
{
    switch (option) {
    case RPC_C_OPT_BINDING_NONCAUSAL:
        return &binding->noncausal;
    case RPC_C_OPT_DONT_LINGER:
        return &binding->dont_linger;
    case RPC_C_OPT_UNIQUE_BINDING:
        return &binding->unique;
    case RPC_C_OPT_CALL_TIMEOUT:
        return &binding->call_timeout;
    default:
        return NULL;
    }
}

RPC_STATUS RPC_ENTRY RpcBindingSetOption(RPC_BINDING_HANDLE handle, ULONG option, ULONG_PTR value)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);
    ULONG_PTR *place;

    if (status)
        return status;
    if (!(place = option_of(binding, option)))
        return RPC_S_CANNOT_SUPPORT;
    AcquireSRWLockExclusive(&binding->lock);
    /* SDK: for an association that a call was made on, and good for all of it. */
    if (option == RPC_C_OPT_DONT_LINGER && !binding->association)
        status = RPC_S_WRONG_KIND_OF_BINDING;
    else
        *place = value;
    if (status == RPC_S_OK && option == RPC_C_OPT_DONT_LINGER)
        binding->association->dont_linger = value != 0;
    ReleaseSRWLockExclusive(&binding->lock);
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingInqOption(RPC_BINDING_HANDLE handle, ULONG option, ULONG_PTR *value)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);
    ULONG_PTR *place;

    if (status)
        return status;
    if (!(place = option_of(binding, option)))
        return RPC_S_CANNOT_SUPPORT;
    AcquireSRWLockShared(&binding->lock);
    *value = *place;
    if (option == RPC_C_OPT_DONT_LINGER && binding->association)
        *value = binding->association->dont_linger != 0;
    ReleaseSRWLockShared(&binding->lock);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcMgmtInqComTimeout(RPC_BINDING_HANDLE handle, unsigned int *timeout)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status == RPC_S_OK)
        *timeout = binding->com_timeout;
    return status;
}

RPC_STATUS RPC_ENTRY RpcMgmtSetComTimeout(RPC_BINDING_HANDLE handle, unsigned int timeout)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status)
        return status;
    if (timeout > RPC_C_BINDING_INFINITE_TIMEOUT)
        return RPC_S_INVALID_TIMEOUT;
    binding->com_timeout = timeout;
    return RPC_S_OK;
}

/* ---- what a server learns of its caller */

RPC_STATUS RPC_ENTRY RpcBindingServerFromClient(RPC_BINDING_HANDLE handle, RPC_BINDING_HANDLE *server)
{
    struct transport_conn *transport;
    struct binding *binding;
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);
    WCHAR network[256];

    if (status)
        return status;
    transport = call->connection->transport;
    if (transport->ops->peer_address(transport, network, ARRAYSIZE(network)))
        return RPC_S_CANNOT_SUPPORT;
    status = binding_create(transport->ops->protseq, network, NULL, NULL, &call->object, &binding);
    if (status == RPC_S_OK)
        *server = binding;
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcBindingInqLocalClientPID(RPC_BINDING_HANDLE handle, ULONG *pid)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status)
        return status;
    return call->connection->transport->ops->peer_process(call->connection->transport, pid)
               ? RPC_S_CANNOT_SUPPORT
               : RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcBindingInqTransportType(RPC_BINDING_HANDLE handle, unsigned int *type)
{
    struct call *call = call_from_handle(handle, CALL_SERVER_MAGIC);
    struct binding *binding = binding_from_handle(handle);

    if (!call && !binding)
        return RPC_S_INVALID_BINDING;
    *type = call ? call->connection->transport->ops->type : binding->ops->type;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcImpersonateClient(RPC_BINDING_HANDLE handle)
{
    struct transport_conn *transport;
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status)
        return status;
    transport = call->connection->transport;
    return transport->ops->impersonate(transport) ? RPC_S_CANNOT_SUPPORT : RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcRevertToSelf(void)
{
    return RevertToSelf() ? RPC_S_OK : RPC_S_NO_CALL_ACTIVE;
}

RPC_STATUS RPC_ENTRY RpcRevertToSelfEx(RPC_BINDING_HANDLE handle)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    return status ? status : RpcRevertToSelf();
}

RPC_STATUS RPC_ENTRY RpcServerInqBindingHandle(RPC_BINDING_HANDLE *handle);

/* SDK, RpcServerInqBindingHandle: the call that the calling thread serves. */
RPC_STATUS RPC_ENTRY RpcServerInqBindingHandle(RPC_BINDING_HANDLE *handle)
{
    *handle = thread_server_call();
    return *handle ? RPC_S_OK : RPC_S_NO_CALL_ACTIVE;
}

RPC_STATUS RPC_ENTRY I_RpcBindingIsClientLocal(RPC_BINDING_HANDLE handle, unsigned int *local)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);
    ULONG pid;

    if (status)
        return status;
    *local = !call->connection->transport->ops->peer_process(call->connection->transport, &pid);
    return RPC_S_OK;
}
