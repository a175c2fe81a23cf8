/*
 * Connections over named pipes.
 *
 * Instances are of message type, for a peer may read in message mode (Windows, Samba and Wine's own runtime
 * do, one fragment a message), so every send is one write, several buffers being put together first. We read
 * in byte mode on both sides and never see ERROR_MORE_DATA.
 */
#include "pipe.h"
#include "share.h"

struct pipe_conn {
    struct stream stream;
    struct pipe_name *name; /* NULL: the client's end */
    struct share *share;    /* made, or in use if `sharing` */
    BOOL sharing;
    void *gather; /* what the send under way is made of */
    ULONG gather_size;
};

static struct pipe_conn *pipe_of(struct transport_conn *conn)
{
    return CONTAINING_RECORD(conn, struct pipe_conn, stream.base);
}

DWORD pipe_wrap(const struct transport_ops *ops, HANDLE file, struct pipe_name *name,
                struct transport_conn **conn)
{
    struct pipe_conn *pipe = os_alloc_zero(sizeof(*pipe));
    DWORD error;

    if (!pipe)
        return ERROR_NOT_ENOUGH_MEMORY;
    error = name ? 0 : os_port_attach(file);
    if (error) {
        os_free(pipe);
        return error;
    }
    pipe->stream.base.ops = ops;
    pipe->stream.file = file;
    pipe->name = name;
    *conn = &pipe->stream.base;
    return 0;
}

static DWORD start_read(struct pipe_conn *pipe, void *data, ULONG length, OVERLAPPED *overlapped, ULONG *got)
{
    return ReadFile(pipe->stream.file, data, length, got, overlapped) ? 0 : GetLastError();
}

static DWORD start_write(struct pipe_conn *pipe, const struct transport_buf *whole, OVERLAPPED *overlapped)
{
    return WriteFile(pipe->stream.file, whole->data, whole->length, NULL, overlapped) ? 0 : GetLastError();
}

/* One run of octets out of many buffers. */
static DWORD gathered(struct pipe_conn *pipe, const struct transport_buf *bufs, ULONG count,
                      struct transport_buf *whole)
{
    ULONG i, length = 0, at = 0;

    if (count == 1) {
        *whole = bufs[0];
        return 0;
    }
    for (i = 0; i < count; i++)
        length += bufs[i].length;
    if (length > pipe->gather_size) {
        os_free(pipe->gather);
        pipe->gather_size = 0;
        pipe->gather = os_alloc(length);
        if (!pipe->gather)
            return ERROR_NOT_ENOUGH_MEMORY;
        pipe->gather_size = length;
    }
    for (i = 0; i < count; at += bufs[i++].length)
        memcpy((char *)pipe->gather + at, bufs[i].data, bufs[i].length);
    whole->data = pipe->gather;
    whole->length = length;
    return 0;
}

DWORD pipe_recv(struct transport_conn *conn, struct os_io *io, void *data, ULONG length, ULONG *got)
{
    struct pipe_conn *pipe = pipe_of(conn);
    OVERLAPPED *overlapped = &pipe->stream.receiving.io.overlapped;
    DWORD error;

    if (pipe->sharing)
        return share_recv(pipe->share, io, data, length, got);
    error = stream_ready(&pipe->stream, &pipe->stream.receiving, io);
    if (error)
        return error;
    error = start_read(pipe, data, length, overlapped, got);
    if (!error && !*got)
        error = ERROR_BROKEN_PIPE;
    return stream_started(&pipe->stream, overlapped, error);
}

DWORD pipe_send(struct transport_conn *conn, struct os_io *io, const struct transport_buf *bufs, ULONG count)
{
    struct pipe_conn *pipe = pipe_of(conn);
    OVERLAPPED *overlapped = &pipe->stream.sending.io.overlapped;
    struct transport_buf whole;
    DWORD error;

    if (pipe->sharing)
        return share_send(pipe->share, io, bufs, count);
    error = gathered(pipe, bufs, count, &whole);
    if (!error)
        error = stream_ready(&pipe->stream, &pipe->stream.sending, io);
    return error ? error : stream_started(&pipe->stream, overlapped, start_write(pipe, &whole, overlapped));
}

