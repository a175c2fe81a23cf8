/* Values of test_types; see types.h. */
#include "types.h"
#include <stddef.h>

static ULONG next(struct visit *visit)
{
    visit->state = visit->state * 1664525 + 1013904223;
    return visit->state >> 8;
}

static void octets(struct visit *visit, void *at, const void *value, size_t size)
{
    if (visit->making)
        memcpy(at, value, size);
    else if (memcmp(at, value, size))
        visit->wrong++;
}

void visit_bits(struct visit *visit, void *at, size_t size)
{
    ULONGLONG value = (ULONGLONG)next(visit) << 40 ^ (ULONGLONG)next(visit) << 20 ^ next(visit);

    octets(visit, at, &value, size);
}

LONG visit_number(struct visit *visit, void *at, size_t size, LONG low, LONG high)
{
    LONGLONG value = low + (LONG)(next(visit) % (ULONG)(high - low + 1));

    octets(visit, at, &value, size);
    return (LONG)value;
}

void visit_real(struct visit *visit, double *at)
{
    double value = ((LONG)next(visit) - 0x800000) / 4.0;

    octets(visit, at, &value, sizeof(value));
}

static void visit_float(struct visit *visit, float *at)
{
    float value = (float)(next(visit) >> 4) / 2;

    octets(visit, at, &value, sizeof(value));
}

/* A pointer to size octets of memory. Gives what it leads to, NULL when it is not to be followed. */
static void *visit_memory(struct visit *visit, void *at, size_t size)
{
    void **pointer = at;

    if (visit->making)
        *pointer = memset(midl_user_allocate(size ? size : 1), 0, size);
    else if (!*pointer)
        visit->wrong++;
    return *pointer;
}

/* One that may be NULL. */
static void *visit_unique(struct visit *visit, void *at, size_t size)
{
    void **pointer = at;

    if (next(visit) % 4)
        return visit_memory(visit, at, size);
    if (visit->making)
        *pointer = NULL;
    else if (*pointer)
        visit->wrong++;
    return NULL;
}

void visit_longs(struct visit *visit, LONG *at, LONG count)
{
    for (; count > 0; count--)
        visit_bits(visit, at++, sizeof(*at));
}

void visit_shorts(struct visit *visit, short *at, LONG count)
{
    for (; count > 0; count--)
        visit_bits(visit, at++, sizeof(*at));
}

void visit_text(struct visit *visit, unsigned char *at, LONG room)
{
    unsigned char text[64] = {0};
    LONG length = (LONG)(next(visit) % (ULONG)room), i;

    for (i = 0; i < length; i++)
        text[i] = (unsigned char)('a' + next(visit) % 26);
    octets(visit, at, text, length + 1);
}

void visit_wide(struct visit *visit, wchar_t *at, LONG room)
{
    wchar_t text[64] = {0};
    LONG length = (LONG)(next(visit) % (ULONG)room), i;

    for (i = 0; i < length; i++)
        text[i] = (wchar_t)(0x3b1 + next(visit) % 26);
    octets(visit, at, text, (length + 1) * sizeof(*text));
}

void visit_new_wide(struct visit *visit, wchar_t **at)
{
    enum { ROOM = 24 };
    wchar_t *text = visit_memory(visit, at, ROOM * sizeof(*text));

    if (text)
        visit_wide(visit, text, ROOM);
}

static void visit_new_text(struct visit *visit, unsigned char **at)
{
    enum { ROOM = 30 };
    unsigned char *text = visit_memory(visit, at, ROOM);

    if (text)
        visit_text(visit, text, ROOM);
}

void visit_simple(struct visit *visit, t_simple *at)
{
    visit_bits(visit, &at->a, sizeof(at->a));
    visit_shorts(visit, &at->b, 1);
    visit_shorts(visit, &at->c, 1);
    visit_bits(visit, &at->d, sizeof(at->d));
    visit_float(visit, &at->e);
    visit_real(visit, &at->f);
    visit_bits(visit, at->g, sizeof(at->g));
}

void visit_gaps(struct visit *visit, t_gaps *at)
{
    visit_bits(visit, &at->a, sizeof(at->a));
    visit_bits(visit, &at->b, sizeof(at->b));
    visit_shorts(visit, &at->c, 1);
    visit_real(visit, &at->d);
    visit_bits(visit, &at->e, sizeof(at->e));
}

