/*
 * The stub memory environment: RpcSs* (which raise) and RpcSm* (which give a status), and what stubs with
 * [enable_allocate] call. Source: SDK "RPC memory allocation and deallocation functions", C706 chapter 2.
 *
 * An environment is a list of blocks, shared by the threads that hold a reference; its lock guards the list.
 * Which environment and which client allocator a thread uses is kept in fiber-local storage, made on first
 * need and given back when the thread ends.
 */
#include "ss.h"

struct block {
    struct block *next, *previous;
};

struct ss_heap {
    SRWLOCK lock;
    LONG references;
    struct block blocks; /* head of a ring */
};

struct ss_thread {
    struct ss_heap *heap;
    RPC_CLIENT_ALLOC *allocate; /* NULL: not set */
    RPC_CLIENT_FREE *free;
};

static LONG fls_index = FLS_OUT_OF_INDEXES;

static void heap_release(struct ss_heap *heap)
{
    struct block *block, *next;

    if (!heap || InterlockedDecrement(&heap->references))
        return;
    for (block = heap->blocks.next; block != &heap->blocks; block = next) {
        next = block->next;
        os_free(block);
    }
    os_free(heap);
}

static void WINAPI thread_ends(void *value)
{
    struct ss_thread *thread = value;

    if (!thread)
        return;
    heap_release(thread->heap);
    os_free(thread);
}

void ndr_ss_unload(void)
{
    if (fls_index != (LONG)FLS_OUT_OF_INDEXES)
        FlsFree((DWORD)fls_index); /* calls thread_ends for every thread */
}

static DWORD index_of(void)
{
    DWORD index = fls_index, fresh;

    if (index != FLS_OUT_OF_INDEXES)
        return index;
    fresh = FlsAlloc(thread_ends);
    if (fresh == FLS_OUT_OF_INDEXES)
        return fresh;
    index = InterlockedCompareExchange(&fls_index, fresh, FLS_OUT_OF_INDEXES);
    if (index == FLS_OUT_OF_INDEXES)
        return fresh;
    FlsFree(fresh);
    return index;
}

/* This thread's record; NULL when there is none, or, with make, when memory is short. */
static struct ss_thread *this_thread(BOOL make)
{
    DWORD index = make ? index_of() : (DWORD)fls_index;
    struct ss_thread *thread;

    if (index == FLS_OUT_OF_INDEXES)
        return NULL;
    thread = FlsGetValue(index);
    if (thread || !make)
        return thread;
    thread = os_alloc_zero(sizeof(*thread));
    if (thread && !FlsSetValue(index, thread)) {
        os_free(thread);
        return NULL;
    }
    return thread;
}

struct ss_heap *ndr_ss_attach(struct ss_heap *heap)
{
    struct ss_thread *thread = this_thread(heap != NULL);
    struct ss_heap *old;

    if (!thread)
        return NULL;
    old = thread->heap;
    thread->heap = heap;
    return old;
}

struct ss_heap *ndr_ss_detach(void)
{
    return ndr_ss_attach(NULL);
}

static void check(RPC_STATUS status)
{
    if (status != RPC_S_OK)
        os_raise(status);
}

/* Gives size octets that live until RpcSmFree or until the environment ends. Source: SDK, RpcSmAllocate.
 * Without an environment the status is RPC_S_INVALID_ARG (unverified on Windows). */
void *RPC_ENTRY RpcSmAllocate(size_t size, RPC_STATUS *status)
{
    struct ss_thread *thread = this_thread(FALSE);
    struct ss_heap *heap = thread ? thread->heap : NULL;
    struct block *block;

    *status = RPC_S_INVALID_ARG;
    if (!heap)
        return NULL;
    *status = RPC_S_OUT_OF_MEMORY;
    if (size > size + sizeof(*block) || !(block = os_alloc(size + sizeof(*block))))
        return NULL;
    AcquireSRWLockExclusive(&heap->lock);
    block->next = heap->blocks.next;
    block->previous = &heap->blocks;
    block->next->previous = heap->blocks.next = block;
    ReleaseSRWLockExclusive(&heap->lock);
    *status = RPC_S_OK;
    return block + 1;
}

