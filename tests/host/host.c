/*
 * ndr/'s surroundings on the build host; see host.h. One thread.
 */
#include "host.h"
#include "ndr/ole.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long host_blocks;
long host_fail_after = -1;
size_t host_largest;
const size_t host_ceiling = 1 << 26;

struct frame {
    struct frame *outer;
    ULONG code;
    jmp_buf jump;
};
static struct frame *innermost;

void os_raise(ULONG code)
{
    if (!innermost) {
        fprintf(stderr, "exception %u, and nobody catches it\n", code);
        abort();
    }
    innermost->code = code;
    longjmp(innermost->jump, 1);
}

ULONG os_try(void (*body)(void *context), void *context)
{
    struct frame frame = {.outer = innermost};

    innermost = &frame;
    if (!setjmp(frame.jump))
        body(context);
    innermost = frame.outer;
    return frame.code;
}

void os_finally(void (*body)(void *context), void (*cleanup)(void *context), void *context)
{
    ULONG code = os_try(body, context);

    cleanup(context);
    if (code)
        os_raise(code);
}

void *os_alloc(size_t size)
{
    void *block = malloc(size ? size : 1);

    if (block)
        host_blocks++;
    return block;
}

void *os_alloc_zero(size_t size)
{
    void *block = os_alloc(size);

    return block ? memset(block, 0, size) : NULL;
}

void *os_realloc(void *memory, size_t size)
{
    if (!memory)
        return os_alloc(size);
    return realloc(memory, size);
}

void os_free(void *memory)
{
    if (memory)
        host_blocks--;
    free(memory);
}

/* Nothing is kept, so that what is not given back shows. */
void *os_scratch_take(size_t *size)
{
    return os_alloc(*size);
}

void os_scratch_give(void *memory)
{
    os_free(memory);
}

void *host_allocate(size_t size)
{
    void *block;

    if (size > host_largest)
        host_largest = size;
    if (!host_fail_after || size > host_ceiling)
        return NULL;
    if (host_fail_after > 0)
        host_fail_after--;
    block = os_alloc(size);
    return block ? memset(block, 0xcd, size) : NULL;
}

void host_free(void *block)
{
    os_free(block);
}

/* ---- COM */

ULONG host_object_slack;

ULONG ole_marshal_size(const void *iid, void *object, ULONG destination, void *context)
{
    (void)iid, (void)object, (void)destination, (void)context;
    return (ULONG)strlen(((struct host_object *)object)->text) + host_object_slack;
}

ULONG ole_marshal(const void *iid, void *object, ULONG destination, void *context, unsigned char *buffer,
                  ULONG room)
{
    const char *text = ((struct host_object *)object)->text;

    (void)iid, (void)destination, (void)context;
    if (room < strlen(text))
        os_raise(RPC_X_BAD_STUB_DATA);
    memcpy(buffer, text, strlen(text));
    return (ULONG)strlen(text);
}

void *ole_unmarshal(const void *iid, unsigned char *reference, ULONG size)
{
    struct host_object *object;

    (void)iid;
    if (size >= sizeof(object->text))
        os_raise(RPC_X_BAD_STUB_DATA);
    object = os_alloc_zero(sizeof(*object));
    object->references = 1;
    memcpy(object->text, reference, size);
    return object;
}

void ole_release(void *object)
{
    if (!--((struct host_object *)object)->references)
        os_free(object);
}

/* ---- context handles: 20 octets, of which the doubles keep the last one */

void NdrContextHandleSize(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    (void)memory, (void)format;
    ndr_align_length(&msg->BufferLength, 4);
    msg->BufferLength += cbNDRContext;
}

/* A server's handles: the number is what the manager has. */
static struct _NDR_SCONTEXT contexts[256];

unsigned char host_context_number(const void *handle)
{
    const struct _NDR_SCONTEXT *context = handle;

    if (context < contexts || context >= contexts + 256)
        return (unsigned char)(ULONG_PTR)handle;
    return (unsigned char)(ULONG_PTR)context->userContext;
}

static NDR_SCONTEXT server_context(unsigned char number)
{
    contexts[number].userContext = (void *)(ULONG_PTR)number;
    return &contexts[number];
}

NDR_SCONTEXT NdrContextHandleInitialize(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    (void)msg, (void)format;
    return server_context(0);
}

static void put_context(PMIDL_STUB_MESSAGE msg, void *handle)
{
    const ULONG time = HOST_CONTEXT_TIME;

    ndr_align_buffer(msg, 4);
    memset(msg->Buffer, 0, cbNDRContext);
    memcpy(msg->Buffer + 4, &time, 4);
    memcpy(msg->Buffer + 8, &time, 4);
    msg->Buffer[cbNDRContext - 1] = host_context_number(handle);
    msg->Buffer += cbNDRContext;
}

static unsigned char take_context(PMIDL_STUB_MESSAGE msg)
{
    ndr_align_buffer(msg, 4);
    ndr_need(msg, cbNDRContext);
    msg->Buffer += cbNDRContext;
    return msg->Buffer[-1];
}

void NdrClientContextMarshall(PMIDL_STUB_MESSAGE msg, NDR_CCONTEXT handle, int check)
{
    (void)check;
    put_context(msg, handle);
}

void NdrServerContextNewMarshall(PMIDL_STUB_MESSAGE msg, NDR_SCONTEXT handle, NDR_RUNDOWN rundown,
                                 PFORMAT_STRING format)
{
    (void)rundown, (void)format;
    put_context(msg, handle);
}

void NdrClientContextUnmarshall(PMIDL_STUB_MESSAGE msg, NDR_CCONTEXT *handle, RPC_BINDING_HANDLE binding)
{
    (void)binding;
    *handle = (void *)(ULONG_PTR)take_context(msg);
}

NDR_SCONTEXT NdrServerContextNewUnmarshall(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    (void)format;
    return server_context(take_context(msg));
}
