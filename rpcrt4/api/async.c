/*
 * Asynchronous RPC: SDK header rpcasync.h, "Asynchronous RPC". What an RPC_ASYNC_STATE stands for is told by
 * its members: StubInfo is ndr/'s while a call is made or served, RuntimeInfo the runtime's call.
 */
#include "../os/os.h"
#include <winternl.h>
#include "../os/debug.h"
#include "../ndr/ndr_async.h"
#include "../runtime/binding.h"
#include "../runtime/client.h"
#include "../runtime/server.h"
#include "../runtime/thread.h"

enum { ASYNC_SIGNATURE = 0x43595341 /* RPC_ASYNC_SIGNATURE, "ASYC" */ };

/* RPC_S_INVALID_ASYNC_HANDLE: not initialised by RpcAsyncInitializeHandle. */
static RPC_STATUS check(const RPC_ASYNC_STATE *async)
{
    return async && async->Signature == ASYNC_SIGNATURE && async->Size == sizeof *async
               ? RPC_S_OK
               : RPC_S_INVALID_ASYNC_HANDLE;
}

RPC_STATUS RPC_ENTRY RpcAsyncInitializeHandle(PRPC_ASYNC_STATE async, unsigned int size)
{
    if (!async)
        return RPC_S_INVALID_ASYNC_HANDLE;
    if (size != sizeof *async)
        return RPC_S_INVALID_ARG;
    memset(async, 0, sizeof *async);
    async->Size = size;
    async->Signature = ASYNC_SIGNATURE;
    return RPC_S_OK;
}

/* The client's call that is under way or waits to be completed; NULL with the status to answer. */
static struct call *client_call(const RPC_ASYNC_STATE *async, RPC_STATUS *status)
{
    struct ndr_async *stub;

    *status = check(async);
    if (*status)
        return NULL;
    stub = ndr_async_of(async);
    *status = RPC_S_INVALID_ASYNC_HANDLE;
    if (!stub || !stub->is_client)
        return NULL;
    return call_from_handle(async->RuntimeInfo, CALL_CLIENT_MAGIC);
}

static RPC_STATUS status_of(const struct call *call)
{
    return call_is_final(call) ? call->status : RPC_S_ASYNC_CALL_PENDING;
}

RPC_STATUS RPC_ENTRY RpcAsyncGetCallStatus(PRPC_ASYNC_STATE async)
{
    RPC_STATUS status;
    struct call *call = client_call(async, &status);

    if (call)
        return status_of(call);
    if (check(async) || !(call = fast_binding_call(async)))
        return status;
    status = status_of(call);
    call_release(call);
    return status;
}

RPC_STATUS RPC_ENTRY RpcAsyncCompleteCall(PRPC_ASYNC_STATE async, void *reply)
{
    RPC_STATUS status = check(async);
    struct ndr_async *stub;

    if (status)
        return status;
    stub = ndr_async_of(async);
    if (!stub)
        return RPC_S_INVALID_ASYNC_HANDLE;
    return stub->is_client ? ndr_async_complete_client(async, reply)
                           : ndr_async_complete_server(async, reply);
}

RPC_STATUS RPC_ENTRY RpcAsyncAbortCall(PRPC_ASYNC_STATE async, ULONG code)
{
    RPC_STATUS status = check(async);
    struct ndr_async *stub;

    if (status)
        return status;
    stub = ndr_async_of(async);
    if (!stub || stub->is_client)
        return RPC_S_INVALID_ASYNC_HANDLE;
    return ndr_async_abort_server(async, code);
}

RPC_STATUS RPC_ENTRY RpcAsyncCancelCall(PRPC_ASYNC_STATE async, BOOL abort)
{
    RPC_STATUS status;
    struct call *call = client_call(async, &status);

    /* A notification may have its owner complete the call and free it while it is being cancelled here. */
    if (call)
        call_ref(call);
    else if (check(async) || !(call = fast_binding_call(async)))
        return status;
    if (abort)
        client_call_abandon(call);
    else
        client_call_cancel(call);
    call_pay(call);
    call_release(call);
    return RPC_S_OK;
}

/* A call under way, made or served (SDK, "Server-side Asynchronous Pipe Handling"). */
static struct call *call_under_way(const RPC_ASYNC_STATE *async, RPC_STATUS *status)
{
    struct ndr_async *stub = ndr_async_of(async);

    if (stub && !stub->is_client)
        return call_from_handle(async->RuntimeInfo, CALL_SERVER_MAGIC);
    return client_call(async, status);
}

/* Before a call there is nothing to register: the call takes what it finds. */
RPC_STATUS RPC_ENTRY RpcAsyncRegisterInfo(PRPC_ASYNC_STATE async)
{
    struct notification notify, old;
    RPC_STATUS status = check(async);
    struct call *call;

    if (status || !async->StubInfo)
        return status;
    if (!(call = call_under_way(async, &status)))
        return status ? status : RPC_S_INVALID_ASYNC_HANDLE;
    status = notify_prepare(&notify, async);
    if (status)
        return status;
    AcquireSRWLockExclusive(&call->lock);
    old = call->notify;
    call->notify = notify;
    ReleaseSRWLockExclusive(&call->lock);
    notify_release(&old);
    return RPC_S_OK;
}

