/* From the syntax tree to the wire model: every attribute goes to the pointer or array it means.
 * Sources: SDK, MIDL reference (size_is, string, pointers, context_handle …), "Default Pointer Types". */
#include "lower.h"

#include <string.h>

struct table rundown_table, generic_table;
struct xmit_entry *xmit_table, *user_table;
int n_xmit, n_user;

void lower_reset(void)
{
    memset(&rundown_table, 0, sizeof(rundown_table));
    memset(&generic_table, 0, sizeof(generic_table));
    xmit_table = user_table = NULL;
    n_xmit = n_user = 0;
    eval_table = NULL;
    n_eval = 0;
}

int table_index(struct table *t, const char *name)
{
    int i;

    for (i = 0; i < t->n; i++)
        if (t->names[i] == name)
            return i;
    t->names = mem_extend(t->names, t->n * sizeof(*t->names), (t->n + 1) * sizeof(*t->names));
    t->names[t->n] = name;
    return t->n++;
}

static int xmit_index(struct xmit_entry **table, int *n, struct xmit_entry e)
{
    int i;

    for (i = 0; i < *n; i++)
        if ((*table)[i].name == e.name && (*table)[i].represent == e.represent)
            return i;
    *table = mem_extend(*table, *n * sizeof(**table), (*n + 1) * sizeof(**table));
    (*table)[*n] = e;
    return (*n)++;
}

struct wire *wire_new(enum wire_kind kind, struct type *ctype, struct loc loc)
{
    struct wire *w = mem_alloc(sizeof(*w));

    w->kind = kind;
    w->ctype = ctype;
    w->loc = loc;
    if (ctype) {
        w->size = type_size(ctype);
        w->align = type_align(ctype);
    }
    return w;
}

/* The next argument of each sizing attribute, for one pointer or array level. */
static struct expr *level_arg(struct attr *attrs, enum attr_id id, int level)
{
    struct attr *a = attr_find(attrs, id);
    struct arg *arg = a ? attr_arg(a, level) : NULL;

    return arg ? arg->expr : NULL;
}

static struct expr *plus(struct expr *e, int op, struct expr *by)
{
    int64_t a, b, v;
    struct expr *r;

    if (expr_const(e, &a) && expr_const(by, &b)) {
        v = op == '+' ? a + b : a - b;
        r = expr_new(E_INT, e->loc);
        r->value = v;
        r->text = mem_print("%lld", (long long)v);
        return r;
    }
    return expr_op(op, e, by, e->loc);
}

static struct expr *number(int64_t v, struct loc loc)
{
    struct expr *r = expr_new(E_INT, loc);

    r->value = v;
    r->text = mem_print("%lld", (long long)v);
    return r;
}

struct level { /* what the attributes say of one level */
    struct expr *size, *length, *first;
};

static struct level level_of(struct attr *attrs, int level, struct loc loc)
{
    struct level l = {0};
    struct expr *e;

    if (attr_find(attrs, A_MIN_IS))
        error_at(loc, 2028, "feature not implemented: min_is (arrays begin at zero)");
    l.size = level_arg(attrs, A_SIZE_IS, level);
    e = level_arg(attrs, A_MAX_IS, level);
    if (e && l.size)
        error_at(loc, 2077, "[max_is] and [size_is] cannot be specified at the same time");
    if (e)
        l.size = plus(e, '+', number(1, loc));
    l.length = level_arg(attrs, A_LENGTH_IS, level);
    l.first = level_arg(attrs, A_FIRST_IS, level);
    e = level_arg(attrs, A_LAST_IS, level);
    if (e && l.length)
        error_at(loc, 2076, "[last_is] and [length_is] cannot be specified at the same time");
    if (e)
        l.length = l.first ? plus(plus(e, '-', l.first), '+', number(1, loc)) : plus(e, '+', number(1, loc));
    return l;
}

static bool is_character(struct type *t)
{
    t = type_strip(t);
    return t && t->kind == T_BASE &&
           (t->base == B_CHAR || t->base == B_UCHAR || t->base == B_WCHAR || t->base == B_BYTE ||
            t->base == B_SMALL || t->base == B_USMALL);
}

static enum pointer_kind default_pointer(struct lower *c)
{
    struct attr *a = c->iface ? attr_find(c->iface->attrs, A_POINTER_DEFAULT) : NULL;
    struct arg *arg = a ? attr_arg(a, 0) : NULL;

