/*
 * One side of a call as an -Os stub sees it: the two messages and a buffer, without a runtime between. For
 * the topics that call the engine's entry points with format strings of their own.
 */
#ifndef RPCRT4_WINETEST_NDR_SIDE_H
#define RPCRT4_WINETEST_NDR_SIDE_H

#include "fixture.h"
#include <rpcndr.h>

#define SHORT(x) (unsigned char)((x)&0xff), (unsigned char)((x) >> 8 & 0xff)
#define LONG4(x) SHORT(x), SHORT((x) >> 16)

/* [MS-RPCE] 2.2.4.12 */
#define NDR20_SYNTAX                                                                                         \
    {                                                                                                        \
        {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},                      \
        {                                                                                                    \
            2, 0                                                                                             \
        }                                                                                                    \
    }

/* Format characters, MIDL reference, "Type Format Strings". */
enum {
    FC_CHAR = 0x02,
    FC_SHORT = 0x06,
    FC_LONG = 0x08,
    FC_ULONG = 0x09,
    FC_HYPER = 0x0b,
    FC_DOUBLE = 0x0c,
    FC_ENUM16 = 0x0d,
    FC_RP = 0x11,
    FC_UP = 0x12,
    FC_FP = 0x14,
    FC_STRUCT = 0x15,
    FC_CSTRUCT = 0x17,
    FC_CVSTRUCT = 0x19,
    FC_BOGUS_STRUCT = 0x1a,
    FC_CARRAY = 0x1b,
    FC_CVARRAY = 0x1c,
    FC_SMFARRAY = 0x1d,
    FC_SMVARRAY = 0x1f,
    FC_BOGUS_ARRAY = 0x21,
    FC_C_CSTRING = 0x22,
    FC_C_WSTRING = 0x25,
    FC_CSTRING = 0x26,
    FC_ENCAPSULATED_UNION = 0x2a,
    FC_NON_ENCAPSULATED_UNION = 0x2b,
    FC_BYTE_COUNT_POINTER = 0x2c,
    FC_TRANSMIT_AS = 0x2d,
    FC_IP = 0x2f,
    FC_CONSTANT_IID = 0x5a,
    FC_END = 0x5b,
    FC_PAD = 0x5c,
    FC_USER_MARSHAL = 0xb4,
    FC_RANGE = 0xb7,
    SIMPLE_POINTER = 0x08,
    FROM_PARAMETER = 0x20,
};

/* What descriptors of parameters look at. */
struct side_stack {
    LONG count, used;
};

struct side {
    RPC_MESSAGE rpc;
    MIDL_STUB_MESSAGE msg;
    MIDL_STUB_DESC desc;
    struct side_stack stack;
    __attribute__((aligned(16))) unsigned char buffer[128];
};

/* A client's side with a buffer of so many octets, all of them from octets unless that is NULL; like: the
 * tables of routines that the stub has, or NULL. */
static inline void side_begin(struct side *side, const MIDL_STUB_DESC *like, PFORMAT_STRING types,
                              const void *octets, unsigned size)
{
    memset(side, 0, sizeof(*side));
    if (like)
        side->desc = *like;
    side->desc.pfnAllocate = MIDL_user_allocate;
    side->desc.pfnFree = MIDL_user_free;
    side->desc.pFormatTypes = types;
    side->desc.Version = 0x60001;
    NdrClientInitializeNew(&side->rpc, &side->msg, &side->desc, 0);
    side->msg.StackTop = (unsigned char *)&side->stack;
    side->rpc.DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    side->rpc.Buffer = side->msg.Buffer = side->msg.BufferStart = side->buffer;
    if (octets)
        memcpy(side->buffer, octets, size);
    side->rpc.BufferLength = side->msg.BufferLength = size;
    side->msg.BufferEnd = side->buffer + size;
}

/* What was marshalled is just these octets. */
static inline void side_is(const struct side *side, const void *octets, unsigned size, const char *what)
{
    ok(side->msg.Buffer == side->buffer + size, "%s: %d octets, not %u\n", what,
       (int)(side->msg.Buffer - side->buffer), size);
    ok(!memcmp(side->buffer, octets, size), "%s: other octets\n", what);
}

#endif
