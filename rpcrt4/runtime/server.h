/*
 * The server: where it listens, what it serves, and the calls that come.
 *
 * address.c: addresses. group.c: interface groups. server.c: addresses of no group, listening. interface.c:
 * registered interfaces and object types. server_call.c: the connection's server role. dispatch.c: running
 * managers, replying.
 */
#ifndef RPCRT4_SERVER_H
#define RPCRT4_SERVER_H

#include "call.h"
#include "../transport/transport.h"

struct connection;
struct server_group;

/* ---- addresses */

struct server_address {
    LONG refs;
    struct server_address *next;
    const struct transport_ops *ops;
    BOOL dynamic;
    unsigned backlog, policy;            /* TRANSPORT_INTERNET_PORT ... */
    void *security_descriptor;           /* self-relative, or NULL */
    struct transport_listener *listener; /* NULL: closed */
    struct server_group *group;          /* counted; NULL: of none */
    char secondary[128];                 /* the endpoint as a bind_ack carries it */
    WCHAR endpoint[MAX_PATH];
};

/* Opens an endpoint, "" or NULL for a dynamic one (which a protocol sequence has once for each policy).
 * RPC_S_DUPLICATE_ENDPOINT, RPC_S_PROTSEQ_NOT_SUPPORTED, RPC_S_INVALID_ENDPOINT_FORMAT,
 * RPC_S_CANT_CREATE_ENDPOINT, RPC_S_OUT_OF_RESOURCES. */
RPC_STATUS server_use(const WCHAR *protseq, const WCHAR *endpoint, unsigned backlog, unsigned policy,
                      void *security_descriptor);
/* A listening address that nobody else has; endpoint "": a dynamic one. The statuses are server_use's. */
RPC_STATUS server_address_open(const struct transport_ops *ops, const WCHAR *endpoint, unsigned backlog,
                               unsigned policy, const void *security_descriptor, struct server_group *group,
                               struct server_address **address);
/* Stops listening (nobody is accepted any more when it returns), and goes on at the same endpoint. */
void server_address_close(struct server_address *address);
RPC_STATUS server_address_reopen(struct server_address *address);
void server_address_release(struct server_address *address);
/* Was it opened with a security descriptor of the same contents? */
BOOL server_address_has_descriptor(const struct server_address *address, const void *security_descriptor);
/* Calls each(address, network address, context) for every network address of this machine; for every address
 * of no group. */
typedef void server_each_address(struct server_address *address, const WCHAR *network, void *context);
void server_address_networks(struct server_address *address, server_each_address *each, void *context);
void server_addresses(server_each_address *each, void *context);
BOOL server_has_addresses(void);

/* ---- listening (SDK: RpcServerListen, RpcMgmtWaitServerListen, RpcMgmtStopServerListening) */

RPC_STATUS server_listen(unsigned minimum_threads, unsigned max_calls, BOOL wait);
RPC_STATUS server_wait(void);
RPC_STATUS server_stop(void);
BOOL server_is_listening(void);
unsigned server_max_calls(void);
/* What the management interface tells, of this process as server and client: calls received, calls made, PDUs
 * received, PDUs sent. */
extern volatile LONG server_statistics[4];

/* ---- interfaces */

struct server_manager {
    struct server_manager *next;
    UUID type;
    RPC_MGR_EPV *epv;
};

struct server_interface {
    LONG refs;
    struct server_interface *next;
    RPC_SERVER_INTERFACE *spec;
    struct wire_syntax abstract;
    unsigned flags, max_calls, max_size;
    RPC_IF_CALLBACK_FN *callback;
    struct access_rule *access; /* NULL: everyone's */
    struct server_manager *managers;
    volatile LONG calls[2]; /* in dispatch, or given to an asynchronous manager; by the phase they began in */
    volatile LONG phase;    /* the low bit: a new call's */
    unsigned waiters;       /* for the calls of a phase to end */
    BOOL registered;
    const struct server_group
        *group; /* compared, never used: it is called over the group's endpoints alone */
};

/* group: NULL for none. max_size: (unsigned)-1 for no limit. RPC_S_TYPE_ALREADY_REGISTERED,
 * RPC_S_OUT_OF_MEMORY, RPC_S_INVALID_SECURITY_DESC. */
RPC_STATUS server_register(const struct server_group *group, RPC_SERVER_INTERFACE *spec, const UUID *type,
                           RPC_MGR_EPV *epv, unsigned flags, unsigned max_calls, unsigned max_size,
                           RPC_IF_CALLBACK_FN *callback, const void *security_descriptor);
/* spec NULL: every interface of the group, or of none but for those that listen automatically (SDK,
 * RpcServerUnregisterIf); type NULL: every manager.
 * wait: until no call is in them. RPC_S_UNKNOWN_IF, RPC_S_UNKNOWN_MGR_TYPE. */
RPC_STATUS server_unregister(const struct server_group *group, RPC_SERVER_INTERFACE *spec, const UUID *type,
                             BOOL wait);
