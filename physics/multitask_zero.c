/* Averages of the multitasking network's field at T = 0: (M8)-(M10).  Fields with a continuous part are
 * summed pattern vector by pattern vector in closed form (erf); discrete fields by meeting in the middle:
 * each half of the patterns gives a sorted list of partial sums, and the probability that both add up to
 * more than 0 is one pass over the two.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitask.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ATOMS = 1 << 10 };

static const double MAX_LEAVES = 2e7; /* atoms of the field, closed form */
static const double MAX_HALF = 3e5;   /* atoms of half the field */
static const double TIE = 1e-12;      /* fields below this times sum |p| |z| are 0 */

/* The law of z for one pattern. */
struct atoms {
	int count;
	double z[MAX_ATOMS], weight[MAX_ATOMS], xi[MAX_ATOMS]; /* xi: E[xi | z] */
	double on[MAX_ATOMS];                                  /* P(xi != 0 | z) */
};

static int atoms_of(const struct mt_point *pt, struct atoms *a)
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
	if (pt->M + 2 > MAX_ATOMS)
		return GSL_EDOM;
	unsigned M = (unsigned)pt->M;
	for (unsigned b = 0; b <= M; b++) {
		double up = gsl_ran_binomial_pdf(b, 0.5 * (1 + pt->r), M),
		       down = gsl_ran_binomial_pdf(b, 0.5 * (1 - pt->r), M);
		if (up + down < 1e-18)
			continue;
		int i = a->count++;
		a->z[i] = (2.0 * b - M) / (pt->r * M);
		a->weight[i] = 0.5 * (1 - d) * (up + down);
		a->xi[i] = (up - down) / (up + down);
		a->on[i] = 1;
	}
	return GSL_SUCCESS;
}

/* ---------------------------------------------------------------- fields with a continuous part */

struct leaf {
	const struct mt_point *pt;
	const struct atoms *atoms;
	const double *p;
	enum mt_order order;
	double scale; /* sum |p|, for ties */
	int at[MT_MAX];
	struct mt_moments *out;
};

/* One atom of all patterns: mean a and variance s2 of the field, its weight. */
static void leaf_add(struct leaf *leaf, double a, double s2, double weight)
{
	const struct atoms *atoms = leaf->atoms;
	struct mt_moments *out = leaf->out;
	int n = leaf->pt->n;
	double s = sqrt(s2), sign, density; /* E sign(h), 2 times the density of h at 0 */
	double rho = leaf->pt->M > 0 ? 0 : leaf->pt->rho, on[MT_MAX], z[MT_MAX], any = 0;
	for (int i = 0; i < n; i++) {
		on[i] = atoms->on[leaf->at[i]];
		z[i] = atoms->z[leaf->at[i]];
		any += fabs(z[i]);
	}
	if (s > TIE * leaf->scale) {
		sign = erf(a / s * M_SQRT1_2);
		density = sqrt(2 / M_PI) / s * exp(-0.5 * a * a / s2);
	} else {
		int zero = fabs(a) <= TIE * leaf->scale;
		sign = zero ? 0 : a > 0 ? 1 : -1;
		density = 0;
		s2 = 1;
		out->tie += zero && any > 0 ? weight : 0;
		out->q -= zero ? weight : 0;
	}
	out->logcosh += weight * (a * sign + (density > 0 ? s2 * density : 0));
	out->C += weight * density;
	for (int i = 0; i < n; i++) {
		out->t[i] += weight * (z[i] * sign + rho * leaf->p[i] * on[i] * density);
		out->m[i] += weight * atoms->xi[leaf->at[i]] * sign;
		out->active[i] += weight * on[i] * density;
	}
	if (leaf->order == MT_VALUE || density == 0)
		return;
	density *= weight;
	double curve = a * a / (s2 * s2) - 1 / s2, mean[MT_MAX]; /* mean of z_i given h = 0 */
	out->C_v += 0.5 * curve * density;
	for (int i = 0; i < n; i++) {
		mean[i] = z[i] - rho * leaf->p[i] * on[i] * a / s2;
		out->C_p[i] += density * (-a / s2 * z[i] + curve * rho * leaf->p[i] * on[i]);
	}
	for (int i = 0; i < n; i++)
		for (int j = i; j < n; j++)
			out->chi[i * n + j] +=
				density * (mean[i] * mean[j] + (i == j ? rho * on[i] : 0) -
			                   rho * rho * leaf->p[i] * on[i] * leaf->p[j] * on[j] / s2);
}

/* All atoms of the patterns from `i` on.  By symmetry the first z that is not 0 is taken positive, with
 * twice the weight. */
static void leaf_walk(struct leaf *leaf, int i, int symmetric, double a, double s2, double weight)
{
	const struct atoms *atoms = leaf->atoms;
	if (i == leaf->pt->n) {
		leaf_add(leaf, a, s2, weight);
		return;
	}
	double var = leaf->pt->M > 0 ? 0 : leaf->pt->rho * leaf->p[i] * leaf->p[i];
	for (int k = 0; k < atoms->count; k++) {
		double z = atoms->z[k];
		if (symmetric && z < 0)
			continue;
		leaf->at[i] = k;
		leaf_walk(leaf, i + 1, symmetric && z == 0, a + z * leaf->p[i], s2 + atoms->on[k] * var,
		          weight * atoms->weight[k] * (symmetric && z > 0 ? 2 : 1));
	}
}

