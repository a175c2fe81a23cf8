/*
 * Stubless proxies: methods 3 to 1023 whose vtable entry is one of ours (trampoline_*.S) and which the
 * interpreter runs from the description in front of the vtable. No state.
 */
#include "async_client.h"
#include "../ndr/client.h"

/* Called by the trampolines: arguments begins with the interface pointer; floats as
 * ndr_client_call_method's. Gives the return value and, in *argument_size, what a callee has to take off the
 * stack. */
ULONGLONG com_stubless_call(unsigned char *arguments, unsigned int method, const ULONGLONG *floats,
                            unsigned int *argument_size);
ULONGLONG com_stubless_call(unsigned char *arguments, unsigned int method, const ULONGLONG *floats,
                            unsigned int *argument_size)
{
    struct forwarder *face = *(struct forwarder **)arguments;
    struct async_arguments async = {arguments, method, FALSE};
    const CInterfaceProxyHeader *header = (const CInterfaceProxyHeader *)face->vtable - 1;
    const MIDL_STUBLESS_PROXY_INFO *info = header->pStublessProxyInfo;

    if (proxy_of(face)->call)
        return async_call_method(proxy_of(face), &async, floats, argument_size);
    return ndr_client_call_method(info->pStubDesc, info->ProcFormatString + info->FormatStringOffset[method],
                                  arguments, floats, argument_size);
}
