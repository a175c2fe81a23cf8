/*
 * Topic nil_syntax: bind by interfaces that name a nil transfer syntax, as Wine's ole32 makes them, octet by
 * octet on the named pipe that ncalrpc is under Wine. Wine's own runtime offers, and takes, the nil syntax
 * alone for such an interface; this runtime takes it for such an interface, on this machine and where NDR 2.0
 * is not to be had, and refuses every other. Observed with Wine 8.0 and 10.0, specified nowhere; nothing of
 * it is known to Windows.
 */
#include "com_test_object.h"
#include "fixture.h"
#include "raw.h"

#define NDR20                                                                                                \
    {                                                                                                        \
        0x8a885d04, 0x1ceb, 0x11c9,                                                                          \
        {                                                                                                    \
            0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60                                                   \
        }                                                                                                    \
    }

static const RPC_SYNTAX_IDENTIFIER nil = {{0}, {0, 0}}, nil_1 = {{0}, {1, 0}}, ndr20 = {NDR20, {2, 0}},
                                   unknown = {{0x12345678, 0x1234, 0x5678, {1, 2, 3, 4, 5, 6, 7, 8}}, {2, 0}};

/* ---- interfaces of one operation, which replies nothing */

static RPC_SYNTAX_IDENTIFIER seen; /* of the last call */

static void __RPC_STUB operation(PRPC_MESSAGE message)
{
    seen = *message->TransferSyntax;
    message->BufferLength = 0;
    ok_status(I_RpcGetBuffer(message), RPC_S_OK, "I_RpcGetBuffer");
}

static RPC_DISPATCH_FUNCTION operations[] = {operation, NULL};
static RPC_DISPATCH_TABLE dispatch = {1, operations, 0};

enum { NAMED, NAMELESS };

static RPC_SERVER_INTERFACE served[] = {
    [NAMED] = {sizeof(RPC_SERVER_INTERFACE),
               {{0x5f0a1b40, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}}, {1, 0}},
               {NDR20, {2, 0}},
               &dispatch},
    [NAMELESS] = {sizeof(RPC_SERVER_INTERFACE),
                  {{0x5f0a1b41, 0x83c5, 0x4d0e, {0x9a, 0x43, 0x6b, 0x3f, 0x5c, 0x1d, 0x7a, 0x01}}, {0, 0}},
                  {{0}, {0, 0}},
                  &dispatch},
};
static RPC_CLIENT_INTERFACE called[2];

/* ---- PDUs on a pipe */

static struct pdu in, out;

static void pipe_name(const struct endpoint *endpoint, char *name)
{
    sprintf(name, "\\\\.\\pipe\\lrpc\\%s", endpoint->name);
}

static int read_octets(HANDLE pipe, size_t length)
{
    while (in.length < length) {
        DWORD done = 0;

        if (!ReadFile(pipe, in.octets + in.length, (DWORD)(length - in.length), &done, NULL) || !done)
            return 0;
        in.length += done;
    }
    return 1;
}

/* Its type, or -1 when the peer hung up. */
static int pipe_receive(HANDLE pipe)
{
    in.length = 0;
    if (!read_octets(pipe, 16) || !read_octets(pipe, get_16(&in, 8)))
        return -1;
    return (int)get_8(&in, 2);
}

static void pipe_send(HANDLE pipe)
{
    DWORD done;

    ok(WriteFile(pipe, out.octets, (DWORD)out.length, &done, NULL) && done == out.length, "WriteFile: %lu\n",
       GetLastError());
}

static void put_syntax(const RPC_SYNTAX_IDENTIFIER *syntax)
{
    pdu_guid(&out, &syntax->SyntaxGUID);
    pdu_16(&out, syntax->SyntaxVersion.MajorVersion);
    pdu_16(&out, syntax->SyntaxVersion.MinorVersion);
}

/* ---- the server */

struct offer {
    const char *what;
    int which;
    const RPC_SYNTAX_IDENTIFIER *offered[2], *chosen; /* NULL: refused */
};

static const struct offer offers[] = {
    {"nil for an interface without a name", NAMELESS, {&nil}, &nil},
    {"NDR 2.0 for it", NAMELESS, {&ndr20}, &ndr20},
    {"either for it", NAMELESS, {&nil, &ndr20}, &ndr20},
    {"an unknown one for it", NAMELESS, {&unknown}, NULL},
    {"nil of another version for it", NAMELESS, {&nil_1}, NULL},
    {"an unknown one and nil for it", NAMELESS, {&unknown, &nil}, &nil},
    {"nil for an interface of NDR 2.0", NAMED, {&nil}, NULL},
    {"either for an interface of NDR 2.0", NAMED, {&nil, &ndr20}, &ndr20},
    {"an unknown one for an interface of NDR 2.0", NAMED, {&unknown}, NULL},
};

