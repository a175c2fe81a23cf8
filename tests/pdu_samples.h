/*
 * PDUs written out by hand from C706 12.6.4 and [MS-RPCE] 2.2.2, some in both integer representations.
 */
#ifndef RPCRT4_PDU_SAMPLES_H
#define RPCRT4_PDU_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_CALL_ID 0x0a0b0c0d

struct pdu_sample {
    const char *name;
    const uint8_t *octets;
    size_t length;
};

enum {
    SAMPLE_BIND,
    SAMPLE_BIND_BIG,
    SAMPLE_BIND_ACK,
    SAMPLE_BIND_ACK_BIG,
    SAMPLE_BIND_NAK,
    SAMPLE_REQUEST,
    SAMPLE_REQUEST_BIG,
    SAMPLE_RESPONSE,
    SAMPLE_FAULT,
    SAMPLE_FAULT_BIG,
    SAMPLE_AUTH3,
    SAMPLE_CO_CANCEL,
    SAMPLES
};

extern const struct pdu_sample pdu_samples[SAMPLES];

#endif
