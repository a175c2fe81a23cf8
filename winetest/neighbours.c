/*
 * Functions for the runtime's neighbours: the name service's entry names (SDK page RpcNsBindingInqEntryName),
 * registration (SDK pages RpcServerRegisterAuthInfo, RpcServerInqDefaultPrincName,
 * RpcMgmtInqServerPrincName), and those of mingw-w64's rpcdcep.h, of which what is claimed is unverified on
 * Windows.
 */
#include "fixture.h"
#include "test_sync.h"

#include <rpcdcep.h>

RPCRTAPI RPC_STATUS RPC_ENTRY RpcNsBindingInqEntryNameA(RPC_BINDING_HANDLE, ULONG, RPC_CSTR *);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcNsBindingInqEntryNameW(RPC_BINDING_HANDLE, ULONG, RPC_WSTR *);
RPCRTAPI RPC_STATUS RPC_ENTRY RpcServerInqBindingsEx(void *, RPC_BINDING_VECTOR **);
RPCRTAPI RPC_STATUS RPC_ENTRY I_RpcBindingIsServerLocal(RPC_BINDING_HANDLE, unsigned int *);
RPCRTAPI void *RPC_ENTRY I_RpcBCacheAllocate(unsigned int);
RPCRTAPI void RPC_ENTRY I_RpcBCacheFree(void *);

static handle_t bind_text(const char *text)
{
    handle_t h = NULL;

    ok_status(RpcBindingFromStringBindingA((RPC_CSTR)text, &h), RPC_S_OK, text);
    return h;
}

static void test_entry_name(void)
{
    handle_t h = bind_text("ncalrpc:[somewhere]"), copy = NULL;
    RPC_CSTR name = NULL;
    RPC_WSTR wide = NULL;

    /* "returns an empty string ("\0") and an RPC_S_NO_ENTRY_NAME status code" */
    ok_status(RpcNsBindingInqEntryNameA(h, 0, &name), RPC_S_NO_ENTRY_NAME, "no entry");
    ok(name && !*name, "name '%s'\n", name);
    if (name)
        RpcStringFreeA(&name);
    ok_status(RpcNsBindingInqEntryNameA(h, 77, &name), RPC_S_UNSUPPORTED_NAME_SYNTAX, "syntax 77");
    ok_status(RpcNsBindingInqEntryNameA(NULL, 0, &name), RPC_S_INVALID_BINDING, "no binding");
    ok_status(I_RpcNsBindingSetEntryNameA(h, 3, (RPC_CSTR) "/.:/entry"), RPC_S_OK,
              "I_RpcNsBindingSetEntryName");
    ok_status(RpcNsBindingInqEntryNameA(h, 0, NULL), RPC_S_OK, "not wanted");
    ok_status(I_RpcBindingCopy(h, &copy), RPC_S_OK, "I_RpcBindingCopy");
    ok_status(RpcNsBindingInqEntryNameW(copy, 3, &wide), RPC_S_OK, "entry");
    ok(wide && !lstrcmpW(wide, L"/.:/entry"), "another name\n");
    if (wide)
        RpcStringFreeW(&wide);
    ok_status(I_RpcNsBindingSetEntryNameW(copy, 3, (RPC_WSTR)L"/.:/other"), RPC_S_OK,
              "I_RpcNsBindingSetEntryName");
    ok_status(I_RpcNsBindingSetEntryNameW(copy, 77, (RPC_WSTR)L"/.:/bad"), RPC_S_UNSUPPORTED_NAME_SYNTAX,
              "syntax 77");
    ok_status(RpcNsBindingInqEntryNameA(copy, 3, &name), RPC_S_OK, "the other entry");
    ok(name && !strcmp((char *)name, "/.:/other"), "name '%s'\n", name);
    if (name)
        RpcStringFreeA(&name);
    ok_status(I_RpcBindingCopy(NULL, &copy), RPC_S_INVALID_BINDING, "no binding");
    RpcBindingFree(&copy);
    RpcBindingFree(&h);
}

