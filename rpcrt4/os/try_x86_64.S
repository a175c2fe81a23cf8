/*
 * os_try and os_finally for x86_64. Table based: entering costs nothing beyond the call. The handlers are
 * in exception.c and know these frames by their establisher frame, which is rsp after the prologue.
 */
#ifdef __x86_64__
    .text

/* ULONG os_try(void (*body)(void *), void *context): rax is either the 0 below or what RtlUnwindEx puts there
 * on its way to os_try_resume. */
    .globl os_try, os_try_resume
    .def os_try; .scl 2; .type 32; .endef
    .seh_proc os_try
os_try:
    subq $40, %rsp
    .seh_stackalloc 40
    .seh_handler os_try_handler, @except
    .seh_endprologue
    movq %rcx, %rax
    movq %rdx, %rcx
    call *%rax
    xorl %eax, %eax
os_try_resume:
    addq $40, %rsp
    ret
    .seh_endproc

/* void os_finally(void (*body)(void *), void (*cleanup)(void *), void *context): the frame holds cleanup at 32
 * and context at 40. cleanup is taken out before it is called, so that it runs once whatever happens in it. */
    .globl os_finally
    .def os_finally; .scl 2; .type 32; .endef
    .seh_proc os_finally
os_finally:
    subq $56, %rsp
    .seh_stackalloc 56
    .seh_handler os_finally_handler, @unwind
    .seh_endprologue
    movq %rdx, 32(%rsp)
    movq %r8, 40(%rsp)
    movq %rcx, %rax
    movq %r8, %rcx
    call *%rax
    movq 40(%rsp), %rcx
    movq 32(%rsp), %rax
    movq $0, 32(%rsp)
    call *%rax
    nop
    addq $56, %rsp
    ret
    .seh_endproc
#endif
