/*
 * Asynchronous pipes with flow control: SDK "Asynchronous Pipe State", "Client-side Asynchronous Pipe
 * Handling", "Server-side Asynchronous Pipe Handling". The client goes through the states of the first page
 * on one automatic-reset event, so a notification too few is a hang and one too many a wrong status; the
 * server does on callbacks.
 */
#include "ndr.h"

enum { PIECE = 8192 };

/* ---- the server */

struct flow {
    PRPC_ASYNC_STATE async;
    ASYNC_ndr_async_longs *pipe;
    long mode, count, at, received, wrong;
    LONG buffer[PIECE];
};

static HANDLE held, go;
static PRPC_ASYNC_STATE held_async;
static ASYNC_ndr_async_longs *held_pipe;

static void complete(struct flow *flow)
{
    long reply = flow->wrong ? -1 : flow->received;

    ok_status(RpcAsyncCompleteCall(flow->async, &reply), RPC_S_OK, "the server's completion");
    free(flow);
}

/* One push for each RpcSendComplete; after the null push's the call is completed. */
static void push_on(struct flow *flow)
{
    long n = flow->count - flow->at < PIECE ? flow->count - flow->at : PIECE, i;

    if (flow->at > flow->count) {
        complete(flow);
        return;
    }
    for (i = 0; i < n; i++)
        flow->buffer[i] = flow->at + i;
    flow->at += n ? n : 1;
    ok_status(flow->pipe->push(flow->pipe->state, flow->buffer, n), RPC_S_OK, "the server's push");
}

static void abort_flow(struct flow *flow, ULONG code)
{
    ok_status(RpcAsyncAbortCall(flow->async, code), RPC_S_OK, "RpcAsyncAbortCall");
    free(flow);
}

static void pull_on(struct flow *flow)
{
    RPC_STATUS status;
    ULONG count, i;

    while ((status = flow->pipe->pull(flow->pipe->state, flow->buffer, PIECE, &count)) == RPC_S_OK && count) {
        for (i = 0; i < count; i++)
            flow->wrong |= flow->buffer[i] != flow->received++;
        if (flow->mode == FLOW_ABORT) {
            abort_flow(flow, ERROR_NOT_READY);
            return;
        }
    }
    if (status == RPC_S_ASYNC_CALL_PENDING)
        return;
    if (status == RPC_S_OK)
        push_on(flow);
    else
        abort_flow(flow, status);
}

static void __RPC_API notified(PRPC_ASYNC_STATE async, void *context, RPC_ASYNC_EVENT event)
{
    (void)context;
    ok(event == RpcReceiveComplete || event == RpcSendComplete, "event %d\n", event);
    if (event == RpcReceiveComplete)
        pull_on(async->UserInfo);
    else
        push_on(async->UserInfo);
}

static DWORD WINAPI begin_flow(void *argument)
{
    pull_on(argument);
    return 0;
}

void s_ndr_pipe_flow(PRPC_ASYNC_STATE async, handle_t h, long mode, long count, ASYNC_ndr_async_longs *p)
{
    struct flow *flow = calloc(1, sizeof(*flow));
    long reply = 0;

    (void)h;
    flow->async = async;
    flow->pipe = p;
    flow->mode = mode;
    flow->count = count;
    if (mode == FLOW_EARLY) {
        free(flow);
        ok_status(RpcAsyncCompleteCall(async, &reply), RPC_X_PIPE_DISCIPLINE_ERROR, "completed undrained");
        return;
    }
    if (mode == FLOW_HOLD) {
        free(flow);
        held_async = async;
        held_pipe = p;
        SetEvent(held);
        return;
    }
    async->UserInfo = flow;
    async->Flags = RPC_C_NOTIFY_ON_SEND_COMPLETE;
    async->NotificationType = RpcNotificationTypeCallback;
    async->u.NotificationRoutine = notified;
    ok_status(RpcAsyncRegisterInfo(async), RPC_S_OK, "RpcAsyncRegisterInfo");
    CloseHandle(CreateThread(NULL, 0, begin_flow, flow, 0, NULL));
}

/* ---- the client */

static LONG buffer[PIECE];

