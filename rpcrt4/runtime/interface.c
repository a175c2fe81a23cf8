/*
 * Registered interfaces, their managers, and the types of objects. One lock for all three; foreign code
 * (object inquiry) runs without it.
 */
#include "../os/os.h"
#include "../os/debug.h"
#include "access.h"
#include "mgmt.h"
#include "server.h"
#include "../wire/mgmt.h"

struct object_type {
    struct object_type *next;
    UUID object, type;
};

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE left = CONDITION_VARIABLE_INIT; /* the last call left an interface */
static unsigned draining;                                 /* threads in server_interfaces_drain */
static struct server_interface *interfaces;
static struct object_type *types;
static RPC_OBJECT_INQ_FN *object_inquiry;

static BOOL same_uuid(const UUID *a, const UUID *b)
{
    return !memcmp(a, b, sizeof *a);
}

static struct server_interface *find_exact(const struct server_group *group, const RPC_SERVER_INTERFACE *spec)
{
    struct server_interface *interface;

    for (interface = interfaces; interface; interface = interface->next)
        if (interface->group == group &&
            !memcmp(&interface->spec->InterfaceId, &spec->InterfaceId, sizeof spec->InterfaceId))
            break;
    return interface;
}

static struct server_interface *add_interface(const struct server_group *group, RPC_SERVER_INTERFACE *spec)
{
    struct server_interface *interface = os_alloc_zero(sizeof *interface);

    if (!interface)
        return NULL;
    interface->refs = 1;
    interface->spec = spec;
    interface->group = group;
    memcpy(&interface->abstract, &spec->InterfaceId, sizeof interface->abstract);
    interface->registered = TRUE;
    interface->next = interfaces;
    interfaces = interface;
    return interface;
}

static struct server_manager *find_manager(struct server_interface *interface, const UUID *type)
{
    struct server_manager *manager;

    for (manager = interface->managers; manager; manager = manager->next)
        if (same_uuid(&manager->type, type))
            break;
    return manager;
}

static RPC_STATUS add_manager(const struct server_group *group, RPC_SERVER_INTERFACE *spec, const UUID *type,
                              RPC_MGR_EPV *epv, struct server_interface **result)
{
    struct server_interface *interface = find_exact(group, spec);
    struct server_manager *manager;

    if (interface && find_manager(interface, type))
        return RPC_S_TYPE_ALREADY_REGISTERED;
    manager = os_alloc_zero(sizeof *manager);
    if (!manager || (!interface && !(interface = add_interface(group, spec)))) {
        os_free(manager);
        return RPC_S_OUT_OF_MEMORY;
    }
    manager->type = *type;
    manager->epv = epv ? epv : spec->DefaultManagerEpv;
    manager->next = interface->managers;
    interface->managers = manager;
    *result = interface;
    return RPC_S_OK;
}

RPC_STATUS server_register(const struct server_group *group, RPC_SERVER_INTERFACE *spec, const UUID *type,
                           RPC_MGR_EPV *epv, unsigned flags, unsigned max_calls, unsigned max_size,
                           RPC_IF_CALLBACK_FN *callback, const void *security_descriptor)
{
    struct access_rule *access;
    struct server_interface *interface;
    RPC_STATUS status = access_rule_make(security_descriptor, &access);

    if (status)
        return status;
    AcquireSRWLockExclusive(&lock);
    status = add_manager(group, spec, type ? type : &uuid_nil, epv, &interface);
    if (status == RPC_S_OK) {
        struct access_rule *before = interface->access;

        interface->access = access;
        access = before;
        interface->flags = flags;
        interface->max_calls = max_calls;
        interface->max_size = max_size;
        interface->callback = callback;
    }
    ReleaseSRWLockExclusive(&lock);
    access_rule_release(access);
    TRACE("%s v%u.%u: %lu\n", debug_guid(&spec->InterfaceId.SyntaxGUID),
          spec->InterfaceId.SyntaxVersion.MajorVersion, spec->InterfaceId.SyntaxVersion.MinorVersion, status);
    return status;
}

/* Removes the manager of a type, or all; an interface without one leaves the list. FALSE: no such manager. */
static BOOL remove_managers(struct server_interface *interface, const UUID *type)
{
    struct server_manager **at = &interface->managers, *manager;
    BOOL found = FALSE;

    while ((manager = *at)) {
        if (type && !same_uuid(&manager->type, type)) {
            at = &manager->next;
            continue;
        }
        *at = manager->next;
        os_free(manager);
        found = TRUE;
    }
    return found;
}

