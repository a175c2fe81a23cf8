/*
 * The server of the benchmark: server ENDPOINT-OF-NCALRPC PIPE PORT. Prints "ready" when it listens, ends on
 * bench_quit. Held calls form a list that only bench_hold pushes to and bench_release takes whole.
 */
#include "common.h"
#include "bench.h"
#include "bench_async.h"
#include "bench_pipe.h"

struct held {
    struct held *next;
    PRPC_ASYNC_STATE async;
    long value;
};

static struct held *volatile held;

void bench_null(handle_t h)
{
    (void)h;
}

void bench_in(handle_t h, long size, byte *data)
{
    (void)h, (void)size, (void)data;
}

void bench_out(handle_t h, long size, byte *data)
{
    (void)h, (void)size;
    data[0] = 1;
}

long bench_items(handle_t h, long count, bench_item *items)
{
    long sum = 0;

    (void)h;
    for (long i = 0; i < count; i++)
        sum += items[i].id;
    return sum;
}

void bench_status(handle_t h, long *threads, hyper *memory)
{
    (void)h;
    *threads = bench_threads();
    *memory = bench_memory();
}

void bench_hold(PRPC_ASYNC_STATE async, handle_t h, long value)
{
    struct held *call = malloc(sizeof(*call));

    (void)h;
    call->async = async;
    call->value = value;
    do
        call->next = held;
    while (InterlockedCompareExchangePointer((void *volatile *)&held, call, call->next) != call->next);
}

long bench_release(handle_t h)
{
    struct held *call = InterlockedExchangePointer((void *volatile *)&held, NULL), *next;
    long count = 0;

    (void)h;
    for (; call; call = next) {
        long reply = call->value + 1;

        next = call->next;
        RpcAsyncCompleteCall(call->async, &reply);
        free(call);
        count++;
    }
    return count;
}

static byte piece[65536];

long bench_push(handle_t h, bench_bytes data)
{
    unsigned long count;
    long size = 0;

    (void)h;
    do {
        data.pull(data.state, piece, sizeof(piece), &count);
        size += (long)count;
    } while (count);
    return size;
}

void bench_pull(handle_t h, long size, bench_bytes *data)
{
    const long most = sizeof(piece);

    (void)h;
    for (; size > most; size -= most)
        data->push(data->state, piece, most);
    data->push(data->state, piece, size);
    data->push(data->state, piece, 0);
}

void bench_peak(handle_t h, hyper *now, hyper *peak)
{
    (void)h;
    *now = bench_memory();
    *peak = bench_peak_memory();
}

void bench_quit(handle_t h)
{
    (void)h;
    RpcMgmtStopServerListening(NULL);
}

static void check(RPC_STATUS status, const char *what)
{
    if (!status)
        return;
    fprintf(stderr, "bench server: %s: %ld\n", what, (long)status);
    exit(1);
}

int main(int argc, char **argv)
{
    static const char *const protseqs[] = {"ncalrpc", "ncacn_np", "ncacn_ip_tcp"};

    if (argc != 4) {
        fprintf(stderr, "usage: server ENDPOINT PIPE PORT\n");
        return 2;
    }
    for (int i = 0; i < 3; i++)
        check(RpcServerUseProtseqEpA((RPC_CSTR)protseqs[i], RPC_C_PROTSEQ_MAX_REQS_DEFAULT,
                                     (RPC_CSTR)argv[i + 1], NULL),
              protseqs[i]);
    check(RpcServerRegisterIf(bench_v1_0_s_ifspec, NULL, NULL), "RpcServerRegisterIf");
    check(RpcServerRegisterIf(bench_async_v1_0_s_ifspec, NULL, NULL), "RpcServerRegisterIf");
    check(RpcServerRegisterIf(bench_pipe_v1_0_s_ifspec, NULL, NULL), "RpcServerRegisterIf");
    check(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), "RpcServerListen");
    puts("ready");
    fflush(stdout);
    check(RpcMgmtWaitServerListen(), "RpcMgmtWaitServerListen");
    return 0;
}
