/* The wire model: what a declaration means for marshalling, with every attribute applied to the pointer or
 * array it belongs to. lower.c makes it from the syntax tree, the format-string writers read it; it knows
 * sizes and offsets in memory, and nothing of how a format string is written. */
#ifndef MIDL_WIRE_H
#define MIDL_WIRE_H

#include "midl.h"

enum wire_kind {
    W_BASE,
    W_ENUM16,
    W_RANGE, /* ref: the integer */
    W_POINTER,
    W_ARRAY,
    W_STRING, /* an array of characters that ends with a zero */
    W_STRUCT,
    W_UNION, /* non-encapsulated */
    W_ENCAPSULATED,
    W_CONTEXT,
    W_HANDLE,  /* handle_t: never on the wire */
    W_GENERIC, /* a user's [handle] type: marshalled as `ref`, and a binding */
    W_INTERFACE,
    W_XMIT, /* transmit_as, represent_as: `ref` is on the wire */
    W_USER, /* user_marshal, wire_marshal */
    W_PIPE,
    W_BYTE_COUNT,
    W_IGNORED, /* [ignore] pointer */
};

enum pointer_kind { PTR_REF, PTR_UNIQUE, PTR_FULL };
enum corr_kind { CORR_NONE, CORR_CONST, CORR_VAR, CORR_EVAL };

/* size_is, length_is, switch_is, iid_is: where a count or a discriminant comes from. */
struct corr {
    enum corr_kind kind;
    int64_t value;
    struct var *var;  /* the field or parameter */
    struct var *self; /* the field or parameter that is described */
    bool in_params;   /* `var` is a parameter, else a field of the same structure */
    bool pointer;     /* described is what a pointer field points to */
    int op;           /* 0, '@' dereference, '/' and '*' by two, '+' and '-' by one */
    int eval;         /* CORR_EVAL: index of the routine */
    bool split;       /* `var` is a parameter of Begin_X, `self` one of Finish_X */
    bool ranged;      /* [range] on the variable or on the conformant data */
    int64_t low, high;
    struct expr *expr;
};

struct wire {
    enum wire_kind kind;
    enum base base;       /* W_BASE; the switch of a union; the integer of W_RANGE */
    struct type *ctype;   /* the C type */
    struct wire *ref;     /* pointee, element, transmitted */
    unsigned size, align; /* in memory */
    struct loc loc;

    enum pointer_kind ptr;
    bool alloc_all, alloc_dont_free;
    bool switch_enum16; /* the discriminant is a 16-bit enum */
    bool ms_union;      /* W_UNION: arms aligned as MIDL 1.0 did */

    unsigned count; /* W_ARRAY, W_STRING: elements, when not conformant */
    bool conformant, varying;
    struct corr length_of, size_of, first_of; /* arrays; size_of is also the union's switch and the iid */
    bool nested_dim;                          /* not the outermost sized dimension */

    struct var *members; /* structures, unions */
    struct type *record;
    unsigned switch_offset; /* W_ENCAPSULATED: bytes from the switch to the union */
    int64_t low, high;      /* W_RANGE */

    bool via_pointer, ctx_strict, ctx_serialize, ctx_noserialize; /* W_CONTEXT */
    const char *unknown; /* W_XMIT, W_USER: the presented type, which the IDL file does not know */
    int index;           /* rundown, xmit, user marshal, generic handle table */

    int fmt;      /* format-string writer's: offset + 1, or 0 */
    int fmt2;     /* a union's arms */
    bool busy;    /* a question is walking through it */
    bool writing; /* its description waits for those it points to */
};

struct wire_param {
    struct wire_param *next;
    const char *name;
    struct var *var;
    struct wire *wire;
    bool in, out, ret, is_handle, binds, partial_ignore, async_state, added, by_reference;
    unsigned offset, size; /* on the stack */

    /* Its descriptor, which pfs.c makes. */
    bool described, is_base;
    int flags;    /* PARAM_… */
    int fc, type; /* a base type's format character, or the offset of its description */
};

