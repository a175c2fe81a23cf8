/*
 * The client's interpreter, as entry.c and com/ call it.
 */
#ifndef RPCRT4_NDR_CLIENT_H
#define RPCRT4_NDR_CLIENT_H

#include "ndr.h"
#include <stdarg.h>

enum {
    NDR_CALL_OLD_STYLE = 1, /* the format string is -Oi */
    NDR_CALL_VARARGS = 2,   /* the arguments came through "...", so floats are doubles (x86_64) */
};

/* The arguments that follow the last named one, wherever they are, in one piece. */
#define NDR_FOLLOWING(last)                                                                                  \
    __extension__({                                                                                          \
        va_list list_;                                                                                       \
        va_start(list_, last);                                                                               \
        (unsigned char *)list_;                                                                              \
    })

/* The stack of a client stub that calls an entry point with `...`, and what to make of it: on x86_64 the
 * arguments follow, on i686 the address of the stub's own. */
#ifdef __x86_64__
#define NDR_STUB_STACK(last) NDR_FOLLOWING(last)
enum { NDR_CALL_STUB = NDR_CALL_VARARGS };
#else
#define NDR_STUB_STACK(last) (*(unsigned char **)NDR_FOLLOWING(last))
enum { NDR_CALL_STUB = 0 };
#endif

/* Calls the procedure at format with the arguments at stack, and gives its return value, which also goes to
 * *result by its type's size unless result is NULL. Raises what the call ends with. */
ULONGLONG ndr_client_call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                          unsigned int flags, void *result);

/* A COM method called through a stubless proxy, with the arguments at stack. floats: what the floating-point
 * registers held, for the first four slots; NULL where arguments lie on the stack alone. Never raises: a
 * failure is the HRESULT that it returns. *argument_size is set at once. */
ULONGLONG ndr_client_call_method(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                                 const ULONGLONG *floats, unsigned int *argument_size);

/* Makes the asynchronous call; the first argument is its RPC_ASYNC_STATE. Raises when it cannot be made. */
void ndr_async_client_call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                           unsigned int flags);

#endif
