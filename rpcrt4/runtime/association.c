/*
 * Client associations: the list of them, their pools of connections, and the reaping of what is idle.
 *
 * list_lock guards the list and every association's bindings count; it is taken before an association's lock.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "association.h"
#include "binding.h"
#include "client.h"
#include "client_start.h"
#include "connection.h"
#include "error_info.h"

enum {
    REAP_PERIOD = 10000, /* ms between looks at idle connections */
    IDLE_LIMIT = 30000,  /* ms after which one is closed */
    STALE_AFTER = 1      /* ms after which one is asked whether its peer is still there */
};

static SRWLOCK list_lock = SRWLOCK_INIT;
static struct association *associations;

static void reap(struct os_timer *timer);

/* Milliseconds. GetTickCount64 goes in steps of sixteen, in which a server may well end. */
static ULONGLONG now_ms(void)
{
    LARGE_INTEGER count, frequency;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return count.QuadPart / (frequency.QuadPart / 1000);
}

static BOOL same(const struct association *association, const struct binding *binding)
{
    return !association->unique && association->ops == binding->ops &&
           !lstrcmpiW(association->network, binding->network) &&
           !lstrcmpiW(association->endpoint, binding->endpoint) &&
           !lstrcmpW(association->options, binding->options);
}

static struct association *create(const struct binding *binding)
{
    struct association *association = os_alloc_zero(sizeof *association);

    if (!association)
        return NULL;
    association->refs = 1;
    InitializeSRWLock(&association->lock);
    association->ops = binding->ops;
    association->network = string_copy(binding->network);
    association->endpoint = string_copy(binding->endpoint);
    association->options = string_copy(binding->options);
    association->unique = binding->unique != 0;
    association->reaper.fire = reap;
    if (!association->network || !association->endpoint || !association->options) {
        association_release(association);
        return NULL;
    }
    return association;
}

struct association *association_open(struct binding *binding)
{
    struct association *association = NULL;

    AcquireSRWLockExclusive(&list_lock);
    if (!binding->unique)
        for (association = associations; association; association = association->next)
            if (same(association, binding))
                break;
    if (association) {
        association_ref(association);
    } else if ((association = create(binding))) {
        association->next = associations;
        associations = association_ref(association);
    }
    if (association)
        association->bindings++;
    ReleaseSRWLockExclusive(&list_lock);
    return association;
}

struct association *association_attach(struct association *association)
{
    AcquireSRWLockExclusive(&list_lock);
    association->bindings++;
    ReleaseSRWLockExclusive(&list_lock);
    return association_ref(association);
}

struct association *association_ref(struct association *association)
{
    InterlockedIncrement(&association->refs);
    return association;
}

void association_release(struct association *association)
{
    if (InterlockedDecrement(&association->refs))
        return;
    os_free(association->network);
    os_free(association->endpoint);
    os_free(association->options);
    os_free(association);
}

/* Takes it off the list, and drops the list's reference, if no binding uses it. FALSE: it stays. */
static BOOL unlist(struct association *association)
{
    struct association **at = &associations;
    BOOL unused;

    AcquireSRWLockExclusive(&list_lock);
    unused = !association->bindings;
    while (unused && *at && *at != association)
        at = &(*at)->next;
    unused = unused && *at;
    if (unused)
        *at = association->next;
    ReleaseSRWLockExclusive(&list_lock);
    if (unused)
        association_release(association);
    return unused;
}

/* Cuts the connections that no call uses; all of them, or those idle since before limit; but leaves one if
 * `keep`. TRUE: some remain. */
static BOOL close_idle(struct association *association, ULONGLONG limit, BOOL keep)
{
    struct connection *victims = NULL, **at, *conn;
    BOOL remain;

    AcquireSRWLockExclusive(&association->lock);
    for (at = &association->connections; (conn = *at);) {
        if (conn->busy || conn->idle_since > limit || (keep && !conn->next)) {
            keep = FALSE;
            at = &conn->next;
            continue;
        }
        *at = conn->next;
        if (association->shared == conn)
            association->shared = NULL;
        conn->next = victims;
        victims = conn;
    }
    remain = association->connections != NULL;
    if (!remain)
        association->group = 0; /* it ends with its last connection, C706 12.6.3.1 */
    ReleaseSRWLockExclusive(&association->lock);
    while ((conn = victims)) {
        victims = conn->next;
        connection_end(conn, ERROR_GRACEFUL_DISCONNECT);
        connection_release(conn);
    }
    return remain;
}

