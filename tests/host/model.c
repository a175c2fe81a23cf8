/*
 * See model.h. A type knows its C layout; writing its format string and walking its value are separate
 * functions, so that what the engine reads from one is checked against the other.
 */
#include "model_type.h"

ULONG model_chance(struct model *model, ULONG below)
{
    model->seed ^= model->seed << 13;
    model->seed ^= model->seed >> 7;
    model->seed ^= model->seed << 17;
    return (ULONG)(model->seed >> 20) % below;
}

static struct model_type *new_type(struct model *model, enum kind kind)
{
    struct model_type *type = calloc(1, sizeof(*type));

    type->kind = kind;
    type->next = model->types;
    model->types = type;
    return type;
}

/* ---- types */

static struct model_type *make_type(struct model *model, unsigned deep);

static struct model_type *make_base(struct model *model)
{
    static const unsigned char codes[] = {FC_BYTE,   FC_CHAR,  FC_SMALL,  FC_WCHAR,  FC_SHORT,
                                          FC_USHORT, FC_LONG,  FC_ULONG,  FC_ENUM16, FC_FLOAT,
                                          FC_ENUM32, FC_HYPER, FC_DOUBLE, FC_LONG,   FC_INT3264};
    struct model_type *type = new_type(model, BASE);

    type->code = codes[model_chance(model, sizeof(codes))];
    type->size = ndr_base_memory(type->code);
    type->align = type->size;
    type->wire_align = ndr_base_wire(type->code);
    type->block = type->size == type->wire_align && type->code != FC_ENUM16;
    return type;
}

static struct model_type *make_code(struct model *model, unsigned char code)
{
    struct model_type *type = new_type(model, BASE);

    type->code = code;
    type->size = type->align = ndr_base_memory(code);
    type->wire_align = ndr_base_wire(code);
    type->block = code != FC_ENUM16;
    return type;
}

static struct model_type *make_range(struct model *model)
{
    static const unsigned char codes[] = {FC_SMALL, FC_USMALL, FC_SHORT,  FC_USHORT,
                                          FC_LONG,  FC_ULONG,  FC_ENUM16, FC_ENUM32};
    struct model_type *type = make_code(model, codes[model_chance(model, sizeof(codes))]);

    type->kind = RANGE;
    type->block = FALSE;
    type->low = (LONG)model_chance(model, 20);
    type->high = type->low + (LONG)model_chance(model, 80);
    return type;
}

/* What may say how many or which. */
static unsigned char integer_code(struct model *model)
{
    static const unsigned char codes[] = {FC_LONG,   FC_LONG,   FC_ULONG,  FC_SHORT,
                                          FC_USHORT, FC_USMALL, FC_ENUM16, FC_ENUM32};

    return codes[model_chance(model, sizeof(codes))];
}

static void choose_size(struct model *model, struct model_type *type)
{
    static const unsigned char operators[] = {0, 0, 0, FC_ADD_1, FC_SUB_1, FC_MULT_2, FC_DIV_2};

    type->size_code = integer_code(model);
    type->size_operator = operators[model_chance(model, sizeof(operators))];
    type->length_code = integer_code(model);
}

static struct model_type *make_pointer(struct model *model, struct model_type *inner)
{
    static const unsigned char codes[] = {FC_UP, FC_UP, FC_RP, FC_FP};
    struct model_type *type = new_type(model, POINTER);

    type->code = codes[model_chance(model, 4)];
    type->size = type->align = sizeof(void *);
    type->wire_align = 4;
    type->inner = inner;
    return type;
}

static struct model_type *make_string(struct model *model)
{
    struct model_type *type = new_type(model, STRING);

    type->code = model_chance(model, 2) ? FC_C_CSTRING : FC_C_WSTRING;
    return type;
}

/* A string whose room is told by size_is. */
static struct model_type *make_sized(struct model *model)
{
    struct model_type *type = make_string(model);

    type->kind = SIZED;
    choose_size(model, type);
    return type;
}

static struct model_type *make_text(struct model *model)
{
    struct model_type *type = new_type(model, TEXT);

    type->code = model_chance(model, 2) ? FC_CSTRING : FC_WSTRING;
    type->align = type->code == FC_WSTRING ? 2 : 1;
    type->wire_align = 4;
    type->count = 1 + model_chance(model, 9);
    type->size = type->count * type->align;
    return type;
}

static struct model_type *make_fixed(struct model *model, struct model_type *inner)
{
    struct model_type *type = new_type(model, FIXED);

