/*
 * Loading the DLL starts nothing and reads nothing. Unloading it, which happens when nobody uses it and no
 * worker is left, gives back what a later copy of it could not find again: handles, slots, cached memory. The
 * DLLs that it loaded stay.
 */
#include "os/os.h"
#include "ndr/ss.h"
#include "runtime/buffer.h"
#include "runtime/thread.h"
#include "transport/stream.h"

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance;
    if (reason == DLL_THREAD_DETACH)
        thread_detach();
    if (reason == DLL_PROCESS_DETACH && !reserved) {
        thread_unload();
        ndr_ss_unload();
        buffers_drop();
        events_drop();
        os_unload();
    }
    return TRUE;
}
