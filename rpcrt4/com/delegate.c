/*
 * A channel around a channel, for the proxy of a base interface that another DLL has: it would ask for calls
 * of the base interface, but what was marshalled, and what the server's side knows the object by, is the
 * derived one. Everything else goes to the channel inside. No lock: nothing changes but the count.
 */
#include "com.h"

struct delegate {
    IRpcChannelBuffer channel;
    LONG references;
    IRpcChannelBuffer *inner;
    IID iid;
};

static struct delegate *delegate_of(IRpcChannelBuffer *channel)
{
    return CONTAINING_RECORD(channel, struct delegate, channel);
}

static HRESULT WINAPI delegate_QueryInterface(IRpcChannelBuffer *channel, REFIID iid, void **object)
{
    if (same_iid(iid, &com_IID_IUnknown) || same_iid(iid, &com_IID_IRpcChannelBuffer)) {
        *object = channel;
        IRpcChannelBuffer_AddRef(channel);
        return S_OK;
    }
    return IRpcChannelBuffer_QueryInterface(delegate_of(channel)->inner, iid, object);
}

static ULONG WINAPI delegate_AddRef(IRpcChannelBuffer *channel)
{
    return InterlockedIncrement(&delegate_of(channel)->references);
}

static ULONG WINAPI delegate_Release(IRpcChannelBuffer *channel)
{
    struct delegate *delegate = delegate_of(channel);
    LONG references = InterlockedDecrement(&delegate->references);

    if (!references) {
        IRpcChannelBuffer_Release(delegate->inner);
        os_free(delegate);
    }
    return references;
}

static HRESULT WINAPI delegate_GetBuffer(IRpcChannelBuffer *channel, RPCOLEMESSAGE *message, REFIID iid)
{
    struct delegate *delegate = delegate_of(channel);

    (void)iid;
    return IRpcChannelBuffer_GetBuffer(delegate->inner, message, &delegate->iid);
}

static HRESULT WINAPI delegate_SendReceive(IRpcChannelBuffer *channel, RPCOLEMESSAGE *message, ULONG *status)
{
    return IRpcChannelBuffer_SendReceive(delegate_of(channel)->inner, message, status);
}

static HRESULT WINAPI delegate_FreeBuffer(IRpcChannelBuffer *channel, RPCOLEMESSAGE *message)
{
    return IRpcChannelBuffer_FreeBuffer(delegate_of(channel)->inner, message);
}

static HRESULT WINAPI delegate_GetDestCtx(IRpcChannelBuffer *channel, DWORD *context, void **data)
{
    return IRpcChannelBuffer_GetDestCtx(delegate_of(channel)->inner, context, data);
}

static HRESULT WINAPI delegate_IsConnected(IRpcChannelBuffer *channel)
{
    return IRpcChannelBuffer_IsConnected(delegate_of(channel)->inner);
}

static IRpcChannelBufferVtbl delegate_vtable = {
    delegate_QueryInterface, delegate_AddRef,     delegate_Release,    delegate_GetBuffer,
    delegate_SendReceive,    delegate_FreeBuffer, delegate_GetDestCtx, delegate_IsConnected,
};

HRESULT delegate_channel(IRpcChannelBuffer *channel, const IID *iid, IRpcChannelBuffer **wrapped)
{
    struct delegate *delegate = os_alloc(sizeof(*delegate));

    if (!delegate)
        return E_OUTOFMEMORY;
    delegate->channel.lpVtbl = &delegate_vtable;
    delegate->references = 1;
    delegate->inner = channel;
    delegate->iid = *iid;
    IRpcChannelBuffer_AddRef(channel);
    *wrapped = &delegate->channel;
    return S_OK;
}
