/* The grammar of IDL. Names of attributes are looked up in attr.c; what they may stand on is for check.c. */
%define api.prefix {idl_}
%define parse.error custom
%define api.value.type {struct idl_value}
%expect 1

%code requires {
#include "midl.h"
struct idl_value {
    struct loc loc;
    union {
        const char *name;
        struct expr *expr;
        struct type *type;
        struct attr *attr;
        struct arg *arg;
        struct dcl *dcl;
        struct var *var;
        struct specs specs;
        unsigned quals;
    };
};
}
%code {
#include <string.h>
extern struct loc lex_loc;
const char *lex_text(void);
int idl_lex(void);
static void idl_error(const char *msg);

#define LOC(v) ((v).loc)
static struct arg *arg_expr(struct expr *e);
static struct arg *arg_append(struct arg *a, struct arg *b);
static struct attr *attr_make(const char *name, struct arg *args, struct loc loc);
static struct expr *name_expr(const char *name, struct loc loc);
static const char *unquote(const char *lit);
static struct type *make_record(enum type_kind kind, const char *tag, struct var *fields, struct loc loc);
static struct type *make_encapsulated(const char *tag, struct type *sw, const char *sw_name, const char *u_name, struct var *arms, struct loc loc);
static struct type *make_func(struct var *params, bool ellipsis, struct loc loc);
static struct type *make_array(struct expr *lower, struct expr *dim, struct loc loc);
static struct dcl *dcl_list(struct dcl *list, struct dcl *d);
static struct expr *string_expr(const char *lit, struct loc loc);
static struct dcl *with_callconv(struct dcl *d, const char *conv);
}

%token IDENT TYPENAME UUID INTEGER FLOATNUM STRING CHARACTER
%token KW_INTERFACE KW_IMPORT KW_CPP_QUOTE KW_PRAGMA KW_TYPEDEF KW_CONST KW_VOLATILE KW_EXTERN KW_STATIC KW_INLINE
%token KW_STRUCT KW_UNION KW_ENUM KW_SWITCH KW_CASE KW_DEFAULT KW_PIPE KW_SIZEOF KW_CALLCONV
%token KW_VOID KW_BYTE KW_BOOLEAN KW_CHAR KW_WCHAR KW_SMALL KW_SHORT KW_LONG KW_HYPER KW_INT KW_SIGNED KW_UNSIGNED
%token KW_FLOAT KW_DOUBLE KW_INT8 KW_INT16 KW_INT32 KW_INT64 KW_INT3264 KW_HANDLE_T KW_ERROR_STATUS
%token KW_TRUE KW_FALSE KW_NULL KW_LIBRARY KW_SAFEARRAY KW_BITSET KW_UNSUPPORTED
%token ELLIPSIS DOTDOT SHL SHR LE GE EQ NE ANDAND OROR ARROW

%right '?' ':'
%left OROR
%left ANDAND
%left '|'
%left '^'
%left '&'
%left EQ NE
%left '<' '>' LE GE
%left SHL SHR
%left '+' '-'
%left '*' '/' '%'
%right UNARY

%%
file: items ;

items: %empty | items item ;

item: interface
    | import
    | KW_CPP_QUOTE '(' STRING ')' { define_text(D_CPP_QUOTE, unquote($3.name), LOC($1)); }
    | KW_PRAGMA IDENT '(' pragma_rest ')'
    | declaration
    | ';'
    | KW_LIBRARY { error_at(LOC($1), 0, "'%s' is not compiled here: COM interfaces and type libraries stay with widl", $1.name); YYABORT; }
    | attributes KW_LIBRARY { error_at(LOC($2), 0, "'%s' is not compiled here: COM interfaces and type libraries stay with widl", $2.name); YYABORT; }
    | error ';'
    | error '}'
    ;
pragma_rest: pragma_token | pragma_rest pragma_token ;
pragma_token: IDENT | TYPENAME | INTEGER | ':' | ',' | STRING | KW_DEFAULT ;

import: KW_IMPORT import_names ';' { import_files(NULL, LOC($1)); } ;
import_names: STRING { import_files(unquote($1.name), LOC($1)); }
    | import_names ',' STRING { import_files(unquote($3.name), LOC($3)); } ;

