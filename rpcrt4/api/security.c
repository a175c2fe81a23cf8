/*
 * Security information of bindings and servers: SDK, "Binding Handle Authentication". It is kept as it was
 * given and given out again; authentication itself is not there yet, so a call on a binding that asks for
 * some fails rather than going out in the clear (api/message.c). ncalrpc is the exception: its octets never
 * leave this machine.
 */
#include "../os/os.h"
#include "handle.h"
#include "text.h"

/* ---- the client's */

static BOOL known_service(ULONG service)
{
    switch (service) {
    case RPC_C_AUTHN_NONE:
    case RPC_C_AUTHN_GSS_NEGOTIATE:
    case RPC_C_AUTHN_WINNT:
    case RPC_C_AUTHN_GSS_SCHANNEL:
    case RPC_C_AUTHN_GSS_KERBEROS:
    case RPC_C_AUTHN_DEFAULT:
        return TRUE;
    default:
        return FALSE;
    }
}

RPC_STATUS RPC_ENTRY RpcBindingSetAuthInfoExW(RPC_BINDING_HANDLE handle, RPC_WSTR principal, ULONG level,
                                              ULONG service, RPC_AUTH_IDENTITY_HANDLE identity, ULONG authz,
                                              RPC_SECURITY_QOS *qos)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);
    WCHAR *copy;

    if (status)
        return status;
    if (level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY)
        return RPC_S_UNKNOWN_AUTHN_LEVEL;
    if (!known_service(service))
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    if (qos && (qos->Version < RPC_C_SECURITY_QOS_VERSION || qos->Version > 5))
        return RPC_S_INVALID_ARG;
    copy = string_copy(principal);
    if (principal && !copy)
        return RPC_S_OUT_OF_MEMORY;
    AcquireSRWLockExclusive(&binding->lock);
    os_free(binding->principal);
    binding->principal = copy;
    /* SDK, "Authentication-Level Constants": the default is connect; no service means none */
    binding->authn_level = service == RPC_C_AUTHN_NONE          ? RPC_C_AUTHN_LEVEL_NONE
                           : level == RPC_C_AUTHN_LEVEL_DEFAULT ? RPC_C_AUTHN_LEVEL_CONNECT
                                                                : level;
    binding->authn_service = service;
    binding->authz_service = authz;
    binding->identity = identity;
    memset(&binding->qos, 0, sizeof binding->qos);
    if (qos)
        binding->qos = *qos;
    ReleaseSRWLockExclusive(&binding->lock);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcBindingSetAuthInfoExA(RPC_BINDING_HANDLE handle, RPC_CSTR principal, ULONG level,
                                              ULONG service, RPC_AUTH_IDENTITY_HANDLE identity, ULONG authz,
                                              RPC_SECURITY_QOS *qos)
{
    WCHAR *wide;
    RPC_STATUS status = text_widen(principal, &wide);

    if (status == RPC_S_OK)
        status = RpcBindingSetAuthInfoExW(handle, wide, level, service, identity, authz, qos);
    os_free(wide);
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingSetAuthInfoW(RPC_BINDING_HANDLE handle, RPC_WSTR principal, ULONG level,
                                            ULONG service, RPC_AUTH_IDENTITY_HANDLE identity, ULONG authz)
{
    return RpcBindingSetAuthInfoExW(handle, principal, level, service, identity, authz, NULL);
}

RPC_STATUS RPC_ENTRY RpcBindingSetAuthInfoA(RPC_BINDING_HANDLE handle, RPC_CSTR principal, ULONG level,
                                            ULONG service, RPC_AUTH_IDENTITY_HANDLE identity, ULONG authz)
{
    return RpcBindingSetAuthInfoExA(handle, principal, level, service, identity, authz, NULL);
}

/* SDK, RpcBindingInqAuthInfoEx: any of the results may be not wanted (NULL). */
RPC_STATUS RPC_ENTRY RpcBindingInqAuthInfoExW(RPC_BINDING_HANDLE handle, RPC_WSTR *principal, ULONG *level,
                                              ULONG *service, RPC_AUTH_IDENTITY_HANDLE *identity,
                                              ULONG *authz, ULONG qos_version, RPC_SECURITY_QOS *qos)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status)
        return status;
    if (qos && (qos_version < RPC_C_SECURITY_QOS_VERSION || qos_version > 5))
        return RPC_S_INVALID_ARG;
    AcquireSRWLockShared(&binding->lock);
    if (binding->authn_level == RPC_C_AUTHN_LEVEL_NONE)
        status = RPC_S_BINDING_HAS_NO_AUTH;
    else if (principal && !(*principal = string_copy(binding->principal ? binding->principal : L"")))
        status = RPC_S_OUT_OF_MEMORY;
    if (status == RPC_S_OK) {
        if (level)
            *level = binding->authn_level;
        if (service)
            *service = binding->authn_service;
        if (identity)
            *identity = binding->identity;
        if (authz)
            *authz = binding->authz_service;
        if (qos)
            *qos = binding->qos;
    }
    ReleaseSRWLockShared(&binding->lock);
    return status;
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthInfoExA(RPC_BINDING_HANDLE handle, RPC_CSTR *principal, ULONG *level,
                                              ULONG *service, RPC_AUTH_IDENTITY_HANDLE *identity,
                                              ULONG *authz, ULONG qos_version, RPC_SECURITY_QOS *qos)
{
    RPC_WSTR wide = NULL;
    RPC_STATUS status = RpcBindingInqAuthInfoExW(handle, principal ? &wide : NULL, level, service, identity,
                                                 authz, qos_version, qos);

    if (status || !principal)
        return status;
    return text_narrow(wide, principal);
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthInfoW(RPC_BINDING_HANDLE handle, RPC_WSTR *principal, ULONG *level,
                                            ULONG *service, RPC_AUTH_IDENTITY_HANDLE *identity, ULONG *authz)
{
    return RpcBindingInqAuthInfoExW(handle, principal, level, service, identity, authz, 0, NULL);
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthInfoA(RPC_BINDING_HANDLE handle, RPC_CSTR *principal, ULONG *level,
                                            ULONG *service, RPC_AUTH_IDENTITY_HANDLE *identity, ULONG *authz)
{
    return RpcBindingInqAuthInfoExA(handle, principal, level, service, identity, authz, 0, NULL);
}

/* ---- the server's: no client is authenticated */

/* SDK, RpcBindingInqAuthClientEx: NULL is the call that the calling thread serves. */
static RPC_STATUS no_client(RPC_BINDING_HANDLE handle)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    return status ? status : RPC_S_BINDING_HAS_NO_AUTH;
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthClientExW(RPC_BINDING_HANDLE handle, RPC_AUTHZ_HANDLE *privileges,
                                                RPC_WSTR *principal, ULONG *level, ULONG *service,
                                                ULONG *authz, ULONG flags)
{
    (void)privileges, (void)principal, (void)level, (void)service, (void)authz, (void)flags;
    return no_client(handle);
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthClientExA(RPC_BINDING_HANDLE handle, RPC_AUTHZ_HANDLE *privileges,
                                                RPC_CSTR *principal, ULONG *level, ULONG *service,
                                                ULONG *authz, ULONG flags)
{
    (void)privileges, (void)principal, (void)level, (void)service, (void)authz, (void)flags;
    return no_client(handle);
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthClientW(RPC_BINDING_HANDLE handle, RPC_AUTHZ_HANDLE *privileges,
                                              RPC_WSTR *principal, ULONG *level, ULONG *service, ULONG *authz)
{
    return RpcBindingInqAuthClientExW(handle, privileges, principal, level, service, authz, 0);
}

RPC_STATUS RPC_ENTRY RpcBindingInqAuthClientA(RPC_BINDING_HANDLE handle, RPC_AUTHZ_HANDLE *privileges,
                                              RPC_CSTR *principal, ULONG *level, ULONG *service, ULONG *authz)
{
    return RpcBindingInqAuthClientExA(handle, privileges, principal, level, service, authz, 0);
}
