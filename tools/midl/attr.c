/* The table of attributes and lists of them. */
#include "midl.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned where;
} table[] = {
    {"", 0},
#define ATTR(id, name, where) {name, where},
#include "attrs.def"
#undef ATTR
};

enum attr_id attr_lookup(const char *name)
{
    int i;

    for (i = 1; i < A_COUNT; i++)
        if (!strcmp(table[i].name, name))
            return i;
    return A_NONE;
}

unsigned attr_where(enum attr_id id)
{
    return table[id].where;
}

struct attr *attr_find(struct attr *list, enum attr_id id)
{
    for (; list; list = list->next)
        if (list->id == id)
            return list;
    return NULL;
}

struct attr *attr_append(struct attr *a, struct attr *b)
{
    struct attr *last;

    if (!a)
        return b;
    for (last = a; last->next; last = last->next)
        ;
    last->next = b;
    return a;
}

struct arg *attr_arg(struct attr *a, int n)
{
    struct arg *arg = a->args;

    while (arg && n--)
        arg = arg->next;
    return arg;
}
