/*
 * The objects of the COM topics (com_test_object.h), and an apartment for them. What an object was given is
 * checked by the caller through what comes back.
 */
#include "com_test_object.h"
#include "com_async.h"
#include "com_async_split.h"
#include <rpcproxy.h>

volatile LONG com_objects;

struct object {
    ITestPlain plain;
    ITestDerived derived;
    LONG references;
    IUnknown *held;
};

/* ---- ITestPlain */

static struct object *of_plain(ITestPlain *plain)
{
    return CONTAINING_RECORD(plain, struct object, plain);
}

static HRESULT WINAPI plain_QueryInterface(ITestPlain *plain, REFIID iid, void **result)
{
    struct object *object = of_plain(plain);

    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ITestPlain))
        *result = &object->plain;
    else if (IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ITestDerived))
        *result = &object->derived;
    else
        return E_NOINTERFACE;
    ITestPlain_AddRef(plain);
    return S_OK;
}

static ULONG WINAPI plain_AddRef(ITestPlain *plain)
{
    return InterlockedIncrement(&of_plain(plain)->references);
}

static ULONG WINAPI plain_Release(ITestPlain *plain)
{
    struct object *object = of_plain(plain);
    LONG references = InterlockedDecrement(&object->references);

    if (!references) {
        if (object->held)
            IUnknown_Release(object->held);
        free(object);
        InterlockedDecrement(&com_objects);
    }
    return references;
}

static HRESULT WINAPI plain_numbers(ITestPlain *plain, byte a, hyper b, float c, double d, short e,
                                    double *sum)
{
    (void)plain;
    *sum = (double)b + a + c + d + e;
    return S_FALSE;
}

static HRESULT WINAPI plain_text(ITestPlain *plain, const WCHAR *in, LPOLESTR *out)
{
    size_t length = wcslen(in);

    (void)plain;
    *out = CoTaskMemAlloc((length + 1) * sizeof(WCHAR));
    for (size_t i = 0; i < length; i++)
        (*out)[i] = in[length - 1 - i];
    (*out)[length] = 0;
    return S_OK;
}

static HRESULT WINAPI plain_automation(ITestPlain *plain, BSTR text, VARIANT value, BSTR *text_out,
                                       VARIANT *value_out)
{
    (void)plain;
    *text_out = SysAllocStringLen(text, SysStringLen(text));
    VariantInit(value_out);
    return VariantCopy(value_out, &value);
}

static HRESULT WINAPI plain_array(ITestPlain *plain, ULONG count, const LONG *in, LONG *out)
{
    (void)plain;
    for (ULONG i = 0; i < count; i++)
        out[i] = in[count - 1 - i];
    return S_OK;
}

static HRESULT WINAPI plain_object(ITestPlain *plain, REFIID iid, IUnknown *in, IUnknown **out)
{
    (void)plain;
    if (in)
        return IUnknown_QueryInterface(in, iid, (void **)out);
    *out = NULL;
    return S_OK;
}

static HRESULT WINAPI plain_fail(ITestPlain *plain, HRESULT with, LONG *kept, IUnknown **object,
                                 LPOLESTR *text)
{
    (void)plain;
    *kept += 1;
    *object = NULL;
    *text = NULL;
    return with;
}

static HRESULT WINAPI plain_crash(ITestPlain *plain)
{
    (void)plain;
    RaiseException(0xc0000005, 0, 0, NULL);
    return S_OK;
}

static HRESULT WINAPI plain_none(ITestPlain *plain)
{
    (void)plain;
    return 0x12345;
}

static HRESULT WINAPI plain_hold(ITestPlain *plain, IUnknown *held)
{
    struct object *object = of_plain(plain);

    if (object->held)
        IUnknown_Release(object->held);
    object->held = held;
    if (held)
        IUnknown_AddRef(held);
    return S_OK;
}

static HRESULT WINAPI plain_split(ITestPlain *plain, LONG value, LONG *twice, DWORD *thread)
{
    (void)plain;
    *twice = 2 * value;
    *thread = GetCurrentThreadId();
    return S_OK;
}

static ITestPlainVtbl plain_vtable = {
    plain_QueryInterface, plain_AddRef, plain_Release, plain_numbers, plain_text,
    plain_automation,     plain_array,  plain_object,  plain_fail,    plain_crash,
    plain_none,           plain_hold,   plain_split,
};

