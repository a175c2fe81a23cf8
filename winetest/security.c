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

/* RpcBindingSetAuthInfoEx: with a quality of service, which comes back as it was given. */
static void test_extended(void)
{
    RPC_SECURITY_QOS qos = {RPC_C_SECURITY_QOS_VERSION_1, RPC_C_QOS_CAPABILITIES_MUTUAL_AUTH,
                            RPC_C_QOS_IDENTITY_DYNAMIC, RPC_C_IMP_LEVEL_IMPERSONATE};
    RPC_SECURITY_QOS seen = {0, 0, 0, 0};
    ULONG level = 0, service = 0, authz = 77;
    handle_t h = some_binding();
    RPC_CSTR principal = NULL;
    RPC_WSTR wide = NULL;

    ok_status(RpcBindingSetAuthInfoExW(h, (RPC_WSTR)L"host/two", RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                       RPC_C_AUTHN_GSS_NEGOTIATE, NULL, RPC_C_AUTHZ_NONE, &qos),
              RPC_S_OK, "RpcBindingSetAuthInfoExW");
    ok_status(RpcBindingInqAuthInfoExA(h, &principal, &level, &service, NULL, &authz,
                                       RPC_C_SECURITY_QOS_VERSION_1, &seen),
              RPC_S_OK, "RpcBindingInqAuthInfoExA");
    ok(principal && !strcmp((char *)principal, "host/two"), "principal '%s'\n", principal);
    ok(level == RPC_C_AUTHN_LEVEL_PKT_PRIVACY && service == RPC_C_AUTHN_GSS_NEGOTIATE &&
           authz == RPC_C_AUTHZ_NONE,
       "level %lu, service %lu, authorization %lu\n", level, service, authz);
    ok(seen.Capabilities == qos.Capabilities && seen.IdentityTracking == qos.IdentityTracking &&
           seen.ImpersonationType == qos.ImpersonationType,
       "another quality of service\n");
    if (principal)
        RpcStringFreeA(&principal);

    ok_status(RpcBindingSetAuthInfoExA(h, (RPC_CSTR) "host/three", RPC_C_AUTHN_LEVEL_CALL, RPC_C_AUTHN_WINNT,
                                       NULL, RPC_C_AUTHZ_NONE, NULL),
              RPC_S_OK, "RpcBindingSetAuthInfoExA");
    ok_status(RpcBindingInqAuthInfoExW(h, &wide, NULL, &service, NULL, NULL, 0, NULL), RPC_S_OK,
              "RpcBindingInqAuthInfoExW");
    ok(wide && !lstrcmpW(wide, L"host/three") && service == RPC_C_AUTHN_WINNT, "another principal\n");
    if (wide)
        RpcStringFreeW(&wide);
    ok_status(RpcBindingSetAuthInfoW(h, (RPC_WSTR)L"host/four", RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_AUTHN_WINNT,
                                     NULL, RPC_C_AUTHZ_NONE),
              RPC_S_OK, "RpcBindingSetAuthInfoW");
    ok_status(RpcBindingInqAuthInfoW(h, &wide, &level, NULL, NULL, NULL), RPC_S_OK, "RpcBindingInqAuthInfoW");
    ok(wide && !lstrcmpW(wide, L"host/four") && level == RPC_C_AUTHN_LEVEL_CONNECT, "another principal\n");
    if (wide)
        RpcStringFreeW(&wide);
    /* "RPC_S_UNKNOWN_AUTHN_SERVICE", RPC_S_INVALID_BINDING; the level's status is unverified on Windows. */
    ok_status(RpcBindingSetAuthInfoExW(h, NULL, 77, RPC_C_AUTHN_WINNT, NULL, 0, NULL),
              RPC_S_UNKNOWN_AUTHN_LEVEL, "level 77");
    ok_status(RpcBindingSetAuthInfoExA(h, NULL, RPC_C_AUTHN_LEVEL_CONNECT, 77, NULL, 0, NULL),
              RPC_S_UNKNOWN_AUTHN_SERVICE, "service 77");
    ok_status(RpcBindingSetAuthInfoW(NULL, NULL, RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_AUTHN_WINNT, NULL, 0),
              RPC_S_INVALID_BINDING, "no binding");
    ok_status(RpcBindingInqAuthInfoExA(NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL), RPC_S_INVALID_BINDING,
              "no binding");
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
    test_extended();
    test_refused();
}