DWORD pipe_recv_wait(struct transport_conn *conn, void *data, ULONG length, DWORD timeout, HANDLE interrupt,
                     ULONG *got)
{
    struct pipe_conn *pipe = pipe_of(conn);
    OVERLAPPED overlapped;
    DWORD error;

    if (pipe->sharing)
        return share_recv_wait(pipe->share, data, length, timeout, interrupt, got);
    *got = 0;
    error = stream_ready_wait(&pipe->stream, &overlapped);
    if (error)
        return error;
    error = start_read(pipe, data, length, &overlapped, NULL);
    return stream_wait(&pipe->stream, &overlapped, error, timeout, interrupt, got);
}

DWORD pipe_send_wait(struct transport_conn *conn, const struct transport_buf *bufs, ULONG count,
                     DWORD timeout, HANDLE interrupt)
{
    struct pipe_conn *pipe = pipe_of(conn);
    struct transport_buf whole;
    OVERLAPPED overlapped;
    DWORD error, sent = 0;

    if (pipe->sharing)
        return share_send_wait(pipe->share, bufs, count, timeout, interrupt);
    error = gathered(pipe, bufs, count, &whole);
    if (!error)
        error = stream_ready_wait(&pipe->stream, &overlapped);
    if (error)
        return error;
    error = start_write(pipe, &whole, &overlapped);
    return stream_wait(&pipe->stream, &overlapped, error, timeout, interrupt, &sent);
}

BOOL pipe_alive(struct transport_conn *conn)
{
    struct pipe_conn *pipe = pipe_of(conn);

    if (pipe->sharing)
        return share_alive(pipe->share);
    return !stream_is_cut(&pipe->stream) && PeekNamedPipe(pipe->stream.file, NULL, 0, NULL, NULL, NULL);
}

void pipe_cut(struct transport_conn *conn)
{
    stream_cut(&pipe_of(conn)->stream);
}

static void free_pipe(struct stream *stream)
{
    struct pipe_conn *pipe = pipe_of(&stream->base);

    CloseHandle(stream->file);
    if (pipe->name)
        pipe_name_remove(pipe->name);
    os_port_detach();
    os_free(pipe->gather);
    os_free(pipe);
}

void pipe_close(struct transport_conn *conn)
{
    struct pipe_conn *pipe = pipe_of(conn);

    if (pipe->sharing) {
        share_close(pipe->share);
        return;
    }
    if (pipe->share)
        share_discard(pipe->share);
    free_pipe(&pipe->stream);
}

DWORD pipe_share_offer(struct transport_conn *conn, UCHAR offer[TRANSPORT_SHARE_SIZE])
{
    (void)conn;
    return share_offer(offer);
}

DWORD pipe_share_accept(struct transport_conn *conn, const UCHAR offer[TRANSPORT_SHARE_SIZE],
                        UCHAR answer[TRANSPORT_SHARE_SIZE])
{
    struct pipe_conn *pipe = pipe_of(conn);

    return pipe->share ? ERROR_INVALID_STATE : share_make(&pipe->stream, offer, answer, &pipe->share);
}

DWORD pipe_share_start(struct transport_conn *conn)
{
    struct pipe_conn *pipe = pipe_of(conn);

    if (!pipe->share || pipe->sharing)
        return ERROR_INVALID_STATE;
    share_begin(pipe->share, free_pipe);
    pipe->sharing = TRUE;
    return 0;
}

DWORD pipe_share_join(struct transport_conn *conn, const UCHAR answer[TRANSPORT_SHARE_SIZE])
{
    struct pipe_conn *pipe = pipe_of(conn);
    DWORD error = pipe->share ? ERROR_INVALID_STATE : share_open(&pipe->stream, answer, &pipe->share);

    return error ? error : pipe_share_start(conn);
}

