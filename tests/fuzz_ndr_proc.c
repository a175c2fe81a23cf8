/*
 * A server's interpreter and hostile requests: the first octet chooses the sender's representation and
 * whether a procedure of host/proc_case.c is called or a random one (host/model_proc.h), whose model the next
 * two octets number; the rest is the request. Nothing may be read or written outside or stay allocated.
 */
#include <stdlib.h>
#include <string.h>

#include "host/model_proc.h"
#include "host/proc_case.h"

enum { HEADER = 3, RANDOM = 0x20, BIG_ENDIAN_SENDER = 0x40 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
size_t LLVMFuzzerMutate(unsigned char *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed);

/* A server gives an [out] array the size that its caller asks for, which costs time and teaches nothing. */
static int asks_much(const unsigned char *data, size_t size)
{
    if (data[0] & RANDOM || data[0] % PROC_COUNT != PROC_OUTS || size < 5)
        return 0;
    return data[0] >> 6 & 1 ? data[1] || data[2] : data[3] || data[4];
}

/* What a random procedure's manager does is nothing: [out] parameters stay as they were supplied. */
static void manager(void *h, void *a, void *b, void *c, LONGLONG room)
{
    (void)h, (void)a, (void)b, (void)c, (void)room;
}

static void open_random(struct model_proc *proc, struct model *model, const unsigned char *data)
{
    unsigned number = data[1] | data[2] << 8;

    model_begin(model, number + 1u, 1 + number % 5);
    if (model_usable(model))
        model_proc_open(proc, model, manager);
}

/* Now and then a valid request of a new procedure, which libFuzzer's own mutations then spoil. */
size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed)
{
    struct model model;
    struct model_proc proc;
    struct model_stack sent = {.room = 64};
    size_t used = 0;

    if (size && !(data[0] & RANDOM) && seed % 16)
        return LLVMFuzzerMutate(data, size, max);
    if (size > HEADER && seed % 16)
        return HEADER + LLVMFuzzerMutate(data + HEADER, size - HEADER, max - HEADER);
    if (max < 64)
        return LLVMFuzzerMutate(data, size, max);
    seed *= 2654435761u;
    data[0] = (unsigned char)(RANDOM | (seed >> 8 & BIG_ENDIAN_SENDER));
    data[1] = (unsigned char)(seed >> 16);
    data[2] = (unsigned char)(seed >> 24);
    open_random(&proc, &model, data);
    if (model_usable(&model)) {
        sent.a = model_value(&model);
        sent.b = model_value(&model);
        sent.c = model_value(&model);
        used =
            model_proc_encode(&proc, &sent, (data[0] & BIG_ENDIAN_SENDER) != 0, data + HEADER, max - HEADER);
    }
    model_end(&model);
    return HEADER + used;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const ULONG representations[] = {NDR_LITTLE_ENDIAN, NDR_BIG_ENDIAN,
                                            NDR_LITTLE_ENDIAN | NDR_EBCDIC_CHAR,
                                            NDR_BIG_ENDIAN | NDR_VAX_FLOAT};
    long blocks = host_blocks;
    struct model model;
    struct model_proc proc;

    if (!size || asks_much(data, size))
        return 0;
    if (!(data[0] & RANDOM)) {
        proc_case_open();
        channel_dispatch(data[0] % PROC_COUNT, data + 1, size - 1, representations[data[0] >> 6]);
    } else if (size >= HEADER) {
        open_random(&proc, &model, data);
        if (model_usable(&model))
            channel_dispatch(0, data + HEADER, size - HEADER, representations[data[0] >> 6]);
        model_end(&model);
    }
    if (host_blocks != blocks)
        abort();
    return 0;
}
