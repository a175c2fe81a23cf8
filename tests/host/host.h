/*
 * What stands in for the rest of the DLL when ndr/ runs on the build host (host.c): exceptions by setjmp, a
 * heap that counts its blocks and can be told to run short, doubles of COM and of context handles.
 */
#ifndef HOST_H
#define HOST_H

#include "ndr/ndr.h"

/* What a stub's allocator would be. The block right before the one that fails is number host_fail_after. */
void *host_allocate(size_t size);
void host_free(void *block);
extern long host_blocks;          /* that are allocated now, by host_allocate and os_alloc alike */
extern long host_fail_after;      /* host_allocate gives so many more blocks and then NULL; -1: no end */
extern size_t host_largest;       /* asked of host_allocate so far */
extern const size_t host_ceiling; /* more than that at once host_allocate refuses */

/* What the octets of a context handle's UUID begin with, an ULONG and then its two halves. */
enum { HOST_CONTEXT_TIME = 0x01020304 };

/* What a context handle of either side's is on the wire and to a manager: 1 to 255. */
unsigned char host_context_number(const void *handle);

/* A COM object of the doubles: what is marshalled of it is its text. */
struct host_object {
    long references;
    char text[16];
};
/* So much more than it takes is what the double of CoGetMarshalSizeMax says that an object takes. */
extern ULONG host_object_slack;

#endif
