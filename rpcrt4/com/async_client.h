/*
 * Between async_object.c, the call object, and async_client.c, the call that it makes.
 */
#ifndef RPCRT4_COM_ASYNC_CLIENT_H
#define RPCRT4_COM_ASYNC_CLIENT_H

#include "async.h"

enum call_state {
    CALL_IDLE,
    CALL_BUSY,    /* a Begin_ or a Finish_ is at it */
    CALL_PENDING, /* begun; request is there */
};

/* A call from Begin_X to Finish_X. */
struct async_request {
    struct ndr_call call; /* X, with X's stack */
    LONG references;      /* the call object's, and of a Send that still reads the message */
    struct async_call *owner;
    RPC_MESSAGE rpc;
    IAsyncRpcChannelBuffer *channel; /* NULL: SendReceive does it */
    unsigned int method;             /* Begin_X's */
    BOOL received;                   /* no more is to come from the channel */
    HRESULT result;                  /* of receiving */
    ULONGLONG *copies;               /* by parameter: see copy_simple_pointees */
};

/* What a call object has beside its struct proxy. */
struct async_call {
    struct proxy *proxy;
    ISynchronize synchronize;
    ISynchronizeHandle handle;
    ICancelMethodCalls cancel;
    ISynchronize *event; /* the system's, which the first two show */
    struct proxy *base;  /* of IFoo, counted through its buffer */
    IUnknown *object;    /* base's outer, counted; NULL where that would be a circle */
    SRWLOCK lock;
    CONDITION_VARIABLE settled; /* out of CALL_BUSY, or cancelling has become FALSE */
    enum call_state state;
    BOOL cancelled, cancelling;
    struct async_request *request;
};

/* ---- async_object.c */

/* From state to CALL_BUSY; FALSE when the call is in another. For CALL_PENDING waits until whoever has the
 * call is through with it. */
BOOL async_claim(struct async_call *call, enum call_state state);

/* Out of CALL_BUSY. CALL_IDLE forgets a cancellation. */
void async_set_state(struct async_call *call, enum call_state state, struct async_request *request);

/* The channel that the call object was connected to, else IFoo's; with a reference, or NULL. */
IRpcChannelBuffer *async_call_channel(struct async_call *call);

/* What is signalled when the reply is there, with a reference: that of the object which the call object is
 * aggregated into, should it have one of its own, else the event itself, which does not keep the call object.
 */
ISynchronize *async_call_synchronize(struct async_call *call);

/* ---- async_client.c */

struct async_arguments {
    unsigned char *stack; /* the interface pointer first */
    unsigned int method;  /* of the asynchronous interface */
    BOOL varargs;         /* floats are doubles */
};

/* Begin_X or Finish_X on proxy, a call object's. As ndr_client_call_method. */
ULONGLONG async_call_method(struct proxy *proxy, const struct async_arguments *arguments,
                            const ULONGLONG *floats, unsigned int *argument_size);

/* With the last reference the buffer goes back to the channel, too. */
void async_request_release(struct async_request *request);

#endif
