/*
 * Registration and listening: protocol sequences, endpoints, interfaces with flags and limits, security
 * callbacks, types and managers, what RpcServerInq* tell, waiting for calls to end, the endpoint mapper. SDK
 * pages as named.
 */
#include "fixture.h"
#include "test_implicit.h"
#include "test_sync.h"

RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerRegisterIf3(RPC_IF_HANDLE, UUID *, RPC_MGR_EPV *, unsigned, unsigned,
                                                   unsigned, RPC_IF_CALLBACK_FN *, void *);

#define INTERFACE test_sync_v1_2_s_ifspec

static struct endpoint endpoints[TRANSPORT_COUNT];

static void test_misuse(void)
{
    RPC_STATUS status;
    UUID unknown;

    /* RpcServerUseProtseqEp: RPC_S_PROTSEQ_NOT_SUPPORTED, RPC_S_INVALID_RPC_PROTSEQ,
     * RPC_S_INVALID_ENDPOINT_FORMAT. */
    ok_status(RpcServerUseProtseqEpA((RPC_CSTR) "ncacn_nothing", 10, (RPC_CSTR) "e", NULL),
              RPC_S_PROTSEQ_NOT_SUPPORTED, "RpcServerUseProtseqEp");
    status = RpcServerUseProtseqA((RPC_CSTR) "nonsense", 10, NULL);
    ok(status == RPC_S_INVALID_RPC_PROTSEQ || status == RPC_S_PROTSEQ_NOT_SUPPORTED,
       "RpcServerUseProtseq: %ld\n", status);
    ok_status(RpcServerUseProtseqEpA((RPC_CSTR) "ncacn_ip_tcp", 10, (RPC_CSTR) "not-a-port", NULL),
              RPC_S_INVALID_ENDPOINT_FORMAT, "RpcServerUseProtseqEp");
    /* RpcServerListen: "RPC_S_NO_PROTSEQS_REGISTERED". */
    ok_status(RpcServerListen(1, 10, TRUE), RPC_S_NO_PROTSEQS_REGISTERED, "RpcServerListen");
    ok_status(RpcMgmtWaitServerListen(), RPC_S_NOT_LISTENING, "RpcMgmtWaitServerListen");
    ok_status(RpcMgmtStopServerListening(NULL), RPC_S_NOT_LISTENING, "RpcMgmtStopServerListening");
    /* RpcServerUnregisterIf: "RPC_S_UNKNOWN_IF", "RPC_S_UNKNOWN_MGR_TYPE". */
    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, FALSE), RPC_S_UNKNOWN_IF, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf(INTERFACE, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    UuidCreate(&unknown);
    ok_status(RpcServerUnregisterIf(INTERFACE, &unknown, FALSE), RPC_S_UNKNOWN_MGR_TYPE,
              "RpcServerUnregisterIf");
    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, FALSE), RPC_S_OK, "RpcServerUnregisterIf");
}

static void test_use_endpoints(void)
{
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        make_endpoint(&endpoints[i], &transports[i], "server");
        use_endpoint(&endpoints[i]);
        /* RpcServerUseProtseqEp: "RPC_S_DUPLICATE_ENDPOINT". For one's own endpoint unverified on Windows,
         * except that it is no failure for named pipes and local endpoints there: either is taken. */
        {
            RPC_STATUS status = RpcServerUseProtseqEpA((RPC_CSTR)endpoints[i].transport->protseq, 10,
                                                       (RPC_CSTR)endpoints[i].name, NULL);
            ok(status == RPC_S_OK || status == RPC_S_DUPLICATE_ENDPOINT, "own endpoint again: %ld\n", status);
        }
    }
}

