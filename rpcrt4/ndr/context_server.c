/*
 * Context handles on the server. A handle stands for the manager's context in one association; the client
 * knows it by a UUID. Sources: C706 sections 5.1.6 and 14.2.17 (ndr_context_handle); SDK "Context Handles",
 * "Strict Context Handles", "Multi-threaded Clients and Context Handles", RpcSsContextLockExclusive.
 *
 * A handle is in its association's list from its first marshalling until it is marshalled with a NULL context
 * or run down. The association's lock guards the list, the handles in it and the lists of calls that hold
 * them; it is never held while foreign code runs. A serialized handle is locked by a call, not by a thread,
 * for a call may be completed on another; so its lock is a state with a condition variable.
 */
#include "context.h"
#include "proc.h"

struct ndr_context {
    void *pad[2];
    void *user; /* NDRSContextValue */
    struct ndr_context *next;
    UUID id;
    NDR_RUNDOWN rundown;
    const void *guard; /* who made it, RPC_CONTEXT_HANDLE_DEFAULT_GUARD where that is open to all */
    LONG references;
    LONG shared;    /* calls that hold it so */
    BOOL exclusive; /* a call holds it so */
    BOOL upgrading; /* one of the calls that share it waits to be the only one */
    BOOL listed;
    CONDITION_VARIABLE unlocked;
};

struct ndr_held_context {
    struct ndr_held_context *next;
    struct ndr_context *context;
    struct ndr_association_contexts *association;
    BOOL exclusive;
    BOOL locked;
};

static BOOL dont_serialize; /* RpcSsDontSerializeContext: for the whole process, never taken back */

static struct ndr_context *of(NDR_SCONTEXT context)
{
    return (struct ndr_context *)context;
}

static void release(struct ndr_context *context)
{
    if (!InterlockedDecrement(&context->references))
        os_free(context);
}

static struct ndr_association_contexts *association_of(RPC_BINDING_HANDLE call)
{
    struct ndr_association_contexts *association = runtime_association_contexts(call);

    if (!association)
        os_raise(RPC_S_INVALID_BINDING);
    return association;
}

/* ---- locks; the association's lock is held */

static void wait_unlocked(struct ndr_held_context *held)
{
    SleepConditionVariableSRW(&held->context->unlocked, &held->association->lock, INFINITE, 0);
}

static void lock_context(struct ndr_held_context *held)
{
    struct ndr_context *context = held->context;

    while (context->exclusive || (held->exclusive ? context->shared : context->upgrading))
        wait_unlocked(held);
    if (held->exclusive)
        context->exclusive = TRUE;
    else
        context->shared++;
    held->locked = TRUE;
}

static void unlock_context(struct ndr_held_context *held)
{
    struct ndr_context *context = held->context;

    if (!held->locked)
        return;
    held->locked = FALSE;
    if (held->exclusive)
        context->exclusive = FALSE;
    else
        context->shared--;
    WakeAllConditionVariable(&context->unlocked);
}

static struct ndr_held_context *find_held(const struct ndr_call_contexts *contexts,
                                          const struct ndr_context *context)
{
    struct ndr_held_context *held;

    for (held = contexts->held; held; held = held->next) {
        if (held->context == context)
            return held;
    }
    return NULL;
}

/* Does the call hold the lock of context, or one in whose course it came? What holds it waits for the call
 * then, and for its lock nobody need wait. */
static BOOL is_locked_by(RPC_BINDING_HANDLE call, const struct ndr_context *context)
{
    struct ndr_call_contexts *contexts;

    for (; call; call = runtime_outer_call(call)) {
        contexts = runtime_call_contexts(call);
        if (contexts && find_held(contexts, context))
            return TRUE;
    }
    return FALSE;
}

/* ---- making, finding */

/* Has the call hold context; takes over the reference. */
static void hold(RPC_BINDING_HANDLE call, struct ndr_association_contexts *association,
                 struct ndr_context *context, BOOL exclusive, BOOL lock)
{
    struct ndr_call_contexts *contexts = runtime_call_contexts(call);
    struct ndr_held_context *held = contexts ? os_alloc_zero(sizeof(*held)) : NULL;
    BOOL gone;

    if (!held) {
        release(context);
        os_raise(RPC_S_OUT_OF_MEMORY);
    }
    held->context = context;
    held->association = association;
    held->exclusive = exclusive;
    AcquireSRWLockExclusive(&association->lock);
    if (lock && !is_locked_by(call, context))
        lock_context(held);
    held->next = contexts->held;
    contexts->held = held;
    gone = lock && !context->listed;
    ReleaseSRWLockExclusive(&association->lock);
    /* The call that was waited for may have closed it; this one's end gives it back. */
    if (gone)
        os_raise(RPC_X_SS_CONTEXT_MISMATCH);
}

