/*
 * COM proxies and stubs: what the files of com/ share.
 *
 * A proxy is what NdrDllGetClassObject's factory, or CreateProxyFromTypeInfo, makes of one interface: an
 * interface pointer whose methods marshal, aggregated into the proxy manager of ole32. A stub is its
 * counterpart beside the object. What goes between them is a channel, ole32's. ole32 is loaded when first
 * needed, never before.
 *
 * Sources: SDK pages of rpcproxy.h, IPSFactoryBuffer, IRpcProxyBuffer, IRpcStubBuffer, IRpcChannelBuffer;
 * mingw-w64's rpcproxy.h; what MIDL and widl emit.
 */
#ifndef RPCRT4_COM_H
#define RPCRT4_COM_H

#define COBJMACROS
#define USE_STUBLESS_PROXY
#include "../os/os.h"
#include <string.h>
#include <rpc.h>
#include <rpcndr.h>
#include <objidl.h>
#include <rpcproxy.h>

/* Methods of an interface, IUnknown's among them: what stubless proxies and forwarders exist for. */
enum { MAX_METHODS = 1024 };

extern const IID com_IID_IUnknown, com_IID_IDispatch, com_IID_IPSFactoryBuffer, com_IID_IRpcProxyBuffer,
    com_IID_IRpcStubBuffer, com_IID_IRpcChannelBuffer;

static inline BOOL same_iid(const IID *one, const IID *other)
{
    return !memcmp(one, other, sizeof(IID));
}

/* ---- ole32.c: ole32 by need. All answer as the functions of that name do, or E_OUTOFMEMORY and its like
 * where ole32 cannot be loaded. */

/* The factory of proxies and stubs that the registry names for iid. */
HRESULT com_factory_for(const IID *iid, IPSFactoryBuffer **factory);

/* ---- trampolines, trampoline_*.S */

/* Something that passes methods on: forwarder N calls target's method N with target in its own place. */
struct forwarder {
    const void *const *vtable;
    void *target;
};
/* By method number; those of IUnknown are NULL. */
extern const void *const com_forwarders[MAX_METHODS], *const com_stubless[MAX_METHODS];

/* ---- proxy.c */

struct proxy {
    struct forwarder face; /* first: the interface pointer; target is the base interface's proxy or NULL */
    IRpcProxyBuffer buffer;
    LONG references;
    IUnknown *outer; /* not counted; buffer itself when not aggregated */
    const IID *iid;
    SRWLOCK lock; /* channel */
    IRpcChannelBuffer *channel;
    IPSFactoryBuffer *factory; /* keeps the DLL with the vtable */
    IRpcProxyBuffer *base;     /* of a base interface that lives in another DLL */
    IUnknown *owner;           /* of vtable and iid, or NULL */
    ICallFactory calls;        /* where there is [async_uuid] */
    const IID *async_iid;      /* or NULL */
    const void *const *async_vtable;
    struct async_call *call; /* the proxy is a call object: async_object.c */
};

struct proxy_plan {
    const void *const *vtable; /* its header lies before it; stays while factory or owner does */
    const IID *iid;
    const IID *base_iid;       /* NULL: none is delegated to */
    IPSFactoryBuffer *factory; /* NULL or AddRef'd by the proxy */
    IUnknown *owner;           /* likewise */
    const IID *async_iid;      /* of its [async_uuid], or NULL */
    const void *const *async_vtable;
};

/* Gives the buffer and an interface pointer that counts on outer. */
HRESULT proxy_create(const struct proxy_plan *plan, IUnknown *outer, IRpcProxyBuffer **buffer, void **object);

static inline struct proxy *proxy_of(void *object)
{
    return CONTAINING_RECORD(object, struct proxy, face);
}

/* The proxy's channel with a reference, or NULL. */
IRpcChannelBuffer *proxy_channel(struct proxy *proxy);

HRESULT WINAPI IUnknown_QueryInterface_Proxy(IUnknown *object, REFIID iid, void **result);
ULONG WINAPI IUnknown_AddRef_Proxy(IUnknown *object);
ULONG WINAPI IUnknown_Release_Proxy(IUnknown *object);

/* ---- async_object.c: call objects, the proxies of asynchronous interfaces */

extern const ICallFactoryVtbl async_proxy_factory_vtable;

/* What a proxy has of [async_uuid] when its buffer is asked for iid, counted on outer: ICallFactory, or the
 * call object's own. E_NOINTERFACE. */
HRESULT async_query(struct proxy *proxy, REFIID iid, void **object);
void async_call_delete(struct async_call *call);

/* ---- async_stub.c: the same beside the object */

extern const ICallFactoryVtbl async_stub_factory_vtable;

/* Makes the call through the object's call object and waits for it. FALSE: the object has none for this
 * interface, and nothing was done. */
BOOL async_stub_invoke(IRpcStubBuffer *stub, RPCOLEMESSAGE *message, IRpcChannelBuffer *channel,
                       HRESULT *result);

/* ---- delegate.c: base interfaces that another DLL has the proxies and stubs of */

/* A channel for the base interface's proxy, which asks for calls of iid, the interface that the object was
 * marshalled for. iid stays valid as long as the channel. */
HRESULT delegate_channel(IRpcChannelBuffer *channel, const IID *iid, IRpcChannelBuffer **wrapped);

/* ---- stub.c */

struct stub {
    /* Before the stub proper, where the vtable does not tell: for delegation. */
    IRpcStubBuffer *base;
    struct forwarder server; /* what base is connected to */
    const IID *base_iid;
    IUnknown *owner;                   /* of the vtable, or NULL */
    const CInterfaceStubHeader *async; /* of the asynchronous interface, or NULL */
    CStdStubBuffer std;
};

/* Gives a stub connected to server (NULL: to nothing). async_iid: NULL, or the [async_uuid]. vtable is that
 * of its CInterfaceStubVtbl, which stays while factory or owner does. base_iid: NULL, or the interface that
 * methods are delegated to. */
HRESULT stub_create(const IRpcStubBufferVtbl *vtable, const IID *base_iid, const IID *async_iid,
                    IPSFactoryBuffer *factory, IUnknown *owner, IUnknown *server, IRpcStubBuffer **stub);

static inline const CInterfaceStubHeader *stub_header(const IRpcStubBuffer *stub)
{
    return &CONTAINING_RECORD(stub->lpVtbl, const CInterfaceStubVtbl, Vtbl)->header;
}

static inline struct stub *stub_of(IRpcStubBuffer *stub)
{
    return CONTAINING_RECORD(stub, struct stub, std);
}

/* Fills what a table with CStdStubBuffer_DELEGATING_METHODS leaves open; FALSE when the memory cannot be
 * written. */
BOOL stub_complete_vtable(IRpcStubBufferVtbl *vtable);

ULONG WINAPI stub_release(IRpcStubBuffer *iface, IPSFactoryBuffer *factory);

/* ---- memory that may be read-only */

/* Stores value at *at, whatever the protection of its page. */
BOOL com_patch(void *at, const void *value);

#endif
