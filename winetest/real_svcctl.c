/*
 * The service control manager ([MS-SCMR]): unions without names in structures passed by value, arrays of
 * structures of strings, sizes in other parameters, bounded types; and the same client stubs with the manager
 * of this machine.
 */
#include "real.h"
#include "svcctl.h"

_Static_assert(sizeof(SERVICE_STATUS_PROCESS) == 36, "[MS-SCMR] 2.2.49");

handle_t __RPC_USER SVCCTL_HANDLEW_bind(SVCCTL_HANDLEW machine)
{
    return real_bind(machine);
}

void __RPC_USER SVCCTL_HANDLEW_unbind(SVCCTL_HANDLEW machine, handle_t h)
{
    (void)machine;
    real_unbind(h);
}

handle_t __RPC_USER SVCCTL_HANDLEA_bind(SVCCTL_HANDLEA machine)
{
    ok(!machine || !strcmp(machine, "\\\\server"), "another machine\n");
    return real_bind(NULL);
}

void __RPC_USER SVCCTL_HANDLEA_unbind(SVCCTL_HANDLEA machine, handle_t h)
{
    (void)machine;
    real_unbind(h);
}

static volatile LONG rundowns;

void __RPC_USER SC_RPC_HANDLE_rundown(SC_RPC_HANDLE handle)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(handle);
}

void __RPC_USER SC_RPC_LOCK_rundown(SC_RPC_LOCK lock)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(lock);
}

void __RPC_USER SC_NOTIFY_RPC_HANDLE_rundown(SC_NOTIFY_RPC_HANDLE handle)
{
    InterlockedIncrement(&rundowns);
    midl_user_free(handle);
}

/* ---- managers */

static DWORD open_manager(SVCCTL_HANDLEW machine, wchar_t *database, DWORD access, LPSC_RPC_HANDLE handle)
{
    ok((!machine || !wcscmp(machine, REAL_SERVER)) && (!database || !wcscmp(database, L"ServicesActive")) &&
           access == 1,
       "access %lu\n", (unsigned long)access);
    *handle = real_text(L"manager");
    return 0;
}

static DWORD open_manager_a(SVCCTL_HANDLEA machine, LPSTR database, DWORD access, LPSC_RPC_HANDLE handle)
{
    (void)access;
    ok(!strcmp(machine, "\\\\server") && !database, "ANSI\n");
    *handle = real_text(L"manager");
    return 0;
}

static DWORD close_handle(LPSC_RPC_HANDLE handle)
{
    midl_user_free(*handle);
    *handle = NULL;
    return 0;
}

static DWORD create_service(SC_RPC_HANDLE manager, wchar_t *name, wchar_t *display, DWORD access, DWORD type,
                            DWORD start, DWORD error, wchar_t *path, wchar_t *group, LPDWORD tag,
                            LPBYTE dependencies, DWORD size, wchar_t *user, LPBYTE password,
                            DWORD password_size, LPSC_RPC_HANDLE service)
{
    ok(!wcscmp(manager, L"manager") && !wcscmp(name, L"svc") && !display && access == 0xf01ff &&
           type == 0x10 && start == 3 && error == 1 && !wcscmp(path, L"C:\\svc.exe") && !group,
       "head\n");
    ok(size == 6 && !memcmp(dependencies, L"a\0", 6) && !user && !password && !password_size,
       "dependencies\n");
    if (tag)
        (*tag)++;
    *service = real_text(name);
    return 0;
}

static DWORD query_config(SC_RPC_HANDLE service, LPQUERY_SERVICE_CONFIGW config, DWORD size,
                          LPBOUNDED_DWORD_8K needed)
{
    (void)service;
    *needed = 100;
    if (size < 100)
        return 122;
    config->dwServiceType = 0x10;
    config->dwTagId = 9;
    config->lpBinaryPathName = real_text(L"C:\\svc.exe");
    config->lpLoadOrderGroup = real_text(L"");
    config->lpDependencies = NULL;
    config->lpDisplayName = real_text(L"A service");
    return 0;
}

static DWORD change_config2(SC_RPC_HANDLE service, SC_RPC_CONFIG_INFOW info)
{
    const SERVICE_FAILURE_ACTIONSW *actions = info.psfa;
    const SERVICE_TRIGGER_INFO *triggers = info.psti;

    (void)service;
    switch (info.dwInfoLevel) {
    case 1:
        ok(!wcscmp(info.psd->lpDescription, L"what it does"), "description\n");
        return 0;
    case 2:
        ok(actions->cActions == 2 && actions->lpsaActions[1].Type == SC_ACTION_RUN_COMMAND &&
               actions->lpsaActions[1].Delay == 60000 && !wcscmp(actions->lpCommand, L"cmd") &&
               !actions->lpRebootMsg,
           "actions\n");
        return 0;
    case 8:
        ok(triggers->cTriggers == 1 && triggers->pTriggers[0].dwActionType == 2 &&
               triggers->pTriggers[0].pTriggerSubtype->Data4[7] == 7 &&
               triggers->pTriggers[0].cDataItems == 3 && triggers->pTriggers[0].pDataItems[2] == 0x300,
           "triggers\n");
        return 0;
    default:
        return 124;
    }
}

