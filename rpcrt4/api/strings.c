/*
 * String bindings and the strings that the API gives out, SDK pages RpcStringBindingCompose,
 * RpcStringBindingParse, RpcStringFree. Owns nothing: strings come from the process heap and are their
 * caller's.
 */
#include "text.h"
#include "../wire/string_binding.h"
#include "../wire/uuid.h"

#include <rpc.h>

static size_t length_of(const WCHAR *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

RPC_STATUS RPC_ENTRY RpcStringBindingComposeW(RPC_WSTR object, RPC_WSTR protseq, RPC_WSTR address,
                                              RPC_WSTR endpoint, RPC_WSTR options, RPC_WSTR *binding)
{
    const uint16_t *const parts[BINDING_PARTS] = {object, protseq, address, endpoint, options};
    struct wire_uuid uuid;
    size_t size;

    if (object && *object && !wire_uuid_from_text(object, length_of(object), &uuid))
        return RPC_S_INVALID_STRING_UUID;
    if (!binding)
        return RPC_S_OK;
    size = wire_binding_join(parts, NULL, 0);
    *binding = os_alloc(size * sizeof(**binding));
    if (!*binding)
        return RPC_S_OUT_OF_MEMORY;
    wire_binding_join(parts, *binding, size);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcStringBindingComposeA(RPC_CSTR object, RPC_CSTR protseq, RPC_CSTR address,
                                              RPC_CSTR endpoint, RPC_CSTR options, RPC_CSTR *binding)
{
    const unsigned char *parts[BINDING_PARTS] = {object, protseq, address, endpoint, options};
    WCHAR *wide[BINDING_PARTS] = {NULL}, *composed = NULL;
    RPC_STATUS status = RPC_S_OK;
    unsigned i;

    for (i = 0; i < BINDING_PARTS && status == RPC_S_OK; i++)
        status = text_widen(parts[i], &wide[i]);
    if (status == RPC_S_OK)
        status =
            RpcStringBindingComposeW(wide[0], wide[1], wide[2], wide[3], wide[4], binding ? &composed : NULL);
    if (status == RPC_S_OK && binding)
        status = text_narrow(composed, binding);
    for (i = 0; i < BINDING_PARTS; i++)
        os_free(wide[i]);
    return status;
}

/* The plain form of each part that is asked for; an absent one is an empty string, as the SDK page says. */
static RPC_STATUS give_parts(const struct binding_text parts[BINDING_PARTS],
                             RPC_WSTR *const out[BINDING_PARTS])
{
    unsigned i;

    for (i = 0; i < BINDING_PARTS; i++) {
        if (!out[i])
            continue;
        *out[i] = os_alloc((parts[i].length + 1) * sizeof(WCHAR));
        if (!*out[i])
            return RPC_S_OUT_OF_MEMORY;
        wire_binding_plain(&parts[i], *out[i]);
    }
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcStringBindingParseW(RPC_WSTR binding, RPC_WSTR *object, RPC_WSTR *protseq,
                                            RPC_WSTR *address, RPC_WSTR *endpoint, RPC_WSTR *options)
{
    RPC_WSTR *const out[BINDING_PARTS] = {object, protseq, address, endpoint, options};
    struct binding_text parts[BINDING_PARTS];
    RPC_STATUS status;
    unsigned i;

    for (i = 0; i < BINDING_PARTS; i++)
        if (out[i])
            *out[i] = NULL;
    if (!binding)
        return RPC_S_INVALID_STRING_BINDING;
    switch (wire_binding_split(binding, parts)) {
    case BINDING_BAD_STRING:
        return RPC_S_INVALID_STRING_BINDING;
    case BINDING_BAD_UUID:
        return RPC_S_INVALID_STRING_UUID;
    case BINDING_OK:
        break;
    }
    status = give_parts(parts, out);
    for (i = 0; i < BINDING_PARTS && status != RPC_S_OK; i++)
        if (out[i])
            RpcStringFreeW(out[i]);
    return status;
}

RPC_STATUS RPC_ENTRY RpcStringBindingParseA(RPC_CSTR binding, RPC_CSTR *object, RPC_CSTR *protseq,
                                            RPC_CSTR *address, RPC_CSTR *endpoint, RPC_CSTR *options)
{
    RPC_CSTR *const out[BINDING_PARTS] = {object, protseq, address, endpoint, options};
    WCHAR *wide, *parts[BINDING_PARTS] = {NULL};
    RPC_STATUS status = text_widen(binding, &wide), narrow;
    unsigned i;

    if (status == RPC_S_OK)
        status = RpcStringBindingParseW(wide, object ? &parts[0] : NULL, protseq ? &parts[1] : NULL,
                                        address ? &parts[2] : NULL, endpoint ? &parts[3] : NULL,
                                        options ? &parts[4] : NULL);
    os_free(wide);
    for (i = 0; i < BINDING_PARTS; i++) {
        if (!out[i])
            continue;
        narrow = text_narrow(parts[i], out[i]);
        if (narrow != RPC_S_OK)
            status = narrow;
    }
    for (i = 0; i < BINDING_PARTS && status != RPC_S_OK; i++)
        if (out[i])
            RpcStringFreeA(out[i]);
    return status;
}

RPC_STATUS RPC_ENTRY RpcStringFreeW(RPC_WSTR *string)
{
    if (string) {
        os_free(*string);
        *string = NULL;
    }
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcStringFreeA(RPC_CSTR *string)
{
    if (string) {
        os_free(*string);
        *string = NULL;
    }
    return RPC_S_OK;
}
