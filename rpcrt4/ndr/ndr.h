/*
 * The NDR engine's own header: what the types half (format string of a type <-> memory <-> octets) offers to
 * the procedures half (interpreters, handles, pipes, pickling), beside the exported functions of rpcndr.h.
 *
 * Sources: the MIDL format-string pages of the SDK ("Type Format Strings" and its children), C706 chapter 14.
 * Nothing here takes a lock; a stub message belongs to one thread at a time. Bad octets raise
 * RPC_X_BAD_STUB_DATA (or the status named), with all that the failing function allocated given back.
 */
#ifndef RPCRT4_NDR_H
#define RPCRT4_NDR_H

#include "../os/os.h"
#include <rpc.h>
#include <rpcndr.h>

/* Format characters. */
enum ndr_fc {
    FC_ZERO = 0x00,
    FC_BYTE = 0x01,
    FC_CHAR = 0x02,
    FC_SMALL = 0x03,
    FC_USMALL = 0x04,
    FC_WCHAR = 0x05,
    FC_SHORT = 0x06,
    FC_USHORT = 0x07,
    FC_LONG = 0x08,
    FC_ULONG = 0x09,
    FC_FLOAT = 0x0a,
    FC_HYPER = 0x0b,
    FC_DOUBLE = 0x0c,
    FC_ENUM16 = 0x0d,
    FC_ENUM32 = 0x0e,
    FC_IGNORE = 0x0f,
    FC_ERROR_STATUS_T = 0x10,
    FC_RP = 0x11,
    FC_UP = 0x12,
    FC_OP = 0x13,
    FC_FP = 0x14,
    FC_STRUCT = 0x15,
    FC_PSTRUCT = 0x16,
    FC_CSTRUCT = 0x17,
    FC_CPSTRUCT = 0x18,
    FC_CVSTRUCT = 0x19,
    FC_BOGUS_STRUCT = 0x1a,
    FC_CARRAY = 0x1b,
    FC_CVARRAY = 0x1c,
    FC_SMFARRAY = 0x1d,
    FC_LGFARRAY = 0x1e,
    FC_SMVARRAY = 0x1f,
    FC_LGVARRAY = 0x20,
    FC_BOGUS_ARRAY = 0x21,
    FC_C_CSTRING = 0x22,
    FC_C_BSTRING = 0x23,
    FC_C_SSTRING = 0x24,
    FC_C_WSTRING = 0x25,
    FC_CSTRING = 0x26,
    FC_BSTRING = 0x27,
    FC_SSTRING = 0x28,
    FC_WSTRING = 0x29,
    FC_ENCAPSULATED_UNION = 0x2a,
    FC_NON_ENCAPSULATED_UNION = 0x2b,
    FC_BYTE_COUNT_POINTER = 0x2c,
    FC_TRANSMIT_AS = 0x2d,
    FC_REPRESENT_AS = 0x2e,
    FC_IP = 0x2f,
    FC_BIND_CONTEXT = 0x30,
    FC_BIND_GENERIC = 0x31,
    FC_BIND_PRIMITIVE = 0x32,
    FC_AUTO_HANDLE = 0x33,
    FC_CALLBACK_HANDLE = 0x34,
    FC_POINTER = 0x36,
    FC_ALIGNM2 = 0x37,
    FC_ALIGNM4 = 0x38,
    FC_ALIGNM8 = 0x39,
    FC_STRUCTPAD1 = 0x3d,
    FC_STRUCTPAD2 = 0x3e,
    FC_STRUCTPAD3 = 0x3f,
    FC_STRUCTPAD4 = 0x40,
    FC_STRUCTPAD5 = 0x41,
    FC_STRUCTPAD6 = 0x42,
    FC_STRUCTPAD7 = 0x43,
    FC_STRING_SIZED = 0x44,
    FC_NO_REPEAT = 0x46,
    FC_FIXED_REPEAT = 0x47,
    FC_VARIABLE_REPEAT = 0x48,
    FC_FIXED_OFFSET = 0x49,
    FC_VARIABLE_OFFSET = 0x4a,
    FC_PP = 0x4b,
    FC_EMBEDDED_COMPLEX = 0x4c,
    FC_IN_PARAM = 0x4d,
    FC_IN_PARAM_BASETYPE = 0x4e,
    FC_IN_PARAM_NO_FREE_INST = 0x4f,
    FC_IN_OUT_PARAM = 0x50,
    FC_OUT_PARAM = 0x51,
    FC_RETURN_PARAM = 0x52,
    FC_RETURN_PARAM_BASETYPE = 0x53,
    FC_DEREFERENCE = 0x54,
    FC_DIV_2 = 0x55,
    FC_MULT_2 = 0x56,
    FC_ADD_1 = 0x57,
    FC_SUB_1 = 0x58,
    FC_CALLBACK = 0x59,
    FC_CONSTANT_IID = 0x5a,
    FC_END = 0x5b,
    FC_PAD = 0x5c,
    FC_EXPR = 0x5d,
    FC_HARD_STRUCT = 0xb1,
    FC_TRANSMIT_AS_PTR = 0xb2,
    FC_REPRESENT_AS_PTR = 0xb3,
    FC_USER_MARSHAL = 0xb4,
    FC_PIPE = 0xb5,
    FC_SUPPLEMENT = 0xb6,
    FC_RANGE = 0xb7,
    FC_INT3264 = 0xb8,
    FC_UINT3264 = 0xb9,
    FC_CSARRAY = 0xba,
    FC_CS_TAG = 0xbb,
    FC_STRUCTPADN = 0xbc,
    FC_BUFFER_ALIGN = 0xc1,
};

