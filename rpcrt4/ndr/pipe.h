/*
 * Pipe parameters of one call. Source: SDK "Pipes" and "Asynchronous Pipes" (win32/rpc), C706 14.3.9 (a pipe
 * is chunks, each a count and that many elements; an empty one ends it).
 *
 * [in] pipes follow the other [in] data, [out] pipes come before the other [out] data (SDK, "Combining Pipe
 * and Nonpipe Parameters"), each pipe whole before the next. Like the call, they belong to one thread at a
 * time.
 */
#ifndef RPCRT4_NDR_PIPE_H
#define RPCRT4_NDR_PIPE_H

#include "proc.h"

/* What MIDL declares for every pipe type, whatever its elements. */
struct ndr_pipe_routines {
    void(__RPC_API *pull)(char *state, void *elements, size_t capacity, size_t *count);
    void(__RPC_API *push)(char *state, void *elements, size_t count);
    void(__RPC_API *alloc)(char *state, size_t octets, void **memory, size_t *given);
    char *state;
};

/* The same for asynchronous pipes, whose routines are the stub's on both sides; alloc is not used. */
struct ndr_async_pipe_routines {
    RPC_STATUS(__RPC_API *pull)(char *state, void *elements, size_t capacity, size_t *count);
    RPC_STATUS(__RPC_API *push)(char *state, void *elements, size_t count);
    RPC_STATUS(__RPC_API *alloc)(char *state, size_t octets, void **memory, size_t *given);
    char *state;
};

struct ndr_pipe {
    struct ndr_pipes *all;
    const struct ndr_param *param;
    PFORMAT_STRING element;
    ULONG memory_size, wire_size; /* of an element; wire_size 0: not known beforehand */
    ULONG alignment;
    ULONG chunk_left;     /* elements of the chunk that is being read */
    BOOL read, drained;   /* it brings data to this side; all of it was taken */
    BOOL written, closed; /* it takes data from this side; the end was written */
};

struct ndr_pipes {
    struct ndr_call *call;
    MIDL_STUB_MESSAGE in, out;
    BOOL writing; /* rpc->Buffer is what goes out */
    BOOL reading; /* in.Buffer is where the first pipe's octets are */
    /* Asynchronous client: gets the reply, or says how far that is. NULL: the octets are there. */
    RPC_STATUS (*receive)(struct ndr_pipes *pipes);
    /* Asynchronous client: all [in] pipes are closed. */
    RPC_STATUS (*complete)(struct ndr_pipes *pipes);
    unsigned int count;
    struct ndr_pipe pipe[];
};

/* For the call's pipe parameters; NULL when it has none. Raises RPC_S_OUT_OF_MEMORY. */
struct ndr_pipes *ndr_pipes_new(struct ndr_call *call);

/* ---- octets (pipe.c). These raise. */

/* Where reading begins: at call->msg.Buffer. And back: reading has come this far. */
void ndr_pipes_read_from(struct ndr_pipes *pipes);
void ndr_pipes_read_to(struct ndr_pipes *pipes);
/* Makes room for length more octets of output at out.Buffer, keeping what is there. */
void ndr_pipes_room(struct ndr_pipes *pipes, ULONG length);
/* Up to capacity elements; 0 at the end of the pipe. RPC_X_PIPE_EMPTY after that, RPC_X_PIPE_DISCIPLINE_ERROR
 * before the pipes ahead of it are drained. */
ULONG ndr_pipe_read(struct ndr_pipe *pipe, void *elements, size_t capacity);
/* One chunk; count 0 ends the pipe. RPC_X_PIPE_CLOSED after that, RPC_X_PIPE_DISCIPLINE_ERROR before its
 * turn. */
void ndr_pipe_write(struct ndr_pipe *pipe, const void *elements, size_t count);
/* Raises RPC_X_PIPE_DISCIPLINE_ERROR unless every pipe is drained and closed. */
void ndr_pipes_check_done(const struct ndr_pipes *pipes);

/* ---- the application (pipe_side.c) */

/* Client: pulls all [in] pipes from the application and marshals them, after call->msg.Buffer, which it
 * moves. */
void ndr_pipes_send(struct ndr_pipes *pipes);
/* Client: unmarshals all [out] pipes, from call->msg.Buffer, and pushes them to the application. */
void ndr_pipes_deliver(struct ndr_pipes *pipes);
/* Fills in the routines of asynchronous pipes, on either side. */
void ndr_pipes_open_async(struct ndr_pipes *pipes);

/* Server: gives the manager pipes to call, in memory from supply(call, size). */
void ndr_pipes_supply(struct ndr_pipes *pipes, unsigned char *(*supply)(struct ndr_call *call, SIZE_T size));

#endif
