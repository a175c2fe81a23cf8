/*
 * What a server wants to be told of one call: that its client is gone, or that he cancelled it (SDK pages
 * RpcServerSubscribeForNotification, RpcServerUnsubscribeForNotification). A call's lock guards its list.
 */
#ifndef RPCRT4_SUBSCRIPTION_H
#define RPCRT4_SUBSCRIPTION_H

#include "call.h"

/* Adds one: kind is one of RPC_NOTIFICATIONS, id (NULL: none) tells it from others of its kind. What has
 * happened already is told at once. RPC_S_INVALID_ARG as notify_prepare, RPC_S_OUT_OF_MEMORY. */
RPC_STATUS subscription_add(struct call *call, RPC_NOTIFICATIONS kind, RPC_NOTIFICATION_TYPES type,
                            const RPC_ASYNC_NOTIFICATION_INFO *info, const UUID *id);
/* Takes all of this kind and id away; *queued: how many of them were told. RPC_S_INVALID_ARG: there is none.
 */
RPC_STATUS subscription_remove(struct call *call, RPC_NOTIFICATIONS kind, const UUID *id, ULONG *queued);

/* It has happened: tells, each once, who wants to know. Runs foreign code; no lock may be held. */
void subscriptions_tell(struct call *call, RPC_NOTIFICATIONS kind);
/* The call's last reference is gone. */
void subscriptions_free(struct call *call);

#endif
