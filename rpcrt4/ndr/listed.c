/*
 * Structures without a shape, by the list of their members, and their unions by the plan of their arms
 * (walk.h). Arrays of tagged values are what these are for.
 *
 * The position in the buffer, or the length so far, goes from step to step in a variable of its own: kept in
 * the stub message, each step would wait for the one before to be stored. Before anything general is called
 * it is put there, and taken from there afterwards.
 */
#include "walk.h"

static inline const struct arm *chosen(const struct choice *choice, ULONG value)
{
    const struct arm *arm = choice->arm, *end = arm + choice->count;

    if (choice->dense)
        return value - arm->value < choice->count ? arm + (value - arm->value) : &choice->other;
    for (; arm < end; arm++)
        if (arm->value == value)
            return arm;
    return &choice->other;
}

static inline const struct arm *valid_arm(const struct choice *choice, ULONG value)
{
    const struct arm *arm = chosen(choice, value);

    if (arm->kind == ARM_INVALID)
        ndr_raise(RPC_S_INVALID_TAG);
    return arm;
}

static inline ULONG discriminant_at(const unsigned char *memory, const struct choice *choice)
{
    ULONG value;

    if (choice->size != 4)
        return (ULONG)load_base(memory, choice->code);
    memcpy(&value, memory, 4);
    return value;
}

/* ---- marshalling */

static unsigned char *marshal_choice(struct walk *walk, unsigned char *memory, const struct choice *choice,
                                     unsigned char *at)
{
    unsigned char *discriminant = memory + choice->offset;
    const struct arm *arm = valid_arm(choice, discriminant_at(discriminant, choice));
    ULONG reference;

    at = room_at(at, walk->limit, choice->size, choice->size);
    if (choice->size == 4)
        memcpy(at, discriminant, 4);
    else
        fetch_base(at, discriminant, choice->code);
    at = room_at(at + choice->size, walk->limit, arm->align, arm->size);
    memory += choice->arm_offset;
    switch (arm->kind) {
    case ARM_BLOCK:
        copy_few(at, memory, arm->size);
        return at + arm->size;
    case ARM_STRING:
        if (load_pointer(memory)) {
            reference = next_reference(walk->msg);
            walk_push(walk, load_pointer(memory), arm->format, 0, POINTEE_STRING);
            memcpy(at, &reference, 4);
            return at + 4;
        }
        /* fall through */
    case ARM_POINTER:
        reference = out_reference(walk, load_pointer(memory), arm->format);
        memcpy(at, &reference, 4);
        return at + 4;
    case ARM_EMPTY:
        return at;
    }
    walk->msg->Buffer = at;
    if (arm->kind == ARM_SHAPE)
        out_shape(walk, memory, arm->shape, 1);
    else
        out_flat(walk, memory, arm->format);
    return walk->msg->Buffer;
}

static inline unsigned char *marshal_members(struct walk *walk, unsigned char *memory,
                                             const struct shape *members, unsigned char *at)
{
    const struct shape_step *step = members->step, *end = step + members->count;

    for (; step < end; step++) {
        if (step->size) {
            at = room_at(at, walk->limit, step->size, step->size);
            copy_value(at, memory + step->memory, step->size);
            at += step->size;
        } else if (step->choice) {
            at = marshal_choice(walk, memory + step->memory, step->choice, at);
        } else {
            walk->msg->Buffer = at;
            out_flat(walk, memory + step->memory, step->format);
            at = walk->msg->Buffer;
        }
    }
    return at;
}

/* ---- measuring */

static inline ULONG aligned(ULONG length, ULONG alignment)
{
    return (length + alignment - 1) & ~(alignment - 1);
}

static ULONG measure_choice(struct walk *walk, unsigned char *memory, const struct choice *choice,
                            ULONG length)
{
    const struct arm *arm = valid_arm(choice, discriminant_at(memory + choice->offset, choice));

    length = aligned(aligned(length, choice->size) + choice->size, arm->align) + arm->size;
    memory += choice->arm_offset;
    if (arm->kind == ARM_BLOCK || arm->kind == ARM_EMPTY)
        return length;
    if (arm->kind == ARM_POINTER || arm->kind == ARM_STRING) {
        out_reference(walk, load_pointer(memory), arm->format);
        return length;
    }
    walk->msg->BufferLength = length;
    if (arm->kind == ARM_SHAPE)
        out_shape(walk, memory, arm->shape, 1);
    else
        out_flat(walk, memory, arm->format);
    return walk->msg->BufferLength;
}

static inline ULONG measure_members(struct walk *walk, unsigned char *memory, const struct shape *members,
                                    ULONG length)
{
    const struct shape_step *step = members->step, *end = step + members->count;
    ULONG before = length;

    for (; step < end; step++) {
        if (step->size) {
            length = aligned(length, step->size) + step->size;
        } else if (step->choice) {
            length = measure_choice(walk, memory + step->memory, step->choice, length);
        } else {
            walk->msg->BufferLength = length;
            out_flat(walk, memory + step->memory, step->format);
            length = walk->msg->BufferLength;
        }
    }
    if (length < before)
        walk_bad();
    return length;
}

/* ---- freeing */

