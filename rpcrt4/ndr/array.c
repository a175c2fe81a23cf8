/*
 * Arrays: fixed, varying, conformant, both, complex, and of several dimensions (an array whose elements are
 * arrays with a conformance or variance of their own). On the wire: the maximum counts of all dimensions,
 * hoisted before the outermost construction; at the array's place the first index and count of each varying
 * dimension; then the elements (C706 14.3.3, 14.3.4). Elements whose octets are their memory are one copy.
 */
#include "walk.h"

static PFORMAT_STRING descriptor_at(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING *format)
{
    PFORMAT_STRING descriptor = *format;

    *format += ndr_correlation_octets(msg);
    return ndr_fc_ulong(descriptor) == 0xffffffff ? NULL : descriptor;
}

static void parse_element(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct array *array)
{
    if (*format == FC_PP) {
        array->layout = format;
        format = skip_layout(format);
    }
    array->element = format;
    if (array->code == FC_BOGUS_ARRAY)
        array->element_size = embedded_memory_size(msg, element_type(format));
}

void parse_array(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, struct array *array)
{
    PFORMAT_STRING next = format + 4;

    memset(array, 0, sizeof(*array));
    array->code = *format;
    array->align = format[1] + 1;
    switch (*format) {
    case FC_SMFARRAY:
        array->total = ndr_fc_ushort(format + 2);
        break;
    case FC_LGFARRAY:
        array->total = ndr_fc_ulong(format + 2);
        next = format + 6;
        break;
    case FC_CARRAY:
    case FC_CVARRAY:
        array->element_size = ndr_fc_ushort(format + 2);
        array->conformance = descriptor_at(msg, &next);
        if (*format == FC_CVARRAY)
            array->variance = descriptor_at(msg, &next);
        break;
    case FC_SMVARRAY:
        array->total = ndr_fc_ushort(format + 2);
        array->count = ndr_fc_ushort(format + 4);
        array->element_size = ndr_fc_ushort(format + 6);
        next = format + 8;
        array->variance = descriptor_at(msg, &next);
        break;
    case FC_LGVARRAY:
        array->total = ndr_fc_ulong(format + 2);
        array->count = ndr_fc_ulong(format + 6);
        array->element_size = ndr_fc_ushort(format + 10);
        next = format + 12;
        array->variance = descriptor_at(msg, &next);
        break;
    case FC_BOGUS_ARRAY:
        array->count = ndr_fc_ushort(format + 2);
        array->conformance = descriptor_at(msg, &next);
        array->variance = descriptor_at(msg, &next);
        break;
    default:
        ndr_raise(RPC_S_INTERNAL_ERROR);
    }
    parse_element(msg, next, array);
}

/* ---- dimensions */

/* An array with those of its element arrays that belong to its dimensions. */
struct dimensions {
    unsigned count;
    struct array array[MAX_DIMENSIONS];
    struct dimension size[MAX_DIMENSIONS];
};

/* Whether a type is an array that is a further dimension: what has counts on the wire. */
static BOOLEAN is_dimension(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    struct array array;

    if (*format < FC_CARRAY || *format > FC_BOGUS_ARRAY)
        return FALSE;
    parse_array(msg, format, &array);
    return array.conformance || array.variance;
}

static void parse_dimensions(const struct walk *walk, PFORMAT_STRING format, struct dimensions *dimensions)
{
    unsigned k = 0;

    for (;;) {
        struct array *array = &dimensions->array[k];

        parse_array(walk->msg, format, array);
        dimensions->size[k].max = array->conformance ? walk->dimension[k].max : array->count;
        dimensions->size[k].offset = 0;
        dimensions->size[k].actual = dimensions->size[k].max;
        dimensions->count = ++k;
        if (array->code != FC_BOGUS_ARRAY)
            return;
        format = element_type(array->element);
        if (!is_dimension(walk->msg, format))
            return;
        if (k == MAX_DIMENSIONS)
            ndr_raise(RPC_S_INTERNAL_ERROR);
    }
}

/* Memory between one element of dimension k and the next. */
static ULONG memory_stride(const struct dimensions *dimensions, unsigned k)
{
    ULONG stride = dimensions->array[dimensions->count - 1].element_size;
    unsigned i;

    for (i = dimensions->count - 1; i > k; i--)
        stride = checked_product(stride, dimensions->size[i].max);
    return stride;
}

static BOOLEAN is_c_string(unsigned char code)
{
    return code >= FC_C_CSTRING && code <= FC_C_WSTRING;
}

PFORMAT_STRING conformance_of(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    struct array array;

    if (is_c_string(*format))
        return string_descriptor(format);
    if (*format < FC_CARRAY || *format > FC_BOGUS_ARRAY)
        return NULL;
    parse_array(msg, format, &array);
    return array.conformance;
}

