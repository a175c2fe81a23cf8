/*
 * Automatic handles (MIDL, auto_handle): the stub finds a server through the endpoints of the interface, and
 * keeps it for the calls to come.
 */
#include "ndr_side.h"
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

/* The same by an -Os stub: NdrNsGetBuffer, NdrNsSendReceive. kept: the stub's handle. */
static LONG add_by_os_stub(LONG a, LONG b, handle_t *kept)
{
    static const MIDL_STUB_DESC like = {.RpcInterfaceInformation = NULL};
    struct side side;

    side_begin(&side, &like, NULL, NULL, 0);
    side.desc.RpcInterfaceInformation = side.rpc.RpcInterfaceInformation = test_auto_v1_0_c_ifspec;
    NdrNsGetBuffer(&side.msg, 8, *kept);
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&a, FC_LONG);
    NdrSimpleTypeMarshall(&side.msg, (unsigned char *)&b, FC_LONG);
    NdrNsSendReceive(&side.msg, side.msg.Buffer, kept);
    NdrSimpleTypeUnmarshall(&side.msg, (unsigned char *)&a, FC_LONG);
    NdrFreeBuffer(&side.msg);
    return a;
}

static void test_os_stub(void)
{
    handle_t kept = NULL, first;

    ok(add_by_os_stub(40, 2, &kept) == 42, "40 + 2 is something else\n");
    ok(kept != NULL, "the handle is not kept\n");
    first = kept;
    ok(add_by_os_stub(50, 2, &kept) == 52, "50 + 2 is something else\n");
    ok(kept == first, "another handle\n");
    RpcBindingFree(&kept);
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
    handle_t nobody = NULL;
    LONG sum = 0;
    RPC_STATUS status;

    snprintf(endpoint, sizeof(endpoint), "rpcrt4_winetest_auto_%lx", GetCurrentProcessId());
    set_endpoint(endpoint);

    /* Which of the two statuses comes is unverified on Windows. */
    status = add(1, 2, &sum);
    ok(status == RPC_S_SERVER_UNAVAILABLE || status == RPC_S_CALL_FAILED_DNE, "without a server: %ld\n",
       status);
    status = CAUGHT(add_by_os_stub(1, 2, &nobody));
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
    test_os_stub();
    ok(calls == 12, "the manager saw %ld calls\n", (long)calls);
    stop_serving();
}