static void test_mutex(void)
{
    I_RPC_MUTEX mutex = NULL;

    I_RpcRequestMutex(&mutex);
    ok(mutex != NULL, "no mutex\n");
    I_RpcRequestMutex(&mutex);
    I_RpcClearMutex(mutex);
    I_RpcClearMutex(mutex);
    I_RpcDeleteMutex(mutex);
}

/* Blocks, pauses, identifiers: what they do is in their names. */
static void test_services(void)
{
    unsigned char *block = I_RpcBCacheAllocate(100);
    UUID one, other;
    RPC_STATUS status;

    ok(block != NULL, "I_RpcBCacheAllocate\n");
    memset(block, 1, 100);
    I_RpcBCacheFree(block);
    I_RpcPauseExecution(0);
    ok_status(I_UuidCreate(&one), RPC_S_OK, "I_UuidCreate");
    ok_status(I_UuidCreate(&other), RPC_S_OK, "I_UuidCreate");
    ok(!UuidIsNil(&one, &status) && UuidCompare(&one, &other, &status), "the same UUID twice\n");
}

/* SDK, RpcExceptionFilter: the exceptions that an RPC program's handler does not take. */
static void test_filter(void)
{
    static const ULONG not_ours[] = {STATUS_ACCESS_VIOLATION, STATUS_BREAKPOINT, STATUS_STACK_OVERFLOW,
                                     STATUS_DATATYPE_MISALIGNMENT, STATUS_IN_PAGE_ERROR};

    for (unsigned i = 0; i < sizeof(not_ours) / sizeof(*not_ours); i++)
        ok(I_RpcExceptionFilter(not_ours[i]) == EXCEPTION_CONTINUE_SEARCH, "%lx is taken\n", not_ours[i]);
    ok(I_RpcExceptionFilter(RPC_S_SERVER_UNAVAILABLE) == EXCEPTION_EXECUTE_HANDLER,
       "a status is not taken\n");
    ok(I_RpcExceptionFilter(STATUS_INTEGER_DIVIDE_BY_ZERO) == EXCEPTION_EXECUTE_HANDLER,
       "a division by 0 is not taken\n");
}

static void test_bindings(void)
{
    handle_t local = bind_text("ncalrpc:[somewhere]"), far_away = bind_text("ncacn_ip_tcp:10.0.0.1[1]");
    unsigned int is_local = 77;
    RPC_CSTR narrow = (RPC_CSTR) "";
    RPC_WSTR endpoint = NULL, text = NULL;

    ok_status(I_RpcBindingIsServerLocal(local, &is_local), RPC_S_OK, "ncalrpc");
    ok(is_local == 1, "local %u\n", is_local);
    ok_status(I_RpcBindingIsServerLocal(far_away, &is_local), RPC_S_OK, "TCP");
    ok(is_local == 0, "local %u\n", is_local);
    ok_status(I_RpcBindingInqDynamicEndpointW(local, &endpoint), RPC_S_OK, "I_RpcBindingInqDynamicEndpoint");
    ok(!endpoint, "an endpoint it was made with\n");
    ok_status(I_RpcBindingInqDynamicEndpointA(local, &narrow), RPC_S_OK, "I_RpcBindingInqDynamicEndpoint");
    ok(!narrow, "an endpoint it was made with\n");
    ok_status(I_RpcBindingInqDynamicEndpointA(NULL, &narrow), RPC_S_INVALID_BINDING, "no binding");
    ok_status(I_RpcBindingToStaticStringBindingW(local, &text), RPC_S_OK,
              "I_RpcBindingToStaticStringBinding");
    ok(text && !lstrcmpW(text, L"ncalrpc:[somewhere]"), "another text\n");
    if (text)
        RpcStringFreeW(&text);
    RpcBindingFree(&local);
    RpcBindingFree(&far_away);
}

