/*
 * A server's interpreter and hostile requests: the first octet chooses the procedure of host/proc_case.c and
 * the sender's representation, the rest is the request. Nothing may be read or written outside or stay
 * allocated.
 */
#include <stdlib.h>

#include "host/proc_case.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A server gives an [out] array the size that its caller asks for, which costs time and teaches nothing. */
static int asks_much(const unsigned char *data, size_t size)
{
    if (data[0] % PROC_COUNT != PROC_OUTS || size < 5)
        return 0;
    return data[0] >> 6 & 1 ? data[1] || data[2] : data[3] || data[4];
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const ULONG representations[] = {NDR_LITTLE_ENDIAN, NDR_BIG_ENDIAN,
                                            NDR_LITTLE_ENDIAN | NDR_EBCDIC_CHAR,
                                            NDR_BIG_ENDIAN | NDR_VAX_FLOAT};
    long blocks = host_blocks;

    if (!size || asks_much(data, size))
        return 0;
    proc_case_open();
    channel_dispatch(data[0] % PROC_COUNT, data + 1, size - 1, representations[data[0] >> 6]);
    if (host_blocks != blocks)
        abort();
    return 0;
}
