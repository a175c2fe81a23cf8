/*
 * Interface groups: SDK pages RpcServerInterfaceGroupCreate, Activate, Deactivate, Close, InqBindings,
 * RPC_INTERFACE_TEMPLATE, RPC_ENDPOINT_TEMPLATE, RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN.
 */
#include "fixture.h"
#include "test_implicit.h"
#include "test_sync.h"

static struct endpoint local, tcp, outside;

static RPC_INTERFACE_TEMPLATEA interface_template(void)
{
    RPC_INTERFACE_TEMPLATEA template = {.IfSpec = test_sync_v1_2_s_ifspec,
                                        .MaxCalls = RPC_C_LISTEN_MAX_CALLS_DEFAULT,
                                        .MaxRpcSize = (unsigned)-1,
                                        .Annotation = (RPC_CSTR) "a group's"};

    return template;
}

static RPC_ENDPOINT_TEMPLATEA endpoint_template(const struct endpoint *endpoint)
{
    RPC_ENDPOINT_TEMPLATEA template = {.ProtSeq = (RPC_CSTR)endpoint->transport->protseq,
                                       .Endpoint = (RPC_CSTR)endpoint->name,
                                       .Backlog = RPC_C_PROTSEQ_MAX_REQS_DEFAULT};

    return template;
}

static RPC_INTERFACE_GROUP create(ULONG period, RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN callback)
{
    RPC_INTERFACE_TEMPLATEA interface_of_group = interface_template();
    RPC_ENDPOINT_TEMPLATEA endpoints[] = {endpoint_template(&local), endpoint_template(&tcp)};
    RPC_INTERFACE_GROUP group = NULL;

    ok_status(RpcServerInterfaceGroupCreateA(&interface_of_group, 1, endpoints, 2, period, callback,
                                             (void *)99, &group),
              RPC_S_OK, "RpcServerInterfaceGroupCreate");
    return group;
}

/* Frees a binding after a call such that its connection is closed too. */
static void hang_up(handle_t *h)
{
    ok_status(RpcBindingSetOption(*h, RPC_C_OPT_DONT_LINGER, TRUE), RPC_S_OK, "RpcBindingSetOption");
    unbind(h);
}

static void test_misuse(void)
{
    RPC_INTERFACE_TEMPLATEA interface_of_group = interface_template();
    RPC_ENDPOINT_TEMPLATEA endpoint = endpoint_template(&local);
    RPC_INTERFACE_GROUP group = NULL;
    RPC_BINDING_VECTOR *vector = (void *)1;

    /* "Can be NULL only if IdlePeriod is INFINITE"; the status is unverified on Windows */
    ok_status(RpcServerInterfaceGroupCreateA(&interface_of_group, 1, &endpoint, 1, 5, NULL, NULL, &group),
              RPC_S_INVALID_ARG, "no callback");
    /* "This field is reserved and must be set to 0"; the status is unverified on Windows */
    endpoint.Version = 1;
    ok_status(
        RpcServerInterfaceGroupCreateA(&interface_of_group, 1, &endpoint, 1, INFINITE, NULL, NULL, &group),
        RPC_S_INVALID_ARG, "version 1");
    ok_status(RpcServerInterfaceGroupClose(NULL), RPC_S_INVALID_ARG, "RpcServerInterfaceGroupClose");
    group = create(INFINITE, NULL);
    ok_status(RpcServerInterfaceGroupInqBindings(group, &vector), RPC_S_NO_BINDINGS, "not active");
    ok(!vector, "a vector\n");
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
}

/* A group by the W form, from its making to its first call. */
static void test_wide(void)
{
    RPC_INTERFACE_TEMPLATEW interface_of_group = {.IfSpec = test_sync_v1_2_s_ifspec,
                                                  .MaxCalls = RPC_C_LISTEN_MAX_CALLS_DEFAULT,
                                                  .MaxRpcSize = (unsigned)-1,
                                                  .Annotation = (RPC_WSTR)L"a wide group's"};
    RPC_ENDPOINT_TEMPLATEW template = {.ProtSeq = (RPC_WSTR)L"ncalrpc",
                                       .Backlog = RPC_C_PROTSEQ_MAX_REQS_DEFAULT};
    RPC_INTERFACE_GROUP group = NULL;
    struct endpoint endpoint;
    WCHAR name[64];
    handle_t h;

    make_endpoint(&endpoint, &transports[0], "wide_group");
    MultiByteToWideChar(CP_ACP, 0, endpoint.name, -1, name, ARRAYSIZE(name));
    template.Endpoint = (RPC_WSTR)name;
    ok_status(RpcServerInterfaceGroupCreateW(&interface_of_group, 1, &template, 1, 5, NULL, NULL, &group),
              RPC_S_INVALID_ARG, "no callback");
    ok_status(
        RpcServerInterfaceGroupCreateW(&interface_of_group, 1, &template, 1, INFINITE, NULL, NULL, &group),
        RPC_S_OK, "RpcServerInterfaceGroupCreateW");
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_OK, "RpcServerInterfaceGroupActivate");
    h = bind_to(&endpoint);
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call of the group");
    hang_up(&h);
    ok_status(RpcServerInterfaceGroupDeactivate(group, TRUE), RPC_S_OK, "RpcServerInterfaceGroupDeactivate");
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
}

