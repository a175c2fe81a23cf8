/*
 * What the topics of real interfaces (real_*.c; the IDL is in tests/midl/real) share: each serves one
 * interface of Microsoft's open protocol documents with a few managers and calls them through its client
 * stubs, so that the hard types of the document pass both.
 */
#ifndef RPCRT4_WINETEST_REAL_H
#define RPCRT4_WINETEST_REAL_H

#include "fixture.h"
#include <rpcndr.h>

/* What a client stub of a [handle] type, or one without any handle, shall bind to: the server's name, as a
 * test gives it in a call. */
#define REAL_SERVER L"\\\\server"

/* Registers the interface with its managers (an _SERVER_EPV of its header; entries that are not called may be
 * NULL), and calls `calls` with a binding of each transport. What managers and stubs allocate has to be gone
 * after it. */
void real_run(RPC_IF_HANDLE server, const void *managers, void (*calls)(handle_t h));

/* For NAME_bind routines: a new binding to where `calls` is being called. The name is checked; NULL means
 * this machine. */
handle_t real_bind(const wchar_t *server);
void real_unbind(handle_t h);

/* From now on real_bind leads there. */
void real_here(const struct endpoint *endpoint);

/* A copy of midl_user_allocate memory. */
void *real_copy(const void *from, size_t size);
wchar_t *real_text(const wchar_t *text);

#endif
