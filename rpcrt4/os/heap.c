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
