/*
 * Topic typelib: [oleautomation] interfaces marshalled by their type library alone, between apartments:
 * CreateProxyFromTypeInfo and CreateStubFromTypeInfo, which oleaut32's own class for such interfaces calls.
 */
#include "com_test_object.h"

struct automat {
    ITestAuto automation;
    ITestDualMore dual;
    LONG references;
    LONG level;
};

/* ---- ITestAuto */

static struct automat *of_auto(ITestAuto *iface)
{
    return CONTAINING_RECORD(iface, struct automat, automation);
}

static HRESULT WINAPI auto_QueryInterface(ITestAuto *iface, REFIID iid, void **result)
{
    struct automat *automat = of_auto(iface);

    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ITestAuto))
        *result = &automat->automation;
    else if (IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_ITestDual) ||
             IsEqualIID(iid, &IID_ITestDualMore))
        *result = &automat->dual;
    else
        return E_NOINTERFACE;
    ITestAuto_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI auto_AddRef(ITestAuto *iface)
{
    return InterlockedIncrement(&of_auto(iface)->references);
}

static ULONG WINAPI auto_Release(ITestAuto *iface)
{
    LONG references = InterlockedDecrement(&of_auto(iface)->references);

    if (!references) {
        free(of_auto(iface));
        InterlockedDecrement(&com_objects);
    }
    return references;
}

static HRESULT WINAPI auto_numbers(ITestAuto *iface, unsigned char a, hyper b, float c, double d,
                                   VARIANT_BOOL e, CURRENCY f, double *sum)
{
    (void)iface;
    *sum = (double)b + a + c + d + e + (double)f.int64;
    return S_OK;
}

static HRESULT WINAPI auto_text(ITestAuto *iface, BSTR in, BSTR *both, BSTR *out)
{
    BSTR joined = NULL;

    (void)iface;
    VarBstrCat(*both, in, &joined);
    SysReAllocString(both, joined);
    *out = joined;
    return S_OK;
}

static HRESULT WINAPI auto_value(ITestAuto *iface, VARIANT in, VARIANT *both, VARIANT *out)
{
    (void)iface;
    VariantInit(out);
    VariantCopy(out, both);
    return VariantCopy(both, &in);
}

static LONG sum_of(SAFEARRAY *array)
{
    LONG sum = 0, value, low = 0, high = -1;

    SafeArrayGetLBound(array, 1, &low);
    SafeArrayGetUBound(array, 1, &high);
    for (LONG i = low; i <= high; i++) {
        SafeArrayGetElement(array, &i, &value);
        sum += value;
    }
    return sum;
}

static HRESULT WINAPI auto_array(ITestAuto *iface, SAFEARRAY *in, SAFEARRAY **both, LONG *sum)
{
    (void)iface;
    *sum = sum_of(in) + sum_of(*both);
    SafeArrayDestroy(*both);
    return SafeArrayCopy(in, both);
}

static HRESULT WINAPI auto_object(ITestAuto *iface, IUnknown *in, IDispatch *dispatch, ITestAuto **out)
{
    (void)iface;
    if (dispatch)
        return E_INVALIDARG;
    return IUnknown_QueryInterface(in, &IID_ITestAuto, (void **)out);
}

static HRESULT WINAPI auto_byref(ITestAuto *iface, LONG *in, enum test_shade *shade, DATE *date)
{
    (void)iface;
    *shade = *in == 5 && *shade == SHADE_DARK ? SHADE_NONE : (enum test_shade)1;
    *date *= 2;
    return S_OK;
}

static HRESULT WINAPI auto_record(ITestAuto *iface, struct test_record *in, struct test_record *out)
{
    (void)iface;
    out->number = in->number + 1;
    out->real = in->real * 2;
    out->text = SysAllocStringLen(in->text, SysStringLen(in->text) - 1);
    VariantInit(&out->value);
    return VariantCopy(&out->value, &in->value);
}

static ITestAutoVtbl auto_vtable = {
    auto_QueryInterface, auto_AddRef, auto_Release, auto_numbers, auto_text,
    auto_value,          auto_array,  auto_object,  auto_byref,   auto_record,
};

/* ---- ITestDualMore */

static struct automat *of_dual(ITestDualMore *iface)
{
    return CONTAINING_RECORD(iface, struct automat, dual);
}

static HRESULT WINAPI dual_QueryInterface(ITestDualMore *iface, REFIID iid, void **result)
{
    return auto_QueryInterface(&of_dual(iface)->automation, iid, result);
}

static ULONG WINAPI dual_AddRef(ITestDualMore *iface)
{
    return auto_AddRef(&of_dual(iface)->automation);
}

static ULONG WINAPI dual_Release(ITestDualMore *iface)
{
    return auto_Release(&of_dual(iface)->automation);
}

static HRESULT WINAPI dual_GetTypeInfoCount(ITestDualMore *iface, UINT *count)
{
    (void)iface;
    *count = 33;
    return S_OK;
}

static HRESULT WINAPI dual_GetTypeInfo(ITestDualMore *iface, UINT index, LCID lcid, ITypeInfo **info)
{
    (void)iface, (void)index, (void)lcid;
    *info = NULL;
    return DISP_E_BADINDEX;
}

