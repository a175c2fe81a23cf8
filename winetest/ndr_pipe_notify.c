/*
 * Asynchronous pipes with each way of being told, on both sides: event, APC, completion port, window message,
 * callback, and none, which is polling (SDK: "Asynchronous Pipe State", "Client-side Asynchronous Pipe
 * Handling", "Server-side Asynchronous Pipe Handling", RPC_NOTIFICATION_TYPES). Both sides go through the
 * states of the first page: each push is awaited, each pull that is pending too, and every notification is
 * the one that is due. One too few ends in HANG_GUARD, one too many is seen at the end.
 */
#include "ndr.h"

enum { PIECE = 8192, MESSAGE = WM_APP + 11, KEY = 0x4711, TRANSFERRED = 815 };
enum { NOTIFICATIONS = RpcNotificationTypeCallback + 1 };

static const char *const names[NOTIFICATIONS] = {"none",   "event",   "APC", "completion port",
                                                 "window", "callback"};

/* One side of one call: how it is told, and of what it was. */
struct side {
    RPC_ASYNC_STATE *state;
    RPC_NOTIFICATION_TYPES type;
    HANDLE event, port, thread;
    HWND window;
    OVERLAPPED overlapped;
    volatile LONG told;           /* by routine or message, and not waited for yet */
    volatile RPC_ASYNC_EVENT how; /* the routine's last */
    LONG buffer[PIECE];
};

/* ---- being told */

static void RPC_ENTRY routine(RPC_ASYNC_STATE *state, void *context, RPC_ASYNC_EVENT event)
{
    struct side *side = state->UserInfo;

    (void)context;
    if (side->type == RpcNotificationTypeApc)
        ok(GetCurrentThreadId() == GetThreadId(side->thread), "an APC on another thread\n");
    side->how = event;
    InterlockedIncrement(&side->told);
    if (side->type == RpcNotificationTypeCallback)
        SetEvent(side->event);
}

static LRESULT CALLBACK window_proc(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (message == MESSAGE)
        ((struct side *)GetWindowLongPtrA(window, GWLP_USERDATA))->told++;
    return DefWindowProcA(window, message, wparam, lparam);
}

static HWND open_window(struct side *side)
{
    static const WNDCLASSA class = {.lpfnWndProc = window_proc, .lpszClassName = "rpcrt4_winetest_pipe"};
    HWND window;

    RegisterClassA(&class); /* by the second side it is there */
    window = CreateWindowA(class.lpszClassName, "", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    ok(window != NULL, "no message window: %lu\n", GetLastError());
    SetWindowLongPtrA(window, GWLP_USERDATA, (LONG_PTR)side);
    return window;
}

/* On the thread that will wait. */
static void side_open(struct side *side, RPC_ASYNC_STATE *state, RPC_NOTIFICATION_TYPES type)
{
    side->state = state;
    side->type = type;
    side->event = CreateEventA(NULL, FALSE, FALSE, NULL);
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &side->thread, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    state->UserInfo = side;
    state->NotificationType = type;
    if (type == RpcNotificationTypeEvent) {
        state->u.hEvent = side->event;
    } else if (type == RpcNotificationTypeApc) {
        state->u.APC.NotificationRoutine = routine;
        state->u.APC.hThread = side->thread;
    } else if (type == RpcNotificationTypeIoc) {
        side->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
        state->u.IOC.hIOPort = side->port;
        state->u.IOC.dwNumberOfBytesTransferred = TRANSFERRED;
        state->u.IOC.dwCompletionKey = KEY;
        state->u.IOC.lpOverlapped = &side->overlapped;
    } else if (type == RpcNotificationTypeHwnd) {
        side->window = open_window(side);
        state->u.HWND.hWnd = side->window;
        state->u.HWND.Msg = MESSAGE;
    } else if (type == RpcNotificationTypeCallback) {
        state->u.NotificationRoutine = routine;
    }
}

static void pump(void)
{
    MSG message;

    while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE))
        DispatchMessageA(&message);
}

static BOOL told_on_port(struct side *side, DWORD timeout)
{
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD octets;

    if (!GetQueuedCompletionStatus(side->port, &octets, &key, &overlapped, timeout))
        return FALSE;
    ok(octets == TRANSFERRED && key == KEY && overlapped == &side->overlapped, "another packet\n");
    return TRUE;
}

