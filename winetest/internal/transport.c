/*
 * Every transport, below the runtime: an echo server in this or another process, and what must not go wrong.
 */
#include "../winetest.h"
#include "../../rpcrt4/transport/transport.h"

#define BIG (1024 * 1024)

/* ---- an echo server: each connection is one small state machine on the port */

struct echo {
    struct os_io io;
    struct transport_conn *conn;
    struct transport_buf buf;
    ULONG swallowed;
    char data[65536];
};

static LONG echo_open;
/* Swallow as much as this, then send back the last octets. */
static ULONG swallow;

static void echo_received(struct os_io *io, DWORD error, DWORD bytes);
static void echo_sent(struct os_io *io, DWORD error, DWORD bytes);

static void echo_end(struct echo *echo)
{
    echo->conn->ops->close(echo->conn);
    os_free(echo);
    InterlockedDecrement(&echo_open);
}

/* What a manager routine may do: wait for another call, on the thread that serves the connections. */
static HANDLE rendezvous;

static void maybe_block(char order)
{
    if (!rendezvous)
        return;
    os_worker_leave();
    if (order == 'W')
        wait_for(rendezvous, "the other call");
    else if (order == 'S')
        SetEvent(rendezvous);
    os_worker_return();
}

/* Goes on as long as operations finish at once. received: an error, or octets to send back. */
static void echo_run(struct echo *echo, DWORD error, ULONG received)
{
    const struct transport_ops *ops = echo->conn->ops;

    for (;;) {
        if (!error && received)
            maybe_block(echo->data[0]);
        if (!error && received && swallow) {
            echo->swallowed += received;
            received = echo->swallowed % swallow ? 0 : 8;
        }
        if (!error && received) {
            echo->buf = (struct transport_buf){echo->data, received};
            echo->io.done = echo_sent;
            error = ops->send(echo->conn, &echo->io, &echo->buf, 1);
        }
        if (!error) {
            echo->io.done = echo_received;
            error = ops->recv(echo->conn, &echo->io, echo->data, sizeof(echo->data), &received);
        }
        if (error == ERROR_IO_PENDING)
            return;
        if (error)
            break;
    }
    echo_end(echo);
}

static void echo_received(struct os_io *io, DWORD error, DWORD bytes)
{
    echo_run(CONTAINING_RECORD(io, struct echo, io), error, bytes);
}

static void echo_sent(struct os_io *io, DWORD error, DWORD bytes)
{
    (void)bytes;
    echo_run(CONTAINING_RECORD(io, struct echo, io), error, 0);
}

/* In the topics about shared memory, what a bind and its answer would carry goes ahead. */
static BOOL sharing;

static void greet_client(struct transport_conn *conn)
{
    UCHAR offer[TRANSPORT_SHARE_SIZE], answer[TRANSPORT_SHARE_SIZE];
    struct transport_buf buf = {answer, sizeof(answer)};
    ULONG got;
    DWORD error;

    if (!sharing)
        return;
    error = conn->ops->recv_wait(conn, offer, sizeof(offer), HANG_GUARD, NULL, &got);
    ok(!error && got == sizeof(offer), "no offer: %lu\n", error);
    error = conn->ops->share_accept(conn, offer, answer);
    if (error)
        memset(answer, 0, sizeof(answer));
    conn->ops->send_wait(conn, &buf, 1, HANG_GUARD, NULL);
    if (!error)
        ok(!conn->ops->share_start(conn), "share_start failed\n");
}

static UCHAR last_answer[TRANSPORT_SHARE_SIZE];

static void greet_server(struct transport_conn *conn)
{
    static const UCHAR none[TRANSPORT_SHARE_SIZE];
    UCHAR offer[TRANSPORT_SHARE_SIZE] = {0};
    struct transport_buf buf = {offer, sizeof(offer)};
    ULONG got;

    if (!sharing)
        return;
    conn->ops->share_offer(conn, offer);
    conn->ops->send_wait(conn, &buf, 1, HANG_GUARD, NULL);
    conn->ops->recv_wait(conn, last_answer, sizeof(last_answer), HANG_GUARD, NULL, &got);
    if (memcmp(last_answer, none, sizeof(none)))
        ok(!conn->ops->share_join(conn, last_answer), "share_join failed\n");
}

