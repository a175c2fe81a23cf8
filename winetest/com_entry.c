/*
 * The entry points of proxies and stubs by themselves: -Os proxies and stubs made by hand, over a channel
 * that calls the stub at once; an interpreted stub by its own entry point; proxies and stubs out of a type
 * description; what COM looks for in any DLL. SDK: NdrProxyInitialize, NdrProxyErrorHandler,
 * NdrStubInitialize and their neighbours, IRpcChannelBuffer, CreateProxyFromTypeInfo, CreateStubFromTypeInfo,
 * DllGetClassObject, DllRegisterServer, DllInstall; MIDL reference for the descriptions.
 */
#include "com_test_object.h"
#include "lookup.h"
#include "ndr_side.h"
#include <rpcproxy.h>

HRESULT RPC_ENTRY CreateProxyFromTypeInfo(ITypeInfo *info, IUnknown *outer, REFIID iid,
                                          IRpcProxyBuffer **buffer, void **object);
HRESULT RPC_ENTRY CreateStubFromTypeInfo(ITypeInfo *info, REFIID iid, IUnknown *server,
                                         IRpcStubBuffer **stub);

enum { ADD = 3 }; /* HRESULT add([in] long a, [in] long b), the only method */

/* ---- the object */

typedef HRESULT(WINAPI *add_method)(void *self, LONG a, LONG b);

static HRESULT WINAPI adder_query(void *self, REFIID iid, void **out)
{
    (void)iid;
    *out = self;
    return S_OK;
}
static ULONG WINAPI adder_count(void *self)
{
    (void)self;
    return 1;
}
static HRESULT WINAPI adder_add(void *self, LONG a, LONG b)
{
    (void)self;
    return a + b;
}
static const void *adder_methods[] = {adder_query, adder_count, adder_count, adder_add};
static const void **adder = adder_methods;

/* ---- the stub's description */

static const IID adder_iid = {0x5f0a1b77, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x77}};
static const unsigned char types[] = {0, 0, 0};
static const unsigned short offsets[] = {0, 0, 0, 0};
#ifdef _WIN64
/* FC_AUTO_HANDLE, an object's, rpc flags; -Oicf, for NdrStubCall3 */
static const unsigned char add_format[] = {
    0x33,        0x6c,     LONG4(0), SHORT(ADD),  SHORT(4 * sizeof(void *)),
    SHORT(16),   SHORT(8), 0x44,     3,           10,
    1,           SHORT(0), SHORT(0), SHORT(0),    SHORT(0),
    SHORT(0x48), SHORT(8), FC_LONG,  0,           SHORT(0x48),
    SHORT(16),   FC_LONG,  0,        SHORT(0x70), SHORT(24),
    FC_LONG,     0};
#else
/* -Oi, for NdrStubCall: FC_IN_PARAM_BASETYPE twice, FC_RETURN_PARAM_BASETYPE */
static const unsigned char add_format[] = {
    0x33, 0x4c, LONG4(0), SHORT(ADD), SHORT(4 * sizeof(void *)), 0x4e, FC_LONG, 0x4e, FC_LONG, 0x53, FC_LONG};
#endif
static const MIDL_STUB_DESC desc = {
    .pfnAllocate = NdrOleAllocate, .pfnFree = NdrOleFree, .pFormatTypes = types, .Version = 0x50002};
static const MIDL_SERVER_INFO server_info = {
    .pStubDesc = (MIDL_STUB_DESC *)&desc, .ProcString = add_format, .FmtStringOffset = offsets};
static const CInterfaceStubVtbl stub_table = {{&adder_iid, &server_info, ADD + 1, NULL},
                                              {CStdStubBuffer_METHODS}};
static CStdStubBuffer stub = {
    .lpVtbl = &stub_table.Vtbl, .RefCount = 1, .pvServerObject = (IUnknown *)&adder};

