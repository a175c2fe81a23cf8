/*
 * ncacn_ip_tcp connections, over IPv4 and IPv6.
 *
 * Sends gather (WSASend); Nagle's algorithm is off, for a PDU is sent whole and its answer waited for.
 */
#include "tcp.h"
#include <rpc.h>

static struct stream *stream_of(struct transport_conn *conn)
{
    return CONTAINING_RECORD(conn, struct stream, base);
}

static SOCKET socket_of(const struct stream *stream)
{
    return (SOCKET)stream->file;
}

int tcp_port(const WCHAR *endpoint)
{
    int port = 0;

    if (!*endpoint)
        return -1;
    for (; *endpoint; endpoint++) {
        if (*endpoint < '0' || *endpoint > '9')
            return -1;
        port = port * 10 + (*endpoint - '0');
        if (port > 65535)
            return -1;
    }
    return port ? port : -1;
}

DWORD tcp_wrap(SOCKET sock, struct transport_conn **conn)
{
    struct stream *stream = os_alloc_zero(sizeof(*stream));
    BOOL on = TRUE;

    if (!stream)
        return ERROR_NOT_ENOUGH_MEMORY;
    ws.setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof(on));
    ws.setsockopt(sock, SOL_SOCKET, SO_KEEPALIVE, (const char *)&on, sizeof(on));
    stream->base.ops = &transport_tcp;
    stream->file = (HANDLE)sock;
    *conn = &stream->base;
    return 0;
}

/* ---- octets */

static DWORD start_recv(struct stream *stream, void *data, ULONG length, OVERLAPPED *overlapped, DWORD *got)
{
    WSABUF buf = {length, data};
    DWORD flags = 0;

    return ws.WSARecv(socket_of(stream), &buf, 1, got, &flags, overlapped, NULL) ? winsock_error() : 0;
}

static DWORD start_send(struct stream *stream, const struct transport_buf *bufs, ULONG count,
                        OVERLAPPED *overlapped)
{
    WSABUF wsabufs[TRANSPORT_BUFS_MAX];
    DWORD sent;
    ULONG i;

    if (count > TRANSPORT_BUFS_MAX)
        return ERROR_INVALID_PARAMETER;
    for (i = 0; i < count; i++) {
        wsabufs[i].buf = (char *)bufs[i].data;
        wsabufs[i].len = bufs[i].length;
    }
    return ws.WSASend(socket_of(stream), wsabufs, count, &sent, 0, overlapped, NULL) ? winsock_error() : 0;
}

static DWORD tcp_recv(struct transport_conn *conn, struct os_io *io, void *data, ULONG length, ULONG *got)
{
    struct stream *stream = stream_of(conn);
    OVERLAPPED *overlapped = &stream->receiving.io.overlapped;
    DWORD error = stream_ready(stream, &stream->receiving, io);

    if (error)
        return error;
    error = start_recv(stream, data, length, overlapped, got);
    if (!error && !*got)
        error = ERROR_BROKEN_PIPE;
    return stream_started(stream, overlapped, error);
}

static DWORD tcp_send(struct transport_conn *conn, struct os_io *io, const struct transport_buf *bufs,
                      ULONG count)
{
    struct stream *stream = stream_of(conn);
    OVERLAPPED *overlapped = &stream->sending.io.overlapped;
    DWORD error = stream_ready(stream, &stream->sending, io);

    return error ? error : stream_started(stream, overlapped, start_send(stream, bufs, count, overlapped));
}

static DWORD tcp_recv_wait(struct transport_conn *conn, void *data, ULONG length, DWORD timeout,
                           HANDLE interrupt, ULONG *got)
{
    struct stream *stream = stream_of(conn);
    OVERLAPPED overlapped;
    DWORD error = stream_ready_wait(stream, &overlapped), ignored;

    *got = 0;
    if (error)
        return error;
    error = start_recv(stream, data, length, &overlapped, &ignored);
    return stream_wait(stream, &overlapped, error, timeout, interrupt, got);
}