static void test_listen(void)
{
    ok_status(RpcServerRegisterIf(INTERFACE, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    /* "RPC_S_ALREADY_LISTENING". */
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_ALREADY_LISTENING,
              "RpcServerListen");
    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_OK, "RpcMgmtIsServerListening");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        ok_status(CAUGHT(sync_null(h)), RPC_S_OK, endpoints[i].transport->protseq);
        unbind(&h);
    }
    stop_serving();
    ok_status(RpcMgmtIsServerListening(NULL), RPC_S_NOT_LISTENING, "RpcMgmtIsServerListening");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK,
              "RpcServerListen after stopping");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        ok_status(CAUGHT(sync_null(h)), RPC_S_OK, endpoints[i].transport->protseq);
        unbind(&h);
    }
}

static DWORD WINAPI stop_from_elsewhere(void *context)
{
    handle_t h = bind_to(&endpoints[0]);

    (void)context;
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call of a server that waits in RpcServerListen");
    unbind(&h);
    ok_status(RpcMgmtStopServerListening(NULL), RPC_S_OK, "RpcMgmtStopServerListening");
    return 0;
}

/* RpcMgmtWaitServerListen returns when somebody stops the server. */
static void test_listen_waits(void)
{
    HANDLE thread;

    stop_serving();
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    thread = CreateThread(NULL, 0, stop_from_elsewhere, NULL, 0, NULL);
    ok_status(RpcMgmtWaitServerListen(), RPC_S_OK, "RpcMgmtWaitServerListen");
    wait_for(thread, "the thread that stops the server");
    CloseHandle(thread);
}

/* "The run time begins listening for calls as soon as the first autolisten interface is registered." */
static void test_auto_listen(void)
{
    handle_t h = bind_to(&endpoints[0]);

    ok_status(RpcServerRegisterIfEx(test_implicit_v3_1_s_ifspec, NULL, NULL, RPC_IF_AUTOLISTEN,
                                    RPC_C_LISTEN_MAX_CALLS_DEFAULT, NULL),
              RPC_S_OK, "auto-listen interface");
    implicit_binding = h;
    ok_status(CAUGHT(implicit_null()), RPC_S_OK, "call without RpcServerListen");
    ok_status(RpcServerUnregisterIf(test_implicit_v3_1_s_ifspec, NULL, TRUE), RPC_S_OK,
              "RpcServerUnregisterIf");
    unbind(&h);
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
}

/* RpcServerInqBindings: every endpoint is in the vector, as a server binding handle. */
static void test_inq_bindings(void)
{
    RPC_BINDING_VECTOR *vector = NULL;
    int found[TRANSPORT_COUNT] = {0};

    ok_status(RpcServerInqBindings(&vector), RPC_S_OK, "RpcServerInqBindings");
    for (unsigned long k = 0; vector && k < vector->Count; k++) {
        RPC_CSTR text = NULL, protseq = NULL, endpoint = NULL;

        ok_status(RpcBindingToStringBindingA(vector->BindingH[k], &text), RPC_S_OK,
                  "RpcBindingToStringBinding");
        ok_status(RpcStringBindingParseA(text, NULL, &protseq, NULL, &endpoint, NULL), RPC_S_OK,
                  (char *)text);
        for (int i = 0; i < TRANSPORT_COUNT; i++)
            found[i] += !strcmp((char *)protseq, endpoints[i].transport->protseq) &&
                        !_stricmp((char *)endpoint, endpoints[i].name);
        RpcStringFreeA(&text);
        RpcStringFreeA(&protseq);
        RpcStringFreeA(&endpoint);
    }
    for (int i = 0; i < TRANSPORT_COUNT; i++)
        ok(found[i] >= 1, "%s:[%s] is not in the vector\n", endpoints[i].transport->protseq,
           endpoints[i].name);
    ok_status(RpcBindingVectorFree(&vector), RPC_S_OK, "RpcBindingVectorFree");
    ok(!vector, "RpcBindingVectorFree left %p\n", vector);
}

/* What a manager can ask about its call. */
static RPC_CALL_ATTRIBUTES_V1_W attributes;
static RPC_STATUS attributes_status, wrong_status;
static unsigned transport_type;
static char client_string[256];

