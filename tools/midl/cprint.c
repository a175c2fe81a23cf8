/* C text of types and declarations. */
#include "wire.h"

#include <string.h>

static void print_attrs(struct text *t, struct attr *a)
{
    bool first = true;

    for (; a; a = a->next) {
        text_add(t, "%s%s", first ? "/* [" : "][", a->name);
        first = false;
    }
    if (!first)
        text_add(t, "] */ ");
}

static void body(struct text *t, struct type *type, int indent);

/* represent_as and user_marshal show the program another type than the one on the wire. */
static const char *presented_name(struct type *alias)
{
    struct attr *a = attr_find(alias->attrs, A_REPRESENT_AS);
    struct arg *arg;

    if (!a)
        a = attr_find(alias->attrs, A_USER_MARSHAL);
    arg = a ? attr_arg(a, 0) : NULL;
    if (arg && arg->type && arg->type->name)
        return arg->type->name;
    return arg && arg->name ? arg->name : alias->name;
}

static bool async_pipes; /* while an asynchronous procedure is printed */

static void spec(struct text *t, struct type *type, bool bodies, int indent)
{
    static const char *const words[] = {
        [T_ENUM] = "enum", [T_STRUCT] = "struct", [T_ENCAPSULATED] = "struct", [T_UNION] = "union"};

    switch (type->kind) {
    case T_QUAL:
        text_add(t, "%s%s", type->quals & QUAL_CONST ? "const " : "",
                 type->quals & QUAL_VOLATILE ? "volatile " : "");
        spec(t, type->ref, bodies, indent);
        break;
    case T_ALIAS:
        text_add(t, "%s%s", async_pipes && type_strip(type)->kind == T_PIPE ? "ASYNC_" : "",
                 presented_name(type));
        break;
    case T_BASE:
    case T_INTERFACE:
        text_add(t, "%s", type->name);
        break;
    case T_ENUM:
    case T_STRUCT:
    case T_ENCAPSULATED:
    case T_UNION:
        if (!type->name && type->known_as && !bodies) {
            text_add(t, "%s", type->known_as);
            break;
        }
        text_add(t, "%s", words[type->kind]);
        if (type->name)
            text_add(t, " %s", type->name);
        if (bodies && type->complete && !type->printed && !type->imported) {
            type->printed = type->name != NULL;
            body(t, type, indent);
        }
        break;
    case T_PIPE:
    default:
        text_add(t, "void");
        break;
    }
}

static const char *array_bound(struct type *a, bool param)
{
    int64_t n, low = 0;

    if (!a->dim || !expr_const(a->dim, &n))
        return param ? "[  ]" : "[ 1 ]";
    if (a->lower && expr_const(a->lower, &low))
        n = n - low + 1;
    return mem_print("[ %lld ]", (long long)n);
}

static void params_text(struct text *t, struct type *func)
{
    struct var *v;

    text_add(t, "( ");
    for (v = func->members; v; v = v->next) {
        print_attrs(t, v->attrs);
        print_decl(t, v->type, v->name ? v->name : "", false, 0);
        if (v->next)
            text_add(t, ", ");
    }
    text_add(t, "%s)", func->ellipsis ? ", ... " : func->members ? "" : "void ");
}

/* The declarator round `inner`; *type becomes what stands before it. */
static const char *declarator(struct type **type, const char *inner, bool param)
{
    for (;;) {
        struct type *t = *type, *below;

        if (t->kind == T_QUAL && t->ref->kind == T_POINTER) {
            inner = mem_print("%s%s%s", t->quals & QUAL_CONST ? "const " : "",
                              t->quals & QUAL_VOLATILE ? "volatile " : "", inner);
            *type = t = t->ref;
        }
        if (t->kind == T_POINTER) {
            below = t->ref;
            if (below->kind == T_ARRAY || below->kind == T_FUNC)
                inner =
                    mem_print("( %s*%s )", below->callconv ? mem_print("%s ", below->callconv) : "", inner);
            else
                inner = mem_print("*%s", inner);
        } else if (t->kind == T_ARRAY) {
            inner = mem_print("%s%s", inner, array_bound(t, param));
        } else if (t->kind == T_FUNC) {
            struct text p = {0};

            params_text(&p, t);
            inner = mem_print("%s%s", inner, p.data);
        } else {
            return inner;
        }
        param = false;
        *type = t->ref;
    }
}

