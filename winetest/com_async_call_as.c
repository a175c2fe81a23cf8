/*
 * Topic com_async_call_as: [call_as] methods of interfaces with [async_uuid], whose routines between the
 * local and the remote form are here, as a program has to bring them, and an interface like IPipeByte. By a
 * channel that can send and receive apart, by one that cannot, and through ole32 between apartments. The
 * proxies and stubs are our own IDL compiler's. The object is in com_async_call_as_object.c.
 *
 * Sources: SDK, "call_as attribute", "async_uuid attribute" ("If an asynchronous interface method has the
 * [call_as] attribute, MIDL will generate declarations for the begin and the finish methods. You must
 * implement both methods"); the names, objidl.h's AsyncIAdviseSink_Begin_OnDataChange_Proxy and its kin.
 */
#include "com_async_test.h"
#include "fixture.h"
#include <rpcproxy.h>
#include <stddef.h>

/* ---- between the forms: the caller's side */

/* What Tell's caller has in one argument goes in several. */
struct told {
    WCHAR text[32];
    long told;
};

static struct told remote_told(const char *text)
{
    struct told told = {L"", 0};
    int i;

    for (i = 0; text[i]; i++)
        told.text[i] = (unsigned char)text[i];
    told.told = 1000;
    return told;
}

static const call_mark mark = {0x11111111, -2, 0x33333333};

