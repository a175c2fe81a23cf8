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
            error_at(arg->loc, 2071, "endpoint syntax error: it is written \"protocol_sequence:[endpoint]\"");
            continue;
        }
        text_add(t, "    {(unsigned char *) \"%.*s\", (unsigned char *) \"%.*s\"},\n", (int)(colon - s), s,
                 (int)(close - open - 1), open + 1);
    }
    text_add(t, "    };\n\n");
}

void stub_epv(struct text *t, struct interface *i)
{
    int k, n;
    struct proc **all = iface_operations(i, &n);

    if (!opt.use_epv || opt.no_default_epv)
        return;
    text_add(t, "static %s_SERVER_EPV %s_DefaultMgrEpv =\n    {\n", i->name, i->name);
    for (k = 0; k < n; k++)
        text_add(t, "    %s%s,\n", opt.prefix_server, all[k]->decl->name);
    text_add(t, "    };\n\n");
}

static void rundowns(struct text *t)
{
    int k;

    if (!rundown_table.n)
        return;
    text_add(t, "static const NDR_RUNDOWN RundownRoutines[] =\n    {\n");
    for (k = 0; k < rundown_table.n; k++)
        text_add(t, "    (NDR_RUNDOWN)(void (*)(void))%s%s\n", rundown_table.names[k],
                 k + 1 < rundown_table.n ? "," : "");
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

/* ---- transmit_as and represent_as ---- */

static const char *type_text(struct type *type)
{
    struct text t = {0};

    print_type_name(&t, type);
    return t.data;
}

static void xmit_helper(struct text *t, const char *name, const char *what, const char *body)
{
    text_add(t, "static void __RPC_USER %s_%s( PMIDL_STUB_MESSAGE pStubMsg )\n{\n    %s\n}\n\n", name, what,
             body);
}

static void xmit_entry(struct text *t, struct xmit_entry *e)
{
    const char *presented = type_text(e->type), *sent = type_text(e->wire_type), *n = e->name;
    bool r = e->represent;

    if (r)
        sent = e->name;
    xmit_helper(t, n, "XmitTranslateToXmit",
                mem_print("%s_%s( ( %s * )pStubMsg->pPresentedType, ( %s ** )&pStubMsg->pTransmitType );", n,
                          r ? "from_local" : "to_xmit", presented, sent));
    xmit_helper(t, n, "XmitTranslateFromXmit",
                mem_print("%s_%s( ( %s * )pStubMsg->pTransmitType, ( %s * )pStubMsg->pPresentedType );", n,
                          r ? "to_local" : "from_xmit", sent, presented));
    xmit_helper(
        t, n, "XmitFreeXmit",
        mem_print("%s_%s( ( %s * )pStubMsg->pTransmitType );", n, r ? "free_inst" : "free_xmit", sent));
    xmit_helper(t, n, "XmitFreeInst",
                mem_print("%s_%s( ( %s * )pStubMsg->pPresentedType );", n, r ? "free_local" : "free_inst",
                          presented));
}

static void xmits(struct text *t)
{
    int k;

    for (k = 0; k < n_xmit; k++)
        xmit_entry(t, &xmit_table[k]);
    if (!n_xmit)
        return;
    text_add(t, "static const XMIT_ROUTINE_QUINTUPLE TransmitAsRoutines[] =\n    {\n");
    for (k = 0; k < n_xmit; k++) {
        const char *n = xmit_table[k].name;

        text_add(t,
                 "        {\n        %s_XmitTranslateToXmit,\n        %s_XmitTranslateFromXmit,\n"
                 "        %s_XmitFreeXmit,\n        %s_XmitFreeInst\n        },\n",
                 n, n, n, n);
    }
    text_add(t, "    };\n\n");
}

static void user_marshals(struct text *t)
{
    int k;

    if (!n_user)
        return;
    text_add(t, "static const USER_MARSHAL_ROUTINE_QUADRUPLE UserMarshalRoutines[] =\n    {\n");
    for (k = 0; k < n_user; k++) {
        const char *n = user_table[k].name;

        text_add(t,
                 "        {\n        (USER_MARSHAL_SIZING_ROUTINE)(void (*)(void))%s_UserSize,\n"
                 "        (USER_MARSHAL_MARSHALLING_ROUTINE)(void (*)(void))%s_UserMarshal,\n"
                 "        (USER_MARSHAL_UNMARSHALLING_ROUTINE)(void (*)(void))%s_UserUnmarshal,\n"
                 "        (USER_MARSHAL_FREEING_ROUTINE)(void (*)(void))%s_UserFree\n        },\n",
                 n, n, n, n);
    }
    text_add(t, "    };\n\n");
}

/* What the program has to bring along for the types with routines; part of the header. */
void header_routines(struct text *t)
{
    int k;

    for (k = 0; k < n_xmit; k++) {
        struct xmit_entry *e = &xmit_table[k];
        const char *p = type_text(e->type), *s = e->represent ? e->name : type_text(e->wire_type),
                   *n = e->name;

        text_add(t, "void __RPC_USER %s_%s( %s *, %s ** );\n", n, e->represent ? "from_local" : "to_xmit", p,
                 s);
        text_add(t, "void __RPC_USER %s_%s( %s *, %s * );\n", n, e->represent ? "to_local" : "from_xmit", s,
                 p);
        text_add(t, "void __RPC_USER %s_%s( %s * );\n", n, e->represent ? "free_inst" : "free_xmit", s);
        text_add(t, "void __RPC_USER %s_%s( %s * );\n\n", n, e->represent ? "free_local" : "free_inst", p);
    }
    for (k = 0; k < n_user; k++) {
        const char *n = user_table[k].name, *p = type_text(user_table[k].type);

        text_add(t,
                 "unsigned long   __RPC_USER %s_UserSize(     unsigned long *, unsigned long  , %s * );\n"
                 "unsigned char * __RPC_USER %s_UserMarshal(  unsigned long *, unsigned char *, %s * );\n"
                 "unsigned char * __RPC_USER %s_UserUnmarshal(unsigned long *, unsigned char *, %s * );\n"
                 "void            __RPC_USER %s_UserFree(     unsigned long *, %s * );\n\n",
                 n, p, n, p, n, p, n, p);
    }
}

/* ---- by interface ---- */

static void implicit_generic(struct text *t, struct interface *i)
{
    struct attr *a = attr_find(i->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;
    const char *type;

    if (!arg || !arg->type || !type_attr(arg->type, A_HANDLE))
        return;
    type = type_text(arg->type);
    text_add(t,
             "static const GENERIC_BINDING_INFO %s__MIDL_GenericBindingInfo =\n    {\n    &%s,\n    %u,\n"
             "    (GENERIC_BINDING_ROUTINE)(void (*)(void))%s_bind,\n"
             "    (GENERIC_UNBIND_ROUTINE)(void (*)(void))%s_unbind\n    };\n\n",
             i->name, arg->name, type_size(arg->type), type, type);
}

static void comm_faults(struct text *t, struct interface *i)
{
    struct proc *p;

    if (!comm_table(i))
        return;
    text_add(t, "static const COMM_FAULT_OFFSETS %s_CommFaultOffsets[] =\n    {\n", i->name);
    for (p = i->procs; p; p = p->next)
        if (p->wire && !p->callback)
            text_add(t, "    { %d, %d }, /* %s */\n", p->wire->comm_offset, p->wire->fault_offset,
                     p->decl->name);
    text_add(t, "    };\n\n");
}

static void notify_table(struct text *t, struct interface *i)
{
    struct proc *p;

    if (!notify_count(i))
        return;
    text_add(t, "static const NDR_NOTIFY_ROUTINE %s_NotifyRoutineTable[] =\n    {\n", i->name);
    for (p = i->procs; p; p = p->next)
        if (notifies(p))
            text_add(t, "    (NDR_NOTIFY_ROUTINE)(void (*)(void))%s%s_notify%s,\n", opt.prefix_server,
                     p->decl->name, p->wire->notify_flag ? "_flag" : "");
    text_add(t, "    };\n\n");
}

void stub_interface_tables(struct text *t, struct interface *i, bool server)
{
    if (server)
        notify_table(t, i);
    else
        implicit_generic(t, i);
    comm_faults(t, i);
}

void stub_tables(struct text *t, bool server)
{
    if (server)
        rundowns(t);
    else
        bindings(t);
    xmits(t);
    user_marshals(t);
    stub_eval(t);
}
