/*
 * What the runtime's own neighbours ask of a binding or an interface: mingw-w64's rpcdcep.h. No page of the
 * SDK tells more of these functions than their names and parameters; what goes beyond that is unverified on
 * Windows. Owns nothing.
 */
#include "../os/os.h"
#include <rpc.h>
#include <rpcndr.h>
#include "../runtime/binding.h"
#include "handle.h"
#include "text.h"

RPC_STATUS RPC_ENTRY I_RpcBindingIsServerLocal(RPC_BINDING_HANDLE handle, unsigned int *local);

/* ncalrpc stays on this machine, and so does who names none. */
RPC_STATUS RPC_ENTRY I_RpcBindingIsServerLocal(RPC_BINDING_HANDLE handle, unsigned int *local)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status == RPC_S_OK)
        *local = binding->ops == &transport_lrpc || !*binding->network;
    return status;
}

/* The endpoint that was found for the binding; NULL where it has none, or was made with it. */
RPC_STATUS RPC_ENTRY I_RpcBindingInqDynamicEndpointW(RPC_BINDING_HANDLE handle, RPC_WSTR *endpoint)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);
    BOOL dynamic;

    if (status)
        return status;
    AcquireSRWLockShared(&binding->lock);
    dynamic = binding->resolved && binding->endpoint;
    *endpoint = dynamic ? string_copy(binding->endpoint) : NULL;
    ReleaseSRWLockShared(&binding->lock);
    return dynamic && !*endpoint ? RPC_S_OUT_OF_MEMORY : RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcBindingInqDynamicEndpointA(RPC_BINDING_HANDLE handle, RPC_CSTR *endpoint)
{
    RPC_WSTR wide;
    RPC_STATUS status = I_RpcBindingInqDynamicEndpointW(handle, &wide);

    return status ? status : text_narrow(wide, endpoint);
}

/* The string binding without what was found for it. */
RPC_STATUS RPC_ENTRY I_RpcBindingToStaticStringBindingW(RPC_BINDING_HANDLE handle, RPC_WSTR *text)
{
    struct binding *binding = binding_from_handle(handle), *copy;
    RPC_STATUS status;

    if (!binding || !binding->resolved)
        return RpcBindingToStringBindingW(handle, text);
    status = binding_copy(binding, &copy);
    if (status)
        return status;
    binding_reset(copy);
    status = RpcBindingToStringBindingW(copy, text);
    binding_release(copy);
    return status;
}

/* The transfer syntaxes of an interface: its own, or those of its stubs that know several. size: how many
 * there is room for. */
RPC_STATUS RPC_ENTRY I_RpcIfInqTransferSyntaxes(RPC_IF_HANDLE handle, RPC_TRANSFER_SYNTAX *syntaxes,
                                                unsigned int size, unsigned int *count)
{
    const RPC_SERVER_INTERFACE *interface = handle;
    const MIDL_SERVER_INFO *info = NULL;

    /* the members up to Flags are older than these */
    if (interface->Length >= sizeof *interface && interface->Flags & RPCFLG_HAS_MULTI_SYNTAXES)
        info = interface->InterpreterInfo;
    *count = info ? (unsigned)info->nCount : 1;
    if (size < *count)
        return RPC_S_BUFFER_TOO_SMALL;
    if (!info)
        memcpy(syntaxes, &interface->TransferSyntax, sizeof *syntaxes);
    for (unsigned i = 0; info && i < *count; i++)
        memcpy(&syntaxes[i], &info->pSyntaxInfo[i].TransferSyntax, sizeof *syntaxes);
    return RPC_S_OK;
}
