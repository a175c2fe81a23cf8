/* Type format strings of structures, arrays and unions, and their pointer layouts.
 * Sources: SDK, "Structures", "Arrays", "Unions", "Pointer Layout". */
#include "tfs.h"

/* ---- pointer layout ---- */

struct leaf {
    int offset;
    struct wire *pointer;
};
struct leaves {
    struct leaf *v;
    int n;
};

static void collect(struct wire *w, int offset, struct leaves *l)
{
    struct var *m;
    unsigned i;

    switch (w->kind) {
    case W_POINTER:
        l->v = mem_extend(l->v, l->n * sizeof(*l->v), (l->n + 1) * sizeof(*l->v));
        l->v[l->n++] = (struct leaf){offset, w};
        break;
    case W_STRUCT:
        for (m = w->members; m; m = m->next)
            if (m->wire && !(m->wire->kind == W_ARRAY && m->wire->conformant))
                collect(m->wire, offset + (int)m->offset, l);
        break;
    case W_ARRAY:
        if (wire_has_pointers(w->ref))
            for (i = 0; i < w->count; i++)
                collect(w->ref, offset + (int)(i * w->ref->size), l);
        break;
    default:
        break;
    }
}

static void instances(struct leaves *l)
{
    int i;

    for (i = 0; i < l->n; i++) {
        fmt_short(&type_fmt, l->v[i].offset, NULL);
        fmt_short(&type_fmt, l->v[i].offset, NULL);
        tfs_pointer_body(l->v[i].pointer, 0);
    }
}

/* offset_to_array and the elements' offsets both start where the array does in the enclosing object. */
static void repeat(struct wire *array, int offset_to_array)
{
    struct leaves l = {0};

    collect(array->ref, offset_to_array, &l);
    if (!l.n)
        return;
    if (array->conformant || array->varying) {
        fmt_byte(&type_fmt, 0x48, "FC_VARIABLE_REPEAT");
        fmt_byte(&type_fmt, 0x49, "FC_FIXED_OFFSET");
    } else {
        fmt_byte(&type_fmt, 0x47, "FC_FIXED_REPEAT");
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
        fmt_short(&type_fmt, (int)array->count, NULL);
    }
    fmt_short(&type_fmt, (int)array->ref->size, NULL);
    fmt_short(&type_fmt, offset_to_array, NULL);
    fmt_short(&type_fmt, l.n, NULL);
    instances(&l);
}

static void layout_begin(void)
{
    fmt_byte(&type_fmt, 0x4b, "FC_PP");
    fmt_byte(&type_fmt, 0x5c, "FC_PAD");
}

static void layout_end(void)
{
    fmt_byte(&type_fmt, 0x5b, "FC_END");
}

void tfs_array_layout(struct wire *w)
{
    if (!wire_has_pointers(w->ref))
        return;
    layout_begin();
    repeat(w, 0);
    layout_end();
}

static void struct_instances(struct wire *w, int offset)
{
    struct var *m;

    for (m = w->members; m; m = m->next) {
        if (!m->wire || !wire_has_pointers(m->wire))
            continue;
        if (m->wire->kind == W_STRUCT) {
            struct_instances(m->wire, offset + (int)m->offset);
        } else if (m->wire->kind == W_ARRAY) {
            repeat(m->wire, offset + (int)m->offset);
        } else {
            struct leaves l = {0};

            collect(m->wire, offset + (int)m->offset, &l);
            fmt_byte(&type_fmt, 0x46, "FC_NO_REPEAT");
            fmt_byte(&type_fmt, 0x5c, "FC_PAD");
            instances(&l);
        }
    }
}

void tfs_struct_layout(struct wire *w)
{
    if (!wire_has_pointers(w))
        return;
    layout_begin();
    struct_instances(w, 0);
    layout_end();
}

/* ---- arrays ---- */

void tfs_embedded(struct wire *w, int pad)
{
    fmt_byte(&type_fmt, 0x4c, "FC_EMBEDDED_COMPLEX");
    fmt_byte(&type_fmt, pad, NULL);
    tfs_target(w);
}

static void pad_and_end(void)
{
    if (!(type_fmt.len & 1))
        fmt_byte(&type_fmt, 0x5c, "FC_PAD");
    fmt_byte(&type_fmt, 0x5b, "FC_END");
}

