/*
 * The management interface's server side, C706 appendix Q; SDK pages RpcMgmtSetAuthorizationFn,
 * RpcMgmtInqIfIds, RpcMgmtInqStats, RpcMgmtIsServerListening, RpcMgmtStopServerListening,
 * RpcMgmtInqServerPrincName.
 *
 * It is no registered interface: nobody sees it in a list or unregisters it, and it answers whether the
 * server listens or not. Dispatched like any other; the stub data is wire/mgmt.c's. No lock: the
 * authorization function is one pointer.
 */
#include "../os/os.h"
#include "mgmt.h"
#include "server.h"
#include "../wire/mgmt.h"

static RPC_MGMT_AUTHORIZATION_FN volatile authorization;
RPC_STATUS (*volatile mgmt_principal)(ULONG authn_service, char **name);

void mgmt_set_authorization(RPC_MGMT_AUTHORIZATION_FN function)
{
    authorization = function;
}

/* May the caller? RPC_S_OK, or what he is to be told. */
static RPC_STATUS authorize(const RPC_MESSAGE *message, ULONG operation)
{
    RPC_MGMT_AUTHORIZATION_FN function = authorization;
    RPC_STATUS status = RPC_S_OK;

    if (!function)
        return operation == RPC_C_MGMT_STOP_SERVER_LISTEN ? RPC_S_ACCESS_DENIED : RPC_S_OK;
    if (function(message->Handle, operation, &status))
        return RPC_S_OK;
    return status ? status : RPC_S_ACCESS_DENIED;
}

static BOOL big(const RPC_MESSAGE *message)
{
    return !(message->DataRepresentation & 0xf0);
}

/* Room for the reply. */
static uint8_t *reply(RPC_MESSAGE *message, size_t length)
{
    RPC_STATUS status;

    message->BufferLength = (unsigned)length;
    status = I_RpcGetBuffer(message);
    if (status)
        os_raise((ULONG)status);
    return message->Buffer;
}

static void reply_words(RPC_MESSAGE *message, const uint32_t *words, uint32_t count)
{
    mgmt_put_words(reply(message, 4 * (size_t)count), 4 * (size_t)count, words, count);
}

static void free_ids(RPC_IF_ID_VECTOR *vector)
{
    ULONG i;

    for (i = 0; i < vector->Count; i++)
        os_free(vector->IfId[i]);
    os_free(vector);
}

/* The vector's identifiers side by side, and the management interface itself; NULL: no memory. */
static struct wire_syntax *collect_ids(const RPC_IF_ID_VECTOR *vector)
{
    struct wire_syntax *ids = os_alloc((vector->Count + 1) * sizeof *ids);
    ULONG i;

    if (!ids)
        return NULL;
    for (i = 0; i < vector->Count; i++)
        memcpy(&ids[i], vector->IfId[i], sizeof *ids);
    ids[i] = wire_mgmt;
    return ids;
}

static void __RPC_STUB inq_if_ids(RPC_MESSAGE *message)
{
    RPC_STATUS status = authorize(message, RPC_C_MGMT_INQ_IF_IDS);
    RPC_IF_ID_VECTOR *vector = NULL;
    struct wire_syntax *ids = NULL;
    uint32_t count = 0;
    size_t length;

    if (status == RPC_S_OK)
        status = server_interface_ids(&vector);
    if (status == RPC_S_OK) {
        count = vector->Count + 1;
        ids = collect_ids(vector);
        status = ids ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
    }
    length = mgmt_put_if_ids(NULL, 0, ids, count, (uint32_t)status);
    mgmt_put_if_ids(reply(message, length), length, ids, count, (uint32_t)status);
    os_free(ids);
    if (vector)
        free_ids(vector);
}

