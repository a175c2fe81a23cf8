/*
 * Serialization handles: MesEncode*HandleCreate, MesDecode*HandleCreate and where their octets come from and
 * go to. Sources: SDK "Serialization Services" (win32/rpc), midles.h. A handle belongs to one thread at a
 * time; no lock.
 */
#include "pickle.h"

static RPC_STATUS new_handle(handle_t *handle, MIDL_ES_CODE operation, MIDL_ES_HANDLE_STYLE style)
{
    struct pickle *pickle;

    if (!handle)
        return RPC_S_INVALID_ARG;
    pickle = os_alloc_zero(sizeof(*pickle));
    if (!pickle)
        return RPC_S_OUT_OF_MEMORY;
    pickle->magic = PICKLE_MAGIC;
    pickle->operation = operation;
    pickle->style = style;
    *handle = pickle;
    return RPC_S_OK;
}

static BOOL is_aligned(const void *buffer)
{
    return !((ULONG_PTR)buffer & 7);
}

static struct pickle *valid(handle_t handle)
{
    struct pickle *pickle = handle;

    return pickle && pickle->magic == PICKLE_MAGIC ? pickle : NULL;
}

static void start_again(struct pickle *pickle)
{
    pickle->used = 0;
    pickle->begun = pickle->has_procedure = FALSE;
}

/* Source: SDK, MesEncodeIncrementalHandleCreate. */
RPC_STATUS RPC_ENTRY MesEncodeIncrementalHandleCreate(void *user, MIDL_ES_ALLOC allocate, MIDL_ES_WRITE write,
                                                      handle_t *handle)
{
    RPC_STATUS status;

    if (!allocate || !write)
        return RPC_S_INVALID_ARG;
    status = new_handle(handle, MES_ENCODE, MES_INCREMENTAL_HANDLE);
    if (status != RPC_S_OK)
        return status;
    return MesIncrementalHandleReset(*handle, user, allocate, write, NULL, MES_ENCODE);
}

/* Source: SDK, MesDecodeIncrementalHandleCreate. */
RPC_STATUS RPC_ENTRY MesDecodeIncrementalHandleCreate(void *user, MIDL_ES_READ read, handle_t *handle)
{
    RPC_STATUS status;

    if (!read)
        return RPC_S_INVALID_ARG;
    status = new_handle(handle, MES_DECODE, MES_INCREMENTAL_HANDLE);
    if (status != RPC_S_OK)
        return status;
    return MesIncrementalHandleReset(*handle, user, NULL, NULL, read, MES_DECODE);
}

/* What is NULL stays as it is. Source: SDK, MesIncrementalHandleReset. */
RPC_STATUS RPC_ENTRY MesIncrementalHandleReset(handle_t handle, void *user, MIDL_ES_ALLOC allocate,
                                               MIDL_ES_WRITE write, MIDL_ES_READ read, MIDL_ES_CODE operation)
{
    struct pickle *pickle = valid(handle);

    if (!pickle || pickle->style != MES_INCREMENTAL_HANDLE)
        return RPC_S_INVALID_ARG;
    if (operation != MES_ENCODE && operation != MES_DECODE)
        return RPC_S_INVALID_ARG;
    if (user)
        pickle->user = user;
    if (allocate)
        pickle->allocate = allocate;
    if (write)
        pickle->write = write;
    if (read)
        pickle->read = read;
    if (operation == MES_ENCODE ? !pickle->allocate || !pickle->write : !pickle->read)
        return RPC_S_INVALID_ARG;
    pickle->operation = operation;
    start_again(pickle);
    return RPC_S_OK;
}

/* Source: SDK, MesEncodeFixedBufferHandleCreate. RPC_X_INVALID_BUFFER: the buffer is not aligned to 8. */
RPC_STATUS RPC_ENTRY MesEncodeFixedBufferHandleCreate(char *buffer, ULONG size, ULONG *encoded,
                                                      handle_t *handle)
{
    RPC_STATUS status;

    if (!buffer || !encoded)
        return RPC_S_INVALID_ARG;
    if (!is_aligned(buffer))
        return RPC_X_INVALID_BUFFER;
    status = new_handle(handle, MES_ENCODE, MES_FIXED_BUFFER_HANDLE);
    if (status != RPC_S_OK)
        return status;
    return MesBufferHandleReset(*handle, MES_FIXED_BUFFER_HANDLE, MES_ENCODE, &buffer, size, encoded);
}

/* Source: SDK, MesEncodeDynBufferHandleCreate: *buffer is allocated by the stub's allocator. */
RPC_STATUS RPC_ENTRY MesEncodeDynBufferHandleCreate(char **buffer, ULONG *encoded, handle_t *handle)
{
    RPC_STATUS status;

    if (!buffer || !encoded)
        return RPC_S_INVALID_ARG;
    status = new_handle(handle, MES_ENCODE, MES_DYNAMIC_BUFFER_HANDLE);
    if (status != RPC_S_OK)
        return status;
    return MesBufferHandleReset(*handle, MES_DYNAMIC_BUFFER_HANDLE, MES_ENCODE, buffer, 0, encoded);
}

/* Source: SDK, MesDecodeBufferHandleCreate. RPC_X_INVALID_BUFFER: the buffer is not aligned to 8. */
RPC_STATUS RPC_ENTRY MesDecodeBufferHandleCreate(char *buffer, ULONG size, handle_t *handle)
{
    RPC_STATUS status;

    if (!buffer)
        return RPC_S_INVALID_ARG;
    if (!is_aligned(buffer))
        return RPC_X_INVALID_BUFFER;
    status = new_handle(handle, MES_DECODE, MES_FIXED_BUFFER_HANDLE);
    if (status != RPC_S_OK)
        return status;
    return MesBufferHandleReset(*handle, MES_FIXED_BUFFER_HANDLE, MES_DECODE, &buffer, size, NULL);
}

