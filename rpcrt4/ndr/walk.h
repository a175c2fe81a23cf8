/*
 * How the types half of the NDR engine goes over a type: two walks, each with several purposes.
 *
 * Outward, over memory: MEASURE, MARSHAL, FREE. Inward, over octets: UNMARSHAL, SKIM (what would it take in
 * memory), CONVERT (bring it to the local data representation). A construction's flat part is walked by
 * ordinary calls, whose depth the format string bounds. Referents come after it, depth first
 * (C706 14.3.12.3): pointers met in the flat part go on a stack of pointees in the order that makes the first
 * one come out first, so that neither a long list nor a hostile one costs C stack. A walk and all it points
 * to belong to one thread for the time of one call.
 */
#ifndef RPCRT4_NDR_WALK_H
#define RPCRT4_NDR_WALK_H

#include "ndr.h"
#include <string.h>

enum purpose { MEASURE, MARSHAL, FREE, UNMARSHAL, SKIM, CONVERT };

enum pointee_kind {
    POINTEE,
    POINTEE_STRING, /* plain, and to be marshalled, measured or unmarshalled */
    POINTEE_BLOCK,
    POINTEE_CHECK,
    POINTEE_SHAPE,
    POINTEE_USER_MARSHAL,
    POINTEE_INTERFACE,
    POINTEE_BYTE_COUNT
};

struct pointee {
    unsigned char
        *at; /* outward: the pointer's value; inward: where the pointer lies (NULL: SKIM, CONVERT) */
    PFORMAT_STRING format; /* of the pointer */
    unsigned char
        *base;       /* the structure that holds the pointer, for correlation; POINTEE_SHAPE: the octets */
    ULONG reference; /* inward: the referent identifier; POINTEE_SHAPE: structures */
    unsigned char kind;
    BOOLEAN fresh; /* inward: what lies at `at` is no pointer of the caller's */
};

/* Maximum, first and number of elements of one dimension of the array at hand. */
struct dimension {
    ULONG max, offset, actual;
};

enum {
    MAX_DIMENSIONS = 32,
    MAX_SHAPE_STEPS = 24,
    SHAPES = 3,
    CHOICES = 1,
    MAX_ARMS = 12,
    INLINE_POINTEES = 12,
    INLINE_SEGMENTS = 8,
    MAX_NESTING = 64
};

/* Plans: what a format string says of a structure or union, worked out once for a walk (shape.c). */
struct shape;
struct choice;

struct shape_step {
    unsigned char code; /* FC_ZERO: copy size octets; FC_POINTER; FC_ENUM16; FC_UINT3264 … */
    unsigned char gap;  /* filler octets before it on the wire */
    BOOLEAN string;     /* FC_POINTER: to a plain string */
    BOOLEAN numbered;   /* FC_POINTER: unique or ref, so its identifier needs no table */
    unsigned short wire, memory;
    unsigned short size;         /* on the wire; a listed member's, 0 where it is not the same in memory */
    unsigned short base;         /* FC_POINTER: the (sub)structure whose member it is */
    PFORMAT_STRING format;       /* FC_POINTER: of the pointer; FC_RANGE; a listed member's type */
    PFORMAT_STRING structure;    /* FC_POINTER with no attributes to a complex structure: that */
    struct shape *referent;      /* the structure's shape, once it was asked for */
    const struct choice *choice; /* a listed union's */
};
struct shape {
    PFORMAT_STRING format;
    unsigned count, pointers;
    ULONG memory_size, wire_size, align;
    BOOLEAN usable; /* every member has its place on the wire too */
    BOOLEAN
    listed; /* not usable, but the steps are the members: code and format of each, and where in memory */
    BOOLEAN
    deferrable;    /* all pointers are ref or unique: those of an array can be left to one POINTEE_SHAPE */
    BOOLEAN plain; /* and all lead to plain strings */
    BOOLEAN independent; /* no referent's size is told by the structure: it may be freed before them */
    struct shape_step step[MAX_SHAPE_STEPS];
};

/* ARM_STRING: a unique or ref pointer to a plain string. */
enum arm_kind { ARM_EMPTY, ARM_INVALID, ARM_BLOCK, ARM_STRING, ARM_POINTER, ARM_SHAPE, ARM_OTHER };