/* The interface for a client that asks for this one (same major version, at least its minor) over an address
 * of this group, or of none; counted. */
struct server_interface *server_interface_find(const struct server_group *group,
                                               const struct wire_syntax *abstract);
void server_interface_release(struct server_interface *interface);
/* A call is in it, and is over. enter gives how many there are now. */
LONG server_interface_enter(struct server_interface *interface, struct call *call);
void server_interface_leave(struct server_interface *interface, const struct call *call);
/* Waits until no call is in an interface that listens when the server does. */
void server_interfaces_drain(void);
/* RPC_S_UNKNOWN_IF, RPC_S_UNKNOWN_MGR_TYPE. */
RPC_STATUS server_inq_manager(RPC_SERVER_INTERFACE *spec, const UUID *type, RPC_MGR_EPV **epv);
/* Does the interface's security descriptor let in who is at the other end? */
BOOL server_interface_admits(struct server_interface *interface, struct transport_conn *transport);
/* The manager for a call with this object; RPC_S_UNSUPPORTED_TYPE. */
RPC_STATUS server_manager_for(struct server_interface *interface, UUID *object, RPC_MGR_EPV **epv);
/* Identifiers of what is registered, without the management interface: an RPC_IF_ID_VECTOR made with
 * os_alloc. */
RPC_STATUS server_interface_ids(RPC_IF_ID_VECTOR **vector);

RPC_STATUS server_object_set_type(const UUID *object, const UUID *type);
RPC_STATUS server_object_inq_type(UUID *object, UUID *type);
void server_object_set_inquiry(RPC_OBJECT_INQ_FN *inquiry);

/* ---- association groups, as the server sees them */

struct server_association {
    LONG refs; /* its connections; list's lock */
    struct server_association *next;
    uint32_t group;
    SRWLOCK lock;
    void *contexts[2]; /* context handles; whose they are: server_hooks */
};

/* What the floor above keeps in an association and in a call, zeroed at first, and is told of their ends:
 * after a call was answered; when an association's last connection has gone, its last call included. No lock
 * is held. Set once, before anything is kept. */
struct server_hooks {
    void (*call_done)(void **contexts);
    void (*association_gone)(void **contexts);
};
extern struct server_hooks server_hooks;

/* A new group (0), or one more connection of a known one; NULL: unknown, or no memory. */
struct server_association *server_association_join(uint32_t group);
void server_association_leave(struct server_association *association);
/* Calls visit for every association that has a connection now, with no lock held. */
void server_associations_visit(void (*visit)(void **contexts, void *argument), void *argument);

/* ---- calls */

extern const struct connection_role server_role;

/* Puts calls whose requests are here, in order, in the queue (arrived), and serves the queue (ready). */
struct call *dispatch_queue(struct call *calls);
void dispatch_run(struct call *none);

/* Runs a call on this thread, out of turn, and answers it; takes the reference. */
void dispatch_call(struct call *call);

/* Waits until no call is queued or on a thread. */
void dispatch_drain(void);

/* RPC_IF_ASYNC_CALLBACK, of newer headers than mingw-w64's */
enum { IF_ASYNC_CALLBACK = 0x100 };
/* What a security callback that put its answer off says at last, from any thread: RPC_S_OK lets the call run,
 * all else refuses it. RPC_S_NO_CALL_ACTIVE: this call awaits no such answer. */
RPC_STATUS server_call_clear(struct call *call, RPC_STATUS verdict);

/* Answers a call with the first length octets of call->out, or with a fault. One answer a call: FALSE for a
 * further one, or where nobody waits for it any more. */
BOOL server_call_reply(struct call *call, size_t length);
BOOL server_call_fault(struct call *call, RPC_STATUS status, BOOL executed);
/* The call that a request's first fragment begins, in the course of outer or NULL; the connection does not
 * know it yet. NULL: no memory, and a fault was sent. */
struct call *server_call_begin(struct connection *conn, const struct wire_pdu *pdu, struct call *outer);
/* Answers a request that begins no call. */
void server_refuse(struct connection *conn, const struct wire_pdu *pdu, RPC_STATUS status);
/* co_cancel and orphaned, for the calls of that id. TRUE. */
BOOL server_cancel(struct connection *conn, const struct wire_pdu *pdu);
/* The rest of a call's request will not come, for this reason: tells a manager that pulls. */
void server_call_fail_parts(struct call *call, RPC_STATUS status);
/* Was the call cancelled, as far as can be told without waiting? */
BOOL server_call_is_cancelled(struct call *call);
/* A part of the reply, as outflow_add takes it; call->outflow is there. RPC_S_CALL_CANCELLED,
 * RPC_S_CALL_FAILED: nobody waits for it any more. */
RPC_STATUS server_call_reply_part(struct call *call, size_t length, unsigned how);
/* The manager routine is about to run: calls that arrived after it may be dispatched, and what is here of a
 * request that comes in parts lasts until the call ends. NDR says so. */
void server_call_entered(struct call *call);

#endif
