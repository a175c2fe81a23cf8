/* Structures, unions and correlations: the second half of lower.c. */
#include "lower.h"

struct eval_entry *eval_table;
int n_eval;

static struct var *in_scope(struct lower *c, const char *name)
{
    struct var *v;

    for (v = c->scope; v; v = v->next)
        if (v->name == name)
            return v;
    return NULL;
}

static bool is_integer(struct type *t)
{
    t = type_strip(t);
    return t && (t->kind == T_ENUM || (t->kind == T_BASE && t->base != B_VOID && t->base != B_FLOAT &&
                                       t->base != B_DOUBLE && t->base != B_HANDLE));
}

/* [range] on a count limits the conformance too. Source: SDK, "range attribute". */
static void add_range(struct corr *r, struct attr *range)
{
    struct arg *low = range ? attr_arg(range, 0) : NULL, *high = range ? attr_arg(range, 1) : NULL;

    r->ranged = opt.robust && opt.target >= 60 && low && high && low->expr && high->expr &&
                expr_const(low->expr, &r->low) && expr_const(high->expr, &r->high);
}

void corr_range(struct lower *c, struct corr *r, struct attr *attrs)
{
    struct attr *range = attr_find(attrs, A_RANGE);

    if (range && opt.robust && !opt.target)
        warn_at(range->loc, 2, 0, "[range] on conformant data is checked from -target NT60 on: '%s'",
                c->name ? c->name : "");
    else if (range && opt.robust && opt.target < 60)
        error_at(range->loc, 0, "[range] on conformant data needs -target NT60 or higher: '%s'",
                 c->name ? c->name : "");
    if (range)
        add_range(r, range);
}

/* "Invalid combination of [in] only and [out] parameters for [async_uuid] interface: only simple combinations
 * … are allowed for this type of interface" (SDK, "Compiler Errors"). What is simple no page tells: here what
 * a correlation descriptor can say of one variable. */
static void error_combination(struct lower *c, struct expr *name)
{
    bool begin = c->proc->half == BEGIN_HALF;

    error_at(name->loc, 2372,
             "invalid combination of [in] only and [out] parameters for [async_uuid] interface: '%s' is [%s] "
             "only, in an expression about what is [%s]",
             name->text, begin ? "out" : "in", begin ? "in" : "out");
}

/* A parameter that Begin_X does not have, for it comes with Finish_X. */
static bool in_finish(struct lower *c, const char *name)
{
    struct var *v;

    if (!c->proc || !c->scope_is_params || c->proc->half != BEGIN_HALF)
        return false;
    for (v = c->proc->whole->func->members; v && v->name != name; v = v->next)
        ;
    return v != NULL;
}

/* A parameter that Finish_X does not have, for it went with Begin_X. */
static struct var *in_begin(struct lower *c, const char *name)
{
    struct proc *begin = c->proc && c->scope_is_params ? c->proc->begin : NULL;
    struct var *v;

    for (v = begin ? begin->func->members : NULL; v && v->name != name; v = v->next)
        ;
    return v;
}

static struct corr of_variable(struct lower *c, struct expr *name, int op)
{
    struct corr r = {.kind = CORR_VAR, .op = op, .expr = name, .self = c->self, .pointer = c->under_pointer};
    struct type *t;

    r.var = in_scope(c, name->text);
    r.in_params = c->scope_is_params;
    if (!r.var) {
        r.var = in_begin(c, name->text);
        r.split = r.var != NULL;
    }
    if (!r.var && in_finish(c, name->text)) {
        error_combination(c, name);
        r.kind = CORR_CONST;
        return r;
    }
    if (!r.var) {
        error_at(name->loc, 2058, "attribute expression cannot be resolved: undefined symbol '%s'",
                 name->text);
        r.kind = CORR_CONST;
        return r;
    }
    t = type_strip(r.var->type);
    add_range(&r, attr_find(r.var->attrs, A_RANGE) ? attr_find(r.var->attrs, A_RANGE)
                                                   : type_attr(r.var->type, A_RANGE));
    r.var->limits |= r.ranged;
    if (op == '@' && t->kind == T_POINTER)
        add_range(&r, attr_find(r.var->attrs, A_RANGE) ? attr_find(r.var->attrs, A_RANGE)
                                                       : type_attr(t->ref, A_RANGE));
    else if (op == '@')
        error_at(name->loc, 2030, "non-pointer used in a dereference operation: '%s'", name->text);
    return r;
}

static struct corr evaluated(struct lower *c, struct expr *e)
{
    struct corr r = {.kind = CORR_EVAL,
                     .expr = e,
                     .in_params = c->scope_is_params,
                     .self = c->self,
                     .pointer = c->under_pointer};
    struct eval_entry *x;

