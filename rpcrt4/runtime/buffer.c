/*
 * Owns: a few parked large buffers, one a slot, exchanged without a lock. Called by whoever holds a call.
 */
#include "../os/os.h"
#include <stdint.h>
#include "buffer.h"

enum { PARK_MIN = 0x10000, PARK_MAX = 0x400000, SLOTS = 4, ALIGN = 16 };

/* A parked buffer keeps its size in its first octets. */
static void *volatile parked[SLOTS];

/* The i686 heap aligns to 8 only: what lies in front of the buffer leads back to what the heap gave. */
static void *aligned_alloc16(size_t size)
{
    uint8_t *memory = size <= SIZE_MAX - 2 * ALIGN ? os_alloc(size + 2 * ALIGN) : NULL;
    uint8_t *buffer;

    if (!memory)
        return NULL;
    buffer = (uint8_t *)(((uintptr_t)memory + 2 * ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
    ((void **)buffer)[-1] = memory;
    return buffer;
}

static void aligned_free(void *buffer)
{
    if (buffer)
        os_free(((void **)buffer)[-1]);
}

static void *unpark(size_t wanted, size_t *size)
{
    for (int i = 0; i < SLOTS; i++) {
        size_t *buffer;

        if (!parked[i] || !(buffer = InterlockedExchangePointer((void **)&parked[i], NULL)))
            continue;
        if (*buffer >= wanted && *buffer / 8 <= wanted) {
            *size = *buffer;
            return buffer;
        }
        aligned_free(buffer);
    }
    return NULL;
}

void *buffer_alloc(size_t *size)
{
    void *buffer;

    if (*size < PARK_MIN)
        return aligned_alloc16(*size);
    if (*size > SIZE_MAX - PARK_MIN)
        return NULL;
    *size = (*size + PARK_MIN - 1) & ~(size_t)(PARK_MIN - 1);
    buffer = unpark(*size, size);
    return buffer ? buffer : aligned_alloc16(*size);
}

void buffers_drop(void)
{
    for (int i = 0; i < SLOTS; i++)
        aligned_free(InterlockedExchangePointer((void **)&parked[i], NULL));
}

void buffer_free(void *buffer, size_t size)
{
    if (buffer && size >= PARK_MIN && size <= PARK_MAX) {
        *(size_t *)buffer = size;
        for (int i = 0; i < SLOTS; i++)
            if (!InterlockedCompareExchangePointer((void **)&parked[i], buffer, NULL))
                return;
    }
    aligned_free(buffer);
}
