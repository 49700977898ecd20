/* mattis simulate: every disorder sample at every point of the grid, distributed over the ranks in parts
 * of tasks. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/chain/task_run.h"
#include "montecarlo/disorder/share.h"
#include "src/base/collective.h"
#include "src/jobs/cost.h"
#include "src/jobs/jobs.h"
#include "src/jobs/simulate_cost.h"
#include "src/jobs/simulate_parts.h"
#include "src/jobs/simulate_report.h"
#include "src/jobs/simulate_tasks.h"
#include "src/jobs/table.h"
#include "src/run/output.h"
#include "src/run/scheduler.h"

struct simulate_job {
	struct simulation *s;
	struct simulate_parts parts;
	struct params *p;    /* [points] workspace: parameters of a task */
	double *results;     /* rank 0: [grid points][samples][width] */
	double *task_result; /* rank 0: [points][width] workspace */
	bool keep;           /* the checkpoint keeps the states of finished parts */
	void *state;         /* buffer of a state that is saved */
	size_t room;         /* bytes of it */
};

/* The tick of a running part: sets its progress and polls the scheduler. */
struct watched {
	const struct task_run *run;
	struct running *running;
};

static int poll(void *ctx)
{
	struct watched *w = ctx;
	w->running->done = task_run_done(w->run);
	return tick_poll(&w->running->tick);
}

/* Saves the state; without memory an empty one.  Returns false if the part must stop. */
static bool save(struct simulate_job *job, const struct task_run *run, struct running *running)
{
	size_t size = task_run_saved_size(run);
	if (size > job->room) {
		free(job->state);
		job->state = malloc(size);
		job->room = job->state ? size : 0;
	}
	if (job->room >= size)
		task_run_save(run, job->state);
	running->done = task_run_done(run);
	return running_save(running, job->state, job->room >= size ? size : 0);
}

static int compute(void *ctx, size_t number, struct running *running, void *result, struct err *err)
{
	struct simulate_job *job = ctx;
	const struct simulate_part part = simulate_parts_find(&job->parts, number);
	struct task_run *run = NULL;
	struct fault fault;
	struct task task;

	simulate_task(&task, job->p, job->s, part.task);
	if (task_run_alloc(&run, &part.protocol, &task, &fault) != 0) {
		simulate_fault(job->s, &fault, err);
		err->code = EXIT_FAILED; /* simulate_init has found all faults of the deck */
		return err->code;
	}
	struct watched watched = {run, running};
	if (running->bytes == task_run_saved_size(run))
		task_run_load(run, running->state);
	bool on = true;
	while (on && task_run_advance(run, &(struct tick){poll, &watched}))
		on = save(job, run, running);
	if (!on)
		err_set(err, EXIT_STOPPED, "mattis simulate: stopped");
	else if (job->keep)
		save(job, run, running);
	if (on)
		simulate_parts_result(result, &job->parts, &part, run);
	task_run_free(run);
	return err->code;
}

/* Returns the place of the result of a task at its k-th temperature. */
static double *result_of(const struct simulate_job *job, size_t task, size_t k)
{
	const struct simulation *s = job->s;
	return job->results + (simulate_point(s, task, k) * s->samples + task % s->samples) * s->width;
}

static void store(void *ctx, size_t number, const void *result)
{
	struct simulate_job *job = ctx;
	const struct simulation *s = job->s;
	size_t task = simulate_parts_find(&job->parts, number).task;

	if (simulate_parts_store(job->task_result, &job->parts, number, result))
		for (size_t k = 0; k < s->points; k++)
			memcpy(result_of(job, task, k), job->task_result + k * s->width,
			       s->width * sizeof(double));
}

static void load(void *ctx, size_t number, void *result)
{
	struct simulate_job *job = ctx;
	const struct simulation *s = job->s;
	const struct simulate_part part = simulate_parts_find(&job->parts, number);

	if (part.per_task > 1)
		memcpy(result, job->parts.kept[number], simulate_parts_size(&job->parts, number));
	for (size_t k = 0; k < s->points && part.per_task == 1; k++)
		memcpy((double *)result + k * s->width, result_of(job, part.task, k),
		       s->width * sizeof(double));
}

/* Point, sample and replicas.  The number of sweeps is left out, so that a job can be resumed with more of
 * them, except in annealing, where they determine how fast it cools. */
static void key(void *ctx, size_t number, struct checksum *checksum)
{
	struct simulate_job *job = ctx;
	const struct simulate_part part = simulate_parts_find(&job->parts, number);
	const uint64_t replicas[] = {(uint64_t)part.protocol.first, (uint64_t)part.protocol.replicas};
	struct task task;

	simulate_task(&task, job->p, job->s, part.task);
	for (size_t k = 0; k < job->s->points; k++)
		grid_checksum(checksum, &job->p[k]);
	checksum_add(checksum, &task.sample, sizeof task.sample);
	checksum_add(checksum, replicas, sizeof replicas);
	if (part.protocol.dynamics == DYNAMICS_ANNEALING)
		checksum_add(checksum, &part.protocol.sweeps, sizeof part.protocol.sweeps);
}

static size_t size(void *ctx, size_t number)
{
	return simulate_parts_size(&((struct simulate_job *)ctx)->parts, number);
}

/* Returns the fraction of the replicas of its task that a part has. */
static double fraction(const struct simulate_part *part, const struct simulation *s)
{
	return (double)part->protocol.replicas / s->protocol.replicas;
}

static double cost(void *ctx, size_t number)
{
	const struct simulate_job *job = ctx;
	const struct simulate_part part = simulate_parts_find(&job->parts, number);
	return job->s->work[part.set] * fraction(&part, job->s);
}

