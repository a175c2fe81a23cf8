/*
 * Shapes inward: structures and arrays of them come by the steps that shape.c found. See shape_out.c.
 */
#include "walk.h"

static inline void unmarshal_step(struct walk *walk, const unsigned char *wire, unsigned char *structure,
                                  const struct shape_step *step, BOOLEAN deferred)
{
    unsigned char *memory = structure + step->memory;
    ULONG reference;

    switch (step->code) {
    case FC_ZERO:
        copy_few(memory, wire, step->size);
        break;
    case FC_POINTER:
        memcpy(&reference, wire, 4);
        if (!deferred) {
            walk->msg->Memory = structure + step->base;
            in_reference(walk, reference, memory, step->format);
        } else if (walk->fresh || (!reference && *step->format != FC_RP)) {
            store_pointer(memory, NULL);
        }
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

static inline void unmarshal_one(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                                 const struct shape *shape, BOOLEAN deferred)
{
    const struct shape_step *step = shape->step, *end = step + shape->count;

    for (; step < end; step++)
        unmarshal_step(walk, wire + step->wire, memory, step, deferred);
}

static void unmarshal_shape(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                            const struct shape *shape, ULONG count)
{
    ULONG stride = shape_stride(shape);
    BOOLEAN deferred = is_deferred(shape, count);

    for (; count; count--, wire += stride, memory += shape->memory_size)
        unmarshal_one(walk, wire, memory, shape, deferred);
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

static inline BOOLEAN leads_on(const struct shape_step *step, const unsigned char *wire)
{
    ULONG reference;

    if (step->code != FC_POINTER)
        return FALSE;
    memcpy(&reference, wire + step->wire, 4);
    return reference || *step->format == FC_RP;
}

static void in_strings(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                       const struct shape *shape, BOOLEAN fresh)
{
    const struct shape_step *step = shape->step, *end = step + shape->count;
    struct pointee string = {.fresh = fresh};

    for (; step < end; step++) {
        if (!leads_on(step, wire))
            continue;
        string.at = memory + step->memory;
        string.format = step->format;
        in_plain_string(walk, &string);
    }
}

/* The same into memory where the pointers are NULL. */
static void in_new_strings(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                           const struct shape *shape)
{
    const struct shape_step *step = shape->step, *end = step + shape->count;

    for (; step < end; step++) {
        unsigned char *octets, *block;
        ULONG size;

        if (!leads_on(step, wire))
            continue;
        block = octets = take_plain_string(walk, step->format[2], &size);
        if (!walk->in_place) {
            block = walk->msg->pfnAllocate(size);
            if (!block)
                ndr_raise(RPC_S_OUT_OF_MEMORY);
            copy_few(block, octets, size);
        }
        store_pointer(memory + step->memory, block);
    }
}

void drop_strings(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    const struct shape_step *step, *end = shape->step + shape->count;

    for (; count; count--, memory += shape->memory_size)
        for (step = shape->step; step < end; step++) {
            unsigned char *block = step->code == FC_POINTER ? load_pointer(memory + step->memory) : NULL;

            if (block) {
                walk->msg->pfnFree(block);
                store_pointer(memory + step->memory, NULL);
            }
        }
}

/* All of a plain shape's. */
static void in_all_strings(struct walk *walk, const struct pointee *pointee, const struct shape *shape)
{
    unsigned char *memory = pointee->at, *wire = pointee->base;
    ULONG stride = shape_stride(shape), count = pointee->reference;
    BOOLEAN new = pointee->fresh && !walk->msg->pAllocAllNodesContext;

    if (new && !walk->in_place)
        log_strings(walk, memory, shape, count);
    for (; count; count--, wire += stride, memory += shape->memory_size)
        if (new)
            in_new_strings(walk, wire, memory, shape);
        else
            in_strings(walk, wire, memory, shape, pointee->fresh);
}

void in_shape_pointees(struct walk *walk, const struct pointee *pointee)
{
    const struct shape *shape = shape_of(walk, pointee->format);
    unsigned char *memory = pointee->at, *wire = pointee->base;
    ULONG stride = shape_stride(shape), i;

    if (shape->plain && walk->purpose == UNMARSHAL) {
        in_all_strings(walk, pointee, shape);
        return;
    }
    for (i = 0; i < pointee->reference; i++, wire += stride) {
        size_t pushed = walk->pointees;

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

/* ---- lists */

static void push_reference(struct walk *walk, const unsigned char *wire, unsigned char *memory,
                           const struct shape_step *step)
{
    ULONG reference;

    memcpy(&reference, wire + step->wire, 4);
    walk->msg->Memory = memory + step->base;
    walk_push(walk, memory + step->memory, step->format, reference, POINTEE);
}

void in_chain(struct walk *walk, unsigned char *at, const struct shape *shape)
{
    size_t pushed = walk->pointees;

    walk->fresh = TRUE;
    while (shape) {
        const struct shape_step *step = shape->step, *end = step + shape->count, *last = NULL;
        unsigned char *wire, *memory;

        in_align(walk, shape->align);
        wire = in_octets(walk, shape->wire_size);
        memory = walk_alloc(walk, (unsigned char **)at, shape->memory_size);
        unmarshal_one(walk, wire, memory, shape, TRUE);
        for (; step < end; step++) {
            if (!leads_on(step, wire))
                continue;
            if (last)
                push_reference(walk, wire, memory, last);
            last = step;
        }
        if (!last)
            return;
        at = memory + last->memory;
        shape = walk->pointees == pushed && !(walk->in_place && last->format[1] & FC_DONT_FREE)
                    ? referent_shape(walk, last)
                    : NULL;
        if (!shape)
            push_reference(walk, wire, memory, last);
    }
}