void visit_complex(struct visit *visit, t_complex *at)
{
    int i;

    visit_number(visit, &at->a, sizeof(at->a), T_NONE, T_THREE);
    visit_number(visit, &at->b, sizeof(at->b), T_NONE, T_THREE);
    visit_number(visit, &at->c, sizeof(at->c), T_WIDE_ONE, T_WIDE_MANY);
    visit_number(visit, &at->d, sizeof(at->d), T_NONE, T_THREE);
    visit_number(visit, &at->e, sizeof(at->e), T_NONE, T_THREE);
    for (i = 0; i < 4; i++)
        visit_number(visit, &at->f[i], sizeof(at->f[i]), 0, 1);
}

void visit_enum_array(struct visit *visit, t_enum_array *at)
{
    int i;

    for (i = 0; i < 6; i++)
        visit_number(visit, &at->a[i], sizeof(at->a[i]), T_NONE, T_THREE);
    visit_longs(visit, &at->b, 1);
}

void visit_nested(struct visit *visit, t_nested *at)
{
    visit_simple(visit, &at->a);
    visit_complex(visit, &at->b[0]);
    visit_complex(visit, &at->b[1]);
    visit_bits(visit, &at->c, sizeof(at->c));
}

static void visit_new_longs(struct visit *visit, LONG **at, LONG count)
{
    LONG *longs = visit_memory(visit, at, count * sizeof(*longs));

    if (longs)
        visit_longs(visit, longs, count);
}

static void visit_unique_long(struct visit *visit, LONG **at)
{
    LONG *value = visit_unique(visit, at, sizeof(*value));

    if (value)
        visit_longs(visit, value, 1);
}

void visit_pointers(struct visit *visit, t_pointers *at)
{
    t_simple *simple;
    t_complex *complex;
    short *two;
    hyper *eight;
    LONG **other;

    visit_unique_long(visit, &at->a);
    if ((two = visit_unique(visit, &at->b, sizeof(*two))))
        visit_shorts(visit, two, 1);
    if ((eight = visit_unique(visit, &at->c, sizeof(*eight))))
        visit_bits(visit, eight, sizeof(*eight));
    if ((simple = visit_unique(visit, &at->d, sizeof(*simple))))
        visit_simple(visit, simple);
    if ((complex = visit_unique(visit, &at->e, sizeof(*complex))))
        visit_complex(visit, complex);
    if ((other = visit_unique(visit, &at->f, sizeof(*other))))
        visit_unique_long(visit, other);
    visit_simple(visit, &at->g);
}

void visit_refs(struct visit *visit, t_refs *at)
{
    visit_new_longs(visit, &at->a, 1);
    if (visit_memory(visit, &at->b, sizeof(*at->b)))
        visit_complex(visit, at->b);
    visit_longs(visit, &at->c, 1);
}

void visit_list(struct visit *visit, t_list *at)
{
    int left = 20;

    do
        visit_longs(visit, &at->value, 1);
    while (left-- && (at = visit_memory(visit, &at->next, sizeof(*at))));
    if (at && visit->making)
        at->next = NULL;
    else if (at && at->next)
        visit->wrong++;
}

static void visit_branch(struct visit *visit, t_tree *at, int deep)
{
    t_tree *branch;

    visit_shorts(visit, &at->key, 1);
    visit_new_wide(visit, &at->name);
    if (!deep)
        return;
    if ((branch = visit_unique(visit, &at->left, sizeof(*branch))))
        visit_branch(visit, branch, deep - 1);
    if ((branch = visit_unique(visit, &at->right, sizeof(*branch))))
        visit_branch(visit, branch, deep - 1);
}

void visit_tree(struct visit *visit, t_tree *at)
{
    visit_branch(visit, at, 5);
}

void visit_fixed(struct visit *visit, t_fixed *at)
{
    int i;

    visit_longs(visit, at->a, 6);
    visit_simple(visit, &at->b[0]);
    visit_simple(visit, &at->b[1]);
    visit_shorts(visit, &at->c[0][0], 6);
    for (i = 0; i < 3; i++)
        visit_unique_long(visit, &at->d[i]);
    visit_pointers(visit, &at->e[0]);
    visit_pointers(visit, &at->e[1]);
    visit_text(visit, at->f, 60);
}

