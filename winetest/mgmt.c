/*
 * The management interface: SDK pages RpcMgmtIsServerListening, RpcMgmtInqIfIds, RpcMgmtInqStats,
 * RpcMgmtInqServerPrincName, RpcMgmtStopServerListening, RpcMgmtSetAuthorizationFn. The server is this
 * process, asked over ncalrpc and over TCP as another would be.
 */
#include "winetest.h"

#include <rpcdcep.h>

static RPC_SERVER_INTERFACE served = {
    .Length = sizeof(served),
    .InterfaceId = {{0x6b1f5a60, 0x1b2c, 0x4d3e, {0x8f, 1, 2, 3, 4, 5, 6, 7}}, {3, 2}},
    .TransferSyntax = {{0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},
                       {2, 0}},
};

static LONG asked[5];
static RPC_STATUS refusal;
static BOOL allow;

static BOOL __RPC_API authorization(RPC_BINDING_HANDLE client, unsigned long operation, RPC_STATUS *status)
{
    ok(client != NULL, "no client\n");
    ok(operation < ARRAYSIZE(asked), "operation %lu\n", operation);
    InterlockedIncrement(&asked[operation]);
    *status = refusal;
    return allow;
}

static BOOL has_interface(const RPC_IF_ID_VECTOR *vector)
{
    unsigned long i;

    for (i = 0; vector && i < vector->Count; i++)
        if (!memcmp(&vector->IfId[i]->Uuid, &served.InterfaceId.SyntaxGUID, sizeof(UUID)))
            return vector->IfId[i]->VersMajor == 3 && vector->IfId[i]->VersMinor == 2;
    return FALSE;
}

static void test_questions(RPC_BINDING_HANDLE binding)
{
    RPC_IF_ID_VECTOR *ids = NULL;
    RPC_STATS_VECTOR *stats = NULL;
    RPC_CSTR name = NULL;

    ok_status(RpcMgmtIsServerListening(binding), RPC_S_OK, "RpcMgmtIsServerListening");
    ok_status(RpcMgmtInqIfIds(binding, &ids), RPC_S_OK, "RpcMgmtInqIfIds");
    ok(has_interface(ids), "the interface is not told\n");
    if (ids)
        ok_status(RpcIfIdVectorFree(&ids), RPC_S_OK, "RpcIfIdVectorFree");
    ok(!ids, "RpcIfIdVectorFree leaves NULL\n");
    ok_status(RpcMgmtInqStats(binding, &stats), RPC_S_OK, "RpcMgmtInqStats");
    if (stats) {
        ok(stats->Count == 4, "%u statistics\n", stats->Count);
        ok(stats->Stats[RPC_C_STATS_CALLS_IN] > 0, "no call was received\n");
        ok(stats->Stats[RPC_C_STATS_CALLS_OUT] > 0, "no call was made\n");
        ok(stats->Stats[RPC_C_STATS_PKTS_IN] > 0, "no packet was received\n");
        ok(stats->Stats[RPC_C_STATS_PKTS_OUT] > 0, "no packet was sent\n");
        ok_status(RpcMgmtStatsVectorFree(&stats), RPC_S_OK, "RpcMgmtStatsVectorFree");
        ok(!stats, "RpcMgmtStatsVectorFree leaves NULL\n");
    }
    /* Nobody registered authentication information. */
    ok_status(RpcMgmtInqServerPrincNameA(binding, RPC_C_AUTHN_WINNT, &name), RPC_S_UNKNOWN_AUTHN_SERVICE,
              "RpcMgmtInqServerPrincName");
}

