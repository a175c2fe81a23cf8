/*
 * The less common forms of string bindings: the examples of the SDK page "String Binding", escapes, empty
 * parts, options, the keyword endpoint=, outputs that nobody wants; A and W alike. SDK pages "String
 * Binding", RpcStringBindingCompose, RpcStringBindingParse.
 */
#include "winetest.h"

#define OBJECT "308fb580-1eb2-11ca-923b-08002b1075a7"
enum { PARTS = 5, OBJECT_PART = 0, TEXT_SIZE = 256 };

static void widen(const char *text, WCHAR wide[TEXT_SIZE])
{
    MultiByteToWideChar(CP_ACP, 0, text, -1, wide, TEXT_SIZE);
}

static RPC_STATUS parse_a(const char *binding, RPC_CSTR parts[PARTS])
{
    return RpcStringBindingParseA((RPC_CSTR)binding, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4]);
}

static RPC_STATUS parse_w(const char *binding, RPC_WSTR parts[PARTS])
{
    WCHAR wide[TEXT_SIZE];

    widen(binding, wide);
    return RpcStringBindingParseW((RPC_WSTR)wide, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4]);
}

static void check_parts(const char *binding, const char *const expected[PARTS])
{
    RPC_CSTR ansi[PARTS] = {NULL};
    RPC_WSTR wide[PARTS] = {NULL};
    WCHAR text[TEXT_SIZE];

    winetest_context("%s", binding);
    ok_status(parse_a(binding, ansi), RPC_S_OK, "RpcStringBindingParseA");
    ok_status(parse_w(binding, wide), RPC_S_OK, "RpcStringBindingParseW");
    for (int i = 0; i < PARTS; i++) {
        /* How the object's digits are written is nobody's business. */
        ok(ansi[i] && !(i == OBJECT_PART ? _stricmp : strcmp)((char *)ansi[i], expected[i]),
           "part %d: %s, expected %s\n", i, ansi[i] ? (char *)ansi[i] : "NULL", expected[i]);
        widen(expected[i], text);
        ok(wide[i] && !(i == OBJECT_PART ? _wcsicmp : wcscmp)(wide[i], text), "part %d: %ls, expected %ls\n",
           i, wide[i] ? wide[i] : L"NULL", text);
        RpcStringFreeA(&ansi[i]);
        RpcStringFreeW(&wide[i]);
    }
    winetest_context("%s", "");
}

/* "The following are examples of valid string bindings." */
static void test_examples(void)
{
    static const struct {
        const char *binding, *parts[PARTS];
    } examples[] = {
        {OBJECT "@ncadg_mq:mymqserver", {OBJECT, "ncadg_mq", "mymqserver", "", ""}},
        {OBJECT "@ncacn_http:major7.microsoft.com[2225]",
         {OBJECT, "ncacn_http", "major7.microsoft.com", "2225", ""}},
        {OBJECT "@ncacn_http:major7.microsoft.com[,HttpProxy=proxysvr:80,RpcProxy=websvr1.microsoft.com:80]",
         {OBJECT, "ncacn_http", "major7.microsoft.com", "",
          "HttpProxy=proxysvr:80,RpcProxy=websvr1.microsoft.com:80"}},
        {OBJECT "@ncacn_ip_tcp:16.20.16.27[2001]", {OBJECT, "ncacn_ip_tcp", "16.20.16.27", "2001", ""}},
        {OBJECT "@ncacn_ip_tcp:16.20.16.27[endpoint=2001]",
         {OBJECT, "ncacn_ip_tcp", "16.20.16.27", "2001", ""}},
        {OBJECT "@ncacn_nb_nb:", {OBJECT, "ncacn_nb_nb", "", "", ""}},
        {OBJECT "@ncacn_nb_nb:[100]", {OBJECT, "ncacn_nb_nb", "", "100", ""}},
        {OBJECT "@ncacn_np:", {OBJECT, "ncacn_np", "", "", ""}},
        {OBJECT "@ncacn_np:[\\\\pipe\\\\p3,Security=impersonation static true]",
         {OBJECT, "ncacn_np", "", "\\pipe\\p3", "Security=impersonation static true"}},
        {OBJECT "@ncacn_np:\\\\\\\\marketing[\\\\pipe\\\\p2\\\\p3\\\\p4]",
         {OBJECT, "ncacn_np", "\\\\marketing", "\\pipe\\p2\\p3\\p4", ""}},
        {OBJECT "@ncacn_np:\\\\\\\\marketing[endpoint=\\\\pipe\\\\p2\\\\p3\\\\p4]",
         {OBJECT, "ncacn_np", "\\\\marketing", "\\pipe\\p2\\p3\\p4", ""}},
        {OBJECT "@ncacn_np:\\\\\\\\sales", {OBJECT, "ncacn_np", "\\\\sales", "", ""}},
        {OBJECT "@ncalrpc:", {OBJECT, "ncalrpc", "", "", ""}},
        {OBJECT "@ncalrpc:[object1_name_demonstrating_that_these_can_be_lengthy]",
         {OBJECT, "ncalrpc", "", "object1_name_demonstrating_that_these_can_be_lengthy", ""}},
        {OBJECT "@ncalrpc:[object2_name,Security=anonymous static true]",
         {OBJECT, "ncalrpc", "", "object2_name", "Security=anonymous static true"}},
        {OBJECT "@ncacn_vns_spp:server@group@org[500]",
         {OBJECT, "ncacn_vns_spp", "server@group@org", "500", ""}},
        {OBJECT "@ncacn_dnet_nsp:took[elf_server]", {OBJECT, "ncacn_dnet_nsp", "took", "elf_server", ""}},
        {OBJECT "@ncacn_dnet_nsp:took[endpoint=elf_server]",
         {OBJECT, "ncacn_dnet_nsp", "took", "elf_server", ""}},
        {OBJECT "@ncadg_ip_udp:maryos.microsoft.com[1025]",
         {OBJECT, "ncadg_ip_udp", "maryos.microsoft.com", "1025", ""}},
        {OBJECT "@ncacn_spx:~0000000108002B30612C", {OBJECT, "ncacn_spx", "~0000000108002B30612C", "", ""}},
    };

    for (unsigned i = 0; i < ARRAYSIZE(examples); i++)
        check_parts(examples[i].binding, examples[i].parts);
}

