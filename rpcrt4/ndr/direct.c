/*
 * Types whose octets are their memory, standing alone: base types, flat structures and arrays, conformant
 * ones, plain strings, and what a ref or unique pointer leads to of these. One look at the format string, one
 * evaluation of each size_is, one check against the buffer, one copy or none; called by walk.c before it
 * begins a walk.
 *
 * Whatever can raise does before memory is allocated or changed, so there is nothing to give back and no
 * exception frame. Each function gives FALSE, with nothing done, where the type goes the general way; what it
 * does otherwise is what that way does.
 */
#include "walk.h"

/* So that an image's members are registers. */
#define INLINED static inline __attribute__((always_inline))

struct image {
    unsigned char pointer;   /* FC_RP or FC_UP, and format is the referent's; 0 */
    BOOLEAN on_stack;        /* the pointer's referent is not to be freed */
    unsigned char character; /* of a string: its octets; 0: no string */
    BOOLEAN array;
    ULONG align;                /* on the wire, after the counts */
    ULONG fixed;                /* octets: of all, or before the conformant array */
    ULONG element;              /* octets of the conformant array's */
    PFORMAT_STRING conformance; /* NULL: none */
    PFORMAT_STRING variance;    /* NULL: none */
};

/* Of the base types that are the same in memory. */
static const unsigned char base_octets[] = {
    [FC_BYTE] = 1,  [FC_CHAR] = 1,   [FC_SMALL] = 1,  [FC_USMALL] = 1,         [FC_WCHAR] = 2,
    [FC_SHORT] = 2, [FC_USHORT] = 2, [FC_LONG] = 4,   [FC_ULONG] = 4,          [FC_FLOAT] = 4,
    [FC_HYPER] = 8, [FC_DOUBLE] = 8, [FC_ENUM32] = 4, [FC_ERROR_STATUS_T] = 4,
};

/* Whether size_is or length_is of an array that stands alone can be looked at without a structure. */
INLINED BOOLEAN is_outside(PFORMAT_STRING descriptor)
{
    return descriptor[0] & 0xf0 && ndr_fc_ulong(descriptor) != 0xffffffff;
}

/* Whether it is in front of the array, in the same structure, where it will be in the octets too. */
INLINED BOOLEAN is_before(PFORMAT_STRING descriptor)
{
    return !(descriptor[0] & 0xf0) && descriptor[1] != FC_CALLBACK && descriptor[1] != FC_DEREFERENCE &&
           ndr_fc_short(descriptor + 2) < 0;
}

INLINED BOOLEAN conformant_image(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct image *image)
{
    unsigned octets = ndr_correlation_octets(msg);
    PFORMAT_STRING end = format + 4 + octets;

    image->array = TRUE;
    image->align = format[1] + 1;
    image->element = ndr_fc_ushort(format + 2);
    image->conformance = format + 4;
    if (*format == FC_CVARRAY) {
        image->variance = end;
        end += octets;
        if (!is_outside(image->variance))
            return FALSE;
    }
    return *end != FC_PP;
}

INLINED BOOLEAN struct_image(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct image *image)
{
    PFORMAT_STRING array = ndr_fc_target(format + 4);
    ULONG mask;

    if (!ndr_fc_short(format + 4) || format[6] == FC_PP || *array != FC_CARRAY ||
        !conformant_image(msg, array, image) || !is_before(image->conformance))
        return FALSE;
    mask = image->align - 1;
    image->align = format[1] + 1;
    image->fixed = ndr_fc_ushort(format + 2);
    return image->align > mask && !(image->fixed & mask);
}

INLINED BOOLEAN value_image(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct image *image)
{
    switch (*format) {
    case FC_STRUCT:
        image->align = format[1] + 1;
        image->fixed = ndr_fc_ushort(format + 2);
        return format[4] != FC_PP;
    case FC_SMFARRAY:
        image->array = TRUE;
        image->align = format[1] + 1;
        image->fixed = ndr_fc_ushort(format + 2);
        return format[4] != FC_PP;
    case FC_LGFARRAY:
        image->array = TRUE;
        image->align = format[1] + 1;
        image->fixed = ndr_fc_ulong(format + 2);
        return format[6] != FC_PP && image->fixed <= 0x7fffffff;
    case FC_CARRAY:
    case FC_CVARRAY:
        return conformant_image(msg, format, image) && is_outside(image->conformance);
    case FC_CSTRUCT:
        return struct_image(msg, format, image);
    case FC_C_CSTRING:
    case FC_C_WSTRING:
        image->character = *format == FC_C_WSTRING ? 2 : 1;
        return format[1] != FC_STRING_SIZED;
    default:
        image->fixed = image->align = *format < sizeof(base_octets) ? base_octets[*format] : 0;
        return image->fixed != 0;
    }
}

