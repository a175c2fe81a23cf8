/*
 * Giving up a call that has no connection yet: its maker connects, or waits for the answer to bind or
 * alter_context. RpcCancelThread and RpcCancelThreadEx (SDK: when the server does not return within the
 * interval, the call fails with RPC_S_CALL_CANCELLED), RPC_C_OPT_CALL_TIMEOUT (SDK, RpcBindingSetOption),
 * RpcMgmtSetComTimeout, and RpcAsyncCancelCall, for calls with and without pipes. That all of them count
 * while a call binds is unverified on Windows. Each test waits for ever where a call is not given up.
 */
#include "async_client.h"
#include "ndr.h"
#include "raw.h"
#include "test_allasync.h"
#include "test_pipe_back.h"
#include "test_sync.h"

/* ---- calls whose thread waits */

struct caller {
    handle_t h;
    RPC_STATUS (*make)(handle_t h);
    LONG cancel_timeout;
    RPC_STATUS caught;
};

static RPC_STATUS make_plain(handle_t h)
{
    return CAUGHT(sync_null(h));
}

static void __RPC_API no_pull(char *state, LONG *elements, ULONG capacity, ULONG *count)
{
    (void)state, (void)elements, (void)capacity;
    *count = 0;
}

static void __RPC_API no_push(char *state, LONG *elements, ULONG count)
{
    (void)state, (void)elements, (void)count;
}

static void __RPC_API allocate(char *state, ULONG octets, void **memory, ULONG *given)
{
    static LONG element;

    (void)state, (void)octets;
    *memory = &element;
    *given = sizeof(element);
}

static RPC_STATUS make_pipe_in(handle_t h)
{
    ndr_longs pipe = {(void *)no_pull, (void *)no_push, (void *)allocate, NULL};
    hyper sum;

    return CAUGHT(ndr_pipe_in(h, PIPE_WHOLE, pipe, &sum));
}

static RPC_STATUS make_pipe_out(handle_t h)
{
    ndr_longs pipe = {(void *)no_pull, (void *)no_push, (void *)allocate, NULL};

    return CAUGHT(ndr_pipe_out(h, PIPE_WHOLE, 1, &pipe));
}

/* Of other interfaces, with arguments that a response of 8 zeros answers. */
static RPC_STATUS make_other_plain(handle_t h)
{
    long none = 0;

    return CAUGHT(ndr_sum(h, 0, &none));
}

static RPC_STATUS make_other_pipe(handle_t h)
{
    back_longs pipe = {(void *)no_pull, (void *)no_push, (void *)allocate, NULL};
    hyper sum;

    return CAUGHT(pipe_back(h, 0, pipe, &sum));
}

static const struct kind {
    const char *name;
    RPC_STATUS (*make)(handle_t h);
    RPC_STATUS (*before)(handle_t h); /* leaves a connection that this one would use */
} kinds[] = {{"plain", make_plain, make_other_plain},
             {"in pipe", make_pipe_in, make_other_pipe},
             {"out pipe", make_pipe_out, make_other_pipe}};

static DWORD WINAPI caller_thread(void *context)
{
    struct caller *caller = context;

    ok_status(RpcMgmtSetCancelTimeout(caller->cancel_timeout), RPC_S_OK, "RpcMgmtSetCancelTimeout");
    caller->caught = caller->make(caller->h);
    return 0;
}

static HANDLE start_caller(struct caller *caller, const struct kind *kind, handle_t h, LONG cancel_timeout)
{
    *caller = (struct caller){h, kind->make, cancel_timeout, ~0u};
    return CreateThread(NULL, 0, caller_thread, caller, 0, NULL);
}

static void end_caller(struct caller *caller, HANDLE thread, RPC_STATUS expected, const char *what)
{
    if (wait_for(thread, what))
        ok_status(caller->caught, expected, what);
    CloseHandle(thread);
}

static handle_t bind_to_raw(const struct raw_server *server)
{
    struct endpoint endpoint;
    handle_t h;

    name_endpoint(&endpoint, "ncacn_ip_tcp", server->endpoint);
    h = bind_to(&endpoint);
    ok_status(RpcMgmtSetComTimeout(h, RPC_C_BINDING_INFINITE_TIMEOUT), RPC_S_OK, "RpcMgmtSetComTimeout");
    return h;
}

