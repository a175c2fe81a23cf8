/*
 * Context handles on the client: what the server gave, with a binding of its own, so that the handle outlives
 * the binding that it was made with. Sources: C706 section 14.2.17; SDK "Context Handles",
 * RpcSsDestroyClientContext.
 *
 * The program must not use one handle in two threads while one of them may destroy it (SDK, "Multi-threaded
 * Clients and Context Handles"); no lock.
 */
#include "context.h"

#define CLIENT_CONTEXT_MAGIC 0x78746363 /* "cctx" */

struct client_context {
    ULONG magic;
    RPC_BINDING_HANDLE binding;
    struct ndr_context_wire wire;
};

static ULONG swap(ULONG value)
{
    return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

void ndr_context_read(struct ndr_context_wire *wire, const void *octets, ULONG representation)
{
    memcpy(wire, octets, sizeof(*wire));
    if ((representation & NDR_INT_REP_MASK) == NDR_LOCAL_ENDIAN)
        return;
    wire->attributes = swap(wire->attributes);
    wire->id.Data1 = swap(wire->id.Data1);
    wire->id.Data2 = (unsigned short)(wire->id.Data2 << 8 | wire->id.Data2 >> 8);
    wire->id.Data3 = (unsigned short)(wire->id.Data3 << 8 | wire->id.Data3 >> 8);
}

BOOL ndr_context_is_nil(const struct ndr_context_wire *wire)
{
    static const UUID nil;

    return !memcmp(&wire->id, &nil, sizeof(nil));
}

static struct client_context *checked(NDR_CCONTEXT handle)
{
    struct client_context *context = handle;

    if (context->magic != CLIENT_CONTEXT_MAGIC)
        os_raise(RPC_X_SS_CONTEXT_MISMATCH);
    return context;
}

/* The binding to call with. Raises RPC_X_SS_IN_NULL_CONTEXT, RPC_X_SS_CONTEXT_MISMATCH. */
RPC_BINDING_HANDLE RPC_ENTRY NDRCContextBinding(NDR_CCONTEXT handle)
{
    if (!handle)
        os_raise(RPC_X_SS_IN_NULL_CONTEXT);
    return checked(handle)->binding;
}

/* Writes 20 octets; NULL as nil. */
void RPC_ENTRY NDRCContextMarshall(NDR_CCONTEXT handle, void *buffer)
{
    static const struct ndr_context_wire nil;

    memcpy(buffer, handle ? &checked(handle)->wire : &nil, sizeof(nil));
}

static void destroy(struct client_context *context)
{
    context->magic = 0;
    RpcBindingFree(&context->binding);
    os_free(context);
}

static struct client_context *new_context(RPC_BINDING_HANDLE binding)
{
    struct client_context *context = os_alloc_zero(sizeof(*context));
    RPC_STATUS status;

    if (!context)
        os_raise(RPC_S_OUT_OF_MEMORY);
    status = RpcBindingCopy(binding, &context->binding);
    if (status != RPC_S_OK) {
        os_free(context);
        os_raise(status);
    }
    runtime_keep_context(context->binding);
    context->magic = CLIENT_CONTEXT_MAGIC;
    return context;
}

/* Reads 20 octets into *handle: made with a copy of binding if it was NULL, destroyed if the server says nil.
 */
void RPC_ENTRY NDRCContextUnmarshall(NDR_CCONTEXT *handle, RPC_BINDING_HANDLE binding, void *buffer,
                                     ULONG representation)
{
    struct ndr_context_wire wire;

    ndr_context_read(&wire, buffer, representation);
    if (ndr_context_is_nil(&wire)) {
        if (*handle)
            destroy(checked(*handle));
        *handle = NULL;
        return;
    }
    if (!*handle)
        *handle = new_context(binding);
    checked(*handle)->wire = wire;
}

/* ---- for stubs */

void RPC_ENTRY NdrContextHandleSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    (void)memory, (void)format;
    ndr_align_length(&msg->BufferLength, 4);
    msg->BufferLength += cbNDRContext;
}

/* check: NULL is an error, RPC_X_SS_IN_NULL_CONTEXT. */
void RPC_ENTRY NdrClientContextMarshall(PMIDL_STUB_MESSAGE msg, NDR_CCONTEXT handle, int check)
{
    if (!handle && check)
        os_raise(RPC_X_SS_IN_NULL_CONTEXT);
    ndr_align_buffer(msg, 4);
    NDRCContextMarshall(handle, msg->Buffer);
    msg->Buffer += cbNDRContext;
}

void RPC_ENTRY NdrClientContextUnmarshall(PMIDL_STUB_MESSAGE msg, NDR_CCONTEXT *handle,
                                          RPC_BINDING_HANDLE binding)
{
    ndr_align_buffer(msg, 4);
    ndr_need(msg, cbNDRContext);
    NDRCContextUnmarshall(handle, binding, msg->Buffer, msg->RpcMsg->DataRepresentation);
    msg->Buffer += cbNDRContext;
}

/* ---- for programs */

/* Gives up a handle without telling the server. Source: SDK, RpcSmDestroyClientContext. */
RPC_STATUS RPC_ENTRY RpcSmDestroyClientContext(void **handle)
{
    struct client_context *context = *handle;

    if (!context || context->magic != CLIENT_CONTEXT_MAGIC)
        return RPC_X_SS_CONTEXT_MISMATCH;
    *handle = NULL;
    destroy(context);
    return RPC_S_OK;
}

/* As RpcSmDestroyClientContext, raising. */
void RPC_ENTRY RpcSsDestroyClientContext(void **handle)
{
    RPC_STATUS status = RpcSmDestroyClientContext(handle);

    if (status != RPC_S_OK)
        os_raise(status);
}

/* The handle's binding, which stays its own. Source: SDK, RpcSsGetContextBinding. */
RPC_STATUS RPC_ENTRY RpcSsGetContextBinding(void *handle, RPC_BINDING_HANDLE *binding)
{
    struct client_context *context = handle;

    if (!context || context->magic != CLIENT_CONTEXT_MAGIC)
        return RPC_X_SS_CONTEXT_MISMATCH;
    *binding = context->binding;
    return RPC_S_OK;
}
