/*
 * Base types and ranges: octets, alignment, enum16 and __int3264 whose memory is wider than the wire.
 */
#include "walk.h"

unsigned ndr_base_wire(unsigned char code)
{
    switch (code) {
    case FC_BYTE:
    case FC_CHAR:
    case FC_SMALL:
    case FC_USMALL:
        return 1;
    case FC_WCHAR:
    case FC_SHORT:
    case FC_USHORT:
    case FC_ENUM16:
        return 2;
    case FC_LONG:
    case FC_ULONG:
    case FC_FLOAT:
    case FC_ENUM32:
    case FC_ERROR_STATUS_T:
    case FC_INT3264:
    case FC_UINT3264:
        return 4;
    case FC_HYPER:
    case FC_DOUBLE:
        return 8;
    default:
        return 0;
    }
}

unsigned ndr_base_memory(unsigned char code)
{
    switch (code) {
    case FC_ENUM16:
        return 4;
    case FC_INT3264:
    case FC_UINT3264:
        return sizeof(void *);
    default:
        return ndr_base_wire(code);
    }
}

/* The value of an integer in memory, extended by its sign where it has one. */
ULONGLONG load_base(const unsigned char *memory, unsigned char code)
{
    unsigned short two;
    ULONG four;
    ULONGLONG eight;

    switch (code) {
    case FC_SMALL:
        return (ULONGLONG)(LONGLONG)(signed char)*memory;
    case FC_BYTE:
    case FC_CHAR:
    case FC_USMALL:
        return *memory;
    case FC_SHORT:
        memcpy(&two, memory, 2);
        return (ULONGLONG)(LONGLONG)(short)two;
    case FC_WCHAR:
    case FC_USHORT:
        memcpy(&two, memory, 2);
        return two;
    case FC_LONG:
        memcpy(&four, memory, 4);
        return (ULONGLONG)(LONGLONG)(LONG)four;
    case FC_ULONG:
    case FC_ENUM16:
    case FC_ENUM32:
    case FC_ERROR_STATUS_T:
        memcpy(&four, memory, 4);
        return four;
    case FC_HYPER:
        memcpy(&eight, memory, 8);
        return eight;
    case FC_INT3264:
    case FC_UINT3264: {
        ULONG_PTR pointer_size;

        memcpy(&pointer_size, memory, sizeof(pointer_size));
        return code == FC_INT3264 ? (ULONGLONG)(LONGLONG)(LONG_PTR)pointer_size : pointer_size;
    }
    default:
        ndr_raise(RPC_S_INTERNAL_ERROR);
    }
}

static USHORT enum16_to_wire(const unsigned char *memory)
{
    ULONG value;

    memcpy(&value, memory, 4);
    /* C706 14.2.6: an enumeration travels as a signed short; MIDL allows no negative values. */
    if (value > 0x7fff)
        ndr_raise(RPC_X_ENUM_VALUE_OUT_OF_RANGE);
    return (USHORT)value;
}

static LONG int3264_to_wire(const unsigned char *memory, unsigned char code)
{
    LONG_PTR value;

    memcpy(&value, memory, sizeof(value));
    if (code == FC_INT3264 ? value != (LONG)value : (ULONG_PTR)value != (ULONG)value)
        ndr_raise(RPC_X_BAD_STUB_DATA);
    return (LONG)value;
}

void fetch_base(unsigned char *octets, const unsigned char *memory, unsigned char code)
{
    USHORT two;
    LONG four;

    switch (code) {
    case FC_ENUM16:
        two = enum16_to_wire(memory);
        memcpy(octets, &two, 2);
        break;
    case FC_INT3264:
    case FC_UINT3264:
        four = int3264_to_wire(memory, code);
        memcpy(octets, &four, 4);
        break;
    default:
        memcpy(octets, memory, ndr_base_wire(code));
    }
}

void out_base(struct walk *walk, unsigned char *memory, unsigned char code)
{
    unsigned size = ndr_base_wire(code);
    unsigned char octets[8];

    if (code == FC_IGNORE) {
        out_ulong(walk, 0);
        return;
    }
    if (!size)
        ndr_raise(RPC_S_INTERNAL_ERROR);
    if (walk->purpose == MARSHAL && !is_block(code)) {
        fetch_base(octets, memory, code);
        memory = octets;
    }
    out_value(walk, memory, size);
}

void store_base(unsigned char *memory, const unsigned char *octets, unsigned char code)
{
    USHORT two;
    LONG four;

    switch (code) {
    case FC_ENUM16:
        memcpy(&two, octets, 2);
        if (two > 0x7fff)
            ndr_raise(RPC_X_ENUM_VALUE_OUT_OF_RANGE);
        four = two;
        memcpy(memory, &four, 4);
        break;
    case FC_INT3264:
    case FC_UINT3264: {
        ULONG_PTR wide;

        memcpy(&four, octets, 4);
        wide = code == FC_INT3264 ? (ULONG_PTR)(LONG_PTR)four : (ULONG)four;
        memcpy(memory, &wide, sizeof(wide));
        break;
    }
    default:
        memcpy(memory, octets, ndr_base_wire(code));
    }
}

void in_base(struct walk *walk, unsigned char *memory, unsigned char code)
{
    unsigned size = ndr_base_wire(code);
    unsigned char *octets;

    if (code == FC_IGNORE) {
        in_ulong(walk);
        if (memory)
            store_pointer(memory, NULL);
        return;
    }
    if (!size)
        ndr_raise(RPC_S_INTERNAL_ERROR);
    in_align(walk, size);
    octets = in_octets(walk, size);
    if (walk->purpose == CONVERT)
        convert_base(walk, octets, 1, code);
    else if (memory && memory != octets)
        store_base(memory, octets, code);
}

static BOOLEAN in_bounds(const unsigned char *octets, PFORMAT_STRING format)
{
    unsigned char code = format[1] & 0x0f;
    LONGLONG low = (LONG)ndr_fc_ulong(format + 2), high = (LONG)ndr_fc_ulong(format + 6);
    /* An enum16 takes two octets on the wire, and is never negative. */
    LONGLONG value = (LONGLONG)load_base(octets, code == FC_ENUM16 ? FC_USHORT : code);

    switch (code) {
    case FC_ULONG:
    case FC_ENUM32:
        low = (ULONG)low;
        high = (ULONG)high;
        break;
    default:
        break;
    }
    return value >= low && value <= high;
}

void check_range(const unsigned char *octets, PFORMAT_STRING format)
{
    /* The SDK's page on [range]: RPC_X_INVALID_BOUND where a value lies outside. */
    if (!in_bounds(octets, format))
        ndr_raise(RPC_X_INVALID_BOUND);
}

void in_range(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char code = format[1] & 0x0f;
    unsigned size = ndr_base_wire(code);

    if (!size)
        ndr_raise(RPC_S_INTERNAL_ERROR);
    in_align(walk, size);
    if (in_left(walk) < size)
        walk_bad();
    if (walk->purpose == UNMARSHAL)
        check_range(walk->msg->Buffer, format);
    in_base(walk, memory, code);
}
