/*
 * The samples themselves: see the header. CALL_ID, INTERFACE and the syntaxes are written once for each
 * representation.
 */
#include "pdu_samples.h"

#define CALL_ID      "\x0d\x0c\x0b\x0a"
#define CALL_ID_BIG  "\x0a\x0b\x0c\x0d"
#define LITTLE       "\x10\x00\x00\x00"
#define BIG          "\x00\x00\x00\x00"
#define NO_AUTH      "\x00\x00"
#define NO_SYNTAX    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define LIMITS       "\xd0\x16\xb8\x10" /* 5840, 4280 */
#define LIMITS_BIG   "\x16\xd0\x10\xb8"
#define LIMITS_2     "\xd0\x16\xd0\x16"
#define LIMITS_2_BIG "\x16\xd0\x16\xd0"

/* 12345678-1234-abcd-ef00-010203040506 v3.1 */
#define INTERFACE     "\x78\x56\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x02\x03\x04\x05\x06\x03\x00\x01\x00"
#define INTERFACE_BIG "\x12\x34\x56\x78\x12\x34\xab\xcd\xef\x00\x01\x02\x03\x04\x05\x06\x00\x01\x00\x03"
/* 8a885d04-1ceb-11c9-9fe8-08002b104860 v2.0 */
#define NDR     "\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60\x02\x00\x00\x00"
#define NDR_BIG "\x8a\x88\x5d\x04\x1c\xeb\x11\xc9\x9f\xe8\x08\x00\x2b\x10\x48\x60\x00\x00\x00\x02"
/* 71710533-beba-4937-8319-b5dbef9ccc36 v1.0 */
#define NDR64     "\x33\x05\x71\x71\xba\xbe\x37\x49\x83\x19\xb5\xdb\xef\x9c\xcc\x36\x01\x00\x00\x00"
#define NDR64_BIG "\x71\x71\x05\x33\xbe\xba\x49\x37\x83\x19\xb5\xdb\xef\x9c\xcc\x36\x00\x00\x00\x01"
/* 6cb71c2c-9812-4540-0300-000000000000 v1.0: bind-time feature negotiation, both features */
#define FEATURES     "\x2c\x1c\xb7\x6c\x12\x98\x40\x45\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"
#define FEATURES_BIG "\x6c\xb7\x1c\x2c\x98\x12\x45\x40\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
/* 11223344-5566-7788-99aa-bbccddeeff01 */
#define OBJECT     "\x44\x33\x22\x11\x66\x55\x88\x77\x99\xaa\xbb\xcc\xdd\xee\xff\x01"
#define OBJECT_BIG "\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x01"

#define SAMPLE(name, text)                                                                                   \
    {                                                                                                        \
        name, (const uint8_t *)(text), sizeof(text) - 1                                                      \
    }

const struct pdu_sample pdu_samples[SAMPLES] = {
    [SAMPLE_BIND] = SAMPLE(
        "bind", "\x05\x00\x0b\x13" LITTLE "\x88\x00" NO_AUTH CALL_ID LIMITS "\x04\x03\x02\x01\x02\x00\x00\x00"
                "\x00\x00\x02\x00" INTERFACE NDR NDR64 "\x02\x01\x01\x00" INTERFACE FEATURES),
    [SAMPLE_BIND_BIG] = SAMPLE(
        "bind, big-endian",
        "\x05\x00\x0b\x13" BIG "\x00\x88" NO_AUTH CALL_ID_BIG LIMITS_BIG "\x01\x02\x03\x04\x02\x00\x00\x00"
        "\x00\x00\x02\x00" INTERFACE_BIG NDR_BIG NDR64_BIG "\x01\x02\x01\x00" INTERFACE_BIG FEATURES_BIG),
    [SAMPLE_BIND_ACK] =
        SAMPLE("bind_ack", "\x05\x00\x0c\x03" LITTLE "\x6c\x00" NO_AUTH CALL_ID LIMITS_2 "\x00\x00\x34\x12"
                           "\x05\x00"
                           "4915\0"
                           "\0"
                           "\x03\x00\x00\x00"
                           "\x00\x00\x00\x00" NDR "\x02\x00\x02\x00" NO_SYNTAX "\x03\x00\x03\x00" NO_SYNTAX),
    [SAMPLE_BIND_ACK_BIG] =
        SAMPLE("bind_ack, big-endian",
               "\x05\x00\x0c\x03" BIG "\x00\x6c" NO_AUTH CALL_ID_BIG LIMITS_2_BIG "\x12\x34\x00\x00"
               "\x00\x05"
               "4915\0"
               "\0"
               "\x03\x00\x00\x00"
               "\x00\x00\x00\x00" NDR_BIG "\x00\x02\x00\x02" NO_SYNTAX "\x00\x03\x00\x03" NO_SYNTAX),
    [SAMPLE_BIND_NAK] = SAMPLE("bind_nak", "\x05\x00\x0d\x03" LITTLE "\x17\x00" NO_AUTH CALL_ID
                                           "\x04\x00\x02\x05\x00\x05\x01"),
    [SAMPLE_REQUEST] = SAMPLE("request", "\x05\x00\x00\x83" LITTLE "\x2d\x00" NO_AUTH CALL_ID
                                         "\x05\x00\x00\x00\x02\x01\x0b\x0a" OBJECT "hello"),
    [SAMPLE_REQUEST_BIG] =
        SAMPLE("request, big-endian", "\x05\x00\x00\x83" BIG "\x00\x2d" NO_AUTH CALL_ID_BIG
                                      "\x00\x00\x00\x05\x01\x02\x0a\x0b" OBJECT_BIG "hello"),
    [SAMPLE_RESPONSE] = SAMPLE("response", "\x05\x00\x02\x01" LITTLE "\x39\x00\x09\x00" CALL_ID
                                           "\x64\x00\x00\x00\x01\x00\x07\x00"
                                           "hello\0\0\0\0\0\0\0\0\0\0\0"
                                           "\x0a\x06\x0b\x00\x88\x77\x66\x55"
                                           "signature"),
    [SAMPLE_FAULT] = SAMPLE("fault", "\x05\x00\x03\x23" LITTLE "\x20\x00" NO_AUTH CALL_ID
                                     "\x20\x00\x00\x00\x00\x00\x02\x00\x02\x00\x01\x1c\x00\x00\x00\x00"),
    [SAMPLE_FAULT_BIG] =
        SAMPLE("fault, big-endian", "\x05\x00\x03\x23" BIG "\x00\x20" NO_AUTH CALL_ID_BIG
                                    "\x00\x00\x00\x20\x00\x00\x02\x00\x1c\x01\x00\x02\x00\x00\x00\x00"),
    [SAMPLE_AUTH3] = SAMPLE("auth3", "\x05\x00\x10\x03" LITTLE "\x20\x00\x04\x00" CALL_ID "\x00\x00\x00\x00"
                                     "\x0a\x05\x00\x00\x01\x00\x00\x00"
                                     "NTLM"),
    [SAMPLE_CO_CANCEL] = SAMPLE("co_cancel", "\x05\x00\x12\x03" LITTLE "\x10\x00" NO_AUTH CALL_ID),
};
