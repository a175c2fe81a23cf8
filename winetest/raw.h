/*
 * DCE/RPC over a plain TCP socket, without the runtime under test: PDUs built octet by octet (C706 chapter
 * 12), a client that says what no runtime would say, and a server that stalls, records or hangs up.
 */
#ifndef RPCRT4_WINETEST_RAW_H
#define RPCRT4_WINETEST_RAW_H

#include "winetest.h"
#include <rpcndr.h>

/* PDU types, C706 table 12-1 and [MS-RPCE] 2.2.2.1. */
enum {
    RAW_REQUEST = 0,
    RAW_RESPONSE = 2,
    RAW_FAULT = 3,
    RAW_BIND = 11,
    RAW_BIND_ACK = 12,
    RAW_BIND_NAK = 13,
    RAW_ALTER_CONTEXT = 14,
    RAW_ALTER_CONTEXT_RESP = 15,
    RAW_AUTH3 = 16,
    RAW_SHUTDOWN = 17,
    RAW_CO_CANCEL = 18,
    RAW_ORPHANED = 19
};

/* pfc_flags, C706 12.6.3.1. */
enum {
    RAW_FIRST = 0x01,
    RAW_LAST = 0x02,
    RAW_PENDING_CANCEL = 0x04,
    RAW_CONC_MPX = 0x10,
    RAW_DID_NOT_EXECUTE = 0x20,
    RAW_MAYBE = 0x40,
    RAW_OBJECT_UUID = 0x80
};

/* A PDU under construction or received; integers in the order that `big` says. */
struct pdu {
    byte octets[70000];
    size_t length;
    int big;
};

extern const GUID raw_ndr20;   /* 8a885d04-..., version 2 */
extern const GUID raw_unknown; /* no transfer syntax */

/* The common header, with frag_length to be filled in by pdu_end. */
void pdu_begin(struct pdu *pdu, int type, int flags, unsigned long call_id);
void pdu_end(struct pdu *pdu);
void pdu_8(struct pdu *pdu, unsigned value);
void pdu_16(struct pdu *pdu, unsigned value);
void pdu_32(struct pdu *pdu, unsigned long value);
void pdu_guid(struct pdu *pdu, const GUID *guid);
void pdu_octets(struct pdu *pdu, const void *octets, size_t length);
/* bind or alter_context with one context, one transfer syntax (version 2.0). */
void pdu_bind(struct pdu *pdu, int type, unsigned long call_id, unsigned context, const GUID *ifid,
              unsigned long version, const GUID *syntax);
/* A whole request. */
void pdu_request(struct pdu *pdu, int flags, unsigned long call_id, unsigned context, unsigned opnum,
                 const void *stub, size_t length);
/* Reading: at an offset, in the PDU's own byte order. Beyond the end reads 0. */
unsigned get_8(const struct pdu *pdu, size_t at);
unsigned get_16(const struct pdu *pdu, size_t at);
unsigned long get_32(const struct pdu *pdu, size_t at);

SOCKET raw_connect(unsigned short port);
void raw_send(SOCKET s, const struct pdu *pdu);
/* One PDU: its type, or -1 when the peer hung up, -2 when nothing came in HANG_GUARD. */
int raw_receive(SOCKET s, struct pdu *pdu);

/* A server on one connection after the other, for a client of the runtime under test. */
enum raw_behaviour {
    RAW_BIND_THEN_STALL,  /* answers bind, then reads nothing */
    RAW_BIND_THEN_RECORD, /* answers bind, then reads PDUs and answers none */
    RAW_BIND_THEN_CLOSE,  /* answers bind, reads one request, hangs up */
    RAW_CLOSE_ON_BIND,    /* hangs up on the bind */
    RAW_SWALLOW_BIND,     /* does not answer it */
    RAW_HOLD_ALTER, /* answers bind, alter_context when `go` is set, and requests if there is an `answer` */
    RAW_NAK_BIND,   /* bind_nak with `reason` */
    RAW_REJECT_CONTEXT, /* bind_ack that rejects the context with `reason` */
    RAW_ANSWER,         /* answers requests with `answer`, sent as it is; call_id filled in */
    RAW_SCRIPT          /* has `script` deal with a request */
};

struct raw_server {
    char endpoint[8];
    volatile enum raw_behaviour behaviour;
    unsigned reason;
    struct pdu *answer;
    void (*script)(struct raw_server *server, SOCKET s, struct pdu *request);
    SOCKET listener;
    HANDLE thread, stop;
    HANDLE go;                          /* automatic reset: for RAW_HOLD_ALTER */
    HANDLE closed;                      /* auto reset: the client hung up */
    HANDLE seen[20];                    /* manual reset: a PDU of that type came */
    volatile unsigned long call_id[20]; /* of the last one */
};

/* raw_receive in a script: -1 also when the server is to stop. */
int raw_server_receive(struct raw_server *server, SOCKET s, struct pdu *pdu);

void raw_server_start(struct raw_server *server, enum raw_behaviour behaviour);
void raw_server_wait(struct raw_server *server, int type);
void raw_server_stop(struct raw_server *server);

#endif
