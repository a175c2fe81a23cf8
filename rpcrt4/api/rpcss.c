/*
 * Starting the service RpcSs. Windows runs it always; Wine starts it for its first user.
 *
 * The service manager tells of a service's state by an APC. So a thread of its own waits for it: an alertable
 * wait on the caller's thread would run APCs of the caller's that he does not expect now. advapi32 is loaded
 * when first needed: it stands on rpcrt4 itself.
 */
#include "rpcss.h"

#include <winsvc.h>

enum { START_LIMIT = 60000 }; /* milliseconds: a service that starts so long is hung */

struct advapi {
    SC_HANDLE(WINAPI *open_manager)(const WCHAR *machine, const WCHAR *database, DWORD access);
    SC_HANDLE(WINAPI *open)(SC_HANDLE manager, const WCHAR *name, DWORD access);
    BOOL(WINAPI *start)(SC_HANDLE service, DWORD count, const WCHAR **arguments);
    BOOL(WINAPI *query)(SC_HANDLE service, SERVICE_STATUS *status);
    DWORD(WINAPI *notify)(SC_HANDLE service, DWORD mask, SERVICE_NOTIFYW *notify);
    BOOL(WINAPI *close)(SC_HANDLE handle);
};

static BOOL load(struct advapi *advapi)
{
    HMODULE module = LoadLibraryW(L"advapi32.dll");

    if (!module)
        return FALSE;
    advapi->open_manager = (void *)GetProcAddress(module, "OpenSCManagerW");
    advapi->open = (void *)GetProcAddress(module, "OpenServiceW");
    advapi->start = (void *)GetProcAddress(module, "StartServiceW");
    advapi->query = (void *)GetProcAddress(module, "QueryServiceStatus");
    advapi->notify = (void *)GetProcAddress(module, "NotifyServiceStatusChangeW");
    advapi->close = (void *)GetProcAddress(module, "CloseServiceHandle");
    return advapi->open_manager && advapi->open && advapi->start && advapi->query && advapi->notify &&
           advapi->close;
}

static void WINAPI noticed(void *notify)
{
    *(volatile BOOL *)((SERVICE_NOTIFYW *)notify)->pContext = TRUE;
}

/* Waits while the service starts. */
static BOOL await_running(const struct advapi *advapi, SC_HANDLE service)
{
    volatile BOOL seen = FALSE;
    SERVICE_NOTIFYW notify = {
        .dwVersion = SERVICE_NOTIFY_STATUS_CHANGE,
        .pfnNotifyCallback = noticed,
        .pContext = (void *)&seen,
    };
    SERVICE_STATUS status;

    if (!advapi->query(service, &status) || status.dwCurrentState != SERVICE_START_PENDING)
        return status.dwCurrentState == SERVICE_RUNNING;
    /* A state that is there already is told at once. */
    if (advapi->notify(service, SERVICE_NOTIFY_RUNNING | SERVICE_NOTIFY_STOPPED, &notify))
        return FALSE;
    while (!seen)
        if (SleepEx(START_LIMIT, TRUE) == 0)
            break;
    return advapi->query(service, &status) && status.dwCurrentState == SERVICE_RUNNING;
}

static DWORD WINAPI start(void *context)
{
    SC_HANDLE manager, service;
    struct advapi advapi;
    BOOL running = FALSE;

    (void)context;
    if (!load(&advapi) || !(manager = advapi.open_manager(NULL, NULL, SC_MANAGER_CONNECT)))
        return FALSE;
    service = advapi.open(manager, L"RpcSs", SERVICE_START | SERVICE_QUERY_STATUS);
    if (service) {
        if (advapi.start(service, 0, NULL) || GetLastError() == ERROR_SERVICE_ALREADY_RUNNING)
            running = await_running(&advapi, service);
        advapi.close(service);
    }
    advapi.close(manager);
    return running;
}

BOOL rpcss_start(void)
{
    HANDLE thread = CreateThread(NULL, 0, start, NULL, 0, NULL);
    DWORD running = FALSE;

    if (!thread)
        return FALSE;
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &running);
    CloseHandle(thread);
    return running;
}
