/*
 * Foreign data representations (C706 14.2): big-endian integers, EBCDIC characters, VAX, Cray and IBM
 * floating point, each brought to little-endian, ASCII, IEEE in place.
 */
#include "walk.h"

enum { FLOAT_IEEE, FLOAT_VAX, FLOAT_CRAY, FLOAT_IBM };

/* Code page 500, the international EBCDIC. */
static const unsigned char ascii_of_ebcdic[256] = {
    0x00, 0x01, 0x02, 0x03, 0x9c, 0x09, 0x86, 0x7f, 0x97, 0x8d, 0x8e, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
    0x10, 0x11, 0x12, 0x13, 0x9d, 0x85, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8f, 0x1c, 0x1d, 0x1e, 0x1f,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x0a, 0x17, 0x1b, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x05, 0x06, 0x07,
    0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98, 0x99, 0x9a, 0x9b, 0x14, 0x15, 0x9e, 0x1a,
    0x20, 0xa0, 0xe2, 0xe4, 0xe0, 0xe1, 0xe3, 0xe5, 0xe7, 0xf1, 0x5b, 0x2e, 0x3c, 0x28, 0x2b, 0x21,
    0x26, 0xe9, 0xea, 0xeb, 0xe8, 0xed, 0xee, 0xef, 0xec, 0xdf, 0x5d, 0x24, 0x2a, 0x29, 0x3b, 0x5e,
    0x2d, 0x2f, 0xc2, 0xc4, 0xc0, 0xc1, 0xc3, 0xc5, 0xc7, 0xd1, 0xa6, 0x2c, 0x25, 0x5f, 0x3e, 0x3f,
    0xf8, 0xc9, 0xca, 0xcb, 0xc8, 0xcd, 0xce, 0xcf, 0xcc, 0x60, 0x3a, 0x23, 0x40, 0x27, 0x3d, 0x22,
    0xd8, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0xab, 0xbb, 0xf0, 0xfd, 0xfe, 0xb1,
    0xb0, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0xaa, 0xba, 0xe6, 0xb8, 0xc6, 0xa4,
    0xb5, 0x7e, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0xa1, 0xbf, 0xd0, 0xdd, 0xde, 0xae,
    0xa2, 0xa3, 0xa5, 0xb7, 0xa9, 0xa7, 0xb6, 0xbc, 0xbd, 0xbe, 0xac, 0x7c, 0xaf, 0xa8, 0xb4, 0xd7,
    0x7b, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0xad, 0xf4, 0xf6, 0xf2, 0xf3, 0xf5,
    0x7d, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0xb9, 0xfb, 0xfc, 0xf9, 0xfa, 0xff,
    0x5c, 0xf7, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0xb2, 0xd4, 0xd6, 0xd2, 0xd3, 0xd5,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0xb3, 0xdb, 0xdc, 0xd9, 0xda, 0x9f,
};

static void swap_octets(unsigned char *octets, unsigned size)
{
    unsigned low, high;

    for (low = 0, high = size - 1; low < high; low++, high--) {
        unsigned char octet = octets[low];

        octets[low] = octets[high];
        octets[high] = octet;
    }
}

static void swap_values(unsigned char *octets, ULONG count, unsigned size)
{
    for (; size > 1 && count; count--, octets += size)
        swap_octets(octets, size);
}

/* A number: fraction * 2^(exponent - 64), the fraction's highest bit set unless it is 0. */
struct number {
    BOOLEAN negative;
    int exponent;
    ULONGLONG fraction;
};

static ULONGLONG load_bits(const unsigned char *octets, unsigned size, BOOLEAN vax)
{
    ULONGLONG bits = 0;
    unsigned i;

    /* VAX: 16-bit words in order of significance, each little-endian. The others go from the highest octet
     * down. */
    for (i = 0; i < size; i++)
        bits = bits << 8 | octets[vax ? i ^ 1 : i];
    return bits;
}

static void normalize(struct number *number)
{
    while (number->fraction && !(number->fraction >> 63)) {
        number->fraction <<= 1;
        number->exponent--;
    }
}

