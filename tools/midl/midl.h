/* The IDL compiler: what its passes share.
 *
 *   source.c → idl.l/idl.y (+ build.c) → syntax tree → acf.c adds the ACF's attributes → check.c
 *   → lower.c: the wire model (wire.h), which knows memory layout but no format string
 *   → tfs*.c/pfs.c: NDR 2.0 format strings → header.c, client.c, server.c: C text.
 *
 * Everything is allocated from one arena and lives until the process ends; names are interned, so equal
 * names are equal pointers. */
#ifndef MIDL_H
#define MIDL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct loc {
    const char *file;
    int line, column;
};

/* mem.c */
void *mem_alloc(size_t size); /* zeroed; ends the program when memory is gone */
void *mem_extend(void *old, size_t old_size, size_t new_size); /* a larger copy; the old one stays */
void mem_reset(void); /* frees all; every module must be reset with it */
char *mem_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *intern(const char *text, size_t len);
const char *intern_z(const char *text);

struct text { /* growing output text */
    char *data;
    size_t len, cap;
};
void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_write(struct text *t, const void *data, size_t len);

/* diag.c: errors go to stderr at once; `diag_errors` says how many. */
extern int diag_errors, diag_syntax_errors; /* the second: the tree is not whole */
extern int diag_warning_level;
extern bool diag_warnings_fatal;
extern bool diag_quiet; /* counts only (the fuzzer) */
void error_at(struct loc loc, int number, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void warn_at(struct loc loc, int level, int number, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void warn_cmdline(int number, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void error_cmdline(int number, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* source.c */
struct source {
    char *text; /* preprocessed, with line markers */
    size_t len;
};
bool source_load(const char *path, struct source *out);           /* false: reported */
const char *source_find(const char *name, const char *from_file); /* by -I; NULL when nowhere */
const char *source_line(const char *file, int line, size_t *len); /* NULL when not readable */

/* ---- syntax tree ---- */

enum base {
    B_VOID,
    B_BYTE,
    B_BOOLEAN,
    B_CHAR,
    B_UCHAR,
    B_SMALL,
    B_USMALL,
    B_WCHAR,
    B_SHORT,
    B_USHORT,
    B_LONG,
    B_ULONG,
    B_HYPER,
    B_UHYPER,
    B_INT3264,
    B_UINT3264,
    B_FLOAT,
    B_DOUBLE,
    B_ERROR_STATUS,
    B_HANDLE,
};

enum attr_id {
    A_NONE,
#define ATTR(id, name, where) A_##id,
#include "attrs.def"
#undef ATTR
    A_COUNT
};

/* Where an attribute may stand. */
enum { ON_INTERFACE = 1, ON_TYPE = 2, ON_FIELD = 4, ON_PARAM = 8, ON_PROC = 16, ON_ACF = 32, ON_COM = 64 };

struct arg {
    struct arg *next;
    struct expr *expr; /* or */
    struct type *type; /* a type, perhaps with a name after it */
    const char *name;  /* the name after a type; a bare identifier; the text of a version or uuid */
    struct loc loc;
};

struct attr {
    struct attr *next;
    enum attr_id id;
    const char *name;
    struct arg *args;
    struct loc loc;
};

enum expr_kind {
    E_INT,
    E_FLOAT,
    E_STRING,
    E_WSTRING,
    E_CHAR,
    E_WCHAR,
    E_NAME,
    E_UNARY,
    E_BINARY,
    E_COND,
    E_CAST,
    E_SIZEOF,
    E_BOOL,
    E_NULL,
    E_MEMBER
};

struct expr {
    enum expr_kind kind;
    int op; /* the character, or 'L','R' shifts, 'l','g' (<=,>=), 'e','n' (==,!=), '&&' as 'A', '||' as 'O';
               for E_MEMBER '.' or '>' */
    int64_t value;
    bool is_unsigned;
    const char *text; /* as written: names, strings, floats */
    struct expr *a, *b, *c;
    struct type *type; /* casts, sizeof */
    struct loc loc;
};

enum type_kind {
    T_BASE,
    T_ALIAS,
    T_QUAL,
    T_POINTER,
    T_ARRAY,
    T_ENUM,
    T_STRUCT,
    T_UNION,
    T_ENCAPSULATED,
    T_FUNC,
    T_PIPE,
    T_INTERFACE,
    T_ERROR
};

enum { QUAL_CONST = 1, QUAL_VOLATILE = 2 };

struct type {
    enum type_kind kind;
    enum base base;
    unsigned quals;           /* T_QUAL */
    const char *name;         /* tag or typedef name; how a base type is written in C */
    struct type *ref;         /* aliased, pointed to, element, result */
    struct attr *attrs;       /* of a typedef, or of a tagged definition */
    struct expr *dim;         /* T_ARRAY: upper bound; NULL: conformant */
    struct expr *lower;       /* T_ARRAY: lower bound as [l..u] */
    struct var *members;      /* fields, enumerators, parameters */
    struct type *switch_type; /* T_ENCAPSULATED */
    const char *switch_name, *union_name;
    const char *known_as; /* a typedef for it, where it has no tag */
    const char *callconv; /* T_FUNC */
    const char *ellipsis; /* T_FUNC: set when "..." ended the parameters */
    bool complete, visited, imported, printed;
    int pack;
    struct loc loc;
    struct wire *wire; /* lower.c's memo for named types */
};

struct var { /* field, parameter, enumerator, constant, declared name */
    struct var *next;
    const char *name;
    struct type *type;
    struct attr *attrs;
    struct expr *init; /* constants and enumerators */
    int64_t value;     /* enumerators */
    struct expr *bits; /* a bit field, which is refused */
    bool empty;        /* an empty union arm */
    bool limits;       /* a count whose [range] stands in correlation descriptors */
    struct loc loc;
    struct wire *wire;
    unsigned offset; /* fields: in memory; parameters: on the stack */
    int index;
};

enum def_kind {
    D_TYPEDEF,
    D_TYPE,
    D_CONST,
    D_PROC,
    D_CPP_QUOTE,
    D_INTERFACE,
    D_FORWARD,
    D_IMPORT,
    D_EXTERN,
    D_PRAGMA
};

struct def {
    struct def *next;
    enum def_kind kind;
    struct var *vars;  /* the names a typedef gives; the constant; the procedure */
    struct type *type; /* the type as written before the declarators */
    struct interface *iface;
    const char *text; /* cpp_quote, import */
    struct loc loc;
    bool imported;
};

struct proc {
    struct proc *next;
    struct var *decl;
    struct type *func;
    struct attr *attrs;
    int opnum; /* or the callback's number */
    bool callback, local, async;
    enum { WHOLE, BEGIN_HALF, FINISH_HALF } half; /* of a method split in two by [async_uuid] */
    struct proc *begin;                           /* of a FINISH_HALF: its BEGIN_HALF */
    struct proc *whole;                           /* of a half */
    struct proc *shown;  /* of a method with [call_as]: the [local] one that programs see */
    struct proc *remote; /* of that one: the method with [call_as], which has its place */
    struct interface *iface;
    struct wire_proc *wire;
};

struct interface {
    struct interface *next;
    const char *name;
    struct attr *attrs;
    struct interface *base;
    struct def *defs, **last_def;
    struct proc *procs, **last_proc;
    bool imported, object, local, forward_only;
    bool com;                /* an object interface that is compiled here: com.c */
    struct interface *async; /* made by its [async_uuid] */
    bool is_async;           /* was made so */
    struct attr *acf_attrs;
    struct loc loc;
};

struct unit { /* one compilation */
    const char *idl_path;
    struct text acf_includes; /* before all else in the header: types of [represent_as] come from there */
    struct def *defs, **last_def;
    struct interface *interfaces, **last_interface;
};
extern struct unit unit;

/* attr.c */
enum attr_id attr_lookup(const char *name);
unsigned attr_where(enum attr_id id);
struct attr *attr_find(struct attr *list, enum attr_id id);
struct attr *attr_append(struct attr *a, struct attr *b);
struct arg *attr_arg(struct attr *a, int n);

/* build.c: the parser's actions */
struct dcl { /* a declarator while it is read: modifiers from the name outwards */
    const char *name;
    struct loc loc;
    struct type *outer, **tail; /* pointer, array and function nodes; *tail takes the base type */
    struct expr *init, *bits;
    struct dcl *next;
};
struct specs { /* declaration specifiers */
    struct type *type;
    bool is_typedef, is_extern;
};
/* Each module's state back to the beginning, for a second compilation in one process (the fuzzer). */
void build_reset(void);
void source_reset(void);
void lex_reset(void);
void diag_reset(void);
struct type *type_new(enum type_kind kind, struct loc loc);
struct type *type_base(enum base base, const char *c_name);
struct type *type_qual(struct type *t, unsigned quals);
struct type *type_named(const char *name); /* a typedef in scope, or NULL */
struct type *type_tag(enum type_kind kind, const char *tag, struct loc loc);
struct type *type_define_tag(enum type_kind kind, const char *tag, struct loc loc);
void type_declare(const char *name, struct type *t);
struct dcl *dcl_name(const char *name, struct loc loc);
struct dcl *dcl_wrap(struct dcl *d, struct type *modifier);
struct type *dcl_type(struct dcl *d, struct type *base);
struct var *var_new(const char *name, struct type *type, struct attr *attrs, struct loc loc);
struct var *vars_from(struct type *base, struct attr *attrs, struct dcl *list);
struct var *var_append(struct var *list, struct var *more);
void enum_finish(struct type *t, struct var *list);
void define_typedef(struct attr *attrs, struct type *base, struct dcl *list, struct loc loc);
void define_decl(struct attr *attrs, struct type *base, struct dcl *list, bool is_extern, struct loc loc);
void define_text(enum def_kind kind, const char *text, struct loc loc);
struct var *const_lookup(const char *name);
void interface_begin(struct attr *attrs, const char *name, const char *base, struct loc loc);
void interface_end(void);
void interface_forward(const char *name, struct loc loc);
struct interface *interface_find(const char *name);
void import_files(const char *name, struct loc loc);

/* expr.c */
struct expr *expr_new(enum expr_kind kind, struct loc loc);
struct expr *expr_op(int op, struct expr *a, struct expr *b, struct loc loc);
bool expr_const(const struct expr *e, int64_t *value); /* false: not an integer constant */
void expr_print(struct text *t, const struct expr *e);

/* types.c: questions about syntax-tree types */
struct type *type_strip(struct type *t);                 /* past typedef names and qualifiers */
struct type *type_unqual(struct type *t);                /* past qualifiers only */
struct attr *type_attr(struct type *t, enum attr_id id); /* on the type itself or a typedef it is known by */
unsigned type_size(struct type *t);                      /* memory, for the target; 0 for conformant */
unsigned type_align(struct type *t);
bool type_is_void(struct type *t);
void print_decl(struct text *t, struct type *type, const char *name, bool bodies, int indent);
void print_type_name(struct text *t, struct type *type);

/* lexer and parser */
int lex_push(const char *path, struct loc from); /* an import: 0 when it cannot be read (reported) */
void lex_start(struct source *src, const char *path);
extern int lex_depth;                                 /* > 0 while inside an imported file */
bool parse_idl(struct source *src, const char *path); /* false: an error was reported */
void acf_apply(struct source *src, const char *path); /* adds the ACF's attributes */

/* check.c */
void check_unit(void);

/* com.c: finds the COM interfaces that are compiled here, checks them and makes the asynchronous ones */
void com_split(void);

/* options.c */
struct options {
    const char *idl, *acf, *out_dir;
    const char *header, *client_file, *server_file, *proxy_file, *iid_file, *dlldata;
    const char *cpp_cmd, *cpp_opt;
    const char *prefix_client, *prefix_server, *prefix_switch, *prefix_all;
    char **cpp_args; /* -I -D -U in order, for the preprocessor */
    int n_cpp_args;
    char **includes;
    int n_includes;
    bool win64, robust, robust_asked, no_cpp, oldnames, make_client, make_server, make_header, syntax_only,
        use_epv;
    bool no_default_epv, mixed, rpcss, nologo, app_config, ms_union, osf, lp_ms_ext, no_def_idir;
    const char *char_option; /* signed, unsigned, ascii7 */
    int pack;
    int target; /* 60: NT60 and higher add ranges to correlation descriptors; 0: nothing was said */
    const char *stem, *header_name; /* of the outputs */
};
extern struct options opt;
bool options_parse(int argc, char **argv);

/* generators; each fills a text */
void make_header(struct text *out);
void make_client(struct text *out);
void make_server(struct text *out);

#endif
