/* Procedures: parameters with their place on the stack, the binding handle, what the RPC flags say. */
#include "lower.h"

#include <string.h>

bool proc_is_remote(struct proc *p)
{
    return !p->local;
}

static struct attr *iface_or_proc(struct proc *p, enum attr_id id)
{
    struct attr *a = attr_find(p->attrs, id);

    return a ? a : attr_find(p->iface->attrs, id);
}

static struct wire_param *add_param(struct wire_param ***tail, const char *name, struct var *v,
                                    struct wire *w)
{
    struct wire_param *p = mem_alloc(sizeof(*p));

    p->name = name;
    p->var = v;
    p->wire = w;
    **tail = p;
    *tail = &p->next;
    return p;
}

static unsigned stack_slot(struct wire_param *p)
{
    unsigned ptr = opt.win64 ? 8 : 4, size = p->wire->size;

    switch (p->wire->kind) {
    case W_ARRAY:
    case W_STRING:
        return ptr; /* passed as a pointer */
    case W_PIPE:
        size = type_size(p->wire->ctype);
        break;
    default:
        break;
    }
    if (opt.win64) {
        p->by_reference = size != 1 && size != 2 && size != 4 && size != 8;
        return 8;
    }
    return (size + 3) & ~3u;
}

/* Direction: [in] where nothing is said (DCE), except that pointers may say [out]. */
static void directions(struct proc *proc, struct wire_param *p)
{
    p->in = attr_find(p->var->attrs, A_IN) != NULL;
    p->out = attr_find(p->var->attrs, A_OUT) != NULL;
    if (!p->in && !p->out)
        p->in = true;
    if (proc->half != WHOLE) { /* the whole method was checked */
        p->out &= proc->half == FINISH_HALF;
        p->in &= proc->half == BEGIN_HALF;
        return;
    }
    if (p->out && p->wire->kind != W_POINTER && p->wire->kind != W_ARRAY && p->wire->kind != W_STRING &&
        p->wire->kind != W_PIPE && p->wire->kind != W_INTERFACE && p->wire->kind != W_BYTE_COUNT &&
        p->wire->kind != W_GENERIC && p->wire->kind != W_USER)
        error_at(p->var->loc, 2042, "[out] parameter '%s' of '%s' is no pointer", p->name, proc->decl->name);
    if (p->out && !p->in && p->wire->kind == W_POINTER && p->wire->ptr != PTR_REF)
        error_at(p->var->loc, 0, "[out]-only parameter '%s' of '%s' must be a reference pointer", p->name,
                 proc->decl->name);
}

/* The server has nothing to go by when it makes room for these. */
static void check_out_only(struct wire_param *p)
{
    struct wire *w = p->wire->kind == W_POINTER ? p->wire->ref : p->wire;

    if (!p->out || p->in)
        return;
    if (w->kind == W_STRING && w->conformant && w->size_of.kind == CORR_NONE)
        error_at(p->var->loc, 2041, "[out] only parameter cannot be an unsized string: '%s'", p->name);
    if (w->kind == W_STRUCT && wire_is_conformant(w))
        error_at(p->var->loc, 2040, "[out] only parameter cannot be a pointer to an open structure: '%s'",
                 p->name);
}

static void lower_params(struct proc *p, struct wire_proc *wp, struct wire_param ***tail)
{
    struct var *v;
    int n = 0;

    for (v = p->func->members; v; v = v->next) {
        struct lower c = {.iface = p->iface,
                          .name = v->name,
                          .loc = v->loc,
                          .scope = p->func->members,
                          .self = v,
                          .scope_is_params = true,
                          .proc = p,
                          .top = true,
                          .out_only = attr_find(v->attrs, A_OUT) && !attr_find(v->attrs, A_IN)};
        struct wire_param *param;

        if (!v->name) {
            v->name = intern_z(mem_print("p%d", n));
            error_at(v->loc, 2025, "syntax error: parameter %d of '%s' has no name", n + 1, p->decl->name);
        }
        v->index = n++;
        param = add_param(tail, v->name, v, lower_inner(&c, v->type, v->attrs));
        v->wire = param->wire;
        directions(p, param);
        if (p->half == WHOLE)
            check_out_only(param);
        param->partial_ignore = attr_find(v->attrs, A_PARTIAL_IGNORE) != NULL;
        param->is_handle = param->wire->kind == W_HANDLE;
        wp->has_pipes |= param->wire->kind == W_PIPE ||
                         (param->wire->kind == W_POINTER && param->wire->ref->kind == W_PIPE);
        wp->full_ptrs |= wire_has_full_pointer(param->wire);
    }
}

