/*
 * [MS-EERR] records in NDR, written out by hand: the interface's structures hold conformant arrays, unions
 * and a list linked by its first member, so that a record's successors come whole before its own strings.
 *
 * Type serialization frames it: a header of 8 octets with version and representation, one with the object's
 * length, and the object padded to a multiple of 8. Whether Windows has the first record come as a pointer's
 * referent is unverified there; both forms are understood, and the record alone is written, as [MS-EERR]
 * 2.2.2.1 says. They differ in the first word: a count of parameters, or a pointer's identifier.
 */
#include "eerr.h"
#include "ndr20.h"

enum {
    HEADERS = 16,          /* [MS-RPCE] 2.2.6.1, 2.2.6.2 */
    REFERENT = 0x00020000, /* the first pointer's identifier; they go up by 4 */
    PRESENT = 1,           /* EEComputerNamePresent */
    NOT_PRESENT = 2
};

/* ---- encoding */

struct encoder {
    struct ndr20_writer to;
    uint32_t referent;
    const struct eerr_record *records;
    unsigned count;
};

static void put_u16(struct ndr20_writer *to, uint16_t value)
{
    uint8_t octets[2];

    put16(octets, value);
    ndr20_put_align(to, 2);
    ndr20_put_octets(to, octets, sizeof(octets));
}

static void put_u64(struct ndr20_writer *to, uint64_t value)
{
    ndr20_put_align(to, 8);
    ndr20_put_u32(to, (uint32_t)value);
    ndr20_put_u32(to, (uint32_t)(value >> 32));
}

static void put_pointer(struct encoder *encoder, bool set)
{
    ndr20_put_u32(&encoder->to, set ? encoder->referent : 0);
    encoder->referent += set ? 4 : 0;
}

/* EEAString, EEUString, BinaryEEInfo without what they point to. */
static void put_text(struct encoder *encoder, const struct eerr_text *text)
{
    put_u16(&encoder->to, text->count);
    put_pointer(encoder, text->count != 0);
}

static void put_text_referent(struct ndr20_writer *to, const struct eerr_text *text, size_t width)
{
    if (!text->count)
        return;
    ndr20_put_u32(to, text->count);
    ndr20_put_octets(to, text->octets, text->count * width);
}

/* A non-encapsulated union's discriminant follows the member that it is the same as. */
static void put_type(struct ndr20_writer *to, unsigned type)
{
    put_u16(to, (uint16_t)type);
    put_u16(to, (uint16_t)type);
}

static void put_param(struct encoder *encoder, const struct eerr_param *param)
{
    struct ndr20_writer *to = &encoder->to;

    ndr20_put_align(to, 8);
    put_type(to, param->type);
    switch (param->type) {
    case EERR_ANSI:
    case EERR_UNICODE:
    case EERR_BINARY:
        put_text(encoder, &param->text);
        break;
    case EERR_LONG:
        ndr20_put_u32(to, (uint32_t)param->value);
        break;
    case EERR_SHORT:
        put_u16(to, (uint16_t)param->value);
        break;
    case EERR_POINTER:
        put_u64(to, param->value);
        break;
    case EERR_NONE:
        break;
    }
}

static void put_flat(struct encoder *encoder, const struct eerr_record *record, bool has_next)
{
    struct ndr20_writer *to = &encoder->to;
    unsigned i;

    ndr20_put_u32(to, record->count);
    ndr20_put_align(to, 8);
    put_pointer(encoder, has_next);
    put_type(to, record->has_computer ? PRESENT : NOT_PRESENT);
    if (record->has_computer)
        put_text(encoder, &record->computer);
    ndr20_put_u32(to, record->process);
    put_u64(to, record->time);
    ndr20_put_u32(to, record->component);
    ndr20_put_u32(to, record->status);
    put_u16(to, record->location);
    put_u16(to, record->flags);
    put_u16(to, (uint16_t)record->count);
    for (i = 0; i < record->count; i++)
        put_param(encoder, &record->params[i]);
}

static void put_record(struct encoder *encoder, unsigned index)
{
    const struct eerr_record *record = &encoder->records[index];
    unsigned i;

    put_flat(encoder, record, index + 1 < encoder->count);
    if (index + 1 < encoder->count)
        put_record(encoder, index + 1);
    if (record->has_computer)
        put_text_referent(&encoder->to, &record->computer, 2);
    for (i = 0; i < record->count; i++) {
        const struct eerr_param *param = &record->params[i];

        if (param->type == EERR_ANSI || param->type == EERR_UNICODE || param->type == EERR_BINARY)
            put_text_referent(&encoder->to, &param->text, param->type == EERR_UNICODE ? 2 : 1);
    }
}

size_t eerr_encode(uint8_t *out, size_t size, const struct eerr_record *records, unsigned count)
{
    static const uint8_t headers[HEADERS] = {1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc};
    struct encoder encoder = {{out, size, 0}, REFERENT, records, count};

    ndr20_put_octets(&encoder.to, headers, sizeof(headers));
    put_record(&encoder, 0);
    ndr20_put_align(&encoder.to, 8);
    if (encoder.to.length <= size)
        put32(out + 8, (uint32_t)(encoder.to.length - HEADERS));
    return encoder.to.length;
}

/* ---- decoding */

struct decoder {
    struct ndr20_reader from;
    struct eerr_record *records;
    unsigned count;
};

