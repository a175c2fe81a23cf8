/* Questions about the wire model: the categories of the SDK's pages "Structures", "Arrays" and "Parameter
 * Descriptors". */
#include "wire.h"

static bool any_member(struct wire *w, bool (*test)(struct wire *))
{
    struct var *m;
    bool found = false;

    if (w->busy)
        return false;
    w->busy = true;
    for (m = w->members; m && !found; m = m->next)
        found = m->wire && test(m->wire);
    w->busy = false;
    return found;
}

bool wire_has_pointers(struct wire *w)
{
    switch (w->kind) {
    case W_POINTER:
    case W_INTERFACE:
        return true;
    case W_ARRAY:
        return wire_has_pointers(w->ref);
    case W_STRUCT:
    case W_UNION:
    case W_ENCAPSULATED:
        return any_member(w, wire_has_pointers);
    default:
        return false;
    }
}

bool wire_has_correlation(struct wire *w)
{
    bool own = w->size_of.kind > CORR_CONST || w->length_of.kind > CORR_CONST;

    switch (w->kind) {
    case W_ARRAY:
    case W_POINTER:
    case W_XMIT:
        return own || (w->ref && wire_has_correlation(w->ref));
    case W_STRING:
        return own;
    case W_STRUCT:
    case W_ENCAPSULATED:
        return any_member(w, wire_has_correlation);
    case W_UNION:
        return own || any_member(w, wire_has_correlation);
    default:
        return own;
    }
}

bool wire_has_full_pointer(struct wire *w)
{
    bool found;

    switch (w->kind) {
    case W_POINTER:
        if (w->ptr == PTR_FULL)
            return true;
        if (w->busy)
            return false;
        w->busy = true;
        found = wire_has_full_pointer(w->ref);
        w->busy = false;
        return found;
    case W_ARRAY:
        return wire_has_full_pointer(w->ref);
    case W_STRUCT:
    case W_UNION:
    case W_ENCAPSULATED:
        return any_member(w, wire_has_full_pointer);
    default:
        return false;
    }
}

static struct var *last_member(struct wire *w)
{
    struct var *m = w->members;

    while (m && m->next)
        m = m->next;
    return m;
}

bool wire_is_conformant(struct wire *w)
{
    struct var *m;

    if (w->kind == W_ARRAY || w->kind == W_STRING)
        return w->conformant || (w->kind == W_ARRAY && w->ref && wire_is_conformant(w->ref));
    if (w->kind != W_STRUCT || w->busy)
        return false;
    m = last_member(w);
    return m && m->wire && wire_is_conformant(m->wire);
}

static unsigned base_wire_size(enum base b)
{
    switch (b) {
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
    case B_HYPER:
    case B_UHYPER:
    case B_DOUBLE:
        return 8;
    default:
        return 4;
    }
}

unsigned wire_align(struct wire *w)
{
    unsigned align = 1, a;
    struct var *m;

    switch (w->kind) {
    case W_BASE:
        return base_wire_size(w->base);
    case W_ENUM16:
        return 2;
    case W_STRING:
    case W_ARRAY:
        a = w->ref ? wire_align(w->ref) : 1;
        return a;
    case W_RANGE:
    case W_XMIT:
        return wire_align(w->ref);
    case W_USER:
        return w->ref ? wire_align(w->ref) : 8;
    case W_STRUCT:
    case W_UNION:
    case W_ENCAPSULATED:
        if (w->busy)
            return 1;
        w->busy = true;
        if (w->kind == W_ENCAPSULATED)
            align = base_wire_size(w->base);
        for (m = w->members; m; m = m->next) {
            a = m->wire ? wire_align(m->wire) : 1;
            if (a > align)
                align = a;
        }
        w->busy = false;
        return align;
    default:
        return 4;
    }
}

/* The size in the buffer where it is the same for every value, padding inside included; false where it is
 * not. */
static bool flat_size(struct wire *w, unsigned *size)
{
    unsigned s, a, total = 0;
    struct var *m;

    switch (w->kind) {
    case W_BASE:
        *size = base_wire_size(w->base);
        return true;
    case W_ENUM16:
        *size = 2;
        return true;
    case W_RANGE:
        return flat_size(w->ref, size);
    case W_POINTER:
        *size = 4;
        return true;
    case W_ARRAY:
        if (w->conformant || w->varying || !flat_size(w->ref, &s))
            return false;
        a = wire_align(w->ref);
        *size = (s + a - 1) / a * a * w->count;
        return true;
    case W_STRUCT:
        for (m = w->members; m; m = m->next) {
            if (!m->wire || !flat_size(m->wire, &s))
                return false;
            a = wire_align(m->wire);
            total = (total + a - 1) / a * a + s;
        }
        *size = total;
        return true;
    default:
        return false;
    }
}

