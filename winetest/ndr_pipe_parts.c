/*
 * Synchronous pipes as streams: a receiver that does not pull, ends in the middle, and peers over plain
 * sockets. SDK: "Pipes"; C706 14.3.9, 12.6.
 */
#include "ndr.h"
#include "raw.h"

enum { PIECE = 16384, OPNUM_PIPE_IN = 15, OPNUM_PIPE_OUT = 16 };

struct stream {
    volatile LONG at;
    LONG total, raise_at;
    BOOL wrong, ended;
    LONG memory[PIECE];
};

static void __RPC_API allocate(char *state, ULONG octets, void **memory, ULONG *given)
{
    struct stream *s = (struct stream *)state;

    *memory = s->memory;
    *given = octets < sizeof(s->memory) ? octets : sizeof(s->memory);
}

static void __RPC_API pull(char *state, LONG *elements, ULONG capacity, ULONG *count)
{
    struct stream *s = (struct stream *)state;

    if (s->raise_at && s->at >= s->raise_at)
        RpcRaiseException(ERROR_HANDLE_EOF);
    for (*count = 0; *count < capacity && s->at < s->total; ++*count)
        elements[*count] = s->at++;
}

static void __RPC_API push(char *state, LONG *elements, ULONG count)
{
    struct stream *s = (struct stream *)state;
    ULONG i;

    if (s->raise_at && s->at >= s->raise_at)
        RpcRaiseException(ERROR_HANDLE_EOF);
    s->wrong |= s->ended;
    s->ended = !count;
    for (i = 0; i < count; i++)
        s->wrong |= elements[i] != s->at++;
}

static struct stream *stream_new(LONG total)
{
    struct stream *s = calloc(1, sizeof(*s));

    s->total = total;
    return s;
}

static RPC_STATUS run_in(handle_t h, long mode, struct stream *s, hyper *sum)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)s};

    *sum = -1;
    return CAUGHT(ndr_pipe_in(h, mode, pipe, sum));
}

static RPC_STATUS run_out(handle_t h, long mode, struct stream *s)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)s};

    return CAUGHT(ndr_pipe_out(h, mode, s->total, &pipe));
}

static hyper sum_to(LONG n)
{
    return (hyper)n * (n - 1) / 2;
}

/* ---- beside and several */

static void test_beside(handle_t h)
{
    struct stream *in = stream_new(30000), *out = stream_new(0);
    ndr_longs p = {(void *)pull, (void *)push, (void *)allocate, (char *)in},
              q = {(void *)pull, (void *)push, (void *)allocate, (char *)out};
    long i, n, *values = malloc(1000000 * sizeof(long)), *copy = malloc(100000 * sizeof(long));
    hyper sum = 0;

    for (i = 0; i < 100000; i++)
        values[i] = i;
    for (n = 10; n <= 100000; n *= 10) {
        in->at = out->at = out->ended = 0;
        memset(copy, 0, n * sizeof(long));
        ok_status(CAUGHT(sum = ndr_pipe_beside(h, n, values, p, &q, copy)), RPC_S_OK, "arguments beside");
        ok(sum == sum_to(30000) && out->at == 10 && !out->wrong, "the pipes beside %ld are wrong\n", n);
        ok(!memcmp(values, copy, n * sizeof(long)), "the %ld arguments are wrong\n", n);
    }
    for (i = 0; i < 1000000; i++)
        values[i] = i;
    ok_status(CAUGHT(sum = ndr_sum(h, 1000000, values)), RPC_S_OK, "no pipe where there are some");
    ok(sum == sum_to(1000000), "wrong sum\n");
    free(copy), free(in), free(out), free(values);
}

struct text {
    char octets[200];
    ULONG at, length;
};

static void __RPC_API text_pull(char *state, char *elements, ULONG capacity, ULONG *count)
{
    struct text *t = (struct text *)state;

    *count = t->at < t->length && capacity ? 1 : 0;
    if (*count)
        *elements = t->octets[t->at++];
}

static void __RPC_API text_push(char *state, char *elements, ULONG count)
{
    struct text *t = (struct text *)state;

    memcpy(t->octets + t->at, elements, count);
    t->at += count;
}

static void __RPC_API text_alloc(char *state, ULONG octets, void **memory, ULONG *given)
{
    static char piece[64];

    (void)state;
    *memory = piece;
    *given = octets < sizeof(piece) ? octets : sizeof(piece);
}

