/*
 * Shapes: complex structures whose members lie at the same place in every instance, in memory and on the
 * wire. What the format string says of one is worked out once for a walk (walk.h), then whole arrays go by
 * its few steps.
 *
 * The pointers of an array's elements are not pushed one by one: one pointee stands for them all and is run
 * through when its turn has come. Shapes live in their walk; nothing outlives a call, for format strings may.
 */
#include "walk.h"

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

static void note_pointer(struct shape *shape, PFORMAT_STRING format)
{
    PFORMAT_STRING type = format[1] & FC_SIMPLE_POINTER ? format + 2 : ndr_fc_target(format + 2);

    shape->pointers++;
    if (*format != FC_UP && *format != FC_RP)
        shape->deferrable = FALSE;
    if (!leads_to_plain_string(format))
        shape->plain = FALSE;
    if (!(format[1] & FC_SIMPLE_POINTER) && *type != FC_BOGUS_STRUCT && *type != FC_STRUCT)
        shape->independent = FALSE;
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
        note_pointer(shape, type);
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

static BOOLEAN list_members(struct shape *shape, const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    struct member member;

    shape->count = 0;
    first_member(format, &member);
    while (next_member(msg, &member)) {
        struct shape_step *step = &shape->step[shape->count];

        if (shape->count == MAX_SHAPE_STEPS || member.offset > 0xffff)
            return FALSE;
        shape->count++;
        step->code = *member.type;
        step->size = (unsigned short)ndr_base_wire(*member.type);
        step->memory = (unsigned short)member.offset;
        step->format = member.type;
    }
    return TRUE;
}

static struct shape *find_shape(struct walk *walk, PFORMAT_STRING format)
{
    struct shape *shape;
    unsigned i;

    for (i = 0; i < SHAPES; i++)
        if (walk->shape[i].format == format)
            return &walk->shape[i];
    shape = &walk->shape[walk->next_shape++ % SHAPES];
    shape->format = format;
    shape->count = shape->pointers = 0;
    shape->memory_size = ndr_fc_ushort(format + 2);
    shape->wire_size = 0;
    shape->align = format[1] + 1;
    shape->deferrable = shape->plain = shape->independent = TRUE;
    shape->usable = *format == FC_BOGUS_STRUCT && !conformant_array_of(format) &&
                    shape_members(shape, walk->msg, format, 0) && shape->count;
    shape->listed = !shape->usable && list_members(shape, walk->msg, format);
    return shape;
}

const struct shape *shape_of(struct walk *walk, PFORMAT_STRING format)
{
    const struct shape *shape = find_shape(walk, format);

    return shape->usable ? shape : NULL;
}

const struct shape *members_of(struct walk *walk, PFORMAT_STRING format)
{
    const struct shape *shape = find_shape(walk, format);

    return shape->listed ? shape : NULL;
}

static ULONG shape_stride(const struct shape *shape)
{
    return (shape->wire_size + shape->align - 1) & ~(shape->align - 1);
}

static ULONG shape_octets(const struct shape *shape, ULONG count)
{
    return count ? checked_product(shape_stride(shape), count - 1) + shape->wire_size : 0;
}

static BOOLEAN is_deferred(const struct shape *shape, ULONG count)
{
    return count > 1 && shape->pointers && shape->deferrable;
}

static void push_shape(struct walk *walk, unsigned char *memory, unsigned char *wire, PFORMAT_STRING format,
                       ULONG count)
{
    walk->msg->Memory = wire;
    walk_push(walk, memory, format, count, POINTEE_SHAPE);
}

/* wire: of the member. */
static void marshal_step(struct walk *walk, unsigned char *wire, unsigned char *structure,
                         const struct shape_step *step, BOOLEAN deferred)
{
    unsigned char *memory = structure + step->memory;
    ULONG reference;

    switch (step->code) {
    case FC_ZERO:
        memcpy(wire, memory, step->size);
        break;
    case FC_POINTER:
        walk->msg->Memory = structure + step->base;
        reference = deferred ? plain_reference(walk, load_pointer(memory), step->format)
                             : out_reference(walk, load_pointer(memory), step->format);
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
    BOOLEAN deferred = is_deferred(shape, count);

    out_room(walk, octets);
    walk->msg->Buffer += octets;
    for (i = 0; i < count; i++, wire += stride, memory += shape->memory_size) {
        ULONG end = 0;

        for (k = 0; k < shape->count; k++) {
            const struct shape_step *step = &shape->step[k];

            for (; end < step->wire; end++)
                wire[end] = 0;
            marshal_step(walk, wire + step->wire, memory, step, deferred);
            end = step->wire + step->size;
        }
        for (; i + 1 < count && end < stride; end++)
            wire[end] = 0;
    }
}

static void push_out(struct walk *walk, unsigned char *memory, const struct shape *shape)
{
    ULONG k;

    for (k = 0; k < shape->count; k++) {
        const struct shape_step *step = &shape->step[k];
        unsigned char *value;

        if (step->code != FC_POINTER)
            continue;
        value = load_pointer(memory + step->memory);
        walk->msg->Memory = memory + step->base;
        if (walk->purpose != MARSHAL)
            out_reference(walk, value, step->format);
        else if (value) /* its identifier went with the structure */
            walk_push(walk, value, step->format, 0, POINTEE);
    }
}

void out_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    unsigned char *base = walk->msg->Memory;
    ULONG i;

    out_align(walk, shape->align);
    if (walk->purpose == MARSHAL)
        marshal_shape(walk, memory, shape, count);
    else if (walk->purpose == MEASURE)
        out_grow(walk, shape_octets(shape, count));
    if (is_deferred(shape, count))
        push_shape(walk, memory, NULL, shape->format, count);
    else if (walk->purpose != MARSHAL && shape->pointers)
        for (i = 0; i < count; i++)
            push_out(walk, memory + i * shape->memory_size, shape);
    walk->msg->Memory = base;
}

/* Strings lead nowhere, so they go at once, in their order. */
static void out_strings(struct walk *walk, unsigned char *memory, const struct shape *shape)
{
    ULONG k;

    for (k = 0; k < shape->count; k++) {
        const struct shape_step *step = &shape->step[k];
        unsigned char *value = step->code == FC_POINTER ? load_pointer(memory + step->memory) : NULL;

        if (value)
            out_plain_string(walk, value, step->format[2]);
        else if (step->code == FC_POINTER)
            (void)plain_reference(walk, value, step->format);
    }
}

void out_shape_pointees(struct walk *walk, const struct pointee *pointee)
{
    const struct shape *shape = shape_of(walk, pointee->format);
    unsigned char *memory = pointee->at;
    ULONG i;

    if (shape->plain && walk->purpose != FREE) {
        for (i = 0; i < pointee->reference; i++)
            out_strings(walk, memory + i * shape->memory_size, shape);
        return;
    }
    /* One structure at a time, until one leads somewhere. */
    for (i = 0; i < pointee->reference; i++, memory += shape->memory_size) {
        size_t pushed = walk->pointees;

        push_out(walk, memory, shape);
        if (walk->pointees == pushed)
            continue;
        if (i + 1 < pointee->reference)
            push_shape(walk, memory + shape->memory_size, NULL, pointee->format, pointee->reference - i - 1);
        return;
    }
}

static void unmarshal_step(struct walk *walk, const unsigned char *wire, unsigned char *structure,
                           const struct shape_step *step, BOOLEAN deferred)
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
        if (!deferred)
            in_reference(walk, reference, memory, step->format);
        else if (walk->fresh || (!reference && *step->format != FC_RP))
            store_pointer(memory, NULL);
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

/* memory: NULL while skimming. */
static void push_in(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                    const struct shape *shape)
{
    ULONG reference, k;

    for (k = 0; k < shape->count; k++) {
        const struct shape_step *step = &shape->step[k];

        if (step->code != FC_POINTER)
            continue;
        if (memory)
            walk->msg->Memory = memory + step->base;
        memcpy(&reference, wire + step->wire, 4);
        in_reference(walk, reference, memory ? memory + step->memory : NULL, step->format);
    }
}

static void unmarshal_shape(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                            const struct shape *shape, ULONG count)
{
    ULONG stride = shape_stride(shape), i, k;
    BOOLEAN deferred = is_deferred(shape, count);

    for (i = 0; i < count; i++, wire += stride, memory += shape->memory_size)
        for (k = 0; k < shape->count; k++)
            unmarshal_step(walk, wire + shape->step[k].wire, memory, &shape->step[k], deferred);
}

void in_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    unsigned char *base = walk->msg->Memory, *wire;
    ULONG i;

    in_align(walk, shape->align);
    if (!count)
        return;
    wire = in_octets(walk, shape_octets(shape, count));
    if (memory)
        unmarshal_shape(walk, wire, memory, shape, count);
    if (is_deferred(shape, count))
        push_shape(walk, memory, wire, shape->format, count);
    else if (!memory)
        for (i = 0; i < count; i++)
            push_in(walk, wire + i * shape_stride(shape), NULL, shape);
    walk->msg->Memory = base;
}