/* The local form adds 1 on the caller's side and 2 on the object's, so that it shows that both ran. */
HRESULT CALLBACK ITestPlain_split_Proxy(ITestPlain *plain, LONG value, LONG *twice, DWORD *thread)
{
    HRESULT result = ITestPlain_RemoteSplit_Proxy(plain, value, twice, thread);

    *twice += 1;
    return result;
}

HRESULT __RPC_STUB ITestPlain_split_Stub(ITestPlain *plain, LONG value, LONG *twice, DWORD *thread)
{
    HRESULT result = ITestPlain_split(plain, value, twice, thread);

    *twice += 2;
    return result;
}

/* ---- ITestDerived, whose IDispatch part is only as much as the tests ask */

static struct object *of_derived(ITestDerived *derived)
{
    return CONTAINING_RECORD(derived, struct object, derived);
}

static HRESULT WINAPI derived_QueryInterface(ITestDerived *derived, REFIID iid, void **result)
{
    return ITestPlain_QueryInterface(&of_derived(derived)->plain, iid, result);
}

static ULONG WINAPI derived_AddRef(ITestDerived *derived)
{
    return ITestPlain_AddRef(&of_derived(derived)->plain);
}

static ULONG WINAPI derived_Release(ITestDerived *derived)
{
    return ITestPlain_Release(&of_derived(derived)->plain);
}

static HRESULT WINAPI derived_GetTypeInfoCount(ITestDerived *derived, UINT *count)
{
    (void)derived;
    *count = 77;
    return S_OK;
}

static HRESULT WINAPI derived_GetTypeInfo(ITestDerived *derived, UINT index, LCID lcid, ITypeInfo **info)
{
    (void)derived, (void)index, (void)lcid;
    *info = NULL;
    return DISP_E_BADINDEX;
}

static HRESULT WINAPI derived_GetIDsOfNames(ITestDerived *derived, REFIID iid, LPOLESTR *names, UINT count,
                                            LCID lcid, DISPID *ids)
{
    (void)derived, (void)iid, (void)lcid;
    for (UINT i = 0; i < count; i++)
        ids[i] = 100 + wcslen(names[i]);
    return S_OK;
}

static HRESULT WINAPI derived_Invoke(ITestDerived *derived, DISPID member, REFIID iid, LCID lcid, WORD flags,
                                     DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception,
                                     UINT *error)
{
    (void)derived, (void)iid, (void)lcid, (void)flags, (void)exception, (void)error;
    if (arguments->cArgs != 1 || V_VT(&arguments->rgvarg[0]) != VT_I4)
        return DISP_E_BADPARAMCOUNT;
    V_VT(result) = VT_I4;
    V_I4(result) = member * V_I4(&arguments->rgvarg[0]);
    return S_OK;
}

static HRESULT WINAPI derived_twice(ITestDerived *derived, LONG value, LONG *result)
{
    (void)derived;
    *result = 2 * value;
    return S_OK;
}

static ITestDerivedVtbl derived_vtable = {
    derived_QueryInterface, derived_AddRef,        derived_Release, derived_GetTypeInfoCount,
    derived_GetTypeInfo,    derived_GetIDsOfNames, derived_Invoke,  derived_twice,
};

IUnknown *com_object(void)
{
    struct object *object = calloc(1, sizeof(*object));

    object->plain.lpVtbl = &plain_vtable;
    object->derived.lpVtbl = &derived_vtable;
    object->references = 1;
    InterlockedIncrement(&com_objects);
    return (IUnknown *)&object->plain;
}

/* ---- the proxies' class object */

static const CLSID own_class = {0x5f0a1bff, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}};
extern const ExtendedProxyFileInfo com_test_ProxyFileInfo, com_async_ProxyFileInfo,
    com_async_split_ProxyFileInfo;
static const ProxyFileInfo *proxy_files[] = {&com_test_ProxyFileInfo, &com_async_ProxyFileInfo,
                                             &com_async_split_ProxyFileInfo, NULL};
static CStdPSFactoryBuffer the_factory;

/* What the tables that widl made refer to. */
ULONG WINAPI CStdStubBuffer_Release(IRpcStubBuffer *stub)
{
    return NdrCStdStubBuffer_Release(stub, (IPSFactoryBuffer *)&the_factory);
}