struct pairs {
    LONG pulled, pushed;
    BOOL wrong;
};

static void __RPC_API pairs_pull(char *state, ndr_pair *elements, ULONG capacity, ULONG *count)
{
    struct pairs *s = (struct pairs *)state;

    *count = s->pulled < 40 && capacity ? 1 : 0;
    if (*count) {
        elements->a = s->pulled;
        elements->b = (short)-s->pulled++;
    }
}

static void __RPC_API pairs_push(char *state, ndr_pair *elements, ULONG count)
{
    struct pairs *s = (struct pairs *)state;

    for (; count; count--, elements++, s->pushed++)
        s->wrong |= elements->a != s->pushed || elements->b != -s->pushed;
}

/* SDK, "Rules for Multiple Pipes": which Windows has given up since Vista. */
static void test_many(handle_t h)
{
    struct text in = {.length = 150}, back = {0};
    struct pairs s = {0};
    struct stream *l = stream_new(1000);
    ndr_chars c = {(void *)text_pull, (void *)text_push, (void *)text_alloc, (char *)&in},
              b = {(void *)text_pull, (void *)text_push, (void *)text_alloc, (char *)&back};
    ndr_pairs p = {(void *)pairs_pull, (void *)pairs_push, (void *)text_alloc, (char *)&s};
    ndr_longs q = {(void *)pull, (void *)push, (void *)allocate, (char *)l};
    hyper sum = 0;
    ULONG i;

    for (i = 0; i < in.length; i++)
        in.octets[i] = (char)(i * 7);
    ok_status(CAUGHT(sum = ndr_pipe_many(h, c, &p, q, &b)), RPC_S_OK, "four pipes");
    ok(sum == sum_to(1000) && s.pushed == 40 && !s.wrong, "%ld pairs\n", (long)s.pushed);
    ok(back.at == in.length, "%u octets back\n", (unsigned)back.at);
    for (i = 0; i < back.at; i++)
        ok(back.octets[i] == in.octets[in.length - 1 - i], "octet %u is wrong\n", (unsigned)i);
    free(l);
}

/* ---- ends in the middle */

static void check_alive(handle_t h)
{
    struct stream *s = stream_new(10);
    hyper sum;

    ok_status(run_in(h, PIPE_WHOLE, s, &sum), RPC_S_OK, "a call after that");
    ok(sum == 45, "wrong sum after that\n");
    free(s);
}

static void test_ends(handle_t h)
{
    const LONG much = 8 << 18;
    struct stream *s = stream_new(much);
    hyper sum;

    ok_status(run_in(h, PIPE_ABANDON, s, &sum), RPC_X_PIPE_DISCIPLINE_ERROR, "a manager that pulls nothing");
    ok(s->at < much, "all was pulled of the client\n");
    check_alive(h);
    s->at = 0;
    ok_status(run_in(h, PIPE_RAISE, s, &sum), ERROR_CANCELLED, "a manager that raises");
    check_alive(h);
    s->at = 0;
    s->raise_at = much / 2;
    ok_status(run_in(h, PIPE_RECORD, s, &sum), ERROR_HANDLE_EOF, "a pull routine that raises");
    wait_for(ndr_pipe_begun, "a manager that pulls");
    wait_for(ndr_pipe_ended, "the manager's pull");
    ok(ndr_pipe_end == RPC_S_CALL_FAILED || ndr_pipe_end == RPC_S_CALL_CANCELLED, "the manager got %ld\n",
       (long)ndr_pipe_end);
    check_alive(h);
    s->at = 0;
    ok_status(run_out(h, PIPE_BULK, s), ERROR_HANDLE_EOF, "a push routine that raises");
    check_alive(h);
    s->at = s->raise_at = s->ended = 0;
    ok_status(run_out(h, PIPE_RAISE, s), ERROR_CANCELLED, "a manager that raises after it pushed");
    check_alive(h);
    s->at = s->ended = 0;
    ok_status(run_out(h, PIPE_ABANDON, s), RPC_X_PIPE_DISCIPLINE_ERROR, "a manager that does not close");
    check_alive(h);
    free(s);
}

struct held_call {
    handle_t h;
    struct stream *s;
    RPC_STATUS status;
    hyper sum;
};

