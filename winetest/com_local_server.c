/*
 * Topic outproc: a server program that COM starts because the registry names it for a class (LocalServer32),
 * and a client program that asks COM for objects of it: by proxies that widl made, by ole32's own (IStream,
 * IEnumUnknown) and by the type library. Where two rpcrt4.dll are to be had, Wine's own and a native one, the
 * server runs on one and the client on the other, both ways.
 *
 * Sources: SDK pages "LocalServer32", CoRegisterClassObject, CoCreateInstance.
 */
#include "com_test_object.h"

/* Of what the server makes. */
enum { PLAIN, AUTOMAT, STREAM, ENUMERATOR, CLASSES };

static const CLSID classes[CLASSES] = {
    {0x5f0a1b20, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}},
    {0x5f0a1b21, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}},
    {0x5f0a1b22, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}},
    {0x5f0a1b23, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}},
};

/* ---- which rpcrt4.dll: Wine chooses by the program's name, so that each has a copy of this one */

enum { THIS_PROGRAM, ON_NATIVE, ON_BUILTIN };

static const struct {
    const char *name, *load_order;
} programs[] = {
    [ON_NATIVE] = {"rpcrt4_native.exe", "native"},
    [ON_BUILTIN] = {"rpcrt4_builtin.exe", "builtin"},
};

#define APP_DEFAULTS "Software\\Wine\\AppDefaults\\"

static int is_wine(void)
{
    return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") != NULL;
}

static int native_is_installed(void)
{
    char path[MAX_PATH], header[sizeof(IMAGE_DOS_HEADER) + 8] = "";
    DWORD done = 0;
    HANDLE file;

    GetSystemDirectoryA(path, sizeof(path) - 16);
    strcat(path, "\\rpcrt4.dll");
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ReadFile(file, header, sizeof(header), &done, NULL);
    CloseHandle(file);
    return done == sizeof(header) && !com_is_wines(header);
}

/* The environment's word stands above the registry's. */
static int registry_chooses(void)
{
    char overrides[1024] = "";

    GetEnvironmentVariableA("WINEDLLOVERRIDES", overrides, sizeof(overrides));
    return !strstr(overrides, "rpcrt4");
}

static void program_path(int program, char *path)
{
    if (program == THIS_PROGRAM) {
        GetModuleFileNameA(NULL, path, MAX_PATH);
        return;
    }
    GetTempPathA(MAX_PATH - 32, path);
    strcat(path, programs[program].name);
}

static void make_program(int program)
{
    char self[MAX_PATH], path[MAX_PATH], name[128];
    HKEY key = NULL;

    GetModuleFileNameA(NULL, self, MAX_PATH);
    program_path(program, path);
    ok(CopyFileA(self, path, FALSE), "cannot make %s: %lu\n", path, GetLastError());
    snprintf(name, sizeof(name), APP_DEFAULTS "%s\\DllOverrides", programs[program].name);
    ok_status(RegCreateKeyExA(HKEY_CURRENT_USER, name, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL),
              ERROR_SUCCESS, name);
    RegSetValueExA(key, "rpcrt4", 0, REG_SZ, (const BYTE *)programs[program].load_order,
                   strlen(programs[program].load_order) + 1);
    RegCloseKey(key);
}

/* The file is held for as long as its process lives, which is longer than its last word. */
static void remove_program(int program)
{
    char path[MAX_PATH], name[128];

    program_path(program, path);
    DeleteFileA(path);
    snprintf(name, sizeof(name), APP_DEFAULTS "%s", programs[program].name);
    ok_status(RegDeleteTreeA(HKEY_CURRENT_USER, name), ERROR_SUCCESS, name);
}

/* In a copy: it has the rpcrt4.dll that it is for. */
static void check_program(void)
{
    char path[MAX_PATH];
    int marked = com_is_wines(GetModuleHandleA("rpcrt4.dll"));

    GetModuleFileNameA(NULL, path, MAX_PATH);
    for (int i = ON_NATIVE; i <= ON_BUILTIN; i++)
        ok(!strstr(path, programs[i].name) || marked == (i == ON_BUILTIN), "%s has the other rpcrt4.dll\n",
           programs[i].name);
}

/* ---- the server's class objects */

struct class_object {
    IClassFactory iface;
    IUnknown *(*make)(void);
    DWORD registration;
};

static HRESULT WINAPI class_QueryInterface(IClassFactory *iface, REFIID iid, void **result)
{
    *result = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IClassFactory))
        return E_NOINTERFACE;
    *result = iface;
    return S_OK;
}