/* What a record's flat part says of what follows it. */
struct pointers {
    bool next, computer, params[EERR_PARAMS];
};

static uint16_t get_u16(struct ndr20_reader *from)
{
    const uint8_t *octets;

    ndr20_get_align(from, 2);
    octets = ndr20_get_octets(from, 2);
    return octets ? get16(octets, from->big) : 0;
}

static uint64_t get_u64(struct ndr20_reader *from)
{
    uint64_t first, second;

    ndr20_get_align(from, 8);
    first = ndr20_get_u32(from);
    second = ndr20_get_u32(from);
    return from->big ? first << 32 | second : second << 32 | first;
}

static void get_text(struct ndr20_reader *from, struct eerr_text *text, bool *pointer)
{
    text->count = get_u16(from);
    *pointer = ndr20_get_u32(from) != 0;
    if (text->count > INT16_MAX)
        from->failed = true;
}

static void get_text_referent(struct ndr20_reader *from, struct eerr_text *text, size_t width)
{
    if (ndr20_get_u32(from) != text->count)
        from->failed = true;
    text->octets = ndr20_get_octets(from, text->count * width);
}

static unsigned get_type(struct ndr20_reader *from)
{
    unsigned type = get_u16(from);

    if (get_u16(from) != type)
        from->failed = true;
    return type;
}

static void get_param(struct ndr20_reader *from, struct eerr_param *param, bool *pointer)
{
    ndr20_get_align(from, 8);
    param->type = get_type(from);
    switch (param->type) {
    case EERR_ANSI:
    case EERR_UNICODE:
    case EERR_BINARY:
        get_text(from, &param->text, pointer);
        break;
    case EERR_LONG:
        param->value = (uint64_t)(int64_t)(int32_t)ndr20_get_u32(from);
        break;
    case EERR_SHORT:
        param->value = (uint64_t)(int64_t)(int16_t)get_u16(from);
        break;
    case EERR_POINTER:
        param->value = get_u64(from);
        break;
    case EERR_NONE:
        break;
    default:
        from->failed = true;
    }
}

static void get_computer(struct ndr20_reader *from, struct eerr_record *record, bool *pointer)
{
    unsigned type = get_type(from);

    record->has_computer = type == PRESENT;
    if (record->has_computer)
        get_text(from, &record->computer, pointer);
    else if (type != NOT_PRESENT)
        from->failed = true;
}

static void get_flat(struct ndr20_reader *from, struct eerr_record *record, uint32_t conformance,
                     struct pointers *pointers)
{
    unsigned i;

    ndr20_get_align(from, 8);
    pointers->next = ndr20_get_u32(from) != 0;
    get_computer(from, record, &pointers->computer);
    record->process = ndr20_get_u32(from);
    record->time = get_u64(from);
    record->component = ndr20_get_u32(from);
    record->status = ndr20_get_u32(from);
    record->location = get_u16(from);
    record->flags = get_u16(from);
    record->count = get_u16(from);
    if (record->count > EERR_PARAMS || record->count != conformance) {
        from->failed = true;
        record->count = 0;
    }
    for (i = 0; i < record->count; i++)
        get_param(from, &record->params[i], &pointers->params[i]);
}

static size_t width_of(const struct eerr_param *param)
{
    return param->type == EERR_UNICODE ? 2 : 1;
}

/* A text whose pointer is null is empty, whatever its length says. */
static void get_texts(struct ndr20_reader *from, struct eerr_record *record, const struct pointers *pointers)
{
    unsigned i;

    if (pointers->computer)
        get_text_referent(from, &record->computer, 2);
    else
        record->computer.count = 0;
    for (i = 0; i < record->count; i++) {
        struct eerr_param *param = &record->params[i];

        if (pointers->params[i])
            get_text_referent(from, &param->text, width_of(param));
        else
            param->text.count = 0;
    }
}

static void get_record(struct decoder *decoder, uint32_t conformance)
{
    struct eerr_record *record = &decoder->records[decoder->count++];
    struct ndr20_reader *from = &decoder->from;
    struct pointers pointers = {0};

    memset(record, 0, sizeof(*record));
    get_flat(from, record, conformance, &pointers);
    if (pointers.next && decoder->count == EERR_RECORDS)
        from->failed = true;
    if (pointers.next && !from->failed)
        get_record(decoder, ndr20_get_u32(from));
    get_texts(from, record, &pointers);
}

bool eerr_decode(const uint8_t *data, size_t length, struct eerr_record *records, unsigned *count, bool *big)
{
    struct decoder decoder = {.records = records};
    uint32_t first;

    *count = 0;
    if (length < HEADERS || data[0] != 1)
        return false;
    *big = !(data[1] & 0xf0);
    if (get16(data + 2, *big) != 8)
        return false;
    decoder.from = (struct ndr20_reader){.data = data, .length = length, .at = HEADERS, .big = *big};
    first = ndr20_get_u32(&decoder.from);
    if (first > EERR_PARAMS) /* a pointer's identifier */
        first = ndr20_get_u32(&decoder.from);
    get_record(&decoder, first);
    if (decoder.from.failed)
        return false;
    *count = decoder.count;
    return true;
}

uint16_t eerr_char(const struct eerr_text *text, unsigned index, bool big)
{
    return get16(text->octets + 2 * (size_t)index, big);
}
