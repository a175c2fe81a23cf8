/*
 * PDUs captured from peers (tests/corpus/pdu/captured_*): Wine 8.0's own rpcrt4, impacket 0.10, Samba 4.17's
 * smbtorture. Each is decoded whole; what a bind or an ack says is encoded again to the same octets. The
 * tests run at the top of the tree.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "wire/wire.h"

enum { CONTEXTS = 4, TRANSFERS = 4 };

static void encode_bind_again(const char *name, const uint8_t *octets, size_t length,
                              const struct wire_pdu *pdu)
{
    struct wire_bind_params params = {
        pdu->ptype,           pdu->flags,          pdu->minor, pdu->call_id, pdu->u.bind.assoc_group,
        pdu->u.bind.max_xmit, pdu->u.bind.max_recv};
    struct wire_syntax transfers[CONTEXTS][TRANSFERS];
    struct wire_out_context contexts[CONTEXTS];
    struct wire_context context;
    uint8_t out[256];
    size_t cursor = 0;
    unsigned i, count = 0;

    while (wire_next_context(pdu, &cursor, &context)) {
        ck_assert_msg(count < CONTEXTS && context.count <= TRANSFERS, "%s", name);
        for (i = 0; i < context.count; i++)
            wire_transfer(pdu, &context, i, &transfers[count][i]);
        contexts[count] =
            (struct wire_out_context){context.id, context.count, context.abstract, transfers[count]};
        count++;
    }
    ck_assert_msg(count > 0, "%s", name);
    ck_assert_msg(wire_encode_bind(out, sizeof(out), &params, contexts, (uint8_t)count) == length, "%s",
                  name);
    ck_assert_msg(!memcmp(out, octets, length), "%s", name);
}

static void encode_ack_again(const char *name, const uint8_t *octets, size_t length,
                             const struct wire_pdu *pdu)
{
    struct wire_bind_params params = {
        pdu->ptype,           pdu->flags,          pdu->minor, pdu->call_id, pdu->u.bind.assoc_group,
        pdu->u.bind.max_xmit, pdu->u.bind.max_recv};
    struct wire_context_result results[CONTEXTS];
    char address[64];
    uint8_t out[256];
    size_t cursor = 0;
    uint8_t count = 0;

    memcpy(address, pdu->u.bind.address, pdu->u.bind.address_length);
    address[pdu->u.bind.address_length] = 0;
    while (count < CONTEXTS && wire_next_result(pdu, &cursor, &results[count]))
        count++;
    ck_assert_msg(wire_encode_bind_ack(out, sizeof(out), &params, address, results, count) == length, "%s",
                  name);
    ck_assert_msg(!memcmp(out, octets, length), "%s", name);
}

static void check_one(const char *name)
{
    uint8_t octets[4096];
    struct wire_pdu pdu;
    char path[512];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "tests/corpus/pdu/%s", name);
    file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    length = fread(octets, 1, sizeof(octets), file);
    fclose(file);
    ck_assert_msg(wire_decode(octets, length, &pdu) == WIRE_OK, "%s", name);
    if (pdu.ptype == WIRE_BIND)
        encode_bind_again(name, octets, length, &pdu);
    if (pdu.ptype == WIRE_BIND_ACK)
        encode_ack_again(name, octets, length, &pdu);
}

START_TEST(captured)
{
    DIR *folder = opendir("tests/corpus/pdu");
    struct dirent *entry;
    unsigned count = 0;

    ck_assert(folder != NULL);
    while ((entry = readdir(folder)))
        if (!strncmp(entry->d_name, "captured_", 9)) {
            check_one(entry->d_name);
            count++;
        }
    closedir(folder);
    ck_assert_uint_ge(count, 10);
}
END_TEST

Suite *suite_captured(void)
{
    Suite *suite = suite_create("captured");
    TCase *tests = tcase_create("captured");

    tcase_add_test(tests, captured);
    suite_add_tcase(suite, tests);
    return suite;
}
