/* The tables beside a stub descriptor: rundown, generic handles, transmit_as and user_marshal routines,
 * endpoints, entry point vectors, notify routines, expression evaluation. */
#include "wire.h"

#include <string.h>

bool has_rundowns(void)
{
    return rundown_table.n > 0;
}

bool iface_has_pipes(struct interface *i)
{
    struct proc *p;

    for (p = i->procs; p; p = p->next)
        if (p->wire && p->wire->has_pipes)
            return true;
    return false;
}

bool comm_table(struct interface *i)
{
    struct proc *p;

    for (p = i->procs; p; p = p->next)
        if (p->wire && p->wire->comm_fault)
            return true;
    return false;
}

static bool notifies(struct proc *p)
{
    return p->wire && (p->wire->notify || p->wire->notify_flag);
}

int notify_count(struct interface *i)
{
    struct proc *p;
    int n = 0;

    for (p = i->procs; p; p = p->next)
        n += notifies(p);
    return n;
}

int notify_index(struct proc *p)
{
    struct proc *q;
    int n = 0;

    for (q = p->iface->procs; q && q != p; q = q->next)
        n += notifies(q);
    return n;
}

void stub_endpoints(struct text *t, struct interface *i)
{
    struct attr *ep = attr_find(i->attrs, A_ENDPOINT);
    struct arg *arg;

    if (!ep)
        return;
    text_add(t, "static RPC_PROTSEQ_ENDPOINT %s__RpcProtseqEndpoint[] =\n    {\n", i->name);
    for (arg = ep->args; arg; arg = arg->next) {
        const char *s = arg->expr && arg->expr->text ? arg->expr->text + 1 : "", *colon = strchr(s, ':');
        const char *open = colon ? strchr(colon, '[') : NULL, *close = open ? strrchr(open, ']') : NULL;

        if (!open || !close) {
            error_at(arg->loc, 2050, "an endpoint is written \"protocol_sequence:[endpoint]\"");
            continue;
        }
        text_add(t, "    {(unsigned char *) \"%.*s\", (unsigned char *) \"%.*s\"},\n", (int)(colon - s), s,
                 (int)(close - open - 1), open + 1);
    }
    text_add(t, "    };\n\n");
}

void stub_epv(struct text *t, struct interface *i)
{
    struct proc *p;
    const char *prefix = opt.prefix_server ? opt.prefix_server : "";

    if (!opt.use_epv || opt.no_default_epv)
        return;
    text_add(t, "static const %s_SERVER_EPV %s_DefaultMgrEpv =\n    {\n", iface_version_name(i), i->name);
    for (p = i->procs; p; p = p->next)
        if (p->wire && !p->callback)
            text_add(t, "    %s%s,\n", prefix, p->decl->name);
    text_add(t, "    };\n\n");
}

static void rundowns(struct text *t)
{
    int k;

    if (!rundown_table.n)
        return;
    text_add(t, "static const NDR_RUNDOWN RundownRoutines[] =\n    {\n");
    for (k = 0; k < rundown_table.n; k++)
        text_add(t, "    %s%s\n", rundown_table.names[k], k + 1 < rundown_table.n ? "," : "");
    text_add(t, "    };\n\n");
}

static void bindings(struct text *t)
{
    int k;

    if (!generic_table.n)
        return;
    text_add(t, "static const GENERIC_BINDING_ROUTINE_PAIR BindingRoutines[] =\n    {\n");
    for (k = 0; k < generic_table.n; k++)
        text_add(t,
                 "    { (GENERIC_BINDING_ROUTINE)(void (*)(void))%s_bind, (GENERIC_UNBIND_ROUTINE)(void "
                 "(*)(void))%s_unbind },\n",
                 generic_table.names[k], generic_table.names[k]);
    text_add(t, "    };\n\n");
}

void stub_tables(struct text *t, bool server)
{
    if (server)
        rundowns(t);
    else
        bindings(t);
}