/* Takes an interface without managers off the list. Its reference goes to the caller. */
static void unlist(struct server_interface *interface)
{
    struct server_interface **at = &interfaces;

    while (*at != interface)
        at = &(*at)->next;
    *at = interface->next;
    interface->registered = FALSE;
}

/* Until the calls that are in it now have ended; those that come meanwhile do not prolong it. lock is held.
 */
static void wait_for_calls(struct server_interface *interface)
{
    LONG phase = interface->phase & 1;

    interface->phase ^= 1;
    interface->waiters++;
    InterlockedIncrement(&interface->refs);
    while (interface->calls[phase] && !os_process_ends())
        SleepConditionVariableSRW(&left, &lock, INFINITE, 0);
    interface->waiters--;
    server_interface_release(interface);
}

static RPC_STATUS unregister_one(struct server_interface *interface, const UUID *type, BOOL wait)
{
    BOOL last;

    if (!remove_managers(interface, type))
        return RPC_S_UNKNOWN_MGR_TYPE;
    last = !interface->managers;
    if (last)
        unlist(interface);
    if (wait)
        wait_for_calls(interface);
    if (last)
        server_interface_release(interface);
    return RPC_S_OK;
}

RPC_STATUS server_unregister(const struct server_group *group, RPC_SERVER_INTERFACE *spec, const UUID *type,
                             BOOL wait)
{
    struct server_interface *interface;
    /* That to remove all there is succeeds where there is nothing is unverified on Windows. */
    RPC_STATUS status = spec ? RPC_S_UNKNOWN_IF : type ? RPC_S_UNKNOWN_MGR_TYPE : RPC_S_OK;

    AcquireSRWLockExclusive(&lock);
    if (spec) {
        interface = find_exact(group, spec);
        if (interface)
            status = unregister_one(interface, type, wait);
    } else {
        BOOL again = TRUE;

        /* The list may change while one is waited for. */
        while (again) {
            again = FALSE;
            for (interface = interfaces; interface && !again; interface = interface->next)
                if (interface->group == group && (group || !(interface->flags & RPC_IF_AUTOLISTEN)) &&
                    (!type || find_manager(interface, type))) {
                    status = unregister_one(interface, type, wait);
                    again = TRUE;
                }
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return status;
}

struct server_interface *server_interface_find(const struct server_group *group,
                                               const struct wire_syntax *abstract)
{
    struct server_interface *interface;

    AcquireSRWLockShared(&lock);
    for (interface = interfaces; interface; interface = interface->next)
        if (interface->group == group && wire_uuid_equal(&interface->abstract.uuid, &abstract->uuid) &&
            interface->abstract.major == abstract->major && interface->abstract.minor >= abstract->minor)
            break;
    /* Every server has the management interface, unless it registered one of its own. */
    if (!interface && wire_syntax_equal(abstract, &wire_mgmt))
        interface = &mgmt_interface;
    if (interface)
        InterlockedIncrement(&interface->refs);
    ReleaseSRWLockShared(&lock);
    return interface;
}

void server_interface_release(struct server_interface *interface)
{
    if (InterlockedDecrement(&interface->refs))
        return;
    access_rule_release(interface->access);
    os_free(interface);
}

BOOL server_interface_admits(struct server_interface *interface, struct transport_conn *transport)
{
    struct access_rule *rule;
    BOOL admitted;

    if (!*(struct access_rule *volatile *)&interface->access)
        return TRUE;
    AcquireSRWLockShared(&lock);
    rule = access_rule_ref(interface->access);
    ReleaseSRWLockShared(&lock);
    admitted = !rule || access_rule_admits(rule, transport);
    access_rule_release(rule);
    return admitted;
}

LONG server_interface_enter(struct server_interface *interface, struct call *call)
{
    LONG count;

    call->counted = TRUE;
    for (;;) {
        call->phase = interface->phase & 1;
        count = InterlockedIncrement(&interface->calls[call->phase]) + interface->calls[!call->phase];
        /* Who began to wait in between looks at the other phase's calls, and this one may be his. */
        if ((interface->phase & 1) == call->phase)
            return count;
        server_interface_leave(interface, call);
    }
}

void server_interface_leave(struct server_interface *interface, const struct call *call)
{
    BOOL wake;

    AcquireSRWLockShared(&lock);
    wake = !InterlockedDecrement(&interface->calls[call->phase]) && (interface->waiters || draining);
    ReleaseSRWLockShared(&lock);
    if (wake)
        WakeAllConditionVariable(&left);
}

/* One that calls are in and RpcMgmtWaitServerListen waits for. lock is held. */
static BOOL any_busy(void)
{
    struct server_interface *interface;

    for (interface = interfaces; interface; interface = interface->next)
        if (!(interface->flags & RPC_IF_AUTOLISTEN) && (interface->calls[0] || interface->calls[1]))
            return TRUE;
    return FALSE;
}

void server_interfaces_drain(void)
{
    AcquireSRWLockExclusive(&lock);
    draining++;
    while (any_busy() && !os_process_ends())
        SleepConditionVariableSRW(&left, &lock, INFINITE, 0);
    draining--;
    ReleaseSRWLockExclusive(&lock);
}

RPC_STATUS server_inq_manager(RPC_SERVER_INTERFACE *spec, const UUID *type, RPC_MGR_EPV **epv)
{
    struct server_interface *interface;
    struct server_manager *manager = NULL;

    AcquireSRWLockShared(&lock);
    interface = find_exact(NULL, spec);
    if (interface && (manager = find_manager(interface, type ? type : &uuid_nil)))
        *epv = manager->epv;
    ReleaseSRWLockShared(&lock);
    return !interface ? RPC_S_UNKNOWN_IF : !manager ? RPC_S_UNKNOWN_MGR_TYPE : RPC_S_OK;
}

RPC_STATUS server_manager_for(struct server_interface *interface, UUID *object, RPC_MGR_EPV **epv)
{
    struct server_manager *manager;
    UUID type = uuid_nil;

    if (!same_uuid(object, &uuid_nil))
        server_object_inq_type(object, &type);
    AcquireSRWLockShared(&lock);
    manager = find_manager(interface, &type);
    if (manager)
        *epv = manager->epv;
    ReleaseSRWLockShared(&lock);
    return manager ? RPC_S_OK : RPC_S_UNSUPPORTED_TYPE;
}

static void free_ids(RPC_IF_ID_VECTOR *vector)
{
    for (ULONG i = 0; i < vector->Count; i++)
        os_free(vector->IfId[i]);
    os_free(vector);
}

RPC_STATUS server_interface_ids(RPC_IF_ID_VECTOR **result)
{
    struct server_interface *interface;
    RPC_IF_ID_VECTOR *vector;
    RPC_STATUS status = RPC_S_OK;
    size_t count = 0;

    AcquireSRWLockShared(&lock);
    for (interface = interfaces; interface; interface = interface->next)
        count++;
    vector = os_alloc_zero(sizeof *vector + count * sizeof *vector->IfId);
    for (interface = interfaces; vector && interface; interface = interface->next) {
        RPC_IF_ID *id = os_alloc(sizeof *id);

        if (!id) {
            status = RPC_S_OUT_OF_MEMORY;
            break;
        }
        memcpy(id, &interface->abstract, sizeof *id);
        vector->IfId[vector->Count++] = id;
    }
    ReleaseSRWLockShared(&lock);
    if (!vector)
        return RPC_S_OUT_OF_MEMORY;
    if (status)
        free_ids(vector);
    else
        *result = vector;
    return status;
}

/* ---- types of objects */

static struct object_type **find_object(const UUID *object)
{
    struct object_type **at = &types;

    while (*at && !same_uuid(&(*at)->object, object))
        at = &(*at)->next;
    return at;
}

RPC_STATUS server_object_set_type(const UUID *object, const UUID *type)
{
    struct object_type **at, *entry;
    RPC_STATUS status = RPC_S_OK;

    AcquireSRWLockExclusive(&lock);
    at = find_object(object);
    if (!type || same_uuid(type, &uuid_nil)) {
        if ((entry = *at)) {
            *at = entry->next;
            os_free(entry);
        }
    } else if (*at) {
        status = RPC_S_ALREADY_REGISTERED;
    } else if (!(entry = os_alloc_zero(sizeof *entry))) {
        status = RPC_S_OUT_OF_MEMORY;
    } else {
        entry->object = *object;
        entry->type = *type;
        *at = entry;
    }
    ReleaseSRWLockExclusive(&lock);
    return status;
}

RPC_STATUS server_object_inq_type(UUID *object, UUID *type)
{
    RPC_STATUS status = RPC_S_OBJECT_NOT_FOUND;
    RPC_OBJECT_INQ_FN *inquiry;
    struct object_type *entry;

    *type = uuid_nil;
    AcquireSRWLockShared(&lock);
    inquiry = object_inquiry;
    entry = *find_object(object);
    if (entry) {
        *type = entry->type;
        status = RPC_S_OK;
    }
    ReleaseSRWLockShared(&lock);
    if (status && inquiry)
        inquiry(object, type, &status);
    return status;
}

void server_object_set_inquiry(RPC_OBJECT_INQ_FN *inquiry)
{
    AcquireSRWLockExclusive(&lock);
    object_inquiry = inquiry;
    ReleaseSRWLockExclusive(&lock);
}
