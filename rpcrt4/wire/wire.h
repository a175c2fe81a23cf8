/*
 * Connection-oriented PDUs (C706 chapter 12, [MS-RPCE] 2.2.2), as octets only: pure functions over buffers,
 * no operating system, no allocation. Decoding never reads past what it is given and takes both integer
 * representations; pointers in a decoded PDU point into the decoded buffer. Encoding is little-endian.
 */
#ifndef RPCRT4_WIRE_H
#define RPCRT4_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_HEADER_SIZE = 16,
    WIRE_REQUEST_SIZE = 24, /* without object UUID; 40 with one */
    WIRE_RESPONSE_SIZE = 24,
    WIRE_FAULT_SIZE = 32,
    WIRE_MIN_FRAG = 1432, /* MustRecvFragSize, C706 12.6.3.1 */
    WIRE_AUTH_SIZE = 8    /* sec_trailer without its value */
};

enum wire_ptype {
    WIRE_REQUEST = 0,
    WIRE_RESPONSE = 2,
    WIRE_FAULT = 3,
    WIRE_BIND = 11,
    WIRE_BIND_ACK = 12,
    WIRE_BIND_NAK = 13,
    WIRE_ALTER_CONTEXT = 14,
    WIRE_ALTER_CONTEXT_RESP = 15,
    WIRE_AUTH3 = 16,
    WIRE_SHUTDOWN = 17,
    WIRE_CO_CANCEL = 18,
    WIRE_ORPHANED = 19
};

enum wire_flags {
    WIRE_FIRST_FRAG = 0x01,
    WIRE_LAST_FRAG = 0x02,
    WIRE_PENDING_CANCEL = 0x04, /* in bind and alter_context: PFC_SUPPORT_HEADER_SIGN */
    WIRE_CONC_MPX = 0x10,
    WIRE_DID_NOT_EXECUTE = 0x20,
    WIRE_MAYBE = 0x40,
    WIRE_OBJECT_UUID = 0x80
};

/* The layout of a GUID. */
struct wire_uuid {
    uint32_t data1;
    uint16_t data2, data3;
    uint8_t data4[8];
};

struct wire_syntax {
    struct wire_uuid uuid;
    uint16_t major, minor;
};

/* wire_nil: no name at all. Wine's ole32 gives its interfaces none, and Wine's own runtime offers that. */
extern const struct wire_syntax wire_ndr20, wire_ndr64, wire_nil;
/* Bind-time feature negotiation: a transfer syntax whose UUID carries a bit mask, [MS-RPCE] 2.2.2.14. */
enum { WIRE_FEATURE_SEC_CONTEXT_MPX = 1, WIRE_FEATURE_KEEP_ON_ORPHAN = 2 };
struct wire_syntax wire_features(uint64_t mask);
bool wire_is_features(const struct wire_syntax *syntax, uint64_t *mask);
bool wire_uuid_equal(const struct wire_uuid *a, const struct wire_uuid *b);
bool wire_syntax_equal(const struct wire_syntax *a, const struct wire_syntax *b);

enum wire_result {
    WIRE_ACCEPT = 0,
    WIRE_USER_REJECTION = 1,
    WIRE_PROVIDER_REJECTION = 2,
    WIRE_NEGOTIATE_ACK = 3
};
enum wire_reason {
    WIRE_REASON_NONE = 0,
    WIRE_REASON_ABSTRACT_NOT_SUPPORTED = 1,
    WIRE_REASON_TRANSFERS_NOT_SUPPORTED = 2,
    WIRE_REASON_LOCAL_LIMIT = 3
};
enum wire_nak_reason {
    WIRE_NAK_NOT_SPECIFIED = 0,
    WIRE_NAK_TEMPORARY_CONGESTION = 1,
    WIRE_NAK_LOCAL_LIMIT = 2,
    WIRE_NAK_PROTOCOL_VERSION = 4,
    WIRE_NAK_AUTH_TYPE = 8,
    WIRE_NAK_INVALID_CHECKSUM = 9
};

struct wire_auth {
    uint8_t type, level, pad_length;
    uint32_t context_id;
    const uint8_t *value; /* NULL: no verifier */
    uint16_t length;
};

struct wire_pdu {
    uint8_t minor, ptype, flags;
    bool big_endian;
    uint8_t drep[4]; /* as received: what NDR needs to convert (RPC_MESSAGE.DataRepresentation, in memory
                        order) */
    uint16_t frag_length, auth_length;
    uint32_t call_id;
    struct wire_auth auth;
    union {
        struct { /* bind, alter_context, bind_ack, alter_context_resp */
            uint16_t max_xmit, max_recv;
            uint32_t assoc_group;
            const uint8_t *address; /* secondary address of an ack, without its NUL */
            uint16_t address_length;
            uint8_t count;       /* presentation contexts, or results */
            const uint8_t *list; /* for wire_next_context, wire_next_result */
            size_t list_length;
        } bind;
        struct {
            uint16_t reason;
            uint8_t versions; /* pairs of major, minor at version_list */
            const uint8_t *version_list;
            const uint8_t *error_info; /* NULL: none */
            size_t error_info_length;
        } nak;
        struct { /* request, response, fault: stub data lies between the headers and the auth padding */
            uint32_t alloc_hint;
            uint16_t context_id, opnum;
            bool has_object;
            struct wire_uuid object;
            uint8_t cancel_count;
            uint32_t status; /* fault */
            bool extended;   /* fault: its flags announce extended error information in the stub data */
            const uint8_t *stub;
            size_t stub_length;
        } call;
    } u;
};

enum wire_error {
    WIRE_OK,
    WIRE_SHORT,       /* more octets are needed */
    WIRE_BAD_VERSION, /* not version 5.0 or 5.1: bind_nak protocol_version_not_supported */
    WIRE_BAD_PDU      /* malformed */
};

