/*
 * Which binding handle a client procedure is called with: explicit (primitive, generic, context), implicit,
 * automatic, or, for a [callback] procedure, the call being served. Source: SDK "Handles" (win32/rpc).
 *
 * No lock: an automatic handle, which all threads of a program share, is set by compare and exchange.
 */
#include "proc.h"
#include "buffer.h"

/* A generic handle's value, widened to what the binding routine takes. */
static void *generic_value(const void *memory, unsigned int size)
{
    switch (size) {
    case 1:
        return (void *)(ULONG_PTR) * (const unsigned char *)memory;
    case 2:
        return (void *)(ULONG_PTR) * (const unsigned short *)memory;
    case 4:
        return (void *)(ULONG_PTR) * (const ULONG *)memory;
    default:
        return *(void *const *)memory;
    }
}

static void bind_generic(struct ndr_binding *binding, GENERIC_BINDING_ROUTINE bind,
                         GENERIC_UNBIND_ROUTINE unbind, void *object)
{
    binding->handle = bind(object);
    if (!binding->handle)
        os_raise(RPC_S_INVALID_BINDING);
    binding->unbind = unbind;
    binding->object = object;
}

static void bind_context(struct ndr_binding *binding, NDR_CCONTEXT context, BOOL is_in)
{
    if (!context && is_in)
        os_raise(RPC_X_SS_IN_NULL_CONTEXT);
    binding->handle = NDRCContextBinding(context);
}

static void bind_explicit(struct ndr_binding *binding, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                          const unsigned char *stack)
{
    const unsigned char *slot = stack + ndr_fc_ushort(format + 2);
    const GENERIC_BINDING_ROUTINE_PAIR *pair;

    /* A primitive handle's flag octet is a truth value, the others' are bits. */
    if (format[0] == FC_BIND_PRIMITIVE ? format[1] != 0 : format[1] & HANDLE_IS_VIA_PTR)
        slot = *(const unsigned char *const *)slot;
    if (!slot)
        os_raise(RPC_X_NULL_REF_POINTER);
    switch (format[0]) {
    case FC_BIND_PRIMITIVE:
        binding->handle = *(const handle_t *)slot;
        break;
    case FC_BIND_GENERIC:
        pair = &desc->aGenericBindingRoutinePairs[format[4]];
        bind_generic(binding, pair->pfnBind, pair->pfnUnbind, generic_value(slot, format[1] & 0xf));
        break;
    case FC_BIND_CONTEXT:
        bind_context(binding, *(const NDR_CCONTEXT *)slot, format[1] & HANDLE_IS_IN);
        break;
    default:
        os_raise(RPC_X_BAD_STUB_DATA);
    }
}

static void bind_implicit_generic(struct ndr_binding *binding, const GENERIC_BINDING_INFO *info)
{
    bind_generic(binding, info->pfnBind, info->pfnUnbind, generic_value(info->pObj, info->Size));
}

void ndr_binding_get(struct ndr_binding *binding, const MIDL_STUB_DESC *desc, const struct ndr_proc *proc,
                     const unsigned char *stack)
{
    memset(binding, 0, sizeof(*binding));
    switch (proc->handle_type) {
    case 0:
        bind_explicit(binding, desc, proc->handle_format, stack);
        break;
    case FC_BIND_PRIMITIVE:
        binding->handle = *desc->IMPLICIT_HANDLE_INFO.pPrimitiveHandle;
        break;
    case FC_BIND_GENERIC:
        bind_implicit_generic(binding, desc->IMPLICIT_HANDLE_INFO.pGenericBindingInfo);
        break;
    case FC_AUTO_HANDLE:
        binding->handle = ndr_automatic_handle(desc);
        break;
    case FC_CALLBACK_HANDLE:
        binding->handle = I_RpcGetCurrentCallHandle();
        break;
    default:
        os_raise(RPC_X_BAD_STUB_DATA);
    }
    if (!binding->handle)
        os_raise(RPC_S_INVALID_BINDING);
}

void ndr_binding_release(struct ndr_binding *binding)
{
    GENERIC_UNBIND_ROUTINE unbind = binding->unbind;

    binding->unbind = NULL;
    if (unbind)
        unbind(binding->object, binding->handle);
}
