/* -Os stubs of the client (and of a server's callbacks): one function binds, marshals, calls, unmarshals. */
#include "os.h"

#include <string.h>

static const char *address(struct wire_param *p)
{
    return mem_print("&%s", p->name);
}

static void frame(struct text *t, struct proc *p)
{
    struct wire_param *q;

    os_frame(t, p->wire);
    text_add(t, "        RPC_BINDING_HANDLE Handle;\n        unsigned char *At;\n");
    for (q = p->wire->params; q; q = q->next)
        if (q->ret)
            text_add(t, "        %s RetVal;\n", os_type(p->func->ref));
    os_frame_end(t);
    text_add(t, "    RPC_MESSAGE _RpcMessage;\n\n    memset( &_F, 0, sizeof( _F ) );\n");
    for (q = p->wire->params; q; q = q->next) {
        if (q->ret)
            continue;
        if (q->wire->kind == W_ARRAY || q->wire->kind == W_STRING)
            text_add(t, "    _F.Args.%s = ( void * )%s;\n", q->name, q->name);
        else if (q->by_reference && opt.win64)
            text_add(t, "    _F.Args.%s = ( void * )&%s;\n", q->name, q->name);
        else
            text_add(t, "    _F.Args.%s = %s;\n", q->name, q->name);
    }
}

/* ---- binding ---- */

