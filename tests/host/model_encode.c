/*
 * The octets of a value, by C706 14.3 and nothing of the engine. See model.h.
 */
#include "model_type.h"

struct deferred {
    const struct model_type *type; /* of the pointer */
    const unsigned char *memory;   /* the referent */
    const unsigned char *structure;
};

enum { MAX_DEFERRED = 4096, MAX_FULL = 4096 };

struct encoder {
    unsigned char *octets;
    size_t used, room;
    BOOLEAN big_endian, full;
    ULONG unique;
    unsigned deferreds;
    struct deferred deferred[MAX_DEFERRED];
    unsigned fulls;
    const unsigned char *full_pointer[MAX_FULL];
    BOOLEAN full_done[MAX_FULL];
};

static void encode_octets(struct encoder *encoder, const void *from, size_t size, size_t align,
                          BOOLEAN number)
{
    const unsigned char *octets = from;
    size_t at = (encoder->used + align - 1) / align * align, i;

    if (at + size > encoder->room) {
        encoder->full = TRUE;
        return;
    }
    memset(encoder->octets + encoder->used, 0, at - encoder->used);
    for (i = 0; i < size; i++)
        encoder->octets[at + i] = octets[number && encoder->big_endian ? size - 1 - i : i];
    encoder->used = at + size;
}

static void encode_long(struct encoder *encoder, ULONG value)
{
    encode_octets(encoder, &value, 4, 4, TRUE);
}

static void encode_gap(struct encoder *encoder, size_t align)
{
    encode_octets(encoder, "", 0, align, FALSE);
}

static void encode_flat(struct encoder *encoder, const struct model_type *type, const unsigned char *memory,
                        const unsigned char *structure);

static ULONG full_id(struct encoder *encoder, const unsigned char *pointer)
{
    unsigned i;

    for (i = 0; i < encoder->fulls; i++)
        if (encoder->full_pointer[i] == pointer)
            return i + 1;
    if (i == MAX_FULL) {
        encoder->full = TRUE;
        return 1;
    }
    encoder->full_pointer[encoder->fulls] = pointer;
    encoder->full_done[encoder->fulls++] = FALSE;
    return i + 1;
}

static void defer(struct encoder *encoder, const struct model_type *type, const unsigned char *referent,
                  const unsigned char *structure)
{
    if (encoder->deferreds == MAX_DEFERRED)
        encoder->full = TRUE;
    else
        encoder->deferred[encoder->deferreds++] = (struct deferred){type, referent, structure};
}

static void encode_reference(struct encoder *encoder, const struct model_type *type,
                             const unsigned char *memory, const unsigned char *structure)
{
    const unsigned char *referent;

    memcpy(&referent, memory, sizeof(referent));
    if (!referent) {
        encode_long(encoder, 0);
        return;
    }
    encode_long(encoder, type->kind == POINTER && type->code == FC_FP ? full_id(encoder, referent)
                                                                      : 0x20000 + 4 * encoder->unique++);
    defer(encoder, type, referent, structure);
}

/* A string without its maximum. */
static void encode_text(struct encoder *encoder, const struct model_type *type, const unsigned char *memory)
{
    size_t count = text_length(memory, type->wide), i;
    BOOLEAN wide = type->code == FC_WSTRING || type->code == FC_C_WSTRING;

    encode_long(encoder, 0);
    encode_long(encoder, (ULONG)count);
    for (i = 0; i < count; i++)
        encode_octets(encoder, memory + i * type->wide, type->wide, wide ? 2 : 1, wide);
}

/* The conformance of a string that is conformant. */
static void encode_text_size(struct encoder *encoder, const struct model_type *type,
                             const unsigned char *memory, const unsigned char *structure)
{
    encode_long(encoder, type->kind == SIZED ? (ULONG)size_of(type, structure)
                                             : (ULONG)text_length(memory, type->wide));
}

/* The string that a user_marshal routine makes of an array of characters, which need not be terminated. */
static void encode_user_text(struct encoder *encoder, const unsigned char *memory)
{
    const unsigned char *end = memchr(memory, 0, USER_TEXT);
    ULONG count = end ? (ULONG)(end - memory) + 1 : USER_TEXT;

    encode_long(encoder, count);
    encode_long(encoder, 0);
    encode_long(encoder, count);
    encode_octets(encoder, memory, count, 1, FALSE);
}

