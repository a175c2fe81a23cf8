/*
 * A server of the runtime under test, spoken to over a plain socket. Expected answers: C706 chapters 9 and
 * 12, [MS-RPCE] section 3.3; where both leave it open, any answer that keeps the connection's promises is
 * taken and says so.
 */
#include "fixture.h"
#include "raw.h"
#include "test_implicit.h"
#include "test_sync.h"

static unsigned short port;
static struct pdu out, in;

/* ((RPC_SERVER_INTERFACE *)...)->InterfaceId, as the bind wants it. */
static const GUID sync_uuid_value = {
    0x6d7f1c3e, 0x52a0, 0x4d0e, {0x9b, 0x6b, 0x0a, 0x1f, 0x6f, 0x0a, 0x5e, 0x01}};
static const GUID implicit_uuid = {
    0x6d7f1c3e, 0x52a0, 0x4d0e, {0x9b, 0x6b, 0x0a, 0x1f, 0x6f, 0x0a, 0x5e, 0x03}};
#define SYNC_VERSION 0x00020001

/* nca_ statuses, numbers from C706, annex E. */
enum { NCA_OP_RNG_ERROR = 0x1c010002, NCA_UNK_IF = 0x1c010003, NCA_PROTO_ERROR = 0x1c01000b };

/* A request for sync_add(a, b): explicit primitive handles do not travel, so the stub data are the two longs.
 */
static void send_add(SOCKET s, unsigned long call_id, unsigned context, int flags, long a, long b)
{
    pdu_begin(&out, RAW_REQUEST, flags, call_id);
    pdu_32(&out, 8);
    pdu_16(&out, context);
    pdu_16(&out, 1);
    pdu_32(&out, a);
    pdu_32(&out, b);
    pdu_end(&out);
    raw_send(s, &out);
}

static void check_sum(SOCKET s, unsigned long call_id, long sum)
{
    ok(raw_receive(s, &in) == RAW_RESPONSE, "got PDU type %u\n", get_8(&in, 2));
    ok(get_32(&in, 12) == call_id, "got call_id %lu\n", get_32(&in, 12));
    /* The answer is in the server's own representation, little-endian here. */
    ok(!in.big && (long)get_32(&in, 24) == sum, "got sum %ld\n", (long)get_32(&in, 24));
}

static SOCKET connect_and_bind(int big)
{
    SOCKET s = raw_connect(port);

    out.big = big;
    pdu_bind(&out, RAW_BIND, 1, 0, &sync_uuid_value, SYNC_VERSION, &raw_ndr20);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_BIND_ACK, "got PDU type %u for a bind\n", get_8(&in, 2));
    return s;
}

/* Where the p_result_list of a bind_ack begins: after the secondary address, aligned to 4 (C706, 12.6.4.4).
 */
static size_t results_of(const struct pdu *ack)
{
    return (26 + get_16(ack, 24) + 3) & ~(size_t)3;
}

/* The connection is closed, or a fault came; nothing else is an answer to nonsense. */
static void check_refused(SOCKET s, const char *what)
{
    int type = raw_receive(s, &in);

    ok(type == -1 || type == RAW_FAULT || type == RAW_BIND_NAK, "%s: got %d\n", what, type);
    closesocket(s);
}

/* The server lives and serves others, whatever one client said. */
static void check_alive(void)
{
    SOCKET s = connect_and_bind(0);

    send_add(s, 2, 0, RAW_FIRST | RAW_LAST, 40, 2);
    check_sum(s, 2, 42);
    closesocket(s);
}