static DWORD WINAPI make_held_call(void *argument)
{
    struct held_call *call = argument;

    RpcMgmtSetCancelTimeout(0);
    call->status = run_in(call->h, PIPE_HOLD, call->s, &call->sum);
    return 0;
}

/* A manager that does not pull stops its own client, and nobody else. */
static void test_held(handle_t h)
{
    struct held_call call = {h, stream_new(64 << 18), 0, 0};
    HANDLE thread = CreateThread(NULL, 0, make_held_call, &call, 0, NULL);
    int i;

    wait_for(ndr_pipe_begun, "a manager that holds");
    for (i = 0; i < 30; i++)
        check_alive(h);
    /* A TCP connection itself may hold some MiB. */
    ok(call.s->at < 32 << 18, "%ld elements went to nobody\n", (long)call.s->at);
    SetEvent(ndr_pipe_go);
    wait_for(thread, "the held call");
    CloseHandle(thread);
    ok_status(call.status, RPC_S_OK, "the held call");
    ok(call.sum == sum_to(64 << 18), "wrong sum\n");
    free(call.s);
}

static void test_cancelled(handle_t h)
{
    struct held_call call = {h, stream_new(64 << 18), 0, 0};
    HANDLE thread = CreateThread(NULL, 0, make_held_call, &call, 0, NULL);

    wait_for(ndr_pipe_begun, "a manager that holds");
    check_alive(h);
    ok_status(RpcCancelThreadEx(thread, 0), RPC_S_OK, "cancel");
    wait_for(thread, "the cancelled call");
    CloseHandle(thread);
    ok_status(call.status, RPC_S_CALL_CANCELLED, "the cancelled call");
    SetEvent(ndr_pipe_go);
    check_alive(h);
    free(call.s);
}

/* ---- plain sockets */

static const GUID interface_id = {
    0x6d7f1c3e, 0x52a0, 0x4d0e, {0x9b, 0x6b, 0x0a, 0x1f, 0x6f, 0x0a, 0x5e, 0x21}};
static struct pdu pdu, got;

static void request(SOCKET s, int flags, unsigned opnum, const void *stub, ULONG length)
{
    pdu_request(&pdu, flags, 3, 0, opnum, stub, length);
    raw_send(s, &pdu);
}

static SOCKET bound_socket(unsigned short port)
{
    SOCKET s = raw_connect(port);

    pdu_bind(&pdu, RAW_BIND, 1, 0, &interface_id, 1, &raw_ndr20);
    raw_send(s, &pdu);
    ok(raw_receive(s, &got) == RAW_BIND_ACK, "no bind_ack\n");
    return s;
}

/* The octets in fragments of this size. What a peer may split C706 does not say for its own sake: fragments
 * but the last are to hold multiples of 8. */
static unsigned long in_fragments(unsigned short port, const LONG *stub, ULONG count, ULONG size)
{
    SOCKET s = bound_socket(port);
    ULONG length = count * sizeof(*stub), at, part;
    unsigned long answer;
    int type;

    for (at = 0; at < length; at += part) {
        part = length - at < size ? length - at : size;
        request(s, (at ? 0 : RAW_FIRST) | (at + part == length ? RAW_LAST : 0), OPNUM_PIPE_IN,
                (const char *)stub + at, part);
    }
    type = raw_receive(s, &got);
    ok(type == RAW_RESPONSE || type == RAW_FAULT, "got PDU type %d\n", type);
    answer = get_32(&got, 24);
    closesocket(s);
    return answer;
}

static void test_raw_chunks(unsigned short port)
{
    static const LONG proper[] = {PIPE_WHOLE, 2, 100, 200, 1, 300, 3, 1, 2, 3, 0};
    static const LONG hostile[][6] = {
        {PIPE_WHOLE, -1, 1, 2, 3, 4},
        {PIPE_WHOLE, 0x40000000, 1, 2, 3, 4},
        {PIPE_WHOLE, (LONG)0x80000000, 0, 0, 0, 0},
        {PIPE_WHOLE, 4, 1, 2, 3, 4},
        {PIPE_WHOLE, 1, 1, 1, 1, 1},
        {PIPE_WHOLE, 5, 1, 2, 3, 4},
    };
    ULONG size, i;

    for (size = 1; size < 50; size++)
        ok(in_fragments(port, proper, 11, size) == 606, "fragments of %u: got %lu\n", (unsigned)size,
           get_32(&got, 24));
    for (i = 0; i < ARRAYSIZE(hostile); i++) {
        for (size = 4; size <= 32; size *= 2)
            ok(in_fragments(port, hostile[i], 6, size) == RPC_X_BAD_STUB_DATA,
               "chunk %u in fragments of %u: got %lu\n", (unsigned)i, (unsigned)size, get_32(&got, 24));
    }
}

