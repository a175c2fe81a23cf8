/*
 * The debug channel: WINEDEBUG=+rpc (classes err, warn, fixme, trace) through ntdll's __wine_dbg_* where
 * present, OutputDebugString elsewhere. err and fixme are on by default, as in Wine.
 * Nothing is formatted, and no function but a flag test runs, while the class is off.
 */
#ifndef RPCRT4_DEBUG_H
#define RPCRT4_DEBUG_H

enum debug_class { DEBUG_UNDONE, DEBUG_ERR, DEBUG_WARN, DEBUG_TRACE };

extern unsigned char debug_flags;          /* bit 1 << class; bit 7: not yet asked */
int debug_enabled(enum debug_class class); /* asks on first use */
void debug_log(enum debug_class class, const char *function, const char *format, ...)
    __attribute__((format(gnu_printf, 3, 4)));

/* Text for a log line, valid until 64 further calls in the process. NULL gives "(null)". */
const char *debug_w(const unsigned short *text);
const char *debug_guid(const void *guid);

#define DEBUG_LOG_(class, ...)                                                                               \
    do {                                                                                                     \
        if ((debug_flags & (0x80 | 1 << (class))) && debug_enabled(class))                                   \
            debug_log(class, __func__, __VA_ARGS__);                                                         \
    } while (0)
#define TRACE(...) DEBUG_LOG_(DEBUG_TRACE, __VA_ARGS__)
#define WARN(...)  DEBUG_LOG_(DEBUG_WARN, __VA_ARGS__)
#define ERR(...)   DEBUG_LOG_(DEBUG_ERR, __VA_ARGS__)
#define FIXME(...) DEBUG_LOG_(DEBUG_UNDONE, __VA_ARGS__)

#endif