static void unbind_now(handle_t *h)
{
    RpcBindingSetOption(*h, RPC_C_OPT_DONT_LINGER, TRUE);
    unbind(h);
}

/* The bind is not answered. Afterwards the binding is as good as new. */
static void test_bind_cancelled(const struct kind *kind)
{
    struct raw_server server;
    struct caller caller;
    HANDLE thread;
    handle_t h;

    raw_server_start(&server, RAW_SWALLOW_BIND);
    h = bind_to_raw(&server);
    thread = start_caller(&caller, kind, h, RPC_C_CANCEL_INFINITE_TIMEOUT);
    raw_server_wait(&server, RAW_BIND);
    ResetEvent(server.seen[RAW_BIND]);
    ok_status(RpcCancelThread(thread), RPC_S_OK, "RpcCancelThread");
    ok(WaitForSingleObject(thread, 0) == WAIT_TIMEOUT, "given up at once\n");
    ok_status(RpcCancelThreadEx(thread, 0), RPC_S_OK, "RpcCancelThreadEx");
    end_caller(&caller, thread, RPC_S_CALL_CANCELLED, "RpcCancelThreadEx while binding");
    wait_for(server.closed, "end of the connection");

    thread = start_caller(&caller, kind, h, 1);
    raw_server_wait(&server, RAW_BIND);
    ok_status(RpcCancelThread(thread), RPC_S_OK, "RpcCancelThread");
    end_caller(&caller, thread, RPC_S_CALL_CANCELLED, "RpcMgmtSetCancelTimeout while binding");
    wait_for(server.closed, "end of the connection");

    server.behaviour = RAW_BIND_THEN_RECORD;
    ok(WaitForSingleObject(server.seen[RAW_REQUEST], 0) == WAIT_TIMEOUT, "a request was sent\n");
    thread = start_caller(&caller, kind, h, 0);
    raw_server_wait(&server, RAW_REQUEST);
    ok_status(RpcCancelThread(thread), RPC_S_OK, "RpcCancelThread");
    end_caller(&caller, thread, RPC_S_CALL_CANCELLED, "a call after that");
    unbind_now(&h);
    raw_server_stop(&server);
}

static void test_bind_timeout(const struct kind *kind)
{
    struct raw_server server;
    handle_t h;

    raw_server_start(&server, RAW_SWALLOW_BIND);
    h = bind_to_raw(&server);
    ok_status(RpcBindingSetOption(h, RPC_C_OPT_CALL_TIMEOUT, 50), RPC_S_OK, "RPC_C_OPT_CALL_TIMEOUT");
    ok_status(kind->make(h), RPC_S_CALL_CANCELLED, "RPC_C_OPT_CALL_TIMEOUT while binding");
    wait_for(server.closed, "end of the connection");
    server.behaviour = RAW_BIND_THEN_RECORD;
    ok_status(kind->make(h), RPC_S_CALL_CANCELLED, "RPC_C_OPT_CALL_TIMEOUT while the server works");
    ok_status(RpcBindingSetOption(h, RPC_C_OPT_CALL_TIMEOUT, 0), RPC_S_OK, "RPC_C_OPT_CALL_TIMEOUT");
    server.behaviour = RAW_SWALLOW_BIND;
    ok_status(RpcMgmtSetComTimeout(h, RPC_C_BINDING_MIN_TIMEOUT), RPC_S_OK, "RpcMgmtSetComTimeout");
    ok_status(kind->make(h), RPC_S_SERVER_UNAVAILABLE, "RpcMgmtSetComTimeout while binding");
    unbind_now(&h);
    raw_server_stop(&server);
}

/* A pipe, one instance of which there is and is taken: whoever opens it waits. */
struct busy_pipe {
    HANDLE only, taken;
};

