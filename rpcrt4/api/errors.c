/*
 * Status codes and exceptions: their texts (DceErrorInqText), raising, the filter that tells fatal ones, and
 * what Win32 status goes with what NTSTATUS. Owns nothing.
 */
#define WIN32_NO_STATUS
#include "../os/os.h"

#include <rpc.h>
#include <rpcasync.h>
#include <rpcdcep.h>
#include <winternl.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>

#ifndef DCE_C_ERROR_STRING_LEN
#define DCE_C_ERROR_STRING_LEN 256
#endif

static BOOL message(DWORD status, WCHAR *text)
{
    return FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, status, 0, text,
                          DCE_C_ERROR_STRING_LEN, NULL) != 0;
}

/* A code without a text of its own gets that of RPC_S_NOT_RPC_ERROR and RPC_S_OK, as Wine has it; the SDK
 * page lists RPC_S_INVALID_ARG, "unknown error code". Unverified on Windows. */
RPC_STATUS RPC_ENTRY DceErrorInqTextW(RPC_STATUS status, RPC_WSTR text)
{
    if (message((DWORD)status, text) || message(RPC_S_NOT_RPC_ERROR, text))
        return RPC_S_OK;
    *text = 0;
    return RPC_S_INVALID_ARG;
}

RPC_STATUS RPC_ENTRY DceErrorInqTextA(RPC_STATUS status, RPC_CSTR text)
{
    WCHAR wide[DCE_C_ERROR_STRING_LEN];
    RPC_STATUS result = DceErrorInqTextW(status, wide);

    if (!WideCharToMultiByte(CP_ACP, 0, wide, -1, (char *)text, DCE_C_ERROR_STRING_LEN, NULL, NULL))
        text[DCE_C_ERROR_STRING_LEN - 1] = 0;
    return result;
}

void RPC_ENTRY RpcRaiseException(RPC_STATUS exception)
{
    os_raise((ULONG)exception);
}

/* The list is that of the SDK pages RpcExceptionFilter and I_RpcExceptionFilter. */
int RPC_ENTRY I_RpcExceptionFilter(unsigned long code)
{
    switch ((LONG)code) {
    case STATUS_ACCESS_VIOLATION:
    case STATUS_POSSIBLE_DEADLOCK:
    case STATUS_INSTRUCTION_MISALIGNMENT:
    case STATUS_DATATYPE_MISALIGNMENT:
    case STATUS_PRIVILEGED_INSTRUCTION:
    case STATUS_ILLEGAL_INSTRUCTION:
    case STATUS_BREAKPOINT:
    case STATUS_STACK_OVERFLOW:
    case STATUS_HANDLE_NOT_CLOSABLE:
    case STATUS_IN_PAGE_ERROR:
    case STATUS_ASSERTION_FAILURE:
    case STATUS_STACK_BUFFER_OVERRUN:
    case STATUS_GUARD_PAGE_VIOLATION:
    case STATUS_REG_NAT_CONSUMPTION:
        return EXCEPTION_CONTINUE_SEARCH;
    default:
        return EXCEPTION_EXECUTE_HANDLER;
    }
}

int RPC_ENTRY RpcExceptionFilter(unsigned long code)
{
    return I_RpcExceptionFilter(code);
}

/* Runs of winerror.h's RPC_S_*, RPC_X_* and EPT_S_* and of ntstatus.h's names without the prefix, which are
 * in the same order. */
static const struct {
    WORD first, last;
    LONG status;
} runs[] = {
    {1700, 1728, RPC_NT_INVALID_STRING_BINDING},
    {1729, 1729, RPC_NT_PROXY_ACCESS_DENIED},
    {1730, 1730, RPC_NT_UNSUPPORTED_TRANS_SYN},
    {1732, 1737, RPC_NT_UNSUPPORTED_TYPE},
    {1739, 1750, RPC_NT_UUID_NO_ADDRESS},
    {1751, 1753, EPT_NT_INVALID_ENTRY},
    {1754, 1771, RPC_NT_NOTHING_TO_EXPORT},
    {1772, 1775, RPC_NT_NO_MORE_ENTRIES},
    {1777, 1783, RPC_NT_SS_CONTEXT_DAMAGED},
    {1791, 1791, RPC_NT_CALL_IN_PROGRESS},
    {1806, 1806, RPC_NT_NO_MORE_BINDINGS},
    {1817, 1823, RPC_NT_NO_INTERFACES},
    {1824, 1824, RPC_NT_UUID_LOCAL_ONLY},
    {1825, 1826, RPC_NT_SEC_PKG_ERROR},
    {1827, 1832, RPC_NT_INVALID_ES_ACTION},
    {1898, 1898, RPC_NT_GROUP_MEMBER_NOT_FOUND},
    {1899, 1899, EPT_NT_CANT_CREATE},
    {1900, 1900, RPC_NT_INVALID_OBJECT},
    {1913, 1913, RPC_NT_SEND_INCOMPLETE},
    {1914, 1915, RPC_NT_INVALID_ASYNC_HANDLE},
    {1916, 1918, RPC_NT_PIPE_CLOSED},
    {ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED, STATUS_ACCESS_DENIED},
    {ERROR_INVALID_HANDLE, ERROR_INVALID_HANDLE, RPC_NT_SS_CONTEXT_MISMATCH},
    {ERROR_OUTOFMEMORY, ERROR_OUTOFMEMORY, STATUS_NO_MEMORY},
    {ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER, STATUS_INVALID_PARAMETER},
    {ERROR_INSUFFICIENT_BUFFER, ERROR_INSUFFICIENT_BUFFER, STATUS_BUFFER_TOO_SMALL},
    {ERROR_MAX_THRDS_REACHED, ERROR_MAX_THRDS_REACHED, STATUS_NO_MEMORY},
    {ERROR_PASSWORD_MUST_CHANGE, ERROR_PASSWORD_MUST_CHANGE, STATUS_PASSWORD_MUST_CHANGE},
    {ERROR_ACCOUNT_LOCKED_OUT, ERROR_ACCOUNT_LOCKED_OUT, STATUS_ACCOUNT_LOCKED_OUT},
};

/* Gives the NTSTATUS that goes with a Win32 status; what has none comes back as it is. */
LONG RPC_ENTRY I_RpcMapWin32Status(RPC_STATUS status)
{
    size_t i;

    for (i = 0; i < sizeof(runs) / sizeof(*runs); i++)
        if (status >= runs[i].first && status <= runs[i].last)
            return runs[i].status + (status - runs[i].first);
    return status;
}
