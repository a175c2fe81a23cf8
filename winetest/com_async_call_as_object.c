/*
 * The object of topic com_async_call_as: ITestCallAsMore and ITestPipe, and call objects for both. What is
 * done in Begin_ and when it is told is async_object_begun's.
 */
#include "com_async_test.h"

struct object {
    ITestCallAsMore more;
    ITestPipe pipe;
    ICallFactory calls;
    LONG references;
};

struct call {
    AsyncITestCallAsMore more;
    AsyncITestPipe pipe;
    IUnknown inner;
    LONG references;
    IUnknown *outer;
    unsigned long count;
    hyper sum;
    long told;
};

/* ---- what the methods do */

static HRESULT next(unsigned long count, long *items, unsigned long *fetched)
{
    *fetched = count - 1;
    for (unsigned long i = 0; i < *fetched; i++)
        items[i] = (long)i * 7;
    return S_FALSE;
}

static long tell(const char *text, float share)
{
    long told = (long)(share * 100);

    while (*text)
        told += *text++;
    return told;
}

static HRESULT pull(unsigned char *buffer, unsigned long wanted, unsigned long *returned)
{
    *returned = wanted - 3;
    for (unsigned long i = 0; i < *returned; i++)
        buffer[i] = (unsigned char)(i * 5);
    return S_OK;
}

/* The number of octets that are as pull made them. */
static unsigned long push(const unsigned char *buffer, unsigned long sent)
{
    unsigned long right = 0;

    for (unsigned long i = 0; i < sent; i++)
        right += buffer[i] == (unsigned char)(i * 5);
    return right;
}

/* ---- the call object */

static struct call *of_more(AsyncITestCallAsMore *more)
{
    return CONTAINING_RECORD(more, struct call, more);
}

static struct call *of_pipe(AsyncITestPipe *pipe)
{
    return CONTAINING_RECORD(pipe, struct call, pipe);
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
    else if (IsEqualIID(iid, &IID_AsyncITestCallAsMore) || IsEqualIID(iid, &IID_AsyncITestCallAs))
        *result = &of_inner(inner)->more;
    else if (IsEqualIID(iid, &IID_AsyncITestPipe))
        *result = &of_inner(inner)->pipe;
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
        InterlockedDecrement(&async_object_state.calls);
    }
    return references;
}

static IUnknownVtbl inner_vtable = {inner_QueryInterface, inner_AddRef, inner_Release};

static HRESULT finished(HRESULT result)
{
    InterlockedIncrement(&async_object_state.finished);
    return result;
}

static HRESULT WINAPI more_QueryInterface(AsyncITestCallAsMore *more, REFIID iid, void **result)
{
    return IUnknown_QueryInterface(of_more(more)->outer, iid, result);
}

static ULONG WINAPI more_AddRef(AsyncITestCallAsMore *more)
{
    return IUnknown_AddRef(of_more(more)->outer);
}

static ULONG WINAPI more_Release(AsyncITestCallAsMore *more)
{
    return IUnknown_Release(of_more(more)->outer);
}

static HRESULT WINAPI more_Begin_Next(AsyncITestCallAsMore *more, unsigned long count)
{
    of_more(more)->count = count;
    return async_object_begun(of_more(more)->outer);
}

static HRESULT WINAPI more_Finish_Next(AsyncITestCallAsMore *more, long *items, unsigned long *fetched)
{
    return finished(next(of_more(more)->count, items, fetched));
}

static HRESULT WINAPI more_Begin_Add(AsyncITestCallAsMore *more, hyper a, hyper *b)
{
    of_more(more)->sum = a + *b;
    return async_object_begun(of_more(more)->outer);
}

static HRESULT WINAPI more_Finish_Add(AsyncITestCallAsMore *more, hyper *b)
{
    *b = of_more(more)->sum;
    return finished(S_OK);
}

static void WINAPI more_Begin_Tell(AsyncITestCallAsMore *more, const void *text, float share)
{
    of_more(more)->told = tell(text, share);
    ok_status(async_object_begun(of_more(more)->outer), S_OK, "Begin_Tell");
}

