/*
 * PDUs against octets written out from C706 12.6 and [MS-RPCE] 2.2.2, in both integer representations;
 * every truncation and every bit flip of each; lists, verifiers, faults.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pdu_samples.h"
#include "wire/wire.h"

static const struct wire_uuid object = {
    0x11223344, 0x5566, 0x7788, {0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01}};
static const struct wire_syntax interface = {{0x12345678, 0x1234, 0xabcd, {0xef, 0, 1, 2, 3, 4, 5, 6}}, 3, 1};

static void decode(const struct pdu_sample *sample, struct wire_pdu *pdu)
{
    ck_assert_msg(wire_decode(sample->octets, sample->length, pdu) == WIRE_OK, "%s", sample->name);
    ck_assert_uint_eq(pdu->frag_length, sample->length);
    ck_assert_uint_eq(pdu->ptype, sample->octets[2]);
    ck_assert_int_eq(pdu->big_endian, sample->octets[4] == 0);
    ck_assert_mem_eq(pdu->drep, sample->octets + 4, 4);
    ck_assert_uint_eq(pdu->call_id, SAMPLE_CALL_ID);
}

static void check_contexts(const struct wire_pdu *pdu)
{
    struct wire_context context;
    struct wire_syntax transfer;
    size_t cursor = 0;
    uint64_t mask;

    ck_assert_uint_eq(pdu->u.bind.max_xmit, 5840);
    ck_assert_uint_eq(pdu->u.bind.max_recv, 4280);
    ck_assert_uint_eq(pdu->u.bind.assoc_group, 0x01020304);
    ck_assert_uint_eq(pdu->u.bind.count, 2);
    ck_assert(wire_next_context(pdu, &cursor, &context));
    ck_assert_uint_eq(context.id, 0);
    ck_assert_uint_eq(context.count, 2);
    ck_assert(wire_syntax_equal(&context.abstract, &interface));
    wire_transfer(pdu, &context, 0, &transfer);
    ck_assert(wire_syntax_equal(&transfer, &wire_ndr20));
    wire_transfer(pdu, &context, 1, &transfer);
    ck_assert(wire_syntax_equal(&transfer, &wire_ndr64));
    ck_assert(wire_next_context(pdu, &cursor, &context));
    ck_assert_uint_eq(context.id, 0x102);
    ck_assert_uint_eq(context.count, 1);
    wire_transfer(pdu, &context, 0, &transfer);
    /* The mask is octets, the same in either representation of the integers. */
    ck_assert(wire_is_features(&transfer, &mask));
    ck_assert_uint_eq(mask, 3);
    ck_assert(!wire_next_context(pdu, &cursor, &context));
}

START_TEST(bind)
{
    struct wire_pdu pdu;

    decode(&pdu_samples[_i ? SAMPLE_BIND_BIG : SAMPLE_BIND], &pdu);
    ck_assert_uint_eq(pdu.flags, WIRE_FIRST_FRAG | WIRE_LAST_FRAG | WIRE_CONC_MPX);
    check_contexts(&pdu);
}
END_TEST

START_TEST(bind_encoded)
{
    struct wire_syntax transfers[] = {wire_ndr20, wire_ndr64}, features = wire_features(3);
    struct wire_out_context contexts[] = {{0, 2, interface, transfers}, {0x102, 1, interface, &features}};
    struct wire_bind_params params = {WIRE_BIND, WIRE_CONC_MPX, 0, SAMPLE_CALL_ID, 0x01020304, 5840, 4280};
    const struct pdu_sample *sample = &pdu_samples[SAMPLE_BIND];
    uint8_t out[256];

    ck_assert_uint_eq(wire_encode_bind(out, sizeof(out), &params, contexts, 2), sample->length);
    ck_assert_mem_eq(out, sample->octets, sample->length);
    ck_assert_uint_eq(wire_encode_bind(out, sample->length - 1, &params, contexts, 2), 0);
}
END_TEST

