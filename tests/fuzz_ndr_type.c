/*
 * Unmarshalling of random types (host/model.c) from hostile octets: the first four octets choose the type and
 * what is done, the rest is received. Nothing may be read or written outside, stay allocated, or ask for
 * memory out of proportion; what is accepted can be marshalled again and freed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/model.h"

enum { HEADER = 4 };
enum { ON_CLIENT = 1, MUST_ALLOC = 2, CONVERT_FIRST = 4, SKIM_FIRST = 8 };

size_t LLVMFuzzerMutate(unsigned char *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static ULONG type_number(const unsigned char *data)
{
    return data[0] | data[1] << 8;
}

static void choose_type(struct model *model, const unsigned char *data)
{
    model_begin(model, type_number(data) + 1u, 1 + type_number(data) % 5);
}

/* Now and then a valid message of a new type, which libFuzzer's own mutations then spoil. */
size_t LLVMFuzzerCustomMutator(unsigned char *data, size_t size, size_t max, unsigned seed)
{
    struct model model;
    size_t used;

    if (size > HEADER && seed % 16)
        return HEADER + LLVMFuzzerMutate(data + HEADER, size - HEADER, max - HEADER);
    if (max < 64)
        return LLVMFuzzerMutate(data, size, max);
    seed *= 2654435761u;
    data[0] = (unsigned char)(seed >> 8);
    data[1] = (unsigned char)(seed >> 16);
    data[2] = (unsigned char)(seed >> 24);
    data[3] = 0;
    choose_type(&model, data);
    used = !model_usable(&model) ? 0
                                 : model_encode(&model, model_value(&model), (data[2] & CONVERT_FIRST) != 0,
                                                data + HEADER, max - HEADER);
    model_end(&model);
    return HEADER + used;
}

#define MUST(condition)                                                                                      \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "line %d: not %s\n", __LINE__, #condition);                                      \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void marshal_again(unsigned char *value, struct model *model)
{
    struct stub stub;

    model_stub(model, &stub, TRUE);
    MUST(!stub_size(&stub, value, model_format(model)));
    MUST(!stub_marshal(&stub, value, model_format(model)));
    MUST(stub.msg.Buffer == (unsigned char *)stub.rpc.Buffer + stub.msg.BufferLength);
    model_stub_end(&stub);
    stub_drop(&stub);
}

static void unmarshal(struct stub *stub, struct model *model, unsigned options)
{
    unsigned char *got = NULL;

    if (stub_unmarshal(stub, &got, model_format(model), (options & MUST_ALLOC) != 0)) {
        MUST(!got);
        return;
    }
    marshal_again(got, model);
    MUST(!stub_free(stub, got, model_format(model)));
    if (model->form != MODEL_BYTE_COUNT && (got < stub->msg.BufferStart || got >= stub->msg.BufferEnd))
        host_free(got);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct model model;
    struct stub stub;
    ULONG code = 0;

    if (size < HEADER)
        return 0;
    model_made = 0;
    choose_type(&model, data);
    if (!model_usable(&model)) {
        model_end(&model);
        return 0;
    }
    model.stack[4] = 1 << 12;
    model_stub(&model, &stub, (data[2] & ON_CLIENT) != 0);
    stub_receive(&stub, data + HEADER, size - HEADER);
    if (data[2] & CONVERT_FIRST)
        code = stub_convert(&stub, model_format(&model), NDR_BIG_ENDIAN);
    if (!code && data[2] & SKIM_FIRST) {
        code = stub_memory_size(&stub, model_format(&model));
        stub.msg.Buffer = stub.msg.BufferStart;
    }
    if (!code)
        unmarshal(&stub, &model, data[2]);
    model_stub_end(&stub);
    stub_drop(&stub);
    MUST(host_blocks == stub.blocks);
    MUST(model_made <= 0 || model_takes_all_nodes(&model)); /* a null reference is freed, too */
    model_end(&model);
    return 0;
}
