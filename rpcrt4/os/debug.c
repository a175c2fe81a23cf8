/*
 * The debug channel "rpc". Under Wine, lines go through ntdll's __wine_dbg_* functions (declared in
 * wine/debug.h), which know WINEDEBUG's whole language and Wine's line format; elsewhere WINEDEBUG is read
 * here, as far as it names this channel, and lines go to OutputDebugString. Any thread may log with any lock
 * held: nothing here takes one.
 */
#include <stdio.h>
#include <string.h>
#include "os.h"
#include "debug.h"

enum { NOT_ASKED = 0x80, BY_DEFAULT = 1 << DEBUG_ERR | 1 << DEBUG_UNDONE };

unsigned char debug_flags = NOT_ASKED;

struct wine_channel {
    unsigned char flags;
    char name[15];
};

static struct wine_channel channel = {.flags = 0xff, .name = "rpc"};
static int(__cdecl *wine_header)(int class, struct wine_channel *channel, const char *function);
static int(__cdecl *wine_output)(const char *text);

static const char *const class_names[] = {"fixme", "err", "warn", "trace"};

/* WINEDEBUG=[class](+|-)channel,...: the flags of channel "rpc", outside Wine. */
static unsigned char flags_from_environment(void)
{
    char text[256];
    DWORD length = GetEnvironmentVariableA("WINEDEBUG", text, sizeof text);
    unsigned char flags = BY_DEFAULT;

    if (!length || length >= sizeof text)
        return flags;
    for (char *option = text, *next; option; option = next) {
        if ((next = strchr(option, ',')))
            *next++ = 0;
        char *sign = option + strcspn(option, "+-");
        if (!*sign || (strcmp(sign + 1, "rpc") && strcmp(sign + 1, "all")))
            continue;
        unsigned char named = sign == option ? 0x0f : 0;
        for (int class = 0; class < 4; class ++)
            if (strlen(class_names[class]) == (size_t)(sign - option) &&
                !memcmp(class_names[class], option, sign - option))
                named = 1 << class;
        flags = *sign == '+' ? flags | named : flags & ~named;
    }
    return flags;
}

/* Two threads may do this at once: both find the same. */
static void ask(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    unsigned char(__cdecl * wine_flags)(struct wine_channel *) =
        (void *)GetProcAddress(ntdll, "__wine_dbg_get_channel_flags");

    wine_output = (void *)GetProcAddress(ntdll, "__wine_dbg_output");
    wine_header = (void *)GetProcAddress(ntdll, "__wine_dbg_header");
    if (!wine_flags || !wine_output || !wine_header) {
        wine_header = NULL;
        debug_flags = flags_from_environment();
    } else {
        debug_flags = wine_flags(&channel) & 0x0f;
    }
}

int debug_enabled(enum debug_class class)
{
    if (debug_flags & NOT_ASKED)
        ask();
    return debug_flags & 1 << class;
}

static void system_debugger_line(enum debug_class class, const char *function, const char *text)
{
    char line[1200];

    snprintf(line, sizeof line, "%04lx:%s:rpc:%s %s", GetCurrentThreadId(), class_names[class], function,
             text);
    OutputDebugStringA(line);
}

void debug_log(enum debug_class class, const char *function, const char *format, ...)
{
    char text[800]; /* with its header, a line must stay below ntdll's 1020 octets */
    va_list args;
    DWORD error = GetLastError();

    va_start(args, format);
    int length = __mingw_vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length >= (int)sizeof text)
        strcpy(text + sizeof text - 5, "...\n");
    if (!wine_header)
        system_debugger_line(class, function, text);
    else if (wine_header(class, &channel, function) != -1)
        wine_output(text);
    SetLastError(error);
}

/* Texts live in a ring that all threads share: big enough for what one line of each takes. */

enum { SLOTS = 64, SLOT = 256 };

static char *ring_slot(void)
{
    static char ring[SLOTS][SLOT];
    static LONG position;

    return ring[(ULONG)InterlockedIncrement(&position) % SLOTS];
}

const char *debug_w(const unsigned short *text)
{
    char *start, *out, *end;

    if (!text)
        return "(null)";
    start = out = ring_slot();
    end = start + SLOT - sizeof "\\x0000...\"";
    *out++ = 'L';
    *out++ = '"';
    for (; *text && out < end; text++) {
        if (*text == '\\' || *text == '"')
            *out++ = '\\';
        if (*text >= 0x20 && *text < 0x7f)
            *out++ = *text;
        else
            out += sprintf(out, "\\x%04x", *text);
    }
    strcpy(out, *text ? "...\"" : "\"");
    return start;
}

const char *debug_guid(const void *guid)
{
    const GUID *g = guid;
    char *text;

    if (!g)
        return "(null)";
    text = ring_slot();
    sprintf(text, "{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", g->Data1, g->Data2, g->Data3,
            g->Data4[0], g->Data4[1], g->Data4[2], g->Data4[3], g->Data4[4], g->Data4[5], g->Data4[6],
            g->Data4[7]);
    return text;
}
