/* The least that physics/network.h asks of a network: free spins, whose free energy per spin is -T ln 2.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/third_network/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>

enum { FREE_ENERGY, STATUS };

static const struct quantity quantities[] = {
	[FREE_ENERGY] = {"f", .long_name = "-T ln 2", .type = REAL, .per = PER_BRANCH},
	[STATUS] = {"status",
                    .long_name = "what became of the branch",
                    .type = FLAG,
                    .per = PER_BRANCH,
                    .role = ROLE_STATUS,
                    .flags = status_flags},
	{0}};

static int check(const struct params *p, struct fault *fault)
{
	(void)p;
	(void)fault;
	return 0;
}

static int branches(const struct params *p, const struct solve_options *options,
                    const char *names[MAX_BRANCHES])
{
	(void)p;
	(void)options;
	names[0] = "free";
	return 1;
}

static int solve_row(struct average *average, const struct params *p, const struct solve_options *options,
                     const struct tick *tick, struct row *row)
{
	(void)average;
	(void)options;
	(void)tick;
	for (int i = 0; i < row->points; i++) {
		((double *)row->column[FREE_ENERGY])[i] = -p[i].T * log(2);
		((int8_t *)row->column[STATUS])[i] = CONVERGED;
	}
	return GSL_SUCCESS;
}

const struct network minimal_network = {.name = "minimal",
                                        .quantities = quantities,
                                        .check = check,
                                        .branches = branches,
                                        .solve_row = solve_row};
