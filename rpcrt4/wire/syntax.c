/*
 * Abstract and transfer syntaxes, and the transfer syntax that negotiates features, [MS-RPCE] 2.2.2.14.
 */
#include "octets.h"

/* 8a885d04-1ceb-11c9-9fe8-08002b104860 v2.0, C706 appendix I */
const struct wire_syntax wire_ndr20 = {
    {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, 2, 0};
/* 71710533-beba-4937-8319-b5dbef9ccc36 v1.0, [MS-RPCE] 2.2.4.12 */
const struct wire_syntax wire_ndr64 = {
    {0x71710533, 0xbeba, 0x4937, {0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36}}, 1, 0};
const struct wire_syntax wire_nil = {{0}, 0, 0};

/* 6cb71c2c-9812-4540, then the mask in eight octets, little-endian, version 1.0 */
static const struct wire_syntax features_prefix = {{0x6cb71c2c, 0x9812, 0x4540, {0}}, 1, 0};

struct wire_syntax wire_features(uint64_t mask)
{
    struct wire_syntax syntax = features_prefix;
    unsigned i;

    for (i = 0; i < 8; i++)
        syntax.uuid.data4[i] = (uint8_t)(mask >> 8 * i);
    return syntax;
}

bool wire_is_features(const struct wire_syntax *syntax, uint64_t *mask)
{
    struct wire_syntax prefix = *syntax;
    unsigned i;

    memset(prefix.uuid.data4, 0, sizeof(prefix.uuid.data4));
    if (!wire_syntax_equal(&prefix, &features_prefix))
        return false;
    *mask = 0;
    for (i = 0; i < 8; i++)
        *mask |= (uint64_t)syntax->uuid.data4[i] << 8 * i;
    return true;
}

bool wire_uuid_equal(const struct wire_uuid *a, const struct wire_uuid *b)
{
    return !memcmp(a, b, sizeof(*a));
}

bool wire_syntax_equal(const struct wire_syntax *a, const struct wire_syntax *b)
{
    return wire_uuid_equal(&a->uuid, &b->uuid) && a->major == b->major && a->minor == b->minor;
}
