/*
 * Reading pipes: octets come in parts, chunk by chunk (pipe.h). No lock.
 *
 * in.Buffer moves through what the runtime handed out last. Where an element or a count does not lie there
 * whole, the runtime is asked for more, to follow what is left; addresses keep their alignment.
 */
#include "pipe.h"

enum {
    ARGUMENTS_MAX = 0x1000000, /* octets beside pipes: MIDL knows their size (SDK, "Combining ...") */
    ELEMENT_MAX = 0x40000,     /* of an element whose size MIDL could not tell */
    READ_AGAIN = -1            /* more has come */
};

static BOOL is_foreign(const struct ndr_pipes *pipes)
{
    const ULONG mask = NDR_CHAR_REP_MASK | NDR_INT_REP_MASK | NDR_FLOAT_REP_MASK;

    return (pipes->call->rpc->DataRepresentation & mask) != NDR_LOCAL_DATA_REPRESENTATION;
}

static ULONG left(const struct ndr_pipes *pipes)
{
    return (ULONG)(pipes->in.BufferEnd - pipes->in.Buffer);
}

static void look_at(struct ndr_pipes *pipes, const RPC_MESSAGE *rpc)
{
    pipes->in.Buffer = pipes->in.BufferStart = rpc->Buffer;
    pipes->in.BufferEnd = pipes->in.BufferStart + rpc->BufferLength;
    pipes->complete = !!(rpc->RpcFlags & RPC_BUFFER_COMPLETE);
}

void ndr_pipes_read_from(struct ndr_pipes *pipes)
{
    const RPC_MESSAGE *rpc = pipes->call->rpc;

    pipes->in = pipes->call->msg;
    pipes->complete = !pipes->in.IsClient && !(rpc->RpcFlags & RPC_BUFFER_PARTIAL);
    if (pipes->in.IsClient)
        pipes->in.Buffer = pipes->in.BufferStart = pipes->in.BufferEnd = NULL;
}

/* A call that failed while it was waited for is over, and has no buffer (api/message.c). */
static RPC_STATUS receive(struct ndr_pipes *pipes, ULONG flags, ULONG octets)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;
    BOOL never_waits = pipes->async;
    RPC_STATUS status;

    rpc->Buffer = pipes->in.Buffer;
    rpc->BufferLength = left(pipes);
    ndr_pipes_flags(pipes, flags);
    if (flags & RPC_BUFFER_NONOTIFY)
        rpc->RpcFlags |= RPC_BUFFER_ASYNC;
    status = I_RpcReceive(rpc, octets);
    if (!never_waits)
        rpc->RpcFlags &= ~RPC_BUFFER_ASYNC;
    if (status == RPC_S_OK) {
        look_at(pipes, rpc);
    } else if (status != RPC_S_ASYNC_CALL_PENDING) {
        pipes->failed = status;
        pipes->in.Buffer = pipes->in.BufferEnd = NULL;
        if (pipes->in.IsClient && !never_waits && !(flags & RPC_BUFFER_NONOTIFY))
            pipes->call->msg.fBufferValid = FALSE;
    }
    return status;
}

/* Has octets lie at in.Buffer. look: only if that takes no waiting, and nobody will be told. */
static RPC_STATUS have(struct ndr_pipes *pipes, ULONG octets, BOOL look)
{
    RPC_STATUS status;

    if (left(pipes) >= octets)
        return RPC_S_OK;
    if (pipes->failed)
        return pipes->failed;
    if (pipes->complete)
        return RPC_X_BAD_STUB_DATA;
    status = receive(pipes, RPC_BUFFER_PARTIAL | RPC_BUFFER_EXTRA | (look ? RPC_BUFFER_NONOTIFY : 0), octets);
    if (status == RPC_S_OK && left(pipes) < octets)
        return RPC_X_BAD_STUB_DATA;
    return status;
}

/* The same behind a gap that aligns them, which is passed when they are there. */
static RPC_STATUS have_aligned(struct ndr_pipes *pipes, ULONG alignment, ULONG octets, BOOL look)
{
    ULONG gap = -(ULONG_PTR)pipes->in.Buffer & (alignment - 1);
    RPC_STATUS status = have(pipes, gap + octets, look);

    if (status == RPC_S_OK)
        ndr_align_buffer(&pipes->in, alignment);
    return status;
}

RPC_STATUS ndr_pipes_read_rest(struct ndr_pipes *pipes)
{
    MIDL_STUB_MESSAGE *msg = &pipes->call->msg;
    RPC_STATUS status = pipes->failed;

    if (status == RPC_S_OK && !pipes->complete)
        status = receive(pipes, RPC_BUFFER_EXTRA | (pipes->async ? RPC_BUFFER_NONOTIFY : 0), 0);
    if (status)
        return status;
    msg->Buffer = pipes->in.Buffer;
    msg->BufferStart = pipes->in.BufferStart;
    msg->BufferEnd = pipes->in.BufferEnd;
    msg->BufferLength = left(pipes);
    msg->fBufferValid = TRUE;
    return RPC_S_OK;
}