/* "RpcServerInterfaceGroupActivate is atomic. If at any point the operation fails, any items that were
 * previously registered are undone." */
static void test_atomic(void)
{
    RPC_INTERFACE_TEMPLATEA interface_of_group = interface_template();
    RPC_ENDPOINT_TEMPLATEA endpoints[2];
    RPC_INTERFACE_GROUP group = NULL;
    struct endpoint good;

    make_endpoint(&good, &transports[0], "group_good");
    endpoints[0] = endpoint_template(&good);
    endpoints[1] = endpoint_template(&tcp);
    endpoints[1].Endpoint = (RPC_CSTR) "no-port";
    ok_status(
        RpcServerInterfaceGroupCreateA(&interface_of_group, 1, endpoints, 2, INFINITE, NULL, NULL, &group),
        RPC_S_OK, "RpcServerInterfaceGroupCreate");
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_INVALID_ENDPOINT_FORMAT, "a bad endpoint");
    use_endpoint(&good); /* it is free */
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
    endpoints[0].ProtSeq = (RPC_CSTR) "ncacn_nothing";
    ok_status(
        RpcServerInterfaceGroupCreateA(&interface_of_group, 1, endpoints, 1, INFINITE, NULL, NULL, &group),
        RPC_S_OK, "RpcServerInterfaceGroupCreate");
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_PROTSEQ_NOT_SUPPORTED,
              "no such protocol sequence");
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
}

static int vector_has(const RPC_BINDING_VECTOR *vector, const struct endpoint *endpoint)
{
    int found = 0;

    for (ULONG i = 0; vector && i < vector->Count; i++) {
        RPC_CSTR text = NULL, protseq = NULL, name = NULL;

        ok_status(RpcBindingToStringBindingA(vector->BindingH[i], &text), RPC_S_OK,
                  "RpcBindingToStringBinding");
        ok_status(RpcStringBindingParseA(text, NULL, &protseq, NULL, &name, NULL), RPC_S_OK,
                  "RpcStringBindingParse");
        found +=
            !strcmp((char *)protseq, endpoint->transport->protseq) && !strcmp((char *)name, endpoint->name);
        RpcStringFreeA(&text);
        RpcStringFreeA(&protseq);
        RpcStringFreeA(&name);
    }
    return found;
}

static void test_bindings(RPC_INTERFACE_GROUP group)
{
    RPC_BINDING_VECTOR *vector = NULL;

    ok_status(RpcServerInterfaceGroupInqBindings(group, &vector), RPC_S_OK,
              "RpcServerInterfaceGroupInqBindings");
    ok(vector_has(vector, &local) && vector_has(vector, &tcp), "an endpoint is missing\n");
    ok(!vector_has(vector, &outside), "an endpoint of no group\n");
    if (vector)
        ok_status(RpcBindingVectorFree(&vector), RPC_S_OK, "RpcBindingVectorFree");
    ok_status(RpcServerInqBindings(&vector), RPC_S_OK, "RpcServerInqBindings");
    ok(vector_has(vector, &outside), "the endpoint of no group is missing\n");
    RpcBindingVectorFree(&vector);
}

/* "Registers the endpoints and interfaces with the RPC endpoint mapper." */
static void test_mapped(int mapped)
{
    handle_t h = NULL;
    RPC_CSTR text = NULL;
    RPC_STATUS status;

    ok_status(RpcBindingFromStringBindingA((RPC_CSTR) "ncalrpc:", &h), RPC_S_OK,
              "RpcBindingFromStringBinding");
    status = RpcEpResolveBinding(h, test_sync_v1_2_c_ifspec);
    ok_status(status, mapped ? RPC_S_OK : EPT_S_NOT_REGISTERED, "RpcEpResolveBinding");
    if (status == RPC_S_OK && mapped) {
        ok_status(RpcBindingToStringBindingA(h, &text), RPC_S_OK, "RpcBindingToStringBinding");
        ok(strstr((char *)text, local.name) != NULL, "resolved to %s\n", text);
        RpcStringFreeA(&text);
    }
    unbind(&h);
}

/* "Interfaces in an interface group can only be called over endpoints of the same group. Interfaces that are
 * not part of an interface group cannot be called over endpoints that are part of a group." The status is
 * unverified on Windows. */
static void test_fences(void)
{
    handle_t inside = bind_to(&local), other = bind_to(&outside);

    ok_status(CAUGHT(sync_null(other)), RPC_S_UNKNOWN_IF, "the group's interface, another endpoint");
    implicit_binding = inside;
    ok_status(CAUGHT(implicit_null()), RPC_S_UNKNOWN_IF, "another interface, the group's endpoint");
    implicit_binding = other;
    ok_status(CAUGHT(implicit_null()), RPC_S_OK, "another interface, another endpoint");
    unbind(&inside);
    unbind(&other);
}

