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

    if (type->kind == STRING || type->kind == SIZED) {
        count = type->kind == STRING ? 20 : size_of(type, structure);
        memory = new_memory(model, 2 * (size_t)count);
        fill_text(model, type->code, memory, (unsigned)count);
        return memory;
    }
    if (type->kind != COUNTED) {
        memory = new_memory(model, type->size);
        fill(model, type, memory, structure);
        return memory;
    }
    count = size_of(type, structure);
    memory = new_memory(model, (size_t)count * type->inner->size);
    for (i = 0; i < elements_of(type, structure); i++)
        fill(model, type->inner, memory + (size_t)i * type->inner->size, structure);
    return memory;
}

static void set_field(unsigned char *structure, unsigned at, unsigned char code, LONG value)
{
    memcpy(structure + at, &value, ndr_base_memory(code));
}

/* A count that gives at least so many and few more. */
static LONG choose_count(struct model *model, const struct model_type *type, LONG least)
{
    LONG value = (LONG)model_chance(model, 5) + least;

    return type->size_operator == FC_DIV_2 ? 2 * value : type->size_operator == FC_SUB_1 ? value + 1 : value;
}

/* The counts and discriminants that a structure's other members need, before those are filled. */
static void fill_correlates(struct model *model, const struct model_type *type, unsigned char *memory)
{
    unsigned i;

    for (i = 0; i < type->members; i++) {
        const struct model_type *member = type->member[i].type;

        const struct model_type *inner = member->inner;

        if (member->kind == UNION && !member->encapsulated)
            set_field(memory, member->size_at, member->code, (LONG)model_chance(model, member->arms + 2));
        if (member->kind == VARYING)
            set_field(memory, member->length_at, member->length_code,
                      (LONG)model_chance(model, 1 + member->count));
        if (member->kind != POINTER || (inner->kind != COUNTED && inner->kind != SIZED))
            continue;
        set_field(memory, inner->size_at, inner->size_code, choose_count(model, inner, inner->kind == SIZED));
        if (inner->varying)
            set_field(memory, inner->length_at, inner->length_code,
                      (LONG)model_chance(model, 1 + (ULONG)size_of(inner, memory)));
    }
}

static BOOLEAN is_correlate(const struct model_type *type, unsigned at)
{
    unsigned i;

    if (type->tail && type->tail->size_at == at)
        return TRUE;
    for (i = 0; i < type->members; i++) {
        const struct model_type *member = type->member[i].type;

        if (member->kind == UNION && !member->encapsulated && member->size_at == at)
            return TRUE;
        if (member->kind == VARYING && member->length_at == at)
            return TRUE;
        if (member->kind == POINTER && (member->inner->kind == COUNTED || member->inner->kind == SIZED) &&
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
    count = size_of(type->tail, memory);
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
    case RANGE:
        set_field(memory, 0, type->code,
                  type->low + (LONG)model_chance(model, 1 + (ULONG)(type->high - type->low)));
        break;
    case VARYING:
        for (i = 0; (LONG)i < length_of(type, structure); i++)
            fill(model, type->inner, memory + i * type->inner->size, structure);
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
        if (type->encapsulated)
            set_field(memory, 0, type->code, (LONG)model_chance(model, type->arms + 2));
        i = (unsigned)discriminant_of(type, memory, structure);
        arm = i && i <= type->arms ? type->arm[i - 1] : NULL;
        if (arm)
            fill(model, arm, memory + type->arm_at, structure);
        break;
    default:
        break;
    }
}

unsigned char *model_value(struct model *model)
{
    const struct model_type *type = model->top;
    LONG count = type->tail ? choose_count(model, type->tail, 0) : 0;
    unsigned char *memory =
        new_memory(model, type->size + (type->tail ? (2 * (size_t)count + 1) * type->tail->inner->size : 0));

    if (type->tail)
        set_field(memory, type->tail->size_at, type->tail->size_code, count);
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
    if (inner->kind == STRING || inner->kind == SIZED)
        return text_length(to_a, wide) == text_length(to_b, wide) &&
               !memcmp(to_a, to_b, text_length(to_a, wide) * wide);
    if (inner->kind == COUNTED)
        return equal_elements(inner->inner, to_a, to_b, elements_of(inner, structure), structure);
    return equal(inner, to_a, to_b, structure);
}

static BOOLEAN equal_struct(const struct model_type *type, const unsigned char *a, const unsigned char *b)
{
    unsigned i;

    for (i = 0; i < type->members; i++)
        if (!equal(type->member[i].type, a + type->member[i].offset, b + type->member[i].offset, a))
            return FALSE;
    return !type->tail ||
           equal_elements(type->tail->inner, a + type->size, b + type->size, size_of(type->tail, a), a);
}

static BOOLEAN equal(const struct model_type *type, const unsigned char *a, const unsigned char *b,
                     const unsigned char *structure)
{
    unsigned wide = type->code == FC_WSTRING ? 2 : 1;
    LONG value;

    switch (type->kind) {
    case BASE:
    case RANGE:
        return !memcmp(a, b, type->size);
    case VARYING:
        return equal_elements(type->inner, a, b, length_of(type, structure), structure);
    case POINTER:
        return equal_pointer(type, a, b, structure);
    case STRUCT:
        return equal_struct(type, a, b);
    case FIXED:
        return equal_elements(type->inner, a, b, (LONG)type->count, structure);
    case TEXT:
        return text_length(a, wide) == text_length(b, wide) && !memcmp(a, b, text_length(a, wide) * wide);
    case UNION:
        value = discriminant_of(type, a, structure);
        if (type->encapsulated && discriminant_of(type, b, structure) != value)
            return FALSE;
        return value < 1 || value > (LONG)type->arms ||
               equal(type->arm[value - 1], a + type->arm_at, b + type->arm_at, structure);
    default:
        return FALSE;
    }
}

BOOLEAN model_equal(const struct model *model, const unsigned char *a, const unsigned char *b)
{
    return equal_struct(model->top, a, b);
}
