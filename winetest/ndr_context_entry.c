/*
 * Context handles as -Os stubs of several ages pass them, and the functions that begin a server's call: the
 * client's and server's stubs here are by hand, one procedure for each family of functions, over a
 * connection. SDK: "Context Handles", RpcSmDestroyClientContext, RpcSsDontSerializeContext; rpcndr.h; C706
 * 14.2.17: 20 octets, nil is no handle.
 *
 *   void exchange([in] handle_t h, [in, out] context_handle *context, [in, out] long *value);
 * gives the value that the handle had, 0 where it was NULL, and sets another; 0 closes it.
 */
#include "ndr.h"
#include "ndr_side.h"

enum { CONTEXT_SIZE = 20, OCTETS = 24, FAMILIES = 4, STRICT_FAMILY = 2 };

static volatile LONG rundowns;
static HANDLE run_down;

static void __RPC_USER on_rundown(void *context)
{
    InterlockedIncrement(&rundowns);
    free(context);
    SetEvent(run_down);
}

static void manage(void **context, LONG *value)
{
    LONG *number = *context, old = number ? *number : 0;

    if (!number)
        *context = number = malloc(sizeof(*number));
    *number = *value;
    if (!*value) {
        free(number);
        *context = NULL;
    }
    *value = old;
}

static const MIDL_STUB_DESC server_desc;
/* A strict handle's: rpcndr.h, and what MIDL's stubs pass. */
#define GUARD (&((RPC_SERVER_INTERFACE *)server_desc.RpcInterfaceInformation)->InterfaceId)

/* What follows the handle, in the request and in the reply. */
static LONG *value_in(MIDL_STUB_MESSAGE *msg)
{
    return (LONG *)(msg->BufferStart + CONTEXT_SIZE);
}
static unsigned char *reply(RPC_MESSAGE *rpc, LONG value)
{
    rpc->BufferLength = OCTETS;
    ok_status(I_RpcGetBuffer(rpc), RPC_S_OK, "I_RpcGetBuffer");
    memcpy((unsigned char *)rpc->Buffer + CONTEXT_SIZE, &value, sizeof(value));
    return rpc->Buffer;
}

static void __RPC_STUB exchange_plain(PRPC_MESSAGE rpc)
{
    MIDL_STUB_MESSAGE msg;
    NDR_SCONTEXT context;
    LONG value;

    ok(NdrServerInitialize(rpc, &msg, (PMIDL_STUB_DESC)&server_desc) == rpc->Buffer, "another buffer\n");
    context = NDRSContextUnmarshall(msg.Buffer, rpc->DataRepresentation);
    value = *value_in(&msg);
    manage(NDRSContextValue(context), &value);
    NDRSContextMarshall(context, reply(rpc, value), on_rundown);
}

static void __RPC_STUB exchange_ex(PRPC_MESSAGE rpc)
{
    MIDL_STUB_MESSAGE msg;
    NDR_SCONTEXT context;
    LONG value;

    ok(NdrServerInitializeUnmarshall(&msg, (PMIDL_STUB_DESC)&server_desc, rpc) == rpc->Buffer,
       "another buffer\n");
    context = NDRSContextUnmarshallEx(rpc->Handle, msg.Buffer, rpc->DataRepresentation);
    value = *value_in(&msg);
    manage(NDRSContextValue(context), &value);
    NdrServerInitializeMarshall(rpc, &msg);
    ok(msg.RpcMsg == rpc, "another message\n");
    NDRSContextMarshallEx(rpc->Handle, context, reply(rpc, value), on_rundown);
}

static void __RPC_STUB exchange_2(PRPC_MESSAGE rpc)
{
    MIDL_STUB_MESSAGE msg;
    NDR_SCONTEXT context;
    LONG value;

    NdrServerInitializePartial(rpc, &msg, (PMIDL_STUB_DESC)&server_desc, OCTETS);
    ok(msg.Buffer == rpc->Buffer && msg.BufferEnd == msg.Buffer + OCTETS, "%d octets\n",
       (int)(msg.BufferEnd - msg.Buffer));
    context = NDRSContextUnmarshall2(rpc->Handle, msg.Buffer, rpc->DataRepresentation, GUARD, 0);
    value = *value_in(&msg);
    manage(NDRSContextValue(context), &value);
    NDRSContextMarshall2(rpc->Handle, context, reply(rpc, value), on_rundown, GUARD, 0);
}

