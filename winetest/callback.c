/*
 * Callbacks: SDK, "callback attribute"; [MS-RPCE] 2.2.4.2 (operation numbers) and 3.3.1.5.9 (on the wire).
 */
#include "callback.h"
#include "raw.h"

handle_t callback_binding;
static const struct endpoint *elsewhere; /* its server */
static callback_context context;
static volatile LONG answers, deepest;
static HANDLE waiting, proceed;
static volatile int *volatile nowhere;

/* ---- what the client is called back for */

/* Whatever a program asks of the call, as it may of any that is served to it: an answer or a status. */
static void look_around(RPC_BINDING_HANDLE call)
{
    RPC_CALL_ATTRIBUTES_V1_W attributes = {.Version = 1};
    RPC_BINDING_HANDLE server = NULL;
    RPC_WSTR text = NULL;
    ULONG pid = 0;
    UUID object;

    if (!RpcBindingToStringBindingW(call, &text))
        RpcStringFreeW(&text);
    if (!RpcBindingServerFromClient(call, &server))
        RpcBindingFree(&server);
    ok_status(RpcBindingInqObject(call, &object), RPC_S_OK, "RpcBindingInqObject");
    if (!RpcImpersonateClient(call))
        RpcRevertToSelf();
    I_RpcBindingInqLocalClientPID(call, &pid);
    RpcServerInqCallAttributesW(call, &attributes);
    ok(RpcSsContextLockExclusive(call, &pid) != RPC_S_OK, "locked no context\n");
    ok_status(RpcBindingSetObject(call, &object), RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingSetObject");
}

static LONG look(LONG value)
{
    RPC_BINDING_HANDLE call = I_RpcGetCurrentCallHandle();
    unsigned type = 0;

    ok(call != NULL && call != callback_binding, "the callback is no call of its own\n");
    ok_status(RpcServerTestCancel(NULL), RPC_S_CALL_IN_PROGRESS, "RpcServerTestCancel");
    ok_status(I_RpcBindingInqTransportType(call, &type), RPC_S_OK, "I_RpcBindingInqTransportType");
    ok(type == (!strcmp(elsewhere->transport->protseq, "ncalrpc") ? TRANSPORT_TYPE_LPC : TRANSPORT_TYPE_CN),
       "transport type %u\n", type);
    look_around(call);
    return value;
}

/* SDK: callbacks "execute as part of a single thread", so a call in a callback runs on the server's thread
 * that waits for the callback. */
static LONG call_server(handle_t h, LONG thread, LONG value)
{
    RpcTryExcept
    {
        ok(callback_thread(h) == thread || !thread, "the call inside is on another thread\n");
        ok(callback_ask(h, BACK_DOUBLE, value) == 2 * value + 1, "wrong answer inside\n");
    }
    RpcExcept(1)
    {
        ok(0, "exception %lu\n", (unsigned long)RpcExceptionCode());
    }
    RpcEndExcept return value;
}

static LONG call_elsewhere(LONG value)
{
    handle_t other = bind_to(elsewhere);

    call_server(other, 0, value);
    unbind(&other);
    return value;
}

LONG back_answer(back_what what, LONG value)
{
    InterlockedIncrement(&answers);
    switch (what) {
    case BACK_DOUBLE:
        return 2 * value;
    case BACK_RAISE:
        RpcRaiseException(value);
    case BACK_CRASH:
        *nowhere = 0;
        return 0;
    case BACK_LOOK:
        return look(value);
    case BACK_CALL:
        return call_server(callback_binding, value, 5);
    case BACK_CALL_ELSEWHERE:
        return call_elsewhere(value);
    case BACK_CALL_RAISES:
        return callback_caught(callback_binding, BACK_RAISE, value);
    case BACK_CONTEXT:
        return callback_use(context, BACK_DOUBLE) + value;
    case BACK_WAIT:
        SetEvent(waiting);
        WaitForSingleObject(proceed, HANG_GUARD);
        return value;
    case BACK_EXIT:
        TerminateProcess(GetCurrentProcess(), 77);
    }
    return -1;
}

LONG back_deeper(LONG depth)
{
    LONG deeper = 0;

    InterlockedIncrement(&deepest);
    if (depth)
        deeper = callback_nest(callback_binding, depth - 1);
    return deeper + 1;
}

void back_digest(LONG count, LONG *data, wchar_t *text, hyper *sum, wchar_t **upper)
{
    size_t size = (wcslen(text) + 1) * sizeof(*text);

    *sum = 0;
    for (LONG i = 0; i < count; i++)
        *sum += data[i];
    *upper = midl_user_allocate(size);
    memcpy(*upper, text, size);
    _wcsupr(*upper);
}

void back_nothing(void)
{
}

/* ---- tests */

static void test_values(void)
{
    static const LONG sizes[] = {0, 1, 5, 3000, 100000};
    LONG before = live_allocations();

    for (LONG value = -3; value < 4; value++)
        ok(callback_ask(callback_binding, BACK_DOUBLE, value) == 2 * value + 1, "wrong answer\n");
    ok(callback_ask(callback_binding, BACK_LOOK, 5) == 6, "wrong answer\n");
    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        LONG *data = malloc((sizes[i] + 1) * sizeof(*data));
        wchar_t *text = malloc((sizes[i] + 1) * sizeof(*text)), *upper = NULL;
        hyper sum = 0, expected = 0;

        for (LONG k = 0; k < sizes[i]; k++) {
            data[k] = k * 77 - 5;
            expected += data[k];
            text[k] = L'a' + k % 26;
        }
        text[sizes[i]] = 0;
        callback_bulk(callback_binding, sizes[i], data, text, &sum, &upper);
        _wcsupr(text);
        ok(sum == expected && upper && !wcscmp(upper, text), "%ld elements: wrong digest\n", (long)sizes[i]);
        midl_user_free(upper);
        free(data);
        free(text);
    }
    ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
}