/* Source: SDK, RpcSmFree. */
RPC_STATUS RPC_ENTRY RpcSmFree(void *node)
{
    struct ss_thread *thread = this_thread(FALSE);
    struct ss_heap *heap = thread ? thread->heap : NULL;
    struct block *block = (struct block *)node - 1;

    if (!node || !heap)
        return RPC_S_INVALID_ARG;
    AcquireSRWLockExclusive(&heap->lock);
    block->next->previous = block->previous;
    block->previous->next = block->next;
    ReleaseSRWLockExclusive(&heap->lock);
    os_free(block);
    return RPC_S_OK;
}

/* Gives this thread an environment, or one reference more to the one it has. Source: SDK,
 * RpcSmEnableAllocate. */
RPC_STATUS RPC_ENTRY RpcSmEnableAllocate(void)
{
    struct ss_thread *thread = this_thread(TRUE);
    struct ss_heap *heap;

    if (!thread)
        return RPC_S_OUT_OF_MEMORY;
    if (thread->heap) {
        InterlockedIncrement(&thread->heap->references);
        return RPC_S_OK;
    }
    heap = os_alloc_zero(sizeof(*heap));
    if (!heap)
        return RPC_S_OUT_OF_MEMORY;
    heap->references = 1;
    heap->blocks.next = heap->blocks.previous = &heap->blocks;
    thread->heap = heap;
    return RPC_S_OK;
}

/* Gives a reference back; with the last one goes all memory of the environment. Source: SDK,
 * RpcSmDisableAllocate. */
RPC_STATUS RPC_ENTRY RpcSmDisableAllocate(void)
{
    struct ss_thread *thread = this_thread(FALSE);
    struct ss_heap *heap = thread ? thread->heap : NULL;

    if (!heap)
        return RPC_S_OK;
    if (heap->references == 1)
        thread->heap = NULL;
    heap_release(heap);
    return RPC_S_OK;
}

/* Source: SDK, RpcSmGetThreadHandle: lets another thread join this one's environment. */
RPC_SS_THREAD_HANDLE RPC_ENTRY RpcSmGetThreadHandle(RPC_STATUS *status)
{
    struct ss_thread *thread = this_thread(FALSE);

    *status = RPC_S_OK;
    return thread ? thread->heap : NULL;
}

RPC_STATUS RPC_ENTRY RpcSmSetThreadHandle(RPC_SS_THREAD_HANDLE handle)
{
    struct ss_heap *heap = handle;

    if (heap && !this_thread(TRUE))
        return RPC_S_OUT_OF_MEMORY;
    if (heap)
        InterlockedIncrement(&heap->references);
    heap_release(ndr_ss_attach(heap));
    return RPC_S_OK;
}

/* Source: SDK, RpcSmSetClientAllocFree: what client stubs on this thread allocate with. */
RPC_STATUS RPC_ENTRY RpcSmSetClientAllocFree(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release)
{
    struct ss_thread *thread;

    if (!allocate || !release)
        return RPC_S_INVALID_ARG;
    thread = this_thread(TRUE);
    if (!thread)
        return RPC_S_OUT_OF_MEMORY;
    thread->allocate = allocate;
    thread->free = release;
    return RPC_S_OK;
}

/* What client stubs on this thread allocate with now. */
static void client_routines(RPC_CLIENT_ALLOC **allocate, RPC_CLIENT_FREE **release)
{
    struct ss_thread *thread = this_thread(FALSE);

    if (thread && thread->allocate) {
        *allocate = thread->allocate;
        *release = thread->free;
    } else if (thread && thread->heap) {
        *allocate = RpcSsAllocate;
        *release = RpcSsFree;
    } else {
        *allocate = NdrRpcSsDefaultAllocate;
        *release = NdrRpcSsDefaultFree;
    }
}

