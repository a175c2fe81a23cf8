/* -Os stubs of the server (and of a client's callbacks): a dispatch function for each procedure. Memory is
 * had and given back as the interpreter does: what is received may lie in the request's buffer, what an
 * [out] parameter needs is the stub's own or allocated. */
#include "os.h"

#include <string.h>

static const char *slot(struct wire_param *q)
{
    return mem_print("_F.Args.%s", q->name);
}

/* Whether a parameter has memory of its own in the frame, and of which type. */
static const char *own_type(struct wire_param *q)
{
    struct wire *w = os_wire(q);

    switch (os_kind(q)) {
    case OS_BASE_REF:
        return os_pointee_type(q);
    case OS_VALUE:
        return q->by_reference && opt.win64 ? os_type(q->var->type) : "";
    case OS_POINTER:
        if (q->flags >> PARAM_ALLOC_SHIFT && w->kind == W_POINTER)
            return os_pointee_type(q);
        if (q->out && !q->in && !os_conformant(q) && w->kind == W_POINTER)
            return os_pointee_type(q);
        return "";
    default:
        return "";
    }
}

static void frame(struct text *t, struct proc *p)
{
    struct wire_param *q;

    os_frame(t, p->wire);
    text_add(t, "        unsigned char *At, *Start, *End, Called;\n        RPC_BINDING_HANDLE Handle;\n"
                "        RPC_STATUS Status;\n");
    for (q = p->wire->params; q; q = q->next) {
        if (os_kind(q) == OS_CONTEXT)
            text_add(t, "        NDR_SCONTEXT C_%s;\n", q->ret ? "_RetVal" : q->name);
        if (q->ret)
            text_add(t, "        %s RetVal;\n", os_type(p->func->ref));
        else if (*own_type(q)) {
            text_add(t, "        ");
            if (os_kind(q) == OS_VALUE)
                print_decl(t, type_unqual(q->var->type), mem_print("M_%s", q->name), false, 0);
            else
                print_decl(t, type_unqual(type_strip(q->var->type)->ref), mem_print("M_%s", q->name), false,
                           0);
            text_add(t, ";\n");
        }
    }
    os_frame_end(t);
}

/* ---- the request ---- */

static const char *type_place(struct wire_param *q)
{
    return mem_print("( PFORMAT_STRING )&%s__MIDL_TypeFormatString.Format[ %d ]", unit_name(), q->type);
}

static void unmarshal_value(struct text *t, struct wire_param *q)
{
    bool apart = q->by_reference && opt.win64;
    const char *place = apart ? mem_print("_F.M_%s", q->name) : slot(q);

    if (apart)
        text_add(t, "            %s = &%s;\n", slot(q), place);
    text_add(t, "            _F.At = ( unsigned char * )&%s;\n", place);
    os_unmarshal(t, q, "&_F.At");
    text_add(
        t,
        "            if ( _F.At != ( unsigned char * )&%s )\n                memcpy( ( void * )&%s, _F.At, "
        "sizeof( %s ) );\n",
        place, place, place);
}

static void unmarshal(struct text *t, struct wire_param *q)
{
    switch (os_kind(q)) {
    case OS_BASE:
        os_simple_unmarshal(t, q->fc, slot(q));
        break;
    case OS_BASE_REF:
        text_add(t, "            %s = &_F.M_%s;\n", slot(q), q->name);
        os_simple_unmarshal(t, q->fc, mem_print("_F.M_%s", q->name));
        break;
    case OS_CONTEXT:
        text_add(t, "            _F.C_%s = NdrServerContextNewUnmarshall( &_StubMsg, %s );\n", q->name,
                 type_place(q));
        break;
    case OS_VALUE:
        unmarshal_value(t, q);
        break;
    case OS_POINTER:
        if (*own_type(q))
            text_add(t, "            %s = &_F.M_%s;\n", slot(q), q->name);
        os_unmarshal(t, q, mem_print("&%s", slot(q)));
        break;
    case OS_NONE:
        break;
    }
}