static void encode_object(struct encoder *encoder, const struct host_object *object)
{
    ULONG size = (ULONG)strlen(object->text);

    encode_long(encoder, size);
    encode_long(encoder, size);
    encode_octets(encoder, object->text, size, 1, FALSE);
}

static void encode_context(struct encoder *encoder, const unsigned char *memory)
{
    encode_octets(encoder, "\0\0\0\0", 4, 4, FALSE);
    encode_long(encoder, HOST_CONTEXT_TIME);
    encode_octets(encoder, &(USHORT){HOST_CONTEXT_TIME & 0xffff}, 2, 2, TRUE);
    encode_octets(encoder, &(USHORT){HOST_CONTEXT_TIME >> 16}, 2, 2, TRUE);
    encode_octets(encoder, "\0\0\0\0\0\0\0", 7, 1, FALSE);
    encode_octets(encoder, memory, 1, 1, FALSE);
}

static void encode_elements(struct encoder *encoder, const struct model_type *inner,
                            const unsigned char *memory, ULONG count, const unsigned char *structure)
{
    ULONG i;

    encode_gap(encoder, inner->wire_align);
    for (i = 0; i < count; i++)
        encode_flat(encoder, inner, memory + (size_t)i * inner->size, structure);
}

static void encode_dimension(struct encoder *encoder, const struct model_type *type, unsigned k,
                             const unsigned char *memory, const unsigned char *structure)
{
    size_t stride = dimension_stride(type, k, structure);
    LONG i;

    for (i = 0; i < dimension_length(type, k, structure); i++)
        if (k + 1 < type->dimensions)
            encode_dimension(encoder, type, k + 1, memory + (size_t)i * stride, structure);
        else
            encode_flat(encoder, type->inner, memory + (size_t)i * stride, structure);
}

static void encode_dimensions(struct encoder *encoder, const struct model_type *type,
                              const unsigned char *memory, const unsigned char *structure)
{
    unsigned k;

    for (k = 0; type->kind == GRID && k < type->dimensions; k++)
        encode_long(encoder, (ULONG)dimension_size(type, k, structure));
    for (k = 0; type->varying && k < type->dimensions; k++) {
        encode_long(encoder, 0);
        encode_long(encoder, (ULONG)dimension_length(type, k, structure));
    }
    encode_gap(encoder, type->inner->wire_align);
    encode_dimension(encoder, type, 0, memory, structure);
}

static void encode_tail(struct encoder *encoder, const struct model_type *type,
                        const unsigned char *structure)
{
    const struct model_type *tail = type->tail;

    if (!is_array_tail(tail)) {
        encode_text(encoder, tail, structure + type->size);
        return;
    }
    if (tail->varying) {
        encode_long(encoder, 0);
        encode_long(encoder, (ULONG)length_of(tail, structure));
    }
    encode_elements(encoder, tail->inner, structure + type->size, (ULONG)elements_of(tail, structure),
                    structure);
}

/* What goes is the complement; it leads nowhere. */
static void encode_stranger(struct encoder *encoder, const struct model_type *type,
                            const unsigned char *memory)
{
    unsigned char other[MAX_ROUTINE_SIZE];

    encode_gap(encoder, type->wire_align);
    model_complement(other, memory, type->size);
    encode_flat(encoder, type->inner, other, other);
}

static void encode_struct(struct encoder *encoder, const struct model_type *type, const unsigned char *memory)
{
    unsigned i;

    encode_gap(encoder, type->wire_align);
    for (i = 0; i < type->members; i++)
        encode_flat(encoder, type->member[i].type, memory + type->member[i].offset, memory);
    if (type->tail)
        encode_tail(encoder, type, memory);
}

