/* How far simulation and theory are apart, and whether that is too far; the contract is in comparison.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/jobs/compare.h"

#define APART                                                                                                \
	6 /* overlaps whose samples scatter over less than the gap between them / APART keep their order */

/* ----------------------------------------------------------------- patterns: in the order of their overlaps */

static double *samples_of(const struct comparison *c, const struct variable *v, size_t point, size_t k)
{
	return v->sample + (point * v->width + k) * c->samples;
}

/* Sample s of a point: patterns by the size of their overlap, of a random start with its sign made positive. */
static void sort_sample(struct comparison *c, size_t point, size_t s)
{
	const struct variable *order = &c->variable[c->order];
	double key[MAX_UNKNOWNS], sorted[MAX_UNKNOWNS];
	size_t place[MAX_UNKNOWNS];

	for (size_t k = 0; k < order->width; k++) {
		key[k] = samples_of(c, order, point, k)[s];
		size_t at = k;
		for (; at > 0 && fabs(key[place[at - 1]]) < fabs(key[k]); at--)
			place[at] = place[at - 1];
		place[at] = k;
	}
	for (int i = 0; i < c->variables; i++) {
		struct variable *v = &c->variable[i];
		if (v->width != order->width)
			continue;
		for (size_t k = 0; k < v->width; k++) {
			double x = samples_of(c, v, point, place[k])[s];
			bool flip = c->random_start && order->theory[point * order->width + k] > 1e-6 &&
			            key[place[k]] < 0;
			sorted[k] = flip ? -x : x;
		}
		for (size_t k = 0; k < v->width; k++)
			samples_of(c, v, point, k)[s] = sorted[k];
	}
}

/* Mean, standard error over samples; how many there are. */
static int average(double *mean, double *error, const double *x, size_t samples)
{
	double square = 0;
	int n = 0;
	*mean = 0;
	for (size_t s = 0; s < samples; s++) {
		if (isnan(x[s]))
			continue;
		n++;
		square += (x[s] - *mean) * (x[s] - *mean) * (n - 1) / n;
		*mean += (x[s] - *mean) / n;
	}
	*error = n > 1 ? sqrt(square / (n - 1) / n) : NAN;
	if (n == 0)
		*mean = NAN;
	return n;
}

/* May the samples have the order of patterns k and k + 1 wrong?  Then only their mean can be compared. */
static bool mixed(const struct comparison *c, size_t point, size_t k)
{
	const struct variable *v = &c->variable[c->order];
	double mean, a, b;
	int n = average(&mean, &a, samples_of(c, v, point, k), c->samples);
	average(&mean, &b, samples_of(c, v, point, k + 1), c->samples);
	double gap = v->theory[point * v->width + k] - v->theory[point * v->width + k + 1];
	return gap < 1e-6 || gap < APART * hypot(a, b) * sqrt(n);
}

/* Patterns from..to - 1 share their mean, in every sample and in theory. */
static void share(struct comparison *c, struct variable *v, size_t point, size_t from, size_t to)
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
		for (to = from + 1; to < n && mixed(c, point, to - 1);)
			to++;
		for (int i = 0; i < c->variables; i++)
			if (&c->variable[i] != order && c->variable[i].width == order->width)
				share(c, &c->variable[i], point, from, to);
		share(c, &c->variable[c->order], point, from, to);
	}
}

/* ------------------------------------------------------------------------------------------------ deviations */

static void deviate(struct comparison *c, struct variable *v, size_t point)
{
	struct params p;
	grid_params(&p, c->grid, point);
	for (size_t k = 0; k < v->width; k++) {
		size_t at = point * v->width + k;
		double dof = c->used[point] - 1;
		if (v->width > 1)
			dof = average(&v->mean[at], &v->error[at], samples_of(c, v, point, k), c->samples) -
			      1;
		/* stratified patterns follow their law to 1/N, not better */
		double error = c->stratified ? hypot(v->error[at], 1 / p.N) : v->error[at];
		double gap = v->mean[at] - v->theory[at];
		v->z[at] = gap == 0 && error == 0 ? 0 : significance_z(gap / error, dof);
	}
}

static void deviate_all(struct comparison *c)
{
	for (size_t i = 0; i < c->grid->points; i++) {
		bool sorted = c->variable[c->order].width > 1 && c->branch[i] >= 0;
		if (sorted)
			order_patterns(c, i);
		for (int j = 0; j < c->variables; j++) {
			struct variable *v = &c->variable[j];
			if (!sorted || v->width == 1)
				v->first[i * v->width] = true;
			deviate(c, v, i);
		}
	}
}

/* --------------------------------------------------------------------------------------- extrapolation in 1/N */

/* Grid point of a group at the a-th N. */
static size_t group_point(const struct comparison *c, size_t group, size_t a)
{
	size_t inner = 1;
	for (int b = c->N_axis + 1; b < c->grid->axes; b++)
		inner *= c->grid->axis[b].count;
	return (group / inner * c->grid->axis[c->N_axis].count + a) * inner + group % inner;
}

