/*
 * Inside of the model (model.h): what its types know of themselves. model.c makes them and writes their
 * format strings, model_value.c fills and compares values, model_encode.c writes octets.
 */
#ifndef NDR_MODEL_TYPE_H
#define NDR_MODEL_TYPE_H

#include "model.h"
#include <stdlib.h>
#include <string.h>

/*
 * GRID: conformant in each of its dimensions, behind a pointer; PLANE: varying in each, in place. TRANSMIT:
 * goes as another type (model_routine.c), as USER does, whose routines write the octets. INTERFACE: a pointer
 * to an object. CONTEXT: a handle, at the top alone.
 */
enum kind {
    BASE,
    RANGE,
    POINTER,
    STRUCT,
    FIXED,
    COUNTED,
    VARYING,
    GRID,
    PLANE,
    STRING,
    SIZED,
    TEXT,
    UNION,
    TRANSMIT,
    USER,
    INTERFACE,
    CONTEXT
};
enum { MAX_MEMBERS = 12, MAX_ARMS = 4, MAX_DIMENSION = 3 };
/* What a type leads to: memory of its own; objects, which an equal value renews; what a routine makes of
 * memory that does not stay. */
enum { LEADS = 1, RENEWS = 2, MAKES = 4 };

struct member {
    struct model_type *type;
    unsigned offset;
};

/* Where the structure says how large a dimension is and how much of it goes; PLANE: count elements. */
struct model_dimension {
    unsigned size_at, length_at, count;
    unsigned char size_code, length_code;
    unsigned place; /* of its format */
};

struct model_type {
    struct model_type *next;
    enum kind kind;
    unsigned char code;  /* BASE, RANGE, POINTER, STRING, SIZED, TEXT, TRANSMIT: format character; UNION: the
                            discriminant's;  USER: FC_STRUCT or, where its wire type is a pointer to a string,
                            FC_C_CSTRING */
    unsigned char reach; /* LEADS … */
    unsigned char attributes;             /* POINTER: FC_ALLOCATE_ALL_NODES */
    unsigned char size_code, length_code; /* of the counts at size_at and length_at */
    unsigned char size_operator;          /* of size_is */
    BOOLEAN block;                        /* octets are the memory image */
    BOOLEAN layout;                       /* STRUCT: but for its pointers, which a pointer layout tells */
    BOOLEAN in_layout;   /* COUNTED: its pointers are in the layout of the structure it ends */
    BOOLEAN varying;     /* COUNTED, GRID: with length_is */
    BOOLEAN late;        /* what tells of it comes after it */
    unsigned wide;       /* STRING, SIZED, TEXT: octets of an element */
    unsigned dimensions; /* GRID, PLANE */
    struct model_dimension dimension[MAX_DIMENSION];
    unsigned size, align; /* in memory */
    unsigned wire_align;
    struct model_type *inner; /* of a pointer or array */
    unsigned count;           /* FIXED, VARYING, TEXT: elements */
    LONG low, high;           /* RANGE */
    unsigned members;
    struct member member[MAX_MEMBERS];
    struct model_type *tail; /* STRUCT: the conformant array or string at its end */
    unsigned arms;           /* UNION: cases 1 to arms; anything else is the empty default */
    struct model_type *arm[MAX_ARMS];
    BOOLEAN encapsulated; /* UNION: the discriminant lies at its start */
    unsigned arm_at;      /* in it */
    /* Where, from the structure's start, the count, length or discriminant lies. */
    unsigned size_at, length_at;
    BOOLEAN embedded; /* this array or union is in the structure, at own_at */
    unsigned own_at;
    unsigned place; /* of its format */
};

ULONG model_chance(struct model *model, ULONG below);

/* A count, length or discriminant at a place in a structure: small, and never negative. */
static inline LONG field(const unsigned char *structure, unsigned at, unsigned char code)
{
    LONG value = 0;

    memcpy(&value, structure + at, ndr_base_memory(code));
    return value;
}

/* What size_is says. */
static inline LONG size_of(const struct model_type *type, const unsigned char *structure)
{
    LONG value = field(structure, type->size_at, type->size_code);

    switch (type->size_operator) {
    case FC_ADD_1:
        return value + 1;
    case FC_SUB_1:
        return value - 1;
    case FC_MULT_2:
        return value * 2;
    case FC_DIV_2:
        return value / 2;
    default:
        return value;
    }
}

/* What length_is says. */
static inline LONG length_of(const struct model_type *type, const unsigned char *structure)
{
    return field(structure, type->length_at, type->length_code);
}

/* Elements that come of a counted or varying array. */
static inline LONG elements_of(const struct model_type *type, const unsigned char *structure)
{
    return type->varying ? length_of(type, structure) : size_of(type, structure);
}

/* Of a union: its discriminant. structure: the one around it. */
static inline LONG discriminant_of(const struct model_type *type, const unsigned char *memory,
                                   const unsigned char *structure)
{
    return field(type->encapsulated ? memory : structure, type->size_at, type->code);
}

/* Of a GRID or PLANE: elements of a dimension, and how many of them go. */
static inline LONG dimension_size(const struct model_type *type, unsigned k, const unsigned char *structure)
{
    const struct model_dimension *dimension = &type->dimension[k];

    return type->kind == PLANE ? (LONG)dimension->count
                               : field(structure, dimension->size_at, dimension->size_code);
}

static inline LONG dimension_length(const struct model_type *type, unsigned k, const unsigned char *structure)
{
    const struct model_dimension *dimension = &type->dimension[k];

    return type->varying ? field(structure, dimension->length_at, dimension->length_code)
                         : dimension_size(type, k, structure);
}

/* Octets between one element of a dimension and the next. */
static inline size_t dimension_stride(const struct model_type *type, unsigned k,
                                      const unsigned char *structure)
{
    size_t stride = type->inner->size;
    unsigned i;

    for (i = type->dimensions - 1; i > k; i--)
        stride *= (size_t)dimension_size(type, i, structure);
    return stride;
}

/* Elements of a string, the terminator too; wide: octets of one. */
static inline size_t text_length(const unsigned char *memory, unsigned wide)
{
    size_t length = 0;
    unsigned i;

    for (;; length++) {
        for (i = 0; i < wide && !memory[length * wide + i]; i++)
            ;
        if (i == wide)
            return length + 1;
    }
}

/* Whether the conformance of a structure's tail is told by the structure. */
static inline BOOLEAN is_array_tail(const struct model_type *tail)
{
    return tail->kind == COUNTED;
}

/* ---- model_format.c */
void model_write_format(struct model *model, struct model_type *type);

/* ---- model_routine.c: the sizes of what TRANSMIT and USER may be made of, and routines for each; the
 * complement of what lies in memory is what goes. */
enum { MAX_ROUTINE_SIZE = 40, USER_TEXT = 16, USER_TEXT_ROUTINE = 9 /* their number */ };
int model_routine_of(unsigned size); /* its number, -1: none */
void model_complement(unsigned char *to, const unsigned char *from, size_t size);

#endif
