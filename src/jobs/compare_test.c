/* Deviations of the simulation from the theory, and tests whether they are significant; the contract is in
 * compare.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/jobs/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Patterns keep their order if the gap between their overlaps is more than so many times the scatter of
 * their samples. */
#define APART 6

/* ---------------------------------------------------------------- patterns in the order of overlaps */

static double *samples_of(const struct comparison *c, const struct variable *v, size_t point, size_t k)
{
	return v->sample + (point * v->width + k) * c->samples;
}

/* Sorts the patterns of sample s by the size of their overlap; after a random start a negative overlap is
 * the mirror image of the state, so its sign is reversed. */
static void sort_sample(struct comparison *c, size_t point, size_t s)
{
	const struct variable *order = &c->variable[c->order];
	double key[MAX_UNKNOWNS], sorted[MAX_UNKNOWNS];
	size_t pattern[MAX_UNKNOWNS]; /* in the new order */

	for (size_t k = 0; k < order->width; k++) {
		key[k] = samples_of(c, order, point, k)[s];
		size_t at = k;
		for (; at > 0 && fabs(key[pattern[at - 1]]) < fabs(key[k]); at--)
			pattern[at] = pattern[at - 1];
		pattern[at] = k;
	}
	for (int i = 0; i < c->variables; i++) {
		struct variable *v = &c->variable[i];
		if (v->width != order->width)
			continue;
		for (size_t k = 0; k < v->width; k++) {
			double x = samples_of(c, v, point, pattern[k])[s];
			bool flip = c->random_start && order->theory[point * order->width + k] > 1e-6 &&
			            key[pattern[k]] < 0;
			sorted[k] = flip ? -x : x;
		}
		for (size_t k = 0; k < v->width; k++)
			samples_of(c, v, point, k)[s] = sorted[k];
	}
}

/* Returns whether samples may have the order of patterns k and k + 1 wrong; then only their mean can be
 * compared. */
static bool may_be_swapped(const struct comparison *c, size_t point, size_t k)
{
	const struct variable *v = &c->variable[c->order];
	double mean, a, b;
	int n = significance_mean(&mean, &a, samples_of(c, v, point, k), (int)c->samples);
	significance_mean(&mean, &b, samples_of(c, v, point, k + 1), (int)c->samples);
	double gap = v->theory[point * v->width + k] - v->theory[point * v->width + k + 1];
	return gap < 1e-6 || gap < APART * hypot(a, b) * sqrt(n);
}

/* Replaces the patterns from ... to - 1 by their mean, in every sample and in theory. */
static void merge(struct comparison *c, struct variable *v, size_t point, size_t from, size_t to)
{
	double *theory = v->theory + point * v->width, *limit = v->limit + point * v->width, mean = 0,
	       far = 0;
	for (size_t k = from; k < to; k++) {
		mean += theory[k] / (double)(to - from);
		far += limit[k] / (double)(to - from);
	}
	for (size_t k = from; k < to; k++) {
		theory[k] = mean;
		limit[k] = far;
	}
	for (size_t s = 0; s < c->samples; s++) {
		double x = 0;
		for (size_t k = from; k < to; k++)
			x += samples_of(c, v, point, k)[s] / (double)(to - from);
		for (size_t k = from; k < to; k++)
			samples_of(c, v, point, k)[s] = x;
	}
	v->first[point * v->width + from] = true;
}

static void order_patterns(struct comparison *c, size_t point)
{
	const struct variable *order = &c->variable[c->order];
	size_t n = 0;

	while (n < order->width && !isnan(order->theory[point * order->width + n]))
		n++; /* K may be an axis */
	for (size_t s = 0; s < c->samples; s++)
		sort_sample(c, point, s);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && may_be_swapped(c, point, to - 1);)
			to++;
		for (int i = 0; i < c->variables; i++)
			if (c->variable[i].width == order->width)
				merge(c, &c->variable[i], point, from, to);
	}
}

/* ---------------------------------------------------------------- deviations */