/* What MIDL makes of it with -Os. */
static void os_stub(PRPC_MESSAGE rpc, IRpcChannelBuffer *channel)
{
    MIDL_STUB_MESSAGE msg;
    LONG a, b, result;

    NdrStubInitialize(rpc, &msg, (PMIDL_STUB_DESC)&desc, channel);
    ok(msg.pRpcChannelBuffer == channel && msg.Buffer == rpc->Buffer, "another channel\n");
    NdrSimpleTypeUnmarshall(&msg, (unsigned char *)&a, FC_LONG);
    NdrSimpleTypeUnmarshall(&msg, (unsigned char *)&b, FC_LONG);
    result = ((add_method)adder_methods[ADD])(&adder, a, b);
    msg.BufferLength = 4;
    NdrStubGetBuffer((IRpcStubBuffer *)&stub, channel, &msg);
    NdrSimpleTypeMarshall(&msg, (unsigned char *)&result, FC_LONG);
    rpc->BufferLength = (unsigned)(msg.Buffer - (unsigned char *)rpc->Buffer);
}

/* ---- the channel */

static LONG channel_references, buffers;
static HRESULT channel_answer;
static BOOL interpreted;
static const IID *seen_iid;

static HRESULT WINAPI channel_query(IRpcChannelBuffer *self, REFIID iid, void **out)
{
    (void)iid;
    *out = self;
    InterlockedIncrement(&channel_references);
    return S_OK;
}
static ULONG WINAPI channel_add(IRpcChannelBuffer *self)
{
    (void)self;
    return InterlockedIncrement(&channel_references);
}
static ULONG WINAPI channel_release(IRpcChannelBuffer *self)
{
    (void)self;
    return InterlockedDecrement(&channel_references);
}
static HRESULT WINAPI channel_get(IRpcChannelBuffer *self, RPCOLEMESSAGE *message, REFIID iid)
{
    (void)self;
    seen_iid = iid;
    message->Buffer = calloc(1, message->cbBuffer);
    buffers++;
    return S_OK;
}
static HRESULT WINAPI channel_free(IRpcChannelBuffer *self, RPCOLEMESSAGE *message)
{
    (void)self;
    free(message->Buffer);
    message->Buffer = NULL;
    buffers--;
    return S_OK;
}
static HRESULT WINAPI channel_send(IRpcChannelBuffer *self, RPCOLEMESSAGE *message, ULONG *status)
{
    void *sent = message->Buffer;
    DWORD phase = STUB_UNMARSHAL;

    *status = 0;
    if (FAILED(channel_answer))
        return channel_answer;
    if (!interpreted)
        os_stub((PRPC_MESSAGE)message, self);
    else
#ifdef _WIN64
        NdrStubCall3((IRpcStubBuffer *)&stub, self, (PRPC_MESSAGE)message, &phase);
#else
        NdrStubCall((IRpcStubBuffer *)&stub, self, (PRPC_MESSAGE)message, &phase);
#endif
    ok(!interpreted || phase == STUB_MARSHAL, "phase %lu\n", phase);
    free(sent);
    buffers--;
    return S_OK;
}
static HRESULT WINAPI channel_context(IRpcChannelBuffer *self, DWORD *context, void **data)
{
    (void)self;
    *context = MSHCTX_INPROC;
    *data = NULL;
    return S_OK;
}
static HRESULT WINAPI channel_connected(IRpcChannelBuffer *self)
{
    (void)self;
    return S_OK;
}
static IRpcChannelBufferVtbl channel_table = {channel_query,   channel_add,      channel_release,
                                              channel_get,     channel_send,     channel_free,
                                              channel_context, channel_connected};
static IRpcChannelBuffer channel = {&channel_table};

/* ---- the proxy, as MIDL makes it with -Os */

