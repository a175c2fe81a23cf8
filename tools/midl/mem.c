/* Memory of the IDL compiler: an arena that is never given back, interned names, growing text. */
#include "midl.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK (256 * 1024)

struct chunk {
    struct chunk *next;
    max_align_t data[];
};
static struct chunk *chunks;
static char *arena;
static size_t arena_left;

static void *new_chunk(size_t size)
{
    struct chunk *c = calloc(1, sizeof(*c) + size);

    if (!c) {
        fputs("midl: error: out of memory\n", stderr);
        exit(2);
    }
    c->next = chunks;
    chunks = c;
    return c->data;
}

void *mem_alloc(size_t size)
{
    char *p;

    size = (size + 15) & ~(size_t)15;
#ifdef MIDL_FUZZ /* each by itself, so that ASan sees every overrun */
    return new_chunk(size);
#endif
    if (size > CHUNK / 4)
        return new_chunk(size);
    if (size > arena_left) {
        arena = new_chunk(CHUNK);
        arena_left = CHUNK;
    }
    p = arena;
    arena += size;
    arena_left -= size;
    return p;
}

void *mem_extend(void *old, size_t old_size, size_t new_size)
{
    void *p = mem_alloc(new_size);

    if (old_size)
        memcpy(p, old, old_size);
    return p;
}

char *mem_print(const char *fmt, ...)
{
    va_list ap;
    int len;
    char *p;

    va_start(ap, fmt);
    len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    p = mem_alloc(len + 1);
    va_start(ap, fmt);
    vsnprintf(p, len + 1, fmt, ap);
    va_end(ap);
    return p;
}

struct name {
    struct name *next;
    size_t len;
    char text[];
};
static struct name *names[4096];

const char *intern(const char *text, size_t len)
{
    unsigned hash = 2166136261u;
    struct name *n;
    size_t i;

    for (i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    for (n = names[hash % 4096]; n; n = n->next)
        if (n->len == len && !memcmp(n->text, text, len))
            return n->text;
    n = mem_alloc(sizeof(*n) + len + 1);
    n->len = len;
    memcpy(n->text, text, len);
    n->next = names[hash % 4096];
    names[hash % 4096] = n;
    return n->text;
}

const char *intern_z(const char *text)
{
    return intern(text, strlen(text));
}

void text_write(struct text *t, const void *data, size_t len)
{
    if (t->len + len + 1 > t->cap) {
        t->cap = (t->len + len + 1) * 2;
        t->data = mem_extend(t->data, t->len, t->cap);
    }
    memcpy(t->data + t->len, data, len);
    t->len += len;
    t->data[t->len] = 0;
}

void text_add(struct text *t, const char *fmt, ...)
{
    char small[256], *buf = small;
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (len >= (int)sizeof(small)) {
        buf = mem_alloc(len + 1);
        va_start(ap, fmt);
        vsnprintf(buf, len + 1, fmt, ap);
        va_end(ap);
    }
    text_write(t, buf, len);
}

void mem_reset(void)
{
    struct chunk *next;

    memset(names, 0, sizeof(names));
    arena_left = 0;
    for (; chunks; chunks = next) {
        next = chunks->next;
        free(chunks);
    }
}
