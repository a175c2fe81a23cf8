/*
 * Proxies and stubs out of a type library: what its files share. A description holds format strings and
 * vtables that were made from an ITypeInfo.
 */
#ifndef RPCRT4_COM_TYPELIB_H
#define RPCRT4_COM_TYPELIB_H

#include "com.h"
#include "../ndr/proc.h"
#include <oaidl.h>

struct tlb_string {
    unsigned char *octets;
    unsigned int size, capacity;
};

/* What is there while a description is made, on one thread. The first failure stays in result, and what is
 * appended after it means nothing. */
struct tlb_build {
    struct tlb_string types, procs;
    struct tlb_held {
        ITypeInfo *info;
        TYPEATTR *attr; /* or NULL */
    } * held;           /* given back at the end */
    unsigned int held_count, held_capacity;
    unsigned int depth; /* of structures in structures */
    HRESULT result;
};

/* ---- typelib_build.c */

void tlb_fail(struct tlb_build *build, HRESULT result);
void tlb_octet(struct tlb_build *build, struct tlb_string *string, unsigned char octet);
void tlb_short(struct tlb_build *build, struct tlb_string *string, unsigned int value);
void tlb_ulong(struct tlb_build *build, struct tlb_string *string, ULONG value);
/* Takes the reference to info. Gives its attributes, which live as long as build, or NULL. */
TYPEATTR *tlb_hold(struct tlb_build *build, ITypeInfo *info);
void tlb_build_end(struct tlb_build *build);

/* A type with aliases replaced by what they stand for. */
struct tlb_type {
    ITypeInfo *info; /* that the reference types in type refer to */
    const TYPEDESC *type;
    ITypeInfo *user; /* a user-defined type, with its attributes; else NULL */
    const TYPEATTR *attr;
};
struct tlb_type tlb_resolve(struct tlb_build *build, ITypeInfo *info, const TYPEDESC *type);
/* What a VT_PTR points to. */
struct tlb_type tlb_pointee(struct tlb_build *build, const struct tlb_type *pointer);

/* ---- typelib_type.c */

/* In the order of the table: what the descriptions of BSTR, VARIANT and SAFEARRAY index. */
enum tlb_user { TLB_BSTR, TLB_VARIANT, TLB_SAFEARRAY, TLB_USERS };
/* NULL where oleaut32 cannot be loaded. */
const USER_MARSHAL_ROUTINE_QUADRUPLE *tlb_user_marshal(void);

/* The format character of a base type, else FC_ZERO. */
unsigned char tlb_base(const struct tlb_type *type);
/* An interface pointer: VT_UNKNOWN, VT_DISPATCH, a pointer to an interface. */
BOOL tlb_is_interface(struct tlb_build *build, const struct tlb_type *type);
BOOL tlb_is_pointer(const struct tlb_type *type);
/* Octets in memory. */
ULONG tlb_size(struct tlb_build *build, const struct tlb_type *type);
/* Appends the description of a type that is no base type, and gives where it begins. */
LONG tlb_describe(struct tlb_build *build, const struct tlb_type *type);
/* The same of a pointer, code FC_RP or FC_UP, to the type. */
LONG tlb_describe_pointer(struct tlb_build *build, const struct tlb_type *pointee, unsigned char code);

/* ---- typelib_proc.c */

/* Appends method number's procedure format string, and its types. */
void tlb_describe_method(struct tlb_build *build, ITypeInfo *info, const FUNCDESC *function,
                         unsigned int number);

#endif
