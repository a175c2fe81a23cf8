/*
 * Structures: simple ones are one copy, those with a conformant array at the end two; complex (bogus) and
 * hard ones go member by member, or by a shape where every instance has its members in the same place.
 *
 * The counts of a conformant array come before the outermost structure, the array itself after its last
 * member. Which of nested structures deals with the array: an embedded conformant structure does it itself,
 * being last anyway; complex ones leave it to the outermost ("Pointer Layout", what the NDR engine does).
 */
#include "walk.h"

PFORMAT_STRING conformant_array_of(PFORMAT_STRING format)
{
    switch (*format) {
    case FC_CARRAY:
    case FC_CVARRAY:
    case FC_C_CSTRING:
    case FC_C_BSTRING:
    case FC_C_SSTRING:
    case FC_C_WSTRING:
        return format;
    case FC_BOGUS_ARRAY:
        return ndr_fc_ulong(format + 4) != 0xffffffff ? format : NULL;
    case FC_CSTRUCT:
    case FC_CPSTRUCT:
    case FC_CVSTRUCT:
    case FC_BOGUS_STRUCT:
        return ndr_fc_short(format + 4) ? ndr_fc_target(format + 4) : NULL;
    default:
        return NULL;
    }
}

/* Where a structure's member layout begins. */
static PFORMAT_STRING member_layout(PFORMAT_STRING format)
{
    PFORMAT_STRING members;

    switch (*format) {
    case FC_BOGUS_STRUCT:
        return format + 8;
    case FC_HARD_STRUCT:
        return format + 16;
    case FC_CSTRUCT:
    case FC_CPSTRUCT:
    case FC_CVSTRUCT:
        members = format + 6;
        break;
    default:
        members = format + 4;
    }
    return *members == FC_PP ? skip_layout(members) : members;
}

static PFORMAT_STRING pointer_layout(PFORMAT_STRING format)
{
    PFORMAT_STRING layout = format + (*format == FC_STRUCT || *format == FC_PSTRUCT ? 4 : 6);

    return *layout == FC_PP ? layout : NULL;
}

/* ---- members one by one */

void first_member(PFORMAT_STRING format, struct member *member)
{
    member->token = member_layout(format);
    /* Complex structures alone have FC_POINTER members; a simple one's description may end before that. */
    member->pointer = *format == FC_BOGUS_STRUCT ? ndr_fc_target(format + 6) : NULL;
    member->end = 0;
}

static void skip_memory(struct member *member, ULONG alignment)
{
    member->end = (member->end + alignment - 1) & ~(alignment - 1);
}

BOOLEAN next_member(const MIDL_STUB_MESSAGE *msg, struct member *member)
{
    for (;;) {
        unsigned char code = *member->token++;

        switch (code) {
        case FC_END:
            return FALSE;
        case FC_PAD:
            break;
        case FC_ALIGNM2:
        case FC_ALIGNM4:
        case FC_ALIGNM8:
            skip_memory(member, 2u << (code - FC_ALIGNM2));
            break;
        case FC_STRUCTPAD1 ... FC_STRUCTPAD7:
            member->end += code - FC_STRUCTPAD1 + 1;
            break;
        case FC_STRUCTPADN:
            member->end += ndr_fc_ushort(member->token + 1);
            member->token += 3;
            break;
        case FC_EMBEDDED_COMPLEX:
            member->offset = member->end + *member->token;
            member->type = ndr_fc_target(member->token + 1);
            member->token += 3;
            member->end = member->offset + embedded_memory_size(msg, member->type);
            return TRUE;
        case FC_POINTER:
            member->type = member->pointer;
            member->pointer += 4;
            member->offset = member->end;
            member->end += sizeof(void *);
            return TRUE;
        default:
            member->type = member->token - 1;
            member->offset = member->end;
            member->end += code == FC_IGNORE ? sizeof(void *) : ndr_base_memory(code);
            if (member->end == member->offset)
                ndr_raise(RPC_S_INTERNAL_ERROR);
            return TRUE;
        }
    }
}

/* ---- outward */

static void out_each_member(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    const struct shape *members = members_of(walk, format);
    struct member member;

    if (members) {
        out_listed_members(walk, memory, members);
        return;
    }
    first_member(format, &member);
    while (next_member(walk->msg, &member))
        out_flat(walk, memory + member.offset, member.type);
}

static void out_members(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char *base = walk->msg->Memory;
    BOOLEAN nested = walk->embedded;
    PFORMAT_STRING conformant = conformant_array_of(format);

    walk->msg->Memory = memory;
    walk->embedded = TRUE;
    out_align(walk, format[1] + 1);
    out_each_member(walk, memory, format);
    walk->embedded = nested;
    if (conformant && !nested && !walk->array_done)
        out_flat(walk, memory + ndr_fc_ushort(format + 2), conformant);
    walk->msg->Memory = base;
}

