/*
 * Functions that stubs call by themselves and no interpreter does: NdrClearOutParameters (SDK), and on i686
 * what MIDL 1.0's stubs were made of (rpcndr.h of Visual C++ 6 declares them, in the way of the macros
 * small_from_ndr and small_array_from_ndr there; unverified on Windows).
 */
#include "fixture.h"
#include <rpcndr.h>

static const unsigned char types[] = {
    0x11, 0x0c, 0x08, 0x5c, /*  0: FC_RP [alloced on stack, simple] FC_LONG */
    0x11, 0x14, 0x02, 0x00, /*  4: FC_RP [alloced on stack, deref] to 8 */
    0x12, 0x08, 0x25, 0x5c, /*  8: FC_UP [simple] FC_C_WSTRING */
    0x11, 0x04, 0x0a, 0x00, /* 12: FC_RP [alloced on stack] to 24 */
    0x11, 0x04, 0x02, 0x00, /* 16: FC_RP [alloced on stack] to 20 */
    0x30, 0xa0, 0x00, 0x00, /* 20: FC_BIND_CONTEXT, via pointer, out */
#ifdef _WIN64
    0x1a, 0x03, 0x10, 0x00, 0x00, 0x00, 0x06, 0x00, /* 24: FC_BOGUS_STRUCT, 16 octets, pointers at 36 */
    0x08, 0x40, 0x36, 0x5b, 0x12, 0x08, 0x08, 0x5c, /* 32: FC_LONG, pad 4, FC_POINTER; 36: FC_UP FC_LONG */
#else
    0x16, 0x03, 0x08, 0x00, 0x4b, 0x5c, 0x46, 0x5c, /* 24: FC_PSTRUCT, 8 octets, FC_PP, FC_NO_REPEAT */
    0x04, 0x00, 0x04, 0x00, 0x12, 0x08, 0x08, 0x5c, /* 32: at 4, at 4, FC_UP [simple] FC_LONG */
    0x5b, 0x08, 0x08, 0x5b,                         /* 40: FC_LONG, FC_LONG */
#endif
};

struct pair {
    LONG value;
    LONG *pointer;
};

static void test_clear_out(void)
{
    static const MIDL_STUB_DESC desc = {.pfnAllocate = midl_user_allocate,
                                        .pfnFree = midl_user_free,
                                        .pFormatTypes = types,
                                        .Version = 0x50002};
    RPC_MESSAGE rpc;
    MIDL_STUB_MESSAGE msg;
    LONG before = live_allocations(), number = 7;
    wchar_t *text = midl_user_allocate(4);
    struct pair pair = {5, midl_user_allocate(sizeof(LONG))};
    void *context = &number;

    NdrClientInitializeNew(&rpc, &msg, (PMIDL_STUB_DESC)&desc, 0);
    NdrClearOutParameters(&msg, types, NULL);
    NdrClearOutParameters(&msg, types, &number);
    ok(number == 0, "an [out] long is %ld\n", (long)number);
    memcpy(text, L"a", 4);
    NdrClearOutParameters(&msg, types + 4, &text);
    ok(!text && live_allocations() == before + 1, "%p, %ld blocks\n", text,
       (long)(live_allocations() - before));
    NdrClearOutParameters(&msg, types + 4, &text);
    ok(!text, "NULL became %p\n", text);
    *pair.pointer = 1;
    NdrClearOutParameters(&msg, types + 12, &pair);
    ok(!pair.value && !pair.pointer && live_allocations() == before, "%ld, %p, %ld blocks\n",
       (long)pair.value, pair.pointer, (long)(live_allocations() - before));
    NdrClearOutParameters(&msg, types + 16, &context);
    ok(!context, "a context handle is %p\n", context);
}

#ifndef _WIN64

void RPC_ENTRY char_from_ndr(PRPC_MESSAGE source, unsigned char *target);
void RPC_ENTRY char_array_from_ndr(PRPC_MESSAGE source, ULONG lower, ULONG upper, unsigned char *target);
void RPC_ENTRY short_from_ndr(PRPC_MESSAGE source, unsigned short *target);
void RPC_ENTRY short_from_ndr_temp(unsigned char **source, unsigned short *target, ULONG representation);
void RPC_ENTRY short_array_from_ndr(PRPC_MESSAGE source, ULONG lower, ULONG upper, unsigned short *target);
void RPC_ENTRY long_from_ndr(PRPC_MESSAGE source, ULONG *target);
void RPC_ENTRY long_from_ndr_temp(unsigned char **source, ULONG *target, ULONG representation);
void RPC_ENTRY long_array_from_ndr(PRPC_MESSAGE source, ULONG lower, ULONG upper, ULONG *target);
void RPC_ENTRY enum_from_ndr(PRPC_MESSAGE source, unsigned int *target);
void RPC_ENTRY float_from_ndr(PRPC_MESSAGE source, void *target);
void RPC_ENTRY float_array_from_ndr(PRPC_MESSAGE source, ULONG lower, ULONG upper, void *target);
void RPC_ENTRY double_from_ndr(PRPC_MESSAGE source, void *target);
void RPC_ENTRY double_array_from_ndr(PRPC_MESSAGE source, ULONG lower, ULONG upper, void *target);
void RPC_ENTRY NDRcopy(void *target, const void *source, unsigned int octets);
unsigned int RPC_ENTRY MIDL_wchar_strlen(const wchar_t *text);
void RPC_ENTRY MIDL_wchar_strcpy(wchar_t *target, const wchar_t *source);

