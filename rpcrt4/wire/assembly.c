/*
 * Reassembly of a request or response from its fragments, C706 12.6.2 and 12.6.4.
 *
 * Fragments of one call come in order, the first with PFC_FIRST_FRAG, the last with PFC_LAST_FRAG. alloc_hint
 * is a hint and binds nobody: what a call may hold is the caller's limit.
 */
#include "octets.h"

static void begin(struct wire_assembly *assembly, const struct wire_pdu *pdu)
{
    assembly->started = true;
    assembly->ptype = pdu->ptype;
    memcpy(assembly->drep, pdu->drep, sizeof(assembly->drep));
    assembly->call_id = pdu->call_id;
    assembly->alloc_hint = pdu->u.call.alloc_hint;
    assembly->context_id = pdu->u.call.context_id;
    assembly->opnum = pdu->u.call.opnum;
    assembly->length = 0;
}

/* Does the fragment go on with the call that was begun? */
static bool continues(const struct wire_assembly *assembly, const struct wire_pdu *pdu)
{
    return assembly->ptype == pdu->ptype && assembly->call_id == pdu->call_id &&
           !memcmp(assembly->drep, pdu->drep, sizeof(assembly->drep)) &&
           assembly->context_id == pdu->u.call.context_id && assembly->opnum == pdu->u.call.opnum;
}

enum wire_assembly_result wire_assemble(struct wire_assembly *assembly, const struct wire_pdu *pdu,
                                        size_t *offset)
{
    bool first = pdu->flags & WIRE_FIRST_FRAG;

    if (assembly->done || first == assembly->started || (!first && !continues(assembly, pdu)))
        return WIRE_OUT_OF_ORDER;
    if (first)
        begin(assembly, pdu);
    if (pdu->u.call.stub_length > assembly->limit - assembly->length)
        return WIRE_TOO_LONG;
    *offset = assembly->length;
    assembly->length += pdu->u.call.stub_length;
    assembly->done = pdu->flags & WIRE_LAST_FRAG;
    return assembly->done ? WIRE_DONE : WIRE_MORE;
}
