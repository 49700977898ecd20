/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/table.h"

#include <math.h>
#include <string.h>

void table_head(FILE *f, const struct deck *deck)
{
	struct effective e;
	char text[256];

	for (int i = 0; deck_effective(deck, &i, &e);) {
		deck_spell(text, sizeof text, &e);
		fprintf(f, "# %s = %s%s\n", e.name, text, e.defaulted ? " (default)" : "");
	}
}

void table_value(char text[32], double value, double error)
{
	if (!isfinite(value)) {
		snprintf(text, 32, "nan");
		return;
	}
	if (!(error > 0)) {
		snprintf(text, 32, error == 0 ? "%.6g(0)" : "%.6g", value);
		return;
	}
	int digits = 1 - (int)floor(log10(error));
	if (digits < 0 || digits > 12)
		snprintf(text, 32, "%.3g+-%.2g", value, error);
	else
		snprintf(text, 32, "%.*f(%.0f)", digits, value, error * pow(10, digits));
}

static int find(const struct quantity *q, const char *name)
{
	for (int i = 0; q[i].name; i++)
		if (strcmp(q[i].name, name) == 0)
			return i;
	return -1;
}

/* Index in the column of quantity q of (point, branch, pattern). */
static size_t at(const struct quantity *q, const struct row *row, size_t point, int branch, int pattern)
{
	size_t i = point;
	if (q->per & PER_BRANCH)
		i = i * (size_t)row->branches + (size_t)branch;
	if (q->per & PER_PATTERN)
		i = i * (size_t)row->patterns + (size_t)pattern;
	return i;
}

static const char *flag(const struct quantity *q, const struct row *row, int column, size_t index)
{
	return q[column].flags[((const int8_t *)row->column[column])[index]];
}

/* Does column i go into the table?  The numbers that say anything here, and of those per pattern the first; the rest
 * stands in the file. */
static int shown(const struct quantity *q, const struct row *row, int i)
{
	if (q[i].type != REAL || strcmp(q[i].name, "residual") == 0)
		return 0;
	for (int k = 0; k < i; k++)
		if ((q[i].per & PER_PATTERN) && (q[k].per & PER_PATTERN))
			return 0;
	for (size_t k = 0; k < quantity_count(&q[i], row); k++)
		if (!isnan(((const double *)row->column[i])[k]))
			return 1;
	return 0;
}

static void print_columns(FILE *f, const struct grid *grid, const struct row *row)
{
	const struct quantity *q = grid->deck->network->quantities;
	fprintf(f, "#");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, " %9s", grid->axis[a].name);
	fprintf(f, " %-12s %-12s", "phase", "branch");
	for (int i = 0; q[i].name; i++)
		for (int k = 0; shown(q, row, i) && k < (q[i].per & PER_PATTERN ? row->patterns : 1); k++) {
			char name[40];
			snprintf(name, sizeof name, q[i].per & PER_PATTERN && row->patterns > 1 ? "%s[%d]" : "%s", q[i].name, k + 1);
			fprintf(f, " %15s", name);
		}
	fprintf(f, "\n");
}

static void print_solution(FILE *f, const struct grid *grid, const struct row *row, size_t point, int branch,
                           const char *name)
{
	const struct quantity *q = grid->deck->network->quantities;
	int phase = find(q, "phase");
	fprintf(f, " ");
	for (int a = 0; a < grid->axes; a++)
		fprintf(f, " %9.6g", grid->axis[a].value[grid_coordinate(grid, a, point)]);
	fprintf(f, " %-12s %-12s", flag(q, row, phase, at(&q[phase], row, point, branch, 0)), name);
	for (int i = 0; q[i].name; i++)
		for (int k = 0; shown(q, row, i) && k < (q[i].per & PER_PATTERN ? row->patterns : 1); k++)
			fprintf(f, " %15.11g", ((const double *)row->column[i])[at(&q[i], row, point, branch, k)]);
	fprintf(f, "\n");
}

/* A line for every solution found; what failed is said, what does not exist is left out. */
static void print_points(FILE *f, const struct grid *grid, const struct row *row, const char *const *branch)
{
	const struct quantity *q = grid->deck->network->quantities;
	int status = find(q, "status");
	print_columns(f, grid, row);
	for (size_t point = 0; point < grid->points; point++)
		for (int b = 0; b < row->branches; b++) {
			size_t i = at(&q[status], row, point, b, 0);
			if (((const int8_t *)row->column[status])[i] != NONE)
				print_solution(f, grid, row, point, b, branch[b]);
		}
}

/* How many points or solutions have each flag. */
static void print_counts(FILE *f, const struct grid *grid, const struct row *row, const char *const *branch)
{
	const struct quantity *q = grid->deck->network->quantities;
	for (int i = 0; q[i].name; i++)
		for (int b = 0; q[i].type == FLAG && b < (q[i].per & PER_BRANCH ? row->branches : 1); b++) {
			size_t count[128] = {0};
			for (size_t point = 0; point < grid->points; point++)
				count[((const int8_t *)row->column[i])[at(&q[i], row, point, b, 0)]]++;
			fprintf(f, "%s%s%s:", q[i].name, q[i].per & PER_BRANCH ? " of " : "", q[i].per & PER_BRANCH ? branch[b] : "");
			for (int k = 0; q[i].flags[k]; k++)
				if (count[k])
					fprintf(f, " %s %zu", q[i].flags[k], count[k]);
			fprintf(f, "\n");
		}
}

void table_print(FILE *f, const struct grid *grid, const struct row *row, const struct solve_options *options,
                 const char *path)
{
	const char *branch[MAX_BRANCHES];
	struct params p;

	grid_params(&p, grid, 0);
	grid->deck->network->branches(&p, options, branch);
	table_head(f, grid->deck);
	if (grid->points <= TABLE_LONGEST)
		print_points(f, grid, row, branch);
	else
		print_counts(f, grid, row, branch);
	if (path)
		fprintf(f, "# %zu points in %s\n", grid->points, path);
}
