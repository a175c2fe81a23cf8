/* Binding handles: made from strings and back, copied, reset, objects, options, time-outs, misuse. No server
 * needed. */
#include "fixture.h"

#define OBJECT "6d7f1c3e-52a0-4d0e-9b6b-0a1f6f0a5eff"

static void check_string(RPC_BINDING_HANDLE binding, const char *expected, const char *what)
{
    RPC_CSTR text = NULL;

    ok_status(RpcBindingToStringBindingA(binding, &text), RPC_S_OK, what);
    if (ok(text != NULL, "%s: no string\n", what))
        ok(!strcmp((char *)text, expected), "%s: got %s, expected %s\n", what, text, expected);
    RpcStringFreeA(&text);
    ok(text == NULL, "RpcStringFree left %p\n", text);
}

static void test_round_trip(void)
{
    static const struct {
        const char *given, *back;
    } tests[] = {
        {"ncalrpc:[endpoint]", "ncalrpc:[endpoint]"},
        {"ncalrpc:", "ncalrpc:"},
        {"ncacn_ip_tcp:127.0.0.1[1234]", "ncacn_ip_tcp:127.0.0.1[1234]"},
        {"ncacn_ip_tcp:host", "ncacn_ip_tcp:host"},
        {"ncacn_np:host[\\\\pipe\\\\name]", "ncacn_np:host[\\\\pipe\\\\name]"},
        {OBJECT "@ncacn_ip_tcp:host[99]", OBJECT "@ncacn_ip_tcp:host[99]"},
        {"ncacn_ip_tcp:host[endpoint=77]", "ncacn_ip_tcp:host[77]"},
    };

    for (unsigned i = 0; i < ARRAYSIZE(tests); i++) {
        RPC_BINDING_HANDLE binding = NULL;
        WCHAR wide[128];
        char given[128];

        strcpy(given, tests[i].given);
        winetest_context("%s", tests[i].given);
        ok_status(RpcBindingFromStringBindingA((RPC_CSTR)given, &binding), RPC_S_OK,
                  "RpcBindingFromStringBindingA");
        check_string(binding, tests[i].back, "RpcBindingToStringBinding");
        unbind(&binding);
        ok(!binding, "RpcBindingFree left %p\n", binding);
        MultiByteToWideChar(CP_ACP, 0, given, -1, wide, ARRAYSIZE(wide));
        ok_status(RpcBindingFromStringBindingW((RPC_WSTR)wide, &binding), RPC_S_OK,
                  "RpcBindingFromStringBindingW");
        unbind(&binding);
    }
    winetest_context("%s", "");
}

/* SDK, RpcBindingFromStringBinding, table of return values. */
static void test_bad_strings(void)
{
    static const struct {
        const char *text;
        RPC_STATUS expected;
    } tests[] = {
        {"", RPC_S_INVALID_STRING_BINDING},
        {"ncalrpc", RPC_S_INVALID_STRING_BINDING},
        {"ncalrpc:[unclosed", RPC_S_INVALID_STRING_BINDING},
        {"not-a-uuid@ncalrpc:[e]", RPC_S_INVALID_STRING_UUID},
        {"ncacn_nothing:host[e]", RPC_S_PROTSEQ_NOT_SUPPORTED},
    };

    for (unsigned i = 0; i < ARRAYSIZE(tests); i++) {
        RPC_BINDING_HANDLE binding = (RPC_BINDING_HANDLE)1;
        RPC_STATUS status = RpcBindingFromStringBindingA((RPC_CSTR)tests[i].text, &binding);

        /* An unknown protocol sequence may be called invalid or not supported: both are on the page. */
        if (tests[i].expected == RPC_S_PROTSEQ_NOT_SUPPORTED && status == RPC_S_INVALID_RPC_PROTSEQ)
            status = RPC_S_PROTSEQ_NOT_SUPPORTED;
        ok_status(status, tests[i].expected, tests[i].text);
    }
}

