/*
 * user_marshal and wire_marshal: the stub's <type>_UserSize, _UserMarshal, _UserUnmarshal and _UserFree
 * routines (SDK: "The type_UserSize Function" and its neighbours) work on the buffer themselves; what they
 * return is checked. A wire type that is a pointer has its identifier in the flat part, and the routine
 * called where its referent goes.
 */
#include "walk.h"

enum { WIRE_REF = 0x40, WIRE_UNIQUE = 0x80, WIRE_POINTER = WIRE_REF | WIRE_UNIQUE };

enum { WINES_ALIGNMENT = 8 }; /* see interface.c */

enum { USER_SIGNATURE = 0x55535243 }; /* USER_MARSHAL_CB_SIGNATURE, 'USRC' */

/* Any identifier but 0 will do; this is what Windows is seen to send. */
enum { USER_REFERENCE = 0x72657355 };

static const USER_MARSHAL_ROUTINE_QUADRUPLE *routines(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    return &msg->StubDesc->aUserMarshalQuadruple[ndr_fc_ushort(format + 2)];
}

static void fill_callback(const struct walk *walk, USER_MARSHAL_CB *callback, PFORMAT_STRING format,
                          USER_MARSHAL_CB_TYPE type)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    ULONG representation =
        msg->RpcMsg && type == USER_MARSHAL_CB_UNMARSHALL ? msg->RpcMsg->DataRepresentation : 0;

    if (!(representation & 0xffff))
        representation = NDR_LOCAL_DATA_REPRESENTATION;
    memset(callback, 0, sizeof(*callback));
    callback->Flags = (msg->dwDestContext & 0xff) | representation << 16;
    if (msg->pAsyncMsg)
        callback->Flags |= USER_CALL_IS_ASYNC;
    if (msg->fHasNewCorrDesc)
        callback->Flags |= USER_CALL_NEW_CORRELATION_DESC;
    callback->pStubMsg = msg;
    callback->Signature = USER_SIGNATURE;
    callback->CBType = type;
    callback->pFormat = format;
    callback->pTypeFormat = ndr_fc_target(format + 8);
}

static void size_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    USER_MARSHAL_CB callback;
    ULONG length;

    if (ndr_fc_ushort(format + 6) && !(format[1] & WIRE_POINTER)) {
        out_grow(walk, ndr_fc_ushort(format + 6));
        return;
    }
    fill_callback(walk, &callback, format, USER_MARSHAL_CB_BUFFER_SIZE);
    length = routines(msg, format)->pfnBufferSize(&callback.Flags, msg->BufferLength, memory);
    if (length < msg->BufferLength)
        walk_bad();
    msg->BufferLength = length;
}

static void marshal_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    USER_MARSHAL_CB callback;
    unsigned char *end;

    fill_callback(walk, &callback, format, USER_MARSHAL_CB_MARSHALL);
    end = routines(msg, format)->pfnMarshall(&callback.Flags, msg->Buffer, memory);
    if (end < msg->Buffer || end > walk->limit)
        walk_bad();
    msg->Buffer = end;
}

static void free_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    USER_MARSHAL_CB callback;

    fill_callback(walk, &callback, format, USER_MARSHAL_CB_FREE);
    routines(walk->msg, format)->pfnFree(&callback.Flags, memory);
}

static void out_user_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    if (walk->purpose == MEASURE)
        size_value(walk, memory, format);
    else if (walk->purpose == MARSHAL)
        marshal_value(walk, memory, format);
    else
        free_value(walk, memory, format);
}

void out_user_marshal(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    if (!(format[1] & WIRE_POINTER)) {
        if (walk->purpose != FREE)
            out_align(walk, (format[1] & 0x0f) + 1);
        out_user_value(walk, memory, format);
        return;
    }
    if (walk->purpose != FREE)
        out_ulong(walk, USER_REFERENCE);
    walk_push(walk, memory, format, 0, POINTEE_USER_MARSHAL);
}

void out_user_pointee(struct walk *walk, const struct pointee *pointee)
{
    if (walk->purpose == MEASURE && walk->msg->pRpcChannelBuffer)
        out_grow(walk, 2 * WINES_ALIGNMENT); /* what it takes, and what others take from there on */
    if (walk->purpose == MARSHAL && goes_in_wines_form(walk->msg))
        out_align(walk, WINES_ALIGNMENT);
    out_user_value(walk, pointee->at, pointee->format);
}

/* fresh: the memory held nothing of the caller's. */
static void unmarshal_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format, BOOLEAN fresh)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    USER_MARSHAL_CB callback;
    unsigned char *end;

    (void)in_left(walk); /* alignment may have passed the end */
    fill_callback(walk, &callback, format, USER_MARSHAL_CB_UNMARSHALL);
    end = routines(msg, format)->pfnUnmarshall(&callback.Flags, msg->Buffer, memory);
    if (fresh)
        log_value(walk, memory, format);
    if (end < msg->Buffer || end > walk->limit)
        walk_bad();
    msg->Buffer = end;
}

void in_user_marshal(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    ULONG memory_size = walk->msg->MemorySize, reference;

    if (walk->purpose != UNMARSHAL) {
        if (format[1] & WIRE_POINTER)
            in_flat(walk, NULL, ndr_fc_target(format + 8));
        else
            in_apart(walk, ndr_fc_target(format + 8));
        walk->msg->MemorySize = memory_size; /* what is on the wire is not what is in memory */
        return;
    }
    if (!(format[1] & WIRE_POINTER)) {
        in_align(walk, (format[1] & 0x0f) + 1);
        unmarshal_value(walk, memory, format, walk->fresh);
        return;
    }
    reference = in_ulong(walk);
    if (reference || format[1] & WIRE_REF)
        walk_push(walk, memory, format, reference, POINTEE_USER_MARSHAL);
}

void in_user_pointee(struct walk *walk, const struct pointee *pointee)
{
    if (came_in_wines_form(walk->msg))
        in_align(walk, WINES_ALIGNMENT);
    unmarshal_value(walk, pointee->at, pointee->format, pointee->fresh);
}

/* [SDK: NdrGetUserMarshalInfo] What a _User* routine may know of the call, from the flags it was given. */
RPC_STATUS RPC_ENTRY NdrGetUserMarshalInfo(ULONG *flags, ULONG level, NDR_USER_MARSHAL_INFO *info)
{
    USER_MARSHAL_CB *callback = CONTAINING_RECORD(flags, USER_MARSHAL_CB, Flags);
    PMIDL_STUB_MESSAGE msg;

    if (level != 1 || !flags || !info || callback->Signature != USER_SIGNATURE)
        return RPC_S_INVALID_ARG;
    msg = callback->pStubMsg;
    memset(info, 0, sizeof(*info));
    info->InformationLevel = level;
    info->Level1.pfnAllocate = msg->pfnAllocate;
    info->Level1.pfnFree = msg->pfnFree;
    info->Level1.pRpcChannelBuffer = msg->pRpcChannelBuffer;
    if (callback->CBType == USER_MARSHAL_CB_MARSHALL || callback->CBType == USER_MARSHAL_CB_UNMARSHALL) {
        unsigned char *start = msg->RpcMsg->Buffer;

        info->Level1.Buffer = msg->Buffer;
        info->Level1.BufferSize = (ULONG)(start + msg->RpcMsg->BufferLength - msg->Buffer);
    }
    return RPC_S_OK;
}