static void request(struct text *t, struct proc *p)
{
    struct wire_param *q;

    text_add(t, "        RpcTryExcept\n            {\n");
    os_convert(t, p->wire);
    for (q = p->wire->params; q; q = q->next)
        if (q->in)
            unmarshal(t, q);
    if (opt.robust)
        text_add(t, "            NdrCorrelationPass( &_StubMsg );\n");
    text_add(t,
             "            }\n        RpcExcept( RPC_BAD_STUB_DATA_EXCEPTION_FILTER )\n            {\n"
             "            RpcRaiseException( RPC_X_BAD_STUB_DATA );\n            }\n        RpcEndExcept\n");
}

/* ---- memory for what the manager gives back ---- */

static void print_count(struct text *t, struct corr *c, struct var *scope)
{
    if (c->kind == CORR_CONST) {
        text_add(t, "%lld", (long long)c->value);
        return;
    }
    if (c->kind == CORR_EVAL) {
        eval_print(t, c->expr, scope);
        return;
    }
    text_add(t, "%spS->%s", c->op == '@' ? "*" : "", c->var->name);
    if (c->op && c->op != '@')
        text_add(t, " %c %d", c->op, c->op == '*' || c->op == '/' ? 2 : 1);
}

/* The elements of an array and of those inside of it; the octets of the innermost element. */
static unsigned element_count(struct text *t, struct wire *w, struct var *scope)
{
    unsigned size = w->ref->size;

    if (w->conformant) {
        text_add(t, "( hyper )( ");
        print_count(t, &w->size_of, scope);
        text_add(t, " )");
    } else {
        text_add(t, "( hyper )%u", w->count);
    }
    if (w->kind == W_ARRAY && w->ref->kind == W_ARRAY && wire_is_conformant(w->ref)) {
        text_add(t, " * ");
        size = element_count(t, w->ref, scope);
    }
    return size ? size : 1;
}

static void allocate(struct text *t, struct proc *p, struct wire_param *q)
{
    struct wire *w = os_wire(q);
    unsigned size;

    if (w->kind == W_POINTER)
        w = w->ref;
    text_add(t, "            {\n            hyper _Count = ");
    size = element_count(t, w, p->func->members);
    text_add(t,
             ";\n\n            if ( _Count < 0 || _Count > 0x7fffffff / %u )\n"
             "                RpcRaiseException( RPC_X_INVALID_BOUND );\n"
             "            _F.At = NdrAllocate( &_StubMsg, _Count ? ( size_t )_Count * %u : 1 );\n"
             "            memset( _F.At, 0, ( size_t )_Count * %u );\n"
             "            %s = ( void * )_F.At;\n            }\n",
             size, size, size, slot(q));
}

static void prepare(struct text *t, struct proc *p, struct wire_param *q)
{
    struct wire *w = os_wire(q);
    unsigned size = w->kind == W_POINTER || w->kind == W_BYTE_COUNT ? w->ref->size : w->size;

    switch (os_kind(q)) {
    case OS_BASE_REF:
        text_add(t, "            %s = &_F.M_%s;\n", slot(q), q->name);
        break;
    case OS_CONTEXT:
        text_add(t, "            _F.C_%s = NdrContextHandleInitialize( &_StubMsg, %s );\n",
                 q->ret ? "_RetVal" : q->name, type_place(q));
        break;
    case OS_POINTER:
        if (q->ret)
            break;
        if (*own_type(q))
            text_add(t, "            %s = &_F.M_%s;\n", slot(q), q->name);
        else if (os_conformant(q))
            allocate(t, p, q);
        else
            text_add(
                t,
                "            _F.At = NdrAllocate( &_StubMsg, %u );\n            memset( _F.At, 0, %u );\n"
                "            %s = ( void * )_F.At;\n",
                size, size, slot(q));
        break;
    default:
        break;
    }
}

/* ---- the manager ---- */

