/*
 * A walk's life: its stack of pointees, what it allocated, its end by return or exception. The five ndr_*
 * entries (ndr.h) and all exported functions of the types end here. A walk lies on the C stack of its caller;
 * what it owns on the heap is given back by walk_end, which runs however the walk ends.
 *
 * Types that own nothing on the heap while they are walked (base types, strings, flat arrays and structures,
 * and pointers to those) are walked without the exception frame: `quiet`.
 */
#include "walk.h"

struct job {
    struct walk *walk;
    unsigned char *memory;   /* outward */
    unsigned char **pointer; /* inward */
    PFORMAT_STRING format;
    BOOLEAN must_alloc;
    BOOLEAN finished;
    unsigned char *saved_memory;
};

static void give_pointees(struct walk *walk)
{
    if (walk->pointee != walk->inline_pointee)
        os_scratch_give(walk->pointee);
}

void grow_pointees(struct walk *walk)
{
    size_t size = walk->pointee_capacity * 4 * sizeof(struct pointee);
    struct pointee *grown = os_scratch_take(&size);

    if (!grown)
        ndr_raise(RPC_S_OUT_OF_MEMORY);
    memcpy(grown, walk->pointee, walk->pointees * sizeof(*grown));
    give_pointees(walk);
    walk->pointee = grown;
    walk->pointee_capacity = size / sizeof(*grown);
}

/* Segments: the pointees that one flat part pushed, in their order. The innermost one lies at the stack's
 * end; when its last pointee is taken the segment goes before that one is handled, so a list's nodes stand on
 * each other's place. */
static void push_segment(struct walk *walk, size_t from)
{
    if (walk->segments == walk->segment_capacity) {
        size_t capacity = walk->segment_capacity * 4;
        struct segment *grown;

        grown = os_realloc(walk->segment == walk->inline_segment ? NULL : walk->segment,
                           capacity * sizeof(*grown));
        if (!grown)
            ndr_raise(RPC_S_OUT_OF_MEMORY);
        if (walk->segment == walk->inline_segment)
            memcpy(grown, walk->segment, walk->segments * sizeof(*grown));
        walk->segment = grown;
        walk->segment_capacity = capacity;
    }
    walk->segment[walk->segments++] = (struct segment){from, from};
}

/* Takes the next pointee of the innermost segment. */
static struct pointee next_pointee(struct walk *walk)
{
    struct segment *segment = &walk->segment[walk->segments - 1];
    struct pointee pointee = walk->pointee[segment->next++];

    if (segment->next == walk->pointees) {
        walk->pointees = segment->start;
        walk->segments--;
    }
    return pointee;
}

/* Strings push nothing: those that come next are handled where they lie. */
static BOOLEAN handle_strings(struct walk *walk)
{
    struct segment *segment = &walk->segment[walk->segments - 1];
    const struct pointee *pointee = &walk->pointee[segment->next], *end = &walk->pointee[walk->pointees];

    if (pointee->kind != POINTEE_STRING)
        return FALSE;
    for (; pointee < end && pointee->kind == POINTEE_STRING; pointee++) {
        if (walk->purpose == UNMARSHAL)
            in_plain_string(walk, pointee);
        else
            out_plain_string(walk, pointee->at, pointee->format[2]);
    }
    segment->next = (size_t)(pointee - walk->pointee);
    if (pointee == end) {
        walk->pointees = segment->start;
        walk->segments--;
    }
    return TRUE;
}

static void handle_pointee(struct walk *walk, const struct pointee *pointee)
{
    BOOLEAN inward = walk->purpose >= UNMARSHAL;

    walk->msg->Memory = pointee->base;
    walk->fresh = pointee->fresh;
    walk->array_done = walk->flat_only = walk->embedded = FALSE;
    switch (pointee->kind) {
    case POINTEE:
    case POINTEE_STRING:
    case POINTEE_BYTE_COUNT:
        (inward ? in_pointee : out_pointee)(walk, pointee);
        break;
    case POINTEE_BLOCK:
        walk->msg->pfnFree(pointee->at);
        break;
    case POINTEE_SHAPE:
        (inward ? in_shape_pointees : out_shape_pointees)(walk, pointee);
        break;
    case POINTEE_CHECK:
        check_correlation_late(walk, pointee);
        break;
    case POINTEE_USER_MARSHAL:
        (inward ? in_user_pointee : out_user_pointee)(walk, pointee);
        break;
    case POINTEE_INTERFACE:
        (inward ? in_interface_pointee : out_interface_pointee)(walk, pointee);
        break;
    }
}

