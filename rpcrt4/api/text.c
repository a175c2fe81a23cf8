/*
 * Text between the A and the W functions. Owns nothing; any thread.
 */
#include <string.h>

#include "text.h"

#include <rpc.h>

LONG text_widen(const unsigned char *ansi, WCHAR **wide)
{
    int length;

    *wide = NULL;
    if (!ansi)
        return RPC_S_OK;
    length = MultiByteToWideChar(CP_ACP, 0, (const char *)ansi, -1, NULL, 0);
    *wide = os_alloc((size_t)length * sizeof(**wide));
    if (!*wide)
        return RPC_S_OUT_OF_MEMORY;
    MultiByteToWideChar(CP_ACP, 0, (const char *)ansi, -1, *wide, length);
    return RPC_S_OK;
}

LONG text_narrow(WCHAR *wide, unsigned char **ansi)
{
    int length;

    *ansi = NULL;
    if (!wide)
        return RPC_S_OK;
    length = WideCharToMultiByte(CP_ACP, 0, wide, -1, NULL, 0, NULL, NULL);
    *ansi = os_alloc((size_t)length);
    if (*ansi)
        WideCharToMultiByte(CP_ACP, 0, wide, -1, (char *)*ansi, length, NULL, NULL);
    os_free(wide);
    return *ansi ? RPC_S_OK : RPC_S_OUT_OF_MEMORY;
}

WCHAR *text_copy(const WCHAR *text, size_t length)
{
    WCHAR *copy = os_alloc((length + 1) * sizeof(*copy));

    if (copy) {
        memcpy(copy, text, length * sizeof(*copy));
        copy[length] = 0;
    }
    return copy;
}
