/*
 * Running managers. One queue for the process, served by port workers, of which no more than
 * RpcServerListen's MaxCalls are in it at a time. lock guards the queue and the counts.
 *
 * A worker that finds more than one call queued asks for one more worker before it runs its own; that one
 * does the same. Calls of one connection are dispatched in the order in which they arrived (SDK, "Causal
 * Ordering of Asynchronous Calls"): one is not entered before the one ahead of it was.
 *
 * A security callback may put its answer off (RPC_IF_ASYNC_CALLBACK): the call then has no thread, passes its
 * turn on, and comes back into the queue with the answer.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "connection.h"
#include "error_info.h"
#include "inflow.h"
#include "outflow.h"
#include "server.h"
#include "thread.h"
#include "../wire/epmap.h"

enum { PATIENCE = 2 }; /* ms */

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE drained = CONDITION_VARIABLE_INIT;
static struct call *queue, **queue_tail = &queue;
static unsigned running;
static unsigned helpers = 1; /* how many the watch sends next */
static BOOL watched;

static void send_help(struct os_timer *timer);
static struct os_timer watch = {.fire = send_help};

struct call *dispatch_queue(struct call *calls)
{
    struct call *call;

    for (call = calls; call; call = call->queue_next)
        call->sequence = call->connection->sequence++;
    AcquireSRWLockExclusive(&lock);
    *queue_tail = calls;
    while (*queue_tail)
        queue_tail = &(*queue_tail)->queue_next;
    ReleaseSRWLockExclusive(&lock);
    return NULL;
}

/* ---- answers */

static void answer_left(struct outgoing *out, DWORD error)
{
    (void)error;
    call_release(CONTAINING_RECORD(out, struct call, sending));
}

static void call_done(struct call *call)
{
    if (server_hooks.call_done)
        server_hooks.call_done(call->contexts);
}

/* Takes the call off its connection; one of which more is to come, and pass unread, goes with its last
 * fragment. FALSE: it was off already. */
static BOOL forget(struct call *call)
{
    struct call *known;

    if (call->inflow && inflow_discard(call))
        return !call->lost;
    known = connection_forget(call->connection, call);
    if (known)
        call_release(known);
    return known != NULL;
}

/* The call is over for the connection. FALSE: it has been answered before, or nobody waits for an answer. */
static BOOL close_call(struct call *call)
{
    BOOL known;

    if (InterlockedExchange(&call->replied, TRUE))
        return FALSE;
    known = forget(call);
    if (call->counted)
        server_interface_leave(call->interface, call);
    call_finish(call, CALL_COMPLETE, RPC_S_OK);
    if (known && !call->lost && !(call->wire_flags & WIRE_MAYBE))
        return TRUE;
    call_done(call);
    return FALSE;
}

static void set_response(struct call *call)
{
    struct wire_call_params *params = &call->sending.params;

    params->ptype = WIRE_RESPONSE;
    params->call_id = call->call_id;
    params->context_id = call->context.id;
    params->cancel_count = call->cancelled != 0;
}

RPC_STATUS server_call_reply_part(struct call *call, size_t length, unsigned how)
{
    if (call->lost || call->replied)
        return call->connection->ended ? RPC_S_CALL_FAILED : RPC_S_CALL_CANCELLED;
    set_response(call);
    return outflow_add(call, length, how);
}

BOOL server_call_reply(struct call *call, size_t length)
{
    struct outgoing *out = &call->sending;

    if (!close_call(call))
        return FALSE;
    if (call->outflow) {
        set_response(call);
        outflow_add(call, length, OUTFLOW_LAST | OUTFLOW_QUIET);
        call_done(call);
        return TRUE;
    }
    set_response(call);
    out->data = call->out;
    out->length = length;
    out->done = answer_left;
    call_ref(call);
    connection_send(call->connection, out, connection_is_threads(call->connection));
    call_done(call);
    return TRUE;
}

BOOL server_call_fault(struct call *call, RPC_STATUS status, BOOL executed)
{
    struct wire_call_params params = {
        .ptype = WIRE_FAULT,
        .flags = WIRE_FIRST_FRAG | WIRE_LAST_FRAG | (executed ? 0 : WIRE_DID_NOT_EXECUTE),
        .call_id = call->call_id,
        .context_id = call->context.id,
        .cancel_count = call->cancelled != 0,
    };
    uint8_t fault[WIRE_MIN_FRAG];
    size_t length;

    if (!close_call(call))
        return FALSE;
    TRACE("call %p id %u: fault %#lx\n", call, call->call_id, status);
    length = wire_encode_fault(fault, sizeof fault, &params, wire_fault_from_status(status));
    connection_send_pdu(call->connection, fault, errors_append(fault, length, sizeof fault),
                        connection_is_threads(call->connection));
    call_done(call);
    return TRUE;
}

