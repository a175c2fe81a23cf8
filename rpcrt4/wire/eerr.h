/*
 * Extended error information, [MS-EERR]: the chain of ExtendedErrorInfo records, as type serialization
 * version 1 ([MS-RPCE] 2.2.6) of the first. Pure functions over buffers; what a decoded record points to lies
 * in the decoded buffer.
 */
#ifndef RPCRT4_WIRE_EERR_H
#define RPCRT4_WIRE_EERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EERR_PARAMS = 4,  /* of a record, [MS-EERR] 2.2.1.8 */
    EERR_RECORDS = 32 /* longer chains are refused */
};

/* [MS-EERR] 2.2.1.4; the values are those of ExtendedErrorParamTypes */
enum eerr_type { EERR_ANSI = 1, EERR_UNICODE, EERR_LONG, EERR_SHORT, EERR_POINTER, EERR_NONE, EERR_BINARY };

/* [MS-EERR] 2.2.1.8 Flags */
enum { EERR_PREVIOUS_MISSING = 1, EERR_NEXT_MISSING = 2 };

/* count: octets, or UTF-16 characters. A terminating NUL is part of it where there is one. */
struct eerr_text {
    const uint8_t *octets;
    uint16_t count;
};

struct eerr_param {
    enum eerr_type type;
    uint64_t value; /* EERR_LONG, EERR_SHORT: sign-extended; EERR_POINTER */
    struct eerr_text text;
};

struct eerr_record {
    bool has_computer;
    struct eerr_text computer;
    uint32_t process;
    uint64_t time; /* FILETIME */
    uint32_t component, status;
    uint16_t location, flags;
    unsigned count;
    struct eerr_param params[EERR_PARAMS];
};

/* Gives the octets it takes, written where they fit in size. count: 1 to EERR_RECORDS; first comes the newest
 * record, each being the effect of the next. UTF-16 is little-endian. */
size_t eerr_encode(uint8_t *out, size_t size, const struct eerr_record *records, unsigned count);

/* records: EERR_RECORDS of them. *big: how UTF-16 is written, for eerr_char. False: malformed, or too long.
 */
bool eerr_decode(const uint8_t *data, size_t length, struct eerr_record *records, unsigned *count, bool *big);
/* A character of a UTF-16 text. */
uint16_t eerr_char(const struct eerr_text *text, unsigned index, bool big);

#endif