RPC_STATUS ndr_pipes_look(struct ndr_pipes *pipes)
{
    RPC_STATUS status = pipes->complete ? RPC_X_PIPE_DISCIPLINE_ERROR : have(pipes, left(pipes) + 1, TRUE);

    return status == RPC_S_ASYNC_CALL_PENDING ? RPC_S_OK : status;
}

void ndr_pipes_finish_reading(struct ndr_pipes *pipes)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;

    rpc->Buffer = pipes->in.Buffer;
    rpc->BufferLength = left(pipes);
    pipes->complete = FALSE;
    ndr_pipes_flags(pipes, RPC_BUFFER_EXTRA);
    I_RpcReceive(rpc, 0);
}

/* ---- a server's arguments */

/* Walks over the arguments on a copy, for walking converts them. */
static void walk_arguments(void *context)
{
    struct ndr_call *call = ((struct ndr_pipes *)context)->call;
    MIDL_STUB_MESSAGE copy = call->msg;
    unsigned int i;

    copy.Buffer = copy.BufferStart = ((struct ndr_pipes *)context)->in.Buffer;
    copy.BufferEnd = ((struct ndr_pipes *)context)->in.BufferEnd;
    for (i = 0; i < call->proc.param_count; i++) {
        const struct ndr_param *param = &call->proc.params[i];

        if (param->attributes & PARAM_IS_IN && param->passing != PASS_IGNORE && param->passing != PASS_PIPE)
            ndr_convert_type(&copy, param->format);
    }
    if (copy.Buffer > copy.BufferEnd)
        os_raise(RPC_X_BAD_STUB_DATA);
}

static RPC_STATUS try_arguments(struct ndr_pipes *pipes)
{
    const MIDL_STUB_MESSAGE *msg = &pipes->call->msg;
    MIDL_STUB_MESSAGE *in = &pipes->in;
    ULONG length = (ULONG)(msg->BufferEnd - msg->BufferStart);
    unsigned char *copy = os_alloc(length + 16);
    RPC_STATUS status;

    if (!copy)
        return RPC_S_OUT_OF_MEMORY;
    in->Buffer = (unsigned char *)(((ULONG_PTR)copy + 15) & ~(ULONG_PTR)15);
    in->BufferEnd = in->Buffer + length;
    memcpy(in->Buffer, msg->BufferStart, length);
    status = os_try(walk_arguments, pipes);
    os_free(copy);
    return status;
}

void ndr_pipes_await_arguments(struct ndr_pipes *pipes)
{
    MIDL_STUB_MESSAGE *msg = &pipes->call->msg;
    RPC_MESSAGE *rpc = pipes->call->rpc;
    RPC_STATUS status;

    while (rpc->RpcFlags & RPC_BUFFER_PARTIAL && (status = try_arguments(pipes)) != RPC_S_OK) {
        if (status == RPC_S_OUT_OF_MEMORY || rpc->BufferLength > ARGUMENTS_MAX)
            os_raise(status);
        rpc->RpcFlags = RPC_BUFFER_PARTIAL | RPC_BUFFER_EXTRA;
        status = I_RpcReceive(rpc, rpc->BufferLength + 1);
        if (status)
            os_raise(status);
        rpc->RpcFlags = rpc->RpcFlags & RPC_BUFFER_COMPLETE ? RPC_BUFFER_COMPLETE : RPC_BUFFER_PARTIAL;
        msg->Buffer = msg->BufferStart = rpc->Buffer;
        msg->BufferLength = rpc->BufferLength;
        msg->BufferEnd = msg->BufferStart + rpc->BufferLength;
    }
}

/* ---- elements */

/* Whether an element's memory is its octets. */
static BOOL is_plain(const struct ndr_pipe *pipe)
{
    return pipe->element[0] == FC_STRUCT || ndr_base_wire(pipe->element[0]) == pipe->memory_size;
}

/* As many of count elements as lie here; at least one. */
static RPC_STATUS read_plain(struct ndr_pipe *pipe, unsigned char *elements, ULONG *count, BOOL look)
{
    MIDL_STUB_MESSAGE *in = &pipe->all->in;
    RPC_STATUS status = have_aligned(pipe->all, pipe->alignment, pipe->memory_size, look);
    ULONG i, here;

    if (status)
        return status;
    here = left(pipe->all) / pipe->memory_size;
    if (here < *count)
        *count = here;
    if (is_foreign(pipe->all)) {
        unsigned char *start = in->Buffer;

        for (i = 0; i < *count; i++)
            ndr_convert_type(in, pipe->element);
        in->Buffer = start;
    }
    memcpy(elements, in->Buffer, *count * pipe->memory_size);
    in->Buffer += *count * pipe->memory_size;
    return RPC_S_OK;
}

struct element {
    struct ndr_pipe *pipe;
    unsigned char *memory;
};