/* memory: of the structure or array that format describes. Leaves the counts in walk->dimension. */
void out_conformance(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PFORMAT_STRING conformant = conformant_array_of(format);
    unsigned char *base = walk->msg->Memory;
    struct array array;
    unsigned k = 0;

    if (conformant != format) {
        walk->msg->Memory = memory;
        memory += ndr_fc_ushort(format + 2);
    }
    if (is_c_string(*conformant) && walk->purpose != FREE) {
        walk->dimension[0].max = string_conformance(walk->msg, memory, conformant);
        out_ulong(walk, walk->dimension[0].max);
    }
    while (!is_c_string(*conformant)) {
        parse_array(walk->msg, conformant, &array);
        if (array.conformance) {
            walk->dimension[k].max = (ULONG)ndr_correlate(walk->msg, memory, array.conformance);
            if (walk->purpose != FREE)
                out_ulong(walk, walk->dimension[k].max);
        }
        conformant = element_type(array.element);
        if (array.code != FC_BOGUS_ARRAY || !is_dimension(walk->msg, conformant))
            break;
        if (++k == MAX_DIMENSIONS)
            ndr_raise(RPC_S_INTERNAL_ERROR);
    }
    walk->msg->Memory = base;
}

void in_conformance(struct walk *walk, PFORMAT_STRING format)
{
    PFORMAT_STRING conformant = conformant_array_of(format);
    struct array array;
    unsigned k = 0;

    if (is_c_string(*conformant)) {
        walk->dimension[0].max = in_ulong(walk);
        return;
    }
    for (;;) {
        parse_array(walk->msg, conformant, &array);
        if (array.conformance)
            walk->dimension[k].max = in_ulong(walk);
        conformant = element_type(array.element);
        if (array.code != FC_BOGUS_ARRAY || !is_dimension(walk->msg, conformant))
            break;
        if (++k == MAX_DIMENSIONS)
            ndr_raise(RPC_S_INTERNAL_ERROR);
    }
    walk->msg->MaxCount = walk->dimension[0].max;
}

ULONG array_memory_size(struct walk *walk, PFORMAT_STRING format)
{
    struct dimensions dimensions;
    ULONG certain = 1, least = 1;
    unsigned k;

    if (is_c_string(*format))
        return checked_product(walk->dimension[0].max, string_element_size(format));
    parse_dimensions(walk, format, &dimensions);
    /* What does not vary has to be in the buffer. */
    for (k = 0; k < dimensions.count && !dimensions.array[k].variance; k++)
        certain = checked_product(certain, dimensions.size[k].max);
    if (k == dimensions.count)
        least = dimensions.array[k - 1].code == FC_BOGUS_ARRAY
                    ? least_wire_size(walk, element_type(dimensions.array[k - 1].element))
                    : dimensions.array[k - 1].element_size;
    if (checked_product(certain, least) > in_left(walk))
        walk_bad();
    return checked_product(memory_stride(&dimensions, 0), dimensions.size[0].max);
}

/* ---- elements */

static void out_elements(struct walk *walk, unsigned char *memory, const struct array *array, ULONG count)
{
    PFORMAT_STRING type = element_type(array->element);
    const struct shape *shape;
    ULONG i;

    if (*type == FC_BOGUS_STRUCT) {
        shape = plan_of(walk, type);
        if (shape->usable) {
            if (count)
                out_shape(walk, memory, shape, count);
            return;
        }
        if (shape->listed && !conformant_array_of(type)) {
            out_listed(walk, memory, shape, count);
            return;
        }
    }
    for (i = 0; i < count; i++, memory += array->element_size)
        out_flat(walk, memory, type);
}

/* Elements whose octets are their memory image. */
static void out_block(struct walk *walk, unsigned char *memory, const struct array *array, ULONG offset,
                      ULONG count)
{
    struct layout layout = {array->layout, memory, NULL, NULL, 0, count};

    walk->array_start = walk->msg->Buffer;
    if (array->element_size)
        out_octets(walk, memory + offset * array->element_size, checked_product(count, array->element_size));
    else
        out_octets(walk, memory, array->total);
    layout.wire = layout.wire_array = walk->array_start;
    walk->msg->Offset = offset;
    walk->msg->ActualCount = count;
    if (array->layout)
        out_layout(walk, &layout);
}

/* Whether a dimension below that one has no elements. Then those of that one, which cost the sender nothing,
 * need no looking at. */
static BOOLEAN is_empty_below(const struct dimensions *dimensions, unsigned k)
{
    while (++k < dimensions->count)
        if (!dimensions->size[k].actual)
            return TRUE;
    return FALSE;
}

