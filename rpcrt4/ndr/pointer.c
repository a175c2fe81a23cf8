/*
 * Pointers: ref, unique, object, full, byte-count, and the pointer layouts (FC_PP) of block-copied types. A
 * pointer's flat part is its referent identifier, 4 octets, none for a ref pointer that is a parameter; its
 * referent is pushed and comes when the construction around the pointer is done.
 */
#include "walk.h"
#include "fullptr.h"

static PFORMAT_STRING referent_type(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    if (*format == FC_BYTE_COUNT_POINTER)
        return format[1] == FC_PAD ? format + 2 + ndr_correlation_octets(msg) : format + 1;
    return format[1] & FC_SIMPLE_POINTER ? format + 2 : ndr_fc_target(format + 2);
}

static BOOLEAN in_received_buffer(const MIDL_STUB_MESSAGE *msg, const unsigned char *block)
{
    return block >= msg->BufferStart && block < msg->BufferEnd;
}

/* Whether freeing may pass by a pointer: to something that leads no further and was not allocated. */
static BOOLEAN frees_nothing(const MIDL_STUB_MESSAGE *msg, const unsigned char *value, PFORMAT_STRING format)
{
    if (format[1] & FC_DONT_FREE)
        return TRUE;
    return format[1] & FC_SIMPLE_POINTER && *format != FC_FP && in_received_buffer(msg, value);
}

BOOLEAN leads_to_plain_string(PFORMAT_STRING format)
{
    return format[1] & FC_SIMPLE_POINTER && !(format[1] & FC_DONT_FREE) && *format != FC_FP &&
           *format != FC_BYTE_COUNT_POINTER && (format[2] == FC_C_CSTRING || format[2] == FC_C_WSTRING);
}

ULONG plain_reference(struct walk *walk, const unsigned char *value, PFORMAT_STRING format)
{
    ULONG reference = 0;

    if (!value) {
        if (*format == FC_RP)
            ndr_raise(RPC_X_NULL_REF_POINTER);
        return 0;
    }
    if (*format == FC_FP)
        NdrFullPointerQueryPointer(walk->msg->FullPtrXlatTables, (void *)value, FULL_POINTER_ASKED,
                                   &reference);
    else if (walk->purpose == MARSHAL)
        reference = next_reference(walk->msg);
    return reference;
}

void free_reference(struct walk *walk, unsigned char *value, PFORMAT_STRING format)
{
    if (!value || frees_nothing(walk->msg, value, format))
        return;
    if (!leads_to_plain_string(format))
        walk_push(walk, value, format, 0, POINTEE);
    else if (!(format[1] & FC_ALLOCED_ON_STACK))
        walk->msg->pfnFree(value); /* strings lead nowhere */
}

ULONG out_reference(struct walk *walk, unsigned char *value, PFORMAT_STRING format)
{
    ULONG reference;

    if (walk->purpose == FREE) {
        free_reference(walk, value, format);
        return 0;
    }
    reference = plain_reference(walk, value, format);
    if (value)
        walk_push(walk, value, format, 0, leads_to_plain_string(format) ? POINTEE_STRING : POINTEE);
    return reference;
}

void out_pointer(struct walk *walk, unsigned char *value, PFORMAT_STRING format, BOOLEAN embedded)
{
    ULONG reference;

    if (*format == FC_BYTE_COUNT_POINTER || (*format == FC_RP && !embedded)) {
        if (value)
            walk_push(walk, value, format, 0, POINTEE);
        else if (walk->purpose != FREE)
            ndr_raise(RPC_X_NULL_REF_POINTER);
        return;
    }
    reference = out_reference(walk, value, format);
    if (walk->purpose != FREE)
        out_ulong(walk, reference);
}

