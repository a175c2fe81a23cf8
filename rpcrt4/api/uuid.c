/*
 * UUIDs, SDK pages Uuid*: text, order and hash are wire/uuid.c's; here is where new ones come from.
 *
 * Random ones (RFC 4122 version 4) are from the system's generator, SystemFunction036 of advapi32, which is
 * loaded when first asked for. Sequential ones (version 1) take the clock, a node identifier and a clock
 * sequence; sequential.lock guards them. The node is the address of a network adapter, from iphlpapi, or
 * random with the multicast bit where there is none.
 */
#include <string.h>

#include "text.h"
#include "../wire/uuid.h"

#include <rpc.h>
#include <winsock2.h>
#include <iphlpapi.h>

/* 100 ns intervals from the Gregorian reform, 15 October 1582, to FILETIME's begin, 1 January 1601. */
#define REFORM_TO_FILETIME 0x00146bf33e42c000ull

static struct {
    SRWLOCK lock;
    BOOL ready, local_only;
    ULONGLONG last;
    USHORT clock_sequence;
    BYTE node[6];
} sequential = {.lock = SRWLOCK_INIT};

/* NULL stands for the nil UUID throughout, as the SDK pages say. */
static const struct wire_uuid *wire(const UUID *uuid)
{
    static const struct wire_uuid nil;

    return uuid ? (const struct wire_uuid *)uuid : &nil;
}

static BOOL random_octets(void *data, ULONG length)
{
    typedef BOOLEAN(WINAPI * generator)(void *data, ULONG length);
    static generator volatile generate;

    if (!generate) {
        HMODULE advapi32 = LoadLibraryW(L"advapi32.dll");

        generate = advapi32 ? (generator)(void *)GetProcAddress(advapi32, "SystemFunction036") : NULL;
    }
    return generate && generate(data, length);
}

