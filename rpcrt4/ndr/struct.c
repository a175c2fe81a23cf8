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

struct member {
    PFORMAT_STRING token;   /* the next one */
    PFORMAT_STRING pointer; /* description of the next FC_POINTER */
    PFORMAT_STRING type;    /* of this member */
    ULONG offset;           /* of this member in memory */
    ULONG end;              /* of the members so far */
};

static void first_member(PFORMAT_STRING format, struct member *member)
{
    member->token = member_layout(format);
    member->pointer = ndr_fc_target(format + 6); /* complex structures alone have FC_POINTER members */
    member->end = 0;
}

static void skip_memory(struct member *member, ULONG alignment)
{
    member->end = (member->end + alignment - 1) & ~(alignment - 1);
}

/* Goes on to the next member; FALSE: there is none. */
static BOOLEAN next_member(const MIDL_STUB_MESSAGE *msg, struct member *member)
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

/* ---- shapes */

static struct shape_step *add_step(struct shape *shape, unsigned char code, ULONG wire, ULONG memory,
                                   ULONG size)
{
    struct shape_step *last = shape->count ? &shape->step[shape->count - 1] : NULL;

    if (code == FC_ZERO && last && last->code == FC_ZERO && last->wire + last->size == wire &&
        last->memory + last->size == memory && last->size + size <= 0xffff) {
        last->size += size;
        return last;
    }
    if (shape->count == MAX_SHAPE_STEPS || wire + size > 0xffff || memory + size > 0xffff)
        return NULL;
    last = &shape->step[shape->count++];
    last->code = code;
    last->wire = wire;
    last->memory = memory;
    last->size = size;
    return last;
}

static BOOLEAN shape_members(struct shape *shape, const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format,
                             ULONG base);

/* Adds a member whose wire alignment is known; wire_size is moved past it. */
static BOOLEAN shape_plain(struct shape *shape, unsigned char code, ULONG align, ULONG size, ULONG base,
                           const struct member *member)
{
    struct shape_step *step;
    ULONG wire = (shape->wire_size + align - 1) & ~(align - 1);

    step = align <= shape->align ? add_step(shape, code, wire, base + member->offset, size) : NULL;
    if (!step)
        return FALSE;
    if (code != FC_ZERO) {
        step->format = member->type;
        step->base = base;
    }
    shape->wire_size = wire + size;
    return TRUE;
}

static BOOLEAN shape_member(struct shape *shape, const MIDL_STUB_MESSAGE *msg, const struct member *member,
                            ULONG base)
{
    PFORMAT_STRING type = member->type;
    unsigned size = ndr_base_wire(*type);

    switch (*type) {
    case FC_RP:
    case FC_UP:
    case FC_OP:
    case FC_FP:
        shape->pointers++;
        return shape_plain(shape, FC_POINTER, 4, 4, base, member);
    case FC_IGNORE:
        return shape_plain(shape, FC_IGNORE, 4, 4, base, member);
    case FC_RANGE:
        size = ndr_base_wire(type[1] & 0x0f);
        return shape_plain(shape, FC_RANGE, size, size, base, member);
    case FC_ENUM16:
    case FC_INT3264:
    case FC_UINT3264:
        return shape_plain(shape, *type, size, size, base, member);
    case FC_BOGUS_STRUCT:
        shape->wire_size = (shape->wire_size + type[1]) & ~(ULONG)type[1];
        return type[1] < shape->align && !conformant_array_of(type) &&
               shape_members(shape, msg, type, base + member->offset);
    case FC_STRUCT:
        return shape_plain(shape, FC_ZERO, type[1] + 1, ndr_fc_ushort(type + 2), base, member);
    case FC_SMFARRAY:
        return type[4] != FC_PP &&
               shape_plain(shape, FC_ZERO, type[1] + 1, ndr_fc_ushort(type + 2), base, member);
    default:
        return size && shape_plain(shape, FC_ZERO, size, size, base, member);
    }
}

static BOOLEAN shape_members(struct shape *shape, const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format,
                             ULONG base)
{
    struct member member;

    first_member(format, &member);
    while (next_member(msg, &member))
        if (!shape_member(shape, msg, &member, base))
            return FALSE;
    return TRUE;
}

const struct shape *shape_of(struct walk *walk, PFORMAT_STRING format)
{
    struct shape *shape;
    unsigned i;

    for (i = 0; i < SHAPES; i++)
        if (walk->shape[i].format == format)
            return walk->shape[i].usable ? &walk->shape[i] : NULL;
    shape = &walk->shape[walk->next_shape++ % SHAPES];
    shape->format = format;
    shape->count = shape->pointers = 0;
    shape->memory_size = ndr_fc_ushort(format + 2);
    shape->wire_size = 0;
    shape->align = format[1] + 1;
    shape->usable = *format == FC_BOGUS_STRUCT && !conformant_array_of(format) &&
                    shape_members(shape, walk->msg, format, 0) && shape->count;
    return shape->usable ? shape : NULL;
}

static ULONG shape_stride(const struct shape *shape)
{
    return (shape->wire_size + shape->align - 1) & ~(shape->align - 1);
}

