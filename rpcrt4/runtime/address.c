/*
 * One endpoint that the server listens at. Its fields are settled before it is shared, but for the listener,
 * which belongs to whoever keeps the address in a list (server.c, group.c).
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "access.h"
#include "connection.h"
#include "group.h"
#include "server.h"

static void accepted(struct transport_conn *transport, void *context)
{
    struct server_address *address = context;
    struct connection *conn = connection_create(&server_role, transport);

    if (!conn)
        return;
    InterlockedIncrement(&address->refs);
    conn->address = address;
    if (address->group)
        server_group_enter(address->group);
    TRACE("connection %p on %s[%s]\n", conn, debug_w(address->ops->protseq), debug_w(address->endpoint));
    connection_receive(conn);
    connection_release(conn);
}

static RPC_STATUS status_of_listen(DWORD error)
{
    switch (error) {
    case 0:
        return RPC_S_OK;
    case ERROR_ALREADY_EXISTS:
        return RPC_S_DUPLICATE_ENDPOINT;
    case ERROR_INVALID_NAME:
        return RPC_S_INVALID_ENDPOINT_FORMAT;
    case ERROR_NOT_ENOUGH_MEMORY:
        return RPC_S_OUT_OF_MEMORY;
    case ERROR_ACCESS_DENIED:
        return RPC_S_ACCESS_DENIED;
    case ERROR_NO_SYSTEM_RESOURCES:
        return RPC_S_OUT_OF_RESOURCES;
    default:
        return RPC_S_CANT_CREATE_ENDPOINT;
    }
}

void server_address_release(struct server_address *address)
{
    if (InterlockedDecrement(&address->refs))
        return;
    if (address->group)
        server_group_release(address->group);
    os_free(address->security_descriptor);
    os_free(address);
}

BOOL server_address_has_descriptor(const struct server_address *address, const void *security_descriptor)
{
    void *copy = address->security_descriptor ? descriptor_copy(security_descriptor) : NULL;
    DWORD size = copy ? GetSecurityDescriptorLength(copy) : 0;
    BOOL same = copy && size == GetSecurityDescriptorLength(address->security_descriptor) &&
                !memcmp(copy, address->security_descriptor, size);

    os_free(copy);
    return same;
}

static RPC_STATUS start_listening(struct server_address *address, const WCHAR *endpoint)
{
    DWORD error = address->ops->listen(endpoint, address->backlog, address->policy,
                                       address->security_descriptor, accepted, address, address->endpoint,
                                       ARRAYSIZE(address->endpoint), &address->listener);

    if (error)
        WARN("%s[%s]: %lu\n", debug_w(address->ops->protseq), debug_w(endpoint), error);
    return status_of_listen(error);
}

RPC_STATUS server_address_open(const struct transport_ops *ops, const WCHAR *endpoint, unsigned backlog,
                               unsigned policy, const void *security_descriptor, struct server_group *group,
                               struct server_address **result)
{
    struct server_address *address = os_alloc_zero(sizeof *address);
    RPC_STATUS status = RPC_S_OK;

    if (!address)
        return RPC_S_OUT_OF_MEMORY;
    address->refs = 1;
    address->ops = ops;
    address->dynamic = !*endpoint;
    address->backlog = backlog;
    address->policy = policy;
    address->group = group ? server_group_ref(group) : NULL;
    /* SDK, RpcServerUseProtseqEp: other protocol sequences ignore it */
    if (security_descriptor && ops != &transport_tcp &&
        !(address->security_descriptor = descriptor_copy(security_descriptor)))
        status = RPC_S_INVALID_SECURITY_DESC;
    if (status == RPC_S_OK)
        status = start_listening(address, endpoint);
    if (status) {
        server_address_release(address);
        return status;
    }
    WideCharToMultiByte(CP_ACP, 0, address->endpoint, -1, address->secondary, sizeof address->secondary, NULL,
                        NULL);
    *result = address;
    return RPC_S_OK;
}

void server_address_close(struct server_address *address)
{
    if (address->listener)
        address->ops->unlisten(address->listener);
    address->listener = NULL;
}

RPC_STATUS server_address_reopen(struct server_address *address)
{
    WCHAR endpoint[ARRAYSIZE(address->endpoint)];

    lstrcpyW(endpoint, address->endpoint);
    return start_listening(address, endpoint);
}

struct each_context {
    struct server_address *address;
    server_each_address *each;
    void *context;
};

static void each_network(const WCHAR *network, void *context)
{
    struct each_context *each = context;

    each->each(each->address, network, each->context);
}

void server_address_networks(struct server_address *address, server_each_address *each, void *context)
{
    struct each_context now = {.address = address, .each = each, .context = context};

    address->ops->addresses(each_network, &now);
}
