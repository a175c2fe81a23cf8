/*
 * Every way of being told that a call is done (SDK, "Waiting for the Asynchronous Reply" and
 * RPC_ASYNC_STATE), each exactly once, and none where the call raised while it was being made.
 */
#include "async_client.h"

#define ROUNDS 25

/* What an APC or a callback saw. One test at a time. */
static struct {
    volatile LONG complete, sent, other;
    RPC_ASYNC_STATE *volatile state;
    volatile DWORD thread;
    HANDLE done; /* automatic reset: set at RpcCallComplete */
} told;

static void RPC_ENTRY on_notification(RPC_ASYNC_STATE *state, void *context, RPC_ASYNC_EVENT event)
{
    (void)context;
    told.thread = GetCurrentThreadId();
    told.state = state;
    if (event == RpcCallComplete) {
        InterlockedIncrement(&told.complete);
        SetEvent(told.done);
    } else if (event == RpcSendComplete) {
        InterlockedIncrement(&told.sent);
    } else {
        InterlockedIncrement(&told.other);
    }
}

static void forget_told(void)
{
    told.complete = told.sent = told.other = 0;
    told.state = NULL;
    told.thread = 0;
}

/* A second notification of the previous call would come before that of a later one: checked by the counts. */
static void test_event(handle_t h)
{
    struct echo echo;

    echo_init_event(&echo);
    for (int i = 0; i < ROUNDS; i++) {
        ok_status(echo_call(&echo, h, i % 2 ? ASYNC_OTHER : ASYNC_NOW, 1, i), 0, "the call raised");
        echo_finish(&echo, RPC_S_OK);
        ok(WaitForSingleObject(echo.state.u.hEvent, 0) == WAIT_TIMEOUT, "the event was set twice\n");
    }
    echo_free(&echo);
}

/* Polling: anything but RPC_S_ASYNC_CALL_PENDING means that the call is complete. */
static void test_polling(handle_t h)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    struct echo echo;
    RPC_STATUS status;

    echo_init(&echo);
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 7), 0, "the call raised");
    async_wait_held(1);
    for (int i = 0; i < 100; i++)
        if (RpcAsyncGetCallStatus(&echo.state) != RPC_S_ASYNC_CALL_PENDING)
            ok(0, "poll %d: not pending\n", i);
    async_end_held(1);
    while ((status = RpcAsyncGetCallStatus(&echo.state)) == RPC_S_ASYNC_CALL_PENDING &&
           GetTickCount64() < end)
        SwitchToThread();
    ok_status(status, RPC_S_OK, "RpcAsyncGetCallStatus");
    ok_status(RpcAsyncGetCallStatus(&echo.state), RPC_S_OK, "and again");
    echo_complete(&echo, RPC_S_OK);
}

/* "If the hThread field [...] is set to 0, the APCs are queued on the thread that made the asynchronous
 * call"; "for APCs to get dispatched, the client thread must be in an alertable wait state". */
static void test_apc_same_thread(handle_t h)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    struct echo echo;

    forget_told();
    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeApc;
    echo.state.u.APC.NotificationRoutine = on_notification;
    echo.state.u.APC.hThread = 0;
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 8), 0, "the call raised");
    while (RpcAsyncGetCallStatus(&echo.state) == RPC_S_ASYNC_CALL_PENDING && GetTickCount64() < end)
        SwitchToThread();
    ok(told.complete == 0, "an APC ran outside of an alertable wait\n");
    while (!told.complete && wait_alertable(told.done) == WAIT_IO_COMPLETION)
        ;
    ok(told.complete == 1 && !told.sent && !told.other, "got %ld %ld %ld events\n", told.complete, told.sent,
       told.other);
    ok(told.state == &echo.state, "got state %p\n", told.state);
    ok(told.thread == GetCurrentThreadId(), "ran on thread %lx\n", told.thread);
    ResetEvent(told.done);
    echo_complete(&echo, RPC_S_OK);
    SleepEx(0, TRUE);
    ok(told.complete == 1, "told %ld times\n", told.complete);
}

/* The demo's own form: SleepEx(INFINITE, TRUE) gives WAIT_IO_COMPLETION. */
static void test_apc_sleep(handle_t h)
{
    struct echo echo;

    forget_told();
    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeApc;
    echo.state.u.APC.NotificationRoutine = on_notification;
    for (int i = 1; i <= ROUNDS; i++) {
        ok_status(echo_call(&echo, h, ASYNC_OTHER, 1, i), 0, "the call raised");
        ok(SleepEx(HANG_GUARD, TRUE) == WAIT_IO_COMPLETION, "no APC came\n");
        ok(told.complete == i, "told %ld times after %d calls\n", told.complete, i);
        echo_complete(&echo, RPC_S_OK);
    }
    ResetEvent(told.done);
}

struct apc_target {
    HANDLE ready, quit;
};

