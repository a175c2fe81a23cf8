/*
 * Fast binding handles: SDK pages RpcBindingCreate, RpcBindingBind, RpcBindingUnbind,
 * RPC_BINDING_HANDLE_TEMPLATE_V1, _OPTIONS_V1, _SECURITY_V1.
 */
#include "async_client.h"
#include "test_implicit.h"
#include "test_sync.h"

enum { PROTSEQ_TCP = 1, PROTSEQ_LRPC = 3, OBJECT_UUID_VALID = 1, NONCAUSAL = 1 };

static struct endpoint server_endpoint;

START_CHILD(fast_server)
{
    HANDLE ready = shared_event(argv[2], FALSE);
    struct endpoint endpoint;

    name_endpoint(&endpoint, argv[0], argv[1]);
    async_server_start();
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_async_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    SetEvent(ready);
    /* The parent kills us. */
    WaitForSingleObject(GetCurrentProcess(), 4 * HANG_GUARD);
}

static HANDLE start_server(void)
{
    HANDLE ready = shared_event("fast_ready", FALSE);
    HANDLE process = child_start("fast_server", "ncalrpc %s fast_ready", server_endpoint.name);

    wait_for(ready, "the server process");
    CloseHandle(ready);
    return process;
}

static void stop_server(HANDLE process)
{
    TerminateProcess(process, 77);
    child_wait(process, 77);
}

static handle_t create(const char *endpoint)
{
    RPC_BINDING_HANDLE_TEMPLATE_V1 template = {.Version = 1, .ProtocolSequence = PROTSEQ_LRPC};
    handle_t h = NULL;

    template.StringEndpoint = (unsigned short *)endpoint;
    ok_status(RpcBindingCreateA(&template, NULL, NULL, &h), RPC_S_OK, "RpcBindingCreate");
    return h;
}

static void test_create(void)
{
    RPC_BINDING_HANDLE_TEMPLATE_V1 template = {.Version = 1, .ProtocolSequence = PROTSEQ_TCP};
    RPC_BINDING_HANDLE_OPTIONS_V1 options = {.Version = 1, .Flags = NONCAUSAL, .ComTimeout = 3};
    RPC_BINDING_HANDLE_SECURITY_V1 security = {.Version = 1,
                                               .ServerPrincName = (unsigned short *)L"me",
                                               .AuthnLevel = RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                               .AuthnSvc = RPC_C_AUTHN_WINNT};
    RPC_WSTR text = NULL, principal = NULL;
    ULONG_PTR noncausal = 0;
    unsigned int timeout = 0;
    ULONG level = 0, service = 0;
    handle_t h = NULL;

    /* "choosing another protocol sequence results in the return of this error status code": CANNOT_SUPPORT */
    ok_status(RpcBindingCreateW(&template, NULL, NULL, &h), RPC_S_CANNOT_SUPPORT, "TCP");
    template.ProtocolSequence = PROTSEQ_LRPC;
    template.Version = 9; /* "this must be set to 1"; the status is unverified on Windows */
    ok_status(RpcBindingCreateW(&template, NULL, NULL, &h), RPC_S_INVALID_ARG, "version 9");
    template.Version = 1;
    template.StringEndpoint = (unsigned short *)L"there";
    template.Flags = OBJECT_UUID_VALID;
    template.ObjectUuid.Data1 = 0x12345678;
    ok_status(RpcBindingCreateW(&template, &security, &options, &h), RPC_S_OK, "RpcBindingCreate");
    ok_status(RpcBindingToStringBindingW(h, &text), RPC_S_OK, "RpcBindingToStringBinding");
    ok(text && !lstrcmpW(text, L"12345678-0000-0000-0000-000000000000@ncalrpc:[there]"), "another text\n");
    if (text)
        RpcStringFreeW(&text);
    ok_status(RpcBindingInqOption(h, RPC_C_OPT_BINDING_NONCAUSAL, &noncausal), RPC_S_OK,
              "RpcBindingInqOption");
    ok(noncausal == 1, "causal\n");
    ok_status(RpcMgmtInqComTimeout(h, &timeout), RPC_S_OK, "RpcMgmtInqComTimeout");
    ok(timeout == 3, "time-out %u\n", timeout);
    ok_status(RpcBindingInqAuthInfoW(h, &principal, &level, &service, NULL, NULL), RPC_S_OK,
              "RpcBindingInqAuthInfo");
    ok(level == RPC_C_AUTHN_LEVEL_PKT_PRIVACY && service == RPC_C_AUTHN_WINNT, "level %lu, service %lu\n",
       level, service);
    if (principal)
        RpcStringFreeW(&principal);
    ok_status(RpcBindingFree(&h), RPC_S_OK, "RpcBindingFree");
}

