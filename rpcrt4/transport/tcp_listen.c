/*
 * Listening on TCP ports.
 *
 * A listener has a socket for each address that servers bind to (tcp_bind.c), all on one port, and for each
 * socket SLOTS accepts under way on the completion port. A slot whose accept could not be started (no sockets
 * left) has a timer instead that tries again.
 *
 * The lock guards `closing`, `busy` (slots that have an operation under way or run a routine of ours, and
 * calls of accepted) and the slots' sockets. Nothing foreign runs under it. The listener is freed by unlisten
 * once busy is 0.
 */
#include "tcp.h"
#include "../os/debug.h"

enum { SLOTS = 4, RETRY_TIME = 500, DYNAMIC_TRIES = 16, ADDRESS_SIZE = sizeof(SOCKADDR_STORAGE) + 16 };

struct slot {
    struct os_io io;
    struct os_timer retry;
    struct transport_listener *listener;
    SOCKET listening, client;
    char addresses[2 * ADDRESS_SIZE];
};

struct transport_listener {
    SRWLOCK lock;
    CONDITION_VARIABLE idle;
    unsigned busy, socket_count;
    BOOL closing;
    void (*accepted)(struct transport_conn *conn, void *context);
    void *context;
    SOCKET sockets[TCP_ADDRESSES_MAX];
    struct slot slots[];
};

static void drop_client(struct slot *slot)
{
    if (slot->client != INVALID_SOCKET)
        ws.closesocket(slot->client);
    slot->client = INVALID_SOCKET;
}

static void leave(struct transport_listener *listener)
{
    AcquireSRWLockExclusive(&listener->lock);
    if (!--listener->busy)
        WakeAllConditionVariable(&listener->idle);
    ReleaseSRWLockExclusive(&listener->lock);
}

static DWORD start_accept(struct slot *slot)
{
    SOCKADDR_STORAGE local;
    int length = sizeof(local);
    DWORD bytes, error = 0;

    if (ws.getsockname(slot->listening, (struct sockaddr *)&local, &length))
        return winsock_error();
    error = winsock_socket(local.ss_family, &slot->client);
    if (error)
        return error;
    memset(&slot->io.overlapped, 0, sizeof(slot->io.overlapped));
    if (!ws.AcceptEx(slot->listening, slot->client, slot->addresses, 0, ADDRESS_SIZE, ADDRESS_SIZE, &bytes,
                     &slot->io.overlapped))
        error = winsock_error();
    if (!error)
        error = os_port_post(&slot->io, 0);
    if (error == ERROR_IO_PENDING)
        return 0;
    if (error)
        drop_client(slot);
    return error;
}

/* Puts the busy slot to waiting for a client; afterwards it has something under way or is not busy any more.
 */
static void slot_waits(struct slot *slot)
{
    struct transport_listener *listener = slot->listener;
    BOOL ended;

    AcquireSRWLockExclusive(&listener->lock);
    ended = listener->closing;
    if (!ended) {
        DWORD error = start_accept(slot);

        if (error) {
            WARN("cannot accept: %lu\n", error);
            ended = os_timer_set(&slot->retry, RETRY_TIME) != 0;
        }
    }
    ReleaseSRWLockExclusive(&listener->lock);
    if (ended)
        leave(listener);
}

static void retry(struct os_timer *timer)
{
    slot_waits(CONTAINING_RECORD(timer, struct slot, retry));
}

static DWORD take_client(SOCKET listening, SOCKET client, struct transport_conn **conn)
{
    DWORD error;

    if (ws.setsockopt(client, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&listening,
                      sizeof(listening)))
        return winsock_error();
    error = os_port_attach((HANDLE)client);
    if (error)
        return error;
    error = tcp_wrap(client, conn);
    if (error)
        os_port_detach();
    return error;
}

