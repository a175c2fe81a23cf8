/*
 * Protocol towers. A tower is a count of floors, little-endian, then for each floor a counted left side (the
 * protocol identifier and what belongs to it) and a counted right side (its address). Floors: the interface,
 * the transfer syntax, the RPC protocol, the endpoint, and but for ncalrpc the network address.
 */
#include "octets.h"
#include "tower.h"

struct sequence {
    const char *protseq;
    uint8_t protocol, endpoint, address; /* address 0: none */
};

static const struct sequence sequences[] = {
    {"ncacn_ip_tcp", TOWER_NCACN, TOWER_TCP, TOWER_IP}, {"ncacn_np", TOWER_NCACN, TOWER_SMB, TOWER_NETBIOS},
    {"ncalrpc", TOWER_NCALRPC, TOWER_LRPC_NAME, 0},     {"ncacn_http", TOWER_NCACN, TOWER_HTTP, TOWER_IP},
    {"ncadg_ip_udp", TOWER_NCADG, TOWER_UDP, TOWER_IP},
};

enum { SYNTAX_FLOOR = 2 + 19 + 2 + 2, PROTOCOL_FLOOR = 2 + 1 + 2 + 2 };

static bool is_name(uint8_t floor)
{
    return floor == TOWER_SMB || floor == TOWER_LRPC_NAME || floor == TOWER_NETBIOS;
}