static void out_block_struct(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PFORMAT_STRING conformant = conformant_array_of(format);
    unsigned char *base = walk->msg->Memory;
    struct layout layout = {pointer_layout(format), memory, NULL, NULL, ndr_fc_ushort(format + 2), 0};

    out_align(walk, format[1] + 1);
    layout.wire = walk->msg->Buffer;
    out_octets(walk, memory, layout.fixed_size);
    walk->msg->Memory = memory;
    if (conformant) {
        out_flat(walk, memory + layout.fixed_size, conformant);
        layout.count = walk->msg->ActualCount;
        layout.wire_array = walk->array_start;
        walk->array_done = TRUE;
    }
    if (layout.format)
        out_layout(walk, &layout);
    walk->msg->Memory = base;
}

void out_struct(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    const struct shape *shape;

    switch (*format) {
    case FC_BOGUS_STRUCT:
        shape = shape_of(walk, format);
        if (shape)
            out_shape(walk, memory, shape, 1);
        else
            out_members(walk, memory, format);
        break;
    case FC_HARD_STRUCT:
        out_members(walk, memory, format);
        break;
    default:
        out_block_struct(walk, memory, format);
    }
}

/* ---- inward */

static void in_each_member(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    const struct shape *members = walk->purpose == UNMARSHAL ? members_of(walk, format) : NULL;
    struct member member;

    if (members) {
        in_listed_members(walk, memory, members);
        return;
    }
    first_member(format, &member);
    while (next_member(walk->msg, &member))
        in_flat(walk, memory ? memory + member.offset : NULL, member.type);
}

static void in_members(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char *base = walk->msg->Memory;
    BOOLEAN nested = walk->embedded;
    PFORMAT_STRING conformant = conformant_array_of(format);

    walk->msg->Memory = memory;
    walk->embedded = TRUE;
    in_align(walk, format[1] + 1);
    in_each_member(walk, memory, format);
    walk->embedded = nested;
    if (conformant && !nested && !walk->array_done)
        in_flat(walk, memory ? memory + ndr_fc_ushort(format + 2) : NULL, conformant);
    walk->msg->Memory = base;
}

/* Converts a block's octets member by member; the pointers in it are plain longs there. */
static void convert_block(struct walk *walk, PFORMAT_STRING format, unsigned char *wire, ULONG size)
{
    BOOLEAN flat_only = walk->flat_only;
    struct member member;

    walk->msg->Buffer = wire;
    walk->flat_only = TRUE;
    first_member(format, &member);
    while (next_member(walk->msg, &member))
        in_flat(walk, NULL, member.type);
    walk->flat_only = flat_only;
    walk->msg->Buffer = wire + size;
}

static void copy_in(unsigned char *memory, const unsigned char *wire, ULONG size)
{
    if (memory && memory != wire)
        memcpy(memory, wire, size);
}

/* Of a conformant structure's array: how many elements come, and where, without going there. */
static ULONG peek_array(struct walk *walk, PFORMAT_STRING conformant, struct layout *layout)
{
    unsigned char *position = walk->msg->Buffer;
    ULONG actual = walk->dimension[0].max;
    struct array array;

    if (*conformant != FC_CARRAY && *conformant != FC_CVARRAY)
        return 0;
    parse_array(walk->msg, conformant, &array);
    if (array.variance) {
        in_align(walk, 4);
        memcpy(&walk->msg->Offset, in_octets(walk, 4), 4);
        memcpy(&actual, in_octets(walk, 4), 4);
    }
    in_align(walk, array.align);
    layout->wire_array = in_octets(walk, checked_product(actual, array.element_size));
    walk->msg->Buffer = position;
    return actual;
}

static void in_block_struct(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PFORMAT_STRING conformant = conformant_array_of(format);
    unsigned char *base = walk->msg->Memory;
    struct layout layout = {pointer_layout(format), memory, NULL, NULL, ndr_fc_ushort(format + 2), 0};
    BOOLEAN layout_first = layout.format && walk->purpose == UNMARSHAL && !walk->fresh;

    in_align(walk, format[1] + 1);
    layout.wire = in_octets(walk, layout.fixed_size);
    walk->msg->Memory = memory;
    if (layout_first) {
        if (conformant)
            layout.count = peek_array(walk, conformant, &layout);
        in_layout(walk, &layout);
    }
    if (walk->purpose == CONVERT)
        convert_block(walk, format, layout.wire, layout.fixed_size);
    else
        copy_in(memory, layout.wire, layout.fixed_size);
    if (conformant && !walk->array_done && !walk->flat_only) {
        in_flat(walk, memory ? memory + layout.fixed_size : NULL, conformant);
        layout.count = walk->msg->ActualCount;
        layout.wire_array = walk->array_start;
        walk->array_done = TRUE;
    }
    if (layout.format && !layout_first && !walk->flat_only)
        in_layout(walk, &layout);
    walk->msg->Memory = base;
}

void in_struct(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    const struct shape *shape = NULL;

    switch (*format) {
    case FC_BOGUS_STRUCT:
        if (walk->purpose != CONVERT)
            shape = shape_of(walk, format);
        if (shape)
            in_shape(walk, memory, shape, 1);
        else
            in_members(walk, memory, format);
        break;
    case FC_HARD_STRUCT:
        in_members(walk, memory, format);
        break;
    default:
        in_block_struct(walk, memory, format);
    }
}