static void element(struct wire *w, bool complex)
{
    int fc;

    if (wire_is_simple(w, &fc))
        fmt_byte(&type_fmt, fc, fc_name(fc));
    else if (w->kind == W_POINTER && complex)
        tfs_pointer_body(w, 0);
    else if (w->kind == W_POINTER)
        fmt_byte(&type_fmt, 0x08, "FC_LONG");
    else
        tfs_embedded(w, 0);
    pad_and_end();
}

static int complex_array(struct wire *w)
{
    int at = type_fmt.len;

    fmt_byte(&type_fmt, 0x21, "FC_BOGUS_ARRAY");
    fmt_byte(&type_fmt, (int)wire_align(w) - 1, NULL);
    fmt_short(&type_fmt, w->conformant ? 0 : (int)w->count, NULL);
    tfs_corr(&w->size_of, w);
    tfs_corr(&w->length_of, w);
    element(w->ref, true);
    return at;
}

int tfs_array(struct wire *w, bool in_conformant_struct)
{
    bool large = w->size > 0xffff;
    int at, fc;

    if (!wire_is_simple(w->ref, &fc))
        tfs_dependencies(w->ref);
    if (wire_is_complex(w))
        return complex_array(w);
    at = type_fmt.len;
    fc = w->conformant ? (w->varying ? 0x1c : 0x1b)
         : w->varying  ? (large ? 0x20 : 0x1f)
         : large       ? 0x1e
                       : 0x1d;
    fmt_byte(&type_fmt, fc, fc_name(fc));
    fmt_byte(&type_fmt, (int)wire_align(w) - 1, NULL);
    if (!w->conformant) {
        if (large)
            fmt_long(&type_fmt, w->size, NULL);
        else
            fmt_short(&type_fmt, (int)w->size, NULL);
        if (w->varying && large)
            fmt_long(&type_fmt, w->count, NULL);
        else if (w->varying)
            fmt_short(&type_fmt, (int)w->count, NULL);
    }
    if (w->conformant || w->varying)
        fmt_short(&type_fmt, (int)w->ref->size, NULL);
    if (w->conformant)
        tfs_corr(&w->size_of, w);
    if (w->varying)
        tfs_corr(&w->length_of, w);
    if (!in_conformant_struct)
        tfs_array_layout(w);
    element(w->ref, false);
    return at;
}

/* ---- structures ---- */

static int align_fc(unsigned align)
{
    return align == 2 ? 0x37 : align == 4 ? 0x38 : 0x39;
}

static void member(struct var *m, unsigned *at, bool complex)
{
    struct wire *w = m->wire;
    unsigned pad = m->offset - *at;
    int fc;

    if (wire_is_conformant(w) && w->kind != W_STRUCT)
        return;
    *at = m->offset + w->size;
    if (wire_is_simple(w, &fc) || w->kind == W_POINTER || w->kind == W_IGNORED) {
        if (pad)
            fmt_byte(&type_fmt, align_fc(w->align), fc_name(align_fc(w->align)));
        if (w->kind == W_POINTER)
            fc = complex ? 0x36 : 0x08;
        else if (w->kind == W_IGNORED)
            fc = 0x0f;
        fmt_byte(&type_fmt, fc, fc_name(fc));
        return;
    }
    tfs_embedded(w, (int)pad);
}

/* MIDL spells out a structure with pointers inside of another, where it has nothing but fields of one format
 * character; others are embedded. */
static bool spelled_out(struct wire *w)
{
    struct var *m;
    int fc;

    if (w->kind != W_STRUCT || !wire_has_pointers(w))
        return false;
    for (m = w->members; m; m = m->next)
        if (m->wire && m->wire->kind != W_POINTER && !wire_is_simple(m->wire, &fc))
            return false;
    return true;
}

static void block_members(struct wire *w)
{
    struct var *m, *inner;
    unsigned at = 0, inner_at;

    for (m = w->members; m; m = m->next) {
        if (!m->wire)
            continue;
        if (!spelled_out(m->wire)) {
            member(m, &at, false);
            continue;
        }
        if (m->offset > at)
            fmt_byte(&type_fmt, align_fc(m->wire->align), fc_name(align_fc(m->wire->align)));
        for (inner = m->wire->members, inner_at = 0; inner; inner = inner->next)
            member(inner, &inner_at, false);
        at = m->offset + m->wire->size;
    }
}