    if (!arg || !arg->name)
        return opt.osf ? PTR_FULL : PTR_UNIQUE;
    return !strcmp(arg->name, "ref") ? PTR_REF : !strcmp(arg->name, "ptr") ? PTR_FULL : PTR_UNIQUE;
}

static enum pointer_kind pointer_kind(struct lower *c, struct attr *attrs)
{
    if (attr_find(attrs, A_REF))
        return PTR_REF;
    if (attr_find(attrs, A_UNIQUE))
        return PTR_UNIQUE;
    if (attr_find(attrs, A_PTR))
        return PTR_FULL;
    if (c->top)
        return PTR_REF;
    return default_pointer(c);
}

static struct attr *without(struct attr *list, enum attr_id id)
{
    struct attr *copy = NULL, **tail = &copy;

    for (; list; list = list->next) {
        if (list->id == id)
            continue;
        *tail = mem_alloc(sizeof(**tail));
        **tail = *list;
        (*tail)->next = NULL;
        tail = &(*tail)->next;
    }
    return copy;
}

static struct attr *without_pointer_attrs(struct attr *list)
{
    return without(without(without(list, A_REF), A_UNIQUE), A_PTR);
}

static struct attr *merged(struct attr *own, struct attr *of_alias)
{
    struct attr *all = without_pointer_attrs(NULL), **tail = &all;
    struct attr *lists[2] = {own, of_alias};
    int i;

    for (i = 0; i < 2; i++) {
        struct attr *a;

        for (a = lists[i]; a; a = a->next) {
            if (i == 1 && (a->id == A_REF || a->id == A_UNIQUE || a->id == A_PTR) &&
                (attr_find(own, A_REF) || attr_find(own, A_UNIQUE) || attr_find(own, A_PTR)))
                continue; /* the declaration's own word goes before its type's */
            *tail = mem_alloc(sizeof(**tail));
            **tail = *a;
            (*tail)->next = NULL;
            tail = &(*tail)->next;
        }
    }
    return all;
}

static struct wire *lower_string(struct lower *c, struct type *array, struct type *element, struct level l,
                                 struct attr *attrs)
{
    struct wire *w = wire_new(W_STRING, array, c->loc);
    int64_t n;

    w->ref = wire_new(W_BASE, element, c->loc);
    w->ref->base = type_strip(element)->base;
    w->base = w->ref->base;
    if (array->kind == T_ARRAY && array->dim && expr_const(array->dim, &n) && !l.size) {
        w->count = (unsigned)n;
    } else {
        w->conformant = true;
        w->size = 0;
        w->align = type_align(element);
        if (l.size) {
            w->size_of = lower_corr(c, l.size);
            corr_range(c, &w->size_of, attrs);
        } else if (array->kind == T_ARRAY && c->in_struct && !c->under_pointer)
            error_at(c->loc, 0,
                     "a conformant array in a structure needs size_is: the string '%s' has no bound",
                     c->name ? c->name : "");
        if (!l.size && attr_find(attrs, A_RANGE))
            warn_at(attr_find(attrs, A_RANGE)->loc, 2, 2028,
                    "feature not implemented: [range] on a string without size_is is not checked: '%s'",
                    c->name ? c->name : "");
    }
    return w;
}

static void array_bounds(struct lower *c, struct wire *w, struct type *t, struct level l)
{
    int64_t n, low = 0;

    if (t->lower && (!expr_const(t->lower, &low) || low != 0))
        error_at(t->loc, 0, "the lower bound of an array must be zero");
    if (t->dim) {
        if (!expr_const(t->dim, &n)) {
            error_at(t->loc, 2035, "constant expression expected: the bound of array '%s'",
                     c->name ? c->name : "");
            n = 1;
        }
        n += t->lower ? 1 : 0;
        if (n <= 0 || n > 0x7fffffff ||
            (n && type_size(t->ref) && n > 0x7fffffff / (int64_t)type_size(t->ref))) {
            error_at(t->loc, 0, "array '%s' has an impossible bound %lld", c->name ? c->name : "",
                     (long long)n);
            n = 1;
        }
        w->count = (unsigned)n;
    }
    if (l.size) {
        w->conformant = true;
    } else if (!t->dim) {
        w->conformant = true;
        error_at(c->loc, 0, "conformant array '%s' needs size_is or max_is", c->name ? c->name : "");
    }
}

