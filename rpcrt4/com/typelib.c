/*
 * CreateProxyFromTypeInfo and CreateStubFromTypeInfo: what oleaut32's class for [oleautomation] interfaces
 * asks for. A description holds all that MIDL would have made of the interface; the proxies and stubs over it
 * are the ordinary ones and keep it by its count. IDispatch's methods, which begin every dual interface, are
 * left to IDispatch's own proxy and stub.
 */
#include "typelib.h"

struct description {
    IUnknown unknown;
    LONG references;
    IID iid;
    unsigned int methods;   /* with those of IUnknown */
    unsigned int delegated; /* how many of them another proxy knows: 3 or IDispatch's 7 */
    struct tlb_string types, procs;
    unsigned short *offsets; /* of methods in procs */
    MIDL_STUB_DESC stub_desc;
    MIDL_STUBLESS_PROXY_INFO proxy_info;
    MIDL_SERVER_INFO server_info;
    CInterfaceProxyVtbl *proxy; /* header and methods */
    CInterfaceStubVtbl stub;
    PRPC_STUB_FUNCTION *dispatch;
};

enum { DISPATCH_METHODS = 7 };

/* ---- IUnknown */

static struct description *description_of(IUnknown *unknown)
{
    return CONTAINING_RECORD(unknown, struct description, unknown);
}

static HRESULT WINAPI description_QueryInterface(IUnknown *unknown, REFIID iid, void **object)
{
    if (!same_iid(iid, &com_IID_IUnknown)) {
        *object = NULL;
        return E_NOINTERFACE;
    }
    *object = unknown;
    IUnknown_AddRef(unknown);
    return S_OK;
}

static ULONG WINAPI description_AddRef(IUnknown *unknown)
{
    return InterlockedIncrement(&description_of(unknown)->references);
}

static ULONG WINAPI description_Release(IUnknown *unknown)
{
    struct description *description = description_of(unknown);
    LONG references = InterlockedDecrement(&description->references);

    if (!references) {
        os_free(description->types.octets);
        os_free(description->procs.octets);
        os_free(description->offsets);
        os_free(description->proxy);
        os_free(description->dispatch);
        os_free(description);
    }
    return references;
}

static IUnknownVtbl description_vtable = {description_QueryInterface, description_AddRef,
                                          description_Release};

/* ---- the interface and those it derives from */

/* The vtable's face of a dual interface, which type libraries describe as a dispinterface; info stays the
 * caller's. A plain dispinterface is IDispatch. */
static ITypeInfo *vtable_face(struct tlb_build *build, ITypeInfo *info, TYPEATTR **attr)
{
    HREFTYPE reference;
    HRESULT result;

    ITypeInfo_AddRef(info);
    *attr = tlb_hold(build, info);
    if (!*attr || (*attr)->typekind != TKIND_DISPATCH || !((*attr)->wTypeFlags & TYPEFLAG_FDUAL))
        return info;
    result = ITypeInfo_GetRefTypeOfImplType(info, -1, &reference);
    if (SUCCEEDED(result))
        result = ITypeInfo_GetRefTypeInfo(info, reference, &info);
    if (FAILED(result)) {
        tlb_fail(build, result);
        return NULL;
    }
    *attr = tlb_hold(build, info);
    return info;
}

static BOOL make_room(struct description *description, unsigned int methods)
{
    unsigned short *offsets;

    if (methods > MAX_METHODS)
        return FALSE;
    offsets = os_realloc(description->offsets, methods * sizeof(*offsets));
    if (offsets)
        description->offsets = offsets;
    return !!offsets;
}

static void describe_own(struct tlb_build *build, struct description *description, ITypeInfo *info,
                         const TYPEATTR *attr)
{
    FUNCDESC *function;
    unsigned int i;
    HRESULT result;

    if (!make_room(description, description->methods + attr->cFuncs)) {
        tlb_fail(build, E_OUTOFMEMORY);
        return;
    }
    for (i = 0; i < attr->cFuncs && SUCCEEDED(build->result); i++) {
        result = ITypeInfo_GetFuncDesc(info, i, &function);
        if (FAILED(result)) {
            tlb_fail(build, result);
            return;
        }
        description->offsets[description->methods] = build->procs.size;
        tlb_describe_method(build, info, function, description->methods++);
        ITypeInfo_ReleaseFuncDesc(info, function);
    }
}

static void describe(struct tlb_build *build, struct description *description, ITypeInfo *info)
{
    TYPEATTR *attr;
    ITypeInfo *parent;
    HREFTYPE reference;

    info = vtable_face(build, info, &attr);
    if (!info || !attr || ++build->depth > 64) {
        tlb_fail(build, TYPE_E_CIRCULARTYPE);
        return;
    }
    if (same_iid(&attr->guid, &com_IID_IUnknown))
        return;
    if (attr->typekind == TKIND_DISPATCH || same_iid(&attr->guid, &com_IID_IDispatch)) {
        description->methods = description->delegated = DISPATCH_METHODS;
        return;
    }
    if (attr->cImplTypes && SUCCEEDED(ITypeInfo_GetRefTypeOfImplType(info, 0, &reference)) &&
        SUCCEEDED(ITypeInfo_GetRefTypeInfo(info, reference, &parent))) {
        describe(build, description, parent);
        ITypeInfo_Release(parent);
    }
    if (SUCCEEDED(build->result))
        describe_own(build, description, info, attr);
}