static void hook_inquire(handle_t h, long what)
{
    RPC_CSTR text = NULL;

    (void)what;
    memset(&attributes, 0, sizeof(attributes));
    attributes.Version = 1;
    attributes_status = RpcServerInqCallAttributesW(h, &attributes);
    wrong_status = RpcBindingSetObject(h, NULL);
    if (!RpcBindingToStringBindingA(h, &text)) {
        snprintf(client_string, sizeof(client_string), "%s", text);
        RpcStringFreeA(&text);
    }
    I_RpcBindingInqTransportType(h, &transport_type);
}

static void test_call_attributes(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint);

    sync_hook_routine = hook_inquire;
    attributes_status = -1;
    client_string[0] = 0;
    ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, "call");
    /* RpcServerInqCallAttributes; an unauthenticated call has level none (ncalrpc: what the system says,
     * which is at least that). */
    ok_status(attributes_status, RPC_S_OK, "RpcServerInqCallAttributes");
    if (strcmp(endpoint->transport->protseq, "ncalrpc") && strcmp(endpoint->transport->protseq, "ncacn_np"))
        ok(attributes.AuthenticationLevel == RPC_C_AUTHN_LEVEL_NONE && attributes.AuthenticationService == 0,
           "level %lu, service %lu\n", attributes.AuthenticationLevel, attributes.AuthenticationService);
    /* RpcBindingSetObject: "RPC_S_WRONG_KIND_OF_BINDING" for a server binding handle. */
    ok_status(wrong_status, RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingSetObject in a manager");
    /* rpcdcep.h: TRANSPORT_TYPE_CN 1, _DG 2, _LPC 4, _WMSG 8. */
    ok(transport_type == (strcmp(endpoint->transport->protseq, "ncalrpc") ? 1u : 4u), "transport type %u\n",
       transport_type);
    /* The client's binding, endpoint left out (RpcBindingToStringBinding, RpcBindingServerFromClient). */
    ok(strstr(client_string, endpoint->transport->protseq) != NULL, "the client is %s\n", client_string);
    sync_hook_routine = NULL;
    unbind(&h);
}

/* Managers by the type of the object: RpcObjectSetType, RpcServerRegisterIf with a type UUID and an EPV. */
static LONG who_one(handle_t h)
{
    (void)h;
    return 1;
}

static LONG who_two(handle_t h)
{
    (void)h;
    return 2;
}

