/*
 * Extended error information: the records that say how an error came about, newest first (SDK, "Understanding
 * Extended Error Information"; [MS-EERR]). Each thread has a chain of them; it is the calling thread's unless
 * a function says otherwise.
 */
#ifndef RPCRT4_ERROR_INFO_H
#define RPCRT4_ERROR_INFO_H

#include "win.h"
#include "../wire/wire.h"

/* SDK: the components that make records; mingw-w64 knows COM and FRS alone. */
enum error_component {
    ERROR_BY_APPLICATION = 1,
    ERROR_BY_RUNTIME = 2,
    ERROR_BY_NMP = 6,
    ERROR_BY_IO = 7,
    ERROR_BY_WINSOCK = 8,
    ERROR_BY_LPC = 10
};

/* SDK, "Extended Error Information Detection Locations": those of them that tell what happens here. Which of
 * them Windows names for an error today is unverified. */
enum error_location {
    AT_REQUEST_INTERFACE = 30,   /* DealWithRequestMessage10: the requested interface is not available */
    AT_DISPATCH = 32,            /* DealWithRequestMessage30: a dispatch to the server routine failed */
    AT_SECURITY_CALLBACK = 40,   /* CheckSecurity10: what it returned */
    AT_SERVER_CREDENTIALS = 60,  /* FindServerCredentials10: service, level */
    AT_ASSOCIATION_UNKNOWN = 80, /* AssociationRequested10: its identifier */
    AT_NO_TYPE = 170,            /* DispatchToStub10 */
    AT_UNREGISTERED = 171,       /* DispatchToStub20 */
    AT_AUTOLISTEN_MAX = 180,     /* DispatchToStubWorker10: active calls, the most allowed */
    AT_NOT_LISTENING = 181,      /* DispatchToStubWorker20 */
    AT_NO_PROCEDURE = 183,       /* DispatchToStubWorker40 */
    AT_PIPE_OPEN = 190,          /* NMPOpen10: the pipe */
    AT_PIPE_OPEN_MAPPED = 193,   /* NMPOpen40 */
    AT_FAULT = 271,              /* WSCheckForShutdowns20: a fault packet's status */
    AT_SOCKET_OPEN_MAPPED = 313, /* WSOpen40 */
    AT_SOCKET_CONNECT = 317,     /* WSOpen80 */
    AT_CALL_TIMEOUT = 350,       /* GetStatusForTimeout10: a constant, the time-out in milliseconds */
    AT_RECEIVE_REPLY = 370,      /* OSF_CCALL__ReceiveReply10 */
    AT_RESOLVE_ENDPOINT = 501,   /* EpResolveEndpoint20: protocol sequence, network address, interface */
    AT_LOCAL_CONNECT = 541,      /* LRPC_CASSOCIATION__ActuallyDoBinding20: the endpoint */
    AT_LOCAL_BIND = 542,         /* LRPC_CASSOCIATION__ActuallyDoBinding30 */
    AT_BIND_ACK_OR_NAK = 701     /* OSF_CASSOCIATION__ProcessBindAckOrNak20: the server's error */
};

struct error_record {
    struct error_record *next;
    WCHAR *computer; /* NULL: the one of the next record that has one */
    ULONG process;
    FILETIME time;
    ULONG component, status;
    USHORT location, flags;
    int count;
    RPC_EE_INFO_PARAM params[MaxNumberOfEEInfoParams]; /* what they point to is the record's */
};

/* Adds a record of this process, now; params are copied. RPC_S_OUT_OF_MEMORY: nothing was added. */
RPC_STATUS errors_add(ULONG component, ULONG status, USHORT location, const RPC_EE_INFO_PARAM *params,
                      int count);
/* The runtime's, with so many ULONG parameters. Lost if memory is short. */
void errors_note(enum error_component component, RPC_STATUS status, enum error_location location, int count,
                 ...);
/* The same with one text. */
void errors_note_text(enum error_component component, RPC_STATUS status, enum error_location location,
                      const WCHAR *text);
void errors_clear(void);
/* The chain becomes this one, which is taken over. */
void errors_replace(struct error_record *chain);

/* The status of a call that failed, and whose fault may have come with a chain: clears it from the call and
 * makes it the thread's, with a record of this runtime's at its head. */
struct call;
void errors_take(struct call *call);

struct error_record *errors_copy(const struct error_record *chain); /* NULL: empty, or no memory */
void errors_free(struct error_record *chain);

/* The chain as [MS-EERR] writes it, at most limit octets of it: later records give way, and it says so. For
 * HeapFree (os_free). NULL: empty, or no memory. */
uint8_t *errors_encode(const struct error_record *chain, size_t limit, size_t *length);
/* NULL: malformed, or no memory. */
struct error_record *errors_decode(const uint8_t *data, size_t length);
/* The chain that came with a fault or bind_nak; NULL: none. */
struct error_record *errors_of_pdu(const struct wire_pdu *pdu);

/* Do errors of this process's servers tell their clients so much? Not before they are turned on. */
BOOL errors_propagate(void);
void errors_turn_on_propagation(void);
/* Appends the thread's chain to a fault or bind_nak, if it is to be told. Gives the new length. */
size_t errors_append(uint8_t *pdu, size_t length, size_t size);

#endif
