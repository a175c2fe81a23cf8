/*
 * What hangs on the format character: what a type needs on the wire and in memory, and who walks it.
 * `whole` is a type that stands for itself (a parameter, a referent): its conformance comes first, its memory
 * may have to be found. `flat` is one embedded in a structure, array or union, whose memory is there.
 */
#include "walk.h"

/* What the interpreter's half offers for context handles. */
static void out_context(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;

    if (walk->purpose == MEASURE)
        NdrContextHandleSize(msg, memory, format);
    else if (walk->purpose == MARSHAL && msg->IsClient)
        NdrClientContextMarshall(msg, *(NDR_CCONTEXT *)memory, 0);
    else if (walk->purpose == MARSHAL)
        NdrServerContextNewMarshall(msg, *(NDR_SCONTEXT *)memory,
                                    msg->StubDesc->apfnNdrRundownRoutines[format[2]], format);
}

static void in_context(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *octets;

    if (walk->purpose == UNMARSHAL && msg->IsClient) {
        NdrClientContextUnmarshall(msg, (NDR_CCONTEXT *)memory, msg->RpcMsg->Handle);
    } else if (walk->purpose == UNMARSHAL) {
        *(NDR_SCONTEXT *)memory = NdrServerContextNewUnmarshall(msg, format);
    } else {
        in_align(walk, 4);
        octets = in_octets(walk, cbNDRContext);
        if (walk->purpose == CONVERT) {
            convert_base(walk, octets, 2, FC_ULONG);
            convert_base(walk, octets + 8, 2, FC_USHORT);
        }
        msg->MemorySize += sizeof(void *);
    }
}

BOOLEAN is_block(unsigned char code)
{
    switch (code) {
    case FC_STRUCT:
    case FC_PSTRUCT:
    case FC_CSTRUCT:
    case FC_CPSTRUCT:
    case FC_CVSTRUCT:
    case FC_CARRAY:
    case FC_CVARRAY:
    case FC_SMFARRAY:
    case FC_LGFARRAY:
    case FC_SMVARRAY:
    case FC_LGVARRAY:
        return TRUE;
    case FC_ENUM16:
    case FC_INT3264:
    case FC_UINT3264:
        return FALSE;
    default:
        return ndr_base_wire(code) != 0;
    }
}

PFORMAT_STRING element_type(PFORMAT_STRING element)
{
    return *element == FC_EMBEDDED_COMPLEX ? ndr_fc_target(element + 2) : element;
}

static BOOLEAN is_string(unsigned char code)
{
    return code >= FC_C_CSTRING && code <= FC_WSTRING;
}

static BOOLEAN is_array(unsigned char code)
{
    return code >= FC_CARRAY && code <= FC_BOGUS_ARRAY;
}

ULONG ndr_static_memory_size(PFORMAT_STRING format)
{
    switch (*format) {
    case FC_RP:
    case FC_UP:
    case FC_OP:
    case FC_FP:
    case FC_POINTER:
    case FC_IP:
    case FC_BYTE_COUNT_POINTER:
    case FC_BIND_CONTEXT:
        return sizeof(void *);
    case FC_STRUCT:
    case FC_PSTRUCT:
    case FC_CSTRUCT:
    case FC_CPSTRUCT:
    case FC_CVSTRUCT:
    case FC_BOGUS_STRUCT:
    case FC_HARD_STRUCT:
    case FC_SMFARRAY:
    case FC_SMVARRAY:
        return ndr_fc_ushort(format + 2);
    case FC_LGFARRAY:
    case FC_LGVARRAY:
        return ndr_fc_ulong(format + 2);
    case FC_CSTRING:
    case FC_BSTRING:
    case FC_SSTRING:
    case FC_WSTRING:
        return string_element_size(format) * ndr_fc_ushort(format + 2);
    case FC_RANGE:
        return ndr_base_memory(format[1] & 0x0f);
    case FC_TRANSMIT_AS:
    case FC_REPRESENT_AS:
    case FC_TRANSMIT_AS_PTR:
    case FC_REPRESENT_AS_PTR:
    case FC_USER_MARSHAL:
        return ndr_fc_ushort(format + 4);
    case FC_ENCAPSULATED_UNION: {
        ULONG step = format[1] >> 4;

        return (ndr_fc_ushort(format + 2) + step + step - 1) / step * step;
    }
    default:
        return ndr_base_memory(*format);
    }
}

