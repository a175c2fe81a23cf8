/*
 * Manager routines of test_ndr that have pipes.
 */
#include "ndr.h"

enum { BULK = 16384 };

HANDLE ndr_pipe_go, ndr_pipe_begun, ndr_pipe_ended;
volatile RPC_STATUS ndr_pipe_end, ndr_pipe_cancel;
volatile BOOL ndr_pipe_disorder;

static LONG bulk[BULK]; /* one bulk call at a time */

static void sum_up(ndr_longs *p, LONG *buffer, ULONG capacity, hyper *sum)
{
    struct {
        ULONG count, beside;
    } got = {0, 0x12345678};
    ULONG i;

    do {
        p->pull(p->state, buffer, capacity, &got.count);
        for (i = 0; i < got.count; i++)
            *sum += buffer[i];
    } while (got.count);
    ok(got.beside == 0x12345678, "more than a count was written\n");
}

/* There is nothing else to wait for. */
static void await_cancel(void)
{
    ULONGLONG end = GetTickCount64() + HANG_GUARD;

    while ((ndr_pipe_cancel = RpcServerTestCancel(NULL)) == RPC_S_CALL_IN_PROGRESS && GetTickCount64() < end)
        Sleep(2);
    SetEvent(ndr_pipe_ended);
}

void s_ndr_pipe_in(handle_t h, long mode, ndr_longs p, hyper *sum)
{
    LONG buffer[7];
    ULONG count;

    (void)h;
    *sum = 0;
    if (mode == PIPE_ABANDON)
        return;
    if (mode == PIPE_RAISE)
        RpcRaiseException(ERROR_CANCELLED);
    if (mode == PIPE_NOTHING)
        p.pull(p.state, buffer, 0, &count);
    if (mode == PIPE_HOLD || mode == PIPE_RECORD || mode == PIPE_WATCH)
        SetEvent(ndr_pipe_begun);
    if (mode == PIPE_HOLD)
        wait_for(ndr_pipe_go, "leave to pull");
    if (mode == PIPE_WATCH) {
        await_cancel();
        wait_for(ndr_pipe_go, "leave to end");
        RpcRaiseException(ERROR_CANCELLED);
    }
    if (mode == PIPE_RECORD) {
        ndr_pipe_end = CAUGHT(sum_up(&p, buffer, 7, sum));
        SetEvent(ndr_pipe_ended);
        RpcRaiseException(ndr_pipe_end);
    }
    if (mode == PIPE_BULK)
        sum_up(&p, bulk, BULK, sum);
    else
        sum_up(&p, buffer, 7, sum);
    if (mode == PIPE_HOLD)
        ndr_pipe_cancel = RpcServerTestCancel(NULL);
    if (mode == PIPE_OVER)
        p.pull(p.state, buffer, 7, &count);
}

void s_ndr_pipe_out(handle_t h, long mode, long count, ndr_longs *p)
{
    LONG few[100], *buffer = mode == PIPE_BULK ? bulk : few, at = 0, i;
    LONG most = mode == PIPE_BULK ? BULK : 100;

    (void)h;
    while (at < count) {
        LONG chunk = count - at < most ? count - at : most;

        for (i = 0; i < chunk; i++)
            buffer[i] = at + i;
        p->push(p->state, buffer, chunk);
        at += chunk;
        if (mode == PIPE_RAISE)
            RpcRaiseException(ERROR_CANCELLED);
        if (mode == PIPE_HOLD) {
            SetEvent(ndr_pipe_begun);
            wait_for(ndr_pipe_go, "leave to push");
        }
    }
    if (mode != PIPE_ABANDON)
        p->push(p->state, buffer, 0);
    if (mode == PIPE_OVER)
        p->push(p->state, buffer, 1);
}

