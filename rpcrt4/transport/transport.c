/*
 * The table of transports, in the order in which RpcNetworkInqProtseqs tells them.
 */
#include "transport.h"
#include <winnls.h>

static const struct transport_ops *const transports[] = {&transport_lrpc, &transport_np, &transport_tcp};

const struct transport_ops *transport_at(unsigned index)
{
    return index < ARRAYSIZE(transports) ? transports[index] : NULL;
}

const struct transport_ops *transport_find(const WCHAR *protseq)
{
    unsigned i;

    for (i = 0; i < ARRAYSIZE(transports); i++)
        if (CompareStringOrdinal(transports[i]->protseq, -1, protseq, -1, TRUE) == CSTR_EQUAL)
            return transports[i];
    return NULL;
}
