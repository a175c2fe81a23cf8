/*
 * The frame of the real interfaces' topics (real.h).
 */
#include "real.h"

static struct endpoint here; /* where the calls go meanwhile */

void real_here(const struct endpoint *endpoint)
{
    here = *endpoint;
}

handle_t real_bind(const wchar_t *server)
{
    ok(!server || !wcscmp(server, REAL_SERVER), "bound to another server\n");
    return bind_to(&here);
}

void real_unbind(handle_t h)
{
    unbind(&h);
}

void *real_copy(const void *from, size_t size)
{
    void *copy = midl_user_allocate(size);

    if (!copy)
        RpcRaiseException(RPC_S_OUT_OF_MEMORY);
    return memcpy(copy, from, size);
}

wchar_t *real_text(const wchar_t *text)
{
    return real_copy(text, (wcslen(text) + 1) * sizeof(*text));
}

void real_run(RPC_IF_HANDLE server, const void *managers, void (*calls)(handle_t h))
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        make_endpoint(&endpoints[i], &transports[i], "real");
        use_endpoint(&endpoints[i]);
    }
    ok_status(RpcServerRegisterIf(server, NULL, (RPC_MGR_EPV *)managers), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        LONG live = live_allocations();
        handle_t h;

        winetest_context("%s", transports[i].protseq);
        real_here(&endpoints[i]);
        h = bind_to(&here);
        ok_status(CAUGHT(calls(h)), 0, "an exception ended the calls");
        unbind(&h);
        ok(live_allocations() == live, "%ld allocations left\n", (long)(live_allocations() - live));
    }
    winetest_context("%s", "");
    stop_serving();
}
