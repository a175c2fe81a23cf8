/*
 * The forms of RpcServerUseProtseq* that take their endpoints from the interface, have a policy or speak
 * ANSI; what a server may ask about its managers; types of objects by a routine. SDK:
 * RpcServerUseProtseqIfEx, RpcServerUseAllProtseqsIf and their neighbours, RpcServerInqIf, RpcObjectSetInqFn,
 * RpcServerYield.
 */
#include "fixture.h"
#include "test_sync.h"

#define INTERFACE test_sync_v1_2_s_ifspec

/* test_sync as if its IDL had [endpoint]s: one that nobody uses yet on each of two transports. */
struct named {
    struct endpoint endpoints[2];
    RPC_PROTSEQ_ENDPOINT protseqs[2];
    RPC_SERVER_INTERFACE interface_of_it;
};

static RPC_IF_HANDLE name_endpoints(struct named *named, const char *tag)
{
    named->interface_of_it = *(RPC_SERVER_INTERFACE *)INTERFACE;
    for (int i = 0; i < 2; i++) {
        make_endpoint(&named->endpoints[i], &transports[i], tag);
        named->protseqs[i].RpcProtocolSequence = (unsigned char *)transports[i].protseq;
        named->protseqs[i].Endpoint = (unsigned char *)named->endpoints[i].name;
    }
    named->interface_of_it.RpcProtseqEndpoint = named->protseqs;
    named->interface_of_it.RpcProtseqEndpointCount = 2;
    return &named->interface_of_it;
}

static void check_reached(const struct endpoint *endpoint, BOOL reached)
{
    handle_t h = bind_to(endpoint);

    ok_status(CAUGHT(sync_null(h)), reached ? RPC_S_OK : RPC_S_SERVER_UNAVAILABLE, endpoint->name);
    unbind(&h);
}

enum form { IF_A, IF_W, IF_EX_A, IF_EX_W, ALL_IF, ALL_IF_EX };

static void test_form(enum form form, const char *tag)
{
    RPC_POLICY policy = {sizeof(policy), 0, 0};
    RPC_STATUS status = 77;
    struct named named;
    RPC_IF_HANDLE spec = name_endpoints(&named, tag);

    winetest_context("%s", tag);
    switch (form) {
    case IF_A:
        status = RpcServerUseProtseqIfA((RPC_CSTR) "ncalrpc", 10, spec, NULL);
        break;
    case IF_W:
        status = RpcServerUseProtseqIfW((RPC_WSTR)L"ncalrpc", 10, spec, NULL);
        break;
    case IF_EX_A:
        status = RpcServerUseProtseqIfExA((RPC_CSTR) "ncalrpc", 10, spec, NULL, &policy);
        break;
    case IF_EX_W:
        status = RpcServerUseProtseqIfExW((RPC_WSTR)L"ncalrpc", 10, spec, NULL, &policy);
        break;
    case ALL_IF:
        status = RpcServerUseAllProtseqsIf(10, spec, NULL);
        break;
    case ALL_IF_EX:
        status = RpcServerUseAllProtseqsIfEx(10, spec, NULL, &policy);
        break;
    }
    ok_status(status, RPC_S_OK, "the form");
    check_reached(&named.endpoints[0], TRUE);
    check_reached(&named.endpoints[1], form >= ALL_IF);
    winetest_context("%s", "");
}

/* "RPC_S_PROTSEQ_NOT_FOUND: the endpoint for this protocol sequence not specified in the IDL file." */
static void test_not_named(void)
{
    RPC_POLICY policy = {sizeof(policy), 0, 0};
    struct named named;
    RPC_IF_HANDLE spec = name_endpoints(&named, "not_named");

    ok_status(RpcServerUseProtseqIfA((RPC_CSTR) "ncacn_ip_tcp", 10, spec, NULL), RPC_S_PROTSEQ_NOT_FOUND,
              "RpcServerUseProtseqIfA");
    ok_status(RpcServerUseProtseqIfW((RPC_WSTR)L"ncacn_ip_tcp", 10, spec, NULL), RPC_S_PROTSEQ_NOT_FOUND,
              "RpcServerUseProtseqIfW");
    ok_status(RpcServerUseProtseqIfExA((RPC_CSTR) "ncacn_ip_tcp", 10, spec, NULL, &policy),
              RPC_S_PROTSEQ_NOT_FOUND, "RpcServerUseProtseqIfExA");
    ok_status(RpcServerUseProtseqIfExW((RPC_WSTR)L"ncacn_ip_tcp", 10, spec, NULL, &policy),
              RPC_S_PROTSEQ_NOT_FOUND, "RpcServerUseProtseqIfExW");
}

