/*
 * Connections whose octets go through shared memory, beside the pipe that they began on.
 *
 * The server makes a section with two rings (ring.h) under a name that cannot be guessed; whoever may open it
 * is the default security's affair. The pipe stays open with one read under way, the guard: it ends when the
 * peer closes or dies, and what was written before that is read first.
 *
 * A thread that waits itself (recv_wait, send_wait) looks for some microseconds, then sleeps on an event of
 * this connection and direction. An operation that the caller does not wait for is moved on by the process's
 * watchers (os/watch.c). The peer is told which of the two to wake by a word in the ring.
 *
 * The lock guards the operations under way (receiving, sending) and the making of events; ring indices belong
 * to the one receiver and the one sender that there are. References: the owner, the guard, the watch.
 */
#include "share.h"
#include "ring.h"
#include "../os/debug.h"
#include <winternl.h>

enum { MAGIC = 0x52505368, VERSION = 1, SHARES_MAX = 64, HEADER_SIZE = 4096 };
enum { SECTION_SIZE = HEADER_SIZE + 2 * RING_SIZE };

struct section {
    ULONG magic, version, ring_size, unused;
    UCHAR server_bell[OS_BELL_ID_SIZE];
    UCHAR fill[32];
    struct ring_control control[2]; /* client to server, server to client; the octets follow HEADER_SIZE */
};

/* One direction as this process sees it. */
struct side {
    struct ring ring;
    HANDLE own_event, peer_event; /* made and opened on first need */
    unsigned own_number, peer_number;
};

struct share {
    struct os_watch watch;
    struct os_io guard;
    struct stream *stream;
    void (*gone)(struct stream *stream);
    SRWLOCK lock;
    LONG references;
    LONG ended;   /* the guard saw the peer's end */
    LONG watched; /* there was an operation for the watchers */
    HANDLE mapping, peer_bell;
    struct section *section;
    UCHAR id[TRANSPORT_SHARE_SIZE];
    struct side in, out;
    struct {
        struct os_io *io; /* NULL: nothing under way */
        void *data;
        ULONG length;
    } receiving;
    struct {
        struct os_io *io;
        struct transport_buf bufs[TRANSPORT_BUFS_MAX];
        ULONG count, total;
    } sending;
    char octet; /* what the guard reads: never anything */
};

static LONG share_count;

/* ---- names and events */

enum { NAME_SIZE = 64, NO_NUMBER = 9 };

static void make_name(const UCHAR id[TRANSPORT_SHARE_SIZE], unsigned number, WCHAR name[NAME_SIZE])
{
    static const WCHAR prefix[] = L"rpcrt4-share-", digits[] = L"0123456789abcdef";
    unsigned i;

    wcscpy(name, prefix);
    name += ARRAYSIZE(prefix) - 1;
    for (i = 0; i < TRANSPORT_SHARE_SIZE; i++) {
        *name++ = digits[id[i] >> 4];
        *name++ = digits[id[i] & 15];
    }
    if (number != NO_NUMBER) {
        *name++ = '-';
        *name++ = digits[number];
    }
    *name = 0;
}

/* The event that the calling thread sleeps on in this direction. */
static HANDLE own_event(struct share *share, struct side *side)
{
    WCHAR name[NAME_SIZE];
    HANDLE event;

    AcquireSRWLockExclusive(&share->lock);
    if (!side->own_event) {
        make_name(share->id, side->own_number, name);
        side->own_event = CreateEventW(NULL, FALSE, FALSE, name);
    }
    event = side->own_event;
    ReleaseSRWLockExclusive(&share->lock);
    return event;
}

/* Wakes whoever the peer said sleeps at this ring. How it says so is the peer's; at worst it wakes nobody. */
static void wake(struct share *share, struct side *side, LONG how)
{
    WCHAR name[NAME_SIZE];

    if (how == RING_BELL) {
        SetEvent(share->peer_bell);
    } else if (how == RING_EVENT) {
        if (!side->peer_event) {
            make_name(share->id, side->peer_number, name);
            side->peer_event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
        }
        if (side->peer_event)
            SetEvent(side->peer_event);
    }
}

