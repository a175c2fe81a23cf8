/*
 * How many instances of a pipe this process has made.
 *
 * A listener has to know whether the name is somebody's. Connections that outlive their listener are
 * instances too, and make nobody a listener: what there are beyond our own is another process's.
 *
 * One lock, below all others but the heap's.
 */
#include "pipe.h"
#include <winnls.h>

struct pipe_name {
    struct pipe_name *next;
    unsigned instances;
    WCHAR path[PIPE_PATH_MAX];
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct pipe_name *names;

struct pipe_name *pipe_name_add(const WCHAR *path)
{
    struct pipe_name *name;

    AcquireSRWLockExclusive(&lock);
    for (name = names; name; name = name->next)
        if (CompareStringOrdinal(name->path, -1, path, -1, TRUE) == CSTR_EQUAL)
            break;
    if (!name && (name = os_alloc_zero(sizeof(*name)))) {
        wcscpy(name->path, path);
        name->next = names;
        names = name;
    }
    if (name)
        name->instances++;
    ReleaseSRWLockExclusive(&lock);
    return name;
}

void pipe_name_remove(struct pipe_name *name)
{
    struct pipe_name **at = &names;

    AcquireSRWLockExclusive(&lock);
    if (!--name->instances) {
        while (*at != name)
            at = &(*at)->next;
        *at = name->next;
        os_free(name);
    }
    ReleaseSRWLockExclusive(&lock);
}

BOOL pipe_name_is_shared(const struct pipe_name *name, HANDLE file)
{
    unsigned own;
    DWORD all;

    AcquireSRWLockShared(&lock);
    own = name->instances; /* asked first: an instance is closed before it is taken off */
    ReleaseSRWLockShared(&lock);
    return GetNamedPipeHandleStateW(file, NULL, &all, NULL, NULL, NULL, 0) && all > own;
}
