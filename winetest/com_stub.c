/*
 * Topic cstub: the class object of a proxy DLL, its proxies and stubs without ole32 between them, and the
 * registration. Sources: SDK pages of NdrDllGetClassObject, NdrDllCanUnloadNow, NdrDllRegisterProxy,
 * IPSFactoryBuffer, IRpcStubBuffer, IRpcProxyBuffer, CStdStubBuffer_*.
 */
#include "com_test_object.h"
#include <rpcproxy.h>

static const CLSID other_class = {
    0x5f0a1bfe, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}};
extern const ExtendedProxyFileInfo com_test_ProxyFileInfo;
static const ProxyFileInfo *proxy_files[] = {&com_test_ProxyFileInfo, NULL};
static const ProxyFileInfo *no_files[] = {NULL};

static void check_class_object(void)
{
    static CStdPSFactoryBuffer factory;
    IPSFactoryBuffer *object = (void *)0xdead;

    ok_status(NdrDllGetClassObject(&other_class, &IID_IStream, (void **)&object, proxy_files, &other_class,
                                   &factory),
              E_NOINTERFACE, "IStream of the class object");
    ok(!object, "object is %p\n", object);
    ok_status(NdrDllGetClassObject(&IID_IStream, &IID_IPSFactoryBuffer, (void **)&object, proxy_files,
                                   &other_class, &factory),
              CLASS_E_CLASSNOTAVAILABLE, "another class");
    ok_status(NdrDllCanUnloadNow(&factory), S_OK, "NdrDllCanUnloadNow");
    ok_status(NdrDllGetClassObject(&other_class, &IID_IPSFactoryBuffer, (void **)&object, proxy_files,
                                   &other_class, &factory),
              S_OK, "the class object");
    ok_status(NdrDllCanUnloadNow(&factory), S_FALSE, "NdrDllCanUnloadNow");
    IPSFactoryBuffer_Release(object);
    ok_status(NdrDllCanUnloadNow(&factory), S_OK, "NdrDllCanUnloadNow");
}

static void check_stub(IPSFactoryBuffer *factory)
{
    LONG before = com_factory_references();
    IUnknown *object = com_object(), *unknown = NULL;
    IRpcStubBuffer *stub = NULL;
    void *server = NULL;

    ok_status(IPSFactoryBuffer_CreateStub(factory, &IID_IStream, object, &stub), E_NOINTERFACE, "IStream");
    ok_status(IPSFactoryBuffer_CreateStub(factory, &IID_ITestPlain, object, &stub), S_OK, "CreateStub");
    if (!stub)
        return;
    ok(com_factory_references() == before + 1, "a stub does not keep its DLL\n");
    ok(IRpcStubBuffer_CountRefs(stub) == 1, "%lu objects connected\n", IRpcStubBuffer_CountRefs(stub));
    ok(IRpcStubBuffer_IsIIDSupported(stub, &IID_ITestPlain) == stub, "its own interface is not supported\n");
    ok(!IRpcStubBuffer_IsIIDSupported(stub, &IID_IStream), "IStream is supported\n");
    ok_status(IRpcStubBuffer_DebugServerQueryInterface(stub, &server), S_OK, "DebugServerQueryInterface");
    ok(server == object, "the server is %p, expected %p\n", server, object);
    IRpcStubBuffer_DebugServerRelease(stub, server);
    ok_status(IRpcStubBuffer_QueryInterface(stub, &IID_IRpcStubBuffer, (void **)&unknown), S_OK,
              "IRpcStubBuffer");
    ok(unknown == (IUnknown *)stub, "IRpcStubBuffer is %p, expected %p\n", unknown, stub);
    IUnknown_Release(unknown);
    ok_status(IRpcStubBuffer_QueryInterface(stub, &IID_ITestPlain, (void **)&unknown), E_NOINTERFACE,
              "ITestPlain of a stub");
    IRpcStubBuffer_Disconnect(stub);
    ok(IRpcStubBuffer_CountRefs(stub) == 0, "%lu objects connected\n", IRpcStubBuffer_CountRefs(stub));
    ok_status(IRpcStubBuffer_Connect(stub, object), S_OK, "Connect");
    IUnknown_Release(object);
    ok(com_objects == 1, "%ld objects\n", com_objects);
    ok(IRpcStubBuffer_Release(stub) == 0, "stub has references left\n");
    ok(com_objects == 0, "%ld objects are left\n", com_objects);
    ok(com_factory_references() == before, "the DLL is still held\n");
}

