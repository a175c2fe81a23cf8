/* Between lower*.c: the state while one declaration is made into its wire model. */
#ifndef MIDL_LOWER_H
#define MIDL_LOWER_H

#include "wire.h"

struct lower {
    struct interface *iface;
    const char *name;  /* of the parameter or field, for messages */
    const char *alias; /* the typedef that made it a context handle */
    struct loc loc;
    struct var *scope; /* the parameters, or the fields of the structure */
    struct var *self;  /* the one being lowered */
    bool scope_is_params;
    struct type *record; /* the structure, when scope is its fields */
    struct proc *proc;
    bool top; /* at a parameter's outermost pointer */
    bool under_pointer, out_only, in_struct, in_array, nested_dim, no_handle;
    int level; /* of pointer or array, for size_is(a, b, …) */
};

struct wire *wire_new(enum wire_kind kind, struct type *ctype, struct loc loc);
struct wire *lower_inner(struct lower *c, struct type *t, struct attr *attrs);
struct wire *lower_record(struct lower *c, struct type *named, struct type *t);
struct wire *lower_union(struct lower *c, struct type *named, struct type *t, struct attr *attrs);
struct corr lower_corr(struct lower *c, struct expr *e);
void corr_range(struct lower *c, struct corr *r, struct attr *attrs); /* of the conformant data itself */
struct corr corr_with_first(struct lower *c, struct expr *length, struct expr *first);

#endif