static void test_policies(void)
{
    RPC_POLICY policy = {sizeof(policy), 0, 0};
    RPC_BINDING_VECTOR *before = NULL, *after = NULL;
    struct endpoint more;

    make_endpoint(&more, &transports[0], "forms_ex");
    ok_status(RpcServerUseProtseqEpExA((RPC_CSTR) "ncalrpc", 10, (RPC_CSTR)more.name, NULL, &policy),
              RPC_S_OK, "RpcServerUseProtseqEpExA");
    check_reached(&more, TRUE);
    ok_status(RpcServerUseProtseqEpExA((RPC_CSTR) "ncacn_nothing", 10, (RPC_CSTR) "e", NULL, &policy),
              RPC_S_PROTSEQ_NOT_SUPPORTED, "an unknown protocol sequence");
    ok_status(RpcServerInqBindings(&before), RPC_S_OK, "RpcServerInqBindings");
    ok_status(RpcServerUseProtseqExW((RPC_WSTR)L"ncacn_ip_tcp", 10, NULL, &policy), RPC_S_OK,
              "RpcServerUseProtseqExW");
    ok_status(RpcServerInqBindings(&after), RPC_S_OK, "RpcServerInqBindings");
    ok(before && after && after->Count > before->Count, "no new binding\n");
    RpcBindingVectorFree(&before);
    RpcBindingVectorFree(&after);
    ok_status(RpcServerUseAllProtseqsEx(10, NULL, &policy), RPC_S_OK, "RpcServerUseAllProtseqsEx");
}

static LONG who_five(handle_t h)
{
    (void)h;
    /* "The RpcServerYield function releases the processor" and gives nothing back. */
    RpcServerYield();
    return 5;
}

static UUID object_of_five, type_of_five;
static volatile LONG inquiries;

static void RPC_ENTRY inquire(UUID *object, UUID *type, RPC_STATUS *status)
{
    InterlockedIncrement(&inquiries);
    *status = memcmp(object, &object_of_five, sizeof(*object)) ? RPC_S_OBJECT_NOT_FOUND : RPC_S_OK;
    if (!*status)
        *type = type_of_five;
}

/* RpcObjectSetInqFn: the runtime asks of the objects that have no type from RpcObjectSetType. */
static void test_managers(const struct endpoint *endpoint)
{
    const MIDL_SERVER_INFO *info = ((RPC_SERVER_INTERFACE *)INTERFACE)->InterpreterInfo;
    unsigned count = ((RPC_SERVER_INTERFACE *)INTERFACE)->DispatchTable->DispatchTableCount;
    SERVER_ROUTINE *five = malloc(count * sizeof(*five));
    RPC_SERVER_INTERFACE stranger = *(RPC_SERVER_INTERFACE *)INTERFACE;
    UUID object, type;
    RPC_MGR_EPV *epv = NULL;
    handle_t h = bind_to(endpoint);

    UuidCreate(&object_of_five);
    UuidCreate(&type_of_five);
    UuidCreate(&object);
    memcpy(five, info->DispatchTable, count * sizeof(*five));
    five[count - 1] = (SERVER_ROUTINE)who_five;
    ok_status(RpcServerInqIf(INTERFACE, &type_of_five, &epv), RPC_S_UNKNOWN_MGR_TYPE, "no such manager yet");
    ok_status(RpcServerRegisterIf(INTERFACE, &type_of_five, five), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerInqIf(INTERFACE, &type_of_five, &epv), RPC_S_OK, "RpcServerInqIf");
    ok((void *)epv == five, "another manager\n");
    stranger.InterfaceId.SyntaxGUID.Data1 ^= 1;
    ok_status(RpcServerInqIf(&stranger, NULL, &epv), RPC_S_UNKNOWN_IF, "an interface that is not registered");

    RpcBindingSetObject(h, &object_of_five);
    ok(sync_who(h) == 0, "an object without a type\n");
    ok_status(RpcObjectSetInqFn(inquire), RPC_S_OK, "RpcObjectSetInqFn");
    ok(sync_who(h) == 5, "not the object's manager\n");
    ok(inquiries > 0, "nobody asked\n");
    ok_status(RpcObjectInqType(&object_of_five, &type), RPC_S_OK, "RpcObjectInqType");
    ok(!memcmp(&type, &type_of_five, sizeof(type)), "another type\n");
    ok_status(RpcObjectInqType(&object, &type), RPC_S_OBJECT_NOT_FOUND, "an object that nobody knows");
    ok_status(RpcObjectSetInqFn(NULL), RPC_S_OK, "RpcObjectSetInqFn");
    ok(sync_who(h) == 0, "the routine is asked still\n");
    ok_status(RpcServerUnregisterIf(INTERFACE, &type_of_five, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    unbind(&h);
    free(five);
}

START_TEST(server_forms)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, INTERFACE);
    test_form(IF_A, "forms_if_a");
    test_form(IF_W, "forms_if_w");
    test_form(IF_EX_A, "forms_if_ex_a");
    test_form(IF_EX_W, "forms_if_ex_w");
    test_form(ALL_IF, "forms_all_if");
    test_form(ALL_IF_EX, "forms_all_if_ex");
    test_not_named();
    test_policies();
    test_managers(&endpoints[0]);
    stop_serving();
}
