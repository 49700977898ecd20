/* Averages of the multitasking network's field at T = 0 where it has a continuous part: (M8)-(M10), pattern
 * vector by pattern vector in closed form (erf).  For few patterns, and where the Fourier sum has too many
 * nodes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitask.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MAX_LEAVES = 2e6; /* atoms of the field */
static const double TIE = 1e-12;      /* fields below this times sum |p| are 0 */

struct leaf {
	const struct mt_point *pt;
	const struct mt_atoms *atoms;
	const double *p;
	enum mt_order order;
	double scale; /* sum |p|, for ties */
	int at[MT_MAX];
	struct mt_moments *out;
};

/* One atom of all patterns: mean a and variance s2 of the field, its weight. */
static void leaf_add(struct leaf *leaf, double a, double s2, double weight)
{
	const struct mt_atoms *atoms = leaf->atoms;
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
	const struct mt_atoms *atoms = leaf->atoms;
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

double mt_leaves(const struct mt_point *pt)
{
	return pow(pt->M > 0 ? pt->M + 2 : 3, pt->n);
}

int mt_average_leaves(const struct mt_point *pt, const double *p, double v, enum mt_order order,
                      struct mt_moments *out)
{
	struct mt_atoms *atoms = malloc(sizeof *atoms);
	struct leaf leaf = {.pt = pt, .atoms = atoms, .p = p, .order = order, .out = out};
	int status = mt_leaves(pt) > MAX_LEAVES ? GSL_EDOM : atoms ? mt_atoms_of(pt, atoms) : GSL_ENOMEM;
	if (status != GSL_SUCCESS)
		goto done;
	memset(out, 0, sizeof *out);
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
