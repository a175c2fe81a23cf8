/*
 * Callbacks on the wire, [MS-RPCE] 2.2.4.2 and 3.3.1.5.9: a server of the runtime under test and a client
 * over a plain socket, then the other way round. What is done with a peer that breaks the rules is unverified
 * on Windows.
 */
#include "callback.h"
#include "raw.h"
#include "test_sync.h"

static const GUID interface_id = {
    0x6d7f1c3e, 0x52a0, 0x4d0e, {0x9b, 0x6b, 0x0a, 0x1f, 0x6f, 0x0a, 0x5e, 0x31}};

enum { ASK, CAUGHT_BACK, THREAD };        /* operations of the server */
enum { ANSWER, DEEPER, DIGEST, NOTHING }; /* of the client */
enum { NCA_OP_RNG_ERROR = 0x1c010002 };
enum { ID = 77, WHOLE = RAW_FIRST | RAW_LAST };

static struct pdu out, in;
static unsigned short port;

static void send_stub(SOCKET s, int type, int flags, unsigned long id, unsigned opnum, const void *stub,
                      size_t length)
{
    pdu_begin(&out, type, flags, id);
    pdu_32(&out, (unsigned long)length);
    pdu_16(&out, 0);
    pdu_16(&out, type == RAW_REQUEST ? opnum : 0);
    pdu_octets(&out, stub, length);
    pdu_end(&out);
    raw_send(s, &out);
}

/* The arguments of callback_ask and callback_caught, and of back_answer. */
static void send_two(SOCKET s, unsigned opnum, back_what what, LONG value)
{
    LONG stub[2] = {what, value};

    send_stub(s, RAW_REQUEST, WHOLE, ID, opnum, stub, sizeof(stub));
}

static void send_result(SOCKET s, LONG result)
{
    send_stub(s, RAW_RESPONSE, WHOLE, ID, 0, &result, sizeof(result));
}

static void send_fault(SOCKET s, unsigned long status)
{
    pdu_begin(&out, RAW_FAULT, WHOLE, ID);
    pdu_32(&out, 32);
    pdu_32(&out, 0);
    pdu_32(&out, status);
    pdu_32(&out, 0);
    pdu_end(&out);
    raw_send(s, &out);
}

static void check_request(int type, const struct pdu *pdu, unsigned long id, unsigned opnum)
{
    ok(type == RAW_REQUEST && get_32(pdu, 12) == id, "got PDU type %d of call %lu\n", type, get_32(pdu, 12));
    ok((get_8(pdu, 3) & WHOLE) == WHOLE && !get_16(pdu, 20) && get_16(pdu, 22) == opnum,
       "flags %#x, context %u, opnum %u\n", get_8(pdu, 3), get_16(pdu, 20), get_16(pdu, 22));
}

static void check_result(int type, const struct pdu *pdu, unsigned long id, LONG result)
{
    ok(type == RAW_RESPONSE && get_32(pdu, 12) == id, "got PDU type %d of call %lu\n", type, get_32(pdu, 12));
    ok((LONG)get_32(pdu, 24) == result, "got %ld, expected %ld\n", (long)get_32(pdu, 24), (long)result);
}

static void check_fault(int type, const struct pdu *pdu, unsigned long id, unsigned long status)
{
    ok(type == RAW_FAULT && get_32(pdu, 12) == id, "got PDU type %d of call %lu\n", type, get_32(pdu, 12));
    ok(get_32(pdu, 24) == status, "got %#lx, expected %#lx\n", get_32(pdu, 24), status);
}

/* ---- the server */

static SOCKET connect_and_bind(void)
{
    SOCKET s = raw_connect(port);

    pdu_bind(&out, RAW_BIND, 1, 0, &interface_id, 1, &raw_ndr20);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_BIND_ACK, "got PDU type %u for a bind\n", get_8(&in, 2));
    return s;
}

/* callback_caught, up to where the server waits for back_answer. */
static void call_and_be_called(SOCKET s)
{
    send_two(s, CAUGHT_BACK, BACK_DOUBLE, 5);
    check_request(raw_receive(s, &in), &in, ID, ANSWER);
    ok(get_16(&in, 24) == BACK_DOUBLE && get_32(&in, 28) == 5 && in.length == 32, "wrong arguments\n");
}

