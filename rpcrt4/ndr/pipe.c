/*
 * Pipes as octets: chunks read and written in turn. See pipe.h. No lock.
 *
 * What goes out is gathered in the call's buffer, which grows; what comes in lies there whole. A runtime that
 * sends and receives in parts (RPC_BUFFER_PARTIAL) would change this file alone.
 */
#include "pipe.h"

enum { BIG_PIPE = 0x80, ALIGNMENT = 0x0f, FIRST_ROOM = 4096 };

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

/* Whether an element's memory is its octets. */
static BOOL is_plain(const struct ndr_pipe *pipe)
{
    if (pipe->element[0] == FC_STRUCT)
        return TRUE;
    return ndr_base_wire(pipe->element[0]) == pipe->memory_size;
}

static BOOL is_foreign(const struct ndr_pipes *pipes)
{
    const ULONG mask = NDR_CHAR_REP_MASK | NDR_INT_REP_MASK | NDR_FLOAT_REP_MASK;

    return (pipes->in.RpcMsg->DataRepresentation & mask) != NDR_LOCAL_DATA_REPRESENTATION;
}

/* ---- in */

void ndr_pipes_read_from(struct ndr_pipes *pipes)
{
    pipes->in = pipes->call->msg;
    pipes->reading = TRUE;
}

void ndr_pipes_read_to(struct ndr_pipes *pipes)
{
    pipes->call->msg.Buffer = pipes->in.Buffer;
}

static ULONG next_chunk(struct ndr_pipes *pipes)
{
    static const unsigned char format[] = {FC_ULONG};
    unsigned char *octets;

    ndr_align_buffer(&pipes->in, 4);
    ndr_need(&pipes->in, 4);
    octets = pipes->in.Buffer;
    if (is_foreign(pipes))
        ndr_convert_type(&pipes->in, format);
    pipes->in.Buffer = octets + 4;
    return *(ULONG *)octets;
}

static void read_plain(struct ndr_pipe *pipe, unsigned char *elements, ULONG count)
{
    MIDL_STUB_MESSAGE *in = &pipe->all->in;
    ULONG i, length;

    ndr_align_buffer(in, pipe->alignment);
    if (count > 0x7fffffff / pipe->memory_size)
        os_raise(RPC_X_BAD_STUB_DATA);
    length = count * pipe->memory_size;
    ndr_need(in, length);
    if (is_foreign(pipe->all)) {
        unsigned char *start = in->Buffer;

        for (i = 0; i < count; i++)
            ndr_convert_type(in, pipe->element);
        in->Buffer = start;
    }
    memcpy(elements, in->Buffer, length);
    in->Buffer += length;
}

static void read_complex(struct ndr_pipe *pipe, unsigned char *elements, ULONG count)
{
    MIDL_STUB_MESSAGE *in = &pipe->all->in;
    ULONG i;

    for (i = 0; i < count; i++) {
        unsigned char *element = elements + i * pipe->memory_size, *memory = element, *start = in->Buffer;

        if (is_foreign(pipe->all)) {
            ndr_convert_type(in, pipe->element);
            in->Buffer = start;
        }
        ndr_unmarshal(in, &memory, pipe->element, FALSE);
        if (memory != element)
            memcpy(element, memory, pipe->memory_size);
    }
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

ULONG ndr_pipe_read(struct ndr_pipe *pipe, void *elements, size_t capacity)
{
    ULONG count;

    if (!read_turn(pipe))
        os_raise(RPC_X_PIPE_DISCIPLINE_ERROR);
    if (pipe->drained)
        os_raise(RPC_X_PIPE_EMPTY);
    if (!capacity)
        os_raise(RPC_X_PIPE_DISCIPLINE_ERROR);
    if (!pipe->chunk_left)
        pipe->chunk_left = next_chunk(pipe->all);
    if (!pipe->chunk_left) {
        pipe->drained = TRUE;
        return 0;
    }
    count = capacity < pipe->chunk_left ? (ULONG)capacity : pipe->chunk_left;
    if (is_plain(pipe))
        read_plain(pipe, elements, count);
    else
        read_complex(pipe, elements, count);
    pipe->chunk_left -= count;
    return count;
}

/* ---- out */

static void begin_writing(struct ndr_pipes *pipes)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;
    RPC_STATUS status;

    pipes->out = pipes->call->msg;
    pipes->writing = TRUE;
    /* A client has begun with its other arguments; a server's buffer still is the request. */
    if (pipes->out.IsClient)
        return;
    rpc->BufferLength = FIRST_ROOM;
    status = I_RpcGetBuffer(rpc);
    if (status != RPC_S_OK)
        os_raise(status);
    pipes->out.Buffer = rpc->Buffer;
}