/* The parameter that binds: the first handle_t, [handle] or [in] context handle. */
static struct wire_param *find_handle(struct wire_proc *wp)
{
    struct wire_param *p;

    for (p = wp->params; p; p = p->next) {
        struct wire *w = p->wire;

        if (p->async_state)
            continue;
        if (w->kind == W_HANDLE || (w->kind == W_GENERIC && p->in) || (w->kind == W_CONTEXT && p->in))
            return p;
        if (w->kind == W_POINTER && p->in && w->ref &&
            (w->ref->kind == W_HANDLE || w->ref->kind == W_GENERIC || w->ref->kind == W_CONTEXT))
            return p;
    }
    return NULL;
}

enum { /* RpcFlags */
       RPC_IDEMPOTENT = 1,
       RPC_BROADCAST = 2,
       RPC_MAYBE = 4,
       RPC_MESSAGE = 0x01000000,
       RPC_INPUT_SYNC = 0x20000000
};

static uint32_t rpc_flags(struct proc *p)
{
    uint32_t flags = 0;

    flags |= attr_find(p->attrs, A_IDEMPOTENT) ? RPC_IDEMPOTENT : 0;
    flags |= attr_find(p->attrs, A_BROADCAST) ? RPC_BROADCAST : 0;
    flags |= attr_find(p->attrs, A_MAYBE) ? RPC_MAYBE : 0;
    flags |= attr_find(p->attrs, A_MESSAGE) ? RPC_MESSAGE : 0;
    flags |= attr_find(p->attrs, A_INPUT_SYNC) ? RPC_INPUT_SYNC : 0;
    return flags;
}

/* NdrClientCall2 gives back what fits a general register. Procedures with other results (floating point, 64
 * bits on x86, structures) get -Os stubs: "Some language features are not supported in some modes. In this
 * case, the compiler automatically switches to the appropriate mode" (SDK, "/Oi switch"). */
static bool fits_register(struct wire *w)
{
    if (w->kind == W_RANGE)
        w = w->ref;
    switch (w->kind) {
    case W_BASE:
        return w->base != B_FLOAT && w->base != B_DOUBLE && w->size <= (opt.win64 ? 8 : 4);
    case W_STRUCT:
    case W_UNION:
    case W_ENCAPSULATED:
    case W_XMIT:
    case W_USER:
        return false;
    default:
        return true;
    }
}

static void add_result(struct proc *p, struct wire_proc *wp, struct wire_param ***tail)
{
    struct lower c = {.iface = p->iface,
                      .name = "the result",
                      .loc = p->decl->loc,
                      .scope = p->func->members,
                      .scope_is_params = true,
                      .proc = p};
    struct wire *w;

    if (type_is_void(p->func->ref))
        return;
    w = lower_inner(&c, p->func->ref, p->attrs);
    wp->full_ptrs |= wire_has_full_pointer(w);
    wp->ret = add_param(tail, NULL, NULL, w);
    wp->ret->ret = wp->ret->out = true;
}

/* [optimize("s")] on the procedure, on the interface, or /Os. Source: SDK, "optimize attribute". */
static bool wants_mixed(struct proc *p)
{
    struct attr *a = iface_or_proc(p, A_OPTIMIZE);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;

    if (!a)
        return opt.mixed;
    if (!arg || !arg->expr || arg->expr->kind != E_STRING) {
        error_at(a->loc, 2025, "syntax error: optimize takes a string");
        return false;
    }
    return !strcmp(arg->expr->text, "\"s\"");
}

/* The routine that is shown each binding before it is used. Source: OSF DCE 1.1, IDL "binding_callout". */
static const char *callout(struct proc *p)
{
    struct attr *a = attr_find(p->iface->attrs, A_BINDING_CALLOUT);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;

    if (!a || p->callback)
        return NULL;
    if (!arg || !arg->name)
        error_at(a->loc, 2025, "syntax error: binding_callout takes a routine");
    else if (!p->wire->handle && !attr_find(p->iface->attrs, A_IMPLICIT_HANDLE))
        error_at(a->loc, 0, "[binding_callout] needs an explicit or an implicit handle: '%s'", p->decl->name);
    else
        return arg->name;
    return NULL;
}