/* Looks at a type; FALSE: it is not of these. */
INLINED BOOLEAN look(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct image *image)
{
    memset(image, 0, sizeof(*image));
    if (*format == FC_RP || *format == FC_UP) {
        if (format[1] & ~(FC_SIMPLE_POINTER | FC_ALLOCED_ON_STACK) || msg->IgnoreEmbeddedPointers)
            return FALSE;
        image->pointer = *format;
        image->on_stack = !!(format[1] & FC_ALLOCED_ON_STACK);
        format = format[1] & FC_SIMPLE_POINTER ? format + 2 : ndr_fc_target(format + 2);
    }
    return value_image(msg, format, image);
}

/* Whether a descriptor is a long of the structure as it is, and to be compared with no range: nearly all are.
 */
static inline BOOLEAN is_plain_field(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING descriptor)
{
    return (descriptor[0] == FC_LONG || descriptor[0] == FC_ULONG) && !descriptor[1] &&
           msg->fHasNewCorrDesc && ndr_fc_ushort(descriptor + 4) == CORRELATION_EARLY &&
           (!(msg->uFlags2 & NDR_CORRELATION_RANGE) || !(descriptor[6] & 1));
}

static inline ULONG field_value(const unsigned char *array, PFORMAT_STRING descriptor)
{
    ULONG value;

    memcpy(&value, array + ndr_fc_short(descriptor + 2), 4);
    return value;
}

static inline void check_count(PMIDL_STUB_MESSAGE msg, unsigned char *array, PFORMAT_STRING descriptor,
                               ULONG count)
{
    if (!is_plain_field(msg, descriptor))
        settle_correlation(msg, array, descriptor, count);
    else if (field_value(array, descriptor) != count)
        walk_bad();
}

/* ---- outward */

struct extent {
    ULONG max, offset, actual; /* of the conformant array */
    ULONG octets;              /* that go out in one piece */
};

static void measure(PMIDL_STUB_MESSAGE msg, unsigned char *memory, const struct image *image,
                    struct extent *extent)
{
    extent->max = extent->offset = extent->actual = 0;
    extent->octets = image->fixed;
    if (image->conformance) {
        extent->max = extent->actual = (ULONG)ndr_correlate(msg, memory + image->fixed, image->conformance);
        if (image->variance) {
            correlate_variance(msg, memory, image->variance);
            extent->offset = msg->Offset;
            extent->actual = msg->ActualCount;
            if (extent->actual > extent->max || extent->offset > extent->max - extent->actual)
                ndr_raise(RPC_X_INVALID_BOUND);
        }
        extent->octets = checked_product(extent->actual, image->element);
        if (extent->octets > 0x7fffffff - image->fixed)
            walk_bad();
        extent->octets += image->fixed;
    }
}

static inline void note_extent(PMIDL_STUB_MESSAGE msg, const struct image *image, const struct extent *extent)
{
    if (!image->array)
        return;
    msg->Offset = extent->offset;
    msg->ActualCount = extent->actual;
}

static inline void note_string(PMIDL_STUB_MESSAGE msg, ULONG count)
{
    msg->MaxCount = msg->ActualCount = count;
    msg->Offset = 0;
}

/* Sixty-four bits, so that the sum of all is checked once. */
static inline ULONGLONG aligned(ULONGLONG length, ULONG alignment)
{
    return (length + alignment - 1) & ~(ULONGLONG)(alignment - 1);
}

/* Octets of a value after length. */
static ULONGLONG length_after(PMIDL_STUB_MESSAGE msg, ULONGLONG length, unsigned char *memory,
                              const struct image *image)
{
    struct extent extent;

    if (image->character) {
        ULONG count = plain_count(memory, image->character);

        note_string(msg, count);
        return aligned(length, 4) + 12 + (ULONGLONG)count * image->character;
    }
    measure(msg, memory, image, &extent);
    note_extent(msg, image, &extent);
    if (image->conformance)
        length = aligned(length, 4) + 4;
    if (image->variance)
        length = aligned(length, 4) + 8;
    return aligned(length, image->align) + extent.octets;
}

