/*
 * What every transport does alike: a connection over a file handle, and overlapped operations on it that
 * either the calling thread or the completion port waits for.
 */
#ifndef RPCRT4_STREAM_H
#define RPCRT4_STREAM_H

#include "transport.h"

/* An operation that the port waits for. Its packets come here first, to be told in the words of transport.h.
 */
struct stream_op {
    struct os_io io;
    struct os_io *user;
};

/*
 * No lock: one receive and one send at most are under way, and only `cut` is shared. Whoever sets it cancels
 * what it finds; whoever starts an operation looks at it before and after, and cancels its own.
 */
struct stream {
    struct transport_conn base;
    HANDLE file;
    LONG cut;
    struct stream_op receiving, sending;
};

/* Readies op for an operation that user->done will hear about. ERROR_BROKEN_PIPE after a cut. */
DWORD stream_ready(struct stream *stream, struct stream_op *op, struct os_io *user);
/* The same with an overlapped whose caller waits for it with stream_wait: it posts no packet. */
DWORD stream_ready_wait(struct stream *stream, OVERLAPPED *overlapped);
/* Tells that the operation was started, with this error. Gives what transport_ops.recv and send give. */
DWORD stream_started(struct stream *stream, OVERLAPPED *overlapped, DWORD error);
/* overlapped_wait for an operation of stream_ready_wait. */
DWORD stream_wait(struct stream *stream, OVERLAPPED *overlapped, DWORD started, DWORD timeout,
                  HANDLE interrupt, DWORD *bytes);
/* Sets `cut` and cancels; FALSE where it was set already. */
BOOL stream_cut(struct stream *stream);
BOOL stream_is_cut(const struct stream *stream);

/* A manual-reset event from the pool, signalled or not (starting an overlapped operation resets it); NULL,
 * and the last error set, when there is none to be had. */
HANDLE event_get(void);
void event_put(HANDLE event);
/* DllMain's: closes the pool. */
void events_drop(void);

/* Readies overlapped for an operation whose caller waits for it with overlapped_wait: it posts no packet.
 * Win32 error. */
DWORD overlapped_ready(OVERLAPPED *overlapped);
/* Awaits the operation and puts the event back. started is what starting it gave: 0, ERROR_IO_PENDING or an
 * error. An operation not done in time is withdrawn: WAIT_TIMEOUT, or ERROR_OPERATION_ABORTED on interrupt;
 * *bytes is what it had moved all the same. Win32 error. */
DWORD overlapped_wait(HANDLE file, OVERLAPPED *overlapped, DWORD started, DWORD timeout, HANDLE interrupt,
                      DWORD *bytes);

/* Win32 code for what the peer's going away, in whatever way, looks like: ERROR_BROKEN_PIPE. Others as they
 * are. */
DWORD stream_error(DWORD error);

/* What is left of timeout milliseconds that began at GetTickCount64 time start. */
DWORD time_left(ULONGLONG start, DWORD timeout);

#endif
