/*
 * ncalrpc: the endpoint NAME is the pipe \\.\pipe\lrpc\NAME, as it is for Wine's own runtime.
 */
#include "pipe.h"
#include <rpc.h>

static const WCHAR prefix[] = L"\\\\.\\pipe\\lrpc\\";

/* The SDK's page "String Binding" excludes backslashes, but Wine's combase calls its endpoints \pipe\OLE_...
 */
static BOOL lrpc_valid_endpoint(const WCHAR *endpoint)
{
    return *endpoint && wcslen(endpoint) < PIPE_PATH_MAX - ARRAYSIZE(prefix);
}

static DWORD make_path(const WCHAR *endpoint, WCHAR path[PIPE_PATH_MAX])
{
    if (!lrpc_valid_endpoint(endpoint))
        return ERROR_INVALID_NAME;
    wcscpy(path, prefix);
    wcscat(path, endpoint);
    return 0;
}

static DWORD lrpc_connect(const struct transport_address *to, DWORD timeout, HANDLE interrupt,
                          struct transport_conn **conn)
{
    WCHAR path[PIPE_PATH_MAX];
    DWORD quality, error = make_path(to->endpoint, path);

    if (!error && !pipe_quality(to->options, &quality))
        error = ERROR_INVALID_PARAMETER;
    return error ? error : pipe_connect(&transport_lrpc, path, quality, timeout, interrupt, conn);
}

static DWORD lrpc_listen(const WCHAR *wanted, ULONG backlog, ULONG policy, void *security_descriptor,
                         void (*accepted)(struct transport_conn *conn, void *context), void *context,
                         WCHAR *endpoint, ULONG size, struct transport_listener **listener)
{
    WCHAR path[PIPE_PATH_MAX], name[5 + UNIQUE_NAME_LENGTH] = L"LRPC-";
    DWORD error;

    (void)policy;
    do {
        if (!*wanted)
            unique_name(name + 5);
        error = make_path(*wanted ? wanted : name, path);
        if (!error && wcslen(path) - ARRAYSIZE(prefix) + 2 > size)
            error = ERROR_INSUFFICIENT_BUFFER;
        if (!error)
            error =
                pipe_listen(&transport_lrpc, path, backlog, security_descriptor, accepted, context, listener);
    } while (error == ERROR_ALREADY_EXISTS && !*wanted);
    if (!error)
        wcscpy(endpoint, path + ARRAYSIZE(prefix) - 1);
    return error;
}

static DWORD lrpc_peer_address(struct transport_conn *conn, WCHAR *address, ULONG size)
{
    (void)conn;
    if (!size)
        return ERROR_INSUFFICIENT_BUFFER;
    *address = 0;
    return 0;
}

static void lrpc_addresses(void (*each)(const WCHAR *address, void *context), void *context)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = ARRAYSIZE(name);

    if (GetComputerNameW(name, &size))
        each(name, context);
}

const struct transport_ops transport_lrpc = {
    .protseq = L"ncalrpc",
    .floor = 0x10,
    .type = TRANSPORT_TYPE_LPC,
    .max_frag = 0xfff8,
    .valid_endpoint = lrpc_valid_endpoint,
    .valid_options = pipe_valid_options,
    .connect = lrpc_connect,
    .recv = pipe_recv,
    .send = pipe_send,
    .recv_wait = pipe_recv_wait,
    .send_wait = pipe_send_wait,
    .share_offer = pipe_share_offer,
    .share_accept = pipe_share_accept,
    .share_start = pipe_share_start,
    .share_join = pipe_share_join,
    .alive = pipe_alive,
    .cut = pipe_cut,
    .close = pipe_close,
    .peer_address = lrpc_peer_address,
    .peer_process = pipe_peer_process,
    .impersonate = pipe_impersonate,
    .listen = lrpc_listen,
    .unlisten = pipe_unlisten,
    .addresses = lrpc_addresses,
};
