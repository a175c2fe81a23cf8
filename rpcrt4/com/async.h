/*
 * Interfaces with [async_uuid]: what com/async_*.c share.
 *
 * AsyncIFoo is another way to call IFoo: what goes over the channel, and hence the description that marshals
 * it, is IFoo's ("The output of synchronous and asynchronous proxies is indistinguishable, as is the output
 * of the corresponding stubs", SDK, "Making and Processing Asynchronous Calls"). Begin_X takes X's [in] and
 * [in,out] parameters in their order, Finish_X its [out] and [in,out] ones (SDK, "async_uuid attribute"), and
 * their numbers follow from X's: the n-th method of IFoo makes the methods 2n and 2n + 1 of AsyncIFoo.
 */
#ifndef RPCRT4_COM_ASYNC_H
#define RPCRT4_COM_ASYNC_H

#include "com.h"
#include "../ndr/proc.h"

extern const IID com_IID_ICallFactory, com_IID_ISynchronize, com_IID_ISynchronizeHandle,
    com_IID_ICancelMethodCalls, com_IID_IRpcChannelBuffer3, com_IID_IAsyncRpcChannelBuffer;

static inline unsigned int async_sync_method(unsigned int method)
{
    return 3 + (method - 3) / 2;
}

static inline BOOL async_is_finish(unsigned int method)
{
    return (method - 3) % 2;
}

static inline unsigned int async_begin_method(unsigned int sync_method)
{
    return 3 + 2 * (sync_method - 3);
}

/* Octets of the stack of Begin_X (PARAM_IS_IN) or Finish_X (PARAM_IS_OUT), the interface pointer among them.
 * proc describes X. */
unsigned int async_stack_size(const struct ndr_proc *proc, unsigned int direction);

/* Copies the arguments of one half to their places on X's stack, and back. varargs: floats are doubles. */
void async_gather(const struct ndr_proc *proc, unsigned int direction, unsigned char *whole,
                  const unsigned char *half, BOOL varargs);
void async_split(const struct ndr_proc *proc, unsigned int direction, const unsigned char *whole,
                 unsigned char *half);

/* The floating-point registers' values (ndr_client_call_method) to their places on one half's stack. */
void async_take_floats(const struct ndr_proc *proc, unsigned int direction, unsigned char *half,
                       const ULONGLONG *floats);

/* The system's synchronization object, CLSID_ManualResetEvent. What CoGetClassObject fails with. */
HRESULT com_event_create(ISynchronize **event);

#endif
