/*
 * os_try and os_finally for i686: a registration record in the chain at fs:0. The handlers are in exception.c.
 */
#ifdef __i386__
    .text

/* ULONG os_try(void (*body)(void *), void *context), cdecl. The record lies just below the saved registers. */
    .globl _os_try
    .def _os_try; .scl 2; .type 32; .endef
_os_try:
    pushl %ebp
    movl %esp, %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl $_os_try_handler
    pushl %fs:0
    movl %esp, %fs:0
    pushl 12(%ebp)
    call *8(%ebp)
    addl $4, %esp
    xorl %eax, %eax
leave_try:
    popl %fs:0
    addl $4, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

/* void os_try_unwind(void *frame, EXCEPTION_RECORD *record, ULONG code), cdecl, does not return: unwinds to the
 * os_try whose record frame is, which then returns code. RtlUnwind keeps esp alone. */
    .globl _os_try_unwind
    .def _os_try_unwind; .scl 2; .type 32; .endef
_os_try_unwind:
    pushl $0
    pushl 12(%esp)
    pushl $unwound
    pushl 16(%esp)
    call _RtlUnwind@16
unwound:
    movl 12(%esp), %eax
    movl 4(%esp), %esp
    leal 20(%esp), %ebp
    jmp leave_try

/* void os_finally(void (*body)(void *), void (*cleanup)(void *), void *context), cdecl. The record is followed by
 * cleanup and context; cleanup is taken out before it is called, so that it runs once whatever happens in it. */
    .globl _os_finally
    .def _os_finally; .scl 2; .type 32; .endef
_os_finally:
    pushl %ebp
    movl %esp, %ebp
    pushl 16(%ebp)
    pushl 12(%ebp)
    pushl $_os_finally_handler
    pushl %fs:0
    movl %esp, %fs:0
    pushl 16(%ebp)
    call *8(%ebp)
    addl $4, %esp
    popl %fs:0
    addl $8, %esp
    call *12(%ebp)
    leave
    ret
#endif