enum { /* Source: SDK, "Parameter Descriptors" */
       PARAM_MUST_SIZE = 1,
       PARAM_MUST_FREE = 2,
       PARAM_IS_PIPE = 4,
       PARAM_IS_IN = 8,
       PARAM_IS_OUT = 0x10,
       PARAM_IS_RETURN = 0x20,
       PARAM_IS_BASE = 0x40,
       PARAM_BY_VALUE = 0x80,
       PARAM_SIMPLE_REF = 0x100,
       PARAM_ALLOC_SHIFT = 13 /* the server's stack space for it, in units of eight octets */
};

struct wire_proc {
    struct wire_param *params; /* all, in order; the result last */
    struct wire_param *ret;
    struct wire_param *handle; /* explicit binding, or NULL */
    unsigned stack_size;
    uint32_t rpc_flags;
    bool full_ptrs, has_pipes, alloc_used, encode, decode, notify, notify_flag;
    bool comm_fault;
    int comm_offset, fault_offset;
    const char *callout;               /* [binding_callout] */
    bool mixed;                        /* -Os: its stubs marshal by themselves (os_*.c) */
    unsigned client_size, server_size; /* octets of what is of fixed size */
    int descriptors, n_descriptors;    /* where they begin in the format string, how many */
    int fmt;                           /* offset of its format string */
    unsigned index;                    /* in this interface, callbacks apart */
};

/* Tables that stubs and format strings share by index; filled while lowering. */
struct table {
    const char **names;
    int n;
};
int table_index(struct table *t, const char *name); /* adds when new */

extern struct table rundown_table; /* routine names, "0" for none */
extern struct table generic_table; /* handle type names */

struct xmit_entry {
    struct type *type;      /* presented */
    struct type *wire_type; /* transmitted */
    const char *name;       /* base of the routine names */
    bool represent;
};
extern struct xmit_entry *xmit_table;
extern int n_xmit;
extern struct xmit_entry *user_table;
extern int n_user;

struct eval_entry { /* an expression evaluation routine */
    struct corr *corr;
    const char *name;
    struct type *record; /* fields are found in it, or NULL: in the stack */
    struct wire_proc *proc;
    struct proc *owner;
    int kind;   /* 's' size, 'l' length, 'f' first, 'w' switch */
    int offset; /* of the array in the record, when relative */
    struct expr *first, *expr;
    bool pointer;
};
extern struct eval_entry *eval_table;
extern int n_eval;

/* lower.c */
void lower_interface(struct interface *iface);
struct wire *lower_type(struct type *t, struct interface *iface); /* for [encode] types */
bool proc_is_remote(struct proc *p);

/* wireq.c: classification by the rules of the SDK's format-string pages */
bool wire_has_pointers(struct wire *w);
bool wire_is_complex(struct wire *w); /* cannot be block-copied */
bool wire_is_conformant(struct wire *w);
bool wire_is_fixed_size(struct wire *w, unsigned *bound); /* bound: what a buffer needs, aligned */
unsigned wire_align(struct wire *w);                      /* in the buffer */
bool wire_transmit_size(struct wire *w, unsigned *size);  /* in the buffer; false where it varies */
bool wire_has_correlation(struct wire *w);
bool wire_has_full_pointer(struct wire *w);
enum base wire_base_of(struct type *t); /* the integer a discriminant or count is read as */

/* fmt.c: a format string while it is written */
struct fmt {
    unsigned char *data;
    int len, cap;
    struct text listing;
    int listed;
};
void fmt_byte(struct fmt *f, int value, const char *comment);
void fmt_bytes2(struct fmt *f, int a, int b, const char *comment);
void fmt_short(struct fmt *f, int value, const char *comment);
void fmt_sizeof(struct fmt *f, const char *type); /* two octets that the C compiler knows */
void fmt_long(struct fmt *f, uint32_t value, const char *comment);
void fmt_patch(struct fmt *f, int at, int value);
void fmt_note(struct fmt *f, const char *note); /* a line of its own in the listing */
void fmt_print(struct fmt *f, struct text *out);
const char *fc_name(int fc);
int fc_base(enum base b);

extern struct fmt type_fmt, proc_fmt;

void fmt_reset(void);
void lower_reset(void);
void tfs_reset(void);

/* compile.c: from source text to the three output texts; errors are counted in diag_errors. */
struct outputs {
    struct text header, client, server, proxy, iids, dlldata;
};
void compile_reset(void);
void compile(struct source *idl, struct source *acf, const char *acf_path, struct outputs *out);

