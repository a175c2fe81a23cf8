/*
 * Handles of either side. Owns nothing.
 */
#include "handle.h"
#include "../runtime/thread.h"

RPC_STATUS handle_binding(RPC_BINDING_HANDLE handle, struct binding **binding)
{
    *binding = binding_from_handle(handle);
    if (*binding)
        return RPC_S_OK;
    return call_from_handle(handle, CALL_SERVER_MAGIC) ? RPC_S_WRONG_KIND_OF_BINDING : RPC_S_INVALID_BINDING;
}

RPC_STATUS handle_server_call(RPC_BINDING_HANDLE handle, struct call **call)
{
    *call = handle ? call_from_handle(handle, CALL_SERVER_MAGIC) : thread_server_call();
    if (*call)
        return RPC_S_OK;
    if (!handle)
        return RPC_S_NO_CALL_ACTIVE;
    return binding_from_handle(handle) ? RPC_S_WRONG_KIND_OF_BINDING : RPC_S_INVALID_BINDING;
}
