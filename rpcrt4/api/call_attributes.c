/*
 * RpcServerInqCallAttributes, versions 1 to 3: SDK, "RPC_CALL_ATTRIBUTES_V1", "_V2". Without authentication
 * there are no principal names, and every client is anonymous. Owns nothing; no lock.
 */
#include "../os/os.h"
#include "../runtime/connection.h"
#include "../runtime/server.h"
#include "connection_address.h"
#include "handle.h"

enum {
    PROTSEQ_TCP = 1, /* SDK: RPC_PROTSEQ_TCP, _NMP, _LRPC */
    PROTSEQ_NMP,
    PROTSEQ_LRPC
};

/* SDK: flags of newer headers than mingw-w64's */
enum { QUERY_CALL_LOCAL_ADDRESS = 8, QUERY_CLIENT_PID = 0x10, QUERY_CLIENT_ID = 0x80 };

/* Version 3 follows version 2 with these; what an identifier is made of no source tells. */
struct attributes_v3 {
    RPC_CALL_ATTRIBUTES_V2_W v2;
    ULONG client_identifier_length;
    unsigned char *client_identifier;
};

static ULONG protseq_of(const struct transport_ops *ops)
{
    return ops == &transport_tcp ? PROTSEQ_TCP : ops == &transport_np ? PROTSEQ_NMP : PROTSEQ_LRPC;
}

/* SDK: a name that the protocol sequence cannot tell has length 0 and leaves the buffer alone; a length
 * without a buffer is an error; what was not asked for is not looked at. */
static RPC_STATUS no_name(BOOL wanted, ULONG *length, const void *buffer)
{
    if (!wanted)
        return RPC_S_OK;
    if (*length && !buffer)
        return ERROR_INVALID_PARAMETER;
    *length = 0;
    return RPC_S_OK;
}

static RPC_STATUS fill_v1(RPC_CALL_ATTRIBUTES_V1_W *attributes)
{
    RPC_STATUS status =
        no_name(attributes->Flags & RPC_QUERY_SERVER_PRINCIPAL_NAME,
                &attributes->ServerPrincipalNameBufferLength, attributes->ServerPrincipalName);

    if (status == RPC_S_OK)
        status = no_name(attributes->Flags & RPC_QUERY_CLIENT_PRINCIPAL_NAME,
                         &attributes->ClientPrincipalNameBufferLength, attributes->ClientPrincipalName);
    attributes->AuthenticationLevel = RPC_C_AUTHN_LEVEL_NONE;
    attributes->AuthenticationService = RPC_C_AUTHN_NONE;
    attributes->NullSession = FALSE;
    return status;
}

static ULONG call_status(const struct call *call)
{
    return call->connection->ended ? RPC_CALL_STATUS_DISCONNECTED
           : call->cancelled       ? RPC_CALL_STATUS_CANCELLED
                                   : RPC_CALL_STATUS_IN_PROGRESS;
}

static RPC_STATUS fill_local_address(struct transport_conn *transport, RPC_CALL_LOCAL_ADDRESS_V1_W *local)
{
    ULONG format;
    RPC_STATUS status;

    if (!local)
        return RPC_S_INVALID_ARG;
    status = connection_address(transport, FALSE, local->Buffer, &local->BufferSize, &format);
    if (status == RPC_S_CANNOT_SUPPORT) { /* no address of the internet's */
        local->AddressFormat = rlafInvalid;
        local->BufferSize = 0;
        return RPC_S_OK;
    }
    if (status == RPC_S_OK)
        local->AddressFormat = format == RPC_P_ADDR_FORMAT_TCP_IPV6 ? rlafIPv6 : rlafIPv4;
    return status == ERROR_INSUFFICIENT_BUFFER ? ERROR_MORE_DATA : status;
}

/* The A and W structures differ in the character type that their pointers name alone. */
static RPC_STATUS fill_v2(const struct call *call, RPC_CALL_ATTRIBUTES_V2_W *attributes)
{
    struct transport_conn *transport = call->connection->transport;
    ULONG pid = 0;

    attributes->KernelMode = FALSE;
    attributes->ProtocolSequence = protseq_of(transport->ops);
    attributes->IsClientLocal = rcclClientUnknownLocality;
    if (!transport->ops->peer_process(transport, &pid))
        attributes->IsClientLocal = rcclLocal;
    if (attributes->Flags & QUERY_CLIENT_PID)
        attributes->ClientPID = transport->ops == &transport_lrpc ? (HANDLE)(ULONG_PTR)pid : NULL;
    attributes->CallStatus = call_status(call);
    attributes->CallType = rctNormal;
    attributes->OpNum = call->opnum;
    attributes->InterfaceUuid = ((const RPC_SERVER_INTERFACE *)call->spec)->InterfaceId.SyntaxGUID;
    return attributes->Flags & QUERY_CALL_LOCAL_ADDRESS
               ? fill_local_address(transport, attributes->CallLocalAddress)
               : RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcServerInqCallAttributesW(RPC_BINDING_HANDLE handle, void *result)
{
    RPC_CALL_ATTRIBUTES_V2_W *attributes = result;
    struct call *call;
    RPC_STATUS status = handle_server_call(handle, &call);

    if (status)
        return status;
    if (attributes->Version < 1 || attributes->Version > 3)
        return RPC_S_INVALID_ARG;
    status = fill_v1(result);
    if (status == RPC_S_OK && attributes->Version >= 2)
        status = fill_v2(call, attributes);
    if (status == RPC_S_OK && attributes->Version >= 3 && attributes->Flags & QUERY_CLIENT_ID)
        ((struct attributes_v3 *)result)->client_identifier_length = 0;
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerInqCallAttributesA(RPC_BINDING_HANDLE handle, void *result)
{
    return RpcServerInqCallAttributesW(handle, result);
}
