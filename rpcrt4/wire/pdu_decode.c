/*
 * Decoding of connection-oriented PDUs, C706 12.6 and [MS-RPCE] 2.2.2.
 *
 * wire_decode checks everything that can be checked without knowing the connection: versions, data
 * representation, lengths, the lists of a bind. What it accepted can be walked without further checks.
 * Reserved fields are ignored, as C706 asks of a receiver.
 */
#include "octets.h"

/* What is left of the body while it is read from the front. */
struct body {
    const uint8_t *at;
    size_t left;
    bool big;
};

static const uint8_t *take(struct body *body, size_t count)
{
    const uint8_t *at = body->at;

    if (body->left < count)
        return NULL;
    body->at += count;
    body->left -= count;
    return at;
}

enum wire_error wire_frag_length(const uint8_t *data, size_t length, uint16_t *frag_length)
{
    if (length < 10)
        return WIRE_SHORT;
    *frag_length = get16(data + 8, !(data[4] & 0xf0));
    return *frag_length < WIRE_HEADER_SIZE ? WIRE_BAD_PDU : WIRE_OK;
}

/* C706 14.1: integers big- or little-endian, characters ASCII or EBCDIC, four floating point formats. */
static bool known_representation(const uint8_t *drep)
{
    return drep[0] >> 4 <= 1 && (drep[0] & 0x0f) <= 1 && drep[1] <= 3;
}

static enum wire_error decode_header(const uint8_t *data, size_t length, struct wire_pdu *pdu)
{
    enum wire_error error;

    memset(pdu, 0, sizeof(*pdu));
    error = wire_frag_length(data, length, &pdu->frag_length);
    if (error)
        return error;
    if (data[0] != 5 || data[1] > 1)
        return WIRE_BAD_VERSION;
    if (!known_representation(data + 4))
        return WIRE_BAD_PDU;
    if (length < WIRE_HEADER_SIZE)
        return WIRE_SHORT;
    pdu->minor = data[1];
    pdu->ptype = data[2];
    pdu->flags = data[3];
    memcpy(pdu->drep, data + 4, sizeof(pdu->drep));
    pdu->big_endian = !(data[4] & 0xf0);
    pdu->auth_length = get16(data + 10, pdu->big_endian);
    pdu->call_id = get32(data + 12, pdu->big_endian);
    return WIRE_OK;
}

/* Cuts the verifier off the end of the body. */
static bool decode_auth(const uint8_t *data, struct wire_pdu *pdu, struct body *body)
{
    const uint8_t *trailer;

    if (!pdu->auth_length)
        return true;
    if (body->left < (size_t)WIRE_AUTH_SIZE + pdu->auth_length)
        return false;
    body->left -= (size_t)WIRE_AUTH_SIZE + pdu->auth_length;
    trailer = data + pdu->frag_length - pdu->auth_length - WIRE_AUTH_SIZE;
    pdu->auth.type = trailer[0];
    pdu->auth.level = trailer[1];
    pdu->auth.pad_length = trailer[2];
    pdu->auth.context_id = get32(trailer + 4, pdu->big_endian);
    pdu->auth.value = trailer + WIRE_AUTH_SIZE;
    pdu->auth.length = pdu->auth_length;
    return true;
}

static bool decode_limits(struct wire_pdu *pdu, struct body *body)
{
    const uint8_t *at = take(body, 8);

    if (!at)
        return false;
    pdu->u.bind.max_xmit = get16(at, body->big);
    pdu->u.bind.max_recv = get16(at + 2, body->big);
    pdu->u.bind.assoc_group = get32(at + 4, body->big);
    return true;
}

/* The count that opens a list: one octet and three reserved ones. */
static bool decode_count(struct wire_pdu *pdu, struct body *body)
{
    const uint8_t *at = take(body, 4);

    if (!at)
        return false;
    pdu->u.bind.count = at[0];
    pdu->u.bind.list = body->at;
    return true;
}

static bool decode_bind(struct wire_pdu *pdu, struct body *body)
{
    unsigned i;

    if (!decode_limits(pdu, body) || !decode_count(pdu, body))
        return false;
    for (i = 0; i < pdu->u.bind.count; i++) {
        const uint8_t *context = take(body, CONTEXT_SIZE);

        if (!context || !take(body, (size_t)context[2] * SYNTAX_SIZE))
            return false;
    }
    pdu->u.bind.list_length = (size_t)(body->at - pdu->u.bind.list);
    return true;
}

