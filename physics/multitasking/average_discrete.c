/* Averages of the multitasking network over discrete fields, at T = 0 and at temperatures too low for the
 * Fourier sum: (M8).  The patterns are split in two halves.  Each half gives a sorted list of partial
 * sums.  Pairs whose field is far from 0 contribute by their sign, in one pass over both lists; only pairs
 * with |h| of a few T are evaluated one by one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MAX_HALF = 2e6;   /* partial sums of a half */
static const double MAX_PAIRS = 1e8;  /* evaluated one by one */
static const double RARE = 1e-18;     /* probability of omitted atoms and partial sums */
static const double SATURATED = 20;   /* tanh(h/T) is a sign beyond, to e^-40 */
static const double ROUNDING = 4e-15; /* fields below this times sum |p| |z| are 0 */

int mt_atoms_of(const struct mt_point *pt, struct mt_atoms *a)
{
	double d = pt->d;
	a->count = 0;
	if (d > 0) {
		a->z[0] = a->xi[0] = a->on[0] = 0;
		a->weight[0] = d;
		a->count = 1;
	}
	if (pt->M == 0) {
		for (int sign = -1; sign <= 1; sign += 2) {
			int i = a->count++;
			a->z[i] = a->xi[i] = sign;
			a->on[i] = 1;
			a->weight[i] = 0.5 * (1 - d);
		}
		return GSL_SUCCESS;
	}
	if (pt->M + 2 > MT_ATOMS)
		return GSL_EDOM;
	unsigned M = (unsigned)pt->M;
	for (unsigned b = 0; b <= M; b++) {
		double up = gsl_ran_binomial_pdf(b, 0.5 * (1 + pt->r), M),
		       down = gsl_ran_binomial_pdf(b, 0.5 * (1 - pt->r), M);
		if (up + down < RARE)
			continue;
		int i = a->count++;
		a->z[i] = (2.0 * b - M) / (pt->r * M);
		a->weight[i] = 0.5 * (1 - d) * (up + down);
		a->xi[i] = (up - down) / (up + down);
		a->on[i] = 1;
	}
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- partial sums */

/* One partial sum of p z; size: sum |p z|; blank: all z are 0; at: index of the atoms, mixed radix. */
struct part {
	double sum, size, weight;
	int at, blank;
};

/* Computes the partial sums of the patterns first .. first+n-1, in ascending order. */
struct half {
	int first, n, count;
	struct part *part;
};

/* Merges the ascending runs of `run` parts in a[0 .. count-1] pairwise, between a and b; returns the array
 * with the result. */
static struct part *merge_runs(struct part *a, struct part *b, size_t count, size_t run)
{
	for (; run < count; run *= 2) {
		for (size_t first = 0; first < count; first += 2 * run) {
			size_t middle = first + run < count ? first + run : count,
			       end = first + 2 * run < count ? first + 2 * run : count, i = first, j = middle;
			for (size_t k = first; k < end; k++)
				b[k] = i < middle && (j >= end || a[i].sum <= a[j].sum) ? a[i++] : a[j++];
		}
		struct part *swap = a;
		a = b;
		b = swap;
	}
	return a;
}

/* Adds a pattern: each of its atoms shifts the sorted list, and the shifted copies are merged. */
static int half_alloc(struct half *half, const struct mt_atoms *atoms, const double *p)
{
	double total = pow(atoms->count, half->n);
	half->count = 1;
	if (total > MAX_HALF)
		return GSL_EDOM;
	struct part *a = malloc((size_t)total * sizeof *a), *b = malloc((size_t)total * sizeof *b);
	half->part = a;
	if (!a || !b) {
		free(b);
		return GSL_ENOMEM;
	}
	a[0] = (struct part){.weight = 1, .blank = 1};
	for (int i = 0, radix = 1; i < half->n; i++, radix *= atoms->count) {
		size_t run = (size_t)half->count, count = 0;
		for (int atom = 0; atom < atoms->count; atom++) {
			double term = p[half->first + i] * atoms->z[atom];
			for (size_t k = 0; k < run; k++)
				b[count++] = (struct part){.sum = a[k].sum + term,
				                           .size = a[k].size + fabs(term),
				                           .weight = a[k].weight * atoms->weight[atom],
				                           .at = a[k].at + radix * atom,
				                           .blank = a[k].blank && atoms->z[atom] == 0};
		}
		struct part *sorted = merge_runs(b, a, count, run);
		b = sorted == a ? b : a;
		a = sorted;
		half->count = 0;
		for (size_t k = 0; k < count; k++)
			if (a[k].weight * total > RARE)
				a[half->count++] = a[k];
	}
	half->part = a;
	free(b);
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- the two passes */

struct sums {
	const struct mt_point *pt;
	const struct mt_atoms *atoms;
	enum mt_order order;
	struct mt_moments *out;
	double pairs; /* number of pairs in the window so far */
};

/* Adds the contribution to t and m of partial sums of `mine` with pairs of `other` outside the window |h|
 * <= width, where the field has a definite sign. */
static void signs(struct sums *s, const struct half *mine, const struct half *other, double width)
{
	const struct mt_atoms *atoms = s->atoms;
	double below = 0, upto = 0, all = 0; /* weight of others with h < -width, h <= width */
	int lo = 0, hi = 0;
	for (int k = 0; k < other->count; k++)
		all += other->part[k].weight;
	for (int k = mine->count - 1; k >= 0; k--) { /* -x grows */
		double x = mine->part[k].sum;
		for (; lo < other->count && other->part[lo].sum < -x - width; lo++)
			below += other->part[lo].weight;
		for (; hi < other->count && other->part[hi].sum <= -x + width; hi++)
			upto += other->part[hi].weight;
		double sign = mine->part[k].weight * (all - upto - below);
		for (int i = 0, rest = mine->part[k].at; i < mine->n; i++, rest /= atoms->count) {
			s->out->t[mine->first + i] += atoms->z[rest % atoms->count] * sign;
			s->out->m[mine->first + i] += atoms->xi[rest % atoms->count] * sign;
		}
		s->pairs += hi - lo;
	}
}

/* Adds one pair inside the window: atoms `at` of all patterns, field h. */
static void pair(struct sums *s, const int *at, double h, int tie, int blank, double weight)
{
	const struct mt_atoms *atoms = s->atoms;
	struct mt_moments *out = s->out;
	int n = s->pt->n;
	double T = s->pt->T, e = T > 0 ? exp(-2 * fabs(h) / T) : 0, size = (1 - e) / (1 + e);
	double t = weight * (T == 0 && (tie || blank) ? 0 : copysign(size, h)), slope = 0;
	if (T > 0) {
		slope = weight * (1 - size * size) / T;
		out->C += slope;
		out->sech4 += slope * (1 - size * size);
		out->logcosh += weight * T * log1p(e);
	} else {
		out->q -= tie || blank ? weight : 0;
		out->tie += tie && !blank ? weight : 0;
	}
	out->logcosh += weight * fabs(h);
	for (int i = 0; i < n; i++) {
		out->t[i] += atoms->z[at[i]] * t;
		out->m[i] += atoms->xi[at[i]] * t;
		out->active[i] += atoms->on[at[i]] * slope;
	}
	for (int i = 0; i < n && T > 0 && s->order != MT_VALUE; i++)
		for (int j = i; j < n; j++)
			out->chi[i * n + j] += atoms->z[at[i]] * atoms->z[at[j]] * slope;
}

/* Adds all pairs inside the window. */
static void window(struct sums *s, const struct half *a, const struct half *b, double width)
{
	int at[MT_MAX], lo = 0, radix = s->atoms->count;
	for (int k = a->count - 1; k >= 0; k--) {
		const struct part *x = &a->part[k];
		for (int i = 0, rest = x->at; i < a->n; i++, rest /= radix)
			at[i] = rest % radix;
		while (lo < b->count && b->part[lo].sum < -x->sum - width)
			lo++;
		for (int l = lo; l < b->count && b->part[l].sum <= -x->sum + width; l++) {
			const struct part *y = &b->part[l];
			for (int i = 0, rest = y->at; i < b->n; i++, rest /= radix)
				at[b->first + i] = rest % radix;
			double h = x->sum + y->sum;
			pair(s, at, h, fabs(h) <= ROUNDING * (x->size + y->size), x->blank && y->blank,
			     x->weight * y->weight);
		}
	}
}

int mt_average_discrete(const struct mt_point *pt, const double *p, enum mt_order order,
                        struct mt_moments *out)
{
	struct mt_atoms *atoms = malloc(sizeof *atoms);
	int n = pt->n, status = atoms ? mt_atoms_of(pt, atoms) : GSL_ENOMEM;
	struct half a = {.n = n / 2}, b = {.first = n / 2, .n = n - n / 2};
	struct sums s = {.pt = pt, .atoms = atoms, .order = order, .out = out};
	if (status == GSL_SUCCESS && (status = half_alloc(&a, atoms, p)) == GSL_SUCCESS)
		status = half_alloc(&b, atoms, p);
	if (status != GSL_SUCCESS)
		goto done;
	double width = 0;
	for (int i = 0; i < n; i++)
		width += ROUNDING * fabs(p[i]) * atoms->z[atoms->count - 1];
	width = fmax(width, SATURATED * pt->T);
	memset(out, 0, sizeof *out);
	out->q = 1;
	signs(&s, &a, &b, width);
	signs(&s, &b, &a, width);
	if (s.pairs > MAX_PAIRS) {
		status = GSL_EDOM;
		goto done;
	}
	for (int i = 0; i < n; i++)
		out->logcosh += p[i] * out->t[i];
	window(&s, &a, &b, width);
	if (pt->T > 0)
		out->q = 1 - pt->T * out->C;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			out->chi[i * n + j] = out->chi[j * n + i];
done:
	free(a.part);
	free(b.part);
	free(atoms);
	return status;
}
