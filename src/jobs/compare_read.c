/* The simulation's side of a comparison, from its file; the contract is in comparison.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/collective.h"
#include "src/jobs/compare.h"
#include "src/jobs/solve_cost.h"
#include "src/jobs/solve_results.h"
#include "src/file/store_read.h"

/* ------------------------------------------------------------------------------------------------- its deck */

/* Opens an output of simulate. */
static int open_simulation(struct store_file **file, const char *path, struct err *err)
{
	if (store_open(file, path, err))
		return err->code;
	if (store_has(*file, "/samples/m") && store_has(*file, "/equilibrated") &&
	    store_has(*file, "/parameters"))
		return 0;
	store_close(*file);
	*file = NULL;
	return err_set(err, EXIT_FAILED, "%s: not an output of mattis simulate", path);
}

static bool append(char **text, const char *more)
{
	size_t old = strlen(*text), length = strlen(more) + 1;
	char *longer = realloc(*text, old + length);
	if (!longer)
		return false;
	memcpy(longer + old, more, length);
	*text = longer;
	return true;
}

/* "sweep.T=[0.1, 0.2]": long lists are cut in /parameters, so the values are taken from the axis itself. */
static int append_axis(char **lines, const struct store_file *file, const char *name, size_t count,
                       struct err *err)
{
	char text[STORE_NAME + 16];
	double *values;

	if (store_read(file, name, &values, err))
		return err->code;
	snprintf(text, sizeof text, "sweep.%s=[", name);
	bool ok = append(lines, text);
	for (size_t i = 0; ok && i < count; i++) {
		snprintf(text, sizeof text, "%s%.17g", i ? ", " : "", values[i]);
		ok = append(lines, text);
	}
	ok = ok && append(lines, "]\n");
	free(values);
	return ok ? 0 : err_set(err, EXIT_FAILED, "out of memory");
}

/* Attributes of /parameters on their way to settings. */
struct lines {
	char *text;
	bool failed;
};

static void append_setting(void *ctx, const char *name, const char *value)
{
	static const char *const not_of_the_model[] = {"deck", "title", "run.", "sweep.", NULL};
	struct lines *l = ctx;

	for (const char *const *no = not_of_the_model; *no; no++)
		if (strncmp(name, *no, strlen(*no)) == 0)
			return;
	l->failed = l->failed || strchr(value, '\n') || !append(&l->text, name) || !append(&l->text, "=") ||
	            !append(&l->text, value) || !append(&l->text, "\n");
}

int compare_settings(char **out, const char *path, struct err *err)
{
	struct lines lines = {.text = calloc(1, 1)};
	struct store_file *file;
	struct store_shape shape;

	*out = NULL;
	if (open_simulation(&file, path, err)) {
		free(lines.text);
		return err->code;
	}
	lines.failed = !lines.text;
	if (!lines.failed)
		store_attributes(path, "/parameters", append_setting, &lines, err);
	if (!err->code && lines.failed)
		err_set(err, EXIT_FAILED, "%s: out of memory for its deck", path);
	if (!err->code)
		store_read_shape(file, "/equilibrated", &shape, err);
	for (int a = 0; !err->code && a < shape.rank; a++)
		append_axis(&lines.text, file, shape.name[a], shape.size[a], err);
	store_close(file);
	if (err->code)
		free(lines.text);
	else
		*out = lines.text;
	return err->code;
}

/* ----------------------------------------------------------------------------------------------- its numbers */

static const struct {
	const char *name, *long_name;
} observables[] = {
	{"p", "overlap n/(1-d), 1 for a pattern fully retrieved"},
	{"m", "overlap with the pattern, (1/N) sum xi s"},
	{"n", "overlap with the mean of the examples, normalised as in the theory"},
	{"q", "overlap of two replicas"},
	{"energy", "energy per spin u, f = u - T s"},
};

enum { OBSERVABLES_COMPARED = sizeof observables / sizeof observables[0] };

static int quantity_of(const struct network *network, const char *name)
{
	for (int i = 0; network->quantities[i].name; i++)
		if (strcmp(network->quantities[i].name, name) == 0)
			return i;
	return -1;
}

static int no_memory(struct err *err, const struct comparison *c)
{
	return err_set(err, EXIT_FAILED, "%s: out of memory for %zu points", c->path, c->grid->points);
}

/* /samples/NAME is [points][samples][width]; here the samples stand last. */
static int read_samples(struct comparison *c, struct variable *v, const struct store_file *file,
                        struct err *err)
{
	char path[80];
	double *raw;

	snprintf(path, sizeof path, "/samples/%s", v->name);
	if (store_read(file, path, &raw, err))
		return err->code;
	for (size_t i = 0; i < c->grid->points * c->samples * v->width; i++) {
		size_t k = i % v->width, s = i / v->width % c->samples, point = i / v->width / c->samples;
		v->sample[(point * v->width + k) * c->samples + s] = raw[i];
	}
	free(raw);
	return 0;
}

static int read_variable(struct comparison *c, struct variable *v, const struct store_file *file,
                         struct err *err)
{
	const size_t points = c->grid->points;
	struct store_shape shape;
	char path[80];

