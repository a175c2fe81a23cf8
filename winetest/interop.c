/*
 * The two ends of tools/interop, each a process of its own so that they may run on different runtimes:
 *   --peer interop_server async|plain LOCAL-ENDPOINT PIPE PORT
 *   --peer interop_client async|plain PROTSEQ ENDPOINT
 *   --peer interop_quit PROTSEQ ENDPOINT
 * "async" marks the side whose runtime knows asynchronous calls; on the wire nobody can tell.
 */
#include "async_client.h"
#include "callback.h"
#include "test_implicit.h"
#include "test_plain.h"
#include "test_sync.h"

static void hook_quit(handle_t h, long what)
{
    (void)h;
    if (what == 99)
        ok_status(RpcMgmtStopServerListening(NULL), RPC_S_OK, "RpcMgmtStopServerListening");
}

START_CHILD(interop_server)
{
    int async = !strcmp(argv[0], "async");

    async_server_start();
    sync_hook_routine = hook_quit;
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        struct endpoint endpoint;

        name_endpoint(&endpoint, transports[i].protseq, argv[1 + i]);
        use_endpoint(&endpoint);
    }
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "test_sync");
    ok_status(RpcServerRegisterIf(test_implicit_v3_1_s_ifspec, NULL, NULL), RPC_S_OK, "test_implicit");
    ok_status(RpcServerRegisterIf(async ? test_async_v1_0_s_ifspec : test_plain_v1_0_s_ifspec, NULL, NULL),
              RPC_S_OK, "test_async or test_plain");
    ok_status(RpcServerRegisterIf(test_callback_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "test_callback");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    puts("ready");
    fflush(stdout);
    ok_status(RpcMgmtWaitServerListen(), RPC_S_OK, "RpcMgmtWaitServerListen");
}

static void call_plain(handle_t h)
{
    LONG doubled = 0, negated = 5;
    wchar_t *reversed = NULL;

    ok(plain_echo(h, PLAIN_NOW, 1, 20, &doubled, &negated) == 21 && doubled == 40 && negated == -5,
       "plain_echo\n");
    ok(plain_text(h, PLAIN_NOW, 1, L"parts", &reversed) == 5 && !wcscmp(reversed, L"strap"), "plain_text\n");
    midl_user_free(reversed);
    ok_status(CAUGHT(plain_void(h, PLAIN_RAISE, 1, 0x777)), 0x777, "exception of the manager");
    ok_status(CAUGHT(sync_raise(h, 5)), 5, "exception of the manager");
}

static void call_async(handle_t h)
{
    struct echo echoes[20];

    for (int i = 0; i < 20; i++) {
        echo_init_event(&echoes[i]);
        ok_status(echo_call(&echoes[i], h, ASYNC_NOW, i, i), 0, "the call raised");
    }
    sync_null(h);
    for (int i = 0; i < 20; i++) {
        echo_finish(&echoes[i], RPC_S_OK);
        echo_free(&echoes[i]);
    }
}

/* Wine's own knows no callbacks: as a server it makes none, as a client it hangs up. Either is an exception,
 * and the binding goes on. */
static void call_back(handle_t h)
{
    LONG answer = -1;
    RPC_STATUS status = CAUGHT(answer = callback_ask(h, BACK_DOUBLE, 20));

    ok(status ? answer == -1 : answer == 41, "a callback: status %ld, answer %ld\n", status, (long)answer);
    ok_status(CAUGHT(sync_null(h)), 0, "exception after a callback");
}

START_CHILD(interop_client)
{
    struct endpoint endpoint;
    handle_t h;

    name_endpoint(&endpoint, argv[1], argv[2]);
    h = bind_to(&endpoint);
    ok_status(CAUGHT(sync_run_types(h)), 0, "exception in a synchronous call");
    ok_status(CAUGHT(call_plain(h)), 0, "exception in a synchronous call");
    if (!strcmp(argv[0], "async"))
        ok_status(CAUGHT(call_async(h)), 0, "exception in an asynchronous call");
    call_back(h);
    unbind(&h);
}

START_CHILD(interop_quit)
{
    struct endpoint endpoint;
    handle_t h;

    name_endpoint(&endpoint, argv[0], argv[1]);
    h = bind_to(&endpoint);
    ok_status(CAUGHT(sync_hook(h, 99)), 0, "quit");
    unbind(&h);
}
