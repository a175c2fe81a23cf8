/* What the client's and the server's file share: names, format strings, the stub descriptor and its tables.
 */
#include "wire.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *unit_name(void)
{
    const char *slash = strrchr(unit.idl_path, '/'), *base = slash ? slash + 1 : unit.idl_path;
    const char *dot = strrchr(base, '.');
    char *name = mem_print("%.*s", (int)(dot ? dot - base : (ptrdiff_t)strlen(base)), base), *p;

    for (p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_')
            *p = '_';
    return isdigit((unsigned char)*name) ? mem_print("_%s", name) : name;
}

bool iface_has_stubs(struct interface *i)
{
    return !i->imported && !i->object && !i->local && !i->forward_only && attr_find(i->attrs, A_UUID);
}

void iface_version(struct interface *i, int *major, int *minor)
{
    struct attr *a = attr_find(i->attrs, A_VERSION);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;
    char *dot;

    *major = *minor = 0;
    if (!arg || !arg->expr || !arg->expr->text)
        return;
    *major = (int)strtol(arg->expr->text, &dot, 10);
    if (*dot == '.')
        *minor = (int)strtol(dot + 1, NULL, 10);
}

const char *iface_version_name(struct interface *i)
{
    int major, minor;

    iface_version(i, &major, &minor);
    return mem_print("%s_v%d_%d", i->name, major, minor);
}

const char *iface_ident(struct interface *i, bool server)
{
    if (opt.oldnames)
        return mem_print("%s_%sIfHandle", i->name, server ? "Server" : "Client");
    return mem_print("%s_%c_ifspec", iface_version_name(i), server ? 's' : 'c');
}

const char *iface_uuid(struct interface *i)
{
    const char *u = attr_find(i->attrs, A_UUID)->args->name;

    return mem_print("{0x%.8s,0x%.4s,0x%.4s,{0x%.2s,0x%.2s,0x%.2s,0x%.2s,0x%.2s,0x%.2s,0x%.2s,0x%.2s}}", u,
                     u + 9, u + 14, u + 19, u + 21, u + 24, u + 26, u + 28, u + 30, u + 32, u + 34);
}

void stub_syntax_ids(struct text *t, struct interface *i)
{
    int major, minor;

    iface_version(i, &major, &minor);
    text_add(t,
             "    {%s,{%d,%d}},\n"
             "    {{0x8A885D04,0x1CEB,0x11C9,{0x9F,0xE8,0x08,0x00,0x2B,0x10,0x48,0x60}},{2,0}},\n",
             iface_uuid(i), major, minor);
}

static bool any_pickling(void)
{
    struct interface *i;
    struct proc *p;
    struct def *d;
    struct var *v;

    for (i = unit.interfaces; i; i = i->next) {
        if (attr_find(i->attrs, A_ENCODE) || attr_find(i->attrs, A_DECODE))
            return true;
        for (p = i->procs; p; p = p->next)
            if (pickles(p))
                return true;
        for (d = i->defs; d; d = d->next)
            for (v = d->kind == D_TYPEDEF ? d->vars : NULL; v; v = v->next)
                if (attr_find(v->type->attrs, A_ENCODE) || attr_find(v->type->attrs, A_DECODE))
                    return true;
    }
    return false;
}

void stub_begin(struct text *t, const char *what, const char *header)
{
    const char *u = unit_name();

    text_add(t,
             "/* this ALWAYS GENERATED file contains the RPC %s stubs */\n\n/* File created by the "
             "MIDL-compatible compiler of rpcrt4 */\n\n",
             what);
    text_add(t, "#include <string.h>\n#include \"%s\"\n\n", header);
    if (any_pickling())
        text_add(t, "#include \"midles.h\"\n\n");
    text_add(t, "#if !defined(__RPC_WIN%d__)\n#error  Invalid build platform for this stub.\n#endif\n\n",
             opt.win64 ? 64 : 32);
    text_add(t, "#define TYPE_FORMAT_STRING_SIZE   %d\n#define PROC_FORMAT_STRING_SIZE   %d\n\n",
             type_fmt.len + 1, proc_fmt.len + 1);
    text_add(t,
             "typedef struct _%s_MIDL_TYPE_FORMAT_STRING\n    {\n    short          Pad;\n    unsigned char  "
             "Format[ TYPE_FORMAT_STRING_SIZE ];\n    } "
             "%s_MIDL_TYPE_FORMAT_STRING;\n\ntypedef struct _%s_MIDL_PROC_FORMAT_STRING\n    {\n    short    "
             "      Pad;\n    unsigned char  Format[ "
             "PROC_FORMAT_STRING_SIZE ];\n    } %s_MIDL_PROC_FORMAT_STRING;\n\n",
             u, u, u, u);
}

void stub_formats(struct text *t, bool procedures)
{
    const char *u = unit_name();

    if (procedures) {
        text_add(t,
                 "static const %s_MIDL_PROC_FORMAT_STRING %s__MIDL_ProcFormatString =\n    {\n        0,\n"
                 "        {\n",
                 u, u);
        fmt_print(&proc_fmt, t);
        text_add(t, "        }\n    };\n\n");
    }
    text_add(t,
             "static const %s_MIDL_TYPE_FORMAT_STRING %s__MIDL_TypeFormatString =\n    "
             "{\n        0,\n        {\n",
             u, u);
    fmt_print(&type_fmt, t);
    text_add(t, "        }\n    };\n\n");
}

void stub_desc(struct text *t, struct interface *i, bool server)
{
    struct attr *implicit = attr_find(i->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = implicit ? attr_arg(implicit, 0) : NULL;
    const char *handle = "0";

    if (!server)
        handle = arg ? mem_print("&%s", arg->name) : mem_print("&%s__MIDL_AutoBindHandle", i->name);
    if (!server && arg && arg->type && type_attr(arg->type, A_HANDLE))
        handle = mem_print("(handle_t *)&%s__MIDL_GenericBindingInfo", i->name);
    text_add(t, "static const MIDL_STUB_DESC %s_StubDesc =\n    {\n", i->name);
    text_add(
        t, "    (void *)& %s___Rpc%sInterface,\n    MIDL_user_allocate,\n    MIDL_user_free,\n    { %s },\n",
        i->name, server ? "Server" : "Client", handle);
    text_add(t, "    %s,\n    %s,\n    %s,\n    %s,\n", server && has_rundowns() ? "RundownRoutines" : "0",
             !server && generic_table.n ? "BindingRoutines" : "0", n_eval ? "ExprEvalRoutines" : "0",
             n_xmit ? "TransmitAsRoutines" : "0");
    text_add(t,
             "    %s__MIDL_TypeFormatString.Format,\n    1, /* -error bounds_check flag */\n    0x%x, /* Ndr "
             "library version */\n    0,\n    0x801026e, /* MIDL Version 8.1.622 */\n",
             unit_name(), opt.robust ? 0x60001 : 0x50002);
    text_add(t,
             "    %s,\n    %s,\n    %s,  /* notify & notify_flag routine table */\n    0x1, /* MIDL flag "
             "*/\n    0, /* cs routines */\n    0,   /* proxy/server info */\n    0\n    };\n\n",
             comm_table(i) ? mem_print("%s_CommFaultOffsets", i->name) : "0",
             n_user ? "UserMarshalRoutines" : "0",
             server && notify_count(i) ? mem_print("%s_NotifyRoutineTable", i->name) : "0");
}
