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

/* Objects in memory that came from one block would not be let go with it. */
static BOOLEAN may_take_all_nodes(const struct model_type *inner)
{
    return !(inner->reach & RENEWS);
}

static struct model_type *make_pointer(struct model *model, struct model_type *inner)
{
    static const unsigned char codes[] = {FC_UP, FC_UP, FC_UP, FC_UP, FC_RP, FC_RP, FC_FP, FC_FP, FC_OP};
    struct model_type *type = new_type(model, POINTER);

    type->code = codes[model_chance(model, sizeof(codes))];
    type->size = type->align = sizeof(void *);
    type->wire_align = 4;
    type->inner = inner;
    type->reach = inner->reach | LEADS;
    if (type->code == FC_OP)
        type->reach |= RENEWS;
    if (type->code == FC_UP && may_take_all_nodes(inner) && !model_chance(model, 6))
        type->attributes = FC_ALLOCATE_ALL_NODES;
    return type;
}

/* Octets of an element of a string of each kind; structures of some. */
static unsigned element_size(struct model *model, unsigned kind)
{
    return kind == 1 ? 2 : kind == 3 ? 2 + model_chance(model, 3) : 1;
}

static struct model_type *make_string(struct model *model)
{
    static const unsigned char codes[] = {FC_C_CSTRING, FC_C_WSTRING, FC_C_BSTRING, FC_C_SSTRING};
    struct model_type *type = new_type(model, STRING);
    unsigned kind = model_chance(model, 4);

    type->code = codes[kind];
    type->wide = element_size(model, kind);
    type->align = kind == 1 ? 2 : 1;
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
    static const unsigned char codes[] = {FC_CSTRING, FC_WSTRING, FC_BSTRING, FC_SSTRING};
    struct model_type *type = new_type(model, TEXT);
    unsigned kind = model_chance(model, 4);

    type->code = codes[kind];
    type->wide = element_size(model, kind);
    type->align = kind == 1 ? 2 : 1;
    type->wire_align = 4;
    type->count = 1 + model_chance(model, 9);
    type->size = type->count * type->wide;
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
    type->reach = inner->reach;
    return type;
}

static struct model_type *make_counted(struct model *model, struct model_type *inner)
{
    struct model_type *type = new_type(model, COUNTED);

    type->inner = inner;
    type->varying = model_chance(model, 3) == 0;
    type->align = inner->align;
    type->wire_align = inner->wire_align;
    type->reach = inner->reach;
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

static struct model_type *make_dimensions(struct model *model, enum kind kind, struct model_type *inner)
{
    struct model_type *type = new_type(model, kind);
    unsigned k;

    type->inner = inner;
    type->dimensions = 2 + model_chance(model, MAX_DIMENSION - 1);
    type->varying = kind == PLANE || model_chance(model, 2);
    type->align = inner->align;
    type->wire_align = kind == PLANE && inner->wire_align < 4 ? 4 : inner->wire_align;
    type->reach = inner->reach;
    type->size = kind == PLANE ? inner->size : 0;
    for (k = 0; k < type->dimensions; k++) {
        struct model_dimension *dimension = &type->dimension[k];

        dimension->count = 1 + model_chance(model, 3);
        dimension->size_code = integer_code(model);
        dimension->length_code = integer_code(model);
        type->size *= dimension->count;
    }
    return type;
}

/* ---- what goes as something else */

/* For TRANSMIT and USER: a type of a size that there are routines for, or NULL. */
static struct model_type *make_stranger(struct model *model, enum kind kind, struct model_type *inner)
{
    struct model_type *type;

    if (inner->reach & ~MAKES || model_routine_of(inner->size) < 0)
        return NULL;
    type = new_type(model, kind);
    type->code = kind == USER ? FC_STRUCT : model_chance(model, 2) ? FC_TRANSMIT_AS : FC_REPRESENT_AS;
    type->inner = inner;
    type->size = inner->size;
    type->align = inner->align;
    type->wire_align = inner->wire_align;
    type->reach = kind == TRANSMIT ? MAKES : 0;
    return type;
}

static struct model_type *make_user_text(struct model *model)
{
    struct model_type *type = new_type(model, USER);

    type->code = FC_C_CSTRING;
    type->size = USER_TEXT;
    type->align = 1;
    type->wire_align = 4;
    type->reach = LEADS;
    type->attributes = model_chance(model, 2) ? 0x80 : 0x40; /* the wire type is a unique pointer, or ref */
    return type;
}

static struct model_type *make_handle(struct model *model, enum kind kind)
{
    struct model_type *type = new_type(model, kind);

    type->size = type->align = sizeof(void *);
    type->wire_align = 4;
    type->reach = kind == INTERFACE ? LEADS | RENEWS : 0;
    return type;
}

static struct model_type *make_rare(struct model *model, unsigned deep)
{
    struct model_type *inner, *type = NULL;

