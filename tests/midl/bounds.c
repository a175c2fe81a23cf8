/* bounds.idl for real. See pair.h for the arguments.
 * Ranges: RPC_X_INVALID_BOUND where a value or a size lies outside (SDK, "IDL Techniques for Better Interface
 * and Method Design"). Memory: SDK, "allocate attribute", "heap attribute". Managers: SDK, "RPC_MGR_EPV". */
#include "pair.h"

#include <stdlib.h>
#include "bounds.h"

static LONG marked_allocated, marked_freed;
static node *kept_nodes;
static wchar_t *name_kept;

static UUID type_a = {0x7a3c1f52, 0x8b1e, 0x4d39, {0x9a, 0x56, 0x3f, 0x0c, 0x11, 0xd2, 0xe4, 0x0a}};
static UUID type_b = {0x7a3c1f52, 0x8b1e, 0x4d39, {0x9a, 0x56, 0x3f, 0x0c, 0x11, 0xd2, 0xe4, 0x0b}};
static UUID object_a = {0x7a3c1f52, 0x8b1e, 0x4d39, {0x9a, 0x56, 0x3f, 0x0c, 0x11, 0xd2, 0xe4, 0x0c}};
static UUID object_b = {0x7a3c1f52, 0x8b1e, 0x4d39, {0x9a, 0x56, 0x3f, 0x0c, 0x11, 0xd2, 0xe4, 0x0d}};

/* ---- the server ---- */

long s_sum(handle_t h, long n, long *p)
{
    long total = 0;

    (void)h;
    while (n--)
        total += p[n];
    return total;
}
long s_extend(handle_t h, extension *e)
{
    (void)h;
    return e ? (long)e->count : -1;
}
long s_text(handle_t h, wchar_t *s, unsigned long n)
{
    (void)h;
    s[0] = L'T';
    return (long)n;
}
void s_returned(handle_t h, long n, small_count *m, long **p)
{
    (void)h;
    *m = n;
    *p = midl_user_allocate(n * sizeof(long));
    while (n--)
        (*p)[n] = n;
}
long s_near_to(handle_t h, near_zero n)
{
    (void)h;
    return n;
}
long s_grid(handle_t h, long rows, long columns, long **cells)
{
    (void)h;
    return cells[rows - 1][columns - 1];
}

static long allocated_since_mark(void)
{
    return pair_allocated - marked_allocated;
}

static long values_of(const node *n)
{
    long total = 0;

    for (; n; n = n->next) {
        ok(!lstrcmpW(n->name, L"node"), "a name");
        total += n->value;
    }
    return total;
}

void s_mark(handle_t h)
{
    (void)h;
    marked_allocated = pair_allocated;
    marked_freed = pair_freed;
}
long s_plain(handle_t h, node *l)
{
    (void)h;
    ok(values_of(l) == 6, "plain %ld", values_of(l));
    return allocated_since_mark();
}
long s_kept(handle_t h, node *l)
{
    (void)h;
    kept_nodes = l;
    return allocated_since_mark();
}
long s_whole(handle_t h, node *l)
{
    return s_plain(h, l);
}
long s_whole_kept(handle_t h, node *l)
{
    return s_kept(h, l);
}
long s_on_stack(handle_t h, small_block *b, long *n)
{
    (void)h;
    b->values[2] = 5;
    *n = 6;
    return allocated_since_mark();
}
long s_on_heap(handle_t h, heap_block *b, heap_block *c)
{
    (void)h;
    c->values[39] = b->values[39] + 1;
    return allocated_since_mark();
}
long s_freed_since_mark(handle_t h)
{
    (void)h;
    return pair_freed - marked_freed;
}
long s_kept_sum(handle_t h)
{
    (void)h;
    return values_of(kept_nodes);
}
void s_keep_name(handle_t h, kept_name s)
{
    (void)h;
    name_kept = s;
}
long s_kept_length(handle_t h)
{
    (void)h;
    return lstrlenW(name_kept);
}
void s_stop(handle_t h)
{
    (void)h;
    RpcMgmtStopServerListening(NULL);
}

/* Of the nil type, and two more. */
long s_which(handle_t h)
{
    (void)h;
    return 0;
}
hyper s_twice(handle_t h, hyper x, const wchar_t *s)
{
    (void)h;
    return lstrcmpW(s, L"twice") ? 0 : x * 2;
}
static long which_a(handle_t h)
{
    (void)h;
    return 1;
}
static long which_b(handle_t h)
{
    (void)h;
    return 2;
}
static hyper minus_twice(handle_t h, hyper x, const wchar_t *s)
{
    return -s_twice(h, x, s);
}

/* ---- the client ---- */

/* The server refuses call, which lies outside its ranges. One without /robust, as -Os ones are, checks none.
 */
