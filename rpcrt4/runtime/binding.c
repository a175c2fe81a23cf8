/*
 * Binding handles of clients. Called by api/binding.c and runtime/client.c.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "association.h"
#include "binding.h"
#include "connection.h"

WCHAR *string_copy(const WCHAR *text)
{
    size_t size;
    WCHAR *copy;

    if (!text)
        return NULL;
    size = (lstrlenW(text) + 1) * sizeof *text;
    copy = os_alloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

RPC_STATUS binding_check(const WCHAR *protseq, const WCHAR *endpoint, const WCHAR *options)
{
    const struct transport_ops *ops = transport_find(protseq);

    if (!ops)
        return RPC_S_PROTSEQ_NOT_SUPPORTED;
    if (*endpoint && !ops->valid_endpoint(endpoint))
        return RPC_S_INVALID_ENDPOINT_FORMAT;
    return ops->valid_options(options) ? RPC_S_OK : RPC_S_INVALID_NETWORK_OPTIONS;
}

RPC_STATUS binding_create(const WCHAR *protseq, const WCHAR *network, const WCHAR *endpoint,
                          const WCHAR *options, const UUID *object, struct binding **result)
{
    const struct transport_ops *ops = transport_find(protseq);
    struct binding *binding;

    if (!ops)
        return RPC_S_PROTSEQ_NOT_SUPPORTED;
    binding = os_alloc_zero(sizeof *binding);
    if (!binding)
        return RPC_S_OUT_OF_MEMORY;
    binding->magic = BINDING_MAGIC;
    binding->refs = 1;
    InitializeSRWLock(&binding->lock);
    binding->ops = ops;
    binding->com_timeout = RPC_C_BINDING_DEFAULT_TIMEOUT;
    binding->authn_level = RPC_C_AUTHN_LEVEL_NONE;
    binding->network = string_copy(network ? network : L"");
    binding->options = string_copy(options ? options : L"");
    if (endpoint && *endpoint)
        binding->endpoint = string_copy(endpoint);
    if (object)
        binding->object = *object;
    if (!binding->network || !binding->options || (endpoint && *endpoint && !binding->endpoint)) {
        binding_release(binding);
        return RPC_S_OUT_OF_MEMORY;
    }
    *result = binding;
    return RPC_S_OK;
}

RPC_STATUS binding_copy(struct binding *from, struct binding **result)
{
    struct binding *copy;
    RPC_STATUS status;

    AcquireSRWLockShared(&from->lock);
    status = binding_create(from->ops->protseq, from->network, from->endpoint, from->options, &from->object,
                            &copy);
    if (status == RPC_S_OK) {
        copy->resolved = from->resolved;
        copy->called = from->called;
        copy->association = from->association ? association_attach(from->association) : NULL;
        copy->com_timeout = from->com_timeout;
        copy->noncausal = from->noncausal;
        copy->dont_linger = from->dont_linger;
        copy->unique = from->unique;
        copy->call_timeout = from->call_timeout;
        copy->principal = string_copy(from->principal);
        copy->authn_level = from->authn_level;
        copy->authn_service = from->authn_service;
        copy->authz_service = from->authz_service;
        copy->identity = from->identity;
        copy->qos = from->qos;
        copy->entry_name = string_copy(from->entry_name);
        copy->fast = from->fast;
        copy->bound = from->bound;
        *result = copy;
    }
    ReleaseSRWLockShared(&from->lock);
    return status;
}

struct binding *binding_ref(struct binding *binding)
{
    InterlockedIncrement(&binding->refs);
    return binding;
}

void binding_keep_context(struct binding *binding)
{
    AcquireSRWLockExclusive(&binding->lock);
    if (binding->association && !binding->has_context) {
        binding->has_context = TRUE;
        InterlockedIncrement(&binding->association->contexts);
    }
    ReleaseSRWLockExclusive(&binding->lock);
}

static void detach(struct association *association, BOOL has_context)
{
    if (has_context)
        InterlockedDecrement(&association->contexts);
    association_detach(association);
}

void binding_release(struct binding *binding)
{
    if (InterlockedDecrement(&binding->refs))
        return;
    binding->magic = 0;
    if (binding->bind_call)
        fast_binding_set_call(binding, NULL);
    if (binding->serial)
        connection_release(binding->serial);
    if (binding->association)
        detach(binding->association, binding->has_context);
    os_free(binding->network);
    os_free(binding->endpoint);
    os_free(binding->options);
    os_free(binding->principal);
    os_free(binding->entry_name);
    os_free(binding);
}

struct binding *binding_from_handle(RPC_BINDING_HANDLE handle)
{
    struct binding *binding = handle;

    return binding && binding->magic == BINDING_MAGIC ? binding : NULL;
}

RPC_STATUS binding_set_endpoint(struct binding *binding, const WCHAR *endpoint)
{
    WCHAR *copy = string_copy(endpoint);

    if (!copy)
        return RPC_S_OUT_OF_MEMORY;
    AcquireSRWLockExclusive(&binding->lock);
    if (!binding->endpoint) {
        binding->endpoint = copy;
        binding->resolved = TRUE;
        copy = NULL;
    }
    ReleaseSRWLockExclusive(&binding->lock);
    os_free(copy);
    return RPC_S_OK;
}

void binding_reset(struct binding *binding)
{
    struct association *association;
    struct connection *serial;
    BOOL has_context;

    /* SDK, RPC_BINDING_HANDLE_TEMPLATE_V1: a fast binding keeps the endpoint that it was made with */
    if (binding->fast && !binding->resolved)
        return;
    AcquireSRWLockExclusive(&binding->lock);
    association = binding->association;
    serial = binding->serial;
    has_context = binding->has_context;
    binding->association = NULL;
    binding->has_context = FALSE;
    binding->serial = NULL;
    os_free(binding->endpoint);
    binding->endpoint = NULL;
    binding->resolved = FALSE;
    binding->bound = FALSE;
    ReleaseSRWLockExclusive(&binding->lock);
    if (serial)
        connection_release(serial);
    if (association)
        detach(association, has_context);
}

