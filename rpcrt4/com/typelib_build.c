/*
 * What a description is made with: strings that grow, and type descriptions that stay until the end. One
 * thread; no lock.
 */
#include "typelib.h"

enum { OFFSET_LIMIT = 0x7fff }; /* of what a format string can point at */

void tlb_fail(struct tlb_build *build, HRESULT result)
{
    if (SUCCEEDED(build->result))
        build->result = result;
}

void tlb_octet(struct tlb_build *build, struct tlb_string *string, unsigned char octet)
{
    unsigned int capacity = string->capacity ? 2 * string->capacity : 512;
    unsigned char *octets;

    if (string->size == string->capacity) {
        octets = capacity > OFFSET_LIMIT + 1 ? NULL : os_realloc(string->octets, capacity);
        if (!octets) {
            tlb_fail(build, E_OUTOFMEMORY);
            return;
        }
        string->octets = octets;
        string->capacity = capacity;
    }
    string->octets[string->size++] = octet;
}

void tlb_short(struct tlb_build *build, struct tlb_string *string, unsigned int value)
{
    tlb_octet(build, string, value & 0xff);
    tlb_octet(build, string, value >> 8 & 0xff);
}

void tlb_ulong(struct tlb_build *build, struct tlb_string *string, ULONG value)
{
    tlb_short(build, string, value & 0xffff);
    tlb_short(build, string, value >> 16);
}

TYPEATTR *tlb_hold(struct tlb_build *build, ITypeInfo *info)
{
    unsigned int capacity = build->held_capacity ? 2 * build->held_capacity : 16;
    struct tlb_held *held = build->held;
    TYPEATTR *attr;
    HRESULT result;

    if (build->held_count == build->held_capacity) {
        held = os_realloc(held, capacity * sizeof(*held));
        if (!held) {
            ITypeInfo_Release(info);
            tlb_fail(build, E_OUTOFMEMORY);
            return NULL;
        }
        build->held = held;
        build->held_capacity = capacity;
    }
    result = ITypeInfo_GetTypeAttr(info, &attr);
    if (FAILED(result)) {
        tlb_fail(build, result);
        attr = NULL;
    }
    held[build->held_count++] = (struct tlb_held){info, attr};
    return attr;
}

void tlb_build_end(struct tlb_build *build)
{
    while (build->held_count) {
        struct tlb_held *held = &build->held[--build->held_count];

        if (held->attr)
            ITypeInfo_ReleaseTypeAttr(held->info, held->attr);
        ITypeInfo_Release(held->info);
    }
    os_free(build->held);
    os_free(build->types.octets);
    os_free(build->procs.octets);
}

struct tlb_type tlb_resolve(struct tlb_build *build, ITypeInfo *info, const TYPEDESC *type)
{
    static const TYPEDESC none = {.vt = VT_EMPTY};
    struct tlb_type resolved = {info, type, NULL, NULL};
    HRESULT result;

    while (resolved.type->vt == VT_USERDEFINED) {
        result = ITypeInfo_GetRefTypeInfo(resolved.info, resolved.type->hreftype, &resolved.user);
        if (FAILED(result)) {
            tlb_fail(build, result);
            resolved.type = &none;
            break;
        }
        resolved.attr = tlb_hold(build, resolved.user);
        if (!resolved.attr) {
            resolved.type = &none;
            break;
        }
        if (resolved.attr->typekind != TKIND_ALIAS)
            return resolved;
        resolved.info = resolved.user;
        resolved.type = &resolved.attr->tdescAlias;
    }
    resolved.user = NULL;
    resolved.attr = NULL;
    return resolved;
}

struct tlb_type tlb_pointee(struct tlb_build *build, const struct tlb_type *pointer)
{
    return tlb_resolve(build, pointer->info, pointer->type->lptdesc);
}
