/* Expression evaluation routines: for what a correlation descriptor cannot say, as size_is(a * b + 3).
 * Source: SDK, "Correlation Descriptors": the routine sets MaxCount, and Offset for first_is. */
#include "wire.h"

static bool in_list(struct var *v, const char *name)
{
    for (; v; v = v->next)
        if (v->name == name)
            return true;
    return false;
}

/* The expression with its variables looked up through pS. */
void eval_print(struct text *t, struct expr *e, struct var *scope)
{
    static const char *const two[128] = {['L'] = "<<", ['R'] = ">>", ['l'] = "<=", ['g'] = ">=",
                                         ['e'] = "==", ['n'] = "!=", ['A'] = "&&", ['O'] = "||"};

    switch (e->kind) {
    case E_NAME:
        text_add(t, in_list(scope, e->text) ? "pS->%s" : "%s", e->text);
        break;
    case E_UNARY:
        text_add(t, "%c", e->op == '_' ? '-' : e->op == '@' ? '*' : e->op == 'a' ? '&' : e->op);
        eval_print(t, e->a, scope);
        break;
    case E_BINARY:
        text_add(t, "( ");
        eval_print(t, e->a, scope);
        if (two[e->op & 127])
            text_add(t, " %s ", two[e->op & 127]);
        else
            text_add(t, " %c ", e->op);
        eval_print(t, e->b, scope);
        text_add(t, " )");
        break;
    case E_COND:
        text_add(t, "( ");
        eval_print(t, e->a, scope);
        text_add(t, " ? ");
        eval_print(t, e->b, scope);
        text_add(t, " : ");
        eval_print(t, e->c, scope);
        text_add(t, " )");
        break;
    case E_CAST:
        text_add(t, "( ");
        print_type_name(t, e->type);
        text_add(t, " )");
        eval_print(t, e->a, scope);
        break;
    case E_MEMBER:
        eval_print(t, e->a, scope);
        text_add(t, "%s%s", e->op == '.' ? "." : "->", e->text);
        break;
    default:
        expr_print(t, e);
    }
}

/* The parameters as they lie on the stack: members of a structure that is packed to 4 on x86. */
void stack_members(struct text *t, struct wire_proc *wp)
{
    struct wire_param *p;
    int pads = 0;

    for (p = wp->params; p; p = p->next) {
        unsigned used = p->wire->size;

        text_add(t, "        ");
        if (p->ret || !p->var || p->wire->kind == W_ARRAY || p->wire->kind == W_STRING || p->by_reference) {
            text_add(t, "void *%s", p->name ? p->name : "_RetVal");
            used = opt.win64 ? 8 : 4;
        } else {
            print_decl(t, type_unqual(p->var->type), p->name, false, 0);
        }
        text_add(t, ";\n");
        if (!p->ret && used < p->size)
            text_add(t, "        char Pad%d[ %u ];\n", pads++, p->size - used);
    }
}

static void stack_struct(struct text *t, struct proc *p)
{
    text_add(t, "    struct _PARAM_STRUCT\n        {\n");
    if (p->iface->com)
        text_add(t, "        void *This;\n");
    stack_members(t, p->wire);
    text_add(t, "        } *pS = ( struct _PARAM_STRUCT * )( pStubMsg->StackTop );\n");
}

static const char *typedef_of(struct def *d, struct type *record)
{
    struct var *v;

    for (; d; d = d->next)
        for (v = d->kind == D_TYPEDEF ? d->vars : NULL; v; v = v->next)
            if (v->type->kind == T_ALIAS && v->type->ref == record)
                return v->name;
    return NULL;
}

static const char *record_name(struct type *record)
{
    struct interface *i;
    const char *name = typedef_of(unit.defs, record);

    if (record->name)
        return mem_print("%s %s", record->kind == T_UNION ? "union" : "struct", record->name);
    for (i = unit.interfaces; i && !name; i = i->next)
        name = typedef_of(i->defs, record);
    return name;
}

static void routine(struct text *t, struct eval_entry *x, int index)
{
    struct var *scope = x->record ? x->record->members : x->owner->func->members;
    const char *record = x->record ? record_name(x->record) : NULL;

    text_add(t, "static void __RPC_USER ExprEval_%04d( PMIDL_STUB_MESSAGE pStubMsg )\n{\n", index);
    if (x->record && !record)
        error_at(x->expr->loc, 0, "the structure around '%s' needs a name for this expression", x->name);
    if (record)
        text_add(t, "    %s *pS = ( %s * )( pStubMsg->StackTop - %d );\n", record, record,
                 x->pointer ? 0 : x->offset);
    else if (!x->record)
        stack_struct(t, x->owner);
    text_add(t, "\n    pStubMsg->Offset = ");
    if (x->first) {
        text_add(t, "( unsigned long )( ");
        eval_print(t, x->first, scope);
        text_add(t, " )");
    } else {
        text_add(t, "0");
    }
    text_add(t, ";\n    pStubMsg->MaxCount = ( unsigned long )( ");
    eval_print(t, x->expr, scope);
    text_add(t, " );\n}\n\n");
}

void stub_eval(struct text *t)
{
    int k;

    if (!n_eval)
        return;
    if (!opt.win64)
        text_add(t, "#pragma pack(push, 4)\n");
    for (k = 0; k < n_eval; k++)
        routine(t, &eval_table[k], k);
    if (!opt.win64)
        text_add(t, "#pragma pack(pop)\n\n");
    text_add(t, "static const EXPR_EVAL ExprEvalRoutines[] =\n    {\n");
    for (k = 0; k < n_eval; k++)
        text_add(t, "    ExprEval_%04d%s\n", k, k + 1 < n_eval ? "," : "");
    text_add(t, "    };\n\n");
}
