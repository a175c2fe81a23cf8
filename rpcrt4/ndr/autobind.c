/*
 * Automatic handles: finding a server of an interface without being told where it is.
 *
 * The name service (rpcns4.dll, loaded when first asked for) is tried first, as the SDK page "Automatic
 * Binding Handles" says. Where none answers, which is so under Wine, the server is looked for on this
 * machine. No state but the module handle; no lock.
 */
#include "ndr.h"
#include "buffer.h"

typedef RPC_STATUS(RPC_ENTRY *import_begin_fn)(ULONG syntax, RPC_WSTR entry, RPC_IF_HANDLE spec, UUID *object,
                                               RPC_NS_HANDLE *context);
typedef RPC_STATUS(RPC_ENTRY *import_next_fn)(RPC_NS_HANDLE context, RPC_BINDING_HANDLE *binding);
typedef RPC_STATUS(RPC_ENTRY *import_done_fn)(RPC_NS_HANDLE *context);

static RPC_BINDING_HANDLE import_binding(HMODULE module, RPC_IF_HANDLE spec)
{
    import_begin_fn begin = (import_begin_fn)(void *)GetProcAddress(module, "RpcNsBindingImportBeginW");
    import_next_fn next = (import_next_fn)(void *)GetProcAddress(module, "RpcNsBindingImportNext");
    import_done_fn done = (import_done_fn)(void *)GetProcAddress(module, "RpcNsBindingImportDone");
    RPC_NS_HANDLE context = NULL;
    RPC_BINDING_HANDLE binding = NULL;

    if (!begin || !next || !done)
        return NULL;
    if (begin(RPC_C_NS_SYNTAX_DEFAULT, NULL, spec, NULL, &context) != RPC_S_OK)
        return NULL;
    if (next(context, &binding) != RPC_S_OK)
        binding = NULL;
    done(&context);
    return binding;
}

struct import {
    RPC_IF_HANDLE spec;
    HMODULE module;
    RPC_BINDING_HANDLE binding;
};

/* Wine's rpcns4 raises in what it lacks, so this runs under os_try. */
static void try_import(void *context)
{
    struct import *import = context;

    import->module = LoadLibraryW(L"rpcns4.dll");
    if (import->module)
        import->binding = import_binding(import->module, import->spec);
}

static RPC_STATUS bind_local(RPC_CSTR protseq, RPC_CSTR endpoint, RPC_BINDING_HANDLE *binding)
{
    RPC_CSTR text;
    RPC_STATUS status = RpcStringBindingComposeA(NULL, protseq, NULL, endpoint, NULL, &text);

    if (status != RPC_S_OK)
        return status;
    status = RpcBindingFromStringBindingA(text, binding);
    RpcStringFreeA(&text);
    return status;
}

RPC_BINDING_HANDLE ndr_find_server(RPC_CLIENT_INTERFACE *spec)
{
    struct import import = {.spec = spec};
    RPC_BINDING_HANDLE binding = NULL;
    RPC_STATUS status = RPC_S_NO_MORE_BINDINGS;
    unsigned int i;

    os_try(try_import, &import);
    if (import.module)
        FreeLibrary(import.module);
    if (import.binding)
        return import.binding;
    for (i = 0; i < spec->RpcProtseqEndpointCount; i++) {
        status = bind_local(spec->RpcProtseqEndpoint[i].RpcProtocolSequence,
                            spec->RpcProtseqEndpoint[i].Endpoint, &binding);
        if (status == RPC_S_OK)
            return binding;
    }
    if (!spec->RpcProtseqEndpointCount)
        status = bind_local((RPC_CSTR) "ncalrpc", NULL, &binding);
    if (status != RPC_S_OK)
        os_raise(status);
    return binding;
}

RPC_BINDING_HANDLE ndr_automatic_handle(const MIDL_STUB_DESC *desc)
{
    handle_t *shared = desc->IMPLICIT_HANDLE_INFO.pAutoHandle;
    RPC_BINDING_HANDLE handle = *shared, other;

    if (handle)
        return handle;
    handle = ndr_find_server(desc->RpcInterfaceInformation);
    other = InterlockedCompareExchangePointer(shared, handle, NULL);
    if (!other)
        return handle;
    RpcBindingFree(&handle);
    return other;
}
