/*
 * See proc_case.h. No test framework here, for the fuzzer has none.
 */
#include "proc_case.h"
#include "ndr/pipe.h"
#include <string.h>

#define SHORT(value) (unsigned char)((value)&0xff), (unsigned char)((value) >> 8)
/* Old header with an explicit primitive handle at 0, sizes, flags, parameters, extensions of ten octets. */
#define HEADER(number, stack, client, server, flags, count)                                                  \
    0x00, 0x48, 0, 0, 0, 0, SHORT(number), SHORT(stack), 0x32, 0x00, SHORT(0), SHORT(client), SHORT(server), \
        flags, count, 0x0a, 0x07, 0, 0, 0, 0, 0, 0, 0, 0
#define BASE(attributes, offset, code)  SHORT(attributes), SHORT(offset), code, 0x00
#define TYPED(attributes, offset, type) SHORT(attributes), SHORT(offset), SHORT(type)

static const struct {
    short pad;
    unsigned char octets[128];
} types = {
    0,
    {
        0,    0,    /* 0 */
        0x25, 0x5c, /* 2: FC_C_WSTRING */
        0x1b, 0x03, SHORT(4),      0x28,     0x00,          SHORT(16), SHORT(1),
        0x08, 0x5b, /* 4: size_is(n at 16) */
        0x1b, 0x03, SHORT(4),      0x28,     0x00,          SHORT(8),  SHORT(1),
        0x08, 0x5b,                                                          /* 16: size_is(n at 8) */
        0x11, 0x14, SHORT(2),      0x12,     0x08,          0x22,      0x5c, /* 28: char ** */
        0x1a, 0x03, SHORT(16),     SHORT(0), SHORT(6),      0x08,      0x40,
        0x36, 0x5b,                                                              /* 36: struct proc_node */
        0x12, 0x00, SHORT(0xfff2),                                               /* 48: its next */
        0x08, 0x5c, 0xb5,          0x03,     SHORT(0xfffc), SHORT(4),  SHORT(4), /* 52: long; 54: pipe */
    }};

static const struct {
    short pad;
    unsigned char octets[512];
} procs = {0,
           {
               /* 0 */
               HEADER(0, 48, 16, 40, 0x44, 5),
               BASE(0x48, 8, 0x01),
               BASE(0x48, 16, 0x06),
               BASE(0x158, 24, 0x08),
               BASE(0x2150, 32, 0x0b),
               BASE(0x70, 40, 0x0b),
               /* 60 */
               HEADER(1, 40, 8, 28, 0x42, 4),
               TYPED(0x10b, 8, 2),
               BASE(0x48, 16, 0x08),
               TYPED(0x10b, 24, 4),
               BASE(0x2150, 32, 0x08),
               /* 114 */
               HEADER(2, 40, 8, 8, 0x45, 4),
               BASE(0x48, 8, 0x08),
               TYPED(0x113, 16, 16),
               TYPED(0x2013, 24, 28),
               BASE(0x70, 32, 0x08),
               /* 168 */
               HEADER(3, 16, 0, 0, 0x43, 1),
               TYPED(0x11b, 8, 36),
               /* 204 */
               HEADER(4, 24, 0, 28, 0x48, 2),
               TYPED(0x10c, 8, 54),
               BASE(0x2150, 16, 0x08),
           }};

static const unsigned short offsets[PROC_COUNT] = {0, 60, 114, 168, 204};

ULONG proc_raises;
void (*proc_ends)(void);

static void may_raise(void)
{
    if (proc_raises)
        os_raise(proc_raises);
}

static LONGLONG base(void *h, LONGLONG a, LONGLONG b, int *c, LONGLONG *d)
{
    may_raise();
    *d = h ? 0x100000000 : 0;
    *c = (int)((unsigned)*c + 1);
    if (proc_ends)
        proc_ends();
    return (unsigned char)a + (LONGLONG)(short)b;
}

static void string(void *h, const unsigned short *s, LONGLONG n, const int *v, int *sum)
{
    int i;

    (void)h;
    may_raise();
    while (*s)
        *sum = (int)((unsigned)*sum + *s++);
    for (i = 0; i < (int)n; i++)
        *sum = (int)((unsigned)*sum + (unsigned)v[i]);
}

static LONGLONG outs(void *h, LONGLONG n, int *v, char **s)
{
    int i;

    (void)h;
    for (i = 0; i < (int)n && i < 100; i++)
        v[i] = i * i;
    *s = memcpy(host_allocate(6), "hello", 6);
    may_raise();
    return n + 1;
}

static void list(void *h, struct proc_node *head)
{
    (void)h;
    may_raise();
    for (; head; head = head->next)
        head->value = (int)-(unsigned)head->value;
}

static void pipe(void *h, struct ndr_pipe_routines *p, int *sum)
{
    int values[3];
    ULONG count, i;

    (void)h;
    may_raise();
    do {
        p->pull(p->state, values, 3, &count);
        for (i = 0; i < count; i++)
            *sum = (int)((unsigned)*sum + (unsigned)values[i]);
    } while (count);
}

void proc_case_open(void)
{
    static const SERVER_ROUTINE managers[PROC_COUNT] = {(void *)base, (void *)string, (void *)outs,
                                                        (void *)list, (void *)pipe};
    static RPC_SERVER_INTERFACE spec;
    static MIDL_STUB_DESC desc;
    static MIDL_SERVER_INFO info;

    desc.RpcInterfaceInformation = &spec;
    desc.pfnAllocate = host_allocate;
    desc.pfnFree = host_free;
    desc.pFormatTypes = types.octets;
    desc.fCheckBounds = 1;
    desc.Version = 0x50002;
    info.pStubDesc = &desc;
    info.DispatchTable = managers;
    info.ProcString = procs.octets;
    info.FmtStringOffset = offsets;
    proc_raises = 0;
    proc_ends = NULL;
    channel_open(&info, &spec);
}
