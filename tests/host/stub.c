/*
 * One stub's side of a call; see ndr_case.h. No test framework here, for the fuzzers have none.
 */
#include "ndr_case.h"
#include <stdlib.h>
#include <string.h>

void stub_begin(struct stub *stub, BOOLEAN client, const void *types)
{
    memset(stub, 0, sizeof(*stub));
    stub->desc.pfnAllocate = host_allocate;
    stub->desc.pfnFree = host_free;
    stub->desc.pFormatTypes = types;
    stub->rpc.DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    stub->msg.RpcMsg = &stub->rpc;
    stub->msg.StubDesc = &stub->desc;
    stub->msg.pfnAllocate = host_allocate;
    stub->msg.pfnFree = host_free;
    stub->msg.IsClient = client;
    stub->blocks = host_blocks;
    host_fail_after = -1;
}

void stub_drop(struct stub *stub)
{
    free(stub->rpc.Buffer);
    stub->rpc.Buffer = NULL;
}

struct job {
    struct stub *stub;
    void *memory;
    PFORMAT_STRING format;
    BOOLEAN must_alloc;
};

static void do_size(void *context)
{
    struct job *job = context;

    ndr_size(&job->stub->msg, job->memory, job->format);
}

static void do_marshal(void *context)
{
    struct job *job = context;

    ndr_marshal(&job->stub->msg, job->memory, job->format);
}

static void do_unmarshal(void *context)
{
    struct job *job = context;

    ndr_unmarshal(&job->stub->msg, job->memory, job->format, job->must_alloc);
}

static void do_free(void *context)
{
    struct job *job = context;

    ndr_free(&job->stub->msg, job->memory, job->format);
}

static void do_memory_size(void *context)
{
    struct job *job = context;

    ndr_memory_size(&job->stub->msg, job->format);
}

static void do_convert(void *context)
{
    struct job *job = context;

    ndr_convert_type(&job->stub->msg, job->format);
}

ULONG stub_size(struct stub *stub, void *memory, PFORMAT_STRING format)
{
    struct job job = {stub, memory, format, FALSE};

    stub->msg.BufferLength = 0;
    return os_try(do_size, &job);
}

ULONG stub_marshal(struct stub *stub, void *memory, PFORMAT_STRING format)
{
    struct job job = {stub, memory, format, FALSE};

    stub_drop(stub);
    stub->rpc.BufferLength = stub->msg.BufferLength;
    stub->rpc.Buffer = malloc(stub->rpc.BufferLength ? stub->rpc.BufferLength : 1);
    memset(stub->rpc.Buffer, 0xee, stub->rpc.BufferLength);
    stub->msg.Buffer = stub->rpc.Buffer;
    return os_try(do_marshal, &job);
}

ULONG stub_unmarshal(struct stub *stub, void *memory, PFORMAT_STRING format, BOOLEAN must_alloc)
{
    struct job job = {stub, memory, format, must_alloc};

    return os_try(do_unmarshal, &job);
}

ULONG stub_free(struct stub *stub, void *memory, PFORMAT_STRING format)
{
    struct job job = {stub, memory, format, FALSE};

    return os_try(do_free, &job);
}

ULONG stub_memory_size(struct stub *stub, PFORMAT_STRING format)
{
    struct job job = {stub, NULL, format, FALSE};

    return os_try(do_memory_size, &job);
}

ULONG stub_convert(struct stub *stub, PFORMAT_STRING format, ULONG representation)
{
    struct job job = {stub, NULL, format, FALSE};
    unsigned char *start = stub->msg.Buffer;
    ULONG code;

    stub->rpc.DataRepresentation = representation;
    code = os_try(do_convert, &job);
    stub->rpc.DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    stub->msg.Buffer = start;
    return code;
}

void stub_receive(struct stub *stub, const void *octets, size_t size)
{
    stub_drop(stub);
    stub->rpc.Buffer = malloc(size ? size : 1);
    memcpy(stub->rpc.Buffer, octets, size);
    stub->rpc.BufferLength = (UINT)size;
    stub->msg.Buffer = stub->msg.BufferStart = stub->rpc.Buffer;
    stub->msg.BufferEnd = stub->msg.BufferStart + size;
}

/* The peer takes what the interface names. */
RPC_STATUS I_RpcNegotiateTransferSyntax(RPC_MESSAGE *message)
{
    message->TransferSyntax = &((RPC_CLIENT_INTERFACE *)message->RpcInterfaceInformation)->TransferSyntax;
    return RPC_S_OK;
}
