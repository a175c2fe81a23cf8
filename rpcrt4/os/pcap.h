/*
 * RPCRT4_PCAP=file: every PDU of the process goes to a capture file that Wireshark opens.
 */
#ifndef RPCRT4_PCAP_H
#define RPCRT4_PCAP_H

#include "os.h"
#include <stdint.h>

/* 0: off; 1: on; 2: the environment was not asked yet. */
extern volatile LONG pcap_state;
int pcap_enabled(void);
/* os_unload's. */
void pcap_close(void);

static inline int pcap_on(void)
{
    return pcap_state && pcap_enabled();
}

/* Writes one PDU, given in two pieces (the second may be empty), of a connection, whose number is unique in
 * the process's lifetime. Any thread. */
void pcap_write(uint64_t connection, int outgoing, const void *head, size_t head_length, const void *body,
                size_t body_length);

static inline void pcap_fragment(uint64_t connection, int outgoing, const void *head, size_t head_length,
                                 const void *body, size_t body_length)
{
    if (pcap_on())
        pcap_write(connection, outgoing, head, head_length, body, body_length);
}

#endif