static ULONG shape_octets(const struct shape *shape, ULONG count)
{
    return count ? checked_product(shape_stride(shape), count - 1) + shape->wire_size : 0;
}

/* wire: of the member. */
static void marshal_step(struct walk *walk, unsigned char *wire, unsigned char *structure,
                         const struct shape_step *step)
{
    unsigned char *memory = structure + step->memory;
    ULONG reference;

    switch (step->code) {
    case FC_ZERO:
        memcpy(wire, memory, step->size);
        break;
    case FC_POINTER:
        walk->msg->Memory = structure + step->base;
        reference = out_reference(walk, load_pointer(memory), step->format);
        memcpy(wire, &reference, 4);
        break;
    case FC_IGNORE:
        memset(wire, 0, 4);
        break;
    case FC_RANGE:
        fetch_base(wire, memory, step->format[1] & 0x0f);
        break;
    default:
        fetch_base(wire, memory, step->code);
    }
}

static void marshal_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    ULONG stride = shape_stride(shape), octets = shape_octets(shape, count), i, k;
    unsigned char *wire = walk->msg->Buffer;

    out_room(walk, octets);
    walk->msg->Buffer += octets;
    for (i = 0; i < count; i++, wire += stride, memory += shape->memory_size) {
        ULONG end = 0;

        for (k = 0; k < shape->count; k++) {
            const struct shape_step *step = &shape->step[k];

            for (; end < step->wire; end++)
                wire[end] = 0;
            marshal_step(walk, wire + step->wire, memory, step);
            end = step->wire + step->size;
        }
        for (; i + 1 < count && end < stride; end++)
            wire[end] = 0;
    }
}

static void out_shape_pointers(struct walk *walk, unsigned char *memory, const struct shape *shape,
                               ULONG count)
{
    ULONG i, k;

    for (i = 0; i < count; i++, memory += shape->memory_size)
        for (k = 0; k < shape->count; k++) {
            const struct shape_step *step = &shape->step[k];

            if (step->code != FC_POINTER)
                continue;
            walk->msg->Memory = memory + step->base;
            out_reference(walk, load_pointer(memory + step->memory), step->format);
        }
}

void out_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    unsigned char *base = walk->msg->Memory;

    out_align(walk, shape->align);
    if (walk->purpose == MARSHAL) {
        marshal_shape(walk, memory, shape, count);
    } else {
        if (walk->purpose == MEASURE)
            out_grow(walk, shape_octets(shape, count));
        if (shape->pointers)
            out_shape_pointers(walk, memory, shape, count);
    }
    walk->msg->Memory = base;
}

static void unmarshal_step(struct walk *walk, const unsigned char *wire, unsigned char *structure,
                           const struct shape_step *step)
{
    unsigned char *memory = structure + step->memory;
    ULONG reference;

    switch (step->code) {
    case FC_ZERO:
        memcpy(memory, wire, step->size);
        break;
    case FC_POINTER:
        walk->msg->Memory = structure + step->base;
        memcpy(&reference, wire, 4);
        in_reference(walk, reference, memory, step->format);
        break;
    case FC_IGNORE:
        store_pointer(memory, NULL);
        break;
    case FC_RANGE:
        check_range(wire, step->format);
        store_base(memory, wire, step->format[1] & 0x0f);
        break;
    default:
        store_base(memory, wire, step->code);
    }
}

static void skim_shape(struct walk *walk, const unsigned char *wire, const struct shape *shape)
{
    ULONG reference, k;

    for (k = 0; k < shape->count; k++) {
        if (shape->step[k].code != FC_POINTER)
            continue;
        memcpy(&reference, wire + shape->step[k].wire, 4);
        in_reference(walk, reference, NULL, shape->step[k].format);
    }
}

void in_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    unsigned char *base = walk->msg->Memory, *wire;
    ULONG stride = shape_stride(shape), i, k;

    in_align(walk, shape->align);
    if (!count)
        return;
    wire = in_octets(walk, shape_octets(shape, count));
    for (i = 0; i < count; i++, wire += stride) {
        if (!memory) {
            skim_shape(walk, wire, shape);
            continue;
        }
        for (k = 0; k < shape->count; k++)
            unmarshal_step(walk, wire + shape->step[k].wire, memory, &shape->step[k]);
        memory += shape->memory_size;
    }
    walk->msg->Memory = base;
}

/* ---- outward */

static void out_members(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char *base = walk->msg->Memory;
    BOOLEAN nested = walk->embedded;
    PFORMAT_STRING conformant = conformant_array_of(format);
    struct member member;

    walk->msg->Memory = memory;
    walk->embedded = TRUE;
    out_align(walk, format[1] + 1);
    first_member(format, &member);
    while (next_member(walk->msg, &member))
        out_flat(walk, memory + member.offset, member.type);
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

static void in_members(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char *base = walk->msg->Memory;
    BOOLEAN nested = walk->embedded;
    PFORMAT_STRING conformant = conformant_array_of(format);
    struct member member;

    walk->msg->Memory = memory;
    walk->embedded = TRUE;
    in_align(walk, format[1] + 1);
    first_member(format, &member);
    while (next_member(walk->msg, &member))
        in_flat(walk, memory ? memory + member.offset : NULL, member.type);
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
