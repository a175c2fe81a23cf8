/*
 * Where the server listens, and whether it does. lock guards the addresses and the listening state; stopped
 * is signalled by whoever ends listening, and idle when no call is left.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "binding.h"
#include "connection.h"
#include "server.h"

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE stopped = CONDITION_VARIABLE_INIT;
static struct server_address *addresses;
static BOOL listening, waiting;
static BOOL unwaited; /* listening began, and nobody has waited for its end yet */
static unsigned max_calls = RPC_C_LISTEN_MAX_CALLS_DEFAULT;

volatile LONG server_statistics[4];
struct server_hooks server_hooks;

/* lock is held. */
static RPC_STATUS open_address(const struct transport_ops *ops, const WCHAR *endpoint, unsigned backlog,
                               unsigned policy, void *security_descriptor)
{
    struct server_address *address;
    RPC_STATUS status =
        server_address_open(ops, endpoint, backlog, policy, security_descriptor, NULL, &address);

    if (status == RPC_S_OK) {
        address->next = addresses;
        addresses = address;
    }
    return status;
}

/* The endpoint mapper is at TCP port 135 too ([MS-RPCE] 2.1.1.1), but Wine's rpcss does not ask for that.
 * Where the port cannot be had, the mapper does without. lock is held. */
static void open_mapper_port(const struct transport_ops *ops, const WCHAR *endpoint, unsigned backlog)
{
    struct server_address *address;

    if (ops != &transport_lrpc || lstrcmpiW(endpoint, L"epmapper"))
        return;
    for (address = addresses; address; address = address->next)
        if (address->ops == &transport_tcp && !lstrcmpW(address->endpoint, L"135"))
            return;
    open_address(&transport_tcp, L"135", backlog, 0, NULL);
}

RPC_STATUS server_use(const WCHAR *protseq, const WCHAR *endpoint, unsigned backlog, unsigned policy,
                      void *security_descriptor)
{
    const struct transport_ops *ops = transport_find(protseq);
    struct server_address *address;
    RPC_STATUS status = RPC_S_OK;

    if (!ops)
        return RPC_S_PROTSEQ_NOT_SUPPORTED;
    if (!endpoint)
        endpoint = L"";
    /* SDK, RpcServerUseProtseqEx: "for all other protocol sequences, the RPC run time ignores these values"
     */
    if (ops != &transport_tcp)
        policy = 0;
    AcquireSRWLockExclusive(&lock);
    for (address = addresses; address; address = address->next) {
        if (address->ops != ops)
            continue;
        if (!*endpoint && address->dynamic && address->policy == policy)
            break;
        if (*endpoint && !lstrcmpiW(address->endpoint, endpoint)) {
            status = RPC_S_DUPLICATE_ENDPOINT;
            break;
        }
    }
    if (!address)
        status = open_address(ops, endpoint, backlog, policy, security_descriptor);
    if (status == RPC_S_OK)
        open_mapper_port(ops, endpoint, backlog);
    ReleaseSRWLockExclusive(&lock);
    return status;
}

void server_addresses(server_each_address *each, void *context)
{
    AcquireSRWLockShared(&lock);
    for (struct server_address *address = addresses; address; address = address->next)
        server_address_networks(address, each, context);
    ReleaseSRWLockShared(&lock);
}

BOOL server_has_addresses(void)
{
    return *(struct server_address *volatile *)&addresses != NULL;
}

/* ---- listening */

RPC_STATUS server_listen(unsigned minimum_threads, unsigned calls, BOOL wait)
{
    RPC_STATUS status = RPC_S_OK;

    if (!calls || minimum_threads > calls)
        return RPC_S_MAX_CALLS_TOO_SMALL;
    AcquireSRWLockExclusive(&lock);
    if (listening) {
        status = RPC_S_ALREADY_LISTENING;
    } else if (!addresses) {
        status = RPC_S_NO_PROTSEQS_REGISTERED;
    } else {
        listening = unwaited = TRUE;
        max_calls = calls;
    }
    ReleaseSRWLockExclusive(&lock);
    return status || !wait ? status : server_wait();
}

RPC_STATUS server_wait(void)
{
    RPC_STATUS status = RPC_S_OK;

    AcquireSRWLockExclusive(&lock);
    if (waiting)
        status = RPC_S_ALREADY_LISTENING;
    else if (!unwaited)
        status = RPC_S_NOT_LISTENING;
    waiting = waiting || status == RPC_S_OK;
    while (status == RPC_S_OK && listening)
        SleepConditionVariableSRW(&stopped, &lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&lock);
    if (status)
        return status;
    dispatch_drain();
    server_interfaces_drain();
    AcquireSRWLockExclusive(&lock);
    waiting = FALSE;
    unwaited = listening;
    ReleaseSRWLockExclusive(&lock);
    return RPC_S_OK;
}

RPC_STATUS server_stop(void)
{
    RPC_STATUS status;

    AcquireSRWLockExclusive(&lock);
    status = listening ? RPC_S_OK : RPC_S_NOT_LISTENING;
    listening = FALSE;
    ReleaseSRWLockExclusive(&lock);
    WakeAllConditionVariable(&stopped);
    return status;
}

BOOL server_is_listening(void)
{
    return *(volatile BOOL *)&listening;
}

unsigned server_max_calls(void)
{
    return *(volatile unsigned *)&max_calls;
}

/* ---- association groups */

static SRWLOCK groups_lock = SRWLOCK_INIT;
static struct server_association *groups;

static struct server_association *add_group(void)
{
    static uint32_t last_group;
    struct server_association *association = os_alloc_zero(sizeof *association);

    if (!association)
        return NULL;
    if (!last_group)
        last_group = GetCurrentProcessId() << 16 | (GetTickCount() & 0xffff);
    association->group = ++last_group ? last_group : ++last_group;
    InitializeSRWLock(&association->lock);
    association->next = groups;
    groups = association;
    return association;
}

struct server_association *server_association_join(uint32_t group)
{
    struct server_association *association;

    AcquireSRWLockExclusive(&groups_lock);
    if (group)
        for (association = groups; association && association->group != group;)
            association = association->next;
    else
        association = add_group();
    if (association)
        association->refs++;
    ReleaseSRWLockExclusive(&groups_lock);
    return association;
}

void server_association_leave(struct server_association *association)
{
    struct server_association **at = &groups;
    BOOL last;

    AcquireSRWLockExclusive(&groups_lock);
    last = !--association->refs;
    while (last && *at != association)
        at = &(*at)->next;
    if (last)
        *at = association->next;
    ReleaseSRWLockExclusive(&groups_lock);
    if (!last)
        return;
    if (server_hooks.association_gone)
        server_hooks.association_gone(association->contexts);
    os_free(association);
}

/* Who is visited has a reference meanwhile, and thus stays in the list, where the next one is found. */
void server_associations_visit(void (*visit)(void **contexts, void *argument), void *argument)
{
    struct server_association *association, *next;

    AcquireSRWLockExclusive(&groups_lock);
    if ((association = groups) != NULL)
        association->refs++;
    ReleaseSRWLockExclusive(&groups_lock);
    while (association) {
        visit(association->contexts, argument);
        AcquireSRWLockExclusive(&groups_lock);
        if ((next = association->next) != NULL)
            next->refs++;
        ReleaseSRWLockExclusive(&groups_lock);
        server_association_leave(association);
        association = next;
    }
}
