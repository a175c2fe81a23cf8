/*
 * The machine's endpoint mapper over each of its well-known endpoints: [MS-RPCE] 2.1.1.1 (TCP port 135),
 * 2.1.1.2 (\pipe\epmapper), 2.1.1.5 (ncalrpc, epmapper). SDK pages RpcMgmtEpEltInqBegin, whose EpBinding says
 * whose mapper, RpcEpResolveBinding, RpcMgmtIsServerListening.
 */
#include "fixture.h"
#include "test_sync.h"

static const char *const mappers[] = {"ncalrpc:[epmapper]", "ncacn_np:127.0.0.1[\\\\pipe\\\\epmapper]",
                                      "ncacn_ip_tcp:127.0.0.1[135]"};

static struct endpoint endpoints[TRANSPORT_COUNT];
static BOOL no_lookup; /* Wine's rpcss answers that it cannot */

static handle_t from_text(const char *text)
{
    handle_t h = NULL;

    ok_status(RpcBindingFromStringBindingA((RPC_CSTR)text, &h), RPC_S_OK, text);
    return h;
}

static ULONG calls_in(handle_t mapper)
{
    RPC_STATS_VECTOR *stats = NULL;
    ULONG count = 0;

    if (!RpcMgmtInqStats(mapper, &stats)) {
        count = stats->Stats[RPC_C_STATS_CALLS_IN];
        RpcMgmtStatsVectorFree(&stats);
    }
    return count;
}

/* Whether it is our mapper that has TCP port 135, not another prefix's that shares the network: what it is
 * asked there, it counts. */
static BOOL have_port(void)
{
    enum { QUESTIONS = 20 };
    handle_t local = from_text(mappers[0]), tcp = from_text(mappers[2]);
    ULONG before = calls_in(local), after;

    for (int i = 0; i < QUESTIONS && !RpcMgmtIsServerListening(tcp); i++)
        ;
    after = calls_in(local);
    RpcBindingFree(&local);
    RpcBindingFree(&tcp);
    return after - before >= QUESTIONS;
}

/* What the mapper at the other end has of the interface. */
static unsigned count_elements(handle_t mapper, RPC_IF_ID *match)
{
    RPC_EP_INQ_HANDLE inquiry = NULL;
    handle_t element = NULL;
    RPC_CSTR annotation = NULL;
    RPC_IF_ID id;
    UUID object;
    unsigned count = 0;
    RPC_STATUS status;

    ok_status(RpcMgmtEpEltInqBegin(mapper, RPC_C_EP_MATCH_BY_IF, match, RPC_C_VERS_EXACT, NULL, &inquiry),
              RPC_S_OK, "RpcMgmtEpEltInqBegin");
    while (!(status = RpcMgmtEpEltInqNextA(inquiry, &id, &element, &object, &annotation))) {
        ok(!memcmp(&id, match, sizeof(id)), "another interface\n");
        RpcStringFreeA(&annotation);
        RpcBindingFree(&element);
        count++;
    }
    if (status == EPT_S_CANT_PERFORM_OP && !count) {
        no_lookup = TRUE;
        count = ~0u;
    } else {
        ok_status(status, RPC_X_NO_MORE_ENTRIES, "RpcMgmtEpEltInqNext");
    }
    RpcMgmtEpEltInqDone(&inquiry);
    return count;
}

static void test_mapper(const char *text, RPC_IF_ID *id, unsigned expected)
{
    handle_t mapper = from_text(text);
    RPC_IF_ID_VECTOR *ids = NULL;
    RPC_STATUS status;
    unsigned count;

    winetest_context("%s", text);
    status = RpcMgmtIsServerListening(mapper);
    if (status == RPC_S_UNKNOWN_IF) {
        skip("this endpoint mapper's runtime has no management interface\n");
    } else {
        ok_status(status, RPC_S_OK, "RpcMgmtIsServerListening");
        ok_status(RpcMgmtInqIfIds(mapper, &ids), RPC_S_OK, "RpcMgmtInqIfIds");
        if (ids)
            RpcIfIdVectorFree(&ids);
    }
    count = count_elements(mapper, id);
    ok(count == expected || count == ~0u, "%u elements, expected %u\n", count, expected);
    RpcBindingFree(&mapper);
    winetest_context("%s", "");
}

/* A partly bound handle that names the machine asks the mapper over its own protocol sequence. */
static void test_resolve(const char *text)
{
    handle_t h = from_text(text);

    winetest_context("%s", text);
    ok_status(RpcEpResolveBinding(h, test_sync_v1_2_c_ifspec), RPC_S_OK, "RpcEpResolveBinding");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    ok_status(RpcBindingReset(h), RPC_S_OK, "RpcBindingReset");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call that resolves");
    unbind(&h);
    winetest_context("%s", "");
}

START_TEST(epmap_transports)
{
    RPC_BINDING_VECTOR *bindings = NULL;
    unsigned count = ARRAYSIZE(mappers);
    RPC_IF_ID id;

    serve(endpoints, test_sync_v1_2_s_ifspec);
    ok_status(RpcServerInqBindings(&bindings), RPC_S_OK, "RpcServerInqBindings");
    ok_status(RpcIfInqId(test_sync_v1_2_s_ifspec, &id), RPC_S_OK, "RpcIfInqId");
    ok_status(RpcEpRegisterA(test_sync_v1_2_s_ifspec, bindings, NULL, (RPC_CSTR) "rpcrt4 test"), RPC_S_OK,
              "RpcEpRegister");
    if (!have_port()) {
        skip("TCP port 135 is not this mapper's\n");
        count--;
    }
    for (unsigned i = 0; i < count; i++)
        test_mapper(mappers[i], &id, bindings->Count);
    test_resolve("ncalrpc:");
    test_resolve("ncacn_np:127.0.0.1");
    if (count == ARRAYSIZE(mappers))
        test_resolve("ncacn_ip_tcp:127.0.0.1");
    ok_status(RpcEpUnregister(test_sync_v1_2_s_ifspec, bindings, NULL), RPC_S_OK, "RpcEpUnregister");
    for (unsigned i = 0; i < count; i++)
        test_mapper(mappers[i], &id, 0);
    if (no_lookup)
        skip("this endpoint mapper knows no ept_lookup\n");
    RpcBindingVectorFree(&bindings);
    stop_serving();
}
