/*
 * Interfaces with a security descriptor: SDK page RpcServerRegisterIf3. "If both SecurityDescriptor and
 * IfCallbackFn are specified, the security descriptor [...] will be checked first and the callback [...] will
 * be called after the access check [...] passes." The status of a call that is refused, and that any right
 * will do, is unverified on Windows.
 */
#include "fixture.h"
#include "test_implicit.h"
#include "test_sync.h"

#include <sddl.h>

RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerRegisterIf3(RPC_IF_HANDLE, UUID *, RPC_MGR_EPV *, unsigned, unsigned,
                                                   unsigned, RPC_IF_CALLBACK_FN *, void *);

static struct endpoint endpoints[TRANSPORT_COUNT];
static volatile LONG callbacks;

static RPC_STATUS RPC_ENTRY allow(RPC_IF_HANDLE ifspec, void *context)
{
    (void)ifspec, (void)context;
    InterlockedIncrement(&callbacks);
    return RPC_S_OK;
}

static void register_with(const char *text)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;

    ok(ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &descriptor, NULL),
       "%s: %lu\n", text, GetLastError());
    ok_status(RpcServerRegisterIf3(test_implicit_v3_1_s_ifspec, NULL, NULL,
                                   RPC_IF_ALLOW_CALLBACKS_WITH_NO_AUTH, RPC_C_LISTEN_MAX_CALLS_DEFAULT, ~0u,
                                   allow, descriptor),
              RPC_S_OK, text);
    /* it was copied */
    memset(descriptor, 0x55, GetSecurityDescriptorLength(descriptor));
    LocalFree(descriptor);
}

static void test(const char *descriptor, BOOL allowed)
{
    register_with(descriptor);
    callbacks = 0;
    for (int i = 0; i < 2; i++)
        ok_status(CAUGHT(implicit_null()), allowed ? RPC_S_OK : RPC_S_ACCESS_DENIED, descriptor);
    ok(!callbacks == !allowed, "%s: %ld callbacks\n", descriptor, (long)callbacks);
    ok_status(RpcServerUnregisterIf(test_implicit_v3_1_s_ifspec, NULL, TRUE), RPC_S_OK,
              "RpcServerUnregisterIf");
}

static void test_misuse(void)
{
    BYTE nonsense[sizeof(SECURITY_DESCRIPTOR)];

    memset(nonsense, 0x55, sizeof(nonsense));
    ok_status(RpcServerRegisterIf3(test_implicit_v3_1_s_ifspec, NULL, NULL, 0, RPC_C_LISTEN_MAX_CALLS_DEFAULT,
                                   ~0u, NULL, nonsense),
              RPC_S_INVALID_SECURITY_DESC, "no descriptor");
    ok_status(RpcServerUnregisterIf(test_implicit_v3_1_s_ifspec, NULL, TRUE), RPC_S_UNKNOWN_IF,
              "nothing registered");
}

START_TEST(interface_access)
{
    serve(endpoints, test_sync_v1_2_s_ifspec);
    test_misuse();
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        BOOL known = strcmp(endpoints[i].transport->protseq, "ncacn_ip_tcp") != 0;

        winetest_context("%s", endpoints[i].transport->protseq);
        implicit_binding = h;
        test("D:", FALSE); /* an empty list: nobody, nothing */
        test("D:(D;;GA;;;WD)", FALSE);
        test("D:(A;;GA;;;SU)", FALSE); /* services, which this process is none of */
        if (known) {
            test("D:(A;;GA;;;WD)", TRUE);
            test("O:SYG:SYD:(A;;GR;;;WD)", TRUE);
        }
        test("O:SYG:SY", TRUE); /* no list: everyone, everything */
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