static struct ndr_context *new_context(RPC_BINDING_HANDLE call)
{
    struct ndr_association_contexts *association = association_of(call);
    struct ndr_context *context = os_alloc_zero(sizeof(*context));

    if (!context)
        os_raise(RPC_S_OUT_OF_MEMORY);
    context->references = 1;
    hold(call, association, context, FALSE, FALSE);
    return context;
}

static BOOL same_guard(const void *one, const void *other)
{
    if (one == RPC_CONTEXT_HANDLE_DEFAULT_GUARD || other == RPC_CONTEXT_HANDLE_DEFAULT_GUARD)
        return one == other;
    return one == other || !memcmp(one, other, sizeof(RPC_SYNTAX_IDENTIFIER));
}

static struct ndr_context *find_context(struct ndr_association_contexts *association, const UUID *id,
                                        const void *guard)
{
    struct ndr_context *context;

    AcquireSRWLockShared(&association->lock);
    for (context = association->first; context; context = context->next) {
        if (!memcmp(&context->id, id, sizeof(*id)) && same_guard(context->guard, guard)) {
            InterlockedIncrement(&context->references);
            break;
        }
    }
    ReleaseSRWLockShared(&association->lock);
    return context;
}

static void unlist(struct ndr_association_contexts *association, struct ndr_context *context)
{
    struct ndr_context **link;
    BOOL listed;

    AcquireSRWLockExclusive(&association->lock);
    listed = context->listed;
    context->listed = FALSE;
    for (link = &association->first; *link; link = &(*link)->next) {
        if (*link == context) {
            *link = context->next;
            break;
        }
    }
    ReleaseSRWLockExclusive(&association->lock);
    if (listed)
        release(context);
}

/* ---- marshalling */

/* Reads the handle at buffer (20 octets, in the given representation) and has the call hold it, locked as
 * flags say. A nil handle gives a new one. Raises RPC_X_SS_CONTEXT_MISMATCH for one that this association,
 * or, by guard, this interface does not know; RPC_S_OUT_OF_MEMORY. */
NDR_SCONTEXT RPC_ENTRY NDRSContextUnmarshall2(RPC_BINDING_HANDLE call, void *buffer, ULONG representation,
                                              void *guard, ULONG flags)
{
    struct ndr_association_contexts *association = association_of(call);
    struct ndr_context_wire wire;
    struct ndr_context *context;
    BOOL shared = flags & RPC_CONTEXT_HANDLE_DONT_SERIALIZE ||
                  (dont_serialize && !(flags & RPC_CONTEXT_HANDLE_SERIALIZE));

    ndr_context_read(&wire, buffer, representation);
    if (ndr_context_is_nil(&wire))
        return (NDR_SCONTEXT)new_context(call);
    context = find_context(association, &wire.id, guard);
    if (!context)
        os_raise(RPC_X_SS_CONTEXT_MISMATCH);
    hold(call, association, context, !shared, TRUE);
    return (NDR_SCONTEXT)context;
}

/* Writes the handle at buffer, 20 octets. One with a NULL context is written as nil and forgotten; one that
 * is new gets its identity, rundown routine and guard. */
void RPC_ENTRY NDRSContextMarshall2(RPC_BINDING_HANDLE call, NDR_SCONTEXT handle, void *buffer,
                                    NDR_RUNDOWN rundown, void *guard, ULONG flags)
{
    struct ndr_association_contexts *association = association_of(call);
    struct ndr_context *context = of(handle);
    struct ndr_context_wire wire = {0};

    (void)flags;
    if (!context->user) {
        unlist(association, context);
    } else if (!context->listed) {
        UuidCreate(&context->id);
        context->rundown = rundown;
        context->guard = guard;
        InterlockedIncrement(&context->references);
        AcquireSRWLockExclusive(&association->lock);
        context->next = association->first;
        association->first = context;
        context->listed = TRUE;
        ReleaseSRWLockExclusive(&association->lock);
    }
    if (context->user)
        wire.id = context->id;
    memcpy(buffer, &wire, sizeof(wire));
}

NDR_SCONTEXT RPC_ENTRY NDRSContextUnmarshallEx(RPC_BINDING_HANDLE call, void *buffer, ULONG representation)
{
    return NDRSContextUnmarshall2(call, buffer, representation, RPC_CONTEXT_HANDLE_DEFAULT_GUARD,
                                  RPC_CONTEXT_HANDLE_DEFAULT_FLAGS);
}

