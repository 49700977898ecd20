/* What all suites share.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch[] = "/tmp/mattis-suite.XXXXXX";
static pid_t owner; /* the tests are children, which exit too */

static void remove_scratch(void)
{
	if (getpid() == owner)
		rmdir(scratch);
}

void suite_enter_scratch(void)
{
	if (!mkdtemp(scratch) || chdir(scratch)) {
		perror(scratch);
		exit(EXIT_FAILURE);
	}
	owner = getpid();
	atexit(remove_scratch);
}

TCase *suite_case(Suite *suite, const char *name, double timeout)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, timeout);
	suite_add_tcase(suite, tcase);
	return tcase;
}

int suite_run(enum fork_status fork, enum print_output output)
{
	Suite *suite = suite_create(program_invocation_short_name);

	suite_fill(suite);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, fork);
	srunner_run_all(runner, output);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}
