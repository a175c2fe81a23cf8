/*
 * Procedure format strings out of function descriptions (SDK: "Procedure Format Strings", FUNCDESC). They are
 * for our interpreter alone: the parts that only help to size buffers say that everything is to be sized.
 */
#include "typelib.h"

enum {
    HEADER_FLAGS = OI_OBJECT_PROC | OI_OBJECT_NEW_STYLE,
    ALWAYS = PARAM_MUST_SIZE | PARAM_MUST_FREE,
};

/* A parameter before it is written. */
struct parameter {
    unsigned int attributes;
    unsigned char base; /* or FC_ZERO */
    LONG place;         /* of its type's description */
    ULONG size;         /* on the stack */
};

static ULONG slots(ULONG size)
{
    return (size + sizeof(void *) - 1) & ~(ULONG)(sizeof(void *) - 1);
}

/* Octets on the stack of something passed by value. */
static ULONG stack_size(ULONG size)
{
#ifdef _WIN64
    (void)size;
    return sizeof(void *);
#else
    return slots(size);
#endif
}

/* Whether a value of this size is passed by its address ("x64 calling convention"). */
static BOOL is_passed_by_reference(ULONG size)
{
#ifdef _WIN64
    return size > 8 || (size & (size - 1));
#else
    (void)size;
    return FALSE;
#endif
}

static unsigned int supplied(ULONG size)
{
    ULONG units = (size + 7) / 8;

    return units > 7 ? 0 : units << PARAM_ALLOC_SHIFT;
}

/* A reference: to a base type, to a pointer or interface pointer, or to anything else. */
static void describe_reference(struct tlb_build *build, const struct tlb_type *pointee,
                               struct parameter *parameter)
{
    parameter->size = sizeof(void *);
    parameter->base = tlb_base(pointee);
    if (parameter->base) {
        parameter->attributes |= PARAM_IS_BASETYPE | PARAM_IS_SIMPLE_REF | supplied(8);
    } else if (tlb_is_interface(build, pointee) || tlb_is_pointer(pointee)) {
        parameter->attributes |= ALWAYS;
        parameter->place = tlb_describe_pointer(build, pointee, FC_RP);
    } else {
        parameter->attributes |= ALWAYS | PARAM_IS_SIMPLE_REF | supplied(tlb_size(build, pointee));
        parameter->place = tlb_describe(build, pointee);
    }
}

static void describe_value(struct tlb_build *build, const struct tlb_type *type, struct parameter *parameter)
{
    ULONG size = tlb_size(build, type);

    parameter->base = tlb_base(type);
    if (parameter->base) {
        parameter->attributes |= PARAM_IS_BASETYPE;
        parameter->size = stack_size(size);
        return;
    }
    parameter->attributes |= ALWAYS;
    parameter->place = tlb_describe(build, type);
    if (type->type->vt == VT_CARRAY || is_passed_by_reference(size)) {
        if (type->type->vt != VT_CARRAY)
            parameter->attributes |= PARAM_IS_SIMPLE_REF;
        parameter->size = sizeof(void *);
    } else {
        if (!tlb_is_interface(build, type) && !tlb_is_pointer(type))
            parameter->attributes |= PARAM_IS_BY_VALUE;
        parameter->size = stack_size(size);
    }
}

static void describe_parameter(struct tlb_build *build, ITypeInfo *info, const ELEMDESC *element,
                               struct parameter *parameter)
{
    struct tlb_type type = tlb_resolve(build, info, &element->tdesc), pointee;
    unsigned int flags = element->paramdesc.wParamFlags;

    memset(parameter, 0, sizeof(*parameter));
    if (flags & PARAMFLAG_FIN || !(flags & PARAMFLAG_FOUT))
        parameter->attributes |= PARAM_IS_IN;
    if (flags & PARAMFLAG_FOUT)
        parameter->attributes |= PARAM_IS_OUT;
    if (type.type->vt == VT_PTR && !tlb_is_interface(build, &type)) {
        pointee = tlb_pointee(build, &type);
        describe_reference(build, &pointee, parameter);
    } else {
        describe_value(build, &type, parameter);
    }
    if (parameter->base)
        parameter->attributes |= PARAM_MUST_SIZE;
}

static void write_parameter(struct tlb_build *build, const struct parameter *parameter, ULONG stack)
{
    tlb_short(build, &build->procs, parameter->attributes);
    tlb_short(build, &build->procs, stack);
    if (parameter->base) {
        tlb_octet(build, &build->procs, parameter->base);
        tlb_octet(build, &build->procs, 0);
    } else {
        tlb_short(build, &build->procs, parameter->place);
    }
}

static void write_header(struct tlb_build *build, unsigned int number, ULONG stack, unsigned int parameters,
                         BOOL returns)
{
    struct tlb_string *procs = &build->procs;

    tlb_octet(build, procs, FC_AUTO_HANDLE);
    tlb_octet(build, procs, HEADER_FLAGS);
    tlb_short(build, procs, number);
    tlb_short(build, procs, stack);
    tlb_short(build, procs, 0);
    tlb_short(build, procs, 0);
    tlb_octet(build, procs, OPT_SERVER_MUST_SIZE | OPT_CLIENT_MUST_SIZE | (returns ? OPT_HAS_RETURN : 0));
    tlb_octet(build, procs, parameters + returns);
}

static void write_method(struct tlb_build *build, const struct parameter *parameters, unsigned int count,
                         unsigned int number)
{
    BOOL returns = !!parameters[count].base;
    ULONG stack = sizeof(void *);
    unsigned int i;

    for (i = 0; i < count; i++)
        stack += parameters[i].size;
    write_header(build, number, stack + (returns ? slots(parameters[count].size) : 0), count, returns);
    stack = sizeof(void *);
    for (i = 0; i < count + returns; i++) {
        write_parameter(build, &parameters[i], stack);
        stack += parameters[i].size;
    }
}

/* The return value, as one parameter more; nothing but base types is returned. */
static void describe_return(struct tlb_build *build, ITypeInfo *info, const FUNCDESC *function,
                            struct parameter *parameter)
{
    struct tlb_type type = tlb_resolve(build, info, &function->elemdescFunc.tdesc);

    memset(parameter, 0, sizeof(*parameter));
    parameter->base = tlb_base(&type);
    parameter->attributes = PARAM_IS_OUT | PARAM_IS_RETURN | PARAM_IS_BASETYPE | PARAM_MUST_SIZE;
    parameter->size = slots(tlb_size(build, &type));
    if (!parameter->base && type.type->vt != VT_VOID)
        tlb_fail(build, DISP_E_BADVARTYPE);
}

void tlb_describe_method(struct tlb_build *build, ITypeInfo *info, const FUNCDESC *function,
                         unsigned int number)
{
    unsigned int count = function->cParams, i;
    struct parameter *parameters = os_alloc((count + 1) * sizeof(*parameters));

    if (!parameters || function->callconv != CC_STDCALL) {
        tlb_fail(build, parameters ? TYPE_E_BADMODULEKIND : E_OUTOFMEMORY);
        os_free(parameters);
        return;
    }
    for (i = 0; i < count; i++)
        describe_parameter(build, info, &function->lprgelemdescParam[i], &parameters[i]);
    describe_return(build, info, function, &parameters[count]);
    if (SUCCEEDED(build->result))
        write_method(build, parameters, count, number);
    os_free(parameters);
}
