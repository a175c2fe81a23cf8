/*
 * The ports of dynamic TCP endpoints: SDK pages "Configuring the Registry for Port Allocations and Selective
 * Binding", RPC_POLICY, RpcServerUseProtseqEx.
 *
 * The topic writes the settings, which are the machine's, and takes them away again; each server is a process
 * of its own. Where there are settings already, or it may not write them, it is skipped.
 */
#include "fixture.h"

enum { FIRST = 47100, LAST = 47139 };

static const char path[] = "Software\\Microsoft\\Rpc\\Internet";
static HKEY key;

/* Exit codes of a server, besides the RPC_STATUS that it got: where its port is. */
enum { INSIDE = 70001, OUTSIDE = 70002 };

static unsigned port_of_server(void)
{
    RPC_BINDING_VECTOR *vector = NULL;
    RPC_CSTR text = NULL, endpoint = NULL;
    unsigned port = 0;

    ok_status(RpcServerInqBindings(&vector), RPC_S_OK, "RpcServerInqBindings");
    if (!vector)
        return 0;
    ok_status(RpcBindingToStringBindingA(vector->BindingH[0], &text), RPC_S_OK, "RpcBindingToStringBinding");
    ok_status(RpcStringBindingParseA(text, NULL, NULL, NULL, &endpoint, NULL), RPC_S_OK,
              "RpcStringBindingParse");
    port = endpoint ? (unsigned)atoi((char *)endpoint) : 0;
    RpcStringFreeA(&text);
    RpcStringFreeA(&endpoint);
    RpcBindingVectorFree(&vector);
    return port;
}

/* flags protseq [endpoint]: exits with the status, or INSIDE or OUTSIDE of the ports FIRST to LAST. */
START_CHILD(port_server)
{
    RPC_POLICY policy = {sizeof(policy), atoi(argv[0]), 0};
    RPC_STATUS status;
    unsigned port;

    if (argc > 2)
        status = RpcServerUseProtseqEpExA((RPC_CSTR)argv[1], 10, (RPC_CSTR)argv[2], NULL, &policy);
    else
        status = RpcServerUseProtseqExA((RPC_CSTR)argv[1], 10, NULL, &policy);
    if (status || argc > 2)
        ExitProcess(status);
    port = port_of_server();
    ExitProcess(port >= FIRST && port <= LAST ? INSIDE : OUTSIDE);
}

static DWORD server(unsigned flags, const char *rest)
{
    HANDLE process = child_start("port_server", "%u %s", flags, rest);
    DWORD code = ~0u;

    wait_for(process, "the server");
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    return code;
}

static void set_ports(const char *ranges, DWORD size)
{
    ok(!RegSetValueExA(key, "Ports", 0, REG_MULTI_SZ, (const BYTE *)ranges, size), "Ports\n");
}

static void set_text(const char *name, const char *text)
{
    if (text)
        ok(!RegSetValueExA(key, name, 0, REG_SZ, (const BYTE *)text, (DWORD)strlen(text) + 1), "%s\n", name);
    else
        RegDeleteValueA(key, name);
}

static void set_choices(const char *available, const char *usual)
{
    set_text("PortsInternetAvailable", available);
    set_text("UseInternetPorts", usual);
}

static const char ports[] = "47100-47119\0"
                            "47120\0"
                            "47121-47139\0";

/* The page's second table: InternetApp, LocalApp and DefaultApp. */
static void test_table(void)
{
    static const struct {
        const char *available, *usual;
        unsigned flags;
        DWORD expected;
    } rows[] = {
        {"Y", "Y", RPC_C_USE_INTERNET_PORT, INSIDE},
        {"Y", "Y", RPC_C_USE_INTRANET_PORT, OUTSIDE},
        {"Y", "Y", 0, INSIDE},
        {"Y", "N", RPC_C_USE_INTERNET_PORT, INSIDE},
        {"Y", "N", RPC_C_USE_INTRANET_PORT, OUTSIDE},
        {"Y", "N", 0, OUTSIDE},
        {"n", "y", RPC_C_USE_INTERNET_PORT, OUTSIDE},
        {"n", "y", RPC_C_USE_INTRANET_PORT, INSIDE},
        {"n", "y", 0, OUTSIDE},
        {"N", "N", RPC_C_USE_INTERNET_PORT, OUTSIDE},
        {"N", "N", RPC_C_USE_INTRANET_PORT, INSIDE},
        {"N", "N", 0, INSIDE},
    };

    set_ports(ports, sizeof(ports));
    for (unsigned i = 0; i < ARRAYSIZE(rows); i++) {
        winetest_context("%s %s %u", rows[i].available, rows[i].usual, rows[i].flags);
        set_choices(rows[i].available, rows[i].usual);
        ok_status(server(rows[i].flags, "ncacn_ip_tcp"), rows[i].expected, "RpcServerUseProtseqEx");
    }
    winetest_context("%s", "");
}

