/* mattis lines: where the transitions of the network cross the lines of the grid, along its last two axes.  The unit of
 * work is a row: all values of one of those axes, the other parameters given.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "physics/numerics/average.h"
#include "physics/numerics/roots.h"
#include "src/base/collective.h"
#include "src/jobs/solve_cost.h"
#include "src/jobs/jobs.h"
#include "src/run/output.h"
#include "src/jobs/table.h"
#include "src/run/scheduler.h"

enum { LEAST_NODES = 32, MOST_NODES = 100, MAX_LINES = 64 };

/* The roots of one line in one row; of a single point its two coordinates, here and on the other axis. */
struct crossing {
	int count;
	struct roots_root root[LINE_ROOTS];
};

/* The rows along one axis. */
struct family {
	int axis, other;    /* other: of the plane; -1: the grid has one axis */
	size_t first, rows; /* number of the first row among all */
};

/* A row of /lines, sorted by line, segment and row. */
struct point {
	int line, family, segment;
	size_t row;
	struct roots_root root;
	double other; /* single points: coordinate on the other axis; else NaN */
};

struct lines {
	const struct grid *grid;
	const struct transition *line[MAX_LINES]; /* those asked for */
	int count, families;
	struct family family[2];
	size_t rows;
	double tolerance;
	struct average *average;
	struct crossing *crossing; /* rank 0: [rows][count] */
	struct point *point;       /* rank 0 */
	size_t points;
	double *column; /* rank 0: [axes + 1][points], the axes and the width */
	int *segment;
	const char **name, **along;
};

/* ---------------------------------------------------------------- what is asked for */

/* Does the list (NULL: all) have this name? */
static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);
	if (!list)
		return true;
	for (const char *at = list; (at = strstr(at, name)); at += length)
		if ((at == list || isspace((unsigned char)at[-1])) &&
		    (!at[length] || isspace((unsigned char)at[length])))
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

/* The lines that the deck asks for. */
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
		return deck_fault(deck, key_find(NULL, "lines.which"), err,
		                  "must be names of %s, with blanks between", names);
	return 0;
}

/* Rows along the last axis and along the one before, if they are ranges.  Of whole numbers only the last: there is
 * no line between them. */
static int families(struct lines *l, const struct deck *deck, struct err *err)
{
	const struct grid *grid = l->grid;
	for (int a = grid->axes - 1; a >= 0 && a >= grid->axes - 2; a--) {
		const struct axis *axis = &grid->axis[a];
		int other = a < grid->axes - 1 ? a + 1 : a - 1; /* -1: none */
		if (axis->count < 2 || (a < grid->axes - 1 && axis->key->type == KEY_INTEGER))
			continue;
		l->family[l->families++] = (struct family){a, other, l->rows, grid->points / axis->count};
		l->rows += grid->points / axis->count;
	}
	if (l->families == 0)
		return deck_fault(
			deck, deck->axis[deck->axes - 1], err,
			"needs two values or more: the last axis is one that lines are looked for along");
	return 0;
}

static int lines_init(struct lines *l, const struct deck *deck, const struct grid *grid, struct err *err)
{
	*l = (struct lines){.grid = grid, .tolerance = deck_real(deck, "lines.tolerance")};
	if (choose(l, deck, err) || families(l, deck, err))
		return err->code;
	int status = average_alloc(&l->average, deck_text(deck, "run.kernel"));
	if (status == GSL_EINVAL)
		return deck_fault(deck, key_find(NULL, "run.kernel"), err, "this processor cannot run it");
	l->crossing = calloc(l->rows * (size_t)l->count + 1, sizeof *l->crossing);
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
	free(l->along);
}

/* ---------------------------------------------------------------- the work */

/* A row, and what is looked for in it. */
struct place {
	const struct lines *lines;
	const struct family *family;
	size_t point; /* index of its first point in the grid */
	double *node; /* room for the nodes */
	const struct tick *tick;
	const struct transition *line;
	const struct transition *domain; /* line->within, its roots in domain_roots; null: none yet */
	struct crossing domain_roots;
};

static const struct axis *axis_of(const struct place *place)
{
	return &place->lines->grid->axis[place->family->axis];
}

/* Index of the first point of a row of the family. */
static size_t first_point(const struct grid *grid, const struct family *family, size_t row)
{
	size_t inner = 1;
	for (int a = family->axis + 1; a < grid->axes; a++)
		inner *= grid->axis[a].count;
	return row / inner * inner * grid->axis[family->axis].count + row % inner;
}