/* "For all string-binding fields, a single backslash character is interpreted as an escape character." What
 * stands in brackets, and is none of the page's examples, is unverified on Windows. */
static void test_escapes(void)
{
    static const struct {
        const char *binding, *parts[PARTS];
    } tests[] = {
        {"ncalrpc:[a\\]b]", {"", "ncalrpc", "", "a]b", ""}},
        {"ncalrpc:[a\\,b]", {"", "ncalrpc", "", "a,b", ""}},
        {"ncalrpc:[a\\=b]", {"", "ncalrpc", "", "a=b", ""}},
        {"ncacn_ip_tcp:a\\[b[1]", {"", "ncacn_ip_tcp", "a[b", "1", ""}},
        {"ncacn_ip_tcp:\\h\\o\\s\\t[\\1]", {"", "ncacn_ip_tcp", "host", "1", ""}},
        {"ncalrpc:[]", {"", "ncalrpc", "", "", ""}},
        {"ncacn_ip_tcp:host[]", {"", "ncacn_ip_tcp", "host", "", ""}},
        {"ncalrpc:[,Security=anonymous static true]",
         {"", "ncalrpc", "", "", "Security=anonymous static true"}},
        {"ncalrpc:[endpoint=e,Security=anonymous static true]",
         {"", "ncalrpc", "", "e", "Security=anonymous static true"}},
        {"ncalrpc:[Security=anonymous static true]",
         {"", "ncalrpc", "", "", "Security=anonymous static true"}},
        {"ncacn_ip_tcp:fe80::1[1]", {"", "ncacn_ip_tcp", "fe80::1", "1", ""}},
    };

    for (unsigned i = 0; i < ARRAYSIZE(tests); i++)
        check_parts(tests[i].binding, tests[i].parts);
}

/* RpcStringBindingParse: "RPC_S_INVALID_STRING_BINDING". Which of these there are is unverified on Windows
 * but for those that the form of the page "String Binding" excludes plainly. */
static void test_invalid(void)
{
    static const char *const invalid[] = {
        "",
        ":",
        ":host",
        "ncacn_ip_tcp",
        "ncacn_ip_tcp:host[",
        "ncacn_ip_tcp:host[1",
        "ncacn_ip_tcp:host[1]2",
        "ncacn_ip_tcp:host[1][2]",
        "ncacn_ip_tcp:host[1]\\",
        "ncalrpc:[a,endpoint=b]",
        "ncalrpc:[endpoint=a,endpoint=b]",
    };
    RPC_CSTR ansi[PARTS] = {NULL};
    RPC_WSTR wide[PARTS] = {NULL};

    for (unsigned i = 0; i < ARRAYSIZE(invalid); i++) {
        ok_status(parse_a(invalid[i], ansi), RPC_S_INVALID_STRING_BINDING, invalid[i]);
        ok_status(parse_w(invalid[i], wide), RPC_S_INVALID_STRING_BINDING, invalid[i]);
    }
    /* The page "RPC Return Values" has this status for such a string; RpcStringBindingParse's has it not. */
    ok_status(parse_a("x@ncalrpc:", ansi), RPC_S_INVALID_STRING_UUID, "an object that is no UUID");
    ok_status(parse_w("@ncalrpc:", wide), RPC_S_INVALID_STRING_UUID, "an empty object");
}