START_TEST(bind_ack)
{
    struct wire_pdu pdu;
    struct wire_context_result result;
    size_t cursor = 0;

    decode(&pdu_samples[_i ? SAMPLE_BIND_ACK_BIG : SAMPLE_BIND_ACK], &pdu);
    ck_assert_uint_eq(pdu.u.bind.max_xmit, 5840);
    ck_assert_uint_eq(pdu.u.bind.assoc_group, 0x12340000);
    ck_assert_uint_eq(pdu.u.bind.address_length, 4);
    ck_assert_mem_eq(pdu.u.bind.address, "4915", 4);
    ck_assert_uint_eq(pdu.u.bind.count, 3);
    ck_assert(wire_next_result(&pdu, &cursor, &result));
    ck_assert_uint_eq(result.result, WIRE_ACCEPT);
    ck_assert(wire_syntax_equal(&result.transfer, &wire_ndr20));
    ck_assert(wire_next_result(&pdu, &cursor, &result));
    ck_assert_uint_eq(result.result, WIRE_PROVIDER_REJECTION);
    ck_assert_uint_eq(result.reason, WIRE_REASON_TRANSFERS_NOT_SUPPORTED);
    ck_assert(wire_next_result(&pdu, &cursor, &result));
    ck_assert_uint_eq(result.result, WIRE_NEGOTIATE_ACK);
    ck_assert_uint_eq(result.reason, 3);
    ck_assert(!wire_next_result(&pdu, &cursor, &result));
}
END_TEST

START_TEST(bind_ack_encoded)
{
    struct wire_context_result results[] = {
        {WIRE_ACCEPT, 0, wire_ndr20},
        {WIRE_PROVIDER_REJECTION, WIRE_REASON_TRANSFERS_NOT_SUPPORTED, {{0}, 0, 0}},
        {WIRE_NEGOTIATE_ACK, 3, {{0}, 0, 0}},
    };
    struct wire_bind_params params = {WIRE_BIND_ACK, 0, 0, SAMPLE_CALL_ID, 0x12340000, 5840, 5840};
    const struct pdu_sample *sample = &pdu_samples[SAMPLE_BIND_ACK];
    struct wire_pdu pdu;
    uint8_t out[256];
    size_t length;

    ck_assert_uint_eq(wire_encode_bind_ack(out, sizeof(out), &params, "4915", results, 3), sample->length);
    ck_assert_mem_eq(out, sample->octets, sample->length);
    ck_assert_uint_eq(wire_encode_bind_ack(out, sample->length - 1, &params, "4915", results, 3), 0);
    params.ptype = WIRE_ALTER_CONTEXT_RESP;
    length = wire_encode_bind_ack(out, sizeof(out), &params, "", results, 3);
    ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
    ck_assert_uint_eq(pdu.u.bind.address_length, 0);
    ck_assert_uint_eq(pdu.u.bind.count, 3);
}
END_TEST

START_TEST(bind_nak)
{
    const struct pdu_sample *sample = &pdu_samples[SAMPLE_BIND_NAK];
    struct wire_pdu pdu;
    uint8_t out[32];

    decode(sample, &pdu);
    ck_assert_uint_eq(pdu.u.nak.reason, WIRE_NAK_PROTOCOL_VERSION);
    ck_assert_uint_eq(pdu.u.nak.versions, 2);
    ck_assert_mem_eq(pdu.u.nak.version_list, "\5\0\5\1", 4);
    ck_assert_uint_eq(wire_encode_bind_nak(out, 32, SAMPLE_CALL_ID, WIRE_NAK_PROTOCOL_VERSION),
                      sample->length);
    ck_assert_mem_eq(out, sample->octets, sample->length);
    ck_assert_uint_eq(wire_encode_bind_nak(out, sample->length - 1, 1, WIRE_NAK_PROTOCOL_VERSION), 0);
    ck_assert_uint_eq(wire_encode_bind_nak(out, 32, 1, WIRE_NAK_LOCAL_LIMIT), 19);
    ck_assert_int_eq(wire_decode(out, 19, &pdu), WIRE_OK);
    ck_assert_uint_eq(pdu.u.nak.versions, 0);
}
END_TEST

