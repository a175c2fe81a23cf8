/*
 * Procedure format strings decoded, and the state of one interpreted call. Internal to ndr/.
 *
 * A struct ndr_call belongs to one thread at a time and has no lock. Sources: the SDK's "Procedure Format
 * Strings", "The Header", "Handles" and "Parameter Descriptors" (win32/rpc).
 */
#ifndef RPCRT4_NDR_PROC_H
#define RPCRT4_NDR_PROC_H

#include "ndr.h"
#include <string.h>

enum { /* Oi_flags */
       OI_FULL_PTR_USED = 0x01,
       OI_RPCSS_ALLOC_USED = 0x02,
       OI_OBJECT_PROC = 0x04,
       OI_HAS_RPCFLAGS = 0x08,
       OI_ENCODE_USED = 0x10,       /* pickling */
       OI_DECODE_USED = 0x20,       /* pickling */
       OI_HAS_COMM_OR_FAULT = 0x20, /* otherwise, in raw RPC */
       OI_OBJECT_NEW_STYLE = 0x20,  /* in COM: not -Oi */
};

enum { /* INTERPRETER_OPT_FLAGS */
       OPT_SERVER_MUST_SIZE = 0x01,
       OPT_CLIENT_MUST_SIZE = 0x02,
       OPT_HAS_RETURN = 0x04,
       OPT_HAS_PIPES = 0x08,
       OPT_HAS_ASYNC_UUID = 0x20,
       OPT_HAS_EXTENSIONS = 0x40,
       OPT_HAS_ASYNC_HANDLE = 0x80,
};

enum { /* INTERPRETER_OPT_FLAGS2 */
       OPT2_NEW_CORR_DESC = 0x01,
       OPT2_CLIENT_CORR_CHECK = 0x02,
       OPT2_SERVER_CORR_CHECK = 0x04,
       OPT2_HAS_NOTIFY = 0x08,
       OPT2_HAS_NOTIFY2 = 0x10,
       OPT2_RANGE_ON_CONFORMANCE =
           0x40, /* not in the SDK; seen in MIDL's output, "has range on conformance" */
};

enum { /* PARAM_ATTRIBUTES */
       PARAM_MUST_SIZE = 0x0001,
       PARAM_MUST_FREE = 0x0002,
       PARAM_IS_PIPE = 0x0004,
       PARAM_IS_IN = 0x0008,
       PARAM_IS_OUT = 0x0010,
       PARAM_IS_RETURN = 0x0020,
       PARAM_IS_BASETYPE = 0x0040,
       PARAM_IS_BY_VALUE = 0x0080,
       PARAM_IS_SIMPLE_REF = 0x0100,
       PARAM_DONT_CALL_FREE_INST = 0x0200,
       PARAM_ALLOC_SHIFT = 13, /* ServerAllocSize, in units of eight octets */
};

enum { /* flags<1> of an explicit handle's description and of a context handle's type */
       HANDLE_IS_VIA_PTR = 0x80,
       HANDLE_IS_IN = 0x40,
       HANDLE_IS_OUT = 0x20,
       HANDLE_STRICT = 0x08,
       HANDLE_NO_SERIALIZE = 0x04,
       HANDLE_SERIALIZE = 0x02,
       HANDLE_CANNOT_BE_NULL = 0x01,
};

/* How a parameter lies on the argument stack. */
enum ndr_passing {
    PASS_BASE,       /* a base type in the slot */
    PASS_BASE_REF,   /* the slot points to a base type */
    PASS_VALUE,      /* anything else in the slot itself */
    PASS_POINTER,    /* the slot holds a pointer, an array's address or an interface pointer */
    PASS_POINTER_TO, /* the slot points to a pointer, which format describes */
    PASS_CONTEXT,    /* a context handle, or (HANDLE_IS_VIA_PTR) the address of one */
    PASS_PIPE,       /* a pipe structure, or the address of one */
    PASS_IGNORE,     /* not transmitted: a primitive handle, the asynchronous handle */
};

struct ndr_param {
    PFORMAT_STRING format; /* the type's description; for a base type its FC_ code, wherever that stands */
    unsigned short attributes;
    unsigned short offset; /* on the argument stack */
    unsigned char passing; /* enum ndr_passing */
};

