/*
 * What can be told of a topic, or one process of it, that hangs: the stacks, by winedbg, where there is one.
 */
#include "winetest.h"
#include <tlhelp32.h>

enum { PROCESSES_MAX = 32, DEBUGGER_GUARD = 60000 };

static void write_commands(FILE *file, DWORD pid)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof(entry)};

    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        if (entry.th32OwnerProcessID == pid)
            fprintf(file, "bt 0x%lx\n", entry.th32ThreadID);
    fprintf(file, "detach\nquit\n");
    CloseHandle(snapshot);
}

static void debug(const char *script, DWORD pid)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION info;
    char command[MAX_PATH + 64];

    snprintf(command, sizeof(command), "winedbg --file %s 0x%lx", script, pid);
    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info))
        return;
    if (WaitForSingleObject(info.hProcess, DEBUGGER_GUARD) != WAIT_OBJECT_0)
        TerminateProcess(info.hProcess, 3);
    CloseHandle(info.hThread);
    CloseHandle(info.hProcess);
}

static void print_stacks(DWORD pid)
{
    char directory[MAX_PATH], script[MAX_PATH];
    FILE *file;

    printf("process %lx:\n", pid);
    fflush(stdout);
    if (!GetTempPathA(sizeof(directory), directory) || !GetTempFileNameA(directory, "rpc", 0, script) ||
        !(file = fopen(script, "w")))
        return;
    write_commands(file, pid);
    fclose(file);
    debug(script, pid);
    DeleteFileA(script);
}

void print_hung_process(HANDLE process)
{
    print_stacks(GetProcessId(process));
}

void print_hung_job(HANDLE job)
{
    struct {
        JOBOBJECT_BASIC_PROCESS_ID_LIST list;
        ULONG_PTR more[PROCESSES_MAX];
    } processes;

    if (!QueryInformationJobObject(job, JobObjectBasicProcessIdList, &processes, sizeof(processes), NULL))
        return;
    for (DWORD i = 0; i < processes.list.NumberOfProcessIdsInList; i++)
        print_stacks((DWORD)processes.list.ProcessIdList[i]);
}