void print_decl(struct text *t, struct type *type, const char *name, bool bodies, int indent)
{
    const char *d = declarator(&type, name ? name : "", !bodies);

    spec(t, type, bodies, indent);
    text_add(t, "%s%s", *d ? " " : "", d);
}

void print_type_name(struct text *t, struct type *type)
{
    print_decl(t, type, "", false, 0);
}

static void tabs(struct text *t, int indent)
{
    text_add(t, "\n%*s", indent * 4, "");
}

static void fields(struct text *t, struct var *v, int indent)
{
    for (; v; v = v->next) {
        tabs(t, indent);
        print_attrs(t, v->attrs);
        if (v->empty) {
            text_add(t, " /* Empty union arm */ ");
            continue;
        }
        print_decl(t, v->type, v->name, true, indent);
        text_add(t, ";");
    }
}

static void encapsulated(struct text *t, struct type *type, int indent)
{
    tabs(t, indent + 1);
    print_decl(t, type->switch_type, type->switch_name, true, indent + 1);
    text_add(t, ";");
    tabs(t, indent + 1);
    text_add(t, "union");
    tabs(t, indent + 2);
    text_add(t, "{");
    fields(t, type->members, indent + 2);
    tabs(t, indent + 2);
    text_add(t, "} %s;", type->union_name);
}

static void body(struct text *t, struct type *type, int indent)
{
    struct var *v;

    tabs(t, indent + 1);
    text_add(t, "{");
    if (type->kind == T_ENUM) {
        for (v = type->members; v; v = v->next) {
            tabs(t, indent + 2);
            text_add(t, "%s\t= %lld%s", v->name, (long long)v->value, v->next ? "," : "");
        }
    } else if (type->kind == T_ENCAPSULATED) {
        encapsulated(t, type, indent);
    } else {
        fields(t, type->members, indent + 1);
        if (!type->members) {
            tabs(t, indent + 1);
            text_add(t, "char dummy;");
        }
    }
    tabs(t, indent + 1);
    text_add(t, "}");
}

/* "typedef SPEC a, *b;" with the body of SPEC written once. */
void print_typedef(struct text *t, struct var *vars)
{
    struct var *v;
    struct type *b;
    const char *d;

    text_add(t, "typedef ");
    for (v = vars; v; v = v->next) {
        b = v->type->ref;
        d = declarator(&b, v->name, false);
        if (v == vars)
            spec(t, b, true, 0);
        text_add(t, "%s %s", v == vars ? "" : ",", d);
    }
    text_add(t, ";\n\n");
}

static void prototype(struct text *t, struct proc *p, const char *name);

void print_prototype(struct text *t, struct proc *p, const char *prefix)
{
    const char *conv = p->func->callconv;

    prototype(t, p, mem_print("%s%s%s%s", conv ? conv : "", conv ? " " : "", prefix, p->decl->name));
}

/* As a pointer to such a routine. */
void print_pointer_prototype(struct text *t, struct proc *p, const char *name)
{
    const char *conv = p->func->callconv;

    prototype(t, p, mem_print("( %s%s*%s )", conv ? conv : "", conv ? " " : "", name));
}

static void prototype(struct text *t, struct proc *p, const char *name)
{
    struct wire_param *w;
    const char *sep = ",\n    ";
    bool first = true;

    async_pipes = p->async;
    print_attrs(t, p->attrs);
    if (p->async) /* the result comes with RpcAsyncCompleteCall */
        text_add(t, "void %s", name);
    else
        print_decl(t, p->func->ref, name, false, 0);
    text_add(t, "( ");
    for (w = p->wire->params; w; w = w->next) {
        if (w->ret)
            continue;
        text_add(t, "%s", first ? "\n    " : sep);
        first = false;
        if (w->async_state)
            text_add(t, "/* [in] */ PRPC_ASYNC_STATE %s", w->name);
        else if (w->added)
            text_add(t, "/* [in] */ handle_t %s", w->name);
        else {
            print_attrs(t, w->var->attrs);
            print_decl(t, w->var->type, w->name, false, 0);
        }
    }
    text_add(t, "%s)", first ? "void" : "");
    async_pipes = false;
}