static void client_came(struct os_io *io, DWORD error, DWORD bytes)
{
    struct slot *slot = CONTAINING_RECORD(io, struct slot, io);
    struct transport_listener *listener = slot->listener;
    struct transport_conn *conn = NULL;

    (void)bytes;
    AcquireSRWLockExclusive(&listener->lock);
    if (!error && !listener->closing)
        error = take_client(slot->listening, slot->client, &conn);
    if (conn) {
        slot->client = INVALID_SOCKET;
        listener->busy++; /* for accepted, below */
    } else {
        drop_client(slot);
    }
    ReleaseSRWLockExclusive(&listener->lock);
    slot_waits(slot); /* before this connection's work: accepted may take its time */
    if (!conn)
        return;
    listener->accepted(conn, listener->context);
    leave(listener);
}

/* ---- opening */

static void close_sockets(SOCKET *sockets, unsigned count)
{
    while (count)
        ws.closesocket(sockets[--count]);
}

static DWORD open_socket(struct tcp_address *address, USHORT port, ULONG backlog, SOCKET *sock)
{
    DWORD on = TRUE, error = winsock_socket(address->any.sa_family, sock);

    if (error)
        return error;
    address->v4.sin_port = __builtin_bswap16(port); /* at the same place in both families */
    ws.setsockopt(*sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof(on));
    if (address->any.sa_family == AF_INET6)
        ws.setsockopt(*sock, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&on, sizeof(on));
    if (ws.bind(*sock, &address->any, address->length) ||
        ws.listen(*sock, backlog && backlog < SOMAXCONN ? (int)backlog : SOMAXCONN))
        error = winsock_error();
    if (error)
        ws.closesocket(*sock);
    return error;
}

static USHORT port_of(SOCKET sock)
{
    struct tcp_address name = {.length = sizeof(name.v6)};

    return ws.getsockname(sock, &name.any, &name.length) ? 0 : __builtin_bswap16(name.v4.sin_port);
}

/* One socket for each address, all on one port, the first one's if *port is 0. A family that this machine
 * does not have, or has no address of, is left out as long as another one works. */
static DWORD open_sockets(struct tcp_address *addresses, unsigned count, USHORT *port, ULONG backlog,
                          SOCKET *sockets, unsigned *opened)
{
    DWORD error = ERROR_HOST_UNREACHABLE;
    unsigned i;

    for (i = *opened = 0; i < count; i++) {
        DWORD failed = open_socket(&addresses[i], *port, backlog, &sockets[*opened]);

        if (failed == ERROR_ALREADY_EXISTS) {
            close_sockets(sockets, *opened);
            return failed;
        }
        if (failed) {
            error = failed;
            continue;
        }
        if (!*port)
            *port = port_of(sockets[*opened]);
        ++*opened;
    }
    return *opened ? 0 : error;
}

/* The first port that is allowed and free, from anywhere on: SDK, "Configuring the Registry for Port
 * Allocations and Selective Binding", RPC_S_OUT_OF_RESOURCES "if all available ports are in use". */
static DWORD open_allowed(struct tcp_address *addresses, unsigned count, const struct tcp_ports *ports,
                          USHORT *port, ULONG backlog, SOCKET *sockets, unsigned *opened)
{
    unsigned i, start = (GetTickCount() * 2654435761u) >> 16;

    for (i = 0; i < TCP_PORTS; i++) {
        DWORD error;

        *port = (USHORT)(start + i);
        if (!(ports->allowed[*port / 8] & 1 << *port % 8))
            continue;
        error = open_sockets(addresses, count, port, backlog, sockets, opened);
        if (error != ERROR_ALREADY_EXISTS && error != ERROR_ACCESS_DENIED)
            return error;
    }
    return ERROR_NO_SYSTEM_RESOURCES;
}

static DWORD open_any(struct tcp_address *addresses, unsigned count, USHORT *port, ULONG backlog,
                      SOCKET *sockets, unsigned *opened)
{
    unsigned tries = DYNAMIC_TRIES;
    DWORD error;

    do {
        *port = 0;
        error = open_sockets(addresses, count, port, backlog, sockets, opened);
    } while (error == ERROR_ALREADY_EXISTS && --tries);
    return error;
}

