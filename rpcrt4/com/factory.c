/*
 * The class object of a proxy DLL, IPSFactoryBuffer, over the tables that MIDL made for it. The object is the
 * DLL's own CStdPSFactoryBuffer; its count keeps the DLL loaded, so every proxy and stub holds a reference.
 *
 * The tables have gaps where the runtime's own functions go: stubless methods (-1), methods of a base
 * interface that another DLL knows (0) and the methods of stubs that delegate. They are filled once, before
 * the object is first given out; two threads that do it at once store the same.
 */
#include "com.h"

typedef const ProxyFileInfo *const *file_list;

static CStdPSFactoryBuffer *factory_of(IPSFactoryBuffer *factory)
{
    return (CStdPSFactoryBuffer *)factory;
}

/* ---- the tables */

/* Without stubless proxies (table version 1) a proxy's header is its IID alone. */
static const void **proxy_methods(const ProxyFileInfo *file, unsigned int index)
{
    unsigned char *start = (unsigned char *)file->pProxyVtblList[index];

    return (const void **)(start + (file->TableVersion == 1 ? sizeof(IID *) : sizeof(CInterfaceProxyHeader)));
}

static const IID *base_of(const ProxyFileInfo *file, unsigned int index)
{
    return file->pDelegatedIIDs ? file->pDelegatedIIDs[index] : NULL;
}

/* Where an asynchronous interface's own [async_uuid] would be. */
#define MADE_BY_ASYNC ((const IID *)(LONG_PTR)-1)

/* The [async_uuid] of an interface, MADE_BY_ASYNC or NULL. Source: rpcproxy.h, "TableVersion" 6 (SDK,
 * ExtendedProxyFileInfo), MIDL's output. */
static const IID *async_of(const ProxyFileInfo *file, unsigned int index)
{
    return file->TableVersion >= 6 && file->pAsyncIIDLookup ? file->pAsyncIIDLookup[index] : NULL;
}

static BOOL find_in(const ProxyFileInfo *file, const IID *iid, unsigned int *index)
{
    int found;

    if (file->pIIDLookupRtn) {
        if (!file->pIIDLookupRtn(iid, &found))
            return FALSE;
        *index = found;
        return TRUE;
    }
    for (*index = 0; *index < file->TableSize; ++*index) {
        if (same_iid(iid, file->pStubVtblList[*index]->header.piid))
            return TRUE;
    }
    return FALSE;
}

static const ProxyFileInfo *find(file_list files, const IID *iid, unsigned int *index)
{
    for (; *files; files++) {
        if (find_in(*files, iid, index))
            return *files;
    }
    return NULL;
}

static BOOL fill_proxy(const ProxyFileInfo *file, unsigned int index)
{
    const void **methods = proxy_methods(file, index);
    unsigned int i, count = file->pStubVtblList[index]->header.DispatchTableCount;

    if (count > MAX_METHODS)
        return FALSE;
    for (i = 3; i < count; i++) {
        const void *method = methods[i];

        if (method == (void *)(INT_PTR)-1)
            method = com_stubless[i];
        else if (!method && base_of(file, index))
            method = com_forwarders[i];
        if (method != methods[i] && !com_patch(&methods[i], method))
            return FALSE;
    }
    return TRUE;
}

static BOOL fill(file_list files)
{
    unsigned int i;

    for (; *files; files++) {
        for (i = 0; i < (*files)->TableSize; i++) {
            if (!fill_proxy(*files, i) ||
                !stub_complete_vtable((IRpcStubBufferVtbl *)&(*files)->pStubVtblList[i]->Vtbl))
                return FALSE;
        }
    }
    return TRUE;
}

/* The proxies' tables of the [async_uuid], where this DLL marshals all of the interface's methods. */
static void plan_async(file_list files, const ProxyFileInfo *file, unsigned int index,
                       struct proxy_plan *plan)
{
    const IID *iid = async_of(file, index);
    unsigned int at;

    if (!iid || base_of(file, index) ||
        !((const CInterfaceProxyHeader *)plan->vtable - 1)->pStublessProxyInfo)
        return;
    file = find(files, iid, &at);
    if (!file || base_of(file, at))
        return;
    plan->async_iid = iid;
    plan->async_vtable = (const void *const *)proxy_methods(file, at);
}

/* An asynchronous interface is none of its own: its proxies and stubs come from the synchronous one's
 * ICallFactory (unverified on Windows). */
