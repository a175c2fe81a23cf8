/*
 * Type format strings out of type descriptions (SDK: "Type Format Strings" for the former, "ITypeInfo" and
 * TYPEDESC for the latter). Called while a description is made, on one thread; no lock.
 *
 * BSTR, VARIANT and SAFEARRAY marshal themselves through oleaut32's exported routines, as in what MIDL makes.
 * Their wire types are not described, for only a foreign data representation would ask; it is refused.
 */
#include "typelib.h"

enum { MAX_DEPTH = 32, USER_UNIQUE = 0x83 }; /* a unique pointer, aligned to 4 */

const USER_MARSHAL_ROUTINE_QUADRUPLE *tlb_user_marshal(void)
{
    static const char *const types[TLB_USERS] = {"BSTR", "VARIANT", "LPSAFEARRAY"};
    static const char *const parts[] = {"_UserSize", "_UserMarshal", "_UserUnmarshal", "_UserFree"};
    static USER_MARSHAL_ROUTINE_QUADRUPLE table[TLB_USERS];
    static LONG ready;
    FARPROC *entry = (FARPROC *)table;
    HMODULE module;
    char name[32];
    unsigned int i, j;

    if (InterlockedCompareExchange(&ready, 0, 0))
        return table;
    module = LoadLibraryW(L"oleaut32.dll");
    if (!module)
        return NULL;
    for (i = 0; i < TLB_USERS; i++) {
        for (j = 0; j < ARRAYSIZE(parts); j++) {
            strcpy(name, types[i]);
            strcat(name, parts[j]);
            *entry = GetProcAddress(module, name);
            if (!*entry++)
                return NULL;
        }
    }
    InterlockedExchange(&ready, 1);
    return table;
}

/* ---- what a type is */

unsigned char tlb_base(const struct tlb_type *type)
{
    switch (type->type->vt) {
    case VT_I1:
        return FC_SMALL;
    case VT_UI1:
        return FC_BYTE;
    case VT_I2:
    case VT_BOOL:
        return FC_SHORT;
    case VT_UI2:
        return FC_USHORT;
    case VT_I4:
    case VT_INT:
    case VT_ERROR:
    case VT_HRESULT:
        return FC_LONG;
    case VT_UI4:
    case VT_UINT:
        return FC_ULONG;
    case VT_I8:
    case VT_UI8:
    case VT_CY:
        return FC_HYPER;
    case VT_R4:
        return FC_FLOAT;
    case VT_R8:
    case VT_DATE:
        return FC_DOUBLE;
    case VT_INT_PTR:
        return FC_INT3264;
    case VT_UINT_PTR:
        return FC_UINT3264;
    case VT_USERDEFINED:
        return type->attr->typekind == TKIND_ENUM ? FC_ENUM32 : FC_ZERO;
    default:
        return FC_ZERO;
    }
}

static BOOL is_interface_kind(const TYPEATTR *attr)
{
    return attr && (attr->typekind == TKIND_INTERFACE || attr->typekind == TKIND_DISPATCH ||
                    attr->typekind == TKIND_COCLASS);
}

BOOL tlb_is_interface(struct tlb_build *build, const struct tlb_type *type)
{
    struct tlb_type pointee;

    if (type->type->vt == VT_UNKNOWN || type->type->vt == VT_DISPATCH)
        return TRUE;
    if (type->type->vt != VT_PTR)
        return FALSE;
    pointee = tlb_pointee(build, type);
    return is_interface_kind(pointee.attr);
}

BOOL tlb_is_pointer(const struct tlb_type *type)
{
    return type->type->vt == VT_PTR || type->type->vt == VT_LPSTR || type->type->vt == VT_LPWSTR;
}

static ULONG array_count(const struct tlb_type *type)
{
    const ARRAYDESC *array = type->type->lpadesc;
    ULONG count = 1;
    unsigned int i;

    for (i = 0; i < array->cDims; i++)
        count *= array->rgbounds[i].cElements;
    return count;
}

static struct tlb_type element_of(struct tlb_build *build, const struct tlb_type *type)
{
    return tlb_resolve(build, type->info, &type->type->lpadesc->tdescElem);
}

