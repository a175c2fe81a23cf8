/* The header file. */
#include "wire.h"

#include <ctype.h>
#include <string.h>

static const char *guard(const char *name)
{
    char *g = mem_print("__%s_h__", name), *p;

    for (p = g; *p; p++)
        if (!isalnum((unsigned char)*p))
            *p = '_';
    return g;
}

static void constant(struct text *t, struct var *v)
{
    struct text e = {0};

    expr_print(&e, v->init);
    text_add(t, "#define\t%s\t( %s )\n\n", v->name, e.data ? e.data : "0");
}

static void pipe_type(struct text *t, struct var *v)
{
    struct text e = {0};

    struct type *element = type_unqual(type_strip(v->type)->ref);

    if ((element->kind == T_STRUCT || element->kind == T_UNION || element->kind == T_ENUM) &&
        !element->printed) {
        if (!element->name)
            element->name = mem_print("__MIDL_%s_element", v->name);
        print_decl(t, element, "", true, 0);
        text_add(t, ";\n\n");
    }
    print_type_name(&e, element);
    text_add(t,
             "typedef struct pipe_%s\n    {\n    void ( __RPC_API *pull )(\n        char *state,\n        %s "
             "*buf,\n        unsigned long esize,\n        unsigned long *ecount );\n"
             "    void ( __RPC_API *push )(\n        char *state,\n        %s *buf,\n        unsigned long "
             "ecount );\n"
             "    void ( __RPC_API *alloc )(\n        char *state,\n        unsigned long bsize,\n"
             "        %s **buf,\n        unsigned long *bcount );\n    char *state;\n    } %s;\n\n",
             v->name, e.data, e.data, e.data, v->name);
    /* What an asynchronous procedure takes. Source: SDK, "Declaring Asynchronous Pipes". */
    text_add(
        t,
        "typedef struct ASYNC_pipe_%s\n    {\n    RPC_STATUS ( __RPC_API *pull )(\n        char *state,\n"
        "        %s *buf,\n        unsigned long esize,\n        unsigned long *ecount );\n"
        "    RPC_STATUS ( __RPC_API *push )(\n        char *state,\n        %s *buf,\n"
        "        unsigned long ecount );\n    RPC_STATUS ( __RPC_API *alloc )(\n        char *state,\n"
        "        unsigned long bsize,\n        %s **buf,\n        unsigned long *bcount );\n"
        "    char *state;\n    } ASYNC_%s;\n\n",
        v->name, e.data, e.data, e.data, v->name);
}

static void routines_of_type(struct text *t, struct var *v)
{
    struct type *alias = v->type;

    if (attr_find(alias->attrs, A_CONTEXT_HANDLE) || attr_find(alias->attrs, A_CONTEXT_HANDLE_SERIALIZE) ||
        attr_find(alias->attrs, A_CONTEXT_HANDLE_NOSERIALIZE))
        text_add(t, "void __RPC_USER %s_rundown( %s );\n\n", v->name, v->name);
    if (attr_find(alias->attrs, A_HANDLE))
        text_add(t,
                 "handle_t __RPC_USER %s_bind  ( %s );\nvoid     __RPC_USER %s_unbind( %s, handle_t );\n\n",
                 v->name, v->name, v->name, v->name);
}

static void typedefs(struct text *t, struct def *d)
{
    struct var *v;
    struct type *s;

    if (!d->vars)
        return;
    s = type_unqual(d->vars->type->kind == T_ALIAS ? d->vars->type->ref : d->vars->type);
    if (s && s->kind == T_PIPE) {
        for (v = d->vars; v; v = v->next)
            pipe_type(t, v);
        return;
    }
    print_typedef(t, d->vars);
    for (v = d->vars; v; v = v->next)
        if (v->type->kind == T_ALIAS)
            routines_of_type(t, v);
}

static void procedure(struct text *t, struct proc *p)
{
    const char *client = opt.prefix_client;
    const char *server = opt.prefix_server;

    if (!p->wire)
        return;
    if (attr_find(p->attrs, A_NOCODE) && !opt.make_server)
        return;
    print_prototype(t, p, p->callback ? server : client);
    text_add(t, ";\n\n");
    if (p->wire->notify)
        text_add(t, "void %s%s_notify( void );\n\n", server, p->decl->name);
    if (p->wire->notify_flag)
        text_add(t, "void %s%s_notify_flag( boolean fManagerCalled );\n\n", server, p->decl->name);
    if (strcmp(client, server)) {
        print_prototype(t, p, p->callback ? client : server);
        text_add(t, ";\n\n");
    }
    if (opt.prefix_switch && strcmp(opt.prefix_switch, client) && strcmp(opt.prefix_switch, server)) {
        print_prototype(t, p, opt.prefix_switch);
        text_add(t, ";\n\n");
    }
}

/* The type of a manager's entry point vector. Source: SDK, "Entry-Point Vectors". */
static void epv_type(struct text *t, struct interface *i)
{
    int k, n;
    struct proc **all = iface_operations(i, &n);

    text_add(t, "typedef struct _%s_SERVER_EPV\n    {\n", i->name);
    for (k = 0; k < n; k++) {
        print_pointer_prototype(t, all[k], all[k]->decl->name);
        text_add(t, ";\n");
    }
    text_add(t, "    } %s_SERVER_EPV;\n\n", i->name);
}

