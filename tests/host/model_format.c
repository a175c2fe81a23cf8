/*
 * Format strings of the model's types, as MIDL would write them. See model.h.
 */
#include "model_type.h"

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
    if (inner->kind == BASE || (inner->kind == STRING && inner->code != FC_C_SSTRING)) {
        put(model, type->attributes | FC_SIMPLE_POINTER);
        put(model, inner->code);
        put(model, FC_PAD);
        return;
    }
    put(model,
        type->attributes | (inner->kind == POINTER || inner->kind == INTERFACE ? FC_POINTER_DEREF : 0));
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

/* Of what a structure that is copied has at its end. */
static BOOLEAN varies(const struct model_type *tail)
{
    return !is_array_tail(tail) || tail->varying;
}

static void write_layout_struct(struct model *model, struct model_type *type)
{
    put(model, !type->tail ? FC_PSTRUCT : varies(type->tail) ? FC_CVSTRUCT : FC_CPSTRUCT);
    put(model, type->wire_align - 1);
    put_short(model, (int)type->size);
    if (type->tail)
        put_offset(model, type->tail->place);
    put(model, FC_PP);
    put(model, FC_PAD);
    put_instances(model, type, 0, TRUE);
    if (type->tail && is_array_tail(type->tail) && type->tail->inner->layout)
        put_repeat(model, type->tail, type->size, 0);
    put(model, FC_END);
    put_members(model, type);
}

/* The pointer that the top is behind; its description follows. */
static void put_byte_count(struct model *model, struct model_type *type)
{
    type->place = model->used;
    put(model, FC_BYTE_COUNT_POINTER);
    put(model, FC_PAD);
    put(model, 0x20 | FC_LONG);
    put(model, 0);
    put_short(model, 4 * sizeof(*model->stack));
    if (model->robust)
        put_short(model, 0);
}

/* What MIDL makes a hard structure of: but for one enum16 its octets are its memory; it leads nowhere. */
static BOOLEAN is_hard(const struct model_type *type)
{
    unsigned i, enums = 0, at = 0;

    for (i = 0; i < type->members; i++) {
        const struct model_type *member = type->member[i].type;

        enums += member->kind == BASE && member->code == FC_ENUM16;
        if (!member->block || type->member[i].offset != at)
            return FALSE;
        at += member->size;
    }
    return enums == 1 && !type->tail;
}

static void write_hard(struct model *model, struct model_type *type)
{
    unsigned i = 0;

    while (type->member[i].type->code != FC_ENUM16 || type->member[i].type->kind != BASE)
        i++;
    put(model, FC_HARD_STRUCT);
    put(model, type->wire_align - 1);
    put_short(model, (int)type->size);
    put_long(model, 0);
    put_short(model, (int)type->member[i].offset);
    put_short(model, (int)type->size - 2);
    put_short(model, 2);
    put_short(model, -1);
    put_members(model, type);
}

