/* The ACF: read with the IDL's lexer by recursive descent, its attributes added to the interface, the
 * typedefs, procedures and parameters they name. Source: SDK, MIDL "The ACF". */
#include "midl.h"
#include "idl.tab.h"

#include <string.h>

extern struct loc lex_loc;
int idl_lex(void);

static int tok;
static struct idl_value val;
static struct interface *iface;

static void next(void)
{
    tok = idl_lex();
    val = idl_lval;
}

static bool expect(int t, const char *what)
{
    if (tok == t) {
        next();
        return true;
    }
    error_at(lex_loc, 2025, "syntax error in the ACF: expecting %s", what);
    return false;
}

static bool is_name(void)
{
    return tok == IDENT || tok == TYPENAME;
}

static void skip_to(int t)
{
    while (tok && tok != t)
        next();
    if (tok)
        next();
}

/* A type in an ACF attribute: a typedef name, handle_t, or words of a base type. */
static struct type *acf_type(void)
{
    struct type *t = NULL;

    if (tok == KW_HANDLE_T)
        t = type_base(B_HANDLE, "handle_t");
    else if (tok == KW_VOID)
        t = type_base(B_VOID, "void");
    else if (tok == TYPENAME)
        t = type_named(val.name);
    else if (tok == KW_LONG || tok == KW_INT)
        t = type_base(B_LONG, "long");
    else if (tok == KW_SHORT)
        t = type_base(B_SHORT, "short");
    else
        return NULL;
    next();
    while (tok == '*') {
        struct type *p = type_new(T_POINTER, lex_loc);

        p->ref = t;
        t = p;
        next();
    }
    return t;
}

static struct arg *acf_arg(void)
{
    struct arg *a = mem_alloc(sizeof(*a));

    a->loc = lex_loc;
    a->type = acf_type();
    if (is_name()) {
        a->name = val.name;
        a->expr = expr_new(E_NAME, lex_loc);
        a->expr->text = val.name;
        if (a->type)
            a->expr = NULL;
        next();
    } else if (tok == STRING) {
        a->expr = expr_new(E_STRING, lex_loc);
        a->expr->text = val.name;
        next();
    } else if (tok == INTEGER) {
        a->expr = val.expr;
        next();
    }
    return a;
}

static struct attr *acf_attr(void)
{
    struct attr *a = mem_alloc(sizeof(*a));
    struct arg **tail = &a->args;

    a->loc = lex_loc;
    a->name = val.name;
    a->id = attr_lookup(val.name);
    next();
    if (tok != '(')
        return a;
    do {
        next();
        *tail = acf_arg();
        tail = &(*tail)->next;
    } while (tok == ',');
    expect(')', "')'");
    return a;
}

static struct attr *acf_attrs(void)
{
    struct attr *list = NULL;

    while (tok == '[') {
        next();
        while (is_name() || tok == KW_INLINE || tok == ',') {
            if (tok == ',')
                next();
            else
                list = attr_append(list, acf_attr());
        }
        if (!expect(']', "']'"))
            return list;
    }
    return list;
}

static struct attr *copied(struct attr *list)
{
    struct attr *copy = NULL, **tail = &copy;

    for (; list; list = list->next) {
        *tail = mem_alloc(sizeof(**tail));
        **tail = *list;
        (*tail)->next = NULL;
        tail = &(*tail)->next;
    }
    return copy;
}

static void acf_typedef(void)
{
    struct attr *attrs;

    next();
    attrs = acf_attrs();
    for (;;) {
        struct type *t;

        if (!is_name()) {
            expect(IDENT, "a type name");
            break;
        }
        t = type_named(val.name);
        if (!t || t->kind != T_ALIAS)
            error_at(lex_loc, 2010, "type '%s' is used in the ACF but not defined in the IDL file", val.name);
        else
            t->attrs = attr_append(t->attrs, copied(attrs));
        next();
        if (tok != ',')
            break;
        next();
    }
    if (tok != ';')
        skip_to(';');
    else
        next();
}

static struct proc *proc_named(const char *name)
{
    struct proc *p;

    for (p = iface ? iface->procs : NULL; p && p->decl->name != name; p = p->next)
        ;
    return p;
}

/* [attributes] Name( [attributes] parameter, … ); an empty list of parameters is usual. */
static void acf_params(struct proc *p)
{
    struct var *v;
    struct attr *attrs;

    next();
    while (tok && tok != ')') {
        attrs = acf_attrs();
        while (!is_name() && tok && tok != ')' && tok != ',')
            next();
        if (is_name()) {
            for (v = p ? p->func->members : NULL; v && v->name != val.name; v = v->next)
                ;
            if (p && !v)
                error_at(lex_loc, 0, "'%s' is no parameter of '%s'", val.name, p->decl->name);
            else if (v)
                v->attrs = attr_append(v->attrs, attrs);
            next();
        }
        if (tok == ',')
            next();
        else if (tok != ')')
            break;
    }
    expect(')', "')'");
}

static void acf_proc(struct attr *attrs)
{
    for (;;) {
        struct proc *p;

        if (!is_name()) {
            expect(IDENT, "a procedure name");
            skip_to(';');
            return;
        }
        p = proc_named(val.name);
        if (!p)
            error_at(lex_loc, 0, "procedure '%s' is used in the ACF but not defined in the IDL file",
                     val.name);
        else {
            struct attr *copy = copied(attrs);

            p->attrs = attr_append(p->attrs, copy);
        }
        next();
        if (tok == '(')
            acf_params(p);
        if (tok != ',')
            break;
        next();
    }
    if (tok != ';') {
        expect(';', "';'");
        skip_to(';');
    } else {
        next();
    }
}

static void acf_body(void)
{
    struct attr *attrs;

    while (tok && tok != '}') {
        if (tok == KW_TYPEDEF) {
            acf_typedef();
        } else if (tok == IDENT && !strcmp(val.name, "include")) {
            next();
            while (tok == STRING || tok == ',') {
                if (tok == STRING)
                    text_add(&unit.acf_includes, "#include %s\n", val.name);
                next();
            }
            expect(';', "';'");
        } else if (tok == ';') {
            next();
        } else {
            attrs = acf_attrs();
            acf_proc(attrs);
        }
    }
}

static void acf_interface(void)
{
    struct attr *attrs = acf_attrs();

    if (!expect(KW_INTERFACE, "'interface'")) {
        skip_to('}');
        return;
    }
    if (!is_name()) {
        expect(IDENT, "an interface name");
        skip_to('}');
        return;
    }
    iface = interface_find(val.name);
    if (!iface || iface->forward_only)
        error_at(lex_loc, 0, "interface '%s' of the ACF is not in the IDL file", val.name);
    else
        iface->attrs = attr_append(iface->attrs, attrs);
    next();
    if (!expect('{', "'{'"))
        return;
    acf_body();
    expect('}', "'}'");
}

void acf_apply(struct source *src, const char *path)
{
    iface = NULL;
    lex_start(src, path);
    next();
    while (tok && diag_errors < 50) {
        if (tok == ';')
            next();
        else
            acf_interface();
    }
}
