/*
 * The call: one object for a client's call, synchronous or not, and for a server's.
 *
 *     idle -> bound -> sending -> sent -> receiving -> complete | failed | cancelled
 *
 * A client call is idle when its buffer is made, bound once it has a connection with an accepted presentation
 * context. A server call begins in receiving, is sent when dispatched, and sending when its reply goes out.
 * A call may have calls the other way in its course, [callback] procedures: callback.c. While one of those is
 * there for its thread to run, it is called_back instead of sent.
 * The last three states are final; who moves a call into one of them (call_finish) wakes its waiter or sends
 * its notification, exactly once.
 *
 * Locks, in this order: association, connection, call. A call's lock guards state, status, async, notify.
 */
#ifndef RPCRT4_CALL_H
#define RPCRT4_CALL_H

#include "win.h"
#include "../notify/notify.h"
#include "../os/os.h"
#include "../wire/wire.h"

struct binding;
struct connection;
struct error_record;
struct server_interface;
struct subscription;
struct inflow;
struct outflow;

enum call_state {
    CALL_IDLE,
    CALL_BOUND,
    CALL_SENDING,
    CALL_SENT,
    CALL_CALLED_BACK,
    CALL_RECEIVING,
    CALL_COMPLETE,
    CALL_FAILED,
    CALL_CANCELLED
};

enum { CALL_CLIENT_MAGIC = 0x6c6c6163, CALL_SERVER_MAGIC = 0x6c6c6173 };

/* A presentation context: what a connection calls an interface in a transfer syntax. */
struct presentation {
    uint16_t id;
    struct wire_syntax abstract;
    /* wire_ndr20, or wire_nil: NDR 2.0 with Wine's own runtime, which knows no other interface pointers than
     * its own (ndr/interface.c) */
    const struct wire_syntax *transfer;
};

/* What an interface names: wire_nil for the nil syntax, wire_ndr20 for any other, as this runtime speaks it.
 */
const struct wire_syntax *presentation_transfer(const RPC_SYNTAX_IDENTIFIER *named);

/* One thing that goes out on a connection, in order: a whole PDU, or a call's stub data in fragments, all or
 * a part of it. */
struct outgoing {
    struct outgoing *next;
    struct wire_call_params params; /* not for a whole PDU */
    BOOL whole, begun, abandoned;
    BOOL continued, unfinished; /* other parts went before, come after */
    const uint8_t *data;
    size_t length, sent;
    /* The octets left, or never will (error: a Win32 code). No lock is held; the outgoing may be freed. */
    void (*done)(struct outgoing *out, DWORD error);
};

struct call {
    ULONG magic; /* first: the binding handle of a server call points here, and RPC_ASYNC_STATE.RuntimeInfo */
    LONG refs;
    SRWLOCK lock;
    volatile LONG state;
    RPC_STATUS status;
    volatile LONG cancelled; /* a cancel was asked (client) or has arrived (server) */
    volatile LONG lost;      /* server: nobody waits for the reply any more */

    struct connection *connection; /* counted */
    struct call *hash_next;        /* connection's table, its lock */
    uint32_t call_id;
    uint16_t opnum;
    struct presentation context;
    uint8_t wire_flags;
    struct call *outer; /* counted: the call, the other way, in whose course this one is made; or NULL */
    unsigned depth;     /* how many there are outside it */
    void *spec; /* the stub's RPC_CLIENT_INTERFACE (a callback is dispatched through the outer call's), or
                   RPC_SERVER_INTERFACE: dispatch.c */

    struct wire_assembly assembly; /* what comes in: receiving thread alone */
    uint8_t *in;
    size_t in_size;
    uint8_t *out; /* what goes out */
    size_t out_size;
    struct outgoing sending;
    struct inflow *inflow;    /* it comes in parts; NULL: it is put together in `in` */
    struct outflow *outflow;  /* it goes in parts; NULL: it goes from `out` at once */
    struct call *announced;   /* connection's list, receiving thread alone */
    volatile LONG announcing; /* it is on that list, or will be announced by who took it off there */
    BOOL begun;               /* the first of what comes in parts is here; receiving thread alone */

