/*
 * Values of the model: random ones, and whether two are equal. See model.h.
 */
#include "model_type.h"

static unsigned char *new_memory(struct model *model, size_t size)
{
    void **block = calloc(1, 16 + size);

    *block = model->values;
    model->values = block;
    return (unsigned char *)block + 16;
}

static void fill(struct model *model, const struct model_type *type, unsigned char *memory,
                 const unsigned char *structure);

static void fill_base(struct model *model, const struct model_type *type, unsigned char *memory)
{
    LONG_PTR wide = (LONG)model_chance(model, 0xffffffff);
    unsigned i;

    for (i = 0; i < type->size; i++)
        memory[i] = (unsigned char)model_chance(model, 256);
    if (type->code == FC_ENUM16) {
        wide = model_chance(model, 0x8000);
        memcpy(memory, &wide, 4);
    } else if (type->code == FC_INT3264) {
        memcpy(memory, &wide, sizeof(wide));
    }
}

static void fill_text(struct model *model, unsigned char code, unsigned char *memory, unsigned room)
{
    unsigned wide = code == FC_WSTRING || code == FC_C_WSTRING ? 2 : 1, length = model_chance(model, room), i;

    for (i = 0; i < length * wide; i++)
        memory[i] = (unsigned char)(1 + model_chance(model, 255));
    memset(memory + i, 0, wide);
}

static unsigned char *fill_referent(struct model *model, const struct model_type *type,
                                    const unsigned char *structure)
{
    unsigned char *memory;
    LONG i, count;

    if (type->kind == STRING) {
        memory = new_memory(model, 40);
        fill_text(model, type->code, memory, 20);
        return memory;
    }
    if (type->kind != COUNTED) {
        memory = new_memory(model, type->size);
        fill(model, type, memory, structure);
        return memory;
    }
    count = field(structure, type->size_at);
    memory = new_memory(model, (size_t)count * type->inner->size);
    for (i = 0; i < (type->varying ? field(structure, type->length_at) : count); i++)
        fill(model, type->inner, memory + (size_t)i * type->inner->size, structure);
    return memory;
}

static void set_long(unsigned char *structure, unsigned at, LONG value)
{
    memcpy(structure + at, &value, 4);
}

/* The counts and discriminants that a structure's other members need, before those are filled. */
static void fill_correlates(struct model *model, const struct model_type *type, unsigned char *memory)
{
    unsigned i;

    for (i = 0; i < type->members; i++) {
        const struct model_type *member = type->member[i].type;

        if (member->kind == UNION)
            set_long(memory, member->size_at, (LONG)model_chance(model, member->arms + 2));
        if (member->kind != POINTER || member->inner->kind != COUNTED)
            continue;
        set_long(memory, member->inner->size_at, (LONG)model_chance(model, 5));
        if (member->inner->varying)
            set_long(memory, member->inner->length_at,
                     (LONG)model_chance(model, 1 + (ULONG)field(memory, member->inner->size_at)));
    }
}

static BOOLEAN is_correlate(const struct model_type *type, unsigned at)
{
    unsigned i;

    if (type->tail && type->tail->size_at == at)
        return TRUE;
    for (i = 0; i < type->members; i++) {
        const struct model_type *member = type->member[i].type;

        if (member->kind == UNION && member->size_at == at)
            return TRUE;
        if (member->kind == POINTER && member->inner->kind == COUNTED &&
            (member->inner->size_at == at || (member->inner->varying && member->inner->length_at == at)))
            return TRUE;
    }
    return FALSE;
}

static void fill_struct(struct model *model, const struct model_type *type, unsigned char *memory)
{
    LONG i, count;

    fill_correlates(model, type, memory);
    for (i = 0; i < (LONG)type->members; i++)
        if (!is_correlate(type, type->member[i].offset))
            fill(model, type->member[i].type, memory + type->member[i].offset, memory);
    if (!type->tail)
        return;
    count = field(memory, type->tail->size_at);
    for (i = 0; i < count; i++)
        fill(model, type->tail->inner, memory + type->size + (size_t)i * type->tail->inner->size, memory);
}

