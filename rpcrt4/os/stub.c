/*
 * The one body behind every unimplemented export. Owns nothing; called from generated code alone.
 */
#include "os.h"
#include "debug.h"
#include "stub.h"

void stub_called(const char *name)
{
    ULONG_PTR arguments[2] = {(ULONG_PTR) "rpcrt4.dll", (ULONG_PTR)name};

    ERR("%s is not implemented\n", name);
    for (;;)
        RaiseException(0x80000100, EXCEPTION_NONCONTINUABLE, 2, arguments);
}
