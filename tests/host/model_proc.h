/*
 * A procedure whose parameters are of a model's type, over the channel of channel.h:
 *     void proc(handle_t h, [in] T *a, [in,out] T *b, [out] T *c, long room)
 * b and c are [in] where a reply cannot be what the client has already (objects) or what a server may give
 * back without memory of its own. x86_64 only, as all that is called over the channel.
 */
#ifndef HOST_MODEL_PROC_H
#define HOST_MODEL_PROC_H

#include "channel.h"
#include "model.h"

struct model_proc {
    struct model *model;
    unsigned char format[96];
    unsigned used;
    unsigned short offset;
    BOOLEAN b_comes_back, c_comes_back; /* b is [in,out]; c is [out] and not [in] */
    MIDL_STUB_DESC desc;
    RPC_SERVER_INTERFACE spec;
    MIDL_SERVER_INFO info;
    SERVER_ROUTINE manager;
};

/* The arguments as they lie on the stack. */
struct model_stack {
    void *h, *a, *b, *c;
    LONGLONG room;
};

/* Makes the procedure what the channel calls go to: number 0. manager: what the server runs. */
void model_proc_open(struct model_proc *proc, struct model *model,
                     void (*manager)(void *h, void *a, void *b, void *c, LONGLONG room));

/* The octets of a request with these values; 0: they did not fit. */
size_t model_proc_encode(const struct model_proc *proc, const struct model_stack *stack, BOOLEAN big_endian,
                         unsigned char *octets, size_t room);

#endif
