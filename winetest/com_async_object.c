/*
 * The object of topic com_async and its call objects, which aggregate into whoever asks for one and find
 * ISynchronize there. Source: SDK, "Making and Processing Asynchronous Calls", ICallFactory::CreateCall.
 */
#include "com_async_test.h"
#include <rpcproxy.h>

struct async_object_state async_object_state;

struct object {
    ITestAsyncMore more;
    ICallFactory calls;
    LONG references;
};

struct call {
    AsyncITestAsyncMore more;
    IUnknown inner;
    LONG references;
    IUnknown *outer;
    double sum;
    LONG both, result;
    WCHAR text[64];
    IUnknown *object;
};

/* ---- ITestAsyncMore */

static struct object *of_more(ITestAsyncMore *more)
{
    return CONTAINING_RECORD(more, struct object, more);
}

static HRESULT WINAPI more_QueryInterface(ITestAsyncMore *more, REFIID iid, void **result)
{
    struct object *object = of_more(more);

    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ITestAsync) ||
        IsEqualIID(iid, &IID_ITestAsyncMore))
        *result = &object->more;
    else if (IsEqualIID(iid, &IID_ICallFactory) && !async_object_state.no_factory)
        *result = &object->calls;
    else
        return E_NOINTERFACE;
    ITestAsyncMore_AddRef(more);
    return S_OK;
}

static ULONG WINAPI more_AddRef(ITestAsyncMore *more)
{
    return InterlockedIncrement(&of_more(more)->references);
}

static ULONG WINAPI more_Release(ITestAsyncMore *more)
{
    LONG references = InterlockedDecrement(&of_more(more)->references);

    if (!references) {
        free(of_more(more));
        InterlockedDecrement(&async_object_state.objects);
    }
    return references;
}

static double add(LONG a, hyper b, float c, double d)
{
    return (double)a + (double)b + c + d;
}

static LPOLESTR doubled(const WCHAR *text)
{
    SIZE_T length = wcslen(text);
    LPOLESTR copy = CoTaskMemAlloc((2 * length + 1) * sizeof(*copy));

    memcpy(copy, text, length * sizeof(*copy));
    memcpy(copy + length, text, (length + 1) * sizeof(*copy));
    return copy;
}

static HRESULT WINAPI more_Add(ITestAsyncMore *more, LONG a, hyper b, float c, double d, double *sum)
{
    (void)more;
    InterlockedIncrement(&async_object_state.synchronous);
    *sum = add(a, b, c, d);
    return S_FALSE;
}

static HRESULT WINAPI more_Text(ITestAsyncMore *more, const WCHAR *in, LONG *both, LPOLESTR *out)
{
    (void)more;
    InterlockedIncrement(&async_object_state.synchronous);
    *both += (LONG)wcslen(in);
    *out = doubled(in);
    return S_OK;
}

static HRESULT WINAPI more_Object(ITestAsyncMore *more, IUnknown *in, IUnknown **out)
{
    (void)more;
    InterlockedIncrement(&async_object_state.synchronous);
    *out = in;
    if (in)
        IUnknown_AddRef(in);
    return S_OK;
}

static HRESULT WINAPI more_None(ITestAsyncMore *more)
{
    (void)more;
    InterlockedIncrement(&async_object_state.synchronous);
    return 0x123;
}

static HRESULT WINAPI more_More(ITestAsyncMore *more, LONG value, const WCHAR *text, LONG *result)
{
    (void)more;
    InterlockedIncrement(&async_object_state.synchronous);
    *result = value * (LONG)wcslen(text);
    return S_OK;
}

static ITestAsyncMoreVtbl more_vtable = {
    more_QueryInterface, more_AddRef, more_Release, more_Add, more_Text, more_Object, more_None, more_More,
};

/* ---- the call object */

static struct call *of_call(AsyncITestAsyncMore *more)
{
    return CONTAINING_RECORD(more, struct call, more);
}

static struct call *of_inner(IUnknown *inner)
{
    return CONTAINING_RECORD(inner, struct call, inner);
}

static HRESULT WINAPI inner_QueryInterface(IUnknown *inner, REFIID iid, void **result)
{
    struct call *call = of_inner(inner);

    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown)) {
        *result = inner;
        IUnknown_AddRef(inner);
        return S_OK;
    }
    if (!IsEqualIID(iid, &IID_AsyncITestAsync) && !IsEqualIID(iid, &IID_AsyncITestAsyncMore))
        return E_NOINTERFACE;
    *result = &call->more;
    IUnknown_AddRef(call->outer);
    return S_OK;
}

static ULONG WINAPI inner_AddRef(IUnknown *inner)
{
    return InterlockedIncrement(&of_inner(inner)->references);
}

