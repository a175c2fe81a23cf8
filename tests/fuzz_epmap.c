/*
 * What comes from endpoint mappers and management interfaces, and registrations in Wine's layout, under
 * libFuzzer. The first octet chooses the operation and the representation.
 */
#include <stdlib.h>

#include "wire/epmap.h"
#include "wire/mgmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum;

static void touch(const void *octets, size_t length)
{
    const uint8_t *at = octets;

    while (length--)
        sum += *at++;
}

static void map(const uint8_t *data, size_t size, bool big)
{
    struct epmap_handle handle;
    struct epmap_tower towers[4];
    uint32_t count, status, i;

    if (!epmap_get_map(data, size, big, &handle, towers, 4, &count, &status))
        return;
    for (i = 0; i < count; i++)
        if (towers[i].octets)
            touch(towers[i].octets, towers[i].length);
}

static void lookup(const uint8_t *data, size_t size, bool big)
{
    struct epmap_handle handle;
    struct epmap_entry entries[8];
    uint32_t count, status, i;

    if (!epmap_get_lookup(data, size, big, &handle, entries, 8, &count, &status))
        return;
    for (i = 0; i < count; i++) {
        touch(entries[i].annotation, entries[i].annotation_length);
        if (entries[i].tower.octets)
            touch(entries[i].tower.octets, entries[i].tower.length);
    }
}

static void mend(const uint8_t *data, size_t size)
{
    size_t needed = epmap_is_wine(data, size) ? epmap_mend_wine(NULL, 0, data, size) : 0;
    uint8_t *out = malloc(needed ? needed : 1);

    if (needed && epmap_mend_wine(out, needed, data, size) != needed)
        abort();
    touch(out, needed);
    free(out);
}

static void ids(const uint8_t *data, size_t size, bool big)
{
    const uint8_t *first;
    struct wire_syntax id;
    uint32_t count, status;

    if (mgmt_get_if_ids(data, size, big, &first, &count, &status))
        while (count)
            mgmt_if_id(first, big, --count, &id);
}

static void name(const uint8_t *data, size_t size, bool big)
{
    const char *text;
    size_t length;
    uint32_t status;

    if (mgmt_get_name(data, size, big, &text, &length, &status))
        touch(text, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t values[4], count, status;
    bool big;

    if (!size)
        return 0;
    big = data[0] & 0x80;
    switch (data[0] & 0x7f) {
    case 0:
        map(data + 1, size - 1, big);
        break;
    case 1:
        lookup(data + 1, size - 1, big);
        break;
    case 2:
        mend(data + 1, size - 1);
        break;
    case 3:
        ids(data + 1, size - 1, big);
        break;
    case 4:
        name(data + 1, size - 1, big);
        break;
    case 5:
        mgmt_get_stats(data + 1, size - 1, big, values, 4, &count, &status);
        break;
    }
    return 0;
}
