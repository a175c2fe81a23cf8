/*
 * One stub's side of a call, for the tests of ndr/: messages, format strings, octets in blocks of their exact
 * size so that ASan sees the first octet too many.
 */
#ifndef NDR_CASE_H
#define NDR_CASE_H

#include "host.h"

#define SHORT(x) (unsigned char)((x)&0xff), (unsigned char)((x) >> 8 & 0xff)
#define LONG4(x) SHORT(x), SHORT((x) >> 16)

struct stub {
    RPC_MESSAGE rpc;
    MIDL_STUB_MESSAGE msg;
    MIDL_STUB_DESC desc;
    long blocks; /* host_blocks when it began */
};

/* A client's or a server's stub, its format strings at types (offsets in them count from there). */
void stub_begin(struct stub *stub, BOOLEAN client, const void *types);
/* Frees the buffer; fails the test when blocks remain. */
void stub_end(struct stub *stub);
/* Checks and frees nothing but the buffer. */
void stub_drop(struct stub *stub);

/* Octets from text: pairs of hexadecimal digits, blanks skipped. Gives how many; room is that of octets. */
size_t hex(const char *text, unsigned char *octets, size_t room);

/* Sizes, marshals and compares with the octets that text gives; the size computed has to be the one used. */
void expect_marshal(struct stub *stub, void *memory, PFORMAT_STRING format, const char *text);
/* Makes a received buffer of the octets: a block of that exact length, 8-aligned. */
void stub_receive(struct stub *stub, const void *octets, size_t size);
void stub_receive_hex(struct stub *stub, const char *text);
/* Unmarshals what was received; gives the exception, 0 for none. *memory is the value's address, or the
 * pointer. */
ULONG stub_unmarshal(struct stub *stub, void *memory, PFORMAT_STRING format, BOOLEAN must_alloc);
ULONG stub_marshal(struct stub *stub, void *memory, PFORMAT_STRING format);
ULONG stub_size(struct stub *stub, void *memory, PFORMAT_STRING format);
ULONG stub_free(struct stub *stub, void *memory, PFORMAT_STRING format);
ULONG stub_memory_size(struct stub *stub, PFORMAT_STRING format);
ULONG stub_convert(struct stub *stub, PFORMAT_STRING format, ULONG representation);

#endif