static bool decode_bind_ack(struct wire_pdu *pdu, struct body *body)
{
    const uint8_t *at;
    uint16_t length;

    if (!decode_limits(pdu, body) || !(at = take(body, 2)))
        return false;
    length = get16(at, body->big);
    pdu->u.bind.address = take(body, length);
    if (!pdu->u.bind.address)
        return false;
    /* The results are aligned to 4 from the PDU's begin; the address follows 26 octets. */
    if (!take(body, (4 - (26 + (size_t)length) % 4) % 4) || !decode_count(pdu, body) ||
        !take(body, (size_t)pdu->u.bind.count * RESULT_SIZE))
        return false;
    if (length && !pdu->u.bind.address[length - 1])
        length--;
    pdu->u.bind.address_length = length;
    pdu->u.bind.list_length = (size_t)(body->at - pdu->u.bind.list);
    return true;
}

/* [MS-RPCE] 2.2.2.9: after so many octets of body a signature may stand, and information after it. As a UUID
 * in a structure it is aligned to 4; one that is not is understood too. */
static void find_nak_info(struct wire_pdu *pdu, const struct body *body, size_t octets)
{
    size_t padding = (4 - octets % 4) % 4;

    for (size_t skip = padding;; skip = 0) {
        struct wire_uuid signature;

        if (body->left >= skip + sizeof(signature)) {
            get_uuid(body->at + skip, body->big, &signature);
            if (wire_uuid_equal(&signature, &error_info_signature)) {
                pdu->u.nak.error_info = body->at + skip + sizeof(signature);
                pdu->u.nak.error_info_length = body->left - skip - sizeof(signature);
                return;
            }
        }
        if (!skip)
            return;
    }
}

static bool decode_bind_nak(struct wire_pdu *pdu, struct body *body)
{
    const uint8_t *at = take(body, 2), *versions;

    if (!at)
        return false;
    pdu->u.nak.reason = get16(at, body->big);
    /* A nak without its list of versions is met with, and says enough. */
    versions = take(body, 1);
    if (!versions)
        return true;
    pdu->u.nak.versions = versions[0];
    pdu->u.nak.version_list = body->at;
    if (!take(body, 2 * (size_t)versions[0]))
        return false;
    find_nak_info(pdu, body, 3 + 2 * (size_t)versions[0]);
    return true;
}

static bool decode_call(struct wire_pdu *pdu, struct body *body)
{
    const uint8_t *at = take(body, 8);

    if (!at)
        return false;
    pdu->u.call.alloc_hint = get32(at, body->big);
    pdu->u.call.context_id = get16(at + 4, body->big);
    if (pdu->ptype == WIRE_REQUEST) {
        pdu->u.call.opnum = get16(at + 6, body->big);
        pdu->u.call.has_object = pdu->flags & WIRE_OBJECT_UUID;
        if (pdu->u.call.has_object) {
            at = take(body, 16);
            if (!at)
                return false;
            get_uuid(at, body->big, &pdu->u.call.object);
        }
    } else {
        pdu->u.call.cancel_count = at[6];
    }
    if (pdu->ptype == WIRE_FAULT) {
        pdu->u.call.extended = at[7] & 1; /* [MS-RPCE] 2.2.2.8 */
        at = take(body, 8);
        if (!at)
            return false;
        pdu->u.call.status = get32(at, body->big);
    }
    pdu->u.call.stub = body->at;
    pdu->u.call.stub_length = body->left;
    return true;
}

static bool decode_stub(struct wire_pdu *pdu, struct body *body)
{
    if (!decode_call(pdu, body) || pdu->auth.pad_length > body->left)
        return false;
    pdu->u.call.stub_length -= pdu->auth.pad_length;
    return true;
}