static ULONG WINAPI inner_Release(IUnknown *inner)
{
    struct call *call = of_inner(inner);
    LONG references = InterlockedDecrement(&call->references);

    if (!references) {
        if (call->object)
            IUnknown_Release(call->object);
        free(call);
        InterlockedDecrement(&async_object_state.calls);
    }
    return references;
}

static IUnknownVtbl inner_vtable = {inner_QueryInterface, inner_AddRef, inner_Release};

static HRESULT WINAPI call_QueryInterface(AsyncITestAsyncMore *more, REFIID iid, void **result)
{
    return IUnknown_QueryInterface(of_call(more)->outer, iid, result);
}

static ULONG WINAPI call_AddRef(AsyncITestAsyncMore *more)
{
    return IUnknown_AddRef(of_call(more)->outer);
}

static ULONG WINAPI call_Release(AsyncITestAsyncMore *more)
{
    return IUnknown_Release(of_call(more)->outer);
}

static ISynchronize *volatile waiting;

static volatile LONG workers;
static HANDLE worker_ended; /* semaphore */

static DWORD WINAPI signal_it(void *context)
{
    ISynchronize *sync = context;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    ok_status(ISynchronize_Signal(sync), S_OK, "Signal");
    ISynchronize_Release(sync);
    CoUninitialize();
    ReleaseSemaphore(worker_ended, 1, NULL);
    return 0;
}

static void signal_elsewhere(ISynchronize *sync)
{
    if (!worker_ended)
        worker_ended = CreateSemaphoreA(NULL, 0, 0x7fff, NULL);
    InterlockedIncrement(&workers);
    QueueUserWorkItem(signal_it, sync, 0);
}

void async_object_join(void)
{
    while (workers && wait_for(worker_ended, "a worker's end"))
        InterlockedDecrement(&workers);
}

void async_object_finish(void)
{
    ISynchronize *sync = InterlockedExchangePointer((void *volatile *)&waiting, NULL);

    ok(!!sync, "no call waits\n");
    if (!sync)
        return;
    ok_status(ISynchronize_Signal(sync), S_OK, "Signal");
    ISynchronize_Release(sync);
}

void *async_call_of(void *proxy, const IID *iid)
{
    ICallFactory *calls = NULL;
    void *call = NULL;

    ok_status(IUnknown_QueryInterface((IUnknown *)proxy, &IID_ICallFactory, (void **)&calls), S_OK,
              "ICallFactory of a proxy");
    if (!calls)
        return NULL;
    ok_status(ICallFactory_CreateCall(calls, iid, NULL, iid, (IUnknown **)&call), S_OK, "CreateCall");
    ICallFactory_Release(calls);
    return call;
}

static void disconnect(ISynchronize *sync)
{
    IRpcStubBuffer *stub = NULL;

    ok_status(ISynchronize_QueryInterface(sync, &IID_IRpcStubBuffer, (void **)&stub), S_OK,
              "IRpcStubBuffer of what a call object is aggregated into");
    if (!stub)
        return;
    IRpcStubBuffer_Disconnect(stub);
    IRpcStubBuffer_Release(stub);
}

void async_object_leave(void)
{
    ISynchronize *sync = InterlockedExchangePointer((void *volatile *)&waiting, NULL);

    ok(!!sync, "no call waits\n");
    if (!sync)
        return;
    disconnect(sync);
    ISynchronize_Release(sync);
}

HRESULT async_object_begun(IUnknown *outer)
{
    ISynchronize *sync = NULL;

    InterlockedIncrement(&async_object_state.begun);
    if (async_object_state.how == REFUSE)
        return STG_E_MEDIUMFULL;
    ok_status(IUnknown_QueryInterface(outer, &IID_ISynchronize, (void **)&sync), S_OK,
              "ISynchronize of the object that a call object is aggregated into");
    if (!sync)
        return E_UNEXPECTED;
    switch (async_object_state.how) {
    case LATER:
        InterlockedExchangePointer((void *volatile *)&waiting, sync);
        break;
    case WORKER:
        signal_elsewhere(sync);
        break;
    case VANISH:
        disconnect(sync);
        ISynchronize_Release(sync);
        break;
    case LEAVE:
        disconnect(sync);
        /* fall through */
    default:
        ISynchronize_Signal(sync);
        ISynchronize_Release(sync);
        break;
    }
    if (async_object_state.event)
        SetEvent(async_object_state.event);
    return S_OK;
}

static HRESULT WINAPI call_Begin_Add(AsyncITestAsyncMore *more, LONG a, hyper b, float c, double d)
{
    of_call(more)->sum = add(a, b, c, d);
    return async_object_begun(of_call(more)->outer);
}

