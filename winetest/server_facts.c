/*
 * What a server was told, and what it tells: SDK pages RpcMgmtSetServerStackSize, RpcMgmtInqStats,
 * RpcMgmtSetAuthorizationFn, RpcBindingSetAuthInfo (a call that asks for protection which nobody gives),
 * RpcServerInqCallAttributes.
 */
#include "async_client.h"
#include "test_sync.h"

enum { STACK = 8 << 20 };

static struct endpoint endpoints[TRANSPORT_COUNT];
static ULONG_PTR stack_of_manager;

static void measure_stack(handle_t h, long what)
{
    void(WINAPI * limits)(ULONG_PTR *, ULONG_PTR *);
    ULONG_PTR low = 0, high = 0;

    (void)h, (void)what;
    limits = (void(WINAPI *)(ULONG_PTR *, ULONG_PTR *))(void *)GetProcAddress(
        GetModuleHandleA("kernel32.dll"), "GetCurrentThreadStackLimits");
    limits(&low, &high);
    stack_of_manager = high - low;
}

/* "Stack size, in bytes, allocated for each thread created by the RPC run-time library." */
START_TEST(stack_size)
{
    handle_t h;

    ok_status(RpcMgmtSetServerStackSize(STACK), RPC_S_OK, "RpcMgmtSetServerStackSize");
    serve(endpoints, test_sync_v1_2_s_ifspec);
    sync_hook_routine = measure_stack;
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        h = bind_to(&endpoints[i]);
        stack_of_manager = 0;
        ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, endpoints[i].transport->protseq);
        ok(stack_of_manager >= STACK, "a stack of %lu octets\n", (ULONG)stack_of_manager);
        unbind(&h);
    }
    stop_serving();
}

/* ---- statistics */

static void read_statistics(ULONG values[4])
{
    RPC_STATS_VECTOR *vector = NULL;

    ok_status(RpcMgmtInqStats(NULL, &vector), RPC_S_OK, "RpcMgmtInqStats");
    for (unsigned i = 0; vector && i < 4; i++)
        values[i] = vector->Stats[i];
    RpcMgmtStatsVectorFree(&vector);
}

/* "The number of remote procedure calls received by the server", "... initiated by the server", "network
 * packets received", "sent". This process is both sides. */
static void test_statistics(handle_t h)
{
    enum { CALLS = 7 };
    ULONG before[4] = {0}, after[4] = {0};

    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    read_statistics(before);
    for (int i = 0; i < CALLS; i++)
        ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    read_statistics(after);
    ok(after[RPC_C_STATS_CALLS_IN] - before[RPC_C_STATS_CALLS_IN] == CALLS, "%lu calls in\n",
       after[RPC_C_STATS_CALLS_IN] - before[RPC_C_STATS_CALLS_IN]);
    ok(after[RPC_C_STATS_CALLS_OUT] - before[RPC_C_STATS_CALLS_OUT] == CALLS, "%lu calls out\n",
       after[RPC_C_STATS_CALLS_OUT] - before[RPC_C_STATS_CALLS_OUT]);
    ok(after[RPC_C_STATS_PKTS_IN] - before[RPC_C_STATS_PKTS_IN] >= 2 * CALLS, "%lu packets in\n",
       after[RPC_C_STATS_PKTS_IN] - before[RPC_C_STATS_PKTS_IN]);
    ok(after[RPC_C_STATS_PKTS_OUT] - before[RPC_C_STATS_PKTS_OUT] >= 2 * CALLS, "%lu packets out\n",
       after[RPC_C_STATS_PKTS_OUT] - before[RPC_C_STATS_PKTS_OUT]);
}

/* ---- who may manage the server */

static volatile LONG asked;
static volatile ULONG asked_for;

static BOOL __RPC_API refuse(RPC_BINDING_HANDLE client, unsigned long operation, RPC_STATUS *status)
{
    unsigned type = 0;

    ok_status(I_RpcBindingInqTransportType(client, &type), RPC_S_OK, "I_RpcBindingInqTransportType");
    asked_for = operation;
    InterlockedIncrement(&asked);
    *status = RPC_S_CANNOT_SUPPORT;
    return FALSE;
}