RPC_STATUS RPC_ENTRY UuidCreate(UUID *uuid)
{
    if (!random_octets(uuid, sizeof(*uuid)))
        return RPC_S_CALL_FAILED; /* nothing documented fits */
    uuid->Data3 = (uuid->Data3 & 0x0fff) | 0x4000;
    uuid->Data4[0] = (uuid->Data4[0] & 0x3f) | 0x80;
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY I_UuidCreate(UUID *uuid)
{
    return UuidCreate(uuid);
}

/* The address of the first adapter that has one of six octets. */
static BOOL adapter_node(BYTE node[6])
{
    typedef DWORD(WINAPI * get_adapters)(IP_ADAPTER_INFO *, ULONG *);
    HMODULE iphlpapi = LoadLibraryW(L"iphlpapi.dll");
    get_adapters get = iphlpapi ? (get_adapters)(void *)GetProcAddress(iphlpapi, "GetAdaptersInfo") : NULL;
    IP_ADAPTER_INFO *adapters = NULL, *adapter;
    ULONG size = 0;
    BOOL found = FALSE;

    if (get && get(NULL, &size) == ERROR_BUFFER_OVERFLOW)
        adapters = os_alloc(size);
    if (adapters && get(adapters, &size) == ERROR_SUCCESS)
        for (adapter = adapters; adapter && !found; adapter = adapter->Next)
            if (adapter->AddressLength == 6) {
                memcpy(node, adapter->Address, 6);
                found = TRUE;
            }
    os_free(adapters);
    if (iphlpapi)
        FreeLibrary(iphlpapi);
    return found;
}

/* Under sequential.lock. */
static BOOL begin_sequence(void)
{
    if (sequential.ready)
        return TRUE;
    if (!random_octets(&sequential.clock_sequence, sizeof(sequential.clock_sequence)))
        return FALSE;
    if (!adapter_node(sequential.node)) {
        if (!random_octets(sequential.node, sizeof(sequential.node)))
            return FALSE;
        sequential.node[0] |= 1;
        sequential.local_only = TRUE;
    }
    sequential.ready = TRUE;
    return TRUE;
}

/* RFC 4122 4.2: no two calls get the same time, whatever the clock does. */
RPC_STATUS RPC_ENTRY UuidCreateSequential(UUID *uuid)
{
    ULARGE_INTEGER now;
    FILETIME time;
    RPC_STATUS status = RPC_S_CALL_FAILED;

    GetSystemTimeAsFileTime(&time);
    now.u.LowPart = time.dwLowDateTime;
    now.u.HighPart = time.dwHighDateTime;
    now.QuadPart += REFORM_TO_FILETIME;
    AcquireSRWLockExclusive(&sequential.lock);
    if (begin_sequence()) {
        if (now.QuadPart <= sequential.last)
            now.QuadPart = sequential.last + 1;
        sequential.last = now.QuadPart;
        uuid->Data1 = now.u.LowPart;
        uuid->Data2 = (USHORT)now.u.HighPart;
        uuid->Data3 = (USHORT)((now.u.HighPart >> 16 & 0x0fff) | 0x1000);
        uuid->Data4[0] = (BYTE)((sequential.clock_sequence >> 8 & 0x3f) | 0x80);
        uuid->Data4[1] = (BYTE)sequential.clock_sequence;
        memcpy(uuid->Data4 + 2, sequential.node, sizeof(sequential.node));
        status = sequential.local_only ? RPC_S_UUID_LOCAL_ONLY : RPC_S_OK;
    }
    ReleaseSRWLockExclusive(&sequential.lock);
    return status;
}

RPC_STATUS RPC_ENTRY UuidCreateNil(UUID *uuid)
{
    memset(uuid, 0, sizeof(*uuid));
    return RPC_S_OK;
}

signed int RPC_ENTRY UuidCompare(UUID *a, UUID *b, RPC_STATUS *status)
{
    *status = RPC_S_OK;
    return wire_uuid_compare(wire(a), wire(b));
}

int RPC_ENTRY UuidEqual(UUID *a, UUID *b, RPC_STATUS *status)
{
    *status = RPC_S_OK;
    return wire_uuid_equal(wire(a), wire(b));
}

int RPC_ENTRY UuidIsNil(UUID *uuid, RPC_STATUS *status)
{
    *status = RPC_S_OK;
    return wire_uuid_is_nil(wire(uuid));
}

unsigned short RPC_ENTRY UuidHash(UUID *uuid, RPC_STATUS *status)
{
    *status = RPC_S_OK;
    return wire_uuid_hash(wire(uuid));
}

RPC_STATUS RPC_ENTRY UuidToStringW(UUID *uuid, RPC_WSTR *string)
{
    *string = os_alloc((WIRE_UUID_TEXT + 1) * sizeof(**string));
    if (!*string)
        return RPC_S_OUT_OF_MEMORY;
    wire_uuid_to_text(wire(uuid), *string);
    return RPC_S_OK;
}

RPC_STATUS RPC_ENTRY UuidToStringA(UUID *uuid, RPC_CSTR *string)
{
    WCHAR *wide;
    RPC_STATUS status = UuidToStringW(uuid, &wide);

    return status == RPC_S_OK ? text_narrow(wide, string) : status;
}

RPC_STATUS RPC_ENTRY UuidFromStringW(RPC_WSTR string, UUID *uuid)
{
    size_t length = 0;

    if (!string)
        return UuidCreateNil(uuid);
    while (string[length] && length <= WIRE_UUID_TEXT)
        length++;
    return wire_uuid_from_text(string, length, (struct wire_uuid *)uuid) ? RPC_S_OK
                                                                         : RPC_S_INVALID_STRING_UUID;
}

RPC_STATUS RPC_ENTRY UuidFromStringA(RPC_CSTR string, UUID *uuid)
{
    WCHAR wide[WIRE_UUID_TEXT + 2];
    size_t length;

    if (!string)
        return UuidCreateNil(uuid);
    for (length = 0; string[length] && length <= WIRE_UUID_TEXT; length++)
        wide[length] = string[length];
    wide[length] = 0;
    return UuidFromStringW(wide, uuid);
}
