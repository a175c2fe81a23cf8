/*
 * Which ports dynamic TCP endpoints may have: the SDK's "Configuring the Registry for Port Allocations and
 * Selective Binding" and RPC_POLICY. HKLM\Software\Microsoft\Rpc\Internet has Ports (REG_MULTI_SZ of
 * "5000-5100" or "5000"), PortsInternetAvailable (are those the ports for the Internet, or all others?) and
 * UseInternetPorts (which of the two a server gets that does not say). Read for each endpoint, so that it
 * needs no restart.
 */
#include "tcp.h"
#include "../os/debug.h"

/* The value, NULL where there is none. ERROR_INVALID_DATA where it is of another type. */
static DWORD read_value(HKEY key, const WCHAR *name, DWORD type, WCHAR **value)
{
    DWORD size = 0, error = RegGetValueW(key, NULL, name, type, NULL, NULL, &size);

    *value = NULL;
    if (error == ERROR_FILE_NOT_FOUND)
        return 0;
    if (error)
        return ERROR_INVALID_DATA;
    *value = os_alloc(size);
    if (!*value)
        return ERROR_NOT_ENOUGH_MEMORY;
    return RegGetValueW(key, NULL, name, type, NULL, *value, &size) ? ERROR_INVALID_DATA : 0;
}

static BOOL read_number(const WCHAR **at, unsigned *number)
{
    const WCHAR *start = *at;

    for (*number = 0; **at >= '0' && **at <= '9' && *number < TCP_PORTS; ++*at)
        *number = *number * 10 + (unsigned)(**at - '0');
    return *at > start && *number < TCP_PORTS;
}

static BOOL read_range(const WCHAR *text, unsigned *first, unsigned *last)
{
    if (!read_number(&text, first))
        return FALSE;
    *last = *first;
    if (*text == '-') {
        text++;
        if (!read_number(&text, last))
            return FALSE;
    }
    return !*text && *first <= *last;
}

static BOOL mark_ranges(const WCHAR *ranges, struct tcp_ports *ports)
{
    unsigned first, last;

    for (; *ranges; ranges += wcslen(ranges) + 1) {
        if (!read_range(ranges, &first, &last))
            return FALSE;
        for (; first <= last; first++)
            ports->allowed[first / 8] |= (UCHAR)(1 << first % 8);
    }
    return TRUE;
}

/* The others, without those below 1024, which belong to known services. */
static void invert(struct tcp_ports *ports)
{
    unsigned i;

    for (i = 0; i < sizeof(ports->allowed); i++)
        ports->allowed[i] = i < 1024 / 8 ? 0 : (UCHAR)~ports->allowed[i];
}

static BOOL read_choice(const WCHAR *text, BOOL *yes)
{
    *yes = !_wcsicmp(text, L"y");
    return *yes || !_wcsicmp(text, L"n");
}

/* The page's table: the ports that are listed go to Internet servers where they are the Internet's, and to
 * the others where they are not. */
static DWORD choose(const WCHAR *ranges, const WCHAR *available, const WCHAR *usual, ULONG policy,
                    struct tcp_ports **ports)
{
    BOOL internet_listed, internet;

    if (!read_choice(available, &internet_listed) || !read_choice(usual, &internet))
        return ERROR_INVALID_DATA;
    if (policy & (TRANSPORT_INTERNET_PORT | TRANSPORT_INTRANET_PORT))
        internet = (policy & TRANSPORT_INTERNET_PORT) != 0;
    *ports = os_alloc_zero(sizeof(**ports));
    if (!*ports)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!mark_ranges(ranges, *ports)) {
        os_free(*ports);
        *ports = NULL;
        return ERROR_INVALID_DATA;
    }
    if (internet != internet_listed)
        invert(*ports);
    (*ports)->allowed[0] &= ~1; /* which a socket takes for any */
    return 0;
}

DWORD tcp_ports_allowed(ULONG policy, struct tcp_ports **ports)
{
    WCHAR *ranges = NULL, *available = NULL, *usual = NULL;
    DWORD error;
    HKEY key;

    *ports = NULL;
    /* WOW64 shares this key between its views. */
    error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Software\\Microsoft\\Rpc\\Internet", 0,
                          KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key);
    if (error)
        return error == ERROR_FILE_NOT_FOUND ? 0 : error;
    error = read_value(key, L"Ports", RRF_RT_REG_MULTI_SZ, &ranges);
    if (!error)
        error = read_value(key, L"PortsInternetAvailable", RRF_RT_REG_SZ, &available);
    if (!error)
        error = read_value(key, L"UseInternetPorts", RRF_RT_REG_SZ, &usual);
    RegCloseKey(key);
    if (!error && ranges && available && usual)
        error = choose(ranges, available, usual, policy, ports);
    else if (!error && (ranges || available || usual))
        error = ERROR_INVALID_DATA;
    os_free(ranges);
    os_free(available);
    os_free(usual);
    if (error == ERROR_INVALID_DATA)
        ERR("what Software\\Microsoft\\Rpc\\Internet says of ports makes no sense\n");
    return error;
}