interface:
      interface_head '{' items '}' { interface_end(); }
    | KW_INTERFACE any_name ';' { interface_forward($2.name, LOC($2)); }
    ;
interface_head:
      attributes KW_INTERFACE any_name { interface_begin($1.attr, $3.name, NULL, LOC($3)); }
    | attributes KW_INTERFACE any_name ':' any_name { interface_begin($1.attr, $3.name, $5.name, LOC($3)); }
    | KW_INTERFACE any_name { interface_begin(NULL, $2.name, NULL, LOC($2)); }
    | KW_INTERFACE any_name ':' any_name { interface_begin(NULL, $2.name, $4.name, LOC($2)); }
    ;
any_name: IDENT | TYPENAME ;

attributes_opt: %empty { $$.attr = NULL; } | attributes ;
attributes: '[' attr_list ']' { $$.attr = $2.attr; $$.loc = LOC($1); }
    | attributes '[' attr_list ']' { $$.attr = attr_append($1.attr, $3.attr); }
    ;
attr_list: attribute
    | attr_list ',' attribute { $$.attr = attr_append($1.attr, $3.attr); }
    | attr_list ',' { $$ = $1; }
    ;
attribute: attr_name { $$.attr = attr_make($1.name, NULL, LOC($1)); }
    | attr_name '(' attr_args ')' { $$.attr = attr_make($1.name, $3.arg, LOC($1)); }
    ;
attr_name: any_name | KW_DEFAULT | KW_CASE | KW_CALLCONV | KW_INLINE ;
attr_args: attr_arg | attr_args ',' attr_arg { $$.arg = arg_append($1.arg, $3.arg); } ;
attr_arg: %empty { $$.arg = arg_expr(NULL); }
    | expr { $$.arg = arg_expr($1.expr); }
    | UUID { $$.arg = arg_expr(NULL); $$.arg->name = $1.name; $$.arg->loc = LOC($1); }
    | type_name { $$.arg = arg_expr(NULL); $$.arg->type = $1.type; $$.arg->loc = LOC($1); }
    | type_name any_name { $$.arg = arg_expr(NULL); $$.arg->type = $1.type; $$.arg->name = $2.name; $$.arg->loc = LOC($1); }
    ;

declaration:
      KW_TYPEDEF attributes_opt specs declarators ';' { define_typedef($2.attr, $3.type, $4.dcl, LOC($1)); }
    | attributes KW_TYPEDEF attributes_opt specs declarators ';' { define_typedef(attr_append($1.attr, $3.attr), $4.type, $5.dcl, LOC($2)); }
    | KW_TYPEDEF KW_INTERFACE any_name any_name ';' { interface_forward($3.name, LOC($3)); }
    | attributes_opt specs ';' { define_decl($1.attr, $2.type, NULL, false, LOC($2)); }
    | attributes_opt specs init_declarators ';' { define_decl($1.attr, $2.type, $3.dcl, false, LOC($2)); }
    | KW_EXTERN attributes_opt specs init_declarators ';' { define_decl($2.attr, $3.type, $4.dcl, true, LOC($3)); }
    | KW_STATIC attributes_opt specs init_declarators ';' { define_decl($2.attr, $3.type, $4.dcl, true, LOC($3)); }
    ;

specs: quals_opt type_spec quals_opt { $$.type = type_qual($2.type, $1.quals | $3.quals); $$.loc = LOC($2); } ;
quals_opt: %empty { $$.quals = 0; } | quals_opt qual { $$.quals = $1.quals | $2.quals; } ;
qual: KW_CONST { $$.quals = QUAL_CONST; } | KW_VOLATILE { $$.quals = QUAL_VOLATILE; } | KW_INLINE { $$.quals = 0; } ;

type_spec: base_type | record | enumeration | pipe
    | TYPENAME { $$.type = type_named($1.name); $$.loc = LOC($1); }
    | KW_SAFEARRAY '(' specs abstract_opt ')' { error_at(LOC($1), 0, "SAFEARRAY is for COM interfaces, which stay with widl"); $$.type = type_new(T_ERROR, LOC($1)); }
    | KW_BITSET any_name { error_at(LOC($1), 0, "bitset is not part of the RPC language"); $$.type = type_new(T_ERROR, LOC($1)); }
    | KW_UNSUPPORTED { error_at(LOC($1), 2048, "the international character type '%s' is not supported", $1.name); $$.type = type_new(T_ERROR, LOC($1)); }
    ;