/* SDK, RpcBindingCopy: "the two handles are independent". */
static void test_copy(void)
{
    RPC_BINDING_HANDLE binding = NULL, copy = NULL, none = NULL;
    UUID object, got;

    UuidFromStringA((RPC_CSTR)OBJECT, &object);
    RpcBindingFromStringBindingA((RPC_CSTR) "ncacn_ip_tcp:host[99]", &binding);
    ok_status(RpcBindingCopy(binding, &copy), RPC_S_OK, "RpcBindingCopy");
    ok(copy && copy != binding, "got %p for %p\n", copy, binding);
    check_string(copy, "ncacn_ip_tcp:host[99]", "copy");
    ok_status(RpcBindingSetObject(copy, &object), RPC_S_OK, "RpcBindingSetObject");
    ok_status(RpcBindingInqObject(binding, &got), RPC_S_OK, "RpcBindingInqObject");
    ok(UuidIsNil(&got, &(RPC_STATUS){0}), "setting the copy's object set that of the original\n");
    unbind(&binding);
    check_string(copy, OBJECT "@ncacn_ip_tcp:host[99]", "copy outlives the original");
    unbind(&copy);
    ok_status(RpcBindingFree(&none), RPC_S_INVALID_BINDING, "RpcBindingFree of null");
    ok_status(RpcBindingCopy(NULL, &copy), RPC_S_INVALID_BINDING, "RpcBindingCopy of null");
}

/* SDK, RpcBindingReset: "disassociates a server endpoint from the server binding handle". */
static void test_reset(void)
{
    RPC_BINDING_HANDLE binding = NULL;

    RpcBindingFromStringBindingA((RPC_CSTR)OBJECT "@ncacn_ip_tcp:host[99]", &binding);
    ok_status(RpcBindingReset(binding), RPC_S_OK, "RpcBindingReset");
    check_string(binding, OBJECT "@ncacn_ip_tcp:host", "after RpcBindingReset");
    ok_status(RpcBindingReset(binding), RPC_S_OK, "RpcBindingReset again");
    unbind(&binding);
    ok_status(RpcBindingReset(NULL), RPC_S_INVALID_BINDING, "RpcBindingReset of null");
}

/* SDK, RpcBindingSetObject: null or the nil UUID means no object. */
static void test_object(void)
{
    RPC_BINDING_HANDLE binding = NULL;
    UUID object, got;
    RPC_STATUS status;

    UuidFromStringA((RPC_CSTR)OBJECT, &object);
    RpcBindingFromStringBindingA((RPC_CSTR) "ncalrpc:[e]", &binding);
    memset(&got, 0x55, sizeof(got));
    ok_status(RpcBindingInqObject(binding, &got), RPC_S_OK, "RpcBindingInqObject");
    ok(UuidIsNil(&got, &status), "a new binding has an object\n");
    ok_status(RpcBindingSetObject(binding, &object), RPC_S_OK, "RpcBindingSetObject");
    ok_status(RpcBindingInqObject(binding, &got), RPC_S_OK, "RpcBindingInqObject");
    ok(UuidEqual(&got, &object, &status), "another object came back\n");
    check_string(binding, OBJECT "@ncalrpc:[e]", "with an object");
    ok_status(RpcBindingSetObject(binding, NULL), RPC_S_OK, "RpcBindingSetObject");
    check_string(binding, "ncalrpc:[e]", "without one again");
    unbind(&binding);
}

