/*
 * The capture file. First extent: always off.
 */
#include "pcap.h"

volatile LONG pcap_state;

int pcap_enabled(void)
{
    return 0;
}

void pcap_write(uint64_t connection, int outgoing, const void *head, size_t head_length, const void *body,
                size_t body_length)
{
    (void)connection, (void)outgoing, (void)head, (void)head_length, (void)body, (void)body_length;
}
