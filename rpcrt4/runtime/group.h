/*
 * Interface groups: endpoints of their own, over which the group's interfaces alone are called, and the
 * knowledge whether any client is connected (SDK: RpcServerInterfaceGroupCreate and its kin; api/group.c).
 */
#ifndef RPCRT4_GROUP_H
#define RPCRT4_GROUP_H

#include "server.h"

/* The group became idle, or is not any more. On a worker, one at a time; may close the group's endpoints. */
typedef void server_group_idle(void *context, BOOL idle);

/* idle_period: milliseconds that a group without clients waits before it says so; INFINITE: it never does.
 * NULL: no memory. */
struct server_group *server_group_create(DWORD idle_period, server_group_idle *idle, void *context);
struct server_group *server_group_ref(struct server_group *group);
void server_group_release(struct server_group *group);

/* Opens one more endpoint: as server_use. The group's owner does one thing at a time with it: open, start,
 * close, networks. */
RPC_STATUS server_group_open(struct server_group *group, const WCHAR *protseq, const WCHAR *endpoint,
                             unsigned backlog, const void *security_descriptor);
/* Idleness counts from here on. */
void server_group_start(struct server_group *group);
/* Closes the endpoints. FALSE, without force: a client is connected, and they are open still. */
BOOL server_group_close(struct server_group *group, BOOL force);
/* Waits until idle is not running and will not run any more; the group is closed. */
void server_group_finish(struct server_group *group);
void server_group_networks(struct server_group *group, server_each_address *each, void *context);

/* A connection to one of its endpoints begins, ends. */
void server_group_enter(struct server_group *group);
void server_group_leave(struct server_group *group);

#endif
