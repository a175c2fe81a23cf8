/* Expressions: integer constants by C's rules, and back to text. */
#include "midl.h"

struct expr *expr_new(enum expr_kind kind, struct loc loc)
{
    struct expr *e = mem_alloc(sizeof(*e));

    e->kind = kind;
    e->loc = loc;
    return e;
}

struct expr *expr_op(int op, struct expr *a, struct expr *b, struct loc loc)
{
    struct expr *e = expr_new(b ? E_BINARY : E_UNARY, loc);

    e->op = op;
    e->a = a;
    e->b = b;
    return e;
}

static bool binary(int op, bool uns, int64_t x, int64_t y, int64_t *v)
{
    uint64_t ux = (uint64_t)x, uy = (uint64_t)y;

    switch (op) {
    case '*':
        *v = (int64_t)(ux * uy);
        return true;
    case '+':
        *v = (int64_t)(ux + uy);
        return true;
    case '-':
        *v = (int64_t)(ux - uy);
        return true;
    case '&':
        *v = x & y;
        return true;
    case '|':
        *v = x | y;
        return true;
    case '^':
        *v = x ^ y;
        return true;
    case 'L':
        *v = uy < 64 ? (int64_t)(ux << uy) : 0;
        return true;
    case 'R':
        *v = uy > 63 ? 0 : uns ? (int64_t)(ux >> uy) : x >> uy;
        return true;
    case '<':
        *v = uns ? ux < uy : x < y;
        return true;
    case '>':
        *v = uns ? ux > uy : x > y;
        return true;
    case 'l':
        *v = uns ? ux <= uy : x <= y;
        return true;
    case 'g':
        *v = uns ? ux >= uy : x >= y;
        return true;
    case 'e':
        *v = x == y;
        return true;
    case 'n':
        *v = x != y;
        return true;
    case 'A':
        *v = x && y;
        return true;
    case 'O':
        *v = x || y;
        return true;
    case '/':
    case '%':
        if (!y || (!uns && x == INT64_MIN && y == -1))
            return false;
        if (uns)
            *v = (int64_t)(op == '/' ? ux / uy : ux % uy);
        else
            *v = op == '/' ? x / y : x % y;
        return true;
    }
    return false;
}

static int64_t truncate_to(struct type *t, int64_t v)
{
    t = type_strip(t);
    if (t->kind == T_ENUM)
        return (int32_t)v;
    if (t->kind != T_BASE)
        return v;
    switch (t->base) {
    case B_BYTE:
    case B_BOOLEAN:
    case B_UCHAR:
    case B_USMALL:
        return (uint8_t)v;
    case B_CHAR:
    case B_SMALL:
        return (int8_t)v;
    case B_SHORT:
        return (int16_t)v;
    case B_USHORT:
    case B_WCHAR:
        return (uint16_t)v;
    case B_LONG:
        return (int32_t)v;
    case B_ULONG:
    case B_ERROR_STATUS:
        return (uint32_t)v;
    default:
        return v;
    }
}

static bool is_unsigned(const struct expr *e)
{
    if (!e)
        return false;
    return e->is_unsigned || (e->kind == E_BINARY && (is_unsigned(e->a) || is_unsigned(e->b))) ||
           (e->kind == E_UNARY && is_unsigned(e->a)) || e->kind == E_SIZEOF;
}

static bool unary(const struct expr *e, int64_t *v)
{
    int64_t x;

    if (e->op == '@' || e->op == 'a' || !expr_const(e->a, &x))
        return false;
    *v = e->op == '_' ? (int64_t) - (uint64_t)x : e->op == '~' ? ~x : !x;
    return true;
}

static bool named(const struct expr *e, int64_t *v)
{
    struct var *c = const_lookup(e->text);

    if (!c)
        return false;
    if (c->type && type_strip(c->type)->kind == T_ENUM && !c->init) {
        *v = c->value;
        return true;
    }
    if (c->init) {
        static int depth;
        bool ok;

        if (depth > 100)
            return false;
        depth++;
        ok = expr_const(c->init, v);
        depth--;
        return ok;
    }
    *v = c->value;
    return true;
}

bool expr_const(const struct expr *e, int64_t *v)
{
    int64_t x, y;

    switch (e->kind) {
    case E_INT:
    case E_CHAR:
    case E_WCHAR:
    case E_BOOL:
        *v = e->value;
        return true;
    case E_NULL:
        *v = 0;
        return true;
    case E_NAME:
        return named(e, v);
    case E_UNARY:
        return unary(e, v);
    case E_BINARY:
        return expr_const(e->a, &x) && expr_const(e->b, &y) &&
               binary(e->op, is_unsigned(e->a) || is_unsigned(e->b), x, y, v);
    case E_COND:
        if (!expr_const(e->a, &x))
            return false;
        return expr_const(x ? e->b : e->c, v);
    case E_CAST:
        if (!expr_const(e->a, &x))
            return false;
        *v = truncate_to(e->type, x);
        return true;
    case E_SIZEOF:
        if (!e->type)
            return false;
        *v = type_size(e->type);
        return true;
    default:
        return false;
    }
}

static const char *spelled(int op)
{
    static char one[2];

    switch (op) {
    case 'L':
        return "<<";
    case 'R':
        return ">>";
    case 'l':
        return "<=";
    case 'g':
        return ">=";
    case 'e':
        return "==";
    case 'n':
        return "!=";
    case 'A':
        return "&&";
    case 'O':
        return "||";
    case '_':
        return "-";
    case '@':
        return "*";
    case 'a':
        return "&";
    }
    one[0] = (char)op;
    return one;
}

void expr_print(struct text *t, const struct expr *e)
{
    switch (e->kind) {
    case E_UNARY:
        text_add(t, "%s", spelled(e->op));
        expr_print(t, e->a);
        break;
    case E_BINARY:
        text_add(t, "( ");
        expr_print(t, e->a);
        text_add(t, " %s ", spelled(e->op));
        expr_print(t, e->b);
        text_add(t, " )");
        break;
    case E_COND:
        text_add(t, "( ");
        expr_print(t, e->a);
        text_add(t, " ? ");
        expr_print(t, e->b);
        text_add(t, " : ");
        expr_print(t, e->c);
        text_add(t, " )");
        break;
    case E_CAST:
        text_add(t, "( ");
        print_type_name(t, e->type);
        text_add(t, " )");
        expr_print(t, e->a);
        break;
    case E_SIZEOF:
        text_add(t, "sizeof( ");
        if (e->type)
            print_type_name(t, e->type);
        else
            expr_print(t, e->a);
        text_add(t, " )");
        break;
    case E_MEMBER:
        expr_print(t, e->a);
        text_add(t, "%s%s", e->op == '.' ? "." : "->", e->text);
        break;
    default:
        text_add(t, "%s", e->text ? e->text : "0");
    }
}
