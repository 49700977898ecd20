/* mattis solve: all branches of the network's equations at every point of the grid.
 *
 * A task is a piece of a row, in which solutions are followed from point to point, or a single point.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "physics/numerics/average.h"
#include "src/base/collective.h"
#include "src/jobs/jobs.h"
#include "src/jobs/cost.h"
#include "src/jobs/solve_cost.h"
#include "src/jobs/solve_results.h"
#include "src/jobs/table.h"
#include "src/run/output.h"
#include "src/run/scheduler.h"

struct solve {
	const struct grid *grid;
	const struct network *network;
	struct solve_options options;
	struct average *average;
	struct params *point; /* of the piece at work */
	size_t length;        /* points of a piece; the last of a row may have fewer */
	size_t pieces;        /* of a row */
	struct row shape;     /* of a full piece */
	struct row all;       /* rank 0: the whole grid, in the memory of the output */
};

static size_t piece_first(const struct solve *s, size_t task)
{
	return task / s->pieces * s->grid->row_length + task % s->pieces * s->length;
}

static int piece_points(const struct solve *s, size_t task)
{
	size_t left = s->grid->row_length - task % s->pieces * s->length;
	return (int)(left < s->length ? left : s->length);
}

/* The piece of a task as a row whose columns are in that memory. */
static struct row piece_row(const struct solve *s, size_t task, const void *memory)
{
	struct row row = s->shape;
	row.points = piece_points(s, task);
	solve_results_attach(&row, s->network->quantities, (void *)memory);
	return row;
}

static int compute(void *ctx, size_t task, struct running *running, void *result, struct err *err)
{
	struct solve *s = ctx;
	struct row row = piece_row(s, task, result);

	solve_results_clear(&row, s->network->quantities);
	for (int i = 0; i < row.points; i++)
		grid_params(&s->point[i], s->grid, piece_first(s, task) + (size_t)i);
	int status = s->network->solve_row(s->average, s->point, &s->options, &running->tick, &row);
	return status ? err_set(err, EXIT_FAILED, "mattis solve: %s", gsl_strerror(status)) : 0;
}

static void store(void *ctx, size_t task, const void *result)
{
	struct solve *s = ctx;
	struct row part = piece_row(s, task, result);
	solve_results_copy(&s->all, &part, s->network->quantities, piece_first(s, task));
}

static void load(void *ctx, size_t task, void *result)
{
	struct solve *s = ctx;
	struct row part = piece_row(s, task, result);
	solve_results_copy_back(&part, &s->all, s->network->quantities, piece_first(s, task));
}

/* All points of the piece count, since a solution is followed from point to point. */
static void key(void *ctx, size_t task, struct checksum *digest)
{
	struct solve *s = ctx;
	struct params p;
	for (int i = 0; i < piece_points(s, task); i++) {
		grid_params(&p, s->grid, piece_first(s, task) + (size_t)i);
		grid_checksum(digest, &p);
	}
}

static double points(void *ctx, size_t task)
{
	return piece_points(ctx, task);
}

/* Sets up a rank; rank 0 also describes the output, whose columns take the results. */
static int solve_init(struct solve *s, const struct grid *grid, struct dataset *dataset, struct err *err)
{
	const struct deck *deck = grid->deck;

	*s = (struct solve){.grid = grid, .network = deck->network, .options = solve_results_options(deck)};
	s->length = solve_cost_piece(grid);
	s->pieces = (grid->row_length + s->length - 1) / s->length;
	s->shape = solve_results_shape(grid, &s->options, s->length);
	s->point = calloc((size_t)s->shape.points, sizeof *s->point);
	if (!s->point)
		return err_set(err, EXIT_FAILED, "mattis solve: out of memory for %zu points", grid->points);
	if (solve_results_average(&s->average, deck, err) || !dataset)
		return err->code;
	s->all = s->shape;
	s->all.points = (int)grid->points;
	solve_results_describe(dataset, grid, &s->options, &s->all);
	return dataset_check(dataset, "mattis solve", err);
}

int job_solve(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct solve s = {0};

	if (grid_alloc(&grid, deck, err) == 0 && solve_cost_check_options(grid, err) == 0 &&
	    cost_check_memory(solve_cost_bytes(grid), deck, err) == 0)
		output_check_printed(grid->points, TABLE_LONGEST, "points", deck, options, err);
	if (collective_err(err) || output_open(&out, deck, options, err) || out.complete)
		goto done;
	solve_init(&s, grid, out.dataset, err);
	struct work tasks = {.name = "solve",
	                     .noun = s.network->points_apart ? "point" : "row",
	                     .unit = "points",
	                     .count = grid->rows * s.pieces,
	                     .bytes = solve_results_bytes(s.network->quantities, &s.shape),
	                     .job = &s,
	                     .compute = compute,
	                     .store = store,
	                     .load = load,
	                     .key = key,
	                     .cost = points,
	                     .units = points};
	if (collective_err(err) || scheduler_run(&tasks, &out, options->quiet, err))
		goto done;
	if (out.dataset)
		dataset_attr_string(out.dataset, "/provenance", "kernel", average_kernel(s.average));
	if (output_write(&out, err) == 0 && out.dataset)
		table_print(stdout, out.dataset, grid, &s.all, out.path);
done:
	output_close(&out);
	average_free(s.average);
	free(s.point);
	grid_free(grid);
	return err->code;
}
