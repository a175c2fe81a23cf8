/*
 * Security descriptors, of endpoints and of interfaces.
 */
#ifndef RPCRT4_ACCESS_H
#define RPCRT4_ACCESS_H

#include "win.h"
#include "../transport/transport.h"

struct access_rule;

/* A self-relative copy, for os_free; NULL: it is no descriptor, or there is no memory. */
void *descriptor_copy(const void *descriptor);

/* NULL for NULL. RPC_S_INVALID_SECURITY_DESC, RPC_S_OUT_OF_MEMORY. */
RPC_STATUS access_rule_make(const void *descriptor, struct access_rule **rule);
/* NULL is none. */
struct access_rule *access_rule_ref(struct access_rule *rule);
void access_rule_release(struct access_rule *rule);
/* Does it let in who is at the other end? The calling thread's own impersonation is as before afterwards. */
BOOL access_rule_admits(const struct access_rule *rule, struct transport_conn *transport);

#endif
