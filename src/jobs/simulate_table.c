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
	snprintf(text, DATASET_TEXT, "%.4f", simulate_average_of_used(context, RESULT_ACCEPTANCE, point));
}

/* A measured quantity: the names of its column and of its errors. */
struct names {
	char value[64], error[64], thermal[64];
};

static struct dataset_cell measured(struct names *names, const struct simulate_average *a, enum role role,
                                    size_t mu)
{
	const char *name = simulate_average_column(a, role).name;
	snprintf(names->value, sizeof names->value, "%s", name);
	snprintf(names->error, sizeof names->error, "%s_error", name);
	snprintf(names->thermal, sizeof names->thermal, "%s_thermal", name);
	return (struct dataset_cell){.column = names->value,
	                             .error = names->error,
	                             .error_else = names->thermal,
	                             .head = names->value,
	                             .width = 15,
	                             .index = mu};
}

static void print_points(FILE *f, const struct dataset *dataset, const struct simulate_average *a)
{
	struct names overlap, glass, energy, free_energy;
	struct dataset_cell cell[CELLS] = {{.column = "K_realised", .head = "K", .width = 9}};
	size_t n = 1;

	for (size_t mu = 0; mu < a->patterns && mu < PATTERNS_PRINTED; mu++)
		cell[n++] = measured(&overlap, a, ROLE_OVERLAP, mu);
	cell[n] = measured(&glass, a, ROLE_SPIN_GLASS, 0);
	if (!dataset_data(dataset, glass.value, NULL)) /* one replica; scripts count columns */
		cell[n].text = no_value;
	cell[++n] = measured(&energy, a, ROLE_ENERGY, 0);
	if (a->s->shape.starts > 0) {
		cell[++n] = measured(&free_energy, a, ROLE_FREE_ENERGY, 0);
		cell[++n] = (struct dataset_cell){.column = "iterations", .width = 10, .format = "%.4g"};
		cell[++n] = (struct dataset_cell){.column = "converged", .width = 10, .format = "%.4g"};
	} else {
		cell[++n] = (struct dataset_cell){.head = "acceptance", .width = 10, .text = acceptance};
		cell[++n] = (struct dataset_cell){.column = "equilibrated", .width = 12};
		cell[++n] = (struct dataset_cell){.column = "escaped", .width = 8, .format = "%.3f"};
	}
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
	if (shape->starts > 0)
		fprintf(f, "starts %d; points where all starts converged %zu\n", shape->starts,
		        equilibrated);
	else
		fprintf(f, "replicas %d; points equilibrated %zu, with escapes %zu\n", shape->replicas,
		        equilibrated, escaping);
	if (a->samples == 1)
		fprintf(f, shape->starts ? "# no errors: one sample\n"
		           : a->s->fixed ? "# errors: thermal, at the given data\n"
		                         : "# errors: thermal only; more samples would show the disorder\n");
	if (path)
		fprintf(f, "# all of it in %s\n", path);
}
