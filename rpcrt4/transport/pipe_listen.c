/*
 * Listening on named pipes.
 *
 * A listener keeps SLOTS instances waiting, so that a client finds one while others are being handed over.
 * Each slot has one instance and one operation under way: a ConnectNamedPipe on the port, or, where no
 * instance could be made, the timer that tries again.
 *
 * The lock guards `closing`, `busy` (slots that have an operation under way or run a routine of ours) and the
 * slots' files. Nothing foreign runs under it. The listener is freed by unlisten once busy is 0.
 */
#include "pipe.h"
#include "stream.h"
#include "../os/debug.h"

enum { SLOTS = 4, RETRY_TIME = 500, BUFFER_SIZE = 65536 };

struct slot {
    struct os_io io;
    struct os_timer retry;
    struct transport_listener *listener;
    HANDLE file;
    struct pipe_name *name; /* valid where there is a file */
};

struct transport_listener {
    const struct transport_ops *ops;
    SRWLOCK lock;
    CONDITION_VARIABLE idle;
    unsigned busy;
    BOOL closing;
    void (*accepted)(struct transport_conn *conn, void *context);
    void *context;
    void *descriptor;
    struct slot slots[SLOTS];
    WCHAR path[PIPE_PATH_MAX];
};

static DWORD make_instance(struct slot *slot, DWORD first)
{
    const struct transport_listener *listener = slot->listener;
    SECURITY_ATTRIBUTES security = {sizeof(security), listener->descriptor, FALSE};
    DWORD error;

    slot->name = pipe_name_add(listener->path);
    if (!slot->name)
        return ERROR_NOT_ENOUGH_MEMORY;
    slot->file = CreateNamedPipeW(listener->path, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
                                  PIPE_TYPE_MESSAGE | PIPE_READMODE_BYTE, PIPE_UNLIMITED_INSTANCES,
                                  BUFFER_SIZE, BUFFER_SIZE, 0, listener->descriptor ? &security : NULL);
    if (slot->file == INVALID_HANDLE_VALUE) {
        slot->file = NULL;
        error = GetLastError();
    } else {
        error = os_port_attach(slot->file);
    }
    if (error) {
        if (slot->file)
            CloseHandle(slot->file);
        slot->file = NULL;
        pipe_name_remove(slot->name);
    }
    return error;
}

static void drop_instance(struct slot *slot)
{
    CloseHandle(slot->file);
    slot->file = NULL;
    pipe_name_remove(slot->name);
    os_port_detach();
}

/* Wine 8.0 lets FILE_FLAG_FIRST_PIPE_INSTANCE pass where there is an instance already (measured), so it is
 * asked first. Between the two another process may come. Instances that are all busy may be connections of
 * ours that outlived an earlier listener. */
static DWORD make_first_instance(struct slot *slot)
{
    BOOL busy;
    DWORD error;

    if (WaitNamedPipeW(slot->listener->path, 1))
        return ERROR_ALREADY_EXISTS;
    busy = GetLastError() == ERROR_SEM_TIMEOUT;
    error = make_instance(slot, busy ? 0 : FILE_FLAG_FIRST_PIPE_INSTANCE);
    if (!error && busy && pipe_name_is_shared(slot->name, slot->file)) {
        drop_instance(slot);
        error = ERROR_ALREADY_EXISTS;
    }
    return error;
}

/* The slot has nothing under way any more. */
static void slot_ends(struct slot *slot)
{
    struct transport_listener *listener = slot->listener;

    AcquireSRWLockExclusive(&listener->lock);
    if (slot->file)
        drop_instance(slot);
    if (!--listener->busy)
        WakeAllConditionVariable(&listener->idle);
    ReleaseSRWLockExclusive(&listener->lock);
}

/* Puts the slot to waiting for a client, with an instance of its own made first if it has none. The slot is
 * busy; afterwards it has something under way or has ended. */
static void slot_waits(struct slot *slot)
{
    struct transport_listener *listener = slot->listener;
    DWORD error = 0;

    AcquireSRWLockExclusive(&listener->lock);
    if (listener->closing) {
        ReleaseSRWLockExclusive(&listener->lock);
        slot_ends(slot);
        return;
    }
    if (!slot->file)
        error = make_instance(slot, 0);
    if (!error) {
        memset(&slot->io.overlapped, 0, sizeof(slot->io.overlapped));
        if (!ConnectNamedPipe(slot->file, &slot->io.overlapped))
            error = GetLastError();
        if (!error || error == ERROR_PIPE_CONNECTED)
            error = os_port_post(&slot->io, 0);
        if (error == ERROR_IO_PENDING)
            error = 0;
        if (error)
            drop_instance(slot);
    }
    if (error) {
        WARN("no instance of %s: %lu\n", debug_w(listener->path), error);
        error = os_timer_set(&slot->retry, RETRY_TIME);
    }
    ReleaseSRWLockExclusive(&listener->lock);
    if (error)
        slot_ends(slot);
}