base_type:
      KW_VOID { $$.type = type_base(B_VOID, "void"); }
    | KW_BYTE { $$.type = type_base(B_BYTE, "byte"); }
    | KW_BOOLEAN { $$.type = type_base(B_BOOLEAN, "boolean"); }
    | KW_WCHAR { $$.type = type_base(B_WCHAR, "wchar_t"); }
    | KW_FLOAT { $$.type = type_base(B_FLOAT, "float"); }
    | KW_DOUBLE { $$.type = type_base(B_DOUBLE, "double"); }
    | KW_HANDLE_T { $$.type = type_base(B_HANDLE, "handle_t"); }
    | KW_ERROR_STATUS { $$.type = type_base(B_ERROR_STATUS, "error_status_t"); }
    | KW_CHAR { $$.type = type_base(B_CHAR, !opt.char_option || opt.char_option[0] == 's' ? "unsigned char" : "char"); }
    | KW_SIGNED KW_CHAR { $$.type = type_base(B_SMALL, "signed char"); }
    | KW_UNSIGNED KW_CHAR { $$.type = type_base(B_UCHAR, "unsigned char"); }
    | KW_UNSIGNED KW_WCHAR { $$.type = type_base(B_WCHAR, "wchar_t"); }
    | integer_type
    | KW_SIGNED integer_type { $$ = $2; }
    | KW_SIGNED { $$.type = type_base(B_LONG, "int"); }
    | integer_type KW_SIGNED
    | KW_UNSIGNED { $$.type = type_base(B_ULONG, "unsigned int"); }
    | KW_UNSIGNED integer_type { $$.type = type_base($2.type->base + 1, mem_print("unsigned %s", $2.type->base == B_SMALL ? "char" : $2.type->base == B_HYPER ? "__int64" : $2.type->name)); }
    | integer_type KW_UNSIGNED { $$.type = type_base($1.type->base + 1, mem_print("unsigned %s", $1.type->base == B_SMALL ? "char" : $1.type->base == B_HYPER ? "__int64" : $1.type->name)); }
    ;
integer_type:
      KW_SMALL int_opt { $$.type = type_base(B_SMALL, opt.char_option && opt.char_option[0] == 'u' ? "signed small" : "small"); }
    | KW_SHORT int_opt { $$.type = type_base(B_SHORT, "short"); }
    | KW_LONG int_opt { $$.type = type_base(B_LONG, "long"); }
    | KW_LONG KW_LONG int_opt { $$.type = type_base(B_HYPER, "__int64"); }
    | KW_HYPER int_opt { $$.type = type_base(B_HYPER, "hyper"); }
    | KW_INT { $$.type = type_base(B_LONG, "int"); }
    | KW_INT8 int_opt { $$.type = type_base(B_SMALL, "small"); }
    | KW_INT16 int_opt { $$.type = type_base(B_SHORT, "short"); }
    | KW_INT32 int_opt { $$.type = type_base(B_LONG, "int"); }
    | KW_INT64 int_opt { $$.type = type_base(B_HYPER, "__int64"); }
    | KW_INT3264 int_opt { $$.type = type_base(B_INT3264, "__int3264"); }
    ;
int_opt: %empty | KW_INT ;

pipe: KW_PIPE type_spec { $$.type = type_new(T_PIPE, LOC($1)); $$.type->ref = $2.type; $$.loc = LOC($1); } ;

enumeration:
      KW_ENUM any_name '{' enumerators comma_opt '}' { $$.type = type_define_tag(T_ENUM, $2.name, LOC($2)); enum_finish($$.type, $4.var); }
    | KW_ENUM '{' enumerators comma_opt '}' { $$.type = type_define_tag(T_ENUM, NULL, LOC($1)); enum_finish($$.type, $3.var); }
    | KW_ENUM any_name { $$.type = type_tag(T_ENUM, $2.name, LOC($2)); }
    ;
