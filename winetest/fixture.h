/*
 * What the topics share: endpoints, bindings, servers inside the process of the test, and the manager
 * routines of test_sync and test_async with what the tests may tell them.
 */
#ifndef RPCRT4_WINETEST_FIXTURE_H
#define RPCRT4_WINETEST_FIXTURE_H

#include "winetest.h"

struct transport {
    const char *protseq;
    const char *network; /* NULL: none in the string binding */
};

#define TRANSPORT_COUNT 3
extern const struct transport transports[TRANSPORT_COUNT]; /* ncalrpc, ncacn_np, ncacn_ip_tcp */

struct endpoint {
    const struct transport *transport;
    char name[64];
};

/* A well-known endpoint that nobody uses yet; tag tells endpoints of one run apart. */
void make_endpoint(struct endpoint *endpoint, const struct transport *transport, const char *tag);
/* One that another process of this run made; name as in its struct endpoint. */
void name_endpoint(struct endpoint *endpoint, const char *protseq, const char *name);
/* RpcServerUseProtseqEp; a failure is a failed check. */
void use_endpoint(const struct endpoint *endpoint);
/* A new binding handle to it, the caller's to free. */
RPC_BINDING_HANDLE bind_to(const struct endpoint *endpoint);
void unbind(RPC_BINDING_HANDLE *binding);

/* Endpoints on all transports, the interface registered, listening. Once a process. */
void serve(struct endpoint endpoints[TRANSPORT_COUNT], RPC_IF_HANDLE ifspec);
/* Stops listening and waits for it. */
void stop_serving(void);

/* The code of the exception that ends the expression, 0 when none does. */
#define CAUGHT(expression)                                                                                   \
    __extension__({                                                                                          \
        volatile RPC_STATUS caught_ = 0;                                                                     \
        RpcTryExcept                                                                                         \
        {                                                                                                    \
            expression;                                                                                      \
        }                                                                                                    \
        RpcExcept(1)                                                                                         \
        {                                                                                                    \
            caught_ = RpcExceptionCode();                                                                    \
        }                                                                                                    \
        RpcEndExcept caught_;                                                                                \
    })

/* What midl_user_allocate gave and midl_user_free did not take back yet. */
LONG live_allocations(void);

/* Calls every procedure of test_sync and test_implicit with every kind of value; needs both registered at the
 * server. */
void sync_run_types(handle_t h);

/* What sync_hook does: set by a test before it calls it. NULL: nothing. */
extern void (*volatile sync_hook_routine)(handle_t binding, long what);

/* What the managers of test_async saw. */
struct async_seen {
    volatile LONG calls;       /* manager routines entered */
    volatile LONG cancels;     /* RpcServerTestCancel answered RPC_S_OK to ASYNC_CANCEL */
    volatile LONG ended;       /* calls that RpcAsyncCompleteCall or RpcAsyncAbortCall was made for */
    volatile RPC_STATUS last;  /* what the last of those answered */
    volatile LONG order[256];  /* ids in the order in which the managers saw them, modulo 256 */
    volatile LONG most_inside; /* most manager routines at the same time */
};
extern struct async_seen async_seen;

/* Threads that calls with ASYNC_OTHER and ASYNC_ABORT_OTHER end on. */
enum { ASYNC_FINISHERS = 2 };
/* Once, before the interface is registered. */
void async_server_start(void);
/* Forgets what was seen; no call may be held. */
void async_server_reset(void);
/* Waits until so many calls are held, or until so many calls have ended: bounded, a time-out is a failed
 * check. */
int async_wait_held(LONG count);
int async_wait_ended(LONG count);
/* The handle of the held call with this id; NULL when there is none. It stays held. */
PRPC_ASYNC_STATE async_peek_held(LONG id);
/* Ends the held call as its mode says (id -1: all of them). Gives the number of calls ended. */
LONG async_end_held(LONG id);
/* Drops the held call without a word to the runtime: the caller has ended it. */
void async_forget_held(LONG id);

#endif
