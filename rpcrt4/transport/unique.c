/*
 * Names for dynamic endpoints that are named pipes.
 */
#include "pipe.h"

void unique_name(WCHAR name[UNIQUE_NAME_LENGTH])
{
    static LONG count;
    static const WCHAR digits[] = L"0123456789abcdef";
    LARGE_INTEGER time;
    ULONGLONG value;
    unsigned i;

    QueryPerformanceCounter(&time);
    value = (ULONGLONG)GetCurrentProcessId() << 40 ^ (ULONGLONG)InterlockedIncrement(&count) << 28 ^
            (ULONGLONG)time.QuadPart * 0x9e3779b97f4a7c15ull >> 20;
    for (i = 0; i < 16; i++, value >>= 4)
        name[i] = digits[value & 15];
    name[i] = 0;
}
