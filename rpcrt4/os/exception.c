/*
 * Structured exceptions for a compiler without __try: the handlers behind os_try and os_finally (try_*.S).
 * Owns nothing; a frame's state lives in that frame. Called by the system's exception dispatcher with
 * whatever locks the raising code holds.
 */
#include "os.h"

enum { UNWINDING = 2 | 4 }; /* EXCEPTION_UNWINDING, EXCEPTION_EXIT_UNWIND */

void os_raise(ULONG code)
{
    for (;;)
        RaiseException(code, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

/* Whether an exception is a message to a debugger, which nobody but a debugger handles. */
static BOOL for_debugger(ULONG code)
{
    return code == (ULONG)EXCEPTION_BREAKPOINT || code == (ULONG)EXCEPTION_SINGLE_STEP ||
           (code & 0xffff0000) == 0x40010000; /* DBG_CONTROL_C, DBG_PRINTEXCEPTION_C, ... */
}

/* What os_try gives for an exception: its code, which must not look like an ordinary return. */
static ULONG caught_code(const EXCEPTION_RECORD *record)
{
    return record->ExceptionCode ? record->ExceptionCode : ERROR_INVALID_PARAMETER;
}

#ifdef __x86_64__

struct finally_frame {
    char home[32];
    void (*cleanup)(void *context);
    void *context;
};

extern char os_try_resume[];

EXCEPTION_DISPOSITION os_try_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                     DISPATCHER_CONTEXT *dispatcher)
{
    if (record->ExceptionFlags & UNWINDING || for_debugger(record->ExceptionCode))
        return ExceptionContinueSearch;
    RtlUnwindEx(frame, os_try_resume, record, (void *)(ULONG_PTR)caught_code(record), context,
                dispatcher->HistoryTable);
    return ExceptionContinueSearch;
}

EXCEPTION_DISPOSITION os_finally_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                         DISPATCHER_CONTEXT *dispatcher)
{
    struct finally_frame *finally = frame;
    void (*cleanup)(void *) = finally->cleanup;

    (void)record, (void)context, (void)dispatcher;
    finally->cleanup = NULL;
    if (cleanup)
        cleanup(finally->context);
    return ExceptionContinueSearch;
}

#else

struct finally_frame {
    EXCEPTION_REGISTRATION_RECORD registration;
    void (*cleanup)(void *context);
    void *context;
};

void DECLSPEC_NORETURN os_try_unwind(void *frame, EXCEPTION_RECORD *record, ULONG code);

EXCEPTION_DISPOSITION os_try_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                     void *dispatcher)
{
    (void)context, (void)dispatcher;
    if (record->ExceptionFlags & UNWINDING || for_debugger(record->ExceptionCode))
        return ExceptionContinueSearch;
    os_try_unwind(frame, record, caught_code(record));
}

EXCEPTION_DISPOSITION os_finally_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                         void *dispatcher)
{
    struct finally_frame *finally = frame;
    void (*cleanup)(void *) = finally->cleanup;

    (void)context, (void)dispatcher;
    if (record->ExceptionFlags & UNWINDING) {
        finally->cleanup = NULL;
        if (cleanup)
            cleanup(finally->context);
    }
    return ExceptionContinueSearch;
}

#endif