static void compute_deviations(struct comparison *c, struct variable *v, size_t point)
{
	struct params p;
	grid_params(&p, c->grid, point);
	for (size_t k = 0; k < v->width; k++) {
		size_t at = point * v->width + k;
		int n = (int)c->used[point];
		if (v->width > 1) {
			n = significance_mean(&v->mean[at], &v->error[at], samples_of(c, v, point, k),
			                      (int)c->samples);
			v->mean[at] = n > 0 ? v->mean[at] : NAN;
		}
		/* stratified patterns follow their distribution to 1/N, not better */
		double error = c->stratified ? hypot(v->error[at], 1 / p.N) : v->error[at];
		double gap = v->mean[at] - v->theory[at];
		v->z[at] = gap == 0 && error == 0 ? 0 : significance_z(gap / error, n - 1);
	}
}

static void compute_all(struct comparison *c)
{
	for (size_t i = 0; i < c->grid->points; i++) {
		bool sorted = c->variable[c->order].width > 1 && c->branch[i] >= 0;
		if (sorted)
			order_patterns(c, i);
		for (int j = 0; j < c->variables; j++) {
			struct variable *v = &c->variable[j];
			if (!sorted || v->width == 1)
				v->first[i * v->width] = true;
			compute_deviations(c, v, i);
		}
	}
}

/* ---------------------------------------------------------------- extrapolation in 1/N */

/* Returns the grid point of a group at the a-th N. */
static size_t group_point(const struct comparison *c, size_t group, size_t a)
{
	size_t inner = 1;
	for (int b = c->N_axis + 1; b < c->grid->axes; b++)
		inner *= c->grid->axis[b].count;
	return (group / inner * c->grid->axis[c->N_axis].count + a) * inner + group % inner;
}

size_t compare_test_largest(const struct comparison *c, size_t group)
{
	return group_point(c, group, c->grid->axis[c->N_axis].count - 1);
}

/* Of the points of a group that count: sizes, errors and deviations from the theory. */
struct group {
	double *N, *error, *x; /* x: [sizes][samples] */
	int sizes;
	bool metastable;
};

static void collect(struct group *g, const struct comparison *c, const struct variable *v, size_t group,
                    size_t k)
{
	const struct axis *N = &c->grid->axis[c->N_axis];
	int branch = -1;

	g->sizes = 0;
	for (size_t a = N->count; a-- > 0;) { /* all are in the state of the largest */
		size_t point = group_point(c, group, a), at = point * v->width + k;
		if (c->mark[point] != MARK_COMPARED || isnan(v->z[at]) ||
		    (branch >= 0 && c->branch[point] != branch))
			continue;
		branch = c->branch[point];
		g->metastable = c->metastable[point];
		g->N[g->sizes] = N->value[a];
		g->error[g->sizes] = c->stratified ? hypot(v->error[at], 1 / N->value[a]) : v->error[at];
		for (size_t s = 0; s < c->samples; s++)
			g->x[(size_t)g->sizes * c->samples + s] =
				samples_of(c, v, point, k)[s] - v->theory[at];
		g->sizes += v->error[at] > 0;
	}
}

/* Extrapolates the deviation from theory to N = infinity, that of each sample into each[].  Returns false
 * if there is nothing to extrapolate. */
static bool extrapolate(double *each, struct group *g, const struct comparison *c, struct variable *v,
                        size_t group, size_t k)
{
	size_t at = group * v->width + k, point = compare_test_largest(c, group);
	struct line_fit fit;

	collect(g, c, v, group, k);
	if (significance_line(&fit, each, g->N, g->error, g->x, g->sizes, (int)c->samples) != 0)
		return false;
	v->extrapolated[at] = v->limit[point * v->width + k] + fit.value;
	v->extrapolated_error[at] = fit.error;
	v->slope[at] = fit.slope;
	v->extrapolated_z[at] = significance_z(fit.t, fit.dof);
	v->curved_p[at] = fit.p;
	return v->first[point * v->width + k] && !isnan(fit.t);
}

/* ---------------------------------------------------------------- tests of families */

