/*
 * UUIDs: the SDK pages UuidCreate, UuidCreateSequential, UuidFromString, UuidToString, UuidCompare,
 * UuidEqual, UuidIsNil, UuidHash, UuidCreateNil; RFC 4122 for what a new one looks like.
 */
#include "winetest.h"

static UUID sample = {0x12345678, 0x9abc, 0xdef0, {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}};
static UUID nil;

static void test_text(void)
{
    static const char text[] = "12345678-9abc-def0-1234-56789abcdef0";
    static const char *const bad[] = {
        "",
        "12345678-9abc-def0-1234-56789abcdef",
        "12345678-9abc-def0-1234-56789abcdef01",
        "{12345678-9abc-def0-1234-56789abcdef0}",
        "12345678 9abc-def0-1234-56789abcdef0",
        "12345678-9abc-def0-1234-56789abcdefg",
        "123456789abcdef0123456789abcdef0",
    };
    UUID uuid;
    RPC_CSTR ansi = NULL;
    RPC_WSTR wide = NULL;
    RPC_STATUS status;
    unsigned i;

    ok_status(UuidToStringA(&sample, &ansi), RPC_S_OK, "UuidToStringA");
    ok(ansi && !strcmp((char *)ansi, text), "text %s\n", ansi);
    ok_status(UuidFromStringA(ansi, &uuid), RPC_S_OK, "UuidFromStringA");
    ok(UuidEqual(&uuid, &sample, &status), "it came back another\n");
    RpcStringFreeA(&ansi);
    ok(!ansi, "RpcStringFree leaves NULL\n");

    ok_status(UuidToStringW(&sample, &wide), RPC_S_OK, "UuidToStringW");
    ok(wide && !wcscmp(wide, L"12345678-9abc-def0-1234-56789abcdef0"), "text %ls\n", wide);
    memset(&uuid, 0, sizeof(uuid));
    ok_status(UuidFromStringW(wide, &uuid), RPC_S_OK, "UuidFromStringW");
    ok(UuidEqual(&uuid, &sample, &status), "it came back another\n");
    RpcStringFreeW(&wide);

    ok_status(UuidFromStringA((RPC_CSTR) "12345678-9ABC-DEF0-1234-56789ABCDEF0", &uuid), RPC_S_OK,
              "capitals");
    ok(UuidEqual(&uuid, &sample, &status), "capitals gave another\n");
    for (i = 0; i < ARRAYSIZE(bad); i++)
        ok_status(UuidFromStringA((RPC_CSTR)bad[i], &uuid), RPC_S_INVALID_STRING_UUID, bad[i]);
    uuid = sample;
    ok_status(UuidFromStringA(NULL, &uuid), RPC_S_OK, "UuidFromString of NULL"); /* gives the nil UUID */
    ok(UuidIsNil(&uuid, &status), "NULL text is nil\n");
    uuid = sample;
    ok_status(UuidFromStringW(NULL, &uuid), RPC_S_OK, "UuidFromStringW of NULL");
    ok(UuidIsNil(&uuid, &status), "NULL text is nil\n");
}

static void test_order(void)
{
    static UUID rising[] = {
        {0, 0, 0, {0}},          {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 1}},
        {0, 0, 0, {0x80}},       {0, 0, 1, {0}},
        {0, 0, 0x8000, {0}},     {0, 1, 0, {0}},
        {0x7fffffff, 0, 0, {0}}, {0x80000000, 0, 0, {0}},
    };
    RPC_STATUS status = 1;
    unsigned i, j;

    for (i = 0; i < ARRAYSIZE(rising); i++)
        for (j = 0; j < ARRAYSIZE(rising); j++) {
            ok(UuidCompare(&rising[i], &rising[j], &status) == (i > j) - (i < j), "order of %u and %u\n", i,
               j);
            ok(!UuidEqual(&rising[i], &rising[j], &status) == (i != j), "equality of %u and %u\n", i, j);
        }
    ok_status(status, RPC_S_OK, "status of UuidEqual");
    ok(UuidCompare(NULL, &sample, &status) == -1, "NULL is nil, and first\n");
    ok(UuidCompare(&sample, NULL, &status) == 1, "NULL is nil, and first\n");
    ok(UuidCompare(NULL, &nil, &status) == 0, "NULL is nil\n");
    ok(UuidEqual(NULL, &nil, &status), "NULL is nil\n");
    ok(UuidIsNil(NULL, &status), "NULL is nil\n");
    ok(UuidIsNil(&nil, &status) && !UuidIsNil(&sample, &status), "UuidIsNil\n");
    ok_status(UuidCreateNil(&rising[0]), RPC_S_OK, "UuidCreateNil");
    ok(UuidIsNil(&rising[0], &status), "UuidCreateNil gives nil\n");
    ok(UuidHash(&nil, &status) == UuidHash(NULL, &status), "NULL hashes as nil\n");
    ok(UuidHash(&sample, &status) != UuidHash(&nil, &status), "hashes differ\n");
}

static void test_create(void)
{
    enum { COUNT = 1000 };
    static UUID made[COUNT];
    RPC_STATUS status;
    unsigned i;

    for (i = 0; i < COUNT; i++) {
        status = UuidCreate(&made[i]);
        if (status != RPC_S_OK || made[i].Data3 >> 12 != 4 || made[i].Data4[0] >> 6 != 2)
            break;
        if (i && UuidEqual(&made[i], &made[i - 1], &status))
            break;
    }
    ok(i == COUNT, "UuidCreate %u: status %ld, version %x, variant %x\n", i, status,
       made[i % COUNT].Data3 >> 12, made[i % COUNT].Data4[0] >> 6);
}

/* One node, one clock sequence, the time never the same. */
static ULONGLONG time_of(const UUID *uuid)
{
    return (ULONGLONG)(uuid->Data3 & 0xfff) << 48 | (ULONGLONG)uuid->Data2 << 32 | uuid->Data1;
}

static void test_sequential(void)
{
    enum { COUNT = 1000 };
    static UUID made[COUNT];
    RPC_STATUS status = RPC_S_OK;
    unsigned i;

    for (i = 0; i < COUNT; i++) {
        status = UuidCreateSequential(&made[i]);
        if ((status != RPC_S_OK && status != RPC_S_UUID_LOCAL_ONLY) || made[i].Data3 >> 12 != 1 ||
            made[i].Data4[0] >> 6 != 2)
            break;
        if (i &&
            (memcmp(made[i].Data4 + 2, made[0].Data4 + 2, 6) || time_of(&made[i]) <= time_of(&made[i - 1])))
            break;
    }
    ok(i == COUNT, "UuidCreateSequential %u: status %ld, version %x, variant %x\n", i, status,
       made[i % COUNT].Data3 >> 12, made[i % COUNT].Data4[0] >> 6);
    ok(!(made[0].Data4[2] & 1) == (status == RPC_S_OK), "node %02x, status %ld\n", made[0].Data4[2], status);
}

START_TEST(uuid)
{
    test_text();
    test_order();
    test_create();
    test_sequential();
}
