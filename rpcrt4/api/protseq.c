/*
 * Protocol sequences, SDK pages RpcNetworkIsProtseqValid, RpcNetworkInqProtseqs, RpcProtseqVectorFree. Owns
 * nothing: vectors are their caller's.
 */
#include "text.h"
#include "../transport/transport.h"

#include <rpc.h>

static BOOL same(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, FALSE) == CSTR_EQUAL;
}

/* SDK page "Protocol Sequence Constants": what is a protocol sequence, though none of ours. */
static BOOL is_known(const WCHAR *protseq)
{
    static const WCHAR *const known[] = {
        L"ncacn_nb_tcp", L"ncacn_nb_ipx", L"ncacn_nb_nb",    L"ncacn_ip_tcp",  L"ncacn_np",
        L"ncacn_spx",    L"ncacn_at_dsp", L"ncacn_dnet_nsp", L"ncacn_vns_spp", L"ncacn_http",
        L"ncadg_ip_udp", L"ncadg_ipx",    L"ncadg_mq",       L"ncalrpc",       L"ncacn_hvsocket",
    };
    unsigned i;

    for (i = 0; i < ARRAYSIZE(known); i++)
        if (same(protseq, known[i]))
            return TRUE;
    return FALSE;
}

RPC_STATUS RPC_ENTRY RpcNetworkIsProtseqValidW(RPC_WSTR protseq)
{
    const struct transport_ops *transport = transport_find(protseq);

    /* Lower case alone: unverified on Windows; Wine's own has it so. */
    if (transport && same(transport->protseq, protseq))
        return RPC_S_OK;
    return is_known(protseq) ? RPC_S_PROTSEQ_NOT_SUPPORTED : RPC_S_INVALID_RPC_PROTSEQ;
}

RPC_STATUS RPC_ENTRY RpcNetworkIsProtseqValidA(RPC_CSTR protseq)
{
    WCHAR *wide;
    RPC_STATUS status = text_widen(protseq, &wide);

    if (status == RPC_S_OK)
        status = RpcNetworkIsProtseqValidW(wide);
    os_free(wide);
    return status;
}

RPC_STATUS RPC_ENTRY RpcNetworkInqProtseqsW(RPC_PROTSEQ_VECTORW **vector)
{
    const struct transport_ops *transport;
    unsigned count = 0;

    while (transport_at(count))
        count++;
    *vector = os_alloc_zero(FIELD_OFFSET(RPC_PROTSEQ_VECTORW, Protseq[count]));
    if (!*vector)
        return RPC_S_OUT_OF_MEMORY;
    for (; (transport = transport_at((*vector)->Count)); (*vector)->Count++) {
        WCHAR *copy = text_copy(transport->protseq, (size_t)lstrlenW(transport->protseq));

        if (!copy) {
            RpcProtseqVectorFreeW(vector);
            return RPC_S_OUT_OF_MEMORY;
        }
        (*vector)->Protseq[(*vector)->Count] = copy;
    }
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcNetworkInqProtseqsA(RPC_PROTSEQ_VECTORA **vector)
{
    RPC_PROTSEQ_VECTORW *wide;
    RPC_STATUS status = RpcNetworkInqProtseqsW(&wide);

    *vector = NULL;
    if (status)
        return status;
    *vector = os_alloc_zero(FIELD_OFFSET(RPC_PROTSEQ_VECTORA, Protseq[wide->Count]));
    if (!*vector)
        status = RPC_S_OUT_OF_MEMORY;
    for (; !status && (*vector)->Count < wide->Count; (*vector)->Count++) {
        status = text_narrow(wide->Protseq[(*vector)->Count], &(*vector)->Protseq[(*vector)->Count]);
        wide->Protseq[(*vector)->Count] = NULL; /* text_narrow has freed it */
    }
    RpcProtseqVectorFreeW(&wide);
    if (status && *vector)
        RpcProtseqVectorFreeA(vector);
    return status;
}

RPC_STATUS RPC_ENTRY RpcProtseqVectorFreeW(RPC_PROTSEQ_VECTORW **vector)
{
    unsigned i;

    if (!*vector)
        return RPC_S_OK;
    for (i = 0; i < (*vector)->Count; i++)
        os_free((*vector)->Protseq[i]);
    os_free(*vector);
    *vector = NULL;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcProtseqVectorFreeA(RPC_PROTSEQ_VECTORA **vector)
{
    unsigned i;

    if (!*vector)
        return RPC_S_OK;
    for (i = 0; i < (*vector)->Count; i++)
        os_free((*vector)->Protseq[i]);
    os_free(*vector);
    *vector = NULL;
    return RPC_S_OK;
}
