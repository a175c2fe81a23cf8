/*
 * Winsock, loaded when first asked for: most processes that load this DLL never use TCP.
 */
#ifndef RPCRT4_WINSOCK_H
#define RPCRT4_WINSOCK_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include "../os/os.h"

/* Names that ws2_32.dll exports. */
#define WINSOCK_FUNCTIONS(F)                                                                                 \
    F(WSAStartup)                                                                                            \
    F(WSAGetLastError)                                                                                       \
    F(WSASocketW)                                                                                            \
    F(WSAIoctl)                                                                                              \
    F(WSARecv)                                                                                               \
    F(WSASend)                                                                                               \
    F(GetAddrInfoW)                                                                                          \
    F(FreeAddrInfoW)                                                                                         \
    F(GetNameInfoW)                                                                                          \
    F(gethostname)                                                                                           \
    F(bind)                                                                                                  \
    F(closesocket)                                                                                           \
    F(getpeername)                                                                                           \
    F(getsockname)                                                                                           \
    F(ioctlsocket)                                                                                           \
    F(listen)                                                                                                \
    F(recv)                                                                                                  \
    F(select)                                                                                                \
    F(setsockopt)                                                                                            \
    F(shutdown)

struct winsock {
#define DECLARE(name) __typeof__(name) *name;
    WINSOCK_FUNCTIONS(DECLARE)
#undef DECLARE
    LPFN_CONNECTEX ConnectEx;
    LPFN_ACCEPTEX AcceptEx;
};

extern struct winsock ws;

/* Loads and starts it; anything in ws may be called after it answered 0. Win32 error. */
DWORD winsock_start(void);
/* The calling thread's last error of ws, as a Win32 code of transport.h where there is one. */
DWORD winsock_error(void);
/* A stream socket for overlapped use that no child process inherits. Win32 error. */
DWORD winsock_socket(int family, SOCKET *sock);

#endif