static void WINAPI more_Finish_Tell(AsyncITestCallAsMore *more, long *told)
{
    *told = of_more(more)->told;
    finished(S_OK);
}

static HRESULT WINAPI more_Begin(AsyncITestCallAsMore *more)
{
    return async_object_begun(of_more(more)->outer);
}

static HRESULT WINAPI more_Finish_Last(AsyncITestCallAsMore *more, long *last)
{
    (void)more;
    *last = 99;
    return finished(S_OK);
}

static HRESULT WINAPI more_Finish_None(AsyncITestCallAsMore *more)
{
    (void)more;
    return finished(0x123);
}

static AsyncITestCallAsMoreVtbl call_vtable = {
    more_QueryInterface, more_AddRef,     more_Release,     more_Begin_Next,  more_Finish_Next,
    more_Begin_Add,      more_Finish_Add, more_Begin_Tell,  more_Finish_Tell, more_Begin,
    more_Finish_Last,    more_Begin,      more_Finish_None,
};

static HRESULT WINAPI pipe_QueryInterface(AsyncITestPipe *pipe, REFIID iid, void **result)
{
    return IUnknown_QueryInterface(of_pipe(pipe)->outer, iid, result);
}

static ULONG WINAPI pipe_AddRef(AsyncITestPipe *pipe)
{
    return IUnknown_AddRef(of_pipe(pipe)->outer);
}

static ULONG WINAPI pipe_Release(AsyncITestPipe *pipe)
{
    return IUnknown_Release(of_pipe(pipe)->outer);
}

static HRESULT WINAPI pipe_Begin_Pull(AsyncITestPipe *pipe, unsigned long wanted)
{
    of_pipe(pipe)->count = wanted;
    return async_object_begun(of_pipe(pipe)->outer);
}

static HRESULT WINAPI pipe_Finish_Pull(AsyncITestPipe *pipe, byte *buffer, unsigned long *returned)
{
    return finished(pull(buffer, of_pipe(pipe)->count, returned));
}

static HRESULT WINAPI pipe_Begin_Push(AsyncITestPipe *pipe, byte *buffer, unsigned long sent)
{
    of_pipe(pipe)->count = push(buffer, sent);
    return async_object_begun(of_pipe(pipe)->outer);
}

static HRESULT WINAPI pipe_Finish_Push(AsyncITestPipe *pipe)
{
    return finished(of_pipe(pipe)->count);
}

static AsyncITestPipeVtbl call_pipe_vtable = {
    pipe_QueryInterface, pipe_AddRef,     pipe_Release,     pipe_Begin_Pull,
    pipe_Finish_Pull,    pipe_Begin_Push, pipe_Finish_Push,
};

/* ---- the object */

static struct object *of_object(ITestCallAsMore *more)
{
    return CONTAINING_RECORD(more, struct object, more);
}

static HRESULT WINAPI object_QueryInterface(ITestCallAsMore *more, REFIID iid, void **result)
{
    struct object *object = of_object(more);

    *result = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ITestCallAs) ||
        IsEqualIID(iid, &IID_ITestCallAsMore))
        *result = &object->more;
    else if (IsEqualIID(iid, &IID_ITestPipe))
        *result = &object->pipe;
    else if (IsEqualIID(iid, &IID_ICallFactory) && !async_object_state.no_factory)
        *result = &object->calls;
    else
        return E_NOINTERFACE;
    ITestCallAsMore_AddRef(more);
    return S_OK;
}

static ULONG WINAPI object_AddRef(ITestCallAsMore *more)
{
    return InterlockedIncrement(&of_object(more)->references);
}

static ULONG WINAPI object_Release(ITestCallAsMore *more)
{
    LONG references = InterlockedDecrement(&of_object(more)->references);

    if (!references) {
        free(of_object(more));
        InterlockedDecrement(&async_object_state.objects);
    }
    return references;
}

static HRESULT synchronous(HRESULT result)
{
    InterlockedIncrement(&async_object_state.synchronous);
    return result;
}

static HRESULT WINAPI object_Next(ITestCallAsMore *more, unsigned long count, long *items,
                                  unsigned long *fetched)
{
    (void)more;
    return synchronous(next(count, items, fetched));
}

