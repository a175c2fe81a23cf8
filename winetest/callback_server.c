/*
 * Manager routines of test_callback: most do nothing but call their client back.
 */
#include "callback.h"

volatile RPC_STATUS callback_seen;
HANDLE callback_ended;

LONG s_callback_ask(handle_t h, back_what what, LONG value)
{
    LONG answer;

    ok(I_RpcGetCurrentCallHandle() == h, "another current call\n");
    answer = s_back_answer(what, what == BACK_CALL ? (LONG)GetCurrentThreadId() : value);
    ok(I_RpcGetCurrentCallHandle() == h, "another current call after the callback\n");
    s_back_nothing();
    return answer + 1;
}

ULONG s_callback_caught(handle_t h, back_what what, LONG value)
{
    ULONG caught = CAUGHT(s_back_answer(what, value));

    callback_seen = caught;
    ok(I_RpcGetCurrentCallHandle() == h, "another current call\n");
    if (callback_ended)
        SetEvent(callback_ended);
    return caught;
}

LONG s_callback_thread(handle_t h)
{
    ok(I_RpcGetCurrentCallHandle() == h, "another current call\n");
    return (LONG)GetCurrentThreadId();
}

LONG s_callback_nest(handle_t h, LONG depth)
{
    LONG deeper = depth ? s_back_deeper(depth - 1) : 0;

    ok(I_RpcGetCurrentCallHandle() == h, "another current call\n");
    return deeper + 1;
}

void s_callback_bulk(handle_t h, LONG count, LONG *data, wchar_t *text, hyper *sum, wchar_t **upper)
{
    (void)h;
    s_back_digest(count, data, text, sum, upper);
}

void s_callback_open(handle_t h, LONG value, callback_context *context)
{
    LONG *held = malloc(sizeof(*held));

    (void)h;
    *held = value;
    *context = held;
}

LONG s_callback_use(callback_context context, back_what what)
{
    LONG *held = context;

    return what == BACK_CONTEXT ? s_back_answer(what, *held) : *held;
}

void s_callback_close(callback_context *context)
{
    free(*context);
    *context = NULL;
}

void __RPC_USER callback_context_rundown(callback_context context)
{
    free(context);
}

/* The client's call is asynchronous: nobody waits there. */
void s_callback_async(PRPC_ASYNC_STATE state, handle_t h)
{
    ULONG caught = CAUGHT(s_back_nothing());

    (void)h;
    ok_status(RpcAsyncCompleteCall(state, &caught), RPC_S_OK, "RpcAsyncCompleteCall");
}

static DWORD WINAPI elsewhere(void *caught)
{
    *(ULONG *)caught = CAUGHT(s_back_nothing());
    return 0;
}

/* A thread that serves no call calls back. */
ULONG s_callback_later(handle_t h)
{
    ULONG caught = 0;
    HANDLE thread = CreateThread(NULL, 0, elsewhere, &caught, 0, NULL);

    (void)h;
    wait_for(thread, "the other thread");
    CloseHandle(thread);
    return caught;
}
