/* Type format strings: pointers, strings, ranges, handles, and the bookkeeping of what was written where.
 * Sources: SDK, "RPC NDR Format Strings" (type format strings, pointers, correlation descriptors). */
#include "tfs.h"

#include <stdlib.h>
#include <string.h>

struct memo {
    struct memo *next;
    const char *key;
    int at;
};
static struct memo *memos[1024];

struct patch {
    int at;
    struct wire *target;
};
static struct patch *patches;
static int n_patches;

void tfs_reset(void)
{
    memset(memos, 0, sizeof(memos));
    patches = NULL;
    n_patches = 0;
}

int tfs_find(const char *key)
{
    struct memo *m;

    key = intern_z(key);
    for (m = memos[((uintptr_t)key >> 4) % 1024]; m; m = m->next)
        if (m->key == key)
            return m->at;
    return -1;
}

static void forget(const char *key)
{
    struct memo *m;

    key = intern_z(key);
    for (m = memos[((uintptr_t)key >> 4) % 1024]; m; m = m->next)
        if (m->key == key)
            m->key = NULL;
}

void tfs_remember(const char *key, int at)
{
    struct memo *m = mem_alloc(sizeof(*m)), **b;

    m->key = intern_z(key);
    m->at = at;
    b = &memos[((uintptr_t)m->key >> 4) % 1024];
    m->next = *b;
    *b = m;
}

static void key_corr(struct text *t, struct corr *c)
{
    if (c->kind == CORR_NONE)
        return;
    text_add(t, "<%d,%lld,%d,%d,%d,", c->kind, (long long)c->value, c->op, c->eval, c->split);
    if (c->ranged)
        text_add(t, "%lld..%lld,", (long long)c->low, (long long)c->high);
    if (c->kind == CORR_VAR)
        text_add(t, "%d,%d,%d,%d", c->in_params, c->pointer,
                 (int)c->var->offset - (c->in_params || c->pointer ? 0 : (int)c->self->offset),
                 c->self && c->var->index < c->self->index);
    if (c->kind == CORR_VAR)
        text_add(t, ",%d",
                 type_strip(c->var->type)->kind == T_POINTER ? -1 : (int)wire_base_of(c->var->type));
    text_add(t, ">");
}

static void key_add(struct text *t, struct wire *w)
{
    int fc;

    if (wire_is_simple(w, &fc)) {
        text_add(t, "b%d", fc);
        return;
    }
    text_add(t, "k%d:", w->kind);
    switch (w->kind) {
    case W_POINTER:
    case W_BYTE_COUNT:
        text_add(t, "%d%d%d", w->ptr, w->alloc_all, w->alloc_dont_free);
        key_corr(t, &w->size_of);
        key_add(t, w->ref);
        break;
    case W_ARRAY:
    case W_STRING:
        text_add(t, "%d%d%u,%u,%d", w->conformant, w->varying, w->count, w->ref->size, w->nested_dim);
        key_corr(t, &w->size_of);
        key_corr(t, &w->length_of);
        key_add(t, w->ref);
        break;
    case W_STRUCT:
    case W_ENCAPSULATED:
        text_add(t, "%p", (void *)w->record);
        break;
    case W_UNION:
        text_add(t, "%p,%d,%d", (void *)w->record, w->base, w->switch_enum16);
        key_corr(t, &w->size_of);
        break;
    case W_RANGE:
        text_add(t, "%lld,%lld", (long long)w->low, (long long)w->high);
        key_add(t, w->ref);
        break;
    case W_CONTEXT:
        text_add(t, "%d%d/%d", w->index, w->via_pointer, w->fmt2);
        break;
    case W_INTERFACE:
        text_add(t, "%p", (void *)type_strip(type_strip(w->ctype)->ref));
        key_corr(t, &w->size_of);
        break;
    case W_PIPE:
        key_add(t, w->ref);
        break;
    default:
        text_add(t, "%d,%d", w->index, w->base);
    }
}

const char *tfs_key(struct wire *w)
{
    struct text t = {0};

    key_add(&t, w);
    return t.data;
}

bool wire_is_simple(struct wire *w, int *fc)
{
    if (w->kind == W_ENUM16) {
        *fc = 0x0d;
        return true;
    }
    if (w->kind != W_BASE)
        return false;
    *fc = w->index == 1 ? 0x0e : fc_base(w->base);
    return true;
}

/* ---- references ---- */

