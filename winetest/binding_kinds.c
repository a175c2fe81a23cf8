/*
 * Handles of the one side where those of the other belong, what RpcBindingServerFromClient makes of a
 * client's, and the end of an association. SDK pages RpcBindingCopy, RpcBindingFree, RpcBindingReset,
 * RpcBindingSetObject, RpcBindingInqObject, RpcMgmtSetComTimeout, RpcMgmtInqComTimeout,
 * RpcBindingServerFromClient, RPC_BINDING_HANDLE_OPTIONS_V1, "Binding Option Constants".
 */
#include "fixture.h"
#include "test_sync.h"

enum { PROTSEQ_LRPC = 3, DONT_LINGER = 2 /* BHO_DONTLINGER */ };

static struct endpoint endpoints[TRANSPORT_COUNT];
static UUID object;

/* "RPC_S_WRONG_KIND_OF_BINDING: this was the wrong kind of binding for the operation." */
static void hook_wrong_kinds(handle_t h, long what)
{
    handle_t copy = NULL, client = h;
    unsigned timeout = 77;

    (void)what;
    ok_status(RpcBindingCopy(h, &copy), RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingCopy");
    ok_status(RpcBindingFree(&client), RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingFree");
    ok(client == h, "RpcBindingFree took the handle\n");
    ok_status(RpcBindingReset(h), RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingReset");
    ok_status(RpcBindingSetObject(h, &object), RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingSetObject");
    ok_status(RpcMgmtSetComTimeout(h, 1), RPC_S_WRONG_KIND_OF_BINDING, "RpcMgmtSetComTimeout");
    ok_status(RpcMgmtInqComTimeout(h, &timeout), RPC_S_WRONG_KIND_OF_BINDING, "RpcMgmtInqComTimeout");
}

/* "Client or server binding handle." */
static void hook_object(handle_t h, long what)
{
    UUID got = {0};

    (void)what;
    ok_status(RpcBindingInqObject(h, &got), RPC_S_OK, "RpcBindingInqObject");
    ok(!memcmp(&got, &object, sizeof(got)), "another object\n");
}

/* "The server handle is a partially-bound handle. It contains a network address for the calling client, but
 * lacks an endpoint"; "contains the same object UUID"; "contains no authentication information". */
static void check_server_handle(handle_t server, const struct endpoint *endpoint)
{
    RPC_CSTR text = NULL, parts[5] = {NULL};
    ULONG level = 0, service = 0;
    UUID got = {0};

    ok_status(RpcBindingInqObject(server, &got), RPC_S_OK, "RpcBindingInqObject");
    ok(!memcmp(&got, &object, sizeof(got)), "another object\n");
    ok_status(RpcBindingInqAuthInfoA(server, NULL, &level, &service, NULL, NULL), RPC_S_BINDING_HAS_NO_AUTH,
              "RpcBindingInqAuthInfo");
    ok_status(RpcBindingToStringBindingA(server, &text), RPC_S_OK, "RpcBindingToStringBinding");
    ok_status(RpcStringBindingParseA(text, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4]), RPC_S_OK,
              "RpcStringBindingParse");
    ok(parts[1] && !strcmp((char *)parts[1], endpoint->transport->protseq), "protocol sequence %s\n",
       parts[1]);
    ok(parts[2] && (*parts[2] || !strcmp(endpoint->transport->protseq, "ncalrpc")), "no address in %s\n",
       text);
    if (parts[2] && endpoint->transport->network)
        ok(!strcmp((char *)parts[2], endpoint->transport->network), "address %s\n", parts[2]);
    ok(parts[3] && !*parts[3], "endpoint %s\n", parts[3]);
    for (int i = 0; i < 5; i++)
        RpcStringFreeA(&parts[i]);
    RpcStringFreeA(&text);
}

static const struct endpoint *called;

static void hook_server_from_client(handle_t h, long what)
{
    handle_t server = NULL;

    (void)what;
    ok_status(RpcBindingServerFromClient(h, &server), RPC_S_OK, "RpcBindingServerFromClient");
    ok(server && server != h, "handle %p\n", server);
    check_server_handle(server, called);
    ok_status(RpcBindingFree(&server), RPC_S_OK, "RpcBindingFree");
    /* zero: "the client that is being served by this server thread" */
    ok_status(RpcBindingServerFromClient(NULL, &server), RPC_S_OK, "RpcBindingServerFromClient of zero");
    check_server_handle(server, called);
    ok_status(RpcBindingFree(&server), RPC_S_OK, "RpcBindingFree");
    ok(!server, "RpcBindingFree left %p\n", server);
}

static void call_with(handle_t h, void (*hook)(handle_t, long))
{
    sync_hook_routine = hook;
    ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, "sync_hook");
    sync_hook_routine = NULL;
}

static void test_kinds(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint), server = NULL;

    ok_status(RpcBindingSetObject(h, &object), RPC_S_OK, "RpcBindingSetObject");
    call_with(h, hook_wrong_kinds);
    call_with(h, hook_object);
    called = endpoint;
    call_with(h, hook_server_from_client);
    ok_status(RpcBindingServerFromClient(h, &server), RPC_S_WRONG_KIND_OF_BINDING, "a server's handle");
    unbind(&h);
}

/* ---- the end of an association: an interface group tells when its last connection is gone */

static HANDLE idle;

static void RPC_ENTRY on_idle(RPC_INTERFACE_GROUP group, void *context, ULONG is_idle)
{
    (void)group, (void)context;
    if (is_idle)
        SetEvent(idle);
    else
        ResetEvent(idle);
}

static RPC_INTERFACE_GROUP start_group(struct endpoint endpoints[TRANSPORT_COUNT])
{
    RPC_INTERFACE_TEMPLATEA interface_of_group = {.IfSpec = test_sync_v1_2_s_ifspec,
                                                  .MaxCalls = RPC_C_LISTEN_MAX_CALLS_DEFAULT,
                                                  .MaxRpcSize = (unsigned)-1};
    RPC_ENDPOINT_TEMPLATEA templates[TRANSPORT_COUNT] = {{0}};
    RPC_INTERFACE_GROUP group = NULL;

    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        make_endpoint(&endpoints[i], &transports[i], "kinds_group");
        templates[i].ProtSeq = (RPC_CSTR)endpoints[i].transport->protseq;
        templates[i].Endpoint = (RPC_CSTR)endpoints[i].name;
        templates[i].Backlog = RPC_C_PROTSEQ_MAX_REQS_DEFAULT;
    }
    ok_status(RpcServerInterfaceGroupCreateA(&interface_of_group, 1, templates, TRANSPORT_COUNT, 1, on_idle,
                                             NULL, &group),
              RPC_S_OK, "RpcServerInterfaceGroupCreate");
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_OK, "RpcServerInterfaceGroupActivate");
    return group;
}

