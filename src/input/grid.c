/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/input/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST 1e9 /* points */

static void make_consistent(struct params *p)
{
	if (p->M > 0)
		p->rho = (1 - p->r * p->r) / (p->M * p->r * p->r);
	if (p->learning == STORAGE || !(p->rho > 0)) {
		p->M = 0;
		p->rho = 0;
	}
	if (p->M == 0)
		p->r = 1;
	if (p->K > 0 && p->N > 0 && p->P > 0) /* P = 0: K patterns are few */
		p->gamma = params_load(p, p->K);
}

/* An axis that is no parameter of the physics (noise of images) changes nothing. */
static void set_axis(struct params *p, const struct axis *axis, double x)
{
	if (axis->key->parameter)
		parameter_set(axis->key->parameter, p, x);
}

size_t grid_coordinate(const struct grid *grid, int a, size_t index)
{
	for (int b = grid->axes - 1; b > a; b--)
		index /= grid->axis[b].count;
	return index % grid->axis[a].count;
}

void grid_params(struct params *p, const struct grid *grid, size_t index)
{
	*p = grid->base;
	for (int a = grid->axes - 1; a >= 0; a--) {
		const struct axis *axis = &grid->axis[a];
		set_axis(p, axis, axis->value[index % axis->count]);
		index /= axis->count;
	}
	make_consistent(p);
}

void grid_params_at(struct params *p, const struct grid *grid, size_t index, int a, double x)
{
	*p = grid->base;
	for (int b = 0; b < grid->axes; b++) {
		const struct axis *axis = &grid->axis[b];
		set_axis(p, axis, b == a ? x : axis->value[grid_coordinate(grid, b, index)]);
	}
	make_consistent(p);
}

/* Sets all parameters that are not swept. */
static void set_base(struct params *base, const struct deck *deck)
{
	*base = deck->network->defaults ? *deck->network->defaults : (struct params){.r = 1};
	base->learning = (enum learning)deck_word(deck, "model.learning");
	for (int i = 0; i < key_count(); i++) {
		const struct value *value = &deck->value[i];
		const struct parameter *parameter = key_at(i)->parameter;
		if (parameter && value->origin != UNSET && !value->swept &&
		    network_parameter(deck->network, parameter->name) == parameter)
			parameter_set(parameter, base, value->range.first);
	}
}

/* Refuses a grid that is too large before anything is allocated for it. */
static int measure(struct grid *grid, const struct deck *deck, struct err *err)
{
	char shape[200] = "";
	size_t n = 0;
	double points = 1;

	for (int a = 0; a < deck->axes; a++) {
		size_t count = deck->value[deck->axis[a]].range.count;
		points *= (double)count;
		if (n < sizeof shape)
			n += (size_t)snprintf(shape + n, sizeof shape - n, "%s%.4g", a ? " x " : "",
			                      (double)count);
	}
	if (points > LARGEST)
		return err_set(err, EXIT_USAGE,
		               "%s%sthe grid of %s = %.4g points is too large (%.0e at most)",
		               deck->path ? deck->path : "", deck->path ? ": " : "", shape, points, LARGEST);
	grid->points = (size_t)points;
	grid->row_length = deck->value[deck->axis[deck->axes - 1]].range.count;
	grid->rows = grid->points / grid->row_length;
	return 0;
}

static int fill_axis(struct axis *axis, const struct deck *deck, int key, struct err *err)
{
	const struct range *range = &deck->value[key].range;
	char text[32], domain[200];

	axis->key = key_at(key);
	axis->name = key_short(axis->key);
	axis->count = range->count;
	axis->geometric = range->kind == RANGE_LOG;
	axis->value = malloc(axis->count * sizeof *axis->value);
	if (!axis->value)
		return err_set(err, EXIT_FAILED, "out of memory for an axis of %zu values", axis->count);
	for (size_t i = 0; i < axis->count; i++) {
		axis->value[i] = range_value(range, i);
		range_spell_number(text, sizeof text, axis->value[i]);
		if (!key_allows(axis->key, axis->value[i])) {
			key_domain(domain, sizeof domain, axis->key);
			return deck_fault(deck, key, err, "value %zu must be %s (is %s)", i + 1, domain,
			                  text);
		}
		if (i > 0 && axis->value[i] <= axis->value[i - 1])
			return deck_fault(deck, key, err, "values %zu and %zu are the same number (%s)", i,
			                  i + 1, text);
	}
	return 0;
}

static int check_point(const struct grid *grid, const struct params *p, struct err *err)
{
	struct fault fault = {.key = "network"};
	int bad;

	if (!isfinite(p->rho))
		bad = fault_set(&fault, "r", "so small that the noise (1 - r^2)/(M r^2) overflows");
	else if (!isfinite(p->gamma))
		bad = fault_set(&fault, "K", "the load P! K/(2 N^(P-1)) overflows");
	else
		bad = grid->deck->network->check(p, &fault);
	return bad ? deck_fault_of(grid->deck, "model", &fault, err) : 0;
}

/* All values of every axis, with the others at their ends, in all combinations. */
static int check_points(const struct grid *grid, struct err *err)
{
	for (int a = 0; a < grid->axes; a++)
		for (unsigned ends = 0; ends < 1u << grid->axes; ends++)
			for (size_t i = 0; i < grid->axis[a].count && !(ends >> a & 1); i++) {
				struct params p = grid->base;
				for (int b = 0; b < grid->axes; b++) {
					const struct axis *axis = &grid->axis[b];
					size_t at = b == a ? i : ends >> b & 1 ? axis->count - 1 : 0;
					set_axis(&p, axis, axis->value[at]);
				}
				make_consistent(&p);
				if (check_point(grid, &p, err))
					return err->code;
			}
	return 0;
}

int grid_alloc(struct grid **out, const struct deck *deck, struct err *err)
{
	struct grid *grid = calloc(1, sizeof *grid);
	int code = grid ? 0 : err_set(err, EXIT_FAILED, "out of memory");

	*out = NULL;
	if (code == 0)
		code = measure(grid, deck, err);
	if (code)
		goto done;
	grid->deck = deck;
	set_base(&grid->base, deck);
	for (int a = 0; a < deck->axes && code == 0; a++) {
		grid->axes = a + 1;
		code = fill_axis(&grid->axis[a], deck, deck->axis[a], err);
	}
	if (code == 0)
		code = check_points(grid, err);
done:
	if (code)
		grid_free(grid);
	else
		*out = grid;
	return code;
}

void grid_free(struct grid *grid)
{
	if (!grid)
		return;
	for (int a = 0; a < grid->axes; a++)
		free(grid->axis[a].value);
	free(grid);
}

void grid_checksum(struct checksum *digest, const struct params *p)
{
	const double value[] = {p->learning, p->P,      p->T, p->gamma,  p->r, p->M,
	                        p->rho,      p->own[0], p->K, p->own[1], p->N};
	checksum_add(digest, value, sizeof value);
	for (int k = 2; k < MAX_OWN; k++) /* as many numbers more as tell the slot */
		if (p->own[k] != 0)
			checksum_add(digest, (double[MAX_OWN]){p->own[k]},
			             (size_t)(k - 1) * sizeof p->own[k]);
}
