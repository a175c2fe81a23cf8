/*
 * Correlation: what size_is, length_is, switch_is, iid_is and byte_count say about memory, and whether the
 * octets agree with it. A structure's own members are always checked, and what a client passed by value;
 * other parameters where the stub was compiled with /robust (the descriptor then tells whether the value is
 * there yet): late ones are remembered until NdrCorrelationPass.
 */
#include "walk.h"

enum {
    FROM_FIELD = 0x00,
    FROM_POINTER = 0x10,
    FROM_PARAMETER = 0x20,
    CONSTANT = 0x40,
    FROM_PARAMETER_MULTI = 0x80
};

struct late {
    PFORMAT_STRING descriptor;
    ULONG value;
};

/* What pCorrInfo points to. */
struct _NDR_CORRELATION_INFO {
    struct late *late;
    ULONG count, capacity;
};
_Static_assert(sizeof(struct _NDR_CORRELATION_INFO) <= NDR_CORRELATION_WORDS * sizeof(ULONG_PTR),
               "an interpreted call has no room for it");

static unsigned char *base_of(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor)
{
    switch (descriptor[0] & 0xf0) {
    case FROM_FIELD:
        return memory;
    case FROM_POINTER:
        return msg->Memory;
    case FROM_PARAMETER:
    case FROM_PARAMETER_MULTI:
        return msg->StackTop;
    default:
        ndr_raise(RPC_S_INTERNAL_ERROR);
    }
}

/* An expression evaluation routine finds the members or parameters from StackTop and leaves its result in
 * MaxCount, where the first element is in Offset. */
static ULONG_PTR evaluate(PMIDL_STUB_MESSAGE msg, unsigned char *base, PFORMAT_STRING descriptor)
{
    unsigned char *stack = msg->StackTop;
    ULONG_PTR max = msg->MaxCount, value;

    msg->StackTop = base;
    msg->StubDesc->apfnExprEval[ndr_fc_ushort(descriptor + 2)](msg);
    value = msg->MaxCount;
    msg->StackTop = stack;
    msg->MaxCount = max;
    return value;
}

static ULONG_PTR load_operand(const unsigned char *at, PFORMAT_STRING descriptor)
{
    if (descriptor[1] == FC_DEREFERENCE) {
        at = load_pointer(at);
        if (!at)
            ndr_raise(RPC_X_NULL_REF_POINTER);
    }
    return (ULONG_PTR)load_base(at, descriptor[0] & 0x0f);
}

ULONG_PTR ndr_correlate(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor)
{
    unsigned char *base;
    ULONG_PTR value;

    if ((descriptor[0] & 0xf0) == CONSTANT)
        return (ULONG)descriptor[1] << 16 | ndr_fc_ushort(descriptor + 2);
    base = base_of(msg, memory, descriptor);
    if (!base) /* a -Os stub: it set MaxCount itself before it called */
        return msg->MaxCount;
    if (descriptor[1] == FC_CALLBACK)
        return evaluate(msg, base, descriptor);
    value = load_operand(base + ndr_fc_short(descriptor + 2), descriptor);
    switch (descriptor[1]) {
    case FC_DIV_2:
        return (ULONG_PTR)((LONG_PTR)value / 2);
    case FC_MULT_2:
        return value * 2;
    case FC_ADD_1:
        return value + 1;
    case FC_SUB_1:
        return value - 1;
    default:
        return value;
    }
}

BOOLEAN correlation_is_given(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor)
{
    return (descriptor[0] & 0xf0) != CONSTANT && !base_of(msg, memory, descriptor);
}

void correlate_variance(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor)
{
    /* "If first_is is applied, a callback is forced": elsewhere the array goes from its first element on. A
     * -Os stub sets Offset and ActualCount itself. */
    if (correlation_is_given(msg, memory, descriptor))
        return;
    msg->Offset = 0;
    msg->ActualCount = (ULONG)ndr_correlate(msg, memory, descriptor);
}

/* ---- checks on octets */

static unsigned flags_of(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING descriptor)
{
    return msg->fHasNewCorrDesc ? ndr_fc_ushort(descriptor + 4) : 0;
}

static void check_limits(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING descriptor, ULONG value)
{
    if (ndr_correlation_octets(msg) < 16 || !(descriptor[6] & 1))
        return;
    if (value < ndr_fc_ulong(descriptor + 8) || value > ndr_fc_ulong(descriptor + 12))
        ndr_raise(RPC_X_INVALID_BOUND);
}

static void compare(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor, ULONG value)
{
    if ((ULONG)ndr_correlate(msg, memory, descriptor) != value)
        walk_bad();
}

