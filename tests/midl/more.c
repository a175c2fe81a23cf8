/* The attributes of more.idl for real. See pair.h for the arguments. */
#define COBJMACROS
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <ole2.h>
#include "more.h"

static LONG converted, notified_with = -1, rundowns, looked;
static volatile LONG perhaps_value;

/* ---- routines of the types ---- */

void __RPC_USER sent_pair_from_local(local_pair *p, sent_pair **s)
{
    *s = malloc(sizeof(**s));
    (*s)->a = (long)(p->sum + p->difference) / 2;
    (*s)->b = (long)(p->sum - p->difference) / 2;
}
void __RPC_USER sent_pair_to_local(sent_pair *s, local_pair *p)
{
    p->sum = s->a + s->b;
    p->difference = s->a - s->b;
    memcpy(p->note, "ok", 3);
    converted++;
}
void __RPC_USER sent_pair_free_inst(sent_pair *s)
{
    free(s);
}
void __RPC_USER sent_pair_free_local(local_pair *p)
{
    (void)p;
}

unsigned long __RPC_USER local_word_UserSize(unsigned long *flags, unsigned long at, local_word *w)
{
    (void)flags, (void)w;
    return ((at + 1) & ~1ul) + 4;
}
unsigned char *__RPC_USER local_word_UserMarshal(unsigned long *flags, unsigned char *at, local_word *w)
{
    unsigned short *s = (unsigned short *)(((ULONG_PTR)at + 1) & ~(ULONG_PTR)1);

    (void)flags;
    s[0] = (unsigned short)w->whole;
    s[1] = (unsigned short)(w->whole >> 16);
    return (unsigned char *)(s + 2);
}
unsigned char *__RPC_USER local_word_UserUnmarshal(unsigned long *flags, unsigned char *at, local_word *w)
{
    unsigned short *s = (unsigned short *)(((ULONG_PTR)at + 1) & ~(ULONG_PTR)1);

    (void)flags;
    w->whole = s[0] | (unsigned long)s[1] << 16;
    return (unsigned char *)(s + 2);
}
void __RPC_USER local_word_UserFree(unsigned long *flags, local_word *w)
{
    (void)flags, (void)w;
}

