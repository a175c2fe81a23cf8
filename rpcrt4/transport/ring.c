/*
 * See ring.h. No lock: the caller sees to it that each side has one reader or writer at a time.
 *
 * Publishing an index and then asking whether the other sleeps, and saying that one sleeps and then looking
 * at the other's index, are a store and a load each that must not pass each other: hence the full fences.
 */
#include "ring.h"

ULONG ring_filled(struct ring *ring)
{
    ULONG filled = __atomic_load_n(&ring->control->written, __ATOMIC_ACQUIRE) - ring->index;

    if (filled > RING_SIZE)
        ring->spoiled = TRUE;
    return ring->spoiled ? 0 : filled;
}

ULONG ring_free(struct ring *ring)
{
    ULONG filled = ring->index - __atomic_load_n(&ring->control->read, __ATOMIC_ACQUIRE);

    if (filled > RING_SIZE)
        ring->spoiled = TRUE;
    return ring->spoiled ? 0 : RING_SIZE - filled;
}

/* Half the ring, lest writer and reader wake each other for every small piece. */
BOOL ring_roomy(struct ring *ring)
{
    return ring_free(ring) >= RING_SIZE / 2;
}

/* Whoever sleeps is woken once: the word is taken. */
static LONG sleeper(LONG *how)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(how, __ATOMIC_RELAXED) == RING_NOBODY ? RING_NOBODY
                                                                 : InterlockedExchange(how, RING_NOBODY);
}

ULONG ring_read(struct ring *ring, void *data, ULONG length, LONG *wake)
{
    ULONG filled = ring_filled(ring), at = ring->index % RING_SIZE, first;

    *wake = RING_NOBODY;
    length = min(length, filled);
    if (!length)
        return 0;
    first = min(length, RING_SIZE - at);
    memcpy(data, ring->data + at, first);
    memcpy((UCHAR *)data + first, ring->data, length - first);
    ring->index += length;
    __atomic_store_n(&ring->control->read, ring->index, __ATOMIC_RELEASE);
    if (filled - length <= RING_SIZE / 2)
        *wake = sleeper(&ring->control->writer_sleeps);
    return length;
}

ULONG ring_write(struct ring *ring, const void *data, ULONG length)
{
    ULONG space = ring_free(ring), at = ring->index % RING_SIZE, first;

    length = min(length, space);
    first = min(length, RING_SIZE - at);
    memcpy(ring->data + at, data, first);
    memcpy(ring->data, (const UCHAR *)data + first, length - first);
    ring->index += length;
    return length;
}

LONG ring_publish(struct ring *ring)
{
    __atomic_store_n(&ring->control->written, ring->index, __ATOMIC_RELEASE);
    return sleeper(&ring->control->reader_sleeps);
}

void ring_reader_sleeps(struct ring *ring, LONG how)
{
    __atomic_store_n(&ring->control->reader_sleeps, how, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void ring_writer_sleeps(struct ring *ring, LONG how)
{
    __atomic_store_n(&ring->control->writer_sleeps, how, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
