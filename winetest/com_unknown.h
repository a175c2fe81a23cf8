/*
 * For the proxies that widl makes: mingw-w64's unknwn.h declares these for C++ alone.
 */
#include <objbase.h>

HRESULT STDMETHODCALLTYPE IUnknown_QueryInterface_Proxy(IUnknown *object, REFIID iid, void **result);
ULONG STDMETHODCALLTYPE IUnknown_AddRef_Proxy(IUnknown *object);
ULONG STDMETHODCALLTYPE IUnknown_Release_Proxy(IUnknown *object);
