/*
 * mingw-w64's rpc.h with an RpcTryExcept and RpcTryFinally that GCC compiles, for C on x86_64 and i686.
 *
 * A block keeps a record on the stack. It begins with __builtin_setjmp, which returns again, with a phase in
 * the record, to run the filter, the handler or the finally block, which thus see the function's own locals.
 * Filters and finally blocks are run as a compiler's funclets are: below the frames of the exception
 * dispatcher, with the function's frame pointer but a stack pointer of their own. So the order of things is
 * the documented one: filters first, while the stack is whole, then finally blocks from the inside out, then
 * the handler. A block of variable size in the record's scope makes GCC address locals through the frame
 * pointer, which is what allows that.
 *
 * x86_64: the user's function gets rpc_try_handler_ as its language handler by way of an assembler directive
 * (twice does no harm); records hang on a chain for each fiber. i686: a record is a registration at fs:0.
 *
 * As with setjmp, a variable is sure to have its newest value in a filter, handler or finally block if the
 * exception came out of a call; one that a plain instruction of the block itself raises wants it volatile.
 * Not for functions compiled with -fexceptions (C++), where the language handler is the compiler's.
 */
#pragma GCC system_header
#include_next <rpc.h>

/* windows.h and rpc.h include each other: this comes after whichever of them is whole first. */
#if defined(__RPC_H__) && !defined(RPC_TRY_GNU_) && defined(__GNUC__) && !defined(__clang__) &&              \
    !defined(__EXCEPTIONS) && (defined(__x86_64__) || defined(__i386__))
#define RPC_TRY_GNU_

/* "might be clobbered by longjmp": every local of a function with such a block. */
#pragma GCC diagnostic ignored "-Wclobbered"