static void __RPC_STUB exchange_message(PRPC_MESSAGE rpc)
{
    MIDL_STUB_MESSAGE msg;
    NDR_SCONTEXT context;
    LONG value;

    NdrServerInitializeNew(rpc, &msg, (PMIDL_STUB_DESC)&server_desc);
    context = NdrServerContextUnmarshall(&msg);
    ok(msg.Buffer == msg.BufferStart + CONTEXT_SIZE, "not behind the handle\n");
    value = *value_in(&msg);
    manage(NDRSContextValue(context), &value);
    msg.Buffer = reply(rpc, value);
    NdrServerContextMarshall(&msg, context, on_rundown);
    ok(msg.Buffer == (unsigned char *)rpc->Buffer + CONTEXT_SIZE, "not behind the handle\n");
}

#define ENTRY_ID                                                                                             \
    {                                                                                                        \
        {0x2b0c94f1, 0x6e52, 0x4d4f, {0x8a, 0x77, 0x13, 0x70, 0x5e, 0x9c, 0x28, 0x11}},                      \
        {                                                                                                    \
            1, 0                                                                                             \
        }                                                                                                    \
    }

static RPC_DISPATCH_FUNCTION functions[] = {exchange_plain, exchange_ex, exchange_2, exchange_message, NULL};
static RPC_DISPATCH_TABLE dispatch = {FAMILIES, functions, 0};
static RPC_SERVER_INTERFACE server_if = {
    sizeof(server_if), ENTRY_ID, NDR20_SYNTAX, &dispatch, 0, NULL, NULL, NULL, 0};
static RPC_CLIENT_INTERFACE client_if = {
    sizeof(client_if), ENTRY_ID, NDR20_SYNTAX, NULL, 0, NULL, 0, NULL, 0};
static const MIDL_STUB_DESC server_desc = {.RpcInterfaceInformation = &server_if,
                                           .pfnAllocate = MIDL_user_allocate,
                                           .pfnFree = MIDL_user_free,
                                           .Version = 0x60001};
static const MIDL_STUB_DESC client_desc = {.RpcInterfaceInformation = &client_if,
                                           .pfnAllocate = MIDL_user_allocate,
                                           .pfnFree = MIDL_user_free,
                                           .Version = 0x60001};

/* The client's stub. Gives the value that the handle had; raises. octets: instead of the handle's own. */
static LONG exchange(handle_t h, unsigned family, NDR_CCONTEXT *context, LONG value, const void *octets)
{
    RPC_MESSAGE rpc;
    MIDL_STUB_MESSAGE msg;

    NdrClientInitialize(&rpc, &msg, (PMIDL_STUB_DESC)&client_desc, family);
    ok(rpc.ProcNum == family && msg.IsClient, "procedure %x\n", rpc.ProcNum);
    NdrGetBuffer(&msg, OCTETS, h);
    if (octets)
        memcpy(msg.Buffer, octets, CONTEXT_SIZE);
    else
        NDRCContextMarshall(*context, msg.Buffer);
    msg.Buffer += CONTEXT_SIZE;
    NdrSimpleTypeMarshall(&msg, (unsigned char *)&value, FC_LONG);
    NdrSendReceive(&msg, msg.Buffer);
    NDRCContextUnmarshall(context, h, msg.Buffer, rpc.DataRepresentation);
    msg.Buffer += CONTEXT_SIZE;
    NdrSimpleTypeUnmarshall(&msg, (unsigned char *)&value, FC_LONG);
    NdrFreeBuffer(&msg);
    return value;
}

static void test_family(handle_t h, unsigned family)
{
    unsigned char octets[CONTEXT_SIZE];
    NDR_CCONTEXT context = NULL, other = NULL;
    void *to_destroy;

    ok(!exchange(h, family, &context, 5, NULL) && context, "no handle\n");
    ok(!exchange(h, family, &other, 7, NULL) && other && other != context, "no other handle\n");
    ok(exchange(h, family, &context, 6, NULL) == 5, "another value\n");
    ok(exchange(h, family, &other, 0, NULL) == 7 && !other, "not closed: %p\n", other);
    NDRCContextMarshall(NULL, octets);
    ok(!memcmp(octets, (const unsigned char[CONTEXT_SIZE]){0}, CONTEXT_SIZE), "NULL is not nil\n");
    NDRCContextMarshall(context, octets);
    ok(NDRCContextBinding(context) != NULL, "no binding\n");
    octets[CONTEXT_SIZE - 1] ^= 1;
    ok_status(CAUGHT(exchange(h, family, &other, 1, octets)), RPC_X_SS_CONTEXT_MISMATCH,
              "a handle that the server did not make");
    ok(exchange(h, family, &context, 8, NULL) == 6, "the handle has suffered\n");
    /* The server is not told; it runs the handle down when the association ends. */
    to_destroy = context;
    ok_status(RpcSmDestroyClientContext(&to_destroy), RPC_S_OK, "RpcSmDestroyClientContext");
    ok(!to_destroy && !rundowns, "%p is left, %ld rundowns\n", to_destroy, (long)rundowns);
    ok_status(RpcSmDestroyClientContext(&to_destroy), RPC_X_SS_CONTEXT_MISMATCH, "destroyed twice");
}