handle_t __RPC_USER place_bind(place p)
{
    unsigned char *text;
    handle_t h = NULL;

    ok(p.number == 77 || p.number == 78, "place %ld", p.number);
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
void __RPC_USER counter_rundown(counter c)
{
    free(c);
    rundowns++;
}
void __RPC_USER serial_counter_rundown(serial_counter c)
{
    free(c);
    rundowns++;
}

/* ---- the server ---- */

long s_base_add(handle_t h, long a, long b)
{
    (void)h;
    return a + b;
}
double s_base_half(handle_t h, double d)
{
    (void)h;
    return d / 2;
}
long s_view_add(handle_t h, long a, long b)
{
    return s_base_add(h, a, b);
}
double s_view_half(handle_t h, double d)
{
    return s_base_half(h, d);
}
void s_represent(handle_t h, local_pair *p)
{
    (void)h;
    ok(p->sum == 10 && p->difference == 4 && !strcmp(p->note, "ok"), "pair %f %f", p->sum, p->difference);
    p->sum = 20;
}
void s_words(handle_t h, local_word *w, local_word *doubled)
{
    (void)h;
    ok(w->whole == 0x12345678, "word %I64x", w->whole);
    doubled->whole = w->whole * 2;
}
void s_fill(handle_t h, unsigned long length, table *t)
{
    long i;

    (void)h;
    ok(length == 512, "length %lu", length);
    t->n = 3;
    t->name = midl_user_allocate(10);
    lstrcpyW(t->name, L"name");
    t->values = midl_user_allocate(3 * sizeof(long));
    for (i = 0; i < 3; i++)
        t->values[i] = i * i;
}
long s_interfaces(handle_t h, iid *riid, IUnknown *p, IUnknown **q)
{
    (void)h;
    ok(!memcmp(riid, &IID_IUnknown, sizeof(IID)), "iid");
    *q = p;
    if (!p)
        return 0;
    return (long)IUnknown_AddRef(p) > 1; /* one for the caller, one for *q, whom the stub releases */
}
long s_remote_product(handle_t h, long a, long b)
{
    (void)h;
    return a * b;
}
long s_chain(handle_t h, twoway *t)
{
    long sum = 0;

    (void)h;
    for (; t; t = t->next)
        sum += t->value++;
    return sum;
}
void s_any_of(handle_t h, two_of_any *t)
{
    (void)h;
    ok(t->which == 1 && t->value.small_one == 9 && t->other.large_one == 0x123456789abcll, "any");
    t->which = 2;
    t->value.large_one = -5;
    t->other.small_one = 6;
}
long s_cut(handle_t h, slice *s)
{
    long i, sum = 0;

    (void)h;
    ok(s->first == 2 && s->last == 4 && s->max == 6, "slice");
    for (i = s->first; i <= s->last; i++)
        sum += s->part[i];
    return sum;
}
long s_expressions(handle_t h, table *t, short *by_member, long *n, short *by_pointer, long rows, long **grid)
{
    (void)h;
    ok(t->n == 3 && by_member[2] == 12, "by member");
    ok(*n == 4 && by_pointer[4] == 24, "by pointer");
    return grid[rows ? rows - 1 : 0][3];
}
void s_shapes(handle_t h, long n, long flat[][3], byte *out, long *used)
{
    long i;

    (void)h;
    for (i = 0; i < n * 3; i++)
        flat[i / 3][i % 3] += 100;
    *used = n - 1;
    for (i = 0; i < n; i++)
        out[i] = (byte)(i + 1);
}
counter s_count_from(handle_t h, long start)
{
    long *c = malloc(sizeof(*c));

    (void)h;
    *c = start;
    return c;
}
long s_count(counter c)
{
    return (*(long *)c)++;
}
void s_count_end(counter *c)
{
    free(*c);
    *c = NULL;
}
void s_serial_open(handle_t h, serial_counter *c, few by)
{
    long *value = malloc(2 * sizeof(*value));

    (void)h;
    value[0] = 0;
    value[1] = by;
    *c = value;
}
long s_serial_next(serial_counter c)
{
    long *value = c;

    return value[0] += value[1];
}
void s_serial_end(serial_counter *c)
{
    free(*c);
    *c = NULL;
}
void s_perhaps(handle_t h, long a)
{
    (void)h;
    perhaps_value = a;
}
long s_perhaps_came(handle_t h)
{
    (void)h;
    return perhaps_value;
}
long s_flagged(handle_t h, long raise)
{
    (void)h;
    if (raise)
        RpcRaiseException(raise);
    return 1;
}
void s_flagged_notify_flag(boolean called)
{
    notified_with = called;
}
void s_nodes(handle_t h, long n, whole_chain *list)
{
    twoway *t;

    (void)h;
    for (*list = NULL; n; n--) {
        t = midl_user_allocate(sizeof(*t));
        t->value = n;
        t->next = *list;
        t->previous = NULL;
        *list = t;
    }
}
hyper s_inlined(handle_t h, const wchar_t *s, hyper *x, const local_pair *const p)
{
    (void)h;
    ok(!lstrcmpW(s, L"inline"), "s");
    ok(p->sum == 5, "p");
    return (*x)++ * 2;
}
long s_unseen(handle_t h)
{
    (void)h;
    return 0;
}
long s_where(long x)
{
    return x + 1;
}
long s_where_else(place p, long x)
{
    return p.number + x;
}
void s_stop(handle_t h)
{
    (void)h;
    RpcMgmtStopServerListening(NULL);
}

/* ---- the client ---- */

void look_at(handle_t *h, RPC_IF_HANDLE spec, error_status_t *status)
{
    ok(*h && spec == more_implicit_v1_0_c_ifspec, "callout");
    *status = looked++ == 2 ? 1234 : 0;
}

/* [call_as]: what the program calls, and what goes to the server. */
static handle_t local_handle;

long product(long a, long b)
{
    return a == 0 || b == 0 ? 0 : remote_product(local_handle, a, b);
}

static void types(handle_t h)
{
    local_pair p = {10, 4, ""}, q = {5, 1, ""};
    local_word w = {0x12345678}, d = {0};
    unsigned __int64 room[64];
    table *t = (table *)room;
    hyper x = 0x100000001ll;

    represent(h, &p);
    ok(p.sum == 20 && p.difference == 4 && converted > 0, "represented %f %f", p.sum, p.difference);
    words(h, &w, &d);
    ok(d.whole == 0x2468acf0, "doubled %I64x", d.whole);
    memset(room, 0xcc, sizeof(room));
    fill(h, sizeof(room), t);
    ok(t->n == 3 && !lstrcmpW(t->name, L"name") && t->values[2] == 4, "filled");
    ok((char *)t->name > (char *)room && (char *)t->values < (char *)(room + 64), "in the caller's memory");
    ok(inlined(h, L"inline", &x, &q) == 0x200000002ll && x == 0x100000002ll, "inlined");
}

static void inheritance(handle_t h)
{
    ok(view_add(h, 2, 3) == 5, "inherited");
    ok(view_half(h, 5) == 2.5, "inherited, a double");
    local_handle = h;
    ok(product(6, 7) == 42 && product(0, 7) == 0, "call_as");
}

static void lists(handle_t h)
{
    twoway c = {3, NULL, NULL}, b = {2, &c, NULL}, a = {1, &b, NULL}, *list = NULL, *t;
    long n = 0;

    c.previous = &b;
    b.previous = &a;
    ok(chain(h, &a) == 6 && a.value == 2 && c.value == 4, "chain");
    nodes(h, 5, &list);
    for (t = list; t; t = t->next)
        ok(t->value == ++n, "node %ld", t->value);
    ok(n == 5, "%ld nodes", n);
    midl_user_free(list); /* allocate(all_nodes): one block */
}

static void sizes(handle_t h)
{
    long values[3] = {1, 2, 3}, n = 4, row0[4] = {0, 1, 2, 3}, row1[4] = {4, 5, 6, 7},
         *grid[2] = {row0, row1}, flat[2][3] = {{1, 2, 3}, {4, 5, 6}}, used = 0;
    short members[3] = {10, 11, 12}, pointers[5] = {20, 21, 22, 23, 24};
    table t = {3, NULL, values};
    slice *s = calloc(1, sizeof(*s) + 7 * sizeof(long));
    two_of_any any = {1, {0}, {0}};
    byte out[2] = {0};
    int i;

    ok(expressions(h, &t, members, &n, pointers, 2, grid) == 7, "expressions");
    s->first = 2;
    s->last = 4;
    s->max = 6;
    for (i = 0; i < 7; i++)
        s->part[i] = 1 << i;
    ok(cut(h, s) == 4 + 8 + 16, "slice");
    free(s);
    shapes(h, 2, flat, out, &used);
    ok(flat[1][2] == 106 && used == 1 && out[0] == 1, "shapes %ld %ld %d", flat[1][2], used, out[0]);
    any.value.small_one = 9;
    any.other.large_one = 0x123456789abcll;
    any_of(h, &any);
    ok(any.which == 2 && any.value.large_one == -5 && any.other.small_one == 6, "any");
}

static void contexts(handle_t h)
{
    counter c = count_from(h, 5);
    serial_counter s = NULL;

    ok(count(c) == 5 && count(c) == 6, "count");
    count_end(&c);
    ok(!c, "ended");
    serial_open(h, &s, three);
    ok(serial_next(s) == 3 && serial_next(s) == 6, "serial");
    serial_end(&s);
    RpcTryExcept
    {
        serial_open(h, &s, (few)4);
        serial_end(&s);
        skipped++; /* a server without /robust, as -Os ones are, checks no range */
    }
    RpcExcept(1)
    {
        ok(RpcExceptionCode() == RPC_X_INVALID_BOUND, "range: %lu", RpcExceptionCode());
    }
    RpcEndExcept
}

static void interface_pointers(handle_t h)
{
    IStream *stream = NULL;
    IUnknown *back = NULL;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    ok(!interfaces(h, (iid *)&IID_IUnknown, NULL, &back) && !back, "no interface");
    ok(!CreateStreamOnHGlobal(NULL, TRUE, &stream), "stream");
    ok(interfaces(h, (iid *)&IID_IUnknown, (IUnknown *)stream, &back) == 1 && back, "an interface");
    if (back)
        IUnknown_Release(back);
    IStream_Release(stream);
    CoUninitialize();
}

static void calls(handle_t h)
{
    place p = {78};

    where_to.number = 77;
    perhaps(h, 31);
    while (perhaps_came(h) != 31) /* nothing tells the client when a [maybe] call was made */
        SwitchToThread();
    ok(flagged(h, 0) == 1, "flagged");
    ok(where(4) == 5, "implicit");
    ok(where_else(p, 4) == 82, "explicit generic");
    RpcTryExcept
    {
        where(1);
        ok(0, "refused by the callout");
    }
    RpcExcept(1)
    {
        ok(RpcExceptionCode() == 1234, "refused: %lu", RpcExceptionCode());
    }
    RpcEndExcept ok(looked == 3, "looked at %ld bindings", looked);
}

static void client(handle_t h)
{
    types(h);
    inheritance(h);
    lists(h);
    sizes(h);
    contexts(h);
    interface_pointers(h);
    calls(h);
}

static void server_begin(void)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    ok(!RpcServerRegisterIf(more_implicit_v1_0_s_ifspec, NULL, NULL), "register");
}

static void server_end(void)
{
    ok(notified_with == 1, "notify_flag %ld", notified_with);
    ok(!rundowns, "%ld rundowns", rundowns);
}

int main(int argc, char **argv)
{
    static const struct pair pair = {"more", &more_v1_0_s_ifspec, client, stop, server_begin, server_end};

    return pair_main(argc, argv, &pair);
}
