/*
 * Tower decoding under libFuzzer; what decodes to a tower that can be made here is made again and compared.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/tower.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *text(const struct tower *tower, size_t (*get)(const struct tower *, char *))
{
    size_t length = get(tower, NULL);
    char *out = malloc(length + 1);

    if (get(tower, out) != length || strlen(out) != length)
        abort();
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tower tower, again;
    char *endpoint, *address;
    uint8_t *out;
    size_t length;

    if (!wire_decode_tower(data, size, &tower))
        return 0;
    endpoint = text(&tower, wire_tower_endpoint);
    address = text(&tower, wire_tower_address);
    length = wire_encode_tower(NULL, 0, &tower.object, &tower.transfer, tower.protseq, endpoint, address);
    if (length) { /* 0: a name of 65535 characters has no room for its NUL */
        out = malloc(length);
        if (wire_encode_tower(out, length, &tower.object, &tower.transfer, tower.protseq, endpoint,
                              address) != length ||
            !wire_decode_tower(out, length, &again) || again.port != tower.port ||
            again.endpoint_length != tower.endpoint_length ||
            (again.has_ip && tower.has_ip && memcmp(again.ip, tower.ip, 4)))
            abort();
        free(out);
    }
    free(endpoint);
    free(address);
    return 0;
}
