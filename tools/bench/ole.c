/*
 * Microseconds of a call of IStream::Seek on an object of another process: ole.exe makes a stream, marshals
 * it, and starts itself again with the packet as its argument; the child calls. Both are in multithreaded
 * apartments.
 */
#define COBJMACROS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>

enum { WARM_UP = 100, CALLS = 2000, PACKET_MAX = 1024 };

static const LARGE_INTEGER zero;

static int call(const char *hex)
{
    LARGE_INTEGER frequency, start, end;
    IStream *packet, *stream;
    ULONG length = (ULONG)strlen(hex) / 2;

    if (CreateStreamOnHGlobal(NULL, TRUE, &packet))
        return 1;
    for (ULONG i = 0; i < length; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        BYTE octet = (BYTE)strtoul(digits, NULL, 16);

        IStream_Write(packet, &octet, 1, NULL);
    }
    IStream_Seek(packet, zero, STREAM_SEEK_SET, NULL);
    if (CoUnmarshalInterface(packet, &IID_IStream, (void **)&stream))
        return 1;
    QueryPerformanceFrequency(&frequency);
    for (int i = -WARM_UP; i < CALLS; i++) {
        if (!i)
            QueryPerformanceCounter(&start);
        if (IStream_Seek(stream, zero, STREAM_SEEK_SET, NULL))
            return 1;
    }
    QueryPerformanceCounter(&end);
    printf("ole %.2f\n", 1e6 * (end.QuadPart - start.QuadPart) / frequency.QuadPart / CALLS);
    IStream_Release(stream);
    IStream_Release(packet);
    return 0;
}

static int serve(const char *self)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    char command[MAX_PATH + 2 * PACKET_MAX];
    PROCESS_INFORMATION info;
    IStream *packet, *stream;
    DWORD code = 1;
    BYTE octet;
    int at;

    if (CreateStreamOnHGlobal(NULL, TRUE, &stream) || CreateStreamOnHGlobal(NULL, TRUE, &packet) ||
        CoMarshalInterface(packet, &IID_IStream, (IUnknown *)stream, MSHCTX_LOCAL, NULL, MSHLFLAGS_NORMAL))
        return 1;
    IStream_Seek(packet, zero, STREAM_SEEK_SET, NULL);
    at = snprintf(command, sizeof(command), "\"%s\" ", self);
    while (at + 3 < (int)sizeof(command) && !IStream_Read(packet, &octet, 1, &code) && code)
        at += snprintf(command + at, sizeof(command) - at, "%02x", octet);
    if (!CreateProcessA(self, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info))
        return 1;
    WaitForSingleObject(info.hProcess, INFINITE);
    GetExitCodeProcess(info.hProcess, &code);
    CoDisconnectObject((IUnknown *)stream, 0);
    return (int)code;
}

int main(int argc, char **argv)
{
    char self[MAX_PATH];
    int result;

    GetModuleFileNameA(NULL, self, sizeof(self));
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    result = argc > 1 ? call(argv[1]) : serve(self);
    CoUninitialize();
    return result;
}
