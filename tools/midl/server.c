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

static int inherited(struct interface *i)
{
    struct interface *b;
    int n = 0;

    for (b = i->base; b; b = b->base)
        n += count(b, false);
    return n;
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

static void routines(struct text *t, struct interface *i, bool callbacks, const char *prefix)
{
    struct proc *p;
    bool first = true;
    int k;

    text_add(t, "static const SERVER_ROUTINE %s_ServerRoutineTable[] =\n    {\n", i->name);
    for (k = 0; !callbacks && k < inherited(i); k++, first = false)
        text_add(t, "%s    0", first ? "" : ",\n");
    for (p = i->procs; p; p = p->next) {
        if (!p->wire || p->callback != callbacks)
            continue;
        if (pickles(p)) /* never called from afar */
            text_add(t, "%s    0", first ? "" : ",\n");
        else
            text_add(t, "%s    (SERVER_ROUTINE)(void (*)(void))%s%s", first ? "" : ",\n", prefix,
                     p->decl->name);
        first = false;
    }
    text_add(t, "%s\n    };\n\n", first ? "    0" : "");
}

void dispatch_tables(struct text *t, struct interface *i, bool server)
{
    const char *prefix = (server ? opt.prefix_server : opt.prefix_client);
    struct text routine_table = {0};
    struct proc *p;
    bool first = true;
    int k, base = server ? inherited(i) : 0;

    text_add(t, "static const unsigned short %s_FormatStringOffsetTable[] =\n    {\n", i->name);
    for (k = 0; k < base; k++, first = false)
        text_add(t, "%s    (unsigned short) -1", first ? "" : ",\n");
    for (p = i->procs; p; p = p->next) {
        if (!p->wire || p->callback == server)
            continue;
        text_add(t, "%s    %d", first ? "" : ",\n", p->wire->fmt);
        first = false;
    }
    text_add(t, "%s\n    };\n\n", first ? "    0" : "");
    for (p = i->procs; p; p = p->next)
        if (p->wire && p->wire->mixed && p->callback != server)
            mixed_server(t, p, prefix);
    text_add(t, "static const RPC_DISPATCH_FUNCTION %s_table[] =\n    {\n", i->name);
    for (k = 0; k < base; k++)
        text_add(t, "    NdrServerCall2,\n");
    for (p = i->procs; p; p = p->next)
        if (p->wire && p->callback != server)
            text_add(t, "    %s,\n",
                     p->wire->mixed ? mem_print("%s_%s", i->name, p->decl->name)
                     : p->async     ? "NdrAsyncServerCall"
                                    : "NdrServerCall2");
    text_add(t,
             "    0\n    };\nstatic const RPC_DISPATCH_TABLE %s_DispatchTable =\n    {\n    %d,\n    "
             "(RPC_DISPATCH_FUNCTION*)%s_table,\n    0\n    };\n\n",
             iface_version_name(i), base + count(i, !server), i->name);
    /* With /use_epv managers are called through the vector alone: nothing here needs them to be linked. */
    if (server && opt.use_epv)
        text_add(&routine_table, "0");
    else {
        routines(t, i, !server, prefix);
        text_add(&routine_table, "%s_ServerRoutineTable", i->name);
    }
    text_add(t,
             "static const MIDL_SERVER_INFO %s_ServerInfo =\n    {\n    &%s_StubDesc,\n    "
             "%s,\n    %s__MIDL_ProcFormatString.Format,\n"
             "    %s_FormatStringOffsetTable,\n    0,\n    0,\n    0,\n    0\n    };\n\n",
             i->name, i->name, routine_table.data, unit_name(), i->name);
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
    stub_formats(t, NULL);
    stub_tables(t, true);
    for (i = unit.interfaces; i; i = i->next) {
        if (!iface_has_stubs(i))
            continue;
        stub_interface_tables(t, i, true);
        stub_desc(t, i, true);
        dispatch_tables(t, i, true);
    }
}
