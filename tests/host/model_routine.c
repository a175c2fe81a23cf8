/*
 * What stands in for a stub's routines where the model's types go as something else: transmit_as,
 * represent_as, user_marshal. What goes is the complement of what lies in memory, of as many octets; or for
 * user_marshal a string of an array of characters. See model.h.
 */
#include "model_type.h"

void model_complement(unsigned char *to, const unsigned char *from, size_t size)
{
    size_t i;

    for (i = 0; i < size; i++)
        to[i] = (unsigned char)~from[i];
}

long model_made;

/* ---- transmit_as, represent_as */

static void to_xmit(PMIDL_STUB_MESSAGE msg, size_t size)
{
    msg->pTransmitType = host_allocate(size);
    if (!msg->pTransmitType)
        ndr_raise(RPC_S_OUT_OF_MEMORY);
    model_complement(msg->pTransmitType, msg->pPresentedType, size);
}

static void free_xmit(PMIDL_STUB_MESSAGE msg)
{
    host_free(msg->pTransmitType);
}

static void from_xmit(PMIDL_STUB_MESSAGE msg, size_t size)
{
    model_complement(msg->pPresentedType, msg->pTransmitType, size);
    model_made++;
}

static void free_instance(PMIDL_STUB_MESSAGE msg)
{
    (void)msg;
    model_made--;
}

/* ---- user_marshal */

static unsigned char *user_marshal(unsigned char *buffer, const unsigned char *object, size_t size)
{
    model_complement(buffer, object, size);
    return buffer + size;
}

/* Octets that are left for a routine that unmarshals. */
static ULONG octets_left(ULONG *flags)
{
    NDR_USER_MARSHAL_INFO info;

    NdrGetUserMarshalInfo(flags, 1, &info);
    return info.Level1.BufferSize;
}

static unsigned char *user_unmarshal(ULONG *flags, unsigned char *buffer, unsigned char *object, size_t size)
{
    if (octets_left(flags) < size)
        ndr_raise(RPC_X_BAD_STUB_DATA);
    model_complement(object, buffer, size);
    model_made++;
    return buffer + size;
}

static void user_free(ULONG *flags, void *object)
{
    (void)flags, (void)object;
    model_made--;
}

#define ROUTINES(size)                                                                                       \
    static void to_xmit_##size(PMIDL_STUB_MESSAGE msg)                                                       \
    {                                                                                                        \
        to_xmit(msg, size);                                                                                  \
    }                                                                                                        \
    static void from_xmit_##size(PMIDL_STUB_MESSAGE msg)                                                     \
    {                                                                                                        \
        from_xmit(msg, size);                                                                                \
    }                                                                                                        \
    static ULONG user_size_##size(ULONG *flags, ULONG start, void *object)                                   \
    {                                                                                                        \
        (void)flags, (void)object;                                                                           \
        return start + size;                                                                                 \
    }                                                                                                        \
    static unsigned char *user_marshal_##size(ULONG *flags, unsigned char *buffer, void *object)             \
    {                                                                                                        \
        (void)flags;                                                                                         \
        return user_marshal(buffer, object, size);                                                           \
    }                                                                                                        \
    static unsigned char *user_unmarshal_##size(ULONG *flags, unsigned char *buffer, void *object)           \
    {                                                                                                        \
        return user_unmarshal(flags, buffer, object, size);                                                  \
    }

ROUTINES(1)
ROUTINES(2)
ROUTINES(4)
ROUTINES(8)
ROUTINES(12)
ROUTINES(16)
ROUTINES(24)
ROUTINES(32)
ROUTINES(40)

static const unsigned sizes[] = {1, 2, 4, 8, 12, 16, 24, 32, MAX_ROUTINE_SIZE};

int model_routine_of(unsigned size)
{
    int i;

    for (i = 0; i < (int)(sizeof(sizes) / sizeof(*sizes)); i++)
        if (sizes[i] == size)
            return i;
    return -1;
}

/* ---- a string of at most USER_TEXT characters, the terminator too */

static unsigned aligned(ULONG_PTR at)
{
    return (unsigned)((at + 3) / 4 * 4 - at);
}

static ULONG text_size(const void *object)
{
    const unsigned char *end = memchr(object, 0, USER_TEXT);

    return end ? (ULONG)(end - (const unsigned char *)object) + 1 : USER_TEXT;
}

static ULONG user_text_size(ULONG *flags, ULONG start, void *object)
{
    (void)flags;
    return start + aligned(start) + 12 + text_size(object);
}

static unsigned char *user_text_marshal(ULONG *flags, unsigned char *buffer, void *object)
{
    ULONG counts[3] = {text_size(object), 0, text_size(object)};

    (void)flags;
    memset(buffer, 0, aligned((ULONG_PTR)buffer));
    buffer += aligned((ULONG_PTR)buffer);
    memcpy(buffer, counts, 12);
    memcpy(buffer + 12, object, counts[2]);
    return buffer + 12 + counts[2];
}

static unsigned char *user_text_unmarshal(ULONG *flags, unsigned char *buffer, void *object)
{
    ULONG left = octets_left(flags), gap = aligned((ULONG_PTR)buffer), counts[3];

    if (left < gap + 12)
        ndr_raise(RPC_X_BAD_STUB_DATA);
    memcpy(counts, buffer + gap, 12);
    if (counts[1] || counts[2] > counts[0] || counts[2] > USER_TEXT || counts[2] > left - gap - 12)
        ndr_raise(RPC_X_BAD_STUB_DATA);
    memset(object, 0, USER_TEXT);
    memcpy(object, buffer + gap + 12, counts[2]);
    model_made++;
    return buffer + gap + 12 + counts[2];
}

/* ---- stubs */

#define XMIT(size)                                                                                           \
    {                                                                                                        \
        to_xmit_##size, from_xmit_##size, free_xmit, free_instance                                           \
    }
#define USER(size)                                                                                           \
    {                                                                                                        \
        user_size_##size, user_marshal_##size, user_unmarshal_##size, user_free                              \
    }

static const XMIT_ROUTINE_QUINTUPLE xmit[] = {XMIT(1),  XMIT(2),  XMIT(4),  XMIT(8), XMIT(12),
                                              XMIT(16), XMIT(24), XMIT(32), XMIT(40)};
static const USER_MARSHAL_ROUTINE_QUADRUPLE user[] = {
    USER(1),  USER(2),
    USER(4),  USER(8),
    USER(12), USER(16),
    USER(24), USER(32),
    USER(40), {user_text_size, user_text_marshal, user_text_unmarshal, user_free}};

static const NDR_RUNDOWN rundowns[1];

void model_routines(MIDL_STUB_DESC *desc)
{
    desc->aXmitQuintuple = xmit;
    desc->aUserMarshalQuadruple = user;
    desc->apfnNdrRundownRoutines = rundowns;
}

void model_stub(struct model *model, struct stub *stub, BOOLEAN client)
{
    stub_begin(stub, client, model->format);
    model_routines(&stub->desc);
    stub->msg.fHasNewCorrDesc = model->robust;
    stub->msg.FullPtrXlatTables = NdrFullPointerXlatInit(0, client ? XLAT_CLIENT : XLAT_SERVER);
    if (model->form == MODEL_BYTE_COUNT)
        stub->msg.StackTop = (unsigned char *)model->stack;
}

void model_stub_end(struct stub *stub)
{
    NdrFullPointerXlatFree(stub->msg.FullPtrXlatTables);
    stub->msg.FullPtrXlatTables = NULL;
}