/* ---- dispatching */

static void wait_turn(struct call *call)
{
    struct connection *conn = call->connection;
    LONG entering;

    while ((entering = conn->entering) - call->sequence < 0)
        WaitOnAddress(&conn->entering, &entering, sizeof entering, INFINITE);
    while (conn->entered - call->sequence < 0)
        SwitchToThread(); /* its thread is between two instructions of server_call_entered */
}

/* The wake comes before the word that lets the next call pass, so that nothing takes long between that word
 * and the manager's own first instruction. */
void server_call_entered(struct call *call)
{
    struct connection *conn = call->connection;
    LONG next = call->sequence + 1;

    if (call->inflow)
        inflow_keep(call);
    if (call->outer)
        return;
    if (InterlockedCompareExchange(&conn->entering, next, call->sequence) != call->sequence)
        return;
    if (conn->sequence != next)
        WakeByAddressAll((void *)&conn->entering);
    InterlockedExchange(&conn->entered, next);
}

/* SDK, "Interface Registration Flags". ncalrpc tells who its clients are; the others have no authentication
 * yet. */
static BOOL authorised(const struct server_interface *interface, const struct transport_ops *ops)
{
    BOOL local = ops == &transport_lrpc;

    if (interface->flags & RPC_IF_ALLOW_LOCAL_ONLY && ops != &transport_lrpc && ops != &transport_np)
        return FALSE;
    if (interface->flags & RPC_IF_ALLOW_SECURE_ONLY && !local)
        return FALSE;
    return !interface->callback || local || interface->flags & RPC_IF_ALLOW_CALLBACKS_WITH_NO_AUTH;
}

/* The routine for the call, or NULL. With RPC_IF_OLE one takes all methods of an interface, as what COM
 * registers has only one. */
static RPC_DISPATCH_FUNCTION routine_of(const struct call *call)
{
    const RPC_DISPATCH_TABLE *table = ((const RPC_SERVER_INTERFACE *)call->spec)->DispatchTable;
    unsigned number = call->interface && call->interface->flags & RPC_IF_OLE ? 0 : call->opnum;

    _Static_assert(offsetof(RPC_SERVER_INTERFACE, DispatchTable) ==
                           offsetof(RPC_CLIENT_INTERFACE, DispatchTable) &&
                       offsetof(RPC_SERVER_INTERFACE, InterpreterInfo) ==
                           offsetof(RPC_CLIENT_INTERFACE, InterpreterInfo),
                   "a client's callbacks are found where a server's procedures are");
    return table && number < table->DispatchTableCount ? table->DispatchTable[number] : NULL;
}

/* Says in the extended error information why the call may not run. */
static RPC_STATUS refused(RPC_STATUS status, enum error_location location)
{
    errors_note(ERROR_BY_RUNTIME, status, location, 0);
    return status;
}

/* May the call run? What RpcServerRegisterIf2 was told (SDK). A client's callbacks are registered nowhere. */
static RPC_STATUS admit(struct call *call)
{
    struct server_interface *interface = call->interface;
    RPC_STATUS status;
    LONG calls;

    if (!interface)
        return routine_of(call) ? RPC_S_OK : refused(RPC_S_PROCNUM_OUT_OF_RANGE, AT_NO_PROCEDURE);
    calls = server_interface_enter(interface, call);
    if (!interface->registered)
        return refused(RPC_S_UNKNOWN_IF, AT_UNREGISTERED);
    if (!(interface->flags & RPC_IF_AUTOLISTEN) && !server_is_listening())
        return refused(RPC_S_SERVER_TOO_BUSY, AT_NOT_LISTENING);
    if (interface->flags & RPC_IF_AUTOLISTEN && (unsigned)calls > interface->max_calls) {
        errors_note(ERROR_BY_RUNTIME, RPC_S_SERVER_TOO_BUSY, AT_AUTOLISTEN_MAX, 2, (ULONG)calls,
                    (ULONG)interface->max_calls);
        return RPC_S_SERVER_TOO_BUSY;
    }
    if (!routine_of(call))
        return refused(RPC_S_PROCNUM_OUT_OF_RANGE, AT_NO_PROCEDURE);
    if (!authorised(interface, call->connection->transport->ops) ||
        !server_interface_admits(interface, call->connection->transport))
        return RPC_S_ACCESS_DENIED;
    status = server_manager_for(interface, &call->object, &call->message.ManagerEpv);
    return status ? refused(status, AT_NO_TYPE) : RPC_S_OK;
}

