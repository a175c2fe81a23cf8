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
static void *ask_memory(const struct ndr_pipe *pipe, const struct ndr_pipe_routines *routines, size_t octets,
                        size_t *capacity)
{
    void *memory = NULL;
    size_t given = 0;

    if (octets < pipe->memory_size)
        octets = pipe->memory_size;
    routines->alloc(routines->state, octets, &memory, &given);
    *capacity = given / pipe->memory_size;
    if (!memory || !*capacity)
        os_raise(RPC_X_PIPE_APP_MEMORY);
    return memory;
}

static void send_pipe(struct ndr_pipe *pipe)
{
    const struct ndr_pipe_routines *routines = routines_of(pipe);
    size_t capacity, count;
    void *memory;

    do {
        memory = ask_memory(pipe, routines, PIECE, &capacity);
        count = 0;
        routines->pull(routines->state, memory, capacity, &count);
        if (count > capacity)
            os_raise(RPC_X_PIPE_DISCIPLINE_ERROR);
        ndr_pipe_write(pipe, memory, count);
    } while (count);
}

void ndr_pipes_send(struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].written)
            send_pipe(&pipes->pipe[i]);
    }
    if (pipes->writing)
        pipes->call->msg.Buffer = pipes->out.Buffer;
}

static void deliver_pipe(struct ndr_pipe *pipe)
{
    const struct ndr_pipe_routines *routines = routines_of(pipe);
    size_t capacity, octets;
    ULONG count;
    void *memory;

    do {
        octets = pipe->chunk_left < PIECE / pipe->memory_size ? pipe->chunk_left * pipe->memory_size : PIECE;
        memory = ask_memory(pipe, routines, octets ? octets : PIECE, &capacity);
        count = ndr_pipe_read(pipe, memory, capacity);
        routines->push(routines->state, memory, count);
    } while (count);
}

void ndr_pipes_deliver(struct ndr_pipes *pipes)
{
    unsigned int i;

    ndr_pipes_read_from(pipes);
    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].read)
            deliver_pipe(&pipes->pipe[i]);
    }
    ndr_pipes_read_to(pipes);
}

/* ---- synchronous server */

static void __RPC_API server_pull(char *state, void *elements, size_t capacity, size_t *count)
{
    *count = ndr_pipe_read((struct ndr_pipe *)state, elements, capacity);
}

static void __RPC_API server_push(char *state, void *elements, size_t count)
{
    ndr_pipe_write((struct ndr_pipe *)state, elements, count);
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
        routines->pull = server_pull;
        routines->push = server_push;
        routines->alloc = NULL;
        routines->state = (char *)pipe;
    }
}

/* ---- asynchronous, either side */

struct transfer {
    struct ndr_pipe *pipe;
    void *elements;
    size_t count;
};

static void try_read(void *context)
{
    struct transfer *transfer = context;
    struct ndr_pipes *pipes = transfer->pipe->all;

    if (!pipes->reading)
        ndr_pipes_read_from(pipes);
    transfer->count = ndr_pipe_read(transfer->pipe, transfer->elements, transfer->count);
}

/* RPC_S_ASYNC_CALL_PENDING: nothing is there yet. */
static RPC_STATUS __RPC_API async_pull(char *state, void *elements, size_t capacity, size_t *count)
{
    struct transfer transfer = {(struct ndr_pipe *)state, elements, capacity};
    struct ndr_pipes *pipes = transfer.pipe->all;
    RPC_STATUS status = pipes->receive ? pipes->receive(pipes) : RPC_S_OK;

    *count = 0;
    if (status == RPC_S_OK)
        status = os_try(try_read, &transfer);
    if (status == RPC_S_OK)
        *count = transfer.count;
    return status;
}

static void try_write(void *context)
{
    struct transfer *transfer = context;

    ndr_pipe_write(transfer->pipe, transfer->elements, transfer->count);
}

static BOOL all_closed(const struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        if (pipes->pipe[i].written && !pipes->pipe[i].closed)
            return FALSE;
    }
    return TRUE;
}

static RPC_STATUS __RPC_API async_push(char *state, void *elements, size_t count)
{
    struct transfer transfer = {(struct ndr_pipe *)state, elements, count};
    struct ndr_pipes *pipes = transfer.pipe->all;
    RPC_STATUS status = os_try(try_write, &transfer);

    if (status == RPC_S_OK && !count && pipes->complete && all_closed(pipes))
        status = pipes->complete(pipes);
    return status;
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
}