/* A proxy without a channel: each method fails, and leaves nothing in what is [out]. */
static void check_unconnected(IPSFactoryBuffer *factory)
{
    IUnknown *outer = com_object();
    IRpcProxyBuffer *buffer = NULL;
    ITestPlain *plain = NULL, *again = NULL;
    LPOLESTR text = (LPOLESTR)0xdead;
    double sum = 1;

    ok_status(IPSFactoryBuffer_CreateProxy(factory, outer, &IID_IStream, &buffer, (void **)&plain),
              E_NOINTERFACE, "IStream");
    ok_status(IPSFactoryBuffer_CreateProxy(factory, outer, &IID_ITestPlain, &buffer, (void **)&plain), S_OK,
              "CreateProxy");
    if (!buffer)
        return;
    ok_status(ITestPlain_QueryInterface(plain, &IID_ITestPlain, (void **)&again), S_OK, "ITestPlain");
    ok((IUnknown *)again == outer, "QueryInterface does not go to the outer object\n");
    ITestPlain_Release(again);
    ok_status(ITestPlain_text(plain, L"x", &text), CO_E_OBJNOTCONNECTED, "text");
    ok(!text, "text is %p\n", text);
    ok_status(ITestPlain_numbers(plain, 0, 0, 0, 0, 0, &sum), CO_E_OBJNOTCONNECTED, "numbers");
    ok(sum == 0, "sum is %f\n", sum);
    ITestPlain_Release(plain);
    ok(IRpcProxyBuffer_Release(buffer) == 0, "proxy has references left\n");
    IUnknown_Release(outer);
    ok(com_objects == 0, "%ld objects are left\n", com_objects);
}

static void key_value(const WCHAR *key, WCHAR *value)
{
    DWORD size = MAX_PATH * sizeof(*value);

    value[0] = 0;
    RegGetValueW(HKEY_CLASSES_ROOT, key, NULL, RRF_RT_REG_SZ, NULL, value, &size);
}

static void check_registration(void)
{
    static const WCHAR interface_key[] = L"Interface\\{5F0A1B01-83C5-4D0E-9A43-6B3F5C1D7A01}";
    static const WCHAR class_key[] = L"CLSID\\{5F0A1BFE-83C5-4D0E-9A43-6B3F5C1D7A01}";
    WCHAR key[128], value[MAX_PATH], self[MAX_PATH];
    HKEY gone;

    GetModuleFileNameW(NULL, self, MAX_PATH);
    ok_status(NdrDllRegisterProxy(NULL, proxy_files, &other_class), E_HANDLE, "no module");
    ok_status(NdrDllRegisterProxy(GetModuleHandleW(NULL), no_files, &other_class), E_NOINTERFACE,
              "no interfaces");
    ok_status(NdrDllRegisterProxy(GetModuleHandleW(NULL), proxy_files, &other_class), S_OK,
              "NdrDllRegisterProxy");
    key_value(interface_key, value);
    ok(!wcscmp(value, L"ITestPlain"), "the interface's name is %ls\n", value);
    wsprintfW(key, L"%s\\NumMethods", interface_key);
    key_value(key, value);
    ok(!wcscmp(value, L"13"), "it has %ls methods\n", value);
    wsprintfW(key, L"%s\\ProxyStubClsid32", interface_key);
    key_value(key, value);
    ok(!wcsicmp(value, class_key + 6), "its proxies' class is %ls\n", value);
    wsprintfW(key, L"%s\\InProcServer32", class_key);
    key_value(key, value);
    ok(!wcsicmp(value, self), "the class lives in %ls\n", value);
    ok_status(NdrDllUnregisterProxy(GetModuleHandleW(NULL), proxy_files, &other_class), S_OK,
              "NdrDllUnregisterProxy");
    ok(RegOpenKeyW(HKEY_CLASSES_ROOT, interface_key, &gone) == ERROR_FILE_NOT_FOUND,
       "the interface is left\n");
    ok(RegOpenKeyW(HKEY_CLASSES_ROOT, class_key, &gone) == ERROR_FILE_NOT_FOUND, "the class is left\n");
}

START_TEST(cstub)
{
    IPSFactoryBuffer *factory;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    check_class_object();
    factory = com_factory();
    check_stub(factory);
    check_unconnected(factory);
    IPSFactoryBuffer_Release(factory);
    check_registration();
    CoUninitialize();
}