static const struct sequence *find_sequence(const char *protseq)
{
    size_t i;

    for (i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
        if (!strcmp(sequences[i].protseq, protseq))
            return &sequences[i];
    return NULL;
}

/* A number of at most max in decimal digits; the text goes on after it. */
static bool read_number(const char **text, unsigned max, unsigned *number)
{
    const char *at = *text;

    for (*number = 0; *at >= '0' && *at <= '9'; at++) {
        *number = *number * 10 + (unsigned)(*at - '0');
        if (*number > max)
            return false;
    }
    if (at == *text)
        return false;
    *text = at;
    return true;
}

static bool read_ip(const char *text, uint8_t ip[4])
{
    unsigned i, octet;

    for (i = 0; i < 4; i++) {
        if ((i && *text++ != '.') || !read_number(&text, 255, &octet))
            return false;
        ip[i] = (uint8_t)octet;
    }
    return !*text;
}

static uint8_t *put_syntax_floor(uint8_t *at, const struct wire_syntax *syntax)
{
    put16(at, 19);
    at[2] = TOWER_UUID;
    put_uuid(at + 3, &syntax->uuid);
    put16(at + 19, syntax->major);
    put16(at + 21, 2);
    put16(at + 23, syntax->minor);
    return at + SYNTAX_FLOOR;
}

static uint8_t *put_floor(uint8_t *at, uint8_t floor, const void *right, size_t length)
{
    put16(at, 1);
    at[2] = floor;
    put16(at + 3, (uint16_t)length);
    memcpy(at + 5, right, length);
    return at + 5 + length;
}

/* What goes to the right of the endpoint and the address floor. */
struct sides {
    uint8_t port[2], ip[4];
    const void *endpoint, *address;
    size_t endpoint_length, address_length;
};

static bool make_sides(const struct sequence *sequence, const char *endpoint, const char *address,
                       struct sides *sides)
{
    unsigned port = 0;

    memset(sides, 0, sizeof(*sides));
    if (is_name(sequence->endpoint)) {
        sides->endpoint = endpoint;
        sides->endpoint_length = strlen(endpoint) + 1;
    } else {
        if (*endpoint && (!read_number(&endpoint, 0xffff, &port) || *endpoint))
            return false;
        sides->port[0] = (uint8_t)(port >> 8);
        sides->port[1] = (uint8_t)port;
        sides->endpoint = sides->port;
        sides->endpoint_length = 2;
    }
    if (is_name(sequence->address)) {
        sides->address = address;
        sides->address_length = strlen(address) + 1;
    } else {
        if (!read_ip(address, sides->ip))
            memset(sides->ip, 0, sizeof(sides->ip));
        sides->address = sides->ip;
        sides->address_length = 4;
    }
    return sides->endpoint_length <= 0xffff && sides->address_length <= 0xffff;
}

size_t wire_encode_tower(uint8_t *out, size_t size, const struct wire_syntax *object,
                         const struct wire_syntax *transfer, const char *protseq, const char *endpoint,
                         const char *address)
{
    static const uint8_t version[2];
    const struct sequence *sequence = find_sequence(protseq);
    struct sides sides;
    size_t length;

    if (!sequence || !make_sides(sequence, endpoint ? endpoint : "", address ? address : "", &sides))
        return 0;
    length = 2 + 2 * SYNTAX_FLOOR + PROTOCOL_FLOOR + 5 + sides.endpoint_length;
    if (sequence->address)
        length += 5 + sides.address_length;
    if (length > size)
        return length;
    put16(out, sequence->address ? 5 : 4);
    out = put_syntax_floor(out + 2, object);
    out = put_syntax_floor(out, transfer);
    out = put_floor(out, sequence->protocol, version, sizeof(version));
    out = put_floor(out, sequence->endpoint, sides.endpoint, sides.endpoint_length);
    if (sequence->address)
        put_floor(out, sequence->address, sides.address, sides.address_length);
    return length;
}

struct floor {
    const uint8_t *left, *right;
    uint16_t left_length, right_length;
};

static bool next_side(const uint8_t **at, size_t *left, const uint8_t **side, uint16_t *length)
{
    if (*left < 2)
        return false;
    *length = get16(*at, false);
    *side = *at + 2;
    *left -= 2;
    if (*left < *length)
        return false;
    *left -= *length;
    *at += 2 + *length;
    return true;
}

static bool decode_syntax_floor(const struct floor *floor, struct wire_syntax *syntax)
{
    if (floor->left_length < 19 || floor->left[0] != TOWER_UUID || floor->right_length < 2)
        return false;
    get_uuid(floor->left + 1, false, &syntax->uuid);
    syntax->major = get16(floor->left + 17, false);
    syntax->minor = get16(floor->right, false);
    return true;
}

static const struct sequence *sequence_of(const struct floor *protocol, const struct floor *endpoint)
{
    size_t i;

    for (i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
        if (sequences[i].protocol == protocol->left[0] && sequences[i].endpoint == endpoint->left[0])
            return &sequences[i];
    return NULL;
}

/* A name ends at its NUL, or with the floor. */
static void decode_name(const struct floor *floor, const char **name, size_t *length)
{
    const uint8_t *end = memchr(floor->right, 0, floor->right_length);

    *name = (const char *)floor->right;
    *length = end ? (size_t)(end - floor->right) : floor->right_length;
}

static bool decode_endpoint(const struct floor *floor, struct tower *tower)
{
    tower->name = is_name(floor->left[0]);
    if (tower->name)
        decode_name(floor, &tower->endpoint, &tower->endpoint_length);
    else if (floor->right_length >= 2)
        tower->port = get16(floor->right, true);
    else
        return false;
    return true;
}

static bool decode_address(const struct floor *floor, struct tower *tower)
{
    if (is_name(floor->left[0])) {
        decode_name(floor, &tower->host, &tower->host_length);
        return true;
    }
    if (floor->left[0] != TOWER_IP || floor->right_length < 4)
        return false;
    tower->has_ip = true;
    memcpy(tower->ip, floor->right, 4);
    return true;
}

bool wire_decode_tower(const uint8_t *data, size_t length, struct tower *tower)
{
    enum { OBJECT, TRANSFER, PROTOCOL, ENDPOINT, ADDRESS, FLOORS };
    struct floor floors[FLOORS];
    const struct sequence *sequence;
    uint16_t count, i;

    memset(tower, 0, sizeof(*tower));
    if (length < 2)
        return false;
    count = get16(data, false);
    data += 2, length -= 2;
    for (i = 0; i < count && i < FLOORS; i++)
        if (!next_side(&data, &length, &floors[i].left, &floors[i].left_length) ||
            !next_side(&data, &length, &floors[i].right, &floors[i].right_length) || !floors[i].left_length)
            break;
    /* A tower of ncalrpc has four floors; Wine's say five all the same. */
    if (i < count && i < FLOORS)
        count = i;
    if (count <= ENDPOINT || !decode_syntax_floor(&floors[OBJECT], &tower->object) ||
        !decode_syntax_floor(&floors[TRANSFER], &tower->transfer))
        return false;
    sequence = sequence_of(&floors[PROTOCOL], &floors[ENDPOINT]);
    if (!sequence || !decode_endpoint(&floors[ENDPOINT], tower))
        return false;
    tower->protseq = sequence->protseq;
    return !sequence->address || (count > ADDRESS && decode_address(&floors[ADDRESS], tower));
}

static size_t write_number(unsigned number, char *out)
{
    char digits[12];
    size_t length = 0, i;

    do
        digits[length++] = (char)('0' + number % 10);
    while (number /= 10);
    for (i = 0; i < length; i++)
        out[i] = digits[length - 1 - i];
    out[length] = 0;
    return length;
}

static size_t copy_name(const char *name, size_t length, char *out)
{
    if (out) {
        memcpy(out, length ? name : "", length);
        out[length] = 0;
    }
    return length;
}

size_t wire_tower_endpoint(const struct tower *tower, char *out)
{
    char text[TOWER_NUMBER_TEXT];

    if (tower->name)
        return copy_name(tower->endpoint, tower->endpoint_length, out);
    return write_number(tower->port, out ? out : text);
}

size_t wire_tower_address(const struct tower *tower, char *out)
{
    char text[TOWER_NUMBER_TEXT];
    size_t length = 0;
    unsigned i;

    if (!tower->has_ip)
        return copy_name(tower->host, tower->host_length, out);
    if (!out)
        out = text;
    for (i = 0; i < 4; i++) {
        if (i)
            out[length++] = '.';
        length += write_number(tower->ip[i], out + length);
    }
    return length;
}
