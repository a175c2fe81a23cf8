/* What os.h mentions of winbase.h. */
#ifndef HOST_WINBASE_H
#define HOST_WINBASE_H

typedef struct {
    ULONG_PTR Internal, InternalHigh;
    PVOID Pointer;
    HANDLE hEvent;
} OVERLAPPED;

/* One thread: locks are not taken. */
typedef struct {
    PVOID Ptr;
} SRWLOCK;

static inline PVOID InterlockedCompareExchangePointer(PVOID *at, PVOID wanted, PVOID expected)
{
    PVOID found = *at;

    if (found == expected)
        *at = wanted;
    return found;
}

#endif
