/* mattis compare: the theory at every point of a finished simulation.  A point is the unit of work.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/collective.h"
#include "src/jobs/compare.h"
#include "src/jobs/jobs.h"
#include "src/run/output.h"
#include "src/run/scheduler.h"

static int compute(void *ctx, size_t point, struct running *running, void *result, struct err *err)
{
	return compare_theory(ctx, point, &running->tick, result, err);
}

static void store(void *ctx, size_t point, const void *result)
{
	compare_take(ctx, point, result);
}

/* NAME-compare.h5 of NAME.h5. */
static char *default_output(const char *path)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
	char *name = malloc(stem + sizeof "-compare.h5");
	if (name)
		sprintf(name, "%.*s-compare.h5", (int)stem, path);
	return name;
}

/* Nothing is kept for a resume: it takes seconds.  Signals end it, and the old file stays. */
static int compare_all(struct comparison *c, bool quiet, int rank, struct err *err)
{
	struct output unkept = {.lock = {.fd = -1}};
	struct work tasks = {.name = "compare",
	                     .noun = "point",
	                     .unit = "points",
	                     .count = c->grid->points,
	                     .bytes = compare_bytes(c),
	                     .job = c,
	                     .compute = compute,
	                     .store = store};

	stop_ignore();
	if (scheduler_run(&tasks, &unkept, quiet, err) == 0 && rank == 0)
		compare_test(c, err);
	return collective_err(err);
}

static int report(struct comparison *c, struct output *out, int rank, struct err *err)
{
	struct family_columns families;
	if (out->dataset)
		compare_store(out->dataset, c, &families);
	if (output_write(out, err))
		return err->code;
	if (rank == 0) {
		compare_print(stdout, c, out->path);
		compare_verdict(c, err);
	}
	return collective_err(err);
}

int job_compare(const struct deck *deck, const struct options *options, struct err *err)
{
	const char *path = options->argument[0];
	struct options mine = *options;
	struct output out = {.lock = {.fd = -1}};
	struct comparison c = {0};
	struct grid *grid = NULL;
	char *name = NULL;
	int rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (!options->output && !(name = default_output(path)))
		err_set(err, EXIT_FAILED, "out of memory");
	if (!options->output)
		mine.output = name;
	if (!err->code)
		grid_alloc(&grid, deck, err);
	if (collective_err(err) || compare_init(&c, grid, path, err) || output_open(&out, deck, &mine, err))
		goto done;
	if (compare_all(&c, options->quiet, rank, err) == 0)
		report(&c, &out, rank, err);
done:
	output_close(&out);
	compare_free(&c);
	grid_free(grid);
	free(name);
	return err->code;
}

int dry_compare(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *path = options->argument[0];
	char *name = options->output ? strdup(options->output) : default_output(path);
	struct grid *grid = NULL;

	if (!name)
		err_set(err, EXIT_FAILED, "out of memory");
	else if (grid_alloc(&grid, deck, err) == 0 && store_check_output(name, options->restart, err) == 0)
		fprintf(f, "simulation %s\ngrid       %zu point%s\noutput     %s\n", path, grid->points,
		        grid->points == 1 ? "" : "s", name);
	grid_free(grid);
	free(name);
	return err->code;
}
