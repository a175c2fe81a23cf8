/*
 * Marshalling alone, without a call around it: what client and server do between the parameters' memory and
 * the transport's buffer. Each type of bench_marshal.idl is sized and marshalled by a client, unmarshalled
 * and freed by a server, and unmarshalled and freed by a client; a line each, microseconds (median), beside
 * the time that memcpy takes for as many octets where memory and octets are the same. What is unmarshalled is
 * compared. What takes less than the clock can tell is done several times between two looks at it.
 *
 * The stubs of bench_marshal are serialization stubs, but NdrMesTypeEncode2 and NdrMesTypeDecode2 are this
 * program's own: that is how it gets at the format strings. The stubs' memory comes from one arena, so that
 * no line tells the speed of the C library's heap.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <rpc.h>
#include <midles.h>
#include "bench_marshal.h"

enum { ROUNDS = 25, LONGS = 1000000, ITEMS = 10000, ROOM = 16 << 20 };
enum { LEAST_SAMPLE = 100 }; /* microseconds */

static __attribute__((aligned(16))) char buffer[ROOM], arena[ROOM];
static size_t arena_used;
static double frequency;

void *__RPC_USER midl_user_allocate(size_t size)
{
    size_t from = arena_used;

    size = (size + 15) & ~(size_t)15;
    if (size > ROOM - from)
        return NULL;
    arena_used = from + size;
    return arena + from;
}

void __RPC_USER midl_user_free(void *memory)
{
    (void)memory;
}

static double now(void)
{
    LARGE_INTEGER ticks;

    QueryPerformanceCounter(&ticks);
    return ticks.QuadPart * frequency;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_median(const char *type, const char *direction, double *samples)
{
    qsort(samples, ROUNDS, sizeof(*samples), by_value);
    printf("%s-%s %.3f\n", type, direction, samples[ROUNDS / 2]);
}

static void check(RPC_STATUS status, const char *what)
{
    if (!status)
        return;
    fprintf(stderr, "bench marshal: %s: %ld\n", what, (long)status);
    exit(1);
}

/* A stub message's lives in one direction; handle is what TYPE_Encode or TYPE_Decode was given. */
struct pass {
    RPC_MESSAGE rpc;
    MIDL_STUB_MESSAGE msg;
    BOOL is_client;
    unsigned times;
    double start, time; /* of them all */
    __attribute__((aligned(16))) char correlation[1024];
};

static ULONG marshalled;

/* What a type is by the first octet of its format. */
enum { POINTER = 0x12, CONFORMANT = 0x17 };

/* value of the type at object, as the functions of its kind want it. */
static unsigned char *value_at(const void *object, PFORMAT_STRING format)
{
    return *format == POINTER ? *(unsigned char *const *)object : (unsigned char *)object;
}

/* Calls Ndr<kind of the type>FUNCTION. */
#define FOR_TYPE(function, format, ...)                                                                      \
    (*(format) == POINTER      ? NdrPointer##function(__VA_ARGS__, format)                                   \
     : *(format) == CONFORMANT ? NdrConformantStruct##function(__VA_ARGS__, format)                          \
                               : NdrComplexStruct##function(__VA_ARGS__, format))

static void begin_client(struct pass *pass, PMIDL_STUB_DESC desc)
{
    NdrClientInitializeNew(&pass->rpc, &pass->msg, desc, 0);
    pass->rpc.Buffer = buffer;
    pass->rpc.DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    NdrCorrelationInitialize(&pass->msg, pass->correlation, sizeof(pass->correlation), 0);
}

static void marshal(struct pass *pass, PMIDL_STUB_DESC desc, PFORMAT_STRING format, unsigned char *value)
{
    MIDL_STUB_MESSAGE *msg = &pass->msg;

    begin_client(pass, desc);
    msg->BufferLength = 0;
    FOR_TYPE(BufferSize, format, msg, value);
    msg->Buffer = msg->BufferStart = (unsigned char *)buffer;
    pass->rpc.BufferLength = msg->BufferLength;
    msg->BufferEnd = msg->BufferStart + msg->BufferLength;
    FOR_TYPE(Marshall, format, msg, value);
}

void RPC_ENTRY NdrMesTypeEncode2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                 const MIDL_STUB_DESC *desc, PFORMAT_STRING format, const void *object)
{
    struct pass *pass = handle;
    unsigned char *value = value_at(object, format);

    (void)info;
    pass->start = now();
    for (unsigned i = 0; i < pass->times; i++)
        marshal(pass, (PMIDL_STUB_DESC)desc, format, value);
    pass->time = now() - pass->start;
    marshalled = (ULONG)(pass->msg.Buffer - (unsigned char *)buffer);
}

static void unmarshal(struct pass *pass, PMIDL_STUB_DESC desc, PFORMAT_STRING format, unsigned char **object)
{
    MIDL_STUB_MESSAGE *msg = &pass->msg;

    pass->rpc.Buffer = buffer;
    pass->rpc.BufferLength = marshalled;
    pass->rpc.DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
    if (pass->is_client) {
        begin_client(pass, desc);
        msg->Buffer = msg->BufferStart = (unsigned char *)buffer;
        msg->BufferLength = marshalled;
        msg->BufferEnd = msg->BufferStart + marshalled;
    } else {
        NdrServerInitializeNew(&pass->rpc, msg, desc);
        NdrCorrelationInitialize(msg, pass->correlation, sizeof(pass->correlation), 0);
    }
    if (*format == POINTER)
        NdrPointerUnmarshall(msg, object, format, (unsigned char)msg->IsClient);
    else if (*format == CONFORMANT)
        NdrConformantStructUnmarshall(msg, object, format, (unsigned char)msg->IsClient);
    else
        NdrComplexStructUnmarshall(msg, object, format, (unsigned char)msg->IsClient);
}

/* *object becomes the value's address, for a pointer its value. All but the last are freed. */
void RPC_ENTRY NdrMesTypeDecode2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                                 const MIDL_STUB_DESC *desc, PFORMAT_STRING format, void *object)
{
    struct pass *pass = handle;
    unsigned char **value = object;

    (void)info;
    pass->start = now();
    for (unsigned i = 0; i < pass->times; i++) {
        if (i)
            FOR_TYPE(Free, format, &pass->msg, *value);
        *value = NULL;
        arena_used = 0;
        unmarshal(pass, (PMIDL_STUB_DESC)desc, format, value);
    }
    pass->time = now() - pass->start;
}

