/*
 * The channel functions that stubs stand on, called by hand on both sides: rpcdcep.h, rpcasync.h (MIDL's
 * stubs before -Oi called them so); SDK: "Making the Asynchronous Call", RpcBindingInqObject,
 * RpcServerInqBindingHandle, RpcBindingInqAuthClient, RpcRevertToSelfEx. What no page tells is unverified on
 * Windows.
 */
#include "ndr_side.h"
#include <rpcdcep.h>

RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInqBindingHandle(RPC_BINDING_HANDLE *);

enum { REVERSE, HOLD, OPERATIONS };

#define MESSAGE_ID                                                                                           \
    {                                                                                                        \
        {0x5d3b90c2, 0x1f68, 0x4e1c, {0xb3, 0x05, 0x9e, 0x61, 0x7a, 0x44, 0xd2, 0x08}},                      \
        {                                                                                                    \
            2, 0                                                                                             \
        }                                                                                                    \
    }

/* ---- the server */

static UUID seen_object;
static void *seen_connection;
static int seen_first;
static unsigned int seen_local;

static void look_around(RPC_BINDING_HANDLE call)
{
    RPC_BINDING_HANDLE current = NULL;
    RPC_AUTHZ_HANDLE privileges = NULL;
    RPC_WSTR wide = NULL;
    RPC_CSTR name = NULL;
    ULONG level, service, authz;

    ok(I_RpcGetCurrentCallHandle() == call, "another call\n");
    ok_status(RpcServerInqBindingHandle(&current), RPC_S_OK, "RpcServerInqBindingHandle");
    ok(current == call, "another call\n");
    ok_status(RpcBindingInqObject(call, &seen_object), RPC_S_OK, "RpcBindingInqObject");
#ifdef _WIN64 /* not exported elsewhere */
    ok_status(I_RpcBindingInqConnId(call, &seen_connection, &seen_first), RPC_S_OK, "I_RpcBindingInqConnId");
#endif
    ok_status(I_RpcBindingIsClientLocal(call, &seen_local), RPC_S_OK, "I_RpcBindingIsClientLocal");
    ok_status(RpcRevertToSelfEx(call), RPC_S_OK, "RpcRevertToSelfEx");
    ok_status(RpcBindingInqAuthClientW(call, &privileges, &wide, &level, &service, &authz),
              RPC_S_BINDING_HAS_NO_AUTH, "RpcBindingInqAuthClientW");
    ok_status(RpcBindingInqAuthClientExW(call, &privileges, &wide, &level, &service, &authz, 0),
              RPC_S_BINDING_HAS_NO_AUTH, "RpcBindingInqAuthClientExW");
    ok_status(RpcBindingInqAuthClientExA(NULL, &privileges, &name, &level, &service, &authz, 0),
              RPC_S_BINDING_HAS_NO_AUTH, "RpcBindingInqAuthClientExA, the current call");
}

static void __RPC_STUB reverse(PRPC_MESSAGE message)
{
    unsigned int size = message->BufferLength;
    unsigned char *octets = malloc(size);

    memcpy(octets, message->Buffer, size);
    look_around(message->Handle);
    ok_status(I_RpcGetBuffer(message), RPC_S_OK, "I_RpcGetBuffer");
    for (unsigned int i = 0; i < size; i++)
        ((unsigned char *)message->Buffer)[i] = octets[size - 1 - i];
    free(octets);
}

static RPC_ASYNC_STATE held;
static HANDLE is_held;

static void __RPC_STUB hold(PRPC_MESSAGE message)
{
    ok_status(RpcAsyncInitializeHandle(&held, sizeof(held)), RPC_S_OK, "RpcAsyncInitializeHandle");
    ok_status(I_RpcAsyncSetHandle(message, &held), RPC_S_OK, "I_RpcAsyncSetHandle");
    SetEvent(is_held);
}

static RPC_DISPATCH_FUNCTION functions[] = {reverse, hold, NULL};
static RPC_DISPATCH_TABLE dispatch = {OPERATIONS, functions, 0};
static RPC_SERVER_INTERFACE server_if = {
    sizeof(server_if), MESSAGE_ID, NDR20_SYNTAX, &dispatch, 0, NULL, NULL, NULL, 0};
static RPC_CLIENT_INTERFACE client_if = {
    sizeof(client_if), MESSAGE_ID, NDR20_SYNTAX, NULL, 0, NULL, 0, NULL, 0};

/* ---- the client */

static RPC_MESSAGE request(handle_t h, unsigned int operation)
{
    return (RPC_MESSAGE){
        .Handle = h, .RpcInterfaceInformation = &client_if, .ProcNum = operation, .BufferLength = 4};
}

