/*
 * Enough of Check to run the suites of ndr/ as a 32-bit program, where pointers are as long as their
 * identifiers on the wire: Debian's libcheck exists for the host's own architecture only. A failed assertion
 * ends the program.
 */
#ifndef M32_CHECK_H
#define M32_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tcase {
    void (*setup)(void), (*teardown)(void);
    unsigned run;
} TCase, Suite;

#define START_TEST(name)                                                                                     \
    static void name(int _i)                                                                                 \
    {                                                                                                        \
        (void)_i;
#define END_TEST }

#define ck_assert_msg(condition, ...)                                                                        \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                                  \
            fprintf(stderr, "" __VA_ARGS__);                                                                 \
            fputc('\n', stderr);                                                                             \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)
#define ck_assert(condition) ck_assert_msg(condition, " ")
#define CK_COMPARE(a, op, b)                                                                                 \
    ck_assert_msg((long long)(a)op(long long)(b), "%lld, %lld", (long long)(a), (long long)(b))
#define ck_assert_int_eq(a, b)    CK_COMPARE(a, ==, b)
#define ck_assert_int_ne(a, b)    CK_COMPARE(a, !=, b)
#define ck_assert_uint_eq(a, b)   CK_COMPARE(a, ==, b)
#define ck_assert_uint_lt(a, b)   CK_COMPARE(a, <, b)
#define ck_assert_uint_le(a, b)   CK_COMPARE(a, <=, b)
#define ck_assert_uint_ge(a, b)   CK_COMPARE(a, >=, b)
#define ck_assert_ptr_eq(a, b)    ck_assert((const void *)(a) == (const void *)(b))
#define ck_assert_ptr_null(a)     ck_assert(!(a))
#define ck_assert_ptr_nonnull(a)  ck_assert((a) != NULL)
#define ck_assert_str_eq(a, b)    ck_assert(!strcmp(a, b))
#define ck_assert_mem_eq(a, b, n) ck_assert(!memcmp(a, b, n))

static inline TCase *tcase_create(const char *name)
{
    (void)name;
    return calloc(1, sizeof(TCase));
}

#define suite_create(name)                         tcase_create(name)
#define suite_add_tcase(suite, tests)              ((suite)->run += (tests)->run, free(tests))
#define tcase_set_timeout(tests, seconds)          ((void)0)
#define tcase_add_checked_fixture(tests, up, down) ((tests)->setup = (up), (tests)->teardown = (down))
#define tcase_add_test(tests, test)                tcase_add_loop_test(tests, test, 0, 1)

static inline void tcase_add_loop_test(TCase *tests, void (*test)(int i), int from, int to)
{
    for (; from < to; from++, tests->run++) {
        if (tests->setup)
            tests->setup();
        test(from);
        if (tests->teardown)
            tests->teardown();
    }
}

#endif
