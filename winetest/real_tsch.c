/*
 * The task scheduler ([MS-TSCH]): arrays of strings both ways, an array of structures of strings, arrays that
 * the server allocates by a count in another result.
 */
#include "real.h"
#include "tsch.h"

static HRESULT highest(handle_t h, DWORD *version)
{
    (void)h;
    *version = 0x10004;
    return 0;
}

static HRESULT register_task(handle_t h, const wchar_t *path, const wchar_t *xml, DWORD flags,
                             const wchar_t *sddl, DWORD logon, DWORD count, const TASK_USER_CRED *credentials,
                             wchar_t **actual, PTASK_XML_ERROR_INFO *error)
{
    (void)h, (void)logon;
    ok(!path && wcslen(xml) == 20000 && flags == 6 && !sddl, "arguments\n");
    ok(count == 2 && !wcscmp(credentials[0].userId, L"me") && !credentials[0].password &&
           credentials[1].flags == 5,
       "credentials\n");
    *actual = NULL;
    *error = midl_user_allocate(sizeof(**error));
    **error = (TASK_XML_ERROR_INFO){3, 14, real_text(L"Task"), NULL};
    return (HRESULT)0x8004131a;
}

static HRESULT enum_folders(handle_t h, const wchar_t *path, DWORD flags, DWORD *start, DWORD requested,
                            DWORD *count, TASK_NAMES *names)
{
    (void)h, (void)flags;
    ok(!wcscmp(path, L"\\") && *start == 2 && requested == 100, "arguments\n");
    *start = 5;
    *count = 3;
    *names = midl_user_allocate(3 * sizeof(**names));
    (*names)[0] = real_text(L"Microsoft");
    (*names)[1] = NULL;
    (*names)[2] = real_text(L"");
    return 1;
}

static HRESULT run_task(handle_t h, const wchar_t *path, DWORD count, const wchar_t **arguments, DWORD flags,
                        DWORD session, const wchar_t *user, GUID *instance)
{
    (void)h, (void)flags, (void)session;
    ok(!wcscmp(path, L"\\task") && !user, "arguments\n");
    ok(count == 0 ? !arguments : !wcscmp(arguments[0], L"first") && !wcscmp(arguments[1], L"second"),
       "%lu strings\n", (unsigned long)count);
    memset(instance, 0, sizeof(*instance));
    instance->Data2 = (unsigned short)count;
    return 0;
}

static HRESULT instance_info(handle_t h, GUID instance, wchar_t **path, DWORD *state, wchar_t **action,
                             wchar_t **info, DWORD *count, GUID **group, DWORD *pid)
{
    (void)h;
    *path = real_text(L"\\task");
    *action = NULL;
    *info = real_text(L"info");
    *state = TASK_STATE_RUNNING;
    *count = 2;
    *group = midl_user_allocate(2 * sizeof(**group));
    (*group)[0] = (*group)[1] = instance;
    (*group)[1].Data4[7]++;
    *pid = 77;
    return 0;
}

static HRESULT runtimes(handle_t h, const wchar_t *path, SYSTEMTIME *start, SYSTEMTIME *end, DWORD flags,
                        DWORD requested, DWORD *count, PSYSTEMTIME *times)
{
    (void)h, (void)path, (void)flags, (void)requested;
    ok(!start && end->wYear == 2030, "times\n");
    *count = 2;
    *times = midl_user_allocate(2 * sizeof(**times));
    memset(*times, 0, 2 * sizeof(**times));
    (*times)[1] = *end;
    return 0;
}

static const ITaskSchedulerService_SERVER_EPV managers = {
    .SchRpcHighestVersion = highest,
    .SchRpcRegisterTask = register_task,
    .SchRpcEnumFolders = enum_folders,
    .SchRpcRun = run_task,
    .SchRpcGetInstanceInfo = instance_info,
    .SchRpcScheduledRuntimes = runtimes,
};

static void call_register(handle_t h)
{
    TASK_USER_CRED credentials[] = {{L"me", NULL, 1}, {NULL, L"secret", 5}};
    wchar_t *actual = NULL, *xml = calloc(20001, sizeof(*xml));
    TASK_XML_ERROR_INFO *error = NULL;

    for (int i = 0; i < 20000; i++)
        xml[i] = L'x';
    ok(tsch_SchRpcRegisterTask(h, NULL, xml, 6, NULL, 3, 2, credentials, &actual, &error) ==
               (HRESULT)0x8004131a &&
           !actual && error->line == 3 && error->column == 14 && !wcscmp(error->node, L"Task") &&
           !error->value,
       "register\n");
    midl_user_free(error->node);
    midl_user_free(error);
    free(xml);
}

static void call_lists(handle_t h)
{
    DWORD start = 2, count = 0;
    TASK_NAMES names = NULL;
    SYSTEMTIME end = {.wYear = 2030}, *times = NULL;

    ok(tsch_SchRpcEnumFolders(h, L"\\", 0, &start, 100, &count, &names) == 1 && start == 5 && count == 3 &&
           !wcscmp(names[0], L"Microsoft") && !names[1] && !*names[2],
       "folders\n");
    midl_user_free(names[0]);
    midl_user_free(names[2]);
    midl_user_free(names);
    ok(!tsch_SchRpcScheduledRuntimes(h, L"\\task", NULL, &end, 0, 10, &count, &times) && count == 2 &&
           !times[0].wYear && times[1].wYear == 2030,
       "run times\n");
    midl_user_free(times);
}

static void call_instances(handle_t h)
{
    const wchar_t *arguments[] = {L"first", L"second"};
    GUID instance = {0}, *group = NULL;
    wchar_t *path = NULL, *action = NULL, *info = NULL;
    DWORD count = 0, state = 0, pid = 0;

    ok(!tsch_SchRpcRun(h, L"\\task", 0, NULL, 0, 0, NULL, &instance) && !instance.Data2,
       "run without arguments\n");
    ok(!tsch_SchRpcRun(h, L"\\task", 2, arguments, 0, 0, NULL, &instance) && instance.Data2 == 2, "run\n");
    ok(!tsch_SchRpcGetInstanceInfo(h, instance, &path, &state, &action, &info, &count, &group, &pid) &&
           count == 2 && !wcscmp(path, L"\\task") && !action && !wcscmp(info, L"info") &&
           state == TASK_STATE_RUNNING && pid == 77 && group[0].Data2 == 2 && group[1].Data4[7] == 1,
       "instance\n");
    midl_user_free(path);
    midl_user_free(info);
    midl_user_free(group);
}

static void calls(handle_t h)
{
    DWORD version = 0;

    ok(!tsch_SchRpcHighestVersion(h, &version) && version == 0x10004, "version %#lx\n",
       (unsigned long)version);
    call_register(h);
    call_lists(h);
    call_instances(h);
}

START_TEST(real_tsch)
{
    real_run(ITaskSchedulerService_v1_0_s_ifspec, &managers, calls);
}
