/*
 * The client's interpreter, as entry.c and com/ call it.
 */
#ifndef RPCRT4_NDR_CLIENT_H
#define RPCRT4_NDR_CLIENT_H

#include "ndr.h"

enum {
    NDR_CALL_OLD_STYLE = 1, /* the format string is -Oi */
    NDR_CALL_VARARGS = 2,   /* the arguments came through "...", so floats are doubles (x86_64) */
};

/* Calls the procedure at format with the arguments at stack, and gives its return value, which also goes to
 * *result by its type's size unless result is NULL. Raises what the call ends with. */
ULONGLONG ndr_client_call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                          unsigned int flags, void *result);

/* Makes the asynchronous call; the first argument is its RPC_ASYNC_STATE. Raises when it cannot be made. */
void ndr_async_client_call(const MIDL_STUB_DESC *desc, PFORMAT_STRING format, unsigned char *stack,
                           unsigned int flags);

#endif