START_TEST(request)
{
    struct wire_pdu pdu;
    size_t header;

    decode(&pdu_samples[_i ? SAMPLE_REQUEST_BIG : SAMPLE_REQUEST], &pdu);
    ck_assert_uint_eq(pdu.u.call.alloc_hint, 5);
    ck_assert_uint_eq(pdu.u.call.context_id, 0x102);
    ck_assert_uint_eq(pdu.u.call.opnum, 0x0a0b);
    ck_assert(pdu.u.call.has_object);
    ck_assert(wire_uuid_equal(&pdu.u.call.object, &object));
    ck_assert_uint_eq(pdu.u.call.stub_length, 5);
    ck_assert_mem_eq(pdu.u.call.stub, "hello", 5);
    ck_assert_int_eq(wire_decode_call_header(pdu_samples[SAMPLE_REQUEST].octets, 40, &pdu, &header), WIRE_OK);
    ck_assert_uint_eq(header, 40);
    ck_assert_uint_eq(pdu.u.call.stub_length, 5);
    ck_assert_ptr_eq(pdu.u.call.stub, pdu_samples[SAMPLE_REQUEST].octets + 40);
    ck_assert_int_eq(wire_decode_call_header(pdu_samples[SAMPLE_REQUEST].octets, 39, &pdu, &header),
                     WIRE_SHORT);
}
END_TEST

START_TEST(request_encoded)
{
    struct wire_call_params params = {.ptype = WIRE_REQUEST,
                                      .flags = WIRE_FIRST_FRAG | WIRE_LAST_FRAG,
                                      .call_id = SAMPLE_CALL_ID,
                                      .alloc_hint = 5,
                                      .context_id = 0x102,
                                      .opnum = 0x0a0b,
                                      .object = &object};
    uint8_t out[64];

    ck_assert_uint_eq(wire_encode_call(out, sizeof(out), &params, 5), 40);
    ck_assert_mem_eq(out, pdu_samples[SAMPLE_REQUEST].octets, 40);
    ck_assert_uint_eq(wire_encode_call(out, 39, &params, 5), 0);
    ck_assert_uint_eq(wire_encode_call(out, 64, &params, 0xffff - 40), 40);
    ck_assert_uint_eq(wire_encode_call(out, 64, &params, 0xffff - 39), 0);
    params.object = NULL;
    ck_assert_uint_eq(wire_encode_call(out, 24, &params, 5), 24);
    ck_assert_uint_eq(out[3], WIRE_FIRST_FRAG | WIRE_LAST_FRAG);
}
END_TEST

/* A response whose stub data of 5 octets is padded to 16 before its verifier, [MS-RPCE] 2.2.2.11. */
START_TEST(response)
{
    const struct pdu_sample *sample = &pdu_samples[SAMPLE_RESPONSE];
    struct wire_call_params params = {.ptype = WIRE_RESPONSE,
                                      .flags = WIRE_FIRST_FRAG,
                                      .call_id = SAMPLE_CALL_ID,
                                      .alloc_hint = 100,
                                      .context_id = 1,
                                      .cancel_count = 7};
    struct wire_auth auth = {10, 6, 0, 0x55667788, (const uint8_t *)"signature", 9};
    struct wire_pdu pdu;
    uint8_t out[128];
    size_t length, header;

    decode(sample, &pdu);
    ck_assert_uint_eq(pdu.flags, WIRE_FIRST_FRAG);
    ck_assert_uint_eq(pdu.u.call.cancel_count, 7);
    ck_assert_uint_eq(pdu.u.call.stub_length, 5);
    ck_assert_uint_eq(pdu.auth.type, 10);
    ck_assert_uint_eq(pdu.auth.level, 6);
    ck_assert_uint_eq(pdu.auth.pad_length, 11);
    ck_assert_uint_eq(pdu.auth.context_id, 0x55667788);
    ck_assert_uint_eq(pdu.auth.length, 9);
    ck_assert_mem_eq(pdu.auth.value, "signature", 9);
    length = wire_encode_call(out, sizeof(out), &params, 5);
    memcpy(out + length, "hello", 5);
    ck_assert_uint_eq(wire_append_auth(out, length + 5, sizeof(out), length, &auth), sample->length);
    ck_assert_mem_eq(out, sample->octets, sample->length);
    ck_assert_uint_eq(wire_append_auth(out, length + 5, sample->length - 1, length, &auth), 0);
    ck_assert_int_eq(wire_decode_call_header(sample->octets, 24, &pdu, &header), WIRE_OK);
    ck_assert_uint_eq(pdu.u.call.stub_length, sample->length - 24);
}
END_TEST

