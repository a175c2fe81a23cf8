/*
 * Which addresses TCP servers bind to: the SDK's "Configuring the Registry for Port Allocations and Selective
 * Binding". HKLM\System\CurrentControlSet\Services\Rpc\Linkage, value Bind (REG_MULTI_SZ), lists the
 * interfaces; without it a server binds to all. An interface is written as the SDK shows (\Device\NAME) or,
 * as `netsh rpc` and rpccfg write it, as its index. Read for each endpoint, so that it needs no restart.
 */
#include "tcp.h"
#include "../os/debug.h"
#include <iphlpapi.h>

static DWORD read_setting(WCHAR **names)
{
    static const WCHAR key[] = L"System\\CurrentControlSet\\Services\\Rpc\\Linkage";
    DWORD size = 0, error;

    *names = NULL;
    error = RegGetValueW(HKEY_LOCAL_MACHINE, key, L"Bind", RRF_RT_REG_MULTI_SZ, NULL, NULL, &size);
    if (error == ERROR_FILE_NOT_FOUND)
        return 0;
    if (error)
        return error;
    *names = os_alloc(size);
    if (!*names)
        return ERROR_NOT_ENOUGH_MEMORY;
    return RegGetValueW(HKEY_LOCAL_MACHINE, key, L"Bind", RRF_RT_REG_MULTI_SZ, NULL, *names, &size);
}

static DWORD list_interfaces(IP_ADAPTER_ADDRESSES **list)
{
    HMODULE module = LoadLibraryW(L"iphlpapi.dll");
    __typeof__(GetAdaptersAddresses) *get =
        module ? (void *)GetProcAddress(module, "GetAdaptersAddresses") : NULL;
    ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG size = 16384, error = get ? ERROR_BUFFER_OVERFLOW : ERROR_PROC_NOT_FOUND;

    *list = NULL;
    while (error == ERROR_BUFFER_OVERFLOW) {
        os_free(*list);
        *list = os_alloc(size);
        if (!*list)
            return ERROR_NOT_ENOUGH_MEMORY;
        error = get(AF_UNSPEC, flags, NULL, *list, &size);
    }
    if (error)
        os_free(*list);
    return error;
}

static BOOL is_named(const IP_ADAPTER_ADDRESSES *adapter, const WCHAR *name)
{
    static const WCHAR device[] = L"\\Device\\";
    const int length = ARRAYSIZE(device) - 1;
    WCHAR text[64];
    int index = tcp_port(name);

    if (index > 0)
        return (DWORD)index == adapter->IfIndex || (DWORD)index == adapter->Ipv6IfIndex;
    if (_wcsnicmp(name, device, length) ||
        !MultiByteToWideChar(CP_ACP, 0, adapter->AdapterName, -1, text, ARRAYSIZE(text)))
        return FALSE;
    return !_wcsicmp(name + length, text);
}

static void add_interface(const IP_ADAPTER_ADDRESSES *adapter, struct tcp_address *addresses, unsigned *count)
{
    const IP_ADAPTER_UNICAST_ADDRESS *each;

    for (each = adapter->FirstUnicastAddress; each && *count < TCP_ADDRESSES_MAX; each = each->Next) {
        addresses[*count].length = each->Address.iSockaddrLength;
        memcpy(&addresses[*count].any, each->Address.lpSockaddr, each->Address.iSockaddrLength);
        ++*count;
    }
}

static DWORD chosen_addresses(const WCHAR *names, struct tcp_address *addresses, unsigned *count)
{
    IP_ADAPTER_ADDRESSES *list, *each;
    DWORD error = list_interfaces(&list);

    if (error)
        return error;
    for (; *names && !error; names += wcslen(names) + 1) {
        unsigned before = *count;

        for (each = list; each; each = each->Next)
            if (is_named(each, names))
                add_interface(each, addresses, count);
        if (*count == before) {
            ERR("Rpc\\Linkage\\Bind: no interface %s\n", debug_w(names));
            error = ERROR_INVALID_DATA;
        }
    }
    os_free(list);
    return error;
}

/* SDK, RPC_POLICY: RPC_C_BIND_TO_ALL_NICS overrides the setting, but not one that is invalid. */
DWORD tcp_bind_addresses(ULONG policy, struct tcp_address addresses[TCP_ADDRESSES_MAX], unsigned *count)
{
    WCHAR *names;
    DWORD error = read_setting(&names);

    *count = 0;
    memset(addresses, 0, TCP_ADDRESSES_MAX * sizeof(*addresses));
    if (!error && names)
        error = chosen_addresses(names, addresses, count);
    if (!error && (!names || policy & TRANSPORT_ALL_INTERFACES)) {
        memset(addresses, 0, TCP_ADDRESSES_MAX * sizeof(*addresses));
        addresses[0].v4.sin_family = AF_INET;
        addresses[0].length = sizeof(addresses[0].v4);
        addresses[1].v6.sin6_family = AF_INET6;
        addresses[1].length = sizeof(addresses[1].v6);
        *count = 2;
    }
    os_free(names);
    return error;
}