static const ProxyFileInfo *find_marshalled(IPSFactoryBuffer *factory, const IID *iid, unsigned int *index)
{
    const ProxyFileInfo *file = find(factory_of(factory)->pProxyFileList, iid, index);

    return file && async_of(file, *index) == MADE_BY_ASYNC ? NULL : file;
}

/* ---- IPSFactoryBuffer */

static HRESULT WINAPI factory_QueryInterface(IPSFactoryBuffer *factory, REFIID iid, void **object)
{
    if (!same_iid(iid, &com_IID_IUnknown) && !same_iid(iid, &com_IID_IPSFactoryBuffer)) {
        *object = NULL;
        return E_NOINTERFACE;
    }
    *object = factory;
    IPSFactoryBuffer_AddRef(factory);
    return S_OK;
}

static ULONG WINAPI factory_AddRef(IPSFactoryBuffer *factory)
{
    return InterlockedIncrement(&factory_of(factory)->RefCount);
}

static ULONG WINAPI factory_Release(IPSFactoryBuffer *factory)
{
    return InterlockedDecrement(&factory_of(factory)->RefCount);
}

static HRESULT WINAPI factory_CreateProxy(IPSFactoryBuffer *factory, IUnknown *outer, REFIID iid,
                                          IRpcProxyBuffer **buffer, void **object)
{
    struct proxy_plan plan = {.factory = factory};
    const ProxyFileInfo *file;
    unsigned int index;

    *buffer = NULL;
    *object = NULL;
    file = find_marshalled(factory, iid, &index);
    if (!file)
        return E_NOINTERFACE;
    plan.vtable = proxy_methods(file, index);
    plan.iid = file->pStubVtblList[index]->header.piid;
    plan.base_iid = base_of(file, index);
    plan_async(factory_of(factory)->pProxyFileList, file, index, &plan);
    return proxy_create(&plan, outer, buffer, object);
}

static HRESULT WINAPI factory_CreateStub(IPSFactoryBuffer *factory, REFIID iid, IUnknown *server,
                                         IRpcStubBuffer **stub)
{
    const CInterfaceStubHeader *header;
    const ProxyFileInfo *file;
    const IID *async;
    unsigned int index;
    HRESULT result;

    *stub = NULL;
    file = find_marshalled(factory, iid, &index);
    if (!file)
        return E_NOINTERFACE;
    header = &file->pStubVtblList[index]->header;
    async = base_of(file, index) || !header->pServerInfo ? NULL : async_of(file, index);
    result = stub_create(&file->pStubVtblList[index]->Vtbl, base_of(file, index), async, factory, NULL,
                         server, stub);
    file = SUCCEEDED(result) && async ? find(factory_of(factory)->pProxyFileList, async, &index) : NULL;
    if (file)
        stub_of(*stub)->async = &file->pStubVtblList[index]->header;
    return result;
}

static const IPSFactoryBufferVtbl factory_vtable = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateProxy, factory_CreateStub,
};

/* ---- exports */

static BOOL is_class(const CLSID *class, file_list files, const CLSID *own)
{
    unsigned int index;

    /* Without a class of its own, the DLL goes by its interfaces. */
    return own && same_iid(class, own) ? TRUE : !!find(files, class, &index);
}

/* Source: SDK, NdrDllGetClassObject. */
HRESULT RPC_ENTRY NdrDllGetClassObject(REFCLSID class, REFIID iid, void **object, const ProxyFileInfo **files,
                                       const CLSID *own, CStdPSFactoryBuffer *factory)
{
    *object = NULL;
    if (!InterlockedCompareExchangePointer((void **)&factory->lpVtbl, NULL, NULL)) {
        if (!fill(files))
            return E_OUTOFMEMORY;
        factory->pProxyFileList = files;
        InterlockedExchangePointer((void **)&factory->lpVtbl, (void *)&factory_vtable);
    }
    if (!is_class(class, files, own))
        return CLASS_E_CLASSNOTAVAILABLE;
    return IPSFactoryBuffer_QueryInterface((IPSFactoryBuffer *)factory, iid, object);
}

/* Source: SDK, NdrDllCanUnloadNow. */
HRESULT RPC_ENTRY NdrDllCanUnloadNow(CStdPSFactoryBuffer *factory)
{
    return factory->RefCount ? S_FALSE : S_OK;
}