/* The array a T_ARRAY or a sized pointer stands for. */
static struct wire *lower_array(struct lower *c, struct type *t, struct type *element, struct attr *attrs,
                                struct level l)
{
    struct wire *w = wire_new(W_ARRAY, t, c->loc);
    struct lower inner = *c;

    if (t->kind == T_ARRAY)
        array_bounds(c, w, t, l);
    else
        w->conformant = l.size != NULL;
    if (l.size) {
        w->size_of = lower_corr(c, l.size);
        corr_range(c, &w->size_of, attrs);
        attrs = without(attrs, A_RANGE);
    }
    if (l.length || l.first) {
        w->varying = true;
        if (!l.length)
            l.length = plus(l.size ? l.size : number(w->count, c->loc), '-', l.first);
        w->length_of = l.first ? corr_with_first(c, l.length, l.first) : lower_corr(c, l.length);
    }
    if (w->conformant) {
        w->size = 0;
        w->align = type_align(element);
    }
    w->nested_dim = c->nested_dim;
    inner.top = false;
    inner.level++;
    inner.in_array = true;
    inner.nested_dim = c->nested_dim || w->conformant || w->varying;
    w->ref = lower_inner(&inner, element, attrs);
    if (w->ref->kind == W_POINTER && w->ref->ptr == PTR_REF && type_unqual(element)->kind == T_POINTER &&
        !attr_find(attrs, A_REF) && default_pointer(c) != PTR_REF)
        w->ref->ptr = PTR_UNIQUE;
    return w;
}

static struct wire *lower_context(struct lower *c, struct type *t, struct attr *attrs, const char *type_name)
{
    struct wire *w = wire_new(W_CONTEXT, t, c->loc);
    struct attr *strict = c->iface ? attr_find(c->iface->attrs, A_TYPE_STRICT_CONTEXT_HANDLE) : NULL;
    const char *rundown = type_name ? mem_print("%s_rundown", type_name) : "0";

    if (!strict && c->iface)
        strict = attr_find(c->iface->attrs, A_STRICT_CONTEXT_HANDLE);
    w->ctx_strict = strict != NULL;
    w->ctx_serialize = attr_find(attrs, A_CONTEXT_HANDLE_SERIALIZE) != NULL;
    w->ctx_noserialize = attr_find(attrs, A_CONTEXT_HANDLE_NOSERIALIZE) != NULL;
    w->index = table_index(&rundown_table, intern_z(rundown));
    w->via_pointer = c->under_pointer;
    return w;
}

static bool is_context(struct attr *attrs)
{
    return attr_find(attrs, A_CONTEXT_HANDLE) || attr_find(attrs, A_CONTEXT_HANDLE_SERIALIZE) ||
           attr_find(attrs, A_CONTEXT_HANDLE_NOSERIALIZE);
}

/* iid_is(x), or the fixed IID of the interface. */
static struct wire *lower_interface_pointer(struct lower *c, struct type *t, struct attr *attrs)
{
    struct wire *w = wire_new(W_INTERFACE, t, c->loc);
    struct expr *iid = level_arg(attrs, A_IID_IS, 0);

    w->size = opt.win64 ? 8 : 4;
    w->align = w->size;
    if (iid)
        w->size_of = lower_corr(c, iid);
    return w;
}

static struct wire *lower_pointer(struct lower *c, struct type *t, struct attr *attrs)
{
    struct wire *w, *pointee;
    struct lower inner = *c;
    struct type *to = t->ref, *target = type_strip(to);
    struct level l = level_of(attrs, c->level, c->loc);
    struct attr *rest = without_pointer_attrs(attrs);
    bool string = attr_find(attrs, A_STRING) && is_character(to);

