/* Every feature of features.idl for real. See pair.h for the arguments. */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include "features.h"
#include "midles.h"

static int notified, freed_sent, freed_pair;

/* ---- routines of the types ---- */

void __RPC_USER point_to_xmit(point *p, sent_point **s)
{
    *s = calloc(1, sizeof(**s));
    (*s)->x = (long)p->x;
    (*s)->y = (long)p->y;
    memcpy((*s)->text, "sent", 5);
}
void __RPC_USER point_from_xmit(sent_point *s, point *p)
{
    p->x = s->x;
    p->y = s->y;
    p->note = NULL;
    ok(!strcmp((char *)s->text, "sent"), "text");
}
void __RPC_USER point_free_inst(point *p)
{
    (void)p;
}
void __RPC_USER point_free_xmit(sent_point *s)
{
    freed_sent++;
    free(s);
}

unsigned long __RPC_USER pair_UserSize(unsigned long *flags, unsigned long at, pair *p)
{
    (void)flags;
    (void)p;
    return ((at + 1) & ~1ul) + 4;
}
unsigned char *__RPC_USER pair_UserMarshal(unsigned long *flags, unsigned char *buf, pair *p)
{
    short *s = (short *)(((ULONG_PTR)buf + 1) & ~(ULONG_PTR)1);

    (void)flags;
    s[0] = (short)((p->sum - p->difference) / 2);
    s[1] = (short)((p->sum + p->difference) / 2);
    return (unsigned char *)(s + 2);
}
unsigned char *__RPC_USER pair_UserUnmarshal(unsigned long *flags, unsigned char *buf, pair *p)
{
    short *s = (short *)(((ULONG_PTR)buf + 1) & ~(ULONG_PTR)1);

    (void)flags;
    p->sum = s[0] + s[1];
    p->difference = s[1] - s[0];
    return (unsigned char *)(s + 2);
}
void __RPC_USER pair_UserFree(unsigned long *flags, pair *p)
{
    (void)flags;
    (void)p;
    freed_pair++;
}

handle_t __RPC_USER place_bind(place p)
{
    unsigned char *text;
    handle_t h = NULL;

    ok(!lstrcmpW(p, L"here"), "place");
    RpcStringBindingComposeA(NULL, (unsigned char *)pair_protseq, NULL, (unsigned char *)pair_endpoint, NULL,
                             &text);
    RpcBindingFromStringBindingA(text, &h);
    RpcStringFreeA(&text);
    return h;
}
void __RPC_USER place_unbind(place p, handle_t h)
{
    (void)p;
    RpcBindingFree(&h);
}

/* ---- the server ---- */

