/* The table that a simulation prints.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/file/dataset_table.h"
#include "src/jobs/simulate_report.h"
#include "src/jobs/table.h"

enum { PATTERNS_PRINTED = 4, CELLS = 1 + PATTERNS_PRINTED + 2 + 3 };

static void no_value(char text[DATASET_TEXT], const void *context, size_t point)
{
	(void)context;
	(void)point;
	snprintf(text, DATASET_TEXT, "nan");
}

/* Over the samples used, as the other columns of the table; the file has the mean over all samples. */
static void acceptance(char text[DATASET_TEXT], const void *context, size_t point)
{
	snprintf(text, DATASET_TEXT, "%.4f", simulate_average_of_used(context, ANSWER_ACCEPTANCE, point));
}

static void print_points(FILE *f, const struct dataset *dataset, const struct simulate_average *a)
{
	static const struct dataset_cell of_chains[] = {
		{.head = "acceptance", .width = 10, .text = acceptance},
		{.column = "equilibrated", .width = 12},
		{.column = "escaped", .width = 8, .format = "%.3f"},
	};
	static const struct dataset_cell of_tap[] = {
		{.column = "free_energy", .error = "free_energy_error", .width = 15},
		{.column = "iterations", .width = 10, .format = "%.4g"},
		{.column = "converged", .width = 10, .format = "%.4g"},
	};
	struct dataset_cell cell[CELLS] = {{.column = "K_realised", .head = "K", .width = 9}};
	size_t n = 1;

	for (size_t mu = 0; mu < a->patterns && mu < PATTERNS_PRINTED; mu++)
		cell[n++] = (struct dataset_cell){.column = "m",
		                                  .error = "m_error",
		                                  .error_else = "m_thermal",
		                                  .width = 15,
		                                  .index = mu};
	cell[n] = (struct dataset_cell){
		.column = "q", .error = "q_error", .error_else = "q_thermal", .head = "q", .width = 15};
	if (!dataset_data(dataset, "q", NULL)) /* one replica; scripts count columns */
		cell[n].text = no_value;
	cell[++n] = (struct dataset_cell){
		.column = "energy", .error = "energy_error", .error_else = "energy_thermal", .width = 15};
	for (size_t i = 0; i < 3; i++)
		cell[++n] = a->s->shape.solved ? of_tap[i] : of_chains[i];
	dataset_table_print(
		f, &(struct dataset_table){
			   .dataset = dataset, .rows = "*", .cells = n + 1, .cell = cell, .context = a});
}

void simulate_table(FILE *f, const char *path, const struct dataset *dataset,
                    const struct simulate_average *a)
{
	const struct record_shape *shape = &a->s->shape;
	const double *escaped = dataset_data(dataset, "escaped", NULL);
	size_t equilibrated = 0, escaping = 0;

	for (size_t i = 0; i < a->points; i++) {
		equilibrated += simulate_average_equilibrated(a, i);
		escaping += escaped[i] > 0;
	}
	table_head(f, a->s->grid->deck);
	if (a->points <= TABLE_LONGEST)
		print_points(f, dataset, a);
	fprintf(f, "# points %zu, samples %zu, ", a->points, a->samples);
	if (shape->solved)
		fprintf(f, "starts %d; points where all starts converged %zu\n", shape->replicas,
		        equilibrated);
	else
		fprintf(f, "replicas %d; points equilibrated %zu, with escapes %zu\n", shape->replicas,
		        equilibrated, escaping);
	if (a->samples == 1)
		fprintf(f, shape->solved ? "# no errors: one sample\n"
		           : a->s->fixed ? "# errors: thermal, at the given data\n"
		                         : "# errors: thermal only; more samples would show the disorder\n");
	if (path)
		fprintf(f, "# all of it in %s\n", path);
}