static handle_t bind_to_busy_pipe(struct busy_pipe *pipe)
{
    char name[64], path[80];
    struct endpoint endpoint;
    handle_t h;

    snprintf(name, sizeof(name), "\\pipe\\rpcrt4_winetest_%x_%lu", run_id(), GetTickCount());
    snprintf(path, sizeof(path), "\\\\.%s", name);
    pipe->only = CreateNamedPipeA(path, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 4096, 4096, 0, NULL);
    pipe->taken = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok(pipe->only != INVALID_HANDLE_VALUE && pipe->taken != INVALID_HANDLE_VALUE, "no pipe: %lu\n",
       GetLastError());
    name_endpoint(&endpoint, "ncacn_np", name);
    h = bind_to(&endpoint);
    ok_status(RpcMgmtSetComTimeout(h, RPC_C_BINDING_INFINITE_TIMEOUT), RPC_S_OK, "RpcMgmtSetComTimeout");
    return h;
}

static void unbind_busy_pipe(handle_t *h, struct busy_pipe *pipe)
{
    unbind_now(h);
    CloseHandle(pipe->taken);
    CloseHandle(pipe->only);
}

static void test_connect(const struct kind *kind)
{
    struct busy_pipe pipe;
    struct caller caller;
    handle_t h = bind_to_busy_pipe(&pipe);
    HANDLE thread;

    thread = start_caller(&caller, kind, h, 0);
    ok_status(RpcCancelThreadEx(thread, 0), RPC_S_OK, "RpcCancelThreadEx");
    end_caller(&caller, thread, RPC_S_CALL_CANCELLED, "RpcCancelThreadEx while connecting");
    ok_status(RpcBindingSetOption(h, RPC_C_OPT_CALL_TIMEOUT, 50), RPC_S_OK, "RPC_C_OPT_CALL_TIMEOUT");
    ok_status(kind->make(h), RPC_S_CALL_CANCELLED, "RPC_C_OPT_CALL_TIMEOUT while connecting");
    unbind_busy_pipe(&h, &pipe);
}

/* The call before left a connection, on which alter_context is not answered. */
static void test_alter_cancelled(const struct kind *kind)
{
    struct pdu *response = calloc(1, sizeof(*response));
    struct raw_server server;
    struct caller caller;
    HANDLE thread;
    handle_t h;

    pdu_begin(response, RAW_RESPONSE, RAW_FIRST | RAW_LAST, 0);
    pdu_32(response, 16);
    pdu_32(response, 0);
    pdu_octets(response, (byte[16]){0}, 16);
    pdu_end(response);
    raw_server_start(&server, RAW_HOLD_ALTER);
    server.answer = response;
    h = bind_to_raw(&server);
    ok_status(kind->before(h), RPC_S_OK, "the call before");
    thread = start_caller(&caller, kind, h, 0);
    raw_server_wait(&server, RAW_ALTER_CONTEXT);
    ok_status(RpcCancelThread(thread), RPC_S_OK, "RpcCancelThread");
    end_caller(&caller, thread, RPC_S_CALL_CANCELLED, "RpcCancelThread while altering the context");
    SetEvent(server.go);
    wait_for(server.closed, "end of the connection");
    ok_status(kind->before(h), RPC_S_OK, "a call after that");
    unbind_now(&h);
    raw_server_stop(&server);
    free(response);
}

/* ---- asynchronous calls */

struct maker {
    handle_t h;
    RPC_ASYNC_STATE state;
    ASYNC_ndr_async_longs pipe;
    long sum, result;
};

static DWORD WINAPI make_async_pipe(void *context)
{
    struct maker *maker = context;

    return CAUGHT(ndr_pipe_async(&maker->state, maker->h, 0, &maker->pipe, &maker->sum));
}

static DWORD WINAPI make_other(void *context)
{
    struct maker *maker = context;

    return CAUGHT(allasync_two(&maker->state, maker->h, 1, &maker->result));
}

static HANDLE start_maker(struct maker *maker, DWORD(WINAPI *make)(void *context), handle_t h)
{
    memset(maker, 0, sizeof(*maker));
    RpcAsyncInitializeHandle(&maker->state, sizeof(maker->state));
    maker->state.NotificationType = RpcNotificationTypeEvent;
    maker->state.u.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
    maker->h = h;
    return CreateThread(NULL, 0, make, maker, 0, NULL);
}

