/*
 * String bindings under libFuzzer: what splits is put together again and splits into the same parts.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/string_binding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint16_t *plain(const struct binding_text *part)
{
    uint16_t *out = malloc((part->length + 1) * sizeof(*out));
    size_t length = wire_binding_plain(part, out);

    if (length > part->length || out[length] || length != wire_binding_plain(part, NULL))
        abort();
    return out;
}

/* Options go into a string binding as they are, so they come back as they were written, backslashes and all.
 */
static uint16_t *raw(const struct binding_text *part)
{
    uint16_t *out = malloc((part->length + 1) * sizeof(*out));

    if (part->length)
        memcpy(out, part->text, part->length * sizeof(*out));
    out[part->length] = 0;
    return out;
}

static int same(const uint16_t *a, const uint16_t *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static void round_trip(const struct binding_text parts[BINDING_PARTS])
{
    struct binding_text again[BINDING_PARTS];
    uint16_t *text[BINDING_PARTS], *joined, *other;
    size_t size;
    int i;

    for (i = 0; i < BINDING_PARTS; i++)
        text[i] = i == BINDING_OPTIONS ? raw(&parts[i]) : plain(&parts[i]);
    size = wire_binding_join((const uint16_t *const *)text, NULL, 0);
    joined = malloc(size * sizeof(*joined));
    if (wire_binding_join((const uint16_t *const *)text, joined, size) != size)
        abort();
    /* Nothing but an empty protocol sequence makes it another's; that one is left out. */
    if (*text[BINDING_PROTSEQ] && wire_binding_split(joined, again) != BINDING_OK)
        abort();
    for (i = 0; *text[BINDING_PROTSEQ] && i < BINDING_PARTS; i++) {
        other = i == BINDING_OPTIONS ? raw(&again[i]) : plain(&again[i]);
        if (!same(text[i], other))
            abort();
        free(other);
    }
    for (i = 0; i < BINDING_PARTS; i++)
        free(text[i]);
    free(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint16_t *text = malloc((size + 1) * sizeof(*text));
    struct binding_text parts[BINDING_PARTS];
    size_t i;

    for (i = 0; i < size; i++)
        text[i] = data[i];
    text[size] = 0;
    if (wire_binding_split(text, parts) == BINDING_OK)
        round_trip(parts);
    free(text);
    return 0;
}
