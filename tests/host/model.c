/*
 * See model.h. A type knows its C layout; writing its format string and walking its value are separate
 * functions, so that what the engine reads from one is checked against the other.
 */
#include "model.h"
#include <stdlib.h>
#include <string.h>

enum kind { BASE, POINTER, STRUCT, FIXED, COUNTED, STRING, TEXT, UNION };
enum { MAX_MEMBERS = 8, MAX_ARMS = 4 };

struct member {
    struct model_type *type;
    unsigned offset;
};

struct model_type {
    struct model_type *next;
    enum kind kind;
    unsigned char code;   /* BASE, POINTER, STRING, TEXT: format character */
    BOOLEAN block;        /* octets are the memory image */
    BOOLEAN layout;       /* STRUCT: but for its pointers, which a pointer layout tells */
    BOOLEAN in_layout;    /* COUNTED: its pointers are in the layout of the structure it ends */
    BOOLEAN varying;      /* COUNTED: with length_is */
    unsigned size, align; /* in memory */
    unsigned wire_align;
    struct model_type *inner; /* of a pointer or array */
    unsigned count;           /* FIXED, TEXT: elements */
    unsigned members;
    struct member member[MAX_MEMBERS];
    struct model_type *tail; /* STRUCT: the conformant array at its end */
    unsigned arms;           /* UNION: cases 1 to arms; anything else is the empty default */
    struct model_type *arm[MAX_ARMS];
    /* Where, from the structure's start, the count, length or discriminant lies. */
    unsigned size_at, length_at;
    unsigned own_at; /* where in the structure this array or union is */
    unsigned place;  /* of its format */
};

static ULONG chance(struct model *model, ULONG below)
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

    type->code = codes[chance(model, sizeof(codes))];
    type->size = ndr_base_memory(type->code);
    type->align = type->size;
    type->wire_align = ndr_base_wire(type->code);
    type->block = type->size == type->wire_align && type->code != FC_ENUM16;
    return type;
}

static struct model_type *make_long(struct model *model)
{
    struct model_type *type = new_type(model, BASE);

    type->code = FC_LONG;
    type->size = type->align = type->wire_align = 4;
    type->block = TRUE;
    return type;
}

static struct model_type *make_pointer(struct model *model, struct model_type *inner)
{
    static const unsigned char codes[] = {FC_UP, FC_UP, FC_RP, FC_FP};
    struct model_type *type = new_type(model, POINTER);

    type->code = codes[chance(model, 4)];
    type->size = type->align = sizeof(void *);
    type->wire_align = 4;
    type->inner = inner;
    return type;
}

static struct model_type *make_string(struct model *model)
{
    struct model_type *type = new_type(model, STRING);

    type->code = chance(model, 2) ? FC_C_CSTRING : FC_C_WSTRING;
    return type;
}

static struct model_type *make_text(struct model *model)
{
    struct model_type *type = new_type(model, TEXT);

    type->code = chance(model, 2) ? FC_CSTRING : FC_WSTRING;
    type->align = type->code == FC_WSTRING ? 2 : 1;
    type->wire_align = 4;
    type->count = 1 + chance(model, 9);
    type->size = type->count * type->align;
    return type;
}

static struct model_type *make_fixed(struct model *model, struct model_type *inner)
{
    struct model_type *type = new_type(model, FIXED);

    type->inner = inner;
    type->count = 1 + chance(model, 4);
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
    type->varying = chance(model, 3) == 0;
    type->align = inner->align;
    type->wire_align = inner->wire_align;
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

static struct model_type *make_union(struct model *model, unsigned deep)
{
    struct model_type *type = new_type(model, UNION);
    unsigned i;

