/*
 * What applications and managers may not do with pipes, and what becomes of a pipe whose other end goes away.
 * SDK: "Client-Side Pipe Implementation" (an alloc procedure may give less than was asked for), "Rules for
 * Multiple Pipes", "RPC Return Values" (RPC_X_PIPE_APP_MEMORY, RPC_X_INVALID_PIPE_OPERATION); [MS-ERREF]
 * 1831, 1916 to 1918. Which of the latter answers what is unverified on Windows.
 *
 * Where the rest is tested: each pipe's end, abandoned and over-pulled ones, managers that raise: ndr_pipe.c;
 * arguments beside, several pipes, what comes over plain sockets, ends in the middle: ndr_pipe_parts.c; the
 * states of asynchronous ones: ndr_pipe_flow.c, ndr_pipe_notify.c; callbacks: callback_pipe.c; cancels while
 * the call binds: cancel_start.c; element types, attributes and places that MIDL refuses: tests/midl.
 */
#include "ndr.h"
#include "raw.h"

enum { ELEMENTS = 1000, MUCH = 16 << 18 /* more than any transport holds on its way */ };

struct routines {
    LONG at, given, got; /* octets that alloc gives; elements that were pushed */
    LONG more;           /* elements to pull beside the usual ones */
    LONG wrong;          /* of what the routines were asked and given */
    RPC_STATUS raise;    /* alloc does */
    BOOL nothing, greedy;
    LONG memory[64];
};

static void __RPC_API allocate(char *state, ULONG octets, void **memory, ULONG *given)
{
    struct routines *r = (struct routines *)state;

    r->wrong += octets < sizeof(LONG);
    if (r->raise)
        RpcRaiseException(r->raise);
    *memory = r->nothing ? NULL : r->memory;
    *given = r->given;
}

static void __RPC_API pull(char *state, LONG *elements, ULONG capacity, ULONG *count)
{
    struct routines *r = (struct routines *)state;

    r->wrong += capacity != r->given / sizeof(LONG);
    for (*count = 0; *count < capacity && r->at < ELEMENTS + r->more; ++*count)
        elements[*count] = r->at++;
    if (r->greedy)
        *count = capacity + 1;
}

static void __RPC_API push(char *state, LONG *elements, ULONG count)
{
    struct routines *r = (struct routines *)state;

    r->wrong += count > r->given / sizeof(LONG);
    for (ULONG i = 0; i < count; i++)
        r->wrong += elements[i] != r->got++;
}

static RPC_STATUS run_in(handle_t h, long mode, struct routines r, hyper *sum)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)&r};

    RPC_STATUS status = CAUGHT(ndr_pipe_in(h, mode, pipe, sum));

    ok(!r.wrong, "%ld wrong numbers\n", (long)r.wrong);
    return status;
}

static RPC_STATUS run_out(handle_t h, long mode, struct routines r)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)&r};
    RPC_STATUS status = CAUGHT(ndr_pipe_out(h, mode, ELEMENTS, &pipe));

    ok(!r.wrong, "%ld wrong numbers\n", (long)r.wrong);
    if (!status)
        ok(r.got == ELEMENTS, "%ld elements\n", (long)r.got);
    return status;
}

static void test_alloc(handle_t h)
{
    static const LONG enough[] = {4, 7, 8, 100, sizeof(((struct routines *)0)->memory)};
    hyper sum;

    for (unsigned i = 0; i < ARRAYSIZE(enough); i++) {
        ok_status(run_in(h, PIPE_WHOLE, (struct routines){.given = enough[i]}, &sum), RPC_S_OK, "in");
        ok(sum == (hyper)ELEMENTS * (ELEMENTS - 1) / 2, "wrong sum with %ld octets\n", (long)enough[i]);
        ok_status(run_out(h, PIPE_WHOLE, (struct routines){.given = enough[i]}), RPC_S_OK, "out");
    }
    ok_status(run_in(h, PIPE_WHOLE, (struct routines){.given = 3}, &sum), RPC_X_PIPE_APP_MEMORY,
              "in, less than an element");
    ok_status(run_out(h, PIPE_WHOLE, (struct routines){.given = 3}), RPC_X_PIPE_APP_MEMORY,
              "out, less than an element");
    ok_status(run_in(h, PIPE_WHOLE, (struct routines){.given = 64, .nothing = TRUE}, &sum),
              RPC_X_PIPE_APP_MEMORY, "in, no memory");
    ok_status(run_out(h, PIPE_WHOLE, (struct routines){.given = 64, .nothing = TRUE}), RPC_X_PIPE_APP_MEMORY,
              "out, no memory");
    ok_status(run_in(h, PIPE_WHOLE, (struct routines){.raise = ERROR_NOT_READY}, &sum), ERROR_NOT_READY,
              "in, alloc raises");
    ok_status(run_out(h, PIPE_WHOLE, (struct routines){.raise = ERROR_NOT_READY}), ERROR_NOT_READY,
              "out, alloc raises");
    ok_status(run_in(h, PIPE_WHOLE, (struct routines){.given = 64, .greedy = TRUE}, &sum),
              RPC_X_INVALID_PIPE_OPERATION, "pulled more than there is room for");
    ok_status(run_in(h, PIPE_NOTHING, (struct routines){.given = 64}, &sum), RPC_X_INVALID_PIPE_OPERATION,
              "a manager that pulls 0 elements");
}

