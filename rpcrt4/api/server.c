/*
 * Servers: SDK header rpcdce.h, "RPC Server". Endpoints, interfaces, objects, listening.
 */
#include "../os/os.h"
#include "../runtime/binding.h"
#include "../runtime/server.h"
#include "bindings.h"
#include "handle.h"
#include "text.h"

/* ---- endpoints */

/* SDK, RPC_POLICY. */
static unsigned policy_flags(const RPC_POLICY *policy)
{
    unsigned flags = 0;

    if (policy && policy->EndpointFlags & RPC_C_USE_INTERNET_PORT)
        flags |= TRANSPORT_INTERNET_PORT;
    else if (policy && policy->EndpointFlags & RPC_C_USE_INTRANET_PORT)
        flags |= TRANSPORT_INTRANET_PORT;
    if (policy && policy->NICFlags & RPC_C_BIND_TO_ALL_NICS)
        flags |= TRANSPORT_ALL_INTERFACES;
    return flags;
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqEpExW(RPC_WSTR protseq, unsigned int max_calls, RPC_WSTR endpoint,
                                              void *security_descriptor, PRPC_POLICY policy)
{
    if (policy && policy->Length < sizeof *policy)
        return RPC_S_INVALID_BOUND; /* that it fails so is unverified on Windows */
    return server_use(protseq, endpoint, max_calls, policy_flags(policy), security_descriptor);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqEpExA(RPC_CSTR protseq, unsigned int max_calls, RPC_CSTR endpoint,
                                              void *security_descriptor, PRPC_POLICY policy)
{
    WCHAR *wide_protseq = NULL, *wide_endpoint = NULL;
    RPC_STATUS status = text_widen(protseq, &wide_protseq);

    if (status == RPC_S_OK)
        status = text_widen(endpoint, &wide_endpoint);
    if (status == RPC_S_OK)
        status =
            RpcServerUseProtseqEpExW(wide_protseq, max_calls, wide_endpoint, security_descriptor, policy);
    os_free(wide_protseq);
    os_free(wide_endpoint);
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqEpW(RPC_WSTR protseq, unsigned int max_calls, RPC_WSTR endpoint,
                                            void *security_descriptor)
{
    return RpcServerUseProtseqEpExW(protseq, max_calls, endpoint, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqEpA(RPC_CSTR protseq, unsigned int max_calls, RPC_CSTR endpoint,
                                            void *security_descriptor)
{
    return RpcServerUseProtseqEpExA(protseq, max_calls, endpoint, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqW(RPC_WSTR protseq, unsigned int max_calls, void *security_descriptor)
{
    return RpcServerUseProtseqEpExW(protseq, max_calls, NULL, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqA(RPC_CSTR protseq, unsigned int max_calls, void *security_descriptor)
{
    return RpcServerUseProtseqEpExA(protseq, max_calls, NULL, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqExW(RPC_WSTR protseq, unsigned int max_calls,
                                            void *security_descriptor, PRPC_POLICY policy)
{
    return RpcServerUseProtseqEpExW(protseq, max_calls, NULL, security_descriptor, policy);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqExA(RPC_CSTR protseq, unsigned int max_calls,
                                            void *security_descriptor, PRPC_POLICY policy)
{
    return RpcServerUseProtseqEpExA(protseq, max_calls, NULL, security_descriptor, policy);
}

/* The endpoints that the interface names, for one protocol sequence or (NULL) for all that are supported:
 * SDK, RpcServerUseAllProtseqsIf, RPC_S_NO_PROTSEQS is "there are no supported protocol sequences". */
static RPC_STATUS use_interface(const char *protseq, unsigned max_calls, RPC_IF_HANDLE spec,
                                void *security_descriptor, PRPC_POLICY policy)
{
    RPC_SERVER_INTERFACE *interface = spec;
    RPC_STATUS status = protseq ? RPC_S_PROTSEQ_NOT_FOUND : RPC_S_NO_PROTSEQS, used;

    for (unsigned i = 0; i < interface->RpcProtseqEndpointCount; i++) {
        RPC_PROTSEQ_ENDPOINT *named = &interface->RpcProtseqEndpoint[i];

        if (protseq && lstrcmpiA(protseq, (char *)named->RpcProtocolSequence))
            continue;
        used = RpcServerUseProtseqEpExA(named->RpcProtocolSequence, max_calls, named->Endpoint,
                                        security_descriptor, policy);
        if (!protseq && used == RPC_S_PROTSEQ_NOT_SUPPORTED)
            continue;
        status = used;
        if (status)
            break;
    }
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqIfExA(RPC_CSTR protseq, unsigned int max_calls, RPC_IF_HANDLE spec,
                                              void *security_descriptor, PRPC_POLICY policy)
{
    return use_interface((char *)protseq, max_calls, spec, security_descriptor, policy);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqIfExW(RPC_WSTR protseq, unsigned int max_calls, RPC_IF_HANDLE spec,
                                              void *security_descriptor, PRPC_POLICY policy)
{
    WCHAR *copy = string_copy(protseq);
    unsigned char *ansi = NULL;
    RPC_STATUS status = copy ? text_narrow(copy, &ansi) : RPC_S_OUT_OF_MEMORY;

    if (status == RPC_S_OK)
        status = use_interface((char *)ansi, max_calls, spec, security_descriptor, policy);
    os_free(ansi);
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqIfA(RPC_CSTR protseq, unsigned int max_calls, RPC_IF_HANDLE spec,
                                            void *security_descriptor)
{
    return RpcServerUseProtseqIfExA(protseq, max_calls, spec, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseProtseqIfW(RPC_WSTR protseq, unsigned int max_calls, RPC_IF_HANDLE spec,
                                            void *security_descriptor)
{
    return RpcServerUseProtseqIfExW(protseq, max_calls, spec, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseAllProtseqsIfEx(unsigned int max_calls, RPC_IF_HANDLE spec,
                                                 void *security_descriptor, PRPC_POLICY policy)
{
    return use_interface(NULL, max_calls, spec, security_descriptor, policy);
}

RPC_STATUS RPC_ENTRY RpcServerUseAllProtseqsIf(unsigned int max_calls, RPC_IF_HANDLE spec,
                                               void *security_descriptor)
{
    return use_interface(NULL, max_calls, spec, security_descriptor, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerUseAllProtseqsEx(unsigned int max_calls, void *security_descriptor,
                                               PRPC_POLICY policy)
{
    const struct transport_ops *ops;
    RPC_STATUS status = RPC_S_NO_PROTSEQS;

    for (unsigned i = 0; (ops = transport_at(i)); i++) {
        status = RpcServerUseProtseqExW((RPC_WSTR)ops->protseq, max_calls, security_descriptor, policy);
        if (status)
            break;
    }
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerUseAllProtseqs(unsigned int max_calls, void *security_descriptor)
{
    return RpcServerUseAllProtseqsEx(max_calls, security_descriptor, NULL);
}

/* ---- mingw-w64's rpcdcep.h: endpoints on one network address alone, which no transport here can do. */

RPC_STATUS RPC_ENTRY I_RpcServerUseProtseqEp2W(RPC_WSTR network, RPC_WSTR protseq, unsigned int max_calls,
                                               RPC_WSTR endpoint, void *security_descriptor, void *policy)
{
    if (network && *network)
        return RPC_S_CANNOT_SUPPORT;
    return RpcServerUseProtseqEpExW(protseq, max_calls, endpoint, security_descriptor, policy);
}

RPC_STATUS RPC_ENTRY I_RpcServerUseProtseqEp2A(RPC_CSTR network, RPC_CSTR protseq, unsigned int max_calls,
                                               RPC_CSTR endpoint, void *security_descriptor, void *policy)
{
    if (network && *network)
        return RPC_S_CANNOT_SUPPORT;
    return RpcServerUseProtseqEpExA(protseq, max_calls, endpoint, security_descriptor, policy);
}

RPC_STATUS RPC_ENTRY I_RpcServerUseProtseq2W(RPC_WSTR network, RPC_WSTR protseq, unsigned int max_calls,
                                             void *security_descriptor, void *policy)
{
    return I_RpcServerUseProtseqEp2W(network, protseq, max_calls, NULL, security_descriptor, policy);
}

RPC_STATUS RPC_ENTRY I_RpcServerUseProtseq2A(RPC_CSTR network, RPC_CSTR protseq, unsigned int max_calls,
                                             void *security_descriptor, void *policy)
{
    return I_RpcServerUseProtseqEp2A(network, protseq, max_calls, NULL, security_descriptor, policy);
}

/* ---- bindings */

static void each_of_all(server_each_address *each, void *all, void *context)
{
    (void)context;
    server_addresses(each, all);
}

RPC_STATUS RPC_ENTRY RpcServerInqBindings(RPC_BINDING_VECTOR **vector)
{
    return bindings_collect(each_of_all, NULL, vector);
}

/* Those that were opened with this security descriptor; of newer headers than mingw-w64's, and documented
 * nowhere: unverified on Windows. */
struct with_descriptor {
    const void *descriptor;
    server_each_address *each;
    void *all;
};

static void if_descriptor(struct server_address *address, const WCHAR *network, void *context)
{
    const struct with_descriptor *with = context;

    if (server_address_has_descriptor(address, with->descriptor))
        with->each(address, network, with->all);
}

static void each_with_descriptor(server_each_address *each, void *all, void *context)
{
    struct with_descriptor with = {.descriptor = context, .each = each, .all = all};

    server_addresses(if_descriptor, &with);
}

RPC_STATUS RPC_ENTRY RpcServerInqBindingsEx(void *security_descriptor, RPC_BINDING_VECTOR **vector);

RPC_STATUS RPC_ENTRY RpcServerInqBindingsEx(void *security_descriptor, RPC_BINDING_VECTOR **vector)
{
    return security_descriptor ? bindings_collect(each_with_descriptor, security_descriptor, vector)
                               : RpcServerInqBindings(vector);
}

/* ---- interfaces and objects */

RPC_STATUS RPC_ENTRY RpcServerRegisterIf3(RPC_IF_HANDLE spec, UUID *type, RPC_MGR_EPV *epv,
                                          unsigned int flags, unsigned int max_calls, unsigned int max_size,
                                          RPC_IF_CALLBACK_FN *callback, void *security_descriptor)
{
    return server_register(NULL, spec, type, epv, flags, max_calls, max_size, callback, security_descriptor);
}

RPC_STATUS RPC_ENTRY RpcServerRegisterIf2(RPC_IF_HANDLE spec, UUID *type, RPC_MGR_EPV *epv,
                                          unsigned int flags, unsigned int max_calls, unsigned int max_size,
                                          RPC_IF_CALLBACK_FN *callback)
{
    return server_register(NULL, spec, type, epv, flags, max_calls, max_size, callback, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerRegisterIfEx(RPC_IF_HANDLE spec, UUID *type, RPC_MGR_EPV *epv,
                                           unsigned int flags, unsigned int max_calls,
                                           RPC_IF_CALLBACK_FN *callback)
{
    return server_register(NULL, spec, type, epv, flags, max_calls, (unsigned)-1, callback, NULL);
}

RPC_STATUS RPC_ENTRY RpcServerRegisterIf(RPC_IF_HANDLE spec, UUID *type, RPC_MGR_EPV *epv)
{
    return server_register(NULL, spec, type, epv, 0, RPC_C_LISTEN_MAX_CALLS_DEFAULT, (unsigned)-1, NULL,
                           NULL);
}

RPC_STATUS RPC_ENTRY RpcServerCompleteSecurityCallback(RPC_BINDING_HANDLE handle, RPC_STATUS verdict);

/* What it answers for a call that awaits nothing is unverified on Windows. */
RPC_STATUS RPC_ENTRY RpcServerCompleteSecurityCallback(RPC_BINDING_HANDLE handle, RPC_STATUS verdict)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    return status ? status : server_call_clear(call, verdict);
}

RPC_STATUS RPC_ENTRY RpcServerUnregisterIf(RPC_IF_HANDLE spec, UUID *type, unsigned int wait)
{
    return server_unregister(NULL, spec, type, wait != 0);
}

RPC_STATUS RPC_ENTRY RpcServerInqIf(RPC_IF_HANDLE spec, UUID *type, RPC_MGR_EPV **epv)
{
    return server_inq_manager(spec, type, epv);
}

RPC_STATUS RPC_ENTRY RpcObjectSetType(UUID *object, UUID *type)
{
    if (!object || !memcmp(object, &uuid_nil, sizeof *object))
        return RPC_S_INVALID_OBJECT;
    return server_object_set_type(object, type);
}

RPC_STATUS RPC_ENTRY RpcObjectInqType(UUID *object, UUID *type)
{
    UUID unwanted;

    return server_object_inq_type(object, type ? type : &unwanted);
}

RPC_STATUS RPC_ENTRY RpcObjectSetInqFn(RPC_OBJECT_INQ_FN *inquiry)
{
    server_object_set_inquiry(inquiry);
    return RPC_S_OK;
}

/* ---- listening */

RPC_STATUS RPC_ENTRY RpcServerListen(unsigned int minimum_threads, unsigned int max_calls,
                                     unsigned int dont_wait)
{
    return server_listen(minimum_threads, max_calls, !dont_wait);
}

RPC_STATUS RPC_ENTRY RpcMgmtWaitServerListen(void)
{
    return server_wait();
}

void RPC_ENTRY RpcServerYield(void)
{
    SwitchToThread();
}
