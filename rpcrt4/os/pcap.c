/*
 * The capture file: classic pcap, raw IPv4 packets (LINKTYPE_RAW), made up so that each connection looks like
 * a TCP stream between a client and port 135 of a server, whatever the transport was. Wireshark's DCERPC
 * dissector then finds and reassembles the PDUs. In the packets this process is 10.0.0.1.
 *
 * Owns the file and one table of streams. `lock` guards both; nothing else is called while it is held.
 */
#include <stdio.h>
#include <string.h>
#include "os.h"
#include "debug.h"
#include "pcap.h"

enum {
    SEGMENT = 32768, /* octets of a PDU in one packet: an IPv4 packet ends at 65535 with its headers */
    HEADERS = 16 + 20 + 20,
    BUCKETS = 256,
    SERVER_PORT = 135,
};

struct stream {
    struct stream *next;
    uint64_t connection;
    uint32_t sent[2]; /* octets so far, [0] to the client, [1] to the server */
};

volatile LONG pcap_state = 2;

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE file;
static struct stream *streams[BUCKETS];

/* Opens for writing a path as Windows or, under Wine, Unix has it; others may read meanwhile. */
static HANDLE create(const WCHAR *path)
{
    WCHAR unix_path[MAX_PATH + 16];
    HANDLE handle = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);

    if (handle != INVALID_HANDLE_VALUE || *path != '/')
        return handle;
    lstrcpyW(unix_path, L"\\\\?\\unix");
    lstrcatW(unix_path, path);
    return CreateFileW(unix_path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
}

/* RPCRT4_PCAP with the process id in place of "%p"; FALSE: not set, or too long. */
static BOOL file_name(WCHAR *path)
{
    WCHAR pattern[MAX_PATH];
    DWORD length = GetEnvironmentVariableW(L"RPCRT4_PCAP", pattern, MAX_PATH);
    WCHAR *out = path, *end = path + MAX_PATH - 12;

    if (!length || length >= MAX_PATH)
        return FALSE;
    for (WCHAR *in = pattern; *in && out < end; in++) {
        if (in[0] == '%' && in[1] == 'p') {
            out += _snwprintf(out, 12, L"%lu", GetCurrentProcessId());
            in++;
        } else {
            *out++ = *in;
        }
    }
    *out = 0;
    return out < end;
}

static BOOL open_file(void)
{
    static const struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snapshot, link_type;
    } header = {0xa1b2c3d4, 2, 4, 0, 0, 0x40000, 101};
    WCHAR path[MAX_PATH + 12];
    DWORD done;

    if (!file_name(path))
        return FALSE;
    file = create(path);
    if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_SHARING_VIOLATION) {
        /* Another process got the same name: a file of our own beside it. */
        _snwprintf(path + lstrlenW(path), 12, L".%lu", GetCurrentProcessId());
        file = create(path);
    }
    if (file == INVALID_HANDLE_VALUE) {
        ERR("cannot write %s: error %lu\n", debug_w(path), GetLastError());
        return FALSE;
    }
    return WriteFile(file, &header, sizeof header, &done, NULL);
}

int pcap_enabled(void)
{
    if (pcap_state == 2) {
        AcquireSRWLockExclusive(&lock);
        if (pcap_state == 2)
            pcap_state = open_file();
        ReleaseSRWLockExclusive(&lock);
    }
    return pcap_state;
}

static struct stream *find_stream(uint64_t connection)
{
    struct stream **bucket = &streams[connection % BUCKETS], *stream = *bucket;

    while (stream && stream->connection != connection)
        stream = stream->next;
    if (!stream && (stream = os_alloc_zero(sizeof *stream))) {
        stream->connection = connection;
        stream->next = *bucket;
        *bucket = stream;
    }
    return stream;
}

static BYTE *put16(BYTE *out, unsigned value)
{
    out[0] = value >> 8;
    out[1] = value;
    return out + 2;
}

static BYTE *put32(BYTE *out, uint32_t value)
{
    return put16(put16(out, value >> 16), value);
}

