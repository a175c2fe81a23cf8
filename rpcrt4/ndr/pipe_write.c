/*
 * Writing pipes: chunk by chunk, each copied once, into the runtime's buffer (pipe.h). No lock.
 */
#include "pipe.h"

enum { PIECE = 0x10000 }; /* octets copied at a time: so many may be on their way meanwhile */

/* Whether it is this pipe's turn to be written: all that is read on this side was, unless this is a client,
 * which writes first. */
static BOOL write_turn(const struct ndr_pipe *pipe)
{
    const struct ndr_pipes *pipes = pipe->all;
    const struct ndr_pipe *other;

    if (!pipes->call->msg.IsClient && ndr_pipes_undrained(pipes))
        return FALSE;
    for (other = pipes->pipe; other < pipe; other++) {
        if (other->written && !other->closed)
            return FALSE;
    }
    return pipe->written;
}

static RPC_STATUS checked(struct ndr_pipes *pipes, RPC_STATUS status)
{
    if (status && pipes->call->msg.IsClient && !pipes->async)
        pipes->call->msg.fBufferValid = FALSE;
    return status;
}

/* Room for length octets at call->msg.Buffer. */
static RPC_STATUS place(struct ndr_pipes *pipes, ULONG length)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;
    RPC_STATUS status;

    rpc->BufferLength = length;
    ndr_pipes_flags(pipes, RPC_BUFFER_PARTIAL);
    status = I_RpcGetBuffer(rpc);
    if (status == RPC_S_OK)
        pipes->call->msg.Buffer = rpc->Buffer;
    return checked(pipes, status);
}

/* What lies before call->msg.Buffer goes. quiet: its going is not announced. */
static RPC_STATUS add(struct ndr_pipes *pipes, BOOL quiet)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;

    rpc->BufferLength = (ULONG)(pipes->call->msg.Buffer - (unsigned char *)rpc->Buffer);
    ndr_pipes_flags(pipes, RPC_BUFFER_PARTIAL | (quiet ? RPC_BUFFER_NONOTIFY : 0));
    return checked(pipes, I_RpcSend(rpc));
}

static void align(MIDL_STUB_MESSAGE *out, ULONG alignment)
{
    while ((ULONG_PTR)out->Buffer & (alignment - 1))
        *out->Buffer++ = 0;
}

/* Octets that an element takes at most. */
static ULONG largest(const struct ndr_pipe *pipe)
{
    return (pipe->wire_size > pipe->memory_size ? pipe->wire_size : pipe->memory_size) + pipe->alignment;
}

struct piece {
    struct ndr_pipe *pipe;
    unsigned char *elements;
    ULONG count;
};

static void marshal_piece(void *context)
{
    struct piece *piece = context;
    MIDL_STUB_MESSAGE *out = &piece->pipe->all->call->msg;
    ULONG i, size = piece->pipe->memory_size;

    if (piece->pipe->element[0] == FC_STRUCT || ndr_base_wire(piece->pipe->element[0]) == size) {
        align(out, piece->pipe->alignment);
        memcpy(out->Buffer, piece->elements, piece->count * size);
        out->Buffer += piece->count * size;
        return;
    }
    for (i = 0; i < piece->count; i++)
        ndr_marshal(out, piece->elements + i * size, piece->pipe->element);
}

static RPC_STATUS write_elements(struct ndr_pipe *pipe, const void *elements, ULONG count)
{
    ULONG most = PIECE / largest(pipe), done;
    RPC_STATUS status = RPC_S_OK;

    for (done = 0; done < count && status == RPC_S_OK;) {
        struct piece piece = {pipe, (unsigned char *)elements + (size_t)done * pipe->memory_size,
                              count - done};

        if (piece.count > (most ? most : 1))
            piece.count = most ? most : 1;
        done += piece.count;
        status = place(pipe->all, 16 + piece.count * largest(pipe));
        if (status == RPC_S_OK)
            status = os_try(marshal_piece, &piece);
        if (status == RPC_S_OK)
            status = add(pipe->all, done < count);
    }
    return status;
}

RPC_STATUS ndr_pipe_write(struct ndr_pipe *pipe, const void *elements, ULONG count)
{
    MIDL_STUB_MESSAGE *out = &pipe->all->call->msg;
    RPC_STATUS status;

    if (!write_turn(pipe))
        return RPC_X_WRONG_PIPE_ORDER;
    if (pipe->closed)
        return RPC_X_PIPE_CLOSED;
    if (count > 0x7fffffff / largest(pipe))
        return RPC_S_OUT_OF_MEMORY;
    status = place(pipe->all, 8);
    if (status)
        return status;
    align(out, 4);
    memcpy(out->Buffer, &count, sizeof(count));
    out->Buffer += sizeof(count);
    /* Once the going of the last octets may be announced, the owner may complete the call, and it be gone.
     * SDK, "Asynchronous Pipe State": a client does not wait for its null push to have gone. */
    pipe->closed = !count;
    status = add(pipe->all, count || out->IsClient);
    if (status)
        pipe->closed = FALSE;
    return status || !count ? status : write_elements(pipe, elements, count);
}