void RPC_ENTRY NdrMesTypeFree2(handle_t handle, const MIDL_TYPE_PICKLING_INFO *info,
                               const MIDL_STUB_DESC *desc, PFORMAT_STRING format, void *object)
{
    struct pass *pass = handle;

    (void)info, (void)desc;
    pass->start = now();
    FOR_TYPE(Free, format, &pass->msg, *(unsigned char **)object);
    pass->time += now() - pass->start;
}

static void different(const char *type)
{
    fprintf(stderr, "bench marshal: %s came back different\n", type);
    exit(1);
}

/* How often something is to be done that took so long once. */
static unsigned times_for(double once)
{
    return once < LEAST_SAMPLE / 1000. ? 1000 : once < LEAST_SAMPLE ? (unsigned)(LEAST_SAMPLE / once) : 1;
}

/* value: of the type, or a pointer; got: its address, or the pointer. */
#define MEASURE(type)                                                                                        \
    static double marshal_##type(void *object, unsigned times)                                               \
    {                                                                                                        \
        struct pass pass = {.is_client = TRUE, .times = times};                                              \
                                                                                                             \
        type##_Encode(&pass, object);                                                                        \
        return pass.time / times;                                                                            \
    }                                                                                                        \
                                                                                                             \
    static double unmarshal_##type(const type *value, BOOL is_client, unsigned times)                        \
    {                                                                                                        \
        struct pass pass = {.is_client = is_client, .times = times};                                         \
        type *got = NULL;                                                                                    \
                                                                                                             \
        type##_Decode(&pass, (type *)&got);                                                                  \
        if (!same_##type(value, got))                                                                        \
            different(#type);                                                                                \
        type##_Free(&pass, (type *)&got);                                                                    \
        return pass.time / times;                                                                            \
    }                                                                                                        \
                                                                                                             \
    static void measure_##type(type *value, void *object)                                                    \
    {                                                                                                        \
        double in[ROUNDS], server[ROUNDS], client[ROUNDS];                                                   \
        unsigned times_in = times_for(marshal_##type(object, 1));                                            \
        unsigned times_client = times_for(unmarshal_##type(value, TRUE, 1));                                 \
        unsigned times_server = times_for(unmarshal_##type(value, FALSE, 1));                                \
                                                                                                             \
        for (int i = 0; i < ROUNDS; i++) {                                                                   \
            in[i] = marshal_##type(object, times_in);                                                        \
            client[i] = unmarshal_##type(value, TRUE, times_client);                                         \
            server[i] = unmarshal_##type(value, FALSE, times_server);                                        \
        }                                                                                                    \
        print_median(#type, "marshal", in);                                                                  \
        print_median(#type, "server", server);                                                               \
        print_median(#type, "client", client);                                                               \
    }

static int same_bench_longs(const bench_longs *a, const bench_longs *b)
{
    return a->count == b->count && !memcmp(a->number, b->number, a->count * sizeof(*a->number));
}
MEASURE(bench_longs)

static int same_bench_flats(const bench_flats *a, const bench_flats *b)
{
    return a->count == b->count && !memcmp(a->item, b->item, a->count * sizeof(*a->item));
}
MEASURE(bench_flats)

static int same_bench_mixeds(const bench_mixeds *a, const bench_mixeds *b)
{
    long i;

    for (i = 0; i < a->count && a->item[i].id == b->item[i].id && a->item[i].kind == b->item[i].kind &&
                a->item[i].when == b->item[i].when && a->item[i].high == b->item[i].high;
         i++)
        ;
    return a->count == b->count && i == a->count;
}
MEASURE(bench_mixeds)

static int same_named(const bench_named *a, const bench_named *b)
{
    return a->id == b->id && !wcscmp(a->name, b->name) && !strcmp((char *)a->text, (char *)b->text);
}

static int same_bench_nameds(const bench_nameds *a, const bench_nameds *b)
{
    long i;

    for (i = 0; i < a->count && same_named(&a->item[i], &b->item[i]); i++)
        ;
    return a->count == b->count && i == a->count;
}
MEASURE(bench_nameds)

/* The stubs are those of the pointer. */
#define bench_node_Encode                 bench_list_Encode
#define bench_node_Decode(handle, object) bench_list_Decode(handle, (bench_list *)(object))
#define bench_node_Free(handle, object)   bench_list_Free(handle, (bench_list *)(object))
static int same_bench_node(const bench_node *x, const bench_node *y)
{
    for (; x && y && x->value == y->value; x = x->next)
        y = y->next;
    return !x && !y;
}
MEASURE(bench_node)

static int same_tagged(const bench_tagged *a, const bench_tagged *b)
{
    if (a->kind != b->kind)
        return 0;
    switch (a->kind) {
    case 1:
        return a->value.number == b->value.number;
    case 2:
        return a->value.real == b->value.real;
    case 3:
        return !memcmp(&a->value.flat, &b->value.flat, sizeof(a->value.flat));
    case 4:
        return !strcmp((char *)a->value.text, (char *)b->value.text);
    case 5:
        return same_named(&a->value.named, &b->value.named);
    default:
        return 1;
    }
}

static int same_bench_taggeds(const bench_taggeds *a, const bench_taggeds *b)
{
    long i;

    for (i = 0; i < a->count && same_tagged(&a->item[i], &b->item[i]); i++)
        ;
    return a->count == b->count && i == a->count;
}
MEASURE(bench_taggeds)

/* A structure that ends in an array of count elements. */
static void *with_array(size_t head, long count, size_t element)
{
    long *made = calloc(1, head + count * element);

    check(made ? RPC_S_OK : RPC_S_OUT_OF_MEMORY, "memory");
    *made = count;
    return made;
}
#define NEW(type, count, array)                                                                              \
    ((type *)with_array(offsetof(type, array), count, sizeof(((type *)0)->array[0])))

static const bench_named named = {7, (wchar_t *)L"a name of some length",
                                  (unsigned char *)"and a text, longer"};

/* What memory and octets being the same cannot do without. */
static void measure_memcpy(const char *type, const void *value, size_t octets)
{
    double samples[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        double start = now();

        for (size_t done = 0; done < LONGS * sizeof(long); done += octets) {
            memcpy(buffer, value, octets);
            __asm__ volatile("" ::: "memory");
        }
        samples[i] = (now() - start) / (LONGS * sizeof(long) / octets);
    }
    print_median(type, "memcpy", samples);
}

static void run_longs(void)
{
    bench_longs *longs = NEW(bench_longs, LONGS, number);

    for (long i = 0; i < LONGS; i++)
        longs->number[i] = i * 7;
    measure_memcpy("bench_longs", longs->number, LONGS * sizeof(*longs->number));
    measure_bench_longs(longs, longs);
    free(longs);
}

static void run_flats(void)
{
    bench_flats *flats = NEW(bench_flats, ITEMS, item);
    bench_mixeds *mixeds = NEW(bench_mixeds, ITEMS, item);

    for (long i = 0; i < ITEMS; i++) {
        flats->item[i] = (bench_flat){i, 1, 2, i * 0.5, i, {i, i, i, i}};
        mixeds->item[i] = (bench_mixed){i, i % 2 ? BENCH_ONE : BENCH_TWO, i * 0.5, 1, 2, i};
    }
    measure_memcpy("bench_flats", flats->item, ITEMS * sizeof(*flats->item));
    measure_bench_flats(flats, flats);
    measure_bench_mixeds(mixeds, mixeds);
    free(flats);
    free(mixeds);
}

static void run_nameds(void)
{
    bench_nameds *nameds = NEW(bench_nameds, ITEMS, item);

    for (long i = 0; i < ITEMS; i++)
        nameds->item[i] = named;
    measure_bench_nameds(nameds, nameds);
    free(nameds);
}

static void run_list(void)
{
    bench_node *nodes = calloc(ITEMS, sizeof(*nodes));

    check(nodes ? RPC_S_OK : RPC_S_OUT_OF_MEMORY, "memory");
    for (long i = 0; i < ITEMS; i++)
        nodes[i] = (bench_node){i, i + 1 < ITEMS ? &nodes[i + 1] : NULL};
    measure_bench_node(nodes, &(bench_list){nodes});
    free(nodes);
}

static void run_taggeds(void)
{
    bench_taggeds *taggeds = NEW(bench_taggeds, ITEMS, item);

    for (long i = 0; i < ITEMS; i++) {
        bench_tagged *item = &taggeds->item[i];

        item->kind = i % 6;
        if (item->kind == 1)
            item->value.number = i;
        else if (item->kind == 2)
            item->value.real = i * 0.25;
        else if (item->kind == 3)
            item->value.flat = (bench_flat){i, 1, 2, i * 0.5, i, {i, i, i, i}};
        else if (item->kind == 4)
            item->value.text = (unsigned char *)"the text of a union";
        else if (item->kind == 5)
            item->value.named = named;
    }
    measure_bench_taggeds(taggeds, taggeds);
    free(taggeds);
}

int main(void)
{
    LARGE_INTEGER ticks;

    QueryPerformanceFrequency(&ticks);
    frequency = 1e6 / ticks.QuadPart;
    memset(buffer, 1, sizeof(buffer));
    memset(arena, 1, sizeof(arena));
    run_longs();
    run_flats();
    run_nameds();
    run_list();
    run_taggeds();
    return 0;
}
