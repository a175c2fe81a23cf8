/*
 * What a server tells of its authentication: SDK pages RpcServerRegisterAuthInfo,
 * RpcServerInqDefaultPrincName. It is kept and told to who asks (RpcMgmtInqServerPrincName); no client can
 * authenticate yet, and a bind that wants to is refused. lock guards the list.
 */
#include "../os/os.h"
#include "../runtime/binding.h"
#include "../runtime/mgmt.h"
#include "text.h"

struct registration {
    struct registration *next;
    ULONG service;
    WCHAR *principal;
    RPC_AUTH_KEY_RETRIEVAL_FN key_function;
    void *argument;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct registration *registrations;

static BOOL known_service(ULONG service)
{
    return service == RPC_C_AUTHN_GSS_NEGOTIATE || service == RPC_C_AUTHN_WINNT ||
           service == RPC_C_AUTHN_GSS_SCHANNEL || service == RPC_C_AUTHN_GSS_KERBEROS ||
           service == RPC_C_AUTHN_DEFAULT;
}

static struct registration *find(ULONG service)
{
    struct registration *registration = registrations;

    while (registration && registration->service != service)
        registration = registration->next;
    return registration;
}

static RPC_STATUS principal_of(ULONG service, char **name)
{
    struct registration *registration;
    WCHAR *copy = NULL;

    AcquireSRWLockShared(&lock);
    registration = find(service);
    if (registration)
        copy = string_copy(registration->principal);
    ReleaseSRWLockShared(&lock);
    if (!registration)
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    return copy ? text_narrow(copy, (unsigned char **)name) : RPC_S_OUT_OF_MEMORY;
}

/* A second registration for a service, whose results the SDK leaves undefined, takes the first one's place.
 */
RPC_STATUS RPC_ENTRY RpcServerRegisterAuthInfoW(RPC_WSTR principal, ULONG service,
                                                RPC_AUTH_KEY_RETRIEVAL_FN key_function, void *argument)
{
    struct registration *registration, *fresh;
    WCHAR *name;

    if (!known_service(service))
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    name = string_copy(principal ? principal : L"");
    fresh = os_alloc_zero(sizeof *fresh);
    if (!name || !fresh) {
        os_free(name);
        os_free(fresh);
        return RPC_S_OUT_OF_MEMORY;
    }
    fresh->service = service;
    AcquireSRWLockExclusive(&lock);
    registration = find(service);
    if (!registration) {
        registration = fresh;
        fresh->next = registrations;
        registrations = fresh;
        fresh = NULL;
    }
    os_free(registration->principal);
    registration->principal = name;
    registration->key_function = key_function;
    registration->argument = argument;
    mgmt_principal = principal_of;
    ReleaseSRWLockExclusive(&lock);
    os_free(fresh);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcServerRegisterAuthInfoA(RPC_CSTR principal, ULONG service,
                                                RPC_AUTH_KEY_RETRIEVAL_FN key_function, void *argument)
{
    WCHAR *wide;
    RPC_STATUS status = text_widen(principal, &wide);

    if (status == RPC_S_OK)
        status = RpcServerRegisterAuthInfoW(wide, service, key_function, argument);
    os_free(wide);
    return status;
}

/* The account that this process runs as, in the form DOMAIN\user. NULL: no memory, or no such function. */
static WCHAR *account_name(void)
{
    enum { SAM_COMPATIBLE = 2 };
    HMODULE secur32 = LoadLibraryW(L"secur32.dll");
    BOOLEAN(WINAPI * get)(int format, WCHAR *name, ULONG *size) = NULL;
    ULONG size = 0;
    WCHAR *name;

    if (secur32)
        get = (BOOLEAN(WINAPI *)(int, WCHAR *, ULONG *))(void *)GetProcAddress(secur32, "GetUserNameExW");
    if (!get)
        return NULL;
    get(SAM_COMPATIBLE, NULL, &size);
    name = os_alloc((size_t)size * sizeof *name + sizeof *name);
    if (name && !get(SAM_COMPATIBLE, name, &size)) {
        os_free(name);
        name = NULL;
    }
    return name;
}

/* The form of the name is unverified on Windows. */
RPC_STATUS RPC_ENTRY RpcServerInqDefaultPrincNameW(ULONG service, RPC_WSTR *principal)
{
    if (!known_service(service))
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    *principal = account_name();
    return *principal ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
}

RPC_STATUS RPC_ENTRY RpcServerInqDefaultPrincNameA(ULONG service, RPC_CSTR *principal)
{
    RPC_WSTR wide;
    RPC_STATUS status = RpcServerInqDefaultPrincNameW(service, &wide);

    return status ? status : text_narrow(wide, principal);
}