/* ---- octets */

static BOOL is_over(struct share *share)
{
    return __atomic_load_n(&share->ended, __ATOMIC_ACQUIRE) || stream_is_cut(share->stream) ||
           share->in.ring.spoiled || share->out.ring.spoiled;
}

/* Some octets; else 0, and *error tells whether there will be more. */
static ULONG read_some(struct share *share, void *data, ULONG length, DWORD *error)
{
    BOOL over = is_over(share); /* asked first: what came before the end is read */
    LONG how;
    ULONG got = ring_read(&share->in.ring, data, length, &how);

    wake(share, &share->in, how);
    *error = !got && (over || share->in.ring.spoiled) ? ERROR_BROKEN_PIPE : 0;
    return got;
}

/* Writes what there is room for, from *done octets into the buffers on. */
static DWORD write_some(struct share *share, const struct transport_buf *bufs, ULONG count, ULONG *done)
{
    ULONG i, skip = *done, before = *done;

    if (is_over(share))
        return ERROR_BROKEN_PIPE;
    for (i = 0; i < count; i++) {
        ULONG length, written;

        if (skip >= bufs[i].length) {
            skip -= bufs[i].length;
            continue;
        }
        length = bufs[i].length - skip;
        written = ring_write(&share->out.ring, (const UCHAR *)bufs[i].data + skip, length);
        *done += written;
        if (written < length)
            break;
        skip = 0;
    }
    if (*done != before)
        wake(share, &share->out, ring_publish(&share->out.ring));
    return share->out.ring.spoiled ? ERROR_BROKEN_PIPE : 0;
}

static ULONG total_length(const struct transport_buf *bufs, ULONG count)
{
    ULONG total = 0;

    while (count)
        total += bufs[--count].length;
    return total;
}

/* ---- waited for by the calling thread */

/* Sleeps until the event or an end: 0, WAIT_TIMEOUT, ERROR_OPERATION_ABORTED. */
static DWORD sleep_on(HANDLE event, DWORD timeout, HANDLE interrupt)
{
    HANDLE handles[2] = {event, interrupt};
    DWORD waited = WaitForMultipleObjects(interrupt ? 2 : 1, handles, FALSE, timeout);

    return waited == WAIT_OBJECT_0       ? 0
           : waited == WAIT_OBJECT_0 + 1 ? ERROR_OPERATION_ABORTED
           : waited == WAIT_TIMEOUT      ? WAIT_TIMEOUT
                                         : GetLastError();
}

DWORD share_recv_wait(struct share *share, void *data, ULONG length, DWORD timeout, HANDLE interrupt,
                      ULONG *got)
{
    ULONGLONG start = GetTickCount64();
    struct os_spin spin = {0};
    HANDLE event;
    DWORD error;

    for (;;) {
        *got = read_some(share, data, length, &error);
        if (*got || error)
            return error;
        if (os_spin(&spin))
            continue;
        event = own_event(share, &share->in);
        if (!event)
            return GetLastError();
        ring_reader_sleeps(&share->in.ring, RING_EVENT);
        if (!ring_filled(&share->in.ring) && !is_over(share))
            error = sleep_on(event, time_left(start, timeout), interrupt);
        ring_reader_sleeps(&share->in.ring, RING_NOBODY);
        if (error) {
            DWORD ended;

            *got = read_some(share, data, length, &ended);
            return *got && error == WAIT_TIMEOUT ? 0 : error;
        }
    }
}

DWORD share_send_wait(struct share *share, const struct transport_buf *bufs, ULONG count, DWORD timeout,
                      HANDLE interrupt)
{
    ULONGLONG start = GetTickCount64();
    ULONG done = 0, total = total_length(bufs, count);
    struct os_spin spin = {0};
    HANDLE event;
    DWORD error;

    for (;;) {
        ULONG before = done;

        error = write_some(share, bufs, count, &done);
        if (error || done == total)
            return error;
        if (done != before)
            spin.end = 0;
        if (os_spin(&spin))
            continue;
        event = own_event(share, &share->out);
        if (!event)
            return GetLastError();
        ring_writer_sleeps(&share->out.ring, RING_EVENT);
        if (!ring_roomy(&share->out.ring) && !is_over(share))
            error = sleep_on(event, time_left(start, timeout), interrupt);
        ring_writer_sleeps(&share->out.ring, RING_NOBODY);
        if (error)
            return error;
    }
}

