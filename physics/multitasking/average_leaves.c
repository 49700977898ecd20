/* Averages of the multitasking network over fields with a continuous part, atom by atom of all patterns:
 * (M8)-(M10).  For few patterns, and where the Fourier sum needs too many nodes: at or near T = 0, and for
 * small overlaps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/multitasking/network.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MAX_LEAVES = 2e6; /* atoms of the field */
static const double FAR = 9.2;        /* standard deviations */
static const double TIE = 1e-12;      /* fields below this times sum |p| are 0 */

struct leaf {
	struct average *average;
	int status;
	const struct mt_point *pt;
	const struct mt_atoms *atoms;
	const double *p;
	enum mt_order order;
	double scale; /* sum |p|, for ties */
	int at[MT_MAX];
	struct mt_moments *out;
};

/* Averages over the Gaussian field of one atom: tanh(h/T), D = sech^2(h/T)/T and its derivatives by the mean,
 * T ln 2cosh(h/T), sech^4(h/T)/T. */
struct smear {
	double t, D, D1, D2, logcosh, sech4;
};

static struct smear smear_zero(double a, double s2)
{
	double x = a / sqrt(s2);
	struct smear out = {.t = erf(x * M_SQRT1_2), .D = sqrt(2 / (M_PI * s2)) * exp(-0.5 * x * x)};
	out.D1 = -a / s2 * out.D;
	out.D2 = (x * x - 1) / s2 * out.D;
	out.logcosh = a * out.t + s2 * out.D;
	out.sech4 = 2 * out.D / 3;
	return out;
}

static int smear(struct average *average, double T, double a, double s2, struct smear *out)
{
	static const struct law sharp = {.r = 1};
	struct moments m;
	double sign = a < 0 ? -1 : 1;
	if (fabs(a) > FAR * (sqrt(s2) + 2 * T)) { /* the sign is certain to e^-40 */
		*out = (struct smear){.t = sign, .logcosh = fabs(a)};
		return GSL_SUCCESS;
	}
	if (T == 0) {
		*out = smear_zero(a, s2);
		return GSL_SUCCESS;
	}
	int status = average_fields(average, &sharp, T, fabs(a), s2, &m);
	*out = (struct smear){sign * m.m, m.C, sign * m.C_A, 2 * m.C_v, m.logcosh, m.sech4};
	return status;
}

/* Adds one atom of all patterns: mean a and variance s2 of the field, and its weight. */
static void leaf_add(struct leaf *leaf, double a, double s2, double weight)
{
	const struct mt_atoms *atoms = leaf->atoms;
	struct mt_moments *out = leaf->out;
	int n = leaf->pt->n;
	double T = leaf->pt->T, rho = leaf->pt->M > 0 ? 0 : leaf->pt->rho, z[MT_MAX], v[MT_MAX], any = 0;
	for (int i = 0; i < n; i++) {
		z[i] = atoms->z[leaf->at[i]];
		v[i] = rho * leaf->p[i] * atoms->on[leaf->at[i]]; /* covariance of z and h */
		any += fabs(z[i]);
	}
	struct smear g = {0};
	if (T == 0 && sqrt(s2) <= TIE * leaf->scale) {
		int zero = fabs(a) <= TIE * leaf->scale;
		g.t = zero ? 0 : a > 0 ? 1 : -1;
		g.logcosh = fabs(a);
		out->tie += zero && any > 0 ? weight : 0;
		out->q -= zero ? weight : 0;
	} else if (leaf->status == GSL_SUCCESS) {
		leaf->status = smear(leaf->average, T, a, s2, &g);
	}
	out->logcosh += weight * g.logcosh;
	out->C += weight * g.D;
	out->sech4 += weight * g.sech4;
	out->C_v += weight * 0.5 * g.D2;
	for (int i = 0; i < n; i++) {
		out->t[i] += weight * (z[i] * g.t + v[i] * g.D);
		out->m[i] += weight * atoms->xi[leaf->at[i]] * g.t;
		out->active[i] += weight * atoms->on[leaf->at[i]] * g.D;
		out->C_p[i] += weight * (z[i] * g.D1 + v[i] * g.D2);
	}
	if (leaf->order == MT_VALUE || g.D == 0)
		return;
	for (int i = 0; i < n; i++) {
		out->chi[i * n + i] += weight * rho * atoms->on[leaf->at[i]] * g.D;
		for (int j = i; j < n; j++)
			out->chi[i * n + j] +=
				weight *
				(z[i] * z[j] * g.D + (v[i] * z[j] + v[j] * z[i]) * g.D1 + v[i] * v[j] * g.D2);
	}
}

/* Adds all atoms of the patterns from `i` on.  By symmetry the first nonzero z is taken as positive, with
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

int mt_average_leaves(struct average *average, const struct mt_point *pt, const double *p, double v,
                      enum mt_order order, struct mt_moments *out)
{
	struct mt_atoms *atoms = malloc(sizeof *atoms);
	struct leaf leaf = {.average = average, .pt = pt, .atoms = atoms, .p = p, .order = order, .out = out};
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
	if (pt->T > 0)
		out->q = 1 - pt->T * out->C;
	status = leaf.status;
done:
	free(atoms);
	return status;
}