static void test_bind_ack(void)
{
    SOCKET s = connect_and_bind(0);
    size_t results = results_of(&in);
    char expected[8];

    ok(get_8(&in, 0) == 5 && get_8(&in, 1) <= 1, "version %u.%u\n", get_8(&in, 0), get_8(&in, 1));
    ok(get_8(&in, 3) & RAW_FIRST && get_8(&in, 3) & RAW_LAST, "flags %#x\n", get_8(&in, 3));
    ok(get_32(&in, 12) == 1, "call_id %lu\n", get_32(&in, 12));
    /* [MS-RPCE] 3.3.1.5.4: what the client receives is no more than it offered, 4280 here; at least 1432
     * (C706, 12.6.3.1 MustRecvFragSize). */
    ok(get_16(&in, 16) >= 1432 && get_16(&in, 16) <= 4280, "max_xmit_frag %u\n", get_16(&in, 16));
    ok(get_16(&in, 18) >= 1432, "max_recv_frag %u\n", get_16(&in, 18));
    ok(get_32(&in, 20) != 0, "a new association group has id 0\n");
    snprintf(expected, sizeof(expected), "%u", port);
    ok(!strcmp((char *)in.octets + 26, expected), "secondary address %.16s\n", in.octets + 26);
    ok(get_8(&in, results) == 1 && get_16(&in, results + 4) == 0, "%u results, the first is %u\n",
       get_8(&in, results), get_16(&in, results + 4));
    ok(!memcmp(in.octets + results + 8, &raw_ndr20, 16) && get_32(&in, results + 24) == 2, "not NDR 2.0\n");
    send_add(s, 7, 0, RAW_FIRST | RAW_LAST, -5, 3);
    check_sum(s, 7, -2);
    closesocket(s);
}

/* C706, 12.6.3.1, p_cont_def_result_t: 2 is provider_rejection; reason 1 abstract syntax not supported,
 * reason 2 proposed transfer syntaxes not supported. */
static void test_rejections(void)
{
    static const struct {
        const GUID *ifid, *syntax;
        unsigned long version;
        unsigned reason;
        const char *what;
    } tests[] = {
        {&raw_unknown, &raw_ndr20, 1, 1, "unknown interface"},
        {&sync_uuid_value, &raw_ndr20, 0x00030001, 1, "minor version too new"},
        {&sync_uuid_value, &raw_ndr20, 0x00020002, 1, "other major version"},
        {&sync_uuid_value, &raw_unknown, SYNC_VERSION, 2, "unknown transfer syntax"},
    };

    for (unsigned i = 0; i < ARRAYSIZE(tests); i++) {
        SOCKET s = raw_connect(port);
        size_t results;

        pdu_bind(&out, RAW_BIND, 1, 0, tests[i].ifid, tests[i].version, tests[i].syntax);
        raw_send(s, &out);
        ok(raw_receive(s, &in) == RAW_BIND_ACK, "%s: got PDU type %u\n", tests[i].what, get_8(&in, 2));
        results = results_of(&in);
        ok(get_16(&in, results + 4) == 2 && get_16(&in, results + 6) == tests[i].reason,
           "%s: result %u reason %u\n", tests[i].what, get_16(&in, results + 4), get_16(&in, results + 6));
        /* A request on a context that was rejected: nca_s_proto_error or unk_if, or hanging up. */
        send_add(s, 2, 0, RAW_FIRST | RAW_LAST, 1, 2);
        check_refused(s, tests[i].what);
    }
    check_alive();
}

