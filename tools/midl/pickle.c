/* Serialization: [encode] and [decode] on procedures and types.
 * Sources: SDK, "Serialization Services", MIDL encode and decode; midles.h. */
#include "wire.h"

bool pickles(struct proc *p)
{
    return p->wire && (p->wire->encode || p->wire->decode);
}

static bool implicit(struct interface *i)
{
    return attr_find(i->attrs, A_IMPLICIT_HANDLE) != NULL;
}

static bool has(struct interface *i, struct type *t, enum attr_id id)
{
    return attr_find(t->attrs, id) || attr_find(i->attrs, id);
}

static bool pickled(struct interface *i, struct var *v)
{
    struct type *t = v->type, *s = type_strip(t);

    if (t->kind != T_ALIAS || (!has(i, t, A_ENCODE) && !has(i, t, A_DECODE)))
        return false;
    return s->kind != T_FUNC && s->kind != T_PIPE && !type_is_void(s) && !type_attr(t, A_CONTEXT_HANDLE) &&
           !type_attr(t, A_HANDLE) && s->kind != T_INTERFACE && s->kind != T_UNION;
}

static bool next_pickled(struct interface *i, struct def **d, struct var **v)
{
    for (;;) {
        if (*v)
            *v = (*v)->next;
        while (!*v) {
            *d = *d ? (*d)->next : i->defs;
            if (!*d)
                return false;
            *v = (*d)->kind == D_TYPEDEF && !(*d)->imported ? (*d)->vars : NULL;
        }
        if (pickled(i, *v))
            return true;
    }
}

void lower_pickled(struct interface *i)
{
    struct def *d = NULL;
    struct var *v = NULL;

    while (next_pickled(i, &d, &v))
        v->type->wire = lower_type(v->type, i);
}

void tfs_pickled(struct interface *i)
{
    struct def *d = NULL;
    struct var *v = NULL;
    int fc;

    while (next_pickled(i, &d, &v))
        if (!wire_is_simple(v->type->wire, &fc))
            v->type->wire->fmt2 = tfs_type(v->type->wire) + 1;
}

struct routine {
    const char *result, *suffix, *arg;
};
static const struct routine routines[] = {
    {"size_t", "AlignSize", "* _pType"},
    {"void", "Encode", "* _pType"},
    {"void", "Decode", "* _pType"},
    {"void", "Free", "* _pType"},
};

static bool wanted(struct interface *i, struct type *t, int k)
{
    bool encode = has(i, t, A_ENCODE), decode = has(i, t, A_DECODE);
    int fc;

    if (k == 3)
        return !wire_is_simple(t->wire, &fc);
    return k == 2 ? decode : encode;
}

static void prototype(struct text *t, struct interface *i, struct var *v, int k)
{
    text_add(t, "%s\n%s_%s(%s\n    %s %s)", routines[k].result, v->name, routines[k].suffix,
             implicit(i) ? "" : "\n    handle_t _MidlEsHandle,", v->name, routines[k].arg);
}

void header_pickling(struct text *t, struct interface *i)
{
    struct def *d = NULL;
    struct var *v = NULL;
    int k;

    while (next_pickled(i, &d, &v))
        for (k = 0; k < 4; k++)
            if (wanted(i, v->type, k)) {
                prototype(t, i, v, k);
                text_add(t, ";\n\n");
            }
}

static void simple_body(struct text *t, struct interface *i, struct var *v, int k, const char *handle)
{
    unsigned size = type_size(v->type);

    if (k == 0)
        text_add(t, "    (void)_pType;\n    return NdrMesSimpleTypeAlignSize( %s );\n", handle);
    else if (k == 1)
        text_add(t, "    NdrMesSimpleTypeEncode( %s, &%s_StubDesc, _pType, %u );\n", handle, i->name, size);
    else
        text_add(t, "    NdrMesSimpleTypeDecode( %s, _pType, %u );\n", handle, size);
}

static void body(struct text *t, struct interface *i, struct var *v, int k)
{
    struct attr *a = attr_find(i->attrs, A_IMPLICIT_HANDLE);
    const char *handle = a && attr_arg(a, 0) && attr_arg(a, 0)->name ? attr_arg(a, 0)->name : "_MidlEsHandle";
    int fc;

    text_add(t, "\n{\n");
    if (wire_is_simple(v->type->wire, &fc))
        simple_body(t, i, v, k, handle);
    else
        text_add(t,
                 "    %sNdrMesType%s2(\n        %s,\n        ( PMIDL_TYPE_PICKLING_INFO "
                 ")&%s__MIDL_TypePicklingInfo,\n"
                 "        &%s_StubDesc,\n        ( PFORMAT_STRING )&%s__MIDL_TypeFormatString.Format[%d],\n  "
                 "      _pType );\n",
                 k == 0 ? "return " : "", routines[k].suffix, handle, i->name, i->name, unit_name(),
                 v->type->wire->fmt2 - 1);
    text_add(t, "}\n\n");
}

void stub_pickling(struct text *t, struct interface *i)
{
    struct def *d = NULL;
    struct var *v = NULL;
    bool first = true;
    int k, fc;

    while (next_pickled(i, &d, &v)) {
        if (first && !wire_is_simple(v->type->wire, &fc)) {
            text_add(
                t,
                "static const MIDL_TYPE_PICKLING_INFO %s__MIDL_TypePicklingInfo =\n    {\n"
                "    0x33205054, /* Signature & version: TP 1 */\n    0x3, /* Flags: Oicf NewCorrDesc */\n"
                "    { 0, 0, 0 }\n    };\n\n",
                i->name);
            first = false;
        }
        for (k = 0; k < 4; k++)
            if (wanted(i, v->type, k)) {
                prototype(t, i, v, k);
                body(t, i, v, k);
            }
    }
}
