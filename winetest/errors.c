/*
 * Error texts, the exception filter, interface ids and the status mapping: SDK pages DceErrorInqText,
 * RpcExceptionFilter, RpcIfInqId; winerror.h and ntstatus.h for which status goes with which.
 */
#include "winetest.h"

#include <rpcdcep.h>

RPCRTAPI int RPC_ENTRY RpcExceptionFilter(unsigned long code);

static void test_texts(void)
{
    unsigned char text[DCE_C_ERROR_STRING_LEN], unknown[DCE_C_ERROR_STRING_LEN];
    WCHAR wide[DCE_C_ERROR_STRING_LEN];

    memset(text, 0xff, sizeof(text));
    ok_status(DceErrorInqTextA(RPC_S_SERVER_UNAVAILABLE, text), RPC_S_OK, "DceErrorInqTextA");
    ok(memchr(text, 0, sizeof(text)) && text[0], "no text\n");
    memset(wide, 0xff, sizeof(wide));
    ok_status(DceErrorInqTextW(RPC_S_SERVER_UNAVAILABLE, wide), RPC_S_OK, "DceErrorInqTextW");
    ok(wide[0] && wide[0] != 0xffff, "no text\n");
    DceErrorInqTextA((RPC_STATUS)0xdeadbeef, unknown);
    ok(strcmp((char *)unknown, (char *)text), "an unknown status has a known one's text\n");
}

static void test_filter(void)
{
    static const DWORD fatal[] = {0x80000001, 0x80000002, 0x80000003, 0xc0000005, 0xc0000006,
                                  0xc000001d, 0xc0000096, 0xc00000aa, 0xc00000fd, 0xc0000194,
                                  0xc0000235, 0xc0000409, 0xc0000420, 0xc00002c9};
    static const DWORD other[] = {5, RPC_S_SERVER_UNAVAILABLE, 0xc0000094, 0xc000008c, 0xe0001234};
    unsigned i;

    for (i = 0; i < ARRAYSIZE(fatal); i++)
        ok(RpcExceptionFilter(fatal[i]) == EXCEPTION_CONTINUE_SEARCH, "%08lx is fatal\n", (long)fatal[i]);
    for (i = 0; i < ARRAYSIZE(other); i++)
        ok(RpcExceptionFilter(other[i]) == EXCEPTION_EXECUTE_HANDLER, "%08lx is not fatal\n", (long)other[i]);
}

static void test_map(void)
{
    static const struct {
        RPC_STATUS win32;
        DWORD nt;
    } tests[] = {
        {RPC_S_OK, 0},
        {RPC_S_INVALID_STRING_BINDING, 0xc0020001},
        {RPC_S_SERVER_UNAVAILABLE, 0xc0020017},
        {RPC_S_PROCNUM_OUT_OF_RANGE, 0xc002002e},
        {RPC_S_FP_OVERFLOW, 0xc0020048},
        {RPC_X_NO_MORE_ENTRIES, 0xc0030001},
        {RPC_X_BAD_STUB_DATA, 0xc003000c},
        {RPC_S_CALL_CANCELLED, 0xc0020050},
        {RPC_S_INVALID_ASYNC_HANDLE, 0xc0020062},
        {EPT_S_NOT_REGISTERED, 0xc0020036},
        {RPC_X_PIPE_EMPTY, 0xc0030061},
        {RPC_S_ACCESS_DENIED, 0xc0000022},
        {RPC_S_OUT_OF_MEMORY, 0xc0000017},
        {RPC_S_INVALID_ARG, 0xc000000d},
        {RPC_X_SS_CONTEXT_MISMATCH, 0xc0030005},
        {1234567, 1234567},
    };
    unsigned i;

    for (i = 0; i < ARRAYSIZE(tests); i++)
        ok((DWORD)I_RpcMapWin32Status(tests[i].win32) == tests[i].nt, "%ld gives %08lx, expected %08lx\n",
           (long)tests[i].win32, (long)I_RpcMapWin32Status(tests[i].win32), (long)tests[i].nt);
}

START_TEST(errors)
{
    test_texts();
    test_filter();
    test_map();
}

START_TEST(ifid)
{
    RPC_CLIENT_INTERFACE client = {
        .Length = sizeof(client),
        .InterfaceId = {{1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}}, {12, 13}},
    };
    RPC_IF_ID id;

    memset(&id, 0xff, sizeof(id));
    ok_status(RpcIfInqId(&client, &id), RPC_S_OK, "RpcIfInqId");
    ok(!memcmp(&id.Uuid, &client.InterfaceId.SyntaxGUID, sizeof(id.Uuid)), "UUID differs\n");
    ok(id.VersMajor == 12 && id.VersMinor == 13, "version %u.%u\n", id.VersMajor, id.VersMinor);
}
