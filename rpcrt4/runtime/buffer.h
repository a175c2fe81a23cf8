/*
 * Stub data buffers. Large ones are kept for the next call: fresh pages cost more than the copy into them.
 */
#ifndef RPCRT4_BUFFER_H
#define RPCRT4_BUFFER_H

#include <stddef.h>

/* 16-aligned; *size is raised to what there is. NULL: no memory. */
void *buffer_alloc(size_t *size);
/* size: as buffer_alloc gave it. NULL is fine. */
void buffer_free(void *buffer, size_t size);
/* DllMain's: frees those that are kept for the next taker. */
void buffers_drop(void);

#endif