void walk_pointees(struct walk *walk, size_t from)
{
    size_t outer = walk->segments;

    if (walk->pointees > from)
        push_segment(walk, from);
    while (walk->segments > outer) {
        struct pointee pointee;
        size_t pushed;

        if (handle_strings(walk))
            continue;
        pointee = next_pointee(walk);
        pushed = walk->pointees;
        handle_pointee(walk, &pointee);
        if (walk->pointees > pushed)
            push_segment(walk, pushed);
    }
}

/* Under allocate(all_nodes) memory comes from one block that was sized beforehand. */
struct NDR_ALLOC_ALL_NODES_CONTEXT {
    unsigned char *next, *end;
};

/* Blocks begin at multiples of eight, as walk_skim counts them; the last one may end anywhere. */
__attribute__((cold, noinline)) static unsigned char *carve(struct NDR_ALLOC_ALL_NODES_CONTEXT *nodes,
                                                            ULONG size)
{
    unsigned char *block = nodes->next;
    ULONG_PTR left = nodes->end - block, rounded = ((ULONG_PTR)size + 7) & ~(ULONG_PTR)7;

    if (left < size)
        walk_bad();
    nodes->next += rounded < left ? rounded : left;
    return block;
}

__attribute__((cold, noinline)) static BOOLEAN add_log_page(struct walk *walk)
{
    enum { FIRST = 30, MOST = 2046 };
    unsigned capacity = walk->log ? 4 * walk->log->capacity : FIRST;
    struct log_page *page;

    if (capacity > MOST)
        capacity = MOST;
    page = os_alloc(offsetof(struct log_page, entry[capacity]));
    if (!page)
        return FALSE;
    page->older = walk->log;
    page->used = 0;
    page->capacity = capacity;
    walk->log = page;
    return TRUE;
}

static inline BOOLEAN log_entry(struct walk *walk, void *block, void *pointer)
{
    struct allocation *entry;

    if ((!walk->log || walk->log->used == walk->log->capacity) && !add_log_page(walk))
        return FALSE;
    entry = &walk->log->entry[walk->log->used++];
    entry->block = block;
    entry->pointer = pointer;
    return TRUE;
}

/* Two entries, since what is no mere block has more to it: what and where, then what kind: without a block.
 */
static BOOLEAN log_pair(struct walk *walk, void *where, const void *detail, const void *kind)
{
    if (!log_entry(walk, where, (void *)detail))
        return FALSE;
    if (log_entry(walk, NULL, (void *)kind))
        return TRUE;
    walk->log->used--;
    return FALSE;
}

void log_strings(struct walk *walk, unsigned char *memory, const struct shape *shape, ULONG count)
{
    if (!log_pair(walk, memory, (void *)(ULONG_PTR)count, shape))
        ndr_raise(RPC_S_OUT_OF_MEMORY);
}

/* What a routine made of octets goes the way that freeing it goes. */
static void drop_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    unsigned char *value = *format == FC_IP ? load_pointer(memory) : memory;

    ndr_free(walk->msg, value, format);
    if (*format == FC_IP)
        store_pointer(memory, NULL);
}

void log_value(struct walk *walk, unsigned char *memory, PFORMAT_STRING format)
{
    if (log_pair(walk, memory, format, NULL))
        return;
    drop_value(walk, memory, format);
    ndr_raise(RPC_S_OUT_OF_MEMORY);
}

unsigned char *walk_alloc(struct walk *walk, unsigned char **pointer, ULONG size)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *block;

    if (msg->pAllocAllNodesContext) {
        block = carve(msg->pAllocAllNodesContext, size);
    } else {
        block = msg->pfnAllocate(size ? size : 1);
        if (!block)
            ndr_raise(RPC_S_OUT_OF_MEMORY);
        if (!walk->quiet && !log_entry(walk, block, pointer)) {
            msg->pfnFree(block);
            ndr_raise(RPC_S_OUT_OF_MEMORY);
        }
    }
    if (pointer)
        store_pointer((unsigned char *)pointer, block);
    return block;
}