/* Processes on Wine's own rpcrt4, and ours, register endpoints with rpcss in Wine's way: see wire/epmap.h. */
static void mend_epmap(struct call *call)
{
    size_t length = call->assembly.length, size;
    uint8_t *copy;

    if (!call->interface || call->opnum > EPMAP_DELETE ||
        !wire_syntax_equal(&call->interface->abstract, &wire_epmap) || !epmap_is_wine(call->in, length) ||
        !(copy = os_alloc(length)))
        return;
    memcpy(copy, call->in, length);
    size = epmap_mend_wine(NULL, 0, copy, length);
    if (size && call_reserve_in(call, size)) {
        epmap_mend_wine(call->in, size, copy, length);
        call->assembly.length = size;
    }
    os_free(copy);
}

static void prepare_message(struct call *call)
{
    RPC_MESSAGE *message = &call->message;
    const uint8_t *drep = call->assembly.drep;

    mend_epmap(call);
    message->Handle = call;
    message->DataRepresentation = drep[0] | drep[1] << 8 | drep[2] << 16 | (ULONG)drep[3] << 24;
    message->Buffer = call->in;
    message->BufferLength = call->assembly.length;
    message->ProcNum = call->opnum;
    message->TransferSyntax = (RPC_SYNTAX_IDENTIFIER *)call->context.transfer;
    message->RpcInterfaceInformation = call->spec;
    message->ReservedForRuntime = call;
    message->RpcFlags = RPC_BUFFER_COMPLETE;
    if (call->inflow) {
        struct inview view = {0};

        inflow_take(call, 0, 1, INFLOW_LOOK, &view);
        message->Buffer = view.data;
        message->BufferLength = (unsigned)view.length;
        if (!view.complete)
            message->RpcFlags = RPC_BUFFER_PARTIAL;
    }
}

/* Octets of the reply where the dispatch routine left them. */
static size_t reply_length(const struct call *call)
{
    const RPC_MESSAGE *message = &call->message;
    const void *place = call->outflow ? outflow_at((struct call *)call) : call->out;

    return place && message->Buffer == place ? message->BufferLength : 0;
}

/* ---- security callbacks */

enum clearance { CLEARANCE_NONE, CLEARANCE_ASKED, CLEARANCE_AWAITED, CLEARANCE_GRANTED, CLEARANCE_REFUSED };

/* SDK, RPC_IF_CALLBACK_FN: whatever the callback's status, the client sees RPC_S_ACCESS_DENIED. */
static RPC_STATUS verdict_of(RPC_STATUS verdict)
{
    if (!verdict)
        return RPC_S_OK;
    errors_note(ERROR_BY_RUNTIME, RPC_S_ACCESS_DENIED, AT_SECURITY_CALLBACK, 1, (ULONG)verdict);
    return RPC_S_ACCESS_DENIED;
}

/* That a callback puts its answer off with RPC_S_ASYNC_CALL_PENDING is unverified on Windows: the SDK has the
 * flag and RpcServerCompleteSecurityCallback, and no word of how the one calls for the other. */
static void ask_callback(void *context)
{
    struct call *call = context;
    struct server_interface *interface = call->interface;
    RPC_STATUS verdict;

    call->clearance = interface->flags & IF_ASYNC_CALLBACK ? CLEARANCE_ASKED : CLEARANCE_NONE;
    verdict = interface->callback(call->spec, call);
    if (verdict == RPC_S_ASYNC_CALL_PENDING && call->clearance != CLEARANCE_NONE) {
        call->status = verdict;
        return;
    }
    call->clearance = CLEARANCE_NONE; /* no other answer is awaited */
    call->status = verdict_of(verdict);
}

static RPC_STATUS clearance_status(const struct call *call)
{
    return verdict_of(call->clearance == CLEARANCE_REFUSED ? RPC_S_ACCESS_DENIED : RPC_S_OK);
}

/* The callback put its answer off: who gives it has the call, and its reference, from here on. FALSE: it is
 * given already. */
static BOOL await_clearance(struct call *call)
{
    server_call_entered(call);
    return InterlockedCompareExchange(&call->clearance, CLEARANCE_AWAITED, CLEARANCE_ASKED) ==
           CLEARANCE_ASKED;
}

/* ---- running */

static void run_manager(void *context)
{
    struct call *call = context;

    call->executed = TRUE;
    routine_of(call)(&call->message);
}

/* Foreign code for the call. Gives call->status as that left it, or the exception that it raised. */
static RPC_STATUS call_out(struct call *call, void (*routine)(void *call))
{
    struct call *before = thread_set_server_call(call);
    ULONG exception;

    os_worker_leave();
    exception = os_try(routine, call);
    os_worker_return();
    thread_set_server_call(before);
    if (exception)
        errors_note(ERROR_BY_RUNTIME, exception, AT_DISPATCH, 0);
    return exception ? (RPC_STATUS)exception : call->status;
}