static struct wire *conformant_part(struct wire *w)
{
    struct var *m = w->members;

    while (m->next)
        m = m->next;
    return m->wire->kind == W_STRUCT ? conformant_part(m->wire) : m->wire;
}

static void struct_pointers(struct wire *w)
{
    struct var *m;

    for (m = w->members; m; m = m->next)
        if (m->wire && m->wire->kind == W_POINTER)
            tfs_pointer_body(m->wire, 0);
}

static void struct_dependencies(struct wire *w, bool conformant, bool complex)
{
    struct var *m;

    w->writing = true;
    for (m = w->members; m; m = m->next) {
        if (!m->wire)
            continue;
        if (conformant && !m->next && m->wire->kind == W_ARRAY && !complex) {
            m->wire->fmt = tfs_array(m->wire, true) + 1;
            continue;
        }
        tfs_dependencies(m->wire);
        if (conformant && !m->next)
            m->wire->fmt = tfs_type(m->wire) + 1;
    }
    w->writing = false;
}

static void end_padding(struct wire *w, unsigned at)
{
    if (at < w->size && w->size - at < 8)
        fmt_byte(&type_fmt, 0x3c + (int)(w->size - at), fc_name(0x3c + (int)(w->size - at)));
}

static void complex_struct(struct wire *w, bool conformant)
{
    struct var *m;
    unsigned at = 0;
    int layout;
    bool pointers = false;

    fmt_byte(&type_fmt, 0x1a, "FC_BOGUS_STRUCT");
    fmt_byte(&type_fmt, (int)wire_align(w) - 1, NULL);
    fmt_short(&type_fmt, (int)w->size, NULL);
    if (conformant)
        tfs_target(conformant_part(w));
    else
        fmt_short(&type_fmt, 0, NULL);
    layout = type_fmt.len;
    fmt_short(&type_fmt, 0, NULL);
    for (m = w->members; m; m = m->next) {
        if (!m->wire)
            continue;
        member(m, &at, true);
        pointers |= m->wire->kind == W_POINTER;
    }
    end_padding(w, at);
    pad_and_end();
    if (pointers)
        fmt_patch(&type_fmt, layout, type_fmt.len - layout);
    struct_pointers(w);
}

int tfs_struct(struct wire *w)
{
    bool conformant = wire_is_conformant(w), complex = wire_is_complex(w), pointers = wire_has_pointers(w);
    int fc;

    if (w->writing)
        return 0;
    if (w->size > 0xffff)
        error_at(w->loc, 0, "a structure cannot be larger than 64 KiB");
    struct_dependencies(w, conformant, complex);
    if (w->fmt)
        return w->fmt - 1;
    w->fmt = type_fmt.len + 1;
    if (complex) {
        complex_struct(w, conformant);
        return w->fmt - 1;
    }
    if (conformant) {
        struct wire *array = conformant_part(w);

        fc = array->varying || array->kind == W_STRING ? 0x19 : pointers ? 0x18 : 0x17;
    } else {
        fc = pointers ? 0x16 : 0x15;
    }
    fmt_byte(&type_fmt, fc, fc_name(fc));
    fmt_byte(&type_fmt, (int)wire_align(w) - 1, NULL);
    fmt_short(&type_fmt, (int)w->size, NULL);
    if (conformant)
        tfs_target(conformant_part(w));
    tfs_struct_layout(w);
    block_members(w);
    pad_and_end();
    return w->fmt - 1;
}

/* ---- unions ---- */

static void arm(struct var *m)
{
    int fc;

    if (m->empty || !m->wire) {
        fmt_short(&type_fmt, 0, "0");
    } else if (wire_is_simple(m->wire, &fc)) {
        fmt_short(&type_fmt, 0x8000 | fc, mem_print("Simple arm type: %s", fc_name(fc)));
    } else {
        tfs_target(m->wire);
    }
}

static int arm_count(struct wire *w)
{
    struct var *m;
    struct attr *a;
    struct arg *arg;
    int n = 0;

    for (m = w->members; m; m = m->next)
        for (a = m->attrs; a; a = a->next)
            for (arg = a->id == A_CASE ? a->args : NULL; arg; arg = arg->next)
                n++;
    return n;
}

