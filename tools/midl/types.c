/* Questions about the syntax tree's types: what is behind a name, how large it is in memory on the target. */
#include "midl.h"

struct type *type_unqual(struct type *t)
{
    while (t && t->kind == T_QUAL)
        t = t->ref;
    return t;
}

struct type *type_strip(struct type *t)
{
    while (t && (t->kind == T_QUAL || t->kind == T_ALIAS))
        t = t->ref;
    return t;
}

struct attr *type_attr(struct type *t, enum attr_id id)
{
    struct attr *a;

    for (; t; t = t->ref) {
        a = attr_find(t->attrs, id);
        if (a)
            return a;
        if (t->kind != T_QUAL && t->kind != T_ALIAS)
            break;
    }
    return NULL;
}

bool type_is_void(struct type *t)
{
    t = type_strip(t);
    return t && t->kind == T_BASE && t->base == B_VOID;
}

static unsigned base_size(enum base b)
{
    switch (b) {
    case B_VOID:
        return 0;
    case B_BYTE:
    case B_BOOLEAN:
    case B_CHAR:
    case B_UCHAR:
    case B_SMALL:
    case B_USMALL:
        return 1;
    case B_WCHAR:
    case B_SHORT:
    case B_USHORT:
        return 2;
    case B_LONG:
    case B_ULONG:
    case B_FLOAT:
    case B_ERROR_STATUS:
        return 4;
    case B_HYPER:
    case B_UHYPER:
    case B_DOUBLE:
        return 8;
    case B_INT3264:
    case B_UINT3264:
    case B_HANDLE:
        return opt.win64 ? 8 : 4;
    }
    return 0;
}

static unsigned round_up(unsigned n, unsigned align)
{
    return align ? (n + align - 1) / align * align : n;
}

static unsigned limited(unsigned align, int pack)
{
    return pack && align > (unsigned)pack ? (unsigned)pack : align;
}

static unsigned record_align(struct type *t)
{
    unsigned align = 1, a;
    struct var *m;

    if (t->kind == T_ENCAPSULATED)
        align = type_align(t->switch_type);
    for (m = t->members; m; m = m->next) {
        if (m->empty || !m->type)
            continue;
        a = limited(type_align(m->type), t->pack);
        if (a > align)
            align = a;
    }
    return align;
}

static unsigned union_size(struct type *t)
{
    unsigned size = 0, s;
    struct var *m;

    for (m = t->members; m; m = m->next) {
        s = m->empty || !m->type ? 0 : type_size(m->type);
        if (s > size)
            size = s;
    }
    return size;
}

static unsigned struct_size(struct type *t)
{
    unsigned size = 0;
    struct var *m;

    for (m = t->members; m; m = m->next) {
        if (!m->type || m->empty)
            continue;
        size = round_up(size, limited(type_align(m->type), t->pack));
        m->offset = size;
        size += type_size(m->type);
    }
    return size;
}

static unsigned array_size(struct type *t)
{
    int64_t n, low;

    if (!t->dim || !expr_const(t->dim, &n) || n < 0)
        return 0;
    if (t->lower)
        n = expr_const(t->lower, &low) ? n - low + 1 : 0;
    if (n < 0 || n > INT32_MAX)
        return 0;
    n *= type_size(t->ref);
    return n > INT32_MAX ? INT32_MAX : (unsigned)n;
}

unsigned type_size(struct type *t)
{
    unsigned size = 0;

    t = type_strip(t);
    if (!t || t->visited)
        return 0;
    t->visited = true;
    switch (t->kind) {
    case T_BASE:
        size = base_size(t->base);
        break;
    case T_POINTER:
        size = opt.win64 ? 8 : 4;
        break;
    case T_ARRAY:
        size = array_size(t);
        break;
    case T_ENUM:
        size = 4;
        break;
    case T_STRUCT:
        size = round_up(struct_size(t), record_align(t));
        break;
    case T_UNION:
        size = round_up(union_size(t), record_align(t));
        break;
    case T_ENCAPSULATED:
        size =
            round_up(type_size(t->switch_type), record_align(t)) + round_up(union_size(t), record_align(t));
        size = round_up(size, record_align(t));
        break;
    case T_PIPE:
        size = opt.win64 ? 32 : 16;
        break;
    default:
        break;
    }
    t->visited = false;
    return size;
}

unsigned type_align(struct type *t)
{
    unsigned align = 1;

    t = type_strip(t);
    if (!t || t->visited)
        return 1;
    t->visited = true;
    switch (t->kind) {
    case T_BASE:
        align = base_size(t->base);
        break;
    case T_POINTER:
    case T_PIPE:
        align = opt.win64 ? 8 : 4;
        break;
    case T_ARRAY:
        align = type_align(t->ref);
        break;
    case T_ENUM:
        align = 4;
        break;
    case T_STRUCT:
    case T_UNION:
    case T_ENCAPSULATED:
        align = record_align(t);
        break;
    default:
        break;
    }
    t->visited = false;
    return align ? align : 1;
}
