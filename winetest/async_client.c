/* The client's side of async_echo for all asynchronous topics. */
#include "async_client.h"
#include <tlhelp32.h>

void echo_init(struct echo *echo)
{
    memset(echo, 0, sizeof(*echo));
    ok_status(RpcAsyncInitializeHandle(&echo->state, sizeof(echo->state)), RPC_S_OK,
              "RpcAsyncInitializeHandle");
    echo->state.NotificationType = RpcNotificationTypeNone;
}

void echo_init_event(struct echo *echo)
{
    echo_init(echo);
    echo->state.NotificationType = RpcNotificationTypeEvent;
    echo->state.u.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
}

void echo_free(struct echo *echo)
{
    if (echo->state.NotificationType == RpcNotificationTypeEvent)
        CloseHandle(echo->state.u.hEvent);
}

RPC_STATUS echo_call(struct echo *echo, handle_t h, async_mode mode, LONG id, LONG value)
{
    echo->value = value;
    echo->doubled = -77;
    echo->negated = value + 1;
    return CAUGHT(async_echo(&echo->state, h, mode, id, value, &echo->doubled, &echo->negated));
}

void echo_complete(struct echo *echo, RPC_STATUS expected)
{
    LONG reply = -1;
    RPC_STATUS status = RpcAsyncCompleteCall(&echo->state, &reply);

    ok_status(status, expected, "RpcAsyncCompleteCall");
    if (status == RPC_S_OK && expected == RPC_S_OK)
        ok(reply == echo->value + 1 && echo->doubled == 2 * echo->value &&
               echo->negated == -(echo->value + 1),
           "got %ld %ld %ld for %ld\n", (long)reply, (long)echo->doubled, (long)echo->negated,
           (long)echo->value);
}

void echo_finish(struct echo *echo, RPC_STATUS expected)
{
    if (!wait_for(echo->state.u.hEvent, "completion of the call"))
        return;
    echo_complete(echo, expected);
}

void serve_async(struct endpoint endpoints[TRANSPORT_COUNT])
{
    async_server_start();
    serve(endpoints, test_async_v1_0_s_ifspec);
}

LONG count_threads(void)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof(entry)};
    LONG count = 0;

    if (snapshot == INVALID_HANDLE_VALUE)
        return 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return count;
}