static HRESULT WINAPI call_Finish_Add(AsyncITestAsyncMore *more, double *sum)
{
    InterlockedIncrement(&async_object_state.finished);
    if (async_object_state.crash)
        *(volatile int *)NULL = 1;
    *sum = of_call(more)->sum;
    return S_FALSE;
}

static HRESULT WINAPI call_Begin_Text(AsyncITestAsyncMore *more, const WCHAR *in, LONG *both)
{
    struct call *call = of_call(more);

    wcscpy(call->text, in);
    call->both = *both + (LONG)wcslen(in);
    return async_object_begun(call->outer);
}

static HRESULT WINAPI call_Finish_Text(AsyncITestAsyncMore *more, LONG *both, LPOLESTR *out)
{
    struct call *call = of_call(more);

    InterlockedIncrement(&async_object_state.finished);
    ok(*both == 100, "what is [in, out] is %ld in Finish_, expected the caller's 100\n", *both);
    ok(!*out, "what is [out] is %p before it is set\n", *out);
    *both = call->both;
    *out = doubled(call->text);
    return S_OK;
}

static HRESULT WINAPI call_Begin_Object(AsyncITestAsyncMore *more, IUnknown *in)
{
    of_call(more)->object = in;
    if (in)
        IUnknown_AddRef(in);
    return async_object_begun(of_call(more)->outer);
}

static HRESULT WINAPI call_Finish_Object(AsyncITestAsyncMore *more, IUnknown **out)
{
    InterlockedIncrement(&async_object_state.finished);
    *out = of_call(more)->object;
    of_call(more)->object = NULL;
    return S_OK;
}

static HRESULT WINAPI call_Begin_None(AsyncITestAsyncMore *more)
{
    return async_object_begun(of_call(more)->outer);
}

static HRESULT WINAPI call_Finish_None(AsyncITestAsyncMore *more)
{
    (void)more;
    InterlockedIncrement(&async_object_state.finished);
    return 0x123;
}

static HRESULT WINAPI call_Begin_More(AsyncITestAsyncMore *more, LONG value, const WCHAR *text)
{
    of_call(more)->result = value * (LONG)wcslen(text);
    return async_object_begun(of_call(more)->outer);
}

static HRESULT WINAPI call_Finish_More(AsyncITestAsyncMore *more, LONG *result)
{
    InterlockedIncrement(&async_object_state.finished);
    *result = of_call(more)->result;
    return S_OK;
}

static AsyncITestAsyncMoreVtbl call_vtable = {
    call_QueryInterface, call_AddRef,      call_Release,      call_Begin_Add,     call_Finish_Add,
    call_Begin_Text,     call_Finish_Text, call_Begin_Object, call_Finish_Object, call_Begin_None,
    call_Finish_None,    call_Begin_More,  call_Finish_More,
};

/* ---- ICallFactory */

static struct object *of_calls(ICallFactory *calls)
{
    return CONTAINING_RECORD(calls, struct object, calls);
}

static HRESULT WINAPI calls_QueryInterface(ICallFactory *calls, REFIID iid, void **result)
{
    return ITestAsyncMore_QueryInterface(&of_calls(calls)->more, iid, result);
}

static ULONG WINAPI calls_AddRef(ICallFactory *calls)
{
    return ITestAsyncMore_AddRef(&of_calls(calls)->more);
}

static ULONG WINAPI calls_Release(ICallFactory *calls)
{
    return ITestAsyncMore_Release(&of_calls(calls)->more);
}

static HRESULT WINAPI calls_CreateCall(ICallFactory *calls, REFIID iid, IUnknown *outer, REFIID wanted,
                                       IUnknown **result)
{
    struct call *call;

    (void)calls;
    *result = NULL;
    ok(outer && IsEqualIID(wanted, &IID_IUnknown), "a stub aggregates the object's call object\n");
    if (!outer || (!IsEqualIID(iid, &IID_AsyncITestAsync) && !IsEqualIID(iid, &IID_AsyncITestAsyncMore)))
        return E_NOINTERFACE;
    call = calloc(1, sizeof(*call));
    call->more.lpVtbl = &call_vtable;
    call->inner.lpVtbl = &inner_vtable;
    call->references = 1;
    call->outer = outer;
    InterlockedIncrement(&async_object_state.calls);
    *result = &call->inner;
    return S_OK;
}

static ICallFactoryVtbl calls_vtable = {calls_QueryInterface, calls_AddRef, calls_Release, calls_CreateCall};

IUnknown *async_object(void)
{
    struct object *object = calloc(1, sizeof(*object));

    object->more.lpVtbl = &more_vtable;
    object->calls.lpVtbl = &calls_vtable;
    object->references = 1;
    InterlockedIncrement(&async_object_state.objects);
    return (IUnknown *)&object->more;
}