/* "Specify a NULL value to prevent RpcStringBindingParse from returning the ... parameter." */
static void test_unwanted(void)
{
    static const char binding[] = OBJECT "@ncalrpc:net[e,Security=anonymous static true]";
    static const char *const expected[PARTS] = {OBJECT, "ncalrpc", "net", "e",
                                                "Security=anonymous static true"};

    for (int wanted = 0; wanted < PARTS; wanted++) {
        RPC_CSTR text = NULL, *out[PARTS] = {NULL};

        out[wanted] = &text;
        ok_status(RpcStringBindingParseA((RPC_CSTR)binding, out[0], out[1], out[2], out[3], out[4]), RPC_S_OK,
                  "RpcStringBindingParseA");
        ok(text && !_stricmp((char *)text, expected[wanted]), "part %d: %s\n", wanted, text);
        RpcStringFreeA(&text);
    }
    for (int unwanted = 0; unwanted < PARTS; unwanted++) {
        RPC_CSTR text[PARTS] = {NULL}, *out[PARTS];

        for (int i = 0; i < PARTS; i++)
            out[i] = i == unwanted ? NULL : &text[i];
        ok_status(RpcStringBindingParseA((RPC_CSTR)binding, out[0], out[1], out[2], out[3], out[4]), RPC_S_OK,
                  "RpcStringBindingParseA");
        for (int i = 0; i < PARTS; i++) {
            ok(!text[i] == (i == unwanted), "part %d of all but %d\n", i, unwanted);
            RpcStringFreeA(&text[i]);
        }
    }
}

/* RpcStringBindingCompose: "Specify a null parameter value or provide an empty string (\0) for each input
 * string that has no data." Every choice of parts, A and W, comes back as it went in. */
static void test_choices(void)
{
    static const char *const parts[PARTS] = {OBJECT, "ncacn_np", "\\\\srv", "\\pipe\\a=b,c[d]",
                                             "Security=anonymous static true"};

    for (unsigned choice = 0; choice < 1u << (PARTS - 1); choice++) {
        const char *in[PARTS], *expected[PARTS];
        WCHAR wide[PARTS][TEXT_SIZE];
        RPC_CSTR ansi = NULL;
        RPC_WSTR text = NULL;

        for (int i = 0, bit = 0; i < PARTS; i++) {
            BOOL chosen = i == 1 || choice & 1u << bit; /* the protocol sequence always */

            bit += i != 1;
            expected[i] = chosen ? parts[i] : "";
            in[i] = chosen ? parts[i] : choice & 1 ? NULL : "";
            widen(expected[i], wide[i]);
        }
        ok_status(RpcStringBindingComposeA((RPC_CSTR)in[0], (RPC_CSTR)in[1], (RPC_CSTR)in[2], (RPC_CSTR)in[3],
                                           (RPC_CSTR)in[4], &ansi),
                  RPC_S_OK, "RpcStringBindingComposeA");
        check_parts((char *)ansi, expected);
        ok_status(RpcStringBindingComposeW(wide[0], wide[1], wide[2], wide[3], wide[4], &text), RPC_S_OK,
                  "RpcStringBindingComposeW");
        widen((char *)ansi, wide[0]);
        ok(text && !wcscmp(text, wide[0]), "A %s, W %ls\n", ansi, text);
        RpcStringFreeA(&ansi);
        RpcStringFreeW(&text);
    }
}

/* "RPC_S_INVALID_STRING_UUID: the string representation of the UUID is not valid." */
static void test_bad_objects(void)
{
    static const char *const bad[] = {
        "x",
        "308fb580-1eb2-11ca-923b-08002b1075a",
        "308fb580-1eb2-11ca-923b-08002b1075a77",
        "{308fb580-1eb2-11ca-923b-08002b1075a7}",
        "308fb5801eb211ca923b08002b1075a7",
    };

    for (unsigned i = 0; i < ARRAYSIZE(bad); i++) {
        RPC_CSTR ansi = NULL;
        RPC_WSTR text = NULL;
        WCHAR wide[TEXT_SIZE];

        widen(bad[i], wide);
        ok_status(RpcStringBindingComposeA((RPC_CSTR)bad[i], (RPC_CSTR) "ncalrpc", NULL, NULL, NULL, &ansi),
                  RPC_S_INVALID_STRING_UUID, bad[i]);
        ok_status(RpcStringBindingComposeW(wide, (RPC_WSTR)L"ncalrpc", NULL, NULL, NULL, &text),
                  RPC_S_INVALID_STRING_UUID, bad[i]);
    }
}

START_TEST(string_forms)
{
    test_examples();
    test_escapes();
    test_invalid();
    test_unwanted();
    test_choices();
    test_bad_objects();
}
