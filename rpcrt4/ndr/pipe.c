/*
 * Pipe parameters: what they are, and whose turn it is. See pipe.h. No lock.
 */
#include "pipe.h"

enum { BIG_PIPE = 0x80, ALIGNMENT = 0x0f };
enum { BUFFER_FLAGS = RPC_BUFFER_COMPLETE | RPC_BUFFER_PARTIAL | RPC_BUFFER_EXTRA | RPC_BUFFER_NONOTIFY };

/* FC_PIPE flags_and_alignment<1> offset<2> memory_size<2> wire_size<2>; with BIG_PIPE the sizes are <4>. */
static void describe(struct ndr_pipe *pipe, const MIDL_STUB_MESSAGE *msg)
{
    PFORMAT_STRING format = pipe->param->format;
    BOOL outward = !!(pipe->param->attributes & PARAM_IS_OUT),
         inward = !!(pipe->param->attributes & PARAM_IS_IN);

    if (format[0] != FC_PIPE && format[0] == FC_RP)
        format = ndr_fc_target(format + 2);
    pipe->alignment = (format[1] & ALIGNMENT) + 1;
    pipe->element = ndr_fc_target(format + 2);
    if (format[1] & BIG_PIPE) {
        pipe->memory_size = ndr_fc_ulong(format + 4);
        pipe->wire_size = ndr_fc_ulong(format + 8);
    } else {
        pipe->memory_size = ndr_fc_ushort(format + 4);
        pipe->wire_size = ndr_fc_ushort(format + 6);
    }
    pipe->read = msg->IsClient ? outward : inward;
    pipe->written = msg->IsClient ? inward : outward;
}

struct ndr_pipes *ndr_pipes_new(struct ndr_call *call)
{
    struct ndr_pipes *pipes;
    unsigned int i, count = 0;

    if (!(call->proc.opt_flags & OPT_HAS_PIPES))
        return NULL;
    for (i = 0; i < call->proc.param_count; i++)
        count += call->proc.params[i].passing == PASS_PIPE;
    if (!count)
        return NULL;
    pipes = os_alloc_zero(sizeof(*pipes) + count * sizeof(pipes->pipe[0]));
    if (!pipes)
        os_raise(RPC_S_OUT_OF_MEMORY);
    pipes->call = call;
    pipes->async = !!(call->proc.opt_flags & OPT_HAS_ASYNC_HANDLE);
    for (i = 0; i < call->proc.param_count; i++) {
        struct ndr_pipe *pipe = &pipes->pipe[pipes->count];

        if (call->proc.params[i].passing != PASS_PIPE)
            continue;
        pipes->count++;
        pipe->all = pipes;
        pipe->param = &call->proc.params[i];
        describe(pipe, &call->msg);
    }
    return pipes;
}

BOOL ndr_pipes_read_any(const struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count && !pipes->pipe[i].read; i++)
        ;
    return i < pipes->count;
}

BOOL ndr_pipes_write_any(const struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count && !pipes->pipe[i].written; i++)
        ;
    return i < pipes->count;
}

BOOL ndr_pipes_undrained(const struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].read && !pipes->pipe[i].drained)
            return TRUE;
    }
    return FALSE;
}

BOOL ndr_pipes_unclosed(const struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].written && !pipes->pipe[i].closed)
            return TRUE;
    }
    return FALSE;
}

void ndr_pipes_check_done(const struct ndr_pipes *pipes)
{
    if (ndr_pipes_undrained(pipes) || ndr_pipes_unclosed(pipes))
        os_raise(RPC_X_PIPE_DISCIPLINE_ERROR);
}

void ndr_pipes_flags(struct ndr_pipes *pipes, ULONG flags)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;

    rpc->RpcFlags = (rpc->RpcFlags & ~BUFFER_FLAGS) | flags | (pipes->async ? RPC_BUFFER_ASYNC : 0);
}