START_TEST(fault)
{
    const struct pdu_sample *sample = &pdu_samples[_i ? SAMPLE_FAULT_BIG : SAMPLE_FAULT];
    struct wire_call_params params = {
        .flags = WIRE_DID_NOT_EXECUTE, .call_id = SAMPLE_CALL_ID, .alloc_hint = 32, .cancel_count = 2};
    struct wire_pdu pdu;
    uint8_t out[64];

    decode(sample, &pdu);
    ck_assert_uint_eq(pdu.flags, WIRE_FIRST_FRAG | WIRE_LAST_FRAG | WIRE_DID_NOT_EXECUTE);
    ck_assert_uint_eq(pdu.u.call.status, 0x1c010002);
    ck_assert_uint_eq(pdu.u.call.cancel_count, 2);
    ck_assert(!pdu.u.call.extended);
    if (_i)
        return;
    ck_assert_uint_eq(wire_encode_fault(out, 64, &params, 0x1c010002), sample->length);
    ck_assert_mem_eq(out, sample->octets, sample->length);
    ck_assert_uint_eq(wire_encode_fault(out, 31, &params, 5), 0);
    out[23] = 1;
    ck_assert_int_eq(wire_decode(out, 32, &pdu), WIRE_OK);
    ck_assert(pdu.u.call.extended);
}
END_TEST

/* [MS-RPCE] 2.2.2.8: announced by a flag, as long as the allocation hint says. */
START_TEST(fault_error_info)
{
    static const uint8_t info[] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct wire_call_params params = {.ptype = WIRE_FAULT, .call_id = 3};
    struct wire_pdu pdu;
    uint8_t out[64];
    const uint8_t *got;
    size_t length = wire_encode_fault(out, sizeof(out), &params, 5), got_length;

    ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
    ck_assert(!wire_error_info(&pdu, &got, &got_length));
    ck_assert_uint_eq(wire_append_error_info(out, length, length + 7, info, sizeof(info)), 0);
    length = wire_append_error_info(out, length, sizeof(out), info, sizeof(info));
    ck_assert_uint_eq(length, WIRE_FAULT_SIZE + sizeof(info));
    ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
    ck_assert(pdu.u.call.extended);
    ck_assert(wire_error_info(&pdu, &got, &got_length));
    ck_assert_uint_eq(got_length, sizeof(info));
    ck_assert_mem_eq(got, info, sizeof(info));
    out[16] = 255; /* more than there is */
    ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
    ck_assert(!wire_error_info(&pdu, &got, &got_length));
    out[16] = 31; /* less than a fault */
    ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
    ck_assert(!wire_error_info(&pdu, &got, &got_length));
}
END_TEST