static void test_types(const struct endpoint *endpoint)
{
    const MIDL_SERVER_INFO *info = ((RPC_SERVER_INTERFACE *)INTERFACE)->InterpreterInfo;
    unsigned count = ((RPC_SERVER_INTERFACE *)INTERFACE)->DispatchTable->DispatchTableCount;
    SERVER_ROUTINE *one = malloc(count * sizeof(*one)), *two = malloc(count * sizeof(*two));
    UUID type_one, type_two, object_one, object_two, stranger, nil, type;
    handle_t h = bind_to(endpoint);
    sync_uuid seen;

    UuidCreate(&type_one);
    UuidCreate(&type_two);
    UuidCreate(&object_one);
    UuidCreate(&object_two);
    UuidCreate(&stranger);
    UuidCreateNil(&nil);
    memcpy(one, info->DispatchTable, count * sizeof(*one));
    memcpy(two, info->DispatchTable, count * sizeof(*two));
    one[count - 1] = (SERVER_ROUTINE)who_one;
    two[count - 1] = (SERVER_ROUTINE)who_two;
    ok_status(RpcServerRegisterIf(INTERFACE, &type_one, one), RPC_S_OK, "manager of the first type");
    ok_status(RpcServerRegisterIf(INTERFACE, &type_two, two), RPC_S_OK, "manager of the second type");
    /* "RPC_S_TYPE_ALREADY_REGISTERED". */
    ok_status(RpcServerRegisterIf(INTERFACE, &type_two, two), RPC_S_TYPE_ALREADY_REGISTERED, "again");
    ok_status(RpcObjectSetType(&object_one, &type_one), RPC_S_OK, "RpcObjectSetType");
    ok_status(RpcObjectSetType(&object_two, &type_two), RPC_S_OK, "RpcObjectSetType");
    ok_status(RpcObjectSetType(&object_two, &type_two), RPC_S_ALREADY_REGISTERED, "RpcObjectSetType again");
    ok_status(RpcObjectSetType(&nil, &type_two), RPC_S_INVALID_OBJECT, "RpcObjectSetType of the nil object");
    ok_status(RpcObjectInqType(&object_one, &type), RPC_S_OK, "RpcObjectInqType");
    ok(!memcmp(&type, &type_one, sizeof(type)), "another type came back\n");
    ok_status(RpcObjectInqType(&stranger, &type), RPC_S_OBJECT_NOT_FOUND, "RpcObjectInqType");

    ok(sync_who(h) == 0, "no object: the default manager\n");
    RpcBindingSetObject(h, &object_one);
    ok(sync_who(h) == 1, "object of the first type\n");
    sync_object(h, &seen);
    ok(!memcmp(&seen, &object_one, sizeof(seen)), "the manager sees another object\n");
    RpcBindingSetObject(h, &object_two);
    ok(sync_who(h) == 2, "object of the second type\n");
    /* "Object UUIDs not assigned a type have the nil type": the default manager. */
    RpcBindingSetObject(h, &stranger);
    ok(sync_who(h) == 0, "object without a type\n");
    /* A type without a manager: RPC_S_UNSUPPORTED_TYPE. */
    ok_status(RpcServerUnregisterIf(INTERFACE, &type_two, TRUE), RPC_S_OK, "RpcServerUnregisterIf of a type");
    RpcBindingSetObject(h, &object_two);
    ok_status(CAUGHT(sync_who(h)), RPC_S_UNSUPPORTED_TYPE, "type without a manager");
    ok_status(RpcServerUnregisterIf(INTERFACE, &type_one, TRUE), RPC_S_OK, "RpcServerUnregisterIf of a type");
    RpcBindingSetObject(h, NULL);
    ok(sync_who(h) == 0, "the default manager stays\n");
    ok_status(RpcObjectSetType(&object_one, NULL), RPC_S_OK, "RpcObjectSetType to nothing");
    ok_status(RpcObjectInqType(&object_one, &type), RPC_S_OBJECT_NOT_FOUND, "RpcObjectInqType");
    RpcObjectSetType(&object_two, NULL);
    unbind(&h);
    free(one);
    free(two);
}

static volatile LONG callbacks;
static volatile RPC_STATUS callback_answer;

static RPC_STATUS RPC_ENTRY security_callback(RPC_IF_HANDLE ifspec, void *context)
{
    (void)ifspec;
    ok(context != NULL, "no context\n");
    InterlockedIncrement(&callbacks);
    return callback_answer;
}

static void register_implicit(unsigned flags, unsigned size, RPC_IF_CALLBACK_FN *callback)
{
    ok_status(RpcServerRegisterIf2(test_implicit_v3_1_s_ifspec, NULL, NULL, flags,
                                   RPC_C_LISTEN_MAX_CALLS_DEFAULT, size, callback),
              RPC_S_OK, "RpcServerRegisterIf2");
}

static void unregister_implicit(void)
{
    ok_status(RpcServerUnregisterIf(test_implicit_v3_1_s_ifspec, NULL, TRUE), RPC_S_OK,
              "RpcServerUnregisterIf");
}

/* Interface Registration Flags; "if the callback returns [other than RPC_S_OK] the call is rejected with
 * RPC_S_ACCESS_DENIED" (RPC_IF_CALLBACK_FN). */
