/* The server's stubs, and the tables by which the runtime finds a manager routine (a client with callbacks
 * has them too). */
#include "wire.h"

bool iface_has_callbacks(struct interface *i)
{
    struct proc *p;

    for (p = i->procs; p; p = p->next)
        if (p->wire && p->callback)
            return true;
    return false;
}

static int count(struct interface *i, bool callbacks)
{
    struct proc *p;
    int n = 0;

    for (p = i->procs; p; p = p->next)
        n += p->wire && p->callback == callbacks;
    return n;
}

/* What an interface's opnums stand for: the operations of its base interfaces, then its own. Source: C706,
 * 6.1.1.7 "Interface inheritance"; SDK, "interface attribute". */
struct proc **iface_operations(struct interface *i, int *n)
{
    struct interface *chain[64], *b;
    struct proc **all, *p;
    int depth = 0, k = 0;

    for (b = i; b && depth < 64; b = b->base) {
        chain[depth++] = b;
        k += count(b, false);
    }
    all = mem_alloc((k + 1) * sizeof(struct proc *));
    for (k = 0; depth-- > 0;)
        for (p = chain[depth]->procs; p; p = p->next)
            if (p->wire && !p->callback)
                all[k++] = p;
    *n = k;
    return all;
}

/* What a side's dispatch table serves: the operations, or on the client the callbacks. */
static struct proc **served(struct interface *i, bool server, int *n)
{
    struct proc **all, *p;

    if (server)
        return iface_operations(i, n);
    all = mem_alloc((count(i, true) + 1) * sizeof(struct proc *));
    for (*n = 0, p = i->procs; p; p = p->next)
        if (p->wire && p->callback)
            all[(*n)++] = p;
    return all;
}

void stub_interface_tail(struct text *t, struct interface *i, bool server)
{
    bool dispatches = server || iface_has_callbacks(i);
    struct attr *ep = attr_find(i->attrs, A_ENDPOINT);
    unsigned flags = (iface_has_pipes(i) ? 1 : 0) | (server || dispatches ? 0x04000000 : 0);
    struct arg *arg;
    int n = 0;

    if (dispatches)
        text_add(t, "    (RPC_DISPATCH_TABLE*)&%s_DispatchTable,\n", iface_version_name(i));
    else
        text_add(t, "    0,\n");
    for (arg = ep ? ep->args : NULL; arg; arg = arg->next)
        n++;
    if (n)
        text_add(t, "    %d,\n    (PRPC_PROTSEQ_ENDPOINT)%s__RpcProtseqEndpoint,\n", n, i->name);
    else
        text_add(t, "    0,\n    0,\n");
    if (server && opt.use_epv && opt.no_default_epv)
        text_add(t, "    0,\n");
    else if (server && opt.use_epv)
        text_add(t, "    (RPC_MGR_EPV *)&%s_DefaultMgrEpv,\n", i->name);
    else
        text_add(t, "    0,\n");
    text_add(t, dispatches ? "    &%s_ServerInfo,\n" : "    0,\n", i->name);
    text_add(t, "    0x%08x\n", flags);
}

static const char *dispatcher(struct interface *i, struct proc *p)
{
    if (p->wire->mixed)
        return mem_print("%s_%s", i->name, p->decl->name);
    return p->async ? "NdrAsyncServerCall" : "NdrServerCall2";
}

static void routines(struct text *t, struct interface *i, struct proc **all, int n, const char *prefix)
{
    int k;

    text_add(t, "static const SERVER_ROUTINE %s_ServerRoutineTable[] =\n    {\n", i->name);
    for (k = 0; k < n; k++)
        if (pickles(all[k])) /* never called from afar */
            text_add(t, "%s    0", k ? ",\n" : "");
        else
            text_add(t, "%s    (SERVER_ROUTINE)(void (*)(void))%s%s", k ? ",\n" : "", prefix,
                     all[k]->decl->name);
    text_add(t, "%s\n    };\n\n", n ? "" : "    0");
}