static unsigned arms_align(struct wire *w)
{
    struct var *m;
    unsigned align = 1;

    for (m = w->members; m; m = m->next)
        if (m->wire && wire_align(m->wire) > align)
            align = wire_align(m->wire);
    return align;
}

static void arms(struct wire *w)
{
    struct var *m, *otherwise = NULL;
    struct attr *a;
    struct arg *arg;
    int64_t v;
    unsigned high = w->kind == W_UNION && w->ms_union ? arms_align(w) - 1 : 0;

    fmt_short(&type_fmt, (int)(high << 12) | arm_count(w), mem_print("%d", arm_count(w)));
    for (m = w->members; m; m = m->next) {
        for (a = m->attrs; a; a = a->next) {
            if (a->id == A_DEFAULT)
                otherwise = m;
            for (arg = a->id == A_CASE ? a->args : NULL; arg; arg = arg->next) {
                if (!arg->expr || !expr_const(arg->expr, &v)) {
                    error_at(a->loc, 2066, "[case] expression is not constant");
                    v = 0;
                }
                fmt_long(&type_fmt, (uint32_t)v, NULL);
                arm(m);
            }
        }
    }
    if (!otherwise)
        fmt_short(&type_fmt, 0xffff, "no default");
    else
        arm(otherwise);
}

static void arm_dependencies(struct wire *w)
{
    struct var *m;

    w->writing = true;
    for (m = w->members; m; m = m->next)
        if (m->wire) {
            if (m->wire->kind == W_POINTER && !m->wire->ref->writing)
                tfs_pointer(m->wire, 0);
            else
                tfs_dependencies(m->wire);
        }
    w->writing = false;
}

static unsigned arms_size(struct wire *w)
{
    struct var *m;
    unsigned size = 0, align = 1;

    for (m = w->members; m; m = m->next) {
        if (!m->wire)
            continue;
        if (m->wire->size > size)
            size = m->wire->size;
        if (m->wire->align > align)
            align = m->wire->align;
    }
    return (size + align - 1) / align * align;
}

static int switch_fc(struct wire *w)
{
    if (w->switch_enum16)
        return 0x0d;
    switch (w->base) {
    case B_ULONG:
        return 0x09;
    case B_USHORT:
    case B_WCHAR:
        return 0x07;
    case B_BYTE:
    case B_UCHAR:
    case B_USMALL:
        return 0x04;
    case B_CHAR:
        return 0x03;
    default:
        return fc_base(w->base);
    }
}

int tfs_union(struct wire *w)
{
    struct wire *shared = w->record->wire;
    int at;

    if (!shared->fmt2 && !shared->writing)
        arm_dependencies(shared);
    at = type_fmt.len;
    fmt_byte(&type_fmt, 0x2b, "FC_NON_ENCAPSULATED_UNION");
    fmt_byte(&type_fmt, switch_fc(w), fc_name(switch_fc(w)));
    tfs_corr(&w->size_of, w);
    if (shared->fmt2) {
        fmt_short(&type_fmt, shared->fmt2 - 1 - type_fmt.len,
                  mem_print("Offset= %d (%d)", shared->fmt2 - 1 - type_fmt.len, shared->fmt2 - 1));
        return at;
    }
    fmt_short(&type_fmt, 2, mem_print("Offset= 2 (%d)", type_fmt.len + 2));
    shared->fmt2 = type_fmt.len + 1;
    fmt_short(&type_fmt, (int)arms_size(w), NULL);
    arms(w);
    return at;
}

int tfs_encapsulated(struct wire *w)
{
    if (w->writing)
        return 0;
    arm_dependencies(w);
    if (w->fmt)
        return w->fmt - 1;
    w->fmt = type_fmt.len + 1;
    fmt_byte(&type_fmt, 0x2a, "FC_ENCAPSULATED_UNION");
    fmt_byte(&type_fmt, (int)(w->switch_offset << 4) | switch_fc(w),
             mem_print("%d", (int)(w->switch_offset << 4) | switch_fc(w)));
    fmt_short(&type_fmt, (int)arms_size(w), NULL);
    arms(w);
    return w->fmt - 1;
}