/* Several contexts in one bind, answered one by one in their order (C706, 12.6.4.4). */
static void test_many_contexts(void)
{
    static const GUID *const ids[] = {&sync_uuid_value, &raw_unknown, &implicit_uuid};
    static const unsigned long versions[] = {SYNC_VERSION, 1, 0x00010003};
    SOCKET s = raw_connect(port);
    size_t results;

    pdu_begin(&out, RAW_BIND, RAW_FIRST | RAW_LAST, 1);
    pdu_16(&out, 4280);
    pdu_16(&out, 4280);
    pdu_32(&out, 0);
    pdu_8(&out, 3);
    pdu_octets(&out, "\0\0", 3);
    for (unsigned i = 0; i < 3; i++) {
        pdu_16(&out, 10 + i);
        pdu_8(&out, 2);
        pdu_8(&out, 0);
        pdu_guid(&out, ids[i]);
        pdu_32(&out, versions[i]);
        pdu_guid(&out, &raw_unknown);
        pdu_32(&out, 1);
        pdu_guid(&out, &raw_ndr20);
        pdu_32(&out, 2);
    }
    pdu_end(&out);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_BIND_ACK, "got PDU type %u\n", get_8(&in, 2));
    results = results_of(&in);
    ok(get_8(&in, results) == 3, "%u results\n", get_8(&in, results));
    for (unsigned i = 0; i < 3; i++)
        ok(get_16(&in, results + 4 + 24 * i) == (i == 1 ? 2u : 0u), "context %u: result %u\n", i,
           get_16(&in, results + 4 + 24 * i));
    send_add(s, 2, 10, RAW_FIRST | RAW_LAST, 5, 6);
    check_sum(s, 2, 11);
    pdu_request(&out, RAW_FIRST | RAW_LAST, 3, 12, 0, "\1\0\0\0\2\0\0\0", 8);
    raw_send(s, &out);
    check_sum(s, 3, 3);
    closesocket(s);
}

/* C706, 12.6.4.2 alter_context: another context on the same connection. */
static void test_alter_context(void)
{
    SOCKET s = connect_and_bind(0);
    size_t results;

    pdu_bind(&out, RAW_ALTER_CONTEXT, 5, 1, &implicit_uuid, 0x00010003, &raw_ndr20);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_ALTER_CONTEXT_RESP, "got PDU type %u\n", get_8(&in, 2));
    results = results_of(&in);
    ok(get_32(&in, 12) == 5 && get_16(&in, results + 4) == 0, "call_id %lu, result %u\n", get_32(&in, 12),
       get_16(&in, results + 4));
    pdu_request(&out, RAW_FIRST | RAW_LAST, 6, 1, 0, "\4\0\0\0\5\0\0\0", 8);
    raw_send(s, &out);
    check_sum(s, 6, 9);
    send_add(s, 7, 0, RAW_FIRST | RAW_LAST, 1, 1);
    check_sum(s, 7, 2);
    pdu_bind(&out, RAW_ALTER_CONTEXT, 8, 2, &raw_unknown, 1, &raw_ndr20);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_ALTER_CONTEXT_RESP, "got PDU type %u\n", get_8(&in, 2));
    results = results_of(&in);
    ok(get_16(&in, results + 4) == 2, "result %u\n", get_16(&in, results + 4));
    send_add(s, 9, 0, RAW_FIRST | RAW_LAST, 2, 2);
    check_sum(s, 9, 4);
    closesocket(s);
}

/* Everything in the sender's byte order (C706, 14.2.5: the receiver makes it right). */
static void test_big_endian(void)
{
    SOCKET s = connect_and_bind(1);

    send_add(s, 3, 0, RAW_FIRST | RAW_LAST, 1000, -1);
    ok(raw_receive(s, &in) == RAW_RESPONSE, "got PDU type %u\n", get_8(&in, 2));
    ok(get_32(&in, 12) == 3 && get_32(&in, 24) == 999, "call_id %lu, sum %lu\n", get_32(&in, 12),
       get_32(&in, 24));
    closesocket(s);
    out.big = 0;
}

/* C706, 12.6.4.9 and 9.5.2: a request in fragments is one call; a zero-length fragment counts too. */
static void test_fragments(void)
{
    SOCKET s = connect_and_bind(0);
    static const byte stub[8] = {20, 0, 0, 0, 22, 0, 0, 0};
    static const unsigned cuts[][3] = {{4, 4, 0}, {1, 6, 1}, {0, 8, 0}, {3, 0, 5}};

    for (unsigned i = 0; i < ARRAYSIZE(cuts); i++) {
        pdu_request(&out, RAW_FIRST, 10 + i, 0, 1, stub, cuts[i][0]);
        raw_send(s, &out);
        pdu_request(&out, 0, 10 + i, 0, 1, stub + cuts[i][0], cuts[i][1]);
        raw_send(s, &out);
        pdu_request(&out, RAW_LAST, 10 + i, 0, 1, stub + cuts[i][0] + cuts[i][1], cuts[i][2]);
        raw_send(s, &out);
        check_sum(s, 10 + i, 42);
    }
    /* One octet at a time is the transport's affair. */
    pdu_request(&out, RAW_FIRST | RAW_LAST, 20, 0, 1, stub, 8);
    for (size_t k = 0; k < out.length; k++)
        send(s, (char *)out.octets + k, 1, 0);
    check_sum(s, 20, 42);
    closesocket(s);
}

