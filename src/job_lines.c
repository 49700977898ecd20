/* mattis lines: where the transitions of the network cross the last axis of the grid, at all values of the other axes.
 * A row of the grid is the unit of work.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "physics/average.h"
#include "physics/branch.h"
#include "src/agree.h"
#include "src/job.h"
#include "src/output.h"
#include "src/table.h"
#include "src/tasks.h"

enum { MAX_ROOTS = 8, LEAST_PARTS = 32, MAX_LINES = 64 };

/* The roots of one line in one row. */
struct crossing {
	int count;
	struct branch_root root[MAX_ROOTS];
};

/* A row of /lines, sorted by line, segment and row. */
struct point {
	int line, segment;
	size_t row;
	struct branch_root root;
};

struct lines {
	const struct grid *grid;
	const struct transition *line[MAX_LINES]; /* those asked for */
	int count;
	double tolerance;
	struct average *average;
	struct crossing *crossing; /* rank 0: [rows][count] */
	struct point *point;       /* rank 0 */
	size_t points;
	double *column; /* rank 0: [axes + 1][points], the axes and the width */
	int *segment;
	const char **name;
};

static const struct axis *last_axis(const struct grid *grid)
{
	return &grid->axis[grid->axes - 1];
}

/* ---------------------------------------------------------------- what is asked for */

/* Does the list (NULL: all) have this name? */
static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);
	if (!list)
		return true;
	for (const char *at = list; (at = strstr(at, name)); at += length)
		if ((at == list || isspace((unsigned char)at[-1])) && (!at[length] || isspace((unsigned char)at[length])))
			return true;
	return false;
}

static int count_words(const char *list)
{
	int words = 0;
	for (; list && *list; list++)
		words += !isspace((unsigned char)*list) && (!list[1] || isspace((unsigned char)list[1]));
	return words;
}

/* The lines that the deck asks for; the last axis must be a range. */
static int choose(struct lines *l, const struct deck *deck, struct err *err)
{
	const char *list = deck_text(deck, "lines.which");
	const struct transition *line = deck->network->lines;
	char names[1024] = "";
	size_t n = 0;

	for (; line && line->name && l->count < MAX_LINES; line++) {
		if (listed(list, line->name))
			l->line[l->count++] = line;
		if (n < sizeof names)
			n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", line->name);
	}
	if (list && l->count != count_words(list))
		return deck_fault(deck, key_find(NULL, "lines.which"), err, "must be names of %s, with blanks between", names);
	if (last_axis(l->grid)->count < 2)
		return deck_fault(deck, deck->axis[deck->axes - 1], err,
		                  "needs two values or more: the last axis is the one that lines are looked for along");
	return 0;
}

static int lines_init(struct lines *l, const struct deck *deck, const struct grid *grid, struct err *err)
{
	*l = (struct lines){.grid = grid, .tolerance = deck_real(deck, "lines.tolerance")};
	if (choose(l, deck, err))
		return err->code;
	int status = average_alloc(&l->average, deck_text(deck, "run.kernel"));
	if (status == GSL_EINVAL)
		return deck_fault(deck, key_find(NULL, "run.kernel"), err, "this processor cannot run it");
	l->crossing = calloc(grid->rows * (size_t)l->count + 1, sizeof *l->crossing);
	if (status || !l->crossing)
		return err_set(err, EXIT_FAILED, "mattis lines: out of memory");
	return 0;
}

static void lines_free(struct lines *l)
{
	average_free(l->average);
	free(l->crossing);
	free(l->point);
	free(l->column);
	free(l->segment);
	free(l->name);
}

/* ---------------------------------------------------------------- the work */

struct place {
	const struct lines *lines;
	const struct transition *line;
	size_t row;
	const struct tick *tick;
};

static int event(void *ctx, double x, double *value)
{
	const struct place *place = ctx;
	struct params p;
	grid_params_at(&p, place->lines->grid, place->row, x);
	if (tick_poll(place->tick))
		return GSL_EFAILED;
	return place->line->event(place->lines->average, &p, value);
}

/* Along gamma a line may be known without a search. */
static int known_load(const struct place *place, struct crossing *c)
{
	const struct axis *axis = last_axis(place->lines->grid);
	struct params p;
	double gamma;

	grid_params_at(&p, place->lines->grid, place->row, axis->value[0]);
	tick_poll(place->tick);
	int status = place->line->load(place->lines->average, &p, &gamma);
	c->count = status == GSL_SUCCESS && gamma >= axis->value[0] && gamma <= axis->value[axis->count - 1] && gamma > 0;
	c->root[0] = (struct branch_root){gamma, 0};
	return status;
}

