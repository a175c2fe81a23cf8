/*
 * x86_64: the entries of stubless proxies and of forwarders, one a method number, and the tables of them
 * (com.h). An entry is a leaf; unwinding through it needs no tables.
 */
#ifdef __x86_64__
    .text

/* All stubless entries come here with the method's number in r10d. The register arguments go to their homes
 * above the return address, the floating-point ones beside: only the description tells which is meant. */
    .def com_stubless_common; .scl 3; .type 32; .endef
    .seh_proc com_stubless_common
com_stubless_common:
    subq $88, %rsp
    .seh_stackalloc 88
    .seh_endprologue
    movq %rcx, 96(%rsp)
    movq %rdx, 104(%rsp)
    movq %r8, 112(%rsp)
    movq %r9, 120(%rsp)
    movsd %xmm0, 48(%rsp)
    movsd %xmm1, 56(%rsp)
    movsd %xmm2, 64(%rsp)
    movsd %xmm3, 72(%rsp)
    leaq 96(%rsp), %rcx
    movl %r10d, %edx
    leaq 48(%rsp), %r8
    leaq 40(%rsp), %r9
    call com_stubless_call
    addq $88, %rsp
    ret
    .seh_endproc

    .altmacro
    .macro stubless number
stubless_\number:
    movl $\number, %r10d
    jmp com_stubless_common
    .endm
/* The target, at 8 of the forwarder, takes its place; the rest of the arguments stays where it is. */
    .macro forward number
forward_\number:
    movq 8(%rcx), %rcx
    movq (%rcx), %rax
    jmp *8*\number(%rax)
    .endm
    .macro entry kind, number
    .quad \kind\()_\number
    .endm

    .set method, 3
    .rept 1021
    stubless %method
    forward %method
    .set method, method + 1
    .endr

    .section .rdata, "dr"
    .p2align 3
    .globl com_stubless, com_forwarders, com_server_vtable
com_stubless:
    .quad 0, 0, 0
    .set method, 3
    .rept 1021
    entry stubless, %method
    .set method, method + 1
    .endr
com_forwarders:
    .quad 0, 0, 0
    .set method, 3
    .rept 1021
    entry forward, %method
    .set method, method + 1
    .endr
/* What a base interface's stub is connected to (stub.c). */
com_server_vtable:
    .quad com_server_QueryInterface, com_server_AddRef, com_server_Release
    .set method, 3
    .rept 1021
    entry forward, %method
    .set method, method + 1
    .endr
#endif
