/*
 * Where the runtime's server calls and associations keep what ndr/context_server.c needs: the joint between
 * the two. The hooks are set before anything is kept, by whoever comes first; they are always the same. No
 * lock.
 */
#include "../ndr/context.h"
#include "../runtime/binding.h"
#include "../runtime/connection.h"
#include "../runtime/server.h"

static void call_done(void **contexts)
{
    ndr_contexts_call_done((struct ndr_call_contexts *)contexts);
}

static void association_gone(void **contexts)
{
    ndr_contexts_run_down((struct ndr_association_contexts *)contexts);
}

static struct call *server_call(RPC_BINDING_HANDLE handle)
{
    server_hooks.call_done = call_done;
    server_hooks.association_gone = association_gone;
    return call_from_handle(handle, CALL_SERVER_MAGIC);
}

struct ndr_association_contexts *runtime_association_contexts(RPC_BINDING_HANDLE handle)
{
    struct call *call = server_call(handle);

    _Static_assert(sizeof(struct ndr_association_contexts) <=
                       sizeof(call->connection->server_association->contexts),
                   "an association has no room");
    if (!call || !call->connection || !call->connection->server_association)
        return NULL;
    return (struct ndr_association_contexts *)call->connection->server_association->contexts;
}

struct ndr_call_contexts *runtime_call_contexts(RPC_BINDING_HANDLE handle)
{
    struct call *call = server_call(handle);

    _Static_assert(sizeof(struct ndr_call_contexts) <= sizeof(call->contexts), "a call has no room");
    return call ? (struct ndr_call_contexts *)call->contexts : NULL;
}

RPC_BINDING_HANDLE runtime_outer_call(RPC_BINDING_HANDLE handle)
{
    struct call *call = call_from_handle(handle, CALL_SERVER_MAGIC);

    return call && call->outer ? call->outer->outer : NULL;
}

void runtime_keep_context(RPC_BINDING_HANDLE handle)
{
    struct binding *binding = binding_from_handle(handle);

    if (binding)
        binding_keep_context(binding);
}

void runtime_call_entered(RPC_BINDING_HANDLE handle)
{
    struct call *call = call_from_handle(handle, CALL_SERVER_MAGIC);

    if (call)
        server_call_entered(call);
}
