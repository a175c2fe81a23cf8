/* Methods with [call_as]. A program calls the [local] method: its slot in the proxy's table is a routine of
 * the user's, IFoo_X_Proxy, which calls IFoo_RemoteX_Proxy, made here, which makes the call. On the other
 * side a thunk, made here, takes the arguments off the stub's stack and calls IFoo_X_Stub, the user's again,
 * which calls the object. Of an [async_uuid] there are Begin_X and Finish_X of each. Source: SDK, "call_as
 * attribute", "async_uuid attribute"; MIDL's output. */
#include "wire.h"

const char *com_thunk(struct proc *p)
{
    return p->shown ? mem_print("%s_%s_Thunk", p->iface->name, p->decl->name) : NULL;
}

bool com_has_thunks(struct interface *i)
{
    struct proc **all;
    int k, n = com_methods(i, &all);

    for (k = 0; k < n; k++)
        if (all[k]->shown)
            return true;
    return false;
}

static const char *routine(struct proc *p, const char *method, const char *side)
{
    return mem_print("STDMETHODCALLTYPE %s_%s_%s", p->iface->name, method, side);
}

/* What this compiler makes, then what the user writes. */
void com_call_as_header(struct text *t, struct interface *i)
{
    struct proc *p;

    for (p = i->procs; p; p = p->next) {
        if (!p->shown)
            continue;
        text_add(t, "/* [call_as] */ ");
        com_prototype(t, p, routine(p, p->decl->name, "Proxy"));
        text_add(t, ";\n\n/* [local] */ ");
        com_prototype(t, p->shown, routine(p, p->shown->decl->name, "Proxy"));
        text_add(t, ";\n\n/* [call_as] */ ");
        com_prototype(t, p, routine(p, p->shown->decl->name, "Stub"));
        text_add(t, ";\n\n");
    }
}

static void proxy(struct text *t, struct proc *p)
{
    text_add(t, "/* [call_as] */ ");
    com_prototype(t, p, routine(p, p->decl->name, "Proxy"));
    text_add(t, "\n{\n");
    client_body(t, p);
    text_add(t, "}\n\n");
}

static void argument(struct text *t, struct wire_param *q)
{
    struct text type = {0};

    print_type_name(&type, q->var->type);
    if (q->by_reference)
        text_add(t, ",\n        *( %s * )pParamStruct->%s", type.data, q->name);
    else
        text_add(t, ",\n        pParamStruct->%s", q->name);
}

static void thunk(struct text *t, struct proc *p)
{
    struct wire_param *q;

    text_add(t, "static void __RPC_API %s( PMIDL_STUB_MESSAGE pStubMsg )\n{\n", com_thunk(p));
    if (!opt.win64)
        text_add(t, "#pragma pack(push, 4)\n");
    text_add(t, "    struct _PARAM_STRUCT\n        {\n        %s *This;\n", p->iface->name);
    stack_members(t, p->wire);
    text_add(t, "        };\n");
    if (!opt.win64)
        text_add(t, "#pragma pack(pop)\n");
    text_add(t,
             "    struct _PARAM_STRUCT *pParamStruct = ( struct _PARAM_STRUCT * )pStubMsg->StackTop;\n\n"
             "    pParamStruct->_RetVal = ( void * )( LONG_PTR )%s_%s_Stub(\n        pParamStruct->This",
             p->iface->name, p->shown->decl->name);
    for (q = p->wire->params; q; q = q->next)
        if (!q->ret)
            argument(t, q);
    text_add(t, ");\n}\n\n");
}

/* The proxies' part of an imported interface is where that is compiled; its thunks are wanted here too. */
void com_call_as_routines(struct text *t, struct interface *i)
{
    struct proc *p;

    for (p = i->procs; p; p = p->next) {
        if (!p->shown)
            continue;
        if (com_here(i))
            proxy(t, p);
        thunk(t, p);
    }
}
