/*
 * Random NDR types with random values: the format string that MIDL would write for each, the value in memory,
 * and its octets by an encoder of its own that follows C706 chapter 14 and shares nothing with the engine.
 */
#ifndef NDR_MODEL_H
#define NDR_MODEL_H

#include "ndr_case.h"

struct model_type;

struct model {
    ULONGLONG seed;
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
/* A value; belongs to the model. */
unsigned char *model_value(struct model *model);
/* Its octets, in the byte order asked for. Gives how many; 0: they did not fit. */
size_t model_encode(struct model *model, const unsigned char *value, BOOLEAN big_endian,
                    unsigned char *octets, size_t room);
BOOLEAN model_equal(const struct model *model, const unsigned char *a, const unsigned char *b);

#endif
