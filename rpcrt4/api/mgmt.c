/*
 * Managing servers, this one and others: SDK pages RpcMgmt*. A NULL binding means this process; others are
 * asked through the management interface (wire/mgmt.c), which every server has. Owns nothing; no lock.
 */
#include "text.h"
#include "../runtime/association.h"
#include "../runtime/binding.h"
#include "../runtime/call.h"
#include "../runtime/mgmt.h"
#include "../runtime/server.h"
#include "../wire/mgmt.h"

enum { STATISTICS = 4, NAME_SIZE = 4096 };

static RPC_CLIENT_INTERFACE mgmt_client = {
    .Length = sizeof(RPC_CLIENT_INTERFACE),
    .InterfaceId = {{0xafa8bd80, 0x7d8a, 0x11c9, {0xbe, 0xf4, 0x08, 0x00, 0x2b, 0x10, 0x29, 0x89}}, {1, 0}},
    .TransferSyntax = {{0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},
                       {2, 0}},
};

/* Calls an operation with up to two words of stub data. On RPC_S_OK the reply is in message until
 * I_RpcFreeBuffer. */
static RPC_STATUS call(RPC_BINDING_HANDLE handle, enum mgmt_opnum opnum, const uint32_t *words,
                       uint32_t count, RPC_MESSAGE *message)
{
    RPC_STATUS status;

    if (!binding_from_handle(handle))
        return call_from_handle(handle, CALL_SERVER_MAGIC) ? RPC_S_WRONG_KIND_OF_BINDING
                                                           : RPC_S_INVALID_BINDING;
    memset(message, 0, sizeof(*message));
    message->Handle = handle;
    message->ProcNum = opnum;
    message->RpcInterfaceInformation = &mgmt_client;
    message->BufferLength = 4 * count;
    status = I_RpcGetBuffer(message);
    if (status)
        return status;
    mgmt_put_words(message->Buffer, message->BufferLength, words, count);
    return I_RpcSendReceive(message);
}

static BOOL big(const RPC_MESSAGE *message)
{
    return !(message->DataRepresentation & 0xf0);
}

/* ---- interface identifiers */

