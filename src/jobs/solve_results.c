/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/solve_results.h"

#include <math.h>
#include <string.h>

enum { ALIGN = 64 };

struct row solve_results_shape(const struct grid *grid, const struct solve_options *options, size_t points)
{
	const struct network *network = grid->deck->network;
	const char *names[MAX_BRANCHES];
	struct params p;

	grid_params(&p, grid, grid->points - 1); /* axes increase: the last point has the most patterns */
	struct row shape = {.points = (int)points, .patterns = network_patterns(network, &p)};
	shape.branches = network->branches(&p, options, names);
	shape.groups = network->groups ? network->groups(&p, options) : 0;
	return shape;
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

void solve_results_place(struct row *row, const struct quantity *q, void *memory)
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

void solve_results_copy(struct row *whole, const struct row *part, const struct quantity *q, size_t first)
{
	for (int i = 0; q[i].name; i++) {
		size_t bytes = quantity_size(&q[i]) * quantity_count(&q[i], part);
		memcpy((char *)whole->column[i] + bytes / (size_t)part->points * first, part->column[i],
		       bytes);
	}
}

void solve_results_copy_back(struct row *part, const struct row *whole, const struct quantity *q, size_t first)
{
	for (int i = 0; q[i].name; i++) {
		size_t bytes = quantity_size(&q[i]) * quantity_count(&q[i], part);
		memcpy(part->column[i], (const char *)whole->column[i] + bytes / (size_t)part->points * first,
		       bytes);
	}
}

void solve_results_store(struct dataset *dataset, const struct grid *grid, const struct row *all,
                   const struct solve_options *options)
{
	const struct network *network = grid->deck->network;
	const enum dataset_type type[] = {[REAL] = DATASET_DOUBLE, [COUNT] = DATASET_INT32, [FLAG] = DATASET_INT8};
	const char *branch[MAX_BRANCHES], *dims[MAX_AXES + 2];
	double pattern[MAX_UNKNOWNS];
	struct params p;

	grid_params(&p, grid, 0);
	network->branches(&p, options, branch);
	for (int a = 0; a < grid->axes; a++) {
		const struct axis *axis = &grid->axis[a];
		store_axis(dataset, axis->name, axis->count, axis->value, axis->key->unit, axis->key->meaning);
		dims[a] = axis->name;
	}
	store_axis_strings(dataset, "branch", (size_t)all->branches, branch, "solution");
	for (int k = 0; k < all->patterns && k < MAX_UNKNOWNS; k++)
		pattern[k] = k + 1;
	if (all->patterns > 1)
		store_axis(dataset, "pattern", (size_t)all->patterns, pattern, "1", "pattern number");
	for (int i = 0; network->quantities[i].name; i++) {
		const struct quantity *q = &network->quantities[i];
		int rank = grid->axes;
		if (quantity_count(q, all) == 0)
			continue;
		if (q->per & PER_BRANCH)
			dims[rank++] = "branch";
		if ((q->per & PER_PATTERN) && all->patterns > 1)
			dims[rank++] = "pattern";
		store_variable(dataset, q->name, type[q->type], rank, dims, all->column[i],
		               q->type == REAL ? "1" : NULL, q->long_name, q->flags);
	}
}
