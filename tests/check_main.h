/*
 * What the generated main of the unit tests is made of: every suite in one runner, Check's own summary line,
 * then the project's total line.
 */
#include <check.h>
#include <stdio.h>

#define SUITE(name) Suite *suite_##name(void);
#define MAIN_BEGIN                                                                                           \
    int main(void)                                                                                           \
    {                                                                                                        \
        SRunner *runner = srunner_create(NULL);                                                              \
        int failed;
#define ADD(name) srunner_add_suite(runner, suite_##name());
#define MAIN_END                                                                                             \
    srunner_run_all(runner, CK_NORMAL);                                                                      \
    failed = srunner_ntests_failed(runner);                                                                  \
    printf("%d passed, %d failed\n", srunner_ntests_run(runner) - failed, failed);                           \
    srunner_free(runner);                                                                                    \
    return failed != 0;                                                                                      \
    }
