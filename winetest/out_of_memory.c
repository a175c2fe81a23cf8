/*
 * Memory that runs out: every allocation that an operation makes fails once, one after the other. SDK pages
 * of the functions: RPC_S_OUT_OF_MEMORY; then the operation works again, and nothing is lost. Which status a
 * call shows where it is the server that lacks memory is unverified on Windows.
 *
 * The heap's functions are replaced in the import table of rpcrt4.dll. A copy of the DLL that imports none of
 * them is skipped.
 */
#include "async_client.h"
#include "test_sync.h"

typedef void *WINAPI alloc_function(HANDLE heap, ULONG flags, SIZE_T size);
typedef void *WINAPI realloc_function(HANDLE heap, ULONG flags, void *memory, SIZE_T size);
typedef BOOL WINAPI free_function(HANDLE heap, ULONG flags, void *memory);

static alloc_function *real_alloc;
static realloc_function *real_realloc;
static free_function *real_free;
static volatile LONG countdown, live; /* allocations until one fails; those that were not freed */
static volatile LONG failed;
static volatile DWORD only_thread; /* whose allocations fail; 0: everyone's but spared's */
static DWORD spared;

static BOOL fails_now(void)
{
    DWORD self = GetCurrentThreadId();

    if (countdown <= 0 || (only_thread ? self != only_thread : self == spared))
        return FALSE;
    if (InterlockedDecrement(&countdown))
        return FALSE;
    failed = TRUE;
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return TRUE;
}

static void *WINAPI hook_alloc(HANDLE heap, ULONG flags, SIZE_T size)
{
    void *memory = fails_now() ? NULL : real_alloc(heap, flags, size);

    if (memory)
        InterlockedIncrement(&live);
    return memory;
}

static void *WINAPI hook_realloc(HANDLE heap, ULONG flags, void *memory, SIZE_T size)
{
    return fails_now() ? NULL : real_realloc(heap, flags, memory, size);
}

static BOOL WINAPI hook_free(HANDLE heap, ULONG flags, void *memory)
{
    if (memory)
        InterlockedDecrement(&live);
    return real_free(heap, flags, memory);
}

/* ---- the import table */

static void put_pointer(void **at, void *value)
{
    DWORD protection;

    VirtualProtect(at, sizeof(*at), PAGE_READWRITE, &protection);
    *at = value;
    VirtualProtect(at, sizeof(*at), protection, &protection);
}

static void hook_import(void **at, const char *name)
{
    static const struct {
        const char *name;
        void *hook, *real;
    } hooks[] = {
        {"HeapAlloc", hook_alloc, &real_alloc},       {"RtlAllocateHeap", hook_alloc, &real_alloc},
        {"HeapReAlloc", hook_realloc, &real_realloc}, {"RtlReAllocateHeap", hook_realloc, &real_realloc},
        {"HeapFree", hook_free, &real_free},          {"RtlFreeHeap", hook_free, &real_free},
    };

    for (unsigned i = 0; i < ARRAYSIZE(hooks); i++)
        if (!strcmp(name, hooks[i].name)) {
            *(void **)hooks[i].real = *at;
            put_pointer(at, hooks[i].hook);
        }
}

static BOOL hook_heap(void)
{
    BYTE *base = (BYTE *)GetModuleHandleA("rpcrt4.dll");
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    DWORD imports = headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;

    for (IMAGE_IMPORT_DESCRIPTOR *from = (void *)(base + imports); imports && from->Name; from++) {
        IMAGE_THUNK_DATA *name = (void *)(base + from->OriginalFirstThunk);

        if (!from->OriginalFirstThunk)
            continue;
        for (void **at = (void **)(base + from->FirstThunk); name->u1.AddressOfData; name++, at++)
            if (!IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal))
                hook_import(at, ((IMAGE_IMPORT_BY_NAME *)(base + name->u1.AddressOfData))->Name);
    }
    return real_alloc && real_free;
}

/* ---- operations: RPC_S_OK when all of it was done, and nothing is left over in any case */

static struct endpoint endpoints[TRANSPORT_COUNT], *endpoint;
static handle_t bound;