static void echo_accepted(struct transport_conn *conn, void *context)
{
    struct echo *echo = os_alloc_zero(sizeof(*echo));

    (void)context;
    greet_client(conn);
    InterlockedIncrement(&echo_open);
    echo->conn = conn;
    echo_run(echo, 0, 0);
}

/* ---- helpers */

static struct transport_listener *listen_on(const struct transport_ops *ops, WCHAR endpoint[128],
                                            void (*accepted)(struct transport_conn *, void *), void *context)
{
    struct transport_listener *listener = NULL;
    DWORD error = ops->listen(L"", 0, 0, NULL, accepted, context, endpoint, 128, &listener);

    ok(!error, "listen: %lu\n", error);
    if (error)
        ExitProcess(1);
    return listener;
}

static DWORD try_connect(const struct transport_ops *ops, const WCHAR *endpoint, struct transport_conn **conn)
{
    struct transport_address to = {L"", endpoint, L""};

    return ops->connect(&to, HANG_GUARD, NULL, conn);
}

static struct transport_conn *connect_to(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conn = NULL;
    DWORD error = try_connect(ops, endpoint, &conn);

    ok(!error, "connect to %ls: %lu\n", endpoint, error);
    if (error)
        ExitProcess(1);
    greet_server(conn);
    return conn;
}

static void send_all(struct transport_conn *conn, const void *data, ULONG length)
{
    struct transport_buf bufs[2] = {{data, length / 3},
                                    {(const char *)data + length / 3, length - length / 3}};
    DWORD error = conn->ops->send_wait(conn, bufs, 2, HANG_GUARD, NULL);

    ok(!error, "send: %lu\n", error);
}

static BOOL recv_all(struct transport_conn *conn, char *data, ULONG length)
{
    while (length) {
        ULONG got = 0;
        DWORD error = conn->ops->recv_wait(conn, data, length, HANG_GUARD, NULL, &got);

        if (!ok(!error && got && got <= length, "recv: %lu, %lu of %lu octets\n", error, got, length))
            return FALSE;
        data += got;
        length -= got;
    }
    return TRUE;
}

static void fill(unsigned char *data, ULONG length, unsigned seed)
{
    for (ULONG i = 0; i < length; i++)
        seed = seed * 1103515245 + 12345, data[i] = (unsigned char)(seed >> 16);
}

static double microseconds(void)
{
    LARGE_INTEGER frequency, count;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart * 1e6 / (double)frequency.QuadPart;
}

/* ---- what a connection does */

static void test_ping_pong(const struct transport_ops *ops, const WCHAR *endpoint, const char *where)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    unsigned char out[88], in[88];
    double start;
    int i;

    for (i = 0; i < 100; i++) {
        fill(out, sizeof(out), i);
        memset(in, 0, sizeof(in));
        send_all(conn, out, sizeof(out));
        if (!recv_all(conn, (char *)in, sizeof(in)))
            break;
        ok(!memcmp(in, out, sizeof(in)), "round %d: octets differ\n", i);
    }
    ok(conn->ops->alive(conn), "alive says no\n");
    start = microseconds();
    for (i = 0; i < 2000; i++) {
        send_all(conn, out, sizeof(out));
        recv_all(conn, (char *)in, sizeof(in));
    }
    trace("%s: round trip %.1f us\n", where, (microseconds() - start) / i);
    ops->close(conn);
}

struct sender {
    struct transport_conn *conn;
    const unsigned char *data;
};

static DWORD WINAPI send_big(void *context)
{
    struct sender *sender = context;

    for (ULONG at = 0; at < BIG; at += 65528)
        send_all(sender->conn, sender->data + at, min(65528, BIG - at));
    return 0;
}

