/* What the programs that run midl's stubs share: client and server in one process or in two. */
#ifndef MIDL_TEST_PAIR_H
#define MIDL_TEST_PAIR_H

#include <windows.h>
#include <rpc.h>

extern int passed, failed, skipped;
void check(int good, const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
#define ok(cond, ...) check(!!(cond), __FILE__, __LINE__, __VA_ARGS__)

extern int pair_client_mixed, pair_server_mixed; /* its stubs are -Os ones, which are not /robust */
extern volatile LONG pair_allocated, pair_freed; /* calls of this process's midl_user_allocate and _free */
extern const char *const pair_protseq;
extern char pair_endpoint[80]; /* the server's, so that a generic handle's bind routine finds it */

struct pair {
    const char *name;
    RPC_IF_HANDLE *server; /* the interface to register */
    void (*client)(handle_t h);
    void (*stop)(handle_t h);   /* asks the server to end */
    void (*server_begin)(void); /* may be NULL */
    void (*server_end)(void);   /* what the server checks at its end; may be NULL */
};

/* PROGRAM                both sides in this process
 * PROGRAM apart [PEER]   the server is PEER, or this program again, in a process of its own
 * Gives the exit status: 0 when every check held on both sides. */
int pair_main(int argc, char **argv, const struct pair *pair);

#endif