/* Two calls at once on a connection that was not negotiated for it, their fragments interleaved: a protocol
 * error
 * ([MS-RPCE] 3.3.1.5.8 needs PFC_CONC_MPX); with it, both are answered. */
static void test_multiplexing(void)
{
    SOCKET s = raw_connect(port);
    unsigned long seen[2] = {0, 0};

    pdu_bind(&out, RAW_BIND, 1, 0, &sync_uuid_value, SYNC_VERSION, &raw_ndr20);
    out.octets[3] |= RAW_CONC_MPX;
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_BIND_ACK, "got PDU type %u\n", get_8(&in, 2));
    if (!(get_8(&in, 3) & RAW_CONC_MPX)) {
        skip("the server does not multiplex\n");
        closesocket(s);
        return;
    }
    pdu_request(&out, RAW_FIRST, 2, 0, 1, "\1\0\0\0", 4);
    raw_send(s, &out);
    send_add(s, 3, 0, RAW_FIRST | RAW_LAST, 10, 10);
    pdu_request(&out, RAW_LAST, 2, 0, 1, "\2\0\0\0", 4);
    raw_send(s, &out);
    for (int i = 0; i < 2; i++) {
        ok(raw_receive(s, &in) == RAW_RESPONSE, "got PDU type %u\n", get_8(&in, 2));
        if (get_32(&in, 12) == 2 || get_32(&in, 12) == 3)
            seen[get_32(&in, 12) - 2] = get_32(&in, 24);
    }
    ok(seen[0] == 3 && seen[1] == 20, "sums %lu and %lu\n", seen[0], seen[1]);
    closesocket(s);
}

/* Statuses in fault PDUs: the SDK's RPC_S_ values have their nca_ forms on the wire (C706, annex E). */
static void test_faults(void)
{
    SOCKET s = connect_and_bind(0);
    unsigned long status;

    pdu_request(&out, RAW_FIRST | RAW_LAST, 2, 0, 500, "", 0);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_FAULT, "opnum out of range: PDU type %u\n", get_8(&in, 2));
    ok(get_32(&in, 12) == 2 && get_32(&in, 24) == NCA_OP_RNG_ERROR, "call_id %lu, status %#lx\n",
       get_32(&in, 12), get_32(&in, 24));
    /* The manager was not entered, which the flag may say ([MS-RPCE] 2.2.2.3 PFC_DID_NOT_EXECUTE). */
    closesocket(s);
    s = connect_and_bind(0);
    /* Too little stub data: RPC_X_BAD_STUB_DATA, 0x6f7 ([MS-RPCE] 2.2.2.10 passes Win32 codes as they are).
     */
    pdu_request(&out, RAW_FIRST | RAW_LAST, 3, 0, 1, "\1\0\0\0", 4);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_FAULT, "short stub: PDU type %u\n", get_8(&in, 2));
    status = get_32(&in, 24);
    ok(status == RPC_X_BAD_STUB_DATA, "short stub: status %#lx\n", status);
    send_add(s, 4, 0, RAW_FIRST | RAW_LAST, 3, 4);
    check_sum(s, 4, 7);
    closesocket(s);
}