static void make_bind(const struct offer *offer)
{
    pdu_begin(&out, RAW_BIND, RAW_FIRST | RAW_LAST, 1);
    pdu_16(&out, 4280);
    pdu_16(&out, 4280);
    pdu_32(&out, 0);
    pdu_32(&out, 1);
    pdu_16(&out, 0);
    pdu_16(&out, offer->offered[1] ? 2 : 1);
    put_syntax(&served[offer->which].InterfaceId);
    put_syntax(offer->offered[0]);
    if (offer->offered[1])
        put_syntax(offer->offered[1]);
    pdu_end(&out);
}

/* C706 12.6.3.1, p_result_t: 2 is provider_rejection, 2 its reason proposed_transfer_syntaxes_not_supported.
 */
static void check_answer(const char *what, const RPC_SYNTAX_IDENTIFIER *chosen)
{
    size_t result = ((26 + get_16(&in, 24) + 3) & ~(size_t)3) + 4;

    ok(get_16(&in, result) == (chosen ? 0u : 2u), "%s: result %u\n", what, get_16(&in, result));
    if (chosen)
        ok(!memcmp(in.octets + result + 4, chosen, sizeof(*chosen)), "%s: chose another one\n", what);
    else
        ok(get_16(&in, result + 2) == 2, "%s: reason %u\n", what, get_16(&in, result + 2));
}

static void try_offer(const struct endpoint *endpoint, const struct offer *offer)
{
    char name[128];
    HANDLE pipe;
    int type;

    pipe_name(endpoint, name);
    pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok(pipe != INVALID_HANDLE_VALUE, "%s: %lu\n", name, GetLastError());
    if (pipe == INVALID_HANDLE_VALUE)
        return;
    make_bind(offer);
    pipe_send(pipe);
    type = pipe_receive(pipe);
    ok(type == RAW_BIND_ACK, "%s: got PDU type %d\n", offer->what, type);
    check_answer(offer->what, offer->chosen);
    if (offer->chosen) {
        memset(&seen, 0x77, sizeof(seen));
        pdu_request(&out, RAW_FIRST | RAW_LAST, 2, 0, 0, "", 0);
        pipe_send(pipe);
        type = pipe_receive(pipe);
        ok(type == RAW_RESPONSE, "%s: got PDU type %d\n", offer->what, type);
        ok(!memcmp(&seen, offer->chosen, sizeof(seen)), "%s: the stub was told of another one\n",
           offer->what);
    }
    CloseHandle(pipe);
}

static void test_server(void)
{
    struct endpoint endpoints[2];
    SOCKET s;

    for (int i = 0; i < 2; i++) {
        make_endpoint(&endpoints[i], &transports[i * 2], "nil");
        use_endpoint(&endpoints[i]);
        ok_status(RpcServerRegisterIfEx(&served[i], NULL, NULL, RPC_IF_AUTOLISTEN, 10, NULL), RPC_S_OK,
                  "RpcServerRegisterIfEx");
    }
    for (unsigned i = 0; i < ARRAYSIZE(offers); i++)
        try_offer(&endpoints[0], &offers[i]);
    /* From elsewhere nobody needs it. */
    s = raw_connect((unsigned short)atoi(endpoints[1].name));
    make_bind(&offers[0]);
    raw_send(s, &out);
    ok(raw_receive(s, &in) == RAW_BIND_ACK, "got PDU type %u\n", get_8(&in, 2));
    check_answer("nil over TCP", NULL);
    closesocket(s);
    for (int i = 0; i < 2; i++)
        ok_status(RpcServerUnregisterIf(&served[i], NULL, TRUE), RPC_S_OK, "RpcServerUnregisterIf");
}

/* ---- the client */

struct choice {
    const char *what;
    int which;
    const RPC_SYNTAX_IDENTIFIER *chosen; /* by the server */
    RPC_STATUS status;
    HANDLE pipe;
};

static struct choice choices[] = {
    {"nil for an interface without a name", NAMELESS, &nil, RPC_S_OK, NULL},
    {"NDR 2.0 for it", NAMELESS, &ndr20, RPC_S_OK, NULL},
    {"an unknown one for it", NAMELESS, &unknown, RPC_S_UNSUPPORTED_TRANS_SYN, NULL},
    {"nil for an interface of NDR 2.0", NAMED, &nil, RPC_S_UNSUPPORTED_TRANS_SYN, NULL},
};

