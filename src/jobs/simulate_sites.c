/* What a simulation tells of single replicas and sites; the contract is in simulate_report.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "src/jobs/simulate_report.h"

/* A variable of /solutions on the axes of the grid, sample, start and, of several numbers, extra. */
static void add_solution(struct report *r, const char *name, enum dataset_type type, const void *data, const char *extra,
                         const char *long_name, const char *const *flags)
{
	char path[80];
	int rank = r->s->grid->axes;

	r->dims[rank++] = "sample";
	r->dims[rank++] = "start";
	if (extra)
		r->dims[rank++] = extra;
	snprintf(path, sizeof path, "/solutions/%s", name);
	if (r->dataset && data)
		store_variable(r->dataset, path, type, rank, r->dims, data, type == DATASET_DOUBLE ? "1" : NULL, long_name, flags);
}

/* `length` numbers of every replica or start, `first` doubles behind offset(shape, replica) in the answer. */
static double *collect(struct report *r, size_t (*offset)(const struct record_shape *, int), size_t first, size_t length)
{
	const struct record_shape *shape = &r->s->shape;
	size_t starts = (size_t)shape->replicas, count = r->points * r->samples * starts;
	double *x = report_keep(r->columns, count * length, sizeof *x);

	for (size_t i = 0; x && i < count; i++) {
		const double *a = report_answer(r, i / starts / r->samples, i / starts % r->samples);
		memcpy(x + i * length, a + offset(shape, (int)(i % starts)) + first, length * sizeof *x);
	}
	return x;
}

void report_magnetisations(struct report *r)
{
	int rank = r->s->grid->axes;
	double *m = collect(r, record_offset_magnetisations, 0, (size_t)r->s->shape.sites);

	r->dims[rank] = "sample";
	r->dims[rank + 1] = "replica";
	r->dims[rank + 2] = "spin";
	if (r->dataset && m)
		store_variable(r->dataset, "/samples/magnetisation", DATASET_DOUBLE, rank + 3, r->dims, m, "1",
		               "mean of each spin over the measured sweeps; NaN beyond N and for replicas that are not averaged", NULL);
}

void report_solutions(struct report *r)
{
	static const char *const no_yes[] = {"no", "yes", NULL};
	static const struct {
		enum solution what;
		const char *name, *long_name;
	} number[] = {{SOLUTION_RESIDUAL, "residual", "largest residual of the TAP equations"},
	              {SOLUTION_Q, "q", "(1/N) sum m_i^2"},
	              {SOLUTION_FREE_ENERGY, "free_energy", "free energy per spin at the m_i, of the chosen order"},
	              {SOLUTION_ENERGY, "energy", "energy per spin u, f = u - T s"}};
	const struct record_shape *shape = &r->s->shape;
	const size_t patterns = r->patterns, count = r->points * r->samples * (size_t)shape->replicas;
	const char *pattern = patterns > 1 ? "pattern" : NULL;
	double *converged = collect(r, record_offset_solution, SOLUTION_CONVERGED, 1);
	double *iterations = collect(r, record_offset_solution, SOLUTION_ITERATIONS, 1);
	int8_t *flag = report_keep(r->columns, count, sizeof *flag);
	int32_t *whole = report_keep(r->columns, count, sizeof *whole);

	for (size_t i = 0; converged && iterations && flag && whole && i < count; i++) {
		flag[i] = converged[i] == 1;
		whole[i] = (int32_t)fmin(iterations[i], INT32_MAX);
	}
	add_solution(r, "converged", DATASET_INT8, flag, NULL, "else the numbers are what the iteration reached", no_yes);
	add_solution(r, "iterations", DATASET_INT32, whole, NULL, "steps of the iteration", NULL);
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		add_solution(r, number[i].name, DATASET_DOUBLE, collect(r, record_offset_solution, number[i].what, 1), NULL,
		             number[i].long_name, NULL);
	add_solution(r, "m", DATASET_DOUBLE, collect(r, record_offset_solution, SOLUTION_M, patterns), pattern,
	             "overlap with the pattern, (1/N) sum xi_i m_i", NULL);
	add_solution(r, "n", DATASET_DOUBLE, collect(r, record_offset_solution, SOLUTION_M + patterns, patterns), pattern,
	             "overlap with the mean of the examples, normalised as in the theory", NULL);
	if (shape->sites)
		add_solution(r, "magnetisation", DATASET_DOUBLE,
		             collect(r, record_offset_magnetisations, 0, (size_t)shape->sites), "spin",
		             "m_i; NaN beyond N", NULL);
	report_head(r, ANSWER_FREE_ENERGY, "free_energy", "TAP free energy per spin, mean over converged starts", true);
	report_head(r, ANSWER_ITERATIONS, "iterations", "mean over converged starts", true);
	report_head(r, ANSWER_CONVERGED, "converged", "share of the starts that converged; averaged are these", true);
}