/* C706, 12.6.4.3 and .11: neither PDU has an answer; for a call that does not exist they are ignored. */
static void test_cancel_pdus(void)
{
    SOCKET s = connect_and_bind(0);
    static const int types[] = {RAW_CO_CANCEL, RAW_ORPHANED};

    for (unsigned i = 0; i < ARRAYSIZE(types); i++) {
        pdu_begin(&out, types[i], RAW_FIRST | RAW_LAST, 77);
        pdu_end(&out);
        raw_send(s, &out);
    }
    send_add(s, 2, 0, RAW_FIRST | RAW_LAST, 1, 2);
    check_sum(s, 2, 3);
    /* A request abandoned half-way leaves the connection usable for the next. */
    pdu_request(&out, RAW_FIRST, 3, 0, 1, "\1\0\0\0", 4);
    raw_send(s, &out);
    pdu_begin(&out, RAW_ORPHANED, RAW_FIRST | RAW_LAST, 3);
    pdu_end(&out);
    raw_send(s, &out);
    send_add(s, 4, 0, RAW_FIRST | RAW_LAST, 5, 5);
    check_sum(s, 4, 10);
    closesocket(s);
}

/* C706, 12.6.3.1, object in the request header. */
static void test_object(void)
{
    static const GUID object = {0x01020304, 0x0506, 0x0708, {9, 10, 11, 12, 13, 14, 15, 16}};
    SOCKET s = connect_and_bind(0);
    unsigned count = ((RPC_SERVER_INTERFACE *)test_sync_v1_2_s_ifspec)->DispatchTable->DispatchTableCount;

    pdu_begin(&out, RAW_REQUEST, RAW_FIRST | RAW_LAST | RAW_OBJECT_UUID, 2);
    pdu_32(&out, 0);
    pdu_16(&out, 0);
    pdu_16(&out, count - 2); /* sync_object */
    pdu_guid(&out, &object);
    pdu_end(&out);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_RESPONSE, "got PDU type %u\n", get_8(&in, 2));
    ok(!memcmp(in.octets + 24, &object, sizeof(object)), "the manager saw another object\n");
    closesocket(s);
}

/* An association group that exists is joined, one that does not is refused or made anew (C706,
 * 9.5.3.5: bind_nak with reason not specified; both are taken). */
static void test_association_group(void)
{
    SOCKET first = connect_and_bind(0), second = raw_connect(port), third = raw_connect(port);
    unsigned long group = get_32(&in, 20);
    int type;

    pdu_bind(&out, RAW_BIND, 1, 0, &sync_uuid_value, SYNC_VERSION, &raw_ndr20);
    memcpy(out.octets + 20, &group, 4);
    raw_send(second, &out);
    ok(raw_receive(second, &in) == RAW_BIND_ACK, "joining a group: PDU type %u\n", get_8(&in, 2));
    ok(get_32(&in, 20) == group, "got group %#lx, expected %#lx\n", get_32(&in, 20), group);
    send_add(second, 2, 0, RAW_FIRST | RAW_LAST, 1, 2);
    check_sum(second, 2, 3);
    pdu_bind(&out, RAW_BIND, 1, 0, &sync_uuid_value, SYNC_VERSION, &raw_ndr20);
    memcpy(out.octets + 20, "\xef\xbe\xad\xde", 4);
    raw_send(third, &out);
    type = raw_receive(third, &in);
    ok(type == RAW_BIND_NAK || type == RAW_BIND_ACK, "unknown group: PDU type %d\n", type);
    closesocket(first);
    closesocket(second);
    closesocket(third);
}

static void send_broken(const char *what, size_t at, byte value)
{
    SOCKET s = raw_connect(port);

    pdu_bind(&out, RAW_BIND, 1, 0, &sync_uuid_value, SYNC_VERSION, &raw_ndr20);
    out.octets[at] = value;
    raw_send(s, &out);
    shutdown(s, SD_SEND);
    check_refused(s, what);
}

/* Headers that cannot be: closed, or bind_nak (C706, 12.6.3.1: protocol version not supported is reason 4).
 */