void visit_sized(struct visit *visit, t_sized *at)
{
    LONG n = visit_number(visit, &at->n, sizeof(at->n), 0, 7), i;
    LONG **indirect;

    visit_new_longs(visit, &at->longs, n);
    if (visit_memory(visit, &at->simples, n * sizeof(*at->simples)))
        for (i = 0; i < n; i++)
            visit_simple(visit, &at->simples[i]);
    if (visit_memory(visit, &at->complexes, n * sizeof(*at->complexes)))
        for (i = 0; i < n; i++)
            visit_complex(visit, &at->complexes[i]);
    if (visit_unique(visit, &at->pointers, n * sizeof(*at->pointers)))
        for (i = 0; i < n; i++)
            visit_pointers(visit, &at->pointers[i]);
    if ((indirect = visit_memory(visit, &at->indirect, n * sizeof(*indirect))))
        for (i = 0; i < n; i++)
            visit_unique_long(visit, &indirect[i]);
}

void visit_counted(struct visit *visit, t_counted *at)
{
    LONG n = visit_number(visit, &at->n, sizeof(at->n), 4, 9), i;
    LONG m = visit_number(visit, &at->m, sizeof(at->m), 0, 4);
    short *product;
    hyper *half;

    if (visit_memory(visit, &at->part, (n + 1) * sizeof(*at->part)))
        visit_longs(visit, at->part, m);
    if (visit_memory(visit, &at->twice, n * 2))
        visit_text(visit, at->twice, n * 2);
    if ((half = visit_memory(visit, &at->half, n / 2 * sizeof(*half))))
        for (i = 0; i < n / 2; i++)
            visit_bits(visit, &half[i], sizeof(*half));
    if ((product = visit_memory(visit, &at->product, (n * m + 3) * sizeof(*product))))
        visit_shorts(visit, product, n * m + 3);
    visit_longs(visit, at->varying, m);
    for (i = 0; i < m; i++)
        visit_complex(visit, &at->some[i]);
}

void visit_tail(struct visit *visit, t_tail **at)
{
    LONG n = 0;

    if (!visit_memory(visit, at, offsetof(t_tail, a) + 10 * sizeof(*(*at)->a)))
        return;
    n = visit_number(visit, &(*at)->n, sizeof((*at)->n), 0, 10);
    visit_longs(visit, (*at)->a, n);
}

void visit_pointer_tail(struct visit *visit, t_pointer_tail **at)
{
    LONG n, i;

    if (!visit_memory(visit, at, offsetof(t_pointer_tail, a) + 5 * sizeof(*(*at)->a)))
        return;
    n = visit_number(visit, &(*at)->n, sizeof((*at)->n), 0, 5);
    visit_unique_long(visit, &(*at)->p);
    for (i = 0; i < n; i++)
        visit_pointers(visit, &(*at)->a[i]);
}

void visit_varying_tail(struct visit *visit, t_varying_tail **at)
{
    LONG n;

    if (!visit_memory(visit, at, offsetof(t_varying_tail, a) + 10 * sizeof(*(*at)->a)))
        return;
    n = visit_number(visit, &(*at)->n, sizeof((*at)->n), 0, 10);
    visit_shorts(visit, (*at)->a, visit_number(visit, &(*at)->m, sizeof((*at)->m), 0, n));
}

void visit_around(struct visit *visit, t_around **at)
{
    LONG n;

    if (!visit_memory(visit, at, offsetof(t_around, tail.a) + 10 * sizeof(*(*at)->tail.a)))
        return;
    visit_shorts(visit, &(*at)->tag, 1);
    n = visit_number(visit, &(*at)->tail.n, sizeof((*at)->tail.n), 0, 10);
    visit_longs(visit, (*at)->tail.a, n);
}

void visit_blob(struct visit *visit, t_blob *at)
{
    LONG n = visit_number(visit, &at->n, sizeof(at->n), 0, 20000), i;

    if (visit_memory(visit, &at->blob, n))
        for (i = 0; i < n; i++)
            visit_bits(visit, &at->blob[i], 1);
}

void visit_strings(struct visit *visit, t_strings *at)
{
    int i;

    visit_new_text(visit, &at->a);
    visit_new_wide(visit, &at->b);
    visit_number(visit, &at->n, sizeof(at->n), 30, 40);
    if (visit_memory(visit, &at->e, 40 * sizeof(*at->e)))
        visit_wide(visit, at->e, 24);
    for (i = 0; i < 3; i++)
        visit_new_wide(visit, &at->f[i]);
}

void visit_fixed_texts(struct visit *visit, t_fixed_texts *at)
{
    visit_text(visit, at->a, 12);
    visit_wide(visit, at->b, 9);
}

void visit_int3264(struct visit *visit, t_int3264 *at)
{
    visit_number(visit, &at->a, sizeof(at->a), -1000000, 1000000);
    visit_number(visit, &at->b, sizeof(at->b), 0, 1000000);
}