bool wire_transmit_size(struct wire *w, unsigned *size)
{
    return !wire_has_pointers(w) && flat_size(w, size);
}

static bool by_field(const struct corr *c)
{
    return !c->in_params && (c->kind == CORR_VAR || c->kind == CORR_EVAL);
}

/* Is there a pointer in it whose target takes its size, length or switch from a field beside the pointer? */
static bool points_by_field(struct wire *w)
{
    struct var *m;
    bool found = false;

    switch (w->kind) {
    case W_POINTER:
        return w->ref && (by_field(&w->ref->size_of) || by_field(&w->ref->length_of));
    case W_ARRAY:
        return points_by_field(w->ref);
    case W_STRUCT:
        if (w->busy)
            return false;
        w->busy = true;
        for (m = w->members; m && !found; m = m->next)
            found = m->wire && points_by_field(m->wire);
        w->busy = false;
        return found;
    default:
        return false;
    }
}

static bool struct_is_complex(struct wire *w)
{
    struct var *m;
    unsigned flat, end = 0;

    for (m = w->members; m; m = m->next) {
        struct wire *f = m->wire;

        if (!f)
            return true;
        if (f->kind == W_POINTER) {
            if (opt.win64)
                return true;
        } else if (f->kind == W_STRING) {
            if (!f->conformant || m->next)
                return true;
        } else if (f->kind == W_ARRAY && f->varying && !f->conformant) {
            return true;
        } else if (wire_is_complex(f)) {
            return true;
        }
        if (f->align > wire_align(f))
            return true;
        /* In a pointer layout those fields would be looked for from where the outer structure begins. */
        if (m->offset && f->kind != W_POINTER && points_by_field(f))
            return true;
        end = m->offset + (wire_is_conformant(f) && f->kind != W_STRUCT ? 0 : f->size);
    }
    if (end != w->size)
        return true; /* padding at the end */
    return flat_size(w, &flat) && flat != w->size;
}

bool wire_is_complex(struct wire *w)
{
    bool complex;

    switch (w->kind) {
    case W_BASE:
        return (w->base == B_INT3264 || w->base == B_UINT3264) && opt.win64;
    case W_POINTER:
        return opt.win64 || w->ptr == PTR_REF;
    case W_STRING:
        return true;
    case W_ARRAY:
        if (wire_is_complex(w->ref))
            return true;
        return (w->ref->kind == W_ARRAY &&
                (w->conformant || w->varying || w->ref->conformant || w->ref->varying));
    case W_STRUCT:
        if (w->busy)
            return false;
        w->busy = true;
        complex = struct_is_complex(w);
        w->busy = false;
        return complex;
    default:
        return true;
    }
}

/* What MIDL reserves in the constant buffer sizes: the value and its worst alignment. */
bool wire_is_fixed_size(struct wire *w, unsigned *bound)
{
    unsigned s, n, a;

    switch (w->kind) {
    case W_BASE:
    case W_ENUM16:
    case W_RANGE:
        flat_size(w, &s);
        *bound = s == 1 ? 5 : s == 2 ? 6 : s * 2;
        return true;
    case W_STRUCT:
        if (wire_has_pointers(w) || !flat_size(w, &s))
            return false;
        a = wire_align(w);
        *bound = s + a * 8;
        return true;
    case W_ARRAY:
        if (wire_has_pointers(w) || !flat_size(w, &s))
            return false;
        *bound = s + wire_align(w) * 8;
        return true;
    case W_POINTER:
        if (w->ptr == PTR_REF) {
            if (w->ref->kind == W_POINTER || !wire_is_fixed_size(w->ref, &n))
                return false;
            *bound = n + 20;
            return true;
        }
        if (w->ref->kind == W_POINTER || !wire_is_fixed_size(w->ref, &n))
            return false;
        *bound = n + 20;
        return true;
    case W_CONTEXT:
        *bound = 36;
        return true;
    default:
        return false;
    }
}

/* Which integer the runtime reads where a count, a length or a discriminant of this C type lies. */
enum base wire_base_of(struct type *t)
{
    t = type_strip(t);
    if (t->kind == T_ENUM)
        return B_LONG;
    if (t->kind == T_BASE)
        return t->base;
    return B_LONG;
}
