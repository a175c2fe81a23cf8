/*
 * As much of NDR (C706 chapter 14) as the interfaces written out by hand need: primitive types at their
 * alignment, referents, contexts. The begin of a buffer is aligned to 8.
 */
#ifndef RPCRT4_WIRE_NDR20_H
#define RPCRT4_WIRE_NDR20_H

#include "octets.h"

/* Writes what fits in size and counts the rest. */
struct ndr20_writer {
    uint8_t *out;
    size_t size, length;
};

static inline void ndr20_put_octets(struct ndr20_writer *to, const void *octets, size_t count)
{
    if (count && count <= to->size && to->length <= to->size - count)
        memcpy(to->out + to->length, octets, count);
    to->length += count;
}

static inline void ndr20_put_align(struct ndr20_writer *to, size_t alignment)
{
    static const uint8_t zeros[8];

    ndr20_put_octets(to, zeros, (alignment - to->length % alignment) % alignment);
}

static inline void ndr20_put_u32(struct ndr20_writer *to, uint32_t value)
{
    uint8_t octets[4];

    put32(octets, value);
    ndr20_put_align(to, 4);
    ndr20_put_octets(to, octets, sizeof(octets));
}

static inline void ndr20_put_uuid(struct ndr20_writer *to, const struct wire_uuid *uuid)
{
    uint8_t octets[16];

    put_uuid(octets, uuid);
    ndr20_put_align(to, 4);
    ndr20_put_octets(to, octets, sizeof(octets));
}

/* Reads from the front; once it has failed every further read gives zeros. */
struct ndr20_reader {
    const uint8_t *data;
    size_t length, at;
    bool big, failed;
};

static inline const uint8_t *ndr20_get_octets(struct ndr20_reader *from, size_t count)
{
    const uint8_t *octets = from->data + from->at;

    if (from->failed || from->length - from->at < count) {
        from->failed = true;
        return NULL;
    }
    from->at += count;
    return octets;
}

static inline void ndr20_get_align(struct ndr20_reader *from, size_t alignment)
{
    ndr20_get_octets(from, (alignment - from->at % alignment) % alignment);
}

static inline uint32_t ndr20_get_u32(struct ndr20_reader *from)
{
    const uint8_t *octets;

    ndr20_get_align(from, 4);
    octets = ndr20_get_octets(from, 4);
    return octets ? get32(octets, from->big) : 0;
}

static inline void ndr20_get_uuid(struct ndr20_reader *from, struct wire_uuid *uuid)
{
    const uint8_t *octets;

    ndr20_get_align(from, 4);
    octets = ndr20_get_octets(from, 16);
    if (octets)
        get_uuid(octets, from->big, uuid);
    else
        memset(uuid, 0, sizeof(*uuid));
}

#endif
