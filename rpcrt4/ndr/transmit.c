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

/* The transmitted value while it is walked; the routines and the walk may raise. */
struct transmission {
    struct walk *walk;
    PFORMAT_STRING format, type;
    unsigned char *transmitted;
    unsigned char *saved; /* of the walk around it */
};

static void out_transmitted(void *context)
{
    const struct transmission *transmission = context;
    PMIDL_STUB_MESSAGE msg = transmission->walk->msg;

    if (transmission->walk->purpose == MEASURE)
        ndr_size(msg, transmission->transmitted, transmission->type);
    else
        ndr_marshal(msg, transmission->transmitted, transmission->type);
}

static void free_made(void *context)
{
    const struct transmission *transmission = context;
    PMIDL_STUB_MESSAGE msg = transmission->walk->msg;

    msg->pTransmitType = transmission->transmitted;
    routines(msg, transmission->format)->pfnFreeXmit(msg);
    msg->pTransmitType = transmission->saved;
}

void out_transmit_as(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *base = msg->Memory;
    struct transmission transmission = {walk, format, ndr_fc_target(format + 8), NULL, msg->pTransmitType};

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
    transmission.transmitted = msg->pTransmitType;
    os_finally(out_transmitted, free_made, &transmission);
    msg->Memory = base;
}

static void translate(void *context)
{
    const struct transmission *transmission = context;

    routines(transmission->walk->msg, transmission->format)->pfnTranslateFromXmit(transmission->walk->msg);
}

static void free_transmitted(void *context)
{
    const struct transmission *transmission = context;
    PMIDL_STUB_MESSAGE msg = transmission->walk->msg;
    unsigned char *transmitted = transmission->transmitted;

    msg->pTransmitType = transmission->saved;
    ndr_free(msg, transmitted, transmission->type);
    if (transmitted < msg->BufferStart || transmitted >= msg->BufferEnd)
        msg->pfnFree(transmitted);
}

void in_transmit_as(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    struct transmission transmission = {walk, format, ndr_fc_target(format + 8), NULL, msg->pTransmitType};
    unsigned char *base = msg->Memory;
    struct NDR_ALLOC_ALL_NODES_CONTEXT *nodes = msg->pAllocAllNodesContext;
    ULONG memory_size = msg->MemorySize;

    in_align(walk, wire_align(format));
    if (walk->purpose != UNMARSHAL) {
        in_apart(walk, transmission.type);
        msg->MemorySize = memory_size;
        return;
    }
    /* It does not stay: what stays may come from one block. */
    msg->pAllocAllNodesContext = NULL;
    ndr_unmarshal(msg, &transmission.transmitted, transmission.type, FALSE);
    msg->pAllocAllNodesContext = nodes;
    msg->pTransmitType = transmission.transmitted;
    msg->pPresentedType = presented(memory, format);
    os_finally(translate, free_transmitted, &transmission);
    msg->Memory = base;
    if (walk->fresh && !msg->fDontCallFreeInst)
        log_value(walk, memory, format);
}
