/*
 * String bindings: the SDK pages "String Binding", RpcStringBindingCompose, RpcStringBindingParse,
 * RpcStringFree.
 */
#include "winetest.h"

#define OBJECT "12345678-9abc-def0-1234-56789abcdef0"
enum { PARTS = 5 };

static RPC_STATUS parse(const char *binding, RPC_CSTR parts[PARTS])
{
    memset(parts, 0, PARTS * sizeof(*parts));
    return RpcStringBindingParseA((RPC_CSTR)binding, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4]);
}

static RPC_STATUS compose(const char *const parts[PARTS], RPC_CSTR *binding)
{
    return RpcStringBindingComposeA((RPC_CSTR)parts[0], (RPC_CSTR)parts[1], (RPC_CSTR)parts[2],
                                    (RPC_CSTR)parts[3], (RPC_CSTR)parts[4], binding);
}

static void free_parts(RPC_CSTR parts[PARTS])
{
    int i;

    for (i = 0; i < PARTS; i++)
        RpcStringFreeA(&parts[i]);
}

/* An empty field comes back as an empty string, says the page on RpcStringBindingParse. */
static void test_parse(void)
{
    static const struct {
        const char *binding, *parts[PARTS];
    } tests[] = {
        {"ncacn_ip_tcp:", {"", "ncacn_ip_tcp", "", "", ""}},
        {"ncacn_ip_tcp:host[135]", {"", "ncacn_ip_tcp", "host", "135", ""}},
        {"ncalrpc:[name]", {"", "ncalrpc", "", "name", ""}},
        {OBJECT "@ncalrpc:", {OBJECT, "ncalrpc", "", "", ""}},
        {"ncacn_np:\\\\\\\\srv[\\\\pipe\\\\x]", {"", "ncacn_np", "\\\\srv", "\\pipe\\x", ""}},
        {"ncacn_np:srv[p,Security=Identification]", {"", "ncacn_np", "srv", "p", "Security=Identification"}},
    };
    RPC_CSTR parts[PARTS];
    unsigned i, j;

    for (i = 0; i < ARRAYSIZE(tests); i++) {
        ok_status(parse(tests[i].binding, parts), RPC_S_OK, tests[i].binding);
        for (j = 0; j < PARTS; j++)
            ok(parts[j] && !strcmp((char *)parts[j], tests[i].parts[j]), "%s, part %u: %s\n",
               tests[i].binding, j, parts[j] ? (char *)parts[j] : "NULL");
        free_parts(parts);
    }
    ok_status(RpcStringBindingParseA((RPC_CSTR)tests[1].binding, NULL, NULL, NULL, NULL, NULL), RPC_S_OK,
              "nothing asked for");
}

static void test_parse_bad(void)
{
    static const struct {
        const char *binding;
        RPC_STATUS status;
    } tests[] = {
        {"ncacn_np:s[", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:s[p", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:s[p]x", RPC_S_INVALID_STRING_BINDING},
        {"bad@ncacn_np:s", RPC_S_INVALID_STRING_UUID},
    };
    RPC_CSTR parts[PARTS];
    unsigned i;

    for (i = 0; i < ARRAYSIZE(tests); i++)
        ok_status(parse(tests[i].binding, parts), tests[i].status, tests[i].binding);
    /* Without a protocol sequence there is no string binding; unverified on Windows. */
    ok_status(parse("ncacn_np", parts), RPC_S_INVALID_STRING_BINDING, "no protocol sequence");
}

static void test_compose(void)
{
    static const struct {
        const char *parts[PARTS], *binding;
    } tests[] = {
        {{NULL, "ncalrpc", NULL, NULL, NULL}, "ncalrpc:"},
        {{NULL, "ncalrpc", NULL, "name", NULL}, "ncalrpc:[name]"},
        {{"", "ncalrpc", "", "", ""}, "ncalrpc:"},
        {{OBJECT, "ncacn_ip_tcp", "host", "135", NULL}, OBJECT "@ncacn_ip_tcp:host[135]"},
        {{NULL, "ncacn_np", "\\\\srv", "\\pipe\\x", "Security=a"},
         "ncacn_np:\\\\\\\\srv[\\\\pipe\\\\x,Security=a]"},
    };
    const char *bad[PARTS] = {"bad", "ncalrpc", NULL, NULL, NULL};
    RPC_CSTR binding;
    unsigned i;

    for (i = 0; i < ARRAYSIZE(tests); i++) {
        binding = NULL;
        ok_status(compose(tests[i].parts, &binding), RPC_S_OK, tests[i].binding);
        ok(binding && !strcmp((char *)binding, tests[i].binding), "%s, got %s\n", tests[i].binding, binding);
        RpcStringFreeA(&binding);
    }
    ok_status(compose(bad, &binding), RPC_S_INVALID_STRING_UUID, "an object that is no UUID");
}

/* Every part comes back as it went in, whatever is in it. */
static void test_round_trip(void)
{
    static const char *const wild[] = {"plain", "a,b=c[d]e@f:g\\", "\\\\srv", "[]", "\xe4\xf6"};
    RPC_CSTR binding, parts[PARTS];
    unsigned i, j;

    for (i = 0; i < ARRAYSIZE(wild); i++)
        for (j = 0; j < ARRAYSIZE(wild); j++) {
            const char *in[PARTS] = {OBJECT, "ncacn_np", wild[i], wild[j], "x=y,z"};

            binding = NULL;
            ok_status(compose(in, &binding), RPC_S_OK, "compose");
            ok_status(parse((char *)binding, parts), RPC_S_OK, (char *)binding);
            ok(parts[2] && !strcmp((char *)parts[2], wild[i]), "%s: address %s\n", binding, parts[2]);
            ok(parts[3] && !strcmp((char *)parts[3], wild[j]), "%s: endpoint %s\n", binding, parts[3]);
            ok(parts[4] && !strcmp((char *)parts[4], "x=y,z"), "%s: options %s\n", binding, parts[4]);
            free_parts(parts);
            RpcStringFreeA(&binding);
        }
}

static void test_wide(void)
{
    RPC_WSTR binding = NULL, endpoint = NULL;

    ok_status(
        RpcStringBindingComposeW(NULL, (RPC_WSTR)L"ncalrpc", NULL, (RPC_WSTR)L"\x4e2d,", NULL, &binding),
        RPC_S_OK, "RpcStringBindingComposeW");
    ok_status(RpcStringBindingParseW(binding, NULL, NULL, NULL, &endpoint, NULL), RPC_S_OK,
              "RpcStringBindingParseW");
    ok(endpoint && !wcscmp(endpoint, L"\x4e2d,"), "endpoint %ls\n", endpoint);
    ok_status(RpcStringFreeW(&endpoint), RPC_S_OK, "RpcStringFreeW");
    ok(!endpoint, "RpcStringFree leaves NULL\n");
    ok_status(RpcStringFreeW(&endpoint), RPC_S_OK, "RpcStringFreeW of NULL");
    RpcStringFreeW(&binding);
}

START_TEST(strings)
{
    test_parse();
    test_parse_bad();
    test_compose();
    test_round_trip();
    test_wide();
}
