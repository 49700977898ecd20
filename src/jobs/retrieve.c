/* mattis retrieve: every start at every point of the grid, in blocks that are shared out over the ranks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/collective.h"
#include "src/base/clock.h"
#include "src/jobs/solve_cost.h"
#include "src/jobs/jobs.h"
#include "src/run/output.h"
#include "src/run/progress.h"
#include "src/jobs/retrieve_tasks.h"
#include "src/jobs/table.h"
#include "src/run/scheduler.h"

struct job {
	struct retrieve *r;
	struct answer *answers; /* rank 0: [grid points][starts] */
};

static long first_of(const struct retrieve *r, size_t task)
{
	return (long)(task % r->blocks) * RETRIEVAL_BLOCK;
}

static int count_of(const struct retrieve *r, size_t task)
{
	long left = r->starts - first_of(r, task);
	return left < RETRIEVAL_BLOCK ? (int)left : RETRIEVAL_BLOCK;
}

static int compute(void *ctx, size_t task, struct running *running, void *result, struct err *err)
{
	struct job *job = ctx;
	return retrieve_block(job->r, task / job->r->blocks, first_of(job->r, task), count_of(job->r, task), result, NULL,
	                      NULL, &running->tick, err);
}

static struct answer *place(const struct job *job, size_t task)
{
	const struct retrieve *r = job->r;
	return job->answers + task / r->blocks * (size_t)r->starts + (size_t)first_of(r, task);
}

static void store(void *ctx, size_t task, const void *result)
{
	const struct job *job = ctx;
	memcpy(place(job, task), result, (size_t)count_of(job->r, task) * sizeof *job->answers);
}

static void load(void *ctx, size_t task, void *result)
{
	const struct job *job = ctx;
	memcpy(result, place(job, task), (size_t)count_of(job->r, task) * sizeof *job->answers);
}

/* The point and the starts; how many there are in all, since a larger M leaves other own data to start from. */
static void key(void *ctx, size_t task, struct checksum *digest)
{
	const struct retrieve *r = ((struct job *)ctx)->r;
	struct retrieve_point p = retrieve_point(r->grid, task / r->blocks);
	const double values[] = {p.P, (double)p.M, p.T, p.flips, p.occlusion, (double)first_of(r, task), (double)r->starts};
	checksum_add(digest, values, sizeof values);
}

static double starts(void *ctx, size_t task)
{
	return count_of(((struct job *)ctx)->r, task);
}

/* Rows of the memories times starts. */
static double cost(void *ctx, size_t task)
{
	const struct retrieve *r = ((struct job *)ctx)->r;
	long examples = r->unsupervised ? retrieve_point(r->grid, task / r->blocks).M : 1;
	return (double)examples * starts(ctx, task);
}

/* Everything that can be refused before the work, alike on all ranks. */
static int prepare(struct job *job, const struct options *options, int rank, struct err *err)
{
	const struct grid *grid = job->r->grid;
	double bytes = (double)grid->points * (double)job->r->starts * sizeof *job->answers;

	if (cost_check_memory(2 * bytes, grid->deck, err) == 0 &&
	    output_check_printed(grid->points, TABLE_LONGEST, "points", grid->deck, options, err) == 0) /* an M that cannot be learned is found now */
		retrieve_memories(job->r, retrieve_point(grid, 0).M, err);
	if (collective_err(err))
		return err->code;
	if (rank == 0 &&
	    !(job->answers = calloc(grid->points * (size_t)job->r->starts, sizeof *job->answers)))
		err_set(err, EXIT_FAILED, "mattis retrieve: out of memory for %zu points", grid->points);
	return collective_err(err);
}

static void report(struct job *job, struct output *out, int rank, struct err *err)
{
	struct retrieve_columns *columns = NULL;

	if (out->dataset) {
		retrieve_store(&columns, out->dataset, job->r, job->answers, err);
		dataset_attr_string(out->dataset, "/provenance", "kernel", retrieval_kernel(job->r->space));
	}
	if (output_write(out, err) == 0 && rank == 0)
		retrieve_table(stdout, out->path, job->r, job->answers);
	retrieve_forget(columns);
}

int job_retrieve(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct retrieve r = {0};
	struct job job = {.r = &r};
	int rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (grid_alloc(&grid, deck, err) == 0)
		retrieve_init(&r, grid, err);
	if (collective_err(err) || prepare(&job, options, rank, err) || output_open(&out, deck, options, err) || out.complete)
		goto done;
	struct work tasks = {.name = "retrieve",
	                     .noun = "block",
	                     .unit = "starts",
	                     .count = r.tasks,
	                     .bytes = RETRIEVAL_BLOCK * sizeof *job.answers,
	                     .job = &job,
	                     .compute = compute,
	                     .store = store,
	                     .load = load,
	                     .key = key,
	                     .cost = cost,
	                     .units = starts};
	if (scheduler_run(&tasks, &out, options->quiet, err) == 0)
		report(&job, &out, rank, err);
done:
	output_close(&out);
	retrieve_free(&r);
	grid_free(grid);
	free(job.answers);
	return err->code;
}

/* --- --dry-run */

/* Reads the images and tries the first block of the last point. */
static void try(FILE *f, struct retrieve *r, struct err *err)
{
	struct answer answer[RETRIEVAL_BLOCK];
	int count = count_of(r, 0);

	if (retrieve_memories(r, retrieve_point(r->grid, r->grid->points - 1).M, err))
		return;
	double start = clock_cpu();
	if (retrieve_block(r, r->grid->points - 1, 0, count, answer, NULL, NULL, NULL, err))
		return;
	double seconds = (clock_cpu() - start) / count * (double)r->starts * (double)r->grid->points;
	fprintf(f, "images   %d classes, %d of %d x %d pixels, %ld starts per point: %zu tasks\n",
	        r->images.classes, r->images.N, r->images.height, r->images.width, r->starts, r->tasks);
	fprintf(f, "kernel   %s\n", retrieval_kernel(r->space));
	cost_print_time(f, seconds, "", r->tasks);
}

int dry_retrieve(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck), *title = deck_text(deck, "title");
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
	if (title)
		fprintf(f, "title    %s\n", title);
	fprintf(f, "grid    ");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, "%s %s %zu", a ? " x" : "", grid->axis[a].name, grid->axis[a].count);
	fprintf(f, " = %zu point%s\n", grid->points, grid->points == 1 ? "" : "s");
	if (missing)
		fprintf(f, "images   %s is not there; scripts/fetch-datasets gets the sets\n", folder);
	else
		try(f, &r, err);
	if (err->code == 0)
		cost_print_output(f, output, grid->points, TABLE_LONGEST, "points");
done:
	retrieve_free(&r);
	grid_free(grid);
	return err->code;
}