static void test_authorization(RPC_BINDING_HANDLE binding)
{
    RPC_IF_ID_VECTOR *ids = NULL;

    /* SDK: by default everybody may do everything but stop the server. */
    ok_status(RpcMgmtStopServerListening(binding), RPC_S_ACCESS_DENIED, "stop, by default");
    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_OK, "it listens on");
    ok_status(RpcMgmtSetAuthorizationFn(authorization), RPC_S_OK, "RpcMgmtSetAuthorizationFn");
    ok_status(RpcMgmtInqIfIds(binding, &ids), RPC_S_ACCESS_DENIED, "refused without a status");
    ok(asked[RPC_C_MGMT_INQ_IF_IDS] == 1, "asked %ld times\n", asked[RPC_C_MGMT_INQ_IF_IDS]);
    refusal = RPC_S_CANNOT_SUPPORT;
    ok_status(RpcMgmtInqIfIds(binding, &ids), RPC_S_CANNOT_SUPPORT, "refused with a status");
    allow = TRUE;
    refusal = RPC_S_OK;
    ok_status(RpcMgmtInqIfIds(binding, &ids), RPC_S_OK, "allowed");
    if (ids)
        RpcIfIdVectorFree(&ids);
}

static RPC_BINDING_HANDLE bind_to(const char *text)
{
    RPC_BINDING_HANDLE binding = NULL;

    ok_status(RpcBindingFromStringBindingA((RPC_CSTR)text, &binding), RPC_S_OK, text);
    return binding;
}

static void test_settings(void)
{
    unsigned long level = 99;

    ok_status(RpcMgmtSetServerStackSize(0x200000), RPC_S_OK, "RpcMgmtSetServerStackSize");
    ok_status(RpcMgmtEnableIdleCleanup(), RPC_S_OK, "RpcMgmtEnableIdleCleanup");
    ok_status(RpcMgmtInqDefaultProtectLevel(RPC_C_AUTHN_WINNT, &level), RPC_S_OK,
              "RpcMgmtInqDefaultProtectLevel");
    ok(level >= RPC_C_AUTHN_LEVEL_CONNECT && level <= RPC_C_AUTHN_LEVEL_PKT_PRIVACY, "level %lu\n", level);
    ok_status(RpcMgmtInqDefaultProtectLevel(77, &level), RPC_S_UNKNOWN_AUTHN_SERVICE, "no such service");
}

START_TEST(mgmt)
{
    RPC_BINDING_HANDLE local, tcp;
    char endpoint[64], port[16], text[128];
    RPC_IF_ID_VECTOR *ids = NULL;

    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_NOT_LISTENING, "before anything");
    test_settings();
    sprintf(endpoint, "mgmt_test_%u", run_id());
    sprintf(port, "%u", free_tcp_port());
    ok_status(RpcServerUseProtseqEpA((RPC_CSTR) "ncalrpc", 10, (RPC_CSTR)endpoint, NULL), RPC_S_OK,
              "ncalrpc");
    ok_status(RpcServerUseProtseqEpA((RPC_CSTR) "ncacn_ip_tcp", 10, (RPC_CSTR)port, NULL), RPC_S_OK, "TCP");
    ok_status(RpcServerRegisterIf(&served, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, 20, TRUE), RPC_S_OK, "RpcServerListen");
    sprintf(text, "ncalrpc:[%s]", endpoint);
    local = bind_to(text);
    sprintf(text, "ncacn_ip_tcp:127.0.0.1[%s]", port);
    tcp = bind_to(text);

    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_OK, "this process listens");
    ok_status(RpcMgmtInqIfIds(NULL, &ids), RPC_S_OK, "interfaces of this process");
    ok(has_interface(ids), "the interface is not told\n");
    if (ids)
        RpcIfIdVectorFree(&ids);
    winetest_context("ncalrpc");
    test_questions(local);
    winetest_context("ncacn_ip_tcp");
    test_questions(tcp);
    winetest_context("%s", "");
    test_authorization(local);

    ok_status(RpcMgmtStopServerListening(tcp), RPC_S_OK, "stop, allowed");
    ok(asked[RPC_C_MGMT_STOP_SERVER_LISTEN] == 1, "asked %ld times\n", asked[RPC_C_MGMT_STOP_SERVER_LISTEN]);
    ok_status(RpcMgmtWaitServerListen(), RPC_S_OK, "RpcMgmtWaitServerListen");
    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_NOT_LISTENING, "stopped");
    RpcBindingFree(&local);
    RpcBindingFree(&tcp);
}