/* ---- several pipes out of order */

static void __RPC_API no_pairs(char *state, ndr_pair *elements, ULONG capacity, ULONG *count)
{
    (void)state, (void)elements, (void)capacity;
    *count = 0;
}

static void __RPC_API any_push(char *state, void *elements, ULONG count)
{
    (void)state, (void)elements, (void)count;
}

static void test_order(handle_t h)
{
    struct routines r = {.given = 64};
    ndr_pairs pairs = {(void *)no_pairs, (void *)any_push, (void *)allocate, (char *)&r};
    ndr_longs longs = {(void *)pull, (void *)any_push, (void *)allocate, (char *)&r};
    ndr_chars chars = {(void *)no_pairs, (void *)any_push, (void *)allocate, (char *)&r};

    ok_status(CAUGHT(ndr_pipe_both(h, PIPE_ORDER, &pairs, &longs)), RPC_X_WRONG_PIPE_ORDER,
              "the second [out] pipe first");
    ndr_pipe_disorder = TRUE;
    ok_status(CAUGHT(ndr_pipe_many(h, chars, &pairs, longs, &chars)), RPC_X_WRONG_PIPE_ORDER,
              "the last [in] pipe first");
    ndr_pipe_disorder = FALSE;
    ok(!r.wrong, "%ld wrong numbers\n", (long)r.wrong);
    ok_status(run_out(h, PIPE_WHOLE, (struct routines){.given = 64}), RPC_S_OK, "a call after that");
}

/* ---- cancels that wait for the server */

struct caller {
    handle_t h;
    long mode;
    RPC_STATUS status;
};

static DWORD WINAPI call_held(void *context)
{
    struct caller *caller = context;
    hyper sum;

    caller->status = run_in(caller->h, caller->mode, (struct routines){.given = 256, .more = MUCH}, &sum);
    return 0;
}

/* The cancel goes in order with the pipe: the manager sees it once he has pulled what went before, and the
 * call ends as he ends it (SDK, RpcCancelThread: the client waits for the server). */
static void test_cancel_in_order(handle_t h)
{
    struct caller caller = {h, PIPE_HOLD, ~0u};
    HANDLE thread = CreateThread(NULL, 0, call_held, &caller, 0, NULL);

    ndr_pipe_cancel = ~0u;
    wait_for(ndr_pipe_begun, "a manager that holds");
    ok_status(RpcCancelThread(thread), RPC_S_OK, "RpcCancelThread");
    ok(WaitForSingleObject(thread, 0) == WAIT_TIMEOUT, "the call ended before its server\n");
    SetEvent(ndr_pipe_go);
    wait_for(thread, "the cancelled call");
    ok_status(caller.status, RPC_S_OK, "the cancelled call");
    ok_status(ndr_pipe_cancel, RPC_S_OK, "RpcServerTestCancel behind the pipe");
    CloseHandle(thread);
}

/* A client that gives up goes away, which a manager that pulls nothing can see too, unless there is TCP
 * between them. unverified on Windows. */
static void test_cancel_of_stalled(handle_t h)
{
    struct caller caller = {h, PIPE_WATCH, ~0u};
    HANDLE thread = CreateThread(NULL, 0, call_held, &caller, 0, NULL);

    wait_for(ndr_pipe_begun, "a manager that pulls nothing");
    ok_status(RpcCancelThreadEx(thread, 0), RPC_S_OK, "RpcCancelThreadEx");
    wait_for(thread, "the cancelled call");
    ok_status(caller.status, RPC_S_CALL_CANCELLED, "the cancelled call");
    wait_for(ndr_pipe_ended, "the manager");
    ok_status(ndr_pipe_cancel, RPC_S_OK, "RpcServerTestCancel of a manager that pulls nothing");
    SetEvent(ndr_pipe_go);
    CloseHandle(thread);
}

/* ---- a server that goes away in the middle */

START_CHILD(pipe_server)
{
    HANDLE ready = shared_event("pipe_server_ready", FALSE);
    struct endpoint endpoint;

    ndr_pipe_begun = shared_event("pipe_server_begun", FALSE);
    ndr_pipe_go = CreateEventA(NULL, FALSE, FALSE, NULL);
    name_endpoint(&endpoint, argv[0], argv[1]);
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_ndr_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    SetEvent(ready);
    child_awaits_kill();
}

struct dying {
    handle_t h;
    BOOL out;
    RPC_STATUS status;
};

static DWORD WINAPI call_dying(void *context)
{
    struct dying *dying = context;
    hyper sum;

    dying->status = dying->out ? run_out(dying->h, PIPE_HOLD, (struct routines){.given = 256})
                               : run_in(dying->h, PIPE_HOLD, (struct routines){.given = 256}, &sum);
    return 0;
}

