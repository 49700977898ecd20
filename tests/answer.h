/* A row of the dense network, solved into memory of its own.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_ANSWER_H
#define TESTS_ANSWER_H

#include "physics/dense/equations.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct answer {
	struct row row;
	const char *branch[MAX_BRANCHES];
	void *memory[MAX_QUANTITIES];
};

static inline void answer_solve(struct answer *a, struct average *average, struct solve_options options,
                                const struct params *p, int points)
{
	options.tolerance = 1e-10;
	a->row = (struct row){.points = points,
	                      .branches = dense_network.branches(p, &options, a->branch),
	                      .patterns = 1,
	                      .groups = dense_network.groups(p, &options)};
	for (int i = 0; dense_network.quantities[i].name; i++) {
		const struct quantity *q = &dense_network.quantities[i];
		size_t n = quantity_count(q, &a->row);
		a->memory[i] = a->row.column[i] = calloc(n + 1, quantity_size(q));
		for (size_t k = 0; q->type == REAL && k < n; k++)
			((double *)a->row.column[i])[k] = NAN;
	}
	ck_assert_int_eq(dense_network.solve_row(average, p, &options, NULL, &a->row), GSL_SUCCESS);
}

static inline void answer_free(struct answer *a)
{
	for (int i = 0; dense_network.quantities[i].name; i++)
		free(a->memory[i]);
}

static inline int answer_column(const char *name)
{
	for (int i = 0; dense_network.quantities[i].name; i++)
		if (strcmp(dense_network.quantities[i].name, name) == 0)
			return i;
	ck_abort_msg("no quantity %s", name);
	return -1;
}

static inline int answer_branch(const struct answer *a, const char *name)
{
	for (int i = 0; i < a->row.branches; i++)
		if (strcmp(a->branch[i], name) == 0)
			return i;
	ck_abort_msg("no branch %s", name);
	return -1;
}

static inline double answer_value(const struct answer *a, const char *name, int point, int branch)
{
	return ((double *)a->row.column[answer_column(name)])[a->row.branches * point + branch];
}

static inline enum status answer_status(const struct answer *a, int point, int branch)
{
	return (enum status)(
		(int8_t *)a->row.column[answer_column("status")])[a->row.branches * point + branch];
}

static inline const char *answer_phase(const struct answer *a, int point)
{
	int column = answer_column("phase");
	return dense_network.quantities[column].flags[((int8_t *)a->row.column[column])[point]];
}

#endif
