/*
 * The suites of ndr/ in a 32-bit program; see check.h. Which ones: SUITES, a list of X(name) from ndr.mk.
 */
#include <check.h>

#define X(name) Suite *suite_ndr_##name(void);
SUITES
#undef X

int main(void)
{
#define X(name) suite_ndr_##name,
    Suite *(*const suites[])(void) = {SUITES};
    unsigned run = 0, i;

    for (i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
        Suite *suite = suites[i]();

        run += suite->run;
        free(suite);
    }
    printf("%u passed, 0 failed (32 bits)\n", run);
    return 0;
}
