/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/solve_results.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "physics/numerics/average.h"

enum { ALIGN = 64 };

struct solve_options solve_results_options(const struct deck *deck)
{
	struct solve_options options = {.tolerance = deck_real(deck, "solve.tolerance")};
	char name[64];

	for (const struct solve_option *o = deck->network->options; o && o->name; o++) {
		snprintf(name, sizeof name, "solve.%s", o->name);
		options.own[o->slot] = o->truth ? deck_word(deck, name) : (int)deck_integer(deck, name);
	}
	return options;
}

int solve_results_average(struct average **average, const struct deck *deck, struct err *err)
{
	int status = average_alloc(average, deck_text(deck, "run.kernel"));
	if (status == GSL_EINVAL)
		return deck_fault(deck, key_find(NULL, "run.kernel"), err, "this processor cannot run it");
	return status ? err_set(err, EXIT_FAILED, "out of memory") : 0;
}

struct row solve_results_shape(const struct grid *grid, const struct solve_options *options, size_t points)
{
	const struct network *network = grid->deck->network;
	const char *names[MAX_BRANCHES];
	struct params p;

	grid_params(&p, grid, grid->points - 1); /* axes increase: the last point has the most patterns */
	return (struct row){.points = (int)points,
	                    .branches = network->branches(&p, options, names),
	                    .patterns = network_patterns(network, &p),
	                    .groups = network->groups ? network->groups(&p, options) : 0};
}

static size_t column_bytes(const struct quantity *q, const struct row *shape)
{
	return (quantity_size(q) * quantity_count(q, shape) + ALIGN - 1) / ALIGN * ALIGN;
}

size_t solve_results_bytes(const struct quantity *q, const struct row *shape)
{
	size_t bytes = 0;
	for (; q->name; q++)
		bytes += column_bytes(q, shape);
	return bytes;
}

void solve_results_attach(struct row *row, const struct quantity *q, void *memory)
{
	char *at = memory;
	for (int i = 0; q[i].name; i++) {
		row->column[i] = at;
		at += column_bytes(&q[i], row);
	}
}

void solve_results_clear(struct row *row, const struct quantity *q)
{
	for (int i = 0; q[i].name; i++) {
		size_t count = quantity_count(&q[i], row);
		if (q[i].type != REAL)
			memset(row->column[i], 0, count * quantity_size(&q[i]));
		for (size_t k = 0; q[i].type == REAL && k < count; k++)
			((double *)row->column[i])[k] = NAN;
	}
}

/* Returns where point `first` of quantity q starts in the whole, and the bytes of the part; NULL: q is not
 * reported. */
static char *place_of(size_t *bytes, const struct quantity *q, const struct row *whole,
                      const struct row *part, int i, size_t first)
{
	*bytes = quantity_size(&q[i]) * quantity_count(&q[i], part);
	return *bytes ? (char *)whole->column[i] + *bytes / (size_t)part->points * first : NULL;
}

void solve_results_copy(struct row *whole, const struct row *part, const struct quantity *q, size_t first)
{
	size_t bytes;
	for (int i = 0; q[i].name; i++) {
		char *at = place_of(&bytes, q, whole, part, i, first);
		if (at)
			memcpy(at, part->column[i], bytes);
	}
}

void solve_results_copy_back(struct row *part, const struct row *whole, const struct quantity *q,
                             size_t first)
{
	size_t bytes;
	for (int i = 0; q[i].name; i++) {
		const char *at = place_of(&bytes, q, whole, part, i, first);
		if (at)
			memcpy(part->column[i], at, bytes);
	}
}

/* What plots need to know about the flags of the phase and about stability. */
static void describe_role(struct dataset *dataset, const struct quantity *q)
{
	char kinds[256] = "";
	size_t n = 0;

	for (int k = 0; q->role == ROLE_PHASE && q->flags[k] && n < sizeof kinds; k++)
		n += (size_t)snprintf(kinds + n, sizeof kinds - n, "%s%s", k ? " " : "",
		                      phase_kind_name(q->kinds[k]));
	if (n)
		dataset_attr_string(dataset, q->name, "flag_kinds", kinds);
	if (q->stable != STABLE_NONE)
		dataset_attr_double(dataset, q->name,
		                    q->stable == STABLE_BELOW ? "stable_below" : "stable_above",
		                    q->threshold);
}

void solve_results_describe(struct dataset *dataset, const struct grid *grid,
                            const struct solve_options *options, struct row *all)
{
	static const enum dataset_type type[] = {
		[REAL] = DATASET_DOUBLE, [COUNT] = DATASET_INT32, [FLAG] = DATASET_INT8};
	static const char *const dims[] = {"*", "* branch", "* pattern?", "* branch pattern?"};
	const struct quantity *q = grid->deck->network->quantities;
	const char *branch[MAX_BRANCHES];
	struct params p;

	grid_params(&p, grid, 0);
	grid->deck->network->branches(&p, options, branch);
	dataset_grid(dataset, grid);
	dataset_axis(
		dataset,
		&(struct column){
			.name = "branch", .long_name = "solution", .type = DATASET_STRING, .data = branch},
		(size_t)all->branches);
	if (all->patterns > 1)
		dataset_axis_steps(dataset,
		                   &(struct column){.name = "pattern", .long_name = "pattern number"},
		                   (size_t)all->patterns, 1, 1);
	for (int i = 0; q[i].name; i++) {
		if (quantity_count(&q[i], all) == 0)
			continue;
		all->column[i] = dataset_add(
			dataset, &(struct column){.name = q[i].name,
		                                  .long_name = q[i].long_name,
		                                  .symbol = q[i].symbol,
		                                  .role = role_name(q[i].role),
		                                  .type = type[q[i].type],
		                                  .dims = dims[q[i].per & (PER_BRANCH | PER_PATTERN)],
		                                  .flags = q[i].flags});
		describe_role(dataset, &q[i]);
	}
}