BOOL binding_endpoint_from_interface(struct binding *binding, const RPC_CLIENT_INTERFACE *interface)
{
    for (unsigned i = 0; i < interface->RpcProtseqEndpointCount; i++) {
        const RPC_PROTSEQ_ENDPOINT *candidate = &interface->RpcProtseqEndpoint[i];
        WCHAR text[MAX_PATH];

        MultiByteToWideChar(CP_ACP, 0, (char *)candidate->RpcProtocolSequence, -1, text, MAX_PATH);
        if (lstrcmpiW(text, binding->ops->protseq))
            continue;
        MultiByteToWideChar(CP_ACP, 0, (char *)candidate->Endpoint, -1, text, MAX_PATH);
        return !binding_set_endpoint(binding, text);
    }
    return FALSE;
}

/* Those whose time-outs are ignored. */
static BOOL is_classic_local(const struct binding *binding)
{
    return binding->ops == &transport_lrpc && !binding->fast;
}

DWORD binding_call_timeout(const struct binding *binding)
{
    if (!binding->call_timeout || binding->call_timeout >= INFINITE || is_classic_local(binding))
        return INFINITE;
    return (DWORD)binding->call_timeout;
}

DWORD binding_connect_timeout(const struct binding *binding)
{
    unsigned timeout = is_classic_local(binding) ? RPC_C_BINDING_DEFAULT_TIMEOUT : binding->com_timeout;

    return timeout >= RPC_C_BINDING_INFINITE_TIMEOUT ? INFINITE : 1000 + timeout * 6000;
}

RPC_STATUS binding_association(struct binding *binding, struct association **association)
{
    RPC_STATUS status = RPC_S_OK;

    AcquireSRWLockExclusive(&binding->lock);
    if (!binding->association) {
        if (!binding->endpoint)
            status = RPC_S_NO_ENDPOINT_FOUND;
        else if (!(binding->association = association_open(binding)))
            status = RPC_S_OUT_OF_MEMORY;
        else if (binding->dont_linger)
            binding->association->dont_linger = TRUE;
    }
    if (status == RPC_S_OK) {
        *association = association_ref(binding->association);
        binding->called = TRUE;
    }
    ReleaseSRWLockExclusive(&binding->lock);
    return status;
}
