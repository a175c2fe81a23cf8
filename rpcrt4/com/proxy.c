/*
 * Proxies: one interface of an object elsewhere. The interface pointer belongs to the proxy manager's object
 * (outer), which it counts on; the proxy's own life is counted by its IRpcProxyBuffer, whose only user is the
 * manager. A method takes the channel and a reference to it under the proxy's lock, so that Disconnect on
 * another thread cannot take it away in between.
 */
#include "async.h"

static struct proxy *proxy_of_buffer(IRpcProxyBuffer *buffer)
{
    return CONTAINING_RECORD(buffer, struct proxy, buffer);
}

/* ---- IRpcProxyBuffer: the inner unknown */

static HRESULT WINAPI buffer_QueryInterface(IRpcProxyBuffer *buffer, REFIID iid, void **object)
{
    struct proxy *proxy = proxy_of_buffer(buffer);

    if (!object)
        return E_INVALIDARG;
    *object = NULL;
    if (same_iid(iid, &com_IID_IUnknown) || same_iid(iid, &com_IID_IRpcProxyBuffer)) {
        *object = buffer;
        IRpcProxyBuffer_AddRef(buffer);
    } else if (same_iid(iid, proxy->iid)) {
        *object = &proxy->face;
        IUnknown_AddRef(proxy->outer);
    } else {
        return async_query(proxy, iid, object);
    }
    return S_OK;
}

static ULONG WINAPI buffer_AddRef(IRpcProxyBuffer *buffer)
{
    return InterlockedIncrement(&proxy_of_buffer(buffer)->references);
}

static void set_channel(struct proxy *proxy, IRpcChannelBuffer *channel)
{
    IRpcChannelBuffer *old;

    AcquireSRWLockExclusive(&proxy->lock);
    old = proxy->channel;
    proxy->channel = channel;
    ReleaseSRWLockExclusive(&proxy->lock);
    if (old)
        IRpcChannelBuffer_Release(old);
}

static void destroy(struct proxy *proxy)
{
    if (proxy->call)
        async_call_delete(proxy->call);
    set_channel(proxy, NULL);
    if (proxy->base) {
        /* The base interface's pointer counts on outer, which is going or gone: its reference was given
         * back when it was made. */
        IRpcProxyBuffer_Release(proxy->base);
    }
    if (proxy->owner)
        IUnknown_Release(proxy->owner);
    if (proxy->factory)
        IPSFactoryBuffer_Release(proxy->factory);
    os_free(proxy);
}

static ULONG WINAPI buffer_Release(IRpcProxyBuffer *buffer)
{
    struct proxy *proxy = proxy_of_buffer(buffer);
    LONG references = InterlockedDecrement(&proxy->references);

    if (!references)
        destroy(proxy);
    return references;
}

static HRESULT WINAPI buffer_Connect(IRpcProxyBuffer *buffer, IRpcChannelBuffer *channel)
{
    struct proxy *proxy = proxy_of_buffer(buffer);
    IRpcChannelBuffer *wrapped;
    HRESULT result;

    if (proxy->base) {
        result = delegate_channel(channel, proxy->iid, &wrapped);
        if (FAILED(result))
            return result;
        result = IRpcProxyBuffer_Connect(proxy->base, wrapped);
        IRpcChannelBuffer_Release(wrapped);
        if (FAILED(result))
            return result;
    }
    IRpcChannelBuffer_AddRef(channel);
    set_channel(proxy, channel);
    return S_OK;
}

static void WINAPI buffer_Disconnect(IRpcProxyBuffer *buffer)
{
    struct proxy *proxy = proxy_of_buffer(buffer);

    if (proxy->base)
        IRpcProxyBuffer_Disconnect(proxy->base);
    set_channel(proxy, NULL);
}

static IRpcProxyBufferVtbl buffer_vtable = {
    buffer_QueryInterface, buffer_AddRef, buffer_Release, buffer_Connect, buffer_Disconnect,
};

IRpcChannelBuffer *proxy_channel(struct proxy *proxy)
{
    IRpcChannelBuffer *channel;

    AcquireSRWLockShared(&proxy->lock);
    channel = proxy->channel;
    if (channel)
        IRpcChannelBuffer_AddRef(channel);
    ReleaseSRWLockShared(&proxy->lock);
    return channel;
}

/* ---- the interface pointer's IUnknown. Exported: the vtables that MIDL makes hold these. */

/* ICallFactory is the proxy's, whatever the proxy manager knows: that of Wine's ole32 knows nothing of it. On
 * Windows the manager may answer first: unverified on Windows. */
HRESULT WINAPI IUnknown_QueryInterface_Proxy(IUnknown *object, REFIID iid, void **result)
{
    if (same_iid(iid, &com_IID_ICallFactory) && proxy_of(object)->async_iid)
        return async_query(proxy_of(object), iid, result);
    return IUnknown_QueryInterface(proxy_of(object)->outer, iid, result);
}

ULONG WINAPI IUnknown_AddRef_Proxy(IUnknown *object)
{
    return IUnknown_AddRef(proxy_of(object)->outer);
}

ULONG WINAPI IUnknown_Release_Proxy(IUnknown *object)
{
    return IUnknown_Release(proxy_of(object)->outer);
}

/* ---- making one */

/* The base interface's proxy, aggregated into the same object. */
static HRESULT make_base(struct proxy *proxy, const IID *iid)
{
    IPSFactoryBuffer *factory;
    HRESULT result = com_factory_for(iid, &factory);

    if (FAILED(result))
        return result;
    result = IPSFactoryBuffer_CreateProxy(factory, proxy->outer, iid, &proxy->base, &proxy->face.target);
    IPSFactoryBuffer_Release(factory);
    if (FAILED(result)) {
        proxy->base = NULL;
        return result;
    }
    /* It would keep outer, and so this proxy, alive for ever. */
    IUnknown_Release(proxy->outer);
    return S_OK;
}

HRESULT proxy_create(const struct proxy_plan *plan, IUnknown *outer, IRpcProxyBuffer **buffer, void **object)
{
    struct proxy *proxy = os_alloc_zero(sizeof(*proxy));
    HRESULT result = S_OK;

    *buffer = NULL;
    *object = NULL;
    if (!proxy)
        return E_OUTOFMEMORY;
    proxy->face.vtable = plan->vtable;
    proxy->buffer.lpVtbl = &buffer_vtable;
    proxy->references = 1;
    proxy->outer = outer ? outer : (IUnknown *)&proxy->buffer;
    proxy->iid = plan->iid;
    proxy->factory = plan->factory;
    proxy->owner = plan->owner;
    proxy->calls.lpVtbl = (ICallFactoryVtbl *)&async_proxy_factory_vtable;
    proxy->async_iid = plan->async_iid;
    proxy->async_vtable = plan->async_vtable;
    if (proxy->factory)
        IPSFactoryBuffer_AddRef(proxy->factory);
    if (proxy->owner)
        IUnknown_AddRef(proxy->owner);
    if (plan->base_iid)
        result = make_base(proxy, plan->base_iid);
    if (FAILED(result)) {
        destroy(proxy);
        return result;
    }
    *buffer = &proxy->buffer;
    *object = &proxy->face;
    IUnknown_AddRef(proxy->outer);
    return S_OK;
}
