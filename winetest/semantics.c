/*
 * Execution semantics: [maybe], [idempotent], [broadcast], [message] (the SDK's pages of these attributes,
 * C706 6.1.4 and 12.6.3.1: PFC_MAYBE).
 */
#include "fixture.h"
#include "raw.h"
#include "test_semantics.h"

static const GUID interface_id = {
    0x6d7f1c3e, 0x52a0, 0x4d0e, {0x9b, 0x6b, 0x0a, 0x1f, 0x6f, 0x0a, 0x5e, 0x32}};

static HANDLE arrived, proceed;
static volatile LONG sum, raises;

void s_semantics_maybe(handle_t h, LONG count, LONG *data)
{
    LONG total = 0;

    (void)h;
    for (LONG i = 0; i < count; i++)
        total += data[i];
    WaitForSingleObject(proceed, HANG_GUARD);
    sum = total;
    SetEvent(arrived);
    if (raises)
        RpcRaiseException(raises);
}

LONG s_semantics_idempotent(handle_t h, LONG value)
{
    (void)h;
    return value + 1;
}

LONG s_semantics_broadcast(handle_t h, LONG value)
{
    (void)h;
    ok(0, "a broadcast arrived\n");
    return value;
}

void s_semantics_message(handle_t h, LONG value)
{
    (void)h, (void)value;
    ok(0, "a message arrived\n");
}

LONG s_semantics_plain(handle_t h, LONG value)
{
    (void)h;
    return value;
}

/* "The client does not expect a response": it does not wait for the manager, which waits for it here, nor
 * hear of its exception. */
static void test_maybe(handle_t h)
{
    static const LONG sizes[] = {0, 3, 50000};

    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        LONG *data = malloc((sizes[i] + 1) * sizeof(*data)), expected = 0;

        for (LONG k = 0; k < sizes[i]; k++) {
            data[k] = k - 7;
            expected += data[k];
        }
        raises = i == 1 ? 0x1234 : 0;
        ok_status(CAUGHT(semantics_maybe(h, sizes[i], data)), 0, "a [maybe] call");
        free(data);
        SetEvent(proceed);
        wait_for(arrived, "the [maybe] call at the server");
        ok(sum == expected, "got %ld, expected %ld\n", (long)sum, (long)expected);
        ok(semantics_plain(h, 5) == 5, "the binding is of no use afterwards\n");
    }
}

/* "If a remote procedure broadcasts its call to all hosts on a local network, it must use either the
 * ncadg_ip_udp or the ncadg_ipx protocol sequence"; a [message] "must use [...] the ncadg_mq transport
 * protocol". unverified on Windows: the status. */
static void test_refused(handle_t h)
{
    ok_status(CAUGHT(semantics_broadcast(h, 1)), RPC_S_CANNOT_SUPPORT, "a [broadcast] call");
    ok_status(CAUGHT(semantics_message(h, 1)), RPC_S_CANNOT_SUPPORT, "a [message] call");
    ok(semantics_plain(h, 5) == 5, "the binding is of no use afterwards\n");
}

/* ---- on the wire */

static void script(struct raw_server *server, SOCKET s, struct pdu *request)
{
    static struct pdu answer;
    unsigned opnum = get_16(request, 22), flags = get_8(request, 3) & (RAW_MAYBE | RAW_FIRST | RAW_LAST);

    (void)server;
    if (opnum == 0) {
        ok(flags == (RAW_MAYBE | RAW_FIRST | RAW_LAST), "flags of [maybe]: %#x\n", flags);
        return;
    }
    /* Nothing in a connection-oriented request tells that it is idempotent. */
    ok(flags == (RAW_FIRST | RAW_LAST), "flags of [idempotent]: %#x\n", flags);
    pdu_begin(&answer, RAW_RESPONSE, RAW_FIRST | RAW_LAST, get_32(request, 12));
    pdu_32(&answer, 4);
    pdu_32(&answer, 0);
    pdu_32(&answer, 99);
    pdu_end(&answer);
    raw_send(s, &answer);
}

static void test_client_on_wire(void)
{
    LONG data[2] = {1, 2};
    struct raw_server server;
    struct endpoint endpoint;
    handle_t h;

    raw_server_start(&server, RAW_SCRIPT);
    server.script = script;
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    ok_status(CAUGHT(semantics_maybe(h, 2, data)), 0, "a [maybe] call without an answer");
    ok(semantics_idempotent(h, 1) == 99, "wrong answer\n");
    RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE);
    unbind(&h);
    raw_server_stop(&server);
}

/* The server answers a [maybe] request with nothing: what comes next belongs to the next request. */
static void test_server_on_wire(unsigned short port)
{
    static const LONG none[2] = {0, 0}, five = 5;
    static struct pdu out, in;
    SOCKET s = raw_connect(port);

    pdu_bind(&out, RAW_BIND, 1, 0, &interface_id, 1, &raw_ndr20);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_BIND_ACK, "got PDU type %u for a bind\n", get_8(&in, 2));
    raises = 0x1234;
    pdu_request(&out, RAW_FIRST | RAW_LAST | RAW_MAYBE, 2, 0, 0, none, sizeof(none));
    raw_send(s, &out);
    SetEvent(proceed);
    wait_for(arrived, "the [maybe] call");
    raises = 0;
    pdu_request(&out, RAW_FIRST | RAW_LAST, 3, 0, 4, &five, sizeof(five));
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_RESPONSE && get_32(&in, 12) == 3 && get_32(&in, 24) == 5,
       "got PDU type %u of call %lu\n", get_8(&in, 2), get_32(&in, 12));
    closesocket(s);
}

START_TEST(semantics)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    arrived = CreateEventA(NULL, FALSE, FALSE, NULL);
    proceed = CreateEventA(NULL, FALSE, FALSE, NULL);
    serve(endpoints, test_semantics_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_maybe(h);
        ok(semantics_idempotent(h, 41) == 42, "wrong answer\n");
        test_refused(h);
        unbind(&h);
    }
    winetest_context("%s", "");
    test_client_on_wire();
    test_server_on_wire((unsigned short)atoi(endpoints[TRANSPORT_COUNT - 1].name));
    stop_serving();
}
