/*
 * Text between the A and the W functions: the runtime knows UTF-16 alone. All results belong to the caller,
 * who frees them with os_free (or RpcStringFree, which is the same heap).
 */
#ifndef RPCRT4_API_TEXT_H
#define RPCRT4_API_TEXT_H

#include "../os/os.h"

/* ANSI to UTF-16. NULL stays NULL. Gives RPC_S_OK or RPC_S_OUT_OF_MEMORY, *wide NULL then. */
LONG text_widen(const unsigned char *ansi, WCHAR **wide);
/* UTF-16 to ANSI, the same way; frees wide, whatever comes. */
LONG text_narrow(WCHAR *wide, unsigned char **ansi);
/* A copy of length characters and a NUL; NULL when memory is short. */
WCHAR *text_copy(const WCHAR *text, size_t length);

#endif
