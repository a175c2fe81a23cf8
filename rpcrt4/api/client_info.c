/*
 * What a server may ask of its caller and of the connection it came by: mingw-w64's rpcdcep.h. No page of the
 * SDK tells more of these functions than their names and parameters; what goes beyond that is unverified on
 * Windows. Owns nothing; no lock: a call's connection is the call's while it is served.
 */
#include "../os/os.h"
#include <winsock2.h>
#include <ws2ipdef.h>
#include "../runtime/connection.h"
#include "../runtime/server.h"
#include "connection_address.h"
#include "handle.h"

/* Of newer headers than mingw-w64's. */
RPC_STATUS RPC_ENTRY I_RpcOpenClientProcess(RPC_BINDING_HANDLE handle, ULONG access, void **process);
RPC_STATUS RPC_ENTRY I_RpcServerInqRemoteConnAddress(RPC_BINDING_HANDLE handle, void *buffer, ULONG *size,
                                                     ULONG *format);
RPC_STATUS RPC_ENTRY I_RpcServerIsClientDisconnected(RPC_BINDING_HANDLE handle, BOOL *disconnected);
RPC_STATUS RPC_ENTRY I_RpcBindingInqClientTokenAttributes(RPC_BINDING_HANDLE handle, LUID *token,
                                                          LUID *authentication, LUID *modified);

RPC_STATUS connection_address(struct transport_conn *transport, BOOL peer, void *buffer, ULONG *size,
                              ULONG *format)
{
    SOCKADDR_STORAGE address;
    ULONG room = *size;
    DWORD error;

    if (!transport->ops->socket_address)
        return RPC_S_CANNOT_SUPPORT;
    *size = sizeof address;
    error = transport->ops->socket_address(transport, peer, &address, size);
    if (error)
        return (RPC_STATUS)error;
    *format = address.ss_family == AF_INET6 ? RPC_P_ADDR_FORMAT_TCP_IPV6 : RPC_P_ADDR_FORMAT_TCP_IPV4;
    if (room < *size || !buffer)
        return ERROR_INSUFFICIENT_BUFFER;
    memcpy(buffer, &address, *size);
    return RPC_S_OK;
}

static RPC_STATUS inq_address(RPC_BINDING_HANDLE handle, BOOL peer, void *buffer, ULONG *size, ULONG *format)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    return status ? status : connection_address(call->connection->transport, peer, buffer, size, format);
}

RPC_STATUS RPC_ENTRY I_RpcServerInqLocalConnAddress(RPC_BINDING_HANDLE handle, void *buffer, ULONG *size,
                                                    ULONG *format)
{
    return inq_address(handle, FALSE, buffer, size, format);
}

RPC_STATUS RPC_ENTRY I_RpcServerInqRemoteConnAddress(RPC_BINDING_HANDLE handle, void *buffer, ULONG *size,
                                                     ULONG *format)
{
    return inq_address(handle, TRUE, buffer, size, format);
}

RPC_STATUS RPC_ENTRY I_RpcServerInqTransportType(unsigned int *type)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(NULL, &call);

    if (status == RPC_S_OK)
        *type = call->connection->transport->ops->type;
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcBindingInqConnId(RPC_BINDING_HANDLE handle, void **id, int *first_call)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status)
        return status;
    *id = call->connection;
    *first_call = !call->sequence;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_RpcServerIsClientDisconnected(RPC_BINDING_HANDLE handle, BOOL *disconnected)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status == RPC_S_OK)
        *disconnected = call->connection->ended != 0;
    return status;
}

RPC_STATUS RPC_ENTRY I_RpcBindingHandleToAsyncHandle(RPC_BINDING_HANDLE handle, void **async)
{
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status)
        return status;
    *async = call->async;
    return *async ? RPC_S_OK : RPC_S_INVALID_ASYNC_CALL;
}

/* A handle to the client's process, where it runs on this machine. */
RPC_STATUS RPC_ENTRY I_RpcOpenClientProcess(RPC_BINDING_HANDLE handle, ULONG access, void **process)
{
    struct transport_conn *transport;
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);
    ULONG pid;

    if (status)
        return status;
    transport = call->connection->transport;
    if (transport->ops->peer_process(transport, &pid))
        return RPC_S_CANNOT_SUPPORT;
    *process = OpenProcess(access, FALSE, pid);
    return *process ? RPC_S_OK : (RPC_STATUS)GetLastError();
}

/* What the client's token says of itself; the thread impersonates him meanwhile. */
RPC_STATUS RPC_ENTRY I_RpcBindingInqClientTokenAttributes(RPC_BINDING_HANDLE handle, LUID *token,
                                                          LUID *authentication, LUID *modified)
{
    RPC_STATUS status = RpcImpersonateClient(handle);
    TOKEN_STATISTICS statistics;
    HANDLE thread_token = NULL;
    DWORD length;

    if (status)
        return status;
    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread_token) ||
        !GetTokenInformation(thread_token, TokenStatistics, &statistics, sizeof statistics, &length))
        status = (RPC_STATUS)GetLastError();
    RpcRevertToSelf();
    if (thread_token)
        CloseHandle(thread_token);
    if (status)
        return status;
    if (token)
        *token = statistics.TokenId;
    if (authentication)
        *authentication = statistics.AuthenticationId;
    if (modified)
        *modified = statistics.ModifiedId;
    return RPC_S_OK;
}