#define NDR_INLINE_PARAMS 8

struct ndr_proc {
    PFORMAT_STRING handle_format; /* explicit handle's description or NULL */
    struct ndr_param *params;     /* in_line, or from the heap */
    unsigned int param_count;     /* the return value, if there is one, is the last */
    ULONG rpc_flags;
    unsigned short proc_num;
    unsigned short stack_size;
    unsigned short client_size, server_size; /* of what the compiler could tell */
    unsigned short notify_index;
    unsigned char handle_type; /* implicit handle's FC_ code, or 0 */
    unsigned char oi_flags;
    unsigned char opt_flags, opt_flags2;
    unsigned char old_style; /* -Oi: no attributes, so everything is sized and freed */
    struct ndr_param in_line[NDR_INLINE_PARAMS];
};

/* Decodes the procedure at format. old_style: -Oi, that is NdrClientCall, NdrServerCall and the pickling
 * procedures. Raises RPC_S_OUT_OF_MEMORY, RPC_X_BAD_STUB_DATA; nothing is to be freed then. */
void ndr_proc_decode(struct ndr_proc *proc, const MIDL_STUB_DESC *desc, PFORMAT_STRING format,
                     BOOL old_style);
void ndr_proc_free(struct ndr_proc *proc);

/* ---- binding.c: the handle a client procedure is called with */

struct ndr_binding {
    RPC_BINDING_HANDLE handle;
    GENERIC_UNBIND_ROUTINE unbind; /* of a generic handle, else NULL */
    void *object;                  /* generic handle's value */
};

/* Finds or makes the handle that proc is to be called with, for the arguments at stack. Raises
 * RPC_S_INVALID_BINDING, RPC_X_SS_IN_NULL_CONTEXT, or what the finding of an automatic handle gives. */
void ndr_binding_get(struct ndr_binding *binding, const MIDL_STUB_DESC *desc, const struct ndr_proc *proc,
                     const unsigned char *stack);
void ndr_binding_release(struct ndr_binding *binding);

/* ---- one call */

/* How far a call came, hence what is to be undone when it fails. */
enum ndr_phase {
    PHASE_NEW,
    PHASE_MARSHALLED, /* client: every argument was looked at */
    PHASE_DONE,
};

struct ndr_call;

/* How a call's buffer comes and goes, where that is not through a binding: com/ goes through a channel. All
 * raise. */
struct ndr_carrier {
    void (*open)(struct ndr_call *call);                     /* fills call->rpc and call->msg */
    void (*get_buffer)(struct ndr_call *call, ULONG length); /* msg.Buffer is its start */
    void (*send)(struct ndr_call *call); /* client: what lies before msg.Buffer; the reply replaces it */
    void (*free_buffer)(struct ndr_call *call); /* client; also after half of open */
};

struct ndr_call {
    struct ndr_proc proc;
    const struct ndr_carrier *carrier; /* NULL: a binding */
    const MIDL_SERVER_INFO *server;    /* server */
    void *object, *channel;            /* com/'s: interface pointer or stub, channel */
    const MIDL_STUB_DESC *desc;
    MIDL_STUB_MESSAGE msg;
    RPC_MESSAGE *rpc;
    unsigned char *stack; /* arguments by ndr_param.offset */
    struct ndr_binding binding;
    unsigned char phase;       /* enum ndr_phase */
    unsigned int unmarshalled; /* how many parameters of the incoming direction are whole, from the first */
    BOOL results_later;        /* client: what is [out] is not there yet when the request is marshalled */
    ULONG_PTR correlation[NDR_CORRELATION_WORDS]; /* NdrCorrelationInitialize's */
    struct ndr_pipes *pipes;                      /* pipe.c; NULL without pipes */
    /* client */
    ULONGLONG result;         /* return value, by its type's size */
    unsigned int result_size; /* set when phase is DONE */
    /* server: memory behind reference parameters, in one block with the stack */
    unsigned char *arena, *arena_next, *arena_end;
    NDR_SCONTEXT *contexts; /* by parameter number */
    BOOL called;            /* the manager was */
};

/* The address that the type routines want for a parameter that lies on the stack. Raises
 * RPC_X_NULL_REF_POINTER. */