static void test_refusal(handle_t h)
{
    RPC_IF_ID_VECTOR *ids = NULL;
    RPC_STATS_VECTOR *stats = NULL;
    RPC_CSTR name = NULL;
    LONG count = asked;

    ok_status(RpcMgmtSetAuthorizationFn(refuse), RPC_S_OK, "RpcMgmtSetAuthorizationFn");
    ok_status(RpcMgmtInqIfIds(h, &ids), RPC_S_CANNOT_SUPPORT, "RpcMgmtInqIfIds");
    ok(asked_for == RPC_C_MGMT_INQ_IF_IDS && !ids, "asked for %lu\n", asked_for);
    ok_status(RpcMgmtInqStats(h, &stats), RPC_S_CANNOT_SUPPORT, "RpcMgmtInqStats");
    ok(asked_for == RPC_C_MGMT_INQ_STATS && !stats, "asked for %lu\n", asked_for);
    ok_status(RpcMgmtInqServerPrincNameA(h, RPC_C_AUTHN_WINNT, &name), RPC_S_CANNOT_SUPPORT,
              "RpcMgmtInqServerPrincName");
    ok(asked_for == RPC_C_MGMT_INQ_PRINC_NAME && !name, "asked for %lu\n", asked_for);
    ok_status(RpcMgmtIsServerListening(h), RPC_S_CANNOT_SUPPORT, "RpcMgmtIsServerListening");
    ok(asked_for == RPC_C_MGMT_IS_SERVER_LISTEN, "asked for %lu\n", asked_for);
    ok_status(RpcMgmtStopServerListening(h), RPC_S_CANNOT_SUPPORT, "RpcMgmtStopServerListening");
    ok(asked_for == RPC_C_MGMT_STOP_SERVER_LISTEN, "asked for %lu\n", asked_for);
    ok(asked - count == 5, "asked %ld times\n", asked - count);
    /* "for local calls the authorization function is not called" is no word of the page: unverified on
     * Windows, as is what NULL stands for, which is no function again. */
    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_OK, "this process's own");
    ok_status(RpcMgmtSetAuthorizationFn(NULL), RPC_S_OK, "RpcMgmtSetAuthorizationFn");
    ok_status(RpcMgmtIsServerListening(h), RPC_S_OK, "RpcMgmtIsServerListening");
    ok_status(RpcMgmtStopServerListening(h), RPC_S_ACCESS_DENIED, "RpcMgmtStopServerListening");
    ok(asked - count == 5, "asked %ld times\n", asked - count);
}

/* ---- protection that cannot be had: never in the clear what was to be protected */

static void test_protected(const struct endpoint *endpoint)
{
    RPC_STATUS expected =
        strcmp(endpoint->transport->protseq, "ncalrpc") ? RPC_S_UNKNOWN_AUTHN_SERVICE : RPC_S_OK;
    handle_t h = bind_to(endpoint), copy = NULL;
    struct echo echo;

    ok_status(RpcBindingSetAuthInfoA(h, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, 123, NULL, 0),
              RPC_S_UNKNOWN_AUTHN_SERVICE, "service 123");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "nothing was set");
    for (ULONG level = RPC_C_AUTHN_LEVEL_DEFAULT; level <= RPC_C_AUTHN_LEVEL_PKT_PRIVACY; level++) {
        if (level == RPC_C_AUTHN_LEVEL_NONE)
            continue;
        ok_status(RpcBindingSetAuthInfoA(h, NULL, level, RPC_C_AUTHN_WINNT, NULL, 0), RPC_S_OK,
                  "RpcBindingSetAuthInfo");
        ok_status(CAUGHT(sync_null(h)), expected, "a synchronous call");
        ok_status(RpcBindingCopy(h, &copy), RPC_S_OK, "RpcBindingCopy");
        ok_status(CAUGHT(sync_null(copy)), expected, "a call by a copy");
        unbind(&copy);
        echo_init_event(&echo);
        ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 5), expected, "an asynchronous call");
        if (expected == RPC_S_OK)
            echo_finish(&echo, RPC_S_OK);
        echo_free(&echo);
    }
    ok_status(RpcBindingSetAuthInfoA(h, NULL, 7, RPC_C_AUTHN_WINNT, NULL, 0), RPC_S_UNKNOWN_AUTHN_LEVEL,
              "level 7");
    ok_status(RpcBindingSetAuthInfoA(h, NULL, RPC_C_AUTHN_LEVEL_NONE, RPC_C_AUTHN_NONE, NULL, 0), RPC_S_OK,
              "no service");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "without protection again");
    unbind(&h);
}