enum { LITTLE = 0x10, BIG_EBCDIC = 0x01 };

static void test_little(void)
{
    static const struct {
        unsigned char c;
        unsigned short s;
        ULONG l;
        unsigned char cs[3];
        unsigned short ss[2], e;
        float f;
        double d;
        ULONG ls[2];
        float fs[1];
        double ds[1];
    } octets __attribute__((aligned(8))) = {'x',  0x1234, 0x12345678, "abc",    {1, 2}, 0x7001,
                                            0.5f, -3.25,  {3, 4},     {-1.25f}, {1e300}};
    RPC_MESSAGE message = {.Buffer = (void *)&octets, .DataRepresentation = LITTLE};
    unsigned char c, cs[4] = "....";
    unsigned short s, ss[4] = {9, 9, 9, 9};
    ULONG l, ls[3] = {9, 9, 9};
    unsigned int e;
    float f, fs[1];
    double d, ds[1];

    char_from_ndr(&message, &c);
    short_from_ndr(&message, &s);
    long_from_ndr(&message, &l);
    ok(c == 'x' && s == 0x1234 && l == 0x12345678, "got %c, %x, %lx\n", c, s, l);
    char_array_from_ndr(&message, 1, 4, cs);
    ok(!memcmp(cs, ".abc", 4), "got %.4s\n", cs);
    short_array_from_ndr(&message, 1, 3, ss);
    ok(ss[0] == 9 && ss[1] == 1 && ss[2] == 2 && ss[3] == 9, "got %u %u %u %u\n", ss[0], ss[1], ss[2], ss[3]);
    enum_from_ndr(&message, &e);
    ok(e == 0x7001, "got %x\n", e);
    float_from_ndr(&message, &f);
    double_from_ndr(&message, &d);
    ok(f == 0.5f && d == -3.25, "got %f, %f\n", f, d);
    long_array_from_ndr(&message, 0, 2, ls);
    ok(ls[0] == 3 && ls[1] == 4 && ls[2] == 9, "got %lu %lu %lu\n", ls[0], ls[1], ls[2]);
    float_array_from_ndr(&message, 0, 1, fs);
    double_array_from_ndr(&message, 0, 1, ds);
    ok(fs[0] == -1.25f && ds[0] == 1e300, "got %f, %f\n", fs[0], ds[0]);
    ok(message.Buffer == (void *)(&octets + 1), "%d octets left\n",
       (int)((unsigned char *)(&octets + 1) - (unsigned char *)message.Buffer));
}

static void test_big(void)
{
    static const unsigned char octets[]
        __attribute__((aligned(8))) = {0xc1, 0, 0x12, 0x34, 0x12, 0x34, 0x56, 0x78, 0xbf, 0xa0, 0, 0};
    RPC_MESSAGE message = {.Buffer = (void *)octets, .DataRepresentation = BIG_EBCDIC};
    unsigned char c, *at = (unsigned char *)octets + 1;
    unsigned short s;
    ULONG l;
    float f;

    char_from_ndr(&message, &c);
    short_from_ndr(&message, &s);
    long_from_ndr(&message, &l);
    float_from_ndr(&message, &f);
    ok(c == 'A' && s == 0x1234 && l == 0x12345678 && f == -1.25f, "got %c, %x, %lx, %f\n", c, s, l, f);
    short_from_ndr_temp(&at, &s, BIG_EBCDIC);
    long_from_ndr_temp(&at, &l, LITTLE);
    ok(s == 0x1234 && l == 0x78563412 && at == octets + 8, "got %x, %lx\n", s, l);
}

static void test_copies(void)
{
    wchar_t text[8];
    char octets[8] = "12345";

    ok(MIDL_wchar_strlen(L"") == 0 && MIDL_wchar_strlen(L"four") == 4, "wrong length\n");
    MIDL_wchar_strcpy(text, L"copied");
    ok(!wcscmp(text, L"copied"), "got %ls\n", text);
    NDRcopy(octets + 1, "abc", 3);
    ok(!strcmp(octets, "1abc5"), "got %s\n", octets);
}

#endif

START_TEST(ndr_stub)
{
    test_clear_out();
#ifndef _WIN64
    test_little();
    test_big();
    test_copies();
#endif
}