static void argument(struct text *t, struct wire_param *q)
{
    struct wire *w = q->wire->kind == W_POINTER ? q->wire->ref : q->wire;

    if (os_kind(q) == OS_CONTEXT && q->wire->kind == W_POINTER)
        text_add(t, "( %s )NDRSContextValue( _F.C_%s )", os_type(q->var->type), q->name);
    else if (os_kind(q) == OS_CONTEXT)
        text_add(t, "( %s )*NDRSContextValue( _F.C_%s )", os_type(q->var->type), q->name);
    else if (w->kind == W_HANDLE)
        text_add(t, "%s_F.Handle", q->wire->kind == W_POINTER ? "&" : "");
    else if (os_kind(q) == OS_VALUE && q->by_reference && opt.win64)
        text_add(t, "_F.M_%s", q->name);
    else
        text_add(t, "%s", slot(q));
}

/* Through the entry point vector that the interface was registered with, if one was; with /use_epv nothing
 * else is called. Source: SDK, "/use_epv switch". */
static void manager(struct text *t, struct interface *i, struct proc *p, const char *name)
{
    struct wire_proc *wp = p->wire;
    struct wire_param *q;
    bool context = wp->ret && os_kind(wp->ret) == OS_CONTEXT, first = true;

    text_add(t, "            %s( ",
             context   ? "*NDRSContextValue( _F.C__RetVal ) = ( void * )"
             : wp->ret ? "_F.RetVal = "
                       : "");
    if (p->callback)
        text_add(t, "%s", name);
    else if (opt.use_epv)
        text_add(t, "( ( %s_SERVER_EPV * )_pRpcMessage->ManagerEpv )->%s", i->name, p->decl->name);
    else
        text_add(t, "_pRpcMessage->ManagerEpv ? ( ( _Routine * )_pRpcMessage->ManagerEpv )[ %d ] : %s",
                 p->opnum, name);
    text_add(t, " )(");
    for (q = wp->params; q; q = q->next) {
        if (q->ret)
            continue;
        text_add(t, "%s\n                ", first ? "" : ",");
        argument(t, q);
        first = false;
    }
    text_add(t, " );\n");
}

/* ---- the reply ---- */

static const char *place_of(struct wire_param *q)
{
    bool value = os_kind(q) == OS_VALUE;

    return q->ret ? mem_print("%s_F.RetVal", value ? "&" : "") : slot(q);
}

static void marshal(struct text *t, struct wire_param *q)
{
    switch (os_kind(q)) {
    case OS_BASE:
        os_simple_marshal(t, q->fc, "_F.RetVal");
        break;
    case OS_BASE_REF:
        os_simple_marshal(t, q->fc, mem_print("*%s", slot(q)));
        break;
    case OS_CONTEXT:
        text_add(t, "            NdrServerContextNewMarshall( &_StubMsg, _F.C_%s, %s, %s );\n",
                 q->ret ? "_RetVal" : q->name,
                 mem_print("( NDR_RUNDOWN )( void (*)( void ) )%s",
                           rundown_table.names[type_fmt.data[q->type + 2]]),
                 type_place(q));
        break;
    case OS_VALUE:
    case OS_POINTER:
        os_marshal(t, q, place_of(q));
        break;
    case OS_NONE:
        break;
    }
}

static void reply(struct text *t, struct proc *p)
{
    struct wire_param *q;

    text_add(t, "            _StubMsg.BufferLength = %u;\n", p->wire->server_size);
    for (q = p->wire->params; q; q = q->next)
        if (q->out && (os_kind(q) == OS_VALUE || os_kind(q) == OS_POINTER))
            os_size(t, q, place_of(q));
    text_add(t, "            _pRpcMessage->BufferLength = _StubMsg.BufferLength;\n"
                "            _F.Status = I_RpcGetBuffer( _pRpcMessage );\n"
                "            if ( _F.Status )\n                RpcRaiseException( _F.Status );\n"
                "            _StubMsg.Buffer = ( unsigned char * )_pRpcMessage->Buffer;\n");
    for (q = p->wire->params; q; q = q->next)
        if (q->out)
            marshal(t, q);
    text_add(t,
             "            _pRpcMessage->BufferLength = ( unsigned int )( _StubMsg.Buffer - ( unsigned char "
             "* )_pRpcMessage->Buffer );\n");
}