static void os_proxy_call(void *proxy, PRPC_MESSAGE rpc, PMIDL_STUB_MESSAGE msg, LONG a, LONG b,
                          HRESULT *result)
{
    NdrProxyInitialize(proxy, rpc, msg, (PMIDL_STUB_DESC)&desc, ADD);
    ok(msg->dwDestContext == MSHCTX_INPROC && rpc->ProcNum == ADD, "context %lu, method %u\n",
       msg->dwDestContext, rpc->ProcNum);
    msg->BufferLength = 8;
    NdrProxyGetBuffer(proxy, msg);
    ok(IsEqualIID(seen_iid, &IID_ITestPlain), "another interface\n");
    NdrSimpleTypeMarshall(msg, (unsigned char *)&a, FC_LONG);
    NdrSimpleTypeMarshall(msg, (unsigned char *)&b, FC_LONG);
    NdrProxySendReceive(proxy, msg);
    NdrSimpleTypeUnmarshall(msg, (unsigned char *)result, FC_LONG);
}

static HRESULT os_proxy(void *proxy, LONG a, LONG b)
{
    MIDL_STUB_MESSAGE msg = {.pRpcChannelBuffer = NULL};
    RPC_MESSAGE rpc;
    HRESULT result = 0;
    RPC_STATUS status = CAUGHT(os_proxy_call(proxy, &rpc, &msg, a, b, &result));

    NdrProxyFreeBuffer(proxy, &msg);
    return status ? NdrProxyErrorHandler(status) : result;
}

static void test_os(void)
{
    IUnknown *outer = com_object();
    IPSFactoryBuffer *factory = com_factory();
    IRpcProxyBuffer *buffer = NULL;
    ITestPlain *proxy = NULL;

    ok_status(IPSFactoryBuffer_CreateProxy(factory, outer, &IID_ITestPlain, &buffer, (void **)&proxy), S_OK,
              "CreateProxy");
    ok_status(os_proxy(proxy, 1, 2), CO_E_OBJNOTCONNECTED, "without a channel");
    ok_status(IRpcProxyBuffer_Connect(buffer, &channel), S_OK, "Connect");
    ok_status(os_proxy(proxy, 40, 2), 42, "an -Os stub");
    interpreted = TRUE;
    ok_status(os_proxy(proxy, 50, 2), 52, "an interpreted stub");
    interpreted = FALSE;
    channel_answer = RPC_E_DISCONNECTED;
    ok_status(os_proxy(proxy, 1, 2), RPC_E_DISCONNECTED, "a channel that fails");
    channel_answer = S_OK;
    ok(!buffers, "%ld buffers are left\n", (long)buffers);
    IRpcProxyBuffer_Disconnect(buffer);
    ok(!channel_references, "%ld references on the channel\n", (long)channel_references);
    ITestPlain_Release(proxy);
    IRpcProxyBuffer_Release(buffer);
    IUnknown_Release(outer);
    IPSFactoryBuffer_Release(factory);
}

/* A request that is too short: the stub raises, and the runtime makes a fault of it. */
static void test_bad_request(void)
{
    LONG octets = 1;
    RPC_MESSAGE rpc = {.Buffer = &octets,
                       .BufferLength = 4,
                       .ProcNum = ADD,
                       .DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION};
    DWORD phase = 77;

#ifdef _WIN64
    ok_status(CAUGHT(NdrStubCall3((IRpcStubBuffer *)&stub, &channel, &rpc, &phase)), RPC_X_BAD_STUB_DATA,
              "NdrStubCall3");
#else
    ok_status(CAUGHT(NdrStubCall((IRpcStubBuffer *)&stub, &channel, &rpc, &phase)), RPC_X_BAD_STUB_DATA,
              "NdrStubCall");
#endif
    ok(phase == STUB_UNMARSHAL, "phase %lu\n", phase);
    ok_status(CAUGHT(os_stub(&rpc, &channel)), RPC_X_BAD_STUB_DATA, "the -Os stub");
    ok(!buffers, "%ld buffers are left\n", (long)buffers);
}

