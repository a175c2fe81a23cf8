/*
 * Pickling handles, within ndr/: pickle.c makes them and moves their octets, pickle_type.c and pickle_proc.c
 * put types and procedures into them.
 */
#ifndef RPCRT4_NDR_PICKLE_H
#define RPCRT4_NDR_PICKLE_H

#include "ndr.h"
#include <midles.h>
#include <string.h>

#define PICKLE_MAGIC 0x706d6469 /* "idmp" */

struct pickle {
    ULONG magic;
    MIDL_ES_CODE operation;
    MIDL_ES_HANDLE_STYLE style;
    /* incremental */
    void *user;
    MIDL_ES_ALLOC allocate;
    MIDL_ES_WRITE write;
    MIDL_ES_READ read;
    /* buffers */
    char *buffer;
    ULONG size, used;
    char **dynamic;
    ULONG *encoded;
    /* the stream */
    BOOL begun;           /* the common type header has been written or read */
    ULONG representation; /* as RPC_MESSAGE.DataRepresentation */
    BOOL has_procedure;   /* decode: the procedure header has been read */
    ULONG proc_num, proc_length;
    RPC_SYNTAX_IDENTIFIER interface_id;
};

/* The handle behind a handle_t. Raises RPC_S_INVALID_BINDING, or RPC_X_INVALID_ES_ACTION where it is for the
 * other direction. */
struct pickle *pickle_of(handle_t handle, BOOL encode);

/* Room for size octets (a multiple of 8) of output; pickle_put gives them out. free is the stub's
 * allocator, for a dynamic buffer. Raises RPC_S_OUT_OF_MEMORY, RPC_S_BUFFER_TOO_SMALL. */
char *pickle_room(struct pickle *pickle, const MIDL_STUB_DESC *desc, ULONG size);
/* What is left of the room after the last octet that means something. */
static inline void pickle_fill(unsigned char *from, const unsigned char *end)
{
    if (from < end)
        memset(from, 0, end - from);
}
void pickle_put(struct pickle *pickle, char *octets, ULONG size);

/* The next size octets of input, 8-aligned; they stay until the next call. Raises RPC_X_BAD_STUB_DATA. *copy
 * is what the caller frees with os_free afterwards, or NULL. */
char *pickle_take(struct pickle *pickle, ULONG size, void **copy);

#endif
