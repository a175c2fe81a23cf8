/*
 * The tables of full pointers (rpcndr.h: FULL_PTR_XLAT_TABLES): memory address to referent identifier and
 * back, with what happened to each so far. Identifiers that come over the wire may be any number, so both
 * ways are hash tables over one pool of entries. A call owns its tables; nothing is locked.
 */
#include "fullptr.h"
#include <string.h>

struct entry {
    void *pointer;
    ULONG reference;
    ULONG elements;                           /* of a conformant referent */
    PFORMAT_STRING type;                      /* of the referent, once it came */
    ULONG next_by_pointer, next_by_reference; /* index + 1; 0: end */
    unsigned char state;
};

struct tables {
    FULL_PTR_XLAT_TABLES public; /* first: what the stub's message points to */
    struct entry *entry;
    ULONG count, capacity;
    ULONG *by_pointer, *by_reference; /* buckets: index + 1 */
    ULONG buckets;
};

static struct tables *tables_of(PFULL_PTR_XLAT_TABLES public)
{
    if (!public)
        ndr_raise(RPC_S_INTERNAL_ERROR);
    return (struct tables *)public;
}

static ULONG pointer_bucket(const struct tables *tables, const void *pointer)
{
    ULONGLONG hash = (ULONG_PTR)pointer * 0x9e3779b97f4a7c15ull;

    return (ULONG)(hash >> 40) & (tables->buckets - 1);
}

static ULONG reference_bucket(const struct tables *tables, ULONG reference)
{
    return reference * 0x9e3779b1u >> 8 & (tables->buckets - 1);
}

static void link_pointer(struct tables *tables, ULONG index)
{
    ULONG *bucket = &tables->by_pointer[pointer_bucket(tables, tables->entry[index].pointer)];

    tables->entry[index].next_by_pointer = *bucket;
    *bucket = index + 1;
}

static void link_reference(struct tables *tables, ULONG index)
{
    ULONG *bucket = &tables->by_reference[reference_bucket(tables, tables->entry[index].reference)];

    tables->entry[index].next_by_reference = *bucket;
    *bucket = index + 1;
}

static void grow(struct tables *tables)
{
    ULONG capacity = tables->capacity ? tables->capacity * 2 : 16, i;
    struct entry *entry = os_realloc(tables->entry, capacity * sizeof(*entry));
    ULONG *buckets;

    if (!entry)
        ndr_raise(RPC_S_OUT_OF_MEMORY);
    tables->entry = entry;
    buckets = os_alloc_zero(2 * capacity * sizeof(*buckets));
    if (!buckets)
        ndr_raise(RPC_S_OUT_OF_MEMORY);
    os_free(tables->by_pointer);
    tables->by_pointer = buckets;
    tables->by_reference = buckets + capacity;
    tables->buckets = tables->capacity = capacity;
    for (i = 0; i < tables->count; i++) {
        if (tables->entry[i].pointer)
            link_pointer(tables, i);
        link_reference(tables, i);
    }
}

static struct entry *add(struct tables *tables, void *pointer, ULONG reference)
{
    ULONG index;

    if (tables->count == tables->capacity)
        grow(tables);
    index = tables->count++;
    tables->entry[index] = (struct entry){.pointer = pointer, .reference = reference};
    if (pointer)
        link_pointer(tables, index);
    link_reference(tables, index);
    if (reference >= tables->public.NextRefId)
        tables->public.NextRefId = reference + 1;
    return &tables->entry[index];
}

static struct entry *find_pointer(struct tables *tables, const void *pointer)
{
    ULONG index = tables->buckets ? tables->by_pointer[pointer_bucket(tables, pointer)] : 0;

    while (index && tables->entry[index - 1].pointer != pointer)
        index = tables->entry[index - 1].next_by_pointer;
    return index ? &tables->entry[index - 1] : NULL;
}

static struct entry *find_reference(struct tables *tables, ULONG reference)
{
    ULONG index = tables->buckets ? tables->by_reference[reference_bucket(tables, reference)] : 0;