static double sweeps(void *ctx, size_t number)
{
	const struct simulate_job *job = ctx;
	const struct protocol *p = &job->s->protocol;
	const struct simulate_part part = simulate_parts_find(&job->parts, number);
	if (p->dynamics == DYNAMICS_TAP)
		return p->replicas;
	return p->replicas * fraction(&part, job->s) * (double)job->s->points *
	       ((double)p->burn_in + (double)p->sweeps);
}

static int ranks_here(void)
{
	MPI_Comm node;
	int ranks;
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
	MPI_Comm_size(node, &ranks);
	MPI_Comm_free(&node);
	return ranks;
}

/* Returns how many different samples `ranks` ranks of a node hold at a time.  Shared memory holds a sample
 * once for all parts of its task, which have consecutive numbers. */
static int samples_at_once(const struct simulate_job *job, int ranks)
{
	const struct simulation *s = job->s;
	int parts = job->parts.per_task[s->largest], samples = (ranks + parts - 2) / parts + 1;

	if (!s->protocol.share || samples > ranks)
		return ranks;
	return (size_t)samples < s->tasks ? samples : (int)s->tasks;
}

/* Refuses, on all ranks, what can be refused before the work starts.  Collective. */
static int prepare(struct simulate_job *job, const struct options *options, struct err *err)
{
	struct simulation *s = job->s;
	const struct grid *grid = s->grid;
	int here = ranks_here(), rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	share_alloc(&s->protocol.share, (size_t)s->rows);
	if (simulate_parts_init(&job->parts, s, err) == 0) {
		here = (size_t)here < job->parts.count ? here : (int)job->parts.count;
		simulate_check_memory(s, here, samples_at_once(job, here), err);
	}
	if (err->code == 0)
		output_check_printed(grid->points, TABLE_LONGEST, "points", grid->deck, options, err);
	if (collective_err(err))
		return err->code;
	job->p = calloc(s->points, sizeof *job->p);
	if (rank == 0) {
		job->results = malloc(s->width * grid->points * s->samples * sizeof *job->results);
		job->task_result = malloc(s->width * s->points * sizeof *job->task_result);
	}
	if (!job->p || (rank == 0 && (!job->results || !job->task_result)))
		err_set(err, EXIT_FAILED, "mattis simulate: out of memory for %zu points", grid->points);
	return collective_err(err);
}

static int simulate_all(struct simulate_job *job, struct output *out, bool quiet, struct err *err)
{
	struct work tasks = {.name = "simulate",
	                     .noun = "task",
	                     .unit = job->s->protocol.dynamics == DYNAMICS_TAP ? "starts" : "sweeps",
	                     .count = job->parts.count,
	                     .bytes = job->parts.bytes,
	                     .states = true,
	                     .keep = out->keep,
	                     .job = job,
	                     .compute = compute,
	                     .store = store,
	                     .load = load,
	                     .key = key,
	                     .size = size,
	                     .cost = cost,
	                     .units = sweeps};
	job->keep = out->keep;
	return scheduler_run(&tasks, out, quiet, err);
}

static int report(const struct simulate_job *job, struct output *out, struct err *err)
{
	struct simulate_average average = {0};

	if (out->dataset && simulate_average_init(&average, job->s, job->results, err) == 0) {
		simulate_report(out->dataset, &average);
		dataset_attr_string(out->dataset, "/provenance", "kernel", job->s->kernels);
		dataset_check(out->dataset, "mattis simulate", err);
	}
	if (output_write(out, err) == 0 && out->dataset)
		simulate_table(stdout, out->path, out->dataset, &average);
	simulate_average_free(&average);
	return err->code;
}

int job_simulate(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct simulation s = {0};
	struct simulate_job job = {.s = &s};

	if (grid_alloc(&grid, deck, err) == 0)
		simulate_init(&s, grid, err);
	if (collective_err(err) || prepare(&job, options, err) || output_open(&out, deck, options, err) ||
	    out.complete)
		goto done;
	if (simulate_all(&job, &out, options->quiet, err) == 0)
		report(&job, &out, err);
done:
	output_close(&out);
	share_free(s.protocol.share);
	simulate_parts_free(&job.parts);
	simulate_free(&s);
	grid_free(grid);
	free(job.p);
	free(job.state);
	free(job.results);
	free(job.task_result);
	return err->code;
}

/* --- --dry-run */

int dry_simulate(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck), *title = deck_text(deck, "title");
	struct simulation s = {0};
	struct simulate_parts parts = {0};
	struct grid *grid = NULL;
	struct duration duration;

	if (grid_alloc(&grid, deck, err) || simulate_init(&s, grid, err) ||
	    simulate_parts_init(&parts, &s, err) || simulate_check_memory(&s, 1, 1, err) ||
	    (output && store_check_output(output, options->resume || options->restart, err)) ||
	    simulate_estimate(&duration, &s, err))
		goto done;
	if (title)
		fprintf(f, "title    %s\n", title);
	fprintf(f, "grid     %zu point%s, %zu sample%s each: %zu task%s\n", grid->points,
	        grid->points == 1 ? "" : "s", s.samples, s.samples == 1 ? "" : "s", s.tasks,
	        s.tasks == 1 ? "" : "s");
	fprintf(f, "memory   %.3g MB per rank, %.3g MB per sample, %.3g MB for the results\n",
	        (s.bytes - s.rows) / 1e6, s.rows / 1e6, 2 * simulate_results_bytes(&s) / 1e6);
	fprintf(f, "kernel   %s\n", s.kernels);
	cost_print_time(f, duration.seconds,
	                duration.scaled ? " (tried on smaller networks of the same load)" : "", parts.count);
	cost_print_output(f, output, grid->points, TABLE_LONGEST, "points");
done:
	simulate_parts_free(&parts);
	simulate_free(&s);
	grid_free(grid);
	return err->code;
}