/* What the callback raises, its manager catches, or else its caller. */
static void test_exceptions(void)
{
    ULONG status;

    ok_status(callback_caught(callback_binding, BACK_RAISE, 0x1234), 0x1234, "raised in the callback");
    ok_status(callback_caught(callback_binding, BACK_RAISE, RPC_S_SERVER_TOO_BUSY), RPC_S_SERVER_TOO_BUSY,
              "raised in the callback");
    ok_status(CAUGHT(callback_ask(callback_binding, BACK_RAISE, 0x1234)), 0x1234, "through both");
    status = callback_caught(callback_binding, BACK_CRASH, 0);
    ok(status == 0xC0000005 || status == ERROR_NOACCESS || status == RPC_S_ADDRESS_ERROR,
       "access violation: %lu\n", status);
    ok(callback_ask(callback_binding, BACK_DOUBLE, 1) == 3, "the binding is of no use after exceptions\n");
}

/* [MS-RPCE] 3.3.1.5.9: a client in a callback makes further calls on the connection, inside. */
static void test_nested(void)
{
    ok(callback_ask(callback_binding, BACK_CALL, 5) == 6, "wrong answer\n");
    ok(callback_ask(callback_binding, BACK_CALL_ELSEWHERE, 5) == 6, "wrong answer\n");
    ok(callback_ask(callback_binding, BACK_CALL_RAISES, 0x4321) == 0x4322, "the exception inside is lost\n");
    for (LONG depth = 0; depth < CALLBACK_NESTING; depth++) {
        deepest = 0;
        ok(callback_nest(callback_binding, depth) == depth + 1, "depth %ld: wrong answer\n", (long)depth);
        ok(deepest == (depth + 1) / 2, "depth %ld: %ld callbacks\n", (long)depth, (long)deepest);
    }
}

/* Too deep is an exception, not the end of either stack. Where the bound lies is unverified on Windows. */
static void test_bounded(void)
{
    RPC_STATUS status = CAUGHT(callback_nest(callback_binding, 100000));

    ok(status == RPC_S_OUT_OF_RESOURCES, "nesting without end: %ld\n", status);
    ok(callback_ask(callback_binding, BACK_DOUBLE, 1) == 3, "the binding is of no use afterwards\n");
}

