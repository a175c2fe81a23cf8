/*
 * Topic com_async_split: an interface with [async_uuid] that our own IDL compiler made, where what Finish_
 * gives is described by what Begin_ was given. widl refuses such. Source: SDK, "async_uuid attribute",
 * "Correlation Descriptors" (the split flag).
 */
#include "com_async_test.h"
#include <rpcproxy.h>

/* One object, which is its own call object's owner. */
struct object {
    ITestSplit split;
    ICallFactory calls;
    LONG references;
};

struct call {
    AsyncITestSplit split;
    IUnknown inner;
    LONG references;
    IUnknown *outer;
    LONG count;
    IID iid;
    float number;
};

static LONG alive;

/* ---- the call object */

static struct call *of_split(AsyncITestSplit *split)
{
    return CONTAINING_RECORD(split, struct call, split);
}

static struct call *of_inner(IUnknown *inner)
{
    return CONTAINING_RECORD(inner, struct call, inner);
}

static HRESULT WINAPI inner_QueryInterface(IUnknown *inner, REFIID iid, void **result)
{
    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown))
        *result = inner;
    else if (IsEqualIID(iid, &IID_AsyncITestSplit))
        *result = &of_inner(inner)->split;
    else
        return E_NOINTERFACE;
    IUnknown_AddRef((IUnknown *)*result);
    return S_OK;
}

static ULONG WINAPI inner_AddRef(IUnknown *inner)
{
    return InterlockedIncrement(&of_inner(inner)->references);
}

static ULONG WINAPI inner_Release(IUnknown *inner)
{
    LONG references = InterlockedDecrement(&of_inner(inner)->references);

    if (!references) {
        free(of_inner(inner));
        InterlockedDecrement(&alive);
    }
    return references;
}

static IUnknownVtbl inner_vtable = {inner_QueryInterface, inner_AddRef, inner_Release};

static HRESULT WINAPI call_QueryInterface(AsyncITestSplit *split, REFIID iid, void **result)
{
    return IUnknown_QueryInterface(of_split(split)->outer, iid, result);
}

static ULONG WINAPI call_AddRef(AsyncITestSplit *split)
{
    return IUnknown_AddRef(of_split(split)->outer);
}

static ULONG WINAPI call_Release(AsyncITestSplit *split)
{
    return IUnknown_Release(of_split(split)->outer);
}

static HRESULT signal_now(struct call *call)
{
    ISynchronize *sync = NULL;

    ok_status(IUnknown_QueryInterface(call->outer, &IID_ISynchronize, (void **)&sync), S_OK, "ISynchronize");
    if (!sync)
        return E_UNEXPECTED;
    ISynchronize_Signal(sync);
    ISynchronize_Release(sync);
    return S_OK;
}

static HRESULT WINAPI call_Begin_Fill(AsyncITestSplit *split, long count)
{
    of_split(split)->count = count;
    return signal_now(of_split(split));
}

static HRESULT WINAPI call_Finish_Fill(AsyncITestSplit *split, long *data)
{
    for (LONG i = 0; i < of_split(split)->count; i++)
        data[i] = i * 3;
    return S_OK;
}

static HRESULT WINAPI call_Begin_Pull(AsyncITestSplit *split, long *count)
{
    return call_Begin_Fill(split, *count);
}

static HRESULT WINAPI call_Finish_Pull(AsyncITestSplit *split, long *data, long *got)
{
    *got = of_split(split)->count - 1;
    return call_Finish_Fill(split, data);
}

static HRESULT WINAPI call_Begin_Get(AsyncITestSplit *split, REFIID iid, float a)
{
    of_split(split)->iid = *iid;
    of_split(split)->number = a;
    return signal_now(of_split(split));
}

