/*
 * The client of the asynchronous RPC example.
 *
 *   client [-n PROTSEQ] [-a ADDRESS] [-e ENDPOINT] [-t NOTIFICATION] [-d MILLISECONDS] [-c] [-b CODE] [-s]
 *
 * -t event, polling, apc, thread, ioc, hwnd or callback: how to be told that the call is done
 * -c cancels the call; -b asks the server to abort with a code; -s shuts the server down
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <rpc.h>
#include <rpcasync.h>
#include "asyncrpc.h"

#define MESSAGE_DONE (WM_USER + 1)
#define MARK         0x5ca1ab1e

static RPC_BINDING_HANDLE AsyncRPC_ClientIfHandle;
static HANDLE hTold;   /* set by the callback and by the APC on another thread */
static HANDLE hThread; /* that thread */
static BOOL fTold;

static void usage(void)
{
    fprintf(stderr,
            "usage: client [-n PROTSEQ] [-a ADDRESS] [-e ENDPOINT] [-t NOTIFICATION] [-d MILLISECONDS] [-c] "
            "[-b CODE] [-s]\n");
    exit(2);
}

static void fail(const char *what, unsigned long code)
{
    fprintf(stderr, "%s: %lu\n", what, code);
    exit(1);
}

static void RPC_ENTRY told(struct _RPC_ASYNC_STATE *pAsync, void *Context, RPC_ASYNC_EVENT Event)
{
    (void)Context;
    if (Event != RpcCallComplete || pAsync->UserInfo != (void *)MARK)
        fail("notified of something else", Event);
    fTold = TRUE;
    SetEvent(hTold);
}

static DWORD WINAPI alertable_thread(void *context)
{
    while (WaitForSingleObjectEx(context, INFINITE, TRUE) == WAIT_IO_COMPLETION)
        ;
    return 0;
}

