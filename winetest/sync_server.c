/* The manager routines of test_sync and test_implicit: plain arithmetic on what came, so that the client can
 * check it. */
#include "fixture.h"
#include "test_implicit.h"
#include "test_sync.h"

void (*volatile sync_hook_routine)(handle_t binding, long what);

void s_sync_null(handle_t h)
{
    (void)h;
}

LONG s_sync_add(handle_t h, LONG a, LONG b)
{
    (void)h;
    return a + b;
}

void s_sync_base_in(handle_t h, boolean t, byte b, unsigned char c, small i8, short i16, LONG i32, hyper i64,
                    float f, double d, wchar_t w, unsigned char u8, unsigned short u16, ULONG u32,
                    MIDL_uhyper u64, hyper *sum)
{
    (void)h;
    *sum = (t ? 1 : 0) + b + c + i8 + i16 + i32 + i64 + (hyper)f + (hyper)d + w + u8 + u16 + u32 + (hyper)u64;
}

void s_sync_base_out(handle_t h, boolean *t, byte *b, unsigned char *c, small *i8, short *i16, LONG *i32,
                     hyper *i64, float *f, double *d, wchar_t *w)
{
    (void)h;
    *t = 1;
    *b = 0xfe;
    *c = 'x';
    *i8 = -8;
    *i16 = -16000;
    *i32 = -2000000000;
    *i64 = -0x123456789abcdefLL;
    *f = -1.5f;
    *d = 3.0e300;
    *w = 0x20ac;
}

void s_sync_base_inout(handle_t h, byte *b, short *i16, LONG *i32, hyper *i64, float *f, double *d)
{
    (void)h;
    *b = (byte) ~*b;
    *i16 = (short)-*i16;
    *i32 = -*i32;
    *i64 = -*i64;
    *f = -*f;
    *d = -*d;
}

void s_sync_negate(handle_t h, hyper v, hyper *n)
{
    (void)h;
    *n = -v;
}

LONG s_sync_compare(handle_t h, float f, double d)
{
    (void)h;
    return f < d ? -1 : f > d;
}

short s_sync_return_short(handle_t h, short v)
{
    (void)h;
    return v;
}

byte s_sync_return_byte(handle_t h, byte v)
{
    (void)h;
    return v;
}

sync_color s_sync_next_color(handle_t h, sync_color c, sync_color *p, sync_color *q)
{
    (void)h;
    *q = *p;
    *p = c;
    return SYNC_BLUE;
}

LONG s_sync_pair_in(handle_t h, sync_pair *p)
{
    (void)h;
    return p->a - p->b;
}

void s_sync_pair_out(handle_t h, LONG a, LONG b, sync_pair *p)
{
    (void)h;
    p->a = a;
    p->b = b;
}

void s_sync_pair_inout(handle_t h, sync_pair *p)
{
    LONG a = p->a;

    (void)h;
    p->a = p->b;
    p->b = a;
}

LONG s_sync_pair_unique(handle_t h, sync_pair *p)
{
    (void)h;
    return p ? p->a + p->b : -1;
}

void s_sync_mixed_in(handle_t h, sync_mixed *p, double *sum)
{
    (void)h;
    *sum = p->b + (double)p->h + p->s + p->d + p->c + p->f;
}

void s_sync_mixed_inout(handle_t h, sync_mixed *p)
{
    (void)h;
    p->b = (byte)(p->b + 1);
    p->h += 1;
    p->s = (short)(p->s + 1);
    p->d += 1;
    p->c = (unsigned char)(p->c + 1);
    p->f += 1;
}

LONG s_sync_string_a(handle_t h, const unsigned char *s)
{
    (void)h;
    return (LONG)strlen((const char *)s);
}

LONG s_sync_string_w(handle_t h, const wchar_t *s)
{
    (void)h;
    return (LONG)wcslen(s);
}

LONG s_sync_string_unique(handle_t h, const wchar_t *s)
{
    (void)h;
    return s ? (LONG)wcslen(s) : -1;
}

