/*
 * Calls to an endpoint mapper, C706 appendix O; the stub data is wire/epmap.c's.
 *
 * Mappers are found at well-known endpoints ([MS-RPCE] 2.1): TCP port 135, \pipe\epmapper, and for ncalrpc
 * the name epmapper, which Wine's rpcss serves. That is a service which starts on demand: its first user
 * waits for it to run. Owns nothing; no lock.
 */
#include <string.h>

#include "epmap_client.h"
#include "rpcss.h"
#include "text.h"
#include "../os/debug.h"

static RPC_CLIENT_INTERFACE epmap_interface = {
    .Length = sizeof(RPC_CLIENT_INTERFACE),
    .InterfaceId = {{0xe1af8308, 0x5d1f, 0x11c9, {0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa}}, {3, 0}},
    .TransferSyntax = {{0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},
                       {2, 0}},
};

RPC_STATUS epmap_local(struct binding **mapper)
{
    return binding_create(L"ncalrpc", NULL, L"epmapper", NULL, NULL, mapper);
}

/* By the names that need no look-up; a machine's own address in the network takes the way through the
 * network. */
static BOOL is_this_machine(const WCHAR *network)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = ARRAYSIZE(name);

    return !*network || !lstrcmpiW(network, L"localhost") || !wcsncmp(network, L"127.", 4) ||
           !lstrcmpW(network, L"::1") || (GetComputerNameW(name, &size) && !lstrcmpiW(network, name));
}

RPC_STATUS epmap_remote(struct binding *binding, struct binding **mapper)
{
    const WCHAR *endpoint;

    /* The one mapper of a machine; that of Wine does not listen on TCP. */
    if (is_this_machine(binding->network))
        return epmap_local(mapper);
    switch (binding->ops->floor) {
    case TOWER_TCP:
        endpoint = L"135";
        break;
    case TOWER_SMB:
        endpoint = L"\\pipe\\epmapper";
        break;
    case TOWER_LRPC_NAME:
        endpoint = L"epmapper";
        break;
    default:
        return RPC_S_CANNOT_SUPPORT;
    }
    return binding_create(binding->ops->protseq, binding->network, endpoint, binding->options, NULL, mapper);
}

static RPC_STATUS call_once(struct binding *mapper, enum epmap_opnum opnum, epmap_put put, const void *args,
                            RPC_MESSAGE *message)
{
    RPC_STATUS status;

    memset(message, 0, sizeof(*message));
    message->Handle = mapper;
    message->ProcNum = opnum;
    message->RpcInterfaceInformation = &epmap_interface;
    message->BufferLength = (unsigned)put(NULL, 0, args);
    status = I_RpcGetBuffer(message);
    if (status == RPC_S_OK) {
        put(message->Buffer, message->BufferLength, args);
        status = I_RpcSendReceive(message);
    }
    TRACE("operation %d: %ld\n", opnum, status);
    return status;
}

RPC_STATUS epmap_call(struct binding *mapper, enum epmap_opnum opnum, epmap_put put, const void *args,
                      RPC_MESSAGE *message)
{
    RPC_STATUS status = call_once(mapper, opnum, put, args, message);

    if (status == RPC_S_SERVER_UNAVAILABLE && mapper->ops == &transport_lrpc && rpcss_start())
        status = call_once(mapper, opnum, put, args, message);
    return status;
}

RPC_STATUS epmap_call_status(struct binding *mapper, enum epmap_opnum opnum, epmap_put put, const void *args)
{
    RPC_MESSAGE message;
    RPC_STATUS status = epmap_call(mapper, opnum, put, args, &message);
    uint32_t answer;

    if (status)
        return status;
    status = RPC_X_BAD_STUB_DATA;
    if (epmap_get_status(message.Buffer, message.BufferLength, epmap_big(&message), &answer))
        status = epmap_status(answer);
    I_RpcFreeBuffer(&message);
    return status;
}

static size_t put_handle(uint8_t *out, size_t size, const void *args)
{
    return epmap_put_handle(out, size, args);
}

void epmap_free_handle(struct binding *mapper, const struct epmap_handle *handle)
{
    static const struct epmap_handle none;
    RPC_MESSAGE message;

    if (memcmp(handle, &none, sizeof(none)) &&
        !epmap_call(mapper, EPMAP_LOOKUP_HANDLE_FREE, put_handle, handle, &message))
        I_RpcFreeBuffer(&message);
}

RPC_STATUS epmap_status(uint32_t status)
{
    switch (status) {
    case 0x16c9a0cd: /* ept_s_cant_perform_op */
        return EPT_S_CANT_PERFORM_OP;
    case 0x16c9a0ce: /* ept_s_no_memory */
        return RPC_S_OUT_OF_MEMORY;
    case 0x16c9a0d0: /* ept_s_cant_create */
        return EPT_S_CANT_CREATE;
    case 0x16c9a0d3: /* ept_s_invalid_entry */
        return EPT_S_INVALID_ENTRY;
    case 0x16c9a0d6: /* ept_s_not_registered */
        return EPT_S_NOT_REGISTERED;
    default:
        return (RPC_STATUS)status;
    }
}

/* The binding's strings, narrow; the caller frees them. */
static RPC_STATUS binding_texts(struct binding *binding, unsigned char **protseq, unsigned char **network,
                                unsigned char **endpoint)
{
    WCHAR *wide[3];
    RPC_STATUS status[3];

    AcquireSRWLockShared(&binding->lock);
    wide[0] = string_copy(binding->ops->protseq);
    wide[1] = string_copy(binding->network);
    wide[2] = string_copy(binding->endpoint ? binding->endpoint : L"");
    ReleaseSRWLockShared(&binding->lock);
    status[0] = text_narrow(wide[0], protseq);
    status[1] = text_narrow(wide[1], network);
    status[2] = text_narrow(wide[2], endpoint);
    if (!*protseq || !*network || !*endpoint)
        return RPC_S_OUT_OF_MEMORY;
    return status[0] ? status[0] : status[1] ? status[1] : status[2];
}

RPC_STATUS epmap_tower(struct binding *binding, const RPC_SYNTAX_IDENTIFIER *interface_id,
                       const RPC_SYNTAX_IDENTIFIER *transfer, const char *endpoint, struct epmap_tower *tower)
{
    const struct wire_syntax *object = (const struct wire_syntax *)interface_id;
    const struct wire_syntax *syntax = (const struct wire_syntax *)transfer;
    unsigned char *protseq = NULL, *network = NULL, *own = NULL;
    RPC_STATUS status = binding_texts(binding, &protseq, &network, &own);
    const char *address = endpoint ? NULL : (char *)network;
    uint8_t *octets = NULL;
    size_t size = 0;

    if (status == RPC_S_OK) {
        if (!endpoint)
            endpoint = (char *)own;
        size = wire_encode_tower(NULL, 0, object, syntax, (char *)protseq, endpoint, address);
        octets = size ? os_alloc(size) : NULL;
        status = !size ? RPC_S_INVALID_ENDPOINT_FORMAT : octets ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
    }
    if (octets)
        wire_encode_tower(octets, size, object, syntax, (char *)protseq, endpoint, address);
    tower->octets = octets;
    tower->length = (uint32_t)size;
    os_free(protseq);
    os_free(network);
    os_free(own);
    return status;
}
