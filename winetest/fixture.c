/*
 * Endpoints, bindings and allocation for all topics. Endpoint names carry the number of the run, so that two
 * runs in one prefix do not meet.
 */
#include "fixture.h"

const struct transport transports[TRANSPORT_COUNT] = {
    {"ncalrpc", NULL},
    {"ncacn_np", NULL},
    {"ncacn_ip_tcp", "127.0.0.1"},
};

static volatile LONG allocations;

void *__RPC_USER midl_user_allocate(size_t size)
{
    void *memory = malloc(size ? size : 1);

    if (memory)
        InterlockedIncrement(&allocations);
    return memory;
}

void __RPC_USER midl_user_free(void *memory)
{
    if (memory)
        InterlockedDecrement(&allocations);
    free(memory);
}

LONG live_allocations(void)
{
    return allocations;
}

void make_endpoint(struct endpoint *endpoint, const struct transport *transport, const char *tag)
{
    endpoint->transport = transport;
    if (!strcmp(transport->protseq, "ncacn_ip_tcp"))
        snprintf(endpoint->name, sizeof(endpoint->name), "%u", free_tcp_port());
    else
        snprintf(endpoint->name, sizeof(endpoint->name), "%srpcrt4_winetest_%x_%s",
                 !strcmp(transport->protseq, "ncacn_np") ? "\\pipe\\" : "", run_id(), tag);
}

void name_endpoint(struct endpoint *endpoint, const char *protseq, const char *name)
{
    endpoint->transport = NULL;
    for (int i = 0; i < TRANSPORT_COUNT; i++)
        if (!strcmp(transports[i].protseq, protseq))
            endpoint->transport = &transports[i];
    snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
}

void use_endpoint(const struct endpoint *endpoint)
{
    ok_status(RpcServerUseProtseqEpA((RPC_CSTR)endpoint->transport->protseq, RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                     (RPC_CSTR)endpoint->name, NULL),
              RPC_S_OK, endpoint->transport->protseq);
}

RPC_BINDING_HANDLE bind_to(const struct endpoint *endpoint)
{
    RPC_BINDING_HANDLE binding = NULL;
    RPC_CSTR text = NULL;

    ok_status(RpcStringBindingComposeA(NULL, (RPC_CSTR)endpoint->transport->protseq,
                                       (RPC_CSTR)endpoint->transport->network, (RPC_CSTR)endpoint->name, NULL,
                                       &text),
              RPC_S_OK, "RpcStringBindingCompose");
    ok_status(RpcBindingFromStringBindingA(text, &binding), RPC_S_OK, "RpcBindingFromStringBinding");
    RpcStringFreeA(&text);
    return binding;
}

void unbind(RPC_BINDING_HANDLE *binding)
{
    ok_status(RpcBindingFree(binding), RPC_S_OK, "RpcBindingFree");
}

void serve(struct endpoint endpoints[TRANSPORT_COUNT], RPC_IF_HANDLE ifspec)
{
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        make_endpoint(&endpoints[i], &transports[i], "main");
        use_endpoint(&endpoints[i]);
    }
    ok_status(RpcServerRegisterIf(ifspec, NULL, NULL), RPC_S_OK, "RpcServerRegisterIf");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
}

void stop_serving(void)
{
    ok_status(RpcMgmtStopServerListening(NULL), RPC_S_OK, "RpcMgmtStopServerListening");
    ok_status(RpcMgmtWaitServerListen(), RPC_S_OK, "RpcMgmtWaitServerListen");
}
