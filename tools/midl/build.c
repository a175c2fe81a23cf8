/* What the parser's actions do: scopes for type names, tags and constants, declarators, definitions. Owns the
 * `unit` that the later passes walk. */
#include "midl.h"

#include <string.h>

struct unit unit;

struct symbol {
    struct symbol *next;
    const char *name;
    struct type *type; /* a typedef name or a tag */
    struct var *value; /* a constant or an enumerator */
    int space;         /* names, tags */
};
enum { SPACE_NAME, SPACE_TAG };
#define BUCKETS 1024
static struct symbol *symbols[BUCKETS];

#define MAX_NEST 64
static struct interface *open_interfaces[MAX_NEST];
static int n_open;

static struct symbol **bucket(const char *name)
{
    return &symbols[((uintptr_t)name >> 4) % BUCKETS];
}

static struct symbol *lookup(const char *name, int space)
{
    struct symbol *s;

    for (s = *bucket(name); s; s = s->next)
        if (s->name == name && s->space == space)
            return s;
    return NULL;
}

static struct symbol *declare(const char *name, int space)
{
    struct symbol *s = mem_alloc(sizeof(*s)), **b = bucket(name);

    s->name = name;
    s->space = space;
    s->next = *b;
    *b = s;
    return s;
}

/* Imports: those of the statement being read, and the files that came in already. */
static const char *pending[64], *imported[1024];
static int n_pending, n_imported;

void build_reset(void)
{
    memset(symbols, 0, sizeof(symbols));
    memset(&unit, 0, sizeof(unit));
    n_open = n_pending = n_imported = 0;
    unit.last_def = &unit.defs;
    unit.last_interface = &unit.interfaces;
}

/* ---- types ---- */

struct type *type_new(enum type_kind kind, struct loc loc)
{
    struct type *t = mem_alloc(sizeof(*t));

    t->kind = kind;
    t->loc = loc;
    t->imported = lex_depth > 0;
    return t;
}

struct type *type_base(enum base base, const char *c_name)
{
    struct type *t = type_new(T_BASE, (struct loc){0});

    t->base = base;
    t->name = c_name;
    t->complete = true;
    return t;
}

struct type *type_qual(struct type *t, unsigned quals)
{
    struct type *q;

    if (!quals)
        return t;
    q = type_new(T_QUAL, t->loc);
    q->quals = quals;
    q->ref = t;
    return q;
}

struct type *type_named(const char *name)
{
    struct symbol *s = lookup(name, SPACE_NAME);

    return s ? s->type : NULL;
}

void type_declare(const char *name, struct type *t)
{
    declare(name, SPACE_NAME)->type = t;
}

struct type *type_tag(enum type_kind kind, const char *tag, struct loc loc)
{
    struct symbol *s = lookup(tag, SPACE_TAG);
    struct type *t;

    if (s) {
        bool same = s->type->kind == kind || (kind == T_UNION && s->type->kind == T_ENCAPSULATED) ||
                    (kind == T_STRUCT && s->type->kind == T_ENCAPSULATED);

        if (same)
            return s->type;
        error_at(loc, 2003, "redefinition: '%s' is another kind of tag at %s:%d", tag, s->type->loc.file,
                 s->type->loc.line);
        return type_new(T_ERROR, loc);
    }
    t = type_new(kind, loc);
    t->name = tag;
    declare(tag, SPACE_TAG)->type = t;
    return t;
}

struct type *type_define_tag(enum type_kind kind, const char *tag, struct loc loc)
{
    struct type *t;

    if (!tag)
        return type_new(kind, loc);
    t = type_tag(kind == T_ENCAPSULATED ? T_UNION : kind, tag, loc);
    if (t->kind == T_ERROR)
        return t;
    if (t->complete)
        error_at(loc, 2003, "redefinition: '%s' was defined at %s:%d", tag, t->loc.file, t->loc.line);
    t->kind = kind;
    t->loc = loc;
    t->imported = lex_depth > 0;
    return t;
}

/* ---- declarators ---- */

struct dcl *dcl_name(const char *name, struct loc loc)
{
    struct dcl *d = mem_alloc(sizeof(*d));

    d->name = name;
    d->loc = loc;
    d->tail = &d->outer;
    return d;
}

struct dcl *dcl_wrap(struct dcl *d, struct type *modifier)
{
    struct type *inner = modifier;

    if (modifier->kind == T_POINTER && modifier->quals) { /* * const p */
        struct type *q = type_new(T_QUAL, modifier->loc);

        q->quals = modifier->quals;
        modifier->quals = 0;
        q->ref = modifier;
        modifier = q;
    }
    *d->tail = modifier;
    d->tail = &inner->ref;
    return d;
}