void visit_octets(struct visit *visit, t_octets *at)
{
    visit_longs(visit, &at->n, 1);
    visit_new_text(visit, &at->octets);
}

void visit_by_long(struct visit *visit, LONG k, t_by_long *at)
{
    switch (k) {
    case 1:
        visit_longs(visit, &at->a, 1);
        break;
    case 2:
        visit_bits(visit, &at->b, sizeof(at->b));
        break;
    case 3:
        visit_new_wide(visit, &at->c);
        break;
    case 4:
    case 5:
        visit_simple(visit, &at->d);
        break;
    case 6:
        visit_pointers(visit, &at->e);
        break;
    }
}

static void visit_by_enum(struct visit *visit, LONG e, t_by_enum *at)
{
    switch (e) {
    case T_ONE:
        visit_bits(visit, &at->a, 1);
        break;
    case T_TWO:
        visit_real(visit, &at->b);
        break;
    case T_THREE:
        visit_complex(visit, &at->c);
        break;
    default:
        visit_shorts(visit, &at->d, 1);
    }
}

void visit_capsule(struct visit *visit, t_capsule *at)
{
    LONG which = visit_number(visit, &at->which, sizeof(at->which), 0, 4);
    t_list *list;

    if (which == 1)
        visit_bits(visit, &at->t_body.c, 1);
    else if (which == 2)
        visit_real(visit, &at->t_body.d);
    else if (which == 3 && (list = visit_unique(visit, &at->t_body.l, sizeof(*list))))
        visit_list(visit, list);
}

void visit_of_long(struct visit *visit, t_of_long *at)
{
    visit_by_long(visit, visit_number(visit, &at->k, sizeof(at->k), 0, 7), &at->u);
}

void visit_of_enum(struct visit *visit, t_of_enum *at)
{
    visit_by_enum(visit, visit_number(visit, &at->k, sizeof(at->k), T_NONE, T_THREE), &at->u);
}

void visit_of_short(struct visit *visit, t_of_short *at)
{
    LONG k = visit_number(visit, &at->k, sizeof(at->k), -2, 1);

    if (k == 1)
        visit_list(visit, &at->u.a);
    else if (k == -2)
        visit_bits(visit, &at->u.b, 1);
}

void visit_of_char(struct visit *visit, t_of_char *at)
{
    LONG k = visit_number(visit, &at->k, sizeof(at->k), 'a', 'c');

    if (k == 'a')
        visit_longs(visit, &at->u.a, 1);
    else if (k == 'b')
        visit_unique_long(visit, &at->u.b);
}

void visit_unions(struct visit *visit, t_unions *at)
{
    LONG n = visit_number(visit, &at->n, sizeof(at->n), 0, 6), i;

    if (visit_memory(visit, &at->longs, n * sizeof(*at->longs)))
        for (i = 0; i < n; i++)
            visit_of_long(visit, &at->longs[i]);
    if (visit_memory(visit, &at->enums, n * sizeof(*at->enums)))
        for (i = 0; i < n; i++)
            visit_of_enum(visit, &at->enums[i]);
    if (visit_memory(visit, &at->capsules, n * sizeof(*at->capsules)))
        for (i = 0; i < n; i++)
            visit_capsule(visit, &at->capsules[i]);
}

void visit_shown(struct visit *visit, t_shown *at)
{
    LONG x = visit_number(visit, &(LONG){0}, 0, -1000, 1000), y = x + 7;
    double real[2] = {x, y};

    octets(visit, &at->x, &real[0], sizeof(real[0]));
    octets(visit, &at->y, &real[1], sizeof(real[1]));
    visit_number(visit, &at->mark, sizeof(at->mark), 42, 42);
}

void visit_seen(struct visit *visit, t_seen *at)
{
    LONG low = visit_number(visit, &(LONG){0}, 0, -1000, 1000);
    LONG sum = 2 * low + 5, difference = 5;

    octets(visit, &at->sum, &sum, sizeof(sum));
    octets(visit, &at->difference, &difference, sizeof(difference));
}

void visit_ranges(struct visit *visit, t_ranges *at)
{
    LONG *percent;

    visit_number(visit, &at->a, sizeof(at->a), 1, 100);
    visit_number(visit, &at->b, sizeof(at->b), 0, 5);
    if ((percent = visit_unique(visit, &at->c, sizeof(*percent))))
        visit_number(visit, percent, sizeof(*percent), 1, 100);
}
