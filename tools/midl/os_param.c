/* -Os stubs, what both sides share: statements that marshal one parameter. Base types are marshalled in
 * place, everything else by the Ndr routine for its description; the descriptions are those of -Oicf.
 *
 * The stub copies its arguments to a block of the stack's layout, to which StackTop points, so that counts
 * and discriminants are found as in an interpreted call (MIDL sets MaxCount before each call, which does not
 * reach inner dimensions: "Using multidimensional arrays in /Os … can result in parameters that are not
 * marshaled correctly"). The block is in one structure with all that the stub changes while an exception may
 * come, so that nothing of it lies in a register then.
 *
 * Sources: SDK, "/Os switch", "NdrClientInitializeNew" and the pages of the other Ndr routines. */
#include "os.h"

static const struct {
    unsigned char first, last;
    const char *name;
    bool frees;
} routines[] = {
    {0x11, 0x14, "Pointer", true},
    {0x15, 0x16, "SimpleStruct", true},
    {0x17, 0x18, "ConformantStruct", true},
    {0x19, 0x19, "ConformantVaryingStruct", true},
    {0x1a, 0x1a, "ComplexStruct", true},
    {0xb1, 0xb1, "ComplexStruct", true},
    {0x1b, 0x1b, "ConformantArray", true},
    {0x1c, 0x1c, "ConformantVaryingArray", true},
    {0x1d, 0x1e, "FixedArray", true},
    {0x1f, 0x20, "VaryingArray", true},
    {0x21, 0x21, "ComplexArray", true},
    {0x22, 0x25, "ConformantString", false},
    {0x26, 0x29, "NonConformantString", false},
    {0x2a, 0x2a, "EncapsulatedUnion", true},
    {0x2b, 0x2b, "NonEncapsulatedUnion", true},
    {0x2c, 0x2c, "ByteCountPointer", true},
    {0x2d, 0x2e, "XmitOrRepAs", true},
    {0x2f, 0x2f, "InterfacePointer", true},
    {0xb4, 0xb4, "UserMarshal", true},
    {0xb7, 0xb7, "Range", false},
};

static int format_char(struct wire_param *p)
{
    return type_fmt.data[p->type];
}

static int routine_of(struct wire_param *p)
{
    int fc = format_char(p);
    size_t i;

    for (i = 0; i < sizeof(routines) / sizeof(*routines); i++)
        if (fc >= routines[i].first && fc <= routines[i].last)
            return (int)i;
    return 0;
}

struct wire *os_wire(struct wire_param *p)
{
    return p->wire->kind == W_GENERIC ? p->wire->ref : p->wire;
}

enum os_kind os_kind(struct wire_param *p)
{
    struct wire *w = os_wire(p);

    if (!p->described)
        return OS_NONE;
    if (w->kind == W_CONTEXT || (w->kind == W_POINTER && w->ref->kind == W_CONTEXT))
        return OS_CONTEXT;
    if (p->is_base)
        return p->flags & PARAM_SIMPLE_REF ? OS_BASE_REF : OS_BASE;
    switch (w->kind) {
    case W_STRUCT:
    case W_UNION:
    case W_ENCAPSULATED:
    case W_XMIT:
    case W_USER:
    case W_RANGE:
        return OS_VALUE;
    default:
        return OS_POINTER;
    }
}

const char *os_type(struct type *type)
{
    struct text t = {0};

    print_type_name(&t, type_unqual(type));
    return t.data;
}

const char *os_pointee_type(struct wire_param *p)
{
    struct type *t = p->var ? type_strip(p->var->type) : NULL;

    if (!t || t->kind != T_POINTER || os_wire(p)->kind != W_POINTER || type_is_void(t->ref))
        return "";
    t = t->ref;
    if ((t->kind == T_STRUCT || t->kind == T_UNION || t->kind == T_ENCAPSULATED) && !t->name && !t->known_as)
        return "";
    return os_type(t);
}

bool os_conformant(struct wire_param *p)
{
    struct wire *w = os_wire(p);

    if (w->kind == W_POINTER)
        w = w->ref;
    return wire_is_conformant(w);
}

bool os_is_pointer_format(struct wire_param *p)
{
    return format_char(p) >= 0x11 && format_char(p) <= 0x14;
}

/* ---- base types ---- */

static const char *simple_type(int fc, unsigned *size)
{
    *size = 4;
    switch (fc) {
    case 0x01:
    case 0x02:
    case 0x03:
    case 0x04:
        *size = 1;
        return "unsigned char";
    case 0x05:
    case 0x06:
    case 0x07:
        *size = 2;
        return "unsigned short";
    case 0x0a:
        return "float";
    case 0x0b:
        *size = 8;
        return "hyper";
    case 0x0c:
        *size = 8;
        return "double";
    case 0x08:
    case 0x09:
    case 0x0e:
    case 0x10:
        return "unsigned long";
    default:
        return NULL;
    }
}

static void align(struct text *t, unsigned size)
{
    text_add(t,
             "            _StubMsg.Buffer = (unsigned char *)( ( (ULONG_PTR)_StubMsg.Buffer + %u ) & "
             "~(ULONG_PTR)%u );\n",
             size - 1, size - 1);
}

void os_simple_marshal(struct text *t, int fc, const char *value)
{
    unsigned size;
    const char *type = simple_type(fc, &size);

    if (!type) {
        text_add(t, "            NdrSimpleTypeMarshall( &_StubMsg, ( unsigned char * )&%s, %d );\n", value,
                 fc);
        return;
    }
    if (size > 1) { /* no octets of earlier messages in between */
        text_add(t, "            memset( _StubMsg.Buffer, 0, ( 0 - (ULONG_PTR)_StubMsg.Buffer ) & %u );\n",
                 size - 1);
        align(t, size);
    }
    text_add(t, "            *( %s * )_StubMsg.Buffer = ( %s )%s;\n            _StubMsg.Buffer += %u;\n",
             type, type, value, size);
}

