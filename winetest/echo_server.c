/*
 * The manager routines of rpcecho (idl/test_echo.idl), for the topic echo and for smbtorture's rpc.echo,
 * which tools/interop/smbtorture runs against
 *   --peer echo_server PORT
 * That server ends when its standard input does.
 */
#include "fixture.h"
#include "test_echo.h"

void s_echo_AddOne(handle_t h, ULONG in_data, ULONG *out_data)
{
    (void)h;
    *out_data = in_data + 1;
}

void s_echo_EchoData(handle_t h, ULONG len, unsigned char *in_data, unsigned char *out_data)
{
    (void)h;
    memcpy(out_data, in_data, len);
}

void s_echo_SinkData(handle_t h, ULONG len, unsigned char *data)
{
    (void)h;
    ok(!len || data[len - 1] == (unsigned char)(data[0] + len - 1),
       "%lu octets sunk do not end as they should\n", (unsigned long)len);
}

void s_echo_SourceData(handle_t h, ULONG len, unsigned char *data)
{
    (void)h;
    for (ULONG i = 0; i < len; i++)
        data[i] = (unsigned char)i;
}

void s_echo_TestCall(handle_t h, wchar_t *s1, wchar_t **s2)
{
    size_t size = (wcslen(s1) + 1) * sizeof(wchar_t);

    (void)h;
    *s2 = midl_user_allocate(size);
    if (*s2)
        memcpy(*s2, s1, size);
}

LONG s_echo_TestCall2(handle_t h, unsigned short level, echo_Info *info)
{
    (void)h;
    switch (level) {
    case 1:
        info->info1.v = 10;
        return 0;
    case 2:
        info->info2.v = 20;
        return 0;
    case 3:
        info->info3.v = 30;
        return 0;
    case 4:
        info->info4.v = 40;
        return 0;
    case 5:
        info->info5.v1 = 50;
        info->info5.v2 = 60;
        return 0;
    case 6:
        info->info6.v1 = 70;
        info->info6.info1.v = 80;
        return 0;
    case 7:
        info->info7.v1 = 80;
        info->info7.info4.v = 90;
        return 0;
    default:
        return (LONG)0xc0000148; /* STATUS_INVALID_LEVEL */
    }
}

struct sleeper {
    PRPC_ASYNC_STATE async;
    ULONG seconds;
};

static void CALLBACK awake(PTP_CALLBACK_INSTANCE instance, void *parameter, PTP_TIMER timer)
{
    struct sleeper *sleeper = parameter;

    (void)instance;
    ok_status(RpcAsyncCompleteCall(sleeper->async, &sleeper->seconds), RPC_S_OK, "RpcAsyncCompleteCall");
    CloseThreadpoolTimer(timer);
    free(sleeper);
}

/* What is asked for is a duration: a timer ends the call, and no thread waits meanwhile. */
void s_echo_TestSleep(PRPC_ASYNC_STATE async, handle_t h, ULONG seconds)
{
    ULARGE_INTEGER due = {.QuadPart = (ULONGLONG) - (LONGLONG)(seconds * 10000000ull)};
    struct sleeper *sleeper = malloc(sizeof(*sleeper));
    PTP_TIMER timer = sleeper ? CreateThreadpoolTimer(awake, sleeper, NULL) : NULL;
    FILETIME when = {due.LowPart, due.HighPart};

    (void)h;
    if (!timer) {
        free(sleeper);
        RpcRaiseException(RPC_S_OUT_OF_MEMORY);
    }
    *sleeper = (struct sleeper){async, seconds};
    SetThreadpoolTimer(timer, &when, 0, 0);
}

void s_echo_TestEnum(handle_t h, echo_Enum1 *foo1, echo_Enum2 *foo2, echo_Enum3 *foo3)
{
    (void)h;
    (void)foo1;
    (void)foo3;
    foo2->e1 = ECHO_ENUM2;
}

/* Twice as long: the second half repeats the first. */
void s_echo_TestSurrounding(handle_t h, echo_Surrounding *data)
{
    unsigned short *longer = midl_user_allocate(2 * data->x * sizeof(*longer));

    (void)h;
    if (!longer)
        RpcRaiseException(RPC_S_OUT_OF_MEMORY);
    memcpy(longer, data->surrounding, data->x * sizeof(*longer));
    memcpy(longer + data->x, data->surrounding, data->x * sizeof(*longer));
    midl_user_free(data->surrounding);
    data->surrounding = longer;
    data->x *= 2;
}