/* Pipes, asynchronous calls and serialization are for the interpreter alone. */
static void choose_mode(struct proc *p, struct wire_proc *wp)
{
    bool interpreted = wp->has_pipes || p->async || wp->encode || wp->decode, fits;

    fits = !wp->ret || p->async || fits_register(wp->ret->wire);
    if (!fits && interpreted)
        error_at(p->decl->loc, 0, "'%s': a procedure with %s cannot return a value larger than a register",
                 p->decl->name, wp->has_pipes ? "pipes" : "encode or decode");
    if (!fits && p->iface->com)
        error_at(p->decl->loc, 0, "'%s': a method cannot return a value larger than a register",
                 p->decl->name);
    wp->mixed = !p->iface->com && !interpreted && (!fits || wp->callout || wants_mixed(p));
    if (interpreted && wp->callout)
        error_at(p->decl->loc, 0, "'%s': [binding_callout] does not go with pipes, async, encode or decode",
                 p->decl->name);
}

static void place_on_stack(struct wire_proc *wp, bool method)
{
    struct wire_param *p;
    unsigned at = !method ? 0 : opt.win64 ? 8 : 4; /* behind the interface pointer */

    for (p = wp->params; p; p = p->next) {
        p->offset = at;
        if (p->var)
            p->var->offset = at;
        p->size = p->async_state ? (opt.win64 ? 8 : 4) : stack_slot(p);
        at += p->size;
    }
    wp->stack_size = at;
}

static void async_rules(struct proc *p, struct wire_proc *wp)
{
    if (p->callback)
        error_at(p->decl->loc, 2054, "a callback cannot be asynchronous: '%s'", p->decl->name);
    if (wp->rpc_flags & (RPC_IDEMPOTENT | RPC_BROADCAST | RPC_MAYBE))
        error_at(p->decl->loc, 2054, "[async] does not go with maybe, broadcast or idempotent: '%s'",
                 p->decl->name);
}

static bool is_any_handle(const struct wire_param *q)
{
    const struct wire *w = q->wire && q->wire->kind == W_POINTER ? q->wire->ref : q->wire;

    return w && (w->kind == W_HANDLE || w->kind == W_GENERIC || w->kind == W_CONTEXT);
}

/* MIDL's pages on callback ("handles cannot be used as parameters"), maybe and message (no output), pipe (no
 * idempotent procedures). Nothing says whether a callback may have pipes; the runtime has none there. */
static void semantics_rules(struct proc *p, struct wire_proc *wp)
{
    bool silent = wp->rpc_flags & (RPC_MAYBE | RPC_MESSAGE);
    struct wire_param *q;

    if (p->callback && wp->rpc_flags & (RPC_BROADCAST | RPC_MAYBE | RPC_MESSAGE))
        error_at(p->decl->loc, 2054, "[callback] does not go with broadcast, maybe or message: '%s'",
                 p->decl->name);
    if (wp->has_pipes && wp->rpc_flags & (RPC_IDEMPOTENT | RPC_BROADCAST | RPC_MAYBE))
        error_at(p->decl->loc, 2054, "a procedure with pipes cannot be idempotent, broadcast or maybe: '%s'",
                 p->decl->name);
    if (wp->has_pipes && p->callback)
        error_at(p->decl->loc, 2028, "feature not implemented: pipes of a callback: '%s'", p->decl->name);
    for (q = wp->params; q; q = q->next) {
        if (p->callback && is_any_handle(q))
            error_at(q->var ? q->var->loc : p->decl->loc, 2072,
                     "inapplicable attribute: a callback takes no handles: '%s'", q->name);
        if (silent && (q->out || q->ret))
            error_at(q->ret ? p->decl->loc : q->var->loc, 2054,
                     "a procedure with [%s] gives nothing back: '%s'",
                     wp->rpc_flags & RPC_MAYBE ? "maybe" : "message", q->ret ? p->decl->name : q->name);
    }
}

static bool is_status(struct type *t)
{
    t = type_strip(t);
    if (t->kind == T_POINTER)
        t = type_strip(t->ref);
    return t->kind == T_BASE && (t->base == B_ERROR_STATUS || t->base == B_ULONG);
}