static void out_dimension(struct walk *walk, unsigned char *memory, const struct dimensions *dimensions,
                          unsigned k)
{
    const struct array *array = &dimensions->array[k];
    const struct dimension *size = &dimensions->size[k];
    ULONG stride, i;

    if (array->code != FC_BOGUS_ARRAY) {
        out_block(walk, memory, array, size->offset, size->actual);
        return;
    }
    stride = memory_stride(dimensions, k);
    memory += (ULONG_PTR)size->offset * stride;
    if (k + 1 == dimensions->count) {
        out_elements(walk, memory, array, size->actual);
        return;
    }
    if (is_empty_below(dimensions, k))
        return;
    for (i = 0; i < size->actual; i++)
        out_dimension(walk, memory + (ULONG_PTR)i * stride, dimensions, k + 1);
}

static void check_dimension(const struct dimension *size)
{
    if (size->actual > size->max || size->offset > size->max - size->actual)
        ndr_raise(RPC_X_INVALID_BOUND);
}

static void out_variances(struct walk *walk, unsigned char *memory, struct dimensions *dimensions)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned k;

    for (k = 0; k < dimensions->count; k++) {
        struct dimension *size = &dimensions->size[k];

        if (!dimensions->array[k].variance)
            continue;
        correlate_variance(msg, memory, dimensions->array[k].variance);
        size->offset = msg->Offset;
        size->actual = msg->ActualCount;
        check_dimension(size);
        if (walk->purpose != FREE) {
            out_ulong(walk, size->offset);
            out_ulong(walk, size->actual);
        }
    }
}

void out_array(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    struct dimensions dimensions;

    parse_dimensions(walk, format, &dimensions);
    out_variances(walk, memory, &dimensions);
    out_align(walk, dimensions.array[0].align);
    out_dimension(walk, memory, &dimensions, 0);
}

/* ---- inward */

static void in_elements(struct walk *walk, unsigned char *memory, const struct array *array, ULONG count)
{
    PFORMAT_STRING type = element_type(array->element);
    const struct shape *shape;
    ULONG i;

    if (*type == FC_BOGUS_STRUCT && walk->purpose != CONVERT) {
        shape = plan_of(walk, type);
        if (shape->usable) {
            in_shape(walk, memory, shape, count);
            return;
        }
        if (shape->listed && walk->purpose == UNMARSHAL && !conformant_array_of(type)) {
            in_listed(walk, memory, shape, count);
            return;
        }
    }
    for (i = 0; i < count; i++) {
        in_flat(walk, memory, type);
        if (memory)
            memory += array->element_size;
    }
}

/* Octets of an array's elements swapped and translated; structures in it go member by member. */
static void convert_elements(struct walk *walk, const struct array *array, unsigned char *wire, ULONG octets)
{
    PFORMAT_STRING type = element_type(array->element);
    ULONG size = ndr_base_wire(*type);
    BOOLEAN flat_only = walk->flat_only;

    if (size) {
        convert_base(walk, wire, octets / size, *type);
        return;
    }
    walk->flat_only = TRUE;
    walk->msg->Buffer = wire;
    while (walk->msg->Buffer < wire + octets) {
        unsigned char *before = walk->msg->Buffer;

        in_flat(walk, NULL, type);
        if (walk->msg->Buffer == before)
            ndr_raise(RPC_S_INTERNAL_ERROR);
    }
    walk->msg->Buffer = wire + octets;
    walk->flat_only = flat_only;
}

static void in_block(struct walk *walk, unsigned char *memory, const struct array *array, ULONG offset,
                     ULONG count)
{
    ULONG octets = array->element_size ? checked_product(count, array->element_size) : array->total;
    struct layout layout = {array->layout, memory, NULL, NULL, 0, count};
    BOOLEAN layout_first = array->layout && walk->purpose == UNMARSHAL && !walk->fresh;
    unsigned char *wire;

    if (!octets && walk->msg->Buffer > walk->limit) /* alignment before nothing */
        walk->msg->Buffer = walk->limit;
    wire = in_octets(walk, octets);
    layout.wire = layout.wire_array = wire;
    walk->msg->Offset = offset;
    if (layout_first)
        in_layout(walk, &layout);
    if (walk->purpose == CONVERT)
        convert_elements(walk, array, wire, octets);
    else if (memory && memory + offset * array->element_size != wire)
        memcpy(memory + offset * array->element_size, wire, octets);
    if (array->layout && !layout_first && !walk->flat_only)
        in_layout(walk, &layout);
    /* For a structure that this array ends; elements may have been arrays themselves. */
    walk->array_start = wire;
    walk->msg->Offset = offset;
    walk->msg->ActualCount = count;
}

