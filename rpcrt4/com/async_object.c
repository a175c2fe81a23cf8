/*
 * Call objects: what ICallFactory::CreateCall of a proxy gives, and the caller makes its asynchronous calls
 * through. One is a struct proxy with the asynchronous interface's methods and, beside it, a struct
 * async_call with ISynchronize, ISynchronizeHandle and ICancelMethodCalls. All but IRpcProxyBuffer count on
 * the object that it is aggregated into, or on itself. It keeps the proxy that made it.
 *
 * For the lock see async_client.c. Sources: SDK, "Making an Asynchronous Call", "Canceling an Asynchronous
 * Call", ICallFactory, ISynchronize, ISynchronizeHandle, ICancelMethodCalls.
 */
#include "async_client.h"

/* ---- state */

BOOL async_claim(struct async_call *call, enum call_state state)
{
    BOOL claimed;

    AcquireSRWLockExclusive(&call->lock);
    while (state == CALL_PENDING && (call->cancelling || call->state == CALL_BUSY))
        SleepConditionVariableSRW(&call->settled, &call->lock, INFINITE, 0);
    claimed = call->state == state;
    if (claimed)
        call->state = CALL_BUSY;
    ReleaseSRWLockExclusive(&call->lock);
    return claimed;
}

void async_set_state(struct async_call *call, enum call_state state, struct async_request *request)
{
    AcquireSRWLockExclusive(&call->lock);
    call->state = state;
    call->request = request;
    if (state == CALL_IDLE)
        call->cancelled = FALSE;
    ReleaseSRWLockExclusive(&call->lock);
    WakeAllConditionVariable(&call->settled);
}

IRpcChannelBuffer *async_call_channel(struct async_call *call)
{
    IRpcChannelBuffer *channel = proxy_channel(call->proxy);

    return channel ? channel : proxy_channel(call->base);
}

ISynchronize *async_call_synchronize(struct async_call *call)
{
    ISynchronize *sync;

    if (call->proxy->outer != (IUnknown *)&call->proxy->buffer &&
        SUCCEEDED(IUnknown_QueryInterface(call->proxy->outer, &com_IID_ISynchronize, (void **)&sync))) {
        if (sync != &call->synchronize)
            return sync;
        ISynchronize_Release(sync);
    }
    ISynchronize_AddRef(call->event);
    return call->event;
}

/* ---- IUnknown of all that counts on outer */

static struct async_call *call_of_sync(ISynchronize *sync)
{
    return CONTAINING_RECORD(sync, struct async_call, synchronize);
}

static struct async_call *call_of_handle(ISynchronizeHandle *handle)
{
    return CONTAINING_RECORD(handle, struct async_call, handle);
}

static struct async_call *call_of_cancel(ICancelMethodCalls *cancel)
{
    return CONTAINING_RECORD(cancel, struct async_call, cancel);
}

static struct proxy *proxy_of_calls(ICallFactory *calls)
{
    return CONTAINING_RECORD(calls, struct proxy, calls);
}

#define OUTER_METHODS(name, interface, outer_of)                                                             \
    static HRESULT WINAPI name##_QueryInterface(interface *iface, REFIID iid, void **object)                 \
    {                                                                                                        \
        return IUnknown_QueryInterface(outer_of(iface)->outer, iid, object);                                 \
    }                                                                                                        \
    static ULONG WINAPI name##_AddRef(interface *iface)                                                      \
    {                                                                                                        \
        return IUnknown_AddRef(outer_of(iface)->outer);                                                      \
    }                                                                                                        \
    static ULONG WINAPI name##_Release(interface *iface)                                                     \
    {                                                                                                        \
        return IUnknown_Release(outer_of(iface)->outer);                                                     \
    }

#define PROXY_OF_SYNC(iface)   call_of_sync(iface)->proxy
#define PROXY_OF_HANDLE(iface) call_of_handle(iface)->proxy
#define PROXY_OF_CANCEL(iface) call_of_cancel(iface)->proxy
OUTER_METHODS(sync, ISynchronize, PROXY_OF_SYNC)
OUTER_METHODS(handle, ISynchronizeHandle, PROXY_OF_HANDLE)
OUTER_METHODS(cancel, ICancelMethodCalls, PROXY_OF_CANCEL)
OUTER_METHODS(calls, ICallFactory, proxy_of_calls)