void walk_all_nodes(struct walk *walk, unsigned char *block, ULONG size,
                    void (*body)(struct walk *walk, void *argument), void *argument)
{
    struct NDR_ALLOC_ALL_NODES_CONTEXT nodes = {block, block + size};
    size_t from = walk->pointees;

    walk->msg->pAllocAllNodesContext = &nodes;
    body(walk, argument);
    walk_pointees(walk, from);
    walk->msg->pAllocAllNodesContext = NULL;
}

ULONG walk_skim(struct walk *walk, PFORMAT_STRING format)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;
    unsigned char *position = msg->Buffer, *base = msg->Memory, *none = NULL;
    BOOLEAN fresh = walk->fresh, array_done = walk->array_done;
    ULONG saved = msg->MemorySize, size;
    size_t from = walk->pointees;

    msg->MemorySize = 0;
    walk->purpose = SKIM;
    in_whole(walk, &none, format, FALSE);
    walk_pointees(walk, from);
    walk->purpose = UNMARSHAL;
    size = msg->MemorySize;
    msg->MemorySize = saved;
    msg->Buffer = position;
    msg->Memory = base;
    walk->fresh = fresh;
    walk->array_done = array_done;
    return size;
}

/* A structure or array that is copied and has no pointers. */
static BOOLEAN is_conformant_block(const MIDL_STUB_MESSAGE *msg, PFORMAT_STRING format)
{
    if (*format == FC_CSTRUCT)
        format = ndr_fc_target(format + 4);
    return *format == FC_CARRAY && format[4 + ndr_correlation_octets(msg)] != FC_PP;
}

/* Whether walking the type owns nothing on the heap that an exception would leave behind. */
static BOOLEAN is_quiet(const struct walk *walk, PFORMAT_STRING format)
{
    if (walk->purpose < UNMARSHAL && is_conformant_block(walk->msg, format))
        return TRUE;
    if (*format >= FC_RP && *format <= FC_FP) {
        if (*format == FC_FP || format[1] & (FC_POINTER_DEREF | FC_ALLOCATE_ALL_NODES | FC_DONT_FREE))
            return FALSE;
        format = format[1] & FC_SIMPLE_POINTER ? format + 2 : ndr_fc_target(format + 2);
    }
    switch (*format) {
    case FC_STRUCT:
    case FC_C_CSTRING:
    case FC_C_BSTRING:
    case FC_C_SSTRING:
    case FC_C_WSTRING:
        return TRUE;
    case FC_SMFARRAY:
        return format[4] != FC_PP;
    default:
        return ndr_base_wire(*format) && is_block(*format);
    }
}

static void walk_body(void *context)
{
    struct job *job = context;
    struct walk *walk = job->walk;

    if (walk->purpose >= UNMARSHAL)
        in_whole(walk, job->pointer, job->format, job->must_alloc);
    else
        out_whole(walk, job->memory, job->format);
    if (!walk->msg->IgnoreEmbeddedPointers)
        walk_pointees(walk, 0);
    job->finished = TRUE;
}

static struct allocation *last_entry(struct walk *walk)
{
    struct log_page *page = walk->log;

    while (page && !page->used) {
        walk->log = page->older;
        os_free(page);
        page = walk->log;
    }
    return page ? &page->entry[--page->used] : NULL;
}

/* Gives back what an unfinished walk allocated, the youngest first: a pointer lies in memory that is older.
 */
static void roll_back(struct walk *walk)
{
    struct allocation *entry;

    while ((entry = last_entry(walk)) != NULL) {
        if (!entry->block) {
            const struct shape *shape = (const struct shape *)entry->pointer;

            entry = last_entry(walk);
            if (shape)
                drop_strings(walk, entry->block, shape, (ULONG)(ULONG_PTR)entry->pointer);
            else
                drop_value(walk, entry->block, entry->pointer);
            continue;
        }
        walk->msg->pfnFree(entry->block);
        if (entry->pointer)
            store_pointer(entry->pointer, NULL);
    }
}

static void free_log(struct walk *walk)
{
    struct log_page *page, *older;

    for (page = walk->log; page; page = older) {
        older = page->older;
        os_free(page);
    }
}

static void walk_end(void *context)
{
    struct job *job = context;
    struct walk *walk = job->walk;

    walk->msg->Memory = job->saved_memory;
    walk->msg->uFlags--;
    if (!job->finished) {
        walk->msg->pAllocAllNodesContext = NULL;
        roll_back(walk);
        /* It may lead into the buffer, to what turned out to be bad. */
        if (walk->purpose == UNMARSHAL)
            store_pointer(walk->result, walk->before);
    }
    give_pointees(walk);
    if (walk->segment != walk->inline_segment)
        os_free(walk->segment);
    free_log(walk);
    free_plans(walk);
}