struct type *dcl_type(struct dcl *d, struct type *base)
{
    *d->tail = base;
    return d->outer;
}

struct var *var_new(const char *name, struct type *type, struct attr *attrs, struct loc loc)
{
    struct var *v = mem_alloc(sizeof(*v));

    v->name = name;
    v->type = type;
    v->attrs = attrs;
    v->loc = loc;
    return v;
}

static struct attr *attrs_copy(struct attr *list)
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

struct var *vars_from(struct type *base, struct attr *attrs, struct dcl *list)
{
    struct var *vars = NULL, **tail = &vars;

    for (; list; list = list->next) {
        struct var *v = var_new(list->name, dcl_type(list, base), attrs_copy(attrs), list->loc);

        v->init = list->init;
        v->bits = list->bits;
        *tail = v;
        tail = &v->next;
    }
    return vars;
}

struct var *var_append(struct var *list, struct var *more)
{
    struct var *last;

    if (!list)
        return more;
    for (last = list; last->next; last = last->next)
        ;
    last->next = more;
    return list;
}

/* ---- constants ---- */

struct var *const_lookup(const char *name)
{
    struct symbol *s = lookup(name, SPACE_NAME);

    return s ? s->value : NULL;
}

static void declare_value(struct var *v)
{
    struct symbol *s = lookup(v->name, SPACE_NAME);

    if (s) {
        error_at(v->loc, 2003, "redefinition: '%s'", v->name);
        return;
    }
    declare(v->name, SPACE_NAME)->value = v;
}

void enum_finish(struct type *t, struct var *list)
{
    int64_t next = 0;

    t->members = list;
    t->complete = true;
    for (; list; list = list->next) {
        if (list->init && !expr_const(list->init, &next)) {
            error_at(list->init->loc, 2009, "undefined symbol: the value of '%s' is no integer constant",
                     list->name);
            next = 0;
        }
        list->value = next++;
        list->type = t;
        declare_value(list);
    }
}

/* ---- definitions ---- */

static struct interface *current(void)
{
    return n_open ? open_interfaces[n_open - 1] : NULL;
}

static struct def *def_add(enum def_kind kind, struct loc loc)
{
    struct def *d = mem_alloc(sizeof(*d));
    struct interface *i = current();

    d->kind = kind;
    d->loc = loc;
    d->imported = lex_depth > 0;
    if (i && (i->imported || !d->imported)) {
        *i->last_def = d;
        i->last_def = &d->next;
    } else {
        *unit.last_def = d;
        unit.last_def = &d->next;
    }
    return d;
}

void define_text(enum def_kind kind, const char *text, struct loc loc)
{
    def_add(kind, loc)->text = text;
}

void define_typedef(struct attr *attrs, struct type *base, struct dcl *list, struct loc loc)
{
    struct def *d = def_add(D_TYPEDEF, loc);
    struct var *v;

    d->type = base;
    d->vars = vars_from(base, attrs, list);
    for (v = d->vars; v; v = v->next) {
        struct type *old = type_named(v->name), *alias;

        if (v->init || v->bits)
            error_at(v->loc, 2025, "syntax error: a typedef has no value");
        if (old || const_lookup(v->name)) {
            if (!old || old->kind != T_ALIAS || old->imported != (lex_depth > 0) ||
                old->loc.line != loc.line || old->loc.file != loc.file)
                error_at(v->loc, 2003, "redefinition: '%s'", v->name);
            continue;
        }
        alias = type_new(T_ALIAS, v->loc);
        alias->name = v->name;
        alias->ref = v->type;
        alias->attrs = v->attrs;
        alias->complete = true;
        if (v->type == base && !base->name && !base->known_as)
            base->known_as = v->name;
        v->type = alias;
        type_declare(v->name, alias);
    }
}

static bool is_func(struct type *t)
{
    return t->kind == T_FUNC;
}

static void define_proc(struct var *v)
{
    struct interface *i = current();
    struct def *d;
    struct proc *p, *q;

    if (!i) {
        error_at(v->loc, 2025, "syntax error: procedure '%s' stands outside of an interface", v->name);
        return;
    }
    for (q = i->procs; q; q = q->next)
        if (q->decl->name == v->name)
            error_at(v->loc, 2003, "redefinition: procedure '%s'", v->name);
    d = def_add(D_PROC, v->loc);
    d->vars = v;
    p = mem_alloc(sizeof(*p));
    p->decl = v;
    p->func = v->type;
    p->attrs = v->attrs;
    p->iface = i;
    p->callback = attr_find(v->attrs, A_CALLBACK) != NULL;
    p->local = i->local || attr_find(v->attrs, A_LOCAL);
    *i->last_proc = p;
    i->last_proc = &p->next;
}

