/* The solutions of the multitasking network at a point: the listed starts, and the catalogue of distinct
 * stable solutions reached from them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const double COLD = 0.02,
		    WARM = 0.15; /* below T = COLD some starts come from T = COLD ... COLD + WARM */

/* ---------------------------------------------------------------- starts */

/* An interior point of each region of p_1 > p_2 > ... > 0 in which no signed sum of some p vanishes.  At T
 * = 0 in storage the map is constant in a region, so that for n <= 4 every stable solution is reached from
 * one of these. */
static const signed char chambers3[][3] = {{4, 2, 1}, {4, 3, 2}};
static const signed char chambers4[][4] = {{8, 4, 2, 1},  {8, 4, 3, 2},  {7, 6, 5, 3},  {8, 6, 4, 1},
                                           {8, 5, 4, 2},  {8, 7, 4, 2},  {8, 6, 4, 3},  {8, 6, 5, 4},
                                           {10, 4, 3, 2}, {10, 6, 3, 2}, {10, 7, 4, 2}, {10, 8, 4, 3},
                                           {10, 7, 6, 2}, {10, 8, 6, 3}};
enum { CHAMBERS3 = sizeof chambers3 / sizeof *chambers3, CHAMBERS4 = sizeof chambers4 / sizeof *chambers4 };

static int chambers(int n)
{
	return n < 3 ? 0 : n == 3 ? CHAMBERS3 : n == 4 ? CHAMBERS4 : 1;
}

/* The k-th; for n > 4 only (..., 8, 4, 3, 2), the state that takes over from the hierarchical one at T =
 * 0. */
static void chamber(int n, int k, double *x)
{
	for (int i = 0; i < n; i++)
		x[i] = n == 3 ? chambers3[k][i] / 4.0 : n == 4 ? chambers4[k][i] / 10.0 : ldexp(1, -i);
	if (n > 4)
		x[n - 2] *= 1.5, x[n - 1] *= 2;
}