static HRESULT WINAPI object_Add(ITestCallAsMore *more, hyper a, hyper *b)
{
    (void)more;
    *b += a;
    return synchronous(S_OK);
}

static void WINAPI object_Tell(ITestCallAsMore *more, const void *text, float share, long *told)
{
    (void)more;
    *told = tell(text, share);
    synchronous(S_OK);
}

static HRESULT WINAPI object_Last(ITestCallAsMore *more, long *last)
{
    (void)more;
    *last = 99;
    return synchronous(S_OK);
}

static HRESULT WINAPI object_None(ITestCallAsMore *more)
{
    (void)more;
    return synchronous(0x123);
}

static ITestCallAsMoreVtbl object_vtable = {
    object_QueryInterface, object_AddRef, object_Release, object_Next, object_Add,
    object_Tell,           object_Last,   object_None,
};

static ITestCallAsMore *more_of_pipe(ITestPipe *pipe)
{
    return &CONTAINING_RECORD(pipe, struct object, pipe)->more;
}

static HRESULT WINAPI object_pipe_QueryInterface(ITestPipe *pipe, REFIID iid, void **result)
{
    return object_QueryInterface(more_of_pipe(pipe), iid, result);
}

static ULONG WINAPI object_pipe_AddRef(ITestPipe *pipe)
{
    return object_AddRef(more_of_pipe(pipe));
}

static ULONG WINAPI object_pipe_Release(ITestPipe *pipe)
{
    return object_Release(more_of_pipe(pipe));
}

static HRESULT WINAPI object_Pull(ITestPipe *pipe, byte *buffer, unsigned long wanted,
                                  unsigned long *returned)
{
    (void)pipe;
    return synchronous(pull(buffer, wanted, returned));
}

static HRESULT WINAPI object_Push(ITestPipe *pipe, byte *buffer, unsigned long sent)
{
    (void)pipe;
    return synchronous(push(buffer, sent));
}

static ITestPipeVtbl object_pipe_vtable = {
    object_pipe_QueryInterface, object_pipe_AddRef, object_pipe_Release, object_Pull, object_Push,
};

static ITestCallAsMore *more_of_calls(ICallFactory *calls)
{
    return &CONTAINING_RECORD(calls, struct object, calls)->more;
}

static HRESULT WINAPI calls_QueryInterface(ICallFactory *calls, REFIID iid, void **result)
{
    return object_QueryInterface(more_of_calls(calls), iid, result);
}

static ULONG WINAPI calls_AddRef(ICallFactory *calls)
{
    return object_AddRef(more_of_calls(calls));
}

static ULONG WINAPI calls_Release(ICallFactory *calls)
{
    return object_Release(more_of_calls(calls));
}

static HRESULT WINAPI calls_CreateCall(ICallFactory *calls, REFIID iid, IUnknown *outer, REFIID wanted,
                                       IUnknown **result)
{
    struct call *call = calloc(1, sizeof(*call));

    (void)calls;
    ok((IsEqualIID(iid, &IID_AsyncITestCallAsMore) || IsEqualIID(iid, &IID_AsyncITestPipe)) && outer &&
           IsEqualIID(wanted, &IID_IUnknown),
       "a stub asks for something else\n");
    call->more.lpVtbl = &call_vtable;
    call->pipe.lpVtbl = &call_pipe_vtable;
    call->inner.lpVtbl = &inner_vtable;
    call->references = 1;
    call->outer = outer;
    InterlockedIncrement(&async_object_state.calls);
    *result = &call->inner;
    return S_OK;
}

static ICallFactoryVtbl calls_vtable = {calls_QueryInterface, calls_AddRef, calls_Release, calls_CreateCall};

IUnknown *async_call_as_object(void)
{
    struct object *object = calloc(1, sizeof(*object));

    object->more.lpVtbl = &object_vtable;
    object->pipe.lpVtbl = &object_pipe_vtable;
    object->calls.lpVtbl = &calls_vtable;
    object->references = 1;
    InterlockedIncrement(&async_object_state.objects);
    return (IUnknown *)&object->more;
}
