/*
 * Winsock's functions, found once, by the first thread that needs them; never let go again.
 */
#include "winsock.h"
#include "stream.h"

struct winsock ws;

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

static DWORD find_functions(HMODULE module)
{
#define FIND(name)                                                                                           \
    ws.name = (void *)GetProcAddress(module, #name);                                                         \
    if (!ws.name)                                                                                            \
        return ERROR_PROC_NOT_FOUND;
    WINSOCK_FUNCTIONS(FIND)
#undef FIND
    return 0;
}

static DWORD find_extensions(void)
{
    GUID connect_id = WSAID_CONNECTEX, accept_id = WSAID_ACCEPTEX;
    SOCKET sock;
    DWORD bytes, error = winsock_socket(AF_INET, &sock);

    if (error == WSAEAFNOSUPPORT)
        error = winsock_socket(AF_INET6, &sock);
    if (error)
        return error;
    if (ws.WSAIoctl(sock, SIO_GET_EXTENSION_FUNCTION_POINTER, &connect_id, sizeof(connect_id), &ws.ConnectEx,
                    sizeof(ws.ConnectEx), &bytes, NULL, NULL) ||
        ws.WSAIoctl(sock, SIO_GET_EXTENSION_FUNCTION_POINTER, &accept_id, sizeof(accept_id), &ws.AcceptEx,
                    sizeof(ws.AcceptEx), &bytes, NULL, NULL))
        error = winsock_error();
    ws.closesocket(sock);
    return error;
}

static BOOL WINAPI start(INIT_ONCE *init, void *parameter, void **context)
{
    HMODULE module = LoadLibraryW(L"ws2_32.dll");
    DWORD *error = parameter;
    WSADATA data;

    (void)init, (void)context;
    *error = module ? find_functions(module) : GetLastError();
    if (!*error)
        *error = ws.WSAStartup(MAKEWORD(2, 2), &data);
    if (!*error)
        *error = find_extensions();
    return !*error;
}

DWORD winsock_start(void)
{
    DWORD error = 0;

    InitOnceExecuteOnce(&once, start, &error, NULL);
    return error;
}

DWORD winsock_error(void)
{
    int error = ws.WSAGetLastError();

    switch (error) {
    case WSA_IO_PENDING:
        return ERROR_IO_PENDING;
    case WSAECONNREFUSED:
        return ERROR_CONNECTION_REFUSED;
    case WSAETIMEDOUT:
        return WAIT_TIMEOUT;
    case WSAEHOSTUNREACH:
    case WSAENETUNREACH:
    case WSAENETDOWN:
        return ERROR_HOST_UNREACHABLE;
    case WSAHOST_NOT_FOUND:
    case WSATRY_AGAIN:
    case WSANO_DATA:
        return ERROR_BAD_NETPATH;
    case WSAEADDRINUSE:
    case WSAEACCES:
        return ERROR_ALREADY_EXISTS;
    case WSAENOBUFS:
    case WSAEMFILE:
        return ERROR_NO_SYSTEM_RESOURCES;
    }
    return stream_error(error);
}

DWORD winsock_socket(int family, SOCKET *sock)
{
    *sock = ws.WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    return *sock == INVALID_SOCKET ? winsock_error() : 0;
}