long s_ndr_pipe_both(handle_t h, long mode, ndr_pairs *p, ndr_longs *q)
{
    ndr_pair *kept = NULL, piece[5];
    LONG total = 0, i;
    ULONG count;

    (void)h;
    if (mode == PIPE_DISCIPLINE)
        q->push(q->state, &total, 1);
    do {
        p->pull(p->state, piece, 5, &count);
        kept = realloc(kept, (total + count + 1) * sizeof(*kept));
        memcpy(kept + total, piece, count * sizeof(*kept));
        total += (LONG)count;
    } while (count);
    for (i = 0; i < total; i++)
        kept[i].a = -kept[i].a;
    if (mode == PIPE_ORDER) {
        free(kept);
        q->push(q->state, &total, 1);
    }
    if (total)
        p->push(p->state, kept, total);
    p->push(p->state, kept, 0);
    q->push(q->state, &total, 1);
    q->push(q->state, &total, 0);
    free(kept);
    return total;
}

long s_ndr_pipe_beside(handle_t h, long n, long *v, ndr_longs p, ndr_longs *q, long *copy)
{
    LONG buffer[50];
    hyper sum = 0;

    (void)h;
    sum_up(&p, buffer, 50, &sum);
    q->push(q->state, v, 10);
    q->push(q->state, v, 0);
    memcpy(copy, v, n * sizeof(*v));
    return (long)sum;
}

/* Pairs go back as they come, but none may before all has come. */
long s_ndr_pipe_many(handle_t h, ndr_chars c, ndr_pairs *p, ndr_longs l, ndr_chars *back)
{
    char text[300];
    ndr_pair pairs[50];
    LONG buffer[9];
    ULONG count, length = 0, number = 0;
    hyper sum = 0;

    (void)h;
    if (ndr_pipe_disorder)
        sum_up(&l, buffer, 9, &sum);
    do {
        c.pull(c.state, (void *)(text + length), 7, &count);
        length += count;
    } while (count);
    do {
        p->pull(p->state, pairs + number, 3, &count);
        number += count;
    } while (count);
    sum_up(&l, buffer, 9, &sum);
    p->push(p->state, pairs, number);
    p->push(p->state, pairs, 0);
    while (length--)
        back->push(back->state, (void *)(text + length), 1);
    back->push(back->state, NULL, 0);
    return (long)sum;
}

hyper s_ndr_sum(handle_t h, long n, long *v)
{
    hyper sum = 0;
    long i;

    (void)h;
    for (i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

struct async_pipe_call {
    PRPC_ASYNC_STATE async;
    long count, *sum;
    ASYNC_ndr_async_longs *pipe;
};

static DWORD WINAPI serve_async_pipe(void *argument)
{
    struct async_pipe_call *call = argument;
    LONG buffer[13], reply = 2 * call->count, i;
    RPC_STATUS status;
    ULONG count;

    *call->sum = 0;
    call->async->NotificationType = RpcNotificationTypeEvent;
    call->async->u.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    ok_status(RpcAsyncRegisterInfo(call->async), RPC_S_OK, "the server's registration");
    do {
        status = call->pipe->pull(call->pipe->state, buffer, 13, &count);
        for (i = 0; i < (LONG)count; i++)
            *call->sum += buffer[i];
        if (status == RPC_S_ASYNC_CALL_PENDING)
            wait_for(call->async->u.hEvent, "something for the server to pull");
    } while (status == RPC_S_ASYNC_CALL_PENDING || (status == RPC_S_OK && count));
    ok_status(status, RPC_S_OK, "the server's pull");
    CloseHandle(call->async->u.hEvent);
    call->async->NotificationType = RpcNotificationTypeNone;
    ok_status(RpcAsyncRegisterInfo(call->async), RPC_S_OK, "the server's second registration");
    for (i = 0; i < call->count; i++)
        ok_status(call->pipe->push(call->pipe->state, &i, 1), RPC_S_OK, "the server's push");
    ok_status(call->pipe->push(call->pipe->state, NULL, 0), RPC_S_OK, "the server's last push");
    ok_status(RpcAsyncCompleteCall(call->async, &reply), RPC_S_OK, "the server's completion");
    free(call);
    return 0;
}

void s_ndr_pipe_async(PRPC_ASYNC_STATE async, handle_t h, long count, ASYNC_ndr_async_longs *p, long *sum)
{
    struct async_pipe_call *call = malloc(sizeof(*call));

    (void)h;
    *call = (struct async_pipe_call){async, count, sum, p};
    CloseHandle(CreateThread(NULL, 0, serve_async_pipe, call, 0, NULL));
}