static void __RPC_STUB inq_stats(RPC_MESSAGE *message)
{
    RPC_STATUS status = authorize(message, RPC_C_MGMT_INQ_STATS);
    uint32_t values[ARRAYSIZE(server_statistics)], count, i;
    size_t length;

    if (!mgmt_get_stats_request(message->Buffer, message->BufferLength, big(message), &count))
        os_raise(RPC_X_BAD_STUB_DATA);
    if (count > ARRAYSIZE(values))
        count = ARRAYSIZE(values);
    for (i = 0; i < count; i++)
        values[i] = status ? 0 : (uint32_t)server_statistics[i];
    length = mgmt_put_stats(NULL, 0, values, count, (uint32_t)status);
    mgmt_put_stats(reply(message, length), length, values, count, (uint32_t)status);
}

static void __RPC_STUB is_server_listening(RPC_MESSAGE *message)
{
    uint32_t words[2] = {(uint32_t)authorize(message, RPC_C_MGMT_IS_SERVER_LISTEN), 0};

    words[1] = !words[0] && server_is_listening();
    reply_words(message, words, 2);
}

static void __RPC_STUB stop_server_listening(RPC_MESSAGE *message)
{
    uint32_t status = (uint32_t)authorize(message, RPC_C_MGMT_STOP_SERVER_LISTEN);

    if (!status)
        status = (uint32_t)server_stop();
    reply_words(message, &status, 1);
}

static void __RPC_STUB inq_princ_name(RPC_MESSAGE *message)
{
    RPC_STATUS status = authorize(message, RPC_C_MGMT_INQ_PRINC_NAME);
    RPC_STATUS (*principal)(ULONG, char **) = mgmt_principal;
    uint32_t authn, name_size;
    char *name = NULL;
    size_t length;

    if (!mgmt_get_name_request(message->Buffer, message->BufferLength, big(message), &authn, &name_size))
        os_raise(RPC_X_BAD_STUB_DATA);
    if (status == RPC_S_OK)
        status = principal ? principal(authn, &name) : RPC_S_UNKNOWN_AUTHN_SERVICE;
    if (status == RPC_S_OK && strlen(name) + 1 > name_size)
        status = RPC_S_STRING_TOO_LONG;
    length = mgmt_put_name(NULL, 0, name_size, status ? "" : name, (uint32_t)status);
    mgmt_put_name(reply(message, length), length, name_size, status ? "" : name, (uint32_t)status);
    os_free(name);
}

static RPC_DISPATCH_FUNCTION operations[MGMT_OPERATIONS + 1] = {
    [MGMT_INQ_IF_IDS] = inq_if_ids,
    [MGMT_INQ_STATS] = inq_stats,
    [MGMT_IS_SERVER_LISTENING] = is_server_listening,
    [MGMT_STOP_SERVER_LISTENING] = stop_server_listening,
    [MGMT_INQ_PRINC_NAME] = inq_princ_name,
};

static RPC_DISPATCH_TABLE table = {MGMT_OPERATIONS, operations, 0};

#define MGMT_ID                                                                                              \
    {                                                                                                        \
        0xafa8bd80, 0x7d8a, 0x11c9,                                                                          \
        {                                                                                                    \
            0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89                                                   \
        }                                                                                                    \
    }
#define NDR_ID                                                                                               \
    {                                                                                                        \
        0x8a885d04, 0x1ceb, 0x11c9,                                                                          \
        {                                                                                                    \
            0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60                                                   \
        }                                                                                                    \
    }

static RPC_SERVER_INTERFACE spec = {
    .Length = sizeof(RPC_SERVER_INTERFACE),
    .InterfaceId = {MGMT_ID, {1, 0}},
    .TransferSyntax = {NDR_ID, {2, 0}},
    .DispatchTable = &table,
};

static struct server_manager manager;

struct server_interface mgmt_interface = {
    .refs = 1,
    .spec = &spec,
    .abstract = {MGMT_ID, 1, 0},
    .flags = RPC_IF_AUTOLISTEN,
    .max_calls = RPC_C_LISTEN_MAX_CALLS_DEFAULT,
    .max_size = (unsigned)-1,
    .managers = &manager,
    .registered = TRUE,
};
