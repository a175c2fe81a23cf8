/*
 * Context handles on the server: what ndr/context.c keeps in the runtime's objects, and when the runtime
 * calls. Sources: C706 section 6.1 and chapter 5 (context handle, rundown); SDK "Context Handles";
 * [MS-RPCE] 3.3.1.
 */
#ifndef RPCRT4_NDR_CONTEXT_H
#define RPCRT4_NDR_CONTEXT_H

#include "ndr.h"

/* Lies in the server's association object, zeroed when that is made. Its members are context.c's. */
struct ndr_association_contexts {
    SRWLOCK lock;
    struct ndr_context *first;
};

/* Lies in a server call, zeroed when that is made. */
struct ndr_call_contexts {
    struct ndr_held_context *held; /* what this call has unmarshalled or made */
};

/* ---- implemented by the runtime */

/* The structures of the association and of the call that a server binding handle stands for. They stay while
 * the call lasts. NULL where there is none (the handle is of a client, or of a [callback] to one). */
struct ndr_association_contexts *runtime_association_contexts(RPC_BINDING_HANDLE call);
struct ndr_call_contexts *runtime_call_contexts(RPC_BINDING_HANDLE call);

/* The server call in whose callback's course this one came; NULL for none. */
RPC_BINDING_HANDLE runtime_outer_call(RPC_BINDING_HANDLE call);

/* The arguments are there and the manager is about to run: the next call of the same client may be
 * dispatched. */
void runtime_call_entered(RPC_BINDING_HANDLE call);

/* A client's context handle lives on this binding, its own: idle connections are not all closed until it is
 * freed. */
void runtime_keep_context(RPC_BINDING_HANDLE binding);

/* ---- called by the runtime, with no lock held */

/* When a call is over, after its reply or fault was sent or could not be: gives back its handles and their
 * locks. */
void ndr_contexts_call_done(struct ndr_call_contexts *contexts);

/* When an association has gone, its last call included: runs every handle's rundown routine. */
void ndr_contexts_run_down(struct ndr_association_contexts *contexts);

/* When an interface has gone, its calls included: the strict handles that it made in this association are no
 * more, their rundown routines run if asked for. guard: the interface's identifier; NULL for every interface.
 */
void ndr_contexts_forget(struct ndr_association_contexts *contexts, const void *guard, BOOL rundown);

/* ---- within ndr/, and exported */

/* A context handle on the wire, 20 octets aligned to 4. */
struct ndr_context_wire {
    ULONG attributes;
    UUID id;
};

void ndr_context_read(struct ndr_context_wire *wire, const void *octets, ULONG representation);
BOOL ndr_context_is_nil(const struct ndr_context_wire *wire);

/* A new handle for an [out] parameter or return value: its user context is NULL. Raises RPC_S_OUT_OF_MEMORY.
 */
NDR_SCONTEXT RPC_ENTRY NdrContextHandleInitialize(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format);
void RPC_ENTRY NdrContextHandleSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format);

#endif
