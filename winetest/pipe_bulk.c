/*
 * Much through pipes in little memory, each way and on every transport (SDK, "Pipes": data that is not all
 * available in memory at one time). `rpcrt4_winetest pipe_bulk 1024` sends 1024 MiB instead of 64. Client and
 * server are one process, whose peak working set is watched: how much it may grow does not depend on how much
 * goes.
 */
#include "ndr.h"
#include <psapi.h>

enum { PIECE = 16384, LONGS_OF_MIB = 1 << 18, GROWTH_MAX = 16384 /* KiB */ };

struct bulk {
    ULONGLONG at, total;
    BOOL wrong, ended;
    LONG memory[PIECE];
};

static void __RPC_API allocate(char *state, ULONG octets, void **memory, ULONG *given)
{
    struct bulk *bulk = (struct bulk *)state;

    *memory = bulk->memory;
    *given = octets < sizeof(bulk->memory) ? octets : sizeof(bulk->memory);
}

static void __RPC_API pull(char *state, LONG *elements, ULONG capacity, ULONG *count)
{
    struct bulk *bulk = (struct bulk *)state;

    for (*count = 0; *count < capacity && bulk->at < bulk->total; ++*count)
        elements[*count] = (LONG)bulk->at++;
}

static void __RPC_API push(char *state, LONG *elements, ULONG count)
{
    struct bulk *bulk = (struct bulk *)state;

    bulk->wrong |= bulk->ended;
    bulk->ended = !count;
    for (ULONG i = 0; i < count; i++)
        bulk->wrong |= elements[i] != (LONG)bulk->at++;
}

/* Kilobytes. */
static LONG peak(void)
{
    BOOL(WINAPI * ask)
    (HANDLE, PROCESS_MEMORY_COUNTERS *, DWORD) =
        (void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "K32GetProcessMemoryInfo");
    PROCESS_MEMORY_COUNTERS counters = {0};

    ok(ask(GetCurrentProcess(), &counters, sizeof(counters)), "no memory counters\n");
    return (LONG)(counters.PeakWorkingSetSize >> 10);
}

/* Gives how long it took, in milliseconds. */
static ULONG run_in(handle_t h, struct bulk *bulk, ULONGLONG total)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)bulk};
    ULONGLONG start = GetTickCount64();
    hyper sum = -1;

    bulk->at = 0;
    bulk->total = total;
    ok_status(CAUGHT(ndr_pipe_in(h, PIPE_BULK, pipe, &sum)), RPC_S_OK, "much in");
    ok(sum == (hyper)(total * (total - 1) / 2), "wrong sum\n");
    return (ULONG)(GetTickCount64() - start);
}

static ULONG run_out(handle_t h, struct bulk *bulk, ULONGLONG total)
{
    ndr_longs pipe = {(void *)pull, (void *)push, (void *)allocate, (char *)bulk};
    ULONGLONG start = GetTickCount64();

    bulk->at = bulk->ended = 0;
    ok_status(CAUGHT(ndr_pipe_out(h, PIPE_BULK, (LONG)total, &pipe)), RPC_S_OK, "much out");
    ok(bulk->at == total && bulk->ended && !bulk->wrong, "wrong elements out\n");
    return (ULONG)(GetTickCount64() - start);
}

static void test_transport(handle_t h, LONG mib)
{
    ULONGLONG total = (ULONGLONG)mib * LONGS_OF_MIB;
    struct bulk *bulk = calloc(1, sizeof(*bulk));
    LONG before, after;
    ULONG in, out;

    run_in(h, bulk, LONGS_OF_MIB);
    run_out(h, bulk, LONGS_OF_MIB);
    before = peak();
    in = run_in(h, bulk, total);
    out = run_out(h, bulk, total);
    after = peak();
    trace("%ld MiB: in %lu ms, out %lu ms; peak working set %ld KiB, %ld more\n", mib, in, out, after,
          after - before);
    ok(after - before < GROWTH_MAX, "it took %ld KiB more\n", after - before);
    free(bulk);
}

START_TEST(pipe_bulk)
{
    struct endpoint endpoints[TRANSPORT_COUNT];
    LONG mib = topic_size(64);

    if (!ok(mib > 0 && mib < 8192, "%ld MiB: 1 to 8191 are possible\n", mib))
        return;
    serve(endpoints, test_ndr_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", endpoints[i].transport->protseq);
        test_transport(h, mib);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
