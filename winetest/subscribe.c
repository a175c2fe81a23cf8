/*
 * A server is told that a client cancelled or went away: SDK pages RpcServerSubscribeForNotification,
 * RpcServerUnsubscribeForNotification. The I_Rpc functions at the end are documented nowhere: unverified on
 * Windows.
 */
#include "async_client.h"
#include "test_sync.h"

RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcServerSubscribeForDisconnectNotification(RPC_BINDING_HANDLE, void *);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcServerSubscribeForDisconnectNotification2(RPC_BINDING_HANDLE, void *,
                                                                             UUID *);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcServerUnsubscribeForDisconnectNotification(RPC_BINDING_HANDLE, UUID);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcServerIsClientDisconnected(RPC_BINDING_HANDLE, BOOL *);

/* RPC_ASYNC_EVENT of newer headers */
enum { CLIENT_DISCONNECT = 3, CLIENT_CANCEL = 4 };
enum { BOTH = RpcNotificationClientDisconnect | RpcNotificationCallCancel };

static struct endpoint endpoints[TRANSPORT_COUNT], sync_endpoint;
static HANDLE told;
static volatile LONG told_count, told_event;
static void *volatile told_of;

static void RPC_ENTRY on_told(RPC_ASYNC_STATE *async, void *context, RPC_ASYNC_EVENT event)
{
    (void)context;
    told_of = async;
    told_event = event;
    InterlockedIncrement(&told_count);
    SetEvent(told);
}

static void start_counting(void)
{
    told_count = told_event = 0;
    told_of = NULL;
    ResetEvent(told);
}

/* One held call of this process. */
static PRPC_ASYNC_STATE hold(struct echo *echo, handle_t h)
{
    PRPC_ASYNC_STATE state;

    echo_init_event(echo);
    ok_status(echo_call(echo, h, ASYNC_HOLD, 1, 5), 0, "the call raised");
    async_wait_held(1);
    state = async_peek_held(1);
    ok(state != NULL, "no held call\n");
    return state;
}

static void test_misuse(handle_t h)
{
    RPC_ASYNC_NOTIFICATION_INFO info = {.NotificationRoutine = on_told};
    struct echo echo;
    PRPC_ASYNC_STATE state = hold(&echo, h);
    handle_t server = RpcAsyncGetCallHandle(state);
    ULONG queued = 77;

    /* "if any other value is specified for this parameter, the RPC_S_CANNOT_SUPPORT error code is returned"
     */
    ok_status(RpcServerSubscribeForNotification(server, 8, RpcNotificationTypeCallback, &info),
              RPC_S_CANNOT_SUPPORT, "notification 8");
    ok_status(RpcServerUnsubscribeForNotification(server, (RPC_NOTIFICATIONS)BOTH, &queued),
              RPC_S_CANNOT_SUPPORT, "two at once");
    /* "RpcNotificationTypeNone is not supported ... RPC_S_INVALID_ARG" */
    ok_status(RpcServerSubscribeForNotification(server, BOTH, RpcNotificationTypeNone, &info),
              RPC_S_INVALID_ARG, "type none");
    ok_status(RpcServerSubscribeForNotification(NULL, BOTH, RpcNotificationTypeCallback, &info),
              RPC_S_NO_CALL_ACTIVE, "no call");
    ok_status(RpcServerSubscribeForNotification(h, BOTH, RpcNotificationTypeCallback, &info),
              RPC_S_WRONG_KIND_OF_BINDING, "a client's binding");
    async_end_held(-1);
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
}

static void test_cancel(handle_t h)
{
    RPC_ASYNC_NOTIFICATION_INFO info = {.NotificationRoutine = on_told};
    struct echo echo;
    PRPC_ASYNC_STATE state = hold(&echo, h);
    handle_t server = RpcAsyncGetCallHandle(state);
    ULONG queued = 77;

    start_counting();
    ok_status(RpcServerSubscribeForNotification(server, BOTH, RpcNotificationTypeCallback, &info), RPC_S_OK,
              "RpcServerSubscribeForNotification");
    ok_status(RpcAsyncCancelCall(&echo.state, FALSE), RPC_S_OK, "RpcAsyncCancelCall");
    wait_for(told, "the notification");
    ok(told_event == CLIENT_CANCEL, "event %ld\n", told_event);
    /* "the async handle for asynchronous calls" */
    ok(told_of == state, "told of %p, not %p\n", told_of, state);
    ok_status(RpcServerUnsubscribeForNotification(server, RpcNotificationCallCancel, &queued), RPC_S_OK,
              "RpcServerUnsubscribeForNotification");
    ok(queued == 1, "%lu queued\n", queued);
    ok_status(RpcServerUnsubscribeForNotification(server, RpcNotificationClientDisconnect, &queued), RPC_S_OK,
              "RpcServerUnsubscribeForNotification");
    ok(queued == 0, "%lu queued\n", queued);
    ok(told_count == 1, "told %ld times\n", told_count);
    async_end_held(-1);
    echo_finish(&echo, RPC_S_OK);
    echo_free(&echo);
}

