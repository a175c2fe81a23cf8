/*
 * Interface groups: SDK pages RpcServerInterfaceGroupCreate, Activate, Deactivate, Close, InqBindings,
 * RPC_INTERFACE_TEMPLATE, RPC_ENDPOINT_TEMPLATE. A group is its templates, copied, and runtime/group.c's
 * endpoints. lock makes what is done with a group one thing at a time; it is not held while Close waits for
 * the idle callback, which may deactivate.
 */
#include "../os/os.h"
#include "../runtime/binding.h"
#include "../runtime/group.h"
#include "bindings.h"
#include "text.h"

enum { GROUP_MAGIC = 0x70756f72, SECONDS = 1000 /* milliseconds */ };

struct interface_group {
    ULONG magic;
    SRWLOCK lock;
    struct server_group *endpoints_open;
    BOOL active;
    RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN callback;
    void *context;
    ULONG interface_count, endpoint_count;
    RPC_INTERFACE_TEMPLATEW *interfaces; /* what they point to is the group's, but IfSpec and MgrEpv */
    RPC_ENDPOINT_TEMPLATEW *endpoints;
};

static struct interface_group *group_from_handle(RPC_INTERFACE_GROUP handle)
{
    struct interface_group *group = handle;

    return group && group->magic == GROUP_MAGIC ? group : NULL;
}

/* ---- templates */

static UUID_VECTOR *copy_uuids(const UUID_VECTOR *vector)
{
    size_t head = FIELD_OFFSET(UUID_VECTOR, Uuid) + vector->Count * sizeof *vector->Uuid;
    UUID_VECTOR *copy = os_alloc(head + vector->Count * sizeof(UUID));
    UUID *uuids = copy ? (UUID *)((char *)copy + head) : NULL;

    if (!copy)
        return NULL;
    copy->Count = vector->Count;
    for (ULONG i = 0; i < vector->Count; i++) {
        uuids[i] = *vector->Uuid[i];
        copy->Uuid[i] = &uuids[i];
    }
    return copy;
}

static void *copy_of(const void *data, size_t size)
{
    void *copy = os_alloc(size);

    return copy ? memcpy(copy, data, size) : NULL;
}

/* FALSE: no memory. */
static BOOL copy_interface(RPC_INTERFACE_TEMPLATEW *to, const RPC_INTERFACE_TEMPLATEW *from)
{
    *to = *from;
    to->SecurityDescriptor = NULL; /* for authenticated callers, whom nothing lets in yet */
    to->MgrTypeUuid = from->MgrTypeUuid ? copy_of(from->MgrTypeUuid, sizeof(UUID)) : NULL;
    to->UuidVector = from->UuidVector ? copy_uuids(from->UuidVector) : NULL;
    to->Annotation = string_copy(from->Annotation);
    return (!from->MgrTypeUuid || to->MgrTypeUuid) && (!from->UuidVector || to->UuidVector) &&
           (!from->Annotation || to->Annotation);
}

static BOOL copy_endpoint(RPC_ENDPOINT_TEMPLATEW *to, const RPC_ENDPOINT_TEMPLATEW *from)
{
    DWORD size = 0;

    *to = *from;
    to->ProtSeq = string_copy(from->ProtSeq);
    to->Endpoint = string_copy(from->Endpoint);
    to->SecurityDescriptor = NULL;
    if (from->SecurityDescriptor) {
        size = GetSecurityDescriptorLength(from->SecurityDescriptor);
        to->SecurityDescriptor = os_alloc(size);
    }
    if (to->SecurityDescriptor &&
        ((SECURITY_DESCRIPTOR *)from->SecurityDescriptor)->Control & SE_SELF_RELATIVE)
        memcpy(to->SecurityDescriptor, from->SecurityDescriptor, size);
    else if (to->SecurityDescriptor &&
             !MakeSelfRelativeSD(from->SecurityDescriptor, to->SecurityDescriptor, &size))
        return FALSE;
    return to->ProtSeq && (!from->Endpoint || to->Endpoint) &&
           (!from->SecurityDescriptor || to->SecurityDescriptor);
}

