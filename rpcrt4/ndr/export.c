/*
 * The exported functions of the types: one body behind all, since the format string says what the type is.
 * They raise; what NdrXMarshall and NdrXUnmarshall give has no meaning (SDK) and is NULL.
 */
#include "walk.h"

#define EXPORT_OUT(name)                                                                                     \
    unsigned char *RPC_ENTRY Ndr##name##Marshall(PMIDL_STUB_MESSAGE msg, unsigned char *memory,              \
                                                 PFORMAT_STRING format)                                      \
    {                                                                                                        \
        return ndr_marshal(msg, memory, format);                                                             \
    }                                                                                                        \
    void RPC_ENTRY Ndr##name##BufferSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory,                      \
                                         PFORMAT_STRING format)                                              \
    {                                                                                                        \
        ndr_size(msg, memory, format);                                                                       \
    }
#define EXPORT_IN(name)                                                                                      \
    unsigned char *RPC_ENTRY Ndr##name##Unmarshall(PMIDL_STUB_MESSAGE msg, unsigned char **memory,           \
                                                   PFORMAT_STRING format, unsigned char must_alloc)          \
    {                                                                                                        \
        return ndr_unmarshal(msg, memory, format, must_alloc);                                               \
    }
#define EXPORT_MEMORY_SIZE(name)                                                                             \
    ULONG RPC_ENTRY Ndr##name##MemorySize(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)                     \
    {                                                                                                        \
        return ndr_memory_size(msg, format);                                                                 \
    }
#define EXPORT_FREE(name)                                                                                    \
    void RPC_ENTRY Ndr##name##Free(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)     \
    {                                                                                                        \
        ndr_free(msg, memory, format);                                                                       \
    }
#define EXPORT(name) EXPORT_OUT(name) EXPORT_IN(name) EXPORT_MEMORY_SIZE(name) EXPORT_FREE(name)

EXPORT(Pointer)
EXPORT(SimpleStruct)
EXPORT(ConformantStruct)
EXPORT(ConformantVaryingStruct)
EXPORT(ComplexStruct)
EXPORT(HardStruct)
EXPORT(FixedArray)
EXPORT(ConformantArray)
EXPORT(ConformantVaryingArray)
EXPORT(VaryingArray)
EXPORT(ComplexArray)
EXPORT(EncapsulatedUnion)
EXPORT(NonEncapsulatedUnion)
EXPORT(XmitOrRepAs)
EXPORT(UserMarshal)
EXPORT(InterfacePointer)

EXPORT_OUT(ConformantString)
EXPORT_IN(ConformantString)
EXPORT_MEMORY_SIZE(ConformantString)
EXPORT_OUT(NonConformantString)
EXPORT_IN(NonConformantString)
EXPORT_MEMORY_SIZE(NonConformantString)
EXPORT_OUT(ByteCountPointer)
EXPORT_IN(ByteCountPointer)
EXPORT_FREE(ByteCountPointer)
EXPORT_IN(Range)

void RPC_ENTRY NdrSimpleTypeMarshall(PMIDL_STUB_MESSAGE msg, unsigned char *memory, unsigned char code)
{
    if (!direct_put_base(msg, memory, code))
        ndr_marshal(msg, memory, &code);
}

void RPC_ENTRY NdrSimpleTypeUnmarshall(PMIDL_STUB_MESSAGE msg, unsigned char *memory, unsigned char code)
{
    if (!direct_take_base(msg, memory, code))
        ndr_unmarshal(msg, &memory, &code, FALSE);
}

/* Not in rpcndr.h: one base value, as NdrSimpleTypeUnmarshall. */
void RPC_ENTRY NdrUnmarshallBasetypeInline(PMIDL_STUB_MESSAGE msg, unsigned char *memory, unsigned char code)
{
    if (!direct_take_base(msg, memory, code))
        ndr_unmarshal(msg, &memory, &code, FALSE);
}

/* Not in rpcndr.h: what a type is, is in its format string, as for the functions above. */
void RPC_ENTRY NdrTypeSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    ndr_size(msg, memory, format);
}

unsigned char *RPC_ENTRY NdrTypeMarshall(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    return ndr_marshal(msg, memory, format);
}

unsigned char *RPC_ENTRY NdrTypeUnmarshall(PMIDL_STUB_MESSAGE msg, unsigned char **memory,
                                           PFORMAT_STRING format, unsigned char must_alloc)
{
    return ndr_unmarshal(msg, memory, format, must_alloc);
}

void RPC_ENTRY NdrTypeFree(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    ndr_free(msg, memory, format);
}