/* ---- the end ---- */

static void free_pointer(struct text *t, struct wire_param *q)
{
    const char *at = q->ret ? "_F.RetVal" : slot(q);
    const char *own =
        q->ret || !*own_type(q) ? "" : mem_print("( void * )%s != ( void * )&_F.M_%s && ", at, q->name);

    text_add(t, "            if ( %s )\n                {\n", at);
    os_free(t, q, at);
    /* The received buffer's end counts in: there an array of no elements lies when it comes last. */
    if (!os_is_pointer_format(q) && type_fmt.data[q->type] != 0x2f && !*own)
        text_add(t,
                 "                if ( ( unsigned char * )%s < _F.Start || ( unsigned char * )%s > _F.End )\n"
                 "                    _StubMsg.pfnFree( ( void * )%s );\n",
                 at, at, at);
    else if (!os_is_pointer_format(q) && type_fmt.data[q->type] != 0x2f)
        text_add(t,
                 "                if ( %s( ( unsigned char * )%s < _F.Start || ( unsigned char * )%s > "
                 "_F.End ) )\n"
                 "                    _StubMsg.pfnFree( ( void * )%s );\n",
                 own, at, at, at);
    text_add(t, "                }\n");
}

static void release(struct text *t, struct proc *p)
{
    struct wire_param *q;

    for (q = p->wire->params; q; q = q->next) {
        if (os_kind(q) == OS_POINTER)
            free_pointer(t, q);
        else if (os_kind(q) == OS_VALUE)
            os_free(t, q,
                    q->ret                         ? "&_F.RetVal"
                    : q->by_reference && opt.win64 ? mem_print("&_F.M_%s", q->name)
                                                   : mem_print("&%s", slot(q)));
    }
    os_end(t, p, false);
    if (p->wire->notify)
        text_add(t, "            %s%s_notify( );\n", opt.prefix_server, p->decl->name);
    if (p->wire->notify_flag)
        text_add(t, "            %s%s_notify_flag( _F.Called );\n", opt.prefix_server, p->decl->name);
}

static void routine_type(struct text *t, struct proc *p)
{
    if (p->callback || opt.use_epv)
        return;
    text_add(t, "    typedef ");
    print_pointer_prototype(t, p, "_Routine");
    text_add(t, ";\n");
}

void mixed_server(struct text *t, struct interface *i, struct proc *p, const char *prefix)
{
    const char *name = mem_print("%s%s", prefix, p->decl->name);
    struct wire_param *q;

    text_add(t, "static void __RPC_STUB %s_%s( PRPC_MESSAGE _pRpcMessage )\n{\n", i->name, p->decl->name);
    frame(t, p);
    routine_type(t, p);
    text_add(t,
             "    struct _PARAM_STRUCT *pS = &_F.Args;\n\n    ( void )pS;\n"
             "    memset( &_F, 0, sizeof( _F ) );\n"
             "    NdrServerInitializeNew( _pRpcMessage, &_StubMsg, ( PMIDL_STUB_DESC )&%s_StubDesc );\n"
             "    _F.Start = _StubMsg.BufferStart;\n    _F.End = _StubMsg.BufferEnd;\n"
             "    _F.Handle = _pRpcMessage->Handle;\n    RpcTryFinally\n        {\n",
             i->name);
    os_begin(t, p, false);
    request(t, p);
    for (q = p->wire->params; q; q = q->next)
        if (q->out && !q->in)
            prepare(t, p, q);
    if (p->wire->notify_flag)
        text_add(t, "            _F.Called = 1;\n");
    manager(t, i, p, name);
    reply(t, p);
    text_add(t, "        }\n    RpcFinally\n        {\n");
    release(t, p);
    text_add(t, "        }\n    RpcEndFinally\n}\n\n");
}
