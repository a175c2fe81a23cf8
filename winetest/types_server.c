/* The manager routines of test_types: what came in is checked, what goes out made. See types.h. */
#include "types.h"

#define STRUCTURE(name)                                                                                      \
    LONG s_types_##name(handle_t h, LONG seed, t_##name *in, t_##name *out)                                  \
    {                                                                                                        \
        struct visit came = checking(seed), goes = making(seed + 1);                                         \
                                                                                                             \
        (void)h;                                                                                             \
        visit_##name(&came, in);                                                                             \
        visit_##name(&goes, out);                                                                            \
        return came.wrong;                                                                                   \
    }
TYPES_OF_STRUCTURES(STRUCTURE)

#define WITH_TAIL(name)                                                                                      \
    LONG s_types_##name(handle_t h, LONG seed, t_##name *in, t_##name **out)                                 \
    {                                                                                                        \
        struct visit came = checking(seed), goes = making(seed + 1);                                         \
                                                                                                             \
        (void)h;                                                                                             \
        visit_##name(&came, &in);                                                                            \
        visit_##name(&goes, out);                                                                            \
        return came.wrong;                                                                                   \
    }
TYPES_WITH_TAILS(WITH_TAIL)

LONG s_types_base(handle_t h, LONG seed, byte a, boolean b, unsigned char c, small d, unsigned char e,
                  short f, unsigned short g, LONG i, ULONG j, hyper k, MIDL_uhyper l, float m, double n,
                  wchar_t o, error_status_t p, t_narrow q, t_wide r, __int3264 s, byte *oa, boolean *ob,
                  unsigned char *oc, small *od, unsigned char *oe, short *of, unsigned short *og, LONG *oi,
                  ULONG *oj, hyper *ok, MIDL_uhyper *ol, float *om, double *on, wchar_t *oo,
                  error_status_t *op, t_narrow *oq, t_wide * or, __int3264 *os)
{
    BOOL right = a == 0xa1 && b == 1 && c == 'c' && d == -8 && e == 200 && f == -1600 && g == 60000 &&
                 i == -3200000 && j == 0xdeadbeef && k == -0x123456789abLL && l == 0xfedcba9876543210ULL &&
                 m == 1.5f && n == -2.25e100 && o == 0x20ac && p == 1717 && q == T_TWO && r == T_WIDE_MANY &&
                 s == -77;

    (void)h;
    *oa = (byte)~a, *ob = !b, *oc = c + 1, *od = -d, *oe = e + 1, *of = -f, *og = g + 1, *oi = -i, *oj = ~j;
    *ok = -k, *ol = ~l, *om = -m, *on = -n, *oo = o + 1, *op = p + 1, *oq = T_THREE, * or = T_WIDE_ONE,
    *os = -s;
    return right ? seed : 0;
}

LONG s_types_by_value(handle_t h, LONG seed, t_simple a, t_complex b)
{
    struct visit came = checking(seed);

    (void)h;
    visit_simple(&came, &a);
    visit_complex(&came, &b);
    return came.wrong;
}

/* A ring of count, each pointing to the next and to the one after it; both parameters the same pointer. */
LONG s_types_ring(handle_t h, t_ring *ring, t_ring *same, LONG count)
{
    t_ring *at = ring;
    LONG wrong = ring != same, i;

    (void)h;
    for (i = 0; i < count; i++, at = at->next)
        if (at->value != i || at->other != at->next->next)
            wrong++;
    return wrong + (at != ring);
}

LONG s_types_arrays(handle_t h, LONG seed, LONG n, LONG m, LONG *a, t_complex *b, t_pointers *c, short *d,
                    hyper *e, t_pointers *f, LONG *g)
{
    struct visit came = checking(seed), goes = making(seed + 1);
    LONG i;

    (void)h;
    visit_longs(&came, a, n);
    for (i = 0; i < n; i++) {
        visit_complex(&came, &b[i]);
        visit_pointers(&came, &c[i]);
        visit_bits(&came, &e[i], sizeof(e[i]));
    }
    visit_shorts(&came, d, m);
    for (i = 0; i < n; i++) {
        visit_bits(&goes, &e[i], sizeof(e[i]));
        visit_pointers(&goes, &f[i]);
    }
    visit_longs(&goes, g, m);
    return came.wrong;
}

LONG s_types_late(handle_t h, LONG seed, LONG *a, t_complex *b, unsigned short n)
{
    struct visit came = checking(seed);
    LONG i;

    (void)h;
    visit_longs(&came, a, n);
    for (i = 0; i < n; i++)
        visit_complex(&came, &b[i]);
    return came.wrong;
}