/* Answers the call, unless an asynchronous manager has yet to; takes the reference. */
static void conclude(struct call *call, RPC_STATUS status)
{
    server_call_entered(call);
    if (status)
        server_call_fault(call, status, call->executed);
    else if (!call->async)
        server_call_reply(call, reply_length(call));
    errors_clear();
    call_release(call);
}

/* A call that was admitted and cleared; takes the reference. */
static void run(struct call *call)
{
    call->status = RPC_S_OK;
    prepare_message(call);
    conclude(call, call_out(call, run_manager));
}

void dispatch_call(struct call *call)
{
    RPC_STATUS status;

    InterlockedIncrement(&server_statistics[RPC_C_STATS_CALLS_IN]);
    status = call->lost ? RPC_S_CALL_CANCELLED : admit(call);
    if (status == RPC_S_OK && call->interface && call->interface->callback) {
        status = call_out(call, ask_callback);
        if (status == RPC_S_ASYNC_CALL_PENDING && call->clearance != CLEARANCE_NONE) {
            if (await_clearance(call))
                return;
            status = clearance_status(call);
        }
    }
    if (status)
        conclude(call, status);
    else
        run(call);
}

/* A call whose security callback has answered at last. */
static void resume(struct call *call)
{
    RPC_STATUS status = call->lost ? RPC_S_CALL_CANCELLED : clearance_status(call);

    if (status)
        conclude(call, status);
    else
        run(call);
}

static void dispatch(struct call *call)
{
    if (call->clearance != CLEARANCE_NONE) {
        resume(call);
        return;
    }
    wait_turn(call);
    dispatch_call(call);
}

/* More workers are to come if the queue is not empty soon. lock is held. */
static void watch_queue(void)
{
    if (!queue || watched)
        return;
    watched = TRUE;
    if (os_timer_set(&watch, PATIENCE))
        watched = FALSE;
}

/* A worker that the watch sent. */
static void help(struct os_io *io, DWORD error, DWORD bytes)
{
    (void)io, (void)error, (void)bytes;
    dispatch_run(NULL);
}

static void send_help(struct os_timer *timer)
{
    static struct os_io io = {.done = help};
    unsigned count = 0, room;

    (void)timer;
    AcquireSRWLockExclusive(&lock);
    watched = FALSE;
    room = running < server_max_calls() ? server_max_calls() - running : 0;
    for (struct call *call = queue; call && count < helpers && count < room; call = call->queue_next)
        count++;
    helpers = queue ? helpers * 2 : 1;
    watch_queue();
    ReleaseSRWLockExclusive(&lock);
    while (count-- && !os_port_post(&io, 0))
        ;
}

RPC_STATUS server_call_clear(struct call *call, RPC_STATUS verdict)
{
    static struct os_io io = {.done = help};
    LONG given = verdict ? CLEARANCE_REFUSED : CLEARANCE_GRANTED;

    if (InterlockedCompareExchange(&call->clearance, given, CLEARANCE_ASKED) == CLEARANCE_ASKED)
        return RPC_S_OK; /* the callback is not back yet */
    if (InterlockedCompareExchange(&call->clearance, given, CLEARANCE_AWAITED) != CLEARANCE_AWAITED)
        return RPC_S_NO_CALL_ACTIVE;
    call->queue_next = NULL;
    AcquireSRWLockExclusive(&lock);
    *queue_tail = call;
    queue_tail = &call->queue_next;
    ReleaseSRWLockExclusive(&lock);
    if (os_port_post(&io, 0))
        dispatch_run(NULL);
    return RPC_S_OK;
}

static struct call *pop(void)
{
    struct call *call = queue;

    if (!call || running >= server_max_calls())
        return NULL;
    queue = call->queue_next;
    if (!queue)
        queue_tail = &queue;
    running++;
    return call;
}

void dispatch_run(struct call *none)
{
    struct call *call;

    (void)none;
    AcquireSRWLockExclusive(&lock);
    while ((call = pop())) {
        watch_queue();
        ReleaseSRWLockExclusive(&lock);
        dispatch(call);
        AcquireSRWLockExclusive(&lock);
        running--;
    }
    if (!queue && !running)
        WakeAllConditionVariable(&drained);
    ReleaseSRWLockExclusive(&lock);
}

void dispatch_drain(void)
{
    AcquireSRWLockExclusive(&lock);
    while ((queue || running) && !os_process_ends())
        SleepConditionVariableSRW(&drained, &lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&lock);
}