/* ---- moved on by the watchers */

/* A connection that its callers' threads serve needs no watcher. */
static DWORD have_watched(struct share *share)
{
    DWORD error;

    if (InterlockedExchange(&share->watched, TRUE))
        return 0;
    InterlockedIncrement(&share->references);
    error = os_watch_add(&share->watch);
    if (error) {
        InterlockedDecrement(&share->references);
        InterlockedExchange(&share->watched, FALSE);
    }
    return error;
}

DWORD share_recv(struct share *share, struct os_io *io, void *data, ULONG length, ULONG *got)
{
    DWORD error;

    *got = read_some(share, data, length, &error);
    if (!*got && !error)
        error = have_watched(share);
    if (*got || error)
        return error;
    AcquireSRWLockExclusive(&share->lock);
    if (os_watch_armed())
        ring_reader_sleeps(&share->in.ring, RING_BELL);
    *got = read_some(share, data, length, &error);
    if (!*got && !error) {
        share->receiving.io = io;
        share->receiving.data = data;
        share->receiving.length = length;
        error = ERROR_IO_PENDING;
    }
    ReleaseSRWLockExclusive(&share->lock);
    return error;
}

DWORD share_send(struct share *share, struct os_io *io, const struct transport_buf *bufs, ULONG count)
{
    ULONG total = total_length(bufs, count), done = 0;
    DWORD error = write_some(share, bufs, count, &done);

    if (!error && done < total)
        error = have_watched(share);
    if (error || done == total)
        return error;
    AcquireSRWLockExclusive(&share->lock);
    if (os_watch_armed())
        ring_writer_sleeps(&share->out.ring, RING_BELL);
    error = write_some(share, bufs, count, &done);
    if (!error && done < total) {
        share->sending.io = io;
        memcpy(share->sending.bufs, bufs, count * sizeof(*bufs));
        share->sending.count = count;
        share->sending.total = total;
        io->overlapped.InternalHigh = done;
        error = ERROR_IO_PENDING;
    }
    ReleaseSRWLockExclusive(&share->lock);
    return error;
}

/* Moves the receive under way on. Gives its io if that ends it. Holds the lock. */
static struct os_io *move_receive(struct share *share, DWORD *error, DWORD *bytes)
{
    struct os_io *io = share->receiving.io;

    if (!io)
        return NULL;
    *bytes = read_some(share, share->receiving.data, share->receiving.length, error);
    if (!*bytes && !*error)
        return NULL;
    share->receiving.io = NULL;
    return io;
}

static struct os_io *move_send(struct share *share, DWORD *error, DWORD *bytes)
{
    struct os_io *io = share->sending.io;
    ULONG done;

    if (!io)
        return NULL;
    done = (ULONG)io->overlapped.InternalHigh;
    *error = write_some(share, share->sending.bufs, share->sending.count, &done);
    io->overlapped.InternalHigh = *bytes = done;
    if (!*error && done < share->sending.total)
        return NULL;
    share->sending.io = NULL;
    return io;
}

/* Nothing of the share is touched once its user was called: that may close it. */
static BOOL move_on(struct share *share)
{
    DWORD receive_error, received, send_error, sent;
    struct os_io *receive, *send;

    AcquireSRWLockExclusive(&share->lock);
    receive = move_receive(share, &receive_error, &received);
    send = move_send(share, &send_error, &sent);
    ReleaseSRWLockExclusive(&share->lock);
    if (send)
        send->done(send, send_error, sent);
    if (receive)
        receive->done(receive, receive_error, received);
    return receive || send;
}

static BOOL poll(struct os_watch *watch)
{
    struct share *share = CONTAINING_RECORD(watch, struct share, watch);

    /* Most looks find nothing: they take no lock. */
    if (!(share->receiving.io && (ring_filled(&share->in.ring) || is_over(share))) && !share->sending.io)
        return FALSE;
    return move_on(share);
}

