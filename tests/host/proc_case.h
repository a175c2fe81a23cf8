/*
 * An interface of a few procedures for the tests and the fuzzer of the interpreters, with format strings in
 * the shapes that MIDL gives them for x86_64 (-Oicf -robust), and managers that do what the tests expect.
 */
#ifndef HOST_PROC_CASE_H
#define HOST_PROC_CASE_H

#include "channel.h"

enum {
    PROC_BASE,   /* hyper base(handle_t h, byte a, short b, [in,out] long *c, [out] hyper *d) */
    PROC_STRING, /* void string(handle_t h, [in,string] wchar_t *s, long n, [in,size_is(n)] long *v, [out]
                    long *sum) */
    PROC_OUTS,   /* long outs(handle_t h, long n, [out,size_is(n)] long *v, [out,string] char **s) */
    PROC_LIST,   /* void list(handle_t h, [in,out] struct node *head) */
    PROC_PIPE,   /* void pipe(handle_t h, [in] pipe long *p, [out] long *sum) */
    PROC_COUNT,
};

struct proc_node {
    int value;
    struct proc_node *next;
};

void proc_case_open(void);
/* What the managers raise, 0: nothing. */
extern ULONG proc_raises;
/* What the manager of PROC_BASE calls last, NULL: nothing. */
extern void (*proc_ends)(void);

#endif
