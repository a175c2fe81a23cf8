/*
 * A channel from the client's interpreter to the server's within one test program: the runtime's double.
 * Format strings are x86_64's, as MIDL would make them; managers take their arguments as the calling
 * convention of the build host passes integers and pointers.
 */
#ifndef HOST_CHANNEL_H
#define HOST_CHANNEL_H

#include "host.h"
#include "ndr/client.h"

/* What calls go to. Representation: how what arrives claims to be made. */
void channel_open(const MIDL_SERVER_INFO *server, RPC_SERVER_INTERFACE *spec);

/* Calls the procedure whose format is number in the server's offset table; gives the exception's code. */
ULONG channel_call(unsigned number, void *stack, ULONGLONG *result);

/* Has the server dispatch a request of these octets; gives the exception's code. The reply, if there is one,
 * stays in channel_reply until the next call. */
ULONG channel_dispatch(unsigned number, const unsigned char *octets, size_t size, ULONG representation);

/* The message that a dispatch routine gets for such a request, whose octets stay the caller's; and the server
 * that channel_open was told. */
void channel_message(RPC_MESSAGE *message, unsigned number, unsigned char *octets, size_t size);
const MIDL_SERVER_INFO *channel_server(void);

extern const unsigned char *channel_reply;
extern size_t channel_reply_size;
/* How many octets of a request come at a time; 0: all at once. */
extern size_t channel_part;
/* The last request, as the client made it. */
extern const unsigned char *channel_request;
extern size_t channel_request_size;

#endif
