/*
 * Inside of the model (model.h): what its types know of themselves. model.c makes them and writes their
 * format strings, model_value.c fills and compares values, model_encode.c writes octets.
 */
#ifndef NDR_MODEL_TYPE_H
#define NDR_MODEL_TYPE_H

#include "model.h"
#include <stdlib.h>
#include <string.h>

enum kind { BASE, RANGE, POINTER, STRUCT, FIXED, COUNTED, VARYING, STRING, SIZED, TEXT, UNION };
enum { MAX_MEMBERS = 8, MAX_ARMS = 4 };

struct member {
    struct model_type *type;
    unsigned offset;
};

struct model_type {
    struct model_type *next;
    enum kind kind;
    unsigned char
        code; /* BASE, RANGE, POINTER, STRING, SIZED, TEXT: format character; UNION: the discriminant's */
    unsigned char size_code, length_code; /* of the counts at size_at and length_at */
    unsigned char size_operator;          /* of size_is */
    BOOLEAN block;                        /* octets are the memory image */
    BOOLEAN layout;                       /* STRUCT: but for its pointers, which a pointer layout tells */
    BOOLEAN in_layout;    /* COUNTED: its pointers are in the layout of the structure it ends */
    BOOLEAN varying;      /* COUNTED: with length_is */
    unsigned size, align; /* in memory */
    unsigned wire_align;
    struct model_type *inner; /* of a pointer or array */
    unsigned count;           /* FIXED, VARYING, TEXT: elements */
    LONG low, high;           /* RANGE */
    unsigned members;
    struct member member[MAX_MEMBERS];
    struct model_type *tail; /* STRUCT: the conformant array at its end */
    unsigned arms;           /* UNION: cases 1 to arms; anything else is the empty default */
    struct model_type *arm[MAX_ARMS];
    BOOLEAN encapsulated; /* UNION: the discriminant lies at its start */
    unsigned arm_at;      /* in it */
    /* Where, from the structure's start, the count, length or discriminant lies. */
    unsigned size_at, length_at;
    unsigned own_at; /* where in the structure this array or union is */
    unsigned place;  /* of its format */
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

/* Characters of a string, the terminator too; wide: octets of one. */
static inline size_t text_length(const unsigned char *memory, unsigned wide)
{
    size_t length = 0;

    while (memory[length * wide] || (wide == 2 && memory[length * wide + 1]))
        length++;
    return length + 1;
}

#endif