NDR_SCONTEXT RPC_ENTRY NDRSContextUnmarshall(void *buffer, ULONG representation)
{
    return NDRSContextUnmarshallEx(I_RpcGetCurrentCallHandle(), buffer, representation);
}

void RPC_ENTRY NDRSContextMarshallEx(RPC_BINDING_HANDLE call, NDR_SCONTEXT context, void *buffer,
                                     NDR_RUNDOWN rundown)
{
    NDRSContextMarshall2(call, context, buffer, rundown, RPC_CONTEXT_HANDLE_DEFAULT_GUARD,
                         RPC_CONTEXT_HANDLE_DEFAULT_FLAGS);
}

void RPC_ENTRY NDRSContextMarshall(NDR_SCONTEXT context, void *buffer, NDR_RUNDOWN rundown)
{
    NDRSContextMarshallEx(I_RpcGetCurrentCallHandle(), context, buffer, rundown);
}

/* ---- for stubs; format is an FC_BIND_CONTEXT description */

static void *guard_of(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    RPC_SERVER_INTERFACE *spec = msg->StubDesc->RpcInterfaceInformation;

    return format[1] & HANDLE_STRICT ? (void *)&spec->InterfaceId : RPC_CONTEXT_HANDLE_DEFAULT_GUARD;
}

static ULONG flags_of(PFORMAT_STRING format)
{
    if (format[1] & HANDLE_NO_SERIALIZE)
        return RPC_CONTEXT_HANDLE_DONT_SERIALIZE;
    return format[1] & HANDLE_SERIALIZE ? RPC_CONTEXT_HANDLE_SERIALIZE : RPC_CONTEXT_HANDLE_DEFAULT_FLAGS;
}

NDR_SCONTEXT RPC_ENTRY NdrContextHandleInitialize(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    (void)format;
    return (NDR_SCONTEXT)new_context(msg->RpcMsg->Handle);
}

/* Moves past a handle in the buffer and gives where it begins. */
static void *take(PMIDL_STUB_MESSAGE msg)
{
    void *octets;

    ndr_align_buffer(msg, 4);
    octets = msg->Buffer;
    msg->Buffer += cbNDRContext;
    return octets;
}

static void *take_checked(PMIDL_STUB_MESSAGE msg)
{
    ndr_align_buffer(msg, 4);
    ndr_need(msg, cbNDRContext);
    return take(msg);
}

/* Raises RPC_X_SS_IN_NULL_CONTEXT for a nil handle that must not be one, and as NDRSContextUnmarshall2. */
NDR_SCONTEXT RPC_ENTRY NdrServerContextNewUnmarshall(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    void *octets = take_checked(msg);
    struct ndr_context_wire wire;

    ndr_context_read(&wire, octets, msg->RpcMsg->DataRepresentation);
    if (ndr_context_is_nil(&wire) && format[1] & HANDLE_CANNOT_BE_NULL)
        os_raise(RPC_X_SS_IN_NULL_CONTEXT);
    return NDRSContextUnmarshall2(msg->RpcMsg->Handle, octets, msg->RpcMsg->DataRepresentation,
                                  guard_of(msg, format), flags_of(format));
}

void RPC_ENTRY NdrServerContextNewMarshall(PMIDL_STUB_MESSAGE msg, NDR_SCONTEXT context, NDR_RUNDOWN rundown,
                                           PFORMAT_STRING format)
{
    NDRSContextMarshall2(msg->RpcMsg->Handle, context, take(msg), rundown, guard_of(msg, format),
                         flags_of(format));
}

NDR_SCONTEXT RPC_ENTRY NdrServerContextUnmarshall(PMIDL_STUB_MESSAGE msg)
{
    return NDRSContextUnmarshallEx(msg->RpcMsg->Handle, take_checked(msg), msg->RpcMsg->DataRepresentation);
}

void RPC_ENTRY NdrServerContextMarshall(PMIDL_STUB_MESSAGE msg, NDR_SCONTEXT context, NDR_RUNDOWN rundown)
{
    NDRSContextMarshallEx(msg->RpcMsg->Handle, context, take(msg), rundown);
}

/* ---- the application's locks */

/* The handle that the manager was given as user: its value or, [in, out], the address of that. */
static struct ndr_held_context *held_by_user(const struct ndr_call_contexts *contexts, const void *user)
{
    struct ndr_held_context *held;

    for (held = contexts ? contexts->held : NULL; held; held = held->next) {
        if (held->context->user == user || &held->context->user == user)
            return held;
    }
    return NULL;
}

/* A call that was given the same handle twice has its lock once. */
static struct ndr_held_context *lock_holder(const struct ndr_call_contexts *contexts,
                                            const struct ndr_context *context)
{
    struct ndr_held_context *held;

    for (held = contexts->held; held; held = held->next) {
        if (held->context == context && held->locked)
            return held;
    }
    return NULL;
}

