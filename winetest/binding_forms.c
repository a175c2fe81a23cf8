/*
 * Binding handles of all transports: which string bindings make one, what becomes a string again, every
 * binding option, vectors of bindings. SDK pages "String Binding", RpcBindingFromStringBinding,
 * RpcBindingToStringBinding, "Binding Option Constants", RpcBindingSetOption, RpcBindingInqOption,
 * RpcBindingVectorFree, RpcServerInqBindings.
 */
#include "fixture.h"
#include "test_sync.h"

#define OBJECT "6d7f1c3e-52a0-4d0e-9b6b-0a1f6f0a5eff"

static struct endpoint endpoints[TRANSPORT_COUNT];

static RPC_STATUS from_string_a(const char *text, handle_t *h)
{
    return RpcBindingFromStringBindingA((RPC_CSTR)text, h);
}

static RPC_STATUS from_string_w(const char *text, handle_t *h)
{
    WCHAR wide[256];

    MultiByteToWideChar(CP_ACP, 0, text, -1, wide, ARRAYSIZE(wide));
    return RpcBindingFromStringBindingW((RPC_WSTR)wide, h);
}

/* What comes back is what went in, but for the keyword endpoint=. */
static void test_round_trip(void)
{
    static const struct {
        const char *given, *back;
    } tests[] = {
        {"ncalrpc:[e,Security=anonymous static true]", NULL},
        {"ncalrpc:[e,Security=Impersonation Dynamic False]", NULL},
        {"ncalrpc:[a\\]b]", NULL},
        {OBJECT "@ncacn_np:\\\\\\\\srv[\\\\pipe\\\\x,Security=identification dynamic true]", NULL},
        {"ncacn_np:[\\\\PIPE\\\\x]", NULL},
        {"ncacn_np:[endpoint=\\\\pipe\\\\p2\\\\p3]", "ncacn_np:[\\\\pipe\\\\p2\\\\p3]"},
        {"ncacn_ip_tcp:[1]", NULL},
        {"ncacn_ip_tcp:[65535]", NULL},
        {OBJECT "@ncacn_ip_tcp:", NULL},
        /* "contains a nil UUID [...] the object UUID field is not included" */
        {"00000000-0000-0000-0000-000000000000@ncalrpc:[e]", "ncalrpc:[e]"},
    };

    for (unsigned i = 0; i < ARRAYSIZE(tests); i++) {
        const char *expected = tests[i].back ? tests[i].back : tests[i].given;
        handle_t h = NULL, wide = NULL;
        RPC_CSTR ansi = NULL;
        RPC_WSTR text = NULL;
        char narrow[256] = "";

        winetest_context("%s", tests[i].given);
        ok_status(from_string_a(tests[i].given, &h), RPC_S_OK, "RpcBindingFromStringBindingA");
        ok_status(from_string_w(tests[i].given, &wide), RPC_S_OK, "RpcBindingFromStringBindingW");
        ok_status(RpcBindingToStringBindingA(wide, &ansi), RPC_S_OK, "RpcBindingToStringBindingA");
        ok(ansi && !strcmp((char *)ansi, expected), "A: %s\n", ansi);
        ok_status(RpcBindingToStringBindingW(h, &text), RPC_S_OK, "RpcBindingToStringBindingW");
        WideCharToMultiByte(CP_ACP, 0, text ? text : L"", -1, narrow, sizeof(narrow), NULL, NULL);
        ok(!strcmp(narrow, expected), "W: %s\n", narrow);
        RpcStringFreeA(&ansi);
        RpcStringFreeW(&text);
        unbind(&h);
        unbind(&wide);
    }
    winetest_context("%s", "");
}

/* "RPC_S_INVALID_ENDPOINT_FORMAT: the endpoint format is not valid", the format being that of the page
 * "String Binding": a port number; a name that starts with \pipe. */
static void test_endpoint_formats(void)
{
    static const char *const invalid[] = {
        "ncacn_ip_tcp:[port]", "ncacn_ip_tcp:host[65536]",   "ncacn_ip_tcp:[-1]",    "ncacn_ip_tcp:host[1x]",
        "ncacn_np:[name]",     "ncacn_np:srv[\\\\pip\\\\x]", "ncacn_np:[pipe\\\\x]", "ncacn_np:[\\pipe\\x]",
    };

    for (unsigned i = 0; i < ARRAYSIZE(invalid); i++) {
        handle_t h = NULL;

        ok_status(from_string_a(invalid[i], &h), RPC_S_INVALID_ENDPOINT_FORMAT, invalid[i]);
        ok_status(from_string_w(invalid[i], &h), RPC_S_INVALID_ENDPOINT_FORMAT, invalid[i]);
    }
}