static HRESULT WINAPI dual_GetIDsOfNames(ITestDualMore *iface, REFIID iid, LPOLESTR *names, UINT count,
                                         LCID lcid, DISPID *ids)
{
    (void)iface, (void)iid, (void)lcid, (void)names;
    for (UINT i = 0; i < count; i++)
        ids[i] = 9;
    return S_OK;
}

static HRESULT WINAPI dual_Invoke(ITestDualMore *iface, DISPID member, REFIID iid, LCID lcid, WORD flags,
                                  DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception, UINT *error)
{
    (void)iface, (void)iid, (void)lcid, (void)flags, (void)arguments, (void)exception, (void)error;
    V_VT(result) = VT_I4;
    V_I4(result) = member + 1;
    return S_OK;
}

static HRESULT WINAPI dual_get_level(ITestDualMore *iface, LONG *value)
{
    *value = of_dual(iface)->level;
    return S_OK;
}

static HRESULT WINAPI dual_put_level(ITestDualMore *iface, LONG value)
{
    of_dual(iface)->level = value;
    return S_OK;
}

static HRESULT WINAPI dual_join(ITestDualMore *iface, BSTR one, BSTR other, BSTR *joined)
{
    (void)iface;
    return VarBstrCat(one, other, joined);
}

static HRESULT WINAPI dual_more(ITestDualMore *iface, LONG value, LONG *result)
{
    *result = of_dual(iface)->level + value;
    return S_OK;
}

static ITestDualMoreVtbl dual_vtable = {
    dual_QueryInterface, dual_AddRef,        dual_Release, dual_GetTypeInfoCount,
    dual_GetTypeInfo,    dual_GetIDsOfNames, dual_Invoke,  dual_get_level,
    dual_put_level,      dual_join,          dual_more,
};

IUnknown *com_automat(void)
{
    struct automat *automat = calloc(1, sizeof(*automat));

    automat->automation.lpVtbl = &auto_vtable;
    automat->dual.lpVtbl = &dual_vtable;
    automat->references = 1;
    InterlockedIncrement(&com_objects);
    return (IUnknown *)&automat->automation;
}

/* ---- checks */

static void check_text(ITestAuto *proxy)
{
    BSTR in = SysAllocString(L"right"), both = SysAllocString(L"left"), out = NULL;

    ok_status(ITestAuto_text(proxy, in, &both, &out), S_OK, "text");
    ok(both && !wcscmp(both, L"leftright"), "both is %ls\n", both);
    ok(out && !wcscmp(out, L"leftright"), "out is %ls\n", out);
    SysFreeString(in);
    SysFreeString(both);
    SysFreeString(out);
}

static void check_value(ITestAuto *proxy)
{
    VARIANT in, both, out;

    V_VT(&in) = VT_BSTR;
    V_BSTR(&in) = SysAllocString(L"value");
    V_VT(&both) = VT_I2;
    V_I2(&both) = -4;
    VariantInit(&out);
    ok_status(ITestAuto_value(proxy, in, &both, &out), S_OK, "value");
    ok(V_VT(&both) == VT_BSTR && !wcscmp(V_BSTR(&both), L"value"), "both has type %d\n", V_VT(&both));
    ok(V_VT(&out) == VT_I2 && V_I2(&out) == -4, "out has type %d\n", V_VT(&out));
    VariantClear(&in);
    VariantClear(&both);
    VariantClear(&out);
}

static SAFEARRAY *array_of(LONG first, ULONG count)
{
    SAFEARRAY *array = SafeArrayCreateVector(VT_I4, 0, count);

    for (LONG i = 0; i < (LONG)count; i++) {
        LONG value = first + i;

        SafeArrayPutElement(array, &i, &value);
    }
    return array;
}

/* What comes back has fewer elements: 32-bit Wine 8.0's oleaut32 writes more of them past the end of a vector
 * that it finds (measured with HeapValidate). */
static void check_array(ITestAuto *proxy)
{
    SAFEARRAY *in = array_of(10, 3), *both = array_of(1, 4);
    LONG sum = 0;

    ok_status(ITestAuto_array(proxy, in, &both, &sum), S_OK, "array");
    ok(sum == 10 + 11 + 12 + 1 + 2 + 3 + 4, "sum is %ld\n", sum);
    ok(both && sum_of(both) == 33, "the array that came back is wrong\n");
    SafeArrayDestroy(in);
    SafeArrayDestroy(both);
}

static void check_record(ITestAuto *proxy)
{
    struct test_record in = {41, 1.25, SysAllocString(L"records"), {{{0}}}}, out;

    memset(&out, 0, sizeof(out));
    V_VT(&in.value) = VT_R4;
    V_R4(&in.value) = 0.5f;
    ok_status(ITestAuto_record(proxy, &in, &out), S_OK, "record");
    ok(out.number == 42 && out.real == 2.5, "number %d, real %f\n", out.number, out.real);
    ok(out.text && !wcscmp(out.text, L"record"), "text is %ls\n", out.text);
    ok(V_VT(&out.value) == VT_R4 && V_R4(&out.value) == 0.5f, "value has type %d\n", V_VT(&out.value));
    SysFreeString(in.text);
    SysFreeString(out.text);
}

