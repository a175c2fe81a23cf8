/*
 * Unions: the discriminant, then the arm that it selects. An encapsulated union has the discriminant before
 * it in memory; of a non-encapsulated one it is another member or parameter, found by a correlation
 * descriptor.
 */
#include "walk.h"

/* The format of an arm; NULL: it is empty. */
static PFORMAT_STRING arm_at(PFORMAT_STRING entry)
{
    unsigned short offset = ndr_fc_ushort(entry);

    if (!offset)
        return NULL;
    /* FC_MAGIC_UNION_BYTE: the low octet is a simple type. */
    return offset >> 8 == 0x80 ? entry : ndr_fc_target(entry);
}

static PFORMAT_STRING select_arm(const struct walk *walk, PFORMAT_STRING arms, ULONG value)
{
    unsigned count = ndr_fc_ushort(arms) & 0xfff;

    for (arms += 2; count--; arms += 6)
        if (ndr_fc_ulong(arms) == value)
            return arm_at(arms + 4);
    if (ndr_fc_ushort(arms) != 0xffff)
        return arm_at(arms);
    if (walk->purpose != FREE)
        ndr_raise(RPC_S_INVALID_TAG);
    return NULL;
}

/* MIDL 1.0 style: every arm is aligned as the widest is. */
static ULONG arm_align(PFORMAT_STRING arms)
{
    ULONG align = ndr_fc_ushort(arms) >> 12;

    return align & 1 ? align + 1 : align ? align : 1;
}

static void out_arm(struct walk *walk, unsigned char *memory, PFORMAT_STRING arms, ULONG value)
{
    PFORMAT_STRING arm = select_arm(walk, arms, value);

    out_align(walk, arm_align(arms));
    if (arm)
        out_flat(walk, memory, arm);
}

static void out_discriminant(struct walk *walk, ULONG value, unsigned char code)
{
    ULONGLONG wide = code == FC_INT3264 ? (ULONGLONG)(LONGLONG)(LONG)value : value;

    out_base(walk, (unsigned char *)&wide, code);
}

void out_union(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    ULONG value;

    if (*format == FC_ENCAPSULATED_UNION) {
        value = (ULONG)load_base(memory, format[1] & 0x0f);
        out_discriminant(walk, value, format[1] & 0x0f);
        out_arm(walk, memory + (format[1] >> 4), format + 4, value);
    } else {
        PFORMAT_STRING target = ndr_fc_target(format + 2 + ndr_correlation_octets(walk->msg));

        value = (ULONG)ndr_correlate(walk->msg, memory, format + 2);
        out_discriminant(walk, value, format[1]);
        out_arm(walk, memory, target + 2, value);
    }
}

static ULONG in_discriminant(struct walk *walk, unsigned char code)
{
    unsigned size = ndr_base_wire(code);
    unsigned char *octets;

    in_align(walk, size ? size : 1);
    octets = in_octets(walk, size);
    if (walk->purpose == CONVERT)
        convert_base(walk, octets, 1, code);
    return (ULONG)load_base(octets, code == FC_ENUM16 ? FC_USHORT : code == FC_INT3264 ? FC_LONG : code);
}

static void in_arm(struct walk *walk, unsigned char *memory, PFORMAT_STRING arms, ULONG value)
{
    PFORMAT_STRING arm = select_arm(walk, arms, value);

    in_align(walk, arm_align(arms));
    if (arm)
        in_flat(walk, memory, arm);
}

void in_union(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    ULONG value;

    if (*format == FC_ENCAPSULATED_UNION) {
        unsigned char code = format[1] & 0x0f, *start;

        in_align(walk, ndr_base_wire(code) ? ndr_base_wire(code) : 1);
        start = walk->msg->Buffer;
        value = in_discriminant(walk, code);
        if (memory)
            store_base(memory, start, code);
        in_arm(walk, memory ? memory + (format[1] >> 4) : NULL, format + 4, value);
    } else {
        PFORMAT_STRING target = ndr_fc_target(format + 2 + ndr_correlation_octets(walk->msg));

        value = in_discriminant(walk, format[1]);
        check_correlation(walk, memory, format + 2, value);
        in_arm(walk, memory, target + 2, value);
    }
}
