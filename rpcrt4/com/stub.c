/*
 * Stubs: IRpcStubBuffer as rpcproxy.h lays it out (CStdStubBuffer), since stubs made with -Os look into it.
 * The methods are exported, for the tables that MIDL makes name them; Release is not, because it has to name
 * the DLL's factory, and comes in through NdrCStdStubBuffer_Release.
 *
 * A stub whose base interface another DLL knows (CStdStubBuffer_DELEGATING_METHODS) has that DLL's stub
 * inside. That one must call the derived interface's methods, not what the object answers for the base
 * interface, so it is connected to a forwarder.
 *
 * COM calls Connect and Disconnect while no call is in progress; no lock.
 */
#include "async.h"

/* com_server_vtable: forwarders, with these as its first three. */
extern const void *const com_server_vtable[MAX_METHODS];

HRESULT WINAPI com_server_QueryInterface(struct forwarder *server, REFIID iid, void **object)
{
    struct stub *stub = CONTAINING_RECORD(server, struct stub, server);

    if (same_iid(iid, &com_IID_IUnknown) || same_iid(iid, stub->base_iid)) {
        *object = server;
        return S_OK;
    }
    return IUnknown_QueryInterface((IUnknown *)server->target, iid, object);
}

/* Lives as long as the stub that it is part of, which outlives the one inside. */
ULONG WINAPI com_server_AddRef(struct forwarder *server)
{
    (void)server;
    return 2;
}

ULONG WINAPI com_server_Release(struct forwarder *server)
{
    (void)server;
    return 1;
}

HRESULT WINAPI CStdStubBuffer_QueryInterface(IRpcStubBuffer *iface, REFIID iid, void **object)
{
    struct stub *stub = stub_of(iface);

    if (same_iid(iid, &com_IID_ICallFactory) && stub->std.pAsyncIID) {
        *object = &stub->std.pCallFactoryVtbl;
        IRpcStubBuffer_AddRef(iface);
        return S_OK;
    }
    if (!same_iid(iid, &com_IID_IUnknown) && !same_iid(iid, &com_IID_IRpcStubBuffer)) {
        *object = NULL;
        return E_NOINTERFACE;
    }
    *object = iface;
    IRpcStubBuffer_AddRef(iface);
    return S_OK;
}

ULONG WINAPI CStdStubBuffer_AddRef(IRpcStubBuffer *iface)
{
    return InterlockedIncrement(&stub_of(iface)->std.RefCount);
}

/* Source: SDK, IRpcStubBuffer::Connect. */
HRESULT WINAPI CStdStubBuffer_Connect(IRpcStubBuffer *iface, IUnknown *object)
{
    struct stub *stub = stub_of(iface);
    void *server;
    HRESULT result;

    if (!object)
        return E_INVALIDARG;
    result = IUnknown_QueryInterface(object, stub_header(iface)->piid, &server);
    if (FAILED(result))
        return result;
    IRpcStubBuffer_Disconnect(iface);
    stub->std.pvServerObject = server;
    if (!stub->base)
        return S_OK;
    stub->server.target = server;
    result = IRpcStubBuffer_Connect(stub->base, (IUnknown *)&stub->server);
    if (FAILED(result))
        IRpcStubBuffer_Disconnect(iface);
    return result;
}

void WINAPI CStdStubBuffer_Disconnect(IRpcStubBuffer *iface)
{
    struct stub *stub = stub_of(iface);
    IUnknown *server = InterlockedExchangePointer((void **)&stub->std.pvServerObject, NULL);

    if (!server)
        return;
    if (stub->base)
        IRpcStubBuffer_Disconnect(stub->base);
    IUnknown_Release(server);
}

static void destroy(struct stub *stub)
{
    CStdStubBuffer_Disconnect((IRpcStubBuffer *)&stub->std);
    if (stub->base)
        IRpcStubBuffer_Release(stub->base);
    if (stub->owner)
        IUnknown_Release(stub->owner);
    os_free(stub);
}

ULONG WINAPI stub_release(IRpcStubBuffer *iface, IPSFactoryBuffer *factory)
{
    struct stub *stub = stub_of(iface);
    LONG references = InterlockedDecrement(&stub->std.RefCount);

    if (!references) {
        destroy(stub);
        if (factory)
            IPSFactoryBuffer_Release(factory);
    }
    return references;
}

ULONG WINAPI NdrCStdStubBuffer_Release(IRpcStubBuffer *iface, IPSFactoryBuffer *factory)
{
    return stub_release(iface, factory);
}

/* For stubs that delegate. */
ULONG WINAPI NdrCStdStubBuffer2_Release(IRpcStubBuffer *iface, IPSFactoryBuffer *factory)
{
    return stub_release(iface, factory);
}

/* Source: SDK, IRpcStubBuffer::IsIIDSupported: a connected stub also asks the object. */
IRpcStubBuffer *WINAPI CStdStubBuffer_IsIIDSupported(IRpcStubBuffer *iface, REFIID iid)
{
    IUnknown *server = stub_of(iface)->std.pvServerObject, *supported;

    if (!same_iid(iid, stub_header(iface)->piid))
        return NULL;
    if (server) {
        if (FAILED(IUnknown_QueryInterface(server, iid, (void **)&supported)))
            return NULL;
        IUnknown_Release(supported);
    }
    return iface;
}

/* Source: SDK, CStdStubBuffer_CountRefs: the number of server objects connected. */
ULONG WINAPI CStdStubBuffer_CountRefs(IRpcStubBuffer *iface)
{
    const struct stub *stub = stub_of(iface);
    ULONG count = !!stub->std.pvServerObject;

    return stub->base ? count + IRpcStubBuffer_CountRefs(stub->base) : count;
}

