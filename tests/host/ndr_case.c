/*
 * What the unit tests alone need of ndr_case.h: octets as text, and failing. And ndr_pair.h.
 */
#include "ndr_pair.h"
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

struct stub client, server;

void begin_both(void)
{
    stub_begin(&client, TRUE, NULL);
    stub_begin(&server, FALSE, NULL);
}

void end_both(void)
{
    stub_end(&client);
    stub_end(&server);
}

void expect_no_prefix(PFORMAT_STRING format, const char *text)
{
    unsigned char octets[1024];
    size_t size = hex(text, octets, sizeof(octets)), cut;

    for (cut = 0; cut < size; cut++) {
        void *got = NULL;
        ULONG code;

        stub_receive(&server, octets, cut);
        code = stub_unmarshal(&server, &got, format, TRUE);
        ck_assert_msg(code == RPC_X_BAD_STUB_DATA, "%zu of %zu: %u", cut, size, code);
        ck_assert_ptr_null(got);
        stub_end(&server);
    }
}
