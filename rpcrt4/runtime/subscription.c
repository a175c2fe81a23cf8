/*
 * Subscriptions to what happens to a call. The connection's receiving thread tells (server_call.c); an entry
 * that was told stays until it is taken away, for the count of what was queued.
 */
#include "../os/os.h"
#include "connection.h"
#include "subscription.h"

/* Of RPC_ASYNC_EVENT, which newer headers than mingw-w64's know. */
enum { CLIENT_DISCONNECT = RpcReceiveComplete + 1, CLIENT_CANCEL };

struct subscription {
    struct subscription *next;
    RPC_NOTIFICATIONS kind;
    UUID id;
    BOOL told;
    struct notification notify; /* empty once told */
};

static BOOL has_happened(const struct call *call, RPC_NOTIFICATIONS kind)
{
    BOOL gone = call->connection->ended != 0;

    return kind == RpcNotificationClientDisconnect ? gone : !gone && call->cancelled;
}

RPC_STATUS subscription_add(struct call *call, RPC_NOTIFICATIONS kind, RPC_NOTIFICATION_TYPES type,
                            const RPC_ASYNC_NOTIFICATION_INFO *info, const UUID *id)
{
    struct subscription *subscription = os_alloc_zero(sizeof *subscription);
    RPC_ASYNC_STATE how = {.NotificationType = type};
    RPC_STATUS status;

    if (!subscription)
        return RPC_S_OUT_OF_MEMORY;
    memcpy(&how.u, info, sizeof how.u < sizeof *info ? sizeof how.u : sizeof *info);
    status = notify_prepare(&subscription->notify, &how);
    if (status) {
        os_free(subscription);
        return status;
    }
    subscription->kind = kind;
    subscription->id = id ? *id : uuid_nil;
    AcquireSRWLockExclusive(&call->lock);
    subscription->next = call->subscriptions;
    call->subscriptions = subscription;
    ReleaseSRWLockExclusive(&call->lock);
    if (has_happened(call, kind))
        subscriptions_tell(call, kind);
    return RPC_S_OK;
}

static void destroy(struct subscription *subscription)
{
    notify_release(&subscription->notify);
    os_free(subscription);
}

RPC_STATUS subscription_remove(struct call *call, RPC_NOTIFICATIONS kind, const UUID *id, ULONG *queued)
{
    struct subscription **at = &call->subscriptions, *subscription;
    BOOL found = FALSE;

    *queued = 0;
    AcquireSRWLockExclusive(&call->lock);
    while ((subscription = *at)) {
        if (subscription->kind != kind || memcmp(&subscription->id, id ? id : &uuid_nil, sizeof(UUID))) {
            at = &subscription->next;
            continue;
        }
        *at = subscription->next;
        *queued += subscription->told != FALSE;
        found = TRUE;
        destroy(subscription);
    }
    ReleaseSRWLockExclusive(&call->lock);
    return found ? RPC_S_OK : RPC_S_INVALID_ARG;
}

/* The next that is to be told, as it wishes to be; FALSE: there is none. */
static BOOL take_next(struct call *call, RPC_NOTIFICATIONS kind, struct notification *notify)
{
    struct subscription *subscription;

    AcquireSRWLockExclusive(&call->lock);
    for (subscription = call->subscriptions; subscription; subscription = subscription->next)
        if (subscription->kind == kind && !subscription->told)
            break;
    if (subscription) {
        subscription->told = TRUE;
        *notify = subscription->notify;
        memset(&subscription->notify, 0, sizeof subscription->notify);
    }
    ReleaseSRWLockExclusive(&call->lock);
    return subscription != NULL;
}

void subscriptions_tell(struct call *call, RPC_NOTIFICATIONS kind)
{
    int event = kind == RpcNotificationClientDisconnect ? CLIENT_DISCONNECT : CLIENT_CANCEL;
    struct notification notify;

    while (take_next(call, kind, &notify)) {
        os_worker_leave();
        /* SDK: the binding handle for synchronous calls, and the async handle for asynchronous calls */
        notify_send(&notify, call->async ? call->async : (void *)call, (RPC_ASYNC_EVENT)event);
        os_worker_return();
        notify_release(&notify);
    }
}

void subscriptions_free(struct call *call)
{
    struct subscription *subscription;

    while ((subscription = call->subscriptions)) {
        call->subscriptions = subscription->next;
        destroy(subscription);
    }
}