static void is_reply(const RPC_MESSAGE *message, const char *text)
{
    ok(message->BufferLength == strlen(text) && !memcmp(message->Buffer, text, message->BufferLength),
       "got %u octets, '%.*s'\n", message->BufferLength, (int)message->BufferLength, (char *)message->Buffer);
    ok((message->DataRepresentation & 0xff) == 0x10, "representation %lx\n", message->DataRepresentation);
}

static void test_object(handle_t h)
{
    RPC_MESSAGE message = request(h, REVERSE);
    UUID object = {0x11223344, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}}, of_binding = {5, 6, 7, {8}};
    void *connection;

    ok_status(I_RpcNegotiateTransferSyntax(&message), RPC_S_OK, "I_RpcNegotiateTransferSyntax");
    ok(message.TransferSyntax &&
           !memcmp(&message.TransferSyntax->SyntaxGUID, &client_if.TransferSyntax.SyntaxGUID, sizeof(GUID)),
       "another syntax\n");
    ok_status(RpcBindingSetObject(h, &of_binding), RPC_S_OK, "RpcBindingSetObject");
    ok_status(I_RpcGetBufferWithObject(&message, &object), RPC_S_OK, "I_RpcGetBufferWithObject");
    memcpy(message.Buffer, "abcd", 4);
    ok_status(I_RpcSendReceive(&message), RPC_S_OK, "I_RpcSendReceive");
    is_reply(&message, "dcba");
    ok(!memcmp(&seen_object, &object, sizeof(object)), "another object\n");
#ifdef _WIN64
    ok(seen_first, "not the connection's first call\n");
#endif
    ok_status(I_RpcFreeBuffer(&message), RPC_S_OK, "I_RpcFreeBuffer");

    connection = seen_connection;
    message = request(h, REVERSE);
    ok_status(I_RpcGetBuffer(&message), RPC_S_OK, "I_RpcGetBuffer");
    memcpy(message.Buffer, "wxyz", 4);
    ok_status(I_RpcSendReceive(&message), RPC_S_OK, "I_RpcSendReceive");
    is_reply(&message, "zyxw");
    ok(!memcmp(&seen_object, &of_binding, sizeof(object)), "not the binding's object\n");
    ok(seen_connection == connection && !seen_first, "another connection\n");
    ok_status(I_RpcFreeBuffer(&message), RPC_S_OK, "I_RpcFreeBuffer");
}

/* A buffer that turns out to be too small. */
static void test_growing(handle_t h)
{
    RPC_MESSAGE message = request(h, REVERSE);

    ok_status(I_RpcGetBuffer(&message), RPC_S_OK, "I_RpcGetBuffer");
    memcpy(message.Buffer, "abcd", 4);
    ok_status(I_RpcReallocPipeBuffer(&message, 8), RPC_S_OK, "I_RpcReallocPipeBuffer");
    ok(message.BufferLength == 8 && !memcmp(message.Buffer, "abcd", 4), "%u octets\n", message.BufferLength);
    memcpy((char *)message.Buffer + 4, "efgh", 4);
    ok_status(I_RpcSendReceive(&message), RPC_S_OK, "I_RpcSendReceive");
    is_reply(&message, "hgfedcba");
    ok_status(I_RpcFreePipeBuffer(&message), RPC_S_OK, "I_RpcFreePipeBuffer");
    ok(!message.Buffer && !message.BufferLength, "%u octets are left\n", message.BufferLength);
    ok_status(I_RpcFreeBuffer(&message), RPC_S_OK, "I_RpcFreeBuffer");
}

static void begin_async(RPC_MESSAGE *message, RPC_ASYNC_STATE *async)
{
    ok_status(RpcAsyncInitializeHandle(async, sizeof(*async)), RPC_S_OK, "RpcAsyncInitializeHandle");
    async->NotificationType = RpcNotificationTypeEvent;
    async->u.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    ok_status(I_RpcAsyncSetHandle(message, async), RPC_S_OK, "I_RpcAsyncSetHandle");
    ok_status(I_RpcGetBuffer(message), RPC_S_OK, "I_RpcGetBuffer");
    memcpy(message->Buffer, "1234", 4);
    ok_status(I_RpcSend(message), RPC_S_OK, "I_RpcSend");
}

static void test_async(handle_t h)
{
    RPC_MESSAGE message = request(h, REVERSE);
    RPC_ASYNC_STATE async;

    begin_async(&message, &async);
    wait_for(async.u.hEvent, "the reply");
    ok_status(I_RpcReceive(&message, 0), RPC_S_OK, "I_RpcReceive");
    is_reply(&message, "4321");
    ok_status(I_RpcFreeBuffer(&message), RPC_S_OK, "I_RpcFreeBuffer");
    CloseHandle(async.u.hEvent);
}