static HRESULT WINAPI call_Finish_Get(AsyncITestSplit *split, IUnknown **object)
{
    IUnknown *made = com_object();
    HRESULT result = IUnknown_QueryInterface(made, &of_split(split)->iid, (void **)object);

    ok(of_split(split)->number == 1.5f, "the number is %f\n", of_split(split)->number);
    IUnknown_Release(made);
    return result;
}

static AsyncITestSplitVtbl call_vtable = {
    call_QueryInterface, call_AddRef,      call_Release,   call_Begin_Fill, call_Finish_Fill,
    call_Begin_Pull,     call_Finish_Pull, call_Begin_Get, call_Finish_Get,
};

/* ---- the object */

static struct object *of_object(ITestSplit *split)
{
    return CONTAINING_RECORD(split, struct object, split);
}

static HRESULT WINAPI object_QueryInterface(ITestSplit *split, REFIID iid, void **result)
{
    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ITestSplit))
        *result = split;
    else if (IsEqualIID(iid, &IID_ICallFactory))
        *result = &of_object(split)->calls;
    else
        return E_NOINTERFACE;
    ITestSplit_AddRef(split);
    return S_OK;
}

static ULONG WINAPI object_AddRef(ITestSplit *split)
{
    return InterlockedIncrement(&of_object(split)->references);
}

static ULONG WINAPI object_Release(ITestSplit *split)
{
    LONG references = InterlockedDecrement(&of_object(split)->references);

    if (!references) {
        free(of_object(split));
        InterlockedDecrement(&alive);
    }
    return references;
}

/* With a call object there, no stub calls these. */
static HRESULT WINAPI object_Fill(ITestSplit *split, long count, long *data)
{
    (void)split, (void)count, (void)data;
    ok(0, "the synchronous Fill was called\n");
    return E_NOTIMPL;
}

static HRESULT WINAPI object_Pull(ITestSplit *split, long *count, long *data, long *got)
{
    (void)split, (void)count, (void)data, (void)got;
    ok(0, "the synchronous Pull was called\n");
    return E_NOTIMPL;
}

static HRESULT WINAPI object_Get(ITestSplit *split, REFIID iid, float a, IUnknown **object)
{
    (void)split, (void)iid, (void)a, (void)object;
    ok(0, "the synchronous Get was called\n");
    return E_NOTIMPL;
}

static ITestSplitVtbl object_vtable = {
    object_QueryInterface, object_AddRef, object_Release, object_Fill, object_Pull, object_Get,
};

static struct object *of_calls(ICallFactory *calls)
{
    return CONTAINING_RECORD(calls, struct object, calls);
}

static HRESULT WINAPI calls_QueryInterface(ICallFactory *calls, REFIID iid, void **result)
{
    return ITestSplit_QueryInterface(&of_calls(calls)->split, iid, result);
}

static ULONG WINAPI calls_AddRef(ICallFactory *calls)
{
    return ITestSplit_AddRef(&of_calls(calls)->split);
}

static ULONG WINAPI calls_Release(ICallFactory *calls)
{
    return ITestSplit_Release(&of_calls(calls)->split);
}

static HRESULT WINAPI calls_CreateCall(ICallFactory *calls, REFIID iid, IUnknown *outer, REFIID wanted,
                                       IUnknown **result)
{
    struct call *call = calloc(1, sizeof(*call));

    (void)calls;
    ok(IsEqualIID(iid, &IID_AsyncITestSplit) && outer && IsEqualIID(wanted, &IID_IUnknown),
       "a stub asks for something else\n");
    call->split.lpVtbl = &call_vtable;
    call->inner.lpVtbl = &inner_vtable;
    call->references = 1;
    call->outer = outer;
    InterlockedIncrement(&alive);
    *result = &call->inner;
    return S_OK;
}

static ICallFactoryVtbl calls_vtable = {calls_QueryInterface, calls_AddRef, calls_Release, calls_CreateCall};

static IUnknown *split_object(void)
{
    struct object *object = calloc(1, sizeof(*object));

    object->split.lpVtbl = &object_vtable;
    object->calls.lpVtbl = &calls_vtable;
    object->references = 1;
    InterlockedIncrement(&alive);
    return (IUnknown *)&object->split;
}