static RPC_STATUS strings(void)
{
    RPC_CSTR text = NULL, parts[5] = {NULL};
    RPC_STATUS status =
        RpcStringBindingComposeA((RPC_CSTR) "6d7f1c3e-52a0-4d0e-9b6b-0a1f6f0a5eff", (RPC_CSTR) "ncacn_np",
                                 (RPC_CSTR) "\\\\a[b", (RPC_CSTR) "\\pipe\\c", (RPC_CSTR) "x=y", &text);

    if (status == RPC_S_OK)
        status = RpcStringBindingParseA(text, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4]);
    for (unsigned i = 0; i < ARRAYSIZE(parts) && status == RPC_S_OK; i++)
        RpcStringFreeA(&parts[i]);
    if (text)
        RpcStringFreeA(&text);
    return status;
}

static RPC_STATUS bindings(void)
{
    static WCHAR text[] = L"6d7f1c3e-52a0-4d0e-9b6b-0a1f6f0a5eff@ncacn_np:host[\\\\pipe\\\\n,"
                          L"Security=anonymous static true]";
    handle_t h = NULL, copy = NULL;
    RPC_WSTR back = NULL;
    RPC_CSTR principal = NULL;
    RPC_STATUS status = RpcBindingFromStringBindingW((RPC_WSTR)text, &h);

    if (status == RPC_S_OK)
        status = RpcBindingSetAuthInfoA(h, (RPC_CSTR) "who", RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_AUTHN_WINNT,
                                        NULL, RPC_C_AUTHZ_NONE);
    if (status == RPC_S_OK)
        status = RpcBindingInqAuthInfoA(h, &principal, NULL, NULL, NULL, NULL);
    if (status == RPC_S_OK)
        status = RpcStringFreeA(&principal);
    if (status == RPC_S_OK)
        status = RpcBindingCopy(h, &copy);
    if (status == RPC_S_OK)
        status = RpcBindingToStringBindingW(copy, &back);
    if (back)
        RpcStringFreeW(&back);
    if (copy)
        RpcBindingFree(&copy);
    if (h)
        RpcBindingFree(&h);
    return status;
}

static RPC_STATUS vectors(void)
{
    RPC_PROTSEQ_VECTORA *protseqs = NULL;
    RPC_BINDING_VECTOR *vector = NULL;
    RPC_IF_ID_VECTOR *ids = NULL;
    RPC_STATS_VECTOR *stats = NULL;
    RPC_STATUS status = RpcNetworkInqProtseqsA(&protseqs);

    if (status == RPC_S_OK)
        RpcProtseqVectorFreeA(&protseqs);
    if (status == RPC_S_OK && (status = RpcServerInqBindings(&vector)) == RPC_S_OK)
        RpcBindingVectorFree(&vector);
    if (status == RPC_S_OK && (status = RpcMgmtInqIfIds(NULL, &ids)) == RPC_S_OK)
        RpcIfIdVectorFree(&ids);
    if (status == RPC_S_OK && (status = RpcMgmtInqStats(NULL, &stats)) == RPC_S_OK)
        RpcMgmtStatsVectorFree(&stats);
    return status;
}

static RPC_STATUS uuids(void)
{
    UUID uuid = {1, 2, 3, {4}};
    RPC_CSTR narrow = NULL;
    RPC_WSTR wide = NULL;
    RPC_STATUS status = UuidToStringA(&uuid, &narrow);

    if (status == RPC_S_OK)
        status = UuidToStringW(&uuid, &wide);
    if (narrow)
        RpcStringFreeA(&narrow);
    if (wide)
        RpcStringFreeW(&wide);
    return status;
}

static RPC_STATUS registry(void)
{
    static UUID type = {1, 1, 1, {1}}, object = {2, 2, 2, {2}};
    RPC_STATUS status = RpcServerRegisterIf(test_sync_v1_2_s_ifspec, &type, NULL);

    if (status == RPC_S_OK) {
        status = RpcObjectSetType(&object, &type);
        RpcObjectSetType(&object, NULL);
        RpcServerUnregisterIf(test_sync_v1_2_s_ifspec, &type, FALSE);
    }
    return status;
}

static RPC_STATUS text_calls(void)
{
    static WCHAR text[] = L"some text";
    RPC_STATUS status = CAUGHT(sync_string_unique(bound, text));
    WCHAR *made = NULL;

    if (status == RPC_S_OK)
        status = CAUGHT(sync_string_out(bound, 100, &made));
    midl_user_free(made);
    return status;
}