    switch (model_chance(model, 5)) {
    case 0:
        return make_handle(model, INTERFACE);
    case 1:
        return make_user_text(model);
    case 2:
        inner = make_type(model, deep - 1);
        if (inner->block)
            type = make_stranger(model, USER, inner);
        break;
    default:
        inner = make_type(model, deep - 1);
        type = make_stranger(model, TRANSMIT, inner);
    }
    return type ? type : inner;
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
    type->reach |= member->reach;
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
        type->reach |= arm->reach;
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

static unsigned add_count(struct model *model, struct model_type *type, unsigned char code)
{
    add_member(type, make_code(model, code));
    return last_offset(type);
}

/* What tells of a GRID or PLANE. */
static void add_dimension_counts(struct model *model, struct model_type *type, struct model_type *array)
{
    unsigned k;

    for (k = 0; k < array->dimensions; k++) {
        struct model_dimension *dimension = &array->dimension[k];

        if (array->kind == GRID)
            dimension->size_at = add_count(model, type, dimension->size_code);
        if (array->varying)
            dimension->length_at = add_count(model, type, dimension->length_code);
    }
}

/* What tells of any other. */
static void add_counts(struct model *model, struct model_type *type, struct model_type *told)
{
    if (told->kind == UNION)
        told->size_at = add_count(model, type, told->code);
    else if (told->kind != VARYING)
        told->size_at = add_count(model, type, told->size_code);
    if (told->varying)
        told->length_at = add_count(model, type, told->length_code);
}

static void add_told(struct model *model, struct model_type *type, struct model_type *told)
{
    told->embedded = told->kind == UNION || told->kind == VARYING || told->kind == PLANE;
    told->late = model_chance(model, 4) == 0;
    if (!told->late)
        (told->dimensions ? add_dimension_counts : add_counts)(model, type, told);
    add_member(type, told->embedded ? told : make_pointer(model, told));
    if (told->embedded)
        told->own_at = last_offset(type);
    if (told->late)
        (told->dimensions ? add_dimension_counts : add_counts)(model, type, told);
}

/* A member that others tell about. */
static void add_correlated(struct model *model, struct model_type *type, unsigned deep)
{
    switch (model_chance(model, 7)) {
    case 0:
    case 1:
        add_told(model, type, make_union(model, deep, FALSE));
        break;
    case 2:
        add_told(model, type, make_varying(model, make_type(model, deep - 1)));
        break;
    case 3:
        add_told(model, type, make_sized(model));
        break;
    case 4:
        if (type->members < 3)
            add_told(model, type, make_dimensions(model, GRID, make_type(model, deep - 1)));
        break;
    case 5:
        if (type->members < 3)
            add_told(model, type, make_dimensions(model, PLANE, make_type(model, deep - 1)));
        break;
    default:
        add_told(model, type, make_counted(model, make_type(model, deep - 1)));
    }
}

static void add_tail(struct model *model, struct model_type *type, unsigned deep)
{
    struct model_type *tail;

    switch (model_chance(model, 6)) {
    case 0:
        tail = make_string(model);
        break;
    case 1:
        tail = make_sized(model);
        break;
    default:
        tail = make_counted(model, make_type(model, deep - 1));
    }
    if (tail->kind != STRING)
        add_counts(model, type, tail);
    tail->embedded = TRUE;
    type->tail = tail;
    type->reach |= tail->reach;
    if (tail->align > type->align)
        type->align = tail->align;
    if (tail->wire_align > type->wire_align)
        type->wire_align = tail->wire_align;
    if ((tail->kind != COUNTED || tail->varying) && type->wire_align < 4)
        type->wire_align = 4; /* of the counts before it */
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
    return !type->tail || !is_array_tail(type->tail) || type->tail->inner->block || type->tail->inner->layout;
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
    if (wire_size_of_block(type) != type->size ||
        (type->tail && is_array_tail(type->tail) && !type->tail->inner->block))
        type->block = FALSE;
    type->layout = !type->block && has_layout(type);
    return type;
}

/* A type of known size: what can be a member, an element, an arm or a referent. */
static struct model_type *make_type(struct model *model, unsigned deep)
{
    if (!deep)
        return make_base(model);
    switch (model_chance(model, 11)) {
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
    case 8:
    case 9:
        return make_rare(model, deep);
    default:
        return make_base(model);
    }
}

static void make_top(struct model *model, unsigned deep)
{
    unsigned form = model_chance(model, 24);

    model->form = form > 3 ? MODEL_STRUCT : form ? MODEL_BYTE_COUNT : MODEL_CONTEXT;
    model->top = model->form == MODEL_CONTEXT ? make_handle(model, CONTEXT)
                                              : make_struct(model, deep, model_chance(model, 3) == 0);
}

void model_begin(struct model *model, ULONGLONG seed, unsigned deep)
{
    memset(model, 0, sizeof(*model));
    model->seed = seed * 0x9e3779b97f4a7c15ull + 1;
    model->robust = model_chance(model, 2);
    model->used = 2;
    make_top(model, deep);
    model_write_format(model, model->top);
}

PFORMAT_STRING model_format(const struct model *model)
{
    return model->format + model->top->place;
}

BOOLEAN model_usable(const struct model *model)
{
    return model->used < sizeof(model->format);
}

BOOLEAN model_reuses(const struct model *model)
{
    return !(model->top->reach & (RENEWS | MAKES));
}

BOOLEAN model_holds(const struct model *model)
{
    return !(model->top->reach & RENEWS);
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

BOOLEAN model_takes_all_nodes(const struct model *model)
{
    const struct model_type *type;

    for (type = model->types; type; type = type->next)
        if (type->kind == POINTER && type->attributes & FC_ALLOCATE_ALL_NODES)
            return TRUE;
    return FALSE;
}
