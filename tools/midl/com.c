/* COM interfaces with [async_uuid]. Each makes another interface, AsyncIFoo: a Begin_X with X's [in] and
 * [in, out] parameters and a Finish_X with its [out] and [in, out] ones for every method X. From then on it
 * is an interface like others. Object interfaces without [async_uuid] stay with widl, which has no answer
 * where what is [out] depends on what is [in].
 *
 * A method with [call_as] is what goes over the wire in place of a [local] one, which is what programs see;
 * both are split. An interface that is [local] itself has a header and identifiers, and no proxies. Source:
 * SDK, "async_uuid attribute", "call_as attribute", "local attribute", "Making and Processing Asynchronous
 * Calls"; MIDL's output. */
#include "wire.h"

#include <string.h>

static bool is_uuid(const char *text)
{
    return text && strlen(text) == 36;
}

static const char *uuid_of(struct attr *a)
{
    struct arg *arg = a ? attr_arg(a, 0) : NULL;

    if (arg && arg->expr && arg->expr->kind == E_STRING && strlen(arg->expr->text) == 38)
        arg->name = mem_print("%.36s", arg->expr->text + 1);
    return arg ? arg->name : NULL;
}

static bool is_iunknown(struct interface *i)
{
    return i && !strcmp(i->name, "IUnknown");
}

static bool is_idispatch(struct interface *i)
{
    for (; i; i = i->base)
        if (!strcmp(i->name, "IDispatch"))
            return true;
    return false;
}

/* ---- checks */

static bool is_hresult(struct type *t)
{
    return t->kind == T_ALIAS && (!strcmp(t->name, "HRESULT") || !strcmp(t->name, "SCODE"));
}

static struct proc *method_named(struct interface *i, const char *name)
{
    struct proc *p;

    for (p = i->procs; p && p->decl->name != name; p = p->next)
        ;
    return p;
}

static void pair(struct interface *i, struct proc *remote, struct attr *call_as)
{
    struct arg *arg = attr_arg(call_as, 0);
    struct proc *local = arg && arg->name ? method_named(i, intern_z(arg->name)) : NULL;

    if (opt.osf)
        error_at(call_as->loc, 2166, "use of this attribute needs /ms_ext: [call_as]");
    else if (remote->local)
        error_at(call_as->loc, 2072, "inapplicable attribute: what has [call_as] is not local: '%s'",
                 remote->decl->name);
    else if (!arg || !arg->name)
        error_at(call_as->loc, 2025, "syntax error: call_as takes the name of a method");
    else if (!local)
        error_at(call_as->loc, 2275, "undefined [call_as] must not be used in an object interface: '%s'",
                 arg->name);
    else if (!local->local)
        error_at(call_as->loc, 2274, "[call_as] type must be a [local] procedure: '%s'", arg->name);
    else if (local->remote && local->remote != remote)
        error_at(call_as->loc, 2003, "redefinition: [call_as] of '%s'", arg->name);
    else
        remote->shown = local, local->remote = remote;
}

static void check_methods(struct interface *i)
{
    struct attr *call_as;
    struct proc *p;

    for (p = i->procs; p; p = p->next) {
        call_as = attr_find(p->attrs, A_CALL_AS);
        if (call_as)
            pair(i, p, call_as);
    }
    for (p = i->procs; p; p = p->next) {
        if (p->local && !i->local && !p->remote)
            error_at(
                p->decl->loc, 2028,
                "feature not implemented: a [local] method that no [call_as] names, in an interface that "
                "is not [local]: '%s'",
                p->decl->name);
        else if (!p->local && !is_hresult(p->func->ref))
            error_at(p->decl->loc, 2269, "procedures in an object interface must return an HRESULT: '%s'",
                     p->decl->name);
        if (p->callback)
            error_at(p->decl->loc, 2072, "inapplicable attribute: a method cannot be a callback: '%s'",
                     p->decl->name);
    }
}

static void check_base(struct interface *i)
{
    if (!i->base)
        error_at(i->loc, 0, "an object interface derives from IUnknown or from one that does: '%s'", i->name);
    else if (is_idispatch(i))
        error_at(i->loc, 0, "[async_uuid] is not for IDispatch and what derives from it: '%s'", i->name);
    else if (!is_iunknown(i->base) && !attr_find(i->base->attrs, A_ASYNC_UUID))
        error_at(i->loc, 0,
                 "the base interface of one with [async_uuid] must be IUnknown or have it too: '%s' of '%s'",
                 i->base->name, i->name);
    else if (i->base->local && !is_iunknown(i->base) && !i->local)
        error_at(i->loc, 0, "the methods of '%s' are [local], those of '%s' are not", i->base->name, i->name);
}

static void check(struct interface *i, struct attr *async)
{
    const char *own = uuid_of(attr_find(i->attrs, A_UUID)), *other = uuid_of(async);

    if (!is_uuid(other))
        error_at(async->loc, 2025, "syntax error: async_uuid takes a UUID");
    else if (!is_uuid(own))
        error_at(i->loc, 2079, "no [uuid] specified: object interface '%s'", i->name);
    else if (!strcmp(own, other))
        error_at(async->loc, 0, "[uuid] and [async_uuid] of '%s' are the same", i->name);
    if (interface_find(intern_z(mem_print("Async%s", i->name))))
        error_at(i->loc, 2003, "redefinition: [async_uuid] of '%s' makes an interface 'Async%s'", i->name,
                 i->name);
    check_base(i);
    check_methods(i);
}

/* ---- the asynchronous interface */

static struct type *half_type(struct type *whole, bool finish)
{
    struct type *func = mem_alloc(sizeof(*func));
    struct var *v, **tail = &func->members;