    eval_table = mem_extend(eval_table, n_eval * sizeof(*eval_table), (n_eval + 1) * sizeof(*eval_table));
    x = &eval_table[n_eval];
    *x = (struct eval_entry){.record = c->scope_is_params ? NULL : c->record, .owner = c->proc, .expr = e};
    x->name = c->name;
    x->pointer = c->under_pointer;
    x->offset = c->self ? (int)c->self->offset : 0;
    r.eval = n_eval++;
    return r;
}

/* Every name in an expression must be in scope. */
static bool names_known(struct lower *c, struct expr *e)
{
    int64_t v;

    if (!e)
        return true;
    if (e->kind == E_NAME && !in_scope(c, e->text) && (in_begin(c, e->text) || in_finish(c, e->text))) {
        error_combination(c, e);
        return false;
    }
    if (e->kind == E_NAME && !expr_const(e, &v) && !in_scope(c, e->text)) {
        error_at(e->loc, 2058, "attribute expression cannot be resolved: undefined symbol '%s'", e->text);
        return false;
    }
    return names_known(c, e->a) && names_known(c, e->b) && names_known(c, e->c);
}

struct corr lower_corr(struct lower *c, struct expr *e)
{
    struct corr r = {.kind = CORR_CONST, .expr = e};
    int64_t v;

    if (!e)
        return (struct corr){0};
    if (e->kind == E_NAME && in_scope(c, e->text))
        return of_variable(c, e, 0);
    if (expr_const(e, &r.value)) {
        if (r.value < 0 || r.value > 0x7fffffff)
            error_at(e->loc, 0, "impossible count %lld", (long long)r.value);
        else if (r.value > 0xffffff)
            return evaluated(c, e); /* the descriptor holds three octets of it */
        return r;
    }
    if (e->kind == E_NAME)
        return of_variable(c, e, 0);
    if (e->kind == E_UNARY && e->op == '@' && e->a->kind == E_NAME)
        return of_variable(c, e->a, '@');
    if (e->kind == E_BINARY && e->a->kind == E_NAME && (in_scope(c, e->a->text) || in_begin(c, e->a->text)) &&
        expr_const(e->b, &v)) {
        if ((e->op == '*' || e->op == '/') && v == 2)
            return of_variable(c, e->a, e->op);
        if ((e->op == '+' || e->op == '-') && v == 1)
            return of_variable(c, e->a, e->op);
    }
    if (!names_known(c, e))
        return r;
    return evaluated(c, e);
}

/* first_is forces a callback, which gives both the offset and the length. */
struct corr corr_with_first(struct lower *c, struct expr *length, struct expr *first)
{
    struct corr r = {.kind = CORR_CONST};

    if (!names_known(c, first) || !names_known(c, length))
        return r;
    r = evaluated(c, length);
    eval_table[r.eval].first = first;
    return r;
}

static void lower_fields(struct lower *c, struct type *t, struct wire *w)
{
    struct var *m;

    type_size(t); /* settles the offsets */
    for (m = t->members; m; m = m->next) {
        struct lower f = {.iface = c->iface,
                          .name = m->name,
                          .loc = m->loc,
                          .scope = t->members,
                          .self = m,
                          .record = t,
                          .proc = c->proc,
                          .in_struct = true};

        if (m->empty || !m->type)
            continue;
        m->wire = lower_inner(&f, m->type, m->attrs);
        if (wire_is_conformant(m->wire) && m->next && t->kind == T_STRUCT)
            error_at(m->loc, 2055, "conformant array '%s' must be the last field of its structure", m->name);
        if (m->wire->kind == W_HANDLE || m->wire->kind == W_PIPE || m->wire->kind == W_CONTEXT)
            error_at(m->loc, 0, "'%s': %s cannot be inside of a structure or union", m->name,
                     m->wire->kind == W_HANDLE ? "a handle_t"
                     : m->wire->kind == W_PIPE ? "a pipe"
                                               : "a context handle");
    }
    /* MIDL leaves the check of such a field to the conformance that it limits, as its output shows. */
    for (m = t->members; m; m = m->next)
        if (m->wire && m->wire->kind == W_RANGE && m->limits)
            m->wire = m->wire->ref;
    w->members = t->members;
}

/* A conformant structure's size ends where its array begins. */
static void conformant_size(struct wire *w)
{
    struct var *m = w->members;

    while (m && m->next)
        m = m->next;
    if (w->kind == W_STRUCT && m && m->wire && wire_is_conformant(m->wire))
        w->size = m->offset + (m->wire->kind == W_STRUCT ? m->wire->size : 0);
}