/* Source: SDK, MesBufferHandleReset. */
RPC_STATUS RPC_ENTRY MesBufferHandleReset(handle_t handle, ULONG style, MIDL_ES_CODE operation, char **buffer,
                                          ULONG size, ULONG *encoded)
{
    struct pickle *pickle = valid(handle);

    if (!pickle || pickle->style == MES_INCREMENTAL_HANDLE || !buffer)
        return RPC_S_INVALID_ARG;
    if (style != MES_FIXED_BUFFER_HANDLE && (style != MES_DYNAMIC_BUFFER_HANDLE || operation == MES_DECODE))
        return RPC_S_INVALID_ARG;
    if (operation != MES_DECODE && (operation != MES_ENCODE || !encoded))
        return RPC_S_INVALID_ARG;
    if (style == MES_FIXED_BUFFER_HANDLE && !is_aligned(*buffer))
        return RPC_X_INVALID_BUFFER;
    pickle->style = style;
    pickle->operation = operation;
    pickle->buffer = style == MES_FIXED_BUFFER_HANDLE ? *buffer : NULL;
    pickle->dynamic = style == MES_DYNAMIC_BUFFER_HANDLE ? buffer : NULL;
    pickle->size = style == MES_FIXED_BUFFER_HANDLE ? size : 0;
    pickle->encoded = encoded;
    if (pickle->dynamic)
        *pickle->dynamic = NULL;
    if (encoded)
        *encoded = 0;
    start_again(pickle);
    return RPC_S_OK;
}

/* Source: SDK, MesHandleFree. */
RPC_STATUS RPC_ENTRY MesHandleFree(handle_t handle)
{
    struct pickle *pickle = valid(handle);

    if (!pickle)
        return RPC_S_INVALID_ARG;
    pickle->magic = 0;
    os_free(pickle);
    return RPC_S_OK;
}

struct pickle *pickle_of(handle_t handle, BOOL encode)
{
    struct pickle *pickle = valid(handle);

    if (!pickle)
        os_raise(RPC_S_INVALID_BINDING);
    if ((pickle->operation == MES_ENCODE) != encode)
        os_raise(RPC_X_INVALID_ES_ACTION);
    return pickle;
}

/* ---- octets out */

static char *incremental_room(struct pickle *pickle, ULONG size)
{
    unsigned int given = size;
    char *octets = NULL;

    pickle->allocate(pickle->user, &octets, &given);
    if (!octets || given < size)
        os_raise(RPC_S_OUT_OF_MEMORY);
    if (!is_aligned(octets))
        os_raise(RPC_X_INVALID_BUFFER);
    return octets;
}

/* A dynamic buffer grows by being copied, for all that was encoded belongs to one piece. */
static char *dynamic_room(struct pickle *pickle, const MIDL_STUB_DESC *desc, ULONG size)
{
    char *grown;

    if (size > size + pickle->used)
        os_raise(RPC_S_OUT_OF_MEMORY);
    grown = desc->pfnAllocate(pickle->used + size);
    if (!grown)
        os_raise(RPC_S_OUT_OF_MEMORY);
    if (pickle->buffer) {
        memcpy(grown, pickle->buffer, pickle->used);
        desc->pfnFree(pickle->buffer);
    }
    pickle->buffer = *pickle->dynamic = grown;
    return grown + pickle->used;
}

char *pickle_room(struct pickle *pickle, const MIDL_STUB_DESC *desc, ULONG size)
{
    char *octets;

    if (pickle->style == MES_INCREMENTAL_HANDLE) {
        octets = incremental_room(pickle, size);
    } else if (pickle->style == MES_DYNAMIC_BUFFER_HANDLE) {
        octets = dynamic_room(pickle, desc, size);
    } else {
        if (size > pickle->size - pickle->used)
            os_raise(RPC_S_BUFFER_TOO_SMALL);
        octets = pickle->buffer + pickle->used;
    }
    return octets;
}

void pickle_put(struct pickle *pickle, char *octets, ULONG size)
{
    if (pickle->style == MES_INCREMENTAL_HANDLE) {
        pickle->write(pickle->user, octets, size);
        return;
    }
    pickle->used += size;
    *pickle->encoded = pickle->used;
}

/* ---- octets in */

static char *incremental_take(struct pickle *pickle, ULONG size, void **copy)
{
    char *octets = NULL, *gathered;
    unsigned int given = size;
    ULONG have = 0;

    pickle->read(pickle->user, &octets, &given);
    if (octets && given >= size && is_aligned(octets))
        return octets;
    gathered = *copy = os_alloc(size);
    if (!gathered)
        os_raise(RPC_S_OUT_OF_MEMORY);
    for (;;) {
        if (given > size - have)
            given = size - have;
        if (!octets || (!given && have < size)) {
            os_free(gathered);
            *copy = NULL;
            os_raise(RPC_X_BAD_STUB_DATA);
        }
        memcpy(gathered + have, octets, given);
        have += given;
        if (have == size)
            return gathered;
        given = size - have;
        octets = NULL;
        pickle->read(pickle->user, &octets, &given);
    }
}

char *pickle_take(struct pickle *pickle, ULONG size, void **copy)
{
    char *octets;

    *copy = NULL;
    if (pickle->style == MES_INCREMENTAL_HANDLE)
        return incremental_take(pickle, size, copy);
    if (size > pickle->size - pickle->used)
        os_raise(RPC_X_BAD_STUB_DATA);
    octets = pickle->buffer + pickle->used;
    pickle->used += size;
    return octets;
}