#define REFUSED(call, unchecked)                                                                             \
    RpcTryExcept                                                                                             \
    {                                                                                                        \
        (void)(call);                                                                                        \
        skipped++;                                                                                           \
        ok(unchecked, "%s was let through", #call);                                                          \
    }                                                                                                        \
    RpcExcept(1)                                                                                             \
    {                                                                                                        \
        ok(RpcExceptionCode() == RPC_X_INVALID_BOUND, "%s: %lu", #call, RpcExceptionCode());                 \
    }                                                                                                        \
    RpcEndExcept

static void sizes_in_range(handle_t h)
{
    long p[5] = {1, 2, 3, 4, 5}, *cells[3] = {p, p, p}, *back = NULL;
    wchar_t s[64] = L"text";
    extension *e = calloc(1, sizeof(*e) + 8);
    small_count m = 0;

    ok(sum(h, 2, p) == 3 && sum(h, 5, p) == 15, "sum");
    e->count = 1;
    ok(extend(h, e) == 1, "the lowest");
    e->count = 8;
    ok(extend(h, e) == 8 && extend(h, NULL) == -1, "the highest");
    free(e);
    ok(text(h, s, 64) == 64 && !lstrcmpW(s, L"Text"), "text");
    ok(near_to(h, -3) == -3 && near_to(h, 3) == 3, "near");
    ok(grid(h, 3, 4, cells) == 4, "grid");
    returned(h, 16, &m, &back);
    ok(m == 16 && back[15] == 15, "returned");
    midl_user_free(back);
}

static void sizes_out_of_range(handle_t h)
{
    long p[6] = {1, 2, 3, 4, 5, 6}, *cells[4] = {p, p, p, p}, *back = NULL;
    wchar_t s[65] = L"te";
    extension *e = calloc(1, sizeof(*e) + 9);
    small_count m = 0;

    REFUSED(sum(h, 1, p), pair_server_mixed);
    REFUSED(sum(h, 6, p), pair_server_mixed);
    e->count = 0;
    REFUSED(extend(h, e), pair_server_mixed);
    e->count = 9;
    REFUSED(extend(h, e), pair_server_mixed);
    free(e);
    REFUSED(text(h, s, 3), pair_server_mixed);
    REFUSED(text(h, s, 65), pair_server_mixed);
    REFUSED(near_to(h, 4), pair_server_mixed);
    REFUSED(near_to(h, -4), pair_server_mixed);
    REFUSED(grid(h, 4, 1, cells), pair_server_mixed);
    REFUSED(grid(h, 1, 5, cells), pair_server_mixed);
    REFUSED((returned(h, 17, &m, &back), 0), pair_client_mixed);
}

static void memory(handle_t h)
{
    wchar_t name[] = L"node";
    node c = {3, name, NULL}, b = {2, name, &c}, a = {1, name, &b};
    heap_block in = {{0}}, out;
    small_block stack;
    long n, count;

    mark(h);
    count = plain(h, &a);
    ok(freed_since_mark(h) == count, "%ld nodes, %ld freed", count, freed_since_mark(h));
    mark(h);
    n = whole(h, &a);
    ok(n == 1 && freed_since_mark(h) == 1, "all_nodes: %ld allocated, %ld freed", n, freed_since_mark(h));
    mark(h);
    n = kept(h, &a);
    ok(n == 6 && !freed_since_mark(h), "dont_free: %ld allocated, %ld freed", n, freed_since_mark(h));
    ok(kept_sum(h) == 6, "kept: %ld", kept_sum(h));
    mark(h);
    n = whole_kept(h, &a);
    ok(n == 1 && !freed_since_mark(h), "all_nodes, dont_free: %ld allocated, %ld freed", n,
       freed_since_mark(h));
    ok(kept_sum(h) == 6, "kept: %ld", kept_sum(h));
    keep_name(h, name);
    ok(kept_length(h) == 4, "kept: %ld", kept_length(h));
    mark(h);
    count = on_stack(h, &stack, &n);
    ok(!count && stack.values[2] == 5 && n == 6, "on the stub's stack: %ld allocated", count);
    mark(h);
    in.values[39] = 8;
    count = on_heap(h, &in, &out);
    ok(out.values[39] == 9, "heap");
    ok(freed_since_mark(h) == count, "heap: %ld allocated, %ld freed", count, freed_since_mark(h));
}

static void managers(handle_t h)
{
    ok(which(h) == 0 && twice(h, 0x100000001ll, L"twice") == 0x200000002ll, "of the nil type");
    ok(!RpcBindingSetObject(h, &object_a), "object");
    ok(which(h) == 1 && twice(h, 3, L"twice") == 6, "of the first type: %ld", which(h));
    ok(!RpcBindingSetObject(h, &object_b), "object");
    ok(which(h) == 2 && twice(h, 3, L"twice") == -6, "of the second type: %ld", which(h));
    ok(!RpcBindingSetObject(h, NULL), "no object");
}

static void client(handle_t h)
{
    sizes_in_range(h);
    sizes_out_of_range(h);
    memory(h);
    managers(h);
}

static void server_begin(void)
{
    static struct {
        long (*which)(handle_t h);
        hyper (*twice)(handle_t h, hyper x, const wchar_t *s);
    } epv_a = {which_a, s_twice}, epv_b = {which_b, minus_twice};

    ok(!RpcServerRegisterIf(bounds_managed_v1_0_s_ifspec, NULL, NULL), "the nil type");
    ok(!RpcServerRegisterIf(bounds_managed_v1_0_s_ifspec, &type_a, &epv_a), "the first type");
    ok(!RpcServerRegisterIf(bounds_managed_v1_0_s_ifspec, &type_b, &epv_b), "the second type");
    ok(!RpcObjectSetType(&object_a, &type_a) && !RpcObjectSetType(&object_b, &type_b), "types");
}

int main(int argc, char **argv)
{
    static const struct pair pair = {"bounds", &bounds_v1_0_s_ifspec, client, stop, server_begin, NULL};

    return pair_main(argc, argv, &pair);
}