    type->inner = inner;
    type->count = 1 + model_chance(model, 4);
    type->size = type->count * inner->size;
    type->align = inner->align;
    type->wire_align = inner->wire_align;
    type->block = inner->block;
    return type;
}

static struct model_type *make_counted(struct model *model, struct model_type *inner)
{
    struct model_type *type = new_type(model, COUNTED);

    type->inner = inner;
    type->varying = model_chance(model, 3) == 0;
    type->align = inner->align;
    type->wire_align = inner->wire_align;
    choose_size(model, type);
    return type;
}

/* An array of fixed size of which length_is elements go. */
static struct model_type *make_varying(struct model *model, struct model_type *inner)
{
    struct model_type *type = make_fixed(model, inner);

    type->kind = VARYING;
    type->varying = TRUE;
    type->block = FALSE;
    if (type->wire_align < 4)
        type->wire_align = 4; /* of the counts before it */
    choose_size(model, type);
    return type;
}

static unsigned up(unsigned value, unsigned align)
{
    return (value + align - 1) & ~(align - 1);
}

static void add_member(struct model_type *type, struct model_type *member)
{
    type->size = up(type->size, member->align);
    type->member[type->members].type = member;
    type->member[type->members++].offset = type->size;
    type->size += member->size;
    if (member->align > type->align)
        type->align = member->align;
    if (member->wire_align > type->wire_align)
        type->wire_align = member->wire_align;
}

static unsigned last_offset(const struct model_type *type)
{
    return type->member[type->members - 1].offset;
}

static struct model_type *make_union(struct model *model, unsigned deep, BOOLEAN encapsulated)
{
    struct model_type *type = new_type(model, UNION);
    unsigned i, size;

    type->code = integer_code(model);
    type->encapsulated = encapsulated;

    type->arms = 1 + model_chance(model, MAX_ARMS);
    type->align = type->size = 1;
    for (i = 0; i < type->arms; i++) {
        struct model_type *arm = make_type(model, deep - 1);

        type->arm[i] = arm;
        if (arm->size > type->size)
            type->size = arm->size;
        if (arm->align > type->align)
            type->align = arm->align;
    }
    size = up(type->size, type->align);
    if (encapsulated) {
        unsigned head = ndr_base_memory(type->code);

        type->arm_at = up(head, type->align);
        if (type->align < head)
            type->align = head;
        size = up(type->arm_at + size, type->align);
    }
    type->size = size;
    type->wire_align = ndr_base_wire(type->code);
    return type;
}

/* A member that another one tells about, after that one. */
static void add_correlated(struct model *model, struct model_type *type, unsigned deep)
{
    struct model_type *member;

    switch (model_chance(model, 5)) {
    case 0:
    case 1:
        member = make_union(model, deep, FALSE);
        add_member(type, make_code(model, member->code));
        member->size_at = last_offset(type);
        add_member(type, member);
        member->own_at = last_offset(type);
        return;
    case 2:
        member = make_varying(model, make_type(model, deep - 1));
        add_member(type, make_code(model, member->length_code));
        member->length_at = last_offset(type);
        add_member(type, member);
        member->own_at = last_offset(type);
        return;
    case 3:
        member = make_sized(model);
        break;
    default:
        member = make_counted(model, make_type(model, deep - 1));
    }
    add_member(type, make_code(model, member->size_code));
    member->size_at = last_offset(type);
    if (member->varying) {
        add_member(type, make_code(model, member->length_code));
        member->length_at = last_offset(type);
    }
    add_member(type, make_pointer(model, member));
}

static void add_tail(struct model *model, struct model_type *type, unsigned deep)
{
    struct model_type *tail = make_counted(model, make_type(model, deep - 1));

    tail->varying = FALSE;
    add_member(type, make_code(model, tail->size_code));
    tail->size_at = last_offset(type);
    type->tail = tail;
    if (tail->align > type->align)
        type->align = tail->align;
    if (tail->wire_align > type->wire_align)
        type->wire_align = tail->wire_align;
}

static unsigned wire_size_of_block(const struct model_type *type)
{
    unsigned size = 0, i;

    for (i = 0; i < type->members; i++)
        size = up(size, type->member[i].type->wire_align) + type->member[i].type->size;
    return size;
}

