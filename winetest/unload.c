/*
 * The DLL goes and comes again: a copy of rpcrt4.dll under another name is loaded, used and freed, many
 * times, beside the one that this program itself uses. Nothing of a copy that is gone may be called, or left
 * over.
 */
#include "fixture.h"

enum { ROUNDS = 1200 }; /* more than there are thread-local slots (SDK, TlsAlloc: 1088) */

struct copy {
    char path[MAX_PATH];
    HMODULE module;
    RPC_STATUS(RPC_ENTRY *set_cancel_timeout)(LONG);
    RPC_STATUS(RPC_ENTRY *enable_allocate)(void);
    RPC_STATUS(RPC_ENTRY *compose)(RPC_CSTR, RPC_CSTR, RPC_CSTR, RPC_CSTR, RPC_CSTR, RPC_CSTR *);
    RPC_STATUS(RPC_ENTRY *string_free)(RPC_CSTR *);
    RPC_STATUS(RPC_ENTRY *from_string)(RPC_CSTR, RPC_BINDING_HANDLE *);
    RPC_STATUS(RPC_ENTRY *binding_free)(RPC_BINDING_HANDLE *);
    RPC_STATUS(RPC_ENTRY *uuid_create)(UUID *);
};

/* FALSE: this rpcrt4.dll cannot be loaded twice. */
static BOOL load(struct copy *copy)
{
    static const char *const names[] = {"RpcMgmtSetCancelTimeout",
                                        "RpcSmEnableAllocate",
                                        "RpcStringBindingComposeA",
                                        "RpcStringFreeA",
                                        "RpcBindingFromStringBindingA",
                                        "RpcBindingFree",
                                        "UuidCreate"};
    FARPROC *at = (FARPROC *)&copy->set_cancel_timeout;

    copy->module = LoadLibraryA(copy->path);
    if (!copy->module || copy->module == GetModuleHandleA("rpcrt4.dll"))
        return FALSE;
    for (unsigned i = 0; i < ARRAYSIZE(names); i++)
        if (!ok((at[i] = GetProcAddress(copy->module, names[i])) != NULL, "no %s\n", names[i]))
            return FALSE;
    return TRUE;
}

static void make_file(struct copy *copy)
{
    char original[MAX_PATH], folder[MAX_PATH];

    GetModuleFileNameA(GetModuleHandleA("rpcrt4.dll"), original, sizeof(original));
    GetTempPathA(sizeof(folder), folder);
    snprintf(copy->path, sizeof(copy->path), "%srpc_copy_%x.dll", folder, run_id());
    ok(CopyFileA(original, copy->path, FALSE), "copying %s to %s: %lu\n", original, copy->path,
       GetLastError());
}

/* What leaves something with the thread, and what does not. */
static void use(struct copy *copy)
{
    RPC_CSTR text = NULL;
    RPC_BINDING_HANDLE h = NULL;
    UUID uuid;

    ok_status(copy->set_cancel_timeout(5), RPC_S_OK, "RpcMgmtSetCancelTimeout");
    ok_status(copy->enable_allocate(), RPC_S_OK, "RpcSmEnableAllocate");
    ok_status(copy->uuid_create(&uuid), RPC_S_OK, "UuidCreate");
    ok_status(copy->compose(NULL, (RPC_CSTR) "ncalrpc", NULL, (RPC_CSTR) "e", NULL, &text), RPC_S_OK,
              "RpcStringBindingCompose");
    ok_status(copy->from_string(text, &h), RPC_S_OK, "RpcBindingFromStringBinding");
    ok_status(copy->binding_free(&h), RPC_S_OK, "RpcBindingFree");
    ok_status(copy->string_free(&text), RPC_S_OK, "RpcStringFree");
}

static HANDLE used, gone;

static DWORD WINAPI outlive(void *context)
{
    use(context);
    SetEvent(used);
    wait_for(gone, "the end of the copy");
    return 7;
}

/* A thread that has used the copy ends after it: SDK, FlsAlloc, calls back for a slot that was not freed. */
static void test_thread_outlives(struct copy *copy)
{
    HANDLE thread;
    DWORD code = 0;

    used = CreateEventA(NULL, TRUE, FALSE, NULL);
    gone = CreateEventA(NULL, TRUE, FALSE, NULL);
    if (!ok(load(copy), "not loaded\n"))
        return;
    thread = CreateThread(NULL, 0, outlive, copy, 0, NULL);
    wait_for(used, "the thread");
    ok(FreeLibrary(copy->module), "FreeLibrary: %lu\n", GetLastError());
    ok(!GetModuleHandleA(copy->path), "the copy is still there\n");
    SetEvent(gone);
    wait_for(thread, "the thread's end");
    GetExitCodeThread(thread, &code);
    ok(code == 7, "the thread ended with %lx\n", code);
    CloseHandle(thread);
    CloseHandle(used);
    CloseHandle(gone);
}

static void test_rounds(struct copy *copy)
{
    DWORD before = 0, after = 0;
    int i;

    for (i = 0; i < ROUNDS && load(copy); i++) {
        use(copy);
        FreeLibrary(copy->module);
        if (GetModuleHandleA(copy->path))
            break;
        if (i == 10)
            GetProcessHandleCount(GetCurrentProcess(), &before);
    }
    ok(i == ROUNDS, "it went wrong in round %d\n", i);
    GetProcessHandleCount(GetCurrentProcess(), &after);
    ok(after <= before + 20, "%lu handles, %lu after round 10\n", after, before);
}

START_TEST(unload)
{
    struct copy copy;

    make_file(&copy);
    if (!load(&copy)) {
        skip("rpcrt4.dll cannot be loaded a second time\n");
    } else {
        FreeLibrary(copy.module);
        test_thread_outlives(&copy);
        test_rounds(&copy);
    }
    DeleteFileA(copy.path);
}