static DWORD start_service(SC_RPC_HANDLE service, DWORD argc, LPSTRING_PTRSW argv)
{
    (void)service;
    ok(argc == 3 && !wcscmp(argv[0].StringPtr, L"svc") && !argv[1].StringPtr &&
           !wcscmp(argv[2].StringPtr, L"-x"),
       "%lu arguments\n", (unsigned long)argc);
    return 0;
}

static DWORD query_status_ex(SC_RPC_HANDLE service, SC_STATUS_TYPE level, LPBYTE buffer, DWORD size,
                             LPBOUNDED_DWORD_8K needed)
{
    SERVICE_STATUS_PROCESS status = {.dwCurrentState = 4, .dwProcessId = 4321};

    (void)service;
    ok(level == SC_STATUS_PROCESS_INFO, "level %d\n", level);
    memset(buffer, 0, size);
    *needed = sizeof(status);
    if (size < sizeof(status))
        return 122;
    memcpy(buffer, &status, sizeof(status));
    return 0;
}

static DWORD display_name(SC_RPC_HANDLE manager, wchar_t *name, wchar_t *display, DWORD *length)
{
    (void)manager;
    _snwprintf(display, *length + 1, L"The %ls", name);
    *length = wcslen(display);
    return 0;
}

static DWORD notify(SC_RPC_HANDLE service, SC_RPC_NOTIFY_PARAMS params, GUID *client, GUID *process,
                    PBOOL created, LPSC_NOTIFY_RPC_HANDLE handle)
{
    ok(!wcscmp(service, L"svc") && params.dwInfoLevel == 2 &&
           params.pStatusChangeParams->ullThreadId == 0x1122334455667788 &&
           params.pStatusChangeParams->CallbackParamAddressArray[15] == 0xfe &&
           params.pStatusChangeParams->dwSequence == 5,
       "notification\n");
    *process = *client;
    *created = 0x01010101;
    *handle = real_text(L"notify");
    return 0;
}

static DWORD notify_close(LPSC_NOTIFY_RPC_HANDLE handle, PBOOL applied)
{
    *applied = 1;
    return close_handle(handle);
}

static const svcctl_SERVER_EPV managers = {
    .ROpenSCManagerW = open_manager,
    .ROpenSCManagerA = open_manager_a,
    .RCloseServiceHandle = close_handle,
    .RCreateServiceW = create_service,
    .RQueryServiceConfigW = query_config,
    .RChangeServiceConfig2W = change_config2,
    .RStartServiceW = start_service,
    .RQueryServiceStatusEx = query_status_ex,
    .RGetServiceDisplayNameW = display_name,
    .RNotifyServiceStatusChange = notify,
    .RCloseNotifyHandle = notify_close,
};

/* ---- calls */

static void call_config(SC_RPC_HANDLE service)
{
    QUERY_SERVICE_CONFIGW config = {0};
    SERVICE_DESCRIPTIONW description = {(wchar_t *)L"what it does"};
    SC_ACTION action[] = {{SC_ACTION_REBOOT, 1}, {SC_ACTION_RUN_COMMAND, 60000}};
    SERVICE_FAILURE_ACTIONSW actions = {7, NULL, (wchar_t *)L"cmd", 2, action};
    GUID subtype = {.Data4 = {[7] = 7}};
    DWORD items[] = {0x100, 0x200, 0x300};
    SERVICE_TRIGGER trigger = {1, 2, &subtype, 3, items};
    SERVICE_TRIGGER_INFO triggers = {1, &trigger, NULL};
    SC_RPC_CONFIG_INFOW info = {.dwInfoLevel = 1};
    DWORD needed = 0;

    ok(svcctl_RQueryServiceConfigW(service, &config, 10, &needed) == 122 && needed == 100, "too small\n");
    ok(!svcctl_RQueryServiceConfigW(service, &config, 0x2000, &needed) && config.dwTagId == 9 &&
           !wcscmp(config.lpBinaryPathName, L"C:\\svc.exe") && !*config.lpLoadOrderGroup &&
           !config.lpDependencies && !wcscmp(config.lpDisplayName, L"A service"),
       "configuration\n");
    midl_user_free(config.lpBinaryPathName);
    midl_user_free(config.lpLoadOrderGroup);
    midl_user_free(config.lpDisplayName);
    info.psd = &description;
    ok(!svcctl_RChangeServiceConfig2W(service, info), "description\n");
    info.dwInfoLevel = 2;
    info.psfa = &actions;
    ok(!svcctl_RChangeServiceConfig2W(service, info), "failure actions\n");
    info.dwInfoLevel = 8;
    info.psti = &triggers;
    ok(!svcctl_RChangeServiceConfig2W(service, info), "triggers\n");
    info.dwInfoLevel = 6; /* no arm, and no default */
    ok_status(CAUGHT(svcctl_RChangeServiceConfig2W(service, info)), RPC_S_INVALID_TAG, "level 6");
}