struct arm {
    ULONG value;
    unsigned char kind, align; /* on the wire */
    unsigned short size;       /* on the wire: ARM_BLOCK, ARM_STRING, ARM_POINTER */
    PFORMAT_STRING format;
    const struct shape *shape;
};
/* A union whose discriminant is a member of the structure around it, or lies before it (encapsulated). */
struct choice {
    PFORMAT_STRING format;
    unsigned char code, size; /* of the discriminant, and its octets on the wire */
    BOOLEAN encapsulated;
    BOOLEAN dense;    /* the arms' values follow each other */
    BOOLEAN compared; /* inward: the member came before the union and has to agree */
    LONG offset;      /* of the discriminant in memory, from the union */
    ULONG arm_offset; /* of the arms in memory */
    unsigned count;
    struct arm other; /* the default */
    struct arm arm[MAX_ARMS];
};

/* A page of plans; they stay where they are as long as the walk lasts. */
struct plans {
    struct plans *next;
    unsigned shapes, choices;
    struct shape shape[SHAPES];
    struct choice choice[CHOICES];
};

/* Pointees that one flat part pushed: those from next on are still to be handled. */
struct segment {
    size_t start, next;
};

struct allocation {
    unsigned char *block;
    unsigned char
        *pointer; /* where its address went, or NULL; log_strings and log_value have entries of their own */
};

/* A page of the log of what was allocated; room for the entries lies behind it. */
struct log_page {
    struct log_page *older;
    unsigned used, capacity;
    struct allocation entry[];
};

struct walk {
    PMIDL_STUB_MESSAGE msg;
    enum purpose purpose;
    unsigned char *limit;       /* end of the octets that may be written or read */
    BOOLEAN fresh;              /* inward: the memory being filled holds nothing of the caller's */
    BOOLEAN in_place;           /* inward: the buffer may serve as the value's memory */
    BOOLEAN array_done;         /* an embedded conformant structure dealt with the conformant array */
    BOOLEAN flat_only;          /* CONVERT: inside a block whose own layout tells all its pointers */
    BOOLEAN embedded;           /* a conformant bogus structure inside another leaves the array to that */
    ULONG swap;                 /* CONVERT: the sender's data representation */
    BOOLEAN quiet;              /* nothing to be given back should it raise */
    unsigned char *result;      /* UNMARSHAL: where the value's address goes */
    unsigned char *before;      /* what lay there, and will again should the walk fail */
    unsigned char *array_start; /* of the octets of the last array's elements */
    struct dimension dimension[MAX_DIMENSIONS];
    unsigned dimensions;

    struct pointee *pointee;
    size_t pointees, pointee_capacity;
    struct segment *segment;
    size_t segments, segment_capacity;
    struct log_page *log; /* the youngest page */
    struct pointee inline_pointee[INLINE_POINTEES];
    struct segment inline_segment[INLINE_SEGMENTS];
    struct plans plans;
};

/* ---- walk.c */
void grow_pointees(struct walk *walk);
static inline void walk_push(struct walk *walk, unsigned char *at, PFORMAT_STRING format, ULONG reference,
                             enum pointee_kind kind)
{
    struct pointee *entry;

    if (walk->pointees == walk->pointee_capacity)
        grow_pointees(walk);
    entry = &walk->pointee[walk->pointees++];
    entry->at = at;
    entry->format = format;
    entry->base = walk->msg->Memory;
    entry->reference = reference;
    entry->kind = kind;
    entry->fresh = walk->fresh;
}
/* New memory from the stub's allocator, its address kept at pointer (may be NULL); raises when there is none.
 * What a walk allocated goes back when the walk ends by an exception, and *pointer becomes NULL. */
unsigned char *walk_alloc(struct walk *walk, unsigned char **pointer, ULONG size);
/* Tells the walk that the pointers of an array of structures, NULL as yet, will lead to blocks that
 * walk_alloc knows nothing of: drop_strings is called should the walk fail. */
void log_strings(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count);
/* Remembers that memory now holds what ndr_free has to be told of by its format, should the walk fail: a
 * value that a routine of the stub's made, an interface pointer. Raises RPC_S_OUT_OF_MEMORY when it cannot,
 * with the value freed. */
void log_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);

