/* Octets of DCE/RPC PDUs and the two sides of a TCP connection that speak them. See raw.h. */
#include "raw.h"

const GUID raw_ndr20 = {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}};
const GUID raw_unknown = {0x12345678, 0x1234, 0x5678, {1, 2, 3, 4, 5, 6, 7, 8}};

void pdu_octets(struct pdu *pdu, const void *octets, size_t length)
{
    if (pdu->length + length > sizeof(pdu->octets)) {
        ok(0, "a PDU of the test is too long\n");
        ExitProcess(3);
    }
    memcpy(pdu->octets + pdu->length, octets, length);
    pdu->length += length;
}

void pdu_8(struct pdu *pdu, unsigned value)
{
    byte octet = (byte)value;

    pdu_octets(pdu, &octet, 1);
}

static void pdu_integer(struct pdu *pdu, unsigned long value, int size)
{
    for (int i = 0; i < size; i++)
        pdu_8(pdu, (value >> 8 * (pdu->big ? size - 1 - i : i)) & 0xff);
}

void pdu_16(struct pdu *pdu, unsigned value)
{
    pdu_integer(pdu, value, 2);
}

void pdu_32(struct pdu *pdu, unsigned long value)
{
    pdu_integer(pdu, value, 4);
}

void pdu_guid(struct pdu *pdu, const GUID *guid)
{
    pdu_32(pdu, guid->Data1);
    pdu_16(pdu, guid->Data2);
    pdu_16(pdu, guid->Data3);
    pdu_octets(pdu, guid->Data4, 8);
}

void pdu_begin(struct pdu *pdu, int type, int flags, unsigned long call_id)
{
    pdu->length = 0;
    pdu_8(pdu, 5);
    pdu_8(pdu, 0);
    pdu_8(pdu, type);
    pdu_8(pdu, flags);
    pdu_8(pdu, pdu->big ? 0x00 : 0x10);
    pdu_8(pdu, 0);
    pdu_16(pdu, 0);
    pdu_16(pdu, 0);
    pdu_16(pdu, 0);
    pdu_32(pdu, call_id);
}

void pdu_end(struct pdu *pdu)
{
    size_t length = pdu->length;

    pdu->length = 8;
    pdu_16(pdu, (unsigned)length);
    pdu->length = length;
}

void pdu_bind(struct pdu *pdu, int type, unsigned long call_id, unsigned context, const GUID *ifid,
              unsigned long version, const GUID *syntax)
{
    pdu_begin(pdu, type, RAW_FIRST | RAW_LAST, call_id);
    pdu_16(pdu, 4280);
    pdu_16(pdu, 4280);
    pdu_32(pdu, 0);
    pdu_8(pdu, 1);
    pdu_8(pdu, 0);
    pdu_16(pdu, 0);
    pdu_16(pdu, context);
    pdu_8(pdu, 1);
    pdu_8(pdu, 0);
    pdu_guid(pdu, ifid);
    pdu_32(pdu, version);
    pdu_guid(pdu, syntax);
    pdu_32(pdu, 2);
    pdu_end(pdu);
}

void pdu_request(struct pdu *pdu, int flags, unsigned long call_id, unsigned context, unsigned opnum,
                 const void *stub, size_t length)
{
    pdu_begin(pdu, RAW_REQUEST, flags, call_id);
    pdu_32(pdu, (unsigned long)length);
    pdu_16(pdu, context);
    pdu_16(pdu, opnum);
    pdu_octets(pdu, stub, length);
    pdu_end(pdu);
}

static unsigned long get_integer(const struct pdu *pdu, size_t at, int size)
{
    unsigned long value = 0;

    if (at + size > pdu->length)
        return 0;
    for (int i = 0; i < size; i++)
        value |= (unsigned long)pdu->octets[at + i] << 8 * (pdu->big ? size - 1 - i : i);
    return value;
}

unsigned get_8(const struct pdu *pdu, size_t at)
{
    return at < pdu->length ? pdu->octets[at] : 0;
}

unsigned get_16(const struct pdu *pdu, size_t at)
{
    return (unsigned)get_integer(pdu, at, 2);
}

unsigned long get_32(const struct pdu *pdu, size_t at)
{
    return get_integer(pdu, at, 4);
}

static void set_guard(SOCKET s)
{
    DWORD guard = HANG_GUARD;
    int nodelay = 1;

    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&guard, sizeof(guard));
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, (char *)&guard, sizeof(guard));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&nodelay, sizeof(nodelay));
}