/* The frag_length of the PDU that begins at data: WIRE_SHORT below 10 octets, WIRE_BAD_PDU below 16. */
enum wire_error wire_frag_length(const uint8_t *data, size_t length, uint16_t *frag_length);
/* Decodes one whole PDU (length == its frag_length). */
enum wire_error wire_decode(const uint8_t *data, size_t length, struct wire_pdu *pdu);
/* Decodes the headers of a request or response alone, when at least headers octets of frag_length are there:
 * stub points past them, stub_length is what the fragment will hold in all (auth and padding excluded only
 * when auth_length is 0). For receiving bulk data in place. */
enum wire_error wire_decode_call_header(const uint8_t *data, size_t length, struct wire_pdu *pdu,
                                        size_t *header_size);

/* The extended error information of a decoded fault or bind_nak, for eerr_decode. False: there is none. */
bool wire_error_info(const struct wire_pdu *pdu, const uint8_t **info, size_t *length);

struct wire_context {
    uint16_t id;
    uint8_t count;
    struct wire_syntax abstract;
    const uint8_t *transfers; /* for wire_transfer */
};
struct wire_context_result {
    uint16_t result, reason; /* WIRE_NEGOTIATE_ACK: reason is the feature mask */
    struct wire_syntax transfer;
};
/* Walk the list of a decoded bind or ack: *cursor starts at 0; false after the last. Lists were checked by
 * wire_decode. */
bool wire_next_context(const struct wire_pdu *pdu, size_t *cursor, struct wire_context *context);
bool wire_next_result(const struct wire_pdu *pdu, size_t *cursor, struct wire_context_result *result);
void wire_transfer(const struct wire_pdu *pdu, const struct wire_context *context, unsigned index,
                   struct wire_syntax *transfer);

/* ---- encoding: each gives the PDU's length, or 0 when size does not hold it. frag_length is filled in;
 * a verifier that follows is appended with wire_append_auth. */

struct wire_out_context {
    uint16_t id;
    uint8_t count;
    struct wire_syntax abstract;
    const struct wire_syntax *transfers;
};
struct wire_bind_params {
    uint8_t ptype, flags, minor; /* flags beside first and last */
    uint32_t call_id, assoc_group;
    uint16_t max_xmit, max_recv;
};
size_t wire_encode_bind(uint8_t *out, size_t size, const struct wire_bind_params *params,
                        const struct wire_out_context *contexts, uint8_t count);
/* address: the secondary address without NUL, "" in an alter_context_resp. */
size_t wire_encode_bind_ack(uint8_t *out, size_t size, const struct wire_bind_params *params,
                            const char *address, const struct wire_context_result *results, uint8_t count);
/* Lists the protocol versions 5.0 and 5.1 when reason is WIRE_NAK_PROTOCOL_VERSION. */
size_t wire_encode_bind_nak(uint8_t *out, size_t size, uint32_t call_id, uint16_t reason);

struct wire_call_params {
    uint8_t ptype, flags, minor;
    uint32_t call_id, alloc_hint;
    uint16_t context_id, opnum;     /* opnum: requests */
    uint8_t cancel_count;           /* responses */
    const struct wire_uuid *object; /* requests: NULL, or adds WIRE_OBJECT_UUID */
};
/* Headers alone: stub_length octets are to follow. Gives the headers' size (24 or 40). */
size_t wire_encode_call(uint8_t *out, size_t size, const struct wire_call_params *params, size_t stub_length);
size_t wire_encode_fault(uint8_t *out, size_t size, const struct wire_call_params *params, uint32_t status);
/* Appends extended error information to an encoded fault or bind_nak, as [MS-RPCE] 2.2.2.8 and 2.2.2.9 say.
 * Gives the new length, or 0 when size does not hold it. */
size_t wire_append_error_info(uint8_t *pdu, size_t length, size_t size, const uint8_t *info,
                              size_t info_length);
/* co_cancel, orphaned, shutdown: a header alone. */
size_t wire_encode_bare(uint8_t *out, size_t size, uint8_t ptype, uint8_t flags, uint32_t call_id);
/* Appends padding to a multiple of 4 from stub_start (16 per [MS-RPCE] 2.2.2.11), sec_trailer and room for
 * auth->length octets of value (copied when auth->value is set); mends frag_length and auth_length. Gives the
 * new length or 0. */
size_t wire_append_auth(uint8_t *pdu, size_t length, size_t size, size_t stub_start,
                        const struct wire_auth *auth);

/* ---- reassembly of a request's or response's fragments; the caller owns the buffer */

struct wire_assembly {
    bool started, done;
    uint8_t ptype, drep[4];
    uint32_t call_id, alloc_hint;
    uint16_t context_id, opnum;
    size_t length, limit; /* limit: no more stub data than this; set before the first fragment */
};
enum wire_assembly_result { WIRE_MORE, WIRE_DONE, WIRE_OUT_OF_ORDER, WIRE_TOO_LONG };
/* Takes the next fragment of the call: its stub_length octets belong at *offset. */
enum wire_assembly_result wire_assemble(struct wire_assembly *assembly, const struct wire_pdu *pdu,
                                        size_t *offset);

/* ---- fault status (C706 appendix E, [MS-RPCE] 3.1.1.5.5, MS-RPCE 2.2.2.5) */
/* nca_s_* / nca_* to the Win32 status a client sees, and back; unknown values go through unchanged. */
uint32_t wire_status_from_fault(uint32_t nca);
uint32_t wire_fault_from_status(uint32_t status);

/* ---- verification trailer: see security; towers: wire/tower.h; string bindings: wire/string_binding.h */

#endif
