/*
 * Strings: conformant (plain or sized), in a fixed array, of char, byte, wchar_t or small structures. On the
 * wire a varying array whose last element is all zero (C706 14.3.4); a conformant one has its maximum count
 * hoisted.
 */
#include "walk.h"

static BOOLEAN is_conformant(PFORMAT_STRING format)
{
    return *format <= FC_C_WSTRING;
}

ULONG string_element_size(PFORMAT_STRING format)
{
    switch (*format) {
    case FC_C_WSTRING:
    case FC_WSTRING:
        return 2;
    case FC_C_SSTRING:
    case FC_SSTRING:
        return format[1];
    default:
        return 1;
    }
}

static ULONG string_align(PFORMAT_STRING format)
{
    return *format == FC_C_WSTRING || *format == FC_WSTRING ? 2 : 1;
}

PFORMAT_STRING string_descriptor(PFORMAT_STRING format)
{
    if (!is_conformant(format))
        return NULL;
    if (*format == FC_C_SSTRING)
        return format[2] == FC_STRING_SIZED ? format + 4 : NULL;
    return format[1] == FC_STRING_SIZED ? format + 2 : NULL;
}

static BOOLEAN is_zero(const unsigned char *element, ULONG size)
{
    while (size && !*element) {
        element++;
        size--;
    }
    return !size;
}

/* Elements before the terminator, at most limit. */
static ULONG string_length(const unsigned char *memory, ULONG size, ULONG limit)
{
    ULONG length = 0;

    if (size == 1) {
        const unsigned char *end = memchr(memory, 0, limit);

        return end ? (ULONG)(end - memory) : limit;
    }
    while (length < limit && !is_zero(memory + (ULONG_PTR)length * size, size))
        length++;
    return length;
}

/* Elements that go out: the terminator too. Sized strings and those in fixed arrays have to end where they
 * may. */
static ULONG string_count(const unsigned char *memory, PFORMAT_STRING format, ULONG max)
{
    ULONG size = string_element_size(format), length = string_length(memory, size, max);

    if (length == max)
        ndr_raise(RPC_X_INVALID_BOUND);
    return length + 1;
}

ULONG string_conformance(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    PFORMAT_STRING descriptor = string_descriptor(format);
    ULONG size = string_element_size(format), max;

    if (!memory)
        return 0;
    if (!descriptor)
        max = string_count(memory, format, size ? 0x7fffffff / size : 0);
    else
        max = (ULONG)ndr_correlate(msg, memory, descriptor);
    msg->MaxCount = max;
    return max;
}

void out_string(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    ULONG size = string_element_size(format), max, count;

    if (walk->purpose == FREE)
        return;
    max = is_conformant(format) ? walk->dimension[0].max : ndr_fc_ushort(format + 2);
    count = is_conformant(format) && !string_descriptor(format) ? max : string_count(memory, format, max);
    out_ulong(walk, 0);
    out_ulong(walk, count);
    out_align(walk, string_align(format));
    out_octets(walk, memory, checked_product(count, size));
    walk->msg->Offset = 0;
    walk->msg->ActualCount = count;
}

static unsigned char character_type(PFORMAT_STRING format)
{
    switch (*format) {
    case FC_C_CSTRING:
    case FC_CSTRING:
        return FC_CHAR;
    case FC_C_WSTRING:
    case FC_WSTRING:
        return FC_WCHAR;
    default:
        return FC_BYTE;
    }
}

/* The elements after their counts: consumed, checked, converted. */
static unsigned char *take_string(struct walk *walk, PFORMAT_STRING format, ULONG max, ULONG *count)
{
    ULONG size = string_element_size(format), offset = in_ulong(walk);
    unsigned char *octets;

    *count = in_ulong(walk);
    if (offset || !*count || *count > max || !size)
        walk_bad();
    octets = in_octets(walk, checked_product(*count, size));
    if (!is_zero(octets + (ULONG_PTR)(*count - 1) * size, size))
        walk_bad();
    if (walk->purpose == CONVERT)
        convert_base(walk, octets, *count, character_type(format));
    walk->msg->Offset = 0;
    walk->msg->ActualCount = *count;
    return octets;
}

void in_string(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    ULONG max = is_conformant(format) ? walk->dimension[0].max : ndr_fc_ushort(format + 2), count;
    unsigned char *octets = take_string(walk, format, max, &count);

    if (string_descriptor(format))
        check_correlation(walk, memory, string_descriptor(format), max);
    if (memory && memory != octets)
        memcpy(memory, octets, count * string_element_size(format));
}