SOCKET raw_connect(unsigned short port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

    set_guard(s);
    ok(!connect(s, (struct sockaddr *)&address, sizeof(address)), "connect failed: %d\n", WSAGetLastError());
    return s;
}

void raw_send(SOCKET s, const struct pdu *pdu)
{
    size_t done = 0;

    while (done < pdu->length) {
        int sent = send(s, (const char *)pdu->octets + done, (int)(pdu->length - done), 0);
        if (sent <= 0)
            return; /* the peer hung up; whether it may is for the receiver of its answer to say */
        done += sent;
    }
}

/* Waits for more octets, or for the event that ends a raw server. Gives whether there may be some. */
static int wait_readable(SOCKET s, HANDLE stop)
{
    HANDLE both[2] = {WSACreateEvent(), stop};
    DWORD ended;

    WSAEventSelect(s, both[0], FD_READ | FD_CLOSE);
    ended = WaitForMultipleObjects(stop ? 2 : 1, both, FALSE, HANG_GUARD);
    WSAEventSelect(s, NULL, 0);
    WSACloseEvent(both[0]);
    return ended == WAIT_OBJECT_0;
}

/* 0, -1 when the peer hung up or `stop` was set, -2 when nothing came. */
static int read_exactly(SOCKET s, byte *to, size_t length, HANDLE stop)
{
    while (length) {
        int got;

        if (!wait_readable(s, stop))
            return stop && WaitForSingleObject(stop, 0) == WAIT_OBJECT_0 ? -1 : -2;
        got = recv(s, (char *)to, (int)length, 0);
        if (got < 0 && WSAGetLastError() == WSAEWOULDBLOCK)
            continue;
        if (got <= 0)
            return -1;
        to += got;
        length -= got;
    }
    return 0;
}

static int receive_until(SOCKET s, struct pdu *pdu, HANDLE stop)
{
    size_t length;
    int result;

    pdu->length = 0;
    if ((result = read_exactly(s, pdu->octets, 16, stop)))
        return result;
    pdu->length = 16;
    pdu->big = !(pdu->octets[4] & 0xf0);
    length = get_16(pdu, 8);
    if (length < 16)
        return -1;
    if ((result = read_exactly(s, pdu->octets + 16, length - 16, stop)))
        return result;
    pdu->length = length;
    return pdu->octets[2];
}

int raw_receive(SOCKET s, struct pdu *pdu)
{
    return receive_until(s, pdu, NULL);
}

int raw_server_receive(struct raw_server *server, SOCKET s, struct pdu *pdu)
{
    return receive_until(s, pdu, server->stop);
}

static void answer_bind(struct raw_server *server, SOCKET s, const struct pdu *bind)
{
    static const char address[] = "0";
    struct pdu *ack = calloc(1, sizeof(*ack));
    int rejected = server->behaviour == RAW_REJECT_CONTEXT;

    if (server->behaviour == RAW_NAK_BIND) {
        /* C706, 12.6.4.5: reason, then the versions supported. */
        pdu_begin(ack, RAW_BIND_NAK, RAW_FIRST | RAW_LAST, get_32(bind, 12));
        pdu_16(ack, server->reason);
        pdu_8(ack, 1);
        pdu_8(ack, 5);
        pdu_8(ack, 0);
    } else {
        pdu_begin(ack, get_8(bind, 2) == RAW_BIND ? RAW_BIND_ACK : RAW_ALTER_CONTEXT_RESP,
                  RAW_FIRST | RAW_LAST | RAW_CONC_MPX, get_32(bind, 12));
        pdu_16(ack, 4280);
        pdu_16(ack, 4280);
        pdu_32(ack, 0x1234);
        pdu_16(ack, sizeof(address));
        pdu_octets(ack, address, sizeof(address));
        while (ack->length % 4)
            pdu_8(ack, 0);
        pdu_8(ack, get_8(bind, 24));
        pdu_octets(ack, "\0\0", 3);
        for (unsigned i = 0; i < get_8(bind, 24); i++) {
            /* Only the first context is accepted: a client offers NDR 2.0 first. */
            pdu_16(ack, rejected || i ? 2 : 0);
            pdu_16(ack, rejected ? server->reason : i ? 2 : 0);
            pdu_guid(ack, rejected || i ? &(GUID){0} : &raw_ndr20);
            pdu_32(ack, rejected || i ? 0 : 2);
        }
    }
    pdu_end(ack);
    raw_send(s, ack);
    free(ack);
}

