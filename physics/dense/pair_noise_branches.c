/* Solutions with noise on the pairs of a pattern, P = 4: (S11)-(S14) of THEORY.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/dense/equations.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <math.h>

/* One iteration of n, C and p, each from the others.  It stays in the domain, where D may pass through 0. */
static int step(struct average *average, const struct params *p, double *n, double *C, double *pair)
{
	const struct law law = law_of(p);
	const double T = p->T, q = dense_q(T, *C), w2 = p->own[DENSE_W] * p->own[DENSE_W],
		     kappa = dense_kappa(p), D = 1 - 2 * w2 * *C * (1 + q);
	const double others = kappa > 0 && D > 0 ? 8 * kappa * w2 * w2 * gsl_pow_3(q) / (D * D) : 0;
	struct moments a;
	int status =
		average_fields(average, &law, T, 4 * *pair * *n, 16 * w2 * *pair * *pair * q + others, &a);
	if (status != GSL_SUCCESS)
		return status;
	*pair = 0.5 * a.n * a.n + 2 * w2 * a.C * (1 + dense_q(T, a.C)) * *pair;
	*n = a.n;
	*C = a.C;
	return GSL_SUCCESS;
}

enum status dense_pairs_retrieval(struct average *average, const struct params *p, double tolerance,
                                  struct newton_solution *s)
{
	enum { STEPS = 40, TRIALS = 500, NEWTON_STEPS = 30 };
	double n = 1, C = 0, pair = 0.5;

	*s = (struct newton_solution){0};
	for (int trial = 0; trial < TRIALS; trial++) {
		for (int i = 0; i < STEPS; i++, s->iterations++)
			if (step(average, p, &n, &C, &pair) != GSL_SUCCESS || n < 1e-6)
				return n < 1e-6 ? NONE : NOT_CONVERGED;
		s->x[0] = n;
		s->x[1] = C;
		if (newton_solve(s, &dense_equations, average, p, tolerance, NEWTON_STEPS) == GSL_SUCCESS &&
		    dense_rising(s) && fabs(s->x[0] - n) < 0.02 * n)
			return CONVERGED;
	}
	return NOT_CONVERGED;
}

double dense_pairs_bound(struct average *average, const struct params *p)
{
	/* The annealed f at T' > 2 w^2 is a lower bound on the true f, which falls with T' > T: take its
	 * maximum over T'. */
	const double lowest = fmax(p->T, 2 * p->own[DENSE_W] * p->own[DENSE_W] * (1 + 1e-9));
	double best = -INFINITY;
	for (double T = lowest;; T *= 1.01) {
		struct params warm = *p;
		struct dense_report r;
		warm.T = T;
		if (dense_report(average, &warm, (double[]){0, 1 / T}, &r) != GSL_SUCCESS ||
		    !(r.free_energy > best))
			return best;
		best = r.free_energy;
	}
}

int dense_pairs_ergodic(struct average *average, const struct params *p)
{
	const struct law law = {.M = 0, .r = 1, .rho = 0};
	if (!(p->T > 2 * p->own[DENSE_W] * p->own[DENSE_W]))
		return 0;
	for (double v = 1e-3; v < 1e3; v *= 1.05) { /* in units of T^2 */
		struct moments a;
		struct dense_pairs s;
		if (average_fields(average, &law, 1, v, v, &a) != GSL_SUCCESS ||
		    dense_pairs(&s, p, 0, fmax(1 - a.m, 0) / p->T) != GSL_SUCCESS || s.v >= v * p->T * p->T)
			return 0;
	}
	return 1;
}