/* The parameters at x in the row; not 0: stop. */
static int params_at(struct params *p, const struct place *place, double x)
{
	grid_params_at(p, place->lines->grid, place->point, place->family->axis, x);
	return tick_poll(place->tick);
}

static int event(void *ctx, double x, double *value)
{
	const struct place *place = ctx;
	struct params p;
	if (params_at(&p, place, x))
		return GSL_EFAILED;
	return place->line->event(place->lines->average, &p, value);
}

/* The places that the line knows, those within the axis; c->count = -1: it knows none along this axis. */
static int look_up(const struct place *place, struct crossing *c)
{
	const struct axis *axis = axis_of(place);
	struct params p;
	double x[LINE_ROOTS];
	int count, status;

	if (params_at(&p, place, axis->value[0]))
		return GSL_EFAILED;
	status = place->line->known(place->lines->average, &p, axis->name, x, &count);
	c->count = count < 0 ? -1 : 0;
	for (int i = 0; i < count && status == GSL_SUCCESS; i++)
		if (x[i] >= axis->value[0] && x[i] <= axis->value[axis->count - 1])
			c->root[c->count++] = (struct roots_root){x[i], 0};
	return status;
}

/* The only point of the line in this plane, once: in its first row along the last axis. */
static int single(const struct place *place, struct crossing *c)
{
	const struct grid *grid = place->lines->grid;
	const struct family *family = place->family;
	const struct axis *axis = axis_of(place),
			  *other = family->other < 0 ? NULL : &grid->axis[family->other];
	int load_first = strcmp(axis->name, "gamma") == 0;
	double T, gamma;
	struct params p;

	c->count = 0;
	if (!other || family->axis < family->other ||
	    grid_coordinate(grid, family->other, place->point) > 0 ||
	    strcmp(axis->name, load_first ? "gamma" : "T") != 0 ||
	    strcmp(other->name, load_first ? "T" : "gamma") != 0)
		return GSL_SUCCESS;
	if (params_at(&p, place, axis->value[0]))
		return GSL_EFAILED;
	int status = place->line->point(place->lines->average, &p, &T, &gamma);
	double x = load_first ? gamma : T, y = load_first ? T : gamma;
	if (status == GSL_SUCCESS && x >= axis->value[0] && x <= axis->value[axis->count - 1] &&
	    y >= other->value[0] && y <= other->value[other->count - 1]) {
		c->count = 1;
		c->root[0] = (struct roots_root){x, 0};
		c->root[1].x = y;
	}
	return status;
}

static int cross(struct place *place, const struct transition *line, struct crossing *c);

/* The ends of the region where the line of the place has a meaning. */
static int domain_ends(struct place *place)
{
	const struct transition *line = place->line;
	int status = GSL_SUCCESS;
	if (place->domain == line->within)
		return status;
	place->domain = line->within;
	place->domain_roots.count = 0;
	if (line->within)
		status = cross(place, line->within, &place->domain_roots);
	place->domain = line->within; /* not that of the domain's own */
	place->line = line;
	return status;
}

static int search(struct place *place, struct crossing *c)
{
	const struct axis *axis = axis_of(place);
	const int whole = axis->key->type == KEY_INTEGER, geometric = axis->geometric;
	const struct roots_event e = {event, place, place->lines->tolerance, geometric, whole};
	double end[LINE_ROOTS];
	int status = domain_ends(place);

	for (int i = 0; i < place->domain_roots.count; i++)
		end[i] = place->domain_roots.root[i].x;
	int nodes = roots_nodes(place->node, axis->value, (int)axis->count, LEAST_NODES, MOST_NODES,
	                         geometric, whole, end, place->domain_roots.count);
	return status == GSL_SUCCESS ? roots_find(&e, place->node, nodes, c->root, LINE_ROOTS, &c->count)
	                             : status;
}

static int cross(struct place *place, const struct transition *line, struct crossing *c)
{
	int status = GSL_SUCCESS;
	place->line = line;
	if (line->point)
		return single(place, c);
	c->count = -1;
	if (line->known)
		status = look_up(place, c);
	return status == GSL_SUCCESS && c->count < 0 ? search(place, c) : status;
}

static const struct family *family_of(const struct lines *l, size_t row)
{
	return &l->family[l->families > 1 && row >= l->family[1].first];
}