    if (is_context(attrs) && target->kind != T_POINTER)
        return lower_context(c, t, attrs, c->alias);
    if (target->kind == T_INTERFACE)
        return lower_interface_pointer(c, t, attrs);
    if (attr_find(attrs, A_IID_IS) && type_is_void(to))
        return lower_interface_pointer(c, t, attrs);
    w = wire_new(W_POINTER, t, c->loc);
    w->ptr = pointer_kind(c, attrs);
    if (c->top && c->out_only && w->ptr != PTR_REF && target->kind == T_POINTER) {
        /* [out, unique] T **: the documents' IDL means the pointer that is sent, as this one must be ref */
        w->ptr = PTR_REF;
        rest = attrs;
    }
    if (attr_find(attrs, A_IGNORE)) {
        w->kind = W_IGNORED;
        return w;
    }
    if (attr_find(attrs, A_ALLOCATE)) {
        struct arg *arg;

        for (arg = attr_find(attrs, A_ALLOCATE)->args; arg; arg = arg->next) {
            w->alloc_all |= arg->name && !strcmp(arg->name, "all_nodes");
            w->alloc_dont_free |= arg->name && !strcmp(arg->name, "dont_free");
        }
    }
    inner.top = false;
    inner.under_pointer = true;
    if (attr_find(attrs, A_BYTE_COUNT)) {
        w->kind = W_BYTE_COUNT;
        w->size_of = lower_corr(c, level_arg(attrs, A_BYTE_COUNT, 0));
        inner.level++;
        w->ref = lower_inner(&inner, to, rest);
        return w;
    }
    if (string) {
        pointee = lower_string(&inner, t, to, l, rest);
    } else if (l.size) {
        pointee = lower_array(&inner, t, to, rest, l);
        pointee->size = 0;
    } else {
        if (l.length || l.first)
            error_at(c->loc, 0, "length_is on pointer '%s' needs size_is", c->name ? c->name : "");
        inner.level++;
        pointee = lower_inner(&inner, to, rest);
        if (type_is_void(to))
            error_at(c->loc, 0, "'void *' cannot be marshalled: '%s' needs a type, context_handle or iid_is",
                     c->name ? c->name : "");
    }
    w->ref = pointee;
    return w;
}

/* "An integral type other than hyper or __int64, [...] an enum type, or a pipe type name". Source: SDK,
 * "range attribute". */
static struct wire *lower_range(struct lower *c, struct wire *w, struct attr *range)
{
    struct wire *r;
    struct arg *low = attr_arg(range, 0), *high = attr_arg(range, 1);

    if ((w->kind != W_BASE && w->kind != W_ENUM16) || w->base == B_HYPER || w->base == B_FLOAT ||
        w->base == B_DOUBLE) {
        error_at(range->loc, 2072, "inapplicable attribute: range is for integers of at most 32 bits: '%s'",
                 c->name ? c->name : "");
        return w;
    }
    r = wire_new(W_RANGE, w->ctype, c->loc);
    r->ref = w;
    r->base = w->base;
    if (!low || !high || high->next || !low->expr || !high->expr || !expr_const(low->expr, &r->low) ||
        !expr_const(high->expr, &r->high))
        error_at(range->loc, 2025, "syntax error: range takes two integer constants");
    if (r->low > r->high)
        error_at(range->loc, 2371, "incorrect range specified: %lld is above %lld", (long long)r->low,
                 (long long)r->high);
    return opt.robust ? r : w; /* "Without the /robust switch, the MIDL compiler ignores this attribute" */
}

static struct wire *lower_alias_marshal(struct lower *c, struct type *alias)
{
    static const struct {
        enum attr_id id;
        bool user, represent;
    } kinds[] = {{A_TRANSMIT_AS, false, false},
                 {A_REPRESENT_AS, false, true},
                 {A_WIRE_MARSHAL, true, false},
                 {A_USER_MARSHAL, true, true}};
    struct lower inner = *c;
    struct xmit_entry e = {0};
    struct wire *w;
    struct attr *a = NULL;
    struct arg *arg;
    int i;

    for (i = 0; i < 4 && !(a = attr_find(alias->attrs, kinds[i].id)); i++)
        ;
    if (!a)
        return NULL;
    arg = attr_arg(a, 0);
    if (!arg || (!arg->type && !arg->name)) {
        error_at(a->loc, 2025, "syntax error: %s takes a type", a->name);
        return NULL;
    }
    e.represent = kinds[i].represent;
    if (kinds[i]
            .represent) { /* the typedef is what goes over the wire; the argument is what the program sees */
        e.type = arg->type;
        if (!e.type) {
            e.type = type_new(T_ALIAS, a->loc);
            e.type->name = arg->name;
            e.type->ref = alias;
        }
        e.wire_type = alias->ref;
        e.name = kinds[i].user ? e.type->name : alias->name;
    } else {
        e.type = alias;
        e.wire_type = arg->type;
        e.name = alias->name;
        if (!e.wire_type) {
            error_at(a->loc, 2011, "unresolved type declaration: '%s'", arg->name);
            return NULL;
        }
    }
    w = wire_new(kinds[i].user ? W_USER : W_XMIT, e.type, c->loc);
    w->index = kinds[i].user ? xmit_index(&user_table, &n_user, e) : xmit_index(&xmit_table, &n_xmit, e);
    if (e.represent && !arg->type) {
        w->unknown = arg->name;
        if (!c->under_pointer)
            error_at(c->loc, 0,
                     "'%s': only a pointer to '%s' can be had, whose size the IDL file does not know",
                     c->name ? c->name : "", arg->name);
    }
    inner.top = false;
    inner.under_pointer = true;
    inner.level = 0;
    w->ref = lower_inner(&inner, e.wire_type, NULL);
    w->base = e.represent; /* the writer asks which of the two */
    return w;
}

