/* The results of a simulation for single replicas and spins.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "src/jobs/simulate_report.h"

/* Returns replica i's part of the results, replicas counted over all points and samples. */
static const double *part_of(const struct simulate_average *a, size_t i,
                             size_t (*offset)(const struct record_shape *, int replica))
{
	const struct record_shape *shape = &a->s->shape;
	const size_t replicas = (size_t)shape->replicas, sample = i / replicas;

	return simulate_average_result(a, sample / a->samples, sample % a->samples) +
	       offset(shape, (int)(i % replicas));
}

static size_t all_replicas(const struct simulate_average *a)
{
	return a->points * a->samples * (size_t)a->s->shape.replicas;
}

static void report_configurations(struct dataset *dataset, const struct simulate_average *a)
{
	const struct record_shape *shape = &a->s->shape;
	const size_t N = (size_t)shape->spins, words = (N + 63) / 64, replicas = (size_t)shape->replicas;
	int8_t *spin = dataset_add(dataset, COLUMN(.name = "/samples/configuration", .type = DATASET_INT8,
	                                           .dims = "* sample replica spin",
	                                           .long_name = "final spins; 0 beyond N"));
	struct params p;

	for (size_t i = 0; spin && i < a->points * a->samples; i++) {
		const double *result = simulate_average_result(a, i / a->samples, i % a->samples);
		grid_params(&p, a->s->grid, i / a->samples);
		for (size_t k = 0; k < replicas * N; k++) {
			uint64_t word;
			memcpy(&word, result + record_offset_spins(shape) + k / N * words + k % N / 64,
			       sizeof word);
			spin[i * replicas * N + k] = (double)(k % N) >= p.N     ? 0
			                             : word >> (k % N % 64) & 1 ? 1
			                                                        : -1;
		}
	}
}

static void report_magnetisations(struct dataset *dataset, const struct simulate_average *a, const char *path,
                                  const char *dims, const char *long_name)
{
	const size_t N = (size_t)a->s->shape.sites;
	double *m = dataset_add(dataset, COLUMN(.name = path, .dims = dims, .long_name = long_name));

	for (size_t i = 0; m && i < all_replicas(a); i++)
		memcpy(m + i * N, part_of(a, i, record_offset_magnetisations), N * sizeof *m);
}

/* Numbers of a solution as columns of /solutions. */
static const struct number {
	enum solution which;
	enum role role;
	const char *name; /* if it has no role */
	const char *long_name;
} numbers[] = {
	{SOLUTION_RESIDUAL, ROLE_NONE, "residual", "largest residual of the TAP equations"},
	{SOLUTION_Q, ROLE_SPIN_GLASS, NULL, "(1/N) sum m_i^2"},
	{SOLUTION_FREE_ENERGY, ROLE_FREE_ENERGY, NULL,
         "free energy per spin at the m_i, of the chosen order"},
	{SOLUTION_ENERGY, ROLE_ENERGY, NULL, "energy per spin u, f = u - T s"},
	{SOLUTION_M, ROLE_OVERLAP, NULL, "overlap with the pattern, (1/N) sum xi_i m_i"},
	{SOLUTION_M, ROLE_SIGNAL, NULL, "overlap with the mean of the examples, normalised as in the theory"},
};

static void report_number(struct dataset *dataset, const struct simulate_average *a,
                          const struct number *number)
{
	const bool overlap = number->which == SOLUTION_M;
	const size_t length = overlap ? a->patterns : 1; /* the m of all patterns are followed by the n */
	const size_t first = number->role == ROLE_SIGNAL ? SOLUTION_M + length : (size_t)number->which;
	struct column column = number->role ? simulate_average_column(a, number->role)
	                                    : (struct column){.name = number->name};

	column.group = "/solutions";
	column.long_name = number->long_name;
	column.role = NULL;
	column.dims = length > 1 ? "* sample start pattern" : "* sample start";
	double *x = dataset_add(dataset, &column);
	for (size_t i = 0; x && i < all_replicas(a); i++)
		memcpy(x + i * length, part_of(a, i, record_offset_solution) + first, length * sizeof *x);
}

static void report_solutions(struct dataset *dataset, const struct simulate_average *a)
{
	static const char *const no_yes[] = {"no", "yes", NULL};
	int8_t *converged =
		dataset_add(dataset, COLUMN(.group = "/solutions", .name = "converged",
	                                    .long_name = "else the numbers are what the iteration reached",
	                                    .type = DATASET_INT8, .flags = no_yes, .dims = "* sample start"));
	int32_t *iterations =
		dataset_add(dataset, COLUMN(.name = "/solutions/iterations", .type = DATASET_INT32,
	                                    .dims = "* sample start", .long_name = "steps of the iteration"));

	for (size_t i = 0; iterations && i < all_replicas(a); i++) {
		const double *solution = part_of(a, i, record_offset_solution);
		converged[i] = solution[SOLUTION_CONVERGED] == 1;
		iterations[i] = (int32_t)fmin(solution[SOLUTION_ITERATIONS], INT32_MAX);
	}
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		report_number(dataset, a, &numbers[i]);
}

static void add_index(struct dataset *dataset, const char *name, const char *long_name, int n)
{
	dataset_axis_steps(dataset, COLUMN(.name = name, .long_name = long_name), (size_t)n, 0, 1);
}

void simulate_sites_axes(struct dataset *dataset, const struct simulate_average *a)
{
	const struct record_shape *shape = &a->s->shape;

	if (shape->starts > 0) {
		add_index(dataset, "/solutions/sample", "disorder sample", (int)a->samples);
		add_index(dataset, "/solutions/start", "start", shape->starts);
		if (shape->sites)
			add_index(dataset, "/solutions/spin", "spin", shape->sites);
	} else if (shape->spins || shape->sites) {
		add_index(dataset, "/samples/replica", "replica", shape->replicas);
		add_index(dataset, "/samples/spin", "spin", a->s->protocol.spins);
	}
}

void simulate_sites_report(struct dataset *dataset, const struct simulate_average *a)
{
	const struct record_shape *shape = &a->s->shape;

	if (shape->starts > 0)
		report_solutions(dataset, a);
	else if (shape->spins)
		report_configurations(dataset, a);
	if (shape->sites && shape->starts > 0)
		report_magnetisations(dataset, a, "/solutions/magnetisation", "* sample start spin",
		                      "m_i; NaN beyond N");
	else if (shape->sites)
		report_magnetisations(
			dataset, a, "/samples/magnetisation", "* sample replica spin",
			"mean of each spin over the measured sweeps; NaN beyond N and for replicas that "
			"are not averaged");
}