comma_opt: %empty | ',' ;
enumerators: enumerator | enumerators ',' enumerator { $$.var = var_append($1.var, $3.var); } ;
enumerator: attributes_opt any_name { $$.var = var_new($2.name, NULL, $1.attr, LOC($2)); }
    | attributes_opt any_name '=' expr { $$.var = var_new($2.name, NULL, $1.attr, LOC($2)); $$.var->init = $4.expr; }
    ;

record:
      KW_STRUCT any_name '{' { $$.type = type_tag(T_STRUCT, $2.name, LOC($2)); } fields '}' { $$.type = make_record(T_STRUCT, $2.name, $5.var, LOC($2)); }
    | KW_STRUCT '{' fields '}' { $$.type = make_record(T_STRUCT, NULL, $3.var, LOC($1)); }
    | KW_STRUCT any_name { $$.type = type_tag(T_STRUCT, $2.name, LOC($2)); }
    | KW_UNION any_name '{' { $$.type = type_tag(T_UNION, $2.name, LOC($2)); } fields '}' { $$.type = make_record(T_UNION, $2.name, $5.var, LOC($2)); }
    | KW_UNION '{' fields '}' { $$.type = make_record(T_UNION, NULL, $3.var, LOC($1)); }
    | KW_UNION any_name { $$.type = type_tag(T_UNION, $2.name, LOC($2)); }
    | KW_UNION any_name_opt KW_SWITCH '(' specs any_name ')' any_name_opt '{' arms '}'
        { $$.type = make_encapsulated($2.name, $5.type, $6.name, $8.name, $10.var, LOC($1)); }
    ;
any_name_opt: %empty { $$.name = NULL; } | any_name ;

fields: %empty { $$.var = NULL; } | fields field { $$.var = var_append($1.var, $2.var); } ;
field: attributes_opt specs field_declarators ';' { $$.var = vars_from($2.type, $1.attr, $3.dcl); }
    | attributes_opt specs ';' { struct dcl *d = dcl_name(NULL, LOC($2)); $$.var = vars_from($2.type, $1.attr, d); }
    | attributes ';' { $$.var = var_new(NULL, NULL, $1.attr, LOC($1)); $$.var->empty = true; }
    | error ';' { $$.var = NULL; }
    ;
field_declarators: field_declarator | field_declarators ',' field_declarator { $$.dcl = dcl_list($1.dcl, $3.dcl); } ;
field_declarator: declarator
    | declarator ':' cond_free_expr { $$ = $1; $$.dcl->bits = $3.expr; }
    | ':' cond_free_expr { $$.dcl = dcl_name(NULL, LOC($1)); $$.dcl->bits = $2.expr; }
    ;
cond_free_expr: INTEGER | any_name { $$.expr = name_expr($1.name, LOC($1)); } ;

arms: arm | arms arm { $$.var = var_append($1.var, $2.var); } ;
arm: case_labels attributes_opt specs declarator ';' { $$.var = vars_from($3.type, attr_append($1.attr, $2.attr), $4.dcl); }
    | case_labels ';' { $$.var = var_new(NULL, NULL, $1.attr, LOC($1)); $$.var->empty = true; }
    ;
case_labels: case_label | case_labels case_label { $$.attr = attr_append($1.attr, $2.attr); } ;
case_label: KW_CASE expr ':' { $$.attr = attr_make(intern_z("case"), arg_expr($2.expr), LOC($1)); }
    | KW_DEFAULT ':' { $$.attr = attr_make(intern_z("default"), NULL, LOC($1)); }
    ;

declarators: declarator | declarators ',' declarator { $$.dcl = dcl_list($1.dcl, $3.dcl); } ;
init_declarators: init_declarator | init_declarators ',' init_declarator { $$.dcl = dcl_list($1.dcl, $3.dcl); } ;
init_declarator: declarator | declarator '=' expr { $$ = $1; $$.dcl->init = $3.expr; } ;

declarator: direct
    | '*' quals_opt declarator { struct type *p = type_new(T_POINTER, LOC($1)); p->quals = $2.quals; $$.dcl = dcl_wrap($3.dcl, p); }
    | KW_CALLCONV declarator { $$.dcl = with_callconv($2.dcl, $1.name); }
    ;
