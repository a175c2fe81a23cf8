/*
 * UUIDs as text and in order, C706 appendix A. Owns nothing.
 */
#include "octets.h"
#include "uuid.h"

/* The string form: where each octet's two digits stand. */
static const uint8_t digit_at[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

static bool is_dash_place(size_t place)
{
    return place == 8 || place == 13 || place == 18 || place == 23;
}

static int hex_digit(uint16_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool wire_uuid_from_text(const uint16_t *text, size_t length, struct wire_uuid *uuid)
{
    uint8_t octets[16];
    size_t i;

    if (length != WIRE_UUID_TEXT)
        return false;
    for (i = 0; i < length; i++)
        if (is_dash_place(i) ? text[i] != '-' : text[i] > 'f' || hex_digit(text[i]) < 0)
            return false;
    for (i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(hex_digit(text[digit_at[i]]) << 4 | hex_digit(text[digit_at[i] + 1]));
    get_uuid(octets, true, uuid); /* the text has the most significant digit first */
    return true;
}

void wire_uuid_to_text(const struct wire_uuid *uuid, uint16_t *text)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t octets[16] = {
        (uint8_t)(uuid->data1 >> 24), (uint8_t)(uuid->data1 >> 16), (uint8_t)(uuid->data1 >> 8),
        (uint8_t)uuid->data1,         (uint8_t)(uuid->data2 >> 8),  (uint8_t)uuid->data2,
        (uint8_t)(uuid->data3 >> 8),  (uint8_t)uuid->data3,
    };
    size_t i;

    memcpy(octets + 8, uuid->data4, 8);
    for (i = 0; i < WIRE_UUID_TEXT; i++)
        text[i] = '-';
    text[WIRE_UUID_TEXT] = 0;
    for (i = 0; i < sizeof(octets); i++) {
        text[digit_at[i]] = (uint8_t)digits[octets[i] >> 4];
        text[digit_at[i] + 1] = (uint8_t)digits[octets[i] & 15];
    }
}

bool wire_uuid_is_nil(const struct wire_uuid *uuid)
{
    static const struct wire_uuid nil;

    return wire_uuid_equal(uuid, &nil);
}

static int order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

int wire_uuid_compare(const struct wire_uuid *a, const struct wire_uuid *b)
{
    int result = order(a->data1, b->data1);
    size_t i;

    if (!result)
        result = order(a->data2, b->data2);
    if (!result)
        result = order(a->data3, b->data3);
    for (i = 0; !result && i < sizeof(a->data4); i++)
        result = order(a->data4[i], b->data4[i]);
    return result;
}

uint16_t wire_uuid_hash(const struct wire_uuid *uuid)
{
    uint8_t octets[16];
    int c0 = 0, c1 = 0, x, y;
    size_t i;

    memcpy(octets, uuid, sizeof(octets));
    for (i = 0; i < sizeof(octets); i++) {
        c0 += octets[i];
        c1 += c0;
    }
    x = -c1 % 255;
    if (x < 0)
        x += 255;
    y = (c1 - c0) % 255;
    if (y < 0)
        y += 255;
    return (uint16_t)(y << 8 | x);
}
