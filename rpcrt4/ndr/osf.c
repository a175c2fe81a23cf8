/*
 * Helpers of the stubs that MIDL 1.0 made, on i686 alone. They read base values where a message's Buffer
 * points and move it on; rpcndr.h of Visual C++ 6 declares them, and its macros small_from_ndr,
 * small_from_ndr_temp and small_array_from_ndr, which mingw-w64 has too, show what each does for octets.
 * Values are aligned as NDR has it (C706 14.2.2). Their callers check nothing, and tell nobody where a buffer
 * ends. No lock.
 */
#include "walk.h"

#ifndef _WIN64

/* Elements lower up to upper, that one not included, of target, from *source on. */
static void read_values(void **source, ULONG representation, ULONG lower, ULONG upper, void *target,
                        unsigned char code)
{
    ULONG size = ndr_base_wire(code), count = upper > lower ? upper - lower : 0;
    unsigned char *octets = (unsigned char *)(((ULONG_PTR)*source + size - 1) & ~(ULONG_PTR)(size - 1));
    unsigned char *to = (unsigned char *)target + (SIZE_T)lower * size;

    memcpy(to, octets, (SIZE_T)count * size);
    convert_values(representation, to, count, code);
    *source = octets + (SIZE_T)count * size;
}

#define FROM_NDR(name, type, code)                                                                           \
    void RPC_ENTRY name##_from_ndr(PRPC_MESSAGE source, type *target)                                        \
    {                                                                                                        \
        read_values(&source->Buffer, source->DataRepresentation, 0, 1, target, code);                        \
    }                                                                                                        \
    void RPC_ENTRY name##_array_from_ndr(PRPC_MESSAGE source, ULONG lower, ULONG upper, type *target)        \
    {                                                                                                        \
        read_values(&source->Buffer, source->DataRepresentation, lower, upper, target, code);                \
    }
#define FROM_NDR_TEMP(name, type, code)                                                                      \
    void RPC_ENTRY name##_from_ndr_temp(unsigned char **source, type *target, ULONG representation)          \
    {                                                                                                        \
        void *at = *source;                                                                                  \
                                                                                                             \
        read_values(&at, representation, 0, 1, target, code);                                                \
        *source = at;                                                                                        \
    }

FROM_NDR(char, unsigned char, FC_CHAR)
FROM_NDR(short, unsigned short, FC_USHORT)
FROM_NDR(long, ULONG, FC_ULONG)
FROM_NDR(float, void, FC_FLOAT)
FROM_NDR(double, void, FC_DOUBLE)
FROM_NDR_TEMP(short, unsigned short, FC_USHORT)
FROM_NDR_TEMP(long, ULONG, FC_ULONG)

/* Two octets on the wire, an int in memory. */
void RPC_ENTRY enum_from_ndr(PRPC_MESSAGE source, unsigned int *target)
{
    unsigned short value;

    short_from_ndr(source, &value);
    *target = value;
}

void RPC_ENTRY NDRcopy(void *target, const void *source, unsigned int octets)
{
    memcpy(target, source, octets);
}

unsigned int RPC_ENTRY MIDL_wchar_strlen(const WCHAR *text)
{
    unsigned int length = 0;

    while (text[length])
        length++;
    return length;
}

void RPC_ENTRY MIDL_wchar_strcpy(WCHAR *target, const WCHAR *source)
{
    memcpy(target, source, (MIDL_wchar_strlen(source) + 1) * sizeof(*source));
}

#endif