/* The option Security of ncalrpc and ncacn_np: "one entry from each of the sets of security option values
 * must also be supplied"; ncacn_ip_tcp has none. RPC_S_INVALID_NETWORK_OPTIONS is on the page "RPC Return
 * Values"; that RpcBindingFromStringBinding is who gives it is unverified on Windows. */
static void test_network_options(void)
{
    static const char *const invalid[] = {
        "ncalrpc:[e,Security=]",
        "ncalrpc:[e,Security=identification]",
        "ncalrpc:[e,Security=identification dynamic]",
        "ncalrpc:[e,Security=delegation dynamic true]",
        "ncalrpc:[e,Security=static dynamic true]",
        "ncalrpc:[e,Security=identification dynamic true false]",
        "ncalrpc:[e,Secure=identification dynamic true]",
        "ncacn_np:[\\\\pipe\\\\x,HttpProxy=proxy]",
        "ncacn_ip_tcp:[1,Security=identification dynamic true]",
    };

    for (unsigned i = 0; i < ARRAYSIZE(invalid); i++) {
        handle_t h = NULL;

        ok_status(from_string_a(invalid[i], &h), RPC_S_INVALID_NETWORK_OPTIONS, invalid[i]);
        ok_status(from_string_w(invalid[i], &h), RPC_S_INVALID_NETWORK_OPTIONS, invalid[i]);
    }
}

/* A call goes through with every Security option. */
static void test_security_option(const struct endpoint *endpoint)
{
    static const char *const levels[] = {"anonymous", "identification", "impersonation"};
    static const char *const modes[] = {"dynamic true", "dynamic false", "static true", "Static False"};

    for (unsigned i = 0; i < ARRAYSIZE(levels) * ARRAYSIZE(modes); i++) {
        RPC_CSTR text = NULL;
        handle_t h = NULL;
        char option[64];

        snprintf(option, sizeof(option), "Security=%s %s", levels[i / ARRAYSIZE(modes)],
                 modes[i % ARRAYSIZE(modes)]);
        ok_status(RpcStringBindingComposeA(NULL, (RPC_CSTR)endpoint->transport->protseq, NULL,
                                           (RPC_CSTR)endpoint->name, (RPC_CSTR)option, &text),
                  RPC_S_OK, option);
        ok_status(from_string_a((char *)text, &h), RPC_S_OK, (char *)text);
        ok_status(CAUGHT(sync_null(h)), RPC_S_OK, option);
        RpcStringFreeA(&text);
        unbind(&h);
    }
}

/* RpcBindingToStringBinding, RpcStringBindingCompose: "specify a null value to prevent [it] from returning
 * the StringBinding parameter". In a process of its own, for Wine's own writes through it. */
START_CHILD(unwanted_strings)
{
    handle_t h = NULL;

    ok_status(from_string_a("ncalrpc:[e]", &h), RPC_S_OK, "RpcBindingFromStringBinding");
    ok_status(RpcBindingToStringBindingA(h, NULL), RPC_S_OK, "RpcBindingToStringBindingA");
    ok_status(RpcBindingToStringBindingW(h, NULL), RPC_S_OK, "RpcBindingToStringBindingW");
    ok_status(RpcBindingToStringBindingW(NULL, NULL), RPC_S_INVALID_BINDING, "no binding");
    unbind(&h);
    ok_status(RpcStringBindingComposeA(NULL, (RPC_CSTR) "ncalrpc", NULL, NULL, NULL, NULL), RPC_S_OK,
              "RpcStringBindingComposeA");
    ok_status(RpcStringBindingComposeW(NULL, (RPC_WSTR)L"ncalrpc", NULL, NULL, NULL, NULL), RPC_S_OK,
              "RpcStringBindingComposeW");
    ok_status(RpcStringBindingComposeW((RPC_WSTR)L"x", (RPC_WSTR)L"ncalrpc", NULL, NULL, NULL, NULL),
              RPC_S_INVALID_STRING_UUID, "an object that is no UUID");
}

static void test_unwanted(void)
{
    RPC_CSTR ansi = NULL;
    RPC_WSTR wide = NULL;

    /* "RPC_S_INVALID_BINDING: the binding handle was invalid." */
    ok_status(RpcBindingToStringBindingA(NULL, &ansi), RPC_S_INVALID_BINDING, "null, A");
    ok_status(RpcBindingToStringBindingW(NULL, &wide), RPC_S_INVALID_BINDING, "null, W");
    child_wait(child_start("unwanted_strings", "%s", ""), 0);
}