void dispatch_tables(struct text *t, struct interface *i, bool server)
{
    const char *prefix = (server ? opt.prefix_server : opt.prefix_client);
    int k, n;
    struct proc **all = served(i, server, &n);

    text_add(t, "static const unsigned short %s_FormatStringOffsetTable[] =\n    {\n", i->name);
    for (k = 0; k < n; k++)
        text_add(t, "%s    %d", k ? ",\n" : "", all[k]->wire->fmt);
    text_add(t, "%s\n    };\n\n", n ? "" : "    0");
    for (k = 0; k < n; k++)
        if (all[k]->wire->mixed)
            mixed_server(t, i, all[k], prefix);
    text_add(t, "static const RPC_DISPATCH_FUNCTION %s_table[] =\n    {\n", i->name);
    for (k = 0; k < n; k++)
        text_add(t, "    %s,\n", dispatcher(i, all[k]));
    text_add(t,
             "    0\n    };\nstatic const RPC_DISPATCH_TABLE %s_DispatchTable =\n    {\n    %d,\n    "
             "(RPC_DISPATCH_FUNCTION*)%s_table,\n    0\n    };\n\n",
             iface_version_name(i), n, i->name);
    /* With /use_epv managers are called through the vector alone: nothing here needs them to be linked. */
    if (!server || !opt.use_epv)
        routines(t, i, all, n, prefix);
    text_add(t,
             "static const MIDL_SERVER_INFO %s_ServerInfo =\n    {\n    &%s_StubDesc,\n    "
             "%s,\n    %s__MIDL_ProcFormatString.Format,\n"
             "    %s_FormatStringOffsetTable,\n    0,\n    0,\n    0,\n    0\n    };\n\n",
             i->name, i->name, server && opt.use_epv ? "0" : mem_print("%s_ServerRoutineTable", i->name),
             unit_name(), i->name);
}

static void callback_stub(struct text *t, struct proc *p)
{
    client_procedure(t, p, opt.prefix_server);
}

static void interface(struct text *t, struct interface *i)
{
    struct proc *p;

    text_add(t, "/* Standard interface: %s */\n\n", iface_version_name(i));
    text_add(t,
             "static const MIDL_SERVER_INFO %s_ServerInfo;\n\nstatic const RPC_DISPATCH_TABLE "
             "%s_DispatchTable;\n\n",
             i->name, iface_version_name(i));
    stub_endpoints(t, i);
    stub_epv(t, i);
    text_add(t,
             "static const RPC_SERVER_INTERFACE %s___RpcServerInterface =\n    {\n    "
             "sizeof(RPC_SERVER_INTERFACE),\n",
             i->name);
    stub_syntax_ids(t, i);
    stub_interface_tail(t, i, true);
    text_add(t, "    };\nRPC_IF_HANDLE %s = (RPC_IF_HANDLE)& %s___RpcServerInterface;\n\n",
             iface_ident(i, true), i->name);
    text_add(t, "static const MIDL_STUB_DESC %s_StubDesc;\n\n", i->name);
    for (p = i->procs; p; p = p->next)
        if (p->wire && p->callback)
            callback_stub(t, p);
}

void make_server(struct text *t)
{
    struct interface *i;
    const char *u = unit_name();

    stub_begin(t, "server", opt.header_name);
    text_add(t,
             "static const %s_MIDL_TYPE_FORMAT_STRING %s__MIDL_TypeFormatString;\nstatic const "
             "%s_MIDL_PROC_FORMAT_STRING %s__MIDL_ProcFormatString;\n\n",
             u, u, u, u);
    for (i = unit.interfaces; i; i = i->next)
        if (iface_has_stubs(i))
            interface(t, i);
    stub_formats(t, true);
    stub_tables(t, true);
    for (i = unit.interfaces; i; i = i->next) {
        if (!iface_has_stubs(i))
            continue;
        stub_interface_tables(t, i, true);
        stub_desc(t, i, true);
        dispatch_tables(t, i, true);
    }
}
