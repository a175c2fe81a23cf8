/* Errors and warnings: `file:line:column: error: MIDLnnnn: text`, then the line itself with a caret. The
 * numbers are MIDL's own (SDK: MIDL compiler errors); 0 where MIDL has none. */
#include "midl.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ERRORS 50

int diag_errors, diag_syntax_errors;
bool diag_quiet;
int diag_warning_level = 1;
bool diag_warnings_fatal;

void diag_reset(void)
{
    diag_errors = diag_syntax_errors = 0;
}

static void report(struct loc loc, const char *what, int number, const char *fmt, va_list ap)
{
    const char *line;
    size_t len, i;

    if (diag_quiet)
        return;
    fprintf(stderr, "%s:%d:%d: %s: ", loc.file ? loc.file : "midl", loc.line, loc.column, what);
    if (number)
        fprintf(stderr, "MIDL%d: ", number);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    line = loc.file ? source_line(loc.file, loc.line, &len) : NULL;
    if (!line || loc.column < 1)
        return;
    fprintf(stderr, "%.*s\n", (int)len, line);
    for (i = 0; i + 1 < (size_t)loc.column && i < len; i++)
        fputc(line[i] == '\t' ? '\t' : ' ', stderr);
    fputs("^\n", stderr);
}

void error_at(struct loc loc, int number, const char *fmt, ...)
{
    va_list ap;

    diag_syntax_errors += number == 2025;
    if (diag_errors >= MAX_ERRORS)
        return;
    va_start(ap, fmt);
    report(loc, "error", number, fmt, ap);
    va_end(ap);
    if (++diag_errors == MAX_ERRORS && !diag_quiet)
        fputs("midl: error: too many errors, the rest is not shown\n", stderr);
}

void warn_at(struct loc loc, int level, int number, const char *fmt, ...)
{
    va_list ap;

    if (level > diag_warning_level)
        return;
    va_start(ap, fmt);
    report(loc, diag_warnings_fatal ? "error" : "warning", number, fmt, ap);
    va_end(ap);
    if (diag_warnings_fatal)
        diag_errors++;
}

static void report_cmdline(const char *what, int number, const char *fmt, va_list ap)
{
    if (diag_quiet)
        return;
    fprintf(stderr, "midl: command line %s: ", what);
    if (number)
        fprintf(stderr, "MIDL%d: ", number);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

void error_cmdline(int number, const char *fmt, ...)
{
    va_list ap;

    diag_errors++;
    va_start(ap, fmt);
    report_cmdline("error", number, fmt, ap);
    va_end(ap);
}

void warn_cmdline(int number, const char *fmt, ...)
{
    va_list ap;

    if (!diag_warning_level)
        return;
    va_start(ap, fmt);
    report_cmdline(diag_warnings_fatal ? "error" : "warning", number, fmt, ap);
    va_end(ap);
    diag_errors += diag_warnings_fatal;
}
