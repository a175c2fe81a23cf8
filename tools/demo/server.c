/*
 * The server of the asynchronous RPC example.
 *
 *   server [-n PROTSEQ] [-e ENDPOINT]
 *
 * Listens until a client calls Shutdown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <rpc.h>
#include <rpcasync.h>
#include "asyncrpc.h"

#define DEFAULT_ASYNC_DELAY 2000
#define ASYNC_CANCEL_CHECK  100
#define STEPS               100

static void usage(void)
{
    fprintf(stderr, "usage: server [-n PROTSEQ] [-e ENDPOINT]\n");
    exit(2);
}

/* One step after the other, with a progress line and a look for a cancel at every fifth. Gives the number of
 * steps that were done. */
static int work(PRPC_ASYNC_STATE pAsync, unsigned long nAsychDelay)
{
    unsigned long nStep = nAsychDelay / STEPS;
    RPC_STATUS status;
    int i;

    for (i = 0; i < STEPS; i++) {
        Sleep(nStep);
        if (i % 5)
            continue;
        fprintf(stderr, "\rRunning AsyncFunc (%lu ms) (%d%%) ... ", nAsychDelay, i + 5);
        status = RpcServerTestCancel(RpcAsyncGetCallHandle(pAsync));
        if (status == RPC_S_OK) {
            fprintf(stderr, "\nAsyncFunc has been canceled!!!\n");
            break;
        }
        if (status != RPC_S_CALL_IN_PROGRESS) {
            fprintf(stderr, "\nRpcServerTestCancel returned %ld\n", (long)status);
            exit(1);
        }
    }
    fprintf(stderr, "\n");
    return i;
}

void AsyncFunc(PRPC_ASYNC_STATE pAsync, RPC_BINDING_HANDLE hBinding, unsigned long nAsychDelay)
{
    int nReply = STEPS;
    RPC_STATUS status;

    (void)hBinding;
    if (nAsychDelay == 0)
        nAsychDelay = DEFAULT_ASYNC_DELAY;
    if (nAsychDelay > ASYNC_CANCEL_CHECK)
        nReply = work(pAsync, nAsychDelay);
    else
        Sleep(nAsychDelay);

    fprintf(stderr, "Calling RpcAsyncCompleteCall\n");
    status = RpcAsyncCompleteCall(pAsync, &nReply);
    fprintf(stderr, "RpcAsyncCompleteCall returned %ld\n", (long)status);
    if (status)
        exit(status);
}

static DWORD WINAPI give_up(void *context)
{
    PRPC_ASYNC_STATE pAsync = ((void **)context)[0];
    unsigned long nCode = (unsigned long)(ULONG_PTR)((void **)context)[1];
    RPC_STATUS status;

    free(context);
    fprintf(stderr, "Calling RpcAsyncAbortCall with %lu\n", nCode);
    status = RpcAsyncAbortCall(pAsync, nCode);
    fprintf(stderr, "RpcAsyncAbortCall returned %ld\n", (long)status);
    return 0;
}

/* Hands the call to another thread, which aborts it. */
void AsyncAbortFunc(PRPC_ASYNC_STATE pAsync, RPC_BINDING_HANDLE hBinding, unsigned long nCode)
{
    void **context = malloc(2 * sizeof(*context));

    (void)hBinding;
    if (!context)
        RpcRaiseException(RPC_S_OUT_OF_MEMORY);
    context[0] = pAsync;
    context[1] = (void *)(ULONG_PTR)nCode;
    if (!QueueUserWorkItem(give_up, context, WT_EXECUTEDEFAULT)) {
        free(context);
        RpcRaiseException(RPC_S_OUT_OF_RESOURCES);
    }
}

void NonAsyncFunc(RPC_BINDING_HANDLE hBinding, unsigned char *pszMessage)
{
    (void)hBinding;
    fprintf(stderr, "\nNonAsyncFunc: %s\n", pszMessage);
}

void Shutdown(RPC_BINDING_HANDLE hBinding)
{
    RPC_STATUS status;

    (void)hBinding;
    fprintf(stderr, "Shutdown\n");
    status = RpcMgmtStopServerListening(NULL);
    if (status)
        exit(status);
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
    char *pszProtocolSequence = "ncacn_ip_tcp";
    char *pszEndpoint = "8765";
    RPC_STATUS status;
    int i;

    for (i = 1; i < argc; i++) {
        if (i + 1 < argc && !strcmp(argv[i], "-n"))
            pszProtocolSequence = argv[++i];
        else if (i + 1 < argc && !strcmp(argv[i], "-e"))
            pszEndpoint = argv[++i];
        else
            usage();
    }

    status = RpcServerUseProtseqEpA((RPC_CSTR)pszProtocolSequence, RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                    (RPC_CSTR)pszEndpoint, NULL);
    printf("RpcServerUseProtseqEp returned %ld\n", (long)status);
    if (status)
        exit(status);
    status = RpcServerRegisterIf(AsyncRPC_v1_0_s_ifspec, NULL, NULL);
    printf("RpcServerRegisterIf returned %ld\n", (long)status);
    if (status)
        exit(status);
    printf("Calling RpcServerListen\n");
    fflush(stdout);
    status = RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, FALSE);
    printf("RpcServerListen returned %ld\n", (long)status);
    return status;
}
