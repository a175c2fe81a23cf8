/*
 * Integers in buffers, at any alignment and in either representation. Callers have checked the bounds.
 */
#ifndef RPCRT4_WIRE_OCTETS_H
#define RPCRT4_WIRE_OCTETS_H

#include <string.h>

#include "wire.h"

static inline uint16_t get16(const uint8_t *at, bool big)
{
    return big ? (uint16_t)(at[0] << 8 | at[1]) : (uint16_t)(at[1] << 8 | at[0]);
}

static inline uint32_t get32(const uint8_t *at, bool big)
{
    uint32_t low = get16(at, big), high = get16(at + 2, big);

    return big ? low << 16 | high : high << 16 | low;
}

static inline void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)value);
    put16(at + 2, (uint16_t)(value >> 16));
}

static inline void get_uuid(const uint8_t *at, bool big, struct wire_uuid *uuid)
{
    uuid->data1 = get32(at, big);
    uuid->data2 = get16(at + 4, big);
    uuid->data3 = get16(at + 6, big);
    memcpy(uuid->data4, at + 8, sizeof(uuid->data4));
}

static inline void put_uuid(uint8_t *at, const struct wire_uuid *uuid)
{
    put32(at, uuid->data1);
    put16(at + 4, uuid->data2);
    put16(at + 6, uuid->data3);
    memcpy(at + 8, uuid->data4, sizeof(uuid->data4));
}

/* [MS-RPCE] 2.2.1.1.2: what says that a bind_nak goes on with extended error information. */
static const struct wire_uuid error_info_signature = {
    0x90740320, 0xfad0, 0x11d3, {0x82, 0xd7, 0x00, 0x90, 0x27, 0xb1, 0x30, 0xab}};

/* p_syntax_id_t: UUID and a version whose low half is the major number, C706 12.6.3.1. */
enum { SYNTAX_SIZE = 20, CONTEXT_SIZE = 4 + SYNTAX_SIZE, RESULT_SIZE = 4 + SYNTAX_SIZE };

static inline void get_syntax(const uint8_t *at, bool big, struct wire_syntax *syntax)
{
    uint32_t version = get32(at + 16, big);

    get_uuid(at, big, &syntax->uuid);
    syntax->major = (uint16_t)version;
    syntax->minor = (uint16_t)(version >> 16);
}

static inline void put_syntax(uint8_t *at, const struct wire_syntax *syntax)
{
    put_uuid(at, &syntax->uuid);
    put16(at + 16, syntax->major);
    put16(at + 18, syntax->minor);
}

#endif
