/*
 * Connections that are kept for later calls and closed when idle. SDK: RpcMgmtEnableIdleCleanup, "Idle
 * Connection Cleanup". That the first look comes as soon as it is asked for is our own (unverified on
 * Windows): it lets these tests wait for an event, the raw server's that its client hung up.
 */
#include "ndr.h"
#include "raw.h"
#include "test_sync.h"

/* A raw server that answers every request with 99, and a binding to it. */
struct idle_server {
    struct raw_server raw;
    struct pdu *answer;
    handle_t h;
};

static void start(struct idle_server *server)
{
    struct endpoint endpoint;

    server->answer = calloc(1, sizeof(*server->answer));
    pdu_begin(server->answer, RAW_RESPONSE, RAW_FIRST | RAW_LAST, 0);
    pdu_32(server->answer, 4);
    pdu_16(server->answer, 0);
    pdu_16(server->answer, 0);
    pdu_32(server->answer, 99);
    pdu_end(server->answer);
    raw_server_start(&server->raw, RAW_ANSWER);
    server->raw.answer = server->answer;
    name_endpoint(&endpoint, "ncacn_ip_tcp", server->raw.endpoint);
    server->h = bind_to(&endpoint);
}

static void stop(struct idle_server *server)
{
    RpcBindingSetOption(server->h, RPC_C_OPT_DONT_LINGER, TRUE);
    unbind(&server->h);
    raw_server_stop(&server->raw);
    free(server->answer);
}

static void call(struct idle_server *server)
{
    LONG sum = 0;
    RPC_STATUS status = CAUGHT(sum = sync_add(server->h, 1, 2));

    ok_status(status, RPC_S_OK, "sync_add");
    ok(sum == 99, "got %ld\n", (long)sum);
}

static int clean_up(struct idle_server *server)
{
    ok_status(RpcMgmtEnableIdleCleanup(), RPC_S_OK, "RpcMgmtEnableIdleCleanup");
    return wait_for(server->raw.closed, "the end of the idle connection");
}

/* The binding stays: its next call makes a new connection. */
static void test_closed(void)
{
    struct idle_server server;

    start(&server);
    for (int i = 0; i < 3; i++) {
        call(&server);
        call(&server);
        ok(WaitForSingleObject(server.raw.closed, 0) == WAIT_TIMEOUT, "closed between two calls\n");
        if (!clean_up(&server))
            break;
    }
    call(&server);
    stop(&server);
}

/* "If the association has maintained context handles, the idle connection cleanup [...] makes sure at least
 * one connection is left open [...] (otherwise the server gets context handle run downs)". */
static void test_contexts(const struct endpoint *endpoint)
{
    ndr_context context = NULL;
    struct idle_server other;
    handle_t h = bind_to(endpoint);

    ndr_counts.rundowns = 0;
    start(&other);
    call(&other);
    /* Its association is newer than the raw server's, and looked at before that. */
    RpcBindingSetOption(h, RPC_C_OPT_UNIQUE_BINDING, TRUE);
    ok_status(CAUGHT(ndr_open(h, 17, &context)), RPC_S_OK, "ndr_open");
    clean_up(&other);
    ok_status(CAUGHT(ok(ndr_use(context) == 17, "another context\n")), RPC_S_OK, "a call with the handle");
    ok(!ndr_counts.rundowns, "the handle was run down\n");
    ok_status(CAUGHT(ndr_close(&context)), RPC_S_OK, "ndr_close");
    unbind(&h);
    stop(&other);
}

START_TEST(idle)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    test_closed();
    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        winetest_context("%s", endpoints[i].transport->protseq);
        test_contexts(&endpoints[i]);
    }
    winetest_context("%s", "");
    stop_serving();
}
