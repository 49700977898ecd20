/* mattis simulate: every disorder sample at every point of the grid, shared out over the ranks.  One sample is the
 * unit of work.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/disorder/share.h"
#include "src/base/collective.h"
#include "src/jobs/solve_cost.h"
#include "src/jobs/jobs.h"
#include "src/run/output.h"
#include "src/jobs/simulate_parts.h"
#include "src/run/progress.h"
#include "src/jobs/simulate_tasks.h"
#include "src/jobs/simulate_cost.h"
#include "src/jobs/table.h"
#include "src/run/scheduler.h"

struct simulate {
	struct simulation *s;
	struct simulate_parts pieces;
	struct params *p; /* [points] of the task at work */
	double *answers;  /* rank 0: [grid points][samples][width] */
	double *answer;   /* rank 0: [points][width] of one task */
	bool keep;        /* the end states: the checkpoint stays */
	void *state;      /* room for the one that is handed in */
	size_t room;
};

/* The tick of one task: the one of scheduler_run, which wants to know how far the task is. */
struct watched {
	const struct ensemble *ensemble;
	struct running *running;
};

static int poll(void *ctx)
{
	struct watched *w = ctx;
	w->running->done = ensemble_done(w->ensemble);
	return tick_poll(&w->running->tick);
}

static bool hand_in(struct simulate *job, const struct ensemble *ensemble, struct running *running)
{
	size_t size = ensemble_saved_size(ensemble);
	if (size > job->room) {
		free(job->state);
		job->state = malloc(size);
		job->room = job->state ? size : 0;
	}
	if (job->room >= size)
		ensemble_save(ensemble, job->state);
	running->done = ensemble_done(ensemble);
	return running_save(running, job->state, job->room >= size ? size : 0);
}

static int compute(void *ctx, size_t number, struct running *running, void *result, struct err *err)
{
	struct simulate *job = ctx;
	const struct simulate_part piece = simulate_parts_find(&job->pieces, number);
	struct ensemble *ensemble = NULL;
	struct fault fault;
	struct task task;

	simulate_task(&task, job->p, job->s, piece.task);
	if (ensemble_alloc(&ensemble, &piece.protocol, &task, &fault) != 0) {
		simulate_fault(job->s, &fault, err);
		err->code = EXIT_FAILED; /* what the deck can do wrong was found before */
		return err->code;
	}
	struct watched watched = {ensemble, running};
	if (running->bytes == ensemble_saved_size(ensemble))
		ensemble_load(ensemble, running->state);
	bool on = true;
	while (on && ensemble_run(ensemble, &(struct tick){poll, &watched}))
		on = hand_in(job, ensemble, running);
	if (!on)
		err_set(err, EXIT_STOPPED, "mattis simulate: stopped");
	else if (job->keep)
		hand_in(job, ensemble, running);
	if (on)
		simulate_parts_result(result, &job->pieces, &piece, ensemble);
	ensemble_free(ensemble);
	return err->code;
}

/* The answer of point k of a task. */
static double *place(const struct simulate *job, size_t task, size_t k)
{
	const struct simulation *s = job->s;
	return job->answers + (simulate_point(s, task, k) * s->samples + task % s->samples) * s->width;
}

static void store(void *ctx, size_t number, const void *result)
{
	struct simulate *job = ctx;
	const struct simulation *s = job->s;
	size_t task = simulate_parts_find(&job->pieces, number).task;

	if (simulate_parts_store(job->answer, &job->pieces, number, result))
		for (size_t k = 0; k < s->points; k++)
			memcpy(place(job, task, k), job->answer + k * s->width, s->width * sizeof(double));
}

static void load(void *ctx, size_t number, void *result)
{
	struct simulate *job = ctx;
	const struct simulation *s = job->s;
	const struct simulate_part piece = simulate_parts_find(&job->pieces, number);

	if (piece.parts > 1)
		memcpy(result, job->pieces.kept[number], simulate_parts_size(&job->pieces, number));
	for (size_t k = 0; k < s->points && piece.parts == 1; k++)
		memcpy((double *)result + k * s->width, place(job, piece.task, k), s->width * sizeof(double));
}

/* Point, sample and replicas, and what else may grow and changes the numbers: annealing is over when its sweeps are. */
static void key(void *ctx, size_t number, struct checksum *digest)
{
	struct simulate *job = ctx;
	const struct simulate_part piece = simulate_parts_find(&job->pieces, number);
	const uint64_t replicas[] = {(uint64_t)piece.protocol.first, (uint64_t)piece.protocol.replicas};
	struct task task;

	simulate_task(&task, job->p, job->s, piece.task);
	for (size_t k = 0; k < job->s->points; k++)
		grid_checksum(digest, &job->p[k]);
	checksum_add(digest, &task.sample, sizeof task.sample);
	checksum_add(digest, replicas, sizeof replicas);
	if (piece.protocol.dynamics == DYNAMICS_ANNEALING)
		checksum_add(digest, &piece.protocol.sweeps, sizeof piece.protocol.sweeps);
}

static size_t size(void *ctx, size_t number)
{
	return simulate_parts_size(&((struct simulate *)ctx)->pieces, number);
}

/* Share of the replicas of its task that a piece has. */
static double part(const struct simulate_part *piece, const struct simulation *s)
{
	return (double)piece->protocol.replicas / s->protocol.replicas;
}

