/*
 * NdrAllocate: memory that unmarshalling makes, kept on a list of the stub message until the arguments are
 * whole, so that bad octets halfway leave nothing behind. And the allocators that stubs of object interfaces
 * name. A stub message belongs to one thread at a time; no lock.
 *
 * The list runs through the blocks themselves, behind what the caller asked for: a block is freed by the
 * pfnFree of the stub, which knows nothing of us.
 */
#include "proc.h"

struct node {
    struct node *next;
    void *block;
};

/* Allocates length octets with the stub's allocator. Raises RPC_S_OUT_OF_MEMORY. Source: SDK, NdrAllocate. */
void *RPC_ENTRY NdrAllocate(PMIDL_STUB_MESSAGE msg, size_t length)
{
    SIZE_T rounded = (length + 15) & ~(SIZE_T)15;
    struct node *node;
    unsigned char *block;

    if (rounded < length || rounded > rounded + sizeof(*node))
        os_raise(RPC_S_OUT_OF_MEMORY);
    block = msg->pfnAllocate(rounded + sizeof(*node));
    if (!block)
        os_raise(RPC_S_OUT_OF_MEMORY);
    node = (struct node *)(block + rounded);
    node->next = msg->pMemoryList;
    node->block = block;
    msg->pMemoryList = node;
    return block;
}

void ndr_memory_free_list(MIDL_STUB_MESSAGE *msg, void *mark)
{
    while (msg->pMemoryList && msg->pMemoryList != mark) {
        struct node *node = msg->pMemoryList;

        msg->pMemoryList = node->next;
        msg->pfnFree(node->block);
    }
}

void ndr_memory_forget_list(MIDL_STUB_MESSAGE *msg, void *mark)
{
    msg->pMemoryList = mark;
}
