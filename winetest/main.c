/*
 * The harness: runs topics, each in a process of its own, and adds up.
 *
 * The first process owns a named section with the counters and a job object; every other process of the run
 * finds the section by the name it inherits in the environment. A topic that crashes or hangs is one failure
 * of that topic and stops no other.
 */
#include "winetest.h"

#define RUN_VARIABLE  "RPCRT4_WINETEST_RUN"
#define SIZE_VARIABLE "RPCRT4_WINETEST_SIZE"

struct counters {
    volatile LONG passed;
    volatile LONG failed;
    volatile LONG skipped;
    volatile LONG whole; /* topics that came to their end */
};

static struct topic *topics;
static struct child_role *roles;
static struct counters *counters;
static char run_name[32];
static char context[128];
static char topic_name[32];
static char self_path[MAX_PATH];

void register_topic(struct topic *topic)
{
    struct topic **at = &topics;

    while (*at && strcmp((*at)->name, topic->name) < 0)
        at = &(*at)->next;
    topic->next = *at;
    *at = topic;
}

void register_child(struct child_role *role)
{
    role->next = roles;
    roles = role;
}

/* One write a line, so that lines of several processes do not mix. */
static void print_line(const char *file, int line, const char *kind, const char *format, va_list args)
{
    const char *name = file;
    char text[1024];
    size_t used;
    DWORD written;

    for (const char *p = file; *p; p++)
        if (*p == '/' || *p == '\\')
            name = p + 1;
    used = snprintf(text, sizeof(text), "%s:%d: %s%s%s", name, line, kind, context, *context ? ": " : "");
    if (used < sizeof(text))
        vsnprintf(text + used, sizeof(text) - used, format, args);
    fflush(stdout);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, (DWORD)strlen(text), &written, NULL);
}

int winetest_ok(const char *file, int line, int condition, const char *format, ...)
{
    va_list args;

    if (condition) {
        InterlockedIncrement(&counters->passed);
        return 1;
    }
    InterlockedIncrement(&counters->failed);
    va_start(args, format);
    print_line(file, line, "Test failed: ", format, args);
    va_end(args);
    return 0;
}

void winetest_skip(const char *file, int line, const char *format, ...)
{
    va_list args;

    InterlockedIncrement(&counters->skipped);
    va_start(args, format);
    print_line(file, line, "Tests skipped: ", format, args);
    va_end(args);
}

void winetest_trace(const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(file, line, "", format, args);
    va_end(args);
}

void winetest_context(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
}

int wait_for(HANDLE object, const char *what)
{
    DWORD ret = WaitForSingleObject(object, HANG_GUARD);

    return ok(ret == WAIT_OBJECT_0, "%s: wait ended with %lu, error %lu\n", what, ret, GetLastError());
}

DWORD wait_alertable(HANDLE object)
{
    return WaitForSingleObjectEx(object, HANG_GUARD, TRUE);
}

LONG topic_size(LONG usual)
{
    char text[16];
    DWORD length = GetEnvironmentVariableA(SIZE_VARIABLE, text, sizeof(text));

    return length && length < sizeof(text) ? strtol(text, NULL, 10) : usual;
}

unsigned run_id(void)
{
    return (unsigned)strtoul(run_name, NULL, 16);
}

HANDLE shared_event(const char *name, int manual)
{
    char full[96];
    HANDLE event;

    snprintf(full, sizeof(full), "rpcrt4_winetest_%s_%s", run_name, name);
    event = CreateEventA(NULL, manual, FALSE, full);
    ok(event != NULL, "CreateEvent %s failed: %lu\n", full, GetLastError());
    return event;
}

static HANDLE start(const char *program, char *command)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION info;
    BOOL started = FALSE;

    /* Wine's loader may find its place in the new address space taken; the next one is laid out anew. */
    for (int tries = 3; tries && !started; tries--)
        started = CreateProcessA(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info);
    if (!started) {
        ok(0, "cannot start %s: %lu\n", command, GetLastError());
        ExitProcess(3);
    }
    CloseHandle(info.hThread);
    return info.hProcess;
}

static HANDLE start_self(const char *arguments)
{
    char command[1024];

    snprintf(command, sizeof(command), "\"%s\" %s", self_path, arguments);
    return start(self_path, command);
}

void child_command(char *command, size_t size, const char *program, const char *role)
{
    snprintf(command, size, "\"%s\" --run %s --child %s %s", program, run_name, topic_name, role);
}