/* Takes the first context with the syntax chosen, and rejects the others. */
static void acknowledge(const struct choice *choice)
{
    unsigned contexts = get_8(&in, 24);

    pdu_begin(&out, RAW_BIND_ACK, RAW_FIRST | RAW_LAST, get_32(&in, 12));
    pdu_16(&out, 4280);
    pdu_16(&out, 4280);
    pdu_32(&out, 1);
    pdu_16(&out, 0);
    pdu_16(&out, 0); /* to a multiple of 4 */
    pdu_32(&out, contexts);
    for (unsigned i = 0; i < contexts; i++) {
        pdu_16(&out, i ? 2 : 0);
        pdu_16(&out, i ? 2 : 0);
        put_syntax(i ? &nil : choice->chosen);
    }
    pdu_end(&out);
}

static DWORD WINAPI serve_choice(void *context)
{
    const struct choice *choice = context;
    unsigned syntaxes;

    if (!ConnectNamedPipe(choice->pipe, NULL) && GetLastError() != ERROR_PIPE_CONNECTED)
        return 1;
    if (pipe_receive(choice->pipe) != RAW_BIND)
        return 2;
    syntaxes = get_8(&in, 30);
    ok(syntaxes == (choice->which == NAMELESS ? 2u : 1u), "%s: %u syntaxes\n", choice->what, syntaxes);
    ok(!memcmp(in.octets + 52, &ndr20, sizeof(ndr20)), "%s: NDR 2.0 is not the first\n", choice->what);
    acknowledge(choice);
    pipe_send(choice->pipe);
    if (choice->status)
        return 0;
    if (pipe_receive(choice->pipe) != RAW_REQUEST)
        return 3;
    pdu_begin(&out, RAW_RESPONSE, RAW_FIRST | RAW_LAST, get_32(&in, 12));
    pdu_32(&out, 0);
    pdu_32(&out, 0);
    pdu_end(&out);
    pipe_send(choice->pipe);
    return 0;
}

/* The call, and of the message with a buffer the question that proxies ask. */
static void call(const struct choice *choice, handle_t binding)
{
    RPC_MESSAGE message = {.Handle = binding, .RpcInterfaceInformation = &called[choice->which]};

    ok_status(I_RpcGetBuffer(&message), RPC_S_OK, "I_RpcGetBuffer");
    if (choice->which == NAMELESS) {
        ok_status(I_RpcNegotiateTransferSyntax(&message), choice->status, choice->what);
        if (choice->status) {
            I_RpcFreeBuffer(&message);
            return;
        }
        ok(!memcmp(message.TransferSyntax, choice->chosen, sizeof(nil)), "%s: another one\n", choice->what);
    }
    ok_status(I_RpcSendReceive(&message), choice->status, choice->what);
    if (choice->status)
        return;
    ok(!memcmp(message.TransferSyntax, choice->chosen, sizeof(nil)), "%s: came by another\n", choice->what);
    I_RpcFreeBuffer(&message);
}

static void try_choice(struct choice *choice)
{
    struct endpoint endpoint;
    char name[128], tag[16];
    handle_t binding;
    HANDLE thread;
    DWORD code = 77;

    sprintf(tag, "choice%u", (unsigned)(choice - choices));
    make_endpoint(&endpoint, &transports[0], tag);
    pipe_name(&endpoint, name);
    choice->pipe = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_BYTE, 1, 8192,
                                    8192, 0, NULL);
    ok(choice->pipe != INVALID_HANDLE_VALUE, "CreateNamedPipe: %lu\n", GetLastError());
    thread = CreateThread(NULL, 0, serve_choice, choice, 0, NULL);
    binding = bind_to(&endpoint);
    call(choice, binding);
    wait_for(thread, "the server's thread");
    GetExitCodeThread(thread, &code);
    ok(code == 0, "%s: the server ended with %lu\n", choice->what, code);
    CloseHandle(thread);
    CloseHandle(choice->pipe);
    unbind(&binding);
}

static void test_client(void)
{
    for (int i = 0; i < 2; i++) {
        called[i].Length = sizeof(called[i]);
        called[i].InterfaceId = served[i].InterfaceId;
        called[i].TransferSyntax = served[i].TransferSyntax;
    }
    for (unsigned i = 0; i < ARRAYSIZE(choices); i++)
        try_choice(&choices[i]);
}

START_TEST(nil_syntax)
{
    if (!GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") ||
        com_is_wines(GetModuleHandleA("rpcrt4.dll"))) {
        skip("this is about this runtime and Wine's own\n");
        return;
    }
    test_server();
    test_client();
}
