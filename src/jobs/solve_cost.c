/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/solve_cost.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

#include "physics/numerics/average.h"
#include "src/base/clock.h"
#include "src/file/store_probe.h"
#include "src/jobs/cost.h"
#include "src/jobs/jobs.h"
#include "src/jobs/solve_results.h"
#include "src/jobs/table.h"

int solve_cost_check_options(const struct grid *grid, struct err *err)
{
	struct solve_options options = solve_results_options(grid->deck);
	struct fault fault;
	struct params p;

	grid_params(&p, grid, 0); /* axes increase: the smallest P */
	if (grid->deck->network->check_options &&
	    grid->deck->network->check_options(&p, &options, &fault) != 0)
		deck_fault_of(grid->deck, "solve", &fault, err);
	return err->code;
}

double solve_cost_bytes(const struct grid *grid)
{
	struct solve_options options = solve_results_options(grid->deck);
	struct row shape = solve_results_shape(grid, &options, 1);
	const struct quantity *q = grid->deck->network->quantities;
	double bytes = 0;

	for (; q->name; q++)
		bytes += (double)(quantity_size(q) * quantity_count(q, &shape));
	return bytes * (double)grid->points;
}

size_t solve_cost_piece(const struct grid *grid)
{
	const size_t longest = grid->deck->network->points_apart
	                               ? 1
	                               : 1 << 16; /* keeps the messages with the results small */
	return grid->row_length < longest ? grid->row_length : longest;
}

/* Solves n points in the middle of the grid, n at most a row.  Returns a GSL error code. */
static int solve_some(struct average *average, const struct grid *grid, size_t n, double *seconds)
{
	const struct network *network = grid->deck->network;
	struct solve_options options = solve_results_options(grid->deck);
	size_t first = grid->rows / 2 * grid->row_length + (grid->row_length - n) / 2;
	struct row row = solve_results_shape(grid, &options, n);
	void *memory = malloc(solve_results_bytes(network->quantities, &row));
	struct params *p = calloc(n, sizeof *p);
	int status = GSL_ENOMEM;

	if (memory && p) {
		solve_results_attach(&row, network->quantities, memory);
		solve_results_clear(&row, network->quantities);
		for (size_t i = 0; i < n; i++)
			grid_params(&p[i], grid, first + i);
		double start = clock_cpu();
		status = network->solve_row(average, p, &options, NULL, &row);
		*seconds = clock_cpu() - start;
	}
	free(memory);
	free(p);
	return status;
}

/* Estimates the time of the whole grid on one core: solves more and more of the middle row until that takes
 * 0.05 s. */
static int measure_seconds(double *seconds, const struct grid *grid, struct err *err)
{
	struct average *average = NULL;
	size_t n = grid->row_length < 16 ? grid->row_length : 16;

	if (solve_results_average(&average, grid->deck, err))
		return err->code;
	int status = solve_some(average, grid, n, seconds); /* fills tables that all points share */
	while (status == GSL_SUCCESS) {
		status = solve_some(average, grid, n, seconds);
		if (n == grid->row_length || *seconds > 0.05)
			break;
		n = 2 * n < grid->row_length ? 2 * n : grid->row_length;
	}
	*seconds *= (double)grid->points / (double)n;
	average_free(average);
	return status ? err_set(err, EXIT_FAILED, "mattis: %s", gsl_strerror(status)) : 0;
}

int dry_solve(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck);
	struct grid *grid = NULL;
	char size[32];
	double seconds = 0;

	if (grid_alloc(&grid, deck, err) || solve_cost_check_options(grid, err) ||
	    cost_check_memory(solve_cost_bytes(grid), deck, err) ||
	    (output && store_check_output(output, options->resume || options->restart, err)) ||
	    measure_seconds(&seconds, grid, err))
		goto done;
	cost_print_grid(f, grid);
	fprintf(f, " in %zu row%s\n", grid->rows, grid->rows == 1 ? "" : "s");
	fprintf(f, "memory   %s for the results\n", cost_size_text(size, solve_cost_bytes(grid)));
	cost_print_time(f, seconds, "", grid->points / solve_cost_piece(grid));
	cost_print_output(f, output, grid->points, TABLE_LONGEST, "points");
done:
	grid_free(grid);
	return err->code;
}