/* ---- echo_Surrounding as it goes over the wire: the array's size, x, the array */

struct wire_surrounding {
    ULONG size, x;
    unsigned short surrounding[];
};

static ULONG_PTR aligned(ULONG_PTR at)
{
    return (at + 3) & ~(ULONG_PTR)3;
}

/* The sender's integers: the high word of the flags has its data representation (SDK: The type_UserUnmarshal
 * Function). */
static int swapped(const ULONG *flags)
{
    return (HIWORD(*flags) & NDR_INT_REP_MASK) == NDR_BIG_ENDIAN;
}

static ULONG get_long(const ULONG *flags, ULONG value)
{
    return swapped(flags) ? __builtin_bswap32(value) : value;
}

static unsigned short get_short(const ULONG *flags, unsigned short value)
{
    return swapped(flags) ? __builtin_bswap16(value) : value;
}

ULONG __RPC_USER echo_Surrounding_UserSize(ULONG *flags, ULONG at, echo_Surrounding *data)
{
    (void)flags;
    return aligned(at) + sizeof(struct wire_surrounding) + data->x * sizeof(*data->surrounding);
}

unsigned char *__RPC_USER echo_Surrounding_UserMarshal(ULONG *flags, unsigned char *buffer,
                                                       echo_Surrounding *data)
{
    struct wire_surrounding *wire = (void *)aligned((ULONG_PTR)buffer);

    (void)flags;
    wire->size = wire->x = data->x;
    memcpy(wire->surrounding, data->surrounding, data->x * sizeof(*data->surrounding));
    return (unsigned char *)&wire->surrounding[data->x];
}

unsigned char *__RPC_USER echo_Surrounding_UserUnmarshal(ULONG *flags, unsigned char *buffer,
                                                         echo_Surrounding *data)
{
    struct wire_surrounding *wire = (void *)aligned((ULONG_PTR)buffer);
    SIZE_T head = (unsigned char *)wire->surrounding - buffer;
    NDR_USER_MARSHAL_INFO info;
    ULONG x;

    ok_status(NdrGetUserMarshalInfo(flags, 1, &info), RPC_S_OK, "NdrGetUserMarshalInfo");
    if (info.Level1.BufferSize < head)
        RpcRaiseException(RPC_X_BAD_STUB_DATA);
    x = get_long(flags, wire->x);
    if (get_long(flags, wire->size) != x || (info.Level1.BufferSize - head) / sizeof(*wire->surrounding) < x)
        RpcRaiseException(RPC_X_BAD_STUB_DATA);
    midl_user_free(data->surrounding);
    data->x = 0;
    data->surrounding = midl_user_allocate(x * sizeof(*wire->surrounding));
    if (!data->surrounding)
        RpcRaiseException(RPC_S_OUT_OF_MEMORY);
    for (; data->x < x; data->x++)
        data->surrounding[data->x] = get_short(flags, wire->surrounding[data->x]);
    return (unsigned char *)&wire->surrounding[x];
}

void __RPC_USER echo_Surrounding_UserFree(ULONG *flags, echo_Surrounding *data)
{
    (void)flags;
    midl_user_free(data->surrounding);
    data->surrounding = NULL;
}

unsigned short s_echo_TestDoublePointer(handle_t h, unsigned short ***data)
{
    (void)h;
    return *data && **data ? ***data : 0;
}

START_CHILD(echo_server)
{
    struct endpoint endpoint;

    name_endpoint(&endpoint, "ncacn_ip_tcp", argv[0]);
    use_endpoint(&endpoint);
    ok_status(RpcServerRegisterIf(rpcecho_v1_0_s_ifspec, NULL, NULL), RPC_S_OK, "rpcecho");
    ok_status(RpcServerListen(1, RPC_C_LISTEN_MAX_CALLS_DEFAULT, TRUE), RPC_S_OK, "RpcServerListen");
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    stop_serving();
}