static int compute(void *ctx, size_t task, struct running *running, void *result, struct err *err)
{
	struct lines *l = ctx;
	struct crossing *c = result;
	struct place place = {.lines = l, .family = family_of(l, task), .tick = &running->tick};
	const size_t count = l->grid->axis[place.family->axis].count;

	place.point = first_point(l->grid, place.family, task - place.family->first);
	place.node = malloc((count + MOST_NODES + 2 * LINE_ROOTS + 1) * sizeof *place.node);
	if (!place.node)
		return err_set(err, EXIT_FAILED, "mattis lines: out of memory");
	for (int i = 0; i < l->count && err->code == 0; i++) {
		int status = cross(&place, l->line[i], &c[i]);
		if (status != GSL_SUCCESS)
			err_set(err, EXIT_FAILED, "mattis lines: %s: %s", l->line[i]->name,
			        gsl_strerror(status));
	}
	free(place.node);
	return err->code;
}

static void store(void *ctx, size_t task, const void *result)
{
	struct lines *l = ctx;
	memcpy(l->crossing + task * (size_t)l->count, result, (size_t)l->count * sizeof *l->crossing);
}

static void load(void *ctx, size_t task, void *result)
{
	struct lines *l = ctx;
	memcpy(result, l->crossing + task * (size_t)l->count, (size_t)l->count * sizeof *l->crossing);
}

/* All points of the row, which the nodes depend on, and the range of the other axis, which bounds single points. */
static void key(void *ctx, size_t task, struct checksum *digest)
{
	struct lines *l = ctx;
	const struct family *family = family_of(l, task);
	const struct axis *axis = &l->grid->axis[family->axis];
	const size_t first = first_point(l->grid, family, task - family->first);
	struct params p;
	for (size_t i = 0; i < axis->count; i++) {
		grid_params_at(&p, l->grid, first, family->axis, axis->value[i]);
		grid_checksum(digest, &p);
	}
	for (int end = 0; end < 2 && family->other >= 0; end++) {
		const struct axis *other = &l->grid->axis[family->other];
		grid_params_at(&p, l->grid, first, family->other, other->value[end ? other->count - 1 : 0]);
		grid_checksum(digest, &p);
	}
}

static int lines_find(struct lines *l, const struct options *options, struct output *out, struct err *err)
{
	struct work tasks = {.name = "lines",
	                     .noun = "row",
	                     .unit = "rows",
	                     .count = l->rows,
	                     .bytes = (size_t)l->count * sizeof *l->crossing,
	                     .job = l,
	                     .compute = compute,
	                     .store = store,
	                     .load = load,
	                     .key = key};
	return scheduler_run(&tasks, out, options->quiet, err);
}

/* ---------------------------------------------------------------- the answer, on rank 0 */

/* The points in order: by line, axis, number of the root, row. */
static void order(struct lines *l)
{
	const size_t count = (size_t)l->count;
	for (int i = 0; i < l->count; i++)
		for (int f = 0; f < l->families; f++)
			for (int k = 0; k < LINE_ROOTS; k++)
				for (size_t row = 0; row < l->family[f].rows; row++) {
					const struct crossing *c =
						&l->crossing[(l->family[f].first + row) * count + (size_t)i];
					if (k < c->count)
						l->point[l->points++] = (struct point){
							i,          f,
							k,          row,
							c->root[k], l->line[i]->point ? c->root[1].x : NAN};
				}
}

/* The number of a piece of a line: first those along the last axis. */
static int segment_of(const struct point *p)
{
	return p->segment + (p->family > 0 ? LINE_ROOTS : 0);
}

static double coordinate(const struct lines *l, const struct point *p, int a)
{
	const struct family *family = &l->family[p->family];
	if (a == family->axis)
		return p->root.x;
	if (a == family->other && !isnan(p->other))
		return p->other;
	return l->grid->axis[a].value[grid_coordinate(l->grid, a, first_point(l->grid, family, p->row))];
}

/* The columns of the table. */
static int collect(struct lines *l, struct err *err)
{
	const struct grid *grid = l->grid;
	size_t n = 0;

	for (size_t i = 0; i < l->rows * (size_t)l->count; i++)
		n += (size_t)l->crossing[i].count;
	l->point = calloc(n + 1, sizeof *l->point);
	l->column = calloc((n + 1) * (size_t)(grid->axes + 1), sizeof *l->column);
	l->segment = calloc(n + 1, sizeof *l->segment);
	l->name = calloc(n + 1, sizeof *l->name);
	l->along = calloc(n + 1, sizeof *l->along);
	if (!l->point || !l->column || !l->segment || !l->name || !l->along)
		return err_set(err, EXIT_FAILED, "mattis lines: out of memory for %zu points", n);
	order(l);
	for (size_t i = 0; i < n; i++) {
		const struct point *p = &l->point[i];
		for (int a = 0; a < grid->axes; a++)
			l->column[(size_t)a * n + i] = coordinate(l, p, a);
		l->column[(size_t)grid->axes * n + i] = p->root.width;
		l->segment[i] = segment_of(p);
		l->name[i] = l->line[p->line]->name;
		l->along[i] = l->line[p->line]->point ? "" : grid->axis[l->family[p->family].axis].name;
	}
	return 0;
}

