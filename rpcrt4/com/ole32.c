/*
 * ole32 for proxies and stubs, loaded when first needed and then kept. No lock: two threads that load it at
 * once find the same functions.
 */
#include "async.h"

const IID com_IID_IUnknown = {0x00000000, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
const IID com_IID_IDispatch = {0x00020400, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
const IID com_IID_IPSFactoryBuffer = {
    0xd5f569d0, 0x593b, 0x101a, {0xb5, 0x69, 0x08, 0x00, 0x2b, 0x2d, 0xbf, 0x7a}};
const IID com_IID_IRpcProxyBuffer = {
    0xd5f56a34, 0x593b, 0x101a, {0xb5, 0x69, 0x08, 0x00, 0x2b, 0x2d, 0xbf, 0x7a}};
const IID com_IID_IRpcStubBuffer = {
    0xd5f56afc, 0x593b, 0x101a, {0xb5, 0x69, 0x08, 0x00, 0x2b, 0x2d, 0xbf, 0x7a}};
const IID com_IID_IRpcChannelBuffer = {
    0xd5f56b60, 0x593b, 0x101a, {0xb5, 0x69, 0x08, 0x00, 0x2b, 0x2d, 0xbf, 0x7a}};
const IID com_IID_ICallFactory = {
    0x1c733a30, 0x2a1c, 0x11ce, {0xad, 0xe5, 0x00, 0xaa, 0x00, 0x44, 0x77, 0x3d}};
const IID com_IID_ISynchronize = {0x00000030, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
const IID com_IID_ISynchronizeHandle = {0x00000031, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
const IID com_IID_ICancelMethodCalls = {0x00000029, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
const IID com_IID_IRpcChannelBuffer3 = {
    0x25b15600, 0x0115, 0x11d0, {0xbf, 0x0d, 0x00, 0xaa, 0x00, 0xb8, 0xdf, 0xd2}};
const IID com_IID_IAsyncRpcChannelBuffer = {
    0xa5029fb6, 0x3c34, 0x11d1, {0x9c, 0x99, 0x00, 0xc0, 0x4f, 0xb9, 0x98, 0xaa}};

static const CLSID manual_reset_event = {0x0000032c, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static const IID iid_class_factory = {0x00000001, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};

struct ole {
    HRESULT(WINAPI *CoGetPSClsid)(REFIID, CLSID *);
    HRESULT(WINAPI *CoGetClassObject)(REFCLSID, DWORD, void *, REFIID, void **);
};

/* NULL when ole32 is not to be had. */
static const struct ole *ole32(void)
{
    static struct ole ole;
    static LONG ready;
    HMODULE module;

    if (InterlockedCompareExchange(&ready, 0, 0))
        return &ole;
    module = LoadLibraryW(L"ole32.dll");
    if (!module)
        return NULL;
    ole.CoGetPSClsid = (void *)GetProcAddress(module, "CoGetPSClsid");
    ole.CoGetClassObject = (void *)GetProcAddress(module, "CoGetClassObject");
    if (!ole.CoGetPSClsid || !ole.CoGetClassObject)
        return NULL;
    InterlockedExchange(&ready, 1);
    return &ole;
}

HRESULT com_factory_for(const IID *iid, IPSFactoryBuffer **factory)
{
    const struct ole *ole = ole32();
    CLSID class;
    HRESULT result;

    *factory = NULL;
    if (!ole)
        return E_OUTOFMEMORY;
    result = ole->CoGetPSClsid(iid, &class);
    if (FAILED(result))
        return result;
    return ole->CoGetClassObject(&class, CLSCTX_INPROC_SERVER, NULL, &com_IID_IPSFactoryBuffer,
                                 (void **)factory);
}

HRESULT com_event_create(ISynchronize **event)
{
    const struct ole *ole = ole32();
    IClassFactory *class;
    HRESULT result;

    *event = NULL;
    if (!ole)
        return E_OUTOFMEMORY;
    result = ole->CoGetClassObject(&manual_reset_event, CLSCTX_INPROC_SERVER, NULL, &iid_class_factory,
                                   (void **)&class);
    if (FAILED(result))
        return result;
    result = IClassFactory_CreateInstance(class, NULL, &com_IID_ISynchronize, (void **)event);
    IClassFactory_Release(class);
    return result;
}

BOOL com_patch(void *at, const void *value)
{
    DWORD before, ignored;

    if (!VirtualProtect(at, sizeof(value), PAGE_READWRITE, &before))
        return FALSE;
    *(const void **)at = value;
    VirtualProtect(at, sizeof(value), before, &ignored);
    return TRUE;
}