static void define_const(struct var *v)
{
    struct def *d = def_add(D_CONST, v->loc);

    d->vars = v;
    declare_value(v);
}

void define_decl(struct attr *attrs, struct type *base, struct dcl *list, bool is_extern, struct loc loc)
{
    struct var *v, *next;

    if (!list) {
        struct type *t = type_unqual(base);

        if (t->kind != T_STRUCT && t->kind != T_UNION && t->kind != T_ENCAPSULATED && t->kind != T_ENUM &&
            t->kind != T_ALIAS && t->kind != T_ERROR)
            error_at(loc, 2025, "syntax error: declaration of nothing");
        if (t->kind != T_ALIAS)
            t->attrs = attr_append(t->attrs, attrs);
        def_add(D_TYPE, loc)->type = base;
        return;
    }
    for (v = vars_from(base, attrs, list); v; v = next) {
        next = v->next;
        v->next = NULL;
        if (is_func(v->type)) {
            define_proc(v);
        } else if (v->init) {
            define_const(v);
        } else if (is_extern) {
            def_add(D_EXTERN, v->loc)->vars = v;
        } else {
            error_at(v->loc, 2001, "instantiation of data is illegal; '%s' must be \"extern\" or \"static\"",
                     v->name);
        }
    }
}

/* ---- interfaces and imports ---- */

struct interface *interface_find(const char *name)
{
    struct interface *i;

    for (i = unit.interfaces; i; i = i->next)
        if (i->name == name)
            return i;
    return NULL;
}

static struct interface *interface_get(const char *name, struct loc loc)
{
    struct interface *i = interface_find(name);
    struct type *t;

    if (i)
        return i;
    i = mem_alloc(sizeof(*i));
    i->name = name;
    i->loc = loc;
    i->forward_only = true;
    i->last_def = &i->defs;
    i->last_proc = &i->procs;
    i->imported = lex_depth > 0;
    *unit.last_interface = i;
    unit.last_interface = &i->next;
    if (!type_named(name)) {
        t = type_new(T_INTERFACE, loc);
        t->name = name;
        t->complete = true;
        type_declare(name, t);
    }
    return i;
}

void interface_forward(const char *name, struct loc loc)
{
    struct def *d;
    bool known = interface_find(name) != NULL;
    struct interface *i = interface_get(name, loc);

    if (!known) {
        d = def_add(D_FORWARD, loc);
        d->iface = i;
    }
}

void interface_begin(struct attr *attrs, const char *name, const char *base, struct loc loc)
{
    struct interface *i = interface_get(name, loc);

    if (!i->forward_only)
        error_at(loc, 2003, "redefinition: interface '%s'", name);
    if (n_open == MAX_NEST) {
        error_at(loc, 0, "interfaces nest too deeply");
        return;
    }
    i->forward_only = false;
    i->loc = loc;
    i->attrs = attrs;
    i->imported = lex_depth > 0;
    i->object = attr_find(attrs, A_OBJECT) != NULL;
    i->local = attr_find(attrs, A_LOCAL) != NULL;
    if (base) {
        i->base = interface_find(base);
        if (!i->base || i->base->forward_only)
            error_at(loc, 2011, "unresolved type declaration: base interface '%s'", base);
    }
    def_add(D_INTERFACE, loc)->iface = i;
    open_interfaces[n_open++] = i;
}

void interface_end(void)
{
    if (n_open)
        n_open--;
}

/* Called with each name, then with NULL at the semicolon: only there is no token read ahead, so that the
 * imported text comes next. */
void import_files(const char *name, struct loc loc)
{
    int i, j;

    if (name) {
        if (n_pending < 64)
            pending[n_pending++] = name;
        return;
    }
    for (i = n_pending - 1; i >= 0; i--) {
        const char *path = source_find(pending[i], loc.file);

        if (lex_depth == 0)
            define_text(D_IMPORT, pending[i], loc);
        if (!path) {
            error_at(loc, 1001, "cannot open input file %s", pending[i]);
            continue;
        }
        path = intern_z(path);
        for (j = 0; j < n_imported && imported[j] != path; j++)
            ;
        if (j < n_imported)
            continue;
        if (n_imported < 1024)
            imported[n_imported++] = path;
        lex_push(path, loc);
    }
    n_pending = 0;
}
