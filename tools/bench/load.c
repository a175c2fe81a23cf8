/*
 * What loading rpcrt4.dll costs a process that has not loaded it: microseconds of LoadLibrary, octets of its
 * image, and by how many octets the process's resident memory grows.
 */
#include <stdio.h>
#include <windows.h>
#include <psapi.h>

static double resident(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};

    GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters));
    return counters.WorkingSetSize;
}

int main(void)
{
    double before = resident();
    LARGE_INTEGER frequency, start, end;
    MODULEINFO info;
    HMODULE module;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&start);
    module = LoadLibraryA("rpcrt4.dll");
    QueryPerformanceCounter(&end);
    if (!module || !GetModuleInformation(GetCurrentProcess(), module, &info, sizeof(info)))
        return 1;
    printf("load %.1f\n", 1e6 * (end.QuadPart - start.QuadPart) / frequency.QuadPart);
    printf("image %lu\nresident %.0f\n", info.SizeOfImage, resident() - before);
    return 0;
}