static HANDLE start_server(const struct endpoint *endpoint)
{
    HANDLE ready = shared_event("pipe_server_ready", FALSE);
    HANDLE process = child_start("pipe_server", "%s %s", endpoint->transport->protseq, endpoint->name);

    wait_for(ready, "the server process");
    CloseHandle(ready);
    return process;
}

static void test_sync_death(const struct endpoint *endpoint, BOOL out)
{
    HANDLE begun = shared_event("pipe_server_begun", FALSE), process = start_server(endpoint), thread;
    struct dying dying = {bind_to(endpoint), out, ~0u};

    thread = CreateThread(NULL, 0, call_dying, &dying, 0, NULL);
    wait_for(begun, "the manager");
    child_kill(process);
    wait_for(thread, "the call of a dead server");
    ok_status(dying.status, RPC_S_CALL_FAILED, "the call of a dead server");
    CloseHandle(thread);
    CloseHandle(begun);
    unbind(&dying.h);
}

/* Told of once, whatever it waits for: a push to go, or something to pull. */
static void test_async_death(const struct endpoint *endpoint, BOOL pulls)
{
    static LONG element;
    HANDLE process = start_server(endpoint), event = CreateEventA(NULL, FALSE, FALSE, NULL);
    ASYNC_ndr_async_longs pipe = {0};
    handle_t h = bind_to(endpoint);
    RPC_ASYNC_STATE async;
    ULONG count;
    long reply;

    RpcAsyncInitializeHandle(&async, sizeof(async));
    async.NotificationType = RpcNotificationTypeEvent;
    async.u.hEvent = event;
    ok_status(CAUGHT(ndr_pipe_flow(&async, h, FLOW_HOLD, 0, &pipe)), 0, "the call raised");
    ok_status(pipe.push(pipe.state, &element, 1), RPC_S_OK, "push");
    if (pulls) {
        ok_status(pipe.push(pipe.state, NULL, 0), RPC_S_OK, "null push");
        ok_status(pipe.pull(pipe.state, &element, 1, &count), RPC_S_ASYNC_CALL_PENDING, "pull");
    }
    child_kill(process);
    wait_for(event, "the death of the server");
    ok(async.Event == (pulls ? RpcReceiveComplete : RpcCallComplete), "event %d\n", async.Event);
    if (pulls) {
        ok_status(pipe.pull(pipe.state, &element, 1, &count), RPC_S_CALL_FAILED, "pull of a dead server");
        ok_status(RpcAsyncCancelCall(&async, TRUE), RPC_S_OK, "RpcAsyncCancelCall");
        wait_for(event, "RpcCallComplete");
    } else {
        ok_status(pipe.push(pipe.state, &element, 1), RPC_S_CALL_FAILED, "push to a dead server");
    }
    ok_status(RpcAsyncCompleteCall(&async, &reply), RPC_S_CALL_FAILED, "completion");
    ok(WaitForSingleObject(event, 0) == WAIT_TIMEOUT, "told twice\n");
    CloseHandle(event);
    unbind(&h);
}

/* The first fragment of a reply, then the connection's end. */
static void reply_and_go(struct raw_server *server, SOCKET s, struct pdu *request)
{
    static const LONG begun[] = {2, 0, 1, 5, 2, 3};
    struct pdu *pdu = calloc(1, sizeof(*pdu));

    pdu_begin(pdu, RAW_RESPONSE, RAW_FIRST, get_32(request, 12));
    pdu_32(pdu, 0);
    pdu_32(pdu, 0);
    pdu_octets(pdu, begun, sizeof(begun));
    pdu_end(pdu);
    raw_send(s, pdu);
    shutdown(s, SD_SEND);
    free(pdu);
    server->behaviour = RAW_BIND_THEN_RECORD;
}

static void test_half_reply(void)
{
    struct raw_server server;
    struct endpoint endpoint;
    handle_t h;

    raw_server_start(&server, RAW_SCRIPT);
    server.script = reply_and_go;
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    ok_status(run_out(h, PIPE_WHOLE, (struct routines){.given = 64}), RPC_S_CALL_FAILED, "half a reply");
    wait_for(server.closed, "end of the connection");
    unbind(&h);
    raw_server_stop(&server);
}

START_TEST(ndr_pipe_rules)
{
    struct endpoint endpoints[TRANSPORT_COUNT], dying;

    ndr_pipe_go = CreateEventA(NULL, FALSE, FALSE, NULL);
    ndr_pipe_begun = CreateEventA(NULL, FALSE, FALSE, NULL);
    ndr_pipe_ended = CreateEventA(NULL, FALSE, FALSE, NULL);
    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_alloc(h);
        test_order(h);
        test_cancel_in_order(h);
        if (strcmp(transports[i].protseq, "ncacn_ip_tcp"))
            test_cancel_of_stalled(h);
        unbind(&h);
        make_endpoint(&dying, &transports[i], "dying");
        for (int which = 0; which < 2; which++) {
            test_sync_death(&dying, which);
            test_async_death(&dying, which);
        }
    }
    winetest_context("%s", "");
    test_half_reply();
    stop_serving();
}