ULONG embedded_memory_size(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    struct array array;

    if (*format == FC_NON_ENCAPSULATED_UNION)
        return ndr_fc_ushort(ndr_fc_target(format + 2 + ndr_correlation_octets(msg)));
    if (*format == FC_BOGUS_ARRAY) {
        parse_array(msg, format, &array);
        return array.conformance ? 0 : checked_product(array.count, array.element_size);
    }
    return ndr_static_memory_size(format);
}

static ULONG least_struct_size(const struct walk *walk, PFORMAT_STRING format)
{
    const struct shape *shape = shape_of((struct walk *)walk, format);

    return shape ? shape->wire_size : 1;
}

ULONG least_wire_size(const struct walk *walk, PFORMAT_STRING format)
{
    struct array array;
    ULONG size = 1;

    switch (*format) {
    case FC_RP:
    case FC_UP:
    case FC_OP:
    case FC_FP:
    case FC_POINTER:
    case FC_IP:
        return 4;
    case FC_RANGE:
        return ndr_base_wire(format[1] & 0x0f);
    case FC_BOGUS_STRUCT:
    case FC_HARD_STRUCT:
        size = least_struct_size(walk, format);
        break;
    case FC_STRUCT:
    case FC_PSTRUCT:
        size = ndr_fc_ushort(format + 2);
        break;
    case FC_BOGUS_ARRAY:
        parse_array(walk->msg, format, &array);
        if (!array.conformance && !array.variance)
            size = checked_product(array.count, least_wire_size(walk, element_type(array.element)));
        break;
    case FC_SMFARRAY:
    case FC_LGFARRAY:
        size = ndr_static_memory_size(format);
        break;
    case FC_CSTRING:
    case FC_BSTRING:
    case FC_SSTRING:
    case FC_WSTRING:
        return 8;
    case FC_BIND_CONTEXT:
        return cbNDRContext;
    default:
        size = ndr_base_wire(*format);
    }
    return size ? size : 1;
}

/* ---- who walks what is embedded in something */

static void out_embedded_pointer(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    out_pointer(walk, load_pointer(memory), format, TRUE);
}

static void in_embedded_pointer(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    in_pointer(walk, memory, format, TRUE);
}

static void out_embedded_interface(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    out_interface(walk, load_pointer(memory), format);
}

static void out_range(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    out_base(walk, memory, format[1] & 0x0f);
}

typedef void walk_function(struct walk *walk, unsigned char *memory, PFORMAT_STRING format);

/* By format character; what is not here is a base type. */
static const struct {
    walk_function *out, *in;
} flat[] = {
    [FC_RP... FC_FP] = {out_embedded_pointer, in_embedded_pointer},
    [FC_STRUCT... FC_BOGUS_STRUCT] = {out_struct, in_struct},
    [FC_CARRAY... FC_BOGUS_ARRAY] = {out_array, in_array},
    [FC_C_CSTRING... FC_WSTRING] = {out_string, in_string},
    [FC_ENCAPSULATED_UNION... FC_NON_ENCAPSULATED_UNION] = {out_union, in_union},
    [FC_BYTE_COUNT_POINTER] = {out_embedded_pointer, in_embedded_pointer},
    [FC_TRANSMIT_AS... FC_REPRESENT_AS] = {out_transmit_as, in_transmit_as},
    [FC_IP] = {out_embedded_interface, in_interface},
    [FC_BIND_CONTEXT] = {out_context, in_context},
    [FC_HARD_STRUCT] = {out_struct, in_struct},
    [FC_TRANSMIT_AS_PTR... FC_REPRESENT_AS_PTR] = {out_transmit_as, in_transmit_as},
    [FC_USER_MARSHAL] = {out_user_marshal, in_user_marshal},
    [FC_RANGE] = {out_range, in_range},
};
enum { FLAT = sizeof(flat) / sizeof(*flat) };

