/* mattis compare: sets up the comparison, and the job; the contract is in compare.h.  A point is the unit
 * of work.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/compare.h"

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "montecarlo/disorder/start.h"
#include "src/base/collective.h"
#include "src/jobs/jobs.h"
#include "src/jobs/solve_results.h"
#include "src/run/output.h"
#include "src/run/scheduler.h"

/* ---------------------------------------------------------------- setting up */

/* Refuses simulations of models that the theory does not describe. */
static int check_model(const struct comparison *c, struct err *err)
{
	const struct deck *deck = c->grid->deck;
	struct couplings couplings = {0};
	struct fault fault;
	struct params p;

	grid_params(&p, c->grid, 0);
	if (deck_text(deck, "model.data"))
		return err_set(err, EXIT_USAGE,
		               "%s: the theory is of random patterns, not of those in model.data", c->path);
	if (!c->network->couplings || c->network->couplings(&p, &couplings, &fault) != 0)
		return 0;
	if (deck_word(deck, "model.diagonal") == 1 && !couplings.diagonal)
		return err_set(err, EXIT_USAGE,
		               "%s: the theory has no terms with coincident sites (model.diagonal)", c->path);
	return 0;
}

static bool is_axis_of_N(const struct axis *axis)
{
	const struct parameter *parameter = axis->key->parameter;
	return parameter && parameter->offset == offsetof(struct params, N);
}

static void describe(struct comparison *c, const struct grid *grid, const char *path)
{
	const struct deck *deck = grid->deck;
	struct params p;

	*c = (struct comparison){.grid = grid,
	                         .network = deck->network,
	                         .path = path,
	                         .order = -1,
	                         .options = solve_results_options(deck),
	                         .stratified = deck_word(deck, "model.patterns") == 1,
	                         .random_start = deck_word(deck, "simulate.start") == START_RANDOM,
	                         .N_axis = -1,
	                         .groups = grid->points};
	grid_params(&p, grid, 0);
	c->shape = solve_results_shape(grid, &c->options, 1);
	c->network->branches(&p, &c->options, c->branch_name);
	for (int role = 0; role < ROLES; role++)
		c->quantity[role] = network_quantity(c->network, (enum role)role);
	for (int a = 0; a < grid->axes; a++)
		if (is_axis_of_N(&grid->axis[a]) && grid->axis[a].count > 1) {
			c->N_axis = a;
			c->groups /= grid->axis[a].count;
		}
}

/* Collective: rank 0 reads the file, and all get the realised loads. */
static int compare_init(struct comparison *c, const struct grid *grid, const char *path, int rank,
                        struct err *err)
{
	describe(c, grid, path);
	if (average_alloc(&c->average, deck_text(grid->deck, "run.kernel")) != 0)
		err_set(err, EXIT_FAILED, "out of memory");
	if (!err->code && check_model(c, err) == 0 && rank == 0)
		compare_read(c, err);
	if (rank != 0 && !(c->load = malloc(grid->points * sizeof *c->load)))
		err_set(err, EXIT_FAILED, "%s: out of memory for %zu points", path, grid->points);
	if (collective_err(err))
		return err->code;
	MPI_Bcast(c->load, (int)grid->points, MPI_DOUBLE, 0, MPI_COMM_WORLD);
	return 0;
}

static void compare_free(struct comparison *c)
{
	for (int i = 0; i < c->variables; i++) {
		struct variable *v = &c->variable[i];
		double *const memory[] = {v->mean, v->error,  v->theory,      v->limit,
		                          v->z,    v->sample, v->extrapolated};
		for (size_t k = 0; k < sizeof memory / sizeof memory[0]; k++)
			free(memory[k]);
		free(v->first);
	}
	free(c->load);
	free(c->equilibrated);
	free(c->escaped);
	free(c->used);
	free(c->mark);
	free(c->metastable);
	free(c->branch);
	average_free(c->average);
}

/* ---------------------------------------------------------------- the tasks: points */

static int compute(void *job, size_t point, struct running *running, void *result, struct err *err)
{
	return compare_theory(job, point, &running->tick, result, err);
}

static void store(void *job, size_t point, const void *result)
{
	compare_theory_store(job, point, result);
}

/* There are no checkpoints: the work takes seconds.  A signal ends it, and an old output stays as it was. */
static int compare_all(struct comparison *c, bool quiet, int rank, struct err *err)
{
	struct output no_output = {.lock = {.fd = -1}};
	struct work work = {.name = "compare",
	                    .noun = "point",
	                    .unit = "points",
	                    .count = c->grid->points,
	                    .bytes = compare_theory_bytes(c),
	                    .job = c,
	                    .compute = compute,
	                    .store = store};

	stop_ignore();
	if (scheduler_run(&work, &no_output, quiet, err) == 0 && rank == 0)
		compare_test(c, err);
	return collective_err(err);
}

/* ---------------------------------------------------------------- the job */

/* NAME-compare.h5 for NAME.h5; to be freed. */
static char *default_output(const char *path)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
	char *name = malloc(stem + sizeof "-compare.h5");
	if (name)
		sprintf(name, "%.*s-compare.h5", (int)stem, path);
	return name;
}

static int report(struct comparison *c, struct output *out, struct err *err)
{
	if (out->dataset)
		compare_report(out->dataset, c);
	if (output_write(out, err))
		return err->code;
	if (out->dataset) {
		compare_report_print(stdout, out->dataset, c, out->path);
		compare_report_result(c, err);
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
	if (collective_err(err) || compare_init(&c, grid, path, rank, err) ||
	    output_open(&out, deck, &mine, err))
		goto done;
	if (compare_all(&c, options->quiet, rank, err) == 0)
		report(&c, &out, err);
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
