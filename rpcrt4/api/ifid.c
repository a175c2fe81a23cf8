/*
 * Interface identifiers, SDK pages RpcIfInqId and RpcIfIdVectorFree. Owns nothing.
 */
#include "../os/os.h"

#include <rpc.h>
#include <rpcdcep.h>

RPC_STATUS RPC_ENTRY RpcIfInqId(RPC_IF_HANDLE handle, RPC_IF_ID *id)
{
    /* Client and server interfaces begin alike. */
    const RPC_CLIENT_INTERFACE *spec = handle;

    if (!spec || !id)
        return RPC_S_INVALID_ARG;
    id->Uuid = spec->InterfaceId.SyntaxGUID;
    id->VersMajor = spec->InterfaceId.SyntaxVersion.MajorVersion;
    id->VersMinor = spec->InterfaceId.SyntaxVersion.MinorVersion;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcIfIdVectorFree(RPC_IF_ID_VECTOR **vector)
{
    unsigned long i;

    if (!vector || !*vector)
        return RPC_S_INVALID_ARG;
    for (i = 0; i < (*vector)->Count; i++)
        os_free((*vector)->IfId[i]);
    os_free(*vector);
    *vector = NULL;
    return RPC_S_OK;
}
