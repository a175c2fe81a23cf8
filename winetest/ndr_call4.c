/*
 * Entry points of 32-bit stubs that today's MIDL does not emit by default: NdrClientCall and NdrServerCall of
 * the -Oi style, whose client stubs pass their arguments' address; NdrClientCall4 and NdrAsyncClientCall2, to
 * which the arguments themselves are passed. MIDL reference, "-Oi", "Procedure Header Descriptor", "Parameter
 * Descriptors"; the prototypes of the latter two are unverified on Windows.
 */
#include "ndr_side.h"

#ifndef _WIN64

CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrClientCall(PMIDL_STUB_DESC desc, PFORMAT_STRING format, ...);
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrClientCall4(PMIDL_STUB_DESC desc, PFORMAT_STRING format, ...);
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrAsyncClientCall2(PMIDL_STUB_DESC desc, PFORMAT_STRING format, ...);

#define CALL4_ID                                                                                             \
    {                                                                                                        \
        {0x3e2c76a9, 0x94d1, 0x4f03, {0xa6, 0x5b, 0x21, 0xd8, 0x4c, 0x70, 0x1f, 0x95}},                      \
        {                                                                                                    \
            1, 0                                                                                             \
        }                                                                                                    \
    }

/* FC_RP [alloced on stack, simple] FC_LONG */
static const unsigned char types[] = {0, 0, FC_RP, 0x0c, FC_LONG, FC_PAD};
enum { NUMBER = 2 };

enum { OLD = 0, NEW = 26, ASYNC = 72 };
static const unsigned char procs[] = {
    /* 0: long add(handle_t h, [in] long a, [in, out] long *b), -Oi */
    0x00, 0x48, LONG4(0), SHORT(0), SHORT(16), /* explicit handle; rpc flags, procedure 0, stack 16 */
    0x32, 0x00, SHORT(0),                      /* FC_BIND_PRIMITIVE */
    0x4e, 0x0f,                                /* FC_IN_PARAM_BASETYPE FC_IGNORE */
    0x4e, FC_LONG,                             /* FC_IN_PARAM_BASETYPE */
    0x50, 1, SHORT(NUMBER),                    /* FC_IN_OUT_PARAM, one slot */
    0x53, FC_LONG,                             /* FC_RETURN_PARAM_BASETYPE */
    0x5b, 0x5c,                                /* FC_END, FC_PAD */
    /* 26: the same, procedure 1, -Oicf */
    0x00, 0x48, LONG4(0), SHORT(1), SHORT(16), 0x32, 0x00, SHORT(0), SHORT(36), SHORT(36), 0x44, 3, 8, 1,
    SHORT(0), SHORT(0), SHORT(0), SHORT(0x48), SHORT(4), FC_LONG, 0, /* a: in, base type */
    SHORT(0x158), SHORT(8), FC_LONG, 0, /* b: in, out, base type, simple reference */
    SHORT(0x70), SHORT(12), FC_LONG, 0, /* return value */
    /* 72: [async] long twice(handle_t h, [in] long a), procedure 2 */
    0x00, 0x48, LONG4(0), SHORT(2), SHORT(16), 0x32, 0x00, SHORT(4), SHORT(8), SHORT(8), 0xc4, 2, 8, 1,
    SHORT(0), SHORT(0), SHORT(0), SHORT(0x48), SHORT(8), FC_LONG, 0, /* a */
    SHORT(0x70), SHORT(12), FC_LONG, 0,                              /* return value */
};
static const unsigned short offsets[] = {OLD, NEW, ASYNC};

/* ---- the server */

static LONG add(handle_t h, LONG a, LONG *b)
{
    LONG sum = a + *b;

    ok(h != NULL, "no handle\n");
    *b = a;
    return sum;
}

static void twice(PRPC_ASYNC_STATE async, handle_t h, LONG a)
{
    LONG result = 2 * a;

    ok(h != NULL, "no handle\n");
    ok_status(RpcAsyncCompleteCall(async, &result), RPC_S_OK, "RpcAsyncCompleteCall");
}

static const SERVER_ROUTINE routines[] = {(SERVER_ROUTINE)add, (SERVER_ROUTINE)add,
                                          (SERVER_ROUTINE)(void *)twice};
static RPC_DISPATCH_FUNCTION functions[] = {NdrServerCall, NdrServerCall2, NdrAsyncServerCall, NULL};
static RPC_DISPATCH_TABLE dispatch = {3, functions, 0};
static const MIDL_STUB_DESC server_desc;
static const MIDL_SERVER_INFO server_info = {.pStubDesc = (MIDL_STUB_DESC *)&server_desc,
                                             .DispatchTable = routines,
                                             .ProcString = procs,
                                             .FmtStringOffset = offsets};
static RPC_SERVER_INTERFACE server_if = {sizeof(server_if), CALL4_ID, NDR20_SYNTAX, &dispatch, 0, NULL, NULL,
                                         &server_info,      0};
static RPC_CLIENT_INTERFACE client_if = {
    sizeof(client_if), CALL4_ID, NDR20_SYNTAX, NULL, 0, NULL, 0, NULL, 0};
#define DESC(spec)                                                                                           \
    {                                                                                                        \
        .RpcInterfaceInformation = &(spec), .pfnAllocate = MIDL_user_allocate, .pfnFree = MIDL_user_free,    \
        .pFormatTypes = types, .fCheckBounds = 1, .Version = 0x60001, .mFlags = 1,                           \
    }
static const MIDL_STUB_DESC server_desc = DESC(server_if);
static const MIDL_STUB_DESC client_desc = DESC(client_if);

/* ---- the client */

struct arguments {
    handle_t h;
    LONG a;
    LONG *b;
};

static LONG add_old(handle_t h, LONG a, LONG *b)
{
    struct arguments arguments = {h, a, b};

    return (LONG)NdrClientCall((PMIDL_STUB_DESC)&client_desc, procs + OLD, &arguments).Simple;
}

static LONG add_newest(handle_t h, LONG a, LONG *b)
{
    return (LONG)NdrClientCall4((PMIDL_STUB_DESC)&client_desc, procs + NEW, h, a, b).Simple;
}

static void test_add(LONG (*call)(handle_t, LONG, LONG *), handle_t h)
{
    for (LONG i = 0; i < 5; i++) {
        LONG b = 40;

        ok(call(h, i, &b) == 40 + i, "another sum than %ld\n", (long)(40 + i));
        ok(b == i, "[in, out] gave %ld, expected %ld\n", (long)b, (long)i);
    }
    ok_status(CAUGHT(call(h, 1, NULL)), RPC_X_NULL_REF_POINTER, "a NULL reference");
}

static void test_async(handle_t h)
{
    RPC_ASYNC_STATE async;
    LONG result = 0;

    ok_status(RpcAsyncInitializeHandle(&async, sizeof(async)), RPC_S_OK, "RpcAsyncInitializeHandle");
    async.NotificationType = RpcNotificationTypeEvent;
    async.u.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    ok_status(CAUGHT(NdrAsyncClientCall2((PMIDL_STUB_DESC)&client_desc, procs + ASYNC, &async, h, 21)), 0,
              "NdrAsyncClientCall2");
    wait_for(async.u.hEvent, "the reply");
    ok_status(RpcAsyncCompleteCall(&async, &result), RPC_S_OK, "RpcAsyncCompleteCall");
    ok(result == 42, "got %ld\n", (long)result);
    CloseHandle(async.u.hEvent);
}

START_TEST(ndr_call4)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, &server_if);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_add(add_old, h);
        test_add(add_newest, h);
        test_async(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}

#endif
