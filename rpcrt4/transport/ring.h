/*
 * A ring of octets in memory shared with another process: one writes, the other reads.
 *
 * The other process is not trusted: it may write anything anywhere in the section at any time. Each side
 * keeps its own index, reads the other's once for each use and checks it; what is wrong there makes the ring
 * spoiled, never an access outside of it.
 */
#ifndef RPCRT4_RING_H
#define RPCRT4_RING_H

#include "../os/os.h"

enum { RING_SIZE = 1 << 18 }; /* octets, a power of two */

/* What the side that sleeps waits for. */
enum { RING_NOBODY, RING_BELL, RING_EVENT };

/* In the section. Indices count octets since the beginning, modulo 2^32. Each side writes a line of its own.
 */
struct ring_control {
    ULONG written;      /* the writer's */
    LONG writer_sleeps; /* RING_*, for space */
    UCHAR fill1[56];
    ULONG read;         /* the reader's */
    LONG reader_sleeps; /* RING_*, for octets */
    UCHAR fill2[56];
};

/* One side of it. */
struct ring {
    struct ring_control *control;
    UCHAR *data;
    ULONG index; /* our own */
    BOOL spoiled;
};

/* How many octets can be read (written) now; 0 for a spoiled ring. */
ULONG ring_filled(struct ring *ring);
ULONG ring_free(struct ring *ring);
/* Is there space enough that a sleeping writer goes on? */
BOOL ring_roomy(struct ring *ring);
/* Moves up to length octets; gives how many. *wake is whom the other side wants woken (RING_*). */
ULONG ring_read(struct ring *ring, void *data, ULONG length, LONG *wake);
/* The same for the writer; the reader sees nothing of it until ring_publish, which gives whom to wake. */
ULONG ring_write(struct ring *ring, const void *data, ULONG length);
LONG ring_publish(struct ring *ring);
/* The reader (writer) says how it will sleep, or RING_NOBODY. It looks once more afterwards. */
void ring_reader_sleeps(struct ring *ring, LONG how);
void ring_writer_sleeps(struct ring *ring, LONG how);

#endif