static DWORD WINAPI apc_thread(void *context)
{
    struct apc_target *target = context;

    SetEvent(target->ready);
    while (wait_alertable(target->quit) == WAIT_IO_COMPLETION)
        ;
    return 0;
}

/* "If it is nonzero, the APCs are queued on the thread specified." */
static void test_apc_other_thread(handle_t h)
{
    struct apc_target target = {CreateEventA(NULL, FALSE, FALSE, NULL),
                                CreateEventA(NULL, FALSE, FALSE, NULL)};
    struct echo echo;
    DWORD id;
    HANDLE thread = CreateThread(NULL, 0, apc_thread, &target, 0, &id);

    wait_for(target.ready, "the thread for APCs");
    forget_told();
    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeApc;
    echo.state.u.APC.NotificationRoutine = on_notification;
    echo.state.u.APC.hThread = thread;
    ok_status(echo_call(&echo, h, ASYNC_OTHER, 1, 9), 0, "the call raised");
    wait_for(told.done, "the APC on the other thread");
    ok(told.thread == id, "ran on thread %lx, expected %lx\n", told.thread, id);
    ok(told.state == &echo.state && told.complete == 1, "got state %p, %ld events\n", told.state,
       told.complete);
    echo_complete(&echo, RPC_S_OK);
    SetEvent(target.quit);
    wait_for(thread, "end of the thread for APCs");
    CloseHandle(thread);
    CloseHandle(target.ready);
    CloseHandle(target.quit);
}

/* "The I/O completion port is notified with the parameters specified in the asynchronous handle." */
static void test_completion_port(handle_t h)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    OVERLAPPED marker, *overlapped;
    struct echo echo;
    ULONG_PTR key;
    DWORD bytes;

    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeIoc;
    echo.state.u.IOC.hIOPort = port;
    echo.state.u.IOC.lpOverlapped = &marker;
    for (int i = 0; i < ROUNDS; i++) {
        echo.state.u.IOC.dwNumberOfBytesTransferred = 1234 + i;
        echo.state.u.IOC.dwCompletionKey = 0x5678 + i;
        ok_status(echo_call(&echo, h, i % 2 ? ASYNC_OTHER : ASYNC_NOW, 1, i), 0, "the call raised");
        if (!ok(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, HANG_GUARD), "nothing came: %lu\n",
                GetLastError()))
            break;
        ok(bytes == 1234u + i && key == 0x5678u + i && overlapped == &marker, "got %lu, %llx, %p\n", bytes,
           (unsigned long long)key, overlapped);
        echo_complete(&echo, RPC_S_OK);
    }
    ok(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0) && GetLastError() == WAIT_TIMEOUT,
       "told more than once a call\n");
    CloseHandle(port);
}

static volatile LONG messages;

static LRESULT CALLBACK window_proc(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (message == WM_APP + 7)
        messages++;
    return DefWindowProcA(window, message, wparam, lparam);
}

static int pump_one(void)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    LONG before = messages;
    MSG message;

    while (messages == before && GetTickCount64() < end) {
        if (MsgWaitForMultipleObjects(0, NULL, FALSE, HANG_GUARD, QS_ALLINPUT) != WAIT_OBJECT_0)
            return 0;
        while (messages == before && PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
            DispatchMessageA(&message);
    }
    return messages == before + 1;
}

