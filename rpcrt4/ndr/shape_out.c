/*
 * Shapes outward: structures and arrays of them go by the steps that shape.c found, sized, marshalled or
 * freed.
 *
 * The pointers of an array's elements are not pushed one by one: one pointee stands for them all and is run
 * through when its turn has come. Lists are followed node by node without any.
 */
#include "walk.h"

/* The identifier of a pointer that goes with the structure; its referent is pushed by whoever comes later. */
static inline ULONG number_of(struct walk *walk, const unsigned char *value, const struct shape_step *step)
{
    if (value && step->numbered)
        return next_reference(walk->msg);
    return plain_reference(walk, value, step->format);
}

/* wire: of the member. */
static inline void marshal_step(struct walk *walk, unsigned char *wire, unsigned char *structure,
                                const struct shape_step *step, BOOLEAN deferred)
{
    unsigned char *memory = structure + step->memory;
    ULONG reference;

    switch (step->code) {
    case FC_ZERO:
        copy_few(wire, memory, step->size);
        break;
    case FC_POINTER:
        if (deferred) {
            reference = number_of(walk, load_pointer(memory), step);
        } else {
            walk->msg->Memory = structure + step->base;
            reference = out_reference(walk, load_pointer(memory), step->format);
        }
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

static inline void marshal_one(struct walk *walk, unsigned char *wire, unsigned char *memory,
                               const struct shape *shape, BOOLEAN deferred)
{
    const struct shape_step *step = shape->step, *end = step + shape->count;

    for (; step < end; step++) {
        if (step->gap)
            memset(wire + step->wire - step->gap, 0, step->gap);
        marshal_step(walk, wire + step->wire, memory, step, deferred);
    }
}

static void marshal_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    ULONG stride = shape_stride(shape), octets = shape_octets(shape, count), tail = stride - shape->wire_size;
    unsigned char *wire = walk->msg->Buffer;
    BOOLEAN deferred = is_deferred(shape, count);

    out_room(walk, octets);
    walk->msg->Buffer += octets;
    for (; count; count--, wire += stride, memory += shape->memory_size) {
        marshal_one(walk, wire, memory, shape, deferred);
        if (tail && count > 1)
            memset(wire + shape->wire_size, 0, tail);
    }
}

static void push_out(struct walk *walk, unsigned char *memory, const struct shape *shape)
{
    const struct shape_step *step = shape->step, *end = step + shape->count;

    for (; step < end; step++) {
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
    const struct shape_step *step = shape->step, *end = step + shape->count;

    for (; step < end; step++) {
        unsigned char *value;

        if (step->code != FC_POINTER)
            continue;
        value = load_pointer(memory + step->memory);
        if (walk->purpose == FREE)
            free_reference(walk, value, step->format);
        else if (value)
            out_plain_string(walk, value, step->format[2]);
        else
            (void)plain_reference(walk, value, step->format);
    }
}

void out_shape_pointees(struct walk *walk, const struct pointee *pointee)
{
    const struct shape *shape = shape_of(walk, pointee->format);
    unsigned char *memory = pointee->at;
    ULONG i;

    if (shape->plain) {
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

/* ---- lists */

/* While measuring: a NULL ref pointer is found, a full pointer numbered. */
static inline void check_pointers(struct walk *walk, const unsigned char *memory, const struct shape *shape)
{
    const struct shape_step *step = shape->step, *end = step + shape->count;

    for (; step < end; step++)
        if (step->code == FC_POINTER && (!step->numbered || !load_pointer(memory + step->memory)))
            plain_reference(walk, load_pointer(memory + step->memory), step->format);
}

static void free_block(struct walk *walk, unsigned char *memory)
{
    if (memory < walk->msg->BufferStart || memory >= walk->msg->BufferEnd)
        walk->msg->pfnFree(memory);
}

/* The flat part of one structure; its pointers get their identifiers and are not pushed. */
static void out_node(struct walk *walk, unsigned char *memory, const struct shape *shape)
{
    out_align(walk, shape->align);
    if (walk->purpose == MARSHAL) {
        unsigned char *wire = walk->msg->Buffer;

        out_room(walk, shape->wire_size);
        walk->msg->Buffer = wire + shape->wire_size;
        marshal_one(walk, wire, memory, shape, TRUE);
    } else if (walk->purpose == MEASURE) {
        out_grow(walk, shape->wire_size);
        check_pointers(walk, memory, shape);
    }
}

static void push_value(struct walk *walk, unsigned char *structure, const struct shape_step *step)
{
    unsigned char *value = load_pointer(structure + step->memory);

    walk->msg->Memory = structure + step->base;
    if (walk->purpose == FREE)
        free_reference(walk, value, step->format);
    else
        walk_push(walk, value, step->format, 0, POINTEE);
}

/* Pushes the pointers of a structure but the last that is not NULL, which is given (NULL: there is none). */
static const struct shape_step *push_but_last(struct walk *walk, unsigned char *memory,
                                              const struct shape *shape)
{
    const struct shape_step *step = shape->step, *end = step + shape->count, *last = NULL;

    for (; step < end; step++) {
        if (step->code != FC_POINTER || !load_pointer(memory + step->memory))
            continue;
        if (last)
            push_value(walk, memory, last);
        last = step;
    }
    return last;
}

void out_chain(struct walk *walk, unsigned char *memory, const struct shape *shape)
{
    size_t pushed = walk->pointees;

    for (;;) {
        const struct shape_step *last;
        const struct shape *next = NULL;
        unsigned char *value = NULL;

        out_node(walk, memory, shape);
        last = push_but_last(walk, memory, shape);
        if (last) {
            value = load_pointer(memory + last->memory);
            if (walk->pointees == pushed && (next = referent_shape(walk, last)) != NULL &&
                walk->purpose == FREE && !next->independent)
                next = NULL;
            if (!next)
                push_value(walk, memory, last);
        }
        if (walk->purpose == FREE)
            free_block(walk, memory);
        if (!next)
            return;
        memory = value;
        shape = next;
    }
}