void tfs_target(struct wire *w)
{
    int at = type_fmt.len, to = -1;

    if (w->fmt)
        to = w->fmt - 1;
    else
        to = tfs_find(tfs_key(w));
    if (to >= 0) {
        if (to - at < -0x8000)
            error_at(w->loc, 0, "the type descriptions are too far apart (over 32 KiB)");
        fmt_short(&type_fmt, to - at, mem_print("Offset= %d (%d)", to - at, to));
        return;
    }
    fmt_short(&type_fmt, 0, NULL);
    patches = mem_extend(patches, n_patches * sizeof(*patches), (n_patches + 1) * sizeof(*patches));
    patches[n_patches++] = (struct patch){at, w};
}

void tfs_begin(void)
{
    fmt_short(&type_fmt, 0, "0");
}

void tfs_end(void)
{
    int i;

    for (i = 0; i < n_patches; i++) {
        int to = tfs_type(patches[i].target);

        if (to - patches[i].at > 0x7fff || to - patches[i].at < -0x8000)
            error_at(patches[i].target->loc, 0, "the type descriptions are too far apart (over 32 KiB)");
        fmt_patch(&type_fmt, patches[i].at, to - patches[i].at);
    }
    n_patches = 0;
}

/* ---- correlation descriptors ---- */

static int corr_type(struct corr *c, bool iid)
{
    struct type *t = type_strip(c->var->type);

    if (iid)
        return opt.win64 ? 0x0b : 0x08;
    if (c->op == '@' && t->kind == T_POINTER)
        t = t->ref;
    switch (wire_base_of(t)) {
    case B_BYTE:
    case B_UCHAR:
    case B_BOOLEAN:
    case B_USMALL:
        return 0x04;
    case B_CHAR:
    case B_SMALL:
        return 0x03;
    case B_SHORT:
        return 0x06;
    case B_USHORT:
    case B_WCHAR:
        return 0x07;
    case B_ULONG:
    case B_ERROR_STATUS:
        return 0x09;
    case B_HYPER:
    case B_UHYPER:
    case B_INT3264:
    case B_UINT3264:
        return opt.win64 ? 0x0b : 0x08;
    default:
        return type_strip(t)->kind == T_ENUM ? (type_attr(t, A_V1_ENUM) ? 0x0e : 0x0d) : 0x08;
    }
}

static int corr_operator(int op)
{
    switch (op) {
    case '@':
        return 0x54;
    case '/':
        return 0x55;
    case '*':
        return 0x56;
    case '+':
        return 0x58; /* n + 1 elements: the runtime adds … */
    case '-':
        return 0x57;
    }
    return 0;
}

/* From -target NT60 on a range follows, as seen in MIDL's output: "correlation range", limits; flag 0x10. */
static void corr_robust(struct corr *c, int flags)
{
    if (!opt.robust)
        return;
    flags |= c->ranged ? 0x10 : 0;
    fmt_short(&type_fmt, flags,
              mem_print("Corr flags: %s%s%s", flags & 1 ? " early," : "", flags & 2 ? " split," : "",
                        flags & 4 ? " iid_is," : ""));
    if (opt.target < 60)
        return;
    fmt_byte(&type_fmt, c->ranged, c->ranged ? "correlation range" : NULL);
    fmt_byte(&type_fmt, 0, NULL);
    fmt_long(&type_fmt, c->ranged ? (uint32_t)c->low : 0, NULL);
    fmt_long(&type_fmt, c->ranged ? (uint32_t)c->high : 0, NULL);
}

