/*
 * The process heap under our own names, so that ndr/ can be compiled natively for its unit tests.
 */
#include "os.h"

void *os_alloc(size_t size)
{
    return HeapAlloc(GetProcessHeap(), 0, size);
}

void *os_alloc_zero(size_t size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

void *os_realloc(void *memory, size_t size)
{
    return memory ? HeapReAlloc(GetProcessHeap(), 0, memory, size) : os_alloc(size);
}

void os_free(void *memory)
{
    if (memory)
        HeapFree(GetProcessHeap(), 0, memory);
}

/* What os_scratch_give keeps: one block, which has no owner while it is here; taken and put atomically. */
enum { KEPT_MOST = 512 * 1024 };
struct scratch {
    _Alignas(16) size_t size;
};
static struct scratch *kept;

static struct scratch *exchange_kept(struct scratch *block)
{
    return __atomic_exchange_n(&kept, block, __ATOMIC_ACQ_REL);
}

void *os_scratch_take(size_t *size)
{
    struct scratch *block = exchange_kept(NULL);

    if (block && block->size < *size) {
        os_scratch_give(block + 1);
        block = NULL;
    }
    if (!block && (block = os_alloc(sizeof(*block) + *size)) != NULL)
        block->size = *size;
    if (!block)
        return NULL;
    *size = block->size;
    return block + 1;
}

void os_scratch_give(void *memory)
{
    struct scratch *block = (struct scratch *)memory - 1, *other = exchange_kept(NULL);

    if (block->size > KEPT_MOST || (other && other->size > block->size)) {
        os_free(block);
        block = other;
    } else {
        os_free(other);
    }
    os_free(exchange_kept(block));
}

void os_scratch_drop(void)
{
    os_free(exchange_kept(NULL));
}
