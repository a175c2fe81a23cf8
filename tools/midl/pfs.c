/* Procedure format strings in -Oicf form.
 * Sources: SDK, "Procedure Header Descriptor", "The Header", "Parameter Descriptors". */
#include "wire.h"

static const char *stack_comment(unsigned offset)
{
    return mem_print("%s Stack size/offset = %u", opt.win64 ? "X64" : "x86", offset);
}

static const char *flags_comment(int f)
{
    return mem_print("Flags: %s%s%s%s%s%s%s%s%s%s%s", f & 1 ? " must size," : "", f & 2 ? " must free," : "",
                     f & 4 ? " pipe," : "", f & 8 ? " in," : "", f & 0x10 ? " out," : "",
                     f & 0x20 ? " return," : "", f & 0x40 ? " base type," : "", f & 0x80 ? " by val," : "",
                     f & 0x100 ? " simple ref," : "", f & 0x200 ? " don't call free inst," : "",
                     f >> PARAM_ALLOC_SHIFT ? mem_print(" srv alloc size=%d", (f >> PARAM_ALLOC_SHIFT) * 8)
                                            : "");
}

static int context_flags(struct wire *w, struct wire_param *p, bool pointer)
{
    return (pointer ? 0x80 : 0) | (p->in ? 0x40 : 0) | (p->out ? 0x20 : 0) | (p->ret ? 0x10 : 0) |
           (w->ctx_strict ? 8 : 0) | (w->ctx_noserialize ? 4 : 0) | (w->ctx_serialize ? 2 : 0);
}

/* "Can't be null": an [in] handle, and any that the call is bound by. */
static int never_null(struct wire_param *p)
{
    return p->in && (!p->out || p->binds);
}

static int server_alloc(struct wire *w)
{
    unsigned units = (w->size + 7) / 8;

    return units <= 7 ? (int)units << PARAM_ALLOC_SHIFT : 0;
}

static bool variable(struct wire *w)
{
    unsigned bound;

    return !wire_is_fixed_size(w, &bound);
}

static bool is_compound(struct wire *w)
{
    return w->kind == W_STRUCT || w->kind == W_UNION || w->kind == W_ENCAPSULATED || w->kind == W_XMIT ||
           w->kind == W_USER || w->kind == W_RANGE;
}

/* A reference pointer to anything but a pointer: the pointer itself is skipped at run time. */
static void describe_ref(struct wire_param *d, struct wire *w)
{
    struct wire *to = w->ref;
    int fc, at;

    if (to->kind == W_CONTEXT) {
        to->fmt2 = context_flags(to, d, true) | never_null(d);
        d->flags |= PARAM_SIMPLE_REF;
        tfs_pointer(w, 4);
        d->type = tfs_type(to);
        return;
    }
    if (to->kind == W_ENUM16) {
        d->type = tfs_pointer(w, 4);
        d->flags |= 1 << PARAM_ALLOC_SHIFT;
        return;
    }
    if (wire_is_simple(to, &fc) && !w->alloc_all && !w->alloc_dont_free) {
        bool on_stack = d->out && !d->in;

        d->flags |= PARAM_IS_BASE | PARAM_SIMPLE_REF | (on_stack ? 1 << PARAM_ALLOC_SHIFT : 0);
        tfs_pointer(w, on_stack ? 4 : 0);
        d->is_base = true;
        d->fc = fc;
        return;
    }
    d->flags |= (variable(w) ? PARAM_MUST_SIZE : 0) | PARAM_MUST_FREE;
    if (to->kind == W_POINTER || to->kind == W_INTERFACE) {
        d->flags |= 1 << PARAM_ALLOC_SHIFT;
        d->type = tfs_pointer(w, 4);
        return;
    }
    if (to->kind == W_PIPE) {
        d->flags = (d->flags & ~(PARAM_MUST_SIZE | PARAM_MUST_FREE)) | PARAM_IS_PIPE | PARAM_SIMPLE_REF;
        tfs_pointer(w, 0);
        d->type = tfs_type(to);
        return;
    }
    at = is_compound(to) && d->out && !d->in ? server_alloc(to) : 0;
    d->flags |= PARAM_SIMPLE_REF | at;
    tfs_pointer(w, at ? 4 : 0);
    d->type = tfs_type(to);
}

