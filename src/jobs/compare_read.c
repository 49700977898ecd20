/* The deck and the numbers of a simulation, from its file; the contract is in compare.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/file/store_read.h"

/* ---------------------------------------------------------------- the deck */

/* Opens a file; fails if it is not an output of simulate. */
static int open_simulation(struct store_file **file, const char *path, struct err *err)
{
	if (store_open(file, path, err))
		return err->code;
	if (store_has(*file, "/samples/sample") && store_has(*file, "/equilibrated") &&
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

/* Appends "sweep.T=[0.1, 0.2]".  Long lists are cut in /parameters, so the values are those of the axis
 * itself. */
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

/* Settings that are being made of the attributes of /parameters. */
struct settings {
	char *text;
	bool failed;
};

static void append_setting(void *context, const char *name, const char *value)
{
	static const char *const not_of_the_model[] = {"deck", "title", "run.", "sweep.", NULL};
	struct settings *s = context;

	for (const char *const *no = not_of_the_model; *no; no++)
		if (strncmp(name, *no, strlen(*no)) == 0)
			return;
	s->failed = s->failed || strchr(value, '\n') || !append(&s->text, name) || !append(&s->text, "=") ||
	            !append(&s->text, value) || !append(&s->text, "\n");
}

int compare_read_settings(char **lines, const char *path, struct err *err)
{
	struct settings s = {.text = calloc(1, 1)};
	struct store_file *file;
	struct store_shape shape;

	*lines = NULL;
	if (open_simulation(&file, path, err)) {
		free(s.text);
		return err->code;
	}
	s.failed = !s.text;
	if (!s.failed)
		store_attributes(path, "/parameters", append_setting, &s, err);
	if (!err->code && s.failed)
		err_set(err, EXIT_FAILED, "%s: out of memory for its deck", path);
	if (!err->code)
		store_read_shape(file, "/equilibrated", &shape, err);
	for (int a = 0; !err->code && a < shape.rank; a++)
		append_axis(&s.text, file, shape.name[a], shape.size[a], err);
	store_close(file);
	if (err->code)
		free(s.text);
	else
		*lines = s.text;
	return err->code;
}

/* ---------------------------------------------------------------- the numbers */

/* In the order of the output. */
static const enum role roles[] = {ROLE_RETRIEVAL_OVERLAP, ROLE_OVERLAP, ROLE_SIGNAL, ROLE_SPIN_GLASS,
                                  ROLE_ENERGY};

enum { ROLES_COMPARED = sizeof roles / sizeof roles[0] };

static int no_memory(struct err *err, const struct comparison *c)
{
	return err_set(err, EXIT_FAILED, "%s: out of memory for %zu points", c->path, c->grid->points);
}

/* /samples/NAME is [points][samples][width]; in memory the samples are the last dimension. */
static int read_samples(struct comparison *c, struct variable *v, const struct store_file *file,
                        struct err *err)
{
	char path[80];
	double *raw;

	snprintf(path, sizeof path, "/samples/%s", v->text.name);
	if (store_read(file, path, &raw, err))
		return err->code;
	for (size_t i = 0; i < c->grid->points * c->samples * v->width; i++) {
		size_t k = i % v->width, s = i / v->width % c->samples, point = i / v->width / c->samples;
		v->sample[(point * v->width + k) * c->samples + s] = raw[i];
	}
	free(raw);
	return 0;
}

static int allocate(struct comparison *c, struct variable *v, struct err *err)
{
	size_t n = c->grid->points * v->width, groups = c->groups * v->width;

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
	return 0;
}

static int read_variable(struct comparison *c, struct variable *v, const struct store_file *file,
                         struct err *err)
{
	struct store_shape shape;
	char path[80];

	if (store_read_shape(file, v->text.name, &shape, err))
		return err->code;
	v->width = shape.count / c->grid->points;
	if (v->width > MAX_UNKNOWNS)
		return err_set(err, EXIT_FAILED, "%s: %s has %zu patterns, compare can take %d", c->path,
		               v->text.name, v->width, MAX_UNKNOWNS);
	snprintf(path, sizeof path, "%s_error", v->text.name);
	if (allocate(c, v, err) || store_read(file, v->text.name, &v->mean, err) ||
	    store_read(file, path, &v->error, err))
		return err->code;
	return read_samples(c, v, file, err);
}

/* Leaves out what would test the same numbers twice: the signal is proportional to the retrieval overlap,
 * and equal to the overlap if there are no examples.  With several overlaps, replicas of a random start may
 * be in different states, and their overlap with each other is none of a state. */
static bool is_compared(const struct comparison *c, enum role role, bool several)
{
	if (role == ROLE_SIGNAL)
		return !several && c->grid->base.learning != STORAGE;
	return !(role == ROLE_SPIN_GLASS && several && c->random_start);
}

/* Reads the observables that both sides have. */
static int read_variables(struct comparison *c, const struct store_file *file, struct err *err)
{
	const bool several = c->quantity[ROLE_RETRIEVAL_OVERLAP] >= 0 &&
	                     store_has(file, network_observable(c->network, ROLE_RETRIEVAL_OVERLAP).name);

	for (int i = 0; i < ROLES_COMPARED && !err->code; i++) {
		const enum role role = roles[i];
		struct variable v = {.role = role,
		                     .text = network_observable(c->network, role),
		                     .quantity = c->quantity[role]};
		if (v.quantity < 0 || !store_has(file, v.text.name) || !is_compared(c, role, several))
			continue;
		if (c->order < 0 && (role == ROLE_RETRIEVAL_OVERLAP || role == ROLE_OVERLAP))
			c->order = c->variables;
		c->variable[c->variables] = v;
		read_variable(c, &c->variable[c->variables++], file, err);
	}
	if (!err->code && c->order < 0)
		return err_set(err, EXIT_USAGE,
		               "%s: the %s network reports no overlap that could be compared", c->path,
		                c->network->name);
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

static int check_samples(struct comparison *c, const struct store_file *file, struct err *err)
{
	struct store_shape shape;

	if (store_read_shape(file, "/samples/sample", &shape, err))
		return err->code;
	c->samples = shape.count;
	if (c->samples < 2)
		return err_set(err, EXIT_USAGE,
		               "%s: one sample has no error over the disorder: simulate with "
		               "simulate.samples of 2 or more",
		               c->path);
	return 0;
}

int compare_read(struct comparison *c, struct err *err)
{
	const size_t points = c->grid->points;
	struct store_file *file;

	if (open_simulation(&file, c->path, err))
		return err->code;
	if (check_axes(c, file, err) || check_samples(c, file, err) ||
	    store_read(file, "/gamma_realised", &c->load, err) ||
	    store_read(file, "/equilibrated", &c->equilibrated, err) ||
	    store_read(file, "/escaped", &c->escaped, err) ||
	    store_read(file, "/samples_used", &c->used, err) || read_variables(c, file, err))
		goto done;
	c->mark = calloc(points, 1);
	c->metastable = calloc(points, 1);
	c->branch = malloc(points);
	if (!c->mark || !c->metastable || !c->branch)
		no_memory(err, c);
	else
		memset(c->branch, -1, points);
done:
	store_close(file);
	return err->code;
}