/* From shared to exclusive. The call goes on sharing while it waits for the others to end, so that nobody
 * writes in between; of two that do so the second cannot, and is told. */
static RPC_STATUS upgrade(struct ndr_held_context *held)
{
    struct ndr_context *context = held->context;

    if (context->upgrading) {
        unlock_context(held);
        held->exclusive = TRUE;
        lock_context(held);
        return ERROR_MORE_WRITES;
    }
    context->upgrading = TRUE;
    while (context->shared > 1)
        wait_unlocked(held);
    context->upgrading = FALSE;
    context->shared = 0;
    context->exclusive = held->exclusive = TRUE;
    return RPC_S_OK;
}

static void downgrade(struct ndr_held_context *held)
{
    unlock_context(held);
    held->exclusive = FALSE;
    lock_context(held); /* does not wait: nobody has seen it unlocked */
}

static RPC_STATUS relock(RPC_BINDING_HANDLE call, void *user, BOOL exclusive)
{
    const struct ndr_call_contexts *contexts =
        runtime_call_contexts(call ? call : I_RpcGetCurrentCallHandle());
    struct ndr_held_context *held = held_by_user(contexts, user);
    RPC_STATUS status = RPC_S_OK;

    if (!held)
        return RPC_X_SS_CONTEXT_MISMATCH;
    held = lock_holder(contexts, held->context);
    if (!held || held->exclusive == exclusive)
        return RPC_S_OK;
    AcquireSRWLockExclusive(&held->association->lock);
    if (exclusive)
        status = upgrade(held);
    else
        downgrade(held);
    ReleaseSRWLockExclusive(&held->association->lock);
    return status;
}

/* Takes the lock of a handle that this call holds from shared to exclusive, or back; for an [out] handle that
 * is nothing. ERROR_MORE_WRITES: done, but another call had it exclusively in between. Source: SDK,
 * RpcSsContextLockExclusive, RpcSsContextLockShared. */
RPC_STATUS RPC_ENTRY RpcSsContextLockExclusive(RPC_BINDING_HANDLE call, void *user)
{
    return relock(call, user, TRUE);
}

RPC_STATUS RPC_ENTRY RpcSsContextLockShared(RPC_BINDING_HANDLE call, void *user)
{
    return relock(call, user, FALSE);
}

/* Source: SDK, RpcSsDontSerializeContext. */
void RPC_ENTRY RpcSsDontSerializeContext(void)
{
    dont_serialize = TRUE;
}

void RPC_ENTRY I_RpcSsDontSerializeContext(void)
{
    dont_serialize = TRUE;
}

/* ---- the runtime's calls */

void ndr_contexts_call_done(struct ndr_call_contexts *contexts)
{
    while (contexts->held) {
        struct ndr_held_context *held = contexts->held;

        contexts->held = held->next;
        AcquireSRWLockExclusive(&held->association->lock);
        unlock_context(held);
        ReleaseSRWLockExclusive(&held->association->lock);
        release(held->context);
        os_free(held);
    }
}

static void rundown_one(void *argument)
{
    struct ndr_context *context = argument;

    context->rundown(context->user);
}

static void run_down(struct ndr_context *context)
{
    if (context->rundown && context->user)
        os_try(rundown_one, context);
}

void ndr_contexts_run_down(struct ndr_association_contexts *contexts)
{
    while (contexts->first) {
        struct ndr_context *context = contexts->first;

        contexts->first = context->next;
        context->listed = FALSE;
        run_down(context);
        release(context);
    }
}

/* Takes the handles that guard closes to other interfaces, all such where guard is NULL, out of the list;
 * with the references that it had. */
static struct ndr_context *take_guarded(struct ndr_association_contexts *contexts, const void *guard)
{
    struct ndr_context *context, *taken = NULL, **link = &contexts->first;

    AcquireSRWLockExclusive(&contexts->lock);
    while ((context = *link) != NULL) {
        if (context->guard == RPC_CONTEXT_HANDLE_DEFAULT_GUARD ||
            (guard && !same_guard(context->guard, guard))) {
            link = &context->next;
            continue;
        }
        *link = context->next;
        context->listed = FALSE;
        context->next = taken;
        taken = context;
    }
    ReleaseSRWLockExclusive(&contexts->lock);
    return taken;
}

void ndr_contexts_forget(struct ndr_association_contexts *contexts, const void *guard, BOOL rundown)
{
    struct ndr_context *context, *next;

    for (context = take_guarded(contexts, guard); context; context = next) {
        next = context->next;
        if (rundown)
            run_down(context);
        release(context);
    }
}