void com_check_auto(ITestAuto *proxy, int wines)
{
    CURRENCY money = {.int64 = 1000};
    enum test_shade shade = SHADE_DARK;
    IUnknown *mine = com_automat();
    ITestAuto *back = NULL;
    DATE date = 1.5;
    LONG five = 5;
    double sum = 0;

    if (!wines) {
        ok_status(ITestAuto_numbers(proxy, 200, -5000000000ll, 0.5f, 0.25, VARIANT_TRUE, money, &sum), S_OK,
                  "numbers");
        ok(sum == -5000000000.0 + 200 + 0.75 - 1 + 1000, "sum is %f\n", sum);
    }
    check_text(proxy);
    check_value(proxy);
    check_array(proxy);
    ok_status(ITestAuto_object(proxy, mine, NULL, &back), S_OK, "object");
    ok((IUnknown *)back == mine, "%p came back for %p\n", back, mine);
    if (back)
        ITestAuto_Release(back);
    IUnknown_Release(mine);
    ok_status(ITestAuto_byref(proxy, &five, &shade, &date), S_OK, "byref");
    ok(shade == SHADE_NONE && date == 3.0, "shade %d, date %f\n", shade, date);
}

void com_check_dual(ITestDualMore *proxy)
{
    BSTR one = SysAllocString(L"one"), other = SysAllocString(L"+other"), joined = NULL;
    DISPPARAMS none = {NULL, NULL, 0, 0};
    ITestDual *base = NULL;
    IDispatch *dispatch = NULL;
    VARIANT result;
    LONG value = 0;
    UINT count = 0;

    ok_status(ITestDualMore_put_level(proxy, 7), S_OK, "put_level");
    ok_status(ITestDualMore_get_level(proxy, &value), S_OK, "get_level");
    ok(value == 7, "level is %ld\n", value);
    ok_status(ITestDualMore_more(proxy, 3, &value), S_OK, "more");
    ok(value == 10, "more is %ld\n", value);
    ok_status(ITestDualMore_join(proxy, one, other, &joined), S_OK, "join");
    ok(joined && !wcscmp(joined, L"one+other"), "joined is %ls\n", joined);
    ok_status(ITestDualMore_GetTypeInfoCount(proxy, &count), S_OK, "GetTypeInfoCount");
    ok(count == 33, "count is %u\n", count);
    VariantInit(&result);
    ok_status(ITestDualMore_Invoke(proxy, 4, &IID_NULL, 0, DISPATCH_METHOD, &none, &result, NULL, NULL), S_OK,
              "Invoke");
    ok(V_VT(&result) == VT_I4 && V_I4(&result) == 5, "result %ld\n", V_I4(&result));
    ok_status(ITestDualMore_QueryInterface(proxy, &IID_ITestDual, (void **)&base), S_OK, "ITestDual");
    if (base) {
        ok_status(ITestDual_get_level(base, &value), S_OK, "get_level");
        ok(value == 7, "level is %ld\n", value);
        ITestDual_Release(base);
    }
    ok_status(ITestDualMore_QueryInterface(proxy, &IID_IDispatch, (void **)&dispatch), S_OK, "IDispatch");
    if (dispatch)
        IDispatch_Release(dispatch);
    SysFreeString(one);
    SysFreeString(other);
    SysFreeString(joined);
}

ITypeLib *com_register_library(void)
{
    WCHAR path[MAX_PATH];
    ITypeLib *library = NULL;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    ok_status(LoadTypeLibEx(path, REGKIND_REGISTER, &library), S_OK, "LoadTypeLibEx");
    return library;
}

void com_unregister_library(ITypeLib *library)
{
    if (!library)
        return;
    ITypeLib_Release(library);
    ok_status(UnRegisterTypeLib(&LIBID_ComTest, 1, 0, 0, sizeof(void *) == 8 ? SYS_WIN64 : SYS_WIN32), S_OK,
              "UnRegisterTypeLib");
}

static void *enter(struct com_apartment *apartment, const IID *iid)
{
    com_apartment_start(apartment, com_automat, iid);
    return com_apartment_object(apartment);
}

START_TEST(typelib)
{
    struct com_apartment apartment;
    ITestDualMore *dual;
    ITestAuto *automation;
    ITypeLib *library;
    DWORD registration;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    registration = com_register();
    library = com_register_library();
    automation = enter(&apartment, &IID_ITestAuto);
    if (automation) {
        com_check_auto(automation, 0);
        check_record(automation);
        ITestAuto_Release(automation);
    }
    com_apartment_stop(&apartment);
    dual = enter(&apartment, &IID_ITestDualMore);
    if (dual) {
        com_check_dual(dual);
        ITestDualMore_Release(dual);
    }
    com_apartment_stop(&apartment);
    ok(!com_objects, "%ld objects are left\n", com_objects);
    com_unregister_library(library);
    com_unregister(registration);
    CoUninitialize();
}