static void describe(struct wire_param *d)
{
    struct wire *w = d->wire;
    int fc;

    d->flags = (d->in ? PARAM_IS_IN : 0) | (d->out ? PARAM_IS_OUT : 0) | (d->ret ? PARAM_IS_RETURN : 0);
    if (w->kind == W_GENERIC)
        w = w->ref;
    if (wire_is_simple(w, &fc)) {
        d->flags |= PARAM_IS_BASE;
        d->is_base = true;
        d->fc = fc;
        return;
    }
    switch (w->kind) {
    case W_CONTEXT:
        w->fmt2 = context_flags(w, d, false) | never_null(d);
        d->type = tfs_type(w);
        return;
    case W_PIPE:
        d->flags |= PARAM_IS_PIPE | (d->by_reference && opt.win64 ? PARAM_SIMPLE_REF : PARAM_BY_VALUE);
        d->type = tfs_type(w);
        return;
    case W_POINTER:
        if (w->ptr == PTR_REF && !d->ret) {
            describe_ref(d, w);
            return;
        }
        d->flags |= (variable(w) ? PARAM_MUST_SIZE : 0) | PARAM_MUST_FREE;
        if (w->ref->kind == W_POINTER && !d->ret) {
            d->flags |= 1 << PARAM_ALLOC_SHIFT;
            d->type = tfs_pointer(w, 4);
            return;
        }
        d->type = tfs_type(w);
        return;
    case W_RANGE:
        d->flags |= PARAM_BY_VALUE;
        d->type = tfs_type(w);
        return;
    case W_STRUCT:
    case W_UNION:
    case W_ENCAPSULATED:
    case W_XMIT:
    case W_USER:
        d->flags |= (variable(w) ? PARAM_MUST_SIZE : 0) | PARAM_MUST_FREE |
                    (d->by_reference && opt.win64 ? PARAM_SIMPLE_REF : PARAM_BY_VALUE);
        d->type = tfs_type(w);
        return;
    default:
        d->flags |= (variable(w) ? PARAM_MUST_SIZE : 0) | PARAM_MUST_FREE;
        d->type = tfs_type(w);
    }
}

static void parameter(struct wire_param *d)
{
    fmt_note(&proc_fmt, d->ret ? "Return value" : mem_print("Parameter %s", d->name));
    fmt_short(&proc_fmt, d->flags, flags_comment(d->flags));
    fmt_short(&proc_fmt, (int)d->offset, stack_comment(d->offset));
    if (d->is_base) {
        fmt_byte(&proc_fmt, d->fc, fc_name(d->fc));
        fmt_byte(&proc_fmt, 0, "0");
    } else {
        fmt_short(&proc_fmt, d->type, mem_print("Type Offset=%d", d->type));
    }
}

/* A [handle] type on void * (or any other that has no octets) only binds. */
static bool binds_only(struct wire_param *p)
{
    struct wire *w = p->wire->kind == W_POINTER ? p->wire->ref : p->wire;

    if (w->kind == W_HANDLE)
        return true;
    return w->kind == W_GENERIC && w->ref->kind == W_POINTER && type_is_void(type_strip(w->ref->ctype)->ref);
}

static bool goes_in_descriptors(struct wire_param *p)
{
    return !p->async_state && p->wire->kind != W_HANDLE && !binds_only(p);
}