static int cross(struct lines *l, size_t row, int line, const struct tick *tick, struct crossing *c)
{
	const struct axis *axis = last_axis(l->grid);
	struct place place = {l, l->line[line], row, tick};
	const struct branch_event e = {event, &place, l->tolerance, axis->key->type == KEY_INTEGER};
	int intervals = (int)axis->count - 1;

	if (place.line->load && strcmp(axis->name, "gamma") == 0)
		return known_load(&place, c);
	return branch_roots(&e, axis->value, (int)axis->count, (LEAST_PARTS + intervals - 1) / intervals, c->root, MAX_ROOTS,
	                    &c->count);
}

static int work(void *ctx, size_t task, struct errand *errand, void *result, struct err *err)
{
	struct lines *l = ctx;
	struct crossing *c = result;
	for (int i = 0; i < l->count; i++) {
		int status = cross(l, task, i, &errand->tick, &c[i]);
		if (status != GSL_SUCCESS)
			return err_set(err, EXIT_FAILED, "mattis lines: %s: %s", l->line[i]->name, gsl_strerror(status));
	}
	return 0;
}

static void take(void *ctx, size_t task, const void *result)
{
	struct lines *l = ctx;
	memcpy(l->crossing + task * (size_t)l->count, result, (size_t)l->count * sizeof *l->crossing);
}

static void give(void *ctx, size_t task, void *result)
{
	struct lines *l = ctx;
	memcpy(result, l->crossing + task * (size_t)l->count, (size_t)l->count * sizeof *l->crossing);
}

/* All points of the row: the parts that are searched depend on them. */
static void key(void *ctx, size_t task, struct digest *digest)
{
	struct lines *l = ctx;
	struct params p;
	for (size_t i = 0; i < l->grid->row_length; i++) {
		grid_params(&p, l->grid, task * l->grid->row_length + i);
		grid_digest(digest, &p);
	}
}

static int lines_find(struct lines *l, const struct options *options, struct output *out, struct err *err)
{
	struct tasks tasks = {.name = "lines", .noun = "row", .unit = "rows", .count = l->grid->rows,
	                      .bytes = (size_t)l->count * sizeof *l->crossing, .ctx = l,
	                      .work = work, .take = take, .give = give, .key = key};
	return tasks_run(&tasks, out, options->quiet, err);
}

/* ---------------------------------------------------------------- the answer, on rank 0 */

/* The points in order, and the columns of the table. */
static int collect(struct lines *l, struct err *err)
{
	const struct grid *grid = l->grid;
	const size_t rows = grid->rows, count = (size_t)l->count;
	size_t n = 0;

	for (size_t i = 0; i < rows * count; i++)
		n += (size_t)l->crossing[i].count;
	l->point = calloc(n + 1, sizeof *l->point);
	l->column = calloc((n + 1) * (size_t)(grid->axes + 1), sizeof *l->column);
	l->segment = calloc(n + 1, sizeof *l->segment);
	l->name = calloc(n + 1, sizeof *l->name);
	if (!l->point || !l->column || !l->segment || !l->name)
		return err_set(err, EXIT_FAILED, "mattis lines: out of memory for %zu points", n);
	for (int i = 0; i < l->count; i++)
		for (int k = 0; k < MAX_ROOTS; k++)
			for (size_t row = 0; row < rows; row++) {
				const struct crossing *c = &l->crossing[row * count + (size_t)i];
				if (k < c->count)
					l->point[l->points++] = (struct point){i, k, row, c->root[k]};
			}
	for (size_t i = 0; i < n; i++) {
		const struct point *p = &l->point[i];
		for (int a = 0; a < grid->axes - 1; a++)
			l->column[(size_t)a * n + i] = grid->axis[a].value[grid_coordinate(grid, a, p->row * grid->row_length)];
		l->column[(size_t)(grid->axes - 1) * n + i] = p->root.x;
		l->column[(size_t)grid->axes * n + i] = p->root.width;
		l->segment[i] = p->segment;
		l->name[i] = l->line[p->line]->name;
	}
	return 0;
}

