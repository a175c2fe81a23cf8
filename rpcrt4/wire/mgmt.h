/*
 * The remote management interface, C706 appendix Q: the stub data of its operations in NDR, written by hand
 * as the endpoint mapper's is (see epmap.h). Pure functions. put: little-endian, gives the length needed,
 * writes nothing past size. get: either representation, points into the buffer, false for what is malformed.
 */
#ifndef RPCRT4_WIRE_MGMT_H
#define RPCRT4_WIRE_MGMT_H

#include "wire.h"

enum mgmt_opnum {
    MGMT_INQ_IF_IDS = 0,
    MGMT_INQ_STATS = 1,
    MGMT_IS_SERVER_LISTENING = 2,
    MGMT_STOP_SERVER_LISTENING = 3,
    MGMT_INQ_PRINC_NAME = 4,
    MGMT_OPERATIONS
};

extern const struct wire_syntax wire_mgmt; /* afa8bd80-7d8a-11c9-bef4-08002b102989 v1.0 */

/* Requests. inq_if_ids, is_server_listening and stop_server_listening have no stub data. */
size_t mgmt_put_stats_request(uint8_t *out, size_t size, uint32_t count);
bool mgmt_get_stats_request(const uint8_t *data, size_t length, bool big, uint32_t *count);
size_t mgmt_put_name_request(uint8_t *out, size_t size, uint32_t authn, uint32_t name_size);
bool mgmt_get_name_request(const uint8_t *data, size_t length, bool big, uint32_t *authn,
                           uint32_t *name_size);

/* Replies. ids NULL: a null vector. In get, *count of ids lie at *first: mgmt_if_id reads the index-th. */
size_t mgmt_put_if_ids(uint8_t *out, size_t size, const struct wire_syntax *ids, uint32_t count,
                       uint32_t status);
bool mgmt_get_if_ids(const uint8_t *data, size_t length, bool big, const uint8_t **first, uint32_t *count,
                     uint32_t *status);
void mgmt_if_id(const uint8_t *first, bool big, uint32_t index, struct wire_syntax *id);

size_t mgmt_put_stats(uint8_t *out, size_t size, const uint32_t *values, uint32_t count, uint32_t status);
/* At most max values. */
bool mgmt_get_stats(const uint8_t *data, size_t length, bool big, uint32_t *values, uint32_t max,
                    uint32_t *count, uint32_t *status);

/* name_size: the request's. The name, with its NUL, is no longer than that. */
size_t mgmt_put_name(uint8_t *out, size_t size, uint32_t name_size, const char *name, uint32_t status);
bool mgmt_get_name(const uint8_t *data, size_t length, bool big, const char **name, size_t *name_length,
                   uint32_t *status);

/* is_server_listening answers a status, then its result; stop_server_listening a status alone. */
size_t mgmt_put_words(uint8_t *out, size_t size, const uint32_t *words, uint32_t count);
bool mgmt_get_words(const uint8_t *data, size_t length, bool big, uint32_t *words, uint32_t count);

#endif
