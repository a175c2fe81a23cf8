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

static DWORD make_path(const WCHAR *server, const WCHAR *endpoint, WCHAR path[PIPE_PATH_MAX])
{
    static const WCHAR prefix[] = L"\\pipe\\";
    const int length = ARRAYSIZE(prefix) - 1;

    if (wcslen(endpoint) <= (size_t)length || !same_text(endpoint, length, prefix))
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

/* The SDK's Security= option: "{anonymous|identification|impersonation} {dynamic|static} {true|false}", the
 * words in any order, all but the first optional. Without it the server may impersonate, with dynamic
 * tracking. */
static DWORD quality_of_service(const WCHAR *options)
{
    static const struct {
        const WCHAR *word;
        DWORD clear, set;
    } words[] = {
        {L"anonymous", SECURITY_IMPERSONATION, SECURITY_ANONYMOUS},
        {L"identification", SECURITY_IMPERSONATION, SECURITY_IDENTIFICATION},
        {L"impersonation", 0, SECURITY_IMPERSONATION},
        {L"static", SECURITY_CONTEXT_TRACKING, 0},
        {L"dynamic", 0, SECURITY_CONTEXT_TRACKING},
        {L"true", 0, SECURITY_EFFECTIVE_ONLY},
        {L"false", SECURITY_EFFECTIVE_ONLY, 0},
    };
    DWORD quality = SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION | SECURITY_CONTEXT_TRACKING;
    const WCHAR *at = options;

    for (at = options; *at; at += wcscspn(at, L",") + (at[wcscspn(at, L",")] != 0))
        if (wcslen(at) > 9 && same_text(at, 9, L"security="))
            break;
    if (!*at)
        return quality;
    for (at += 9; *at && *at != ','; at += wcsspn(at, L" ")) {
        int length = (int)wcscspn(at, L" ,");
        unsigned i;

        for (i = 0; i < ARRAYSIZE(words); i++)
            if (same_text(at, length, words[i].word))
                quality = (quality & ~words[i].clear) | words[i].set;
        at += length;
    }
    return quality;
}

static DWORD np_connect(const struct transport_address *to, DWORD timeout, HANDLE interrupt,
                        struct transport_conn **conn)
{
    WCHAR path[PIPE_PATH_MAX];
    DWORD error = make_path(to->network, to->endpoint, path);

    return error
               ? error
               : pipe_connect(&transport_np, path, quality_of_service(to->options), timeout, interrupt, conn);
}

static DWORD np_listen(const WCHAR *wanted, ULONG backlog, void *security_descriptor,
                       void (*accepted)(struct transport_conn *conn, void *context), void *context,
                       WCHAR *endpoint, ULONG size, struct transport_listener **listener)
{
    WCHAR path[PIPE_PATH_MAX], name[6 + UNIQUE_NAME_LENGTH] = L"\\pipe\\";
    const WCHAR *chosen = *wanted ? wanted : name;
    DWORD error;

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
