/*
 * A connection: one transport connection that speaks connection-oriented DCE/RPC, seen from either side.
 *
 * Its lock guards the send queue, the call table, the presentation contexts and the flags. What comes in is
 * worked on by one thread at a time: the worker that the port gave the completion to, or, on a connection
 * that is exclusive to a synchronous call, that call's thread.
 *
 * What differs between client and server is in two operations (struct connection_role).
 */
#ifndef RPCRT4_CONNECTION_H
#define RPCRT4_CONNECTION_H

#include "call.h"
#include "../os/os.h"
#include "../transport/transport.h"

struct association;
struct server_association;
struct server_interface;

struct connection_role {
    /* A decoded PDU that is no request or response. ptype 0xff, with nothing else set, stands for one of
     * another protocol version. FALSE: the connection is to be ended. */
    BOOL (*control)(struct connection *conn, const struct wire_pdu *pdu);
    /* The call that a request or response fragment belongs to, counted; NULL: let it pass unread. *fatal: the
     * connection is to be ended. */
    struct call *(*call)(struct connection *conn, const struct wire_pdu *pdu, BOOL *fatal);
    /* The fragments of the call cannot be put together: out of order, too long, no memory (an RPC_S status).
     * Takes the reference. FALSE: the connection is to be ended. */
    BOOL (*broken)(struct connection *conn, struct call *call, RPC_STATUS status);
    /* Calls all of whose octets have come, linked by queue_next, each with a reference that is passed on.
     * arrived comes first, in the order of arrival, and must be short; ready when the next receive is under
     * way already, for it may run foreign code. What arrived keeps is not given to ready, which then gets
     * NULL. */
    struct call *(*arrived)(struct call *calls);
    void (*ready)(struct call *calls);
    /* The last thing a connection does: it was cut, or its peer is gone. Once; no lock held. */
    void (*ended)(struct connection *conn);
};

enum { CONNECTION_BATCH = TRANSPORT_BUFS_MAX / 2 };

struct connection {
    LONG refs;
    SRWLOCK lock;
    const struct connection_role *role;
    struct transport_conn *transport;
    uint64_t number; /* for the capture and the log */

    uint16_t max_xmit, max_recv;
    uint8_t minor;
    BOOL multiplexed; /* both sides said PFC_CONC_MPX */
    BOOL bound;
    volatile LONG dead; /* no more calls on it */
    volatile LONG ended;

    struct presentation *presentations;
    unsigned presentation_count;
    uint32_t next_call_id;
    uint16_t next_context_id;

    struct call **table; /* calls under way, by call_id, latest first; size is a power of two */
    unsigned table_size, table_count;

    struct outgoing *queue, **queue_tail;
    BOOL pumping;
    struct os_io send_io;
    size_t batch_sent; /* stub octets in the batch under way */
    uint8_t headers[CONNECTION_BATCH][40];

    struct os_io recv_io;
    uint8_t *in;
    ULONG in_size, in_start, in_end;
    struct call *direct_call; /* bulk: the fragment's octets go where they belong at once */
    uint8_t *direct;
    size_t direct_length, direct_left;
    BOOL direct_done;
    struct call *ready, **ready_tail;
    struct call *announced; /* owners to be told that octets have come, each with a reference */
    LONG pauses;            /* calls on whose behalf nothing is to be read; lock */
    BOOL resting;           /* so the receiving thread stopped; lock */
    struct os_io resume_io;

    /* client */
    struct association *association;
    struct connection *next; /* association's lock */
    BOOL port_mode;          /* a receive on the port is always under way: for asynchronous calls */
    unsigned busy;           /* calls, association's lock */
    ULONGLONG idle_since;
    BOOL offered_share; /* either side: moving on to shared memory */
    BOOL serial_active; /* calls of one binding go over it one after the other: see serial.c */
    ULONG serial_thread;
    struct call *serial_waiting;
    struct bind_exchange *exchange; /* one negotiation at a time: bind.c */

    /* server */
    struct server_association *server_association;
    struct server_address *address;
    LONG sequence; /* of the next call that arrives */
    BOOL discards; /* fragments of discarded, a call that was refused before it was whole */
    uint32_t discarded;
    volatile LONG entering, entered; /* calls below it were dispatched: dispatch.c */
};

/* The interface by which two copies of this runtime recognise each other in bind: a presentation context for
 * it, on a transport that can move on to shared memory, carries the offer, and its result the answer, as
 * transfer syntax. */
extern const struct wire_syntax connection_share_syntax;

/* Takes over the transport connection. NULL: no memory (the transport connection is closed). */
struct connection *connection_create(const struct connection_role *role, struct transport_conn *transport);
struct connection *connection_ref(struct connection *conn);
void connection_release(struct connection *conn);

/* The id of the next call or bind. Under the lock. Without multiplexing there is one at a time, and it is
 * number 1: Wine's own server writes that into every answer, whatever it was asked. */
uint32_t connection_next_id(struct connection *conn);
/* Puts a call into the table of those under way on the connection; FALSE: the connection is dead. Takes a
 * reference of its own, which connection_forget gives back to the caller: NULL if not there. */
BOOL connection_remember(struct connection *conn, struct call *call);
/* The call of that id, counted; of calls in each other's course the innermost. */
struct call *connection_find(struct connection *conn, uint32_t call_id);
struct call *connection_forget(struct connection *conn, struct call *call);
/* Takes any call out of the table; NULL when it is empty. For a connection that ended. */
struct call *connection_forget_any(struct connection *conn);

/* Cuts short what is being sent for a call: nothing of it goes out that is not on its way yet. FALSE: not one
 * octet went out. The caller holds no lock; out->done is still called. */
BOOL connection_abandon(struct connection *conn, struct outgoing *out);

/* Does the thread of the call that the connection serves do all of its I/O? */
static inline BOOL connection_is_threads(const struct connection *conn)
{
    return conn->association && !conn->port_mode;
}

/* Sends, after what was queued before. out->done is called when its octets have left, or with the error. With
 * wait, the calling thread does the I/O if nobody else is at it; out may still be queued on return. */
void connection_send(struct connection *conn, struct outgoing *out, BOOL wait);
/* Sends a whole PDU, copied. FALSE: no memory. */
BOOL connection_send_pdu(struct connection *conn, const void *pdu, size_t length, BOOL wait);

/* Puts a call, with its reference, on the list that role->ready gets. The receiving thread alone. */
void connection_ready(struct connection *conn, struct call *call);
/* Nothing more is read on the port (receiving thread alone), until as many resumes have come. */
void connection_pause(struct connection *conn);
void connection_resume(struct connection *conn);
/* Has a worker take up what a resting receiver left; the caller has cleared resting. */
void connection_go_on(struct connection *conn);
/* Starts receiving on the port for as long as the connection lives; holds a reference meanwhile. */
void connection_receive(struct connection *conn);
/* The calling thread receives until done(context) or an error: Win32 code (WAIT_TIMEOUT ...). */
DWORD connection_receive_until(struct connection *conn, BOOL (*done)(void *context), void *context,
                               DWORD timeout);

/* Ends the connection: role->ended runs once, on this thread or another's that is receiving. */
void connection_end(struct connection *conn, DWORD error);

/* The transfer syntax of an accepted context; NULL: there is none of that id. The caller holds the lock. */
const struct presentation *connection_presentation(struct connection *conn, uint16_t id);
BOOL connection_add_presentation(struct connection *conn, const struct presentation *presentation);

#endif