/* "A message is posted to the specified window handle." */
static void test_window(handle_t h)
{
    WNDCLASSA class = {.lpfnWndProc = window_proc, .lpszClassName = "rpcrt4_winetest"};
    struct echo echo;
    HWND window;

    RegisterClassA(&class);
    window = CreateWindowA("rpcrt4_winetest", "", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    if (!ok(window != NULL, "no message window: %lu\n", GetLastError()))
        return;
    messages = 0;
    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeHwnd;
    echo.state.u.HWND.hWnd = window;
    echo.state.u.HWND.Msg = WM_APP + 7;
    for (int i = 1; i <= 5; i++) {
        ok_status(echo_call(&echo, h, ASYNC_OTHER, 1, i), 0, "the call raised");
        ok(pump_one(), "no message came\n");
        ok(messages == i, "%ld messages after %d calls\n", messages, i);
        echo_complete(&echo, RPC_S_OK);
    }
    DestroyWindow(window);
}

static void test_callback(handle_t h)
{
    struct echo echo;

    forget_told();
    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeCallback;
    echo.state.u.NotificationRoutine = on_notification;
    for (int i = 1; i <= ROUNDS; i++) {
        ok_status(echo_call(&echo, h, i % 2 ? ASYNC_OTHER : ASYNC_NOW, 1, i), 0, "the call raised");
        wait_for(told.done, "the callback");
        ok(told.complete == i && told.state == &echo.state, "told %ld times after %d calls\n", told.complete,
           i);
        echo_complete(&echo, RPC_S_OK);
    }
    ok(!told.sent && !told.other, "%ld and %ld events nobody asked for\n", told.sent, told.other);
}

static volatile LONG completed_in_callback;

/* Completes, makes the next call and frees the state from within its own notification. */
static void RPC_ENTRY complete_inside(RPC_ASYNC_STATE *state, void *context, RPC_ASYNC_EVENT event)
{
    struct echo *echo = (struct echo *)state;

    (void)context;
    ok(event == RpcCallComplete, "event %d\n", event);
    echo_complete(echo, RPC_S_OK);
    memset(echo, 0xdd, sizeof(*echo));
    free(echo);
    InterlockedIncrement(&completed_in_callback);
    SetEvent(told.done);
}

/* The caller may free the state the moment it was told: the state is not touched after that. */
static void test_complete_in_callback(handle_t h)
{
    completed_in_callback = 0;
    for (int i = 1; i <= ROUNDS; i++) {
        struct echo *echo = malloc(sizeof(*echo));

        echo_init(echo);
        echo->state.NotificationType = RpcNotificationTypeCallback;
        echo->state.u.NotificationRoutine = complete_inside;
        ok_status(echo_call(echo, h, i % 2 ? ASYNC_OTHER : ASYNC_NOW, 1, i), 0, "the call raised");
        wait_for(told.done, "the callback");
        ok(completed_in_callback == i, "%ld completed after %d calls\n", completed_in_callback, i);
    }
}

/* SDK, RPC_ASYNC_STATE, Flags: a notification for the send too, "RpcSendComplete". The page speaks of pipes;
 * that a call without pipes tells of its one send too is unverified on Windows. */
static void test_send_complete(handle_t h)
{
    struct echo echo;

    forget_told();
    echo_init(&echo);
    echo.state.Flags = RPC_C_NOTIFY_ON_SEND_COMPLETE;
    echo.state.NotificationType = RpcNotificationTypeCallback;
    echo.state.u.NotificationRoutine = on_notification;
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 3), 0, "the call raised");
    async_wait_held(1);
    ok(told.complete == 0, "told of completion while held\n");
    async_end_held(1);
    wait_for(told.done, "the callback");
    echo_complete(&echo, RPC_S_OK);
    ok(told.sent == 1 && told.complete == 1 && !told.other, "got %ld sent, %ld complete\n", told.sent,
       told.complete);
}

static void test_none_where_raised(handle_t h)
{
    struct endpoint nowhere;
    struct echo echo;
    handle_t dead;

    forget_told();
    echo_init(&echo);
    echo.state.NotificationType = RpcNotificationTypeCallback;
    echo.state.u.NotificationRoutine = on_notification;
    ok_status(echo_call(&echo, NULL, ASYNC_NOW, 1, 1), RPC_S_INVALID_BINDING, "null binding handle");
    make_endpoint(&nowhere, &transports[0], "nowhere");
    dead = bind_to(&nowhere);
    ok_status(echo_call(&echo, dead, ASYNC_NOW, 1, 1), RPC_S_SERVER_UNAVAILABLE, "nobody listens");
    unbind(&dead);
    /* The handle is still good, and what comes is this call's. */
    ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 4), 0, "the call raised");
    wait_for(told.done, "the callback");
    ok(told.complete == 1, "told %ld times for one call that was made\n", told.complete);
    echo_complete(&echo, RPC_S_OK);
}

/* A change of the notification while the call is pending, made known by RpcAsyncRegisterInfo: the new event
 * is told, the old one is not (unverified on Windows). */
static void test_register_info(handle_t h)
{
    HANDLE old, other = CreateEventA(NULL, FALSE, FALSE, NULL);
    struct echo echo;

    echo_init_event(&echo);
    old = echo.state.u.hEvent;
    ok_status(echo_call(&echo, h, ASYNC_HOLD, 1, 11), 0, "the call raised");
    async_wait_held(1);
    echo.state.u.hEvent = other;
    ok_status(RpcAsyncRegisterInfo(&echo.state), RPC_S_OK, "RpcAsyncRegisterInfo");
    ok(WaitForSingleObject(other, 0) == WAIT_TIMEOUT, "told of a pending call\n");
    ok(async_end_held(1) == 1, "no call was held\n");
    echo_finish(&echo, RPC_S_OK);
    ok(WaitForSingleObject(old, 0) == WAIT_TIMEOUT, "the event before was told\n");
    ok(WaitForSingleObject(other, 0) == WAIT_TIMEOUT, "the event was set twice\n");
    CloseHandle(old);
    echo_free(&echo);
}

START_TEST(async_notify)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    told.done = CreateEventA(NULL, FALSE, FALSE, NULL);
    serve_async(endpoints);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_event(h);
        test_polling(h);
        test_apc_same_thread(h);
        test_apc_sleep(h);
        test_apc_other_thread(h);
        test_completion_port(h);
        test_window(h);
        test_callback(h);
        test_complete_in_callback(h);
        test_send_complete(h);
        test_none_where_raised(h);
        test_register_info(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