/* Whether a full pointer's referent was dealt with by an earlier pointer to it. */
static BOOLEAN referent_went(struct walk *walk, unsigned char *value)
{
    PFULL_PTR_XLAT_TABLES tables = walk->msg->FullPtrXlatTables;
    ULONG reference;

    if (walk->purpose == FREE)
        return !NdrFullPointerFree(tables, value);
    return NdrFullPointerQueryPointer(
        tables, value, walk->purpose == MEASURE ? FULL_POINTER_SIZED : FULL_POINTER_MARSHALLED, &reference);
}

/* A block goes after all that it leads to, unless nothing there depends on it. */
static void free_block(struct walk *walk, unsigned char *block, PFORMAT_STRING type, BOOLEAN leads_nowhere)
{
    const struct shape *shape = *type == FC_BOGUS_STRUCT && !leads_nowhere ? shape_of(walk, type) : NULL;

    if (leads_nowhere || (shape && shape->independent))
        walk->msg->pfnFree(block);
    else
        walk_push(walk, block, NULL, 0, POINTEE_BLOCK);
}

/* The shape that a unique or ref pointer without attributes leads to, or NULL. */
static const struct shape *plain_referent(struct walk *walk, PFORMAT_STRING format)
{
    PFORMAT_STRING type;

    if (format[1] || (*format != FC_UP && *format != FC_RP))
        return NULL;
    type = ndr_fc_target(format + 2);
    return *type == FC_BOGUS_STRUCT ? shape_of(walk, type) : NULL;
}

void out_pointee(struct walk *walk, const struct pointee *pointee)
{
    unsigned char *value = pointee->at, attributes = pointee->format[1];
    const struct shape *shape;
    PFORMAT_STRING type;
    size_t before;

    if (walk->purpose != FREE && leads_to_plain_string(pointee->format)) {
        out_plain_string(walk, value, pointee->format[2]);
        return;
    }
    shape = plain_referent(walk, pointee->format);
    if (shape && (walk->purpose != FREE || shape->independent)) {
        out_chain(walk, value, shape);
        return;
    }
    type = referent_type(walk->msg, pointee->format);
    if (*pointee->format == FC_BYTE_COUNT_POINTER)
        attributes = 0;
    if (walk->purpose == FREE && attributes & FC_DONT_FREE)
        return;
    if (*pointee->format == FC_FP && referent_went(walk, value))
        return;
    before = walk->pointees;
    /* What allocate(all_nodes) took is one block. */
    if (walk->purpose != FREE || !(attributes & FC_ALLOCATE_ALL_NODES))
        out_whole(walk, attributes & FC_POINTER_DEREF ? load_pointer(value) : value, type);
    if (walk->purpose == FREE && !(attributes & FC_ALLOCED_ON_STACK) && !in_received_buffer(walk->msg, value))
        free_block(walk, value, type, walk->pointees == before);
}

/* The caller's pointer under a new value: in an object interface its referent goes first ("Pointers (RPC)").
 */
static void drop_old(struct walk *walk, unsigned char *at, PFORMAT_STRING format)
{
    unsigned char *old = load_pointer(at);

    if (old && walk->msg->IsClient) {
        ndr_free(walk->msg, old, format);
        clear_freed(walk, at);
    }
}

/* Elements of a conformant referent, as the pointer's own size_is has it. */
static ULONG referent_elements(struct walk *walk, PFORMAT_STRING type)
{
    PFORMAT_STRING descriptor;

    if (walk->purpose != UNMARSHAL)
        return 0;
    descriptor = conformance_of(walk->msg, type);
    return descriptor ? (ULONG)ndr_correlate(walk->msg, NULL, descriptor) : 0;
}