/* ---------------------------------------------------------------- discrete fields: meet in the middle */

/* One partial sum.  at: index of the atoms, mixed radix. */
struct part {
	double sum, weight;
	int at;
};

static int part_below(const void *a, const void *b)
{
	double x = ((const struct part *)a)->sum, y = ((const struct part *)b)->sum;
	return (x > y) - (x < y);
}

static struct part *parts_of(const struct atoms *atoms, const double *p, int n, int *count)
{
	*count = 1;
	for (int i = 0; i < n; i++)
		*count *= atoms->count;
	struct part *parts = malloc((size_t)*count * sizeof *parts);
	if (!parts)
		return NULL;
	for (int k = 0; k < *count; k++) {
		struct part part = {.weight = 1, .at = k};
		for (int i = 0, rest = k; i < n; i++, rest /= atoms->count) {
			part.sum += p[i] * atoms->z[rest % atoms->count];
			part.weight *= atoms->weight[rest % atoms->count];
		}
		parts[k] = part;
	}
	qsort(parts, (size_t)*count, sizeof *parts, part_below);
	return parts;
}

/* Adds E over `mine` of (1, z, xi) x E sign(mine + other), the overlaps of the n patterns of mine. */
static void parts_merge(struct mt_moments *out, const struct atoms *atoms, const struct part *mine,
                        int n_mine, const struct part *other, int n_other, int n, int first, double eps)
{
	double below = 0, upto = 0, all = 0; /* weight of others with sum < -x, <= -x */
	int lo = 0, hi = 0;
	for (int k = 0; k < n_other; k++)
		all += other[k].weight;
	for (int k = n_mine - 1; k >= 0; k--) { /* -x grows */
		double x = mine[k].sum;
		for (; lo < n_other && other[lo].sum < -x - eps; lo++)
			below += other[lo].weight;
		for (; hi < n_other && other[hi].sum <= -x + eps; hi++)
			upto += other[hi].weight;
		double sign = mine[k].weight * (all - upto - below);
		for (int i = 0, rest = mine[k].at; i < n; i++, rest /= atoms->count) {
			out->t[first + i] += atoms->z[rest % atoms->count] * sign;
			out->m[first + i] += atoms->xi[rest % atoms->count] * sign;
		}
		if (first == 0)
			out->tie += mine[k].weight * (upto - below);
	}
}

/* Probability that all z are 0. */
static double all_blank(const struct atoms *atoms, int n)
{
	double blank = 0;
	for (int k = 0; k < atoms->count; k++)
		blank += atoms->z[k] == 0 ? atoms->weight[k] : 0;
	return pow(blank, n);
}

static int discrete(const struct mt_point *pt, const struct atoms *atoms, const double *p,
                    struct mt_moments *out)
{
	int left = pt->n / 2, right = pt->n - left, n_left, n_right, status = GSL_ENOMEM;
	if (pow(atoms->count, right) > MAX_HALF)
		return GSL_EDOM;
	struct part *a = parts_of(atoms, p, left, &n_left), *b = parts_of(atoms, p + left, right, &n_right);
	if (!a || !b)
		goto done;
	double scale = 0, top = atoms->z[atoms->count - 1];
	for (int i = 0; i < pt->n; i++)
		scale += fabs(p[i]) * top;
	double eps = TIE * scale, blank = all_blank(atoms, pt->n);
	parts_merge(out, atoms, a, n_left, b, n_right, left, 0, eps);
	parts_merge(out, atoms, b, n_right, a, n_left, right, left, eps);
	for (int i = 0; i < pt->n; i++)
		out->logcosh += p[i] * out->t[i];
	out->q = 1 - out->tie;
	out->tie = out->tie - blank > 1e-14 ? out->tie - blank : 0;
	status = GSL_SUCCESS;
done:
	free(a);
	free(b);
	return status;
}

int mt_average_zero(const struct mt_point *pt, const double *p, double v, enum mt_order order,
                    struct mt_moments *out)
{
	struct atoms *atoms = malloc(sizeof *atoms);
	struct leaf leaf = {.pt = pt, .atoms = atoms, .p = p, .order = order, .out = out};
	int status = atoms ? atoms_of(pt, atoms) : GSL_ENOMEM;
	if (status != GSL_SUCCESS)
		goto done;
	memset(out, 0, sizeof *out);
	if (v == 0 && (pt->M > 0 || pt->rho == 0)) {
		status = discrete(pt, atoms, p, out);
		goto done;
	}
	if (pow(atoms->count, pt->n) > MAX_LEAVES) {
		status = GSL_EDOM;
		goto done;
	}
	for (int i = 0; i < pt->n; i++)
		leaf.scale += fabs(p[i]);
	out->q = 1;
	leaf_walk(&leaf, 0, 1, 0, v, 1);
	for (int i = 0; i < pt->n; i++)
		for (int j = 0; j < i; j++)
			out->chi[i * pt->n + j] = out->chi[j * pt->n + i];
	out->sech4 = 2 * out->C / 3;
done:
	free(atoms);
	return status;
}
