/*
 * The argument stacks of Begin_X and Finish_X, out of X's description: each has the interface pointer first,
 * then X's parameters of its direction, in slots as wide as in X's. Pure functions.
 */
#include "async.h"

/* X's parameters of one direction, one after the other. */
struct walk {
    const struct ndr_proc *proc;
    unsigned int direction;
    unsigned int next;
    const struct ndr_param *param;
    unsigned int at, size; /* on the half's stack; the slot's width */
};

static struct walk begin_walk(const struct ndr_proc *proc, unsigned int direction)
{
    return (struct walk){.proc = proc, .direction = direction, .at = sizeof(void *)};
}

static BOOL step(struct walk *walk)
{
    const struct ndr_proc *proc = walk->proc;

    walk->at += walk->size;
    walk->size = 0;
    while (walk->next < proc->param_count) {
        const struct ndr_param *param = &proc->params[walk->next++];
        unsigned int end = walk->next < proc->param_count ? param[1].offset : proc->stack_size;

        if (param->attributes & PARAM_IS_RETURN || !(param->attributes & walk->direction))
            continue;
        if (end < param->offset || end > proc->stack_size)
            os_raise(RPC_X_BAD_STUB_DATA);
        walk->param = param;
        walk->size = end - param->offset;
        return TRUE;
    }
    return FALSE;
}

unsigned int async_stack_size(const struct ndr_proc *proc, unsigned int direction)
{
    struct walk walk = begin_walk(proc, direction);

    while (step(&walk))
        ;
    return walk.at;
}

void async_gather(const struct ndr_proc *proc, unsigned int direction, unsigned char *whole,
                  const unsigned char *half, BOOL varargs)
{
    struct walk walk = begin_walk(proc, direction);

    while (step(&walk)) {
        unsigned char *slot = whole + walk.param->offset;

        memcpy(slot, half + walk.at, walk.size);
        if (varargs && walk.param->passing == PASS_BASE && walk.param->format[0] == FC_FLOAT)
            *(float *)slot = *(double *)slot;
    }
}

void async_split(const struct ndr_proc *proc, unsigned int direction, const unsigned char *whole,
                 unsigned char *half)
{
    struct walk walk = begin_walk(proc, direction);

    while (step(&walk))
        memcpy(half + walk.at, whole + walk.param->offset, walk.size);
}

void async_take_floats(const struct ndr_proc *proc, unsigned int direction, unsigned char *half,
                       const ULONGLONG *floats)
{
    struct walk walk = begin_walk(proc, direction);

    while (step(&walk)) {
        if (walk.at < 32 && walk.param->passing == PASS_BASE &&
            (walk.param->format[0] == FC_FLOAT || walk.param->format[0] == FC_DOUBLE))
            *(ULONGLONG *)(half + walk.at) = floats[walk.at / 8];
    }
}