/* The checksum of an IPv4 header, RFC 791. */
static unsigned checksum(const BYTE *header)
{
    unsigned sum = 0;

    for (int i = 0; i < 20; i += 2)
        sum += header[i] << 8 | header[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    return ~(sum + (sum >> 16)) & 0xffff;
}

/* Packet record, IPv4 and TCP header for `length` octets of a stream; gives where they end. */
static BYTE *put_headers(BYTE *out, struct stream *stream, int outgoing, int to_server, unsigned length)
{
    const uint32_t here = 0x0a000001, peer = 0x0a010000 + (uint16_t)(stream->connection / 60000);
    const unsigned client_port = 1025 + stream->connection % 60000;
    ULARGE_INTEGER time;
    FILETIME now;
    BYTE *ip;

    GetSystemTimeAsFileTime(&now);
    time.u.LowPart = now.dwLowDateTime;
    time.u.HighPart = now.dwHighDateTime;
    time.QuadPart = time.QuadPart / 10 - 11644473600000000ull;
    const uint32_t record[4] = {time.QuadPart / 1000000, time.QuadPart % 1000000, 40 + length, 40 + length};
    memcpy(out, record, sizeof record);

    ip = out += sizeof record;
    out = put32(out, 0x45000000 | (40 + length));
    out = put32(out, 0x00004000); /* no identification, do not fragment */
    out = put32(out, 0x40060000); /* TCP; the checksum comes last */
    out = put32(out, outgoing ? here : peer);
    out = put32(out, outgoing ? peer : here);
    put16(ip + 10, checksum(ip));

    out = put16(out, to_server ? client_port : SERVER_PORT);
    out = put16(out, to_server ? SERVER_PORT : client_port);
    out = put32(out, 1 + stream->sent[to_server]);
    out = put32(out, 1 + stream->sent[!to_server]);
    return put32(put32(out, 0x5018ffff), 0); /* PSH, ACK */
}

/* Whether a client sends this type of PDU: request, bind, alter_context, auth3, co_cancel, orphaned
 * (C706 12.6.1, [MS-RPCE] 2.2.2.10). */
static int sent_by_client(const BYTE *pdu, size_t length)
{
    return length > 2 && pdu[2] < 32 &&
           (1u << pdu[2] & (1 << 0 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 18 | 1 << 19));
}

static void write_pdu(struct stream *stream, int outgoing, const BYTE *pdu, size_t length, BYTE *packets)
{
    const int to_server = sent_by_client(pdu, length);
    BYTE *out = packets;
    DWORD done;

    for (size_t at = 0, part; at < length; at += part) {
        part = length - at < SEGMENT ? length - at : SEGMENT;
        out = put_headers(out, stream, outgoing, to_server, part);
        memcpy(out, pdu + at, part);
        out += part;
        stream->sent[to_server] += part;
    }
    if (!WriteFile(file, packets, out - packets, &done, NULL))
        pcap_state = 0;
}

void pcap_write(uint64_t connection, int outgoing, const void *head, size_t head_length, const void *body,
                size_t body_length)
{
    const size_t length = head_length + body_length;
    BYTE *memory = os_alloc(length + length + (length / SEGMENT + 1) * HEADERS);
    struct stream *stream;
    DWORD error = GetLastError();

    if (!memory)
        return;
    memcpy(memory, head, head_length);
    if (body_length)
        memcpy(memory + head_length, body, body_length);
    AcquireSRWLockExclusive(&lock);
    if ((stream = find_stream(connection)))
        write_pdu(stream, outgoing, memory, length, memory + length);
    ReleaseSRWLockExclusive(&lock);
    os_free(memory);
    SetLastError(error);
}

void pcap_close(void)
{
    if (file && file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    for (unsigned i = 0; i < BUCKETS; i++)
        while (streams[i]) {
            struct stream *stream = streams[i];

            streams[i] = stream->next;
            os_free(stream);
        }
}
