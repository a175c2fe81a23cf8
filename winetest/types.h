/*
 * Values of test_types: one function a type both makes a value and checks one, by the same numbers. Made
 * values take their memory from midl_user_allocate; whoever made or got one frees it with the process.
 */
#ifndef RPCRT4_WINETEST_TYPES_H
#define RPCRT4_WINETEST_TYPES_H

#include "fixture.h"
#include "test_types.h"

struct visit {
    ULONG state;
    BOOL making;
    LONG wrong; /* checking: values that are not what was expected */
};

static inline struct visit making(LONG seed)
{
    return (struct visit){.state = (ULONG)seed, .making = TRUE};
}
static inline struct visit checking(LONG seed)
{
    return (struct visit){.state = (ULONG)seed};
}

/* An integer of size octets that may be anything; one from low to high. */
void visit_bits(struct visit *visit, void *at, size_t size);
LONG visit_number(struct visit *visit, void *at, size_t size, LONG low, LONG high);
void visit_real(struct visit *visit, double *at);

#define TYPES_OF_STRUCTURES(X)                                                                               \
    X(simple)                                                                                                \
    X(gaps)                                                                                                  \
    X(complex)                                                                                               \
    X(nested)                                                                                                \
    X(pointers)                                                                                              \
    X(list)                                                                                                  \
    X(tree)                                                                                                  \
    X(fixed)                                                                                                 \
    X(sized)                                                                                                 \
    X(counted)                                                                                               \
    X(blob)                                                                                                  \
    X(strings)                                                                                               \
    X(octets)                                                                                                \
    X(refs)                                                                                                  \
    X(enum_array)                                                                                            \
    X(int3264)                                                                                               \
    X(fixed_texts)                                                                                           \
    X(of_long) X(of_enum) X(of_short) X(of_char) X(capsule) X(unions) X(shown) X(seen) X(ranges)
/* These end in arrays, so that they are made where they are: *at. */
#define TYPES_WITH_TAILS(X) X(tail) X(pointer_tail) X(varying_tail) X(around)

#define DECLARE_VISIT(name) void visit_##name(struct visit *visit, t_##name *at);
TYPES_OF_STRUCTURES(DECLARE_VISIT)
#undef DECLARE_VISIT
#define DECLARE_VISIT(name) void visit_##name(struct visit *visit, t_##name **at);
TYPES_WITH_TAILS(DECLARE_VISIT)
#undef DECLARE_VISIT

void visit_longs(struct visit *visit, LONG *at, LONG count);
void visit_shorts(struct visit *visit, short *at, LONG count);
void visit_text(struct visit *visit, unsigned char *at, LONG room);
void visit_wide(struct visit *visit, wchar_t *at, LONG room);
/* A text behind a pointer. */
void visit_new_wide(struct visit *visit, wchar_t **at);
/* k: the discriminant. */
void visit_by_long(struct visit *visit, LONG k, t_by_long *at);

#endif