static void retry(struct os_timer *timer)
{
    slot_waits(CONTAINING_RECORD(timer, struct slot, retry));
}

static void client_came(struct os_io *io, DWORD error, DWORD bytes)
{
    struct slot *slot = CONTAINING_RECORD(io, struct slot, io);
    struct transport_listener *listener = slot->listener;
    struct transport_conn *conn = NULL;

    (void)bytes;
    AcquireSRWLockExclusive(&listener->lock);
    if (!error && !listener->closing)
        error = pipe_wrap(listener->ops, slot->file, slot->name, &conn);
    if (conn)
        slot->file = NULL;
    else
        drop_instance(slot);
    ReleaseSRWLockExclusive(&listener->lock);
    /* The next instance before this connection's work: accepted may take its time. `busy` keeps unlisten out.
     */
    if (conn) {
        AcquireSRWLockExclusive(&listener->lock);
        listener->busy++;
        ReleaseSRWLockExclusive(&listener->lock);
    }
    slot_waits(slot);
    if (!conn)
        return;
    listener->accepted(conn, listener->context);
    AcquireSRWLockExclusive(&listener->lock);
    if (!--listener->busy)
        WakeAllConditionVariable(&listener->idle);
    ReleaseSRWLockExclusive(&listener->lock);
}

static void free_listener(struct transport_listener *listener)
{
    os_free(listener->descriptor);
    os_free(listener);
}

/* Our own copy of the descriptor, which later instances need too. */
static DWORD keep_descriptor(struct transport_listener *listener, PSECURITY_DESCRIPTOR descriptor)
{
    DWORD size = 0;

    if (!descriptor)
        return 0;
    MakeSelfRelativeSD(descriptor, NULL, &size);
    if (!size) { /* self-relative as it is */
        size = GetSecurityDescriptorLength(descriptor);
        listener->descriptor = os_alloc(size);
        if (listener->descriptor)
            memcpy(listener->descriptor, descriptor, size);
    } else {
        listener->descriptor = os_alloc(size);
        if (listener->descriptor && !MakeSelfRelativeSD(descriptor, listener->descriptor, &size))
            return GetLastError();
    }
    return listener->descriptor ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

DWORD pipe_listen(const struct transport_ops *ops, const WCHAR *path, ULONG backlog,
                  void *security_descriptor, void (*accepted)(struct transport_conn *conn, void *context),
                  void *context, struct transport_listener **out)
{
    struct transport_listener *listener = os_alloc_zero(sizeof(*listener));
    unsigned i;
    DWORD error;

    (void)backlog;
    if (!listener)
        return ERROR_NOT_ENOUGH_MEMORY;
    InitializeSRWLock(&listener->lock);
    InitializeConditionVariable(&listener->idle);
    listener->ops = ops;
    listener->accepted = accepted;
    listener->context = context;
    wcscpy(listener->path, path);
    for (i = 0; i < SLOTS; i++) {
        listener->slots[i].listener = listener;
        listener->slots[i].io.done = client_came;
        listener->slots[i].retry.fire = retry;
    }
    error = keep_descriptor(listener, security_descriptor);
    if (!error)
        error = make_first_instance(&listener->slots[0]);
    if (error) {
        free_listener(listener);
        return error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY ? ERROR_ALREADY_EXISTS : error;
    }
    listener->busy = SLOTS;
    for (i = 0; i < SLOTS; i++)
        slot_waits(&listener->slots[i]);
    *out = listener;
    return 0;
}

void pipe_unlisten(struct transport_listener *listener)
{
    unsigned i;

    os_worker_leave();
    AcquireSRWLockExclusive(&listener->lock);
    listener->closing = TRUE;
    for (i = 0; i < SLOTS; i++) {
        struct slot *slot = &listener->slots[i];

        if (slot->file)
            CancelIoEx(slot->file, NULL);
        else if (os_timer_cancel(&slot->retry))
            listener->busy--;
    }
    while (listener->busy)
        SleepConditionVariableSRW(&listener->idle, &listener->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&listener->lock);
    os_worker_return();
    free_listener(listener);
}
