/*
 * TowerConstruct and TowerExplode, by which rpcss and the endpoint mapper's clients speak of endpoints; the
 * octets are wire/tower.c's. They are not in the SDK: behaviour is that of Wine's own.
 */
#include <string.h>

#include "../os/os.h"
#include "../wire/tower.h"

#include <rpc.h>
#include <rpcdcep.h>

/* twr_t of the endpoint mapper's interface, C706 appendix O. */
typedef struct {
    ULONG tower_length;
    BYTE tower_octet_string[1];
} twr_t;

RPC_STATUS WINAPI TowerConstruct(const RPC_SYNTAX_IDENTIFIER *object, const RPC_SYNTAX_IDENTIFIER *syntax,
                                 const char *protseq, const char *endpoint, const char *address,
                                 twr_t **tower)
{
    const struct wire_syntax *wire_object = (const struct wire_syntax *)object;
    const struct wire_syntax *wire_transfer = (const struct wire_syntax *)syntax;
    size_t size;

    *tower = NULL;
    size = wire_encode_tower(NULL, 0, wire_object, wire_transfer, protseq, endpoint, address);
    if (!size)
        return RPC_S_INVALID_RPC_PROTSEQ;
    *tower = os_alloc(FIELD_OFFSET(twr_t, tower_octet_string) + size);
    if (!*tower)
        return RPC_S_OUT_OF_MEMORY;
    (*tower)->tower_length = (ULONG)size;
    wire_encode_tower((*tower)->tower_octet_string, size, wire_object, wire_transfer, protseq, endpoint,
                      address);
    return RPC_S_OK;
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *out = os_alloc(size);

    return out ? memcpy(out, text, size) : NULL;
}

/* Any of the pointers may be NULL: not asked for. *address is NULL where the tower has none. */
RPC_STATUS WINAPI TowerExplode(const twr_t *tower, RPC_SYNTAX_IDENTIFIER *object,
                               RPC_SYNTAX_IDENTIFIER *syntax, char **protseq, char **endpoint, char **address)
{
    struct tower decoded;
    BOOL short_of_memory = FALSE;

    if (protseq)
        *protseq = NULL;
    if (endpoint)
        *endpoint = NULL;
    if (address)
        *address = NULL;
    if (!wire_decode_tower(tower->tower_octet_string, tower->tower_length, &decoded))
        return EPT_S_NOT_REGISTERED;
    if (object)
        memcpy(object, &decoded.object, sizeof(*object));
    if (syntax)
        memcpy(syntax, &decoded.transfer, sizeof(*syntax));
    if (protseq && !(*protseq = copy(decoded.protseq)))
        short_of_memory = TRUE;
    if (endpoint) {
        *endpoint = os_alloc(wire_tower_endpoint(&decoded, NULL) + 1);
        if (*endpoint)
            wire_tower_endpoint(&decoded, *endpoint);
        else
            short_of_memory = TRUE;
    }
    if (address && (decoded.has_ip || decoded.host)) {
        *address = os_alloc(wire_tower_address(&decoded, NULL) + 1);
        if (*address)
            wire_tower_address(&decoded, *address);
        else
            short_of_memory = TRUE;
    }
    if (!short_of_memory)
        return RPC_S_OK;
    if (protseq)
        os_free(*protseq);
    if (endpoint)
        os_free(*endpoint);
    if (address)
        os_free(*address);
    return RPC_S_OUT_OF_MEMORY;
}
