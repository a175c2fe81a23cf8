/*
 * Random NDR types with random values: the format string that MIDL would write for each, the value in memory,
 * and its octets by an encoder of its own that follows C706 chapter 14 and shares nothing with the engine.
 */
#ifndef NDR_MODEL_H
#define NDR_MODEL_H

#include "ndr_case.h"

struct model_type;

/* How the type at the top is passed. */
enum model_form { MODEL_STRUCT, MODEL_BYTE_COUNT, MODEL_CONTEXT };

struct model {
    ULONGLONG seed;
    enum model_form form;
    ULONGLONG
    stack[5]; /* of a stub; the last is what MODEL_BYTE_COUNT has for octets of the caller's block */
    unsigned char format[16384];
    unsigned used;  /* octets of format */
    BOOLEAN robust; /* new correlation descriptors: stubs have fHasNewCorrDesc */
    struct model_type *top;
    struct model_type *types; /* all of them */
    void *values;             /* all memory of values */
};

/* A type and its format; deep: how many levels below it at most. */
void model_begin(struct model *model, ULONGLONG seed, unsigned deep);
void model_end(struct model *model);
PFORMAT_STRING model_format(const struct model *model);
/* Whether the format was written whole. */
BOOLEAN model_usable(const struct model *model);
/* A stub of this model's formats and routines; stub_begin and the tables of full pointers, which
 * model_stub_end frees. */
void model_stub(struct model *model, struct stub *stub, BOOLEAN client);
void model_stub_end(struct stub *stub);
/* The routines alone: those of transmit_as, represent_as and user_marshal numbered MODEL_OF_LONG have the
 * complement of four octets go. */
enum { MODEL_OF_LONG = 2 };
void model_routines(MIDL_STUB_DESC *desc);
/* Values that those routines have made of octets and none of them has freed. */
extern long model_made;
/* Whether part of a value comes in one block, allocate(all_nodes): freeing that calls none of them. */
BOOLEAN model_takes_all_nodes(const struct model *model);
/* Whether an equal value is taken into the caller's memory without anything new. */
BOOLEAN model_reuses(const struct model *model);
/* MODEL_CONTEXT: where the format stands that has those of the flags that tell of direction. */
unsigned model_context_place(const struct model *model, unsigned char flags);
/* Whether a block of the caller's can hold all of a value. */
BOOLEAN model_holds(const struct model *model);
/* A value; belongs to the model. */
unsigned char *model_value(struct model *model);
/* Its octets, in the byte order asked for. Gives how many; 0: they did not fit. */
size_t model_encode(struct model *model, const unsigned char *value, BOOLEAN big_endian,
                    unsigned char *octets, size_t room);
/* The same of several, one after the other, in one message. */
size_t model_encode_several(struct model *model, const unsigned char *const *values, unsigned count,
                            BOOLEAN big_endian, unsigned char *octets, size_t room);
/* To memory with room for the value; what it leads to is shared. */
void model_copy(const struct model *model, unsigned char *to, const unsigned char *from);
BOOLEAN model_equal(const struct model *model, const unsigned char *a, const unsigned char *b);

#endif
