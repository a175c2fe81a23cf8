/*
 * Synchronous calls: every type of test_sync over every transport, both directions, with sizes that need one
 * fragment and many. What is expected of each value is plain IDL semantics (SDK, "MIDL Base Types", "Arrays
 * and Pointers").
 */
#include "fixture.h"
#include "test_implicit.h"
#include "test_sync.h"

static void test_base_types(handle_t h)
{
    boolean t = 0;
    byte b = 0;
    unsigned char c = 0;
    small i8 = 0;
    short i16 = 0;
    LONG i32 = 0;
    hyper i64 = 0;
    float f = 0;
    double d = 0;
    wchar_t w = 0;
    hyper sum = 0;

    sync_base_in(h, 1, 2, 3, -4, -5, -6, -7000000000LL, 8.0f, 9.0, 10, 250, 65000, 4000000000u, 1ull << 40,
                 &sum);
    ok(sum == 1 + 2 + 3 - 4 - 5 - 6 - 7000000000LL + 8 + 9 + 10 + 250 + 65000 + 4000000000LL + (1LL << 40),
       "wrong sum of base types\n");
    sync_base_out(h, &t, &b, &c, &i8, &i16, &i32, &i64, &f, &d, &w);
    ok(t == 1 && b == 0xfe && c == 'x' && i8 == -8, "got %d %d %d %d\n", t, b, c, i8);
    ok(i16 == -16000 && i32 == -2000000000 && i64 == -0x123456789abcdefLL, "got %d %ld %llx\n", i16,
       (long)i32, (long long)i64);
    ok(f == -1.5f && d == 3.0e300 && w == 0x20ac, "got %f %f %x\n", f, d, w);
    sync_base_inout(h, &b, &i16, &i32, &i64, &f, &d);
    ok(b == 1 && i16 == 16000 && i32 == 2000000000 && i64 == 0x123456789abcdefLL && f == 1.5f &&
           d == -3.0e300,
       "got %d %d %ld %llx %f %f\n", b, i16, (long)i32, (long long)i64, f, d);
}

static void test_returns(handle_t h)
{
    sync_color p = SYNC_GREEN, q = SYNC_RED;
    hyper negated = 0;

    ok(sync_add(h, 40, 2) == 42, "wrong sum\n");
    sync_negate(h, -0x7edcba9876543210LL, &negated);
    ok(negated == 0x7edcba9876543210LL, "wrong hyper\n");
    ok(sync_compare(h, 0.25f, 0.5) == -1 && sync_compare(h, 1e30f, -2.5e-300) == 1, "wrong comparison\n");
    ok(sync_return_short(h, -3) == -3, "wrong short\n");
    ok(sync_return_byte(h, 0xa5) == 0xa5, "wrong byte\n");
    ok(sync_next_color(h, SYNC_BLUE, &p, &q) == SYNC_BLUE && p == SYNC_BLUE && q == SYNC_GREEN,
       "wrong enum: %d %d\n", p, q);
}

static void test_structures(handle_t h)
{
    sync_pair pair = {7, 3};
    double sum = 0;
    sync_mixed mixed = {.b = 1, .h = 1LL << 40, .s = -2, .d = 0.5, .c = 9, .f = 0.25f};

    ok(sync_pair_in(h, &pair) == 4, "wrong difference\n");
    sync_pair_inout(h, &pair);
    ok(pair.a == 3 && pair.b == 7, "got %ld %ld\n", (long)pair.a, (long)pair.b);
    sync_pair_out(h, -1, -2, &pair);
    ok(pair.a == -1 && pair.b == -2, "got %ld %ld\n", (long)pair.a, (long)pair.b);
    ok(sync_pair_unique(h, &pair) == -3, "wrong sum\n");
    ok(sync_pair_unique(h, NULL) == -1, "a null unique pointer did not arrive as one\n");
    sync_mixed_in(h, &mixed, &sum);
    ok(sum == 1 + (double)(1LL << 40) - 2 + 0.5 + 9 + 0.25, "wrong sum\n");
    sync_mixed_inout(h, &mixed);
    ok(mixed.b == 2 && mixed.h == (1LL << 40) + 1 && mixed.s == -1 && mixed.d == 1.5 && mixed.c == 10 &&
           mixed.f == 1.25f,
       "wrong members\n");
}

static void test_strings(handle_t h)
{
    static const size_t sizes[] = {0, 1, 2, 5000, 200000};
    wchar_t text[] = L"mixed Case";

    ok(sync_string_a(h, (const unsigned char *)"") == 0, "wrong length\n");
    ok(sync_string_a(h, (const unsigned char *)"twelve octet") == 12, "wrong length\n");
    ok(sync_string_unique(h, NULL) == -1, "a null string did not arrive as one\n");
    ok(sync_string_unique(h, L"abc") == 3, "wrong length\n");
    sync_string_inout(h, text);
    ok(!wcscmp(text, L"MIXED CASE"), "got %ls\n", text);
    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        wchar_t *s = NULL;

        sync_string_out(h, (LONG)sizes[i], &s);
        if (!ok(s && wcslen(s) == sizes[i], "no string of %u came back\n", (unsigned)sizes[i]))
            continue;
        ok(!sizes[i] || s[sizes[i] - 1] == 'a' + (sizes[i] - 1) % 26, "wrong last character\n");
        ok(sync_string_w(h, s) == (LONG)sizes[i], "wrong length\n");
        midl_user_free(s);
    }
    {
        wchar_t *s = NULL;
        sync_string_out(h, -1, &s);
        ok(!s, "a null string came back as %p\n", s);
    }
}

