/*
 * Loading the DLL starts nothing and reads nothing.
 */
#include "os/os.h"

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance, (void)reason, (void)reserved;
    return TRUE;
}