void association_detach(struct association *association)
{
    BOOL last;

    AcquireSRWLockExclusive(&list_lock);
    last = !--association->bindings;
    if (last)
        association->fixed = FALSE;
    ReleaseSRWLockExclusive(&list_lock);
    if (last && (association->dont_linger || association->unique) && unlist(association))
        close_idle(association, MAXULONGLONG, FALSE);
    association_release(association);
}

/* The reaper holds a reference while armed. */
static void arm_reaper(struct association *association)
{
    association_ref(association);
    if (os_timer_set(&association->reaper, REAP_PERIOD))
        association_release(association);
}

/* SDK, "Idle Connection Cleanup": an association with context handles keeps one connection. */
static void reap(struct os_timer *timer)
{
    struct association *association = CONTAINING_RECORD(timer, struct association, reaper);
    ULONGLONG now = now_ms(), limit = now > IDLE_LIMIT ? now - IDLE_LIMIT : 0;
    BOOL remain;

    if (InterlockedExchange(&association->cleanup, FALSE))
        limit = MAXULONGLONG;
    remain = association->fixed || close_idle(association, limit, association->contexts > 0);
    if (remain) {
        if (os_timer_set(timer, REAP_PERIOD))
            association_release(association);
        return;
    }
    unlist(association);
    association_release(association);
}

/* A reaper that is not armed has nothing to reap, or is at it and may miss what became idle just now. */
void association_cleanup(void)
{
    AcquireSRWLockShared(&list_lock);
    for (struct association *each = associations; each; each = each->next) {
        InterlockedExchange(&each->cleanup, TRUE);
        if (os_timer_cancel(&each->reaper) && os_timer_set(&each->reaper, 0))
            association_release(each);
    }
    ReleaseSRWLockShared(&list_lock);
}

void association_drop(struct association *association, struct connection *conn)
{
    struct connection **at;
    BOOL found = FALSE;

    AcquireSRWLockExclusive(&association->lock);
    if (association->shared == conn)
        association->shared = NULL;
    for (at = &association->connections; *at; at = &(*at)->next) {
        if (*at == conn) {
            *at = conn->next;
            found = TRUE;
            break;
        }
    }
    if (!association->connections)
        association->group = 0;
    ReleaseSRWLockExclusive(&association->lock);
    if (found)
        connection_release(conn);
}

/* ---- the pool */

/* An idle connection of the kind asked for, best one that has the interface already; now busy and counted. */
static struct connection *take_idle(struct association *association, BOOL port_mode,
                                    const struct presentation *wanted)
{
    struct connection *conn, *best = NULL;
    struct presentation known = *wanted;

    AcquireSRWLockExclusive(&association->lock);
    for (conn = association->connections; conn; conn = conn->next) {
        if (conn->busy || conn->dead || conn == association->shared || conn->port_mode != port_mode)
            continue;
        if (connection_speaks(conn, &known)) {
            best = conn;
            break;
        }
        if (!association->no_alter)
            best = conn;
    }
    if (best) {
        best->busy = 1;
        connection_ref(best);
    }
    ReleaseSRWLockExclusive(&association->lock);
    return best;
}

static RPC_STATUS status_of_connect(DWORD error)
{
    switch (error) {
    case ERROR_PIPE_BUSY:
        return RPC_S_SERVER_TOO_BUSY;
    case ERROR_ACCESS_DENIED:
        return RPC_S_ACCESS_DENIED;
    case ERROR_NOT_ENOUGH_MEMORY:
        return RPC_S_OUT_OF_MEMORY;
    case ERROR_OPERATION_ABORTED:
        return RPC_S_CALL_CANCELLED;
    case ERROR_INVALID_NAME:
        return RPC_S_INVALID_ENDPOINT_FORMAT;
    default:
        return RPC_S_SERVER_UNAVAILABLE;
    }
}

