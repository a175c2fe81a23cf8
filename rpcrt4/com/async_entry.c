/*
 * The entry points that proxies of asynchronous interfaces call where they are not stubless, with arguments
 * as NdrClientCall2 and its kin take them (ndr/entry.c). No state.
 *
 * format describes Begin_X or Finish_X, of which its number alone is wanted: marshalled is X.
 */
#define NdrDcomAsyncClientCall header_NdrDcomAsyncClientCall
#include "async_client.h"
#include "carrier.h"
#include "../ndr/client.h"
#undef NdrDcomAsyncClientCall

ULONGLONG __cdecl NdrDcomAsyncClientCall(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);

struct numbering {
    const MIDL_STUB_DESC *desc;
    PFORMAT_STRING format;
    struct ndr_proc proc;
};

static void decode(void *context)
{
    struct numbering *numbering = context;

    ndr_proc_decode(&numbering->proc, numbering->desc, numbering->format, FALSE);
}

/* A method's HRESULT; never raises. */
static ULONGLONG call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack, BOOL varargs)
{
    struct proxy *proxy = proxy_of(*(void **)stack);
    struct numbering numbering = {desc, format, {0}};
    struct async_arguments arguments = {stack, 0, varargs};
    unsigned int argument_size;
    ULONG code = os_try(decode, &numbering);

    if (code)
        return (ULONG)NdrProxyErrorHandler(code);
    arguments.method = numbering.proc.proc_num;
    ndr_proc_free(&numbering.proc);
    if (!proxy->call || arguments.method < 3)
        return (ULONG)E_INVALIDARG;
    return async_call_method(proxy, &arguments, NULL, &argument_size);
}

ULONGLONG NdrDcomAsyncClientCall(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    return call(desc, format, NDR_STUB_STACK(format), NDR_CALL_STUB & NDR_CALL_VARARGS);
}

#ifndef __x86_64__
/* The arguments themselves follow, as NdrClientCall4's (unverified on Windows). */
ULONGLONG __cdecl NdrDcomAsyncClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...);
ULONGLONG NdrDcomAsyncClientCall2(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, ...)
{
    return call(desc, format, NDR_FOLLOWING(format), FALSE);
}
#endif