static void in_whole_conformant(struct walk *walk, unsigned char **memory, PFORMAT_STRING format,
                                BOOLEAN must_alloc)
{
    PFORMAT_STRING descriptor = string_descriptor(format);
    ULONG size = string_element_size(format), max = in_ulong(walk), count;
    unsigned char *octets = take_string(walk, format, max, &count), *found;

    if (descriptor)
        check_correlation(walk, NULL, descriptor, max);
    /* An unsized string may not grow, so it needs no more memory than there are characters. */
    if (!descriptor)
        max = count;
    found = acquire(walk, memory, checked_product(max, size), must_alloc, max == count ? octets : NULL);
    if (found && found != octets)
        memcpy(found, octets, count * size);
    walk->msg->MaxCount = max;
}

/* ---- plain strings behind simple pointers: most strings there are, so without the general machinery */

#ifdef __SSE2__
typedef char sixteen __attribute__((vector_size(16), may_alias));
typedef short eight __attribute__((vector_size(16), may_alias));

/* Octets before the first element (of 1 or 2 octets, 2: aligned) that is zero. Reads whole aligned blocks of
 * 16, which may begin before the string and end after it, but never lie in a page that it does not touch. */
__attribute__((no_sanitize("address"))) static size_t octets_before_zero(const unsigned char *value,
                                                                         unsigned size)
{
    const unsigned char *block = (const unsigned char *)((ULONG_PTR)value & ~(ULONG_PTR)15);
    unsigned skipped = (unsigned)(value - block), mask;

    for (mask = ~0u << skipped;; mask = ~0u, block += 16) {
        sixteen equal =
            size == 1 ? (sixteen)(*(const sixteen *)block == 0) : (sixteen)(*(const eight *)block == 0);

        mask &= (unsigned)__builtin_ia32_pmovmskb128(equal);
        if (mask)
            return (size_t)(block + __builtin_ctz(mask) - value);
    }
}
#else
static size_t octets_before_zero(const unsigned char *value, unsigned size)
{
    const unsigned short *wide = (const unsigned short *)value;

    if (size == 1)
        return strlen((const char *)value);
    while (*wide)
        wide++;
    return (size_t)((const unsigned char *)wide - value);
}
#endif

ULONG plain_count(const unsigned char *value, unsigned size)
{
    size_t length;

    if (size == 1)
        length = octets_before_zero(value, 1);
    else if ((ULONG_PTR)value & 1)
        length = string_length(value, 2, 0x3fffffff);
    else
        length = octets_before_zero(value, 2) / 2;
    if (length >= 0x3fffffff)
        ndr_raise(RPC_X_INVALID_BOUND);
    return (ULONG)length + 1;
}

void out_plain_string(struct walk *walk, const unsigned char *value, unsigned char code)
{
    unsigned size = code == FC_C_WSTRING ? 2 : 1;
    PMIDL_STUB_MESSAGE msg = walk->msg;
    ULONG count;

    if (walk->purpose == MARSHAL) {
        msg->Buffer = put_plain_string(msg->Buffer, walk->limit, value, size, &count);
    } else if (walk->purpose == MEASURE) {
        out_align(walk, 4);
        out_grow(walk, 3 * sizeof(ULONG) + plain_count(value, size) * size);
    }
}

unsigned char *take_plain_string(struct walk *walk, unsigned char code, ULONG *octets)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *string = plain_string_at(msg->Buffer, walk->limit, code == FC_C_WSTRING ? 2 : 1, octets);

    msg->Buffer = string + *octets;
    return string;
}

void in_plain_string(struct walk *walk, const struct pointee *pointee)
{
    ULONG size;
    unsigned char *octets = take_plain_string(walk, pointee->format[2], &size);
    unsigned char *memory = pointee->fresh ? NULL : load_pointer(pointee->at);

    if (memory) {
        copy_few(memory, octets, size);
    } else if (walk->in_place && !walk->msg->pAllocAllNodesContext) {
        store_pointer(pointee->at, octets);
    } else {
        memory = walk_alloc(walk, (unsigned char **)pointee->at, size);
        copy_few(memory, octets, size);
    }
}

void in_whole_string(struct walk *walk, unsigned char **memory, PFORMAT_STRING format, BOOLEAN must_alloc)
{
    unsigned char *found;

    if (is_conformant(format)) {
        in_whole_conformant(walk, memory, format, must_alloc);
        return;
    }
    if (in_left(walk) < 8)
        walk_bad();
    found = acquire(walk, memory, ndr_static_memory_size(format), must_alloc, NULL);
    in_string(walk, found, format);
}