HANDLE child_start_program(const char *program, const char *role)
{
    char command[1024];

    child_command(command, sizeof(command), program, role);
    return start(program, command);
}

HANDLE child_start(const char *role, const char *format, ...)
{
    char arguments[512];
    size_t used;
    va_list args;

    used = snprintf(arguments, sizeof(arguments), "--child %s %s ", topic_name, role);
    va_start(args, format);
    vsnprintf(arguments + used, sizeof(arguments) - used, format, args);
    va_end(args);
    return start_self(arguments);
}

void child_wait(HANDLE process, DWORD expected_code)
{
    DWORD code = ~0u;

    if (wait_for(process, "end of child process")) {
        GetExitCodeProcess(process, &code);
        ok(code == expected_code, "child process ended with %#lx, expected %#lx\n", code, expected_code);
    } else {
        print_hung_process(process);
        TerminateProcess(process, 3);
    }
    CloseHandle(process);
}

/* Below what systems give to sockets that connect, which would take a port between this look and its use.
 * Where the search begins differs from process to process. */
unsigned short free_tcp_port(void)
{
    enum { FIRST = 10000, COUNT = 20000 };
    static LONG next;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned start = GetCurrentProcessId() * 2654435761u ^ GetTickCount();

    for (unsigned tries = 0; tries < COUNT; tries++) {
        SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
        BOOL bound;

        address.sin_port = htons(FIRST + (start + InterlockedIncrement(&next)) % COUNT);
        bound = s != INVALID_SOCKET && !bind(s, (struct sockaddr *)&address, sizeof(address));
        closesocket(s);
        if (bound)
            return ntohs(address.sin_port);
    }
    ok(0, "no free TCP port: %d\n", WSAGetLastError());
    ExitProcess(3);
}

SOCKET taken_tcp_port(unsigned short *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int length = sizeof(address), on = TRUE;
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof(on));
    ok(!bind(s, (struct sockaddr *)&address, sizeof(address)) && !listen(s, 1) &&
           !getsockname(s, (struct sockaddr *)&address, &length),
       "no socket: %d\n", WSAGetLastError());
    *port = ntohs(address.sin_port);
    return s;
}

static void open_counters(void)
{
    char full[64];
    HANDLE section;

    snprintf(full, sizeof(full), "rpcrt4_winetest_%s", run_name);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(*counters), full);
    if (section)
        counters = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    if (!counters) {
        fprintf(stderr, "rpcrt4_winetest: no shared memory: error %lu\n", GetLastError());
        ExitProcess(3);
    }
}

static const struct topic *find_topic(const char *name)
{
    for (const struct topic *topic = topics; topic; topic = topic->next)
        if (!strcmp(topic->name, name))
            return topic;
    return NULL;
}

/* What wrote beyond its memory may have done no harm yet. */
static void DECLSPEC_NORETURN leave_child(void)
{
    ok(HeapValidate(GetProcessHeap(), 0, NULL), "the process's heap is damaged\n");
    fflush(stdout);
    ExitProcess(0);
}

/* In the process of the topic itself. */
static void run_here(const char *name)
{
    snprintf(topic_name, sizeof(topic_name), "%s", name);
    find_topic(name)->run();
    InterlockedIncrement(&counters->whole);
    leave_child();
}

static void run_child(const char *topic, const char *role_name, int argc, char **argv)
{
    snprintf(topic_name, sizeof(topic_name), "%s", topic);
    for (const struct child_role *role = roles; role; role = role->next) {
        if (strcmp(role->name, role_name))
            continue;
        role->run(argc, argv);
        leave_child();
    }
    ok(0, "no child role %s\n", role_name);
    ExitProcess(3);
}

/* Seconds a topic may take, from the environment for who tests the harness. */
static DWORD topic_limit(void)
{
    char text[16];
    DWORD length = GetEnvironmentVariableA("RPCRT4_WINETEST_LIMIT", text, sizeof(text));

    return length && length < sizeof(text) ? strtoul(text, NULL, 10) * 1000 : TOPIC_GUARD;
}