static void in_strings(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                       const struct shape *shape, BOOLEAN fresh)
{
    struct pointee string = {.fresh = fresh};
    ULONG k;

    for (k = 0; k < shape->count; k++) {
        const struct shape_step *step = &shape->step[k];

        if (step->code != FC_POINTER)
            continue;
        memcpy(&string.reference, wire + step->wire, 4);
        if (!string.reference && *step->format != FC_RP)
            continue;
        string.at = memory + step->memory;
        string.format = step->format;
        in_plain_string(walk, &string);
    }
}

void in_shape_pointees(struct walk *walk, const struct pointee *pointee)
{
    const struct shape *shape = shape_of(walk, pointee->format);
    unsigned char *memory = pointee->at, *wire = pointee->base;
    ULONG stride = shape_stride(shape), i;

    for (i = 0; i < pointee->reference; i++, wire += stride) {
        size_t pushed = walk->pointees;

        if (shape->plain && walk->purpose == UNMARSHAL)
            in_strings(walk, wire, memory, shape, pointee->fresh);
        else
            push_in(walk, wire, memory, shape);
        if (memory)
            memory += shape->memory_size;
        if (walk->pointees == pushed)
            continue;
        if (i + 1 < pointee->reference)
            push_shape(walk, memory, wire + stride, pointee->format, pointee->reference - i - 1);
        return;
    }
}