static void test_called_back(void)
{
    SOCKET s = connect_and_bind();

    send_two(s, ASK, BACK_DOUBLE, 5);
    check_request(raw_receive(s, &in), &in, ID, ANSWER);
    send_result(s, 10);
    check_request(raw_receive(s, &in), &in, ID, NOTHING);
    send_stub(s, RAW_RESPONSE, WHOLE, ID, 0, NULL, 0);
    check_result(raw_receive(s, &in), &in, ID, 11);

    call_and_be_called(s);
    send_stub(s, RAW_RESPONSE, RAW_FIRST, ID, 0, "\1", 2);
    send_stub(s, RAW_RESPONSE, RAW_LAST, ID, 0, "\0", 2);
    check_result(raw_receive(s, &in), &in, ID, 0);
    closesocket(s);
}

static void test_answered_badly(void)
{
    SOCKET s = connect_and_bind();

    call_and_be_called(s);
    send_fault(s, 0x1234);
    check_result(raw_receive(s, &in), &in, ID, 0x1234);
    call_and_be_called(s);
    send_fault(s, NCA_OP_RNG_ERROR);
    check_result(raw_receive(s, &in), &in, ID, RPC_S_PROCNUM_OUT_OF_RANGE);
    call_and_be_called(s);
    send_stub(s, RAW_RESPONSE, WHOLE, ID, 0, "\1", 2);
    check_result(raw_receive(s, &in), &in, ID, RPC_X_BAD_STUB_DATA);
    closesocket(s);
}

/* A call inside the callback, answered before the callback is. */
static void test_call_inside(void)
{
    SOCKET s = connect_and_bind();

    call_and_be_called(s);
    send_two(s, CAUGHT_BACK, BACK_DOUBLE, 6);
    check_request(raw_receive(s, &in), &in, ID, ANSWER);
    send_stub(s, RAW_REQUEST, WHOLE, ID, THREAD, NULL, 0);
    ok(raw_receive(s, &in) == RAW_RESPONSE && get_32(&in, 12) == ID, "no answer inside\n");
    send_stub(s, RAW_REQUEST, WHOLE, ID, 999, NULL, 0);
    check_fault(raw_receive(s, &in), &in, ID, NCA_OP_RNG_ERROR);
    send_result(s, 12);
    check_result(raw_receive(s, &in), &in, ID, 0);
    send_result(s, 10);
    check_result(raw_receive(s, &in), &in, ID, 0);
    closesocket(s);
}

/* Until the manager that waits has seen the end of its callback. */
static void wait_ended(const char *what, RPC_STATUS one, RPC_STATUS other)
{
    wait_for(callback_ended, what);
    ok(callback_seen == one || callback_seen == other, "%s: the manager saw %ld\n", what, callback_seen);
}

static void test_hang_up(void)
{
    SOCKET s = connect_and_bind();

    call_and_be_called(s);
    closesocket(s);
    wait_ended("hung up", RPC_S_CALL_FAILED, RPC_S_CALL_FAILED);
    s = connect_and_bind();
    call_and_be_called(s);
    send_stub(s, RAW_REQUEST, RAW_FIRST, ID, THREAD, "\0\0\0", 4);
    closesocket(s);
    wait_ended("hung up in a request", RPC_S_CALL_FAILED, RPC_S_CALL_FAILED);
}

/* An orphaned call's answer goes nowhere; the connection serves others. */
static void test_orphaned(void)
{
    SOCKET s = connect_and_bind();

    call_and_be_called(s);
    pdu_begin(&out, RAW_ORPHANED, WHOLE, ID);
    pdu_end(&out);
    raw_send(s, &out);
    wait_ended("orphaned", RPC_S_CALL_CANCELLED, RPC_S_CALL_CANCELLED);
    send_stub(s, RAW_REQUEST, WHOLE, ID + 1, THREAD, NULL, 0);
    ok(raw_receive(s, &in) == RAW_RESPONSE && get_32(&in, 12) == ID + 1, "the connection is of no use\n");
    closesocket(s);
}

