/*
 * The endpoint mapper's operations in NDR, C706 appendix O. Pointers there are full pointers; each referent
 * is written once and has an identifier of its own.
 */
#include "epmap.h"
#include "ndr20.h"

const struct wire_syntax wire_epmap = {
    {0xe1af8308, 0x5d1f, 0x11c9, {0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa}}, 3, 0};

/* twr_t: conformance, tower_length, octets. */
static void put_tower(struct ndr20_writer *to, const struct epmap_tower *tower)
{
    ndr20_put_u32(to, tower->length);
    ndr20_put_u32(to, tower->length);
    ndr20_put_octets(to, tower->octets, tower->length);
}

static void put_handle(struct ndr20_writer *to, const struct epmap_handle *handle)
{
    ndr20_put_u32(to, handle->attributes);
    ndr20_put_uuid(to, &handle->uuid);
}

static void put_object(struct ndr20_writer *to, const struct wire_uuid *object)
{
    ndr20_put_u32(to, object ? 1 : 0);
    if (object)
        ndr20_put_uuid(to, object);
}

static void put_tower_pointer(struct ndr20_writer *to, const struct epmap_tower *tower)
{
    ndr20_put_u32(to, tower && tower->octets ? 2 : 0);
    if (tower && tower->octets)
        put_tower(to, tower);
}

static void put_entry(struct ndr20_writer *to, enum epmap_layout layout, const struct epmap_entry *entry,
                      uint32_t referent)
{
    size_t length = entry->annotation_length;

    if (length >= EPMAP_ANNOTATION_SIZE)
        length = EPMAP_ANNOTATION_SIZE - 1;
    ndr20_put_uuid(to, &entry->object);
    if (layout == EPMAP_STANDARD)
        ndr20_put_u32(to, referent);
    ndr20_put_u32(to, 0);
    ndr20_put_u32(to, (uint32_t)length + 1);
    ndr20_put_octets(to, entry->annotation, length);
    ndr20_put_octets(to, "", 1);
}

size_t epmap_put_entries(uint8_t *out, size_t size, enum epmap_layout layout,
                         const struct epmap_entry *entries, uint32_t count, const bool *replace)
{
    struct ndr20_writer to = {out, size, 0};
    uint32_t i;

    ndr20_put_u32(&to, count);
    ndr20_put_u32(&to, count);
    for (i = 0; i < count; i++)
        put_entry(&to, layout, &entries[i], i + 1);
    for (i = 0; i < count; i++) {
        ndr20_put_align(&to, 4);
        put_tower(&to, &entries[i].tower);
    }
    if (replace)
        ndr20_put_u32(&to, *replace);
    return to.length;
}

/* Count, conformance, the first entry's object; then a referent, which is zero where there is no tower, and
 * the annotation's offset, which always is. Without the referent: the offset and the annotation's length,
 * which is not zero, for its NUL counts. */
bool epmap_is_wine(const uint8_t *data, size_t length)
{
    enum { FIRST = 8 + 16 };

    return length >= FIRST + 8 && get32(data, false) && !get32(data + FIRST, false) &&
           get32(data + FIRST + 4, false);
}

size_t epmap_mend_wine(uint8_t *out, size_t size, const uint8_t *data, size_t length)
{
    struct ndr20_reader from = {data, length, 0, false, false};
    struct ndr20_writer to = {out, size, 0};
    uint32_t count = ndr20_get_u32(&from), i, offset, actual;
    const uint8_t *annotation;
    struct wire_uuid object;

    ndr20_put_u32(&to, count);
    ndr20_put_u32(&to, ndr20_get_u32(&from));
    for (i = 0; i < count && !from.failed; i++) {
        ndr20_get_uuid(&from, &object);
        offset = ndr20_get_u32(&from);
        actual = ndr20_get_u32(&from);
        annotation = ndr20_get_octets(&from, actual);
        ndr20_put_uuid(&to, &object);
        ndr20_put_u32(&to, i + 1);
        ndr20_put_u32(&to, offset);
        ndr20_put_u32(&to, actual);
        ndr20_put_octets(&to, annotation, annotation ? actual : 0);
    }
    ndr20_get_align(&from, 4);
    ndr20_put_align(&to, 4);
    if (from.failed)
        return 0;
    ndr20_put_octets(&to, data + from.at, length - from.at);
    return to.length;
}

size_t epmap_put_map(uint8_t *out, size_t size, const struct wire_uuid *object,
                     const struct epmap_tower *tower, const struct epmap_handle *handle, uint32_t max_towers)
{
    struct ndr20_writer to = {out, size, 0};

    put_object(&to, object);
    put_tower_pointer(&to, tower);
    put_handle(&to, handle);
    ndr20_put_u32(&to, max_towers);
    return to.length;
}

