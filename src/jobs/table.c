/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/table.h"

#include <math.h>

enum { MAX_CELLS = 2 + MAX_QUANTITIES + MAX_UNKNOWNS };

void table_head(FILE *f, const struct deck *deck)
{
	struct effective e;
	char text[256];

	for (int i = 0; deck_effective(deck, &i, &e);) {
		deck_spell(text, sizeof text, &e);
		fprintf(f, "# %s = %s%s\n", e.name, text, e.defaulted ? " (default)" : "");
	}
}

/* Does quantity i go into the table?  The numbers that are not NaN everywhere, and of those per pattern the
 * first; the file has the rest. */
static bool shown(const struct quantity *q, const struct row *row, int i)
{
	if (q[i].type != REAL || q[i].role == ROLE_RESIDUAL)
		return false;
	for (int k = 0; k < i; k++)
		if ((q[i].per & PER_PATTERN) && (q[k].per & PER_PATTERN))
			return false;
	for (size_t k = 0; k < quantity_count(&q[i], row); k++)
		if (!isnan(((const double *)row->column[i])[k]))
			return true;
	return false;
}

/* A solution that does not exist is left out; one that was not found is printed. */
static bool does_not_exist(const void *status, size_t solution)
{
	return ((const int8_t *)status)[solution] == NONE;
}

/* A line for every solution. */
static void print_points(FILE *f, const struct dataset *dataset, const struct network *network,
                         const struct row *row)
{
	const struct quantity *q = network->quantities;
	const int phase = network_quantity(network, ROLE_PHASE);
	struct dataset_cell cell[MAX_CELLS];
	size_t n = 0;

	if (phase >= 0)
		cell[n++] = (struct dataset_cell){.column = q[phase].name, .width = -12};
	cell[n++] = (struct dataset_cell){.column = "branch", .width = -12};
	for (int i = 0; q[i].name; i++)
		for (int k = 0; shown(q, row, i) && k < (q[i].per & PER_PATTERN ? row->patterns : 1); k++)
			cell[n++] = (struct dataset_cell){
				.column = q[i].name, .width = 15, .format = "%.11g", .index = (size_t)k};
	dataset_table_print(
		f, &(struct dataset_table){.dataset = dataset,
	                                   .rows = "* branch",
	                                   .cells = n,
	                                   .cell = cell,
	                                   .context = row->column[network_quantity(network, ROLE_STATUS)],
	                                   .hidden = does_not_exist});
}

/* How many points or solutions have each flag. */
static void print_counts(FILE *f, const struct dataset *dataset, const struct network *network,
                         const struct row *row)
{
	const char *const *branch = dataset_data(dataset, "branch", NULL);

	for (int i = 0; network->quantities[i].name; i++) {
		const struct quantity *q = &network->quantities[i];
		const int per_branch = q->per & PER_BRANCH;
		for (int b = 0; q->type == FLAG && b < (per_branch ? row->branches : 1); b++) {
			size_t count[128] = {0};
			for (size_t point = 0; point < (size_t)row->points; point++)
				count[row_flag(network, row, i, point, b)]++;
			fprintf(f, "%s%s%s:", q->name, per_branch ? " of " : "", per_branch ? branch[b] : "");
			for (int k = 0; q->flags[k]; k++)
				if (count[k])
					fprintf(f, " %s %zu", q->flags[k], count[k]);
			fprintf(f, "\n");
		}
	}
}

void table_print(FILE *f, const struct dataset *dataset, const struct grid *grid, const struct row *row,
                 const char *path)
{
	table_head(f, grid->deck);
	if (grid->points <= TABLE_LONGEST)
		print_points(f, dataset, grid->deck->network, row);
	else
		print_counts(f, dataset, grid->deck->network, row);
	if (path)
		fprintf(f, "# %zu points in %s\n", grid->points, path);
}
