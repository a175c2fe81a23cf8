/*
 * UUIDs as text and in order: pure functions. A struct wire_uuid has the layout of a GUID.
 */
#ifndef RPCRT4_WIRE_UUID_H
#define RPCRT4_WIRE_UUID_H

#include "wire.h"

enum { WIRE_UUID_TEXT = 36 }; /* characters of the string form, without NUL */

/* Takes exactly the 36 characters of C706 appendix A.3 in either case; no braces. */
bool wire_uuid_from_text(const uint16_t *text, size_t length, struct wire_uuid *uuid);
/* Writes 36 lower-case characters and a NUL. */
void wire_uuid_to_text(const struct wire_uuid *uuid, uint16_t *text);
bool wire_uuid_is_nil(const struct wire_uuid *uuid);
/* -1, 0, 1: C706 appendix A.4 orders by the fields, as unsigned integers, from data1 on. */
int wire_uuid_compare(const struct wire_uuid *a, const struct wire_uuid *b);
/* The check sum of ISO 8473 over the octets in memory order, which is what uuid_hash of DCE gives; nil has 0.
 * UuidHash promises no algorithm; Wine's gives the same values. */
uint16_t wire_uuid_hash(const struct wire_uuid *uuid);

#endif