/* ---- a client that ends */

START_CHILD(subscribe_client)
{
    HANDLE go = shared_event(argv[2], FALSE);
    struct endpoint endpoint;
    struct echo echo;
    handle_t h;

    name_endpoint(&endpoint, argv[0], argv[1]);
    h = bind_to(&endpoint);
    echo_init_event(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 1), 0, "the call raised");
    wait_for(go, "leave to end");
    TerminateProcess(GetCurrentProcess(), 0);
}

enum way { BY_EVENT, BY_APC, BY_IOC, BY_WINDOW, BY_CALLBACK, OLD_EVENT, OLD_EVENT_ID, WAYS };

static UUID subscription;
static HWND window;

static RPC_STATUS subscribe(handle_t server, enum way way, HANDLE port)
{
    RPC_ASYNC_NOTIFICATION_INFO info = {0};
    DWORD kind = RpcNotificationClientDisconnect;

    switch (way) {
    case BY_EVENT:
        info.hEvent = told;
        return RpcServerSubscribeForNotification(server, kind, RpcNotificationTypeEvent, &info);
    case BY_APC:
        info.APC.NotificationRoutine = on_told;
        return RpcServerSubscribeForNotification(server, kind, RpcNotificationTypeApc, &info);
    case BY_IOC:
        info.IOC.hIOPort = port;
        info.IOC.dwCompletionKey = 33;
        return RpcServerSubscribeForNotification(server, kind, RpcNotificationTypeIoc, &info);
    case BY_WINDOW:
        info.HWND.hWnd = window;
        info.HWND.Msg = WM_APP + 7;
        return RpcServerSubscribeForNotification(server, kind, RpcNotificationTypeHwnd, &info);
    case BY_CALLBACK:
        info.NotificationRoutine = on_told;
        return RpcServerSubscribeForNotification(server, kind, RpcNotificationTypeCallback, &info);
    case OLD_EVENT:
        return I_RpcServerSubscribeForDisconnectNotification(server, told);
    default:
        return I_RpcServerSubscribeForDisconnectNotification2(server, told, &subscription);
    }
}

static void wait_for_message(void)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    MSG message = {0};

    while (message.message != WM_APP + 7 && GetTickCount64() < end)
        if (!PeekMessageA(&message, window, 0, 0, PM_REMOVE))
            MsgWaitForMultipleObjects(0, NULL, FALSE, HANG_GUARD, QS_ALLINPUT);
    ok(message.message == WM_APP + 7, "no message\n");
}

static void wait_until_told(enum way way, HANDLE port)
{
    OVERLAPPED *overlapped;
    ULONG_PTR key = 0;
    DWORD octets;

    if (way == BY_IOC) {
        ok(GetQueuedCompletionStatus(port, &octets, &key, &overlapped, HANG_GUARD), "not told: %lu\n",
           GetLastError());
        ok(key == 33, "key %lu\n", (ULONG)key);
        return;
    }
    if (way == BY_WINDOW) {
        wait_for_message();
        return;
    }
    if (way == BY_APC)
        ok(wait_alertable(told) == WAIT_IO_COMPLETION, "no APC\n");
    wait_for(told, "the notification");
    if (way == BY_APC || way == BY_CALLBACK)
        ok(told_event == CLIENT_DISCONNECT, "event %ld\n", told_event);
}