static void make(RPC_ASYNC_STATE *async, handle_t h, long mode, long back, ASYNC_ndr_async_longs *pipe)
{
    RpcAsyncInitializeHandle(async, sizeof(*async));
    async->Flags = RPC_C_NOTIFY_ON_SEND_COMPLETE;
    async->NotificationType = RpcNotificationTypeEvent;
    async->u.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    ndr_pipe_flow(async, h, mode, back, pipe);
}

/* State WS and P: the call's own send is awaited too. Gives how it ended. */
static RPC_STATUS push_all(RPC_ASYNC_STATE *async, ASYNC_ndr_async_longs *pipe, long total)
{
    RPC_STATUS status = RPC_S_OK;
    long at, n, i;

    for (at = 0; at < total && status == RPC_S_OK; at += n) {
        wait_for(async->u.hEvent, "RpcSendComplete");
        n = total - at < PIECE ? total - at : PIECE;
        for (i = 0; i < n; i++)
            buffer[i] = at + i;
        status = pipe->push(pipe->state, buffer, n);
    }
    if (status)
        return status;
    wait_for(async->u.hEvent, "RpcSendComplete");
    return pipe->push(pipe->state, NULL, 0);
}

static RPC_STATUS pull_all(RPC_ASYNC_STATE *async, ASYNC_ndr_async_longs *pipe, long *received, BOOL *wrong)
{
    RPC_STATUS status;
    ULONG count, i;

    do {
        status = pipe->pull(pipe->state, buffer, PIECE, &count);
        for (i = 0; i < count; i++)
            *wrong |= buffer[i] != (*received)++;
        if (status == RPC_S_ASYNC_CALL_PENDING)
            wait_for(async->u.hEvent, "RpcReceiveComplete");
    } while (status == RPC_S_ASYNC_CALL_PENDING || (status == RPC_S_OK && count));
    return status;
}

static void test_whole(handle_t h, long total, long back)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE async;
    long received = 0, reply = -2;
    BOOL wrong = FALSE;
    ULONG count;

    make(&async, h, FLOW_WHOLE, back, &pipe);
    ok_status(pipe.pull(pipe.state, buffer, 0, &count), RPC_X_WRONG_PIPE_ORDER, "a pull of nothing");
    ok_status(push_all(&async, &pipe, total), RPC_S_OK, "push");
    ok_status(pipe.push(pipe.state, buffer, 1), RPC_X_PIPE_CLOSED, "a push after the null push");
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_ASYNC_CALL_PENDING, "completion before the pipe");
    ok_status(pull_all(&async, &pipe, &received, &wrong), RPC_S_OK, "pull");
    ok(received == back && !wrong, "%ld of %ld, wrong %d\n", received, back, wrong);
    ok_status(pipe.pull(pipe.state, buffer, 1, &count), RPC_X_PIPE_EMPTY, "a pull after the null pull");
    wait_for(async.u.hEvent, "RpcCallComplete");
    ok(async.Event == RpcCallComplete, "event %d\n", async.Event);
    ok_status(RpcAsyncGetCallStatus(&async), RPC_S_OK, "the call's status");
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_OK, "completion");
    ok(reply == total, "reply %ld of %ld\n", reply, total);
    CloseHandle(async.u.hEvent);
}

/* The server answers while the client has not pushed all: the pushes fail, or the call as soon as it ends. */
static void test_answered_early(handle_t h, long mode, RPC_STATUS expected)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE async;
    long reply, i;
    RPC_STATUS status = RPC_S_OK;

    make(&async, h, mode, 0, &pipe);
    for (i = 0; status == RPC_S_OK && i < 1 << 14; i++) {
        wait_for(async.u.hEvent, "any notification");
        status = pipe.push(pipe.state, buffer, PIECE);
    }
    ok_status(status, expected, "push");
    ok_status(RpcAsyncCompleteCall(&async, &reply), expected, "completion");
    CloseHandle(async.u.hEvent);
}