/* Generic handles by value of a type that cannot be marshalled (void *) carry no octets, only bind. */
static void explicit_handle(struct wire_param *p)
{
    struct wire *w = p->wire;
    bool pointer = w->kind == W_POINTER && w->ref->kind != W_HANDLE;

    if (w->kind == W_POINTER)
        w = w->ref;
    if (w->kind == W_GENERIC) {
        fmt_byte(&proc_fmt, 0x31, "FC_BIND_GENERIC");
        fmt_byte(&proc_fmt, (pointer ? 0x80 : 0) | (int)(w->size & 15), NULL);
        fmt_short(&proc_fmt, (int)p->offset, stack_comment(p->offset));
        fmt_byte(&proc_fmt, w->index, NULL);
        fmt_byte(&proc_fmt, 0x5c, "FC_PAD");
    } else if (w->kind == W_CONTEXT) {
        int flags = context_flags(w, p, pointer);

        fmt_byte(&proc_fmt, 0x30, "FC_BIND_CONTEXT");
        fmt_byte(&proc_fmt, flags, "Ctxt flags");
        fmt_short(&proc_fmt, (int)p->offset, stack_comment(p->offset));
        fmt_byte(&proc_fmt, w->index, NULL);
        fmt_byte(&proc_fmt, 0, NULL);
    } else {
        fmt_byte(&proc_fmt, 0x32, "FC_BIND_PRIMITIVE");
        fmt_byte(&proc_fmt, p->wire->kind == W_POINTER ? 0x80 : 0, NULL);
        fmt_short(&proc_fmt, (int)p->offset, stack_comment(p->offset));
    }
}