static void test_big(const struct transport_ops *ops, const WCHAR *endpoint, const char *where)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    unsigned char *out = malloc(BIG), *in = malloc(BIG);
    struct sender sender = {conn, out};
    double start = microseconds();
    HANDLE thread;
    int i;

    fill(out, BIG, 7);
    start = microseconds();
    for (i = 0; i < 5; i++) {
        memset(in, 0, BIG);
        thread = CreateThread(NULL, 0, send_big, &sender, 0, NULL);
        recv_all(conn, (char *)in, BIG);
        wait_for(thread, "sender");
        CloseHandle(thread);
        ok(!memcmp(in, out, BIG), "octets differ\n");
    }
    trace("%s: 1 MiB there and back %.0f us\n", where, (microseconds() - start) / i);
    ops->close(conn);
    free(out);
    free(in);
}

static void test_upload(const struct transport_ops *ops, const WCHAR *endpoint, const char *where)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    unsigned char *out = calloc(1, BIG);
    struct sender sender = {conn, out};
    char octets[8];
    double start;
    int i;

    send_big(&sender);
    recv_all(conn, octets, sizeof(octets));
    start = microseconds();
    for (i = 0; i < 20; i++) {
        send_big(&sender);
        recv_all(conn, octets, sizeof(octets));
    }
    trace("%s: 1 MiB in %.0f us\n", where, (microseconds() - start) / i);
    ops->close(conn);
    free(out);
}

static void test_interrupt(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    HANDLE interrupt = CreateEventW(NULL, TRUE, TRUE, NULL);
    char octets[8];
    ULONG got = 99;
    DWORD error;

    error = ops->recv_wait(conn, octets, sizeof(octets), HANG_GUARD, interrupt, &got);
    ok(error == ERROR_OPERATION_ABORTED && !got, "interrupted recv: %lu, %lu octets\n", error, got);
    error = ops->recv_wait(conn, octets, sizeof(octets), 10, NULL, &got);
    ok(error == WAIT_TIMEOUT && !got, "recv with time-out: %lu, %lu octets\n", error, got);
    send_all(conn, "abcdefg", 8);
    ok(recv_all(conn, octets, 8) && !memcmp(octets, "abcdefg", 8), "not usable after an interrupt\n");
    ops->close(conn);
    CloseHandle(interrupt);
}

struct told {
    struct os_io io;
    HANDLE event;
    DWORD error, bytes;
    LONG times;
};

static void tell(struct os_io *io, DWORD error, DWORD bytes)
{
    struct told *told = CONTAINING_RECORD(io, struct told, io);

    told->error = error;
    told->bytes = bytes;
    InterlockedIncrement(&told->times);
    SetEvent(told->event);
}

static void told_ready(struct told *told)
{
    memset(told, 0, sizeof(*told));
    told->io.done = tell;
    told->event = CreateEventW(NULL, TRUE, FALSE, NULL);
}

static void test_cut(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    struct transport_buf buf = {"x", 1};
    struct told told;
    char octets[8];
    ULONG got = 0;
    DWORD error;

    told_ready(&told);
    error = ops->recv(conn, &told.io, octets, sizeof(octets), &got);
    ok(error == ERROR_IO_PENDING, "recv: %lu\n", error);
    ops->cut(conn);
    ops->cut(conn);
    wait_for(told.event, "recv of a cut connection");
    ok(told.error && told.times == 1, "recv of a cut connection: %lu, told %ld times\n", told.error,
       told.times);
    ok(!ops->alive(conn), "alive after a cut\n");
    error = ops->recv_wait(conn, octets, sizeof(octets), HANG_GUARD, NULL, &got);
    ok(error == ERROR_BROKEN_PIPE, "recv_wait after a cut: %lu\n", error);
    error = ops->send_wait(conn, &buf, 1, HANG_GUARD, NULL);
    ok(error == ERROR_BROKEN_PIPE, "send_wait after a cut: %lu\n", error);
    ops->close(conn);
    CloseHandle(told.event);
}

