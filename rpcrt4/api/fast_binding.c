/*
 * Fast binding handles: SDK pages RpcBindingCreate, RpcBindingBind, RpcBindingUnbind,
 * RPC_BINDING_HANDLE_TEMPLATE_V1, RPC_BINDING_HANDLE_SECURITY_V1, RPC_BINDING_HANDLE_OPTIONS_V1. What misuse
 * is answered with is unverified on Windows. Owns a job for each asynchronous bind; no lock.
 */
#include "../os/os.h"
#include "../runtime/client.h"
#include "handle.h"
#include "message.h"
#include "text.h"

enum { PROTSEQ_LRPC = 3 };                      /* SDK: RPC_PROTSEQ_LRPC */
enum { BHT_OBJECT_UUID_VALID = 1 };             /* RPC_BHT_* */
enum { BHO_NONCAUSAL = 1, BHO_DONTLINGER = 2 }; /* RPC_BHO_* */
enum { MICROSECONDS = 1000 /* in a millisecond */ };

/* An asynchronous bind, on a worker. */
struct bind_job {
    struct os_io io;
    struct binding *binding;
    RPC_CLIENT_INTERFACE *interface;
    struct call *call;
};

static RPC_STATUS check_template(const RPC_BINDING_HANDLE_TEMPLATE *template,
                                 const RPC_BINDING_HANDLE_SECURITY *security,
                                 const RPC_BINDING_HANDLE_OPTIONS *options)
{
    if (!template || template->Version != 1 || template->Flags & ~(ULONG)BHT_OBJECT_UUID_VALID ||
        template->u1.Reserved)
        return RPC_S_INVALID_ARG;
    if (security && security->Version != 1)
        return RPC_S_INVALID_ARG;
    if (options && (options->Version != 1 || options->Flags & ~(ULONG)(BHO_NONCAUSAL | BHO_DONTLINGER)))
        return RPC_S_INVALID_ARG;
    if (options && options->ComTimeout > RPC_C_BINDING_INFINITE_TIMEOUT)
        return RPC_S_INVALID_TIMEOUT;
    /* "The only supported protocol sequences for this API is ncalrpc" */
    return template->ProtocolSequence == PROTSEQ_LRPC ? RPC_S_OK : RPC_S_CANNOT_SUPPORT;
}

static RPC_STATUS secure(struct binding *binding, const RPC_BINDING_HANDLE_SECURITY *security)
{
    return RpcBindingSetAuthInfoExW(binding, security->ServerPrincName, security->AuthnLevel,
                                    security->AuthnSvc, security->AuthIdentity, RPC_C_AUTHZ_NONE,
                                    security->SecurityQos);
}

RPC_STATUS RPC_ENTRY RpcBindingCreateW(RPC_BINDING_HANDLE_TEMPLATE *template,
                                       RPC_BINDING_HANDLE_SECURITY *security,
                                       RPC_BINDING_HANDLE_OPTIONS *options, RPC_BINDING_HANDLE *handle)
{
    RPC_STATUS status = check_template(template, security, options);
    struct binding *binding;

    if (status)
        return status;
    status = binding_create(transport_lrpc.protseq, template->NetworkAddress, template->StringEndpoint, NULL,
                            template->Flags & BHT_OBJECT_UUID_VALID ? &template->ObjectUuid : NULL, &binding);
    if (status)
        return status;
    binding->fast = TRUE;
    binding->unique = TRUE;
    if (options) {
        binding->noncausal = (options->Flags & BHO_NONCAUSAL) != 0;
        binding->dont_linger = (options->Flags & BHO_DONTLINGER) != 0;
        binding->com_timeout = options->ComTimeout;
        binding->call_timeout = (options->CallTimeout + MICROSECONDS - 1) / MICROSECONDS;
    }
    if (security)
        status = secure(binding, security);
    if (status)
        binding_release(binding);
    else
        *handle = binding;
    return status;
}