static int implicit_handle_fc(struct proc *p)
{
    struct attr *a = attr_find(p->iface->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;

    if (p->callback)
        return 0x34;
    if (!arg)
        return 0x33;
    return arg->type && type_attr(arg->type, A_HANDLE) ? 0x31 : 0x32;
}

static unsigned float_mask(struct proc *proc)
{
    struct wire_param *p;
    unsigned mask = 0, i = proc->iface->com; /* the interface pointer comes first */

    for (p = proc->wire->params; p && i < 8; p = p->next, i++) {
        if (p->ret || p->wire == NULL || p->wire->kind != W_BASE)
            continue;
        if (p->wire->base == B_FLOAT)
            mask |= 1u << (2 * i);
        else if (p->wire->base == B_DOUBLE)
            mask |= 2u << (2 * i);
    }
    return mask;
}

struct sizes {
    unsigned client, server;
    int count;
    bool client_must, server_must, client_check, server_check;
};

static void account(struct wire_param *d, struct sizes *s)
{
    unsigned bound;
    struct wire *w = d->wire->kind == W_GENERIC ? d->wire->ref : d->wire;

    s->count++;
    if (!(d->flags & PARAM_MUST_SIZE) && wire_is_fixed_size(w, &bound)) {
        /* The header has 16 bits for the sum; what goes beyond is sized at run time. */
        if ((d->in && s->client + bound > 0xffff) || (d->out && s->server + bound > 0xffff)) {
            d->flags |= PARAM_MUST_SIZE;
        } else {
            s->client += d->in ? bound : 0;
            s->server += d->out ? bound : 0;
        }
    }
    if (d->flags & PARAM_MUST_SIZE) {
        s->client_must |= d->in;
        s->server_must |= d->out;
    }
    if (wire_has_correlation(d->wire)) {
        s->server_check |= d->in;
        s->client_check |= d->out;
    }
}

static int opt_flags(struct proc *p, struct sizes *s)
{
    return (s->server_must ? 1 : 0) | (s->client_must ? 2 : 0) | (p->wire->ret ? 4 : 0) |
           (p->wire->has_pipes ? 8 : 0) | (p->half != WHOLE ? 0x20 : 0) | 0x40 | (p->async ? 0x80 : 0);
}

static int ext_flags(struct proc *p, struct sizes *s)
{
    return (opt.robust ? 1 : 0) | (opt.robust && s->client_check ? 2 : 0) |
           (opt.robust && s->server_check ? 4 : 0) | (p->wire->notify ? 8 : 0) |
           (p->wire->notify_flag ? 0x10 : 0) | (opt.robust && opt.target >= 60 ? 0x40 : 0);
}

static int old_flags(struct proc *p)
{
    struct wire_proc *wp = p->wire;

    if (p->iface->com)
        return 0x6c | (wp->full_ptrs ? 1 : 0);
    return 0x48 | (wp->full_ptrs ? 1 : 0) | (wp->alloc_used ? 2 : 0) | (wp->encode ? 0x10 : 0) |
           (wp->decode ? 0x20 : 0) | (wp->comm_fault ? 0x20 : 0);
}

static void header(struct proc *p, struct sizes *s)
{
    struct wire_proc *wp = p->wire;
    int oi2 = opt_flags(p, s), ext = ext_flags(p, s);

    fmt_byte(&proc_fmt, wp->handle ? 0 : implicit_handle_fc(p),
             wp->handle ? "0" : fc_name(implicit_handle_fc(p)));
    fmt_byte(&proc_fmt, old_flags(p),
             mem_print("Old Flags: %s%s%s%s", p->iface->com ? " object, Oi2" : "",
                       wp->full_ptrs ? " full ptr," : "", wp->alloc_used ? " DCE mem package," : "",
                       wp->comm_fault ? " comm or fault/decode" : ""));
    fmt_long(&proc_fmt, wp->rpc_flags, NULL);
    fmt_short(&proc_fmt, p->opnum, NULL);
    fmt_short(&proc_fmt, (int)wp->stack_size, stack_comment(wp->stack_size));
    if (wp->handle)
        explicit_handle(wp->handle);
    else if (implicit_handle_fc(p) == 0x31) {
        fmt_byte(&proc_fmt, 0x31, "FC_BIND_GENERIC");
        fmt_byte(&proc_fmt, 0, NULL);
        fmt_short(&proc_fmt, 0, NULL);
        fmt_byte(&proc_fmt, 0, NULL);
        fmt_byte(&proc_fmt, 0x5c, "FC_PAD");
    }
    fmt_short(&proc_fmt, (int)s->client, NULL);
    fmt_short(&proc_fmt, (int)s->server, NULL);
    fmt_byte(&proc_fmt, oi2,
             mem_print("Oi2 Flags: %s%s%s%s%s has ext,%s", oi2 & 1 ? " srv must size," : "",
                       oi2 & 2 ? " clt must size," : "", oi2 & 4 ? " has return," : "",
                       oi2 & 8 ? " has pipes," : "", oi2 & 0x20 ? " has async uuid," : "",
                       oi2 & 0x80 ? " has async handle" : ""));
    fmt_byte(&proc_fmt, s->count, NULL);
    fmt_byte(&proc_fmt, opt.win64 ? 10 : 8, NULL);
    fmt_byte(&proc_fmt, ext,
             mem_print("Ext Flags: %s%s%s%s%s%s", ext & 1 ? " new corr desc," : "",
                       ext & 2 ? " clt corr check," : "", ext & 4 ? " srv corr check," : "",
                       ext & 8 ? " has notify," : "", ext & 16 ? " has notify 2," : "",
                       ext & 0x40 ? " has range on conformance" : ""));
    fmt_short(&proc_fmt, ext & 2 ? 1 : 0, NULL);
    fmt_short(&proc_fmt, ext & 4 ? 1 : 0, NULL);
    fmt_short(&proc_fmt, wp->notify || wp->notify_flag ? notify_index(p) : 0, NULL);
    if (opt.win64)
        fmt_short(&proc_fmt, (int)float_mask(p), NULL);
}

static void procedure(struct proc *p)
{
    struct wire_proc *wp = p->wire;
    struct sizes s = {0};
    struct wire_param *q;

    for (q = wp->params; q; q = q->next) {
        q->described = goes_in_descriptors(q);
        if (!q->described)
            continue;
        describe(q);
        account(q, &s);
    }
    wp->client_size = s.client;
    wp->server_size = s.server;
    wp->n_descriptors = s.count;
    wp->fmt = proc_fmt.len;
    fmt_note(&proc_fmt, mem_print("Procedure %s", p->decl->name));
    header(p, &s);
    wp->descriptors = proc_fmt.len;
    for (q = wp->params; q; q = q->next)
        if (q->described)
            parameter(q);
    if (proc_fmt.len > 0xffff)
        error_at(p->decl->loc, 2379, "the procedure descriptions are larger than 64 KiB");
}

void pfs_interface(struct interface *iface)
{
    struct proc *p;

    for (p = iface->procs; p; p = p->next)
        if (p->wire && !p->callback)
            procedure(p);
    for (p = iface->procs; p; p = p->next)
        if (p->wire && p->callback)
            procedure(p);
}