/* Whether a full pointer's referent came before; then the pointer is set. */
static BOOLEAN referent_came(struct walk *walk, const struct pointee *pointee, PFORMAT_STRING type)
{
    PFULL_PTR_XLAT_TABLES tables = walk->msg->FullPtrXlatTables;
    unsigned char query = walk->purpose == UNMARSHAL ? FULL_POINTER_UNMARSHALLED
                          : walk->purpose == SKIM    ? FULL_POINTER_SKIMMED
                                                     : FULL_POINTER_CONVERTED;
    void *pointer = NULL;
    BOOLEAN came = NdrFullPointerQueryRefId(tables, pointee->reference, query, &pointer) != 0;

    /* What is skimmed for its size alone follows what is there already. */
    if (walk->purpose == SKIM && pointer)
        came = TRUE;
    if (walk->purpose == UNMARSHAL &&
        !full_pointer_same(tables, pointee->reference, type, referent_elements(walk, type)))
        walk_bad();
    if (came && pointee->at)
        store_pointer(pointee->at, pointer);
    return came;
}

void in_reference(struct walk *walk, ULONG reference, unsigned char *at, PFORMAT_STRING format)
{
    unsigned char code = *format;

    if (at && code == FC_OP && !walk->fresh)
        drop_old(walk, at, format);
    if (code != FC_RP && code != FC_BYTE_COUNT_POINTER) {
        if (!reference) {
            if (at)
                store_pointer(at, NULL);
            return;
        }
    }
    if (at && walk->fresh)
        store_pointer(at, NULL);
    if (walk->purpose == UNMARSHAL && leads_to_plain_string(format) && !(format[1] & FC_ALLOCATE_ALL_NODES))
        walk_push(walk, at, format, reference, POINTEE_STRING);
    else
        walk_push(walk, at, format, reference, POINTEE);
}

void in_pointer(struct walk *walk, unsigned char *at, PFORMAT_STRING format, BOOLEAN embedded)
{
    ULONG reference = 1;

    if (*format != FC_BYTE_COUNT_POINTER && (*format != FC_RP || embedded))
        reference = in_ulong(walk);
    in_reference(walk, reference, at, format);
}

struct referent {
    const struct pointee *pointee;
    PFORMAT_STRING type;
};

static void insert_full_pointer(struct walk *walk, ULONG reference, unsigned char *value)
{
    PFULL_PTR_XLAT_TABLES tables = walk->msg->FullPtrXlatTables;

    NdrFullPointerInsertRefId(tables, reference, value);
    /* What lies in one block with others goes with that: pointers to it from elsewhere free nothing. */
    if (walk->msg->pAllocAllNodesContext)
        NdrFullPointerQueryRefId(tables, reference, FULL_POINTER_FREED, NULL);
}

static void in_referent(struct walk *walk, void *argument)
{
    const struct referent *referent = argument;
    const struct pointee *pointee = referent->pointee;
    unsigned char **at = (unsigned char **)pointee->at, *none = NULL, *value;

    if (*pointee->format != FC_BYTE_COUNT_POINTER && pointee->format[1] & FC_POINTER_DEREF) {
        value = acquire(walk, at ? at : &none, sizeof(value), FALSE, NULL);
        if (*referent->type == FC_IP)
            in_interface(walk, value, referent->type);
        else
            in_pointer(walk, value, referent->type, FALSE);
    } else {
        in_whole(walk, at ? at : &none, referent->type, FALSE);
    }
    if (*pointee->format == FC_FP && at)
        insert_full_pointer(walk, pointee->reference, load_pointer(pointee->at));
}

/* The caller's own block, as long as its byte_count says, takes the referent with all that hangs on it. */
static void in_byte_count(struct walk *walk, const struct referent *referent)
{
    const struct pointee *pointee = referent->pointee;
    unsigned char *block = load_pointer(pointee->at);
    ULONG room = (ULONG)ndr_correlate(walk->msg, block, pointee->format + 2);

    if (walk_skim(walk, referent->type) > room)
        ndr_raise(RPC_X_BYTE_COUNT_TOO_SMALL);
    store_pointer(pointee->at, NULL);
    walk_all_nodes(walk, block, room, in_referent, (void *)referent);
}