static RPC_STATUS take_ids(const RPC_MESSAGE *message, RPC_IF_ID_VECTOR **result)
{
    RPC_IF_ID_VECTOR *vector;
    const uint8_t *first;
    uint32_t count, status;

    if (!mgmt_get_if_ids(message->Buffer, message->BufferLength, big(message), &first, &count, &status))
        return RPC_X_BAD_STUB_DATA;
    if (status)
        return (RPC_STATUS)status;
    vector = os_alloc_zero(sizeof(*vector) + count * sizeof(*vector->IfId));
    if (!vector)
        return RPC_S_OUT_OF_MEMORY;
    for (; vector->Count < count; vector->Count++) {
        RPC_IF_ID *id = os_alloc(sizeof(*id));

        if (!id) {
            RpcIfIdVectorFree(&vector);
            return RPC_S_OUT_OF_MEMORY;
        }
        mgmt_if_id(first, big(message), vector->Count, (struct wire_syntax *)id);
        vector->IfId[vector->Count] = id;
    }
    *result = vector;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcMgmtInqIfIds(RPC_BINDING_HANDLE binding, RPC_IF_ID_VECTOR **vector)
{
    RPC_MESSAGE message;
    RPC_STATUS status;

    *vector = NULL;
    if (!binding)
        return server_interface_ids(vector);
    status = call(binding, MGMT_INQ_IF_IDS, NULL, 0, &message);
    if (status)
        return status;
    status = take_ids(&message, vector);
    I_RpcFreeBuffer(&message);
    return status;
}

/* ---- statistics */

static RPC_STATUS ask_statistics(RPC_BINDING_HANDLE binding, uint32_t values[STATISTICS], uint32_t *count)
{
    static const uint32_t wanted = STATISTICS;
    RPC_MESSAGE message;
    RPC_STATUS status = call(binding, MGMT_INQ_STATS, &wanted, 1, &message);
    uint32_t answer;

    if (status)
        return status;
    status = RPC_X_BAD_STUB_DATA;
    if (mgmt_get_stats(message.Buffer, message.BufferLength, big(&message), values, STATISTICS, count,
                       &answer))
        status = (RPC_STATUS)answer;
    I_RpcFreeBuffer(&message);
    return status;
}

RPC_STATUS RPC_ENTRY RpcMgmtInqStats(RPC_BINDING_HANDLE binding, RPC_STATS_VECTOR **vector)
{
    uint32_t values[STATISTICS], count = STATISTICS, i;
    RPC_STATUS status = RPC_S_OK;

    *vector = NULL;
    for (i = 0; i < STATISTICS; i++)
        values[i] = (uint32_t)server_statistics[i];
    if (binding)
        status = ask_statistics(binding, values, &count);
    if (status)
        return status;
    *vector = os_alloc(FIELD_OFFSET(RPC_STATS_VECTOR, Stats[STATISTICS]));
    if (!*vector)
        return RPC_S_OUT_OF_MEMORY;
    (*vector)->Count = count;
    for (i = 0; i < count; i++)
        (*vector)->Stats[i] = values[i];
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcMgmtStatsVectorFree(RPC_STATS_VECTOR **vector)
{
    if (!vector)
        return RPC_S_INVALID_ARG;
    os_free(*vector);
    *vector = NULL;
    return RPC_S_OK;
}

/* ---- listening */

RPC_STATUS RPC_ENTRY RpcMgmtIsServerListening(RPC_BINDING_HANDLE binding)
{
    uint32_t words[2] = {0, 0};
    RPC_MESSAGE message;
    RPC_STATUS status;

    if (!binding)
        return server_is_listening() ? RPC_S_OK : RPC_S_NOT_LISTENING;
    status = call(binding, MGMT_IS_SERVER_LISTENING, NULL, 0, &message);
    if (status)
        return status;
    if (!mgmt_get_words(message.Buffer, message.BufferLength, big(&message), words, 2))
        status = RPC_X_BAD_STUB_DATA;
    else if (words[0])
        status = (RPC_STATUS)words[0];
    else
        status = words[1] ? RPC_S_OK : RPC_S_NOT_LISTENING;
    I_RpcFreeBuffer(&message);
    return status;
}

RPC_STATUS RPC_ENTRY RpcMgmtStopServerListening(RPC_BINDING_HANDLE binding)
{
    uint32_t answer;
    RPC_MESSAGE message;
    RPC_STATUS status;

    if (!binding)
        return server_stop();
    status = call(binding, MGMT_STOP_SERVER_LISTENING, NULL, 0, &message);
    if (status)
        return status;
    status = RPC_X_BAD_STUB_DATA;
    if (mgmt_get_words(message.Buffer, message.BufferLength, big(&message), &answer, 1))
        status = (RPC_STATUS)answer;
    I_RpcFreeBuffer(&message);
    return status;
}

/* ---- principals */

static RPC_STATUS ask_principal(RPC_BINDING_HANDLE binding, ULONG authn, unsigned char **result)
{
    const uint32_t words[] = {authn, NAME_SIZE};
    RPC_MESSAGE message;
    RPC_STATUS status = call(binding, MGMT_INQ_PRINC_NAME, words, 2, &message);
    const char *name;
    size_t length;
    uint32_t answer;

    if (status)
        return status;
    status = RPC_X_BAD_STUB_DATA;
    if (mgmt_get_name(message.Buffer, message.BufferLength, big(&message), &name, &length, &answer))
        status = (RPC_STATUS)answer;
    if (status == RPC_S_OK) {
        *result = os_alloc(length + 1);
        if (*result) {
            memcpy(*result, name, length);
            (*result)[length] = 0;
        } else {
            status = RPC_S_OUT_OF_MEMORY;
        }
    }
    I_RpcFreeBuffer(&message);
    return status;
}

RPC_STATUS RPC_ENTRY RpcMgmtInqServerPrincNameA(RPC_BINDING_HANDLE binding, ULONG authn, RPC_CSTR *name)
{
    RPC_STATUS (*own)(ULONG, char **) = mgmt_principal;

    *name = NULL;
    if (binding)
        return ask_principal(binding, authn, name);
    return own ? own(authn, (char **)name) : RPC_S_UNKNOWN_AUTHN_SERVICE;
}

RPC_STATUS RPC_ENTRY RpcMgmtInqServerPrincNameW(RPC_BINDING_HANDLE binding, ULONG authn, RPC_WSTR *name)
{
    unsigned char *narrow;
    RPC_STATUS status = RpcMgmtInqServerPrincNameA(binding, authn, &narrow);

    *name = NULL;
    if (status)
        return status;
    status = text_widen(narrow, name);
    os_free(narrow);
    return status;
}

/* ---- settings of this process */

RPC_STATUS RPC_ENTRY RpcMgmtSetAuthorizationFn(RPC_MGMT_AUTHORIZATION_FN function)
{
    mgmt_set_authorization(function);
    return RPC_S_OK;
}

/* SDK, "Idle Connection Cleanup": periodic looks, which are on here in any case. The first comes at once. */
RPC_STATUS RPC_ENTRY RpcMgmtEnableIdleCleanup(void)
{
    association_cleanup();
    return RPC_S_OK;
}

/* SDK: for the threads that the server makes from now on. */
RPC_STATUS RPC_ENTRY RpcMgmtSetServerStackSize(ULONG size)
{
    os_worker_set_stack(size);
    return RPC_S_OK;
}

/* SDK, "Authentication-Level Constants": the default is RPC_C_AUTHN_LEVEL_CONNECT; Schannel knows privacy
 * alone. Unverified on Windows. */
RPC_STATUS RPC_ENTRY RpcMgmtInqDefaultProtectLevel(ULONG authn, ULONG *level)
{
    switch (authn) {
    case RPC_C_AUTHN_NONE:
        *level = RPC_C_AUTHN_LEVEL_NONE;
        return RPC_S_OK;
    case RPC_C_AUTHN_GSS_NEGOTIATE:
    case RPC_C_AUTHN_WINNT:
    case RPC_C_AUTHN_GSS_KERBEROS:
    case RPC_C_AUTHN_DEFAULT:
        *level = RPC_C_AUTHN_LEVEL_CONNECT;
        return RPC_S_OK;
    case RPC_C_AUTHN_GSS_SCHANNEL:
        *level = RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
        return RPC_S_OK;
    default:
        return RPC_S_UNKNOWN_AUTHN_SERVICE;
    }
}