ULONG WINAPI CStdStubBuffer2_Release(IRpcStubBuffer *stub)
{
    return NdrCStdStubBuffer2_Release(stub, (IPSFactoryBuffer *)&the_factory);
}

/* Wine marks its own modules behind the DOS header. */
int com_is_wines(const void *module)
{
    return !memcmp((const char *)module + sizeof(IMAGE_DOS_HEADER), "Wine ", 5);
}

/* Wine 8.0's own NdrDllGetClassObject crashes over the tables of [async_uuid] interfaces. */
IPSFactoryBuffer *com_factory(void)
{
    IPSFactoryBuffer *factory;

    if (com_is_wines(GetModuleHandleA("rpcrt4.dll")))
        proxy_files[1] = NULL;
    ok_status(NdrDllGetClassObject(&own_class, &IID_IPSFactoryBuffer, (void **)&factory, proxy_files,
                                   &own_class, &the_factory),
              S_OK, "NdrDllGetClassObject");
    return factory;
}

LONG com_factory_references(void)
{
    return the_factory.RefCount;
}

DWORD com_register(void)
{
    IPSFactoryBuffer *factory = com_factory();
    DWORD registration = 0;

    ok_status(CoRegisterClassObject(&own_class, (IUnknown *)factory, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE,
                                    &registration),
              S_OK, "CoRegisterClassObject");
    IPSFactoryBuffer_Release(factory);
    ok_status(CoRegisterPSClsid(&IID_ITestPlain, &own_class), S_OK, "CoRegisterPSClsid");
    ok_status(CoRegisterPSClsid(&IID_ITestDerived, &own_class), S_OK, "CoRegisterPSClsid");
    ok_status(CoRegisterPSClsid(&IID_ITestAsync, &own_class), S_OK, "CoRegisterPSClsid");
    ok_status(CoRegisterPSClsid(&IID_ITestCallAsMore, &own_class), S_OK, "CoRegisterPSClsid");
    ok_status(CoRegisterPSClsid(&IID_ITestPipe, &own_class), S_OK, "CoRegisterPSClsid");
    return registration;
}

void com_unregister(DWORD registration)
{
    ok_status(CoRevokeClassObject(registration), S_OK, "CoRevokeClassObject");
}

/* ---- apartments */

int com_pump(HANDLE event)
{
    MSG message;

    for (;;) {
        DWORD what = MsgWaitForMultipleObjects(1, &event, FALSE, HANG_GUARD, QS_ALLINPUT);

        if (what == WAIT_OBJECT_0)
            return 1;
        if (what != WAIT_OBJECT_0 + 1)
            return 0;
        while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE))
            DispatchMessageW(&message);
    }
}

static DWORD WINAPI apartment_thread(void *context)
{
    struct com_apartment *apartment = context;
    IUnknown *object;
    DWORD registration;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    registration = com_register();
    object = apartment->make();
    ok_status(CoMarshalInterThreadInterfaceInStream(apartment->iid, object, &apartment->stream), S_OK,
              "CoMarshalInterThreadInterfaceInStream");
    IUnknown_Release(object);
    SetEvent(apartment->ready);
    ok(com_pump(apartment->stop), "nobody stopped the apartment\n");
    com_unregister(registration);
    CoUninitialize();
    return 0;
}

void com_apartment_start(struct com_apartment *apartment, IUnknown *(*make)(void), const IID *iid)
{
    apartment->make = make;
    apartment->iid = iid;
    apartment->stream = NULL;
    apartment->ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    apartment->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    apartment->thread = CreateThread(NULL, 0, apartment_thread, apartment, 0, &apartment->thread_id);
    wait_for(apartment->ready, "the apartment");
}

void *com_apartment_object(struct com_apartment *apartment)
{
    void *object = NULL;

    ok_status(CoGetInterfaceAndReleaseStream(apartment->stream, apartment->iid, &object), S_OK,
              "CoGetInterfaceAndReleaseStream");
    return object;
}

void com_apartment_stop(struct com_apartment *apartment)
{
    SetEvent(apartment->stop);
    wait_for(apartment->thread, "the apartment's end");
    CloseHandle(apartment->thread);
    CloseHandle(apartment->ready);
    CloseHandle(apartment->stop);
}