struct starter {
    struct transport_conn *conn;
    struct told *told;
    char *data;
};

static DWORD WINAPI start_recv(void *context)
{
    struct starter *starter = context;
    ULONG got;

    return starter->conn->ops->recv(starter->conn, &starter->told->io, starter->data, 8, &got);
}

/* What a thread began lives on after it: a client's thread may make an asynchronous call and end. */
static void test_thread_ends(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    struct told told;
    char octets[8] = "";
    struct starter starter = {conn, &told, octets};
    HANDLE thread;
    DWORD code;

    told_ready(&told);
    thread = CreateThread(NULL, 0, start_recv, &starter, 0, NULL);
    wait_for(thread, "thread");
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    ok(code == ERROR_IO_PENDING, "recv: %lu\n", code);
    send_all(conn, "abcdefg", 8);
    wait_for(told.event, "recv of a thread that ended");
    ok(!told.error && told.bytes == 8 && !memcmp(octets, "abcdefg", 8), "recv: %lu, %lu octets\n", told.error,
       told.bytes);
    ops->close(conn);
    CloseHandle(told.event);
}

/* Operations that finish at once tell nobody; those that do not, exactly once. */
static void test_packets(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conn = connect_to(ops, endpoint);
    unsigned at_once = 0, later = 0;
    int i;

    for (i = 0; i < 300; i++) {
        struct transport_buf buf = {"abcdefg", 8};
        struct told sent, received;
        char octets[8];
        ULONG got = 0;
        DWORD error;

        told_ready(&sent);
        told_ready(&received);
        error = ops->send(conn, &sent.io, &buf, 1);
        if (error == ERROR_IO_PENDING)
            wait_for(sent.event, "send");
        else
            ok(!error, "send: %lu\n", error);
        ok(sent.times == (error == ERROR_IO_PENDING), "send told %ld times\n", sent.times);
        if (i & 1) /* let it come first, so that recv finishes at once */
            Sleep(1);
        error = ops->recv(conn, &received.io, octets, sizeof(octets), &got);
        if (error == ERROR_IO_PENDING) {
            wait_for(received.event, "recv");
            got = received.bytes;
            later++;
        } else {
            ok(!error && !received.times, "recv: %lu, told %ld times\n", error, received.times);
            at_once++;
        }
        ok(got == 8, "%lu octets\n", got);
        CloseHandle(sent.event);
        CloseHandle(received.event);
    }
    trace("%u receives finished at once, %u later\n", at_once, later);
    ops->close(conn);
}

/* Calls that block keep no other connection waiting, and the number of workers stays what blocks and one. */
static void test_blocking(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conns[6];
    char octet;
    int i, round;

    rendezvous = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (i = 0; i < 6; i++)
        conns[i] = connect_to(ops, endpoint);
    for (round = 0; round < 50; round++) {
        ResetEvent(rendezvous);
        for (i = 0; i < 5; i++)
            send_all(conns[i], "W", 1);
        send_all(conns[5], "S", 1);
        for (i = 0; i < 6; i++)
            if (!recv_all(conns[i], &octet, 1))
                break;
    }
    ok(os_worker_count() <= 16, "%u workers\n", os_worker_count());
    for (i = 0; i < 6; i++)
        ops->close(conns[i]);
    CloseHandle(rendezvous);
    rendezvous = NULL;
}

static DWORD WINAPI ping(void *context)
{
    struct transport_conn *conn = context;
    unsigned char out[200], in[200];
    unsigned i, length;

    for (i = 0; i < 300; i++) {
        length = 1 + (i * 37 + (unsigned)(ULONG_PTR)conn / 16) % sizeof(out);
        fill(out, length, i);
        send_all(conn, out, length);
        if (!recv_all(conn, (char *)in, length) || !ok(!memcmp(in, out, length), "octets differ\n"))
            break;
    }
    return 0;
}

