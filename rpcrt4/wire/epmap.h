/*
 * The endpoint mapper's interface, C706 appendix O and [MS-RPCE] 2.2.1.2: the stub data of its operations in
 * NDR. The runtime resolves endpoints itself, and stands below the NDR engine; so this is written by hand.
 * Pure functions. Requests are encoded little-endian: each gives the length needed and writes nothing past
 * size (out may be NULL when size is 0). Replies are decoded in either representation and point into the
 * buffer; false is for what is malformed.
 */
#ifndef RPCRT4_WIRE_EPMAP_H
#define RPCRT4_WIRE_EPMAP_H

#include "wire.h"

enum epmap_opnum {
    EPMAP_INSERT = 0,
    EPMAP_DELETE = 1,
    EPMAP_LOOKUP = 2,
    EPMAP_MAP = 3,
    EPMAP_LOOKUP_HANDLE_FREE = 4,
    EPMAP_MGMT_DELETE = 6
};

enum { EPMAP_ANNOTATION_SIZE = 64 }; /* NUL included */

extern const struct wire_syntax wire_epmap; /* e1af8308-5d1f-11c9-91a4-08002b14a0fa v3.0 */

/* The context handle of a lookup; all zero before the first call and after the last. */
struct epmap_handle {
    uint32_t attributes;
    struct wire_uuid uuid;
};

struct epmap_tower {
    const uint8_t *octets; /* NULL: none */
    uint32_t length;
};

struct epmap_entry {
    struct wire_uuid object;
    struct epmap_tower tower;
    const char *annotation; /* annotation_length characters, NUL not counted; fewer than 64 */
    size_t annotation_length;
};

/* The two layouts of an ept_entry_t. Its tower is a reference pointer: embedded, that is four octets, C706
 * 14.3.12.3, but Wine 8's own rpcrt4 neither writes nor expects them. On ncalrpc there are only Wine and this
 * DLL, so there everybody writes what Wine reads, and a server of ours (rpcss on this DLL) mends it. */
enum epmap_layout { EPMAP_STANDARD, EPMAP_WINE };

/* ept_insert where replace is not NULL, else ept_delete. Every entry has a tower. */
size_t epmap_put_entries(uint8_t *out, size_t size, enum epmap_layout layout,
                         const struct epmap_entry *entries, uint32_t count, const bool *replace);
/* Is this the stub data of an ept_insert or ept_delete as Wine writes it? */
bool epmap_is_wine(const uint8_t *data, size_t length);
/* Turns such stub data into the standard layout: the length needed, nothing written past size; 0: malformed.
 */
size_t epmap_mend_wine(uint8_t *out, size_t size, const uint8_t *data, size_t length);
/* object may be NULL. */
size_t epmap_put_map(uint8_t *out, size_t size, const struct wire_uuid *object,
                     const struct epmap_tower *tower, const struct epmap_handle *handle, uint32_t max_towers);
/* object and abstract may be NULL, as inquiry_type allows. */
size_t epmap_put_lookup(uint8_t *out, size_t size, uint32_t inquiry_type, const struct wire_uuid *object,
                        const struct wire_syntax *abstract, uint32_t vers_option,
                        const struct epmap_handle *handle, uint32_t max_entries);
size_t epmap_put_handle(uint8_t *out, size_t size, const struct epmap_handle *handle);
size_t epmap_put_mgmt_delete(uint8_t *out, size_t size, const struct wire_uuid *object,
                             const struct epmap_tower *tower);

/* Replies of ept_insert, ept_delete, ept_mgmt_delete. */
bool epmap_get_status(const uint8_t *data, size_t length, bool big, uint32_t *status);
/* At most max towers; more is malformed, for no more was asked for. A tower's octets may be NULL. */
bool epmap_get_map(const uint8_t *data, size_t length, bool big, struct epmap_handle *handle,
                   struct epmap_tower *towers, uint32_t max, uint32_t *count, uint32_t *status);
bool epmap_get_lookup(const uint8_t *data, size_t length, bool big, struct epmap_handle *handle,
                      struct epmap_entry *entries, uint32_t max, uint32_t *count, uint32_t *status);

#endif