static struct proc *proc_named(struct interface *i, const char *name)
{
    struct proc *p;

    for (p = i->procs; p && p->decl->name != name; p = p->next)
        ;
    return p;
}

static void interface(struct text *t, struct interface *i)
{
    struct attr *a;
    struct arg *arg;

    text_add(t,
             "#ifndef __%s_INTERFACE_DEFINED__\n#define __%s_INTERFACE_DEFINED__\n\n/* interface %s */\n\n",
             i->name, i->name, i->name);
    header_definitions(t, i->defs, i);
    if (iface_has_stubs(i)) {
        if (opt.use_epv && i->procs)
            epv_type(t, i);
        a = attr_find(i->attrs, A_IMPLICIT_HANDLE);
        arg = a ? attr_arg(a, 0) : NULL;
        if (arg && arg->type && arg->name) {
            struct text h = {0};

            print_type_name(&h, arg->type);
            text_add(t, "extern %s %s;\n\n", h.data, arg->name);
        }
        a = attr_find(i->attrs, A_BINDING_CALLOUT);
        arg = a ? attr_arg(a, 0) : NULL;
        if (arg && arg->name)
            text_add(t, "void %s( handle_t *, RPC_IF_HANDLE, error_status_t * );\n\n", arg->name);
        text_add(t, "extern RPC_IF_HANDLE %s;\nextern RPC_IF_HANDLE %s;\n", iface_ident(i, false),
                 iface_ident(i, true));
    }
    text_add(t, "#endif /* __%s_INTERFACE_DEFINED__ */\n\n", i->name);
}

void header_definitions(struct text *t, struct def *d, struct interface *in)
{
    struct proc *p;

    for (; d; d = d->next) {
        if (d->imported)
            continue;
        switch (d->kind) {
        case D_TYPEDEF:
            typedefs(t, d);
            break;
        case D_TYPE:
            print_decl(t, d->type, "", true, 0);
            text_add(t, ";\n\n");
            break;
        case D_CONST:
            constant(t, d->vars);
            break;
        case D_PROC:
            if (in && in->com)
                break;
            p = in ? proc_named(in, d->vars->name) : NULL;
            if (p && p->wire) {
                procedure(t, p);
            } else if (p) {
                print_decl(t, p->func, p->decl->name, false, 0);
                text_add(t, ";\n\n");
            }
            break;
        case D_CPP_QUOTE:
            text_add(t, "%s\n", d->text);
            break;
        case D_EXTERN:
            text_add(t, "extern ");
            print_decl(t, d->vars->type, d->vars->name, true, 0);
            text_add(t, ";\n\n");
            break;
        case D_FORWARD:
            text_add(t, "typedef interface %s %s;\n\n", d->iface->name, d->iface->name);
            break;
        case D_INTERFACE:
            if (d->iface->com)
                com_header(t, d->iface);
            else if (!d->iface->object)
                interface(t, d->iface);
            break;
        default:
            break;
        }
    }
}

static void includes_of(struct text *t, struct def *d)
{
    for (; d; d = d->next) {
        const char *name = d->kind == D_IMPORT ? d->text : "", *dot;

        if (d->kind != D_IMPORT || d->imported)
            continue;
        if (strrchr(name, '/'))
            name = strrchr(name, '/') + 1;
        dot = strrchr(name, '.');
        text_add(t, "#include \"%.*s.h\"\n", (int)(dot ? dot - name : (ptrdiff_t)strlen(name)), name);
    }
}

static void imports(struct text *t)
{
    struct interface *i;

    if (unit.acf_includes.len)
        text_write(t, unit.acf_includes.data, unit.acf_includes.len);
    includes_of(t, unit.defs);
    for (i = unit.interfaces; i; i = i->next)
        if (!i->imported)
            includes_of(t, i->defs);
    text_add(t, "\n");
}

void make_header(struct text *t)
{
    const char *g = guard(unit_name());
    struct interface *i;

    text_add(t, "/* this ALWAYS GENERATED file contains the definitions for the interfaces */\n\n"
                "/* File created by the MIDL-compatible compiler of rpcrt4 */\n\n");
    text_add(t, "#ifndef __REQUIRED_RPCNDR_H_VERSION__\n#define __REQUIRED_RPCNDR_H_VERSION__ 475\n#endif\n\n"
                "#include \"rpc.h\"\n#include \"rpcndr.h\"\n\n#ifndef __RPCNDR_H_VERSION__\n"
                "#error this stub requires an updated version of <rpcndr.h>\n#endif\n\n");
    if (com_any())
        text_add(t, "#ifndef COM_NO_WINDOWS_H\n#include \"windows.h\"\n#include \"ole2.h\"\n#endif\n\n");
    text_add(t, "#ifndef %s\n#define %s\n\n", g, g);
    com_forwards(t);
    imports(t);
    text_add(t, "#ifdef __cplusplus\nextern \"C\"{\n#endif\n\n");
    header_definitions(t, unit.defs, NULL);
    header_routines(t);
    for (i = unit.interfaces; i; i = i->next)
        if (iface_has_stubs(i))
            header_pickling(t, i);
    text_add(t, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}