/* "Portions of the policy associated with dynamic endpoints are ignored when the RpcServerUseProtseqEpEx
 * function is called"; "for all other protocol sequences, the RPC run time ignores these values". */
static void test_ignored(void)
{
    char rest[64];

    set_ports(ports, sizeof(ports));
    set_choices("Y", "Y");
    snprintf(rest, sizeof(rest), "ncacn_ip_tcp %u", free_tcp_port());
    ok_status(server(RPC_C_USE_INTERNET_PORT, rest), RPC_S_OK, "a port of its own");
    ok_status(server(RPC_C_USE_INTERNET_PORT, "ncalrpc"), OUTSIDE, "ncalrpc");
}

/* "If all available ports are in use, the function returns RPC_S_OUT_OF_RESOURCES." */
static void test_none_left(void)
{
    unsigned short number;
    SOCKET s = taken_tcp_port(&number);
    char range[8] = "";

    snprintf(range, sizeof(range), "%u", number);
    set_ports(range, (DWORD)strlen(range) + 2);
    set_choices("Y", "Y");
    ok_status(server(0, "ncacn_ip_tcp"), RPC_S_OUT_OF_RESOURCES, "the only port is taken");
    closesocket(s);
}

static void check_invalid(const char *what)
{
    char rest[64];

    snprintf(rest, sizeof(rest), "ncacn_ip_tcp %u", free_tcp_port());
    for (int i = 0; i < 2; i++) {
        DWORD code = server(0, i ? rest : "ncacn_ip_tcp");

        ok(code != RPC_S_OK && code < INSIDE, "%s: %lu\n", what, code);
    }
    ok_status(server(0, "ncalrpc"), OUTSIDE, what);
}

/* "If a key is missing or if it contains an invalid value, the entire configuration is marked as invalid, and
 * all RpcServerUseProtseq* calls over ncacn_ip_tcp [...] will fail"; with which status no page says. */
static void test_invalid(void)
{
    static const struct {
        const char *text;
        DWORD size;
    } bad[] = {{"port\0", 6}, {"70000\0", 7}, {"47100-\0", 8}, {"47100-70000\0", 13}, {"-1\0", 4}};

    for (unsigned i = 0; i < ARRAYSIZE(bad); i++) {
        set_choices("Y", "Y");
        set_ports(bad[i].text, bad[i].size);
        check_invalid(bad[i].text);
    }
    set_ports(ports, sizeof(ports));
    set_choices("Y", "perhaps");
    check_invalid("UseInternetPorts");
    set_choices("yes", "Y");
    check_invalid("PortsInternetAvailable");
    set_choices("Y", NULL);
    check_invalid("no UseInternetPorts");
    set_choices(NULL, "Y");
    check_invalid("no PortsInternetAvailable");
    set_choices("Y", "Y");
    RegDeleteValueA(key, "Ports");
    check_invalid("no Ports");
}

/* "If the registry does not contain any of the keys that specify the default policies, then the EndpointFlags
 * member will have no effect." */
static void test_none(void)
{
    DWORD code;

    RegDeleteValueA(key, "Ports");
    set_choices(NULL, NULL);
    code = server(RPC_C_USE_INTERNET_PORT, "ncacn_ip_tcp");
    ok(code == OUTSIDE || code == INSIDE, "no settings: %lu\n", code);
}

START_TEST(server_ports)
{
    DWORD disposition = 0;
    LONG error = RegCreateKeyExA(HKEY_LOCAL_MACHINE, path, 0, NULL, REG_OPTION_VOLATILE,
                                 KEY_ALL_ACCESS | KEY_WOW64_64KEY, NULL, &key, &disposition);

    if (error || disposition != REG_CREATED_NEW_KEY) {
        skip("the settings cannot be written here: %ld\n", error);
        if (!error)
            RegCloseKey(key);
        return;
    }
    test_none();
    test_table();
    test_ignored();
    test_none_left();
    test_invalid();
    RegCloseKey(key);
    RegDeleteKeyExA(HKEY_LOCAL_MACHINE, path, KEY_WOW64_64KEY, 0);
}