    type->arms = 1 + chance(model, MAX_ARMS);
    type->align = type->size = 1;
    for (i = 0; i < type->arms; i++) {
        struct model_type *arm = make_type(model, deep - 1);

        type->arm[i] = arm;
        if (arm->size > type->size)
            type->size = arm->size;
        if (arm->align > type->align)
            type->align = arm->align;
    }
    type->size = up(type->size, type->align);
    type->wire_align = 4; /* the discriminant's */
    return type;
}

/* A member that another one tells about, after that one. */
static void add_correlated(struct model *model, struct model_type *type, unsigned deep)
{
    struct model_type *member;

    add_member(type, make_long(model));
    if (chance(model, 2)) {
        member = make_union(model, deep);
        member->size_at = last_offset(type);
        add_member(type, member);
        member->own_at = last_offset(type);
        return;
    }
    member = make_counted(model, make_type(model, deep - 1));
    member->size_at = last_offset(type);
    if (member->varying) {
        add_member(type, make_long(model));
        member->length_at = last_offset(type);
    }
    add_member(type, make_pointer(model, member));
}

static void add_tail(struct model *model, struct model_type *type, unsigned deep)
{
    struct model_type *tail = make_counted(model, make_type(model, deep - 1));

    tail->varying = FALSE;
    add_member(type, make_long(model));
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
    unsigned wanted = 1 + chance(model, 4), i;

    type->align = type->wire_align = 1;
    while (type->members < wanted) {
        if (deep > 1 && type->members < 4 && chance(model, 4) == 0)
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
    switch (chance(model, 7)) {
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

static void write_fixed(struct model *model, struct model_type *type)
{
    BOOLEAN block = type->block || type->inner->layout;

    type->place = model->used;
    put(model, block ? FC_SMFARRAY : FC_BOGUS_ARRAY);
    put(model, type->wire_align - 1);
    put_short(model, (int)(block ? type->size : type->count));
    if (!block) {
        put_long(model, -1);
        put_long(model, -1);
    }
    put_array_layout(model, type, type->count);
    put_array_element(model, type->inner);
}

/* own_at: in the structure, of the array at its end; 0: the array is behind a pointer. */
static void put_descriptor(struct model *model, const struct model_type *type, unsigned at)
{
    put(model, (type->own_at ? 0 : 0x10) | FC_LONG);
    put(model, 0);
    put_short(model, (int)at - (int)type->own_at);
}

static void write_counted(struct model *model, struct model_type *type)
{
    BOOLEAN block = type->inner->block || type->inner->layout;

    type->place = model->used;
    put(model, !block ? FC_BOGUS_ARRAY : type->varying ? FC_CVARRAY : FC_CARRAY);
    put(model, type->wire_align - 1);
    put_short(model, block ? (int)type->inner->size : 0);
    put_descriptor(model, type, type->size_at);
    if (type->varying)
        put_descriptor(model, type, type->length_at);
    else if (!block)
        put_long(model, -1);
    if (!type->own_at || !type->in_layout)
        put_array_layout(model, type, 0);
    put_array_element(model, type->inner);
}

static void write_union(struct model *model, struct model_type *type)
{
    unsigned i;

    type->place = model->used;
    put(model, FC_NON_ENCAPSULATED_UNION);
    put(model, FC_LONG);
    put_descriptor(model, type, type->size_at);
    put_short(model, 2);
    put_short(model, (int)type->size);
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
    (void)chance(model, 2);
    model->used = 2;
    model->top = make_struct(model, deep, chance(model, 3) == 0);
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

/* ---- values */

static unsigned char *new_memory(struct model *model, size_t size)
{
    void **block = calloc(1, 16 + size);

    *block = model->values;
    model->values = block;
    return (unsigned char *)block + 16;
}

static LONG field(const unsigned char *structure, unsigned at)
{
    LONG value;

    memcpy(&value, structure + at, 4);
    return value;
}

static void fill(struct model *model, const struct model_type *type, unsigned char *memory,
                 const unsigned char *structure);

static void fill_base(struct model *model, const struct model_type *type, unsigned char *memory)
{
    LONG_PTR wide = (LONG)chance(model, 0xffffffff);
    unsigned i;

    for (i = 0; i < type->size; i++)
        memory[i] = (unsigned char)chance(model, 256);
    if (type->code == FC_ENUM16) {
        wide = chance(model, 0x8000);
        memcpy(memory, &wide, 4);
    } else if (type->code == FC_INT3264) {
        memcpy(memory, &wide, sizeof(wide));
    }
}

static void fill_text(struct model *model, unsigned char code, unsigned char *memory, unsigned room)
{
    unsigned wide = code == FC_WSTRING || code == FC_C_WSTRING ? 2 : 1, length = chance(model, room), i;

    for (i = 0; i < length * wide; i++)
        memory[i] = (unsigned char)(1 + chance(model, 255));
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
            set_long(memory, member->size_at, (LONG)chance(model, member->arms + 2));
        if (member->kind != POINTER || member->inner->kind != COUNTED)
            continue;
        set_long(memory, member->inner->size_at, (LONG)chance(model, 5));
        if (member->inner->varying)
            set_long(memory, member->inner->length_at,
                     (LONG)chance(model, 1 + (ULONG)field(memory, member->inner->size_at)));
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
        if (type->code == FC_RP || chance(model, 4))
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
    LONG count = type->tail ? (LONG)chance(model, 5) : 0;
    unsigned char *memory =
        new_memory(model, type->size + (type->tail ? (size_t)count * type->tail->inner->size : 0));

    if (type->tail)
        set_long(memory, type->tail->size_at, count);
    fill_struct(model, type, memory);
    return memory;
}

/* ---- octets */

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

static size_t text_length(const unsigned char *memory, unsigned wide)
{
    size_t length = 0;

    while (memory[length * wide] || (wide == 2 && memory[length * wide + 1]))
        length++;
    return length + 1;
}

static void encode_text(struct encoder *encoder, unsigned char code, const unsigned char *memory)
{
    unsigned wide = code == FC_WSTRING || code == FC_C_WSTRING ? 2 : 1;
    size_t count = text_length(memory, wide), i;

    if (code == FC_C_CSTRING || code == FC_C_WSTRING)
        encode_long(encoder, (ULONG)count);
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
        encode_elements(encoder, type->tail->inner, memory + type->size,
                        (ULONG)field(memory, type->tail->size_at), memory);
}

static void encode_flat(struct encoder *encoder, const struct model_type *type, const unsigned char *memory,
                        const unsigned char *structure)
{
    unsigned i;
    LONG wire;

    switch (type->kind) {
    case BASE:
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
        encode_text(encoder, type->code, memory);
        break;
    case UNION:
        wire = field(structure, type->size_at);
        encode_long(encoder, (ULONG)wire);
        i = (unsigned)wire;
        if (i && i <= type->arms)
            encode_flat(encoder, type->arm[i - 1], memory, structure);
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
    if (type->kind == STRING) {
        encode_text(encoder, type->code, deferred->memory);
    } else if (type->kind == COUNTED) {
        count = (ULONG)field(deferred->structure, type->size_at);
        encode_long(encoder, count);
        if (type->varying) {
            count = (ULONG)field(deferred->structure, type->length_at);
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
        encode_long(encoder, (ULONG)field(value, model->top->tail->size_at));
    encode_struct(encoder, model->top, value);
    encode_deferred(encoder, 0);
    size = encoder->full ? 0 : encoder->used;
    free(encoder);
    return size;
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