DWORD pipe_peer_process(struct transport_conn *conn, ULONG *pid)
{
    struct pipe_conn *pipe = pipe_of(conn);
    BOOL(WINAPI *const ask)
    (HANDLE, ULONG *) = pipe->name ? GetNamedPipeClientProcessId : GetNamedPipeServerProcessId;

    return ask(pipe->stream.file, pid) ? 0 : GetLastError();
}

DWORD pipe_impersonate(struct transport_conn *conn)
{
    struct pipe_conn *pipe = pipe_of(conn);

    if (!pipe->name)
        return ERROR_NOT_SUPPORTED;
    return ImpersonateNamedPipeClient(pipe->stream.file) ? 0 : GetLastError();
}

/* ---- connecting */

/* FSCTL_PIPE_WAIT, which WaitNamedPipe is made of, and its argument ([MS-FSCC] 2.3.49). */
#define PIPE_WAIT_CODE 0x110018

enum { WAIT_PIECE = 100 /* ms */ };

struct pipe_wait {
    LARGE_INTEGER timeout; /* negative: relative, in 100 ns */
    ULONG name_length;     /* octets */
    BOOLEAN timeout_given;
    WCHAR name[PIPE_PATH_MAX];
};

/* Waits until an instance of a pipe of this machine is free or interrupt is signalled. Win32 error. */
static DWORD wait_local(const WCHAR *name, DWORD timeout, HANDLE interrupt)
{
    struct pipe_wait wait = {.timeout_given = TRUE};
    OVERLAPPED overlapped;
    HANDLE device;
    DWORD error, bytes;

    wait.timeout.QuadPart = -(LONGLONG)timeout * 10000;
    wait.name_length = (ULONG)wcslen(name) * sizeof(WCHAR);
    memcpy(wait.name, name, wait.name_length);
    device = CreateFileW(L"\\\\.\\pipe\\", FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                         OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    if (device == INVALID_HANDLE_VALUE)
        return GetLastError();
    error = overlapped_ready(&overlapped);
    if (!error) {
        if (!DeviceIoControl(device, PIPE_WAIT_CODE, &wait,
                             offsetof(struct pipe_wait, name) + wait.name_length, NULL, 0, NULL, &overlapped))
            error = GetLastError();
        error = overlapped_wait(device, &overlapped, error, timeout, interrupt, &bytes);
    }
    CloseHandle(device);
    return error;
}

/* Waits until an instance of a pipe is free, or for WAIT_PIECE: nothing but its time-out ends WaitNamedPipe,
 * nor, on Wine, where CancelIoEx does not find it, what that is made of. 0 too where it cannot be told: the
 * caller just tries again. */
static DWORD wait_instance(const WCHAR *path, DWORD timeout, HANDLE interrupt)
{
    static const WCHAR local[] = L"\\\\.\\pipe\\";
    const size_t length = ARRAYSIZE(local) - 1;
    DWORD piece = timeout < WAIT_PIECE ? timeout : WAIT_PIECE, error = 0;

    if (!wcsncmp(path, local, length))
        error = wait_local(path + length, piece, interrupt);
    else if (!WaitNamedPipeW(path, piece))
        error = GetLastError();
    if (interrupt && !WaitForSingleObject(interrupt, 0))
        return ERROR_OPERATION_ABORTED;
    if (error == ERROR_SEM_TIMEOUT)
        error = WAIT_TIMEOUT;
    return error == WAIT_TIMEOUT && piece < timeout ? 0 : error;
}

DWORD pipe_connect(const struct transport_ops *ops, const WCHAR *path, DWORD quality, DWORD timeout,
                   HANDLE interrupt, struct transport_conn **conn)
{
    ULONGLONG start = GetTickCount64();
    DWORD error;
    HANDLE file;

    for (;;) {
        file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                           FILE_FLAG_OVERLAPPED | quality, NULL);
        if (file != INVALID_HANDLE_VALUE)
            break;
        error = GetLastError();
        if (error == ERROR_PIPE_BUSY)
            error = wait_instance(path, time_left(start, timeout), interrupt);
        if (error)
            return error;
    }
    error = pipe_wrap(ops, file, NULL, conn);
    if (error)
        CloseHandle(file);
    return error;
}