	if (store_read_shape(file, v->name, &shape, err))
		return err->code;
	v->width = shape.count / points;
	size_t n = points * v->width, groups = c->groups * v->width;
	v->sample = malloc(n * c->samples * sizeof *v->sample);
	v->theory = malloc(n * sizeof *v->theory);
	v->limit = malloc(n * sizeof *v->limit);
	v->z = malloc(n * sizeof *v->z);
	v->first = calloc(n, sizeof *v->first);
	v->extrapolated = malloc(5 * groups * sizeof *v->extrapolated);
	if (!v->sample || !v->theory || !v->limit || !v->z || !v->first || !v->extrapolated)
		return no_memory(err, c);
	v->extrapolated_error = v->extrapolated + groups;
	v->slope = v->extrapolated + 2 * groups;
	v->extrapolated_z = v->extrapolated + 3 * groups;
	v->curved_p = v->extrapolated + 4 * groups;
	for (size_t i = 0; i < 5 * groups; i++)
		v->extrapolated[i] = NAN;
	for (size_t i = 0; i < n; i++)
		v->theory[i] = v->limit[i] = v->z[i] = NAN;
	snprintf(path, sizeof path, "%s_error", v->name);
	if (store_read(file, v->name, &v->mean, err) || store_read(file, path, &v->error, err))
		return err->code;
	return read_samples(c, v, file, err);
}

/* What both sides have: n = (1 - d) p says nothing beside p, nor n = m without examples, and copies of a random start may be in different states. */
static int read_variables(struct comparison *c, const struct store_file *file, struct err *err)
{
	bool stored = deck_word(c->grid->deck, "model.learning") == STORAGE;
	for (int i = 0; i < OBSERVABLES_COMPARED && !err->code; i++) {
		const char *name = observables[i].name;
		int quantity = quantity_of(c->network, name);
		bool energy = strcmp(name, "energy") == 0;
		if (quantity < 0 || !store_has(file, name) ||
		    (strcmp(name, "n") == 0 && (store_has(file, "p") || stored)) ||
		    (strcmp(name, "q") == 0 && c->random_start && store_has(file, "p")))
			continue;
		if (strcmp(name, "p") == 0 || (strcmp(name, "m") == 0 && c->order < 0))
			c->order = c->variables;
		c->variable[c->variables] = (struct variable){.name = name,
		                                              .long_name = observables[i].long_name,
		                                              .quantity = quantity,
		                                              .energy = energy};
		read_variable(c, &c->variable[c->variables++], file, err);
	}
	return err->code;
}

static int check_axes(const struct comparison *c, const struct store_file *file, struct err *err)
{
	const struct grid *grid = c->grid;
	struct store_shape shape;

	if (store_read_shape(file, "/equilibrated", &shape, err))
		return err->code;
	bool same = shape.rank == grid->axes;
	for (int a = 0; same && a < grid->axes; a++)
		same = strcmp(shape.name[a], grid->axis[a].name) == 0 && shape.size[a] == grid->axis[a].count;
	if (!same)
		return err_set(err, EXIT_USAGE,
		               "%s: -s may change values of its axes, not their number or length", c->path);
	return 0;
}

static int read_file(struct comparison *c, struct err *err)
{
	const size_t points = c->grid->points;
	struct store_file *file;
	struct store_shape shape;

	if (open_simulation(&file, c->path, err))
		return err->code;
	if (check_axes(c, file, err) == 0 && store_read_shape(file, "/samples/sample", &shape, err) == 0) {
		c->samples = shape.count;
		if (c->samples < 2)
			err_set(err, EXIT_USAGE,
			        "%s: one sample tells nothing about the disorder: simulate with "
			        "simulate.samples of 2 or more",
			        c->path);
	}
	if (!err->code) {
		store_read(file, "/gamma_realised", &c->load, err);
		store_read(file, "/equilibrated", &c->equilibrated, err);
		store_read(file, "/escaped", &c->escaped, err);
		store_read(file, "/samples_used", &c->used, err);
		store_read(file, "/K_realised", &c->patterns, err);
	}
	if (!err->code)
		read_variables(c, file, err);
	store_close(file);
	c->mark = calloc(points, 1);
	c->metastable = calloc(points, 1);
	c->branch = malloc(points);
	if (!c->mark || !c->metastable || !c->branch)
		no_memory(err, c);
	else
		memset(c->branch, -1, points);
	return err->code;
}

/* ------------------------------------------------------------------------------------------------------ all */

/* What the theory does not describe. */
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

static void find_sizes(struct comparison *c)
{
	c->N_axis = -1;
	c->groups = c->grid->points;
	for (int a = 0; a < c->grid->axes; a++)
		if (strcmp(c->grid->axis[a].name, "N") == 0 && c->grid->axis[a].count > 1) {
			c->N_axis = a;
			c->groups /= c->grid->axis[a].count;
		}
}

int compare_init(struct comparison *c, const struct grid *grid, const char *path, struct err *err)
{
	const struct deck *deck = grid->deck;
	int rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	*c = (struct comparison){.grid = grid,
	                         .network = deck->network,
	                         .path = path,
	                         .order = -1,
	                         .options = solve_results_options(deck),
	                         .stratified = deck_word(deck, "model.patterns") == 1,
	                         .random_start = strcmp(deck_text(deck, "simulate.start"), "random") == 0};
	c->shape = solve_results_shape(grid, &c->options, 1);
	find_sizes(c);
	if (average_alloc(&c->average, deck_text(deck, "run.kernel")) != 0)
		err_set(err, EXIT_FAILED, "out of memory");
	if (!err->code && check_model(c, err) == 0 && rank == 0)
		read_file(c, err);
	if (rank != 0 && !(c->load = malloc(grid->points * sizeof *c->load)))
		no_memory(err, c);
	if (collective_err(err))
		return err->code;
	MPI_Bcast(c->load, (int)grid->points, MPI_DOUBLE, 0, MPI_COMM_WORLD);
	return 0;
}

void compare_free(struct comparison *c)
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
	free(c->patterns);
	free(c->mark);
	free(c->metastable);
	free(c->branch);
	average_free(c->average);
}
