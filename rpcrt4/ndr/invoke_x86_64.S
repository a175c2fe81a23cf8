/*
 * Calling a manager routine with an argument stack made at run time, x86_64. The first four arguments go into
 * integer and floating point registers alike, so nobody need know which are which.
 * Source: "x64 calling convention" (learn.microsoft.com, C++ documentation).
 */
#ifdef __x86_64__
    .text

/* void ndr_invoke(void *function, const void *arguments, SIZE_T size, enum ndr_result kind, ULONGLONG *result) */
    .globl ndr_invoke
    .def ndr_invoke; .scl 2; .type 32; .endef
    .seh_proc ndr_invoke
ndr_invoke:
    pushq %rbp
    .seh_pushreg %rbp
    pushq %rsi
    .seh_pushreg %rsi
    pushq %rdi
    .seh_pushreg %rdi
    pushq %rbx
    .seh_pushreg %rbx
    subq $8, %rsp
    .seh_stackalloc 8
    movq %rsp, %rbp
    .seh_setframe %rbp, 0
    .seh_endprologue
    movq %rcx, %r11
    movq %rdx, %rsi
    movl %r9d, %ebx
    leaq 15(%r8), %rax
    andq $-16, %rax
    cmpq $32, %rax
    jae 1f
    movl $32, %eax
1:  call ___chkstk_ms
    subq %rax, %rsp
    movq %rsp, %rdi
    movq %r8, %rcx
    shrq $3, %rcx
    cld
    rep movsq
    movq (%rsp), %rcx
    movq 8(%rsp), %rdx
    movq 16(%rsp), %r8
    movq 24(%rsp), %r9
    movsd (%rsp), %xmm0
    movsd 8(%rsp), %xmm1
    movsd 16(%rsp), %xmm2
    movsd 24(%rsp), %xmm3
    call *%r11
    movq 80(%rbp), %rcx
    testl %ebx, %ebx
    jnz 2f
    movq %rax, (%rcx)
    jmp 3f
2:  movsd %xmm0, (%rcx)
3:  leaq 8(%rbp), %rsp
    popq %rbx
    popq %rdi
    popq %rsi
    popq %rbp
    ret
    .seh_endproc
#endif