/* Is there a notification within so many milliseconds? One is used up. */
static BOOL is_told(struct side *side, DWORD timeout)
{
    ULONGLONG end = GetTickCount64() + timeout;

    switch (side->type) {
    case RpcNotificationTypeIoc:
        return told_on_port(side, timeout);
    case RpcNotificationTypeApc:
        while (!side->told && SleepEx(timeout, TRUE) == WAIT_IO_COMPLETION)
            ;
        break;
    case RpcNotificationTypeHwnd:
        for (pump(); !side->told && GetTickCount64() < end; pump())
            MsgWaitForMultipleObjects(0, NULL, FALSE, timeout, QS_ALLINPUT);
        break;
    default:
        return WaitForSingleObject(side->event, timeout) == WAIT_OBJECT_0;
    }
    if (!side->told)
        return FALSE;
    side->told--;
    return TRUE;
}

static void await(struct side *side, RPC_ASYNC_EVENT expected)
{
    BOOL by_routine = side->type == RpcNotificationTypeApc || side->type == RpcNotificationTypeCallback;
    RPC_ASYNC_EVENT event;

    if (side->type == RpcNotificationTypeNone) {
        SwitchToThread();
        return;
    }
    if (!ok(is_told(side, HANG_GUARD), "not told of event %d\n", expected))
        return;
    event = by_routine ? side->how : side->state->Event;
    ok(event == expected, "told of event %d, expected %d\n", event, expected);
}

static void side_close(struct side *side)
{
    if (side->type != RpcNotificationTypeNone)
        ok(!is_told(side, 0), "told once too often\n");
    if (side->window)
        DestroyWindow(side->window);
    if (side->port)
        CloseHandle(side->port);
    CloseHandle(side->thread);
    CloseHandle(side->event);
    free(side);
}

/* ---- states P, NP and WS (WP) of who sends, P and WP of who receives */

static RPC_STATUS push_all(struct side *side, ASYNC_ndr_async_longs *pipe, LONG total)
{
    RPC_STATUS status = RPC_S_OK;
    LONG at, n, i;

    for (at = 0; at < total && status == RPC_S_OK; at += n) {
        n = total - at < PIECE ? total - at : PIECE;
        for (i = 0; i < n; i++)
            side->buffer[i] = at + i;
        status = pipe->push(pipe->state, side->buffer, n);
        if (status == RPC_S_OK)
            await(side, RpcSendComplete);
    }
    return status ? status : pipe->push(pipe->state, NULL, 0);
}

/* Gives how many came, or a negative number. */
static LONG pull_all(struct side *side, ASYNC_ndr_async_longs *pipe)
{
    LONG received = 0;
    RPC_STATUS status;
    ULONG count, i;

    do {
        status = pipe->pull(pipe->state, side->buffer, PIECE, &count);
        for (i = 0; i < count; i++)
            if (side->buffer[i] != received++)
                return -1;
        if (status == RPC_S_ASYNC_CALL_PENDING)
            await(side, RpcReceiveComplete);
    } while (status == RPC_S_ASYNC_CALL_PENDING || (status == RPC_S_OK && count));
    ok_status(status, RPC_S_OK, "pull");
    return received;
}

/* ---- the server */

struct served {
    RPC_ASYNC_STATE *state;
    RPC_NOTIFICATION_TYPES type;
    ASYNC_ndr_async_longs *pipe;
    LONG count;
    BOOL takes, gives;
};

static DWORD WINAPI serve_call(void *context)
{
    struct served *served = context;
    struct side *side = calloc(1, sizeof(*side));
    long reply = served->count;

    side_open(side, served->state, served->type);
    served->state->Flags = RPC_C_NOTIFY_ON_SEND_COMPLETE;
    ok_status(RpcAsyncRegisterInfo(served->state), RPC_S_OK, "RpcAsyncRegisterInfo");
    if (served->takes)
        reply = pull_all(side, served->pipe);
    if (served->gives) {
        ok_status(push_all(side, served->pipe, served->count), RPC_S_OK, "the server's push");
        await(side, RpcSendComplete);
    }
    ok_status(RpcAsyncCompleteCall(served->state, &reply), RPC_S_OK, "the server's completion");
    side_close(side);
    free(served);
    return 0;
}

static void serve_later(struct served served)
{
    struct served *copy = malloc(sizeof(*copy));

    *copy = served;
    CloseHandle(CreateThread(NULL, 0, serve_call, copy, 0, NULL));
}

void s_ndr_pipe_take(PRPC_ASYNC_STATE async, handle_t h, LONG notification, ASYNC_ndr_async_longs *p)
{
    (void)h;
    serve_later((struct served){async, notification, p, 0, TRUE, FALSE});
}

void s_ndr_pipe_give(PRPC_ASYNC_STATE async, handle_t h, LONG notification, LONG count,
                     ASYNC_ndr_async_longs *p)
{
    (void)h;
    serve_later((struct served){async, notification, p, count, FALSE, TRUE});
}