/* The group is busy at once when there is a connection, so that what was told before is of no interest. */
static void call_of_group(handle_t h)
{
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call of the group");
    ResetEvent(idle);
}

/* RPC_C_OPT_DONT_LINGER: "force shutdown of the association after the last binding handle/context handle on
 * it is freed". */
static void test_dont_linger(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint), other;

    call_of_group(h);
    ok_status(RpcBindingCopy(h, &other), RPC_S_OK, "RpcBindingCopy");
    ok_status(RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE), RPC_S_OK, "RPC_C_OPT_DONT_LINGER");
    unbind(&h);
    call_of_group(other);
    unbind(&other);
    wait_for(idle, "the end of the association");
}

/* RPC_BINDING_HANDLE_OPTIONS_V1: BHO_DONTLINGER. */
static void test_fast(const struct endpoint *endpoint)
{
    RPC_BINDING_HANDLE_TEMPLATE_V1 template = {.Version = 1, .ProtocolSequence = PROTSEQ_LRPC};
    RPC_BINDING_HANDLE_OPTIONS_V1 options = {.Version = 1, .Flags = DONT_LINGER};
    ULONG_PTR value = 0;
    handle_t h = NULL;

    template.StringEndpoint = (unsigned short *)endpoint->name;
    options.ComTimeout = RPC_C_BINDING_DEFAULT_TIMEOUT;
    ok_status(RpcBindingCreateA(&template, NULL, &options, &h), RPC_S_OK, "RpcBindingCreate");
    ok_status(RpcBindingBind(NULL, h, test_sync_v1_2_c_ifspec), RPC_S_OK, "RpcBindingBind");
    ok_status(RpcBindingInqOption(h, RPC_C_OPT_DONT_LINGER, &value), RPC_S_OK, "RpcBindingInqOption");
    ok(value == TRUE, "DONT_LINGER is %lu\n", (ULONG)value);
    call_of_group(h);
    ok_status(RpcBindingFree(&h), RPC_S_OK, "RpcBindingFree");
    wait_for(idle, "the end of the association");
}

static void test_associations(void)
{
    struct endpoint of_group[TRANSPORT_COUNT];
    RPC_INTERFACE_GROUP group = start_group(of_group);

    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        winetest_context("%s", of_group[i].transport->protseq);
        test_dont_linger(&of_group[i]);
    }
    winetest_context("%s", "");
    test_fast(&of_group[0]);
    ok_status(RpcServerInterfaceGroupDeactivate(group, TRUE), RPC_S_OK, "RpcServerInterfaceGroupDeactivate");
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
}

START_TEST(binding_kinds)
{
    UuidCreate(&object);
    idle = CreateEventA(NULL, TRUE, FALSE, NULL);
    test_associations();
    serve(endpoints, test_sync_v1_2_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        winetest_context("%s", endpoints[i].transport->protseq);
        test_kinds(&endpoints[i]);
    }
    winetest_context("%s", "");
    stop_serving();
    CloseHandle(idle);
}