void ndr_pipes_room(struct ndr_pipes *pipes, ULONG length)
{
    RPC_MESSAGE *rpc = pipes->call->rpc;
    ULONG used, wanted;
    RPC_STATUS status;

    if (!pipes->writing)
        begin_writing(pipes);
    used = pipes->out.Buffer - (unsigned char *)rpc->Buffer;
    wanted = used + length;
    if (wanted < used || wanted > 0x7fffffff)
        os_raise(RPC_S_OUT_OF_MEMORY);
    if (wanted <= rpc->BufferLength)
        return;
    if (wanted < 0x3fffffff)
        wanted *= 2;
    status = I_RpcReallocPipeBuffer(rpc, wanted);
    if (status != RPC_S_OK)
        os_raise(status);
    pipes->out.Buffer = (unsigned char *)rpc->Buffer + used;
}

static void write_elements(struct ndr_pipe *pipe, const unsigned char *elements, ULONG count)
{
    MIDL_STUB_MESSAGE *out = &pipe->all->out;
    ULONG i;

    if (!is_plain(pipe)) {
        for (i = 0; i < count; i++)
            ndr_marshal(out, (unsigned char *)elements + i * pipe->memory_size, pipe->element);
        return;
    }
    while ((ULONG_PTR)out->Buffer & (pipe->alignment - 1))
        *out->Buffer++ = 0;
    memcpy(out->Buffer, elements, count * pipe->memory_size);
    out->Buffer += count * pipe->memory_size;
}

/* Whether it is this pipe's turn to be written: all that is read on this side was, unless this is a client,
 * which writes first. */
static BOOL write_turn(const struct ndr_pipe *pipe)
{
    const struct ndr_pipes *pipes = pipe->all;
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        const struct ndr_pipe *other = &pipes->pipe[i];

        if (!pipes->call->msg.IsClient && other->read && !other->drained)
            return FALSE;
        if (other < pipe && other->written && !other->closed)
            return FALSE;
    }
    return pipe->written;
}

void ndr_pipe_write(struct ndr_pipe *pipe, const void *elements, size_t count)
{
    ULONG element =
        (pipe->wire_size > pipe->memory_size ? pipe->wire_size : pipe->memory_size) + pipe->alignment;
    MIDL_STUB_MESSAGE *out = &pipe->all->out;
    ULONG number = (ULONG)count;

    if (!write_turn(pipe))
        os_raise(RPC_X_PIPE_DISCIPLINE_ERROR);
    if (pipe->closed)
        os_raise(RPC_X_PIPE_CLOSED);
    if (count > 0x7ffffff0 / element)
        os_raise(RPC_S_OUT_OF_MEMORY);
    ndr_pipes_room(pipe->all, 16 + number * element);
    while ((ULONG_PTR)out->Buffer & 3)
        *out->Buffer++ = 0;
    memcpy(out->Buffer, &number, sizeof(number));
    out->Buffer += sizeof(number);
    if (number)
        write_elements(pipe, elements, number);
    else
        pipe->closed = TRUE;
}

void ndr_pipes_check_done(const struct ndr_pipes *pipes)
{
    unsigned int i;

    for (i = 0; i < pipes->count; i++) {
        const struct ndr_pipe *pipe = &pipes->pipe[i];

        if ((pipe->read && !pipe->drained) || (pipe->written && !pipe->closed))
            os_raise(RPC_X_PIPE_DISCIPLINE_ERROR);
    }
}