HRESULT STDMETHODCALLTYPE ITestCallAs_Next_Proxy(ITestCallAs *This, unsigned long count, long *items,
                                                 unsigned long *fetched)
{
    unsigned long got = 0;
    HRESULT result = ITestCallAs_RemoteNext_Proxy(This, count, items, &got);

    if (fetched)
        *fetched = got;
    return result;
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAs_Begin_Next_Proxy(AsyncITestCallAs *This, unsigned long count)
{
    return AsyncITestCallAs_Begin_RemoteNext_Proxy(This, count);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAs_Finish_Next_Proxy(AsyncITestCallAs *This, long *items,
                                                             unsigned long *fetched)
{
    unsigned long got = 0;
    HRESULT result = AsyncITestCallAs_Finish_RemoteNext_Proxy(This, items, &got);

    if (fetched)
        *fetched = got;
    return result;
}

void STDMETHODCALLTYPE ITestCallAs_Tell_Proxy(ITestCallAs *This, const void *text, float share, long *told)
{
    struct told remote = remote_told(text);

    ok_status(ITestCallAs_RemoteTell_Proxy(This, remote.text, (short)strlen(text), share * 2.0, share / 2,
                                           mark, &remote.told),
              S_OK, "RemoteTell");
    *told = remote.told;
}

void STDMETHODCALLTYPE AsyncITestCallAs_Begin_Tell_Proxy(AsyncITestCallAs *This, const void *text,
                                                         float share)
{
    struct told remote = remote_told(text);

    ok_status(AsyncITestCallAs_Begin_RemoteTell_Proxy(This, remote.text, (short)strlen(text), share * 2.0,
                                                      share / 2, mark, &remote.told),
              S_OK, "Begin_RemoteTell");
}

void STDMETHODCALLTYPE AsyncITestCallAs_Finish_Tell_Proxy(AsyncITestCallAs *This, long *told)
{
    *told = 0;
    ok_status(AsyncITestCallAs_Finish_RemoteTell_Proxy(This, told), S_OK, "Finish_RemoteTell");
}

HRESULT STDMETHODCALLTYPE ITestCallAsMore_None_Proxy(ITestCallAsMore *This)
{
    return ITestCallAsMore_RemoteNone_Proxy(This);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAsMore_Begin_None_Proxy(AsyncITestCallAsMore *This)
{
    return AsyncITestCallAsMore_Begin_RemoteNone_Proxy(This);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAsMore_Finish_None_Proxy(AsyncITestCallAsMore *This)
{
    return AsyncITestCallAsMore_Finish_RemoteNone_Proxy(This);
}

/* ---- between the forms: the object's side */

static volatile LONG stubs; /* how often the routines here were asked */

HRESULT STDMETHODCALLTYPE ITestCallAs_Next_Stub(ITestCallAs *This, unsigned long count, long *items,
                                                unsigned long *fetched)
{
    InterlockedIncrement(&stubs);
    return ITestCallAs_Next(This, count, items, fetched);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAs_Begin_Next_Stub(AsyncITestCallAs *This, unsigned long count)
{
    InterlockedIncrement(&stubs);
    return AsyncITestCallAs_Begin_Next(This, count);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAs_Finish_Next_Stub(AsyncITestCallAs *This, long *items,
                                                            unsigned long *fetched)
{
    InterlockedIncrement(&stubs);
    return AsyncITestCallAs_Finish_Next(This, items, fetched);
}

static void check_remote(const char *text, short kind, double share, float half, call_mark marked, long told)
{
    ok(kind == (short)strlen(text) && share == half * 4, "kind is %d of '%s', shares are %f, %f\n", kind,
       text, share, half);
    ok(!memcmp(&marked, &mark, sizeof(mark)), "the mark is %lx %ld %lx\n", marked.a, marked.b, marked.c);
    ok(told == 1000, "told is %ld\n", told);
}

static const char *narrow(const wchar_t *wide, char *text)
{
    int i = 0;

    do
        text[i] = (char)wide[i];
    while (wide[i++]);
    return text;
}

HRESULT STDMETHODCALLTYPE ITestCallAs_Tell_Stub(ITestCallAs *This, const wchar_t *wide, short kind,
                                                double share, float half, call_mark marked, long *told)
{
    char text[32];

    InterlockedIncrement(&stubs);
    check_remote(narrow(wide, text), kind, share, half, marked, *told);
    ITestCallAs_Tell(This, text, half * 2, told);
    return S_OK;
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAs_Begin_Tell_Stub(AsyncITestCallAs *This, const wchar_t *wide,
                                                           short kind, double share, float half,
                                                           call_mark marked, long *told)
{
    char text[32];

    InterlockedIncrement(&stubs);
    check_remote(narrow(wide, text), kind, share, half, marked, *told);
    AsyncITestCallAs_Begin_Tell(This, text, half * 2);
    return S_OK;
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAs_Finish_Tell_Stub(AsyncITestCallAs *This, long *told)
{
    InterlockedIncrement(&stubs);
    ok(*told == 1000, "told is %ld\n", *told);
    AsyncITestCallAs_Finish_Tell(This, told);
    return S_OK;
}

HRESULT STDMETHODCALLTYPE ITestCallAsMore_None_Stub(ITestCallAsMore *This)
{
    InterlockedIncrement(&stubs);
    return ITestCallAsMore_None(This);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAsMore_Begin_None_Stub(AsyncITestCallAsMore *This)
{
    InterlockedIncrement(&stubs);
    return AsyncITestCallAsMore_Begin_None(This);
}

HRESULT STDMETHODCALLTYPE AsyncITestCallAsMore_Finish_None_Stub(AsyncITestCallAsMore *This)
{
    InterlockedIncrement(&stubs);
    return AsyncITestCallAsMore_Finish_None(This);
}

/* ---- the caller */

static void check_items(const long *items, unsigned long count, unsigned long fetched)
{
    long wrong = 0;

    ok(fetched == count - 1, "%lu fetched of %lu\n", fetched, count);
    for (unsigned long i = 0; i < fetched; i++)
        wrong += items[i] != (long)i * 7;
    ok(!wrong && items[count] == (long)0xcccccccc, "%ld items are wrong, behind them lies %lx\n", wrong,
       items[count]);
}

static void check_call_as(ITestCallAsMore *proxy)
{
    enum { COUNT = 300 };
    AsyncITestCallAsMore *call = async_call_of(proxy, &IID_AsyncITestCallAsMore);
    long items[COUNT + 1], told = -1, last = -1;
    unsigned long fetched = 77;
    char text[] = "abc";
    hyper sum = 3;

    if (!call)
        return;
    memset(items, 0xcc, sizeof(items));
    ok_status(AsyncITestCallAsMore_Begin_Next(call, COUNT), S_OK, "Begin_Next");
    ok_status(AsyncITestCallAsMore_Begin_Next(call, COUNT), RPC_S_CALLPENDING, "a second Begin_Next");
    ok_status(AsyncITestCallAsMore_Finish_Next(call, items, &fetched), S_FALSE, "Finish_Next");
    check_items(items, COUNT, fetched);
    ok_status(AsyncITestCallAsMore_Finish_Next(call, items, &fetched), RPC_E_CALL_COMPLETE,
              "a second Finish_Next");
    ok(!fetched, "%lu fetched by nobody\n", fetched);
    memset(items, 0xcc, sizeof(items));
    ok_status(AsyncITestCallAsMore_Begin_Next(call, 2), S_OK, "Begin_Next");
    ok_status(AsyncITestCallAsMore_Finish_Next(call, items, NULL), S_FALSE, "Finish_Next without a count");
    check_items(items, 2, 1);
    ok_status(AsyncITestCallAsMore_Begin_Add(call, 0x100000000ll, &sum), S_OK, "Begin_Add");
    ok_status(AsyncITestCallAsMore_Finish_Add(call, &sum), S_OK, "Finish_Add");
    ok(sum == 0x100000003ll, "sum is %lld\n", (long long)sum);
    AsyncITestCallAsMore_Begin_Tell(call, text, 2.5f);
    memset(text, 'x', 3); /* what is [in] is the caller's again */
    AsyncITestCallAsMore_Finish_Tell(call, &told);
    ok(told == 'a' + 'b' + 'c' + 250, "told is %ld\n", told);
    ok_status(AsyncITestCallAsMore_Begin_Last(call), S_OK, "Begin_Last");
    ok_status(AsyncITestCallAsMore_Finish_Last(call, &last), S_OK, "Finish_Last");
    ok(last == 99, "last is %ld\n", last);
    ok_status(AsyncITestCallAsMore_Begin_None(call), S_OK, "Begin_None");
    ok_status(AsyncITestCallAsMore_Finish_None(call), 0x123, "Finish_None");
    AsyncITestCallAsMore_Release(call);
}

/* A synchronous call goes through the object's call object as well, where it has one. */
static void check_synchronous(ITestCallAsMore *proxy)
{
    long items[8], told = -1;
    unsigned long fetched = 77;
    hyper sum = 3;

    memset(items, 0xcc, sizeof(items));
    ok_status(ITestCallAsMore_Next(proxy, 7, items, &fetched), S_FALSE, "Next");
    check_items(items, 7, fetched);
    ok_status(ITestCallAsMore_Add(proxy, 4, &sum), S_OK, "Add");
    ok(sum == 7, "sum is %lld\n", (long long)sum);
    ITestCallAsMore_Tell(proxy, "ab", 1.5f, &told);
    ok(told == 'a' + 'b' + 150, "told is %ld\n", told);
    ok_status(ITestCallAsMore_None(proxy), 0x123, "None");
}

/* The routines are asked, twice a call where the object's call object is. */
static void check_proxy(ITestCallAsMore *proxy)
{
    LONG before = stubs;

    check_call_as(proxy);
    check_synchronous(proxy);
    async_object_join();
    if (async_object_state.no_factory) {
        ok(stubs - before == 7 && !async_object_state.begun && async_object_state.synchronous == 10,
           "%ld of the routines, %ld begun, %ld synchronous\n", stubs - before, async_object_state.begun,
           async_object_state.synchronous);
    } else {
        ok(stubs - before == 14 && async_object_state.begun == 10 && async_object_state.finished == 10 &&
               !async_object_state.synchronous,
           "%ld of the routines, %ld begun, %ld finished, %ld synchronous\n", stubs - before,
           async_object_state.begun, async_object_state.finished, async_object_state.synchronous);
    }
}

static void check_refused(ITestCallAsMore *proxy)
{
    AsyncITestCallAsMore *call = async_call_of(proxy, &IID_AsyncITestCallAsMore);
    unsigned long fetched = 77;
    long items[2] = {1, 2};

    if (!call)
        return;
    ok_status(AsyncITestCallAsMore_Begin_Next(call, 2), S_OK, "Begin_Next");
    ok_status(AsyncITestCallAsMore_Finish_Next(call, items, &fetched), STG_E_MEDIUMFULL, "Next refused");
    ok(!fetched, "%lu fetched of what was refused\n", fetched);
    AsyncITestCallAsMore_Release(call);
}

/* The size is Begin_Pull's, behind the array in Pull; the length is Finish_Pull's. */
static void check_pipe(ITestPipe *proxy)
{
    enum { SIZE = 5000 };
    AsyncITestPipe *call = async_call_of(proxy, &IID_AsyncITestPipe);
    unsigned char buffer[SIZE + 1];
    unsigned long returned = 0, wrong = 0;

    if (!call)
        return;
    memset(buffer, 0xcc, sizeof(buffer));
    ok_status(AsyncITestPipe_Begin_Pull(call, SIZE), S_OK, "Begin_Pull");
    ok_status(AsyncITestPipe_Finish_Pull(call, buffer, &returned), S_OK, "Finish_Pull");
    ok(returned == SIZE - 3, "%lu returned\n", returned);
    for (unsigned long i = 0; i < SIZE - 3; i++)
        wrong += buffer[i] != (unsigned char)(i * 5);
    ok(!wrong && buffer[SIZE] == 0xcc, "%lu octets are wrong, behind the buffer lies %x\n", wrong,
       buffer[SIZE]);
    ok_status(AsyncITestPipe_Begin_Push(call, buffer, SIZE - 3), S_OK, "Begin_Push");
    memset(buffer, 0, sizeof(buffer));
    ok_status(AsyncITestPipe_Finish_Push(call), SIZE - 3, "Finish_Push");
    ok_status(AsyncITestPipe_Begin_Pull(call, 3), S_OK, "Begin_Pull");
    ok_status(AsyncITestPipe_Finish_Pull(call, buffer, &returned), S_OK, "Finish_Pull");
    ok(!returned, "%lu returned\n", returned);
    AsyncITestPipe_Release(call);
}

static void check_interface(void *proxy, const IID *iid)
{
    if (IsEqualIID(iid, &IID_ITestPipe))
        check_pipe(proxy);
    else if (async_object_state.how == REFUSE)
        check_refused(proxy);
    else
        check_proxy(proxy);
    async_object_join();
}

static void reset(enum how how)
{
    memset(&async_object_state.how, 0, offsetof(struct async_object_state, objects));
    async_object_state.how = how;
}

static void check_left(void)
{
    ok(!async_object_state.objects && !async_object_state.calls,
       "%ld objects and %ld call objects are left\n", async_object_state.objects, async_object_state.calls);
}

/* Without ole32; plain: a channel that cannot send and receive apart. */
static void run_channel(const IID *iid, BOOL plain, BOOL no_factory)
{
    IPSFactoryBuffer *factory = com_factory();
    IUnknown *object = async_call_as_object();
    IRpcProxyBuffer *buffer = NULL;
    IRpcChannelBuffer *channel;
    IRpcStubBuffer *stub = NULL;
    IUnknown *proxy = NULL;

    async_object_state.no_factory = no_factory;
    memset(&channel_state, 0, sizeof(channel_state));
    channel_state.plain = plain;
    ok_status(IPSFactoryBuffer_CreateStub(factory, iid, object, &stub), S_OK, "CreateStub");
    IUnknown_Release(object);
    ok_status(IPSFactoryBuffer_CreateProxy(factory, NULL, iid, &buffer, (void **)&proxy), S_OK,
              "CreateProxy");
    IPSFactoryBuffer_Release(factory);
    channel = channel_new(stub);
    ok_status(IRpcProxyBuffer_Connect(buffer, channel), S_OK, "Connect");
    check_interface(proxy, iid);
    IUnknown_Release(proxy);
    ok(IRpcProxyBuffer_Release(buffer) == 0, "the proxy has references left\n");
    ok(IRpcChannelBuffer_Release(channel) == 0, "the channel has references left\n");
    ok(IRpcStubBuffer_Release(stub) == 0, "the stub has references left\n");
    ok(!channel_state.buffers, "%ld buffers are left\n", channel_state.buffers);
    check_left();
}

static void run_apartment(const IID *iid, BOOL no_factory)
{
    struct com_apartment apartment;
    IUnknown *proxy;

    async_object_state.no_factory = no_factory;
    com_apartment_start(&apartment, async_call_as_object, iid);
    proxy = com_apartment_object(&apartment);
    if (proxy) {
        check_interface(proxy, iid);
        IUnknown_Release(proxy);
    }
    com_apartment_stop(&apartment);
    check_left();
}

START_TEST(com_async_call_as)
{
    static const IID *const iids[] = {&IID_ITestCallAsMore, &IID_ITestPipe};
    static const enum how hows[] = {AT_ONCE, WORKER};
    DWORD registration;
    LONG before;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    registration = com_register();
    before = com_factory_references();
    for (unsigned int i = 0; i < ARRAYSIZE(iids); i++) {
        for (unsigned int how = 0; how < ARRAYSIZE(hows); how++) {
            for (unsigned int none = 0; none < 2; none++) {
                winetest_context("%s, %s, %s", i ? "pipe" : "call_as", how ? "worker" : "at once",
                                 none ? "no call objects" : "call objects");
                for (unsigned int plain = 0; plain < 2; plain++) {
                    reset(hows[how]);
                    run_channel(iids[i], plain, none);
                }
                reset(hows[how]);
                run_apartment(iids[i], none);
            }
        }
    }
    winetest_context("refused");
    reset(REFUSE);
    run_channel(&IID_ITestCallAsMore, FALSE, FALSE);
    run_apartment(&IID_ITestCallAsMore, FALSE);
    winetest_context("%s", "");
    ok(com_factory_references() == before, "%ld proxies and stubs are left\n",
       com_factory_references() - before);
    com_unregister(registration);
    CoUninitialize();
}
