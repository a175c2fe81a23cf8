/*
 * i686: the entries of stubless proxies and of forwarders, one a method number, and the tables of them
 * (com.h). Methods are stdcall: the callee takes its arguments off the stack, and for a stubless method only
 * the description tells how many there are.
 */
#ifdef __i386__
    .text

/* All stubless entries come here with the method's number in eax. */
com_stubless_common:
    pushl %ebp
    movl %esp, %ebp
    pushl %ebx
    subl $20, %esp
    andl $-16, %esp
    leal 16(%esp), %ebx
    subl $16, %esp
    leal 8(%ebp), %ecx
    movl %ecx, (%esp)
    movl %eax, 4(%esp)
    movl $0, 8(%esp)
    movl %ebx, 12(%esp)
    call _com_stubless_call
    movl (%ebx), %ecx
    movl -4(%ebp), %ebx
    movl %ebp, %esp
    popl %ebp
    addl %esp, %ecx
    pushl (%esp)
    popl (%ecx)
    movl %ecx, %esp
    ret

    .altmacro
    .macro stubless number
stubless_\number:
    movl $\number, %eax
    jmp com_stubless_common
    .endm
/* The target, at 4 of the forwarder, takes its place; the rest of the arguments stays where it is. */
    .macro forward number
forward_\number:
    movl 4(%esp), %eax
    movl 4(%eax), %eax
    movl %eax, 4(%esp)
    movl (%eax), %eax
    jmp *4*\number(%eax)
    .endm
    .macro entry kind, number
    .long \kind\()_\number
    .endm

    .set method, 3
    .rept 1021
    stubless %method
    forward %method
    .set method, method + 1
    .endr

    .section .rdata, "dr"
    .p2align 2
    .globl _com_stubless, _com_forwarders, _com_server_vtable
_com_stubless:
    .long 0, 0, 0
    .set method, 3
    .rept 1021
    entry stubless, %method
    .set method, method + 1
    .endr
_com_forwarders:
    .long 0, 0, 0
    .set method, 3
    .rept 1021
    entry forward, %method
    .set method, method + 1
    .endr
/* What a base interface's stub is connected to (stub.c). */
_com_server_vtable:
    .long _com_server_QueryInterface@12, _com_server_AddRef@4, _com_server_Release@4
    .set method, 3
    .rept 1021
    entry forward, %method
    .set method, method + 1
    .endr
#endif