static void in_dimension(struct walk *walk, unsigned char *memory, const struct dimensions *dimensions,
                         unsigned k)
{
    const struct array *array = &dimensions->array[k];
    const struct dimension *size = &dimensions->size[k];
    ULONG stride, i;

    if (array->code != FC_BOGUS_ARRAY) {
        in_block(walk, memory, array, size->offset, size->actual);
        return;
    }
    stride = memory_stride(dimensions, k);
    if (memory)
        memory += (ULONG_PTR)size->offset * stride;
    if (k + 1 == dimensions->count) {
        in_elements(walk, memory, array, size->actual);
        return;
    }
    if (is_empty_below(dimensions, k))
        return;
    for (i = 0; i < size->actual; i++)
        in_dimension(walk, memory ? memory + (ULONG_PTR)i * stride : NULL, dimensions, k + 1);
}

/* Every element takes at least so many octets: more than fit are refused before the first is looked at. */
static void check_room(struct walk *walk, const struct dimensions *dimensions)
{
    const struct array *last = &dimensions->array[dimensions->count - 1];
    ULONG octets = last->code == FC_BOGUS_ARRAY ? least_wire_size(walk, element_type(last->element))
                                                : last->element_size;
    unsigned k;

    for (k = 0; k < dimensions->count; k++)
        octets = checked_product(octets, dimensions->size[k].actual);
    if (octets && octets > in_left(walk))
        walk_bad();
}

static void in_variances(struct walk *walk, unsigned char *memory, struct dimensions *dimensions)
{
    unsigned k;

    for (k = 0; k < dimensions->count; k++) {
        struct dimension *size = &dimensions->size[k];

        if (!dimensions->array[k].variance)
            continue;
        size->offset = in_ulong(walk);
        size->actual = in_ulong(walk);
        if (size->actual > size->max || size->offset > size->max - size->actual)
            walk_bad();
        /* Only with first_is, which forces a routine, does an array begin elsewhere than at its first
         * element. */
        if (size->offset && dimensions->array[k].variance[1] != FC_CALLBACK)
            walk_bad();
        check_correlation(walk, memory, dimensions->array[k].variance, size->actual);
    }
}

static void in_array_at(struct walk *walk, unsigned char *memory, struct dimensions *dimensions)
{
    in_variances(walk, memory, dimensions);
    check_room(walk, dimensions);
    in_align(walk, dimensions->array[0].align);
    in_dimension(walk, memory, dimensions, 0);
}

void in_array(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    struct dimensions dimensions;
    unsigned k;

    parse_dimensions(walk, format, &dimensions);
    for (k = 0; k < dimensions.count; k++)
        if (dimensions.array[k].conformance)
            check_correlation(walk, memory, dimensions.array[k].conformance, dimensions.size[k].max);
    in_array_at(walk, memory, &dimensions);
}

/* Where in the buffer the array's memory could be: all of it is there, from its first element on. */
static unsigned char *array_place(struct walk *walk, const struct dimensions *dimensions, ULONG size)
{
    const struct array *array = &dimensions->array[0];
    unsigned char *position = walk->msg->Buffer, *place;
    ULONG variance[2] = {0, dimensions->size[0].max};

    if (array->code == FC_BOGUS_ARRAY || array->code == FC_SMVARRAY || array->code == FC_LGVARRAY)
        return NULL;
    if (array->variance) {
        in_align(walk, 4);
        memcpy(variance, in_octets(walk, 8), 8);
    }
    in_align(walk, array->align);
    place = walk->msg->Buffer;
    walk->msg->Buffer = position;
    if (variance[0] != 0 || variance[1] != dimensions->size[0].max)
        return NULL;
    if (size && (place > walk->limit || (ULONG_PTR)(walk->limit - place) < size))
        walk_bad();
    return place;
}

void in_whole_array(struct walk *walk, unsigned char **memory, PFORMAT_STRING format, BOOLEAN must_alloc)
{
    BOOLEAN conformant = conformant_array_of(format) != NULL;
    struct dimensions dimensions;
    unsigned char *found;
    ULONG size;
    unsigned k;

    if (conformant)
        in_conformance(walk, format);
    size = conformant ? array_memory_size(walk, format) : embedded_memory_size(walk->msg, format);
    parse_dimensions(walk, format, &dimensions);
    for (k = 0; k < dimensions.count; k++)
        if (dimensions.array[k].conformance)
            check_correlation(walk, NULL, dimensions.array[k].conformance, dimensions.size[k].max);
    found = acquire(walk, memory, size, must_alloc, array_place(walk, &dimensions, size));
    in_array_at(walk, found, &dimensions);
}