static void test_threads(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_conn *conns[12];
    HANDLE threads[12];
    int i;

    for (i = 0; i < 12; i++)
        conns[i] = connect_to(ops, endpoint);
    for (i = 0; i < 12; i++)
        threads[i] = CreateThread(NULL, 0, ping, conns[i], 0, NULL);
    for (i = 0; i < 12; i++) {
        wait_for(threads[i], "pinging thread");
        CloseHandle(threads[i]);
        ops->close(conns[i]);
    }
}

static void test_many(const struct transport_ops *ops, const WCHAR *endpoint, int count)
{
    struct transport_conn **conns = calloc(count, sizeof(*conns));
    char octets[8];
    int i;

    for (i = 0; i < count; i++)
        conns[i] = connect_to(ops, endpoint);
    for (i = 0; i < count; i++)
        send_all(conns[i], "abcdefg", 8);
    for (i = 0; i < count; i++)
        ok(recv_all(conns[i], octets, 8) && !memcmp(octets, "abcdefg", 8), "connection %d\n", i);
    ok(os_worker_count() <= 16, "%u workers\n", os_worker_count());
    for (i = 0; i < count; i++)
        ops->close(conns[i]);
    free(conns);
}

static void test_refused(const struct transport_ops *ops)
{
    struct transport_conn *conn = NULL;
    WCHAR endpoint[128];
    DWORD error;

    ops->unlisten(listen_on(ops, endpoint, echo_accepted, NULL));
    error = try_connect(ops, endpoint, &conn);
    ok(error == ERROR_FILE_NOT_FOUND || error == ERROR_CONNECTION_REFUSED, "connect to nobody: %lu\n", error);
}

static void test_taken(const struct transport_ops *ops, const WCHAR *endpoint)
{
    struct transport_listener *listener = NULL;
    WCHAR name[128];
    DWORD error = ops->listen(endpoint, 0, 0, NULL, echo_accepted, NULL, name, 128, &listener);

    ok(error == ERROR_ALREADY_EXISTS, "listen on a taken endpoint: %lu\n", error);
    error = ops->listen(endpoint, 0, 0, NULL, echo_accepted, NULL, name, 2, &listener);
    ok(error == ERROR_INSUFFICIENT_BUFFER || error == ERROR_ALREADY_EXISTS, "listen: %lu\n", error);
}

/* A server that gets no further than accepting: what its peer's end looks like from here. */
struct taken {
    HANDLE event;
    struct transport_conn *conn;
};

static void take(struct transport_conn *conn, void *context)
{
    struct taken *taken = context;

    greet_client(conn);
    taken->conn = conn;
    SetEvent(taken->event);
}

static void test_close_seen(const struct transport_ops *ops)
{
    struct taken taken = {CreateEventW(NULL, FALSE, FALSE, NULL), NULL};
    struct transport_listener *listener;
    struct transport_conn *conn;
    WCHAR endpoint[128], address[64];
    struct told told;
    char octets[8];
    ULONG got, pid = 0;
    DWORD error;

    listener = listen_on(ops, endpoint, take, &taken);
    conn = connect_to(ops, endpoint);
    wait_for(taken.event, "accept");
    error = ops->peer_address(taken.conn, address, ARRAYSIZE(address));
    ok(!error, "peer_address: %lu\n", error);
    error = ops->peer_process(taken.conn, &pid);
    ok(error == ERROR_NOT_SUPPORTED || (!error && pid == GetCurrentProcessId()), "peer_process: %lu\n",
       error);
    told_ready(&told);
    error = ops->recv(conn, &told.io, octets, sizeof(octets), &got);
    ok(error == ERROR_IO_PENDING, "recv: %lu\n", error);
    /* The server sends and closes: the client gets all of it, then the end. */
    send_all(taken.conn, "abcdefg", 8);
    ops->close(taken.conn);
    wait_for(told.event, "recv");
    ok(!told.error && told.bytes == 8, "recv: %lu, %lu\n", told.error, told.bytes);
    error = ops->recv_wait(conn, octets, sizeof(octets), HANG_GUARD, NULL, &got);
    ok(error == ERROR_BROKEN_PIPE, "recv after the peer closed: %lu\n", error);
    ok(!ops->alive(conn), "alive after the peer closed\n");
    ops->close(conn);
    /* And the other way round, told by the port. */
    conn = connect_to(ops, endpoint);
    wait_for(taken.event, "accept");
    told.times = 0;
    ResetEvent(told.event);
    error = ops->recv(taken.conn, &told.io, octets, sizeof(octets), &got);
    ok(error == ERROR_IO_PENDING, "recv: %lu\n", error);
    ops->close(conn);
    wait_for(told.event, "recv");
    ok(told.error == ERROR_BROKEN_PIPE && told.times == 1, "recv after the peer closed: %lu\n", told.error);
    ops->close(taken.conn);
    ops->unlisten(listener);
    CloseHandle(taken.event);
    CloseHandle(told.event);
}

