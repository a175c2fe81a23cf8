/*
 * A server's notifications: SDK pages RpcServerSubscribeForNotification, RpcServerUnsubscribeForNotification,
 * and the I_Rpc functions that went before them, which set an event (their parameters are those of newer
 * headers than mingw-w64's). Owns nothing; runtime/subscription.c keeps them.
 */
#include "../os/os.h"
#include "../runtime/subscription.h"
#include "handle.h"

enum { KINDS = RpcNotificationClientDisconnect | RpcNotificationCallCancel };

RPC_STATUS RPC_ENTRY RpcServerSubscribeForNotification(RPC_BINDING_HANDLE handle, DWORD kinds,
                                                       RPC_NOTIFICATION_TYPES type,
                                                       RPC_ASYNC_NOTIFICATION_INFO *info)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);
    ULONG queued;

    if (status)
        return status;
    if (!kinds || kinds & ~(DWORD)KINDS)
        return RPC_S_CANNOT_SUPPORT;
    /* SDK: events need a call for each */
    if (type == RpcNotificationTypeNone || !info || (type == RpcNotificationTypeEvent && kinds == KINDS))
        return RPC_S_INVALID_ARG;
    if (kinds & RpcNotificationClientDisconnect)
        status = subscription_add(call, RpcNotificationClientDisconnect, type, info, NULL);
    if (status == RPC_S_OK && kinds & RpcNotificationCallCancel)
        status = subscription_add(call, RpcNotificationCallCancel, type, info, NULL);
    if (status && kinds == KINDS)
        subscription_remove(call, RpcNotificationClientDisconnect, NULL, &queued);
    return status;
}

/* What it answers for what was not subscribed to is unverified on Windows. */
RPC_STATUS RPC_ENTRY RpcServerUnsubscribeForNotification(RPC_BINDING_HANDLE handle, RPC_NOTIFICATIONS kind,
                                                         ULONG *queued)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status)
        return status;
    if (kind != RpcNotificationClientDisconnect && kind != RpcNotificationCallCancel)
        return RPC_S_CANNOT_SUPPORT;
    return subscription_remove(call, kind, NULL, queued);
}

RPC_STATUS RPC_ENTRY I_RpcServerSubscribeForDisconnectNotification(RPC_BINDING_HANDLE handle, void *event);
RPC_STATUS RPC_ENTRY I_RpcServerSubscribeForDisconnectNotification2(RPC_BINDING_HANDLE handle, void *event,
                                                                    UUID *id);
RPC_STATUS RPC_ENTRY I_RpcServerUnsubscribeForDisconnectNotification(RPC_BINDING_HANDLE handle, UUID id);

static RPC_STATUS subscribe_event(RPC_BINDING_HANDLE handle, void *event, const UUID *id)
{
    RPC_ASYNC_NOTIFICATION_INFO info = {.hEvent = event};
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    return status
               ? status
               : subscription_add(call, RpcNotificationClientDisconnect, RpcNotificationTypeEvent, &info, id);
}

RPC_STATUS RPC_ENTRY I_RpcServerSubscribeForDisconnectNotification(RPC_BINDING_HANDLE handle, void *event)
{
    return subscribe_event(handle, event, NULL);
}

RPC_STATUS RPC_ENTRY I_RpcServerSubscribeForDisconnectNotification2(RPC_BINDING_HANDLE handle, void *event,
                                                                    UUID *id)
{
    RPC_STATUS status = UuidCreate(id);

    return status == RPC_S_OK || status == RPC_S_UUID_LOCAL_ONLY ? subscribe_event(handle, event, id)
                                                                 : status;
}

RPC_STATUS RPC_ENTRY I_RpcServerUnsubscribeForDisconnectNotification(RPC_BINDING_HANDLE handle, UUID id)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);
    ULONG queued;

    return status ? status : subscription_remove(call, RpcNotificationClientDisconnect, &id, &queued);
}
