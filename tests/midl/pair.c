/* Client and server of a test's interface, in one process or in two. The server's process says by an event
 * that it listens; the client's ends it by a call and takes its exit status for its checks. */
#include "pair.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int passed, failed, skipped, pair_client_mixed, pair_server_mixed;
volatile LONG pair_allocated, pair_freed;
const char *const pair_protseq = "ncalrpc";
char pair_endpoint[80];

void *__RPC_USER midl_user_allocate(size_t n)
{
    InterlockedIncrement(&pair_allocated);
    return malloc(n);
}

void __RPC_USER midl_user_free(void *p)
{
    InterlockedIncrement(&pair_freed);
    free(p);
}

void check(int good, const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    if (good) {
        passed++;
        return;
    }
    failed++;
    printf("%s:%d: ", file, line);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    fflush(stdout);
}

static void listen_at(const struct pair *pair)
{
    ok(!RpcServerUseProtseqEpA((unsigned char *)pair_protseq, 10, (unsigned char *)pair_endpoint, NULL),
       "protseq");
    ok(!RpcServerRegisterIf(*pair->server, NULL, NULL), "register");
    if (pair->server_begin)
        pair->server_begin();
    ok(!RpcServerListen(1, 10, TRUE), "listen");
}

static void end(const struct pair *pair)
{
    ok(!RpcMgmtWaitServerListen(), "wait");
    if (pair->server_end)
        pair->server_end();
}

static void CALLBACK client_ended(void *context, BOOLEAN timed_out)
{
    (void)context, (void)timed_out;
    ExitProcess(3);
}

/* event_name ends with the client's process id: the server does not outlive it. */
static int serve(const struct pair *pair, const char *event_name)
{
    HANDLE event = OpenEventA(EVENT_MODIFY_STATE, FALSE, event_name), wait;
    HANDLE client = OpenProcess(SYNCHRONIZE, FALSE, strtoul(strrchr(event_name, '-') + 1, NULL, 10));

    ok(RegisterWaitForSingleObject(&wait, client, client_ended, NULL, INFINITE, WT_EXECUTEONLYONCE), "wait");

    ok(event != NULL, "event %s", event_name);
    snprintf(pair_endpoint, sizeof(pair_endpoint), "%s", event_name);
    listen_at(pair);
    SetEvent(event);
    end(pair);
    printf("%s, the server: %d passed, %d failed\n", pair->name, passed, failed);
    return failed != 0;
}

static void call(const struct pair *pair)
{
    unsigned char *text;
    handle_t h;

    ok(!RpcStringBindingComposeA(NULL, (unsigned char *)pair_protseq, NULL, (unsigned char *)pair_endpoint,
                                 NULL, &text),
       "compose");
    ok(!RpcBindingFromStringBindingA(text, &h), "binding");
    RpcStringFreeA(&text);
    pair->client(h);
    pair->stop(h);
    RpcBindingFree(&h);
}

static int apart(const struct pair *pair, const char *program)
{
    STARTUPINFOA start = {.cb = sizeof(start)};
    PROCESS_INFORMATION process;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, pair_endpoint), wait[2];
    char line[1024];
    DWORD status = 1;

    fflush(stdout);
    snprintf(line, sizeof(line), "\"%s\" serve %s", program, pair_endpoint);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &start, &process)) {
        fprintf(stderr, "%s: cannot start %s: error %lu\n", pair->name, program, GetLastError());
        return 2;
    }
    wait[0] = event;
    wait[1] = process.hProcess;
    ok(WaitForMultipleObjects(2, wait, FALSE, INFINITE) == WAIT_OBJECT_0, "the server ended early");
    if (!failed)
        call(pair);
    if (failed)
        TerminateProcess(process.hProcess, 1);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &status);
    ok(!status, "the server's status is %lu", status);
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    CloseHandle(event);
    return 0;
}

/* Programs of -Os stubs end with "_os" or "_epv" (midl.mk). */
static int is_mixed(const char *program)
{
    return strstr(program, "_os") || strstr(program, "_epv");
}

int pair_main(int argc, char **argv, const struct pair *pair)
{
    char self[512];

    setvbuf(stdout, NULL, _IOLBF, 4096);
    pair_client_mixed = is_mixed(argv[0]);
    pair_server_mixed = is_mixed(argv[argc > 2 && !strcmp(argv[1], "apart") ? 2 : 0]);
    snprintf(pair_endpoint, sizeof(pair_endpoint), "%s-%lu", pair->name, GetCurrentProcessId());
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return serve(pair, argv[2]);
    if (argc > 1 && !strcmp(argv[1], "apart")) {
        GetModuleFileNameA(NULL, self, sizeof(self));
        if (apart(pair, argc > 2 ? argv[2] : self))
            return 2;
    } else {
        listen_at(pair);
        call(pair);
        end(pair);
    }
    printf("%s: %d passed, %d failed, %d skipped\n", pair->name, passed, failed, skipped);
    return failed != 0;
}