/* Class objects live as long as the server. */
static ULONG WINAPI class_AddRef(IClassFactory *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI class_Release(IClassFactory *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI class_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **result)
{
    IUnknown *object;
    HRESULT status;

    *result = NULL;
    if (outer)
        return CLASS_E_NOAGGREGATION;
    object = CONTAINING_RECORD(iface, struct class_object, iface)->make();
    status = IUnknown_QueryInterface(object, iid, result);
    IUnknown_Release(object);
    return status;
}

static HRESULT WINAPI class_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface, (void)lock;
    return S_OK;
}

static IClassFactoryVtbl class_vtable = {
    class_QueryInterface, class_AddRef, class_Release, class_CreateInstance, class_LockServer,
};

static IUnknown *make_stream(void)
{
    IStream *stream = NULL;

    CreateStreamOnHGlobal(NULL, TRUE, &stream);
    return (IUnknown *)stream;
}

static struct class_object class_objects[CLASSES] = {
    [PLAIN] = {{&class_vtable}, com_object, 0},
    [AUTOMAT] = {{&class_vtable}, com_automat, 0},
    [STREAM] = {{&class_vtable}, make_stream, 0},
    [ENUMERATOR] = {{&class_vtable}, com_enumerator, 0},
};

/* Started by COM. Its last word is the event local_gone. */
START_CHILD(local_server)
{
    HANDLE stop = shared_event("local_stop", 0), hung = shared_event("local_hung", 1);
    DWORD registration;

    winetest_context("local server");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    registration = com_register();
    check_program();
    for (int i = 0; i < CLASSES; i++)
        ok_status(CoRegisterClassObject(&classes[i], (IUnknown *)&class_objects[i].iface, CLSCTX_LOCAL_SERVER,
                                        REGCLS_MULTIPLEUSE, &class_objects[i].registration),
                  S_OK, "CoRegisterClassObject");
    WaitForSingleObject(stop, INFINITE); /* a client that hangs is told of first */
    for (int i = 0; i < CLASSES; i++)
        ok_status(CoRevokeClassObject(class_objects[i].registration), S_OK, "CoRevokeClassObject");
    ok(!com_objects || WaitForSingleObject(hung, 0) == WAIT_OBJECT_0, "%ld objects are left\n", com_objects);
    com_unregister(registration);
    CoUninitialize();
    SetEvent(shared_event("local_gone", 0));
}

/* ---- the client */

static void *create(int class, REFIID iid)
{
    void *object = NULL;

    ok_status(CoCreateInstance(&classes[class], NULL, CLSCTX_LOCAL_SERVER, iid, &object), S_OK,
              "CoCreateInstance");
    return object;
}

/* Two objects are two; the class object itself crosses too. */
static void check_class(void)
{
    IClassFactory *factory = NULL;
    ITestPlain *one = NULL, *other = NULL;
    IStream *none = NULL;

    ok_status(
        CoGetClassObject(&classes[PLAIN], CLSCTX_LOCAL_SERVER, NULL, &IID_IClassFactory, (void **)&factory),
        S_OK, "CoGetClassObject");
    if (!factory)
        return;
    ok_status(IClassFactory_CreateInstance(factory, NULL, &IID_ITestPlain, (void **)&one), S_OK, "one");
    ok_status(IClassFactory_CreateInstance(factory, NULL, &IID_ITestPlain, (void **)&other), S_OK, "other");
    ok(one != other, "two objects are one\n");
    ok_status(IClassFactory_CreateInstance(factory, NULL, &IID_IStream, (void **)&none), E_NOINTERFACE,
              "an interface it lacks");
    if (one)
        ITestPlain_Release(one);
    if (other)
        ITestPlain_Release(other);
    IClassFactory_Release(factory);
}

static void check_objects(int wines)
{
    ITestPlain *plain = create(PLAIN, &IID_ITestPlain);
    ITestDerived *derived = create(PLAIN, &IID_ITestDerived);
    ITestAuto *automation = create(AUTOMAT, &IID_ITestAuto);
    ITestDualMore *dual = create(AUTOMAT, &IID_ITestDualMore);
    IStream *stream = create(STREAM, &IID_IStream);
    IEnumUnknown *enumerator = create(ENUMERATOR, &IID_IEnumUnknown);

    if (plain) {
        com_check_plain(plain, 0, wines);
        ITestPlain_Release(plain);
        check_class();
    }
    if (derived) {
        com_check_derived(derived);
        ITestDerived_Release(derived);
    }
    if (automation) {
        com_check_auto(automation, wines);
        ITestAuto_Release(automation);
    }
    if (dual) {
        com_check_dual(dual);
        ITestDualMore_Release(dual);
    }
    if (stream) {
        com_check_stream(stream);
        IStream_Release(stream);
    }
    if (enumerator) {
        com_check_enumerator(enumerator);
        IEnumUnknown_Release(enumerator);
    }
}

