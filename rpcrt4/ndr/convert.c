/*
 * NdrConvert, NdrConvert2: a message in the sender's data representation is brought to the local one in
 * place, parameter by parameter, before it is unmarshalled. Where it is local already nothing is done.
 */
#include "walk.h"

enum { LOCAL = 0x10 }; /* little-endian, ASCII, IEEE */
enum { PARAM_IN = 0x08, PARAM_OUT = 0x10, PARAM_BASE = 0x40 };

static BOOLEAN is_local(const MIDL_STUB_MESSAGE *msg)
{
    return (msg->RpcMsg->DataRepresentation & 0xffff) == LOCAL;
}

static void finish(PMIDL_STUB_MESSAGE msg, unsigned char *start)
{
    msg->RpcMsg->DataRepresentation = (msg->RpcMsg->DataRepresentation & ~0xffffu) | LOCAL;
    msg->Buffer = start;
}

/* [SDK: parameter descriptors of -Oicf] format: attributes<2> stack_offset<2> type<2>, number of them. Raises
 * RPC_X_BAD_STUB_DATA where the octets end too early. Leaves the buffer position where it was. */
void RPC_ENTRY NdrConvert2(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format, LONG number)
{
    unsigned wanted = msg->IsClient ? PARAM_OUT : PARAM_IN;
    unsigned char *start = msg->Buffer;

    if (is_local(msg))
        return;
    for (; number > 0; number--, format += 6) {
        unsigned attributes = ndr_fc_ushort(format);

        if (!(attributes & wanted))
            continue;
        ndr_convert_type(msg, attributes & PARAM_BASE
                                  ? format + 4
                                  : msg->StubDesc->pFormatTypes + ndr_fc_ushort(format + 4));
    }
    finish(msg, start);
}

static BOOLEAN comes_in(const MIDL_STUB_MESSAGE *msg, unsigned char token)
{
    switch (token) {
    case FC_IN_PARAM:
    case FC_IN_PARAM_BASETYPE:
    case FC_IN_PARAM_NO_FREE_INST:
        return !msg->IsClient;
    case FC_IN_OUT_PARAM:
        return TRUE;
    default:
        return msg->IsClient;
    }
}

/* [SDK: parameter descriptors of -Oi and -Os] As NdrConvert2, up to the return value or FC_END. */
void RPC_ENTRY NdrConvert(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    unsigned char *start = msg->Buffer;

    if (is_local(msg))
        return;
    for (;;) {
        unsigned char token = *format;
        BOOLEAN base = token == FC_IN_PARAM_BASETYPE || token == FC_RETURN_PARAM_BASETYPE;

        if (token < FC_IN_PARAM || token > FC_RETURN_PARAM_BASETYPE)
            break;
        if (comes_in(msg, token))
            ndr_convert_type(msg,
                             base ? format + 1 : msg->StubDesc->pFormatTypes + ndr_fc_ushort(format + 2));
        format += base ? 2 : 4;
        if (token == FC_RETURN_PARAM || token == FC_RETURN_PARAM_BASETYPE)
            break;
    }
    finish(msg, start);
}

static unsigned char user_type(unsigned char code)
{
    /* USER_MARSHAL_FC_* have the values of the format characters. */
    return code >= USER_MARSHAL_FC_BYTE && code <= USER_MARSHAL_FC_DOUBLE ? code : FC_ZERO;
}

/* [rpcndr.h] For _UserUnmarshal routines: one base value at buffer to the local representation, flags being
 * those that the routine was given. Gives where the next value may be. */
unsigned char *RPC_ENTRY NdrUserMarshalSimpleTypeConvert(ULONG *flags, unsigned char *buffer,
                                                         unsigned char code)
{
    unsigned char type = user_type(code);
    unsigned size = ndr_base_wire(type);

    if (!size)
        ndr_raise(RPC_X_BAD_STUB_DATA);
    buffer = (unsigned char *)(((ULONG_PTR)buffer + size - 1) & ~(ULONG_PTR)(size - 1));
    convert_values(*flags >> 16, buffer, 1, type);
    return buffer + size;
}