static RPC_STATUS array_calls(void)
{
    static LONG longs[20000];

    return CAUGHT(sync_array_in(bound, 20000, longs));
}

static RPC_STATUS new_binding(void)
{
    handle_t h = NULL;
    RPC_CSTR text = NULL;
    RPC_STATUS status = RpcStringBindingComposeA(NULL, (RPC_CSTR)endpoint->transport->protseq,
                                                 (RPC_CSTR)endpoint->transport->network,
                                                 (RPC_CSTR)endpoint->name, NULL, &text);

    if (status == RPC_S_OK)
        status = RpcBindingFromStringBindingA(text, &h);
    if (text)
        RpcStringFreeA(&text);
    if (status == RPC_S_OK)
        status = RpcBindingSetOption(h, RPC_C_OPT_UNIQUE_BINDING, TRUE);
    if (status == RPC_S_OK)
        status = CAUGHT(sync_null(h));
    if (status == RPC_S_OK)
        status = RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE);
    if (h)
        RpcBindingFree(&h);
    return status;
}

static RPC_STATUS asynchronous(void)
{
    struct echo echo;
    LONG reply;
    RPC_STATUS status;

    echo_init_event(&echo);
    status = echo_call(&echo, bound, ASYNC_NOW, 1, 5);
    if (status == RPC_S_OK) {
        wait_for(echo.state.u.hEvent, "the call");
        status = RpcAsyncCompleteCall(&echo.state, &reply);
    }
    echo_free(&echo);
    return status;
}

/* ---- */

enum { MOST = 500 };

/* Runs the operation until it has failed at each of its allocations. */
static void exhaust(const char *what, RPC_STATUS (*operation)(void), BOOL exact)
{
    LONG before, at;

    winetest_context("%s%s%s", what, endpoint ? ", " : "", endpoint ? endpoint->transport->protseq : "");
    ok_status(operation(), RPC_S_OK, "at first");
    only_thread = GetCurrentThreadId();
    for (at = 1, failed = TRUE; failed && at < MOST; at++) {
        RPC_STATUS status;

        before = live;
        failed = FALSE;
        countdown = at;
        status = operation();
        countdown = 0;
        ok(failed ? status == RPC_S_OUT_OF_MEMORY || status == RPC_S_OK : status == RPC_S_OK,
           "allocation %ld%s: %ld\n", at, failed ? " failed" : "", status);
        ok(!exact || live == before, "allocation %ld: %ld blocks are lost\n", at, live - before);
        ok_status(operation(), RPC_S_OK, "afterwards");
    }
    ok(at < MOST, "allocations without end\n");
    winetest_context("%s", "");
}

/* The same for what other threads of this process allocate, the server's above all. */
static void exhaust_server(const char *what, RPC_STATUS (*operation)(void))
{
    LONG at;

    winetest_context("%s, server, %s", what, endpoint->transport->protseq);
    only_thread = 0;
    spared = GetCurrentThreadId();
    for (at = 1, failed = TRUE; failed && at < MOST; at++) {
        RPC_STATUS status;

        failed = FALSE;
        countdown = at;
        status = operation();
        countdown = 0;
        ok(status == RPC_S_OK || (failed && status), "allocation %ld: %ld\n", at, status);
        ok_status(operation(), RPC_S_OK, "afterwards");
    }
    ok(at < MOST, "allocations without end\n");
    winetest_context("%s", "");
}

START_TEST(out_of_memory)
{
    if (!hook_heap()) {
        skip("this rpcrt4.dll does not import the heap\n");
        return;
    }
    serve_async(endpoints);
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    exhaust("strings", strings, TRUE);
    exhaust("bindings", bindings, TRUE);
    exhaust("vectors", vectors, TRUE);
    exhaust("UUIDs", uuids, TRUE);
    exhaust("registrations", registry, TRUE);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        endpoint = &endpoints[i];
        bound = bind_to(endpoint);
        exhaust("text", text_calls, FALSE);
        exhaust("arrays", array_calls, FALSE);
        exhaust("a new binding", new_binding, FALSE);
        exhaust("asynchronous", asynchronous, FALSE);
        exhaust_server("text", text_calls);
        exhaust_server("arrays", array_calls);
        exhaust_server("asynchronous", asynchronous);
        unbind(&bound);
    }
    stop_serving();
}
