/* Security information of bindings: SDK pages RpcBindingSetAuthInfoEx, RpcBindingInqAuthInfoEx,
 * RpcBindingInqAuthClient. What a protected call does is no part of this topic. */
#include "fixture.h"

static handle_t some_binding(void)
{
    handle_t h = NULL;

    ok_status(RpcBindingFromStringBindingA((RPC_CSTR) "ncacn_ip_tcp:127.0.0.1[1]", &h), RPC_S_OK, "binding");
    return h;
}

static void test_set_and_inquire(void)
{
    handle_t h = some_binding(), copy = NULL;
    SEC_WINNT_AUTH_IDENTITY_A identity = {0};
    RPC_AUTH_IDENTITY_HANDLE seen = NULL;
    ULONG level = 0, service = 0, authz = 0;
    RPC_CSTR principal = NULL;

    /* "RPC_S_BINDING_HAS_NO_AUTH: Binding has no authentication information." */
    ok_status(RpcBindingInqAuthInfoA(h, NULL, &level, &service, NULL, NULL), RPC_S_BINDING_HAS_NO_AUTH,
              "a new binding");
    ok_status(RpcBindingSetAuthInfoA(h, (RPC_CSTR) "host/one", RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
                                     RPC_C_AUTHN_WINNT, &identity, RPC_C_AUTHZ_NAME),
              RPC_S_OK, "RpcBindingSetAuthInfo");
    ok_status(RpcBindingInqAuthInfoA(h, &principal, &level, &service, &seen, &authz), RPC_S_OK,
              "RpcBindingInqAuthInfo");
    ok(principal && !strcmp((char *)principal, "host/one"), "principal '%s'\n", principal);
    ok(level == RPC_C_AUTHN_LEVEL_PKT_INTEGRITY && service == RPC_C_AUTHN_WINNT, "level %lu, service %lu\n",
       level, service);
    if (principal)
        RpcStringFreeA(&principal);
    ok_status(RpcBindingInqAuthInfoA(h, NULL, NULL, NULL, NULL, NULL), RPC_S_OK, "nothing wanted");

    /* RpcBindingCopy: "the server binding information" with its authentication information. */
    ok_status(RpcBindingCopy(h, &copy), RPC_S_OK, "RpcBindingCopy");
    level = 0;
    ok_status(RpcBindingInqAuthInfoA(copy, NULL, &level, NULL, NULL, NULL), RPC_S_OK, "of a copy");
    ok(level == RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, "level %lu\n", level);
    RpcBindingFree(&copy);

    /* "To remove authentication information, specify RPC_C_AUTHN_NONE" */
    ok_status(RpcBindingSetAuthInfoA(h, NULL, RPC_C_AUTHN_LEVEL_NONE, RPC_C_AUTHN_NONE, NULL, 0), RPC_S_OK,
              "RPC_C_AUTHN_NONE");
    ok_status(RpcBindingInqAuthInfoA(h, NULL, &level, NULL, NULL, NULL), RPC_S_BINDING_HAS_NO_AUTH,
              "without a service");
    RpcBindingFree(&h);
}

static void test_refused(void)
{
    handle_t h = some_binding();

    /* "RPC_S_UNKNOWN_AUTHN_SERVICE: Unknown authentication service." */
    ok_status(RpcBindingSetAuthInfoA(h, NULL, RPC_C_AUTHN_LEVEL_CONNECT, 77, NULL, 0),
              RPC_S_UNKNOWN_AUTHN_SERVICE, "service 77");
    ok_status(RpcBindingSetAuthInfoA(NULL, NULL, RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_AUTHN_WINNT, NULL, 0),
              RPC_S_INVALID_BINDING, "no binding");
    ok_status(RpcBindingInqAuthClientA(NULL, NULL, NULL, NULL, NULL, NULL), RPC_S_NO_CALL_ACTIVE, "no call");
    RpcBindingFree(&h);
}

START_TEST(security)
{
    test_set_and_inquire();
    test_refused();
}