/* ---- what a call is, asked from within */

static void check_call(handle_t h, long what)
{
    RPC_CALL_ATTRIBUTES_V2_W wide = {
        .Version = 2, .Flags = RPC_QUERY_CLIENT_PRINCIPAL_NAME | RPC_QUERY_SERVER_PRINCIPAL_NAME};
    RPC_CALL_ATTRIBUTES_V2_A narrow = {.Version = 2};
    handle_t own = NULL;

    (void)what;
    /* "If the call is not authenticated [...] the length is set to zero" */
    ok_status(RpcServerInqCallAttributesW(NULL, &wide), RPC_S_OK, "of the thread's own call");
    ok(!wide.ClientPrincipalNameBufferLength && !wide.ServerPrincipalNameBufferLength, "names\n");
    ok(!wide.NullSession && !wide.KernelMode, "null session %d, kernel %d\n", wide.NullSession,
       wide.KernelMode);
    ok_status(RpcServerInqCallAttributesA(h, &narrow), RPC_S_OK, "RpcServerInqCallAttributesA");
    ok(narrow.OpNum == wide.OpNum && narrow.ProtocolSequence == wide.ProtocolSequence &&
           narrow.CallType == wide.CallType && narrow.CallStatus == wide.CallStatus &&
           narrow.IsClientLocal == wide.IsClientLocal,
       "A and W differ\n");
    ok_status(RpcServerInqBindingHandle(&own), RPC_S_OK, "RpcServerInqBindingHandle");
    ok(own == h, "handle %p, not %p\n", own, h);
}

static void test_attributes(handle_t h)
{
    RPC_CALL_ATTRIBUTES_V2_W attributes = {.Version = 2};
    handle_t own = NULL;

    sync_hook_routine = check_call;
    ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, "sync_hook");
    sync_hook_routine = NULL;
    /* "RPC_S_NO_CALL_ACTIVE: no remote procedure call is active on this thread" */
    ok_status(RpcServerInqCallAttributesW(NULL, &attributes), RPC_S_NO_CALL_ACTIVE, "no call");
    ok_status(RpcServerInqBindingHandle(&own), RPC_S_NO_CALL_ACTIVE, "RpcServerInqBindingHandle");
    ok(RpcServerInqCallAttributesW(h, &attributes) != RPC_S_OK, "a client's binding\n");
}

/* ---- endpoints that an interface names */

static RPC_STATUS use_all(const char *const protseqs[2])
{
    static unsigned made;
    RPC_PROTSEQ_ENDPOINT named[2];
    RPC_SERVER_INTERFACE spec = {.Length = sizeof(spec), .RpcProtseqEndpoint = named};
    char names[2][64];

    for (unsigned i = 0; i < 2 && protseqs[i]; i++) {
        snprintf(names[i], sizeof(names[i]), "server_facts_%x_%u", run_id(), made++);
        named[i].RpcProtocolSequence = (unsigned char *)protseqs[i];
        named[i].Endpoint = (unsigned char *)names[i];
        spec.RpcProtseqEndpointCount++;
    }
    return RpcServerUseAllProtseqsIf(10, &spec, NULL);
}

/* RpcServerUseAllProtseqsIf: "RPC_S_NO_PROTSEQS: there are no supported protocol sequences." */
static void test_named_endpoints(void)
{
    ok_status(use_all((const char *const[]){"ncacn_dnet_nsp", "ncalrpc"}), RPC_S_OK, "one is supported");
    ok_status(use_all((const char *const[]){"ncacn_dnet_nsp", NULL}), RPC_S_NO_PROTSEQS, "none is supported");
    ok_status(use_all((const char *const[]){NULL, NULL}), RPC_S_NO_PROTSEQS, "there is none");
}

START_TEST(server_facts)
{
    test_named_endpoints();
    serve_async(endpoints);
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_statistics(h);
        test_refusal(h);
        test_protected(&endpoints[i]);
        test_attributes(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