ULONG tlb_size(struct tlb_build *build, const struct tlb_type *type)
{
    unsigned char base = tlb_base(type);
    struct tlb_type element;

    if (base == FC_INT3264 || base == FC_UINT3264)
        return sizeof(void *);
    if (base)
        return ndr_base_memory(base);
    switch (type->type->vt) {
    case VT_VARIANT:
        return sizeof(VARIANT);
    case VT_DECIMAL:
        return sizeof(DECIMAL);
    case VT_CARRAY:
        element = element_of(build, type);
        return array_count(type) * tlb_size(build, &element);
    case VT_USERDEFINED:
        return type->attr->cbSizeInstance;
    default:
        return sizeof(void *);
    }
}

static unsigned int alignment(struct tlb_build *build, const struct tlb_type *type)
{
    struct tlb_type element;
    ULONG size;

    if (type->type->vt == VT_USERDEFINED && type->attr->typekind == TKIND_RECORD)
        return type->attr->cbAlignment;
    if (type->type->vt == VT_CARRAY) {
        element = element_of(build, type);
        return alignment(build, &element);
    }
    size = tlb_size(build, type);
    return size > 8 ? 8 : size;
}

/* ---- descriptions */

static LONG here(const struct tlb_build *build)
{
    return build->types.size;
}

static void octet(struct tlb_build *build, unsigned char value)
{
    tlb_octet(build, &build->types, value);
}

static void word(struct tlb_build *build, unsigned int value)
{
    tlb_short(build, &build->types, value);
}

/* An offset<2> to place, from where it stands. */
static void offset_to(struct tlb_build *build, LONG place)
{
    word(build, place - here(build));
}

static LONG describe_user(struct tlb_build *build, enum tlb_user user, unsigned int size)
{
    LONG wire = here(build), place;

    octet(build, FC_UP);
    octet(build, FC_SIMPLE_POINTER);
    octet(build, FC_ZERO);
    octet(build, FC_PAD);
    place = here(build);
    octet(build, FC_USER_MARSHAL);
    octet(build, USER_UNIQUE);
    word(build, user);
    word(build, size);
    word(build, 0);
    offset_to(build, wire);
    return place;
}

/* The interface that a coclass has by default, or the type itself. */
static const GUID *interface_id(struct tlb_build *build, const struct tlb_type *type)
{
    ITypeInfo *info;
    TYPEATTR *attr;
    HREFTYPE reference;
    unsigned int i;
    INT flags;

    if (type->attr->typekind != TKIND_COCLASS)
        return &type->attr->guid;
    for (i = 0; i < type->attr->cImplTypes; i++) {
        if (FAILED(ITypeInfo_GetImplTypeFlags(type->user, i, &flags)) || !(flags & IMPLTYPEFLAG_FDEFAULT) ||
            flags & IMPLTYPEFLAG_FSOURCE)
            continue;
        if (FAILED(ITypeInfo_GetRefTypeOfImplType(type->user, i, &reference)) ||
            FAILED(ITypeInfo_GetRefTypeInfo(type->user, reference, &info)))
            continue;
        attr = tlb_hold(build, info);
        return attr ? &attr->guid : &com_IID_IUnknown;
    }
    return &com_IID_IUnknown;
}

static LONG describe_interface(struct tlb_build *build, const struct tlb_type *type)
{
    const GUID *iid = type->type->vt == VT_DISPATCH ? &com_IID_IDispatch : &com_IID_IUnknown;
    struct tlb_type pointee;
    LONG place = here(build);
    unsigned int i;

    if (type->type->vt == VT_PTR) {
        pointee = tlb_pointee(build, type);
        iid = interface_id(build, &pointee);
    }
    octet(build, FC_IP);
    octet(build, FC_CONSTANT_IID);
    for (i = 0; i < sizeof(*iid); i++)
        octet(build, ((const unsigned char *)iid)[i]);
    return place;
}

static LONG describe_string(struct tlb_build *build, const struct tlb_type *type)
{
    LONG place = here(build);

    octet(build, FC_UP);
    octet(build, FC_SIMPLE_POINTER);
    octet(build, type->type->vt == VT_LPSTR ? FC_C_CSTRING : FC_C_WSTRING);
    octet(build, FC_PAD);
    return place;
}

