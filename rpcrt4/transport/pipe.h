/*
 * Connections and listeners over named pipes, for ncacn_np (np.c) and ncalrpc (lrpc.c), which differ in how
 * they name the pipe.
 */
#ifndef RPCRT4_PIPE_H
#define RPCRT4_PIPE_H

#include "transport.h"

enum { PIPE_PATH_MAX = 512 }; /* characters, the NUL included */

/* Opens the pipe at path as transport_ops.connect says. quality is SECURITY_SQOS_PRESENT and so on. */
DWORD pipe_connect(const struct transport_ops *ops, const WCHAR *path, DWORD quality, DWORD timeout,
                   HANDLE interrupt, struct transport_conn **conn);
/* transport_ops.listen at path. ERROR_ALREADY_EXISTS where the pipe is somebody's. */
DWORD pipe_listen(const struct transport_ops *ops, const WCHAR *path, ULONG backlog,
                  void *security_descriptor, void (*accepted)(struct transport_conn *conn, void *context),
                  void *context, struct transport_listener **listener);
void pipe_unlisten(struct transport_listener *listener);

/* Members of both operations tables. */
DWORD pipe_recv(struct transport_conn *conn, struct os_io *io, void *data, ULONG length, ULONG *got);
DWORD pipe_send(struct transport_conn *conn, struct os_io *io, const struct transport_buf *bufs, ULONG count);
DWORD pipe_recv_wait(struct transport_conn *conn, void *data, ULONG length, DWORD timeout, HANDLE interrupt,
                     ULONG *got);
DWORD pipe_send_wait(struct transport_conn *conn, const struct transport_buf *bufs, ULONG count,
                     DWORD timeout, HANDLE interrupt);
BOOL pipe_alive(struct transport_conn *conn);
void pipe_cut(struct transport_conn *conn);
void pipe_close(struct transport_conn *conn);
DWORD pipe_peer_process(struct transport_conn *conn, ULONG *pid);
DWORD pipe_impersonate(struct transport_conn *conn);
DWORD pipe_share_offer(struct transport_conn *conn, UCHAR offer[TRANSPORT_SHARE_SIZE]);
DWORD pipe_share_accept(struct transport_conn *conn, const UCHAR offer[TRANSPORT_SHARE_SIZE],
                        UCHAR answer[TRANSPORT_SHARE_SIZE]);
DWORD pipe_share_start(struct transport_conn *conn);
DWORD pipe_share_join(struct transport_conn *conn, const UCHAR answer[TRANSPORT_SHARE_SIZE]);

/* pipe.c to pipe_listen.c: wraps a connected file. A client's (name NULL) it attaches to the port, a server's
 * instance is there already. File and name are the connection's only where it answers 0. */
struct pipe_name;
DWORD pipe_wrap(const struct transport_ops *ops, HANDLE file, struct pipe_name *name,
                struct transport_conn **conn);

/* pipe_quality.c: SECURITY_SQOS_PRESENT and so on for the option part of a string binding; FALSE: no such
 * options. */
BOOL pipe_quality(const WCHAR *options, DWORD *quality);
BOOL pipe_valid_options(const WCHAR *options);

/* pipe_name.c: counts one more instance of the pipe at path, before it is made; NULL: no memory. */
struct pipe_name *pipe_name_add(const WCHAR *path);
/* One less, once it is closed. */
void pipe_name_remove(struct pipe_name *name);
/* Are there instances, besides `file` and others of this process, that another process made? */
BOOL pipe_name_is_shared(const struct pipe_name *name, HANDLE file);

/* Text of a name that nobody has used for an endpoint yet: letters, digits and hyphens, NUL at the end. */
enum { UNIQUE_NAME_LENGTH = 17 };
void unique_name(WCHAR name[UNIQUE_NAME_LENGTH]);

#endif