long s_sum_pipe(handle_t h, long_pipe in, long_pipe *out)
{
    long buf[10], sum = 0, i;
    unsigned long n;

    (void)h;
    do {
        in.pull(in.state, buf, 10, &n);
        for (i = 0; i < (long)n; i++)
            sum += buf[i];
    } while (n);
    for (i = 0; i < 7; i++) {
        buf[0] = i;
        buf[1] = i * i;
        out->push(out->state, buf, 2);
    }
    out->push(out->state, buf, 0);
    return sum;
}
void s_move(handle_t h, point a, point *p)
{
    (void)h;
    ok(a.x == 1 && a.y == 2 && p->x == 3 && p->y == 4, "points %f %f %f %f", a.x, a.y, p->x, p->y);
    p->x += a.x;
    p->y += a.y;
}
void s_swap(handle_t h, pair a, pair *b)
{
    (void)h;
    ok(a.sum == 10 && a.difference == 4 && b->sum == 7 && b->difference == 1, "pairs");
    *b = a;
}
long s_count(handle_t h, counted *c, long a, long b, unsigned char *buf, long *part)
{
    (void)h;
    ok(c->n == 2 && c->p[4] == 14 && c->m == 1 && c->t[2] == 'c', "counted");
    ok(buf[a * b] == 'z', "buf");
    ok(part[1] == 11 && part[b - 1] == 10 + b - 1, "part");
    return a * b;
}
long s_at_place(place p, long x)
{
    return p && !lstrcmpW(p, L"here") ? x + 1 : -1;
}
long s_will_ask(handle_t h, long x)
{
    long answer = 0, r;

    (void)h;
    r = s_ask(x, (unsigned char *)"why?", &answer);
    return r * 100 + answer;
}
long ask(long x, unsigned char *question, long *answer)
{
    ok(!strcmp((char *)question, "why?"), "question");
    *answer = 42;
    return x;
}
long s_twice(handle_t h, long x)
{
    (void)h;
    return 2 * x;
}
error_status_t s_guarded(handle_t h, long raise)
{
    (void)h;
    if (raise)
        RpcRaiseException(raise);
    return 5;
}
void s_hidden(handle_t h, long raise, error_status_t *comm, error_status_t *fault)
{
    (void)h;
    *comm = *fault = 0;
    if (raise)
        RpcRaiseException(raise);
}
long s_noted(handle_t h, long x)
{
    (void)h;
    ok(!notified, "notified too early");
    return x;
}
void s_noted_notify(void)
{
    notified++;
}
long s_around(handle_t h, ring *r, ring *same)
{
    (void)h;
    ok(r->next && r->next->next == r, "ring is closed");
    ok(same == r, "aliases");
    return r->value + r->next->value;
}
long s_inside(handle_t h, inners *i, outer *o)
{
    (void)h;
    ok(i->n == 2 && i->items[0].p == NULL && *i->items[1].p == 21, "inners");
    ok(o->pre == 9 && o->tail.n == 1 && *o->tail.items[0].p == 31, "outer");
    return i->items[1].a;
}
long s_mix(handle_t h, mixed *m, colour c, way w, choice *ch)
{
    (void)h;
    ok(m->w == down && m->c == green && m->ways[2] == down && m->ways[1] == up, "mixed");
    ok(c == green && w == down, "enums");
    ok(ch->which == down && !lstrcmpW(ch->arms.down_text, L"down"), "choice");
    m->ways[1] = down;
    ch->which = up;
    ch->arms.up_value = 77;
    return 0;
}
inner s_give(handle_t h, long a)
{
    inner i = {a, NULL};

    (void)h;
    i.p = midl_user_allocate(sizeof(long));
    *i.p = a * 2;
    return i;
}
float s_half(handle_t h, float f, double d, float g)
{
    (void)h;
    return (float)(f / 2 + d + g);
}
wchar_t *s_name_of(handle_t h, long id)
{
    wchar_t *s = midl_user_allocate(20);

    (void)h;
    wsprintfW(s, L"name%d", id);
    return s;
}
hyper s_wide(handle_t h, hyper a, byte b, boolean t, small s, unsigned short u, wchar_t w)
{
    (void)h;
    return a + b + t + s + u + w;
}
void s_grid(handle_t h, long n, long m, long **cells, long fixed[2][3][2])
{
    long i, j;

    (void)h;
    ok(fixed[1][2][1] == 121, "fixed");
    for (i = 0; i < n; i++)
        for (j = 0; j < m; j++)
            cells[i][j] += 100;
}
void s_strings(handle_t h, long n, wchar_t *sized, unsigned char out[16], wchar_t **made, unsigned char *edit)
{
    (void)h;
    ok(n == 8 && !lstrcmpW(sized, L"sized"), "sized");
    strcpy((char *)out, "fixed out");
    *made = midl_user_allocate(12);
    lstrcpyW(*made, L"made");
    ok(!strcmp((char *)edit, "abc"), "edit");
    strcpy((char *)edit, "abcdef");
}
void s_out_many(handle_t h, long *n, inner **items)
{
    long i;

    (void)h;
    *n = 3;
    *items = midl_user_allocate(3 * sizeof(**items));
    for (i = 0; i < 3; i++) {
        (*items)[i].a = i;
        (*items)[i].p = i == 1 ? NULL : midl_user_allocate(sizeof(long));
        if (i != 1)
            *(*items)[i].p = i * 10;
    }
}
void s_stop(handle_t h)
{
    (void)h;
    RpcMgmtStopServerListening(NULL);
}