static DWORD tcp_send_wait(struct transport_conn *conn, const struct transport_buf *bufs, ULONG count,
                           DWORD timeout, HANDLE interrupt)
{
    struct stream *stream = stream_of(conn);
    OVERLAPPED overlapped;
    DWORD error = stream_ready_wait(stream, &overlapped), sent = 0;

    if (error)
        return error;
    error = start_send(stream, bufs, count, &overlapped);
    return stream_wait(stream, &overlapped, error, timeout, interrupt, &sent);
}

/* An idle connection has nothing to read: what is readable is its end, or the peer's shutdown PDU. */
static BOOL tcp_alive(struct transport_conn *conn)
{
    struct stream *stream = stream_of(conn);
    struct fd_set set;
    struct timeval none = {0, 0};
    char octet;

    if (stream_is_cut(stream))
        return FALSE;
    FD_ZERO(&set);
    set.fd_array[set.fd_count++] = socket_of(stream);
    if (!ws.select(0, &set, NULL, NULL, &none))
        return TRUE;
    return ws.recv(socket_of(stream), &octet, 1, MSG_PEEK) > 0;
}

static void tcp_cut(struct transport_conn *conn)
{
    struct stream *stream = stream_of(conn);

    if (stream_cut(stream))
        ws.shutdown(socket_of(stream), SD_BOTH);
}

static void tcp_close(struct transport_conn *conn)
{
    struct stream *stream = stream_of(conn);

    ws.closesocket(socket_of(stream));
    os_port_detach();
    os_free(stream);
}

static DWORD tcp_peer_address(struct transport_conn *conn, WCHAR *address, ULONG size)
{
    SOCKADDR_STORAGE peer;
    int length = sizeof(peer);

    if (ws.getpeername(socket_of(stream_of(conn)), (struct sockaddr *)&peer, &length))
        return winsock_error();
    if (ws.GetNameInfoW((struct sockaddr *)&peer, length, address, size, NULL, 0, NI_NUMERICHOST))
        return winsock_error();
    return 0;
}

static DWORD tcp_peer_process(struct transport_conn *conn, ULONG *pid)
{
    (void)conn, (void)pid;
    return ERROR_NOT_SUPPORTED;
}

static DWORD tcp_socket_address(struct transport_conn *conn, BOOL peer, void *address, ULONG *size)
{
    int length = (int)*size;
    SOCKET sock = socket_of(stream_of(conn));

    if (peer ? ws.getpeername(sock, address, &length) : ws.getsockname(sock, address, &length))
        return winsock_error();
    *size = (ULONG)length;
    return 0;
}

static DWORD tcp_impersonate(struct transport_conn *conn)
{
    (void)conn;
    return ERROR_NOT_SUPPORTED;
}

/* ---- connecting */

/* ConnectEx wants a bound socket. */
static DWORD bind_any(SOCKET sock, int family)
{
    SOCKADDR_STORAGE any = {.ss_family = family};
    int length = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    return ws.bind(sock, (struct sockaddr *)&any, length) ? winsock_error() : 0;
}

static DWORD connect_socket(SOCKET sock, const ADDRINFOW *to, DWORD timeout, HANDLE interrupt)
{
    OVERLAPPED overlapped;
    DWORD error = bind_any(sock, to->ai_family), bytes;

    if (!error)
        error = overlapped_ready(&overlapped);
    if (error)
        return error;
    if (!ws.ConnectEx(sock, to->ai_addr, (int)to->ai_addrlen, NULL, 0, NULL, &overlapped))
        error = winsock_error();
    error = overlapped_wait((HANDLE)sock, &overlapped, error, timeout, interrupt, &bytes);
    if (error == ERROR_SEM_TIMEOUT)
        return WAIT_TIMEOUT;
    if (error == ERROR_NETWORK_UNREACHABLE)
        return ERROR_HOST_UNREACHABLE;
    if (!error && ws.setsockopt(sock, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0))
        error = winsock_error();
    return error;
}