static void destroy(struct interface_group *group)
{
    group->magic = 0;
    for (ULONG i = 0; i < group->interface_count; i++) {
        os_free(group->interfaces[i].MgrTypeUuid);
        os_free(group->interfaces[i].UuidVector);
        os_free(group->interfaces[i].Annotation);
    }
    for (ULONG i = 0; i < group->endpoint_count; i++) {
        os_free(group->endpoints[i].ProtSeq);
        os_free(group->endpoints[i].Endpoint);
        os_free(group->endpoints[i].SecurityDescriptor);
    }
    os_free(group->interfaces);
    os_free(group->endpoints);
    if (group->endpoints_open)
        server_group_release(group->endpoints_open);
    os_free(group);
}

/* FALSE: no memory. */
static BOOL copy_templates(struct interface_group *group, const RPC_INTERFACE_TEMPLATEW *interfaces,
                           ULONG interface_count, const RPC_ENDPOINT_TEMPLATEW *endpoints,
                           ULONG endpoint_count)
{
    group->interfaces = os_alloc_zero(interface_count * sizeof *interfaces + 1);
    group->endpoints = os_alloc_zero(endpoint_count * sizeof *endpoints + 1);
    if (!group->interfaces || !group->endpoints)
        return FALSE;
    while (group->interface_count < interface_count) {
        ULONG i = group->interface_count++;

        if (!copy_interface(&group->interfaces[i], &interfaces[i]))
            return FALSE;
    }
    while (group->endpoint_count < endpoint_count) {
        ULONG i = group->endpoint_count++;

        if (!copy_endpoint(&group->endpoints[i], &endpoints[i]))
            return FALSE;
    }
    return TRUE;
}

static void idle_changed(void *context, BOOL idle)
{
    struct interface_group *group = context;

    group->callback(group, group->context, idle);
}