RPC_STATUS RPC_ENTRY RpcSmSwapClientAllocFree(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release,
                                              RPC_CLIENT_ALLOC **old_allocate, RPC_CLIENT_FREE **old_release)
{
    if (!allocate || !release || !old_allocate || !old_release)
        return RPC_S_INVALID_ARG;
    client_routines(old_allocate, old_release);
    return RpcSmSetClientAllocFree(allocate, release);
}

/* Source: SDK, RpcSmClientFree: frees what a client stub gave. */
RPC_STATUS RPC_ENTRY RpcSmClientFree(void *node)
{
    NdrRpcSmClientFree(node);
    return RPC_S_OK;
}

/* ---- the same, raising */

void *RPC_ENTRY RpcSsAllocate(size_t size)
{
    RPC_STATUS status;
    void *memory = RpcSmAllocate(size, &status);

    check(status);
    return memory;
}

void RPC_ENTRY RpcSsFree(void *node)
{
    check(RpcSmFree(node));
}

void RPC_ENTRY RpcSsEnableAllocate(void)
{
    check(RpcSmEnableAllocate());
}

void RPC_ENTRY RpcSsDisableAllocate(void)
{
    check(RpcSmDisableAllocate());
}

RPC_SS_THREAD_HANDLE RPC_ENTRY RpcSsGetThreadHandle(void)
{
    RPC_STATUS status;

    return RpcSmGetThreadHandle(&status);
}

void RPC_ENTRY RpcSsSetThreadHandle(RPC_SS_THREAD_HANDLE handle)
{
    check(RpcSmSetThreadHandle(handle));
}

void RPC_ENTRY RpcSsSetClientAllocFree(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release)
{
    check(RpcSmSetClientAllocFree(allocate, release));
}

void RPC_ENTRY RpcSsSwapClientAllocFree(RPC_CLIENT_ALLOC *allocate, RPC_CLIENT_FREE *release,
                                        RPC_CLIENT_ALLOC **old_allocate, RPC_CLIENT_FREE **old_release)
{
    check(RpcSmSwapClientAllocFree(allocate, release, old_allocate, old_release));
}

/* ---- for stubs */

void *RPC_ENTRY NdrRpcSsDefaultAllocate(size_t size)
{
    return os_alloc(size);
}

void RPC_ENTRY NdrRpcSsDefaultFree(void *node)
{
    os_free(node);
}

void *RPC_ENTRY NdrRpcSmClientAllocate(size_t size)
{
    RPC_CLIENT_ALLOC *allocate;
    RPC_CLIENT_FREE *release;

    client_routines(&allocate, &release);
    return allocate(size);
}

void RPC_ENTRY NdrRpcSmClientFree(void *node)
{
    RPC_CLIENT_ALLOC *allocate;
    RPC_CLIENT_FREE *release;

    client_routines(&allocate, &release);
    release(node);
}

/* Has a client stub allocate with what the thread has set. */
void RPC_ENTRY NdrRpcSmSetClientToOsf(PMIDL_STUB_MESSAGE msg)
{
    msg->pfnAllocate = NdrRpcSmClientAllocate;
    msg->pfnFree = NdrRpcSmClientFree;
}

/* Has a server stub allocate in an environment that lasts as long as the call. */
void RPC_ENTRY NdrRpcSsEnableAllocate(PMIDL_STUB_MESSAGE msg)
{
    RpcSsEnableAllocate();
    msg->pfnAllocate = RpcSsAllocate;
    msg->pfnFree = RpcSsFree;
}

void RPC_ENTRY NdrRpcSsDisableAllocate(PMIDL_STUB_MESSAGE msg)
{
    (void)msg;
    RpcSsDisableAllocate();
}
