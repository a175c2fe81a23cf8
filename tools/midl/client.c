/* The client's stubs. On x64 the arguments follow the format string in NdrClientCall2's own list; on x86 the
 * runtime wants the address of the first one on the stack. MIDL writes &first_argument; GCC promises nothing
 * about the others then (and moves char and short arguments), so here they are copied to a block of exactly
 * the stack's layout and its address is passed. */
#include "wire.h"

#include <string.h>

static const char *slot_type(struct wire_param *p)
{
    struct text t = {0};

    if (p->async_state)
        return "PRPC_ASYNC_STATE";
    if (!p->var)
        return "handle_t";
    if (p->wire->kind == W_ARRAY || p->wire->kind == W_STRING ||
        (p->wire->kind == W_POINTER && p->wire->ref->kind == W_PIPE))
        return "void *";
    print_type_name(&t, p->var->type);
    return t.data;
}

/* Where in the block an argument lies must be what the calling convention gives: multiples of four. */
static void x86_block(struct text *t, struct wire_proc *wp, bool method)
{
    struct wire_param *p;
    int n = 0;

    text_add(t, "#pragma pack(push, 4)\n    struct\n        {\n%s", method ? "        void *This;\n" : "");
    for (p = wp->params; p; p = p->next) {
        if (p->ret)
            continue;
        if (p->wire && p->wire->kind == W_BASE && p->size == 4 && p->wire->size < 4)
            text_add(t, "        long a%d;\n", n);
        else if (p->size > 4 && p->wire->size != p->size)
            text_add(t, "        union { %s v; long slots[ %u ]; } a%d;\n", slot_type(p), p->size / 4, n);
        else
            text_add(t, "        union { %s v; } a%d;\n", slot_type(p), n);
        n++;
    }
    text_add(t, "        } _Args = {%s", method ? " This" : "");
    n = method;
    for (p = wp->params; p; p = p->next) {
        if (p->ret)
            continue;
        if (p->wire && p->wire->kind == W_BASE && p->size == 4 && p->wire->size < 4)
            text_add(t, "%s %s", n++ ? "," : "", p->name);
        else if (p->wire && (p->wire->kind == W_ARRAY || p->wire->kind == W_STRING))
            text_add(t, "%s { (void *)%s }", n++ ? "," : "", p->name);
        else
            text_add(t, "%s { %s }", n++ ? "," : "", p->name);
    }
    text_add(t, " };\n#pragma pack(pop)\n\n");
}