/* A serialized context handle is its call's; a call inside that call may use it too. */
static void test_context(void)
{
    callback_open(callback_binding, 40, &context);
    ok(callback_use(context, BACK_DOUBLE) == 40, "wrong context\n");
    ok(callback_use(context, BACK_CONTEXT) == 80, "wrong context inside\n");
    ok(callback_use(context, BACK_DOUBLE) == 40, "wrong context\n");
    callback_close(&context);
}

/* An asynchronous call has no thread for callbacks, and a thread without a call nobody to call back.
 * unverified on Windows: the statuses. */
static void test_refused(void)
{
    RPC_ASYNC_STATE state;
    ULONG status = 0;

    ok_status(RpcAsyncInitializeHandle(&state, sizeof(state)), RPC_S_OK, "RpcAsyncInitializeHandle");
    state.NotificationType = RpcNotificationTypeEvent;
    state.u.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
    callback_async(&state, callback_binding);
    wait_for(state.u.hEvent, "the asynchronous call");
    ok_status(RpcAsyncCompleteCall(&state, &status), RPC_S_OK, "RpcAsyncCompleteCall");
    ok_status(status, RPC_S_CALL_FAILED_DNE, "a callback to an asynchronous call");
    CloseHandle(state.u.hEvent);
    ok_status(callback_later(callback_binding), RPC_S_INVALID_BINDING, "a callback without a call");
    ok(answers && callback_ask(callback_binding, BACK_DOUBLE, 1) == 3,
       "the binding is of no use afterwards\n");
}

struct caller {
    RPC_STATUS caught;
    LONG answer;
};

static DWORD WINAPI ask_and_wait(void *argument)
{
    struct caller *caller = argument;

    caller->caught = CAUGHT(caller->answer = callback_ask(callback_binding, BACK_WAIT, 9));
    return 0;
}

/* SDK, "callback attribute": RpcCancelThread is not for calls that may call back. With us it does no harm:
 * the server is told, and a time-out ends the call. */
static void test_cancelled(void)
{
    struct caller caller = {0};
    HANDLE thread = CreateThread(NULL, 0, ask_and_wait, &caller, 0, NULL);

    wait_for(waiting, "the callback");
    ok_status(RpcCancelThreadEx(thread, RPC_C_CANCEL_INFINITE_TIMEOUT), RPC_S_OK, "RpcCancelThreadEx");
    SetEvent(proceed);
    wait_for(thread, "the cancelled caller");
    ok_status(caller.caught, RPC_S_OK, "the cancelled call whose server returned");
    ok(caller.answer == 10, "wrong answer %ld\n", (long)caller.answer);
    CloseHandle(thread);
    ok(callback_ask(callback_binding, BACK_DOUBLE, 1) == 3, "the binding is of no use afterwards\n");
}

static DWORD WINAPI caught_and_wait(void *argument)
{
    struct caller *caller = argument;

    caller->caught = CAUGHT(callback_caught(callback_binding, BACK_WAIT, 9));
    return 0;
}

static void test_abandoned(void)
{
    struct caller caller = {0};
    HANDLE thread;

    callback_ended = CreateEventA(NULL, FALSE, FALSE, NULL);
    thread = CreateThread(NULL, 0, caught_and_wait, &caller, 0, NULL);
    wait_for(waiting, "the callback");
    ok_status(RpcCancelThreadEx(thread, 0), RPC_S_OK, "RpcCancelThreadEx");
    wait_for(callback_ended, "the manager whose client has gone");
    ok(callback_seen == RPC_S_CALL_CANCELLED || callback_seen == RPC_S_CALL_FAILED, "the manager saw %ld\n",
       callback_seen);
    SetEvent(proceed);
    wait_for(thread, "the cancelled caller");
    ok_status(caller.caught, RPC_S_CALL_CANCELLED, "the abandoned call");
    CloseHandle(thread);
    CloseHandle(callback_ended);
    callback_ended = NULL;
    ok(callback_ask(callback_binding, BACK_DOUBLE, 1) == 3, "the binding is of no use afterwards\n");
}

