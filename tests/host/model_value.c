/*
 * Values of the model: random ones, and whether two are equal. See model.h.
 */
#include "model_type.h"

/* Elements of a tail at most. */
enum { MAX_TAIL = 24 };

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

static void fill_text(struct model *model, const struct model_type *type, unsigned char *memory,
                      unsigned room)
{
    unsigned length = model_chance(model, room), i;

    for (i = 0; i < length * type->wide; i++)
        memory[i] = (unsigned char)(1 + model_chance(model, 255));
    memset(memory + i, 0, type->wide);
}

/* Elements of a dimension that go, and what they hold. */
static void fill_dimension(struct model *model, const struct model_type *type, unsigned k,
                           unsigned char *memory, const unsigned char *structure)
{
    size_t stride = dimension_stride(type, k, structure);
    LONG i;

    for (i = 0; i < dimension_length(type, k, structure); i++)
        if (k + 1 < type->dimensions)
            fill_dimension(model, type, k + 1, memory + (size_t)i * stride, structure);
        else
            fill(model, type->inner, memory + (size_t)i * stride, structure);
}

static unsigned char *fill_referent(struct model *model, const struct model_type *type,
                                    const unsigned char *structure)
{
    unsigned char *memory;
    LONG i, count;

    if (type->kind == STRING || type->kind == SIZED) {
        count = type->kind == STRING ? 20 : size_of(type, structure);
        memory = new_memory(model, type->wide * (size_t)count);
        fill_text(model, type, memory, (unsigned)count);
        return memory;
    }
    if (type->kind == GRID) {
        memory = new_memory(model, dimension_stride(type, 0, structure) *
                                       (size_t)dimension_size(type, 0, structure));
        fill_dimension(model, type, 0, memory, structure);
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

/* An object that is never the last to be let go. */
static unsigned char *new_object(struct model *model)
{
    struct host_object *object = (struct host_object *)new_memory(model, sizeof(*object));
    ULONG length = model_chance(model, sizeof(object->text)), i;

    object->references = 1 << 20;
    for (i = 0; i < length; i++)
        object->text[i] = (char)(1 + model_chance(model, 127));
    return (unsigned char *)object;
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

static void set_lengths(struct model *model, const struct model_type *type, unsigned char *memory)
{
    unsigned k;

    for (k = 0; k < type->dimensions; k++) {
        const struct model_dimension *dimension = &type->dimension[k];

        if (type->kind == GRID)
            set_field(memory, dimension->size_at, dimension->size_code, (LONG)model_chance(model, 4));
        if (type->varying)
            set_field(memory, dimension->length_at, dimension->length_code,
                      (LONG)model_chance(model, 1 + (ULONG)dimension_size(type, k, memory)));
    }
}

/* The counts or discriminant that tell of a type. */
static void set_correlates(struct model *model, const struct model_type *type, unsigned char *memory)
{
    ULONG most;

    set_lengths(model, type, memory);
    if (type->kind == UNION && !type->encapsulated)
        set_field(memory, type->size_at, type->code, (LONG)model_chance(model, type->arms + 2));
    if (type->kind == COUNTED || type->kind == SIZED)
        set_field(memory, type->size_at, type->size_code, choose_count(model, type, type->kind == SIZED));
    if (!type->varying || type->dimensions)
        return;
    most = type->kind == VARYING ? type->count : (ULONG)size_of(type, memory);
    set_field(memory, type->length_at, type->length_code, (LONG)model_chance(model, 1 + most));
}

/* What a member is told of by others: itself, or what it points to. */
static const struct model_type *told(const struct model_type *member)
{
    return member->kind == POINTER ? member->inner : member;
}

/* Whether the field at that place of the structure tells of the type. */
static BOOLEAN tells(const struct model_type *type, unsigned at)
{
    unsigned k;

    switch (type->kind) {
    case UNION:
        return !type->encapsulated && type->size_at == at;
    case VARYING:
        return type->length_at == at;
    case COUNTED:
    case SIZED:
        return type->size_at == at || (type->varying && type->length_at == at);
    case GRID:
    case PLANE:
        for (k = 0; k < type->dimensions; k++)
            if ((type->kind == GRID && type->dimension[k].size_at == at) ||
                (type->varying && type->dimension[k].length_at == at))
                return TRUE;
        return FALSE;
    default:
        return FALSE;
    }
}

/* The members of a structure whose tail's room is known: whose counts are set. */
static BOOLEAN is_correlate(const struct model_type *type, unsigned at)
{
    unsigned i;

    if (type->tail && tells(type->tail, at))
        return TRUE;
    for (i = 0; i < type->members; i++)
        if (tells(told(type->member[i].type), at))
            return TRUE;
    return FALSE;
}

static void fill_tail(struct model *model, const struct model_type *type, unsigned char *structure)
{
    const struct model_type *tail = type->tail;
    unsigned char *memory = structure + type->size;
    LONG i;

    if (!is_array_tail(tail)) {
        fill_text(model, tail, memory, tail->kind == SIZED ? (unsigned)size_of(tail, structure) : MAX_TAIL);
        return;
    }
    for (i = 0; i < elements_of(tail, structure); i++)
        fill(model, tail->inner, memory + (size_t)i * tail->inner->size, structure);
}

static void fill_struct(struct model *model, const struct model_type *type, unsigned char *memory)
{
    unsigned i;

    for (i = 0; i < type->members; i++)
        set_correlates(model, told(type->member[i].type), memory);
    for (i = 0; i < type->members; i++)
        if (!is_correlate(type, type->member[i].offset))
            fill(model, type->member[i].type, memory + type->member[i].offset, memory);
    if (type->tail)
        fill_tail(model, type, memory);
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
        fill_text(model, type, memory, type->count);
        break;
    case PLANE:
        fill_dimension(model, type, 0, memory, structure);
        break;
    case TRANSMIT:
    case USER:
        if (!type->inner) {
            memset(memory, 'x', model_chance(model, USER_TEXT));
            break;
        }
        fill(model, type->inner, memory, memory);
        model_complement(memory, memory, type->size);
        break;
    case INTERFACE:
        if (model_chance(model, 4))
            referent = new_object(model);
        memcpy(memory, &referent, sizeof(referent));
        break;
    case CONTEXT:
        memory[0] = (unsigned char)(1 + model_chance(model, 255));
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

/* With the most that its tail may have. */
static size_t value_size(const struct model_type *type)
{
    const struct model_type *tail = type->tail;

    return type->size +
           (!tail ? 0 : MAX_TAIL * (size_t)(is_array_tail(tail) ? tail->inner->size : tail->wide));
}

unsigned char *model_value(struct model *model)
{
    const struct model_type *type = model->top, *tail = type->tail;
    unsigned char *memory = new_memory(model, value_size(type));

    if (tail)
        set_correlates(model, tail, memory);
    fill(model, type, memory, memory);
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

static const void *load(const unsigned char *memory)
{
    const void *pointer;

    memcpy(&pointer, memory, sizeof(pointer));
    return pointer;
}

static BOOLEAN equal_text(const struct model_type *type, const unsigned char *a, const unsigned char *b)
{
    size_t length = text_length(a, type->wide);

    return length == text_length(b, type->wide) && !memcmp(a, b, length * type->wide);
}

static BOOLEAN equal_dimension(const struct model_type *type, unsigned k, const unsigned char *a,
                               const unsigned char *b, const unsigned char *structure)
{
    size_t stride = dimension_stride(type, k, structure);
    LONG i;

    if (k + 1 == type->dimensions)
        return equal_elements(type->inner, a, b, dimension_length(type, k, structure), structure);
    for (i = 0; i < dimension_length(type, k, structure); i++)
        if (!equal_dimension(type, k + 1, a + (size_t)i * stride, b + (size_t)i * stride, structure))
            return FALSE;
    return TRUE;
}

static BOOLEAN equal_pointer(const struct model_type *type, const unsigned char *a, const unsigned char *b,
                             const unsigned char *structure)
{
    const struct model_type *inner = type->inner;
    const unsigned char *to_a = load(a), *to_b = load(b);

    if (!to_a || !to_b)
        return !to_a && !to_b;
    if (type->kind == INTERFACE)
        return !strcmp(((const struct host_object *)to_a)->text, ((const struct host_object *)to_b)->text);
    if (inner->kind == STRING || inner->kind == SIZED)
        return equal_text(inner, to_a, to_b);
    if (inner->kind == GRID)
        return equal_dimension(inner, 0, to_a, to_b, structure);
    if (inner->kind == COUNTED)
        return equal_elements(inner->inner, to_a, to_b, elements_of(inner, structure), structure);
    return equal(inner, to_a, to_b, structure);
}

static BOOLEAN equal_struct(const struct model_type *type, const unsigned char *a, const unsigned char *b)
{
    const struct model_type *tail = type->tail;
    unsigned i;

    for (i = 0; i < type->members; i++)
        if (!equal(type->member[i].type, a + type->member[i].offset, b + type->member[i].offset, a))
            return FALSE;
    if (!tail)
        return TRUE;
    if (!is_array_tail(tail))
        return equal_text(tail, a + type->size, b + type->size);
    return equal_elements(tail->inner, a + type->size, b + type->size, elements_of(tail, a), a);
}

static BOOLEAN equal_complement(const struct model_type *type, const unsigned char *a, const unsigned char *b)
{
    unsigned char of_a[MAX_ROUTINE_SIZE], of_b[MAX_ROUTINE_SIZE];

    model_complement(of_a, a, type->size);
    model_complement(of_b, b, type->size);
    return equal(type->inner, of_a, of_b, of_a);
}

static BOOLEAN equal(const struct model_type *type, const unsigned char *a, const unsigned char *b,
                     const unsigned char *structure)
{
    LONG value;

    switch (type->kind) {
    case BASE:
    case RANGE:
        return !memcmp(a, b, type->size);
    case CONTEXT:
        return host_context_number(load(a)) == host_context_number(load(b));
    case VARYING:
        return equal_elements(type->inner, a, b, length_of(type, structure), structure);
    case PLANE:
        return equal_dimension(type, 0, a, b, structure);
    case POINTER:
    case INTERFACE:
        return equal_pointer(type, a, b, structure);
    case STRUCT:
        return equal_struct(type, a, b);
    case FIXED:
        return equal_elements(type->inner, a, b, (LONG)type->count, structure);
    case TEXT:
        return equal_text(type, a, b);
    case UNION:
        value = discriminant_of(type, a, structure);
        if (type->encapsulated && discriminant_of(type, b, structure) != value)
            return FALSE;
        return value < 1 || value > (LONG)type->arms ||
               equal(type->arm[value - 1], a + type->arm_at, b + type->arm_at, structure);
    case TRANSMIT:
    case USER:
        return type->inner ? equal_complement(type, a, b) : !memcmp(a, b, USER_TEXT);
    default:
        return FALSE;
    }
}

BOOLEAN model_equal(const struct model *model, const unsigned char *a, const unsigned char *b)
{
    return equal(model->top, a, b, a);
}

void model_copy(const struct model *model, unsigned char *to, const unsigned char *from)
{
    memcpy(to, from, value_size(model->top));
}
