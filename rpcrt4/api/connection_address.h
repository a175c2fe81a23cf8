/*
 * The socket addresses of a server's connection.
 */
#ifndef RPCRT4_API_CONNECTION_ADDRESS_H
#define RPCRT4_API_CONNECTION_ADDRESS_H

#include "../runtime/win.h"
#include "../transport/transport.h"

/* Writes the connection's own or its peer's socket address (SOCKADDR_IN, SOCKADDR_IN6) of *size octets at
 * most, and sets *size to its length and *format to RPC_P_ADDR_FORMAT_TCP_IPV4 or _IPV6.
 * ERROR_INSUFFICIENT_BUFFER: *size says how much it takes. RPC_S_CANNOT_SUPPORT: not of TCP. */
RPC_STATUS connection_address(struct transport_conn *transport, BOOL peer, void *buffer, ULONG *size,
                              ULONG *format);

#endif
