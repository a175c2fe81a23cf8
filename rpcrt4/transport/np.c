/*
 * ncacn_np: the endpoint \pipe\NAME on the network address SERVER is the pipe \\SERVER\pipe\NAME. Names of
 * this machine become "."; what other servers can be reached is the operating system's affair (under Wine:
 * none).
 */
#include "pipe.h"
#include <rpc.h>

static BOOL same_text(const WCHAR *a, int length, const WCHAR *b)
{
    return CompareStringOrdinal(a, length, b, -1, TRUE) == CSTR_EQUAL;
}

static BOOL is_this_machine(const WCHAR *server)
{
    static const COMPUTER_NAME_FORMAT formats[] = {ComputerNameNetBIOS, ComputerNameDnsHostname,
                                                   ComputerNameDnsFullyQualified};
    WCHAR name[256];
    unsigned i;

    if (!*server || !wcscmp(server, L".") || !wcscmp(server, L"127.0.0.1") || !wcscmp(server, L"::1") ||
        same_text(server, -1, L"localhost"))
        return TRUE;
    for (i = 0; i < ARRAYSIZE(formats); i++) {
        DWORD size = ARRAYSIZE(name);

        if (GetComputerNameExW(formats[i], name, &size) && same_text(server, -1, name))
            return TRUE;
    }
    return FALSE;
}

static const WCHAR prefix[] = L"\\pipe\\";

/* SDK, "String Binding": "Name must start with \pipe". */
static BOOL np_valid_endpoint(const WCHAR *endpoint)
{
    const int length = ARRAYSIZE(prefix) - 1;

    return wcslen(endpoint) > (size_t)length && same_text(endpoint, length, prefix);
}

static DWORD make_path(const WCHAR *server, const WCHAR *endpoint, WCHAR path[PIPE_PATH_MAX])
{
    const int length = ARRAYSIZE(prefix) - 1;

    if (!np_valid_endpoint(endpoint))
        return ERROR_INVALID_NAME;
    if (!wcsncmp(server, L"\\\\", 2))
        server += 2;
    if (is_this_machine(server))
        server = L".";
    if (wcslen(server) + wcslen(endpoint) + 3 > PIPE_PATH_MAX)
        return ERROR_INVALID_NAME;
    wcscpy(path, L"\\\\");
    wcscat(path, server);
    wcscat(path, prefix);
    wcscat(path, endpoint + length);
    return 0;
}

static DWORD np_connect(const struct transport_address *to, DWORD timeout, HANDLE interrupt,
                        struct transport_conn **conn)
{
    WCHAR path[PIPE_PATH_MAX];
    DWORD quality, error = make_path(to->network, to->endpoint, path);

    if (!error && !pipe_quality(to->options, &quality))
        error = ERROR_INVALID_PARAMETER;
    return error ? error : pipe_connect(&transport_np, path, quality, timeout, interrupt, conn);
}

static DWORD np_listen(const WCHAR *wanted, ULONG backlog, ULONG policy, void *security_descriptor,
                       void (*accepted)(struct transport_conn *conn, void *context), void *context,
                       WCHAR *endpoint, ULONG size, struct transport_listener **listener)
{
    WCHAR path[PIPE_PATH_MAX], name[6 + UNIQUE_NAME_LENGTH] = L"\\pipe\\";
    const WCHAR *chosen = *wanted ? wanted : name;
    DWORD error;

    (void)policy;
    do {
        unique_name(name + 6);
        error = make_path(L"", chosen, path);
        if (!error && wcslen(chosen) >= size)
            error = ERROR_INSUFFICIENT_BUFFER;
        if (!error)
            error =
                pipe_listen(&transport_np, path, backlog, security_descriptor, accepted, context, listener);
    } while (error == ERROR_ALREADY_EXISTS && !*wanted);
    if (!error)
        wcscpy(endpoint, chosen);
    return error;
}

static void np_addresses(void (*each)(const WCHAR *address, void *context), void *context)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = ARRAYSIZE(name);

    if (GetComputerNameW(name, &size))
        each(name, context);
}

/* A client on this machine goes by the machine's name; unverified on Windows. */
static DWORD np_peer_address(struct transport_conn *conn, WCHAR *address, ULONG size)
{
    DWORD length = size;

    (void)conn;
    return GetComputerNameW(address, &length) ? 0 : GetLastError();
}

const struct transport_ops transport_np = {
    .protseq = L"ncacn_np",
    .floor = 0x0f,
    .type = TRANSPORT_TYPE_CN,
    .max_frag = 0xfff8,
    .valid_endpoint = np_valid_endpoint,
    .valid_options = pipe_valid_options,
    .connect = np_connect,
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
    .peer_address = np_peer_address,
    .peer_process = pipe_peer_process,
    .impersonate = pipe_impersonate,
    .listen = np_listen,
    .unlisten = pipe_unlisten,
    .addresses = np_addresses,
};
