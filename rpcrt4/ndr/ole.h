/*
 * What marshalling interface pointers needs of COM: ole32, loaded when the first interface pointer is met
 * (ole.c). Objects and interface identifiers are opaque here.
 */
#ifndef RPCRT4_NDR_OLE_H
#define RPCRT4_NDR_OLE_H

#include "ndr.h"

/* Upper bound of an object reference's octets. All of these raise the HRESULT that COM fails with. */
ULONG ole_marshal_size(const void *iid, void *object, ULONG destination, void *context);
/* Writes the object reference at buffer, at most room octets; gives how many. */
ULONG ole_marshal(const void *iid, void *object, ULONG destination, void *context, unsigned char *buffer,
                  ULONG room);
/* An interface from an object reference. */
void *ole_unmarshal(const void *iid, unsigned char *reference, ULONG size);
void ole_release(void *object);

#endif
