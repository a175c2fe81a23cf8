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

static void encode_reference(struct encoder *encoder, const struct model_type *type,
                             const unsigned char *memory, const unsigned char *structure)
{
    const unsigned char *referent;

    memcpy(&referent, memory, sizeof(referent));
    if (!referent) {
        encode_long(encoder, 0);
        return;
    }
    encode_long(encoder, type->code == FC_FP ? full_id(encoder, referent) : 0x20000 + 4 * encoder->unique++);
    if (encoder->deferreds == MAX_DEFERRED)
        encoder->full = TRUE;
    else
        encoder->deferred[encoder->deferreds++] = (struct deferred){type, referent, structure};
}

/* max: of a sized string; 0: as long as it is. */
static void encode_text(struct encoder *encoder, unsigned char code, const unsigned char *memory, LONG max)
{
    unsigned wide = code == FC_WSTRING || code == FC_C_WSTRING ? 2 : 1;
    size_t count = text_length(memory, wide), i;

    if (code == FC_C_CSTRING || code == FC_C_WSTRING)
        encode_long(encoder, max ? (ULONG)max : (ULONG)count);
    encode_long(encoder, 0);
    encode_long(encoder, (ULONG)count);
    for (i = 0; i < count; i++)
        encode_octets(encoder, memory + i * wide, wide, wide, TRUE);
}

static void encode_elements(struct encoder *encoder, const struct model_type *inner,
                            const unsigned char *memory, ULONG count, const unsigned char *structure)
{
    ULONG i;

    encode_gap(encoder, inner->wire_align);
    for (i = 0; i < count; i++)
        encode_flat(encoder, inner, memory + (size_t)i * inner->size, structure);
}

static void encode_struct(struct encoder *encoder, const struct model_type *type, const unsigned char *memory)
{
    unsigned i;

    encode_gap(encoder, type->wire_align);
    for (i = 0; i < type->members; i++)
        encode_flat(encoder, type->member[i].type, memory + type->member[i].offset, memory);
    if (type->tail)
        encode_elements(encoder, type->tail->inner, memory + type->size, (ULONG)size_of(type->tail, memory),
                        memory);
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
        encode_text(encoder, type->code, memory, 0);
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

static void encode_referent(struct encoder *encoder, const struct deferred *deferred)
{
    const struct model_type *type = deferred->type->inner;
    unsigned from = encoder->deferreds;
    ULONG count;

    if (deferred->type->code == FC_FP) {
        ULONG id = full_id(encoder, deferred->memory);

        if (encoder->full_done[id - 1])
            return;
        encoder->full_done[id - 1] = TRUE;
    }
    if (type->kind == STRING || type->kind == SIZED) {
        encode_text(encoder, type->code, deferred->memory,
                    type->kind == SIZED ? size_of(type, deferred->structure) : 0);
    } else if (type->kind == COUNTED) {
        count = (ULONG)size_of(type, deferred->structure);
        encode_long(encoder, count);
        if (type->varying) {
            count = (ULONG)length_of(type, deferred->structure);
            encode_long(encoder, 0);
            encode_long(encoder, count);
        }
        encode_elements(encoder, type->inner, deferred->memory, count, deferred->structure);
    } else if (type->kind == POINTER && type->code == FC_RP) {
        /* A ref pointer that a pointer leads to has no identifier. */
        const unsigned char *referent;

        memcpy(&referent, deferred->memory, sizeof(referent));
        encoder->deferred[encoder->deferreds++] = (struct deferred){type, referent, deferred->structure};
    } else {
        encode_flat(encoder, type, deferred->memory, deferred->structure);
    }
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

size_t model_encode(struct model *model, const unsigned char *value, BOOLEAN big_endian,
                    unsigned char *octets, size_t room)
{
    struct encoder *encoder = calloc(1, sizeof(*encoder));
    size_t size;

    encoder->octets = octets;
    encoder->room = room;
    encoder->big_endian = big_endian;
    if (model->top->tail)
        encode_long(encoder, (ULONG)size_of(model->top->tail, value));
    encode_struct(encoder, model->top, value);
    encode_deferred(encoder, 0);
    size = encoder->full ? 0 : encoder->used;
    free(encoder);
    return size;
}
