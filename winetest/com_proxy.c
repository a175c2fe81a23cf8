/*
 * Topic proxies: objects in another apartment and in another process, through proxies and stubs that widl
 * made with -Oicf: stubless methods, call_as, delegation to a base interface that another DLL knows.
 */
#include "com_test_object.h"

static void check_numbers(ITestPlain *plain)
{
    double sum = 0;

    ok_status(ITestPlain_numbers(plain, 3, 0x100000000ll, 0.5f, 0.25, 300, &sum), S_FALSE, "numbers");
    ok(sum == 4294967296.0 + 303.75, "sum is %f\n", sum);
    ok_status(ITestPlain_none(plain), 0x12345, "none");
}

static void check_text(ITestPlain *plain)
{
    WCHAR *out = NULL;

    ok_status(ITestPlain_text(plain, L"stressed", &out), S_OK, "text");
    ok(out && !wcscmp(out, L"desserts"), "got %ls\n", out);
    CoTaskMemFree(out);
    /* A null reference pointer never reaches the object. Source: SDK, "ref". */
    ok_status(ITestPlain_text(plain, NULL, &out), HRESULT_FROM_WIN32(RPC_X_NULL_REF_POINTER), "null text");
    ok(!out, "out is %p after a failure\n", out);
}

static void check_automation(ITestPlain *plain)
{
    BSTR text = SysAllocStringLen(L"a\0b", 3), text_out = NULL;
    VARIANT value, value_out;

    V_VT(&value) = VT_R8;
    V_R8(&value) = 1.5;
    VariantInit(&value_out);
    ok_status(ITestPlain_automation(plain, text, value, &text_out, &value_out), S_OK, "automation");
    ok(SysStringLen(text_out) == 3 && !memcmp(text_out, text, 8), "text came back as %ls\n", text_out);
    ok(V_VT(&value_out) == VT_R8 && V_R8(&value_out) == 1.5, "value of type %d came back\n",
       V_VT(&value_out));
    SysFreeString(text);
    SysFreeString(text_out);
    VariantClear(&value_out);
}

static void check_array(ITestPlain *plain)
{
    enum { COUNT = 20000 };
    LONG *in = malloc(COUNT * sizeof(*in)), *out = calloc(COUNT, sizeof(*out));
    int wrong = 0;

    for (int i = 0; i < COUNT; i++)
        in[i] = i * 7;
    ok_status(ITestPlain_array(plain, COUNT, in, out), S_OK, "array");
    for (int i = 0; i < COUNT; i++)
        wrong += out[i] != in[COUNT - 1 - i];
    ok(!wrong, "%d elements are wrong\n", wrong);
    free(in);
    free(out);
}

static void check_object(ITestPlain *plain)
{
    LONG before = com_objects;
    IUnknown *mine = com_object(), *back = NULL;
    ITestDerived *derived = NULL;

    ok_status(ITestPlain_object(plain, &IID_IUnknown, mine, &back), S_OK, "object");
    ok(back == mine, "an object of this apartment came back as %p, expected %p\n", back, mine);
    if (back)
        IUnknown_Release(back);
    ok_status(ITestPlain_object(plain, &IID_ITestDerived, mine, (IUnknown **)&derived), S_OK,
              "object by IID");
    if (derived) {
        LONG twice = 0;

        ok_status(ITestDerived_twice(derived, 21, &twice), S_OK, "twice");
        ok(twice == 42, "twice is %ld\n", twice);
        ITestDerived_Release(derived);
    }
    ok_status(ITestPlain_object(plain, &IID_IUnknown, NULL, &back), S_OK, "null object");
    ok(!back, "null came back as %p\n", back);
    ok_status(ITestPlain_hold(plain, mine), S_OK, "hold");
    ok_status(ITestPlain_hold(plain, NULL), S_OK, "hold nothing");
    IUnknown_Release(mine);
    ok(com_objects == before, "%ld objects are left\n", com_objects - before);
}

static void check_failures(ITestPlain *plain, int wines)
{
    IUnknown *object = (IUnknown *)0xdead;
    WCHAR *text = (WCHAR *)0xdead;
    LONG kept = 4;
    HRESULT result;

    /* The reply of a method that failed is a reply. */
    ok_status(ITestPlain_fail(plain, STG_E_MEDIUMFULL, &kept, &object, &text), STG_E_MEDIUMFULL, "fail");
    ok(kept == 5 && !object && (wines || !text), "kept %ld, object %p, text %p\n", kept, object, text);
    result = ITestPlain_crash(plain);
    ok(FAILED(result), "a method that crashes gives %#lx\n", result);
    ok_status(ITestPlain_none(plain), 0x12345, "the next call");
}