/* SplitMix64: a hash of the state so far and one more word. */
static uint64_t mix(uint64_t state, uint64_t word)
{
	uint64_t z = state + 0x9e3779b97f4a7c15 + word * 0xd1342543de82ef95;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t mix_double(uint64_t state, double x)
{
	uint64_t word;
	memcpy(&word, &x, sizeof word);
	return mix(state, word);
}

static void random_start(const struct mt_point *pt, int k, double *x)
{
	uint64_t key = mix((uint64_t)pt->n, (uint64_t)k);
	const double values[] = {pt->T, pt->d, pt->M, pt->r, pt->rho, pt->gamma};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		key = mix_double(key, values[i]);
	for (int i = 0; i < pt->n; i++) {
		double u = (double)(mix(key, (uint64_t)i) >> 11) * 0x1p-53;
		x[i] = u * sqrt(u);
	}
}

/* Returns whether T is so low that starts are also taken from higher temperatures. */
static int is_cold(const struct mt_point *pt)
{
	return pt->T < COLD && !pt->extensive && pt->n > 4;
}

/* Sets the k-th start; returns 0 if there are no more.  Hierarchical on the first j patterns; equal on the
 * first j; equal on the first j and hierarchical beyond; hierarchical on the first j and equal beyond; the
 * chambers; 0 at extensive load; at random; and near T = 0, where there are many minima, at random and then
 * cooled from a higher temperature, which finds the lowest much more often. */
static int start_of(struct average *average, const struct mt_point *pt, int random, int k, double *x)
{
	int n = pt->n;
	double d = pt->d;
	if (pt->extensive)
		x[n] = 0;
	if (pt->extensive && k-- == 0) {
		memset(x, 0, (size_t)n * sizeof *x);
		return 1;
	}
	if (k < n) {
		for (int i = 0; i < n; i++)
			x[i] = i < n - k ? pow(d, i) : 0;
		return 1;
	}
	k -= n;
	if (k < n - 1) {
		for (int i = 0; i < n; i++)
			x[i] = i < n - k;
		return 1;
	}
	k -= n - 1;
	if (k < 2 * (n - 2)) {
		int j = 2 + k / 2;
		for (int i = 0; i < n; i++)
			x[i] = k % 2 ? pow(d, i < n - j ? i : n - j) : i < j ? 1 : pow(d, i - j + 1);
		return 1;
	}
	k -= n > 2 ? 2 * (n - 2) : 0;
	if (k < chambers(n)) {
		chamber(n, k, x);
		return 1;
	}
	k -= chambers(n);
	random_start(pt, k, x);
	if (k < random)
		return 1;
	if (!is_cold(pt) || k >= 2 * random)
		return 0;
	struct mt_point warm = *pt;
	struct mt_solution s;
	warm.T = COLD + WARM * (k - random) / random;
	if (mt_descend(average, &warm, 1e-8, x, &s) == GSL_SUCCESS)
		memcpy(x, s.x, (size_t)n * sizeof *x);
	return 1;
}

/* ---------------------------------------------------------------- catalogue */

/* Returns whether `a` comes before `b`: by free energy or, if equal to rounding, by the larger overlap. */
static int before(const struct mt_point *pt, const struct mt_solution *a, const struct mt_solution *b)
{
	if (fabs(a->f - b->f) > MT_DEGENERATE)
		return a->f < b->f;
	for (int i = 0; i < pt->n; i++)
		if (fabs(a->x[i] - b->x[i]) > 10 * (a->accuracy + b->accuracy))
			return a->x[i] > b->x[i];
	return 0;
}

/* Distinct solutions, lowest first; `found` also counts those for which there was no room. */
struct catalogue {
	struct mt_solution solution[MT_SOLUTIONS];
	int count, found;
};

/* Enters a solution; returns 0 if it is already there. */
static int enter(struct catalogue *c, const struct mt_point *pt, const struct mt_solution *s)
{
	int size = pt->n + pt->extensive;
	for (int i = 0; i < c->count; i++) {
		double apart = 0;
		for (int k = 0; k < size; k++)
			apart = fmax(apart, fabs(s->x[k] - c->solution[i].x[k]));
		if (apart <= 30 * (s->accuracy + c->solution[i].accuracy))
			return 0;
	}
	c->found++;
	if (c->count < MT_SOLUTIONS)
		c->count++;
	else if (!before(pt, s, &c->solution[c->count - 1]))
		return 1;
	int place = c->count - 1;
	for (; place > 0 && before(pt, s, &c->solution[place - 1]); place--)
		c->solution[place] = c->solution[place - 1];
	c->solution[place] = *s;
	return 1;
}

/* Returns whether one application of the map is so slow near T = 0 (above 0.1 ms) that selecting starts
 * pays. */
static int is_slow(const struct mt_point *pt)
{
	return pt->T < 1e-3 && !pt->extensive && pt->rho > 0 &&
	       (pt->M > 0 ? pow(pt->M + 2, (pt->n + 1) / 2) > 1000 : pt->n > 5);
}

/* Follows a start from T = COLD down to near the point, with the derivatives that a discrete field at T = 0
 * lacks.  Returns 0 if another start took the same path. */
static int cool(struct average *average, const struct mt_point *pt, struct catalogue *cold, double *start)
{
	struct mt_point near = *pt;
	struct mt_solution s;
	for (near.T = COLD; near.T > 0.05 * COLD && near.T > pt->T; near.T *= 0.1) {
		if (mt_descend(average, &near, 1e-8, start, &s) != GSL_SUCCESS)
			return 1;
		if (near.T == COLD && !enter(cold, &near, &s))
			return 0;
		memcpy(start, s.x, sizeof s.x);
	}
	return 1;
}

int mt_catalogue(struct average *average, const struct mt_point *pt, const struct solve_options *options,
                 const struct tick *tick, struct mt_solution *keep, int n_keep, int *found)
{
	double start[MT_UNKNOWNS];
	struct catalogue all = {0}, cold = {0};
	int slow = is_slow(pt);
	for (int k = 0; start_of(average, pt, options->own[MT_STARTS], k, start); k++) {
		struct mt_solution s;
		if (tick_poll(tick))
			return GSL_EFAILED;
		if (slow && k >= pt->n && !cool(average, pt, &cold, start)) /* the first are hierarchical */
			continue;
		int status = mt_descend(average, pt, options->tolerance, start, &s);
		if (status == GSL_ENOMEM)
			return status;
		if (status != GSL_SUCCESS)
			continue;
		enter(&all, pt, &s);
		if (pt->T >= 1 && !pt->extensive)
			break; /* the only one */
	}
	*found = all.found;
	memcpy(keep, all.solution, (size_t)(all.count < n_keep ? all.count : n_keep) * sizeof *keep);
	return GSL_SUCCESS;
}
