/*
 * What the unit tests alone need of ndr_case.h: octets as text, and failing.
 */
#include "ndr_case.h"
#include <check.h>

void stub_end(struct stub *stub)
{
    stub_drop(stub);
    ck_assert_int_eq(host_blocks, stub->blocks);
    ck_assert_uint_eq(stub->msg.uFlags, 0);
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

size_t hex(const char *text, unsigned char *octets, size_t room)
{
    size_t count = 0;

    for (; *text; text++) {
        if (*text == ' ')
            continue;
        ck_assert_uint_lt(count, room);
        octets[count++] = (unsigned char)(digit(text[0]) << 4 | digit(text[1]));
        text++;
    }
    return count;
}

void expect_marshal(struct stub *stub, void *memory, PFORMAT_STRING format, const char *text)
{
    unsigned char expected[1024];
    size_t size = hex(text, expected, sizeof(expected));

    ck_assert_uint_eq(stub_size(stub, memory, format), 0);
    ck_assert_uint_eq(stub->msg.BufferLength, size);
    ck_assert_uint_eq(stub_marshal(stub, memory, format), 0);
    ck_assert_uint_eq(stub->msg.Buffer - (unsigned char *)stub->rpc.Buffer, size);
    ck_assert_mem_eq(stub->rpc.Buffer, expected, size);
}

void stub_receive_hex(struct stub *stub, const char *text)
{
    unsigned char octets[1024];

    stub_receive(stub, octets, hex(text, octets, sizeof(octets)));
}