/* Neither side pulls; pushes without waiting are taken all the same. */
static void test_cancelled(handle_t h)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE async;
    RPC_STATUS status;
    ULONG count;
    long reply, i;

    make(&async, h, FLOW_HOLD, 0, &pipe);
    for (i = 0; i < 200; i++)
        ok_status(pipe.push(pipe.state, buffer, PIECE), RPC_S_OK, "push without waiting");
    wait_for(held, "the manager");
    ok_status(RpcAsyncCancelCall(&async, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    ok_status(pipe.push(pipe.state, buffer, 1), RPC_S_CALL_CANCELLED, "push into a cancelled call");
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_CALL_CANCELLED, "completion of a cancelled call");
    do
        status = held_pipe->pull(held_pipe->state, buffer, PIECE, &count);
    while (status == RPC_S_OK);
    if (status == RPC_S_ASYNC_CALL_PENDING) /* the end has not come yet: what tells of it is tested below */
        status = RPC_S_CALL_FAILED;
    ok(status == RPC_S_CALL_FAILED || status == RPC_S_CALL_CANCELLED, "the manager's pull: %ld\n", status);
    RpcAsyncAbortCall(held_async, status);
    CloseHandle(async.u.hEvent);
}

/* A pull that waits when the client has cancelled is told, and fails; so is one that waits on the client when
 * its manager aborts. */
static void test_pending_ends(handle_t h)
{
    ASYNC_ndr_async_longs pipe = {0};
    RPC_ASYNC_STATE async;
    ULONG count;
    long reply;

    make(&async, h, FLOW_HOLD, 0, &pipe);
    wait_for(async.u.hEvent, "RpcSendComplete");
    ok_status(pipe.push(pipe.state, buffer, 4), RPC_S_OK, "push");
    wait_for(held, "the manager");
    held_async->NotificationType = RpcNotificationTypeEvent;
    held_async->u.hEvent = go;
    ok_status(RpcAsyncRegisterInfo(held_async), RPC_S_OK, "RpcAsyncRegisterInfo");
    while (held_pipe->pull(held_pipe->state, buffer, PIECE, &count) == RPC_S_OK)
        ;
    ok_status(RpcAsyncCancelCall(&async, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_CALL_CANCELLED, "completion of a cancelled call");
    do {
        wait_for(go, "RpcReceiveComplete");
        reply = held_pipe->pull(held_pipe->state, buffer, PIECE, &count);
    } while (reply == RPC_S_OK || reply == RPC_S_ASYNC_CALL_PENDING);
    ok(reply == RPC_S_CALL_FAILED || reply == RPC_S_CALL_CANCELLED, "the manager's pull: %ld\n", reply);
    ok_status(RpcAsyncAbortCall(held_async, reply), RPC_S_OK, "RpcAsyncAbortCall");
    CloseHandle(async.u.hEvent);

    memset(&pipe, 0, sizeof(pipe));
    make(&async, h, FLOW_HOLD, 0, &pipe);
    wait_for(async.u.hEvent, "RpcSendComplete");
    ok_status(pipe.push(pipe.state, NULL, 0), RPC_S_OK, "null push");
    ok_status(pipe.pull(pipe.state, buffer, 1, &count), RPC_S_ASYNC_CALL_PENDING, "pull");
    wait_for(held, "the manager");
    ok_status(RpcAsyncAbortCall(held_async, ERROR_NOT_READY), RPC_S_OK, "RpcAsyncAbortCall");
    wait_for(async.u.hEvent, "RpcReceiveComplete");
    ok(async.Event == RpcReceiveComplete, "event %d\n", async.Event);
    ok_status(pipe.pull(pipe.state, buffer, 1, &count), ERROR_NOT_READY, "pull from an aborted call");
    ok_status(RpcAsyncCancelCall(&async, FALSE), RPC_S_OK, "RpcAsyncCancelCall");
    wait_for(async.u.hEvent, "RpcCallComplete");
    ok_status(RpcAsyncCompleteCall(&async, &reply), ERROR_NOT_READY, "completion of an aborted call");
    CloseHandle(async.u.hEvent);
}

START_TEST(ndr_pipe_flow)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    int i;

    held = CreateEventW(NULL, FALSE, FALSE, NULL);
    go = CreateEventW(NULL, FALSE, FALSE, NULL);
    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_whole(h, 0, 0);
        test_whole(h, 5, 0);
        test_whole(h, 0, 5);
        test_whole(h, 1 << 20, 1 << 20);
        test_answered_early(h, FLOW_ABORT, ERROR_NOT_READY);
        test_answered_early(h, FLOW_EARLY, RPC_X_PIPE_DISCIPLINE_ERROR);
        test_cancelled(h);
        test_pending_ends(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