static void test_backpressure(const struct transport_ops *ops)
{
    struct taken taken = {CreateEventW(NULL, FALSE, FALSE, NULL), NULL};
    HANDLE interrupt = CreateEventW(NULL, TRUE, FALSE, NULL);
    struct transport_listener *listener;
    struct transport_conn *conn;
    WCHAR endpoint[128];
    char *big = calloc(1, 16 * BIG);
    struct transport_buf buf = {big, 16 * BIG};
    DWORD error;

    listener = listen_on(ops, endpoint, take, &taken);
    conn = connect_to(ops, endpoint);
    wait_for(taken.event, "accept");
    error = ops->send_wait(conn, &buf, 1, 50, interrupt);
    ok(error == WAIT_TIMEOUT, "send that nobody reads: %lu\n", error);
    ops->close(taken.conn);
    ops->close(conn);
    ops->unlisten(listener);
    free(big);
    CloseHandle(interrupt);
    CloseHandle(taken.event);
}

/* ---- another process */

START_CHILD(transport_server)
{
    const struct transport_ops *ops = transport_at(atoi(argv[0]));
    HANDLE ready = shared_event("transport_ready", FALSE), stop = shared_event("transport_stop", FALSE);
    struct transport_listener *listener = NULL;
    WCHAR endpoint[128], wanted[64];
    DWORD error;

    sharing = atoi(argv[2]);
    swallow = atoi(argv[3]);
    MultiByteToWideChar(CP_ACP, 0, argv[1], -1, wanted, ARRAYSIZE(wanted));
    error = ops->listen(wanted, 0, 0, NULL, echo_accepted, NULL, endpoint, ARRAYSIZE(endpoint), &listener);
    ok(!error, "listen on %s: %lu\n", argv[1], error);
    SetEvent(ready);
    wait_for(stop, "stop");
    if (!error)
        ops->unlisten(listener);
}

static void endpoint_for_child(unsigned index, char endpoint[64])
{
    const WCHAR *protseq = transport_at(index)->protseq;

    if (!wcscmp(protseq, L"ncacn_ip_tcp"))
        sprintf(endpoint, "%u", free_tcp_port());
    else
        sprintf(endpoint, "%stransport-%x", wcscmp(protseq, L"ncacn_np") ? "" : "\\pipe\\", run_id());
}