static DWORD open_endpoint(const WCHAR *wanted, ULONG backlog, ULONG policy, USHORT *port, SOCKET *sockets,
                           unsigned *opened)
{
    struct tcp_address addresses[TCP_ADDRESSES_MAX];
    struct tcp_ports *ports;
    unsigned count;
    DWORD error;

    if (*wanted && tcp_port(wanted) < 0)
        return ERROR_INVALID_NAME;
    error = tcp_bind_addresses(policy, addresses, &count);
    if (!error)
        error = tcp_ports_allowed(policy, &ports);
    if (error)
        return error;
    if (*wanted) {
        *port = (USHORT)tcp_port(wanted);
        error = open_sockets(addresses, count, port, backlog, sockets, opened);
    } else if (ports) {
        error = open_allowed(addresses, count, ports, port, backlog, sockets, opened);
    } else {
        error = open_any(addresses, count, port, backlog, sockets, opened);
    }
    os_free(ports);
    return error;
}

/* All on the port, or none. */
static DWORD attach_sockets(const SOCKET *sockets, unsigned count)
{
    unsigned i;
    DWORD error = 0;

    for (i = 0; i < count && !error; i++)
        error = os_port_attach((HANDLE)sockets[i]);
    if (error)
        for (; i > 1; i--)
            os_port_detach();
    return error;
}

static DWORD write_endpoint(USHORT port, WCHAR *endpoint, ULONG size)
{
    WCHAR digits[6];
    unsigned at = ARRAYSIZE(digits);

    digits[--at] = 0;
    do
        digits[--at] = '0' + port % 10;
    while (port /= 10);
    if (ARRAYSIZE(digits) - at > size)
        return ERROR_INSUFFICIENT_BUFFER;
    wcscpy(endpoint, digits + at);
    return 0;
}

static void start_slots(struct transport_listener *listener)
{
    unsigned i, count = listener->socket_count * SLOTS;

    listener->busy = count;
    for (i = 0; i < count; i++) {
        struct slot *slot = &listener->slots[i];

        slot->listener = listener;
        slot->listening = listener->sockets[i / SLOTS];
        slot->client = INVALID_SOCKET;
        slot->io.done = client_came;
        slot->retry.fire = retry;
    }
    for (i = 0; i < count; i++)
        slot_waits(&listener->slots[i]);
}

DWORD tcp_listen(const WCHAR *wanted, ULONG backlog, ULONG policy, void *security_descriptor,
                 void (*accepted)(struct transport_conn *conn, void *context), void *context, WCHAR *endpoint,
                 ULONG size, struct transport_listener **out)
{
    struct transport_listener *listener = NULL;
    SOCKET sockets[TCP_ADDRESSES_MAX];
    unsigned count = 0;
    USHORT port;
    DWORD error = winsock_start();

    (void)security_descriptor;
    if (!error)
        error = open_endpoint(wanted, backlog, policy, &port, sockets, &count);
    if (error)
        return error;
    error = write_endpoint(port, endpoint, size);
    if (!error) {
        listener = os_alloc_zero(sizeof(*listener) + count * SLOTS * sizeof(struct slot));
        error = listener ? attach_sockets(sockets, count) : ERROR_NOT_ENOUGH_MEMORY;
    }
    if (error) {
        close_sockets(sockets, count);
        os_free(listener);
        return error;
    }
    InitializeSRWLock(&listener->lock);
    InitializeConditionVariable(&listener->idle);
    listener->accepted = accepted;
    listener->context = context;
    listener->socket_count = count;
    memcpy(listener->sockets, sockets, count * sizeof(*sockets));
    start_slots(listener);
    *out = listener;
    return 0;
}

void tcp_unlisten(struct transport_listener *listener)
{
    unsigned i;

    os_worker_leave();
    AcquireSRWLockExclusive(&listener->lock);
    listener->closing = TRUE;
    for (i = 0; i < listener->socket_count * SLOTS; i++)
        if (os_timer_cancel(&listener->slots[i].retry))
            listener->busy--;
    for (i = 0; i < listener->socket_count; i++)
        CancelIoEx((HANDLE)listener->sockets[i], NULL);
    while (listener->busy)
        SleepConditionVariableSRW(&listener->idle, &listener->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&listener->lock);
    os_worker_return();
    for (i = 0; i < listener->socket_count; i++)
        os_port_detach();
    close_sockets(listener->sockets, listener->socket_count);
    os_free(listener);
}