static void write_struct(struct model *model, struct model_type *type)
{
    unsigned pointers, i;

    if (type->tail) {
        type->tail->own_at = type->size;
        type->tail->in_layout = type->layout;
        model_write_format(model, type->tail);
    }
    if (type == model->top && model->form == MODEL_BYTE_COUNT)
        put_byte_count(model, type);
    else
        type->place = model->used;
    if (type->block) {
        put(model, !type->tail ? FC_STRUCT : varies(type->tail) ? FC_CVSTRUCT : FC_CSTRUCT);
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
    if (is_hard(type)) {
        write_hard(model, type);
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

    put(model, (type->embedded ? 0 : 0x10) | code);
    put(model, operator);
    put_short(model, (int)at - (type->embedded ? (int)type->own_at : 0));
    if (model->robust)
        put_short(model, type->late ? 0 : EARLY);
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
    if (!type->in_layout)
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

/* A dimension with what it is an array of; innermost ones may be blocks. */
static void write_dimension(struct model *model, struct model_type *type, unsigned k)
{
    struct model_dimension *dimension = &type->dimension[k];
    BOOLEAN last = k + 1 == type->dimensions, block = last && type->inner->block;

    if (!last)
        write_dimension(model, type, k + 1);
    dimension->place = model->used;
    put(model, !block                ? FC_BOGUS_ARRAY
               : type->kind == PLANE ? FC_SMVARRAY
               : type->varying       ? FC_CVARRAY
                                     : FC_CARRAY);
    put(model, type->inner->wire_align - 1);
    if (block && type->kind == PLANE)
        put_short(model, (int)(dimension->count * type->inner->size));
    put_short(model, type->kind == PLANE ? (int)dimension->count : block ? (int)type->inner->size : 0);
    if (block && type->kind == PLANE)
        put_short(model, (int)type->inner->size);
    if (type->kind == GRID)
        put_descriptor(model, type, dimension->size_at, dimension->size_code, 0);
    else if (!block)
        put_no_descriptor(model);
    if (type->varying)
        put_descriptor(model, type, dimension->length_at, dimension->length_code, 0);
    else if (!block)
        put_no_descriptor(model);
    if (last) {
        put_array_element(model, type->inner);
        return;
    }
    put(model, FC_EMBEDDED_COMPLEX);
    put(model, 0);
    put_offset(model, type->dimension[k + 1].place);
    put(model, FC_END);
}

static void write_dimensions(struct model *model, struct model_type *type)
{
    write_dimension(model, type, 0);
    type->place = type->dimension[0].place;
}

static void write_string(struct model *model, struct model_type *type)
{
    BOOLEAN structures = type->code == FC_C_SSTRING || type->code == FC_SSTRING;

    type->place = model->used;
    put(model, type->code);
    if (structures)
        put(model, type->wide);
    if (type->kind == SIZED || !structures || type->kind == STRING)
        put(model, type->kind == SIZED ? FC_STRING_SIZED : FC_PAD);
    if (structures && type->kind != TEXT)
        put(model, FC_PAD);
    if (type->kind == SIZED)
        put_size(model, type);
    else if (type->kind == TEXT)
        put_short(model, (int)type->count);
}

/* USER: its wire type, which conversion goes by. TRANSMIT: that is the inner type. */
static void write_stranger(struct model *model, struct model_type *type)
{
    unsigned wire = type->inner ? type->inner->place : model->used;

    if (!type->inner) {
        put(model, type->attributes & 0x80 ? FC_UP : FC_RP);
        put(model, FC_SIMPLE_POINTER);
        put(model, FC_C_CSTRING);
        put(model, FC_PAD);
    }
    type->place = model->used;
    put(model, type->kind == USER ? FC_USER_MARSHAL : type->code);
    put(model, type->attributes | (type->wire_align - 1));
    put_short(model, type->inner ? model_routine_of(type->size) : USER_TEXT_ROUTINE);
    put_short(model, (int)type->size);
    put_short(model, type->inner && type->inner->block ? (int)type->size : 0);
    put_offset(model, wire);
}

static void write_interface(struct model *model, struct model_type *type)
{
    unsigned i;

    type->place = model->used;
    put(model, FC_IP);
    put(model, FC_CONSTANT_IID);
    for (i = 0; i < sizeof(GUID); i++)
        put(model, i);
}

/* For a parameter that goes in, one that goes both ways, one that comes out. */
static const unsigned char context_flags[] = {0x40, 0xe0, 0xa0};

static void write_context(struct model *model, struct model_type *type)
{
    unsigned i;

    type->place = model->used;
    for (i = 0; i < sizeof(context_flags); i++) {
        put(model, FC_BIND_CONTEXT);
        put(model, context_flags[i]);
        put(model, 0);
        put(model, 0);
    }
}

unsigned model_context_place(const struct model *model, unsigned char flags)
{
    unsigned i = 0;

    while (context_flags[i] != flags)
        i++;
    return model->top->place + 4 * i;
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
void model_write_format(struct model *model, struct model_type *type)
{
    unsigned i;

    if (type->place)
        return;
    if (type->inner)
        model_write_format(model, type->inner);
    for (i = 0; i < type->members; i++)
        model_write_format(model, type->member[i].type);
    for (i = 0; i < type->arms; i++)
        model_write_format(model, type->arm[i]);
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
    case STRING:
    case TEXT:
        write_string(model, type);
        break;
    case GRID:
    case PLANE:
        write_dimensions(model, type);
        break;
    case TRANSMIT:
    case USER:
        write_stranger(model, type);
        break;
    case INTERFACE:
        write_interface(model, type);
        break;
    case CONTEXT:
        write_context(model, type);
        break;
    case RANGE:
        write_range(model, type);
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