direct: any_name { $$.dcl = dcl_name($1.name, LOC($1)); }
    | '(' declarator ')' { $$ = $2; }
    | direct suffix { $$.dcl = dcl_wrap($1.dcl, $2.type); }
    ;
suffix: '[' ']' { $$.type = make_array(NULL, NULL, LOC($1)); }
    | '[' '*' ']' { $$.type = make_array(NULL, NULL, LOC($1)); }
    | '[' expr ']' { $$.type = make_array(NULL, $2.expr, LOC($1)); }
    | '[' expr DOTDOT expr ']' { $$.type = make_array($2.expr, $4.expr, LOC($1)); }
    | '[' expr DOTDOT '*' ']' { $$.type = make_array($2.expr, NULL, LOC($1)); }
    | '(' ')' { $$.type = make_func(NULL, false, LOC($1)); }
    | '(' params ')' { $$.type = make_func($2.var, false, LOC($1)); }
    | '(' params ',' ELLIPSIS ')' { $$.type = make_func($2.var, true, LOC($1)); }
    ;
abstract_opt: %empty { $$.dcl = dcl_name(NULL, lex_loc); } | abstract ;
abstract: '*' quals_opt abstract_opt { struct type *p = type_new(T_POINTER, LOC($1)); p->quals = $2.quals; $$.dcl = dcl_wrap($3.dcl, p); }
    | abstract_direct
    ;
abstract_direct: suffix { $$.dcl = dcl_wrap(dcl_name(NULL, LOC($1)), $1.type); }
    | abstract_direct suffix { $$.dcl = dcl_wrap($1.dcl, $2.type); }
    ;
type_name: specs abstract_opt { $$.type = dcl_type($2.dcl, $1.type); $$.loc = LOC($1); } ;

params: param | params ',' param { $$.var = var_append($1.var, $3.var); } ;
param: attributes_opt specs declarator { $$.var = vars_from($2.type, $1.attr, $3.dcl); }
    | attributes_opt specs abstract_opt { $$.dcl = $3.dcl; $$.dcl->loc = LOC($2); $$.var = vars_from($2.type, $1.attr, $$.dcl); }
    ;

expr: primary
    | '-' expr %prec UNARY { $$.expr = expr_op('_', $2.expr, NULL, LOC($1)); }
    | '+' expr %prec UNARY { $$ = $2; }
    | '~' expr %prec UNARY { $$.expr = expr_op('~', $2.expr, NULL, LOC($1)); }
    | '!' expr %prec UNARY { $$.expr = expr_op('!', $2.expr, NULL, LOC($1)); }
    | '*' expr %prec UNARY { $$.expr = expr_op('@', $2.expr, NULL, LOC($1)); }
    | '&' expr %prec UNARY { $$.expr = expr_op('a', $2.expr, NULL, LOC($1)); }
    | '(' type_name ')' expr %prec UNARY { $$.expr = expr_new(E_CAST, LOC($1)); $$.expr->type = $2.type; $$.expr->a = $4.expr; }
    | KW_SIZEOF '(' type_name ')' { $$.expr = expr_new(E_SIZEOF, LOC($1)); $$.expr->type = $3.type; }
    | KW_SIZEOF '(' expr ')' { $$.expr = expr_new(E_SIZEOF, LOC($1)); $$.expr->a = $3.expr; }
    | expr '*' expr { $$.expr = expr_op('*', $1.expr, $3.expr, LOC($2)); }
    | expr '/' expr { $$.expr = expr_op('/', $1.expr, $3.expr, LOC($2)); }
    | expr '%' expr { $$.expr = expr_op('%', $1.expr, $3.expr, LOC($2)); }
    | expr '+' expr { $$.expr = expr_op('+', $1.expr, $3.expr, LOC($2)); }
    | expr '-' expr { $$.expr = expr_op('-', $1.expr, $3.expr, LOC($2)); }
    | expr SHL expr { $$.expr = expr_op('L', $1.expr, $3.expr, LOC($2)); }
    | expr SHR expr { $$.expr = expr_op('R', $1.expr, $3.expr, LOC($2)); }
    | expr '<' expr { $$.expr = expr_op('<', $1.expr, $3.expr, LOC($2)); }
    | expr '>' expr { $$.expr = expr_op('>', $1.expr, $3.expr, LOC($2)); }
    | expr LE expr { $$.expr = expr_op('l', $1.expr, $3.expr, LOC($2)); }
    | expr GE expr { $$.expr = expr_op('g', $1.expr, $3.expr, LOC($2)); }
    | expr EQ expr { $$.expr = expr_op('e', $1.expr, $3.expr, LOC($2)); }
    | expr NE expr { $$.expr = expr_op('n', $1.expr, $3.expr, LOC($2)); }
    | expr '&' expr { $$.expr = expr_op('&', $1.expr, $3.expr, LOC($2)); }
    | expr '^' expr { $$.expr = expr_op('^', $1.expr, $3.expr, LOC($2)); }
    | expr '|' expr { $$.expr = expr_op('|', $1.expr, $3.expr, LOC($2)); }
    | expr ANDAND expr { $$.expr = expr_op('A', $1.expr, $3.expr, LOC($2)); }
    | expr OROR expr { $$.expr = expr_op('O', $1.expr, $3.expr, LOC($2)); }
    | expr '?' expr ':' expr { $$.expr = expr_op('?', $1.expr, $3.expr, LOC($2)); $$.expr->kind = E_COND; $$.expr->c = $5.expr; }
    ;
