/*
 * Synchronous calls that fail: exceptions of the manager, unknown interfaces and procedures, wrong versions,
 * dead endpoints. Statuses from SDK "RPC Return Values"; how they travel from [MS-RPCE] 2.2.2.10 (fault) and
 * C706 annex E.
 */
#include "fixture.h"
#include "test_implicit.h"
#include "test_sync.h"

static struct endpoint endpoints[TRANSPORT_COUNT];

/* [MS-RPCE] 2.2.2.9/2.2.2.10: the status of a fault is a Win32 or NTSTATUS code and reaches the client as it
 * is. */
static void test_exceptions(handle_t h)
{
    static const ULONG codes[] = {1,
                                  5,
                                  0x1234,
                                  RPC_S_SERVER_TOO_BUSY,
                                  RPC_S_UNKNOWN_IF,
                                  0xE0000001,
                                  RPC_X_NULL_REF_POINTER,
                                  RPC_S_CALL_FAILED};
    LONG before = live_allocations();

    for (unsigned i = 0; i < ARRAYSIZE(codes); i++)
        ok_status(CAUGHT(sync_raise(h, codes[i])), (RPC_STATUS)codes[i], "RpcRaiseException in the manager");
    ok(sync_add(h, 1, 2) == 3, "the binding is of no use after faults\n");
    ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
}

static volatile int *volatile nowhere;

static void hook_fault(handle_t h, long what)
{
    (void)h;
    if (what == 1)
        *nowhere = 0;
    if (what == 2)
        RaiseException(0xE1234567, 0, 0, NULL);
}

/* An access violation of the manager does not end the server: the client gets a fault. */
static void test_crash_in_manager(handle_t h)
{
    RPC_STATUS status;

    sync_hook_routine = hook_fault;
    /* In which of its three names an access violation reaches the client is unverified on Windows. */
    status = CAUGHT(sync_hook(h, 1));
    ok(status == (RPC_STATUS)0xC0000005 || status == ERROR_NOACCESS || status == RPC_S_ADDRESS_ERROR,
       "access violation: %ld\n", status);
    ok_status(CAUGHT(sync_hook(h, 2)), (RPC_STATUS)0xE1234567, "RaiseException");
    sync_hook_routine = NULL;
    sync_null(h);
}

static void test_unknown_interface(handle_t h)
{
    /* SDK: RPC_S_UNKNOWN_IF, "the interface is unknown": test_implicit is not registered. */
    implicit_binding = h;
    ok_status(CAUGHT(implicit_null()), RPC_S_UNKNOWN_IF, "interface nobody registered");
    ok_status(CAUGHT(implicit_null()), RPC_S_UNKNOWN_IF, "and again");
    sync_null(h);
}

/* The client's stubs say 1.2. C706, 6.1.2: same major version, minor version of the server not smaller. */
static void test_versions(handle_t h)
{
    static const struct {
        unsigned short major, minor;
        RPC_STATUS expected;
    } tests[] = {{1, 2, RPC_S_OK}, {1, 3, RPC_S_OK}, {1, 1, RPC_S_UNKNOWN_IF}, {2, 2, RPC_S_UNKNOWN_IF}};

    for (unsigned i = 0; i < ARRAYSIZE(tests); i++) {
        RPC_SERVER_INTERFACE other = *(RPC_SERVER_INTERFACE *)test_sync_v1_2_s_ifspec;
        handle_t fresh;

        ok_status(RpcServerUnregisterIf(test_sync_v1_2_s_ifspec, NULL, TRUE), RPC_S_OK,
                  "RpcServerUnregisterIf");
        other.InterfaceId.SyntaxVersion.MajorVersion = tests[i].major;
        other.InterfaceId.SyntaxVersion.MinorVersion = tests[i].minor;
        ok_status(RpcServerRegisterIf(&other, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
        /* What is agreed on a connection stays: a unique binding has a connection of its own. */
        RpcBindingCopy(h, &fresh);
        RpcBindingSetOption(fresh, RPC_C_OPT_UNIQUE_BINDING, TRUE);
        ok(CAUGHT(sync_null(fresh)) == tests[i].expected, "server %u.%u, client 1.2: wrong status\n",
           tests[i].major, tests[i].minor);
        unbind(&fresh);
        ok_status(RpcServerUnregisterIf(&other, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
        ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    }
}

/* SDK: RPC_S_PROCNUM_OUT_OF_RANGE, "the procedure number is out of range" (nca_op_rng_error). */
static void test_opnum(handle_t h)
{
    RPC_SERVER_INTERFACE shorter = *(RPC_SERVER_INTERFACE *)test_sync_v1_2_s_ifspec;
    RPC_DISPATCH_TABLE table = *shorter.DispatchTable;
    handle_t fresh;

    table.DispatchTableCount = 1;
    shorter.DispatchTable = &table;
    ok_status(RpcServerUnregisterIf(test_sync_v1_2_s_ifspec, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf(&shorter, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    RpcBindingCopy(h, &fresh);
    RpcBindingSetOption(fresh, RPC_C_OPT_UNIQUE_BINDING, TRUE);
    sync_null(fresh);
    ok_status(CAUGHT(sync_add(fresh, 1, 2)), RPC_S_PROCNUM_OUT_OF_RANGE, "opnum 1 of 1");
    sync_null(fresh);
    unbind(&fresh);
    ok_status(RpcServerUnregisterIf(&shorter, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
}

static void test_bad_bindings(const struct transport *transport)
{
    struct endpoint nowhere;
    handle_t h;

    make_endpoint(&nowhere, transport, "nowhere");
    h = bind_to(&nowhere);
    /* SDK: RPC_S_SERVER_UNAVAILABLE. */
    ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_UNAVAILABLE, "nobody listens there");
    ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_UNAVAILABLE, "and again");
    unbind(&h);
    ok_status(CAUGHT(sync_null(NULL)), RPC_S_INVALID_BINDING, "null binding handle");
}

/* SDK, RPC_X_NULL_REF_POINTER: "a null reference pointer was passed to the stub". */
static void test_null_reference(handle_t h)
{
    ok_status(CAUGHT(sync_pair_in(h, NULL)), RPC_X_NULL_REF_POINTER, "null reference pointer");
    ok_status(CAUGHT(sync_string_w(h, NULL)), RPC_X_NULL_REF_POINTER, "null reference string");
    sync_null(h);
}

START_TEST(faults)
{
    serve(endpoints, test_sync_v1_2_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_exceptions(h);
        test_crash_in_manager(h);
        test_unknown_interface(h);
        test_versions(h);
        test_opnum(h);
        test_bad_bindings(endpoints[i].transport);
        test_null_reference(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
