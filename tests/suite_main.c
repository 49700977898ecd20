/* The main function of the suites that have none of their own.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/suite.h"

#include <stdlib.h>

int main(void)
{
	return suite_run(CK_FORK_GETENV, CK_NORMAL) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