void out_flat(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    if (*format < FLAT && flat[*format].out)
        flat[*format].out(walk, memory, format);
    else
        out_base(walk, memory, *format);
}

void in_flat(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    if (*format < FLAT && flat[*format].in)
        flat[*format].in(walk, memory, format);
    else
        in_base(walk, memory, *format);
}

void out_whole(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    switch (*format) {
    case FC_RP:
    case FC_UP:
    case FC_OP:
    case FC_FP:
    case FC_BYTE_COUNT_POINTER:
        out_pointer(walk, memory, format, FALSE);
        return;
    case FC_IP:
        out_interface(walk, memory, format);
        return;
    default:
        if (conformant_array_of(format))
            out_conformance(walk, memory, format);
        out_flat(walk, memory, format);
    }
}

/* Alignment on the wire of what may be used in place. */
static ULONG block_align(PFORMAT_STRING format)
{
    return ndr_base_wire(*format) ? ndr_base_wire(*format) : format[1] + 1u;
}

unsigned char *acquire(struct walk *walk, unsigned char **memory, ULONG size, BOOLEAN must_alloc,
                       unsigned char *place)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *found;

    if (walk->purpose != UNMARSHAL) {
        ndr_align_length(&msg->MemorySize, 8);
        msg->MemorySize += size;
        return NULL;
    }
    found = must_alloc ? NULL : load_pointer((unsigned char *)memory);
    if (found)
        return found;
    walk->fresh = TRUE;
    /* Nothing at the buffer's very end would not be known as part of the buffer when it is freed. */
    if (place && size && walk->in_place && !msg->pAllocAllNodesContext) {
        store_pointer((unsigned char *)memory, place);
        return place;
    }
    found = walk_alloc(walk, memory, size);
    if (!place)
        memset(found, 0, size);
    return found;
}

/* The buffer position after alignment where size octets of it can serve as the value's memory, else NULL. */
static unsigned char *place_for(struct walk *walk, PFORMAT_STRING format, ULONG size)
{
    if (!is_block(*format))
        return NULL;
    in_align(walk, block_align(format));
    if (in_left(walk) < size)
        walk_bad();
    return walk->msg->Buffer;
}

void in_whole(struct walk *walk, unsigned char **memory, PFORMAT_STRING format, BOOLEAN must_alloc)
{
    PFORMAT_STRING conformant;
    unsigned char *place, *found;
    ULONG size;

    switch (*format) {
    case FC_RP:
    case FC_UP:
    case FC_OP:
    case FC_FP:
    case FC_BYTE_COUNT_POINTER:
        walk->fresh = must_alloc;
        in_pointer(walk, (unsigned char *)memory, format, FALSE);
        return;
    case FC_IP:
        walk->fresh = must_alloc;
        in_interface(walk, (unsigned char *)memory, format);
        return;
    default:
        break;
    }
    if (is_string(*format)) {
        in_whole_string(walk, memory, format, must_alloc);
        return;
    }
    if (is_array(*format)) {
        in_whole_array(walk, memory, format, must_alloc);
        return;
    }
    conformant = conformant_array_of(format);
    size = embedded_memory_size(walk->msg, format);
    if (conformant) {
        in_conformance(walk, format);
        in_align(walk, format[1] + 1);
        size += array_memory_size(walk, conformant);
        /* A varying array's tail is not in the buffer. */
        place = *conformant == FC_CARRAY ? place_for(walk, format, size) : NULL;
    } else {
        place = place_for(walk, format, size);
    }
    found = acquire(walk, memory, size, must_alloc, place);
    in_flat(walk, found, format);
}

void in_apart(struct walk *walk, PFORMAT_STRING format)
{
    struct dimension around[MAX_DIMENSIONS];
    BOOLEAN embedded = walk->embedded, array_done = walk->array_done;
    unsigned char *none = NULL;

    memcpy(around, walk->dimension, sizeof(around));
    walk->embedded = walk->array_done = FALSE;
    in_whole(walk, &none, format, FALSE);
    walk->embedded = embedded;
    walk->array_done = array_done;
    memcpy(walk->dimension, around, sizeof(around));
}
