/* What the asynchronous topics share on the client's side: one async_echo call with its parameters and its
 * event. */
#ifndef RPCRT4_WINETEST_ASYNC_CLIENT_H
#define RPCRT4_WINETEST_ASYNC_CLIENT_H

#include "fixture.h"
#include "test_async.h"

struct echo {
    RPC_ASYNC_STATE state;
    LONG value, doubled, negated;
};

/* Initialises the handle; the notification is none until the test says otherwise. */
void echo_init(struct echo *echo);
/* The same with a new event as the notification; echo_free closes it. */
void echo_init_event(struct echo *echo);
void echo_free(struct echo *echo);
/* Makes the call. Gives the exception that it raised, 0 when it was made. */
RPC_STATUS echo_call(struct echo *echo, handle_t h, async_mode mode, LONG id, LONG value);
/* Waits for the event, completes the call, checks the status, and with RPC_S_OK the reply and both
 * parameters. */
void echo_finish(struct echo *echo, RPC_STATUS expected);
/* The same without waiting. */
void echo_complete(struct echo *echo, RPC_STATUS expected);

/* serve() with test_async and its managers. */
void serve_async(struct endpoint endpoints[TRANSPORT_COUNT]);
/* Threads of this process, 0 when that cannot be told. */
LONG count_threads(void);

#endif
