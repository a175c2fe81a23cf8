/*
 * Loading the DLL starts nothing and reads nothing.
 */
#include "os/os.h"
#include "runtime/thread.h"

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance;
    if (reason == DLL_THREAD_DETACH || (reason == DLL_PROCESS_DETACH && !reserved))
        thread_detach();
    if (reason == DLL_PROCESS_DETACH && !reserved)
        os_scratch_drop();
    return TRUE;
}
