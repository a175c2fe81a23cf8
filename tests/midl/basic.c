/* The plain parameter types of basic.idl for real: every shape goes from the client to the server and back.
 * See pair.h for the arguments. */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include "basic.h"

long s_f1(handle_t h, long a, hyper b, float f, double d, S1 *s)
{
    ok(a == 1 && b == 0x123456789abcLL && f == 1.5f && d == 2.25, "f1 %ld %llx %f %f", a, b, f, d);
    ok(s->a == 7 && s->b == 8 && s->c[2] == 'z', "s");
    s->a++;
    return 99;
}
long s_f2(handle_t h, const wchar_t *s, long *o, long *u, E2 *e, E1 e1)
{
    ok(!lstrcmpW(s, L"hello"), "s");
    *o = 5;
    ok(u && *u == 6, "u");
    ok(*e == D, "e");
    *e = C;
    ok(e1 == B, "e1");
    return 1;
}
void s_f3(handle_t h, long n, unsigned char *b, S1 *s, long *x, long *m)
{
    long i;
    for (i = 0; i < n; i++) {
        ok(b[i] == i, "b");
        s[i].a = i;
        s[i].c[0] = i;
    }
    ok(*m == 2 && x[1] == 11, "x");
    x[2] = 22;
    *m = 3;
}
long s_f4(handle_t h, S2 *s, S2 *t, unsigned char *q, long arr[10], wchar_t **w)
{
    ok(s->n == 2 && s->p[1] == 4 && !lstrcmpW(s->s, L"ab") && s->in.d == 1.5 && s->in.e == 'k', "s2");
    t->n = 1;
    t->p = midl_user_allocate(4);
    t->p[0] = 77;
    t->s = NULL;
    t->in.d = 9;
    t->in.e = 1;
    ok(q == NULL, "q");
    ok(arr[9] == 9, "arr");
    ok(!lstrcmpW(*w, L"in"), "w");
    *w = midl_user_allocate(20);
    lstrcpyW(*w, L"out");
    return 2;
}
long s_f5(handle_t h, S1 s, S1 *u)
{
    ok(s.a == 3 && s.b == 4 && s.c[1] == 5, "s1");
    ok(u != NULL, "u");
    if (u)
        u->a = 42;
    return 0;
}
double s_fd(handle_t h, double x, float y)
{
    return x * y;
}
hyper s_fh(handle_t h, hyper x, unsigned char c, short s)
{
    return x + c + s;
}
long s_fs3(handle_t h, S3 *s, S3 v)
{
    ok(s->k == 1 && s->e == D && s->h == 5 && v.k == 2 && v.e == C && v.h == 6, "s3 %d %d %lld %d %d %lld",
       s->k, s->e, s->h, v.k, v.e, v.h);
    s->h = 50;
    return 0;
}
long s_fcs(handle_t h, CS *c)
{
    long i, t = 0;
    for (i = 0; i < c->n; i++)
        t += c->a[i];
    return t;
}
long s_flist(handle_t h, LIST *l, LIST *o)
{
    ok(l->n == 2 && *l->items[1].name == 'b' && l->items[1].v == 2 && l->items[0].name == NULL, "list");
    o->n = 1;
    o->items = midl_user_allocate(sizeof(NV));
    o->items[0].name = midl_user_allocate(1);
    *o->items[0].name = 65;
    o->items[0].v = 8;
    return 0;
}
long s_fnode(handle_t h, NODE *n, NODE **o)
{
    long t = 0;
    for (; n; n = n->next)
        t += n->v;
    *o = midl_user_allocate(sizeof(NODE));
    (*o)->v = t;
    (*o)->next = NULL;
    return t;
}
long s_fsu(handle_t h, SU *s, long k, U *u)
{
    ok(s->k == 2 && !strcmp((char *)s->u.s, "str"), "su");
    ok(k == 1 && u->l == 44, "u");
    return 0;
}
long s_feu(handle_t h, EU *e)
{
    ok(e->k == 2 && e->u.d == 3.5, "eu");
    e->k = 3;
    e->u.s.a = 1;
    e->u.s.b = 2;
    return 0;
}
long s_copen(handle_t h, long v, CTX *c)
{
    long *p = malloc(sizeof *p);
    *p = v;
    *c = p;
    return 0;
}
long s_cuse(CTX c, RL r)
{
    return *(long *)c + r;
}
long s_cclose(CTX *c)
{
    free(*c);
    *c = NULL;
    return 0;
}
void __RPC_USER CTX_rundown(CTX c)
{
    free(c);
}
long s_fmd(handle_t h, long n, long m, long a[][4], long **pp, long *k, long g[2][3])
{
    ok(n == 2 && a[1][3] == 7, "a");
    ok(g[1][2] == 6, "g");
    *k = 3;
    *pp = midl_user_allocate(12);
    (*pp)[2] = 9;
    (*pp)[0] = (*pp)[1] = 0;
    return 0;
}
#ifndef WIDL_STUBS
long s_fstrs(handle_t h, long n, unsigned char **names, unsigned char fixed[20])
{
    ok(n == 2 && !strcmp((char *)names[1], "two"), "names");
    ok(!strcmp((char *)fixed, "fix"), "fixed");
    return 0;
}
#endif
long s_fup(handle_t h, long **a, long **b, long **c)
{
    ok(a == NULL && b != NULL && *b && **b == 5 && c != NULL && *c == NULL, "fup");
    **b = 6;
    return 1;
}
void s_stop(handle_t h)
{
    RpcMgmtStopServerListening(NULL);
}
static void first(handle_t h)
{
    {
        S1 s = {7, 8, {'x', 'y', 'z'}};
        ok(f1(h, 1, 0x123456789abcLL, 1.5f, 2.25, &s) == 99, "f1");
        ok(s.a == 8, "s.a");
    }
    {
        long o = 0, u = 6;
        E2 e = D;
        ok(f2(h, L"hello", &o, &u, &e, B) == 1, "f2");
        ok(o == 5 && e == C, "o %ld e %d", o, e);
    }
    {
        unsigned char b[4] = {0, 1, 2, 3};
        S1 s[4];
        long x[4] = {10, 11}, m = 2;
        f3(h, 4, b, s, x, &m);
        ok(s[3].a == 3 && s[3].c[0] == 3, "s");
        ok(m == 3 && x[2] == 22, "x");
    }
    {
        long p[2] = {3, 4};
        S2 s = {2, p, L"ab", {1.5, 'k'}}, t = {0};
        long arr[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        wchar_t *w = midl_user_allocate(20);
        lstrcpyW(w, L"in");
        ok(f4(h, &s, &t, NULL, arr, &w) == 2, "f4");
        ok(t.n == 1 && t.p && t.p[0] == 77 && !t.s && t.in.d == 9, "t");
        ok(!lstrcmpW(w, L"out"), "w");
    }
    {
        S1 s = {3, 4, {0, 5, 0}}, u = {0};
        f5(h, s, &u);
        ok(u.a == 42, "u");
    }
    ok(fd(h, 1.5, 2.0f) == 3.0, "fd %f", fd(h, 1.5, 2.0f));
    ok(fh(h, 0x100000000LL, 1, 2) == 0x100000003LL, "fh");
    {
        S3 s = {1, D, 5}, v = {2, C, 6};
        fs3(h, &s, v);
        ok(s.h == 50 && s.e == D, "s3");
    }
}

static void pointers(handle_t h)
{
    long five = 5, *b = &five, *c = NULL;

    ok(fup(h, NULL, &b, &c) == 1, "fup");
    ok(*b == 6, "b");
}

static void second(handle_t h)
{
    {
        struct {
            long n;
            long a[3];
        } c = {3, {1, 2, 3}};
        ok(fcs(h, (CS *)&c) == 6, "fcs");
    }
    {
        NV nv[2] = {{NULL, 1}, {(unsigned char *)"b", 2}};
        LIST l = {2, nv}, o = {0};
        flist(h, &l, &o);
        ok(o.n == 1 && o.items && o.items[0].v == 8 && *o.items[0].name == 65, "flist");
    }
    {
        NODE c = {3, NULL}, b = {2, &c}, a = {1, &b}, *o = NULL;
        ok(fnode(h, &a, &o) == 6, "fnode");
        ok(o && o->v == 6, "o");
    }
    {
        SU s;
        U u;
        s.k = 2;
        s.u.s = (unsigned char *)"str";
        u.l = 44;
        fsu(h, &s, 1, &u);
    }
    {
        EU e;
        e.k = 2;
        e.u.d = 3.5;
        feu(h, &e);
        ok(e.k == 3 && e.u.s.b == 2, "feu");
    }
    {
        CTX c = NULL;
        copen(h, 10, &c);
        ok(c != NULL, "ctx");
        ok(cuse(c, 5) == 15, "cuse");
        cclose(&c);
        ok(c == NULL, "cclose");
    }
    {
        long a[2][4] = {{0, 1, 2, 3}, {4, 5, 6, 7}}, *pp = NULL, k = 0, g[2][3] = {{1, 2, 3}, {4, 5, 6}};
        fmd(h, 2, 4, a, &pp, &k, g);
        ok(k == 3 && pp && pp[2] == 9, "fmd");
    }
#ifndef WIDL_STUBS
    {
        unsigned char *n[2] = {(unsigned char *)"one", (unsigned char *)"two"};
        unsigned char fixed[20] = "fix";
        RpcTryExcept
        {
            fstrs(h, 2, n, fixed);
        }
        RpcExcept(RpcExceptionCode() == RPC_S_PROCNUM_OUT_OF_RANGE) /* widl's server */
        {
            skipped++;
        }
        RpcEndExcept
    }
#endif
}

static void client(handle_t h)
{
    first(h);
    second(h);
    pointers(h);
}

int main(int argc, char **argv)
{
    static const struct pair pair = {"basic", &basic_v1_0_s_ifspec, client, stop, NULL, NULL};

    return pair_main(argc, argv, &pair);
}