static void walk_begin(struct walk *walk, PMIDL_STUB_MESSAGE msg, enum purpose purpose)
{
    walk->msg = msg;
    walk->purpose = purpose;
    walk->limit = purpose >= UNMARSHAL ? read_limit(msg) : purpose == MARSHAL ? write_limit(msg) : NULL;
    walk->fresh = !msg->IsClient;
    walk->in_place = (!msg->IsClient || msg->ReuseBuffer) && !msg->pAllocAllNodesContext;
    walk->array_done = walk->flat_only = walk->embedded = FALSE;
    walk->swap = 0;
    walk->dimensions = 0;
    walk->pointee = walk->inline_pointee;
    walk->pointees = 0;
    walk->pointee_capacity = INLINE_POINTEES;
    walk->segment = walk->inline_segment;
    walk->segments = 0;
    walk->segment_capacity = INLINE_SEGMENTS;
    walk->log = NULL;
    walk->plans.next = NULL;
    walk->plans.shapes = walk->plans.choices = 0;
}

static void walk_run(struct walk *walk, struct job *job)
{
    PMIDL_STUB_MESSAGE msg = walk->msg;

    job->walk = walk;
    job->finished = FALSE;
    job->saved_memory = msg->Memory;
    walk->result = walk->purpose == UNMARSHAL ? (unsigned char *)job->pointer : NULL;
    walk->before = walk->result ? load_pointer(walk->result) : NULL;
    walk->quiet = is_quiet(walk, job->format) && !msg->pAllocAllNodesContext;
    if (walk->quiet) {
        walk_body(job);
        msg->Memory = job->saved_memory;
        return;
    }
    if (msg->uFlags >= MAX_NESTING)
        walk_bad();
    msg->uFlags++;
    os_finally(walk_body, walk_end, job);
}

/* Apart from what tries to do without, for it takes some KiB of stack. */
__attribute__((noinline)) static void walk_out(PMIDL_STUB_MESSAGE msg, enum purpose purpose,
                                               unsigned char *memory, PFORMAT_STRING format)
{
    struct walk walk;
    struct job job = {.memory = memory, .format = format};

    walk_begin(&walk, msg, purpose);
    walk_run(&walk, &job);
}

__attribute__((noinline)) static void walk_in(PMIDL_STUB_MESSAGE msg, unsigned char **memory,
                                              PFORMAT_STRING format, unsigned char must_alloc)
{
    struct walk walk;
    struct job job = {.pointer = memory, .format = format, .must_alloc = must_alloc};

    walk_begin(&walk, msg, UNMARSHAL);
    if (must_alloc)
        walk.in_place = FALSE;
    walk_run(&walk, &job);
}

unsigned char *ndr_marshal(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    if (!direct_marshal(msg, memory, format))
        walk_out(msg, MARSHAL, memory, format);
    return NULL;
}

unsigned char *ndr_unmarshal(PMIDL_STUB_MESSAGE msg, unsigned char **memory, PFORMAT_STRING format,
                             unsigned char must_alloc)
{
    if (!direct_unmarshal(msg, memory, format, must_alloc))
        walk_in(msg, memory, format, must_alloc);
    return NULL;
}

void ndr_size(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    if (!direct_size(msg, memory, format))
        walk_out(msg, MEASURE, memory, format);
}

void ndr_free(PMIDL_STUB_MESSAGE msg, unsigned char *memory, PFORMAT_STRING format)
{
    if (memory && !direct_free(msg, memory, format))
        walk_out(msg, FREE, memory, format);
}

ULONG ndr_memory_size(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    struct walk walk;
    struct job job = {.format = format};

    walk_begin(&walk, msg, SKIM);
    walk_run(&walk, &job);
    return msg->MemorySize;
}

void ndr_convert_type(PMIDL_STUB_MESSAGE msg, PFORMAT_STRING format)
{
    struct walk walk;
    struct job job = {.format = format};

    walk_begin(&walk, msg, CONVERT);
    walk.swap = msg->RpcMsg->DataRepresentation;
    walk_run(&walk, &job);
}