static void remember(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING descriptor, ULONG value)
{
    PNDR_CORRELATION_INFO info = msg->pCorrInfo;

    if (!info)
        return;
    if (info->count == info->capacity) {
        ULONG capacity = info->capacity ? info->capacity * 2 : 8;
        struct late *grown = os_realloc(info->late, capacity * sizeof(*grown));

        if (!grown)
            ndr_raise(RPC_S_OUT_OF_MEMORY);
        info->late = grown;
        info->capacity = capacity;
    }
    info->late[info->count++] = (struct late){descriptor, value};
}

/* A field that lies behind the union, or is found by a routine, may not have come yet. */
static BOOLEAN field_may_be_late(PFORMAT_STRING descriptor)
{
    return (descriptor[0] & 0xf0) == FROM_FIELD &&
           (descriptor[1] == FC_CALLBACK || ndr_fc_short(descriptor + 2) >= 0);
}

/* What a client passed by value no reply changes, and the caller's memory is as large as it says: octets that
 * disagree would be written beyond it. */
static BOOLEAN is_passed_by_value(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING descriptor)
{
    return msg->IsClient && msg->StackTop && (descriptor[0] & 0xf0) == FROM_PARAMETER &&
           descriptor[1] != FC_DEREFERENCE && descriptor[1] != FC_CALLBACK;
}

BOOLEAN settle_correlation(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING descriptor,
                           ULONG value)
{
    unsigned flags = flags_of(msg, descriptor), from = descriptor[0] & 0xf0;
    BOOLEAN parameter = from == FROM_PARAMETER || from == FROM_PARAMETER_MULTI;

    if (flags & (CORRELATION_UNCHECKED | CORRELATION_IID | CORRELATION_SPLIT))
        return FALSE;
    check_limits(msg, descriptor, value);
    if (parameter && is_passed_by_value(msg, descriptor)) {
        compare(msg, memory, descriptor, value);
        return FALSE;
    }
    if (parameter && (!msg->fHasNewCorrDesc || !msg->StackTop))
        return FALSE;
    if (parameter && !(flags & CORRELATION_EARLY))
        remember(msg, descriptor, value);
    else if (field_may_be_late(descriptor))
        return TRUE;
    else if (from == CONSTANT || base_of(msg, memory, descriptor))
        compare(msg, memory, descriptor, value);
    return FALSE;
}

void check_correlation(struct walk *walk, unsigned char *memory, PFORMAT_STRING descriptor, ULONG value)
{
    if (walk->purpose == UNMARSHAL && settle_correlation(walk->msg, memory, descriptor, value))
        walk_push(walk, memory, descriptor, value, POINTEE_CHECK);
}

void check_correlation_late(struct walk *walk, const struct pointee *pointee)
{
    compare(walk->msg, pointee->at, pointee->format, pointee->reference);
}

/* ---- exported */

/* [rpcndr.h] Called by -Os stubs compiled with /robust before they unmarshal; cache is their memory for it.
 * flags: NDR_CORRELATION_RANGE where the descriptors carry ranges (what other flags say is not documented).
 */
void RPC_ENTRY NdrCorrelationInitialize(PMIDL_STUB_MESSAGE msg, void *cache, ULONG size, ULONG flags)
{
    PNDR_CORRELATION_INFO info = cache;

    if (flags & NDR_CORRELATION_RANGE)
        msg->uFlags2 |= NDR_CORRELATION_RANGE;
    msg->fHasNewCorrDesc = TRUE;
    msg->pCorrInfo = NULL;
    if (!cache || size < sizeof(*info))
        return;
    memset(info, 0, sizeof(*info));
    msg->pCorrInfo = info;
    msg->pCorrMemory = msg->StackTop;
}

/* Raises RPC_X_BAD_STUB_DATA unless all late correlations hold now that everything is unmarshalled. */
void RPC_ENTRY NdrCorrelationPass(PMIDL_STUB_MESSAGE msg)
{
    PNDR_CORRELATION_INFO info = msg->pCorrInfo;
    ULONG i;

    for (i = 0; info && i < info->count; i++) {
        const struct late *late = &info->late[i];

        if ((ULONG)ndr_correlate(msg, NULL, late->descriptor) != late->value)
            ndr_raise(RPC_X_BAD_STUB_DATA);
    }
}

void RPC_ENTRY NdrCorrelationFree(PMIDL_STUB_MESSAGE msg)
{
    PNDR_CORRELATION_INFO info = msg->pCorrInfo;

    if (!info)
        return;
    os_free(info->late);
    memset(info, 0, sizeof(*info));
    msg->pCorrInfo = NULL;
}