/* Cancelled: told of once, and its maker let go. */
static void end_maker(struct maker *maker, HANDLE thread)
{
    DWORD code = ~0u;
    LONG reply;

    ok_status(RpcAsyncCancelCall(&maker->state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    if (wait_for(maker->state.u.hEvent, "the cancelled call"))
        ok_status(RpcAsyncCompleteCall(&maker->state, &reply), RPC_S_CALL_CANCELLED, "RpcAsyncCompleteCall");
    if (wait_for(thread, "the thread that made the call"))
        GetExitCodeThread(thread, &code);
    ok_status(code, 0, "the call raised");
    ok(WaitForSingleObject(maker->state.u.hEvent, 0) == WAIT_TIMEOUT, "told twice\n");
    CloseHandle(thread);
    CloseHandle(maker->state.u.hEvent);
}

static void test_async_connect(void)
{
    DWORD(WINAPI *const makes[])(void *context) = {make_async_pipe, make_other};
    struct busy_pipe pipe;
    struct maker maker;
    handle_t h = bind_to_busy_pipe(&pipe);

    for (unsigned i = 0; i < ARRAYSIZE(makes); i++) {
        HANDLE thread = start_maker(&maker, makes[i], h);

        while (RpcAsyncGetCallStatus(&maker.state) != RPC_S_ASYNC_CALL_PENDING)
            SwitchToThread();
        end_maker(&maker, thread);
    }
    unbind_busy_pipe(&h, &pipe);
}

static void test_async_pipe(void)
{
    struct raw_server server;
    struct maker maker;
    HANDLE thread;
    handle_t h;

    raw_server_start(&server, RAW_SWALLOW_BIND);
    h = bind_to_raw(&server);
    thread = start_maker(&maker, make_async_pipe, h);
    raw_server_wait(&server, RAW_BIND);
    ok_status(RpcAsyncGetCallStatus(&maker.state), RPC_S_ASYNC_CALL_PENDING, "while binding");
    end_maker(&maker, thread);
    wait_for(server.closed, "end of the connection");
    unbind_now(&h);
    raw_server_stop(&server);
}

/* Calls share a connection. Two makers wait there for the same alter_context; both give up, and neither the
 * call before nor the answer, which comes late, is lost. */
static void test_shared_alter(void)
{
    struct raw_server server;
    struct maker first, second, third;
    struct echo before;
    HANDLE threads[2], thread;
    handle_t h;

    raw_server_start(&server, RAW_HOLD_ALTER);
    h = bind_to_raw(&server);
    echo_init_event(&before);
    ok_status(echo_call(&before, h, ASYNC_NOW, 1, 1), 0, "the call before");
    raw_server_wait(&server, RAW_REQUEST);
    ResetEvent(server.seen[RAW_REQUEST]);
    threads[0] = start_maker(&first, make_other, h);
    raw_server_wait(&server, RAW_ALTER_CONTEXT);
    ResetEvent(server.seen[RAW_ALTER_CONTEXT]);
    threads[1] = start_maker(&second, make_other, h);
    while (RpcAsyncGetCallStatus(&second.state) != RPC_S_ASYNC_CALL_PENDING)
        SwitchToThread();
    end_maker(&second, threads[1]);
    end_maker(&first, threads[0]);
    ok_status(RpcAsyncGetCallStatus(&before.state), RPC_S_ASYNC_CALL_PENDING, "the call before");
    thread = start_maker(&third, make_other, h);
    SetEvent(server.go);
    raw_server_wait(&server, RAW_REQUEST);
    ok(WaitForSingleObject(server.seen[RAW_ALTER_CONTEXT], 0) == WAIT_TIMEOUT, "the answer was lost\n");
    ok(WaitForSingleObject(server.closed, 0) == WAIT_TIMEOUT, "the connection was ended\n");
    end_maker(&third, thread);
    ok_status(RpcAsyncCancelCall(&before.state, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
    echo_finish(&before, RPC_S_CALL_CANCELLED);
    echo_free(&before);
    unbind_now(&h);
    raw_server_stop(&server);
}

START_TEST(cancel_start)
{
    for (unsigned i = 0; i < ARRAYSIZE(kinds); i++) {
        winetest_context("%s", kinds[i].name);
        test_bind_cancelled(&kinds[i]);
        test_bind_timeout(&kinds[i]);
        test_connect(&kinds[i]);
        test_alter_cancelled(&kinds[i]);
    }
    winetest_context("%s", "");
    test_async_connect();
    test_async_pipe();
    test_shared_alter();
}
