/*
 * Overlapped operations of a connection. Where the calling thread waits for one itself, the low bit of hEvent
 * keeps its packet off the completion port (SDK, GetQueuedCompletionStatus).
 *
 * Events come from a pool, for making one costs as much as a round trip. Its lock is below all others.
 */
#include "stream.h"
#include <winsock2.h>

enum { POOL_SIZE = 64 };

static SRWLOCK pool_lock = SRWLOCK_INIT;
static HANDLE pool[POOL_SIZE];
static unsigned pooled;

HANDLE event_get(void)
{
    HANDLE event = NULL;

    AcquireSRWLockExclusive(&pool_lock);
    if (pooled)
        event = pool[--pooled];
    ReleaseSRWLockExclusive(&pool_lock);
    return event ? event : CreateEventW(NULL, TRUE, FALSE, NULL);
}

void event_put(HANDLE event)
{
    AcquireSRWLockExclusive(&pool_lock);
    if (pooled < POOL_SIZE) {
        pool[pooled++] = event;
        event = NULL;
    }
    ReleaseSRWLockExclusive(&pool_lock);
    if (event)
        CloseHandle(event);
}

void events_drop(void)
{
    while (pooled)
        CloseHandle(pool[--pooled]);
}

static HANDLE event_of(const OVERLAPPED *overlapped)
{
    return (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
}

DWORD overlapped_ready(OVERLAPPED *overlapped)
{
    HANDLE event = event_get();

    if (!event)
        return GetLastError();
    memset(overlapped, 0, sizeof(*overlapped));
    overlapped->hEvent = (HANDLE)((ULONG_PTR)event | 1);
    return 0;
}

DWORD overlapped_wait(HANDLE file, OVERLAPPED *overlapped, DWORD started, DWORD timeout, HANDLE interrupt,
                      DWORD *bytes)
{
    HANDLE handles[2] = {event_of(overlapped), interrupt};
    DWORD waited = WAIT_OBJECT_0, error = 0;

    if (started && started != ERROR_IO_PENDING) {
        event_put(handles[0]);
        return stream_error(started);
    }
    if (started)
        waited = WaitForMultipleObjects(interrupt ? 2 : 1, handles, FALSE, timeout);
    if (waited != WAIT_OBJECT_0) {
        error = waited == WAIT_TIMEOUT        ? WAIT_TIMEOUT
                : waited == WAIT_OBJECT_0 + 1 ? ERROR_OPERATION_ABORTED
                                              : GetLastError();
        CancelIoEx(file, overlapped);
    }
    if (!GetOverlappedResult(file, overlapped, bytes, TRUE) && !error)
        error = stream_error(GetLastError());
    event_put(handles[0]);
    return error;
}

DWORD stream_error(DWORD error)
{
    switch (error) {
    case ERROR_PIPE_NOT_CONNECTED:
    case ERROR_NO_DATA:
    case ERROR_HANDLE_EOF:
    case ERROR_NETNAME_DELETED:
    case ERROR_CONNECTION_ABORTED:
    case ERROR_GRACEFUL_DISCONNECT:
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENETRESET:
    case WSAENOTCONN:
    case WSAESHUTDOWN:
    case WSAEDISCON:
        return ERROR_BROKEN_PIPE;
    }
    return error;
}

DWORD time_left(ULONGLONG start, DWORD timeout)
{
    ULONGLONG spent = GetTickCount64() - start;

    if (timeout == INFINITE)
        return INFINITE;
    return spent < timeout ? (DWORD)(timeout - spent) : 0;
}

static void op_done(struct os_io *io, DWORD error, DWORD bytes)
{
    struct stream_op *op = CONTAINING_RECORD(io, struct stream_op, io);

    if (!error && !bytes)
        error = ERROR_BROKEN_PIPE;
    op->user->done(op->user, stream_error(error), bytes);
}

DWORD stream_ready(struct stream *stream, struct stream_op *op, struct os_io *user)
{
    memset(&op->io.overlapped, 0, sizeof(op->io.overlapped));
    op->io.done = op_done;
    op->user = user;
    return stream_is_cut(stream) ? ERROR_BROKEN_PIPE : 0;
}

DWORD stream_ready_wait(struct stream *stream, OVERLAPPED *overlapped)
{
    return stream_is_cut(stream) ? ERROR_BROKEN_PIPE : overlapped_ready(overlapped);
}

DWORD stream_started(struct stream *stream, OVERLAPPED *overlapped, DWORD error)
{
    if (error != ERROR_IO_PENDING)
        return stream_error(error);
    if (stream_is_cut(stream))
        CancelIoEx(stream->file, overlapped);
    return ERROR_IO_PENDING;
}

DWORD stream_wait(struct stream *stream, OVERLAPPED *overlapped, DWORD started, DWORD timeout,
                  HANDLE interrupt, DWORD *bytes)
{
    DWORD error = stream_started(stream, overlapped, started);

    error = overlapped_wait(stream->file, overlapped, error, timeout, interrupt, bytes);
    return error || *bytes ? error : ERROR_BROKEN_PIPE;
}

BOOL stream_is_cut(const struct stream *stream)
{
    return __atomic_load_n(&stream->cut, __ATOMIC_ACQUIRE);
}

BOOL stream_cut(struct stream *stream)
{
    if (InterlockedExchange(&stream->cut, TRUE))
        return FALSE;
    CancelIoEx(stream->file, NULL);
    return TRUE;
}