/* ---- ISynchronize, ISynchronizeHandle */

static HRESULT WINAPI sync_Wait(ISynchronize *iface, DWORD flags, DWORD milliseconds)
{
    return ISynchronize_Wait(call_of_sync(iface)->event, flags, milliseconds);
}

static HRESULT WINAPI sync_Signal(ISynchronize *iface)
{
    return ISynchronize_Signal(call_of_sync(iface)->event);
}

static HRESULT WINAPI sync_Reset(ISynchronize *iface)
{
    return ISynchronize_Reset(call_of_sync(iface)->event);
}

static ISynchronizeVtbl sync_vtable = {
    sync_QueryInterface, sync_AddRef, sync_Release, sync_Wait, sync_Signal, sync_Reset,
};

static HRESULT WINAPI handle_GetHandle(ISynchronizeHandle *iface, HANDLE *event)
{
    ISynchronizeHandle *handle;
    HRESULT result = ISynchronize_QueryInterface(call_of_handle(iface)->event, &com_IID_ISynchronizeHandle,
                                                 (void **)&handle);

    if (FAILED(result))
        return result;
    result = ISynchronizeHandle_GetHandle(handle, event);
    ISynchronizeHandle_Release(handle);
    return result;
}

static ISynchronizeHandleVtbl handle_vtable = {
    handle_QueryInterface,
    handle_AddRef,
    handle_Release,
    handle_GetHandle,
};

/* ---- ICancelMethodCalls */

/* Marks the call and gives its request, which stays until cancel_end. */
static HRESULT cancel_begin(struct async_call *call, struct async_request **request)
{
    HRESULT result = S_OK;

    AcquireSRWLockExclusive(&call->lock);
    if (call->state != CALL_PENDING || call->request->received)
        result = RPC_E_CALL_COMPLETE;
    else if (call->cancelled || call->cancelling)
        result = RPC_E_CALL_CANCELED;
    else
        call->cancelling = TRUE;
    *request = call->request;
    ReleaseSRWLockExclusive(&call->lock);
    return result;
}

static void cancel_end(struct async_call *call, BOOL cancelled)
{
    AcquireSRWLockExclusive(&call->lock);
    call->cancelling = FALSE;
    call->cancelled = cancelled;
    ReleaseSRWLockExclusive(&call->lock);
    WakeAllConditionVariable(&call->settled);
}

static void tell_channel(struct async_request *request)
{
    IRpcChannelBuffer3 *channel;

    if (FAILED(IAsyncRpcChannelBuffer_QueryInterface(request->channel, &com_IID_IRpcChannelBuffer3,
                                                     (void **)&channel)))
        return;
    IRpcChannelBuffer3_Cancel(channel, (RPCOLEMESSAGE *)&request->rpc);
    IRpcChannelBuffer3_Release(channel);
}

/* The server is given the time to end the call by itself, then the caller is let go: Finish_X answers
 * RPC_E_CALL_CANCELED. Source: SDK, ICancelMethodCalls::Cancel. */
static HRESULT WINAPI cancel_Cancel(ICancelMethodCalls *iface, ULONG seconds)
{
    struct async_call *call = call_of_cancel(iface);
    ULONGLONG wait = (ULONGLONG)seconds * 1000;
    struct async_request *request;
    ISynchronize *sync = async_call_synchronize(call);
    HRESULT result;

    if (ISynchronize_Wait(sync, 0, 0) == S_OK)
        result = RPC_E_CALL_COMPLETE;
    else
        result = cancel_begin(call, &request);
    if (call->cancelled && result == RPC_E_CALL_COMPLETE)
        result = RPC_E_CALL_CANCELED;
    if (SUCCEEDED(result)) {
        tell_channel(request);
        if (ISynchronize_Wait(sync, 0, wait < INFINITE ? (DWORD)wait : INFINITE) == S_OK)
            result = RPC_E_CALL_COMPLETE;
        cancel_end(call, SUCCEEDED(result));
        ISynchronize_Signal(sync);
    }
    ISynchronize_Release(sync);
    return result;
}

static HRESULT WINAPI cancel_TestCancel(ICancelMethodCalls *iface)
{
    return call_of_cancel(iface)->cancelled ? RPC_E_CALL_CANCELED : RPC_S_CALLPENDING;
}