    while (index && tables->entry[index - 1].reference != reference)
        index = tables->entry[index - 1].next_by_reference;
    return index ? &tables->entry[index - 1] : NULL;
}

/* Tables for a call; side is XLAT_CLIENT or XLAT_SERVER, number a guess at how many. Raises when short of
 * memory. */
PFULL_PTR_XLAT_TABLES RPC_ENTRY NdrFullPointerXlatInit(ULONG number, XLAT_SIDE side)
{
    struct tables *tables = os_alloc_zero(sizeof(*tables));

    (void)number;
    if (!tables)
        ndr_raise(RPC_S_OUT_OF_MEMORY);
    tables->public.NextRefId = 1;
    tables->public.XlatSide = side;
    return &tables->public;
}

void RPC_ENTRY NdrFullPointerXlatFree(PFULL_PTR_XLAT_TABLES public)
{
    struct tables *tables = (struct tables *)public;

    if (!tables)
        return;
    os_free(tables->entry);
    os_free(tables->by_pointer);
    os_free(tables);
}

static int mark(struct entry *entry, unsigned char query)
{
    int was = query && (entry->state & query) == query;

    entry->state |= query;
    return was;
}

/* Gives the pointer's identifier, a new one where it had none, and whether it was queried like this before. A
 * NULL pointer has the identifier 0 and counts as seen. */
int RPC_ENTRY NdrFullPointerQueryPointer(PFULL_PTR_XLAT_TABLES public, void *pointer, unsigned char query,
                                         ULONG *reference)
{
    struct tables *tables = tables_of(public);
    struct entry *entry;

    *reference = 0;
    if (!pointer)
        return 1;
    entry = find_pointer(tables, pointer);
    if (!entry)
        entry = add(tables, pointer, tables->public.NextRefId ? tables->public.NextRefId : 1);
    *reference = entry->reference;
    return mark(entry, query);
}

/* Gives the address that an identifier stands for (NULL: not known yet), and whether it was queried like this
 * before. */
int RPC_ENTRY NdrFullPointerQueryRefId(PFULL_PTR_XLAT_TABLES public, ULONG reference, unsigned char query,
                                       void **pointer)
{
    struct tables *tables = tables_of(public);
    struct entry *entry;

    if (pointer)
        *pointer = NULL;
    if (!reference)
        return 1;
    entry = find_reference(tables, reference);
    if (!entry)
        entry = add(tables, NULL, reference);
    if (pointer)
        *pointer = entry->pointer;
    return mark(entry, query);
}

BOOLEAN full_pointer_same(PFULL_PTR_XLAT_TABLES public, ULONG reference, PFORMAT_STRING type, ULONG count)
{
    struct entry *entry = find_reference(tables_of(public), reference);

    if (!entry)
        return FALSE;
    if (!entry->type) {
        entry->type = type;
        entry->elements = count;
    }
    /* Simple types stand in each pointer's own description. */
    return entry->elements == count &&
           (entry->type == type || (*entry->type == *type && (ndr_base_wire(*type) || type[1] == FC_PAD)));
}

void RPC_ENTRY NdrFullPointerInsertRefId(PFULL_PTR_XLAT_TABLES public, ULONG reference, void *pointer)
{
    struct tables *tables = tables_of(public);
    struct entry *entry = find_reference(tables, reference);

    if (!entry) {
        add(tables, pointer, reference);
        return;
    }
    if (entry->pointer == pointer)
        return;
    if (entry->pointer)
        ndr_raise(RPC_X_BAD_STUB_DATA);
    entry->pointer = pointer;
    link_pointer(tables, (ULONG)(entry - tables->entry));
}

/* Whether the pointer is still to be freed: TRUE once. */
int RPC_ENTRY NdrFullPointerFree(PFULL_PTR_XLAT_TABLES public, void *pointer)
{
    ULONG reference;

    return pointer && !NdrFullPointerQueryPointer(public, pointer, FULL_POINTER_FREED, &reference);
}
