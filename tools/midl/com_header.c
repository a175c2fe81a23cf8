/* COM interfaces in the header: for C++ a class, for C a structure of function pointers with macros to call
 * them (COBJMACROS). Source: MIDL's output. */
#include "wire.h"

static void parameters(struct text *t, struct proc *p, const char *separator, bool first)
{
    struct var *v;
    struct attr *a;

    for (v = p->func->members; v; v = v->next) {
        text_add(t, "%s", first ? "" : separator);
        first = false;
        for (a = v->attrs; a; a = a->next)
            text_add(t, "%s%s%s", a == v->attrs ? "/* [" : "][", a->name, a->next ? "" : "] */ ");
        print_decl(t, v->type, v->name, false, 0);
    }
}

void com_prototype(struct text *t, struct proc *p, const char *name)
{
    print_decl(t, p->func->ref, name, false, 0);
    text_add(t, "(\n    %s * This", p->iface->name);
    parameters(t, p, ",\n    ", false);
    text_add(t, ")");
}

static void class(struct text *t, struct interface *i)
{
    struct proc *p;

    text_add(t, "    MIDL_INTERFACE(\"%s\")\n    %s : public %s\n    {\n    public:\n",
             attr_find(i->attrs, A_UUID)->args->name, i->name, i->base->name);
    for (p = i->procs; p; p = p->next) {
        if (p->remote)
            continue;
        text_add(t, "        virtual ");
        print_decl(t, com_shown(p)->func->ref, mem_print("STDMETHODCALLTYPE %s", com_shown(p)->decl->name),
                   false, 0);
        text_add(t, "( %s", com_shown(p)->func->members ? "" : "void");
        parameters(t, com_shown(p), ",\n            ", true);
        text_add(t, ") = 0;\n\n");
    }
    text_add(t, "    };\n\n");
}

static void table(struct text *t, struct interface *i)
{
    struct proc **all;
    int k, n = com_methods(i, &all);

    text_add(t,
             "    typedef struct %sVtbl\n    {\n        BEGIN_INTERFACE\n\n"
             "        HRESULT ( STDMETHODCALLTYPE *QueryInterface )(\n            %s * This,\n"
             "            REFIID riid,\n            void **ppvObject);\n\n"
             "        ULONG ( STDMETHODCALLTYPE *AddRef )(\n            %s * This);\n\n"
             "        ULONG ( STDMETHODCALLTYPE *Release )(\n            %s * This);\n\n",
             i->name, i->name, i->name, i->name);
    for (k = 0; k < n; k++) {
        struct proc *p = com_shown(all[k]);

        text_add(t, "        ");
        print_decl(t, p->func->ref, mem_print("( STDMETHODCALLTYPE *%s )", p->decl->name), false, 0);
        text_add(t, "(\n            %s * This", i->name);
        parameters(t, p, ",\n            ", false);
        text_add(t, ");\n\n");
    }
    text_add(t,
             "        END_INTERFACE\n    } %sVtbl;\n\n    interface %s\n    {\n"
             "        CONST_VTBL struct %sVtbl *lpVtbl;\n    };\n\n",
             i->name, i->name, i->name);
}

static void macro(struct text *t, struct interface *i, struct proc *p)
{
    struct var *v;

    text_add(t, "#define %s_%s(This", i->name, p->decl->name);
    for (v = p->func->members; v; v = v->next)
        text_add(t, ",%s", v->name);
    text_add(t, ")\t\\\n    ( (This)->lpVtbl -> %s(This", p->decl->name);
    for (v = p->func->members; v; v = v->next)
        text_add(t, ",%s", v->name);
    text_add(t, ") )\n");
}

static void macros(struct text *t, struct interface *i)
{
    struct proc **all;
    int k, n = com_methods(i, &all);

    text_add(t,
             "#ifdef COBJMACROS\n\n#define %s_QueryInterface(This,riid,ppvObject)\t\\\n"
             "    ( (This)->lpVtbl -> QueryInterface(This,riid,ppvObject) )\n"
             "#define %s_AddRef(This)\t\\\n    ( (This)->lpVtbl -> AddRef(This) )\n"
             "#define %s_Release(This)\t\\\n    ( (This)->lpVtbl -> Release(This) )\n",
             i->name, i->name, i->name);
    for (k = 0; k < n; k++)
        macro(t, i, com_shown(all[k]));
    text_add(t, "\n#endif /* COBJMACROS */\n\n");
}

static void one(struct text *t, struct interface *i)
{
    text_add(t,
             "#ifndef __%s_INTERFACE_DEFINED__\n#define __%s_INTERFACE_DEFINED__\n\n/* interface %s */\n\n"
             "EXTERN_C const IID IID_%s;\n\n",
             i->name, i->name, i->name, i->name);
    header_definitions(t, i->defs, i);
    text_add(t, "#if defined(__cplusplus) && !defined(CINTERFACE)\n\n");
    class(t, i);
    text_add(t, "#else /* C style interface */\n\n");
    table(t, i);
    macros(t, i);
    text_add(t, "#endif /* C style interface */\n\n");
    com_call_as_header(t, i);
    text_add(t, "#endif /* __%s_INTERFACE_DEFINED__ */\n\n", i->name);
}

void com_header(struct text *t, struct interface *i)
{
    one(t, i);
    one(t, i->async);
}

void com_forwards(struct text *t)
{
    struct interface *i;

    for (i = unit.interfaces; i; i = i->next)
        if (com_here(i))
            text_add(t,
                     "#ifndef __%s_FWD_DEFINED__\n#define __%s_FWD_DEFINED__\n"
                     "typedef interface %s %s;\n#endif /* __%s_FWD_DEFINED__ */\n\n",
                     i->name, i->name, i->name, i->name, i->name);
}
