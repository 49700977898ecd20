/* One main function for all Check suites.  A suite is a file check_NAME.c that defines suite_fill(); its
 * program is linked with libsuite.a, whose main() runs it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_TESTS_SUITE_H
#define MATTIS_TESTS_SUITE_H

#include <check.h>

/* Defined by each suite: adds its test cases. */
void suite_fill(Suite *);

/* Creates a test case in the suite; a test that takes longer than `timeout` seconds fails. */
TCase *suite_case(Suite *, const char *name, double timeout);

/* Makes a temporary folder, enters it, and removes it at the end of the program.  To be called in
 * suite_fill(); tests remove what they write.  Ends the program if the folder cannot be made. */
void suite_enter_scratch(void);

/* Runs the tests; the number of failed ones.  Only for suites with a main function of their own. */
int suite_run(enum fork_status, enum print_output);

#endif