static void check_split(ITestPlain *plain, DWORD thread)
{
    LONG twice = 0;
    DWORD ran = 0;

    ok_status(ITestPlain_split(plain, 10, &twice, &ran), S_OK, "split");
    ok(twice == 23,
       "twice is %ld, expected 23: 20 of the object, 2 of the stub's routine, 1 of the proxy's\n", twice);
    ok(thread ? ran == thread : ran != GetCurrentThreadId(), "ran in thread %lx\n", ran);
}

void com_check_plain(ITestPlain *plain, DWORD thread, int wines)
{
    check_numbers(plain);
    if (!wines)
        check_text(plain);
    check_automation(plain);
    check_array(plain);
    check_object(plain);
    check_failures(plain, wines);
    check_split(plain, thread);
}

static void check_identity(ITestPlain *plain)
{
    IUnknown *one, *other;
    ITestDerived *derived = NULL;
    IStream *none;

    ok_status(ITestPlain_QueryInterface(plain, &IID_IUnknown, (void **)&one), S_OK, "IUnknown");
    ok_status(ITestPlain_QueryInterface(plain, &IID_ITestDerived, (void **)&derived), S_OK, "ITestDerived");
    ok_status(ITestPlain_QueryInterface(plain, &IID_IStream, (void **)&none), E_NOINTERFACE, "IStream");
    if (derived) {
        ok_status(ITestDerived_QueryInterface(derived, &IID_IUnknown, (void **)&other), S_OK, "IUnknown");
        ok(one == other, "an object has two identities, %p and %p\n", one, other);
        IUnknown_Release(other);
        ITestDerived_Release(derived);
    }
    IUnknown_Release(one);
}

void com_check_derived(ITestDerived *derived)
{
    VARIANT argument, result;
    DISPPARAMS arguments = {&argument, NULL, 1, 0};
    WCHAR *name = L"four";
    DISPID id = 0;
    UINT count = 0;
    LONG twice = 0;

    ok_status(ITestDerived_twice(derived, -5, &twice), S_OK, "twice");
    ok(twice == -10, "twice is %ld\n", twice);
    ok_status(ITestDerived_GetTypeInfoCount(derived, &count), S_OK, "GetTypeInfoCount");
    ok(count == 77, "count is %u\n", count);
    ok_status(ITestDerived_GetIDsOfNames(derived, &IID_NULL, &name, 1, 0, &id), S_OK, "GetIDsOfNames");
    ok(id == 104, "id is %ld\n", id);
    V_VT(&argument) = VT_I4;
    V_I4(&argument) = 6;
    VariantInit(&result);
    ok_status(ITestDerived_Invoke(derived, 7, &IID_NULL, 0, DISPATCH_METHOD, &arguments, &result, NULL, NULL),
              S_OK, "Invoke");
    ok(V_VT(&result) == VT_I4 && V_I4(&result) == 42, "result %ld of type %d\n", V_I4(&result),
       V_VT(&result));
}

static void run_apartment(void)
{
    struct com_apartment apartment;
    LONG before = com_factory_references();
    ITestPlain *plain;
    ITestDerived *derived;

    com_apartment_start(&apartment, com_object, &IID_ITestPlain);
    plain = com_apartment_object(&apartment);
    if (plain) {
        com_check_plain(plain, apartment.thread_id, 0);
        check_identity(plain);
        ITestPlain_Release(plain);
    }
    com_apartment_stop(&apartment);
    com_apartment_start(&apartment, com_object, &IID_ITestDerived);
    derived = com_apartment_object(&apartment);
    if (derived) {
        com_check_derived(derived);
        ITestDerived_Release(derived);
    }
    com_apartment_stop(&apartment);
    ok(!com_objects, "%ld objects are left\n", com_objects);
    ok(com_factory_references() == before, "%ld proxies and stubs are left\n",
       com_factory_references() - before);
}

/* An interface whose proxies ole32 itself has, most of its methods with a local form. */
static IUnknown *make_stream(void)
{
    IStream *stream = NULL;

    ok_status(CreateStreamOnHGlobal(NULL, TRUE, &stream), S_OK, "CreateStreamOnHGlobal");
    return (IUnknown *)stream;
}

