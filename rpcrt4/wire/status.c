/*
 * Status codes of fault PDUs: the values are C706 appendix E (table E-3) and N.2, what a client sees of them
 * is [MS-RPCE] 3.1.1.5.5. "Not mapped" values are absent from the table and go through as they are.
 *
 * The way back is for servers. Where several faults give one Win32 status, the first of the table answers for
 * it; exceptions that [MS-RPCE] 3.3.3.5.1 forbids on the wire have a row of their own below.
 */
#include "octets.h"

struct row {
    uint32_t fault, status;
};

static const struct row both_ways[] = {
    {0x1c010001, 1820}, /* nca_s_comm_failure: RPC_S_COMM_FAILURE */
    {0x1c010002, 1745}, /* nca_op_rng_error: RPC_S_PROCNUM_OUT_OF_RANGE */
    {0x1c010003, 1717}, /* nca_unk_if: RPC_S_UNKNOWN_IF */
    {0x1c01000b, 1728}, /* nca_proto_error: RPC_S_PROTOCOL_ERROR */
    {0x1c00001b, 1130}, /* nca_s_fault_remote_no_memory: RPC_S_SERVER_OUT_OF_MEMORY */
    {0x1c010014, 1723}, /* nca_server_too_busy: RPC_S_SERVER_TOO_BUSY */
    {0x1c010017, 1732}, /* nca_unsupported_type: RPC_S_UNSUPPORTED_TYPE */
    {0x1c000001, 1767}, /* nca_s_fault_int_div_by_zero: RPC_S_ZERO_DIVIDE */
    {0x1c000002, 1768}, /* nca_s_fault_addr_error: RPC_S_ADDRESS_ERROR */
    {0x1c000003, 1769}, /* nca_s_fault_fp_div_zero: RPC_S_FP_DIV_ZERO */
    {0x1c000004, 1770}, /* nca_s_fault_fp_underflow: RPC_S_FP_UNDERFLOW */
    {0x1c000005, 1771}, /* nca_s_fault_fp_overflow: RPC_S_FP_OVERFLOW */
    {0x1c000006, 1733}, /* nca_s_fault_invalid_tag: RPC_S_INVALID_TAG */
    {0x1c000007, 1734}, /* nca_s_fault_invalid_bound: RPC_S_INVALID_BOUND */
    {0x1c000009, 1726}, /* nca_unspec_reject: RPC_S_CALL_FAILED */
    {0x1c00000c, 1727}, /* nca_manager_not_entered: RPC_S_CALL_FAILED_DNE */
    {0x1c00000d, 1818}, /* nca_s_fault_cancel: RPC_S_CALL_CANCELLED */
    {0x1c000014, 1918}, /* nca_s_fault_pipe_empty: RPC_X_PIPE_EMPTY */
    {0x1c000015, 1916}, /* nca_s_fault_pipe_closed: RPC_X_PIPE_CLOSED */
    {0x1c000016, 1831}, /* nca_s_fault_pipe_order: RPC_X_WRONG_PIPE_ORDER */
    {0x1c000017, 1917}, /* nca_s_fault_pipe_discipline: RPC_X_PIPE_DISCIPLINE_ERROR */
    {0x1c000019, 14},   /* nca_s_fault_pipe_memory: RPC_S_OUT_OF_MEMORY */
    {0x1c00001a, 6},    /* nca_s_fault_context_mismatch: ERROR_INVALID_HANDLE, RPC_X_SS_CONTEXT_MISMATCH */
    {0x1c00001d, 1821}, /* nca_unsupported_authn_level: RPC_S_UNSUPPORTED_AUTHN_LEVEL */
    {0x1c000024, 1710}, /* nca_s_fault_object_not_found: RPC_S_OBJECT_NOT_FOUND */
};

