/*
 * transmit_as and represent_as: on the wire stands another type, which the stub's routines make from the
 * presented one and back. The transmitted value is walked as a whole of its own, at once.
 */
#include "walk.h"

static const XMIT_ROUTINE_QUINTUPLE *routines(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    return &msg->StubDesc->aXmitQuintuple[ndr_fc_ushort(format + 2)];
}

/* The presented object: behind a pointer for the _PTR tokens. */
static unsigned char *presented(unsigned char *memory, PFORMAT_STRING format)
{
    return *format == FC_TRANSMIT_AS_PTR || *format == FC_REPRESENT_AS_PTR ? load_pointer(memory) : memory;
}

static ULONG wire_align(PFORMAT_STRING format)
{
    return (format[1] & 0x0f) + 1u;
}

static void free_presented(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    if (msg->fDontCallFreeInst)
        return;
    msg->pPresentedType = presented(memory, format);
    routines(msg, format)->pfnFreeInst(msg);
}

void out_transmit_as(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *saved = msg->pTransmitType, *base = msg->Memory;
    PFORMAT_STRING type = ndr_fc_target(format + 8);

    if (walk->purpose == FREE) {
        free_presented(msg, memory, format);
        return;
    }
    out_align(walk, wire_align(format));
    if (walk->purpose == MEASURE && ndr_fc_ushort(format + 6)) {
        out_grow(walk, ndr_fc_ushort(format + 6));
        return;
    }
    msg->pPresentedType = presented(memory, format);
    msg->pTransmitType = NULL;
    routines(msg, format)->pfnTranslateToXmit(msg);
    if (walk->purpose == MEASURE)
        ndr_size(msg, msg->pTransmitType, type);
    else
        ndr_marshal(msg, msg->pTransmitType, type);
    routines(msg, format)->pfnFreeXmit(msg);
    msg->pTransmitType = saved;
    msg->Memory = base;
}

static void free_transmitted(PMIDL_STUB_MESSAGE msg, unsigned char *transmitted, PFORMAT_STRING type)
{
    ndr_free(msg, transmitted, type);
    if (transmitted < msg->BufferStart || transmitted >= msg->BufferEnd)
        msg->pfnFree(transmitted);
}

void in_transmit_as(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    PFORMAT_STRING type = ndr_fc_target(format + 8);
    unsigned char *transmitted = NULL, *saved = msg->pTransmitType, *base = msg->Memory;
    struct NDR_ALLOC_ALL_NODES_CONTEXT *nodes = msg->pAllocAllNodesContext;
    ULONG memory_size = msg->MemorySize;

    in_align(walk, wire_align(format));
    if (walk->purpose != UNMARSHAL) {
        in_apart(walk, type);
        msg->MemorySize = memory_size;
        return;
    }
    /* It does not stay: what stays may come from one block. */
    msg->pAllocAllNodesContext = NULL;
    ndr_unmarshal(msg, &transmitted, type, FALSE);
    msg->pAllocAllNodesContext = nodes;
    msg->pTransmitType = transmitted;
    msg->pPresentedType = presented(memory, format);
    routines(msg, format)->pfnTranslateFromXmit(msg);
    free_transmitted(msg, transmitted, type);
    msg->pTransmitType = saved;
    msg->Memory = base;
    if (walk->fresh && !msg->fDontCallFreeInst)
        log_value(walk, memory, format);
}
