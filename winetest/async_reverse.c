/* An asynchronous client of a synchronous server: the managers of test_plain, which shares its UUID with
 * test_async. */
#include "async_client.h"
#include "test_plain.h"

LONG s_plain_echo(handle_t h, plain_mode mode, LONG id, LONG value, LONG *doubled, LONG *negated)
{
    (void)h, (void)id;
    if (mode == PLAIN_RAISE)
        RpcRaiseException(value);
    *doubled = 2 * value;
    *negated = -*negated;
    return value + 1;
}

void s_plain_void(handle_t h, plain_mode mode, LONG id, LONG value)
{
    (void)h, (void)id;
    if (mode == PLAIN_RAISE)
        RpcRaiseException(value);
}

LONG s_plain_text(handle_t h, plain_mode mode, LONG id, const wchar_t *text, wchar_t **reversed)
{
    size_t length = wcslen(text);

    (void)h, (void)id, (void)mode;
    *reversed = midl_user_allocate((length + 1) * sizeof(wchar_t));
    for (size_t i = 0; i < length; i++)
        (*reversed)[i] = text[length - 1 - i];
    (*reversed)[length] = 0;
    return (LONG)length;
}

LONG s_plain_array(handle_t h, plain_mode mode, LONG id, LONG n, LONG *values)
{
    (void)h, (void)id, (void)mode;
    for (LONG i = 0; i < n; i++)
        values[i] *= 3;
    return n;
}

ULONG s_plain_bytes(handle_t h, plain_mode mode, LONG id, LONG n, byte *data)
{
    (void)h, (void)id, (void)mode;
    return n ? data[n - 1] : 0;
}

void s_plain_double(handle_t h, plain_mode mode, LONG id, double value, double *half)
{
    (void)h, (void)id, (void)mode;
    *half = value / 2;
}

LONG s_plain_held(handle_t h)
{
    (void)h;
    return 0;
}

LONG s_plain_release(handle_t h, LONG id)
{
    (void)h, (void)id;
    return 0;
}

LONG s_plain_ping(handle_t h, LONG value)
{
    (void)h;
    return value + 1;
}

START_TEST(async_reverse)
{
    struct endpoint endpoints[TRANSPORT_COUNT];

    serve(endpoints, test_plain_v1_0_s_ifspec);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        handle_t h = bind_to(&endpoints[i]);
        wchar_t *reversed = NULL;
        struct echo echo;
        LONG length = 0;

        winetest_context("%s", endpoints[i].transport->protseq);
        echo_init_event(&echo);
        ok_status(echo_call(&echo, h, ASYNC_NOW, 1, 12), 0, "the call raised");
        echo_finish(&echo, RPC_S_OK);
        ok_status(echo_call(&echo, h, ASYNC_RAISE, 1, 0x1234), 0, "the call raised");
        echo_finish(&echo, 0x1234);
        async_text(&echo.state, h, ASYNC_NOW, 1, L"live", &reversed);
        wait_for(echo.state.u.hEvent, "async_text");
        ok_status(RpcAsyncCompleteCall(&echo.state, &length), RPC_S_OK, "async_text");
        if (ok(reversed && !wcscmp(reversed, L"evil"), "no reversed string\n"))
            midl_user_free(reversed);
        echo_free(&echo);
        unbind(&h);
    }
    winetest_context("%s", "");
    stop_serving();
}