static void call_notify(SC_RPC_HANDLE service)
{
    SERVICE_NOTIFY_STATUS_CHANGE_PARAMS change = {
        .ullThreadId = 0x1122334455667788, .CallbackParamAddressArray = {[15] = 0xfe}, .dwSequence = 5};
    SC_RPC_NOTIFY_PARAMS params = {.dwInfoLevel = 2, .pStatusChangeParams = &change};
    GUID client = {.Data1 = 77}, process = {0};
    SC_NOTIFY_RPC_HANDLE handle = NULL;
    BOOL flag = 0;

    ok(!svcctl_RNotifyServiceStatusChange(service, params, &client, &process, &flag, &handle) &&
           process.Data1 == 77 && flag == 0x01010101 && handle,
       "notify\n");
    ok(!svcctl_RCloseNotifyHandle(&handle, &flag) && flag == 1 && !handle, "close\n");
}

static void calls(handle_t h)
{
    STRING_PTRSW arguments[] = {{(wchar_t *)L"svc"}, {NULL}, {(wchar_t *)L"-x"}};
    SERVICE_STATUS_PROCESS status;
    SC_RPC_HANDLE manager = NULL, service = NULL;
    DWORD tag = 4, needed = 0, length = 15;
    wchar_t name[16] = L"";

    (void)h;
    ok(!svcctl_ROpenSCManagerA((char *)"\\\\server", NULL, 1, &manager) && manager, "ANSI\n");
    ok(!svcctl_RCloseServiceHandle(&manager) && !manager, "close\n");
    ok(!svcctl_ROpenSCManagerW((wchar_t *)REAL_SERVER, (wchar_t *)L"ServicesActive", 1, &manager) && manager,
       "open\n");
    ok(!svcctl_RCreateServiceW(manager, (wchar_t *)L"svc", NULL, 0xf01ff, 0x10, 3, 1,
                               (wchar_t *)L"C:\\svc.exe", NULL, &tag, (BYTE *)L"a\0", 6, NULL, NULL, 0,
                               &service) &&
           service && tag == 5,
       "create\n");
    call_config(service);
    call_notify(service);
    ok(!svcctl_RStartServiceW(service, 3, arguments), "start\n");
    ok(!svcctl_RQueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof(status),
                                     &needed) &&
           needed == sizeof(status) && status.dwProcessId == 4321,
       "status\n");
    ok(!svcctl_RGetServiceDisplayNameW(manager, (wchar_t *)L"svc", name, &length) && length == 7 &&
           !wcscmp(name, L"The svc"),
       "display name\n");
    ok(!svcctl_RCloseServiceHandle(&service) && !svcctl_RCloseServiceHandle(&manager), "close\n");
}

/* The machine's own manager, over its well-known pipe ([MS-SCMR] 2.1): RpcSs is there on every system. */
static void call_machine(void)
{
    struct endpoint endpoint;
    QUERY_SERVICE_CONFIGW config = {0};
    SERVICE_STATUS_PROCESS status;
    SC_RPC_HANDLE manager = NULL, service = NULL;
    DWORD needed = 0;
    RPC_STATUS answer;

    winetest_context("the machine's own");
    name_endpoint(&endpoint, "ncacn_np", "\\pipe\\svcctl");
    real_here(&endpoint);
    answer = CAUGHT(ok_status(svcctl_ROpenSCManagerW(NULL, NULL, 1, &manager), 0, "ROpenSCManagerW"));
    if (answer) {
        /* Windows wants a client it knows. */
        ok(answer == RPC_S_ACCESS_DENIED || answer == RPC_S_SERVER_UNAVAILABLE, "the call raised %ld\n",
           (long)answer);
        skip("no service control manager on \\pipe\\svcctl\n");
        return;
    }
    ok_status(svcctl_ROpenServiceW(manager, (wchar_t *)L"no such service", 5, &service), 1060,
              "ROpenServiceW");
    ok(!service, "a handle to nothing\n");
    ok_status(svcctl_ROpenServiceW(manager, (wchar_t *)L"RpcSs", 5, &service), 0, "ROpenServiceW");
    ok_status(svcctl_RQueryServiceConfigW(service, &config, 0x2000, &needed), 0, "RQueryServiceConfigW");
    ok(config.lpBinaryPathName && wcslen(config.lpBinaryPathName) > 4, "path %ls\n", config.lpBinaryPathName);
    ok_status(svcctl_RQueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof(status),
                                           &needed),
              0, "RQueryServiceStatusEx");
    ok(status.dwCurrentState >= 1 && status.dwCurrentState <= 7, "state %lu\n",
       (unsigned long)status.dwCurrentState);
    ok(!svcctl_RCloseServiceHandle(&service) && !service, "close\n");
    ok(!svcctl_RCloseServiceHandle(&manager) && !manager, "close\n");
    midl_user_free(config.lpBinaryPathName);
    midl_user_free(config.lpLoadOrderGroup);
    midl_user_free(config.lpDependencies);
    midl_user_free(config.lpServiceStartName);
    midl_user_free(config.lpDisplayName);
}

START_TEST(real_svcctl)
{
    real_run(svcctl_v2_0_s_ifspec, &managers, calls);
    ok(!rundowns, "%ld rundowns\n", (long)rundowns);
    call_machine();
}
