/*
 * [comm_status] and [fault_status]. No state.
 */
#include "ndr.h"

/* Whether a status tells that the server could not be reached or the connection to it was lost, rather than
 * that the procedure failed there. Sources: SDK "comm_status", "fault_status"; C706, appendix E, tells which
 * statuses come from fault PDUs. */
static BOOL is_communication_failure(RPC_STATUS status)
{
    switch (status) {
    case RPC_S_CALL_FAILED:
    case RPC_S_CALL_FAILED_DNE:
    case RPC_S_COMM_FAILURE:
    case RPC_S_SERVER_UNAVAILABLE:
    case RPC_S_SERVER_TOO_BUSY:
    case RPC_S_SERVER_OUT_OF_MEMORY:
    case RPC_S_PROTOCOL_ERROR:
    case RPC_S_UNKNOWN_IF:
    case RPC_S_UNSUPPORTED_TYPE:
    case RPC_S_UNSUPPORTED_TRANS_SYN:
    case RPC_S_PROCNUM_OUT_OF_RANGE:
    case RPC_S_NO_ENDPOINT_FOUND:
    case RPC_S_OUT_OF_RESOURCES:
    case RPC_S_INVALID_NET_ADDR:
    case RPC_S_INVALID_ENDPOINT_FORMAT:
    case RPC_S_CANT_CREATE_ENDPOINT:
    case RPC_S_BINDING_INCOMPLETE:
    case EPT_S_NOT_REGISTERED:
    case EPT_S_CANT_PERFORM_OP:
    case RPC_S_UNKNOWN_AUTHN_SERVICE:
    case RPC_S_UNKNOWN_AUTHN_LEVEL:
    case RPC_S_UNKNOWN_AUTHN_TYPE:
    case RPC_S_UNSUPPORTED_AUTHN_LEVEL:
    case RPC_S_SEC_PKG_ERROR:
    case RPC_S_CALL_CANCELLED:
    case RPC_S_CALL_IN_PROGRESS:
        return TRUE;
    default:
        return FALSE;
    }
}

/* Puts status where the stub wants it: in *comm_status or in *fault_status by what it tells, the other
 * becoming 0; either may be NULL. Raises it where it has no place. Gives RPC_S_OK. */
RPC_STATUS RPC_ENTRY NdrMapCommAndFaultStatus(PMIDL_STUB_MESSAGE msg, ULONG *comm_status, ULONG *fault_status,
                                              RPC_STATUS status)
{
    ULONG *place = is_communication_failure(status) ? comm_status : fault_status;

    (void)msg;
    if (status != RPC_S_OK && !place)
        os_raise(status);
    if (comm_status)
        *comm_status = RPC_S_OK;
    if (fault_status)
        *fault_status = RPC_S_OK;
    if (place)
        *place = status;
    return RPC_S_OK;
}