void s_sync_string_inout(handle_t h, wchar_t *s)
{
    (void)h;
    for (; *s; s++)
        if (*s >= 'a' && *s <= 'z')
            *s = (wchar_t)(*s - 'a' + 'A');
}

void s_sync_string_out(handle_t h, LONG n, wchar_t **s)
{
    (void)h;
    *s = NULL;
    if (n < 0)
        return;
    *s = midl_user_allocate((n + 1) * sizeof(wchar_t));
    for (LONG i = 0; i < n; i++)
        (*s)[i] = (wchar_t)('a' + i % 26);
    (*s)[n] = 0;
}

LONG s_sync_unique_in(handle_t h, LONG *p)
{
    (void)h;
    return p ? *p : -1;
}

void s_sync_unique_inout(handle_t h, LONG *p)
{
    (void)h;
    if (p)
        *p = -*p;
}

void s_sync_ref_unique(handle_t h, LONG make, LONG **p)
{
    (void)h;
    if (!make) {
        *p = NULL;
        return;
    }
    if (!*p)
        *p = midl_user_allocate(sizeof(**p));
    **p = make;
}

LONG s_sync_fixed_in(handle_t h, LONG a[16])
{
    LONG sum = 0;

    (void)h;
    for (int i = 0; i < 16; i++)
        sum += a[i] * (i + 1);
    return sum;
}

void s_sync_fixed_out(handle_t h, LONG first, short a[16])
{
    (void)h;
    for (int i = 0; i < 16; i++)
        a[i] = (short)(first + i);
}

void s_sync_fixed_inout(handle_t h, double a[4])
{
    (void)h;
    for (int i = 0; i < 4; i++)
        a[i] *= 2;
}

LONG s_sync_array_in(handle_t h, LONG n, LONG *a)
{
    LONG sum = 0;

    (void)h;
    for (LONG i = 0; i < n; i++)
        sum += a[i];
    return sum;
}

void s_sync_array_out(handle_t h, LONG n, LONG *a)
{
    (void)h;
    for (LONG i = 0; i < n; i++)
        a[i] = i * i;
}

void s_sync_array_inout(handle_t h, LONG n, hyper *a)
{
    (void)h;
    for (LONG i = 0; i < n / 2; i++) {
        hyper t = a[i];
        a[i] = a[n - 1 - i];
        a[n - 1 - i] = t;
    }
}

LONG s_sync_array_unique(handle_t h, LONG n, short *a)
{
    (void)h;
    return a ? a[n - 1] : -1;
}

ULONG s_sync_bytes_in(handle_t h, LONG n, byte *data)
{
    ULONG sum = 1;

    (void)h;
    for (LONG i = 0; i < n; i++)
        sum = sum * 31 + data[i];
    return sum;
}

void s_sync_bytes_out(handle_t h, LONG n, ULONG seed, byte *data)
{
    (void)h;
    for (LONG i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (byte)(seed >> 24);
    }
}

void s_sync_pairs_in(handle_t h, LONG n, sync_pair *p, hyper *sum)
{
    *sum = 0;

    (void)h;
    for (LONG i = 0; i < n; i++)
        *sum += (hyper)p[i].a * p[i].b;
}

void s_sync_hook(handle_t h, LONG what)
{
    if (sync_hook_routine)
        sync_hook_routine(h, what);
}

void s_sync_raise(handle_t h, ULONG code)
{
    (void)h;
    RpcRaiseException(code);
}

void s_sync_object(handle_t h, sync_uuid *object)
{
    UUID uuid;

    if (RpcBindingInqObject(h, &uuid))
        UuidCreateNil(&uuid);
    memcpy(object, &uuid, sizeof(uuid));
}

LONG s_sync_who(handle_t h)
{
    (void)h;
    return 0;
}

LONG s_implicit_add(LONG a, LONG b)
{
    return a + b;
}

void s_implicit_null(void)
{
}
