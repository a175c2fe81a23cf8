/*
 * RpcServerInqCallAttributes, versions 1 to 3: SDK, "RPC_CALL_ATTRIBUTES_V2". Without authentication there
 * are no principal names, and every client is anonymous.
 */
#include "../os/os.h"
#include "../runtime/connection.h"
#include "../runtime/server.h"
#include "handle.h"

enum {
    PROTSEQ_TCP = 1, /* SDK: RPC_PROTSEQ_TCP, _NMP, _LRPC */
    PROTSEQ_NMP,
    PROTSEQ_LRPC
};

static ULONG protseq_of(const struct transport_ops *ops)
{
    return ops == &transport_tcp ? PROTSEQ_TCP : ops == &transport_np ? PROTSEQ_NMP : PROTSEQ_LRPC;
}

/* The A and W structures differ in the character type that their pointers name alone. */
static void fill_v2(const struct call *call, RPC_CALL_ATTRIBUTES_V2_W *attributes)
{
    struct transport_conn *transport = call->connection->transport;
    ULONG pid = 0;

    attributes->KernelMode = FALSE;
    attributes->ProtocolSequence = protseq_of(transport->ops);
    attributes->IsClientLocal = rcclClientUnknownLocality;
    attributes->ClientPID = NULL;
    if (!transport->ops->peer_process(transport, &pid)) {
        attributes->IsClientLocal = rcclLocal;
        attributes->ClientPID = (HANDLE)(ULONG_PTR)pid;
    }
    attributes->CallStatus = call->cancelled ? RPC_S_CALL_CANCELLED : RPC_S_CALL_IN_PROGRESS;
    attributes->CallType = rctNormal;
    attributes->OpNum = call->opnum;
    attributes->InterfaceUuid = call->interface->spec->InterfaceId.SyntaxGUID;
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
    attributes->ServerPrincipalNameBufferLength = 0;
    attributes->ClientPrincipalNameBufferLength = 0;
    attributes->AuthenticationLevel = RPC_C_AUTHN_LEVEL_NONE;
    attributes->AuthenticationService = RPC_C_AUTHN_NONE;
    attributes->NullSession = FALSE;
    if (attributes->Version >= 2)
        fill_v2(call, attributes);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcServerInqCallAttributesA(RPC_BINDING_HANDLE handle, void *result)
{
    return RpcServerInqCallAttributesW(handle, result);
}
