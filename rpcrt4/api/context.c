/*
 * Where the runtime's server calls and associations keep what ndr/context_server.c needs, and the export that
 * is about both: the joint between the two. The hooks are set before anything is kept, by whoever comes
 * first; they are always the same. No lock.
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

struct forgetting {
    const void *guard;
    BOOL rundown;
};

static void forget_in(void **contexts, void *argument)
{
    const struct forgetting *forgetting = argument;

    ndr_contexts_forget((struct ndr_association_contexts *)contexts, forgetting->guard, forgetting->rundown);
}

/* SDK, RpcServerUnregisterIfEx: the interface must use strict_context_handle, else the results are undefined;
 * what other handles it made stay here. */
RPC_STATUS RPC_ENTRY RpcServerUnregisterIfEx(RPC_IF_HANDLE spec, UUID *type, int rundown)
{
    RPC_SERVER_INTERFACE *interface = spec;
    struct forgetting forgetting = {interface ? &interface->InterfaceId : NULL, rundown != 0};
    RPC_STATUS status = server_unregister(NULL, spec, type, TRUE);

    if (status == RPC_S_OK)
        server_associations_visit(forget_in, &forgetting);
    return status;
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
