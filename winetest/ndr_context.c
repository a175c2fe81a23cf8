/*
 * Context handles and generic handles. SDK: "Context Handles", "Client Context Handles and Rundown",
 * "strict_context_handle", "Multi-threaded Clients and Context Handles", RpcSsDestroyClientContext,
 * RpcSsGetContextBinding, "Generic Binding Handles".
 */
#include "ndr.h"

static struct endpoint endpoints[TRANSPORT_COUNT];

static void test_life(handle_t h)
{
    ndr_context context = NULL, other = NULL;
    RPC_BINDING_HANDLE binding = NULL;

    ndr_open(h, 17, &context);
    ok(context != NULL, "no handle\n");
    ok(ndr_use(context) == 17, "another context\n");
    other = ndr_open_returned(h, 18);
    ok(other && other != context, "no handle returned\n");
    ok(ndr_use(other) == 18 && ndr_use(context) == 17, "contexts are mixed up\n");
    ndr_exchange(&context, 19);
    ok(ndr_use(context) == 19, "no other context\n");
    ok_status(RpcSsGetContextBinding(context, &binding), RPC_S_OK, "RpcSsGetContextBinding");
    ok(binding != NULL, "no binding\n");
    ndr_exchange(&context, 0);
    ok(!context, "a handle that the server gave up is NULL\n");
    ndr_close(&other);
    ok(!other, "a closed handle is NULL\n");
    ndr_open(h, 0, &context);
    ok(!context, "a handle never made is NULL\n");
}

static void test_misuse(handle_t h)
{
    ndr_context context = NULL, null = NULL;

    ok_status(CAUGHT(ndr_use(NULL)), RPC_X_SS_IN_NULL_CONTEXT, "a NULL [in] handle");
    ok_status(CAUGHT(ndr_exchange(&null, 1)), RPC_X_SS_IN_NULL_CONTEXT, "a NULL handle to bind with");
    ndr_open(h, 20, &context);
    ndr_counts.rundowns = 0;
    RpcSsDestroyClientContext(&context);
    ok(!context, "a destroyed handle is NULL\n");
    ok_status(CAUGHT(RpcSsDestroyClientContext(&context)), RPC_X_SS_CONTEXT_MISMATCH, "destroyed twice");
    ok(!ndr_counts.rundowns, "the server was told\n");
}

struct meeting {
    ndr_context context;
    long milliseconds, most;
};

static DWORD WINAPI meet(void *argument)
{
    struct meeting *meeting = argument;

    meeting->most = ndr_meet(meeting->context, meeting->milliseconds);
    return 0;
}

/* Two calls with one handle are not in the manager together, for a handle is serialized unless the
 * application says otherwise. The second enters when the first has left. */
static void test_serialized(handle_t h)
{
    struct meeting first = {.milliseconds = HANG_GUARD}, second = {.milliseconds = 0};
    HANDLE entered = shared_event("ndr_entered", 0), met = shared_event("ndr_met", 1), threads[2];
    ndr_context context = NULL;

    ndr_open(h, 21, &context);
    first.context = second.context = context;
    threads[0] = CreateThread(NULL, 0, meet, &first, 0, NULL);
    wait_for(entered, "the first call");
    threads[1] = CreateThread(NULL, 0, meet, &second, 0, NULL);
    /* Nothing tells from outside that a call waits for the handle; what can be told is that it is not inside.
     */
    ok(ndr_inside(h) == 1, "both are inside\n");
    SetEvent(met);
    wait_for(threads[0], "the first thread");
    wait_for(threads[1], "the second thread");
    ok(first.most == 1 && second.most == 1, "%ld and %ld were inside\n", first.most, second.most);
    CloseHandle(threads[0]);
    CloseHandle(threads[1]);
    ndr_close(&context);
}

/* A handle belongs to its association: another process cannot use it, and when its process dies it is run
 * down. */
START_CHILD(ndr_context_client)
{
    struct endpoint endpoint;
    ndr_context context = NULL;
    handle_t h;

    name_endpoint(&endpoint, argv[0], argv[1]);
    h = bind_to(&endpoint);
    ndr_open(h, 4242, &context);
    ok(ndr_use(context) == 4242, "another context\n");
    SetEvent(shared_event("ndr_context_open", 0));
    child_awaits_kill();
}

static void test_rundown(const struct endpoint *endpoint)
{
    HANDLE child;

    ndr_counts.rundowns = ndr_counts.last_rundown = 0;
    child = child_start("ndr_context_client", "%s %s", endpoint->transport->protseq, endpoint->name);
    wait_for(shared_event("ndr_context_open", 0), "the child's handle");
    child_kill(child);
    wait_for(shared_event("ndr_rundown", 0), "the rundown");
    ok(ndr_counts.rundowns == 1 && ndr_counts.last_rundown == 4242, "%ld rundowns, the last of %ld\n",
       (long)ndr_counts.rundowns, (long)ndr_counts.last_rundown);
}

static volatile LONG binds, unbinds;

handle_t __RPC_USER ndr_server_number_bind(ndr_server_number number)
{
    binds++;
    return number < TRANSPORT_COUNT ? bind_to(&endpoints[number]) : NULL;
}

void __RPC_USER ndr_server_number_unbind(ndr_server_number number, handle_t h)
{
    (void)number;
    unbinds++;
    unbind(&h);
}

static void test_generic(void)
{
    ok(ndr_by_number(1, 5) == 1005, "wrong result\n");
    ok(binds == 1 && unbinds == 1, "%ld binds, %ld unbinds\n", (long)binds, (long)unbinds);
    ok_status(CAUGHT(ndr_by_number(TRANSPORT_COUNT, 5)), RPC_S_INVALID_BINDING, "a number without a server");
    ok(binds == 2 && unbinds == 1, "%ld binds, %ld unbinds\n", (long)binds, (long)unbinds);
}

START_TEST(ndr_context)
{
    int i;

    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_life(h);
        test_misuse(h);
        unbind(&h);
        test_rundown(&endpoints[i]);
    }
    winetest_context("%s", "");
    {
        handle_t h = bind_to(&endpoints[0]);

        test_serialized(h);
        unbind(&h);
    }
    test_generic();
    stop_serving();
}
