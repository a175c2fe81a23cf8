/*
 * A binding: where a client's calls go. Its lock guards endpoint, association, object and options; it is
 * taken before an association's.
 */
#ifndef RPCRT4_BINDING_H
#define RPCRT4_BINDING_H

#include "win.h"
#include "../transport/transport.h"

struct association;
struct call;
struct connection;

enum { BINDING_MAGIC = 0x646e6962 };

struct binding {
    ULONG magic; /* first: see call.h */
    LONG refs;
    SRWLOCK lock;
    const struct transport_ops *ops;
    WCHAR *network, *options;
    WCHAR *endpoint; /* NULL: partially bound */
    BOOL resolved; /* the endpoint came from the endpoint mapper or the interface, RpcBindingReset drops it */
    BOOL called;   /* a call was made on it */
    UUID object;
    struct association *association;
    BOOL has_context;     /* a context handle's: counted among its association's */
    unsigned com_timeout; /* RPC_C_BINDING_* */
    ULONG_PTR noncausal, dont_linger, unique, call_timeout;
    struct connection *serial; /* causal calls to a server that does not multiplex go one after the other */
    /* RpcBindingSetAuthInfo's, as given; a level above none cannot be honoured yet */
    WCHAR *principal;
    ULONG authn_level, authn_service, authz_service;
    RPC_AUTH_IDENTITY_HANDLE identity;
    RPC_SECURITY_QOS qos;
    WCHAR *entry_name; /* of the name service; NULL: none */
    /* RpcBindingCreate's: it is bound before calls are made, and not connected again behind their back */
    BOOL fast, bound;
    struct call *bind_call; /* the last RpcBindingBind that was asynchronous: fast_binding.c */
};

/* Can a string binding be of these parts (SDK, "String Binding"); "" where absent:
 * RPC_S_PROTSEQ_NOT_SUPPORTED, RPC_S_INVALID_ENDPOINT_FORMAT, RPC_S_INVALID_NETWORK_OPTIONS (which a string
 * binding gets is unverified on Windows, the status itself is of the page "RPC Return Values"). */
RPC_STATUS binding_check(const WCHAR *protseq, const WCHAR *endpoint, const WCHAR *options);
/* Makes a binding; the strings are copied, endpoint may be NULL or empty. RPC_S_PROTSEQ_NOT_SUPPORTED,
 * RPC_S_OUT_OF_MEMORY. */
RPC_STATUS binding_create(const WCHAR *protseq, const WCHAR *network, const WCHAR *endpoint,
                          const WCHAR *options, const UUID *object, struct binding **binding);
RPC_STATUS binding_copy(struct binding *from, struct binding **copy);
struct binding *binding_ref(struct binding *binding);
void binding_release(struct binding *binding);

/* The client binding behind a handle; NULL where it is none. */
struct binding *binding_from_handle(RPC_BINDING_HANDLE handle);

/* The binding is a context handle's own: its association is kept for it. */
void binding_keep_context(struct binding *binding);
/* Gives the binding an endpoint that was found for it; keeps one it has. */
RPC_STATUS binding_set_endpoint(struct binding *binding, const WCHAR *endpoint);
/* Drops a found endpoint, RpcBindingReset. */
void binding_reset(struct binding *binding);
/* An endpoint that the interface names for the binding's protocol sequence; FALSE: none. */
BOOL binding_endpoint_from_interface(struct binding *binding, const RPC_CLIENT_INTERFACE *interface);

/* The binding's association, counted, made when there is none yet. RPC_S_NO_ENDPOINT_FOUND. */
RPC_STATUS binding_association(struct binding *binding, struct association **association);

/* RPC_C_OPT_CALL_TIMEOUT in milliseconds, INFINITE for none. SDK, RpcBindingSetOption: local calls ignore it;
 * those of a fast binding have theirs from RPC_BINDING_HANDLE_OPTIONS_V1, which is for ncalrpc. */
DWORD binding_call_timeout(const struct binding *binding);
/* How long its calls may take to connect, in milliseconds: RPC_C_BINDING_*_TIMEOUT is a scale without unit.
 * SDK, RpcMgmtSetComTimeout: "this option is ignored for ncalrpc", as above. */
DWORD binding_connect_timeout(const struct binding *binding);

/* ---- fast bindings (fast_binding.c)
 *
 * Connects a fast binding, which has an endpoint, and negotiates the interface. RPC_S_SERVER_UNAVAILABLE ...
 */
RPC_STATUS fast_binding_bind(struct binding *binding, const RPC_SYNTAX_IDENTIFIER *interface);
/* RPC_S_INVALID_BINDING: it was not bound. */
RPC_STATUS fast_binding_unbind(struct binding *binding);
/* The binding has this asynchronous bind under way now (takes the reference), or none (NULL). */
void fast_binding_set_call(struct binding *binding, struct call *call);
/* The asynchronous bind that async stands for, under way or over, counted; NULL: none. */
struct call *fast_binding_call(const RPC_ASYNC_STATE *async);

/* UTF-16 copies on our heap, NULL for no memory or NULL. */
WCHAR *string_copy(const WCHAR *text);

#endif
