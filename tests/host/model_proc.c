/*
 * See model_proc.h. Format string in the shape that MIDL gives it (-Oicf, with -robust as the model has it).
 */
#include "model_proc.h"
#include "model_type.h"

enum { STACK_SIZE = sizeof(struct model_stack), PARAMS = 4 };
/* Of a parameter: its MustSize, MustFree, In, Out, SimpleRef. */
enum { MUST = 0x03, IN = 0x08, OUT = 0x10, BASE_TYPE = 0x40, SIMPLE_REF = 0x100 };

static void put(struct model_proc *proc, unsigned octet)
{
    proc->format[proc->used++] = (unsigned char)octet;
}

static void put_short(struct model_proc *proc, unsigned value)
{
    put(proc, value & 0xff);
    put(proc, value >> 8);
}

static void put_zeros(struct model_proc *proc, unsigned count)
{
    while (count--)
        put(proc, 0);
}

static void put_header(struct model_proc *proc)
{
    enum { NEW_INIT = 0x40, HAS_RPCFLAGS = 0x08, FULL_POINTERS = 0x01 };
    enum { BOTH_SIZE = 0x03, EXTENSIONS = 0x40, NEW_CORRELATION = 0x07 };

    put(proc, 0);
    put(proc, NEW_INIT | HAS_RPCFLAGS | FULL_POINTERS);
    put_zeros(proc, 6);
    put_short(proc, STACK_SIZE);
    put(proc, FC_BIND_PRIMITIVE);
    put_zeros(proc, 3);
    put_short(proc, 8);
    put_zeros(proc, 2);
    put(proc, BOTH_SIZE | EXTENSIONS);
    put(proc, PARAMS);
    put(proc, 10);
    put(proc, proc->model->robust ? NEW_CORRELATION : 0);
    put_zeros(proc, 8);
}

/* Where in the model's format the type stands that a reference leads to. */
static unsigned plain_place(const struct model *model)
{
    return model->top->place + (model->form == MODEL_BYTE_COUNT ? model->robust ? 8 : 6 : 0);
}

static void put_param(struct model_proc *proc, unsigned attributes, unsigned offset)
{
    const struct model *model = proc->model;
    BOOLEAN counted = model->form == MODEL_BYTE_COUNT && attributes & OUT;

    put_short(proc, attributes | MUST | (counted ? 0 : SIMPLE_REF));
    put_short(proc, offset);
    put_short(proc, counted ? model->top->place : plain_place(model));
}

/* A context handle that goes in is a parameter by value; the others are behind references. */
static void put_context(struct model_proc *proc, unsigned attributes, unsigned offset)
{
    enum { VIA_POINTER = 0x80, HANDLE_IN = 0x40, HANDLE_OUT = 0x20 };
    unsigned flags = (attributes & IN ? HANDLE_IN : 0) | (attributes & OUT ? HANDLE_OUT | VIA_POINTER : 0);

    put_short(proc, attributes | (attributes & OUT ? SIMPLE_REF | MUST : MUST));
    put_short(proc, offset);
    put_short(proc, model_context_place(proc->model, (unsigned char)flags));
}

static void put_room(struct model_proc *proc)
{
    put_short(proc, IN | BASE_TYPE);
    put_short(proc, offsetof(struct model_stack, room));
    put(proc, FC_LONG);
    put(proc, 0);
}

void model_proc_open(struct model_proc *proc, struct model *model,
                     void (*manager)(void *h, void *a, void *b, void *c, LONGLONG room))
{
    void (*param)(struct model_proc * proc, unsigned attributes, unsigned offset) =
        model->form == MODEL_CONTEXT ? put_context : put_param;
    struct stub stub;

    memset(proc, 0, sizeof(*proc));
    proc->model = model;
    proc->b_comes_back = model_holds(model);
    proc->c_comes_back = !(model->top->reach & LEADS) && !model->top->tail;
    put_header(proc);
    param(proc, IN, offsetof(struct model_stack, a));
    param(proc, proc->b_comes_back ? IN | OUT : IN, offsetof(struct model_stack, b));
    param(proc, proc->c_comes_back ? OUT : IN, offsetof(struct model_stack, c));
    put_room(proc);
    model_stub(model, &stub, FALSE);
    model_stub_end(&stub);
    proc->desc = stub.desc;
    proc->desc.RpcInterfaceInformation = &proc->spec;
    proc->desc.fCheckBounds = 1;
    proc->desc.Version = 0x50002;
    proc->manager = (SERVER_ROUTINE)(void *)manager;
    proc->info.pStubDesc = &proc->desc;
    proc->info.DispatchTable = &proc->manager;
    proc->info.ProcString = proc->format;
    proc->info.FmtStringOffset = &proc->offset;
    channel_open(&proc->info, &proc->spec);
}

size_t model_proc_encode(const struct model_proc *proc, const struct model_stack *stack, BOOLEAN big_endian,
                         unsigned char *octets, size_t room)
{
    const unsigned char *values[] = {stack->a, stack->b, stack->c};
    size_t size =
        model_encode_several(proc->model, values, proc->c_comes_back ? 2 : 3, big_endian, octets, room);
    LONG last = (LONG)stack->room;
    unsigned i;

    if (!size || (size + 3) / 4 * 4 + 4 > room)
        return 0;
    while (size % 4)
        octets[size++] = 0;
    for (i = 0; i < 4; i++)
        octets[size++] = (unsigned char)(last >> 8 * (big_endian ? 3 - i : i));
    return size;
}