/* Clears the pointer at `at`, whose referent the caller has no more: nor will he should the walk fail. */
static inline void clear_freed(struct walk *walk, unsigned char *at)
{
    memset(at, 0, sizeof(void *));
    if (at == walk->result)
        walk->before = NULL;
}

/* Runs body(walk, argument) and what it pushed with all memory taken from block: allocate(all_nodes),
 * [byte_count]. */
void walk_all_nodes(struct walk *walk, unsigned char *block, ULONG size,
                    void (*body)(struct walk *walk, void *argument), void *argument);
/* Memory for the type at the buffer position with all its referents; the position stays. */
ULONG walk_skim(struct walk *walk, PFORMAT_STRING format);
/* Handles the pointees that were pushed since there were `from` of them. */
void walk_pointees(struct walk *walk, size_t from);

/* ---- type.c: by the format character */
void out_whole(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void out_flat(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_whole(struct walk *walk, unsigned char **memory, PFORMAT_STRING format, BOOLEAN must_alloc);
/* Converts or skims a value inside another one that brings its own conformance: what is sent for a member
 * whose type in memory is another one. */
void in_apart(struct walk *walk, PFORMAT_STRING format);
void in_flat(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
/* What at least one value takes on the wire, never 0: how many can be in the rest of a buffer. */
ULONG least_wire_size(const struct walk *walk, PFORMAT_STRING format);
/* Memory of a value embedded in something; unlike ndr_static_memory_size it knows this stub's descriptors. */
ULONG embedded_memory_size(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format);
/* Finds memory for a value of size octets: the caller's, new, or the buffer itself at place (NULL: not
 * possible). Only counts while skimming or converting, and gives NULL. Sets walk->fresh when it is not the
 * caller's. */
unsigned char *acquire(struct walk *walk, unsigned char **memory, ULONG size, BOOLEAN must_alloc,
                       unsigned char *place);
/* Whether a value's octets are its memory image, pointers aside. */
BOOLEAN is_block(unsigned char code);
/* The type that element<> (of an array or member layout) stands for. */
PFORMAT_STRING element_type(PFORMAT_STRING element);

/* ---- simple.c */
void out_base(struct walk *walk, unsigned char *memory, unsigned char code);
void in_base(struct walk *walk, unsigned char *memory, unsigned char code);
/* Raises unless the octets' value lies in the range that format (FC_RANGE) gives. */
void check_range(const unsigned char *octets, PFORMAT_STRING format);
/* One value from its octets to memory. */
void store_base(unsigned char *memory, const unsigned char *octets, unsigned char code);
/* One value from memory to its octets. */
void fetch_base(unsigned char *octets, const unsigned char *memory, unsigned char code);
void in_range(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
ULONGLONG load_base(const unsigned char *memory, unsigned char code);
/* Swaps and translates count base values lying one after another. */
void convert_base(struct walk *walk, unsigned char *octets, ULONG count, unsigned char code);

/* ---- represent.c: the same for a data representation as RPC_MESSAGE.DataRepresentation has it */
void convert_values(ULONG representation, unsigned char *octets, ULONG count, unsigned char code);

/* ---- pointer.c */
void out_pointer(struct walk *walk, unsigned char *value, PFORMAT_STRING format, BOOLEAN embedded);
void in_pointer(struct walk *walk, unsigned char *at, PFORMAT_STRING format, BOOLEAN embedded);
/* A pointer's identifier going out or come in, wherever it stands; pushes the referent if there is one. */
ULONG out_reference(struct walk *walk, unsigned char *value, PFORMAT_STRING format);
void in_reference(struct walk *walk, ULONG reference, unsigned char *at, PFORMAT_STRING format);
/* A simple pointer to a plain string, not a full one. */
BOOLEAN leads_to_plain_string(PFORMAT_STRING format);
/* Freeing: the same for what a pointer leads to, NULL or not. */
void free_reference(struct walk *walk, unsigned char *value, PFORMAT_STRING format);
/* The same identifier without the push; not while freeing. */
ULONG plain_reference(struct walk *walk, const unsigned char *value, PFORMAT_STRING format);
void out_pointee(struct walk *walk, const struct pointee *pointee);
void in_pointee(struct walk *walk, const struct pointee *pointee);
/* Pointers described by FC_PP, of a structure or array at memory whose octets are at wire. */
struct layout {
    PFORMAT_STRING format;        /* FC_PP */
    unsigned char *memory, *wire; /* the structure or array; NULL: none (SKIM; MEASURE) */
    unsigned char *wire_array;    /* the elements of the array at its end, or the array itself */
    ULONG fixed_size;             /* of the structure; 0 for an array */
    ULONG count;                  /* of the array at the end */
};
/* After the octets were copied: puts referent identifiers in place of pointers. */
void out_layout(struct walk *walk, const struct layout *layout);
/* Where memory is fresh, after it was filled from the octets; else before, and it leaves in the octets what
 * memory's pointers shall be. */
void in_layout(struct walk *walk, const struct layout *layout);
PFORMAT_STRING skip_layout(PFORMAT_STRING layout);

/* ---- struct.c */
PFORMAT_STRING conformant_array_of(PFORMAT_STRING format);
void out_struct(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_struct(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
struct member {
    PFORMAT_STRING token;   /* the next one */
    PFORMAT_STRING pointer; /* description of the next FC_POINTER */
    PFORMAT_STRING type;    /* of this member */
    ULONG offset;           /* of this member in memory */
    ULONG end;              /* of the members so far */
};
void first_member(PFORMAT_STRING format, struct member *member);
/* Goes on to the next member; FALSE: there is none. */
BOOLEAN next_member(const MIDL_STUB_MESSAGE *msg, struct member *member);

/* ---- shape.c: plans */
/* The shape of a complex structure, NULL where it has none. */
const struct shape *shape_of(struct walk *walk, PFORMAT_STRING format);
/* The list of members where there is no shape; NULL: too many. */
const struct shape *members_of(struct walk *walk, PFORMAT_STRING format);
/* Whatever plan there is of a complex structure: usable, listed or neither. */
const struct shape *plan_of(struct walk *walk, PFORMAT_STRING format);
/* The shape that a pointer's step leads to, NULL where its referent is to go the general way. */
const struct shape *referent_shape(struct walk *walk, const struct shape_step *step);
/* Gives back what plans took; they begin as none. */
void free_plans(struct walk *walk);

static inline ULONG shape_stride(const struct shape *shape)
{
    return (shape->wire_size + shape->align - 1) & ~(shape->align - 1);
}

/* Whether the pointers of so many structures are left to one POINTEE_SHAPE. */
static inline BOOLEAN is_deferred(const struct shape *shape, ULONG count)
{
    return count > 1 && shape->pointers && shape->deferrable;
}

/* Octets on the wire. Raises where they would be 2 GiB or more. */
ULONG shape_octets(const struct shape *shape, ULONG count);
void push_shape(struct walk *walk, unsigned char *memory, unsigned char *wire, PFORMAT_STRING format,
                ULONG count);

/* ---- shape_out.c, shape_in.c: whole arrays by their elements' shape */
void out_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count);
void in_shape(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count);
/* The pointers of the structures that a POINTEE_SHAPE stands for. */
void out_shape_pointees(struct walk *walk, const struct pointee *pointee);
void in_shape_pointees(struct walk *walk, const struct pointee *pointee);
/* A pointer's referent, and what that leads to by its last pointer, as a list does: without a pointee each.
 */
void out_chain(struct walk *walk, unsigned char *memory, const struct shape *shape);
/* The same into new memory, whose address goes to at. */
void in_chain(struct walk *walk, unsigned char *at, const struct shape *shape);
/* Gives back the strings of an array whose walk failed. */
void drop_strings(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count);

/* ---- listed.c: by the list of members. Inward memory is not NULL and the purpose UNMARSHAL. */
void out_listed_members(struct walk *walk, unsigned char *memory, const struct shape *members);
void in_listed_members(struct walk *walk, unsigned char *memory, const struct shape *members);
/* Whole structures, in an array. */
void out_listed(struct walk *walk, unsigned char *memory, const struct shape *members, ULONG count);
void in_listed(struct walk *walk, unsigned char *memory, const struct shape *members, ULONG count);

/* ---- array.c */
struct array {
    unsigned char code;
    ULONG align;                          /* of an element on the wire */
    ULONG element_size;                   /* in memory; 0: fixed arrays that tell their total alone */
    ULONG total;                          /* fixed and varying: in memory */
    ULONG count;                          /* fixed and varying */
    PFORMAT_STRING conformance, variance; /* NULL: none */
    PFORMAT_STRING layout;                /* FC_PP or NULL */
    PFORMAT_STRING element;
};
void parse_array(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct array *array);
/* The size_is descriptor of a conformant array or sized string, else NULL. */
PFORMAT_STRING conformance_of(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format);
void out_conformance(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_conformance(struct walk *walk, PFORMAT_STRING format);
void out_array(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_array(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
/* Octets of memory for the conformant array or string whose dimensions were read; raises when they cannot be.
 */
ULONG array_memory_size(struct walk *walk, PFORMAT_STRING format);
void in_whole_array(struct walk *walk, unsigned char **memory, PFORMAT_STRING format, BOOLEAN must_alloc);

/* ---- direct.c: types that need no walk; FALSE: this one does, and nothing was done. They may raise. */
BOOLEAN direct_size(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
BOOLEAN direct_marshal(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
BOOLEAN direct_unmarshal(PMIDL_STUB_MESSAGE msg, unsigned char **memory, PFORMAT_STRING format,
                         unsigned char must_alloc);
BOOLEAN direct_free(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
/* The same of a base type's value. */
BOOLEAN direct_put_base(PMIDL_STUB_MESSAGE msg, const unsigned char *memory, unsigned char code);
BOOLEAN direct_take_base(PMIDL_STUB_MESSAGE msg, unsigned char *memory, unsigned char code);

/* ---- string.c */
void out_string(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_string(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
/* Characters of a plain string, of size octets each, with the terminator. Raises RPC_X_INVALID_BOUND. */
ULONG plain_count(const unsigned char *value, unsigned size);
/* A plain (unsized) string that a simple pointer leads to. */
void out_plain_string(struct walk *walk, const unsigned char *value, unsigned char code);
void in_plain_string(struct walk *walk, const struct pointee *pointee);
/* The characters of one at the buffer position, which moves past them; *octets: with the terminator. */
unsigned char *take_plain_string(struct walk *walk, unsigned char code, ULONG *octets);
void in_whole_string(struct walk *walk, unsigned char **memory, PFORMAT_STRING format, BOOLEAN must_alloc);
/* The size_is descriptor of a sized string, or NULL. */
PFORMAT_STRING string_descriptor(PFORMAT_STRING format);
/* The maximum count of a conformant string in memory. */
ULONG string_conformance(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
ULONG string_element_size(PFORMAT_STRING format);

/* ---- union.c */
void out_union(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_union(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
/* Makes the plan of a union; FALSE: it has none. */
BOOLEAN plan_choice(struct walk *walk, PFORMAT_STRING format, struct choice *choice);

/* ---- correlation.c */
/* Raises unless value is what the descriptor of the array, string or union at memory says; with late
 * correlation it does when NdrCorrelationPass runs. */
void check_correlation(struct walk *walk, unsigned char *memory, PFORMAT_STRING descriptor, ULONG value);
enum { CORRELATION_EARLY = 1, CORRELATION_SPLIT = 2, CORRELATION_IID = 4, CORRELATION_UNCHECKED = 8 };
/* The same without a walk; TRUE: it is to be compared when the structure around it has come. */
BOOLEAN settle_correlation(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor,
                           ULONG value);
void check_correlation_late(struct walk *walk, const struct pointee *pointee);
/* Sets msg->Offset and msg->ActualCount. */
void correlate_variance(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor);
/* Whether an -Os stub, whose arguments cannot be looked at, has to set what the descriptor is about itself.
 */
BOOLEAN correlation_is_given(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor);

/* ---- transmit.c, usermarshal.c, interface.c */
void out_transmit_as(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_transmit_as(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void out_user_marshal(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void in_user_marshal(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);
void out_user_pointee(struct walk *walk, const struct pointee *pointee);
void in_user_pointee(struct walk *walk, const struct pointee *pointee);
/* Whether the message was received, is to be sent, in the form of Wine's own runtime. */
BOOLEAN came_in_wines_form(PMIDL_STUB_MESSAGE msg);
BOOLEAN goes_in_wines_form(PMIDL_STUB_MESSAGE msg);
void out_interface(struct walk *walk, unsigned char *value, PFORMAT_STRING format);
void in_interface(struct walk *walk, unsigned char *at, PFORMAT_STRING format);
void out_interface_pointee(struct walk *walk, const struct pointee *pointee);
void in_interface_pointee(struct walk *walk, const struct pointee *pointee);

/* Unique identifiers: any value but 0 will do (C706 14.3.10); this is how Windows counts. */
static inline ULONG next_reference(PMIDL_STUB_MESSAGE msg)
{
    return 0x20000 + 4 * msg->UniquePtrCount++;
}

/* Where the octets end that may be written. */
static inline unsigned char *write_limit(const MIDL_STUB_MESSAGE *msg)
{
    unsigned char *start = msg->RpcMsg ? msg->RpcMsg->Buffer : NULL;

    if (start && msg->Buffer >= start && msg->Buffer <= start + msg->RpcMsg->BufferLength)
        return start + msg->RpcMsg->BufferLength;
    /* A buffer of the caller's own (a <type>_UserMarshal routine with a stub message of its own). */
    return (unsigned char *)~(ULONG_PTR)0xffff;
}

/* Where those end that may be read. */
static inline unsigned char *read_limit(const MIDL_STUB_MESSAGE *msg)
{
    return msg->BufferEnd ? msg->BufferEnd : write_limit(msg);
}

static inline void DECLSPEC_NORETURN walk_bad(void)
{
    ndr_raise(RPC_X_BAD_STUB_DATA);
}

/* ---- positions in the buffer, apart from a walk's own; they raise RPC_X_BAD_STUB_DATA */

/* Fills up to alignment and gives where so many octets may then be written. */
static inline unsigned char *room_at(unsigned char *at, const unsigned char *limit, ULONG alignment,
                                     ULONG octets)
{
    ULONG pad = -(ULONG_PTR)at & (alignment - 1);

    if (at > limit || (ULONG_PTR)(limit - at) < pad || (ULONG_PTR)(limit - at) - pad < octets)
        walk_bad();
    for (; pad; pad--)
        *at++ = 0;
    return at;
}

/* Where so many octets are after alignment. */
static inline unsigned char *octets_at(unsigned char *at, const unsigned char *limit, ULONG alignment,
                                       ULONG octets)
{
    at = (unsigned char *)(((ULONG_PTR)at + alignment - 1) & ~(ULONG_PTR)(alignment - 1));
    if (at > limit || (ULONG_PTR)(limit - at) < octets)
        walk_bad();
    return at;
}

/* ---- outward primitives */

static inline void out_room(struct walk *walk, ULONG octets)
{
    if (walk->msg->Buffer > walk->limit || (ULONG_PTR)(walk->limit - walk->msg->Buffer) < octets)
        walk_bad();
}

static inline void out_grow(struct walk *walk, ULONG octets)
{
    if (walk->msg->BufferLength + octets < octets)
        walk_bad();
    walk->msg->BufferLength += octets;
}

static inline void out_align(struct walk *walk, ULONG alignment)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;

    if (walk->purpose == MARSHAL) {
        ULONG pad = -(ULONG_PTR)msg->Buffer & (alignment - 1);

        if (pad) {
            out_room(walk, pad);
            memset(msg->Buffer, 0, pad);
            msg->Buffer += pad;
        }
    } else if (walk->purpose == MEASURE) {
        out_grow(walk, -msg->BufferLength & (alignment - 1));
    }
}

static inline void out_octets(struct walk *walk, const void *octets, ULONG count)
{
    if (walk->purpose == MARSHAL) {
        out_room(walk, count);
        memcpy(walk->msg->Buffer, octets, count);
        walk->msg->Buffer += count;
    } else if (walk->purpose == MEASURE) {
        out_grow(walk, count);
    }
}

/* A few octets, for which a call of memcpy would cost more than it does. */
static inline void copy_few(void *to, const void *from, unsigned size)
{
    unsigned char *target = to;
    const unsigned char *source = from;
    unsigned done;

    if (size == 4) {
        memcpy(target, source, 4);
    } else if (size == 8) {
        memcpy(target, source, 8);
    } else if (size > 128 || size < 4) {
        memcpy(target, source, size);
    } else if (size < 16) {
        /* The ends may overlap. */
        unsigned part = size < 8 ? 4 : 8;
        unsigned char head[8], tail[8];

        if (part == 4) {
            memcpy(head, source, 4);
            memcpy(tail, source + size - 4, 4);
            memcpy(target, head, 4);
            memcpy(target + size - 4, tail, 4);
        } else {
            memcpy(head, source, 8);
            memcpy(tail, source + size - 8, 8);
            memcpy(target, head, 8);
            memcpy(target + size - 8, tail, 8);
        }
    } else {
        for (done = 0; done + 16 <= size; done += 16)
            memcpy(target + done, source + done, 16);
        memcpy(target + size - 16, source + size - 16, 16);
    }
}

/* A value of 1, 2, 4 or 8 octets, whose copy the compiler then knows the length of. */
static inline void copy_value(void *to, const void *from, unsigned size)
{
    switch (size) {
    case 1:
        memcpy(to, from, 1);
        break;
    case 2:
        memcpy(to, from, 2);
        break;
    case 4:
        memcpy(to, from, 4);
        break;
    default:
        memcpy(to, from, 8);
    }
}

/* Aligned to its size. */
static inline void out_value(struct walk *walk, const void *value, unsigned size)
{
    if (walk->purpose == FREE)
        return;
    out_align(walk, size);
    if (walk->purpose == MEASURE) {
        out_grow(walk, size);
        return;
    }
    out_room(walk, size);
    copy_value(walk->msg->Buffer, value, size);
    walk->msg->Buffer += size;
}

static inline void out_ulong(struct walk *walk, ULONG value)
{
    out_align(walk, 4);
    out_octets(walk, &value, 4);
}

/* ---- inward primitives */

static inline void in_align(struct walk *walk, ULONG alignment)
{
    ndr_align_buffer(walk->msg, alignment);
}

static inline ULONG in_left(const struct walk *walk)
{
    ULONG_PTR left;

    if (walk->msg->Buffer > walk->limit)
        walk_bad();
    left = walk->limit - walk->msg->Buffer;
    return left > 0x7fffffff ? 0x7fffffff : (ULONG)left;
}

/* The next count octets, which are consumed. */
static inline unsigned char *in_octets(struct walk *walk, ULONG count)
{
    unsigned char *octets = walk->msg->Buffer;

    if (octets > walk->limit || (ULONG_PTR)(walk->limit - octets) < count)
        walk_bad();
    walk->msg->Buffer = octets + count;
    return octets;
}

static inline ULONG in_ulong(struct walk *walk)
{
    ULONG value;
    unsigned char *octets;

    in_align(walk, 4);
    octets = in_octets(walk, 4);
    if (walk->purpose == CONVERT)
        convert_base(walk, octets, 1, FC_ULONG);
    memcpy(&value, octets, 4);
    return value;
}

static inline unsigned char *load_pointer(const unsigned char *at)
{
    unsigned char *value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static inline void store_pointer(unsigned char *at, void *value)
{
    memcpy(at, &value, sizeof(value));
}

/* a * b, which must stay below 2 GiB. */
static inline ULONG checked_product(ULONG a, ULONG b)
{
    ULONGLONG product = (ULONGLONG)a * b;

    if (product > 0x7fffffff)
        walk_bad();
    return (ULONG)product;
}

/* ---- a plain string at a position in the buffer, its characters of size octets each */

/* Writes it; gives where it ends. */
static inline unsigned char *put_plain_string(unsigned char *at, const unsigned char *limit,
                                              const unsigned char *value, unsigned size, ULONG *count)
{
    ULONG head[3] = {plain_count(value, size), 0}, octets = head[0] * size;

    *count = head[2] = head[0];
    at = room_at(at, limit, 4, sizeof(head) + octets);
    memcpy(at, head, sizeof(head));
    copy_few(at + sizeof(head), value, octets);
    return at + sizeof(head) + octets;
}

/* Checks one that came; gives where its characters are. *octets: with the terminator. */
static inline unsigned char *plain_string_at(unsigned char *at, const unsigned char *limit, unsigned size,
                                             ULONG *octets)
{
    ULONG head[3]; /* maximum, first, number */
    unsigned char *string;

    at = octets_at(at, limit, 4, sizeof(head));
    memcpy(head, at, sizeof(head));
    if (head[1] || !head[2] || head[2] > head[0] || head[2] > 0x3fffffff)
        walk_bad();
    *octets = head[2] * size;
    string = octets_at(at + sizeof(head), limit, 1, *octets);
    if (string[*octets - 1] || string[*octets - size])
        walk_bad();
    return string;
}

#endif