/* What is against the rules costs the connection, and the manager hears of that. */
static void test_broken_rules(void)
{
    SOCKET s = connect_and_bind();
    int type;

    call_and_be_called(s);
    send_stub(s, RAW_RESPONSE, RAW_LAST, ID, 0, "\0\0\0", 4);
    wait_ended("a last fragment without a first", RPC_S_PROTOCOL_ERROR, RPC_S_CALL_FAILED);
    closesocket(s);

    s = connect_and_bind();
    call_and_be_called(s);
    send_stub(s, RAW_RESPONSE, WHOLE, ID + 1, 0, "\0\0\0", 4);
    wait_ended("a response to nothing", RPC_S_CALL_FAILED, RPC_S_CALL_FAILED);
    closesocket(s);

    s = connect_and_bind();
    call_and_be_called(s);
    send_stub(s, RAW_RESPONSE, RAW_FIRST, ID, 0, "\0\0\0", 4);
    send_stub(s, RAW_REQUEST, WHOLE, ID, THREAD, NULL, 0);
    check_fault(raw_receive(s, &in), &in, ID, 0x1c00000c); /* nca_manager_not_entered */
    send_stub(s, RAW_RESPONSE, RAW_LAST, ID, 0, "", 0);
    check_result(raw_receive(s, &in), &in, ID, 0);

    send_stub(s, RAW_RESPONSE, WHOLE, ID, 0, "\0\0\0", 4);
    type = raw_receive(s, &in);
    ok(type == RAW_FAULT || type == -1, "a response without a callback: got %d\n", type);
    closesocket(s);
}

static void test_server(void)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    callback_ended = CreateEventA(NULL, FALSE, FALSE, NULL);
    serve(endpoints, test_callback_v1_0_s_ifspec);
    port = (unsigned short)atoi(endpoints[TRANSPORT_COUNT - 1].name);
    test_called_back();
    ResetEvent(callback_ended);
    test_answered_badly();
    test_call_inside();
    ResetEvent(callback_ended);
    test_hang_up();
    test_orphaned();
    test_broken_rules();
    CloseHandle(callback_ended);
    callback_ended = NULL;
}

/* ---- the client */

static RPC_STATUS call_script(void (*script)(struct raw_server *, SOCKET, struct pdu *), LONG *answer)
{
    struct raw_server server;
    struct endpoint endpoint;
    RPC_STATUS status;
    handle_t h;

    raw_server_start(&server, RAW_SCRIPT);
    server.script = script;
    name_endpoint(&endpoint, "ncacn_ip_tcp", server.endpoint);
    h = bind_to(&endpoint);
    callback_binding = h;
    status = CAUGHT(*answer = callback_ask(h, BACK_DOUBLE, 1));
    /* An interface without callbacks gets the same. */
    if (!status)
        ok_status(CAUGHT(sync_add(h, 1, 2)), RPC_S_OK, "sync_add");
    RpcBindingSetOption(h, RPC_C_OPT_DONT_LINGER, TRUE);
    unbind(&h);
    raw_server_stop(&server);
    return status;
}

/* Scripts run on the raw server's thread; request is theirs to overwrite. */
static struct pdu *received(struct raw_server *server, SOCKET s, int *type)
{
    static struct pdu pdu;

    *type = raw_server_receive(server, s, &pdu);
    return &pdu;
}

static void end_call(SOCKET s, const struct pdu *request, LONG result)
{
    send_stub(s, RAW_RESPONSE, WHOLE, get_32(request, 12), 0, &result, sizeof(result));
}

static void call_back(SOCKET s, const struct pdu *request, int flags, unsigned opnum, const void *stub,
                      size_t length)
{
    send_stub(s, RAW_REQUEST, flags, get_32(request, 12), opnum, stub, length);
}

static void script_answered(struct raw_server *server, SOCKET s, struct pdu *request)
{
    static const LONG arguments[2] = {BACK_DOUBLE, 21};
    unsigned long id = get_32(request, 12);
    struct pdu *pdu;
    int type;

    if (get_16(request, 22) == ASK) {
        call_back(s, request, WHOLE, ANSWER, arguments, sizeof(arguments));
        pdu = received(server, s, &type);
        check_result(type, pdu, id, 42);
        call_back(s, request, RAW_FIRST, ANSWER, arguments, 4);
        call_back(s, request, RAW_LAST, ANSWER, arguments + 1, 4);
        pdu = received(server, s, &type);
        check_result(type, pdu, id, 42);
        call_back(s, request, WHOLE, ANSWER, arguments, 4);
        pdu = received(server, s, &type);
        check_fault(type, pdu, id, RPC_X_BAD_STUB_DATA);
    }
    call_back(s, request, WHOLE, 99, NULL, 0);
    pdu = received(server, s, &type);
    check_fault(type, pdu, id, NCA_OP_RNG_ERROR);
    ok(get_8(pdu, 3) & RAW_DID_NOT_EXECUTE, "flags %#x\n", get_8(pdu, 3));
    end_call(s, request, 7);
}

