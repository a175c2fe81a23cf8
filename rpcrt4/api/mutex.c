/*
 * The runtime's own services that it exports: mutexes, pauses. mingw-w64's rpcdcep.h. A mutex is made by the
 * first who requests it, recursive, and belongs to who holds the variable.
 */
#include "../os/os.h"
#include "../runtime/win.h"

/* The pointer that another thread has put there meanwhile wins. NULL: no memory. */
static CRITICAL_SECTION *mutex_of(I_RPC_MUTEX *mutex)
{
    CRITICAL_SECTION *section = *(void *volatile *)mutex, *known;

    if (section || !(section = os_alloc(sizeof *section)))
        return section;
    InitializeCriticalSection(section);
    known = InterlockedCompareExchangePointer(mutex, section, NULL);
    if (!known)
        return section;
    DeleteCriticalSection(section);
    os_free(section);
    return known;
}

void RPC_ENTRY I_RpcRequestMutex(I_RPC_MUTEX *mutex)
{
    CRITICAL_SECTION *section = mutex_of(mutex);

    if (!section)
        os_raise(RPC_S_OUT_OF_MEMORY);
    EnterCriticalSection(section);
}

void RPC_ENTRY I_RpcClearMutex(I_RPC_MUTEX mutex)
{
    LeaveCriticalSection(mutex);
}

void RPC_ENTRY I_RpcDeleteMutex(I_RPC_MUTEX mutex)
{
    if (!mutex)
        return;
    DeleteCriticalSection(mutex);
    os_free(mutex);
}

void RPC_ENTRY I_RpcPauseExecution(ULONG milliseconds)
{
    Sleep(milliseconds);
}
