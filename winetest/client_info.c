/*
 * What a server learns of its caller: RpcServerInqCallAttributes (SDK pages RPC_CALL_ATTRIBUTES_V1, _V2), and
 * the I_Rpc functions of mingw-w64's rpcdcep.h, of which no page tells more than names and parameters: what
 * is claimed of those is unverified on Windows.
 */
#include "fixture.h"
#include "test_sync.h"

RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcOpenClientProcess(RPC_BINDING_HANDLE, ULONG, void **);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcServerInqRemoteConnAddress(RPC_BINDING_HANDLE, void *, ULONG *, ULONG *);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcServerIsClientDisconnected(RPC_BINDING_HANDLE, BOOL *);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcBindingInqClientTokenAttributes(RPC_BINDING_HANDLE, LUID *, LUID *,
                                                                   LUID *);

enum { QUERY_CALL_LOCAL_ADDRESS = 8, QUERY_CLIENT_PID = 0x10 };

static struct endpoint endpoints[TRANSPORT_COUNT];
static const struct endpoint *used;

static BOOL over(const char *protseq)
{
    return !strcmp(used->transport->protseq, protseq);
}

static void check_v1(handle_t h)
{
    RPC_CALL_ATTRIBUTES_V1_A attributes = {.Version = 1, .Flags = RPC_QUERY_CLIENT_PRINCIPAL_NAME};

    /* "If ClientPrincipalNameBufferLength is nonzero and ClientPrincipalName is NULL, ERROR_INVALID_PARAMETER
     * is returned." */
    attributes.ClientPrincipalNameBufferLength = 10;
    ok_status(RpcServerInqCallAttributesA(h, &attributes), ERROR_INVALID_PARAMETER, "a length and no buffer");
    attributes.Flags = 0;
    attributes.AuthenticationLevel = 99;
    ok_status(RpcServerInqCallAttributesA(h, &attributes), RPC_S_OK, "not asked for");
    ok(attributes.AuthenticationLevel == RPC_C_AUTHN_LEVEL_NONE || over("ncalrpc"), "level %lu\n",
       attributes.AuthenticationLevel);
    attributes.Version = 77;
    ok_status(RpcServerInqCallAttributesA(h, &attributes), RPC_S_INVALID_ARG, "version 77");
}

static void check_local_address(handle_t h, RPC_CALL_ATTRIBUTES_V2_W *attributes)
{
    union {
        SOCKADDR_STORAGE any;
        struct sockaddr_in v4;
    } address;
    RPC_CALL_LOCAL_ADDRESS_V1_W local = {.Version = 1, .Buffer = &address, .BufferSize = sizeof address};

    /* "This field must not be NULL if RPC_QUERY_CALL_LOCAL_ADDRESS is specified in Flags; otherwise,
     * RPC_S_INVALID_ARG is returned." */
    attributes->Flags = QUERY_CALL_LOCAL_ADDRESS;
    attributes->CallLocalAddress = NULL;
    ok_status(RpcServerInqCallAttributesW(h, attributes), RPC_S_INVALID_ARG, "no address structure");
    if (!over("ncacn_ip_tcp"))
        return;
    attributes->CallLocalAddress = &local;
    ok_status(RpcServerInqCallAttributesW(h, attributes), RPC_S_OK, "local address");
    ok(local.AddressFormat == rlafIPv4, "format %d\n", local.AddressFormat);
    ok(address.v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK), "address %08lx\n", address.v4.sin_addr.s_addr);
    /* "If the buffer supplied by the application is insufficient, ... ERROR_MORE_DATA." */
    local.BufferSize = 1;
    ok_status(RpcServerInqCallAttributesW(h, attributes), ERROR_MORE_DATA, "no room");
}

static void check_v2(handle_t h)
{
    RPC_CALL_ATTRIBUTES_V2_W attributes = {.Version = 2, .Flags = QUERY_CLIENT_PID};

    ok_status(RpcServerInqCallAttributesW(h, &attributes), RPC_S_OK, "version 2");
    ok(attributes.ProtocolSequence == (over("ncacn_ip_tcp") ? 1
                                       : over("ncacn_np")   ? 2
                                                            : 3),
       "protocol sequence %lu\n", attributes.ProtocolSequence);
    ok(attributes.CallStatus == RPC_CALL_STATUS_IN_PROGRESS, "status %lu\n", attributes.CallStatus);
    ok(attributes.CallType == rctNormal, "type %d\n", attributes.CallType);
    ok(!attributes.KernelMode, "a kernel's call\n");
    ok(IsEqualGUID(&attributes.InterfaceUuid,
                   &((RPC_SERVER_INTERFACE *)test_sync_v1_2_s_ifspec)->InterfaceId.SyntaxGUID),
       "another interface\n");
    /* "This field is only supported for the ncalrpc protocol sequence" */
    if (over("ncalrpc")) {
        ok(attributes.ClientPID == (HANDLE)(ULONG_PTR)GetCurrentProcessId(), "process %p\n",
           attributes.ClientPID);
        ok(attributes.IsClientLocal == rcclLocal, "locality %d\n", attributes.IsClientLocal);
    }
    check_local_address(h, &attributes);
}