BOOLEAN direct_size(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    ULONGLONG length = msg->BufferLength;
    struct image image;

    if (!look(msg, format, &image) || (!memory && !image.pointer))
        return FALSE;
    if (image.pointer == FC_RP && !memory)
        ndr_raise(RPC_X_NULL_REF_POINTER);
    if (image.pointer == FC_UP)
        length = aligned(length, 4) + 4;
    if (memory)
        length = length_after(msg, length, memory, &image);
    if (length > 0xffffffff)
        walk_bad();
    msg->BufferLength = (ULONG)length;
    return TRUE;
}

static inline unsigned char *put_ulong(unsigned char *at, const unsigned char *limit, ULONG value)
{
    at = room_at(at, limit, 4, 4);
    memcpy(at, &value, 4);
    return at + 4;
}

static unsigned char *put_value(PMIDL_STUB_MESSAGE msg, unsigned char *at, const unsigned char *limit,
                                unsigned char *memory, const struct image *image)
{
    struct extent extent;
    ULONG count;

    if (image->character) {
        at = put_plain_string(at, limit, memory, image->character, &count);
        note_string(msg, count);
        return at;
    }
    measure(msg, memory, image, &extent);
    if (image->conformance)
        at = put_ulong(at, limit, extent.max);
    if (image->variance) {
        at = put_ulong(at, limit, extent.offset);
        at = put_ulong(at, limit, extent.actual);
    }
    at = room_at(at, limit, image->align, extent.octets);
    copy_few(at, memory + (ULONG_PTR)extent.offset * image->element, extent.octets);
    note_extent(msg, image, &extent);
    return at + extent.octets;
}

BOOLEAN direct_marshal(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char *at = msg->Buffer, *limit;
    struct image image;

    if (!look(msg, format, &image) || (!memory && !image.pointer))
        return FALSE;
    if (image.pointer == FC_RP && !memory)
        ndr_raise(RPC_X_NULL_REF_POINTER);
    limit = write_limit(msg);
    if (image.pointer == FC_UP)
        at = put_ulong(at, limit, memory ? next_reference(msg) : 0);
    if (memory)
        at = put_value(msg, at, limit, memory, &image);
    msg->Buffer = at;
    return TRUE;
}

BOOLEAN direct_put_base(PMIDL_STUB_MESSAGE msg, const unsigned char *memory, unsigned char code)
{
    unsigned size = code < sizeof(base_octets) ? base_octets[code] : 0;
    unsigned char *at;

    if (!size)
        return FALSE;
    at = room_at(msg->Buffer, write_limit(msg), size, size);
    copy_value(at, memory, size);
    msg->Buffer = at + size;
    return TRUE;
}

/* ---- inward */

/* What came: a value in the buffer. */
struct arrival {
    unsigned char *octets;
    ULONG count;   /* of octets */
    ULONG skipped; /* octets of memory in front of them */
    ULONG memory;  /* octets that the value takes there */
};

static inline ULONG get_ulong(unsigned char **at, const unsigned char *limit)
{
    ULONG value;

    *at = octets_at(*at, limit, 4, 4);
    memcpy(&value, *at, 4);
    *at += 4;
    return value;
}

/* Reads and checks the first element and the number of those that come, after the maximum. */
static unsigned char *take_variance(PMIDL_STUB_MESSAGE msg, unsigned char *at, const unsigned char *limit,
                                    PFORMAT_STRING descriptor, struct extent *extent)
{
    extent->offset = get_ulong(&at, limit);
    extent->actual = get_ulong(&at, limit);
    if (extent->actual > extent->max || extent->offset > extent->max - extent->actual)
        walk_bad();
    /* Only with first_is, which forces a routine, does an array begin elsewhere than at its first element. */
    if (extent->offset && descriptor[1] != FC_CALLBACK)
        walk_bad();
    settle_correlation(msg, NULL, descriptor, extent->actual);
    return at;
}