static DWORD connect_to(const ADDRINFOW *to, DWORD timeout, HANDLE interrupt, struct transport_conn **conn)
{
    SOCKET sock;
    DWORD error = winsock_socket(to->ai_family, &sock);

    if (error)
        return error;
    error = connect_socket(sock, to, timeout, interrupt);
    if (!error)
        error = os_port_attach((HANDLE)sock);
    if (!error) {
        error = tcp_wrap(sock, conn);
        if (error)
            os_port_detach();
    }
    if (error)
        ws.closesocket(sock);
    return error;
}

/* Addresses of a host; "" is this machine. A number is not asked of any name server. */
static DWORD resolve(const struct transport_address *to, ADDRINFOW **list)
{
    ADDRINFOW hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    const WCHAR *host = *to->network ? to->network : L"127.0.0.1";

    if (tcp_port(to->endpoint) < 0)
        return ERROR_INVALID_NAME;
    if (!ws.GetAddrInfoW(host, to->endpoint, &hints, list))
        return 0;
    hints.ai_flags = 0;
    return ws.GetAddrInfoW(host, to->endpoint, &hints, list) ? winsock_error() : 0;
}

static DWORD tcp_connect(const struct transport_address *to, DWORD timeout, HANDLE interrupt,
                         struct transport_conn **conn)
{
    ULONGLONG start = GetTickCount64();
    ADDRINFOW *list, *each;
    DWORD error = winsock_start();

    if (!error)
        error = resolve(to, &list);
    if (error)
        return error;
    error = ERROR_HOST_UNREACHABLE;
    for (each = list; each; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6)
            continue;
        error = connect_to(each, time_left(start, timeout), interrupt, conn);
        if (!error || error == ERROR_OPERATION_ABORTED || !time_left(start, timeout))
            break;
    }
    ws.FreeAddrInfoW(list);
    return error;
}

static void tcp_addresses(void (*each)(const WCHAR *address, void *context), void *context)
{
    ADDRINFOW hints = {.ai_socktype = SOCK_STREAM}, *list, *at;
    WCHAR address[64], host[256];
    DWORD size = ARRAYSIZE(host);

    if (winsock_start() || !GetComputerNameExW(ComputerNameDnsHostname, host, &size) ||
        ws.GetAddrInfoW(host, NULL, &hints, &list))
        return;
    for (at = list; at; at = at->ai_next)
        if (!ws.GetNameInfoW(at->ai_addr, (int)at->ai_addrlen, address, ARRAYSIZE(address), NULL, 0,
                             NI_NUMERICHOST))
            each(address, context);
    ws.FreeAddrInfoW(list);
}

static BOOL tcp_valid_endpoint(const WCHAR *endpoint)
{
    return tcp_port(endpoint) > 0;
}

/* SDK, "String Binding": the protocol sequence has none. */
static BOOL tcp_valid_options(const WCHAR *options)
{
    return !*options;
}

const struct transport_ops transport_tcp = {
    .protseq = L"ncacn_ip_tcp",
    .floor = 0x07,
    .type = TRANSPORT_TYPE_CN,
    .max_frag = 0xfff8,
    .valid_endpoint = tcp_valid_endpoint,
    .valid_options = tcp_valid_options,
    .connect = tcp_connect,
    .recv = tcp_recv,
    .send = tcp_send,
    .recv_wait = tcp_recv_wait,
    .send_wait = tcp_send_wait,
    .alive = tcp_alive,
    .cut = tcp_cut,
    .close = tcp_close,
    .peer_address = tcp_peer_address,
    .peer_process = tcp_peer_process,
    .socket_address = tcp_socket_address,
    .impersonate = tcp_impersonate,
    .listen = tcp_listen,
    .unlisten = tcp_unlisten,
    .addresses = tcp_addresses,
};
