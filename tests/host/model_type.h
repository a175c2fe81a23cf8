/*
 * Inside of the model (model.h): what its types know of themselves. model.c makes them and writes their
 * format strings, model_value.c fills and compares values, model_encode.c writes octets.
 */
#ifndef NDR_MODEL_TYPE_H
#define NDR_MODEL_TYPE_H

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

ULONG model_chance(struct model *model, ULONG below);

/* The count, length or discriminant at a place in a structure. */
static inline LONG field(const unsigned char *structure, unsigned at)
{
    LONG value;

    memcpy(&value, structure + at, 4);
    return value;
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