/* F_floating (4 octets) and G_floating (8): a fraction of 0.1xxx, its first bit hidden. */
static struct number load_vax(const unsigned char *octets, unsigned size)
{
    unsigned width = size == 4 ? 8 : 11, stored = 8 * size - 1 - width;
    ULONGLONG bits = load_bits(octets, size, TRUE);
    int exponent = (int)(bits >> stored & ((1u << width) - 1));
    struct number number = {bits >> (8 * size - 1) & 1, exponent - (1 << (width - 1)), 0};

    if (!exponent && number.negative) /* a reserved operand */
        ndr_raise(RPC_X_BAD_STUB_DATA);
    if (exponent)
        number.fraction = 1ull << 63 | (bits & ((1ull << stored) - 1)) << (63 - stored);
    return number;
}

/* Sign, 15 bits of exponent by 2^14, a fraction with no hidden bit. */
static struct number load_cray(const unsigned char *octets, unsigned size)
{
    ULONGLONG bits = load_bits(octets, size, FALSE) << (64 - 8 * size);
    struct number number = {bits >> 63, (int)(bits >> 48 & 0x7fff) - 0x4000, bits << 16};

    normalize(&number);
    return number;
}

/* Sign, 7 bits of exponent to the base 16 by 64, a fraction with no hidden bit. */
static struct number load_ibm(const unsigned char *octets, unsigned size)
{
    ULONGLONG bits = load_bits(octets, size, FALSE) << (64 - 8 * size);
    struct number number = {bits >> 63, 4 * ((int)(bits >> 56 & 0x7f) - 64), bits << 8};

    normalize(&number);
    return number;
}

/* The bits of a number as IEEE single or double, rounded to nearest; too great gives infinity, too small
 * zero. */
static ULONGLONG to_ieee(const struct number *number, unsigned size)
{
    unsigned width = size == 4 ? 8 : 11, stored = 8 * size - 1 - width, drop = 63 - stored;
    int bias = (1 << (width - 1)) - 1, exponent = number->exponent - 1 + bias;
    ULONGLONG sign = (ULONGLONG)number->negative << (8 * size - 1), fraction = number->fraction, bits;

    if (!fraction)
        return sign;
    if (exponent >= (1 << width) - 1)
        return sign | ((1ull << width) - 1) << stored;
    if (exponent <= 0) { /* denormalized */
        if (exponent < -(int)stored)
            return sign;
        drop += 1 - exponent;
        exponent = 1;
    }
    if (drop > 63)
        return sign;
    bits = fraction >> drop;
    if (fraction >> (drop - 1) & 1 && (bits & 1 || fraction & ((1ull << (drop - 1)) - 1)))
        bits++;
    /* The hidden bit, where there is one, adds the missing 1 to the exponent. */
    bits += (ULONGLONG)(exponent - 1) << stored;
    if (bits >> stored >= (1u << width) - 1)
        bits = ((1ull << width) - 1) << stored;
    return sign | bits;
}

static void convert_float(unsigned char *octets, unsigned size, unsigned representation)
{
    struct number number = representation == FLOAT_VAX    ? load_vax(octets, size)
                           : representation == FLOAT_CRAY ? load_cray(octets, size)
                                                          : load_ibm(octets, size);
    ULONGLONG bits = to_ieee(&number, size);

    memcpy(octets, &bits, size);
}

/* representation: the sender's, as RPC_MESSAGE.DataRepresentation has it. */
void convert_values(ULONG representation, unsigned char *octets, ULONG count, unsigned char code)
{
    unsigned size = ndr_base_wire(code), real = representation >> 8 & 0xff;

    if ((code == FC_FLOAT || code == FC_DOUBLE) && real != FLOAT_IEEE) {
        if (real > FLOAT_IBM)
            ndr_raise(RPC_X_BAD_STUB_DATA);
        for (; count; count--, octets += size)
            convert_float(octets, size, real);
    } else if (code == FC_CHAR && (representation & NDR_CHAR_REP_MASK) == NDR_EBCDIC_CHAR) {
        for (; count; count--, octets++)
            *octets = ascii_of_ebcdic[*octets];
    } else if ((representation & NDR_INT_REP_MASK) != NDR_LOCAL_ENDIAN) {
        swap_values(octets, count, size);
    }
}

void convert_base(struct walk *walk, unsigned char *octets, ULONG count, unsigned char code)
{
    convert_values(walk->swap, octets, count, code);
}