/* A callback that makes a call of its own: that comes in with the same call_id. */
static void script_nested(struct raw_server *server, SOCKET s, struct pdu *request)
{
    static const LONG arguments[2] = {BACK_CALL_RAISES, 5};
    unsigned long id = get_32(request, 12);
    struct pdu *pdu;
    int type;

    if (get_16(request, 22) == ASK) {
        call_back(s, request, WHOLE, ANSWER, arguments, sizeof(arguments));
        pdu = received(server, s, &type);
        check_request(type, pdu, id, CAUGHT_BACK);
        call_back(s, request, WHOLE, NOTHING, NULL, 0);
        pdu = received(server, s, &type);
        ok(type == RAW_RESPONSE && get_32(pdu, 12) == id && pdu->length == 24, "got PDU type %d\n", type);
        end_call(s, request, 1234);
        pdu = received(server, s, &type);
        check_result(type, pdu, id, 1234);
    }
    end_call(s, request, 7);
}

/* Of another call: refused, and the call goes on. */
static void script_stray(struct raw_server *server, SOCKET s, struct pdu *request)
{
    struct pdu *pdu;
    int type;

    send_stub(s, RAW_REQUEST, WHOLE, get_32(request, 12) + 1, NOTHING, NULL, 0);
    pdu = received(server, s, &type);
    check_fault(type, pdu, get_32(request, 12) + 1, 0x1c00000c); /* nca_manager_not_entered */
    ok(get_8(pdu, 3) & RAW_DID_NOT_EXECUTE, "flags %#x\n", get_8(pdu, 3));
    pdu_begin(&out, RAW_CO_CANCEL, WHOLE, get_32(request, 12));
    pdu_end(&out);
    raw_send(s, &out);
    end_call(s, request, 7);
}

static void script_response_inside(struct raw_server *server, SOCKET s, struct pdu *request)
{
    (void)server;
    call_back(s, request, RAW_FIRST, NOTHING, NULL, 0);
    end_call(s, request, 7);
}

static void script_wrong_order(struct raw_server *server, SOCKET s, struct pdu *request)
{
    (void)server;
    call_back(s, request, RAW_FIRST, NOTHING, NULL, 0);
    call_back(s, request, RAW_FIRST, NOTHING, NULL, 0);
    call_back(s, request, RAW_LAST, ANSWER, NULL, 0);
}

static void script_hang_up(struct raw_server *server, SOCKET s, struct pdu *request)
{
    (void)server;
    call_back(s, request, WHOLE, NOTHING, NULL, 0);
    shutdown(s, SD_BOTH);
}

static void test_client(void)
{
    RPC_STATUS status;
    LONG answer = 0;

    ok_status(call_script(script_answered, &answer), RPC_S_OK, "a call with callbacks");
    ok(answer == 7, "got %ld\n", (long)answer);
    ok_status(call_script(script_nested, &answer), RPC_S_OK, "a call in a callback");
    ok(answer == 7, "got %ld\n", (long)answer);
    ok_status(call_script(script_stray, &answer), RPC_S_OK, "a request of another call");
    status = call_script(script_response_inside, &answer);
    ok(status == RPC_S_CALL_FAILED || status == RPC_S_PROTOCOL_ERROR, "a response in a request: %ld\n",
       status);
    status = call_script(script_wrong_order, &answer);
    ok(status == RPC_S_CALL_FAILED || status == RPC_S_PROTOCOL_ERROR, "fragments out of order: %ld\n",
       status);
    ok_status(call_script(script_hang_up, &answer), RPC_S_CALL_FAILED, "hung up in a callback");
}

START_TEST(callback_wire)
{
    test_server();
    test_client();
    stop_serving();
}
