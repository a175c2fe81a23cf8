/* Microseconds that LoadLibrary("rpcrt4.dll") takes in a process that has not loaded it. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    LARGE_INTEGER frequency, start, end;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&start);
    if (!LoadLibraryA("rpcrt4.dll"))
        return 1;
    QueryPerformanceCounter(&end);
    printf("load %.1f\n", 1e6 * (end.QuadPart - start.QuadPart) / frequency.QuadPart);
    return 0;
}