static void encode_flat(struct encoder *encoder, const struct model_type *type, const unsigned char *memory,
                        const unsigned char *structure)
{
    unsigned i;
    LONG wire;

    switch (type->kind) {
    case VARYING:
        encode_long(encoder, 0);
        encode_long(encoder, (ULONG)length_of(type, structure));
        encode_elements(encoder, type->inner, memory, (ULONG)length_of(type, structure), structure);
        break;
    case BASE:
    case RANGE:
        encode_octets(encoder, memory, type->wire_align, type->wire_align, TRUE);
        break;
    case POINTER:
        encode_reference(encoder, type, memory, structure);
        break;
    case STRUCT:
        encode_struct(encoder, type, memory);
        break;
    case FIXED:
        encode_elements(encoder, type->inner, memory, type->count, structure);
        break;
    case TEXT:
        encode_text(encoder, type, memory);
        break;
    case PLANE:
        encode_dimensions(encoder, type, memory, structure);
        break;
    case TRANSMIT:
        encode_stranger(encoder, type, memory);
        break;
    case USER:
        if (type->inner) {
            encode_stranger(encoder, type, memory);
            break;
        }
        encode_long(encoder, 0x72657355);
        defer(encoder, type, memory, structure);
        break;
    case INTERFACE:
        encode_reference(encoder, type, memory, structure);
        break;
    case CONTEXT:
        encode_context(encoder, memory);
        break;
    case UNION:
        wire = discriminant_of(type, memory, structure);
        encode_octets(encoder, &wire, type->wire_align, type->wire_align, TRUE);
        i = (unsigned)wire;
        if (i && i <= type->arms)
            encode_flat(encoder, type->arm[i - 1], memory + type->arm_at, structure);
        break;
    default:
        break;
    }
}

static void encode_deferred(struct encoder *encoder, unsigned from);

static void encode_whole(struct encoder *encoder, const struct deferred *deferred)
{
    const struct model_type *type = deferred->type->inner;
    const unsigned char *referent;
    ULONG count;

    switch (type->kind) {
    case STRING:
    case SIZED:
        encode_text_size(encoder, type, deferred->memory, deferred->structure);
        encode_text(encoder, type, deferred->memory);
        break;
    case GRID:
        encode_dimensions(encoder, type, deferred->memory, deferred->structure);
        break;
    case COUNTED:
        count = (ULONG)size_of(type, deferred->structure);
        encode_long(encoder, count);
        if (type->varying) {
            count = (ULONG)length_of(type, deferred->structure);
            encode_long(encoder, 0);
            encode_long(encoder, count);
        }
        encode_elements(encoder, type->inner, deferred->memory, count, deferred->structure);
        break;
    default:
        if (type->kind != POINTER || type->code != FC_RP) {
            encode_flat(encoder, type, deferred->memory, deferred->structure);
            break;
        }
        /* A ref pointer that a pointer leads to has no identifier. */
        memcpy(&referent, deferred->memory, sizeof(referent));
        defer(encoder, type, referent, deferred->structure);
    }
}

static void encode_referent(struct encoder *encoder, const struct deferred *deferred)
{
    unsigned from = encoder->deferreds;

    if (deferred->type->kind == USER) {
        encode_user_text(encoder, deferred->memory);
        return;
    }
    if (deferred->type->kind == INTERFACE) {
        encode_object(encoder, (const struct host_object *)deferred->memory);
        return;
    }
    if (deferred->type->code == FC_FP) {
        ULONG id = full_id(encoder, deferred->memory);

        if (encoder->full_done[id - 1])
            return;
        encoder->full_done[id - 1] = TRUE;
    }
    encode_whole(encoder, deferred);
    encode_deferred(encoder, from);
}

static void encode_deferred(struct encoder *encoder, unsigned from)
{
    unsigned end = encoder->deferreds, i;

    for (i = from; i < end && !encoder->full; i++) {
        struct deferred deferred = encoder->deferred[i];

        encode_referent(encoder, &deferred);
        encoder->deferreds = end;
    }
    encoder->deferreds = from;
}

static void encode_conformance(struct encoder *encoder, const struct model_type *type,
                               const unsigned char *structure)
{
    if (is_array_tail(type->tail))
        encode_long(encoder, (ULONG)size_of(type->tail, structure));
    else
        encode_text_size(encoder, type->tail, structure + type->size, structure);
}

size_t model_encode_several(struct model *model, const unsigned char *const *values, unsigned count,
                            BOOLEAN big_endian, unsigned char *octets, size_t room)
{
    struct encoder *encoder = calloc(1, sizeof(*encoder));
    size_t size;

    encoder->octets = octets;
    encoder->room = room;
    encoder->big_endian = big_endian;
    for (; count; count--, values++) {
        if (model->top->tail)
            encode_conformance(encoder, model->top, *values);
        encode_flat(encoder, model->top, *values, *values);
        encode_deferred(encoder, 0);
    }
    size = encoder->full ? 0 : encoder->used;
    free(encoder);
    return size;
}

size_t model_encode(struct model *model, const unsigned char *value, BOOLEAN big_endian,
                    unsigned char *octets, size_t room)
{
    return model_encode_several(model, &value, 1, big_endian, octets, room);
}
