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