static void test_transfer_syntaxes(void)
{
    const RPC_SERVER_INTERFACE *spec = test_sync_v1_2_s_ifspec;
    RPC_TRANSFER_SYNTAX syntaxes[4] = {0};
    unsigned int count = 77;

    ok_status(I_RpcIfInqTransferSyntaxes(test_sync_v1_2_s_ifspec, syntaxes, 0, &count),
              ERROR_INSUFFICIENT_BUFFER, "no room");
    ok(count >= 1, "%u syntaxes\n", count);
    ok_status(I_RpcIfInqTransferSyntaxes(test_sync_v1_2_s_ifspec, syntaxes, 4, &count), RPC_S_OK,
              "I_RpcIfInqTransferSyntaxes");
    ok(IsEqualGUID(&syntaxes[0].Uuid, &spec->TransferSyntax.SyntaxGUID) && syntaxes[0].VersMajor == 2,
       "another syntax\n");
}

static void test_principals(void)
{
    RPC_CSTR name = NULL;
    RPC_WSTR wide = NULL;

    ok_status(RpcServerRegisterAuthInfoA((RPC_CSTR) "me", 77, NULL, NULL), RPC_S_UNKNOWN_AUTHN_SERVICE,
              "service 77");
    ok_status(RpcServerRegisterAuthInfoA((RPC_CSTR) "host/me", RPC_C_AUTHN_WINNT, NULL, NULL), RPC_S_OK,
              "RpcServerRegisterAuthInfo");
    ok_status(RpcMgmtInqServerPrincNameA(NULL, RPC_C_AUTHN_WINNT, &name), RPC_S_OK,
              "RpcMgmtInqServerPrincName");
    ok(name && !strcmp((char *)name, "host/me"), "name '%s'\n", name);
    if (name)
        RpcStringFreeA(&name);
    ok_status(RpcMgmtInqServerPrincNameA(NULL, RPC_C_AUTHN_GSS_SCHANNEL, &name), RPC_S_UNKNOWN_AUTHN_SERVICE,
              "a service that was not registered");
    ok_status(RpcServerInqDefaultPrincNameA(RPC_C_AUTHN_WINNT, &name), RPC_S_OK,
              "RpcServerInqDefaultPrincName");
    ok(name && *name, "no default name\n");
    if (name)
        RpcStringFreeA(&name);
    ok_status(RpcServerInqDefaultPrincNameA(77, &name), RPC_S_UNKNOWN_AUTHN_SERVICE, "service 77");

    ok_status(RpcServerRegisterAuthInfoW((RPC_WSTR)L"host/w", RPC_C_AUTHN_GSS_NEGOTIATE, NULL, NULL),
              RPC_S_OK, "RpcServerRegisterAuthInfo");
    ok_status(RpcServerRegisterAuthInfoW((RPC_WSTR)L"me", 77, NULL, NULL), RPC_S_UNKNOWN_AUTHN_SERVICE,
              "service 77");
    ok_status(RpcMgmtInqServerPrincNameW(NULL, RPC_C_AUTHN_GSS_NEGOTIATE, &wide), RPC_S_OK,
              "RpcMgmtInqServerPrincName");
    ok(wide && !lstrcmpW(wide, L"host/w"), "another name\n");
    if (wide)
        RpcStringFreeW(&wide);
    ok_status(RpcMgmtInqServerPrincNameW(NULL, 77, &wide), RPC_S_UNKNOWN_AUTHN_SERVICE, "service 77");
    ok_status(RpcServerInqDefaultPrincNameW(RPC_C_AUTHN_WINNT, &wide), RPC_S_OK,
              "RpcServerInqDefaultPrincName");
    ok(wide && *wide, "no default name\n");
    if (wide)
        RpcStringFreeW(&wide);
    ok_status(RpcServerInqDefaultPrincNameW(77, &wide), RPC_S_UNKNOWN_AUTHN_SERVICE, "service 77");
}