static void read_element(void *context)
{
    struct element *element = context;
    MIDL_STUB_MESSAGE *in = &element->pipe->all->in;
    unsigned char *memory = element->memory, *start = in->Buffer;

    if (is_foreign(element->pipe->all)) {
        ndr_convert_type(in, element->pipe->element);
        in->Buffer = start;
    }
    ndr_unmarshal(in, &memory, element->pipe->element, FALSE);
    if (memory != element->memory)
        memcpy(element->memory, memory, element->pipe->memory_size);
}

/* One element of which there may not be enough here: octets that come then are converted but once. */
static RPC_STATUS try_element(struct element *element, BOOL look)
{
    struct ndr_pipes *pipes = element->pipe->all;
    ULONG here = left(pipes);
    unsigned char *start = pipes->in.Buffer, *copy = NULL;
    RPC_STATUS status;

    if (is_foreign(pipes) && !pipes->complete) {
        if (!(copy = os_alloc(here + 1)))
            return RPC_S_OUT_OF_MEMORY;
        memcpy(copy, start, here);
    }
    status = os_try(read_element, element);
    if (status && !pipes->complete && here <= ELEMENT_MAX) {
        if (copy)
            memcpy(start, copy, here);
        pipes->in.Buffer = start;
        status = have(pipes, here + 1, look);
        if (status == RPC_S_OK)
            status = READ_AGAIN;
    }
    os_free(copy);
    return status;
}

/* Octets that an element takes at most with the gap before it, where MIDL could tell: no pointers, no
 * conformance (MIDL reference, pipe). */
static ULONG sure_size(const struct ndr_pipe *pipe)
{
    return pipe->wire_size ? pipe->wire_size + 16 : 0xffffffff;
}

static RPC_STATUS read_complex(struct ndr_pipe *pipe, unsigned char *elements, ULONG *count, BOOL look)
{
    RPC_STATUS status = have(pipe->all, 1, look);
    ULONG i = 0;

    while (status == RPC_S_OK && i < *count) {
        struct element element = {pipe, elements + (size_t)i * pipe->memory_size};

        status = left(pipe->all) >= sure_size(pipe) ? (RPC_STATUS)os_try(read_element, &element)
                                                    : try_element(&element, look || i);
        if (status == READ_AGAIN)
            status = RPC_S_OK;
        else if (status == RPC_S_OK)
            i++;
    }
    *count = i;
    return i && status == RPC_S_ASYNC_CALL_PENDING ? RPC_S_OK : status;
}

/* ---- chunks */

static RPC_STATUS next_chunk(struct ndr_pipe *pipe, BOOL look)
{
    static const unsigned char format[] = {FC_ULONG};
    struct ndr_pipes *pipes = pipe->all;
    RPC_STATUS status = have_aligned(pipes, 4, 4, look);
    unsigned char *octets;

    if (status)
        return status;
    octets = pipes->in.Buffer;
    if (is_foreign(pipes))
        ndr_convert_type(&pipes->in, format);
    pipes->in.Buffer = octets + 4;
    pipe->chunk_left = *(ULONG *)octets;
    pipe->ended = !pipe->chunk_left;
    return RPC_S_OK;
}

/* Whether it is this pipe's turn to be read. */
static BOOL read_turn(const struct ndr_pipe *pipe)
{
    const struct ndr_pipe *other;

    for (other = pipe->all->pipe; other < pipe; other++) {
        if (other->read && !other->drained)
            return FALSE;
    }
    return pipe->read;
}

/* Some elements of one chunk, of which there are some. */
static RPC_STATUS read_some(struct ndr_pipe *pipe, unsigned char *elements, ULONG capacity, ULONG *count,
                            BOOL look)
{
    ULONG number = capacity < pipe->chunk_left ? capacity : pipe->chunk_left;
    RPC_STATUS status = is_plain(pipe) ? read_plain(pipe, elements, &number, look)
                                       : read_complex(pipe, elements, &number, look);

    if (status == RPC_S_OK) {
        pipe->chunk_left -= number;
        *count += number;
    }
    return status;
}

RPC_STATUS ndr_pipe_read(struct ndr_pipe *pipe, void *elements, ULONG capacity, ULONG *count)
{
    RPC_STATUS status = RPC_S_OK;
    ULONG got = 0;

    *count = 0;
    if (!read_turn(pipe))
        return RPC_X_WRONG_PIPE_ORDER;
    if (pipe->drained)
        return RPC_X_PIPE_EMPTY;
    if (!capacity)
        return RPC_X_WRONG_PIPE_ORDER;
    while (status == RPC_S_OK && got < capacity && !pipe->ended) {
        if (!pipe->chunk_left)
            status = next_chunk(pipe, got != 0);
        else
            status = read_some(pipe, (unsigned char *)elements + (size_t)got * pipe->memory_size,
                               capacity - got, &got, got != 0);
    }
    /* Once its owner may be told of octets, another thread of his may be here, or the call be gone. */
    if (status == RPC_S_ASYNC_CALL_PENDING && !got)
        return status;
    *count = got;
    if (got)
        return RPC_S_OK; /* why there is no more will be told the next time */
    pipe->drained = pipe->ended;
    return status;
}
