/*
 * Serialization: types and procedures, into buffers and incrementally. SDK: "Serialization Services",
 * MesEncode*, MesDecode*, MesBufferHandleReset, MesInqProcEncodingId; [MS-RPCE] 2.2.6 for the octets of
 * types.
 */
#include "fixture.h"
#include "test_pickle.h"
#include <midles.h>

static pickle_leaf sample = {5, (wchar_t *)L"hey"};

/* [MS-RPCE] 2.2.6.1, 2.2.6.2: the common header, the type's own, the type in NDR, filled up to eight. */
static const unsigned char sample_octets[] = {
    0x01, 0x10, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 'h',  0x00, 'e',  0x00, 'y',  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

/* The same from a big-endian sender; the common header says so. */
static const unsigned char big_octets[] = {
    0x01, 0x00, 0x08, 0x00, 0xcc, 0xcc, 0xcc, 0xcc, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x05, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x04, 0x00, 'h',  0x00, 'e',  0x00, 'y',  0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static int is_sample(const pickle_leaf *leaf)
{
    return leaf && leaf->number == 5 && leaf->text && !wcscmp(leaf->text, L"hey");
}

static void decode_sample(const unsigned char *octets, ULONG size, RPC_STATUS expected, const char *what)
{
    __attribute__((aligned(16))) char copy[64];
    pickle_leaf leaf = {0, NULL};
    LONG before = live_allocations();
    handle_t h = NULL;

    memcpy(copy, octets, size);
    ok_status(MesDecodeBufferHandleCreate(copy, size, &h), RPC_S_OK, "MesDecodeBufferHandleCreate");
    ok_status(CAUGHT(pickle_leaf_Decode(h, &leaf)), expected, what);
    if (expected == RPC_S_OK) {
        ok(is_sample(&leaf), "%s: wrong value\n", what);
        pickle_leaf_Free(h, &leaf);
    }
    ok(live_allocations() == before, "%s: %ld allocations\n", what, (long)(live_allocations() - before));
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
}

static void test_octets(void)
{
    __attribute__((aligned(16))) char buffer[256];
    ULONG encoded = 0, i;
    unsigned char bad[sizeof(sample_octets)];
    handle_t h = NULL;

    ok_status(MesEncodeFixedBufferHandleCreate(buffer, sizeof(buffer), &encoded, &h), RPC_S_OK,
              "MesEncodeFixedBufferHandleCreate");
    ok(pickle_leaf_AlignSize(h, &sample) == sizeof(sample_octets), "size %u\n",
       (unsigned)pickle_leaf_AlignSize(h, &sample));
    pickle_leaf_Encode(h, &sample);
    ok(encoded == sizeof(sample_octets) && !memcmp(buffer, sample_octets, sizeof(sample_octets)),
       "other octets, %lu of them\n", (unsigned long)encoded);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    decode_sample(sample_octets, sizeof(sample_octets), RPC_S_OK, "little-endian octets");
    decode_sample(big_octets, sizeof(big_octets), RPC_S_OK, "big-endian octets");
    for (i = 0; i < sizeof(sample_octets) - 8; i += 8)
        decode_sample(sample_octets, i, RPC_X_BAD_STUB_DATA, "truncated octets");
    memcpy(bad, sample_octets, sizeof(bad));
    bad[24] = 0xff; /* the string's maximum count, below its actual one */
    bad[32] = 0xff;
    decode_sample(bad, sizeof(bad), RPC_X_BAD_STUB_DATA, "a string too long");
}

static void test_sequence(void)
{
    pickle_leaf_pointer pointer = &sample, out = NULL;
    pickle_leaf leaf = {0, NULL};
    pickle_long number = 77, got = 0;
    char *buffer = NULL;
    ULONG encoded = 0;
    handle_t h = NULL;

    ok_status(MesEncodeDynBufferHandleCreate(&buffer, &encoded, &h), RPC_S_OK,
              "MesEncodeDynBufferHandleCreate");
    pickle_leaf_Encode(h, &sample);
    pickle_long_Encode(h, &number);
    pickle_leaf_pointer_Encode(h, &pointer);
    ok(buffer && encoded == 48 + 8 + 40, "%lu octets\n", (unsigned long)encoded);
    ok_status(MesBufferHandleReset(h, MES_FIXED_BUFFER_HANDLE, MES_DECODE, &buffer, encoded, NULL), RPC_S_OK,
              "MesBufferHandleReset");
    pickle_leaf_Decode(h, &leaf);
    pickle_long_Decode(h, &got);
    pickle_leaf_pointer_Decode(h, &out);
    ok(is_sample(&leaf) && got == 77 && is_sample(out), "wrong values\n");
    pickle_leaf_Free(h, &leaf);
    pickle_leaf_pointer_Free(h, &out);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    midl_user_free(buffer);
}

struct stream {
    __attribute__((aligned(16))) char octets[512];
    unsigned written, read;
};

static void __RPC_API stream_alloc(void *state, char **buffer, unsigned *size)
{
    struct stream *stream = state;

    ok(*size <= sizeof(stream->octets) - stream->written, "%u octets asked\n", *size);
    *buffer = stream->octets + stream->written;
}

static void __RPC_API stream_write(void *state, char *buffer, unsigned size)
{
    struct stream *stream = state;

    ok(buffer == stream->octets + stream->written, "another buffer\n");
    stream->written += size;
}

/* Gives less than was asked, as the SDK allows. */
static void __RPC_API stream_read(void *state, char **buffer, unsigned *size)
{
    struct stream *stream = state;

    *buffer = stream->octets + stream->read;
    if (*size > 12)
        *size = 12;
    stream->read += *size;
}

static void test_incremental(void)
{
    struct stream stream = {.written = 0};
    pickle_leaf leaf = {0, NULL};
    handle_t h = NULL;

    ok_status(MesEncodeIncrementalHandleCreate(&stream, stream_alloc, stream_write, &h), RPC_S_OK,
              "MesEncodeIncrementalHandleCreate");
    pickle_leaf_Encode(h, &sample);
    ok(stream.written == sizeof(sample_octets) &&
           !memcmp(stream.octets, sample_octets, sizeof(sample_octets)),
       "other octets, %u of them\n", stream.written);
    ok_status(MesIncrementalHandleReset(h, NULL, NULL, NULL, stream_read, MES_DECODE), RPC_S_OK,
              "MesIncrementalHandleReset");
    pickle_leaf_Decode(h, &leaf);
    ok(is_sample(&leaf), "wrong value\n");
    pickle_leaf_Free(h, &leaf);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
}

static void test_procedure(void)
{
    pickle_leaf leaf = sample, got = {0, NULL};
    RPC_SYNTAX_IDENTIFIER id;
    long number = 99, decoded = 0;
    char *buffer = NULL;
    ULONG encoded = 0, proc_num = 77;
    handle_t h = NULL;

    ok_status(MesEncodeDynBufferHandleCreate(&buffer, &encoded, &h), RPC_S_OK,
              "MesEncodeDynBufferHandleCreate");
    pickle_procedure(h, &number, &leaf);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    ok_status(MesDecodeBufferHandleCreate(buffer, encoded, &h), RPC_S_OK, "MesDecodeBufferHandleCreate");
    ok_status(MesInqProcEncodingId(h, &id, &proc_num), RPC_S_OK, "MesInqProcEncodingId");
    ok(!proc_num && id.SyntaxGUID.Data1 == 0x6d7f1c3e && id.SyntaxVersion.MajorVersion == 2 &&
           id.SyntaxVersion.MinorVersion == 5,
       "another procedure\n");
    pickle_procedure(h, &decoded, &got);
    ok(decoded == 99 && is_sample(&got), "wrong values\n");
    midl_user_free(got.text);
    ok_status(MesHandleFree(h), RPC_S_OK, "MesHandleFree");
    midl_user_free(buffer);
}

static void test_arguments(void)
{
    __attribute__((aligned(16))) char buffer[64];
    ULONG encoded;
    handle_t h = NULL;

    ok_status(MesEncodeFixedBufferHandleCreate(buffer + 1, 32, &encoded, &h), RPC_X_INVALID_BUFFER,
              "not aligned");
    ok_status(MesDecodeBufferHandleCreate(buffer + 4, 32, &h), RPC_X_INVALID_BUFFER, "not aligned");
    ok_status(MesEncodeFixedBufferHandleCreate(NULL, 32, &encoded, &h), RPC_S_INVALID_ARG, "no buffer");
    ok_status(MesDecodeIncrementalHandleCreate(NULL, NULL, &h), RPC_S_INVALID_ARG, "no read routine");
    ok_status(MesEncodeIncrementalHandleCreate(NULL, stream_alloc, NULL, &h), RPC_S_INVALID_ARG,
              "no write routine");
}

START_TEST(ndr_pickle)
{
    test_octets();
    test_sequence();
    test_incremental();
    test_procedure();
    test_arguments();
}
