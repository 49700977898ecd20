/* mattis retrieve: every start at every point of the grid, in blocks that are distributed over the ranks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/collective.h"
#include "src/base/clock.h"
#include "src/jobs/cost.h"
#include "src/jobs/jobs.h"
#include "src/run/output.h"
#include "src/run/progress.h"
#include "src/jobs/retrieve_tasks.h"
#include "src/jobs/table.h"
#include "src/run/scheduler.h"

struct retrieve_job {
	struct retrieve *r;
	struct retrieve_result *results; /* rank 0: [grid points][starts] */
};

static int compute(void *ctx, size_t task, struct running *running, void *result, struct err *err)
{
	struct retrieve_job *job = ctx;
	const struct retrieve_block block = retrieve_block(job->r, task);
	return retrieve_compute(job->r, &block, result, NULL, &running->tick, err);
}

/* Returns the place of the results of a block; *size: their bytes. */
static struct retrieve_result *results_of(size_t *size, const struct retrieve_job *job, size_t task)
{
	const struct retrieve_block block = retrieve_block(job->r, task);
	*size = (size_t)block.count * sizeof *job->results;
	return job->results + block.point * (size_t)job->r->starts + (size_t)block.first;
}

static void store(void *ctx, size_t task, const void *result)
{
	size_t size;
	struct retrieve_result *results = results_of(&size, ctx, task);
	memcpy(results, result, size);
}

static void load(void *ctx, size_t task, void *result)
{
	size_t size;
	const struct retrieve_result *results = results_of(&size, ctx, task);
	memcpy(result, results, size);
}

/* The point and the starts.  Their number matters because own data that are not learned are started from,
 * and a larger M leaves others. */
static void key(void *ctx, size_t task, struct checksum *checksum)
{
	const struct retrieve *r = ((struct retrieve_job *)ctx)->r;
	const struct retrieve_block block = retrieve_block(r, task);
	const struct retrieve_point p = retrieve_point(r->grid, block.point);
	const double values[] = {
		p.P, (double)p.M, p.T, p.flips, p.occlusion, (double)block.first, (double)r->starts};
	checksum_add(checksum, values, sizeof values);
}

static double starts(void *ctx, size_t task)
{
	return retrieve_block(((struct retrieve_job *)ctx)->r, task).count;
}

/* Rows of the memories times starts. */
static double cost(void *ctx, size_t task)
{
	const struct retrieve *r = ((struct retrieve_job *)ctx)->r;
	long rows = r->unsupervised ? retrieve_point(r->grid, task / r->blocks).M : 1;
	return (double)rows * starts(ctx, task);
}

/* Refuses, on all ranks, what can be refused before the work starts.  Collective. */
static int prepare(struct retrieve_job *job, const struct options *options, struct err *err)
{
	const struct grid *grid = job->r->grid;
	double bytes = (double)grid->points * (double)job->r->starts * sizeof *job->results;
	int rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (cost_check_memory(2 * bytes, grid->deck, err) == 0 &&
	    output_check_printed(grid->points, TABLE_LONGEST, "points", grid->deck, options, err) ==
	            0) /* an M that cannot be learned is found now */
		retrieve_memories(job->r, retrieve_point(grid, 0).M, err);
	if (collective_err(err))
		return err->code;
	if (rank == 0 &&
	    !(job->results = calloc(grid->points * (size_t)job->r->starts, sizeof *job->results)))
		err_set(err, EXIT_FAILED, "mattis retrieve: out of memory for %zu points", grid->points);
	return collective_err(err);
}

static void report(struct retrieve_job *job, struct output *out, struct err *err)
{
	if (out->dataset) {
		retrieve_report(out->dataset, job->r, job->results, err);
		dataset_attr_string(out->dataset, "/provenance", "kernel", retrieval_kernel(job->r->space));
	}
	if (output_write(out, err) == 0 && out->dataset)
		retrieve_table(stdout, out->path, out->dataset, job->r);
}

int job_retrieve(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct retrieve r = {0};
	struct retrieve_job job = {.r = &r};

	if (grid_alloc(&grid, deck, err) == 0)
		retrieve_init(&r, grid, err);
	if (collective_err(err) || prepare(&job, options, err) || output_open(&out, deck, options, err) ||
	    out.complete)
		goto done;
	struct work tasks = {.name = "retrieve",
	                     .noun = "block",
	                     .unit = "starts",
	                     .count = r.tasks,
	                     .bytes = RETRIEVAL_BLOCK * sizeof *job.results,
	                     .job = &job,
	                     .compute = compute,
	                     .store = store,
	                     .load = load,
	                     .key = key,
	                     .cost = cost,
	                     .units = starts};
	if (scheduler_run(&tasks, &out, options->quiet, err) == 0)
		report(&job, &out, err);
done:
	output_close(&out);
	retrieve_free(&r);
	grid_free(grid);
	free(job.results);
	return err->code;
}

/* --- --dry-run */

/* Computes one block at the last point and prints what the whole grid takes. */
static void estimate(FILE *f, struct retrieve *r, struct err *err)
{
	struct retrieve_result results[RETRIEVAL_BLOCK];
	const struct retrieve_block block = {r->grid->points - 1, 0, retrieve_block(r, 0).count};

	if (retrieve_memories(r, retrieve_point(r->grid, block.point).M, err))
		return;
	double start = clock_cpu();
	if (retrieve_compute(r, &block, results, NULL, NULL, err))
		return;
	double seconds = (clock_cpu() - start) / block.count * (double)r->starts * (double)r->grid->points;
	fprintf(f, "images   %d classes, %d of %d x %d pixels, %ld starts per point: %zu tasks\n",
	        r->images.classes, r->images.N, r->images.height, r->images.width, r->starts, r->tasks);
	fprintf(f, "kernel   %s\n", retrieval_kernel(r->space));
	cost_print_time(f, seconds, "", r->tasks);
}

int dry_retrieve(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck);
	struct retrieve r = {0};
	struct grid *grid = NULL;
	struct stat info;
	char folder[4000];

	if (grid_alloc(&grid, deck, err) ||
	    (output && store_check_output(output, options->resume || options->restart, err)))
		goto done;
	retrieve_folder(folder, sizeof folder, deck);
	const bool missing = *folder && stat(folder, &info) != 0;
	if (!missing && retrieve_init(&r, grid, err))
		goto done;
	cost_print_grid(f, grid);
	fprintf(f, "\n");
	if (missing)
		fprintf(f, "images   %s does not exist; scripts/fetch-datasets downloads the sets\n", folder);
	else
		estimate(f, &r, err);
	if (err->code == 0)
		cost_print_output(f, output, grid->points, TABLE_LONGEST, "points");
done:
	retrieve_free(&r);
	grid_free(grid);
	return err->code;
}
