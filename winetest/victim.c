/*
 * Children that a test kills.
 *
 * They end by TerminateProcess, with nothing tidied up, but only while each of their other threads waits in
 * the kernel. Wine makes a send in the client process and has it report to wineserver afterwards; a process
 * killed between the two leaves its socket open in wineserver for ever, and its peer never sees the end
 * (measured with Wine 8.0 and plain sockets: one kill in five, right after an answer was received on a loaded
 * machine). No peer can make good for that, and no test of ours is about it.
 */
#include "winetest.h"
#include <tlhelp32.h>

enum { KILLED = 77, THREADS_MAX = 64, STUB_SIZE = 32 };

struct others {
    HANDLE threads[THREADS_MAX];
    unsigned count;
};

static void event_name(DWORD pid, char name[32])
{
    snprintf(name, 32, "kill_%lx", pid);
}

static void open_others(struct others *others)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof(entry)};

    others->count = 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
        HANDLE thread;

        if (entry.th32OwnerProcessID != GetCurrentProcessId() || entry.th32ThreadID == GetCurrentThreadId())
            continue;
        thread = OpenThread(THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE, entry.th32ThreadID);
        if (thread && ok(others->count < THREADS_MAX, "too many threads\n"))
            others->threads[others->count++] = thread;
    }
    CloseHandle(snapshot);
}

static void close_others(struct others *others)
{
    while (others->count)
        CloseHandle(others->threads[--others->count]);
}

/* Is the suspended thread inside one of the system calls that wait? */
static BOOL at_rest(HANDLE thread, const ULONG_PTR *waits, unsigned count)
{
    CONTEXT context = {.ContextFlags = CONTEXT_CONTROL};
    ULONG_PTR at;

    if (!GetThreadContext(thread, &context))
        return FALSE;
#ifdef _WIN64
    at = context.Rip;
#else
    at = context.Eip;
#endif
    for (unsigned i = 0; i < count; i++)
        if (waits[i] && at - waits[i] < STUB_SIZE)
            return TRUE;
    return FALSE;
}

/* Between the first suspension and the last resumption nothing may be called that takes a lock. */
static void try_to_die(const ULONG_PTR *waits, unsigned count)
{
    struct others others;
    unsigned resting = 0;

    open_others(&others);
    for (unsigned i = 0; i < others.count; i++)
        SuspendThread(others.threads[i]);
    for (unsigned i = 0; i < others.count; i++)
        resting += at_rest(others.threads[i], waits, count);
    if (resting == others.count)
        TerminateProcess(GetCurrentProcess(), KILLED);
    for (unsigned i = 0; i < others.count; i++)
        ResumeThread(others.threads[i]);
    close_others(&others);
}

void child_awaits_kill(void)
{
    static const char *const names[] = {"NtDelayExecution",         "NtRemoveIoCompletion",
                                        "NtRemoveIoCompletionEx",   "NtWaitForAlertByThreadId",
                                        "NtWaitForKeyedEvent",      "NtWaitForSingleObject",
                                        "NtWaitForMultipleObjects", "NtWaitForWorkViaWorkerFactory"};
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    ULONG_PTR waits[ARRAYSIZE(names)];
    ULONGLONG end;
    char name[32];

    for (unsigned i = 0; i < ARRAYSIZE(names); i++)
        waits[i] = (ULONG_PTR)GetProcAddress(ntdll, names[i]);
    event_name(GetCurrentProcessId(), name);
    WaitForSingleObject(shared_event(name, TRUE), 4 * HANG_GUARD);
    for (end = GetTickCount64() + HANG_GUARD; GetTickCount64() < end; Sleep(1))
        try_to_die(waits, ARRAYSIZE(waits));
    ok(0, "the threads do not come to rest\n");
    ExitProcess(3);
}

void child_kill(HANDLE process)
{
    char name[32];
    HANDLE event;

    event_name(GetProcessId(process), name);
    event = shared_event(name, TRUE);
    SetEvent(event);
    child_wait(process, KILLED);
    CloseHandle(event);
}
