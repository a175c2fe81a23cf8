/*
 * Encoding of connection-oriented PDUs, C706 12.6 and [MS-RPCE] 2.2.2: little-endian, ASCII, IEEE.
 *
 * Every encoder gives the length that it wrote, or 0 where the buffer or the 16 bits of frag_length do not
 * hold it; nothing is written past size.
 */
#include "octets.h"

enum { FRAG_MAX = 0xffff };

static void put_header(uint8_t *out, uint8_t minor, uint8_t ptype, uint8_t flags, size_t frag_length,
                       uint32_t call_id)
{
    out[0] = 5;
    out[1] = minor;
    out[2] = ptype;
    out[3] = flags;
    put32(out + 4, 0x10); /* drep */
    put16(out + 8, (uint16_t)frag_length);
    put16(out + 10, 0);
    put32(out + 12, call_id);
}

static void put_bind_header(uint8_t *out, const struct wire_bind_params *params, size_t frag_length)
{
    put_header(out, params->minor, params->ptype, params->flags | WIRE_FIRST_FRAG | WIRE_LAST_FRAG,
               frag_length, params->call_id);
    put16(out + 16, params->max_xmit);
    put16(out + 18, params->max_recv);
    put32(out + 20, params->assoc_group);
}

size_t wire_encode_bind(uint8_t *out, size_t size, const struct wire_bind_params *params,
                        const struct wire_out_context *contexts, uint8_t count)
{
    size_t length = 28;
    unsigned i, j;
    uint8_t *at = out + 28;

    for (i = 0; i < count; i++)
        length += CONTEXT_SIZE + (size_t)contexts[i].count * SYNTAX_SIZE;
    if (length > size || length > FRAG_MAX)
        return 0;
    put_bind_header(out, params, length);
    put32(out + 24, count);
    for (i = 0; i < count; i++) {
        put16(at, contexts[i].id);
        put16(at + 2, contexts[i].count);
        put_syntax(at + 4, &contexts[i].abstract);
        at += CONTEXT_SIZE;
        for (j = 0; j < contexts[i].count; j++, at += SYNTAX_SIZE)
            put_syntax(at, &contexts[i].transfers[j]);
    }
    return length;
}

size_t wire_encode_bind_ack(uint8_t *out, size_t size, const struct wire_bind_params *params,
                            const char *address, const struct wire_context_result *results, uint8_t count)
{
    size_t address_length = *address ? strlen(address) + 1 : 0;
    size_t list = (26 + address_length + 3) & ~(size_t)3;
    size_t length = list + 4 + (size_t)count * RESULT_SIZE;
    unsigned i;
    uint8_t *at = out + list + 4;

    if (length > size || length > FRAG_MAX)
        return 0;
    put_bind_header(out, params, length);
    put16(out + 24, (uint16_t)address_length);
    memcpy(out + 26, address, address_length);
    memset(out + 26 + address_length, 0, list - 26 - address_length);
    put32(out + list, count);
    for (i = 0; i < count; i++, at += RESULT_SIZE) {
        put16(at, results[i].result);
        put16(at + 2, results[i].reason);
        put_syntax(at + 4, &results[i].transfer);
    }
    return length;
}

size_t wire_encode_bind_nak(uint8_t *out, size_t size, uint32_t call_id, uint16_t reason)
{
    static const uint8_t versions[] = {2, 5, 0, 5, 1};
    size_t count = reason == WIRE_NAK_PROTOCOL_VERSION ? sizeof(versions) : 1;
    size_t length = WIRE_HEADER_SIZE + 2 + count;

    if (length > size)
        return 0;
    put_header(out, 0, WIRE_BIND_NAK, WIRE_FIRST_FRAG | WIRE_LAST_FRAG, length, call_id);
    put16(out + 16, reason);
    memcpy(out + 18, versions, count);
    if (count == 1)
        out[18] = 0;
    return length;
}

static void put_call_header(uint8_t *out, const struct wire_call_params *params, uint8_t flags, size_t length)
{
    put_header(out, params->minor, params->ptype, flags, length, params->call_id);
    put32(out + 16, params->alloc_hint);
    put16(out + 20, params->context_id);
    put16(out + 22, params->ptype == WIRE_REQUEST ? params->opnum : params->cancel_count);
}

size_t wire_encode_call(uint8_t *out, size_t size, const struct wire_call_params *params, size_t stub_length)
{
    const struct wire_uuid *object = params->ptype == WIRE_REQUEST ? params->object : NULL;
    size_t header = WIRE_REQUEST_SIZE + (object ? sizeof(*object) : 0);

    if (header > size || stub_length > FRAG_MAX - header)
        return 0;
    put_call_header(out, params, params->flags | (object ? WIRE_OBJECT_UUID : 0), header + stub_length);
    if (object)
        put_uuid(out + WIRE_REQUEST_SIZE, object);
    return header;
}

size_t wire_encode_fault(uint8_t *out, size_t size, const struct wire_call_params *params, uint32_t status)
{
    if (size < WIRE_FAULT_SIZE)
        return 0;
    put_call_header(out, params, params->flags | WIRE_FIRST_FRAG | WIRE_LAST_FRAG, WIRE_FAULT_SIZE);
    out[2] = WIRE_FAULT;
    put16(out + 22, params->cancel_count);
    put32(out + 24, status);
    put32(out + 28, 0);
    return WIRE_FAULT_SIZE;
}

size_t wire_append_error_info(uint8_t *pdu, size_t length, size_t size, const uint8_t *info,
                              size_t info_length)
{
    bool nak = pdu[2] == WIRE_BIND_NAK;
    size_t start = nak ? ((length + 3) & ~(size_t)3) + sizeof(error_info_signature) : length;

    if (start > size || info_length > size - start || info_length > FRAG_MAX - start)
        return 0;
    if (nak) {
        memset(pdu + length, 0, start - length);
        put_uuid(pdu + start - sizeof(error_info_signature), &error_info_signature);
    } else {
        put32(pdu + 16, (uint32_t)(WIRE_FAULT_SIZE + info_length));
        pdu[23] |= 1;
    }
    memcpy(pdu + start, info, info_length);
    put16(pdu + 8, (uint16_t)(start + info_length));
    return start + info_length;
}

size_t wire_encode_bare(uint8_t *out, size_t size, uint8_t ptype, uint8_t flags, uint32_t call_id)
{
    if (size < WIRE_HEADER_SIZE)
        return 0;
    put_header(out, 0, ptype, flags | WIRE_FIRST_FRAG | WIRE_LAST_FRAG, WIRE_HEADER_SIZE, call_id);
    return WIRE_HEADER_SIZE;
}

size_t wire_append_auth(uint8_t *pdu, size_t length, size_t size, size_t stub_start,
                        const struct wire_auth *auth)
{
    size_t align = pdu[2] == WIRE_REQUEST || pdu[2] == WIRE_RESPONSE ? 16 : 4;
    size_t pad = (align - (length - stub_start) % align) % align;
    size_t whole = length + pad + WIRE_AUTH_SIZE + auth->length;
    uint8_t *trailer = pdu + length + pad;

    if (whole > size || whole > FRAG_MAX)
        return 0;
    memset(pdu + length, 0, pad);
    trailer[0] = auth->type;
    trailer[1] = auth->level;
    trailer[2] = (uint8_t)pad;
    trailer[3] = 0;
    put32(trailer + 4, auth->context_id);
    if (auth->value)
        memcpy(trailer + WIRE_AUTH_SIZE, auth->value, auth->length);
    put16(pdu + 8, (uint16_t)whole);
    put16(pdu + 10, auth->length);
    return whole;
}
