/*
 * The entry points that client stubs call, with arguments as the architecture passes them. On i686 most take
 * the address of the stub's own first argument; on x86_64, and in the newer ones on i686, the arguments
 * themselves follow. Source: MIDL's output and rpcndr.h. No state.
 *
 * They return eight octets on i686 too: CLIENT_CALL_RETURN comes in eax, and a caller that knows more finds
 * the rest in edx.
 */
#define NdrClientCall2     header_NdrClientCall2
#define NdrClientCall3     header_NdrClientCall3
#define NdrClientCall      header_NdrClientCall
#define NdrAsyncClientCall header_NdrAsyncClientCall
#include "client.h"
#include "ndr_async.h"
#undef NdrClientCall2
#undef NdrClientCall3
#undef NdrClientCall
#undef NdrAsyncClientCall

ULONGLONG __cdecl NdrClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);
ULONGLONG __cdecl NdrAsyncClientCall(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);

ULONGLONG NdrClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    return ndr_client_call(desc, format, NDR_STUB_STACK(format), NDR_CALL_STUB, NULL);
}

ULONGLONG NdrAsyncClientCall(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    ndr_async_client_call(desc, format, NDR_STUB_STACK(format), NDR_CALL_STUB);
    return 0;
}

#ifdef __x86_64__

/* As NdrClientCall2, with the arguments' address. */
ULONGLONG NdrpClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack);
ULONGLONG NdrpClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack)
{
    return ndr_client_call(desc, format, stack, 0, NULL);
}

/* The interface may know several transfer syntaxes; its NDR 2.0 description is used. The return value also
 * goes to *result, by its type's size, unless result is NULL. Raises RPC_S_UNSUPPORTED_TRANS_SYN. */
ULONGLONG NdrClientCall3(MIDL_STUBLESS_PROXY_INFO *info, ULONG proc_num, void *result, ...);
ULONGLONG NdrClientCall3(MIDL_STUBLESS_PROXY_INFO *info, ULONG proc_num, void *result, ...)
{
    if (!info->ProcFormatString)
        os_raise(RPC_S_UNSUPPORTED_TRANS_SYN);
    return ndr_client_call(info->pStubDesc, info->ProcFormatString + info->FormatStringOffset[proc_num],
                           NDR_FOLLOWING(result), NDR_CALL_VARARGS, result);
}

#else

ULONGLONG __cdecl NdrClientCall(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);
ULONGLONG NdrClientCall(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    return ndr_client_call(desc, format, NDR_STUB_STACK(format), NDR_CALL_OLD_STYLE, NULL);
}

/* The arguments themselves follow (unverified on Windows: MIDL for Windows 8 and later calls it so). */
ULONGLONG __cdecl NdrClientCall4(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);
ULONGLONG NdrClientCall4(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    return ndr_client_call(desc, format, NDR_FOLLOWING(format), 0, NULL);
}

/* As NdrClientCall4 (unverified on Windows). */
ULONGLONG __cdecl NdrAsyncClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);
ULONGLONG NdrAsyncClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    ndr_async_client_call(desc, format, NDR_FOLLOWING(format), 0);
    return 0;
}

#endif
