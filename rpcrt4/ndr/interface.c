/*
 * Interface pointers: a unique pointer to a counted array of octets, the object reference that COM makes
 * ([MS-DCOM] 2.2.14, MInterfacePointer). Which interface: in the format string or, with iid_is, in another
 * argument.
 *
 * Wine's own runtime has a form of its own, observed with Wine 8.0 and 10.0: in place of the referent
 * identifier the count, 0 for a null pointer, and at once the octets; and the referent of a user_marshal
 * begins at a multiple of 8. It is spoken with that runtime alone, which is told from ours by the nil
 * transfer syntax that ole32's interfaces have there.
 */
#include "walk.h"
#include "ole.h"

static const void *interface_id(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    const void *iid;

    if (format[1] == FC_CONSTANT_IID)
        return format + 2;
    iid = (const void *)ndr_correlate(msg, memory, format + 2);
    if (!iid)
        ndr_raise(RPC_X_NULL_REF_POINTER);
    return iid;
}

/* -Os stubs say which interface before they send a pointer, not before they receive one: IID_NULL takes the
 * one that was sent (SDK: CoUnmarshalInterface). */
static const void *received_id(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    static const GUID as_sent;

    if (format[1] != FC_CONSTANT_IID && correlation_is_given(msg, memory, format + 2))
        return &as_sent;
    return interface_id(msg, memory, format);
}

static BOOLEAN is_nil(const RPC_SYNTAX_IDENTIFIER *transfer)
{
    static const RPC_SYNTAX_IDENTIFIER nil;

    return transfer && !memcmp(transfer, &nil, sizeof(nil));
}

BOOLEAN came_in_wines_form(PMIDL_STUB_MESSAGE msg)
{
    return msg->pRpcChannelBuffer && is_nil(msg->RpcMsg->TransferSyntax);
}

/* A client cannot know before it is bound; where that fails, sending will tell why. */
BOOLEAN goes_in_wines_form(PMIDL_STUB_MESSAGE msg)
{
    enum { MSHCTX_INPROC = 3 };

    if (!msg->IsClient || !msg->pRpcChannelBuffer)
        return came_in_wines_form(msg);
    return msg->dwDestContext != MSHCTX_INPROC && msg->RpcMsg->RpcInterfaceInformation &&
           !I_RpcNegotiateTransferSyntax(msg->RpcMsg) && is_nil(msg->RpcMsg->TransferSyntax);
}

/* Marshals the object reference at octets, its count before it at each of the `counts` ULONGs. */
static void out_counted(struct walk *walk, unsigned char *value, const void *iid, unsigned counts)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *at;
    size_t room;
    ULONG size;

    out_align(walk, 4);
    out_room(walk, 4 * counts);
    at = msg->Buffer;
    msg->Buffer += 4 * counts;
    room = walk->limit - msg->Buffer;
    size = ole_marshal(iid, value, msg->dwDestContext, msg->pvDestContext, msg->Buffer,
                       room > 0x7fffffff ? 0x7fffffff : (ULONG)room);
    for (; counts; counts--, at += 4)
        memcpy(at, &size, 4);
    msg->Buffer += size;
}

void out_interface(struct walk *walk, unsigned char *value, PFORMAT_STRING format)
{
    if (walk->purpose == FREE) {
        if (value)
            ole_release(value);
        return;
    }
    if (value && walk->purpose == MARSHAL && goes_in_wines_form(walk->msg)) {
        out_counted(walk, value, interface_id(walk->msg, value, format), 1);
        return;
    }
    out_ulong(walk, !value ? 0 : walk->purpose == MARSHAL ? 0x20000 + 4 * walk->msg->UniquePtrCount++ : 1);
    if (value)
        walk_push(walk, value, format, 0, POINTEE_INTERFACE);
}

/* What is measured is enough for Wine's form too. */
void out_interface_pointee(struct walk *walk, const struct pointee *pointee)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    const void *iid = interface_id(msg, pointee->at, pointee->format);

    if (walk->purpose == MEASURE) {
        out_align(walk, 4);
        out_grow(walk, 8);
        out_grow(walk, ole_marshal_size(iid, pointee->at, msg->dwDestContext, msg->pvDestContext));
        return;
    }
    out_counted(walk, pointee->at, iid, 2);
}

static void in_object(struct walk *walk, unsigned char *at, PFORMAT_STRING format, ULONG size)
{
    unsigned char *reference = in_octets(walk, size);

    if (walk->purpose != UNMARSHAL)
        return;
    store_pointer(at, ole_unmarshal(received_id(walk->msg, at, format), reference, size));
    log_value(walk, at, format);
}

void in_interface(struct walk *walk, unsigned char *at, PFORMAT_STRING format)
{
    ULONG reference = in_ulong(walk);

    if (at) {
        unsigned char *old = walk->fresh ? NULL : load_pointer(at);

        if (old && walk->msg->IsClient) {
            ole_release(old);
            clear_freed(walk, at);
        }
        store_pointer(at, NULL);
    }
    if (!reference)
        return;
    if (came_in_wines_form(walk->msg))
        in_object(walk, at, format, reference);
    else
        walk_push(walk, at, format, reference, POINTEE_INTERFACE);
}

void in_interface_pointee(struct walk *walk, const struct pointee *pointee)
{
    ULONG max = in_ulong(walk), size = in_ulong(walk);

    if (max != size)
        walk_bad();
    in_object(walk, pointee->at, pointee->format, size);
}
