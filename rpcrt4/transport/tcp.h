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

DWORD tcp_listen(const WCHAR *wanted, ULONG backlog, ULONG policy, void *security_descriptor,
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

/* What the registry says servers bind to, "any" in both families where it says nothing or the policy has
 * TRANSPORT_ALL_INTERFACES; *count of them. ERROR_INVALID_DATA: the setting is invalid. */
DWORD tcp_bind_addresses(ULONG policy, struct tcp_address addresses[TCP_ADDRESSES_MAX], unsigned *count);

/* tcp_ports.c: the ports that dynamic endpoints may have, a bit each; *ports is NULL where the registry
 * leaves that to the system. The caller frees it. ERROR_INVALID_DATA: the settings are invalid. */
enum { TCP_PORTS = 65536 };
struct tcp_ports {
    UCHAR allowed[TCP_PORTS / 8];
};
DWORD tcp_ports_allowed(ULONG policy, struct tcp_ports **ports);

#endif