struct wire *lower_record(struct lower *c, struct type *named, struct type *t)
{
    struct wire *w;

    if (t->wire && t->wire->busy && !c->under_pointer) {
        error_at(c->loc, 2006, "recursive definition: '%s' contains itself", c->name ? c->name : "");
        return wire_new(W_BASE, type_base(B_LONG, "long"), c->loc);
    }
    if (t->wire)
        return t->wire;
    w = wire_new(t->kind == T_ENCAPSULATED ? W_ENCAPSULATED : W_STRUCT, named, c->loc);
    w->record = t;
    t->wire = w;
    if (!t->complete) {
        error_at(c->loc, 2011, "unresolved type declaration: '%s %s'", "struct", t->name ? t->name : "");
        return w;
    }
    if (!t->members)
        error_at(t->loc, 2025, "syntax error: structure '%s' has no members", t->name ? t->name : "");
    w->busy = true;
    lower_fields(c, t, w);
    w->busy = false;
    conformant_size(w);
    if (t->kind == T_ENCAPSULATED) {
        struct type *s = type_strip(t->switch_type);

        if (!is_integer(s))
            error_at(t->loc, 0, "a switch must be an integer, character, boolean or enumeration");
        w->base = wire_base_of(s);
        w->switch_enum16 = s->kind == T_ENUM && !type_attr(t->switch_type, A_V1_ENUM);
        w->switch_offset = type_size(s);
        if (w->align > w->switch_offset)
            w->switch_offset = w->align;
    }
    return w;
}

static void check_cases(struct type *t)
{
    struct var *m;
    struct attr *a;
    int defaults = 0;

    for (m = t->members; m; m = m->next) {
        bool labelled = false;

        for (a = m->attrs; a; a = a->next) {
            labelled |= a->id == A_CASE || a->id == A_DEFAULT;
            defaults += a->id == A_DEFAULT;
        }
        if (!labelled)
            error_at(m->loc, 0, "union arm '%s' has neither case nor default", m->name ? m->name : "");
    }
    if (defaults > 1)
        error_at(t->loc, 0, "the union has more than one default");
}

struct wire *lower_union(struct lower *c, struct type *named, struct type *t, struct attr *attrs)
{
    struct wire *w = wire_new(W_UNION, named, c->loc), *shared = t->wire;
    struct attr *sw = attr_find(attrs, A_SWITCH_IS), *st = attr_find(attrs, A_SWITCH_TYPE);
    struct arg *arg = sw ? attr_arg(sw, 0) : NULL;
    struct type *s = NULL;

    w->record = t;
    if (shared && shared->busy && !c->under_pointer) {
        error_at(c->loc, 2006, "recursive definition: '%s' contains itself", c->name ? c->name : "");
        return wire_new(W_BASE, type_base(B_LONG, "long"), c->loc);
    }
    if (!t->complete) {
        error_at(c->loc, 2011, "unresolved type declaration: 'union %s'", t->name ? t->name : "");
        return w;
    }
    if (!shared) {
        t->wire = shared = wire_new(W_UNION, named, c->loc);
        shared->record = t;
        shared->members = t->members;
        check_cases(t);
        shared->busy = true;
        lower_fields(c, t, shared);
        shared->busy = false;
    }
    w->members = t->members;
    w->ms_union = opt.ms_union || attr_find(attrs, A_MS_UNION) || attr_find(t->attrs, A_MS_UNION) ||
                  (c->iface && attr_find(c->iface->attrs, A_MS_UNION));
    if (!st)
        st = attr_find(t->attrs, A_SWITCH_TYPE);
    if (!arg || !arg->expr) {
        error_at(c->loc, 2078, "no [switch_is] attribute specified at use of union '%s'",
                 c->name ? c->name : "");
        return w;
    }
    w->size_of = lower_corr(c, arg->expr);
    if (st && attr_arg(st, 0) && attr_arg(st, 0)->type)
        s = attr_arg(st, 0)->type;
    else if (w->size_of.kind == CORR_VAR && w->size_of.var)
        s = w->size_of.var->type;
    if (s && type_strip(s)->kind == T_POINTER)
        s = type_strip(s)->ref;
    if (s && !is_integer(s))
        error_at(c->loc, 0, "a switch must be an integer, character, boolean or enumeration");
    w->base = s ? wire_base_of(s) : B_LONG;
    w->switch_enum16 = s && type_strip(s)->kind == T_ENUM && !type_attr(s, A_V1_ENUM);
    return w;
}
