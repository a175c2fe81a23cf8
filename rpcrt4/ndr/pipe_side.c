/*
 * Pipes as the application sees them: on a synchronous client the stub calls the application's routines, in
 * all other cases the application calls these. See pipe.h. No lock.
 */
#include "pipe.h"

enum { PIECE = 64 * 1024 }; /* octets asked of alloc at a time */

static void *routines_of(const struct ndr_pipe *pipe)
{
    return ndr_param_memory(pipe->all->call, pipe->param);
}

/* ---- synchronous client */

/* Memory of the application's for at least one element; *capacity in elements. Raises RPC_X_PIPE_APP_MEMORY.
 */
static void *ask_memory(const struct ndr_pipe *pipe, const struct ndr_pipe_routines *routines, ULONG octets,
                        ULONG *capacity)
{
    void *memory = NULL;
    ULONG given = 0;

    if (octets < pipe->memory_size)
        octets = pipe->memory_size;
    routines->alloc(routines->state, octets, &memory, &given);
    *capacity = given / pipe->memory_size;
    if (!memory || !*capacity)
        os_raise(RPC_X_PIPE_APP_MEMORY);
    return memory;
}

static void raise(RPC_STATUS status)
{
    if (status)
        os_raise(status);
}

static void send_pipe(struct ndr_pipe *pipe)
{
    const struct ndr_pipe_routines *routines = routines_of(pipe);
    ULONG capacity, count;
    void *memory;

    do {
        memory = ask_memory(pipe, routines, PIECE, &capacity);
        count = 0;
        routines->pull(routines->state, memory, capacity, &count);
        if (count > capacity)
            os_raise(RPC_X_WRONG_PIPE_ORDER);
        raise(ndr_pipe_write(pipe, memory, count));
    } while (count);
}

static void deliver_pipe(struct ndr_pipe *pipe)
{
    const struct ndr_pipe_routines *routines = routines_of(pipe);
    ULONG capacity, count;
    void *memory;

    do {
        memory = ask_memory(pipe, routines, PIECE, &capacity);
        raise(ndr_pipe_read(pipe, memory, capacity, &count));
        routines->push(routines->state, memory, count);
    } while (count);
}

/* What lies before call->msg.Buffer goes; with the last of it the request is whole. */
static void send_part(struct ndr_pipes *pipes, BOOL last)
{
    MIDL_STUB_MESSAGE *msg = &pipes->call->msg;
    RPC_MESSAGE *rpc = pipes->call->rpc;
    RPC_STATUS status;

    rpc->BufferLength = last && ndr_pipes_write_any(pipes) ? 0 : msg->Buffer - (unsigned char *)rpc->Buffer;
    ndr_pipes_flags(pipes, last ? 0 : RPC_BUFFER_PARTIAL);
    status = I_RpcSend(rpc);
    if (status)
        msg->fBufferValid = FALSE;
    raise(status);
}

void ndr_pipes_exchange(struct ndr_pipes *pipes)
{
    unsigned int i;

    if (ndr_pipes_write_any(pipes))
        send_part(pipes, FALSE);
    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].written)
            send_pipe(&pipes->pipe[i]);
    }
    send_part(pipes, TRUE);
    ndr_pipes_read_from(pipes);
    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].read)
            deliver_pipe(&pipes->pipe[i]);
    }
    raise(ndr_pipes_read_rest(pipes));
}

/* ---- synchronous server */

/* What a manager's pipe holds. Their prototypes are those of rpcndr.h in the SDK of Visual C++ 6.0. */
void RPC_ENTRY NdrPipePull(char *state, void *elements, ULONG capacity, ULONG *count)
{
    raise(ndr_pipe_read((struct ndr_pipe *)state, elements, capacity, count));
}

void RPC_ENTRY NdrPipePush(char *state, void *elements, ULONG count)
{
    raise(ndr_pipe_write((struct ndr_pipe *)state, elements, count));
}

void ndr_pipes_supply(struct ndr_pipes *pipes, unsigned char *(*supply)(struct ndr_call *call, SIZE_T size))
{
    unsigned int i;

    ndr_pipes_read_from(pipes);
    for (i = 0; i < pipes->count; i++) {
        struct ndr_pipe *pipe = &pipes->pipe[i];
        struct ndr_pipe_routines *routines = (void *)(pipes->call->stack + pipe->param->offset);

        if (pipe->param->attributes & PARAM_IS_SIMPLE_REF)
            routines = *(void **)routines = supply(pipes->call, sizeof(*routines));
        routines->pull = NdrPipePull;
        routines->push = NdrPipePush;
        routines->alloc = NULL;
        routines->state = (char *)pipe;
    }
}

/* ---- asynchronous, either side */

/* With its last null pull a client waits for the completion, which may have been announced, and the call be
 * gone, before this returns. */
static RPC_STATUS __RPC_API async_pull(char *state, void *elements, ULONG capacity, ULONG *count)
{
    struct ndr_pipe *pipe = (struct ndr_pipe *)state;
    struct ndr_pipes *pipes = pipe->all;
    RPC_STATUS status = ndr_pipe_read(pipe, elements, capacity, count);

    if (status == RPC_S_OK && !*count && pipes->call->msg.IsClient && !ndr_pipes_undrained(pipes))
        ndr_pipes_finish_reading(pipes);
    return status;
}

static RPC_STATUS __RPC_API async_push(char *state, void *elements, ULONG count)
{
    struct ndr_pipe *pipe = (struct ndr_pipe *)state;
    struct ndr_pipes *pipes = pipe->all;
    RPC_MESSAGE *rpc = pipes->call->rpc;
    BOOL is_client = pipes->call->msg.IsClient;
    RPC_STATUS status = ndr_pipe_write(pipe, elements, count);

    if (status || count || !is_client || ndr_pipes_unclosed(pipes))
        return status;
    /* The request is whole. */
    rpc->BufferLength = 0;
    ndr_pipes_flags(pipes, RPC_BUFFER_NONOTIFY);
    return I_RpcSend(rpc);
}

void ndr_pipes_open_async(struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        struct ndr_async_pipe_routines *routines = routines_of(&pipes->pipe[i]);

        routines->pull = async_pull;
        routines->push = async_push;
        routines->alloc = NULL;
        routines->state = (char *)&pipes->pipe[i];
    }
    if (pipes->call->msg.IsClient)
        ndr_pipes_read_from(pipes);
}
