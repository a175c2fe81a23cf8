/* What client and server of the benchmark share. */
#ifndef RPCRT4_BENCH_H
#define RPCRT4_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <rpc.h>
#include <rpcasync.h>

/* This process: its threads and its private memory in bytes. */
long bench_threads(void);
long long bench_memory(void);
/* The most memory that it had resident so far. */
long long bench_peak_memory(void);

#endif