/* ---- the client ---- */

struct feed {
    long at, got, sum;
    long buf[16];
};
static void __RPC_API pull(char *state, long *buf, unsigned long size, unsigned long *n)
{
    struct feed *f = (struct feed *)state;

    for (*n = 0; *n < size && f->at < 100; (*n)++)
        buf[*n] = f->at++;
}
static void __RPC_API push(char *state, long *buf, unsigned long n)
{
    struct feed *f = (struct feed *)state;
    unsigned long i;

    for (i = 0; i < n; i++)
        f->sum += buf[i];
    f->got += (long)n;
}
static void __RPC_API alloc(char *state, unsigned long size, long **buf, unsigned long *got)
{
    struct feed *f = (struct feed *)state;

    *buf = f->buf;
    *got = size < sizeof(f->buf) ? size : sizeof(f->buf);
}

static void pipes(handle_t h)
{
    struct feed a = {0}, b = {0};
    long_pipe in = {pull, push, alloc, (char *)&a}, out = {pull, push, alloc, (char *)&b};

    ok(sum_pipe(h, in, &out) == 4950, "sum");
    ok(b.got == 14 && b.sum == 21 + 91, "out pipe %ld %ld", b.got, b.sum);
}

static void marshalled_types(handle_t h)
{
    point p = {1, 2, NULL}, q = {3, 4, NULL};
    pair a = {10, 4}, b = {7, 1};

    move(h, p, &q);
    ok(q.x == 4 && q.y == 6, "move %f %f", q.x, q.y);
    ok(freed_sent > 0, "free_xmit");
    swap(h, a, &b);
    ok(b.sum == 10 && b.difference == 4, "swap");
}

static void expressions(handle_t h)
{
    short p[5] = {10, 11, 12, 13, 14};
    unsigned char buf[8] = "abcdefz";
    long part[4] = {10, 11, 12, 13};
    counted *c = calloc(1, sizeof(*c) + 8);

    c->n = 2;
    c->p = p;
    c->m = 1;
    memcpy(c->t, "abc", 3);
    ok(count(h, c, 2, 3, buf, part) == 6, "count");
    free(c);
}

static void statuses(handle_t h)
{
    error_status_t comm = 1, fault = 1;

    ok(guarded(h, 0) == 5, "guarded");
    ok(guarded(h, 1234) == 1234, "guarded raises");
    hidden(h, 0, &comm, &fault);
    ok(comm == 0 && fault == 0, "hidden");
    hidden(h, 1234, &comm, &fault);
    ok(fault == 1234 && comm == 0, "hidden raises %lx %lx", comm, fault);
}

static void pickling(void)
{
    char *buf = NULL;
    unsigned long size = 0;
    handle_t h = NULL;
    double more = 2.5;
    record r = {7, (unsigned char *)"seven", &more}, s;
    plain value = 99, back = 0;
    long q = 12, q2 = 0;

    memset(&s, 0, sizeof(s));
    ok(!MesEncodeDynBufferHandleCreate(&buf, &size, &h), "handle");
    ok(record_AlignSize(h, &r) > 8, "size");
    record_Encode(h, &r);
    plain_Encode(h, &value);
    ok(size > 8, "size %lu", size);
    ok(!MesBufferHandleReset(h, MES_FIXED_BUFFER_HANDLE, MES_DECODE, &buf, size, NULL), "reset");
    record_Decode(h, &s);
    ok(s.value == 7 && s.name && !strcmp((char *)s.name, "seven") && s.more && *s.more == 2.5, "decoded");
    plain_Decode(h, &back);
    ok(back == 99, "plain %ld", back);
    record_Free(h, &s);
    MesHandleFree(h);

    buf = NULL;
    ok(!MesEncodeDynBufferHandleCreate(&buf, &size, &h), "handle");
    save(h, &r, &q);
    ok(!MesBufferHandleReset(h, MES_FIXED_BUFFER_HANDLE, MES_DECODE, &buf, size, NULL), "reset");
    memset(&s, 0, sizeof(s));
    save(h, &s, &q2);
    ok(s.value == 7 && s.name && !strcmp((char *)s.name, "seven") && q2 == 12, "save");
    MesHandleFree(h);
}