static void test_security_callback(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint);

    implicit_binding = h;
    callbacks = 0;
    callback_answer = RPC_S_OK;
    register_implicit(RPC_IF_ALLOW_CALLBACKS_WITH_NO_AUTH | RPC_IF_SEC_NO_CACHE, ~0u, security_callback);
    ok(CAUGHT(implicit_null()) == RPC_S_OK && CAUGHT(implicit_null()) == RPC_S_OK,
       "an allowed call failed\n");
    /* "RPC_IF_SEC_NO_CACHE: [...] forcing a security callback for each RPC call." */
    ok(callbacks == 2, "%ld callbacks for 2 calls\n", callbacks);
    callback_answer = RPC_S_ACCESS_DENIED;
    ok_status(CAUGHT(implicit_null()), RPC_S_ACCESS_DENIED, "a call that the callback refuses");
    callback_answer = 1234;
    ok_status(CAUGHT(implicit_null()), RPC_S_ACCESS_DENIED,
              "a call that the callback refuses with another code");
    callback_answer = RPC_S_OK;
    ok_status(CAUGHT(implicit_null()), RPC_S_OK, "allowed again");
    unregister_implicit();
    unbind(&h);
}

/* "RPC_IF_ALLOW_LOCAL_ONLY: [...] all local calls using ncacn_* [...] are also rejected, with the exception
 * of ncacn_np"; the rejected get RPC_S_ACCESS_DENIED. */
static void test_local_only(const struct endpoint *endpoint)
{
    int tcp = !strcmp(endpoint->transport->protseq, "ncacn_ip_tcp");
    handle_t h = bind_to(endpoint);

    implicit_binding = h;
    register_implicit(RPC_IF_ALLOW_LOCAL_ONLY, ~0u, NULL);
    ok_status(CAUGHT(implicit_null()), tcp ? RPC_S_ACCESS_DENIED : RPC_S_OK, "RPC_IF_ALLOW_LOCAL_ONLY");
    unregister_implicit();
    unbind(&h);
}

/* "RPC_IF_ALLOW_SECURE_ONLY": without authentication RPC_S_ACCESS_DENIED. (ncalrpc is authenticated by
 * nature.) */
static void test_secure_only(const struct endpoint *endpoint)
{
    int tcp = !strcmp(endpoint->transport->protseq, "ncacn_ip_tcp");
    handle_t h = bind_to(endpoint);

    if (tcp) {
        implicit_binding = h;
        register_implicit(RPC_IF_ALLOW_SECURE_ONLY, ~0u, NULL);
        ok_status(CAUGHT(implicit_null()), RPC_S_ACCESS_DENIED, "RPC_IF_ALLOW_SECURE_ONLY");
        unregister_implicit();
    }
    unbind(&h);
}

/* MaxRpcSize: larger blocks are rejected with RPC_S_ACCESS_DENIED; no effect on ncalrpc
 * (RpcServerRegisterIf2). */
static void test_size_limit(const struct endpoint *endpoint)
{
    int local = !strcmp(endpoint->transport->protseq, "ncalrpc");
    LONG *longs = calloc(20000, sizeof(*longs));
    handle_t h = bind_to(endpoint);

    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf2(INTERFACE, NULL, NULL, 0, RPC_C_LISTEN_MAX_CALLS_DEFAULT, 4000, NULL),
              RPC_S_OK, "RpcServerRegisterIf2");
    ok_status(CAUGHT(sync_array_in(h, 500, longs)), RPC_S_OK, "within the limit");
    ok_status(CAUGHT(sync_array_in(h, 1500, longs)), local ? RPC_S_OK : RPC_S_ACCESS_DENIED,
              "one fragment too big");
    ok_status(CAUGHT(sync_array_in(h, 20000, longs)), local ? RPC_S_OK : RPC_S_ACCESS_DENIED,
              "many fragments");
    ok_status(CAUGHT(sync_array_in(h, 500, longs)), RPC_S_OK, "within the limit again");
    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf3(INTERFACE, NULL, NULL, 0, RPC_C_LISTEN_MAX_CALLS_DEFAULT, ~0u, NULL, NULL),
              RPC_S_OK, "RpcServerRegisterIf3");
    ok_status(CAUGHT(sync_array_in(h, 20000, longs)), RPC_S_OK, "without a limit");
    unbind(&h);
    free(longs);
}

