/*
 * NdrAllocate, and the allocator of object interfaces. What an unmarshalling routine allocated before it
 * raised it gives back itself (walk.c); what whole parameters hold is freed by their types (client.c,
 * server.c).
 *
 * ole32.dll, whose task allocator object interfaces share with everyone, is loaded when first asked for and
 * stays; its two entries are found once, and finding them twice does no harm. No lock.
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

static FARPROC ole_entry(const char *name)
{
    HMODULE ole32 = LoadLibraryW(L"ole32.dll");
    FARPROC entry = ole32 ? GetProcAddress(ole32, name) : NULL;

    if (!entry)
        os_raise(RPC_S_OUT_OF_MEMORY);
    return entry;
}

/* CoTaskMemAlloc. Raises RPC_S_OUT_OF_MEMORY when ole32 cannot be loaded, and gives NULL when memory is
 * short. Source: SDK, NdrOleAllocate. */
void *RPC_ENTRY NdrOleAllocate(size_t size)
{
    static void *(WINAPI *volatile allocate)(SIZE_T);

    if (!allocate)
        allocate = (void *(WINAPI *)(SIZE_T))(void *)ole_entry("CoTaskMemAlloc");
    return allocate(size);
}

void RPC_ENTRY NdrOleFree(void *node)
{
    static void(WINAPI *volatile release)(void *);

    if (!release)
        release = (void(WINAPI *)(void *))(void *)ole_entry("CoTaskMemFree");
    release(node);
}