size_t compare_largest(const struct comparison *c, size_t group)
{
	return group_point(c, group, c->grid->axis[c->N_axis].count - 1);
}

/* Scratch of one group: sizes, errors and deviations from the theory of the points that count. */
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
	for (size_t a = N->count; a-- > 0;) { /* the state of the largest decides which */
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

/* The deviation from theory at N = infinity; its samples go to each[].  False: nothing to extrapolate. */
static bool extrapolate(double *each, struct group *g, const struct comparison *c, struct variable *v,
                        size_t group, size_t k)
{
	size_t at = group * v->width + k, point = compare_largest(c, group);
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

/* -------------------------------------------------------------------------------------------------- families */

/* The entries of a family, gathered. */
struct gathered {
	double *z, *x;
	int n;
};

static void add(struct gathered *f, double z, const double *x, double theory, size_t samples)
{
	if (isnan(z))
		return;
	for (size_t s = 0; s < samples; s++)
		f->x[(size_t)f->n * samples + s] = x[s] - theory;
	f->z[f->n++] = z;
}

static int conclude(struct comparison *c, const struct gathered *f, int variable, bool metastable,
                    bool extrapolated)
{
	struct verdict *v = &c->verdict[c->verdicts];
	if (f->n == 0)
		return 0;
	*v = (struct verdict){.variable = variable,
	                      .metastable = metastable,
	                      .extrapolated = extrapolated,
	                      .decisive = true};
	c->verdicts++;
	return significance_family(&v->family, f->z, f->x, f->n, (int)c->samples);
}

static int judge_points(struct comparison *c, struct gathered *f, int variable, bool metastable)
{
	struct variable *v = &c->variable[variable];
	f->n = 0;
	for (size_t i = 0; i < c->grid->points; i++)
		for (size_t k = 0; k < v->width; k++)
			if (c->mark[i] == MARK_COMPARED && c->metastable[i] == metastable &&
			    v->first[i * v->width + k])
				add(f, v->z[i * v->width + k], samples_of(c, v, i, k),
				    v->theory[i * v->width + k], c->samples);
	return conclude(c, f, variable, metastable, false);
}

static int judge_limits(struct comparison *c, struct gathered *f, struct group *g, double *each, int variable,
                        bool metastable)
{
	struct variable *v = &c->variable[variable];
	f->n = 0;
	for (size_t i = 0; i < c->groups; i++)
		for (size_t k = 0; k < v->width; k++)
			if (extrapolate(each, g, c, v, i, k) && g->metastable == metastable &&
			    v->curved_p[i * v->width + k] >= COMPARE_FALSE_ALARM)
				add(f, v->extrapolated_z[i * v->width + k], each, 0, c->samples);
	return conclude(c, f, variable, metastable, true);
}

/* Families that decide: the extrapolated ones where there are any, else the points. */
static void decide(struct comparison *c)
{
	int decisive = 0;
	for (int i = 0; i < c->verdicts; i++)
		for (int k = 0; k < c->verdicts; k++)
			if (!c->verdict[i].extrapolated && c->verdict[k].extrapolated &&
			    c->verdict[i].variable == c->verdict[k].variable &&
			    c->verdict[i].metastable == c->verdict[k].metastable)
				c->verdict[i].decisive = false;
	for (int i = 0; i < c->verdicts; i++)
		decisive += c->verdict[i].decisive;
	for (int i = 0; i < c->verdicts; i++)
		c->verdict[i].disagrees =
			c->verdict[i].decisive && c->verdict[i].family.p < COMPARE_FALSE_ALARM / decisive;
}

int compare_test(struct comparison *c, struct err *err)
{
	size_t width = c->variable[c->order].width,
	       sizes = c->N_axis >= 0 ? c->grid->axis[c->N_axis].count : 1;
	size_t entries = c->grid->points * width,
	       need = entries * (c->samples + 1) + sizes * (c->samples + 2) + c->samples;
	double *memory = malloc(need * sizeof *memory);
	int bad = !memory;
	struct gathered f = {.z = memory};
	struct group g = {0};

	if (!bad) {
		double *each = memory + entries;
		f.x = each + c->samples;
		g.N = f.x + entries * c->samples;
		g.error = g.N + sizes;
		g.x = g.error + sizes;
		deviate_all(c);
		for (int i = 0; i < c->variables && !bad; i++)
			for (int metastable = 0; metastable < 2 && !bad; metastable++) {
				bad = judge_points(c, &f, i, metastable) != 0;
				if (!bad && c->N_axis >= 0)
					bad = judge_limits(c, &f, &g, each, i, metastable) != 0;
			}
		decide(c);
	}
	free(memory);
	return bad ? err_set(err, EXIT_FAILED, "%s: out of memory", c->path) : 0;
}