static BOOL arm(struct os_watch *watch, BOOL on)
{
    struct share *share = CONTAINING_RECORD(watch, struct share, watch);
    LONG how = on ? RING_BELL : RING_NOBODY;
    BOOL ready = FALSE;

    AcquireSRWLockExclusive(&share->lock);
    if (share->receiving.io) {
        ring_reader_sleeps(&share->in.ring, how);
        ready |= ring_filled(&share->in.ring) || is_over(share);
    }
    if (share->sending.io) {
        ring_writer_sleeps(&share->out.ring, how);
        ready |= ring_roomy(&share->out.ring) || is_over(share);
    }
    ReleaseSRWLockExclusive(&share->lock);
    return ready;
}

/* ---- coming and going */

static void free_share(struct share *share)
{
    HANDLE handles[] = {share->mapping,       share->peer_bell,     share->in.own_event,
                        share->in.peer_event, share->out.own_event, share->out.peer_event};
    unsigned i;

    if (share->section)
        UnmapViewOfFile(share->section);
    for (i = 0; i < ARRAYSIZE(handles); i++)
        if (handles[i])
            CloseHandle(handles[i]);
    os_free(share);
    InterlockedDecrement(&share_count);
}

static void release(struct share *share)
{
    struct stream *stream = share->stream;
    void (*gone)(struct stream * stream) = share->gone;

    if (InterlockedDecrement(&share->references))
        return;
    free_share(share);
    gone(stream);
}

static void watch_gone(struct os_watch *watch)
{
    release(CONTAINING_RECORD(watch, struct share, watch));
}

static void guard_done(struct os_io *io, DWORD error, DWORD bytes)
{
    struct share *share = CONTAINING_RECORD(io, struct share, guard);

    (void)error, (void)bytes;
    InterlockedExchange(&share->ended, TRUE);
    AcquireSRWLockExclusive(&share->lock);
    if (share->in.own_event)
        SetEvent(share->in.own_event);
    if (share->out.own_event)
        SetEvent(share->out.own_event);
    ReleaseSRWLockExclusive(&share->lock);
    move_on(share);
    release(share);
}

void share_begin(struct share *share, void (*gone)(struct stream *stream))
{
    struct stream *stream = share->stream;
    DWORD error, got;

    share->gone = gone;
    share->references = 2;
    error = stream_ready(stream, &stream->receiving, &share->guard);
    if (!error && !ReadFile(stream->file, &share->octet, 1, &got, &stream->receiving.io.overlapped))
        error = GetLastError();
    error = stream_started(stream, &stream->receiving.io.overlapped, error);
    if (error != ERROR_IO_PENDING)
        guard_done(&share->guard, error, 0);
}

void share_discard(struct share *share)
{
    free_share(share);
}

void share_close(struct share *share)
{
    CancelIoEx(share->stream->file, &share->stream->receiving.io.overlapped);
    if (share->watched)
        os_watch_remove(&share->watch);
    release(share);
}

BOOL share_alive(struct share *share)
{
    return !is_over(share);
}

/* ---- making and opening */

DWORD share_offer(UCHAR offer[TRANSPORT_SHARE_SIZE])
{
    if (share_count >= SHARES_MAX)
        return ERROR_NO_SYSTEM_RESOURCES;
    return os_bell_id(offer);
}

static struct share *new_share(struct stream *stream, const UCHAR id[TRANSPORT_SHARE_SIZE])
{
    struct share *share = NULL;

    if (InterlockedIncrement(&share_count) <= SHARES_MAX)
        share = os_alloc_zero(sizeof(*share));
    if (!share) {
        InterlockedDecrement(&share_count);
        return NULL;
    }
    InitializeSRWLock(&share->lock);
    share->stream = stream;
    share->guard.done = guard_done;
    share->watch.poll = poll;
    share->watch.arm = arm;
    share->watch.gone = watch_gone;
    memcpy(share->id, id, sizeof(share->id));
    return share;
}