static void test_broken_headers(void)
{
    send_broken("version 4", 0, 4);
    send_broken("type 200", 2, 200);
    send_broken("type 9, of the datagram protocol", 2, 9);
    send_broken("frag_length 10", 8, 10);
    send_broken("frag_length beyond what comes", 9, 0x10);
    send_broken("auth_length without a verifier", 10, 20);
    send_broken("more contexts than there is room for", 24, 200);
    check_alive();
}

static void test_wrong_order(void)
{
    static const byte stub[8] = {1, 0, 0, 0, 2, 0, 0, 0};
    SOCKET s = raw_connect(port);

    send_add(s, 1, 0, RAW_FIRST | RAW_LAST, 1, 2);
    check_refused(s, "a request before any bind");

    s = connect_and_bind(0);
    send_add(s, 2, 99, RAW_FIRST | RAW_LAST, 1, 2);
    check_refused(s, "a context that was never negotiated");

    s = connect_and_bind(0);
    pdu_request(&out, RAW_LAST, 2, 0, 1, stub, 8);
    raw_send(s, &out);
    check_refused(s, "a last fragment without a first");

    s = connect_and_bind(0);
    pdu_begin(&out, RAW_RESPONSE, RAW_FIRST | RAW_LAST, 2);
    pdu_32(&out, 0);
    pdu_32(&out, 0);
    pdu_end(&out);
    raw_send(s, &out);
    check_refused(s, "a response to a server");

    s = connect_and_bind(0);
    pdu_bind(&out, RAW_BIND, 3, 0, &sync_uuid_value, SYNC_VERSION, &raw_ndr20);
    raw_send(s, &out);
    check_refused(s, "a second bind");
    check_alive();
}

/* More than was negotiated in one fragment. */
static void test_too_long(void)
{
    byte *stub = calloc(1, 60000);
    SOCKET s = connect_and_bind(0);

    pdu_request(&out, RAW_FIRST | RAW_LAST, 2, 0, 1, stub, 60000);
    raw_send(s, &out);
    check_refused(s, "a fragment longer than negotiated");
    /* alloc_hint is a hint: one that lies takes no memory and does no harm. */
    s = connect_and_bind(0);
    pdu_request(&out, RAW_FIRST | RAW_LAST, 3, 0, 1, "\1\0\0\0\1\0\0\0", 8);
    memcpy(out.octets + 16, "\xff\xff\xff\x7f", 4);
    raw_send(s, &out);
    check_sum(s, 3, 2);
    closesocket(s);
    check_alive();
    free(stub);
}

/* Pseudo-random octets after a good beginning, and each octet of a bind and a request flipped: the server
 * stays. */
static void test_noise(void)
{
    unsigned seed = 12345;

    for (int round = 0; round < 60; round++) {
        SOCKET s = round % 2 ? connect_and_bind(0) : raw_connect(port);

        pdu_request(&out, RAW_FIRST | RAW_LAST, 2, 0, 1, "\1\0\0\0\1\0\0\0", 8);
        for (size_t k = 2; k < out.length; k++) {
            seed = seed * 1103515245 + 12345;
            if (round > 30 || (seed >> 16) % 8 == 0)
                out.octets[k] ^= (byte)(seed >> 20);
        }
        raw_send(s, &out);
        closesocket(s);
    }
    check_alive();
}

START_TEST(torture)
{
    struct endpoint endpoint;

    make_endpoint(&endpoint, &transports[2], "torture");
    port = (unsigned short)atoi(endpoint.name);
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(test_sync_v1_2_s_ifspec, NULL, NULL), RPC_S_OK, "test_sync");
    ok_status(RpcServerRegisterIf(test_implicit_v3_1_s_ifspec, NULL, NULL), RPC_S_OK, "test_implicit");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    test_bind_ack();
    test_rejections();
    test_many_contexts();
    test_alter_context();
    test_big_endian();
    test_fragments();
    test_multiplexing();
    test_faults();
    test_cancel_pdus();
    test_object();
    test_association_group();
    test_broken_headers();
    test_wrong_order();
    test_too_long();
    test_noise();
    stop_serving();
}