static void test_active(void)
{
    RPC_INTERFACE_GROUP group = create(INFINITE, NULL);
    handle_t h = bind_to(&local), over_tcp = bind_to(&tcp), late;

    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_OK, "RpcServerInterfaceGroupActivate");
    test_bindings(group);
    test_mapped(TRUE);
    /* "The runtime begins listening for calls as soon as the interface group is activated." */
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "ncalrpc");
    ok_status(CAUGHT(sync_null(over_tcp)), RPC_S_OK, "TCP");
    test_fences();
    /* "nor does a call to RpcServerUnregisterIf with IfSpec set to NULL" */
    ok_status(RpcServerUnregisterIf(NULL, NULL, FALSE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "after RpcServerUnregisterIf(NULL)");

    /* "RPC_S_SERVER_TOO_BUSY: ForceDeactivation is FALSE and there is outstanding client activity." */
    ok_status(RpcServerInterfaceGroupDeactivate(group, FALSE), RPC_S_SERVER_TOO_BUSY,
              "clients are connected");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "still active");
    late = bind_to(&local);
    ok_status(CAUGHT(sync_null(late)), RPC_S_OK, "still listening");
    ok_status(RpcServerInterfaceGroupDeactivate(group, TRUE), RPC_S_OK, "forced");
    ok(CAUGHT(sync_null(h)) != RPC_S_OK, "an interface that is gone answers\n");
    test_mapped(FALSE);
    /* connections of the endpoint's earlier listener do not keep it from listening again */
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_OK, "while clients are connected");
    ok_status(RpcServerInterfaceGroupDeactivate(group, TRUE), RPC_S_OK, "forced again");
    hang_up(&h);
    hang_up(&late);
    hang_up(&over_tcp);
    h = bind_to(&local);
    ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_UNAVAILABLE, "a new client");
    /* "an interface group can be activated and deactivated as the application requires" */
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_OK, "again");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "active again");
    /* "If the given interface group is still active, RpcServerInterfaceGroupClose performs a forced
     * deactivation before closing the group." */
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
    ok(CAUGHT(sync_null(h)) != RPC_S_OK, "an interface that is gone answers\n");
    hang_up(&h);
}

/* ---- idleness */

static HANDLE became[2]; /* active, idle */
static volatile LONG deactivate;
static volatile RPC_STATUS deactivated;

static void RPC_ENTRY on_idle(RPC_INTERFACE_GROUP group, void *context, ULONG idle)
{
    ok(context == (void *)99, "context %p\n", context);
    ok(idle == 0 || idle == 1, "idle %lu\n", idle);
    if (idle && deactivate)
        deactivated = RpcServerInterfaceGroupDeactivate(group, FALSE);
    SetEvent(became[idle != 0]);
}

static void test_idle(void)
{
    RPC_INTERFACE_GROUP group = create(0, on_idle);
    handle_t h = bind_to(&local);

    for (int i = 0; i < 2; i++)
        became[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
    ok_status(RpcServerInterfaceGroupActivate(group), RPC_S_OK, "RpcServerInterfaceGroupActivate");
    /* that a group which nobody has called yet is idle is unverified on Windows */
    wait_for(became[1], "idleness at first");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    /* "FALSE if the interface group was previously idle but has since received new activity." */
    wait_for(became[0], "activity");
    hang_up(&h);
    wait_for(became[1], "idleness after the client");

    /* "Service applications can call RpcServerInterfaceGroupDeactivate with ForceDeactivation set to FALSE
     * from their idle callback" */
    h = bind_to(&tcp);
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    wait_for(became[0], "activity");
    deactivated = 77;
    deactivate = TRUE;
    hang_up(&h);
    wait_for(became[1], "idleness");
    ok_status(deactivated, RPC_S_OK, "RpcServerInterfaceGroupDeactivate in the callback");
    h = bind_to(&tcp);
    ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_UNAVAILABLE, "a call of who is not there any more");
    unbind(&h);
    ok_status(RpcServerInterfaceGroupClose(group), RPC_S_OK, "RpcServerInterfaceGroupClose");
    for (int i = 0; i < 2; i++)
        CloseHandle(became[i]);
}

START_TEST(group)
{
    make_endpoint(&local, &transports[0], "group");
    make_endpoint(&tcp, &transports[2], "group");
    make_endpoint(&outside, &transports[0], "outside");
    use_endpoint(&outside);
    ok_status(RpcServerRegisterIfEx(test_implicit_v3_1_s_ifspec, NULL, NULL, RPC_IF_AUTOLISTEN,
                                    RPC_C_LISTEN_MAX_CALLS_DEFAULT, NULL),
              RPC_S_OK, "RpcServerRegisterIfEx");
    test_misuse();
    test_wide();
    test_atomic();
    test_active();
    test_idle();
}
