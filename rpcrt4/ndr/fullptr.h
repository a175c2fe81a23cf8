/*
 * Full pointers: what was done with each during a call. The tables belong to one call.
 */
#ifndef RPCRT4_NDR_FULLPTR_H
#define RPCRT4_NDR_FULLPTR_H

#include "ndr.h"

/* QueryType of NdrFullPointerQueryPointer and NdrFullPointerQueryRefId: marks the pointer, and asks whether
 * it was marked so before. ASKED marks nothing. */
enum {
    FULL_POINTER_ASKED = 0,
    FULL_POINTER_MARSHALLED = 1,
    FULL_POINTER_UNMARSHALLED = 1,
    FULL_POINTER_SIZED = 2,
    FULL_POINTER_SKIMMED = 4,
    FULL_POINTER_CONVERTED = 8,
    FULL_POINTER_FREED = 16,
};

/* What a referent is: its format, and how many elements a conformant one has. An identifier that comes again
 * has to stand for the same; gives whether it does, and remembers it the first time. */
BOOLEAN full_pointer_same(PFULL_PTR_XLAT_TABLES tables, ULONG reference, PFORMAT_STRING type, ULONG count);

#endif