/* One connection until either side hangs up. */
static void serve_connection(struct raw_server *server, SOCKET s)
{
    struct pdu *pdu = calloc(1, sizeof(*pdu));
    int type;

    while ((type = receive_until(s, pdu, server->stop)) >= 0 && type < 20) {
        server->call_id[type] = get_32(pdu, 12);
        SetEvent(server->seen[type]);
        if (type == RAW_BIND || type == RAW_ALTER_CONTEXT) {
            if (server->behaviour == RAW_CLOSE_ON_BIND)
                break;
            if (server->behaviour == RAW_SWALLOW_BIND)
                continue;
            if (server->behaviour == RAW_HOLD_ALTER && type == RAW_ALTER_CONTEXT)
                WaitForMultipleObjects(2, (HANDLE[]){server->go, server->stop}, FALSE, HANG_GUARD);
            answer_bind(server, s, pdu);
            if (server->behaviour == RAW_BIND_THEN_STALL) {
                WaitForSingleObject(server->stop, HANG_GUARD);
                break;
            }
        } else if (type == RAW_REQUEST && server->behaviour == RAW_BIND_THEN_CLOSE) {
            break;
        } else if (type == RAW_REQUEST && server->behaviour == RAW_SCRIPT) {
            server->script(server, s, pdu);
        } else if (type == RAW_REQUEST && server->answer &&
                   (server->behaviour == RAW_ANSWER || server->behaviour == RAW_HOLD_ALTER)) {
            server->answer->octets[12] = pdu->octets[12];
            server->answer->octets[13] = pdu->octets[13];
            server->answer->octets[14] = pdu->octets[14];
            server->answer->octets[15] = pdu->octets[15];
            if (server->answer->big)
                for (int i = 0; i < 4; i++)
                    server->answer->octets[12 + i] = pdu->octets[15 - i];
            raw_send(s, server->answer);
        }
    }
    if (type == -1)
        SetEvent(server->closed);
    free(pdu);
}

static DWORD WINAPI raw_server_thread(void *context)
{
    struct raw_server *server = context;
    SOCKET s;

    while ((s = accept(server->listener, NULL, NULL)) != INVALID_SOCKET) {
        if (WaitForSingleObject(server->stop, 0) == WAIT_OBJECT_0) {
            closesocket(s);
            break;
        }
        set_guard(s);
        serve_connection(server, s);
        closesocket(s);
    }
    return 0;
}

void raw_server_start(struct raw_server *server, enum raw_behaviour behaviour)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int length = sizeof(address);

    memset(server, 0, sizeof(*server));
    server->behaviour = behaviour;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    server->stop = CreateEventA(NULL, TRUE, FALSE, NULL);
    server->closed = CreateEventA(NULL, FALSE, FALSE, NULL);
    server->go = CreateEventA(NULL, FALSE, FALSE, NULL);
    for (int i = 0; i < 20; i++)
        server->seen[i] = CreateEventA(NULL, TRUE, FALSE, NULL);
    ok(!bind(server->listener, (struct sockaddr *)&address, sizeof(address)) &&
           !getsockname(server->listener, (struct sockaddr *)&address, &length) &&
           !listen(server->listener, 5),
       "no listening socket: %d\n", WSAGetLastError());
    snprintf(server->endpoint, sizeof(server->endpoint), "%u", ntohs(address.sin_port));
    server->thread = CreateThread(NULL, 0, raw_server_thread, server, 0, NULL);
}

void raw_server_wait(struct raw_server *server, int type)
{
    char what[32];

    snprintf(what, sizeof(what), "a PDU of type %d", type);
    wait_for(server->seen[type], what);
}

void raw_server_stop(struct raw_server *server)
{
    SOCKET knock;

    SetEvent(server->stop);
    /* Gets the thread out of accept. */
    knock = raw_connect((unsigned short)atoi(server->endpoint));
    wait_for(server->thread, "the raw server");
    closesocket(knock);
    closesocket(server->listener);
    CloseHandle(server->thread);
    CloseHandle(server->stop);
    CloseHandle(server->closed);
    CloseHandle(server->go);
    for (int i = 0; i < 20; i++)
        CloseHandle(server->seen[i]);
}