static void bind(struct text *t, struct proc *p)
{
    struct wire_param *h = p->wire->handle;
    struct attr *a = attr_find(p->iface->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;
    const char *value;

    text_add(t, "            _F.Handle = ");
    if (p->callback) {
        text_add(t, "I_RpcGetCurrentCallHandle( );\n");
    } else if (h) {
        struct wire *w = h->wire->kind == W_POINTER ? h->wire->ref : h->wire;

        value = mem_print("%s%s", h->wire->kind == W_POINTER ? "*" : "", h->name);
        if (w->kind == W_CONTEXT)
            text_add(t, "NDRCContextBinding( ( NDR_CCONTEXT )%s );\n", value);
        else if (w->kind == W_GENERIC)
            text_add(t, "%s_bind( %s );\n", generic_table.names[w->index], value);
        else
            text_add(t, "%s;\n", value);
    } else if (!arg) {
        text_add(t, "%s__MIDL_AutoBindHandle;\n", p->iface->name);
    } else if (arg->type && type_attr(arg->type, A_HANDLE)) {
        text_add(t, "%s_bind( %s );\n", os_type(arg->type), arg->name);
    } else {
        text_add(t, "%s;\n", arg->name);
    }
}

static void call_out(struct text *t, struct proc *p)
{
    if (!p->wire->callout)
        return;
    text_add(t,
             "            {\n            error_status_t _Status = 0;\n\n"
             "            %s( &_F.Handle, %s, &_Status );\n            if ( _Status )\n"
             "                RpcRaiseException( _Status );\n            }\n",
             p->wire->callout, iface_ident(p->iface, false));
}

static void unbind(struct text *t, struct proc *p)
{
    struct wire_param *h = p->wire->handle;
    struct attr *a = attr_find(p->iface->attrs, A_IMPLICIT_HANDLE);
    struct arg *arg = a ? attr_arg(a, 0) : NULL;
    struct wire *w = h ? h->wire : NULL;

    if (w && w->kind == W_POINTER)
        w = w->ref;
    if (w && w->kind == W_GENERIC)
        text_add(t, "            if ( _F.Handle )\n                %s_unbind( %s%s, _F.Handle );\n",
                 generic_table.names[w->index], h->wire->kind == W_POINTER ? "*" : "", h->name);
    else if (!h && !p->callback && arg && arg->type && type_attr(arg->type, A_HANDLE))
        text_add(t, "            if ( _F.Handle )\n                %s_unbind( %s, _F.Handle );\n",
                 os_type(arg->type), arg->name);
}

static bool is_auto(struct proc *p)
{
    return !p->callback && !p->wire->handle && !attr_find(p->iface->attrs, A_IMPLICIT_HANDLE);
}

/* ---- the request ---- */

static void check_references(struct text *t, struct wire_proc *wp)
{
    struct wire_param *q;

    for (q = wp->params; q; q = q->next) {
        struct wire *w = os_wire(q);
        bool array = w->kind == W_ARRAY || w->kind == W_STRING;

        if (!q->ret && (array || (w->kind == W_POINTER && w->ptr == PTR_REF)))
            text_add(t,
                     "            if ( !%s )\n                RpcRaiseException( RPC_X_NULL_REF_POINTER );\n",
                     q->name);
    }
}

static const char *memory(struct wire_param *q)
{
    return os_kind(q) == OS_VALUE ? address(q) : q->name;
}

static void context_out(struct text *t, struct wire_param *q)
{
    bool pointer = q->wire->kind == W_POINTER;

    text_add(t, "            NdrClientContextMarshall( &_StubMsg, ( NDR_CCONTEXT )%s%s, %d );\n",
             pointer ? "*" : "", q->name, q->in && (!q->out || q->binds));
}

static void marshal(struct text *t, struct wire_param *q)
{
    switch (os_kind(q)) {
    case OS_BASE:
        os_simple_marshal(t, q->fc, mem_print("_F.Args.%s", q->name));
        break;
    case OS_BASE_REF:
        os_simple_marshal(t, q->fc, mem_print("*%s", q->name));
        break;
    case OS_CONTEXT:
        context_out(t, q);
        break;
    case OS_VALUE:
    case OS_POINTER:
        os_marshal(t, q, memory(q));
        break;
    case OS_NONE:
        break;
    }
}

static void request(struct text *t, struct proc *p)
{
    struct wire_param *q;

    text_add(t, "            _StubMsg.BufferLength = %u;\n", p->wire->client_size);
    for (q = p->wire->params; q; q = q->next)
        if (q->in && (os_kind(q) == OS_VALUE || os_kind(q) == OS_POINTER))
            os_size(t, q, memory(q));
    text_add(t, "            %s( &_StubMsg, _StubMsg.BufferLength, _F.Handle );\n",
             is_auto(p) ? "NdrNsGetBuffer" : "NdrGetBuffer");
    for (q = p->wire->params; q; q = q->next)
        if (q->in)
            marshal(t, q);
    if (is_auto(p))
        text_add(t, "            NdrNsSendReceive( &_StubMsg, _StubMsg.Buffer, &%s__MIDL_AutoBindHandle );\n",
                 p->iface->name);
    else
        text_add(t, "            NdrSendReceive( &_StubMsg, _StubMsg.Buffer );\n");
}

/* ---- the reply ---- */

static void context_in(struct text *t, struct wire_param *q)
{
    if (!q->ret && !q->in)
        text_add(t, "            *%s = 0;\n", q->name);
    text_add(t, "            NdrClientContextUnmarshall( &_StubMsg, ( NDR_CCONTEXT * )%s, _F.Handle );\n",
             q->ret ? "&_F.RetVal" : q->name);
}

/* A structure that comes back must end up in the program's memory, wherever the routine found it fit. */
static void result(struct text *t, struct wire_param *q)
{
    if (os_kind(q) == OS_POINTER) {
        os_unmarshal(t, q, "&_F.RetVal");
        return;
    }
    text_add(t, "            _F.At = ( unsigned char * )&_F.RetVal;\n");
    os_unmarshal(t, q, "&_F.At");
    text_add(t, "            if ( _F.At != ( unsigned char * )&_F.RetVal )\n"
                "                memcpy( &_F.RetVal, _F.At, sizeof( _F.RetVal ) );\n");
}

static void unmarshal(struct text *t, struct wire_param *q)
{
    switch (os_kind(q)) {
    case OS_BASE:
        os_simple_unmarshal(t, q->fc, "_F.RetVal");
        break;
    case OS_BASE_REF:
        os_simple_unmarshal(t, q->fc, mem_print("*%s", q->name));
        break;
    case OS_CONTEXT:
        context_in(t, q);
        break;
    case OS_VALUE:
    case OS_POINTER:
        if (q->ret) {
            result(t, q);
            break;
        }
        text_add(t, "            _F.At = ( unsigned char * )%s;\n", memory(q));
        os_unmarshal(t, q, "&_F.At");
        break;
    case OS_NONE:
        break;
    }
}

bool mixed_answers(struct wire_proc *wp)
{
    struct wire_param *q;

    if (wp->rpc_flags & 4) /* [maybe] */
        return false;
    for (q = wp->params; q; q = q->next)
        if (q->out && os_kind(q) != OS_NONE)
            return true;
    return false;
}

static void reply(struct text *t, struct proc *p)
{
    struct wire_param *q;

    if (!mixed_answers(p->wire))
        return;
    os_convert(t, p->wire);
    for (q = p->wire->params; q; q = q->next)
        if (q->out)
            unmarshal(t, q);
    if (opt.robust)
        text_add(t, "            NdrCorrelationPass( &_StubMsg );\n");
}

/* ---- comm_status and fault_status ---- */

static const char *status_place(struct wire_proc *wp, int offset)
{
    struct wire_param *q;

    if (offset == -1)
        return "( unsigned long * )&_F.RetVal";
    for (q = wp->params; q; q = q->next)
        if (offset >= 0 && !q->ret && (int)q->offset == offset)
            return mem_print("( unsigned long * )%s", q->name);
    return "0";
}

static void map_status(struct text *t, struct wire_proc *wp)
{
    text_add(t,
             "        }\n    RpcExcept( 1 )\n        {\n"
             "        RPC_STATUS _Status = NdrMapCommAndFaultStatus( &_StubMsg, %s, %s, RpcExceptionCode( ) "
             ");\n\n        if ( _Status )\n            RpcRaiseException( _Status );\n        }\n"
             "    RpcEndExcept\n",
             status_place(wp, wp->comm_offset), status_place(wp, wp->fault_offset));
}

void mixed_client(struct text *t, struct proc *p)
{
    struct wire_proc *wp = p->wire;

    frame(t, p);
    text_add(t,
             "    NdrClientInitializeNew( &_RpcMessage, &_StubMsg, ( PMIDL_STUB_DESC )&%s_StubDesc, %d );\n",
             p->iface->name, p->opnum);
    if (wp->rpc_flags)
        text_add(t, "    _RpcMessage.RpcFlags = 0x%x;\n", wp->rpc_flags);
    if (wp->comm_fault)
        text_add(t, "    RpcTryExcept\n        {\n");
    text_add(t, "    RpcTryFinally\n        {\n");
    check_references(t, wp);
    os_begin(t, p, true);
    bind(t, p);
    call_out(t, p);
    request(t, p);
    reply(t, p);
    text_add(t, "        }\n    RpcFinally\n        {\n");
    os_end(t, p, true);
    text_add(t, "            NdrFreeBuffer( &_StubMsg );\n");
    unbind(t, p);
    text_add(t, "        }\n    RpcEndFinally\n");
    if (wp->comm_fault)
        map_status(t, wp);
    if (wp->ret)
        text_add(t, "    return _F.RetVal;\n");
}