static struct wire *lower_base(struct lower *c, struct type *named, struct type *t, struct attr *attrs)
{
    struct wire *w = wire_new(W_BASE, named, c->loc);

    (void)attrs;
    if (t->kind == T_ENUM) {
        w->kind = t->wire == (struct wire *)1 || attr_find(t->attrs, A_V1_ENUM) || attr_find(attrs, A_V1_ENUM)
                      ? W_BASE
                      : W_ENUM16;
        w->base = B_LONG;
        w->record = t;
        if (w->kind == W_BASE)
            w->index = 1; /* FC_ENUM32 */
        return w;
    }
    w->base = t->base;
    if (t->base == B_HANDLE)
        w->kind = W_HANDLE;
    return w;
}

struct wire *lower_inner(struct lower *c, struct type *t, struct attr *attrs)
{
    struct type *named = t, *alias;
    struct attr *range;
    struct wire *w;

    while (t && (t->kind == T_QUAL || t->kind == T_ALIAS)) {
        if (t->kind == T_ALIAS) {
            alias = t;
            if (alias->ref == alias)
                break;
            w = lower_alias_marshal(c, alias);
            if (w)
                return w;
            if (attr_find(alias->attrs, A_HANDLE) && c->top) {
                struct lower inner = *c;

                inner.no_handle = true;
                w = wire_new(W_GENERIC, alias, c->loc);
                w->index = table_index(&generic_table, alias->name);
                w->ref = lower_inner(&inner, alias->ref, merged(attrs, alias->attrs));
                return w;
            }
            if (is_context(alias->attrs))
                c->alias = alias->name;
            attrs = merged(attrs, alias->attrs);
        }
        t = t->ref;
    }
    if (!t)
        return wire_new(W_BASE, type_base(B_LONG, "long"), c->loc);
    range = attr_find(attrs, A_RANGE);
    switch (t->kind) {
    case T_BASE:
    case T_ENUM:
        w = lower_base(c, named, t, attrs);
        return range ? lower_range(c, w, range) : w;
    case T_POINTER:
        return lower_pointer(c, t, attrs);
    case T_ARRAY: {
        struct level l = level_of(attrs, c->level, c->loc);

        if (attr_find(attrs, A_STRING) && is_character(t->ref))
            return lower_string(c, t, t->ref, l, attrs);
        return lower_array(c, t, t->ref, attrs, l);
    }
    case T_STRUCT:
    case T_ENCAPSULATED:
        return lower_record(c, named, t);
    case T_UNION:
        return lower_union(c, named, t, attrs);
    case T_PIPE: {
        struct lower inner = *c;

        /* The page on [range] has it limit a pipe's chunks; no page says how FC_PIPE carries the limits. */
        if (range && opt.robust)
            warn_at(range->loc, 2, 2028, "feature not implemented: [range] on a pipe is not checked: '%s'",
                    c->name ? c->name : "");
        inner.top = false;
        inner.under_pointer = true;
        w = wire_new(W_PIPE, named, c->loc);
        w->ref = lower_inner(&inner, t->ref, NULL);
        return w;
    }
    case T_INTERFACE:
        error_at(c->loc, 0, "interface '%s' can only be used through a pointer", t->name);
        break;
    case T_FUNC:
        error_at(c->loc, 0, "'%s': a procedure cannot be marshalled", c->name ? c->name : "");
        break;
    default:
        break;
    }
    return wire_new(W_BASE, type_base(B_LONG, "long"), c->loc);
}
