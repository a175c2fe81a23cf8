/*
 * Calls of test_types: as a topic, client and server on the same runtime; and the two ends of
 * tools/interop/types, each a process of its own so that they may run on different ones:
 *   --peer types_server PIPE
 *   --peer types_client PIPE FIRST      the cases from FIRST on, a line each: "case NUMBER NAME ok|what went
 * wrong"
 *   --peer types_quit PIPE
 */
#include "types.h"

enum { SEED = 1000, SEEDS = 12 };

/* One case: gives how many values were wrong, on either side. */
struct type_case {
    const char *name;
    LONG (*run)(handle_t h, LONG seed);
};

#define STRUCTURE(name)                                                                                      \
    static LONG run_##name(handle_t h, LONG seed)                                                            \
    {                                                                                                        \
        struct visit goes = making(seed), came = checking(seed + 1);                                         \
        t_##name in, out;                                                                                    \
        LONG wrong;                                                                                          \
                                                                                                             \
        memset(&in, 0, sizeof(in));                                                                          \
        memset(&out, 0, sizeof(out));                                                                        \
        visit_##name(&goes, &in);                                                                            \
        wrong = types_##name(h, seed, &in, &out);                                                            \
        visit_##name(&came, &out);                                                                           \
        return wrong + came.wrong;                                                                           \
    }
TYPES_OF_STRUCTURES(STRUCTURE)

#define WITH_TAIL(name)                                                                                      \
    static LONG run_##name(handle_t h, LONG seed)                                                            \
    {                                                                                                        \
        struct visit goes = making(seed), came = checking(seed + 1);                                         \
        t_##name *in, *out = NULL;                                                                           \
        LONG wrong;                                                                                          \
                                                                                                             \
        visit_##name(&goes, &in);                                                                            \
        wrong = types_##name(h, seed, in, &out);                                                             \
        visit_##name(&came, &out);                                                                           \
        return wrong + came.wrong;                                                                           \
    }
TYPES_WITH_TAILS(WITH_TAIL)

static LONG run_base(handle_t h, LONG seed)
{
    byte a;
    boolean b;
    unsigned char c, e;
    small d;
    short f;
    unsigned short g;
    LONG i;
    ULONG j;
    hyper k;
    MIDL_uhyper l;
    float m;
    double n;
    wchar_t o;
    error_status_t p;
    t_narrow q;
    t_wide r;
    __int3264 s;
    LONG right =
        types_base(h, seed, 0xa1, 1, 'c', -8, 200, -1600, 60000, -3200000, 0xdeadbeef, -0x123456789abLL,
                   0xfedcba9876543210ULL, 1.5f, -2.25e100, 0x20ac, 1717, T_TWO, T_WIDE_MANY, -77, &a, &b, &c,
                   &d, &e, &f, &g, &i, &j, &k, &l, &m, &n, &o, &p, &q, &r, &s);

    return (right != seed) + !(a == 0x5e && !b && c == 'd' && d == 8 && e == 201 && f == 1600 && g == 60001 &&
                               i == 3200000 && j == (ULONG)~0xdeadbeef && k == 0x123456789abLL &&
                               l == ~0xfedcba9876543210ULL && m == -1.5f && n == 2.25e100 && o == 0x20ad &&
                               p == 1718 && q == T_THREE && r == T_WIDE_ONE && s == 77);
}

static LONG run_by_value(handle_t h, LONG seed)
{
    struct visit goes = making(seed);
    t_simple a;
    t_complex b;

    memset(&b, 0, sizeof(b));
    visit_simple(&goes, &a);
    visit_complex(&goes, &b);
    return types_by_value(h, seed, a, b);
}

static LONG run_ring(handle_t h, LONG seed)
{
    enum { MOST = 9 };
    t_ring ring[MOST];
    LONG count = 1 + seed % MOST, i;

    for (i = 0; i < count; i++)
        ring[i] = (t_ring){i, &ring[(i + 1) % count], &ring[(i + 2) % count]};
    return types_ring(h, ring, ring, count);
}

enum { MOST = 12 };

static LONG run_arrays(handle_t h, LONG seed)
{
    struct visit goes = making(seed), came = checking(seed + 1);
    LONG n = 3 + seed % (MOST - 3), m = n - 2, a[MOST], g[MOST], i, wrong;
    t_complex b[MOST];
    t_pointers c[MOST], f[MOST];
    short d[MOST];
    hyper e[MOST];

    memset(b, 0, sizeof(b));
    memset(f, 0, sizeof(f));
    visit_longs(&goes, a, n);
    for (i = 0; i < n; i++) {
        visit_complex(&goes, &b[i]);
        visit_pointers(&goes, &c[i]);
        visit_bits(&goes, &e[i], sizeof(e[i]));
    }
    visit_shorts(&goes, d, m);
    wrong = types_arrays(h, seed, n, m, a, b, c, d, e, f, g);
    for (i = 0; i < n; i++) {
        visit_bits(&came, &e[i], sizeof(e[i]));
        visit_pointers(&came, &f[i]);
    }
    visit_longs(&came, g, m);
    return wrong + came.wrong;
}

static LONG run_late(handle_t h, LONG seed)
{
    struct visit goes = making(seed);
    unsigned short n = (unsigned short)(seed % MOST);
    t_complex b[MOST];
    LONG a[MOST], i;

    visit_longs(&goes, a, n);
    for (i = 0; i < n; i++)
        visit_complex(&goes, &b[i]);
    return types_late(h, seed, a, b, n);
}

