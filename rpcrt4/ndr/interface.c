/*
 * Interface pointers: a unique pointer to a counted array of octets, the object reference that COM makes
 * ([MS-DCOM] 2.2.14, MInterfacePointer). Which interface: in the format string or, with iid_is, in another
 * argument.
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

void out_interface(struct walk *walk, unsigned char *value, PFORMAT_STRING format)
{
    if (walk->purpose == FREE) {
        if (value)
            ole_release(value);
        return;
    }
    out_ulong(walk, !value ? 0 : walk->purpose == MARSHAL ? 0x20000 + 4 * walk->msg->UniquePtrCount++ : 1);
    if (value)
        walk_push(walk, value, format, 0, POINTEE_INTERFACE);
}

void out_interface_pointee(struct walk *walk, const struct pointee *pointee)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    const void *iid = interface_id(msg, pointee->at, pointee->format);
    unsigned char *counts;
    ULONG size, room;

    out_align(walk, 4);
    if (walk->purpose == MEASURE) {
        out_grow(walk, 8);
        out_grow(walk, ole_marshal_size(iid, pointee->at, msg->dwDestContext, msg->pvDestContext));
        return;
    }
    out_room(walk, 8);
    counts = msg->Buffer;
    room =
        (ULONG_PTR)(walk->limit - counts) - 8 > 0x7fffffff ? 0x7fffffff : (ULONG)(walk->limit - counts) - 8;
    size = ole_marshal(iid, pointee->at, msg->dwDestContext, msg->pvDestContext, counts + 8, room);
    memcpy(counts, &size, 4);
    memcpy(counts + 4, &size, 4);
    msg->Buffer = counts + 8 + size;
}

void in_interface(struct walk *walk, unsigned char *at, PFORMAT_STRING format)
{
    ULONG reference = in_ulong(walk);

    if (at) {
        unsigned char *old = walk->fresh ? NULL : load_pointer(at);

        if (old && walk->msg->IsClient)
            ole_release(old);
        store_pointer(at, NULL);
    }
    if (reference)
        walk_push(walk, at, format, reference, POINTEE_INTERFACE);
}

void in_interface_pointee(struct walk *walk, const struct pointee *pointee)
{
    ULONG max = in_ulong(walk), size = in_ulong(walk);
    unsigned char *reference;

    if (max != size)
        walk_bad();
    reference = in_octets(walk, size);
    if (walk->purpose != UNMARSHAL)
        return;
    store_pointer(pointee->at,
                  ole_unmarshal(received_id(walk->msg, pointee->at, pointee->format), reference, size));
    log_value(walk, pointee->at, pointee->format);
}