/* Source: SDK, IRpcStubBuffer::DebugServerQueryInterface. */
HRESULT WINAPI CStdStubBuffer_DebugServerQueryInterface(IRpcStubBuffer *iface, void **object)
{
    *object = stub_of(iface)->std.pvServerObject;
    return *object ? S_OK : CO_E_OBJNOTCONNECTED;
}

/* The pointer was not counted. */
void WINAPI CStdStubBuffer_DebugServerRelease(IRpcStubBuffer *iface, void *object)
{
    (void)iface, (void)object;
}

/* ---- calls */

struct invocation {
    IRpcStubBuffer *stub;
    IRpcChannelBuffer *channel;
    RPC_MESSAGE *message;
    DWORD phase;
};

static void invoke(void *context)
{
    struct invocation *invocation = context;
    const CInterfaceStubHeader *header = stub_header(invocation->stub);
    ULONG method = invocation->message->ProcNum & ~RPC_FLAGS_VALID_BIT;

    if (method < 3 || method >= (ULONG)header->DispatchTableCount)
        os_raise(RPC_S_PROCNUM_OUT_OF_RANGE);
    if (header->pDispatchTable)
        header->pDispatchTable[method](invocation->stub, invocation->channel, invocation->message,
                                       &invocation->phase);
    else
        NdrStubCall2(invocation->stub, invocation->channel, invocation->message, &invocation->phase);
}

HRESULT WINAPI CStdStubBuffer_Invoke(IRpcStubBuffer *iface, RPCOLEMESSAGE *message,
                                     IRpcChannelBuffer *channel)
{
    struct invocation invocation = {iface, channel, (RPC_MESSAGE *)message, STUB_UNMARSHAL};
    HRESULT result;
    ULONG code;

    if (!stub_of(iface)->std.pvServerObject)
        return CO_E_OBJNOTCONNECTED;
    if (stub_of(iface)->std.pAsyncIID && async_stub_invoke(iface, message, channel, &result))
        return result;
    code = os_try(invoke, &invocation);
    return code ? NdrStubErrorHandler(code) : S_OK;
}

/* A method that the base interface's stub knows. Source: MIDL's output, rpcproxy.h. */
void __RPC_STUB NdrStubForwardingFunction(IRpcStubBuffer *iface, IRpcChannelBuffer *channel,
                                          PRPC_MESSAGE message, DWORD *phase)
{
    HRESULT result;

    (void)phase;
    if (!stub_of(iface)->base)
        os_raise(RPC_S_PROCNUM_OUT_OF_RANGE);
    result = IRpcStubBuffer_Invoke(stub_of(iface)->base, (RPCOLEMESSAGE *)message, channel);
    if (FAILED(result))
        os_raise(result);
}

/* ---- making one */

static HRESULT make_base(struct stub *stub, const IID *iid)
{
    IPSFactoryBuffer *factory;
    HRESULT result = com_factory_for(iid, &factory);

    if (FAILED(result))
        return result;
    stub->base_iid = iid;
    stub->server.vtable = com_server_vtable;
    result = IPSFactoryBuffer_CreateStub(factory, iid, NULL, &stub->base);
    IPSFactoryBuffer_Release(factory);
    if (FAILED(result))
        stub->base = NULL;
    return result;
}

HRESULT stub_create(const IRpcStubBufferVtbl *vtable, const IID *base_iid, const IID *async_iid,
                    IPSFactoryBuffer *factory, IUnknown *owner, IUnknown *server, IRpcStubBuffer **result)
{
    struct stub *stub = os_alloc_zero(sizeof(*stub));
    HRESULT status = S_OK;

    *result = NULL;
    if (!stub)
        return E_OUTOFMEMORY;
    stub->std.lpVtbl = vtable;
    stub->std.RefCount = 1;
    stub->std.pPSFactory = factory;
    stub->std.pAsyncIID = async_iid;
    if (async_iid)
        stub->std.pCallFactoryVtbl = &async_stub_factory_vtable;
    stub->owner = owner;
    if (owner)
        IUnknown_AddRef(owner);
    if (base_iid)
        status = make_base(stub, base_iid);
    if (SUCCEEDED(status) && server)
        status = IRpcStubBuffer_Connect((IRpcStubBuffer *)&stub->std, server);
    if (FAILED(status)) {
        destroy(stub);
        return status;
    }
    if (factory)
        IPSFactoryBuffer_AddRef(factory);
    *result = (IRpcStubBuffer *)&stub->std;
    return S_OK;
}

BOOL stub_complete_vtable(IRpcStubBufferVtbl *vtable)
{
    static const IRpcStubBufferVtbl complete = {
        CStdStubBuffer_QueryInterface,
        CStdStubBuffer_AddRef,
        NULL,
        CStdStubBuffer_Connect,
        CStdStubBuffer_Disconnect,
        CStdStubBuffer_Invoke,
        CStdStubBuffer_IsIIDSupported,
        CStdStubBuffer_CountRefs,
        CStdStubBuffer_DebugServerQueryInterface,
        CStdStubBuffer_DebugServerRelease,
    };
    const void *const *from = (const void *const *)&complete;
    const void **to = (const void **)vtable;
    unsigned int i;

    for (i = 0; i < sizeof(complete) / sizeof(*from); i++) {
        if (!to[i] && from[i] && !com_patch(&to[i], from[i]))
            return FALSE;
    }
    return TRUE;
}