/* In the first process: a topic as a child, in a job that takes its own children with it. */
static void run_topic(const struct topic *topic)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
    struct counters before = *counters;
    HANDLE job = CreateJobObjectA(NULL, NULL);
    char arguments[64];
    DWORD pid, code = ~0u;
    HANDLE process;

    snprintf(topic_name, sizeof(topic_name), "%s", topic->name);
    snprintf(arguments, sizeof(arguments), "--topic %s", topic->name);
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits));
    process = start_self(arguments);
    AssignProcessToJobObject(job, process);
    pid = GetProcessId(process);
    if (WaitForSingleObject(process, topic_limit()) != WAIT_OBJECT_0) {
        ok(0, "%s: hung, killed\n", topic->name);
        print_hung_job(job);
        TerminateProcess(process, 3);
    } else {
        GetExitCodeProcess(process, &code);
        ok(code == 0, "%s: ended with %#lx\n", topic->name, code);
        ok(code || counters->whole != before.whole, "%s: ended before its end\n", topic->name);
    }
    TerminateJobObject(job, 3);
    CloseHandle(job);
    CloseHandle(process);
    printf("%04lx:%s: %ld tests executed (0 marked as todo, %ld failures), %ld skipped.\n", pid, topic->name,
           counters->passed - before.passed + counters->failed - before.failed,
           counters->failed - before.failed, counters->skipped - before.skipped);
    fflush(stdout);
}

/* Instead of a debugger's dialog: one line and the exception as exit code. */
static LONG WINAPI on_crash(EXCEPTION_POINTERS *info)
{
    printf("%s: unhandled exception %#lx at %p\n", topic_name, info->ExceptionRecord->ExceptionCode,
           info->ExceptionRecord->ExceptionAddress);
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), info->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* One role alone, for tools that pair this program with another: prints its own summary. */
static int run_peer(const char *role_name, int argc, char **argv)
{
    snprintf(run_name, sizeof(run_name), "%lx", GetCurrentProcessId());
    snprintf(topic_name, sizeof(topic_name), "%s", role_name);
    open_counters();
    for (const struct child_role *role = roles; role; role = role->next)
        if (!strcmp(role->name, role_name))
            role->run(argc, argv);
    printf("%ld passed, %ld failed, %ld skipped\n", counters->passed, counters->failed, counters->skipped);
    return counters->failed || !counters->passed;
}

static int usage(const char *bad)
{
    fprintf(stderr, "rpcrt4_winetest: no topic %s; --list shows them\n", bad);
    return 2;
}

static BOOL is_size(const char *text)
{
    return text && *text && strspn(text, "0123456789") == strlen(text);
}

static int run_topics(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!find_topic(argv[i]) && !(i > 1 && is_size(argv[i])))
            return usage(argv[i]);
    snprintf(run_name, sizeof(run_name), "%lx", GetCurrentProcessId());
    SetEnvironmentVariableA(RUN_VARIABLE, run_name);
    open_counters();
    if (argc > 1)
        for (int i = 1; i < argc; i++) {
            SetEnvironmentVariableA(SIZE_VARIABLE, is_size(argv[i + 1]) ? argv[i + 1] : NULL);
            if (find_topic(argv[i]))
                run_topic(find_topic(argv[i]));
        }
    else
        for (const struct topic *topic = topics; topic; topic = topic->next)
            run_topic(topic);
    printf("%ld passed, %ld failed, %ld skipped\n", counters->passed, counters->failed, counters->skipped);
    return counters->failed != 0;
}

int main(int argc, char **argv)
{
    WSADATA data;

    SetUnhandledExceptionFilter(on_crash);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    WSAStartup(MAKEWORD(2, 2), &data);
    GetModuleFileNameA(NULL, self_path, sizeof(self_path));
    if (argc == 2 && !strcmp(argv[1], "--list")) {
        for (const struct topic *topic = topics; topic; topic = topic->next)
            puts(topic->name);
        return 0;
    }
    if (argc >= 3 && !strcmp(argv[1], "--peer"))
        return run_peer(argv[2], argc - 3, argv + 3);
    if (argc < 3 || strncmp(argv[1], "--", 2))
        return run_topics(argc, argv);
    if (!strcmp(argv[1], "--run") && argc >= 4) {
        SetEnvironmentVariableA(RUN_VARIABLE, argv[2]);
        argc -= 2;
        argv += 2;
    }
    if (!GetEnvironmentVariableA(RUN_VARIABLE, run_name, sizeof(run_name)))
        return usage(argv[1]);
    open_counters();
    if (!strcmp(argv[1], "--topic") && find_topic(argv[2]))
        run_here(argv[2]);
    if (!strcmp(argv[1], "--child") && argc >= 4)
        run_child(argv[2], argv[3], argc - 4, argv + 4);
    return usage(argv[2]);
}
