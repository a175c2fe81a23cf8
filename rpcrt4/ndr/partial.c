/*
 * [partial_ignore]: an [in, out] pointer of which only whether it is NULL goes to the server; there its
 * referent is new and cleared, and comes back as any other (MIDL reference,
 * partial_ignore).
 */
#include "walk.h"

/* What goes to the server instead of the pointer. */
static const unsigned char presence = FC_ULONG;

void RPC_ENTRY NdrPartialIgnoreClientBufferSize(PMIDL_STUB_MESSAGE msg, void *memory)
{
    (void)memory;
    ndr_align_length(&msg->BufferLength, 4);
    msg->BufferLength += 4;
}

void RPC_ENTRY NdrPartialIgnoreClientMarshall(PMIDL_STUB_MESSAGE msg, void *memory)
{
    ULONG present = memory != NULL;

    ndr_marshal(msg, (unsigned char *)&present, &presence);
}

/* *memory becomes NULL or something else, for NdrPartialIgnoreServerInitialize to find. */
void RPC_ENTRY NdrPartialIgnoreServerUnmarshall(PMIDL_STUB_MESSAGE msg, void **memory)
{
    ULONG present, *where = &present;

    ndr_unmarshal(msg, (unsigned char **)&where, &presence, FALSE);
    *memory = (void *)(ULONG_PTR)(present != 0);
}

/* Gives a pointer that was not NULL its cleared referent; format is the pointer's. Raises
 * RPC_S_OUT_OF_MEMORY. */
void RPC_ENTRY NdrPartialIgnoreServerInitialize(PMIDL_STUB_MESSAGE msg, void **memory, PFORMAT_STRING format)
{
    PFORMAT_STRING type = format[1] & FC_SIMPLE_POINTER ? format + 2 : ndr_fc_target(format + 2);
    ULONG size = embedded_memory_size(msg, type);
    PFORMAT_STRING descriptor = conformance_of(msg, type);

    if (!*memory)
        return;
    *memory = NULL;
    if (descriptor) {
        struct array array;

        parse_array(msg, type, &array);
        size = checked_product(array.element_size, (ULONG)ndr_correlate(msg, NULL, descriptor));
    }
    *memory = msg->pfnAllocate(size ? size : 1);
    if (!*memory)
        ndr_raise(RPC_S_OUT_OF_MEMORY);
    memset(*memory, 0, size);
}
