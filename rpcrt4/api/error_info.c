/*
 * Extended error information: SDK pages RpcErrorStartEnumeration and its kin, RpcErrorAddRecord. An
 * enumeration owns a snapshot of the thread's records; runtime/error_info.c keeps those.
 */
#include "../runtime/error_info.h"
#include "../os/os.h"
#include "../runtime/thread.h"

enum { ENUM_SIGNATURE = 0x68456545 }; /* in the handle, so that others are not taken for one */

static RPC_STATUS check(const RPC_ERROR_ENUM_HANDLE *handle)
{
    return handle && handle->Signature == ENUM_SIGNATURE ? RPC_S_OK : ERROR_INVALID_PARAMETER;
}

static void start(RPC_ERROR_ENUM_HANDLE *handle, struct error_record *chain)
{
    handle->Signature = ENUM_SIGNATURE;
    handle->Head = handle->CurrentPos = chain;
}

RPC_STATUS RPC_ENTRY RpcErrorStartEnumeration(RPC_ERROR_ENUM_HANDLE *handle)
{
    struct error_record **chain = thread_errors(FALSE), *copy;

    if (!handle)
        return ERROR_INVALID_PARAMETER;
    if (!chain || !*chain)
        return RPC_S_ENTRY_NOT_FOUND;
    copy = errors_copy(*chain);
    if (!copy)
        return RPC_S_OUT_OF_MEMORY;
    start(handle, copy);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcErrorEndEnumeration(RPC_ERROR_ENUM_HANDLE *handle)
{
    RPC_STATUS status = check(handle);

    if (status)
        return status;
    errors_free(handle->Head);
    memset(handle, 0, sizeof *handle);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcErrorResetEnumeration(RPC_ERROR_ENUM_HANDLE *handle)
{
    RPC_STATUS status = check(handle);

    if (status == RPC_S_OK)
        handle->CurrentPos = handle->Head;
    return status;
}

RPC_STATUS RPC_ENTRY RpcErrorGetNumberOfRecords(RPC_ERROR_ENUM_HANDLE *handle, int *count)
{
    RPC_STATUS status = check(handle);

    if (status)
        return status;
    *count = 0;
    for (const struct error_record *record = handle->Head; record; record = record->next)
        ++*count;
    return RPC_S_OK;
}

/* ---- records */

static void give(const struct error_record *record, RPC_EXTENDED_ERROR_INFO *info)
{
    BOOL file_time = (info->Flags & EEInfoUseFileTime) != 0;

    info->ComputerName = record->computer;
    info->ProcessID = record->process;
    if (file_time)
        info->u.FileTime = record->time;
    else
        FileTimeToSystemTime(&record->time, &info->u.SystemTime);
    info->GeneratingComponent = record->component;
    info->Status = record->status;
    info->DetectionLocation = record->location;
    info->Flags = record->flags | (file_time ? EEInfoUseFileTime : 0);
    info->NumberOfParameters = record->count;
    memcpy(info->Parameters, record->params, (size_t)record->count * sizeof *record->params);
}

/* SDK, RpcErrorGetNextRecord: the strings belong to the enumeration, or are copied for the caller. The copies
 * are those of another record, which is left as a shell. */
static RPC_STATUS give_copy(const struct error_record *record, RPC_EXTENDED_ERROR_INFO *info)
{
    struct error_record single = *record, *copy;

    single.next = NULL;
    copy = errors_copy(&single);
    if (!copy)
        return RPC_S_OUT_OF_MEMORY;
    give(copy, info);
    os_free(copy);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcErrorGetNextRecord(RPC_ERROR_ENUM_HANDLE *handle, BOOL copy_strings,
                                           RPC_EXTENDED_ERROR_INFO *info)
{
    RPC_STATUS status = check(handle);
    const struct error_record *record;

    if (status)
        return status;
    if (!info || info->Version != RPC_EEINFO_VERSION || info->Flags & ~EEInfoUseFileTime ||
        info->NumberOfParameters < 0 || info->NumberOfParameters > MaxNumberOfEEInfoParams)
        return ERROR_INVALID_PARAMETER;
    record = handle->CurrentPos;
    if (!record)
        return RPC_S_ENTRY_NOT_FOUND;
    if (info->NumberOfParameters < record->count)
        return RPC_S_BUFFER_TOO_SMALL;
    if (copy_strings)
        status = give_copy(record, info);
    else
        give(record, info);
    if (status == RPC_S_OK)
        handle->CurrentPos = record->next;
    return status;
}

RPC_STATUS RPC_ENTRY RpcErrorAddRecord(RPC_EXTENDED_ERROR_INFO *info)
{
    if (!info || info->Version != RPC_EEINFO_VERSION || info->ComputerName || info->ProcessID ||
        info->GeneratingComponent || info->DetectionLocation ||
        info->Flags & ~(EEInfoUseFileTime | EEInfoPreviousRecordsMissing | EEInfoNextRecordsMissing) ||
        info->NumberOfParameters < 0 || info->NumberOfParameters > MaxNumberOfEEInfoParams)
        return ERROR_INVALID_PARAMETER;
    for (int i = 0; i < info->NumberOfParameters; i++)
        if (info->Parameters[i].ParameterType < eeptAnsiString ||
            info->Parameters[i].ParameterType > eeptNone)
            return ERROR_INVALID_PARAMETER;
    return errors_add(ERROR_BY_APPLICATION, info->Status, 0, info->Parameters, info->NumberOfParameters);
}

void RPC_ENTRY RpcErrorClearInformation(void)
{
    errors_clear();
}

/* ---- as octets: the form that goes over the wire */

RPC_STATUS RPC_ENTRY RpcErrorSaveErrorInfo(RPC_ERROR_ENUM_HANDLE *handle, PVOID *blob, size_t *size)
{
    RPC_STATUS status = check(handle);

    if (status)
        return status;
    *blob = errors_encode(handle->Head, MAXLONG, size);
    return *blob ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
}

/* What it answers for a malformed BLOB is unverified on Windows. */
RPC_STATUS RPC_ENTRY RpcErrorLoadErrorInfo(PVOID blob, size_t size, RPC_ERROR_ENUM_HANDLE *handle)
{
    struct error_record *chain;

    if (!handle || !blob)
        return ERROR_INVALID_PARAMETER;
    chain = errors_decode(blob, size);
    if (!chain)
        return ERROR_INVALID_PARAMETER;
    start(handle, chain);
    return RPC_S_OK;
}

/* mingw-w64's rpcdcep.h; SDK, "Enabling Extended Error Information": else a matter of policy, which Wine has
 * none of. */
RPC_STATUS RPC_ENTRY I_RpcTurnOnEEInfoPropagation(void)
{
    errors_turn_on_propagation();
    return RPC_S_OK;
}
