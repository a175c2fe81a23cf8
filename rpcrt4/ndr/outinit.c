/*
 * Memory for [out] parameters on the server, and taking it back when a call failed. No state.
 */
#include "proc.h"

void ndr_out_memory(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, unsigned char **memory)
{
    SIZE_T size = ndr_type_extent(msg, format);

    *memory = NdrAllocate(msg, size ? size : 1);
    memset(*memory, 0, size);
}

SIZE_T ndr_pointee_extent(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    if (format[1] & FC_SIMPLE_POINTER)
        return ndr_type_extent(msg, format + 2);
    return ndr_type_extent(msg, ndr_fc_target(format + 2));
}

/* Gives an [out] parameter described by format the memory that the manager will fill, cleared, in *memory. */
void RPC_ENTRY NdrOutInit(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format, unsigned char **memory)
{
    SIZE_T size;

    if (format[0] != FC_RP) {
        ndr_out_memory(msg, format, memory);
        return;
    }
    size = ndr_pointee_extent(msg, format);
    *memory = NdrAllocate(msg, size ? size : 1);
    memset(*memory, 0, size);
}

/* Clears an [out] parameter of a call that failed, having freed what it leads to. Source: SDK,
 * NdrClearOutParameters. memory: what the parameter points to; nothing is done for NULL. */
void RPC_ENTRY NdrClearOutParameters(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format, void *memory)
{
    PFORMAT_STRING pointee = format;
    SIZE_T size;

    if (!memory)
        return;
    if (format[0] == FC_RP) {
        pointee = format[1] & FC_SIMPLE_POINTER ? format + 2 : ndr_fc_target(format + 2);
        if (format[1] & FC_POINTER_DEREF) {
            if (*(void **)memory)
                ndr_free(msg, *(unsigned char **)memory, pointee);
            *(void **)memory = NULL;
            return;
        }
    }
    if (*pointee == FC_BIND_CONTEXT) {
        *(void **)memory = NULL;
        return;
    }
    size = ndr_type_extent(msg, pointee);
    ndr_free(msg, memory, pointee);
    memset(memory, 0, size);
}