static void test_endpoints(void)
{
    struct endpoint endpoint;

    WCHAR name[64];

    make_endpoint(&endpoint, &transports[0], "neighbours");
    ok_status(I_RpcServerUseProtseqEp2A((RPC_CSTR) "10.0.0.1", (RPC_CSTR) "ncalrpc", 10,
                                        (RPC_CSTR)endpoint.name, NULL, NULL),
              RPC_S_CANNOT_SUPPORT, "an address of its own");
    ok_status(I_RpcServerUseProtseqEp2A(NULL, (RPC_CSTR) "ncalrpc", 10, (RPC_CSTR)endpoint.name, NULL, NULL),
              RPC_S_OK, "I_RpcServerUseProtseqEp2");
    ok_status(I_RpcServerUseProtseq2A(NULL, (RPC_CSTR) "ncalrpc", 10, NULL, NULL), RPC_S_OK,
              "I_RpcServerUseProtseq2");
    make_endpoint(&endpoint, &transports[0], "neighboursw");
    MultiByteToWideChar(CP_ACP, 0, endpoint.name, -1, name, ARRAYSIZE(name));
    ok_status(I_RpcServerUseProtseqEp2W(NULL, (RPC_WSTR)L"ncalrpc", 10, name, NULL, NULL), RPC_S_OK,
              "I_RpcServerUseProtseqEp2");
    ok_status(I_RpcServerUseProtseqEp2W(NULL, (RPC_WSTR)L"ncacn_nothing", 10, name, NULL, NULL),
              RPC_S_PROTSEQ_NOT_SUPPORTED, "an unknown protocol sequence");
    ok_status(I_RpcServerUseProtseq2W(NULL, (RPC_WSTR)L"ncalrpc", 10, NULL, NULL), RPC_S_OK,
              "I_RpcServerUseProtseq2");
    ok_status(I_RpcServerUseProtseq2W((RPC_WSTR)L"10.0.0.1", (RPC_WSTR)L"ncalrpc", 10, NULL, NULL),
              RPC_S_CANNOT_SUPPORT, "an address of its own");
}

/* Everybody may do everything: a null DACL. */
static void test_bindings_by_descriptor(void)
{
    SECURITY_DESCRIPTOR everybody, nobody;
    RPC_BINDING_VECTOR *vector = NULL;
    struct endpoint endpoint;
    ACL empty;

    InitializeSecurityDescriptor(&everybody, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&everybody, TRUE, NULL, FALSE);
    InitializeAcl(&empty, sizeof empty, ACL_REVISION);
    InitializeSecurityDescriptor(&nobody, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&nobody, TRUE, &empty, FALSE);
    make_endpoint(&endpoint, &transports[0], "described");
    ok_status(RpcServerUseProtseqEpA((RPC_CSTR) "ncalrpc", 10, (RPC_CSTR)endpoint.name, &everybody), RPC_S_OK,
              "RpcServerUseProtseqEp");
    ok_status(RpcServerInqBindingsEx(&everybody, &vector), RPC_S_OK, "RpcServerInqBindingsEx");
    ok(vector && vector->Count == 1, "%lu bindings\n", vector ? (unsigned long)vector->Count : 0);
    if (vector)
        RpcBindingVectorFree(&vector);
    ok_status(RpcServerInqBindingsEx(&nobody, &vector), RPC_S_NO_BINDINGS, "another descriptor");
    ok_status(RpcServerInqBindingsEx(NULL, &vector), RPC_S_OK, "all of them");
    ok(vector && vector->Count > 1, "%lu bindings\n", vector ? (unsigned long)vector->Count : 0);
    if (vector)
        RpcBindingVectorFree(&vector);
}

START_TEST(neighbours)
{
    test_entry_name();
    test_mutex();
    test_services();
    test_filter();
    test_bindings();
    test_transfer_syntaxes();
    test_principals();
    test_endpoints();
    test_bindings_by_descriptor();
}