    *func = *whole;
    func->members = NULL;
    for (v = whole->members; v; v = v->next) {
        bool out = attr_find(v->attrs, A_OUT) != NULL, in = attr_find(v->attrs, A_IN) || !out;

        if (finish ? !out : !in)
            continue;
        *tail = mem_alloc(sizeof(**tail));
        **tail = *v;
        (*tail)->next = NULL;
        tail = &(*tail)->next;
    }
    return func;
}

static struct proc *half(struct interface *async, struct proc *whole, struct proc *begin)
{
    struct proc *p = mem_alloc(sizeof(*p));

    *p = *whole;
    p->next = NULL;
    p->half = begin ? FINISH_HALF : BEGIN_HALF;
    p->begin = begin;
    p->whole = whole;
    p->shown = p->remote = NULL;
    p->iface = async;
    p->func = half_type(whole->func, begin != NULL);
    p->decl = mem_alloc(sizeof(*p->decl));
    *p->decl = *whole->decl;
    p->decl->next = NULL;
    p->decl->name = intern_z(mem_print("%s_%s", begin ? "Finish" : "Begin", whole->decl->name));
    p->decl->type = p->func;
    *async->last_proc = p;
    async->last_proc = &p->next;
    return p;
}

static struct attr *async_attrs(struct attr *attrs, struct attr *async)
{
    struct attr *copy = NULL, **tail = &copy;

    for (; attrs; attrs = attrs->next) {
        if (attrs->id == A_ASYNC_UUID)
            continue;
        *tail = mem_alloc(sizeof(**tail));
        **tail = *attrs;
        (*tail)->next = NULL;
        if (attrs->id == A_UUID)
            (*tail)->args = async->args;
        tail = &(*tail)->next;
    }
    return copy;
}

/* What the methods are to each other, their halves are. */
static void pair_halves(struct interface *async)
{
    struct proc *p, *q;

    for (p = async->procs; p; p = p->next)
        for (q = p->whole->shown ? async->procs : NULL; q; q = q->next)
            if (q->whole == p->whole->shown && q->half == p->half)
                p->shown = q, q->remote = p;
}

static void make_async(struct interface *i, struct attr *attr)
{
    struct interface *async = mem_alloc(sizeof(*async));
    struct proc *p;

    *async = *i;
    async->name = intern_z(mem_print("Async%s", i->name));
    async->attrs = async_attrs(i->attrs, attr);
    async->base = i->base->com ? i->base->async : i->base;
    async->defs = NULL;
    async->last_def = &async->defs;
    async->procs = NULL;
    async->last_proc = &async->procs;
    async->is_async = true;
    i->async = async;
    for (p = i->procs; p; p = p->next)
        half(async, p, half(async, p, NULL));
    pair_halves(async);
    i->next = async;
    if (!async->next)
        unit.last_interface = &async->next;
}

/* Of imported interfaces, those that one of this file derives from. */
static bool concerns_us(struct interface *i)
{
    struct interface *j, *b;

    for (j = unit.interfaces; i->imported && j; j = j->next)
        for (b = !j->imported && attr_find(j->attrs, A_ASYNC_UUID) ? j->base : NULL; b; b = b->base)
            if (b == i)
                return true;
    return !i->imported;
}

void com_split(void)
{
    struct interface *i;
    struct attr *attr;

    for (i = unit.interfaces; i; i = i->next) {
        attr = i->object && !i->forward_only && !i->is_async ? attr_find(i->attrs, A_ASYNC_UUID) : NULL;
        if (attr && !concerns_us(i))
            continue;
        if (!attr && i->object && !i->imported && i->base && attr_find(i->base->attrs, A_ASYNC_UUID))
            error_at(i->loc, 0, "'%s' derives from an interface with [async_uuid] and has none itself",
                     i->name);
        if (!attr)
            continue;
        check(i, attr);
        if (diag_errors)
            continue;
        i->com = true;
        make_async(i, attr);
    }
}

/* ---- questions */

bool com_here(struct interface *i)
{
    return i->com && !i->imported;
}

bool com_any(void)
{
    struct interface *i;

    for (i = unit.interfaces; i && !com_here(i); i = i->next)
        ;
    return i != NULL;
}

bool com_marshalled(struct interface *i)
{
    return com_here(i) && !i->local;
}

bool com_any_marshalled(void)
{
    struct interface *i;

    for (i = unit.interfaces; i && !com_marshalled(i); i = i->next)
        ;
    return i != NULL;
}

bool com_described(struct interface *i)
{
    struct interface *j, *b;

    for (j = unit.interfaces; i->com && !i->local && j; j = j->next)
        for (b = com_marshalled(j) ? j : NULL; b; b = b->base)
            if (b == i)
                return true;
    return false;
}

struct proc *com_shown(struct proc *p)
{
    return p->shown ? p->shown : p;
}

static int own_methods(struct interface *i)
{
    struct proc *p;
    int n = 0;

    for (p = i->procs; p; p = p->next)
        n += !p->remote;
    return n;
}

int com_methods(struct interface *i, struct proc ***all)
{
    struct interface *b;
    struct proc *p;
    int n = 0, at;

    for (b = i; b && b->com; b = b->base)
        n += own_methods(b);
    *all = mem_alloc((n + 1) * sizeof(**all));
    at = n;
    for (b = i; b && b->com; b = b->base) {
        at -= own_methods(b);
        for (p = b->procs; p; p = p->next)
            if (!p->remote)
                (*all)[at++] = p;
        at -= own_methods(b);
    }
    return n;
}