/* The deviations of one family. */
struct entries {
	double *z, *x; /* x: [n][samples] */
	int n;
};

static void add_entry(struct entries *e, double z, const double *x, double theory, size_t samples)
{
	if (isnan(z))
		return;
	for (size_t s = 0; s < samples; s++)
		e->x[(size_t)e->n * samples + s] = x[s] - theory;
	e->z[e->n++] = z;
}

/* Fails without memory. */
static int test_family(struct comparison *c, const struct entries *e, int variable, bool metastable,
                       bool extrapolated)
{
	struct test *t = &c->test[c->tests];
	if (e->n == 0)
		return 0;
	*t = (struct test){.variable = variable,
	                   .metastable = metastable,
	                   .extrapolated = extrapolated,
	                   .decisive = true};
	c->tests++;
	return significance_family(&t->family, e->z, e->x, e->n, (int)c->samples);
}

static int test_points(struct comparison *c, struct entries *e, int variable, bool metastable)
{
	struct variable *v = &c->variable[variable];
	e->n = 0;
	for (size_t at = 0; at < c->grid->points * v->width; at++) {
		size_t i = at / v->width;
		if (c->mark[i] == MARK_COMPARED && c->metastable[i] == metastable && v->first[at])
			add_entry(e, v->z[at], v->sample + at * c->samples, v->theory[at], c->samples);
	}
	return test_family(c, e, variable, metastable, false);
}

static int test_limits(struct comparison *c, struct entries *e, struct group *g, double *each, int variable,
                       bool metastable)
{
	struct variable *v = &c->variable[variable];
	e->n = 0;
	for (size_t at = 0; at < c->groups * v->width; at++)
		if (extrapolate(each, g, c, v, at / v->width, at % v->width) && g->metastable == metastable &&
		    v->curved_p[at] >= COMPARE_FALSE_ALARM)
			add_entry(e, v->extrapolated_z[at], each, 0, c->samples);
	return test_family(c, e, variable, metastable, true);
}

/* Returns whether the same points are also tested after extrapolation. */
static bool is_extrapolated(const struct comparison *c, const struct test *t)
{
	for (int k = 0; k < c->tests; k++)
		if (c->test[k].extrapolated && c->test[k].variable == t->variable &&
		    c->test[k].metastable == t->metastable)
			return true;
	return false;
}

/* Extrapolated families are decisive where there are any, else those of the points. */
static void decide(struct comparison *c)
{
	int decisive = 0;
	for (int i = 0; i < c->tests; i++) {
		struct test *t = &c->test[i];
		t->decisive = t->extrapolated || !is_extrapolated(c, t);
		decisive += t->decisive;
	}
	for (int i = 0; i < c->tests; i++)
		c->test[i].disagrees =
			c->test[i].decisive && c->test[i].family.p < COMPARE_FALSE_ALARM / decisive;
}

int compare_test(struct comparison *c, struct err *err)
{
	size_t width = c->variable[c->order].width,
	       sizes = c->N_axis >= 0 ? c->grid->axis[c->N_axis].count : 1;
	size_t entries = c->grid->points * width,
	       need = entries * (c->samples + 1) + sizes * (c->samples + 2) + c->samples;
	double *memory = malloc(need * sizeof *memory);
	int failed = 0;

	if (!memory)
		return err_set(err, EXIT_FAILED, "%s: out of memory", c->path);
	double *each = memory + entries;
	struct entries e = {.z = memory, .x = each + c->samples};
	struct group g = {.N = e.x + entries * c->samples};
	g.error = g.N + sizes;
	g.x = g.error + sizes;
	compute_all(c);
	for (int i = 0; i < 2 * c->variables && !failed; i++) {
		failed = test_points(c, &e, i / 2, i % 2) != 0;
		if (!failed && c->N_axis >= 0)
			failed = test_limits(c, &e, &g, each, i / 2, i % 2) != 0;
	}
	decide(c);
	free(memory);
	return failed ? err_set(err, EXIT_FAILED, "%s: out of memory", c->path) : 0;
}