static LONG describe_decimal(struct tlb_build *build)
{
    static const unsigned char members[] = {FC_SHORT, FC_BYTE, FC_BYTE, FC_LONG, FC_HYPER, FC_END};
    LONG place = here(build);
    unsigned int i;

    octet(build, FC_STRUCT);
    octet(build, 7);
    word(build, sizeof(DECIMAL));
    for (i = 0; i < sizeof(members); i++)
        octet(build, members[i]);
    return place;
}

static LONG describe_base_array(struct tlb_build *build, unsigned char base, unsigned int align, ULONG size)
{
    LONG place = here(build);

    octet(build, size > 0xffff ? FC_LGFARRAY : FC_SMFARRAY);
    octet(build, align - 1);
    if (size > 0xffff)
        tlb_ulong(build, &build->types, size);
    else
        word(build, size);
    octet(build, base);
    octet(build, FC_END);
    return place;
}

static LONG describe_array(struct tlb_build *build, const struct tlb_type *type)
{
    struct tlb_type element = element_of(build, type);
    unsigned char base = tlb_base(&element);
    ULONG count = array_count(type);
    LONG place, inner;

    if (base && base != FC_INT3264 && base != FC_UINT3264)
        return describe_base_array(build, base, alignment(build, &element), tlb_size(build, type));
    if (count > 0xffff) {
        tlb_fail(build, TYPE_E_SIZETOOBIG);
        return 0;
    }
    inner = base ? 0 : tlb_describe(build, &element);
    place = here(build);
    octet(build, FC_BOGUS_ARRAY);
    octet(build, alignment(build, &element) - 1);
    word(build, count);
    tlb_ulong(build, &build->types, 0xffffffff);
    tlb_ulong(build, &build->types, 0xffffffff);
    if (base) {
        octet(build, base);
    } else {
        octet(build, FC_EMBEDDED_COMPLEX);
        octet(build, 0);
        offset_to(build, inner);
    }
    octet(build, FC_END);
    return place;
}

/* ---- structures */

struct member {
    unsigned char code; /* of a base type, FC_POINTER or FC_EMBEDDED_COMPLEX */
    unsigned char align;
    ULONG offset, size;
    LONG place; /* of the description, where there is one */
};

static void read_member(struct tlb_build *build, ITypeInfo *record, unsigned int index, struct member *member)
{
    struct tlb_type type;
    VARDESC *variable;
    HRESULT result = ITypeInfo_GetVarDesc(record, index, &variable);

    if (FAILED(result)) {
        tlb_fail(build, result);
        return;
    }
    type = tlb_resolve(build, record, &variable->elemdescVar.tdesc);
    member->code = tlb_base(&type);
    member->align = alignment(build, &type);
    member->offset = variable->oInst;
    member->size = tlb_size(build, &type);
    if (!member->code) {
        member->code =
            tlb_is_pointer(&type) && !tlb_is_interface(build, &type) ? FC_POINTER : FC_EMBEDDED_COMPLEX;
        member->place = tlb_describe(build, &type);
    }
    ITypeInfo_ReleaseVarDesc(record, variable);
}

static void write_align(struct tlb_build *build, unsigned int align)
{
    if (align > 1)
        octet(build, align == 2 ? FC_ALIGNM2 : align == 4 ? FC_ALIGNM4 : FC_ALIGNM8);
}

static void write_member(struct tlb_build *build, const struct member *member, ULONG at)
{
    if (at != member->offset)
        write_align(build, member->align);
    octet(build, member->code);
    if (member->code == FC_EMBEDDED_COMPLEX) {
        octet(build, 0);
        offset_to(build, member->place);
    }
}

/* The layout ends on an even place. */
static void write_layout(struct tlb_build *build, const struct member *members, unsigned int count,
                         ULONG size)
{
    unsigned int i;
    ULONG at = 0;

    for (i = 0; i < count; i++) {
        write_member(build, &members[i], at);
        at = members[i].offset + members[i].size;
    }
    if (size > at && size - at < 8)
        octet(build, FC_STRUCTPAD1 + size - at - 1);
    if (here(build) % 2 == 0)
        octet(build, FC_PAD);
    octet(build, FC_END);
}