void tfs_corr(struct corr *c, struct wire *w)
{
    int place, type, offset;
    bool early;

    if (c->kind == CORR_NONE) {
        fmt_long(&type_fmt, 0xffffffff, "-1");
        corr_robust(c, 0);
        return;
    }
    place = c->in_params ? (w->nested_dim ? 0x80 : 0x20) : c->pointer ? 0x10 : 0;
    if (c->kind == CORR_CONST) {
        fmt_byte(&type_fmt, 0x40, mem_print("Corr desc: constant, val=%lld", (long long)c->value));
        fmt_byte(&type_fmt, (c->value >> 16) & 0xff, NULL);
        fmt_short(&type_fmt, (int)(c->value & 0xffff), mem_print("%lld", (long long)c->value & 0xffff));
        corr_robust(c, 0);
        return;
    }
    if (c->kind == CORR_EVAL) {
        fmt_byte(&type_fmt, place,
                 mem_print("Corr desc: %s", c->in_params ? "parameter, "
                                            : c->pointer ? "field pointer, "
                                                         : ""));
        fmt_byte(&type_fmt, 0x59, "FC_CALLBACK");
        fmt_short(&type_fmt, c->eval, NULL);
        corr_robust(c, 0);
        return;
    }
    type = corr_type(c, w->kind == W_INTERFACE);
    offset = (int)c->var->offset - (c->in_params || c->pointer ? 0 : (int)c->self->offset);
    early = c->self && (c->in_params ? c->var->index < c->self->index : c->var->offset < c->self->offset);
    fmt_byte(&type_fmt, place | type,
             mem_print("Corr desc: %s%s, %s",
                       c->in_params ? "parameter "
                       : c->pointer ? "field pointer "
                                    : "field ",
                       c->var->name, fc_name(type)));
    fmt_byte(&type_fmt, corr_operator(c->op), c->op ? fc_name(corr_operator(c->op)) : NULL);
    if (c->in_params)
        fmt_short(&type_fmt, offset,
                  mem_print("%s Stack size/offset = %d", opt.win64 ? "X64" : "x86", offset));
    else
        fmt_short(&type_fmt, offset, NULL);
    if (c->split && !opt.robust)
        error_at(c->expr->loc, 0, "'%s' is [in] and describes what is [out]: [async_uuid] needs -robust then",
                 c->var->name);
    corr_robust(c, (early || c->split ? 1 : 0) | (c->split ? 2 : 0) | (w->kind == W_INTERFACE ? 4 : 0));
}

/* ---- pointers ---- */

static const char *pointer_comment(struct wire *w, int flags)
{
    static const char *const kinds[] = {"FC_RP", "FC_UP", "FC_FP"};

    return mem_print("%s%s%s%s%s%s", kinds[w->ptr], flags & 1 ? " [all_nodes]" : "",
                     flags & 2 ? " [dont_free]" : "", flags & 4 ? " [alloced_on_stack]" : "",
                     flags & 8 ? " [simple_pointer]" : "", flags & 0x10 ? " [pointer_deref]" : "");
}

static bool is_plain_string(struct wire *w)
{
    return w->kind == W_STRING && w->conformant && w->size_of.kind == CORR_NONE;
}

static int string_fc(struct wire *w)
{
    int wide = w->base == B_WCHAR, byte = w->base == B_BYTE;

    return (w->conformant ? 0x22 : 0x26) + (wide ? 3 : byte ? 1 : 0);
}

static int pointer_flags(struct wire *w, int flags)
{
    int fc;

    flags |= (w->alloc_all ? 1 : 0) | (w->alloc_dont_free ? 2 : 0);
    if (wire_is_simple(w->ref, &fc) || is_plain_string(w->ref))
        flags |= 8;
    else if (w->ref->kind == W_POINTER || w->ref->kind == W_INTERFACE)
        flags |= 0x10;
    return flags;
}

void tfs_pointer_body(struct wire *w, int flags)
{
    static const int kinds[] = {0x11, 0x12, 0x14};
    int fc;

    flags = pointer_flags(w, flags);
    fmt_bytes2(&type_fmt, kinds[w->ptr], flags, pointer_comment(w, flags));
    if (wire_is_simple(w->ref, &fc)) {
        fmt_byte(&type_fmt, fc, fc_name(fc));
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
    } else if (is_plain_string(w->ref)) {
        fmt_byte(&type_fmt, string_fc(w->ref), fc_name(string_fc(w->ref)));
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
    } else {
        tfs_target(w->ref);
    }
}

int tfs_pointer(struct wire *w, int extra)
{
    int at, fc;
    const char *key;

    if (wire_is_simple(w->ref, &fc) || is_plain_string(w->ref) || w->ref->kind != W_POINTER)
        key = mem_print("%s/%d", tfs_key(w), extra);
    else
        key = mem_print("%s/%d", tfs_key(w), extra);
    at = tfs_find(key);
    if (at >= 0)
        return at;
    at = type_fmt.len;
    tfs_remember(key, at);
    if (is_plain_string(w->ref) && tfs_find(tfs_key(w->ref)) < 0)
        tfs_remember(tfs_key(w->ref), at + 2);
    tfs_pointer_body(w, extra);
    if (!wire_is_simple(w->ref, &fc))
        tfs_type(w->ref);
    return at;
}

