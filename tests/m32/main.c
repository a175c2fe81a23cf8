/*
 * The suites of ndr/ in a 32-bit program; see check.h.
 */
#include <check.h>

Suite *suite_ndr_basic(void);
Suite *suite_ndr_layout(void);
Suite *suite_ndr_random(void);
Suite *suite_ndr_rare(void);
Suite *suite_ndr_represent(void);
Suite *suite_ndr_special(void);
Suite *suite_ndr_types(void);

int main(void)
{
    Suite *(*const suites[])(void) = {suite_ndr_basic, suite_ndr_layout,    suite_ndr_random,
                                      suite_ndr_rare,  suite_ndr_represent, suite_ndr_special,
                                      suite_ndr_types};
    unsigned run = 0, i;

    for (i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
        Suite *suite = suites[i]();

        run += suite->run;
        free(suite);
    }
    printf("%u passed, 0 failed (32 bits)\n", run);
    return 0;
}
