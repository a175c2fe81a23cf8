/*
 * The heap as stubs and other system DLLs ask for it. Owns nothing.
 */
#include "../os/os.h"

#include <rpc.h>
#include <rpcdcep.h>

void *RPC_ENTRY I_RpcAllocate(unsigned int size)
{
    return os_alloc(size);
}

void RPC_ENTRY I_RpcFree(void *memory)
{
    os_free(memory);
}

/* Stubs of [in] pipes and small pointees take their blocks here; the heap is cache enough. */
void *RPC_ENTRY I_RpcBCacheAllocate(unsigned int size)
{
    return os_alloc(size);
}

void RPC_ENTRY I_RpcBCacheFree(void *memory)
{
    os_free(memory);
}