void s_ndr_pipe_swap(PRPC_ASYNC_STATE async, handle_t h, LONG notification, LONG count,
                     ASYNC_ndr_async_longs *p)
{
    (void)h;
    serve_later((struct served){async, notification, p, count, TRUE, TRUE});
}

/* ---- the client */

static struct side *client_open(RPC_ASYNC_STATE *state, RPC_NOTIFICATION_TYPES type, ULONG flags)
{
    struct side *side = calloc(1, sizeof(*side));

    RpcAsyncInitializeHandle(state, sizeof(*state));
    side_open(side, state, type);
    state->Flags = flags;
    if (type == RpcNotificationTypeApc)
        state->u.APC.hThread = 0; /* the thread that makes the call, which is this one */
    return side;
}

/* State WComp, and Comp. */
static void client_close(struct side *side, RPC_STATUS expected, LONG reply)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;
    long got = -2;

    if (side->type == RpcNotificationTypeNone) {
        while (RpcAsyncGetCallStatus(side->state) == RPC_S_ASYNC_CALL_PENDING && GetTickCount64() < end)
            SwitchToThread();
    } else {
        await(side, RpcCallComplete);
    }
    ok_status(RpcAsyncGetCallStatus(side->state), expected, "RpcAsyncGetCallStatus");
    ok_status(RpcAsyncCompleteCall(side->state, &got), expected, "RpcAsyncCompleteCall");
    if (!expected)
        ok(got == reply, "reply %ld, expected %ld\n", got, (long)reply);
    side_close(side);
}

static void test_take(handle_t h, RPC_NOTIFICATION_TYPES type, LONG server_type, LONG total)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE state;
    struct side *side = client_open(&state, type, RPC_C_NOTIFY_ON_SEND_COMPLETE);

    ok_status(CAUGHT(ndr_pipe_take(&state, h, server_type, &pipe)), 0, "the call raised");
    await(side, RpcSendComplete); /* the call's own */
    ok_status(push_all(side, &pipe, total), RPC_S_OK, "push");
    client_close(side, RPC_S_OK, total);
}

static void test_give(handle_t h, RPC_NOTIFICATION_TYPES type, LONG server_type, LONG total)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE state;
    struct side *side = client_open(&state, type, 0);

    ok_status(CAUGHT(ndr_pipe_give(&state, h, server_type, total, &pipe)), 0, "the call raised");
    ok(pull_all(side, &pipe) == total, "not what the server pushed\n");
    client_close(side, RPC_S_OK, total);
}

static void test_swap(handle_t h, RPC_NOTIFICATION_TYPES type, LONG server_type, LONG total, LONG back)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE state;
    struct side *side = client_open(&state, type, RPC_C_NOTIFY_ON_SEND_COMPLETE);

    ok_status(CAUGHT(ndr_pipe_swap(&state, h, server_type, back, &pipe)), 0, "the call raised");
    await(side, RpcSendComplete);
    ok_status(push_all(side, &pipe, total), RPC_S_OK, "push");
    ok(pull_all(side, &pipe) == back, "not what the server pushed\n");
    client_close(side, RPC_S_OK, total);
}

/* State Can: the call is given up in the middle, and told of once. */
static void test_cancel(handle_t h, RPC_NOTIFICATION_TYPES type)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE state;
    struct side *side = client_open(&state, type, RPC_C_NOTIFY_ON_SEND_COMPLETE);

    ok_status(CAUGHT(ndr_pipe_flow(&state, h, FLOW_WHOLE, 0, &pipe)), 0, "the call raised");
    await(side, RpcSendComplete);
    ok_status(pipe.push(pipe.state, side->buffer, PIECE), RPC_S_OK, "push");
    await(side, RpcSendComplete);
    ok_status(RpcAsyncCancelCall(&state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    client_close(side, RPC_S_CALL_CANCELLED, 0);
}

static void test_type(handle_t h, RPC_NOTIFICATION_TYPES type)
{
    static const LONG totals[] = {0, 1, PIECE, 3 * PIECE + 5, 40 * PIECE};

    for (unsigned i = 0; i < ARRAYSIZE(totals); i++) {
        test_take(h, type, type, totals[i]);
        test_give(h, type, type, totals[i]);
        test_swap(h, type, type, totals[i], totals[ARRAYSIZE(totals) - 1 - i]);
    }
    /* each way against every other on the server */
    for (LONG server_type = 0; server_type < NOTIFICATIONS; server_type++)
        test_swap(h, type, server_type, 2 * PIECE, 2 * PIECE);
    test_cancel(h, type);
}

START_TEST(ndr_pipe_notify)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        for (int type = 0; type < NOTIFICATIONS; type++) {
            winetest_context("%s, %s", endpoints[i].transport->protseq, names[type]);
            test_type(h, type);
        }
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