/* [MS-RPCE] 2.2.2.9: announced by a signature. */
START_TEST(nak_error_info)
{
    static const uint8_t info[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const uint16_t reasons[] = {WIRE_NAK_LOCAL_LIMIT, WIRE_NAK_PROTOCOL_VERSION};
    struct wire_pdu pdu;
    uint8_t out[64];
    const uint8_t *got;
    size_t length, got_length, i;

    for (i = 0; i < 2; i++) {
        length = wire_encode_bind_nak(out, sizeof(out), 3, reasons[i]);
        ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
        ck_assert(!wire_error_info(&pdu, &got, &got_length));
        length = wire_append_error_info(out, length, sizeof(out), info, sizeof(info));
        ck_assert_uint_eq(length, (i ? 24 : 20) + 16 + sizeof(info));
        ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
        ck_assert_uint_eq(pdu.u.nak.reason, reasons[i]);
        ck_assert(wire_error_info(&pdu, &got, &got_length));
        ck_assert_uint_eq(got_length, sizeof(info));
        ck_assert_mem_eq(got, info, sizeof(info));
        out[i ? 24 : 20] ^= 1; /* another signature */
        ck_assert_int_eq(wire_decode(out, length, &pdu), WIRE_OK);
        ck_assert(!wire_error_info(&pdu, &got, &got_length));
    }
}
END_TEST

START_TEST(bare)
{
    static const uint8_t types[] = {WIRE_CO_CANCEL, WIRE_ORPHANED, WIRE_SHUTDOWN};
    struct wire_pdu pdu;
    uint8_t out[16];

    ck_assert_uint_eq(wire_encode_bare(out, 15, types[_i], 0, 9), 0);
    ck_assert_uint_eq(wire_encode_bare(out, 16, types[_i], 0, 9), 16);
    ck_assert_int_eq(wire_decode(out, 16, &pdu), WIRE_OK);
    ck_assert_uint_eq(pdu.ptype, types[_i]);
    ck_assert_uint_eq(pdu.flags, WIRE_FIRST_FRAG | WIRE_LAST_FRAG);
    ck_assert_uint_eq(pdu.call_id, 9);
}
END_TEST

/* A bind's verifier stands on a boundary of 4, not of 16. */
START_TEST(bind_auth)
{
    struct wire_auth auth = {10, 5, 0, 1, NULL, 20};
    uint8_t out[128] = {0};
    struct wire_pdu pdu;
    struct wire_bind_params params = {WIRE_BIND_ACK, 0, 0, 1, 1, 5840, 5840};
    size_t length = wire_encode_bind_ack(out, sizeof(out), &params, "135", NULL, 0);
    size_t whole = wire_append_auth(out, length, sizeof(out), 24, &auth);

    ck_assert_uint_eq(whole, length + 8 + 20);
    ck_assert_int_eq(wire_decode(out, whole, &pdu), WIRE_OK);
    ck_assert_uint_eq(pdu.auth_length, 20);
    ck_assert_uint_eq(pdu.auth.pad_length, 0);
}
END_TEST

START_TEST(header_errors)
{
    const struct pdu_sample *sample = &pdu_samples[SAMPLE_REQUEST];
    uint8_t out[128];
    struct wire_pdu pdu;
    uint16_t length;

    ck_assert_int_eq(wire_frag_length(sample->octets, 9, &length), WIRE_SHORT);
    ck_assert_int_eq(wire_frag_length(sample->octets, 10, &length), WIRE_OK);
    ck_assert_uint_eq(length, sample->length);
    ck_assert_int_eq(wire_frag_length(pdu_samples[SAMPLE_REQUEST_BIG].octets, 10, &length), WIRE_OK);
    ck_assert_uint_eq(length, sample->length);
    memcpy(out, sample->octets, sample->length);
    out[sample->length] = 0;
    ck_assert_int_eq(wire_decode(out, sample->length + 1, &pdu), WIRE_BAD_PDU);
    out[8] = 15, out[9] = 0;
    ck_assert_int_eq(wire_frag_length(out, 16, &length), WIRE_BAD_PDU);
    memcpy(out, sample->octets, sample->length);
    out[0] = 4;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_BAD_VERSION);
    out[0] = 5, out[1] = 2;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_BAD_VERSION);
    out[1] = 1;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_OK);
    out[4] = 0x20;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_BAD_PDU);
    out[4] = 0x10, out[2] = 1; /* ping: datagrams only */
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_BAD_PDU);
}
END_TEST

/* A verifier longer than the PDU, and padding longer than the stub data. */
START_TEST(auth_errors)
{
    const struct pdu_sample *sample = &pdu_samples[SAMPLE_RESPONSE];
    uint8_t out[128];
    struct wire_pdu pdu;
    size_t header, trailer = sample->length - 9 - 8;

    memcpy(out, sample->octets, sample->length);
    out[10] = (uint8_t)(sample->length - 24 - 8);
    ck_assert_int_eq(wire_decode_call_header(out, sample->length, &pdu, &header), WIRE_OK);
    out[10]++;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_BAD_PDU);
    ck_assert_int_eq(wire_decode_call_header(out, sample->length, &pdu, &header), WIRE_BAD_PDU);
    memcpy(out, sample->octets, sample->length);
    out[trailer + 2] = 16;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_OK);
    ck_assert_uint_eq(pdu.u.call.stub_length, 0);
    out[trailer + 2] = 17;
    ck_assert_int_eq(wire_decode(out, sample->length, &pdu), WIRE_BAD_PDU);
}
END_TEST

