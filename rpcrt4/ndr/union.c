/*
 * Unions: the discriminant, then the arm that it selects. An encapsulated union has the discriminant before
 * it in memory; of a non-encapsulated one it is another member or parameter, found by a correlation
 * descriptor.
 *
 * Where that is a plain member before the union, as it mostly is, the union has a plan (walk.h) and goes by
 * it.
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

/* ---- plans */

/* align: that of all arms. */
static void plan_arm(struct walk *walk, struct arm *arm, PFORMAT_STRING entry, ULONG align)
{
    PFORMAT_STRING format = arm_at(entry);

    arm->align = (unsigned char)align;
    arm->format = format;
    arm->kind = ARM_OTHER;
    arm->size = 0;
    if (!format) {
        arm->kind = ARM_EMPTY;
    } else if (ndr_base_wire(*format) && is_block(*format)) {
        arm->kind = ARM_BLOCK;
        arm->size = ndr_base_wire(*format);
        if (arm->align < arm->size)
            arm->align = (unsigned char)arm->size;
    } else if ((*format == FC_STRUCT || *format == FC_SMFARRAY) && format[4] != FC_PP) {
        arm->kind = ARM_BLOCK;
        arm->size = ndr_fc_ushort(format + 2);
        if (arm->align < format[1] + 1)
            arm->align = format[1] + 1;
    } else if (*format >= FC_RP && *format <= FC_FP) {
        arm->kind = ARM_POINTER;
        if (leads_to_plain_string(format) && !(format[1] & FC_ALLOCATE_ALL_NODES) && *format != FC_OP)
            arm->kind = ARM_STRING;
        arm->size = 4;
        if (arm->align < 4)
            arm->align = 4;
    } else if (*format == FC_BOGUS_STRUCT && (arm->shape = shape_of(walk, format)) != NULL) {
        arm->kind = ARM_SHAPE;
    }
}

/* Where the discriminant is, and whether it is checked on the way in; FALSE: not in a plain member. */
static BOOLEAN plan_discriminant(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct choice *choice)
{
    enum { FROM_FIELD = 0, NOT_CHECKED = 0x02 | 0x04 | 0x08 }; /* as correlation.c has them */
    PFORMAT_STRING descriptor = format + 2;
    unsigned flags = msg->fHasNewCorrDesc ? ndr_fc_ushort(descriptor + 4) : 0;

    choice->encapsulated = *format == FC_ENCAPSULATED_UNION;
    choice->offset = 0;
    choice->arm_offset = 0;
    if (choice->encapsulated) {
        choice->code = format[1] & 0x0f;
        choice->arm_offset = format[1] >> 4;
    } else {
        choice->code = format[1];
        choice->offset = ndr_fc_short(descriptor + 2);
        choice->compared = !(flags & NOT_CHECKED);
        if ((descriptor[0] & 0xf0) != FROM_FIELD || descriptor[1] || choice->offset >= 0 ||
            (descriptor[0] & 0x0f) != choice->code || ndr_correlation_octets(msg) == 16)
            return FALSE;
    }
    choice->size = ndr_base_wire(choice->code);
    return choice->size && choice->size <= 4 && (is_block(choice->code) || choice->code == FC_ENUM16);
}

BOOLEAN plan_choice(struct walk *walk, PFORMAT_STRING format, struct choice *choice)
{
    PFORMAT_STRING arms = *format == FC_ENCAPSULATED_UNION
                              ? format + 4
                              : ndr_fc_target(format + 2 + ndr_correlation_octets(walk->msg)) + 2;
    unsigned i, count = ndr_fc_ushort(arms) & 0xfff;
    ULONG align;

    if (count > MAX_ARMS || !plan_discriminant(walk->msg, format, choice))
        return FALSE;
    align = arm_align(arms);
    choice->count = count;
    choice->dense = count > 0;
    for (i = 0, arms += 2; i < count; i++, arms += 6) {
        choice->arm[i].value = ndr_fc_ulong(arms);
        if (choice->arm[i].value != choice->arm[0].value + i)
            choice->dense = FALSE;
        plan_arm(walk, &choice->arm[i], arms + 4, align);
    }
    choice->other.kind = ARM_INVALID;
    if (ndr_fc_ushort(arms) != 0xffff)
        plan_arm(walk, &choice->other, arms, align);
    return TRUE;
}

/* ---- the general way */

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