static LONG run_dimensions(handle_t h, LONG seed)
{
    struct visit goes = making(seed), came = checking(seed + 1);
    LONG n = 1 + seed % 5, m = 1 + seed % 4, a[2][3], b[5][5], row[5][4], *c[5], i, wrong;
    short d[2][2][2];

    visit_longs(&goes, &a[0][0], 6);
    visit_longs(&goes, &b[0][0], n * 5);
    for (i = 0; i < n; i++) {
        c[i] = row[i];
        visit_longs(&goes, c[i], m);
    }
    wrong = types_dimensions(h, seed, n, m, a, b, c, d);
    for (i = 0; i < n; i++)
        visit_longs(&came, c[i], m);
    visit_shorts(&came, &d[0][0][0], 8);
    return wrong + came.wrong;
}

static LONG run_first(handle_t h, LONG seed)
{
    struct visit goes = making(seed), came = checking(seed + 1);
    LONG n = 4 + seed % (MOST - 4), a[MOST] = {0}, wrong;

    visit_longs(&goes, a + 2, n - 3);
    wrong = types_first(h, seed, n, a);
    visit_longs(&came, a + 2, n - 3);
    return wrong + came.wrong;
}

static LONG run_parameter_union(handle_t h, LONG seed)
{
    struct visit goes = making(seed);
    LONG k = seed % 8;
    t_by_long in;

    memset(&in, 0, sizeof(in));
    visit_by_long(&goes, k, &in);
    return types_parameter_union(h, seed, k, &in);
}

static LONG run_out_many(handle_t h, LONG seed)
{
    struct visit came = checking(seed);
    t_simple *items = NULL;
    LONG n = 0, i, wrong = types_out_many(h, seed, &n, &items);

    visit_number(&came, &n, sizeof(n), 1, 9);
    for (i = 0; items && i < n; i++)
        visit_simple(&came, &items[i]);
    return wrong + came.wrong + !items;
}

static LONG run_texts(handle_t h, LONG seed)
{
    struct visit goes = making(seed), came = checking(seed + 1);
    LONG n = 10 + seed % 3, i, wrong;
    unsigned char a[20], d[MOST] = {0};
    wchar_t b[20], c[20], *e = NULL, *list[MOST];

    visit_text(&goes, a, 20);
    visit_wide(&goes, b, 20);
    visit_wide(&goes, c, 20);
    visit_text(&goes, d, n);
    for (i = 0; i < n; i++)
        visit_new_wide(&goes, &list[i]);
    wrong = types_texts(h, seed, n, a, b, c, d, &e, list);
    visit_text(&came, d, n);
    visit_new_wide(&came, &e);
    return wrong + came.wrong;
}

static LONG run_returned(handle_t h, LONG seed)
{
    struct visit came = checking(seed);
    t_simple got = types_returned(h, seed);

    visit_simple(&came, &got);
    return came.wrong;
}

static LONG run_returned_text(handle_t h, LONG seed)
{
    struct visit came = checking(seed);
    wchar_t *text = types_returned_text(h, seed);

    visit_new_wide(&came, &text);
    return came.wrong;
}

#define CASE(name) {#name, run_##name},
static const struct type_case cases[] = {TYPES_OF_STRUCTURES(CASE) TYPES_WITH_TAILS(CASE) CASE(base) CASE(
    by_value) CASE(ring) CASE(arrays) CASE(late) CASE(dimensions) CASE(first) CASE(parameter_union)
                                             CASE(out_many) CASE(texts) CASE(returned) CASE(returned_text)};
enum { CASES = sizeof(cases) / sizeof(*cases) };

/* With several seeds; stops at the first that goes wrong. */
static RPC_STATUS run_case(handle_t h, const struct type_case *type, LONG *wrong)
{
    RPC_STATUS status = RPC_S_OK;
    LONG seed;

    *wrong = 0;
    for (seed = SEED; seed < SEED + SEEDS && !status && !*wrong; seed++)
        status = CAUGHT(*wrong = type->run(h, seed));
    return status;
}

START_TEST(types)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    int i, k;

    serve(endpoints, test_types_v1_0_s_ifspec);
    for (i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        for (k = 0; k < CASES; k++) {
            LONG wrong;
            RPC_STATUS status = run_case(h, &cases[k], &wrong);

            ok(!status && !wrong, "%s, %s: exception %ld, %ld values wrong\n", cases[k].name,
               transports[i].protseq, (long)status, (long)wrong);
        }
        unbind(&h);
    }
    stop_serving();
}

START_CHILD(types_server)
{
    struct endpoint endpoint;

    name_endpoint(&endpoint, "ncacn_np", argv[0]);
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_types_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "test_types");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    puts("ready");
    fflush(stdout);
    ok_status(RpcMgmtWaitServerListen(), RPC_S_OK, "RpcMgmtWaitServerListen");
}

START_CHILD(types_client)
{
    struct endpoint endpoint;
    int i;

    name_endpoint(&endpoint, "ncacn_np", argv[0]);
    for (i = atoi(argv[1]); i < CASES; i++) {
        handle_t h = bind_to(&endpoint);
        RPC_STATUS status;
        LONG wrong;

        printf("case %d %s ", i, cases[i].name);
        fflush(stdout);
        status = run_case(h, &cases[i], &wrong);
        if (status)
            printf("exception %ld\n", (long)status);
        else if (wrong)
            printf("%ld values wrong\n", (long)wrong);
        else
            puts("ok");
        fflush(stdout);
        unbind(&h);
    }
}

START_CHILD(types_quit)
{
    struct endpoint endpoint;
    handle_t h;

    name_endpoint(&endpoint, "ncacn_np", argv[0]);
    h = bind_to(&endpoint);
    ok_status(CAUGHT(types_quit(h)), RPC_S_OK, "quit");
    unbind(&h);
}
