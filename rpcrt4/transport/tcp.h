/*
 * ncacn_ip_tcp: tcp.c (connections) and tcp_listen.c (listeners).
 */
#ifndef RPCRT4_TCP_H
#define RPCRT4_TCP_H

#include "stream.h"
#include "winsock.h"

/* The port that an endpoint names; -1 where it is no number from 1 to 65535. */
int tcp_port(const WCHAR *endpoint);

/* Wraps a connected socket, attached to the port already; it is the connection's only where it answers 0. */
DWORD tcp_wrap(SOCKET sock, struct transport_conn **conn);

DWORD tcp_listen(const WCHAR *wanted, ULONG backlog, void *security_descriptor,
                 void (*accepted)(struct transport_conn *conn, void *context), void *context, WCHAR *endpoint,
                 ULONG size, struct transport_listener **listener);
void tcp_unlisten(struct transport_listener *listener);

/* The addresses that servers bind to (tcp_bind.c). */
struct tcp_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    int length;
};
enum { TCP_ADDRESSES_MAX = 16 };

/* What the registry says servers bind to, "any" in both families where it says nothing; *count of them.
 * ERROR_INVALID_DATA: the setting is invalid. */
DWORD tcp_bind_addresses(struct tcp_address addresses[TCP_ADDRESSES_MAX], unsigned *count);

#endif