/* A client that goes away in the middle of its pipe, or orphans the call. */
static void test_raw_ends(unsigned short port)
{
    static const LONG begun[] = {PIPE_RECORD, 4, 1, 2};
    SOCKET s = bound_socket(port);

    request(s, RAW_FIRST, OPNUM_PIPE_IN, begun, sizeof(begun));
    wait_for(ndr_pipe_begun, "a manager that pulls");
    closesocket(s);
    wait_for(ndr_pipe_ended, "the manager whose client has gone");
    ok_status(ndr_pipe_end, RPC_S_CALL_FAILED, "pull, when the client has gone");
    s = bound_socket(port);
    request(s, RAW_FIRST, OPNUM_PIPE_IN, begun, sizeof(begun));
    wait_for(ndr_pipe_begun, "a manager that pulls");
    pdu_begin(&pdu, RAW_ORPHANED, RAW_FIRST | RAW_LAST, 3);
    pdu_end(&pdu);
    raw_send(s, &pdu);
    wait_for(ndr_pipe_ended, "the manager of the orphaned call");
    ok_status(ndr_pipe_end, RPC_S_CALL_CANCELLED, "pull, when the call is orphaned");
    closesocket(s);
}

static RPC_STATUS call_raw_server(enum raw_behaviour behaviour, struct pdu *answer, BOOL inward)
{
    struct stream *s = stream_new(8 << 18);
    struct raw_server server;
    struct endpoint endpoint;
    RPC_STATUS status;
    hyper sum;
    handle_t h;

    raw_server_start(&server, behaviour);
    server.answer = answer;
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    status = inward ? run_in(h, PIPE_WHOLE, s, &sum) : run_out(h, PIPE_WHOLE, s);
    RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE);
    unbind(&h);
    raw_server_stop(&server);
    free(s);
    return status;
}

static RPC_STATUS answered(const LONG *stub, ULONG count)
{
    pdu_begin(&pdu, RAW_RESPONSE, RAW_FIRST | RAW_LAST, 0);
    pdu_32(&pdu, (unsigned long)(count * 4));
    pdu_32(&pdu, 0);
    pdu_octets(&pdu, stub, count * 4);
    pdu_end(&pdu);
    return call_raw_server(RAW_ANSWER, &pdu, FALSE);
}

static void test_raw_servers(void)
{
    static const LONG proper[] = {2, 0, 1, 1, 2, 0}, much[] = {-1, 0, 1}, open[] = {2, 0, 1},
                      half[] = {3, 0, 1};

    ok_status(call_raw_server(RAW_BIND_THEN_CLOSE, NULL, TRUE), RPC_S_CALL_FAILED, "hung up on a pipe");
    ok_status(answered(proper, 6), RPC_S_OK, "a proper [out] pipe");
    ok_status(answered(much, 3), RPC_X_BAD_STUB_DATA, "a chunk of 2^32 - 1");
    ok_status(answered(open, 3), RPC_X_BAD_STUB_DATA, "a pipe without end");
    ok_status(answered(half, 3), RPC_X_BAD_STUB_DATA, "half a chunk");
    ok_status(answered(NULL, 0), RPC_X_BAD_STUB_DATA, "no pipe at all");
}

START_TEST(ndr_pipe_parts)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    int i;

    ndr_pipe_go = CreateEventW(NULL, FALSE, FALSE, NULL);
    ndr_pipe_begun = CreateEventW(NULL, FALSE, FALSE, NULL);
    ndr_pipe_ended = CreateEventW(NULL, FALSE, FALSE, NULL);
    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_beside(h);
        test_many(h);
        test_ends(h);
        test_held(h);
        test_cancelled(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    test_raw_chunks((unsigned short)atoi(endpoints[2].name));
    test_raw_ends((unsigned short)atoi(endpoints[2].name));
    test_raw_servers();
    stop_serving();
}