/* Decodes a copy of exactly its length, so that ASan sees one octet too many, and walks what comes out. */
static enum wire_error decode_copy(const uint8_t *octets, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    struct wire_context_result result;
    struct wire_context context;
    struct wire_syntax syntax;
    struct wire_pdu pdu;
    enum wire_error error;
    size_t cursor = 0, header;
    unsigned i, seen = 0;

    memcpy(copy, octets, length);
    wire_decode_call_header(copy, length, &pdu, &header);
    error = wire_decode(copy, length, &pdu);
    if (!error && (pdu.ptype == WIRE_BIND || pdu.ptype == WIRE_ALTER_CONTEXT)) {
        for (; wire_next_context(&pdu, &cursor, &context); seen++)
            for (i = 0; i < context.count; i++)
                wire_transfer(&pdu, &context, i, &syntax);
        ck_assert_uint_eq(seen, pdu.u.bind.count);
    } else if (!error && (pdu.ptype == WIRE_BIND_ACK || pdu.ptype == WIRE_ALTER_CONTEXT_RESP)) {
        while (wire_next_result(&pdu, &cursor, &result))
            seen++;
        ck_assert_uint_eq(seen, pdu.u.bind.count);
    } else if (!error && (pdu.ptype == WIRE_REQUEST || pdu.ptype == WIRE_RESPONSE)) {
        ck_assert(pdu.u.call.stub + pdu.u.call.stub_length <= copy + length);
    }
    free(copy);
    return error;
}

START_TEST(truncated)
{
    const struct pdu_sample *sample = &pdu_samples[_i];
    uint8_t octets[256];
    size_t length;

    for (length = 0; length < sample->length; length++)
        ck_assert_int_eq(decode_copy(sample->octets, length), WIRE_SHORT);
    /* And with a frag_length that says so: never read past the end, whatever it is taken for. */
    for (length = WIRE_HEADER_SIZE; length < sample->length; length++) {
        memcpy(octets, sample->octets, length);
        octets[8] = octets[4] ? (uint8_t)length : 0;
        octets[9] = octets[4] ? 0 : (uint8_t)length;
        ck_assert_int_ne(decode_copy(octets, length), WIRE_SHORT);
    }
}
END_TEST

START_TEST(flipped)
{
    const struct pdu_sample *sample = &pdu_samples[_i];
    uint8_t octets[256];
    size_t bit;

    for (bit = 0; bit < 8 * sample->length; bit++) {
        memcpy(octets, sample->octets, sample->length);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        decode_copy(octets, sample->length);
    }
}
END_TEST

Suite *suite_pdu(void)
{
    Suite *suite = suite_create("pdu");
    TCase *tests = tcase_create("pdu");

    tcase_add_loop_test(tests, bind, 0, 2);
    tcase_add_test(tests, bind_encoded);
    tcase_add_loop_test(tests, bind_ack, 0, 2);
    tcase_add_test(tests, bind_ack_encoded);
    tcase_add_test(tests, bind_nak);
    tcase_add_test(tests, fault_error_info);
    tcase_add_test(tests, nak_error_info);
    tcase_add_loop_test(tests, request, 0, 2);
    tcase_add_test(tests, request_encoded);
    tcase_add_test(tests, response);
    tcase_add_loop_test(tests, fault, 0, 2);
    tcase_add_loop_test(tests, bare, 0, 3);
    tcase_add_test(tests, bind_auth);
    tcase_add_test(tests, header_errors);
    tcase_add_test(tests, auth_errors);
    tcase_add_loop_test(tests, truncated, 0, SAMPLES);
    tcase_add_loop_test(tests, flipped, 0, SAMPLES);
    suite_add_tcase(suite, tests);
    return suite;
}
