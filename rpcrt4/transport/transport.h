/*
 * Transports move octets; they know no PDU beyond its length.
 *
 * A connection is full duplex: at most one receive and one send are under way at a time, which the runtime
 * sees to. Every operation either finishes at once (0 or an error: the io is untouched and done is not
 * called) or answers ERROR_IO_PENDING and calls io->done on a worker exactly once. Errors are Win32 codes;
 * the end of the stream is ERROR_BROKEN_PIPE from every transport.
 */
#ifndef RPCRT4_TRANSPORT_H
#define RPCRT4_TRANSPORT_H

#include "../os/os.h"

struct transport_conn;
struct transport_listener;

enum { TRANSPORT_BUFS_MAX = 32 };   /* buffers that one send takes */
enum { TRANSPORT_SHARE_SIZE = 16 }; /* octets of an offer or answer: as many as a UUID */

struct transport_buf {
    const void *data;
    ULONG length;
};

/* Where to connect: UTF-16, never NULL ("" where absent). options is the string binding's option part. */
struct transport_address {
    const WCHAR *network, *endpoint, *options;
};

/* What an endpoint's owner wants of it (SDK, RPC_POLICY): ncacn_ip_tcp alone knows what to do with it. */
enum { TRANSPORT_INTERNET_PORT = 1, TRANSPORT_INTRANET_PORT = 2, TRANSPORT_ALL_INTERFACES = 4 };

struct transport_ops {
    const WCHAR *protseq;
    unsigned char floor; /* tower protocol identifier of the floor that names the endpoint, C706 appendix I */
    unsigned char type;  /* TRANSPORT_TYPE_CN, _LPC as I_RpcBindingInqTransportType tells it */
    unsigned short max_frag; /* the fragment we offer in bind: what moves fastest here */

    /* Can an endpoint look so; can a string binding have such options ("" it always can)? SDK, "String
     * Binding". No endpoint that is not valid can be connected to or listened at. */
    BOOL (*valid_endpoint)(const WCHAR *endpoint);
    BOOL (*valid_options)(const WCHAR *options);

    /* Connects, waiting timeout milliseconds at most or until interrupt (may be NULL) is signalled
     * (ERROR_OPERATION_ABORTED). The connection is attached to the port. Errors: ERROR_HOST_UNREACHABLE,
     * ERROR_CONNECTION_REFUSED, WAIT_TIMEOUT, ERROR_PIPE_BUSY, ERROR_BAD_NETPATH, ... */
    DWORD(*connect)
    (const struct transport_address *to, DWORD timeout, HANDLE interrupt, struct transport_conn **conn);

    /* Starts reading 1..length octets into data; *got is set when it finished at once. */
    DWORD (*recv)(struct transport_conn *conn, struct os_io *io, void *data, ULONG length, ULONG *got);
    /* Starts writing all of the buffers in order. The buffers' octets, not the array, must last. */
    DWORD(*send)
    (struct transport_conn *conn, struct os_io *io, const struct transport_buf *bufs, ULONG count);

    /* The same on the calling thread, with no completion packet: waits at most timeout milliseconds
     * (WAIT_TIMEOUT) or until interrupt is signalled (ERROR_OPERATION_ABORTED: the operation was withdrawn;
     * octets that had already come are in *got). No recv (send) may be under way. */
    DWORD(*recv_wait)
    (struct transport_conn *conn, void *data, ULONG length, DWORD timeout, HANDLE interrupt, ULONG *got);
    DWORD(*send_wait)
    (struct transport_conn *conn, const struct transport_buf *bufs, ULONG count, DWORD timeout,
     HANDLE interrupt);

    /* Two copies of this runtime on one machine may move their octets through shared memory instead (NULL
     * members: this transport never does). The runtime carries the two blobs: the client's offer in its bind,
     * the server's answer in the bind_ack. The client sends nothing between its bind and the bind_ack. Any
     * error means that the connection stays as it is, except from share_join: the server has moved on, so
     * connect again without offering.
     *
     * client: share_offer, bind out, bind_ack in, share_join      server: bind in, share_accept, bind_ack
     * out, share_start, each with nothing under way. From there on every operation goes through memory; they
     * and their contracts stay the same. */
    DWORD (*share_offer)(struct transport_conn *conn, UCHAR offer[TRANSPORT_SHARE_SIZE]);
    DWORD(*share_accept)
    (struct transport_conn *conn, const UCHAR offer[TRANSPORT_SHARE_SIZE],
     UCHAR answer[TRANSPORT_SHARE_SIZE]);
    DWORD (*share_start)(struct transport_conn *conn);
    DWORD (*share_join)(struct transport_conn *conn, const UCHAR answer[TRANSPORT_SHARE_SIZE]);

    /* Is the peer still there, as far as can be told without waiting? For a connection that was idle. */
    BOOL (*alive)(struct transport_conn *conn);
    /* Ends both directions: operations under way complete with an error. Any thread, any number of times. */
    void (*cut)(struct transport_conn *conn);
    /* Frees the connection; nothing is under way any more. */
    void (*close)(struct transport_conn *conn);

    /* The peer's network address as a string binding writes it, for a connection a listener gave. */
    DWORD (*peer_address)(struct transport_conn *conn, WCHAR *address, ULONG size);
    /* Process id of a client on this machine; ERROR_NOT_SUPPORTED where the transport cannot tell. */
    DWORD (*peer_process)(struct transport_conn *conn, ULONG *pid);
    /* The connection's socket address, or its peer's, *size octets of it (in: room). NULL: it has none. */
    DWORD (*socket_address)(struct transport_conn *conn, BOOL peer, void *address, ULONG *size);
    /* The calling thread takes on the peer's identity; ERROR_NOT_SUPPORTED where it cannot. */
    DWORD (*impersonate)(struct transport_conn *conn);

    /* Opens an endpoint; "" asks for a dynamic one. accepted(conn, context) is called on a worker for each
     * connection, attached to the port. The name that clients use goes to endpoint (size in characters).
     * Errors: ERROR_ALREADY_EXISTS where the endpoint is taken, ERROR_INVALID_NAME, ERROR_NO_SYSTEM_RESOURCES
     * where no dynamic one is left, ERROR_INVALID_DATA where the registry's settings for it make no sense. */
    DWORD(*listen)
    (const WCHAR *wanted, ULONG backlog, ULONG policy, void *security_descriptor,
     void (*accepted)(struct transport_conn *conn, void *context), void *context, WCHAR *endpoint, ULONG size,
     struct transport_listener **listener);
    /* Stops accepting and frees. accepted is not running and will not run when it returns. */
    void (*unlisten)(struct transport_listener *listener);
    /* Network addresses that servers of this transport are reached at: calls each(address, context). */
    void (*addresses)(void (*each)(const WCHAR *address, void *context), void *context);
};

struct transport_conn {
    const struct transport_ops *ops; /* first member of every transport's own structure */
};

extern const struct transport_ops transport_tcp;  /* ncacn_ip_tcp */
extern const struct transport_ops transport_np;   /* ncacn_np */
extern const struct transport_ops transport_lrpc; /* ncalrpc */

/* The transport of a protocol sequence, or NULL; case matters not. */
const struct transport_ops *transport_find(const WCHAR *protseq);
/* The index-th transport that is built in, NULL after the last. */
const struct transport_ops *transport_at(unsigned index);

#endif
