/*
 * The debug channel. First extent: OutputDebugString alone.
 */
#include <stdio.h>
#include "os.h"
#include "debug.h"

unsigned char debug_flags = 1 << DEBUG_ERR | 1 << DEBUG_FIXME;

int debug_enabled(enum debug_class class)
{
    return debug_flags & 1 << class;
}

void debug_log(enum debug_class class, const char *function, const char *format, ...)
{
    char line[512];
    int length = snprintf(line, sizeof line, "%d:rpc:%s ", class, function);
    va_list args;

    va_start(args, format);
    vsnprintf(line + length, sizeof line - length, format, args);
    va_end(args);
    OutputDebugStringA(line);
}