INLINED void take_conformant(PMIDL_STUB_MESSAGE msg, unsigned char *at, const unsigned char *limit,
                             const struct image *image, struct arrival *arrival)
{
    struct extent extent = {.max = get_ulong(&at, limit)};

    extent.actual = msg->MaxCount = extent.max;
    arrival->memory = checked_product(extent.max, image->element);
    if (arrival->memory > 0x7fffffff - image->fixed)
        walk_bad();
    arrival->memory += image->fixed;
    if (image->variance) {
        settle_correlation(msg, NULL, image->conformance, extent.max);
        at = take_variance(msg, at, limit, image->variance, &extent);
    }
    arrival->count = image->fixed + extent.actual * image->element;
    arrival->skipped = extent.offset * image->element;
    /* Alignment before nothing may be missing. */
    if (!arrival->count && at <= limit && (ULONG_PTR)(limit - at) < (-(ULONG_PTR)at & (image->align - 1)))
        arrival->octets = (unsigned char *)limit;
    else
        arrival->octets = octets_at(at, limit, image->align, arrival->count);
    if (!image->variance)
        check_count(msg, arrival->octets + image->fixed, image->conformance, extent.max);
    note_extent(msg, image, &extent);
}

INLINED void take_value(PMIDL_STUB_MESSAGE msg, unsigned char *at, const unsigned char *limit,
                        const struct image *image, struct arrival *arrival)
{
    arrival->skipped = 0;
    if (image->character) {
        arrival->octets = plain_string_at(at, limit, image->character, &arrival->count);
        arrival->memory = arrival->count;
        note_string(msg, arrival->count / image->character);
    } else if (image->conformance) {
        take_conformant(msg, at, limit, image, arrival);
    } else {
        arrival->octets = octets_at(at, limit, image->align, image->fixed);
        arrival->count = arrival->memory = image->fixed;
        if (image->array)
            msg->Offset = msg->ActualCount = 0;
    }
}

/* Brings what came to the caller's memory, new memory or leaves it where it lies. */
INLINED void keep(PMIDL_STUB_MESSAGE msg, const struct arrival *arrival, unsigned char **memory,
                  unsigned char *found, BOOLEAN in_place)
{
    BOOLEAN whole = arrival->count == arrival->memory;

    if (!found && in_place && whole && arrival->count) {
        store_pointer((unsigned char *)memory, arrival->octets);
        return;
    }
    if (!found) {
        found = msg->pfnAllocate(arrival->memory ? arrival->memory : 1);
        if (!found)
            ndr_raise(RPC_S_OUT_OF_MEMORY);
        if (!whole)
            memset(found, 0, arrival->memory);
        store_pointer((unsigned char *)memory, found);
    }
    if (found + arrival->skipped != arrival->octets)
        copy_few(found + arrival->skipped, arrival->octets, arrival->count);
}

BOOLEAN direct_unmarshal(PMIDL_STUB_MESSAGE msg, unsigned char **memory, PFORMAT_STRING format,
                         unsigned char must_alloc)
{
    unsigned char *at = msg->Buffer, *limit;
    struct arrival arrival;
    struct image image;

    if (!look(msg, format, &image) || msg->pAllocAllNodesContext)
        return FALSE;
    limit = read_limit(msg);
    if (image.pointer == FC_UP && !get_ulong(&at, limit)) {
        store_pointer((unsigned char *)memory, NULL);
        msg->Buffer = at;
        return TRUE;
    }
    take_value(msg, at, limit, &image, &arrival);
    keep(msg, &arrival, memory, must_alloc ? NULL : load_pointer((unsigned char *)memory),
         !must_alloc && (!msg->IsClient || msg->ReuseBuffer));
    msg->Buffer = arrival.octets + arrival.count;
    return TRUE;
}

BOOLEAN direct_take_base(PMIDL_STUB_MESSAGE msg, unsigned char *memory, unsigned char code)
{
    unsigned size = code < sizeof(base_octets) ? base_octets[code] : 0;
    unsigned char *at;

    if (!size || !memory)
        return FALSE;
    at = octets_at(msg->Buffer, read_limit(msg), size, size);
    copy_value(memory, at, size);
    msg->Buffer = at + size;
    return TRUE;
}

BOOLEAN direct_free(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    struct image image;

    if (!look(msg, format, &image))
        return FALSE;
    if (image.pointer && !image.on_stack && (memory < msg->BufferStart || memory >= msg->BufferEnd))
        msg->pfnFree(memory);
    return TRUE;
}