/* A serialization call names its handle before the stub descriptor. */
static const char *pickle_handle(struct proc *p)
{
    struct attr *a = attr_find(p->iface->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;

    if (p->wire->handle)
        return mem_print("%s%s", p->wire->handle->wire->kind == W_POINTER ? "*" : "", p->wire->handle->name);
    return arg && arg->name ? arg->name : "0";
}

static void call(struct text *t, struct proc *p, const char *function)
{
    struct wire_param *w;
    const char *assign = p->wire->ret && !p->async ? "_RetVal = " : "";
    int args = p->iface->com;

    text_add(t, "    %s%s(\n", assign, function);
    if (pickles(p))
        text_add(t, "                  ( handle_t )%s,\n", pickle_handle(p));
    text_add(t,
             "                  ( PMIDL_STUB_DESC  )&%s_StubDesc,\n"
             "                  (PFORMAT_STRING) &%s__MIDL_ProcFormatString.Format[%d]",
             p->iface->com ? "Object" : p->iface->name, unit_name(), p->wire->fmt);
    if (opt.win64 && p->iface->com)
        text_add(t, ",\n                  This");
    for (w = p->wire->params; w; w = w->next) {
        if (w->ret)
            continue;
        args++;
        if (opt.win64)
            text_add(t, ",\n                  %s", w->name);
    }
    if (!opt.win64)
        text_add(t, ",\n                  %s", args ? "( unsigned char * )&_Args" : "( unsigned char * )0");
    text_add(t, ");\n");
}

static void result(struct text *t, struct proc *p)
{
    struct text type = {0};
    struct wire *w = p->wire->ret->wire;

    print_type_name(&type, p->func->ref);
    if (w->kind == W_POINTER || w->kind == W_CONTEXT)
        text_add(t, "    return ( %s )_RetVal.Pointer;\n", type.data);
    else
        text_add(t, "    return ( %s )_RetVal.Simple;\n", type.data);
}

static const char *entry_point(struct proc *p)
{
    if (p->half != WHOLE)
        return "NdrDcomAsyncClientCall";
    return pickles(p) ? "NdrMesProcEncodeDecode2" : p->async ? "NdrAsyncClientCall" : "NdrClientCall2";
}

void client_body(struct text *t, struct proc *p)
{
    struct wire_param *w;
    int args = p->iface->com;

    for (w = p->wire->params; w; w = w->next)
        args += !w->ret;
    if (p->wire->ret && !p->async)
        text_add(t, "    CLIENT_CALL_RETURN _RetVal;\n\n");
    if (!opt.win64 && args)
        x86_block(t, p->wire, p->iface->com);
    call(t, p, entry_point(p));
    if (p->wire->ret && !p->async)
        result(t, p);
}

void client_procedure(struct text *t, struct proc *p, const char *prefix)
{
    if (attr_find(p->attrs, A_NOCODE))
        return;
    print_prototype(t, p, prefix);
    text_add(t, "\n{\n");
    if (p->wire->mixed)
        mixed_client(t, p);
    else
        client_body(t, p);
    text_add(t, "}\n\n");
}

static void interface(struct text *t, struct interface *i)
{
    struct attr *implicit = attr_find(i->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = implicit ? attr_arg(implicit, 0) : NULL;
    struct proc *p;
    bool callbacks = iface_has_callbacks(i);

    text_add(t, "/* Standard interface: %s */\n\n", iface_version_name(i));
    if (arg && arg->type && arg->name) {
        print_decl(t, arg->type, arg->name, false, 0);
        text_add(t, ";\n\n");
    }
    if (callbacks)
        text_add(t,
                 "static const RPC_DISPATCH_TABLE %s_DispatchTable;\nstatic const MIDL_SERVER_INFO "
                 "%s_ServerInfo;\n\n",
                 iface_version_name(i), i->name);
    stub_endpoints(t, i);
    text_add(t,
             "static const RPC_CLIENT_INTERFACE %s___RpcClientInterface =\n    {\n    "
             "sizeof(RPC_CLIENT_INTERFACE),\n",
             i->name);
    stub_syntax_ids(t, i);
    stub_interface_tail(t, i, false);
    text_add(t, "    };\nRPC_IF_HANDLE %s = (RPC_IF_HANDLE)& %s___RpcClientInterface;\n\n",
             iface_ident(i, false), i->name);
    text_add(t, "static const MIDL_STUB_DESC %s_StubDesc;\n\n", i->name);
    if (!arg)
        text_add(t, "static RPC_BINDING_HANDLE %s__MIDL_AutoBindHandle;\n\n", i->name);
    for (p = i->procs; p; p = p->next)
        if (p->wire && !p->callback)
            client_procedure(t, p, opt.prefix_client);
    stub_pickling(t, i);
}

/* -Os stubs look at the descriptors only where they have an answer to convert. */
static bool uses_procedures(void)
{
    struct interface *i;
    struct proc *p;

    for (i = unit.interfaces; i; i = i->next)
        for (p = iface_has_stubs(i) ? i->procs : NULL; p; p = p->next)
            if (p->wire && (p->callback || !p->wire->mixed || mixed_answers(p->wire)))
                return true;
    return false;
}

void make_client(struct text *t)
{
    struct interface *i;
    const char *u = unit_name();

    stub_begin(t, "client", opt.header_name);
    text_add(t, "static const %s_MIDL_TYPE_FORMAT_STRING %s__MIDL_TypeFormatString;\n", u, u);
    if (uses_procedures())
        text_add(t, "static const %s_MIDL_PROC_FORMAT_STRING %s__MIDL_ProcFormatString;\n", u, u);
    text_add(t, "\n");
    for (i = unit.interfaces; i; i = i->next)
        if (iface_has_stubs(i))
            interface(t, i);
    stub_formats(t, uses_procedures());
    stub_tables(t, false);
    for (i = unit.interfaces; i; i = i->next) {
        if (!iface_has_stubs(i))
            continue;
        stub_interface_tables(t, i, false);
        stub_desc(t, i, false);
        if (iface_has_callbacks(i))
            dispatch_tables(t, i, false);
    }
}
