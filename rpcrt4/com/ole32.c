/*
 * ole32 for proxies and stubs, loaded when first needed and then kept. No lock: two threads that load it at
 * once find the same functions.
 */
#include "com.h"

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

BOOL com_patch(void *at, const void *value)
{
    DWORD before, ignored;

    if (!VirtualProtect(at, sizeof(value), PAGE_READWRITE, &before))
        return FALSE;
    *(const void **)at = value;
    VirtualProtect(at, sizeof(value), before, &ignored);
    return TRUE;
}