static void test_bind(void)
{
    handle_t h = create(server_endpoint.name), classic = bind_to(&server_endpoint);

    /* "before any calls can be made on the binding handle, RpcBindingBind must be called"; the statuses of
     * misuse are unverified on Windows */
    ok_status(CAUGHT(async_ping(h, 1)), RPC_S_INVALID_BINDING, "a call before the bind");
    ok_status(RpcBindingUnbind(h), RPC_S_INVALID_BINDING, "unbound already");
    ok_status(RpcBindingBind(NULL, classic, test_async_v1_0_c_ifspec), RPC_S_INVALID_BINDING,
              "a classic binding");
    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_OK, "RpcBindingBind");
    ok(async_ping(h, 1) == 2, "wrong reply\n");
    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_INVALID_BINDING, "bound already");
    /* "RpcBindingReset is a no-op call for static fast binding handles." */
    ok_status(RpcBindingReset(h), RPC_S_OK, "RpcBindingReset");
    ok(async_ping(h, 2) == 3, "wrong reply\n");
    ok_status(RpcBindingUnbind(h), RPC_S_OK, "RpcBindingUnbind");
    ok_status(CAUGHT(async_ping(h, 1)), RPC_S_INVALID_BINDING, "a call after the unbind");
    /* "A binding handle in the unbound state can be bound again and re-used to make calls." */
    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_OK, "bound again");
    ok(async_ping(h, 3) == 4, "wrong reply\n");
    unbind(&h);
    unbind(&classic);
}

static void test_bind_fails(void)
{
    handle_t h = create("nobody_is_there"), other = create(server_endpoint.name);

    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_SERVER_UNAVAILABLE, "no server");
    /* "the caller can attempt to bind again" */
    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_SERVER_UNAVAILABLE,
              "no server, again");
    ok_status(RpcBindingBind(NULL, other, test_implicit_v3_1_c_ifspec), RPC_S_UNKNOWN_IF,
              "no such interface");
    ok_status(RpcBindingBind(NULL, other, test_async_v1_0_c_ifspec), RPC_S_OK, "another interface");
    ok(async_ping(other, 1) == 2, "wrong reply\n");
    unbind(&h);
    unbind(&other);
}

static void test_bind_asynchronously(void)
{
    handle_t h = create(server_endpoint.name), nowhere = create("nobody_is_there");
    struct echo bind, call;

    echo_init_event(&bind);
    ok_status(RpcBindingBind(&bind.state, h, test_async_v1_0_c_ifspec), RPC_S_OK, "RpcBindingBind");
    wait_for(bind.state.u.hEvent, "the bind");
    ok_status(RpcAsyncGetCallStatus(&bind.state), RPC_S_OK, "RpcAsyncGetCallStatus");
    ok(async_ping(h, 1) == 2, "wrong reply\n");
    echo_init_event(&call);
    ok_status(echo_call(&call, h, ASYNC_OTHER, 1, 4), 0, "an asynchronous call raised");
    echo_finish(&call, RPC_S_OK);
    echo_free(&call);
    unbind(&h);
    ok_status(RpcBindingBind(&bind.state, nowhere, test_async_v1_0_c_ifspec), RPC_S_OK, "RpcBindingBind");
    wait_for(bind.state.u.hEvent, "the bind");
    ok_status(RpcAsyncGetCallStatus(&bind.state), RPC_S_SERVER_UNAVAILABLE, "RpcAsyncGetCallStatus");
    unbind(&nowhere);
    echo_free(&bind);
}

/* "RPC will not attempt to transparently reconnect to the server; instead, it will return one of the
 * following errors: RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED, and RPC_C_CALL_FAILED_DNE." */
static void test_server_dies(HANDLE process)
{
    handle_t h = create(server_endpoint.name);
    RPC_STATUS status;

    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_OK, "RpcBindingBind");
    ok(async_ping(h, 1) == 2, "wrong reply\n");
    stop_server(process);
    process = start_server();
    for (int i = 0; i < 3; i++) {
        status = CAUGHT(async_ping(h, 1));
        ok(status == RPC_S_SERVER_UNAVAILABLE || status == RPC_S_CALL_FAILED ||
               status == RPC_S_CALL_FAILED_DNE,
           "status %ld\n", status);
    }
    /* "must unbind by calling RpcBindingUnbind and then rebind" */
    ok_status(RpcBindingUnbind(h), RPC_S_OK, "RpcBindingUnbind");
    ok_status(RpcBindingBind(NULL, h, test_async_v1_0_c_ifspec), RPC_S_OK, "RpcBindingBind");
    ok(async_ping(h, 1) == 2, "wrong reply\n");
    unbind(&h);
    stop_server(process);
}

START_TEST(fast_binding)
{
    HANDLE process;

    make_endpoint(&server_endpoint, &transports[0], "fast");
    test_create();
    process = start_server();
    test_bind();
    test_bind_fails();
    test_bind_asynchronously();
    test_server_dies(process);
}