static LONG write_record(struct tlb_build *build, const TYPEATTR *attr, const struct member *members)
{
    LONG place = here(build), pointers;
    unsigned int i;

    octet(build, FC_BOGUS_STRUCT);
    octet(build, attr->cbAlignment - 1);
    word(build, attr->cbSizeInstance);
    word(build, 0);
    pointers = here(build);
    word(build, 0);
    write_layout(build, members, attr->cVars, attr->cbSizeInstance);
    if (FAILED(build->result))
        return place;
    for (i = 0; i < attr->cVars; i++) {
        if (members[i].code != FC_POINTER)
            continue;
        if (!ndr_fc_short(build->types.octets + pointers)) {
            build->types.octets[pointers] = (here(build) - pointers) & 0xff;
            build->types.octets[pointers + 1] = (here(build) - pointers) >> 8;
        }
        /* The member's pointer was described when it was read; here its description stands again. */
        octet(build, build->types.octets[members[i].place]);
        octet(build, build->types.octets[members[i].place + 1]);
        if (build->types.octets[members[i].place + 1] & FC_SIMPLE_POINTER) {
            octet(build, build->types.octets[members[i].place + 2]);
            octet(build, build->types.octets[members[i].place + 3]);
        } else {
            offset_to(build, members[i].place + 2 + ndr_fc_short(build->types.octets + members[i].place + 2));
        }
    }
    return place;
}

static LONG describe_record(struct tlb_build *build, const struct tlb_type *type)
{
    const TYPEATTR *attr = type->attr;
    struct member *members;
    unsigned int i;
    LONG place;

    if (attr->cbSizeInstance > 0xffff || ++build->depth > MAX_DEPTH) {
        tlb_fail(build, TYPE_E_SIZETOOBIG);
        return 0;
    }
    members = os_alloc_zero((attr->cVars + 1) * sizeof(*members));
    if (!members) {
        tlb_fail(build, E_OUTOFMEMORY);
        return 0;
    }
    for (i = 0; i < attr->cVars && SUCCEEDED(build->result); i++)
        read_member(build, type->user, i, &members[i]);
    place = SUCCEEDED(build->result) ? write_record(build, attr, members) : 0;
    os_free(members);
    build->depth--;
    return place;
}

LONG tlb_describe_pointer(struct tlb_build *build, const struct tlb_type *pointee, unsigned char code)
{
    unsigned char base = tlb_base(pointee);
    BOOL deref = tlb_is_interface(build, pointee) || tlb_is_pointer(pointee);
    LONG inner = base ? 0 : tlb_describe(build, pointee), place = here(build);

    octet(build, code);
    if (base) {
        octet(build, FC_SIMPLE_POINTER);
        octet(build, base);
        octet(build, FC_PAD);
    } else {
        octet(build, deref ? FC_POINTER_DEREF : 0);
        offset_to(build, inner);
    }
    return place;
}

LONG tlb_describe(struct tlb_build *build, const struct tlb_type *type)
{
    struct tlb_type pointee;

    if (FAILED(build->result))
        return 0;
    if (tlb_is_interface(build, type))
        return describe_interface(build, type);
    switch (type->type->vt) {
    case VT_BSTR:
        return describe_user(build, TLB_BSTR, sizeof(BSTR));
    case VT_VARIANT:
        return describe_user(build, TLB_VARIANT, sizeof(VARIANT));
    case VT_SAFEARRAY:
        return describe_user(build, TLB_SAFEARRAY, sizeof(SAFEARRAY *));
    case VT_LPSTR:
    case VT_LPWSTR:
        return describe_string(build, type);
    case VT_DECIMAL:
        return describe_decimal(build);
    case VT_CARRAY:
        return describe_array(build, type);
    case VT_PTR:
        pointee = tlb_pointee(build, type);
        return tlb_describe_pointer(build, &pointee, FC_UP);
    case VT_USERDEFINED:
        if (type->attr->typekind == TKIND_RECORD)
            return describe_record(build, type);
        break;
    default:
        break;
    }
    tlb_fail(build, DISP_E_BADVARTYPE);
    return 0;
}
