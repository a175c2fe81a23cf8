/*
 * A pipe connection that moved on to shared memory. pipe.c to share.c only.
 */
#ifndef RPCRT4_SHARE_H
#define RPCRT4_SHARE_H

#include "stream.h"

struct share;

DWORD share_offer(UCHAR offer[TRANSPORT_SHARE_SIZE]);
/* The server's half: makes the section. The share is not in use before share_begin. */
DWORD share_make(struct stream *stream, const UCHAR offer[TRANSPORT_SHARE_SIZE],
                 UCHAR answer[TRANSPORT_SHARE_SIZE], struct share **share);
/* The client's half: opens it. */
DWORD share_open(struct stream *stream, const UCHAR answer[TRANSPORT_SHARE_SIZE], struct share **share);
/* Begins to watch the memory, and the pipe for the peer's end. stream and its file must last until
 * gone(stream) is called, after share_close. */
void share_begin(struct share *share, void (*gone)(struct stream *stream));
/* For a share that was not begun. */
void share_discard(struct share *share);
/* Nothing is under way any more. */
void share_close(struct share *share);

/* transport_ops' members. */
DWORD share_recv(struct share *share, struct os_io *io, void *data, ULONG length, ULONG *got);
DWORD share_send(struct share *share, struct os_io *io, const struct transport_buf *bufs, ULONG count);
DWORD share_recv_wait(struct share *share, void *data, ULONG length, DWORD timeout, HANDLE interrupt,
                      ULONG *got);
DWORD share_send_wait(struct share *share, const struct transport_buf *bufs, ULONG count, DWORD timeout,
                      HANDLE interrupt);
BOOL share_alive(struct share *share);

#endif
