/*
 * Manager routines of test_ndr, and what the tests of them share. They run in the process of the test or in a
 * child of it; what they count is for a test in the same process.
 */
#include "ndr.h"

struct ndr_counts ndr_counts;

/* ---- context handles: the context is a number made with malloc */

static void *new_context(long value)
{
    LONG *number = malloc(sizeof(*number));

    *number = value;
    return number;
}

void __RPC_USER ndr_context_rundown(ndr_context context)
{
    InterlockedIncrement(&ndr_counts.rundowns);
    ndr_counts.last_rundown = *(LONG *)context;
    free(context);
    SetEvent(shared_event("ndr_rundown", 0));
}

void s_ndr_open(handle_t h, long value, ndr_context *context)
{
    (void)h;
    ok(!*context, "an [out] handle begins as NULL\n");
    *context = value ? new_context(value) : NULL;
}

ndr_context s_ndr_open_returned(handle_t h, long value)
{
    (void)h;
    return new_context(value);
}

long s_ndr_use(ndr_context context)
{
    return *(LONG *)context;
}

void s_ndr_exchange(ndr_context *context, long value)
{
    free(*context);
    *context = value ? new_context(value) : NULL;
}

void s_ndr_close(ndr_context *context)
{
    free(*context);
    *context = NULL;
}

static volatile LONG inside;

/* Gives the most calls that were in here together; a second one ends the wait of the first. */
long s_ndr_meet(ndr_context context, long milliseconds)
{
    HANDLE met = shared_event("ndr_met", 1);
    LONG now = InterlockedIncrement(&inside);

    (void)context;
    if (now > 1)
        SetEvent(met);
    SetEvent(shared_event("ndr_entered", 0));
    WaitForSingleObject(met, milliseconds);
    InterlockedDecrement(&inside);
    return now;
}

long s_ndr_inside(handle_t h)
{
    (void)h;
    return inside;
}

/* ---- handles, statuses, notification */

/* A generic handle is data like any other to the server. */
long s_ndr_by_number(ndr_server_number number, long value)
{
    return number * 1000 + value;
}

static void raise_if(unsigned long code)
{
    if (code)
        RpcRaiseException(code);
}

error_status_t s_ndr_comm(handle_t h, unsigned long code)
{
    (void)h;
    raise_if(code);
    return 0;
}

error_status_t s_ndr_fault(handle_t h, unsigned long code)
{
    (void)h;
    raise_if(code);
    return 0;
}

void s_ndr_both(handle_t h, unsigned long code, error_status_t *comm, error_status_t *fault)
{
    (void)h;
    raise_if(code);
    *comm = *fault = 0;
}

long s_ndr_notified(handle_t h, unsigned long code)
{
    (void)h;
    raise_if(code);
    return InterlockedAdd(&ndr_counts.notified, 0);
}

void s_ndr_notified_notify(void)
{
    InterlockedIncrement(&ndr_counts.notified);
    SetEvent(shared_event("ndr_notified", 0));
}

long s_ndr_notified_flag(handle_t h, unsigned long code)
{
    (void)h;
    raise_if(code);
    return 1;
}

void s_ndr_notified_flag_notify_flag(boolean manager_called)
{
    ndr_counts.manager_called = manager_called;
    SetEvent(shared_event("ndr_notified", 0));
}

/* ---- memory */

void s_ndr_outs(handle_t h, unsigned long code, long *n, wchar_t **s, ndr_pair *pair, ndr_node **list)
{
    (void)h;
    ok(!*s && !*list, "[out] pointers begin as NULL\n");
    *n = 1;
    raise_if(code);
    *s = midl_user_allocate(3 * sizeof(wchar_t));
    wcscpy(*s, L"ab");
    pair->a = 2;
    pair->b = 3;
    *list = midl_user_allocate(sizeof(**list));
    (*list)->value = 4;
    (*list)->next = NULL;
}

/* With [enable_allocate]: nothing is freed here. */
void s_ndr_list(handle_t h, long count, ndr_node **list)
{
    (void)h;
    while (count--) {
        ndr_node *node = RpcSsAllocate(sizeof(*node));

        node->value = count;
        node->next = *list;
        *list = node;
    }
}

/* ---- pipes */

void s_ndr_pipe_in(handle_t h, long mode, ndr_longs p, hyper *sum)
{
    LONG buffer[7];
    size_t count, i;

    (void)h;
    *sum = 0;
    if (mode == PIPE_ABANDON)
        return;
    if (mode == PIPE_RAISE)
        RpcRaiseException(ERROR_CANCELLED);
    do {
        p.pull(p.state, buffer, 7, &count);
        for (i = 0; i < count; i++)
            *sum += buffer[i];
    } while (count);
    if (mode == PIPE_OVER)
        p.pull(p.state, buffer, 7, &count);
}

void s_ndr_pipe_out(handle_t h, long mode, long count, ndr_longs *p)
{
    LONG buffer[100], at = 0, i;

    (void)h;
    while (at < count) {
        LONG chunk = count - at < 100 ? count - at : 100;

        for (i = 0; i < chunk; i++)
            buffer[i] = at + i;
        p->push(p->state, buffer, chunk);
        at += chunk;
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
    size_t count;

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
    if (total)
        p->push(p->state, kept, total);
    p->push(p->state, kept, 0);
    q->push(q->state, &total, 1);
    q->push(q->state, &total, 0);
    free(kept);
    return total;
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
    size_t count;

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