/* ---- the rest ---- */

static int tfs_string(struct wire *w)
{
    int at = type_fmt.len, fc = string_fc(w);

    fmt_byte(&type_fmt, fc, fc_name(fc));
    if (w->conformant && w->size_of.kind) {
        fmt_byte(&type_fmt, 0x44, "FC_STRING_SIZED");
        tfs_corr(&w->size_of, w);
    } else {
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
        if (!w->conformant)
            fmt_short(&type_fmt, (int)w->count, NULL);
    }
    return at;
}

static int tfs_range(struct wire *w)
{
    int at = type_fmt.len, fc = w->ref->kind == W_ENUM16 ? 0x0d : fc_base(w->base);

    fmt_byte(&type_fmt, 0xb7, "FC_RANGE");
    fmt_byte(&type_fmt, fc, fc_name(fc));
    fmt_long(&type_fmt, (uint32_t)w->low, NULL);
    fmt_long(&type_fmt, (uint32_t)w->high, NULL);
    return at;
}

static int tfs_context(struct wire *w)
{
    int at = type_fmt.len;

    fmt_byte(&type_fmt, 0x30, "FC_BIND_CONTEXT");
    fmt_byte(&type_fmt, w->fmt2,
             mem_print("Ctxt flags: %s%s%s%s%s", w->fmt2 & 0x80 ? " via ptr," : "",
                       w->fmt2 & 0x40 ? " in," : "", w->fmt2 & 0x20 ? " out," : "",
                       w->fmt2 & 0x10 ? " ret," : "", w->fmt2 & 0x08 ? " strict," : ""));
    fmt_byte(&type_fmt, w->index, NULL);
    fmt_byte(&type_fmt, 0, NULL);
    return at;
}

static int tfs_interface(struct wire *w)
{
    int at = type_fmt.len, i;
    struct type *target = type_strip(type_strip(w->ctype)->ref);
    struct interface *iface = target && target->kind == T_INTERFACE ? interface_find(target->name) : NULL;
    struct attr *uuid = iface ? attr_find(iface->attrs, A_UUID) : NULL;
    const char *text = uuid && uuid->args ? uuid->args->name : NULL;

    fmt_byte(&type_fmt, 0x2f, "FC_IP");
    if (w->size_of.kind) {
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
        tfs_corr(&w->size_of, w);
        return at;
    }
    fmt_byte(&type_fmt, 0x5a, "FC_CONSTANT_IID");
    if (!text || strlen(text) != 36) {
        error_at(w->loc, 0, "interface '%s' has no uuid", target->name ? target->name : "");
        text = "00000000-0000-0000-0000-000000000000";
    }
    fmt_long(&type_fmt, (uint32_t)strtoul(text, NULL, 16), NULL);
    fmt_short(&type_fmt, (int)strtoul(text + 9, NULL, 16), NULL);
    fmt_short(&type_fmt, (int)strtoul(text + 14, NULL, 16), NULL);
    for (i = 0; i < 8; i++) {
        char two[3] = {text[i < 2 ? 19 + 2 * i : 20 + 2 * i], text[(i < 2 ? 19 + 2 * i : 20 + 2 * i) + 1], 0};

        fmt_byte(&type_fmt, (int)strtoul(two, NULL, 16), NULL);
    }
    return at;
}

/* transmit_as, represent_as, user_marshal, wire_marshal: which routines, and what they make of the type. */
static int tfs_xmit(struct wire *w)
{
    bool user = w->kind == W_USER;
    int at, fc;
    unsigned a = w->align ? w->align : 1;

    if (!wire_is_simple(w->ref, &fc))
        tfs_dependencies(w->ref);
    at = type_fmt.len;
    fc = user ? 0xb4 : w->base ? 0x2e : 0x2d;
    fmt_byte(&type_fmt, fc, fc_name(fc));
    if (user) {
        int flags = (int)wire_align(w->ref) - 1;

        if (w->ref->kind == W_POINTER)
            flags |= w->ref->ptr == PTR_REF ? 0x40 : 0x80; /* USER_MARSHAL_POINTER, _UNIQUE */
        fmt_byte(&type_fmt, flags, NULL);
    } else {
        fmt_byte(&type_fmt, (int)a - 1, NULL);
    }
    fmt_short(&type_fmt, w->index, NULL);
    if (w->unknown)
        fmt_sizeof(&type_fmt, w->unknown);
    else
        fmt_short(&type_fmt, (int)w->size, NULL);
    if (user) {
        unsigned flat;

        fmt_short(&type_fmt, wire_transmit_size(w->ref, &flat) ? (int)flat : 0, NULL);
    } else {
        fmt_short(&type_fmt, (int)w->ref->size, NULL);
    }
    if (wire_is_simple(w->ref, &fc)) { /* a description of its own follows */
        fmt_short(&type_fmt, 2, mem_print("Offset= 2 (%d)", type_fmt.len + 2));
        fmt_byte(&type_fmt, fc, fc_name(fc));
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
    } else {
        tfs_target(w->ref);
    }
    return at;
}