/* SDK, RpcServerUnregisterIfEx: what becomes of the strict handles that the interface's clients have. */
static void test_unregister(const struct endpoint *endpoint, BOOL rundown)
{
    handle_t h = bind_to(endpoint);
    NDR_CCONTEXT strict = NULL, open_to_all = NULL;
    void *to_destroy;

    rundowns = 0;
    exchange(h, STRICT_FAMILY, &strict, 5, NULL);
    exchange(h, 0, &open_to_all, 6, NULL);
    ok_status(RpcServerUnregisterIfEx(&server_if, NULL, rundown), RPC_S_OK, "RpcServerUnregisterIfEx");
    ok(rundowns == (rundown ? 1 : 0), "%ld rundowns\n", (long)rundowns);
    ok_status(CAUGHT(exchange(h, STRICT_FAMILY, &strict, 7, NULL)), RPC_S_UNKNOWN_IF,
              "a call of an interface that has gone");
    ok_status(RpcServerUnregisterIfEx(&server_if, NULL, rundown), RPC_S_UNKNOWN_IF, "unregistered twice");
    ok_status(RpcServerRegisterIf(&server_if, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(CAUGHT(exchange(h, STRICT_FAMILY, &strict, 7, NULL)), RPC_X_SS_CONTEXT_MISMATCH,
              "a handle that has gone");
    to_destroy = strict;
    RpcSmDestroyClientContext(&to_destroy);
    /* The results for handles that are not strict are undefined: no more than that they do no harm. */
    CAUGHT(exchange(h, 0, &open_to_all, 0, NULL));
    rundowns = 0;
    ResetEvent(run_down);
    unbind(&h);
}

START_TEST(ndr_context_entry)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    run_down = CreateEventW(NULL, FALSE, FALSE, NULL);
    serve(endpoints, &server_if);
    for (unsigned family = 0; family < FAMILIES; family++) {
        handle_t h = bind_to(&endpoints[family % TRANSPORT_COUNT]);

        winetest_context("family %u", family);
        test_family(h, family);
        /* SDK, RpcBindingSetOption: the association ends with its last binding. */
        ok_status(RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE), RPC_S_OK, "RpcBindingSetOption");
        unbind(&h);
        wait_for(run_down, "the rundown");
        ok(rundowns == 1, "%ld rundowns\n", (long)rundowns);
        rundowns = 0;
    }
    winetest_context("%s", "");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        test_unregister(&endpoints[i], TRUE);
        test_unregister(&endpoints[i], FALSE);
    }
    stop_serving();
}

/* ---- calls that use one handle together, where the application says that they may */

struct meeting {
    ndr_context context;
    long most;
};

static DWORD WINAPI meet(void *argument)
{
    struct meeting *meeting = argument;

    meeting->most = ndr_meet(meeting->context, HANG_GUARD);
    return 0;
}

/* Each waits inside for the other. */
static void test_together(void)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    struct meeting first = {NULL, 0}, second = {NULL, 0};
    ndr_context context = NULL;
    HANDLE thread;
    handle_t h;

    serve(endpoints, test_ndr_v1_0_s_ifspec);
    h = bind_to(&endpoints[0]);
    ndr_open(h, 21, &context);
    first.context = second.context = context;
    thread = CreateThread(NULL, 0, meet, &first, 0, NULL);
    wait_for(shared_event("ndr_entered", 0), "the first call");
    meet(&second);
    wait_for(thread, "the first thread");
    ok(first.most == 1 && second.most == 2, "%ld and %ld were inside\n", first.most, second.most);
    CloseHandle(thread);
    ndr_close(&context);
    unbind(&h);
    stop_serving();
}

START_CHILD(context_together)
{
    I_RpcSsDontSerializeContext();
    test_together();
}

/* What the one or the other says is said for the whole process, which has no way back: SDK,
 * RpcSsDontSerializeContext. */
START_TEST(ndr_context_together)
{
    child_wait(child_start("context_together", "%s", ""), 0);
    ResetEvent(shared_event("ndr_met", 1));
    RpcSsDontSerializeContext();
    test_together();
}