/* What did not work, and what that means. */
static void tell_error(const struct association *association, DWORD error, RPC_STATUS status)
{
    if (association->ops == &transport_tcp) {
        errors_note(ERROR_BY_WINSOCK, (RPC_STATUS)error, AT_SOCKET_CONNECT, 0);
        errors_note(ERROR_BY_RUNTIME, status, AT_SOCKET_OPEN_MAPPED, 0);
    } else if (association->ops == &transport_np) {
        errors_note_text(ERROR_BY_NMP, (RPC_STATUS)error, AT_PIPE_OPEN, association->endpoint);
        errors_note(ERROR_BY_RUNTIME, status, AT_PIPE_OPEN_MAPPED, 0);
    } else {
        errors_note_text(ERROR_BY_RUNTIME, status, AT_LOCAL_CONNECT, association->endpoint);
    }
}

/* Connects, until the call, if there is one, is abandoned: a Win32 error. */
static DWORD connect_for(const struct association *association, DWORD timeout, struct call *call,
                         struct transport_conn **transport)
{
    struct transport_address to = {association->network, association->endpoint, association->options};
    DWORD error = ERROR_OPERATION_ABORTED;
    HANDLE interrupt;

    if (!call)
        return association->ops->connect(&to, timeout, NULL, transport);
    if (!(interrupt = CreateEventW(NULL, TRUE, FALSE, NULL)))
        return GetLastError();
    if (client_start_connects(call, interrupt)) {
        error = association->ops->connect(&to, timeout, interrupt, transport);
        client_start_connected(call);
    }
    CloseHandle(interrupt);
    return error;
}

/* A new connection, busy, in the pool, not yet bound. */
static RPC_STATUS add_connection(struct association *association, DWORD timeout, struct call *call,
                                 struct connection **result)
{
    struct transport_conn *transport;
    struct connection *conn;
    BOOL first;
    DWORD error;

    if (association->fixed && !association->connections)
        return RPC_S_SERVER_UNAVAILABLE;
    error = connect_for(association, timeout, call, &transport);

    TRACE("%s to %s[%s]: %lu\n", debug_w(association->ops->protseq), debug_w(association->network),
          debug_w(association->endpoint), error);
    if (error) {
        tell_error(association, error, status_of_connect(error));
        return status_of_connect(error);
    }
    if (!(conn = connection_create(&client_role, transport)))
        return RPC_S_OUT_OF_MEMORY;
    conn->association = association_ref(association);
    conn->busy = 1;
    AcquireSRWLockExclusive(&association->lock);
    first = !association->connections;
    conn->next = association->connections;
    association->connections = connection_ref(conn);
    ReleaseSRWLockExclusive(&association->lock);
    if (first)
        arm_reaper(association);
    *result = conn;
    return RPC_S_OK;
}

static void discard(struct association *association, struct connection *conn)
{
    connection_end(conn, ERROR_GRACEFUL_DISCONNECT);
    association_drop(association, conn);
    connection_release(conn);
}

static void start_port_mode(struct connection *conn)
{
    if (!conn->port_mode) {
        conn->port_mode = TRUE;
        connection_receive(conn);
    }
}

/* A server that was started again knows nothing of the group: what is idle belongs to the one before. */
static BOOL forget_group(struct association *association, uint32_t group)
{
    BOOL had;

    close_idle(association, MAXULONGLONG, FALSE);
    AcquireSRWLockExclusive(&association->lock);
    had = group != 0;
    if (association->group == group)
        association->group = 0;
    ReleaseSRWLockExclusive(&association->lock);
    return had;
}

static RPC_STATUS negotiate(struct connection *conn, struct presentation *wanted, DWORD timeout,
                            struct call *call, BOOL shared)
{
    RPC_STATUS status;