static void test_options(void)
{
    RPC_BINDING_HANDLE binding = NULL;
    ULONG_PTR value = 99;
    unsigned int timeout = 99;

    RpcBindingFromStringBindingA((RPC_CSTR) "ncacn_ip_tcp:host[99]", &binding);
    /* SDK, "Binding Option Constants": causal is the default. */
    ok_status(RpcBindingInqOption(binding, RPC_C_OPT_BINDING_NONCAUSAL, &value), RPC_S_OK,
              "RpcBindingInqOption");
    ok(value == FALSE, "noncausal by default: %d\n", (int)value);
    ok_status(RpcBindingSetOption(binding, RPC_C_OPT_BINDING_NONCAUSAL, TRUE), RPC_S_OK, "NONCAUSAL");
    ok_status(RpcBindingInqOption(binding, RPC_C_OPT_BINDING_NONCAUSAL, &value), RPC_S_OK,
              "RpcBindingInqOption");
    ok(value == TRUE, "got %d\n", (int)value);
    ok_status(RpcBindingSetOption(binding, RPC_C_OPT_CALL_TIMEOUT, 5000), RPC_S_OK, "CALL_TIMEOUT");
    ok_status(RpcBindingInqOption(binding, RPC_C_OPT_CALL_TIMEOUT, &value), RPC_S_OK, "RpcBindingInqOption");
    ok(value == 5000, "got %d\n", (int)value);
    ok_status(RpcBindingSetOption(binding, RPC_C_OPT_UNIQUE_BINDING, TRUE), RPC_S_OK, "UNIQUE_BINDING");
    /* "If no RPC call [has] been made on the binding handle, RPC_S_WRONG_KIND_OF_BINDING is returned." */
    ok_status(RpcBindingSetOption(binding, RPC_C_OPT_DONT_LINGER, TRUE), RPC_S_WRONG_KIND_OF_BINDING,
              "DONT_LINGER");
    /* SDK, "Binding Time-out Constants" and RpcMgmtSetComTimeout. */
    ok_status(RpcMgmtInqComTimeout(binding, &timeout), RPC_S_OK, "RpcMgmtInqComTimeout");
    ok(timeout == RPC_C_BINDING_DEFAULT_TIMEOUT, "got %u\n", timeout);
    ok_status(RpcMgmtSetComTimeout(binding, RPC_C_BINDING_INFINITE_TIMEOUT), RPC_S_OK,
              "RpcMgmtSetComTimeout");
    ok_status(RpcMgmtInqComTimeout(binding, &timeout), RPC_S_OK, "RpcMgmtInqComTimeout");
    ok(timeout == RPC_C_BINDING_INFINITE_TIMEOUT, "got %u\n", timeout);
    ok_status(RpcMgmtSetComTimeout(binding, 11), RPC_S_INVALID_TIMEOUT, "RpcMgmtSetComTimeout");
    unbind(&binding);
}

/* SDK, RpcNetworkIsProtseqValid, RpcNetworkInqProtseqs. */
static void test_protseqs(void)
{
    static char *const valid[] = {"ncalrpc", "ncacn_np", "ncacn_ip_tcp"};
    RPC_PROTSEQ_VECTORA *vector = NULL;
    RPC_STATUS status;

    for (unsigned i = 0; i < ARRAYSIZE(valid); i++)
        ok_status(RpcNetworkIsProtseqValidA((RPC_CSTR)valid[i]), RPC_S_OK, valid[i]);
    status = RpcNetworkIsProtseqValidA((RPC_CSTR) "ncacn_nothing");
    ok(status == RPC_S_PROTSEQ_NOT_SUPPORTED || status == RPC_S_INVALID_RPC_PROTSEQ, "ncacn_nothing: %ld\n",
       status);
    ok_status(RpcNetworkInqProtseqsA(&vector), RPC_S_OK, "RpcNetworkInqProtseqs");
    for (unsigned i = 0; vector && i < ARRAYSIZE(valid); i++) {
        int found = 0;
        for (unsigned k = 0; k < vector->Count; k++)
            found += !strcmp((char *)vector->Protseq[k], valid[i]);
        ok(found == 1, "%s is listed %d times\n", valid[i], found);
    }
    ok_status(RpcProtseqVectorFreeA(&vector), RPC_S_OK, "RpcProtseqVectorFree");
    ok(!vector, "RpcProtseqVectorFree left %p\n", vector);
}

START_TEST(binding)
{
    test_round_trip();
    test_bad_strings();
    test_copy();
    test_reset();
    test_object();
    test_options();
    test_protseqs();
}