/* What allocate(dont_free) points to outlives the call, and so the buffer. Source: SDK, "allocate attribute".
 */
static void in_kept(struct walk *walk, const struct pointee *pointee)
{
    size_t from = walk->pointees;

    walk->in_place = FALSE;
    in_pointee(walk, pointee);
    walk_pointees(walk, from);
    walk->in_place = TRUE;
}

void in_pointee(struct walk *walk, const struct pointee *pointee)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    struct referent referent = {pointee, NULL};
    unsigned char *old = pointee->at && !pointee->fresh ? load_pointer(pointee->at) : NULL;
    BOOLEAN byte_count = *pointee->format == FC_BYTE_COUNT_POINTER;
    const struct shape *shape;

    if (walk->purpose == UNMARSHAL && walk->in_place && !byte_count && pointee->format[1] & FC_DONT_FREE) {
        in_kept(walk, pointee);
        return;
    }
    if (walk->purpose == UNMARSHAL && leads_to_plain_string(pointee->format) &&
        !(pointee->format[1] & FC_ALLOCATE_ALL_NODES)) {
        in_plain_string(walk, pointee);
        return;
    }
    if (walk->purpose == UNMARSHAL && !old && (shape = plain_referent(walk, pointee->format)) != NULL) {
        in_chain(walk, pointee->at, shape);
        return;
    }
    referent.type = referent_type(msg, pointee->format);
    if (*pointee->format == FC_FP && referent_came(walk, pointee, referent.type))
        return;
    walk->fresh = !old || pointee->fresh || !msg->IsClient;
    if (walk->purpose == UNMARSHAL && !msg->pAllocAllNodesContext) {
        if (byte_count && old && msg->IsClient) {
            in_byte_count(walk, &referent);
            return;
        }
        if (!byte_count && !old && pointee->format[1] & FC_ALLOCATE_ALL_NODES) {
            ULONG size = walk_skim(walk, referent.type);

            if (pointee->format[1] & FC_POINTER_DEREF)
                size += 8; /* a pointer, and what comes next at a multiple of eight */
            walk_all_nodes(walk, walk_alloc(walk, NULL, size), size, in_referent, &referent);
            return;
        }
    }
    in_referent(walk, &referent);
}

/* ---- FC_PP */

/* One kind of instance in a layout, run through for each of its pointers. */
struct repeat {
    ULONG iterations, increment, offset_to_array, pointers;
    PFORMAT_STRING instance, end;
    BOOLEAN varies;       /* FC_VARIABLE_REPEAT: the array at the end */
    BOOLEAN skips_offset; /* FC_VARIABLE_OFFSET: its elements begin at msg->Offset */
};

static void parse_repeat(PFORMAT_STRING format, ULONG count, struct repeat *repeat)
{
    memset(repeat, 0, sizeof(*repeat));
    switch (*format) {
    case FC_NO_REPEAT:
        repeat->iterations = repeat->pointers = 1;
        repeat->instance = format + 2;
        break;
    case FC_FIXED_REPEAT:
        repeat->iterations = ndr_fc_ushort(format + 2);
        repeat->increment = ndr_fc_ushort(format + 4);
        repeat->offset_to_array = ndr_fc_ushort(format + 6);
        repeat->pointers = ndr_fc_ushort(format + 8);
        repeat->instance = format + 10;
        break;
    case FC_VARIABLE_REPEAT:
        repeat->iterations = count;
        repeat->varies = TRUE;
        repeat->skips_offset = format[1] == FC_VARIABLE_OFFSET;
        repeat->increment = ndr_fc_ushort(format + 2);
        repeat->offset_to_array = ndr_fc_ushort(format + 4);
        repeat->pointers = ndr_fc_ushort(format + 6);
        repeat->instance = format + 8;
        break;
    default:
        ndr_raise(RPC_S_INTERNAL_ERROR);
    }
    repeat->end = repeat->instance + 8 * repeat->pointers;
}