static ICancelMethodCallsVtbl cancel_vtable = {
    cancel_QueryInterface, cancel_AddRef, cancel_Release, cancel_Cancel, cancel_TestCancel,
};

/* ---- the object */

HRESULT async_query(struct proxy *proxy, REFIID iid, void **object)
{
    if (proxy->async_iid && same_iid(iid, &com_IID_ICallFactory))
        *object = &proxy->calls;
    else if (proxy->call && same_iid(iid, &com_IID_ISynchronize))
        *object = &proxy->call->synchronize;
    else if (proxy->call && same_iid(iid, &com_IID_ISynchronizeHandle))
        *object = &proxy->call->handle;
    else if (proxy->call && same_iid(iid, &com_IID_ICancelMethodCalls))
        *object = &proxy->call->cancel;
    else
        *object = NULL;
    if (!*object)
        return E_NOINTERFACE;
    IUnknown_AddRef(proxy->outer);
    return S_OK;
}

/* A call that nobody will finish is given up. Source: SDK, "Making an Asynchronous Call": "it can release the
 * call object … COM detects this condition and cleans up the call". */
void async_call_delete(struct async_call *call)
{
    if (call->request) {
        if (!call->request->received && !call->cancelled)
            tell_channel(call->request);
        async_request_release(call->request);
    }
    if (call->event)
        ISynchronize_Release(call->event);
    if (call->base)
        IRpcProxyBuffer_Release(&call->base->buffer);
    if (call->object)
        IUnknown_Release(call->object);
    os_free(call);
}

static HRESULT call_new(struct proxy *base, IUnknown *outer, struct async_call **result)
{
    struct async_call *call = os_alloc_zero(sizeof(*call));
    HRESULT status;

    *result = call;
    if (!call)
        return E_OUTOFMEMORY;
    status = com_event_create(&call->event);
    if (FAILED(status)) {
        async_call_delete(call);
        return status;
    }
    call->synchronize.lpVtbl = &sync_vtable;
    call->handle.lpVtbl = &handle_vtable;
    call->cancel.lpVtbl = &cancel_vtable;
    InitializeSRWLock(&call->lock);
    InitializeConditionVariable(&call->settled);
    call->base = base;
    IRpcProxyBuffer_AddRef(&base->buffer);
    if (outer != base->outer) {
        call->object = base->outer;
        IUnknown_AddRef(call->object);
    }
    return S_OK;
}

static HRESULT object_new(struct proxy *base, IUnknown *outer, IRpcProxyBuffer **buffer)
{
    const struct proxy_plan plan = {
        .vtable = base->async_vtable, .iid = base->async_iid, .factory = base->factory, .owner = base->owner};
    struct async_call *call;
    void *object;
    HRESULT result = call_new(base, outer, &call);

    if (FAILED(result))
        return result;
    result = proxy_create(&plan, outer, buffer, &object);
    if (FAILED(result)) {
        async_call_delete(call);
        return result;
    }
    call->proxy = proxy_of(object);
    call->proxy->call = call;
    IUnknown_Release(call->proxy->outer);
    return S_OK;
}

/* Source: SDK, ICallFactory::CreateCall. An aggregated object gives its inner IUnknown alone, as everywhere
 * in COM (E_INVALIDARG: unverified on Windows). */
static HRESULT WINAPI calls_CreateCall(ICallFactory *iface, REFIID iid, IUnknown *outer, REFIID wanted,
                                       IUnknown **object)
{
    struct proxy *base = proxy_of_calls(iface);
    IRpcProxyBuffer *buffer;
    HRESULT result;

    if (!object)
        return E_INVALIDARG;
    *object = NULL;
    if (outer && !same_iid(wanted, &com_IID_IUnknown))
        return E_INVALIDARG;
    if (!same_iid(iid, base->async_iid))
        return E_NOINTERFACE;
    result = object_new(base, outer, &buffer);
    if (FAILED(result))
        return result;
    result = IRpcProxyBuffer_QueryInterface(buffer, wanted, (void **)object);
    IRpcProxyBuffer_Release(buffer);
    return result;
}

const ICallFactoryVtbl async_proxy_factory_vtable = {
    calls_QueryInterface,
    calls_AddRef,
    calls_Release,
    calls_CreateCall,
};
