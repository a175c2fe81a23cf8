/*
 * Notification of asynchronous calls. Owns nothing beyond a duplicated thread handle a notification; called
 * by runtime/call.c with no lock held.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "notify.h"

/* QueueUserAPC carries one argument, the notification routine takes three. */
struct apc {
    PFN_RPCNOTIFICATION_ROUTINE routine;
    PRPC_ASYNC_STATE async;
    RPC_ASYNC_EVENT event;
};

RPC_STATUS notify_prepare(struct notification *notify, const RPC_ASYNC_STATE *async)
{
    HANDLE process = GetCurrentProcess();

    memset(notify, 0, sizeof *notify);
    notify->type = async->NotificationType;
    notify->flags = async->Flags;
    switch (notify->type) {
    case RpcNotificationTypeNone:
        return RPC_S_OK;
    case RpcNotificationTypeEvent:
        notify->u.hEvent = async->u.hEvent;
        return notify->u.hEvent ? RPC_S_OK : RPC_S_INVALID_ARG;
    case RpcNotificationTypeApc:
        notify->u.APC.NotificationRoutine = async->u.APC.NotificationRoutine;
        if (!notify->u.APC.NotificationRoutine ||
            !DuplicateHandle(process, async->u.APC.hThread ? async->u.APC.hThread : GetCurrentThread(),
                             process, &notify->thread, THREAD_SET_CONTEXT, FALSE, 0))
            return RPC_S_INVALID_ARG;
        return RPC_S_OK;
    case RpcNotificationTypeIoc:
        notify->u.IOC.hIOPort = async->u.IOC.hIOPort;
        notify->u.IOC.dwNumberOfBytesTransferred = async->u.IOC.dwNumberOfBytesTransferred;
        notify->u.IOC.dwCompletionKey = async->u.IOC.dwCompletionKey;
        notify->u.IOC.lpOverlapped = async->u.IOC.lpOverlapped;
        return notify->u.IOC.hIOPort ? RPC_S_OK : RPC_S_INVALID_ARG;
    case RpcNotificationTypeHwnd:
        notify->u.HWND.hWnd = async->u.HWND.hWnd;
        notify->u.HWND.Msg = async->u.HWND.Msg;
        return RPC_S_OK;
    case RpcNotificationTypeCallback:
        notify->u.NotificationRoutine = async->u.NotificationRoutine;
        return notify->u.NotificationRoutine ? RPC_S_OK : RPC_S_INVALID_ARG;
    }
    return RPC_S_INVALID_ARG;
}

void notify_release(struct notification *notify)
{
    if (notify->thread)
        CloseHandle(notify->thread);
    notify->thread = NULL;
}

static void CALLBACK run_apc(ULONG_PTR argument)
{
    struct apc apc = *(struct apc *)argument;

    os_free((void *)argument);
    apc.routine(apc.async, NULL, apc.event);
}

static void send_apc(struct notification *notify, PRPC_ASYNC_STATE async, RPC_ASYNC_EVENT event)
{
    struct apc *apc = os_alloc(sizeof *apc);

    if (!apc) {
        ERR("no memory to notify %p\n", async);
        return;
    }
    apc->routine = notify->u.APC.NotificationRoutine;
    apc->async = async;
    apc->event = event;
    if (!QueueUserAPC(run_apc, notify->thread, (ULONG_PTR)apc)) {
        WARN("the thread that %p was to be told on is gone\n", async);
        os_free(apc);
    }
}

/* Whoever owns a window has loaded user32; others must not pay for it. */
static void send_message(struct notification *notify, PRPC_ASYNC_STATE async)
{
    HMODULE user32 = GetModuleHandleW(L"user32.dll");
    BOOL(WINAPI * post)(HWND, UINT, WPARAM, LPARAM) = NULL;

    if (user32)
        post = (BOOL(WINAPI *)(HWND, UINT, WPARAM, LPARAM))(void *)GetProcAddress(user32, "PostMessageW");
    if (!post || !post(notify->u.HWND.hWnd, notify->u.HWND.Msg, 0, (LPARAM)async))
        WARN("cannot post to window %p for %p\n", notify->u.HWND.hWnd, async);
}

void notify_send(struct notification *notify, PRPC_ASYNC_STATE async, RPC_ASYNC_EVENT event)
{
    switch (notify->type) {
    case RpcNotificationTypeNone:
        break;
    case RpcNotificationTypeEvent:
        SetEvent(notify->u.hEvent);
        break;
    case RpcNotificationTypeApc:
        send_apc(notify, async, event);
        break;
    case RpcNotificationTypeIoc:
        PostQueuedCompletionStatus(notify->u.IOC.hIOPort, notify->u.IOC.dwNumberOfBytesTransferred,
                                   notify->u.IOC.dwCompletionKey, notify->u.IOC.lpOverlapped);
        break;
    case RpcNotificationTypeHwnd:
        send_message(notify, async);
        break;
    case RpcNotificationTypeCallback:
        notify->u.NotificationRoutine(async, NULL, event);
        break;
    }
}