/* In the multithreaded apartment and in one of a single thread, one after the other. */
START_CHILD(local_client)
{
    static const DWORD kinds[] = {COINIT_MULTITHREADED, COINIT_APARTMENTTHREADED};
    int wines = !strcmp(argv[0], "crossed") || com_is_wines(GetModuleHandleA("rpcrt4.dll"));

    check_program();
    for (int i = 0; i < 2; i++) {
        DWORD registration;

        winetest_context(i ? "client, one thread" : "client");
        CoInitializeEx(NULL, kinds[i]);
        registration = com_register();
        check_objects(wines);
        ok(!com_objects, "%ld objects are left\n", com_objects);
        com_unregister(registration);
        CoUninitialize();
    }
}

/* ---- the registry */

static void class_key(int class, char *path)
{
    const GUID *id = &classes[class];

    sprintf(path, "Software\\Classes\\CLSID\\{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", id->Data1,
            id->Data2, id->Data3, id->Data4[0], id->Data4[1], id->Data4[2], id->Data4[3], id->Data4[4],
            id->Data4[5], id->Data4[6], id->Data4[7]);
}

static void register_class(HKEY root, int class, const char *command)
{
    char path[128];
    HKEY key, server = NULL;

    class_key(class, path);
    ok_status(RegCreateKeyExA(root, path, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL), ERROR_SUCCESS, path);
    ok_status(RegCreateKeyExA(key, "LocalServer32", 0, NULL, 0, KEY_WRITE, NULL, &server, NULL),
              ERROR_SUCCESS, "LocalServer32");
    RegSetValueExA(server, NULL, 0, REG_SZ, (const BYTE *)command, strlen(command) + 1);
    RegCloseKey(server);
    RegCloseKey(key);
}

static void unregister_class(HKEY root, int class)
{
    char path[128];

    class_key(class, path);
    ok_status(RegDeleteTreeA(root, path), ERROR_SUCCESS, path);
}

/* A class of the user's alone is enough for Windows; Wine 8.0 looks at the machine's. */
static HKEY class_root(void)
{
    return is_wine() ? HKEY_LOCAL_MACHINE : HKEY_CURRENT_USER;
}

static int is_on_wines(int program)
{
    return program == ON_BUILTIN || (program == THIS_PROGRAM && com_is_wines(GetModuleHandleA("rpcrt4.dll")));
}

static void stop_server(void)
{
    /* Held before the server can set it and be gone, the event with it. */
    HANDLE gone = shared_event("local_gone", 0), stop = shared_event("local_stop", 0);

    SetEvent(stop);
    wait_for(gone, "local_gone");
    CloseHandle(stop);
    CloseHandle(gone);
}

/* A server on Wine's own rpcrt4 now and then never answers the call that releases an interface (Wine 8.0, any
 * client, Wine's own too): the more often, the busier the machine. That is not what is tested here. */
static void run_client(int client, int server)
{
    const char *role = client == server ? "local_client alike" : "local_client crossed";
    HANDLE hung = shared_event("local_hung", 1);
    char path[MAX_PATH];

    program_path(client, path);
    for (int tries = is_on_wines(server) ? 4 : 1;; tries--) {
        HANDLE process = child_start_program(path, role);

        if (tries == 1 || WaitForSingleObject(process, HANG_GUARD) == WAIT_OBJECT_0) {
            child_wait(process, 0);
            break;
        }
        trace("the client hangs with its server on Wine's own DLL: once more\n");
        SetEvent(hung);
        TerminateProcess(process, 3);
        wait_for(process, "end of the client");
        CloseHandle(process);
        stop_server();
        ResetEvent(hung);
    }
    CloseHandle(hung);
}

static void run_pair(int client, int server)
{
    char path[MAX_PATH], command[2 * MAX_PATH];
    HKEY root = class_root();

    program_path(server, path);
    child_command(command, sizeof(command), path, "local_server");
    for (int i = 0; i < CLASSES; i++)
        register_class(root, i, command);
    run_client(client, server);
    stop_server();
    for (int i = 0; i < CLASSES; i++)
        unregister_class(root, i);
}

static void run_crossed(void)
{
    if (!registry_chooses()) {
        skip("WINEDLLOVERRIDES says which rpcrt4.dll\n");
        return;
    }
    for (int i = ON_NATIVE; i <= ON_BUILTIN; i++)
        make_program(i);
    trace("the client on the native DLL, the server on Wine's own\n");
    run_pair(ON_NATIVE, ON_BUILTIN);
    trace("the client on Wine's own DLL, the server on the native one\n");
    run_pair(ON_BUILTIN, ON_NATIVE);
    for (int i = ON_NATIVE; i <= ON_BUILTIN; i++)
        remove_program(i);
}

START_TEST(outproc)
{
    ITypeLib *library;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    library = com_register_library();
    run_pair(THIS_PROGRAM, THIS_PROGRAM);
    if (is_wine() && native_is_installed())
        run_crossed();
    com_unregister_library(library);
    CoUninitialize();
}
