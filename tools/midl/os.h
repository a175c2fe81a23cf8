/* Between os_*.c: how a parameter is marshalled by a -Os stub. */
#ifndef MIDL_OS_H
#define MIDL_OS_H

#include "wire.h"

enum os_kind {
    OS_NONE, /* not on the wire: a binding handle */
    OS_BASE,
    OS_BASE_REF, /* a reference to a base type */
    OS_CONTEXT,
    OS_VALUE,  /* a structure, union, range or presented type by value */
    OS_POINTER /* pointers, arrays, strings, interface pointers */
};

enum os_kind os_kind(struct wire_param *p);
struct wire *os_wire(struct wire_param *p);        /* behind a generic handle */
const char *os_pointee_type(struct wire_param *p); /* C text, "" where there is none */
const char *os_type(struct type *t);               /* C text without const at its end */
bool os_conformant(struct wire_param *p);          /* the size of its memory is not known beforehand */
bool os_is_pointer_format(struct wire_param *p);   /* described as a pointer, so that freeing frees all */

/* Each prints the statements for one parameter; `value` is an lvalue, `at` a pointer to the memory. */
void os_simple_marshal(struct text *t, int fc, const char *value);
void os_simple_unmarshal(struct text *t, int fc, const char *value);
void os_size(struct text *t, struct wire_param *p, const char *at);
void os_marshal(struct text *t, struct wire_param *p, const char *at);
void os_unmarshal(struct text *t, struct wire_param *p, const char *slot);
void os_free(struct text *t, struct wire_param *p, const char *at);
void os_convert(struct text *t, struct wire_proc *wp);
void os_begin(struct text *t, struct proc *p, bool client);
void os_end(struct text *t, struct proc *p, bool client);
void os_frame(struct text *t, struct wire_proc *wp); /* the arguments, as they lie on the stack */
void os_frame_end(struct text *t);

#endif
