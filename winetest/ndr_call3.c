/* NdrClientCall3 and NdrServerCallAll, the entry points of 64-bit stubs that know several transfer syntaxes,
 * with stubs of that shape whose one syntax is NDR 2.0 (MIDL reference, "-protocol"). */
#include "ndr_side.h"

#ifdef _WIN64

#define CALL3_ID                                                                                             \
    {                                                                                                        \
        {0x1b7e5d10, 0x35a4, 0x4a0c, {0x8f, 0x26, 0x90, 0x3c, 0x5d, 0x11, 0x6e, 0x02}},                      \
        {                                                                                                    \
            1, 0                                                                                             \
        }                                                                                                    \
    }

/* long add(handle_t h, [in] long a, [in] long b); */
static const unsigned char proc_format[] = {
    0,           0x48,      0,        0,        0,        0,        SHORT(0),    SHORT(0x20), /* -Oicf header,
                                                                                                 procedure 0,
                                                                                                 stack 32 */
    0x32,        0,         SHORT(0),    /* FC_BIND_PRIMITIVE */
    SHORT(16),   SHORT(8),  0x44,     3, /* has return, has extensions; three parameters */
    10,          1,         SHORT(0), SHORT(0), SHORT(0), SHORT(0), SHORT(0x48), SHORT(8),    8,
    0,                                   /* a: in, base type, FC_LONG */
    SHORT(0x48), SHORT(16), 8,        0, /* b */
    SHORT(0x70), SHORT(24), 8,        0, /* return value */
};
static const unsigned char type_format[] = {0, 0, 0};
static const unsigned short offsets[] = {0};

static long add(handle_t h, long a, long b)
{
    (void)h;
    return a + b;
}

static RPC_DISPATCH_FUNCTION functions[] = {NdrServerCallAll, NULL};
static RPC_DISPATCH_TABLE dispatch = {1, functions, 0};
static const SERVER_ROUTINE routines[] = {(SERVER_ROUTINE)add};
static RPC_CLIENT_INTERFACE client_if = {
    sizeof(client_if), CALL3_ID, NDR20_SYNTAX, NULL, 0, NULL, 0, NULL, 0};
static const MIDL_STUB_DESC stub_desc = {
    .RpcInterfaceInformation = &client_if,
    .pfnAllocate = MIDL_user_allocate,
    .pfnFree = MIDL_user_free,
    .pFormatTypes = type_format,
    .fCheckBounds = 1,
    .Version = 0x60000,
    .MIDLVersion = 0x8010274,
    .mFlags = 1,
};
static RPC_SYNTAX_IDENTIFIER ndr20 = NDR20_SYNTAX;
static const MIDL_SYNTAX_INFO syntaxes[] = {{
    .TransferSyntax = NDR20_SYNTAX,
    .DispatchTable = &dispatch,
    .ProcString = proc_format,
    .FmtStringOffset = offsets,
    .TypeString = type_format,
}};
static MIDL_STUBLESS_PROXY_INFO proxy_info = {&stub_desc, proc_format, offsets,
                                              &ndr20,     1,           (MIDL_SYNTAX_INFO *)syntaxes};
static const MIDL_SERVER_INFO server_info = {&stub_desc, routines, proc_format, offsets,
                                             NULL,       &ndr20,   1,           (MIDL_SYNTAX_INFO *)syntaxes};
static RPC_SERVER_INTERFACE server_if = {sizeof(server_if), CALL3_ID, NDR20_SYNTAX, &dispatch, 0, NULL, NULL,
                                         &server_info,      0};

/* In no header of the SDK (unverified on Windows): the arguments' address instead of themselves. */
CLIENT_CALL_RETURN RPC_VAR_ENTRY NdrpClientCall2(PMIDL_STUB_DESC desc, PFORMAT_STRING format,
                                                 void *arguments);

static void test_address(handle_t h)
{
    struct {
        handle_t h;
        LONGLONG a, b;
    } arguments = {h, 50, -8};

    ok((long)NdrpClientCall2((PMIDL_STUB_DESC)&stub_desc, proc_format, &arguments).Simple == 42,
       "50 - 8 is something else\n");
}

START_TEST(ndr_call3)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, &server_if);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        for (long n = 0; n < 10; n++) {
            CLIENT_CALL_RETURN result = NdrClientCall3(&proxy_info, 0, NULL, h, n, -3L);

            ok((long)result.Simple == n - 3, "%ld - 3 = %ld\n", n, (long)result.Simple);
        }
        test_address(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}

#else

START_TEST(ndr_call3)
{
    skip("NdrClientCall3 is a 64-bit entry point\n");
}

#endif
