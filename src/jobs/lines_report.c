/* The transition lines as a table, in the output and on stdout; the contract is in lines.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "src/file/dataset_table.h"
#include "src/jobs/lines.h"
#include "src/jobs/table.h"

/* A row of the table: root `root` of a line in a row of the grid. */
struct entry {
	int line, root;
	size_t row;
};

static const struct crossings *crossings_of(const struct lines *l, int line, size_t row)
{
	return &l->crossings[row * (size_t)l->count + (size_t)line];
}

static size_t count_points(const struct lines *l, int line)
{
	size_t n = 0;
	for (size_t row = 0; row < l->rows; row++)
		n += (size_t)crossings_of(l, line, row)->count;
	return n;
}

/* Appends root `root` of a line in all rows of a direction; returns the end of the list. */
static struct entry *append(struct entry *end, const struct lines *l, int line, int direction, int root)
{
	const struct direction *d = &l->direction[direction];
	for (size_t row = d->first; row < d->first + d->rows; row++)
		if (root < crossings_of(l, line, row)->count)
			*end++ = (struct entry){line, root, row};
	return end;
}

/* Returns all points in the order of the table; NULL without memory. */
static struct entry *list_points(const struct lines *l, size_t *count)
{
	*count = 0;
	for (int i = 0; i < l->count; i++)
		*count += count_points(l, i);
	struct entry *list = malloc((*count + 1) * sizeof *list), *end = list;
	for (int i = 0; list && i < l->count; i++)
		for (int d = 0; d < l->directions; d++)
			for (int root = 0; root < LINE_ROOTS; root++)
				end = append(end, l, i, d, root);
	return list;
}

/* Returns the coordinate of a point on axis a of the grid. */
static double coordinate(const struct lines *l, const struct entry *e, int a)
{
	const struct direction *direction = lines_search_direction(l, e->row);
	const struct crossings *c = crossings_of(l, e->line, e->row);
	if (a == direction->axis)
		return c->root[e->root].x;
	if (a == direction->other && l->line[e->line]->point)
		return c->root[1].x;
	return l->grid->axis[a].value[grid_coordinate(l->grid, a, lines_search_first_point(l, e->row))];
}

static struct column column(const char *name, enum dataset_type type, const char *long_name)
{
	return (struct column){
		.group = "/lines", .name = name, .type = type, .dims = "point", .long_name = long_name};
}

static void add_names(struct dataset *dataset, const struct lines *l, const struct entry *list, size_t n,
                      const char **text)
{
	struct column line = column("line", DATASET_STRING, "name of the line");
	struct column along = column("along", DATASET_STRING,
	                             "axis along which the point is bracketed, the others being on the grid; "
	                             "empty: a single point");
	struct column segment =
		column("segment", DATASET_INT32,
	               "number of the root along that axis, from 0; along the axis before the last from 8");

	line.data = along.data = (const void *)text;
	for (size_t i = 0; i < n; i++)
		text[i] = l->line[list[i].line]->name;
	dataset_add(dataset, &line);
	int32_t *number = dataset_add(dataset, &segment);
	for (size_t i = 0; i < n; i++) {
		const struct direction *direction = lines_search_direction(l, list[i].row);
		text[i] = l->line[list[i].line]->point ? "" : l->grid->axis[direction->axis].name;
		if (number)
			number[i] = list[i].root + (direction > l->direction ? LINE_ROOTS : 0);
	}
	dataset_add(dataset, &along);
}

static void add_numbers(struct dataset *dataset, const struct lines *l, const struct entry *list, size_t n)
{
	for (int a = 0; a < l->grid->axes; a++) {
		const struct axis *axis = &l->grid->axis[a];
		struct column c = column(axis->name, DATASET_DOUBLE, axis->key->meaning);
		c.unit = axis->key->unit;
		c.symbol = axis->key->symbol;
		double *x = dataset_add(dataset, &c);
		for (size_t i = 0; x && i < n; i++)
			x[i] = coordinate(l, &list[i], a);
	}
	struct column c =
		column("width", DATASET_DOUBLE,
	               "width of the bracket around the point along that axis; 0: known without a search");
	double *width = dataset_add(dataset, &c);
	for (size_t i = 0; width && i < n; i++)
		width[i] = crossings_of(l, list[i].line, list[i].row)->root[list[i].root].width;
}

int lines_report(struct dataset *dataset, const struct lines *l, struct err *err)
{
	size_t n;
	struct entry *list = list_points(l, &n);
	const char **text = calloc(n + 1, sizeof *text);

	if (!list || !text)
		err_set(err, EXIT_FAILED, "mattis lines: out of memory for %zu points", n);
	dataset_attr_int(dataset, "/lines", "points", (int64_t)n);
	if (!err->code && n > 0) { /* no dimension is empty */
		dataset_axis_steps(
			dataset,
			&(struct column){
				.group = "/lines", .name = "point", .long_name = "number of the point"},
			n, 0, 1);
		add_names(dataset, l, list, n, text);
		add_numbers(dataset, l, list, n);
		dataset_check(dataset, "mattis lines", err);
	}
	free(list);
	free(text);
	return err->code;
}

/* ---------------------------------------------------------------- stdout */

static void print_points(FILE *f, const struct dataset *dataset, const struct lines *l)
{
	struct dataset_cell cell[MAX_AXES + 4] = {{.column = "/lines/line", .head = "line", .width = -22},
	                                          {.column = "/lines/segment", .head = "segment", .width = 7},
	                                          {.column = "/lines/along", .head = "along", .width = 6}};
	char path[MAX_AXES][80];
	int n = 3;

	for (int a = 0; a < l->grid->axes; a++) {
		snprintf(path[a], sizeof path[a], "/lines/%s", l->grid->axis[a].name);
		cell[n++] = (struct dataset_cell){.column = path[a],
		                                  .head = l->grid->axis[a].name,
		                                  .width = 15,
		                                  .format = "%.12g"};
	}
	cell[n++] = (struct dataset_cell){
		.column = "/lines/width", .head = "width", .width = 9, .format = "%.2g"};
	dataset_table_print(f, &(struct dataset_table){.dataset = dataset,
	                                               .rows = "lines/point",
	                                               .cells = (size_t)n,
	                                               .cell = cell});
}

void lines_report_print(FILE *f, const struct dataset *dataset, const struct lines *l, const char *path)
{
	size_t n;

	dataset_data(dataset, "/lines/point", &n);
	table_head(f, l->grid->deck);
	for (int i = 0; path && n > 4 * TABLE_LONGEST && i < l->count; i++)
		fprintf(f, "%s: %zu points\n", l->line[i]->name, count_points(l, i));
	if (n == 0)
		fprintf(f, "# no points\n");
	else if (!path || n <= 4 * TABLE_LONGEST)
		print_points(f, dataset, l);
	if (path)
		fprintf(f, "# %zu points in %s\n", n, path);
}
