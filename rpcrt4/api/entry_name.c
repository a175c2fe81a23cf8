/*
 * The name service entry that a binding came from: SDK page RpcNsBindingInqEntryName. The name service itself
 * is another DLL's (rpcns4), which tells the runtime with I_RpcNsBindingSetEntryName (mingw-w64's rpcdcep.h).
 */
#include "../os/os.h"
#include "../runtime/binding.h"
#include "handle.h"
#include "text.h"

enum { SYNTAX_DEFAULT, SYNTAX_DCE = 3 }; /* SDK: RPC_C_NS_SYNTAX_* */

RPC_STATUS RPC_ENTRY RpcNsBindingInqEntryNameW(RPC_BINDING_HANDLE handle, ULONG syntax, RPC_WSTR *name);
RPC_STATUS RPC_ENTRY RpcNsBindingInqEntryNameA(RPC_BINDING_HANDLE handle, ULONG syntax, RPC_CSTR *name);

static RPC_STATUS check_syntax(ULONG syntax)
{
    return syntax == SYNTAX_DEFAULT || syntax == SYNTAX_DCE ? RPC_S_OK : RPC_S_UNSUPPORTED_NAME_SYNTAX;
}

RPC_STATUS RPC_ENTRY I_RpcNsBindingSetEntryNameW(RPC_BINDING_HANDLE handle, ULONG syntax, RPC_WSTR name)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);
    WCHAR *copy, *before;

    if (status == RPC_S_OK)
        status = check_syntax(syntax);
    if (status)
        return status;
    copy = string_copy(name);
    if (name && !copy)
        return RPC_S_OUT_OF_MEMORY;
    AcquireSRWLockExclusive(&binding->lock);
    before = binding->entry_name;
    binding->entry_name = copy;
    ReleaseSRWLockExclusive(&binding->lock);
    os_free(before);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcNsBindingSetEntryNameA(RPC_BINDING_HANDLE handle, ULONG syntax, RPC_CSTR name)
{
    WCHAR *wide;
    RPC_STATUS status = text_widen(name, &wide);

    if (status == RPC_S_OK)
        status = I_RpcNsBindingSetEntryNameW(handle, syntax, wide);
    os_free(wide);
    return status;
}

/* SDK: a binding of no entry gives "" and RPC_S_NO_ENTRY_NAME; name NULL: it is not wanted. */
RPC_STATUS RPC_ENTRY RpcNsBindingInqEntryNameW(RPC_BINDING_HANDLE handle, ULONG syntax, RPC_WSTR *name)
{
    struct binding *binding;
    RPC_STATUS status = handle_binding(handle, &binding);

    if (status == RPC_S_OK)
        status = check_syntax(syntax);
    if (status)
        return status;
    AcquireSRWLockShared(&binding->lock);
    status = binding->entry_name ? RPC_S_OK : RPC_S_NO_ENTRY_NAME;
    if (name && !(*name = string_copy(status ? L"" : binding->entry_name)))
        status = RPC_S_OUT_OF_MEMORY;
    ReleaseSRWLockShared(&binding->lock);
    return status;
}

RPC_STATUS RPC_ENTRY RpcNsBindingInqEntryNameA(RPC_BINDING_HANDLE handle, ULONG syntax, RPC_CSTR *name)
{
    WCHAR *wide = NULL;
    RPC_STATUS status = RpcNsBindingInqEntryNameW(handle, syntax, name ? &wide : NULL);

    if (wide && text_narrow(wide, name))
        return RPC_S_OUT_OF_MEMORY;
    return status;
}