/* ---- what MIDL would have made */

static ULONG WINAPI release_stub(IRpcStubBuffer *stub)
{
    return stub_release(stub, NULL);
}

static void __RPC_STUB call_method(IRpcStubBuffer *stub, IRpcChannelBuffer *channel, PRPC_MESSAGE message,
                                   DWORD *phase)
{
    NdrStubCall2(stub, channel, message, phase);
}

static void fill_tables(struct description *description)
{
    unsigned int i;

    description->proxy->header.pStublessProxyInfo = &description->proxy_info;
    description->proxy->header.piid = &description->iid;
    description->proxy->Vtbl[0] = (void *)IUnknown_QueryInterface_Proxy;
    description->proxy->Vtbl[1] = (void *)IUnknown_AddRef_Proxy;
    description->proxy->Vtbl[2] = (void *)IUnknown_Release_Proxy;
    for (i = 3; i < description->methods; i++) {
        BOOL delegated = i < description->delegated;

        description->proxy->Vtbl[i] = (void *)(delegated ? com_forwarders[i] : com_stubless[i]);
        description->dispatch[i] = delegated ? NdrStubForwardingFunction : call_method;
    }
}

static BOOL finish(struct description *description)
{
    const USER_MARSHAL_ROUTINE_QUADRUPLE *users = tlb_user_marshal();

    description->proxy = os_alloc_zero(sizeof(CInterfaceProxyHeader) + description->methods * sizeof(void *));
    description->dispatch = os_alloc_zero(description->methods * sizeof(*description->dispatch));
    if (!users || !description->proxy || !description->dispatch)
        return FALSE;
    description->stub_desc.pfnAllocate = NdrOleAllocate;
    description->stub_desc.pfnFree = NdrOleFree;
    description->stub_desc.pFormatTypes = description->types.octets;
    description->stub_desc.fCheckBounds = 1;
    description->stub_desc.Version = 0x20000;
    description->stub_desc.aUserMarshalQuadruple = users;
    description->proxy_info.pStubDesc = &description->stub_desc;
    description->proxy_info.ProcFormatString = description->procs.octets;
    description->proxy_info.FormatStringOffset = description->offsets;
    description->server_info.pStubDesc = &description->stub_desc;
    description->server_info.ProcString = description->procs.octets;
    description->server_info.FmtStringOffset = description->offsets;
    description->stub.header.piid = &description->iid;
    description->stub.header.pServerInfo = &description->server_info;
    description->stub.header.DispatchTableCount = description->methods;
    description->stub.header.pDispatchTable = description->dispatch;
    description->stub.Vtbl.Release = release_stub;
    fill_tables(description);
    return stub_complete_vtable(&description->stub.Vtbl);
}

/* A description with one reference. */
static HRESULT make(ITypeInfo *info, const IID *iid, struct description **result)
{
    struct description *description = os_alloc_zero(sizeof(*description));
    struct tlb_build build;

    *result = NULL;
    if (!description)
        return E_OUTOFMEMORY;
    memset(&build, 0, sizeof(build));
    description->unknown.lpVtbl = &description_vtable;
    description->references = 1;
    description->iid = *iid;
    description->methods = description->delegated = 3;
    describe(&build, description, info);
    description->types = build.types;
    description->procs = build.procs;
    build.types.octets = build.procs.octets = NULL;
    tlb_build_end(&build);
    if (SUCCEEDED(build.result) && !finish(description))
        build.result = E_OUTOFMEMORY;
    if (FAILED(build.result))
        IUnknown_Release(&description->unknown);
    else
        *result = description;
    return build.result;
}

static const IID *base_of(const struct description *description)
{
    return description->delegated == DISPATCH_METHODS ? &com_IID_IDispatch : NULL;
}

HRESULT RPC_ENTRY CreateProxyFromTypeInfo(ITypeInfo *info, IUnknown *outer, REFIID iid,
                                          IRpcProxyBuffer **buffer, void **object);
HRESULT RPC_ENTRY CreateStubFromTypeInfo(ITypeInfo *info, REFIID iid, IUnknown *server,
                                         IRpcStubBuffer **stub);

/* Source: SDK, CreateProxyFromTypeInfo. */
HRESULT RPC_ENTRY CreateProxyFromTypeInfo(ITypeInfo *info, IUnknown *outer, REFIID iid,
                                          IRpcProxyBuffer **buffer, void **object)
{
    struct description *description;
    HRESULT result = make(info, iid, &description);

    *buffer = NULL;
    *object = NULL;
    if (FAILED(result))
        return result;
    result = proxy_create(&(struct proxy_plan){.vtable = (const void *const *)description->proxy->Vtbl,
                                               .iid = &description->iid,
                                               .base_iid = base_of(description),
                                               .owner = &description->unknown},
                          outer, buffer, object);
    IUnknown_Release(&description->unknown);
    return result;
}

/* Source: SDK, CreateStubFromTypeInfo. */
HRESULT RPC_ENTRY CreateStubFromTypeInfo(ITypeInfo *info, REFIID iid, IUnknown *server, IRpcStubBuffer **stub)
{
    struct description *description;
    HRESULT result = make(info, iid, &description);

    *stub = NULL;
    if (FAILED(result))
        return result;
    result = stub_create(&description->stub.Vtbl, base_of(description), NULL, NULL, &description->unknown,
                         server, stub);
    IUnknown_Release(&description->unknown);
    return result;
}