primary: INTEGER | CHARACTER
    | FLOATNUM { $$.expr = expr_new(E_FLOAT, LOC($1)); $$.expr->text = $1.name; }
    | strings
    | KW_TRUE { $$.expr = expr_new(E_BOOL, LOC($1)); $$.expr->value = 1; $$.expr->text = "TRUE"; }
    | KW_FALSE { $$.expr = expr_new(E_BOOL, LOC($1)); $$.expr->text = "FALSE"; }
    | KW_NULL { $$.expr = expr_new(E_NULL, LOC($1)); $$.expr->text = "NULL"; }
    | IDENT { $$.expr = name_expr($1.name, LOC($1)); }
    | '(' expr ')' { $$ = $2; }
    | primary '.' any_name { $$.expr = expr_new(E_MEMBER, LOC($2)); $$.expr->op = '.'; $$.expr->a = $1.expr; $$.expr->text = $3.name; }
    | primary ARROW any_name { $$.expr = expr_new(E_MEMBER, LOC($2)); $$.expr->op = '>'; $$.expr->a = $1.expr; $$.expr->text = $3.name; }
    ;
strings: STRING { $$.expr = string_expr($1.name, LOC($1)); }
    | strings STRING { $$ = $1; $$.expr->text = mem_print("%s %s", $1.expr->text, $2.name); }
    ;
%%

static struct arg *arg_expr(struct expr *e)
{
    struct arg *a = mem_alloc(sizeof(*a));

    a->expr = e;
    a->loc = e ? e->loc : lex_loc;
    if (e && e->kind == E_NAME)
        a->name = e->text;
    return a;
}

static struct arg *arg_append(struct arg *a, struct arg *b)
{
    struct arg *last = a;

    while (last->next)
        last = last->next;
    last->next = b;
    return a;
}

static struct attr *attr_make(const char *name, struct arg *args, struct loc loc)
{
    struct attr *a = mem_alloc(sizeof(*a));

    a->name = name;
    a->id = attr_lookup(name);
    a->args = args;
    a->loc = loc;
    return a;
}

static struct expr *name_expr(const char *name, struct loc loc)
{
    struct expr *e = expr_new(E_NAME, loc);

    e->text = name;
    return e;
}

static struct expr *string_expr(const char *lit, struct loc loc)
{
    struct expr *e = expr_new(lit[0] == 'L' ? E_WSTRING : E_STRING, loc);

    e->text = lit;
    return e;
}

/* The text between the quotes; \" becomes ", everything else stays (cpp_quote and file names want it so). */
static const char *unquote(const char *lit)
{
    struct text t = {0};
    const char *p = strchr(lit, '"') + 1;

    text_write(&t, "", 0);
    for (; *p && !(*p == '"' && !p[1]); p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        text_write(&t, p, 1);
    }
    return t.data;
}