/* ---- the caller */

static void check_split(AsyncITestSplit *call)
{
    enum { COUNT = 1000 };
    long data[COUNT + 1], got = -1, count = COUNT, wrong = 0;
    ITestDerived *derived = NULL;
    IID iid = IID_ITestDerived;

    memset(data, 0xcc, sizeof(data));
    ok_status(AsyncITestSplit_Begin_Fill(call, COUNT), S_OK, "Begin_Fill");
    ok_status(AsyncITestSplit_Finish_Fill(call, data), S_OK, "Finish_Fill");
    for (long i = 0; i < COUNT; i++)
        wrong += data[i] != i * 3;
    ok(!wrong && data[COUNT] == (long)0xcccccccc, "%ld elements are wrong, behind them lies %lx\n", wrong,
       data[COUNT]);
    memset(data, 0xcc, sizeof(data));
    ok_status(AsyncITestSplit_Begin_Pull(call, &count), S_OK, "Begin_Pull");
    count = -1; /* what is [in] is the caller's again */
    ok_status(AsyncITestSplit_Finish_Pull(call, data, &got), S_OK, "Finish_Pull");
    ok(got == COUNT - 1 && data[COUNT - 2] == (COUNT - 2) * 3, "got %ld, the last is %ld\n", got,
       data[COUNT - 2]);
    ok_status(AsyncITestSplit_Begin_Get(call, &iid, 1.5f), S_OK, "Begin_Get");
    ok_status(AsyncITestSplit_Finish_Get(call, (IUnknown **)&derived), S_OK, "Finish_Get");
    if (derived) {
        LONG twice = 0;

        ok_status(ITestDerived_twice(derived, 21, &twice), S_OK, "twice");
        ok(twice == 42, "twice is %ld\n", twice);
        ITestDerived_Release(derived);
    }
}

START_TEST(com_async_split)
{
    IRpcProxyBuffer *buffer = NULL;
    IRpcStubBuffer *stub = NULL;
    IPSFactoryBuffer *factory;
    IRpcChannelBuffer *channel;
    AsyncITestSplit *call = NULL;
    ICallFactory *calls = NULL;
    ITestSplit *proxy = NULL;
    DWORD registration;
    IUnknown *object;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    registration = com_register();
    factory = com_factory();
    object = split_object();
    ok_status(IPSFactoryBuffer_CreateStub(factory, &IID_ITestSplit, object, &stub), S_OK, "CreateStub");
    IUnknown_Release(object);
    ok_status(IPSFactoryBuffer_CreateProxy(factory, NULL, &IID_ITestSplit, &buffer, (void **)&proxy), S_OK,
              "CreateProxy");
    channel = channel_new(stub);
    ok_status(IRpcProxyBuffer_Connect(buffer, channel), S_OK, "Connect");
    ok_status(ITestSplit_QueryInterface(proxy, &IID_ICallFactory, (void **)&calls), S_OK, "ICallFactory");
    ok_status(
        ICallFactory_CreateCall(calls, &IID_AsyncITestSplit, NULL, &IID_AsyncITestSplit, (IUnknown **)&call),
        S_OK, "CreateCall");
    ICallFactory_Release(calls);
    check_split(call);
    channel_state.plain = TRUE;
    check_split(call);
    AsyncITestSplit_Release(call);
    ITestSplit_Release(proxy);
    IRpcProxyBuffer_Release(buffer);
    IRpcChannelBuffer_Release(channel);
    IRpcStubBuffer_Release(stub);
    IPSFactoryBuffer_Release(factory);
    ok(!alive && !com_objects && !channel_state.buffers, "%ld objects, %ld others, %ld buffers are left\n",
       alive, com_objects, channel_state.buffers);
    com_unregister(registration);
    CoUninitialize();
}
