/*
 * Automatic handles (MIDL, auto_handle): the stub finds a server through the endpoints of the interface, and
 * keeps it for the calls to come.
 */
#include "fixture.h"
#include "test_auto.h"

static volatile LONG calls;

LONG s_auto_add(LONG a, LONG b)
{
    InterlockedIncrement(&calls);
    return a + b;
}

static RPC_STATUS add(LONG a, LONG b, LONG *sum)
{
    return CAUGHT(*sum = auto_add(a, b));
}

/* Runs beside each other need an endpoint each; MIDL's interfaces have room for no more than the one in the
 * IDL file.
 */
static void set_endpoint(const char *endpoint)
{
    RPC_CLIENT_INTERFACE *client = test_auto_v1_0_c_ifspec;
    RPC_SERVER_INTERFACE *server = test_auto_v1_0_s_ifspec;

    client->RpcProtseqEndpoint->Endpoint = server->RpcProtseqEndpoint->Endpoint = (unsigned char *)endpoint;
}

START_TEST(auto_handle)
{
    static char endpoint[64];
    LONG sum = 0;
    RPC_STATUS status;

    snprintf(endpoint, sizeof(endpoint), "rpcrt4_winetest_auto_%lx", GetCurrentProcessId());
    set_endpoint(endpoint);

    /* Which of the two statuses comes is unverified on Windows. */
    status = add(1, 2, &sum);
    ok(status == RPC_S_SERVER_UNAVAILABLE || status == RPC_S_CALL_FAILED_DNE, "without a server: %ld\n",
       status);
    ok_status(RpcServerUseProtseqIfA((RPC_CSTR) "ncalrpc", RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                     test_auto_v1_0_s_ifspec, NULL),
              RPC_S_OK, "RpcServerUseProtseqIf");
    ok_status(RpcServerRegisterIf(test_auto_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    for (LONG i = 0; i < 10; i++) {
        ok_status(add(i, 40, &sum), RPC_S_OK, "a call with an automatic handle");
        ok(sum == i + 40, "got %ld for %ld\n", (long)sum, (long)i);
    }
    ok(calls == 10, "the manager saw %ld calls\n", (long)calls);
    stop_serving();
}