static void fill(struct model *model, const struct model_type *type, unsigned char *memory,
                 const unsigned char *structure)
{
    const struct model_type *arm;
    unsigned char *referent = NULL;
    unsigned i;

    switch (type->kind) {
    case BASE:
        fill_base(model, type, memory);
        break;
    case POINTER:
        if (type->code == FC_RP || model_chance(model, 4))
            referent = fill_referent(model, type->inner, structure);
        memcpy(memory, &referent, sizeof(referent));
        break;
    case STRUCT:
        fill_struct(model, type, memory);
        break;
    case FIXED:
        for (i = 0; i < type->count; i++)
            fill(model, type->inner, memory + i * type->inner->size, structure);
        break;
    case TEXT:
        fill_text(model, type->code, memory, type->count);
        break;
    case UNION:
        i = (unsigned)field(structure, type->size_at);
        arm = i && i <= type->arms ? type->arm[i - 1] : NULL;
        if (arm)
            fill(model, arm, memory, structure);
        break;
    default:
        break;
    }
}

unsigned char *model_value(struct model *model)
{
    const struct model_type *type = model->top;
    LONG count = type->tail ? (LONG)model_chance(model, 5) : 0;
    unsigned char *memory =
        new_memory(model, type->size + (type->tail ? (size_t)count * type->tail->inner->size : 0));

    if (type->tail)
        set_long(memory, type->tail->size_at, count);
    fill_struct(model, type, memory);
    return memory;
}

/* ---- comparison */

static BOOLEAN equal(const struct model_type *type, const unsigned char *a, const unsigned char *b,
                     const unsigned char *structure);

static BOOLEAN equal_elements(const struct model_type *inner, const unsigned char *a, const unsigned char *b,
                              LONG count, const unsigned char *structure)
{
    LONG i;

    for (i = 0; i < count; i++)
        if (!equal(inner, a + (size_t)i * inner->size, b + (size_t)i * inner->size, structure))
            return FALSE;
    return TRUE;
}

static BOOLEAN equal_pointer(const struct model_type *type, const unsigned char *a, const unsigned char *b,
                             const unsigned char *structure)
{
    const struct model_type *inner = type->inner;
    const unsigned char *to_a, *to_b;
    unsigned wide = inner->code == FC_C_WSTRING ? 2 : 1;

    memcpy(&to_a, a, sizeof(to_a));
    memcpy(&to_b, b, sizeof(to_b));
    if (!to_a || !to_b)
        return !to_a && !to_b;
    if (inner->kind == STRING)
        return text_length(to_a, wide) == text_length(to_b, wide) &&
               !memcmp(to_a, to_b, text_length(to_a, wide) * wide);
    if (inner->kind == COUNTED)
        return equal_elements(inner->inner, to_a, to_b,
                              field(structure, inner->varying ? inner->length_at : inner->size_at),
                              structure);
    return equal(inner, to_a, to_b, structure);
}

static BOOLEAN equal_struct(const struct model_type *type, const unsigned char *a, const unsigned char *b)
{
    unsigned i;

    for (i = 0; i < type->members; i++)
        if (!equal(type->member[i].type, a + type->member[i].offset, b + type->member[i].offset, a))
            return FALSE;
    return !type->tail || equal_elements(type->tail->inner, a + type->size, b + type->size,
                                         field(a, type->tail->size_at), a);
}

static BOOLEAN equal(const struct model_type *type, const unsigned char *a, const unsigned char *b,
                     const unsigned char *structure)
{
    unsigned wide = type->code == FC_WSTRING ? 2 : 1;
    LONG value;

    switch (type->kind) {
    case BASE:
        return !memcmp(a, b, type->size);
    case POINTER:
        return equal_pointer(type, a, b, structure);
    case STRUCT:
        return equal_struct(type, a, b);
    case FIXED:
        return equal_elements(type->inner, a, b, (LONG)type->count, structure);
    case TEXT:
        return text_length(a, wide) == text_length(b, wide) && !memcmp(a, b, text_length(a, wide) * wide);
    case UNION:
        value = field(structure, type->size_at);
        return value < 1 || value > (LONG)type->arms || equal(type->arm[value - 1], a, b, structure);
    default:
        return FALSE;
    }
}

BOOLEAN model_equal(const struct model *model, const unsigned char *a, const unsigned char *b)
{
    return equal_struct(model->top, a, b);
}