static double cost(void *ctx, size_t number)
{
	const struct simulate *job = ctx;
	const struct simulate_part piece = simulate_parts_find(&job->pieces, number);
	return job->s->work[piece.set] * part(&piece, job->s);
}

static double sweeps(void *ctx, size_t number)
{
	const struct simulate *job = ctx;
	const struct protocol *p = &job->s->protocol;
	const struct simulate_part piece = simulate_parts_find(&job->pieces, number);
	if (p->dynamics == DYNAMICS_TAP)
		return p->replicas;
	return p->replicas * part(&piece, job->s) * (double)job->s->points *
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

/* Different samples that so many ranks work on at a time, next to each other in the order of tasks, where a node shares them. */
static int samples_at_once(const struct simulate *job, int ranks)
{
	const struct simulation *s = job->s;
	int parts = job->pieces.parts[s->largest], samples = (ranks + parts - 2) / parts + 1;

	if (!s->protocol.share || samples > ranks)
		return ranks;
	return (size_t)samples < s->tasks ? samples : (int)s->tasks;
}

/* Everything that can be refused before the work, alike on all ranks. */
static int prepare(struct simulate *job, const struct options *options, int rank, struct err *err)
{
	struct simulation *s = job->s;
	const struct grid *grid = s->grid;
	int here = ranks_here();

	share_alloc(&s->protocol.share, (size_t)s->rows);
	if (simulate_parts_init(&job->pieces, s, err) == 0) {
		here = (size_t)here < job->pieces.count ? here : (int)job->pieces.count;
		simulate_check_memory(s, here, samples_at_once(job, here), err);
	}
	if (err->code == 0)
		output_check_printed(grid->points, TABLE_LONGEST, "points", grid->deck, options, err);
	if (collective_err(err))
		return err->code;
	job->p = calloc(s->points, sizeof *job->p);
	if (rank == 0) {
		job->answers = malloc(s->width * grid->points * s->samples * sizeof *job->answers);
		job->answer = malloc(s->width * s->points * sizeof *job->answer);
	}
	if (!job->p || (rank == 0 && (!job->answers || !job->answer)))
		err_set(err, EXIT_FAILED, "mattis simulate: out of memory for %zu points", grid->points);
	return collective_err(err);
}

static int simulate_all(struct simulate *job, struct output *out, bool quiet, struct err *err)
{
	struct work tasks = {.name = "simulate",
	                     .noun = "task",
	                     .unit = job->s->protocol.dynamics == DYNAMICS_TAP ? "starts" : "sweeps",
	                     .count = job->pieces.count,
	                     .bytes = job->pieces.bytes,
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

static int report(struct simulate *job, struct output *out, int rank, struct err *err)
{
	struct columns *columns = NULL;
	if (rank == 0)
		simulate_report(&columns, out->dataset, NULL, NULL, job->s, job->answers, err);
	if (out->dataset)
		dataset_attr_string(out->dataset, "/provenance", "kernel", job->s->kernels);
	output_write(out, err);
	simulate_forget(columns);
	columns = NULL;
	if (err->code == 0 && rank == 0)
		simulate_report(&columns, NULL, stdout, out->path, job->s, job->answers, err);
	simulate_forget(columns);
	return err->code;
}

int job_simulate(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct simulation s = {0};
	struct simulate job = {.s = &s};
	int rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (grid_alloc(&grid, deck, err) == 0)
		simulate_init(&s, grid, err);
	if (collective_err(err) || prepare(&job, options, rank, err) || output_open(&out, deck, options, err) || out.complete)
		goto done;
	if (simulate_all(&job, &out, options->quiet, err) == 0)
		report(&job, &out, rank, err);
done:
	output_close(&out);
	share_free(s.protocol.share);
	simulate_parts_free(&job.pieces);
	simulate_free(&s);
	grid_free(grid);
	free(job.p);
	free(job.state);
	free(job.answers);
	free(job.answer);
	return err->code;
}

/* --- --dry-run */

int dry_simulate(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck), *title = deck_text(deck, "title");
	struct simulation s = {0};
	struct simulate_parts pieces = {0};
	struct grid *grid = NULL;
	struct duration duration;

	if (grid_alloc(&grid, deck, err) || simulate_init(&s, grid, err) || simulate_parts_init(&pieces, &s, err) ||
	    simulate_check_memory(&s, 1, 1, err) ||
	    (output && store_check_output(output, options->resume || options->restart, err)) ||
	    simulate_estimate(&duration, &s, err))
		goto done;
	if (title)
		fprintf(f, "title    %s\n", title);
	fprintf(f, "grid     %zu point%s, %zu sample%s each: %zu task%s\n", grid->points,
	        grid->points == 1 ? "" : "s", s.samples, s.samples == 1 ? "" : "s", s.tasks,
	        s.tasks == 1 ? "" : "s");
	fprintf(f, "memory   %.3g MB per rank, %.3g MB per sample, %.3g MB for the results\n",
	        (s.bytes - s.rows) / 1e6, s.rows / 1e6, 2 * simulate_answer_bytes(&s) / 1e6);
	fprintf(f, "kernel   %s\n", s.kernels);
	cost_print_time(f, duration.seconds, duration.scaled ? " (tried on smaller networks of the same load)" : "", pieces.count);
	cost_print_output(f, output, grid->points, TABLE_LONGEST, "points");
done:
	simulate_parts_free(&pieces);
	simulate_free(&s);
	grid_free(grid);
	return err->code;
}