/* Group /lines: a flat table over the dimension `point`. */
static void lines_store(const struct lines *l, struct store *store)
{
	const struct grid *grid = l->grid;
	const char *point[] = {"point"};
	char name[64];

	store_attr_int(store, "/lines", "points", (int64_t)l->points);
	store_attr_string(store, "/lines", "bracketed_along", last_axis(grid)->name);
	if (l->points == 0)
		return; /* no dimension is empty */
	double *index = calloc(l->points, sizeof *index);
	for (size_t i = 0; index && i < l->points; i++)
		index[i] = (double)i;
	if (index)
		store_axis(store, "/lines/point", l->points, index, "1", "number of the point");
	free(index);
	store_strings(store, "/lines/line", "point", l->name, "name of the line");
	store_variable(store, "/lines/segment", STORE_INT32, 1, point, l->segment, NULL,
	               "number of the root along the last axis, from 0", NULL);
	for (int a = 0; a < grid->axes; a++) {
		snprintf(name, sizeof name, "/lines/%s", grid->axis[a].name);
		store_variable(store, name, STORE_DOUBLE, 1, point, l->column + (size_t)a * l->points, grid->axis[a].key->unit,
		               grid->axis[a].key->meaning, NULL);
	}
	store_variable(store, "/lines/width", STORE_DOUBLE, 1, point, l->column + (size_t)grid->axes * l->points, "1",
	               "width of the bracket around the point along the last axis; 0: known without a search", NULL);
}

static void print_points(FILE *f, const struct lines *l)
{
	const struct grid *grid = l->grid;
	fprintf(f, "# %-22s %7s", "line", "segment");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, " %15s", grid->axis[a].name);
	fprintf(f, " %9s\n", "width");
	for (size_t i = 0; i < l->points; i++) {
		fprintf(f, "  %-22s %7d", l->name[i], l->segment[i]);
		for (int a = 0; a < grid->axes; a++)
			fprintf(f, " %15.12g", l->column[(size_t)a * l->points + i]);
		fprintf(f, " %9.2g\n", l->column[(size_t)grid->axes * l->points + i]);
	}
}

static void print_lines(FILE *f, const struct lines *l, const char *path)
{
	table_head(f, l->grid->deck);
	if (l->points <= TABLE_LONGEST) {
		print_points(f, l);
	} else {
		for (int i = 0; i < l->count; i++) {
			size_t n = 0;
			for (size_t k = 0; k < l->points; k++)
				n += l->point[k].line == i;
			fprintf(f, "%s: %zu points\n", l->line[i]->name, n);
		}
	}
	if (path)
		fprintf(f, "# %zu points in %s\n", l->points, path);
}

/* ---------------------------------------------------------------- the job */

int job_lines(const struct deck *deck, const struct options *options, struct err *err)
{
	struct grid *grid = NULL;
	struct output out = {.lock = {.fd = -1}};
	struct lines l = {0};
	int rank;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (grid_alloc(&grid, deck, err) == 0 && lines_init(&l, deck, grid, err) == 0 && !options_output(options, deck) &&
	    grid->rows > TABLE_LONGEST)
		err_set(err, EXIT_USAGE, "mattis lines: %zu rows are too many to print: give -o FILE or run.output", grid->rows);
	if (agree_err(err) || output_open(&out, deck, options, err))
		goto done;
	if (out.complete) {
		if (rank == 0 && !options->quiet)
			printf("%s: complete, nothing to do\n", out.path);
		goto done;
	}
	if (lines_find(&l, options, &out, err))
		goto done;
	if (rank == 0)
		collect(&l, err);
	if (agree_err(err))
		goto done;
	if (out.store) {
		lines_store(&l, out.store);
		store_attr_string(out.store, "/provenance", "kernel", average_kernel(l.average));
	}
	if (output_write(&out, err) == 0 && rank == 0)
		print_lines(stdout, &l, out.path);
done:
	output_close(&out);
	lines_free(&l);
	grid_free(grid);
	return err->code;
}

int dry_lines(FILE *f, const struct deck *deck, const struct options *options, struct err *err)
{
	const char *output = options_output(options, deck);
	struct grid *grid = NULL;
	struct lines l = {0};

	if (grid_alloc(&grid, deck, err) || lines_init(&l, deck, grid, err) ||
	    (output && store_check_output(output, options->resume || options->restart, err)))
		goto done;
	fprintf(f, "rows     %zu, each from %s = %.6g to %.6g\nlines   ", grid->rows, last_axis(grid)->name,
	        last_axis(grid)->value[0], last_axis(grid)->value[last_axis(grid)->count - 1]);
	for (int i = 0; i < l.count; i++)
		fprintf(f, " %s", l.line[i]->name);
	fprintf(f, "\noutput   %s\n", output ? output : "none, only printed");
done:
	lines_free(&l);
	grid_free(grid);
	return err->code;
}