static const struct row client_only[] = {
    {0x1c010009, 1726}, /* nca_s_you_crashed: RPC_S_CALL_FAILED */
    {0x1c010013, 1130}, /* nca_out_args_too_big: RPC_S_SERVER_OUT_OF_MEMORY */
    {0x1c000008, 1728}, /* nca_rpc_version_mismatch: RPC_S_PROTOCOL_ERROR */
    {0x1c00000a, 1727}, /* nca_s_bad_actid: RPC_S_CALL_FAILED_DNE */
    {0x1c00000b, 1726}, /* nca_who_are_you_failed: RPC_S_CALL_FAILED */
    {0x1c00000e, 1768}, /* nca_s_fault_ill_inst: RPC_S_ADDRESS_ERROR */
    {0x1c00000f, 1771}, /* nca_s_fault_fp_error: RPC_S_FP_OVERFLOW */
    {0x1c000010, 1768}, /* nca_s_fault_int_overflow: RPC_S_ADDRESS_ERROR */
    {0x1c000012, 1726}, /* nca_s_fault_unspec: RPC_S_CALL_FAILED */
    {0x1c000018, 1820}, /* nca_s_fault_pipe_comm_error: RPC_S_COMM_FAILURE */
    {0x1c00001f, 1727}, /* nca_invalid_checksum: RPC_S_CALL_FAILED_DNE */
    {0x1c000020, 1727}, /* nca_invalid_crc: RPC_S_CALL_FAILED_DNE */
};

/* Exception codes of the processor, as C706 appendix E names their conditions. */
static const struct row server_only[] = {
    {0x1c000002, 0x80000001}, /* STATUS_GUARD_PAGE_VIOLATION */
    {0x1c000002, 0x80000002}, /* STATUS_DATATYPE_MISALIGNMENT */
    {0x1c000012, 0x80000003}, /* STATUS_BREAKPOINT */
    {0x1c000002, 0xc0000005}, /* STATUS_ACCESS_VIOLATION */
    {0x1c000002, 0xc0000006}, /* STATUS_IN_PAGE_ERROR */
    {0x1c00000e, 0xc000001d}, /* STATUS_ILLEGAL_INSTRUCTION */
    {0x1c00000f, 0xc000008d}, /* STATUS_FLOAT_DENORMAL_OPERAND */
    {0x1c000003, 0xc000008e}, /* STATUS_FLOAT_DIVIDE_BY_ZERO */
    {0x1c00000f, 0xc000008f}, /* STATUS_FLOAT_INEXACT_RESULT */
    {0x1c00000f, 0xc0000090}, /* STATUS_FLOAT_INVALID_OPERATION */
    {0x1c000005, 0xc0000091}, /* STATUS_FLOAT_OVERFLOW */
    {0x1c00000f, 0xc0000092}, /* STATUS_FLOAT_STACK_CHECK */
    {0x1c000004, 0xc0000093}, /* STATUS_FLOAT_UNDERFLOW */
    {0x1c000001, 0xc0000094}, /* STATUS_INTEGER_DIVIDE_BY_ZERO */
    {0x1c000010, 0xc0000095}, /* STATUS_INTEGER_OVERFLOW */
    {0x1c00000e, 0xc0000096}, /* STATUS_PRIVILEGED_INSTRUCTION */
    {0x1c00000e, 0xc00000aa}, /* STATUS_INSTRUCTION_MISALIGNMENT */
    {0x1c000012, 0xc00000fd}, /* STATUS_STACK_OVERFLOW */
    {0x1c000012, 0xc0000194}, /* STATUS_POSSIBLE_DEADLOCK */
    {0x1c000012, 0xc0000235}, /* STATUS_HANDLE_NOT_CLOSABLE */
    {0x1c000012, 0xc0000409}, /* STATUS_STACK_BUFFER_OVERRUN */
    {0x1c000012, 0xc0000420}, /* STATUS_ASSERTION_FAILURE */
    {0x1c000012, 0},          /* a fault that says success */
};

#define LENGTH(table) (sizeof(table) / sizeof(*(table)))

static bool find_status(const struct row *rows, size_t count, uint32_t fault, uint32_t *status)
{
    for (; count; rows++, count--)
        if (rows->fault == fault) {
            *status = rows->status;
            return true;
        }
    return false;
}

static bool find_fault(const struct row *rows, size_t count, uint32_t status, uint32_t *fault)
{
    for (; count; rows++, count--)
        if (rows->status == status) {
            *fault = rows->fault;
            return true;
        }
    return false;
}

uint32_t wire_status_from_fault(uint32_t nca)
{
    uint32_t status;

    if (find_status(both_ways, LENGTH(both_ways), nca, &status) ||
        find_status(client_only, LENGTH(client_only), nca, &status))
        return status;
    return nca;
}

uint32_t wire_fault_from_status(uint32_t status)
{
    uint32_t fault;

    if (find_fault(both_ways, LENGTH(both_ways), status, &fault) ||
        find_fault(server_only, LENGTH(server_only), status, &fault))
        return fault;
    return status;
}
