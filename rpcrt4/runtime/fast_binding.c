/*
 * Fast bindings: SDK pages RpcBindingCreate, RpcBindingBind, RpcBindingUnbind. One has an association of its
 * own, which ends with its last connection: from then on calls fail until it is bound again.
 *
 * An asynchronous bind is a call that never sends anything: so it has a state, may be cancelled, and notifies
 * as others do. lock guards the list of them, for nothing but their owner's RPC_ASYNC_STATE leads to them.
 */
#include "../os/os.h"
#include "association.h"
#include "binding.h"
#include "call.h"

static SRWLOCK lock = SRWLOCK_INIT;
static struct call *bind_calls; /* linked by queue_next; the binding's reference counts */

static void drop_association(struct binding *binding)
{
    struct association *association;

    AcquireSRWLockExclusive(&binding->lock);
    association = binding->association;
    binding->association = NULL;
    binding->bound = FALSE;
    ReleaseSRWLockExclusive(&binding->lock);
    if (association)
        association_detach(association);
}

RPC_STATUS fast_binding_bind(struct binding *binding, const RPC_SYNTAX_IDENTIFIER *interface)
{
    struct association *association;
    struct connection *conn;
    RPC_STATUS status = binding_association(binding, &association);
    struct presentation context = {.transfer = &wire_ndr20};
    BOOL shared;

    if (status)
        return status;
    memcpy(&context.abstract, interface, sizeof context.abstract);
    status = association_take(association, ASSOCIATION_EXCLUSIVE, &context, binding_connect_timeout(binding),
                              NULL, &conn, &shared);
    if (status == RPC_S_OK) {
        association->fixed = TRUE;
        association_give(association, conn);
        binding->bound = TRUE;
    } else {
        drop_association(binding);
    }
    association_release(association);
    return status;
}

RPC_STATUS fast_binding_unbind(struct binding *binding)
{
    if (!binding->bound)
        return RPC_S_INVALID_BINDING;
    drop_association(binding);
    return RPC_S_OK;
}

void fast_binding_set_call(struct binding *binding, struct call *call)
{
    struct call **at = &bind_calls, *before;

    AcquireSRWLockExclusive(&lock);
    before = binding->bind_call;
    while (before && *at != before)
        at = &(*at)->queue_next;
    if (before)
        *at = before->queue_next;
    binding->bind_call = call;
    if (call) {
        call->queue_next = bind_calls;
        bind_calls = call;
    }
    ReleaseSRWLockExclusive(&lock);
    if (before)
        call_release(before);
}

struct call *fast_binding_call(const RPC_ASYNC_STATE *async)
{
    struct call *call;

    AcquireSRWLockShared(&lock);
    for (call = bind_calls; call; call = call->queue_next)
        if (call->async == async && async->RuntimeInfo == call)
            break;
    if (call)
        call_ref(call);
    ReleaseSRWLockShared(&lock);
    return call;
}