static void test_pointers(handle_t h)
{
    LONG value = 5, *pointer = NULL;

    ok(sync_unique_in(h, &value) == 5, "wrong value\n");
    ok(sync_unique_in(h, NULL) == -1, "a null unique pointer did not arrive as one\n");
    sync_unique_inout(h, &value);
    ok(value == -5, "got %ld\n", (long)value);
    sync_unique_inout(h, NULL);
    sync_ref_unique(h, 9, &pointer);
    if (ok(pointer && *pointer == 9, "no value came back\n")) {
        sync_ref_unique(h, 10, &pointer);
        ok(*pointer == 10, "got %ld\n", (long)*pointer);
        midl_user_free(pointer);
        pointer = NULL;
    }
    sync_ref_unique(h, 0, &pointer);
    ok(!pointer, "got %p\n", pointer);
}

static void test_fixed_arrays(handle_t h)
{
    LONG in[16], expected = 0;
    short out[16];
    double inout[4] = {0.5, 1, -2, 1e100};

    for (int i = 0; i < 16; i++) {
        in[i] = i * 1000 - 7;
        expected += in[i] * (i + 1);
    }
    ok(sync_fixed_in(h, in) == expected, "wrong sum\n");
    sync_fixed_out(h, -8, out);
    for (int i = 0; i < 16; i++)
        ok(out[i] == i - 8, "element %d is %d\n", i, out[i]);
    sync_fixed_inout(h, inout);
    ok(inout[0] == 1 && inout[1] == 2 && inout[2] == -4 && inout[3] == 2e100, "wrong elements\n");
}

/* From nothing to many fragments. */
static void test_conformant_arrays(handle_t h)
{
    static const LONG sizes[] = {0, 1, 2, 3, 1000, 1500, 100000};

    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        LONG n = sizes[i], wrong = 0;
        LONG *longs = malloc((n + 1) * sizeof(*longs));
        hyper *hypers = malloc((n + 1) * sizeof(*hypers));
        LONG sum = 0;

        for (LONG k = 0; k < n; k++) {
            longs[k] = k % 1000 * 7 - 5;
            hypers[k] = (hyper)k << 33;
            sum += longs[k];
        }
        ok(sync_array_in(h, n, longs) == sum, "%ld elements: wrong sum\n", (long)n);
        sync_array_out(h, n, longs);
        for (LONG k = 0; k < n; k++)
            wrong += longs[k] != k * k;
        ok(!wrong, "%ld elements: %ld wrong ones came back\n", (long)n, (long)wrong);
        sync_array_inout(h, n, hypers);
        for (LONG k = 0; k < n; k++)
            wrong += hypers[k] != (hyper)(n - 1 - k) << 33;
        ok(!wrong, "%ld elements: %ld not turned round\n", (long)n, (long)wrong);
        free(longs);
        free(hypers);
    }
}

static void test_bulk(handle_t h)
{
    static const LONG sizes[] = {1, 4000, 4096, 5840, 65536, 1 << 20, (1 << 20) + 13};
    byte *data = malloc(sizes[ARRAYSIZE(sizes) - 1]);
    sync_pair pairs[100];
    short shorts[3] = {1, 2, 3};
    hyper expected = 0, products = 0;

    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        ULONG sum = 1, seed = i;
        LONG wrong = 0;

        sync_bytes_out(h, sizes[i], i, data);
        for (LONG k = 0; k < sizes[i]; k++) {
            seed = seed * 1664525 + 1013904223;
            wrong += data[k] != (byte)(seed >> 24);
            sum = sum * 31 + data[k];
        }
        ok(!wrong, "%ld octets out: %ld wrong\n", (long)sizes[i], (long)wrong);
        ok(sync_bytes_in(h, sizes[i], data) == sum, "%ld octets in: wrong sum\n", (long)sizes[i]);
    }
    for (int i = 0; i < 100; i++) {
        pairs[i].a = i * 1000003;
        pairs[i].b = 50 - i;
        expected += (hyper)pairs[i].a * pairs[i].b;
    }
    sync_pairs_in(h, 100, pairs, &products);
    ok(products == expected, "wrong sum of products\n");
    ok(sync_array_unique(h, 3, shorts) == 3, "wrong element\n");
    ok(sync_array_unique(h, 3, NULL) == -1, "a null array did not arrive as one\n");
    free(data);
}

/* SDK, "implicit_handle": the stubs take the handle from the global variable. */
static void test_implicit_handle(handle_t h)
{
    implicit_binding = h;
    ok(implicit_add(20, 22) == 42, "wrong sum\n");
    implicit_null();
    implicit_binding = NULL;
}

void sync_run_types(handle_t h)
{
    sync_null(h);
    test_base_types(h);
    test_returns(h);
    test_structures(h);
    test_strings(h);
    test_pointers(h);
    test_fixed_arrays(h);
    test_conformant_arrays(h);
    test_bulk(h);
    test_implicit_handle(h);
}

START_TEST(sync)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, test_sync_v1_2_s_ifspec);
    ok_status(RpcServerRegisterIf(test_implicit_v3_1_s_ifspec, NULL, NULL), RPC_S_OK, "second interface");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        LONG before = live_allocations();

        winetest_context("%s", endpoints[i].transport->protseq);
        ok_status(CAUGHT(sync_run_types(h)), 0, "exception in a synchronous call");
        ok(live_allocations() == before, "%ld allocations leaked\n", (long)(live_allocations() - before));
        unbind(&h);
    }
    winetest_context("%s", "");
    /* SDK, "RPC Return Values": RPC_S_INVALID_BINDING is the status of a null handle. */
    ok_status(CAUGHT(implicit_null()), RPC_S_INVALID_BINDING, "null implicit handle");
    stop_serving();
}