/* Whether it is block-copied, pointers and all: where they are as long as their identifiers. */
static BOOLEAN has_layout(const struct model_type *type)
{
    unsigned i;

    if (sizeof(void *) != 4 || wire_size_of_block(type) != type->size)
        return FALSE;
    for (i = 0; i < type->members; i++)
        if (!type->member[i].type->block && type->member[i].type->kind != POINTER)
            return FALSE;
    return !type->tail || type->tail->inner->block || type->tail->inner->layout;
}

static struct model_type *make_struct(struct model *model, unsigned deep, BOOLEAN tail)
{
    struct model_type *type = new_type(model, STRUCT);
    unsigned wanted = 1 + model_chance(model, 4), i;

    type->align = type->wire_align = 1;
    while (type->members < wanted) {
        if (deep > 1 && type->members < 4 && model_chance(model, 4) == 0)
            add_correlated(model, type, deep);
        else
            add_member(type, make_type(model, deep - 1));
    }
    if (tail)
        add_tail(model, type, deep);
    type->block = TRUE;
    for (i = 0; i < type->members; i++)
        type->block = type->block && type->member[i].type->block;
    type->size = up(type->size, type->align);
    if (wire_size_of_block(type) != type->size || (type->tail && !type->tail->inner->block))
        type->block = FALSE;
    type->layout = !type->block && has_layout(type);
    return type;
}

/* A type of known size: what can be a member, an element, an arm or a referent. */
static struct model_type *make_type(struct model *model, unsigned deep)
{
    if (!deep)
        return make_base(model);
    switch (model_chance(model, 9)) {
    case 0:
    case 1:
        return make_struct(model, deep, FALSE);
    case 2:
        return make_fixed(model, make_type(model, deep - 1));
    case 3:
        return make_pointer(model, make_type(model, deep - 1));
    case 4:
        return make_pointer(model, make_string(model));
    case 5:
        return make_text(model);
    case 6:
        return make_range(model);
    case 7:
        return make_union(model, deep, TRUE);
    default:
        return make_base(model);
    }
}

/* ---- format strings */

static void put(struct model *model, unsigned octet)
{
    if (model->used < sizeof(model->format))
        model->format[model->used++] = (unsigned char)octet;
}

static void put_short(struct model *model, int value)
{
    put(model, value & 0xff);
    put(model, value >> 8 & 0xff);
}

static void put_long(struct model *model, LONG value)
{
    put_short(model, value);
    put_short(model, value >> 16);
}

static void put_offset(struct model *model, unsigned target)
{
    put_short(model, (int)target - (int)model->used);
}

static void write_format(struct model *model, struct model_type *type);

/* A member, element or arm in place: a character for base types, else a reference to its format. */
static void put_element(struct model *model, const struct model_type *type)
{
    if (type->kind == BASE) {
        put(model, type->code);
        return;
    }
    put(model, FC_EMBEDDED_COMPLEX);
    put(model, 0);
    put_offset(model, type->place);
}

static void put_pointer(struct model *model, const struct model_type *type)
{
    const struct model_type *inner = type->inner;

    put(model, type->code);
    if (inner->kind == BASE || inner->kind == STRING) {
        put(model, FC_SIMPLE_POINTER);
        put(model, inner->code);
        put(model, FC_PAD);
        return;
    }
    put(model, inner->kind == POINTER ? FC_POINTER_DEREF : 0);
    put_offset(model, inner->place);
}

static void put_align(struct model *model, unsigned align)
{
    if (align > 1)
        put(model, align == 2 ? FC_ALIGNM2 : align == 4 ? FC_ALIGNM4 : FC_ALIGNM8);
}

static void put_members(struct model *model, const struct model_type *type)
{
    unsigned at = 0, i;

    for (i = 0; i < type->members; i++) {
        const struct model_type *member = type->member[i].type;

        if (at != type->member[i].offset)
            put_align(model, member->align);
        at = type->member[i].offset + member->size;
        if (member->kind == POINTER)
            put(model, type->layout ? FC_LONG : FC_POINTER);
        else
            put_element(model, member);
    }
    if (at != type->size)
        put(model, FC_STRUCTPAD1 + type->size - at - 1);
    put(model, FC_END);
}

/* The pointers of a structure that lies at `at`. Gives how many. */
static unsigned put_instances(struct model *model, const struct model_type *type, unsigned at, BOOLEAN single)
{
    unsigned count = 0, i;

    for (i = 0; i < type->members; i++) {
        if (type->member[i].type->kind != POINTER)
            continue;
        if (single) {
            put(model, FC_NO_REPEAT);
            put(model, FC_PAD);
        }
        put_short(model, (int)(at + type->member[i].offset));
        put_short(model, (int)(at + type->member[i].offset));
        put_pointer(model, type->member[i].type);
        count++;
    }
    return count;
}