/* The A structures differ from the W ones in what their pointers point to. */
RPC_STATUS RPC_ENTRY RpcBindingCreateA(RPC_BINDING_HANDLE_TEMPLATE *template,
                                       RPC_BINDING_HANDLE_SECURITY *security,
                                       RPC_BINDING_HANDLE_OPTIONS *options, RPC_BINDING_HANDLE *handle)
{
    RPC_BINDING_HANDLE_TEMPLATE wide_template;
    RPC_BINDING_HANDLE_SECURITY wide_security;
    WCHAR *network = NULL, *endpoint = NULL, *principal = NULL;
    RPC_STATUS status = check_template(template, security, options);

    if (status)
        return status;
    wide_template = *template;
    if (security)
        wide_security = *security;
    status = text_widen((unsigned char *)template->NetworkAddress, &network);
    if (status == RPC_S_OK)
        status = text_widen((unsigned char *)template->StringEndpoint, &endpoint);
    if (status == RPC_S_OK && security)
        status = text_widen((unsigned char *)security->ServerPrincName, &principal);
    wide_template.NetworkAddress = network;
    wide_template.StringEndpoint = endpoint;
    if (security)
        wide_security.ServerPrincName = principal;
    if (status == RPC_S_OK)
        status = RpcBindingCreateW(&wide_template, security ? &wide_security : NULL, options, handle);
    os_free(network);
    os_free(endpoint);
    os_free(principal);
    return status;
}

static RPC_STATUS bind_now(struct binding *binding, RPC_CLIENT_INTERFACE *interface)
{
    RPC_STATUS status = message_find_endpoint(binding, interface);

    return status ? status : fast_binding_bind(binding, &interface->InterfaceId);
}

static void run_job(struct os_io *io, DWORD error, DWORD octets)
{
    struct bind_job *job = CONTAINING_RECORD(io, struct bind_job, io);
    RPC_STATUS status = RPC_S_CALL_CANCELLED;

    (void)error, (void)octets;
    os_worker_leave();
    if (!job->call->cancelled)
        status = bind_now(job->binding, job->interface);
    os_worker_return();
    if (job->call->cancelled) {
        if (status == RPC_S_OK)
            fast_binding_unbind(job->binding);
        status = RPC_S_CALL_CANCELLED;
    }
    call_finish(job->call,
                status == RPC_S_OK               ? CALL_COMPLETE
                : status == RPC_S_CALL_CANCELLED ? CALL_CANCELLED
                                                 : CALL_FAILED,
                status);
    call_release(job->call);
    binding_release(job->binding);
    os_free(job);
}

static RPC_STATUS bind_later(PRPC_ASYNC_STATE async, struct binding *binding, RPC_CLIENT_INTERFACE *interface)
{
    struct bind_job *job = os_alloc_zero(sizeof *job);
    struct call *call = job ? call_create(CALL_CLIENT_MAGIC) : NULL;
    RPC_STATUS status = call ? client_call_set_async(call, async) : RPC_S_OUT_OF_MEMORY;

    if (status) {
        if (call)
            call_release(call);
        os_free(job);
        return status;
    }
    job->io.done = run_job;
    job->binding = binding_ref(binding);
    job->interface = interface;
    job->call = call_ref(call);
    fast_binding_set_call(binding, call);
    if (!os_port_post(&job->io, 0))
        return RPC_S_OK;
    fast_binding_set_call(binding, NULL);
    call_release(job->call);
    binding_release(binding);
    os_free(job);
    return RPC_S_OUT_OF_MEMORY;
}

RPC_STATUS RPC_ENTRY RpcBindingBind(PRPC_ASYNC_STATE async, RPC_BINDING_HANDLE handle, RPC_IF_HANDLE spec)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status)
        return status;
    if (!spec)
        return RPC_S_INVALID_ARG;
    if (!binding->fast || binding->bound)
        return RPC_S_INVALID_BINDING;
    return async ? bind_later(async, binding, spec) : bind_now(binding, spec);
}

RPC_STATUS RPC_ENTRY RpcBindingUnbind(RPC_BINDING_HANDLE handle)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    return status ? status : fast_binding_unbind(binding);
}