static HANDLE manager_in, manager_out;
static volatile LONG manager_done;

static void hook_slow(handle_t h, long what)
{
    (void)h, (void)what;
    SetEvent(manager_in);
    WaitForSingleObject(manager_out, HANG_GUARD);
    InterlockedIncrement(&manager_done);
}

static DWORD WINAPI call_slow(void *context)
{
    return CAUGHT(sync_hook(context, 0));
}

static DWORD WINAPI unregister_waiting(void *context)
{
    (void)context;
    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok(manager_done == 1, "RpcServerUnregisterIf did not wait for the call\n");
    return 0;
}

/* WaitForCallsToComplete: "specify any nonzero value to wait until all active calls complete". */
static void test_unregister_waits(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint);
    HANDLE caller, waiter;
    DWORD code = ~0u;

    manager_done = 0;
    sync_hook_routine = hook_slow;
    caller = CreateThread(NULL, 0, call_slow, h, 0, NULL);
    wait_for(manager_in, "the manager routine");
    waiter = CreateThread(NULL, 0, unregister_waiting, NULL, 0, NULL);
    ok(WaitForSingleObject(waiter, 20) == WAIT_TIMEOUT,
       "RpcServerUnregisterIf returned while a call was active\n");
    /* "The RPC run-time library stops accepting new calls for that interface." */
    ok_status(CAUGHT(sync_null(h)), RPC_S_UNKNOWN_IF, "a new call meanwhile");
    SetEvent(manager_out);
    wait_for(caller, "the caller");
    wait_for(waiter, "RpcServerUnregisterIf");
    GetExitCodeThread(caller, &code);
    ok_status(code, RPC_S_OK, "the call that was active");
    CloseHandle(caller);
    CloseHandle(waiter);
    sync_hook_routine = NULL;
    ok_status(RpcServerRegisterIf(INTERFACE, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    unbind(&h);
}

static HANDLE inside_now, let_out; /* semaphores */
static volatile LONG inside, most_inside;

static void hook_count(handle_t h, long what)
{
    LONG now = InterlockedIncrement(&inside), most;

    (void)h, (void)what;
    while ((most = most_inside) < now)
        InterlockedCompareExchange(&most_inside, now, most);
    ReleaseSemaphore(inside_now, 1, NULL);
    WaitForSingleObject(let_out, HANG_GUARD);
    InterlockedDecrement(&inside);
}

#define LIMITED_CALLS 6

/* SDK, RpcServerListen, MaxCalls: "Recommended maximum number of concurrent remote procedure calls the server
 * can execute [...] a suggested limit rather than [...] an absolute upper bound". That it is kept to the
 * call, and that the calls beyond it wait, is unverified on Windows. */
static void test_call_limit(const struct endpoint *endpoint)
{
    HANDLE callers[LIMITED_CALLS];
    handle_t h = bind_to(endpoint);

    stop_serving();
    ok_status(RpcServerListen(1, 2, TRUE), RPC_S_OK, "RpcServerListen");
    inside_now = CreateSemaphoreA(NULL, 0, LIMITED_CALLS, NULL);
    let_out = CreateSemaphoreA(NULL, 0, LIMITED_CALLS, NULL);
    most_inside = 0;
    sync_hook_routine = hook_count;
    for (int i = 0; i < LIMITED_CALLS; i++)
        callers[i] = CreateThread(NULL, 0, call_slow, h, 0, NULL);
    wait_for(inside_now, "the first manager");
    for (int i = 1; i < LIMITED_CALLS; i++) {
        wait_for(inside_now, "one more manager");
        ReleaseSemaphore(let_out, 1, NULL);
    }
    ReleaseSemaphore(let_out, 1, NULL);
    for (int i = 0; i < LIMITED_CALLS; i++) {
        DWORD code = ~0u;

        wait_for(callers[i], "a caller");
        GetExitCodeThread(callers[i], &code);
        ok_status(code, RPC_S_OK, "a call under the limit");
        CloseHandle(callers[i]);
    }
    ok(most_inside == 2, "%ld managers at the same time\n", (long)most_inside);
    stop_serving();
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    sync_hook_routine = NULL;
    CloseHandle(inside_now);
    CloseHandle(let_out);
    unbind(&h);
}

/* SDK, RpcServerRegisterIf2, MaxCalls: "Maximum number of concurrent remote procedure call requests the
 * server can accept on an auto-listen interface [...] The RPC run-time library makes its best effort [...]
 * The actual number can be greater and can vary for each protocol sequence." That it is kept to the call, and
 * that the one beyond gets RPC_S_SERVER_TOO_BUSY, is unverified on Windows. */
static void test_auto_listen_limit(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint);
    HANDLE caller;
    DWORD code = ~0u;

    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIfEx(INTERFACE, NULL, NULL, RPC_IF_AUTOLISTEN, 1, NULL), RPC_S_OK,
              "RpcServerRegisterIfEx");
    sync_hook_routine = hook_slow;
    caller = CreateThread(NULL, 0, call_slow, h, 0, NULL);
    wait_for(manager_in, "the manager routine");
    ok_status(CAUGHT(sync_null(h)), RPC_S_SERVER_TOO_BUSY, "a call beyond MaxCalls");
    SetEvent(manager_out);
    wait_for(caller, "the caller");
    GetExitCodeThread(caller, &code);
    ok_status(code, RPC_S_OK, "the call within MaxCalls");
    CloseHandle(caller);
    sync_hook_routine = NULL;
    ok_status(RpcServerUnregisterIf(INTERFACE, NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
    ok_status(RpcServerRegisterIf(INTERFACE, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    unbind(&h);
}

/* Dynamic endpoints: RpcServerUseProtseq, RpcEpRegister, a partly bound handle, RpcEpResolveBinding. */
static void test_endpoint_mapper(const struct transport *transport)
{
    RPC_BINDING_VECTOR *vector = NULL;
    struct endpoint partial = {transport, ""};
    handle_t h;

    ok_status(RpcServerUseProtseqA((RPC_CSTR)transport->protseq, RPC_C_PROTSEQ_MAX_REQS_DEFAULT, NULL),
              RPC_S_OK, "RpcServerUseProtseq");
    ok_status(RpcServerInqBindings(&vector), RPC_S_OK, "RpcServerInqBindings");
    ok_status(RpcEpRegisterA(INTERFACE, vector, NULL, (RPC_CSTR) "rpcrt4 winetest"), RPC_S_OK,
              "RpcEpRegister");
    h = bind_to(&partial);
    ok_status(RpcEpResolveBinding(h, test_sync_v1_2_c_ifspec), RPC_S_OK, "RpcEpResolveBinding");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call of a resolved binding");
    unbind(&h);
    h = bind_to(&partial);
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call of a partly bound handle");
    ok_status(RpcBindingReset(h), RPC_S_OK, "RpcBindingReset");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call after RpcBindingReset");
    unbind(&h);
    /* SDK, RpcEpResolveBinding: an interface nobody registered is EPT_S_NOT_REGISTERED. */
    h = bind_to(&partial);
    ok_status(RpcEpResolveBinding(h, test_implicit_v3_1_c_ifspec), EPT_S_NOT_REGISTERED, "unknown interface");
    unbind(&h);
    ok_status(RpcEpUnregister(INTERFACE, vector, NULL), RPC_S_OK, "RpcEpUnregister");
    h = bind_to(&partial);
    ok_status(RpcEpResolveBinding(h, test_sync_v1_2_c_ifspec), EPT_S_NOT_REGISTERED, "after RpcEpUnregister");
    unbind(&h);
    RpcBindingVectorFree(&vector);
}

/* [MS-RPCE] 2.1.1.1: ncacn_ip_tcp takes IPv6 addresses as network addresses too. */
static void test_ipv6(void)
{
    static const struct transport ipv6 = {"ncacn_ip_tcp", "::1"};
    struct endpoint endpoint = endpoints[2];
    struct sockaddr_storage any = {.ss_family = AF_INET6};
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
    handle_t h;

    ((BYTE *)&any)[23] = 1; /* sin6_addr is at 8 */
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)&any, 28)) {
        skip("this machine has no IPv6\n");
    } else {
        endpoint.transport = &ipv6;
        h = bind_to(&endpoint);
        ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call over IPv6");
        unbind(&h);
    }
    closesocket(s);
}

