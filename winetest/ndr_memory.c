/*
 * Stub memory: RpcSs*, RpcSm*, and what stubs call. SDK: "RpcSsEnableAllocate", "RpcSmSwapClientAllocFree"
 * and their neighbours, "Rpc*S*m Memory Management Model"; C706 chapter 2 (rpc_ss_*, rpc_sm_*).
 */
#include "fixture.h"
#include <rpcndr.h>

static volatile LONG taken, given_back;

static void *__RPC_API take(size_t size)
{
    InterlockedIncrement(&taken);
    return malloc(size);
}

static void __RPC_API give_back(void *node)
{
    InterlockedIncrement(&given_back);
    free(node);
}

static void *__RPC_API other_take(size_t size)
{
    return malloc(size);
}

static void __RPC_API other_give_back(void *node)
{
    free(node);
}

/* What does not depend on an environment. unverified on Windows: that any size may be asked. */
static void test_defaults(void)
{
    unsigned char *node = NdrRpcSsDefaultAllocate(100);

    ok(node != NULL, "NdrRpcSsDefaultAllocate\n");
    memset(node, 1, 100);
    NdrRpcSsDefaultFree(node);
    node = NdrRpcSmClientAllocate(100);
    ok(node != NULL, "NdrRpcSmClientAllocate\n");
    memset(node, 1, 100);
    NdrRpcSmClientFree(node);
    node = I_RpcAllocate(100);
    ok(node != NULL, "I_RpcAllocate\n");
    memset(node, 1, 100);
    I_RpcFree(node);
}

/* An environment that was enabled twice lasts until it was disabled twice; what was allocated in it goes with
 * it, and may go before. */
static void test_environment(void)
{
    RPC_STATUS status = 7;
    LONG *node;

    ok_status(CAUGHT(RpcSsAllocate(4)), RPC_S_INVALID_ARG, "no environment"); /* unverified on Windows */
    ok(!RpcSmAllocate(4, &status) && status == RPC_S_INVALID_ARG, "no environment: %ld\n", (long)status);
    RpcSsEnableAllocate();
    RpcSsEnableAllocate();
    node = RpcSsAllocate(sizeof(*node));
    ok(node != NULL, "RpcSsAllocate\n");
    *node = 5;
    RpcSsDisableAllocate();
    ok(*node == 5, "the memory is gone\n");
    RpcSsFree(node);
    node = RpcSmAllocate(sizeof(*node), &status);
    ok(node && status == RPC_S_OK, "RpcSmAllocate: %ld\n", (long)status);
    RpcSsDisableAllocate();
    ok_status(CAUGHT(RpcSsAllocate(4)), RPC_S_INVALID_ARG, "the environment has ended");
}

struct joiner {
    RPC_SS_THREAD_HANDLE handle;
    LONG *node;
    BOOL by_status;
};

static DWORD WINAPI join(void *argument)
{
    struct joiner *joiner = argument;
    RPC_STATUS status = 7;

    if (joiner->by_status)
        ok_status(RpcSmSetThreadHandle(joiner->handle), RPC_S_OK, "RpcSmSetThreadHandle");
    else
        RpcSsSetThreadHandle(joiner->handle);
    ok(RpcSmGetThreadHandle(&status) == joiner->handle && status == RPC_S_OK, "another handle, %ld\n",
       (long)status);
    joiner->node = RpcSsAllocate(sizeof(*joiner->node));
    *joiner->node = 6;
    return 0;
}

/* SDK, RpcSsGetThreadHandle, RpcSsSetThreadHandle: threads that make one call's memory together. */
static void test_threads(BOOL by_status)
{
    struct joiner joiner = {.by_status = by_status};
    RPC_STATUS status = 7;
    HANDLE thread;

    ok(!RpcSmGetThreadHandle(&status) && status == RPC_S_OK, "a handle without an environment, %ld\n",
       (long)status);
    RpcSsEnableAllocate();
    joiner.handle = RpcSsGetThreadHandle();
    ok(joiner.handle && joiner.handle == RpcSmGetThreadHandle(&status), "no handle\n");
    thread = CreateThread(NULL, 0, join, &joiner, 0, NULL);
    wait_for(thread, "the other thread");
    CloseHandle(thread);
    /* Its thread has ended; its environment is ours. */
    ok(joiner.node && *joiner.node == 6, "the other thread's memory is gone\n");
    RpcSsFree(joiner.node);
    RpcSsDisableAllocate();
}

/* SDK, RpcSmSetClientAllocFree, RpcSmSwapClientAllocFree. */
static void test_client_routines(void)
{
    RPC_CLIENT_ALLOC *allocate = NULL;
    RPC_CLIENT_FREE *release = NULL;
    RPC_MESSAGE rpc = {.Buffer = NULL};
    MIDL_STUB_MESSAGE msg = {.RpcMsg = &rpc};
    void *node;

    ok_status(RpcSmSetClientAllocFree(take, give_back), RPC_S_OK, "RpcSmSetClientAllocFree");
    node = NdrRpcSmClientAllocate(8);
    ok(node && taken == 1, "%ld taken\n", (long)taken);
    NdrRpcSmClientFree(node);
    ok(given_back == 1, "%ld given back\n", (long)given_back);
    ok_status(RpcSmSwapClientAllocFree(other_take, other_give_back, &allocate, &release), RPC_S_OK,
              "RpcSmSwapClientAllocFree");
    ok(allocate == take && release == give_back, "other old routines\n");
    NdrRpcSmClientFree(NdrRpcSmClientAllocate(8));
    ok(taken == 1 && given_back == 1, "the old routines are called\n");
    RpcSsSwapClientAllocFree(take, give_back, &allocate, &release);
    ok(allocate == other_take && release == other_give_back, "other old routines\n");
    NdrRpcSmSetClientToOsf(&msg);
    ok(msg.pfnAllocate && msg.pfnFree, "no routines\n");
    msg.pfnFree(msg.pfnAllocate(8));
    ok(taken == 2 && given_back == 2, "%ld taken, %ld given back\n", (long)taken, (long)given_back);
    /* unverified on Windows: the status */
    ok_status(RpcSmSetClientAllocFree(NULL, give_back), RPC_S_INVALID_ARG, "no routine");
    ok_status(RpcSmSwapClientAllocFree(take, give_back, NULL, &release), RPC_S_INVALID_ARG, "nowhere");
    ok_status(CAUGHT(RpcSsSwapClientAllocFree(take, NULL, &allocate, &release)), RPC_S_INVALID_ARG,
              "no routine");
}

/* MIDL reference, "enable_allocate": what a server stub calls before and after its manager. */
static void test_server_stub(void)
{
    RPC_MESSAGE rpc = {.Buffer = NULL};
    MIDL_STUB_MESSAGE msg = {.RpcMsg = &rpc};
    LONG *node, *beside;

    NdrRpcSsEnableAllocate(&msg);
    ok(msg.pfnAllocate && msg.pfnFree, "no routines\n");
    node = msg.pfnAllocate(sizeof(*node));
    beside = RpcSsAllocate(sizeof(*beside));
    ok(node && beside && RpcSsGetThreadHandle(), "no environment\n");
    *node = *beside = 1;
    msg.pfnFree(node);
    NdrRpcSsDisableAllocate(&msg);
    ok(!RpcSsGetThreadHandle(), "the environment is left\n");
}

START_TEST(ndr_memory)
{
    test_defaults();
    test_environment();
    test_threads(FALSE);
    test_threads(TRUE);
    test_server_stub();
    test_client_routines();
}