void os_simple_unmarshal(struct text *t, int fc, const char *value)
{
    unsigned size;
    const char *type = simple_type(fc, &size);

    if (!type) {
        text_add(t, "            NdrSimpleTypeUnmarshall( &_StubMsg, ( unsigned char * )&%s, %d );\n", value,
                 fc);
        return;
    }
    if (size > 1)
        align(t, size);
    text_add(
        t,
        "            if ( _StubMsg.Buffer > _StubMsg.BufferEnd || _StubMsg.BufferEnd - _StubMsg.Buffer < "
        "%u )\n                RpcRaiseException( RPC_X_BAD_STUB_DATA );\n"
        "            %s = *( %s * )_StubMsg.Buffer;\n            _StubMsg.Buffer += %u;\n",
        size, value, type, size);
}

/* ---- the others ---- */

static void routine(struct text *t, struct wire_param *p, const char *what, const char *at, const char *end)
{
    text_add(t,
             "            Ndr%s%s( &_StubMsg, %s, ( PFORMAT_STRING )&%s__MIDL_TypeFormatString.Format[ %d "
             "]%s );\n",
             routines[routine_of(p)].name, what, at, unit_name(), p->type, end);
}

static const char *octets(const char *at)
{
    return mem_print("( unsigned char * )%s", at);
}

void os_size(struct text *t, struct wire_param *p, const char *at)
{
    if (p->flags & PARAM_MUST_SIZE && os_wire(p)->kind != W_RANGE)
        routine(t, p, "BufferSize", octets(at), "");
}

void os_marshal(struct text *t, struct wire_param *p, const char *at)
{
    struct wire *w = os_wire(p);

    if (w->kind == W_POINTER)
        w = w->ref;
    if (format_char(p) == 0xb7) /* a range is checked by who receives it */
        text_add(t, "            NdrSimpleTypeMarshall( &_StubMsg, ( unsigned char * )%s, %d );\n", at,
                 type_fmt.data[p->type + 1]);
    else
        routine(t, p, "Marshall", octets(at), "");
}

void os_unmarshal(struct text *t, struct wire_param *p, const char *slot)
{
    routine(t, p, "Unmarshall", mem_print("( unsigned char ** )%s", slot), ", 0");
}

void os_free(struct text *t, struct wire_param *p, const char *at)
{
    if (p->flags & PARAM_MUST_FREE && routines[routine_of(p)].frees)
        routine(t, p, "Free", octets(at), "");
}

/* ---- around a call ---- */

/* The descriptors are those of -Oicf, so NdrConvert2 reads them (MIDL writes others, for NdrConvert). */
void os_convert(struct text *t, struct wire_proc *wp)
{
    text_add(t,
             "            if ( ( _StubMsg.RpcMsg->DataRepresentation & 0x0000FFFFUL ) != "
             "NDR_LOCAL_DATA_REPRESENTATION )\n"
             "                NdrConvert2( &_StubMsg, ( PFORMAT_STRING )&%s__MIDL_ProcFormatString.Format[ "
             "%d ], %d );\n",
             unit_name(), wp->descriptors, wp->n_descriptors);
}

void os_begin(struct text *t, struct proc *p, bool client)
{
    text_add(t, "            _StubMsg.StackTop = ( unsigned char * )&_F.Args;\n");
    if (opt.robust)
        text_add(t,
                 "            NdrCorrelationInitialize( &_StubMsg, _CorrCache, sizeof( _CorrCache ), %d );\n",
                 opt.target >= 60); /* descriptors with ranges */
    if (p->wire->full_ptrs)
        text_add(t, "            _StubMsg.FullPtrXlatTables = NdrFullPointerXlatInit( 0, XLAT_%s );\n",
                 client ? "CLIENT" : "SERVER");
    if (p->wire->alloc_used)
        text_add(t, "            %s( &_StubMsg );\n",
                 client ? "NdrRpcSmSetClientToOsf" : "NdrRpcSsEnableAllocate");
}

void os_end(struct text *t, struct proc *p, bool client)
{
    if (p->wire->full_ptrs)
        text_add(t, "            NdrFullPointerXlatFree( _StubMsg.FullPtrXlatTables );\n");
    if (opt.robust)
        text_add(t, "            NdrCorrelationFree( &_StubMsg );\n");
    if (p->wire->alloc_used && !client)
        text_add(t, "            NdrRpcSsDisableAllocate( &_StubMsg );\n");
}

void os_frame(struct text *t, struct wire_proc *wp)
{
    if (!opt.win64)
        text_add(t, "#pragma pack(push, 4)\n");
    text_add(t, "    struct _PARAM_STRUCT\n        {\n");
    stack_members(t, wp);
    if (!wp->params)
        text_add(t, "        char Pad;\n");
    text_add(t, "        };\n");
    if (!opt.win64)
        text_add(t, "#pragma pack(pop)\n");
    text_add(t, "    struct\n        {\n        struct _PARAM_STRUCT Args;\n");
}

void os_frame_end(struct text *t)
{
    text_add(t, "        } _F;\n    MIDL_STUB_MESSAGE _StubMsg;\n");
    if (opt.robust)
        text_add(t, "    unsigned long _CorrCache[ 64 ];\n");
}