/* Attributes of a pointer, its second octet. */
enum {
    FC_ALLOCATE_ALL_NODES = 0x01,
    FC_DONT_FREE = 0x02,
    FC_ALLOCED_ON_STACK = 0x04,
    FC_SIMPLE_POINTER = 0x08,
    FC_POINTER_DEREF = 0x10,
};

/* MIDL_STUB_MESSAGE.uFlags2: correlation descriptors carry a range after their robust flags
 * (INTERPRETER_OPT_FLAGS2.HasRangeOnConformance). Set by the interpreter. */
enum { NDR_CORRELATION_RANGE = 1 };

/* What NdrCorrelationInitialize needs of its cache, in words of pointer size. With less nothing is checked.
 */
enum { NDR_CORRELATION_WORDS = 4 };

/* Raises a Win32, RPC_S_ or RPC_X_ status as an exception. */
static inline void DECLSPEC_NORETURN ndr_raise(ULONG code)
{
    os_raise(code);
}

/* A value in a format string: little-endian, not necessarily aligned. */
static inline short ndr_fc_short(PFORMAT_STRING format)
{
    return (short)(format[0] | format[1] << 8);
}
static inline unsigned short ndr_fc_ushort(PFORMAT_STRING format)
{
    return (unsigned short)(format[0] | format[1] << 8);
}
static inline ULONG ndr_fc_ulong(PFORMAT_STRING format)
{
    return format[0] | format[1] << 8 | format[2] << 16 | (ULONG)format[3] << 24;
}

/* What the offset<2> at format points to, relative to itself. */
static inline PFORMAT_STRING ndr_fc_target(PFORMAT_STRING format)
{
    return format + ndr_fc_short(format);
}

/* Octets of a correlation descriptor in this stub's format strings. */
static inline unsigned ndr_correlation_octets(const MIDL_STUB_MESSAGE *msg)
{
    if (!msg->fHasNewCorrDesc)
        return 4;
    return msg->uFlags2 & NDR_CORRELATION_RANGE ? 16 : 6;
}

/* Moves the buffer position up to a multiple of alignment (a power of two). Not a bounds check. */
static inline void ndr_align_buffer(PMIDL_STUB_MESSAGE msg, ULONG alignment)
{
    msg->Buffer = (unsigned char *)(((ULONG_PTR)msg->Buffer + alignment - 1) & ~(ULONG_PTR)(alignment - 1));
}
static inline void ndr_align_length(ULONG *length, ULONG alignment)
{
    *length = (*length + alignment - 1) & ~(alignment - 1);
}

/* Raises RPC_X_BAD_STUB_DATA unless that many octets are left to be unmarshalled. */
static inline void ndr_need(const MIDL_STUB_MESSAGE *msg, ULONG octets)
{
    if (msg->Buffer > msg->BufferEnd || (ULONG_PTR)(msg->BufferEnd - msg->Buffer) < octets)
        ndr_raise(RPC_X_BAD_STUB_DATA);
}

/* Base types (FC_BYTE … FC_ERROR_STATUS_T but FC_IGNORE, FC_INT3264, FC_UINT3264): octets on the wire, which
 * are also the alignment there, and octets in memory. 0 where code is no base type. */
unsigned ndr_base_wire(unsigned char code);
unsigned ndr_base_memory(unsigned char code);

/*
 * One type, whole: what the exported Ndr*Marshall, Ndr*Unmarshall, Ndr*BufferSize, Ndr*MemorySize and
 * Ndr*Free do, chosen by the format character that format begins with. memory is what those functions are
 * given: the address of the value, or for a pointer its value. Base types and context handles (through the
 * exported NdrClientContextMarshall, NdrServerContextNewMarshall, …) are understood too. All may raise.
 */
unsigned char *ndr_marshal(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
unsigned char *ndr_unmarshal(PMIDL_STUB_MESSAGE msg, unsigned char **memory, PFORMAT_STRING format,
                             unsigned char must_alloc);
void ndr_size(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);
ULONG ndr_memory_size(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format);
void ndr_free(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);

/* Brings one type at the buffer position to the local data representation, in place, and moves past it. */
void ndr_convert_type(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format);

/* Octets that a value of this type takes in memory where format alone tells (structures, unions, fixed
 * arrays, base types, pointers); 0 for conformant things and strings. Never raises. */
ULONG ndr_static_memory_size(PFORMAT_STRING format);

/* Evaluates a correlation descriptor. memory: the array, union or pointee that it describes; a pointer's
 * descriptor (FC_POINTER_CONFORMANCE) looks in msg->Memory, a parameter's in msg->StackTop. */
ULONG_PTR ndr_correlate(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor);

#endif
