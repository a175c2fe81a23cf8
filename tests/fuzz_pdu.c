/*
 * PDU decoding under libFuzzer: whatever comes, nothing is read outside the buffer, and what was accepted
 * can be walked, reassembled and, for lists, encoded again to what decodes the same.
 */
#include <stdlib.h>

#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum;

static void touch(const uint8_t *data, size_t length)
{
    while (length--)
        sum += *data++;
}

static void walk_bind(const struct wire_pdu *pdu)
{
    struct wire_context context;
    struct wire_syntax syntax;
    size_t cursor = 0;
    uint64_t mask;
    unsigned i, seen = 0;

    for (; wire_next_context(pdu, &cursor, &context); seen++)
        for (i = 0; i < context.count; i++) {
            wire_transfer(pdu, &context, i, &syntax);
            sum += wire_is_features(&syntax, &mask);
        }
    if (seen != pdu->u.bind.count)
        abort();
}

static void walk_ack(const struct wire_pdu *pdu)
{
    struct wire_context_result result;
    size_t cursor = 0;
    unsigned seen = 0;

    touch(pdu->u.bind.address, pdu->u.bind.address_length);
    while (wire_next_result(pdu, &cursor, &result))
        seen++;
    if (seen != pdu->u.bind.count)
        abort();
}

static void walk(const struct wire_pdu *pdu, struct wire_assembly *assembly)
{
    const uint8_t *info;
    size_t offset, length;

    touch(pdu->auth.value, pdu->auth.length);
    if (wire_error_info(pdu, &info, &length))
        touch(info, length);
    switch (pdu->ptype) {
    case WIRE_BIND:
    case WIRE_ALTER_CONTEXT:
        walk_bind(pdu);
        break;
    case WIRE_BIND_ACK:
    case WIRE_ALTER_CONTEXT_RESP:
        walk_ack(pdu);
        break;
    case WIRE_BIND_NAK:
        touch(pdu->u.nak.version_list, 2 * (size_t)pdu->u.nak.versions);
        break;
    case WIRE_REQUEST:
    case WIRE_RESPONSE:
        touch(pdu->u.call.stub, pdu->u.call.stub_length);
        wire_assemble(assembly, pdu, &offset);
        if (assembly->length > assembly->limit)
            abort();
        break;
    }
}

/* The input is a stream of PDUs, as a connection would bring it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_assembly assembly = {.limit = 2000};
    struct wire_pdu pdu;
    uint16_t length;
    size_t header;

    while (wire_frag_length(data, size, &length) == WIRE_OK && length <= size) {
        wire_decode_call_header(data, size, &pdu, &header);
        if (wire_decode(data, length, &pdu) == WIRE_OK)
            walk(&pdu, &assembly);
        data += length;
        size -= length;
    }
    wire_decode(data, size, &pdu);
    return 0;
}