PFORMAT_STRING skip_layout(PFORMAT_STRING layout)
{
    struct repeat repeat;

    for (layout += 2; *layout != FC_END; layout = repeat.end) {
        if (*layout == FC_PAD) {
            repeat.end = layout + 1;
            continue;
        }
        parse_repeat(layout, 0, &repeat);
    }
    return layout + 1;
}

/* Where a pointer lies. Offsets count from the start of the structure or array, negative ones from the end of
 * a structure's fixed part; those into the array at its end may also count from that array. */
static LONG instance_offset(const struct layout *layout, const struct repeat *repeat, PFORMAT_STRING field)
{
    LONG offset = ndr_fc_short(field);

    if (offset < 0)
        return offset + layout->fixed_size;
    if (repeat->varies && (ULONG)offset >= repeat->offset_to_array)
        return offset - repeat->offset_to_array;
    return offset;
}

struct slot {
    unsigned char *memory, *wire;
    PFORMAT_STRING format;
};

static void out_slot(struct walk *walk, const struct slot *slot)
{
    ULONG reference = out_reference(walk, load_pointer(slot->memory), slot->format);

    if (walk->purpose == MARSHAL)
        memcpy(slot->wire, &reference, 4);
}

static void in_slot(struct walk *walk, const struct slot *slot)
{
    ULONG reference;

    memcpy(&reference, slot->wire, 4);
    in_reference(walk, reference, slot->memory, slot->format);
    if (slot->memory && !walk->fresh)
        memcpy(slot->wire, slot->memory, 4);
}

static void repeat_slots(struct walk *walk, const struct layout *layout, const struct repeat *repeat,
                         void (*visit)(struct walk *walk, const struct slot *slot))
{
    unsigned char *base = walk->msg->Memory;
    unsigned char *wire = repeat->varies ? layout->wire_array : layout->wire;
    unsigned char *memory = layout->memory;
    ULONG skipped = repeat->skips_offset ? walk->msg->Offset : 0;
    ULONG i, k;

    if (memory && repeat->varies)
        memory += repeat->offset_to_array + skipped * repeat->increment;
    for (i = 0; i < repeat->iterations; i++) {
        ULONG step = i * repeat->increment;

        /* What a pointer in an element correlates with is in that element, unless the element is the pointer.
         */
        if (layout->memory)
            walk->msg->Memory = repeat->increment <= sizeof(void *) ? layout->memory
                                : repeat->varies                    ? memory + step
                                                 : layout->memory + repeat->offset_to_array + step;
        for (k = 0; k < repeat->pointers; k++) {
            PFORMAT_STRING instance = repeat->instance + 8 * k;
            struct slot slot = {NULL, NULL, instance + 4};

            if (memory)
                slot.memory = memory + instance_offset(layout, repeat, instance) + step;
            if (wire)
                slot.wire = wire + instance_offset(layout, repeat, instance + 2) + step;
            visit(walk, &slot);
        }
    }
    walk->msg->Memory = base;
}

static void visit_layout(struct walk *walk, const struct layout *layout,
                         void (*visit)(struct walk *walk, const struct slot *slot))
{
    PFORMAT_STRING format = layout->format + 2;
    struct repeat repeat;

    /* Only where a pointer is as long as its identifier is a type with pointers block-copied. */
    if (sizeof(void *) != 4)
        ndr_raise(RPC_S_INTERNAL_ERROR);
    for (; *format != FC_END; format = repeat.end) {
        if (*format == FC_PAD) {
            repeat.end = format + 1;
            continue;
        }
        parse_repeat(format, layout->count, &repeat);
        repeat_slots(walk, layout, &repeat, visit);
    }
}

void out_layout(struct walk *walk, const struct layout *layout)
{
    visit_layout(walk, layout, out_slot);
}

void in_layout(struct walk *walk, const struct layout *layout)
{
    visit_layout(walk, layout, in_slot);
}