static HWND make_window(void)
{
    WNDCLASSA wc = {0};

    wc.lpfnWndProc = DefWindowProcA;
    wc.lpszClassName = "AsyncRPC client";
    RegisterClassA(&wc);
    return CreateWindowA("AsyncRPC client", "", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
}

static void prepare(RPC_ASYNC_STATE *pAsync, const char *pszType)
{
    RPC_STATUS status = RpcAsyncInitializeHandle(pAsync, sizeof(RPC_ASYNC_STATE));

    if (status)
        fail("RpcAsyncInitializeHandle", status);
    pAsync->UserInfo = (void *)MARK;
    hTold = CreateEvent(NULL, FALSE, FALSE, NULL);
    if (!strcmp(pszType, "event")) {
        pAsync->NotificationType = RpcNotificationTypeEvent;
        pAsync->u.hEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    } else if (!strcmp(pszType, "polling")) {
        pAsync->NotificationType = RpcNotificationTypeNone;
    } else if (!strcmp(pszType, "apc")) {
        pAsync->NotificationType = RpcNotificationTypeApc;
        pAsync->u.APC.NotificationRoutine = told;
        pAsync->u.APC.hThread = 0;
    } else if (!strcmp(pszType, "thread")) {
        hThread = CreateThread(NULL, 0, alertable_thread, CreateEvent(NULL, TRUE, FALSE, NULL), 0, NULL);
        pAsync->NotificationType = RpcNotificationTypeApc;
        pAsync->u.APC.NotificationRoutine = told;
        pAsync->u.APC.hThread = hThread;
    } else if (!strcmp(pszType, "ioc")) {
        pAsync->NotificationType = RpcNotificationTypeIoc;
        pAsync->u.IOC.hIOPort = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
        pAsync->u.IOC.dwNumberOfBytesTransferred = 17;
        pAsync->u.IOC.dwCompletionKey = MARK;
        pAsync->u.IOC.lpOverlapped = (LPOVERLAPPED)pAsync;
    } else if (!strcmp(pszType, "hwnd")) {
        pAsync->NotificationType = RpcNotificationTypeHwnd;
        pAsync->u.HWND.hWnd = make_window();
        pAsync->u.HWND.Msg = MESSAGE_DONE;
    } else if (!strcmp(pszType, "callback")) {
        pAsync->NotificationType = RpcNotificationTypeCallback;
        pAsync->u.NotificationRoutine = told;
    } else {
        usage();
    }
}

/* Waits in the way that prepare chose; prints how the news came. */
static void wait_for_reply(RPC_ASYNC_STATE *pAsync, const char *pszType)
{
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    DWORD bytes;
    MSG message;

    if (!strcmp(pszType, "event")) {
        if (WaitForSingleObject(pAsync->u.hEvent, INFINITE) == WAIT_FAILED)
            fail("WaitForSingleObject", GetLastError());
        printf("The event was set\n");
    } else if (!strcmp(pszType, "polling")) {
        unsigned long nPolls = 1;
        while (RpcAsyncGetCallStatus(pAsync) == RPC_S_ASYNC_CALL_PENDING) {
            nPolls++;
            Sleep(20);
        }
        printf("Polling showed that the call is complete (%lu polls)\n", nPolls);
    } else if (!strcmp(pszType, "apc")) {
        if (SleepEx(INFINITE, TRUE) != WAIT_IO_COMPLETION || !fTold)
            fail("SleepEx", GetLastError());
        printf("The APC ran on this thread\n");
    } else if (!strcmp(pszType, "thread")) {
        if (WaitForSingleObject(hTold, INFINITE) == WAIT_FAILED || !fTold)
            fail("WaitForSingleObject", GetLastError());
        printf("The APC ran on the other thread\n");
    } else if (!strcmp(pszType, "ioc")) {
        if (!GetQueuedCompletionStatus(pAsync->u.IOC.hIOPort, &bytes, &key, &overlapped, INFINITE))
            fail("GetQueuedCompletionStatus", GetLastError());
        if (bytes != 17 || key != MARK || overlapped != (LPOVERLAPPED)pAsync)
            fail("the completion port gave something else", bytes);
        printf("The completion port was notified\n");
    } else if (!strcmp(pszType, "hwnd")) {
        do {
            if (!GetMessageA(&message, NULL, 0, 0))
                fail("GetMessage", GetLastError());
        } while (message.hwnd != pAsync->u.HWND.hWnd || message.message != MESSAGE_DONE);
        printf("The window got its message\n");
    } else {
        if (WaitForSingleObject(hTold, INFINITE) == WAIT_FAILED || !fTold)
            fail("WaitForSingleObject", GetLastError());
        printf("The callback was called\n");
    }
}

/* A synchronous routine while the asynchronous one is still running. */
static void call_synchronous(RPC_ASYNC_STATE *pAsync)
{
    unsigned long ulCode;

    RpcTryExcept
    {
        printf("Calling the remote procedure 'NonAsyncFunc'\n");
        NonAsyncFunc(AsyncRPC_ClientIfHandle, (unsigned char *)"a message while AsyncFunc is running");
        if (RpcAsyncGetCallStatus(pAsync) == RPC_S_ASYNC_CALL_PENDING)
            printf("NonAsyncFunc returned while AsyncFunc is pending\n");
    }
    RpcExcept(1)
    {
        ulCode = RpcExceptionCode();
        printf("NonAsyncFunc: Run time reported exception 0x%lx = %lu\n", ulCode, ulCode);
        exit(1);
    }
    RpcEndExcept
}

static void shut_down(void)
{
    RpcTryExcept
    {
        Shutdown(AsyncRPC_ClientIfHandle);
    }
    RpcExcept(1)
    {
        fail("Shutdown", RpcExceptionCode());
    }
    RpcEndExcept
}

static int call_asynchronous(const char *pszType, unsigned long nAsychDelay, BOOL fCancel,
                             unsigned long nAbortCode)
{
    RPC_ASYNC_STATE Async;
    RPC_STATUS status;
    unsigned long ulCode;
    int nReply = 0;

    prepare(&Async, pszType);
    RpcTryExcept
    {
        printf("Calling the remote procedure 'AsyncFunc'\n");
        if (nAbortCode)
            AsyncAbortFunc(&Async, AsyncRPC_ClientIfHandle, nAbortCode);
        else
            AsyncFunc(&Async, AsyncRPC_ClientIfHandle, nAsychDelay);
    }
    RpcExcept(1)
    {
        ulCode = RpcExceptionCode();
        printf("AsyncFunc: Run time reported exception 0x%lx = %lu\n", ulCode, ulCode);
        return 1;
    }
    RpcEndExcept

        if (!nAbortCode) call_synchronous(&Async);
    if (fCancel) {
        status = RpcAsyncCancelCall(&Async, FALSE);
        printf("RpcAsyncCancelCall returned %ld\n", (long)status);
    }
    wait_for_reply(&Async, pszType);
    status = RpcAsyncCompleteCall(&Async, &nReply);
    printf("RpcAsyncCompleteCall returned %ld, the reply is %d\n", (long)status, nReply);
    if (nAbortCode)
        return status != (RPC_STATUS)nAbortCode;
    return status || fCancel == (nReply == 100);
}

void *__RPC_USER midl_user_allocate(size_t size)
{
    return malloc(size);
}

void __RPC_USER midl_user_free(void *memory)
{
    free(memory);
}

int main(int argc, char *argv[])
{
    char *pszProtocolSequence = "ncacn_ip_tcp", *pszNetworkAddress = NULL, *pszEndpoint = "8765",
         *pszType = "event";
    unsigned long nAsychDelay = 0, nAbortCode = 0;
    BOOL fCancel = FALSE, fShutdown = FALSE;
    RPC_CSTR pszStringBinding = NULL;
    RPC_STATUS status;
    int i, result = 0;

    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-c"))
            fCancel = TRUE;
        else if (!strcmp(argv[i], "-s"))
            fShutdown = TRUE;
        else if (i + 1 == argc || argv[i][0] != '-' || !argv[i][1] || argv[i][2])
            usage();
        else if (argv[i][1] == 'n')
            pszProtocolSequence = argv[++i];
        else if (argv[i][1] == 'a')
            pszNetworkAddress = argv[++i];
        else if (argv[i][1] == 'e')
            pszEndpoint = argv[++i];
        else if (argv[i][1] == 't')
            pszType = argv[++i];
        else if (argv[i][1] == 'd')
            nAsychDelay = strtoul(argv[++i], NULL, 10);
        else if (argv[i][1] == 'b')
            nAbortCode = strtoul(argv[++i], NULL, 10);
        else
            usage();
    }

    status = RpcStringBindingComposeA(NULL, (RPC_CSTR)pszProtocolSequence, (RPC_CSTR)pszNetworkAddress,
                                      (RPC_CSTR)pszEndpoint, NULL, &pszStringBinding);
    if (status)
        fail("RpcStringBindingCompose", status);
    status = RpcBindingFromStringBindingA(pszStringBinding, &AsyncRPC_ClientIfHandle);
    if (status)
        fail("RpcBindingFromStringBinding", status);
    RpcStringFreeA(&pszStringBinding);

    if (fShutdown)
        shut_down();
    else
        result = call_asynchronous(pszType, nAsychDelay, fCancel, nAbortCode);

    status = RpcBindingFree(&AsyncRPC_ClientIfHandle);
    if (status)
        fail("RpcBindingFree", status);
    return result;
}