static int tfs_pipe(struct wire *w)
{
    int at, fc;
    unsigned flat = w->ref->size;

    if (!wire_is_simple(w->ref, &fc))
        tfs_dependencies(w->ref);
    if (wire_is_simple(w->ref, &fc)) {
        at = type_fmt.len;
        fmt_byte(&type_fmt, fc, fc_name(fc));
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
    }
    (void)flat;
    at = type_fmt.len;
    fmt_byte(&type_fmt, 0xb5, "FC_PIPE");
    fmt_byte(&type_fmt, (int)wire_align(w->ref) - 1, NULL);
    if (wire_is_simple(w->ref, &fc))
        fmt_short(&type_fmt, -4, mem_print("Offset= -4 (%d)", type_fmt.len - 4));
    else
        tfs_target(w->ref);
    fmt_short(&type_fmt, (int)w->ref->size, NULL);
    fmt_short(&type_fmt, wire_transmit_size(w->ref, &flat) ? (int)flat : 0, NULL);
    return at;
}

static int tfs_byte_count(struct wire *w)
{
    int at, fc;

    if (!wire_is_simple(w->ref, &fc))
        tfs_dependencies(w->ref);
    at = type_fmt.len;
    fmt_byte(&type_fmt, 0x2c, "FC_BYTE_COUNT_POINTER");
    if (wire_is_simple(w->ref, &fc)) {
        fmt_byte(&type_fmt, fc, fc_name(fc));
        tfs_corr(&w->size_of, w);
    } else {
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
        tfs_corr(&w->size_of, w);
        forget(tfs_key(w->ref)); /* the description itself follows, not where it is */
        w->ref->fmt = 0;
        tfs_type(w->ref);
    }
    return at;
}

void tfs_dependencies(struct wire *w)
{
    int fc;

    if (!w || w->writing || wire_is_simple(w, &fc))
        return;
    if (w->kind == W_POINTER) {
        if (wire_is_simple(w->ref, &fc) || is_plain_string(w->ref) || w->ref->writing)
            return;
        tfs_type(w->ref);
        return;
    }
    tfs_type(w);
}

int tfs_type(struct wire *w)
{
    const char *key;
    int at;

    if (w->fmt)
        return w->fmt - 1;
    if (w->kind == W_POINTER)
        return tfs_pointer(w, 0);
    if (w->kind == W_GENERIC)
        return tfs_type(w->ref);
    if (w->kind == W_STRUCT)
        return tfs_struct(w);
    if (w->kind == W_ENCAPSULATED)
        return tfs_encapsulated(w);
    if (w->kind == W_RANGE) { /* MIDL writes each anew */
        w->fmt = tfs_range(w) + 1;
        return w->fmt - 1;
    }
    key = tfs_key(w);
    at = tfs_find(key);
    if (at >= 0)
        return at;
    switch (w->kind) {
    case W_ARRAY:
        at = tfs_array(w, false);
        break;
    case W_STRING:
        at = tfs_string(w);
        break;
    case W_UNION:
        at = tfs_union(w);
        break;
    case W_CONTEXT:
        at = tfs_context(w);
        break;
    case W_INTERFACE:
        at = tfs_interface(w);
        break;
    case W_XMIT:
    case W_USER:
        at = tfs_xmit(w);
        break;
    case W_PIPE:
        at = tfs_pipe(w);
        break;
    case W_BYTE_COUNT:
        at = tfs_byte_count(w);
        break;
    default:
        at = type_fmt.len;
        fmt_byte(&type_fmt, fc_base(w->base), fc_name(fc_base(w->base)));
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
    }
    tfs_remember(key, at);
    return at;
}