size_t epmap_put_lookup(uint8_t *out, size_t size, uint32_t inquiry_type, const struct wire_uuid *object,
                        const struct wire_syntax *abstract, uint32_t vers_option,
                        const struct epmap_handle *handle, uint32_t max_entries)
{
    struct ndr20_writer to = {out, size, 0};

    ndr20_put_u32(&to, inquiry_type);
    put_object(&to, object);
    ndr20_put_u32(&to, abstract ? 2 : 0);
    if (abstract) {
        ndr20_put_uuid(&to, &abstract->uuid);
        ndr20_put_u32(&to, abstract->major | (uint32_t)abstract->minor << 16); /* two unsigned shorts */
    }
    ndr20_put_u32(&to, vers_option);
    put_handle(&to, handle);
    ndr20_put_u32(&to, max_entries);
    return to.length;
}

size_t epmap_put_handle(uint8_t *out, size_t size, const struct epmap_handle *handle)
{
    struct ndr20_writer to = {out, size, 0};

    put_handle(&to, handle);
    return to.length;
}

size_t epmap_put_mgmt_delete(uint8_t *out, size_t size, const struct wire_uuid *object,
                             const struct epmap_tower *tower)
{
    struct ndr20_writer to = {out, size, 0};

    ndr20_put_u32(&to, object != NULL);
    put_object(&to, object);
    put_tower_pointer(&to, tower);
    return to.length;
}

static void get_handle(struct ndr20_reader *from, struct epmap_handle *handle)
{
    handle->attributes = ndr20_get_u32(from);
    ndr20_get_uuid(from, &handle->uuid);
}

static void get_tower(struct ndr20_reader *from, struct epmap_tower *tower)
{
    uint32_t conformance = ndr20_get_u32(from);

    tower->length = ndr20_get_u32(from);
    if (tower->length > conformance)
        from->failed = true;
    tower->octets = ndr20_get_octets(from, conformance);
}

/* The count, then the head of a conformant varying array that must agree with it. */
static uint32_t get_array(struct ndr20_reader *from, uint32_t max)
{
    uint32_t count = ndr20_get_u32(from), conformance = ndr20_get_u32(from), offset = ndr20_get_u32(from),
             actual = ndr20_get_u32(from);

    if (offset || actual != count || actual > conformance || actual > max)
        from->failed = true;
    return from->failed ? 0 : actual;
}

bool epmap_get_status(const uint8_t *data, size_t length, bool big, uint32_t *status)
{
    struct ndr20_reader from = {data, length, 0, big, false};

    *status = ndr20_get_u32(&from);
    return !from.failed;
}

bool epmap_get_map(const uint8_t *data, size_t length, bool big, struct epmap_handle *handle,
                   struct epmap_tower *towers, uint32_t max, uint32_t *count, uint32_t *status)
{
    struct ndr20_reader from = {data, length, 0, big, false};
    uint32_t i;

    get_handle(&from, handle);
    *count = get_array(&from, max);
    for (i = 0; i < *count; i++)
        towers[i].length = ndr20_get_u32(&from); /* the referent, for now */
    for (i = 0; i < *count; i++) {
        towers[i].octets = NULL;
        if (towers[i].length)
            get_tower(&from, &towers[i]);
    }
    *status = ndr20_get_u32(&from);
    return !from.failed;
}

static void get_entry(struct ndr20_reader *from, struct epmap_entry *entry)
{
    uint32_t offset, actual;
    const char *end;

    ndr20_get_uuid(from, &entry->object);
    entry->tower.octets = NULL;
    entry->tower.length = ndr20_get_u32(from);
    offset = ndr20_get_u32(from);
    actual = ndr20_get_u32(from);
    if (offset || actual > EPMAP_ANNOTATION_SIZE)
        from->failed = true;
    entry->annotation = (const char *)ndr20_get_octets(from, actual);
    entry->annotation_length = 0;
    if (!entry->annotation)
        return;
    end = memchr(entry->annotation, 0, actual);
    if (!end)
        from->failed = true;
    else
        entry->annotation_length = (size_t)(end - entry->annotation);
}

bool epmap_get_lookup(const uint8_t *data, size_t length, bool big, struct epmap_handle *handle,
                      struct epmap_entry *entries, uint32_t max, uint32_t *count, uint32_t *status)
{
    struct ndr20_reader from = {data, length, 0, big, false};
    uint32_t i;

    get_handle(&from, handle);
    *count = get_array(&from, max);
    for (i = 0; i < *count; i++)
        get_entry(&from, &entries[i]);
    for (i = 0; i < *count; i++)
        if (entries[i].tower.length)
            get_tower(&from, &entries[i].tower);
    *status = ndr20_get_u32(&from);
    return !from.failed;
}