/* ---- options */

static void check_option(handle_t h, ULONG option, ULONG_PTR value, const char *what)
{
    ULONG_PTR got = ~value;

    ok_status(RpcBindingSetOption(h, option, value), RPC_S_OK, what);
    ok_status(RpcBindingInqOption(h, option, &got), RPC_S_OK, what);
    ok(got == value, "%s: %lu, not %lu\n", what, (ULONG)got, (ULONG)value);
}

static void check_default(handle_t h, ULONG option, const char *what)
{
    ULONG_PTR got = 99;

    ok_status(RpcBindingInqOption(h, option, &got), RPC_S_OK, what);
    ok(got == 0, "%s: %lu by default\n", what, (ULONG)got);
}

/* "RPC_S_CANNOT_SUPPORT: the function is not supported for either the operating system or the transport." The
 * message queue's options were Windows 2000's; cookies and session ids are HTTP's; what the rest answers is
 * unverified on Windows. */
static void test_unsupported(handle_t h)
{
    static const ULONG options[] = {1, 2, 3, 5, 6, 7, 0, 17, 999, ~0u};

    for (unsigned i = 0; i < ARRAYSIZE(options); i++) {
        ULONG_PTR value = 77;

        ok_status(RpcBindingSetOption(h, options[i], 0), RPC_S_CANNOT_SUPPORT, "RpcBindingSetOption");
        ok_status(RpcBindingInqOption(h, options[i], &value), RPC_S_CANNOT_SUPPORT, "RpcBindingInqOption");
        ok(value == 77, "option %lu has the value %lu\n", options[i], (ULONG)value);
    }
}

static RPC_STATUS in_manager[2];

static void hook_options(handle_t h, long what)
{
    ULONG_PTR value;

    (void)what;
    in_manager[0] = RpcBindingSetOption(h, RPC_C_OPT_BINDING_NONCAUSAL, TRUE);
    in_manager[1] = RpcBindingInqOption(h, RPC_C_OPT_BINDING_NONCAUSAL, &value);
}

static void test_options(const struct endpoint *endpoint)
{
    handle_t h = bind_to(endpoint), copy = NULL;
    ULONG_PTR value = 99;

    check_default(h, RPC_C_OPT_BINDING_NONCAUSAL, "NONCAUSAL");
    check_default(h, RPC_C_OPT_UNIQUE_BINDING, "UNIQUE_BINDING");
    check_default(h, RPC_C_OPT_CALL_TIMEOUT, "CALL_TIMEOUT");
    check_option(h, RPC_C_OPT_BINDING_NONCAUSAL, TRUE, "NONCAUSAL");
    check_option(h, RPC_C_OPT_BINDING_NONCAUSAL, FALSE, "NONCAUSAL");
    check_option(h, RPC_C_OPT_UNIQUE_BINDING, TRUE, "UNIQUE_BINDING");
    check_option(h, RPC_C_OPT_UNIQUE_BINDING, FALSE, "UNIQUE_BINDING");
    /* "Set OptionValue to INFINITE or zero for an infinite time-out." */
    check_option(h, RPC_C_OPT_CALL_TIMEOUT, INFINITE, "CALL_TIMEOUT");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "an infinite time-out");
    check_option(h, RPC_C_OPT_CALL_TIMEOUT, 0, "CALL_TIMEOUT");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "no time-out");
    unbind(&h);

    /* "If no RPC call [has] been made on the binding handle, RPC_S_WRONG_KIND_OF_BINDING is returned"; "on
     * binding handles that use the ncalrpc or ncacn_* protocol sequences". */
    h = bind_to(endpoint);
    ok_status(RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE), RPC_S_WRONG_KIND_OF_BINDING,
              "DONT_LINGER before a call");
    ok_status(CAUGHT(sync_null(h)), RPC_S_OK, "a call");
    check_option(h, RPC_C_OPT_DONT_LINGER, TRUE, "DONT_LINGER");
    /* "The option takes effect for the entire association, regardless of how many binding handles are
     * attached to [it]"; that RpcBindingInqOption tells it so is unverified on Windows. */
    ok_status(RpcBindingCopy(h, &copy), RPC_S_OK, "RpcBindingCopy");
    check_option(copy, RPC_C_OPT_DONT_LINGER, FALSE, "DONT_LINGER of a copy");
    ok_status(RpcBindingInqOption(h, RPC_C_OPT_DONT_LINGER, &value), RPC_S_OK, "RpcBindingInqOption");
    ok(value == FALSE, "the association has not changed\n");
    check_option(h, RPC_C_OPT_DONT_LINGER, TRUE, "DONT_LINGER");
    unbind(&copy);
    test_unsupported(h);
    in_manager[0] = in_manager[1] = -1;
    sync_hook_routine = hook_options;
    ok_status(CAUGHT(sync_hook(h, 0)), RPC_S_OK, "a call");
    sync_hook_routine = NULL;
    /* The status is on the page "RPC Return Values". */
    ok_status(in_manager[0], RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingSetOption of a client's handle");
    ok_status(in_manager[1], RPC_S_WRONG_KIND_OF_BINDING, "RpcBindingInqOption of a client's handle");
    unbind(&h);
    ok_status(RpcBindingSetOption(NULL, RPC_C_OPT_CALL_TIMEOUT, 0), RPC_S_INVALID_BINDING, "no binding");
    ok_status(RpcBindingInqOption(NULL, RPC_C_OPT_CALL_TIMEOUT, &value), RPC_S_INVALID_BINDING, "no binding");
}

