/* What os.h mentions of winbase.h. */
#ifndef HOST_WINBASE_H
#define HOST_WINBASE_H

typedef struct {
    ULONG_PTR Internal, InternalHigh;
    PVOID Pointer;
    HANDLE hEvent;
} OVERLAPPED;

#endif
