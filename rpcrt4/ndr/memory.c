/*
 * NdrAllocate. What an unmarshalling routine allocated before it raised it gives back itself (walk.c); what
 * whole parameters hold is freed by their types (client.c, server.c). No state.
 */
#include "ndr.h"

/* Allocates length octets with the stub's allocator. Raises RPC_S_OUT_OF_MEMORY. Source: SDK, NdrAllocate. */
void *RPC_ENTRY NdrAllocate(PMIDL_STUB_MESSAGE msg, size_t length)
{
    void *block = msg->pfnAllocate(length);

    if (!block)
        os_raise(RPC_S_OUT_OF_MEMORY);
    return block;
}