/* SDK header rpcasync.h: version 3 goes on with an identifier of the client, of which no page tells more. */
static void check_v3(handle_t h)
{
    struct {
        RPC_CALL_ATTRIBUTES_V2_W v2;
        ULONG identifier_length;
        unsigned char *identifier;
    } attributes = {.v2 = {.Version = 3}, .identifier_length = 33};

    ok_status(RpcServerInqCallAttributesW(h, &attributes), RPC_S_OK, "version 3");
    ok(attributes.v2.CallStatus == RPC_CALL_STATUS_IN_PROGRESS, "status %lu\n", attributes.v2.CallStatus);
    ok(attributes.identifier_length == 33, "what was not asked for: %lu\n", attributes.identifier_length);
}

static void check_addresses(handle_t h)
{
    struct sockaddr_in address;
    ULONG size = sizeof address, format = 0;
    RPC_STATUS status = I_RpcServerInqLocalConnAddress(h, &address, &size, &format);

    if (!over("ncacn_ip_tcp")) {
        ok_status(status, RPC_S_CANNOT_SUPPORT, "I_RpcServerInqLocalConnAddress");
        return;
    }
    ok_status(status, RPC_S_OK, "I_RpcServerInqLocalConnAddress");
    ok(format == RPC_P_ADDR_FORMAT_TCP_IPV4 && size == sizeof address, "format %lu, size %lu\n", format,
       size);
    ok(ntohs(address.sin_port) == atoi(used->name), "port %u\n", ntohs(address.sin_port));
    size = sizeof address;
    ok_status(I_RpcServerInqRemoteConnAddress(h, &address, &size, &format), RPC_S_OK,
              "I_RpcServerInqRemoteConnAddress");
    ok(address.sin_addr.s_addr == htonl(INADDR_LOOPBACK), "address %08lx\n", address.sin_addr.s_addr);
    ok(ntohs(address.sin_port) != atoi(used->name), "port %u\n", ntohs(address.sin_port));
    size = 1;
    ok_status(I_RpcServerInqLocalConnAddress(h, &address, &size, &format), ERROR_INSUFFICIENT_BUFFER,
              "no room");
    ok(size == sizeof address, "size %lu\n", size);
}

static void check_client_process(handle_t h)
{
    HANDLE process = NULL;
    LUID token = {0, 0}, authentication, modified;
    RPC_STATUS status = I_RpcOpenClientProcess(h, PROCESS_QUERY_LIMITED_INFORMATION, &process);

    if (over("ncacn_ip_tcp")) {
        ok_status(status, RPC_S_CANNOT_SUPPORT, "I_RpcOpenClientProcess");
        return;
    }
    ok_status(status, RPC_S_OK, "I_RpcOpenClientProcess");
    ok(GetProcessId(process) == GetCurrentProcessId(), "process %lu\n", GetProcessId(process));
    CloseHandle(process);
    ok_status(I_RpcBindingInqClientTokenAttributes(h, &token, &authentication, &modified), RPC_S_OK,
              "I_RpcBindingInqClientTokenAttributes");
    ok(token.LowPart || token.HighPart, "no token\n");
}

static void check_call(handle_t h, long what)
{
    unsigned int type = 0, of_thread = 0;
    BOOL disconnected = 77;
    void *async = NULL;

    (void)what;
    winetest_context("%s", used->transport->protseq);
    ok_status(I_RpcBindingInqTransportType(h, &type), RPC_S_OK, "I_RpcBindingInqTransportType");
    ok_status(I_RpcServerInqTransportType(&of_thread), RPC_S_OK, "I_RpcServerInqTransportType");
    ok(type == of_thread && type == (over("ncalrpc") ? TRANSPORT_TYPE_LPC : TRANSPORT_TYPE_CN),
       "type %u, %u\n", type, of_thread);
    ok_status(I_RpcServerIsClientDisconnected(h, &disconnected), RPC_S_OK, "I_RpcServerIsClientDisconnected");
    ok(!disconnected, "the client is still there\n");
    ok_status(I_RpcBindingHandleToAsyncHandle(h, &async), RPC_S_INVALID_ASYNC_CALL, "a synchronous call");
    check_v1(h);
    check_v2(h);
    check_v3(h);
    check_addresses(h);
    check_client_process(h);
}

static void test_outside_of_a_call(handle_t h)
{
    unsigned int type;
    BOOL disconnected;

    ok_status(I_RpcServerInqTransportType(&type), RPC_S_NO_CALL_ACTIVE, "no call");
    ok_status(I_RpcServerIsClientDisconnected(NULL, &disconnected), RPC_S_NO_CALL_ACTIVE, "no call");
    ok_status(I_RpcServerIsClientDisconnected(h, &disconnected), RPC_S_WRONG_KIND_OF_BINDING,
              "a client's binding");
}

START_TEST(client_info)
{
    serve(endpoints, test_sync_v1_2_s_ifspec);
    sync_hook_routine = check_call;
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        used = &endpoints[i];
        ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, used->transport->protseq);
        winetest_context("%s", "");
        test_outside_of_a_call(h);
        unbind(&h);
    }
}