static void structures(handle_t h)
{
    ring a = {1, NULL}, b = {2, &a};
    inners *i = calloc(1, sizeof(*i) + 2 * sizeof(inner));
    outer *o = calloc(1, sizeof(*o) + sizeof(inner));
    long x = 21, y = 31;
    mixed m = {down, green, {up, up, down}};
    choice ch;
    inner g;

    a.next = &b;
    ok(around(h, &a, &a) == 3, "around");
    i->n = 2;
    i->items[1].a = 5;
    i->items[1].p = &x;
    o->pre = 9;
    o->tail.n = 1;
    o->tail.items[0].p = &y;
    ok(inside(h, i, o) == 5, "inside");
    free(i);
    free(o);
    ch.which = down;
    ch.arms.down_text = (wchar_t *)L"down";
    mix(h, &m, green, down, &ch);
    ok(m.ways[1] == down && ch.which == up && ch.arms.up_value == 77, "mix");
    g = give(h, 4);
    ok(g.a == 4 && g.p && *g.p == 8, "give");
}

static void results(handle_t h)
{
    wchar_t *name = name_of(h, 3);

    ok(half(h, 3.0f, 0.25, 0.5f) == 2.25f, "half");
    ok(name && !lstrcmpW(name, L"name3"), "name_of");
    ok(wide(h, 0x100000000ll, 1, 1, -3, 60000, 'a') == 0x100000000ll + 1 + 1 - 3 + 60000 + 'a', "wide");
    ok(twice(h, 21) == 42, "twice");
    ok(noted(h, 3) == 3, "noted");
}

static void arrays(handle_t h)
{
    long row0[3] = {1, 2, 3}, row1[3] = {4, 5, 6}, *cells[2] = {row0, row1}, fixed[2][3][2], i, n = 0;
    wchar_t sized[8] = L"sized", *made = NULL;
    unsigned char out[16] = "", edit[8] = "abc";
    inner *items = NULL;

    for (i = 0; i < 12; i++)
        fixed[i / 6][i / 2 % 3][i % 2] = i / 6 * 100 + i / 2 % 3 * 10 + i % 2;
    grid(h, 2, 3, cells, fixed);
    ok(row0[0] == 101 && row1[2] == 106, "grid %ld %ld", row0[0], row1[2]);
    strings(h, 8, sized, out, &made, edit);
    ok(!strcmp((char *)out, "fixed out") && made && !lstrcmpW(made, L"made") &&
           !strcmp((char *)edit, "abcdef"),
       "strings");
    out_many(h, &n, &items);
    ok(n == 3 && items && items[2].a == 2 && *items[2].p == 20 && !items[1].p, "out_many");
}

static void run(const char *what, void (*test)(handle_t), handle_t h)
{
    int before = failed;

    test(h);
    printf("%s: %s\n", what, failed == before ? "ok" : "FAILED");
    fflush(stdout);
}

static void generic_handles(handle_t h)
{
    (void)h;
    ok(at_place((wchar_t *)L"here", 6) == 7, "at_place");
}

static void callbacks(handle_t h)
{
    ok(will_ask(h, 3) == 342, "callback");
}

static void pickles(handle_t h)
{
    (void)h;
    pickling();
}

static void client(handle_t h)
{
    run("marshalled types", marshalled_types, h);
    run("expressions", expressions, h);
    run("structures", structures, h);
    run("results", results, h);
    run("arrays", arrays, h);
    run("statuses", statuses, h);
    run("serialization", pickles, h);
    run("generic handles", generic_handles, h);
    run("pipes", pipes, h);
    run("callbacks", callbacks, h);
}

static void server_end(void)
{
    ok(notified == 1, "notify");
    ok(freed_pair > 0, "UserFree");
}

int main(int argc, char **argv)
{
    static const struct pair pair = {"features", &features_v2_3_s_ifspec, client, stop, NULL, server_end};

    return pair_main(argc, argv, &pair);
}