/* Nothing of the runtime belongs to a thread that has calls pending: there is nothing to wait for. */
RPC_STATUS RPC_ENTRY RpcAsyncCleanupThread(DWORD timeout)
{
    (void)timeout;
    return RPC_S_OK;
}

/* ---- cancels */

/* SDK: with NULL, the call that the calling thread serves. */
RPC_STATUS RPC_ENTRY RpcServerTestCancel(RPC_BINDING_HANDLE handle)
{
    struct call *call = handle ? call_from_handle(handle, CALL_SERVER_MAGIC) : thread_server_call();

    if (!call)
        return handle ? RPC_S_INVALID_BINDING : RPC_S_NO_CALL_ACTIVE;
    return server_call_is_cancelled(call) ? RPC_S_OK : RPC_S_CALL_IN_PROGRESS;
}

RPC_STATUS RPC_ENTRY RpcTestCancel(void)
{
    if (thread_server_call())
        return RpcServerTestCancel(NULL);
    return thread_test_cancel() ? RPC_S_OK : RPC_S_ACCESS_DENIED;
}

/* SDK, RpcCancelThreadEx: the handle needs THREAD_SET_CONTEXT, else RPC_S_ACCESS_DENIED. */
static RPC_STATUS cancellable_thread(HANDLE thread, ULONG *id)
{
    OBJECT_BASIC_INFORMATION info;

    if (NtQueryObject(thread, ObjectBasicInformation, &info, sizeof info, NULL))
        return RPC_S_INVALID_ARG;
    if (!(info.GrantedAccess & THREAD_SET_CONTEXT))
        return RPC_S_ACCESS_DENIED;
    *id = GetThreadId(thread);
    if (*id)
        return RPC_S_OK;
    return GetLastError() == ERROR_ACCESS_DENIED ? RPC_S_ACCESS_DENIED : RPC_S_INVALID_ARG;
}

RPC_STATUS RPC_ENTRY RpcCancelThread(void *thread)
{
    ULONG id;
    RPC_STATUS status = cancellable_thread(thread, &id);

    return status ? status : thread_cancel(id, thread_default_timeout);
}

RPC_STATUS RPC_ENTRY RpcCancelThreadEx(void *thread, LONG timeout)
{
    ULONG id;
    RPC_STATUS status = cancellable_thread(thread, &id);

    if (status)
        return status;
    return timeout < RPC_C_CANCEL_INFINITE_TIMEOUT ? RPC_S_INVALID_ARG : thread_cancel(id, timeout);
}

RPC_STATUS RPC_ENTRY RpcMgmtSetCancelTimeout(LONG timeout)
{
    if (timeout < RPC_C_CANCEL_INFINITE_TIMEOUT)
        return RPC_S_INVALID_TIMEOUT;
    return thread_set_cancel_timeout(timeout);
}

/* ---- the names that went before Windows 2000 */

RPC_STATUS RPC_ENTRY RpcInitializeAsyncHandle(PRPC_ASYNC_STATE async, unsigned int size);
RPC_STATUS RPC_ENTRY RpcRegisterAsyncInfo(PRPC_ASYNC_STATE async);
RPC_STATUS RPC_ENTRY RpcGetAsyncCallStatus(PRPC_ASYNC_STATE async);
RPC_STATUS RPC_ENTRY RpcCompleteAsyncCall(PRPC_ASYNC_STATE async, void *reply);
RPC_STATUS RPC_ENTRY RpcAbortAsyncCall(PRPC_ASYNC_STATE async, ULONG code);
RPC_STATUS RPC_ENTRY RpcCancelAsyncCall(PRPC_ASYNC_STATE async, BOOL abort);

RPC_STATUS RPC_ENTRY RpcInitializeAsyncHandle(PRPC_ASYNC_STATE async, unsigned int size)
{
    return RpcAsyncInitializeHandle(async, size);
}

RPC_STATUS RPC_ENTRY RpcRegisterAsyncInfo(PRPC_ASYNC_STATE async)
{
    return RpcAsyncRegisterInfo(async);
}

RPC_STATUS RPC_ENTRY RpcGetAsyncCallStatus(PRPC_ASYNC_STATE async)
{
    return RpcAsyncGetCallStatus(async);
}

RPC_STATUS RPC_ENTRY RpcCompleteAsyncCall(PRPC_ASYNC_STATE async, void *reply)
{
    return RpcAsyncCompleteCall(async, reply);
}

RPC_STATUS RPC_ENTRY RpcAbortAsyncCall(PRPC_ASYNC_STATE async, ULONG code)
{
    return RpcAsyncAbortCall(async, code);
}

RPC_STATUS RPC_ENTRY RpcCancelAsyncCall(PRPC_ASYNC_STATE async, BOOL abort)
{
    return RpcAsyncCancelCall(async, abort);
}