static void test_disconnect(const struct endpoint *endpoint, enum way way)
{
    HANDLE go = shared_event("subscribe_go", FALSE),
           port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    HANDLE process =
        child_start("subscribe_client", "%s %s subscribe_go", endpoint->transport->protseq, endpoint->name);
    RPC_ASYNC_NOTIFICATION_INFO late = {.NotificationRoutine = on_told};
    handle_t server;
    ULONG queued = 77;
    BOOL gone = 77;

    winetest_context("%s, way %d", endpoint->transport->protseq, way);
    async_wait_held(1);
    server = RpcAsyncGetCallHandle(async_peek_held(1));
    start_counting();
    ok_status(I_RpcServerIsClientDisconnected(server, &gone), RPC_S_OK, "I_RpcServerIsClientDisconnected");
    ok(!gone, "gone already\n");
    ok_status(subscribe(server, way, port), RPC_S_OK, "subscribing");
    SetEvent(go);
    wait_until_told(way, port);
    ok_status(I_RpcServerIsClientDisconnected(server, &gone), RPC_S_OK, "I_RpcServerIsClientDisconnected");
    ok(gone, "still there\n");
    if (way == OLD_EVENT_ID) {
        ok_status(I_RpcServerUnsubscribeForDisconnectNotification(server, subscription), RPC_S_OK,
                  "I_RpcServerUnsubscribeForDisconnectNotification");
    } else {
        ok_status(RpcServerUnsubscribeForNotification(server, RpcNotificationClientDisconnect, &queued),
                  RPC_S_OK, "RpcServerUnsubscribeForNotification");
        ok(queued == 1, "%lu queued\n", queued);
    }
    /* What has happened already is told at once (unverified on Windows). */
    start_counting();
    ok_status(RpcServerSubscribeForNotification(server, RpcNotificationClientDisconnect,
                                                RpcNotificationTypeCallback, &late),
              RPC_S_OK, "subscribing late");
    wait_for(told, "the late notification");
    RpcServerUnsubscribeForNotification(server, RpcNotificationClientDisconnect, &queued);
    async_end_held(-1);
    child_wait(process, 0);
    CloseHandle(port);
    CloseHandle(go);
    winetest_context("%s", "");
}

/* ---- a synchronous call, on the thread that serves it */

static HANDLE entered;

static void wait_for_cancel(handle_t h, long what)
{
    RPC_ASYNC_NOTIFICATION_INFO info = {.NotificationRoutine = on_told};
    ULONG queued = 77;

    (void)what;
    start_counting();
    ok_status(RpcServerSubscribeForNotification(NULL, RpcNotificationCallCancel, RpcNotificationTypeCallback,
                                                &info),
              RPC_S_OK, "RpcServerSubscribeForNotification");
    SetEvent(entered);
    wait_for(told, "the notification");
    /* "set to the binding handle for synchronous calls" */
    ok(told_of == h, "told of %p, not %p\n", told_of, h);
    ok_status(RpcServerUnsubscribeForNotification(NULL, RpcNotificationCallCancel, &queued), RPC_S_OK,
              "RpcServerUnsubscribeForNotification");
    ok(queued == 1, "%lu queued\n", queued);
}

static DWORD WINAPI call_hook(void *context)
{
    handle_t h = context;

    ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, "a call whose server lets the cancel pass");
    return 0;
}

static void test_synchronous(void)
{
    handle_t h = bind_to(&sync_endpoint);
    HANDLE thread;

    sync_hook_routine = wait_for_cancel;
    entered = CreateEventA(NULL, FALSE, FALSE, NULL);
    thread = CreateThread(NULL, 0, call_hook, h, 0, NULL);
    wait_for(entered, "the manager");
    ok_status(RpcCancelThread(thread), RPC_S_OK, "RpcCancelThread");
    wait_for(thread, "the calling thread");
    CloseHandle(thread);
    CloseHandle(entered);
    unbind(&h);
}

START_TEST(subscribe)
{
    told = CreateEventA(NULL, FALSE, FALSE, NULL);
    window = CreateWindowExA(0, "STATIC", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    ok(window != NULL, "no window: %lu\n", GetLastError());
    serve_async(endpoints);
    sync_endpoint = endpoints[0];
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_misuse(h);
        test_cancel(h);
        unbind(&h);
        for (int way = i ? BY_CALLBACK : BY_EVENT; way < (i ? BY_CALLBACK + 1 : WAYS); way++)
            test_disconnect(&endpoints[i], way);
    }
    test_synchronous();
}