unsigned char *ndr_param_memory(const struct ndr_call *call, const struct ndr_param *param);

/* Octets in memory of the type at format, counted with the conformance that the arguments now give
 * (msg->StackTop): what a server has to supply for an [out] parameter. Raises RPC_X_INVALID_BOUND. */
SIZE_T ndr_type_extent(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format);

/* The same of what the pointer that format describes leads to. */
SIZE_T ndr_pointee_extent(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format);

/* Sets up what proc asks for beside its parameters: full pointers, correlation checks. end undoes it, also
 * after half of begin. */
void ndr_call_begin(struct ndr_call *call);
void ndr_call_end(struct ndr_call *call);

/* Brings what came over the wire to the local representation: parameters with any bit of attributes
 * (PARAM_IS_IN or PARAM_IS_OUT). Nothing to do is the usual case. */
void ndr_call_convert(struct ndr_call *call, unsigned int attributes);

/* Marshals, sizes: one parameter at its place on the stack. */
void ndr_param_size(struct ndr_call *call, const struct ndr_param *param);
void ndr_param_marshal(struct ndr_call *call, const struct ndr_param *param);

enum ndr_result { RESULT_INTEGER, RESULT_FLOAT, RESULT_DOUBLE };

/* ---- client.c: what synchronous and asynchronous client calls share. call->proc, desc, rpc and stack are
 * set. */

void ndr_client_open(struct ndr_call *call);    /* initialises and finds the binding */
void ndr_client_marshal(struct ndr_call *call); /* sizes, gets a buffer, marshals; msg.Buffer is the end */
/* Looks at what is [out] only and, for a method, clears it: part of ndr_client_marshal unless results_later.
 */
void ndr_client_prepare_results(struct ndr_call *call);
void ndr_client_unmarshal(
    struct ndr_call *call);                   /* the reply is in msg.Buffer; sets result, and phase to DONE */
void ndr_client_close(struct ndr_call *call); /* gives everything back; unless DONE, clears what is [out] */

/* Octets of the return value, and 0 if there is none. */
unsigned int ndr_result_size(const struct ndr_call *call);

/* A float that was passed through "..." lies on the stack as a double: makes it a float again. No-op on i686,
 * whose stubs give the address of their own arguments. */
void ndr_client_demote_floats(struct ndr_call *call);

/* open, marshal, send, unmarshal, close. */
void ndr_client_run(struct ndr_call *call);

/* Octets of the argument stack that the callee takes: the return value's slot is none of its arguments. */
unsigned int ndr_argument_size(const struct ndr_proc *proc);

/* ---- server.c: likewise. ndr_server_new gives a call in the heap with room for the stack, or raises. */

struct ndr_call *ndr_server_new(RPC_MESSAGE *rpc, const MIDL_SERVER_INFO *info, BOOL old_style);
void ndr_server_unmarshal(struct ndr_call *call); /* and makes room for what is [out] */
/* Calls the manager; TRUE with what it returned in *result, FALSE where a thunk has left that on the stack.
 * The manager of an asynchronous procedure may have completed the call: then call is gone when this returns.
 */
BOOL ndr_server_invoke(struct ndr_call *call, ULONGLONG *result);
/* What kind of value the manager returns. */
enum ndr_result ndr_server_result_kind(const struct ndr_call *call);
/* Stores what the manager returned, or what an asynchronous call is completed with, as the return value. */
void ndr_server_set_result(struct ndr_call *call, const void *result);
void ndr_server_marshal(struct ndr_call *call);
void ndr_server_delete(struct ndr_call *call);

/* Memory for a referent described by format, cleared, from NdrAllocate (outinit.c). */
void ndr_out_memory(MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format, unsigned char **memory);
void RPC_ENTRY NdrOutInit(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format, unsigned char **memory);

/* ---- invoke_*.S */

/* Calls function with size octets (a multiple of a slot) of arguments, stdcall or cdecl, and stores what it
 * returned in *result, by kind; an integer takes all eight octets. Exceptions pass through. */
void ndr_invoke(void *function, const void *arguments, SIZE_T size, enum ndr_result kind, ULONGLONG *result);

#endif