    PRPC_ASYNC_STATE async; /* whose call this is, if asynchronous; never touched once final */
    struct notification notify;

    struct binding *binding; /* client: counted */
    struct os_timer timer;   /* client: RPC_C_OPT_CALL_TIMEOUT; holds a reference while armed; lock */
    BOOL watched, heard;     /* client: the timer is wanted; a packet has come meanwhile; lock */
    BOOL exclusive;          /* client: its thread waits; on a client's connection, that does the I/O too */
    struct call *request;    /* client: called back with this one, its reference too; lock */
    volatile LONG cancel_sent, abandoned;
    volatile int start;             /* client: enum call_start; lock */
    HANDLE connecting;              /* meanwhile: the event that interrupts its maker; lock */
    struct connection *negotiating; /* meanwhile: whose bind_ack its maker waits for, counted; lock */
    BOOL negotiating_shared;        /* that connection has other calls too; lock */
    volatile LONG given;            /* client: the connection was given back */
    BOOL owed; /* client: a pull waits, so RpcReceiveComplete tells of the end; RpcCallComplete is owed */
    BOOL has_object;
    UUID object;

    struct call *queue_next;            /* connection's ready list, then the server's dispatch queue */
    struct error_record *errors;        /* client: what came with the fault, until its owner takes it */
    RPC_STATUS fault;                   /* client: what the server answered instead of a response */
    struct server_interface *interface; /* server: counted while dispatched */
    LONG sequence;                      /* server: position in its connection's dispatch order */
    RPC_MESSAGE message;                /* server: what the dispatch routine gets */
    void *contexts[1];                  /* server: see server_hooks */
    struct subscription *subscriptions; /* server: subscription.h */
    volatile LONG replied;
    BOOL counted;            /* among the interface's calls */
    uint8_t phase;           /* of the interface, when counted */
    volatile LONG clearance; /* server: what its security callback says, dispatch.c */
    BOOL executed;           /* the dispatch routine was entered */

    __attribute__((aligned(16))) uint8_t small[256]; /* out, when that is enough */
};

/* A client's call whose maker looks for a connection: client_start.h. */
enum call_start { START_NONE, START_UNDER_WAY, START_ABANDONED };

struct call *call_create(ULONG magic);
struct call *call_ref(struct call *call);
void call_release(struct call *call);

/* The call behind a handle, or NULL where it is none of that kind. No reference is taken. */
struct call *call_from_handle(void *handle, ULONG magic);

static inline BOOL call_is_final(const struct call *call)
{
    return call->state >= CALL_COMPLETE;
}

/* Makes room for length octets to be marshalled; RPC_S_OUT_OF_MEMORY. */
RPC_STATUS call_reserve_out(struct call *call, size_t length);
/* The same for more than there is, keeping what was marshalled so far; RPC_S_OUT_OF_MEMORY: nothing changed.
 */
RPC_STATUS call_grow_out(struct call *call, size_t length);
/* Makes room in the reassembly buffer up to size; what it holds stays. FALSE: no memory. */
BOOL call_reserve_in(struct call *call, size_t size);

/* Moves the call into a final state and, the first time alone, wakes its waiter or notifies its owner.
 * FALSE if it was final already. Takes the call's lock; holds none while notifying. */
BOOL call_finish(struct call *call, enum call_state state, RPC_STATUS status);

/* Waits until an exclusive call, or one that goes in parts, is final: NULL. Or until it is called back: the
 * request, whose reference goes to the caller. */
struct call *call_wait(struct call *call);
/* Gives the thread in call_wait a request, with its reference. FALSE: the call is final, or has one. */
BOOL call_hand(struct call *call, struct call *request);
/* Tells the owner of an asynchronous call of an event, unless the call is over. Holds no lock. */
void call_announce(struct call *call, RPC_ASYNC_EVENT event);

/* RpcCallComplete for a call whose end was told to a pull that waited, should its owner still want it (SDK,
 * "Asynchronous Pipe State": a failed RpcReceiveComplete, RpcAsyncCancelCall, and the call completes). */
void call_pay(struct call *call);

/* Tells the owner of an asynchronous call, once, that its request went out, if he asked for that. */
void call_sent(struct call *call);

#endif
