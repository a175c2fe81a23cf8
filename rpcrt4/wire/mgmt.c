/*
 * The management interface's operations in NDR, C706 appendix Q.
 */
#include "mgmt.h"
#include "ndr20.h"

const struct wire_syntax wire_mgmt = {
    {0xafa8bd80, 0x7d8a, 0x11c9, {0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, 1, 0};

/* Two unsigned shorts, at an alignment of 2 that every place here has. */
static void put_version(struct ndr20_writer *to, const struct wire_syntax *id)
{
    ndr20_put_u32(to, id->major | (uint32_t)id->minor << 16);
}

size_t mgmt_put_words(uint8_t *out, size_t size, const uint32_t *words, uint32_t count)
{
    struct ndr20_writer to = {out, size, 0};

    while (count--)
        ndr20_put_u32(&to, *words++);
    return to.length;
}

bool mgmt_get_words(const uint8_t *data, size_t length, bool big, uint32_t *words, uint32_t count)
{
    struct ndr20_reader from = {data, length, 0, big, false};

    while (count--)
        *words++ = ndr20_get_u32(&from);
    return !from.failed;
}

size_t mgmt_put_stats_request(uint8_t *out, size_t size, uint32_t count)
{
    return mgmt_put_words(out, size, &count, 1);
}

bool mgmt_get_stats_request(const uint8_t *data, size_t length, bool big, uint32_t *count)
{
    return mgmt_get_words(data, length, big, count, 1);
}

size_t mgmt_put_name_request(uint8_t *out, size_t size, uint32_t authn, uint32_t name_size)
{
    uint32_t words[] = {authn, name_size};

    return mgmt_put_words(out, size, words, 2);
}

bool mgmt_get_name_request(const uint8_t *data, size_t length, bool big, uint32_t *authn, uint32_t *name_size)
{
    uint32_t words[2];
    bool good = mgmt_get_words(data, length, big, words, 2);

    *authn = words[0];
    *name_size = words[1];
    return good;
}

/* A pointer to a conformant structure of pointers to identifiers. */
size_t mgmt_put_if_ids(uint8_t *out, size_t size, const struct wire_syntax *ids, uint32_t count,
                       uint32_t status)
{
    struct ndr20_writer to = {out, size, 0};
    uint32_t i;

    ndr20_put_u32(&to, ids ? 1 : 0);
    if (ids) {
        ndr20_put_u32(&to, count);
        ndr20_put_u32(&to, count);
        for (i = 0; i < count; i++)
            ndr20_put_u32(&to, i + 2);
        for (i = 0; i < count; i++) {
            ndr20_put_uuid(&to, &ids[i].uuid);
            put_version(&to, &ids[i]);
        }
    }
    ndr20_put_u32(&to, status);
    return to.length;
}

bool mgmt_get_if_ids(const uint8_t *data, size_t length, bool big, const uint8_t **first, uint32_t *count,
                     uint32_t *status)
{
    struct ndr20_reader from = {data, length, 0, big, false};
    uint32_t conformance, i;

    *count = 0;
    *first = NULL;
    if (ndr20_get_u32(&from)) {
        conformance = ndr20_get_u32(&from);
        *count = ndr20_get_u32(&from);
        if (*count > conformance)
            return false;
        for (i = 0; i < *count && !from.failed; i++)
            if (!ndr20_get_u32(&from))
                from.failed = true;
        *first = data + from.at;
        for (i = 0; i < *count && !from.failed; i++)
            ndr20_get_octets(&from, SYNTAX_SIZE);
    }
    *status = ndr20_get_u32(&from);
    return !from.failed;
}

void mgmt_if_id(const uint8_t *first, bool big, uint32_t index, struct wire_syntax *id)
{
    const uint8_t *at = first + (size_t)index * SYNTAX_SIZE;

    get_uuid(at, big, &id->uuid);
    id->major = get16(at + 16, big);
    id->minor = get16(at + 18, big);
}

size_t mgmt_put_stats(uint8_t *out, size_t size, const uint32_t *values, uint32_t count, uint32_t status)
{
    struct ndr20_writer to = {out, size, 0};
    uint32_t i;

    ndr20_put_u32(&to, count);
    ndr20_put_u32(&to, count);
    for (i = 0; i < count; i++)
        ndr20_put_u32(&to, values[i]);
    ndr20_put_u32(&to, status);
    return to.length;
}

bool mgmt_get_stats(const uint8_t *data, size_t length, bool big, uint32_t *values, uint32_t max,
                    uint32_t *count, uint32_t *status)
{
    struct ndr20_reader from = {data, length, 0, big, false};
    uint32_t i;

    *count = ndr20_get_u32(&from);
    if (ndr20_get_u32(&from) != *count || *count > max)
        return false;
    for (i = 0; i < *count; i++)
        values[i] = ndr20_get_u32(&from);
    *status = ndr20_get_u32(&from);
    return !from.failed;
}

/* A conformant varying string. */
size_t mgmt_put_name(uint8_t *out, size_t size, uint32_t name_size, const char *name, uint32_t status)
{
    struct ndr20_writer to = {out, size, 0};
    uint32_t length = (uint32_t)strlen(name) + 1;

    ndr20_put_u32(&to, name_size);
    ndr20_put_u32(&to, 0);
    ndr20_put_u32(&to, length);
    ndr20_put_octets(&to, name, length);
    ndr20_put_u32(&to, status);
    return to.length;
}

bool mgmt_get_name(const uint8_t *data, size_t length, bool big, const char **name, size_t *name_length,
                   uint32_t *status)
{
    struct ndr20_reader from = {data, length, 0, big, false};
    uint32_t conformance = ndr20_get_u32(&from), offset = ndr20_get_u32(&from), actual = ndr20_get_u32(&from);
    const char *end;

    *name = (const char *)ndr20_get_octets(&from, actual);
    if (!*name || offset || actual > conformance)
        return false;
    end = memchr(*name, 0, actual);
    *name_length = end ? (size_t)(end - *name) : 0;
    *status = ndr20_get_u32(&from);
    /* An empty string without its NUL is met with where the status is an error. */
    return !from.failed && (end || !actual);
}