/* Calls of many threads on one handle, each with callbacks and calls in these: none gets another's. */
static DWORD WINAPI ask_often(void *argument)
{
    LONG base = (LONG)(LONG_PTR)argument, wrong = 0;

    for (LONG i = 0; i < 50; i++) {
        wrong += callback_ask(callback_binding, BACK_DOUBLE, base + i) != 2 * (base + i) + 1;
        wrong += callback_nest(callback_binding, i % 9) != i % 9 + 1;
        wrong += callback_ask(callback_binding, BACK_CALL, 5) != 6;
    }
    return wrong;
}

static void test_concurrent(void)
{
    HANDLE threads[8];
    DWORD wrong;

    for (LONG i = 0; i < 8; i++)
        threads[i] = CreateThread(NULL, 0, ask_often, (void *)(LONG_PTR)(i * 1000), 0, NULL);
    for (int i = 0; i < 8; i++) {
        wait_for(threads[i], "a caller");
        GetExitCodeThread(threads[i], &wrong);
        ok(!wrong, "thread %d: %lu wrong answers\n", i, wrong);
        CloseHandle(threads[i]);
    }
}

static void run_all(const struct endpoint *endpoint)
{
    elsewhere = endpoint;
    callback_binding = bind_to(endpoint);
    test_values();
    test_exceptions();
    test_nested();
    test_bounded();
    test_context();
    test_refused();
    test_concurrent();
    test_cancelled();
    unbind(&callback_binding);
}

static void make_events(void)
{
    waiting = CreateEventA(NULL, FALSE, FALSE, NULL);
    proceed = CreateEventA(NULL, FALSE, FALSE, NULL);
}

/* A client in another process. */
START_CHILD(callback_client)
{
    struct endpoint endpoint;

    name_endpoint(&endpoint, argv[0], argv[1]);
    make_events();
    winetest_context("%s, two processes", argv[0]);
    run_all(&endpoint);
}

START_CHILD(callback_dies)
{
    struct endpoint endpoint;

    name_endpoint(&endpoint, argv[0], argv[1]);
    callback_binding = bind_to(&endpoint);
    callback_caught(callback_binding, BACK_EXIT, 0);
}

/* The client's process ends in the callback: the manager gets an exception. */
static void test_client_dies(const struct endpoint *endpoint)
{
    callback_ended = CreateEventA(NULL, FALSE, FALSE, NULL);
    callback_seen = 0;
    child_wait(child_start("callback_dies", "%s %s", endpoint->transport->protseq, endpoint->name), 77);
    wait_for(callback_ended, "the manager whose client has died");
    ok_status(callback_seen, RPC_S_CALL_FAILED, "the manager whose client has died");
    CloseHandle(callback_ended);
    callback_ended = NULL;
}

/* The server's process ends while its client is in the callback. */
START_CHILD(callback_server)
{
    struct endpoint endpoint;

    name_endpoint(&endpoint, argv[0], argv[1]);
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_callback_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    SetEvent(shared_event("callback_listens", 0));
    child_awaits_kill();
}

static void test_server_dies(const struct transport *transport)
{
    struct endpoint endpoint;
    struct caller caller = {0};
    HANDLE server, thread;

    make_endpoint(&endpoint, transport, "dies");
    server = child_start("callback_server", "%s %s", transport->protseq, endpoint.name);
    wait_for(shared_event("callback_listens", 0), "the server");
    callback_binding = bind_to(&endpoint);
    thread = CreateThread(NULL, 0, ask_and_wait, &caller, 0, NULL);
    wait_for(waiting, "the callback");
    child_kill(server);
    SetEvent(proceed);
    wait_for(thread, "the caller whose server has died");
    ok_status(caller.caught, RPC_S_CALL_FAILED, "the server died while it called back");
    CloseHandle(thread);
    unbind(&callback_binding);
}

START_TEST(callback)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    make_events();
    serve(endpoints, test_callback_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        winetest_context("%s", endpoints[i].transport->protseq);
        run_all(&endpoints[i]);
        callback_binding = bind_to(&endpoints[i]);
        test_abandoned();
        unbind(&callback_binding);
        child_wait(
            child_start("callback_client", "%s %s", endpoints[i].transport->protseq, endpoints[i].name), 0);
        test_client_dies(&endpoints[i]);
        test_server_dies(endpoints[i].transport);
    }
    winetest_context("%s", "");
    stop_serving();
}