void com_check_stream(IStream *stream)
{
    static const char octets[] = "octets of a stream in another apartment";
    const LARGE_INTEGER start = {.QuadPart = 10};
    char back[sizeof(octets)] = "";
    ULARGE_INTEGER at = {.QuadPart = 0};
    ULONG done = 0;
    STATSTG stat;
    IStream *clone = NULL;

    ok_status(IStream_Write(stream, octets, sizeof(octets), &done), S_OK, "Write");
    ok(done == sizeof(octets), "%lu octets written\n", done);
    ok_status(IStream_Seek(stream, start, STREAM_SEEK_SET, &at), S_OK, "Seek");
    ok(at.QuadPart == 10, "at %lu\n", at.LowPart);
    ok_status(IStream_Clone(stream, &clone), S_OK, "Clone");
    if (!clone)
        return;
    ok_status(IStream_Read(clone, back, sizeof(back), &done), S_OK, "Read");
    ok(done == sizeof(octets) - 10 && !strcmp(back, octets + 10), "%lu octets read: %s\n", done, back);
    IStream_Release(clone);
    ok_status(IStream_Stat(stream, &stat, STATFLAG_NONAME), S_OK, "Stat");
    ok(stat.cbSize.QuadPart == sizeof(octets), "size is %lu\n", stat.cbSize.LowPart);
}

static void run_stream(void)
{
    struct com_apartment apartment;
    IStream *stream;

    com_apartment_start(&apartment, make_stream, &IID_IStream);
    stream = com_apartment_object(&apartment);
    if (stream) {
        com_check_stream(stream);
        IStream_Release(stream);
    }
    com_apartment_stop(&apartment);
}

/* ---- another process, which is told of the object through a file */

static void object_file(WCHAR *path)
{
    WCHAR name[64];

    GetTempPathW(MAX_PATH, path);
    wsprintfW(name, L"rpcrt4_com_%u", run_id());
    lstrcatW(path, name);
}

static IStream *stream_of_file(void)
{
    WCHAR path[MAX_PATH + 64];
    HANDLE file;
    HGLOBAL memory;
    DWORD size, done = 0;
    IStream *stream = NULL;

    object_file(path);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    size = GetFileSize(file, NULL);
    memory = GlobalAlloc(GMEM_MOVEABLE, size);
    ok(ReadFile(file, GlobalLock(memory), size, &done, NULL) && done == size, "cannot read %ls\n", path);
    GlobalUnlock(memory);
    CloseHandle(file);
    DeleteFileW(path);
    ok_status(CreateStreamOnHGlobal(memory, TRUE, &stream), S_OK, "CreateStreamOnHGlobal");
    return stream;
}

static void marshal_to_file(IUnknown *object)
{
    WCHAR path[MAX_PATH + 64];
    IStream *stream;
    HGLOBAL memory;
    HANDLE file;
    DWORD done;

    ok_status(CreateStreamOnHGlobal(NULL, TRUE, &stream), S_OK, "CreateStreamOnHGlobal");
    ok_status(CoMarshalInterface(stream, &IID_ITestPlain, object, MSHCTX_LOCAL, NULL, MSHLFLAGS_NORMAL), S_OK,
              "CoMarshalInterface");
    GetHGlobalFromStream(stream, &memory);
    object_file(path);
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ok(WriteFile(file, GlobalLock(memory), GlobalSize(memory), &done, NULL), "cannot write %ls\n", path);
    GlobalUnlock(memory);
    CloseHandle(file);
    IStream_Release(stream);
}

START_CHILD(com_server)
{
    HANDLE stop = shared_event("com_stop", 1);
    IUnknown *object;
    DWORD registration;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    registration = com_register();
    object = com_object();
    marshal_to_file(object);
    IUnknown_Release(object);
    SetEvent(shared_event("com_ready", 1));
    wait_for(stop, "com_stop");
    ok(!com_objects, "%ld objects are left in the server\n", com_objects);
    com_unregister(registration);
    CoUninitialize();
}

static void run_process(void)
{
    HANDLE server = child_start("com_server", "-");
    ITestPlain *plain = NULL;
    IStream *stream;

    if (wait_for(shared_event("com_ready", 1), "com_ready")) {
        stream = stream_of_file();
        ok_status(CoUnmarshalInterface(stream, &IID_ITestPlain, (void **)&plain), S_OK,
                  "CoUnmarshalInterface");
        IStream_Release(stream);
    }
    if (plain) {
        com_check_plain(plain, 0, 0);
        check_identity(plain);
        ITestPlain_Release(plain);
    }
    SetEvent(shared_event("com_stop", 1));
    child_wait(server, 0);
}

START_TEST(proxies)
{
    DWORD registration;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    registration = com_register();
    winetest_context("another apartment");
    run_apartment();
    run_stream();
    winetest_context("another process");
    run_process();
    winetest_context("%s", "");
    com_unregister(registration);
    CoUninitialize();
}
