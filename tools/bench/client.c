/*
 * The client of the benchmark:
 *   client PROTSEQ ENDPOINT MODE      MODE: sync, pipe, the number of outstanding asynchronous calls, or quit
 * Prints lines NAME VALUE; times in microseconds, each the median of its samples.
 */
#include "common.h"
#include "bench.h"
#include "bench_async.h"
#include "bench_pipe.h"

#define MIB (1 << 20)

static double frequency;

static double now(void)
{
    LARGE_INTEGER t;

    QueryPerformanceCounter(&t);
    return t.QuadPart * frequency;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void print_median(const char *name, double *samples, int count)
{
    qsort(samples, count, sizeof(*samples), compare);
    printf("%s %.3f\n", name, samples[count / 2]);
}

static void measure_null(handle_t h)
{
    enum { BATCHES = 15, CALLS = 100 };
    double samples[BATCHES];

    for (int i = 0; i < 200; i++)
        bench_null(h);
    for (int b = 0; b < BATCHES; b++) {
        double start = now();
        for (int i = 0; i < CALLS; i++)
            bench_null(h);
        samples[b] = (now() - start) / CALLS;
    }
    print_median("null", samples, BATCHES);
}

static void measure_bulk(handle_t h)
{
    enum { COUNT = 15 };
    double in[COUNT], out[COUNT];
    byte *data = calloc(1, MIB);

    bench_in(h, MIB, data);
    bench_out(h, MIB, data);
    for (int i = 0; i < COUNT; i++) {
        double start = now(), middle;
        bench_in(h, MIB, data);
        middle = now();
        bench_out(h, MIB, data);
        in[i] = middle - start;
        out[i] = now() - middle;
    }
    print_median("in", in, COUNT);
    print_median("out", out, COUNT);
    free(data);
}

static void measure_items(handle_t h)
{
    enum { COUNT = 15, ITEMS = 2000 };
    bench_item *items = calloc(ITEMS, sizeof(*items));
    double samples[COUNT];
    long sum = 0;

    for (int i = 0; i < ITEMS; i++) {
        items[i].id = i;
        items[i].name = L"a name of some length";
        items[i].text = (unsigned char *)"and a text, a little longer than the name";
        sum += i;
    }
    for (int i = 0; i < COUNT; i++) {
        double start = now();
        if (bench_items(h, ITEMS, items) != sum)
            exit(1);
        samples[i] = now() - start;
    }
    print_median("items", samples, COUNT);
    free(items);
}

static volatile LONG completed;
static LONG wanted;
static HANDLE all_done;

static void RPC_ENTRY on_complete(RPC_ASYNC_STATE *state, void *context, RPC_ASYNC_EVENT event)
{
    (void)state, (void)context, (void)event;
    if (InterlockedIncrement(&completed) == wanted)
        SetEvent(all_done);
}

static int measure_outstanding(handle_t h, LONG count)
{
    RPC_ASYNC_STATE *states = calloc(count, sizeof(*states));
    long threads, reply, failures = 0, own_threads;
    long long own_before, own_after;
    hyper before, after;
    double start;

    memset(states, 1, count * sizeof(*states)); /* our own pages are not the runtime's */
    all_done = CreateEventA(NULL, TRUE, FALSE, NULL);
    wanted = count;
    bench_null(h);
    bench_status(h, &threads, &before);
    own_before = bench_memory();
    start = now();
    for (LONG i = 0; i < count; i++) {
        if (RpcAsyncInitializeHandle(&states[i], sizeof(states[i])))
            return 1;
        states[i].NotificationType = RpcNotificationTypeCallback;
        states[i].u.NotificationRoutine = on_complete;
        bench_hold(&states[i], h, i);
    }
    own_threads = bench_threads();
    own_after = bench_memory();
    bench_status(h, &threads, &after);
    for (LONG released = 0; released < count;)
        released += bench_release(h);
    if (WaitForSingleObject(all_done, 60000))
        return 1;
    for (LONG i = 0; i < count; i++)
        failures += RpcAsyncCompleteCall(&states[i], &reply) || reply != i + 1;
    printf("async-time %.3f\n", (now() - start) / count);
    printf("async-failures %ld\n", failures);
    printf("async-client-threads %ld\n", own_threads);
    printf("async-server-threads %ld\n", threads);
    printf("async-client-bytes %.0f\n", (double)(own_after - own_before) / count);
    printf("async-server-bytes %.0f\n", (double)(after - before) / count);
    return failures != 0;
}

enum { PIPED = 64 * MIB };
static byte piece[65536];
static long piped;

static void __RPC_USER pull(char *state, byte *buffer, unsigned long size, unsigned long *count)
{
    unsigned long left = PIPED - piped;

    (void)state, (void)buffer;
    *count = left < size ? left : size;
    piped += (long)*count;
}

static void __RPC_USER push(char *state, byte *buffer, unsigned long count)
{
    (void)state, (void)buffer;
    piped += (long)count;
}

static void __RPC_USER allocate(char *state, unsigned long wanted, byte **buffer, unsigned long *got)
{
    (void)state;
    *buffer = piece;
    *got = wanted < sizeof(piece) ? wanted : sizeof(piece);
}

static int measure_pipes(handle_t h)
{
    bench_bytes pipe = {pull, push, allocate, NULL};
    hyper server, server_peak;
    long long own;
    double start;

    bench_peak(h, &server, &server_peak);
    own = bench_memory();
    start = now();
    piped = 0;
    if (bench_push(h, pipe) != PIPED)
        return 1;
    printf("pipe-in %.3f\n", now() - start);
    start = now();
    piped = 0;
    bench_pull(h, PIPED, &pipe);
    if (piped != PIPED)
        return 1;
    printf("pipe-out %.3f\n", now() - start);
    printf("pipe-client-bytes %.0f\n", (double)(bench_peak_memory() - own));
    own = server;
    bench_peak(h, &server, &server_peak);
    printf("pipe-server-bytes %.0f\n", (double)(server_peak - own));
    return 0;
}

static int run(handle_t h, const char *mode)
{
    int result = 0;

    RpcTryExcept
    {
        if (!strcmp(mode, "quit")) {
            bench_quit(h);
        } else if (!strcmp(mode, "sync")) {
            measure_null(h);
            measure_bulk(h);
            measure_items(h);
        } else if (!strcmp(mode, "pipe")) {
            result = measure_pipes(h);
        } else {
            result = measure_outstanding(h, atol(mode));
        }
    }
    RpcExcept(1)
    {
        fprintf(stderr, "bench client: %s: exception %lu\n", mode, (unsigned long)RpcExceptionCode());
        result = 1;
    }
    RpcEndExcept return result;
}

int main(int argc, char **argv)
{
    RPC_CSTR text = NULL;
    LARGE_INTEGER ticks;
    handle_t h = NULL;

    QueryPerformanceFrequency(&ticks);
    frequency = 1e6 / ticks.QuadPart;
    if (argc != 4) {
        fprintf(stderr, "usage: client PROTSEQ ENDPOINT sync|pipe|COUNT|quit\n");
        return 2;
    }
    if (RpcStringBindingComposeA(NULL, (RPC_CSTR)argv[1], NULL, (RPC_CSTR)argv[2], NULL, &text) ||
        RpcBindingFromStringBindingA(text, &h)) {
        fprintf(stderr, "bench client: bad binding\n");
        return 2;
    }
    RpcStringFreeA(&text);
    return run(h, argv[3]);
}