/* A repeat over an array that lies at `at`; iterations 0: as many as the array has. */
static void put_repeat(struct model *model, const struct model_type *array, unsigned at, unsigned iterations)
{
    unsigned number;

    put(model, iterations ? FC_FIXED_REPEAT : FC_VARIABLE_REPEAT);
    put(model, iterations ? FC_PAD : array->varying ? FC_VARIABLE_OFFSET : FC_FIXED_OFFSET);
    if (iterations)
        put_short(model, (int)iterations);
    put_short(model, (int)array->inner->size);
    put_short(model, (int)at);
    number = model->used;
    put_short(model, 0);
    model->format[number] = (unsigned char)put_instances(model, array->inner, at, FALSE);
}

static void put_array_layout(struct model *model, const struct model_type *array, unsigned iterations)
{
    if (!array->inner->layout || array->inner->tail)
        return;
    put(model, FC_PP);
    put(model, FC_PAD);
    put_repeat(model, array, 0, iterations);
    put(model, FC_END);
}

static void write_layout_struct(struct model *model, struct model_type *type)
{
    put(model, type->tail ? FC_CPSTRUCT : FC_PSTRUCT);
    put(model, type->wire_align - 1);
    put_short(model, (int)type->size);
    if (type->tail)
        put_offset(model, type->tail->place);
    put(model, FC_PP);
    put(model, FC_PAD);
    put_instances(model, type, 0, TRUE);
    if (type->tail && type->tail->inner->layout)
        put_repeat(model, type->tail, type->size, 0);
    put(model, FC_END);
    put_members(model, type);
}

static void write_struct(struct model *model, struct model_type *type)
{
    unsigned pointers, i;

    if (type->tail) {
        type->tail->own_at = type->size;
        type->tail->in_layout = type->layout;
        write_format(model, type->tail);
    }
    type->place = model->used;
    if (type->block) {
        put(model, type->tail ? FC_CSTRUCT : FC_STRUCT);
        put(model, type->wire_align - 1);
        put_short(model, (int)type->size);
        if (type->tail)
            put_offset(model, type->tail->place);
        put_members(model, type);
        return;
    }
    if (type->layout) {
        write_layout_struct(model, type);
        return;
    }
    put(model, FC_BOGUS_STRUCT);
    put(model, type->wire_align - 1);
    put_short(model, (int)type->size);
    if (type->tail)
        put_offset(model, type->tail->place);
    else
        put_short(model, 0);
    pointers = model->used;
    put_short(model, 0);
    put_members(model, type);
    model->format[pointers] = (unsigned char)(model->used - pointers);
    for (i = 0; i < type->members; i++)
        if (type->member[i].type->kind == POINTER)
            put_pointer(model, type->member[i].type);
}

static void put_array_element(struct model *model, const struct model_type *type)
{
    if (type->kind == POINTER)
        put_pointer(model, type);
    else
        put_element(model, type);
    put(model, FC_END);
}

/* own_at: in the structure, of the array at its end; 0: the array is behind a pointer. */
static void put_descriptor(struct model *model, const struct model_type *type, unsigned at,
                           unsigned char code, unsigned char operator)
{
    enum { EARLY = 1 };

    put(model, (type->own_at ? 0 : 0x10) | code);
    put(model, operator);
    put_short(model, (int)at - (int)type->own_at);
    if (model->robust)
        put_short(model, EARLY);
}

static void put_size(struct model *model, const struct model_type *type)
{
    put_descriptor(model, type, type->size_at, type->size_code, type->size_operator);
}

static void put_length(struct model *model, const struct model_type *type)
{
    put_descriptor(model, type, type->length_at, type->length_code, 0);
}

static void put_no_descriptor(struct model *model)
{
    put_long(model, -1);
    if (model->robust)
        put_short(model, 0);
}

static void write_fixed(struct model *model, struct model_type *type)
{
    BOOLEAN block = type->block || type->inner->layout;

    type->place = model->used;
    put(model, block ? FC_SMFARRAY : FC_BOGUS_ARRAY);
    put(model, type->wire_align - 1);
    put_short(model, (int)(block ? type->size : type->count));
    if (!block) {
        put_no_descriptor(model);
        put_no_descriptor(model);
    }
    put_array_layout(model, type, type->count);
    put_array_element(model, type->inner);
}