static struct type *make_record(enum type_kind kind, const char *tag, struct var *fields, struct loc loc)
{
    struct type *t = type_define_tag(kind, tag, loc);

    t->members = fields;
    t->complete = true;
    t->pack = opt.pack;
    return t;
}

static struct type *make_encapsulated(const char *tag, struct type *sw, const char *sw_name, const char *u_name,
                                      struct var *arms, struct loc loc)
{
    struct type *t = make_record(T_ENCAPSULATED, tag, arms, loc);

    t->switch_type = sw;
    t->switch_name = sw_name;
    t->union_name = u_name ? u_name : intern_z("tagged_union");
    return t;
}

static struct type *make_func(struct var *params, bool ellipsis, struct loc loc)
{
    struct type *t = type_new(T_FUNC, loc);

    if (params && !params->next && !params->name && params->type && params->type->kind == T_BASE &&
        params->type->base == B_VOID)
        params = NULL;
    t->members = params;
    t->ellipsis = ellipsis ? "..." : NULL;
    return t;
}

static struct type *make_array(struct expr *lower, struct expr *dim, struct loc loc)
{
    struct type *t = type_new(T_ARRAY, loc);

    t->lower = lower;
    t->dim = dim;
    return t;
}

static struct dcl *dcl_list(struct dcl *list, struct dcl *d)
{
    struct dcl *last = list;

    while (last->next)
        last = last->next;
    last->next = d;
    return list;
}

static struct dcl *with_callconv(struct dcl *d, const char *conv)
{
    struct type *t;

    for (t = d->outer; t; t = t->ref)
        if (t->kind == T_FUNC)
            t->callconv = conv[0] == '_' && conv[1] == '_' ? conv : mem_print("__%s", conv + strspn(conv, "_"));
    return d;
}

static const char *friendly(const char *name)
{
    static const struct { const char *from, *to; } map[] = {
        {"IDENT", "a name"}, {"TYPENAME", "a type name"}, {"INTEGER", "a number"}, {"FLOATNUM", "a number"},
        {"STRING", "a string"}, {"CHARACTER", "a character"}, {"UUID", "a UUID"}, {"end of file", "the end of the file"},
    };
    size_t i;

    for (i = 0; i < sizeof(map) / sizeof(*map); i++)
        if (!strcmp(map[i].from, name))
            return map[i].to;
    if (!strncmp(name, "KW_", 3)) {
        char *low = mem_print("'%s'", name + 3), *p;

        for (p = low; *p; p++)
            *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        return low;
    }
    return name;
}

static bool expects_type(const yypcontext_t *ctx)
{
    yysymbol_kind_t all[YYNTOKENS];
    int n = yypcontext_expected_tokens(ctx, all, YYNTOKENS), i;

    for (i = 0; i < n; i++)
        if (all[i] == YYSYMBOL_TYPENAME)
            return true;
    return false;
}

/* MIDL2025 is MIDL's "syntax error"; what would have fitted is named when there are few choices. */
static int yyreport_syntax_error(const yypcontext_t *ctx)
{
    yysymbol_kind_t expected[5];
    yysymbol_kind_t got = yypcontext_token(ctx);
    int n = yypcontext_expected_tokens(ctx, expected, 5), i;
    struct text t = {0};

    text_add(&t, "syntax error");
    if (got == YYSYMBOL_IDENT && (n <= 0 || n > 4) && expects_type(ctx)) {
        text_add(&t, ": expecting a type specification");
    } else if (n > 0 && n <= 4) {
        text_add(&t, ": expecting ");
        for (i = 0; i < n; i++)
            text_add(&t, "%s%s", i ? " or " : "", friendly(yysymbol_name(expected[i])));
    }
    if (got == YYSYMBOL_YYEOF)
        text_add(&t, " at the end of the file");
    else if (got != YYSYMBOL_YYEMPTY)
        text_add(&t, " near '%s'", lex_text());
    error_at(lex_loc, 2025, "%s", t.data);
    return 0;
}

static void idl_error(const char *msg)
{
    error_at(lex_loc, 2025, "%s", msg);
}

bool parse_idl(struct source *src, const char *path)
{
    lex_start(src, path);
    return idl_parse() == 0;
}
