/* Checks that need no wire model: attributes where they may not stand, interfaces without what they need. */
#include "midl.h"

#include <string.h>

static void check_attrs(struct attr *a, unsigned where, const char *what)
{
    struct attr *b;

    for (; a; a = a->next) {
        if (a->id == A_NONE) {
            error_at(a->loc, 2025, "syntax error: unknown attribute [%s]", a->name);
            continue;
        }
        if (a->id >= A_CS_CHAR && a->id <= A_CS_TAG_RTN) {
            error_at(a->loc, 0,
                     "[%s] is not supported: the runtime has no code set conversion; send Unicode strings",
                     a->name);
            continue;
        }
        if (!(attr_where(a->id) & where) && !(where == ON_TYPE && attr_where(a->id) & ON_FIELD))
            error_at(a->loc, 2072, "inapplicable attribute: [%s] cannot be applied to %s", a->name, what);
        for (b = a->next; b; b = b->next)
            if (b->id == a->id && a->id != A_CASE)
                warn_at(b->loc, 1, 0, "[%s] is given twice", a->name);
    }
}

static void check_pointer_attrs(struct var *v)
{
    int n = (attr_find(v->attrs, A_REF) != NULL) + (attr_find(v->attrs, A_UNIQUE) != NULL) +
            (attr_find(v->attrs, A_PTR) != NULL);

    if (n > 1)
        error_at(v->loc, 0, "invalid combination of attributes: '%s' is of more than one pointer kind",
                 v->name ? v->name : "");
}

static void check_type(struct type *t);

static void check_fields(struct type *t)
{
    struct var *m, *n;

    for (m = t->members; m; m = m->next) {
        check_attrs(m->attrs, ON_FIELD, "a field");
        check_pointer_attrs(m);
        if (m->bits)
            error_at(m->loc, 2028,
                     "feature not implemented: bit fields cannot be marshalled: their layout is the C "
                     "compiler's own");
        for (n = m->next; n; n = n->next)
            if (m->name && n->name == m->name)
                error_at(n->loc, 2003, "redefinition: field '%s'", n->name);
        if (m->type)
            check_type(m->type);
    }
}

static void check_type(struct type *t)
{
    struct type *s = t;

    while (s && (s->kind == T_QUAL || s->kind == T_ALIAS || s->kind == T_ARRAY)) {
        s = s->ref;
    }
    if (!s || s->visited || (s->kind != T_STRUCT && s->kind != T_UNION && s->kind != T_ENCAPSULATED))
        return;
    s->visited = true;
    check_fields(s);
    s->visited = false;
}

static void check_proc(struct proc *p)
{
    struct var *v, *w;

    check_attrs(p->attrs, ON_PROC, "a procedure");
    for (v = p->func->members; v; v = v->next) {
        check_attrs(v->attrs, ON_PARAM, "a parameter");
        check_pointer_attrs(v);
        for (w = v->next; w; w = w->next)
            if (v->name && w->name == v->name)
                error_at(w->loc, 2003, "redefinition: parameter '%s'", w->name);
        check_type(v->type);
    }
    if (p->func->ellipsis && !p->local)
        error_at(p->decl->loc, 2046, "'%s': a variable number of arguments cannot be marshalled",
                 p->decl->name);
}

static void check_defs(struct def *d)
{
    struct var *v;

    for (; d; d = d->next) {
        if (d->imported)
            continue;
        for (v = d->kind == D_TYPEDEF ? d->vars : NULL; v; v = v->next)
            check_attrs(v->attrs, ON_TYPE, "a type");
        if (d->type)
            check_type(d->type);
    }
}

static void check_interface(struct interface *i)
{
    struct proc *p;
    struct attr *a = attr_find(i->attrs, A_UUID);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;
    int handles = (attr_find(i->attrs, A_AUTO_HANDLE) != NULL) +
                  (attr_find(i->attrs, A_IMPLICIT_HANDLE) != NULL) +
                  (attr_find(i->attrs, A_EXPLICIT_HANDLE) != NULL);

    if (i->object && !i->imported && !i->forward_only && !attr_find(i->attrs, A_ASYNC_UUID))
        warn_at(i->loc, 1, 0, "object interface '%s' is left out: COM interfaces stay with widl", i->name);
    if (attr_find(i->attrs, A_ASYNC_UUID) && !i->object)
        error_at(attr_find(i->attrs, A_ASYNC_UUID)->loc, 2072,
                 "inapplicable attribute: [async_uuid] is for COM interfaces: '%s' has no [object]", i->name);
    if (i->forward_only || i->imported || (i->object && !attr_find(i->attrs, A_ASYNC_UUID)))
        return;
    check_attrs(i->attrs, ON_INTERFACE, "an interface");
    if (a && (!arg || !arg->name || strlen(arg->name) != 36)) {
        if (arg && arg->expr && arg->expr->kind == E_STRING && strlen(arg->expr->text) == 38)
            arg->name = mem_print("%.36s", arg->expr->text + 1);
        else
            error_at(a->loc, 2025, "syntax error: uuid takes a UUID");
    }
    if (!a && !i->local && i->procs)
        error_at(i->loc, 2079, "no [uuid] specified: interface '%s' has procedures", i->name);
    if (handles > 1)
        error_at(i->loc, 0,
                 "interface '%s' has more than one of auto_handle, implicit_handle, explicit_handle",
                 i->name);
    check_defs(i->defs);
    for (p = i->procs; p; p = p->next)
        check_proc(p);
}

void check_unit(void)
{
    struct interface *i;

    check_defs(unit.defs);
    for (i = unit.interfaces; i; i = i->next)
        check_interface(i);
}