/* Where comm_status and fault_status go: -1 the result, -2 nowhere, else a parameter's place on the stack. */
static int status_offset(struct proc *p, struct wire_proc *wp, enum attr_id id)
{
    struct wire_param *q;
    struct attr *a = attr_find(p->attrs, id);

    if (a && wp->ret && is_status(p->func->ref))
        return -1;
    if (a)
        error_at(a->loc, 2070, "[%s] is for procedures that return error_status_t: '%s'", a->name,
                 p->decl->name);
    for (q = wp->params; q; q = q->next) {
        a = q->var ? attr_find(q->var->attrs, id) : NULL;
        if (!a)
            continue;
        if (!q->out || !is_status(q->var->type))
            error_at(a->loc, 2070, "[%s] is for [out] error_status_t *: '%s'", a->name, q->name);
        return (int)q->offset;
    }
    return -2;
}

static void status_offsets(struct proc *p, struct wire_proc *wp)
{
    wp->comm_offset = status_offset(p, wp, A_COMM_STATUS);
    wp->fault_offset = status_offset(p, wp, A_FAULT_STATUS);
    wp->comm_fault = wp->comm_offset != -2 || wp->fault_offset != -2;
}

static void lower_proc(struct proc *p)
{
    struct wire_proc *wp = mem_alloc(sizeof(*wp));
    struct wire_param **tail = &wp->params, *h;

    p->wire = wp;
    p->async = iface_or_proc(p, A_ASYNC) != NULL && !p->callback && !p->iface->com;
    wp->rpc_flags = rpc_flags(p);
    wp->alloc_used = opt.rpcss || iface_or_proc(p, A_ENABLE_ALLOCATE); /* "/rpcss switch" */
    wp->encode = iface_or_proc(p, A_ENCODE) != NULL;
    wp->decode = iface_or_proc(p, A_DECODE) != NULL;
    wp->notify = attr_find(p->attrs, A_NOTIFY) != NULL;
    wp->notify_flag = attr_find(p->attrs, A_NOTIFY_FLAG) != NULL;
    if (p->async) {
        h = add_param(&tail, intern_z(mem_print("%s_AsyncHandle", p->decl->name)), NULL,
                      wire_new(W_HANDLE, type_base(B_HANDLE, "PRPC_ASYNC_STATE"), p->decl->loc));
        h->async_state = true;
        async_rules(p, wp);
    }
    lower_params(p, wp, &tail);
    h = p->iface->com ? NULL : find_handle(wp);
    if (!h && !p->iface->com && !p->callback && iface_or_proc(p, A_EXPLICIT_HANDLE)) {
        struct wire_param *added = mem_alloc(sizeof(*added)),
                          **at = p->async ? &wp->params->next : &wp->params;

        added->name = intern_z("IDL_handle");
        added->wire = wire_new(W_HANDLE, type_base(B_HANDLE, "handle_t"), p->decl->loc);
        added->wire->base = B_HANDLE;
        added->is_handle = added->added = added->in = true;
        added->next = *at;
        *at = added;
        if (!added->next)
            tail = &added->next;
        h = added;
    }
    wp->handle = p->callback ? NULL : h;
    if (wp->handle)
        wp->handle->binds = true;
    wp->callout = callout(p);
    add_result(p, wp, &tail);
    choose_mode(p, wp);
    place_on_stack(wp, p->iface->com);
    status_offsets(p, wp);
    semantics_rules(p, wp);
}

void lower_interface(struct interface *iface)
{
    struct proc *p;
    int opnum = 0, callback = 0;
    struct interface *b;

    if (iface->com)
        opnum = 3; /* IUnknown's, however it is declared */
    for (b = iface->base; b; b = b->base) {
        for (p = b->procs; p; p = p->next)
            opnum += !p->callback && !p->local && (!iface->com || b->com);
    }
    for (p = iface->procs; p; p = p->next) {
        if (p->local)
            continue;
        p->opnum = p->callback ? callback++ : opnum++;
        lower_proc(p);
    }
}

struct wire *lower_type(struct type *t, struct interface *iface)
{
    struct lower c = {.iface = iface, .name = t->name, .loc = t->loc};

    return lower_inner(&c, t, NULL);
}