/* tfs.c: type format strings. Each gives the offset of the description, written on first need. */
void tfs_begin(void);
void tfs_end(void); /* settles forward references */
int tfs_type(struct wire *w);
int tfs_pointer(struct wire *w, int extra_flags);
void tfs_corr(struct corr *c, struct wire *w);
bool wire_is_simple(struct wire *w, int *fc); /* described by one format character */

/* pfs.c */
void pfs_interface(struct interface *iface);
int notify_index(struct proc *p); /* in the table of notify routines */

/* stub.c: what the client's and the server's file share */
void stub_begin(struct text *out, const char *what, const char *header);
void stub_formats(struct text *out, bool procedures);
const char *unit_name(void); /* the IDL file's base name as an identifier */
const char *iface_ident(struct interface *i, bool server);
const char *iface_version_name(struct interface *i); /* NAME_v1_0 */
void stub_desc(struct text *out, struct interface *i, bool server);
void stub_syntax_ids(struct text *out, struct interface *i);
bool iface_has_stubs(struct interface *i);
bool iface_has_callbacks(struct interface *i);
struct proc **iface_operations(struct interface *i, int *n);
bool iface_has_pipes(struct interface *i);
bool has_rundowns(void);
bool comm_table(struct interface *i);
int notify_count(struct interface *i);
void stub_endpoints(struct text *out, struct interface *i);
void stub_epv(struct text *out, struct interface *i);
void stub_tables(struct text *out, bool server);
void stub_interface_tables(struct text *out, struct interface *i, bool server);
void stub_eval(struct text *out);
void header_routines(struct text *out);
void stub_pickling(struct text *out, struct interface *i); /* pickle.c */
void header_pickling(struct text *out, struct interface *i);
void lower_pickled(struct interface *i);
void tfs_pickled(struct interface *i);
bool pickles(struct proc *p);
void stub_interface_tail(struct text *out, struct interface *i, bool server);
void dispatch_tables(struct text *out, struct interface *i, bool server);
void client_procedure(struct text *out, struct proc *p, const char *prefix);
void client_body(struct text *out, struct proc *p); /* of interpreted ones */
void mixed_client(struct text *t, struct proc *p);  /* os_client.c: the function's body */
bool mixed_answers(struct wire_proc *wp);           /* whether anything comes back */
void mixed_server(struct text *t, struct interface *i, struct proc *p,
                  const char *prefix);                    /* os_server.c: the whole function */
void stack_members(struct text *t, struct wire_proc *wp); /* eval.c */
void eval_print(struct text *t, struct expr *e, struct var *scope);
void header_definitions(struct text *out, struct def *d, struct interface *in);
bool com_any(void); /* whether there are COM interfaces to be written */
bool com_here(struct interface *i);
bool com_marshalled(struct interface *i); /* of those, one with proxies and stubs */
bool com_any_marshalled(void);
/* IUnknown's apart, the base interfaces' first; where there is a [call_as], the remote one. */
int com_methods(struct interface *i, struct proc ***all);
struct proc *com_shown(struct proc *p);                 /* the method as programs see it */
bool com_described(struct interface *i);                /* itself, or one that derives from it, is written */
void com_header(struct text *out, struct interface *i); /* com_header.c */
void com_forwards(struct text *out);
void com_prototype(struct text *out, struct proc *p,
                   const char *name); /* as a function; name: with what is before it */
void com_call_as_header(struct text *out, struct interface *i); /* com_call_as.c */
void com_call_as_routines(struct text *out, struct interface *i);
const char *com_thunk(struct proc *p); /* the name of its thunk, or NULL */
bool com_has_thunks(struct interface *i);
void make_proxy(struct text *out); /* com_proxy.c */
void make_iids(struct text *out);
void make_dlldata(struct text *out);
void iface_version(struct interface *i, int *major, int *minor);
const char *iface_uuid(struct interface *i); /* as an initialiser */
void print_prototype(struct text *out, struct proc *p, const char *prefix);
void print_pointer_prototype(struct text *out, struct proc *p, const char *name);
void print_typedef(struct text *t, struct var *vars);

#endif
