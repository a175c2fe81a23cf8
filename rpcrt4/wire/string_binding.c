/*
 * String bindings, C706 3.1. Owns nothing.
 */
#include <string.h>

#include "string_binding.h"
#include "uuid.h"

/* The first unescaped character of set in text[0..length), or NULL. */
static const uint16_t *find(const struct binding_text *in, const char *set)
{
    size_t i;
    const char *s;

    for (i = 0; i < in->length; i++) {
        if (in->text[i] == '\\') {
            i++;
            continue;
        }
        for (s = set; *s; s++)
            if (in->text[i] == (uint8_t)*s)
                return in->text + i;
    }
    return NULL;
}

/* Cuts the text before at off, and the separator with it. */
static struct binding_text cut(struct binding_text *rest, const uint16_t *at)
{
    struct binding_text head = {rest->text, (size_t)(at - rest->text)};

    rest->length -= head.length + 1;
    rest->text = at + 1;
    return head;
}

static bool is_endpoint_option(const struct binding_text *option)
{
    static const char keyword[] = "endpoint=";
    size_t i;

    if (option->length < sizeof(keyword) - 1)
        return false;
    for (i = 0; i < sizeof(keyword) - 1; i++)
        if ((option->text[i] | (keyword[i] == '=' ? 0 : 0x20)) != (uint8_t)keyword[i])
            return false;
    return true;
}

static struct binding_text option_value(const struct binding_text *option)
{
    enum { KEYWORD = sizeof("endpoint=") - 1 };
    struct binding_text value = {option->text + KEYWORD, option->length - KEYWORD};

    return value;
}

/* Takes endpoint= out of the options. */
static bool split_options(struct binding_text *options, struct binding_text *endpoint)
{
    struct binding_text rest = *options;

    while (rest.text) {
        const uint16_t *comma = find(&rest, ",");
        struct binding_text all = rest, one = rest;

        if (comma)
            one = cut(&rest, comma);
        else
            rest = (struct binding_text){NULL, 0};
        if (!is_endpoint_option(&one))
            continue;
        if (endpoint->text)
            return false;
        *endpoint = option_value(&one);
        if (all.text == options->text)
            *options = rest;
        else if (!comma)
            options->length = (size_t)(all.text - options->text) - 1;
        else
            return false;
    }
    return true;
}

/* What stands between the brackets. */
static bool split_endpoint(struct binding_text *in, struct binding_text parts[BINDING_PARTS])
{
    const uint16_t *comma = find(in, ",");
    struct binding_text rest = *in, first = *in;

    if (comma)
        first = cut(&rest, comma);
    if (find(&first, "=")) {
        parts[BINDING_OPTIONS] = *in;
    } else {
        parts[BINDING_ENDPOINT] = first;
        if (comma)
            parts[BINDING_OPTIONS] = rest;
    }
    return split_options(&parts[BINDING_OPTIONS], &parts[BINDING_ENDPOINT]);
}

static bool split_address(struct binding_text *rest, struct binding_text parts[BINDING_PARTS])
{
    const uint16_t *open = find(rest, "["), *close;

    if (!open) {
        parts[BINDING_ADDRESS] = *rest;
        return true;
    }
    parts[BINDING_ADDRESS] = cut(rest, open);
    close = find(rest, "]");
    if (!close || (size_t)(close - rest->text) + 1 != rest->length)
        return false;
    rest->length--;
    return split_endpoint(rest, parts);
}

static bool dangling_backslash(const struct binding_text *in)
{
    size_t i;

    for (i = 0; i < in->length; i++)
        if (in->text[i] == '\\' && ++i == in->length)
            return true;
    return false;
}

enum binding_error wire_binding_split(const uint16_t *text, struct binding_text parts[BINDING_PARTS])
{
    struct binding_text rest = {text, 0};
    const uint16_t *at;
    struct wire_uuid object;

    memset(parts, 0, BINDING_PARTS * sizeof(*parts));
    while (text[rest.length])
        rest.length++;
    if (dangling_backslash(&rest))
        return BINDING_BAD_STRING;
    at = find(&rest, "@:"); /* addresses may have an @ of their own: servername@zonename */
    if (at && *at == '@') {
        parts[BINDING_OBJECT] = cut(&rest, at);
        if (!wire_uuid_from_text(parts[BINDING_OBJECT].text, parts[BINDING_OBJECT].length, &object))
            return BINDING_BAD_UUID;
    }
    at = find(&rest, ":");
    if (!at)
        return BINDING_BAD_STRING;
    parts[BINDING_PROTSEQ] = cut(&rest, at);
    if (!parts[BINDING_PROTSEQ].length)
        return BINDING_BAD_STRING;
    return split_address(&rest, parts) ? BINDING_OK : BINDING_BAD_STRING;
}

size_t wire_binding_plain(const struct binding_text *part, uint16_t *out)
{
    size_t i, length = 0;

    for (i = 0; i < part->length; i++, length++) {
        if (part->text[i] == '\\')
            i++;
        if (out)
            out[length] = part->text[i];
    }
    if (out)
        out[length] = 0;
    return length;
}

struct writer {
    uint16_t *out;
    size_t size, length;
};

static void put(struct writer *to, uint16_t c)
{
    if (to->length < to->size)
        to->out[to->length] = c;
    to->length++;
}

static void put_text(struct writer *to, const uint16_t *text, const char *escape)
{
    const char *s;

    for (; *text; text++) {
        for (s = escape; *s; s++)
            if (*text == (uint8_t)*s)
                put(to, '\\');
        put(to, *text);
    }
}

static bool present(const uint16_t *part)
{
    return part && *part;
}

size_t wire_binding_join(const uint16_t *const parts[BINDING_PARTS], uint16_t *out, size_t size)
{
    struct writer to = {out, size, 0};

    if (present(parts[BINDING_OBJECT])) {
        put_text(&to, parts[BINDING_OBJECT], "");
        put(&to, '@');
    }
    if (present(parts[BINDING_PROTSEQ])) {
        put_text(&to, parts[BINDING_PROTSEQ], "\\@:[]");
        put(&to, ':');
    }
    if (present(parts[BINDING_ADDRESS]))
        put_text(&to, parts[BINDING_ADDRESS], "\\@:[]");
    if (present(parts[BINDING_ENDPOINT]) || present(parts[BINDING_OPTIONS])) {
        put(&to, '[');
        if (present(parts[BINDING_ENDPOINT]))
            put_text(&to, parts[BINDING_ENDPOINT], "\\[],=");
        if (present(parts[BINDING_OPTIONS])) {
            put(&to, ',');
            put_text(&to, parts[BINDING_OPTIONS], "");
        }
        put(&to, ']');
    }
    put(&to, 0);
    return to.length;
}