    if (connection_speaks(conn, wanted))
        return RPC_S_OK;
    if (!client_start_negotiates(call, conn, shared))
        return RPC_S_CALL_CANCELLED;
    status = connection_negotiate(conn, wanted, timeout, call);
    return client_start_negotiated(call) ? status : RPC_S_CALL_CANCELLED;
}

static RPC_STATUS take_once(struct association *association, enum association_use use,
                            struct presentation *wanted, DWORD timeout, struct call *call,
                            struct connection **result)
{
    BOOL port_mode = use != ASSOCIATION_EXCLUSIVE;
    struct connection *conn;
    RPC_STATUS status;

    while ((conn = take_idle(association, port_mode, wanted))) {
        BOOL stale = now_ms() - conn->idle_since >= STALE_AFTER;

        if (!conn->dead && (!stale || conn->transport->ops->alive(conn->transport)))
            break;
        discard(association, conn);
    }
    if (!conn && (status = add_connection(association, timeout, call, &conn)))
        return status;
    status = negotiate(conn, wanted, timeout, call, FALSE);
    if (status) {
        discard(association, conn);
        return status;
    }
    *result = conn;
    return RPC_S_OK;
}

/* The shared connection, if there is a live one; counted, one more call on it. */
static struct connection *take_shared(struct association *association)
{
    struct connection *conn;

    AcquireSRWLockExclusive(&association->lock);
    conn = association->shared;
    if (conn && conn->dead)
        conn = association->shared = NULL;
    if (conn) {
        conn->busy++;
        connection_ref(conn);
    }
    ReleaseSRWLockExclusive(&association->lock);
    return conn;
}

/* Makes a bound, multiplexing connection the shared one; another thread's may have come first, then it
 * remains one of the pool's. */
static void share(struct association *association, struct connection *conn)
{
    AcquireSRWLockExclusive(&association->lock);
    if (!association->shared && !conn->dead)
        association->shared = conn;
    ReleaseSRWLockExclusive(&association->lock);
}

/* One connection for one call at a time. */
static RPC_STATUS take_single(struct association *association, enum association_use use,
                              struct presentation *wanted, DWORD timeout, struct call *call,
                              struct connection **result)
{
    uint32_t group = association->group;
    RPC_STATUS status = take_once(association, use, wanted, timeout, call, result);

    if (status == NEGOTIATE_AGAIN || (status == RPC_S_SERVER_TOO_BUSY && forget_group(association, group)))
        status = take_once(association, use, wanted, timeout, call, result);
    return status;
}

RPC_STATUS association_take(struct association *association, enum association_use use,
                            struct presentation *wanted, DWORD timeout, struct call *call,
                            struct connection **result, BOOL *shared)
{
    struct connection *conn;
    RPC_STATUS status;

    *shared = FALSE;
    if (use == ASSOCIATION_ASYNC && (conn = take_shared(association))) {
        status = negotiate(conn, wanted, timeout, call, TRUE);
        *result = conn;
        *shared = TRUE;
        if (status)
            association_give(association, conn);
        if (status != NEGOTIATE_AGAIN)
            return status;
        *shared = FALSE;
    }
    status = take_single(association, use, wanted, timeout, call, result);
    if (status == RPC_S_OK)
        errors_clear(); /* of attempts before */
    if (status || use == ASSOCIATION_EXCLUSIVE)
        return status;
    conn = *result;
    if (use == ASSOCIATION_ASYNC) {
        if (conn->multiplexed)
            share(association, conn);
        *shared = association->shared == conn;
    }
    start_port_mode(conn);
    return status;
}

void association_give(struct association *association, struct connection *conn)
{
    AcquireSRWLockExclusive(&association->lock);
    conn->busy--;
    conn->idle_since = now_ms();
    ReleaseSRWLockExclusive(&association->lock);
    if (conn->dead)
        association_drop(association, conn);
    connection_release(conn);
}

BOOL association_retake(struct association *association, struct connection *conn)
{
    BOOL mine;

    AcquireSRWLockExclusive(&association->lock);
    mine = !conn->busy && !conn->dead;
    if (mine)
        conn->busy = 1;
    ReleaseSRWLockExclusive(&association->lock);
    return mine;
}