static void test_other_process(unsigned index)
{
    const struct transport_ops *ops = transport_at(index);
    HANDLE ready = shared_event("transport_ready", FALSE), stop = shared_event("transport_stop", FALSE),
           child;
    struct transport_conn *conn;
    char text[64], octets[8];
    WCHAR endpoint[64];
    struct told told;
    ULONG got;
    DWORD error;

    endpoint_for_child(index, text);
    MultiByteToWideChar(CP_ACP, 0, text, -1, endpoint, ARRAYSIZE(endpoint));
    child = child_start("transport_server", "%u %s %d 0", index, text, sharing);
    wait_for(ready, "server");
    test_ping_pong(ops, endpoint, "two processes");
    test_big(ops, endpoint, "two processes");
    test_thread_ends(ops, endpoint);
    SetEvent(stop);
    child_wait(child, 0);

    child = child_start("transport_server", "%u %s %d %u", index, text, sharing, BIG);
    wait_for(ready, "server");
    test_upload(ops, endpoint, "two processes");
    conn = connect_to(ops, endpoint);
    told_ready(&told);
    error = ops->recv(conn, &told.io, octets, sizeof(octets), &got);
    ok(error == ERROR_IO_PENDING, "recv: %lu\n", error);
    TerminateProcess(child, 5);
    wait_for(told.event, "recv from a killed peer");
    ok(told.error == ERROR_BROKEN_PIPE && told.times == 1, "recv from a killed peer: %lu\n", told.error);
    ops->close(conn);
    child_wait(child, 5);
    CloseHandle(told.event);
    CloseHandle(ready);
    CloseHandle(stop);
}

/* The peer may write what it likes into the memory: its own connection ends, and nothing else happens. */
static void test_hostile(const struct transport_ops *ops, const WCHAR *endpoint, UCHAR value)
{
    struct transport_conn *other = connect_to(ops, endpoint), *conn = connect_to(ops, endpoint);
    char octets[8] = "", name[64] = "rpcrt4-share-";
    HANDLE mapping;
    UCHAR *memory;
    ULONG got;
    DWORD error;
    int i;

    for (i = 0; i < TRANSPORT_SHARE_SIZE; i++)
        sprintf(name + strlen(name), "%02x", last_answer[i]);
    mapping = OpenFileMappingA(FILE_MAP_WRITE, FALSE, name);
    memory = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 4096) : NULL;
    if (ok(memory != NULL, "cannot open %s: %lu\n", name, GetLastError())) {
        send_all(conn, "abcdefg", 8);
        recv_all(conn, octets, 8);
        memset(memory, value, 4096);
        error = ops->recv_wait(conn, octets, sizeof(octets), HANG_GUARD, NULL, &got);
        ok(error == ERROR_BROKEN_PIPE, "recv from spoiled memory: %lu\n", error);
        UnmapViewOfFile(memory);
        CloseHandle(mapping);
    }
    ops->close(conn);
    send_all(other, "abcdefg", 8);
    ok(recv_all(other, octets, 8) && !memcmp(octets, "abcdefg", 8), "the other connection suffered\n");
    ops->close(other);
}

static void test_transport(unsigned index)
{
    const struct transport_ops *ops = transport_at(index);
    struct transport_listener *listener;
    WCHAR endpoint[128];

    winetest_context("%ls%s", ops->protseq, sharing ? ", shared" : "");
    listener = listen_on(ops, endpoint, echo_accepted, NULL);
    test_ping_pong(ops, endpoint, "one process");
    test_big(ops, endpoint, "one process");
    test_interrupt(ops, endpoint);
    test_cut(ops, endpoint);
    test_thread_ends(ops, endpoint);
    test_packets(ops, endpoint);
    test_taken(ops, endpoint);
    test_blocking(ops, endpoint);
    test_threads(ops, endpoint);
    test_many(ops, endpoint, 1000);
    if (sharing)
        test_hostile(ops, endpoint, 0xff);
    ops->unlisten(listener);
    test_refused(ops);
    test_close_seen(ops);
    test_backpressure(ops);
    test_other_process(index);
}

START_TEST(transport_lrpc)
{
    test_transport(0);
}

START_TEST(transport_share)
{
    sharing = TRUE;
    test_transport(0);
}

START_TEST(transport_np)
{
    test_transport(1);
}

START_TEST(transport_tcp)
{
    test_transport(2);
}

START_TEST(transport_table)
{
    ok(transport_find(L"NCACN_NP") == &transport_np, "ncacn_np not found\n");
    ok(transport_find(L"ncalrpc") == &transport_lrpc, "ncalrpc not found\n");
    ok(!transport_find(L"ncacn_nb_tcp"), "ncacn_nb_tcp found\n");
    ok(transport_at(2) && !transport_at(3), "not three transports\n");
}