static void hook_slow(handle_t h, long what)
{
    (void)h;
    Sleep(what);
}

/* RPC_C_OPT_CALL_TIMEOUT: "For datagram, asynchronous, or local RPC calls, this option is ignored." */
static void test_local_timeout(void)
{
    handle_t h = bind_to(&endpoints[0]);

    sync_hook_routine = hook_slow;
    check_option(h, RPC_C_OPT_CALL_TIMEOUT, 1, "CALL_TIMEOUT");
    ok_status(CAUGHT(sync_hook(h, 200)), RPC_S_OK, "a local call that takes longer than its time-out");
    sync_hook_routine = NULL;
    unbind(&h);
}

/* ---- vectors */

/* "If there are no binding handles [...] RPC_S_NO_BINDINGS [...] and a BindingVector parameter value of
 * NULL." */
static void test_no_vector(void)
{
    RPC_BINDING_VECTOR *vector = (RPC_BINDING_VECTOR *)1;

    ok_status(RpcServerInqBindings(&vector), RPC_S_NO_BINDINGS, "RpcServerInqBindings");
    ok(!vector, "vector %p\n", vector);
    /* "RPC_S_INVALID_ARG: the argument was invalid." */
    ok_status(RpcBindingVectorFree(&vector), RPC_S_INVALID_ARG, "RpcBindingVectorFree");
}

/* A handle that is taken out of the vector is its new owner's (NULL in the vector, as the DCE's
 * rpc_binding_free leaves it); one that is none: "RPC_S_INVALID_BINDING". */
static void test_vector(void)
{
    static ULONG_PTR nothing[64];
    RPC_BINDING_VECTOR *vector = NULL;
    handle_t first;
    RPC_CSTR text = NULL;

    ok_status(RpcServerInqBindings(&vector), RPC_S_OK, "RpcServerInqBindings");
    ok(vector && vector->Count >= TRANSPORT_COUNT, "too few bindings\n");
    first = vector->BindingH[0];
    vector->BindingH[0] = NULL;
    ok_status(RpcBindingVectorFree(&vector), RPC_S_OK, "RpcBindingVectorFree");
    ok(!vector, "vector %p\n", vector);
    ok_status(RpcBindingToStringBindingA(first, &text), RPC_S_OK, "the handle taken out");
    RpcStringFreeA(&text);
    unbind(&first);

    ok_status(RpcServerInqBindings(&vector), RPC_S_OK, "RpcServerInqBindings");
    unbind(&vector->BindingH[0]);
    vector->BindingH[0] = nothing;
    ok_status(RpcBindingVectorFree(&vector), RPC_S_INVALID_BINDING, "RpcBindingVectorFree");
}

START_TEST(binding_forms)
{
    test_round_trip();
    test_endpoint_formats();
    test_network_options();
    test_unwanted();
    test_no_vector();
    serve(endpoints, test_sync_v1_2_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        winetest_context("%s", endpoints[i].transport->protseq);
        if (strcmp(endpoints[i].transport->protseq, "ncacn_ip_tcp"))
            test_security_option(&endpoints[i]);
        test_options(&endpoints[i]);
    }
    winetest_context("%s", "");
    test_local_timeout();
    test_vector();
    stop_serving();
}
