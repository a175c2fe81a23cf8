/*
 * Pipe parameters of one call. Source: SDK "Pipes" and "Asynchronous Pipes" (win32/rpc), C706 14.3.9 (a pipe
 * is chunks, each a count and that many elements; an empty one ends it).
 *
 * [in] pipes follow the other [in] data, [out] pipes come before the other [out] data (SDK, "Combining Pipe
 * and Nonpipe Parameters"), each pipe whole before the next. Both go and come in parts, as api/message.c
 * says. Like the call, they belong to one thread at a time.
 */
#ifndef RPCRT4_NDR_PIPE_H
#define RPCRT4_NDR_PIPE_H

#include "proc.h"

/* What MIDL declares for every pipe type, whatever its elements; counts are of 32 bits on every architecture
 * (SDK, "Defining Pipes in IDL Files", and what MIDL 8.01 makes for AMD64). */
struct ndr_pipe_routines {
    void(__RPC_API *pull)(char *state, void *elements, ULONG capacity, ULONG *count);
    void(__RPC_API *push)(char *state, void *elements, ULONG count);
    void(__RPC_API *alloc)(char *state, ULONG octets, void **memory, ULONG *given);
    char *state;
};

/* The same for asynchronous pipes, whose routines are the stub's on both sides; alloc is not used. */
struct ndr_async_pipe_routines {
    RPC_STATUS(__RPC_API *pull)(char *state, void *elements, ULONG capacity, ULONG *count);
    RPC_STATUS(__RPC_API *push)(char *state, void *elements, ULONG count);
    RPC_STATUS(__RPC_API *alloc)(char *state, ULONG octets, void **memory, ULONG *given);
    char *state;
};

struct ndr_pipe {
    struct ndr_pipes *all;
    const struct ndr_param *param;
    PFORMAT_STRING element;
    ULONG memory_size, wire_size; /* of an element; wire_size 0: not known beforehand */
    ULONG alignment;
    ULONG chunk_left;     /* elements of the chunk that is being read */
    BOOL read, drained;   /* it brings data to this side; its end was told */
    BOOL ended;           /* its end was read */
    BOOL written, closed; /* it takes data from this side; the end was written */
};

struct ndr_pipes {
    struct ndr_call *call;
    MIDL_STUB_MESSAGE in;
    BOOL async;        /* nothing here may wait */
    BOOL complete;     /* all that comes is at in.Buffer */
    RPC_STATUS failed; /* how reading ended before its time */
    unsigned int count;
    struct ndr_pipe pipe[];
};

/* For the call's pipe parameters; NULL when it has none. Raises RPC_S_OUT_OF_MEMORY. */
struct ndr_pipes *ndr_pipes_new(struct ndr_call *call);

/* Is there a pipe that is read, or written, on this side? */
BOOL ndr_pipes_read_any(const struct ndr_pipes *pipes);
BOOL ndr_pipes_write_any(const struct ndr_pipes *pipes);
/* The same, of pipes that have not been drained, closed. */
BOOL ndr_pipes_undrained(const struct ndr_pipes *pipes);
BOOL ndr_pipes_unclosed(const struct ndr_pipes *pipes);

/* ---- octets (pipe_read.c, pipe_write.c) */

/* Sets what the next channel function is told, of the RPC_BUFFER_ flags. */
void ndr_pipes_flags(struct ndr_pipes *pipes, ULONG flags);

/* Where reading begins: at call->msg.Buffer. */
void ndr_pipes_read_from(struct ndr_pipes *pipes);
/* All the rest that comes, for call->msg. RPC_S_ASYNC_CALL_PENDING, or how the call ended. */
RPC_STATUS ndr_pipes_read_rest(struct ndr_pipes *pipes);
/* Asynchronous: RPC_S_OK, or why reading would fail; never waits. */
RPC_STATUS ndr_pipes_look(struct ndr_pipes *pipes);
/* Asynchronous client, all read: has the call be completed by its rest. Nothing of the call may be touched
 * afterwards. */
void ndr_pipes_finish_reading(struct ndr_pipes *pipes);
/* Server: has the non-pipe arguments of a request of which only a part is here come whole. Raises. */
void ndr_pipes_await_arguments(struct ndr_pipes *pipes);
/* Up to capacity elements, as many as are here but at least one; 0 at the end of the pipe. RPC_X_PIPE_EMPTY
 * after that, RPC_X_WRONG_PIPE_ORDER before the pipes ahead of it are drained or for a capacity of 0,
 * RPC_S_ASYNC_CALL_PENDING. ([MS-ERREF]: 1831, "an invalid operation was attempted on an RPC pipe object";
 * unverified on Windows.) */
RPC_STATUS ndr_pipe_read(struct ndr_pipe *pipe, void *elements, ULONG capacity, ULONG *count);

/* One chunk; count 0 ends the pipe. RPC_X_PIPE_CLOSED after that, RPC_X_WRONG_PIPE_ORDER before its turn. */
RPC_STATUS ndr_pipe_write(struct ndr_pipe *pipe, const void *elements, ULONG count);
/* Raises RPC_X_PIPE_DISCIPLINE_ERROR unless every pipe is drained and closed. */
void ndr_pipes_check_done(const struct ndr_pipes *pipes);

/* ---- the application (pipe_side.c) */

/* Client: sends what lies before call->msg.Buffer and all [in] pipes, which it pulls from the application;
 * receives, and pushes to it, all [out] pipes. What remains of the reply is at call->msg.Buffer then. */
void ndr_pipes_exchange(struct ndr_pipes *pipes);
/* Fills in the routines of asynchronous pipes, on either side. */
void ndr_pipes_open_async(struct ndr_pipes *pipes);

/* Server: gives the manager pipes to call, in memory from supply(call, size). */
void ndr_pipes_supply(struct ndr_pipes *pipes, unsigned char *(*supply)(struct ndr_call *call, SIZE_T size));

#endif