static void free_choice(struct walk *walk, unsigned char *memory, const struct choice *choice)
{
    const struct arm *arm = chosen(choice, discriminant_at(memory + choice->offset, choice));

    memory += choice->arm_offset;
    if (arm->kind == ARM_POINTER || arm->kind == ARM_STRING)
        free_reference(walk, load_pointer(memory), arm->format);
    else if (arm->kind == ARM_SHAPE && arm->shape->pointers)
        out_shape(walk, memory, arm->shape, 1);
    else if (arm->kind == ARM_OTHER)
        out_flat(walk, memory, arm->format);
}

static void free_members(struct walk *walk, unsigned char *memory, const struct shape *members)
{
    const struct shape_step *step = members->step, *end = step + members->count;

    for (; step < end; step++) {
        if (step->choice)
            free_choice(walk, memory + step->memory, step->choice);
        else if (!step->size)
            out_flat(walk, memory + step->memory, step->format);
    }
}

void out_listed_members(struct walk *walk, unsigned char *memory, const struct shape *members)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;

    if (walk->purpose == MARSHAL)
        msg->Buffer = marshal_members(walk, memory, members, msg->Buffer);
    else if (walk->purpose == MEASURE)
        msg->BufferLength = measure_members(walk, memory, members, msg->BufferLength);
    else
        free_members(walk, memory, members);
}

void out_listed(struct walk *walk, unsigned char *memory, const struct shape *members, ULONG count)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *base = msg->Memory, *at = msg->Buffer;
    ULONG length = msg->BufferLength, align = members->align;
    BOOLEAN nested = walk->embedded;

    walk->embedded = TRUE;
    for (; count; count--, memory += members->memory_size) {
        msg->Memory = memory;
        if (walk->purpose == MARSHAL)
            at = marshal_members(walk, memory, members, room_at(at, walk->limit, align, 0));
        else if (walk->purpose == MEASURE)
            length = measure_members(walk, memory, members, aligned(length, align));
        else
            free_members(walk, memory, members);
    }
    if (walk->purpose == MARSHAL)
        msg->Buffer = at;
    else if (walk->purpose == MEASURE)
        msg->BufferLength = length;
    walk->embedded = nested;
    msg->Memory = base;
}

/* ---- unmarshalling */

static unsigned char *unmarshal_choice(struct walk *walk, unsigned char *memory, const struct choice *choice,
                                       unsigned char *at)
{
    const struct arm *arm;
    ULONG value, reference;

    at = octets_at(at, walk->limit, choice->size, choice->size);
    if (choice->code == FC_ENUM16)
        value = (ULONG)load_base(at, FC_USHORT);
    else
        value = discriminant_at(at, choice);
    if (choice->encapsulated)
        store_base(memory, at, choice->code);
    else if (choice->compared && discriminant_at(memory + choice->offset, choice) != value)
        walk_bad();
    arm = valid_arm(choice, value);
    memory += choice->arm_offset;
    at += choice->size;
    if (arm->kind == ARM_EMPTY && at <= walk->limit)
        return (unsigned char *)(((ULONG_PTR)at + arm->align - 1) & ~(ULONG_PTR)(arm->align - 1));
    at = octets_at(at, walk->limit, arm->align, arm->size);
    switch (arm->kind) {
    case ARM_BLOCK:
        copy_few(memory, at, arm->size);
        return at + arm->size;
    case ARM_STRING:
        memcpy(&reference, at, 4);
        if (walk->fresh || (!reference && *arm->format != FC_RP))
            store_pointer(memory, NULL);
        if (reference || *arm->format == FC_RP)
            walk_push(walk, memory, arm->format, reference, POINTEE_STRING);
        return at + 4;
    case ARM_POINTER:
        memcpy(&reference, at, 4);
        in_reference(walk, reference, memory, arm->format);
        return at + 4;
    }
    walk->msg->Buffer = at;
    if (arm->kind == ARM_SHAPE)
        in_shape(walk, memory, arm->shape, 1);
    else
        in_flat(walk, memory, arm->format);
    return walk->msg->Buffer;
}

static inline unsigned char *unmarshal_members(struct walk *walk, unsigned char *memory,
                                               const struct shape *members, unsigned char *at)
{
    const struct shape_step *step = members->step, *end = step + members->count;

    for (; step < end; step++) {
        if (step->size) {
            at = octets_at(at, walk->limit, step->size, step->size);
            copy_value(memory + step->memory, at, step->size);
            at += step->size;
        } else if (step->choice) {
            at = unmarshal_choice(walk, memory + step->memory, step->choice, at);
        } else {
            walk->msg->Buffer = at;
            in_flat(walk, memory + step->memory, step->format);
            at = walk->msg->Buffer;
        }
    }
    return at;
}

void in_listed_members(struct walk *walk, unsigned char *memory, const struct shape *members)
{
    walk->msg->Buffer = unmarshal_members(walk, memory, members, walk->msg->Buffer);
}

void in_listed(struct walk *walk, unsigned char *memory, const struct shape *members, ULONG count)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *base = msg->Memory, *at = msg->Buffer;
    ULONG_PTR mask = members->align - 1;
    BOOLEAN nested = walk->embedded;

    walk->embedded = TRUE;
    for (; count; count--, memory += members->memory_size) {
        msg->Memory = memory;
        at = unmarshal_members(walk, memory, members, (unsigned char *)(((ULONG_PTR)at + mask) & ~mask));
    }
    msg->Buffer = at;
    walk->embedded = nested;
    msg->Memory = base;
}
