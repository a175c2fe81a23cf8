/* What the managers of test_callback and the tests in the same process tell each other. */
#ifndef RPCRT4_WINETEST_CALLBACK_H
#define RPCRT4_WINETEST_CALLBACK_H

#include "fixture.h"
#include "test_callback.h"

/* How deep calls may nest: every even one is the server's. Windows says "to any depth" (SDK, "callback
 * attribute"); this is what we take at least. */
#define CALLBACK_NESTING 60

extern handle_t callback_binding;         /* of the client's call under way, for its callbacks */
extern volatile RPC_STATUS callback_seen; /* what the manager last caught from a callback */
extern HANDLE callback_ended;             /* a manager that BACK_WAIT or BACK_EXIT was sent from is done */

#endif