LONG s_types_dimensions(handle_t h, LONG seed, LONG n, LONG m, LONG a[2][3], LONG b[][5], LONG **c,
                        short d[2][2][2])
{
    struct visit came = checking(seed), goes = making(seed + 1);
    LONG i;

    (void)h;
    visit_longs(&came, &a[0][0], 6);
    visit_longs(&came, &b[0][0], n * 5);
    for (i = 0; i < n; i++)
        visit_longs(&came, c[i], m);
    for (i = 0; i < n; i++)
        visit_longs(&goes, c[i], m);
    visit_shorts(&goes, &d[0][0][0], 8);
    return came.wrong;
}

LONG s_types_first(handle_t h, LONG seed, LONG n, LONG *a)
{
    struct visit came = checking(seed), goes = making(seed + 1);

    (void)h;
    visit_longs(&came, a + 2, n - 3);
    visit_longs(&goes, a + 2, n - 3);
    return came.wrong;
}

LONG s_types_parameter_union(handle_t h, LONG seed, LONG k, t_by_long *in)
{
    struct visit came = checking(seed);

    (void)h;
    visit_by_long(&came, k, in);
    return came.wrong;
}

LONG s_types_out_many(handle_t h, LONG seed, LONG *n, t_simple **items)
{
    struct visit goes = making(seed);
    LONG i;

    (void)h;
    visit_number(&goes, n, sizeof(*n), 1, 9);
    *items = midl_user_allocate(*n * sizeof(**items));
    for (i = 0; i < *n; i++)
        visit_simple(&goes, &(*items)[i]);
    return 0;
}

LONG s_types_texts(handle_t h, LONG seed, LONG n, unsigned char *a, wchar_t *b, wchar_t *c, unsigned char *d,
                   wchar_t **e, wchar_t **list)
{
    struct visit came = checking(seed), goes = making(seed + 1);
    LONG i;

    (void)h;
    visit_text(&came, a, 20);
    visit_wide(&came, b, 20);
    visit_wide(&came, c, 20);
    visit_text(&came, d, n);
    for (i = 0; i < n; i++)
        visit_new_wide(&came, &list[i]);
    visit_text(&goes, d, n);
    visit_new_wide(&goes, e);
    return came.wrong;
}

t_simple s_types_returned(handle_t h, LONG seed)
{
    struct visit goes = making(seed);
    t_simple made;

    (void)h;
    visit_simple(&goes, &made);
    return made;
}

wchar_t *s_types_returned_text(handle_t h, LONG seed)
{
    struct visit goes = making(seed);
    wchar_t *text;

    (void)h;
    visit_new_wide(&goes, &text);
    return text;
}

void s_types_quit(handle_t h)
{
    (void)h;
    RpcMgmtStopServerListening(NULL);
}

/* t_shown travels as t_sent, t_seen as t_wire. */

void __RPC_USER t_shown_to_xmit(t_shown *shown, t_sent **sent)
{
    *sent = midl_user_allocate(sizeof(**sent));
    **sent = (t_sent){(LONG)shown->x, (LONG)shown->y, "sent"};
}

void __RPC_USER t_shown_from_xmit(t_sent *sent, t_shown *shown)
{
    shown->x = sent->x;
    shown->y = sent->y;
    shown->mark = memcmp(sent->text, "sent", 5) ? 0 : 42;
}

void __RPC_USER t_shown_free_xmit(t_sent *sent)
{
    midl_user_free(sent);
}

void __RPC_USER t_shown_free_inst(t_shown *shown)
{
    (void)shown;
}

ULONG __RPC_USER t_seen_UserSize(ULONG *flags, ULONG size, t_seen *seen)
{
    (void)flags, (void)seen;
    return ((size + 1) & ~1u) + sizeof(t_wire);
}

static unsigned char *even(unsigned char *buffer)
{
    return (unsigned char *)(((ULONG_PTR)buffer + 1) & ~(ULONG_PTR)1);
}

unsigned char *__RPC_USER t_seen_UserMarshal(ULONG *flags, unsigned char *buffer, t_seen *seen)
{
    t_wire wire = {(short)((seen->sum - seen->difference) / 2), (short)((seen->sum + seen->difference) / 2)};

    (void)flags;
    buffer = even(buffer);
    memcpy(buffer, &wire, sizeof(wire));
    return buffer + sizeof(wire);
}

unsigned char *__RPC_USER t_seen_UserUnmarshal(ULONG *flags, unsigned char *buffer, t_seen *seen)
{
    t_wire wire;

    (void)flags;
    buffer = even(buffer);
    memcpy(&wire, buffer, sizeof(wire));
    seen->sum = wire.low + wire.high;
    seen->difference = wire.high - wire.low;
    return buffer + sizeof(wire);
}

void __RPC_USER t_seen_UserFree(ULONG *flags, t_seen *seen)
{
    (void)flags, (void)seen;
}