/* SDK, NdrProxyErrorHandler: the code that a method gives for an exception. */
static void test_errors(void)
{
    ok_status(NdrProxyErrorHandler(RPC_S_SERVER_UNAVAILABLE), HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
              "a status");
    ok_status(NdrProxyErrorHandler((DWORD)E_FAIL), E_FAIL, "an HRESULT");
    ok_status(NdrProxyErrorHandler(STATUS_ACCESS_VIOLATION), (HRESULT)STATUS_ACCESS_VIOLATION,
              "an exception");
}

static void check_described(ITypeInfo *info)
{
    IUnknown *object = com_automat();
    IRpcProxyBuffer *buffer = NULL;
    IRpcStubBuffer *of_type = NULL;
    IUnknown *proxy = NULL;

    ok_status(CreateStubFromTypeInfo(info, &IID_ITestAuto, object, &of_type), S_OK, "CreateStubFromTypeInfo");
    if (of_type) {
        ok(IRpcStubBuffer_IsIIDSupported(of_type, &IID_ITestAuto) == of_type, "not its own interface\n");
        ok(IRpcStubBuffer_CountRefs(of_type) == 1, "not connected\n");
        IRpcStubBuffer_Disconnect(of_type);
        ok(IRpcStubBuffer_Release(of_type) == 0, "references are left\n");
    }
    ok_status(CreateProxyFromTypeInfo(info, object, &IID_ITestAuto, &buffer, (void **)&proxy), S_OK,
              "CreateProxyFromTypeInfo");
    if (buffer) {
        ok(proxy != NULL, "no interface pointer\n");
        ok_status(IRpcProxyBuffer_Connect(buffer, &channel), S_OK, "Connect");
        IRpcProxyBuffer_Disconnect(buffer);
        ok(!channel_references, "%ld references on the channel\n", (long)channel_references);
        IUnknown_Release(proxy);
        ok(IRpcProxyBuffer_Release(buffer) == 0, "references are left\n");
    }
    IUnknown_Release(object);
    ok(!com_objects, "%ld objects are left\n", com_objects);
}

static void test_type_description(void)
{
    ITypeInfo *info = NULL;
    WCHAR path[MAX_PATH];
    ITypeLib *library = NULL;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    ok_status(LoadTypeLibEx(path, REGKIND_NONE, &library), S_OK, "LoadTypeLibEx");
    if (!library)
        return;
    ok_status(ITypeLib_GetTypeInfoOfGuid(library, &IID_ITestAuto, &info), S_OK, "GetTypeInfoOfGuid");
    if (info) {
        check_described(info);
        ITypeInfo_Release(info);
    }
    ITypeLib_Release(library);
}

/* Where the DLL has no such function its text says so; looked up, as COM and regsvr32 do. */
static void test_dll(void)
{
    HRESULT(WINAPI * get_class)(REFCLSID, REFIID, void **) = rpcrt4_function("rpcrt4!DllGetClassObject");
    HRESULT(WINAPI * register_server)(void) = rpcrt4_function("rpcrt4!DllRegisterServer");
    HRESULT(WINAPI * install)(BOOL, const WCHAR *) = rpcrt4_function("rpcrt4!DllInstall");
    void *object = &object;

    if (get_class) {
        ok_status(get_class(&adder_iid, &IID_IClassFactory, &object), CLASS_E_CLASSNOTAVAILABLE,
                  "an unknown class");
        ok(!object, "object %p\n", object);
    }
    if (register_server)
        ok_status(register_server(), S_OK, "DllRegisterServer");
    if (install) /* of 64-bit DLLs; unverified on Windows */
        ok_status(install(TRUE, L""), S_OK, "DllInstall");
    ok(get_class && register_server, "not exported\n");
}

START_TEST(com_entry)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    test_errors();
    test_os();
    test_bad_request();
    test_type_description();
    test_dll();
    CoUninitialize();
}
