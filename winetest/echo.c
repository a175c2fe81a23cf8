/*
 * rpcecho by its own client, over every transport: the same calls as smbtorture's, with what those leave out
 * (null pointers, the levels nobody knows, many sleepers at once).
 */
#include "fixture.h"
#include "test_echo.h"

#define SLEEPERS 64

static void call_numbers(handle_t h)
{
    static const ULONG values[] = {0, 1, 9, 0x7fffffff, 0xfffffffe, 0xffffffff};
    ULONG out = 0;

    for (unsigned i = 0; i < ARRAYSIZE(values); i++) {
        echo_AddOne(h, values[i], &out);
        ok(out == values[i] + 1, "%#lx + 1 = %#lx\n", (unsigned long)values[i], (unsigned long)out);
    }
}

static void call_octets(handle_t h)
{
    static const ULONG sizes[] = {0, 1, 5839, 200000};
    unsigned char *in = malloc(200000), *out = malloc(200000);

    for (ULONG i = 0; i < 200000; i++)
        in[i] = (unsigned char)i;
    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        memset(out, 0xee, 200000);
        echo_EchoData(h, sizes[i], in, out);
        ok(!memcmp(in, out, sizes[i]), "%lu octets echoed differ\n", (unsigned long)sizes[i]);
        echo_SinkData(h, sizes[i], in);
        memset(out, 0xee, 200000);
        echo_SourceData(h, sizes[i], out);
        ok(!memcmp(in, out, sizes[i]), "%lu octets of the source differ\n", (unsigned long)sizes[i]);
    }
    free(in);
    free(out);
}

static void call_text(handle_t h)
{
    wchar_t *text = NULL;

    echo_TestCall(h, (wchar_t *)L"input string", &text);
    ok(text && !wcscmp(text, L"input string"), "got %ls\n", text ? text : L"nothing");
    midl_user_free(text);
}

static void call_levels(handle_t h)
{
    echo_Info info;

    memset(&info, 0, sizeof(info));
    ok(!echo_TestCall2(h, 1, &info) && info.info1.v == 10, "level 1: %u\n", info.info1.v);
    ok(!echo_TestCall2(h, 2, &info) && info.info2.v == 20, "level 2: %u\n", info.info2.v);
    ok(!echo_TestCall2(h, 3, &info) && info.info3.v == 30, "level 3: %lu\n", (unsigned long)info.info3.v);
    ok(!echo_TestCall2(h, 4, &info) && info.info4.v == 40, "level 4: %ld\n", (long)info.info4.v);
    ok(!echo_TestCall2(h, 5, &info) && info.info5.v1 == 50 && info.info5.v2 == 60, "level 5\n");
    ok(!echo_TestCall2(h, 6, &info) && info.info6.v1 == 70 && info.info6.info1.v == 80, "level 6\n");
    ok(!echo_TestCall2(h, 7, &info) && info.info7.v1 == 80 && info.info7.info4.v == 90, "level 7\n");
    /* A union without a default has no arm for this level, whatever the manager says. */
    ok_status(CAUGHT(echo_TestCall2(h, 8, &info)), RPC_S_INVALID_TAG, "level 8");
}

static void call_enums(handle_t h)
{
    echo_Enum1 foo1 = ECHO_ENUM1;
    echo_Enum2 foo2 = {ECHO_ENUM1, ECHO_ENUM2_32};
    echo_Enum3 foo3 = {.e1 = ECHO_ENUM2};

    echo_TestEnum(h, &foo1, &foo2, &foo3);
    ok(foo1 == ECHO_ENUM1 && foo2.e1 == ECHO_ENUM2 && foo2.e2 == ECHO_ENUM2_32 && foo3.e1 == ECHO_ENUM2,
       "got %d, {%d, %d}, %d\n", foo1, foo2.e1, foo2.e2, foo3.e1);
    foo1 = ECHO_ENUM2;
    foo3.e2 = (echo_Enum2){ECHO_ENUM2, ECHO_ENUM1_32};
    echo_TestEnum(h, &foo1, &foo2, &foo3);
    ok(foo1 == ECHO_ENUM2 && foo3.e2.e1 == ECHO_ENUM2 && foo3.e2.e2 == ECHO_ENUM1_32,
       "second arm: %d, {%d, %d}\n", foo1, foo3.e2.e1, foo3.e2.e2);
}

static void call_surrounding(handle_t h)
{
    echo_Surrounding data = {20, midl_user_allocate(20 * sizeof(unsigned short))};
    unsigned wrong = 0;

    for (unsigned short i = 0; i < 20; i++)
        data.surrounding[i] = i * 1000;
    echo_TestSurrounding(h, &data);
    if (ok(data.x == 40, "x is %lu\n", (unsigned long)data.x))
        for (unsigned short i = 0; i < 40; i++)
            wrong += data.surrounding[i] != (i % 20) * 1000;
    ok(!wrong, "%u elements differ\n", wrong);
    midl_user_free(data.surrounding);
}

static void call_pointers(handle_t h)
{
    unsigned short value = 12, *one = &value, **two = &one;

    ok(echo_TestDoublePointer(h, &two) == 12, "the value behind three pointers\n");
    one = NULL;
    ok(echo_TestDoublePointer(h, &two) == 0, "the innermost pointer is null\n");
    two = NULL;
    ok(echo_TestDoublePointer(h, &two) == 0, "the middle pointer is null\n");
}

/* All of them sleep at the same time, on one connection or several. */
static void call_sleepers(handle_t h)
{
    RPC_ASYNC_STATE state[SLEEPERS];
    ULONG seconds;

    for (int i = 0; i < SLEEPERS; i++) {
        RpcAsyncInitializeHandle(&state[i], sizeof(state[i]));
        state[i].NotificationType = RpcNotificationTypeEvent;
        state[i].u.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
        ok_status(CAUGHT(echo_TestSleep(&state[i], h, i % 2)), RPC_S_OK, "TestSleep");
    }
    for (int i = 0; i < SLEEPERS; i++) {
        wait_for(state[i].u.hEvent, "end of a sleep");
        seconds = ~0u;
        ok_status(RpcAsyncCompleteCall(&state[i], &seconds), RPC_S_OK, "RpcAsyncCompleteCall");
        ok(seconds == (ULONG)i % 2, "slept %lu\n", (unsigned long)seconds);
        CloseHandle(state[i].u.hEvent);
    }
}

START_TEST(echo)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, rpcecho_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        LONG live = live_allocations();
        handle_t h = bind_to(&endpoints[i]);

        winetest_context("%s", transports[i].protseq);
        ok_status(CAUGHT(call_numbers(h)), 0, "numbers");
        ok_status(CAUGHT(call_octets(h)), 0, "octets");
        ok_status(CAUGHT(call_text(h)), 0, "text");
        ok_status(CAUGHT(call_levels(h)), 0, "levels");
        ok_status(CAUGHT(call_enums(h)), 0, "enums");
        ok_status(CAUGHT(call_surrounding(h)), 0, "surrounding");
        ok_status(CAUGHT(call_pointers(h)), 0, "pointers");
        ok_status(CAUGHT(call_sleepers(h)), 0, "sleepers");
        ok(live_allocations() == live, "%ld allocations left\n", (long)(live_allocations() - live));
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