static RPC_STATUS check(const RPC_INTERFACE_TEMPLATEW *interfaces, ULONG interface_count,
                        const RPC_ENDPOINT_TEMPLATEW *endpoints, ULONG endpoint_count)
{
    for (ULONG i = 0; i < interface_count; i++) {
        if (interfaces[i].Version || !interfaces[i].IfSpec)
            return RPC_S_INVALID_ARG;
    }
    for (ULONG i = 0; i < endpoint_count; i++) {
        if (endpoints[i].Version || !endpoints[i].ProtSeq)
            return RPC_S_INVALID_ARG;
        if (endpoints[i].SecurityDescriptor && !IsValidSecurityDescriptor(endpoints[i].SecurityDescriptor))
            return RPC_S_INVALID_SECURITY_DESC;
    }
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupCreateW(RPC_INTERFACE_TEMPLATEW *interfaces,
                                                    ULONG interface_count, RPC_ENDPOINT_TEMPLATEW *endpoints,
                                                    ULONG endpoint_count, ULONG idle_period,
                                                    RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN callback,
                                                    void *context, PRPC_INTERFACE_GROUP handle)
{
    RPC_STATUS status = check(interfaces, interface_count, endpoints, endpoint_count);
    struct interface_group *group;

    if (status)
        return status;
    if (!callback && idle_period != INFINITE)
        return RPC_S_INVALID_ARG;
    group = os_alloc_zero(sizeof *group);
    if (!group)
        return RPC_S_OUT_OF_MEMORY;
    InitializeSRWLock(&group->lock);
    group->magic = GROUP_MAGIC;
    group->callback = callback;
    group->context = context;
    if (idle_period != INFINITE)
        idle_period = idle_period < (INFINITE - 1) / SECONDS ? idle_period * SECONDS : INFINITE - 1;
    group->endpoints_open = server_group_create(idle_period, idle_changed, group);
    if (!group->endpoints_open ||
        !copy_templates(group, interfaces, interface_count, endpoints, endpoint_count)) {
        destroy(group);
        return RPC_S_OUT_OF_MEMORY;
    }
    *handle = group;
    return RPC_S_OK;
}

/* ---- the same in ANSI */

static RPC_STATUS widen_endpoints(const RPC_ENDPOINT_TEMPLATEA *from, ULONG count, RPC_ENDPOINT_TEMPLATEW *to)
{
    RPC_STATUS status = RPC_S_OK;

    for (ULONG i = 0; i < count && status == RPC_S_OK; i++) {
        memcpy(&to[i], &from[i], sizeof *to);
        to[i].Endpoint = NULL;
        status = text_widen(from[i].ProtSeq, &to[i].ProtSeq);
        if (status == RPC_S_OK)
            status = text_widen(from[i].Endpoint, &to[i].Endpoint);
    }
    return status;
}

static RPC_STATUS widen_interfaces(const RPC_INTERFACE_TEMPLATEA *from, ULONG count,
                                   RPC_INTERFACE_TEMPLATEW *to)
{
    RPC_STATUS status = RPC_S_OK;

    for (ULONG i = 0; i < count && status == RPC_S_OK; i++) {
        memcpy(&to[i], &from[i], sizeof *to);
        status = text_widen(from[i].Annotation, &to[i].Annotation);
    }
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupCreateA(RPC_INTERFACE_TEMPLATEA *interfaces,
                                                    ULONG interface_count, RPC_ENDPOINT_TEMPLATEA *endpoints,
                                                    ULONG endpoint_count, ULONG idle_period,
                                                    RPC_INTERFACE_GROUP_IDLE_CALLBACK_FN callback,
                                                    void *context, PRPC_INTERFACE_GROUP handle)
{
    RPC_INTERFACE_TEMPLATEW *wide_interfaces = os_alloc_zero(interface_count * sizeof *wide_interfaces + 1);
    RPC_ENDPOINT_TEMPLATEW *wide_endpoints = os_alloc_zero(endpoint_count * sizeof *wide_endpoints + 1);
    RPC_STATUS status = wide_interfaces && wide_endpoints ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;

    if (status == RPC_S_OK)
        status = widen_interfaces(interfaces, interface_count, wide_interfaces);
    if (status == RPC_S_OK)
        status = widen_endpoints(endpoints, endpoint_count, wide_endpoints);
    if (status == RPC_S_OK)
        status = RpcServerInterfaceGroupCreateW(wide_interfaces, interface_count, wide_endpoints,
                                                endpoint_count, idle_period, callback, context, handle);
    for (ULONG i = 0; wide_interfaces && i < interface_count; i++)
        os_free(wide_interfaces[i].Annotation);
    for (ULONG i = 0; wide_endpoints && i < endpoint_count; i++) {
        os_free(wide_endpoints[i].ProtSeq);
        os_free(wide_endpoints[i].Endpoint);
    }
    os_free(wide_interfaces);
    os_free(wide_endpoints);
    return status;
}

/* ---- activity; lock is held */

static void each_of_group(server_each_address *each, void *all, void *context)
{
    server_group_networks(((struct interface_group *)context)->endpoints_open, each, all);
}

/* Removes the first count interfaces from the endpoint mapper. */
static void unmap(struct interface_group *group, RPC_BINDING_VECTOR *bindings, ULONG count)
{
    for (ULONG i = 0; i < count; i++)
        RpcEpUnregister(group->interfaces[i].IfSpec, bindings, group->interfaces[i].UuidVector);
}

static RPC_STATUS map(struct interface_group *group)
{
    RPC_BINDING_VECTOR *bindings;
    RPC_STATUS status = bindings_collect(each_of_group, group, &bindings);
    ULONG i;

    if (status)
        return status == RPC_S_NO_BINDINGS ? RPC_S_OK : status;
    for (i = 0; i < group->interface_count; i++) {
        const RPC_INTERFACE_TEMPLATEW *interface = &group->interfaces[i];

        status = RpcEpRegisterW(interface->IfSpec, bindings, interface->UuidVector, interface->Annotation);
        if (status)
            break;
    }
    if (status)
        unmap(group, bindings, i);
    RpcBindingVectorFree(&bindings);
    return status;
}

static RPC_STATUS register_interfaces(struct interface_group *group)
{
    RPC_STATUS status = RPC_S_OK;

    for (ULONG i = 0; i < group->interface_count && status == RPC_S_OK; i++) {
        const RPC_INTERFACE_TEMPLATEW *interface = &group->interfaces[i];

        status = server_register(group->endpoints_open, interface->IfSpec, interface->MgrTypeUuid,
                                 interface->MgrEpv, interface->Flags | RPC_IF_AUTOLISTEN, interface->MaxCalls,
                                 interface->MaxRpcSize, interface->IfCallback, interface->SecurityDescriptor);
    }
    return status;
}

static RPC_STATUS open_endpoints(struct interface_group *group)
{
    RPC_STATUS status = RPC_S_OK;

    for (ULONG i = 0; i < group->endpoint_count && status == RPC_S_OK; i++) {
        const RPC_ENDPOINT_TEMPLATEW *endpoint = &group->endpoints[i];

        status = server_group_open(group->endpoints_open, endpoint->ProtSeq, endpoint->Endpoint,
                                   endpoint->Backlog, endpoint->SecurityDescriptor);
    }
    return status;
}

/* SDK: atomic. The interfaces come first, so that no client finds endpoints without them. */
static RPC_STATUS activate(struct interface_group *group)
{
    RPC_STATUS status = register_interfaces(group);

    if (status == RPC_S_OK)
        status = open_endpoints(group);
    if (status == RPC_S_OK)
        status = map(group);
    if (status) {
        server_group_close(group->endpoints_open, TRUE);
        server_unregister(group->endpoints_open, NULL, NULL, FALSE);
        return status;
    }
    group->active = TRUE;
    server_group_start(group->endpoints_open);
    return RPC_S_OK;
}

static RPC_STATUS deactivate(struct interface_group *group, BOOL force)
{
    RPC_BINDING_VECTOR *bindings;

    if (!group->active)
        return RPC_S_OK;
    if (bindings_collect(each_of_group, group, &bindings))
        bindings = NULL;
    if (!server_group_close(group->endpoints_open, force)) {
        if (bindings)
            RpcBindingVectorFree(&bindings);
        return RPC_S_SERVER_TOO_BUSY;
    }
    group->active = FALSE;
    server_unregister(group->endpoints_open, NULL, NULL, FALSE);
    if (bindings) {
        unmap(group, bindings, group->interface_count);
        RpcBindingVectorFree(&bindings);
    }
    return RPC_S_OK;
}

/* What it answers for an active group is unverified on Windows. */
RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupActivate(RPC_INTERFACE_GROUP handle)
{
    struct interface_group *group = group_from_handle(handle);
    RPC_STATUS status;

    if (!group)
        return RPC_S_INVALID_ARG;
    AcquireSRWLockExclusive(&group->lock);
    status = group->active ? RPC_S_ALREADY_LISTENING : activate(group);
    ReleaseSRWLockExclusive(&group->lock);
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupDeactivate(RPC_INTERFACE_GROUP handle, ULONG force)
{
    struct interface_group *group = group_from_handle(handle);
    RPC_STATUS status;

    if (!group)
        return RPC_S_INVALID_ARG;
    AcquireSRWLockExclusive(&group->lock);
    status = deactivate(group, force != 0);
    ReleaseSRWLockExclusive(&group->lock);
    return status;
}

RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupClose(RPC_INTERFACE_GROUP handle)
{
    RPC_STATUS status = RpcServerInterfaceGroupDeactivate(handle, TRUE);
    struct interface_group *group = handle;

    if (status)
        return status;
    server_group_finish(group->endpoints_open);
    destroy(group);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY RpcServerInterfaceGroupInqBindings(RPC_INTERFACE_GROUP handle,
                                                        RPC_BINDING_VECTOR **vector)
{
    struct interface_group *group = group_from_handle(handle);
    RPC_STATUS status;

    *vector = NULL;
    if (!group)
        return RPC_S_INVALID_ARG;
    AcquireSRWLockShared(&group->lock);
    status = bindings_collect(each_of_group, group, vector);
    ReleaseSRWLockShared(&group->lock);
    return status;
}