/* SDK, RpcServerUseAllProtseqs, RpcServerUseProtseqEx, RpcServerUseProtseqEpEx with a policy, the W forms. */
static void test_other_forms(void)
{
    RPC_POLICY policy = {sizeof(policy), 0, 0};
    struct endpoint more;
    WCHAR name[64];
    handle_t h;

    make_endpoint(&more, &transports[0], "server_ex");
    MultiByteToWideChar(CP_ACP, 0, more.name, -1, name, ARRAYSIZE(name));
    ok_status(RpcServerUseProtseqEpExW((RPC_WSTR)L"ncalrpc", 10, (RPC_WSTR)name, NULL, &policy), RPC_S_OK,
              "RpcServerUseProtseqEpExW");
    h = bind_to(&more);
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call of that endpoint");
    unbind(&h);
    make_endpoint(&more, &transports[1], "server_w");
    MultiByteToWideChar(CP_ACP, 0, more.name, -1, name, ARRAYSIZE(name));
    ok_status(RpcServerUseProtseqEpW((RPC_WSTR)L"ncacn_np", 10, (RPC_WSTR)name, NULL), RPC_S_OK,
              "RpcServerUseProtseqEpW");
    h = bind_to(&more);
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "call of that endpoint");
    unbind(&h);
    ok_status(RpcServerUseProtseqExA((RPC_CSTR) "ncacn_ip_tcp", 10, NULL, &policy), RPC_S_OK,
              "RpcServerUseProtseqExA");
    ok_status(RpcServerUseProtseqW((RPC_WSTR)L"ncalrpc", 10, NULL), RPC_S_OK, "RpcServerUseProtseqW");
    ok_status(RpcServerUseAllProtseqs(10, NULL), RPC_S_OK, "RpcServerUseAllProtseqs");
}

START_TEST(server)
{
    manager_in = CreateEventA(NULL, FALSE, FALSE, NULL);
    manager_out = CreateEventA(NULL, FALSE, FALSE, NULL);
    test_misuse();
    test_use_endpoints();
    test_listen();
    test_listen_waits();
    test_auto_listen();
    test_inq_bindings();
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        winetest_context("%s", transports[i].protseq);
        test_call_attributes(&endpoints[i]);
        test_types(&endpoints[i]);
        test_security_callback(&endpoints[i]);
        test_local_only(&endpoints[i]);
        test_secure_only(&endpoints[i]);
        test_size_limit(&endpoints[i]);
        test_unregister_waits(&endpoints[i]);
        test_call_limit(&endpoints[i]);
        test_auto_listen_limit(&endpoints[i]);
        test_endpoint_mapper(&transports[i]);
    }
    winetest_context("%s", "");
    test_ipv6();
    test_other_forms();
    stop_serving();
}