/* Event numbers: twice the ring's number, and 1 for its writer's. */
static void lay_out(struct share *share, unsigned in)
{
    UCHAR *data = (UCHAR *)share->section + HEADER_SIZE;
    unsigned out = !in;

    share->in.ring = (struct ring){&share->section->control[in], data + in * RING_SIZE, 0, FALSE};
    share->in.own_number = 2 * in;
    share->in.peer_number = 2 * in + 1;
    share->out.ring = (struct ring){&share->section->control[out], data + out * RING_SIZE, 0, FALSE};
    share->out.own_number = 2 * out + 1;
    share->out.peer_number = 2 * out;
}

static DWORD make_section(struct share *share, const UCHAR offer[TRANSPORT_SHARE_SIZE])
{
    WCHAR name[NAME_SIZE];

    share->peer_bell = os_bell_open(offer);
    if (!share->peer_bell)
        return GetLastError();
    make_name(share->id, NO_NUMBER, name);
    share->mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SECTION_SIZE, name);
    if (!share->mapping || GetLastError() == ERROR_ALREADY_EXISTS)
        return GetLastError();
    share->section = MapViewOfFile(share->mapping, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, SECTION_SIZE);
    if (!share->section)
        return GetLastError();
    share->section->magic = MAGIC;
    share->section->version = VERSION;
    share->section->ring_size = RING_SIZE;
    return os_bell_id(share->section->server_bell);
}

DWORD share_make(struct stream *stream, const UCHAR offer[TRANSPORT_SHARE_SIZE],
                 UCHAR answer[TRANSPORT_SHARE_SIZE], struct share **out)
{
    struct share *share;
    DWORD error = os_random(answer, TRANSPORT_SHARE_SIZE);

    if (error)
        return error;
    share = new_share(stream, answer);
    if (!share)
        return ERROR_NO_SYSTEM_RESOURCES;
    error = make_section(share, offer);
    if (error) {
        free_share(share);
        return error;
    }
    lay_out(share, 0);
    *out = share;
    return 0;
}

/* A file behind the section could be cut short under us, and reading would fault. */
static BOOL is_plain_memory(HANDLE mapping)
{
    struct {
        void *base;
        ULONG attributes;
        LARGE_INTEGER size;
    } info;
    enum { SECTION_BASIC_INFORMATION = 0 };
    NTSTATUS NTAPI NtQuerySection(HANDLE section, int class, void *info, ULONG length, ULONG *returned);

    return !NtQuerySection(mapping, SECTION_BASIC_INFORMATION, &info, sizeof(info), NULL) &&
           !(info.attributes & SEC_FILE) && info.size.QuadPart >= SECTION_SIZE;
}

static DWORD open_section(struct share *share)
{
    WCHAR name[NAME_SIZE];
    UCHAR bell[OS_BELL_ID_SIZE];

    make_name(share->id, NO_NUMBER, name);
    share->mapping = OpenFileMappingW(FILE_MAP_READ | FILE_MAP_WRITE | SECTION_QUERY, FALSE, name);
    if (!share->mapping)
        return GetLastError();
    if (!is_plain_memory(share->mapping))
        return ERROR_INVALID_DATA;
    share->section = MapViewOfFile(share->mapping, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, SECTION_SIZE);
    if (!share->section)
        return GetLastError();
    if (share->section->magic != MAGIC || share->section->version != VERSION ||
        share->section->ring_size != RING_SIZE)
        return ERROR_INVALID_DATA;
    memcpy(bell, share->section->server_bell, sizeof(bell));
    share->peer_bell = os_bell_open(bell);
    return share->peer_bell ? 0 : GetLastError();
}

DWORD share_open(struct stream *stream, const UCHAR answer[TRANSPORT_SHARE_SIZE], struct share **out)
{
    struct share *share = new_share(stream, answer);
    DWORD error;

    if (!share)
        return ERROR_NO_SYSTEM_RESOURCES;
    error = open_section(share);
    if (error) {
        WARN("no shared memory: %lu\n", error);
        free_share(share);
        return error;
    }
    lay_out(share, 1);
    *out = share;
    return 0;
}