static bool decode_body(struct wire_pdu *pdu, struct body *body)
{
    switch (pdu->ptype) {
    case WIRE_REQUEST:
    case WIRE_RESPONSE:
    case WIRE_FAULT:
        return decode_stub(pdu, body);
    case WIRE_BIND:
    case WIRE_ALTER_CONTEXT:
        return decode_bind(pdu, body);
    case WIRE_BIND_ACK:
    case WIRE_ALTER_CONTEXT_RESP:
        return decode_bind_ack(pdu, body);
    case WIRE_BIND_NAK:
        return decode_bind_nak(pdu, body);
    case WIRE_AUTH3: /* four octets of nothing, [MS-RPCE] 2.2.2.5: a verifier is all that it is for */
        return pdu->auth.value != NULL;
    case WIRE_SHUTDOWN:
    case WIRE_CO_CANCEL:
    case WIRE_ORPHANED:
        return true;
    default:
        return false;
    }
}

enum wire_error wire_decode(const uint8_t *data, size_t length, struct wire_pdu *pdu)
{
    struct body body;
    enum wire_error error = decode_header(data, length, pdu);

    if (error)
        return error;
    if (length < pdu->frag_length)
        return WIRE_SHORT;
    if (length > pdu->frag_length)
        return WIRE_BAD_PDU;
    body.at = data + WIRE_HEADER_SIZE;
    body.left = length - WIRE_HEADER_SIZE;
    body.big = pdu->big_endian;
    if (!decode_auth(data, pdu, &body) || !decode_body(pdu, &body))
        return WIRE_BAD_PDU;
    return WIRE_OK;
}

enum wire_error wire_decode_call_header(const uint8_t *data, size_t length, struct wire_pdu *pdu,
                                        size_t *header_size)
{
    struct body body;
    size_t size = WIRE_REQUEST_SIZE;
    enum wire_error error = decode_header(data, length, pdu);

    if (error)
        return error;
    if (pdu->ptype != WIRE_REQUEST && pdu->ptype != WIRE_RESPONSE)
        return WIRE_BAD_PDU;
    if (pdu->ptype == WIRE_REQUEST && pdu->flags & WIRE_OBJECT_UUID)
        size += sizeof(struct wire_uuid);
    if (pdu->frag_length < size + (pdu->auth_length ? (size_t)WIRE_AUTH_SIZE + pdu->auth_length : 0))
        return WIRE_BAD_PDU;
    if (length < size)
        return WIRE_SHORT;
    body.at = data + WIRE_HEADER_SIZE;
    body.left = pdu->frag_length - WIRE_HEADER_SIZE;
    body.big = pdu->big_endian;
    decode_call(pdu, &body);
    *header_size = size;
    return WIRE_OK;
}

bool wire_next_context(const struct wire_pdu *pdu, size_t *cursor, struct wire_context *context)
{
    const uint8_t *at = pdu->u.bind.list + *cursor;

    if (*cursor >= pdu->u.bind.list_length)
        return false;
    context->id = get16(at, pdu->big_endian);
    context->count = at[2];
    get_syntax(at + 4, pdu->big_endian, &context->abstract);
    context->transfers = at + CONTEXT_SIZE;
    *cursor += CONTEXT_SIZE + (size_t)context->count * SYNTAX_SIZE;
    return true;
}

bool wire_next_result(const struct wire_pdu *pdu, size_t *cursor, struct wire_context_result *result)
{
    const uint8_t *at = pdu->u.bind.list + *cursor;

    if (*cursor >= pdu->u.bind.list_length)
        return false;
    result->result = get16(at, pdu->big_endian);
    result->reason = get16(at + 2, pdu->big_endian);
    get_syntax(at + 4, pdu->big_endian, &result->transfer);
    *cursor += RESULT_SIZE;
    return true;
}

void wire_transfer(const struct wire_pdu *pdu, const struct wire_context *context, unsigned index,
                   struct wire_syntax *transfer)
{
    get_syntax(context->transfers + (size_t)index * SYNTAX_SIZE, pdu->big_endian, transfer);
}

bool wire_error_info(const struct wire_pdu *pdu, const uint8_t **info, size_t *length)
{
    if (pdu->ptype == WIRE_BIND_NAK) {
        *info = pdu->u.nak.error_info;
        *length = pdu->u.nak.error_info_length;
        return *info != NULL;
    }
    if (pdu->ptype != WIRE_FAULT || !pdu->u.call.extended || pdu->u.call.alloc_hint < WIRE_FAULT_SIZE ||
        pdu->u.call.alloc_hint - WIRE_FAULT_SIZE > pdu->u.call.stub_length)
        return false;
    *info = pdu->u.call.stub;
    *length = pdu->u.call.alloc_hint - WIRE_FAULT_SIZE;
    return true;
}
