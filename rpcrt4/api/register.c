/*
 * What regsvr32 and COM look for in any DLL. This one has no classes and nothing to register.
 */
#include "../os/os.h"
#define COBJMACROS
#include <objbase.h>

STDAPI DllGetClassObject(REFCLSID class, REFIID iid, LPVOID *object)
{
    (void)class, (void)iid;
    *object = NULL;
    return CLASS_E_CLASSNOTAVAILABLE;
}

STDAPI DllRegisterServer(void)
{
    return S_OK;
}

HRESULT WINAPI DllInstall(BOOL install, const WCHAR *arguments);

HRESULT WINAPI DllInstall(BOOL install, const WCHAR *arguments)
{
    (void)install, (void)arguments;
    return S_OK;
}