static void write_counted(struct model *model, struct model_type *type)
{
    BOOLEAN block = type->inner->block || type->inner->layout;

    type->place = model->used;
    put(model, !block ? FC_BOGUS_ARRAY : type->varying ? FC_CVARRAY : FC_CARRAY);
    put(model, type->wire_align - 1);
    put_short(model, block ? (int)type->inner->size : 0);
    put_size(model, type);
    if (type->varying)
        put_length(model, type);
    else if (!block)
        put_no_descriptor(model);
    if (!type->own_at || !type->in_layout)
        put_array_layout(model, type, 0);
    put_array_element(model, type->inner);
}

static void write_varying(struct model *model, struct model_type *type)
{
    BOOLEAN block = type->inner->block;

    type->place = model->used;
    put(model, block ? FC_SMVARRAY : FC_BOGUS_ARRAY);
    put(model, type->inner->wire_align - 1);
    if (block)
        put_short(model, (int)type->size);
    put_short(model, (int)type->count);
    if (block)
        put_short(model, (int)type->inner->size);
    else
        put_no_descriptor(model);
    put_length(model, type);
    put_array_element(model, type->inner);
}

static void write_sized(struct model *model, struct model_type *type)
{
    type->place = model->used;
    put(model, type->code);
    put(model, FC_STRING_SIZED);
    put_size(model, type);
}

static void write_range(struct model *model, struct model_type *type)
{
    type->place = model->used;
    put(model, FC_RANGE);
    put(model, type->code);
    put_long(model, type->low);
    put_long(model, type->high);
}

static void write_union(struct model *model, struct model_type *type)
{
    unsigned i;

    type->place = model->used;
    if (type->encapsulated) {
        put(model, FC_ENCAPSULATED_UNION);
        put(model, type->arm_at << 4 | type->code);
        put_short(model, (int)(type->size - type->arm_at));
    } else {
        put(model, FC_NON_ENCAPSULATED_UNION);
        put(model, type->code);
        put_descriptor(model, type, type->size_at, type->code, 0);
        put_short(model, 2);
        put_short(model, (int)type->size);
    }
    put_short(model, (int)type->arms);
    for (i = 0; i < type->arms; i++) {
        put_long(model, (LONG)i + 1);
        if (type->arm[i]->kind == BASE)
            put_short(model, 0x8000 | type->arm[i]->code);
        else
            put_offset(model, type->arm[i]->place);
    }
    put_short(model, 0);
}

/* Writes what the type stands on first, then itself. */
static void write_format(struct model *model, struct model_type *type)
{
    unsigned i;

    if (type->place)
        return;
    if (type->inner)
        write_format(model, type->inner);
    for (i = 0; i < type->members; i++)
        write_format(model, type->member[i].type);
    for (i = 0; i < type->arms; i++)
        write_format(model, type->arm[i]);
    switch (type->kind) {
    case STRUCT:
        write_struct(model, type);
        break;
    case FIXED:
        write_fixed(model, type);
        break;
    case COUNTED:
        write_counted(model, type);
        break;
    case UNION:
        write_union(model, type);
        break;
    case VARYING:
        write_varying(model, type);
        break;
    case SIZED:
        write_sized(model, type);
        break;
    case RANGE:
        write_range(model, type);
        break;
    case TEXT:
        type->place = model->used;
        put(model, type->code);
        put(model, FC_PAD);
        put_short(model, (int)type->count);
        break;
    default:
        type->place = model->used;
        if (type->kind == POINTER) {
            put_pointer(model, type);
        } else {
            put(model, type->code);
            put(model, FC_PAD);
        }
    }
}

void model_begin(struct model *model, ULONGLONG seed, unsigned deep)
{
    memset(model, 0, sizeof(*model));
    model->seed = seed * 0x9e3779b97f4a7c15ull + 1;
    model->robust = model_chance(model, 2);
    model->used = 2;
    model->top = make_struct(model, deep, model_chance(model, 3) == 0);
    write_format(model, model->top);
}

PFORMAT_STRING model_format(const struct model *model)
{
    return model->format + model->top->place;
}

void model_end(struct model *model)
{
    void *value = model->values;

    while (model->types) {
        struct model_type *next = model->types->next;

        free(model->types);
        model->types = next;
    }
    while (value) {
        void *next = *(void **)value;

        free(value);
        value = next;
    }
}
