/*
 * Protocol towers, C706 appendix L and [MS-RPCE] 2.2.1.2.4: what the endpoint mapper speaks of. Pure
 * functions; text is ASCII, as the protocol sequences, endpoints and addresses of a tower are.
 */
#ifndef RPCRT4_WIRE_TOWER_H
#define RPCRT4_WIRE_TOWER_H

#include "wire.h"

/* Protocol identifiers of floors, C706 appendix I. */
enum tower_floor {
    TOWER_TCP = 0x07,
    TOWER_UDP = 0x08,
    TOWER_IP = 0x09,
    TOWER_NCADG = 0x0a,
    TOWER_NCACN = 0x0b,
    TOWER_NCALRPC = 0x0c,
    TOWER_UUID = 0x0d,
    TOWER_SMB = 0x0f,
    TOWER_LRPC_NAME = 0x10,
    TOWER_NETBIOS = 0x11,
    TOWER_HTTP = 0x1f
};

/* Room for a port number or an IPv4 address as text. */
enum { TOWER_NUMBER_TEXT = 16 };

struct tower {
    struct wire_syntax object, transfer;
    const char *protseq; /* static */
    bool name;           /* the endpoint is a name, else a port */
    uint16_t port;
    const char *endpoint; /* a name: points into the tower, endpoint_length characters, no NUL counted */
    size_t endpoint_length;
    const char *host; /* ncacn_np: the same for the network address */
    size_t host_length;
    bool has_ip;
    uint8_t ip[4];
};

/* Encodes a tower; endpoint and address may be NULL or "": port 0, address 0.0.0.0, empty names. An address
 * that is no dotted quad counts as empty for sequences whose floor holds four octets. Gives the length, with
 * nothing written when size is less; 0 for a protocol sequence that has no tower here or an endpoint that is
 * no port where one is asked. */
size_t wire_encode_tower(uint8_t *out, size_t size, const struct wire_syntax *object,
                         const struct wire_syntax *transfer, const char *protseq, const char *endpoint,
                         const char *address);

/* Decodes; false for what is malformed or of an unknown protocol. */
bool wire_decode_tower(const uint8_t *data, size_t length, struct tower *tower);

/* The endpoint and the network address as text: give the length without NUL and write it, NUL included, where
 * out is not NULL (TOWER_NUMBER_TEXT octets, or endpoint_length/host_length + 1 for names). */
size_t wire_tower_endpoint(const struct tower *tower, char *out);
size_t wire_tower_address(const struct tower *tower, char *out);

#endif
