/*
 * String bindings, ObjectUUID@ProtocolSequence:NetworkAddress[Endpoint,Option...] (C706 3.1, SDK page "String
 * Binding"): pure functions over UTF-16. A backslash takes the next character as it is.
 */
#ifndef RPCRT4_WIRE_STRING_BINDING_H
#define RPCRT4_WIRE_STRING_BINDING_H

#include "wire.h"

enum binding_part { BINDING_OBJECT, BINDING_PROTSEQ, BINDING_ADDRESS, BINDING_ENDPOINT, BINDING_OPTIONS };
enum { BINDING_PARTS = 5 };

/* A part as it stands in the string, backslashes included; text is NULL where the part is not there. */
struct binding_text {
    const uint16_t *text;
    size_t length;
};

enum binding_error {
    BINDING_OK,
    BINDING_BAD_STRING, /* RPC_S_INVALID_STRING_BINDING */
    BINDING_BAD_UUID    /* RPC_S_INVALID_STRING_UUID */
};

/* Splits a NUL-terminated string binding. The endpoint may also be written "endpoint=...", C706 3.1, as the
 * first or the last of the options, which are then what is left; between two of them it is refused. */
enum binding_error wire_binding_split(const uint16_t *text, struct binding_text parts[BINDING_PARTS]);

/* Takes the backslashes out: writes length + 1 characters at most, NUL included (out may be NULL), and gives
 * the number of characters without the NUL. */
size_t wire_binding_plain(const struct binding_text *part, uint16_t *out);

/* Puts a string binding together from plain NUL-terminated parts (NULL or "": absent; options are taken as
 * they are, for their commas and equal signs mean something). out holds size characters; gives the number
 * needed, NUL included, and writes nothing past size. */
size_t wire_binding_join(const uint16_t *const parts[BINDING_PARTS], uint16_t *out, size_t size);

#endif
