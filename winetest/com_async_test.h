/*
 * Between winetest/com_async*.c: an object with call objects, and a channel that the test holds in its hands.
 */
#ifndef RPCRT4_COM_ASYNC_TEST_H
#define RPCRT4_COM_ASYNC_TEST_H

#include "com_test_object.h"
#include "com_async.h"
#include "com_async_split.h"

/* ---- com_async_object.c */

enum how {          /* what the object's call objects do */
           AT_ONCE, /* Begin_ signals before it returns */
           LATER,   /* async_object_finish signals */
           WORKER,  /* a thread of the system's pool signals */
           REFUSE,  /* Begin_ fails */
           LEAVE,   /* Begin_ has its stub disconnected, then signals */
           VANISH,  /* the same without a signal */
};

/* What is asked of the object, and what happened to it. */
extern struct async_object_state {
    enum how how;
    BOOL no_factory; /* there is no ICallFactory */
    BOOL crash;      /* Finish_Add faults */
    LONG begun, finished, synchronous;
    LONG objects, calls; /* that live */
    HANDLE event;        /* manual reset: a Begin_ has returned to its stub, or is about to */
} async_object_state;

/* An object that answers for ITestAsync, ITestAsyncMore and ICallFactory. */
IUnknown *async_object(void);
/* Has the call object that Begin_ was last called on signal; drops it. */
void async_object_finish(void);
/* Has the stub of the call that waits for async_object_finish disconnected instead. */
void async_object_leave(void);
/* What every Begin_ of a call object ends with: does what async_object_state.how says. */
HRESULT async_object_begun(IUnknown *outer);
/* Waits for those that signal elsewhere: they hold references a little longer than the caller waits. */
void async_object_join(void);

/* The call object, of the asynchronous interface iid, that a proxy makes; NULL after a failed check. */
void *async_call_of(void *proxy, const IID *iid);

/* ---- com_async_call_as_object.c */

/* An object that answers for ITestCallAs, ITestCallAsMore, ITestPipe and ICallFactory; its state is
 * async_object_state. */
IUnknown *async_call_as_object(void);

/* ---- com_async_channel.c */

struct channel; /* an IRpcChannelBuffer between a proxy and a stub of this process */

extern struct channel_state {
    BOOL plain;            /* no IAsyncRpcChannelBuffer, as ole32 of Wine has it */
    BOOL no_cancel;        /* no IRpcChannelBuffer3 */
    BOOL hold;             /* a request is kept for channel_deliver */
    BOOL plain_stub;       /* calls go to the synchronous stub */
    BOOL by_entry;         /* the asynchronous stub is called by NdrDcomAsyncStubCall, which may raise */
    HRESULT fail;          /* of Send */
    void (*sending)(void); /* Send calls it before it fails */
    LONG sent, received, cancelled, buffers, channels;
    IID iid; /* that a request's buffer was last asked for */
    ULONG method;
} channel_state;

/* Takes calls to stub; NULL: nowhere. One request is under way at a time. */
IRpcChannelBuffer *channel_new(IRpcStubBuffer *stub);
/* Gives the request that is held to the stub. */
void channel_deliver(IRpcChannelBuffer *channel);

#endif
