/*
 * What a procedure does beside its arguments. SDK: "comm_status", "fault_status", "notify", "notify_flag",
 * "enable_allocate", RpcSsAllocate, "Memory Management"; NdrClearOutParameters.
 */
#include "ndr.h"

static void test_statuses(handle_t h, const struct endpoint *endpoint)
{
    struct endpoint nowhere;
    error_status_t comm = 7, fault = 7;
    handle_t dead;

    make_endpoint(&nowhere, endpoint->transport, "nowhere");
    dead = bind_to(&nowhere);
    ok_status(ndr_comm(h, 0), RPC_S_OK, "comm_status, no error");
    ok_status(ndr_fault(h, 0), RPC_S_OK, "fault_status, no error");
    ok_status(CAUGHT(ndr_comm(h, 1234)), 1234, "comm_status and a fault");
    ok_status(ndr_fault(h, 1234), 1234, "fault_status and a fault");
    ok_status(ndr_comm(dead, 0), RPC_S_SERVER_UNAVAILABLE, "comm_status and no server");
    ok_status(CAUGHT(ndr_fault(dead, 0)), RPC_S_SERVER_UNAVAILABLE, "fault_status and no server");
    ndr_both(h, 0, &comm, &fault);
    ok(!comm && !fault, "statuses %lu, %lu\n", (unsigned long)comm, (unsigned long)fault);
    ndr_both(h, 1234, &comm, &fault);
    ok(!comm && fault == 1234, "statuses %lu, %lu\n", (unsigned long)comm, (unsigned long)fault);
    ndr_both(dead, 0, &comm, &fault);
    ok(comm == RPC_S_SERVER_UNAVAILABLE && !fault, "statuses %lu, %lu\n", (unsigned long)comm,
       (unsigned long)fault);
    unbind(&dead);
}

static void test_notify(handle_t h)
{
    HANDLE notified = shared_event("ndr_notified", 0);

    ndr_counts.notified = 0;
    ok(ndr_notified(h, 0) == 0, "notified before the manager\n");
    wait_for(notified, "the notification");
    ok(ndr_counts.notified == 1, "%ld notifications\n", (long)ndr_counts.notified);
    ok_status(CAUGHT(ndr_notified(h, 1234)), 1234, "a manager that raises");
    wait_for(notified, "the notification after an exception");
    ok(ndr_counts.notified == 2, "%ld notifications\n", (long)ndr_counts.notified);
    ndr_counts.manager_called = 7;
    ok(ndr_notified_flag(h, 0) == 1, "wrong result\n");
    wait_for(notified, "the notification with a flag");
    ok(ndr_counts.manager_called == 1, "flag %ld\n", (long)ndr_counts.manager_called);
}

/* What is [out] is given by the server's memory, freed there, and is new memory on the client; after a
 * failure nothing is left and pointers are NULL. */
static void test_outs(handle_t h)
{
    LONG before = live_allocations();
    ndr_pair pair = {0, 0};
    ndr_node *list = NULL;
    wchar_t *s = NULL;
    long n = 0;

    ndr_outs(h, 0, &n, &s, &pair, &list);
    ok(n == 1 && !wcscmp(s, L"ab") && pair.a == 2 && pair.b == 3, "wrong values\n");
    ok(list && list->value == 4 && !list->next, "wrong list\n");
    ok(live_allocations() == before + 2, "%ld allocations\n", (long)(live_allocations() - before));
    midl_user_free(s);
    midl_user_free(list);
    s = (wchar_t *)1;
    list = (ndr_node *)1;
    ok_status(CAUGHT(ndr_outs(h, 1234, &n, &s, &pair, &list)), 1234, "a manager that raises");
    ok(!s && !list, "pointers %p, %p\n", s, list);
    ok(live_allocations() == before, "%ld allocations\n", (long)(live_allocations() - before));
    ok_status(CAUGHT(ndr_outs(h, 0, NULL, &s, &pair, &list)), RPC_X_NULL_REF_POINTER, "a NULL reference");
}

/* A server that allocates with RpcSsAllocate; a client that sets its allocator. */
static volatile LONG client_nodes;

static void *__RPC_API client_allocate(size_t size)
{
    InterlockedIncrement(&client_nodes);
    return malloc(size);
}

static void __RPC_API client_free(void *node)
{
    InterlockedDecrement(&client_nodes);
    free(node);
}

static void test_enable_allocate(handle_t h)
{
    ndr_node *list = NULL, *node;
    long i = 0;

    RpcSsSetClientAllocFree(client_allocate, client_free);
    ndr_list(h, 10, &list);
    ok(client_nodes == 10, "%ld nodes\n", (long)client_nodes);
    for (node = list; node; node = list) {
        ok(node->value == i, "value %ld at %ld\n", node->value, i);
        i++;
        list = node->next;
        ok_status(RpcSmClientFree(node), RPC_S_OK, "RpcSmClientFree");
    }
    ok(i == 10 && !client_nodes, "%ld nodes, %ld left\n", i, (long)client_nodes);
}

static void test_environment(void)
{
    RPC_SS_THREAD_HANDLE handle;
    RPC_STATUS status = 7;
    void *node;

    ok_status(RpcSmEnableAllocate(), RPC_S_OK, "RpcSmEnableAllocate");
    node = RpcSmAllocate(100, &status);
    ok(node && !status, "RpcSmAllocate: %p, %ld\n", node, (long)status);
    ok_status(RpcSmFree(node), RPC_S_OK, "RpcSmFree");
    node = RpcSsAllocate(50);
    ok(node != NULL, "RpcSsAllocate\n");
    handle = RpcSsGetThreadHandle();
    ok(handle != NULL, "no thread handle\n");
    ok_status(RpcSmDisableAllocate(), RPC_S_OK, "RpcSmDisableAllocate");
}

START_TEST(ndr_proc)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    int i;

    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_statuses(h, &endpoints[i]);
        test_notify(h);
        test_outs(h);
        test_enable_allocate(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    test_environment();
    stop_serving();
}