/* Group /lines: a flat table over the dimension `point`. */
static void lines_store(const struct lines *l, struct dataset *dataset)
{
	const struct grid *grid = l->grid;
	const char *point[] = {"point"};
	char name[64];

	dataset_attr_int(dataset, "/lines", "points", (int64_t)l->points);
	if (l->points == 0)
		return; /* no dimension is empty */
	double *index = calloc(l->points, sizeof *index);
	for (size_t i = 0; index && i < l->points; i++)
		index[i] = (double)i;
	if (index)
		store_axis(dataset, "/lines/point", l->points, index, "1", "number of the point");
	free(index);
	store_strings(dataset, "/lines/line", "point", l->name, "name of the line");
	store_variable(dataset, "/lines/segment", DATASET_INT32, 1, point, l->segment, NULL,
	               "number of the root along that axis, from 0; along the axis before the last from 8",
	               NULL);
	store_strings(dataset, "/lines/along", "point", l->along,
	              "axis along which the point is bracketed, the others being on the grid; empty: a "
	              "single point");
	for (int a = 0; a < grid->axes; a++) {
		snprintf(name, sizeof name, "/lines/%s", grid->axis[a].name);
		store_variable(dataset, name, DATASET_DOUBLE, 1, point, l->column + (size_t)a * l->points,
		               grid->axis[a].key->unit, grid->axis[a].key->meaning, NULL);
	}
	store_variable(dataset, "/lines/width", DATASET_DOUBLE, 1, point,
	               l->column + (size_t)grid->axes * l->points, "1",
	               "width of the bracket around the point along that axis; 0: known without a search",
	               NULL);
}

static void print_points(FILE *f, const struct lines *l)
{
	const struct grid *grid = l->grid;
	fprintf(f, "# %-22s %7s %6s", "line", "segment", "along");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, " %15s", grid->axis[a].name);
	fprintf(f, " %9s\n", "width");
	for (size_t i = 0; i < l->points; i++) {
		fprintf(f, "  %-22s %7d %6s", l->name[i], l->segment[i], *l->along[i] ? l->along[i] : "-");
		for (int a = 0; a < grid->axes; a++)
			fprintf(f, " %15.12g", l->column[(size_t)a * l->points + i]);
		fprintf(f, " %9.2g\n", l->column[(size_t)grid->axes * l->points + i]);
	}
}

static void print_lines(FILE *f, const struct lines *l, const char *path)
{
	table_head(f, l->grid->deck);
	if (!path || l->points <= 4 * TABLE_LONGEST) {
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
	if (grid_alloc(&grid, deck, err) == 0 && lines_init(&l, deck, grid, err) == 0)
		output_check_printed(l.rows, 2 * TABLE_LONGEST, "rows", deck, options, err);
	if (collective_err(err) || output_open(&out, deck, options, err) || out.complete)
		goto done;
	if (lines_find(&l, options, &out, err))
		goto done;
	if (rank == 0)
		collect(&l, err);
	if (collective_err(err))
		goto done;
	if (out.dataset) {
		lines_store(&l, out.dataset);
		dataset_attr_string(out.dataset, "/provenance", "kernel", average_kernel(l.average));
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
	for (int i = 0; i < l.families; i++) {
		const struct axis *axis = &grid->axis[l.family[i].axis];
		fprintf(f, "rows     %zu, each from %s = %.6g to %.6g\n", l.family[i].rows, axis->name,
		        axis->value[0], axis->value[axis->count - 1]);
	}
	fprintf(f, "lines   ");
	for (int i = 0; i < l.count; i++)
		fprintf(f, " %s", l.line[i]->name);
	fprintf(f, "\n");
	cost_print_output(f, output, l.rows, 2 * TABLE_LONGEST, "rows");
done:
	lines_free(&l);
	grid_free(grid);
	return err->code;
}
