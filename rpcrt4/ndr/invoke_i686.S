/*
 * Calling a manager routine with an argument stack made at run time, i686. Whether the routine takes its
 * arguments off the stack (stdcall) or not (cdecl), ebp knows where the stack was; the ebp chain is all that
 * unwinding needs here, for exceptions are found through fs:0.
 */
#ifdef __i386__
    .text

/* void ndr_invoke(void *function, const void *arguments, SIZE_T size, enum ndr_result kind, ULONGLONG *result),
 * cdecl. The routine is called with the stack aligned to 16. */
    .globl _ndr_invoke
    .def _ndr_invoke; .scl 2; .type 32; .endef
_ndr_invoke:
    pushl %ebp
    movl %esp, %ebp
    pushl %esi
    pushl %edi
    movl 16(%ebp), %eax
    addl $15, %eax
    andl $-16, %eax
    andl $-16, %esp
    call ___chkstk_ms
    subl %eax, %esp
    movl 12(%ebp), %esi
    movl %esp, %edi
    movl 16(%ebp), %ecx
    shrl $2, %ecx
    cld
    rep movsl
    call *8(%ebp)
    movl 24(%ebp), %ecx
    cmpl $1, 20(%ebp)
    je 1f
    ja 2f
    movl %eax, (%ecx)
    movl %edx, 4(%ecx)
    jmp 3f
1:  fstps (%ecx)
    jmp 3f
2:  fstpl (%ecx)
3:  leal -8(%ebp), %esp
    popl %edi
    popl %esi
    popl %ebp
    ret
#endif
