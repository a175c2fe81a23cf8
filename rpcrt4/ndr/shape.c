/*
 * Plans: what the format string says of a complex structure, worked out once for a walk (walk.h).
 *
 * A shape is a structure whose members lie at the same place in every instance, in memory and on the wire;
 * whole arrays go by its few steps (shape_out.c, shape_in.c). Other structures have a list of their members,
 * and their unions a plan of the arms (union.c). Plans live in their walk, the first few in it, more on the
 * heap; nothing outlives a call, for format strings may be unloaded.
 */
#include "walk.h"

static struct shape_step *add_step(struct shape *shape, unsigned char code, ULONG wire, ULONG memory,
                                   ULONG size)
{
    struct shape_step *last = shape->count ? &shape->step[shape->count - 1] : NULL;
    ULONG end = last ? last->wire + last->size : 0;

    if (code == FC_ZERO && last && last->code == FC_ZERO && end == wire &&
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
    last->gap = (unsigned char)(wire - end);
    last->structure = NULL;
    last->referent = NULL;
    last->choice = NULL;
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

static BOOLEAN add_pointer(struct shape *shape, ULONG base, const struct member *member)
{
    PFORMAT_STRING format = member->type;
    struct shape_step *step;

    note_pointer(shape, format);
    if (!shape_plain(shape, FC_POINTER, 4, 4, base, member))
        return FALSE;
    step = &shape->step[shape->count - 1];
    step->string = leads_to_plain_string(format);
    step->numbered = *format == FC_UP || *format == FC_RP;
    if (step->numbered && !format[1] && *ndr_fc_target(format + 2) == FC_BOGUS_STRUCT)
        step->structure = ndr_fc_target(format + 2);
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
        return add_pointer(shape, base, member);
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

static struct plans *plans_with_room(struct walk *walk, BOOLEAN for_choice)
{
    struct plans *plans = &walk->plans;

    while (for_choice ? plans->choices == CHOICES : plans->shapes == SHAPES) {
        if (!plans->next) {
            plans->next = os_alloc(sizeof(*plans));
            if (!plans->next)
                ndr_raise(RPC_S_OUT_OF_MEMORY);
            plans->next->next = NULL;
            plans->next->shapes = plans->next->choices = 0;
        }
        plans = plans->next;
    }
    return plans;
}

void free_plans(struct walk *walk)
{
    struct plans *plans = walk->plans.next, *next;

    for (; plans; plans = next) {
        next = plans->next;
        os_free(plans);
    }
    walk->plans.next = NULL;
    walk->plans.shapes = walk->plans.choices = 0;
}

/* The plan of a union, once for each type; NULL: it has none. */
static const struct choice *choice_of(struct walk *walk, PFORMAT_STRING format)
{
    struct plans *plans;
    struct choice *choice;
    unsigned i;

    for (plans = &walk->plans; plans; plans = plans->next)
        for (i = 0; i < plans->choices; i++)
            if (plans->choice[i].format == format)
                return &plans->choice[i];
    plans = plans_with_room(walk, TRUE);
    choice = &plans->choice[plans->choices++];
    choice->format = format;
    if (plan_choice(walk, format, choice))
        return choice;
    choice->format = NULL;
    return NULL;
}

static BOOLEAN list_members(struct walk *walk, struct shape *shape, PFORMAT_STRING format)
{
    struct member member;

    shape->count = 0;
    first_member(format, &member);
    while (next_member(walk->msg, &member)) {
        struct shape_step *step = &shape->step[shape->count];

        if (shape->count == MAX_SHAPE_STEPS || member.offset > 0xffff)
            return FALSE;
        shape->count++;
        step->code = *member.type;
        step->size = is_block(*member.type) ? ndr_base_wire(*member.type) : 0;
        step->memory = (unsigned short)member.offset;
        step->format = member.type;
        step->choice = NULL;
        if (*member.type == FC_ENCAPSULATED_UNION || *member.type == FC_NON_ENCAPSULATED_UNION)
            step->choice = choice_of(walk, member.type);
    }
    return TRUE;
}

static struct shape *find_shape(struct walk *walk, PFORMAT_STRING format)
{
    struct plans *plans;
    struct shape *shape;
    unsigned i;

    for (plans = &walk->plans; plans; plans = plans->next)
        for (i = 0; i < plans->shapes; i++)
            if (plans->shape[i].format == format)
                return &plans->shape[i];
    plans = plans_with_room(walk, FALSE);
    shape = &plans->shape[plans->shapes++];
    shape->format = format;
    shape->count = shape->pointers = 0;
    shape->memory_size = ndr_fc_ushort(format + 2);
    shape->wire_size = 0;
    shape->align = format[1] + 1;
    shape->deferrable = shape->plain = shape->independent = TRUE;
    shape->usable = shape->listed = FALSE;
    shape->usable = *format == FC_BOGUS_STRUCT && !conformant_array_of(format) &&
                    shape_members(shape, walk->msg, format, 0) && shape->count;
    shape->listed = !shape->usable && list_members(walk, shape, format);
    return shape;
}

const struct shape *plan_of(struct walk *walk, PFORMAT_STRING format)
{
    return find_shape(walk, format);
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

const struct shape *referent_shape(struct walk *walk, const struct shape_step *step)
{
    struct shape_step *known = (struct shape_step *)step;

    if (!step->structure)
        return NULL;
    if (!step->referent) {
        known->referent = find_shape(walk, step->structure);
        if (!known->referent->usable)
            known->structure = NULL;
    }
    return step->structure ? step->referent : NULL;
}

ULONG shape_octets(const struct shape *shape, ULONG count)
{
    return count ? checked_product(shape_stride(shape), count - 1) + shape->wire_size : 0;
}

void push_shape(struct walk *walk, unsigned char *memory, unsigned char *wire, PFORMAT_STRING format,
                ULONG count)
{
    walk->msg->Memory = wire;
    walk_push(walk, memory, format, count, POINTEE_SHAPE);
}