#ifdef __cplusplus
extern "C" {
#endif

enum { RPC_TRY_BODY_, RPC_TRY_FILTER_, RPC_TRY_HANDLER_, RPC_TRY_ABNORMAL_ };
/* DONE: the record is out of the chain, or on its way out. TARGET: armed, and its handler is about to run. */
enum { RPC_TRY_DONE_, RPC_TRY_ARMED_, RPC_TRY_FILTERING_, RPC_TRY_TARGET_ };

/* The first three members are known to the assembler below. */
struct rpc_try_ {
#ifdef __x86_64__
    struct rpc_try_ *outer;
    void *frame; /* the function's frame pointer */
#else
    EXCEPTION_REGISTRATION_RECORD registration;
#endif
    void *jump[5]; /* __builtin_setjmp's: frame pointer, where to go on, stack pointer */
    void *back;    /* stack pointer of the rpc_try_run_ under way */
    volatile int state, phase;
    int is_finally;
    volatile unsigned long code;
    EXCEPTION_POINTERS exception;
    unsigned long long list; /* x86_64: the thread's exception list on entry */
};

/* Goes on at the record's __builtin_setjmp, on the current end of the stack; gives what rpc_try_back_ is
 * given. */
int __cdecl rpc_try_run_(struct rpc_try_ *) __asm__(__MINGW64_STRINGIFY(__MINGW_USYMBOL(rpc_try_run_)));
void __cdecl rpc_try_back_(struct rpc_try_ *,
                           int value) __asm__(__MINGW64_STRINGIFY(__MINGW_USYMBOL(rpc_try_back_)))
    __attribute__((__noreturn__));

/* Each in a section of its own, of which the linker keeps one: in a shared one, ld 2.40 miscounts the offset
 * of all but the first symbol. */
#define RPC_TRY_FUNCTION_(name)                                                                              \
    ".section .text$" name ",\"xr\"\n.linkonce discard\n.globl " name "\n.def " name                         \
    "; .scl 2; .type 32; .endef\n" name ":\n"

static __attribute__((__unused__)) int rpc_try_filter_(struct rpc_try_ *record, EXCEPTION_RECORD *exception,
                                                       CONTEXT *context)
{
    const int state = record->state;
    int verdict;

    record->code = exception->ExceptionCode;
    record->exception.ExceptionRecord = exception;
    record->exception.ContextRecord = context;
    record->state = RPC_TRY_FILTERING_;
    record->phase = RPC_TRY_FILTER_;
    verdict = rpc_try_run_(record);
    record->state = state;
    return verdict;
}

#ifdef __x86_64__

/* clang-format off */
/* Where RtlUnwindEx goes, with the record in rax. */
__asm__(RPC_TRY_FUNCTION_("rpc_try_resume_")
        "  movq 16(%rax), %rbp\n"
        "  movq 32(%rax), %rsp\n"
        "  jmp *24(%rax)\n"
        ".text\n");
/* Wine 8 calls handlers with the stack aligned to 8 only. */
__asm__(RPC_TRY_FUNCTION_("rpc_try_run_")
        "  pushq %rbp\n  pushq %rbx\n  pushq %rsi\n  pushq %rdi\n"
        "  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  subq $160, %rsp\n"
        "  movups %xmm6, (%rsp)\n"
        "  movups %xmm7, 16(%rsp)\n"
        "  movups %xmm8, 32(%rsp)\n"
        "  movups %xmm9, 48(%rsp)\n"
        "  movups %xmm10, 64(%rsp)\n"
        "  movups %xmm11, 80(%rsp)\n"
        "  movups %xmm12, 96(%rsp)\n"
        "  movups %xmm13, 112(%rsp)\n"
        "  movups %xmm14, 128(%rsp)\n"
        "  movups %xmm15, 144(%rsp)\n"
        "  movq %rsp, 56(%rcx)\n"
        "  subq $2048, %rsp\n"
        "  andq $-16, %rsp\n"
        "  movq 16(%rcx), %rbp\n"
        "  jmp *24(%rcx)\n"
        ".text\n");
__asm__(RPC_TRY_FUNCTION_("rpc_try_back_")
        "  movq 56(%rcx), %rsp\n"
        "  movl %edx, %eax\n"
        "  movups (%rsp), %xmm6\n"
        "  movups 16(%rsp), %xmm7\n"
        "  movups 32(%rsp), %xmm8\n"
        "  movups 48(%rsp), %xmm9\n"
        "  movups 64(%rsp), %xmm10\n"
        "  movups 80(%rsp), %xmm11\n"
        "  movups 96(%rsp), %xmm12\n"
        "  movups 112(%rsp), %xmm13\n"
        "  movups 128(%rsp), %xmm14\n"
        "  movups 144(%rsp), %xmm15\n"
        "  addq $160, %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n"
        "  popq %rdi\n  popq %rsi\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".text\n");
/* clang-format on */

/* The chain's head, one for each fiber and module. */
__attribute__((__selectany__)) volatile LONG rpc_try_slot_ = (LONG)FLS_OUT_OF_INDEXES;
int __cdecl atexit(void(__cdecl *)(void));
/* Declared by the system headers only for _WIN32_WINNT of Windows Vista and later. */
WINBASEAPI DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION);
WINBASEAPI PVOID WINAPI FlsGetValue(DWORD);
WINBASEAPI WINBOOL WINAPI FlsSetValue(DWORD, PVOID);
WINBASEAPI WINBOOL WINAPI FlsFree(DWORD);

static __attribute__((__unused__)) void __cdecl rpc_try_free_slot_(void)
{
    FlsFree((DWORD)InterlockedExchange(&rpc_try_slot_, (LONG)FLS_OUT_OF_INDEXES));
}

static __attribute__((__unused__)) void rpc_try_make_slot_(void)
{
    DWORD slot = FlsAlloc(NULL);

    while (slot == FLS_OUT_OF_INDEXES)
        RaiseException(0xc0000017 /* STATUS_NO_MEMORY */, EXCEPTION_NONCONTINUABLE, 0, NULL);
    if (InterlockedCompareExchange(&rpc_try_slot_, (LONG)slot, (LONG)FLS_OUT_OF_INDEXES) !=
        (LONG)FLS_OUT_OF_INDEXES)
        FlsFree(slot);
    else
        atexit(rpc_try_free_slot_);
}

static __inline__ __attribute__((__unused__)) struct rpc_try_ *rpc_try_top_(void)
{
    return (struct rpc_try_ *)FlsGetValue((DWORD)rpc_try_slot_);
}

/* Takes the record and all inside it out of the chain. */
static __inline__ __attribute__((__unused__)) void rpc_try_unlink_(struct rpc_try_ *record)
{
    record->state = RPC_TRY_DONE_;
    FlsSetValue((DWORD)rpc_try_slot_, record->outer);
}

static __inline__ __attribute__((__unused__)) void rpc_try_link_(struct rpc_try_ *record)
{
    DWORD error = GetLastError();

    if (rpc_try_slot_ == (LONG)FLS_OUT_OF_INDEXES)
        rpc_try_make_slot_();
    record->outer = rpc_try_top_();
    record->list = __readgsqword(0);
    record->state = RPC_TRY_ARMED_;
    FlsSetValue((DWORD)rpc_try_slot_, record);
    SetLastError(error);
}

/* The exception list is no business of 64-bit Windows, but Wine's dispatcher and unwinder keep frames of
 * their own there, which stay behind when an exception comes out of a finally block that they run. */
static __inline__ __attribute__((__unused__)) void rpc_try_caught_(struct rpc_try_ *record)
{
    __writegsqword(0, record->list);
}

/* Whether a record belongs to the function's frame that the dispatcher calls frame: the frame pointer less
 * what unwind information says (x64 exception handling, struct UNWIND_INFO). */
static __attribute__((__unused__)) int rpc_try_in_frame_(const struct rpc_try_ *record, void *frame,
                                                         const DISPATCHER_CONTEXT *dispatcher)
{
    const BYTE *info = (const BYTE *)dispatcher->ImageBase + dispatcher->FunctionEntry->UnwindData;

    return (const BYTE *)record->frame - (info[3] >> 4) * 16 == (const BYTE *)frame;
}

extern char rpc_try_resume_[] __asm__("rpc_try_resume_");

static __attribute__((__unused__)) __attribute__((__noreturn__)) void
rpc_try_unwind_(struct rpc_try_ *record, EXCEPTION_RECORD *exception, void *frame, CONTEXT *context,
                DISPATCHER_CONTEXT *dispatcher)
{
    struct rpc_try_ *each;

    for (each = rpc_try_top_(); each; each = each->outer)
        if (each->state == RPC_TRY_TARGET_) /* of an unwind that never came to its end */
            each->state = RPC_TRY_ARMED_;
    record->state = RPC_TRY_TARGET_;
    record->phase = RPC_TRY_HANDLER_;
    RtlUnwindEx(frame, rpc_try_resume_, exception, record, context, dispatcher->HistoryTable);
    __builtin_unreachable();
}

/* Leaves the blocks of a frame that is being unwound; where the frame stays because one of its own handlers
 * is the target, up to that. */
static __attribute__((__unused__)) void rpc_try_leave_frame_(void *frame, DISPATCHER_CONTEXT *dispatcher,
                                                             DWORD stays)
{
    struct rpc_try_ *record, *outer;

    if (stays && dispatcher->TargetIp != (ULONG_PTR)rpc_try_resume_)
        return;
    for (record = rpc_try_top_(); record; record = outer) {
        const int state = record->state;
        outer = record->outer;
        if (!rpc_try_in_frame_(record, frame, dispatcher))
            continue;
        rpc_try_unlink_(record);
        if (stays && state == RPC_TRY_TARGET_)
            break;
        if (record->is_finally) {
            record->phase = RPC_TRY_ABNORMAL_;
            rpc_try_run_(record);
        }
    }
}

static __attribute__((__unused__))
EXCEPTION_DISPOSITION __cdecl rpc_try_handler_(EXCEPTION_RECORD *exception, void *frame, CONTEXT *context,
                                               DISPATCHER_CONTEXT *dispatcher)
{
    struct rpc_try_ *record;
    int verdict;

    if (exception->ExceptionFlags & (2 | 4)) {
        rpc_try_leave_frame_(frame, dispatcher, exception->ExceptionFlags & 0x20);
        return ExceptionContinueSearch;
    }
    for (record = rpc_try_top_(); record; record = record->outer) {
        if (record->is_finally || record->state == RPC_TRY_FILTERING_ ||
            !rpc_try_in_frame_(record, frame, dispatcher))
            continue;
        verdict = rpc_try_filter_(record, exception, context);
        if (verdict < 0)
            return ExceptionContinueExecution;
        if (verdict > 0)
            rpc_try_unwind_(record, exception, frame, context, dispatcher);
    }
    return ExceptionContinueSearch;
}

#define RPC_TRY_HANDLE_() __asm__ volatile(".seh_handler %p0, @unwind, @except" : : "i"(rpc_try_handler_))

#else

/* clang-format off */
/* The function reckons with the stack's alignment when the block was entered. */
__asm__(RPC_TRY_FUNCTION_("_rpc_try_run_")
        "  movl 4(%esp), %ecx\n"
        "  pushl %ebp\n  pushl %ebx\n  pushl %esi\n  pushl %edi\n"
        "  movl %esp, 28(%ecx)\n"
        "  movl 16(%ecx), %edx\n"
        "  andl $15, %edx\n"
        "  subl $2048, %esp\n"
        "  andl $-16, %esp\n"
        "  addl %edx, %esp\n"
        "  movl 8(%ecx), %ebp\n"
        "  jmp *12(%ecx)\n"
        ".text\n");
__asm__(RPC_TRY_FUNCTION_("_rpc_try_back_")
        "  movl 4(%esp), %ecx\n"
        "  movl 8(%esp), %eax\n"
        "  movl 28(%ecx), %esp\n"
        "  popl %edi\n  popl %esi\n  popl %ebx\n  popl %ebp\n"
        "  ret\n"
        ".text\n");
__asm__(RPC_TRY_FUNCTION_("_rpc_try_resume_")
        "  movl 4(%esp), %ecx\n"
        "  movl 8(%ecx), %ebp\n"
        "  movl 16(%ecx), %esp\n"
        "  jmp *12(%ecx)\n"
        ".text\n");
/* clang-format on */

/* Goes on at the record's __builtin_setjmp in its function, whose callees' frames were unwound. */
void __cdecl rpc_try_resume_(struct rpc_try_ *) __asm__("_rpc_try_resume_") __attribute__((__noreturn__));

static __inline__ __attribute__((__unused__)) void rpc_try_unlink_(struct rpc_try_ *record)
{
    record->state = RPC_TRY_DONE_;
    __writefsdword(0, (DWORD)record->registration.Next);
}

/* Unwinds up to the record and takes it out. RtlUnwind would not do: it insists on ascending addresses, but
 * where a compiler lays the records of one function is its own affair. */
static __attribute__((__unused__)) __attribute__((__noreturn__)) void
rpc_try_unwind_(struct rpc_try_ *record, EXCEPTION_RECORD *exception, CONTEXT *context)
{
    EXCEPTION_REGISTRATION_RECORD *each;
    void *dispatcher = NULL;

    exception->ExceptionFlags |= 2;
    while ((each = (EXCEPTION_REGISTRATION_RECORD *)__readfsdword(0)) != &record->registration) {
        /* cdecl, whatever winnt.h says */
        ((int(__cdecl *)(EXCEPTION_RECORD *, void *, CONTEXT *, void *))each->Handler)(exception, each,
                                                                                       context, &dispatcher);
        __writefsdword(0, (DWORD)each->Next);
    }
    rpc_try_unlink_(record);
    record->phase = RPC_TRY_HANDLER_;
    rpc_try_resume_(record);
}

static __attribute__((__unused__))
EXCEPTION_DISPOSITION __cdecl rpc_try_handler_(EXCEPTION_RECORD *exception, void *frame, CONTEXT *context,
                                               void *dispatcher)
{
    struct rpc_try_ *record = (struct rpc_try_ *)frame;
    int verdict;

    (void)dispatcher;
    if (record->state != RPC_TRY_ARMED_)
        return ExceptionContinueSearch;
    if (exception->ExceptionFlags & (2 | 4)) {
        record->state = RPC_TRY_DONE_;
        if (record->is_finally) {
            record->phase = RPC_TRY_ABNORMAL_;
            rpc_try_run_(record);
        }
    } else if (!record->is_finally) {
        verdict = rpc_try_filter_(record, exception, context);
        if (verdict < 0)
            return ExceptionContinueExecution;
        if (verdict > 0)
            rpc_try_unwind_(record, exception, context);
    }
    return ExceptionContinueSearch;
}

static __inline__ __attribute__((__unused__)) void rpc_try_link_(struct rpc_try_ *record)
{
    record->registration.Handler = (PEXCEPTION_ROUTINE)rpc_try_handler_;
    record->registration.Next = (EXCEPTION_REGISTRATION_RECORD *)__readfsdword(0);
    record->state = RPC_TRY_ARMED_;
    __writefsdword(0, (DWORD)&record->registration);
}

static __inline__ __attribute__((__unused__)) void rpc_try_caught_(struct rpc_try_ *record)
{
    (void)record;
}

#define RPC_TRY_HANDLE_() ((void)0)

#endif

/* The body was left, by its end or by a jump. */
static __inline__ __attribute__((__unused__)) void rpc_try_leave_(struct rpc_try_ *record)
{
    DWORD error;

    if (record->state != RPC_TRY_ARMED_)
        return;
    error = GetLastError();
    rpc_try_unlink_(record);
    SetLastError(error);
}

static __inline__ __attribute__((__unused__)) void rpc_try_jump_(struct rpc_try_ *record)
{
    if (record->state != RPC_TRY_ARMED_)
        return;
    rpc_try_leave_(record);
    if (record->is_finally) {
        record->phase = RPC_TRY_ABNORMAL_;
        rpc_try_run_(record);
    }
}

#ifdef __x86_64__
#define RPC_TRY_FRAME_() __asm__ volatile("movq %%rbp, %0" : "=m"(rpc_try_record_.frame))
#else
#define RPC_TRY_FRAME_() ((void)0)
#endif

#define RPC_TRY_RECORD_(finally)                                                                             \
    struct rpc_try_ rpc_try_record_ __attribute__((__cleanup__(rpc_try_jump_)));                             \
    size_t rpc_try_size_ = 16;                                                                               \
    __asm__ volatile("" : "+r"(rpc_try_size_));                                                              \
    {                                                                                                        \
        char rpc_try_anchor_[rpc_try_size_];                                                                 \
        __asm__ volatile("" : : "r"(rpc_try_anchor_) : "memory");                                            \
    }                                                                                                        \
    RPC_TRY_HANDLE_();                                                                                       \
    RPC_TRY_FRAME_();                                                                                        \
    rpc_try_record_.is_finally = (finally);                                                                  \
    rpc_try_record_.phase = RPC_TRY_BODY_;                                                                   \
    rpc_try_record_.state = RPC_TRY_DONE_;                                                                   \
    if (!__builtin_setjmp(rpc_try_record_.jump)) {                                                           \
        rpc_try_link_(&rpc_try_record_);

#undef RpcTryExcept
#undef RpcExcept
#undef RpcEndExcept
#undef RpcTryFinally
#undef RpcFinally
#undef RpcEndFinally
#undef RpcExceptionCode
#undef RpcAbnormalTermination
#undef GetExceptionCode
#undef GetExceptionInformation
#undef AbnormalTermination

#define RpcTryExcept                                                                                         \
    {                                                                                                        \
        RPC_TRY_RECORD_(0)
#define RpcExcept(expr)                                                                                      \
    rpc_try_leave_(&rpc_try_record_);                                                                        \
    }                                                                                                        \
    else                                                                                                     \
    {                                                                                                        \
        const unsigned long rpc_try_code_ __attribute__((__unused__)) = rpc_try_record_.code;                \
        if (rpc_try_record_.phase == RPC_TRY_FILTER_) {                                                      \
            EXCEPTION_POINTERS *const rpc_try_exception_ __attribute__((__unused__)) =                       \
                &rpc_try_record_.exception;                                                                  \
            rpc_try_back_(&rpc_try_record_, (expr));                                                         \
        }                                                                                                    \
        rpc_try_caught_(&rpc_try_record_);
#define RpcEndExcept                                                                                         \
    }                                                                                                        \
    }

#define RpcTryFinally                                                                                        \
    {                                                                                                        \
        RPC_TRY_RECORD_(1)
#define RpcFinally                                                                                           \
    rpc_try_leave_(&rpc_try_record_);                                                                        \
    }                                                                                                        \
    {                                                                                                        \
        const int rpc_try_abnormal_ __attribute__((__unused__)) =                                            \
            rpc_try_record_.phase == RPC_TRY_ABNORMAL_;                                                      \
        {
#define RpcEndFinally                                                                                        \
    }                                                                                                        \
    if (rpc_try_abnormal_)                                                                                   \
        rpc_try_back_(&rpc_try_record_, 0);                                                                  \
    }                                                                                                        \
    }

/* In a filter and a handler; in a filter; in a finally block. */
#define RpcExceptionCode()        (rpc_try_code_)
#define RpcAbnormalTermination()  (rpc_try_abnormal_)
#define GetExceptionCode()        (rpc_try_code_)
#define GetExceptionInformation() (rpc_try_exception_)
#define AbnormalTermination()     (rpc_try_abnormal_)

#ifdef __cplusplus
}
#endif
#endif
