/*
 * Vectors of server bindings, for RpcServerInqBindings and interface groups. Owns nothing.
 */
#include "bindings.h"
#include "../os/os.h"
#include "../runtime/binding.h"

struct collect {
    RPC_BINDING_VECTOR *vector;
    ULONG room;
    RPC_STATUS status;
};

static void collect(struct server_address *address, const WCHAR *network, void *context)
{
    struct collect *collect = context;
    struct binding *binding;

    if (!collect->vector) {
        collect->room++;
        return;
    }
    if (collect->status || collect->vector->Count == collect->room)
        return;
    collect->status = binding_create(address->ops->protseq, network, address->endpoint, NULL, NULL, &binding);
    if (collect->status == RPC_S_OK)
        collect->vector->BindingH[collect->vector->Count++] = binding;
}

RPC_STATUS bindings_collect(bindings_of *of, void *context, RPC_BINDING_VECTOR **vector)
{
    struct collect all = {0};

    *vector = NULL;
    of(collect, &all, context); /* counts */
    if (!all.room)
        return RPC_S_NO_BINDINGS;
    all.vector = os_alloc_zero(sizeof *all.vector + all.room * sizeof *all.vector->BindingH);
    if (!all.vector)
        return RPC_S_OUT_OF_MEMORY;
    of(collect, &all, context);
    *vector = all.vector;
    if (all.status)
        RpcBindingVectorFree(vector);
    return all.status;
}