/* The call that hold() got: ended with a code, of which the client hears. */
static void test_abort(handle_t h, RPC_STATUS(RPC_ENTRY *abort_call)(PRPC_ASYNC_STATE, ULONG))
{
    RPC_MESSAGE message = request(h, HOLD);
    RPC_ASYNC_STATE async, not_a_call = {.Size = sizeof(not_a_call)};

    begin_async(&message, &async);
    wait_for(is_held, "the server");
    ok_status(I_RpcReceive(&message, 0), RPC_S_ASYNC_CALL_PENDING, "a reply that is not there yet");
    ok_status(abort_call(&held, 1234), RPC_S_OK, "aborting");
    wait_for(async.u.hEvent, "the reply");
    ok_status(I_RpcReceive(&message, 0), 1234, "the server's code");
    ok_status(abort_call(&held, 1234), RPC_S_INVALID_ASYNC_CALL, "aborting again");
    ok_status(abort_call(&not_a_call, 1234), RPC_S_INVALID_ASYNC_CALL, "aborting nothing");
    CloseHandle(async.u.hEvent);
}

static void test_misuse(handle_t h)
{
    RPC_MESSAGE message = request(NULL, REVERSE);
    RPC_BINDING_HANDLE call;
    unsigned int local;
#ifdef _WIN64
    void *connection;
    int first;

    ok_status(I_RpcBindingInqConnId(NULL, &connection, &first), RPC_S_NO_CALL_ACTIVE, "outside a call");
#endif
    ok_status(I_RpcNegotiateTransferSyntax(&message), RPC_S_INVALID_BINDING, "no binding");
    ok_status(I_RpcGetBuffer(&message), RPC_S_INVALID_BINDING, "no binding");
    message = request(h, REVERSE);
    ok_status(I_RpcSendReceive(&message), RPC_S_INVALID_BINDING, "no buffer");
    ok_status(I_RpcSend(&message), RPC_S_INVALID_BINDING, "no buffer");
    ok_status(I_RpcReceive(&message, 0), RPC_S_INVALID_BINDING, "no buffer");
    ok_status(I_RpcReallocPipeBuffer(&message, 8), RPC_S_INVALID_BINDING, "no buffer");
    ok_status(I_RpcFreePipeBuffer(&message), RPC_S_INVALID_BINDING, "no buffer");
    message = request(h, OPERATIONS);
    ok_status(I_RpcGetBuffer(&message), RPC_S_OK, "I_RpcGetBuffer");
    ok_status(I_RpcSendReceive(&message), RPC_S_PROCNUM_OUT_OF_RANGE, "no such procedure");
    /* SDK, RpcServerInqBindingHandle: of the call that the calling thread serves. */
    ok_status(RpcServerInqBindingHandle(&call), RPC_S_NO_CALL_ACTIVE, "outside a call");
    ok_status(RpcRevertToSelfEx(NULL), RPC_S_NO_CALL_ACTIVE, "outside a call");
    ok_status(I_RpcBindingIsClientLocal(NULL, &local), RPC_S_NO_CALL_ACTIVE, "outside a call");
    ok_status(RpcBindingInqAuthClientW(NULL, NULL, NULL, NULL, NULL, NULL), RPC_S_NO_CALL_ACTIVE,
              "outside a call");
    /* SDK, RpcBindingInqAuthClient: the handle is a server's. */
    ok_status(RpcBindingInqAuthClientW(h, NULL, NULL, NULL, NULL, NULL), RPC_S_WRONG_KIND_OF_BINDING,
              "a client's binding");
}

START_TEST(rpc_message)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    is_held = CreateEventW(NULL, FALSE, FALSE, NULL);
    serve(endpoints, &server_if);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_object(h);
        /* Who is at the other end of a TCP connection nobody tells. */
        ok(seen_local == (endpoints[i].transport->network == NULL), "local: %u\n", seen_local);
        test_growing(h);
        test_async(h);
        test_abort(h, I_RpcAsyncAbortCall);
        test_misuse(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}

#ifdef _WIN64
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcAbortAsyncCall(PRPC_ASYNC_STATE, ULONG);

/* The same function by a name that newer systems have not. */
START_TEST(rpc_message_abort)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    handle_t h;

    is_held = CreateEventW(NULL, FALSE, FALSE, NULL);
    serve(endpoints, &server_if);
    h = bind_to(&endpoints[0]);
    test_abort(h, I_RpcAbortAsyncCall);
    unbind(&h);
    stop_serving();
}
#endif
